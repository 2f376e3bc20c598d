//! Scenes: one object of a known shape, colour and pattern among clutter.
//!
//! The open renderer lights flat figures and turns, stretches and blurs them. The reserved one draws the same figures
//! by hand, with wavering outlines, round shading and coloured light on other grounds. The questions are the same.

use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::seed::{Seed, SeedRng};

use crate::draw::{noise, normal, Choices};

/// Pixels along a side.
pub const SIDE: usize = 48;
/// Shapes, in the order of probabilities.
pub const SHAPES: [&str; 10] =
    ["circle", "square", "triangle", "star", "ring", "cross", "hexagon", "crescent", "heart", "arrow"];
/// Colours, in the order of probabilities.
pub const COLOURS: [&str; 8] = ["red", "green", "blue", "yellow", "purple", "orange", "cyan", "pink"];
/// Patterns, in the order of probabilities.
pub const PATTERNS: [&str; 4] = ["plain", "striped", "checked", "dotted"];
/// Questions about a scene, with their classes.
pub const GROUPS: [(&str, &[&str]); 3] = [("shape", &SHAPES), ("colour", &COLOURS), ("pattern", &PATTERNS)];

const PAINT: [[f32; 3]; 8] = [
    [0.86, 0.13, 0.13],
    [0.13, 0.66, 0.22],
    [0.16, 0.27, 0.88],
    [0.93, 0.86, 0.14],
    [0.55, 0.16, 0.70],
    [0.97, 0.54, 0.10],
    [0.16, 0.80, 0.86],
    [0.97, 0.52, 0.74],
];

/// The true class of a scene in each group.
pub type Classes = [usize; 3];

/// A scene by the open renderer.
pub fn open(seed: &Seed) -> Result<(Picture, Classes), PictureError> {
    draw(seed, false)
}

/// A scene by the reserved renderer.
pub fn reserved(seed: &Seed) -> Result<(Picture, Classes), PictureError> {
    draw(seed, true)
}

/// A figure in its place.
struct Figure {
    shape: usize,
    paint: [f32; 3],
    second: [f32; 3],
    pattern: usize,
    /// Matrix from pixels to the figure's own plane, where it fills −1 to 1.
    matrix: [f32; 4],
    centre: (f32, f32),
    /// Pattern: the size of its cells in the plane, and their origin.
    cells: f32,
    phase: (f32, f32),
    /// Wavering of the outline, if it is drawn by hand.
    waver: Option<[[f32; 2]; 9]>,
}

/// Places of a row at which colours are looked up: two for each pixel, and two rows for each row of pixels.
const TAPS: usize = 2 * SIDE;
/// Their colours.
type TapRow = [[f32; 3]; TAPS];

/// Where a tap lies, in pixels.
fn place(tap: usize) -> f32 {
    tap as f32 * 0.5 + 0.25
}

/// The taps of a row from and to which `slope · x + start` can lie within 1.3 of zero, x counted from `centre`; a few
/// more are among them.
fn reach(slope: f32, start: f32, centre: f32) -> (usize, usize) {
    if slope.abs() < 1e-4 {
        return (0, TAPS);
    }
    let (one, other) = ((-1.3 - start) / slope, (1.3 - start) / slope);
    let (low, high) = if one < other { (one, other) } else { (other, one) };
    let tap = |x: f32| (x + centre - 0.25) * 2.0;
    // Places before the first tap become 0.
    ((tap(low) - 2.0) as usize, ((tap(high) + 3.0) as usize).min(TAPS))
}

fn draw(seed: &Seed, by_hand: bool) -> Result<(Picture, Classes), PictureError> {
    let mut rng = seed.derive(b"scene", 0).rng();
    let mut random = noise(seed);
    let classes = [rng.below(10) as usize, rng.below(8) as usize, rng.below(4) as usize];
    let ground = Ground::drawn(&mut rng, by_hand);
    let clutter: Vec<Figure> = (0..rng.below(5)).map(|_| Figure::clutter(&mut rng, by_hand)).collect();
    let main = Figure::main(&mut rng, classes, by_hand);
    let bars: Vec<Bar> = (0..rng.below(2)).map(|_| Bar::drawn(&mut rng)).collect();
    let gain = rng.between(0.55, 1.12);
    let slope = (rng.between(-0.35, 0.35), rng.between(-0.35, 0.35));
    let cast: [f32; 3] = if by_hand { std::array::from_fn(|_| rng.between(0.82, 1.06)) } else { [1.0; 3] };
    let grain = rng.between(0.0, 0.06);
    let edge = if by_hand { rng.between(0.0, 0.16) } else { 0.0 };
    let round = if by_hand { rng.between(0.0, 0.5) } else { 0.0 };

    let row = |tap: usize| {
        let y = place(tap);
        let mut row: TapRow = std::array::from_fn(|tap| ground.at(place(tap), y));
        for figure in clutter.iter().chain([&main]) {
            figure.paint(&mut row, y, edge, round);
        }
        for bar in &bars {
            let covered = row.iter_mut().enumerate().filter(|(tap, _)| bar.covers(place(*tap), y));
            covered.for_each(|(_, colour)| *colour = bar.paint);
        }
        row
    };
    let mut light = vec![[0f32; 3]; SIDE * SIDE];
    for (line, pixels) in light.chunks_exact_mut(SIDE).enumerate() {
        let taps = [row(2 * line), row(2 * line + 1)];
        let y = line as f32;
        for (column, pixel) in pixels.iter_mut().enumerate() {
            let x = column as f32;
            let mut sum = [0f32; 3];
            for colour in taps.iter().flat_map(|row| &row[2 * column..2 * column + 2]) {
                (0..3).for_each(|c| sum[c] += 0.25 * colour[c]);
            }
            let shade = gain * (1.0 + slope.0 * (x / SIDE as f32 - 0.5) + slope.1 * (y / SIDE as f32 - 0.5));
            *pixel = std::array::from_fn(|c| sum[c] * shade * cast[c]);
        }
    }
    for _ in 0..rng.below(2) {
        blur(&mut light);
    }
    let levels = if by_hand && rng.chance(400) { rng.between(6.0, 16.0) } else { 255.0 };
    let sample = |value: f32, noise: f32| {
        let value = (value + noise * grain).clamp(0.0, 1.0);
        (((value * levels + 0.5) as i32 as f32) * 255.0 / levels) as u8
    };
    let samples =
        light.iter().flat_map(|pixel| pixel.map(|value| sample(value, normal(&mut random)))).collect();
    Ok((Picture::new(SIDE, SIDE, 3, samples)?, classes))
}

fn blur(light: &mut [[f32; 3]]) {
    for stride in [1, SIDE] {
        let from = light.to_vec();
        for (at, pixel) in light.iter_mut().enumerate() {
            let (place, last) = if stride == 1 { (at % SIDE, SIDE - 1) } else { (at / SIDE, SIDE - 1) };
            let before = if place == 0 { at } else { at - stride };
            let after = if place == last { at } else { at + stride };
            *pixel =
                std::array::from_fn(|c| 0.25 * from[before][c] + 0.5 * from[at][c] + 0.25 * from[after][c]);
        }
    }
}

/// A direction of any angle: a point on the unit circle.
fn direction(rng: &mut SeedRng) -> (f32, f32) {
    for _ in 0..16 {
        let (x, y) = (rng.between(-1.0, 1.0), rng.between(-1.0, 1.0));
        let square = x * x + y * y;
        if (0.05..=1.0).contains(&square) {
            let length = square.sqrt();
            return (x / length, y / length);
        }
    }
    (1.0, 0.0)
}

impl Figure {
    fn main(rng: &mut SeedRng, [shape, colour, pattern]: Classes, by_hand: bool) -> Self {
        let reach = rng.between(13.0, 20.0);
        let middle = SIDE as f32 / 2.0;
        let spare = (middle - reach * 0.9).max(0.0);
        let centre = (middle + rng.between(-spare, spare), middle + rng.between(-spare, spare));
        let paint = PAINT[colour].map(|channel| channel + rng.between(-0.08, 0.08));
        Self::placed(rng, (shape, pattern), paint, reach, centre, by_hand)
    }

    fn clutter(rng: &mut SeedRng, by_hand: bool) -> Self {
        let reach = rng.between(2.0, 6.0);
        let centre = (rng.between(0.0, SIDE as f32), rng.between(0.0, SIDE as f32));
        let paint = std::array::from_fn(|_| rng.unit());
        let kind = (rng.below(10) as usize, 0);
        Self::placed(rng, kind, paint, reach, centre, by_hand)
    }

    fn placed(
        rng: &mut SeedRng,
        (shape, pattern): (usize, usize),
        paint: [f32; 3],
        reach: f32,
        centre: (f32, f32),
        by_hand: bool,
    ) -> Self {
        let (c, s) = direction(rng);
        let (squash, shear) = (rng.between(0.78, 1.0), rng.between(-0.12, 0.12));
        // Rotation, then shear, then scale. Pixels need the inverse; any matrix will do as an inverse.
        let (sx, sy) = (1.0 / reach, 1.0 / (reach * squash));
        let matrix = [(c + shear * s) * sx, (s - shear * c) * sx, -s * sy, c * sy];
        let second = if rng.chance(500) {
            paint.map(|channel| channel * 0.4)
        } else {
            paint.map(|channel| 0.6 + 0.4 * channel)
        };
        // Drawn for both renderers, so that both draw the same scene from a seed.
        let waver = std::array::from_fn(|_| [rng.between(-0.09, 0.09), rng.between(-0.09, 0.09)]);
        let waver = by_hand.then_some(waver);
        let cells = rng.between(2.0, 3.4);
        let phase = (rng.between(10.0, 11.0), rng.between(10.0, 11.0));
        Self { shape, paint, second, pattern, matrix, centre, cells, phase, waver }
    }

    /// Paints what the figure covers of a row of taps.
    fn paint(&self, row: &mut TapRow, y: f32, edge: f32, round: f32) {
        let [a, b, c, d] = self.matrix;
        let y = y - self.centre.1;
        let (by, dy) = (b * y, d * y);
        let (one, other) = (reach(a, by, self.centre.0), reach(c, dy, self.centre.0));
        let (from, to) = (one.0.max(other.0), one.1.min(other.1));
        for (tap, colour) in row.iter_mut().enumerate().take(to).skip(from) {
            let x = place(tap) - self.centre.0;
            if let Some(painted) = self.at(a * x + by, c * x + dy, edge, round) {
                *colour = painted;
            }
        }
    }

    /// The colour at a place of the figure's plane, if it covers that.
    fn at(&self, mut u: f32, mut v: f32, edge: f32, round: f32) -> Option<[f32; 3]> {
        if !(-1.3..=1.3).contains(&u) || !(-1.3..=1.3).contains(&v) {
            return None;
        }
        let (du, dv) = self.wavered(u, v);
        (u, v) = (u + du, v + dv);
        if !inside(self.shape, u, v) {
            return None;
        }
        if edge > 0.0 && !inside(self.shape, u * (1.0 + edge), v * (1.0 + edge)) {
            return Some([0.08; 3]);
        }
        let cell = |t: f32, phase: f32| t * self.cells + phase;
        let (p, q) = (cell(u, self.phase.0), cell(v, self.phase.1));
        let odd = match self.pattern {
            1 => q as i32 % 2 == 1,
            2 => (p as i32 + q as i32) % 2 == 1,
            3 => {
                let (fp, fq) = (p - (p as i32) as f32 - 0.5, q - (q as i32) as f32 - 0.5);
                fp * fp + fq * fq < 0.085
            }
            _ => false,
        };
        let paint = if odd { self.second } else { self.paint };
        let (hx, hy) = (u + 0.35, v + 0.35);
        let shade = 1.0 - round * ((hx * hx + hy * hy) * 0.5).min(1.0);
        Some(paint.map(|channel| channel * shade))
    }

    /// The displacement of the outline at a place, from a grid of three by three.
    fn wavered(&self, u: f32, v: f32) -> (f32, f32) {
        let Some(waver) = &self.waver else { return (0.0, 0.0) };
        let (gu, gv) = (u.clamp(-1.0, 0.999) + 1.0, v.clamp(-1.0, 0.999) + 1.0);
        let (column, row) = (gu as usize, gv as usize);
        let (fu, fv) = (gu - column as f32, gv - row as f32);
        let blend = |axis: usize| {
            let at = |r: usize, c: usize| waver[r * 3 + c][axis];
            let upper = at(row, column) * (1.0 - fu) + at(row, column + 1) * fu;
            let lower = at(row + 1, column) * (1.0 - fu) + at(row + 1, column + 1) * fu;
            upper * (1.0 - fv) + lower * fv
        };
        (blend(0), blend(1))
    }
}

const STAR: [(f32, f32); 10] = [
    (0.0, -1.0),
    (0.259, -0.357),
    (0.951, -0.309),
    (0.420, 0.136),
    (0.588, 0.809),
    (0.0, 0.441),
    (-0.588, 0.809),
    (-0.420, 0.136),
    (-0.951, -0.309),
    (-0.259, -0.357),
];
const HEXAGON: [(f32, f32); 6] =
    [(1.0, 0.0), (0.5, 0.866), (-0.5, 0.866), (-1.0, 0.0), (-0.5, -0.866), (0.5, -0.866)];
const HEART: [(f32, f32); 14] = [
    (0.0, 0.95),
    (-0.55, 0.45),
    (-0.9, 0.0),
    (-0.98, -0.38),
    (-0.78, -0.75),
    (-0.42, -0.82),
    (-0.12, -0.62),
    (0.0, -0.38),
    (0.12, -0.62),
    (0.42, -0.82),
    (0.78, -0.75),
    (0.98, -0.38),
    (0.9, 0.0),
    (0.55, 0.45),
];
const ARROW: [(f32, f32); 7] =
    [(0.0, -1.0), (0.8, -0.1), (0.3, -0.1), (0.3, 0.95), (-0.3, 0.95), (-0.3, -0.1), (-0.8, -0.1)];
const TRIANGLE: [(f32, f32); 3] = [(0.0, -0.95), (0.9, 0.75), (-0.9, 0.75)];

/// Whether a shape covers a place of its plane.
fn inside(shape: usize, u: f32, v: f32) -> bool {
    let square = u * u + v * v;
    match shape {
        0 => square < 0.81,
        1 => u.abs() < 0.78 && v.abs() < 0.78,
        2 => within(&TRIANGLE, u, v),
        3 => within(&STAR, u, v),
        4 => (0.28..0.92).contains(&square),
        5 => (u.abs() < 0.3 && v.abs() < 0.95) || (v.abs() < 0.3 && u.abs() < 0.95),
        6 => within(&HEXAGON, u, v),
        7 => square < 0.92 && (u - 0.45) * (u - 0.45) + v * v > 0.5,
        8 => within(&HEART, u, v),
        _ => within(&ARROW, u, v),
    }
}

/// Whether a closed line of straight pieces goes around a place an odd number of times.
fn within(corners: &[(f32, f32)], u: f32, v: f32) -> bool {
    let mut odd = false;
    for (i, &(x0, y0)) in corners.iter().enumerate() {
        let (x1, y1) = corners[(i + 1) % corners.len()];
        if (y0 > v) != (y1 > v) && u < x0 + (v - y0) * (x1 - x0) / (y1 - y0) {
            odd = !odd;
        }
    }
    odd
}

/// The background.
struct Ground {
    first: [f32; 3],
    second: [f32; 3],
    kind: u64,
    across: (f32, f32),
    period: f32,
}

impl Ground {
    fn drawn(rng: &mut SeedRng, by_hand: bool) -> Self {
        let grey = rng.between(0.05, 0.95);
        let first: [f32; 3] = std::array::from_fn(|_| (grey + rng.between(-0.12, 0.12)).clamp(0.0, 1.0));
        let reach = if by_hand { 0.2 } else { 0.28 };
        let second = first.map(|channel| (channel + rng.between(-reach, reach)).clamp(0.0, 1.0));
        // Flat, gradient and stripes in the open renderer; squares and rings in the reserved one.
        let kind = if by_hand { 2 + rng.below(3) } else { rng.below(3) };
        Self { first, second, kind, across: direction(rng), period: rng.between(4.0, 16.0) }
    }

    fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let side = SIDE as f32;
        let along = (x - side / 2.0) * self.across.0 + (y - side / 2.0) * self.across.1;
        let odd = match self.kind {
            0 => false,
            1 => {
                let share = (along / side + 0.5).clamp(0.0, 1.0);
                return std::array::from_fn(|c| self.first[c] * (1.0 - share) + self.second[c] * share);
            }
            2 => ((along + 2.0 * side) / self.period) as i32 % 2 == 1,
            3 => ((x / self.period) as i32 + (y / self.period) as i32) % 2 == 1,
            _ => {
                let (dx, dy) = (x - self.across.0 * side, y - self.across.1 * side);
                ((dx * dx + dy * dy).sqrt() / self.period) as i32 % 2 == 1
            }
        };
        if odd {
            self.second
        } else {
            self.first
        }
    }
}

/// A bar in front of everything.
struct Bar {
    normal: (f32, f32),
    offset: f32,
    half: f32,
    paint: [f32; 3],
}

impl Bar {
    fn drawn(rng: &mut SeedRng) -> Self {
        let normal = direction(rng);
        let paint = std::array::from_fn(|_| rng.unit());
        Self { normal, offset: rng.between(-16.0, 16.0), half: rng.between(0.6, 1.5), paint }
    }

    fn covers(&self, x: f32, y: f32) -> bool {
        let middle = SIDE as f32 / 2.0;
        let distance = (x - middle) * self.normal.0 + (y - middle) * self.normal.1 - self.offset;
        distance.abs() < self.half
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_shows_one_scene_and_all_classes_come_up() {
        for render in [open, reserved] {
            let scene = |number: u64| render(&Seed([4; 32]).derive(b"test", number)).expect("drawn");
            assert_eq!(scene(1), scene(1));
            let mut seen = [[false; 10]; 3];
            for number in 0..200 {
                scene(number).1.iter().enumerate().for_each(|(group, class)| seen[group][*class] = true);
            }
            for (group, (_, classes)) in GROUPS.iter().enumerate() {
                assert!(seen[group][..classes.len()].iter().all(|seen| *seen), "{group}");
            }
        }
    }
}
