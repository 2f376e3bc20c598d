//! Work of a validator whose evidence of an epoch is fetched by 63 holders: three rounds, 64 miners, 100 records of
//! each in a round.
//!
//! Each page is read, signed and encoded as for a real request, without sockets. One shelf remembers the hashes of
//! documents; with a new shelf for each request, every page costs a hash over its whole document.

use std::time::{Duration, Instant};

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_subnet::disclosure::{Asker, Clock, Page, PageRequest, Part, Shelf, SignedPage, Told};
use myelin_subnet::evaluation::Standings;
use myelin_subnet::evidence::{EvidenceFolder, KeptMiner, RoundEvidence, RoundStandings, RoundTasks};
use myelin_subnet::subnet::MinerRef;
use myelin_wallet::Keypair;
use myelin_wire::hash::{blake2_256, from_hex, to_hex};
use myelin_wire::record::{Record, Rubric};

use super::{follow, key, miners, record, EPOCH, NETUID, RECORDS};

const HOLDERS: u16 = 63;
const MINERS: usize = 64;
const ROUNDS: u16 = 3;

/// Keeps the epoch as a validator does.
fn keep(folder: &EvidenceFolder, rubric: &Rubric, signer: &Keypair) -> Result<u64, String> {
    let miners: Vec<MinerRef> = miners().into_iter().take(MINERS).collect();
    let kept =
        miners.iter().map(|miner| KeptMiner { uid: miner.uid, hotkey: to_hex(&miner.hotkey) }).collect();
    let tasks = RoundTasks { miners: kept, ..RoundTasks::default() };
    let evidence = RoundEvidence { tasks, ..RoundEvidence::default() };
    let wrong = |error: &dyn std::fmt::Display| error.to_string();
    let (mut before, mut bytes) = (Standings::new(), 0);
    for round in 0..ROUNDS {
        // A record's round is its task's number modulo three.
        let tasks = (0..RECORDS * ROUNDS).filter(|task| task % ROUNDS == round);
        let of = |task| miners.iter().map(move |miner| record(rubric, &signer.public(), miner, task));
        let records: Vec<Record> = tasks.flat_map(of).collect();
        let scores: Vec<_> = miners
            .iter()
            .map(|miner| {
                let own = records.iter().filter(|record| record.miner_uid == miner.uid);
                (*miner, own.map(|record| record.score).collect())
            })
            .collect();
        let after = follow(&before, &scores);
        folder.write(EPOCH, round, &evidence).map_err(|error| wrong(&error))?;
        folder.write_standings(EPOCH, round, &before, &after).map_err(|error| wrong(&error))?;
        folder.write_records(EPOCH, round, records.iter()).map_err(|error| wrong(&error))?;
        before = after;
        bytes += records
            .iter()
            .filter_map(|record| record.to_bytes().ok())
            .map(|bytes| bytes.len() as u64 + 1)
            .sum::<u64>();
    }
    folder.own_branches(EPOCH).map_err(|error| wrong(&error))?;
    Ok(bytes)
}

/// A validator that serves its folder.
struct Desk<'a> {
    folder: &'a EvidenceFolder,
    signer: &'a Keypair,
    /// `None`: hashes are not remembered from one request to the next.
    shelf: Option<Shelf>,
    pages: u64,
    time: Duration,
}

impl Desk<'_> {
    /// A document, page by page.
    fn document(&mut self, holder: u16, request: &PageRequest) -> Result<Vec<u8>, String> {
        let asker = Asker { hotkey: key(2, holder), registered: true };
        let clock = Clock { epoch: EPOCH + 9, ..Clock::default() };
        let mut document = Vec::new();
        loop {
            let request = PageRequest { from: document.len() as u64, ..request.clone() };
            let begun = Instant::now();
            let new = Shelf::default();
            let shelf = self.shelf.as_ref().unwrap_or(&new);
            let page = shelf.page(self.folder, clock, asker, &request).map_err(|error| error.to_string())?;
            let sent =
                serde_json::to_vec(&self.told(asker, &request, &page)).map_err(|error| error.to_string())?;
            self.time += begun.elapsed();
            self.pages += 1;
            std::hint::black_box(sent);
            document.extend(STANDARD.decode(&page.bytes).map_err(|error| error.to_string())?);
            if document.len() as u64 == page.total {
                let is_whole = to_hex(&blake2_256(&document)) == page.hash;
                return is_whole
                    .then_some(document)
                    .ok_or_else(|| "a document is not that of its hash".into());
            }
        }
    }

    fn told(&self, asker: Asker, request: &PageRequest, page: &Page) -> SignedPage {
        let (validator, asker) = (self.signer.public(), asker.hotkey);
        Told { genesis: [1; 32], netuid: NETUID, validator, asker, request, page }.sign(self.signer)
    }

    /// Everything that a holder fetches; its bytes.
    fn epoch(&mut self, holder: u16) -> Result<u64, String> {
        let ask = |part, round| PageRequest::new(part, EPOCH, round);
        let mut bytes = 0;
        for part in [Part::Root, Part::Rounds, Part::Weights] {
            bytes += self.document(holder, &ask(part, 0))?.len();
        }
        let mut named = std::collections::BTreeSet::new();
        for round in 0..ROUNDS {
            bytes += self.document(holder, &ask(Part::Records, round))?.len();
            let around = self.document(holder, &ask(Part::Standings, round))?;
            let around: RoundStandings =
                serde_json::from_slice(&around).map_err(|error| error.to_string())?;
            named.extend([around.before, around.after]);
        }
        for name in named {
            let hash = from_hex(&name).ok_or("standings are named by no hash")?;
            bytes += self.document(holder, &ask(Part::Standings, 0).of_hash(&hash))?.len();
        }
        Ok(bytes as u64)
    }
}

/// Measures both, and prints a row.
pub fn run(rubric: &Rubric) -> Result<(), String> {
    let place = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = EvidenceFolder { path: place.path().join("evidence"), keep: 9 };
    let signer = Keypair::from_seed(&[9; 32]);
    let records = keep(&folder, rubric, &signer)?;
    let new = |shelf| Desk { folder: &folder, signer: &signer, shelf, pages: 0, time: Duration::ZERO };
    let (mut with, mut without) = (new(Some(Shelf::default())), new(None));
    // In turn, so that a busy machine slows both.
    for holder in 0..HOLDERS {
        if with.epoch(holder)? != without.epoch(holder)? {
            return Err("the documents differ".into());
        }
    }
    println!(
        "an epoch of {MINERS} miners, {ROUNDS} rounds, {RECORDS} records of each ({:.1} MB) to {HOLDERS} holders: \
         {:.2} s for {} pages; {:.2} s ({:.1} times) if hashes are not remembered",
        records as f64 / 1e6,
        with.time.as_secs_f64(),
        with.pages,
        without.time.as_secs_f64(),
        without.time.as_secs_f64() / with.time.as_secs_f64().max(f64::EPSILON),
    );
    Ok(())
}
