//! The pen plotter: letters as lines that a round pen follows.
//!
//! A letter is a row of the table: its width, then lines separated by `;`. Units are a twelfth of the height of
//! capitals. A line begins with `-` (straight pieces), `~` (a curve that begins and ends at its ends and is drawn
//! towards the points between) or `o` (a closed curve within its points).

use super::{Glyph, Style};

/// A point in 64ths of a unit of the table; x to the right, y upwards.
type TablePoint = (i32, i32);

/// Space after each letter.
const SPACING: i32 = 4;
/// Units in an em: capitals have twelve, and lines need distance.
const EM: i32 = 17;
/// Straight pieces of a curve.
const PIECES: i32 = 5;

const LETTERS: [(char, &str); 77] = [
    (' ', "3|"),
    ('A', "10|-0,0 5,12 10,0;-2,4 8,4"),
    ('B', "9|-0,0 0,12;~0,12 8,12 8,6 0,6;~0,6 10,6 10,0 0,0"),
    ('C', "9|~9,9 8,12 0,13 0,-1 8,0 9,3"),
    ('D', "10|-0,0 0,12;~0,12 5,12 10,12 10,0 5,0 0,0"),
    ('E', "8|-8,0 0,0 0,12 8,12;-0,6 6,6"),
    ('F', "8|-0,0 0,12 8,12;-0,6 6,6"),
    ('G', "9|~9,9 8,12 0,13 0,-1 9,-1 9,5;-9,5 5,5"),
    ('H', "9|-0,0 0,12;-9,0 9,12;-0,6 9,6"),
    ('I', "4|-0,12 4,12;-2,12 2,0;-0,0 4,0"),
    ('J', "6|-6,12 6,3;~6,3 6,-1 0,-1 0,3"),
    ('K', "9|-0,0 0,12;-8,12 0,4;-3,7 9,0"),
    ('L', "7|-0,12 0,0 7,0"),
    ('M', "10|-0,0 0,12 5,4 10,12 10,0"),
    ('N', "9|-0,0 0,12 9,0 9,12"),
    ('O', "11|o0,-1 0,13 11,13 11,-1"),
    ('P', "8|-0,0 0,12;~0,12 9,12 9,5 0,5"),
    ('Q', "11|o0,-1 0,13 11,13 11,-1;-7,3 11,-2"),
    ('R', "9|-0,0 0,12;~0,12 9,12 9,6 0,6;-4,6 9,0"),
    ('S', "8|~8,10 7,13 -1,13 0,7 9,6 9,-1 0,-1 0,2"),
    ('T', "10|-0,12 10,12;-5,12 5,0"),
    ('U', "9|-0,12 0,4;~0,4 0,-1 9,-1 9,4;-9,4 9,12"),
    ('V', "10|-0,12 5,0 10,12"),
    ('W', "14|-0,12 3,0 7,10 11,0 14,12"),
    ('X', "9|-0,0 9,12;-0,12 9,0"),
    ('Y', "10|-0,12 5,6 10,12;-5,6 5,0"),
    ('Z', "8|-0,12 8,12 0,0 8,0"),
    ('a', "7|~1,7 2,9 7,9 7,5;-7,5 7,0;~7,5 -1,6 -1,-1 5,-1 7,2"),
    ('b', "7|-0,12 0,0;o0,-1 0,9 7,9 7,-1"),
    ('c', "6|~6,6 5,8 0,9 0,-1 5,0 6,2"),
    ('d', "7|o0,-1 0,9 7,9 7,-1;-7,12 7,0"),
    ('e', "7|-0,4 7,4;~7,4 7,8 0,9 0,-1 6,-1 7,2"),
    ('f', "5|~5,12 2,13 2,8;-2,9 2,0;-0,8 5,8"),
    ('g', "7|o0,-1 0,9 7,9 7,-1;-7,8 7,0;~7,0 7,-5 1,-5 0,-3"),
    ('h', "7|-0,12 0,0;~0,5 1,9 7,9 7,4;-7,4 7,0"),
    ('i', "1|-0,8 0,0;-0,11 0,12"),
    ('j', "3|-3,8 3,-1;~3,-1 3,-5 0,-4;-3,11 3,12"),
    ('k', "7|-0,12 0,0;-6,8 0,3;-2,5 7,0"),
    ('l', "2|-0,12 0,2;~0,2 0,0 2,0"),
    ('m', "12|-0,8 0,0;~0,5 1,9 6,9 6,4;-6,4 6,0;~6,5 7,9 12,9 12,4;-12,4 12,0"),
    ('n', "7|-0,8 0,0;~0,5 1,9 7,9 7,4;-7,4 7,0"),
    ('o', "7|o0,-1 0,9 7,9 7,-1"),
    ('p', "7|-0,8 0,-4;o0,-1 0,9 7,9 7,-1"),
    ('q', "7|-7,8 7,-4;o0,-1 0,9 7,9 7,-1"),
    ('r', "5|-0,8 0,0;~0,5 1,8 5,8"),
    ('s', "6|~6,7 5,9 -1,9 0,5 6,4 7,-1 0,-1 0,1"),
    ('t', "5|-2,11 2,2;~2,2 2,0 5,0;-0,8 5,8"),
    ('u', "7|-0,8 0,4;~0,4 0,-1 6,-1 7,3;-7,8 7,0"),
    ('v', "8|-0,8 4,0 8,8"),
    ('w', "12|-0,8 3,0 6,7 9,0 12,8"),
    ('x', "7|-0,0 7,8;-0,8 7,0"),
    ('y', "8|-0,8 4,0;-8,8 3,-4 1,-4"),
    ('z', "6|-0,8 6,8 0,0 6,0"),
    ('0', "8|o0,-1 0,13 8,13 8,-1"),
    ('1', "4|-0,9 4,12 4,0"),
    ('2', "8|~0,9 0,13 8,13 8,8 1,1 0,0;-0,0 8,0"),
    ('3', "8|~0,10 1,13 8,13 8,7 3,6;~3,6 9,6 9,-1 0,-1 0,2"),
    ('4', "8|-6,0 6,12 0,4 8,4"),
    ('5', "8|-7,12 1,12 0,6;~0,6 2,8 9,9 9,-1 0,-1 0,2"),
    ('6', "8|~7,12 0,11 0,3;o0,-1 0,8 8,8 8,-1"),
    ('7', "8|-0,12 8,12 3,0"),
    ('8', "8|o0,-1 0,7 8,7 8,-1;o1,5 1,13 7,13 7,5"),
    ('9', "8|o0,4 0,13 8,13 8,4;~8,8 8,1 1,0"),
    ('.', "1|-0,0 1,0 1,1 0,1 0,0"),
    (',', "2|-0,1 1,1 1,0 0,0;-1,1 0,-3"),
    (':', "1|-0,0 1,0 1,1 0,1 0,0;-0,7 1,7 1,8 0,8 0,7"),
    ('-', "5|-0,5 5,5"),
    ('/', "6|-0,-1 6,13"),
    ('#', "9|-2,0 4,12;-5,0 7,12;-0,4 8,4;-1,8 9,8"),
    ('$', "8|~8,10 7,13 -1,13 0,7 9,6 9,-1 0,-1 0,2;-4,14 4,-2"),
    ('%', "10|-0,0 10,12;o0,7 0,12 4,12 4,7;o6,0 6,5 10,5 10,0"),
    ('(', "3|~3,14 0,10 0,2 3,-2"),
    (')', "3|~0,14 3,10 3,2 0,-2"),
    ('+', "8|-4,2 4,10;-0,6 8,6"),
    ('\'', "1|-0,12 0,9"),
    ('!', "1|-0,12 0,4;-0,0 0,0"),
    ('@', "12|o4,3 4,9 9,9 9,3;~9,9 9,2 12,2 12,13 0,13 0,-2 9,-2"),
];

/// Width and lines of a letter.
fn row(letter: char) -> Option<(i32, &'static str)> {
    let (width, lines) = LETTERS.iter().find(|(known, _)| *known == letter)?.1.split_once('|')?;
    Some((width.parse().ok()?, lines))
}

/// How far a letter moves the pen, in 256ths of a pixel.
pub(super) fn advance(letter: char, size: i32, style: &Style) -> Option<i32> {
    let (width, _) = row(letter)?;
    Some(style.stretched((width + SPACING) * size * 256 / EM))
}

/// Draws a letter at `size` pixels to the em with a pen of `pen` thousandths of it.
pub(super) fn glyph(letter: char, size: i32, pen: i32, style: &Style) -> Option<Glyph> {
    let (_, lines) = row(letter)?;
    let radius = (size * pen * 128 / 1000).max(64) as f32;
    let scale = |(x, y): TablePoint| {
        // Curves are worked out in 64ths of a unit.
        let pixel = |v: i32| v * size * 4 / EM;
        let (x, y) = style.bend((pixel(x), pixel(y)), size);
        (x as f32, -y as f32)
    };
    let mut pieces: Vec<((f32, f32), (f32, f32))> = Vec::new();
    for line in lines.split(';').filter(|line| !line.is_empty()) {
        let points: Vec<_> = trace(line)?.into_iter().map(scale).collect();
        pieces.extend(points.windows(2).map(|pair| (pair[0], pair[1])));
    }
    let advance = advance(letter, size, style)?;
    let ends = || pieces.iter().flat_map(|(a, b)| [a, b]);
    let bound = |pick: fn(&(f32, f32)) -> f32, most: bool| {
        ends().map(pick).fold(0f32, |a, b| if (b > a) == most { b } else { a })
    };
    if pieces.is_empty() {
        return Some(Glyph { left: 0, top: 0, width: 0, height: 0, ink: Vec::new(), advance });
    }
    let (left, right) = (edge(bound(|p| p.0, false) - radius) - 1, edge(bound(|p| p.0, true) + radius) + 1);
    let (top, bottom) = (edge(bound(|p| p.1, false) - radius) - 1, edge(bound(|p| p.1, true) + radius) + 1);
    let (width, height) = ((right - left + 1) as usize, (bottom - top + 1) as usize);
    let mut ink = vec![0u8; width * height];
    for piece in &pieces {
        press(&mut ink, (left, top, width, height), *piece, radius);
    }
    Some(Glyph { left, top: -top, width, height, ink, advance })
}

/// The pixel that a place of 256ths lies in.
fn edge(place: f32) -> i32 {
    (place as i32) >> 8
}

/// Inks the pixels around one straight piece.
fn press(
    ink: &mut [u8],
    (left, top, width, height): (i32, i32, usize, usize),
    (from, to): ((f32, f32), (f32, f32)),
    radius: f32,
) {
    let reach = radius + 256.0;
    let range = |a: f32, b: f32, start: i32, count: usize| {
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let clip = |place: i32| (place - start).clamp(0, count as i32) as usize;
        clip(edge(low - reach))..clip(edge(high + reach) + 1)
    };
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx * dx + dy * dy;
    for y in range(from.1, to.1, top, height) {
        for x in range(from.0, to.0, left, width) {
            let (px, py) = ((left + x as i32) * 256 + 128, (top + y as i32) * 256 + 128);
            let (px, py) = (px as f32 - from.0, py as f32 - from.1);
            let along = if length > 0.0 { ((px * dx + py * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
            let (ox, oy) = (px - along * dx, py - along * dy);
            let distance = (ox * ox + oy * oy).sqrt();
            let covered = ((radius - distance + 128.0) * (255.0 / 256.0)).clamp(0.0, 255.0) as u8;
            let pixel = &mut ink[y * width + x];
            *pixel = (*pixel).max(covered);
        }
    }
}

/// The straight pieces of a line of the table, in 64ths of a unit.
fn trace(line: &str) -> Option<Vec<TablePoint>> {
    let (kind, rest) = line.split_at_checked(1)?;
    let point = |word: &str| {
        let (x, y) = word.split_once(',')?;
        Some((x.parse::<i32>().ok()? * 64, y.parse::<i32>().ok()? * 64))
    };
    let points: Vec<TablePoint> = rest.split_whitespace().map(point).collect::<Option<_>>()?;
    let middle = |a: TablePoint, b: TablePoint| ((a.0 + b.0) / 2, (a.1 + b.1) / 2);
    let n = points.len();
    let mut traced = Vec::new();
    match kind {
        "-" => traced = points,
        "~" => {
            traced.push(*points.first()?);
            for i in 1..n.saturating_sub(1) {
                let end = if i + 2 == n { points[n - 1] } else { middle(points[i], points[i + 1]) };
                curve(&mut traced, points[i], end);
            }
        }
        "o" => {
            traced.push(middle(*points.last()?, points[0]));
            for i in 0..n {
                curve(&mut traced, points[i], middle(points[i], points[(i + 1) % n]));
            }
        }
        _ => return None,
    }
    Some(traced)
}

fn curve(traced: &mut Vec<TablePoint>, control: TablePoint, end: TablePoint) {
    let Some(&start) = traced.last() else { return };
    for t in 1..=PIECES {
        let s = PIECES - t;
        let mix = |a: i32, b: i32, c: i32| (a * s * s + 2 * b * s * t + c * t * t) / (PIECES * PIECES);
        traced.push((mix(start.0, control.0, end.0), mix(start.1, control.1, end.1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_can_be_drawn() {
        for (letter, row) in LETTERS {
            let (width, lines) = row.split_once('|').expect("a width");
            assert!(width.parse::<i32>().is_ok(), "{letter}");
            for line in lines.split(';').filter(|line| !line.is_empty()) {
                assert!(trace(line).is_some_and(|points| points.len() > 1), "{letter}: {line}");
            }
        }
    }
}
