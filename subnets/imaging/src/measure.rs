//! Measures of a picture's content, without a model and in whole numbers.
//!
//! A picture is scaled down to [`SIDE`] pixels a side by means of areas, so a larger and richer picture is seen as
//! coarsely as a small one. The ground is the commonest colour along the edge. What differs from it and hangs together
//! is a *patch*; its mass, middle, colour and overlap with the shapes are measured. Work is bounded: so many patches,
//! each of so many pixels.

use std::sync::LazyLock;

use myelin_vision::picture::{Picture, PictureError};

use crate::scene::{covered, covers, inked, is_light, COLOURS, LETTERS, MOST_THINGS, SHAPES, SIDE};

/// Least difference of a channel, of 255, by which a pixel is not of the ground.
const APART: i32 = 44;
/// Fewest pixels of a patch.
const FEWEST: usize = 12;
/// Most patches that are measured, the largest first.
pub const MOST_PATCHES: usize = 12;
/// Largest width and height of a patch whose shape is compared.
const WIDEST: i32 = 34;
/// Width and height from which on a patch can be a letter.
const LETTER_HEIGHT: i32 = 8;

/// Names of the colours that pixels are sorted into: grounds, colours of things, and all others.
pub const OTHER: u8 = (4 + COLOURS.len()) as u8;

/// The colour of a pixel: 0 to 3 as grounds, then colours of things, then [`OTHER`].
pub fn colour_of(pixel: [u8; 3]) -> u8 {
    let [r, g, b] = pixel.map(i32::from);
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    let chroma = most - least;
    if chroma < 36 {
        let light = most + least;
        return if light >= 392 { 0 } else { u8::from(light < 144) + 1 };
    }
    // The hue in 1,536ths of a turn, from red over green and blue.
    let hue = if most == r {
        (256 * (g - b) / chroma).rem_euclid(1536)
    } else if most == g {
        512 + 256 * (b - r) / chroma
    } else {
        1024 + 256 * (r - g) / chroma
    };
    match hue {
        0..=59 | 1430.. => 4,
        60..=172 => 9,
        173..=292 => 7,
        293..=715 => 5,
        716..=1088 if least >= 110 => 3,
        716..=1088 => 6,
        1089..=1355 => 8,
        _ => OTHER,
    }
}

/// Something that stands out from the ground and hangs together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The commonest colour of its pixels.
    pub colour: u8,
    /// The part of its pixels that have this colour, in thousandths.
    pub pure: u32,
    /// Left, top, right and bottom pixel.
    pub bounds: [i32; 4],
    /// How far the patch covers each pixel of the picture, of 255. Zero outside.
    cover: Vec<u8>,
    /// Sum of its cover.
    mass: i64,
    /// Middle of its cover in sixteenths of a pixel.
    pub middle: (i32, i32),
    /// Overlap with each shape at the same mass and middle: the part of the common cover in the whole, in thousandths.
    pub overlap: [u32; SHAPES.len()],
    /// Radius of each shape with the same mass, in sixteenths of a pixel.
    pub radius: [i32; SHAPES.len()],
}

/// A measured picture.
#[derive(Clone, Debug)]
pub struct View {
    /// The picture, scaled down.
    pub samples: Vec<[u8; 3]>,
    /// The colour of the ground.
    pub ground: u8,
    /// The part of the pixels outside all patches that have it, in thousandths.
    pub even: u32,
    /// Patches, the largest first; at most [`MOST_PATCHES`].
    pub patches: Vec<Patch>,
    /// Patches that were found, small ones included.
    pub found: usize,
}

impl View {
    /// Measures a picture.
    pub fn of(picture: &Picture) -> Self {
        let samples = means(&picture.to_colour(), SIDE, SIDE);
        let paint = ground_paint(&samples);
        let colour = colour_of(paint);
        let apart: Vec<bool> = samples.iter().map(|pixel| difference(*pixel, paint) >= APART).collect();
        let mut groups = hanging_together(&apart);
        let found = groups.len();
        groups.retain(|group| group.len() >= FEWEST);
        groups.sort_by_key(|group| (std::cmp::Reverse(group.len()), group[0]));
        groups.truncate(MOST_PATCHES);
        let outside = (0..samples.len()).filter(|at| !apart[*at]);
        let same = outside.clone().filter(|at| colour_of(samples[*at]) == colour).count();
        let even = (1000 * same / outside.count().max(1)) as u32;
        let patches = groups.iter().map(|group| Patch::of(&samples, paint, group)).collect();
        Self { samples, ground: colour, even, patches, found }
    }
}

/// Means of areas: each pixel of the result is the mean of those below it, or the nearest one where there are fewer.
///
/// Panics on a grey picture and on sides of no pixels.
fn means(picture: &Picture, width: usize, height: usize) -> Vec<[u8; 3]> {
    let range = |at: usize, from: usize, to: usize| {
        let first = (at * from / to).min(from - 1);
        first..((at + 1) * from / to).clamp(first + 1, from)
    };
    let row_samples = 3 * picture.width();
    let mut samples = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (columns, rows) = (range(x, picture.width(), width), range(y, picture.height(), height));
            let count = (columns.len() * rows.len()) as u32;
            let mut sums = [count / 2; 3];
            for row in rows {
                let start = row * row_samples;
                let line = &picture.samples()[start + 3 * columns.start..start + 3 * columns.end];
                for pixel in line.chunks_exact(3) {
                    (0..3).for_each(|channel| sums[channel] += u32::from(pixel[channel]));
                }
            }
            samples.push(sums.map(|sum| (sum / count).min(255) as u8));
        }
    }
    samples
}

/// The picture in another size: by means where it shrinks, blended between pixels where it grows.
pub fn resized(picture: &Picture, width: usize, height: usize) -> Result<Picture, PictureError> {
    let picture = picture.to_colour();
    if width >= picture.width() || height >= picture.height() || width == 0 || height == 0 {
        return picture.scaled(width, height);
    }
    Picture::new(width, height, 3, means(&picture, width, height).concat())
}

fn difference(one: [u8; 3], other: [u8; 3]) -> i32 {
    one.iter().zip(other).map(|(one, other)| i32::from(one.abs_diff(other))).max().unwrap_or(0)
}

/// The mean of those pixels along the edge that have its commonest colour.
fn ground_paint(samples: &[[u8; 3]]) -> [u8; 3] {
    let edge = |at: &usize| {
        let (x, y) = (at % SIDE, at / SIDE);
        x < 2 || y < 2 || x >= SIDE - 2 || y >= SIDE - 2
    };
    let places: Vec<usize> = (0..samples.len()).filter(edge).collect();
    let mut counts = [0u32; OTHER as usize + 1];
    places.iter().for_each(|at| counts[usize::from(colour_of(samples[*at]))] += 1);
    let most = counts.iter().max().copied().unwrap_or(0);
    let colour = counts.iter().position(|count| *count == most).unwrap_or(0) as u8;
    let mut sums = [0u32; 3];
    for at in places.iter().filter(|at| colour_of(samples[**at]) == colour) {
        (0..3).for_each(|channel| sums[channel] += u32::from(samples[*at][channel]));
    }
    sums.map(|sum| (sum / most.max(1)) as u8)
}

/// Pixels that hang together by sides or corners, group by group.
fn hanging_together(apart: &[bool]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; apart.len()];
    let mut groups = Vec::new();
    for start in 0..apart.len() {
        if !apart[start] || seen[start] {
            continue;
        }
        seen[start] = true;
        let mut group = vec![start];
        let mut next = 0;
        while let Some(&at) = group.get(next) {
            next += 1;
            let (x, y) = (at % SIDE, at / SIDE);
            for row in y.saturating_sub(1)..(y + 2).min(SIDE) {
                for column in x.saturating_sub(1)..(x + 2).min(SIDE) {
                    let near = row * SIDE + column;
                    if apart[near] && !seen[near] {
                        seen[near] = true;
                        group.push(near);
                    }
                }
            }
        }
        groups.push(group);
    }
    groups
}

impl Patch {
    fn of(samples: &[[u8; 3]], ground: [u8; 3], group: &[usize]) -> Self {
        let mut counts = [0u32; OTHER as usize + 1];
        group.iter().for_each(|at| counts[usize::from(colour_of(samples[*at]))] += 1);
        let most = counts.iter().max().copied().unwrap_or(0);
        let colour = counts.iter().position(|count| *count == most).unwrap_or(0) as u8;
        let pure = 1000 * most / group.len().max(1) as u32;
        let mut bounds = [SIDE as i32, SIDE as i32, 0, 0];
        for at in group {
            let (x, y) = ((at % SIDE) as i32, (at / SIDE) as i32);
            bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x), bounds[3].max(y)];
        }
        // How far the patch covers a pixel, by the difference to the ground: that of a full pixel is in the upper
        // quarter of all differences.
        let mut differences: Vec<i32> = group.iter().map(|at| difference(samples[*at], ground)).collect();
        differences.sort_unstable();
        let full = differences[3 * (differences.len() - 1) / 4].max(1);
        let mut cover = vec![0u8; samples.len()];
        let neighbours = |at: usize| {
            let (x, y) = (at % SIDE, at / SIDE);
            (y.saturating_sub(1)..(y + 2).min(SIDE)).flat_map(move |row| {
                (x.saturating_sub(1)..(x + 2).min(SIDE)).map(move |column| row * SIDE + column)
            })
        };
        for near in group.iter().flat_map(|at| neighbours(*at)) {
            cover[near] = (255 * difference(samples[near], ground) / full).min(255) as u8;
        }
        let (mut mass, mut sums) = (0i64, (0i64, 0i64));
        for (at, part) in cover.iter().enumerate().filter(|(_, part)| **part > 0) {
            let part = i64::from(*part);
            mass += part;
            sums = (
                sums.0 + part * (16 * (at % SIDE) as i64 + 8),
                sums.1 + part * (16 * (at / SIDE) as i64 + 8),
            );
        }
        let middle = ((sums.0 / mass.max(1)) as i32, (sums.1 / mass.max(1)) as i32);
        let mut patch = Self {
            colour,
            pure,
            bounds,
            cover,
            mass,
            middle,
            overlap: [0; SHAPES.len()],
            radius: [0; SHAPES.len()],
        };
        if (4..OTHER).contains(&colour) && patch.width().max(patch.height()) <= WIDEST {
            for shape in 0..SHAPES.len() {
                patch.compare(shape);
            }
        }
        patch
    }

    /// Pixels from left to right.
    pub fn width(&self) -> i32 {
        self.bounds[2] - self.bounds[0] + 1
    }

    /// Pixels from top to bottom.
    pub fn height(&self) -> i32 {
        self.bounds[3] - self.bounds[1] + 1
    }

    /// The middle of the bounds in sixteenths of a pixel.
    pub fn centre(&self) -> (i32, i32) {
        (8 * (self.bounds[0] + self.bounds[2] + 1), 8 * (self.bounds[1] + self.bounds[3] + 1))
    }

    /// Compares the cover with a shape of the same mass and middle.
    fn compare(&mut self, shape: usize) {
        let Form { area, middle } = FORMS[shape];
        // The area of a form of radius 1,000 is `area`, in square units; a pixel has 256 sixteenths squared.
        let radius = root(self.mass * 256 / 255 * 1_000_000 / area.max(1)) as i32;
        let at = (self.middle.0 - middle.0 * radius / 1000, self.middle.1 - middle.1 * radius / 1000);
        let [left, top, right, bottom] = self.bounds;
        let (mut common, mut whole) = (0i64, 0i64);
        let columns = (left - 3).max(0)..(right + 4).min(SIDE as i32);
        // Four places of each pixel from left to right, and as many from top to bottom.
        let mut counts = [0; 4 * SIDE];
        let counts = &mut counts[..4 * columns.len()];
        for y in (top - 3).max(0)..(bottom + 4).min(SIDE as i32) {
            counts.fill(0);
            for row in 0..4 {
                let from = (16 * columns.start + 2 - at.0, 16 * y + 4 * row + 2 - at.1);
                covered(shape as u8, from, radius, counts);
            }
            for (x, points) in columns.clone().zip(counts.chunks_exact(4)) {
                let form = i64::from(points.iter().sum::<i32>()) * 255 / 16;
                let found = i64::from(self.cover[y as usize * SIDE + x as usize]);
                common += form.min(found);
                whole += form.max(found);
            }
        }
        self.overlap[shape] = (1000 * common / whole.max(1)) as u32;
        self.radius[shape] = radius;
    }

    /// The shape with the largest overlap.
    pub fn shape(&self) -> usize {
        let most = self.overlap.iter().max().copied().unwrap_or(0);
        self.overlap.iter().position(|overlap| *overlap == most).unwrap_or(0)
    }

    /// Whether this can be a letter on this ground: dark or light, and high enough.
    pub fn is_ink(&self, ground: u8) -> bool {
        let ink = if is_light(ground) { 0 } else { 2 };
        // Thin strokes are mixed with the ground.
        let mixed = if ground == 3 { self.colour == 3 } else { self.colour == 1 };
        (self.colour == ink || mixed)
            && self.height() >= LETTER_HEIGHT
            && self.height() <= 26
            && self.width() <= 24
    }

    /// The likeliest letter, and how much of it is right in thousandths.
    pub fn letter(&self) -> (u8, u32) {
        let dots = self.dots();
        let likeness = |letter: usize| -> u32 {
            let wrong: i64 = GLYPHS[letter].iter().zip(&dots).map(|(one, other)| (one - other).abs()).sum();
            (1000 - 1000 * wrong / (255 * 35)).max(0) as u32
        };
        let all = (0..LETTERS.len()).map(|letter| (likeness(letter), std::cmp::Reverse(letter)));
        all.max().map_or((0, 0), |(likeness, letter)| (letter.0 as u8, likeness))
    }

    /// The mean cover of five by seven fields of the bounds.
    fn dots(&self) -> [i64; 35] {
        // Fields are looked up at four by four points each.
        let [left, top, ..] = self.bounds;
        std::array::from_fn(|field| {
            let (column, row) = ((field % 5) as i32, (field / 5) as i32);
            let point = |point: i32| {
                let x = left + (4 * column + point % 4) * self.width() / 20;
                let y = top + (4 * row + point / 4) * self.height() / 28;
                i64::from(self.cover[y as usize * SIDE + x as usize])
            };
            (0..16).map(point).sum::<i64>() / 16
        })
    }
}

/// Area and middle of a shape of radius 1,000.
struct Form {
    area: i64,
    middle: (i32, i32),
}

static FORMS: LazyLock<[Form; SHAPES.len()]> = LazyLock::new(|| {
    std::array::from_fn(|shape| {
        const STEP: i32 = 10;
        let (mut count, mut sum) = (0i64, (0i64, 0i64));
        for y in (-1000..1000).step_by(STEP as usize).map(|y| y + STEP / 2) {
            for x in (-1000..1000).step_by(STEP as usize).map(|x| x + STEP / 2) {
                if covers(shape as u8, x, y, 1000) {
                    count += 1;
                    sum = (sum.0 + i64::from(x), sum.1 + i64::from(y));
                }
            }
        }
        let middle = ((sum.0 / count.max(1)) as i32, (sum.1 / count.max(1)) as i32);
        Form { area: count * i64::from(STEP * STEP), middle }
    })
});

/// Letters as five by seven fields, full ones 255.
static GLYPHS: LazyLock<[[i64; 35]; LETTERS.len()]> = LazyLock::new(|| {
    std::array::from_fn(|letter| {
        std::array::from_fn(|field| {
            let (column, row) = (field as i32 % 5, field as i32 / 5);
            255 * i64::from(inked(letter as u8, 32 * column + 16 - 80, 32 * row + 16 - 112))
        })
    })
});

/// The largest whole number whose square is at most `value`.
fn root(value: i64) -> i64 {
    let (mut low, mut high) = (0i64, 1 << 20);
    while low + 1 < high {
        let middle = (low + high) / 2;
        if middle * middle <= value {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Patches that can be things, the largest first: all that are not letters.
pub fn things(view: &View) -> Vec<&Patch> {
    let mut things: Vec<&Patch> =
        view.patches.iter().filter(|patch| (4..OTHER).contains(&patch.colour)).collect();
    things.truncate(3 * MOST_THINGS);
    things
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;
    use crate::scene::{Wanted, GROUND_PAINT, INK, PAINT};

    #[test]
    fn paints_have_the_colours_of_their_names_whatever_the_shade() {
        for (number, paint) in GROUND_PAINT.iter().chain(&PAINT).enumerate() {
            for shade in 0..27 {
                let channel = |at: u32| i32::from(paint[at as usize]) + 9 * (shade / 3i32.pow(at) % 3 - 1);
                let pixel = [0, 1, 2].map(|at| channel(at).clamp(0, 255) as u8);
                assert_eq!(colour_of(pixel), number as u8, "{pixel:?}");
            }
        }
        assert_eq!((colour_of(INK[0]), colour_of(INK[1])), (2, 0));
    }

    #[test]
    fn the_renderer_s_scenes_are_seen_as_they_are() {
        let (mut things_right, mut letters_right, mut all) = (0, 0, (0, 0));
        for number in 0..150 {
            let seed = Seed([6; 32]).derive(b"test", number);
            let laid = Wanted::draw(&seed).plan(&seed);
            let side = [64, 96, 128, 200][number as usize % 4];
            let view = View::of(&laid.draw(&seed, side).expect("drawn"));
            assert!(view.ground == laid.ground && view.even >= 950, "{} {}", view.ground, view.even);
            for thing in &laid.things {
                let near = things(&view).into_iter().filter(|patch| {
                    let (x, y) = patch.centre();
                    (x - 16 * thing.at.0).abs().max((y - 16 * thing.at.1).abs()) <= 40
                        && patch.colour == 4 + thing.colour
                });
                let right = near.filter(|patch| {
                    let overlap = patch.overlap[usize::from(thing.shape)];
                    patch.shape() == usize::from(thing.shape) && overlap >= 850
                });
                all.0 += 1;
                things_right += usize::from(right.count() == 1);
            }
            let mut ink: Vec<&Patch> =
                view.patches.iter().filter(|patch| patch.is_ink(view.ground)).collect();
            ink.sort_by_key(|patch| patch.bounds[0]);
            let read: Vec<u8> = ink.iter().map(|patch| patch.letter().0).collect();
            let said: Vec<u8> = laid.letters.iter().map(|(letter, _)| *letter).collect();
            all.1 += 1;
            letters_right += usize::from(read == said);
        }
        println!("{things_right} things and {letters_right} texts of {all:?}");
        assert!(things_right * 100 >= all.0 * 99, "{things_right} of {} things", all.0);
        assert!(letters_right * 100 >= all.1 * 97, "{letters_right} of {} texts", all.1);
    }

    #[test]
    fn any_picture_is_measured_in_bounded_time() {
        let mut random = myelin_lm::kernel::Random::new(1);
        let noise = (0..3 * 1024 * 1024).map(|_| random.next_u64() as u8).collect();
        let checks = (0..3 * 64 * 64).map(|at| if (at / 3 + at / 192) % 2 == 0 { 0 } else { 255 }).collect();
        for (side, samples) in [(1024, noise), (64, checks)] {
            let picture = Picture::new(side, side, 3, samples).expect("it fits");
            let began = std::time::Instant::now();
            let view = View::of(&picture);
            assert!(view.patches.len() <= MOST_PATCHES);
            assert!(began.elapsed().as_millis() < 2000, "{:?}", began.elapsed());
        }
    }
}
