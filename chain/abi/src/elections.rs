//! The clock of elections, as the pallet of elections stores it (`Elections.EraClock`).

use codec::{Decode, Encode};
use myelin_units::Block;
use scale_info::TypeInfo;

/// The switch, and the state of the era.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ElectionClock {
    /// Whether elections are on.
    pub on: bool,
    /// Number of the era, by the passes that began.
    pub era: u32,
    /// First block in which the next pass may begin.
    pub next_pass: Block,
    /// Work that the next block goes on with.
    pub step: ElectionStep,
}

/// Work on an election.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum ElectionStep {
    /// No pass is under way.
    #[default]
    Waiting,
    /// A pass reads candidates.
    Reading,
    /// The new set is known, and its seats are drawn in the next block.
    Drawing,
}
