//! Costs of calls and pieces of work, as measured by [`crate::benchmarking`]: files that `make weights` writes, by
//! concept.

mod blocks;
mod epochs;
mod neurons;
mod stake;
mod subnets;

pub use blocks::Measured as Blocks;
pub use epochs::Measured as Epochs;
pub use neurons::Measured as Neurons;
pub use stake::Measured as Stake;
pub use subnets::Measured as Subnets;
