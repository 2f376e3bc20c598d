//! The runtime of a running chain is upgraded, and clients go on sending.

use std::time::{Duration, Instant};

use codec::Compact;
use myelin_abi::calls::balances::TransferKeepAlive;
use myelin_abi::calls::referenda::AuthorizeUpgrade;
use myelin_abi::calls::Address;
use myelin_abi::Account;
use myelin_chain_client::{ChainClient, Wait};
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;
use myelin_wire::hash::blake2_256;

use super::harness::Network;
use super::readme::myelin_node;

/// Transfers that have to be included before the upgrade begins, and after it.
const EACH: usize = 3;
/// Longest time for all of that.
const PATIENCE: Duration = Duration::from_secs(150);

#[test]
fn transfers_go_on_while_the_runtime_is_upgraded() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let built = myelin_node().with_file_name("wbuild/myelin-runtime/next_runtime.compact.compressed.wasm");
    let code = std::fs::read(&built).expect("MYELIN_NEXT_RUNTIME=1 builds it");
    net.as_root(&AuthorizeUpgrade { code_hash: blake2_256(&code) });
    let free = || net.ok(&["wallet", "balance", "//receiver", "--json"])["free_rao"].as_u64();

    let (begin, begun) = std::sync::mpsc::channel();
    let versions = std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(send(&net.endpoint, begin))
        });
        begun.recv().expect("transfers are included");
        let file = built.to_str().expect("a path in UTF-8");
        net.ok(&["gov", "upgrade", file, "--wallet", "//Charlie", "--yes", "--json"]);
        sending.join().expect("every transfer is included")
    });
    assert!(versions.is_sorted(), "{versions:?}");
    assert_eq!(
        free(),
        Some(versions.len() as u64 * TaoBalance::from_tokens(1).to_rao()),
        "each is paid once"
    );
}

/// Sends one transfer after another until the runtime was upgraded. Returns the version after the block of each.
async fn send(endpoint: &str, begin: std::sync::mpsc::Sender<()>) -> Vec<u32> {
    let chain = ChainClient::connect(endpoint).await.expect("connected");
    let [sender, receiver] = ["//Eve", "//receiver"].map(|uri| Keypair::from_uri(uri).expect("a key"));
    let dest = Address::Id(Account(myelin_wire::sr25519::Signer::public(&receiver)));
    let transfer = TransferKeepAlive { dest, value: Compact(TaoBalance::from_tokens(1)) };
    let (started, mut versions) = (Instant::now(), Vec::new());
    loop {
        let sent = chain.submit(&transfer, &sender, Wait::Inclusion).await;
        let sent = sent.unwrap_or_else(|error| panic!("transfer {}: {error}", versions.len()));
        versions.push(chain.spec_version(sent.block.expect("it is in a block")).await.expect("a new state"));
        if versions.len() == EACH {
            begin.send(()).expect("the test waits for it");
        }
        let newer = versions.iter().filter(|version| **version != versions[0]).count();
        if newer >= EACH {
            return versions;
        }
        assert!(started.elapsed() < PATIENCE, "the runtime was not upgraded: {versions:?}");
    }
}
