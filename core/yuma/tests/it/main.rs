//! The epoch as a whole: the fast path against its literal twin, promises about every result, and what
//! refuses input.

mod arbitrary;
mod promises;
mod twin;
mod validation;
