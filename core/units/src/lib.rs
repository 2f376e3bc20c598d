//! Numbers with a type: the arithmetic every machine of the network must agree on.
//!
//! # What it is for
//! Consensus is a computation that thousands of machines repeat and compare bit by bit. This crate holds the
//! numbers they compute with. [`fixed`] is binary fixed point with one rounding rule per operation. [`balance`]
//! holds amounts of money in rao, [`parts`] parts of a whole, [`ids`] the identifiers of the protocol. There is
//! no floating point anywhere.
//!
//! # Words
//! * **rao**: the smallest unit of money; 1 TAO = 1 alpha = 10⁹ rao.
//! * **IaFb / UaFb**: a fixed-point type with `a` integer and `b` fractional bits; its value is `bits / 2^b`.
//! * **bits**: the raw integer of a fixed-point number; two numbers are the same if and only if their bits
//!   are.
//! * **floor, trunc**: rounding toward negative infinity, and toward zero. They differ only for negative
//!   numbers.
//! * **safe division**: a quotient whose denominator may be zero and is zero then.
//!
//! # How the parts fit
//! `fixed` uses `wide` for products and quotients of 256 bits; `balance`, `parts` and `ids` stand alone. With the
//! feature `codec` the types carry the SCALE encoding and type information that clients of the chain expect.
//!
//! # What it refuses to know
//! The formulas that use these numbers. It has no notion of a subnet's rules, of storage or of time.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod balance;
pub mod fixed;
pub mod ids;
pub mod parts;
mod wide;

pub use balance::{AlphaBalance, TaoBalance};
pub use fixed::{FixedPoint, I32F32, I64F64, I96F32, U64F64, U96F32};
pub use ids::{storage_index, subnet_of_index, Block, MechId, NetUid, Uid, MECHANISM_STRIDE, ROOT};
pub use parts::PerBillion;
