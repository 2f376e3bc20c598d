//! Subnets: creation, settings of owners and root, identities, votes.

use alloc::vec;

use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use myelin_abi::{ChainIdentityV2, RubricSource, RubricTimeline, SubnetIdentityV3, MAX_RUBRIC_TEXT};
use myelin_economy::{params::row, registration::UidChoice};
use myelin_units::{Uid, I96F32, ROOT};

use super::scene::*;
use crate::{
    keys::KeyOwnership,
    neurons::NeuronRegistry,
    pallet::*,
    removal::WaitingRegistrations,
    subnets::{symbols, SubnetRegistry},
    types::MAX_TEMPO,
};

/// Stands for the pallet.
pub struct Pallet<T: Config>(crate::pallet::Pallet<T>);

const SHORT: usize = 256;
const LONG: usize = 1_024;

fn identity() -> SubnetIdentityV3 {
    SubnetIdentityV3 {
        subnet_name: vec![b'a'; SHORT],
        github_repo: vec![b'a'; LONG],
        subnet_contact: vec![b'a'; LONG],
        subnet_url: vec![b'a'; LONG],
        discord: vec![b'a'; SHORT],
        description: vec![b'a'; LONG],
        logo_url: vec![b'a'; LONG],
        additional: vec![b'a'; LONG],
    }
}

/// A full root of members that lend to new subnets.
fn senate<T: Config>() {
    for i in 0..64 {
        let key = hotkey::<T>(2_000 + i);
        KeyOwnership::<T>::claim(&coldkey::<T>(2_000 + i), &key);
        NeuronRegistry::<T>::seat(ROOT, UidChoice::Append(i as Uid), &key);
        hold::<T>(&key, &coldkey::<T>(2_000 + i), ROOT, 10);
    }
}

/// An old subnet whose owner, coldkey 0, may change it.
fn owned<T: Config>() -> T::AccountId {
    open::<T>(HERE);
    Tempo::<T>::insert(HERE, MAX_TEMPO);
    MinNonImmuneUids::<T>::insert(HERE, 0);
    later::<T>();
    coldkey::<T>(0)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// With the longest identity, beside `s` other subnets.
    #[benchmark]
    fn register_network(s: Linear<1, 128>) {
        open_subnets::<T>(s);
        senate::<T>();
        later::<T>();
        let (owner, key) = (rich::<T>(1_000), hotkey::<T>(1_000));
        #[extrinsic_call]
        register_network_with_identity(RawOrigin::Signed(owner), key, Some(identity()));
        assert_eq!(u32::from(SubnetRegistry::<T>::user_count()), s + 1);
    }

    /// Replaces one of `s` others, so that it waits.
    #[benchmark]
    fn waiting(s: Linear<2, 128>) {
        open_subnets::<T>(s);
        SubnetLimit::<T>::put(s as u16);
        NetworkImmunityPeriod::<T>::put(0);
        later::<T>();
        for netuid in SubnetRegistry::<T>::user_netuids() {
            SubnetMovingPrice::<T>::insert(netuid, I96F32::from_int(1u64));
        }
        let (owner, key) = (rich::<T>(1_000), hotkey::<T>(1_000));
        #[extrinsic_call]
        register_network_with_identity(RawOrigin::Signed(owner), key, Some(identity()));
        assert_eq!(WaitingRegistrations::<T>::count(), 1);
    }

    #[benchmark]
    fn start_call() {
        let owner = owned::<T>();
        FirstEmissionBlockNumber::<T>::remove(HERE);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), HERE);
        assert!(SubnetRegistry::<T>::is_started(HERE));
    }

    #[benchmark]
    fn root_dissolve_network() {
        open_subnets::<T>(64);
        #[extrinsic_call]
        _(RawOrigin::Root, HERE);
        assert!(!SubnetRegistry::<T>::exists(HERE));
    }

    /// By a coldkey of which the last of `h` hotkeys has a uid.
    #[benchmark]
    fn set_identity(h: Linear<1, 256>) {
        open::<T>(HERE);
        let owner = coldkey::<T>(0);
        let mut hotkeys = strangers::<T>(h - 1);
        hotkeys.push(hotkey::<T>(0));
        OwnedHotkeys::<T>::insert(&owner, hotkeys);
        IdentitiesV2::<T>::insert(&owner, ChainIdentityV2::default());
        let (short, long) = (|| vec![b'a'; SHORT], || vec![b'a'; LONG]);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()), short(), short(), short(), long(), short(), long(), long());
        assert_eq!(IdentitiesV2::<T>::get(&owner).map(|identity| identity.image), Some(long()));
    }

    #[benchmark]
    fn set_subnet_identity() {
        let owner = owned::<T>();
        SubnetIdentitiesV3::<T>::insert(HERE, identity());
        let (short, long) = (|| vec![b'a'; SHORT], || vec![b'a'; LONG]);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), HERE, short(), long(), long(), long(), short(), long(), long(), long());
        assert_eq!(SubnetIdentitiesV3::<T>::get(HERE), Some(identity()));
    }

    #[benchmark]
    fn try_associate_hotkey() {
        let (owner, key) = (rich::<T>(1), hotkey::<T>(1));
        KeyOwnership::<T>::claim(&owner, &hotkey::<T>(2));
        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()), key.clone());
        assert_eq!(KeyOwnership::<T>::owner_of(&key), Some(owner));
    }

    #[benchmark]
    fn update_symbol(s: Linear<1, 128>) {
        let owner = owned::<T>();
        open_subnets::<T>(s);
        let symbol = symbols::of(300).unwrap_or_default();
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), HERE, symbol.clone());
        assert_eq!(TokenSymbol::<T>::get(HERE), symbol);
    }

    #[benchmark]
    fn set_tempo() {
        let owner = owned::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), HERE, MAX_TEMPO - 1);
        assert_eq!(Tempo::<T>::get(HERE), MAX_TEMPO - 1);
    }

    #[benchmark]
    fn set_activity_cutoff_factor() {
        let owner = owned::<T>();
        let factor = row("ActivityCutoffFactorMilli").range.0 as u32;
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), HERE, factor);
        assert_eq!(ActivityCutoffFactorMilli::<T>::get(HERE), factor);
    }

    #[benchmark]
    fn trigger_epoch() {
        let owner = owned::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), HERE);
        assert!(PendingEpochAt::<T>::get(HERE) > 0);
    }

    #[benchmark]
    fn enable_voting_power_tracking() {
        let owner = owned::<T>();
        VotingPowerDisableAtBlock::<T>::insert(HERE, 1);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), HERE);
        assert!(VotingPowerTrackingEnabled::<T>::get(HERE));
    }

    #[benchmark]
    fn disable_voting_power_tracking() {
        let owner = owned::<T>();
        VotingPowerTrackingEnabled::<T>::insert(HERE, true);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), HERE);
        assert!(VotingPowerDisableAtBlock::<T>::get(HERE) > 0);
    }

    #[benchmark]
    fn sudo_set_voting_power_ema_alpha() {
        owned::<T>();
        #[extrinsic_call]
        _(RawOrigin::Root, HERE, 1);
        assert_eq!(VotingPowerEmaAlpha::<T>::get(HERE), 1);
    }

    #[benchmark]
    fn set_pending_childkey_cooldown() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);
        assert_eq!(PendingChildKeyCooldown::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_tx_childkey_take_rate_limit() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);
        assert_eq!(TxChildkeyTakeRateLimit::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_min_childkey_take() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);
        assert_eq!(MinChildkeyTake::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_max_childkey_take() {
        let take = MaxChildkeyTake::<T>::get() - 1;
        #[extrinsic_call]
        _(RawOrigin::Root, take);
        assert_eq!(MaxChildkeyTake::<T>::get(), take);
    }

    #[benchmark]
    fn sudo_set_num_root_claims() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);
        assert_eq!(NumRootClaim::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_root_claim_threshold() {
        owned::<T>();
        #[extrinsic_call]
        _(RawOrigin::Root, HERE, 7);
        assert_eq!(RootClaimableThreshold::<T>::get(HERE), I96F32::from_int(7u64));
    }

    /// The longest text, after two others, of which the second is in force.
    #[benchmark]
    fn announce_rubric() {
        let owner = owned::<T>();
        let text = |letter| RubricSource::Text(vec![letter; MAX_RUBRIC_TEXT]);
        let first = RubricTimeline::beginning(text(b'a').into(), 0);
        SubnetRubrics::<T>::insert(HERE, 0, first.announce(text(b'b').into(), 0, 1));
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), HERE, 0, text(b'c'));
        let next = SubnetRubrics::<T>::get(HERE, 0).and_then(|timeline| timeline.next);
        assert_eq!(next.map(|next| next.rubric), Some(text(b'c').into()));
    }

    #[benchmark]
    fn withdraw_rubric() {
        let owner = owned::<T>();
        let text = |letter| RubricSource::Text(vec![letter; MAX_RUBRIC_TEXT]);
        let first = RubricTimeline::beginning(text(b'a').into(), 0);
        SubnetRubrics::<T>::insert(HERE, 0, first.announce(text(b'b').into(), 0, u64::MAX));
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), HERE, 0);
        assert_eq!(SubnetRubrics::<T>::get(HERE, 0), Some(first));
    }

    #[benchmark]
    fn sudo_set_rubric_notice() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);
        assert_eq!(RubricNotice::<T>::get(), 7);
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::situation(), crate::tests::mock::Test);
}
