//! Root dividends: accrual and claims.

use super::mock::*;
use crate::{ledger::TaoLedger, pallet::*, pools::PoolReserves, stake::RootClaims};
use alloc::collections::BTreeSet;
use myelin_abi::RootClaimTypeEnum;
use myelin_units::{NetUid, ROOT};

/// A started subnet, and root stake of coldkeys 2 (30 TAO) and 3 (10 TAO) on hotkey 0 for which 4 alpha accrued.
fn situation() -> NetUid {
    let netuid = subnet().started().create();
    for (staker, amount) in [(2, 30), (3, 10)] {
        ok(
            &coldkey(staker),
            Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(amount) },
        );
    }
    accrue(netuid, 4);
    netuid
}

fn accrue(netuid: NetUid, tokens: u64) {
    PoolReserves::<Test>::mint_out(netuid, alpha(tokens));
    RootClaims::<Test>::accrue(&hotkey(0), netuid, alpha(tokens));
}

fn owed(staker: u8, netuid: NetUid) -> u64 {
    RootClaims::<Test>::owed_to(&hotkey(0), &coldkey(staker), netuid).to_rao()
}

fn claim(netuid: NetUid) -> Network {
    Network::claim_root { subnets: BTreeSet::from([netuid]) }
}

/// Rates have 32 fractional bits, so a claim may be a few rao short.
fn about(found: u64, expected: u64) -> bool {
    found <= expected && expected - found <= 20
}

#[test]
fn dividends_are_owed_in_proportion_to_root_stake() {
    on_chain(|| {
        let netuid = situation();
        assert!(about(owed(2, netuid), 3 * UNIT), "{}", owed(2, netuid));
        assert!(about(owed(3, netuid), UNIT), "{}", owed(3, netuid));
    });
}

#[test]
fn new_root_stake_earns_from_now_on() {
    on_chain(|| {
        let netuid = situation();
        ok(&coldkey(4), Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(40) });
        assert_eq!(owed(4, netuid), 0);
        let before = owed(2, netuid);
        ok(&coldkey(2), Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(5) });
        assert!(owed(2, netuid).abs_diff(before) <= 1);
        accrue(netuid, 17);
        assert!(about(owed(4, netuid), 8 * UNIT), "{}", owed(4, netuid));
    });
}

#[test]
fn a_claim_sells_and_stakes_on_root_by_default() {
    on_chain(|| {
        let netuid = situation();
        let amount = owed(2, netuid);
        ok(&coldkey(2), claim(netuid));
        assert!(owed(2, netuid) <= 1, "rates are floored");
        let gained = stake_of(&hotkey(0), &coldkey(2), ROOT) - 30 * UNIT;
        assert!(gained > amount * 99 / 100 && gained < amount, "{amount} alpha brought {gained} TAO");
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), netuid), 0);
        assert_eq!(
            TaoLedger::<Test>::held_by_subnet(ROOT),
            SubnetTAO::<Test>::get(ROOT).saturating_add(EXISTENTIAL_DEPOSIT.into())
        );
        let again = stake_of(&hotkey(0), &coldkey(2), ROOT);
        ok(&coldkey(2), claim(netuid));
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), ROOT), again, "nothing is owed twice");
    });
}

#[test]
fn a_coldkey_may_keep_the_alpha() {
    on_chain(|| {
        let netuid = situation();
        let amount = owed(2, netuid);
        ok(&coldkey(2), Network::set_root_claim_type { new_root_claim_type: RootClaimTypeEnum::Keep });
        ok(&coldkey(2), claim(netuid));
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), netuid), amount);
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), ROOT), 30 * UNIT);
    });
}

#[test]
fn a_coldkey_may_keep_some_subnets() {
    on_chain(|| {
        let netuid = situation();
        let keep = |subnets: &[NetUid]| Network::set_root_claim_type {
            new_root_claim_type: RootClaimTypeEnum::KeepSubnets {
                subnets: subnets.iter().copied().collect(),
            },
        };
        refused(&coldkey(2), keep(&[]), Refusal::InvalidValue);
        refused(&coldkey(2), keep(&[99]), Refusal::InvalidValue);
        ok(&coldkey(2), keep(&[netuid]));
        ok(&coldkey(2), claim(netuid));
        assert!(stake_of(&hotkey(0), &coldkey(2), netuid) > 0);
    });
}

#[test]
fn a_claim_names_one_to_five_subnets() {
    on_chain(|| {
        refused(&coldkey(2), Network::claim_root { subnets: BTreeSet::new() }, Refusal::InvalidValue);
        refused(&coldkey(2), Network::claim_root { subnets: (0..6).collect() }, Refusal::InvalidValue);
    });
}

#[test]
fn small_claims_wait() {
    on_chain(|| {
        let netuid = situation();
        let set = |new_value| Network::sudo_set_root_claim_threshold { netuid, new_value };
        refused(&coldkey(0), set(10_000_001), Refusal::InvalidRootClaimThreshold);
        ok(&coldkey(0), set(10_000_000));
        ok(&coldkey(2), claim(netuid));
        PoolReserves::<Test>::mint_out(netuid, 9_000_000.into());
        RootClaims::<Test>::accrue(&hotkey(0), netuid, 9_000_000.into());
        let waiting = owed(2, netuid);
        assert!(waiting > 0 && waiting < 10_000_000);
        ok(&coldkey(2), claim(netuid));
        assert_eq!(owed(2, netuid), waiting);
    });
}

#[test]
fn root_stakers_are_claimed_for_in_turn() {
    on_chain(|| {
        let netuid = situation();
        assert_eq!(NumStakingColdkeys::<Test>::get(), 2);
        let before = owed(3, netuid);
        // A hash of zeros draws index 0 every time.
        RootClaims::<Test>::claim_for_some(&[0; 32]);
        assert!(owed(2, netuid) <= 1);
        assert_eq!(owed(3, netuid), before);
        NumRootClaim::<Test>::put(0);
        RootClaims::<Test>::claim_for_some(&[1; 32]);
        assert_eq!(owed(3, netuid), before, "0 switches automatic claims off");
    });
}

#[test]
fn dividends_without_root_stake_go_to_the_owner() {
    on_chain(|| {
        let netuid = subnet().started().create();
        accrue(netuid, 4);
        assert_eq!(stake_of(&hotkey(0), &coldkey(0), netuid), 4 * UNIT);
    });
}
