//! Means of pixels that look alike: the bilateral filter and non-local means, a row of pixels at a time.
//!
//! A validator runs them for each judged answer, so they are written for wide registers. They have planes instead of
//! pixels, no division by a number that stays the same, no branch in a loop over a row. [`super::reference`] has the
//! same filters pixel by pixel, and tests compare the two.

use myelin_vision::picture::{Picture, PictureError};

use super::{colour, halved_by};

/// Search and patch of non-local means: offsets up to 5, patches of 5 by 5.
pub(super) const SEARCH: usize = 5;
pub(super) const PATCH: usize = 2;
const TAPS: usize = 2 * PATCH + 1;
/// Pixels by which [`bilateral`] looks to each side.
const NEAR: usize = 3;
/// Sixteenths from which on a weight is nothing: `65536 · 2^(−17)` is below one.
const NOTHING: u32 = 272;

/// Weights by sixteenths, at most [`NOTHING`]. The length lets the compiler see that no place is outside.
fn weights() -> [u32; 512] {
    std::array::from_fn(|sixteenths| halved_by(sixteenths as u32))
}

/// Divides by one number again and again, without dividing.
#[derive(Clone, Copy)]
struct Divisor {
    by: u32,
    inverse: u32,
}

impl Divisor {
    fn of(by: u32) -> Self {
        Self { by: by.max(1), inverse: u32::MAX / by.max(1) }
    }

    /// The quotient of a number below 2^31, rounded down.
    #[inline(always)]
    fn quotient(self, number: u32) -> u32 {
        // The inverse is rounded down, by less than 1 + 1/by. So the estimate is right or one too small.
        let estimate = ((u64::from(number) * u64::from(self.inverse)) >> 32) as u32;
        let rest = number.wrapping_sub(estimate.wrapping_mul(self.by));
        estimate.wrapping_add(u32::from(rest >= self.by))
    }
}

/// The planes of a picture, with so many pixels of its edges continued on each side.
struct Planes {
    row: usize,
    border: usize,
    samples: [Vec<u8>; 3],
}

impl Planes {
    fn of(picture: &Picture, border: usize) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let row = width + 2 * border;
        let plane = |channel: usize| {
            let mut plane = Vec::with_capacity(row * (height + 2 * border));
            for y in 0..height + 2 * border {
                let y = y.saturating_sub(border).min(height - 1);
                let line = picture.samples()[3 * y * width..3 * (y + 1) * width].iter().skip(channel);
                let line = line.step_by(3).copied();
                let (first, last) = (
                    picture.samples()[3 * y * width + channel],
                    picture.samples()[3 * (y + 1) * width - 3 + channel],
                );
                plane.extend(std::iter::repeat_n(first, border));
                plane.extend(line);
                plane.extend(std::iter::repeat_n(last, border));
            }
            plane
        };
        Self { row, border, samples: [plane(0), plane(1), plane(2)] }
    }

    /// Place of a pixel of the picture; the border lies before it.
    fn at(&self, x: usize, y: usize) -> usize {
        (y + self.border) * self.row + x + self.border
    }

    /// So many samples of each plane from a place on.
    fn line(&self, from: usize, length: usize) -> [&[u8]; 3] {
        [0, 1, 2].map(|channel| &self.samples[channel][from..from + length])
    }
}

/// Deviation of the noise in sixteenths of a level, from the median of a second difference in both directions.
pub fn noise_level(picture: &Picture) -> i32 {
    let row = 3 * picture.width();
    let lines: Vec<&[u8]> = picture.samples().chunks_exact(row).collect();
    // A difference is at most 16 · 255.
    let mut counts = vec![0usize; 16 * 255 + 1];
    let mut all = 0;
    for three in lines.windows(3) {
        for x in 3..row.saturating_sub(3) {
            let line = |line: &[u8]| i32::from(line[x - 3]) - 2 * i32::from(line[x]) + i32::from(line[x + 3]);
            let found = line(three[0]) - 2 * line(three[1]) + line(three[2]);
            counts[found.unsigned_abs() as usize] += 1;
            all += 1;
        }
    }
    let mut before = 0;
    let median = counts.iter().position(|count| {
        before += count;
        before > all / 2
    });
    // The filter's deviation is six times that of the noise, and the median of its size 0.6745 of that.
    median.unwrap_or(0) as i32 * 16 * 1000 / 4047
}

/// Bilateral filter: weights halve with `space` sixteenths for each squared pixel of distance, and whenever the squared
/// difference of colours reaches `range` levels squared.
pub fn bilateral(picture: &Picture, space: u32, range: u32) -> Result<Picture, PictureError> {
    let (width, height) = (picture.width(), picture.height());
    let range = Divisor::of(range.saturating_mul(range).max(1).saturating_mul(3));
    let planes = Planes::of(picture, NEAR);
    let mut samples = Vec::with_capacity(3 * width * height);
    bilateral_rows(&planes, (width, height), space, range, &mut samples);
    Picture::new(width, height, 3, samples)
}

wide!(fn bilateral_rows(
    planes: &Planes,
    sides: (usize, usize),
    space: u32,
    range: Divisor,
    samples: &mut Vec<u8>,
) = bilateral_anywhere);

#[inline(always)]
fn bilateral_anywhere(
    planes: &Planes,
    (width, height): (usize, usize),
    space: u32,
    range: Divisor,
    samples: &mut Vec<u8>,
) {
    let weights = weights();
    let (mut weight, mut sums) = (vec![0u32; width], [(); 4].map(|()| vec![0u32; width]));
    for y in 0..height {
        sums.iter_mut().for_each(|sums| sums.fill(0));
        let start = planes.at(0, y);
        let own = planes.line(start, width);
        for tap in 0..(2 * NEAR + 1).pow(2) {
            let (right, down) = (tap % (2 * NEAR + 1), tap / (2 * NEAR + 1));
            let other = planes.line(start + down * planes.row + right - NEAR * planes.row - NEAR, width);
            let distance = (right.abs_diff(NEAR).pow(2) + down.abs_diff(NEAR).pow(2)) as u32;
            let further = space.saturating_mul(distance).min(NOTHING);
            for (weight, apart) in weight.iter_mut().zip(squares(own, other)) {
                let sixteenths = range.quotient(apart.wrapping_mul(16)).min(NOTHING);
                *weight = sixteenths.wrapping_add(further).min(NOTHING);
            }
            weight.iter_mut().for_each(|weight| *weight = weights[(*weight % 512) as usize]);
            // 49 weights of at most 2^16 and samples below 2^8 stay below 2^32.
            for (sums, other) in sums.iter_mut().zip(other) {
                add_products(sums, &weight, other);
            }
            sums[3].iter_mut().zip(&weight).for_each(|(sum, weight)| *sum = sum.wrapping_add(*weight));
        }
        let [red, green, blue, total] = &sums;
        for (((red, green), blue), total) in red.iter().zip(green).zip(blue).zip(total) {
            samples.extend([red, green, blue].map(|sum| ((sum + total / 2) / (*total).max(1)) as u8));
        }
    }
}

/// Squared differences of two lines of pixels, each at most 3 · 255².
#[inline(always)]
fn squares<'a>(own: [&'a [u8]; 3], other: [&'a [u8]; 3]) -> impl Iterator<Item = u32> + 'a {
    // 255² fits 16 bits.
    let square = |(one, other): (&u8, &u8)| {
        let apart = u16::from(one.abs_diff(*other));
        u32::from(apart.wrapping_mul(apart))
    };
    let red = own[0].iter().zip(other[0]).map(square);
    let green = own[1].iter().zip(other[1]).map(square);
    let blue = own[2].iter().zip(other[2]).map(square);
    red.zip(green).zip(blue).map(|((red, green), blue)| red.wrapping_add(green).wrapping_add(blue))
}

/// Adds the product of weight and sample to each sum.
#[inline(always)]
fn add_products(sums: &mut [u32], weights: &[u32], samples: &[u8]) {
    for ((sum, weight), sample) in sums.iter_mut().zip(weights).zip(samples) {
        *sum = sum.wrapping_add(weight.wrapping_mul(u32::from(*sample)));
    }
}

/// Non-local means: each pixel the mean of those whose neighbourhoods look alike.
///
/// The strength follows the noise that is found in the picture, times `strength` sixteenths.
pub fn non_local_means(picture: &Picture, strength: i32) -> Result<Picture, PictureError> {
    let level = i64::from(noise_level(picture) * strength / 16);
    // Squares of differences of a patch: three channels, 25 pixels. Twice the noise's variance is no difference.
    let patch = 3 * (TAPS as i64).pow(2);
    let free = (2 * patch * level * level / 256).min(i64::from(MOST_APART)) as u32;
    let half = (patch * level * level / 256 / 4).clamp(patch, 16 * i64::from(MOST_APART) + 1) as u32;
    let mut means = Means::of(picture);
    compare(&mut means, free, Divisor::of(half));
    // A pixel counts for itself as much as its best likeness.
    let Means { width, height, sums: [red, green, blue], total, most, .. } = &means;
    let pixels = picture.samples().chunks_exact(3).enumerate().flat_map(|(at, own)| {
        let weight = most[at].max(1);
        let total = total[at] + weight;
        let mean = |sum: u32, own: u8| ((sum + weight * u32::from(own) + total / 2) / total) as i32;
        [mean(red[at], own[0]), mean(green[at], own[1]), mean(blue[at], own[2])]
    });
    colour(*width, *height, pixels)
}

/// Largest squared difference of two patches.
const MOST_APART: u32 = (3 * TAPS * TAPS) as u32 * 255 * 255;

/// Sums over the pixels that are compared with each pixel: 120 weights of at most 2^16 and samples below 2^8, so all
/// stay below 2^31.
struct Means {
    width: usize,
    height: usize,
    planes: Planes,
    sums: [Vec<u32>; 3],
    total: Vec<u32>,
    most: Vec<u32>,
}

impl Means {
    fn of(picture: &Picture) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let none = || vec![0u32; width * height];
        let planes = Planes::of(picture, SEARCH + PATCH);
        Self { width, height, planes, sums: [none(), none(), none()], total: none(), most: none() }
    }

    /// Adds a row of pairs: the pixels from `at` on and those from `other` on, which weigh the same for each other.
    #[inline(always)]
    fn add(&mut self, at: (usize, usize), other: (usize, usize), weights: &[u32]) {
        let count = weights.len();
        for (to, from) in [(at, other), (other, at)] {
            let line = self.planes.line(self.planes.at(from.0, from.1), count);
            let start = to.1 * self.width + to.0;
            for (sums, line) in self.sums.iter_mut().zip(line) {
                add_products(&mut sums[start..start + count], weights, line);
            }
            let (total, most) = (&mut self.total[start..start + count], &mut self.most[start..start + count]);
            total.iter_mut().zip(weights).for_each(|(sum, weight)| *sum = sum.wrapping_add(*weight));
            most.iter_mut().zip(weights).for_each(|(most, weight)| *most = (*most).max(*weight));
        }
    }
}

wide!(fn compare(means: &mut Means, free: u32, half: Divisor) = compare_anywhere);

/// Compares each pixel with all around it. An offset and its opposite compare the same pairs.
#[inline(always)]
fn compare_anywhere(means: &mut Means, free: u32, half: Divisor) {
    let reach = SEARCH as isize;
    let offsets = (0..=reach).flat_map(|down| (-reach..=reach).map(move |right| (right, down as usize)));
    let weights = weights();
    let wide = means.width + 2 * PATCH;
    // The squares of the last lines, their sums down the columns, and the weights of a row.
    let (mut lines, mut columns) = ([(); TAPS].map(|()| vec![0u32; wide]), vec![0u32; wide]);
    let mut row = vec![0u32; means.width];
    for (right, down) in offsets.filter(|(right, down)| *down > 0 || *right > 0) {
        let first = (-right).max(0) as usize;
        let count = means.width.saturating_sub(right.unsigned_abs());
        if count == 0 || down >= means.height {
            continue;
        }
        let row = &mut row[..count];
        lines.iter_mut().for_each(|line| line.fill(0));
        columns.fill(0);
        for line in 0..means.height - down + 2 * PATCH {
            let start = (line + SEARCH) * means.planes.row + SEARCH;
            let other = (start + down * means.planes.row).wrapping_add_signed(right);
            let (own, other) = (means.planes.line(start, wide), means.planes.line(other, wide));
            replaced(&mut lines[line % TAPS], &mut columns, own, other);
            let Some(y) = line.checked_sub(2 * PATCH) else { continue };
            let columns: [&[u32]; TAPS] = std::array::from_fn(|step| &columns[first + step..][..count]);
            for x in 0..count {
                let apart = columns.iter().fold(0u32, |sum, column| sum.wrapping_add(column[x]));
                row[x] = half.quotient(apart.saturating_sub(free).wrapping_mul(16)).min(NOTHING);
            }
            row.iter_mut().for_each(|weight| *weight = weights[(*weight % 512) as usize]);
            means.add((first, y), (first.wrapping_add_signed(right), y + down), row);
        }
    }
}

/// Puts the squared differences of a line in the place of an older one, and keeps the sums of the columns.
#[inline(always)]
fn replaced(line: &mut [u32], columns: &mut [u32], own: [&[u8]; 3], other: [&[u8]; 3]) {
    for ((square, column), new) in line.iter_mut().zip(columns).zip(squares(own, other)) {
        *column = column.wrapping_add(new).wrapping_sub(*square);
        *square = new;
    }
}
