//! Collateral of miners: the requirement of a subnet, the bond of a miner, and the proof that forfeits it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::{AlphaBalance, Block, NetUid, TaoBalance, U64F64};
use myelin_wire::{
    equivocation::report::{ChallengeOrigin, Report, Said},
    seed::{Audience, SeedContext},
};
use scale_info::TypeInfo;

/// Collateral that a subnet requires of its miners. The default requires none.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct CollateralRequirement {
    /// TAO that backs a miner; 0 = off.
    pub amount: TaoBalance,
    /// Blocks between asking for collateral back and getting it.
    pub unbonding: u32,
    /// Block at which the subnet was registered: a later subnet of the same number requires nothing until its owner
    /// sets a requirement.
    pub subnet: Block,
}

/// Collateral locked out of a registration's price. This chain has none, but clients ask for it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct MinerCollateralState {
    /// Alpha that can't be unstaked.
    pub locked: AlphaBalance,
    /// Alpha that one rao of pay frees.
    pub drain_ratio: U64F64,
    /// Amount that always stays locked.
    pub min_locked: AlphaBalance,
    /// Earnings of the miner since.
    pub earned: AlphaBalance,
}

/// Collateral of one miner on one subnet, held on the account of its coldkey.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Collateral<AccountId> {
    /// Owner of the TAO.
    pub coldkey: AccountId,
    /// TAO that is locked.
    pub amount: TaoBalance,
    /// The collateral answers for challenges after this block.
    pub since: Block,
    /// Blocks that it stays after it was asked back.
    pub unbonding: u32,
    /// Block from which it can be withdrawn, once it was asked back. Collateral that was asked back no longer backs the
    /// miner, and can still be forfeited.
    pub leaves: Option<Block>,
    /// Block at which the subnet was registered: a later subnet of the same number has no claim to it.
    pub subnet: Block,
    /// The hotkey that this one replaced at block `since`, if it did.
    pub former: Option<FormerHotkey<AccountId>>,
}

/// A hotkey that answered for collateral before another replaced it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FormerHotkey<AccountId> {
    /// The hotkey.
    pub hotkey: AccountId,
    /// It answers for challenges after this block, and until it was replaced.
    pub since: Block,
}

/// One of two contradicting answers.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SaidAnswer {
    /// Blake2b-256 of the raw request body.
    pub request_hash: [u8; 32],
    /// Blake2b-256 of the raw answer body.
    pub answer_hash: [u8; 32],
    /// Model that answered, as the miner declared it.
    pub model_id: [u8; 32],
    /// sr25519 signature of the miner.
    pub signature: [u8; 64],
}

/// Miners that were asked the challenge.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ChallengeAudience {
    /// Every miner of the round.
    Round,
    /// One miner.
    Miner([u8; 32]),
}

/// Two answers that a miner signed for one challenge, and the origin of the challenge. `myelin-wire` has the rule.
///
/// Chain and subnet are missing: a verifier of the report puts in its own.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct EquivocationReport {
    /// Epoch of the subnet in which the seed was drawn.
    pub epoch: u64,
    /// Round within the epoch.
    pub round: u16,
    /// Miners that were asked.
    pub audience: ChallengeAudience,
    /// Block over which the seed was drawn.
    pub source_block: u64,
    /// Bytes of that block in the seed: the beacon's value, or the hash where seeds are drawn from hashes.
    pub source_hash: [u8; 32],
    /// Hotkey that drew the seed.
    pub seed_signer: [u8; 32],
    /// Output of its verifiable random function.
    pub seed_output: [u8; 32],
    /// Number of the task within the seed.
    pub task: u16,
    /// Whether the challenge asked for a commitment to the answer.
    pub committed: bool,
    /// Hotkey of the validator that asked.
    pub validator: [u8; 32],
    /// Hotkey of the miner that answered twice.
    pub miner: [u8; 32],
    /// The two answers.
    pub answers: [SaidAnswer; 2],
}

impl EquivocationReport {
    /// The report about a subnet of the chain whose first block has the hash `genesis`.
    pub fn about(&self, genesis: [u8; 32], netuid: NetUid) -> Report {
        let context = SeedContext {
            genesis,
            netuid,
            epoch: self.epoch,
            round: self.round,
            audience: match self.audience {
                ChallengeAudience::Round => Audience::Round,
                ChallengeAudience::Miner(hotkey) => Audience::Miner(hotkey),
            },
            source_block: self.source_block,
            source_hash: self.source_hash,
        };
        let origin = ChallengeOrigin {
            context,
            signer: self.seed_signer,
            output: self.seed_output,
            task: self.task,
            committed: self.committed,
        };
        let answers = self.answers.map(|said| Said {
            request_hash: said.request_hash,
            answer_hash: said.answer_hash,
            model_id: said.model_id,
            signature: said.signature,
        });
        Report { origin, validator: self.validator, miner: self.miner, answers }
    }
}

/// Leaves out chain and subnet, which the chain puts in itself.
impl From<&Report> for EquivocationReport {
    fn from(report: &Report) -> Self {
        let context = report.origin.context;
        EquivocationReport {
            epoch: context.epoch,
            round: context.round,
            audience: match context.audience {
                Audience::Round => ChallengeAudience::Round,
                Audience::Miner(hotkey) => ChallengeAudience::Miner(hotkey),
            },
            source_block: context.source_block,
            source_hash: context.source_hash,
            seed_signer: report.origin.signer,
            seed_output: report.origin.output,
            task: report.origin.task,
            committed: report.origin.committed,
            validator: report.validator,
            miner: report.miner,
            answers: report.answers.map(|said| SaidAnswer {
                request_hash: said.request_hash,
                answer_hash: said.answer_hash,
                model_id: said.model_id,
                signature: said.signature,
            }),
        }
    }
}
