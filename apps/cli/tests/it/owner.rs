//! Actions of a subnet's owner, validators and miners on the command line, on a real network.

use std::time::{Duration, Instant};

use myelin_abi::calls::admin::{SudoSetAdminFreezeWindow, SudoSetOwnerHparamRateLimit};
use myelin_abi::calls::subtensor::{ServeAxon, SudoSetRubricNotice};
use myelin_chain_client::ChainClient;

use super::harness::Network;
use super::text;

fn alice<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["-w", "//Alice", "-k", "//owner_hk", "--wait", "inclusion", "--yes", "--json"]].concat()
}

#[test]
fn an_owner_waits_for_the_block_between_two_freezes() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let costs = || text(&net.run(&["subnet", "burn-cost"]).stdout);
    assert!(costs().contains("no less than that"), "{}", costs());
    net.ok(&alice(&["subnet", "create"]));
    assert!(costs().contains("falls with every block, down to"), "{}", costs());

    // Epochs follow each other so closely that few blocks of each are open.
    net.as_root(&SudoSetAdminFreezeWindow { window: 8 });
    let set = |name, value, more: &[&'static str]| {
        alice(&[&["subnet", "set", "-n", "2", name, value], more].concat())
    };
    for (name, value) in [("min_burn", "1000rao"), ("serving_rate_limit", "1"), ("activity_cutoff", "400")] {
        net.ok(&set(name, value, &["--when-possible"]));
    }
    // A parameter that was just changed is refused, or the wait is too long.
    net.as_root(&SudoSetOwnerHparamRateLimit { epochs: 10_000 });
    let again = net.refused(&set("activity_cutoff", "500", &[]));
    assert!(again.contains("less than its wait ago") && again.contains("--when-possible"), "{again}");
    let late = net.refused(&set("activity_cutoff", "500", &["--when-possible=1"]));
    assert!(late.contains("longer than the 1 s"), "{late}");
    let frozen = || {
        let said = text(&net.run(&set("immunity_period", "7200", &["--dry-run"])).stdout);
        said.contains("an epoch is about to run, and in the 8 blocks before")
    };
    assert!((0..20).any(|_| frozen()), "most blocks are closed");
}

#[test]
fn an_owner_runs_a_subnet_and_a_validator_judges_on_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    net.open_freeze_window();

    // Created with a name, and started when the chain allows it.
    assert!(net.ok(&["subnet", "burn-cost", "--json"])["cost_rao"].as_u64().is_some_and(|cost| cost > 0));
    let asked = net.ok(&alice(&["subnet", "create", "--dry-run"]));
    assert!(asked["what"].as_str().is_some_and(|what| what.contains(", limit ")), "{asked}");
    let dear = net.refused(&alice(&["subnet", "create", "--max-cost", "0.001"]));
    assert!(dear.contains("more than --max-cost"), "{dear}");
    let created =
        net.ok(&alice(&["subnet", "create", "--subnet-name", "Judges", "--repo", "https://a.example"]));
    assert_eq!(created["netuid"], 2);
    let before = net.ok(&["subnet", "check-start", "-n", "2", "--json"]);
    assert_eq!(before["started"], false);
    net.ok(&alice(&["subnet", "start", "-n", "2"]));
    assert_eq!(net.ok(&["subnet", "check-start", "-n", "2", "--json"])["started"], true);

    // The identity of the subnet.
    net.ok(&alice(&["subnet", "set-identity", "-n", "2", "--description", "they judge"]));
    let identity = net.ok(&["subnet", "get-identity", "-n", "2", "--json"]);
    assert_eq!(
        (&identity["subnet_name"], &identity["description"]),
        (&"Judges".into(), &"they judge".into())
    );
    assert!(net.ok(&["subnet", "price", "-n", "2", "--json"])[0]["price_rao"]
        .as_u64()
        .is_some_and(|p| p > 0));
    assert!(net.refused(&["subnet", "price", "-n", "99"]).contains("no subnet 99"));
    let conviction = net.ok(&["subnet", "conviction", "-n", "2", "--json"]);
    assert_eq!(conviction[0]["owner"], true);

    // Hyperparameters by their official names; root's parameters with root's rights.
    net.ok(&alice(&["sudo", "set", "-n", "2", "--param", "immunity_period", "--value", "7200"]));
    assert_eq!(net.ok(&["sudo", "get", "-n", "2", "--json"])["immunity_period"]["value"], 7200);
    let bare = net.refused(&alice(&["sudo", "set", "-n", "2", "--param", "max_burn", "--value", "14"]));
    assert!(bare.contains("--value 14rao"), "{bare}");
    let set = ["sudo", "set", "-n", "2", "--param", "max_burn", "--value", "1tao", "--dry-run"];
    let what = net.ok(&alice(&set))["what"].to_string();
    assert!(what.contains("from 100 τ to 1 τ (1,000,000,000 rao)"), "{what}");
    net.ok(&alice(&["subnet", "set", "-n", "2", "kappa", "60%", "--root"]));
    let many = net.refused(&alice(&["subnet", "mechanisms", "set", "-n", "2", "--count", "2"]));
    assert!(many.contains("max_allowed_uids") && many.contains("trim --netuid 2 --max 128"), "{many}");
    net.ok(&alice(&["sudo", "trim", "-n", "2", "--max", "64"]));
    net.as_root(&SudoSetRubricNotice { blocks: 10_000 });
    net.ok(&alice(&["subnet", "mechanisms", "set", "-n", "2", "--count", "2"]));
    net.ok(&alice(&["subnet", "mechanisms", "split-emissions", "-n", "2", "--split", "70,30"]));
    let shares = net.ok(&["subnet", "mech", "emissions", "-n", "2", "--json"]);
    // In force after the notice; until then the second mechanism gets nothing.
    assert_eq!(shares["shares"], serde_json::json!([65_535, 0]));
    assert_eq!(shares["next"]["shares"], serde_json::json!([45_875, 19_660]));

    // A validator's take, stake and permit.
    net.ok(&alice(&["sudo", "set-take", "--take", "9%"]));
    assert_eq!(net.ok(&["sudo", "get-take", "-k", "//owner_hk", "--json"])["take"], 5898);
    net.ok(&["wallet", "faucet", "//carol", "--amount", "5000", "--json"]);
    let register = ["subnet", "register", "-n", "2", "-w", "//carol", "-k", "//carol_hk", "--yes", "--json"];
    let any = net.ok(&[&register[..], &["--unsafe", "--dry-run"]].concat());
    assert!(any["what"].as_str().is_some_and(|what| what.ends_with("whatever it costs by then")), "{any}");
    net.ok(&[&register[..], &["--limit", "0.1"]].concat());
    // A hotkey that may not judge gets the reason, and so does one that announces an unreachable address.
    let weigh = ["weights", "set", "-n", "2", "--uids", "0,1", "--weights", "1,1"];
    let nobody = net.refused(&[&weigh[..], &["-w", "//carol", "-k", "//nobody", "--json"]].concat());
    assert!(nobody.contains("not registered on subnet 2"), "{nobody}");
    let carol = ["-w", "//carol", "-k", "//carol_hk", "--json"];
    let unpermitted = net.refused(&[&weigh[..], &carol].concat());
    assert!(unpermitted.contains("no validator permit"), "{unpermitted}");
    addresses_that_the_chain_refuses_are_refused_beforehand(&net);
    net.ok(&alice(&["stake", "add", "-n", "2", "--amount", "2000", "--no-limit"]));
    net.ok(&alice(&["subnet", "set", "-n", "2", "commit_reveal_weights_enabled", "off"]));
    let epoch =
        net.ok(&alice(&["sudo", "trigger-epoch", "-n", "2"]))["next_epoch_block"].as_u64().expect("a block");
    let deadline = Instant::now() + Duration::from_secs(60);
    while net.ok(&["metagraph", "-n", "2", "--json"])["block"].as_u64() <= Some(epoch) {
        assert!(Instant::now() < deadline, "the epoch does not come");
        std::thread::sleep(Duration::from_millis(250));
    }

    // Without commitments weights are set at once.
    let weights = ["-n", "2", "--uids", "0,1", "--weights", "0.5,1"];
    net.ok(&alice(&[&["weights", "set", "--mechanism", "1"][..], &weights].concat()));
    let shown = net.ok(&["weights", "show", "-n", "2", "--mechanism", "1", "--json"]);
    assert_eq!(shown[0]["weights"], serde_json::json!([[0, 32_767], [1, 65_535]]));

    // The reveal period is so long that no slow machine outlasts it.
    net.ok(&alice(&["subnet", "set", "-n", "2", "commit_reveal_period", "20", "--root"]));
    // With commitments `set` is refused with the alternative, `commit` prints the command for the reveal, and an early
    // reveal is refused.
    net.ok(&alice(&["subnet", "set", "-n", "2", "commit_reveal_weights_enabled", "on", "--root"]));
    net.ok(&alice(&["subnet", "set", "-n", "2", "weights_rate_limit", "0", "--root"]));
    let refused = net.refused(&alice(&[&["weights", "set"][..], &weights].concat()));
    assert!(refused.contains("weights commit"), "{refused}");
    let nobody = ["-n", "2", "--uids", "0,77", "--weights", "0.5,1"];
    let refused = net.refused(&alice(&[&["weights", "commit"][..], &nobody].concat()));
    assert!(refused.contains("no uid 77"), "{refused}");
    let committed = net.ok(&alice(&[&["weights", "commit"][..], &weights].concat()));
    let salt = committed["salt"]
        .as_array()
        .expect("salt")
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",");
    assert!(committed["reveal"].as_str().is_some_and(|when| when.contains("at block")), "{committed}");
    let early = net.refused(&alice(&[&["weights", "reveal", "--salt", &salt][..], &weights].concat()));
    assert!(early.contains("possible at block"), "{early}");

    // The address of the hotkey's server, and its published text.
    net.ok(&alice(&["axon", "set", "-n", "2", "--ip", "203.0.113.7", "--port", "8091"]));
    assert_eq!(
        net.ok(&["axon", "show", "-n", "2", "-k", "//owner_hk", "--json"])["axon"],
        "203.0.113.7:8091"
    );
    net.ok(&alice(&["subnet", "set", "-n", "2", "serving_rate_limit", "1"]));
    // Frequent announcements cost a fee, which the hotkey pays.
    let poor = net.refused(&alice(&["axon", "reset", "-n", "2"]));
    assert!(poor.contains("CannotPayFees"), "{poor}");
    net.ok(&["wallet", "faucet", "//owner_hk", "--amount", "1", "--json"]);
    net.ok(&alice(&["axon", "reset", "-n", "2"]));
    let nobody = net.ok(&["axon", "show", "-n", "2", "-k", "//owner_hk", "--json"]);
    assert!(nobody["axon"].is_null(), "{nobody}");
    net.ok(&alice(&["subnet", "commit", "-n", "2", "model: example/7b"]));
    let published = net.ok(&["subnet", "commitments", "-n", "2", "--json"]);
    assert_eq!(published[0]["fields"][0], "model: example/7b");

    // TAO that is burned.
    let burned = net.ok(&alice(&["sudo", "stake-burn", "-n", "2", "--amount", "1"]));
    assert!(burned["burned_rao"].as_u64().is_some_and(|alpha| alpha > 0), "{burned}");
    let burn = ["sudo", "stake-burn", "-n", "2", "--amount", "1"];
    let said = net.ok(&alice(&[&burn[..], &["--dry-run"]].concat()));
    assert!(said["what"].as_str().is_some_and(|what| what.contains("limit ")), "{said}");
    let dear = net.refused(&alice(&[&burn[..], &["--limit-price", "0.000000001"]].concat()));
    assert!(dear.contains("SlippageTooHigh"), "{dear}");
    net.ok(&alice(&[&burn[..], &["--no-limit"]].concat()));
}

/// Neither `axon set` nor `miner run` takes an address that the chain would refuse, and the chain takes the others.
fn addresses_that_the_chain_refuses_are_refused_beforehand(net: &Network) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let carol = myelin_wallet::Keypair::from_uri("//carol_hk").expect("a key");
    let taken = |ip: std::net::IpAddr| {
        let (ip, ip_type) = match ip {
            std::net::IpAddr::V4(ip) => (u128::from(u32::from(ip)), 4),
            std::net::IpAddr::V6(ip) => (u128::from(ip), 6),
        };
        let call = ServeAxon {
            netuid: 2,
            version: 1,
            ip,
            port: 8091,
            ip_type,
            protocol: 4,
            placeholder1: 0,
            placeholder2: 0,
        };
        runtime.block_on(async {
            let client = ChainClient::connect(&net.endpoint).await.expect("connected");
            client.dry_run(&call, &carol).await.is_ok()
        })
    };
    for (ip, is_taken) in [
        ("127.0.0.1", false),
        ("255.255.255.255", false),
        ("::1", false),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
        ("127.0.0.2", true),
        ("203.0.113.7", true),
        ("2001:db8::1", true),
    ] {
        assert_eq!(taken(ip.parse().expect("an address")), is_taken, "{ip}");
        let set = ["axon", "set", "-n", "2", "--ip", ip, "--port", "8091", "--dry-run", "-w", "//carol"];
        let set = net.run(&[&set[..], &["-k", "//carol_hk"]].concat());
        assert_eq!(set.status.code() == Some(0), is_taken, "{ip}: {}", text(&set.stderr));
    }
    // Zeros would withdraw the announcement, and port 0 is not a port.
    for (ip, port) in [("0.0.0.0", "8091"), ("::", "8091"), ("127.0.0.1", "8091"), ("127.0.0.2", "0")] {
        let run =
            ["miner", "run", "-n", "2", "-w", "//carol", "-k", "//carol_hk", "--ip", ip, "--port", port];
        let run = net.run(&run);
        assert_eq!(run.status.code(), Some(2), "{ip}:{port}: {}", text(&run.stderr));
    }
}
