use proptest::prelude::*;

use super::*;

fn context() -> SeedContext {
    SeedContext {
        genesis: [1; 32],
        netuid: 2,
        epoch: 7,
        round: 1,
        audience: Audience::Round,
        source_block: 815,
        source_hash: [9; 32],
    }
}

fn alice() -> Keypair {
    Keypair::from_seed(&[7; 32])
}

fn draw(context: SeedContext) -> SeedProof {
    SeedProof::draw(context, &alice(), [4; 32]).0
}

fn anyone(_: &[u8; 32]) -> bool {
    true
}

#[test]
fn a_seed_drawn_by_the_rule_verifies_and_is_the_same_for_everyone() {
    let (proof, seed) = SeedProof::draw(context(), &alice(), [4; 32]);
    let passed_on = SeedProof::from_bytes(&proof.to_bytes()).unwrap();
    assert_eq!(passed_on.verify(&context(), anyone), Ok(seed));
}

#[test]
fn drawing_again_gives_the_same_seed_and_reference() {
    let (first, seed) = SeedProof::draw(context(), &alice(), [4; 32]);
    let (second, again) = SeedProof::draw(context(), &alice(), [5; 32]);
    assert_eq!((seed, first.reference()), (again, second.reference()));
    assert_ne!(first, second, "only the proof is made anew");
}

#[test]
fn a_self_chosen_block_is_refused() {
    let chosen = SeedContext { source_block: 816, ..context() };
    let proof = draw(chosen);
    assert_eq!(proof.verify(&context(), anyone), Err(SeedError::WrongBlock { found: 816, expected: 815 }));
}

#[test]
fn a_hash_that_was_not_finalised_is_refused() {
    let proof = draw(SeedContext { source_hash: [8; 32], ..context() });
    assert_eq!(proof.verify(&context(), anyone), Err(SeedError::WrongHash { block: 815 }));
}

#[test]
fn a_signer_without_a_permit_is_refused() {
    let proof = draw(context());
    assert_eq!(proof.verify(&context(), |_| false), Err(SeedError::WrongSigner));
}

#[test]
fn a_self_chosen_output_or_signer_is_refused() {
    let mut proof = draw(context());
    let honest = proof.clone();
    proof.signer = Keypair::from_seed(&[8; 32]).public();
    assert_eq!(proof.verify(&context(), anyone), Err(SeedError::BadProof));
    for at in [0, 31] {
        let mut forged = honest.clone();
        forged.vrf.output[at] ^= 1;
        assert_eq!(forged.verify(&context(), anyone), Err(SeedError::BadProof));
    }
}

#[test]
fn a_seed_serves_one_occasion_only() {
    let proof = draw(context());
    let others = [
        ("chain", SeedContext { genesis: [2; 32], ..context() }),
        ("subnet", SeedContext { netuid: 3, ..context() }),
        ("epoch", SeedContext { epoch: 8, ..context() }),
        ("round", SeedContext { round: 0, ..context() }),
        ("audience", SeedContext { audience: Audience::Miner([3; 32]), ..context() }),
    ];
    for (field, other) in others {
        assert_eq!(proof.verify(&other, anyone), Err(SeedError::WrongOccasion { field }));
    }
}

#[test]
fn only_canonical_bytes_are_read() {
    let bytes = draw(context()).to_bytes();
    assert_eq!(bytes.len(), SeedProof::LEN);
    let longer = [&bytes[..], &[0]].concat();
    assert!(SeedProof::from_bytes(&longer).is_err());
    assert!(SeedProof::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    assert!(SeedProof::from_bytes(&[]).is_err());
    // An audience "round" with a hotkey beside it would be a second spelling of the same context.
    let mut second_spelling = bytes;
    second_spelling[32 + 2 + 8 + 2 + 5] = 1;
    assert!(SeedProof::from_bytes(&second_spelling).is_err());
}

#[test]
fn the_rule_spreads_rounds_over_the_epoch_and_leaves_time_at_its_end() {
    let plan = RoundPlan { rounds: 3, span_permille: 600 };
    let blocks: Vec<_> = (0..4).map(|round| plan.source_block(1000, 100, round)).collect();
    assert_eq!(blocks, [Some(1001), Some(1021), Some(1041), None]);
    assert_eq!(plan.source_block(u64::MAX, 100, 0), None);
}

#[test]
fn validators_begin_a_round_at_blocks_of_its_part_that_their_seeds_draw() {
    let plan = RoundPlan { rounds: 3, span_permille: 750 };
    let start = |validator: u8, round, needed| {
        plan.start_block(1000, 360, round, needed, &Seed([validator; 32])).unwrap()
    };
    for round in 0..3 {
        let source = plan.source_block(1000, 360, round).unwrap();
        let starts: Vec<u64> = (0..100).map(|validator| start(validator, round, 5)).collect();
        assert!(starts.iter().all(|start| (source..=source + 85).contains(start)), "{starts:?}");
        let distinct: std::collections::BTreeSet<_> = starts.iter().collect();
        assert!(distinct.len() > 50, "a hundred validators begin at {} blocks", distinct.len());
        assert_eq!(starts, (0..100).map(|validator| start(validator, round, 5)).collect::<Vec<_>>());
        assert_eq!(start(7, round, 90), source, "there is time for nothing else");
    }
    assert_ne!(
        start(1, 0, 5) - plan.source_block(1000, 360, 0).unwrap(),
        start(1, 1, 5) - plan.source_block(1000, 360, 1).unwrap()
    );
    assert_eq!(plan.start_block(1000, 360, 3, 5, &Seed([1; 32])), None);
}

#[test]
fn the_context_has_golden_bytes() {
    let bytes = context().to_bytes();
    assert_eq!(bytes.len(), SeedContext::LEN);
    let golden = [
        "01".repeat(32),
        "0200".into(),
        "0700000000000000".into(),
        "0100".into(),
        "00".repeat(33),
        "2f03000000000000".into(),
        "09".repeat(32),
    ]
    .concat();
    assert_eq!(hex::encode(bytes), golden);
}

#[test]
fn the_stream_of_a_seed_has_golden_words() {
    let mut rng = Seed([5; 32]).rng();
    let words: Vec<_> = (0..10).map(|_| rng.next_u64()).collect();
    assert_eq!(words, GOLDEN_WORDS);
    assert_ne!(Seed([5; 32]).derive(b"task", 0), Seed([5; 32]).derive(b"task", 1));
    assert_ne!(Seed([5; 32]).derive(b"task", 0), Seed([5; 32]).derive(b"tas", 0));
}

/// Computed independently with Python's `hashlib.blake2b(seed + counter.to_bytes(8, "little"))`.
const GOLDEN_WORDS: [u64; 10] = [
    865018245407162005,
    2936121063536779300,
    1629063185805081885,
    664776029382966724,
    3747785881718284746,
    13498364378855171049,
    9286140602836127376,
    4511885204006803372,
    1188597288278433585,
    1590171335621952300,
];

#[test]
fn a_seed_shows_nothing_of_itself() {
    assert_eq!(alloc::format!("{:?}", Seed([5; 32])), "Seed(..)");
}

#[test]
fn an_audience_is_read_back_and_nothing_else_is() {
    let of = |audience| SeedContext { audience, ..context() };
    for audience in [Audience::Round, Audience::Miner([3; 32])] {
        assert_eq!(SeedContext::from_bytes(&of(audience).to_bytes()), Some(of(audience)));
    }
    let mut bytes = of(Audience::Miner([3; 32])).to_bytes();
    for tag in [0, 2] {
        bytes[44] = tag;
        assert_eq!(SeedContext::from_bytes(&bytes), None, "tag {tag} with a miner");
    }
}

#[test]
fn ranges_have_both_ends_and_empty_ones_take_no_word() {
    let start = Seed([5; 32]).rng();
    assert_eq!(start.clone().range(0, u64::MAX), GOLDEN_WORDS[0], "the whole range is a word");
    assert_eq!(start.clone().range(10, 12), 10 + GOLDEN_WORDS[0] % 3);
    assert_eq!(start.clone().range(u64::MAX - 1, u64::MAX), u64::MAX - 1 + GOLDEN_WORDS[0] % 2);
    for (low, high) in [(7, 6), (1, 0), (u64::MAX, 0)] {
        let mut rng = start.clone();
        assert_eq!((rng.range(low, high), rng.next_u64()), (low, GOLDEN_WORDS[0]));
    }
    let mut rng = start.clone();
    assert_eq!((rng.below(0), rng.index(0), rng.choose::<u8>(&[])), (0, None, None));
    assert_eq!(rng.next_u64(), GOLDEN_WORDS[0], "nothing was drawn");
    let items: Vec<u64> = (0..7).collect();
    assert_eq!(start.clone().index(7), Some((GOLDEN_WORDS[0] % 7) as usize));
    assert_eq!(start.clone().choose(&items), Some(&(GOLDEN_WORDS[0] % 7)));
}

#[test]
fn a_common_seed_is_the_same_for_all_and_another_for_each_occasion() {
    let context = context();
    let (reference, seed) = context.common();
    assert_eq!(context.common(), (reference, seed));
    assert_ne!(reference, seed.0, "whoever knows the name of a seed does not know the seed");
    let (_, own) = SeedProof::draw(context, &alice(), [7; 32]);
    assert_ne!(own, seed);
    for other in [
        SeedContext { netuid: context.netuid + 1, ..context },
        SeedContext { epoch: context.epoch + 1, ..context },
        SeedContext { round: context.round + 1, ..context },
        SeedContext { source_hash: [8; 32], ..context },
    ] {
        assert!(other.common().0 != reference && other.common().1 != seed);
    }
}

/// Bounds of any size, near the ends of the range too, where many words are rejected.
fn bound() -> impl Strategy<Value = u64> {
    prop_oneof![
        (1u64.., 0u32..64).prop_map(|(v, shift)| (v >> shift).max(1)),
        (1u64 << 63)..=u64::MAX,
        Just(1u64 << 63),
        1u64..9
    ]
}

proptest! {
    /// A word counts if it lies below the largest multiple of the bound that is at most 2⁶⁴.
    #[test]
    fn draws_are_the_first_words_that_count(seed: [u8; 32], bound in bound()) {
        let (mut rng, mut words) = (Seed(seed).rng(), Seed(seed).rng());
        let whole = (1u128 << 64) / u128::from(bound) * u128::from(bound);
        for _ in 0..8 {
            let word = core::iter::repeat_with(|| words.next_u64()).find(|word| u128::from(*word) < whole);
            prop_assert_eq!(Some(rng.below(bound)), word.map(|word| word % bound));
        }
        prop_assert_eq!(rng.next_u64(), words.next_u64(), "both took as many");
    }

    /// From the end, each item changes places with one of those up to itself.
    #[test]
    fn shuffling_draws_one_place_for_each_item_but_the_first(seed: [u8; 32], len in 0usize..50) {
        let mut items: Vec<usize> = (0..len).collect();
        let (mut rng, mut draws) = (Seed(seed).rng(), Seed(seed).rng());
        rng.shuffle(&mut items);
        let mut expected: Vec<usize> = (0..len).collect();
        for end in (2..=len).rev() {
            let at = draws.below(end as u64) as usize;
            expected.swap(end - 1, at);
        }
        prop_assert_eq!(items, expected);
        prop_assert_eq!(rng.next_u64(), draws.next_u64());
    }

    #[test]
    fn draws_stay_in_their_range(seed: [u8; 32], bound in 1u64.., low: u64, high: u64) {
        let mut rng = Seed(seed).rng();
        prop_assert!(rng.below(bound) < bound);
        let drawn = rng.range(low.min(high), low.max(high));
        prop_assert!((low.min(high)..=low.max(high)).contains(&drawn));
    }

    #[test]
    fn shuffling_keeps_every_item(seed: [u8; 32], len in 0usize..50) {
        let mut items: Vec<usize> = (0..len).collect();
        Seed(seed).rng().shuffle(&mut items);
        items.sort_unstable();
        prop_assert!(items.into_iter().eq(0..len));
    }

    #[test]
    fn reading_arbitrary_bytes_never_panics(bytes: Vec<u8>) {
        let _ = SeedProof::from_bytes(&bytes);
    }
}
