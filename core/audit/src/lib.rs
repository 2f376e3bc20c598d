//! An epoch recomputed from the chain's state: from stakes, weights and bonds to incentives, dividends and stakes.
//!
//! # What it is for
//! Anybody who has the state before a block and the state after it can tell whether the epoch in that block followed
//! the rules. This crate reads both states key by key, runs the same pure functions as the chain ([`myelin_yuma`],
//! [`myelin_economy`]), and compares their results with what the chain stored.
//!
//! # Words
//! * **epoch** `E` of a subnet ends in the block that raises its `SubnetEpochIndex` from `E` to `E + 1`. Its results
//!   are in the state after that block, its inputs in the state *before*: that of the parent.
//! * **view**: a state of which a part is known, by proof. Reading it notes which keys are still wanted.
//! * **finding**: what was compared, and the differences.
//!
//! # How the parts fit
//! [`audit`] reads, recomputes and compares at once, and is a pure function of two [`View`]s. A caller that does not
//! know the keys beforehand calls it, fetches proofs of the keys that a view [wants](View::wanted), and calls it again
//! until none are wanted.
//!
//! | module | does |
//! |---|---|
//! | [`view`] | reads typed items out of a proved state |
//! | [`emission`] | the pots that the epoch pays out, with the emission of its own block |
//! | [`gather`] | the input of each mechanism's epoch |
//! | [`payout`] | credits, and the stakes after them |
//! | [`compare`] | results beside what the chain stored |
//! | [`claims`] | claims of several validators about the same miners, from their records |
//! | `testkit` | made states, for tests and benchmarks (a feature) |
//! | [`timetable`] | the source block of a round beside the timetables of its epoch |
//! | [`weighing`] | a row of weights beside the one that follows from its validator's standings |
//!
//! # What it refuses to know
//! Sockets, nodes, finality, evidence folders, and the metadata of the chain: keys, hashers and types are written
//! here.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod claims;
pub mod compare;
pub mod emission;
pub mod gather;
pub mod payout;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;
pub mod timetable;
pub mod view;
pub mod weighing;

pub use compare::{Difference, Findings};
pub use view::View;

use myelin_units::{Block, NetUid};

/// Reason why an epoch cannot be recomputed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// The states are not around the end of the epoch.
    #[error(
        "epoch {epoch} of subnet {netuid} does not end in block {block}: the index is {before} before it and {after} \
         after it"
    )]
    NotItsEnd {
        /// The subnet.
        netuid: NetUid,
        /// The epoch.
        epoch: u64,
        /// The block.
        block: Block,
        /// Epoch index before the block.
        before: u64,
        /// Epoch index after it.
        after: u64,
    },
    /// The slot passed and no epoch ran.
    #[error("epoch {epoch} of subnet {netuid} was skipped in block {block}: its neurons were inconsistent")]
    Skipped {
        /// The subnet.
        netuid: NetUid,
        /// The epoch.
        epoch: u64,
        /// The block.
        block: Block,
    },
    /// Another runtime runs after the block.
    #[error("the runtime was upgraded in block {block}, so the rules of its epoch are not known")]
    Upgraded {
        /// The block.
        block: Block,
    },
    /// More subnets than are looked for.
    #[error("the chain counts {counted} subnets, and {found} were found among the first numbers")]
    Subnets {
        /// Number that the chain counts.
        counted: u16,
        /// Number that was found.
        found: u16,
    },
}

/// The epoch to recompute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// The subnet.
    pub netuid: NetUid,
    /// The epoch.
    pub epoch: u64,
    /// The block in which it ended.
    pub block: Block,
}

/// Recomputes an epoch from the state `before` its block, and compares with the state `after` it.
///
/// The result is meaningless as long as either view wants keys.
pub fn audit(before: &View, after: &View, occasion: Occasion) -> Result<Findings, AuditError> {
    let Occasion { netuid, epoch, block } = occasion;
    let index = |view: &View| view.of_subnet::<u64>("SubnetEpochIndex", netuid).unwrap_or_default();
    let indices = (index(before), index(after));
    let known = before.is_complete() && after.is_complete();
    if known && indices != (epoch, epoch.saturating_add(1)) {
        return Err(AuditError::NotItsEnd { netuid, epoch, block, before: indices.0, after: indices.1 });
    }
    let steps = |view: &View| view.of_subnet::<u64>("BlocksSinceLastStep", netuid).unwrap_or_default();
    let (skipped, upgraded) = (steps(after) != 0, before.runtime() != after.runtime());
    if before.is_complete() && after.is_complete() {
        if upgraded {
            return Err(AuditError::Upgraded { block });
        }
        if skipped {
            return Err(AuditError::Skipped { netuid, epoch, block });
        }
    }
    let pots = emission::pots(before, netuid)?;
    let roll = gather::Roll::read(before, after, netuid);
    let computed = gather::run(before, &roll, occasion, pots.epoch_emission().to_rao());
    let paid = payout::pay(before, &roll, pots, &computed, block);
    Ok(compare::findings(before, after, &roll, &computed, &paid))
}
