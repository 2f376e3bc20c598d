//! The chain as seen by a program: typed queries, submissions that wait for their outcome, and the metagraph.
//!
//! **Words.** A *query* reads state at a block. A *call* is an operation that an account asks the chain for; once
//! signed it is an *extrinsic*. *Inclusion* means that a block holds it, *finality* that no fork can drop that block. A
//! *metagraph* lists the neurons of one subnet; a *snapshot* adds its clock and its rules for weights.
//!
//! **How the parts fit.** [`ChainClient`] owns one connection that reconnects by itself; clones share it.
//! Types of calls and answers come from `myelin-abi`, the crate that the chain itself is compiled with.
//! [`ChainClient::connect`] compares them with the metadata that the node serves, field by field, and refuses
//! a runtime that it would misread ([`ChainError::Incompatible`]). [`ChainClient::submit`] signs, submits,
//! follows the extrinsic to inclusion or finality, survives a lost connection on the way, and turns a refusal
//! into [`ChainError::Refused`] with the chain's own error name and explanation.
//!
//! [`LightClient`] is for those who trust no node: it proves that blocks are final and what their state holds. A
//! [`Transcript`] of its questions proves the same to others without a node.
//!
//! **What it refuses to know.** Key files: it takes any `myelin_wire` signer, subnets and models. The `subxt` crate
//! does the encoding against metadata; none of its types appear in a public signature.

mod beacon;
mod call;
mod check;
mod client;
mod decoded;
mod depth;
mod elections;
mod error;
mod history;
mod light;
mod metagraph;
mod model;
mod node;
mod observe;
mod query;
mod rubric;
mod snapshot;
mod storage;
mod submit;
mod trial;
mod wait;

pub use call::{AnyCall, Call};
pub use client::{Block, ChainClient, Hash, Options};
pub use decoded::{Argument, DecodedCall};
pub use elections::{Candidate, Elections};
pub use error::{ChainError, Result};
pub use history::Happening;
pub use light::{Anchor, Finality, LightClient, LightError, ProvenBlock, Transcript};
pub use metagraph::{Metagraph, Neuron, EVIDENCE_AXON};
pub use node::{NodeClient, NodeReport, NodeStatus};
pub use observe::{Entry, Header};
pub use query::{EpochSchedule, Funds};
pub use rubric::RubricStatus;
pub use snapshot::Snapshot;
pub use storage::Key;
pub use submit::{Event, Receipt, Wait, FOLLOWING};
pub use wait::{duration, Allowed};
