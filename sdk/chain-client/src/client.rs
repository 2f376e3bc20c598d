//! The connection: one WebSocket, shared by clones, that reconnects by itself.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt};
use subxt::backend::LegacyBackend;
use subxt::client::{ClientAtBlock, OnlineClient, OnlineClientAtBlockImpl};
use subxt::config::{RpcConfigFor, SubstrateConfig};
use subxt::rpcs::client::reconnecting_rpc_client::{ExponentialBackoff, RpcClient as ReconnectingClient};
use subxt::rpcs::methods::legacy::{LegacyRpcMethods, NumberOrHex};
use subxt::rpcs::RpcClient;
use tokio::sync::{Mutex, OnceCell, RwLock};

use crate::snapshot::Known;
use crate::{check, ChainError, Result};

/// A 32-byte block or extrinsic hash (BLAKE2b-256).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A block's place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Height, genesis = 0.
    pub number: u64,
    /// Its hash.
    pub hash: Hash,
}

/// Limits of a connection.
#[derive(Clone, Debug)]
pub struct Options {
    /// Longest time for the first connection.
    pub connect_timeout: Duration,
    /// Longest time for the first answers of a node that accepted the connection; the metadata is the largest of them.
    pub opening_timeout: Duration,
    /// Longest time for one request, reconnections included.
    pub request_timeout: Duration,
    /// Attempts to reconnect before requests fail; they are at most one second apart.
    pub reconnect_attempts: usize,
    /// Whether a ping every 30 s detects that a silent node is gone. A program that follows blocks or submissions needs
    /// pings. A program that only asks has `request_timeout` instead, and avoids that an answer waits up to 40 ms
    /// behind that to the first ping.
    pub pings: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            connect_timeout: Duration::from_secs(5),
            opening_timeout: Duration::from_secs(20),
            request_timeout: Duration::from_secs(90),
            reconnect_attempts: 120,
            pings: true,
        }
    }
}

pub(crate) type AtBlock = ClientAtBlock<SubstrateConfig, OnlineClientAtBlockImpl<SubstrateConfig>>;

/// The chain, as this program sees it. Clones share one connection.
#[derive(Clone)]
pub struct ChainClient {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub url: String,
    pub rpc: LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>,
    /// The same connection, for methods that `rpc` lacks.
    pub raw: RpcClient,
    pub online: OnlineClient<SubstrateConfig>,
    /// Metadata in force; replaced when the chain's runtime was upgraded.
    runtime: RwLock<Arc<Runtime>>,
    /// One submission at a time for each account, so that nonces do not collide.
    pub submitting: Mutex<HashMap<[u8; 32], Arc<Mutex<()>>>>,
    /// The newest snapshot of each subnet.
    pub snapshots: Mutex<HashMap<u16, Known>>,
}

pub(crate) struct Runtime {
    pub at: AtBlock,
    /// Milliseconds between two blocks, once they were asked for.
    pub slot_ms: OnceCell<u64>,
}

impl fmt::Debug for ChainClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainClient").field("url", &self.inner.url).finish_non_exhaustive()
    }
}

impl ChainClient {
    /// Connects with default limits and checks that the node's runtime fits this program.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_with(url, Options::default()).await
    }

    /// Connects and checks that the node's runtime fits this program.
    ///
    /// Fails at once when nobody listens; once connected, a lost connection is re-established silently.
    pub async fn connect_with(url: &str, options: Options) -> Result<Self> {
        let raw = open(url, &options).await?;
        let rpc = LegacyRpcMethods::new(raw.clone());
        let opening = async {
            let backend = LegacyBackend::builder().build(raw.clone());
            let online = OnlineClient::from_backend(Arc::new(backend))
                .await
                .map_err(|error| unreachable(url, error.to_string()))?;
            let runtime = Runtime::load(&online, &rpc, url).await?;
            Ok::<_, ChainError>((online, runtime))
        };
        // The client below reconnects for ever to a server that disconnects or answers nonsense.
        let (online, runtime) =
            tokio::time::timeout(options.opening_timeout, opening).await.map_err(|_| {
                let seconds = options.opening_timeout.as_secs();
                unreachable(
                    url,
                    format!("it accepts connections, and gave no answer of a node within {seconds} s"),
                )
            })??;
        Ok(ChainClient {
            inner: Arc::new(Inner {
                url: url.to_string(),
                rpc,
                raw,
                online,
                runtime: RwLock::new(Arc::new(runtime)),
                submitting: Mutex::new(HashMap::new()),
                snapshots: Mutex::new(HashMap::new()),
            }),
        })
    }

    /// The endpoint.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// Hash of block 0, which identifies a chain.
    pub fn genesis_hash(&self) -> Hash {
        Hash(self.inner.online.genesis_hash().0)
    }

    /// The newest block this node knows.
    pub async fn best_block(&self) -> Result<Block> {
        let header = self.inner.rpc.chain_get_header(None).await?;
        let header = header.ok_or_else(|| ChainError::NotFound("the node has no best block".into()))?;
        let number = header.number;
        let hash = self.block_hash(number).await?;
        // The best block may have moved between the two requests; the pair returned here is consistent.
        Ok(Block { number, hash })
    }

    /// The newest block that no fork can drop.
    pub async fn finalized_block(&self) -> Result<Block> {
        let hash = self.inner.rpc.chain_get_finalized_head().await?;
        let header = self.inner.rpc.chain_get_header(Some(hash)).await?;
        let header = header
            .ok_or_else(|| ChainError::NotFound(format!("the node forgot its finalised block {hash:?}")))?;
        Ok(Block { number: header.number, hash: Hash(hash.0) })
    }

    /// Hash of the block at a height on the chain that this node follows.
    pub async fn block_hash(&self, number: u64) -> Result<Hash> {
        let hash = self.inner.rpc.chain_get_block_hash(Some(NumberOrHex::Number(number))).await?;
        let hash =
            hash.ok_or_else(|| ChainError::NotFound(format!("the chain has no block {number} yet")))?;
        Ok(Hash(hash.0))
    }

    /// New best blocks as the node reports them; after a lost connection the stream goes on with the newest.
    ///
    /// Ends only when the node stays away for longer than the connection's limits allow.
    pub fn best_blocks(&self) -> impl Stream<Item = Result<Block>> + Send + Unpin + 'static {
        let client = self.clone();
        let stream = futures::stream::unfold((client, None), move |(client, mut subscription)| async move {
            for _ in 0..120 {
                if subscription.is_none() {
                    match client.inner.rpc.chain_subscribe_new_heads().await {
                        Ok(opened) => subscription = Some(opened),
                        Err(error) => {
                            tracing::debug!(%error, "block subscription failed, trying again");
                            tokio::time::sleep(Duration::from_millis(500)).await;
                            continue;
                        }
                    }
                }
                let Some(open) = subscription.as_mut() else { continue };
                match open.next().await {
                    Some(Ok(header)) => {
                        let number = header.number;
                        let block = client.block_hash(number).await.map(|hash| Block { number, hash });
                        return Some((block, (client, subscription)));
                    }
                    other => {
                        if let Some(Err(error)) = other {
                            tracing::debug!(%error, "block subscription lost, subscribing again");
                        }
                        subscription = None;
                    }
                }
            }
            None
        });
        stream.boxed()
    }

    /// Waits until the best block is at least `number`; fails after `limit`.
    pub async fn wait_for_block(&self, number: u64, limit: Duration) -> Result<Block> {
        let waiting = async {
            let block = self.best_block().await?;
            if block.number >= number {
                return Ok(block);
            }
            let mut blocks = self.best_blocks();
            while let Some(block) = blocks.next().await {
                let block = block?;
                if block.number >= number {
                    return Ok(block);
                }
            }
            Err(ChainError::Connection("the block subscription ended".into()))
        };
        tokio::time::timeout(limit, waiting)
            .await
            .map_err(|_| ChainError::TimedOut { what: format!("block {number}"), seconds: limit.as_secs() })?
    }

    /// Metadata in force.
    pub(crate) async fn runtime(&self) -> Arc<Runtime> {
        self.inner.runtime.read().await.clone()
    }

    /// Re-reads the metadata if the chain's runtime was upgraded since; called before every submission.
    pub(crate) async fn current_runtime(&self) -> Result<Arc<Runtime>> {
        let known = self.runtime().await;
        let version = self.inner.rpc.state_get_runtime_version(None).await?;
        if version.spec_version == known.at.spec_version() {
            return Ok(known);
        }
        tracing::info!(from = known.at.spec_version(), to = version.spec_version, "the runtime was upgraded");
        let loaded = Arc::new(Runtime::load(&self.inner.online, &self.inner.rpc, &self.inner.url).await?);
        *self.inner.runtime.write().await = loaded.clone();
        Ok(loaded)
    }
}

impl Runtime {
    async fn load(
        online: &OnlineClient<SubstrateConfig>,
        rpc: &LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>,
        url: &str,
    ) -> Result<Self> {
        let hash = rpc.chain_get_block_hash(None).await?;
        let hash = hash.ok_or_else(|| ChainError::NotFound("the node has no best block".into()))?;
        let at = online.at_block(hash).await.map_err(|error| ChainError::Connection(error.to_string()))?;
        let missing = check::differences(at.metadata_ref());
        if missing.is_empty() {
            Ok(Runtime { at, slot_ms: OnceCell::new() })
        } else {
            Err(ChainError::Incompatible { url: url.to_string(), missing })
        }
    }
}

fn unreachable(url: &str, reason: String) -> ChainError {
    ChainError::Unreachable { url: url.to_string(), reason }
}

/// A connection that re-establishes itself; fails at once when nobody listens.
pub(crate) async fn open(url: &str, options: &Options) -> Result<RpcClient> {
    reachable(url, options.connect_timeout).await.map_err(|reason| unreachable(url, reason))?;
    let backoff = ExponentialBackoff::from_millis(20)
        .max_delay(Duration::from_secs(1))
        .take(options.reconnect_attempts);
    let builder = ReconnectingClient::builder()
        .retry_policy(backoff)
        .request_timeout(options.request_timeout)
        .connection_timeout(options.connect_timeout);
    let connecting = if options.pings { builder } else { builder.disable_ws_ping() }.build(url);
    let raw = tokio::time::timeout(options.connect_timeout, connecting)
        .await
        .map_err(|_| unreachable(url, format!("no answer within {} s", options.connect_timeout.as_secs())))?
        .map_err(|error| unreachable(url, error.to_string()))?;
    Ok(RpcClient::new(raw))
}

/// Whether anybody listens, so that a wrong address fails at once instead of after a minute of retries.
async fn reachable(url: &str, limit: Duration) -> std::result::Result<(), String> {
    let (scheme, rest) = url.split_once("://").ok_or("an endpoint looks like ws://127.0.0.1:9944")?;
    let default_port = match scheme {
        "ws" => 80,
        "wss" => 443,
        other => return Err(format!("`{other}` is not a WebSocket scheme, use ws:// or wss://")),
    };
    let authority = rest.split('/').next().unwrap_or(rest);
    let address = if authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        authority.to_string()
    } else {
        format!("{authority}:{default_port}")
    };
    match tokio::time::timeout(limit, tokio::net::TcpStream::connect(&address)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", limit.as_secs())),
    }
}
