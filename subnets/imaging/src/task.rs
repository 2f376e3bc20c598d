//! Draws tasks from a seed.

use myelin_wire::seed::Seed;
use serde::{Deserialize, Serialize};

use crate::{describe::Wordings, protocol::PaintRequest, scene::Wanted};

/// Pictures of a task: two, so that their difference can be judged.
pub const PICTURES: u8 = 2;
/// Sides of the pictures that tasks ask for.
pub(crate) const SIDES: [u32; 3] = [64, 96, 128];
/// One in so many tasks has the declared model run again.
const RERUN: u64 = 16;

/// The side of a task that the validator keeps to itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// The described scene.
    pub wanted: Wanted,
    /// Number of the picture for which a declared model is run again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rerun: Option<u8>,
}

/// A drawn task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The miner's side.
    pub request: PaintRequest,
    /// The validator's side.
    pub hidden: Hidden,
}

/// Draws a task, worded by a validator.
pub fn draw(words: &Wordings, seed: &Seed) -> Task {
    let wanted = Wanted::draw(seed);
    let mut rng = seed.derive(b"imaging request", 0).rng();
    let description = words.describe(&wanted, &mut rng);
    let side = rng.choose(&SIDES).copied().unwrap_or(SIDES[0]);
    // Numbers up to 2^32 survive every JSON reader.
    let request =
        PaintRequest { description, width: side, height: side, seed: rng.below(1 << 32), n: PICTURES };
    let rerun = (rng.below(RERUN) == 0).then(|| rng.below(PICTURES.into()) as u8);
    Task { request, hidden: Hidden { wanted, rerun } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_one_task_and_its_description_tells_the_scene() {
        let words = Wordings::own(&[4; 32]);
        for number in 0..100 {
            let seed = Seed([2; 32]).derive(b"", number);
            let task = draw(&words, &seed);
            assert_eq!(task, draw(&words, &seed));
            assert_eq!(task.request.check(), Ok(()));
            assert_eq!(crate::describe::parse(&task.request.description), task.hidden.wanted);
        }
    }
}
