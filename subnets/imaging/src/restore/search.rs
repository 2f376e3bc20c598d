//! A cheat without a model: an automatic search for chains of plain filters that earn most on public tasks.
//!
//! Tests and reports use this module; nothing in the product's own path does.

use myelin_vision::picture::{Picture, PictureError};

use super::{
    damage::{Damaged, Kind, Task},
    filters::{self, outside_kept, untouched},
    score::{floor, measure, Floor},
};

/// Chains that are kept from one length to the next.
const KEPT: usize = 3;

/// One filter with its strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// [`filters::bell`]
    Bell(i32),
    /// [`filters::median`]
    Median(i32),
    /// [`filters::bilateral`]
    Bilateral(u32, u32),
    /// [`filters::bilateral`] whose range is so many sixteenths of the noise found in the picture.
    NoiseBilateral(u32, u32),
    /// [`filters::non_local_means`]
    Means(i32),
    /// [`filters::unsharp`]
    Sharpen(i32, i32),
    /// [`filters::unblurred`]
    Unblur(i32, usize, i32),
    /// [`filters::projected`], for small pictures.
    Project(usize),
    /// So many sixteenths of the untouched picture.
    Blend(i32),
    /// [`filters::copied`], for holes: it forgets the steps before.
    Copy(usize),
}

impl Step {
    /// Steps that make sense for a damage.
    pub fn all(kind: Kind) -> Vec<Step> {
        let mut all: Vec<Step> = [1, 2].map(Step::Median).to_vec();
        all.extend([1, 2, 3].map(Step::Bell));
        for range in [12, 25, 50] {
            all.extend([1, 3].map(|space| Step::Bilateral(space, range)));
        }
        for range in [16, 32, 48] {
            all.extend([1, 3].map(|space| Step::NoiseBilateral(space, range)));
        }
        all.extend([10, 16, 24].map(Step::Means));
        for passes in [1, 2, 4] {
            all.extend([6, 12, 20].map(|amount| Step::Sharpen(passes, amount)));
        }
        all.extend([4, 8].map(Step::Blend));
        match kind {
            Kind::Blur => {
                for passes in [1, 2, 3, 4] {
                    all.extend(
                        [(2, 12), (4, 12), (8, 12)]
                            .map(|(rounds, amount)| Step::Unblur(passes, rounds, amount)),
                    );
                }
            }
            Kind::Small => all.extend([1, 3].map(Step::Project)),
            Kind::Holes => all.extend([1, 4].map(Step::Copy)),
            Kind::Noise => {}
        }
        all
    }

    /// The picture after this step.
    pub fn apply(self, damaged: &Damaged, picture: &Picture) -> Result<Picture, PictureError> {
        let next = match self {
            Step::Bell(passes) => filters::bell(picture, passes),
            Step::Median(half) => filters::median(picture, half),
            Step::Bilateral(space, range) => filters::bilateral(picture, space, range),
            Step::NoiseBilateral(space, sixteenths) => {
                filters::bilateral(picture, space, filters::noise_level(picture) as u32 * sixteenths / 256)
            }
            Step::Means(strength) => filters::non_local_means(picture, strength),
            Step::Sharpen(passes, amount) => filters::unsharp(picture, passes, amount),
            Step::Unblur(passes, rounds, amount) => filters::unblurred(picture, passes, rounds, amount),
            Step::Project(rounds) => filters::projected(picture, &damaged.picture, rounds),
            Step::Copy(mean) => filters::copied(damaged, &untouched(damaged)?, mean),
            Step::Blend(share) => filters::blended(picture, &untouched(damaged)?, share),
        }?;
        if damaged.kind == Kind::Holes {
            outside_kept(damaged, &next)
        } else {
            Ok(next)
        }
    }
}

/// A chain of filters on the untouched picture.
pub fn chain(steps: &[Step], damaged: &Damaged) -> Result<Picture, PictureError> {
    steps.iter().try_fold(untouched(damaged)?, |picture, step| step.apply(damaged, &picture))
}

/// The chain of at most `longest` steps that earns most on these tasks of one kind, with its mean score in millionths.
///
/// Ties of score are broken by the gain in decibels, so that the search has a direction where nothing is earned yet.
pub fn search(tasks: &[Task], longest: usize) -> Result<(Vec<Step>, u64), PictureError> {
    let Some(first) = tasks.first() else { return Ok((Vec::new(), 0)) };
    let floors: Vec<Floor> = tasks.iter().map(floor).collect::<Result<_, _>>()?;
    let start: Vec<Picture> = tasks.iter().map(|task| untouched(&task.damaged)).collect::<Result<_, _>>()?;
    let mut kept = vec![(worth(tasks, &floors, &start), Vec::new(), start)];
    let mut best = (kept[0].0, Vec::new());
    for _ in 0..longest {
        let mut tried = Vec::new();
        for (_, steps, pictures) in &kept {
            for step in Step::all(first.damaged.kind) {
                let pairs = tasks.iter().zip(pictures);
                let next: Vec<Picture> = pairs
                    .map(|(task, picture)| step.apply(&task.damaged, picture))
                    .collect::<Result<_, _>>()?;
                let steps: Vec<Step> = steps.iter().copied().chain([step]).collect();
                tried.push((worth(tasks, &floors, &next), steps, next));
            }
        }
        tried.sort_by_key(|(worth, _, _)| std::cmp::Reverse(*worth));
        tried.truncate(KEPT);
        if tried[0].0 > best.0 {
            best = (tried[0].0, tried[0].1.clone());
        }
        kept = tried;
    }
    Ok((best.1, best.0 .0))
}

/// Mean score in millionths, then the sum of gains.
fn worth(tasks: &[Task], floors: &[Floor], pictures: &[Picture]) -> (u64, i64) {
    let measured =
        tasks.iter().zip(floors).zip(pictures).map(|((task, floor), picture)| measure(task, floor, picture));
    let (scores, gains) = measured.fold((0, 0), |(scores, gains), attempt| {
        (scores + u64::from(attempt.score().get()), gains + attempt.gain)
    });
    (scores / tasks.len().max(1) as u64, gains)
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::{
        super::{damage::of_side, originals::Style},
        *,
    };

    #[test]
    fn a_chain_never_leaves_the_size_or_the_outside_of_holes() {
        for kind in Kind::ALL {
            let task = of_side(&Style::own(&[1; 32]), kind, &Seed([2; 32]), 32).expect("drawn");
            for step in Step::all(kind) {
                let picture = chain(&[step, Step::Blend(4)], &task.damaged).expect("filtered");
                let answer = super::super::protocol::RestoreResponse::of(&picture, None).expect("encoded");
                assert_eq!(answer.unpacked(&task.damaged), Ok(picture), "{step:?}");
            }
        }
    }

    #[test]
    fn the_search_finds_no_less_than_nothing() {
        let tasks: Vec<Task> = (0..2)
            .map(|number| {
                of_side(&Style::own(&[number; 32]), Kind::Small, &Seed([2; 32]), 32).expect("drawn")
            })
            .collect();
        let (steps, score) = search(&tasks, 2).expect("searched");
        assert!(steps.len() <= 2 && score <= 1_000_000);
    }
}
