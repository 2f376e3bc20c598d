//! `myelin wallet history` counts every rao of an account's free balance, once.

use codec::Compact;
use myelin_abi::calls::balances::TransferKeepAlive;
use myelin_abi::calls::subtensor::BurnedRegister;
use myelin_abi::calls::Address;
use myelin_abi::Account;
use myelin_chain_client::ChainClient;
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;
use myelin_wire::ss58;

use super::harness::Network;
use super::json;

/// Sum of an account's history up to a block, the change of its free balance until then, and the history.
fn counted_and_held(net: &Network<'_>, who: &str, last: u64) -> (i128, i128, serde_json::Value) {
    let history = net.ok(&["wallet", "history", who, "--from", "1", "--to", &last.to_string(), "--json"]);
    let lines = history.as_array().expect("lines");
    let sum = lines.iter().map(|line| i128::from(line["tao_rao"].as_i64().unwrap_or_default())).sum();
    let account = match ss58::decode(who) {
        Ok(account) => Account(account),
        Err(_) => Account(Keypair::from_uri(who).expect("a key").public()),
    };
    let held = tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let chain = ChainClient::connect(&net.endpoint).await.expect("connected");
        let free = async |block| {
            type Info = ([u32; 4], [u64; 3], u128);
            let hash = chain.block_hash(block).await.expect("a block");
            let info = chain.storage::<Info>("System", "Account", &[(&account).into()], Some(hash)).await;
            i128::from(info.expect("read").map_or(0, |info| info.1[0]))
        };
        free(last).await - free(0).await
    });
    (sum, held, history)
}

#[test]
fn the_history_adds_up_to_the_balance_whatever_was_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let by = |who: &str, arguments: &[&str]| {
        let hotkey = format!("{who}_hk");
        net.ok(&[arguments, &["-w", who, "-k", &hotkey, "--yes", "--json"]].concat())
    };

    // Money: transfers, an account that ceases to exist, one made of a proxy.
    for who in ["//carol", "//dave", "//eve"] {
        net.ok(&["wallet", "faucet", who, "--amount", "3000", "--json"]);
    }
    by("//carol", &["wallet", "transfer", "--to", "//frank", "--amount", "2"]);
    by("//frank", &["wallet", "transfer", "--to", "//carol", "--all", "--allow-death"]);
    // The command pays nobody itself and sends nothing that is refused; other programs do both.
    let dave = Keypair::from_uri("//dave").expect("a key");
    let oneself = TransferKeepAlive {
        dest: Address::Id(dave.public().into()),
        value: Compact(TaoBalance::from_rao(1_000_000_000)),
    };
    net.submit(&oneself, &dave).expect("paid");
    // Deposits.
    by("//carol", &["proxy", "add", "--delegate", "//eve", "--proxy-type", "Any"]);
    by("//eve", &["wallet", "transfer", "--proxy", "//carol", "--to", "//dave", "--amount", "3"]);
    by("//carol", &["proxy", "remove", "--all"]);
    let pure = by("//dave", &["proxy", "create"])["pure"].as_str().expect("an address").to_owned();
    by("//dave", &["wallet", "transfer", "--to", &pure, "--amount", "2"]);
    by("//dave", &["wallet", "transfer", "--proxy", &pure, "--to", "//eve", "--amount", "1"]);
    // Subnets and neurons.
    by("//carol", &["subnet", "create"]);
    by("//carol", &["subnet", "start", "-n", "2"]);
    by("//dave", &["subnet", "register", "-n", "2"]);
    // A call that the chain refuses costs a fee all the same.
    let hotkey = Keypair::from_uri("//dave_hk").expect("a key").public().into();
    let again = net.submit(&BurnedRegister { netuid: 2, hotkey }, &dave).expect_err("registered already");
    assert_eq!(again.refusal(), Some("HotKeyAlreadyRegisteredInSubNet"));
    by("//dave", &["wallet", "set-identity", "--id-name", "Dave"]);
    // Stake. The orders of twenty TAO move the price by nearly the default limit alone, and emission moves it, too.
    by("//dave", &["stake", "add", "-n", "2", "--amount", "20", "--slippage", "50"]);
    by("//eve", &["stake", "add", "-n", "2", "--amount", "5", "--hotkeys", "//dave_hk,//carol_hk"]);
    by("//dave", &["stake", "add", "-n", "0", "--amount", "7"]);
    by("//dave", &["stake", "remove", "-n", "2", "--amount", "3"]);
    by("//dave", &["stake", "swap", "-n", "0", "--to", "2", "--amount", "2"]);
    by("//dave", &["stake", "transfer", "-n", "2", "--dest", "//eve", "--amount", "1"]);
    by("//dave", &["stake", "remove", "--all-netuids", "--slippage", "50"]);
    by("//dave", &["wallet", "swap-hotkey", "--all-netuids", "//dave_new"]);
    // Collateral.
    net.open_freeze_window();
    by("//carol", &["collateral", "require", "-n", "2", "--amount", "1", "--unbonding", "600"]);
    let new_hotkey = ["-w", "//dave", "-k", "//dave_new", "--yes", "--json"];
    net.ok(&[&["collateral", "lock", "-n", "2", "--amount", "4"][..], &new_hotkey].concat());
    net.ok(&[&["collateral", "unbond", "-n", "2"][..], &new_hotkey].concat());

    let last = json(&net.run(&["net", "status", "--json"]))[0]["finalized_block"].as_u64().expect("a block");
    for who in ["//carol", "//dave", "//eve", "//frank", "//Alice", &pure] {
        let (counted, held, history) = counted_and_held(&net, who, last);
        assert_eq!(counted, held, "{who}: {history:#}");
        assert!(history.as_array().is_some_and(|lines| lines.len() > 1), "{who}: {history:#}");
    }

    // Blocks that do not exist.
    for (wrong, why) in [
        (&["--from", "5", "--to", "2"][..], "--from 5 is after --to 2"),
        (&["--from", "999999"], "block 999999 is not final yet"),
        (&["--to", "999999"], "block 999999 is not final yet"),
    ] {
        let said = net.refused(&[&["wallet", "history", "//carol"][..], wrong].concat());
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn the_history_adds_up_to_the_stake_that_was_bought_sold_given_and_got() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let by = |who: &str, hotkey: &str, arguments: &[&str]| {
        net.ok(&[arguments, &["-w", who, "-k", hotkey, "--wait", "inclusion", "--yes", "--json"]].concat())
    };
    for netuid in ["2", "3"] {
        by("//Alice", "//owner_hk", &["subnet", "create"]);
        by("//Alice", "//owner_hk", &["subnet", "start", "-n", netuid]);
    }
    // Hotkeys without a uid, so that only these orders change the stake.
    net.ok(&["wallet", "faucet", "//eve", "--amount", "100", "--json"]);
    for hotkey in ["//eve_hk", "//eve_2"] {
        by("//eve", hotkey, &["wallet", "associate-hotkey"]);
    }
    let eve = |arguments: &[&str]| by("//eve", "//eve_hk", &[arguments, &["--slippage", "50"]].concat());
    for netuid in ["0", "2", "3"] {
        eve(&["stake", "add", "-n", netuid, "--amount", "10"]);
    }
    eve(&["stake", "transfer", "-n", "2", "--dest", "//frank", "--amount", "1.5"]);
    eve(&["stake", "transfer", "-n", "0", "--dest", "//frank", "--amount", "2"]);
    eve(&["stake", "transfer", "-n", "2", "--to", "3", "--dest", "//frank", "--amount", "1"]);
    eve(&["stake", "move", "-n", "2", "--to-hotkey", "//eve_2", "--amount", "1"]);
    eve(&["stake", "move", "-n", "2", "--to", "3", "--to-hotkey", "//eve_2", "--amount", "1"]);
    eve(&["stake", "swap", "-n", "3", "--to", "0", "--amount", "1"]);
    eve(&["stake", "remove", "-n", "3", "--amount", "2"]);
    by("//eve", "//eve_hk", &["stake", "burn", "-n", "3", "--amount", "0.5"]);
    by("//eve", "//eve_hk", &["stake", "burn", "-n", "3", "--amount", "0.25", "--recycle"]);
    eve(&["sudo", "stake-burn", "-n", "2", "--amount", "1"]);
    // Without free TAO fees are paid with stake. A history has final blocks only.
    let back = ["stake", "transfer", "-n", "2", "--dest", "//eve", "--amount", "0.5"];
    net.ok(&[&back[..], &["-w", "//frank", "-k", "//eve_hk", "--yes", "--json"]].concat());

    for who in ["//eve", "//frank"] {
        let history = net.ok(&["wallet", "history", who, "--from", "1", "--json"]);
        let stakes = net.ok(&["stake", "list", who, "--json"]);
        let fees = history.as_array().expect("a list").iter();
        let of_stake =
            |line: &&serde_json::Value| line["event"] == "SubtensorModule.TransactionFeePaidWithAlpha";
        assert_eq!(fees.filter(of_stake).count(), usize::from(who == "//frank"), "{history:#}");
        for netuid in [0, 2, 3] {
            let sum = |lines: &serde_json::Value| -> i64 {
                let lines = lines.as_array().expect("a list").iter();
                let on = lines.filter(|line| line["netuid"] == netuid);
                on.map(|line| line["alpha_rao"].as_i64().unwrap_or_default()).sum()
            };
            let (counted, held) = (sum(&history), sum(&stakes));
            assert!(held > 0 || who == "//frank", "{who} on {netuid}: {stakes:#}");
            // Values are rounded to a rao.
            assert!((counted - held).abs() <= 20, "{who} on {netuid}: {counted} {held} {history:#}");
        }
    }
}
