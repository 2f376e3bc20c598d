//! Validators hold each other's evidence where their subnet demands proof, over real HTTP.

use std::{fs, path::Path, time::Duration};

use myelin_abi::EvidenceDemand;
use myelin_neuron::{
    axon::{Axon, Call, HandlerError, OpenToAll, Reply, Route, RunningAxon},
    dendrite::Target,
};
use myelin_subnet::{
    disclosure::{Asker, Clock, EpochError, PageRequest, Reader, Shelf, Told, SYNAPSE},
    evidence::{CommittedEpoch, EvidenceFolder, Unproven},
    testkit::NETUID,
    Chain, Miner, Validator,
};
use myelin_wire::{evidence::possession_tag, hash::to_hex, AccountId};

use crate::{
    disclosure::AXON,
    guessing::Style,
    network::{key, report_where, until, Network},
};

/// Most bytes of an epoch here.
const MOST: u64 = 8 << 20;

/// A subnet that demands proof, with its first validator, which serves evidence, and two miners.
async fn demanding() -> (Network, Validator, [Miner; 2]) {
    let network = Network::start(300, true);
    network.chain.ledger().evidence = EvidenceDemand { answers: 1, mechanisms: 1 };
    let best = network.miner("best", Style::Within { error: 2_000, own: 1 }).await;
    let worse = network.miner("worse", Style::Within { error: 60_000, own: 2 }).await;
    network.announced().await;
    let validator = validator_with_axon(&network, "v1").await;
    (network, validator, [best, worse])
}

/// Starts a validator that serves its evidence.
async fn validator_with_axon(network: &Network, name: &str) -> Validator {
    network.validator_with(name, |options| options.axon = Some(AXON)).await
}

fn evidence(network: &Network, name: &str) -> EvidenceFolder {
    EvidenceFolder { path: network.validator_folder(name).join("evidence"), keep: 100 }
}

fn target(name: &str, validator: &Validator) -> Target {
    Target::new(key(name).public(), validator.address().expect("it serves")).signing_bodies()
}

fn reader(network: &Network) -> Reader {
    Reader::new(key("stranger"), network.chain.genesis(), NETUID)
}

/// The epoch of a validator, with the root that it committed to.
async fn committed(network: &Network, name: &str, epoch: u64) -> CommittedEpoch {
    let validator = key(name).public();
    let roots = network.chain.evidence_roots(NETUID, epoch).await.unwrap();
    let by = roots.into_iter().find(|root| root.validator == validator).expect("a root");
    CommittedEpoch { netuid: NETUID, epoch, by }
}

/// The epoch of the first root that a validator committed to, once it is open.
async fn opened(network: &Network, name: &str) -> CommittedEpoch {
    let validator = key(name).public();
    let first = || {
        let ledger = network.chain.ledger();
        let own = ledger.roots.keys().filter(|(hotkey, ..)| *hotkey == validator);
        own.map(|(.., epoch)| *epoch).min().filter(|first| ledger.epoch >= first + 2)
    };
    until("an open epoch", || first().is_some()).await;
    committed(network, name, first().expect("it is there")).await
}

/// The epoch of the first attestation by one validator that names another, and its tag.
fn attested(network: &Network, by: &str, of: &str) -> Option<(u64, [u8; 16])> {
    let (holder, uid) = (key(by).public(), network.uid(of) as u16);
    let ledger = network.chain.ledger();
    let own = ledger.holdings.iter().filter(|((hotkey, _), _)| *hotkey == holder);
    own.flat_map(|((_, epoch), held)| held.iter().map(move |one| (*epoch, one)))
        .find(|(_, (named, _))| *named == uid)
        .map(|(epoch, (_, tag))| (epoch, *tag))
}

/// The bytes of all records of an epoch.
fn records(folder: &EvidenceFolder, epoch: u64) -> Vec<Vec<u8>> {
    let path = |round| folder.path.join(format!("epoch-{epoch:06}/round-{round:02}.records"));
    folder.rounds(epoch).into_iter().map(|round| fs::read(path(round)).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_validators_hold_each_others_evidence_and_attest_it() {
    let (network, one, _miners) = demanding().await;
    let two = validator_with_axon(&network, "v2").await;
    let both = || attested(&network, "v1", "v2").is_some() && attested(&network, "v2", "v1").is_some();
    until("attestations of both", both).await;
    for (holder, author) in [("v1", "v2"), ("v2", "v1")] {
        let (epoch, tag) = attested(&network, holder, author).expect("it is there");
        let (own, held) = (evidence(&network, author), evidence(&network, holder));
        let held = held.held_of(&key(author).public());
        let bytes = records(&own, epoch);
        assert!(!bytes.is_empty() && bytes == records(&held, epoch), "{holder} holds what {author} kept");
        let records: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
        assert_eq!(tag, possession_tag(&key(holder).public(), NETUID, epoch, &records));
        assert!(held.is_public_part(epoch) && !own.is_public_part(epoch));
        assert_eq!(held.weights(epoch).unwrap().len(), 1);
        let standings = held.round_standings(epoch, held.rounds(epoch)[0]).unwrap().expect("they are held");
        held.standings(epoch, &standings.after).unwrap();
    }
    let report = report_where(&one, "evidence that is held", |report| report.held.is_some()).await;
    assert_eq!(report.held.map(|held| held.of), Some(1));
    // Its author is gone, and its evidence is still there for anybody.
    let (epoch, _) = attested(&network, "v1", "v2").expect("it is there");
    two.shutdown(Duration::from_secs(5)).await;
    let wanted = committed(&network, "v2", epoch).await;
    let part = reader(&network).epoch(target("v1", &one), &wanted, MOST).await.unwrap();
    assert_eq!(part.records.into_values().collect::<Vec<_>>(), records(&evidence(&network, "v2"), epoch));
    one.shutdown(Duration::from_secs(5)).await;
}

/// The proofs of a validator, with the epoch of each.
fn proofs(network: &Network, name: &str) -> Vec<(u64, bool)> {
    let uid = network.uid(name) as u16;
    let proofs = network.chain.ledger().proofs.get(&(0, uid)).cloned().unwrap_or_default();
    proofs.into_iter().map(|(epoch, held)| (epoch, held.is_ok())).collect()
}

/// Blocks of an epoch in which the chain is away, as an hour is of an epoch of 360 blocks of 12 s.
const HOUR: u64 = 300 * 300 / 360;

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_is_away_for_an_hour_costs_one_proof_and_no_evidence_that_is_held() {
    let (network, one, _miners) = demanding().await;
    let two = validator_with_axon(&network, "v2").await;
    let proofs = |name: &str| proofs(&network, name);
    let both_prove = |least: u64| {
        ["v1", "v2"].iter().all(|name| proofs(name).last().is_some_and(|(epoch, _)| *epoch >= least))
    };
    // It goes before weights are due, and comes back in the middle of the next epoch.
    until("proofs of both", || both_prove(0)).await;
    until("the time before weights are due", || {
        let ledger = network.chain.ledger();
        (180..240).contains(&(ledger.block - ledger.epoch_start))
    })
    .await;
    let (gone_in, back) = {
        let mut ledger = network.chain.ledger();
        ledger.down = true;
        (ledger.epoch, ledger.block + HOUR)
    };
    assert!(both_prove(gone_in), "the last proof before it is of this epoch");
    until("an hour", || network.chain.ledger().block >= back).await;
    network.chain.ledger().down = false;
    until("proofs after it", || both_prove(gone_in + 2)).await;
    for name in ["v1", "v2"] {
        let proofs = proofs(name);
        assert!(proofs.iter().all(|(_, held)| *held), "{name}: {proofs:?}");
        let lost = |epoch: &u64| proofs.iter().all(|(proven, _)| proven != epoch);
        let after: Vec<u64> = (gone_in..=gone_in + 2).filter(lost).collect();
        assert_eq!(after, [gone_in + 1], "{name}: nobody could commit while it was away");
    }
    // Evidence that opened while the chain was away is held and attested as well.
    let opened = gone_in - 1;
    for (holder, author) in [("v1", "v2"), ("v2", "v1")] {
        let uid = network.uid(author) as u16;
        let ledger = network.chain.ledger();
        let stated = ledger.holdings.get(&(key(holder).public(), opened));
        assert!(stated.is_some_and(|held| held.iter().any(|(held, _)| *held == uid)), "{holder}: {stated:?}");
    }
    one.shutdown(Duration::from_secs(5)).await;
    two.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_that_serves_nothing_is_not_attested_and_knows_it() {
    let (network, one, _miners) = demanding().await;
    let two = network.validator("v2").await;
    let warned = |trouble: &Option<String>| trouble.as_ref().is_some_and(|why| why.contains("--evidence-ip"));
    report_where(&two, "a warning", |report| warned(&report.trouble)).await;
    let missing = |report: &myelin_subnet::ValidatorReport| {
        report.held.as_ref().is_some_and(|held| !held.missing.is_empty())
    };
    let report = report_where(&one, "evidence that is missing", missing).await;
    let held = report.held.expect("it is there");
    assert_eq!((held.held, held.of), (0, 1));
    let (uid, why) = &held.missing[0];
    assert_eq!(usize::from(*uid), network.uid("v2"));
    assert!(why.contains("no address"), "{why}");
    until("an attestation by the other", || attested(&network, "v2", "v1").is_some()).await;
    assert_eq!(attested(&network, "v1", "v2"), None);
    one.shutdown(Duration::from_secs(5)).await;
    two.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_whose_disk_is_full_keeps_what_it_holds_and_goes_on() {
    let (network, one, _miners) = demanding().await;
    let two = validator_with_axon(&network, "v2").await;
    until("an attestation", || attested(&network, "v1", "v2").is_some()).await;
    let first = committed(&network, "v2", attested(&network, "v1", "v2").expect("it is there").0).await;
    let held = evidence(&network, "v1").held_of(&key("v2").public());
    let before = held.checked_records(&first).unwrap();

    // A file where the folder should be fails every write, as a full disk does.
    let full_from = first.epoch + 2;
    let in_the_way = |epoch: u64| held.path.join(format!("epoch-{epoch:06}"));
    let blocked = full_from..full_from + 50;
    blocked.clone().for_each(|epoch| fs::write(in_the_way(epoch), "in the way").unwrap());
    let missing = |report: &myelin_subnet::ValidatorReport| {
        let held = report.held.as_ref().filter(|held| held.epoch >= full_from);
        held.is_some_and(|held| held.missing.iter().any(|(_, why)| why.contains("move that away")))
    };
    let report = report_where(&one, "evidence that cannot be written", missing).await;
    let told = report.held.expect("it is there");
    let (lost, (uid, why)) = (told.epoch, &told.missing[0]);
    assert_eq!((told.held, told.of), (0, 1));
    assert_eq!(usize::from(*uid), network.uid("v2"));
    assert!(why.contains(&in_the_way(lost).display().to_string()), "{why}");
    assert_eq!(held.checked_records(&first).unwrap(), before, "it keeps what it held");
    let part = reader(&network).epoch(target("v1", &one), &first, MOST).await.unwrap();
    assert_eq!(part.records, before, "and serves it");
    // It goes on judging, and proves the weights of epochs in which it could hold nothing.
    until("a proof meanwhile", || proofs(&network, "v1").iter().any(|(epoch, _)| *epoch > lost + 2)).await;
    let stated = |epoch: u64| network.chain.ledger().holdings.get(&(key("v1").public(), epoch)).cloned();
    assert!(blocked.clone().all(|epoch| stated(epoch).is_none()), "it attests nothing of them");

    blocked.clone().for_each(|epoch| fs::remove_file(in_the_way(epoch)).unwrap());
    until("an attestation once there is room", || blocked.clone().any(|epoch| stated(epoch).is_some())).await;
    let again = blocked.clone().find(|epoch| stated(*epoch).is_some()).expect("it is there");
    let records = held.checked_records(&committed(&network, "v2", again).await).unwrap();
    let records: Vec<&[u8]> = records.values().map(Vec::as_slice).collect();
    let tag = possession_tag(&key("v1").public(), NETUID, again, &records);
    assert_eq!(stated(again).expect("it is there"), [(network.uid("v2") as u16, tag)]);
    for name in ["v1", "v2"] {
        let proofs = proofs(&network, name);
        assert!(proofs.iter().all(|(_, held)| *held), "{name}: {proofs:?}");
    }
    one.shutdown(Duration::from_secs(5)).await;
    two.shutdown(Duration::from_secs(5)).await;
}

/// A validator's key at which a folder is served as it is.
async fn serving(network: &Network, folder: EvidenceFolder, name: &str) -> (RunningAxon, Target) {
    let (signer, genesis, shelf) = (key(name), network.chain.genesis(), Shelf::default());
    let tell = move |call: Call| {
        let request: PageRequest = serde_json::from_slice(&call.body).unwrap();
        let asker: AccountId = call.caller.hotkey;
        let clock = Clock { epoch: u64::MAX, reveal: 1, demands: false };
        let by = Asker { hotkey: asker, registered: false };
        let told = shelf.page(&folder, clock, by, &request).map(|page| {
            let validator = signer.public();
            let told = Told { genesis, netuid: NETUID, validator, asker, request: &request, page: &page };
            serde_json::to_vec(&told.sign(&*signer)).unwrap()
        });
        let reply = told.map(Reply::json).map_err(|untold| HandlerError::bad_request(untold.to_string()));
        async move { reply }
    };
    let axon = Axon::new(key(name), OpenToAll).route(Route::new(SYNAPSE, tell));
    let axon = axon.bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let target = Target::new(key(name).public(), axon.address()).signing_bodies();
    (axon, target)
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_lies_is_found_out() {
    let (network, one, _miners) = demanding().await;
    let wanted = opened(&network, "v1").await;
    let reader = reader(&network);
    // The desk may have read the chain a moment before.
    report_where(&one, "a view of an open epoch", |report| report.epoch >= wanted.epoch + 2).await;
    let part = reader.epoch(target("v1", &one), &wanted, MOST).await.unwrap();
    let few = reader.epoch(target("v1", &one), &wanted, 300).await;
    assert!(matches!(&few, Err(EpochError::Read { .. })), "{few:?}");

    let held = evidence(&network, "liar").held_of(&wanted.by.signer);
    let epoch = held.path.join(format!("epoch-{:06}", wanted.epoch));
    let first = *part.records.keys().next().expect("a round");
    let records = epoch.join(format!("round-{first:02}.records"));
    let (_axon, liar) = serving(&network, evidence(&network, "liar"), "liar").await;
    let none = reader.epoch(liar, &wanted, MOST).await;
    assert!(matches!(&none, Err(EpochError::Read { part: "root", .. })), "{none:?}");
    held.write_public(wanted.epoch, &part).unwrap();
    assert_eq!(reader.epoch(liar, &wanted, MOST).await.unwrap(), part);

    // The first record is left out.
    change(&records, |bytes| drop(bytes.drain(..=usize::from(bytes[0]))));
    let found = reader.epoch(liar, &wanted, MOST).await;
    assert!(matches!(&found, Err(EpochError::Unproven(Unproven::Records(_)))), "{found:?}");
    // A round is left out.
    held.write_public(wanted.epoch, &part).unwrap();
    fs::remove_file(&records).unwrap();
    let found = reader.epoch(liar, &wanted, MOST).await;
    assert!(matches!(&found, Err(EpochError::Unproven(Unproven::Records(_)))), "{found:?}");
    // The root of something else.
    held.write_public(wanted.epoch, &part).unwrap();
    change(&epoch.join("branches"), |bytes| bytes[2] ^= 1);
    let found = reader.epoch(liar, &wanted, MOST).await;
    assert!(matches!(&found, Err(EpochError::Unproven(Unproven::OtherRoot { .. }))), "{found:?}");
    // Standings that are not those of their hash.
    held.write_public(wanted.epoch, &part).unwrap();
    let hash = part.standings.keys().next_back().expect("standings");
    change(&epoch.join("standings").join(to_hex(hash)), |bytes| bytes.push(b'\n'));
    let found = reader.epoch(liar, &wanted, MOST).await;
    assert!(matches!(&found, Err(EpochError::Unproven(Unproven::Standings(_)))), "{found:?}");
    one.shutdown(Duration::from_secs(5)).await;
}
