//! Scores of restored pictures in whole numbers.
//!
//! An answer is compared with the best plain restoration of the same picture ([`plain`]). Two parts count:
//! * *fidelity*: decibels of the squared error below that of the best plain one; [`FULL`] decibels are all of it;
//! * *structure*: the share that the answer closes of the best plain one's distance from perfect likeness, measured in
//!   blocks of 8 by 8 grey pixels by means, contrasts and correlation (SSIM, Wang et al. 2004).
//!
//! `score = (2 · fidelity + structure) / 3`, and nothing without fidelity: what is no better than a filter that
//! everybody has earns nothing. For holes, only their pixels count.

use myelin_subnet::evaluation::ladder::log2_millionths;
use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::record::{Ppm, Reason};

use super::{
    damage::{Damaged, Kind, Task},
    filters::plain,
    protocol::{RestoreError, RestoreResponse},
};

/// Thousandths of a decibel above the best plain restoration that count in full: noise, blur, small, holes.
pub const FULL: [i64; 4] = [3_000, 4_000, 4_000, 4_000];
/// Side and distance of the blocks whose structure is compared.
const BLOCK: usize = 8;
const STEP: usize = 4;
/// Millionths of likeness that count as perfect: less is not visible.
const ALIKE: i64 = 1_000_000;

/// The best of the plain filters, with which an answer is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    /// Name of the best plain restoration.
    pub name: &'static str,
    /// Sum of its squared errors.
    pub error: u64,
    /// Largest likeness of a plain restoration in millionths.
    pub likeness: i64,
}

/// Measures of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Sum of squared errors of the samples that count.
    pub error: u64,
    /// Likeness to the original in millionths.
    pub likeness: i64,
    /// Thousandths of a decibel above the best plain restoration; negative below it.
    pub gain: i64,
    /// Part of the score.
    pub fidelity: Ppm,
    /// Part of the score.
    pub structure: Ppm,
}

impl Measured {
    /// The score before speed.
    pub fn score(&self) -> Ppm {
        if self.fidelity == Ppm::ZERO {
            return Ppm::ZERO;
        }
        Ppm::new((2 * self.fidelity.get() + self.structure.get()) / 3)
    }
}

/// Worth of an answer before its speed is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// Its measures; all zero if it was refused.
    pub measured: Measured,
    /// Reason for paying it or not.
    pub reason: Reason,
    /// One line for people.
    pub note: String,
}

/// Judges an answer to a task. The floor is that of [`floor`]; several answers to one task share it.
pub fn judge(task: &Task, floor: &Floor, answer: &RestoreResponse) -> Worth {
    let refused = |reason, note| Worth { measured: Measured::default(), reason, note };
    match answer.unpacked(&task.damaged) {
        Ok(picture) => {
            let measured = measure(task, floor, &picture);
            let note = format!(
                "{} mdB above {}, likeness {} of 1000000",
                measured.gain, floor.name, measured.likeness
            );
            Worth { measured, reason: Reason::Scored, note }
        }
        Err(error @ RestoreError::Empty(_)) => refused(Reason::Empty, error.to_string()),
        Err(error @ RestoreError::TooLong { .. }) => refused(Reason::Oversize, error.to_string()),
        Err(error) => refused(Reason::Malformed, error.to_string()),
    }
}

/// The floor of a task.
pub fn floor(task: &Task) -> Result<Floor, PictureError> {
    let Task { damaged, original } = task;
    let mut floor = Floor { name: "nothing", error: u64::MAX, likeness: -1_000_000 };
    for (name, picture) in plain(damaged)? {
        let error = squares(&picture, original);
        if error < floor.error {
            (floor.name, floor.error) = (name, error);
        }
        floor.likeness = floor.likeness.max(likeness(damaged, &picture, original));
    }
    Ok(floor)
}

/// Measures a restored picture of the right size.
pub fn measure(task: &Task, floor: &Floor, picture: &Picture) -> Measured {
    let Task { damaged, original } = task;
    let error = squares(picture, original);
    let likeness = likeness(damaged, picture, original);
    let counted =
        3 * (0..original.width() * original.height()).filter(|at| damaged.is_hole(*at)).count() as u64;
    let gain = decibels(floor.error.saturating_add(counted), error.saturating_add(counted));
    let full = FULL[damaged.kind as usize];
    let fidelity = Ppm::ratio(gain.clamp(0, full) as u64, full as u64);
    let left = (ALIKE - floor.likeness).max(1);
    let structure = Ppm::ratio((likeness - floor.likeness).clamp(0, left) as u64, left as u64);
    Measured { error, likeness, gain, fidelity, structure }
}

/// Sum of squared differences of all samples. Outside of holes there are none.
pub fn squares(one: &Picture, other: &Picture) -> u64 {
    one.samples().iter().zip(other.samples()).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum()
}

/// `10·log10(whole / part)` in thousandths, for numbers above 0: 3,010.3 thousandths for each doubling.
pub fn decibels(whole: u64, part: u64) -> i64 {
    if whole < part {
        return -decibels(part, whole);
    }
    (i128::from(log2_millionths(whole, part.max(1))) * 30_103 / 10_000_000) as i64
}

/// Mean likeness of the blocks that count, in millionths; at most a million.
pub fn likeness(damaged: &Damaged, one: &Picture, other: &Picture) -> i64 {
    let (width, height) = (one.width(), one.height());
    let (left, right) = (one.to_grey(), other.to_grey());
    let (left, right) = (left.samples(), right.samples());
    let holes = damaged.kind == Kind::Holes;
    let (mut sum, mut count) = (0i64, 0i64);
    for top in (0..=height.saturating_sub(BLOCK)).step_by(STEP) {
        for start in (0..=width.saturating_sub(BLOCK)).step_by(STEP) {
            let rows = || (top..top + BLOCK).map(|row| row * width + start..row * width + start + BLOCK);
            if holes && !rows().flatten().any(|at| damaged.is_hole(at)) {
                continue;
            }
            // Sums of 64 products of samples fit 32 bits.
            let mut moments = [0i32; 5];
            for row in rows() {
                for (x, y) in left[row.clone()].iter().zip(&right[row]) {
                    let (x, y) = (i32::from(*x), i32::from(*y));
                    let terms = [x, y, x * x, y * y, x * y];
                    moments.iter_mut().zip(terms).for_each(|(sum, term)| *sum = sum.wrapping_add(term));
                }
            }
            sum += block(moments.map(i64::from));
            count += 1;
        }
    }
    sum / count.max(1)
}

/// Likeness of a block from the sums of x, y, x², y² and xy.
fn block([x, y, xx, yy, xy]: [i64; 5]) -> i64 {
    const PLACES: i64 = (BLOCK * BLOCK) as i64;
    // (0.01 · 255)² and (0.03 · 255)², times the square of the number of places.
    const MEANS: i64 = 26_634;
    const CONTRASTS: i64 = 239_708;
    let (wide, high) = (PLACES * xx - x * x, PLACES * yy - y * y);
    let both = PLACES * xy - x * y;
    let above = i128::from(2 * x * y + MEANS) * i128::from(2 * both + CONTRASTS);
    let below = i128::from(x * x + y * y + MEANS) * i128::from(wide + high + CONTRASTS);
    (above * 1_000_000 / below.max(1)) as i64
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;
    use proptest::prelude::*;

    use super::{
        super::{damage::of_side, filters::bell, originals::Style},
        *,
    };

    fn task(kind: Kind, number: u64) -> Task {
        of_side(&Style::own(&[3; 32]), kind, &Seed([8; 32]).derive(b"score", number), 64).expect("drawn")
    }

    #[test]
    fn the_original_earns_everything_and_plain_pictures_nothing() {
        for kind in Kind::ALL {
            for number in 0..4 {
                let task = task(kind, number);
                let floor = floor(&task).expect("filtered");
                let all = measure(&task, &floor, &task.original);
                assert_eq!((all.structure, all.likeness, all.error), (Ppm::ONE, 1_000_000, 0));
                assert!(all.gain > 3_000, "{kind:?}: {all:?}");
                for (name, picture) in plain(&task.damaged).expect("filtered") {
                    assert_eq!(measure(&task, &floor, &picture).score(), Ppm::ZERO, "{kind:?} {name}");
                }
            }
        }
    }

    #[test]
    fn a_blurred_or_even_picture_earns_nothing() {
        for kind in [Kind::Noise, Kind::Blur, Kind::Small] {
            let task = task(kind, 1);
            let floor = floor(&task).expect("filtered");
            let (width, height) = (task.original.width(), task.original.height());
            let even = Picture::new(width, height, 3, vec![128; 3 * width * height]).expect("it fits");
            let soft = bell(&super::super::filters::untouched(&task.damaged).expect("filtered"), 12)
                .expect("blurred");
            for picture in [even, soft] {
                assert_eq!(measure(&task, &floor, &picture).score(), Ppm::ZERO);
            }
        }
    }

    #[test]
    fn decibels_are_ten_logarithms() {
        assert_eq!([decibels(10, 1), decibels(1, 100), decibels(5, 5)], [10_000 - 1, -20_000 + 1, 0]);
        assert_eq!(decibels(u64::MAX, 1), 192_659);
    }

    /// The original with a share of some noise, in holes only where there are some.
    fn worsened(task: &Task, noise: &[i32], share: i32) -> Picture {
        let worsen = |(at, (sample, noise)): (usize, (&u8, &i32))| {
            let noise = if task.damaged.is_hole(at / 3) { noise * share / 4 } else { 0 };
            (i32::from(*sample) + noise).clamp(0, 255) as u8
        };
        let samples = task.original.samples().iter().zip(noise).enumerate().map(worsen).collect();
        Picture::new(64, 64, 3, samples).expect("it fits")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn less_error_is_no_lower_score_and_all_are_bounded(
            noise in proptest::collection::vec(-60i32..60, 3 * 64 * 64),
            kind in 0usize..4,
        ) {
            let task = task(Kind::ALL[kind], 2);
            let floor = floor(&task).expect("filtered");
            let mut last = Ppm::ONE;
            for share in [1, 2, 4] {
                let measured = measure(&task, &floor, &worsened(&task, &noise, share));
                prop_assert!(measured.likeness.abs() <= 1_000_000 && measured.score() <= last);
                last = measured.score();
            }
        }
    }
}
