//! The literal twin of the economy: its larger rules in their plainest form, to compare the crate with.
//!
//! Every number is an exact fraction of two integers of any size ([`number::Exact`]). A rule is written as the
//! protocol's specification words it; wherever that names a format, the exact result is rounded to it by
//! [`number::Format`]. Powers are computed with 640 fractional bits. Nothing is shared with the crate but the
//! types of inputs and outputs: no fixed-point type, no wide product, no short cut.
//!
//! The twin is for tests only, which is why it lives here and may be as slow as it likes.

pub mod children;
pub mod claims;
pub mod coinbase;
pub mod collateral;
pub mod locks;
pub mod number;
pub mod payout;
pub mod pool;
pub mod shares;
pub mod subnets;
