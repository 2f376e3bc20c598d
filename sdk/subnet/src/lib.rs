//! # Subnet: the part that a third party implements, and everything around it
//!
//! A subnet is one kind of work: a validator makes *challenges*, miners *answer*, the validator *scores*. The inventor
//! of a subnet implements the trait [`Subnet`] in a crate of its own. This crate owns the rest, the same for all
//! subnets: [`Miner`] serves answers, [`Validator`] asks, judges and puts weights on the chain in time.
//!
//! ## Words
//!
//! - **epoch**: the time between two runs of the consensus on a subnet. **round**: a part of an epoch in which a
//!   validator asks once; its tasks come from the hash of a *source block* that a rule fixes.
//! - **task**: one request with its hidden part. **audience**: the miners that get it, all or one.
//! - **part**: one measure of an answer in millionths; the **rubric** turns parts into the **score**.
//! - **record**: the result of judging one answer. **evidence**: records with everything needed to recompute them.
//! - **standing**: a miner's moving average. **weights**: the judgement that a validator sends to the chain.
//! - **maturity**: the time when the outcome of a task is known that is judged in a later round than it was asked in.
//! - **group**: miners that repeat each other; a group is paid once.
//!
//! ## How the parts fit
//!
//! ```text
//! chain ──clock, neurons──▶ validator::schedule ─▶ draw ─▶ ask ─▶ evaluation ─▶ submit ──weights──▶ chain
//!                                                   │        │         │
//!                                              seed proofs  texts   records  ──▶ evidence
//! ```
//!
//! | module | what it holds |
//! |---|---|
//! | [`subnet`] | the trait and its types |
//! | [`rules`] | the rules of judging, as the text whose hash the chain keeps |
//! | [`submission`] | artefacts that miners submit instead of answering |
//! | [`evaluation`] | scores, groups, averages and weights: pure, integers only |
//! | [`exchange`] | the messages around a subnet's own: commit, open, salt |
//! | [`miner`], [`validator`] | the runners |
//! | [`ensemble`] | the middle of several texts |
//! | [`customer`] | asks as validators do, for people and gateways |
//! | [`phrases`] | sentences with slots, from which tasks are worded |
//! | [`past`] | earlier requests of customers, of which checks are made |
//! | [`contest`] | a miner's objection to records that say that it gave no answer |
//! | [`chain`], [`node`] | the interface of the runners to the chain, and its implementation over a node |
//! | [`disclosure`] | the parts of its evidence that a validator shows, to whom, and how they are read |
//! | [`evidence`] | records, seeds, texts and signatures on disk, and their recomputation |
//! | `testkit` | with the feature of that name: tests for every subnet, and a chain in memory |
//!
//! ## What it refuses to know
//!
//! What a task means, how a model computes, coldkeys, and the terminal.

#![warn(missing_docs)]

pub mod chain;
pub mod contest;
pub mod customer;
mod database;
pub mod disclosure;
pub mod ensemble;
pub mod evaluation;
pub mod evidence;
pub mod exchange;
mod memory;
pub mod miner;
pub mod node;
pub mod past;
pub mod phrases;
pub mod private;
pub mod reach;
pub mod rules;
pub mod submission;
pub mod subnet;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod validator;

pub use chain::{Chain, ChainFault, Peer, StakePart, SubnetView, WeightVector};
pub use miner::{Failing, Miner, MinerError, MinerOptions, MinerWork, Strangers};
pub use node::NodeChain;
pub use subnet::{
    Answer, AnswerContext, AnswerError, Challenge, Consulted, Effort, Engine, JudgeId, Judgement, Judging,
    Measure, Mechanism, MinerRef, Mode, Pay, Share, Subnet, SubnetError, TaskPlan,
};
pub use validator::{EvidenceAxon, Validator, ValidatorError, ValidatorOptions, ValidatorReport};
