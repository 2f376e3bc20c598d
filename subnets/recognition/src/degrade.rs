//! Degradation of a page between the printer and the reader.
//!
//! Every effect loses something for good, and its strength is drawn from the seed and kept secret. So running the
//! generator backwards means guessing text and strengths at once from the picture, which is reading.
//!
//! | effect | open | reserved |
//! |---|---|---|
//! | ink | flakes off in blotches | bleeds through from the other side |
//! | light | a gradient and the edge of a shadow | stripes as of a lamp or a screen |
//! | paper | folds | a wave |
//! | camera | rotation and perspective, blur, fewer pixels | rotation, blur along a line |
//! | file | noise, blocks of a JPEG file | specks, few levels of grey |

use myelin_lm::kernel::Random;
use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::seed::{Seed, SeedRng};

use crate::draw::{noise, normal, Choices};

/// The effects of the open renderer.
pub fn open(page: &Picture, seed: &Seed) -> Result<Picture, PictureError> {
    let mut rng = seed.derive(b"degrade", 0).rng();
    let mut random = noise(seed);
    let severity = rng.between(0.15, 1.0);
    let mut sheet = Sheet::new(page);
    if rng.chance(600) {
        sheet.flake(&mut random, rng.between(4.0, 14.0), 0.42 * severity * rng.unit());
    }
    sheet
        .ink_and_paper(rng.between(5.0, 40.0 + 60.0 * severity), rng.between(250.0 - 70.0 * severity, 252.0));
    if rng.chance(500) {
        sheet.folds(&mut rng, severity);
    }
    sheet.light(&mut rng, 0.35 * severity);
    if rng.chance(400) {
        sheet.shadow(&mut rng, 0.45 * severity);
    }
    let corners = sheet.corners(&mut rng, 0.012 + 0.035 * severity, 0.02 * severity);
    let desk = rng.between(40.0, 200.0);
    sheet.project(corners, desk);
    sheet.blur(rng.below(1 + (2.6 * severity) as u64) as usize);
    let shrink = 1.0 - 0.25 * severity * rng.unit();
    let mut sheet = sheet.resized(shrink)?;
    sheet.grain(&mut random, 1.0 + 13.0 * severity * rng.unit());
    if rng.chance(600) {
        sheet.blocks(1.0 + 5.0 * severity * rng.unit());
    }
    sheet.finish()
}

/// The effects of the reserved renderer.
pub fn reserved(page: &Picture, seed: &Seed) -> Result<Picture, PictureError> {
    let mut rng = seed.derive(b"degrade", 0).rng();
    let mut random = noise(seed);
    let severity = rng.between(0.15, 1.0);
    let mut sheet = Sheet::new(page);
    if rng.chance(500) {
        sheet.bleed(0.22 * severity * rng.unit());
    }
    sheet.ink_and_paper(
        rng.between(10.0, 40.0 + 50.0 * severity),
        rng.between(250.0 - 60.0 * severity, 252.0),
    );
    let corners = sheet.corners(&mut rng, 0.03 * severity, 0.0);
    let desk = rng.between(150.0, 250.0);
    sheet.project(corners, desk);
    if rng.chance(500) {
        sheet.wave(rng.between(60.0, 200.0), 3.0 * severity * rng.unit());
    }
    if rng.chance(400) {
        sheet.stripes(rng.between(5.0, 40.0), 0.1 * severity);
    }
    sheet.smear(1 + rng.below(1 + (2.0 * severity) as u64) as usize, rng.chance(500));
    if rng.chance(500) {
        sheet.specks(&mut random, 0.0015 * severity * rng.unit());
    }
    sheet.grain(&mut random, 5.0 * severity);
    if rng.chance(400) {
        sheet.levels(rng.between(4.0, 20.0));
    }
    sheet.finish()
}

/// A page as brightness from 0 to 255.
struct Sheet {
    width: usize,
    height: usize,
    light: Vec<f32>,
}

impl Sheet {
    fn new(page: &Picture) -> Self {
        let page = page.to_grey();
        let light = page.samples().iter().map(|&sample| f32::from(sample)).collect();
        Self { width: page.width(), height: page.height(), light }
    }

    fn finish(&self) -> Result<Picture, PictureError> {
        let samples = self.light.iter().map(|light| (light + 0.5).clamp(0.0, 255.0) as u8).collect();
        Picture::new(self.width, self.height, 1, samples)
    }

    fn resized(&self, factor: f32) -> Result<Self, PictureError> {
        let side = |length: usize| ((length as f32 * factor) as usize).max(16);
        Ok(Self::new(&self.finish()?.scaled(side(self.width), side(self.height))?))
    }

    /// Calls `change` with every place and its brightness.
    fn each(&mut self, mut change: impl FnMut(f32, f32, &mut f32)) {
        for (y, row) in self.light.chunks_exact_mut(self.width).enumerate() {
            for (x, light) in row.iter_mut().enumerate() {
                change(x as f32, y as f32, light);
            }
        }
    }

    /// Lets the ink pale where a coarse noise is low.
    fn flake(&mut self, random: &mut Random, cell: f32, share: f32) {
        let (columns, rows) =
            ((self.width as f32 / cell) as usize + 2, (self.height as f32 / cell) as usize + 2);
        let grid: Vec<f32> = (0..columns * rows).map(|_| random.unit()).collect();
        // Where a place lies in the grid, and how far from the line before it.
        let within = |place: usize| {
            let at = place as f32 / cell;
            (at as usize, at - (at as usize) as f32)
        };
        let across: Vec<(usize, f32)> = (0..self.width).map(within).collect();
        for (y, row) in self.light.chunks_exact_mut(self.width).enumerate() {
            let (r, fy) = within(y);
            let (above, below) = (&grid[r * columns..][..columns], &grid[(r + 1) * columns..][..columns]);
            for (light, &(c, fx)) in row.iter_mut().zip(&across) {
                let upper = above[c] * (1.0 - fx) + above[c + 1] * fx;
                let lower = below[c] * (1.0 - fx) + below[c + 1] * fx;
                let level = upper * (1.0 - fy) + lower * fy;
                let kept = ((level - share) * 6.0 + 0.55).clamp(0.25, 1.0);
                *light = 255.0 - (255.0 - *light) * kept;
            }
        }
    }

    /// Lets the mirrored text of the other side shine through.
    fn bleed(&mut self, strength: f32) {
        let other = self.light.clone();
        let (width, height) = (self.width, self.height);
        self.each(|x, y, light| {
            let row = (y as usize + height / 3) % height;
            let ghost = other[row * width + (width - 1 - x as usize)];
            *light -= (255.0 - ghost) * strength * (*light / 255.0);
        });
    }

    fn ink_and_paper(&mut self, ink: f32, paper: f32) {
        self.light.iter_mut().for_each(|light| *light = ink + (paper - ink) * (*light / 255.0));
    }

    fn light(&mut self, rng: &mut SeedRng, reach: f32) {
        let (ax, ay) = (rng.between(-reach, reach), rng.between(-reach, reach));
        let (w, h) = (self.width as f32, self.height as f32);
        self.each(|x, y, light| *light *= 1.0 + ax * (x / w - 0.5) + ay * (y / h - 0.5));
    }

    /// Darkens one side of a line, with a soft edge.
    fn shadow(&mut self, rng: &mut SeedRng, depth: f32) {
        let (dx, dy) = (rng.between(-1.0, 1.0), rng.between(-1.0, 1.0));
        let soft = rng.between(6.0, 40.0);
        let (cx, cy) = (rng.unit() * self.width as f32, rng.unit() * self.height as f32);
        let depth = depth * rng.unit();
        let length = (dx * dx + dy * dy).sqrt().max(0.05);
        self.each(|x, y, light| {
            let side = ((x - cx) * dx + (y - cy) * dy) / length;
            *light *= 1.0 - depth * (side / soft + 0.5).clamp(0.0, 1.0);
        });
    }

    /// Draws narrow bands that are brighter on one side and darker on the other.
    fn folds(&mut self, rng: &mut SeedRng, severity: f32) {
        for _ in 0..1 + rng.below(2) {
            let across = rng.chance(500);
            let at = rng.unit() * if across { self.height as f32 } else { self.width as f32 };
            let (reach, depth) = (rng.between(2.0, 6.0), 90.0 * severity * rng.unit());
            self.each(|x, y, light| {
                let distance = (if across { y } else { x }) - at;
                if distance > -reach && distance < reach {
                    *light += depth * distance / reach * (1.0 - distance * distance / (reach * reach)) * 2.0;
                }
            });
        }
    }

    /// Positions of the sheet's corners before a camera's projection: turned by up to `turn`, and each moved by up to
    /// `tilt` of the longer side. The sheet stays whole; some of the desk shows.
    fn corners(&self, rng: &mut SeedRng, turn: f32, tilt: f32) -> [(f32, f32); 4] {
        let (w, h) = (self.width as f32, self.height as f32);
        let longer = if w > h { w } else { h };
        // For small angles the sine is the angle to within a thousandth.
        let angle = rng.between(-turn, turn);
        let room = 1.0 + angle.abs() * 0.6;
        [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)].map(|(x, y)| {
            let (dx, dy) = ((x - w / 2.0) * room, (y - h / 2.0) * room);
            let mut shift = || rng.between(-tilt, tilt) * longer;
            (w / 2.0 + dx - angle * dy + shift(), h / 2.0 + dy + angle * dx + shift())
        })
    }

    /// Projects the sheet so that the quadrilateral with these corners fills its picture.
    fn project(&mut self, corners: [(f32, f32); 4], desk: f32) {
        // The square onto the quadrilateral, by the usual closed form.
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = corners;
        let (sx, sy) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
        let (dx1, dy1, dx2, dy2) = (x1 - x2, y1 - y2, x3 - x2, y3 - y2);
        let determinant = dx1 * dy2 - dx2 * dy1;
        let (g, h) = ((sx * dy2 - dx2 * sy) / determinant, (dx1 * sy - sx * dy1) / determinant);
        let (a, b) = (x1 - x0 + g * x1, x3 - x0 + h * x3);
        let (d, e) = (y1 - y0 + g * y1, y3 - y0 + h * y3);
        let (w, hh) = (self.width as f32, self.height as f32);
        let from = Sheet { width: self.width, height: self.height, light: std::mem::take(&mut self.light) };
        self.light = vec![0.0; from.light.len()];
        let across: Vec<f32> = (0..self.width).map(|x| (x as f32 + 0.5) / w).collect();
        // The places of a row by themselves, so that several are divided at a time.
        let mut places = vec![(0.0, 0.0); self.width];
        for (y, row) in self.light.chunks_exact_mut(self.width).enumerate() {
            let v = (y as f32 + 0.5) / hh;
            let (hv, bv, ev) = (h * v, b * v, e * v);
            for (place, &u) in places.iter_mut().zip(&across) {
                let scale = g * u + hv + 1.0;
                *place = ((a * u + bv + x0) / scale - 0.5, (d * u + ev + y0) / scale - 0.5);
            }
            for (light, &(x, y)) in row.iter_mut().zip(&places) {
                *light = from.at(x, y, desk);
            }
        }
    }

    /// Brightness between pixels; `outside` beyond the edge.
    #[inline(always)]
    fn at(&self, x: f32, y: f32, outside: f32) -> f32 {
        // Adding one keeps the truncation a floor.
        let (column, row) = ((x + 1.0) as i32 - 1, (y + 1.0) as i32 - 1);
        let (w, h) = (self.width as i32, self.height as i32);
        // Between four pixels of the sheet, as nearly everywhere.
        if column >= 0 && row >= 0 && column + 1 < w && row + 1 < h {
            let at = row as usize * self.width + column as usize;
            if let (Some(&[a, b]), Some(&[c, d])) =
                (self.light[at..].first_chunk(), self.light[at + self.width..].first_chunk())
            {
                return blend([a, b, c, d], x - column as f32, y - row as f32);
            }
        }
        self.at_edge((x, y), (column, row), outside)
    }

    /// The same where some of the four pixels may lie beyond the edge.
    #[cold]
    fn at_edge(&self, (x, y): (f32, f32), (column, row): (i32, i32), outside: f32) -> f32 {
        let inside = x > -1.0 && y > -1.0 && x < self.width as f32 && y < self.height as f32;
        if !inside {
            return outside;
        }
        let (w, h) = (self.width as i32, self.height as i32);
        let pixel = |c: i32, r: i32| {
            let known = (0..w).contains(&c) && (0..h).contains(&r);
            if known {
                self.light[r as usize * self.width + c as usize]
            } else {
                outside
            }
        };
        let (right, below) = (column + 1, row + 1);
        let near = [pixel(column, row), pixel(right, row), pixel(column, below), pixel(right, below)];
        blend(near, x - column as f32, y - row as f32)
    }

    /// Moves rows sideways by parabolas, like waves of the paper.
    fn wave(&mut self, length: f32, height: f32) {
        let from = Sheet { width: self.width, height: self.height, light: self.light.clone() };
        self.each(|x, y, light| {
            let phase = y / length;
            let phase = (phase - (phase as i32) as f32) * 2.0;
            let (sign, t) = if phase < 1.0 { (1.0, phase) } else { (-1.0, phase - 1.0) };
            *light = from.at(x + sign * height * 4.0 * t * (1.0 - t), y, 255.0);
        });
    }

    fn stripes(&mut self, period: f32, depth: f32) {
        self.each(|x, y, light| {
            let phase = (x * 0.3 + y) / period;
            let phase = phase - (phase as i32) as f32;
            *light *= 1.0 - depth * 4.0 * phase * (1.0 - phase);
        });
    }

    /// Blurs with weights 1, 2, 1 across and down, `passes` times.
    fn blur(&mut self, passes: usize) {
        for _ in 0..passes {
            let spread = |a: f32, b: f32, c: f32| 0.25 * a + 0.5 * b + 0.25 * c;
            self.along(spread);
        }
    }

    /// Replaces each pixel by a function of it and its neighbours, first across, then down.
    fn along(&mut self, mix: impl Fn(f32, f32, f32) -> f32) {
        let w = self.width;
        let from = self.light.clone();
        for (to, from) in self.light.chunks_exact_mut(w).zip(from.chunks_exact(w)) {
            let inner = to.iter_mut().skip(1).zip(from.windows(3));
            inner.for_each(|(to, near)| *to = mix(near[0], near[1], near[2]));
            to[0] = mix(from[0], from[0], from[1.min(w - 1)]);
            to[w - 1] = mix(from[w.saturating_sub(2)], from[w - 1], from[w - 1]);
        }
        let from = self.light.clone();
        let rows: Vec<&[f32]> = from.chunks_exact(w).collect();
        for (y, to) in self.light.chunks_exact_mut(w).enumerate() {
            let (above, below) = (rows[y.saturating_sub(1)], rows[(y + 1).min(rows.len() - 1)]);
            for (((to, above), at), below) in to.iter_mut().zip(above).zip(rows[y]).zip(below) {
                *to = mix(*above, *at, *below);
            }
        }
    }

    /// The mean of `length` pixels in one direction.
    fn smear(&mut self, length: usize, across: bool) {
        let (w, h) = (self.width, self.height);
        let from = self.light.clone();
        for (y, to) in self.light.chunks_exact_mut(w).enumerate() {
            to.fill(0.0);
            for step in 0..length {
                let (row, shift) = if across { (y, step.min(w - 1)) } else { ((y + step).min(h - 1), 0) };
                let row = &from[row * w..][..w];
                let (inner, edge) = to.split_at_mut(w - shift);
                inner.iter_mut().zip(&row[shift..]).for_each(|(sum, light)| *sum += light);
                edge.iter_mut().for_each(|sum| *sum += row[w - 1]);
            }
            to.iter_mut().for_each(|sum| *sum /= length as f32);
        }
    }

    fn grain(&mut self, random: &mut Random, deviation: f32) {
        self.light.iter_mut().for_each(|light| *light += normal(random) * deviation);
    }

    fn specks(&mut self, random: &mut Random, share: f32) {
        let limit = (share * 65_536.0) as u64;
        for light in &mut self.light {
            let word = random.next_u64();
            if word & 0xffff < limit {
                *light = if word >> 63 == 1 { 255.0 } else { 0.0 };
            }
        }
    }

    fn levels(&mut self, count: f32) {
        let step = 255.0 / count;
        self.light
            .iter_mut()
            .for_each(|light| *light = ((light.clamp(0.0, 255.0) / step) as i32 as f32 + 0.5) * step);
    }

    /// Rounds the cosine transform of each square of eight pixels, coarser for fine detail, as JPEG does.
    fn blocks(&mut self, coarseness: f32) {
        let (w, h) = (self.width, self.height);
        let steps: [[f32; 8]; 8] =
            std::array::from_fn(|v| std::array::from_fn(|u| (3.0 + 2.2 * (u + v) as f32) * coarseness));
        for top in (0..h / 8 * 8).step_by(8) {
            for left in (0..w / 8 * 8).step_by(8) {
                let mut block = [[0f32; 8]; 8];
                for (y, row) in block.iter_mut().enumerate() {
                    let at = (top + y) * w + left;
                    row.copy_from_slice(&self.light[at..at + 8]);
                }
                let mut table = transform(&transposed(&transform(&block, false)), false);
                for (value, step) in table.iter_mut().flatten().zip(steps.iter().flatten()) {
                    let half = if *value < 0.0 { -0.5 } else { 0.5 };
                    *value = (*value / step + half) as i32 as f32 * step;
                }
                let block = transform(&transposed(&transform(&table, true)), true);
                for (y, row) in block.iter().enumerate() {
                    let at = (top + y) * w + left;
                    self.light[at..at + 8].copy_from_slice(row);
                }
            }
        }
    }
}

/// Brightness between four pixels, two above and two below.
fn blend([a, b, c, d]: [f32; 4], fx: f32, fy: f32) -> f32 {
    (a * (1.0 - fx) + b * fx) * (1.0 - fy) + (c * (1.0 - fx) + d * fx) * fy
}

/// `cos(k·π/16) / 2` for k from 0 to 8, the first already divided by √2.
const COSINES: [f32; 9] = [
    0.353_553_4,
    0.490_392_65,
    0.461_939_77,
    0.415_734_8,
    0.353_553_4,
    0.277_785_12,
    0.191_341_72,
    0.097_545_16,
    0.0,
];

/// The weight of sample `x` in frequency `u`.
fn weight(u: usize, x: usize) -> f32 {
    if u == 0 {
        return COSINES[0];
    }
    // The cosine repeats after 32 sixteenths of π and is even about 0 and 16.
    let k = (2 * x + 1) * u % 32;
    let k = if k > 16 { 32 - k } else { k };
    if k > 8 {
        -COSINES[16 - k]
    } else {
        COSINES[k]
    }
}

/// The cosine transform of each row, or back.
fn transform(rows: &[[f32; 8]; 8], back: bool) -> [[f32; 8]; 8] {
    static WEIGHTS: std::sync::OnceLock<[[[f32; 8]; 8]; 2]> = std::sync::OnceLock::new();
    // Tables by source and target, so that the eight sums of a row run side by side.
    let tables = WEIGHTS.get_or_init(|| {
        let back: [[f32; 8]; 8] = std::array::from_fn(|u| std::array::from_fn(|x| weight(u, x)));
        [transposed(&back), back]
    });
    let table = &tables[usize::from(back)];
    let mut result = [[0f32; 8]; 8];
    for (result, row) in result.iter_mut().zip(rows) {
        for (sample, weights) in row.iter().zip(table) {
            for (sum, weight) in result.iter_mut().zip(weights) {
                *sum += sample * weight;
            }
        }
    }
    result
}

fn transposed(rows: &[[f32; 8]; 8]) -> [[f32; 8]; 8] {
    std::array::from_fn(|x| std::array::from_fn(|y| rows[y][x]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cosine_transform_leads_back() {
        let block: [[f32; 8]; 8] =
            std::array::from_fn(|y| std::array::from_fn(|x| (x * 29 % 17 * (y + 3)) as f32));
        let there = transform(&transposed(&transform(&block, false)), false);
        let back = transform(&transposed(&transform(&there, true)), true);
        for (found, expected) in back.iter().flatten().zip(block.iter().flatten()) {
            assert!((found - expected).abs() < 1e-3, "{found} is not {expected}");
        }
    }

    #[test]
    fn looking_straight_at_a_sheet_changes_nothing() {
        let page =
            Picture::new(40, 30, 1, (0..1200).map(|i| (i * 7 % 256) as u8).collect()).expect("it fits");
        let mut sheet = Sheet::new(&page);
        sheet.project([(0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0)], 0.0);
        assert_eq!(sheet.finish().expect("it fits"), page);
    }

    #[test]
    fn a_seed_degrades_a_page_in_one_way() {
        let page = Picture::new(120, 90, 1, vec![200; 10_800]).expect("it fits");
        let (one, other) = (Seed([1; 32]), Seed([2; 32]));
        for degrade in [open, reserved] {
            assert_eq!(degrade(&page, &one), degrade(&page, &one));
            assert_ne!(degrade(&page, &one), degrade(&page, &other));
        }
    }
}
