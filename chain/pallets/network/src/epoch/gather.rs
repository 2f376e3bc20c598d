//! What an epoch reads: storage as plain vectors by uid.

use alloc::{collections::BTreeMap, vec::Vec};

use myelin_economy::childkeys::Holding;
use myelin_units::{storage_index, Block, MechId, NetUid, Uid, I64F64};
use myelin_yuma::{EpochInput, EpochParams};

use crate::{
    entries::{Accounts, Entries},
    epoch::EpochClock,
    neurons::NeuronRegistry,
    pallet::*,
    stake::{Backing, Backings},
    weights::WeightLedger,
};

/// The neurons of a subnet and what stands behind them, read once for all mechanisms of an epoch and for its pay-out.
pub struct Roll<T: Config> {
    /// The subnet.
    pub netuid: NetUid,
    /// Who has which uid.
    pub hotkeys: Vec<T::AccountId>,
    /// What stands behind each, by uid.
    pub backings: Vec<Backing<T::AccountId>>,
    /// What the hotkeys, and all who lend to them, have themselves.
    pub holdings: BTreeMap<T::AccountId, Holding>,
    /// Keys of everybody who was looked up.
    pub accounts: Accounts<T::AccountId>,
}

impl<T: Config> Roll<T> {
    /// Reads the neurons of a subnet other than root.
    pub fn call(netuid: NetUid) -> Self {
        let hotkeys = NeuronRegistry::<T>::hotkeys(netuid);
        let (mut accounts, mut reader) = (Accounts::new(), Backings::<T>::on(netuid));
        let backings: Vec<_> = hotkeys.iter().map(|hotkey| reader.backing(&mut accounts, hotkey)).collect();
        let own = hotkeys.iter().cloned().zip(backings.iter().map(|backing| backing.holding));
        let mut holdings: BTreeMap<_, _> = own.collect();
        for (_, parent) in backings.iter().flat_map(|backing| &backing.parents) {
            if !holdings.contains_key(parent) {
                holdings.insert(parent.clone(), reader.holding(&mut accounts, parent));
            }
        }
        Self { netuid, hotkeys, backings, holdings, accounts }
    }

    /// What a hotkey, or one that lends to a hotkey, has itself.
    pub fn holding(&self, hotkey: &T::AccountId) -> Holding {
        self.holdings.get(hotkey).copied().unwrap_or_default()
    }

    /// What every hotkey counts for, by uid.
    pub fn stakes(&self) -> Vec<I64F64> {
        let tao_weight = TaoWeight::<T>::get();
        let weight = |backing: &Backing<_>| backing.weight(|parent| self.holding(parent), tao_weight).total;
        self.backings.iter().map(weight).collect()
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

/// Everything the epoch of one mechanism reads, to divide `emission` rao at this block. Rows of weights are read of those whose weights
/// can count: neurons with a permit and the owner's.
pub fn input<T: Config>(roll: &Roll<T>, mecid: MechId, emission: u64, now: Block) -> EpochInput {
    let netuid = roll.netuid;
    let index = storage_index(netuid, mecid);
    let params = params::<T>(netuid);
    let owner_uid = NeuronRegistry::<T>::owner_uid(netuid);
    let mut permits = ValidatorPermit::<T>::get(netuid);
    permits.resize(roll.hotkeys.len(), false);
    let count = Uid::try_from(roll.hotkeys.len()).unwrap_or(Uid::MAX);
    let may_judge = |uid: Uid| owner_uid == Some(uid) || permits.get(usize::from(uid)) == Some(&true);
    let mut rows = Entries::<Weights<T>, _>::new();
    let weights = (0..count).map(|uid| match may_judge(uid) {
        true => rows.at().part(&index.to_le_bytes()).part(&uid.to_le_bytes()).get().unwrap_or_default(),
        false => Vec::new(),
    });
    let bonds = Entries::<Bonds<T>, Vec<_>>::new().by_uid(index, count).map(Option::unwrap_or_default);
    EpochInput {
        block: now,
        emission,
        last_step_block: LastMechansimStepBlock::<T>::get(netuid),
        owner_uid,
        total_stake: roll.stakes(),
        last_update: LastUpdate::<T>::get(index),
        registered: NeuronRegistry::<T>::registrations(netuid),
        weights: weights.collect(),
        bonds: bonds.collect(),
        commit_blocks: match params.commit_reveal {
            true => commit_blocks::<T>(roll, index, now),
            false => Vec::new(),
        },
        permits,
        params,
    }
}

/// For each neuron the block of its oldest commit that can still be revealed.
fn commit_blocks<T: Config>(roll: &Roll<T>, index: u16, now: Block) -> Vec<Option<Block>> {
    let epoch = EpochClock::<T>::number(roll.netuid, now);
    let commits = WeightLedger::<T>::earliest_commit_blocks(index, epoch);
    roll.hotkeys.iter().map(|hotkey| commits.get(hotkey).copied()).collect()
}
