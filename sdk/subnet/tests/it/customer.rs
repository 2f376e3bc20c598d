//! Customers ask as validators do, and get answers with receipts.

use myelin_neuron::dendrite::Dendrite;
use myelin_subnet::{
    customer::{Customer, Unserved},
    evaluation::{DrawnTask, SeedReference},
    testkit::NETUID,
    validator::{
        ask::{Asker, Reachable},
        organic::Customers,
        witness::Witness,
    },
    Chain, Challenge, Miner, MinerRef, Subnet, TaskPlan,
};
use myelin_wire::{record::Reason, seed::Audience};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    guessing::{Guessing, Question, Style, DEADLINE},
    network::{key, Network},
};

const REQUEST: Question = Question { hint: 500_000 };

fn subnet() -> Guessing {
    Guessing::open(Style::Broken).unwrap()
}

fn plan(kind: &str) -> TaskPlan {
    subnet().tasks().into_iter().find(|plan| plan.kind == kind).unwrap()
}

fn reachable(name: &str, miner: &Miner) -> Reachable {
    Reachable {
        miner: MinerRef { uid: 0, hotkey: key(name).public() },
        address: miner.address(),
        signed_bodies: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_gets_signed_answers_in_two_steps_and_one_fault_spoils_nothing() {
    let network = Network::start(30_000, true);
    let good = network.miner("good", Style::Within { error: 1000, own: 1 }).await;
    let broken = network.miner("broken", Style::Broken).await;
    let genesis = network.chain.signed_by(key("v1").public()).genesis();
    let customer = Customer::new(&subnet(), key("v1"), genesis, NETUID);
    let nowhere = Reachable { address: "127.0.0.1:1".parse().unwrap(), ..reachable("gone", &good) };
    let miners = [reachable("broken", &broken), reachable("good", &good), nowhere];

    for kind in ["open", "own"] {
        let outcomes = customer.ask::<Guessing>(&plan(kind), &REQUEST, &miners).await.unwrap();
        let [Err(Unserved::Status(down)), Ok(served), Err(gone)] = &outcomes[..] else {
            panic!("{outcomes:?}")
        };
        assert!(down.message.contains("the backend gave no answer") && gone.to_string().contains("503"));
        assert!(served.response.guess.abs_diff(REQUEST.hint) < 1000 && served.elapsed < DEADLINE);
        let receipt = served.receipt.clone().expect("signed");
        assert!(receipt.verify());
        let claim = &receipt.signed.claim;
        assert_eq!((claim.miner, claim.validator), (key("good").public(), key("v1").public()));
        assert_eq!(receipt.model(), Some([7; 32]));
        let mut other = receipt.clone();
        other.answer = String::from_utf8_lossy(&receipt.answer).replace("guess", "gueSS").into();
        assert!(!other.verify(), "another answer is not what was signed");
        let mut other = receipt.clone();
        other.signed.claim.model_id = [8; 32];
        assert!(!other.verify(), "another model than the signed one");
        let mut other = receipt;
        other.signed.claim.netuid += 1;
        assert!(!other.verify());
    }

    let stranger = Customer::new(&subnet(), key("stranger"), genesis, NETUID);
    let outcomes = stranger.ask::<Guessing>(&plan("open"), &REQUEST, &miners[1..2]).await.unwrap();
    assert!(matches!(&outcomes[..], [Err(Unserved::Status(status))] if status.code == 403), "{outcomes:?}");
    for miner in [good, broken] {
        miner.shutdown(DEADLINE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_something_else_than_it_committed_to_is_not_believed() {
    let axon = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = axon.local_addr().unwrap();
    tokio::spawn(async move {
        // A miner that commits to an arbitrary value, and opens any answer.
        for body in [
            format!(r#"{{"commitment":"{}"}}"#, "00".repeat(32)),
            format!(r#"{{"guess":1,"salt":"{}"}}"#, "00".repeat(32)),
        ] {
            let (mut stream, _) = axon.accept().await.unwrap();
            let _ = stream.read(&mut [0; 8192]).await;
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            stream.write_all((head + &body).as_bytes()).await.unwrap();
        }
    });
    let customer = Customer::new(&subnet(), key("v1"), [1; 32], NETUID);
    let liar =
        Reachable { miner: MinerRef { uid: 0, hotkey: key("liar").public() }, address, signed_bodies: false };
    let outcomes = customer.ask::<Guessing>(&plan("open"), &REQUEST, &[liar]).await.unwrap();
    assert!(matches!(&outcomes[..], [Err(Unserved::Form(Reason::BrokenCommitment))]), "{outcomes:?}");
}

/// Parts of a request that a miner sees: its first line, the names of its headers, and the names in its body.
async fn seen_by(axon: TcpListener) -> (String, Vec<String>, Vec<String>) {
    let (mut stream, _) = axon.accept().await.unwrap();
    let (mut bytes, mut buffer) = (Vec::new(), [0; 8192]);
    let (head, body) = loop {
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the request breaks off");
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            if body.ends_with('}') {
                break (head.to_owned(), body.to_owned());
            }
        }
    };
    stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    let mut lines = head.lines();
    let first = lines.next().unwrap().to_owned();
    let names = lines.map(|line| line.split(':').next().unwrap().to_owned()).collect();
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&body).unwrap();
    (first, names, fields.keys().cloned().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_has_the_form_of_a_check() {
    let signer = key("v1");
    let validator = Asker::new(Dendrite::new(signer.clone()), [1; 32], NETUID, signer.public());
    let customer = Customer::new(&subnet(), signer, [1; 32], NETUID);
    for kind in ["open", "own"] {
        let plan = plan(kind);
        let mut seen = Vec::new();
        for checked in [true, false] {
            let axon = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = axon.local_addr().unwrap();
            let miner = Reachable {
                miner: MinerRef { uid: 0, hotkey: key("good").public() },
                address,
                signed_bodies: false,
            };
            let watching = tokio::spawn(seen_by(axon));
            if checked {
                let challenge = Challenge { request: REQUEST, hidden: REQUEST.hint };
                let (seed, audience) = (SeedReference([3; 32]), Audience::Round);
                let task = DrawnTask::<Guessing> { plan: plan.clone(), number: 0, seed, audience, challenge };
                let mut witness = Witness::default();
                let (customers, miners) = (&mut Customers::none(), [miner]);
                let asked = validator.ask(vec![task], None, customers, &miners, DEADLINE, &mut witness);
                asked.await.map(drop).unwrap();
            } else {
                let outcomes = customer.ask::<Guessing>(&plan, &REQUEST, &[miner]).await.unwrap();
                assert!(outcomes[0].as_ref().is_err_and(Unserved::is_of_another_kind));
            }
            seen.push(watching.await.unwrap());
        }
        assert_eq!(seen[0], seen[1], "{kind}");
        assert!(seen[0].0.starts_with("POST /Guessing") && seen[0].1.len() > 8, "{:?}", seen[0]);
    }
}
