//! Weights of validators for miners: set in the clear, or committed by a hash and revealed an epoch later.

mod batch;
mod commits;
pub(crate) mod storage;

use core::marker::PhantomData;

use alloc::vec::Vec;
use frame_support::pallet_prelude::*;
use myelin_economy::registration::Renumbering;
use myelin_units::{storage_index, Block, MechId, NetUid, Uid, I64F64};
use myelin_yuma::set_weights::{
    check, max_upscale, next_update, Caller, Route, SetWeightsError, WeightRules, WeightVector,
};

use crate::{
    evidence::EvidenceLedger,
    neurons::{set_at, NeuronRegistry},
    pallet::{
        CommitRevealWeightsEnabled, Config, Error, Event, LastUpdate, MinAllowedWeights, Pallet,
        StakeThreshold, ValidatorPermit, Weights, WeightsSetRateLimit, WeightsVersionKey,
    },
    stake::Delegation,
    subnets::{now, SubnetRegistry},
};

pub use batch::{BatchRow, Reveal};
pub use commits::{CommitPhase, MAX_SALT};

/// The mechanism of calls that name none.
pub const MAIN: MechId = 0;

/// Owner of [`Weights`], [`LastUpdate`], [`WeightCommits`](crate::pallet::WeightCommits) and
/// [`CommitSigners`](crate::pallet::CommitSigners).
///
/// Invariants: rows belong to existing uids and name each uid at most once; no last update lies in the future; a hotkey
/// has at most ten commits per mechanism.
pub struct WeightLedger<T>(PhantomData<T>);

impl<T: Config> WeightLedger<T> {
    /// `set_weights` and `set_mechanism_weights`: replaces a validator's row, in the clear.
    pub fn set(
        hotkey: T::AccountId,
        netuid: NetUid,
        mecid: MechId,
        uids: Vec<Uid>,
        values: Vec<u16>,
        version_key: u64,
    ) -> DispatchResult {
        let vector = WeightVector { netuid, uids: &uids, values: &values, version_key, route: Route::Direct };
        Self::accept(&hotkey, mecid, &vector)?;
        EvidenceLedger::<T>::replaced(&hotkey, netuid, mecid);
        Ok(())
    }

    /// Checks a row and stores it up-scaled, zeros included. Without commit-reveal the validator counts as updated now;
    /// with it, from its commit.
    fn accept(hotkey: &T::AccountId, mecid: MechId, vector: &WeightVector) -> DispatchResult {
        let uid = Self::check(hotkey, mecid, vector)?;
        let index = storage_index(vector.netuid, mecid);
        let row: Vec<_> = vector.uids.iter().copied().zip(max_upscale(vector.values)).collect();
        Weights::<T>::insert(index, uid, row);
        if !CommitRevealWeightsEnabled::<T>::get(vector.netuid) {
            Self::record_update(vector.netuid, mecid, uid);
        }
        Pallet::<T>::deposit_event(Event::WeightsSet(index, uid));
        Ok(())
    }

    /// Checks all conditions of a row; returns the uid of its validator.
    pub fn check(hotkey: &T::AccountId, mecid: MechId, vector: &WeightVector) -> Result<Uid, Error<T>> {
        let netuid = vector.netuid;
        ensure!(SubnetRegistry::<T>::exists(netuid), Error::<T>::SubnetNotExists);
        let stake_threshold = StakeThreshold::<T>::get();
        let caller = NeuronRegistry::<T>::uid_of(netuid, hotkey).map(|uid| Caller {
            uid,
            // Where the stake is not asked for, it need not be read; a hotkey may have 64 parents.
            total_stake: match (stake_threshold, vector.route) {
                (0, _) | (_, Route::Proven) => I64F64::ZERO,
                _ => Delegation::<T>::stake_weight(hotkey, netuid).total,
            },
            permit: ValidatorPermit::<T>::get(netuid).get(usize::from(uid)).copied().unwrap_or(false),
            last_update: Self::last_update(netuid, mecid, uid),
        });
        let rules = WeightRules {
            neurons: NeuronRegistry::<T>::count(netuid),
            mechanism_exists: mecid < SubnetRegistry::<T>::mechanism_count(netuid),
            commit_reveal: CommitRevealWeightsEnabled::<T>::get(netuid),
            owner_uid: NeuronRegistry::<T>::owner_uid(netuid),
            stake_threshold,
            version_key: WeightsVersionKey::<T>::get(netuid),
            rate_limit: WeightsSetRateLimit::<T>::get(netuid),
            min_allowed_weights: MinAllowedWeights::<T>::get(netuid),
            block: now::<T>(),
        };
        check(vector, caller.as_ref(), &rules).map_err(Self::refusal)
    }

    /// Block of a neuron's last set or commit; 0 = never.
    pub fn last_update(netuid: NetUid, mecid: MechId, uid: Uid) -> Block {
        let updates = LastUpdate::<T>::get(storage_index(netuid, mecid));
        updates.get(usize::from(uid)).copied().unwrap_or(0)
    }

    /// First block in which the hotkey may set or commit weights again, by the rate limit alone.
    pub fn may_update_at(hotkey: &T::AccountId, netuid: NetUid, mecid: MechId) -> Block {
        let last = NeuronRegistry::<T>::uid_of(netuid, hotkey)
            .map_or(0, |uid| Self::last_update(netuid, mecid, uid));
        next_update(last, WeightsSetRateLimit::<T>::get(netuid))
    }

    /// Records that a neuron is up to date now.
    pub(crate) fn record_update(netuid: NetUid, mecid: MechId, uid: Uid) {
        set_at::<LastUpdate<T>, _>(storage_index(netuid, mecid), uid, now::<T>());
    }

    /// Removes the row of a neuron that lost its uid, and sets the weights toward it to 0.
    pub(crate) fn forget_neuron(netuid: NetUid, mecid: MechId, uid: Uid, neurons: u16) {
        let index = storage_index(netuid, mecid);
        Weights::<T>::remove(index, uid);
        for validator in (0..neurons).filter(|&validator| validator != uid) {
            let mut row = Weights::<T>::get(index, validator);
            if let Some((_, weight)) = row.iter_mut().find(|(judged, weight)| *judged == uid && *weight != 0)
            {
                *weight = 0;
                Weights::<T>::insert(index, validator, row);
            }
        }
    }

    /// Gives the rows and last updates of a mechanism the new uids of its neurons after trimming.
    pub(crate) fn renumber(index: u16, uids: &Renumbering) {
        LastUpdate::<T>::mutate(index, |updates| *updates = uids.entries(updates));
        for uid in 0..uids.before() {
            let row = Weights::<T>::take(index, uid);
            if let Some(uid) = uids.of(uid).filter(|_| !row.is_empty()) {
                Weights::<T>::insert(index, uid, uids.row(&row));
            }
        }
    }

    /// Prepares a new mechanism on a subnet with neurons: no validator has set weights on it, so all may at once.
    pub(crate) fn open_mechanism(index: u16, neurons: usize) {
        LastUpdate::<T>::insert(index, alloc::vec![0; neurons]);
    }

    /// Removes everything about a mechanism that is gone.
    pub(crate) fn forget_mechanism(index: u16, neurons: u16) {
        LastUpdate::<T>::remove(index);
        for uid in 0..neurons {
            Weights::<T>::remove(index, uid);
        }
        Self::forget_commits(index);
    }

    fn refusal(error: SetWeightsError) -> Error<T> {
        use SetWeightsError as E;
        match error {
            E::CommitRevealEnabled => Error::CommitRevealEnabled,
            E::CanNotSetRootNetworkWeights => Error::CanNotSetRootNetworkWeights,
            E::WeightVecNotEqualSize => Error::WeightVecNotEqualSize,
            E::MechanismDoesNotExist => Error::MechanismDoesNotExist,
            E::UidsLengthExceedUidsInSubNet => Error::UidsLengthExceedUidsInSubNet,
            E::HotKeyNotRegisteredInSubNet => Error::HotKeyNotRegisteredInSubNet,
            E::NotEnoughStakeToSetWeights => Error::NotEnoughStakeToSetWeights,
            E::IncorrectWeightVersionKey => Error::IncorrectWeightVersionKey,
            E::SettingWeightsTooFast => Error::SettingWeightsTooFast,
            E::NeuronNoValidatorPermit => Error::NeuronNoValidatorPermit,
            E::DuplicateUids => Error::DuplicateUids,
            E::UidVecContainInvalidOne => Error::UidVecContainInvalidOne,
            E::WeightVecLengthIsLow => Error::WeightVecLengthIsLow,
        }
    }
}
