//! Validators report their evidence, over real HTTP.

use std::time::Duration;

use myelin_neuron::dendrite::{Dendrite, Query, Target};
use myelin_subnet::{
    disclosure::{PageRequest, Part, ReadError, Reader, SYNAPSE},
    evidence::EvidenceFolder,
    testkit::NETUID,
    Chain, EvidenceAxon, Subnet,
};
use myelin_wire::record::Record;

use crate::{
    guessing::{Guessing, Style},
    network::{key, report_where, until, Network},
};

fn good(own: u64) -> Style {
    Style::Within { error: 2_000, own }
}

pub const AXON: EvidenceAxon = EvidenceAxon {
    listen: std::net::SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0),
    announce: None,
};

fn refused(error: Result<Vec<u8>, ReadError>) -> (u16, String) {
    match error {
        Err(ReadError::Status(status)) => (status.code, status.message),
        other => panic!("expected a refusal, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_miner_reads_its_records_and_strangers_read_all_once_weights_are_public() {
    let network = Network::start(300, true);
    let _one = network.miner("one", good(1)).await;
    let _two = network.miner("two", good(2)).await;
    network.announced().await;
    let validator = network.validator_with("v1", |options| options.axon = Some(AXON)).await;
    let address = validator.address().expect("it tells");
    let v1 = key("v1").public();
    until("an announced address", || network.chain.ledger().evidence_axons.get(&v1) == Some(&address)).await;
    let seen = network.chain.signed_by(key("v2").public()).subnet(NETUID, None).await.unwrap();
    assert_eq!(seen.by_hotkey(&v1).unwrap().axon, None, "nobody asks it for answers");

    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    let (epoch, round) = report.last_round.map(|last| (last.epoch, last.round)).unwrap();
    let target = Target::new(v1, address).signing_bodies();
    let reader = |name| Reader::new(key(name), network.chain.genesis(), NETUID);
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let kept = folder.records(epoch, round).unwrap();
    let rubric = Guessing::open(Style::Broken).unwrap();
    let own = reader("one").own_records(target, epoch, round).await.unwrap();
    let uid = network.uid("one") as u16;
    let expected: Vec<Record> = kept.iter().filter(|record| record.miner_uid == uid).cloned().collect();
    assert!(own == expected && own.len() == 6, "{own:?}");
    assert!(own.iter().all(|record| record.check(rubric.rubric()).is_ok()));
    assert_eq!(reader("stranger").own_records(target, epoch, round).await, Ok(vec![]));
    let (code, why) =
        refused(reader("one").document(target, PageRequest::new(Part::Records, epoch, round)).await);
    assert!(code == 403 && why.contains("when its weights are public"), "{why}");

    // Weights are revealed one epoch later.
    report_where(&validator, "two more epochs", |report| report.epoch >= epoch + 2).await;
    let all = PageRequest::new(Part::Records, epoch, round);
    until("the desk's clock", || folder.epochs().last().is_some_and(|last| *last >= epoch + 2)).await;
    let all = reader("stranger").document(target, all).await.unwrap();
    let kept_bytes =
        std::fs::read(folder.path.join(format!("epoch-{epoch:06}/round-{round:02}.records"))).unwrap();
    assert_eq!(all, kept_bytes);
    let rounds = reader("stranger").rounds(target).await.unwrap();
    assert!(rounds.iter().any(|kept| kept.epoch == epoch && kept.open && kept.rounds.contains(&round)));
    assert!(rounds.iter().any(|kept| !kept.open), "{rounds:?}");
    validator.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_refused_and_foreign_signatures_not_believed() {
    let network = Network::start(300, true);
    let _one = network.miner("one", good(1)).await;
    network.announced().await;
    let validator = network.validator_with("v1", |options| options.axon = Some(AXON)).await;
    let address = validator.address().expect("it tells");
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    let (epoch, round) = report.last_round.map(|last| (last.epoch, last.round)).unwrap();
    let v1 = key("v1").public();
    let target = Target::new(v1, address).signing_bodies();
    let reader = Reader::new(key("one"), network.chain.genesis(), NETUID);

    let (code, why) = refused(reader.document(target, PageRequest::new(Part::Own, epoch + 50, 0)).await);
    assert!(code == 400 && why.contains(&format!("no judged round 0 of epoch {}", epoch + 50)), "{why}");
    let send = |body: String| {
        let query = Query::new::<&str>(SYNAPSE, body, &[]).unwrap();
        async move { Dendrite::new(key("one")).query(target, &query).await.status }
    };
    let asks = |fields: &str| format!(r#"{{"part":"own","epoch":{epoch},"round":{round}{fields}}}"#);
    assert_eq!(send(asks("")).await.code, 200);
    assert_eq!(send(asks(r#","from":99999999999"#)).await.code, 400, "a page far behind the end");
    assert_eq!(send(asks(r#","from":-1"#)).await.code, 400);
    assert_eq!(send(r#"{"part":"tasks","epoch":5,"round":0}"#.into()).await.code, 400);
    assert_eq!(send(asks(&format!(r#","pad":"{}""#, "a".repeat(1 << 20)))).await.code, 413);

    // A reader of another chain, and a peer that answers in the validator's place.
    let elsewhere = Reader::new(key("one"), [9; 32], NETUID);
    assert_eq!(elsewhere.own_records(target, epoch, round).await, Err(ReadError::Foreign));
    let posing = Network::start(300, true);
    let _other = posing.miner("one", good(1)).await;
    posing.announced().await;
    let second = posing.validator_with("v2", |options| options.axon = Some(AXON)).await;
    report_where(&second, "a round", |report| report.last_round.is_some()).await;
    let posing = Target::new(v1, second.address().expect("it tells"));
    let found = reader.rounds(posing).await;
    assert!(
        matches!(&found, Err(ReadError::Status(status)) if status.code == 401)
            || found == Err(ReadError::Foreign),
        "{found:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_of_one_network_have_so_many_requests_and_a_registered_miner_still_has_its_own() {
    let network = Network::start(300, true);
    let _one = network.miner("one", good(1)).await;
    network.announced().await;
    let validator = network.validator_with("v1", |options| options.axon = Some(AXON)).await;
    let target = Target::new(key("v1").public(), validator.address().expect("it tells")).signing_bodies();
    report_where(&validator, "a view of the chain", |report| report.block > 0).await;
    let query = Query::new::<&str>(SYNAPSE, r#"{"part":"rounds"}"#, &[]).unwrap();
    let mut codes = Vec::new();
    for number in 0..64 {
        // A key costs nothing.
        let dendrite = Dendrite::new(key(&format!("stranger{number}")));
        codes.push(dendrite.query(target, &query).await.status.code);
    }
    // On a slow machine a minute may have passed, and then they have as many requests again.
    assert!(codes[..60].iter().all(|code| *code == 200), "{codes:?}");
    assert!(codes.contains(&503), "{codes:?}");
    assert_eq!(Dendrite::new(key("one")).query(target, &query).await.status.code, 200);
}
