//! Validators hand on what was submitted, over real HTTP: to anybody, whatever its miner does.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::Duration,
};

use base64::{engine::general_purpose::STANDARD, Engine};
use futures::future::join_all;
use myelin_neuron::{
    axon::{Axon, Call, HandlerError, OpenToAll, Reply, Route, RunningAxon},
    dendrite::{Dendrite, Query, Target},
};
use myelin_subnet::{
    chain::Statement,
    disclosure::{Page, PageRequest, Part, ReadError, Reader, Told, PAGE_BYTES, SYNAPSE},
    exchange::Handed,
    submission::CommittedArtefact,
    testkit::NETUID,
    validator::submissions::{from_miner, stranger},
    Chain, Validator,
};
use myelin_wire::{
    commitment::Submission,
    hash::{blake2_256, to_hex},
    record::Reason,
};

use crate::{
    disclosure::AXON,
    network::{key, report_where, until, Network},
    submit::{has_submissions, network, rounding},
};

const GENESIS: [u8; 32] = [0xcc; 32];
const LIMIT: usize = 64 * 1024;

/// The artefact of a miner by the commitment to it.
fn committed(name: &str, artefact: &[u8]) -> CommittedArtefact {
    let hotkey = key(name).public();
    let (genesis, netuid, mechanism) = (GENESIS, NETUID, 1);
    let submission = Submission { genesis, netuid, mechanism, hotkey, artefact: blake2_256(artefact) };
    let commitment = submission.commitment();
    CommittedArtefact { genesis, netuid, mechanism, hotkey, commitment, limit: LIMIT }
}

impl Network {
    /// A miner that hands its artefact to the `first` who ask, as it would to validators' addresses, then to nobody.
    async fn handing_out_to(&self, name: &str, artefact: &[u8], first: usize) -> RunningAxon {
        let body = serde_json::to_vec(&Handed { artefact: STANDARD.encode(artefact) }).unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let hand_out = move |_: Call| {
            let known = asked.fetch_add(1, Ordering::SeqCst) < first;
            let body = body.clone();
            async move {
                match known {
                    true => Ok(Reply::json(body)),
                    false => Err(HandlerError::forbidden("not to this address")),
                }
            }
        };
        let axon = Axon::new(key(name), OpenToAll).route(Route::new("GuessingArtefact", hand_out).public());
        let axon = axon.bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let hotkey = key(name).public();
        let uid = self.chain.register(hotkey, false);
        let mut ledger = self.chain.ledger();
        let (block, hashes) = (ledger.block, vec![committed(name, artefact).commitment]);
        ledger.neurons[usize::from(uid)].axon = Some(axon.address());
        ledger.statements.insert(hotkey, vec![Statement { hotkey, block, hashes }]);
        axon
    }

    async fn telling(&self, name: &str) -> (Validator, Target) {
        let validator = self.validator_with(name, |options| options.axon = Some(AXON)).await;
        let target = Target::new(key(name).public(), validator.address().unwrap()).signing_bodies();
        (validator, target)
    }

    fn kept(&self, validator: &str, artefact: &CommittedArtefact) -> std::path::PathBuf {
        self.validator_folder(validator).join("evidence/artefacts").join(to_hex(&artefact.commitment))
    }
}

fn reader(name: &str) -> Reader {
    Reader::new(key(name), GENESIS, NETUID)
}

fn malformed<T: std::fmt::Debug>(read: Result<T, ReadError>) -> String {
    match read {
        Err(ReadError::Malformed(why)) => why,
        other => panic!("expected nonsense, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_from_a_validator_what_its_miner_hands_to_validators_alone() {
    let network = network(200);
    assert_eq!(network.chain.genesis(), GENESIS);
    let artefact = rounding(2);
    let wanted = committed("secretive", &artefact);
    let secretive = network.handing_out_to("secretive", &artefact, 1).await;
    let (first, v1) = network.telling("v1").await;
    let report = report_where(&first, "a round with submissions", has_submissions).await;
    let round = report.last_round.map(|last| (last.epoch, last.round)).unwrap();

    let miner = Target::new(wanted.hotkey, secretive.address());
    let refused =
        from_miner(&stranger(LIMIT), "GuessingArtefact", miner, &wanted, Duration::from_secs(10)).await;
    assert!(refused
        .is_err_and(|why| why.reason == Reason::Unreachable && why.why.contains("not to this address")));
    assert_eq!(reader("stranger").artefact(v1, &wanted).await, Ok(artefact.clone()));
    let entries = reader("stranger").entries(v1, round.0, round.1).await.unwrap();
    let shown: Vec<_> =
        entries.iter().map(|entry| (&*entry.miner.hotkey, &*entry.commitment, entry.bytes)).collect();
    assert_eq!(shown, [(&*to_hex(&wanted.hotkey), &*to_hex(&wanted.commitment), artefact.len() as u64)]);

    // Another artefact than was committed to, one that nobody has, and one that is longer than allowed.
    let foreign = CommittedArtefact { hotkey: key("other").public(), ..wanted };
    assert_eq!(malformed(reader("stranger").artefact(v1, &foreign).await), "it is not what was committed to");
    let unknown = reader("stranger").artefact(v1, &committed("other", &artefact)).await;
    let is_unknown = |error: ReadError| matches!(error, ReadError::Status(status) if status.code == 400 && status.message.contains("no artefact is kept here"));
    assert!(unknown.is_err_and(is_unknown));
    let short = CommittedArtefact { limit: artefact.len() - 1, ..wanted };
    let expected = format!("it has {} bytes, and {} are the most", artefact.len(), short.limit);
    assert_eq!(malformed(reader("stranger").artefact(v1, &short).await), expected);

    // A copy with one validator spares the miner nothing: another validator asks the miner itself.
    let second = network.validator("v2").await;
    let report = report_where(&second, "a round with submissions", has_submissions).await;
    let uid = network.uid("secretive") as u16;
    let judged = report.last_round.unwrap().evaluated.judged;
    let reasons: Vec<Reason> = judged
        .iter()
        .map(|judged| &judged.record)
        .filter(|record| record.miner_uid == uid)
        .map(|record| record.reason)
        .collect();
    assert!(!reasons.is_empty() && !reasons.contains(&Reason::Scored), "{reasons:?}");
    assert!(!network.kept("v2", &wanted).exists());
}

/// A validator's key at which somebody else tells what it likes.
async fn forging(forge: impl Fn(&PageRequest) -> Page + Send + Sync + 'static) -> (RunningAxon, Target) {
    let key = key("v1");
    let (signer, validator) = (key.clone(), key.public());
    let tell = move |call: Call| {
        let request: PageRequest = serde_json::from_slice(&call.body).unwrap();
        let page = forge(&request);
        let asker = call.caller.hotkey;
        let told =
            Told { genesis: GENESIS, netuid: NETUID, validator, asker, request: &request, page: &page };
        let body = serde_json::to_vec(&told.sign(&*signer)).unwrap();
        async move { Ok(Reply::json(body)) }
    };
    let axon = Axon::new(key, OpenToAll).route(Route::new(SYNAPSE, tell));
    let axon = axon.bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let target = Target::new(validator, axon.address()).signing_bodies();
    (axon, target)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_validator_signs_is_checked_against_the_commitment() {
    let wanted = committed("miner", &rounding(2));
    let page = |from, total, bytes: &[u8]| {
        let (hash, bytes) = (to_hex(&[7; 32]), STANDARD.encode(bytes));
        Page { from, total, hash, bytes }
    };
    let (_other, v1) = forging(move |_| page(0, 5, b"other")).await;
    assert_eq!(malformed(reader("stranger").artefact(v1, &wanted).await), "it is not what was committed to");
    let (_huge, v1) = forging(move |request| page(request.from, 1 << 40, &[0; PAGE_BYTES])).await;
    assert_eq!(
        malformed(reader("stranger").artefact(v1, &wanted).await),
        format!("it has {} bytes, and {LIMIT} are the most", 1u64 << 40)
    );
    let (_drops, v1) = forging(move |request| page(request.from, LIMIT as u64, b"x")).await;
    assert_eq!(
        malformed(reader("stranger").artefact(v1, &wanted).await),
        "a page before the last is not full"
    );
    let (_far, v1) = forging(move |_| page(u64::MAX, 10, b"x")).await;
    assert_eq!(malformed(reader("stranger").artefact(v1, &wanted).await), "its length is not what it says");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_for_artefacts_is_told_to_wait_and_a_registered_key_still_gets_one() {
    let network = network(300);
    network.chain.register(key("one").public(), false);
    let (validator, v1) = network.telling("v1").await;
    report_where(&validator, "a view of the chain", |report| report.block > 0).await;
    let artefact = vec![7; 2 * PAGE_BYTES + 5];
    let wanted = CommittedArtefact { limit: 1 << 20, ..committed("miner", &artefact) };
    let path = network.kept("v1", &wanted);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, &artefact).unwrap();
    let body =
        serde_json::to_vec(&PageRequest::new(Part::Artefact, 0, 0).of_hash(&wanted.commitment)).unwrap();
    let ask = |number: usize| {
        // A key costs nothing.
        let dendrite = Dendrite::new(key(&format!("stranger{number}")));
        let query = Query::new::<&str>(SYNAPSE, body.clone(), &[]).unwrap();
        async move { dendrite.query(v1, &query).await.status.code }
    };
    let mut codes = Vec::new();
    for crowd in 0..4 {
        codes.extend(join_all((0..40).map(|number| ask(40 * crowd + number))).await);
    }
    let count = |code| codes.iter().filter(|found| **found == code).count();
    // A minute may have passed in between on a slow machine, and then they have as many again.
    assert!((1..=120).contains(&count(200)) && count(503) > 0, "{codes:?}");
    let fetched = reader("one").artefact(v1, &wanted).await;
    assert_eq!(fetched.map(|bytes| bytes == artefact), Ok(true), "of three pages");
    until("the rounds go on", || network.chain.ledger().block > 20).await;
}
