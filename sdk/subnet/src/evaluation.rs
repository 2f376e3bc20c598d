//! From answers to weights, as pure functions over plain data.
//!
//! Nothing here touches a socket, a clock or a disk, and nothing is a float: a round that is evaluated again from its
//! evidence gives the same records, averages and weights to the last bit.
//!
//! | part | question it answers |
//! |---|---|
//! | [`round`] | what did each answer of a round come to, and which records say so? |
//! | `judging` | the same, the part that takes long, on all cores |
//! | [`deferred`] | when are tasks judged whose outcome is known later? |
//! | [`faults`] | how does a request without an answer count: was the miner away, late or wrong? |
//! | [`agreement`] | which miners repeat each other? |
//! | [`standing`] | how good were a miner's recent answers? |
//! | [`averages`] | which standings follow from those before a round and its scores? |
//! | [`succession`] | what does a swapped hotkey inherit? |
//! | [`weights`] | which weights follow from the standings? |
//! | [`load`] | how much work did a miner do, where it was asked for as much as it can do? |
//! | [`watch`] | have a miner's answers got worse? |
//! | [`ladder`] | which weights follow where miners submit artefacts? |
//! | [`raters`] | how much do votes on the same comparisons tell, where miners rate answers? |
//! | [`comparisons`] | which answers are compared, and which votes were cast? |

pub mod agreement;
pub mod averages;
mod ballot;
pub mod comparisons;
pub mod deferred;
pub mod faults;
mod judging;
pub mod ladder;
pub mod load;
pub mod raters;
pub mod round;
pub mod standing;
pub mod succession;
pub mod watch;
pub mod weights;

pub use agreement::{every_two, find_repeats, Agreement, CommitPlaces, GroupRule, MicroNats, Repeat};
pub use averages::{take_in, Standings, Submitted};
pub use ballot::Ballot;
pub use deferred::{Decision, Maturity};
pub use faults::{Fault, FaultAllowance};
pub use ladder::{weigh_ladder, Climber, LadderRule, Rung};
pub use load::{CountedAnswer, LoadRule, Waves};
pub use raters::{RatingRule, Side};
pub(crate) use round::waiting_records;
pub use round::{
    evaluate_round, evaluate_round_on, Asked, AskedTask, Delivery, DrawnTask, Evaluated, EvaluationError,
    Judged, MinerScore, Outcome, RoundFacts, SeedReference, Taken,
};
pub use standing::Standing;
pub use succession::{follow_swaps, Seat};
pub use watch::{Decline, Watch};
pub use weights::{weigh, weigh_standings, WeightRule, WindowRule};
