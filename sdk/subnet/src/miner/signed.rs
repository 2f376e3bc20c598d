//! Answers that a miner signed for validators, by epoch of the subnet, and the roots that it commits to.
//!
//! A folder has a file for each epoch: the [leaves](SignedLeaf) one after the other, in the order of signing. Other
//! commands read it while the miner runs. A commitment to an answer is signed under a challenge of its own
//! ([`commit_challenge`](crate::exchange::commit_challenge)), and is listed like an answer.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use myelin_neuron::axon::{AnswerLedger, MemoryLedger};
use myelin_wire::{
    answer::AnswerClaim,
    evidence::{ListRoot, SignedLeaf, SignedList},
    hash::{to_hex, Hash},
    AccountId,
};

use super::{roll::Roll, work};
use crate::{
    chain::{Chain, ChainFault, SubnetView},
    private::create_folder,
};

/// Epochs that are kept.
pub const EPOCHS: u64 = 12;
/// Most answers in the list of an epoch: 128 MB.
const MOST: usize = 1_000_000;
/// Most of one validator among them, so that none takes another's share.
const MOST_OF_ONE: usize = MOST / 64;

/// The folder of a miner's lists in its state folder.
pub fn folder(state: &Path, miner: &AccountId) -> PathBuf {
    state.join("signed").join(to_hex(miner))
}

/// The list of an epoch as a miner wrote it; empty if there is none.
pub fn read(folder: &Path, epoch: u64) -> io::Result<Vec<SignedLeaf>> {
    let mut bytes = Vec::new();
    match File::open(path(folder, epoch)) {
        Ok(file) => file.take((MOST * SignedLeaf::LEN) as u64).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    // A leaf that is being written, or was cut off by a power cut, is left out.
    let (leaves, _) = bytes.as_chunks::<{ SignedLeaf::LEN }>();
    Ok(leaves.iter().map(SignedLeaf::from_bytes).collect())
}

fn path(folder: &Path, epoch: u64) -> PathBuf {
    folder.join(format!("epoch-{epoch:06}"))
}

/// Appends the leaves from number `from` on, without waiting for the disk.
fn append(folder: &Path, epoch: u64, from: usize, leaves: &[SignedLeaf]) -> io::Result<()> {
    create_folder(folder)?;
    let mut file = File::options().write(true).create(true).truncate(false).open(path(folder, epoch))?;
    // Overwrites the rest of a leaf that was cut off.
    file.seek(SeekFrom::Start((from * SignedLeaf::LEN) as u64))?;
    let bytes: Vec<u8> = leaves[from..].iter().flat_map(SignedLeaf::to_bytes).collect();
    file.write_all(&bytes)
}

/// Removes the lists of epochs that are no longer kept.
fn remove_old(folder: &Path, epoch: u64) {
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let of = file.file_name().to_str().and_then(|name| name.strip_prefix("epoch-")?.parse::<u64>().ok());
        if of.is_some_and(|of| of.saturating_add(EPOCHS) <= epoch) {
            let _ = std::fs::remove_file(file.path());
        }
    }
}

/// The answers that a miner signs.
pub struct SignedAnswers {
    folder: Option<PathBuf>,
    present: Mutex<Present>,
}

/// The list of the present epoch.
#[derive(Default)]
struct Present {
    /// `None` until the chain was read.
    epoch: Option<u64>,
    leaves: Vec<SignedLeaf>,
    challenges: HashMap<AccountId, HashSet<Hash>>,
    /// Leaves that are in the file.
    written: usize,
    /// Whether the last write failed, so that a full disk is reported once.
    failing: bool,
}

impl Present {
    /// Adds an answer, unless it is there or there is no room for it.
    fn add(&mut self, leaf: SignedLeaf) {
        let of_validator = self.challenges.entry(leaf.validator).or_default();
        let room = self.leaves.len() < MOST && of_validator.len() < MOST_OF_ONE;
        if room && of_validator.insert(leaf.challenge) {
            self.leaves.push(leaf);
        }
    }

    fn save(&mut self, folder: Option<&Path>) {
        let (Some(folder), Some(epoch)) = (folder, self.epoch) else { return };
        if self.written == self.leaves.len() {
            return;
        }
        let outcome = append(folder, epoch, self.written, &self.leaves);
        let before = std::mem::replace(&mut self.failing, outcome.is_err());
        match outcome {
            Ok(()) => self.written = self.leaves.len(),
            Err(error) if !before => {
                tracing::error!(%error, folder = %folder.display(), "signed answers are listed in memory only");
            }
            Err(_) => {}
        }
    }
}

impl SignedAnswers {
    /// Lists in a folder; `None` keeps the present one in memory alone.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, present: Mutex::default() }
    }

    /// Notes an answer that is being signed. The file is written without waiting for the disk; if it cannot be
    /// written, the answer stays in memory and is written with the next one.
    pub fn note(&self, leaf: SignedLeaf) {
        let mut present = self.lock();
        present.add(leaf);
        present.save(self.folder.as_deref());
    }

    /// Begins an epoch, unless it or a later one has begun. Returns the answers of the epoch before, to commit to.
    pub(crate) fn begin(&self, epoch: u64) -> Option<Vec<SignedLeaf>> {
        let mut present = self.lock();
        if present.epoch.is_some_and(|begun| begun >= epoch) {
            return None;
        }
        present.save(self.folder.as_deref());
        let last = std::mem::take(&mut *present);
        present.epoch = Some(epoch);
        let Some(folder) = &self.folder else {
            return Some(if last.epoch.is_some_and(|last| last + 1 == epoch) {
                last.leaves
            } else {
                Vec::new()
            });
        };
        let kept = |epoch| {
            read(folder, epoch).unwrap_or_else(|error| {
                tracing::error!(%error, folder = %folder.display(), epoch, "signed answers are not read");
                Vec::new()
            })
        };
        kept(epoch).into_iter().for_each(|leaf| present.add(leaf));
        present.written = present.leaves.len();
        remove_old(folder, epoch);
        match last.epoch.is_some_and(|last| last + 1 == epoch) {
            true => Some(last.leaves),
            // The miner was started after that epoch.
            false => epoch.checked_sub(1).map(kept),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes the answers that are signed for validators. Those for strangers are signed as well, and not noted.
pub(super) struct NotingLedger {
    ledger: MemoryLedger,
    roll: Roll,
    signed: Arc<SignedAnswers>,
}

impl NotingLedger {
    pub(super) fn new(roll: Roll, signed: Arc<SignedAnswers>) -> Self {
        Self { ledger: MemoryLedger::default(), roll, signed }
    }
}

impl AnswerLedger for NotingLedger {
    fn may_sign(&self, claim: &AnswerClaim) -> bool {
        let may = self.ledger.may_sign(claim);
        if may && self.roll.contains(&claim.validator) {
            let (validator, challenge) = (claim.validator, claim.challenge_id);
            let (request, answer) = (claim.request_hash, claim.answer_hash);
            self.signed.note(SignedLeaf { validator, challenge, request, answer });
        }
        may
    }
}

/// Sight of the chain in an epoch: a miner that lost it for long may have been out of reach.
#[derive(Default)]
struct Presence {
    /// `None` until the chain was read.
    epoch: Option<u64>,
    /// Last block that was read.
    seen: u64,
    /// Most blocks in a row that passed unseen.
    gap: u64,
}

impl Presence {
    /// Notes that a block was read. Returns, at the first one of an epoch, whether the miner was there in the epoch
    /// before: it began with it, and lost sight of the chain for no more than half of a tempo.
    fn look(&mut self, view: &SubnetView) -> bool {
        let Self { epoch: before, seen, gap } = *self;
        let passed = |from: u64, to: u64| to.saturating_sub(from);
        match before {
            // A node that is behind.
            Some(before) if before > view.epoch => false,
            Some(before) if before == view.epoch => {
                (self.seen, self.gap) = (view.block.max(seen), gap.max(passed(seen, view.block)));
                false
            }
            _ => {
                let gap = gap.max(passed(seen, view.epoch_start));
                let first = passed(view.epoch_start, view.block);
                *self = Self { epoch: Some(view.epoch), seen: view.block, gap: first };
                before.is_some_and(|before| before + 1 == view.epoch) && gap <= u64::from(view.tempo / 2)
            }
        }
    }
}

/// Commits to the answers of each epoch that has ended, where the subnet demands proof.
///
/// A miner that was there and was asked by nobody commits to none: without a root it would count as away, and excuse
/// validators that did not ask it. A miner that was not there all the time commits only if it has signed something.
pub(super) struct Commitments {
    signed: Arc<SignedAnswers>,
    presence: Presence,
    due: Option<Due>,
    /// Reason of the last failure; each reason is logged once.
    failed: Option<String>,
}

/// A commitment to make while the epoch after it lasts.
struct Due {
    epoch: u64,
    answers: ListRoot,
    /// Whether the subnet is known to demand proof.
    demanded: bool,
}

impl Commitments {
    pub(super) fn new(signed: Arc<SignedAnswers>) -> Self {
        Self { signed, presence: Presence::default(), due: None, failed: None }
    }

    /// Notes a block of the chain, and begins its epoch, if it is new.
    pub(super) async fn begin(&mut self, view: &SubnetView) {
        let (was_there, epoch) = (self.presence.look(view), view.epoch);
        let signed = self.signed.clone();
        let root = move || signed.begin(epoch).map(|leaves| SignedList::new(leaves).root());
        // Hashing a long list takes a second.
        if let Ok(Some(answers)) = tokio::task::spawn_blocking(root).await {
            let due = |epoch| Due { epoch, answers, demanded: false };
            self.due = epoch.checked_sub(1).filter(|_| answers.len > 0 || was_there).map(due);
        }
    }

    /// Makes the commitment that is due. What fails is tried again by the next call.
    pub(super) async fn commit<C: Chain>(&mut self, chain: &C, netuid: u16) {
        let Some(due) = &mut self.due else { return };
        match due.state(chain, netuid).await {
            Ok(done) => {
                if done {
                    let (epoch, answers) = (due.epoch, due.answers.len);
                    tracing::info!(netuid, epoch, answers, "committed to the answers that were signed");
                }
                (self.due, self.failed) = (None, None);
            }
            Err(error) if error.is("AnswerRootOutOfTurn") => {
                let epoch = due.epoch;
                tracing::info!(netuid, epoch, "the chain has a root for that epoch, or takes none any more");
                (self.due, self.failed) = (None, None);
            }
            Err(error) => {
                let cause = work::cause_of(&error.to_string());
                if self.failed.as_ref() != Some(&cause) {
                    tracing::warn!(%error, netuid, "signed answers are not committed to; trying again");
                    self.failed = Some(cause);
                }
            }
        }
    }
}

impl Due {
    /// Returns whether it is on the chain now; false where nothing is demanded.
    async fn state<C: Chain>(&mut self, chain: &C, netuid: u16) -> Result<bool, ChainFault> {
        if !self.demanded {
            let demand = chain.evidence_demand(netuid).await?;
            if demand.answers == 0 {
                return Ok(false);
            }
            self.demanded = true;
        }
        chain.commit_answers(netuid, self.epoch, self.answers).await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(validator: u8, challenge: u32) -> SignedLeaf {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&challenge.to_le_bytes());
        SignedLeaf { validator: [validator; 32], challenge: id, request: [9; 32], answer: [8; 32] }
    }

    #[test]
    fn the_list_of_an_epoch_goes_on_after_a_restart_and_after_half_a_leaf() {
        let guard = tempfile::tempdir().unwrap();
        let at = folder(guard.path(), &[1; 32]);
        let signed = SignedAnswers::new(Some(at.clone()));
        assert_eq!(signed.begin(5), Some(vec![]));
        signed.note(leaf(1, 1));
        signed.note(leaf(1, 1));
        drop(signed);
        let mut file = File::options().append(true).open(path(&at, 5)).unwrap();
        file.write_all(&[7; 40]).unwrap();

        let signed = SignedAnswers::new(Some(at.clone()));
        assert_eq!(signed.begin(5), Some(vec![]));
        assert_eq!(signed.begin(5), None, "it has begun");
        signed.note(leaf(1, 1));
        signed.note(leaf(2, 1));
        assert_eq!(read(&at, 5).unwrap(), [leaf(1, 1), leaf(2, 1)]);
        assert_eq!(signed.begin(6), Some(vec![leaf(1, 1), leaf(2, 1)]));
        assert_eq!(signed.begin(5), None, "a node that is behind");
        signed.note(leaf(1, 3));
        // Restarted in the next epoch, it still has the list to commit to.
        let signed = SignedAnswers::new(Some(at.clone()));
        assert_eq!(signed.begin(7), Some(vec![leaf(1, 3)]));
        assert_eq!(
            signed.begin(5 + EPOCHS),
            Some(vec![]),
            "epoch 7 is too long ago, and nothing was signed after it"
        );
        assert!(!path(&at, 5).exists() && path(&at, 6).exists());
    }

    fn view(epoch: u64, epoch_start: u64, block: u64) -> SubnetView {
        SubnetView {
            block,
            tempo: 100,
            epoch_start,
            epoch,
            commit_reveal: true,
            reveal_period: 1,
            weights_rate_limit: 0,
            version_key: 0,
            updates: Vec::new(),
            owner: None,
            evidence: Default::default(),
            neurons: Vec::new(),
        }
    }

    #[test]
    fn a_miner_was_there_if_it_never_lost_sight_of_the_chain_for_half_an_epoch() {
        let after = |looks: &[(u64, u64, u64)]| {
            let mut presence = Presence::default();
            let seen = looks.iter().map(|(epoch, start, block)| presence.look(&view(*epoch, *start, *block)));
            seen.collect::<Vec<_>>()
        };
        assert_eq!(after(&[(5, 100, 105), (5, 100, 150), (6, 200, 201)]), [false, false, true]);
        assert_eq!(after(&[(5, 100, 150), (6, 200, 230)]), [false, true], "half is not too long");
        assert_eq!(after(&[(5, 100, 151), (6, 200, 201)]), [false, false], "it was started late");
        assert_eq!(after(&[(5, 100, 149), (6, 200, 201)]), [false, false], "it was cut off at the end");
        assert_eq!(after(&[(5, 100, 101), (5, 100, 152), (6, 200, 201)]), [false, false, false]);
        assert_eq!(after(&[(5, 100, 140), (7, 300, 301)]), [false, false], "a whole epoch is missing");
        let behind = [(6, 200, 201), (5, 100, 199), (6, 200, 250), (7, 300, 301)];
        assert_eq!(after(&behind), [false, false, false, true]);
    }

    #[test]
    fn without_a_folder_the_list_is_in_memory() {
        let signed = SignedAnswers::new(None);
        assert_eq!(signed.begin(5), Some(vec![]));
        signed.note(leaf(1, 1));
        assert_eq!(signed.begin(6), Some(vec![leaf(1, 1)]));
        signed.note(leaf(1, 1));
        assert_eq!(signed.begin(8), Some(vec![]));
    }

    #[test]
    fn no_validator_takes_the_share_of_another() {
        let mut present = Present::default();
        for challenge in 0..=MOST_OF_ONE as u32 {
            present.add(leaf(1, challenge));
        }
        assert_eq!(present.leaves.len(), MOST_OF_ONE);
        present.add(leaf(2, 0));
        assert_eq!(present.leaves.last(), Some(&leaf(2, 0)));
    }

    #[test]
    fn answers_that_could_not_be_written_are_written_later() {
        let guard = tempfile::tempdir().unwrap();
        let at = guard.path().join("lists");
        std::fs::write(&at, "in the way").unwrap();
        let signed = SignedAnswers::new(Some(at.clone()));
        signed.begin(5);
        signed.note(leaf(1, 1));
        assert!(signed.lock().failing);
        std::fs::remove_file(&at).unwrap();
        signed.note(leaf(1, 2));
        assert_eq!(read(&at, 5).unwrap(), [leaf(1, 1), leaf(1, 2)]);
        assert!(!signed.lock().failing);
    }
}
