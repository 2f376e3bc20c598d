//! Runs a subnet's epoch and pays its pots.

use alloc::{collections::BTreeMap, vec::Vec};

use frame_support::{traits::Get, weights::Weight};
use myelin_economy::{
    childkeys::{FamilyDividend, FamilyRates, Parent},
    payout::{
        share_with_parents, Credit, EpochPots, Miner, Payout, PayoutInput, Reason, SharedDividends,
        SubnetOwner, Validator,
    },
};
use myelin_units::{AlphaBalance, Block, NetUid, PerBillion, U96F32};

use crate::{
    ancestry::Ancestry,
    costs,
    defaults::NoAccount,
    entries::Entries,
    epoch::{self, Opinions, Reward, Roll},
    locks::Locks,
    pallet::{
        AlphaDividendsPerSubnet, AutoStakeDestination, CKBurn, Config, Event, MaxChildkeyTake,
        MaxDelegateTake, MinerBurned, Owner, OwnerCutAutoLockEnabled, Pallet, RecycleOrBurn,
        RootAlphaDividendsPerSubnet, TaoWeight, TotalHotkeyAlphaLastEpoch,
    },
    pools::PoolReserves,
    stake::{Backing, ChildkeyTakes, DelegateTakes, RootClaims, StakeBatch, StakeLedger},
    subnets::SubnetRegistry,
    voting::VotingPowers,
};

/// Work of an epoch and its pay-out, in counts that its cost depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Work {
    /// Neurons of the subnet.
    pub neurons: u64,
    /// Mechanisms.
    pub mechanisms: u64,
    /// Weights and bonds of validators on all mechanisms.
    pub opinions: Opinions,
    /// Neurons whose votes are moved; none where votes are not tracked.
    pub voters: u64,
    /// Neurons with children or parents.
    pub kin: u64,
    /// Loans of parents to neurons: each is read, for up to 64 parents of every neuron.
    pub loans: u64,
    /// Neurons with incentives.
    pub miners: u64,
    /// Neurons among them whose declared models have parents with a share.
    pub sharing: u64,
    /// Hotkeys with dividends, among them parents without a uid. If more hotkeys had dividends in the epoch before,
    /// their number.
    pub validators: u64,
    /// Weight that depends on the paid accounts: long lists of hotkeys that grow, and the lock of the owner's cut.
    pub beside: Weight,
}

/// Runs the epoch of a subnet with its pots and pays owner, miners, validators, nominators and root stakers.
pub fn pay<T: Config>(netuid: NetUid, pots: EpochPots, now: Block) -> Work {
    let mut roll = Roll::<T>::call(netuid);
    let kin = roll.seats.iter().filter(|seat| seat.lends || seat.borrows).count() as u64;
    let loans = roll.backings.iter().map(|backing| backing.parents.len() as u64).sum();
    let neurons = roll.seats.len() as u64;
    let voters = if VotingPowers::<T>::is_tracked(netuid) { neurons } else { 0 };
    let (rewards, opinions) = epoch::run(&roll, pots.epoch_emission(), now);
    let emissions = rewards.iter().map(|reward| reward.incentive).collect();
    Pallet::<T>::deposit_event(Event::IncentiveAlphaEmittedToMiners { netuid, emissions });
    let mechanisms = SubnetRegistry::<T>::mechanism_count(netuid).into();
    let paid = settle(&mut roll, pots, &rewards);
    Work { neurons, mechanisms, opinions, voters, kin, loans, ..paid }
}

/// Pays the results of an epoch, and returns the work.
pub fn settle<T: Config>(roll: &mut Roll<T>, pots: EpochPots, rewards: &[Reward]) -> Work {
    let incentives = rewards.iter().map(|reward| reward.incentive).sum();
    let input = input(roll, pots.beside_incentives(incentives), rewards);
    let payout = input.pay();
    PoolReserves::<T>::burn_out(roll.netuid, pots.left_by(&payout));
    let Booked { forgotten, beside } = apply(roll, payout);
    let (miners, validators) = (input.miners.len() as u64, input.validators.len() as u64);
    let sharing = input.miners.iter().filter(|miner| miner.parents.is_some()).count() as u64;
    Work { miners, sharing, validators: validators.max(forgotten), beside, ..Default::default() }
}

/// All inputs of the pay-out of these rewards, by uid.
pub fn input<T: Config>(
    roll: &mut Roll<T>,
    pots: EpochPots,
    rewards: &[Reward],
) -> PayoutInput<T::AccountId> {
    let netuid = roll.netuid;
    let rates = FamilyRates { tao_weight: TaoWeight::<T>::get(), burn: CKBurn::<T>::get() };
    let mut payees = Payees::of(roll);
    let earners = (0..).zip(rewards).filter(|(_, reward)| !reward.dividend.is_zero());
    let families: Vec<_> = earners.filter_map(|(uid, reward)| payees.family(uid, reward.dividend)).collect();
    let SharedDividends { by_hotkey, recycled } = share_with_parents(&families, rates);
    let miners = (0..).zip(rewards).filter(|(_, reward)| !reward.incentive.is_zero());
    PayoutInput {
        pots,
        tao_weight: rates.tao_weight,
        owner: SubnetRegistry::<T>::owner_hotkey(netuid)
            .map(|hotkey| SubnetOwner { coldkey: SubnetRegistry::<T>::owner(netuid), hotkey }),
        recycle_withheld: RecycleOrBurn::<T>::get(netuid) == myelin_abi::RecycleOrBurnEnum::Recycle,
        miners: miners.filter_map(|(uid, reward)| payees.miner(uid, reward.incentive)).collect(),
        validators: by_hotkey
            .into_iter()
            .map(|(hotkey, dividend)| payees.validator(hotkey, dividend))
            .collect(),
        childkey_recycled: recycled,
    }
}

/// Looks up the accounts that rewards concern, each once. Owners of neurons are in the roll; those of parents without a
/// uid are looked up.
struct Payees<'a, T: Config> {
    roll: &'a mut Roll<T>,
    owner: Entries<Owner<T>, T::AccountId>,
    owners: BTreeMap<T::AccountId, T::AccountId>,
    destination: Entries<AutoStakeDestination<T>, T::AccountId>,
    destinations: BTreeMap<T::AccountId, Option<T::AccountId>>,
    most_delegate_take: u16,
    most_childkey_take: u16,
    /// The share of models' parents.
    parents: PerBillion,
}

impl<'a, T: Config> Payees<'a, T> {
    fn of(roll: &'a mut Roll<T>) -> Self {
        Self {
            owners: roll.seats.iter().map(|seat| (seat.hotkey.clone(), seat.owner.clone())).collect(),
            owner: Entries::new(),
            parents: Ancestry::<T>::share(roll.netuid),
            roll,
            destination: Entries::new(),
            destinations: BTreeMap::new(),
            most_delegate_take: MaxDelegateTake::<T>::get(),
            most_childkey_take: MaxChildkeyTake::<T>::get(),
        }
    }

    /// The coldkey of a hotkey, or the zero account.
    fn owner(&mut self, hotkey: &T::AccountId) -> T::AccountId {
        if let Some(known) = self.owners.get(hotkey) {
            return known.clone();
        }
        let found = self.owner.at().part(self.roll.accounts.key(hotkey)).get();
        let owner = found.unwrap_or_else(<NoAccount as Get<_>>::get);
        self.owners.insert(hotkey.clone(), owner.clone());
        owner
    }

    /// The hotkey on which a coldkey wants its miners' earnings staked.
    fn destination(&mut self, coldkey: &T::AccountId) -> Option<T::AccountId> {
        if let Some(known) = self.destinations.get(coldkey) {
            return known.clone();
        }
        let entry = self.destination.at().part(self.roll.accounts.key(coldkey));
        let found = entry.part(&self.roll.netuid.to_le_bytes()).get();
        self.destinations.insert(coldkey.clone(), found.clone());
        found
    }

    fn family(&mut self, uid: usize, dividend: AlphaBalance) -> Option<FamilyDividend<T::AccountId>> {
        let hotkey = self.roll.seats.get(uid)?.hotkey.clone();
        let Backing { holding, lent, parents } = self.roll.backings.get(uid)?.clone();
        let mut family = FamilyDividend { hotkey, dividend, holding, lent, take: 0, parents: Vec::new() };
        if parents.is_empty() {
            return Some(family);
        }
        family.take = ChildkeyTakes::<T>::at_most(&family.hotkey, self.roll.netuid, self.most_childkey_take);
        let coldkey = self.owner(&family.hotkey);
        let parent = |(proportion, parent): (u64, T::AccountId)| Parent {
            proportion,
            holding: self.roll.holding(&parent),
            same_owner: self.owner(&parent) == coldkey,
            hotkey: parent,
        };
        family.parents = parents.into_iter().map(parent).collect();
        Some(family)
    }

    fn miner(&mut self, uid: usize, incentive: AlphaBalance) -> Option<Miner<T::AccountId>> {
        let hotkey = self.roll.seats.get(uid)?.hotkey.clone();
        let coldkey = self.owner(&hotkey);
        let destination = self.destination(&coldkey).unwrap_or_else(|| hotkey.clone());
        let parents = Ancestry::<T>::part(self.roll.netuid, &hotkey, self.parents);
        Some(Miner { destination, hotkey, coldkey, incentive, parents })
    }

    fn validator(&mut self, hotkey: T::AccountId, dividend: AlphaBalance) -> Validator<T::AccountId> {
        Validator {
            coldkey: self.owner(&hotkey),
            dividend,
            holding: self.roll.holding(&hotkey),
            take: DelegateTakes::<T>::at_most(&hotkey, self.most_delegate_take),
            hotkey,
        }
    }
}

/// Work of booking a pay-out beside the paid accounts.
pub(crate) struct Booked {
    /// Hotkeys whose dividends of the epoch before were forgotten.
    forgotten: u64,
    /// As [`Work::beside`].
    beside: Weight,
}

/// Books a pay-out. Withheld incentives that are not recycled belong to nobody, and neither does a credit that the
/// stake ledger refuses because it would be worth no share.
pub(crate) fn apply<T: Config>(roll: &mut Roll<T>, payout: Payout<T::AccountId>) -> Booked {
    let netuid = roll.netuid;
    let mut booked = Booked { forgotten: clear_dividends::<T>(netuid), beside: Weight::zero() };
    announce_auto_stake::<T>(netuid, &payout);
    let mut credits = payout.credits.into_iter().peekable();
    // The owner comes first. Its cut is booked alone, since a lock reads the booked stake.
    if let Some(Credit::Stake { hotkey, coldkey, amount, .. }) = credits.next_if(is_owner_cut) {
        StakeLedger::<T>::credit(&hotkey, &coldkey, netuid, amount);
        if OwnerCutAutoLockEnabled::<T>::get(netuid) {
            booked.beside = costs::lock::<T>(costs::Signer::locking::<T>(&coldkey));
        }
        Locks::<T>::lock_owner_cut(netuid, &coldkey, &hotkey, amount);
        roll.holdings.remove(&hotkey);
    }
    let accounts = &mut roll.accounts;
    let mut stakes = StakeBatch::<T>::on(netuid, accounts).knowing(&roll.holdings);
    let (mut alpha_dividends, mut root_dividends, mut totals) = (Vec::new(), Vec::new(), Vec::new());
    for credit in credits {
        match credit {
            Credit::Stake { reason, hotkey, coldkey, amount, .. } => {
                stakes.credit(&hotkey, &coldkey, amount);
                if reason == Reason::AlphaDividend {
                    alpha_dividends.push((hotkey, amount));
                }
            }
            Credit::Nominators { hotkey, amount } => {
                totals.push((hotkey.clone(), stakes.raise_all(&hotkey, amount)));
                alpha_dividends.push((hotkey, amount));
            }
            Credit::RootClaims { hotkey, amount } => root_dividends.push((hotkey, amount)),
        }
    }
    RootClaims::<T>::accrue(&mut stakes, netuid, &root_dividends);
    booked.beside = booked.beside.saturating_add(stakes.book());

    let key = netuid.to_le_bytes();
    let mut entries = Entries::<AlphaDividendsPerSubnet<T>, _>::new();
    for (hotkey, amount) in alpha_dividends {
        entries.at().part(&key).part(accounts.key(&hotkey)).put(&amount);
    }
    let mut entries = Entries::<RootAlphaDividendsPerSubnet<T>, _>::new();
    for (hotkey, amount) in root_dividends {
        entries.at().part(&key).part(accounts.key(&hotkey)).put(&amount);
    }
    let mut entries = Entries::<TotalHotkeyAlphaLastEpoch<T>, _>::new();
    for (hotkey, total) in totals {
        entries.at().part(accounts.key(&hotkey)).part(&key).put(&total);
    }
    PoolReserves::<T>::recycle_out(netuid, payout.recycled);
    PoolReserves::<T>::burn_out(netuid, payout.unowned);
    MinerBurned::<T>::insert(netuid, payout.miner_burned.cast::<U96F32>());
    booked
}

fn is_owner_cut<A>(credit: &Credit<A>) -> bool {
    matches!(credit, Credit::Stake { reason: Reason::OwnerCut, .. })
}

/// Removes the dividends of the epoch before, and returns their number.
fn clear_dividends<T: Config>(netuid: NetUid) -> u64 {
    let of_alpha = AlphaDividendsPerSubnet::<T>::clear_prefix(netuid, u32::MAX, None);
    let of_root = RootAlphaDividendsPerSubnet::<T>::clear_prefix(netuid, u32::MAX, None);
    of_alpha.unique.max(of_root.unique).into()
}

/// Announces every incentive that is staked on a hotkey other than its miner's.
fn announce_auto_stake<T: Config>(netuid: NetUid, payout: &Payout<T::AccountId>) {
    for credit in &payout.credits {
        let Credit::Stake { reason: Reason::Incentive, earner, hotkey, coldkey, amount } = credit else {
            continue;
        };
        if earner != hotkey {
            Pallet::<T>::deposit_event(Event::AutoStakeAdded {
                netuid,
                destination: hotkey.clone(),
                hotkey: earner.clone(),
                owner: coldkey.clone(),
                incentive: *amount,
            });
        }
    }
}

/// Moves the shown earnings of a hotkey in the last epoch to its successor.
pub(crate) fn swap_hotkey<T: Config>(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
    let earned = AlphaDividendsPerSubnet::<T>::take(netuid, old);
    if !earned.is_zero() {
        AlphaDividendsPerSubnet::<T>::insert(netuid, new, earned);
    }
    let earned = RootAlphaDividendsPerSubnet::<T>::take(netuid, old);
    if !earned.is_zero() {
        RootAlphaDividendsPerSubnet::<T>::insert(netuid, new, earned);
    }
    if let Ok(total) = TotalHotkeyAlphaLastEpoch::<T>::try_get(old, netuid) {
        TotalHotkeyAlphaLastEpoch::<T>::remove(old, netuid);
        TotalHotkeyAlphaLastEpoch::<T>::insert(new, netuid, total);
    }
}
