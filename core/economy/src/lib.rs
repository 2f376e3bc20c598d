#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
//! economy
extern crate alloc;

pub mod childkeys;
pub mod claim;
pub mod conviction;
pub mod dissolve;
pub mod issuance;
pub mod pool;
pub mod registration;
pub mod shares;
mod wide;
