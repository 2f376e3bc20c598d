//! Limits on the epochs and the bytes of evidence that are kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::SystemTime,
};

use super::{disk, EvidenceError, EvidenceFolder};

/// Least space that a file takes on most disks.
const BLOCK: u64 = 4096;

impl EvidenceFolder {
    /// Removes the oldest epochs beyond [`keep`](Self::keep) that are not due.
    pub(crate) fn prune(&self, due: &BTreeSet<u64>) -> Result<(), EvidenceError> {
        for _ in self.keep.max(1)..self.epochs().len() {
            if self.remove_oldest(due)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Removes the oldest epoch that is not `due`, but never the newest, and the artefacts that were not used since.
    /// Returns its number; `None` if every older epoch is due.
    pub fn remove_oldest(&self, due: &BTreeSet<u64>) -> Result<Option<u64>, EvidenceError> {
        let epochs = self.epochs();
        let Some((_, finished)) = epochs.split_last() else { return Ok(None) };
        let Some(oldest) = finished.iter().copied().find(|epoch| !due.contains(epoch)) else {
            return Ok(None);
        };
        let path = self.epoch_path(oldest);
        let removed = fs::metadata(&path).and_then(|found| found.modified()).ok();
        fs::remove_dir_all(&path).map_err(|found| disk("removing", &path, found))?;
        // An older epoch that stays may have used older artefacts.
        let removed = removed.filter(|_| finished.first() == Some(&oldest));
        removed.and_then(|removed| self.prune_artefacts(removed));
        Ok(Some(oldest))
    }

    /// Removes artefacts that were not used since the last epoch that is not kept.
    fn prune_artefacts(&self, removed: SystemTime) -> Option<()> {
        for entry in fs::read_dir(self.artefacts()).ok()?.flatten() {
            let unused = entry.metadata().and_then(|found| found.modified()).is_ok_and(|used| used < removed);
            if unused {
                let _ = fs::remove_file(entry.path());
            }
        }
        Some(())
    }
}

/// The limit, and the measured sizes of finished epochs, so that each is measured once.
#[derive(Clone, Debug)]
pub struct Quota {
    most: u64,
    measured: BTreeMap<u64, u64>,
    is_exceeded: bool,
}

impl Quota {
    /// A limit of `most` bytes; the newest epoch is kept in any case.
    pub fn new(most: u64) -> Self {
        Self { most, measured: BTreeMap::new(), is_exceeded: false }
    }

    /// Removes the oldest epochs of a folder that are not `due` until the rest is within the limit. A warning is logged
    /// if it is not within the limit then, once until it is.
    pub fn keep(&mut self, folder: &EvidenceFolder, due: &BTreeSet<u64>) -> Result<(), EvidenceError> {
        let epochs = folder.epochs();
        self.measured.retain(|epoch, _| epochs.contains(epoch));
        let Some((newest, finished)) = epochs.split_last() else { return Ok(()) };
        // The newest epoch still grows, so its size is not kept.
        self.measured.remove(newest);
        for epoch in finished {
            self.measured.entry(*epoch).or_insert_with(|| bytes_in(&folder.epoch_path(*epoch)));
        }
        let mut all = bytes_in(&folder.epoch_path(*newest)) + self.measured.values().sum::<u64>();
        while all > self.most {
            let Some(removed) = folder.remove_oldest(due)? else { break };
            all = all.saturating_sub(self.measured.remove(&removed).unwrap_or_default());
        }
        let is_exceeded = all > self.most && !self.measured.is_empty();
        if is_exceeded && !self.is_exceeded {
            tracing::warn!(
                bytes = all,
                limit = self.most,
                epochs = ?self.measured.keys().collect::<Vec<_>>(),
                "evidence exceeds its limit for a while: proofs over these epochs are due; raise --keep-mib"
            );
        }
        self.is_exceeded = is_exceeded;
        Ok(())
    }

    /// Whether the folder exceeded the limit when it was last looked at, because older epochs are due.
    pub fn is_exceeded(&self) -> bool {
        self.is_exceeded
    }
}

/// Space that the files of an epoch take, also those in folders of it.
fn bytes_in(folder: &Path) -> u64 {
    let files = |folder: &Path| -> u64 {
        let found = fs::read_dir(folder).into_iter().flatten().flatten();
        found.filter_map(|file| file.metadata().ok()).map(|file| file.len().next_multiple_of(BLOCK)).sum()
    };
    let below = ["texts", "standings", "private"].map(|name| files(&folder.join(name)));
    files(folder) + below.iter().sum::<u64>()
}
