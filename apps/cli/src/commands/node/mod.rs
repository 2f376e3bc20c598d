//! `myelin node`: a node of a network that others started, run by hand.
//!
//! The command finds the node's binary, refuses what can be known beforehand, and then becomes the node: signals, logs
//! and exit code are the node's own, so that a service manager sees one process.

mod authorities;
mod chain_file;
mod check;
mod files;
mod keys;
mod run;
mod status;

use clap::Subcommand;

pub use self::{files::NodeFiles, keys::keystore_in};
use crate::output::Outcome;
use crate::Global;

/// A node of a network: run, keys, authorities, chain-file, status, check-state.
#[derive(Subcommand)]
pub enum Node {
    /// Runs a node until it is told to stop.
    ///
    /// Strangers get the safe RPC methods only. What stands behind `--` goes to `myelin-node` as it is.
    #[command(
        after_help = "Examples:\n  myelin node run --chain-file chain.json --bootnode /ip4/203.0.113.5/tcp/30333/p2p/12D3KooW…\n  \
        myelin node run --archive -- --log sync=debug\n  myelin node run --authority"
    )]
    Run(run::Run),
    /// Keys of an authority: new, insert, list, announce.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// The authorities of a network that runs: list, appoint.
    #[command(subcommand)]
    Authorities(authorities::Authorities),
    /// Writes a chain file: of a local network, or of a network of your own.
    #[command(after_help = "Examples:\n  myelin node chain-file --like dev\n  \
        myelin node chain-file --id mynet --name 'My network' --root SS58 --authority AURA,GRANDPA")]
    ChainFile(chain_file::NewChainFile),
    /// Shows what the node at `--endpoint` says of itself: chain, peers, blocks, how far it has caught up.
    #[command(after_help = "Example:\n  myelin node status --endpoint ws://127.0.0.1:9945 --wait 600")]
    Status(status::Status),
    /// Checks the state of a stopped node: every value decodes, every rao has a place.
    CheckState(check::CheckState),
}

impl Node {
    /// Does what was asked.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Node::Run(run) => run.run(),
            Node::Keys(keys) => keys.run(global).await,
            Node::Authorities(authorities) => authorities.run(global).await,
            Node::ChainFile(file) => file.run(global),
            Node::Status(status) => status.run(global).await,
            Node::CheckState(check) => check.run(global),
        }
    }
}
