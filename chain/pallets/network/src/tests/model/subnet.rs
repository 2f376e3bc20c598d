//! One subnet of the model: reading it, running its epoch, and comparing it.

use std::collections::BTreeMap;

use myelin_economy::{
    coinbase::SubnetState,
    emission::ShareInput,
    payout::{EpochPots, SubnetOwner},
    pool::{Fee, Market, Pool, QuoteWeight},
    registration::{choose_uid, immortal_uids, BurnBounds, Candidate, PruneRule, UidChoice},
    voting::next_power,
};
use myelin_units::{storage_index, AlphaBalance, NetUid, TaoBalance, Uid, I96F32, U64F64, U96F32};
use myelin_yuma::{
    mechanisms::{aggregate, split_emission},
    run_epoch,
    step::stake::counted_stake,
    EpochInput, EpochParams,
};
use sp_core::H256;

use super::AccountId;
use crate::{
    alpha_assets::AlphaBurned, ledger::TaoLedger, pallet::*, pools::PoolReserves, tests::mock::Test,
};

/// One subnet.
#[derive(Clone)]
pub struct Subnet {
    pub pool: Pool,
    pub alpha_out: AlphaBalance,
    pub protocol: AlphaBalance,
    pub account: TaoBalance,
    pub moving_price: I96F32,
    pub halving_blocks: u64,
    pub first_emission: Option<u64>,
    pub paid: bool,
    pub emission_enabled: bool,
    pub owner_cut_enabled: bool,
    pub owner: SubnetOwner<AccountId>,
    pub registered_at: u64,
    pub recycle: bool,
    pub burned: U96F32,
    pub pots: EpochPots,
    pub params: EpochParams,
    pub last_epoch: u64,
    pub last_step: u64,
    pub blocks_since: u64,
    pub pending_at: u64,
    pub index: u64,
    pub hotkeys: Vec<AccountId>,
    pub registered: Vec<u64>,
    pub permits: Vec<bool>,
    pub emission: Vec<u64>,
    pub split: Option<Vec<u16>>,
    /// Shares in force until the notice of the newest ones is over, and the block from which they are not.
    pub former: Option<(Option<Vec<u16>>, u64)>,
    pub mechanisms: Vec<Mechanism>,
    pub children: BTreeMap<AccountId, Vec<(u64, AccountId)>>,
    pub parents: BTreeMap<AccountId, Vec<(u64, AccountId)>>,
    pub childkey_takes: BTreeMap<AccountId, u16>,
    pub destinations: BTreeMap<AccountId, AccountId>,
    /// Alpha without an owner.
    pub unowned: AlphaBalance,
    /// Alpha that root stakers may claim.
    pub claim_pot: AlphaBalance,
    /// `TotalHotkeyAlphaLastEpoch` by hotkey.
    pub totals: BTreeMap<AccountId, AlphaBalance>,
    pub results: Results,
    pub shown: Shown,
    /// Price of a registration, its limits, its half-life and its jump.
    pub burn: TaoBalance,
    pub burn_bounds: BurnBounds,
    pub burn_half_life: u16,
    pub burn_mult: U64F64,
    pub pruning: PruningRules,
    pub fee: Fee,
    pub reveal_epochs: u64,
    pub locks_owner_cut: bool,
    pub votes: Option<Votes>,
    /// Children that wait, with the block after which they are due.
    pub pending: BTreeMap<AccountId, (Vec<(u64, AccountId)>, u64)>,
}

/// The most neurons, and the rules of pruning.
#[derive(Clone)]
pub struct PruningRules {
    pub most: u16,
    pub immunity_period: u64,
    pub min_non_immune: u16,
    pub immune_owner_uids: u16,
}

/// Emission of the last block, as shown to clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub tao_in: TaoBalance,
    pub excess_tao: TaoBalance,
    pub alpha_in: AlphaBalance,
    pub alpha_out: AlphaBalance,
}

/// Results of the last epoch by uid, beside pay and permits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    pub active: Vec<bool>,
    pub consensus: Vec<u16>,
    pub dividends: Vec<u16>,
    pub validator_trust: Vec<u16>,
    pub stake_weight: Vec<u16>,
}

/// Voting power, where it is tracked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Votes {
    pub alpha: u64,
    pub power: BTreeMap<AccountId, u64>,
}

/// Weights, bonds and commits of one mechanism.
#[derive(Clone, Default)]
pub struct Mechanism {
    pub weights: Vec<Vec<(u16, u16)>>,
    pub bonds: Vec<Vec<(u16, u16)>>,
    pub last_update: Vec<u64>,
    pub incentive: Vec<u16>,
    /// Commits of a hotkey that wait for their reveal: hash, epoch, block.
    pub commits: BTreeMap<AccountId, Vec<(H256, u64, u64)>>,
}

impl Subnet {
    /// The subnet as the chain stores it now.
    pub fn of_chain(netuid: NetUid) -> Self {
        let hotkeys: Vec<_> =
            (0..SubnetworkN::<Test>::get(netuid)).map(|uid| Keys::<Test>::get(netuid, uid)).collect();
        let (alpha_low, alpha_high) = AlphaValues::<Test>::get(netuid);
        let uids = || 0..hotkeys.len() as Uid;
        Self {
            pool: Pool {
                tao: SubnetTAO::<Test>::get(netuid),
                alpha: SubnetAlphaIn::<Test>::get(netuid),
                weight: quote_weight(netuid),
            },
            alpha_out: SubnetAlphaOut::<Test>::get(netuid),
            protocol: SubnetProtocolAlpha::<Test>::get(netuid),
            account: TaoLedger::<Test>::held_by_subnet(netuid),
            moving_price: SubnetMovingPrice::<Test>::get(netuid),
            halving_blocks: EMAPriceHalvingBlocks::<Test>::get(netuid),
            first_emission: FirstEmissionBlockNumber::<Test>::get(netuid),
            paid: FirstEmissionBlockNumber::<Test>::contains_key(netuid)
                && SubtokenEnabled::<Test>::get(netuid)
                && NetworkRegistrationAllowed::<Test>::get(netuid),
            emission_enabled: SubnetEmissionEnabled::<Test>::get(netuid),
            owner_cut_enabled: OwnerCutEnabled::<Test>::get(netuid),
            owner: SubnetOwner {
                coldkey: crate::SubnetOwner::<Test>::get(netuid),
                hotkey: SubnetOwnerHotkey::<Test>::get(netuid),
            },
            registered_at: NetworkRegisteredAt::<Test>::get(netuid),
            recycle: RecycleOrBurn::<Test>::get(netuid) == myelin_abi::RecycleOrBurnEnum::Recycle,
            burned: MinerBurned::<Test>::get(netuid),
            pots: EpochPots {
                server: PendingServerEmission::<Test>::get(netuid),
                validator: PendingValidatorEmission::<Test>::get(netuid),
                root: PendingRootAlphaDivs::<Test>::get(netuid),
                owner_cut: PendingOwnerCut::<Test>::get(netuid),
            },
            params: EpochParams {
                kappa: Kappa::<Test>::get(netuid),
                bonds_penalty: BondsPenalty::<Test>::get(netuid),
                bonds_moving_average: BondsMovingAverage::<Test>::get(netuid),
                max_validators: MaxAllowedValidators::<Test>::get(netuid),
                yuma3: Yuma3On::<Test>::get(netuid),
                liquid_alpha: LiquidAlphaOn::<Test>::get(netuid),
                alpha_low,
                alpha_high,
                steepness: AlphaSigmoidSteepness::<Test>::get(netuid),
                tempo: Tempo::<Test>::get(netuid),
                activity_cutoff_factor_milli: ActivityCutoffFactorMilli::<Test>::get(netuid),
                stake_threshold: StakeThreshold::<Test>::get(),
                commit_reveal: CommitRevealWeightsEnabled::<Test>::get(netuid),
            },
            last_epoch: LastEpochBlock::<Test>::get(netuid),
            last_step: LastMechansimStepBlock::<Test>::get(netuid),
            blocks_since: BlocksSinceLastStep::<Test>::get(netuid),
            pending_at: PendingEpochAt::<Test>::get(netuid),
            index: SubnetEpochIndex::<Test>::get(netuid),
            registered: uids().map(|uid| BlockAtRegistration::<Test>::get(netuid, uid)).collect(),
            permits: ValidatorPermit::<Test>::get(netuid),
            emission: Emission::<Test>::get(netuid).into_iter().map(AlphaBalance::to_rao).collect(),
            split: MechanismEmissionSplit::<Test>::get(netuid),
            former: FormerEmissionSplit::<Test>::get(netuid),
            mechanisms: (0..MechanismCountCurrent::<Test>::get(netuid))
                .map(|mecid| storage_index(netuid, mecid))
                .map(|index| Mechanism {
                    weights: uids().map(|uid| Weights::<Test>::get(index, uid)).collect(),
                    bonds: uids().map(|uid| Bonds::<Test>::get(index, uid)).collect(),
                    last_update: LastUpdate::<Test>::get(index),
                    incentive: Incentive::<Test>::get(index),
                    commits: WeightCommits::<Test>::iter_prefix(index)
                        .map(|(hotkey, queue)| (hotkey, queue.into_iter().map(|c| (c.0, c.1, c.2)).collect()))
                        .collect(),
                })
                .collect(),
            children: by_key(ChildKeys::<Test>::iter(), netuid),
            parents: by_key(ParentKeys::<Test>::iter(), netuid),
            childkey_takes: by_key(ChildkeyTake::<Test>::iter(), netuid),
            destinations: by_key(AutoStakeDestination::<Test>::iter(), netuid),
            unowned: AlphaBurned::<Test>::get(netuid),
            claim_pot: RootClaimPot::<Test>::get(netuid),
            totals: by_key(TotalHotkeyAlphaLastEpoch::<Test>::iter(), netuid),
            results: Results {
                active: Active::<Test>::get(netuid),
                consensus: Consensus::<Test>::get(netuid),
                dividends: Dividends::<Test>::get(netuid),
                validator_trust: ValidatorTrust::<Test>::get(netuid),
                stake_weight: StakeWeight::<Test>::get(netuid),
            },
            shown: Shown {
                tao_in: SubnetTaoInEmission::<Test>::get(netuid),
                excess_tao: SubnetExcessTao::<Test>::get(netuid),
                alpha_in: SubnetAlphaInEmission::<Test>::get(netuid),
                alpha_out: SubnetAlphaOutEmission::<Test>::get(netuid),
            },
            burn: Burn::<Test>::get(netuid),
            burn_bounds: BurnBounds { min: MinBurn::<Test>::get(netuid), max: MaxBurn::<Test>::get(netuid) },
            burn_half_life: BurnHalfLife::<Test>::get(netuid),
            burn_mult: BurnIncreaseMult::<Test>::get(netuid),
            pruning: PruningRules {
                most: MaxAllowedUids::<Test>::get(netuid),
                immunity_period: ImmunityPeriod::<Test>::get(netuid).into(),
                min_non_immune: MinNonImmuneUids::<Test>::get(netuid),
                immune_owner_uids: ImmuneOwnerUidsLimit::<Test>::get(netuid),
            },
            fee: PoolReserves::<Test>::fee(netuid),
            reveal_epochs: RevealPeriodEpochs::<Test>::get(netuid),
            locks_owner_cut: OwnerCutAutoLockEnabled::<Test>::get(netuid),
            votes: VotingPowerTrackingEnabled::<Test>::get(netuid).then(|| Votes {
                alpha: VotingPowerEmaAlpha::<Test>::get(netuid),
                power: VotingPower::<Test>::iter_prefix(netuid).collect(),
            }),
            pending: PendingChildKeys::<Test>::iter_prefix(netuid).collect(),
            hotkeys,
        }
    }

    /// Inputs of the coinbase about the subnet.
    pub fn state(&self, owner_cut: u16) -> SubnetState {
        SubnetState {
            market: Market::Dynamic(self.pool),
            alpha_in: self.pool.alpha,
            alpha_out: self.alpha_out,
            share: ShareInput {
                moving_price: self.moving_price.cast(),
                miner_burned: self.burned.cast(),
                enabled: self.emission_enabled,
            },
            owner_cut: self.owner_cut_enabled.then_some(owner_cut),
        }
    }

    /// Shares by which an epoch in this block splits the emission.
    pub fn split_at(&self, block: u64) -> Option<Vec<u16>> {
        self.former
            .clone()
            .filter(|(_, until)| block < *until)
            .map_or(self.split.clone(), |(shares, _)| shares)
    }

    /// Runs the epoch: (hotkey, incentive, dividend) by uid.
    pub fn run(
        &mut self,
        emission: AlphaBalance,
        stakes: Vec<myelin_units::I64F64>,
        now: u64,
    ) -> Vec<(AccountId, u64, u64)> {
        let split = self.split_at(now);
        let parts = split_emission(emission.to_rao(), self.mechanisms.len(), split.as_deref());
        let owner_uid =
            self.hotkeys.iter().position(|hotkey| *hotkey == self.owner.hotkey).map(|uid| uid as Uid);
        let outputs: Vec<_> = self
            .mechanisms
            .iter()
            .zip(&parts)
            .map(|(mechanism, &emission)| {
                run_epoch(&EpochInput {
                    params: self.params.clone(),
                    block: now,
                    emission,
                    last_step_block: self.last_step,
                    owner_uid,
                    total_stake: stakes.clone(),
                    last_update: mechanism.last_update.clone(),
                    registered: self.registered.clone(),
                    permits: self.permits.clone(),
                    weights: mechanism.weights.clone(),
                    bonds: mechanism.bonds.clone(),
                    commit_blocks: self
                        .hotkeys
                        .iter()
                        .map(|hotkey| self.oldest_commit(mechanism.commits.get(hotkey)?))
                        .collect(),
                    ..EpochInput::default()
                })
            })
            .collect();
        for (mechanism, output) in self.mechanisms.iter_mut().zip(&outputs) {
            mechanism.bonds = output.bonds.clone();
            mechanism.incentive = output.incentive.clone();
        }
        let joined = aggregate(&outputs, &parts);
        self.permits = joined.permits;
        self.emission = joined.emission;
        self.results = Results {
            active: joined.active,
            consensus: joined.consensus,
            dividends: joined.dividends,
            validator_trust: joined.validator_trust,
            stake_weight: joined.stake_weight,
        };
        let counted = counted_stake(&stakes, self.params.stake_threshold, owner_uid);
        self.follow_votes(&counted);
        let amounts = joined.server_emission.into_iter().zip(joined.validator_emission);
        self.hotkeys
            .iter()
            .cloned()
            .zip(amounts)
            .map(|(hotkey, (server, validator))| (hotkey, server, validator))
            .collect()
    }

    /// Gives a uid to a hotkey that has none, maybe that of the weakest neuron, and returns whether there is one.
    /// `owned` returns whether an account belongs to the subnet's owner.
    pub fn seat(&mut self, hotkey: &AccountId, owned: impl Fn(&AccountId) -> bool, now: u64) -> bool {
        let PruningRules { most, immunity_period, min_non_immune, immune_owner_uids } = self.pruning;
        let uids = || (0..).zip(self.hotkeys.iter().zip(&self.registered));
        let of_owner: Vec<(u64, Uid)> = uids()
            .filter(|(_, (hotkey, _))| owned(hotkey))
            .map(|(uid, (_, registered))| (*registered, uid))
            .collect();
        let owner_uid = uids().find(|(_, (hotkey, _))| **hotkey == self.owner.hotkey).map(|(uid, _)| uid);
        let immortal = immortal_uids(&of_owner, owner_uid, immune_owner_uids);
        let candidates: Vec<_> = uids()
            .map(|(uid, (_, registered))| Candidate {
                uid,
                emission: self.emission[usize::from(uid)].into(),
                registered: *registered,
                immortal: immortal.contains(&uid),
            })
            .collect();
        let rule = PruneRule { block: now, immunity_period, min_non_immune };
        let uid = match choose_uid(&candidates, most, &rule) {
            None => return false,
            Some(UidChoice::Append(uid)) => usize::from(uid),
            Some(UidChoice::Replace(uid)) => {
                self.vacate(uid);
                usize::from(uid)
            }
        };
        put(&mut self.hotkeys, uid, hotkey.clone());
        put(&mut self.registered, uid, now);
        put(&mut self.permits, uid, false);
        put(&mut self.emission, uid, 0);
        put(&mut self.results.active, uid, true);
        put(&mut self.results.consensus, uid, 0);
        put(&mut self.results.dividends, uid, 0);
        put(&mut self.results.validator_trust, uid, 0);
        put(&mut self.results.stake_weight, uid, 0);
        for mechanism in &mut self.mechanisms {
            put(&mut mechanism.weights, uid, Vec::new());
            put(&mut mechanism.bonds, uid, Vec::new());
            put(&mut mechanism.last_update, uid, now);
            put(&mut mechanism.incentive, uid, 0);
        }
        true
    }

    /// A neuron loses its uid: its commits are removed, and the weights toward it are 0.
    fn vacate(&mut self, uid: Uid) {
        let hotkey = &self.hotkeys[usize::from(uid)];
        for mechanism in &mut self.mechanisms {
            mechanism.commits.remove(hotkey);
            for (_, weight) in mechanism.weights.iter_mut().flatten().filter(|(judged, _)| *judged == uid) {
                *weight = 0;
            }
        }
    }

    /// Block of the oldest commit that can still be revealed.
    fn oldest_commit(&self, queue: &[(H256, u64, u64)]) -> Option<u64> {
        queue
            .iter()
            .find(|(_, epoch, _)| epoch + self.reveal_epochs >= self.index)
            .map(|(_, _, block)| *block)
    }

    /// Moves the power of neurons with a permit, and removes that of all others.
    fn follow_votes(&mut self, counted: &[myelin_units::I64F64]) {
        let Some(votes) = &mut self.votes else { return };
        let validators = self.hotkeys.iter().zip(counted).zip(&self.permits).filter(|(_, permit)| **permit);
        let power = validators.filter_map(|((hotkey, stake), _)| {
            let before = votes.power.get(hotkey).copied().unwrap_or(0);
            let threshold = self.params.stake_threshold;
            Some((hotkey.clone(), next_power(before, stake.floor_u64(), votes.alpha, threshold)?))
        });
        votes.power = power.collect();
    }

    /// Compares everything with the chain.
    #[track_caller]
    pub fn assert_is_chain(&self, netuid: NetUid) {
        let chain = Self::of_chain(netuid);
        assert_eq!(chain.pool, self.pool, "pool of {netuid}");
        assert_eq!(chain.alpha_out, self.alpha_out, "outstanding alpha of {netuid}");
        assert_eq!(chain.protocol, self.protocol, "alpha of the protocol on {netuid}");
        assert_eq!(chain.account, self.account, "account of {netuid}");
        assert_eq!(chain.pots, self.pots, "pots of {netuid}");
        assert_eq!(chain.moving_price, self.moving_price, "moving price of {netuid}");
        assert_eq!(chain.burned, self.burned, "burned part of {netuid}");
        let clock = |s: &Self| (s.last_epoch, s.last_step, s.blocks_since, s.pending_at, s.index);
        assert_eq!(clock(&chain), clock(self), "clock of {netuid}");
        assert_eq!(chain.permits, self.permits, "permits of {netuid}");
        assert_eq!(chain.emission, self.emission, "emission of {netuid}");
        assert_eq!(chain.mechanisms.len(), self.mechanisms.len(), "mechanisms of {netuid}");
        for (stored, expected) in chain.mechanisms.iter().zip(&self.mechanisms) {
            assert_eq!(stored.bonds, expected.bonds, "bonds of {netuid}");
            assert_eq!(stored.incentive, expected.incentive, "incentives of {netuid}");
            assert_eq!(stored.weights, expected.weights, "weights of {netuid}");
            assert_eq!(stored.last_update, expected.last_update, "last updates of {netuid}");
            assert_eq!(stored.commits, expected.commits, "commits of {netuid}");
        }
        assert_eq!(chain.results, self.results, "results of {netuid}");
        assert_eq!(chain.shown, self.shown, "emission of the block on {netuid}");
        assert_eq!(chain.unowned, self.unowned, "alpha of nobody on {netuid}");
        assert_eq!(chain.claim_pot, self.claim_pot, "what root stakers may claim of {netuid}");
        assert_eq!(chain.totals, self.totals, "stakes at the last epoch of {netuid}");
        assert_eq!(chain.burn, self.burn, "price of a registration on {netuid}");
        assert_eq!(chain.hotkeys, self.hotkeys, "hotkeys of {netuid}");
        assert_eq!(chain.registered, self.registered, "registrations of {netuid}");
        assert_eq!((&chain.split, &chain.former), (&self.split, &self.former), "split of {netuid}");
        assert_eq!(chain.votes, self.votes, "votes of {netuid}");
        assert_eq!(chain.children, self.children, "children on {netuid}");
        assert_eq!(chain.parents, self.parents, "parents on {netuid}");
        assert_eq!(chain.pending, self.pending, "children that wait on {netuid}");
        assert_eq!(chain.owner, self.owner, "owner of {netuid}");
    }
}

/// Writes an entry, at most one past the end.
fn put<V>(entries: &mut Vec<V>, at: usize, value: V) {
    match entries.get_mut(at) {
        Some(entry) => *entry = value,
        None => entries.push(value),
    }
}

fn quote_weight(netuid: NetUid) -> QuoteWeight {
    let e18 = pallet_myelin_swap::SwapBalancer::<Test>::get(netuid);
    QuoteWeight::new(e18).expect("stored weights are legal")
}

fn by_key<V>(rows: impl Iterator<Item = (AccountId, NetUid, V)>, netuid: NetUid) -> BTreeMap<AccountId, V> {
    rows.filter(|(_, subnet, _)| *subnet == netuid).map(|(key, _, value)| (key, value)).collect()
}
