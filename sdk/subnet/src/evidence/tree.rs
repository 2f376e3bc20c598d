//! The tree over the evidence of an epoch, whose root a validator commits to.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
};

use myelin_wire::{
    evidence::{Answer, EvidenceTree, FileList, Files, MinerEvidence},
    hash::{from_hex, Hash},
    record::miner_digest,
    seed::{challenge_ids, SeedContext, SeedProof},
    AccountId,
};

use super::{
    damaged, disk, hash_of, leaves_in, opened, read_miners, read_seeds, read_whole, round_file,
    EvidenceError, EvidenceFolder, KeptMiner, OutlinedTask,
};
use crate::subnet::MinerRef;

/// The tree over an epoch, and the seeds of its answers by reference.
#[derive(Clone, Debug)]
pub struct EpochTree {
    /// The tree.
    pub tree: EvidenceTree,
    /// Proofs of the seeds.
    pub seeds: BTreeMap<Hash, SeedProof>,
    /// The files of the rounds, whose hashes are under the root; `None` if nothing was asked in the epoch.
    pub files: Option<FileList>,
}

/// Everything about the miners of an epoch.
#[derive(Default)]
struct Miners {
    found: Vec<MinerEvidence>,
    /// Places in `found`, by uid and the digest in records.
    places: HashMap<(u16, [u8; 16]), usize>,
}

impl Miners {
    /// The place of a miner, which is added unless it is there.
    fn add(&mut self, seat: &MinerRef) -> usize {
        let MinerRef { uid, hotkey } = *seat;
        *self.places.entry((uid, miner_digest(&hotkey))).or_insert_with(|| {
            self.found.push(MinerEvidence { uid, hotkey, answers: Vec::new(), records: Vec::new() });
            self.found.len() - 1
        })
    }

    /// Those with an answer or a record.
    fn known(self) -> Vec<MinerEvidence> {
        let is_known = |miner: &MinerEvidence| !miner.answers.is_empty() || !miner.records.is_empty();
        self.found.into_iter().filter(is_known).collect()
    }
}

impl EvidenceFolder {
    /// The tree over the judged rounds of an epoch. It is the same each time as long as the files are.
    ///
    /// Answers count where the validator itself drew the seed: what others asked proves nothing about it.
    pub fn tree(&self, netuid: u16, epoch: u64, validator: AccountId) -> Result<EpochTree, EvidenceError> {
        let (mut miners, mut seeds) = (Miners::default(), BTreeMap::new());
        let (rounds, mut asked) = (self.rounds(epoch), Vec::new());
        for round in &rounds {
            asked.push(self.asked_in(epoch, *round, &mut miners)?);
        }
        for (round, asked) in rounds.iter().zip(&asked) {
            self.take_round((epoch, *round, &validator), asked, &mut miners, &mut seeds)?;
        }
        let standings = |round: Option<&u16>| match round {
            Some(round) => self.round_standings(epoch, *round),
            None => Ok(None),
        };
        let hash = |text: Option<String>| text.and_then(|text| from_hex(&text)).unwrap_or_default();
        let list = self.file_list(epoch)?;
        let files = Files {
            before: hash(standings(rounds.first())?.map(|around| around.before)),
            after: hash(standings(rounds.last())?.map(|around| around.after)),
            others: list.as_ref().map(FileList::root).unwrap_or_default(),
        };
        let tree = EvidenceTree::new((netuid, epoch), validator, files, miners.known());
        Ok(EpochTree { tree, seeds, files: list })
    }

    /// Reads who was asked in a round, and adds all miners that its records may be about: also those of earlier tasks
    /// and of submissions. So every record of the epoch is under the root, and a holder without tasks can check it.
    fn asked_in(
        &self,
        epoch: u64,
        round: u16,
        miners: &mut Miners,
    ) -> Result<(HashMap<AccountId, usize>, Vec<OutlinedTask>), EvidenceError> {
        let path = round_file(&self.epoch_path(epoch), round, "tasks");
        let asked = self.asked(epoch, round)?;
        let read = |miners: &[KeptMiner]| read_miners(miners.iter()).map_err(|what| damaged(&path, what));
        let seats = read(&asked.miners)?.iter().map(|seat| (seat.hotkey, miners.add(seat))).collect();
        let entries: Vec<KeptMiner> = asked.entries.into_iter().map(|entry| entry.miner).collect();
        for about in asked.matured.iter().map(|earlier| &earlier.miners).chain([&entries]) {
            for seat in read(about)? {
                miners.add(&seat);
            }
        }
        Ok((seats, asked.deferred))
    }

    fn take_round(
        &self,
        (epoch, round, validator): (u64, u16, &AccountId),
        (seats, deferred): &(HashMap<AccountId, usize>, Vec<OutlinedTask>),
        miners: &mut Miners,
        seeds: &mut BTreeMap<Hash, SeedProof>,
    ) -> Result<(), EvidenceError> {
        let folder = self.epoch_path(epoch);
        // A round that judges earlier tasks keeps their seeds as well. Their answers count where they were asked.
        let is_of_round = |seed: &SeedProof| {
            let SeedContext { epoch: of, round: drawn, .. } = seed.context;
            seed.signer == *validator && (of, drawn) == (epoch, round)
        };
        let own: Vec<SeedProof> = read_seeds(&round_file(&folder, round, "seeds"))?;
        let own: Vec<(Hash, SeedProof)> =
            own.into_iter().filter(is_of_round).map(|seed| (seed.reference(), seed)).collect();
        let numbered: HashMap<Hash, usize> =
            own.iter().enumerate().map(|(number, (reference, _))| (*reference, number)).collect();
        let mut tasks: BTreeSet<u16> = deferred.iter().map(|task| task.number).collect();
        let path = self.records_file(epoch, round);
        // Records by the number of their seed, the task and the miner's place.
        let mut judged: HashMap<(usize, u16, usize), Hash> = HashMap::new();
        for (record, leaf) in leaves_in(&read_whole(&path)?).map_err(|what| damaged(&path, what))? {
            tasks.insert(record.task);
            let Some(place) = miners.places.get(&(record.miner_uid, record.miner)) else { continue };
            miners.found[*place].records.push(leaf);
            if let Some(seed) = numbered.get(&record.seed) {
                judged.insert((*seed, record.task, *place), leaf);
            }
        }
        let each = || numbered.iter().flat_map(|seed| tasks.iter().map(move |task| (seed, *task)));
        let ids = challenge_ids(each().map(|((reference, _), task)| (reference, task)), validator);
        let challenges: HashMap<Hash, ((&Hash, &usize), u16)> = ids.into_iter().zip(each()).collect();
        for signed in self.signed(epoch, round)? {
            let claim = &signed.claim;
            let Some(&((seed, number), task)) = challenges.get(&claim.challenge_id) else { continue };
            let Some(place) = seats.get(&claim.miner) else { continue };
            let record = judged.get(&(*number, task, *place)).copied().unwrap_or_default();
            miners.found[*place].answers.push(Answer {
                seed: *seed,
                task,
                request: claim.request_hash,
                answer: claim.answer_hash,
                model: claim.model_id,
                signature: signed.signature,
                record,
            });
        }
        seeds.extend(own);
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

#[cfg(test)]
pub(crate) mod tests;
