//! Promises of governance on a chain with the stock pallets of referenda, preimages, schedule and balances.

mod acts;
mod differential;
mod life;
pub mod mock;
mod payments;
mod power;
