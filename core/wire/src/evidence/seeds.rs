//! Seeds that a validator keeps among those of a round, checked against the chain and its records.
//!
//! The seeds of a round are under the root. So a seed that its validator did not draw, or drew from other bytes than
//! the rule names, is a fault that nobody else could have put there.

use super::EpochHead;
use crate::{
    hash::Hash,
    record::Record,
    seed::{Audience, SeedContext, SeedError, SeedProof},
};

/// Whether a seed was drawn for a round of the epoch. Seeds of earlier rounds stand beside those of a round that
/// judges tasks of that time.
pub fn is_of_round(seed: &SeedProof, head: &EpochHead, round: u16) -> bool {
    occasion(&seed.context) == (head.epoch, round)
}

/// The defect of a seed that stands among those of a round; `None` if it has none. `drawn_from` are the bytes that the
/// chain names for its source block; `None` if they are not known, as of an earlier round, and are not compared.
pub fn defect_of(
    seed: &SeedProof,
    head: &EpochHead,
    round: u16,
    genesis: Hash,
    drawn_from: Option<Hash>,
) -> Option<SeedError> {
    let own = seed.context;
    // A round cannot judge what a later one asks.
    let (epoch, round) = occasion(&own).min((head.epoch, round));
    let source_hash = drawn_from.unwrap_or(own.source_hash);
    let expected = SeedContext { genesis, netuid: head.netuid, epoch, round, source_hash, ..own };
    seed.verify(&expected, |signer| *signer == head.validator).err()
}

/// Whether two seeds of a round are for the same miners on the same occasion. A key has one seed for that.
pub fn are_twins(one: &SeedProof, other: &SeedProof) -> bool {
    one.context == other.context
}

/// Whether a record of a round names a seed that is not among those of the round, nor the network's common one. `None`
/// if the round has no seed of its own, so that nobody knows its common one.
pub fn is_unseeded(record: &Record, seeds: &[SeedProof]) -> Option<bool> {
    let own = |seed: &&SeedProof| occasion(&seed.context) == (record.epoch, record.round);
    let context = seeds.iter().find(own)?.context;
    let common = SeedContext { audience: Audience::Round, ..context }.common().0;
    Some(common != record.seed && !seeds.iter().any(|seed| seed.reference() == record.seed))
}

fn occasion(context: &SeedContext) -> (u64, u16) {
    (context.epoch, context.round)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        evidence::{opening::tests::record as any_record, ListRoot},
        sr25519::Keypair,
    };

    const GENESIS: Hash = [1; 32];
    const SOURCE: Hash = [7; 32];

    fn key() -> Keypair {
        Keypair::from_seed(&[8; 32])
    }

    fn head() -> EpochHead {
        EpochHead {
            netuid: 3,
            epoch: 42,
            validator: key().public(),
            miners: ListRoot::default(),
            before: [0; 32],
            after: [0; 32],
            files: [0; 32],
        }
    }

    fn context(round: u16, audience: Audience) -> SeedContext {
        SeedContext {
            genesis: GENESIS,
            netuid: 3,
            epoch: 42,
            round,
            audience,
            source_block: 100,
            source_hash: SOURCE,
        }
    }

    fn drawn(context: SeedContext) -> SeedProof {
        SeedProof::draw(context, &key(), [0; 32]).0
    }

    fn defect(seed: &SeedProof) -> Option<SeedError> {
        let source = is_of_round(seed, &head(), 1).then_some(SOURCE);
        defect_of(seed, &head(), 1, GENESIS, source)
    }

    fn record(seed: Hash) -> Record {
        Record { seed, signer: key().public(), ..any_record(4, 0) }
    }

    #[test]
    fn every_lie_about_a_seed_has_its_name() {
        let own = context(1, Audience::Round);
        let wrong = |context: SeedContext| defect(&drawn(context)).expect("a defect");
        assert_eq!(
            wrong(SeedContext { genesis: [2; 32], ..own }),
            SeedError::WrongOccasion { field: "chain" }
        );
        assert_eq!(wrong(SeedContext { netuid: 4, ..own }), SeedError::WrongOccasion { field: "subnet" });
        assert_eq!(wrong(SeedContext { epoch: 43, ..own }), SeedError::WrongOccasion { field: "epoch" });
        assert_eq!(wrong(SeedContext { round: 2, ..own }), SeedError::WrongOccasion { field: "round" });
        assert_eq!(wrong(SeedContext { source_hash: [9; 32], ..own }), SeedError::WrongHash { block: 100 });
        let stranger = SeedProof::draw(own, &Keypair::from_seed(&[9; 32]), [0; 32]).0;
        assert_eq!(defect(&stranger), Some(SeedError::WrongSigner));
        let mut forged = drawn(own);
        forged.vrf.output[3] ^= 1;
        assert_eq!(defect(&forged), Some(SeedError::BadProof));
        // An earlier round's block is not known here.
        let earlier = SeedContext { epoch: 41, round: 2, source_block: 50, source_hash: [5; 32], ..own };
        assert_eq!(defect(&drawn(earlier)), None);
    }

    #[test]
    fn a_record_needs_the_seed_of_its_round_or_the_common_one() {
        let (open, alone) = (context(1, Audience::Round), context(1, Audience::Miner([4; 32])));
        let seeds = [drawn(open), drawn(alone)];
        assert!(!are_twins(&seeds[0], &seeds[1]) && are_twins(&seeds[0], &seeds[0].clone()));
        for seed in [seeds[0].reference(), seeds[1].reference(), open.common().0] {
            assert_eq!(is_unseeded(&record(seed), &seeds), Some(false));
        }
        assert_eq!(is_unseeded(&record([6; 32]), &seeds), Some(true));
        assert_eq!(is_unseeded(&record([6; 32]), &[drawn(context(0, Audience::Round))]), None);
    }

    proptest! {
        #[test]
        fn an_honest_seed_has_no_defect_and_a_changed_one_is_no_honest_one(
            back in 0u64..3, round in 0u16..2, miner in any::<Option<[u8; 32]>>(),
            byte in any::<prop::sample::Index>(), flip in 1u8..,
        ) {
            let audience = miner.map_or(Audience::Round, Audience::Miner);
            let context = SeedContext { epoch: 42 - back, ..context(round, audience) };
            let seed = drawn(context);
            prop_assert_eq!(defect(&seed), None);
            // Of the source of an earlier round, and of the audience, the proof alone decides.
            let mut bytes = seed.to_bytes();
            let at = byte.index(bytes.len());
            bytes[at] ^= flip;
            if let Ok(other) = SeedProof::from_bytes(&bytes) {
                prop_assert!(defect(&other).is_some(), "byte {}", at);
            }
        }
    }
}
