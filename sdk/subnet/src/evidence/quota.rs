//! Limit on the bytes of evidence that are kept.

use std::{collections::BTreeMap, fs, path::Path};

use super::{EvidenceError, EvidenceFolder};

/// Least space that a file takes on most disks.
const BLOCK: u64 = 4096;

/// The limit, and the measured sizes of finished epochs, so that each is measured once.
#[derive(Clone, Debug)]
pub struct Quota {
    most: u64,
    measured: BTreeMap<u64, u64>,
}

impl Quota {
    /// A limit of `most` bytes; the newest epoch is kept in any case.
    pub fn new(most: u64) -> Self {
        Self { most, measured: BTreeMap::new() }
    }

    /// Removes the oldest epochs of a folder until the rest is within the limit.
    pub fn keep(&mut self, folder: &EvidenceFolder) -> Result<(), EvidenceError> {
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
            let Some(removed) = folder.remove_oldest()? else { return Ok(()) };
            all = all.saturating_sub(self.measured.remove(&removed).unwrap_or_default());
        }
        Ok(())
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
