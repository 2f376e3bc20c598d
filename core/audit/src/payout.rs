//! The pay-out of an epoch: its credits, and the stakes after them.

use std::collections::BTreeMap;

use myelin_abi::{Account, DeclaredModel, RecycleOrBurnEnum, Timeline};
use myelin_economy::childkeys::{FamilyDividend, FamilyRates, Parent};
use myelin_economy::claim::{accrue, Accrual};
use myelin_economy::payout::{
    share_with_parents, Credit, EpochPots, Miner, ParentsPart, Payout, PayoutInput, Reason, SharedDividends,
    SubnetOwner, Validator,
};
use myelin_economy::shares::{ShareFloat, SharePool};
use myelin_provenance::inheritance::{parents_hotkey, pot_account};
use myelin_units::{AlphaBalance, Block, NetUid, PerBillion, TaoBalance, I96F32, ROOT, U96F32};
use myelin_wire::trie::Hasher::{Blake2_128Concat, Identity};

use crate::gather::{Computed, Roll};
use crate::view::NETWORK;
use crate::View;

/// Everything that the pay-out writes about hotkeys.
#[derive(Clone, Debug, Default)]
pub struct Paid {
    /// Stake on each hotkey, and its shares.
    pub pools: BTreeMap<Account, SharePool>,
    /// Shares of coldkeys, by hotkey and coldkey.
    pub holdings: BTreeMap<(Account, Account), ShareFloat>,
    /// `AlphaDividendsPerSubnet`.
    pub alpha_dividends: BTreeMap<Account, AlphaBalance>,
    /// `RootAlphaDividendsPerSubnet`.
    pub root_dividends: BTreeMap<Account, AlphaBalance>,
    /// Rates of root claims on the subnet.
    pub root_rates: BTreeMap<Account, I96F32>,
    /// `MinerBurned`.
    pub miner_burned: U96F32,
    /// Number of times that events about this pay-out name each account.
    pub named: BTreeMap<Account, usize>,
}

/// Pays the results of an epoch, which ends in block `now`, out of its pots.
pub fn pay(before: &View, roll: &Roll, pots: EpochPots, computed: &Computed, now: Block) -> Paid {
    let rao = AlphaBalance::from_rao;
    let rewards: Vec<(AlphaBalance, AlphaBalance)> = (computed.total.server_emission.iter())
        .zip(&computed.total.validator_emission)
        .map(|(incentive, dividend)| (rao(*incentive), rao(*dividend)))
        .collect();
    let incentives = rewards.iter().map(|(incentive, _)| *incentive).sum();
    let shares: Timeline<u32> = before.of_subnet("ParentShares", roll.netuid).unwrap_or_default();
    let parents = PerBillion::millionths(shares.in_force(now));
    let payout = Payees { before, roll, parents }.input(pots.beside_incentives(incentives), &rewards).pay();
    book(before, roll, payout)
}

/// Accounts that rewards concern, looked up in the state.
struct Payees<'a> {
    before: &'a View<'a>,
    roll: &'a Roll,
    /// The share of models' parents.
    parents: PerBillion,
}

impl Payees<'_> {
    fn input(&self, pots: EpochPots, rewards: &[(AlphaBalance, AlphaBalance)]) -> PayoutInput<Account> {
        let number = |item| self.before.parameter(item, None) as u64;
        let rates = FamilyRates { tao_weight: number("TaoWeight"), burn: number("CKBurn") };
        let families: Vec<_> = (rewards.iter().enumerate())
            .filter(|(_, (_, dividend))| !dividend.is_zero())
            .filter_map(|(uid, (_, dividend))| self.family(uid, *dividend))
            .collect();
        let SharedDividends { by_hotkey, recycled } = share_with_parents(&families, rates);
        let miners = rewards.iter().enumerate().filter(|(_, (incentive, _))| !incentive.is_zero());
        let withheld: RecycleOrBurnEnum =
            self.before.of_subnet("RecycleOrBurn", self.roll.netuid).unwrap_or_default();
        let (coldkey, hotkey) = self.roll.owner;
        PayoutInput {
            pots,
            tao_weight: rates.tao_weight,
            owner: hotkey.map(|hotkey| SubnetOwner { coldkey, hotkey }),
            recycle_withheld: withheld == RecycleOrBurnEnum::Recycle,
            miners: miners.filter_map(|(uid, (incentive, _))| self.miner(uid, *incentive)).collect(),
            validators: by_hotkey
                .into_iter()
                .map(|(hotkey, amount)| self.validator(hotkey, amount))
                .collect(),
            childkey_recycled: recycled,
        }
    }

    fn family(&self, uid: usize, dividend: AlphaBalance) -> Option<FamilyDividend<Account>> {
        let (hotkey, netuid) = (self.roll.seats.get(uid)?.hotkey, self.roll.netuid);
        let (lent, parents) = self.roll.families.get(uid)?.clone();
        let holding = self.roll.holding(&hotkey);
        let mut family = FamilyDividend { hotkey, dividend, holding, lent, take: 0, parents: Vec::new() };
        if parents.is_empty() {
            return Some(family);
        }
        let most = self.before.parameter("MaxChildkeyTake", None) as u16;
        let take: Option<u16> = self.before.of_account_on("ChildkeyTake", &hotkey.0, netuid);
        family.take = take.unwrap_or_default().min(most);
        let coldkey = self.owner(&hotkey);
        let parent = |(proportion, parent): (u64, Account)| Parent {
            proportion,
            holding: self.roll.holding(&parent),
            same_owner: self.owner(&parent) == coldkey,
            hotkey: parent,
        };
        family.parents = parents.into_iter().map(parent).collect();
        Some(family)
    }

    fn miner(&self, uid: usize, incentive: AlphaBalance) -> Option<Miner<Account>> {
        let hotkey = self.roll.seats.get(uid)?.hotkey;
        let coldkey = self.owner(&hotkey);
        let elsewhere = self.before.of_account_on("AutoStakeDestination", &coldkey.0, self.roll.netuid);
        let (destination, parents) = (elsewhere.unwrap_or(hotkey), self.parents_of(&hotkey));
        Some(Miner { destination, hotkey, coldkey, incentive, parents })
    }

    /// The part for the parents of the model that a miner declared.
    fn parents_of(&self, miner: &Account) -> Option<ParentsPart<Account>> {
        if self.parents == PerBillion::ZERO {
            return None;
        }
        let declared: Option<DeclaredModel> =
            self.before.of_subnet_for("DeclaredModels", self.roll.netuid, &miner.0);
        let declared = declared.filter(|declared| declared.has_parents)?;
        let pot = Account(pot_account(&declared.model));
        Some(ParentsPart { hotkey: Account(parents_hotkey()), pot, share: self.parents })
    }

    fn validator(&self, hotkey: Account, dividend: AlphaBalance) -> Validator<Account> {
        let most = self.before.parameter("MaxDelegateTake", None) as u16;
        let take: Option<u16> = self.before.of_account("Delegates", &hotkey.0);
        Validator {
            coldkey: self.owner(&hotkey),
            dividend,
            holding: self.roll.holding(&hotkey),
            take: take.map_or(most, |take| take.min(most)),
            hotkey,
        }
    }

    /// The coldkey of a hotkey: as the roster says, or as stored for hotkeys without a uid.
    fn owner(&self, hotkey: &Account) -> Account {
        let seat = self.roll.seats.iter().find(|seat| seat.hotkey == *hotkey);
        seat.map_or_else(|| owner_of(self.before, hotkey), |seat| seat.owner)
    }
}

fn owner_of(before: &View, hotkey: &Account) -> Account {
    before.of_account("Owner", &hotkey.0).unwrap_or_default()
}

/// Books the credits in their order.
fn book(before: &View, roll: &Roll, payout: Payout<Account>) -> Paid {
    let mut paid = Paid { miner_burned: payout.miner_burned.cast(), ..Paid::default() };
    let mut ledger = Ledger { before, netuid: roll.netuid, paid: &mut paid };
    let mut roots = Vec::new();
    for credit in payout.credits {
        match credit {
            Credit::Stake { reason, earner, hotkey, coldkey, amount } => {
                ledger.credit(hotkey, coldkey, amount);
                if reason == Reason::AlphaDividend {
                    ledger.paid.alpha_dividends.insert(hotkey, amount);
                }
                if reason == Reason::Incentive && earner != hotkey {
                    let named = [hotkey, earner, coldkey];
                    named.iter().for_each(|key| *ledger.paid.named.entry(*key).or_default() += 1);
                }
            }
            Credit::Nominators { hotkey, amount } => {
                let pool = ledger.pool(hotkey);
                *pool = pool.add_for_all(amount);
                ledger.paid.alpha_dividends.insert(hotkey, amount);
            }
            Credit::RootClaims { hotkey, amount } => roots.push((hotkey, amount)),
        }
    }
    for (hotkey, amount) in roots {
        ledger.accrue(hotkey, amount);
    }
    paid
}

/// Stakes on a subnet while credits are booked.
struct Ledger<'a> {
    before: &'a View<'a>,
    netuid: NetUid,
    paid: &'a mut Paid,
}

impl Ledger<'_> {
    fn pool(&mut self, hotkey: Account) -> &mut SharePool {
        let read = || SharePool {
            value: self.before.of_account_on("TotalHotkeyAlpha", &hotkey.0, self.netuid).unwrap_or_default(),
            shares: (self.before.of_account_on("TotalHotkeySharesV2", &hotkey.0, self.netuid))
                .unwrap_or_default(),
        };
        self.paid.pools.entry(hotkey).or_insert_with(read)
    }

    fn credit(&mut self, hotkey: Account, coldkey: Account, amount: AlphaBalance) {
        if amount.is_zero() {
            return;
        }
        let holder = (hotkey, coldkey);
        let known = self.paid.holdings.get(&holder).copied();
        let held = known.unwrap_or_else(|| shares_of(self.before, &hotkey, &coldkey, self.netuid));
        let pool = self.pool(hotkey);
        // A credit that is worth no share belongs to nobody.
        let Ok(change) = pool.add(&held, amount) else { return };
        *pool = change.pool;
        self.paid.holdings.insert(holder, change.holder);
    }

    fn accrue(&mut self, hotkey: Account, amount: AlphaBalance) {
        self.paid.root_dividends.insert(hotkey, amount);
        let root: AlphaBalance =
            self.before.of_account_on("TotalHotkeyAlpha", &hotkey.0, ROOT).unwrap_or_default();
        let rate = rate_of(self.before, &hotkey, self.netuid);
        match accrue(rate, amount, TaoBalance::from_rao(root.to_rao())) {
            Accrual::Rate(rate) => {
                self.paid.root_rates.insert(hotkey, rate);
            }
            Accrual::StakeToOwner(amount) => {
                let owner = owner_of(self.before, &hotkey);
                self.credit(hotkey, owner, amount);
            }
        }
    }
}

/// The shares of a coldkey in the stake on a hotkey.
pub fn shares_of(view: &View, hotkey: &Account, coldkey: &Account, netuid: NetUid) -> ShareFloat {
    let netuid = netuid.to_le_bytes();
    let parts =
        [(Blake2_128Concat, &hotkey.0[..]), (Blake2_128Concat, &coldkey.0[..]), (Identity, &netuid[..])];
    view.item(NETWORK, "AlphaV2", &parts).unwrap_or_default()
}

/// The rate of root claims of a hotkey on a subnet.
pub fn rate_of(view: &View, hotkey: &Account, netuid: NetUid) -> I96F32 {
    let rates: BTreeMap<NetUid, I96F32> = view.of_account("RootClaimable", &hotkey.0).unwrap_or_default();
    rates.get(&netuid).copied().unwrap_or_default()
}
