//! Challenge seeds: where the tasks of a round come from.
//!
//! A validator must not be able to choose its tasks, and a miner must not be able to know them early. Both follow
//! from one construction: the seed is the output of a verifiable random function (VRF, sr25519) that the validator
//! evaluates over [`SeedContext`], in which nothing is left to its choice:
//!
//! * the genesis hash, the subnet, the epoch and the round name the occasion,
//! * the audience says whether one miner or every miner of the round gets the tasks,
//! * the source block is fixed by [`RoundPlan::source_block`], and the chain finalised what is taken from it: the value
//!   of its [beacon](crate::beacon::seed_source) in that block, or the block's hash on a chain without strict rules.
//!
//! A VRF has exactly one output per key and input, so a validator that dislikes its tasks cannot draw again; and
//! nobody without the key can compute the output before the validator uses it. The proof lets anyone check that the
//! output belongs to the key.
//!
//! Sometimes every validator must ask the same, as of programs that miners submitted beforehand. No single key may
//! decide then: the *common seed* is a hash of the same context. The author of the source block could discard a block
//! whose seed it dislikes. So a common seed is no secret and costs a block to influence, where it comes from the
//! beacon. The programs that it tests were committed to before.
//!
//! Words: a *seed proof* is context, signer, output and proof together; the *seed reference* is the hash by which
//! records name it. *Sub-seeds* are derived from the seed by label and index; [`SeedRng`] draws from one of them.
//!
//! This module knows neither the chain nor the clock: a verifier passes the values that it found there.

use alloc::vec::Vec;

use crate::{
    hash::{blake2_256, blake2_256_of, blake2_512, each_row, row},
    sr25519::{Entropy, Keypair},
    vrf::{self, VrfSignature},
    AccountId,
};

mod rng;
#[cfg(test)]
mod tests;

pub use rng::SeedRng;

const SEED_DOMAIN: &[u8] = b"myelin/seed/1";
const REFERENCE_DOMAIN: &[u8] = b"myelin/seed-reference/1";
const COMMON_DOMAIN: &[u8] = b"myelin/common-seed/1";
const COMMON_REFERENCE_DOMAIN: &[u8] = b"myelin/common-seed-reference/1";
const SUB_SEED_DOMAIN: &[u8] = b"myelin/sub-seed/1";
const CHALLENGE_DOMAIN: &[u8] = b"myelin/challenge/1";

/// Receivers of the tasks that a seed draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// Every miner of the round gets the same tasks; their open answers are compared with each other.
    Round,
    /// One miner, by its hotkey, gets tasks of its own; each has one right answer.
    Miner(AccountId),
}

impl Audience {
    /// The audience's name in one byte: 0 for the round, 1 for one miner.
    pub fn tag(&self) -> u8 {
        match self {
            Audience::Round => 0,
            Audience::Miner(_) => 1,
        }
    }

    fn append_to(&self, out: &mut Vec<u8>) {
        out.push(self.tag());
        match self {
            Audience::Round => out.extend_from_slice(&[0; 32]),
            Audience::Miner(hotkey) => out.extend_from_slice(hotkey),
        }
    }

    fn read_from(bytes: &[u8; 33]) -> Option<Self> {
        let (tag, rest) = bytes.split_first()?;
        let hotkey: [u8; 32] = rest.try_into().ok()?;
        match (tag, hotkey) {
            (0, hotkey) if hotkey == [0; 32] => Some(Audience::Round),
            (1, hotkey) => Some(Audience::Miner(hotkey)),
            _ => None,
        }
    }
}

/// Places of an epoch's rounds on the chain's blocks.
///
/// The first `span_permille` of the epoch is cut into `rounds` equal parts, and the first block of a part is the
/// *source block* of its round. Each validator begins to ask at a block of the part that its own seed draws. What is
/// left at the end is time to finish the last round and to submit weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundPlan {
    /// Rounds per epoch, at least 1.
    pub rounds: u16,
    /// Part of the epoch in which rounds start, in thousandths, at most 1000.
    pub span_permille: u16,
}

impl RoundPlan {
    /// Height of the block that seeds `round`, or `None` if the plan has no such round.
    ///
    /// `epoch_start + 1 + floor(floor(tempo · span / 1000) · round / rounds)`: strictly after the block that began
    /// the epoch, so that registrations and commitments of the previous epoch are settled.
    pub fn source_block(&self, epoch_start: u64, tempo: u16, round: u16) -> Option<u64> {
        if round >= self.rounds {
            return None;
        }
        self.part(epoch_start, tempo, round)
    }

    /// Block at which a validator begins to ask in `round`, drawn by its own `seed` of the round. It lies in the
    /// round's part and leaves `needed` blocks of the part; without such a block it is the source block.
    ///
    /// `source + below(max(0, end of the part − source − needed) + 1)`. The source block stays the one that the rule
    /// fixes, so nothing about the tasks depends on the start. Validators do not coincide, and nobody but the validator
    /// knows when its requests come.
    pub fn start_block(
        &self,
        epoch_start: u64,
        tempo: u16,
        round: u16,
        needed: u64,
        seed: &Seed,
    ) -> Option<u64> {
        let source = self.source_block(epoch_start, tempo, round)?;
        let end = self.part(epoch_start, tempo, round + 1)?;
        let room = end.saturating_sub(source).saturating_sub(needed);
        source.checked_add(seed.derive(b"start", round.into()).rng().below(room.saturating_add(1)))
    }

    /// First block of a part; of the one behind the last, its end.
    fn part(&self, epoch_start: u64, tempo: u16, part: u16) -> Option<u64> {
        let span = u64::from(tempo) * u64::from(self.span_permille.min(1000)) / 1000;
        let offset = span * u64::from(part) / u64::from(self.rounds);
        epoch_start.checked_add(1)?.checked_add(offset)
    }
}

/// The context of a seed. Two honest observers of the chain write down the same context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedContext {
    /// Hash of the chain's first block.
    pub genesis: [u8; 32],
    /// The subnet.
    pub netuid: u16,
    /// The subnet's epoch index.
    pub epoch: u64,
    /// Round within the epoch, from 0.
    pub round: u16,
    /// Receivers of the tasks.
    pub audience: Audience,
    /// Height of the finalised block that [`RoundPlan::source_block`] names.
    pub source_block: u64,
    /// Bytes of that block in the seed: the beacon's value, or the hash of the block, by
    /// [`seed_source`](crate::beacon::seed_source).
    pub source_hash: [u8; 32],
}

impl SeedContext {
    /// Bytes of the canonical form.
    pub const LEN: usize = 32 + 2 + 8 + 2 + 33 + 8 + 32;

    /// Canonical bytes: the fields in order, integers little-endian, the audience as tag and 32 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::LEN);
        out.extend_from_slice(&self.genesis);
        out.extend_from_slice(&self.netuid.to_le_bytes());
        out.extend_from_slice(&self.epoch.to_le_bytes());
        out.extend_from_slice(&self.round.to_le_bytes());
        self.audience.append_to(&mut out);
        out.extend_from_slice(&self.source_block.to_le_bytes());
        out.extend_from_slice(&self.source_hash);
        out
    }

    /// The seed that everybody who knows the source block computes alike, with the hash by which records name it.
    pub fn common(&self) -> ([u8; 32], Seed) {
        let bytes = self.to_bytes();
        let seed = Seed(blake2_256_of(&[COMMON_DOMAIN, &bytes]));
        (blake2_256_of(&[COMMON_REFERENCE_DOMAIN, &bytes]), seed)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let context = SeedContext {
            genesis: take(&mut rest)?,
            netuid: u16::from_le_bytes(take(&mut rest)?),
            epoch: u64::from_le_bytes(take(&mut rest)?),
            round: u16::from_le_bytes(take(&mut rest)?),
            audience: Audience::read_from(&take(&mut rest)?)?,
            source_block: u64::from_le_bytes(take(&mut rest)?),
            source_hash: take(&mut rest)?,
        };
        rest.is_empty().then_some(context)
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = bytes.split_at_checked(N)?;
    *bytes = tail;
    head.try_into().ok()
}

/// A seed with everything needed to check it. Validators pass it to each other and keep it with the records; miners
/// never get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedProof {
    /// The context of the seed.
    pub context: SeedContext,
    /// The validator's hotkey that evaluated the VRF.
    pub signer: AccountId,
    /// Output and proof of the VRF.
    pub vrf: VrfSignature,
}

/// Reasons to refuse a seed, each with the claimed value and the value that the verifier found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// The bytes are not a seed proof.
    #[error("a seed proof is {expected} bytes in canonical form, these {found} are not")]
    Malformed {
        /// Length of a seed proof.
        expected: usize,
        /// Length of the bytes given.
        found: usize,
    },
    /// Another chain, subnet, epoch, round or audience than the one in question.
    #[error("the seed is drawn for another {field} than the one it is used for: ask for the seed of this occasion")]
    WrongOccasion {
        /// The field that differs.
        field: &'static str,
    },
    /// The block was not the one that the rule fixes.
    #[error(
        "the seed uses block {found}, the rule fixes block {expected}: a validator may not choose its block"
    )]
    WrongBlock {
        /// Height claimed.
        found: u64,
        /// Height by the rule.
        expected: u64,
    },
    /// Neither the value nor the hash that the rule names.
    #[error(
        "the seed takes other bytes from block {block} than the rule names: the beacon's value of the final block, \
         or its hash where the chain has no strict rules"
    )]
    WrongHash {
        /// Height in question.
        block: u64,
    },
    /// The signer may not draw seeds for this subnet.
    #[error("the seed is signed by a hotkey that may not draw seeds here: it needs a validator permit")]
    WrongSigner,
    /// The VRF proof does not verify.
    #[error(
        "the seed's VRF proof does not verify: the output was not drawn by the signer over this context"
    )]
    BadProof,
}

impl SeedProof {
    /// Bytes of the canonical form.
    pub const LEN: usize = SeedContext::LEN + 32 + 32 + 64;

    /// Evaluates the VRF of `keys` over `context` and returns the proof with the seed it proves.
    ///
    /// The seed is a function of key and context alone; `entropy` only enters the proof.
    pub fn draw(context: SeedContext, keys: &Keypair, entropy: Entropy) -> (Self, Seed) {
        let (vrf, randomness) = vrf::sign(keys, SEED_DOMAIN, &context.to_bytes(), entropy);
        (Self { context, signer: keys.public(), vrf }, Seed(randomness))
    }

    /// Canonical bytes: context, signer, VRF output, VRF proof.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.context.to_bytes();
        out.extend_from_slice(&self.signer);
        out.extend_from_slice(&self.vrf.output);
        out.extend_from_slice(&self.vrf.proof);
        out
    }

    /// Reads [`to_bytes`](Self::to_bytes); anything longer, shorter or not canonical is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SeedError> {
        let malformed = SeedError::Malformed { expected: Self::LEN, found: bytes.len() };
        let Some((context, mut rest)) = bytes.split_at_checked(SeedContext::LEN) else {
            return Err(malformed);
        };
        let mut read = || {
            let proof = SeedProof {
                context: SeedContext::from_bytes(context)?,
                signer: take(&mut rest)?,
                vrf: VrfSignature { output: take(&mut rest)?, proof: take(&mut rest)? },
            };
            rest.is_empty().then_some(proof)
        };
        read().ok_or(malformed)
    }

    /// The hash by which records name this seed: over context, signer and output, not over the proof, which may be
    /// made anew without changing the seed.
    pub fn reference(&self) -> [u8; 32] {
        seed_reference(&self.context, &self.signer, &self.vrf.output)
    }

    /// Checks that this is the one seed that `signer ∈ may_sign` can have for `expected`, and returns it.
    ///
    /// `expected` is what the verifier itself reads from the chain; `may_sign` says whether a hotkey held a permit.
    pub fn verify(
        &self,
        expected: &SeedContext,
        may_sign: impl Fn(&AccountId) -> bool,
    ) -> Result<Seed, SeedError> {
        self.check_occasion(expected)?;
        if self.context.source_block != expected.source_block {
            return Err(SeedError::WrongBlock {
                found: self.context.source_block,
                expected: expected.source_block,
            });
        }
        if self.context.source_hash != expected.source_hash {
            return Err(SeedError::WrongHash { block: expected.source_block });
        }
        if !may_sign(&self.signer) {
            return Err(SeedError::WrongSigner);
        }
        vrf::verify(&self.signer, SEED_DOMAIN, &self.context.to_bytes(), &self.vrf)
            .map(Seed)
            .map_err(|_| SeedError::BadProof)
    }

    fn check_occasion(&self, expected: &SeedContext) -> Result<(), SeedError> {
        let ours = &self.context;
        let differs = [
            ("chain", ours.genesis != expected.genesis),
            ("subnet", ours.netuid != expected.netuid),
            ("epoch", ours.epoch != expected.epoch),
            ("round", ours.round != expected.round),
            ("audience", ours.audience != expected.audience),
        ];
        match differs.into_iter().find(|(_, differs)| *differs) {
            Some((field, _)) => Err(SeedError::WrongOccasion { field }),
            None => Ok(()),
        }
    }
}

/// Thirty-two bytes from which the tasks of one audience are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl core::fmt::Debug for Seed {
    /// Shows nothing of the seed, because the seed reveals the tasks.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Seed(..)")
    }
}

impl Seed {
    /// An independent seed for one purpose: `label` names the purpose, `index` counts within it.
    pub fn derive(&self, label: &[u8], index: u64) -> Seed {
        let length = (label.len() as u64).to_le_bytes();
        Seed(blake2_256_of(&[SUB_SEED_DOMAIN, &self.0, &length, label, &index.to_le_bytes()]))
    }

    /// A generator that draws from this seed.
    pub fn rng(&self) -> SeedRng {
        SeedRng::new(*self)
    }
}

/// The hash that names the seed which `signer` drew over `context`, by the output of its VRF.
pub fn seed_reference(context: &SeedContext, signer: &AccountId, output: &[u8; 32]) -> [u8; 32] {
    blake2_256_of(&[REFERENCE_DOMAIN, &context.to_bytes(), signer, output])
}

/// The name under which answers to one task are signed: seed reference, task number, and who evaluates.
///
/// Every miner of a round shares it; a signed answer names its miner beside it. Two different answers that one miner
/// signed for one challenge id prove equivocation.
pub fn challenge_id(seed_reference: &[u8; 32], task: u16, evaluator: &AccountId) -> [u8; 32] {
    blake2_256(&challenge_row(seed_reference, task, evaluator))
}

/// [`challenge_id`] of each of several tasks.
pub fn challenge_ids<'a>(
    tasks: impl Iterator<Item = (&'a [u8; 32], u16)>,
    evaluator: &AccountId,
) -> Vec<[u8; 32]> {
    each_row(tasks.map(|(seed_reference, task)| challenge_row(seed_reference, task, evaluator)))
}

fn challenge_row(seed_reference: &[u8; 32], task: u16, evaluator: &AccountId) -> [u8; 84] {
    row(&[CHALLENGE_DOMAIN, seed_reference, &task.to_le_bytes(), evaluator])
}

fn block_of(seed: &Seed, counter: u64) -> [u8; 64] {
    blake2_512(&row::<40>(&[&seed.0, &counter.to_le_bytes()]))
}
