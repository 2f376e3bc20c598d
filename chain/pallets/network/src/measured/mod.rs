//! What calls and pieces of work cost, as measured by [`crate::benchmarking`]: files that `make weights` writes, by concept.

mod neurons;
mod stake;
mod subnets;

pub use neurons::Measured as Neurons;
pub use stake::Measured as Stake;
pub use subnets::Measured as Subnets;
