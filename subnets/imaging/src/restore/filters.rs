//! Plain filters in whole numbers: the floor below which a restoration earns nothing, and the baselines.
//!
//! All take and return pictures in colour.

use myelin_vision::picture::{Picture, PictureError};

use super::damage::{bell_blur, halved, Damaged, Kind};

/// Search and patch of non-local means: offsets up to 5, patches of 5 by 5.
const SEARCH: usize = 5;
const PATCH: usize = 2;
/// How far away the pixels may be with which [`copied`] fills holes.
const FAR: i32 = 12;
/// Squared difference that a pixel costs there if it cannot be compared.
const UNKNOWN: i32 = 3_000;
/// Sweeps of the diffusion into holes.
const SWEEPS: usize = 120;

/// `65536 · 2^(−k/16)` for k from 0 to 15.
const HALVING: [u32; 16] = [
    65536, 62757, 60097, 57549, 55109, 52772, 50535, 48393, 46341, 44376, 42495, 40693, 38968, 37316, 35734,
    34219,
];

/// `65536 · 2^(−sixteenths/16)`.
fn halved_by(sixteenths: u32) -> u32 {
    HALVING[(sixteenths % 16) as usize] >> (sixteenths / 16).min(31)
}

/// The picture that a customer gets without any effort: the damaged one itself, enlarged or filled where it must be.
pub fn untouched(damaged: &Damaged) -> Result<Picture, PictureError> {
    match damaged.kind {
        Kind::Noise | Kind::Blur => Ok(damaged.picture.clone()),
        Kind::Small => bicubic(&damaged.picture),
        Kind::Holes => diffused(damaged),
    }
}

/// The plain restorations of a damage, by name. The best of them for a picture is the floor of its score.
pub fn plain(damaged: &Damaged) -> Result<Vec<(&'static str, Picture)>, PictureError> {
    let first = untouched(damaged)?;
    let best = start(damaged, &first)?;
    Ok(match damaged.kind {
        Kind::Noise => {
            let means = non_local_means(&first, 16)?;
            vec![("unchanged", first), ("non-local means", means), ("bilateral and non-local means", best)]
        }
        Kind::Blur => {
            let means = non_local_means(&first, 16)?;
            vec![("unchanged", first), ("non-local means", means), ("unblurred", best)]
        }
        Kind::Small => vec![("bicubic", first), ("bicubic, projected back", best)],
        Kind::Holes => vec![("diffusion", first), ("diffusion and copies", best)],
    })
}

/// The plain restoration that is best on most pictures: a start for something that learns what is left to correct.
///
/// It is made of the [`untouched`] picture.
pub fn start(damaged: &Damaged, untouched: &Picture) -> Result<Picture, PictureError> {
    match damaged.kind {
        Kind::Noise => calmed(untouched),
        Kind::Blur => sharpened(untouched),
        Kind::Small => projected(untouched, &damaged.picture, 2),
        Kind::Holes => blended(&copied(damaged, untouched, 2)?, untouched, 8),
    }
}

fn colour(
    width: usize,
    height: usize,
    samples: impl IntoIterator<Item = i32>,
) -> Result<Picture, PictureError> {
    Picture::new(width, height, 3, samples.into_iter().map(|sample| sample.clamp(0, 255) as u8).collect())
}

/// The samples as 256ths of a level.
fn fine(picture: &Picture) -> Vec<i32> {
    picture.samples().iter().map(|sample| i32::from(*sample) << 8).collect()
}

/// Twice the side by cubic interpolation (Keys, a = -1/2). New pixels lie a quarter of a pixel beside old ones.
pub fn bicubic(picture: &Picture) -> Result<Picture, PictureError> {
    const WEIGHTS: [i32; 4] = [-9, 111, 29, -3];
    let (width, height) = (picture.width(), picture.height());
    // Four taps around new place `to`: towards the nearer old neighbour first.
    let taps = |to: usize, length: usize| -> [usize; 4] {
        let (at, away) = ((to / 2) as i32, if to % 2 == 1 { 1 } else { -1 });
        [-away, 0, away, 2 * away].map(|step| (at + step).clamp(0, length as i32 - 1) as usize)
    };
    let samples: Vec<i32> = picture.samples().iter().map(|sample| i32::from(*sample)).collect();
    let mut across = Vec::with_capacity(2 * samples.len());
    for y in 0..height {
        for x in 0..2 * width {
            let taps = taps(x, width);
            for channel in 0..3 {
                let sum: i32 =
                    taps.iter().zip(WEIGHTS).map(|(x, w)| w * samples[3 * (y * width + x) + channel]).sum();
                across.push(sum);
            }
        }
    }
    let row = 6 * width;
    let both = (0..2 * height).flat_map(|y| {
        let (taps, across) = (taps(y, height), &across);
        (0..row).map(move |x| {
            let sum: i32 = taps.iter().zip(WEIGHTS).map(|(y, w)| w * across[y * row + x]).sum();
            (sum + (1 << 13)) >> 14
        })
    });
    colour(2 * width, 2 * height, both)
}

/// Corrects an enlarged picture until it gives the small one again when it is halved.
pub fn projected(large: &Picture, small: &Picture, rounds: usize) -> Result<Picture, PictureError> {
    let mut large = large.clone();
    for _ in 0..rounds {
        let now = halved(&large)?;
        // The error as a picture around grey, at half strength so that it fits into a sample.
        let error = now
            .samples()
            .iter()
            .zip(small.samples())
            .map(|(now, wanted)| 128 + (i32::from(*wanted) - i32::from(*now)) / 2);
        let error = bicubic(&colour(small.width(), small.height(), error)?)?;
        let pairs = large.samples().iter().zip(error.samples());
        let corrected = pairs.map(|(sample, error)| i32::from(*sample) + 2 * (i32::from(*error) - 128));
        large = colour(large.width(), large.height(), corrected.collect::<Vec<_>>())?;
    }
    Ok(large)
}

/// A bell filter of some passes.
pub fn bell(picture: &Picture, passes: i32) -> Result<Picture, PictureError> {
    let (width, height) = (picture.width(), picture.height());
    colour(
        width,
        height,
        bell_blur(&fine(picture), width, height, passes).into_iter().map(|v| (v + 128) >> 8),
    )
}

/// Adds `amount` sixteenths of the difference from the blurred picture.
pub fn unsharp(picture: &Picture, passes: i32, amount: i32) -> Result<Picture, PictureError> {
    let (width, height) = (picture.width(), picture.height());
    let values = fine(picture);
    let soft = bell_blur(&values, width, height, passes);
    let sharp =
        values.iter().zip(&soft).map(|(value, soft)| (value + (value - soft) * amount / 16 + 128) >> 8);
    colour(width, height, sharp)
}

/// Undoes a bell blur of some passes by repeated correction (van Cittert), each at `strength` sixteenths.
pub fn unblurred(
    picture: &Picture,
    passes: i32,
    rounds: usize,
    strength: i32,
) -> Result<Picture, PictureError> {
    let (width, height) = (picture.width(), picture.height());
    let wanted = fine(picture);
    let mut values = wanted.clone();
    for _ in 0..rounds {
        let soft = bell_blur(&values, width, height, passes);
        for ((value, wanted), soft) in values.iter_mut().zip(&wanted).zip(&soft) {
            *value = (*value + (wanted - soft) * strength / 16).clamp(0, 255 << 8);
        }
    }
    colour(width, height, values.into_iter().map(|value| (value + 128) >> 8))
}

/// `other` in `share` sixteenths, the rest `one`.
pub fn blended(one: &Picture, other: &Picture, share: i32) -> Result<Picture, PictureError> {
    let pairs = one.samples().iter().zip(other.samples());
    let blended =
        pairs.map(|(one, other)| (i32::from(*one) * (16 - share) + i32::from(*other) * share + 8) / 16);
    colour(one.width(), one.height(), blended)
}

/// A bilateral filter that fits the noise, then non-local means, which find more likenesses in what it leaves.
fn calmed(picture: &Picture) -> Result<Picture, PictureError> {
    let range = noise_level(picture) as u32 * 24 / 256;
    non_local_means(&bilateral(picture, 3, range)?, 24)
}

/// Undoes a middling blur, and the noise that this strengthens.
fn sharpened(picture: &Picture) -> Result<Picture, PictureError> {
    bilateral(&unblurred(picture, 4, 2, 12)?, 3, 25)
}

/// The median of each sample's square neighbourhood.
pub fn median(picture: &Picture, half: i32) -> Result<Picture, PictureError> {
    let (width, height, samples) = (picture.width() as i32, picture.height() as i32, picture.samples());
    let mut near = Vec::new();
    let mut result = Vec::with_capacity(samples.len());
    for at in 0..samples.len() as i32 {
        let (x, y, channel) = (at / 3 % width, at / 3 / width, at % 3);
        near.clear();
        for down in -half..=half {
            for right in -half..=half {
                let (x, y) = ((x + right).clamp(0, width - 1), (y + down).clamp(0, height - 1));
                near.push(samples[(3 * (y * width + x) + channel) as usize]);
            }
        }
        let middle = near.len() / 2;
        result.push(i32::from(*near.select_nth_unstable(middle).1));
    }
    colour(picture.width(), picture.height(), result)
}

/// Bilateral filter: weights halve with `space` sixteenths for each squared pixel of distance, and whenever the squared
/// difference of colours reaches `range` levels squared.
pub fn bilateral(picture: &Picture, space: u32, range: u32) -> Result<Picture, PictureError> {
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
pub fn noise_level(picture: &Picture) -> i32 {
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
pub fn non_local_means(picture: &Picture, strength: i32) -> Result<Picture, PictureError> {
    let (width, height, samples) = (picture.width(), picture.height(), picture.samples());
    let level = noise_level(picture) * strength / 16;
    // Squares of differences of a patch: three channels, 25 pixels. Twice the noise's variance is no difference.
    let patch = 3 * (2 * PATCH as i32 + 1).pow(2);
    let free = (2 * patch * level * level / 256) as u32;
    let half = ((patch * level * level / 256) as u32 / 4).max(patch as u32);
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
                let weight = halved_by((apart[at].saturating_sub(free) * 16 / half).min(511));
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
pub fn diffused(damaged: &Damaged) -> Result<Picture, PictureError> {
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
pub fn copied(damaged: &Damaged, diffused: &Picture, mean: usize) -> Result<Picture, PictureError> {
    const HALF: i32 = 3;
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
            for other in 0..(2 * FAR + 1).pow(2) {
                let (ox, oy) = (x + other % (2 * FAR + 1) - FAR, y + other / (2 * FAR + 1) - FAR);
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
                        UNKNOWN
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

/// `other` in the holes, the request's pixels elsewhere.
pub fn outside_kept(damaged: &Damaged, other: &Picture) -> Result<Picture, PictureError> {
    let pixels = other.samples().chunks_exact(3).zip(damaged.picture.samples().chunks_exact(3)).enumerate();
    let kept = pixels.flat_map(|(at, (other, own))| if damaged.is_hole(at) { other } else { own });
    Picture::new(other.width(), other.height(), 3, kept.copied().collect())
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::{
        super::{
            damage::{of_side, Task},
            originals::Style,
            score::squares,
        },
        *,
    };

    fn task(kind: Kind, number: u64) -> Task {
        of_side(&Style::own(&[3; 32]), kind, &Seed([8; 32]).derive(b"filter", number), 64).expect("drawn")
    }

    #[test]
    fn even_pictures_stay_even() {
        let even = Picture::new(20, 18, 3, [9, 100, 240].repeat(20 * 18)).expect("it fits");
        let same = [
            bell(&even, 3),
            unsharp(&even, 2, 20),
            median(&even, 1),
            bilateral(&even, 2, 20),
            non_local_means(&even, 16),
            unblurred(&even, 2, 3, 16),
        ];
        same.into_iter().for_each(|found| assert_eq!(found.expect("filtered"), even));
        let large = bicubic(&even).expect("enlarged");
        assert_eq!((large.width(), large.samples()), (40, &[9, 100, 240].repeat(40 * 36)[..]));
        assert_eq!(halved(&large).expect("halved"), even);
    }

    #[test]
    fn plain_filters_help() {
        for kind in [Kind::Noise, Kind::Small] {
            let mut better = 0;
            for number in 0..10 {
                let Task { damaged, original } = task(kind, number);
                let errors: Vec<u64> =
                    plain(&damaged).expect("filtered").iter().map(|(_, p)| squares(p, &original)).collect();
                better += usize::from(errors[1] < errors[0]);
            }
            assert!(better >= 8, "{kind:?}: better in {better} of 10");
        }
    }

    #[test]
    fn a_hole_in_a_slope_is_filled_by_the_slope() {
        let slope: Vec<u8> = (0..32 * 32).flat_map(|at| [(4 * (at % 32)) as u8; 3]).collect();
        let mut damaged = Damaged {
            kind: Kind::Holes,
            picture: Picture::new(32, 32, 3, slope.clone()).expect("it fits"),
            mask: vec![0; 32 * 32],
        };
        (12..17).for_each(|y| damaged.mask[32 * y + 10..32 * y + 16].fill(255));
        let filled = diffused(&damaged).expect("filled");
        assert!(filled.samples().iter().zip(&slope).all(|(one, other)| one.abs_diff(*other) <= 1));
    }

    #[test]
    fn the_noise_is_found() {
        let grey = Picture::new(64, 64, 3, vec![128; 3 * 64 * 64]).expect("it fits");
        for number in 0..8 {
            let damaged = super::super::damage::damage_picture(Kind::Noise, &grey, &Seed([number; 32]))
                .expect("damaged");
            let square: i64 = damaged.picture.samples().iter().map(|s| (i64::from(*s) - 128).pow(2)).sum();
            let (true_level, found) =
                ((square as u64 / 12_288).isqrt() as i32, noise_level(&damaged.picture) / 16);
            assert!((true_level - found).abs() <= 2 + true_level / 8, "{found} instead of {true_level}");
        }
    }
}
