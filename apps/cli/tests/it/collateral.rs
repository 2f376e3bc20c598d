//! Validators see what backs a miner, and rules with a condition are printed.

use std::sync::Arc;

use myelin_chain_client::ChainClient;
use myelin_subnet::{Chain, NodeChain};
use myelin_wallet::Keypair;

use super::harness::Network;

#[test]
fn validators_see_the_collateral_of_miners_that_was_not_asked_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let by = |who: &str, arguments: &[&str]| {
        let hotkey = format!("{who}_hk");
        net.ok(&[arguments, &["-w", who, "-k", &hotkey, "--yes", "--json"]].concat())
    };
    for who in ["//carol", "//dave"] {
        net.ok(&["wallet", "faucet", who, "--amount", "3000", "--json"]);
    }
    by("//carol", &["subnet", "create"]);
    by("//carol", &["subnet", "start", "-n", "2"]);
    by("//dave", &["subnet", "register", "-n", "2"]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let client = runtime.block_on(ChainClient::connect(&net.endpoint)).expect("connected");
    let key = |name: &str| Arc::new(Keypair::from_uri(name).expect("a key"));
    let (miner, validator) = (key("//dave_hk"), key("//carol_hk"));
    let seen = || {
        let chain = NodeChain::new(client.clone(), validator.clone());
        let view = runtime.block_on(async { chain.for_asking(false).await?.subnet(2, None).await });
        view.expect("a view").by_hotkey(&miner.public()).expect("the miner").collateral
    };
    assert_eq!(seen(), 0);
    net.open_freeze_window();
    by("//carol", &["collateral", "require", "-n", "2", "--amount", "5", "--unbonding", "600"]);
    let shown = net.ok(&["collateral", "show", "-n", "2", "--json"]);
    assert_eq!(shown["required_rao"], 5_000_000_000u64);
    by("//dave", &["collateral", "lock", "-n", "2", "--amount", "6"]);
    assert_eq!(seen(), 6_000_000_000);
    by("//dave", &["collateral", "unbond", "-n", "2"]);
    assert_eq!(seen(), 0, "it was asked back");
    let rules = net.ok(&["validator", "rules", "--kind", "text", "--collateral", "5", "--json"]);
    assert!(rules["text"].as_str().expect("a text").contains("\ncollateral 5000000000\n"), "{rules}");
}
