//! One file per noun; each parses its verbs, asks the SDK and prints.

pub mod metagraph;
pub mod net;
pub mod stake;
pub mod subnet;
pub mod wallet;

use crate::output::Failure;
use crate::Global;
use myelin_chain_client::ChainClient;

/// Connects to the node that the user chose.
pub async fn connect(global: &Global) -> Result<ChainClient, Failure> {
    Ok(ChainClient::connect(&global.endpoint).await?)
}
