//! Proofs of evaluation.

use alloc::vec::Vec;

use super::{
    draw, may_lack, needs_excuse, tree, Answer, AnswerLeaf, Draw, Drawn, EpochHead, ListRoot, Lots,
    MinerLeaf, BY_HEAD, BY_WEIGHT, MOST_ABSENT, MOST_AWAY, MOST_UNEXCUSED, VRF_SAMPLES,
};
use crate::{
    answer::AnswerClaim,
    hash::Hash,
    seed::{seed_reference, Audience, SeedContext, SeedProof},
    sr25519::Signature,
    vrf::VrfSignature,
    AccountId,
};

/// No proof is longer than this, in bytes. Twenty samples among 256 miners with 4,096 answers each have 29,000.
pub const PROOF_LIMIT: usize = 40 << 10;

const VERSION: u8 = 1;

/// The seed of a sampled answer: what its reference is a hash of, as far as the chain does not know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedOpening {
    /// Round within the epoch.
    pub round: u16,
    /// Whether the seed is this miner's own; else all miners of the round have it.
    pub own: bool,
    /// Block over which the seed was drawn.
    pub source_block: u64,
    /// Output of the validator's verifiable random function.
    pub output: [u8; 32],
    /// Proof of the output, in the first [`VRF_SAMPLES`].
    pub proof: Option<[u8; 64]>,
}

/// One answer of a proof, with its way to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The miner.
    pub miner: MinerLeaf,
    /// Its place among the miners.
    pub place: u32,
    /// The way from the miner to the head.
    pub miner_path: Vec<Hash>,
    /// The seed.
    pub seed: SeedOpening,
    /// The answer. Its seed's reference follows from the opening, and is not part of the bytes.
    pub answer: Answer,
    /// The way from the answer to the miner.
    pub path: Vec<Hash>,
    /// The leaf before or after, with its way; `None` if the miner has one answer.
    pub neighbour: Option<(AnswerLeaf, Vec<Hash>)>,
}

/// A proof that a validator asked the miners that it pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationProof {
    /// Top of the tree, whose root was committed to.
    pub head: EpochHead,
    /// The samples by weight, in the order in which they were drawn.
    pub samples: Vec<Sample>,
    /// The samples by head, in the order in which they were drawn; `None` for a miner without an answer.
    pub heads: Vec<Option<Sample>>,
}

/// The occasion of a proof, as whoever checks it knows it.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// Hash of the chain's first block.
    pub genesis: Hash,
    /// The subnet.
    pub netuid: u16,
    /// Epoch of the commitment.
    pub epoch: u64,
    /// Blocks of that epoch up to the commitment, first and last.
    pub blocks: (u64, u64),
    /// The hotkey that committed.
    pub validator: AccountId,
    /// The root that it committed to.
    pub root: Hash,
    /// The draw of the samples.
    pub lots: Lots<'a>,
}

/// The chain, as far as the check of a proof needs it.
pub trait Chain {
    /// Whether the hotkey is, or was in the epoch, that of this uid.
    fn sits_at(&self, uid: u16, hotkey: &AccountId) -> bool;
    /// The 32 bytes from which seeds over a block are drawn, by [`seed_source`](crate::beacon::seed_source); `None` if
    /// they are not known.
    fn seed_source(&self, block: u64) -> Option<Hash>;
    /// Whether the miner at this uid says by silence that it was away in the epoch of the proof; see
    /// [`says_away`](super::says_away). False before its root is due.
    fn was_away(&self, uid: u16) -> bool;
    /// Whether an sr25519 signature holds.
    fn signed(&self, key: &AccountId, message: &[u8], signature: &Signature) -> bool;
}

/// Reason why a proof does not hold. The numbers of samples begin with 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The bytes are no proof.
    #[error("not a proof of evaluation: {what} at byte {at}")]
    Malformed {
        /// The problem.
        what: &'static str,
        /// Byte of the problem.
        at: usize,
    },
    /// The head is of another subnet, epoch or validator.
    #[error("the proof is about another subnet, epoch or validator than the commitment")]
    OtherOccasion,
    /// The head does not have the committed root.
    #[error("the proof's head does not have the root that was committed to")]
    OtherRoot,
    /// Another number of samples than was drawn.
    #[error("the proof opens {found} answers where {expected} were drawn")]
    WrongCount {
        /// Samples in the proof.
        found: usize,
        /// Samples that were drawn.
        expected: usize,
    },
    /// More miners drawn by head have no answer than may.
    #[error(
        "{absent} of the miners that were paid and drawn by head have no answer, {excused} of them because they were \
         away; {MOST_ABSENT} may, or {MOST_AWAY} of which at most {MOST_UNEXCUSED} were not away"
    )]
    Absent {
        /// Heads without an answer.
        absent: usize,
        /// Heads among them whose miners were away; not counted where no number of them would suffice.
        excused: usize,
    },
    /// A sample does not hold. Samples by head follow those by weight.
    #[error("sample {number}: {fault}")]
    Sample {
        /// The sample.
        number: usize,
        /// The fault.
        fault: SampleFault,
    },
}

/// Reason why a sample does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SampleFault {
    /// Another miner than the one that was drawn.
    #[error("it opens another miner than uid {0}, which was drawn")]
    OtherMiner(u16),
    /// The hotkey is not that of the uid.
    #[error("its hotkey does not sit at its uid")]
    OtherHotkey,
    /// The miner has fewer answers than the subnet demands.
    #[error("its miner has {found} signed answers where {least} are demanded")]
    TooFewAnswers {
        /// Answers under the root.
        found: u32,
        /// Answers that are demanded.
        least: u32,
    },
    /// The miner is not under the root.
    #[error("its miner is not under the root")]
    MinerNotUnderRoot,
    /// The source block is not one of the epoch, or its hash is not known.
    #[error("its source block {0} is not a known block of the epoch before the commitment")]
    SourceBlock(u64),
    /// The answer is not under its miner, at the place that was drawn.
    #[error("its answer is not the one that was drawn")]
    AnswerNotUnderRoot,
    /// The answer is listed twice, or the list is not sorted.
    #[error("its neighbour is missing, or an answer is listed twice")]
    Neighbour,
    /// The miner did not sign.
    #[error("its miner did not sign the answer for this validator and challenge")]
    Unsigned,
    /// The seed was not drawn by the validator's verifiable random function.
    #[error("nothing proves that its seed was drawn by the validator's random function")]
    ChosenSeed,
}

impl ProofError {
    /// The sample at fault, 255 for the whole proof, and a number for the fault: 1 to 5 of the whole, 16 to 24 of a
    /// sample.
    pub fn code(&self) -> (u8, u8) {
        match *self {
            Self::Malformed { .. } => (u8::MAX, 1),
            Self::OtherOccasion => (u8::MAX, 2),
            Self::OtherRoot => (u8::MAX, 3),
            Self::WrongCount { .. } => (u8::MAX, 4),
            Self::Absent { .. } => (u8::MAX, 5),
            Self::Sample { number, fault } => (number.min(254) as u8, fault.code()),
        }
    }
}

impl SampleFault {
    fn code(&self) -> u8 {
        match self {
            Self::OtherMiner(_) => 16,
            Self::OtherHotkey => 17,
            Self::TooFewAnswers { .. } => 18,
            Self::MinerNotUnderRoot => 19,
            Self::SourceBlock(_) => 20,
            Self::AnswerNotUnderRoot => 21,
            Self::Neighbour => 22,
            Self::Unsigned => 23,
            Self::ChosenSeed => 24,
        }
    }
}

impl EvaluationProof {
    /// Checks the proof for an occasion.
    pub fn verify(&self, occasion: &Occasion, chain: &impl Chain) -> Result<(), ProofError> {
        let EpochHead { netuid, epoch, validator, .. } = self.head;
        if (netuid, epoch, validator) != (occasion.netuid, occasion.epoch, occasion.validator) {
            return Err(ProofError::OtherOccasion);
        }
        if self.head.root() != occasion.root {
            return Err(ProofError::OtherRoot);
        }
        let drawn = draw(&occasion.root, &occasion.lots);
        let (found, expected) = (self.samples.len(), drawn.by_weight.len());
        if found != expected || self.heads.len() != drawn.by_head.len() {
            let (found, expected) = (found + self.heads.len(), expected + drawn.by_head.len());
            return Err(ProofError::WrongCount { found, expected });
        }
        let lacking = self.lacking(&drawn);
        let count_away = || lacking.iter().filter(|uid| chain.was_away(**uid)).count();
        let (absent, excused) = (lacking.len(), if needs_excuse(lacking.len()) { count_away() } else { 0 });
        if !may_lack(absent, excused) {
            return Err(ProofError::Absent { absent, excused });
        }
        let by_weight = self.samples.iter().map(Some).zip(&drawn.by_weight);
        let by_head = self.heads.iter().map(Option::as_ref).zip(&drawn.by_head);
        for (number, (sample, drawn)) in by_weight.chain(by_head).enumerate() {
            let Some(sample) = sample else { continue };
            let checked = sample.verify_drawn(&self.head, drawn, occasion, chain);
            checked.map_err(|fault| ProofError::Sample { number, fault })?;
        }
        let opened = self.samples.iter().chain(self.heads.iter().flatten());
        for (number, sample) in opened.enumerate() {
            let checked = sample.verify_seed(number < VRF_SAMPLES, occasion, chain);
            checked.map_err(|fault| ProofError::Sample { number, fault })?;
        }
        Ok(())
    }

    /// The miners drawn by head that have no answer in the proof of this draw, in the order of the draw. A miner that
    /// was drawn twice is there twice.
    pub fn lacking(&self, drawn: &Drawn) -> Vec<u16> {
        let heads = self.heads.iter().zip(&drawn.by_head);
        heads.filter(|(head, _)| head.is_none()).map(|(_, drawn)| drawn.uid).collect()
    }

    /// Canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(PROOF_LIMIT / 2);
        out.push(VERSION);
        out.extend_from_slice(&self.head.to_bytes());
        out.push(self.samples.len() as u8);
        self.samples.iter().for_each(|sample| sample.append_to(&mut out));
        out.push(self.heads.len() as u8);
        for head in &self.heads {
            out.push(u8::from(head.is_some()));
            head.iter().for_each(|sample| sample.append_to(&mut out));
        }
        out
    }

    /// Reads [`to_bytes`](Self::to_bytes); every other spelling is refused. The references of seeds are zero then, and
    /// are computed while the proof is checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() > PROOF_LIMIT {
            return Err(ProofError::Malformed { what: "more bytes than a proof has", at: PROOF_LIMIT });
        }
        let mut reader = Reader { bytes, at: 0 };
        reader.byte("unknown version", |byte| byte == VERSION)?;
        let head = reader.head()?;
        let count = reader.byte("more samples than are drawn", |count| usize::from(count) <= BY_WEIGHT)?;
        let samples = (0..count).map(|_| reader.sample()).collect::<Result<_, _>>()?;
        let count = reader.byte("more samples than are drawn", |count| usize::from(count) <= BY_HEAD)?;
        let heads = (0..count).map(|_| reader.maybe_sample()).collect::<Result<_, _>>()?;
        match reader.at == bytes.len() {
            true => Ok(Self { head, samples, heads }),
            false => Err(ProofError::Malformed { what: "bytes after the end", at: reader.at }),
        }
    }
}

impl Sample {
    /// Checks everything but the proof of the seed.
    fn verify_drawn(
        &self,
        head: &EpochHead,
        drawn: &Draw,
        occasion: &Occasion,
        chain: &impl Chain,
    ) -> Result<(), SampleFault> {
        let (miner, validator) = (&self.miner, &occasion.validator);
        if miner.uid != drawn.uid {
            return Err(SampleFault::OtherMiner(drawn.uid));
        }
        let index = drawn.index(miner.answers.len);
        if !chain.sits_at(miner.uid, &miner.hotkey) {
            return Err(SampleFault::OtherHotkey);
        }
        let (found, least) = (miner.answers.len, occasion.lots.answers.max(1));
        if found < least {
            return Err(SampleFault::TooFewAnswers { found, least });
        }
        let ListRoot { len, root } = head.miners;
        if !tree::leads_to(&root, len, self.place, miner.hash(), &self.miner_path) {
            return Err(SampleFault::MinerNotUnderRoot);
        }
        let context = self.context(occasion, chain)?;
        let answer = Answer { seed: seed_reference(&context, validator, &self.seed.output), ..self.answer };
        let leaf = answer.leaf(validator);
        let ListRoot { len, root } = miner.answers;
        if !tree::leads_to(&root, len, index, leaf.hash(), &self.path) {
            return Err(SampleFault::AnswerNotUnderRoot);
        }
        self.check_neighbour(index, &leaf)?;
        let claim = AnswerClaim {
            genesis_hash: occasion.genesis,
            netuid: occasion.netuid,
            challenge_id: leaf.challenge,
            request_hash: answer.request,
            answer_hash: answer.answer,
            model_id: answer.model,
            validator: *validator,
            miner: miner.hotkey,
        };
        if !chain.signed(&miner.hotkey, &claim.payload(), &answer.signature) {
            return Err(SampleFault::Unsigned);
        }
        Ok(())
    }

    /// Checks that the seed has a proof that holds where one is due, and none elsewhere.
    fn verify_seed(&self, is_due: bool, occasion: &Occasion, chain: &impl Chain) -> Result<(), SampleFault> {
        let (context, validator) = (self.context(occasion, chain)?, &occasion.validator);
        let proven = |proof: [u8; 64]| {
            let vrf = VrfSignature { output: self.seed.output, proof };
            let seed = SeedProof { context, signer: *validator, vrf };
            seed.verify(&context, |_| true).is_ok()
        };
        match (is_due, self.seed.proof) {
            (false, None) => Ok(()),
            (true, Some(proof)) if proven(proof) => Ok(()),
            _ => Err(SampleFault::ChosenSeed),
        }
    }

    fn context(&self, occasion: &Occasion, chain: &impl Chain) -> Result<SeedContext, SampleFault> {
        let SeedOpening { round, own, source_block, .. } = self.seed;
        let (first, last) = occasion.blocks;
        let is_within = (first..=last).contains(&source_block);
        let source = is_within.then(|| chain.seed_source(source_block)).flatten();
        Ok(SeedContext {
            genesis: occasion.genesis,
            netuid: occasion.netuid,
            epoch: occasion.epoch,
            round,
            audience: if own { Audience::Miner(self.miner.hotkey) } else { Audience::Round },
            source_block,
            source_hash: source.ok_or(SampleFault::SourceBlock(source_block))?,
        })
    }

    /// The leaf after the sampled one, or the one before the last, is another challenge's and on its side.
    fn check_neighbour(&self, index: u32, leaf: &AnswerLeaf) -> Result<(), SampleFault> {
        let ListRoot { len, root } = self.miner.answers;
        let Some((neighbour, path)) = &self.neighbour else {
            return if len == 1 { Ok(()) } else { Err(SampleFault::Neighbour) };
        };
        let place = neighbour_of(index, len).ok_or(SampleFault::Neighbour)?;
        let sorted = match place > index {
            true => leaf.challenge < neighbour.challenge,
            false => neighbour.challenge < leaf.challenge,
        };
        match sorted && tree::leads_to(&root, len, place, neighbour.hash(), path) {
            true => Ok(()),
            false => Err(SampleFault::Neighbour),
        }
    }

    fn append_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.miner.to_bytes());
        out.extend_from_slice(&self.place.to_le_bytes());
        append_path(out, &self.miner_path);
        let SeedOpening { round, own, source_block, output, proof } = &self.seed;
        out.extend_from_slice(&round.to_le_bytes());
        out.push(u8::from(*own));
        out.extend_from_slice(&source_block.to_le_bytes());
        out.extend_from_slice(output);
        out.push(u8::from(proof.is_some()));
        out.extend(proof.iter().flatten());
        let Answer { task, request, answer, model, signature, record, seed: _ } = &self.answer;
        out.extend_from_slice(&task.to_le_bytes());
        for part in [&request[..], answer, model, signature, record] {
            out.extend_from_slice(part);
        }
        append_path(out, &self.path);
        out.push(u8::from(self.neighbour.is_some()));
        if let Some((leaf, path)) = &self.neighbour {
            out.extend_from_slice(&leaf.challenge);
            out.extend_from_slice(&leaf.content);
            append_path(out, path);
        }
    }
}

/// The leaf that is opened beside leaf `index` of `len`.
pub(super) fn neighbour_of(index: u32, len: u32) -> Option<u32> {
    match index.checked_add(1)? < len {
        true => Some(index + 1),
        false => index.checked_sub(1),
    }
}

pub(super) fn append_path(out: &mut Vec<u8>, path: &[Hash]) {
    out.push(path.len() as u8);
    path.iter().for_each(|hash| out.extend_from_slice(hash));
}

pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl Reader<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], ProofError> {
        let end = self.at + N;
        let bytes = self.bytes.get(self.at..end).and_then(|bytes| bytes.try_into().ok());
        let bytes = bytes.ok_or(ProofError::Malformed { what: "it ends too early", at: self.at })?;
        self.at = end;
        Ok(bytes)
    }

    fn byte(&mut self, what: &'static str, allowed: impl Fn(u8) -> bool) -> Result<u8, ProofError> {
        let at = self.at;
        let [byte] = self.take()?;
        if allowed(byte) {
            Ok(byte)
        } else {
            Err(ProofError::Malformed { what, at })
        }
    }

    fn mark(&mut self) -> Result<bool, ProofError> {
        Ok(self.byte("a mark is neither 0 nor 1", |byte| byte <= 1)? == 1)
    }

    pub(super) fn path(&mut self) -> Result<Vec<Hash>, ProofError> {
        let fits = |len| usize::from(len) <= tree::LONGEST_PATH;
        let len = self.byte("a path is longer than any", fits)?;
        (0..len).map(|_| self.take()).collect()
    }

    fn list(&mut self) -> Result<ListRoot, ProofError> {
        Ok(ListRoot { len: u32::from_le_bytes(self.take()?), root: self.take()? })
    }

    pub(super) fn head(&mut self) -> Result<EpochHead, ProofError> {
        Ok(EpochHead {
            netuid: u16::from_le_bytes(self.take()?),
            epoch: u64::from_le_bytes(self.take()?),
            validator: self.take()?,
            miners: self.list()?,
            before: self.take()?,
            after: self.take()?,
            files: self.take()?,
        })
    }

    pub(super) fn miner(&mut self) -> Result<MinerLeaf, ProofError> {
        Ok(MinerLeaf {
            uid: u16::from_le_bytes(self.take()?),
            hotkey: self.take()?,
            answers: self.list()?,
            records: self.list()?,
        })
    }

    fn maybe_sample(&mut self) -> Result<Option<Sample>, ProofError> {
        match self.mark()? {
            true => self.sample().map(Some),
            false => Ok(None),
        }
    }

    fn sample(&mut self) -> Result<Sample, ProofError> {
        Ok(Sample {
            miner: self.miner()?,
            place: u32::from_le_bytes(self.take()?),
            miner_path: self.path()?,
            seed: SeedOpening {
                round: u16::from_le_bytes(self.take()?),
                own: self.mark()?,
                source_block: u64::from_le_bytes(self.take()?),
                output: self.take()?,
                proof: match self.mark()? {
                    true => Some(self.take()?),
                    false => None,
                },
            },
            answer: Answer {
                seed: Hash::default(),
                task: u16::from_le_bytes(self.take()?),
                request: self.take()?,
                answer: self.take()?,
                model: self.take()?,
                signature: self.take()?,
                record: self.take()?,
            },
            path: self.path()?,
            neighbour: match self.mark()? {
                true => Some((AnswerLeaf { challenge: self.take()?, content: self.take()? }, self.path()?)),
                false => None,
            },
        })
    }
}
