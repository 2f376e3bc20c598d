//! A made chain of one subnet: two validators, two miners.

use std::collections::BTreeMap;

use codec::{Decode, Encode};
use myelin_abi::{Account, DeclaredModel, Timeline};
use myelin_provenance::inheritance::parents_hotkey;
use myelin_units::{AlphaBalance, TaoBalance};
use myelin_wire::trie::{build, storage_key, Hasher, Hasher::*, StateProof};

use super::*;
use crate::gather::{Computed, Roll, Seat};
use crate::payout::Paid;
use crate::view::NETWORK;

const NETUID: NetUid = 1;
const OCCASION: Occasion = Occasion { netuid: NETUID, epoch: 5, block: 1_000 };

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

fn put(entries: &mut Entries, item: &str, parts: &[(Hasher, &[u8])], value: impl Encode) {
    entries.insert(storage_key(NETWORK, item, parts), value.encode());
}

fn of_subnet(entries: &mut Entries, item: &str, value: impl Encode) {
    put(entries, item, &[(Identity, &NETUID.to_le_bytes())], value);
}

fn of_account_on(entries: &mut Entries, item: &str, account: &Account, value: impl Encode) {
    put(entries, item, &[(Blake2_128Concat, &account.0), (Identity, &NETUID.to_le_bytes())], value);
}

fn hotkey(uid: u16) -> Account {
    Account([uid as u8 + 1; 32])
}

fn coldkey(uid: u16) -> Account {
    Account([uid as u8 + 101; 32])
}

/// The state before the block.
fn before() -> Entries {
    let mut state = Entries::new();
    put(&mut state, "TotalNetworks", &[], 2u16);
    put(&mut state, "TotalIssuance", &[], TaoBalance::from_rao(1_000_000));
    put(&mut state, "NetworksAdded", &[(Identity, &0u16.to_le_bytes())], true);
    of_subnet(&mut state, "NetworksAdded", true);
    of_subnet(&mut state, "FirstEmissionBlockNumber", 1u64);
    of_subnet(&mut state, "SubtokenEnabled", true);
    of_subnet(&mut state, "NetworkRegistrationAllowed", true);
    put(&mut state, "StakeThreshold", &[], 0u64);
    of_subnet(&mut state, "CommitRevealWeightsEnabled", false);
    of_subnet(&mut state, "SubnetEpochIndex", 5u64);
    of_subnet(&mut state, "LastMechansimStepBlock", 640u64);
    of_subnet(&mut state, "PendingServerEmission", AlphaBalance::from_rao(500_000));
    of_subnet(&mut state, "PendingValidatorEmission", AlphaBalance::from_rao(400_000));
    let seats: Vec<Seat> = (0..4)
        .map(|uid| Seat {
            hotkey: hotkey(uid),
            owner: coldkey(uid),
            registered: 10,
            lends: false,
            borrows: false,
            bonded: false,
        })
        .collect();
    of_subnet(&mut state, "SubnetRoster", seats);
    of_subnet(&mut state, "ValidatorPermit", vec![true, true, false, false]);
    of_subnet(&mut state, "LastUpdate", vec![900u64; 4]);
    for (uid, stake) in [(0u16, 3_000_000u64), (1, 2_000_000)] {
        of_account_on(&mut state, "TotalHotkeyAlpha", &hotkey(uid), AlphaBalance::from_rao(stake));
        let shares = myelin_economy::shares::ShareFloat::from_int(stake);
        of_account_on(&mut state, "TotalHotkeySharesV2", &hotkey(uid), shares);
        let weights: Vec<(u16, u16)> = vec![(2, 65_535), (3, 30_000 + uid * 1_000)];
        put(
            &mut state,
            "Weights",
            &[(Identity, &NETUID.to_le_bytes()), (Identity, &uid.to_le_bytes())],
            weights,
        );
    }
    state
}

/// The state after the block, as a chain that follows the rules leaves it.
fn after(before: &Entries) -> Entries {
    let (root, proof) = build(before);
    let empty = build(&Entries::new());
    let (old, new) = (View::new(root, &proof), View::new(empty.0, &empty.1));
    let roll = Roll::read(&old, &new, NETUID);
    let pots = emission::pots(&old, NETUID).unwrap();
    let computed = gather::run(&old, &roll, OCCASION, pots.epoch_emission().to_rao());
    let paid = payout::pay(&old, &roll, pots, &computed, OCCASION.block);
    stored(before.clone(), &computed, &paid)
}

fn stored(mut state: Entries, computed: &Computed, paid: &Paid) -> Entries {
    let total = &computed.total;
    of_subnet(&mut state, "SubnetEpochIndex", 6u64);
    of_subnet(&mut state, "BlocksSinceLastStep", 0u64);
    for (item, values) in [
        ("Incentive", &computed.mechanisms[0].1.incentive),
        ("Consensus", &total.consensus),
        ("ValidatorTrust", &total.validator_trust),
        ("Dividends", &total.dividends),
        ("StakeWeight", &total.stake_weight),
    ] {
        of_subnet(&mut state, item, values);
    }
    of_subnet(&mut state, "ValidatorPermit", &total.permits);
    of_subnet(&mut state, "Active", &total.active);
    of_subnet(&mut state, "Emission", &total.emission);
    of_subnet(&mut state, "MinerBurned", paid.miner_burned);
    for (uid, row) in (0u16..).zip(&computed.mechanisms[0].1.bonds).filter(|(_, row)| !row.is_empty()) {
        put(&mut state, "Bonds", &[(Identity, &NETUID.to_le_bytes()), (Identity, &uid.to_le_bytes())], row);
    }
    for (hotkey, amount) in &paid.alpha_dividends {
        let parts: [(Hasher, &[u8]); 2] = [(Identity, &NETUID.to_le_bytes()), (Blake2_128Concat, &hotkey.0)];
        put(&mut state, "AlphaDividendsPerSubnet", &parts, amount);
    }
    for (hotkey, pool) in &paid.pools {
        of_account_on(&mut state, "TotalHotkeyAlpha", hotkey, pool.value);
        of_account_on(&mut state, "TotalHotkeySharesV2", hotkey, pool.shares);
    }
    for ((hotkey, coldkey), shares) in &paid.holdings {
        let netuid = NETUID.to_le_bytes();
        let parts: [(Hasher, &[u8]); 3] =
            [(Blake2_128Concat, &hotkey.0), (Blake2_128Concat, &coldkey.0), (Identity, &netuid)];
        put(&mut state, "AlphaV2", &parts, shares);
    }
    state
}

fn audited(before: &Entries, after: &Entries) -> Result<Findings, AuditError> {
    let ((old_root, old), (new_root, new)) = (build(before), build(after));
    audit(&View::new(old_root, &old), &View::new(new_root, &new), OCCASION)
}

#[test]
fn an_epoch_that_follows_the_rules_has_no_difference() {
    let old = before();
    let found = audited(&old, &after(&old)).unwrap();
    assert_eq!(found.differences, []);
    let compared = |field| found.compared.iter().find(|(known, _)| *known == field).map(|(_, count)| *count);
    assert_eq!((compared("Incentive"), compared("Bonds"), compared("AlphaV2")), (Some(4), Some(2), Some(4)));
    assert_eq!(compared("TotalHotkeyAlpha"), Some(4));
    assert!(found.paid > 900_000, "the pots that waited and the emission of the block: {}", found.paid);
    assert!(found.incentives[0][2] > found.incentives[0][3] && found.incentives[0][3] > 0);
}

#[test]
fn parents_of_a_declared_model_are_paid_beside_its_miner() {
    let mut old = before();
    let alone = after(&old);
    let timeline = Timeline { first: 0u32, next: Some((250_000, OCCASION.block)) };
    of_subnet(&mut old, "ParentShares", timeline);
    let declared = DeclaredModel { model: [7; 32], has_parents: true };
    let parts: [(Hasher, &[u8]); 2] = [(Identity, &NETUID.to_le_bytes()), (Blake2_128Concat, &hotkey(2).0)];
    put(&mut old, "DeclaredModels", &parts, declared);
    let shared = after(&old);
    assert_eq!(audited(&old, &shared).unwrap().differences, []);
    let stake = |state: &Entries, hotkey: &Account| {
        let parts: [(Hasher, &[u8]); 2] = [(Blake2_128Concat, &hotkey.0), (Identity, &NETUID.to_le_bytes())];
        let bytes = state.get(&storage_key(NETWORK, "TotalHotkeyAlpha", &parts));
        bytes.map_or(0, |bytes| AlphaBalance::decode(&mut &bytes[..]).unwrap().to_rao())
    };
    let (whole, pot) = (stake(&alone, &hotkey(2)), stake(&shared, &Account(parents_hotkey())));
    assert_eq!((stake(&shared, &hotkey(2)), pot), (whole - whole / 4, whole / 4));
    assert!(audited(&old, &alone).unwrap().different > 0, "a chain that pays the miner alone is named");
}

#[test]
fn a_value_that_does_not_follow_is_named() {
    let old = before();
    let honest = after(&old);
    let mut forged = honest.clone();
    let incentive: Vec<u16> = audited(&old, &honest).unwrap().incentives[0].clone();
    let mut raised = incentive.clone();
    raised[3] += 1;
    of_subnet(&mut forged, "Incentive", &raised);
    let found = audited(&old, &forged).unwrap();
    let named = Difference {
        field: "Incentive",
        subject: "uid 3".into(),
        expected: incentive[3].to_string(),
        found: raised[3].to_string(),
    };
    assert_eq!((found.different, &found.differences[..]), (1, &[named][..]));

    let mut richer = honest.clone();
    of_account_on(&mut richer, "TotalHotkeyAlpha", &hotkey(2), AlphaBalance::from_rao(99_000_000));
    let found = audited(&old, &richer).unwrap();
    assert_eq!((found.different, found.differences[0].field), (1, "TotalHotkeyAlpha"));
    // The same stake is left out where an event of the block names the hotkey.
    richer.insert(storage_key("System", "Events", &[]), hotkey(2).encode());
    let found = audited(&old, &richer).unwrap();
    assert_eq!((found.different, found.moved), (0, 1));
}

#[test]
fn a_weight_of_another_validator_changes_what_follows() {
    let mut old = before();
    let honest = after(&old);
    let row: Vec<(u16, u16)> = vec![(3, 65_535)];
    put(&mut old, "Weights", &[(Identity, &NETUID.to_le_bytes()), (Identity, &1u16.to_le_bytes())], row);
    let found = audited(&old, &honest).unwrap();
    assert!(found.different > 4, "{:?}", found.differences);
}

#[test]
fn a_view_says_what_it_wants_until_it_has_all() {
    let old = before();
    let new = after(&old);
    let ((old_root, all_old), (new_root, all_new)) = (build(&old), build(&new));
    let (mut some_old, mut some_new) = (StateProof::default(), StateProof::default());
    let mut passes = 0;
    let found = loop {
        passes += 1;
        assert!(passes < 10);
        let (before, after) = (View::new(old_root, &some_old), View::new(new_root, &some_new));
        let result = audit(&before, &after, OCCASION);
        let wanted = (before.wanted(), after.wanted());
        if wanted.0.is_empty() && wanted.1.is_empty() {
            break result.unwrap();
        }
        let nodes = |all: &StateProof, root, keys: &[Vec<u8>]| -> Vec<Vec<u8>> {
            let keys = keys.iter().map(Vec::as_slice);
            all.of_keys(root, keys).unwrap().nodes().cloned().collect()
        };
        let more = (nodes(&all_old, &old_root, &wanted.0), nodes(&all_new, &new_root, &wanted.1));
        some_old.extend(more.0);
        some_new.extend(more.1);
    };
    assert_eq!(Ok(found), audited(&old, &new));
}

#[test]
fn another_block_or_epoch_is_refused() {
    let old = before();
    let new = after(&old);
    let refused = AuditError::NotItsEnd { netuid: NETUID, epoch: 5, block: 1_000, before: 6, after: 6 };
    assert_eq!(audited(&new, &new), Err(refused));
    let mut skipped = new.clone();
    of_subnet(&mut skipped, "BlocksSinceLastStep", 3u64);
    assert_eq!(audited(&old, &skipped), Err(AuditError::Skipped { netuid: NETUID, epoch: 5, block: 1_000 }));
    let mut upgraded = new;
    let version = (codec::Compact(2u32), "node-subtensor".to_owned());
    upgraded.insert(storage_key("System", "LastRuntimeUpgrade", &[]), version.encode());
    assert_eq!(audited(&old, &upgraded), Err(AuditError::Upgraded { block: 1_000 }));
}
