//! A miner written for the official SDK (`subnets/text/examples/miner.py`), judged and paid beside one of ours.

use std::fs::File;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use myelin_abi::calls::admin::{
    SudoSetAdminFreezeWindow, SudoSetCommitRevealWeightsEnabled, SudoSetSubnetEmissionEnabled, SudoSetTempo,
};
use myelin_abi::calls::subtensor::{AddStake, BurnedRegister, RegisterNetwork, StartCall};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient, Wait};
use myelin_compat::packages::Packages;
use myelin_compat::table::Part;
use myelin_lm::builtin::{self, Level};
use myelin_subnet::{Miner, MinerOptions, NodeChain, Subnet, Validator, ValidatorOptions};
use myelin_text::backend::ModelBackend;
use myelin_text::judge::Judge;
use myelin_text::library::Library;
use myelin_text::{TextConfig, TextSubnet};
use myelin_units::TaoBalance;
use myelin_wallet::{Secret, Wallet};

use super::dev::{account, key};
use super::node::{free_port, Node};
use super::Shown;

/// Longest time for anything that is waited for.
const PATIENCE: Duration = Duration::from_secs(120);
/// Blocks of an epoch.
const TEMPO: u16 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_miner_on_the_official_sdk_is_judged_and_paid_beside_one_of_ours() {
    let mut shown = Shown::of(Part::Miner);
    let folder = tempfile::tempdir().expect("a folder");
    let node = Node::start(folder.path());
    let chain = ChainClient::connect(&node.endpoint()).await.expect("our node");
    let netuid = subnet(&chain).await;

    let ours = rust_miner(&chain, netuid).await;
    let mut theirs = python_miner(&node, netuid, folder.path());
    let [rust, python] = ["//Charlie_hk", "//Dave_hk"].map(account);
    until("the Python miner announces its axon", &mut theirs, || async {
        let graph = chain.metagraph(netuid, None).await.expect("a metagraph");
        graph.by_hotkey(&python).is_some_and(|neuron| neuron.axon.is_some())
    })
    .await;

    let signed_by = Arc::new(key("//Bob_hk"));
    let judge = Judge::new(builtin::model(Level::Late).expect("a model"));
    let library = Some(Library::held_out().expect("texts"));
    let subnet = TextSubnet::open(TextConfig { library, judge: Some(judge), ..TextConfig::default() });
    let validator = Validator::start(
        Arc::new(subnet.expect("a subnet")),
        NodeChain::new(chain.clone(), signed_by.clone()),
        signed_by,
        ValidatorOptions::new(netuid, folder.path().join("validator")),
    )
    .await
    .expect("a validator");

    until("both are paid", &mut theirs, || async {
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

/// A subnet of //Alice with a validator of //Bob, and miners of //Charlie and //Dave.
async fn subnet(chain: &ChainClient) -> u16 {
    let (root, owner) = (key("//Alice"), key("//Alice"));
    let create = RegisterNetwork { hotkey: account("//Alice_hk") };
    let created = chain.submit(&create, &owner, Wait::Inclusion).await.expect("a subnet");
    let (netuid, _) = created.event::<(u16, u16)>("SubtensorModule", "NetworkAdded").expect("its number");
    let settings: [AnyCall; 4] = [
        (&SudoSetSubnetEmissionEnabled { netuid, enabled: true }).into(),
        (&SudoSetCommitRevealWeightsEnabled { netuid, enabled: false }).into(),
        (&SudoSetAdminFreezeWindow { window: 0 }).into(),
        (&SudoSetTempo { netuid, tempo: TEMPO }).into(),
    ];
    for setting in settings {
        chain.sudo(setting, &root, Wait::Inclusion).await.expect("set");
    }
    chain.submit(&StartCall { netuid }, &owner, Wait::Inclusion).await.expect("started");
    for who in ["//Bob", "//Charlie", "//Dave"] {
        let register = BurnedRegister { netuid, hotkey: account(&format!("{who}_hk")) };
        chain.submit(&register, &key(who), Wait::Inclusion).await.expect("registered");
    }
    let amount_staked = TaoBalance::from_rao(500_000_000_000);
    let stake = AddStake { hotkey: account("//Bob_hk"), netuid, amount_staked };
    chain.submit(&stake, &key("//Bob"), Wait::Inclusion).await.expect("staked");
    netuid
}

async fn rust_miner(chain: &ChainClient, netuid: u16) -> Miner {
    let hotkey = Arc::new(key("//Charlie_hk"));
    let model = ModelBackend::new(builtin::model(Level::Ngram).expect("a model"), [7; 32]);
    let subnet = TextSubnet::open(TextConfig { backend: Some(Arc::new(model)), ..TextConfig::default() });
    let options = MinerOptions::new(netuid, SocketAddr::from(([127, 0, 0, 3], 0)));
    let chain = NodeChain::new(chain.clone(), hotkey.clone());
    Miner::start(Arc::new(subnet.expect("a subnet")), chain, hotkey, options).await.expect("a miner")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The example as a process; it ends when this is dropped.
struct Python {
    process: Child,
    log: PathBuf,
}

fn python_miner(node: &Node, netuid: u16, folder: &Path) -> Python {
    let wallet = Wallet::new(folder.join("wallets"), "dave", "miner").expect("a name");
    wallet.save_coldkeypub(&key("//Dave").public()).expect("saved");
    let secret = Secret::from_keypair(key("//Dave_hk"));
    wallet.save_hotkey(&secret, None, false).expect("saved");
    let repository = repository();
    let packages = Packages::Sdk10.installed().unwrap_or_else(|why| panic!("{why}"));
    let log = folder.join("miner.log");
    let out = File::create(&log).expect("a log");
    let process = Command::new(packages.join("bin/python"))
        .arg(repository.join("subnets/text/examples/miner.py"))
        .args(["--network", &node.endpoint(), "--netuid", &netuid.to_string()])
        .args(["--wallet", "dave", "--hotkey", "miner", "--wallet-path"])
        .arg(wallet.path())
        .args(["--ip", "127.0.0.2", "--port", &free_port().to_string(), "--corpus"])
        .arg(repository.join("core"))
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(out.try_clone().expect("the log again"))
        .stderr(out)
        .spawn()
        .expect("the example starts");
    Python { process, log }
}

impl Drop for Python {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until `holds`, as long as the Python miner runs.
async fn until<F: Future<Output = bool>>(what: &str, miner: &mut Python, holds: impl Fn() -> F) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        let runs = matches!(miner.process.try_wait(), Ok(None));
        if !runs || Instant::now() > deadline {
            let log = std::fs::read_to_string(&miner.log).unwrap_or_default();
            panic!("not within {} s, or the Python miner ended: {what}; it said:\n{log}", PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
