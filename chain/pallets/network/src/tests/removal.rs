//! Removing a subnet: the division of its pool, and the deletion of all its entries.

use super::{items, mock::*};
use crate::{
    costs,
    keys::KeyOwnership,
    ledger::TaoLedger,
    pallet::*,
    pools::PoolReserves,
    removal::SubnetRemoval,
    stake::StakeLedger,
    subnets::{Hyperparameters, SubnetRegistry},
};
use alloc::collections::BTreeMap;
use frame_support::assert_noop;
use myelin_abi::RootClaimTypeEnum;
use myelin_economy::dissolve::{liquidate, part_of, rank};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};
use proptest::prelude::*;
use sp_runtime::{traits::Dispatchable, StateVersion};

/// Root removes the subnet.
#[track_caller]
fn dissolve(netuid: NetUid) {
    let call = RuntimeCall::from(Network::root_dissolve_network { netuid });
    call.dispatch(RuntimeOrigin::root()).expect("root may remove an existing subnet");
    check_invariants();
}

/// Does all the work of removals in pages of this many points and returns the number of pages.
fn finish(points: u32) -> u32 {
    let mut pages = 0;
    while SubnetRemoval::<Test>::count() > 0 {
        SubnetRemoval::<Test>::work(points);
        check_invariants();
        pages += 1;
    }
    pages
}

/// A holding as a test gives it: (number of the hotkey, number of the coldkey, rao of alpha).
type Holding = (u16, u8, u64);

/// Gives out unpaid alpha of a subnet.
fn give(netuid: NetUid, holdings: &[Holding]) {
    for &(hot, cold, rao) in holdings {
        KeyOwnership::<Test>::claim(&coldkey(0), &hotkey(hot));
        let amount = AlphaBalance::from_rao(rao);
        if StakeLedger::<Test>::increase(&hotkey(hot), &coldkey(cold), netuid, amount).is_ok() {
            PoolReserves::<Test>::mint_out(netuid, amount);
        }
    }
}

/// Sets the pool of a subnet; TAO beyond it stays on its account.
fn set_pool(netuid: NetUid, rao: u64) {
    let before = SubnetTAO::<Test>::get(netuid);
    SubnetTAO::<Test>::insert(netuid, TaoBalance::from_rao(rao));
    TotalStake::<Test>::mutate(|total| *total = total.saturating_sub(before).saturating_add(rao.into()));
}

/// Every claim in the order of storage, the chain's own last.
fn claims(netuid: NetUid) -> Vec<(Option<AccountId>, AlphaBalance)> {
    let mut claims: Vec<_> = AlphaV2::<Test>::iter_keys()
        .filter(|(_, _, subnet)| *subnet == netuid)
        .map(|(hot, cold, _)| (Some(cold.clone()), StakeLedger::<Test>::alpha_of(&hot, &cold, netuid)))
        .collect();
    claims.push((None, PoolReserves::<Test>::protocol_alpha(netuid)));
    claims.retain(|(_, alpha)| !alpha.is_zero());
    claims
}

/// Expected payment of each coldkey. An account is opened by at least the existential deposit; parts are paid in the
/// order of their ranks.
fn expected(netuid: NetUid) -> BTreeMap<AccountId, u64> {
    let claims = claims(netuid);
    let amounts: Vec<_> = claims.iter().map(|(_, alpha)| *alpha).collect();
    let total: u128 = amounts.iter().map(|alpha| u128::from(alpha.to_rao())).sum();
    let pot = SubnetTAO::<Test>::get(netuid);
    let mut paid: Vec<_> = claims
        .into_iter()
        .zip(liquidate(pot, &amounts))
        .enumerate()
        .map(|(i, ((who, alpha), part))| (rank(part_of(pot, alpha, total).remainder, i as u64), who, part))
        .collect();
    paid.sort();
    let mut parts: BTreeMap<AccountId, u64> = BTreeMap::new();
    for (_, who, part) in paid {
        let Some(who) = who else { continue };
        if balance(&who) + parts.get(&who).copied().unwrap_or(0) + part.to_rao() >= EXISTENTIAL_DEPOSIT {
            *parts.entry(who).or_default() += part.to_rao();
        }
    }
    parts
}

fn all_balances() -> BTreeMap<AccountId, u64> {
    frame_system::Account::<Test>::iter_keys().map(|who| (who.clone(), balance(&who))).collect()
}

#[test]
fn a_removed_subnet_is_gone_at_once() {
    on_chain(|| {
        let netuid = subnet().started().with_neurons(2).create();
        assert_noop!(
            SubtensorModule::root_dissolve_network(RuntimeOrigin::signed(coldkey(0)), netuid),
            sp_runtime::DispatchError::BadOrigin
        );
        dissolve(netuid);
        announced(Event::NetworkRemoved(netuid));
        assert!(!SubnetRegistry::<Test>::exists(netuid));
        assert_eq!(TotalNetworks::<Test>::get(), 2);
        let stake = Network::add_stake { hotkey: hotkey(10), netuid, amount_staked: tao(1) };
        refused(&coldkey(10), stake, Refusal::SubnetNotExists);
        refused(
            &coldkey(50),
            Network::burned_register { netuid, hotkey: hotkey(50) },
            Refusal::SubnetNotExists,
        );
        assert_noop!(
            SubtensorModule::root_dissolve_network(RuntimeOrigin::root(), netuid),
            Refusal::SubnetNotExists
        );
        assert_noop!(
            SubtensorModule::root_dissolve_network(RuntimeOrigin::root(), ROOT),
            Refusal::SubnetNotExists
        );
    });
}

#[test]
fn its_number_is_free_when_everything_is_forgotten() {
    on_chain(|| {
        let netuid = subnet().started().create();
        dissolve(netuid);
        assert_eq!(subnet().owned_by(1).create(), netuid + 1);
        finish(1);
        announced(Event::NetworkDissolveCleanupCompleted { netuid });
        assert_eq!(subnet().owned_by(3).create(), netuid);
        assert_eq!(RegisteredSubnetCounter::<Test>::get(netuid), 2);
    });
}

#[test]
fn blocks_do_the_work() {
    on_chain(|| {
        let netuid = subnet().started().with_neurons(2).create();
        ok(&coldkey(20), Network::add_stake { hotkey: hotkey(10), netuid, amount_staked: tao(100) });
        let before = balance(&coldkey(20));
        dissolve(netuid);
        run_blocks(1);
        assert_eq!(SubnetRemoval::<Test>::count(), 0);
        let back = balance(&coldkey(20)) - before;
        assert!(back > 90 * UNIT && back < 100 * UNIT, "{back} rao came back of 100 TAO");
    });
}

#[test]
fn what_nobody_can_hold_is_recycled() {
    on_chain(|| {
        let netuid = subnet().started().create();
        // 130 has no account, and its part is smaller than one needs.
        give(netuid, &[(0, 5, 1_000 * UNIT), (0, 130, 800)]);
        let issuance = TotalIssuance::<Test>::get();
        let (held, before) = (TaoLedger::<Test>::held_by_subnet(netuid), balance(&coldkey(5)));
        dissolve(netuid);
        finish(u32::MAX);
        assert_eq!(balance(&coldkey(130)), 0);
        let paid = balance(&coldkey(5)) - before;
        assert_eq!(paid, 499_999_999_800, "half of the pool, less what 130 claims");
        let recycled = issuance.saturating_sub(TotalIssuance::<Test>::get()).to_rao();
        assert_eq!(paid + recycled, held.to_rao());
        announced(Event::SubnetLiquidated { netuid, paid: paid.into(), refund: TaoBalance::ZERO });
    });
}

#[test]
fn nobody_loses_the_last_rao_to_a_closing_account() {
    on_chain(|| {
        let netuid = subnet().started().create();
        // All of a pool of 700 rao belongs to two holders, and the account has nothing else.
        give(netuid, &[(0, 5, 4 * UNIT), (0, 6, 3 * UNIT)]);
        SubnetAlphaIn::<Test>::remove(netuid);
        let rest = SubnetTAO::<Test>::get(netuid).saturating_sub(700.into());
        set_pool(netuid, 700);
        TaoLedger::<Test>::recycle_from_subnet(netuid, rest).expect("700 rao keep the account open");
        let before = (balance(&coldkey(5)), balance(&coldkey(6)));
        dissolve(netuid);
        finish(1);
        assert_eq!((balance(&coldkey(5)) - before.0, balance(&coldkey(6)) - before.1), (400, 300));
    });
}

#[test]
fn a_pool_that_nobody_claims_is_recycled() {
    on_chain(|| {
        let netuid = subnet().create();
        SubnetAlphaIn::<Test>::remove(netuid);
        let issuance = TotalIssuance::<Test>::get();
        dissolve(netuid);
        finish(1);
        assert_eq!(issuance.saturating_sub(TotalIssuance::<Test>::get()), tao(1000));
        assert_eq!(TaoLedger::<Test>::held_by_subnet(netuid), TaoBalance::ZERO);
    });
}

#[test]
fn the_owner_of_a_subnet_from_before_the_start_block_gets_back_what_it_did_not_earn() {
    on_chain(|| {
        let netuid = subnet().started().create();
        give(netuid, &[(0, 5, 1_000 * UNIT)]);
        // The account holds enough for the refund.
        TaoLedger::<Test>::deposit(netuid, TaoLedger::<Test>::issue(tao(500)));
        NetworkRegistrationStartBlock::<Test>::put(2);
        let before = balance(&coldkey(0));
        dissolve(netuid);
        finish(7);
        // 1000 TAO less ⌊2000 alpha · 11796/65535⌋ at a price of 1.
        assert_eq!(balance(&coldkey(0)) - before, 500 * UNIT, "as far as the account reaches");
    });
}

#[test]
fn unclaimed_root_dividends_and_pots_are_dropped() {
    on_chain(|| {
        let netuid = subnet().started().create();
        let kept = subnet().owned_by(4).started().create();
        ok(&coldkey(2), Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(30) });
        for netuid in [netuid, kept] {
            PoolReserves::<Test>::mint_out(netuid, alpha(4));
            accrue_root(&hotkey(0), netuid, alpha(4));
        }
        let subnets = [netuid].into();
        let choice = RootClaimTypeEnum::KeepSubnets { subnets };
        ok(&coldkey(2), Network::set_root_claim_type { new_root_claim_type: choice });
        PendingServerEmission::<Test>::insert(netuid, alpha(7));
        PoolReserves::<Test>::mint_out(netuid, alpha(7));
        dissolve(netuid);
        ok(&coldkey(2), Network::claim_root { subnets: [netuid, kept].into() });
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), netuid), 0);
        assert!(stake_of(&hotkey(0), &coldkey(2), ROOT) > 30 * UNIT, "other subnets pay");
        // Root stake changes while the subnet is being deleted.
        SubnetRemoval::<Test>::work(40);
        ok(&coldkey(2), Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(5) });
        finish(3);
        assert_eq!(RootClaimable::<Test>::get(hotkey(0)).keys().collect::<Vec<_>>(), [&kept]);
        assert_eq!(RootClaimed::<Test>::iter_key_prefix((netuid,)).count(), 0);
        assert_eq!(RootClaimType::<Test>::get(coldkey(2)), RootClaimTypeEnum::Swap);
    });
}

#[test]
fn the_rest_of_the_network_goes_on_while_a_subnet_is_removed() {
    on_fast_chain(|| {
        let other =
            subnet().owned_by(1).started().without_commit_reveal().with_neurons(3).with_permits().create();
        let netuid = subnet().started().without_commit_reveal().with_neurons(4).with_permits().create();
        for (staker, subnet) in [(20, netuid), (21, netuid), (20, other), (23, other), (22, ROOT)] {
            let call = Network::add_stake { hotkey: hotkey(10), netuid: subnet, amount_staked: tao(50) };
            ok(&coldkey(staker), call);
        }
        run_blocks(25);
        let epochs = SubnetEpochIndex::<Test>::get(other);
        dissolve(netuid);
        let mut block = 0;
        while SubnetRemoval::<Test>::count() > 0 {
            SubnetRemoval::<Test>::work(25);
            block += 1;
            System::set_block_number(System::block_number() + 1);
            crate::emission::run_coinbase::<Test>(System::block_number().into());
            check_invariants();
            match block % 4 {
                0 => ok(
                    &coldkey(23),
                    Network::add_stake { hotkey: hotkey(10), netuid: other, amount_staked: tao(1) },
                ),
                1 => ok(&coldkey(20), Network::unstake_all { hotkey: hotkey(10) }),
                2 => ok(
                    &coldkey(22),
                    Network::add_stake { hotkey: hotkey(11), netuid: ROOT, amount_staked: tao(1) },
                ),
                _ => ok(
                    &coldkey(23),
                    Network::move_stake {
                        origin_hotkey: hotkey(10),
                        destination_hotkey: hotkey(11),
                        origin_netuid: other,
                        destination_netuid: other,
                        alpha_amount: AlphaBalance::from_rao(5_000_000),
                    },
                ),
            }
        }
        assert!(block > 10, "{block} blocks are too few to come between");
        assert!(SubnetEpochIndex::<Test>::get(other) > epochs);
    });
}

#[test]
fn several_subnets_are_removed_one_after_another() {
    on_chain(|| {
        let netuids = [1, 2, 3].map(|owner| {
            let netuid = subnet().owned_by(owner).started().create();
            give(netuid, &[(owner.into(), 30 + owner, 77 * UNIT)]);
            netuid
        });
        let issuance = TotalIssuance::<Test>::get();
        let held: TaoBalance = netuids.iter().map(|netuid| TaoLedger::<Test>::held_by_subnet(*netuid)).sum();
        netuids.iter().for_each(|netuid| dissolve(*netuid));
        assert_eq!(DissolveCleanupQueue::<Test>::get(), netuids);
        finish(11);
        let paid: u64 = (31..34).map(|cold| balance(&coldkey(cold)) - FORTUNE * UNIT).sum();
        let recycled = issuance.saturating_sub(TotalIssuance::<Test>::get()).to_rao();
        assert_eq!(paid + recycled, held.to_rao());
    });
}

fn holdings() -> impl Strategy<Value = Vec<Holding>> {
    let amount = prop_oneof![1u64..5_000, 1u64..10 * UNIT, 1u64..1_000_000 * UNIT];
    prop::collection::vec((0u16..6, 20u8..140, amount), 0..30)
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn everybody_gets_exactly_what_the_rule_says_and_no_rao_is_lost(
        holdings in holdings(),
        pot in 1_000u64..1_000 * UNIT,
        points in prop_oneof![1u32..60, 60u32..5_000],
    ) {
        on_chain(|| {
            let netuid = subnet().started().create();
            give(netuid, &holdings);
            set_pool(netuid, pot);
            let issuance = TotalIssuance::<Test>::get();
            let held = TaoLedger::<Test>::held_by_subnet(netuid);
            let before = all_balances();
            let expected = expected(netuid);
            dissolve(netuid);
            finish(points);
            let paid: u64 = expected.values().sum();
            let recycled = issuance.saturating_sub(TotalIssuance::<Test>::get()).to_rao();
            assert_eq!(paid + recycled, held.to_rao());
            let nobody = TaoLedger::<Test>::subnet_account(netuid);
            for (who, after) in all_balances() {
                let had = before.get(&who).copied().unwrap_or(0);
                let gets = expected.get(&who).copied().unwrap_or(0);
                assert!(who == nobody || after == had + gets, "{who:?} had {had}, gets {gets}, has {after}");
            }
        });
    }

    #[test]
    fn pages_of_any_size_leave_the_same_state(holdings in holdings(), points in 1u32..400) {
        let outcome = |points| on_chain(|| {
            let netuid = subnet().started().with_neurons(3).create();
            give(netuid, &holdings);
            dissolve(netuid);
            finish(points);
            System::reset_events();
            sp_io::storage::root(StateVersion::V1)
        });
        assert_eq!(outcome(points), outcome(u32::MAX));
    }
}

#[test]
fn no_item_with_entries_per_subnet_is_forgotten_to_be_forgotten() {
    on_chain(|| {
        const GONE: NetUid = 7;
        let maps = items::per_subnet();
        assert!(maps.len() > 120, "{} items", maps.len());
        sp_io::storage::start_transaction();
        for map in &maps {
            sp_io::storage::set(&map.key(GONE), &map.value());
            sp_io::storage::set(&map.key(GONE + 1), &map.value());
        }
        DissolveCleanupQueue::<Test>::put([GONE].to_vec());
        while SubnetRemoval::<Test>::count() > 0 {
            SubnetRemoval::<Test>::work(50);
        }
        for map in &maps {
            let survives = map.name == "RegisteredSubnetCounter";
            assert_eq!(
                sp_io::storage::get(&map.key(GONE)).is_some(),
                survives,
                "{} of the removed subnet",
                map.name
            );
            assert!(sp_io::storage::get(&map.key(GONE + 1)).is_some(), "{} of another subnet", map.name);
        }
        sp_io::storage::rollback_transaction();
    });
}

#[test]
fn a_new_subnet_under_the_same_number_starts_clean() {
    /// The last block before the subnet is created whose storage is compared.
    const LATER: u32 = 200;
    let created = |before: fn() -> Option<NetUid>| {
        on_fast_chain(|| {
            let used = before();
            run_to(LATER);
            NetworkLastLockCost::<Test>::put(tao(1000));
            LastRateLimitedBlock::<Test>::remove(crate::types::RateLimitKey::NetworkLastRegistered);
            let netuid = subnet().owned_by(5).create();
            assert!(used.is_none_or(|used| used == netuid));
            let maps = items::per_subnet();
            let maps = maps.iter().filter(|map| map.name != "RegisteredSubnetCounter");
            maps.map(|map| (map.name.clone(), map.entries(netuid))).collect::<BTreeMap<_, _>>()
        })
    };
    let fresh = created(|| None);
    let again = created(|| {
        let netuid = subnet().started().without_commit_reveal().with_neurons(5).with_permits().create();
        ok(&coldkey(2), Network::root_register { hotkey: hotkey(2) });
        for (staker, subnet) in [(20, netuid), (21, netuid), (2, ROOT)] {
            let call = Network::add_stake { hotkey: hotkey(10), netuid: subnet, amount_staked: tao(50) };
            ok(&coldkey(staker), call);
        }
        Hyperparameters::<Test>::set_emission(netuid, true);
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        Hyperparameters::<Test>::set_kappa(netuid, 1);
        run_blocks(101);
        ValidatorPermit::<Test>::insert(netuid, vec![true; 6]);
        for validator in 10..13 {
            let set = |mecid| Network::set_mechanism_weights {
                netuid,
                mecid,
                dests: vec![2, 3],
                weights: vec![1, 2],
                version_key: 0,
            };
            ok(&hotkey(validator), set(0));
            ok(&hotkey(validator), set(1));
        }
        ok(&coldkey(10), Network::set_coldkey_auto_stake_hotkey { netuid, hotkey: hotkey(11) });
        run_blocks(30);
        dissolve(netuid);
        finish(13);
        // Leaving root, so that nobody lends stake to the next subnet.
        let uid = uid_of(ROOT, &hotkey(2)).expect("it was registered");
        ok(&coldkey(2), Network::set_auto_parent_delegation_enabled { hotkey: hotkey(2), enabled: false });
        assert_eq!(uid, 0);
        Some(netuid)
    });
    for (name, entries) in &fresh {
        assert_eq!(entries, &again[name], "{name}");
    }
}

/// Points of a removal whose only holder stakes on this many further hotkeys.
fn points_with_a_list_of(further: u16) -> u32 {
    on_chain(|| {
        let netuid = subnet().started().create();
        give(netuid, &[(1, 1, UNIT)]);
        let list = StakingHotkeys::<Test>::get(coldkey(1));
        let longer = list.iter().cloned().chain((1_000..1_000 + further).map(hotkey));
        StakingHotkeys::<Test>::insert(coldkey(1), longer.collect::<Vec<_>>());
        SubnetRemoval::<Test>::dissolve(netuid).expect("it exists");
        let mut points = 0;
        while SubnetRemoval::<Test>::count() > 0 {
            points += SubnetRemoval::<Test>::work(40);
        }
        StakingHotkeys::<Test>::remove(coldkey(1));
        points
    })
}

#[test]
fn taking_a_holding_counts_the_length_of_its_holders_list() {
    let (short, long) = (points_with_a_list_of(0), points_with_a_list_of(4_000));
    let more = on_chain(|| costs::points_of_length::<Test>(4_001) - costs::points_of_length::<Test>(1));
    assert!(more > 0);
    assert_eq!(long, short + more);
}
