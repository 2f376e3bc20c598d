//! Plain filters in whole numbers: the floor below which a restoration earns nothing, and the baselines.
//!
//! All take and return pictures in colour.

use myelin_vision::picture::{Picture, PictureError};

use super::damage::{bell_blur, halved, Damaged, Kind};

mod holes;
mod means;
#[cfg(test)]
mod reference;

pub use holes::{copied, diffused};
pub use means::{bilateral, noise_level, non_local_means};

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
