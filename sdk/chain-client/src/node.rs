//! Status of a node, as the node reports it.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use subxt::config::{RpcConfigFor, SubstrateConfig};
use subxt::rpcs::client::{rpc_params, RpcParams};
use subxt::rpcs::methods::legacy::LegacyRpcMethods;
use subxt::rpcs::RpcClient;

use crate::{client, Block, ChainClient, ChainError, Hash, Options, Result};

/// A node's program and its place in the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeStatus {
    /// Name of the program.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Version of the runtime that makes blocks.
    pub spec_version: u32,
    /// Connected nodes.
    pub peers: usize,
    /// Whether the node should have peers.
    pub should_have_peers: bool,
    /// Whether it is still fetching old blocks.
    pub syncing: bool,
}

/// Which chain a node follows, how far it is, and how others reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeReport {
    /// Program and peers.
    pub status: NodeStatus,
    /// Name of the chain.
    pub chain: String,
    /// Hash of block 0.
    pub genesis: Hash,
    /// `Authority`, `Full` or `LightClient`.
    pub roles: Vec<String>,
    /// The newest block that it has.
    pub best: u64,
    /// The newest block that no fork can drop.
    pub finalized: Block,
    /// The newest block that it has heard of.
    pub target: u64,
    /// Its name among nodes.
    pub peer_id: String,
    /// Addresses at which it listens, with the peer id.
    pub addresses: Vec<String>,
}

impl NodeReport {
    /// Whether it follows the chain: it fetches no old blocks, and is connected to others if it should be.
    pub fn has_caught_up(&self) -> bool {
        let NodeStatus { peers, should_have_peers, syncing, .. } = self.status;
        // A node that has just connected has not noticed yet that it has blocks to fetch.
        !syncing && (peers > 0 || !should_have_peers) && self.best + NEAR >= self.target
    }
}

/// How long a node may take to say all that.
const ANSWER: Duration = Duration::from_secs(20);
/// Blocks that a node may be behind and still follow the chain: those under way.
const NEAR: u64 = 5;

/// A connection for questions about a node alone. It needs no runtime that this program fits, so it also reaches a node
/// that is still fetching the blocks of an older one.
#[derive(Clone)]
pub struct NodeClient {
    raw: RpcClient,
    url: String,
}

impl fmt::Debug for NodeClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeClient").field("url", &self.url).finish_non_exhaustive()
    }
}

impl NodeClient {
    /// Connects with default limits; fails at once when nobody listens.
    pub async fn connect(url: &str) -> Result<Self> {
        let options = Options { pings: false, ..Options::default() };
        let raw = client::open(url, &options).await?;
        Ok(NodeClient { raw, url: url.to_owned() })
    }

    /// The present report of the node.
    pub async fn report(&self) -> Result<NodeReport> {
        let what = || format!("the answer of the node at {}", self.url);
        let answer = tokio::time::timeout(ANSWER, self.gather()).await;
        answer.map_err(|_| ChainError::TimedOut { what: what(), seconds: ANSWER.as_secs() })?
    }

    async fn gather(&self) -> Result<NodeReport> {
        /// As `system_syncState` answers.
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Progress {
            current_block: u64,
            highest_block: u64,
        }
        let rpc = LegacyRpcMethods::new(self.raw.clone());
        let Progress { current_block, highest_block } = self.ask("system_syncState", rpc_params![]).await?;
        let finalized = rpc.chain_get_finalized_head().await?;
        let header = rpc.chain_get_header(Some(finalized)).await?;
        let header = header.ok_or_else(|| {
            ChainError::NotFound(format!("the node forgot its finalised block {finalized:?}"))
        })?;
        Ok(NodeReport {
            status: status(&rpc).await?,
            chain: rpc.system_chain().await?,
            genesis: Hash(rpc.genesis_hash().await?.0),
            roles: self.ask("system_nodeRoles", rpc_params![]).await?,
            best: current_block,
            finalized: Block { number: header.number, hash: Hash(finalized.0) },
            target: highest_block.max(current_block),
            peer_id: self.ask("system_localPeerId", rpc_params![]).await?,
            addresses: self.ask("system_localListenAddresses", rpc_params![]).await?,
        })
    }

    async fn ask<T: DeserializeOwned>(&self, method: &str, params: RpcParams) -> Result<T> {
        Ok(self.raw.request(method, params).await?)
    }
}

impl ChainClient {
    /// Whether the node is still fetching old blocks, so that its answers are out of date.
    pub async fn is_syncing(&self) -> Result<bool> {
        Ok(self.inner.rpc.system_health().await?.is_syncing)
    }

    /// The node's status, as it reports it.
    pub async fn node_status(&self) -> Result<NodeStatus> {
        status(&self.inner.rpc).await
    }
}

async fn status(rpc: &LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>) -> Result<NodeStatus> {
    let health = rpc.system_health().await?;
    Ok(NodeStatus {
        name: rpc.system_name().await?,
        version: rpc.system_version().await?,
        spec_version: rpc.state_get_runtime_version(None).await?.spec_version,
        peers: health.peers,
        should_have_peers: health.should_have_peers,
        syncing: health.is_syncing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_caught_up_that_is_connected_and_near_what_it_has_heard_of() {
        let report = |peers, should_have_peers, syncing, best| NodeReport {
            status: NodeStatus {
                name: "node".into(),
                version: "1".into(),
                spec_version: 1,
                peers,
                should_have_peers,
                syncing,
            },
            chain: "One".into(),
            genesis: Hash([0; 32]),
            roles: vec!["Full".into()],
            best,
            finalized: Block { number: 0, hash: Hash([0; 32]) },
            target: 100,
            peer_id: String::new(),
            addresses: vec![],
        };
        assert!(report(1, true, false, 100).has_caught_up());
        assert!(report(0, false, false, 100).has_caught_up(), "the only node of its network");
        for behind in [report(1, true, true, 100), report(0, true, false, 100), report(1, true, false, 94)] {
            assert!(!behind.has_caught_up(), "{behind:?}");
        }
    }
}
