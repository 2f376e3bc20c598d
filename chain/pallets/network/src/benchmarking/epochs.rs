//! Epochs and their pay-out, in pieces.
//!
//! The work of an epoch grows with its neurons, with the rows of its validators and their length, with families and
//! with the paid neurons. Each of these may be small where the others are large. So each is measured alone in a full
//! subnet, and `costs::epoch` adds them up. [`whole`](benchmarks::whole) is no piece: the sum is compared with it.

use alloc::{collections::BTreeMap, vec, vec::Vec};

use frame_benchmarking::v2::*;
use myelin_economy::payout::EpochPots;
use myelin_units::{storage_index, AlphaBalance, MechId, NetUid, Uid, I96F32, ROOT};
use sp_runtime::StateVersion;

use super::scene::*;
use crate::{
    emission::{self, payout},
    epoch::{Reward, Roll},
    neurons::NeuronRegistry,
    pallet::*,
    pools::PoolReserves,
    subnets::{now, Hyperparameters},
    voting::{Standing, VotingPowers},
    weights::WeightLedger,
};

/// Stands for the pallet.
pub struct Pallet<T: Config>(crate::pallet::Pallet<T>);

/// Validators of a full subnet.
const JUDGES: u32 = 64;
/// Subnets whose alpha root stakers have earned.
const EARNED: NetUid = 128;

/// A subnet of `count` neurons whose epoch is due. All are active with stake there and on root, and the 64 from uid
/// `from` on have most of it. Bonds follow the most expensive rule.
fn staked<T: Config>(count: u32, from: u32) {
    open::<T>(HERE);
    seat::<T>(HERE, count);
    for uid in 0..count {
        let tokens = if (from..from + JUDGES).contains(&uid) { 1_000 } else { 10 };
        hold::<T>(&hotkey::<T>(uid), &coldkey::<T>(uid), HERE, tokens + u64::from(uid % 7));
        hold::<T>(&hotkey::<T>(uid), &coldkey::<T>(uid), ROOT, 10);
    }
    Yuma3On::<T>::insert(HERE, true);
    LiquidAlphaOn::<T>::insert(HERE, true);
    later::<T>();
    due::<T>(count);
}

/// Makes the epoch of the subnet due, and all its weights and commits recent.
fn due<T: Config>(count: u32) {
    PendingEpochAt::<T>::insert(HERE, 1);
    for mecid in 0..MechanismCountCurrent::<T>::get(HERE) {
        LastUpdate::<T>::insert(storage_index(HERE, mecid), vec![now::<T>(); count as usize]);
    }
}

/// Runs the epochs that are due, and computes the state root after them.
fn run<T: Config>() {
    emission::run_epochs::<T>(now::<T>());
    sp_io::storage::root(StateVersion::V1);
}

/// Lets neurons from `from` on set weights for the judged uids.
fn judge<T: Config>(from: u32, count: u32, judged: &[Uid]) {
    (from..from + count).for_each(|uid| say::<T>(main_of(HERE), uid as Uid, judged));
    let judges = |uid: u32| (from..from + count).contains(&uid);
    let permits = (0..).zip(ValidatorPermit::<T>::get(HERE)).map(|(uid, permit)| permit || judges(uid));
    ValidatorPermit::<T>::insert(HERE, permits.collect::<Vec<_>>());
    NeuronRegistry::<T>::write_roster(HERE);
}

/// Alpha of an epoch, minted.
fn pots<T: Config>() -> EpochPots {
    let pots =
        EpochPots { server: alpha(100), validator: alpha(100), root: alpha(100), owner_cut: alpha(10) };
    PoolReserves::<T>::mint_out(HERE, alpha(310));
    pots
}

/// Rewards of miners and of validators, which are different neurons: the validators come first.
fn rewards(miners: u32, validators: u32) -> Vec<Reward> {
    let reward = |uid: u32| Reward {
        incentive: if (JUDGES..JUDGES + miners).contains(&uid) { tenth() } else { AlphaBalance::ZERO },
        dividend: if uid < validators { tenth() } else { AlphaBalance::ZERO },
    };
    (0..NEURONS).map(reward).collect()
}

fn tenth() -> AlphaBalance {
    AlphaBalance::from_rao(UNIT / 10)
}

/// Validators whose root stakers have earned alpha of all subnets, and that were paid in the epoch before; each has a
/// nominator.
fn paid_before<T: Config>(validators: u32) {
    let rates: BTreeMap<_, _> = (1..=EARNED).map(|netuid| (netuid, I96F32::from_int(1u64))).collect();
    for uid in 0..validators {
        let key = hotkey::<T>(uid);
        hold::<T>(&key, &coldkey::<T>(1_000 + uid), HERE, 10);
        RootClaimable::<T>::insert(&key, &rates);
        Delegates::<T>::insert(&key, u16::MAX / 10);
        AlphaDividendsPerSubnet::<T>::insert(HERE, &key, tenth());
        RootAlphaDividendsPerSubnet::<T>::insert(HERE, &key, tenth());
    }
}

/// Miners whose pay goes to hotkeys without stake, a different one for each.
fn redirected<T: Config>(miners: u32) {
    for (uid, destination) in (JUDGES..).zip(strangers::<T>(miners)) {
        AutoStakeDestination::<T>::insert(coldkey::<T>(uid), HERE, &destination);
        AutoStakeChoosers::<T>::insert((destination, HERE, coldkey::<T>(uid)), ());
    }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// An epoch of neurons without weights and without pay.
    #[benchmark]
    fn epoch(n: Linear<1, NEURONS>) {
        staked::<T>(n, 0);
        #[block]
        {
            run::<T>();
        }
        assert_eq!(LastMechansimStepBlock::<T>::get(HERE), now::<T>());
        assert_eq!(Active::<T>::get(HERE), vec![true; n as usize]);
    }

    /// The same on this many mechanisms.
    #[benchmark]
    fn mechanisms(m: Linear<1, 8>) {
        staked::<T>(NEURONS, 0);
        Hyperparameters::<T>::set_mechanism_count(HERE, m as MechId);
        due::<T>(NEURONS);
        #[block]
        {
            run::<T>();
        }
        assert_eq!(LastMechansimStepBlock::<T>::get(HERE), now::<T>());
    }

    /// The same with `r` neurons that have set a weight for one other.
    #[benchmark]
    fn short_rows(r: Linear<0, JUDGES>) {
        staked::<T>(NEURONS, JUDGES);
        judge::<T>(0, r, &[NEURONS as Uid - 1]);
        #[block]
        {
            run::<T>();
        }
        assert_eq!(LastMechansimStepBlock::<T>::get(HERE), now::<T>());
    }

    /// The same with `w` neurons that have set weights for all.
    #[benchmark]
    fn full_rows(w: Linear<0, JUDGES>) {
        staked::<T>(NEURONS, JUDGES);
        judge::<T>(0, w, &(0..NEURONS as Uid).collect::<Vec<_>>());
        #[block]
        {
            run::<T>();
        }
        assert_eq!(LastMechansimStepBlock::<T>::get(HERE), now::<T>());
    }

    /// A look through the commits of this many neurons.
    #[benchmark]
    fn commits(c: Linear<0, NEURONS>) {
        staked::<T>(NEURONS, 0);
        for uid in 0..c {
            let queue: alloc::collections::VecDeque<crate::types::HashCommit<T::Hash>> =
                (0..10).map(|_| (T::Hash::default(), 10, 1, 0)).collect();
            WeightCommits::<T>::insert(main_of(HERE), hotkey::<T>(uid), queue);
        }
        let found;
        #[block]
        {
            found = WeightLedger::<T>::earliest_commit_blocks(main_of(HERE), 10);
        }
        assert_eq!(found.len(), c as usize);
    }

    /// Votes of `v` validators that had none, replacing those of as many others.
    #[benchmark]
    fn votes(v: Linear<0, NEURONS>) {
        open::<T>(HERE);
        VotingPowerTrackingEnabled::<T>::insert(HERE, true);
        strangers::<T>(v).iter().for_each(|hotkey| VotingPower::<T>::insert(HERE, hotkey, 1));
        let voters = neighbours::<T>(0, v);
        let standings: Vec<_> =
            voters.iter().map(|hotkey| Standing { hotkey, stake: UNIT, permit: true }).collect();
        #[block]
        {
            VotingPowers::<T>::follow_epoch(HERE, &standings, 0, now::<T>());
            sp_io::storage::root(StateVersion::V1);
        }
        assert_eq!(VotingPower::<T>::iter_key_prefix(HERE).count(), v as usize);
    }

    /// A roll of neurons of which `k` lend to a child, and others have `l` parents. Each borrower's dividend is shared
    /// with all its parents.
    #[benchmark]
    fn families(k: Linear<0, 128>, l: Linear<0, 512>) {
        const EACH: usize = 64;
        staked::<T>(NEURONS, 0);
        for (i, lenders) in (0..).zip(neighbours::<T>(128, k).chunks(EACH)) {
            lend::<T>(&account("child", i, 0), HERE, lenders);
        }
        let parents: Vec<T::AccountId> = strangers::<T>(l);
        for (uid, parents) in (0..).zip(parents.chunks(EACH)) {
            lend::<T>(&hotkey::<T>(uid), HERE, parents);
        }
        let rewards = rewards(0, JUDGES);
        let validators;
        #[block]
        {
            let mut roll = Roll::<T>::call(HERE);
            let weighed = roll.weights().count();
            validators = payout::input(&mut roll, EpochPots::default(), &rewards).validators.len();
            assert_eq!(weighed, NEURONS as usize);
        }
        assert_eq!(validators, (JUDGES + l) as usize);
    }

    /// The pay-out of `i` miners that stake it on another hotkey, and of `d` validators.
    #[benchmark]
    fn paid(i: Linear<0, { NEURONS - JUDGES }>, d: Linear<0, JUDGES>) {
        staked::<T>(NEURONS, 0);
        paid_before::<T>(d);
        redirected::<T>(i);
        let (pots, rewards) = (pots::<T>(), rewards(i, d));
        let mut roll = Roll::<T>::call(HERE);
        let work;
        #[block]
        {
            work = payout::settle(&mut roll, pots, &rewards);
            sp_io::storage::root(StateVersion::V1);
        }
        assert_eq!((work.miners, work.validators), (i.into(), d.into()));
        assert_eq!(AlphaDividendsPerSubnet::<T>::iter_key_prefix(HERE).count(), d as usize);
    }

    /// The whole epoch of a usual subnet: 64 validators judge all 192 others, and all are paid.
    #[benchmark]
    fn whole() {
        staked::<T>(NEURONS, 0);
        judge::<T>(0, JUDGES, &(JUDGES as Uid..NEURONS as Uid).collect::<Vec<_>>());
        paid_before::<T>(JUDGES);
        let EpochPots { server, validator, root, owner_cut } = pots::<T>();
        PendingServerEmission::<T>::insert(HERE, server);
        PendingValidatorEmission::<T>::insert(HERE, validator);
        PendingRootAlphaDivs::<T>::insert(HERE, root);
        PendingOwnerCut::<T>::insert(HERE, owner_cut);
        #[block]
        {
            run::<T>();
        }
        assert_eq!(AlphaDividendsPerSubnet::<T>::iter_key_prefix(HERE).count(), JUDGES as usize);
        let earners = Incentive::<T>::get(main_of(HERE)).iter().filter(|incentive| **incentive > 0).count();
        assert_eq!(earners, (NEURONS - JUDGES) as usize);
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::situation(), crate::tests::mock::Test);
}
