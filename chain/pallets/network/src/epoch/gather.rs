//! Inputs of an epoch: storage as plain vectors by uid.

use alloc::{collections::BTreeMap, vec::Vec};

use myelin_economy::childkeys::Holding;
use myelin_units::{storage_index, Block, MechId, NetUid};
use myelin_yuma::{EpochInput, EpochParams};

use crate::{
    entries::{Accounts, Entries},
    epoch::EpochClock,
    evidence::{EvidenceLedger, Marks},
    neurons::{NeuronRegistry, Seat},
    pallet::*,
    stake::{Backing, Backings, StakeWeightOf},
    weights::WeightLedger,
};

/// The neurons of a subnet with their stake and families, read once for all mechanisms of an epoch and for its pay-out.
pub struct Roll<T: Config> {
    /// The subnet.
    pub netuid: NetUid,
    /// The neurons by uid.
    pub seats: Vec<Seat<T::AccountId>>,
    /// Stake and family of each neuron, by uid.
    pub backings: Vec<Backing<T::AccountId>>,
    /// Own stake of the hotkeys, and of all that lend to them.
    pub holdings: BTreeMap<T::AccountId, Holding>,
    /// Storage keys of all accounts that were looked up.
    pub accounts: Accounts<T::AccountId>,
}

impl<T: Config> Roll<T> {
    /// Reads the neurons of a subnet other than root.
    pub fn call(netuid: NetUid) -> Self {
        Self::of(netuid, NeuronRegistry::<T>::roster(netuid))
    }

    /// Reads stake and families of the neurons of a subnet other than root.
    pub fn of(netuid: NetUid, seats: Vec<Seat<T::AccountId>>) -> Self {
        let (mut accounts, mut reader) = (Accounts::new(), Backings::<T>::on(netuid));
        let backings: Vec<_> = seats.iter().map(|seat| reader.backing(&mut accounts, seat)).collect();
        let hotkeys = seats.iter().map(|seat| seat.hotkey.clone());
        let own = hotkeys.zip(backings.iter().map(|backing| backing.holding));
        let mut holdings: BTreeMap<_, _> = own.collect();
        for (_, parent) in backings.iter().flat_map(|backing| &backing.parents) {
            if !holdings.contains_key(parent) {
                holdings.insert(parent.clone(), reader.holding(&mut accounts, parent));
            }
        }
        Self { netuid, seats, backings, holdings, accounts }
    }

    /// Own stake of a hotkey, or of one that lends to a hotkey.
    pub fn holding(&self, hotkey: &T::AccountId) -> Holding {
        self.holdings.get(hotkey).copied().unwrap_or_default()
    }

    /// Stake weight of every hotkey, by uid.
    pub fn weights(&self) -> impl Iterator<Item = StakeWeightOf> + '_ {
        let tao_weight = TaoWeight::<T>::get();
        self.backings.iter().map(move |backing| backing.weight(|parent| self.holding(parent), tao_weight))
    }
}

/// The hyperparameters an epoch reads.
pub fn params<T: Config>(netuid: NetUid) -> EpochParams {
    let (alpha_low, alpha_high) = AlphaValues::<T>::get(netuid);
    EpochParams {
        kappa: Kappa::<T>::get(netuid),
        bonds_penalty: BondsPenalty::<T>::get(netuid),
        bonds_moving_average: BondsMovingAverage::<T>::get(netuid),
        max_validators: MaxAllowedValidators::<T>::get(netuid),
        yuma3: Yuma3On::<T>::get(netuid),
        liquid_alpha: LiquidAlphaOn::<T>::get(netuid),
        alpha_low,
        alpha_high,
        steepness: AlphaSigmoidSteepness::<T>::get(netuid),
        tempo: Tempo::<T>::get(netuid),
        activity_cutoff_factor_milli: ActivityCutoffFactorMilli::<T>::get(netuid),
        stake_threshold: StakeThreshold::<T>::get(),
        commit_reveal: CommitRevealWeightsEnabled::<T>::get(netuid),
    }
}

/// All inputs of the epoch of one mechanism, to divide `emission` rao at this block. Rows of weights are read for
/// neurons whose weights can count: those with a permit and the owner's. Rows of bonds are read for neurons that may
/// have any.
pub fn input<T: Config>(roll: &Roll<T>, mecid: MechId, emission: u64, now: Block) -> EpochInput {
    let netuid = roll.netuid;
    let index = storage_index(netuid, mecid);
    let params = params::<T>(netuid);
    let owner_uid = NeuronRegistry::<T>::owner_uid(netuid);
    let mut permits = ValidatorPermit::<T>::get(netuid);
    permits.resize(roll.seats.len(), false);
    let may_judge = (0..).zip(&permits).map(|(uid, permit)| *permit || owner_uid == Some(uid));
    let weights = Entries::<Weights<T>, Vec<_>>::new().by_uid(index, may_judge);
    let may_have_bonds = roll.seats.iter().map(|seat| seat.bonded);
    let bonds = Entries::<Bonds<T>, Vec<_>>::new().by_uid(index, may_have_bonds);
    let Marks { unproven, barred } = EvidenceLedger::<T>::marks(roll, mecid);
    EpochInput {
        block: now,
        emission,
        last_step_block: LastMechansimStepBlock::<T>::get(netuid),
        owner_uid,
        total_stake: roll.weights().map(|weight| weight.total).collect(),
        last_update: LastUpdate::<T>::get(index),
        registered: roll.seats.iter().map(|seat| seat.registered).collect(),
        weights: weights.map(Option::unwrap_or_default).collect(),
        bonds: bonds.map(Option::unwrap_or_default).collect(),
        commit_blocks: match params.commit_reveal {
            true => commit_blocks::<T>(roll, index, now),
            false => Vec::new(),
        },
        permits,
        params,
        unproven,
        barred,
    }
}

/// For each neuron the block of its oldest commit that can still be revealed.
fn commit_blocks<T: Config>(roll: &Roll<T>, index: u16, now: Block) -> Vec<Option<Block>> {
    let epoch = EpochClock::<T>::number(roll.netuid, now);
    let commits = WeightLedger::<T>::earliest_commit_blocks(index, epoch);
    roll.seats.iter().map(|seat| commits.get(&seat.hotkey).copied()).collect()
}
