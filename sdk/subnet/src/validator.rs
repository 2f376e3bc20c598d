//! The validator: draws tasks, asks, judges, and puts its judgement on the chain in time.
//!
//! | part | what it does |
//! |---|---|
//! | [`schedule`] | decides, from the chain's clock and its own progress, what is next |
//! | [`draw`] | draws the seeds and tasks of a round |
//! | [`ahead`] | draws them before the round starts |
//! | [`ask`] | asks the miners, commitments first |
//! | [`load`] | draws more tasks for miners that have done theirs |
//! | [`deferred`] | keeps deferred tasks, and judges them when their outcome is known |
//! | [`submissions`] | decides which artefacts are fetched from which miner, and fetches them |
//! | [`arena`] | runs them, each for a fair part of the time |
//! | [`witness`] | notices two signed answers to one challenge |
//! | [`commitment`] | salted commitments to weights |
//! | [`submit`] | commits, reveals or sets weights, each in its epoch |
//! | `holding` | holds the evidence of other validators, and attests that it does |
//! | `retention` | decides which epochs of evidence must stay |
//! | `desk` | reports the evidence to those who ask |
//! | [`store`] | remembers all of this on disk |

pub mod ahead;
pub mod arena;
pub mod ask;
pub mod commitment;
pub mod deferred;
pub mod deletion;
pub mod draw;
pub mod load;
pub mod organic;
pub mod schedule;
pub mod store;
pub mod submissions;
pub mod submit;
pub mod witness;

mod desk;
mod held;
mod holding;
mod options;
mod permit;
mod prove;
mod report;
mod retention;
mod rival;
mod round;
mod runner;

pub use desk::EvidenceAxon;
pub use options::{ValidatorOptions, KEEP_CUSTOMER_TEXTS};
pub use report::{HeldEvidence, MinerDecline, RoundReport, ValidatorReport, ValidatorStanding};
pub use runner::{Validator, ValidatorError, GRACE_EPOCHS};
