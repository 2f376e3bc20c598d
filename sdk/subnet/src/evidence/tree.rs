//! The tree over the evidence of an epoch, whose root a validator commits to.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
};

use myelin_wire::{
    evidence::{record_leaf, Answer, EvidenceTree, FileList, Files, MinerEvidence},
    hash::{from_hex, Hash},
    record::{miner_digest, Record},
    seed::{challenge_id, SeedProof},
    AccountId,
};

use super::{
    damaged, disk, hash_of, opened, read_miners, read_seeds, round_file, EvidenceError, EvidenceFolder,
    KeptMiner, OutlinedTask,
};
use crate::subnet::MinerRef;

/// The tree over an epoch, and the seeds of its answers by reference.
#[derive(Clone, Debug)]
pub struct EpochTree {
    /// The tree.
    pub tree: EvidenceTree,
    /// Proofs of the seeds.
    pub seeds: BTreeMap<Hash, SeedProof>,
}

/// The miners that the records of an epoch are about, by uid and digest.
type ByDigest = HashMap<(u16, [u8; 16]), AccountId>;

/// Everything about one miner, by uid and hotkey.
type ByMiner = BTreeMap<(u16, AccountId), MinerEvidence>;

impl EvidenceFolder {
    /// The tree over the judged rounds of an epoch. It is the same each time as long as the files are.
    ///
    /// Answers count where the validator itself drew the seed: what others asked proves nothing about it.
    pub fn tree(&self, netuid: u16, epoch: u64, validator: AccountId) -> Result<EpochTree, EvidenceError> {
        let (mut miners, mut seeds) = (ByMiner::new(), BTreeMap::new());
        let rounds = self.rounds(epoch);
        let (mut asked, mut by_digest) = (Vec::new(), ByDigest::new());
        for round in &rounds {
            asked.push(self.asked_in(epoch, *round, &mut by_digest)?);
        }
        for (round, asked) in rounds.iter().zip(&asked) {
            let from = (epoch, *round, &validator);
            self.take_round(from, asked, &by_digest, &mut miners, &mut seeds)?;
        }
        let standings = |round: Option<&u16>| match round {
            Some(round) => self.round_standings(epoch, *round),
            None => Ok(None),
        };
        let hash = |text: Option<String>| text.and_then(|text| from_hex(&text)).unwrap_or_default();
        let files = Files {
            before: hash(standings(rounds.first())?.map(|around| around.before)),
            after: hash(standings(rounds.last())?.map(|around| around.after)),
            others: self.file_list(epoch)?.map(|files| files.root()).unwrap_or_default(),
        };
        let tree = EvidenceTree::new((netuid, epoch), validator, files, miners.into_values().collect());
        Ok(EpochTree { tree, seeds })
    }

    /// Reads who was asked in a round, and adds all miners that its records may be about: also those of earlier tasks
    /// and of submissions. So every record of the epoch is under the root, and a holder without tasks can check it.
    fn asked_in(
        &self,
        epoch: u64,
        round: u16,
        by_digest: &mut ByDigest,
    ) -> Result<(Vec<MinerRef>, Vec<OutlinedTask>), EvidenceError> {
        let path = round_file(&self.epoch_path(epoch), round, "tasks");
        let asked = self.asked(epoch, round)?;
        let read = |miners: &[KeptMiner]| read_miners(miners.iter()).map_err(|what| damaged(&path, what));
        let seats = read(&asked.miners)?;
        let mut about = seats.clone();
        for earlier in &asked.matured {
            about.extend(read(&earlier.miners)?);
        }
        let entries: Vec<KeptMiner> = asked.entries.into_iter().map(|entry| entry.miner).collect();
        about.extend(read(&entries)?);
        by_digest.extend(about.iter().map(|seat| ((seat.uid, miner_digest(&seat.hotkey)), seat.hotkey)));
        Ok((seats, asked.deferred))
    }

    fn take_round(
        &self,
        (epoch, round, validator): (u64, u16, &AccountId),
        (seats, deferred): &(Vec<MinerRef>, Vec<OutlinedTask>),
        by_digest: &ByDigest,
        miners: &mut ByMiner,
        seeds: &mut BTreeMap<Hash, SeedProof>,
    ) -> Result<(), EvidenceError> {
        let folder = self.epoch_path(epoch);
        let path = round_file(&folder, round, "records");
        let records = self.records(epoch, round)?;
        let mut judged: HashMap<(Hash, u16, AccountId), Hash> = HashMap::new();
        for record in &records {
            let Some(hotkey) = by_digest.get(&(record.miner_uid, record.miner)) else { continue };
            let leaf = record_leaf(&record.to_bytes().map_err(|error| damaged(&path, error))?);
            judged.insert((record.seed, record.task, *hotkey), leaf);
            entry(miners, record.miner_uid, *hotkey).records.push(leaf);
        }
        let own: Vec<SeedProof> = read_seeds(&round_file(&folder, round, "seeds"))?;
        let own: Vec<SeedProof> = own.into_iter().filter(|seed| seed.signer == *validator).collect();
        let tasks = numbers(&records, deferred);
        let mut challenges: HashMap<Hash, (Hash, u16)> = HashMap::new();
        for reference in own.iter().map(SeedProof::reference) {
            let ids =
                tasks.iter().map(|task| (challenge_id(&reference, *task, validator), (reference, *task)));
            challenges.extend(ids);
        }
        seeds.extend(own.into_iter().map(|seed| (seed.reference(), seed)));
        let by_hotkey: HashMap<AccountId, &MinerRef> = seats.iter().map(|seat| (seat.hotkey, seat)).collect();
        for signed in self.signed(epoch, round)? {
            let claim = &signed.claim;
            let Some(&(seed, task)) = challenges.get(&claim.challenge_id) else { continue };
            let Some(seat) = by_hotkey.get(&claim.miner) else { continue };
            let record = judged.get(&(seed, task, claim.miner)).copied().unwrap_or_default();
            entry(miners, seat.uid, claim.miner).answers.push(Answer {
                seed,
                task,
                request: claim.request_hash,
                answer: claim.answer_hash,
                model: claim.model_id,
                signature: signed.signature,
                record,
            });
        }
        Ok(())
    }

    /// All files of an epoch's rounds with their hashes; `None` if nothing was asked in the epoch.
    pub fn file_list(&self, epoch: u64) -> Result<Option<FileList>, EvidenceError> {
        let folder = self.epoch_path(epoch);
        let names = match fs::read_dir(&folder) {
            Ok(names) => names,
            Err(found) if found.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(found) => return Err(disk("reading", &folder, found)),
        };
        let names = names.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let hashed = |name: String| {
            let path = folder.join(&name);
            let hash = hash_of(opened(&path)?).map_err(|found| disk("reading", &path, found))?;
            Ok::<_, EvidenceError>((name, hash))
        };
        names.filter(|name| FileList::is_listed(name)).map(hashed).collect::<Result<_, _>>().map(Some)
    }
}

fn entry(miners: &mut ByMiner, uid: u16, hotkey: AccountId) -> &mut MinerEvidence {
    let empty = MinerEvidence { uid, hotkey, answers: Vec::new(), records: Vec::new() };
    miners.entry((uid, hotkey)).or_insert(empty)
}

/// The numbers of all tasks of a round.
fn numbers(records: &[Record], deferred: &[OutlinedTask]) -> Vec<u16> {
    let judged = records.iter().map(|record| record.task);
    let all: HashSet<u16> = judged.chain(deferred.iter().map(|task| task.number)).collect();
    all.into_iter().collect()
}

#[cfg(test)]
pub(crate) mod tests;
