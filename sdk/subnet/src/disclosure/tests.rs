use myelin_wire::record::{LatencyBucket, Ppm, Reason, NO_EXTENSION};

use super::*;
use crate::{
    chain::WeightVector,
    evaluation::{Standing, Standings},
    evidence::{tests::key, EvidenceFolder, KeptEntry, KeptWeights, RoundEvidence, RoundTasks},
    rules::Terms,
};

const ONE: AccountId = [1; 32];
const OTHER: AccountId = [2; 32];
const EPOCH: u64 = 7;

fn record(miner: &AccountId, task: u16) -> Record {
    Record {
        netuid: 2,
        epoch: EPOCH,
        round: 0,
        task,
        audience: 0,
        seed: [3; 32],
        signer: [4; 32],
        miner_uid: u16::from(miner[0]),
        miner: miner_digest(miner),
        request: blake2_256(b"question"),
        answer: blake2_256(miner),
        rubric: [0; 4],
        signed: true,
        commit_order: 0,
        latency: LatencyBucket::of_ms(50),
        reason: Reason::Scored,
        score: Ppm::ONE,
        parts: vec![Ppm::ONE; 2],
        extension: blake2_256(b"extension"),
    }
}

/// A judged round of two miners with `records` records each, and its weights.
fn folder(records: u16) -> (tempfile::TempDir, EvidenceFolder) {
    let guard = tempfile::tempdir().unwrap();
    let folder = EvidenceFolder { path: guard.path().into(), keep: 9 };
    let texts = [&b"question"[..], b"extension", &ONE, &OTHER].map(|text| text.to_vec().into()).to_vec();
    folder.write(EPOCH, 0, &RoundEvidence { texts, ..RoundEvidence::default() }).unwrap();
    let standings = Standings::from([((0, ONE), Standing::default())]);
    folder.write_standings(EPOCH, 0, &Standings::new(), &standings).unwrap();
    let weights = KeptWeights {
        mechanism: 0,
        block: 1,
        rules: String::new(),
        terms: Terms::default(),
        standings: String::new(),
        seats: Vec::new(),
        weights: WeightVector { uids: vec![1], values: vec![65_535], version_key: 0 },
        silent: None,
        submitted: true,
    };
    folder.write_weights(EPOCH, &weights).unwrap();
    let all: Vec<Record> = (0..records).flat_map(|task| [record(&ONE, task), record(&OTHER, task)]).collect();
    folder.write_records(EPOCH, 0, all.iter()).unwrap();
    (guard, folder)
}

fn page(
    folder: &EvidenceFolder,
    clock: Clock,
    asker: &AccountId,
    request: &PageRequest,
) -> Result<Page, Untold> {
    Shelf::default().page(folder, clock, Asker { hotkey: *asker, registered: true }, request)
}

fn clock(epoch: u64) -> Clock {
    Clock { epoch, reveal: 1, demands: false }
}

fn told(folder: &EvidenceFolder, epoch: u64, part: Part, hash: Option<Hash>) -> Result<Vec<u8>, Untold> {
    let request = PageRequest { hash: hash.map(|hash| to_hex(&hash)), ..PageRequest::new(part, EPOCH, 0) };
    page(folder, clock(epoch), &ONE, &request).map(|page| STANDARD.decode(page.bytes).unwrap())
}

#[test]
fn a_miner_is_told_its_own_records_at_once_and_everybody_everything_when_weights_are_public() {
    let (_guard, folder) = folder(3);
    let own = records_in(&told(&folder, EPOCH, Part::Own, None).unwrap()).unwrap();
    assert_eq!(own, [0, 1, 2].map(|task| record(&ONE, task)));
    for part in [Part::Records, Part::Standings, Part::Weights] {
        // Weights are revealed in the next epoch, at any of its blocks.
        for epoch in [EPOCH, EPOCH + 1] {
            let untold = told(&folder, epoch, part, None).unwrap_err();
            assert!(matches!(untold, Untold::TooSoon { opens: 9, .. }), "{part:?}: {untold}");
        }
    }
    let all = records_in(&told(&folder, EPOCH + 2, Part::Records, None).unwrap()).unwrap();
    assert_eq!(all.len(), 6);
    let hashes: crate::evidence::RoundStandings =
        serde_json::from_slice(&told(&folder, EPOCH + 2, Part::Standings, None).unwrap()).unwrap();
    let after = told(&folder, EPOCH + 2, Part::Standings, from_hex(&hashes.after)).unwrap();
    assert_eq!(to_hex(&blake2_256(&after)), hashes.after);
    let weights: Vec<KeptWeights> =
        serde_json::from_slice(&told(&folder, EPOCH + 2, Part::Weights, None).unwrap()).unwrap();
    assert_eq!(weights, folder.weights(EPOCH).unwrap());
    // Where weights are set directly they are public at once.
    assert!(Clock { epoch: EPOCH + 1, reveal: 0, demands: false }.is_open(EPOCH));
    assert!(
        !Clock { epoch: EPOCH, reveal: 0, demands: false }.is_open(EPOCH),
        "rounds and weights may follow"
    );
}

/// Else it would read the question of an answer that it never gave, and commit to it in time.
#[test]
fn where_miners_commit_to_their_answers_a_record_without_one_waits_until_the_epoch_is_open() {
    let (_guard, folder) = folder(3);
    let mut late = record(&ONE, 7);
    late.request = blake2_256(b"another question");
    (late.answer, late.signed, late.reason) = (Hash::default(), false, Reason::Late);
    let all = [record(&ONE, 0), late.clone()];
    folder.write_records(EPOCH, 0, all.iter()).unwrap();
    let told = |epoch, demands, part, hash: Option<Hash>| {
        let request =
            PageRequest { hash: hash.map(|hash| to_hex(&hash)), ..PageRequest::new(part, EPOCH, 0) };
        let page = page(&folder, Clock { demands, ..clock(epoch) }, &ONE, &request);
        page.map(|page| STANDARD.decode(page.bytes).unwrap())
    };
    let own = |epoch, demands| records_in(&told(epoch, demands, Part::Own, None).unwrap()).unwrap();
    assert_eq!(own(EPOCH, false), all);
    assert_eq!(own(EPOCH + 1, true), all[..1]);
    assert_eq!(own(EPOCH + 2, true), all);
    assert!(told(EPOCH + 1, true, Part::Text, Some(late.request)).is_err());
    assert!(told(EPOCH + 1, true, Part::Own, None).is_ok());
}

#[test]
fn texts_of_others_tasks_and_seeds_are_never_told() {
    let (_guard, folder) = folder(1);
    for epoch in [EPOCH, EPOCH + 9] {
        assert_eq!(told(&folder, epoch, Part::Text, Some(blake2_256(&ONE))).unwrap(), ONE);
        assert_eq!(told(&folder, epoch, Part::Text, Some(blake2_256(b"question"))).unwrap(), b"question");
        assert_eq!(told(&folder, epoch, Part::Text, Some(blake2_256(b"extension"))).unwrap(), b"extension");
        for hash in [Some(blake2_256(&OTHER)), Some([9; 32]), Some(NO_EXTENSION), None] {
            assert!(matches!(told(&folder, epoch, Part::Text, hash), Err(Untold::NoSuchHash)));
        }
    }
    for unknown in ["tasks", "seeds", "state", "hidden", "secret"] {
        let request = format!(r#"{{"part":"{unknown}","epoch":7,"round":0}}"#);
        assert!(serde_json::from_str::<PageRequest>(&request).is_err(), "{unknown}");
    }
}

#[test]
fn what_is_not_there_is_named() {
    let (_guard, folder) = folder(1);
    let ask = |request: PageRequest| page(&folder, clock(EPOCH + 9), &ONE, &request);
    for (epoch, round) in [(EPOCH, 1), (EPOCH + 1, 0), (u64::MAX, u16::MAX)] {
        for part in [Part::Own, Part::Records, Part::Standings, Part::Text] {
            let untold = ask(PageRequest::new(part, epoch, round)).unwrap_err();
            assert!(matches!(untold, Untold::NoRound { .. }), "{untold}");
        }
    }
    assert!(matches!(ask(PageRequest::new(Part::Weights, EPOCH + 1, 0)), Err(Untold::NoRound { .. })));
    assert!(ask(PageRequest::new(Part::Weights, EPOCH, 9)).is_ok(), "weights are of the epoch");
    let bent =
        PageRequest { hash: Some("../../secret".into()), ..PageRequest::new(Part::Standings, EPOCH, 0) };
    assert!(matches!(ask(bent), Err(Untold::NoSuchHash)));
    for from in [400, u64::MAX] {
        let behind = PageRequest { from, ..PageRequest::new(Part::Own, EPOCH, 0) };
        assert!(matches!(ask(behind), Err(Untold::BehindEnd { .. })), "{from}");
    }
    // A round that is asked and not judged is not finished.
    folder.write(EPOCH + 1, 0, &RoundEvidence::default()).unwrap();
    let rounds = ask(PageRequest::new(Part::Rounds, 0, 0)).unwrap();
    let rounds: Vec<KeptRounds> = serde_json::from_slice(&STANDARD.decode(rounds.bytes).unwrap()).unwrap();
    assert_eq!(rounds, [KeptRounds { epoch: EPOCH, rounds: vec![0], open: true }]);
}

#[test]
fn a_long_document_comes_in_pages_of_a_fixed_size() {
    let (_guard, folder) = folder(2_000);
    let mut document = Vec::new();
    let mut pages = 0;
    loop {
        let from = document.len() as u64;
        let request = PageRequest { from, ..PageRequest::new(Part::Own, EPOCH, 0) };
        let page = page(&folder, clock(EPOCH), &ONE, &request).unwrap();
        let bytes = STANDARD.decode(page.bytes).unwrap();
        assert!(bytes.len() <= PAGE_BYTES && !bytes.is_empty());
        document.extend(bytes);
        pages += 1;
        if document.len() as u64 == page.total {
            assert_eq!(to_hex(&blake2_256(&document)), page.hash);
            break;
        }
    }
    assert_eq!((pages, records_in(&document).unwrap().len()), (4, 2_000));
}

#[test]
fn a_page_is_signed_for_its_asker_request_and_chain() {
    let key = key();
    let page = Page { from: 0, total: 2, hash: "00".into(), bytes: "AAA=".into() };
    let request = PageRequest::new(Part::Own, EPOCH, 0);
    let validator = key.public();
    let told = Told { genesis: [1; 32], netuid: 2, validator, asker: ONE, request: &request, page: &page };
    let SignedPage { signature, .. } = told.sign(&key);
    assert!(told.is_signed(&signature));
    let (later, longer) = (PageRequest { round: 1, ..request.clone() }, Page { total: 3, ..page.clone() });
    for other in [
        Told { genesis: [2; 32], ..told },
        Told { netuid: 3, ..told },
        Told { validator: ONE, ..told },
        Told { asker: OTHER, ..told },
        Told { request: &later, ..told },
        Told { page: &longer, ..told },
    ] {
        assert!(!other.is_signed(&signature), "{other:?}");
    }
    assert!(!told.is_signed("") && !told.is_signed(&"0".repeat(128)));
}

fn artefact(folder: &EvidenceFolder, hash: &str, from: u64) -> Result<Page, Untold> {
    let request = PageRequest { hash: Some(hash.into()), from, ..PageRequest::new(Part::Artefact, 0, 0) };
    page(folder, Clock::default(), &ONE, &request)
}

#[test]
fn an_artefact_is_told_to_anybody_and_only_the_page_is_read() {
    let (_guard, folder) = folder(1);
    std::fs::create_dir(folder.artefacts()).unwrap();
    // A page of a terabyte, most of which no disk holds.
    let (total, name) = (1 << 40, to_hex(&[7; 32]));
    std::fs::File::create(folder.artefacts().join(&name)).unwrap().set_len(total).unwrap();
    for from in [0, total / 2] {
        let page = artefact(&folder, &name, from).unwrap();
        assert_eq!((page.from, page.total, &page.hash), (from, total, &name));
        assert_eq!(STANDARD.decode(page.bytes).unwrap(), [0; PAGE_BYTES]);
    }
    let last = artefact(&folder, &name, total - 5).unwrap();
    assert_eq!(STANDARD.decode(last.bytes).unwrap(), [0; 5]);
    for behind in [total, u64::MAX] {
        assert!(matches!(artefact(&folder, &name, behind), Err(Untold::BehindEnd { .. })), "{behind}");
    }
    std::fs::write(folder.artefacts().join(to_hex(&[8; 32])), b"").unwrap();
    assert_eq!(artefact(&folder, &to_hex(&[8; 32]), 0).unwrap().bytes, "");
}

#[test]
fn what_is_no_artefact_is_not_told_as_one() {
    let (_guard, folder) = folder(1);
    assert!(matches!(artefact(&folder, &to_hex(&[7; 32]), 0), Err(Untold::NoArtefact)), "there is no folder");
    std::fs::create_dir(folder.artefacts()).unwrap();
    let secret = folder.path.join("secret");
    std::fs::write(&secret, b"words").unwrap();
    std::os::unix::fs::symlink(&secret, folder.artefacts().join(to_hex(&[7; 32]))).unwrap();
    std::fs::create_dir(folder.artefacts().join(to_hex(&[8; 32]))).unwrap();
    for hash in
        [&to_hex(&[7; 32]), &to_hex(&[8; 32]), &to_hex(&[9; 32]), "", "../secret", "..", &"0".repeat(63)]
    {
        assert!(matches!(artefact(&folder, hash, 0), Err(Untold::NoArtefact)), "{hash}");
    }
    let unnamed = page(&folder, clock(EPOCH), &ONE, &PageRequest::new(Part::Artefact, 0, 0));
    assert!(matches!(unnamed, Err(Untold::NoArtefact)));
}

#[test]
fn entries_of_a_judged_round_name_the_artefacts_that_are_kept() {
    let (_guard, folder) = folder(1);
    let entry = |place, commitment: [u8; 32], missing| KeptEntry {
        mechanism: 1,
        miner: KeptMiner { uid: 1, hotkey: to_hex(&ONE) },
        place,
        block: 40,
        commitment: to_hex(&commitment),
        missing,
    };
    let unreachable = Some(Reason::Unreachable.code());
    let tasks = RoundTasks {
        entries: vec![
            entry(0, [7; 32], unreachable),
            entry(1, [8; 32], None),
            entry(0, [9; 32], unreachable),
        ],
        ..RoundTasks::default()
    };
    folder.write(EPOCH, 0, &RoundEvidence { tasks, ..RoundEvidence::default() }).unwrap();
    std::fs::create_dir(folder.artefacts()).unwrap();
    for (commitment, artefact) in [([7; 32], &b"newer"[..]), ([8; 32], b"old")] {
        std::fs::write(folder.artefacts().join(to_hex(&commitment)), artefact).unwrap();
    }
    // Before the epoch is open, so it must not say who gets no score.
    let told = told(&folder, EPOCH, Part::Entries, None).unwrap();
    assert!(!String::from_utf8_lossy(&told).contains("missing"));
    let kept: Vec<KeptArtefact> = serde_json::from_slice(&told).unwrap();
    let shown: Vec<_> = kept.iter().map(|entry| (entry.place, &*entry.commitment, entry.bytes)).collect();
    assert_eq!(shown, [(0, &*to_hex(&[7; 32]), 5), (1, &*to_hex(&[8; 32]), 3)]);
}

/// The own evidence of epoch 3, in which two rounds were judged, and the same as held of another validator.
fn held() -> (tempfile::TempDir, EvidenceFolder) {
    let guard = tempfile::tempdir().unwrap();
    let folder = EvidenceFolder { path: guard.path().join("evidence"), keep: 9 };
    crate::evidence::tree::tests::two_rounds(&folder);
    let held = folder.held_of(&OTHER);
    crate::evidence::tree::tests::two_rounds(&held);
    (guard, folder)
}

fn asked(folder: &EvidenceFolder, epoch: u64, part: Part, of: Option<&str>) -> Result<Vec<u8>, Untold> {
    let request = PageRequest { of: of.map(str::to_owned), ..PageRequest::new(part, 3, 0) };
    page(folder, clock(epoch), &ONE, &request).map(|page| STANDARD.decode(page.bytes).unwrap())
}

#[test]
fn the_root_is_told_to_anybody_once_the_epoch_is_open() {
    let (_guard, folder) = held();
    assert!(matches!(asked(&folder, 4, Part::Root, None), Err(Untold::TooSoon { opens: 5, .. })));
    let told = asked(&folder, 5, Part::Root, None).unwrap();
    assert_eq!(Some(told.clone()), folder.own_branches(3).unwrap());
    let branches = myelin_wire::evidence::Branches::from_bytes(&told).unwrap();
    let root = folder.tree(2, 3, key().public()).unwrap().tree.root();
    assert_eq!(branches.root(), Some(root));
    let request = PageRequest::new(Part::Root, 9, 0);
    assert!(matches!(page(&folder, clock(20), &ONE, &request), Err(Untold::NoRound { epoch: 9, .. })));
}

#[test]
fn evidence_of_others_is_told_as_far_as_it_is_held() {
    let (_guard, folder) = held();
    let other = to_hex(&OTHER);
    let held = folder.held_of(&OTHER);
    assert!(matches!(asked(&folder, 5, Part::Root, Some(&other)), Err(Untold::NoRound { .. })));
    held.write_branches(3, &held.tree(2, 3, key().public()).unwrap().tree.branches()).unwrap();
    assert_eq!(asked(&folder, 5, Part::Root, Some(&other)).unwrap(), held.branches(3).unwrap().unwrap());
    let records = asked(&folder, 5, Part::Records, Some(&other)).unwrap();
    assert_eq!(records_in(&records).unwrap(), held.records(3, 0).unwrap());
    assert!(matches!(asked(&folder, 4, Part::Records, Some(&other)), Err(Untold::TooSoon { .. })));
    for part in [Part::Own, Part::Text, Part::Entries, Part::Artefact] {
        assert!(matches!(asked(&folder, 5, part, Some(&other)), Err(Untold::NotOfOthers)), "{part:?}");
    }
    for of in [&*to_hex(&ONE), "", "..", "../evidence", &other[1..]] {
        assert!(matches!(asked(&folder, 5, Part::Records, Some(of)), Err(Untold::NotHeld)), "{of}");
    }
    let rounds: Vec<KeptRounds> =
        serde_json::from_slice(&asked(&folder, 5, Part::Rounds, Some(&other)).unwrap()).unwrap();
    assert_eq!(rounds, [KeptRounds { epoch: 3, rounds: vec![0, 1], open: true }]);
}
