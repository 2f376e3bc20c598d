//! Children: who may be named, when a change takes effect, and how stake and dividends change.

use super::{mock::*, model::Model};
use crate::{
    costs,
    keys::KeyOwnership,
    pallet::*,
    stake::{ChildkeyTakes, Delegation},
    subnets::Hyperparameters,
};
use frame_support::weights::Weight;
use myelin_economy::childkeys::{inherited, Loan, MAX_PARENTS};
use myelin_units::{NetUid, ROOT};
use proptest::prelude::*;
use sp_runtime::{traits::Dispatchable, DispatchError};

const ALL: u64 = u64::MAX;
const HALF: u64 = u64::MAX / 2;

fn name(netuid: NetUid, i: u16, children: &[(u64, u16)]) -> Network {
    let children = children.iter().map(|(share, child)| (*share, hotkey(*child))).collect();
    Network::set_children { hotkey: hotkey(i), netuid, children }
}

fn as_root(call: Network) -> Result<(), DispatchError> {
    RuntimeCall::from(call).dispatch(RuntimeOrigin::root()).map(|_| ()).map_err(|e| e.error)
}

fn children(netuid: NetUid, i: u16) -> Vec<(u64, AccountId)> {
    ChildKeys::<Test>::get(hotkey(i), netuid)
}

fn parents(netuid: NetUid, i: u16) -> Vec<(u64, AccountId)> {
    ParentKeys::<Test>::get(hotkey(i), netuid)
}

/// Lets the wait between two lists of a hotkey pass without running blocks.
fn later() {
    System::set_block_number(System::block_number() + 150);
}

#[test]
fn before_the_start_call_children_are_named_at_once() {
    on_chain(|| {
        let netuid = subnet().with_neurons(3).create();
        ok(&owner_of(10), name(netuid, 10, &[(HALF, 11), (1, 12)]));
        assert_eq!(children(netuid, 10), vec![(HALF, hotkey(11)), (1, hotkey(12))]);
        assert_eq!(parents(netuid, 11), vec![(HALF, hotkey(10))]);
        announced(Event::SetChildren(hotkey(10), netuid, children(netuid, 10)));
        later();
        ok(&owner_of(10), name(netuid, 10, &[(2, 12)]));
        assert_eq!((parents(netuid, 11), parents(netuid, 12)), (vec![], vec![(2, hotkey(10))]));
        later();
        ok(&owner_of(10), name(netuid, 10, &[]));
        assert_eq!(ParentKeys::<Test>::iter().count() + ChildKeys::<Test>::iter().count(), 0);
    });
}

#[test]
fn after_the_start_call_children_wait_for_the_cooldown_and_an_epoch_slot() {
    on_fast_chain(|| {
        let netuid = subnet().started().with_neurons(2).create();
        Hyperparameters::<Test>::set_tempo(netuid, 10);
        LastEpochBlock::<Test>::insert(netuid, 1);
        ok(&owner_of(10), name(netuid, 10, &[(ALL, 11)]));
        let due = 1 + 15;
        assert_eq!(PendingChildKeys::<Test>::get(netuid, hotkey(10)), (vec![(ALL, hotkey(11))], due));
        announced(Event::SetChildrenScheduled(hotkey(10), netuid, due, vec![(ALL, hotkey(11))]));
        run_to(20);
        assert_eq!(children(netuid, 10), vec![], "the slot at block 11 came too early");
        run_to(21);
        assert_eq!(children(netuid, 10), vec![(ALL, hotkey(11))]);
        assert_eq!(PendingChildKeys::<Test>::get(netuid, hotkey(10)), Default::default());
        announced(Event::SetChildren(hotkey(10), netuid, vec![(ALL, hotkey(11))]));
    });
}

#[test]
fn a_slot_in_the_block_of_the_cooldown_itself_is_too_early() {
    on_fast_chain(|| {
        let netuid = subnet().started().with_neurons(2).create();
        Hyperparameters::<Test>::set_tempo(netuid, 15);
        LastEpochBlock::<Test>::insert(netuid, 1);
        ok(&owner_of(10), name(netuid, 10, &[(ALL, 11)]));
        run_to(30);
        assert_eq!(children(netuid, 10), vec![]);
        run_to(31);
        assert_eq!(children(netuid, 10).len(), 1);
    });
}

#[test]
fn a_newer_list_takes_the_place_of_one_that_waits() {
    on_fast_chain(|| {
        let netuid = subnet().started().with_neurons(2).create();
        Hyperparameters::<Test>::set_tempo(netuid, 50);
        PendingChildKeyCooldown::<Test>::put(200);
        ok(&owner_of(10), name(netuid, 10, &[(ALL, 11)]));
        run_blocks(150);
        ok(&owner_of(10), name(netuid, 10, &[(HALF, 11)]));
        run_blocks(199);
        assert_eq!(children(netuid, 10), vec![]);
        run_blocks(60);
        assert_eq!(children(netuid, 10), vec![(HALF, hotkey(11))]);
    });
}

/// A pending list of hotkey 10 names hotkey 11, and hotkey 11 is replaced by hotkey 99.
fn replaced_while_a_list_waits() -> NetUid {
    let netuid = subnet().started().with_neurons(3).create();
    Hyperparameters::<Test>::set_tempo(netuid, 10);
    LastEpochBlock::<Test>::insert(netuid, 1);
    ok(&owner_of(10), name(netuid, 10, &[(HALF, 11), (1, 12)]));
    let swap = Network::swap_hotkey { hotkey: hotkey(11), new_hotkey: hotkey(99), netuid: None };
    ok(&owner_of(11), swap);
    netuid
}

#[test]
fn a_list_that_waits_means_the_hotkey_that_took_the_place_of_a_child() {
    for (a_stranger_takes_the_name, and_swaps_it) in [(false, false), (true, false), (true, true)] {
        on_fast_chain(|| {
            let netuid = replaced_while_a_list_waits();
            if a_stranger_takes_the_name {
                ok(&coldkey(9), Network::try_associate_hotkey { hotkey: hotkey(11) });
                Burn::<Test>::insert(netuid, tao(1));
                ok(&coldkey(9), Network::burned_register { netuid, hotkey: hotkey(11) });
            }
            if and_swaps_it {
                let (hotkey, new_hotkey) = (hotkey(11), hotkey(98));
                ok(&coldkey(9), Network::swap_hotkey { hotkey, new_hotkey, netuid: None });
            }
            run_to(21);
            assert_eq!(children(netuid, 10), vec![(HALF, hotkey(99)), (1, hotkey(12))]);
            assert_eq!((parents(netuid, 11), parents(netuid, 99)), (vec![], vec![(HALF, hotkey(10))]));
        });
    }
}

#[test]
fn a_list_made_after_a_hotkey_was_replaced_means_whom_it_names() {
    on_fast_chain(|| {
        let netuid = replaced_while_a_list_waits();
        ok(&coldkey(9), Network::try_associate_hotkey { hotkey: hotkey(11) });
        run_blocks(1);
        ok(&owner_of(12), name(netuid, 12, &[(HALF, 11)]));
        run_to(41);
        assert_eq!(children(netuid, 12), vec![(HALF, hotkey(11))]);
    });
}

#[test]
fn children_that_become_one_or_the_parent_itself_end() {
    on_fast_chain(|| {
        let netuid = subnet().started().with_neurons(2).create();
        Hyperparameters::<Test>::set_tempo(netuid, 10);
        LastEpochBlock::<Test>::insert(netuid, 1);
        // Hotkeys 80 and 81 belong to the coldkey of hotkey 10.
        for i in [80, 81] {
            ok(&owner_of(10), Network::try_associate_hotkey { hotkey: hotkey(i) });
        }
        ok(&owner_of(10), name(netuid, 10, &[(3, 80), (2, 11), (1, 81)]));
        let swap =
            |from, to| Network::swap_hotkey { hotkey: hotkey(from), new_hotkey: hotkey(to), netuid: None };
        ok(&owner_of(10), swap(80, 81));
        run_to(21);
        assert_eq!(children(netuid, 10), vec![(3, hotkey(81)), (2, hotkey(11))]);
    });
}

#[test]
fn a_list_keeps_the_rules() {
    on_chain(|| {
        let netuid = subnet().with_neurons(3).create();
        let refuse = |children: &[(u64, u16)], why| refused(&owner_of(10), name(netuid, 10, children), why);
        let six: Vec<(u64, u16)> = (20..26).map(|child| (1, child)).collect();
        refuse(&six, Refusal::TooManyChildren);
        refuse(&[(1, 10)], Refusal::InvalidChild);
        refuse(&[(1, 11), (1, 11)], Refusal::DuplicateChild);
        refuse(&[(ALL, 11), (1, 12)], Refusal::ProportionOverflow);
        refused(&owner_of(10), name(ROOT, 10, &[]), Refusal::RegistrationNotPermittedOnRootSubnet);
        refused(&owner_of(10), name(9, 10, &[]), Refusal::SubnetNotExists);
        refused(&owner_of(11), name(netuid, 10, &[]), Refusal::NonAssociatedColdKey);
        ok(&owner_of(11), name(netuid, 11, &[(1, 10)]));
        refuse(&[(1, 11)], Refusal::ChildParentInconsistency);
        ok(&owner_of(10), name(netuid, 10, &[(ALL, 12)]));
        refuse(&[(1, 12)], Refusal::TxRateLimitExceeded);
        System::set_block_number(150);
        refuse(&[(1, 12)], Refusal::TxRateLimitExceeded);
        System::set_block_number(151);
        ok(&owner_of(10), name(netuid, 10, &[(1, 12)]));
    });
}

#[test]
fn a_threshold_asks_for_stake_unless_nothing_is_lent_or_the_owner_lends() {
    on_chain(|| {
        let netuid = subnet().with_neurons(2).create();
        StakeThreshold::<Test>::put(UNIT);
        refused(&owner_of(10), name(netuid, 10, &[(1, 11)]), Refusal::NotEnoughStakeToSetChildkeys);
        ok(&owner_of(10), name(netuid, 10, &[]));
        ok(&coldkey(0), name(netuid, 0, &[(1, 11)]));
        // Stake on any subnet counts, by its worth.
        ok(&owner_of(10), Network::add_stake { hotkey: hotkey(10), netuid: ROOT, amount_staked: tao(1) });
        later();
        ok(&owner_of(10), name(netuid, 10, &[(1, 11)]));
    });
}

#[test]
fn children_that_wait_are_forgotten_when_the_stake_leaves() {
    on_chain(|| {
        let netuid = subnet().started().with_neurons(2).create();
        let add =
            |tokens| Network::add_stake { hotkey: hotkey(10), netuid: ROOT, amount_staked: tao(tokens) };
        let remove = |tokens| Network::remove_stake {
            hotkey: hotkey(10),
            netuid: ROOT,
            amount_unstaked: alpha(tokens),
        };
        ok(&owner_of(10), add(10));
        StakeThreshold::<Test>::put(5 * UNIT);
        ok(&owner_of(10), name(netuid, 10, &[(1, 11)]));
        ok(&owner_of(10), remove(5));
        assert!(PendingChildKeys::<Test>::contains_key(netuid, hotkey(10)));
        ok(&owner_of(10), remove(1));
        assert!(!PendingChildKeys::<Test>::contains_key(netuid, hotkey(10)));
        ok(&owner_of(10), add(10));
        later();
        ok(&owner_of(10), name(netuid, 10, &[(1, 11)]));
        ok(&owner_of(10), Network::unstake_all { hotkey: hotkey(10) });
        assert!(!PendingChildKeys::<Test>::contains_key(netuid, hotkey(10)));
    });
}

#[test]
fn two_keys_that_name_each_other_do_not_become_a_circle() {
    on_fast_chain(|| {
        let netuid = subnet().started().with_neurons(2).create();
        ok(&owner_of(10), name(netuid, 10, &[(1, 11)]));
        run_blocks(1);
        ok(&owner_of(11), name(netuid, 11, &[(1, 10)]));
        run_blocks(40);
        assert_eq!(children(netuid, 10), vec![(1, hotkey(11))]);
        assert_eq!(children(netuid, 11), vec![]);
        assert_eq!(PendingChildKeys::<Test>::iter().count(), 0, "the later one was dropped");
    });
}

#[test]
fn the_longest_list_of_parents_goes_to_those_who_lend_most() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        let parent = |i: u16| (coldkey(i as u8), hotkey(i));
        for i in 20..20 + MAX_PARENTS as u16 + 1 {
            let (coldkey, hotkey) = parent(i);
            ok(&coldkey, Network::try_associate_hotkey { hotkey: hotkey.clone() });
            let amount_staked = tao(u64::from(i));
            ok(&coldkey, Network::add_stake { hotkey, netuid: ROOT, amount_staked });
        }
        let last = 20 + MAX_PARENTS as u16;
        for i in (20..last).rev() {
            ok(&parent(i).0, name(netuid, i, &[(ALL, 10)]));
        }
        refused(&parent(last).0, name(netuid, last, &[(1_000, 10)]), Refusal::TooManyParents);
        ok(&parent(last).0, name(netuid, last, &[(ALL, 10)]));
        assert_eq!(parents(netuid, 10).len(), MAX_PARENTS);
        assert_eq!(children(netuid, 20), vec![], "who lent least gave way");
        announced(Event::SetChildren(hotkey(20), netuid, vec![]));
        // A parent with a place may change its proportion.
        later();
        ok(&parent(21).0, name(netuid, 21, &[(1, 10)]));
    });
}

#[test]
fn a_block_applies_what_it_has_time_for_and_the_next_ones_the_rest() {
    on_fast_chain(|| {
        let netuid = subnet().started().with_neurons(1).create();
        Hyperparameters::<Test>::set_tempo(netuid, 100);
        LastEpochBlock::<Test>::insert(netuid, 1);
        let one = costs::replace_children::<Test>(netuid, &[(1, hotkey(10))]);
        let room = costs::chores::<Test>(Weight::zero()).ref_time() / one.ref_time();
        let many = u16::try_from(room).expect("a block has time for few changes") + 50;
        for i in 1_000..1_000 + many {
            KeyOwnership::<Test>::claim(&coldkey(1), &hotkey(i));
            let call = name(netuid, i, &[(1, 10_000 + i)]);
            RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(coldkey(1))).expect("children are named");
        }
        run_to(100);
        let applied = || ChildKeys::<Test>::iter().count();
        assert_eq!(applied(), 0);
        run_to(101);
        let at_first = applied();
        assert!(at_first > 0 && at_first < usize::from(many), "{at_first} of {many}");
        assert_eq!(PendingChildKeyBacklog::<Test>::get(), vec![netuid]);
        run_to(102);
        assert_eq!(applied(), usize::from(many));
        assert!(PendingChildKeyBacklog::<Test>::get().is_empty());
    });
}

#[test]
fn root_sets_the_cooldown_and_the_limits_of_takes() {
    on_chain(|| {
        assert_eq!(PendingChildKeyCooldown::<Test>::get(), 7_200);
        assert_eq!(TxChildkeyTakeRateLimit::<Test>::get(), 216_000);
        let calls = || {
            [
                Network::set_pending_childkey_cooldown { cooldown: 3 },
                Network::sudo_set_tx_childkey_take_rate_limit { tx_rate_limit: 4 },
                Network::sudo_set_max_childkey_take { take: 6 },
                Network::sudo_set_min_childkey_take { take: 5 },
            ]
        };
        for call in calls() {
            let outcome = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(coldkey(1)));
            assert_eq!(outcome.map_err(|e| e.error).err(), Some(DispatchError::BadOrigin));
        }
        for call in calls() {
            as_root(call).expect("root may");
        }
        assert_eq!(PendingChildKeyCooldown::<Test>::get(), 3);
        assert_eq!(TxChildkeyTakeRateLimit::<Test>::get(), 4);
        assert_eq!((MinChildkeyTake::<Test>::get(), MaxChildkeyTake::<Test>::get()), (5, 6));
        let crossing = as_root(Network::sudo_set_min_childkey_take { take: 7 });
        assert_eq!(crossing, Err(Refusal::InvalidChildkeyTake.into()));
        let crossing = as_root(Network::sudo_set_max_childkey_take { take: 4 });
        assert_eq!(crossing, Err(Refusal::InvalidChildkeyTake.into()));
    });
}

#[test]
fn a_childkey_take_stays_within_its_limits_and_is_raised_rarely() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        let set = |take| Network::set_childkey_take { hotkey: hotkey(10), netuid, take };
        refused(&owner_of(10), set(11_797), Refusal::InvalidChildkeyTake);
        refused(&owner_of(11), set(1), Refusal::NonAssociatedColdKey);
        ok(&owner_of(10), set(100));
        announced(Event::ChildKeyTakeSet(hotkey(10), 100));
        refused(&owner_of(10), set(101), Refusal::TxChildkeyTakeRateLimitExceeded);
        ok(&owner_of(10), set(50));
        MinChildkeyTake::<Test>::put(40);
        refused(&owner_of(10), set(39), Refusal::InvalidChildkeyTake);
        Hyperparameters::<Test>::set_min_childkey_take(netuid, 45);
        assert_eq!(ChildkeyTakes::<Test>::lowest(netuid), 45);
        refused(&owner_of(10), set(44), Refusal::InvalidChildkeyTake);
        System::set_block_number(216_000);
        refused(&owner_of(10), set(51), Refusal::TxChildkeyTakeRateLimitExceeded);
        System::set_block_number(216_001);
        ok(&owner_of(10), set(11_796));
        assert_eq!(ChildkeyTake::<Test>::get(hotkey(10), netuid), 11_796);
        let nowhere = Network::set_childkey_take { hotkey: hotkey(10), netuid: 9, take: 1 };
        refused(&owner_of(10), nowhere, Refusal::SubnetNotExists);
    });
}

/// Stakes and links of all hotkeys.
#[derive(Clone, Debug)]
struct Graph {
    stakes: Vec<(u16, bool, u64)>,
    links: Vec<(u16, Vec<(u64, u16)>)>,
    takes: Vec<(u16, u16)>,
    burn: u64,
}

/// Hotkeys 10 to 17; the last four have no uid.
fn any_graph() -> impl Strategy<Value = Graph> {
    let key = 10u16..18;
    let share = prop_oneof![Just(ALL), Just(HALF), 0..ALL / 4, 0u64..10];
    (
        prop::collection::vec((key.clone(), any::<bool>(), 3_000_000..400 * UNIT), 1..12),
        prop::collection::vec((key.clone(), prop::collection::vec((share, key.clone()), 0..5)), 0..14),
        prop::collection::vec((key, 0u16..11_797), 0..6),
        prop_oneof![Just(0u64), any::<u64>()],
    )
        .prop_map(|(stakes, links, takes, burn)| Graph { stakes, links, takes, burn })
}

impl Graph {
    /// Builds the graph by calls, refused ones included, on a subnet that starts afterwards.
    fn build(&self) -> NetUid {
        let netuid = subnet().without_commit_reveal().with_neurons(4).with_permits().create();
        for i in 14..18 {
            ok(&owner_of(i), Network::try_associate_hotkey { hotkey: hotkey(i) });
        }
        for (i, list) in &self.links {
            later();
            let outcome =
                RuntimeCall::from(name(netuid, *i, list)).dispatch(RuntimeOrigin::signed(owner_of(*i)));
            check_invariants();
            assert!(outcome.is_ok() || !list.is_empty(), "an empty list is always legal");
        }
        for (i, take) in &self.takes {
            System::set_block_number(System::block_number() + 216_000);
            ok(&owner_of(*i), Network::set_childkey_take { hotkey: hotkey(*i), netuid, take: *take });
        }
        ok(&coldkey(0), Network::start_call { netuid });
        for (i, on_root, rao) in &self.stakes {
            let netuid = if *on_root { ROOT } else { netuid };
            let call = Network::add_stake { hotkey: hotkey(*i), netuid, amount_staked: (*rao).into() };
            ok(&owner_of(*i), call);
        }
        CKBurn::<Test>::put(self.burn);
        netuid
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn inheritance_and_dividends_of_any_family_are_what_the_core_computes(graph in any_graph()) {
        on_chain(|| {
            let netuid = graph.build();
            for i in (10..18).chain([0]) {
                let (own, mine) = (Delegation::<Test>::holding(&hotkey(i), netuid), children(netuid, i));
                let lent: Vec<u64> = mine.iter().map(|(share, _)| *share).collect();
                let loans = |of: fn(&AccountId, NetUid) -> u64| -> Vec<Loan> {
                    let loan = |(proportion, parent): &(u64, AccountId)| {
                        Loan { value: of(parent, netuid), proportion: *proportion }
                    };
                    parents(netuid, i).iter().map(loan).collect()
                };
                let alpha = |key: &AccountId, netuid| TotalHotkeyAlpha::<Test>::get(key, netuid).to_rao();
                let root = |key: &AccountId, _| TotalHotkeyAlpha::<Test>::get(key, ROOT).to_rao();
                let counted = Delegation::<Test>::stake_weight(&hotkey(i), netuid);
                assert_eq!(counted.alpha.to_rao(), inherited(own.alpha.to_rao(), &lent, &loans(alpha)));
                assert_eq!(counted.root.to_rao(), inherited(own.root.to_rao(), &lent, &loans(root)));
            }
            // Two epochs beside a model that knows only the pure crates.
            Hyperparameters::<Test>::set_emission(netuid, true);
            Tempo::<Test>::insert(netuid, 3);
            WeightsSetRateLimit::<Test>::insert(netuid, 0);
            // Weights count if they are newer than the neurons.
            System::set_block_number(System::block_number() + 1);
            for i in 10..14 {
                let dests = vec![0, 1, 2, 3, 4];
                let weights = vec![1, 2, 3, 4, 5];
                ok(&hotkey(i), Network::set_weights { netuid, dests, weights, version_key: 0 });
            }
            let mut model = Model::of_chain();
            for _ in 0..7 {
                run_blocks(1);
                model.step(System::block_number().into());
                model.assert_is_chain();
            }
        });
    }
}
