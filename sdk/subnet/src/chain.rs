//! What the runners need of the chain, and nothing more.
//!
//! [`Chain`] is a port: [`NodeChain`](crate::node::NodeChain) implements it over a node, tests over a chain in memory
//! that keeps the same rules. Submissions are signed by the implementation; a runner never holds a coldkey.

use std::{future::Future, net::SocketAddr};

use myelin_wire::AccountId;

/// The chain as a runner sees it. Clones share one connection.
pub trait Chain: Clone + Send + Sync + 'static {
    /// Hash of block 0.
    fn genesis(&self) -> [u8; 32];
    /// The hotkey that signs submissions.
    fn hotkey(&self) -> AccountId;
    /// Height of the best block.
    fn best(&self) -> impl Future<Output = Result<u64, ChainFault>> + Send;
    /// Height of the last finalised block.
    fn finalized(&self) -> impl Future<Output = Result<u64, ChainFault>> + Send;
    /// Hash of the block at a height.
    fn block_hash(&self, height: u64) -> impl Future<Output = Result<[u8; 32], ChainFault>> + Send;
    /// The subnet at a block, or at the best one.
    fn subnet(
        &self,
        netuid: u16,
        at: Option<[u8; 32]>,
    ) -> impl Future<Output = Result<SubnetView, ChainFault>> + Send;
    /// Hash of the rules that are in force on a mechanism, by what the subnet's owner announced; `None` if it announced none.
    fn rules_in_force(
        &self,
        track: Track,
    ) -> impl Future<Output = Result<Option<[u8; 32]>, ChainFault>> + Send;
    /// What hotkeys have committed to publicly on the subnet, at a block.
    fn statements(
        &self,
        netuid: u16,
        at: [u8; 32],
    ) -> impl Future<Output = Result<Vec<Statement>, ChainFault>> + Send;
    /// Commits to hashes publicly, in place of what this hotkey has stated before. Returns once a block holds it.
    fn state(&self, netuid: u16, hashes: &[[u8; 32]]) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// Writes weights directly; allowed while commit–reveal is off. Returns once a block holds it.
    fn set_weights(
        &self,
        track: Track,
        weights: &WeightVector,
    ) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// Commits to weights by hash. Returns once a block holds it.
    fn commit_weights(
        &self,
        track: Track,
        hash: [u8; 32],
    ) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// Reveals committed weights. Returns once a block holds it.
    fn reveal_weights(
        &self,
        track: Track,
        weights: &WeightVector,
        salt: &[u16],
    ) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// Announces where the hotkey's axon listens.
    fn serve_axon(
        &self,
        netuid: u16,
        address: SocketAddr,
    ) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// Milliseconds between two blocks.
    fn slot_ms(&self) -> impl Future<Output = Result<u64, ChainFault>> + Send;
}

/// A subnet's mechanism: what weights are set on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Track {
    /// The subnet.
    pub netuid: u16,
    /// Number of the mechanism, from 0.
    pub mechanism: u8,
}

impl Track {
    /// The number under which the chain stores what belongs to a mechanism: `mechanism · 4096 + netuid`.
    pub fn storage_index(self) -> u16 {
        u16::from(self.mechanism).saturating_mul(4096).saturating_add(self.netuid)
    }
}

/// What a hotkey has committed to publicly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The hotkey.
    pub hotkey: AccountId,
    /// Block of the commitment.
    pub block: u64,
    /// The BLAKE2-256 hashes among its fields.
    pub hashes: Vec<[u8; 32]>,
}

/// A subnet at one block: its clock, its rules for weights, its neurons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubnetView {
    /// The block.
    pub block: u64,
    /// Blocks between two epochs.
    pub tempo: u16,
    /// Block of the last epoch.
    pub epoch_start: u64,
    /// Epochs that the subnet has run.
    pub epoch: u64,
    /// Whether weights are committed before they are revealed.
    pub commit_reveal: bool,
    /// Epochs from a commit to its reveal.
    pub reveal_period: u64,
    /// Blocks that must pass between two submissions of weights by one neuron.
    pub weights_rate_limit: u64,
    /// Version that weights must carry.
    pub version_key: u64,
    /// Blocks of the neurons' last weights: for each mechanism that is switched on, by uid.
    pub updates: Vec<Vec<u64>>,
    /// Every neuron, by uid.
    pub neurons: Vec<Peer>,
}

/// A neuron.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its number.
    pub uid: u16,
    /// Its key.
    pub hotkey: AccountId,
    /// Where its axon listens.
    pub axon: Option<SocketAddr>,
    /// Whether it holds a validator permit.
    pub permit: bool,
    /// Block at which it took its uid.
    pub registered_at: u64,
    /// Stake that counts on this subnet, in rao.
    pub stake: u64,
}

impl SubnetView {
    /// The neuron with this hotkey.
    pub fn by_hotkey(&self, hotkey: &AccountId) -> Option<&Peer> {
        self.neurons.iter().find(|peer| peer.hotkey == *hotkey)
    }

    /// Mechanisms that are switched on.
    pub fn mechanisms(&self) -> u8 {
        u8::try_from(self.updates.len()).unwrap_or(u8::MAX)
    }

    /// Block of a neuron's last weights on a mechanism, 0 if there are none.
    pub fn last_update(&self, mechanism: u8, uid: u16) -> u64 {
        let mechanism = self.updates.get(usize::from(mechanism));
        mechanism.and_then(|blocks| blocks.get(usize::from(uid))).copied().unwrap_or_default()
    }
}

/// A row of weights as the chain takes it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct WeightVector {
    /// Uids, ascending.
    pub uids: Vec<u16>,
    /// Weight of each uid, 65535 for the largest.
    pub values: Vec<u16>,
    /// Version of the scoring that made them.
    pub version_key: u64,
}

/// Why the chain gave no answer or refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// The chain or its pool refused; `name` is the official name of the refusal.
    #[error("the chain refused: {name} ({explanation})")]
    Refused {
        /// Official name, for example `RateLimitExceeded`.
        name: String,
        /// What it means.
        explanation: String,
    },
    /// No answer came; trying again later may help.
    #[error("the chain gave no answer: {0}")]
    Unreachable(String),
}

impl ChainFault {
    /// Whether this is the named refusal.
    pub fn is(&self, refusal: &str) -> bool {
        matches!(self, ChainFault::Refused { name, .. } if name == refusal)
    }
}
