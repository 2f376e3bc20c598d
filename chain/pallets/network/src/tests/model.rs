//! A second network beside the pallet: plain data moved by the pure crates, read from storage once and never again.
//!
//! [`Model::of_chain`] copies what emission depends on; [`Model::step`] lives one block; [`Model::assert_is_chain`] compares
//! everything the block changes with the pallet’s storage, to the rao.

use std::collections::BTreeMap;

use myelin_economy::{
    childkeys::{inherited, FamilyDividend, FamilyRates, Holding, Loan, Parent},
    claim::{accrue, Accrual},
    coinbase::{emit, BlockInput, SubnetState},
    emission::{MovingPrice, ShareInput},
    issuance::tao_block_emission,
    payout::{share_with_parents, Credit, EpochPots, Miner, PayoutInput, SubnetOwner, Validator},
    pool::{Market, Pool, QuoteWeight},
    shares::{ShareFloat, SharePool},
};
use myelin_units::{storage_index, AlphaBalance, NetUid, TaoBalance, Uid, I96F32, ROOT, U96F32};
use myelin_yuma::{
    mechanisms::{aggregate, split_emission},
    run_epoch,
    step::stake::total_stake,
    EpochInput, EpochParams,
};

use super::mock::*;
use crate::{invariants, ledger::TaoLedger, pallet::*};

/// Everything the emission of a network depends on.
#[derive(Clone)]
pub struct Model {
    issuance: TaoBalance,
    tao_weight: u64,
    childkey_burn: u64,
    owner_cut: u16,
    moving_alpha: I96F32,
    epochs_per_block: usize,
    root_tao: TaoBalance,
    owners: BTreeMap<AccountId, AccountId>,
    takes: BTreeMap<AccountId, u16>,
    pools: BTreeMap<(AccountId, NetUid), SharePool>,
    shares: BTreeMap<(AccountId, AccountId, NetUid), ShareFloat>,
    rates: BTreeMap<(AccountId, NetUid), I96F32>,
    subnets: BTreeMap<NetUid, Subnet>,
}

#[derive(Clone)]
struct Subnet {
    pool: Pool,
    alpha_out: AlphaBalance,
    protocol: AlphaBalance,
    account: TaoBalance,
    moving_price: I96F32,
    halving_blocks: u64,
    first_emission: Option<u64>,
    paid: bool,
    emission_enabled: bool,
    owner_cut_enabled: bool,
    owner: SubnetOwner<AccountId>,
    recycle: bool,
    burned: U96F32,
    pots: EpochPots,
    params: EpochParams,
    last_epoch: u64,
    last_step: u64,
    blocks_since: u64,
    pending_at: u64,
    index: u64,
    hotkeys: Vec<AccountId>,
    registered: Vec<u64>,
    permits: Vec<bool>,
    emission: Vec<u64>,
    split: Option<Vec<u16>>,
    mechanisms: Vec<Mechanism>,
    children: BTreeMap<AccountId, Vec<(u64, AccountId)>>,
    parents: BTreeMap<AccountId, Vec<(u64, AccountId)>>,
    childkey_takes: BTreeMap<AccountId, u16>,
    destinations: BTreeMap<AccountId, AccountId>,
}

#[derive(Clone)]
struct Mechanism {
    weights: Vec<Vec<(u16, u16)>>,
    bonds: Vec<Vec<(u16, u16)>>,
    last_update: Vec<u64>,
    incentive: Vec<u16>,
}

impl Model {
    /// The network as the chain stores it now.
    pub fn of_chain() -> Self {
        let netuids: Vec<NetUid> =
            NetworksAdded::<Test>::iter_keys().filter(|&netuid| netuid != ROOT).collect();
        Self {
            issuance: TotalIssuance::<Test>::get(),
            tao_weight: TaoWeight::<Test>::get(),
            childkey_burn: CKBurn::<Test>::get(),
            owner_cut: SubnetOwnerCut::<Test>::get(),
            moving_alpha: SubnetMovingAlpha::<Test>::get(),
            epochs_per_block: MaxEpochsPerBlock::<Test>::get().into(),
            root_tao: SubnetTAO::<Test>::get(ROOT),
            owners: Owner::<Test>::iter().collect(),
            takes: Delegates::<Test>::iter().collect(),
            pools: TotalHotkeyAlpha::<Test>::iter()
                .map(|(hotkey, netuid, value)| {
                    let shares = TotalHotkeySharesV2::<Test>::get(&hotkey, netuid);
                    ((hotkey, netuid), SharePool { value, shares })
                })
                .collect(),
            shares: AlphaV2::<Test>::iter().collect(),
            rates: RootClaimable::<Test>::iter()
                .flat_map(|(hotkey, rates)| {
                    rates.into_iter().map(move |(n, rate)| ((hotkey.clone(), n), rate))
                })
                .collect(),
            subnets: netuids.into_iter().map(|netuid| (netuid, Subnet::of_chain(netuid))).collect(),
        }
    }

    /// Lives one block without transactions.
    pub fn step(&mut self, now: u64) {
        self.emit();
        self.pay_due(now);
        for subnet in self.subnets.values_mut().filter(|subnet| subnet.paid) {
            let step = MovingPrice {
                alpha: self.moving_alpha,
                halving_blocks: subnet.halving_blocks,
                first_emission_block: subnet.first_emission.expect("a paid subnet was started"),
                block: now,
            };
            subnet.moving_price = step.next(subnet.moving_price, subnet.pool.price());
        }
    }

    fn emit(&mut self) {
        let paid: Vec<NetUid> =
            self.subnets.iter().filter(|(_, s)| s.paid).map(|(netuid, _)| *netuid).collect();
        if paid.is_empty() {
            return;
        }
        let states: Vec<_> = paid.iter().map(|netuid| self.subnets[netuid].state(self.owner_cut)).collect();
        let input = BlockInput {
            tao_emission: tao_block_emission(self.issuance, self.issuance),
            root_tao: self.root_tao,
            tao_weight: self.tao_weight,
        };
        let emission = emit(&input, &states);
        let minted = input.tao_emission.checked_sub(emission.recycled).expect("recycled is a part of minted");
        self.issuance = self.issuance.checked_add(minted).expect("below the cap");
        let mut placed = TaoBalance::ZERO;
        for (netuid, change) in paid.iter().zip(&emission.subnets) {
            let subnet = self.subnets.get_mut(netuid).expect("listed");
            let tao = change.tao_in.saturating_add(change.excess_tao);
            placed = placed.saturating_add(tao);
            subnet.account = subnet.account.saturating_add(tao);
            let bought = change.alpha_bought;
            let alpha_in = subnet.pool.alpha.saturating_add(change.alpha_in);
            subnet.pool = Pool {
                tao: subnet.pool.tao.saturating_add(tao),
                alpha: alpha_in.checked_sub(bought).expect("a pool sells what it has"),
                weight: change.weight.expect("every subnet of the model has a pool"),
            };
            let out = subnet.alpha_out.saturating_add(bought).saturating_add(change.alpha_out);
            subnet.alpha_out = out.checked_sub(change.pots.recycled).expect("a part of what was minted");
            subnet.protocol = subnet.protocol.saturating_add(bought);
            subnet.pots.owner_cut = subnet.pots.owner_cut.saturating_add(change.pots.owner_cut);
            subnet.pots.server = subnet.pots.server.saturating_add(change.pots.server);
            subnet.pots.validator = subnet.pots.validator.saturating_add(change.pots.validator);
            subnet.pots.root = subnet.pots.root.saturating_add(change.pots.root);
        }
        assert_eq!(placed, minted, "what is minted is placed or recycled");
    }

    fn pay_due(&mut self, now: u64) {
        let mut due = Vec::new();
        for (&netuid, subnet) in &mut self.subnets {
            subnet.blocks_since += 1;
            let tempo = u64::from(subnet.params.tempo);
            let pending = subnet.pending_at > 0 && now >= subnet.pending_at;
            if tempo == 0 || !(pending || subnet.blocks_since > 50_400 || now - subnet.last_epoch >= tempo) {
                continue;
            }
            if due.len() == self.epochs_per_block {
                subnet.pending_at = now + 1;
                continue;
            }
            subnet.blocks_since = 0;
            subnet.last_epoch = now;
            subnet.pending_at = 0;
            subnet.index += 1;
            due.push((netuid, core::mem::take(&mut subnet.pots)));
        }
        for (netuid, pots) in due {
            self.pay(netuid, pots, now);
            self.subnets.get_mut(&netuid).expect("listed").last_step = now;
        }
    }

    fn pay(&mut self, netuid: NetUid, pots: EpochPots, now: u64) {
        let stakes: Vec<_> =
            self.subnets[&netuid].hotkeys.iter().map(|h| self.inherited(h, netuid)).collect();
        let stakes =
            stakes.iter().map(|h| total_stake(h.alpha.to_rao(), h.root.to_rao(), self.tao_weight)).collect();
        let rewards = self.subnets.get_mut(&netuid).expect("listed").run(pots.epoch_emission(), stakes, now);

        let subnet = &self.subnets[&netuid];
        let families: Vec<_> = rewards
            .iter()
            .filter(|(_, _, dividend)| *dividend > 0)
            .map(|(hotkey, _, dividend)| FamilyDividend {
                hotkey: hotkey.clone(),
                dividend: (*dividend).into(),
                holding: self.holding(hotkey, netuid),
                lent: subnet.children.get(hotkey).into_iter().flatten().map(|(share, _)| *share).collect(),
                take: subnet.childkey_takes.get(hotkey).copied().unwrap_or(0),
                parents: subnet
                    .parents
                    .get(hotkey)
                    .into_iter()
                    .flatten()
                    .map(|(proportion, parent)| Parent {
                        hotkey: parent.clone(),
                        proportion: *proportion,
                        holding: self.holding(parent, netuid),
                        same_owner: self.owners[parent] == self.owners[hotkey],
                    })
                    .collect(),
            })
            .collect();
        let rates = FamilyRates { tao_weight: self.tao_weight, burn: self.childkey_burn };
        let shared = share_with_parents(&families, rates);
        let incentives = rewards.iter().map(|(_, incentive, _)| AlphaBalance::from_rao(*incentive)).sum();
        let payout = PayoutInput {
            pots: pots.beside_incentives(incentives),
            tao_weight: self.tao_weight,
            owner: Some(subnet.owner.clone()),
            recycle_withheld: subnet.recycle,
            miners: rewards
                .iter()
                .map(|(hotkey, incentive, _)| Miner {
                    hotkey: hotkey.clone(),
                    coldkey: self.owners[hotkey].clone(),
                    destination: subnet.destinations.get(&self.owners[hotkey]).unwrap_or(hotkey).clone(),
                    incentive: (*incentive).into(),
                })
                .collect(),
            validators: shared
                .by_hotkey
                .into_iter()
                .map(|(hotkey, dividend)| Validator {
                    coldkey: self.owners[&hotkey].clone(),
                    dividend,
                    holding: self.holding(&hotkey, netuid),
                    take: self.takes.get(&hotkey).copied().unwrap_or(11_796),
                    hotkey,
                })
                .collect(),
            childkey_burn: shared.burned,
        }
        .pay();
        for credit in payout.credits {
            self.credit(netuid, credit);
        }
        let subnet = self.subnets.get_mut(&netuid).expect("listed");
        subnet.alpha_out =
            subnet.alpha_out.checked_sub(payout.recycled).expect("a part of what is outstanding");
        subnet.burned = payout.miner_burned.cast();
    }

    fn credit(&mut self, netuid: NetUid, credit: Credit<AccountId>) {
        match credit {
            Credit::Stake { hotkey, coldkey, amount, .. } => self.stake(netuid, hotkey, coldkey, amount),
            Credit::Nominators { hotkey, amount } => {
                let pool = self.pools.entry((hotkey, netuid)).or_default();
                *pool = pool.add_for_all(amount);
            }
            Credit::RootClaims { hotkey, amount } => {
                let root = self.holding(&hotkey, ROOT).root;
                let rate = self.rates.entry((hotkey.clone(), netuid)).or_default();
                match accrue(*rate, amount, root) {
                    Accrual::Rate(raised) => *rate = raised,
                    Accrual::StakeToOwner(amount) => {
                        let owner = self.owners[&hotkey].clone();
                        self.stake(netuid, hotkey, owner, amount);
                    }
                }
            }
        }
    }

    fn stake(&mut self, netuid: NetUid, hotkey: AccountId, coldkey: AccountId, amount: AlphaBalance) {
        let pool = self.pools.entry((hotkey.clone(), netuid)).or_default();
        let holder = self.shares.entry((hotkey, coldkey, netuid)).or_default();
        if let Ok(change) = pool.add(holder, amount) {
            (*pool, *holder) = (change.pool, change.holder);
        }
    }

    fn value(&self, hotkey: &AccountId, netuid: NetUid) -> u64 {
        self.pools.get(&(hotkey.clone(), netuid)).map_or(0, |pool| pool.value.to_rao())
    }

    fn holding(&self, hotkey: &AccountId, netuid: NetUid) -> Holding {
        Holding { alpha: self.value(hotkey, netuid).into(), root: self.value(hotkey, ROOT).into() }
    }

    fn inherited(&self, hotkey: &AccountId, netuid: NetUid) -> Holding {
        let subnet = &self.subnets[&netuid];
        let lent: Vec<u64> =
            subnet.children.get(hotkey).into_iter().flatten().map(|(share, _)| *share).collect();
        let of = |value: &dyn Fn(&AccountId) -> u64| {
            let parents = subnet.parents.get(hotkey).into_iter().flatten();
            let loans: Vec<_> =
                parents.map(|(proportion, p)| Loan { value: value(p), proportion: *proportion }).collect();
            inherited(value(hotkey), &lent, &loans)
        };
        let alpha = of(&|key| self.value(key, netuid));
        let root = of(&|key| self.value(key, ROOT));
        Holding { alpha: alpha.into(), root: root.into() }
    }

    /// Compares everything a block changes with the chain.
    #[track_caller]
    pub fn assert_is_chain(&self) {
        assert_eq!(TotalIssuance::<Test>::get(), self.issuance, "issuance");
        for (&netuid, subnet) in &self.subnets {
            subnet.assert_is_chain(netuid);
        }
        for ((hotkey, netuid), pool) in &self.pools {
            let at = (hotkey, netuid);
            assert_eq!(TotalHotkeyAlpha::<Test>::get(hotkey, netuid), pool.value, "stake on {at:?}");
            assert_eq!(TotalHotkeySharesV2::<Test>::get(hotkey, netuid), pool.shares, "shares of {at:?}");
        }
        assert_eq!(AlphaV2::<Test>::iter().collect::<BTreeMap<_, _>>(), self.shares, "shares of holders");
        for ((hotkey, netuid), rate) in &self.rates {
            let stored = RootClaimable::<Test>::get(hotkey).get(netuid).copied().unwrap_or_default();
            assert_eq!(stored, *rate, "root dividends of {hotkey:?} on {netuid}");
        }
    }

    /// Alpha of a subnet that belongs to nobody: dust and withheld incentives.
    pub fn unowned(netuid: NetUid) -> u128 {
        u128::from(SubnetAlphaOut::<Test>::get(netuid).to_rao()) - invariants::owned_alpha::<Test>(netuid)
    }
}

impl Subnet {
    fn of_chain(netuid: NetUid) -> Self {
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
            mechanisms: (0..MechanismCountCurrent::<Test>::get(netuid))
                .map(|mecid| storage_index(netuid, mecid))
                .map(|index| Mechanism {
                    weights: uids().map(|uid| Weights::<Test>::get(index, uid)).collect(),
                    bonds: uids().map(|uid| Bonds::<Test>::get(index, uid)).collect(),
                    last_update: LastUpdate::<Test>::get(index),
                    incentive: Incentive::<Test>::get(index),
                })
                .collect(),
            children: by_key(ChildKeys::<Test>::iter(), netuid),
            parents: by_key(ParentKeys::<Test>::iter(), netuid),
            childkey_takes: by_key(ChildkeyTake::<Test>::iter(), netuid),
            destinations: by_key(AutoStakeDestination::<Test>::iter(), netuid),
            hotkeys,
        }
    }

    fn state(&self, owner_cut: u16) -> SubnetState {
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

    /// Runs the epoch: (hotkey, incentive, dividend) by uid.
    fn run(
        &mut self,
        emission: AlphaBalance,
        stakes: Vec<myelin_units::I64F64>,
        now: u64,
    ) -> Vec<(AccountId, u64, u64)> {
        let parts = split_emission(emission.to_rao(), self.mechanisms.len(), self.split.as_deref());
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
                    commit_blocks: vec![None; self.hotkeys.len()],
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
        let amounts = joined.server_emission.into_iter().zip(joined.validator_emission);
        self.hotkeys
            .iter()
            .cloned()
            .zip(amounts)
            .map(|(hotkey, (server, validator))| (hotkey, server, validator))
            .collect()
    }

    #[track_caller]
    fn assert_is_chain(&self, netuid: NetUid) {
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
        for (stored, expected) in chain.mechanisms.iter().zip(&self.mechanisms) {
            assert_eq!(stored.bonds, expected.bonds, "bonds of {netuid}");
            assert_eq!(stored.incentive, expected.incentive, "incentives of {netuid}");
        }
    }
}

fn quote_weight(netuid: NetUid) -> QuoteWeight {
    let e18 = pallet_myelin_swap::SwapBalancer::<Test>::get(netuid);
    QuoteWeight::new(e18).expect("stored weights are legal")
}

fn by_key<V>(rows: impl Iterator<Item = (AccountId, NetUid, V)>, netuid: NetUid) -> BTreeMap<AccountId, V> {
    rows.filter(|(_, subnet, _)| *subnet == netuid).map(|(key, _, value)| (key, value)).collect()
}
