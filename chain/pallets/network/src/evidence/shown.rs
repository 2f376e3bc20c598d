//! Roots of miners over the answers that they signed, and validators that hold the evidence of others.
//!
//! A miner commits to a root over its signed answers, once for each epoch, before anybody can read the evidence of the
//! validators ([`EvidenceLedger::commit_answers`]). Claims that it was away are set against it off the chain. A miner
//! that commits to roots, and has none of an epoch, was away in it; `myelin_wire::evidence::may_lack` has the rule.
//!
//! A validator states whose evidence it holds, in the epoch in which that evidence opens
//! ([`EvidenceLedger::attest`]). At the end of that epoch the weights of those whose evidence nobody else holds do not
//! count ([`EvidenceLedger::close`]); `myelin_yuma::proven::withheld` has the rule.

use alloc::{collections::BTreeMap, vec::Vec};

use frame_support::pallet_prelude::*;
use myelin_abi::{AnswerRoot, EvidenceHoldings, ProofHistory};
use myelin_units::{storage_index, MechId, NetUid, Uid};
use myelin_wire::evidence::{answers_due, TAG_LEN};
use myelin_yuma::proven::{withheld, History, Witness};

use super::{EvidenceLedger, MOST_ROOTS};
use crate::{
    epoch::{EpochClock, Roll},
    neurons::{NeuronRegistry, Seat},
    pallet::{
        AnswerRoots, Config, Error, Event, EvidenceHeld, EvidenceRoots, Pallet, ProofHistories,
        RevealPeriodEpochs, Tempo, ValidatorPermit,
    },
    stake::StakeWeightOf,
    subnets::{now, SubnetRegistry},
};

/// Validators whose evidence a validator may state to hold.
pub const MOST_HELD: usize = 64;

impl<T: Config> EvidenceLedger<T> {
    /// Whether a hotkey may commit to its answers of an epoch.
    pub fn check_answers(hotkey: &T::AccountId, netuid: NetUid, epoch: u64) -> Result<(), Error<T>> {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        NeuronRegistry::<T>::uid_of(netuid, hotkey).ok_or(Error::HotKeyNotRegisteredInSubNet)?;
        let present = EpochClock::<T>::number(netuid, now::<T>());
        let is_timely =
            epoch == present || (epoch.checked_add(1) == Some(present) && !Self::are_roots_in(netuid, epoch));
        let is_known =
            || AnswerRoots::<T>::get(netuid, hotkey).back().is_some_and(|last| last.epoch >= epoch);
        (is_timely && !is_known()).then_some(()).ok_or(Error::AnswerRootOutOfTurn)
    }

    /// Whether no miner can commit to its answers of an epoch any longer: half of the next one is over. It is not
    /// before that one has begun.
    pub fn are_roots_in(netuid: NetUid, epoch: u64) -> bool {
        let now = now::<T>();
        let due = answers_due(EpochClock::<T>::last_slot(netuid), Tempo::<T>::get(netuid));
        match EpochClock::<T>::number(netuid, now).checked_sub(epoch) {
            None | Some(0) => false,
            // In the block of an epoch that is due, the clock still shows the beginning of the one that ends.
            Some(1) => !EpochClock::<T>::is_due(netuid, now) && now > due,
            Some(_) => true,
        }
    }

    /// `commit_answer_root`.
    pub fn commit_answers(
        hotkey: T::AccountId,
        netuid: NetUid,
        epoch: u64,
        root: [u8; 32],
        answers: u32,
    ) -> DispatchResult {
        Self::check_answers(&hotkey, netuid, epoch)?;
        let block = now::<T>();
        AnswerRoots::<T>::mutate(netuid, &hotkey, |roots| {
            roots.push_back(AnswerRoot { epoch, root, answers, block });
            roots.drain(..roots.len().saturating_sub(MOST_ROOTS));
        });
        Pallet::<T>::deposit_event(Event::AnswerRootCommitted { netuid, hotkey, epoch, root, answers });
        Ok(())
    }

    /// Whether a hotkey may state that it holds this evidence. A later statement of an epoch adds to an earlier one,
    /// and has to name another validator.
    pub fn check_attestation(
        hotkey: &T::AccountId,
        netuid: NetUid,
        epoch: u64,
        held: &[(Uid, [u8; TAG_LEN])],
    ) -> Result<(), Error<T>> {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        let uid = NeuronRegistry::<T>::uid_of(netuid, hotkey).ok_or(Error::HotKeyNotRegisteredInSubNet)?;
        let permits = ValidatorPermit::<T>::get(netuid);
        if permits.get(usize::from(uid)) != Some(&true) {
            return Err(Error::NeuronNoValidatorPermit);
        }
        let is_sorted = held.windows(2).all(|pair| matches!(pair, [one, other] if one.0 < other.0));
        if held.len() > MOST_HELD || !is_sorted {
            return Err(Error::InvalidValue);
        }
        if Self::opened_in(netuid, EpochClock::<T>::number(netuid, now::<T>())) != Some(epoch) {
            return Err(Error::EvidenceNotOpen);
        }
        let before = Self::stated(hotkey, netuid, epoch);
        let merged = merge(&before, held);
        if merged.len() > MOST_HELD {
            return Err(Error::InvalidValue);
        }
        (merged.len() > before.len()).then_some(()).ok_or(Error::NothingNewHeld)
    }

    /// `attest_evidence`.
    pub fn attest(
        hotkey: T::AccountId,
        netuid: NetUid,
        epoch: u64,
        held: Vec<(Uid, [u8; TAG_LEN])>,
    ) -> DispatchResult {
        Self::check_attestation(&hotkey, netuid, epoch, &held)?;
        let validators = held.iter().map(|(uid, _)| *uid).collect();
        let held = merge(&Self::stated(&hotkey, netuid, epoch), &held);
        EvidenceHeld::<T>::insert(netuid, &hotkey, EvidenceHoldings { epoch, held });
        Pallet::<T>::deposit_event(Event::EvidenceAttested { netuid, hotkey, epoch, validators });
        Ok(())
    }

    /// Evidence of an epoch that a hotkey has stated to hold.
    fn stated(hotkey: &T::AccountId, netuid: NetUid, epoch: u64) -> Vec<(Uid, [u8; TAG_LEN])> {
        let stated = EvidenceHeld::<T>::get(netuid, hotkey);
        if stated.epoch == epoch {
            stated.held
        } else {
            Vec::new()
        }
    }

    /// The epoch whose evidence everybody may read from `epoch` on: its weights have been revealed.
    fn opened_in(netuid: NetUid, epoch: u64) -> Option<u64> {
        epoch.checked_sub(RevealPeriodEpochs::<T>::get(netuid).checked_add(1)?)
    }

    /// Settles at the end of an epoch, before its weights are read, whose evidence nobody else holds: the proof of this
    /// epoch does not count for those. Returns their number.
    pub fn close(roll: &Roll<T>, mecid: MechId) -> u64 {
        let netuid = roll.netuid;
        if Self::demanded(netuid, mecid).is_none() {
            return 0;
        }
        let ended = EpochClock::<T>::number(netuid, now::<T>()).saturating_sub(1);
        let Some(opened) = Self::opened_in(netuid, ended) else { return 0 };
        let index = storage_index(netuid, mecid);
        let withheld = withheld(&Self::witnesses(roll, index, ended, opened));
        for uid in &withheld {
            if let Some(seat) = roll.seats.get(usize::from(*uid)) {
                ProofHistories::<T>::mutate(index, &seat.hotkey, |kept| {
                    *kept = ProofHistory::from(History::from(*kept).withhold(ended));
                });
            }
        }
        let count = withheld.len() as u64;
        if count > 0 {
            let event = Event::EvidenceWithheld { index, epoch: opened, validators: withheld };
            Pallet::<T>::deposit_event(event);
        }
        count
    }

    fn witnesses(roll: &Roll<T>, index: u16, ended: u64, opened: u64) -> Vec<Witness> {
        let netuid = roll.netuid;
        let seats = Self::counting(roll, index, ended).into_iter().zip(&roll.seats).zip(roll.weights());
        let witness = |((counts, seat), weight): ((bool, &Seat<T::AccountId>), StakeWeightOf)| {
            if !counts {
                return Witness::default();
            }
            let roots = EvidenceRoots::<T>::get(index, &seat.hotkey);
            let holdings = EvidenceHeld::<T>::get(netuid, &seat.hotkey);
            let held = if holdings.epoch == opened { holdings.held } else { Vec::new() };
            Witness {
                counts: true,
                stake: weight.total,
                owes: roots.iter().any(|root| root.epoch == opened),
                holds: held.into_iter().map(|(uid, _)| uid).collect(),
            }
        };
        seats.map(witness).collect()
    }
}

/// Both lists, in the order of uids. The newer tag of a uid counts.
fn merge(before: &[(Uid, [u8; TAG_LEN])], held: &[(Uid, [u8; TAG_LEN])]) -> Vec<(Uid, [u8; TAG_LEN])> {
    let all: BTreeMap<Uid, [u8; TAG_LEN]> = before.iter().chain(held).copied().collect();
    all.into_iter().collect()
}
