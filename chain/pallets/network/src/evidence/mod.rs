//! Proof of evaluation: weights count only if their validator proves that it asked the miners it pays.
//!
//! A subnet's owner demands it, with the notice of rubrics. A validator then commits to a root over its evidence
//! together with its weights ([`EvidenceLedger::commit`]). In the epoch of the reveal, randomness of a block after its
//! beginning draws answers by weight, and the reveal opens them ([`EvidenceLedger::reveal`]). `myelin_wire::evidence`
//! has the rule of proofs, `myelin_yuma::proven` the rule that says whose weights count.
//!
//! Weights without a proof are stored like others. They do not count at the end of an epoch ([`EvidenceLedger::marks`])
//! as long as the subnet demands proof. Weights that are set by other calls are never proven.
//!
//! Miners that say by silence that they were away are excused in part: they committed to roots over their answers
//! before, and have none of the epoch of the proof once it is due ([`EvidenceLedger::are_roots_in`]).
//!
//! Miners that registered after the commitment need no proof, and neither do the validator itself and the neuron of the
//! subnet's owner, which many subnets weigh in order to burn.

mod shown;
pub(crate) mod storage;

use core::marker::PhantomData;

use alloc::{collections::VecDeque, vec::Vec};
use frame_support::{pallet_prelude::*, weights::Weight};
use frame_system::pallet_prelude::*;
use myelin_abi::{EvidenceDemand, EvidenceRoot, OutvotedMark, ProofHistory};
use myelin_economy::params::{row, Caller, Parameter};
use myelin_units::{storage_index, subnet_of_index, Block, MechId, NetUid, Uid};
use myelin_wire::{
    beacon,
    evidence::{draw_block, says_away, Chain, EvaluationProof, Lots, Occasion, ProofError, PROOF_LIMIT},
    hash::Hash,
    sr25519::Signature,
};
use myelin_yuma::{
    framing::{self, Mark},
    proven::History,
    set_weights::Route,
    EpochInput,
};
use sp_core::sr25519;
use sp_runtime::{traits::Zero, SaturatedConversion};

use crate::{
    epoch::{EpochClock, Roll},
    neurons::{NeuronRegistry, Seat},
    pallet::{
        AnswerRoots, BarredValidators, CommitRevealWeightsEnabled, Config, Error, Event, EvidenceDemands,
        EvidenceHeld, EvidenceRoots, FormerHotkeys, Incentive, OutvotedMarks, Pallet, ProofBar,
        ProofHistories, RevealPeriodEpochs, RubricNotice, Tempo, ValidatorPermit,
    },
    stake::Delegation,
    subnets::{now, Hyperparameters, RateLimits, SubnetRegistry},
    weights::{Reveal, WeightLedger},
};

const BAR: &Parameter = row("ProofBar");

/// Roots of a hotkey that are kept on one mechanism, one for each epoch; more where weights are revealed later.
const MOST_ROOTS: usize = 10;

/// Randomness of blocks that no author can choose.
pub trait Beacon {
    /// The randomness after a block; `None` if the block is not there yet, or too old.
    fn value_at(block: Block) -> Option<[u8; 32]>;
    /// First block of the strict rules of the beacon; `None` if they never hold. See [`myelin_wire::beacon`].
    fn strict_from() -> Option<Block>;
    /// Number of the authorities that write blocks in turn.
    fn authorities() -> u32;
}

/// No block has randomness, so nothing can be proved.
impl Beacon for () {
    fn value_at(_: Block) -> Option<[u8; 32]> {
        None
    }
    fn strict_from() -> Option<Block> {
        None
    }
    fn authorities() -> u32 {
        0
    }
}

/// Neurons whose weights do not count at the end of an epoch, and neurons that get no permit, by uid. Empty where
/// nothing is demanded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// See [`EpochInput::unproven`](myelin_yuma::EpochInput::unproven).
    pub unproven: Vec<bool>,
    /// See [`EpochInput::barred`](myelin_yuma::EpochInput::barred).
    pub barred: Vec<bool>,
}

/// Owner of [`EvidenceDemands`], [`EvidenceRoots`], [`ProofHistories`], [`BarredValidators`], [`FormerHotkeys`],
/// [`OutvotedMarks`], [`AnswerRoots`], [`EvidenceHeld`] and [`ProofBar`].
///
/// Invariants: a hotkey has at most ten roots per mechanism. An announced demand is in force no sooner than the notice
/// of its announcement allowed.
pub struct EvidenceLedger<T>(PhantomData<T>);

impl<T: Config> EvidenceLedger<T> {
    /// `demand_evidence`: announces what a subnet demands.
    pub fn demand(origin: OriginFor<T>, netuid: NetUid, answers: u16, mechanisms: u16) -> DispatchResult {
        RateLimits::<T>::authorise(origin, netuid)?;
        let demand = EvidenceDemand { answers, mechanisms };
        ensure!((answers == 0) == (mechanisms == 0), Error::<T>::InvalidValue);
        let existing = (1u32 << SubnetRegistry::<T>::mechanism_count(netuid).min(16)) - 1;
        ensure!(u32::from(mechanisms) & !existing == 0, Error::<T>::MechanismDoesNotExist);
        if answers > 0 {
            Hyperparameters::<T>::ensure_proof_in_time(&Hyperparameters::<T>::reveal_timing(netuid))?;
        }
        let now = now::<T>();
        let from = now.saturating_add(RubricNotice::<T>::get());
        EvidenceDemands::<T>::mutate(netuid, |known| *known = known.announce(demand, now, from));
        Pallet::<T>::deposit_event(Event::EvidenceDemanded { netuid, answers, mechanisms, from });
        Ok(())
    }

    /// `sudo_set_proof_bar`.
    pub fn set_bar(epochs: u64) -> DispatchResult {
        ensure!(BAR.check(epochs.into(), Caller::Root).is_ok(), Error::<T>::InvalidValue);
        ProofBar::<T>::put(epochs);
        Pallet::<T>::deposit_event(Event::ProofBarSet { epochs });
        Ok(())
    }

    /// Answers that a mechanism demands of each miner with a weight; `None` where it demands no proof. Without
    /// commit-reveal nothing can be proved, so nothing is demanded.
    pub fn demanded(netuid: NetUid, mecid: MechId) -> Option<u16> {
        let demand = EvidenceDemands::<T>::get(netuid).in_force(now::<T>());
        demand.on(mecid).filter(|_| CommitRevealWeightsEnabled::<T>::get(netuid))
    }

    /// Whether a subnet demands proof, or has announced to.
    pub fn demands(netuid: NetUid) -> bool {
        let (demands, now) = (EvidenceDemands::<T>::get(netuid), now::<T>());
        let announced = demands.announced(now).map(|(announced, _)| announced);
        [Some(demands.in_force(now)), announced].into_iter().flatten().any(|demand| demand.answers > 0)
    }

    /// `commit_proven_weights`: commits to weights and to a root over the evidence of this epoch. Asks for the stake,
    /// which the reveal does not ask for again.
    pub fn commit(
        hotkey: T::AccountId,
        netuid: NetUid,
        mecid: MechId,
        hash: T::Hash,
        root: [u8; 32],
    ) -> DispatchResult {
        WeightLedger::<T>::commit(hotkey.clone(), netuid, mecid, hash)?;
        ensure!(Delegation::<T>::meets_threshold(&hotkey, netuid), Error::<T>::NotEnoughStakeToSetWeights);
        let (index, block) = (storage_index(netuid, mecid), now::<T>());
        let epoch = EpochClock::<T>::number(netuid, block);
        let began = EpochClock::<T>::last_slot(netuid);
        let commit = bytes_of::<T>(&hash);
        let most = MOST_ROOTS.max(RevealPeriodEpochs::<T>::get(netuid).saturating_add(2).saturated_into());
        EvidenceRoots::<T>::mutate(index, &hotkey, |roots| {
            // Only the last root of an epoch can be proved; more would push out those of earlier epochs.
            roots.retain(|known| known.epoch != epoch);
            roots.push_back(EvidenceRoot { commit, root, signer: hotkey.clone(), epoch, began, block });
            roots.drain(..roots.len().saturating_sub(most));
        });
        Pallet::<T>::deposit_event(Event::EvidenceCommitted { hotkey, index, epoch, root });
        Ok(())
    }

    /// `reveal_proven_weights`: reveals weights, stores them, and checks their proof. A proof that does not hold is no
    /// error: the weights are used up and do not count.
    #[allow(clippy::too_many_arguments)]
    pub fn reveal(
        hotkey: T::AccountId,
        netuid: NetUid,
        mecid: MechId,
        uids: Vec<Uid>,
        values: Vec<u16>,
        salt: Vec<u16>,
        version_key: u64,
        proof: &[u8],
    ) -> DispatchResult {
        ensure!(proof.len() <= PROOF_LIMIT, Error::<T>::ProofTooLong);
        let randomness = Self::randomness(netuid).ok_or(Error::<T>::RevealTooEarly)?;
        let index = storage_index(netuid, mecid);
        let roots = EvidenceRoots::<T>::get(index, &hotkey);
        let row: Vec<(Uid, u16)> = uids.iter().copied().zip(values.iter().copied()).collect();
        let reveal = Reveal { uids: &uids, values: &values, salt: &salt, version_key };
        let commit = WeightLedger::<T>::use_up(&hotkey, netuid, mecid, &reveal, Route::Proven)?;
        let root = root_of::<T>(&roots, commit).ok_or(Error::<T>::NoRootCommitted)?;
        // Validators asked by the demand that they knew when they committed.
        let demand = EvidenceDemands::<T>::get(netuid).in_force(root.block);
        let answers = demand.on(mecid).unwrap_or(1);
        let checked = Self::check(&hotkey, index, root, &row, randomness, answers, proof);
        let epoch = EpochClock::<T>::number(netuid, now::<T>());
        match checked {
            Ok(()) => {
                Self::note(index, &hotkey, |history| history.prove(epoch));
                Pallet::<T>::deposit_event(Event::EvidenceProven { hotkey, index, epoch: root.epoch });
            }
            Err(error) => {
                let history = Self::note(index, &hotkey, |history| history.fail(epoch));
                let (sample, fault) = error.code();
                Pallet::<T>::deposit_event(Event::EvidenceRefused {
                    hotkey: hotkey.clone(),
                    index,
                    epoch: root.epoch,
                    sample,
                    fault,
                });
                if history.is_barred(epoch) {
                    Self::bar(netuid, hotkey, epoch);
                }
            }
        }
        Ok(())
    }

    /// Randomness that draws the samples of reveals in the present epoch; `None` before it is known.
    pub fn randomness(netuid: NetUid) -> Option<[u8; 32]> {
        let (now, drawn) = (now::<T>(), Self::drawn_by(netuid, EpochClock::<T>::last_slot(netuid)));
        let is_known = !EpochClock::<T>::is_due(netuid, now) && drawn < now;
        is_known.then(|| T::Beacon::value_at(drawn)).flatten()
    }

    /// First block in which a reveal can be proved, of an epoch whose reveals are open from block `opens` on.
    pub fn may_prove_at(netuid: NetUid, opens: Block) -> Block {
        let now = now::<T>();
        let began = if opens > now { opens } else { EpochClock::<T>::last_slot(netuid) };
        Self::drawn_by(netuid, began).saturating_add(1).max(opens)
    }

    /// The block whose randomness draws the samples of reveals in the epoch that `began` in a block.
    fn drawn_by(netuid: NetUid, began: Block) -> Block {
        draw_block(began, Tempo::<T>::get(netuid), T::Beacon::authorities(), T::Beacon::strict_from())
    }

    /// Whether the commit that a reveal belongs to has a root.
    pub fn has_root(hotkey: &T::AccountId, netuid: NetUid, mecid: MechId, reveal: &Reveal) -> bool {
        let commit = WeightLedger::<T>::open_commit(hotkey, netuid, mecid, reveal);
        let roots = EvidenceRoots::<T>::get(storage_index(netuid, mecid), hotkey);
        commit.is_some_and(|commit| root_of::<T>(&roots, commit).is_some())
    }

    /// Weights that need proof: above zero, not for the validator itself or the owner's neuron, and for neurons that
    /// had registered when the weights were committed.
    pub fn need_proof(
        hotkey: &T::AccountId,
        netuid: NetUid,
        row: &[(Uid, u16)],
        committed: Block,
    ) -> Vec<(Uid, u16)> {
        Needy::<T>::on(netuid, hotkey, committed).among(row.iter().copied())
    }

    /// Miners that were paid at the end of the last epoch, without the validator itself and the owner's neuron, and
    /// without neurons that have registered since the weights were committed.
    pub fn paid(hotkey: &T::AccountId, index: u16, committed: Block) -> Vec<Uid> {
        Needy::<T>::on(subnet_of_index(index), hotkey, committed).paid(index)
    }

    pub(crate) fn check(
        hotkey: &T::AccountId,
        index: u16,
        root: &EvidenceRoot<T::AccountId>,
        row: &[(Uid, u16)],
        randomness: [u8; 32],
        answers: u16,
        proof: &[u8],
    ) -> Result<(), ProofError> {
        let (netuid, proof) = (subnet_of_index(index), EvaluationProof::from_bytes(proof)?);
        let needy = Needy::<T>::on(netuid, hotkey, root.block);
        let (weights, paid) = (needy.among(row.iter().copied()), needy.paid(index));
        let genesis = block_hash::<T>(0).unwrap_or_default();
        let occasion = Occasion {
            genesis,
            netuid,
            epoch: root.epoch,
            blocks: (root.began.saturating_add(1), root.block.saturating_sub(1)),
            validator: bytes(&root.signer),
            root: root.root,
            lots: Lots { randomness, weights: &weights, paid: &paid, answers: answers.into() },
        };
        let silence = Self::are_roots_in(netuid, root.epoch).then_some(root.epoch);
        let strict_from = T::Beacon::strict_from();
        proof.verify(&occasion, &OnChain::<T> { netuid, seats: needy.seats, silence, strict_from })
    }

    /// Weights without a proof replaced those of a hotkey.
    pub(crate) fn replaced(hotkey: &T::AccountId, netuid: NetUid, mecid: MechId) {
        let index = storage_index(netuid, mecid);
        if ProofHistories::<T>::contains_key(index, hotkey) {
            let epoch = EpochClock::<T>::number(netuid, now::<T>());
            Self::note(index, hotkey, |history| history.forget(epoch));
        }
    }

    fn note(index: u16, hotkey: &T::AccountId, change: impl FnOnce(History) -> History) -> History {
        let history = change(ProofHistories::<T>::get(index, hotkey).into());
        ProofHistories::<T>::insert(index, hotkey, ProofHistory::from(history));
        history
    }

    fn bar(netuid: NetUid, hotkey: T::AccountId, epoch: u64) {
        let until = epoch.saturating_add(ProofBar::<T>::get());
        BarredValidators::<T>::mutate(netuid, |barred| {
            barred.retain(|(other, until)| *other != hotkey && *until > epoch);
            barred.push((hotkey.clone(), until));
        });
        Pallet::<T>::deposit_event(Event::ValidatorBarred { netuid, hotkey, until });
    }

    /// Marks of the neurons at the end of the epoch that ends in this block.
    pub fn marks(roll: &Roll<T>, mecid: MechId) -> Marks {
        let netuid = roll.netuid;
        if Self::demanded(netuid, mecid).is_none() {
            return Marks::default();
        }
        let next = EpochClock::<T>::number(netuid, now::<T>());
        let (ended, index) = (next.saturating_sub(1), storage_index(netuid, mecid));
        let barred = BarredValidators::<T>::get(netuid);
        let is_barred = |seat: &Seat<T::AccountId>| {
            barred.iter().any(|(hotkey, until)| *hotkey == seat.hotkey && *until > ended)
        };
        Marks {
            unproven: Self::counting(roll, index, ended).into_iter().map(|counts| !counts).collect(),
            barred: roll.seats.iter().map(is_barred).collect(),
        }
    }

    /// Whether the proofs of each neuron let its weights count at the end of the epoch `ended`, by uid. Those of a
    /// neuron without a permit do not, unless it is the owner's.
    fn counting(roll: &Roll<T>, index: u16, ended: u64) -> Vec<bool> {
        let permits = ValidatorPermit::<T>::get(roll.netuid);
        let owner = NeuronRegistry::<T>::owner_uid(roll.netuid);
        let counts = |(uid, seat): (Uid, &Seat<T::AccountId>)| {
            let judges = permits.get(usize::from(uid)) == Some(&true) || owner == Some(uid);
            judges && History::from(ProofHistories::<T>::get(index, &seat.hotkey)).counts(ended)
        };
        (0..).zip(&roll.seats).map(counts).collect()
    }

    /// Epochs with a proof of each neuron on a mechanism that demands proof, by uid: bit `n` is the epoch `n` epochs
    /// before the one that ends in this block. A neuron without a permit has none. `None` where nothing is demanded.
    pub fn proven(roll: &Roll<T>, mecid: MechId, permits: &[bool]) -> Option<Vec<u16>> {
        Self::demanded(roll.netuid, mecid)?;
        let ended = EpochClock::<T>::number(roll.netuid, now::<T>()).saturating_sub(1);
        let index = storage_index(roll.netuid, mecid);
        let of = |(seat, permit): (&Seat<T::AccountId>, &bool)| match permit {
            true => History::from(ProofHistories::<T>::get(index, &seat.hotkey)).at(ended).proven,
            false => 0,
        };
        Some(roll.seats.iter().zip(permits).map(of).collect())
    }

    /// Remembers which validators gave a miner far less than the others did. Marks of neurons that registered since the
    /// last epoch of the mechanism are those of their predecessors, and end.
    pub(crate) fn note_outvoted(index: u16, input: &EpochInput, outvoted: &[(Uid, Uid)]) {
        let before = OutvotedMarks::<T>::get(index);
        if before.is_empty() && outvoted.is_empty() {
            return;
        }
        let registered = |uid: Uid| input.registered.get(usize::from(uid)).copied();
        let stayed = |uid| registered(uid).is_some_and(|block| block <= input.last_step_block);
        let kept = before.iter().filter(|mark| stayed(mark.validator) && stayed(mark.miner));
        let kept: Vec<Mark> = kept.copied().map(Mark::from).collect();
        let marks = framing::remember(&kept, outvoted);
        for of_one in marks.chunk_by(|one, other| one.validator == other.validator) {
            let new = of_one.iter().filter(|mark| mark.epochs == framing::MARKED_AFTER);
            let miners: Vec<Uid> = new.map(|mark| mark.miner).collect();
            if let (Some(mark), false) = (of_one.first(), miners.is_empty()) {
                let validator = mark.validator;
                Pallet::<T>::deposit_event(Event::ValidatorMarked { index, validator, miners });
            }
        }
        match marks.is_empty() {
            true => OutvotedMarks::<T>::remove(index),
            false => {
                let marks: Vec<_> = marks.into_iter().map(OutvotedMark::from).collect();
                OutvotedMarks::<T>::insert(index, marks);
            }
        }
    }

    /// Removes what is kept about a hotkey that lost its uid. A bar stays until it is over.
    pub(crate) fn forget(netuid: NetUid, hotkey: &T::AccountId) {
        FormerHotkeys::<T>::remove(netuid, hotkey);
        AnswerRoots::<T>::remove(netuid, hotkey);
        EvidenceHeld::<T>::remove(netuid, hotkey);
        for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
            EvidenceRoots::<T>::remove(storage_index(netuid, mecid), hotkey);
            ProofHistories::<T>::remove(storage_index(netuid, mecid), hotkey);
        }
    }

    /// Removes what is kept about a hotkey on a mechanism that is gone.
    pub(crate) fn forget_mechanism(index: u16, hotkey: &T::AccountId) {
        EvidenceRoots::<T>::remove(index, hotkey);
        ProofHistories::<T>::remove(index, hotkey);
    }

    /// Files roots, proofs and bars of a hotkey under the one that replaces it, and remembers whom it replaced.
    pub(crate) fn swap_hotkey(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        FormerHotkeys::<T>::remove(netuid, old);
        FormerHotkeys::<T>::insert(netuid, new, old);
        if AnswerRoots::<T>::contains_key(netuid, old) {
            AnswerRoots::<T>::insert(netuid, new, AnswerRoots::<T>::take(netuid, old));
        }
        if EvidenceHeld::<T>::contains_key(netuid, old) {
            EvidenceHeld::<T>::insert(netuid, new, EvidenceHeld::<T>::take(netuid, old));
        }
        for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
            let index = storage_index(netuid, mecid);
            let roots: VecDeque<_> = EvidenceRoots::<T>::take(index, old);
            if !roots.is_empty() {
                EvidenceRoots::<T>::insert(index, new, roots);
            }
            if ProofHistories::<T>::contains_key(index, old) {
                ProofHistories::<T>::insert(index, new, ProofHistories::<T>::take(index, old));
            }
        }
        if BarredValidators::<T>::contains_key(netuid) {
            BarredValidators::<T>::mutate(netuid, |barred| {
                barred.iter_mut().filter(|(hotkey, _)| hotkey == old).for_each(|(hotkey, _)| {
                    hotkey.clone_from(new);
                });
            });
        }
    }

    /// Cost of finding out at the end of an epoch what is demanded on each mechanism and whose evidence nobody else
    /// holds, of reading histories and of remembering who was outvoted. `read` validators were looked up, and the
    /// evidence of `withheld` was shown by nobody.
    pub fn cost_of_marks(mechanisms: u64, read: u64, withheld: u64) -> Weight {
        let reads = mechanisms.saturating_mul(10).saturating_add(read.saturating_mul(4));
        T::DbWeight::get().reads_writes(reads, mechanisms.saturating_add(withheld))
    }
}

/// The neurons of a subnet, and those that need no proof. The roster is one item; its facts about 256 neurons in items
/// of their own would cost more than all signatures of a proof.
struct Needy<T: Config> {
    seats: Vec<Seat<T::AccountId>>,
    exempt: [Option<Uid>; 2],
    committed: Block,
}

impl<T: Config> Needy<T> {
    fn on(netuid: NetUid, hotkey: &T::AccountId, committed: Block) -> Self {
        let exempt = [NeuronRegistry::<T>::uid_of(netuid, hotkey), NeuronRegistry::<T>::owner_uid(netuid)];
        Self { seats: NeuronRegistry::<T>::roster(netuid), exempt, committed }
    }

    fn among(&self, row: impl Iterator<Item = (Uid, u16)>) -> Vec<(Uid, u16)> {
        let had_registered = |uid: Uid| {
            let seat = self.seats.get(usize::from(uid));
            seat.is_some_and(|seat| seat.registered <= self.committed)
        };
        row.filter(|(uid, weight)| *weight > 0 && !self.exempt.contains(&Some(*uid)) && had_registered(*uid))
            .collect()
    }

    fn paid(&self, index: u16) -> Vec<Uid> {
        let incentives = (0..).zip(Incentive::<T>::get(index));
        self.among(incentives).into_iter().map(|(uid, _)| uid).collect()
    }
}

/// The chain, as far as a proof needs it.
struct OnChain<T: Config> {
    netuid: NetUid,
    seats: Vec<Seat<T::AccountId>>,
    /// The epoch of the proof, if miners' roots of it are due; silence means nothing before.
    silence: Option<u64>,
    /// First block of the beacon's strict rules.
    strict_from: Option<Block>,
}

impl<T: Config> Chain for OnChain<T> {
    fn sits_at(&self, uid: u16, hotkey: &myelin_wire::AccountId) -> bool {
        let Some(seat) = self.seats.get(usize::from(uid)) else { return false };
        let former = || FormerHotkeys::<T>::get(self.netuid, &seat.hotkey);
        bytes(&seat.hotkey) == *hotkey || former().is_some_and(|former| bytes(&former) == *hotkey)
    }

    fn seed_source(&self, block: u64) -> Option<Hash> {
        seed_source_since::<T>(self.strict_from, block)
    }

    fn was_away(&self, uid: u16) -> bool {
        let (Some(epoch), Some(seat)) = (self.silence, self.seats.get(usize::from(uid))) else {
            return false;
        };
        let roots = AnswerRoots::<T>::get(self.netuid, &seat.hotkey);
        says_away(roots.iter().map(|root| root.epoch), epoch)
    }

    fn signed(&self, key: &myelin_wire::AccountId, message: &[u8], signature: &Signature) -> bool {
        let (key, signature) = (sr25519::Public::from(*key), sr25519::Signature::from(*signature));
        sp_io::crypto::sr25519_verify(&signature, message, &key)
    }
}

/// The root of a commit, by hash and epoch. Only the last root of an epoch can be proved. With a choice among several,
/// a validator would have as many draws.
fn root_of<T: Config>(
    roots: &VecDeque<EvidenceRoot<T::AccountId>>,
    (hash, epoch): (T::Hash, u64),
) -> Option<&EvidenceRoot<T::AccountId>> {
    let last = roots.iter().rev().find(|root| root.epoch == epoch)?;
    (last.commit == bytes_of::<T>(&hash)).then_some(last)
}

/// The 32 bytes from which seeds over a block are drawn: the beacon's value under its strict rules, else the hash.
/// `None` if the block is not known, or not known any longer.
pub fn seed_source<T: Config>(block: Block) -> Option<Hash> {
    seed_source_since::<T>(T::Beacon::strict_from(), block)
}

/// [`seed_source`] on a chain whose strict rules hold from this block on.
fn seed_source_since<T: Config>(strict_from: Option<Block>, block: Block) -> Option<Hash> {
    let hash = block_hash::<T>(block)?;
    let value = beacon::is_strict(strict_from, block).then(|| T::Beacon::value_at(block)).flatten();
    beacon::seed_source(strict_from, block, hash, value)
}

/// The hash of a block; `None` if it is not known any longer.
fn block_hash<T: Config>(number: u64) -> Option<Hash> {
    let hash = frame_system::Pallet::<T>::block_hash(number.saturated_into::<BlockNumberFor<T>>());
    (hash != T::Hash::default() || number.is_zero()).then(|| bytes_of::<T>(&hash))
}

/// The 32 bytes of a hash.
fn bytes_of<T: Config>(hash: &T::Hash) -> [u8; 32] {
    hash.as_ref().try_into().unwrap_or_default()
}

/// The 32 bytes of an account.
pub(crate) fn bytes(account: &impl Encode) -> [u8; 32] {
    account.using_encoded(|bytes| bytes.try_into().unwrap_or_default())
}
