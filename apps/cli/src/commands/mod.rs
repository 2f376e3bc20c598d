//! One file per noun; each parses its verbs, asks the SDK and prints.

pub mod address;
pub mod ask;
pub mod axon;
pub mod collateral;
pub mod config;
pub mod doctor;
pub mod lock;
pub mod metagraph;
pub mod miner;
pub mod net;
pub mod proxy;
pub mod replay;
pub mod stake;
pub mod subnet;
pub mod sudo;
pub mod tools;
pub mod validator;
pub mod wallet;
pub mod weights;

use crate::output::Failure;
use crate::Global;
use myelin_chain_client::{ChainClient, Options};

/// Connects to the node that the user chose.
pub async fn connect(global: &Global) -> Result<ChainClient, Failure> {
    Ok(ChainClient::connect(global.endpoint.url()?).await?)
}

/// Connects for a few questions: nothing is submitted or waited for.
pub async fn look(global: &Global) -> Result<ChainClient, Failure> {
    let options = Options { pings: false, ..Options::default() };
    Ok(ChainClient::connect_with(global.endpoint.url()?, options).await?)
}

/// Waits for Ctrl-C or the polite signal.
pub async fn stop_signal() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}
