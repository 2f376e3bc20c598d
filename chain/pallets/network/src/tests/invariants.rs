//! Each rule notices the state that breaks it, by itself and among all rules.

use super::mock::*;
use crate::{
    invariants::{alpha, check_all, check_epochs, claimable_alpha, keys, locks, neurons, shares, tao, Check},
    neurons::Seat,
    pallet::*,
    removal::DissolveCleanupStatus,
};
use frame_support::traits::fungible::Mutate;
use myelin_abi::{DeclaredRubric, LockState, NetworkRegistrationInfo, RubricSource, RubricTimeline};
use myelin_units::{storage_index, AlphaBalance, NetUid, TaoBalance, I96F32, ROOT, U64F64};

/// A rule for one subnet, and a change that breaks it there.
struct Broken {
    rule: &'static str,
    check: fn(NetUid) -> Check,
    breaking: fn(NetUid),
}

/// A subnet that does not exist.
const NOWHERE: NetUid = 99;

/// A started subnet with three neurons, children, a lock, root stake and its claims.
fn lived_in() -> NetUid {
    let netuid = subnet().with_neurons(2).create();
    // Before the start children are linked at once.
    let children = vec![(u64::MAX / 2, hotkey(11))];
    ok(&owner_of(10), Network::set_children { hotkey: hotkey(10), netuid, children });
    ok(&coldkey(0), Network::start_call { netuid });
    for of in [netuid, ROOT] {
        ok(&coldkey(2), Network::add_stake { hotkey: hotkey(10), netuid: of, amount_staked: tao(30) });
    }
    accrue(netuid);
    ok(&coldkey(2), Network::lock_stake { hotkey: hotkey(10), netuid, amount: alpha(1) });
    check_invariants();
    netuid
}

fn accrue(netuid: NetUid) {
    crate::pools::PoolReserves::<Test>::mint_out(netuid, alpha(4));
    accrue_root(&hotkey(10), netuid, alpha(4));
}

fn lock(mass: u64) -> LockState {
    LockState { locked_mass: AlphaBalance::from_rao(mass), ..Default::default() }
}

const BROKEN: &[Broken] = &[
    Broken {
        rule: "seats have owners",
        check: neurons::seats_have_owners::<Test>,
        breaking: |_| Owner::<Test>::remove(hotkey(11)),
    },
    Broken {
        rule: "uids are dense",
        check: neurons::uids_are_dense::<Test>,
        breaking: |netuid| Keys::<Test>::remove(netuid, 1),
    },
    Broken {
        rule: "rosters repeat what is so",
        check: neurons::rosters_repeat_what_is_so::<Test>,
        breaking: |netuid| SubnetRoster::<Test>::mutate(netuid, |seats| seats[1].lends = false),
    },
    Broken {
        rule: "keys belong to subnets",
        check: |_| keys::keys_belong_to_subnets::<Test>(),
        breaking: |_| SubnetRoster::<Test>::insert(NOWHERE, Vec::<Seat<AccountId>>::new()),
    },
    Broken {
        rule: "keys belong to subnets",
        check: |_| keys::keys_belong_to_subnets::<Test>(),
        breaking: |_| {
            let rubric = DeclaredRubric::from(RubricSource::Hash([1; 32]));
            SubnetRubrics::<Test>::insert(NOWHERE, 0, RubricTimeline::beginning(rubric, 1));
        },
    },
    Broken {
        rule: "keys belong to subnets",
        check: |_| keys::keys_belong_to_subnets::<Test>(),
        breaking: |_| RubricBond::<Test>::insert(NOWHERE, 0, 1),
    },
    Broken {
        rule: "keys belong to subnets",
        check: |_| keys::keys_belong_to_subnets::<Test>(),
        breaking: |_| ParentKeys::<Test>::insert(hotkey(10), NOWHERE, vec![(1, hotkey(11))]),
    },
    Broken {
        rule: "keys belong to subnets",
        check: |_| keys::keys_belong_to_subnets::<Test>(),
        breaking: |_| Lock::<Test>::insert((coldkey(2), NOWHERE, hotkey(10)), lock(UNIT)),
    },
    Broken {
        rule: "rows belong to neurons",
        check: |_| neurons::rows_belong_to_neurons::<Test>(),
        breaking: |netuid| Weights::<Test>::insert(storage_index(netuid, 0), 3, vec![(0, 1)]),
    },
    Broken {
        rule: "rows belong to neurons",
        check: |_| neurons::rows_belong_to_neurons::<Test>(),
        breaking: |netuid| Bonds::<Test>::insert(storage_index(netuid, 1), 0, vec![(1, 1)]),
    },
    Broken {
        rule: "rows point at neurons",
        check: neurons::rows_point_at_neurons::<Test>,
        breaking: |netuid| Weights::<Test>::insert(storage_index(netuid, 0), 0, vec![(3, 1)]),
    },
    Broken {
        rule: "commits belong to neurons",
        check: |_| neurons::commits_belong_to_neurons::<Test>(),
        breaking: |netuid| {
            let none = alloc::collections::VecDeque::new();
            WeightCommits::<Test>::insert(storage_index(netuid, 0), hotkey(77), none);
        },
    },
    Broken {
        rule: "permits are limited",
        check: neurons::permits_are_limited::<Test>,
        breaking: |netuid| {
            LastMechansimStepBlock::<Test>::insert(netuid, u64::from(System::block_number()));
            MaxAllowedValidators::<Test>::insert(netuid, 1);
            ValidatorPermit::<Test>::insert(netuid, vec![true; 3]);
        },
    },
    Broken {
        rule: "results have one entry per uid",
        check: neurons::results_have_one_entry_per_uid::<Test>,
        breaking: |netuid| ValidatorPermit::<Test>::insert(netuid, vec![false; 4]),
    },
    Broken {
        rule: "children mirror parents",
        check: |_| keys::children_mirror_parents::<Test>(),
        breaking: |netuid| ParentKeys::<Test>::remove(hotkey(11), netuid),
    },
    Broken {
        rule: "nobody lends more than all",
        check: |_| keys::nobody_lends_more_than_all::<Test>(),
        breaking: |netuid| {
            let children = vec![(u64::MAX, hotkey(11)), (1, hotkey(0))];
            ChildKeys::<Test>::insert(hotkey(10), netuid, children);
        },
    },
    Broken {
        rule: "locks are listed",
        check: |_| locks::locks_are_listed::<Test>(),
        breaking: |netuid| Lock::<Test>::insert((coldkey(3), netuid, hotkey(10)), lock(UNIT)),
    },
    Broken {
        rule: "locked never exceeds holdings",
        check: |_| locks::locked_never_exceeds_holdings::<Test>(),
        breaking: |netuid| Lock::<Test>::insert((coldkey(2), netuid, hotkey(10)), lock(1_000 * UNIT)),
    },
    Broken {
        rule: "sums follow their locks",
        check: locks::sums_follow_their_locks::<Test>,
        breaking: |netuid| HotkeyLock::<Test>::insert(netuid, hotkey(11), lock(UNIT)),
    },
    Broken {
        rule: "sums follow their locks",
        check: locks::sums_follow_their_locks::<Test>,
        breaking: |netuid| OwnershipEnded::<Test>::insert(netuid, hotkey(11), 1),
    },
    Broken {
        rule: "claims are covered",
        check: |_| alpha::claims_are_covered::<Test>(),
        breaking: |netuid| {
            let claims = claimable_alpha::<Test>()[&netuid] as u64;
            RootClaimPot::<Test>::insert(netuid, AlphaBalance::from_rao(claims - 1));
        },
    },
    Broken {
        rule: "holders own what their hotkey has",
        check: |_| shares::holders_own_what_their_hotkey_has::<Test>(),
        breaking: |netuid| AlphaV2::<Test>::remove((hotkey(10), coldkey(2), netuid)),
    },
    Broken {
        rule: "root stake is marked",
        check: |_| shares::root_stake_is_marked::<Test>(),
        breaking: |_| RootStakeMarks::<Test>::kill(),
    },
    Broken {
        rule: "issuance is what was minted and not recycled",
        check: |_| tao::issuance_is_what_was_minted_and_not_recycled::<Test>(),
        breaking: |_| TaoSupply::<Test>::mutate(|supply| supply.minted = TaoBalance::from_rao(1)),
    },
    Broken {
        rule: "issuance is what was minted and not recycled",
        check: |_| tao::issuance_is_what_was_minted_and_not_recycled::<Test>(),
        breaking: |_| {
            let more = tao(21_000_000);
            Balances::mint_into(&coldkey(9), more.to_rao()).expect("the mock has no schedule");
            TotalIssuance::<Test>::mutate(|issuance| *issuance = issuance.saturating_add(more));
            TaoSupply::<Test>::mutate(|supply| supply.minted = supply.minted.saturating_add(more));
        },
    },
    Broken {
        rule: "issuance is what the ledger holds",
        check: |_| tao::issuance_is_what_the_ledger_holds::<Test>(),
        breaking: |_| TotalIssuance::<Test>::put(tao(1)),
    },
    Broken {
        rule: "accounts hold the issuance",
        check: |_| tao::accounts_hold_the_issuance::<Test>(),
        breaking: |_| {
            frame_system::Account::<Test>::mutate(coldkey(9), |account| account.data.free += 1);
        },
    },
    Broken {
        rule: "accounts cover reserves",
        check: |_| tao::accounts_cover_reserves::<Test>(),
        breaking: |netuid| SubnetTAO::<Test>::mutate(netuid, |reserve| *reserve = tao(1_000_000)),
    },
    Broken {
        rule: "what was paid waits",
        check: |_| tao::what_was_paid_waits::<Test>(),
        breaking: |_| {
            NetworkRegistrationQueue::<Test>::put(vec![NetworkRegistrationInfo {
                coldkey: coldkey(2),
                hotkey: hotkey(10),
                mechid: 1,
                identity: None,
                lock_amount: tao(1),
                median_subnet_alpha_price: U64F64::ONE,
                registration_block: 1,
                lock_id: 0,
            }])
        },
    },
    Broken {
        rule: "members are hotkeys with a uid",
        check: |_| neurons::members_are_hotkeys_with_a_uid::<Test>(),
        breaking: |netuid| IsNetworkMember::<Test>::insert(hotkey(77), netuid, true),
    },
    Broken {
        rule: "removed subnets do not exist",
        check: |_| keys::removed_subnets_do_not_exist::<Test>(),
        breaking: |netuid| DissolveCleanupQueue::<Test>::put(vec![netuid]),
    },
    Broken {
        rule: "removals share their pot",
        check: |_| keys::removals_share_their_pot::<Test>(),
        breaking: |_| RemovalParts::<Test>::insert([0; 24], (Some(coldkey(9)), tao(1_000))),
    },
    Broken {
        rule: "removals share their pot",
        check: |_| keys::removals_share_their_pot::<Test>(),
        breaking: |netuid| {
            NetworksAdded::<Test>::remove(netuid);
            DissolveCleanupQueue::<Test>::put(vec![netuid]);
            let status = DissolveCleanupStatus { netuid, step: 3, ..Default::default() };
            CurrentDissolveCleanupStatus::<Test>::put(status);
        },
    },
    Broken {
        rule: "holders own what their hotkey has",
        check: |_| shares::holders_own_what_their_hotkey_has::<Test>(),
        breaking: |netuid| {
            let shares = AlphaV2::<Test>::get((hotkey(10), coldkey(2), netuid));
            AlphaV2::<Test>::insert((hotkey(77), coldkey(2), netuid), shares);
        },
    },
    Broken {
        rule: "keys belong to subnets",
        check: |_| keys::keys_belong_to_subnets::<Test>(),
        breaking: |_| {
            RootClaimable::<Test>::mutate(hotkey(10), |rates| rates.insert(NOWHERE, I96F32::from_int(1u64)));
        },
    },
    Broken {
        rule: "the equation of all TAO holds",
        check: |_| tao::the_equation_of_all_tao_holds::<Test>(),
        breaking: |_| TotalIssuance::<Test>::mutate(|all| *all = all.saturating_add(TaoBalance::from_rao(1))),
    },
    Broken {
        rule: "the equation of all TAO holds",
        check: |_| tao::the_equation_of_all_tao_holds::<Test>(),
        breaking: |netuid| RootClaimPot::<Test>::mutate(netuid, |pot| *pot = pot.saturating_add(alpha(1))),
    },
    Broken {
        rule: "total stake is in reserves",
        check: |_| tao::total_stake_is_in_reserves::<Test>(),
        breaking: |_| TotalStake::<Test>::put(tao(1)),
    },
];

#[test]
fn every_broken_state_is_noticed_by_its_rule() {
    for Broken { rule, check, breaking } in BROKEN {
        situation().execute_with(|| {
            let netuid = lived_in();
            assert_eq!(check(netuid), Ok(()), "{rule}");
            breaking(netuid);
            assert_eq!(check(netuid).expect_err(rule).rule, *rule);
            let all = check_all::<Test>().and_then(|()| check_epochs::<Test>());
            assert!(all.is_err(), "nobody asks whether {rule}");
        });
    }
}
