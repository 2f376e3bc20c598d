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

/// Makes [`metagraph`] and [`fill`] from one list of fields and their values. The `chosen` fields stand in no full
/// metagraph.
macro_rules! fields {
    (
        |$netuid:ident, $columns:ident|
        full { $($number:ident $field:ident: $value:expr,)+ }
        chosen { $($chosen_number:ident $chosen:ident: $chosen_value:expr,)+ }
    ) => {
        /// One mechanism of a subnet in one answer; `None` if it does not exist. Mechanism 0 is the subnet itself.
        pub fn metagraph<T: Config>($netuid: NetUid, mecid: MechId) -> Option<Metagraph<T::AccountId>> {
            let $columns = Columns::<T>::of($netuid, mecid)?;
            Some(Metagraph {
                netuid: Compact($columns.index()),
                $($field: $value,)+
                collateral_locked: repeat($columns.len(), Compact(AlphaBalance::ZERO)),
                collateral_min: repeat($columns.len(), Compact(AlphaBalance::ZERO)),
                collateral_earned: repeat($columns.len(), Compact(AlphaBalance::ZERO)),
            })
        }

        fn fill<T: Config>(
            answer: &mut SelectiveMetagraph<T::AccountId>,
            field: Field,
            $columns: &Columns<T>,
        ) {
            let $netuid = $columns.netuid;
            match field {
                // The storage index is always filled in.
                Field::Netuid => {}
                $(Field::$number => answer.$field = Some($value),)+
                $(Field::$chosen_number => answer.$chosen = Some($chosen_value),)+
            }
        }
    };
}

fields! {
    |netuid, columns|
    full {
        Name name: compact_bytes(&name::<T>(netuid)),
        Symbol symbol: compact_bytes(&TokenSymbol::<T>::get(netuid)),
        Identity identity: SubnetIdentitiesV3::<T>::get(netuid),
        NetworkRegisteredAt network_registered_at: Compact(NetworkRegisteredAt::<T>::get(netuid)),
        OwnerHotkey owner_hotkey: SubnetOwnerHotkey::<T>::get(netuid),
        OwnerColdkey owner_coldkey: SubnetOwner::<T>::get(netuid),
        Block block: Compact(now::<T>()),
        Tempo tempo: Compact(Tempo::<T>::get(netuid)),
        LastStep last_step: Compact(LastMechansimStepBlock::<T>::get(netuid)),
        BlocksSinceLastStep blocks_since_last_step: Compact(EpochClock::<T>::blocks_since_last_step(netuid)),
        SubnetEmission subnet_emission: Compact(tao_per_block::<T>(netuid)),
        AlphaIn alpha_in: Compact(SubnetAlphaIn::<T>::get(netuid)),
        AlphaOut alpha_out: Compact(SubnetAlphaOut::<T>::get(netuid)),
        TaoIn tao_in: Compact(SubnetTAO::<T>::get(netuid)),
        AlphaOutEmission alpha_out_emission: Compact(SubnetAlphaOutEmission::<T>::get(netuid)),
        AlphaInEmission alpha_in_emission: Compact(SubnetAlphaInEmission::<T>::get(netuid)),
        TaoInEmission tao_in_emission: Compact(SubnetTaoInEmission::<T>::get(netuid)),
        PendingAlphaEmission pending_alpha_emission: Compact(pending_alpha::<T>(netuid)),
        PendingRootEmission pending_root_emission: Compact(PendingRootAlphaDivs::<T>::get(netuid)),
        SubnetVolume subnet_volume: Compact(SubnetVolume::<T>::get(netuid)),
        MovingPrice moving_price: SubnetMovingPrice::<T>::get(netuid),
        Rho rho: Compact(Rho::<T>::get(netuid)),
        Kappa kappa: Compact(Kappa::<T>::get(netuid)),
        MinAllowedWeights min_allowed_weights: Compact(MinAllowedWeights::<T>::get(netuid)),
        MaxWeightsLimit max_weights_limit: Compact(MaxWeightsLimit::<T>::get(netuid)),
        WeightsVersion weights_version: Compact(WeightsVersionKey::<T>::get(netuid)),
        WeightsRateLimit weights_rate_limit: Compact(WeightsSetRateLimit::<T>::get(netuid)),
        ActivityCutoff activity_cutoff: Compact(shown_cutoff::<T>(netuid)),
        MaxValidators max_validators: Compact(MaxAllowedValidators::<T>::get(netuid)),
        NumUids num_uids: Compact(SubnetworkN::<T>::get(netuid)),
        MaxUids max_uids: Compact(MaxAllowedUids::<T>::get(netuid)),
        Burn burn: Compact(Burn::<T>::get(netuid)),
        Difficulty difficulty: Compact(Difficulty::<T>::get(netuid)),
        RegistrationAllowed registration_allowed: NetworkRegistrationAllowed::<T>::get(netuid),
        PowRegistrationAllowed pow_registration_allowed: NetworkPowRegistrationAllowed::<T>::get(netuid),
        ImmunityPeriod immunity_period: Compact(ImmunityPeriod::<T>::get(netuid)),
        MinDifficulty min_difficulty: Compact(MinDifficulty::<T>::get(netuid)),
        MaxDifficulty max_difficulty: Compact(MaxDifficulty::<T>::get(netuid)),
        MinBurn min_burn: Compact(MinBurn::<T>::get(netuid)),
        MaxBurn max_burn: Compact(MaxBurn::<T>::get(netuid)),
        AdjustmentAlpha adjustment_alpha: Compact(AdjustmentAlpha::<T>::get(netuid)),
        AdjustmentInterval adjustment_interval: Compact(AdjustmentInterval::<T>::get(netuid)),
        TargetRegsPerInterval target_regs_per_interval:
            Compact(TargetRegistrationsPerInterval::<T>::get(netuid)),
        MaxRegsPerBlock max_regs_per_block: Compact(MaxRegistrationsPerBlock::<T>::get(netuid)),
        ServingRateLimit serving_rate_limit: Compact(ServingRateLimit::<T>::get(netuid)),
        CommitRevealWeightsEnabled commit_reveal_weights_enabled:
            CommitRevealWeightsEnabled::<T>::get(netuid),
        CommitRevealPeriod commit_reveal_period: Compact(RevealPeriodEpochs::<T>::get(netuid)),
        LiquidAlphaEnabled liquid_alpha_enabled: LiquidAlphaOn::<T>::get(netuid),
        AlphaHigh alpha_high: Compact(AlphaValues::<T>::get(netuid).1),
        AlphaLow alpha_low: Compact(AlphaValues::<T>::get(netuid).0),
        BondsMovingAvg bonds_moving_avg: Compact(BondsMovingAverage::<T>::get(netuid)),
        Hotkeys hotkeys: columns.hotkeys().to_vec(),
        Coldkeys coldkeys: columns.coldkeys(),
        Identities identities: columns.identities(),
        Axons axons: columns.axons(),
        Active active: columns.active(),
        ValidatorPermit validator_permit: columns.validator_permit(),
        PruningScore pruning_score: repeat(columns.len(), NO_SCORE),
        LastUpdate last_update: columns.last_update(),
        Emission emission: columns.emission(),
        Dividends dividends: columns.dividends(),
        Incentives incentives: columns.incentives(),
        Consensus consensus: columns.consensus(),
        Trust trust: repeat(columns.len(), Compact(0)),
        Rank rank: repeat(columns.len(), Compact(0)),
        BlockAtRegistration block_at_registration: columns.block_at_registration(),
        AlphaStake alpha_stake: columns.stakes().alpha.clone(),
        TaoStake tao_stake: columns.stakes().tao.clone(),
        TotalStake total_stake: columns.stakes().total.clone(),
        TaoDividendsPerHotkey tao_dividends_per_hotkey: columns.root_dividends(),
        AlphaDividendsPerHotkey alpha_dividends_per_hotkey: columns.alpha_dividends(),
    }
    chosen {
        Validators validators: columns.validators(),
        Commitments commitments: commitments::<T>(netuid),
    }
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
