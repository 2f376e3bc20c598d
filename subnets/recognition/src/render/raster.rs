//! Areas within closed lines, pixel by pixel, in integers.

/// A point in 256ths of a pixel; x to the right, y downwards.
pub type Point = (i32, i32);
/// A closed line of straight pieces.
pub type Contour = Vec<Point>;

/// Scan lines in each pixel.
const LINES: i32 = 4;

/// Part of each pixel within the contours (by the non-zero rule), from 0 to 255; pixel (0, 0) begins at the origin.
pub fn fill(contours: &[Contour], width: usize, height: usize) -> Vec<u8> {
    let mut ink = vec![0u8; width * height];
    let mut edges = Vec::new();
    for contour in contours {
        for (i, &from) in contour.iter().enumerate() {
            let to = contour[(i + 1) % contour.len()];
            match from.1.cmp(&to.1) {
                std::cmp::Ordering::Less => edges.push((from, to, 1)),
                std::cmp::Ordering::Greater => edges.push((to, from, -1)),
                std::cmp::Ordering::Equal => {}
            }
        }
    }
    edges.sort_unstable_by_key(|(from, _, _)| from.1);
    // Edges that a scan line before this one has reached and not yet left; the others are still to come.
    let mut reached: Vec<(Point, Point, i32)> = Vec::new();
    let mut coming = edges.into_iter().peekable();
    let mut crossings: Vec<(i32, i32)> = Vec::new();
    let mut row = vec![0i32; width];
    for (y, out) in ink.chunks_exact_mut(width.max(1)).enumerate() {
        row.fill(0);
        for line in 0..LINES {
            let scan = y as i32 * 256 + line * (256 / LINES) + 128 / LINES;
            crossings.clear();
            reached.extend(std::iter::from_fn(|| coming.next_if(|(from, _, _)| from.1 <= scan)));
            reached.retain(|(_, to, _)| to.1 > scan);
            for &((x0, y0), (x1, y1), direction) in &reached {
                let run = i64::from(x1 - x0) * i64::from(scan - y0) / i64::from(y1 - y0);
                crossings.push((x0 + run as i32, direction));
            }
            crossings.sort_unstable();
            let mut winding = 0;
            for pair in crossings.windows(2) {
                winding += pair[0].1;
                if winding != 0 {
                    add_span(&mut row, pair[0].0, pair[1].0);
                }
            }
        }
        for (out, &covered) in out.iter_mut().zip(&row) {
            *out = (covered * 255 / (256 * LINES)).min(255) as u8;
        }
    }
    ink
}

/// Adds the part of each pixel between two places of a scan line, in 256ths.
fn add_span(row: &mut [i32], from: i32, to: i32) {
    let end = row.len() as i32 * 256;
    let (from, to) = (from.clamp(0, end), to.clamp(0, end));
    if from >= to {
        return;
    }
    let (first, last) = ((from >> 8) as usize, ((to - 1) >> 8) as usize);
    if first == last {
        row[first] += to - from;
        return;
    }
    row[first] += 256 - (from & 255);
    row[first + 1..last].iter_mut().for_each(|covered| *covered += 256);
    row[last] += to - ((last as i32) << 8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_covers_its_area() {
        // From (1.5, 1) to (3.5, 3).
        let square = vec![(384, 256), (896, 256), (896, 768), (384, 768)];
        let ink = fill(&[square], 5, 4);
        assert_eq!(ink[5..10], [0, 127, 255, 127, 0]);
        assert_eq!(ink[..5], [0; 5]);
        let total: u32 = ink.iter().map(|&level| u32::from(level)).sum();
        assert_eq!(total, 2 * (127 + 255 + 127));
    }

    #[test]
    fn a_hole_runs_the_other_way() {
        let outer = vec![(0, 0), (1024, 0), (1024, 1024), (0, 1024)];
        let mut inner = vec![(256, 256), (768, 256), (768, 768), (256, 768)];
        inner.reverse();
        let ink = fill(&[outer, inner], 4, 4);
        assert_eq!((ink[0], ink[5], ink[15]), (255, 0, 255));
    }

    #[test]
    fn what_lies_outside_is_cut_off() {
        let huge = vec![(-100_000, -100_000), (100_000, -100_000), (100_000, 100_000), (-100_000, 100_000)];
        assert_eq!(fill(&[huge], 3, 3), [255; 9]);
    }
}
