use std::collections::BTreeMap;

use codec::Encode;
use myelin_abi::{DeclaredRubric, EvidenceDemand, Timeline};
use myelin_wire::trie::{build, storage_key, Hasher::Identity, Hasher::Twox64Concat};
use proptest::prelude::*;

use super::*;
use crate::view::NETWORK;

const EPOCH: u64 = 9;

fn seat(key: u8, registered: Block) -> Seat {
    Seat {
        hotkey: Account([key; 32]),
        owner: Account([key + 100; 32]),
        registered,
        lends: false,
        borrows: false,
        bonded: false,
    }
}

fn moment(seats: Vec<Seat>) -> Moment {
    Moment { seats, owner: Some(Account([1; 32])), answers: Some(3), period: Some(1) }
}

/// Four neurons.
fn calm() -> Moment {
    moment((1..=4).map(|key| seat(key, 10)).collect())
}

fn proven(epoch: u64) -> ProofHistory {
    ProofHistory { latest: epoch, proven: 1, failed: 0 }
}

fn revealed<'a>(
    earliest: &'a Moment,
    committed: &'a Moment,
    ended: &'a Moment,
    row: &'a [(Uid, u16)],
) -> Revealed<'a> {
    Revealed { epoch: EPOCH, proofs: proven(EPOCH), earliest, committed, ended, row }
}

#[test]
fn a_weight_that_does_not_follow_is_named_by_uid() {
    let calm = calm();
    let row = [(1, 65_535), (2, 30_000), (3, 0)];
    let of = |due: &[(Uid, u16)]| revealed(&calm, &calm, &calm, &row).unlike(due).unwrap();
    assert_eq!(of(&[(1, 65_535), (2, 30_000)]), [], "a weight of nothing is no weight");
    assert_eq!(of(&[(1, 65_535), (2, 29_999), (3, 0)]), [Unlike { uid: 2, due: 29_999, found: 30_000 }]);
    assert_eq!(of(&[(1, 65_535), (2, 30_000), (3, 7)]), [Unlike { uid: 3, due: 7, found: 0 }]);
    assert_eq!(of(&[]).len(), 2, "nobody was to be paid");
}

#[test]
fn nothing_is_said_where_the_row_may_be_another_one() {
    let calm = calm();
    let doubt = |revealed: Revealed| revealed.unlike(&[(1, 5)]).unwrap_err();
    let row = [(1, 65_535)];
    let whole = revealed(&calm, &calm, &calm, &row);
    for proofs in [proven(EPOCH - 1), proven(EPOCH + 1), ProofHistory { proven: 2, ..proven(EPOCH) }] {
        assert_eq!(doubt(Revealed { proofs, ..whole }), Doubt::NotProven(EPOCH));
    }
    let with = |change: &dyn Fn(&mut Moment)| {
        let mut other = calm.clone();
        change(&mut other);
        other
    };
    for period in [None, Some(2)] {
        let other = with(&|moment| moment.period = period);
        assert_eq!(doubt(Revealed { committed: &other, ..whole }), Doubt::Period);
        assert_eq!(doubt(Revealed { ended: &other, ..whole }), Doubt::Period);
    }
    let changes: [&dyn Fn(&mut Moment); 6] = [
        &|moment| moment.seats[2] = seat(9, 50),
        &|moment| moment.seats[2] = seat(3, 50),
        &|moment| moment.seats.push(seat(9, 50)),
        &|moment| {
            moment.seats.pop();
        },
        &|moment| moment.owner = None,
        &|moment| moment.answers = Some(4),
    ];
    for change in changes {
        let other = with(change);
        assert_eq!(doubt(Revealed { earliest: &other, ..whole }), Doubt::Changed);
    }
    let other = with(&|moment| moment.seats[0].bonded = true);
    assert!(revealed(&other, &calm, &calm, &row).certain().is_ok(), "weights do not follow from that");
}

#[test]
fn rules_bind_once_nobody_may_go_on_by_earlier_ones() {
    let rubric = DeclaredRubric { hash: [5; 32], text: Vec::new() };
    let rules = RubricChange { rubric, from: 100 };
    let root = EvidenceRoot {
        commit: [0; 32],
        root: [1; 32],
        signer: Account([1; 32]),
        epoch: 30,
        began: 900,
        block: 980,
    };
    assert_eq!(settled(Some(&rules), 9, &root, 20), Ok([5; 32]));
    assert_eq!(settled(Some(&rules), 10, &root, 20), Err(Doubt::NewRules { since: 10, grace: 20 }));
    assert_eq!(settled(None, 0, &root, 20), Err(Doubt::NoRules));
    let later = RubricChange { from: 981, ..rules };
    assert_eq!(settled(Some(&later), 0, &root, 20), Err(Doubt::NoRules));
}

#[test]
fn a_moment_is_read_from_a_proved_state() {
    let netuid = 2u16;
    let mut state = BTreeMap::new();
    let mut put = |item: &str, hasher, value: Vec<u8>| {
        state.insert(storage_key(NETWORK, item, &[(hasher, &netuid.to_le_bytes()[..])]), value);
    };
    let demand = EvidenceDemand { answers: 3, mechanisms: 1 };
    let timeline = Timeline { first: EvidenceDemand::default(), next: Some((demand, 500)) };
    put("SubnetRoster", Identity, calm().seats.encode());
    put("SubnetOwnerHotkey", Identity, Account([2; 32]).encode());
    put("EvidenceDemands", Identity, timeline.encode());
    put("CommitRevealWeightsEnabled", Identity, true.encode());
    put("RevealPeriodEpochs", Twox64Concat, 2u64.encode());
    let (root, proof) = build(&state);
    let read = |mechanism| Moment::read(&View::new(root, &proof), netuid, mechanism, 400);
    let found = read(0);
    let expected = Moment { owner: Some(Account([2; 32])), period: Some(2), ..calm() };
    assert_eq!(found, expected, "a demand that is announced makes validators ready");
    assert_eq!(read(1).answers, None);
    assert_eq!(found.exempt(&Account([3; 32])), [Some(2), Some(1)]);
    assert_eq!(found.exempt(&Account([77; 32])), [None, Some(1)]);
}

proptest! {
    /// The row of a validator that weighed by its standings is never named, whatever happens to the neurons after the
    /// commitment.
    #[test]
    fn an_honest_row_is_never_named(
        weights in prop::collection::vec(any::<u16>(), 1..12),
        gone in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        more in 0u8..3, flags in any::<bool>(),
    ) {
        let seats = |_| (0..weights.len() as u8).map(|key| seat(key, 10)).collect::<Vec<_>>();
        let due: Vec<(Uid, u16)> = (0..).zip(weights.iter().copied()).collect();
        let committed = moment(seats(0));
        let (mut ended, mut row) = (moment(seats(0)), due.clone());
        for uid in gone.iter().map(|index| index.index(weights.len())) {
            // A newcomer takes the uid, and the chain clears the weights toward it.
            ended.seats[uid] = seat(50 + uid as u8, 60);
            row[uid].1 = 0;
        }
        ended.seats.extend((0..more).map(|key| seat(90 + key, 61)));
        ended.seats.iter_mut().for_each(|seat| seat.bonded = flags);
        prop_assert_eq!(revealed(&committed, &committed, &ended, &row).unlike(&due), Ok(Vec::new()));
    }

    #[test]
    fn every_changed_weight_is_named(
        weights in prop::collection::vec(any::<u16>(), 1..12), at in any::<prop::sample::Index>(), flip in 1u16..,
    ) {
        let committed = moment((0..weights.len() as u8).map(|key| seat(key, 10)).collect());
        let due: Vec<(Uid, u16)> = (0..).zip(weights.iter().copied()).collect();
        let (uid, mut row) = (at.index(weights.len()), due.clone());
        row[uid].1 ^= flip;
        let named = Unlike { uid: uid as u16, due: due[uid].1, found: row[uid].1 };
        prop_assert_eq!(revealed(&committed, &committed, &committed, &row).unlike(&due), Ok(vec![named]));
    }
}
