//! Disclosure of evidence: which parts of its judged rounds a validator's axon shows, to whom, and how they are read.
//!
//! One synapse, [`SYNAPSE`], on every subnet. A request names a [`Part`]; the answer is a [`SignedPage`] of a document.
//! The signature is not that of an answer ([`myelin_wire::answer`]): an asker could pose its own challenge twice, and
//! two different pages would then look like a contradiction.
//!
//! | part | what | to whom | from when |
//! |---|---|---|---|
//! | `rounds` | which rounds are kept | anybody | at once |
//! | `entries` | what was submitted, judged in a round and is kept | anybody | once the round is judged |
//! | `artefact` | an artefact by its commitment | anybody | at once |
//! | `own` | the asker's records of a round | the asker | once the round is judged; where proof is demanded, those without an answer once the epoch is open |
//! | `text` | a request, an answer or an extension by its hash, if the asker's records of the round name it | the asker | once the round is judged |
//! | `records` | all records of a round | anybody | once the epoch is [open](Clock::is_open) |
//! | `standings` | hashes of the standings around a round, or standings by their hash | anybody | once the epoch is open |
//! | `weights` | the weights of an epoch and what they follow from | anybody | once the epoch is open |
//! | `root` | the head and the miners under the root of an epoch | anybody | once the epoch is open |
//!
//! A request may name another validator (`of`) whose evidence this one holds. Rounds, records, standings, weights and
//! root are served of it. The page is signed by the holder, and its reader checks the content against the root on the
//! chain ([`Reader::epoch`]).
//!
//! An epoch is open once its weights can be read on the chain. Sooner, weights could be computed from records and
//! standings, and copied: commit–reveal would be in vain.
//!
//! An artefact is public from its commitment on: its miner hands it to anybody, and a validator got it by asking under
//! a key that nobody knows. So it may be handed on at once, and each validator that judges an artefact makes it public.
//! A page of an artefact names the commitment in place of a hash, because the commitment is checked with the bytes.
//!
//! Records, standings by their hash and the root are files, and do not change once the epoch is open. A [`Shelf`]
//! hashes each of them once and remembers the hash. A request then reads its page and no more. An asker that names the
//! hash of a document as `known` gets the page without bytes, if the document is still the same.
//!
//! Tasks with what they hide, seeds, what the subnet remembers, and other miners' texts are never told. A validator
//! draws tasks with a secret that it goes on using. Questions with their right answers would teach a machine to read
//! that validator's questions.

use std::{sync::Arc, time::Duration};

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_neuron::dendrite::{Dendrite, DendriteLimits, Query, Target};
use myelin_wire::{
    hash::{blake2_256, from_hex, to_hex, Hash},
    record::{miner_digest, Record},
    sr25519::{self, Signer},
    status::{code, Status},
    AccountId,
};
use serde::{Deserialize, Serialize};

use crate::{
    chain::SubnetView,
    contest::denies_answer,
    evidence::{records_in, EvidenceError, KeptMiner},
    submission::CommittedArtefact,
};

mod epoch;
mod shelf;
mod visits;

pub use epoch::{EpochError, Unfinished};
pub use shelf::{Asker, Shelf};
pub use visits::Visits;

/// Name of the synapse.
pub const SYNAPSE: &str = "Evidence";
/// Bytes of a document in one page.
pub const PAGE_BYTES: usize = 128 << 10;
/// Most bytes of a request.
pub const REQUEST_BYTES: usize = 16 << 10;
/// Largest document that a reader accepts.
const DOCUMENT_BYTES: u64 = 64 << 20;
/// Time for a page.
const PATIENCE: Duration = Duration::from_secs(12);
/// Times that a busy validator is asked for a page of an artefact: longer than the minute in which it counts requests.
const ATTEMPTS: u32 = 6;

/// Part of the evidence that is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Which rounds are kept.
    Rounds,
    /// The artefacts that were judged in a round.
    Entries,
    /// An artefact by its commitment.
    Artefact,
    /// The asker's records of a round.
    Own,
    /// A request, an answer or an extension of the asker's records.
    Text,
    /// All records of a round.
    Records,
    /// Standings, or the hashes of those around a round.
    Standings,
    /// The weights of an epoch.
    Weights,
    /// The head and the miners under the root of an epoch.
    Root,
}

impl Part {
    /// Whether a validator serves this part of the evidence that it holds of others.
    fn is_held(self) -> bool {
        matches!(self, Part::Rounds | Part::Records | Part::Standings | Part::Weights | Part::Root)
    }
}

/// A request for a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// The requested part.
    pub part: Part,
    /// Epoch of the part.
    #[serde(default)]
    pub epoch: u64,
    /// Round of the part.
    #[serde(default)]
    pub round: u16,
    /// Of a text or of standings, or the commitment to an artefact; hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Byte of the document at which the page begins.
    #[serde(default)]
    pub from: u64,
    /// Hotkey of another validator whose evidence is held here, hexadecimal; by default the evidence of the one asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Hash of the document as the asker has it. If it is still the same, the page comes without its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
}

impl PageRequest {
    /// A request for the first page.
    pub fn new(part: Part, epoch: u64, round: u16) -> Self {
        Self { part, epoch, round, hash: None, from: 0, of: None, known: None }
    }

    /// The same request for the item with this hash.
    pub fn of_hash(self, hash: &Hash) -> Self {
        Self { hash: Some(to_hex(hash)), ..self }
    }
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Byte of the document at which it begins.
    pub from: u64,
    /// Bytes of the whole document.
    pub total: u64,
    /// BLAKE2b-256 of the whole document, or the commitment to an artefact, hexadecimal, so that pages of two documents
    /// are not mixed.
    pub hash: String,
    /// The bytes in base64: [`PAGE_BYTES`], and of the last page the rest. None for an asker that knows the document.
    pub bytes: String,
}

/// A page with the validator's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedPage {
    /// The page.
    pub page: Page,
    /// Signature of the validator's hotkey over [`Told::payload`], hexadecimal.
    pub signature: String,
}

/// A page with the request that it answers: enough for others to check the validator's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldPage {
    /// The request.
    pub request: PageRequest,
    /// The page with its signature.
    #[serde(flatten)]
    pub signed: SignedPage,
}

const DOMAIN: &[u8] = b"myelin/evidence/1";

/// Everything that a validator states with a page.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Hash of the chain's first block.
    pub genesis: Hash,
    /// The subnet.
    pub netuid: u16,
    /// Validator that sends the page.
    pub validator: AccountId,
    /// Sender of the request.
    pub asker: AccountId,
    /// The request.
    pub request: &'a PageRequest,
    /// The page.
    pub page: &'a Page,
}

impl Told<'_> {
    /// The bytes that are signed: the domain `myelin/evidence/1`, genesis, netuid, validator, asker, BLAKE2b-256 of the
    /// request and of the page, both as JSON with their fields in the order of their declaration.
    pub fn payload(&self) -> Vec<u8> {
        let (request, page) = (blake2_256(&written(self.request)), blake2_256(&written(self.page)));
        let netuid = self.netuid.to_le_bytes();
        [DOMAIN, &self.genesis, &netuid, &self.validator, &self.asker, &request, &page].concat()
    }

    /// The page with the signature of `signer`, which is the validator.
    pub fn sign(&self, signer: &dyn Signer) -> SignedPage {
        SignedPage { page: self.page.clone(), signature: to_hex(&signer.sign(&self.payload())) }
    }

    /// Whether the validator signed this.
    pub fn is_signed(&self, signature: &str) -> bool {
        let bytes = from_hex::<64>(signature);
        bytes.is_some_and(|signature| sr25519::verify(&self.validator, &self.payload(), &signature))
    }
}

/// The rounds of an epoch that are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRounds {
    /// The epoch.
    pub epoch: u64,
    /// The rounds that were judged.
    pub rounds: Vec<u16>,
    /// Whether everything that is disclosed of the epoch is disclosed to anybody.
    pub open: bool,
}

/// An artefact that was judged and is handed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptArtefact {
    /// The mechanism.
    pub mechanism: u8,
    /// The miner.
    #[serde(flatten)]
    pub miner: KeptMiner,
    /// 0 for what the miner has entered; from 1 on what it replaced by that.
    pub place: u8,
    /// Block of the commitment.
    pub block: u64,
    /// The commitment, hexadecimal.
    pub commitment: String,
    /// Bytes of the artefact.
    pub bytes: u64,
}

/// How far the chain is, as far as it decides what may be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// The subnet's epoch.
    pub epoch: u64,
    /// Epochs from a commitment to weights to its reveal; 0 where weights are set directly.
    pub reveal: u64,
    /// Whether the subnet demands proof of evaluation, so that miners commit to their answers.
    pub demands: bool,
}

impl Clock {
    /// The clock that a view shows.
    pub fn of(view: &SubnetView) -> Self {
        Self {
            epoch: view.epoch,
            reveal: if view.commit_reveal { view.reveal_period } else { 0 },
            demands: view.evidence.answers > 0,
        }
    }

    /// The first epoch in which everything of `epoch` may be disclosed: the one after its weights were revealed.
    pub fn opens(&self, epoch: u64) -> u64 {
        epoch.saturating_add(self.reveal).saturating_add(1)
    }

    /// Whether a miner is told this record of its own. Where miners commit to their answers, one without an answer
    /// waits until its epoch is open. A miner that was never asked would else read the question in its record, and
    /// commit to an answer that it never gave.
    fn tells(&self, record: &Record) -> bool {
        !self.demands || self.is_open(record.epoch) || !denies_answer(record)
    }

    /// Whether everything of `epoch` may be disclosed.
    pub fn is_open(&self, epoch: u64) -> bool {
        self.opens(epoch) <= self.epoch
    }
}

/// Reason why something is not disclosed.
#[derive(Debug, thiserror::Error)]
pub enum Untold {
    /// The round is not kept, or not judged yet.
    #[error("no judged round {round} of epoch {epoch} is kept; ask for `rounds`")]
    NoRound {
        /// The epoch.
        epoch: u64,
        /// The round.
        round: u16,
    },
    /// The part could be used to copy weights.
    #[error("epoch {epoch} is open from epoch {opens} on, when its weights are public; your own records are told at once")]
    TooSoon {
        /// The epoch.
        epoch: u64,
        /// Epoch in which it opens.
        opens: u64,
    },
    /// No item of the asker has that hash, or the hash is malformed.
    #[error(
        "no text of yours is kept in that round, and no standings of that epoch, have this hash of 64 hexadecimal \
         digits"
    )]
    NoSuchHash,
    /// No artefact with that commitment is kept, or it is none.
    #[error("no artefact is kept here whose commitment has these 64 hexadecimal digits; ask for `entries` of a round")]
    NoArtefact,
    /// Nothing is held of that validator, or the hotkey is malformed.
    #[error("no evidence of a validator with this hotkey of 64 hexadecimal digits is held here")]
    NotHeld,
    /// The part is told by its validator alone.
    #[error("of other validators' evidence, rounds, root, records, standings and weights are served here, and no more")]
    NotOfOthers,
    /// The page begins behind the end.
    #[error("the document has {total} bytes, so no page begins at byte {from}")]
    BehindEnd {
        /// Bytes of the document.
        total: u64,
        /// The requested first byte.
        from: u64,
    },
    /// Another document is being prepared, and strangers do not wait for it.
    #[error("another document is being prepared; ask again")]
    Busy,
    /// The evidence cannot be read.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}

/// JSON of plain data, which cannot fail.
fn written(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Reason why nothing was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The validator refused, or the connection to it failed.
    #[error("{} {}", .0.code, .0.message)]
    Status(Status),
    /// The answer is not signed by the validator.
    #[error("the answer is not signed by the validator's hotkey for this request, so it is not believed")]
    Foreign,
    /// The answer is no page of evidence.
    #[error("the answer is no page of evidence: {0}")]
    Malformed(String),
}

impl ReadError {
    /// Whether the validator has no room for another request now.
    fn is_busy(&self) -> bool {
        matches!(self, ReadError::Status(status) if *status == Status::busy())
    }

    /// Whether nobody tells evidence there: another program, or an older version.
    pub fn tells_none(&self) -> bool {
        matches!(self, ReadError::Status(status) if status.code == code::NOT_FOUND)
    }
}

/// Reads the evidence of validators with one key.
pub struct Reader {
    dendrite: Dendrite,
    asker: AccountId,
    genesis: Hash,
    netuid: u16,
}

impl Reader {
    /// Reads with the key of `signer`, on the chain whose first block has the hash `genesis`.
    pub fn new(signer: Arc<dyn Signer>, genesis: Hash, netuid: u16) -> Self {
        // Base64, and the fields around it.
        let limits = DendriteLimits { max_answer_bytes: PAGE_BYTES * 2, ..DendriteLimits::default() };
        let asker = signer.public();
        let dendrite = Dendrite::with(signer, limits, myelin_neuron::Clock::system(), None);
        Self { dendrite, asker, genesis, netuid }
    }

    /// A whole document, each page of it signed by the validator.
    pub async fn document(&self, validator: Target, request: PageRequest) -> Result<Vec<u8>, ReadError> {
        Ok(self.whole(validator, &request, DOCUMENT_BYTES, 1).await?.0)
    }

    /// A document of at most `most` bytes, and its hash. A busy validator is asked `attempts` times for each page.
    async fn whole(
        &self,
        validator: Target,
        request: &PageRequest,
        most: u64,
        attempts: u32,
    ) -> Result<(Vec<u8>, String), ReadError> {
        let (document, hash) = self.pages(validator, request, most, attempts).await?;
        match to_hex(&blake2_256(&document)) == hash {
            true => Ok((document, hash)),
            false => Err(ReadError::Malformed("the pages are not those of its hash".into())),
        }
    }

    /// An artefact, checked against its commitment. A validator that has sent as much as it sends in a minute is asked
    /// again until the minute is over.
    pub async fn artefact(
        &self,
        validator: Target,
        wanted: &CommittedArtefact,
    ) -> Result<Vec<u8>, ReadError> {
        let request = PageRequest::new(Part::Artefact, 0, 0).of_hash(&wanted.commitment);
        let (artefact, _) = self.pages(validator, &request, wanted.limit as u64, ATTEMPTS).await?;
        match wanted.is(&artefact) {
            true => Ok(artefact),
            false => Err(ReadError::Malformed("it is not what was committed to".into())),
        }
    }

    /// All pages of a document of at most `most` bytes, and its hash as they name it. A busy validator is asked
    /// `attempts` times for each page.
    async fn pages(
        &self,
        validator: Target,
        request: &PageRequest,
        most: u64,
        attempts: u32,
    ) -> Result<(Vec<u8>, String), ReadError> {
        let (mut document, mut expected) = (Vec::new(), None);
        loop {
            let from = document.len() as u64;
            let page = self.page(validator, &PageRequest { from, ..request.clone() }, attempts).await?;
            let wrong = |what: &str| ReadError::Malformed(what.into());
            let bytes = STANDARD.decode(&page.bytes).map_err(|_| wrong("its bytes are not base64"))?;
            if *expected.get_or_insert((page.total, page.hash.clone())) != (page.total, page.hash.clone()) {
                return Err(wrong("the document changed between two pages; ask again"));
            }
            document.extend(bytes.iter());
            let length = document.len() as u64;
            if page.total > most {
                return Err(ReadError::Malformed(format!(
                    "it has {} bytes, and {most} are the most",
                    page.total
                )));
            }
            if page.from != from || length > page.total {
                return Err(wrong("its length is not what it says"));
            }
            if length == page.total {
                return Ok((document, page.hash));
            }
            // Short pages would take as many requests as a document has bytes.
            if bytes.len() != PAGE_BYTES {
                return Err(wrong("a page before the last is not full"));
            }
        }
    }

    /// The artefacts that were judged in a round and are kept.
    pub async fn entries(
        &self,
        validator: Target,
        epoch: u64,
        round: u16,
    ) -> Result<Vec<KeptArtefact>, ReadError> {
        let document = self.document(validator, PageRequest::new(Part::Entries, epoch, round)).await?;
        serde_json::from_slice(&document).map_err(|error| ReadError::Malformed(error.to_string()))
    }

    /// The rounds that a validator keeps, earliest first.
    pub async fn rounds(&self, validator: Target) -> Result<Vec<KeptRounds>, ReadError> {
        let document = self.document(validator, PageRequest::new(Part::Rounds, 0, 0)).await?;
        serde_json::from_slice(&document).map_err(|error| ReadError::Malformed(error.to_string()))
    }

    /// The asker's own records of a round. Records of another validator, miner or round are an error.
    pub async fn own_records(
        &self,
        validator: Target,
        epoch: u64,
        round: u16,
    ) -> Result<Vec<Record>, ReadError> {
        let document = self.document(validator, PageRequest::new(Part::Own, epoch, round)).await?;
        let records = records_in(&document).map_err(ReadError::Malformed)?;
        let digest = miner_digest(&self.asker);
        let right = |record: &Record| {
            (record.signer, record.miner) == (validator.hotkey, digest)
                && (record.netuid, record.epoch, record.round) == (self.netuid, epoch, round)
        };
        match records.iter().all(right) {
            true => Ok(records),
            false => Err(ReadError::Malformed("a record is of another miner, validator or round".into())),
        }
    }

    /// The asker's own records of a round as the validator signed them, at most `most` pages. The caller checks them
    /// ([`Contest::check`](crate::contest::Contest::check)).
    pub async fn own_pages(
        &self,
        validator: Target,
        epoch: u64,
        round: u16,
        most: usize,
    ) -> Result<Vec<ToldPage>, ReadError> {
        let mut pages = Vec::new();
        let mut from = 0;
        while pages.len() < most {
            let request = PageRequest { from, ..PageRequest::new(Part::Own, epoch, round) };
            let signed = self.signed_page(validator, &request).await?;
            from += PAGE_BYTES as u64;
            let is_last = signed.page.total <= from;
            pages.push(ToldPage { request, signed });
            if is_last {
                return Ok(pages);
            }
        }
        Err(ReadError::Malformed(format!("it has more than {most} pages")))
    }

    /// A page. A busy validator is asked `attempts` times.
    async fn page(&self, validator: Target, request: &PageRequest, attempts: u32) -> Result<Page, ReadError> {
        let mut signed = self.signed_page(validator, request).await;
        for _ in 1..attempts {
            if !signed.as_ref().is_err_and(ReadError::is_busy) {
                break;
            }
            signed = self.signed_page(validator, request).await;
        }
        Ok(signed?.page)
    }

    async fn signed_page(&self, validator: Target, request: &PageRequest) -> Result<SignedPage, ReadError> {
        let malformed = |error: &dyn ToString| ReadError::Malformed(error.to_string());
        let body = serde_json::to_vec(request).map_err(|error| malformed(&error))?;
        let query = Query::new::<&str>(SYNAPSE, body, &[]).map_err(|error| malformed(&error))?;
        let answer = self.dendrite.query(validator, &query.timeout(PATIENCE).patient()).await;
        if !answer.is_success() {
            return Err(ReadError::Status(answer.status));
        }
        let signed: SignedPage = serde_json::from_slice(&answer.body).map_err(|error| malformed(&error))?;
        let Self { genesis, netuid, asker, .. } = *self;
        let told = Told { genesis, netuid, validator: validator.hotkey, asker, request, page: &signed.page };
        match told.is_signed(&signed.signature) {
            true => Ok(signed),
            false => Err(ReadError::Foreign),
        }
    }
}

#[cfg(test)]
mod tests;
