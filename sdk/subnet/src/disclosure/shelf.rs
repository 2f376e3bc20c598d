//! Pages as a validator serves them. Documents that are files are hashed once, and of a file only the page is read.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError, TryLockError},
};

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_wire::{
    hash::{blake2_128, blake2_256, from_hex, to_hex, Hash},
    record::{miner_digest, Record},
    AccountId,
};

use super::{
    written, Clock, KeptArtefact, KeptRounds, Page, PageRequest, Part, Untold, DOCUMENT_BYTES, PAGE_BYTES,
};
use crate::evidence::{
    damaged, disk, hash_of, opened, read_part, record_bytes, EvidenceError, EvidenceFolder, KeptEntry,
};

/// Most documents whose hash is remembered: those of 64 validators in 20 epochs with 24 rounds each. They take less
/// than 16 MiB.
const MOST_HASHES: usize = 1 << 16;

/// The sender of a request.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    /// Its hotkey.
    pub hotkey: AccountId,
    /// Whether it is registered on the subnet. Others do not wait while a document is prepared.
    pub registered: bool,
}

/// Serves pages, and remembers the hashes of documents that are files.
///
/// One document is prepared at a time. Whoever asks for the same one meanwhile finds it done. When there is no more
/// room, hashes of the oldest epochs are forgotten, and those of older ones are not remembered. So whoever asks for old
/// epochs in turn takes nothing from those who ask for new ones.
#[derive(Debug)]
pub struct Shelf {
    most: usize,
    hashes: Mutex<BTreeMap<DocumentKey, (Look, Hash)>>,
    preparing: Mutex<()>,
}

/// Epoch of a document, and the hash of its path.
type DocumentKey = (u64, [u8; 16]);

/// Length, inode and time of change of a file. A file is written beside its place and moved into it, so another content
/// has another look.
type Look = (u64, u64, (i64, i64));

/// Content of a document.
enum Document {
    /// It is made for each request.
    Made(Vec<u8>),
    /// It is a file.
    File(PathBuf),
}

impl Default for Shelf {
    fn default() -> Self {
        Self { most: MOST_HASHES, hashes: Mutex::default(), preparing: Mutex::default() }
    }
}

impl Shelf {
    /// The page for an asker. `folder` is the validator's own; what is held of others lies beside it.
    pub fn page(
        &self,
        folder: &EvidenceFolder,
        clock: Clock,
        asker: Asker,
        request: &PageRequest,
    ) -> Result<Page, Untold> {
        let held = match &request.of {
            Some(_) if !request.part.is_held() => return Err(Untold::NotOfOthers),
            Some(of) => {
                let held = folder.held_of(&from_hex(of).ok_or(Untold::NotHeld)?);
                Some(held).filter(|held| held.path.is_dir()).ok_or(Untold::NotHeld)?
            }
            None if request.part == Part::Artefact => return artefact_page(folder, request),
            None => folder.clone(),
        };
        let from = request.from;
        let (total, hash, bytes) = match self.document(&held, clock, asker, request)? {
            Document::Made(bytes) => {
                let rest = usize::try_from(from).ok().and_then(|from| bytes.get(from..)).unwrap_or_default();
                let page = rest[..rest.len().min(PAGE_BYTES)].to_vec();
                (bytes.len() as u64, blake2_256(&bytes), page)
            }
            Document::File(path) => self.page_of(&path, asker, request)?,
        };
        if from > 0 && from >= total {
            return Err(Untold::BehindEnd { total, from });
        }
        let hash = to_hex(&hash);
        let bytes = if request.known.as_ref() == Some(&hash) { Vec::new() } else { bytes };
        Ok(Page { from, total, hash, bytes: STANDARD.encode(bytes) })
    }

    /// Length and hash of a file, and the page.
    fn page_of(
        &self,
        path: &Path,
        asker: Asker,
        request: &PageRequest,
    ) -> Result<(u64, Hash, Vec<u8>), Untold> {
        let wrong = |found| disk("reading", path, found);
        let file = opened(path)?;
        let look = look_of(&file).map_err(wrong)?;
        if look.0 > DOCUMENT_BYTES {
            return Err(damaged(path, format!("it has more than {DOCUMENT_BYTES} bytes")).into());
        }
        let key: DocumentKey = (request.epoch, blake2_128(path.as_os_str().as_encoded_bytes()));
        let hash = match self.known(&key, look) {
            Some(hash) => hash,
            None => {
                let _preparing = self.prepare(asker)?;
                match self.known(&key, look) {
                    Some(hash) => hash,
                    None => {
                        let hash = hash_of(&file).map_err(wrong)?;
                        self.remember(key, look, hash);
                        hash
                    }
                }
            }
        };
        Ok((look.0, hash, read_part(&file, request.from.min(look.0), PAGE_BYTES).map_err(wrong)?))
    }

    fn known(&self, key: &DocumentKey, look: Look) -> Option<Hash> {
        let hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        hashes.get(key).filter(|(known, _)| *known == look).map(|(_, hash)| *hash)
    }

    fn remember(&self, key: DocumentKey, look: Look, hash: Hash) {
        let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        hashes.insert(key, (look, hash));
        while hashes.len() > self.most {
            hashes.pop_first();
        }
    }

    /// The turn to prepare a document. Registered hotkeys wait for it.
    fn prepare(&self, asker: Asker) -> Result<MutexGuard<'_, ()>, Untold> {
        if asker.registered {
            return Ok(self.preparing.lock().unwrap_or_else(PoisonError::into_inner));
        }
        match self.preparing.try_lock() {
            Ok(turn) => Ok(turn),
            Err(TryLockError::Poisoned(turn)) => Ok(turn.into_inner()),
            Err(TryLockError::WouldBlock) => Err(Untold::Busy),
        }
    }

    fn document(
        &self,
        folder: &EvidenceFolder,
        clock: Clock,
        asker: Asker,
        request: &PageRequest,
    ) -> Result<Document, Untold> {
        let &PageRequest { part, epoch, round, ref hash, .. } = request;
        let made = |bytes| Ok(Document::Made(bytes));
        if part == Part::Rounds {
            return made(written(&kept_rounds(folder, clock)));
        }
        // These parts concern the asker alone, or are public.
        let at_once = matches!(part, Part::Own | Part::Text | Part::Entries);
        let rounds = folder.rounds(epoch);
        let of_epoch =
            matches!(part, Part::Weights | Part::Root) || (part == Part::Standings && hash.is_some());
        if !(rounds.contains(&round) || of_epoch && !rounds.is_empty()) {
            return Err(Untold::NoRound { epoch, round });
        }
        if !at_once && !clock.is_open(epoch) {
            return Err(Untold::TooSoon { epoch, opens: clock.opens(epoch) });
        }
        let hash: Option<Hash> = match hash {
            Some(text) => Some(from_hex(text).ok_or(Untold::NoSuchHash)?),
            None => None,
        };
        let own = || own_records(folder, clock, &asker.hotkey, epoch, round);
        match (part, hash) {
            // The records were read from bytes, so they fit their form.
            (Part::Own, _) => made(record_bytes(own()?.iter()).unwrap_or_default()),
            (Part::Text, hash) => {
                let hash = hash.ok_or(Untold::NoSuchHash)?;
                let names =
                    |record: Record| [record.request, record.answer, record.extension].contains(&hash);
                // Texts of answers that were not judged are not kept, and those of customers are deleted.
                let text = own()?.into_iter().any(names).then(|| folder.text(epoch, &hash).ok()).flatten();
                made(text.ok_or(Untold::NoSuchHash)?)
            }
            (Part::Records, _) => Ok(Document::File(folder.records_file(epoch, round))),
            (Part::Standings, None) => {
                made(written(&folder.round_standings(epoch, round)?.ok_or(Untold::NoRound { epoch, round })?))
            }
            (Part::Standings, Some(hash)) => {
                folder.standings_file(epoch, &hash).map(Document::File).ok_or(Untold::NoSuchHash)
            }
            (Part::Weights, _) => made(written(&folder.weights(epoch)?)),
            (Part::Root, _) => {
                if request.of.is_none() && folder.branches_file(epoch).is_none() {
                    // It is kept from then on; another one may have waited for the same.
                    let _preparing = self.prepare(asker)?;
                    folder.own_branches(epoch)?;
                }
                folder.branches_file(epoch).map(Document::File).ok_or(Untold::NoRound { epoch, round })
            }
            (Part::Entries, _) => made(written(&kept_artefacts(folder, epoch, round)?)),
            (Part::Rounds | Part::Artefact, _) => made(Vec::new()),
        }
    }
}

fn look_of(file: &fs::File) -> std::io::Result<Look> {
    let found = file.metadata()?;
    Ok((found.len(), found.ino(), (found.mtime(), found.mtime_nsec())))
}

/// A page of an artefact. No more of it is read, because artefacts are large and anybody asks for them.
fn artefact_page(folder: &EvidenceFolder, request: &PageRequest) -> Result<Page, Untold> {
    let from = request.from;
    let commitment: Hash = request.hash.as_deref().and_then(from_hex).ok_or(Untold::NoArtefact)?;
    let kept = folder.artefact(&commitment, from, PAGE_BYTES)?;
    let (total, bytes) = kept.ok_or(Untold::NoArtefact)?;
    match bytes.is_empty() && from > 0 {
        true => Err(Untold::BehindEnd { total, from }),
        false => Ok(Page { from, total, hash: to_hex(&commitment), bytes: STANDARD.encode(bytes) }),
    }
}

fn kept_rounds(folder: &EvidenceFolder, clock: Clock) -> Vec<KeptRounds> {
    let kept = |epoch| KeptRounds { epoch, rounds: folder.rounds(epoch), open: clock.is_open(epoch) };
    folder.epochs().into_iter().map(kept).filter(|kept| !kept.rounds.is_empty()).collect()
}

fn kept_artefacts(
    folder: &EvidenceFolder,
    epoch: u64,
    round: u16,
) -> Result<Vec<KeptArtefact>, EvidenceError> {
    let mut kept = Vec::new();
    for KeptEntry { mechanism, miner, place, block, commitment, .. } in folder.entries(epoch, round)? {
        let Some(hash) = from_hex(&commitment) else { continue };
        if let Some((bytes, _)) = folder.artefact(&hash, 0, 0)? {
            kept.push(KeptArtefact { mechanism, miner, place, block, commitment, bytes });
        }
    }
    Ok(kept)
}

fn own_records(
    folder: &EvidenceFolder,
    clock: Clock,
    asker: &AccountId,
    epoch: u64,
    round: u16,
) -> Result<Vec<Record>, EvidenceError> {
    let digest = miner_digest(asker);
    let records = folder.records(epoch, round)?.into_iter();
    Ok(records.filter(|record| record.miner == digest && clock.tells(record)).collect())
}

#[cfg(test)]
mod tests;
