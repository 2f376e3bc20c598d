//! The public part of a validator's epoch, read from the validator or from a holder.

use std::collections::{BTreeMap, BTreeSet};

use myelin_neuron::dendrite::Target;
use myelin_wire::hash::{blake2_256, from_hex, to_hex, Hash};
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
        let author = from.hotkey == wanted.by.validator || from.hotkey == wanted.by.signer;
        let of = (!author).then(|| to_hex(&wanted.by.signer));
        let mut reading = Reading { reader: self, from, of, epoch: wanted.epoch, room: most };
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
        let named = around.values().flat_map(|one| [&one.before, &one.after]);
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

/// An epoch under way: who is asked, and how many bytes there is room for.
struct Reading<'a> {
    reader: &'a Reader,
    from: Target,
    of: Option<String>,
    epoch: u64,
    room: u64,
}

impl Reading<'_> {
    async fn document(
        &mut self,
        name: &'static str,
        part: Part,
        round: u16,
        hash: Option<Hash>,
    ) -> Result<Vec<u8>, EpochError> {
        let hash = hash.map(|hash| to_hex(&hash));
        let request = PageRequest { hash, of: self.of.clone(), ..PageRequest::new(part, self.epoch, round) };
        let most = self.room.min(DOCUMENT_BYTES);
        let read = self.reader.pages(self.from, &request, most, ATTEMPTS).await;
        let (document, hash) = read.map_err(|fault| EpochError::Read { part: name, fault })?;
        if to_hex(&blake2_256(&document)) != hash {
            return Err(malformed(name, "the pages are not those of its hash".into()));
        }
        self.room = self.room.saturating_sub(document.len() as u64);
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
