use std::{collections::BTreeSet, path::PathBuf};

use bytes::Bytes;
use myelin_wire::sr25519::Signer;
use proptest::prelude::*;

use super::*;
use crate::evidence::{
    tag_of,
    tests::{evidence, key, records},
    KeptMiner, RoundEvidence,
};

const EPOCH: u64 = 3;
const TASKS: u16 = 8;
/// Words of customers, which nothing else contains.
const MARKER: &str = "zebra-crossing";

/// Words of a task: customers' are those with even numbers.
fn words(number: u16) -> String {
    format!("{}-{number}", if number.is_multiple_of(2) { MARKER } else { "own" })
}

fn seed() -> String {
    to_hex(&[2; 32])
}

/// Two rounds of tasks, every other one of a customer, with texts of request and answer.
fn folder() -> (tempfile::TempDir, EvidenceFolder) {
    let place = tempfile::tempdir().unwrap();
    let folder = EvidenceFolder { path: place.path().into(), keep: 9 };
    let salt = folder.salt(EPOCH).unwrap();
    for round in 0..2 {
        let numbers = round * TASKS..(round + 1) * TASKS;
        let task = |number: u16| {
            let (request, hidden) = (words(number).into(), format!("accepted {}", words(number)).into());
            let kind = "control".to_owned();
            let task = KeptTask { seed: seed(), number, kind, request, hidden, customer: None };
            if number.is_multiple_of(2) {
                task.of_customer(&salt)
            } else {
                task
            }
        };
        // Request and answer with their salt.
        let sent = |words: String, number: u16| {
            let salt = question_salt(&salt, &[number as u8; 32]);
            Bytes::from(format!("{words} {}", to_hex(&salt)))
        };
        let request = |number: u16| sent(words(number), number);
        let answer = |number: u16| sent(format!("answer to {}", words(number)), number);
        let texts = numbers.clone().flat_map(|number| [request(number), answer(number)]).collect();
        let tasks = RoundTasks {
            miners: vec![KeptMiner { uid: 4, hotkey: to_hex(&[9; 32]) }],
            tasks: numbers.clone().map(task).collect(),
            ..RoundTasks::default()
        };
        let evidence = RoundEvidence { tasks, texts, equivocations: Vec::new(), ..evidence() };
        folder.write(EPOCH, round, &evidence).unwrap();
        let judged: Vec<_> = numbers
            .map(|task| myelin_wire::record::Record {
                round,
                task,
                miner: myelin_wire::record::miner_digest(&[9; 32]),
                request: blake2_256(&request(task)),
                answer: blake2_256(&answer(task)),
                ..records().remove(0)
            })
            .collect();
        folder.write_records(EPOCH, round, judged.iter()).unwrap();
    }
    (place, folder)
}

/// Everything that must not change: the root, the records, and a holder's tag.
fn fixed(folder: &EvidenceFolder) -> ([u8; 32], Vec<myelin_wire::record::Record>, [u8; 16]) {
    let root = folder.tree(2, EPOCH, key().public()).unwrap().tree.root();
    let records = [0, 1].map(|round| folder.records(EPOCH, round).unwrap()).concat();
    let bytes = [0, 1].map(|round| {
        (round, crate::evidence::record_bytes(records.iter().filter(|record| record.round == round)).unwrap())
    });
    let tag = tag_of(&[1; 32], (2, EPOCH), &bytes.into());
    (root, records, tag)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => all.extend(files(&path)),
            path => all.push(path),
        }
    }
    all.sort();
    all
}

fn finds(folder: &Path, words: &str) -> bool {
    let has = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        bytes.windows(words.len()).any(|window| window == words.as_bytes())
    };
    files(folder).iter().any(has)
}

/// Numbers of the tasks that have no texts any more.
fn without_texts(folder: &EvidenceFolder) -> BTreeSet<u16> {
    let tasks = [0, 1].map(|round| folder.tasks(EPOCH, round).unwrap().tasks).concat();
    tasks.iter().filter(|task| task.is_deleted()).map(|task| task.number).collect()
}

#[test]
fn texts_of_customers_go_and_the_root_stays() {
    let (place, folder) = folder();
    let before = fixed(&folder);
    assert!(finds(place.path(), MARKER) && without_texts(&folder).is_empty());
    // A crash leaves half a text, and a text of an attempt that was cut off.
    let texts = place.path().join("epoch-000003/texts");
    fs::write(texts.join("abc.part"), MARKER).unwrap();
    fs::write(texts.join(to_hex(&[8; 32])), MARKER).unwrap();
    let deleted = folder.delete(EPOCH, &Deletion::Customers, 77).unwrap();
    assert_eq!((deleted.tasks, deleted.all), (usize::from(TASKS), usize::from(TASKS)));
    assert!(!finds(place.path(), MARKER), "{:?}", files(place.path()));
    assert!(!folder.may_delete(EPOCH), "the salt is gone");
    assert_eq!(fixed(&folder), before);
    assert_eq!(without_texts(&folder), (0..2 * TASKS).filter(|number| number % 2 == 0).collect());
    let list = folder.deleted(EPOCH).unwrap();
    assert!(list.iter().all(|task| task.at == 77 && !task.named) && list.len() == usize::from(TASKS));
    // Own tasks are as they were.
    let own = folder.tasks(EPOCH, 0).unwrap().tasks.remove(1);
    assert_eq!((own.request, own.customer), (words(1).into(), None));
    assert!(
        folder.text(EPOCH, &before.1[1].answer).is_ok() && folder.text(EPOCH, &before.1[0].answer).is_err()
    );
    let again = folder.delete(EPOCH, &Deletion::Customers, 78).unwrap();
    assert_eq!((again.tasks, again.files), (0, 0));
}

#[test]
fn only_tasks_of_customers_can_be_deleted() {
    let (_place, folder) = folder();
    let delete = |number| folder.delete(EPOCH, &Deletion::Tasks(vec![(seed(), 2), (seed(), number)]), 1);
    assert!(matches!(delete(3), Err(DeletionError::NotOfCustomer { number: 3, .. })));
    assert!(matches!(delete(99), Err(DeletionError::NoSuchTask { number: 99, .. })));
    assert!(without_texts(&folder).is_empty() && folder.may_delete(EPOCH), "nothing was deleted");
    assert_eq!(delete(4).unwrap().tasks, 2);
    assert_eq!(without_texts(&folder), BTreeSet::from([2, 4]));
    assert!(folder.deleted(EPOCH).unwrap().iter().all(|task| task.named));
}

#[test]
fn what_is_deleted_cannot_be_guessed_from_what_stays() {
    let (place, folder) = folder();
    folder.delete(EPOCH, &Deletion::Customers, 1).unwrap();
    let left: Vec<Vec<u8>> = files(place.path()).iter().map(|path| fs::read(path).unwrap()).collect();
    // A right guess of the words has no hash in the folder.
    for number in (0..2 * TASKS).step_by(2) {
        let guess = words(number);
        let part = serde_json::json!({ "request": guess, "hidden": format!("accepted {guess}") });
        for text in [guess.clone(), format!("answer to {guess}"), part.to_string()] {
            let hash = blake2_256(text.as_bytes());
            let hex = to_hex(&hash);
            let is_there = |bytes: &Vec<u8>| {
                bytes.windows(32).any(|window| window == hash)
                    || bytes.windows(64).any(|window| window == hex.as_bytes())
            };
            assert!(!left.iter().any(is_there), "{text}");
        }
    }
}

#[test]
fn a_part_that_is_missing_without_a_deletion_is_named() {
    let (place, folder) = folder();
    let private = place.path().join("epoch-000003/private");
    let part = files(&private).remove(0);
    let bytes = fs::read(&part).unwrap();
    fs::write(&part, b"{}").unwrap();
    let why = || [0, 1].into_iter().find_map(|round| folder.tasks(EPOCH, round).err()).unwrap().to_string();
    assert!(why().contains("does not have the hash of its name"));
    fs::remove_file(&part).unwrap();
    assert!(why().contains("the list of deletions does not name"));
    fs::write(&part, &bytes).unwrap();
    assert!(folder.tasks(EPOCH, 0).is_ok() && folder.tasks(EPOCH, 1).is_ok());
}

#[test]
fn a_name_from_a_stranger_leads_nowhere_else() {
    let (place, folder) = folder();
    let path = place.path().join("epoch-000003/round-00.tasks");
    let text = fs::read_to_string(&path).unwrap();
    let name = folder.tasks(EPOCH, 0).unwrap().tasks[0].customer.clone().unwrap();
    for hostile in ["../../../secret", "/etc/passwd", "", "0x00"] {
        fs::write(&path, text.replace(&name, hostile)).unwrap();
        let why = folder.tasks(EPOCH, 0).unwrap_err().to_string();
        assert!(why.contains("not 64 hexadecimal digits"), "{hostile}: {why}");
    }
}

#[test]
fn a_round_that_is_written_again_has_the_same_commitments() {
    let (_place, folder) = folder();
    let (before, tasks) = (fixed(&folder), folder.tasks(EPOCH, 0).unwrap());
    let again = RoundEvidence { equivocations: Vec::new(), tasks: tasks.clone(), ..evidence() };
    folder.write(EPOCH, 0, &again).unwrap();
    assert_eq!((fixed(&folder), folder.tasks(EPOCH, 0).unwrap()), (before, tasks));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whichever tasks are deleted, and wherever a crash ends it: the root stays, others are there, and deleting again
    /// ends it.
    #[test]
    fn any_deletion_that_breaks_off_leaves_a_whole_folder(
        chosen in proptest::collection::btree_set(0..TASKS, 1..=usize::from(TASKS)),
        survives in proptest::collection::vec(any::<bool>(), 64),
    ) {
        let numbers: Vec<u16> = chosen.iter().map(|number| 2 * number).collect();
        let which = Deletion::Tasks(numbers.iter().map(|number| (seed(), *number)).collect());
        let (done_place, done) = folder();
        done.delete(EPOCH, &which, 5).unwrap();
        let (place, folder) = folder();
        let before = fixed(&folder);
        prop_assert_eq!(fixed(&done).1.len(), before.1.len());
        prop_assert_eq!(without_texts(&done), numbers.iter().copied().collect::<BTreeSet<_>>());

        // The list is there, and of the files some are removed already.
        let epoch = place.path().join("epoch-000003");
        fs::copy(done_place.path().join("epoch-000003/deleted"), epoch.join("deleted")).unwrap();
        let gone: HashSet<Name> = numbers.iter().map(|number| (seed(), *number)).collect();
        let texts = folder.texts_of_others(EPOCH, &gone).unwrap();
        let doomed = files(&epoch.join("texts")).into_iter().filter(|path| {
            !texts.contains(path.file_name().unwrap().to_str().unwrap())
        });
        for (path, _) in doomed.zip(survives).filter(|(_, survives)| !survives) {
            fs::remove_file(path).unwrap();
        }
        prop_assert_eq!(fixed(&folder), before.clone());
        prop_assert_eq!(without_texts(&folder), without_texts(&done));
        prop_assert!(folder.may_delete(EPOCH));
        folder.delete(EPOCH, &which, 6).unwrap();
        prop_assert_eq!(fixed(&folder), before.clone());
        prop_assert_eq!(folder.deleted(EPOCH).unwrap(), done.deleted(EPOCH).unwrap());
        let count = |place: &Path| files(place).len();
        prop_assert_eq!(count(place.path()), count(done_place.path()));
        for number in numbers {
            let accepted = format!("accepted {}\"", words(number));
            prop_assert!(!finds(place.path(), &accepted));
        }

        // A change of any text or task that is left is noticed.
        let is_hashed = |path: &PathBuf| {
            let below = path.parent().unwrap();
            below.ends_with("private") || below.ends_with("texts")
        };
        for path in files(&epoch).into_iter().filter(is_hashed) {
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, [&bytes[..], b" "].concat()).unwrap();
            let name: Hash = from_hex(path.file_name().unwrap().to_str().unwrap()).unwrap();
            let is_private = path.parent().unwrap().ends_with("private");
            let noticed = match is_private {
                true => [0, 1].iter().any(|round| folder.tasks(EPOCH, *round).is_err()),
                false => folder.text(EPOCH, &name).is_err(),
            };
            prop_assert!(noticed, "{:?}", path);
            fs::write(&path, bytes).unwrap();
        }
        let tasks = epoch.join("round-01.tasks");
        fs::write(&tasks, fs::read_to_string(&tasks).unwrap().replace("own-9", "own-8")).unwrap();
        prop_assert_ne!(fixed(&folder).0, before.0);
    }
}
