//! Submissions of a miner: the commitment on the chain, and the artefact for everybody once the commitment is there.
//!
//! A replaced artefact is handed out for a while: a round whose tasks were drawn before the replacement still asks for
//! it. Nothing is handed out before its commitment is on the chain; otherwise another miner could commit to it first.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use base64::{engine::general_purpose::STANDARD, Engine};
use bytes::Bytes;
use myelin_wire::{
    commitment::Submission,
    hash::{blake2_256, from_hex, to_hex, Hash},
    AccountId,
};

use super::MinerOptions;
use crate::{
    chain::{Chain, ChainFault},
    exchange::Handed,
    submission::{contests, Workshop},
    subnet::{Mode, Subnet},
};

/// Artefacts that are kept beside the current ones.
const KEPT: usize = 4;
/// Fields of a public commitment, and so the number of artefacts that one hotkey can submit at a time.
const FIELDS: usize = 3;

/// Why an artefact cannot be submitted.
#[derive(Debug, thiserror::Error)]
pub enum ArtefactError {
    /// A file could not be read or written.
    #[error("{attempted} {path} failed: {found}")]
    File {
        /// The operation.
        attempted: &'static str,
        /// Path of the file.
        path: String,
        /// Error of the system.
        found: std::io::Error,
    },
    /// The subnet does not accept the artefact.
    #[error("{path} cannot be submitted to mechanism {mechanism}: {found}")]
    Refused {
        /// Path of the file.
        path: String,
        /// The mechanism.
        mechanism: u8,
        /// Reason of the refusal.
        found: String,
    },
}

/// Artefacts that everybody may have, as answers ready to be sent.
#[derive(Clone, Default)]
pub(super) struct Published(Arc<Mutex<Shelves>>);

#[derive(Default)]
struct Shelves {
    bodies: HashMap<Hash, Bytes>,
    public: HashSet<Hash>,
}

impl Published {
    /// The answer that holds an artefact, if its commitment is on the chain.
    pub(super) fn find(&self, commitment: &Hash) -> Option<Bytes> {
        let shelves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelves.public.contains(commitment).then(|| shelves.bodies.get(commitment).cloned())?
    }

    fn put(&self, commitment: Hash, artefact: &[u8]) {
        let body = serde_json::to_vec(&Handed { artefact: STANDARD.encode(artefact) }).unwrap_or_default();
        let mut shelves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelves.bodies.insert(commitment, body.into());
    }

    fn open(&self, commitments: &[Hash]) {
        let mut shelves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelves.public.extend(commitments);
    }
}

/// Submissions of a miner.
pub(super) struct Submitted {
    hotkey: AccountId,
    commitments: Vec<Hash>,
    published: Published,
}

impl Submitted {
    /// Reads the artefacts that the options name, and earlier ones.
    pub(super) fn open<S: Subnet>(
        subnet: &S,
        genesis: Hash,
        hotkey: AccountId,
        options: &MinerOptions,
    ) -> Result<Self, ArtefactError> {
        let published = Published::default();
        let folder = options.state.as_ref().map(|state| state.join("submitted"));
        let contests = contests(subnet);
        let mut commitments = Vec::new();
        for (mechanism, path) in &options.submit {
            let bytes = read(path)?;
            check(subnet, *mechanism, &bytes, path)?;
            let netuid = options.netuid;
            let artefact = blake2_256(&bytes);
            let submission = Submission { genesis, netuid, mechanism: *mechanism, hotkey, artefact };
            let commitment = submission.commitment();
            if let Some(folder) = &folder {
                keep(folder, &commitment, &bytes)?;
            }
            published.put(commitment, &bytes);
            let contest = contests.iter().find(|contest| contest.mechanism == *mechanism);
            let place = contest.map_or(0, |contest| contest.place);
            commitments.resize(commitments.len().max(place + 1), Hash::default());
            commitments[place] = commitment;
        }
        if let (true, Some((mechanism, path))) = (commitments.len() > FIELDS, options.submit.last()) {
            let found = format!("a hotkey has room for {FIELDS} artefacts on the chain; use another one");
            return Err(ArtefactError::Refused { path: shown(path), mechanism: *mechanism, found });
        }
        if let (Some(folder), false) = (&folder, commitments.is_empty()) {
            let earlier = earlier(folder, &commitments);
            for (commitment, path) in &earlier {
                published.put(*commitment, &read(path)?);
                // Its commitment was on the chain when the artefact was current; otherwise nobody asks for it.
                published.open(&[*commitment]);
            }
        }
        Ok(Self { hotkey, commitments, published })
    }

    pub(super) fn published(&self) -> Published {
        self.published.clone()
    }

    /// Commits to the artefacts, unless the chain already holds the commitment. Once that is final, everybody may have
    /// them.
    pub(super) async fn state<C: Chain>(&self, chain: &C, netuid: u16, block: u64) -> Result<(), ChainFault> {
        if self.commitments.is_empty() {
            return Ok(());
        }
        if self.is_stated(chain, netuid, chain.finalized().await?).await? {
            self.published.open(&self.commitments);
        } else if !self.is_stated(chain, netuid, block).await? {
            chain.state(netuid, &self.commitments).await?;
            tracing::info!(netuid, artefacts = self.commitments.len(), "committed to what is submitted");
        }
        Ok(())
    }

    async fn is_stated<C: Chain>(&self, chain: &C, netuid: u16, block: u64) -> Result<bool, ChainFault> {
        let statements = chain.statements(netuid, chain.block_hash(block).await?).await?;
        let own = statements.into_iter().find(|statement| statement.hotkey == self.hotkey);
        Ok(own.is_some_and(|own| own.hashes == self.commitments))
    }
}

/// Checks of every validator, made before the miner commits.
fn check<S: Subnet>(subnet: &S, mechanism: u8, bytes: &[u8], path: &Path) -> Result<(), ArtefactError> {
    let refused = |found: String| ArtefactError::Refused { path: shown(path), mechanism, found };
    let plan = subnet.mechanisms().get(usize::from(mechanism)).map(|plan| plan.mode);
    let Some(Mode::Submit { artefact_limit, .. }) = plan else {
        return Err(refused(format!("{} takes no submissions there", S::NAME)));
    };
    if bytes.len() > artefact_limit {
        return Err(refused(format!("it has {} bytes, the limit is {artefact_limit}", bytes.len())));
    }
    let entrant = subnet.entrant(&Workshop::default(), bytes);
    entrant.map(|_| ()).map_err(|error| refused(error.to_string()))
}

fn read(path: &Path) -> Result<Vec<u8>, ArtefactError> {
    std::fs::read(path).map_err(|found| ArtefactError::File {
        attempted: "reading",
        path: shown(path),
        found,
    })
}

fn keep(folder: &Path, commitment: &Hash, bytes: &[u8]) -> Result<(), ArtefactError> {
    let path = folder.join(to_hex(commitment));
    let written = crate::private::create_folder(folder).and_then(|()| std::fs::write(&path, bytes));
    written.map_err(|found| ArtefactError::File { attempted: "writing", path: shown(&path), found })
}

/// The latest artefacts that were submitted before; older ones are removed.
fn earlier(folder: &Path, current: &[Hash]) -> Vec<(Hash, PathBuf)> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = files
        .filter_map(|file| {
            let commitment = from_hex(file.file_name().to_str()?)?;
            let written = file.metadata().ok()?.modified().ok()?;
            (!current.contains(&commitment)).then(|| (written, commitment, file.path()))
        })
        .collect();
    found.sort();
    let surplus = found.len().saturating_sub(KEPT);
    for (_, _, path) in found.drain(..surplus) {
        let _ = std::fs::remove_file(path);
    }
    found.into_iter().map(|(_, commitment, path)| (commitment, path)).collect()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
