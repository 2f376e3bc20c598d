//! The command against a real network of real nodes on free ports.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::harness::Network;
use super::{json, myelin, text};

#[test]
fn an_owner_a_miner_and_a_staker_use_the_network_from_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());

    let status = net.ok(&["net", "status", "--json"]);
    assert_eq!(status[0]["running"], true);
    keeps_web_pages_out(&net);

    // The development account is rich and pays others.
    let rich = net.ok(&["wallet", "balance", "//Alice", "--json"]);
    assert_eq!(rich["free_rao"], 1_000_000_000_000_000u64);
    let sent = net.ok(&[
        "wallet", "transfer", "-w", "//Alice", "--to", "//carol", "--amount", "2000", "--yes", "--json",
    ]);
    assert!(sent["fee_rao"].as_u64().is_some_and(|fee| fee > 0));
    let got = net.ok(&["wallet", "balance", "//carol", "--json"]);
    assert_eq!(got["free_rao"], 2_000_000_000_000u64);

    // Without an answer nothing moves.
    let unasked = net.run(&["wallet", "transfer", "-w", "//Alice", "--to", "//carol", "--amount", "1"]);
    assert_eq!(unasked.status.code(), Some(1));
    assert!(text(&unasked.stderr).contains("--yes"));

    // A newcomer gets TAO in one command, and more in another.
    let given = net.ok(&["wallet", "faucet", "//newcomer", "--json"]);
    assert_eq!(given["free_rao"], 5_000_000_000_000u64);
    let more = net.ok(&["wallet", "faucet", "//newcomer", "--amount", "0.5", "--json"]);
    assert_eq!(more["free_rao"], 5_000_500_000_000u64);

    // A subnet is created, started, joined, and gets stake.
    let created = net.ok(&["subnet", "create", "-w", "//Alice", "-k", "//owner_hk", "--yes", "--json"]);
    assert_eq!(created["netuid"], 2);
    net.ok(&["subnet", "start", "-n", "2", "-w", "//Alice", "--json"]);
    let registered =
        net.ok(&["subnet", "register", "-n", "2", "-w", "//carol", "-k", "//carol_hk", "--yes", "--json"]);
    assert_eq!(registered["uid"], 1);
    net.ok(&[
        "stake",
        "add",
        "-n",
        "2",
        "-w",
        "//carol",
        "-k",
        "//carol_hk",
        "--amount",
        "10",
        "--yes",
        "--json",
    ]);
    let stakes = net.ok(&["stake", "list", "-w", "//carol", "--json"]);
    let held = stakes[0]["alpha_rao"].as_u64().expect("an amount");
    assert!(held > 0);
    let sold = net.ok(&[
        "stake",
        "remove",
        "-n",
        "2",
        "-w",
        "//carol",
        "-k",
        "//carol_hk",
        "--all",
        "--slippage",
        "5",
        "--yes",
        "--json",
    ]);
    assert!(sold["received_rao"].as_u64().is_some_and(|tao| tao > 9_000_000_000), "{sold}");

    // The views for people.
    let graph = net.ok(&["metagraph", "-n", "2", "--json"]);
    assert_eq!(graph["neurons"].as_array().map(Vec::len), Some(2));
    let subnets = net.ok(&["subnet", "list", "--json"]);
    assert!(subnets.as_array().is_some_and(|all| all.len() >= 3));
    let parameters = net.ok(&["subnet", "hyperparameters", "-n", "2", "--json"]);
    assert_eq!(parameters["kappa"]["value"], 32767);
    assert_eq!(parameters["min_burn"]["shown"], "0.0005");

    // The owner sets a parameter; the chain names the block from which it may be set again.
    let set = |value: &str| {
        let coldkey = ["subnet", "set", "-n", "2", "-w", "//Alice", "serving_rate_limit", value];
        net.run(&[&coldkey[..], &["--yes", "--json"]].concat())
    };
    net.open_freeze_window();
    let first = set("7");
    assert_eq!(json(&first)["value"], 7, "{}", text(&first.stderr));
    let parameters = net.ok(&["subnet", "hyperparameters", "-n", "2", "--json"]);
    assert_eq!(parameters["serving_rate_limit"]["value"], 7);
    let second = set("8");
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains("is possible at block"), "{}", text(&second.stderr));
    for (name, value, why) in [
        ("kappa", "1", "set by root"),
        ("tempo", "10", "the smallest value is 360"),
        ("tempo", "-1", "the smallest value is 360"),
        ("min_burn", "1e3", "an amount of TAO"),
        ("no_such", "1", "there is no hyperparameter"),
    ] {
        let refused = net.run(&["subnet", "set", "-n", "2", "-w", "//Alice", name, value, "--yes"]);
        assert_eq!(refused.status.code(), Some(1), "{name}");
        assert!(text(&refused.stderr).contains(why), "{}", text(&refused.stderr));
    }

    // Refusals carry the chain's own names.
    let twice = net.run(&["subnet", "register", "-n", "2", "-w", "//carol", "-k", "//carol_hk", "--yes"]);
    assert_eq!(twice.status.code(), Some(1));
    assert!(text(&twice.stderr).contains("HotKeyAlreadyRegisteredInSubNet"), "{}", text(&twice.stderr));
    let nowhere = net.run(&["metagraph", "-n", "77"]);
    assert!(text(&nowhere.stderr).contains("there is no subnet 77"), "{}", text(&nowhere.stderr));

    // A second network in the same place is refused, with the reason.
    let again = myelin(folder.path(), &["net", "up"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("already runs"), "{}", text(&again.stderr));
}

/// A web page in a browser of this machine reaches the node's port. It may neither read answers nor change the node.
fn keeps_web_pages_out(net: &Network) {
    let ask = |method: &str| {
        let host = net.endpoint.trim_start_matches("ws://");
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":[]}}"#);
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {host}\r\nOrigin: https://evil.example\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(host).expect("the node listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.to_lowercase()
    };
    let stranger = ask("system_name");
    let allowed = stranger.contains("access-control-allow-origin");
    assert!(stranger.contains("200 ok") && !allowed, "{stranger}");
    for method in ["author_rotateKeys", "system_peers", "system_unstable_networkState"] {
        let refused = ask(method);
        assert!(refused.contains("unsafe to be called externally"), "{method}: {refused}");
    }
}

#[test]
fn a_taken_port_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let up = myelin(folder.path(), &["net", "up", "--rpc-port", &port.to_string()]);
    assert_eq!(up.status.code(), Some(1));
    assert!(text(&up.stderr).contains(&format!("port {port} is in use")), "{}", text(&up.stderr));
}

#[test]
fn ports_beyond_the_last_one_are_refused_and_port_0_takes_free_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    for port in ["65535", "64535", "63536"] {
        let up = myelin(folder.path(), &["net", "up", "--rpc-port", port]);
        let said = text(&up.stderr);
        assert_eq!(up.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("--rpc-port {port} is too high")) && said.contains("63532"), "{said}");
        assert!(!folder.path().join(".myelin/net/nodes").exists(), "nothing is started");
    }
    let up = json(&myelin(folder.path(), &["net", "up", "--rpc-port", "0", "--json"]));
    let endpoint = up[0]["endpoint"].as_str().expect("an endpoint").to_owned();
    let net = Network::at(folder.path(), endpoint);
    let first = net.ok(&["wallet", "balance", "//Alice", "--json"]);
    assert!(first["free_rao"].as_u64() > Some(0));

    // A fresh chain has nothing of the one before.
    net.ok(&["wallet", "faucet", "//dora", "--json"]);
    assert!(myelin(folder.path(), &["net", "down"]).status.success());
    let up = json(&myelin(folder.path(), &["net", "up", "--rpc-port", "0", "--fresh", "--json"]));
    let net = Network::at(folder.path(), up[0]["endpoint"].as_str().expect("an endpoint").to_owned());
    assert_eq!(net.ok(&["wallet", "balance", "//dora", "--json"])["free_rao"], 0);
}

/// The node goes away in mid-use and comes back: one client object continues, and the finalised state is still there.
#[test]
fn a_client_outlives_a_lost_node() {
    use myelin_chain_client::{ChainClient, Wait};

    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let port = net.endpoint.rsplit(':').next().expect("a port").to_string();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let client = runtime.block_on(ChainClient::connect(&net.endpoint)).expect("connected");
    let alice = myelin_wallet::Keypair::from_uri("//Alice").expect("a key");
    let carol = myelin_wallet::Keypair::from_uri("//carol").expect("a key");
    let pay = |tao: u64| myelin_abi::calls::balances::TransferKeepAlive {
        dest: myelin_abi::calls::Address::Id(carol.public().into()),
        value: codec::Compact(myelin_units::TaoBalance::from_rao(tao * 1_000_000_000)),
    };
    runtime.block_on(client.submit(&pay(5), &alice, Wait::Finality)).expect("paid before the loss");

    assert!(myelin(folder.path(), &["net", "down"]).status.success());
    // A query in the meantime waits for the node instead of failing at once.
    let waiting = client.clone();
    let query = runtime.spawn(async move { waiting.best_block().await });
    std::thread::sleep(Duration::from_secs(3));
    // The network continues its chain; another shape of chain is refused instead of begun silently.
    let other = myelin(folder.path(), &["net", "up", "--authorities", "2", "--rpc-port", &port]);
    assert_eq!(other.status.code(), Some(1));
    for words in ["1 authority and 250 ms blocks", "2 authorities", "--fresh"] {
        assert!(text(&other.stderr).contains(words), "{words}: {}", text(&other.stderr));
    }
    let status = text(&myelin(folder.path(), &["net", "status"]).stderr);
    assert!(status.contains("no network runs from") && status.contains("is kept"), "{status}");
    let up = myelin(folder.path(), &["net", "up", "--rpc-port", &port]);
    assert!(up.status.success(), "{}", text(&up.stderr));
    assert!(text(&up.stderr).contains("going on with the chain"), "{}", text(&up.stderr));
    let best = runtime.block_on(query).expect("no panic").expect("answered after the node came back");
    assert!(best.number > 0);

    let balance = runtime.block_on(client.balance(&carol.public().into())).expect("read");
    assert_eq!(balance.to_rao(), 5_000_000_000, "what was finalised survived");
    runtime.block_on(client.submit(&pay(1), &alice, Wait::Finality)).expect("paid after the loss");
}

/// A program with many neurons of a subnet reads a block once.
#[test]
fn clones_of_a_client_share_what_they_read_of_a_subnet() {
    use std::sync::Arc;

    use myelin_chain_client::ChainClient;

    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let client = ChainClient::connect(&net.endpoint).await.expect("connected");
        let (minute, netuid) = (Duration::from_secs(60), 1);
        let first = client.snapshot(netuid, None).await.expect("read");
        let graph = client.metagraph(netuid, Some(first.at)).await.expect("read");
        let schedule = client.epoch_schedule(netuid, Some(first.at)).await.expect("read");
        assert_eq!(first.graph, graph);
        assert_eq!((first.epoch, u64::from(first.tempo)), (schedule.index, schedule.tempo));
        assert_eq!(first.epoch_start, schedule.last_epoch_block);

        let after = first.graph.block + 2;
        client.wait_for_block(after, minute).await.expect("a later block");
        let recent = client.clone().recent_snapshot(netuid, minute).await.expect("known");
        assert!(Arc::ptr_eq(&first, &recent), "nothing is read again");
        let best = client.recent_snapshot(netuid, Duration::ZERO).await.expect("read");
        assert!(best.graph.block >= after);
        // An old block is read for whoever wants it, and does not take the place of the newest.
        let old = client.snapshot(netuid, Some(first.at)).await.expect("read");
        assert_eq!(old, first);
        let recent = client.recent_snapshot(netuid, minute).await.expect("known");
        assert!(Arc::ptr_eq(&best, &recent));
    });
}
