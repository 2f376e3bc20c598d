//! Claims of validators that miners gave no answer, compared with each other and with the miners' roots.
//!
//! A finding says that a validator's claims about a miner stand alone ([`myelin_audit::claims`]). It is no fault of the
//! evidence: a broken line between the two, or a miner that does not serve the validator, looks the same.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use myelin_abi::{Account, AnswerRoot};
use myelin_audit::claims::{compare, Alone, Claims, Comparison, Count, Miner};
use myelin_audit::gather::Seat;
use myelin_subnet::chain::CommittedRoot;
use myelin_subnet::contest::denies_answer;
use myelin_subnet::evidence::{CommittedEpoch, EvidenceFolder};
use myelin_wire::evidence::says_away;
use myelin_wire::hash::Hash;
use myelin_wire::record::miner_digest;
use myelin_wire::AccountId;
use serde_json::{json, Value};

use super::evidence_folder;
use super::held::{Folders, Held, ProvenChain};
use crate::output::{address, at, fail, Failure};

/// Most validators that are compared.
const MOST: usize = 256;

/// The claims of a validator in an epoch.
pub struct Told {
    /// The hotkey that signed the records.
    pub signer: AccountId,
    rounds: BTreeMap<Miner, Vec<Count>>,
}

/// A miner's word about an epoch, by its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// It committed to so many signed answers.
    Answers(u32),
    /// It committed shortly before, and not to this epoch: it was away.
    Away,
    /// The chain has no root of it that says anything.
    Nothing,
}

impl Word {
    /// The word in a miner's roots.
    pub fn of(roots: &VecDeque<AnswerRoot>, epoch: u64) -> Self {
        match roots.iter().find(|root| root.epoch == epoch) {
            Some(root) => Word::Answers(root.answers),
            None if says_away(roots.iter().map(|root| root.epoch), epoch) => Word::Away,
            None => Word::Nothing,
        }
    }
}

/// Claims that stand alone, with the miner's word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The claims.
    pub alone: Alone,
    /// The miner's word.
    pub word: Word,
}

/// A comparison of an epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// The epoch.
    pub epoch: u64,
    /// Validators that were compared, by uid.
    pub validators: Vec<u16>,
    /// Pairs of a validator and a miner that were.
    pub pairs: usize,
    /// Claims that stand alone.
    pub found: Vec<Found>,
    /// Reasons why evidence that was named is not compared.
    pub left_out: Vec<String>,
}

/// Folders that `--others` names: each itself, or those in it if it holds no epoch.
pub fn named(paths: &[PathBuf]) -> Result<Vec<EvidenceFolder>, Failure> {
    let mut folders = Vec::new();
    for path in paths {
        let before = folders.len();
        let folder = evidence_folder(path)?;
        match folder.epochs().is_empty() {
            false => folders.push(folder),
            true => {
                let entries: Result<Vec<_>, _> = std::fs::read_dir(path).map_err(at(path))?.collect();
                let inside = entries.map_err(at(path))?.into_iter().map(|entry| entry.path());
                let mut inside: Vec<PathBuf> = inside.filter(|path| path.is_dir()).collect();
                inside.sort();
                for path in inside {
                    folders
                        .extend(Some(evidence_folder(&path)?).filter(|folder| !folder.epochs().is_empty()));
                }
            }
        }
        if folders.len() == before {
            return fail(format!(
                "{} holds no evidence; name a folder that `myelin evidence fetch` wrote, or the folder `held` of a \
                 validator",
                path.display()
            ));
        }
    }
    match folders.len() <= MOST {
        true => Ok(folders),
        false => fail(format!("--others names {} validators; name {MOST} at most", folders.len())),
    }
}

impl Told {
    /// The claims in a folder; `None` if it has no record of the epoch.
    pub fn read(folder: &EvidenceFolder, netuid: u16, epoch: u64) -> Result<Option<Self>, Failure> {
        let mut told: Option<Told> = None;
        for round in folder.rounds(epoch) {
            let records = folder.records(epoch, round)?;
            let Some(first) = records.first() else { continue };
            let told = told.get_or_insert_with(|| Told { signer: first.signer, rounds: BTreeMap::new() });
            let mut counts: BTreeMap<Miner, Count> = BTreeMap::new();
            for record in &records {
                let place = (record.netuid, record.epoch, record.round, record.signer);
                if place != (netuid, epoch, round, told.signer) {
                    return fail(format!(
                        "{}: a record in round {round} of epoch {epoch} is of another subnet, epoch, round or \
                         validator; fetch the epoch again",
                        folder.path.display()
                    ));
                }
                let counted = Count { asked: 1, denied: u64::from(denies_answer(record)) };
                let count = counts.entry((record.miner_uid, record.miner)).or_default();
                *count = count.plus(counted);
            }
            for (miner, count) in counts {
                told.rounds.entry(miner).or_default().push(count);
            }
        }
        Ok(told)
    }

    /// Claims about one miner, of 20 requests in each round.
    #[cfg(test)]
    pub fn denying(miner: Miner, denied: &[u64]) -> Self {
        let rounds = denied.iter().map(|denied| Count { asked: 20, denied: *denied }).collect();
        Told { signer: [0; 32], rounds: BTreeMap::from([(miner, rounds)]) }
    }

    /// Reason why the records of a folder are not those under a root.
    pub fn check(&self, folder: &EvidenceFolder, netuid: u16, epoch: u64, root: Hash) -> Result<(), String> {
        let signer = self.signer;
        if folder.is_public_part(epoch) {
            let by = CommittedRoot { validator: signer, signer, root };
            let checked = folder.checked_records(&CommittedEpoch { netuid, epoch, by });
            return checked.map(|_| ()).map_err(|why| why.to_string());
        }
        let tree = folder.tree(netuid, epoch, signer).map_err(|why| why.to_string())?.tree;
        match tree.root() == root {
            true => Ok(()),
            false => Err("its files do not have the root on the chain".into()),
        }
    }
}

/// Claims of validators by uid, and reasons why those of others are left out.
#[derive(Default)]
pub struct Gathered {
    told: BTreeMap<u16, Told>,
    left_out: Vec<String>,
}

impl Gathered {
    /// Takes the claims of a validator if its records are those under its root, and it has a uid. The first folder of a
    /// validator counts.
    pub fn take(&mut self, told: Told, checked: Result<(), String>, uid: Option<u16>) {
        let signer = address(&Account(told.signer));
        match (checked, uid) {
            (Ok(()), Some(uid)) => {
                self.told.entry(uid).or_insert(told);
            }
            (Ok(()), None) => self.left_out.push(format!("{signer} has no uid on the subnet any longer")),
            (Err(why), _) => self.left_out.push(format!("{signer}: {why}")),
        }
    }

    /// Compares them. The miners' words are not known yet.
    pub fn compare(self, epoch: u64) -> Compared {
        Compared::of(epoch, self.told, self.left_out)
    }
}

impl Compared {
    /// Compares. The miners' words are not known yet.
    pub fn of(epoch: u64, told: BTreeMap<u16, Told>, left_out: Vec<String>) -> Self {
        let validators: Vec<u16> = told.keys().copied().collect();
        let claims = |(validator, told): (u16, Told)| {
            let of_miner = move |(miner, rounds)| Claims { validator, miner, rounds };
            told.rounds.into_iter().map(of_miner)
        };
        let claims: Vec<Claims> = told.into_iter().flat_map(claims).collect();
        let Comparison { pairs, alone } = compare(&claims);
        let found = alone.into_iter().map(|alone| Found { alone, word: Word::Nothing }).collect();
        Self { epoch, validators, pairs, found, left_out }
    }

    /// The result for people.
    pub fn lines(&self) -> Vec<String> {
        let Self { epoch, validators, pairs, found, left_out } = self;
        let mut lines: Vec<String> =
            left_out.iter().map(|why| format!("claims not compared: {why}")).collect();
        lines.push(match (pairs, found.len()) {
            (0, _) => format!(
                "claims of epoch {epoch} were not compared: no miner was asked by three validators whose evidence is \
                 here"
            ),
            (pairs, 0) => format!(
                "claims of epoch {epoch} that miners gave no answer: {} validators compared on {pairs} pairs, and none \
                 stands alone",
                validators.len()
            ),
            (pairs, alone) => format!(
                "claims of epoch {epoch} that miners gave no answer: {} validators compared on {pairs} pairs, and \
                 {alone} stand alone; a broken line between the two looks the same",
                validators.len()
            ),
        });
        lines.extend(found.iter().map(Found::line));
        lines
    }

    /// The same for programs.
    pub fn value(&self) -> Value {
        let Self { epoch, validators, pairs, found, left_out } = self;
        let found: Vec<Value> = found.iter().map(Found::value).collect();
        json!({
            "epoch": epoch, "validators": validators, "pairs": pairs, "alone": found, "left_out": left_out,
        })
    }
}

impl Found {
    fn line(&self) -> String {
        let Alone { validator, miner, own, median, others, received, chance } = self.alone;
        let word = match self.word {
            Word::Answers(answers) => {
                format!("the miner's root is over {answers} answers, and these validators got {received}")
            }
            Word::Away => "the miner has no root of the epoch: it says that it was away".into(),
            Word::Nothing => "the chain has no root of the miner".into(),
        };
        format!(
            "    uid {validator} says that miner {} gave no answer to {} of {} requests; {others} others say so of \
             {}.{} %, and the chance is {chance:.0e}; {word}",
            miner.0,
            own.denied,
            own.asked,
            median / 10_000,
            median / 1_000 % 10
        )
    }

    fn value(&self) -> Value {
        let Alone { validator, miner, own, median, others, received, chance } = self.alone;
        let (answers, away) = match self.word {
            Word::Answers(answers) => (Some(answers), false),
            word => (None, word == Word::Away),
        };
        json!({
            "validator_uid": validator, "miner_uid": miner.0, "asked": own.asked, "denied": own.denied,
            "median_of_others_millionths": median, "others": others, "chance": chance, "received": received,
            "miner_signed": answers, "miner_says_away": away,
        })
    }
}

/// Compares the claims in all folders whose records are under a root in the proved state; `None` if there are fewer
/// than two.
pub async fn proved(
    folders: &Folders,
    held: &[Held],
    chain: &mut ProvenChain<'_>,
) -> Result<Option<Compared>, Failure> {
    let others = named(&folders.others)?;
    if folders.evidence.len() + others.len() < 2 {
        return Ok(None);
    }
    let (netuid, epoch) = (chain.occasion.netuid, chain.evidence_epoch().await?);
    let seats: Vec<Seat> =
        chain.read(|view| view.of_subnet("SubnetRoster", netuid).unwrap_or_default()).await?;
    let mut gathered = Gathered::default();
    let mut chosen: Vec<(EvidenceFolder, Option<&Held>)> = Vec::new();
    for (path, held) in folders.evidence.iter().zip(held) {
        chosen.push((evidence_folder(path)?, Some(held)));
    }
    chosen.extend(others.into_iter().map(|folder| (folder, None)));
    for (folder, held) in chosen {
        let Some(told) = Told::read(&folder, netuid, epoch)? else {
            gathered.left_out.push(format!("{} has no record of epoch {epoch}", folder.path.display()));
            continue;
        };
        let checked = match held {
            Some(held) if held.is_rooted() => Ok(()),
            Some(_) => Err("its records are not those under a root on the chain".to_owned()),
            None => match chain.roots(epoch, &told.signer).await?.into_iter().flatten().next() {
                Some(root) => told.check(&folder, netuid, epoch, root.0),
                None => Err(format!("the chain has no root of it for epoch {epoch}")),
            },
        };
        let uid = chain.seat_of(&told.signer).await?.map(|(uid, _)| uid);
        gathered.take(told, checked, uid);
    }
    let mut compared = gathered.compare(epoch);
    for found in &mut compared.found {
        let (uid, digest) = found.alone.miner;
        let seat = seats.get(usize::from(uid)).filter(|seat| miner_digest(&seat.hotkey.0) == digest);
        let Some(Seat { hotkey, .. }) = seat else { continue };
        let roots: VecDeque<AnswerRoot> = chain
            .read(|view| view.of_subnet_for("AnswerRoots", netuid, &hotkey.0).unwrap_or_default())
            .await?;
        found.word = Word::of(&roots, epoch);
    }
    Ok(Some(compared))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(epoch: u64, answers: u32) -> AnswerRoot {
        AnswerRoot { epoch, root: [1; 32], answers, block: 9 }
    }

    #[test]
    fn a_miner_s_word_is_its_root_of_the_epoch_or_its_silence() {
        let word = |roots: &[AnswerRoot]| Word::of(&roots.iter().copied().collect(), 42);
        assert_eq!(word(&[root(41, 8), root(42, 7)]), Word::Answers(7));
        assert_eq!(word(&[root(40, 8), root(43, 7)]), Word::Away);
        assert_eq!(word(&[root(30, 8), root(43, 7)]), Word::Nothing);
        assert_eq!(word(&[]), Word::Nothing);
    }

    fn told(denied: u64) -> Told {
        Told::denying((7, [7; 16]), &[denied; 3])
    }

    #[test]
    fn claims_that_stand_alone_are_named_with_the_miner_s_word() {
        let all = BTreeMap::from([(1, told(0)), (2, told(8)), (5, told(1))]);
        let mut compared = Compared::of(42, all, vec!["uid 9: gone".into()]);
        compared.found[0].word = Word::Answers(180);
        let lines = compared.lines();
        assert_eq!((lines.len(), compared.pairs), (3, 3));
        assert!(lines[0].ends_with("uid 9: gone") && lines[1].contains("1 stand alone"), "{lines:?}");
        let line = "uid 2 says that miner 7 gave no answer to 24 of 60 requests; 2 others say so of 5.0 %";
        assert!(lines[2].contains(line) && lines[2].contains("180 answers, and these validators got 153"));
        let value = compared.value();
        assert_eq!(
            (&value["alone"][0]["miner_signed"], &value["alone"][0]["denied"]),
            (&json!(180), &json!(24))
        );

        let calm = Compared::of(42, BTreeMap::from([(1, told(1)), (2, told(1)), (5, told(1))]), Vec::new());
        assert!(calm.lines()[0].ends_with("none stands alone"), "{:?}", calm.lines());
        let few = Compared::of(42, BTreeMap::from([(1, told(1)), (2, told(20))]), Vec::new());
        assert!(few.lines()[0].contains("were not compared"), "{:?}", few.lines());
    }

    #[test]
    fn others_are_a_folder_with_epochs_or_a_folder_of_such() {
        let base = tempfile::tempdir().expect("a folder");
        let held = base.path().join("held");
        for name in ["aa/epoch-000001", "bb/epoch-000002", "cc"] {
            std::fs::create_dir_all(held.join(name)).expect("made");
        }
        let names = |path: PathBuf| {
            let folders = named(&[path]).map_err(|why| why.to_string())?;
            Ok::<_, String>(folders.iter().map(|folder| folder.path.clone()).collect::<Vec<_>>())
        };
        assert_eq!(names(held.clone()), Ok(vec![held.join("aa"), held.join("bb")]));
        assert_eq!(names(held.join("aa")), Ok(vec![held.join("aa")]));
        assert!(names(held.join("cc")).is_err_and(|why| why.contains("holds no evidence")));
        assert!(names(held.join("dd")).is_err_and(|why| why.contains("there is no folder")));
    }
}
