//! A made chain of one subnet: two validators, two miners.

use codec::{Decode, Encode};
use myelin_abi::{Account, DeclaredModel, Timeline};
use myelin_provenance::inheritance::parents_hotkey;
use myelin_units::{AlphaBalance, TaoBalance};
use myelin_wire::trie::{storage_key, Hasher, Hasher::*, StateProof};

use super::*;
use crate::gather::Seat;
use crate::testkit::State;
use crate::view::NETWORK;

const NETUID: NetUid = 1;
const OCCASION: Occasion = Occasion { netuid: NETUID, epoch: 5, block: 1_000 };

fn hotkey(uid: u16) -> Account {
    Account([uid as u8 + 1; 32])
}

fn coldkey(uid: u16) -> Account {
    Account([uid as u8 + 101; 32])
}

/// The state before the block.
fn before() -> State {
    let mut state = State::new(NETUID);
    state.put("TotalNetworks", &[], 2u16);
    state.put("TotalIssuance", &[], TaoBalance::from_rao(1_000_000));
    state.put("NetworksAdded", &[(Identity, &0u16.to_le_bytes())], true);
    state.of_subnet("NetworksAdded", true);
    state.of_subnet("FirstEmissionBlockNumber", 1u64);
    state.of_subnet("SubtokenEnabled", true);
    state.of_subnet("NetworkRegistrationAllowed", true);
    state.put("StakeThreshold", &[], 0u64);
    state.of_subnet("CommitRevealWeightsEnabled", false);
    state.of_subnet("SubnetEpochIndex", 5u64);
    state.of_subnet("LastMechansimStepBlock", 640u64);
    state.of_subnet("PendingServerEmission", AlphaBalance::from_rao(500_000));
    state.of_subnet("PendingValidatorEmission", AlphaBalance::from_rao(400_000));
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
    state.of_subnet("SubnetRoster", seats);
    state.of_subnet("ValidatorPermit", vec![true, true, false, false]);
    state.of_subnet("LastUpdate", vec![900u64; 4]);
    for (uid, stake) in [(0u16, 3_000_000u64), (1, 2_000_000)] {
        state.of_account_on("TotalHotkeyAlpha", &hotkey(uid), AlphaBalance::from_rao(stake));
        let shares = myelin_economy::shares::ShareFloat::from_int(stake);
        state.of_account_on("TotalHotkeySharesV2", &hotkey(uid), shares);
        let weights: Vec<(u16, u16)> = vec![(2, 65_535), (3, 30_000 + uid * 1_000)];
        state.of_uid("Weights", uid, weights);
    }
    state
}

/// The state after the block.
fn after(before: &State) -> State {
    before.after(OCCASION).unwrap()
}

fn audited(before: &State, after: &State) -> Result<Findings, AuditError> {
    let ((old_root, old), (new_root, new)) = (before.proved(), after.proved());
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
    old.of_subnet("ParentShares", timeline);
    let declared = DeclaredModel { model: [7; 32], has_parents: true };
    old.of_subnet_for("DeclaredModels", &hotkey(2), declared);
    let shared = after(&old);
    assert_eq!(audited(&old, &shared).unwrap().differences, []);
    let stake = |state: &State, hotkey: &Account| {
        let parts: [(Hasher, &[u8]); 2] = [(Blake2_128Concat, &hotkey.0), (Identity, &NETUID.to_le_bytes())];
        let bytes = state.entries.get(&storage_key(NETWORK, "TotalHotkeyAlpha", &parts));
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
    forged.of_subnet("Incentive", &raised);
    let found = audited(&old, &forged).unwrap();
    let named = Difference {
        field: "Incentive",
        subject: "uid 3".into(),
        expected: incentive[3].to_string(),
        found: raised[3].to_string(),
    };
    assert_eq!((found.different, &found.differences[..]), (1, &[named][..]));

    let mut richer = honest.clone();
    richer.of_account_on("TotalHotkeyAlpha", &hotkey(2), AlphaBalance::from_rao(99_000_000));
    let found = audited(&old, &richer).unwrap();
    assert_eq!((found.different, found.differences[0].field), (1, "TotalHotkeyAlpha"));
    // The same stake is left out where an event of the block names the hotkey.
    richer.entries.insert(storage_key("System", "Events", &[]), hotkey(2).encode());
    let found = audited(&old, &richer).unwrap();
    assert_eq!((found.different, found.moved), (0, 1));
}

#[test]
fn a_weight_of_another_validator_changes_what_follows() {
    let mut old = before();
    let honest = after(&old);
    let row: Vec<(u16, u16)> = vec![(3, 65_535)];
    old.of_uid("Weights", 1, row);
    let found = audited(&old, &honest).unwrap();
    assert!(found.different > 4, "{:?}", found.differences);
}

#[test]
fn a_view_says_what_it_wants_until_it_has_all() {
    let old = before();
    let new = after(&old);
    let ((old_root, all_old), (new_root, all_new)) = (old.proved(), new.proved());
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
    skipped.of_subnet("BlocksSinceLastStep", 3u64);
    assert_eq!(audited(&old, &skipped), Err(AuditError::Skipped { netuid: NETUID, epoch: 5, block: 1_000 }));
    let mut upgraded = new;
    let version = (codec::Compact(2u32), "node-subtensor".to_owned());
    upgraded.entries.insert(storage_key("System", "LastRuntimeUpgrade", &[]), version.encode());
    assert_eq!(audited(&old, &upgraded), Err(AuditError::Upgraded { block: 1_000 }));
}
