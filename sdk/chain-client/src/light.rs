//! The chain without a trusted node: blocks that are proved final, and state that is proved to be theirs.
//!
//! A [`LightClient`] asks a node and believes nothing. It starts at an [`Anchor`], the hash of a block that its user
//! trusts. In the state of that block it reads the authorities in office, and walks to the set that finalised the
//! wanted block. It checks that set's signatures over a block, and goes back from there to the wanted one. Each way is
//! a proof: `System.BlockHash` in a proved state names earlier blocks, a header's hash names its state.
//!
//! Numbers of blocks and of sets that the node names are *hints*: they decide which proof is asked for, and a wrong
//! hint makes it fail.
//!
//! A client that is [`recording`](LightClient::recording) keeps the answers, and one that was
//! [`recorded`](LightClient::recorded) gets them out of that [`Transcript`] instead of from a node.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codec::Decode;
use myelin_wire::finality::{justification_of, AuthoritySet, FinalityError, Header, Justified};
use myelin_wire::hash::from_hex;
use myelin_wire::trie::{storage_key, Hasher, StateProof, TrieError};
use serde::de::DeserializeOwned;
use subxt::rpcs::client::{rpc_params, RpcParams};
use subxt::rpcs::RpcClient;

use crate::{client, Block, ChainError, Hash, Options};

mod transcript;

use transcript::Said;
pub use transcript::Transcript;

/// Blocks back to which a state names hashes for sure: the chain keeps 2,400.
const HOP: u32 = 2_000;
/// Most hops from a final block back to the wanted one: 20 million blocks.
const MOST_HOPS: usize = 10_000;
/// Most changes of the authorities that are walked.
const MOST_SETS: u64 = 10_000;
/// Keys that one request proves.
const KEYS_AT_ONCE: usize = 512;

/// A block that the user trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The first block of the chain.
    Genesis(Hash),
    /// A later block.
    Checkpoint(Hash),
}

impl Anchor {
    /// Its hash.
    pub fn hash(self) -> Hash {
        match self {
            Anchor::Genesis(hash) | Anchor::Checkpoint(hash) => hash,
        }
    }
}

/// Reason why something is not proved.
#[derive(Debug, thiserror::Error)]
pub enum LightError {
    /// The node could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A header or a justification does not hold.
    #[error(transparent)]
    Finality(#[from] FinalityError),
    /// A state proof does not hold.
    #[error("the proof of the state of block {block} does not hold: {error}")]
    State {
        /// The block.
        block: u32,
        /// The defect.
        error: TrieError,
    },
    /// The answer is another header than was asked for.
    #[error("the answer about block {asked} is a header with hash {found}; do not trust who gave it")]
    OtherHeader {
        /// Hash that was asked for.
        asked: Hash,
        /// Hash of the answer.
        found: Hash,
    },
    /// The node has no such block.
    #[error(
        "the node has no block {0}; it follows another chain, or it drops old blocks: ask an archive node"
    )]
    NoBlock(String),
    /// The node dropped the state of a block.
    #[error("the node has dropped the state of block {0}; ask a node that keeps all states, which `myelin node run \
        --archive` starts (`--state-pruning archive`)")]
    NoState(String),
    /// An anchor that is not of its kind.
    #[error("{0} is block {1} of its chain and no first block; name it with --checkpoint")]
    NoGenesis(Hash, u32),
    /// The block is not final yet, as far as the node can prove.
    #[error(
        "block {wanted} is not proved final yet: the node proves block {proved}; try again in a few seconds"
    )]
    NotFinal {
        /// The block.
        wanted: u32,
        /// The last block that the node proves.
        proved: u32,
    },
    /// The node has no justification.
    #[error("the node has no justification that covers block {0}; it may have dropped it, or finality has stopped")]
    NoJustification(u32),
    /// The last block of a set names no successor.
    #[error("block {block} should end authority set {set} and names no other set; if the chain changed its authorities \
        by force, name a --checkpoint after that")]
    NoChange {
        /// The set.
        set: u64,
        /// The block.
        block: u32,
    },
    /// A proved state does not name a block's hash.
    #[error("the proved state of block {from} names no hash of block {to}; the chain keeps fewer hashes than expected")]
    NoHash {
        /// The block whose state was read.
        from: u32,
        /// The block that was looked for.
        to: u32,
    },
    /// Too long a way.
    #[error("the way from the anchor to block {0} has too many steps; name a --checkpoint nearer to it")]
    TooFar(u32),
    /// A transcript does not have what is asked for.
    #[error("there is no answer to `{0}` in the transcript; it was changed, or written by another version of `myelin`")]
    NotRecorded(String),
    /// Too many answers to keep.
    #[error(
        "the answers of the node have more than {} MiB; name a --checkpoint nearer to the epoch",
        Transcript::LIMIT >> 20
    )]
    LongTranscript,
}

type Result<T> = std::result::Result<T, LightError>;

/// A block whose hash is proved, with what is known of its state.
#[derive(Clone, Debug)]
pub struct ProvenBlock {
    /// Its hash.
    pub hash: Hash,
    /// Its header.
    pub header: Header,
    /// Nodes of its state.
    pub state: StateProof,
}

/// Proof that a block is final, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finality {
    /// The block that authorities signed, and the weight of their votes; `None` if the block is the anchor or older.
    pub signed: Option<Justified>,
    /// The set that signed it, and its members.
    pub set: Option<(u64, usize)>,
    /// Weight that was needed.
    pub needed: u64,
    /// Changes of the authorities since the anchor, each signed by the set before.
    pub changes: u64,
    /// Steps back from the signed block.
    pub hops: usize,
}

/// A connection to a node that is not trusted, or a transcript of one.
#[derive(Clone)]
pub struct LightClient {
    source: Source,
}

#[derive(Clone)]
enum Source {
    Node(RpcClient),
    Recording(RpcClient, Arc<Mutex<Transcript>>),
    Recorded(Arc<Transcript>),
}

impl std::fmt::Debug for LightClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LightClient").finish_non_exhaustive()
    }
}

impl LightClient {
    /// Connects with default limits; fails at once when nobody listens.
    pub async fn connect(url: &str) -> Result<Self> {
        let options = Options { pings: false, ..Options::default() };
        Ok(Self { source: Source::Node(client::open(url, &options).await?) })
    }

    /// A client of the same node that keeps the answers from now on. It asks nothing twice, so that a reader of the
    /// transcript sees what this client saw.
    pub fn recording(self) -> Self {
        match self.source {
            Source::Node(raw) => Self { source: Source::Recording(raw, Arc::default()) },
            _ => self,
        }
    }

    /// A client that asks no node, and gets its answers out of a transcript.
    pub fn recorded(transcript: Transcript) -> Self {
        Self { source: Source::Recorded(Arc::new(transcript)) }
    }

    /// The answers so far, if they are kept.
    pub fn transcript(&self) -> Option<Transcript> {
        match &self.source {
            Source::Node(_) => None,
            Source::Recording(_, kept) => Some(locked(kept).clone()),
            Source::Recorded(transcript) => Some(Transcript::clone(transcript)),
        }
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        params: RpcParams,
        block: impl ToString,
    ) -> Result<T> {
        let said = match &self.source {
            Source::Node(raw) => request(raw, method, params).await?,
            Source::Recording(raw, kept) => {
                let question = question(method, &params);
                let known = locked(kept).answer(&question);
                match known {
                    Some(said) => said,
                    None => {
                        let said = request(raw, method, params).await?;
                        locked(kept).keep(question, &said)?;
                        said
                    }
                }
            }
            Source::Recorded(transcript) => {
                let question = question(method, &params);
                transcript.answer(&question).ok_or(LightError::NotRecorded(question))?
            }
        };
        read(said, method, block)
    }

    /// Hash of a block by its number: a hint.
    pub async fn hint_hash(&self, number: u32) -> Result<Hash> {
        let hash: Option<String> = self.ask("chain_getBlockHash", rpc_params![number], number).await?;
        let hash = hash.ok_or_else(|| LightError::NoBlock(number.to_string()))?;
        Ok(Hash(from_hex(&hash).ok_or_else(|| unreadable("a block hash", "it is not 64 digits"))?))
    }

    /// The newest final block, as the node says.
    pub async fn hint_final(&self) -> Result<Block> {
        let hash: String = self.ask("chain_getFinalizedHead", rpc_params![], "").await?;
        let hash = Hash(from_hex(&hash).ok_or_else(|| unreadable("a block hash", "it is not 64 digits"))?);
        Ok(Block { number: self.header(hash).await?.number.into(), hash })
    }

    /// Value of a storage item in the state of a block, as the node says.
    pub async fn hint_value<V: Decode>(&self, key: &[u8], number: u32) -> Result<Option<V>> {
        let hash = self.hint_hash(number).await?;
        let params = rpc_params![hex(key), hash.to_string()];
        let value: Option<String> = self.ask("state_getStorage", params, number).await?;
        let decode = |text: String| {
            let bytes = unhex(&text)?;
            V::decode(&mut &bytes[..]).map_err(|error| unreadable("a storage item", error))
        };
        value.map(decode).transpose()
    }

    /// The first block from `low` to `high` for which `is_there` holds, given that it holds for `high` and for all
    /// blocks after the first. States that the node dropped count as not there.
    pub async fn hint_first<V: Decode>(
        &self,
        key: &[u8],
        (mut low, high): (u32, u32),
        is_there: impl Fn(Option<V>) -> bool,
    ) -> Result<u32> {
        let at = async |number| match self.hint_value(key, number).await {
            Ok(value) => Ok(is_there(value)),
            Err(LightError::NoState(_)) => Ok(false),
            Err(error) => Err(error),
        };
        // Steps back that double, since most callers look for something recent.
        let (mut found, mut step) = (high, 64);
        while found > low {
            let next = found.saturating_sub(step).max(low);
            if !at(next).await? {
                low = next + 1;
                break;
            }
            (found, step) = (next, step.saturating_mul(2));
        }
        while low < found {
            let middle = low + (found - low) / 2;
            match at(middle).await? {
                true => found = middle,
                false => low = middle + 1,
            }
        }
        Ok(found)
    }

    /// The header with a hash. Its content is checked against the hash.
    pub async fn header(&self, hash: Hash) -> Result<Header> {
        let answer: Option<JsonHeader> =
            self.ask("chain_getHeader", rpc_params![hash.to_string()], hash).await?;
        let header = answer.ok_or_else(|| LightError::NoBlock(hash.to_string()))?.read();
        let header = header.ok_or_else(|| unreadable("a header", "its fields are not hexadecimal"))?;
        match header.hash() {
            found if found == hash.0 => Ok(header),
            found => Err(LightError::OtherHeader { asked: hash, found: Hash(found) }),
        }
    }

    /// The block with a hash that is proved.
    pub async fn block(&self, hash: Hash) -> Result<ProvenBlock> {
        Ok(ProvenBlock { hash, header: self.header(hash).await?, state: StateProof::default() })
    }

    /// Adds to a block's state the nodes that these keys need.
    pub async fn prove(&self, block: &mut ProvenBlock, keys: &[Vec<u8>]) -> Result<()> {
        /// As `state_getReadProof` answers.
        #[derive(serde::Deserialize)]
        struct ReadProof {
            proof: Vec<String>,
        }
        const METHOD: &str = "state_getReadProof";
        if keys.is_empty() {
            return Ok(());
        }
        let raw = match &self.source {
            Source::Node(raw) | Source::Recording(raw, _) => raw,
            Source::Recorded(transcript) => {
                let nodes = transcript.nodes(block.hash)?.map(|node| unhex(node));
                block.state.extend(nodes.collect::<Result<Vec<_>>>()?);
                return Ok(());
            }
        };
        for keys in keys.chunks(KEYS_AT_ONCE) {
            let keys: Vec<String> = keys.iter().map(|key| hex(key)).collect();
            let params = rpc_params![keys, block.hash.to_string()];
            let answer: ReadProof = read(request(raw, METHOD, params).await?, METHOD, block.header.number)?;
            if let Source::Recording(_, kept) = &self.source {
                locked(kept).keep_nodes(block.hash, &answer.proof)?;
            }
            let nodes = answer.proof.iter().map(|node| unhex(node)).collect::<Result<Vec<_>>>()?;
            block.state.extend(nodes);
        }
        Ok(())
    }

    /// Reads an item of a block's state, with its proof.
    async fn proven<V: Decode>(&self, block: &mut ProvenBlock, key: Vec<u8>) -> Result<Option<V>> {
        self.prove(block, std::slice::from_ref(&key)).await?;
        let value = block.state.value(&block.header.state_root, &key);
        let value = value.map_err(|error| LightError::State { block: block.header.number, error })?;
        let decode =
            |bytes: Vec<u8>| V::decode(&mut &bytes[..]).map_err(|error| unreadable("a proved item", error));
        value.map(decode).transpose()
    }

    /// Proves that block `number` is on the chain of the anchor and final.
    pub async fn prove_block(&self, anchor: Anchor, number: u32) -> Result<(ProvenBlock, Finality)> {
        let mut from = self.block(anchor.hash()).await?;
        let height = from.header.number;
        if matches!(anchor, Anchor::Genesis(_)) && height != 0 {
            return Err(LightError::NoGenesis(from.hash, height));
        }
        let mut finality = Finality { signed: None, set: None, needed: 0, changes: 0, hops: 0 };
        if number > height {
            let head = self.hint_final().await?.number as u32;
            if head < number {
                return Err(LightError::NotFinal { wanted: number, proved: head });
            }
            let set = self.set_in_office(&mut from).await?;
            from = self.signed(set, height, number, head, &mut finality).await?;
        }
        let block = self.go_back(from, number, &mut finality).await?;
        Ok((block, finality))
    }

    /// The authorities that finalise the blocks after this one.
    async fn set_in_office(&self, block: &mut ProvenBlock) -> Result<AuthoritySet> {
        let id: Option<u64> = self.proven(block, storage_key("Grandpa", "CurrentSetId", &[])).await?;
        let members: Option<Vec<([u8; 32], u64)>> =
            self.proven(block, storage_key("Grandpa", "Authorities", &[])).await?;
        Ok(AuthoritySet::new(id.unwrap_or_default(), members.unwrap_or_default())?)
    }

    /// A block at or after `number` that its authorities signed. Walks from `set`, which is in office after the block
    /// `height`, to the set that signed it.
    async fn signed(
        &self,
        mut set: AuthoritySet,
        mut height: u32,
        number: u32,
        head: u32,
        finality: &mut Finality,
    ) -> Result<ProvenBlock> {
        let key = storage_key("Grandpa", "CurrentSetId", &[]);
        let newest: u64 = self.hint_value(&key, head).await?.unwrap_or_default();
        loop {
            let id = set.id;
            let last = match newest > id {
                true => Some(
                    self.hint_first(&key, (height, head), |found: Option<u64>| {
                        found.unwrap_or_default() > id
                    })
                    .await?,
                ),
                false => None,
            };
            let justified = self.justified(&set, last.unwrap_or(head)).await?;
            let block = self.block(Hash(justified.hash)).await?;
            if justified.number >= number {
                finality.signed = Some(justified);
                finality.set = Some((id, set.len()));
                finality.needed = set.needed();
                return Ok(block);
            }
            let proved = justified.number;
            if last != Some(proved) {
                return Err(LightError::NotFinal { wanted: number, proved });
            }
            let next = block.header.next_authorities()?;
            let next = next.ok_or(LightError::NoChange { set: id, block: proved })?;
            set = AuthoritySet::new(id + 1, next)?;
            (height, finality.changes) = (proved, finality.changes + 1);
            if finality.changes > MOST_SETS {
                return Err(LightError::TooFar(number));
            }
        }
    }

    /// The block that the node's justification for block `number` is about, checked.
    async fn justified(&self, set: &AuthoritySet, number: u32) -> Result<Justified> {
        let proof: Option<String> = self.ask("grandpa_proveFinality", rpc_params![number], number).await?;
        let proof = unhex(&proof.ok_or(LightError::NoJustification(number))?)?;
        Ok(set.verify(justification_of(&proof)?)?)
    }

    /// Goes back from a proved block to an earlier one, by the hashes that proved states name.
    async fn go_back(&self, from: ProvenBlock, number: u32, finality: &mut Finality) -> Result<ProvenBlock> {
        let mut block = from;
        while block.header.number > number {
            let at = block.header.number;
            let to = number.max(at.saturating_sub(HOP));
            let hash = match at - to {
                1 => block.header.parent,
                _ => {
                    let key =
                        storage_key("System", "BlockHash", &[(Hasher::Twox64Concat, &to.to_le_bytes())]);
                    let hash: Option<[u8; 32]> = self.proven(&mut block, key).await?;
                    hash.ok_or(LightError::NoHash { from: at, to })?
                }
            };
            block = self.block(Hash(hash)).await?;
            if block.header.number != to {
                return Err(LightError::NoHash { from: at, to });
            }
            finality.hops += 1;
            if finality.hops > MOST_HOPS {
                return Err(LightError::TooFar(number));
            }
        }
        Ok(block)
    }
}

/// The answer of a node.
async fn request(raw: &RpcClient, method: &str, params: RpcParams) -> Result<Said> {
    match raw.request(method, params).await {
        Ok(value) => Ok(Said::Answer(value)),
        Err(error) => match error.to_string() {
            said if said.contains("State already discarded") => Ok(Said::Discarded),
            said => Err(ChainError::Connection(said).into()),
        },
    }
}

/// The value of an answer about a block.
fn read<T: DeserializeOwned>(said: Said, method: &str, block: impl ToString) -> Result<T> {
    match said {
        Said::Answer(value) => serde_json::from_value(value).map_err(|error| unreadable(method, error)),
        Said::Discarded => Err(LightError::NoState(block.to_string())),
    }
}

/// A question as a transcript names it.
fn question(method: &str, params: &RpcParams) -> String {
    let params = params.clone().build();
    format!("{method} {}", params.as_ref().map_or("[]", |params| params.get()))
}

fn locked(kept: &Mutex<Transcript>) -> MutexGuard<'_, Transcript> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As `chain_getHeader` answers.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JsonHeader {
    parent_hash: String,
    number: String,
    state_root: String,
    extrinsics_root: String,
    digest: JsonDigest,
}

#[derive(serde::Deserialize)]
struct JsonDigest {
    logs: Vec<String>,
}

impl JsonHeader {
    pub(crate) fn read(self) -> Option<Header> {
        Some(Header {
            parent: from_hex(&self.parent_hash)?,
            number: u32::from_str_radix(self.number.strip_prefix("0x")?, 16).ok()?,
            state_root: from_hex(&self.state_root)?,
            extrinsics_root: from_hex(&self.extrinsics_root)?,
            digest: self.digest.logs.iter().map(|log| unhex(log).ok()).collect::<Option<_>>()?,
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn unhex(text: &str) -> Result<Vec<u8>> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    hex::decode(digits).map_err(|error| unreadable("bytes", error))
}

fn unreadable(what: &str, why: impl std::fmt::Display) -> LightError {
    ChainError::undecodable(what, why).into()
}
