//! A whole subnet in one answer, in full or in parts.

use alloc::{collections::BTreeSet, vec::Vec};
use core::cell::OnceCell;

use codec::Compact;
use myelin_abi::{
    AxonInfo, ChainIdentityV2, Metagraph, SelectiveMetagraph, SelectiveMetagraphIndex as Field,
};
use myelin_units::{storage_index, AlphaBalance, MechId, NetUid, TaoBalance, Uid, ROOT};
use pallet_commitments::CommitmentBoard;

use super::{
    numbered,
    subnet::{compact_bytes, name, pending_alpha, tao_per_block},
};
use crate::{
    epoch::{EpochClock, Roll},
    neurons::{NeuronRegistry, Seat},
    pallet::*,
    stake::Delegation,
    subnets::{now, SubnetRegistry},
};

/// One mechanism of a subnet in one answer; `None` if it does not exist. Mechanism 0 is the subnet itself.
pub fn metagraph<T: Config>(netuid: NetUid, mecid: MechId) -> Option<Metagraph<T::AccountId>> {
    let columns = Columns::<T>::of(netuid, mecid)?;
    Some(Metagraph {
        netuid: Compact(columns.index()),
        name: compact_bytes(&name::<T>(netuid)),
        symbol: compact_bytes(&TokenSymbol::<T>::get(netuid)),
        identity: SubnetIdentitiesV3::<T>::get(netuid),
        network_registered_at: Compact(NetworkRegisteredAt::<T>::get(netuid)),
        owner_hotkey: SubnetOwnerHotkey::<T>::get(netuid),
        owner_coldkey: SubnetOwner::<T>::get(netuid),
        block: Compact(now::<T>()),
        tempo: Compact(Tempo::<T>::get(netuid)),
        last_step: Compact(LastMechansimStepBlock::<T>::get(netuid)),
        blocks_since_last_step: Compact(EpochClock::<T>::blocks_since_last_step(netuid)),
        subnet_emission: Compact(tao_per_block::<T>(netuid)),
        alpha_in: Compact(SubnetAlphaIn::<T>::get(netuid)),
        alpha_out: Compact(SubnetAlphaOut::<T>::get(netuid)),
        tao_in: Compact(SubnetTAO::<T>::get(netuid)),
        alpha_out_emission: Compact(SubnetAlphaOutEmission::<T>::get(netuid)),
        alpha_in_emission: Compact(SubnetAlphaInEmission::<T>::get(netuid)),
        tao_in_emission: Compact(SubnetTaoInEmission::<T>::get(netuid)),
        pending_alpha_emission: Compact(pending_alpha::<T>(netuid)),
        pending_root_emission: Compact(PendingRootAlphaDivs::<T>::get(netuid)),
        subnet_volume: Compact(SubnetVolume::<T>::get(netuid)),
        moving_price: SubnetMovingPrice::<T>::get(netuid),
        rho: Compact(Rho::<T>::get(netuid)),
        kappa: Compact(Kappa::<T>::get(netuid)),
        min_allowed_weights: Compact(MinAllowedWeights::<T>::get(netuid)),
        max_weights_limit: Compact(MaxWeightsLimit::<T>::get(netuid)),
        weights_version: Compact(WeightsVersionKey::<T>::get(netuid)),
        weights_rate_limit: Compact(WeightsSetRateLimit::<T>::get(netuid)),
        activity_cutoff: Compact(shown_cutoff::<T>(netuid)),
        max_validators: Compact(MaxAllowedValidators::<T>::get(netuid)),
        num_uids: Compact(SubnetworkN::<T>::get(netuid)),
        max_uids: Compact(MaxAllowedUids::<T>::get(netuid)),
        burn: Compact(Burn::<T>::get(netuid)),
        difficulty: Compact(Difficulty::<T>::get(netuid)),
        registration_allowed: NetworkRegistrationAllowed::<T>::get(netuid),
        pow_registration_allowed: NetworkPowRegistrationAllowed::<T>::get(netuid),
        immunity_period: Compact(ImmunityPeriod::<T>::get(netuid)),
        min_difficulty: Compact(MinDifficulty::<T>::get(netuid)),
        max_difficulty: Compact(MaxDifficulty::<T>::get(netuid)),
        min_burn: Compact(MinBurn::<T>::get(netuid)),
        max_burn: Compact(MaxBurn::<T>::get(netuid)),
        adjustment_alpha: Compact(AdjustmentAlpha::<T>::get(netuid)),
        adjustment_interval: Compact(AdjustmentInterval::<T>::get(netuid)),
        target_regs_per_interval: Compact(TargetRegistrationsPerInterval::<T>::get(netuid)),
        max_regs_per_block: Compact(MaxRegistrationsPerBlock::<T>::get(netuid)),
        serving_rate_limit: Compact(ServingRateLimit::<T>::get(netuid)),
        commit_reveal_weights_enabled: CommitRevealWeightsEnabled::<T>::get(netuid),
        commit_reveal_period: Compact(RevealPeriodEpochs::<T>::get(netuid)),
        liquid_alpha_enabled: LiquidAlphaOn::<T>::get(netuid),
        alpha_high: Compact(AlphaValues::<T>::get(netuid).1),
        alpha_low: Compact(AlphaValues::<T>::get(netuid).0),
        bonds_moving_avg: Compact(BondsMovingAverage::<T>::get(netuid)),
        hotkeys: columns.hotkeys().to_vec(),
        coldkeys: columns.coldkeys(),
        identities: columns.identities(),
        axons: columns.axons(),
        active: columns.active(),
        validator_permit: columns.validator_permit(),
        pruning_score: repeat(columns.len(), NO_SCORE),
        last_update: columns.last_update(),
        emission: columns.emission(),
        dividends: columns.dividends(),
        incentives: columns.incentives(),
        consensus: columns.consensus(),
        trust: repeat(columns.len(), Compact(0)),
        rank: repeat(columns.len(), Compact(0)),
        block_at_registration: columns.block_at_registration(),
        alpha_stake: columns.stakes().alpha.clone(),
        tao_stake: columns.stakes().tao.clone(),
        total_stake: columns.stakes().total.clone(),
        tao_dividends_per_hotkey: columns.root_dividends(),
        alpha_dividends_per_hotkey: columns.alpha_dividends(),
        collateral_locked: repeat(columns.len(), Compact(AlphaBalance::ZERO)),
        collateral_min: repeat(columns.len(), Compact(AlphaBalance::ZERO)),
        collateral_earned: repeat(columns.len(), Compact(AlphaBalance::ZERO)),
    })
}

/// Every subnet in one answer.
pub fn all_metagraphs<T: Config>() -> Vec<Option<Metagraph<T::AccountId>>> {
    numbered::<T>().into_iter().map(|netuid| metagraph::<T>(netuid, 0)).collect()
}

/// Every mechanism of every subnet in one answer.
pub fn all_mechagraphs<T: Config>() -> Vec<Option<Metagraph<T::AccountId>>> {
    let mechanisms =
        |netuid| (0..SubnetRegistry::<T>::mechanism_count(netuid)).map(move |mecid| (netuid, mecid));
    numbered::<T>()
        .into_iter()
        .flat_map(mechanisms)
        .map(|(netuid, mecid)| metagraph::<T>(netuid, mecid))
        .collect()
}

/// Chosen fields of one mechanism; `None` if it does not exist. Numbers that name no field are ignored, and a field
/// that is named twice is built once.
pub fn selective_metagraph<T: Config>(
    netuid: NetUid,
    mecid: MechId,
    fields: Vec<u16>,
) -> Option<SelectiveMetagraph<T::AccountId>> {
    let columns = Columns::<T>::of(netuid, mecid)?;
    let mut answer = SelectiveMetagraph::empty(columns.index());
    let wanted: BTreeSet<_> = fields.into_iter().filter_map(Field::from_number).collect();
    wanted.into_iter().for_each(|field| fill(&mut answer, field, &columns));
    Some(answer)
}

fn fill<T: Config>(answer: &mut SelectiveMetagraph<T::AccountId>, field: Field, columns: &Columns<T>) {
    let netuid = columns.netuid;
    match field {
        // The storage index is always filled in.
        Field::Netuid => {}
        Field::Name => answer.name = Some(compact_bytes(&name::<T>(netuid))),
        Field::Symbol => answer.symbol = Some(compact_bytes(&TokenSymbol::<T>::get(netuid))),
        Field::Identity => answer.identity = Some(SubnetIdentitiesV3::<T>::get(netuid)),
        Field::NetworkRegisteredAt => {
            answer.network_registered_at = Some(Compact(NetworkRegisteredAt::<T>::get(netuid)))
        }
        Field::OwnerHotkey => answer.owner_hotkey = Some(SubnetOwnerHotkey::<T>::get(netuid)),
        Field::OwnerColdkey => answer.owner_coldkey = Some(SubnetOwner::<T>::get(netuid)),
        Field::Block => answer.block = Some(Compact(now::<T>())),
        Field::Tempo => answer.tempo = Some(Compact(Tempo::<T>::get(netuid))),
        Field::LastStep => answer.last_step = Some(Compact(LastMechansimStepBlock::<T>::get(netuid))),
        Field::BlocksSinceLastStep => {
            answer.blocks_since_last_step = Some(Compact(EpochClock::<T>::blocks_since_last_step(netuid)))
        }
        Field::SubnetEmission => answer.subnet_emission = Some(Compact(tao_per_block::<T>(netuid))),
        Field::AlphaIn => answer.alpha_in = Some(Compact(SubnetAlphaIn::<T>::get(netuid))),
        Field::AlphaOut => answer.alpha_out = Some(Compact(SubnetAlphaOut::<T>::get(netuid))),
        Field::TaoIn => answer.tao_in = Some(Compact(SubnetTAO::<T>::get(netuid))),
        Field::AlphaOutEmission => {
            answer.alpha_out_emission = Some(Compact(SubnetAlphaOutEmission::<T>::get(netuid)))
        }
        Field::AlphaInEmission => {
            answer.alpha_in_emission = Some(Compact(SubnetAlphaInEmission::<T>::get(netuid)))
        }
        Field::TaoInEmission => answer.tao_in_emission = Some(Compact(SubnetTaoInEmission::<T>::get(netuid))),
        Field::PendingAlphaEmission => {
            answer.pending_alpha_emission = Some(Compact(pending_alpha::<T>(netuid)))
        }
        Field::PendingRootEmission => {
            answer.pending_root_emission = Some(Compact(PendingRootAlphaDivs::<T>::get(netuid)))
        }
        Field::SubnetVolume => answer.subnet_volume = Some(Compact(SubnetVolume::<T>::get(netuid))),
        Field::MovingPrice => answer.moving_price = Some(SubnetMovingPrice::<T>::get(netuid)),
        Field::Rho => answer.rho = Some(Compact(Rho::<T>::get(netuid))),
        Field::Kappa => answer.kappa = Some(Compact(Kappa::<T>::get(netuid))),
        Field::MinAllowedWeights => {
            answer.min_allowed_weights = Some(Compact(MinAllowedWeights::<T>::get(netuid)))
        }
        Field::MaxWeightsLimit => answer.max_weights_limit = Some(Compact(MaxWeightsLimit::<T>::get(netuid))),
        Field::WeightsVersion => answer.weights_version = Some(Compact(WeightsVersionKey::<T>::get(netuid))),
        Field::WeightsRateLimit => {
            answer.weights_rate_limit = Some(Compact(WeightsSetRateLimit::<T>::get(netuid)))
        }
        Field::ActivityCutoff => answer.activity_cutoff = Some(Compact(shown_cutoff::<T>(netuid))),
        Field::MaxValidators => answer.max_validators = Some(Compact(MaxAllowedValidators::<T>::get(netuid))),
        Field::NumUids => answer.num_uids = Some(Compact(SubnetworkN::<T>::get(netuid))),
        Field::MaxUids => answer.max_uids = Some(Compact(MaxAllowedUids::<T>::get(netuid))),
        Field::Burn => answer.burn = Some(Compact(Burn::<T>::get(netuid))),
        Field::Difficulty => answer.difficulty = Some(Compact(Difficulty::<T>::get(netuid))),
        Field::RegistrationAllowed => {
            answer.registration_allowed = Some(NetworkRegistrationAllowed::<T>::get(netuid))
        }
        Field::PowRegistrationAllowed => {
            answer.pow_registration_allowed = Some(NetworkPowRegistrationAllowed::<T>::get(netuid))
        }
        Field::ImmunityPeriod => answer.immunity_period = Some(Compact(ImmunityPeriod::<T>::get(netuid))),
        Field::MinDifficulty => answer.min_difficulty = Some(Compact(MinDifficulty::<T>::get(netuid))),
        Field::MaxDifficulty => answer.max_difficulty = Some(Compact(MaxDifficulty::<T>::get(netuid))),
        Field::MinBurn => answer.min_burn = Some(Compact(MinBurn::<T>::get(netuid))),
        Field::MaxBurn => answer.max_burn = Some(Compact(MaxBurn::<T>::get(netuid))),
        Field::AdjustmentAlpha => answer.adjustment_alpha = Some(Compact(AdjustmentAlpha::<T>::get(netuid))),
        Field::AdjustmentInterval => {
            answer.adjustment_interval = Some(Compact(AdjustmentInterval::<T>::get(netuid)))
        }
        Field::TargetRegsPerInterval => {
            answer.target_regs_per_interval = Some(Compact(TargetRegistrationsPerInterval::<T>::get(netuid)))
        }
        Field::MaxRegsPerBlock => {
            answer.max_regs_per_block = Some(Compact(MaxRegistrationsPerBlock::<T>::get(netuid)))
        }
        Field::ServingRateLimit => {
            answer.serving_rate_limit = Some(Compact(ServingRateLimit::<T>::get(netuid)))
        }
        Field::CommitRevealWeightsEnabled => {
            answer.commit_reveal_weights_enabled = Some(CommitRevealWeightsEnabled::<T>::get(netuid))
        }
        Field::CommitRevealPeriod => {
            answer.commit_reveal_period = Some(Compact(RevealPeriodEpochs::<T>::get(netuid)))
        }
        Field::LiquidAlphaEnabled => answer.liquid_alpha_enabled = Some(LiquidAlphaOn::<T>::get(netuid)),
        Field::AlphaHigh => answer.alpha_high = Some(Compact(AlphaValues::<T>::get(netuid).1)),
        Field::AlphaLow => answer.alpha_low = Some(Compact(AlphaValues::<T>::get(netuid).0)),
        Field::BondsMovingAvg => {
            answer.bonds_moving_avg = Some(Compact(BondsMovingAverage::<T>::get(netuid)))
        }
        Field::Hotkeys => answer.hotkeys = Some(columns.hotkeys().to_vec()),
        Field::Coldkeys => answer.coldkeys = Some(columns.coldkeys()),
        Field::Identities => answer.identities = Some(columns.identities()),
        Field::Axons => answer.axons = Some(columns.axons()),
        Field::Active => answer.active = Some(columns.active()),
        Field::ValidatorPermit => answer.validator_permit = Some(columns.validator_permit()),
        Field::PruningScore => answer.pruning_score = Some(repeat(columns.len(), NO_SCORE)),
        Field::LastUpdate => answer.last_update = Some(columns.last_update()),
        Field::Emission => answer.emission = Some(columns.emission()),
        Field::Dividends => answer.dividends = Some(columns.dividends()),
        Field::Incentives => answer.incentives = Some(columns.incentives()),
        Field::Consensus => answer.consensus = Some(columns.consensus()),
        Field::Trust => answer.trust = Some(repeat(columns.len(), Compact(0))),
        Field::Rank => answer.rank = Some(repeat(columns.len(), Compact(0))),
        Field::BlockAtRegistration => answer.block_at_registration = Some(columns.block_at_registration()),
        Field::AlphaStake => answer.alpha_stake = Some(columns.stakes().alpha.clone()),
        Field::TaoStake => answer.tao_stake = Some(columns.stakes().tao.clone()),
        Field::TotalStake => answer.total_stake = Some(columns.stakes().total.clone()),
        Field::TaoDividendsPerHotkey => answer.tao_dividends_per_hotkey = Some(columns.root_dividends()),
        Field::AlphaDividendsPerHotkey => answer.alpha_dividends_per_hotkey = Some(columns.alpha_dividends()),
        Field::Validators => answer.validators = Some(columns.validators()),
        Field::Commitments => answer.commitments = Some(commitments::<T>(netuid)),
    }
}

/// Neurons are replaced by their emission; no score is kept.
const NO_SCORE: Compact<u16> = Compact(0);

/// Activity cutoff that metagraphs show: the fixed number that official clients expect there. The epoch uses tempos,
/// which hyperparameters return.
fn shown_cutoff<T: Config>(netuid: NetUid) -> u64 {
    ActivityCutoff::<T>::get(netuid).into()
}

/// Commitments of the hotkeys of a subnet, encoded as stored.
fn commitments<T: Config>(netuid: NetUid) -> Vec<(T::AccountId, Vec<Compact<u8>>)> {
    let statements = CommitmentBoard::<T>::statements(netuid);
    statements.into_iter().map(|(hotkey, bytes)| (hotkey, compact_bytes(&bytes))).collect()
}

/// The neurons of one mechanism in columns, one entry per uid. Values that several fields need are read once.
pub(super) struct Columns<T: Config> {
    netuid: NetUid,
    mecid: MechId,
    seats: Vec<Seat<T::AccountId>>,
    hotkeys: Vec<T::AccountId>,
    stakes: OnceCell<Stakes>,
}

/// Stake of each neuron.
pub(super) struct Stakes {
    /// Alpha, with inheritance.
    pub alpha: Vec<Compact<AlphaBalance>>,
    /// Root stake, with inheritance, before the TAO weight.
    pub tao: Vec<Compact<TaoBalance>>,
    /// Alpha and weighted root stake.
    pub total: Vec<Compact<AlphaBalance>>,
}

impl<T: Config> Columns<T> {
    /// The neurons of a mechanism; `None` if it does not exist.
    pub fn of(netuid: NetUid, mecid: MechId) -> Option<Self> {
        if !SubnetRegistry::<T>::exists(netuid) || mecid >= SubnetRegistry::<T>::mechanism_count(netuid) {
            return None;
        }
        let seats = NeuronRegistry::<T>::roster(netuid);
        let hotkeys = seats.iter().map(|seat| seat.hotkey.clone()).collect();
        Some(Self { netuid, mecid, seats, hotkeys, stakes: OnceCell::new() })
    }

    pub fn index(&self) -> u16 {
        storage_index(self.netuid, self.mecid)
    }

    pub fn len(&self) -> usize {
        self.hotkeys.len()
    }

    pub fn hotkeys(&self) -> &[T::AccountId] {
        &self.hotkeys
    }

    pub fn coldkeys(&self) -> Vec<T::AccountId> {
        self.seats.iter().map(|seat| seat.owner.clone()).collect()
    }

    fn identities(&self) -> Vec<Option<ChainIdentityV2>> {
        self.coldkeys().iter().map(IdentitiesV2::<T>::get).collect()
    }

    fn axons(&self) -> Vec<AxonInfo> {
        self.hotkeys.iter().map(|hotkey| Axons::<T>::get(self.netuid, hotkey).unwrap_or_default()).collect()
    }

    pub fn active(&self) -> Vec<bool> {
        self.padded(Active::<T>::get(self.netuid))
    }

    pub fn validator_permit(&self) -> Vec<bool> {
        self.padded(ValidatorPermit::<T>::get(self.netuid))
    }

    pub fn last_update(&self) -> Vec<Compact<u64>> {
        self.compact(LastUpdate::<T>::get(self.index()))
    }

    pub fn emission(&self) -> Vec<Compact<AlphaBalance>> {
        self.compact(Emission::<T>::get(self.netuid))
    }

    pub fn dividends(&self) -> Vec<Compact<u16>> {
        self.compact(Dividends::<T>::get(self.netuid))
    }

    pub fn incentives(&self) -> Vec<Compact<u16>> {
        self.compact(Incentive::<T>::get(self.index()))
    }

    pub fn consensus(&self) -> Vec<Compact<u16>> {
        self.compact(Consensus::<T>::get(self.netuid))
    }

    pub fn block_at_registration(&self) -> Vec<Compact<u64>> {
        self.seats.iter().map(|seat| Compact(seat.registered)).collect()
    }

    pub fn stakes(&self) -> &Stakes {
        self.stakes.get_or_init(|| {
            let on_root = |hotkey| Delegation::<T>::stake_weight(hotkey, ROOT);
            let stakes: Vec<_> = match self.netuid {
                ROOT => self.hotkeys.iter().map(on_root).collect(),
                netuid => Roll::<T>::of(netuid, self.seats.clone()).weights().collect(),
            };
            Stakes {
                alpha: stakes.iter().map(|stake| Compact(stake.alpha)).collect(),
                tao: stakes.iter().map(|stake| Compact(stake.root)).collect(),
                total: stakes
                    .iter()
                    .map(|stake| Compact(AlphaBalance::from_rao(stake.total.floor_u64())))
                    .collect(),
            }
        })
    }

    fn root_dividends(&self) -> Vec<(T::AccountId, Compact<AlphaBalance>)> {
        self.by_hotkey(|hotkey| RootAlphaDividendsPerSubnet::<T>::get(self.netuid, hotkey))
    }

    fn alpha_dividends(&self) -> Vec<(T::AccountId, Compact<AlphaBalance>)> {
        self.by_hotkey(|hotkey| AlphaDividendsPerSubnet::<T>::get(self.netuid, hotkey))
    }

    /// An amount for every neuron, also where it is zero: clients look up their own.
    fn by_hotkey(
        &self,
        amount: impl Fn(&T::AccountId) -> AlphaBalance,
    ) -> Vec<(T::AccountId, Compact<AlphaBalance>)> {
        self.hotkeys.iter().map(|hotkey| (hotkey.clone(), Compact(amount(hotkey)))).collect()
    }

    /// Neurons with a permit and more stake than the threshold, in ascending order of stake.
    fn validators(&self) -> Vec<Compact<u16>> {
        let threshold = StakeThreshold::<T>::get();
        let mut validators: Vec<_> = self
            .uids()
            .zip(self.validator_permit())
            .zip(&self.stakes().total)
            .filter(|((_, permit), stake)| *permit && stake.0.to_rao() > threshold)
            .map(|((uid, _), stake)| (stake.0, Compact(uid)))
            .collect();
        validators.sort_by_key(|(stake, _)| *stake);
        validators.into_iter().map(|(_, uid)| uid).collect()
    }

    fn uids(&self) -> core::ops::Range<Uid> {
        0..Uid::try_from(self.len()).unwrap_or(Uid::MAX)
    }

    /// A stored column with one entry per uid: vectors are shorter before the first epoch.
    fn padded<V: Clone + Default>(&self, mut column: Vec<V>) -> Vec<V> {
        column.resize(self.len(), V::default());
        column
    }

    fn compact<V: Clone + Default>(&self, column: Vec<V>) -> Vec<Compact<V>> {
        self.padded(column).into_iter().map(Compact).collect()
    }
}

/// A column of one value.
pub(super) fn repeat<V: Clone>(length: usize, value: V) -> Vec<V> {
    core::iter::repeat_n(value, length).collect()
}
