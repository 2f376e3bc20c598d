//! Interface of the runners to the chain, and nothing more.
//!
//! [`Chain`] is a port: [`NodeChain`](crate::node::NodeChain) implements it over a node, tests over a chain in memory
//! that keeps the same rules. Submissions are signed by the implementation; a runner never holds a coldkey.

use std::{future::Future, net::SocketAddr, time::Duration};

use codec::Encode;
use myelin_abi::EvidenceDemand;
use myelin_wire::{
    beacon::Source,
    evidence::{ListRoot, TAG_LEN},
    hash::blake2_256,
    AccountId,
};

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
    /// Contribution of a final block to the seeds that are drawn over it, beside its hash.
    fn seed_source(&self, height: u64) -> impl Future<Output = Result<Source, ChainFault>> + Send;
    /// The subnet at a block, or at the best one.
    fn subnet(
        &self,
        netuid: u16,
        at: Option<[u8; 32]>,
    ) -> impl Future<Output = Result<SubnetView, ChainFault>> + Send;
    /// The subnet as it was at most `age` ago. Clones may share an answer within that time.
    fn recent_subnet(
        &self,
        netuid: u16,
        age: Duration,
    ) -> impl Future<Output = Result<SubnetView, ChainFault>> + Send {
        let _ = age;
        self.subnet(netuid, None)
    }
    /// Hash of the rules in force on a mechanism, as the subnet's owner announced them; `None` if the owner announced
    /// none.
    fn rules_in_force(
        &self,
        track: Track,
    ) -> impl Future<Output = Result<Option<[u8; 32]>, ChainFault>> + Send;
    /// Public commitments of hotkeys on the subnet, at a block.
    fn statements(
        &self,
        netuid: u16,
        at: [u8; 32],
    ) -> impl Future<Output = Result<Vec<Statement>, ChainFault>> + Send;
    /// Commits to hashes publicly, in place of this hotkey's earlier commitment. Returns once a block holds it.
    fn state(&self, netuid: u16, hashes: &[[u8; 32]]) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// Writes weights directly; allowed while commit–reveal is off. Returns once a block holds it.
    fn set_weights(
        &self,
        track: Track,
        weights: &WeightVector,
    ) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// Commits to weights by hash, and with a root to the evidence of the epoch. Returns once a block holds it.
    fn commit_weights(
        &self,
        track: Track,
        hash: [u8; 32],
        root: Option<[u8; 32]>,
    ) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// Reveals committed weights, with a proof where they were committed with a root. Returns once a block holds it.
    fn reveal_weights(
        &self,
        track: Track,
        weights: &WeightVector,
        salt: &[u16],
        proof: Option<&[u8]>,
    ) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// The draw of the answers that open a root of this epoch; `None` as long as nobody knows it.
    fn proof_draw(
        &self,
        track: Track,
        epoch: u64,
    ) -> impl Future<Output = Result<Option<ProofDraw>, ChainFault>> + Send;
    /// Proof of evaluation that the subnet demands of its validators at present. [`subnet`](Self::subnet) has it as
    /// well for those who ask miners.
    fn evidence_demand(&self, netuid: u16)
        -> impl Future<Output = Result<EvidenceDemand, ChainFault>> + Send;
    /// Commits to the root over the answers that this hotkey signed in an epoch: the present one, or the one before
    /// until its root is [due](myelin_wire::evidence::answers_due), once for each. Returns once a block holds it.
    fn commit_answers(
        &self,
        netuid: u16,
        epoch: u64,
        answers: ListRoot,
    ) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// Which of these miners say by silence that they were away in an epoch, in their order: they committed to roots
    /// over their answers shortly before, and to none of this epoch. Roots still come in until they are
    /// [due](myelin_wire::evidence::answers_due).
    fn were_away(
        &self,
        netuid: u16,
        epoch: u64,
        miners: &[AccountId],
    ) -> impl Future<Output = Result<Vec<bool>, ChainFault>> + Send;
    /// Roots over the evidence of an epoch that validators committed to.
    fn evidence_roots(
        &self,
        netuid: u16,
        epoch: u64,
    ) -> impl Future<Output = Result<Vec<CommittedRoot>, ChainFault>> + Send;
    /// States which validators' evidence of an epoch this hotkey holds, by uid and
    /// [tag](myelin_wire::evidence::possession_tag). Returns once a block holds it.
    fn attest_evidence(
        &self,
        netuid: u16,
        epoch: u64,
        held: &[(u16, [u8; TAG_LEN])],
    ) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// Addresses at which validators report their evidence, by hotkey. [`subnet`](Self::subnet) hides them from others.
    fn evidence_axons(
        &self,
        netuid: u16,
    ) -> impl Future<Output = Result<Vec<(AccountId, SocketAddr)>, ChainFault>> + Send;
    /// Announces the address and the purpose of the hotkey's axon.
    fn serve_axon(
        &self,
        netuid: u16,
        address: SocketAddr,
        purpose: AxonPurpose,
    ) -> impl Future<Output = Result<(), ChainFault>> + Send;
    /// Milliseconds between two blocks.
    fn slot_ms(&self) -> impl Future<Output = Result<u64, ChainFault>> + Send;
}

/// Purpose of an axon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxonPurpose {
    /// It answers questions: a miner's.
    Answers,
    /// It reports a validator's evidence, and answers no questions.
    Evidence,
}

/// A mechanism of a subnet; weights are set for each one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Track {
    /// The subnet.
    pub netuid: u16,
    /// Number of the mechanism, from 0.
    pub mechanism: u8,
}

impl Track {
    /// The number under which the chain stores the data of a mechanism: `mechanism · 4096 + netuid`.
    pub fn storage_index(self) -> u16 {
        myelin_units::storage_index(self.netuid, self.mechanism)
    }
}

/// The draw of the answers of a proof of evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofDraw {
    /// Randomness of a block after the commitment.
    pub randomness: [u8; 32],
    /// Block of the commitment. Neurons that registered later need no proof.
    pub committed: u64,
    /// Incentives of the last epoch, by uid.
    pub incentives: Vec<u16>,
    /// Signed answers of each miner that the subnet demanded when the weights were committed.
    pub answers: u16,
}

/// A root over the evidence of an epoch, as the chain has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommittedRoot {
    /// The validator. Another hotkey may have replaced the one that committed.
    pub validator: AccountId,
    /// The hotkey that committed, which the evidence names.
    pub signer: AccountId,
    /// The root.
    pub root: [u8; 32],
}

/// Public commitment of a hotkey.
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
    /// Uid of the neuron of the subnet's owner. Weights for it need no proof.
    pub owner: Option<u16>,
    /// Proof of evaluation that the subnet demands of its validators, or will demand.
    pub evidence: EvidenceDemand,
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
    /// Where its axon listens. An axon that only reports evidence is visible to its own hotkey alone: others have no
    /// questions for it.
    pub axon: Option<SocketAddr>,
    /// Whether its axon announced that it takes requests whose signature covers path and body.
    pub signed_bodies: bool,
    /// Whether it holds a validator permit.
    pub permit: bool,
    /// Block at which it took its uid.
    pub registered_at: u64,
    /// Stake that counts on this subnet, in rao.
    pub stake: u64,
    /// Collateral that backs it, in rao. Only those who ask miners read it.
    pub collateral: u64,
}

/// A part of the stake: one in `one_in`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakePart {
    one_in: u32,
}

impl StakePart {
    /// One part in `one_in`; 0 is taken for 1.
    pub fn one_in(one_in: u32) -> Self {
        Self { one_in: one_in.max(1) }
    }
}

impl Default for StakePart {
    /// One in 256, as many as a subnet has places.
    fn default() -> Self {
        Self::one_in(256)
    }
}

impl std::fmt::Display for StakePart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "1/{}", self.one_in)
    }
}

impl std::str::FromStr for StakePart {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_prefix("1/").and_then(|number| number.parse().ok());
        let number: u32 = number.filter(|number| *number > 0).ok_or("expected a part such as 1/256")?;
        Ok(Self::one_in(number))
    }
}

impl SubnetView {
    /// The neuron with this hotkey.
    pub fn by_hotkey(&self, hotkey: &AccountId) -> Option<&Peer> {
        self.neurons.iter().find(|peer| peer.hotkey == *hotkey)
    }

    /// Validators with their stakes: holders of a permit with at least `least` of the stake of all permit holders. A
    /// permit alone is no evidence, since every neuron that keeps its earnings holds one.
    pub fn validators(&self, least: StakePart) -> impl Iterator<Item = (AccountId, u64)> + '_ {
        let holders = || self.neurons.iter().filter(|peer| peer.permit && peer.stake > 0);
        let all: u128 = holders().map(|peer| u128::from(peer.stake)).sum();
        let counts = move |peer: &&Peer| u128::from(peer.stake) * u128::from(least.one_in) >= all;
        holders().filter(counts).map(|peer| (peer.hotkey, peer.stake))
    }

    /// Mechanisms that are switched on.
    pub fn mechanisms(&self) -> u8 {
        u8::try_from(self.updates.len()).unwrap_or(u8::MAX)
    }

    /// Weights of a validator that need proof: above zero, not for itself or the owner's neuron, and for neurons that
    /// had registered up to a block.
    pub fn need_proof(
        &self,
        validator: &AccountId,
        weights: &WeightVector,
        committed: u64,
    ) -> Vec<(u16, u16)> {
        let own = self.by_hotkey(validator).map(|peer| peer.uid);
        let seated = |uid: u16| self.neurons.get(usize::from(uid)).map(|peer| peer.registered_at);
        let needs = |(uid, weight): &(u16, u16)| {
            let exempt = [own, self.owner].contains(&Some(*uid));
            *weight > 0 && !exempt && seated(*uid).is_some_and(|registered| registered <= committed)
        };
        let row = weights.uids.iter().copied().zip(weights.values.iter().copied());
        row.filter(needs).collect()
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

impl WeightVector {
    /// The hash that commits to these weights: Blake2b-256 over SCALE(account, storage index, uids, values, salt,
    /// version key). The storage index of mechanism 0 is the netuid itself.
    pub fn commit_hash(&self, hotkey: &AccountId, track: Track, salt: &[u16]) -> [u8; 32] {
        let WeightVector { uids, values, version_key } = self;
        blake2_256(&(hotkey, track.storage_index(), uids, values, salt, version_key).encode())
    }
}

/// Reason why the chain gave no answer or refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// The chain or its pool refused; `name` is the official name of the refusal.
    #[error("the chain refused: {name} ({explanation})")]
    Refused {
        /// Official name, for example `RateLimitExceeded`.
        name: String,
        /// Meaning of the refusal.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn view(stakes: &[(bool, u64)]) -> SubnetView {
        let peer = |(uid, &(permit, stake)): (u16, &(bool, u64))| {
            let hotkey = [uid as u8; 32];
            Peer {
                uid,
                hotkey,
                axon: None,
                signed_bodies: false,
                permit,
                registered_at: 0,
                stake,
                collateral: 0,
            }
        };
        SubnetView {
            block: 1,
            tempo: 360,
            epoch_start: 0,
            epoch: 0,
            commit_reveal: false,
            reveal_period: 1,
            weights_rate_limit: 0,
            version_key: 0,
            updates: Vec::new(),
            owner: None,
            evidence: EvidenceDemand::default(),
            neurons: (0..).zip(stakes).map(peer).collect(),
        }
    }

    #[test]
    fn a_permit_without_a_part_of_the_stake_makes_no_validator() {
        // Of 25,600 at stake with a permit 100 is a 256th.
        let view = view(&[(true, 25_401), (true, 100), (true, 99), (false, 90_000), (true, 0)]);
        let validators = |least| view.validators(least).map(|(hotkey, _)| hotkey[0]).collect::<Vec<_>>();
        assert_eq!(validators(StakePart::default()), [0, 1]);
        assert_eq!(validators(StakePart::one_in(1_000)), [0, 1, 2]);
        assert_eq!(validators(StakePart::one_in(2)), [0]);
        assert_eq!(self::view(&[(true, 0)]).validators(StakePart::default()).count(), 0);
    }

    #[test]
    fn a_part_of_the_stake_is_read_as_it_is_shown() {
        assert_eq!("1/256".parse(), Ok(StakePart::default()));
        assert_eq!(StakePart::one_in(20).to_string(), "1/20");
        for wrong in ["", "256", "1/0", "2/3", "1/x"] {
            assert!(wrong.parse::<StakePart>().is_err(), "{wrong}");
        }
    }
}
