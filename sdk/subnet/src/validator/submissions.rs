//! Submissions of miners: which artefacts each must hand out, and where they are kept.
//!
//! A judged artefact must be available to everybody as long as it is paid. So a validator asks for it again and again
//! under a key that nobody knows, although it has a copy: an artefact that only early askers can get is not published.
//! This applies to the artefact that a miner has committed to, and to an earlier one as long as that is judged instead.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{engine::general_purpose::STANDARD, Engine};
use futures::StreamExt;
use myelin_neuron::dendrite::{Dendrite, DendriteLimits, Query, Target};
use myelin_sandbox::Limits;
use myelin_wallet::Keypair;
use myelin_wire::{
    hash::{blake2_256, to_hex, Hash},
    record::Reason,
};

use crate::{
    evaluation::Standing,
    evidence::read_at_most,
    exchange::{Handed, SynapseNames, Wanted},
    submission::CommittedArtefact,
    subnet::{MinerRef, Subnet},
};

/// Artefacts that are fetched at the same time.
const FETCHES: usize = 32;
/// Longest time for fetching an artefact.
const FETCH_TIME: Duration = Duration::from_secs(20);
/// Rounds for which the earlier artefact is still judged if the one of the miner's new commitment is not available.
pub const AWAITED_ROUNDS: u32 = 8;

/// Identity of a competition.
#[derive(Clone, Copy, Debug)]
pub struct Competition {
    /// Hash of block 0.
    pub genesis: Hash,
    /// The subnet.
    pub netuid: u16,
    /// The mechanism.
    pub mechanism: u8,
    /// Limits of one answer.
    pub limits: Limits,
    /// Longest artefact.
    pub artefact_limit: usize,
}

impl Competition {
    /// The artefact of a miner that its commitment names.
    fn artefact(&self, miner: &MinerRef, commitment: &Hash) -> CommittedArtefact {
        let &Self { genesis, netuid, mechanism, artefact_limit, .. } = self;
        let (hotkey, commitment) = (miner.hotkey, *commitment);
        CommittedArtefact { genesis, netuid, mechanism, hotkey, commitment, limit: artefact_limit }
    }
}

/// A miner that has committed to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// The miner.
    pub miner: MinerRef,
    /// Where its axon listens.
    pub address: Option<SocketAddr>,
    /// Block of its commitment.
    pub block: u64,
    /// The commitment to its artefact.
    pub commitment: Hash,
    /// Whether its axon must hand the artefact out although it is on the shelf.
    pub again: bool,
    /// The artefact judged so far, if it is another one: commitment and block. The miner's axon must hand that out,
    /// too.
    pub before: Option<(Hash, u64)>,
}

impl Contender {
    /// Artefacts that the miner's axon is asked for, each with whether that is required; the current one first.
    fn demands(&self) -> impl Iterator<Item = (Hash, bool)> + use<> {
        let before = self.before.map(|(commitment, _)| (commitment, true));
        [(self.commitment, self.again)].into_iter().chain(before)
    }
}

/// A judged entry of a contender, or the reason why it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The miner.
    pub miner: MinerRef,
    /// 0 for the current entry; from 1 on for replaced ones, which are still judged.
    pub place: u8,
    /// Block of its commitment.
    pub block: u64,
    /// The commitment.
    pub commitment: Hash,
    /// Hash of the artefact, which is on the shelf, or the recorded reason why it is missing.
    pub artefact: Result<Hash, Reason>,
}

/// Artefacts on disk, by the commitment that names them.
#[derive(Clone, Debug)]
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// The shelf in a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn path(&self, commitment: &Hash) -> PathBuf {
        self.folder.join(to_hex(commitment))
    }

    /// Hash of a miner's artefact, if it is here.
    pub fn has(&self, competition: &Competition, miner: &MinerRef, commitment: &Hash) -> Option<Hash> {
        self.find(competition, miner, commitment).map(|bytes| blake2_256(&bytes))
    }

    /// The artefact of a miner that its commitment names, if it is here.
    pub fn find(&self, competition: &Competition, miner: &MinerRef, commitment: &Hash) -> Option<Vec<u8>> {
        let path = self.path(commitment);
        let bytes = read_at_most(&path, competition.artefact_limit as u64).ok()??;
        // The artefact is used again, so it is kept longer.
        let _ = touch(&path);
        competition.artefact(miner, commitment).is(&bytes).then_some(bytes)
    }

    fn keep(&self, commitment: &Hash, bytes: &[u8]) -> std::io::Result<()> {
        crate::private::create_folder(&self.folder)?;
        let path = self.path(commitment);
        let beside = path.with_extension("part");
        std::fs::write(&beside, bytes)?;
        std::fs::rename(&beside, path)
    }
}

fn touch(path: &Path) -> std::io::Result<()> {
    std::fs::File::options().append(true).open(path)?.set_modified(std::time::SystemTime::now())
}

/// Artefacts that were fetched from a contender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The contender.
    pub contender: Contender,
    /// The current artefact: its hash, or the reason why it is missing.
    pub artefact: Result<Hash, Reason>,
    /// The artefact judged so far, if it is another one, likewise.
    pub before: Option<Result<Hash, Reason>>,
}

/// Fetches the contenders' artefacts from the shelf or from their axons, within `patience`. New contenders are first,
/// so that axons that do not answer delay only themselves.
///
/// Axons are asked under a key that nobody knows: a miner that hands its artefact to validators alone has not published
/// it.
pub async fn fetch<S: Subnet>(
    competition: &Competition,
    shelf: &Shelf,
    mut contenders: Vec<Contender>,
    patience: Duration,
) -> Vec<Fetched> {
    let source = Arc::new(Source {
        competition: *competition,
        shelf: shelf.clone(),
        dendrite: stranger(competition.artefact_limit),
        synapse: SynapseNames::of::<S>().artefact,
        deadline: Instant::now() + patience,
    });
    // Contenders that must hand an artefact out again have done so before, or have failed to.
    contenders.sort_by_key(|contender| (contender.again || contender.before.is_some(), contender.miner));
    let fetching = contenders.into_iter().map(|contender| {
        let source = source.clone();
        async move { source.demand(contender).await }
    });
    let mut fetched: Vec<Fetched> = futures::stream::iter(fetching).buffer_unordered(FETCHES).collect().await;
    fetched.sort_unstable_by_key(|submission| submission.contender.miner);
    fetched
}

/// Asks miners for artefacts of at most `limit` bytes, under a key that nobody knows.
pub fn stranger(limit: usize) -> Dendrite {
    // Base64, and the fields around it.
    let limits = DendriteLimits { max_answer_bytes: limit / 3 * 4 + 8 * 1024, ..DendriteLimits::default() };
    Dendrite::with(Arc::new(Keypair::random()), limits, myelin_neuron::Clock::system(), None)
}

/// Why a miner hands an artefact out to nobody, or to somebody else only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotHandedOut {
    /// The reason that a validator records.
    pub reason: Reason,
    /// A line for people.
    pub why: String,
}

/// The artefact as its miner hands it out, checked against its commitment.
pub async fn from_miner(
    stranger: &Dendrite,
    synapse: &str,
    miner: Target,
    wanted: &CommittedArtefact,
    time: Duration,
) -> Result<Vec<u8>, NotHandedOut> {
    let refused = |reason, why: String| NotHandedOut { reason, why };
    let body = serde_json::to_vec(&Wanted { commitment: to_hex(&wanted.commitment) }).unwrap_or_default();
    let query = Query::new::<&str>(synapse, body, &[]);
    let query = query.map_err(|error| refused(Reason::Malformed, error.to_string()))?;
    let answer = stranger.query(miner, &query.timeout(time)).await;
    if !answer.is_success() {
        let status = &answer.status;
        return Err(refused(Reason::Unreachable, format!("{} {}", status.code, status.message)));
    }
    let handed: Option<Handed> = serde_json::from_slice(&answer.body).ok();
    let bytes = handed.and_then(|handed| STANDARD.decode(handed.artefact).ok());
    let bytes = bytes.ok_or_else(|| refused(Reason::Malformed, "its answer holds no artefact".into()))?;
    if bytes.len() > wanted.limit {
        let why = format!("it hands out {} bytes, and the limit is {}", bytes.len(), wanted.limit);
        return Err(refused(Reason::Oversize, why));
    }
    match wanted.is(&bytes) {
        true => Ok(bytes),
        false => {
            Err(refused(Reason::BrokenCommitment, "it hands out something else than it committed to".into()))
        }
    }
}

/// Where artefacts come from.
struct Source {
    competition: Competition,
    shelf: Shelf,
    dendrite: Dendrite,
    synapse: String,
    deadline: Instant,
}

impl Source {
    async fn demand(&self, contender: Contender) -> Fetched {
        let mut found = Vec::new();
        for (commitment, again) in contender.demands() {
            found.push(self.find(&contender, &commitment, again).await);
        }
        let mut found = found.into_iter();
        let artefact = found.next().unwrap_or(Err(Reason::Unreachable));
        Fetched { contender, artefact, before: found.next() }
    }

    /// Puts an artefact on the shelf, unless it is there, and returns its hash.
    async fn find(&self, contender: &Contender, commitment: &Hash, again: bool) -> Result<Hash, Reason> {
        let Contender { miner, address, .. } = contender;
        let left = self.deadline.saturating_duration_since(Instant::now());
        if !again || left.is_zero() {
            if let Some(known) = self.shelf.has(&self.competition, miner, commitment) {
                return Ok(known);
            }
        }
        // It is not this miner's fault that others took all the time.
        if left.is_zero() {
            return Err(Reason::Excused);
        }
        let address = address.ok_or(Reason::Unreachable)?;
        let (target, wanted) =
            (Target::new(miner.hotkey, address), self.competition.artefact(miner, commitment));
        let handed = from_miner(&self.dendrite, &self.synapse, target, &wanted, left.min(FETCH_TIME));
        let bytes = handed.await.map_err(|refusal| refusal.reason)?;
        if let Err(error) = self.shelf.keep(commitment, &bytes) {
            tracing::warn!(%error, "an artefact cannot be kept, so it is not judged; is the disk full?");
            return Err(Reason::Excused);
        }
        Ok(blake2_256(&bytes))
    }
}

/// The entries of a miner in a round: its current artefact, or for a while the earlier one; and replaced artefacts, as
/// far as they are on the shelf. The standing notes the current one.
pub fn entries_of(
    competition: &Competition,
    shelf: &Shelf,
    fetched: Fetched,
    standing: &mut Standing,
    source_block: u64,
) -> Vec<Entry> {
    let Fetched { contender: Contender { miner, block, commitment, before, .. }, artefact, before: old } =
        fetched;
    let mut entry = Entry { miner, place: 0, block, commitment, artefact };
    match (artefact, before.zip(old)) {
        (Ok(_), _) => standing.enter(&commitment, block, source_block),
        (Err(_), before) => {
            // It is not the miner's fault if there was no time to fetch the artefact.
            let late = artefact == Err(Reason::Excused);
            let rounds = if late { 0 } else { standing.awaits(&commitment) };
            // The earlier artefact is still judged until the new one is here, unless the miner no longer hands it out.
            if let Some(((commitment, block), artefact)) = before.filter(|_| rounds <= AWAITED_ROUNDS) {
                entry = Entry { commitment, block, artefact, ..entry };
            }
        }
    }
    let replaced = standing.replaced();
    let replaced = (1..).zip(&replaced).filter_map(|(place, (commitment, block))| {
        let artefact = Ok(shelf.has(competition, &miner, commitment)?);
        Some(Entry { miner, place, block: *block, commitment: *commitment, artefact })
    });
    [entry].into_iter().chain(replaced).collect()
}
