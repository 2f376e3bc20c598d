//! Proof of evaluation: the demand of a subnet, roots that validators commit to, and their history of proofs.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::{Block, MechId, Uid};
use myelin_yuma::{framing::Mark, proven::History};
use scale_info::TypeInfo;

use crate::timeline::Timeline;

/// Proof that a subnet demands of its validators. The default demands none.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct EvidenceDemand {
    /// Least number of answers that a miner with a weight must have signed for the validator in the epoch; 0 = off.
    pub answers: u16,
    /// Mechanisms for which it is demanded, the lowest bit for mechanism 0. What miners submit is not answered, so a
    /// mechanism of submissions is left out.
    pub mechanisms: u16,
}

impl EvidenceDemand {
    /// Answers that are demanded on a mechanism; `None` where nothing is demanded.
    pub fn on(&self, mecid: MechId) -> Option<u16> {
        let named = self.mechanisms.checked_shr(mecid.into()).unwrap_or(0) & 1 == 1;
        (named && self.answers > 0).then_some(self.answers)
    }
}

/// The demands of a subnet.
pub type EvidenceTimeline = Timeline<EvidenceDemand>;

/// A root over the evidence of an epoch, committed to with a commit of weights.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct EvidenceRoot<AccountId> {
    /// Hash of the commit of weights.
    pub commit: [u8; 32],
    /// The root.
    pub root: [u8; 32],
    /// The hotkey that committed; another may have replaced it since.
    pub signer: AccountId,
    /// The subnet's epoch index at that time.
    pub epoch: u64,
    /// Block in which that epoch began.
    pub began: Block,
    /// Block of the commitment.
    pub block: Block,
}

/// A miner's root over the answers that it signed in an epoch, see `myelin_wire::evidence::SignedList`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct AnswerRoot {
    /// The subnet's epoch index in which they were signed.
    pub epoch: u64,
    /// The root.
    pub root: [u8; 32],
    /// Number of answers.
    pub answers: u32,
    /// Block of the commitment.
    pub block: Block,
}

/// Evidence of other validators that a validator states to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct EvidenceHoldings {
    /// The subnet's epoch index of that evidence.
    pub epoch: u64,
    /// The validators, by uid, each with the tag of `myelin_wire::evidence::possession_tag`; at most 64.
    pub held: Vec<(Uid, [u8; 16])>,
}

/// The last proofs of a validator on one mechanism. `myelin_yuma::proven` has the rule.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ProofHistory {
    /// The epoch that the lowest bits stand for.
    pub latest: u64,
    /// Epochs with a proof that holds: bit `n` is the epoch `latest − n`.
    pub proven: u16,
    /// Epochs with a proof that does not hold, likewise.
    pub failed: u16,
}

impl ProofHistory {
    /// Whether a proof held in an epoch.
    pub fn is_proven(&self, epoch: u64) -> bool {
        self.latest == epoch && self.proven & 1 == 1
    }
}

/// A validator that gives a miner far less than the majority gives; see `myelin_yuma::framing`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct OutvotedMark {
    /// The validator.
    pub validator: Uid,
    /// The miner.
    pub miner: Uid,
    /// Epochs in a row. The validator is marked from the second on.
    pub epochs: u16,
}

impl From<ProofHistory> for History {
    fn from(ProofHistory { latest, proven, failed }: ProofHistory) -> Self {
        Self { latest, proven, failed }
    }
}

impl From<History> for ProofHistory {
    fn from(History { latest, proven, failed }: History) -> Self {
        Self { latest, proven, failed }
    }
}

impl From<OutvotedMark> for Mark {
    fn from(OutvotedMark { validator, miner, epochs }: OutvotedMark) -> Self {
        Self { validator, miner, epochs }
    }
}

impl From<Mark> for OutvotedMark {
    fn from(Mark { validator, miner, epochs }: Mark) -> Self {
        Self { validator, miner, epochs }
    }
}
