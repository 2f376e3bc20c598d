//! Prices of a neuron and of a subnet, and the choice of the uid or subnet that gives way.
//!
//! A neuron's price (*burn*) halves every `BurnHalfLife` blocks and is multiplied at each registration; the price is
//! the only throttle. A subnet's price (*lock cost*) doubles at each creation and falls back in a straight line.

mod price;
mod prune;
mod subnet;
#[cfg(test)]
mod tests;
mod trim;

pub use price::{burn_factor, BurnBounds, LEAST_MIN_BURN_RAO, NO_DECAY_FACTOR};
pub use prune::{choose_uid, immortal_uids, Candidate, PruneRule, UidChoice};
pub use subnet::{choose_subnet_to_prune, founding_pool, median_price, LockCost, PrunableSubnet};
pub use trim::{trim, Renumbering};
