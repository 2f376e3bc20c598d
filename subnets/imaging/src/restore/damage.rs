//! The four damages, and tasks that are drawn from a secret and a seed.
//!
//! | kind | damage | strength |
//! |---|---|---|
//! | `noise` | bell-shaped noise on each sample | deviation of 8 to 40 levels |
//! | `blur` | a bell, a box or a line, then slight noise | bell deviation 0.7 to 1.6 pixels, box 3 or 5, line 3 to 7 |
//! | `small` | half the side, each pixel the mean of four | |
//! | `holes` | strokes, blocks and dots without content | 6 to 20 % of the pixels |
//!
//! Strengths are drawn and not told: a customer does not know them either.

use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::seed::{Seed, SeedRng};
use serde::{Deserialize, Serialize};

use super::originals::Style;
use crate::scene::{below, between};

/// Sides of the originals of tasks.
const SIDES: [usize; 2] = [64, 96];
/// Grey of the pixels in holes.
pub const HOLE: u8 = 128;

/// Kind of a damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Noise on each sample.
    Noise,
    /// Blur with slight noise.
    Blur,
    /// Half the side; the answer has twice the side of the request.
    Small,
    /// Pixels without content, named by a mask.
    Holes,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 4] = [Kind::Noise, Kind::Blur, Kind::Small, Kind::Holes];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        ["noise", "blur", "small", "holes"][self as usize]
    }

    /// Side of an answer for a side of one.
    pub fn factor(self) -> usize {
        if self == Kind::Small {
            2
        } else {
            1
        }
    }
}

/// A picture that lacks something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// Kind of its damage.
    pub kind: Kind,
    /// The picture, in colour.
    pub picture: Picture,
    /// For holes: one sample for each pixel, 255 in a hole and 0 elsewhere. Empty for other kinds.
    pub mask: Vec<u8>,
}

impl Damaged {
    /// Width of the restored picture.
    pub fn width(&self) -> usize {
        self.picture.width() * self.kind.factor()
    }

    /// Height of the restored picture.
    pub fn height(&self) -> usize {
        self.picture.height() * self.kind.factor()
    }

    /// Whether pixel `at` of the picture has to be restored.
    pub fn is_hole(&self, at: usize) -> bool {
        self.mask.get(at).is_none_or(|sample| *sample != 0)
    }
}

/// A task: the damaged picture for the miner, the original for the validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The miner's side.
    pub damaged: Damaged,
    /// The validator's side.
    pub original: Picture,
}

/// The task of a seed. The style comes from the validator's secret, so the seed alone draws nothing.
pub fn draw(style: &Style, kind: Kind, seed: &Seed) -> Result<Task, PictureError> {
    let side = SIDES[below(&mut seed.derive(b"imaging side", 0).rng(), SIDES.len())];
    of_side(style, kind, seed, side)
}

/// The task of a seed with an original of `side` by `side` pixels.
pub fn of_side(style: &Style, kind: Kind, seed: &Seed, side: usize) -> Result<Task, PictureError> {
    let original = style.original(seed, side & !1)?;
    // The original's pixels are part of the seed, so that nobody without the secret can draw the noise again.
    let damage =
        Seed(myelin_wire::hash::blake2_256_of(&[b"myelin/imaging damage", &seed.0, original.samples()]));
    let damaged = damage_picture(kind, &original, &damage)?;
    Ok(Task { damaged, original })
}

/// Damages a colour picture.
pub fn damage_picture(kind: Kind, original: &Picture, seed: &Seed) -> Result<Damaged, PictureError> {
    let mut rng = seed.rng();
    let rng = &mut rng;
    let original = original.to_colour();
    let (width, height) = (original.width(), original.height());
    let mut mask = Vec::new();
    let picture = match kind {
        Kind::Noise => {
            let deviation = between(rng, 8, 40);
            noise(original.samples().iter().map(|sample| i32::from(*sample) << 8), deviation << 8, rng)
        }
        Kind::Blur => {
            let values: Vec<i32> = original.samples().iter().map(|sample| i32::from(*sample) << 8).collect();
            let values = match below(rng, 5) {
                0 => box_blur(&values, width, height, between(rng, 1, 2)),
                1 => {
                    let along = [(1, 0), (0, 1), (1, 1), (1, -1)][below(rng, 4)];
                    line_blur(&values, width, height, along, between(rng, 1, 3))
                }
                _ => bell_blur(&values, width, height, between(rng, 1, 5)),
            };
            let deviation = between(rng, 128, 640);
            noise(values.into_iter(), deviation, rng)
        }
        Kind::Small => return Ok(Damaged { kind, picture: halved(&original)?, mask }),
        Kind::Holes => {
            mask = holes(rng, width, height);
            let pixels = original.samples().chunks_exact(3).zip(&mask);
            pixels.flat_map(|(p, mask)| if *mask == 0 { [p[0], p[1], p[2]] } else { [HOLE; 3] }).collect()
        }
    };
    Ok(Damaged { kind, picture: Picture::new(width, height, 3, picture)?, mask })
}

/// Adds noise of a deviation to values, both in 256ths of a level.
///
/// Four random bytes add up to a bell whose deviation is 147.8.
fn noise(values: impl Iterator<Item = i32>, deviation: i32, rng: &mut SeedRng) -> Vec<u8> {
    let mut word = 0;
    let add = |(at, value): (usize, i32)| {
        if at % 2 == 0 {
            word = rng.next_u64();
        }
        let sum: i32 = (0..4).map(|byte| (word >> (32 * (at % 2) + 8 * byte) & 255) as i32).sum();
        let noisy = value + (sum - 510) * deviation / 148;
        ((noisy + 128) >> 8).clamp(0, 255) as u8
    };
    values.enumerate().map(add).collect()
}

/// Means of pixels along a line through each pixel, the edges of the picture continued.
fn line_blur(values: &[i32], width: usize, height: usize, along: (i32, i32), half: i32) -> Vec<i32> {
    let mut blurred = Vec::with_capacity(values.len());
    for y in 0..height as i32 {
        for x in 0..width as i32 {
            for channel in 0..3 {
                let at = |step: i32| {
                    let x = (x + step * along.0).clamp(0, width as i32 - 1) as usize;
                    let y = (y + step * along.1).clamp(0, height as i32 - 1) as usize;
                    values[3 * (y * width + x) + channel]
                };
                blurred.push((-half..=half).map(at).sum::<i32>() / (2 * half + 1));
            }
        }
    }
    blurred
}

fn box_blur(values: &[i32], width: usize, height: usize, half: i32) -> Vec<i32> {
    let across = line_blur(values, width, height, (1, 0), half);
    line_blur(&across, width, height, (0, 1), half)
}

/// Repeated quarters, halves and quarters in both directions: a bell whose variance is half the number of passes.
pub(crate) fn bell_blur(values: &[i32], width: usize, height: usize, passes: i32) -> Vec<i32> {
    let row = 3 * width;
    let (mut values, mut across) = (values.to_vec(), values.to_vec());
    let blend = |less: i32, own: i32, more: i32| {
        less.wrapping_add(own.wrapping_mul(2)).wrapping_add(more).wrapping_add(2) >> 2
    };
    for _ in 0..passes {
        for (to, from) in across.chunks_exact_mut(row).zip(values.chunks_exact(row)) {
            let inner = from.iter().zip(&from[3..]).zip(from.get(6..).unwrap_or_default());
            let inner = inner.map(|((less, own), more)| blend(*less, *own, *more));
            to[3..].iter_mut().zip(inner).for_each(|(to, value)| *to = value);
            for channel in 0..3 {
                let last = row - 3 + channel;
                to[channel] = blend(from[channel], from[channel], from[(channel + 3).min(last)]);
                to[last] = blend(from[last.max(3 + channel) - 3], from[last], from[last]);
            }
        }
        for (y, to) in values.chunks_exact_mut(row).enumerate() {
            let line = |y: usize| &across[y * row..(y + 1) * row];
            let (less, own, more) = (line(y.saturating_sub(1)), line(y), line((y + 1).min(height - 1)));
            let three = less.iter().zip(own).zip(more);
            to.iter_mut().zip(three).for_each(|(to, ((less, own), more))| *to = blend(*less, *own, *more));
        }
    }
    values
}

/// Half the width and height, each pixel the mean of four.
pub(crate) fn halved(picture: &Picture) -> Result<Picture, PictureError> {
    let (width, height, row) = (picture.width() / 2, picture.height() / 2, 3 * picture.width());
    let samples = picture.samples();
    let mut half = Vec::with_capacity(3 * width * height);
    for at in 0..width * height {
        let start = at / width * 2 * row + at % width * 6;
        for channel in start..start + 3 {
            let four = [channel, channel + 3, channel + row, channel + row + 3];
            half.push(((four.iter().map(|at| u32::from(samples[*at])).sum::<u32>() + 2) / 4) as u8);
        }
    }
    Picture::new(width, height, 3, half)
}

/// Strokes, blocks and dots.
fn holes(rng: &mut SeedRng, width: usize, height: usize) -> Vec<u8> {
    let mut mask = vec![0; width * height];
    let (w, h) = (width as i32, height as i32);
    let wanted = width * height * below(rng, 13).saturating_add(6) / 100;
    let mut fill = |x: i32, y: i32, wide: i32, high: i32| {
        for y in y.max(0)..(y + high).min(h) {
            mask[(y * w + x.clamp(0, w)) as usize..(y * w + (x + wide).clamp(0, w)) as usize].fill(255);
        }
        mask.iter().filter(|sample| **sample != 0).count() >= wanted
    };
    for _ in 0..400 {
        let (mut x, mut y) = (between(rng, 0, w - 1), between(rng, 0, h - 1));
        let full = match below(rng, 4) {
            0 => fill(x, y, between(rng, 4, 9), between(rng, 4, 9)),
            1 => (0..12).any(|_| fill(between(rng, 0, w - 1), between(rng, 0, h - 1), 2, 2)),
            _ => {
                // A stroke: it wanders on in one direction.
                let (right, down) = (between(rng, -2, 2), between(rng, -2, 2));
                let thick = between(rng, 2, 3);
                (0..between(rng, 6, 24)).any(|_| {
                    x += right.signum() * i32::from(below(rng, 2) < right.unsigned_abs() as usize);
                    y += down.signum() * i32::from(below(rng, 2) < down.unsigned_abs() as usize);
                    (0..w).contains(&x) && (0..h).contains(&y) && fill(x, y, thick, thick)
                })
            }
        };
        if full {
            break;
        }
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(kind: Kind, number: u64) -> Task {
        draw(&Style::own(&[3; 32]), kind, &Seed([8; 32]).derive(b"test", number)).expect("drawn")
    }

    #[test]
    fn a_seed_draws_one_task_and_its_answer_has_the_size_of_the_original() {
        for kind in Kind::ALL {
            for number in 0..6 {
                let drawn = task(kind, number);
                assert_eq!(drawn, task(kind, number));
                assert_eq!(drawn.damaged.width(), drawn.original.width());
                assert_ne!(drawn.damaged.picture, drawn.original);
            }
        }
    }

    #[test]
    fn holes_are_some_and_everything_else_is_the_original() {
        for number in 0..20 {
            let Task { damaged, original } = task(Kind::Holes, number);
            let count = damaged.mask.iter().filter(|sample| **sample != 0).count();
            let share = 100 * count / damaged.mask.len();
            assert!((5..=26).contains(&share), "{share} %");
            let pixels = damaged.picture.samples().chunks_exact(3).zip(original.samples().chunks_exact(3));
            for ((found, before), mask) in pixels.zip(&damaged.mask) {
                assert_eq!(found, if *mask == 0 { before } else { &[HOLE; 3][..] });
            }
        }
    }

    #[test]
    fn noise_has_the_deviation_that_was_drawn() {
        let mut rng = Seed([1; 32]).rng();
        let noisy = noise(std::iter::repeat_n(128 << 8, 60_000), 20 << 8, &mut rng);
        let square: i64 = noisy.iter().map(|sample| (i64::from(*sample) - 128).pow(2)).sum();
        assert!((390..411).contains(&(square / 60_000)), "{}", square / 60_000);
    }

    #[test]
    fn blur_of_an_even_picture_leaves_it() {
        let values = vec![77 << 8; 3 * 12 * 9];
        assert_eq!(bell_blur(&values, 12, 9, 4), values);
        assert_eq!(box_blur(&values, 12, 9, 2), values);
    }
}
