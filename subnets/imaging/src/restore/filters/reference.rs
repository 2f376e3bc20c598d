//! The filters that a validator runs for each judged answer, pixel by pixel: easy to read, and slow.
//!
//! Scores depend on every bit of the fast ones. The tests below compare them.

use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::seed::Seed;
use proptest::prelude::*;

use super::{
    super::{
        damage::{self, of_side, Damaged, Kind},
        originals::Style,
    },
    colour, fine, halved_by,
    holes::{self, SWEEPS, UNKNOWN},
    means::{PATCH, SEARCH},
};

/// Bilateral filter: weights halve with `space` sixteenths for each squared pixel of distance, and whenever the squared
/// difference of colours reaches `range` levels squared.
pub(super) fn bilateral(picture: &Picture, space: u32, range: u32) -> Result<Picture, PictureError> {
    let (width, height, samples) = (picture.width() as i32, picture.height() as i32, picture.samples());
    let pixel = |x: i32, y: i32| {
        let start = (3 * (y.clamp(0, height - 1) * width + x.clamp(0, width - 1))) as usize;
        [samples[start], samples[start + 1], samples[start + 2]].map(u32::from)
    };
    let range = (range * range).max(1);
    let mut result = Vec::with_capacity(samples.len());
    for at in 0..width * height {
        let (x, y) = (at % width, at / width);
        let middle = pixel(x, y);
        let (mut sums, mut total) = ([0u64; 3], 0u64);
        for tap in 0..49 {
            let (right, down) = (tap % 7 - 3, tap / 7 - 3);
            let other = pixel(x + right, y + down);
            let apart: u32 = middle.iter().zip(other).map(|(a, b)| a.abs_diff(b).pow(2)).sum();
            let weight = halved_by(space * (right * right + down * down) as u32 + apart * 16 / (3 * range));
            sums.iter_mut().zip(other).for_each(|(sum, value)| *sum += u64::from(weight * value));
            total += u64::from(weight);
        }
        result.extend(sums.map(|sum| ((sum + total / 2) / total.max(1)) as i32));
    }
    colour(picture.width(), picture.height(), result)
}

/// Deviation of the noise in sixteenths of a level, from the median of a second difference in both directions.
pub(super) fn noise_level(picture: &Picture) -> i32 {
    let (width, samples) = (picture.width(), picture.samples());
    let row = 3 * width;
    let mut found: Vec<i32> = Vec::with_capacity(samples.len());
    for y in 1..picture.height().saturating_sub(1) {
        for x in 3..row.saturating_sub(3) {
            let at = |step: usize, place: usize| i32::from(samples[(y + step - 1) * row + place]);
            let line = |step: usize| at(step, x - 3) - 2 * at(step, x) + at(step, x + 3);
            found.push((line(0) - 2 * line(1) + line(2)).abs());
        }
    }
    if found.is_empty() {
        return 0;
    }
    let middle = found.len() / 2;
    // The filter's deviation is six times that of the noise, and the median of its size 0.6745 of that.
    *found.select_nth_unstable(middle).1 * 16 * 1000 / 4047
}

/// Non-local means: each pixel the mean of those whose neighbourhoods look alike.
///
/// The strength follows the noise that is found in the picture, times `strength` sixteenths.
pub(super) fn non_local_means(picture: &Picture, strength: i32) -> Result<Picture, PictureError> {
    let (width, height, samples) = (picture.width(), picture.height(), picture.samples());
    let level = (noise_level(picture) * strength / 16) as u64;
    // Squares of differences of a patch: three channels, 25 pixels. Twice the noise's variance is no difference.
    let patch = 3 * (2 * PATCH as u64 + 1).pow(2);
    let free = 2 * patch * level * level / 256;
    let half = (patch * level * level / 256 / 4).max(patch);
    let surroundings = Surroundings::of(picture);
    let mut apart = vec![0u32; width * height];
    let (mut sums, mut most) = (vec![[0u32; 4]; width * height], vec![0u32; width * height]);
    // An offset and its opposite compare the same pairs.
    let reach = SEARCH as isize;
    let offsets = (0..=reach).flat_map(|down| (-reach..=reach).map(move |right| (right, down)));
    for (right, down) in offsets.filter(|(right, down)| *down > 0 || *right > 0) {
        surroundings.apart(right, down, &mut apart);
        for y in 0..height.saturating_sub(down as usize) {
            for x in (-right).max(0) as usize..(width as isize - right.max(0)).max(0) as usize {
                let at = y * width + x;
                let other = (at as isize + down * width as isize + right) as usize;
                let steps = u64::from(apart[at]).saturating_sub(free) * 16 / half;
                let weight = halved_by(steps.min(511) as u32);
                for (to, from) in [(at, other), (other, at)] {
                    let pixel = &samples[3 * from..3 * from + 3];
                    let [red, green, blue, total] = &mut sums[to];
                    *red += weight * u32::from(pixel[0]);
                    *green += weight * u32::from(pixel[1]);
                    *blue += weight * u32::from(pixel[2]);
                    *total += weight;
                    most[to] = most[to].max(weight);
                }
            }
        }
    }
    // A pixel counts for itself as much as its best likeness.
    let pixels = sums.iter().zip(&most).zip(samples.chunks_exact(3));
    let means = pixels.flat_map(|((sums, most), own)| {
        let weight = (*most).max(1);
        let total = sums[3] + weight;
        (0..3).map(move |c| ((sums[c] + weight * u32::from(own[c]) + total / 2) / total) as i32)
    });
    colour(width, height, means)
}

/// The planes of a picture, its edges continued so that every patch of every offset is inside.
struct Surroundings {
    width: usize,
    height: usize,
    planes: [Vec<i32>; 3],
}

impl Surroundings {
    const BORDER: usize = SEARCH + PATCH;

    fn of(picture: &Picture) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let inside = |at: usize, length: usize| at.saturating_sub(Self::BORDER).min(length - 1);
        let rows = 0..height + 2 * Self::BORDER;
        let places = rows.flat_map(|y| (0..width + 2 * Self::BORDER).map(move |x| (x, y)));
        let places: Vec<usize> =
            places.map(|(x, y)| 3 * (inside(y, height) * width + inside(x, width))).collect();
        let plane = |channel| places.iter().map(|at| i32::from(picture.samples()[at + channel])).collect();
        Self { width, height, planes: [plane(0), plane(1), plane(2)] }
    }

    /// For each pixel, the squared difference of its patch from the one at an offset.
    fn apart(&self, right: isize, down: isize, apart: &mut [u32]) {
        let row = self.width + 2 * Self::BORDER;
        let shift = down * row as isize + right;
        let wide = self.width + 2 * PATCH;
        let mut squares = vec![0u32; wide];
        let mut across = vec![0u32; self.width];
        apart.fill(0);
        for line in 0..self.height + 2 * PATCH {
            let start = (line + SEARCH) * row + SEARCH;
            let other = (start as isize + shift) as usize;
            squares.fill(0);
            for plane in &self.planes {
                let pairs = plane[start..start + wide].iter().zip(&plane[other..other + wide]);
                squares.iter_mut().zip(pairs).for_each(|(sum, (a, b))| *sum += ((a - b) * (a - b)) as u32);
            }
            across.fill(0);
            for step in 0..=2 * PATCH {
                across.iter_mut().zip(&squares[step..]).for_each(|(sum, square)| *sum += square);
            }
            // This line belongs to the patches of the rows around it.
            for y in line.saturating_sub(2 * PATCH)..(line + 1).min(self.height) {
                let sums = &mut apart[y * self.width..(y + 1) * self.width];
                sums.iter_mut().zip(&across).for_each(|(sum, line)| *sum += line);
            }
        }
    }
}

/// Fills holes as heat would: each pixel the mean of its four neighbours.
pub(super) fn diffused(damaged: &Damaged) -> Result<Picture, PictureError> {
    let picture = &damaged.picture;
    let (width, height) = (picture.width(), picture.height());
    let holes: Vec<usize> = (0..width * height).filter(|at| damaged.is_hole(*at)).collect();
    let mut values = fine(picture);
    let known = (width * height).saturating_sub(holes.len()).max(1) as i64;
    for channel in 0..3 {
        let kept = (0..width * height).filter(|at| !damaged.is_hole(*at));
        let mean = (kept.map(|at| i64::from(values[3 * at + channel])).sum::<i64>() / known) as i32;
        holes.iter().for_each(|at| values[3 * at + channel] = mean);
    }
    for sweep in 0..SWEEPS {
        let mut settle = |at: usize| {
            let (x, y) = (at % width, at / width);
            let near = [
                (x > 0).then(|| at - 1),
                (x + 1 < width).then_some(at + 1),
                (y > 0).then(|| at - width),
                (y + 1 < height).then_some(at + width),
            ];
            let count = near.iter().flatten().count() as i32;
            for channel in 0..3 {
                let sum: i32 = near.iter().flatten().map(|at| values[3 * at + channel]).sum();
                values[3 * at + channel] = sum / count.max(1);
            }
        };
        if sweep % 2 == 0 {
            holes.iter().for_each(|at| settle(*at));
        } else {
            holes.iter().rev().for_each(|at| settle(*at));
        }
    }
    colour(width, height, values.into_iter().map(|value| (value + 128) >> 8))
}

/// Fills holes from their edges inwards: each pixel the mean of those whose surroundings look most like its own.
pub(super) fn copied(damaged: &Damaged, diffused: &Picture, mean: usize) -> Result<Picture, PictureError> {
    const HALF: i32 = holes::HALF as i32;
    const AWAY: i32 = holes::FAR as i32;
    let (width, height) = (damaged.picture.width() as i32, damaged.picture.height() as i32);
    // Where nothing near can be copied, the diffusion stays.
    let mut samples: Vec<i32> = diffused.samples().iter().map(|sample| i32::from(*sample)).collect();
    let mut known: Vec<bool> = (0..(width * height) as usize).map(|at| !damaged.is_hole(at)).collect();
    let inside = |x: i32, y: i32| (0..width).contains(&x) && (0..height).contains(&y);
    let patch =
        || (0..(2 * HALF + 1).pow(2)).map(|tap| (tap % (2 * HALF + 1) - HALF, tap / (2 * HALF + 1) - HALF));
    let mut left: Vec<i32> = (0..width * height).filter(|at| damaged.is_hole(*at as usize)).collect();
    while !left.is_empty() {
        let around = |at: &i32| {
            let near = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)];
            let places = near.iter().map(|(right, down)| (at % width + right, at / width + down));
            places.filter(|(x, y)| inside(*x, *y) && known[(y * width + x) as usize]).count()
        };
        // Pixels with enough known neighbours go first, so that few rounds are needed.
        let enough = left.iter().map(around).max().unwrap_or(0).min(3);
        let (now, later): (Vec<i32>, Vec<i32>) = left.iter().partition(|at| around(at) >= enough);
        for at in &now {
            let (x, y) = (at % width, at / width);
            let seen: Vec<(i32, i32, usize)> = patch()
                .filter(|(right, down)| inside(x + right, y + down))
                .map(|(right, down)| (right, down, ((y + down) * width + x + right) as usize))
                .filter(|(_, _, place)| known[*place])
                .collect();
            // The best so far, the best first. A patch is left as soon as it cannot be among them.
            let mut found = vec![(i32::MAX, None); mean.max(1)];
            for other in 0..(2 * AWAY + 1).pow(2) {
                let (ox, oy) = (x + other % (2 * AWAY + 1) - AWAY, y + other / (2 * AWAY + 1) - AWAY);
                let place = oy * width + ox;
                if !inside(ox, oy) || damaged.is_hole(place as usize) {
                    continue;
                }
                let worst = found[found.len() - 1].0;
                let mut apart = 0;
                for (right, down, own) in &seen {
                    let (tx, ty) = (ox + right, oy + down);
                    let there = (ty * width + tx) as usize;
                    apart += if inside(tx, ty) && !damaged.is_hole(there) {
                        (0..3).map(|c| (samples[3 * own + c] - samples[3 * there + c]).pow(2)).sum()
                    } else {
                        UNKNOWN as i32
                    };
                    if apart >= worst {
                        break;
                    }
                }
                if apart < worst {
                    let at = found.partition_point(|(better, _)| *better <= apart);
                    found.insert(at, (apart, Some(place as usize)));
                    found.pop();
                }
            }
            let found: Vec<usize> = found.iter().filter_map(|(_, place)| *place).collect();
            if found.is_empty() {
                continue;
            }
            for channel in 0..3 {
                let sum: i32 = found.iter().map(|place| samples[3 * place + channel]).sum();
                samples[3 * *at as usize + channel] = sum / found.len() as i32;
            }
        }
        now.iter().for_each(|at| known[*at as usize] = true);
        left = later;
    }
    Picture::new(width as usize, height as usize, 3, samples.into_iter().map(|sample| sample as u8).collect())
}

/// Repeated quarters, halves and quarters in both directions.
fn bell_blur(values: &[i32], width: usize, height: usize, passes: i32) -> Vec<i32> {
    let mut values = values.to_vec();
    for _ in 0..passes {
        for (step, length) in [(3, width), (3 * width, height)] {
            let before = values.clone();
            for (at, value) in values.iter_mut().enumerate() {
                let place = at / step % length;
                let less = if place > 0 { before[at - step] } else { before[at] };
                let more = if place + 1 < length { before[at + step] } else { before[at] };
                *value = (less + 2 * before[at] + more + 2) >> 2;
            }
        }
    }
    values
}

fn checked(picture: &Picture, strength: i32, space: u32, range: u32) {
    assert_eq!(super::noise_level(picture), noise_level(picture));
    assert_eq!(super::non_local_means(picture, strength), non_local_means(picture, strength));
    assert_eq!(super::bilateral(picture, space, range), bilateral(picture, space, range));
    let (values, width, height) = (fine(picture), picture.width(), picture.height());
    assert_eq!(damage::bell_blur(&values, width, height, 3), bell_blur(&values, width, height, 3));
}

fn filled(damaged: &Damaged, mean: usize) {
    let first = diffused(damaged).expect("filled");
    assert_eq!(super::diffused(damaged).as_ref(), Ok(&first));
    assert_eq!(super::copied(damaged, &first, mean), copied(damaged, &first, mean));
}

#[test]
fn tasks_are_filtered_as_pixel_by_pixel() {
    for number in 0..6 {
        for kind in Kind::ALL {
            let seed = Seed([4; 32]).derive(b"reference", number);
            let side = [64, 96, 46][number as usize % 3];
            let damaged = of_side(&Style::own(&seed.0), kind, &seed, side).expect("drawn").damaged;
            checked(&damaged.picture, [16, 24, 10][number as usize % 3], 3, 25);
            if kind == Kind::Holes {
                filled(&damaged, 1 + number as usize % 3);
            }
        }
    }
}

#[test]
fn a_picture_of_nothing_but_noise_is_filtered_too() {
    let checks = (0..48 * 48).flat_map(|at| [if (at + at / 48) % 2 == 0 { 0 } else { 255 }; 3]).collect();
    let checks = Picture::new(48, 48, 3, checks).expect("it fits");
    assert!(noise_level(&checks) > 8_000);
    let even = super::non_local_means(&checks, 24).expect("filtered");
    assert!(even.samples().iter().all(|sample| (100..156).contains(sample)), "everything looks alike");
    for strength in [1, 24, 39] {
        checked(&checks, strength, 3, 25);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn any_picture_is_filtered_as_pixel_by_pixel(
        (width, height) in (1usize..40, 1usize..40),
        samples in proptest::collection::vec(any::<u8>(), 3 * 40 * 40),
        holes in proptest::collection::vec(any::<u8>(), 40 * 40),
        (coarse, share, strength, space, range) in (0u32..8, any::<u8>(), 0i32..40, 0u32..40, 0u32..300),
    ) {
        // Coarser samples look alike more often.
        let samples = samples[..3 * width * height].iter().map(|sample| sample >> coarse << coarse).collect();
        let picture = Picture::new(width, height, 3, samples).expect("it fits");
        checked(&picture, strength, space, range);
        let mask = holes[..width * height].iter().map(|hole| if *hole < share { 255 } else { 0 }).collect();
        filled(&Damaged { kind: Kind::Holes, picture, mask }, 1 + strength as usize % 3);
    }
}
