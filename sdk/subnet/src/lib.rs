#![warn(missing_docs)]
//! sdk/subnet
pub mod chain;
pub mod evaluation;
pub mod evidence;
pub mod subnet;
pub mod validator;
pub use subnet::*;
