//! Stake: trades, moves, locks, children, takes, root dividends.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use frame_benchmarking::v2::*;
use frame_support::weights::WeightMeter;
use frame_system::RawOrigin;
use myelin_abi::RootClaimTypeEnum;
use myelin_economy::childkeys::{MAX_CHILDREN, MAX_PARENTS};
use myelin_provenance::inheritance::MAX_HEIRS;
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I96F32, ROOT};

use super::scene::*;
use crate::{
    ancestry::{Ancestry, Parts},
    keys::KeyOwnership,
    ledger::TaoLedger,
    locks::Locks,
    paging::Page,
    pallet::*,
    stake::{Delegation, RootClaims, StakeLedger, StakePosition, MOST_HOTKEYS},
};

/// Stands for the pallet.
pub struct Pallet<T: Config>(crate::pallet::Pallet<T>);

/// Most hotkeys that a coldkey stakes on.
const LISTED: u32 = crate::keys::MOST_LISTED as u32;
/// Parents of a child without room for another.
const PARENTS: u32 = MAX_PARENTS as u32;
const CHILDREN: u32 = MAX_CHILDREN as u32;
/// Far beyond any price, in rao.
const ANY_PRICE: u64 = 1_000_000_000_000;

/// Coldkey 1, rich, which nominates hotkey 2 on two subnets, with locks there. A nomination smaller than these would be
/// swept.
fn nominator<T: Config>() -> (T::AccountId, T::AccountId) {
    open::<T>(HERE);
    open::<T>(THERE);
    let (holder, hotkey) = (rich::<T>(1), hotkey::<T>(2));
    KeyOwnership::<T>::claim(&coldkey::<T>(2), &hotkey);
    for netuid in [HERE, THERE] {
        hold::<T>(&hotkey, &coldkey::<T>(2), netuid, 100);
        hold::<T>(&hotkey, &holder, netuid, 100);
        let _ = Locks::<T>::lock(&holder, &hotkey, netuid, alpha(1));
    }
    NominatorMinRequiredStake::<T>::put(1_000_000);
    later::<T>();
    (holder, hotkey)
}

/// Root stake of a coldkey on a hotkey that has earned alpha of this many subnets for it.
fn earner<T: Config>(subnets: u32, earned: u64) -> (T::AccountId, T::AccountId) {
    open_subnets::<T>(subnets);
    let (holder, hotkey) = (coldkey::<T>(1), hotkey::<T>(1));
    hold::<T>(&hotkey, &holder, ROOT, 1_000);
    let netuids = 1..=subnets as NetUid;
    let rates: BTreeMap<_, _> = netuids.clone().map(|netuid| (netuid, I96F32::from_int(earned))).collect();
    RootClaimable::<T>::insert(&hotkey, rates);
    for netuid in netuids {
        RootClaimableThreshold::<T>::insert(netuid, I96F32::from_int(0u64));
        RootClaimed::<T>::insert((netuid, &hotkey, &holder), if earned == 0 { 0u128 } else { 1 });
        SubnetTAO::<T>::insert(netuid, tao(10_000_000));
        SubnetAlphaIn::<T>::insert(netuid, alpha(10_000_000));
        TaoLedger::<T>::deposit(netuid, TaoLedger::<T>::issue(tao(10_000_000)));
        RootClaimPot::<T>::insert(netuid, alpha(1_000_000));
        SubnetAlphaOut::<T>::insert(netuid, alpha(2_000_000));
    }
    later::<T>();
    (holder, hotkey)
}

/// Children with an equal share each.
fn shares<A>(children: Vec<A>) -> Vec<(u64, A)> {
    children.into_iter().map(|child| (u64::MAX / 8, child)).collect()
}

/// Hotkey 1 of coldkey 1, a neuron of a full subnet that was not started. It has five children there, each with parents
/// that lend to all of them.
fn parent<T: Config>() -> (T::AccountId, T::AccountId) {
    let (owner, hotkey) = (coldkey::<T>(1), full::<T>());
    SubtokenEnabled::<T>::insert(HERE, false);
    hold::<T>(&hotkey, &owner, HERE, 1_000_000);
    let mut parents = neighbours::<T>(64, PARENTS - 2);
    parents.push(hotkey.clone());
    neighbours::<T>(200, CHILDREN).iter().for_each(|child| lend::<T>(child, HERE, &parents));
    (owner, hotkey)
}

/// The same number of other neurons there, to become its children, with parents of their own.
fn next_children<T: Config>(count: u32, parents: u32) -> Vec<T::AccountId> {
    let (children, parents) = (neighbours::<T>(210, count), neighbours::<T>(128, parents));
    children.iter().for_each(|child| lend::<T>(child, HERE, &parents));
    children
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn add_stake() {
        let (holder, _) = nominator::<T>();
        let hotkey = hotkey::<T>(0);
        #[extrinsic_call]
        add_stake_limit(RawOrigin::Signed(holder.clone()), hotkey.clone(), HERE, tao(10), ANY_PRICE, true);
        assert!(StakeLedger::<T>::is_holder(&hotkey, &holder, HERE));
    }

    /// The remainder is too small and sold too.
    #[benchmark]
    fn remove_stake() {
        let (holder, delegate) = nominator::<T>();
        NominatorMinRequiredStake::<T>::put(u64::MAX);
        Lock::<T>::remove((&holder, HERE, &delegate));
        hold::<T>(&hotkey::<T>(3), &holder, HERE, 100);
        let _ = Locks::<T>::lock(&holder, &delegate, HERE, alpha(1));
        #[extrinsic_call]
        remove_stake_limit(RawOrigin::Signed(holder.clone()), delegate.clone(), HERE, alpha(10), 1, true);
        assert!(!StakeLedger::<T>::is_holder(&delegate, &holder, HERE));
    }

    /// To another hotkey on another subnet; the remainder is too small and sold.
    #[benchmark]
    fn move_stake() {
        let (holder, from) = nominator::<T>();
        NominatorMinRequiredStake::<T>::put(u64::MAX);
        hold::<T>(&hotkey::<T>(3), &holder, HERE, 100);
        let to = hotkey::<T>(0);
        #[extrinsic_call]
        move_stake_limit(
            RawOrigin::Signed(holder.clone()),
            from.clone(),
            to.clone(),
            HERE,
            THERE,
            alpha(10),
            1,
            true,
        );
        assert!(StakeLedger::<T>::is_holder(&to, &holder, THERE));
    }

    /// To another coldkey on the same subnet, with a part of the lock.
    #[benchmark]
    fn transfer_stake() {
        let (holder, delegate) = nominator::<T>();
        let receiver = coldkey::<T>(3);
        AccountFlags::<T>::insert(&receiver, 1);
        hold::<T>(&delegate, &receiver, HERE, 100);
        let _ = Locks::<T>::lock(&receiver, &delegate, HERE, alpha(1));
        let _ = Locks::<T>::lock(&holder, &delegate, HERE, alpha(98));
        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), receiver.clone(), delegate.clone(), HERE, HERE, alpha(50));
        assert!(StakeLedger::<T>::alpha_of(&delegate, &receiver, HERE) > alpha(149));
    }

    #[benchmark]
    fn recycle_alpha() {
        let (holder, delegate) = nominator::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), delegate.clone(), alpha(10), HERE);
        assert!(StakeLedger::<T>::alpha_of(&delegate, &holder, HERE) < alpha(91));
    }

    #[benchmark]
    fn burn_alpha() {
        let (holder, delegate) = nominator::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), delegate.clone(), alpha(10), HERE);
        assert!(StakeLedger::<T>::alpha_of(&delegate, &holder, HERE) < alpha(91));
    }

    #[benchmark]
    fn add_stake_burn() {
        let (holder, delegate) = nominator::<T>();
        let limit = Some(TaoBalance::from_rao(ANY_PRICE));
        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), delegate.clone(), HERE, tao(10), limit);
        assert!(StakeLedger::<T>::alpha_of(&delegate, &holder, HERE) <= alpha(100));
    }

    /// A fee that is paid from stake.
    #[benchmark]
    fn fee_from_stake() -> Result<(), BenchmarkError> {
        let (holder, delegate) = nominator::<T>();
        let position = StakePosition { coldkey: holder, hotkey: delegate, netuid: HERE };
        #[block]
        {
            drop(StakeLedger::<T>::pay_fee(&position, TaoBalance::from_rao(1_000_000))?);
        }
        Ok(())
    }

    /// Stake of a coldkey on a subnet, spread over this many hotkeys.
    #[benchmark]
    fn holdings(h: Linear<0, { MOST_HOTKEYS as u32 }>) {
        open::<T>(HERE);
        hold_on_many::<T>(HERE, h);
        let mut total = AlphaBalance::ZERO;
        #[block]
        {
            // No call reads it more often.
            for _ in 0..3 {
                total = StakeLedger::<T>::total_of(&coldkey::<T>(1), HERE);
            }
        }
        assert!(total <= alpha(10 * u64::from(h)));
    }

    /// Adding a hotkey to the list of those that a coldkey stakes on.
    #[benchmark]
    fn staking_listed(h: Linear<0, { LISTED - 1 }>) {
        let holder = coldkey::<T>(1);
        StakingHotkeys::<T>::insert(&holder, strangers::<T>(h));
        #[block]
        {
            StakeLedger::<T>::list_hotkey(&holder, &hotkey::<T>(1));
        }
        assert_eq!(StakingHotkeys::<T>::decode_len(&holder), Some(h as usize + 1));
    }

    /// Replacing a hotkey in the list of those that a coldkey owns.
    #[benchmark]
    fn owning_listed(h: Linear<0, { LISTED - 2 }>) {
        let (owner, old, new) = (coldkey::<T>(1), hotkey::<T>(1), hotkey::<T>(2));
        OwnedHotkeys::<T>::insert(&owner, strangers::<T>(h));
        KeyOwnership::<T>::claim(&owner, &old);
        #[block]
        {
            KeyOwnership::<T>::claim(&owner, &new);
            KeyOwnership::<T>::release(&owner, &old);
        }
        assert!(KeyOwnership::<T>::exists(&new));
    }

    /// A search of all subnets for stake that may leave.
    #[benchmark]
    fn positions(s: Linear<1, 128>) {
        open_subnets::<T>(s);
        let (holder, hotkey) = (coldkey::<T>(1), hotkey::<T>(0));
        KeyOwnership::<T>::claim(&coldkey::<T>(0), &hotkey);
        #[extrinsic_call]
        unstake_all(RawOrigin::Signed(holder), hotkey);
    }

    /// Consequences of stake leaving a hotkey that is valued on `s` subnets, with pending children on `w`.
    #[benchmark]
    fn stake_removed(s: Linear<1, 128>, w: Linear<1, 128>) {
        open_subnets::<T>(s);
        let hotkey = hotkey::<T>(1);
        StakeThreshold::<T>::put(u64::MAX);
        for netuid in 1..=128u16 {
            TotalHotkeyAlpha::<T>::insert(&hotkey, netuid, AlphaBalance::from_rao(1));
        }
        let children = shares(strangers::<T>(CHILDREN));
        for netuid in 1..=w as NetUid {
            Delegation::<T>::file_pending(&hotkey, netuid, children.clone(), 1);
        }
        #[block]
        {
            Delegation::<T>::stake_removed(&hotkey);
        }
        assert!(!PendingChildKeySubnets::<T>::contains_key(&hotkey));
    }

    #[benchmark]
    fn lock_stake() {
        let (holder, delegate) = nominator::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), delegate, HERE, alpha(10));
        assert!(Locks::<T>::locked(&holder, HERE) > alpha(10));
    }

    #[benchmark]
    fn move_lock() {
        let (holder, _) = nominator::<T>();
        let to = hotkey::<T>(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), to.clone(), HERE);
        assert_eq!(Locks::<T>::held_by(&holder, HERE).map(|held| held.hotkey), Some(to));
    }

    #[benchmark]
    fn set_perpetual_lock() {
        let (holder, _) = nominator::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), HERE, true);
        assert_eq!(DecayingLock::<T>::get(&holder, HERE), Some(false));
    }

    #[benchmark]
    fn set_reject_locked_alpha() {
        let holder = coldkey::<T>(1);
        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), false);
        assert!(!Locks::<T>::rejects_locked_alpha(&holder));
    }

    /// Naming `c` children that have no room, by a hotkey that is valued on `s` subnets; they replace other pending
    /// ones.
    #[benchmark]
    fn set_children(c: Linear<0, CHILDREN>, s: Linear<1, 128>) {
        let (owner, hotkey) = parent::<T>();
        open_subnets::<T>(s);
        SubtokenEnabled::<T>::insert(HERE, true);
        StakeThreshold::<T>::put(1);
        let children = shares(strangers::<T>(c));
        Delegation::<T>::file_pending(&hotkey, HERE, shares(strangers::<T>(CHILDREN)), 1);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone(), HERE, children.clone());
        assert_eq!(PendingChildKeys::<T>::get(HERE, &hotkey).0, children);
    }

    /// `c` children that replace five others.
    #[benchmark]
    fn children_replaced(c: Linear<0, CHILDREN>) {
        let (_, hotkey) = parent::<T>();
        let children = next_children::<T>(c, PARENTS - 1);
        #[block]
        {
            Delegation::<T>::replace_children(&hotkey, HERE, shares(children));
        }
        assert_eq!(ChildKeys::<T>::get(&hotkey, HERE).len(), c as usize);
    }

    /// `c` children that all have the most parents, of which the least gives way; checked and replaced.
    #[benchmark]
    fn full_children_replaced(c: Linear<1, CHILDREN>) {
        let (_, hotkey) = parent::<T>();
        let children = shares(next_children::<T>(c, PARENTS));
        #[block]
        {
            let _ = Delegation::<T>::ensure_may_lend(&hotkey, HERE, &children);
            Delegation::<T>::replace_children(&hotkey, HERE, children);
        }
        assert_eq!(ChildKeys::<T>::get(&hotkey, HERE).len(), c as usize);
    }

    #[benchmark]
    fn set_childkey_take() {
        open::<T>(HERE);
        later::<T>();
        ChildkeyTake::<T>::insert(hotkey::<T>(0), HERE, 1);
        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey::<T>(0)), hotkey::<T>(0), HERE, 2);
        assert_eq!(ChildkeyTake::<T>::get(hotkey::<T>(0), HERE), 2);
    }

    #[benchmark]
    fn decrease_take() {
        open::<T>(HERE);
        let lowest = MinDelegateTake::<T>::get();
        Delegates::<T>::insert(hotkey::<T>(0), lowest + 1);
        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey::<T>(0)), hotkey::<T>(0), lowest);
        assert_eq!(Delegates::<T>::get(hotkey::<T>(0)), lowest);
    }

    #[benchmark]
    fn increase_take() {
        open::<T>(HERE);
        later::<T>();
        let lowest = MinDelegateTake::<T>::get();
        Delegates::<T>::insert(hotkey::<T>(0), lowest);
        LastRateLimitedBlock::<T>::insert(
            crate::types::RateLimitKey::LastTxBlockDelegateTake(hotkey::<T>(0)),
            1,
        );
        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey::<T>(0)), hotkey::<T>(0), lowest + 1);
        assert_eq!(Delegates::<T>::get(hotkey::<T>(0)), lowest + 1);
    }

    #[benchmark]
    fn set_coldkey_auto_stake_hotkey() {
        full::<T>();
        let holder = coldkey::<T>(1);
        let _ = StakeLedger::<T>::choose_auto_stake(holder.clone(), HERE, hotkey::<T>(1));
        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), HERE, hotkey::<T>(2));
        assert_eq!(AutoStakeDestination::<T>::get(&holder, HERE), Some(hotkey::<T>(2)));
    }

    #[benchmark]
    fn set_auto_parent_delegation_enabled() {
        open::<T>(HERE);
        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey::<T>(0)), hotkey::<T>(0), false);
        assert!(!AutoParentDelegationEnabled::<T>::get(hotkey::<T>(0)));
    }

    #[benchmark]
    fn set_root_claim_type(s: Linear<1, 128>) {
        open_subnets::<T>(s);
        let (holder, subnets) = (coldkey::<T>(1), (1..=s as NetUid).collect::<BTreeSet<_>>());
        let choice = RootClaimTypeEnum::KeepSubnets { subnets };
        #[extrinsic_call]
        _(RawOrigin::Signed(holder.clone()), choice.clone());
        assert_eq!(RootClaimType::<T>::get(&holder), choice);
    }

    /// A search of the hotkeys of a coldkey for root stake.
    #[benchmark]
    fn claimant(h: Linear<0, LISTED>) {
        let holder = coldkey::<T>(1);
        StakingHotkeys::<T>::insert(&holder, strangers::<T>(h));
        let mut meter = WeightMeter::new();
        #[block]
        {
            let _ = RootClaims::<T>::claim_everything(&holder, 0, &mut meter);
        }
    }

    /// A hotkey with root stake that has earned alpha of this many subnets, none of which is claimed.
    #[benchmark]
    fn hotkey_asked(r: Linear<0, 128>) -> Result<(), BenchmarkError> {
        let (holder, _) = earner::<T>(r.max(1), 1);
        open_subnets::<T>(129);
        #[block]
        {
            RootClaims::<T>::claim(holder, BTreeSet::from([129]))?;
        }
        Ok(())
    }

    /// A coldkey with root stake on one hotkey and nothing to claim from its rates on this many subnets.
    #[benchmark]
    fn nothing_due(r: Linear<1, 128>) {
        let (holder, _) = earner::<T>(r, 0);
        #[block]
        {
            let _ = RootClaims::<T>::claim_everything(&holder, 0, &mut WeightMeter::new());
        }
    }

    /// A coldkey that claims and sells on this many subnets.
    #[benchmark]
    fn claims_settled(r: Linear<1, 128>) -> Result<(), BenchmarkError> {
        let (holder, hotkey) = earner::<T>(r, 1);
        #[block]
        {
            RootClaims::<T>::claim_everything(&holder, 0, &mut WeightMeter::new())?;
        }
        assert!(RootClaimed::<T>::get((1, &hotkey, &holder)) > 1_000_000_000);
        assert!(RootClaimed::<T>::get((r as NetUid, &hotkey, &holder)) > 1_000_000_000);
        Ok(())
    }

    /// Growth of root stake on a hotkey with rates of this many subnets. It is the first there, so that it is marked.
    #[benchmark]
    fn root_growth(r: Linear<0, 128>) -> Result<(), BenchmarkError> {
        hold::<T>(&hotkey::<T>(2), &coldkey::<T>(1), ROOT, 10);
        let (holder, hotkey) = (coldkey::<T>(1), hotkey::<T>(1));
        let rates: BTreeMap<_, _> =
            (1..=r as NetUid).map(|netuid| (netuid, I96F32::from_int(1u64))).collect();
        RootClaimable::<T>::insert(&hotkey, rates);
        #[block]
        {
            StakeLedger::<T>::increase(&hotkey, &holder, ROOT, alpha(1))?;
        }
        Ok(())
    }

    /// Root stake that leaves a hotkey with earnings on this many subnets; the part that the remaining stake can't be
    /// owed is paid.
    #[benchmark]
    fn root_shrinkage(r: Linear<1, 128>) -> Result<(), BenchmarkError> {
        let (holder, hotkey) = earner::<T>(r, 1);
        #[block]
        {
            StakeLedger::<T>::decrease(&hotkey, &holder, ROOT, alpha(10))?;
        }
        assert!(StakeLedger::<T>::is_holder(&hotkey, &holder, r as NetUid));
        Ok(())
    }

    /// The index of a coldkey without root stake is given to the last one.
    #[benchmark]
    fn claimant_forgotten() -> Result<(), BenchmarkError> {
        let hotkey = hotkey::<T>(1);
        (1..4).for_each(|i| hold::<T>(&hotkey, &coldkey::<T>(i), ROOT, 10));
        #[block]
        {
            RootClaims::<T>::forget_index(&coldkey::<T>(1));
        }
        assert!(!StakingColdkeys::<T>::contains_key(coldkey::<T>(1)));
        Ok(())
    }

    /// Reading entries of a long list.
    #[benchmark]
    fn looked_at(p: Linear<1, 1_000>) {
        open::<T>(HERE);
        let holder = coldkey::<T>(1);
        for stranger in strangers::<T>(p) {
            AlphaV2::<T>::insert((&stranger, &holder, HERE), AlphaV2::<T>::get((&stranger, &holder, HERE)));
        }
        let mut page = Page::new(u32::MAX, Vec::new());
        #[block]
        {
            page.scan(AlphaV2::<T>::iter_keys, AlphaV2::<T>::iter_keys_from, |_| 0);
        }
        assert!(page.spent() >= p);
    }

    /// A pot is divided among heirs without other stake.
    #[benchmark]
    fn pot_shared(h: Linear<1, MAX_HEIRS>) -> Result<(), BenchmarkError> {
        open::<T>(HERE);
        let (pots, pot) = (Ancestry::<T>::hotkey(), Ancestry::<T>::pot(&[1; 32]));
        KeyOwnership::<T>::claim(&pots, &pots);
        hold::<T>(&pots, &pot, HERE, u64::from(h));
        let whole = StakeLedger::<T>::alpha_of(&pots, &pot, HERE).to_rao();
        let each = whole / u64::from(h);
        let parts: Parts<T> = (0..h).map(|i| (coldkey::<T>(i + 10), each)).collect();
        #[block]
        {
            Ancestry::<T>::hand_out(&[1; 32], Some(HERE), &parts)?;
        }
        assert_eq!(StakeLedger::<T>::alpha_of(&pots, &coldkey::<T>(10), HERE).to_rao(), each);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::situation(), crate::tests::mock::Test);
}
