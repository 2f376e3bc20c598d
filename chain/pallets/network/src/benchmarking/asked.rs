//! Evidence of a validator that asked miners, for benchmarks and tests: real keys, real signatures.

use alloc::{collections::BTreeMap, vec::Vec};

use myelin_units::{NetUid, Uid};
use myelin_wire::{
    answer::AnswerClaim,
    evidence::{Answer, EvidenceTree, Files, MinerEvidence},
    hash::Hash,
    seed::{challenge_id, Audience, SeedContext, SeedProof},
    sr25519::Keypair,
};

/// A validator that asks, its subnet, and the time.
pub struct Occasion {
    /// Hash of block 0.
    pub genesis: Hash,
    /// The subnet.
    pub netuid: NetUid,
    /// Its epoch.
    pub epoch: u64,
    /// Block over which seeds are drawn, and its hash.
    pub source: (u64, Hash),
    /// The validator.
    pub judge: Keypair,
}

/// The key of the miner with this number.
pub fn miner(number: u16) -> Keypair {
    let mut seed = [0x4D; 32];
    seed[..2].copy_from_slice(&number.to_le_bytes());
    Keypair::from_seed(&seed)
}

impl Occasion {
    fn seed(&self, hotkey: [u8; 32]) -> SeedProof {
        let context = SeedContext {
            genesis: self.genesis,
            netuid: self.netuid,
            epoch: self.epoch,
            round: 0,
            audience: Audience::Miner(hotkey),
            source_block: self.source.0,
            source_hash: self.source.1,
        };
        SeedProof::draw(context, &self.judge, [1; 32]).0
    }

    /// An answer that `miner` signed to the task of this number.
    fn answer(&self, miner: &Keypair, seed: &SeedProof, task: u16) -> Answer {
        let (seed, validator) = (seed.reference(), self.judge.public());
        let claim = AnswerClaim {
            genesis_hash: self.genesis,
            netuid: self.netuid,
            challenge_id: challenge_id(&seed, task, &validator),
            request_hash: [2; 32],
            answer_hash: [3; 32],
            model_id: [4; 32],
            validator,
            miner: miner.public(),
        };
        let signature = miner.sign(&claim.payload(), [5; 32]);
        Answer {
            seed,
            task,
            request: claim.request_hash,
            answer: claim.answer_hash,
            model: claim.model_id,
            signature,
            record: [0; 32],
        }
    }

    /// The evidence about miners, `answers` signed answers of each, and the seeds.
    pub fn evidence(
        &self,
        miners: impl Iterator<Item = (Uid, Keypair)>,
        answers: u16,
    ) -> (EvidenceTree, BTreeMap<Hash, SeedProof>) {
        let mut seeds = BTreeMap::new();
        let asked = |(uid, miner): (Uid, Keypair)| {
            let seed = self.seed(miner.public());
            let answers = (0..answers).map(|task| self.answer(&miner, &seed, task)).collect();
            seeds.insert(seed.reference(), seed);
            MinerEvidence { uid, hotkey: miner.public(), answers, records: Vec::new() }
        };
        let asked = miners.map(asked).collect();
        let files = Files::default();
        (EvidenceTree::new((self.netuid, self.epoch), self.judge.public(), files, asked), seeds)
    }
}
