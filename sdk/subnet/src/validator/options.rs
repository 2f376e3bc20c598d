//! Options of a validator.

use std::path::PathBuf;

use super::{desk::EvidenceAxon, held::ROUND_BYTES, schedule::Timetable};
use crate::{evaluation::GroupRule, evidence::KeepLimits, rules::Terms};

/// Epochs for which texts of customers are kept by default. An auditor reads the root of an epoch in the chain's newest
/// state for 10 epochs, and a permit that was lost for failed proofs is back after 20.
pub const KEEP_CUSTOMER_TEXTS: u64 = 20;

/// Options of a validator.
#[derive(Clone, Debug)]
pub struct ValidatorOptions {
    /// The subnet.
    pub netuid: u16,
    /// Folder for averages, progress and salts.
    pub state: PathBuf,
    /// Folder for evidence.
    pub evidence: PathBuf,
    /// Epochs of evidence that are kept. Those of which proofs are due stay in any case.
    pub keep_epochs: usize,
    /// Epochs after which the texts of customers are deleted from the evidence; 0 deletes them as soon as the weights
    /// of their epoch are proved.
    pub keep_customer_texts: u64,
    /// Bytes of evidence that are kept besides those of the newest epoch; the oldest epochs go first. Those of which
    /// proofs are due stay in any case.
    pub evidence_bytes: u64,
    /// Bytes of evidence of other validators that are held where the subnet demands proof, shared equally by them; 0
    /// holds nothing, and attests nothing.
    pub hold_bytes: u64,
    /// Bytes of answers that are held of a round, shared equally by its miners.
    pub round_bytes: usize,
    /// Bytes of tasks and answers that wait for their outcome. Tasks of a round that find no room count for nobody.
    pub deferred_bytes: u64,
    /// Division of an epoch.
    pub timetable: Timetable,
    /// Condition under which miners count as repeating each other.
    pub groups: GroupRule,
    /// Most miners asked in a round; if there are more, the seed chooses.
    pub most_miners: usize,
    /// Existing folder with requests of customers, which are asked among the tasks.
    pub organic: Option<PathBuf>,
    /// Address at which it reports its evidence; none by default.
    pub axon: Option<EvidenceAxon>,
    /// Hash of the secret with which the subnet draws tasks, so that evidence names it; none without one.
    pub tasks_secret: Option<[u8; 32]>,
    /// Rules that the subnet's owner chooses. All validators of a subnet have the same.
    pub terms: Terms,
}

impl ValidatorOptions {
    /// Defaults for `netuid`, with everything kept below `folder`.
    pub fn new(netuid: u16, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self {
            netuid,
            state: folder.join("state"),
            evidence: folder.join("evidence"),
            keep_epochs: 200,
            keep_customer_texts: KEEP_CUSTOMER_TEXTS,
            evidence_bytes: 16 << 30,
            hold_bytes: 1 << 30,
            round_bytes: ROUND_BYTES,
            deferred_bytes: 1 << 30,
            timetable: Timetable::default(),
            groups: GroupRule::default(),
            most_miners: 256,
            organic: None,
            axon: None,
            tasks_secret: None,
            terms: Terms::default(),
        }
    }

    /// The limits of its evidence.
    pub(super) fn keep_limits(&self) -> KeepLimits {
        KeepLimits {
            keep_epochs: self.keep_epochs as u64,
            keep_bytes: self.evidence_bytes,
            keep_customer_texts: self.keep_customer_texts,
        }
    }
}
