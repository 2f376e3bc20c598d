//! Faults of an epoch that a third party finds by itself, from parts of the evidence that its root covers.
//!
//! A root covers each file of the rounds by its hash, and the standings before and after the epoch. A third
//! party needs some of these files, the hashes of all others, and the root on the chain. It then repeats one check of
//! the auditor and sees the same difference. The maker of the file need not be trusted: a part that is not under the
//! root is refused, and so is a fault that does not follow from the parts.
//!
//! | fault | parts | also from the chain |
//! |---|---|---|
//! | [`Between`](FaultClaim::Between) | standings of two rounds | |
//! | [`Round`](FaultClaim::Round) | standings, tasks, seeds and records of a round | rules |
//! | [`Weights`](FaultClaim::Weights) | standings after the epoch, seeds of its last round | rules, neurons, the row |
//! | [`Seed`](FaultClaim::Seed) | seeds of a round | genesis, source block |
//! | [`Twins`](FaultClaim::Twins) | seeds of a round | |
//! | [`Unseeded`](FaultClaim::Unseeded) | seeds and records of a round | |
//!
//! The rules of the chain's side are in `myelin_audit::weighing`, those of seeds in `myelin_wire::evidence::seeds`.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    panic::{catch_unwind, AssertUnwindSafe},
};

use myelin_wire::{
    evidence::{seeds, Branches, EpochHead, FileList, FileListError},
    hash::{blake2_256, from_hex, to_hex, Hash},
    record::{miner_digest, Record},
    seed::SeedProof,
    AccountId,
};
use serde::de::DeserializeOwned;

use super::{
    read_up_to, records_in, replay::Recorded, round_file, standings::read_standings, EvidenceError,
    EvidenceFolder, RoundOutline, RoundStandings,
};
use crate::{
    evaluation::{
        averages::{changed_between, unexplained},
        follow_swaps, weigh_standings, Seat, Standing, Standings,
    },
    rules::Terms,
    subnet::{MinerRef, Subnet},
};

mod form;
#[cfg(test)]
mod tests;

/// A fault, by its place in the evidence. What it is follows from the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultClaim {
    /// A round began with other standings than those that the round before it left.
    Between {
        /// The round before.
        earlier: u16,
        /// The round.
        later: u16,
    },
    /// The standings after a round do not follow from those before it and its records.
    Round {
        /// The round.
        round: u16,
        /// The mechanism.
        mechanism: u8,
        /// The owner's terms in its rules.
        terms: Terms,
    },
    /// The weights on the chain do not follow from the standings after the epoch.
    Weights {
        /// The mechanism.
        mechanism: u8,
        /// The owner's terms in its rules.
        terms: Terms,
    },
    /// A seed of a round is not proved, or drawn from other bytes than the rule names.
    Seed {
        /// The round.
        round: u16,
        /// Its place among the seeds of the round.
        place: u32,
    },
    /// Two seeds of a round are for the same miners.
    Twins {
        /// The round.
        round: u16,
        /// Place of the first.
        first: u32,
        /// Place of the second.
        second: u32,
    },
    /// A record of a round names a seed that the round does not have.
    Unseeded {
        /// The round.
        round: u16,
        /// Its place among the records of the round.
        place: u32,
    },
}

impl FaultClaim {
    /// The claims about weights of these mechanisms, under their owner's terms.
    pub fn of_weights(mechanisms: &[(u8, Terms)]) -> impl Iterator<Item = Self> + '_ {
        mechanisms.iter().map(|(mechanism, terms)| Self::Weights { mechanism: *mechanism, terms: *terms })
    }
}

impl fmt::Display for FaultClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Between { earlier, later } => write!(f, "standings between rounds {earlier} and {later}"),
            Self::Round { round, mechanism, .. } => {
                write!(f, "standings of round {round} on mechanism {mechanism}")
            }
            Self::Weights { mechanism, .. } => write!(f, "weights on mechanism {mechanism}"),
            Self::Seed { round, place } => write!(f, "seed {place} of round {round}"),
            Self::Twins { round, first, second } => write!(f, "seeds {first} and {second} of round {round}"),
            Self::Unseeded { round, place } => write!(f, "seed of record {place} of round {round}"),
        }
    }
}

/// Reason why parts show no fault.
#[derive(Debug, thiserror::Error)]
pub enum PartsError {
    /// The bytes have another form.
    #[error("the parts that show faults were cut, padded or changed: {what} at byte {at}")]
    Malformed {
        /// The defect.
        what: &'static str,
        /// Its place.
        at: usize,
    },
    /// The upper half of the tree is none.
    #[error("the upper half of the tree is none: {0}")]
    Branches(String),
    /// The list of files is none.
    #[error("the list of files is none: {0}")]
    List(#[from] FileListError),
    /// The list of files is not the one under the root.
    #[error("the list of files is not the one under the root")]
    OtherFiles,
    /// A part is missing.
    #[error("{0} is not among the parts that are under the root")]
    Missing(String),
    /// A part has another form than evidence.
    #[error("{part} cannot be read: {what}")]
    Unread {
        /// The part.
        part: String,
        /// Its defect.
        what: String,
    },
    /// A part shows nothing.
    #[error("the part with hash 0x{} shows none of the faults", to_hex(.0))]
    Padded(Hash),
    /// The parts do not decide.
    #[error("the parts do not decide it: {0}")]
    Undecided(String),
    /// The folder cannot be read.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}

/// Evidence of an epoch under its root: a whole folder, or parts of it that somebody sent.
pub struct Rooted<'a> {
    branches: Branches,
    /// `None` if only the public part is known.
    files: Option<FileList>,
    source: Source<'a>,
    /// Parts that were read since the last call of [`forget`](Self::forget), by their hash.
    used: RefCell<BTreeMap<Hash, Vec<u8>>>,
}

enum Source<'a> {
    Folder(&'a EvidenceFolder),
    Parts(BTreeMap<Hash, Vec<u8>>),
}

/// A part by its place in a folder.
#[derive(Clone, Copy)]
enum Part {
    File(u16, &'static str),
    Standings,
}

impl Part {
    fn name(self) -> String {
        match self {
            Part::File(round, what) => FileList::name(round, what),
            Part::Standings => "a list of standings".into(),
        }
    }
}

impl<'a> Rooted<'a> {
    /// A folder under the root of these branches, with the list of its files. Files that are not under that root are
    /// not used.
    pub fn in_folder(
        folder: &'a EvidenceFolder,
        branches: Branches,
        files: Option<FileList>,
    ) -> Result<Self, PartsError> {
        check_branches(&branches)?;
        let files = files.filter(|files| files.root() == branches.head.files);
        Ok(Self { branches, files, source: Source::Folder(folder), used: RefCell::default() })
    }

    /// Reads a stranger's parts and claims. Each part is under the root; what the claims are worth is found by checking
    /// them.
    pub fn from_bytes(bytes: &[u8]) -> Result<(Rooted<'static>, Vec<FaultClaim>), PartsError> {
        let form::Parts { branches, files, contents, claims } = form::read(bytes)?;
        check_branches(&branches)?;
        if files.as_ref().is_some_and(|files| files.root() != branches.head.files) {
            return Err(PartsError::OtherFiles);
        }
        let source = Source::Parts(contents);
        Ok((Rooted { branches, files, source, used: RefCell::default() }, claims))
    }

    /// The parts that were read since the last [`forget`](Self::forget), with claims that they show, for
    /// [`from_bytes`](Self::from_bytes).
    pub fn to_bytes(&self, claims: &[FaultClaim]) -> Vec<u8> {
        form::write(&self.branches, self.files.as_ref(), &self.used.borrow(), claims)
    }

    /// Most claims in a file.
    pub const MOST_CLAIMS: usize = super::MOST_FAULTY;

    /// Most bytes of all parts together.
    pub const MOST_BYTES: usize = 12 << 20;

    /// Forgets which parts were read, and returns them.
    pub fn forget(&self) -> BTreeMap<Hash, Vec<u8>> {
        self.used.take()
    }

    /// Notes that parts were read, which [`forget`](Self::forget) returned.
    pub fn recall(&self, parts: BTreeMap<Hash, Vec<u8>>) {
        self.used.borrow_mut().extend(parts);
    }

    /// Fails if somebody sent a part that was not read since.
    pub fn ensure_all_used(&self) -> Result<(), PartsError> {
        let Source::Parts(parts) = &self.source else { return Ok(()) };
        let used = self.used.borrow();
        match parts.keys().find(|hash| !used.contains_key(*hash)) {
            Some(hash) => Err(PartsError::Padded(*hash)),
            None => Ok(()),
        }
    }

    /// The top of the tree.
    pub fn head(&self) -> &EpochHead {
        &self.branches.head
    }

    /// The root, to which the validator committed if the chain has it.
    pub fn root(&self) -> Hash {
        self.branches.head.root()
    }

    /// The content of a part under the root.
    fn content(&self, hash: Hash, part: Part) -> Result<Vec<u8>, PartsError> {
        if let Some(known) = self.used.borrow().get(&hash) {
            return Ok(known.clone());
        }
        let missing = || PartsError::Missing(part.name());
        let bytes = match &self.source {
            Source::Parts(parts) => parts.get(&hash).cloned().ok_or_else(missing)?,
            Source::Folder(folder) => {
                let epoch = self.branches.head.epoch;
                let path = match part {
                    Part::File(round, what) => round_file(&folder.epoch_path(epoch), round, what),
                    Part::Standings => folder.standings_file(epoch, &hash).ok_or_else(missing)?,
                };
                let bytes = read_up_to(&path, Self::MOST_BYTES as u64)?;
                Some(bytes).filter(|bytes| blake2_256(bytes) == hash).ok_or_else(missing)?
            }
        };
        self.used.borrow_mut().insert(hash, bytes.clone());
        Ok(bytes)
    }

    fn list(&self) -> Result<&FileList, PartsError> {
        self.files.as_ref().ok_or_else(|| PartsError::Missing("the list of files".into()))
    }

    /// A file of a round.
    fn file(&self, round: u16, what: &'static str) -> Result<Vec<u8>, PartsError> {
        let part = Part::File(round, what);
        let hash = self.list()?.hash(round, what).ok_or_else(|| PartsError::Missing(part.name()))?;
        self.content(hash, part)
    }

    fn json<T: DeserializeOwned>(&self, round: u16, what: &'static str) -> Result<T, PartsError> {
        let bytes = self.file(round, what)?;
        serde_json::from_slice(&bytes).map_err(|error| unread(Part::File(round, what), error))
    }

    fn seeds(&self, round: u16) -> Result<Vec<SeedProof>, PartsError> {
        let bytes = self.file(round, "seeds")?;
        let seeds: Result<_, _> = bytes.chunks(SeedProof::LEN).map(SeedProof::from_bytes).collect();
        seeds.map_err(|error| unread(Part::File(round, "seeds"), error))
    }

    /// The records of a round, all of this occasion.
    fn records(&self, round: u16) -> Result<Vec<Record>, PartsError> {
        let part = Part::File(round, "records");
        let records = records_in(&self.file(round, "records")?).map_err(|what| unread(part, what))?;
        let EpochHead { netuid, epoch, validator, .. } = self.branches.head;
        let own = (netuid, epoch, round, validator);
        match records.iter().all(|record| (record.netuid, record.epoch, record.round, record.signer) == own) {
            true => Ok(records),
            false => Err(unread(part, "a record is of another subnet, epoch, round or validator")),
        }
    }

    fn standings(&self, hash: Hash) -> Result<Standings, PartsError> {
        let bytes = self.content(hash, Part::Standings)?;
        read_standings(&bytes).map_err(|what| unread(Part::Standings, what))
    }

    /// Standings around a round, by their hashes.
    fn around(&self, round: u16) -> Result<(Hash, Hash), PartsError> {
        let RoundStandings { before, after } = self.json(round, "standings")?;
        let hashes = from_hex(&before).zip(from_hex(&after));
        let wrong = || unread(Part::File(round, "standings"), "a hash is not 64 hexadecimal digits");
        hashes.ok_or_else(wrong)
    }
}

/// The checks. Each returns the differences as lines of text, as an auditor with the whole folder names them; none if
/// there is no fault.
impl Rooted<'_> {
    /// Standings between two consecutive rounds.
    pub fn between(&self, earlier: u16, later: u16) -> Result<Vec<String>, PartsError> {
        let rounds = self.list()?.rounds();
        if !rounds.windows(2).any(|pair| pair == [earlier, later]) {
            return Err(PartsError::Undecided(format!("round {later} does not follow on round {earlier}")));
        }
        let ((_, left), (begun, _)) = (self.around(earlier)?, self.around(later)?);
        if left == begun {
            return Ok(Vec::new());
        }
        let changed = changed_between(&self.standings(left)?, &self.standings(begun)?);
        Ok(changed.into_iter().map(|what| format!("before round {later}: {what}")).collect())
    }

    /// Standings after a round, from those before it and its records. The caller has made sure that the rules of
    /// `subnet` are those by which the validator had to judge.
    pub fn round<S: Subnet>(&self, subnet: &S, round: u16, mechanism: u8) -> Result<Vec<String>, PartsError> {
        let (before, after) = self.around(round)?;
        let only = |all: Standings| -> Standings {
            all.into_iter().filter(|((of, _), _)| *of == mechanism).collect()
        };
        let (before, after) = (only(self.standings(before)?), only(self.standings(after)?));
        let outline: RoundOutline = self.json(round, "tasks")?;
        let (seeds, records) = (self.seeds(round)?, self.records(round)?);
        let recorded = Recorded { outline: &outline, seeds: &seeds, records: &records };
        let unclear = recorded.unclear();
        let asked: HashSet<&str> = outline.miners.iter().map(|miner| miner.hotkey.as_str()).collect();
        let is_unsure = |miner: &MinerRef| unclear.contains(&miner_digest(&miner.hotkey));
        let was_asked = |miner: &MinerRef| asked.contains(to_hex(&miner.hotkey).as_str());
        let found = of_stranger(|| {
            let scores = recorded.scores(subnet, mechanism)?;
            Ok(unexplained(&before, &after, &subnet.mechanisms(), &scores, is_unsure, was_asked))
        })?;
        Ok(found.into_iter().map(|what| format!("round {round}: {what}")).collect())
    }

    /// A seed of a round.
    pub fn seed(&self, round: u16, place: u32) -> Result<SeedProof, PartsError> {
        let seed = self.seeds(round)?.into_iter().nth(place as usize);
        seed.ok_or_else(|| PartsError::Undecided(format!("round {round} has no seed {place}")))
    }

    /// Two seeds of a round for the same miners.
    pub fn twins(&self, round: u16, first: u32, second: u32) -> Result<Vec<String>, PartsError> {
        let are_two = first < second;
        let (one, other) = (self.seed(round, first)?, self.seed(round, second)?);
        let twins = are_two && seeds::are_twins(&one, &other);
        Ok(twins.then(|| format!("round {round}: two seeds are for the same miners")).into_iter().collect())
    }

    /// A record's seed.
    pub fn unseeded(&self, round: u16, place: u32) -> Result<Vec<String>, PartsError> {
        let (seeds, records) = (self.seeds(round)?, self.records(round)?);
        let record = records.get(place as usize);
        let record =
            record.ok_or_else(|| PartsError::Undecided(format!("round {round} has no record {place}")))?;
        match seeds::is_unseeded(record, &seeds) {
            None => Err(PartsError::Undecided(format!("round {round} has no seed of its own"))),
            Some(false) => Ok(Vec::new()),
            Some(true) => Ok(vec![format!(
                "round {round}: no proof of seed {}, which the record of uid {}, task {} names",
                to_hex(&record.seed),
                record.miner_uid,
                record.task
            )]),
        }
    }

    /// The latest source block of the last round's seeds, before which the validator did not weigh. `None` if the
    /// parts do not have these seeds.
    pub fn last_source(&self) -> Result<Option<u64>, PartsError> {
        let Some(files) = &self.files else { return Ok(None) };
        let last = files.rounds().last().copied().filter(|round| files.hash(*round, "seeds").is_some());
        let Some(round) = last else { return Ok(None) };
        let head = &self.branches.head;
        let own = self.seeds(round)?.into_iter().filter(|seed| seeds::is_of_round(seed, head, round));
        Ok(own.map(|seed| seed.context.source_block).max())
    }

    /// The weights that follow from the standings after the epoch, by uid. `seats` are the neurons when the validator
    /// weighed. Miners with fewer than `least` signed answers get none, but for those that are `exempt`. The caller has
    /// made sure of the rules.
    pub fn due_weights<S: Subnet>(
        &self,
        subnet: &S,
        (mechanism, terms): (u8, Terms),
        seats: &[(Seat, AccountId)],
        (least, exempt): (u16, &[Option<u16>]),
    ) -> Result<Vec<(u16, u16)>, PartsError> {
        if terms.collateral > 0 {
            let why = "the rules demand collateral, and what miners had locked is not known";
            return Err(PartsError::Undecided(why.into()));
        }
        let plan = subnet.mechanisms().get(usize::from(mechanism)).copied();
        let plan =
            plan.ok_or_else(|| PartsError::Undecided("this version knows no such mechanism".into()))?;
        let mut standings = self.standings(self.branches.head.after)?;
        let mut weights = of_stranger(|| {
            follow_swaps(&mut standings, seats.iter().copied());
            let seated: Vec<(MinerRef, &Standing)> = seats
                .iter()
                .filter_map(|(seat, hotkey)| {
                    let standing = standings.get(&(mechanism, *hotkey))?;
                    Some((MinerRef { uid: seat.uid, hotkey: *hotkey }, standing))
                })
                .collect();
            Ok(weigh_standings(&terms.apply(plan), &seated))
        })?;
        let hotkeys: HashMap<u16, &AccountId> =
            seats.iter().map(|(seat, hotkey)| (seat.uid, hotkey)).collect();
        let answers = |uid: u16| {
            let of = |hotkey: &AccountId| {
                let own =
                    self.branches.miners.iter().filter(|miner| miner.uid == uid && miner.hotkey == *hotkey);
                own.map(|miner| miner.answers.len).max().unwrap_or_default()
            };
            hotkeys.get(&uid).map_or(0, |hotkey| of(hotkey))
        };
        let is_silent = |uid: u16| !exempt.contains(&Some(uid)) && answers(uid) < u32::from(least);
        weights.iter_mut().filter(|(uid, _)| is_silent(*uid)).for_each(|(_, weight)| *weight = 0);
        Ok(weights)
    }

    /// Every claim that may hold, with these mechanisms under their owner's terms. Claims about single seeds and
    /// records hold as far as the parts tell.
    pub fn candidates(&self, mechanisms: &[(u8, Terms)]) -> Vec<FaultClaim> {
        let rounds = self.files.as_ref().map(FileList::rounds).unwrap_or_default();
        let mut claims: Vec<FaultClaim> =
            rounds.windows(2).map(|pair| FaultClaim::Between { earlier: pair[0], later: pair[1] }).collect();
        for round in rounds {
            let of_round = |(mechanism, terms): &(u8, Terms)| FaultClaim::Round {
                round,
                mechanism: *mechanism,
                terms: *terms,
            };
            claims.extend(mechanisms.iter().map(of_round));
            claims.extend(self.seeds_of(round).unwrap_or_default());
        }
        claims.extend(FaultClaim::of_weights(mechanisms));
        claims.sort_unstable();
        claims
    }

    /// Claims about the seeds of a round. Of records without a seed the first is named.
    fn seeds_of(&self, round: u16) -> Result<Vec<FaultClaim>, PartsError> {
        let seeds = self.seeds(round)?;
        let mut claims = Vec::new();
        let mut known = HashMap::new();
        for (place, seed) in (0..).zip(&seeds) {
            claims.push(FaultClaim::Seed { round, place });
            let first = *known.entry(seed.context.to_bytes()).or_insert(place);
            if first != place {
                claims.push(FaultClaim::Twins { round, first, second: place });
            }
        }
        let references: HashSet<Hash> = seeds.iter().map(SeedProof::reference).collect();
        let doubtful = (0..).zip(self.records(round)?);
        let mut doubtful = doubtful.filter(|(_, record)| !references.contains(&record.seed));
        let first = doubtful.find(|(_, record)| seeds::is_unseeded(record, &seeds) == Some(true));
        claims.extend(first.map(|(place, _)| FaultClaim::Unseeded { round, place }));
        Ok(claims)
    }
}

fn check_branches(branches: &Branches) -> Result<(), PartsError> {
    match branches.root() {
        Some(_) => Ok(()),
        None => Err(PartsError::Branches("its miners are not those of its head".into())),
    }
}

fn unread(part: Part, what: impl ToString) -> PartsError {
    PartsError::Unread { part: part.name(), what: what.to_string() }
}

/// The result of a computation over a stranger's numbers, which may be out of any range.
fn of_stranger<T>(compute: impl FnOnce() -> Result<T, String>) -> Result<T, PartsError> {
    match catch_unwind(AssertUnwindSafe(compute)) {
        Ok(computed) => computed.map_err(PartsError::Undecided),
        Err(_) => Err(PartsError::Undecided("computing it broke off: the numbers make no sense".into())),
    }
}
