//! The epoch as a whole: the fast path against its literal twin, promises about every result, and the refusal of input.

mod agreement;
mod arbitrary;
mod framing;
mod judges;
mod plots;
mod promises;
mod twin;
mod validation;
