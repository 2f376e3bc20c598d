//! A miner written for the official SDK (`subnets/text/examples/miner.py`), judged and paid beside one of ours.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use myelin_abi::Account;
use myelin_chain_client::ChainClient;
use myelin_compat::packages::Packages;
use myelin_compat::table::Part;
use myelin_lm::builtin::{self, Level};
use myelin_subnet::rules::Terms;
use myelin_subnet::{Miner, MinerOptions, NodeChain, Subnet, Validator, ValidatorOptions};
use myelin_text::backend::ModelBackend;
use myelin_text::library::Library;
use myelin_text::{TextConfig, TextSubnet};
use myelin_wallet::{Secret, Wallet};

use super::dev::{account, key};
use super::neurons::{repository, subnet, Neuron};
use super::node::Node;
use super::ports::free_port;
use super::Shown;

/// Tasks in a round for both miners together.
const LOAD: u32 = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_miner_on_the_official_sdk_is_judged_and_paid_beside_one_of_ours() {
    let mut shown = Shown::of(Part::Miner);
    let folder = tempfile::tempdir().expect("a folder");
    let node = Node::start(folder.path());
    let chain = ChainClient::connect(&node.endpoint()).await.expect("our node");
    let netuid = subnet(&chain).await;

    let ours = rust_miner(&chain, netuid).await;
    let (number, port) = (netuid.to_string(), free_port().to_string());
    // One crate: the miner looks through all of it for every word that it writes.
    let corpus = repository().join("core/yuma").display().to_string();
    let arguments = ["--netuid", &number, "--ip", "127.0.0.2", "--port", &port, "--corpus", &corpus];
    let mut theirs =
        Neuron::python(&node, folder.path(), "subnets/text/examples/miner.py", "Dave", &arguments);
    let [rust, python] = ["//Charlie_hk", "//Dave_hk"].map(account);
    theirs
        .until("the Python miner announces its axon", || async {
            let graph = chain.metagraph(netuid, None).await.expect("a metagraph");
            graph.by_hotkey(&python).is_some_and(|neuron| neuron.axon.is_some())
        })
        .await;

    let signed_by = Arc::new(key("//Bob_hk"));
    let library = Some(Library::own([5; 32]).expect("texts"));
    let subnet = TextSubnet::open(TextConfig { library, ..TextConfig::default() });
    let validator = Validator::start(
        Arc::new(subnet.expect("a subnet")),
        NodeChain::new(chain.clone(), signed_by.clone()),
        signed_by,
        ValidatorOptions {
            // A miner in Python on a busy machine does little in time.
            terms: Terms { load: Some(LOAD), ..Terms::default() },
            ..ValidatorOptions::new(netuid, folder.path().join("validator"))
        },
    )
    .await
    .expect("a validator");

    theirs
        .until("both are paid", || async {
            let graph = chain.metagraph(netuid, None).await.expect("a metagraph");
            let paid = |hotkey| graph.by_hotkey(hotkey).is_some_and(|neuron| neuron.incentive > 0);
            paid(&rust) && paid(&python)
        })
        .await;
    let report = validator.report().borrow().clone();
    let average = |hotkey: &Account| {
        let found = report.standings.iter().find(|standing| standing.miner.hotkey == hotkey.0);
        found.map_or(0, |standing| standing.average.get())
    };
    assert!(average(&python) > 0 && average(&rust) > 0, "{:?}", report.standings);
    let uid =
        chain.metagraph(netuid, None).await.expect("a metagraph").by_hotkey(&python).map(|neuron| neuron.uid);
    // A round may judge none of its answers, so one of several has to show it.
    theirs
        .until("it signs its answers", || async {
            let report = validator.report().borrow().clone();
            let judged = report.last_round.map(|round| round.evaluated.judged).unwrap_or_default();
            judged.iter().any(|judged| Some(judged.record.miner_uid) == uid && judged.record.signed)
        })
        .await;
    shown.row("`subnets/text/examples/miner.py` mines the text subnet beside a Rust miner, and is paid");

    validator.shutdown(Duration::from_secs(3)).await;
    ours.shutdown(Duration::from_secs(3)).await;
    shown.everything();
}

#[test]
fn a_miner_without_key_or_chain_says_in_a_line_what_to_give_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let wallets = folder.path().join("wallets");
    let packages = Packages::Sdk10.installed().unwrap_or_else(|why| panic!("{why}"));
    let said = || {
        let output = Command::new(packages.join("bin/python"))
            .arg(repository().join("subnets/text/examples/miner.py"))
            .args(["--netuid", "2", "--ip", "127.0.0.2", "--network", "ws://127.0.0.1:9", "--wallet", "dave"])
            .env("HOME", folder.path())
            .env("BT_WALLET_PATH", &wallets)
            .output()
            .expect("the example starts");
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        said
    };
    let keyless = said();
    assert!(keyless.contains("hotkey default of wallet dave") && keyless.contains("--hotkey"), "{keyless}");
    let wallet = Wallet::new(&wallets, "dave", "default").expect("a name");
    wallet.save_hotkey(&Secret::from_keypair(key("//Dave_hk")), None, false).expect("saved");
    let chainless = said();
    assert!(chainless.contains("no chain answers at ws://127.0.0.1:9"), "{chainless}");
    assert!(chainless.contains("--network"), "{chainless}");
}

#[test]
fn a_miner_that_starts_again_gives_the_answer_that_it_signed() {
    const TWO_STARTS: &str = r#"
import math, random, sys
sys.path.insert(0, sys.argv[1])
import miner

class Chance:
    def complete(self, question):
        return str(random.random())

key = miner.Keypair.create_from_uri("//Dave_hk")
asker = key.ss58_address
def start():
    return miner.Answers(Chance(), key, bytes(32), 2, sys.argv[2])

one = start()
first, other = (one.answer(None, b"question", asker, challenge * 64, math.inf) for challenge in "ab")
again = start()
assert again.answer(None, b"question", asker, "a" * 64, math.inf) == first != other
assert one.answer(None, b"question", asker, "b" * 64, math.inf) == other
assert again.answer(None, b"question", asker, None, math.inf)[1] is None
"#;
    let folder = tempfile::tempdir().expect("a folder");
    let packages = Packages::Sdk10.installed().unwrap_or_else(|why| panic!("{why}"));
    let output = Command::new(packages.join("bin/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["-c", TWO_STARTS])
        .arg(repository().join("subnets/text/examples"))
        .arg(folder.path().join("answers.sqlite"))
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

async fn rust_miner(chain: &ChainClient, netuid: u16) -> Miner {
    let hotkey = Arc::new(key("//Charlie_hk"));
    let model = ModelBackend::new(builtin::model(Level::Ngram).expect("a model"), [7; 32]);
    let subnet = TextSubnet::open(TextConfig { backend: Some(Arc::new(model)), ..TextConfig::default() });
    let options = MinerOptions::new(netuid, SocketAddr::from(([127, 0, 0, 3], 0)));
    let chain = NodeChain::new(chain.clone(), hotkey.clone());
    Miner::start(Arc::new(subnet.expect("a subnet")), chain, hotkey, options).await.expect("a miner")
}
