//! The money of the network as pure functions: issuance, emission, pools, stake, prices, locks and parameters.
//!
//! # What it is for
//! The chain gathers plain data, calls a function of this crate and applies the answer. The same functions serve
//! simulations, explorers and tests, so there is one truth about who gets what. Nothing here reads a clock, storage or
//! a random source; time, limits and the current block are arguments. Every function is total: no input makes one
//! panic, and what cannot be computed is refused with a reason or saturates as its page says.
//!
//! # Words
//! * **TAO** is the network's currency, **alpha** a subnet's; both are counted in **rao**, 10⁻⁹ of a token.
//! * A **pool** holds TAO and alpha of one subnet and sets alpha's **price**; alpha outside of it is **outstanding**.
//! * To **recycle** is to take out of existence (issuance falls, halvings move away); to **burn** is to give to nobody.
//! * **Root** is the subnet without miners where TAO is staked; the **root proportion** is the weight of that TAO
//!   against a subnet's alpha.
//! * A **pot** collects a subnet's emission until its epoch pays it out.
//! * **Take** is the part of its nominators' earnings that a validator keeps.
//!
//! # How the parts fit
//! * A block: [`issuance`] says how much is minted, [`coinbase`] takes it through [`emission`] (shares, injection,
//!   pots) and [`pool`] (weights, chain buys) to a list of changes per subnet.
//! * An epoch: [`payout`] turns pots, incentives and dividends into credits, with [`childkeys`] for parents, [`shares`]
//!   for nominators and [`claim`] for root stakers.
//! * A user: [`pool`] prices stake; [`registration`] prices neurons and subnets and chooses the ones to replace;
//!   [`conviction`] locks alpha; [`voting`] averages the voting power of a validator's stake. [`dissolve`] ends a
//!   subnet, [`collateral`] backs miners, [`fees`] prices transactions, [`dust`] defines the smallest amounts, and
//!   [`yields`] measures the earnings of stake.
//! * An observer: [`equation`] compares where all TAO came from with where it is.
//! * [`profile`] and [`params`] hold every default; [`sessions`] is the length of sessions and its change.
//!
//! # What it refuses to know
//! Accounts beyond their order (hotkeys and coldkeys are a type parameter), storage, events, signatures, and the origin
//! of incentives and dividends: that is the epoch's business.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod childkeys;
pub mod claim;
pub mod coinbase;
pub mod collateral;
pub mod conviction;
pub mod dissolve;
pub mod dust;
pub mod emission;
pub mod equation;
pub mod fees;
pub mod issuance;
pub mod params;
pub mod payout;
pub mod pool;
pub mod profile;
pub mod registration;
pub mod sessions;
pub mod shares;
pub mod voting;
mod wide;
pub mod yields;
