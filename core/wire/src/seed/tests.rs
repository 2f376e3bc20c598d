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

proptest::proptest! {
    #[test]
    fn draws_stay_in_their_range(seed: [u8; 32], bound in 1u64.., low: u64, high: u64) {
        let mut rng = Seed(seed).rng();
        proptest::prop_assert!(rng.below(bound) < bound);
        let drawn = rng.range(low.min(high), low.max(high));
        proptest::prop_assert!((low.min(high)..=low.max(high)).contains(&drawn));
    }

    #[test]
    fn shuffling_keeps_every_item(seed: [u8; 32], len in 0usize..50) {
        let mut items: Vec<usize> = (0..len).collect();
        Seed(seed).rng().shuffle(&mut items);
        items.sort_unstable();
        proptest::prop_assert!(items.into_iter().eq(0..len));
    }

    #[test]
    fn reading_arbitrary_bytes_never_panics(bytes: Vec<u8>) {
        let _ = SeedProof::from_bytes(&bytes);
    }
}
