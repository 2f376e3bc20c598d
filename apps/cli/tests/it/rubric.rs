//! An owner announces the rules of its subnet, on a real network.

use std::time::{Duration, Instant};

use myelin_abi::calls::subtensor::{AnnounceRubric, SudoSetRubricNotice};
use myelin_abi::RubricSource;
use myelin_chain_client::{ChainClient, RubricStatus};
use myelin_economy::profile::Profile;
use serde_json::{json, Value};

use super::harness::Network;
use super::text;

const TEXT: &str = "myelin/rubric/1 judges 1\nshare accuracy 3\nfactor speed 900000\nmechanism 0 serve\npay power 2 100000\n\
                    average 400000 0\ntask price round 3 1 8000 4096 4 commit\n";
/// Blocks between an announcement and its taking effect; long enough for some commands.
const NOTICE: u64 = 80;

fn alice<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["-n", "2", "-w", "//Alice", "-k", "//owner_hk", "--wait", "inclusion", "--yes", "--json"]]
        .concat()
}

fn show(net: &Network) -> Value {
    net.ok(&["subnet", "rubric", "show", "-n", "2", "--json"])
}

/// The rubric in force in a block, by the hash of the block.
fn status_at(net: &Network, block: u64) -> RubricStatus {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let client = ChainClient::connect(&net.endpoint).await.expect("connected");
        let hash = client.block_hash(block).await.expect("the block is there");
        client.rubric(2, 0, Some(hash)).await.expect("a chain with rubrics")
    })
}

#[test]
fn a_rubric_changes_with_notice_and_everybody_can_read_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    net.open_freeze_window();
    net.as_root(&SudoSetRubricNotice { blocks: NOTICE });
    let create =
        ["subnet", "create", "-w", "//Alice", "-k", "//owner_hk", "--wait", "inclusion", "--yes", "--json"];
    assert_eq!(net.ok(&create)["netuid"], 2);

    let nothing = show(&net);
    assert_eq!((&nothing["in_force"], &nothing["announced"]), (&Value::Null, &Value::Null));
    assert_eq!((&nothing["notice_blocks"], &nothing["bound_until"]), (&json!(NOTICE), &Value::Null));
    assert_eq!(nothing["owner_notice_blocks"], NOTICE + Profile::FAST.rubric_vote());
    let unknown = net.refused(&["subnet", "rubric", "show", "-n", "99"]);
    assert!(unknown.contains("no subnet 99"), "{unknown}");

    // The first one, with its text.
    std::fs::write(folder.path().join("rubric.txt"), TEXT).expect("written");
    let of_file = alice(&["subnet", "rubric", "announce", "--file", "rubric.txt"]);
    let first = net.ok(&of_file);
    let hash = format!("0x{}", myelin_wire::hash::to_hex(&myelin_wire::hash::blake2_256(TEXT.as_bytes())));
    assert_eq!(first["hash"], hash);
    let shown = show(&net);
    assert_eq!(shown["in_force"], json!({ "hash": hash, "text": TEXT, "from": first["from"] }));
    let again = net.refused(&of_file);
    assert!(again.contains("RubricInForce"), "{again}");
    std::fs::write(folder.path().join("seventh.txt"), TEXT.replace("mechanism 0", "mechanism 7"))
        .expect("written");
    let absent =
        net.refused(&alice(&["subnet", "rubric", "announce", "--mechanism", "7", "--file", "seventh.txt"]));
    assert!(absent.contains("MechanismDoesNotExist"), "{absent}");
    std::fs::write(folder.path().join("sales.csv"), "city,price\nBerlin,10.5\n").expect("written");
    let foreign = net.refused(&alice(&["subnet", "rubric", "announce", "--file", "sales.csv"]));
    assert!(foreign.contains("no rules that a validator could judge by"), "{foreign}");
    let bob = ["subnet", "rubric", "announce", "-n", "2", "-w", "//Bob", "--file", "rubric.txt", "--yes"];
    let strange = net.refused(&bob);
    assert!(strange.contains("NotSubnetOwner"), "{strange}");

    // The next rubric, by its hash: it waits, and can be withdrawn.
    let next = format!("0x{}", "22".repeat(32));
    let of_hash = alice(&["subnet", "rubric", "announce", "--hash", &next]);
    let dropped = net.ok(&of_hash)["from"].as_u64().expect("a block");
    assert_eq!(show(&net)["announced"], json!({ "hash": next, "text": null, "from": dropped }));
    let said = text(&net.run(&["subnet", "rubric", "show", "-n", "2"]).stdout);
    assert!(
        said.contains("  factor speed 900000\n") && said.contains("announced, in force at block"),
        "{said}"
    );
    let refusal = net.ok(&["gov", "simulate", "--keep-rubric", "-n", "2", "--json"]);
    assert_eq!(refusal["changes"][0]["words"], format!("rubric of subnet 2: {next} -> {hash}"));
    assert_eq!((&refusal["track"]["name"], &refusal["refused"]), (&json!("rubrics:2"), &json!([])));
    let withdraw = alice(&["subnet", "rubric", "withdraw"]);
    assert_eq!(net.ok(&withdraw)["hash"], next);
    assert_eq!(show(&net)["announced"], Value::Null);
    let nothing = net.refused(&withdraw);
    assert!(nothing.contains("nothing is announced for mechanism 0 of subnet 2"), "{nothing}");

    // Announced again, it waits as long as at first, and is in force from the printed block.
    let from = net.ok(&of_hash)["from"].as_u64().expect("a block");
    assert!(from > dropped, "{from} is not after {dropped}");
    let deadline = Instant::now() + Duration::from_secs(120);
    while show(&net)["block"].as_u64() < Some(from) {
        assert!(Instant::now() < deadline, "block {from} does not come");
        std::thread::sleep(Duration::from_millis(500));
    }
    let (before, then) = (status_at(&net, from - 1), status_at(&net, from));
    assert_eq!((before.block, then.block), (from - 1, from));
    let in_force = |status: &RubricStatus| status.in_force.clone().map(|change| change.rubric);
    assert_eq!(in_force(&before).map(|rubric| rubric.text), Some(TEXT.into()));
    assert_eq!(before.announced, then.in_force);
    assert_eq!(in_force(&then).map(|rubric| rubric.hash), Some([0x22; 32]));
    assert_eq!(then.announced, None);

    // The owner cannot change a rubric that the root key or a vote decided.
    net.as_root(&AnnounceRubric { netuid: 2, mecid: 0, rubric: RubricSource::Hash([0x33; 32]) });
    let shown = show(&net);
    assert!(shown["bound_until"].as_u64() > shown["announced"]["from"].as_u64(), "{shown}");
    let bound = net.refused(&withdraw);
    assert!(bound.contains("is possible at block") && bound.contains("nothing was sent"), "{bound}");
    let said = text(&net.run(&["subnet", "rubric", "show", "-n", "2"]).stdout);
    assert!(said.contains("holders decided on it; the owner may change it again"), "{said}");
}
