use myelin_wire::record::{LatencyBucket, Ppm, Reason, NO_EXTENSION};

use super::*;
use crate::{
    chain::WeightVector,
    evaluation::{Standing, Standings},
    evidence::{tests::key, KeptWeights, RoundEvidence},
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
        burn_in: None,
        standings: String::new(),
        seats: Vec::new(),
        weights: WeightVector { uids: vec![1], values: vec![65_535], version_key: 0 },
        submitted: true,
    };
    folder.write_weights(EPOCH, &weights).unwrap();
    let all: Vec<Record> = (0..records).flat_map(|task| [record(&ONE, task), record(&OTHER, task)]).collect();
    folder.write_records(EPOCH, 0, all.iter()).unwrap();
    (guard, folder)
}

fn clock(epoch: u64) -> Clock {
    Clock { epoch, reveal: 1 }
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
    assert!(Clock { epoch: EPOCH + 1, reveal: 0 }.is_open(EPOCH));
    assert!(!Clock { epoch: EPOCH, reveal: 0 }.is_open(EPOCH), "rounds and weights may follow");
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
