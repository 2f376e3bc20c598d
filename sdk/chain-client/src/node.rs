//! Status of a node, as the node reports it.

use crate::{ChainClient, Result};

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

impl ChainClient {
    /// Whether the node is still fetching old blocks, so that its answers are out of date.
    pub async fn is_syncing(&self) -> Result<bool> {
        Ok(self.inner.rpc.system_health().await?.is_syncing)
    }

    /// The node's status, as it reports it.
    pub async fn node_status(&self) -> Result<NodeStatus> {
        let health = self.inner.rpc.system_health().await?;
        Ok(NodeStatus {
            name: self.inner.rpc.system_name().await?,
            version: self.inner.rpc.system_version().await?,
            spec_version: self.inner.rpc.state_get_runtime_version(None).await?.spec_version,
            peers: health.peers,
            should_have_peers: health.should_have_peers,
            syncing: health.is_syncing,
        })
    }
}
