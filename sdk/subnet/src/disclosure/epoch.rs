//! The public part of a validator's epoch, read from the validator or from a holder.

use std::collections::{BTreeMap, BTreeSet};

use myelin_neuron::dendrite::Target;
use myelin_wire::hash::{from_hex, to_hex, Hash};
use serde::de::DeserializeOwned;

use super::{KeptRounds, PageRequest, Part, ReadError, Reader, ATTEMPTS, DOCUMENT_BYTES};
use crate::evidence::{CommittedEpoch, KeptWeights, PublicPart, RoundStandings, Unproven, MOST_ROUNDS};

/// Reason why an epoch was not read.
#[derive(Debug, thiserror::Error)]
pub enum EpochError {
    /// A part of it was not told.
    #[error("the part `{part}` was not told: {fault}")]
    Read {
        /// Name of the part.
        part: &'static str,
        /// Reason.
        fault: ReadError,
    },
    /// It is not what the validator committed to.
    #[error("it is not what the validator committed to: {0}")]
    Unproven(#[from] Unproven),
}

impl Reader {
    /// The public part of an epoch, of at most `most` bytes, from its validator or from another one that holds it. It
    /// is checked against the root on the chain, so it does not matter who sends it.
    pub async fn epoch(
        &self,
        from: Target,
        wanted: &CommittedEpoch,
        most: u64,
    ) -> Result<PublicPart, EpochError> {
        self.rest_of_epoch(from, wanted, most, &mut Unfinished::default()).await
    }

    /// The same, where an earlier reading from the same sender ended early: what it left in `unfinished` is not sent
    /// again, if it is still the same. Dropping the future leaves there what was read until then.
    pub async fn rest_of_epoch(
        &self,
        from: Target,
        wanted: &CommittedEpoch,
        most: u64,
        unfinished: &mut Unfinished,
    ) -> Result<PublicPart, EpochError> {
        let read = self.read_epoch(from, wanted, most, unfinished).await;
        // A sender that was only slow or busy may go on. Everything else is not to be trusted again.
        if !matches!(&read, Err(EpochError::Read { fault: ReadError::Status(_), .. })) {
            unfinished.documents.clear();
        }
        read
    }

    async fn read_epoch(
        &self,
        from: Target,
        wanted: &CommittedEpoch,
        most: u64,
        unfinished: &mut Unfinished,
    ) -> Result<PublicPart, EpochError> {
        let author = from.hotkey == wanted.by.validator || from.hotkey == wanted.by.signer;
        let of = (!author).then(|| to_hex(&wanted.by.signer));
        let mut reading = Reading { reader: self, from, of, epoch: wanted.epoch, room: most, unfinished };
        let branches = wanted.branches(&reading.document("root", Part::Root, 0, None).await?)?;
        let all: Vec<KeptRounds> = reading.json("rounds", Part::Rounds, 0).await?;
        let rounds = all.into_iter().find(|kept| kept.epoch == wanted.epoch).map(|kept| kept.rounds);
        let rounds = rounds.unwrap_or_default();
        if rounds.len() > MOST_ROUNDS || !rounds.is_sorted_by(|one, next| one < next) {
            return Err(malformed("rounds", "the rounds are too many, or not in ascending order".into()));
        }
        let (mut records, mut around) = (BTreeMap::new(), BTreeMap::new());
        for round in &rounds {
            let bytes = reading.document("records", Part::Records, *round, None).await?;
            records.insert(*round, wanted.records(*round, &bytes)?);
        }
        let without = (branches.head.before, branches.head.after) == Default::default();
        for round in rounds.iter().filter(|_| !without) {
            let hashes: RoundStandings = reading.json("standings", Part::Standings, *round).await?;
            around.insert(*round, hashes);
        }
        let weights: Vec<KeptWeights> = reading.json("weights", Part::Weights, 0).await?;
        if !weights.is_sorted_by(|one, next| one.mechanism < next.mechanism) {
            return Err(malformed("weights", "two weights are of one mechanism".into()));
        }
        let named = around.values().flat_map(|hashes| [&hashes.before, &hashes.after]);
        let named: BTreeSet<&String> = named.chain(weights.iter().map(|kept| &kept.standings)).collect();
        let mut standings = BTreeMap::new();
        for name in named {
            let hash: Option<Hash> = from_hex(name);
            let hash = hash.ok_or_else(|| malformed("standings", "they are named by no hash".into()))?;
            let bytes = reading.document("standings", Part::Standings, 0, Some(hash)).await?;
            standings.insert(hash, bytes);
        }
        let part = PublicPart { branches, records, around, standings, weights };
        part.check()?;
        Ok(part)
    }
}

fn malformed(part: &'static str, what: String) -> EpochError {
    EpochError::Read { part, fault: ReadError::Malformed(what) }
}

/// Documents of an epoch that was not read to its end.
#[derive(Debug, Default)]
pub struct Unfinished {
    /// Most bytes of all documents together; more are not kept.
    most: u64,
    documents: BTreeMap<Named, (String, Vec<u8>)>,
}

/// Part, round and hash of a document, as they are requested.
type Named = (Part, u16, Option<String>);

impl Unfinished {
    /// Keeps documents of at most `most` bytes together.
    pub fn new(most: u64) -> Self {
        Self { most, documents: BTreeMap::new() }
    }

    /// Bytes of all documents.
    pub fn bytes(&self) -> u64 {
        self.documents.values().map(|(_, document)| document.len() as u64).sum()
    }

    /// Keeps documents of at most `most` bytes together from now on.
    pub fn limit(&mut self, most: u64) {
        self.most = most;
    }

    fn keep(&mut self, name: Named, hash: &str, document: &[u8]) {
        self.documents.remove(&name);
        if self.bytes().saturating_add(document.len() as u64) <= self.most {
            self.documents.insert(name, (hash.to_owned(), document.to_vec()));
        }
    }
}

/// An epoch under way: who is asked, and how many bytes there is room for.
struct Reading<'a> {
    reader: &'a Reader,
    from: Target,
    of: Option<String>,
    epoch: u64,
    room: u64,
    unfinished: &'a mut Unfinished,
}

impl Reading<'_> {
    async fn document(
        &mut self,
        name: &'static str,
        part: Part,
        round: u16,
        hash: Option<Hash>,
    ) -> Result<Vec<u8>, EpochError> {
        let untold = |fault| EpochError::Read { part: name, fault };
        let hash = hash.map(|hash| to_hex(&hash));
        let request = PageRequest { hash, of: self.of.clone(), ..PageRequest::new(part, self.epoch, round) };
        let place: Named = (part, round, request.hash.clone());
        let most = self.room.min(DOCUMENT_BYTES);
        if let Some((known, document)) = self.unfinished.documents.get(&place) {
            let request = PageRequest { known: Some(known.clone()), ..request.clone() };
            let page = self.reader.page(self.from, &request, ATTEMPTS).await.map_err(untold)?;
            if page.hash == *known && document.len() as u64 <= most {
                self.room -= document.len() as u64;
                return Ok(document.clone());
            }
        }
        let read = self.reader.whole(self.from, &request, most, ATTEMPTS).await;
        let (document, hash) = read.map_err(untold)?;
        self.room = self.room.saturating_sub(document.len() as u64);
        self.unfinished.keep(place, &hash, &document);
        Ok(document)
    }

    async fn json<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        part: Part,
        round: u16,
    ) -> Result<T, EpochError> {
        let document = self.document(name, part, round, None).await?;
        serde_json::from_slice(&document).map_err(|error| malformed(name, error.to_string()))
    }
}

#[cfg(test)]
mod tests;
