use std::{fs, thread, time::SystemTime};

use super::*;
use crate::evidence::tree::tests::two_rounds;

/// The epoch of the folder.
const EPOCH: u64 = 3;

/// The records of two rounds, as the validator keeps them.
fn folder() -> (tempfile::TempDir, EvidenceFolder) {
    let guard = tempfile::tempdir().unwrap();
    let folder = EvidenceFolder { path: guard.path().join("evidence"), keep: 99 };
    two_rounds(&folder);
    (guard, folder)
}

fn asked(shelf: &Shelf, folder: &EvidenceFolder, registered: bool, part: Part) -> Result<Page, Untold> {
    let (clock, asker) = (Clock { epoch: 99, ..Clock::default() }, Asker { hotkey: [1; 32], registered });
    shelf.page(folder, clock, asker, &PageRequest::new(part, EPOCH, 0))
}

fn records(shelf: &Shelf, folder: &EvidenceFolder) -> Page {
    asked(shelf, folder, true, Part::Records).unwrap()
}

#[test]
fn a_file_is_hashed_once_and_again_when_it_has_changed() {
    let (_guard, folder) = folder();
    let (shelf, path) = (Shelf::default(), folder.records_file(EPOCH, 0));
    let before = records(&shelf, &folder);
    assert_eq!(before.hash, to_hex(&blake2_256(&fs::read(&path).unwrap())));
    // Written in place, with the length and the time of before: only whoever reads all of it would notice.
    let change = |time: SystemTime| {
        let mut bytes = fs::read(&path).unwrap();
        bytes[9] ^= 1;
        fs::write(&path, &bytes).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        to_hex(&blake2_256(&bytes))
    };
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    change(time);
    assert_eq!(records(&shelf, &folder).hash, before.hash);
    let hash = change(SystemTime::UNIX_EPOCH);
    assert_eq!(records(&shelf, &folder).hash, hash);
    // A file that is moved into its place is another one.
    let bytes = [fs::read(&path).unwrap(), vec![0]].concat();
    fs::write(path.with_extension("part"), &bytes).unwrap();
    fs::rename(path.with_extension("part"), &path).unwrap();
    assert_eq!(records(&shelf, &folder).hash, to_hex(&blake2_256(&bytes)));
}

#[test]
fn questions_about_old_epochs_take_no_room_from_new_ones() {
    let (_guard, folder) = folder();
    let shelf = Shelf { most: 2, ..Shelf::default() };
    let (clock, asker) =
        (Clock { epoch: 99, ..Clock::default() }, Asker { hotkey: [1; 32], registered: false });
    for epoch in [20, 21, 1, 2, 4, 1, 2, 4] {
        let path = folder.records_file(epoch, 0);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(folder.records_file(EPOCH, 0), &path).unwrap();
        shelf.page(&folder, clock, asker, &PageRequest::new(Part::Records, epoch, 0)).unwrap();
    }
    let kept = shelf.hashes.lock().unwrap().keys().map(|(epoch, _)| *epoch).collect::<Vec<_>>();
    assert_eq!(kept, [20, 21]);
}

#[test]
fn a_stranger_does_not_wait_for_the_preparation_of_another_document() {
    let (_guard, folder) = folder();
    let shelf = Shelf::default();
    records(&shelf, &folder);
    thread::scope(|threads| {
        let preparing = shelf.preparing.lock().unwrap();
        assert!(matches!(asked(&shelf, &folder, false, Part::Root), Err(Untold::Busy)));
        assert!(folder.branches(EPOCH).unwrap().is_none(), "nothing was prepared for it");
        asked(&shelf, &folder, false, Part::Records).expect("it is prepared already");
        let waits = threads.spawn(|| asked(&shelf, &folder, true, Part::Root));
        drop(preparing);
        waits.join().unwrap().expect("a registered hotkey waits");
    });
    asked(&shelf, &folder, false, Part::Root).expect("the turn is free");
}

#[test]
fn whoever_knows_a_document_gets_no_bytes_of_it() {
    let (_guard, folder) = folder();
    let shelf = Shelf::default();
    let whole = records(&shelf, &folder);
    let (clock, asker) =
        (Clock { epoch: 99, ..Clock::default() }, Asker { hotkey: [1; 32], registered: true });
    let ask = |part, known: &str| {
        let request = PageRequest { known: Some(known.into()), ..PageRequest::new(part, EPOCH, 0) };
        shelf.page(&folder, clock, asker, &request).unwrap()
    };
    assert_eq!(ask(Part::Records, &whole.hash), Page { bytes: String::new(), ..whole.clone() });
    assert_eq!(ask(Part::Records, &to_hex(&[0; 32])), whole);
    let weights = ask(Part::Weights, "");
    assert!(!weights.bytes.is_empty() && ask(Part::Weights, &weights.hash).bytes.is_empty());
}
