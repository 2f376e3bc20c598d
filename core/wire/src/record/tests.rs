use alloc::vec;

use proptest::prelude::*;

use super::*;

fn rubric() -> Rubric {
    Rubric::new(
        "test",
        1,
        vec![
            PartRule::Share { name: "accuracy", weight: 3 },
            PartRule::Share { name: "likelihood", weight: 1 },
            PartRule::Factor { name: "speed", floor: Ppm::new(900_000) },
        ],
    )
    .unwrap()
}

fn record() -> Record {
    Record {
        netuid: 2,
        epoch: 3,
        round: 1,
        task: 5,
        audience: 0,
        seed: [0xa1; 32],
        signer: [0xb2; 32],
        miner_uid: 9,
        miner: miner_digest(&[0xc3; 32]),
        request: [0xd4; 32],
        answer: [0xe5; 32],
        rubric: rubric().tag(),
        signed: true,
        commit_order: 2,
        latency: LatencyBucket::of_ms(300),
        reason: Reason::Scored,
        score: Ppm::new(617_500),
        parts: vec![Ppm::new(600_000), Ppm::new(800_000), Ppm::new(500_000)],
        extension: NO_EXTENSION,
    }
}

/// The same with an extension.
fn extended() -> Record {
    Record { extension: [0xf6; 32], ..record() }
}

#[test]
fn a_record_has_golden_bytes() {
    let golden = [
        "01",                                    // layout
        "0200",                                  // netuid
        "0300000000000000",                      // epoch
        "0100",                                  // round
        "0500",                                  // task
        "00",                                    // audience
        &"a1".repeat(32),                        // seed reference
        &"b2".repeat(32),                        // signer
        "0900",                                  // uid
        &hex::encode(miner_digest(&[0xc3; 32])), // miner
        &"d4".repeat(32),                        // request
        &"e5".repeat(32),                        // answer
        &hex::encode(rubric().tag()),            // rubric
        "01",                                    // signed
        "02",                                    // commit order
        "1c",                                    // 256 ms and above
        "00",                                    // scored
        "1c6c0900",                              // score
        "03",                                    // parts
        "c0270900",
        "00350c00",
        "20a10700",
    ]
    .concat();
    assert_eq!(hex::encode(record().to_bytes().unwrap()), golden);
    assert_eq!(Record::from_bytes(&record().to_bytes().unwrap()).unwrap(), record());
}

#[test]
fn an_extension_is_a_second_layout_with_its_hash_at_the_end() {
    let (plain, extended_bytes) = (record().to_bytes().unwrap(), extended().to_bytes().unwrap());
    let expected = [&[2], &plain[1..], &[0xf6; 32]].concat();
    assert_eq!(extended_bytes, expected);
    assert_eq!(Record::from_bytes(&extended_bytes), Ok(extended()));
    assert_ne!(extended().hash(), record().hash());
}

#[test]
fn each_layout_is_refused_in_the_place_of_the_other() {
    let (plain, extended) = (record().to_bytes().unwrap(), extended().to_bytes().unwrap());
    let with_version = |version: u8, bytes: &[u8]| [&[version], &bytes[1..]].concat();
    let read = |bytes: &[u8]| Record::from_bytes(bytes).unwrap_err();
    let malformed = |what, at| RecordError::Malformed { what, at };
    assert_eq!(read(&with_version(2, &plain)), malformed("too short", plain.len()));
    assert_eq!(read(&with_version(1, &extended)), malformed("bytes after the end", plain.len()));
    assert_eq!(read(&with_version(3, &extended)), malformed("unknown layout version", 0));
    assert_eq!(read(&with_version(0, &plain)), malformed("unknown layout version", 0));
    let without_hash = [&with_version(2, &plain)[..], &NO_EXTENSION].concat();
    assert_eq!(read(&without_hash), malformed("an extension without a hash", plain.len()));
}

#[test]
fn the_largest_record_fits_the_limit() {
    let full = Record { parts: vec![Ppm::ONE; MAX_PARTS], ..record() };
    assert_eq!(full.to_bytes().unwrap().len(), FIXED_LEN + 4 * MAX_PARTS);
    assert!(full.to_bytes().unwrap().len() <= 200);
    let full = Record { parts: vec![Ppm::ONE; MAX_PARTS], ..extended() };
    assert_eq!(full.to_bytes().unwrap().len(), FIXED_LEN + 4 * MAX_PARTS + 32);
    assert!(full.to_bytes().unwrap().len() <= RECORD_LIMIT);
    assert!(RECORD_LIMIT <= usize::from(u8::MAX), "files of records hold the length in one byte");
    let overfull = Record { parts: vec![Ppm::ONE; MAX_PARTS + 1], ..record() };
    assert_eq!(overfull.to_bytes(), Err(RecordError::TooManyParts(MAX_PARTS + 1)));
}

#[test]
fn the_rubric_has_a_golden_text_and_score() {
    assert_eq!(
        rubric().text(),
        "myelin/rubric/1 test 1\nshare accuracy 3\nshare likelihood 1\nfactor speed 900000\n"
    );
    // (3·0.6 + 0.8) / 4 = 0.65, times 0.9 + 0.1·0.5 = 0.95.
    assert_eq!(record().recompute(&rubric()), Ok(Ppm::new(617_500)));
    assert_eq!(record().check(&rubric()), Ok(()));
}

#[test]
fn a_score_that_does_not_follow_from_its_parts_is_found() {
    let raised = Record { score: Ppm::new(617_501), ..record() };
    assert_eq!(
        raised.check(&rubric()),
        Err(RecordError::WrongScore { claimed: 617_501, recomputed: 617_500 })
    );
    let other = Rubric::new("test", 2, rubric().parts().to_vec()).unwrap();
    assert_eq!(record().check(&other), Err(RecordError::OtherRubric));
}

#[test]
fn a_reason_that_does_not_pay_gives_nothing_whatever_the_parts() {
    for reason in Reason::ALL.into_iter().filter(|reason| !reason.pays()) {
        assert_eq!(rubric().score(&record().parts, reason), Ok(Ppm::ZERO));
        assert_eq!(rubric().score(&[], reason), Ok(Ppm::ZERO));
    }
    assert!(rubric().score(&[], Reason::Scored).is_err());
}

#[test]
fn reason_codes_and_words_are_unique() {
    for reason in Reason::ALL {
        assert_eq!(Reason::from_code(reason.code()), Some(reason));
        assert_eq!(Reason::ALL.iter().filter(|other| other.word() == reason.word()).count(), 1);
    }
    assert_eq!(Reason::from_code(Reason::ALL.len() as u8), None);
}

#[test]
fn a_rubric_without_shares_or_with_too_many_parts_is_refused() {
    assert_eq!(Rubric::new("test", 1, vec![]), Err(RubricError::NoShare));
    let share = PartRule::Share { name: "part", weight: 1 };
    assert_eq!(Rubric::new("test", 1, vec![share; 7]), Err(RubricError::TooManyParts(7)));
}

#[test]
fn a_record_explains_itself_in_one_line() {
    assert_eq!(
        record().explain(&rubric()),
        "epoch 3 round 1 task 5 uid 9: scored after 256 ms, accuracy 600000, likelihood 800000, speed 500000 → 617500"
    );
}

/// The hash of an extension, or none.
fn any_extension() -> impl Strategy<Value = [u8; 32]> {
    prop_oneof![Just(NO_EXTENSION), any::<[u8; 32]>()]
}

proptest! {
    #[test]
    fn latency_buckets_are_ordered_and_within_a_quarter(ms: u64) {
        let bucket = LatencyBucket::of_ms(ms);
        prop_assert!(bucket.start_ms() <= ms);
        prop_assert!(ms - bucket.start_ms() <= ms / 4);
        prop_assert_eq!(LatencyBucket::of_ms(bucket.start_ms()), bucket);
        prop_assert_eq!(LatencyBucket::from_number(bucket.number()), Some(bucket));
        prop_assert!(LatencyBucket::of_ms(ms.saturating_add(1)) >= bucket);
    }

    #[test]
    fn reading_arbitrary_bytes_never_panics_and_has_one_spelling(bytes: Vec<u8>) {
        if let Ok(record) = Record::from_bytes(&bytes) {
            prop_assert_eq!(record.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn a_changed_byte_is_another_record_or_none(at in 0usize..187, bit in 0u8..8) {
        let mut bytes = record().to_bytes().unwrap();
        bytes[at] ^= 1 << bit;
        prop_assert!(Record::from_bytes(&bytes) != Ok(record()));
    }

    #[test]
    fn a_changed_byte_of_an_extended_record_is_another_in_its_one_spelling(at in 0usize..219, bit in 0u8..8) {
        let mut bytes = extended().to_bytes().unwrap();
        bytes[at] ^= 1 << bit;
        if let Ok(read) = Record::from_bytes(&bytes) {
            prop_assert_ne!(&read, &extended());
            prop_assert_eq!(read.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn every_record_is_read_back(
        numbers: (u16, u64, u16, u16, u16), hashes: [[u8; 32]; 4], extension in any_extension(),
        parts in prop::collection::vec(0u32..=1_000_000, 0..=MAX_PARTS),
        marks in (0u8..2, any::<bool>(), any::<u8>(), any::<u64>(), 0u8..16), score in 0u32..=1_000_000,
    ) {
        let (netuid, epoch, round, task, miner_uid) = numbers;
        let [seed, signer, request, answer] = hashes;
        let (audience, signed, commit_order, ms, reason) = marks;
        let record = Record {
            netuid, epoch, round, task, audience, seed, signer, miner_uid, request, answer, signed, commit_order,
            miner: miner_digest(&signer),
            rubric: [seed[0], seed[1], seed[2], seed[3]],
            latency: LatencyBucket::of_ms(ms),
            reason: Reason::from_code(reason).unwrap(),
            score: Ppm::new(score),
            parts: parts.into_iter().map(Ppm::new).collect(),
            extension,
        };
        let bytes = record.to_bytes().unwrap();
        prop_assert!(bytes.len() <= RECORD_LIMIT);
        prop_assert_eq!(bytes[0], if extension == NO_EXTENSION { 1 } else { 2 });
        prop_assert_eq!(Record::from_bytes(&bytes), Ok(record));
        for cut in 0..bytes.len() {
            prop_assert!(Record::from_bytes(&bytes[..cut]).is_err(), "{} of {} bytes", cut, bytes.len());
        }
    }

    #[test]
    fn no_part_can_lower_the_score_by_rising(
        parts in prop::collection::vec(0u32..=1_000_000, 3), which in 0usize..3, more in 0u32..1_000_000,
    ) {
        let low: Vec<_> = parts.iter().copied().map(Ppm::new).collect();
        let mut high = low.clone();
        high[which] = Ppm::new(parts[which].saturating_add(more));
        let score = |parts: &[Ppm]| rubric().score(parts, Reason::Scored).unwrap();
        prop_assert!(score(&high) >= score(&low));
        prop_assert!(score(&high) <= Ppm::ONE);
    }
}

#[test]
fn a_ratio_is_floored_and_capped() {
    let ratio = |part, whole| Ppm::ratio(part, whole).get();
    assert_eq!(
        [ratio(1, 3), ratio(2, 3), ratio(0, 3), ratio(3, 3), ratio(4, 3)],
        [333_333, 666_666, 0, 1_000_000, 1_000_000]
    );
    assert_eq!(
        [ratio(5, 0), ratio(0, 0), ratio(u64::MAX, u64::MAX), ratio(1, u64::MAX)],
        [0, 0, 1_000_000, 0]
    );
}

#[test]
fn one_reason_pays_and_two_do_not_enter_the_average() {
    for reason in Reason::ALL {
        assert_eq!(reason.pays(), reason.word() == "scored", "{reason:?}");
        assert_eq!(reason.counts(), !["excused", "counted"].contains(&reason.word()), "{reason:?}");
        assert_eq!(Reason::from_code(reason.code()), Some(reason));
    }
}

#[test]
fn buckets_start_where_they_say() {
    for ms in (0..5_000).chain([1 << 40, u64::MAX]) {
        let bucket = LatencyBucket::of_ms(ms);
        let start = bucket.start_ms();
        assert!(start <= ms && LatencyBucket::of_ms(start) == bucket, "{ms} ms: {start}");
        assert!(start == 0 || LatencyBucket::of_ms(start - 1) < bucket, "{ms} ms: {start}");
        assert!(ms - start <= start / 4, "{ms} ms: {start}");
    }
}

#[test]
fn a_miner_is_named_by_half_a_hash() {
    let whole = blake2_256_of(&[b"myelin/record-miner/1", &[0xc3; 32]]);
    assert_eq!(miner_digest(&[0xc3; 32]), whole[..16]);
}

#[test]
fn the_hash_of_a_record_is_that_of_its_bytes() {
    let bytes = record().to_bytes().unwrap();
    assert_eq!(record().hash().unwrap(), blake2_256(&bytes));
}

#[test]
fn a_record_is_about_one_miner_and_one_audience() {
    let (miner, other) = ([0xc3; 32], [0xc4; 32]);
    let public = record();
    assert!(public.is_about(&Audience::Round, &miner));
    assert!(!public.is_about(&Audience::Round, &other));
    assert!(!public.is_about(&Audience::Miner(miner), &miner));
    let private = Record { audience: 1, ..record() };
    assert!(private.is_about(&Audience::Miner(miner), &miner));
    assert!(!private.is_about(&Audience::Miner(other), &miner), "tasks of another miner");
    assert!(!private.is_about(&Audience::Miner(other), &other), "a record of another miner");
    assert!(!private.is_about(&Audience::Round, &miner));
}

#[test]
fn a_record_ends_with_its_last_part_and_holds_nothing_above_the_whole() {
    let bytes = record().to_bytes().unwrap();
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(Record::from_bytes(&longer), Err(RecordError::Malformed { .. })));
    let with_last_part = |value: u32| {
        let mut bytes = bytes.clone();
        let at = bytes.len() - 4;
        bytes[at..].copy_from_slice(&value.to_le_bytes());
        Record::from_bytes(&bytes).map(|record| record.parts[2].get())
    };
    assert_eq!(with_last_part(1_000_000), Ok(1_000_000));
    for value in [1_000_001, u32::MAX] {
        assert!(matches!(with_last_part(value), Err(RecordError::Malformed { .. })), "{value}");
    }
}
