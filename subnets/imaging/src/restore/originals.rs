//! Hidden originals: pictures that are composed from a validator's secret and a seed, so that nobody can look them up.
//!
//! A picture has a textured ground and up to nine textured forms with soft shadows. The secret chooses palette, scales
//! and how often each texture comes up. All of it is integer arithmetic; places are sixteenths of a pixel.

use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::{
    hash::blake2_256_of,
    seed::{Seed, SeedRng},
};

use crate::scene::{below, between, covers, inked, LETTERS, SHAPES};

/// Kinds of texture that a style weighs.
const TEXTURES: usize = 8;
/// Points along a side of a pixel at which the picture is looked up.
const POINTS: i32 = 2;

/// The taste of a validator: drawn from its secret once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    palette: Vec<[u8; 3]>,
    /// Scale of textures and forms, of 128.
    scale: i32,
    /// How often each texture comes up.
    weights: [u8; TEXTURES],
    secret: [u8; 32],
}

impl Style {
    /// The style of a secret.
    pub fn own(secret: &[u8; 32]) -> Self {
        let secret = blake2_256_of(&[b"myelin/imaging style", secret]);
        let mut rng = Seed(secret).rng();
        let rng = &mut rng;
        let palette = (0..between(rng, 6, 14)).map(|_| colour(rng)).collect();
        let weights = std::array::from_fn(|_| between(rng, 1, 5) as u8);
        Self { palette, scale: between(rng, 90, 180), weights, secret }
    }

    /// The original of a seed, `side` by `side` pixels.
    pub fn original(&self, seed: &Seed, side: usize) -> Result<Picture, PictureError> {
        let seed = Seed(blake2_256_of(&[b"myelin/imaging original", &self.secret, &seed.0]));
        let mut rng = seed.rng();
        let side = side.clamp(1, 512);
        let scene = Composition::draw(self, &mut rng, side as i32 * 16);
        let mut samples = Vec::with_capacity(3 * side * side);
        for y in 0..side as i32 {
            for x in 0..side as i32 {
                let mut sum = [0; 3];
                for point in 0..POINTS * POINTS {
                    let place = |pixel: i32, point: i32| pixel * 16 + (2 * point + 1) * 8 / POINTS;
                    let seen = scene.at(place(x, point % POINTS), place(y, point / POINTS));
                    sum.iter_mut().zip(seen).for_each(|(sum, seen)| *sum += seen);
                }
                samples.extend(sum.map(|sum| (sum / (POINTS * POINTS)).clamp(0, 255) as u8));
            }
        }
        Picture::new(side, side, 3, samples)
    }
}

/// A colour; every third one is greyish.
fn colour(rng: &mut SeedRng) -> [u8; 3] {
    let colour: [u8; 3] = std::array::from_fn(|_| below(rng, 256) as u8);
    if below(rng, 3) > 0 {
        return colour;
    }
    let grey = u16::from(colour[1]);
    colour.map(|channel| ((u16::from(channel) + 3 * grey) / 4) as u8)
}

/// Ground and forms.
struct Composition {
    ground: Paint,
    /// The uppermost last.
    forms: Vec<Form>,
}

impl Composition {
    fn draw(style: &Style, rng: &mut SeedRng, reach: i32) -> Self {
        let ground = Paint::draw(style, rng, reach);
        let count = between(rng, 2, 9);
        let forms = (0..count).map(|_| Form::draw(style, rng, reach)).collect();
        Self { ground, forms }
    }

    fn at(&self, x: i32, y: i32) -> [i32; 3] {
        let top = self.forms.iter().rposition(|form| form.holds(x, y));
        let paint = top.map_or(&self.ground, |top| &self.forms[top].paint);
        let mut colour = paint.at(x, y);
        for form in &self.forms[top.map_or(0, |top| top + 1)..] {
            let dark = form.shade(x, y);
            colour = colour.map(|channel| channel * (256 - dark) / 256);
        }
        colour
    }
}

/// A figure with its paint.
struct Form {
    figure: Figure,
    at: (i32, i32),
    /// Cosine and sine of its turn, of 256.
    turn: (i32, i32),
    reach: i32,
    paint: Paint,
    /// Distance and darkness of the shadow; no shadow at 0.
    shadow: (i32, i32),
}

enum Figure {
    Shape(u8),
    /// A letter whose dots are this large.
    Letter(u8, i32),
    /// A line of this half width.
    Line(i32),
}

impl Form {
    fn draw(style: &Style, rng: &mut SeedRng, reach: i32) -> Self {
        let at = (below(rng, reach as usize) as i32, below(rng, reach as usize) as i32);
        let turn = if below(rng, 3) == 0 { (256, 0) } else { direction(rng) };
        let (figure, size) = match below(rng, 8) {
            0 => (Figure::Line(between(rng, 6, 24)), between(rng, 160, 900)),
            1 | 2 => {
                let dot = between(rng, 16, 56);
                (Figure::Letter(below(rng, LETTERS.len()) as u8, dot), 5 * dot)
            }
            _ => (Figure::Shape(below(rng, SHAPES.len()) as u8), between(rng, 40, 320) * style.scale / 128),
        };
        let shadow = if below(rng, 3) == 0 { (between(rng, 12, 48), between(rng, 40, 150)) } else { (0, 0) };
        Self { figure, at, turn, reach: size, paint: Paint::draw(style, rng, reach), shadow }
    }

    fn holds(&self, x: i32, y: i32) -> bool {
        let (x, y) = (x - self.at.0, y - self.at.1);
        if x.abs().max(y.abs()) > 2 * self.reach {
            return false;
        }
        let (cosine, sine) = self.turn;
        let (x, y) = ((x * cosine + y * sine) >> 8, (y * cosine - x * sine) >> 8);
        match self.figure {
            Figure::Shape(shape) => covers(shape, x, y, self.reach),
            Figure::Letter(letter, dot) => inked(letter, x * 32 / dot, y * 32 / dot),
            Figure::Line(half) => x.abs() <= self.reach && y.abs() <= half,
        }
    }

    /// Darkness of the shadow at a place, of 256: the share of five places near by that the form covers.
    fn shade(&self, x: i32, y: i32) -> i32 {
        let (distance, darkness) = self.shadow;
        if darkness == 0 {
            return 0;
        }
        let near = distance / 3;
        let places = [(0, 0), (near, 0), (-near, 0), (0, near), (0, -near)];
        let dark =
            places.iter().filter(|(right, down)| self.holds(x - distance + right, y - distance + down));
        darkness * dark.count() as i32 / 5
    }
}

/// Two or three colours that a texture blends.
struct Paint {
    texture: Texture,
    colours: [[u8; 3]; 3],
}

impl Paint {
    fn draw(style: &Style, rng: &mut SeedRng, reach: i32) -> Self {
        let texture = Texture::draw(style, rng, reach);
        let first = rng.choose(&style.palette).copied().unwrap_or_default();
        let mut colours = [first; 3];
        for other in &mut colours[1..] {
            let drawn = rng.choose(&style.palette).copied().unwrap_or_default();
            // Many textures are faint.
            let share = [64, 128, 256][below(rng, 3)];
            *other = std::array::from_fn(|channel| {
                let (from, to) = (i32::from(first[channel]), i32::from(drawn[channel]));
                (from + (to - from) * share / 256) as u8
            });
        }
        Self { texture, colours }
    }

    fn at(&self, x: i32, y: i32) -> [i32; 3] {
        let value = self.texture.at(x, y).clamp(0, 255);
        let (from, to, share) = if value < 128 { (0, 1, value * 2) } else { (1, 2, value * 2 - 256) };
        std::array::from_fn(|channel| {
            let (from, to) = (i32::from(self.colours[from][channel]), i32::from(self.colours[to][channel]));
            from + (to - from) * share / 256
        })
    }
}

/// A pattern over the plane with values from 0 to 255.
enum Texture {
    Even,
    Slope {
        along: (i32, i32),
        start: i32,
        length: i32,
    },
    Round {
        at: (i32, i32),
        length: i32,
    },
    Cloud(Cloud),
    /// Clouds of few values.
    Patches(Cloud, i32),
    /// Waves, bent by a cloud; `sharp` ones have two values.
    Stripes {
        along: (i32, i32),
        width: i32,
        bend: i32,
        cloud: Cloud,
        sharp: bool,
    },
    Checks {
        along: (i32, i32),
        width: i32,
    },
    Bricks {
        wide: i32,
        high: i32,
        joint: i32,
    },
}

impl Texture {
    fn draw(style: &Style, rng: &mut SeedRng, reach: i32) -> Self {
        let total: usize = style.weights.iter().map(|weight| usize::from(*weight)).sum();
        let mut left = below(rng, total);
        let mut kind = 0;
        while kind + 1 < TEXTURES && left >= usize::from(style.weights[kind]) {
            left -= usize::from(style.weights[kind]);
            kind += 1;
        }
        let mut size = |low: i32, high: i32| between(rng, low, high) * style.scale / 128;
        match kind {
            0 => Texture::Even,
            1 => {
                let length = size(reach / 2, 2 * reach);
                Texture::Slope { start: size(0, reach) - reach / 2, length, along: direction(rng) }
            }
            2 => {
                let length = size(reach / 4, reach);
                Texture::Round {
                    at: (below(rng, reach as usize) as i32, below(rng, reach as usize) as i32),
                    length,
                }
            }
            3 => Texture::Cloud(Cloud {
                scale: size(48, 500),
                octaves: between(rng, 1, 5),
                salt: rng.next_u64() as u32,
            }),
            4 => {
                let cloud =
                    Cloud { scale: size(96, 400), octaves: between(rng, 1, 3), salt: rng.next_u64() as u32 };
                Texture::Patches(cloud, between(rng, 2, 4))
            }
            5 => {
                let width = size(28, 130);
                let bend = if below(rng, 2) == 0 { 0 } else { between(rng, 60, 400) };
                let cloud = Cloud { scale: between(rng, 200, 500), octaves: 1, salt: rng.next_u64() as u32 };
                Texture::Stripes { along: direction(rng), width, bend, cloud, sharp: below(rng, 2) == 0 }
            }
            6 => Texture::Checks { width: size(36, 140), along: direction(rng) },
            _ => {
                let high = size(64, 150);
                Texture::Bricks { wide: 2 * high, high, joint: size(12, 24) }
            }
        }
    }

    fn at(&self, x: i32, y: i32) -> i32 {
        match self {
            Texture::Even => 0,
            Texture::Slope { along, start, length } => (way(*along, x, y) - start) * 255 / length,
            Texture::Round { at, length } => {
                let (x, y) = (x - at.0, y - at.1);
                let root = ((x * x + y * y) as u32).isqrt() as i32;
                root * 255 / length
            }
            Texture::Cloud(cloud) => cloud.at(x, y),
            Texture::Patches(cloud, steps) => cloud.at(x, y) * steps / 256 * 255 / (steps - 1).max(1),
            Texture::Stripes { along, width, bend, cloud, sharp } => {
                let bent = if *bend > 0 { bend * cloud.at(x, y) / 256 } else { 0 };
                let phase = (way(*along, x, y) + bent).rem_euclid(2 * width);
                let value = (phase - width).abs() * 255 / width;
                if *sharp {
                    255 * i32::from(value > 127)
                } else {
                    value
                }
            }
            Texture::Checks { along, width } => {
                let across = way((-along.1, along.0), x, y);
                255 * ((way(*along, x, y).div_euclid(*width) + across.div_euclid(*width)) & 1)
            }
            Texture::Bricks { wide, high, joint } => {
                let row = y.div_euclid(*high);
                let x = x + (row & 1) * wide / 2;
                let joint = y.rem_euclid(*high) < *joint || x.rem_euclid(*wide) < *joint;
                if joint {
                    255
                } else {
                    (mix(row, x.div_euclid(*wide), 1) & 63) as i32
                }
            }
        }
    }
}

/// Distance along a direction.
fn way(along: (i32, i32), x: i32, y: i32) -> i32 {
    (x * along.0 + y * along.1) >> 8
}

/// A random direction: cosine and sine of 256.
fn direction(rng: &mut SeedRng) -> (i32, i32) {
    const QUARTER: [(i32, i32); 8] =
        [(256, 0), (251, 50), (237, 98), (213, 142), (181, 181), (142, 213), (98, 237), (50, 251)];
    let (x, y) = QUARTER[below(rng, 8)];
    [(x, y), (-y, x), (-x, -y), (y, -x)][below(rng, 4)]
}

/// Noise of several scales: random values on a lattice with smooth passages.
struct Cloud {
    /// Distance of the coarsest lattice.
    scale: i32,
    octaves: i32,
    salt: u32,
}

impl Cloud {
    fn at(&self, x: i32, y: i32) -> i32 {
        let (mut sum, mut weight, mut scale) = (0, 0, self.scale.max(1));
        for octave in 0..self.octaves {
            let part = 16 >> octave;
            sum += part * lattice(x, y, scale, self.salt.wrapping_add(octave as u32));
            weight += part;
            scale = (scale / 2).max(8);
        }
        // Values crowd around the middle; spread them.
        (sum / weight.max(1) - 128) * 3 / 2 + 128
    }
}

fn lattice(x: i32, y: i32, scale: i32, salt: u32) -> i32 {
    let (column, row) = (x.div_euclid(scale), y.div_euclid(scale));
    let smooth = |place: i32| {
        let t = place.rem_euclid(scale) * 256 / scale;
        (t * t * (768 - 2 * t)) >> 16
    };
    let (right, down) = (smooth(x), smooth(y));
    let value = |column: i32, row: i32| (mix(column, row, salt) & 255) as i32;
    let line = |row: i32| value(column, row) * (256 - right) + value(column + 1, row) * right;
    (line(row) * (256 - down) + line(row + 1) * down) >> 16
}

/// A well mixed number of a place.
fn mix(column: i32, row: i32, salt: u32) -> u32 {
    let mut value = (column as u32).wrapping_mul(0x9e37_79b1) ^ (row as u32).wrapping_mul(0x85eb_ca77) ^ salt;
    value = (value ^ (value >> 15)).wrapping_mul(0x2c1b_3c6d);
    value = (value ^ (value >> 12)).wrapping_mul(0x297a_2d39);
    value ^ (value >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(number: u64) -> Seed {
        Seed([5; 32]).derive(b"test", number)
    }

    /// The pixels of these pictures: a change of them changes what networks are trained on.
    #[test]
    fn the_pixels_are_the_same_on_every_machine() {
        let mut hash = [0; 32];
        for number in 0..12 {
            let style = Style::own(&[number as u8; 32]);
            let picture = style.original(&seed(number), 64).expect("drawn");
            hash = blake2_256_of(&[&hash, picture.samples()]);
        }
        assert_eq!(myelin_wire::hash::to_hex(&hash), PIXELS);
    }

    const PIXELS: &str = "3fcd86de8e63be684a3c2481bccd2f68f73b0a83fdf5f89117d4fe9d0a459fec";

    #[test]
    fn another_secret_makes_another_picture_of_the_same_seed() {
        let [one, other] = [1, 2].map(|secret| Style::own(&[secret; 32]));
        for number in 0..8 {
            let pictures = [&one, &other].map(|style| style.original(&seed(number), 64).expect("drawn"));
            let differ = pictures[0].samples().iter().zip(pictures[1].samples()).filter(|(a, b)| a != b);
            assert!(differ.count() > 3 * 64 * 64 / 2, "picture {number}");
        }
    }

    #[test]
    fn pictures_are_rich() {
        let style = Style::own(&[9; 32]);
        let mut plain = 0;
        for number in 0..40 {
            let picture = style.original(&seed(number), 64).expect("drawn");
            let mut colours: Vec<&[u8]> = picture.samples().chunks_exact(3).collect();
            colours.sort_unstable();
            colours.dedup();
            plain += usize::from(colours.len() < 30);
        }
        assert!(plain <= 4, "{plain} of 40 have fewer than 30 colours");
    }

    #[test]
    fn every_size_can_be_drawn() {
        for side in [1, 16, 96, 512] {
            assert_eq!(Style::own(&[1; 32]).original(&seed(1), side).expect("drawn").width(), side);
        }
    }
}
