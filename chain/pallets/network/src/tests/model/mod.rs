//! A second network beside the pallet: plain data moved by the pure crates, read from storage once and never again.
//!
//! [`Model::of_chain`] copies the inputs of emission, and [`Model::step`] runs one block. Acts between blocks are in
//! `people`, locks are in `locks`. [`Model::assert_is_chain`] compares everything that changed with the pallet's
//! storage, to the rao.

mod locks;
mod people;
mod subnet;

use std::collections::BTreeMap;

use myelin_economy::{
    childkeys::{inherited, FamilyDividend, FamilyRates, Holding, Loan, Parent},
    claim::{accrue, Accrual},
    coinbase::{emit, BlockInput},
    conviction::king,
    emission::MovingPrice,
    issuance::tao_block_emission,
    payout::{share_with_parents, Credit, EpochPots, Miner, PayoutInput, Reason, SubnetOwner, Validator},
    pool::Pool,
    registration::burn_factor,
    shares::{ShareFloat, SharePool},
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I96F32, ROOT};
use myelin_yuma::step::stake::total_stake;

use super::mock::*;
use crate::{invariants, pallet::*};
use locks::LockBook;
use subnet::{Shown, Subnet};

/// All inputs of the emission of a network.
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
    locks: LockBook,
    /// Blocks that a change of children waits.
    cooldown: u64,
    /// Remaining dividends of the last epoch: [`Earned`] by subnet and hotkey.
    earned: BTreeMap<(NetUid, AccountId), Earned>,
    /// Subnets that are being removed, whose storage goes piece by piece.
    leaving: Vec<NetUid>,
    /// TAO that the removal under way will still recycle.
    to_recycle: TaoBalance,
    /// TAO of the last block that no pool could take.
    unplaced: TaoBalance,
    /// Number of subnets that changed hands.
    takeovers: u32,
}

/// Earnings of a hotkey in the last epoch of a subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Earned {
    alpha: AlphaBalance,
    root: AlphaBalance,
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
            locks: LockBook::of_chain(),
            cooldown: PendingChildKeyCooldown::<Test>::get(),
            earned: earned(),
            leaving: Vec::new(),
            to_recycle: TaoBalance::ZERO,
            unplaced: TaoBalance::ZERO,
            takeovers: 0,
        }
    }

    /// Runs the block's own work.
    pub fn step(&mut self, now: u64) {
        for subnet in self.subnets.values_mut() {
            subnet.burn = subnet.burn_bounds.decayed(subnet.burn, burn_factor(subnet.burn_half_life));
        }
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
        self.apply_pending(now);
        self.let_go();
    }

    fn emit(&mut self) {
        let paid: Vec<NetUid> =
            self.subnets.iter().filter(|(_, s)| s.paid).map(|(netuid, _)| *netuid).collect();
        self.unplaced = TaoBalance::ZERO;
        for subnet in self.subnets.values_mut().filter(|subnet| !subnet.paid) {
            subnet.shown = Shown::default();
        }
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
        self.unplaced = emission.recycled;
        let mut placed = TaoBalance::ZERO;
        for (netuid, change) in paid.iter().zip(&emission.subnets) {
            let subnet = self.subnets.get_mut(netuid).expect("listed");
            let tao = change.tao_in.saturating_add(change.excess_tao);
            placed = placed.saturating_add(tao);
            subnet.account = subnet.account.saturating_add(tao);
            subnet.shown = Shown {
                tao_in: change.tao_in,
                excess_tao: change.excess_tao,
                alpha_in: change.alpha_in,
                alpha_out: change.alpha_out,
            };
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
            subnet.unowned = subnet.unowned.saturating_add(change.pots.left_of(change.alpha_out));
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
            self.change_hands(netuid, now);
            self.pay(netuid, pots, now);
            self.subnets.get_mut(&netuid).expect("listed").last_step = now;
        }
    }

    /// An old subnet changes to the hotkey with the most conviction, which gets a uid if there is one.
    fn change_hands(&mut self, netuid: NetUid, now: u64) {
        let convictions = self.locks.convictions(netuid, now);
        let subnet = self.subnets.get_mut(&netuid).expect("listed");
        let Some(hotkey) = king(&convictions, subnet.alpha_out, subnet.registered_at, now) else { return };
        let coldkey = self.owners[&hotkey].clone();
        let former = subnet.owner.coldkey.clone();
        if coldkey == former {
            return;
        }
        let owners = &self.owners;
        let seated = subnet.hotkeys.contains(&hotkey);
        if seated || subnet.seat(&hotkey, |member| owners[member] == former, now) {
            self.locks.take_over(netuid, &hotkey, now);
            subnet.owner = SubnetOwner { coldkey, hotkey };
            self.takeovers += 1;
        }
    }

    /// Number of subnets that changed hands.
    pub fn takeovers(&self) -> u32 {
        self.takeovers
    }

    fn pay(&mut self, netuid: NetUid, pots: EpochPots, now: u64) {
        let stakes: Vec<_> =
            self.subnets[&netuid].hotkeys.iter().map(|h| self.inherited(h, netuid)).collect();
        let stakes =
            stakes.iter().map(|h| total_stake(h.alpha.to_rao(), h.root.to_rao(), self.tao_weight)).collect();
        let rewards = self.subnets.get_mut(&netuid).expect("listed").run(pots.epoch_emission(), stakes, now);
        self.earned.retain(|(of, _), _| *of != netuid);

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
        let pots = pots.beside_incentives(incentives);
        let payout = PayoutInput {
            pots,
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
                    parents: None,
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
            childkey_recycled: shared.recycled,
        }
        .pay();
        self.burn(netuid, pots.left_by(&payout).saturating_add(payout.unowned));
        for credit in payout.credits {
            self.credit(netuid, credit, now);
        }
        let subnet = self.subnets.get_mut(&netuid).expect("listed");
        subnet.alpha_out =
            subnet.alpha_out.checked_sub(payout.recycled).expect("a part of what is outstanding");
        subnet.burned = payout.miner_burned.cast();
    }

    fn credit(&mut self, netuid: NetUid, credit: Credit<AccountId>, now: u64) {
        match credit {
            Credit::Stake { reason, hotkey, coldkey, amount, .. } => {
                if reason == Reason::AlphaDividend {
                    self.earned.entry((netuid, hotkey.clone())).or_default().alpha = amount;
                }
                self.stake(netuid, hotkey.clone(), coldkey.clone(), amount);
                if reason == Reason::OwnerCut && self.subnets[&netuid].locks_owner_cut {
                    let total = self.total_of(&coldkey, netuid);
                    self.locks.lock_cut(netuid, &coldkey, &hotkey, amount, total, now);
                }
            }
            Credit::Nominators { hotkey, amount } => {
                let pool = self.pools.entry((hotkey.clone(), netuid)).or_default();
                let nobody = pool.is_empty();
                *pool = pool.add_for_all(amount);
                let total = pool.value;
                if nobody {
                    self.burn(netuid, amount);
                }
                let subnet = self.subnets.get_mut(&netuid).expect("listed");
                subnet.totals.insert(hotkey.clone(), total);
                self.earned.entry((netuid, hotkey)).or_default().alpha = amount;
            }
            Credit::RootClaims { hotkey, amount } => {
                self.earned.entry((netuid, hotkey.clone())).or_default().root = amount;
                let root = self.holding(&hotkey, ROOT).root;
                let rate = self.rates.entry((hotkey.clone(), netuid)).or_default();
                match accrue(*rate, amount, root) {
                    Accrual::Rate(raised) => {
                        *rate = raised;
                        let subnet = self.subnets.get_mut(&netuid).expect("listed");
                        subnet.claim_pot = subnet.claim_pot.saturating_add(amount);
                    }
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
        match pool.add(holder, amount) {
            Ok(change) => (*pool, *holder) = (change.pool, change.holder),
            Err(_) => self.burn(netuid, amount),
        }
    }

    /// Leaves alpha without an owner.
    fn burn(&mut self, netuid: NetUid, amount: AlphaBalance) {
        let subnet = self.subnets.get_mut(&netuid).expect("listed");
        subnet.unowned = subnet.unowned.saturating_add(amount);
    }

    /// Alpha that a coldkey has on a subnet, on all hotkeys.
    fn total_of(&self, coldkey: &AccountId, netuid: NetUid) -> AlphaBalance {
        let held = self.shares.iter().filter(|((_, who, at), _)| who == coldkey && *at == netuid);
        held.map(|((hotkey, _, _), shares)| self.pools[&(hotkey.clone(), netuid)].value_of(shares)).sum()
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
        let stays = |netuid: NetUid| !self.leaving.contains(&netuid);
        let held: BTreeMap<_, _> =
            AlphaV2::<Test>::iter().filter(|((_, _, netuid), _)| stays(*netuid)).collect();
        assert_eq!(held, self.shares, "shares of holders");
        for ((hotkey, netuid), rate) in &self.rates {
            let stored = RootClaimable::<Test>::get(hotkey).get(netuid).copied().unwrap_or_default();
            assert_eq!(stored, *rate, "root dividends of {hotkey:?} on {netuid}");
        }
        let mut earned = earned();
        earned.retain(|(netuid, _), _| stays(*netuid));
        assert_eq!(earned, self.earned, "earnings of the last epochs");
        self.locks.assert_is_chain(&self.leaving);
    }

    /// Alpha of a subnet that belongs to nobody: dust and withheld incentives.
    pub fn unowned(netuid: NetUid) -> u128 {
        u128::from(SubnetAlphaOut::<Test>::get(netuid).to_rao()) - invariants::owned_alpha::<Test>(netuid)
    }
}

fn earned() -> BTreeMap<(NetUid, AccountId), Earned> {
    let mut all: BTreeMap<_, Earned> = BTreeMap::new();
    for (netuid, hotkey, alpha) in AlphaDividendsPerSubnet::<Test>::iter() {
        all.entry((netuid, hotkey)).or_default().alpha = alpha;
    }
    for (netuid, hotkey, root) in RootAlphaDividendsPerSubnet::<Test>::iter() {
        all.entry((netuid, hotkey)).or_default().root = root;
    }
    all
}
