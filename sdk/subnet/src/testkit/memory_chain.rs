//! A chain in memory that keeps the rules the runners rely on: epochs by tempo, permits, rate limit, hash
//! commit–reveal in the right epoch.
//!
//! It stands in for a node in tests of miners and validators; it has no consensus of nodes. After each epoch it splits
//! the incentive by the median of the validators' weights.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use codec::Encode;
use myelin_abi::EvidenceDemand;
use myelin_wire::{
    beacon::{settling, Source},
    evidence::{
        self, answers_due, draw_block, says_away, EvaluationProof, ListRoot, Lots, Occasion, ProofError,
        TAG_LEN,
    },
    hash::blake2_256,
    sr25519, AccountId,
};

use crate::chain::{
    AxonPurpose, Chain, ChainFault, CommittedRoot, Peer, ProofDraw, Statement, SubnetView, Track,
    WeightVector,
};

/// The subnet of the chain.
pub const NETUID: u16 = 2;
/// Time between two blocks.
pub const SLOT: Duration = Duration::from_millis(20);
/// Authors of blocks.
const AUTHORS: u32 = 1;
/// Blocks by which finality lags.
const LAG: u64 = 2;

/// The chain as one of its users sees it. Clones share the ledger.
#[derive(Clone)]
pub struct MemoryChain {
    ledger: Arc<Mutex<Ledger>>,
    hotkey: AccountId,
}

/// Changes of a test at a block.
type Script = Box<dyn FnMut(&mut Ledger) + Send>;

/// A commitment to weights: its hash and the epoch in which it was made.
type Commit = ([u8; 32], u64);

/// Validators whose evidence somebody states to hold, by uid and tag.
pub type Holdings = Vec<(u16, [u8; TAG_LEN])>;

/// A checked proof: the epoch of the reveal, and the fault.
pub type Checked = (u64, Result<(), ProofError>);

/// A root over evidence, with the commit of weights that it came with.
#[derive(Clone, Copy, Debug)]
pub struct Root {
    commit: [u8; 32],
    root: [u8; 32],
    began: u64,
    block: u64,
}

/// Storage of the chain. Tests read and change it directly.
#[derive(Default)]
pub struct Ledger {
    /// Height of the best block.
    pub block: u64,
    /// Blocks between two epochs.
    pub tempo: u16,
    /// Block of the last epoch.
    pub epoch_start: u64,
    /// Epochs so far.
    pub epoch: u64,
    /// Whether weights are committed before they are revealed.
    pub commit_reveal: bool,
    /// Blocks between two submissions of one neuron.
    pub rate_limit: u64,
    /// Every neuron, by uid.
    pub neurons: Vec<Peer>,
    /// Commitments to weights by hotkey and mechanism.
    pub commits: HashMap<(AccountId, u8), Vec<Commit>>,
    /// Public commitments of hotkeys, earlier ones included.
    pub statements: HashMap<AccountId, Vec<Statement>>,
    /// Hashes of the rules in force, by mechanism.
    pub rules: HashMap<u8, [u8; 32]>,
    /// Mechanisms that are switched on.
    pub mechanisms: u8,
    /// Blocks of the last weights by mechanism and uid.
    pub last_updates: HashMap<(u8, u16), u64>,
    /// Stored weights by mechanism and uid.
    pub weights: BTreeMap<(u8, u16), Vec<(u16, u16)>>,
    /// Incentives of each mechanism after each epoch with weights, by uid; 65535 = 1.
    pub incentives: BTreeMap<u8, Vec<Vec<u16>>>,
    /// Epochs in which weights were set or revealed, by mechanism and uid.
    pub updates: HashMap<(u8, u16), Vec<u64>>,
    /// Addresses at which validators report their evidence.
    pub evidence_axons: HashMap<AccountId, SocketAddr>,
    /// Proof of evaluation that the subnet demands.
    pub evidence: EvidenceDemand,
    /// Roots over evidence by hotkey, mechanism and epoch.
    pub roots: HashMap<(AccountId, u8, u64), Root>,
    /// Miners' roots over signed answers, by hotkey and epoch.
    pub answer_roots: BTreeMap<(AccountId, u64), ListRoot>,
    /// Validators whose evidence of an epoch a hotkey states to hold, with tags.
    pub holdings: BTreeMap<(AccountId, u64), Holdings>,
    /// Checked proofs by mechanism and uid.
    pub proofs: HashMap<(u8, u16), Vec<Checked>>,
    /// Whether the chain does not answer at the moment.
    pub down: bool,
    /// Calls that are refused for a reason that passes.
    pub refused: Vec<&'static str>,
    /// Calls that are executed without an answer to their caller.
    pub lost: Vec<&'static str>,
    script: Option<Script>,
}

impl MemoryChain {
    /// A chain of one subnet with epochs of `tempo` blocks, without neurons.
    pub fn new(tempo: u16, commit_reveal: bool) -> Self {
        let ledger = Ledger {
            tempo,
            commit_reveal,
            block: 1,
            epoch_start: 1,
            epoch: 5,
            mechanisms: 1,
            ..Ledger::default()
        };
        Self { ledger: Arc::new(Mutex::new(ledger)), hotkey: [0; 32] }
    }

    /// A chain whose time passes only when a client asks for the height or is refused something: then a block is made,
    /// and `script` changes the ledger. So no client is late because a machine is slow, unless the chain is down for
    /// long.
    pub fn scripted(tempo: u16, script: impl FnMut(&mut Ledger) + Send + 'static) -> Self {
        let chain = Self::new(tempo, true);
        chain.ledger().script = Some(Box::new(script));
        chain
    }

    /// The same chain, signed for by another hotkey.
    pub fn signed_by(&self, hotkey: AccountId) -> Self {
        Self { ledger: self.ledger.clone(), hotkey }
    }

    /// Registers a hotkey and returns its uid.
    pub fn register(&self, hotkey: AccountId, permit: bool) -> u16 {
        let mut ledger = self.ledger();
        // Every neuron counts as registered before the first epoch, so that none misses the first round.
        let (uid, registered_at) = (ledger.neurons.len() as u16, 0);
        let stake = if permit { 1_000_000_000 } else { 0 };
        ledger.neurons.push(Peer {
            uid,
            hotkey,
            axon: None,
            signed_bodies: false,
            permit,
            registered_at,
            stake,
            collateral: 0,
        });
        uid
    }

    /// The ledger; hold it briefly.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a block every slot until the task is aborted.
    pub fn run(&self) -> tokio::task::JoinHandle<()> {
        let chain = self.clone();
        tokio::spawn(async move {
            let mut clock = tokio::time::interval(SLOT);
            loop {
                clock.tick().await;
                chain.ledger().advance();
            }
        })
    }

    fn open(&self) -> Result<MutexGuard<'_, Ledger>, ChainFault> {
        let mut ledger = self.ledger();
        if ledger.down {
            ledger.ask();
            return Err(ChainFault::Unreachable("the node is down".into()));
        }
        Ok(ledger)
    }

    fn write(
        &self,
        call: &'static str,
        body: impl FnOnce(&mut Ledger, u16) -> Result<(), ChainFault>,
    ) -> Result<(), ChainFault> {
        let mut ledger = self.open()?;
        if ledger.refused.contains(&call) {
            ledger.ask();
            return Err(refused("ServiceUnavailable"));
        }
        let own = ledger.neurons.iter().find(|peer| peer.hotkey == self.hotkey).cloned();
        let own = own.ok_or_else(|| refused("HotKeyNotRegisteredInSubNet"))?;
        if !own.permit {
            return Err(refused("NeuronNoValidatorPermit"));
        }
        body(&mut ledger, own.uid)?;
        if ledger.lost.contains(&call) {
            ledger.ask();
            return Err(ChainFault::Unreachable("the answer was lost".into()));
        }
        Ok(())
    }
}

fn refused(name: &str) -> ChainFault {
    ChainFault::Refused { name: name.into(), explanation: "by the rules of the chain".into() }
}

impl MemoryChain {
    /// Checks a proof by the rule of the chain.
    fn check(
        &self,
        known: &Known,
        track: Track,
        weights: &WeightVector,
        (root, incentives): (Root, Vec<u16>),
        proof: &[u8],
    ) -> Result<(), ProofError> {
        let view = &known.view;
        let weights = view.need_proof(&self.hotkey, weights, root.block);
        let paid =
            WeightVector { uids: (0..).take(incentives.len()).collect(), values: incentives, version_key: 0 };
        let paid = view.need_proof(&self.hotkey, &paid, root.block);
        let paid: Vec<u16> = paid.into_iter().map(|(uid, _)| uid).collect();
        let occasion = Occasion {
            genesis: self.genesis(),
            netuid: track.netuid,
            epoch: view.epoch - 1,
            blocks: (root.began + 1, root.block),
            validator: self.hotkey,
            root: root.root,
            lots: Lots {
                randomness: randomness_of(view.epoch_start),
                weights: &weights,
                paid: &paid,
                answers: view.evidence.on(track.mechanism).unwrap_or(1).into(),
            },
        };
        EvaluationProof::from_bytes(proof)?.verify(&occasion, known)
    }
}

/// The chain as far as a proof needs it: the subnet, and the uids of the miners that were away.
struct Known {
    view: SubnetView,
    away: Vec<u16>,
}

impl evidence::Chain for Known {
    fn sits_at(&self, uid: u16, hotkey: &AccountId) -> bool {
        self.view.neurons.get(usize::from(uid)).is_some_and(|peer| peer.hotkey == *hotkey)
    }

    fn seed_source(&self, block: u64) -> Option<[u8; 32]> {
        Some(value_of(block))
    }

    fn was_away(&self, uid: u16) -> bool {
        self.away.contains(&uid)
    }

    fn signed(&self, key: &AccountId, message: &[u8], signature: &sr25519::Signature) -> bool {
        sr25519::verify(key, message, signature)
    }
}

/// The beacon's value of a block. Its strict rules hold from the first block on.
fn value_of(block: u64) -> [u8; 32] {
    blake2_256(&(block, "value").encode())
}

/// Randomness of the epoch that began at a block.
fn randomness_of(began: u64) -> [u8; 32] {
    blake2_256(&(began, "randomness").encode())
}

impl Ledger {
    /// Incentives of the last epoch on a mechanism, by uid.
    fn last_incentives(&self, mechanism: u8) -> Vec<u16> {
        let all = self.incentives.get(&mechanism);
        all.and_then(|all| all.last()).cloned().unwrap_or_default()
    }

    /// Whether miners' roots of the last epoch are due.
    fn are_roots_in(&self) -> bool {
        self.block > answers_due(self.epoch_start, self.tempo)
    }

    fn was_away(&self, miner: &AccountId, epoch: u64) -> bool {
        let roots = self.answer_roots.range((*miner, 0)..=(*miner, u64::MAX));
        says_away(roots.map(|((_, epoch), _)| *epoch), epoch)
    }

    fn randomness(&self) -> [u8; 32] {
        randomness_of(self.epoch_start)
    }

    /// Makes a block on a scripted chain.
    fn ask(&mut self) {
        if let Some(mut script) = self.script.take() {
            self.advance();
            script(self);
            self.script = Some(script);
        }
    }

    fn advance(&mut self) {
        self.block += 1;
        if self.block - self.epoch_start >= u64::from(self.tempo) {
            self.run_epoch();
            self.epoch += 1;
            self.epoch_start = self.block;
            let epoch = self.epoch;
            self.commits.values_mut().for_each(|queue| queue.retain(|(_, made)| epoch <= made + 1));
        }
    }

    /// Consensus as far as tests need it: incentives from the stake-weighted median of the validators' weights.
    fn run_epoch(&mut self) {
        for mechanism in 0..self.mechanisms {
            self.judge(mechanism);
        }
    }

    fn judge(&mut self, mechanism: u8) {
        let rows: Vec<Vec<u16>> = self
            .weights
            .range((mechanism, 0)..=(mechanism, u16::MAX))
            .map(|(_, row)| {
                let mut dense = vec![0; self.neurons.len()];
                row.iter().for_each(|(uid, value)| dense[usize::from(*uid)] = *value);
                dense
            })
            .collect();
        if rows.is_empty() {
            return;
        }
        let median = |uid: usize| {
            let mut column: Vec<u16> = rows.iter().map(|row| row[uid]).collect();
            column.sort_unstable();
            u64::from(column[(column.len() - 1) / 2])
        };
        let consensus: Vec<u64> = (0..self.neurons.len()).map(median).collect();
        let total = consensus.iter().sum::<u64>().max(1);
        let shares = consensus.iter().map(|value| (value * 65_535 / total) as u16).collect();
        self.incentives.entry(mechanism).or_default().push(shares);
    }

    /// Accepts an update, unless it comes too soon after the last.
    fn update(&mut self, mechanism: u8, uid: u16) -> Result<(), ChainFault> {
        if mechanism >= self.mechanisms {
            return Err(refused("MechanismDoesNotExist"));
        }
        let last = self.last_updates.get(&(mechanism, uid)).copied().unwrap_or_default();
        if last != 0 && self.block - last < self.rate_limit {
            return Err(refused("CommittingWeightsTooFast"));
        }
        self.last_updates.insert((mechanism, uid), self.block);
        Ok(())
    }

    fn store(&mut self, mechanism: u8, uid: u16, weights: &WeightVector) {
        let row = weights.uids.iter().copied().zip(weights.values.iter().copied()).collect();
        self.weights.insert((mechanism, uid), row);
        self.updates.entry((mechanism, uid)).or_default().push(self.epoch);
    }
}

impl Chain for MemoryChain {
    fn genesis(&self) -> [u8; 32] {
        [0xcc; 32]
    }

    fn hotkey(&self) -> AccountId {
        self.hotkey
    }

    async fn best(&self) -> Result<u64, ChainFault> {
        let mut ledger = self.open()?;
        ledger.ask();
        Ok(ledger.block)
    }

    async fn finalized(&self) -> Result<u64, ChainFault> {
        Ok(self.open()?.block.saturating_sub(LAG))
    }

    async fn block_hash(&self, height: u64) -> Result<[u8; 32], ChainFault> {
        drop(self.open()?);
        Ok(blake2_256(&height.to_le_bytes()))
    }

    async fn seed_source(&self, height: u64) -> Result<Source, ChainFault> {
        drop(self.open()?);
        Ok(Source { value: Some(value_of(height)), settling: settling(Some(1), height, AUTHORS) })
    }

    async fn subnet(&self, _: u16, _: Option<[u8; 32]>) -> Result<SubnetView, ChainFault> {
        let ledger = self.open()?;
        Ok(SubnetView {
            block: ledger.block,
            tempo: ledger.tempo,
            epoch_start: ledger.epoch_start,
            epoch: ledger.epoch,
            commit_reveal: ledger.commit_reveal,
            reveal_period: 1,
            weights_rate_limit: ledger.rate_limit,
            version_key: 0,
            updates: (0..ledger.mechanisms)
                .map(|mechanism| {
                    let last = |uid| ledger.last_updates.get(&(mechanism, uid)).copied().unwrap_or_default();
                    (0..ledger.neurons.len() as u16).map(last).collect()
                })
                .collect(),
            owner: None,
            evidence: ledger.evidence,
            neurons: ledger
                .neurons
                .iter()
                .map(|peer| {
                    let own = (peer.hotkey == self.hotkey).then(|| ledger.evidence_axons.get(&peer.hotkey));
                    Peer { axon: peer.axon.or(own.flatten().copied()), ..peer.clone() }
                })
                .collect(),
        })
    }

    async fn rules_in_force(&self, track: Track) -> Result<Option<[u8; 32]>, ChainFault> {
        Ok(self.open()?.rules.get(&track.mechanism).copied())
    }

    /// `at` is the hash of a height, as [`block_hash`](Chain::block_hash) returns it.
    async fn statements(&self, _: u16, at: [u8; 32]) -> Result<Vec<Statement>, ChainFault> {
        let ledger = self.open()?;
        let height = (0..=ledger.block).rev().find(|height| blake2_256(&height.to_le_bytes()) == at);
        let height = height.ok_or_else(|| ChainFault::Unreachable("no such block".into()))?;
        let latest =
            |all: &Vec<Statement>| all.iter().rev().find(|statement| statement.block <= height).cloned();
        Ok(ledger.statements.values().filter_map(latest).collect())
    }

    async fn state(&self, _: u16, hashes: &[[u8; 32]]) -> Result<(), ChainFault> {
        let mut ledger = self.open()?;
        if !ledger.neurons.iter().any(|peer| peer.hotkey == self.hotkey) {
            return Err(refused("AccountNotAllowedCommit"));
        }
        let statement = Statement { hotkey: self.hotkey, block: ledger.block + 1, hashes: hashes.to_vec() };
        ledger.statements.entry(self.hotkey).or_default().push(statement);
        Ok(())
    }

    async fn set_weights(&self, track: Track, weights: &WeightVector) -> Result<(), ChainFault> {
        self.write("set_weights", |ledger, uid| {
            if ledger.commit_reveal {
                return Err(refused("CommitRevealEnabled"));
            }
            ledger.update(track.mechanism, uid)?;
            ledger.store(track.mechanism, uid, weights);
            Ok(())
        })
    }

    async fn commit_weights(
        &self,
        track: Track,
        hash: [u8; 32],
        root: Option<[u8; 32]>,
    ) -> Result<(), ChainFault> {
        self.write("commit_weights", |ledger, uid| {
            ledger.update(track.mechanism, uid)?;
            let epoch = ledger.epoch;
            ledger.commits.entry((self.hotkey, track.mechanism)).or_default().push((hash, epoch));
            if let Some(root) = root {
                let known = Root { commit: hash, root, began: ledger.epoch_start, block: ledger.block };
                ledger.roots.insert((self.hotkey, track.mechanism, epoch), known);
            }
            Ok(())
        })
    }

    async fn reveal_weights(
        &self,
        track: Track,
        weights: &WeightVector,
        salt: &[u16],
        proof: Option<&[u8]>,
    ) -> Result<(), ChainFault> {
        let view = self.subnet(track.netuid, None).await?;
        let is_away = |peer: &Peer| {
            let ledger = self.ledger();
            ledger.are_roots_in() && ledger.was_away(&peer.hotkey, view.epoch.saturating_sub(1))
        };
        let away = view.neurons.iter().filter(|peer| is_away(peer)).map(|peer| peer.uid).collect();
        let known = Known { view, away };
        let WeightVector { uids, values, version_key } = weights;
        let index = track.storage_index();
        let hash = blake2_256(&(self.hotkey, index, uids, values, salt, version_key).encode());
        self.write("reveal_weights", |ledger, uid| {
            let epoch = ledger.epoch;
            let queue = ledger.commits.entry((self.hotkey, track.mechanism)).or_default();
            let at = queue.iter().position(|(committed, _)| *committed == hash);
            let at = at.ok_or_else(|| refused("NoWeightsCommitFound"))?;
            if queue[at].1 + 1 != epoch {
                return Err(refused("RevealTooEarly"));
            }
            queue.drain(..=at);
            ledger.store(track.mechanism, uid, weights);
            if let Some(proof) = proof {
                let key = (self.hotkey, track.mechanism, epoch - 1);
                let root = ledger.roots.get(&key).copied().filter(|root| root.commit == hash);
                let root = root.ok_or_else(|| refused("NoRootCommitted"))?;
                let incentives = ledger.last_incentives(track.mechanism);
                let held = self.check(&known, track, weights, (root, incentives), proof);
                ledger.proofs.entry((track.mechanism, uid)).or_default().push((epoch, held));
            }
            Ok(())
        })
    }

    async fn proof_draw(&self, track: Track, epoch: u64) -> Result<Option<ProofDraw>, ChainFault> {
        let ledger = self.open()?;
        let root = ledger.roots.get(&(self.hotkey, track.mechanism, epoch));
        let known = ledger.block > draw_block(ledger.epoch_start, ledger.tempo, AUTHORS, Some(1));
        let randomness = ledger.randomness();
        let incentives = ledger.last_incentives(track.mechanism);
        let answers = ledger.evidence.on(track.mechanism).unwrap_or(1);
        let draw = |root: &Root| ProofDraw { randomness, committed: root.block, incentives, answers };
        Ok(root.filter(|_| known).map(draw))
    }

    async fn evidence_demand(&self, _: u16) -> Result<EvidenceDemand, ChainFault> {
        Ok(self.open()?.evidence)
    }

    async fn commit_answers(&self, _: u16, epoch: u64, answers: ListRoot) -> Result<(), ChainFault> {
        let mut ledger = self.open()?;
        if ledger.refused.contains(&"commit_answers") {
            ledger.ask();
            return Err(refused("ServiceUnavailable"));
        }
        // Miners have no permit.
        if !ledger.neurons.iter().any(|peer| peer.hotkey == self.hotkey) {
            return Err(refused("HotKeyNotRegisteredInSubNet"));
        }
        if !(epoch == ledger.epoch || epoch + 1 == ledger.epoch && !ledger.are_roots_in())
            || ledger.answer_roots.contains_key(&(self.hotkey, epoch))
        {
            return Err(refused("AnswerRootOutOfTurn"));
        }
        ledger.answer_roots.insert((self.hotkey, epoch), answers);
        Ok(())
    }

    async fn were_away(&self, _: u16, epoch: u64, miners: &[AccountId]) -> Result<Vec<bool>, ChainFault> {
        let ledger = self.open()?;
        Ok(miners.iter().map(|miner| ledger.was_away(miner, epoch)).collect())
    }

    async fn evidence_roots(&self, _: u16, epoch: u64) -> Result<Vec<CommittedRoot>, ChainFault> {
        let ledger = self.open()?;
        let mut found: BTreeMap<AccountId, CommittedRoot> = BTreeMap::new();
        for ((validator, _, _), root) in ledger.roots.iter().filter(|((.., of), _)| *of == epoch) {
            let committed = CommittedRoot { validator: *validator, signer: *validator, root: root.root };
            found.insert(*validator, committed);
        }
        Ok(found.into_values().collect())
    }

    async fn attest_evidence(
        &self,
        _: u16,
        epoch: u64,
        held: &[(u16, [u8; TAG_LEN])],
    ) -> Result<(), ChainFault> {
        self.write("attest_evidence", |ledger, _| {
            if epoch + 2 != ledger.epoch {
                return Err(refused("EvidenceNotOpen"));
            }
            ledger.holdings.insert((self.hotkey, epoch), held.to_vec());
            Ok(())
        })
    }

    async fn evidence_axons(&self, _: u16) -> Result<Vec<(AccountId, SocketAddr)>, ChainFault> {
        Ok(self.open()?.evidence_axons.iter().map(|(hotkey, at)| (*hotkey, *at)).collect())
    }

    async fn serve_axon(&self, _: u16, address: SocketAddr, purpose: AxonPurpose) -> Result<(), ChainFault> {
        let mut ledger = self.open()?;
        if purpose == AxonPurpose::Evidence {
            ledger.evidence_axons.insert(self.hotkey, address);
            return Ok(());
        }
        let own = ledger.neurons.iter_mut().find(|peer| peer.hotkey == self.hotkey);
        let own = own.ok_or_else(|| refused("HotKeyNotRegisteredInNetwork"))?;
        (own.axon, own.signed_bodies) = (Some(address), true);
        Ok(())
    }

    async fn slot_ms(&self) -> Result<u64, ChainFault> {
        // On a scripted chain, time passes when it is asked for, so clients need not sleep.
        let asked_for = self.open()?.script.is_some();
        Ok(if asked_for { 10 } else { SLOT.as_millis() as u64 })
    }
}
