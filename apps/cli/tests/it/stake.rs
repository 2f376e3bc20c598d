//! Stake in all its forms from the command line, on a real network.

use std::time::Duration;

use codec::Encode;
use myelin_abi::calls::admin::{
    SudoSetEmaPriceHalvingPeriod, SudoSetSubnetMovingAlpha, SudoSetSubtokenEnabled,
};
use myelin_abi::calls::subtensor::SudoSetNumRootClaims;
use myelin_abi::{Account, StakeInfo};
use myelin_chain_client::ChainClient;
use myelin_units::I96F32;
use myelin_wallet::Keypair;

use super::harness::Network;
use super::{json, text};

fn address(account: &Account) -> String {
    myelin_wire::ss58::encode(&account.0)
}

/// Arguments of a staker that agrees beforehand.
const CAROL: [&str; 8] = ["-w", "//carol", "-k", "//carol_hk", "--wait", "inclusion", "--yes", "--json"];

fn carol<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &CAROL].concat()
}

/// A network with subnet 2, started, on which //carol and //dave have a hotkey each.
fn market(folder: &std::path::Path) -> Network<'_> {
    let net = Network::up(folder);
    for who in ["//carol", "//dave"] {
        net.ok(&["wallet", "faucet", who, "--amount", "5000", "--json"]);
    }
    net.ok(&["subnet", "create", "-w", "//Alice", "-k", "//owner_hk", "--yes", "--json"]);
    net.ok(&["subnet", "start", "-n", "2", "-w", "//Alice", "--json"]);
    net.ok(&carol(&["subnet", "register", "-n", "2"]));
    net.ok(&["subnet", "register", "-n", "2", "-w", "//dave", "-k", "//dave_hk", "--yes", "--json"]);
    net
}

#[test]
fn stake_is_bought_moved_given_and_sold() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = market(folder.path());

    // The effect of an order is known before it is sent, and nothing moves.
    let trial = net.ok(&carol(&["stake", "add", "-n", "2", "--amount", "10", "--dry-run"]));
    assert_eq!(trial["dry_run"], true);
    assert!(trial["refused"].is_null(), "{trial}");
    assert!(trial["fee_rao"].as_u64().is_some_and(|fee| fee > 0));
    let dear = net.run(&carol(&["stake", "add", "-n", "2", "--amount", "999999", "--no-limit", "--dry-run"]));
    assert!(text(&dear.stdout).contains("NotEnoughBalanceToStake"), "{}", text(&dear.stdout));
    assert_eq!(dear.status.code(), Some(1), "a script sees it too");

    let bought = net.ok(&carol(&["stake", "add", "-n", "2", "--amount", "10"]));
    let alpha = bought["alpha_rao"].as_u64().expect("alpha");
    assert!(alpha > 0 && bought["fee_rao"].as_u64().is_some_and(|fee| fee > 0), "{bought}");

    // An order that moves the price far by itself is stopped before it is sent, unless a limit or a part was named.
    let large = ["stake", "add", "-n", "2", "--amount", "300"];
    let far = net.refused(&carol(&large));
    assert!(
        far.contains("by itself it would move the price by") && far.contains("nothing was sent"),
        "{far}"
    );
    let named = net.refused(&carol(&[&large[..], &["--slippage", "0.1"]].concat()));
    assert!(named.contains("more than 0.10%"), "{named}");
    let part = net.ok(&carol(&[&large[..], &["--partial"]].concat()));
    let spent = part["spent_rao"].as_u64().expect("an amount");
    assert!(0 < spent && spent < 300_000_000_000, "{part}");
    net.ok(&carol(&["stake", "remove", "-n", "2", "--amount", "1"]));

    // Several orders together are one; the orders left out are reported, and a dry run reports the same.
    let two_hotkeys = ["stake", "add", "-n", "0,2", "--amount", "20", "--hotkeys", "//carol_hk,//dave_hk"];
    let tried = net.run(&carol(&[&two_hotkeys[..], &["--dry-run"]].concat()));
    assert_eq!(tried.status.code(), Some(1), "{}", text(&tried.stdout));
    let together = net.refused(&carol(&two_hotkeys));
    assert!(
        together.contains("not everything was staked: subnet 2 on") && together.contains("by itself"),
        "{together}"
    );
    for emptied in ["//carol_hk", "//dave_hk"] {
        net.ok(&["stake", "remove", "-n", "0", "--all", "-w", "//carol", "-k", emptied, "--yes", "--json"]);
    }

    // A limit below the price stops everything.
    let stopped =
        net.refused(&carol(&["stake", "add", "-n", "2", "--amount", "10", "--limit-price", "0.000000001"]));
    assert!(stopped.contains("SlippageTooHigh"), "{stopped}");

    // To another hotkey, to another coldkey, to another subnet.
    net.ok(&carol(&["stake", "move", "-n", "2", "--to-hotkey", "//dave_hk", "--amount", "1"]));
    net.ok(&carol(&["stake", "transfer", "-n", "2", "--dest", "//dave", "--amount", "1"]));
    net.ok(&carol(&["stake", "swap", "-n", "2", "--to", "0", "--amount", "1", "--slippage", "5"]));
    let of_dave = net.ok(&["stake", "list", "-w", "//dave", "--json"]);
    assert!(of_dave[0]["alpha_rao"].as_u64().is_some_and(|alpha| alpha > 0), "{of_dave}");
    let mine = net.ok(&["stake", "list", "-w", "//carol", "--json"]);
    let places = mine.as_array().expect("a list");
    assert!(places.iter().any(|stake| stake["netuid"] == 0), "{mine}");
    let same = net.refused(&carol(&["stake", "swap", "-n", "2", "--amount", "1"]));
    assert!(same.contains("--to"), "{same}");
    let own = net.refused(&carol(&["stake", "transfer", "-n", "2", "--amount", "1", "--dest", "//carol"]));
    assert!(own.contains("stake move"), "{own}");

    // Given up without a return.
    net.ok(&carol(&["stake", "burn", "-n", "2", "--amount", "0.5"]));
    net.ok(&carol(&["stake", "burn", "-n", "2", "--amount", "0.5", "--recycle"]));

    // Sold on several subnets and hotkeys at once, each under a limit that counts with the sales before; then one of
    // them is emptied.
    let two = ["-n", "0,2", "--hotkeys", "//carol_hk,//dave_hk"];
    let spread = net.ok(&carol(&[&["stake", "add", "--amount", "5"][..], &two].concat()));
    let staked = spread["staked"].as_array().expect("a list");
    assert_eq!(staked.len(), 4, "{spread}");
    for purchase in staked {
        assert!(
            purchase["why"].is_null() && purchase["alpha_rao"].as_u64().is_some_and(|alpha| alpha > 0),
            "{purchase}"
        );
    }
    let dear = net.refused(&carol(&[&["stake", "add", "--amount", "4000"][..], &two].concat()));
    assert!(dear.contains("4 purchases cost"), "{dear}");
    let one_price =
        net.refused(&carol(&["stake", "add", "--amount", "1", "-n", "0,2", "--limit-price", "1"]));
    assert!(one_price.contains("--slippage"), "{one_price}");
    let one_amount = ["stake", "remove", "-n", "0,2", "--amount", "1"];
    assert!(net.refused(&carol(&one_amount)).contains("--all"));
    let emptied = net.ok(&carol(&["stake", "remove", "--all", "-n", "0,2", "--hotkeys", "//dave_hk"]));
    let sold = emptied["subnets"].as_array().expect("a list");
    assert_eq!(sold.len(), 2, "{emptied}");
    assert!(
        sold.iter().all(|sale| sale["received_rao"].as_u64() > Some(0) && sale["left_rao"] == 0),
        "{emptied}"
    );

    // One hotkey is emptied on one subnet, then everywhere.
    let sold = net.ok(&carol(&["stake", "remove", "-n", "2", "--all", "--slippage", "20"]));
    assert!(sold["received_rao"].as_u64().is_some_and(|tao| tao > 0), "{sold}");
    net.ok(&carol(&["stake", "remove", "--all-netuids", "--no-limit"]));
    let left = net.ok(&["stake", "list", "-w", "//carol", "--json"]);
    let on_mine = left.as_array().expect("a list").iter().filter(|stake| stake["netuid"] == 0).count();
    assert_eq!(on_mine, 0, "{left}");
}

#[test]
fn stake_is_lent_locked_and_its_dividends_chosen() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = market(folder.path());
    net.ok(&carol(&["stake", "add", "-n", "2", "--amount", "2000", "--no-limit"]));

    // Children.
    let child = net.ok(&carol(&[
        "stake",
        "child",
        "set",
        "-n",
        "2",
        "--children",
        "//dave_hk",
        "--proportions",
        "25%",
    ]));
    assert_eq!(child["netuid"], 2);
    let lent = net.ok(&["stake", "child", "get", "-n", "2", "-k", "//carol_hk", "--json"]);
    let proportion = lent["children"][0]["proportion"].as_f64().expect("a number");
    assert!((proportion - 0.25).abs() < 1e-9, "{lent}");
    let too_much = net.refused(&carol(&[
        "stake",
        "child",
        "set",
        "-n",
        "2",
        "--children",
        "//dave_hk,//eve_hk",
        "--proportions",
        "0.6,0.6",
    ]));
    assert!(too_much.contains("more than 1"), "{too_much}");
    net.ok(&carol(&["stake", "child", "take", "-n", "2", "--take", "0.09"]));
    let take = net.ok(&["stake", "child", "take", "-n", "2", "-k", "//carol_hk", "--json"]);
    assert_eq!(take["take"], 5898);

    net.ok(&carol(&["stake", "child", "auto", "off"]));
    let soon = net.refused(&carol(&["stake", "child", "revoke", "-n", "2"]));
    assert!(soon.contains("possible at block"), "{soon}");

    // Root dividends and automatic staking.
    net.ok(&carol(&["stake", "set-claim", "keep", "--netuids", "2"]));
    let claims = net.ok(&["stake", "claims", "-w", "//carol", "--json"]);
    assert_eq!((&claims["claim_type"], &claims["keep_subnets"][0]), (&"KeepSubnets".into(), &2.into()));
    let nothing = net.refused(&carol(&["stake", "process-claim"]));
    assert!(nothing.contains("no root dividends"), "{nothing}");
    net.ok(&carol(&["stake", "set-auto", "-n", "2"]));
    let auto = net.ok(&["stake", "auto", "-w", "//carol", "--json"]);
    let chosen = auto.as_array().expect("a list").iter().find(|row| row["netuid"] == 2).expect("subnet 2");
    assert!(chosen["hotkey"].is_string(), "{auto}");

    // Locks.
    net.ok(&carol(&["lock", "accept", "on"]));
    net.ok(&carol(&["lock", "mode", "perpetual", "-n", "2"]));
    net.ok(&carol(&["lock", "add", "-n", "2", "--amount", "5"]));
    let lock = net.ok(&["lock", "show", "-n", "2", "-w", "//carol", "--json"]);
    assert_eq!((&lock["locked_rao"], &lock["mode"]), (&5_000_000_000u64.into(), &"perpetual".into()));
    net.ok(&carol(&["lock", "move", "-n", "2", "--dest", "//dave_hk"]));
    let moved = net.ok(&["lock", "list", "-w", "//carol", "--json"]);
    assert_ne!(moved[0]["hotkey"], lock["hotkey"]);
    let stuck = net.refused(&carol(&["stake", "remove", "-n", "2", "--all", "--no-limit"]));
    assert!(stuck.contains("StakeUnavailable"), "{stuck}");
}

/// Arguments of a staker whose hotkey has no uid, so that only its own orders change its stake.
fn eve<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["-w", "//eve", "-k", "//eve_hk", "--wait", "inclusion", "--yes", "--json"]].concat()
}

/// A network with subnets 2 to 5, started, and //eve with 10 TAO on each of them and on root.
fn markets(folder: &std::path::Path) -> Network<'_> {
    let net = Network::up(folder);
    net.ok(&["wallet", "faucet", "//eve", "--amount", "100", "--json"]);
    net.ok(&eve(&["wallet", "associate-hotkey"]));
    net.ok(&eve(&["stake", "add", "-n", "0", "--amount", "10"]));
    for netuid in ["2", "3", "4", "5"] {
        net.ok(&["subnet", "create", "-w", "//Alice", "-k", "//owner_hk", "--yes", "--json"]);
        net.ok(&["subnet", "start", "-n", netuid, "-w", "//Alice", "--json"]);
        net.ok(&eve(&["stake", "add", "-n", netuid, "--amount", "10"]));
    }
    net
}

/// The stake of //eve by subnet in rao, as the chain reports it.
fn held(net: &Network) -> Vec<(u64, u64)> {
    let stakes = net.ok(&["stake", "list", "-w", "//eve", "--json"]);
    let number = |stake: &serde_json::Value, name: &str| stake[name].as_u64().expect("a number");
    let stakes = stakes.as_array().expect("a list").iter();
    stakes.map(|stake| (number(stake, "netuid"), number(stake, "alpha_rao"))).collect()
}

/// The remaining stake by subnet, as a sale reports it.
fn left(sale: &serde_json::Value) -> Vec<(u64, u64)> {
    let number = |subnet: &serde_json::Value, name: &str| subnet[name].as_u64().expect("a number");
    let subnets = sale["subnets"].as_array().expect("a list").iter();
    let all = subnets.map(|subnet| (number(subnet, "netuid"), number(subnet, "left_rao")));
    all.filter(|(_, left)| *left > 0).collect()
}

#[test]
fn everything_on_a_hotkey_is_sold_on_each_subnet_under_a_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = markets(folder.path());
    let free = || net.ok(&["wallet", "balance", "//eve", "--json"])["free_rao"].as_u64().expect("a number");
    let everything = ["stake", "remove", "--all-netuids"];

    // The effect is announced for each subnet, and nothing is sold.
    let before = held(&net);
    let trial = net.ok(&eve(&[&everything[..], &["--dry-run"]].concat()));
    let calls = trial["calls"].as_array().expect("calls");
    assert_eq!(calls.len(), 5, "{trial}");
    assert!(calls.iter().all(|call| call["refused"].is_null()), "{trial}");
    assert_eq!(held(&net), before);

    // Bought on every started subnet; subnet 1 is not started.
    net.ok(&eve(&["stake", "add", "--all-netuids", "--amount", "0.5"]));
    let grown = held(&net).iter().zip(&before).filter(|(now, was)| now.0 == was.0 && now.1 > was.1).count();
    assert_eq!((grown, before.len()), (5, 5));
    let before = held(&net);

    // Of subnet 3 a part is locked, and on subnet 4 nothing is traded: both are reported, and the others are sold.
    net.ok(&eve(&["lock", "mode", "perpetual", "-n", "3"]));
    net.ok(&eve(&["lock", "add", "-n", "3", "--amount", "4"]));
    net.as_root(&SudoSetSubtokenEnabled { netuid: 4, subtoken_enabled: false });
    let money = free();
    let partly = net.run(&eve(&everything));
    let why = text(&partly.stderr);
    assert_eq!(partly.status.code(), Some(1), "{why}");
    let reason = why.lines().last().expect("a reason");
    assert!(reason.contains("subnet 4") && reason.contains("SubtokenDisabled"), "{why}");
    assert!(!reason.contains("subnet 3"), "a lock is no failure: {why}");
    let sale = json(&partly);
    // A call that would be refused is not sent.
    assert_eq!(sale["transactions"].as_array().map(Vec::len), Some(1), "{sale}");
    assert_eq!(left(&sale), held(&net), "{sale}");
    let on_4 = before.iter().find(|(netuid, _)| *netuid == 4).expect("stake on subnet 4");
    assert_eq!(held(&net), [(3, 4_000_000_000), *on_4]);
    let amount = |name: &str| sale[name].as_u64().expect("an amount");
    assert_eq!(free(), money + amount("received_rao") - amount("fee_rao"), "{sale}");

    // Subnet 4 is sold when it can be. A lock, which no call breaks, is not a failure.
    net.as_root(&SudoSetSubtokenEnabled { netuid: 4, subtoken_enabled: true });
    let sale = net.ok(&eve(&[&everything[..], &["--partial"]].concat()));
    assert_eq!((left(&sale), held(&net)), (vec![(3, 4_000_000_000)], vec![(3, 4_000_000_000)]), "{sale}");
    let nothing = net.ok(&eve(&everything));
    assert_eq!((&nothing["received_rao"], &nothing["transactions"]), (&0.into(), &serde_json::json!([])));
}

#[test]
fn all_alpha_goes_to_root_and_dust_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = markets(folder.path());
    net.ok(&eve(&["stake", "remove", "-n", "5", "--all"]));
    // A little more than the smallest stake, and less than that after the fee of its sale.
    net.ok(&eve(&["stake", "add", "-n", "5", "--amount", "0.0020012"]));
    let dust = *held(&net).last().expect("stake on subnet 5");

    // A proxy that may only stake announces and sells one by one.
    net.ok(&["wallet", "faucet", "//frank", "--amount", "5", "--json"]);
    net.ok(&eve(&["proxy", "add", "--delegate", "//frank", "--proxy-type", "Staking"]));
    let frank =
        ["-w", "//frank", "--proxy", "//eve", "-k", "//eve_hk", "--wait", "inclusion", "--yes", "--json"];
    let to_root = ["stake", "remove", "--all-alpha"];
    let announced = net.ok(&[&to_root[..], &frank, &["--announce-only"]].concat());
    assert_eq!(announced["announcements"].as_array().map(Vec::len), Some(3), "{announced}");
    let sale = net.ok(&[&to_root[..], &frank].concat());
    assert_eq!(sale["transactions"].as_array().map(Vec::len), Some(3), "{sale}");
    let received = sale["received_rao"].as_u64().expect("an amount");
    assert_eq!(left(&sale), [dust], "{sale}");
    assert_eq!(held(&net), [(0, 10_000_000_000 + received), dust]);

    // A sale of the whole stake may be dust.
    let sale = net.ok(&eve(&["stake", "remove", "--all-netuids"]));
    assert_eq!((left(&sale), held(&net)), (vec![], vec![]), "{sale}");
}

/// The claimable root dividends of an account, as the command reports them.
fn claimable(net: &Network, who: &str) -> Vec<serde_json::Value> {
    let claims = net.ok(&["stake", "claims", "-w", who, "--json"]);
    claims["claimable"].as_array().expect("a list").clone()
}

/// A market with subnet 3 too, on which //carol's hotkey earns from alpha and from root stake.
fn earning_market(folder: &std::path::Path) -> Network<'_> {
    let net = market(folder);
    net.ok(&["subnet", "create", "-w", "//Alice", "-k", "//owner_hk", "--yes", "--json"]);
    net.ok(&["subnet", "start", "-n", "3", "-w", "//Alice", "--json"]);
    // The moving prices follow at once, so that together they are above 1 and root stake earns. Nobody claims for
    // others.
    net.as_root(&SudoSetSubnetMovingAlpha { alpha: I96F32::ONE });
    for netuid in [2, 3] {
        net.as_root(&SudoSetEmaPriceHalvingPeriod { netuid, ema_halving: 1 });
    }
    net.as_root(&SudoSetNumRootClaims { new_value: 0 });
    net.ok(&carol(&["stake", "add", "-n", "0", "--amount", "2000"]));
    net.ok(&carol(&["stake", "add", "-n", "2", "--amount", "100", "--no-limit"]));
    net
}

#[test]
fn validators_are_listed_with_what_stake_on_them_earned() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = earning_market(folder.path());
    net.ok(&["wallet", "faucet", "//eve", "--amount", "100", "--json"]);
    net.ok(&[
        "stake",
        "add",
        "-n",
        "2",
        "--amount",
        "10",
        "-w",
        "//eve",
        "-k",
        "//carol_hk",
        "--yes",
        "--json",
    ]);
    net.ok(&carol(&["wallet", "set-identity", "--id-name", "Carol"]));
    let carol_hk = Account(Keypair::from_uri("//carol_hk").expect("a key").public());
    let eve = Account(Keypair::from_uri("//eve").expect("a key").public());

    // The real dividends of a nominator in the epoch, by the states before it and after it.
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let grown = |last_epoch: u64| {
        runtime.block_on(async {
            let chain = ChainClient::connect(&net.endpoint).await.expect("connected");
            let mut held = Vec::new();
            for block in [last_epoch - 1, last_epoch] {
                let at = chain.block_hash(block).await.expect("a block");
                let asked = (carol_hk, eve, 2u16).encode();
                let method = "StakeInfoRuntimeApi_get_stake_info_for_hotkey_coldkey_netuid";
                let info: Option<StakeInfo<Account>> =
                    chain.runtime_call(method, &asked, Some(at)).await.expect("an answer");
                held.push(info.map_or(0, |info| info.stake.0.to_rao()) as f64);
            }
            held[1] / held[0] - 1.0
        })
    };
    let listed = |netuid: &str| {
        let list = net.ok(&["stake", "validators", "-n", netuid, "--json"]);
        let all = list["validators"].as_array().expect("a list").clone();
        let of_carol = all.into_iter().find(|entry| entry["hotkey"] == address(&carol_hk));
        (list, of_carol.unwrap_or_default())
    };
    let staked = listed("2").0["block"].as_u64();
    let earned = |netuid: &str| {
        let found = (0..240).map(|_| {
            std::thread::sleep(Duration::from_millis(250));
            listed(netuid)
        });
        let is_later =
            |list: &serde_json::Value| list["last_epoch"].is_null() || list["last_epoch"].as_u64() > staked;
        let has_paid = |carol: &serde_json::Value| carol["yield_per_day_ppb"].as_u64() > Some(0);
        let mut paid = found.filter(|(list, carol)| is_later(list) && has_paid(carol));
        paid.next().expect("dividends within a minute")
    };
    let (list, found) = earned("2");
    let tempo = list["tempo"].as_u64().expect("a tempo") * list["slot_ms"].as_u64().expect("a slot");
    let epochs_a_day = 86_400_000.0 / tempo as f64;
    let per_day = found["yield_per_day_ppb"].as_u64().expect("a yield") as f64 / 1e9;
    let real = grown(list["last_epoch"].as_u64().expect("an epoch")) * epochs_a_day;
    assert!(real > 0.0 && (per_day / real - 1.0).abs() < 1e-3, "{per_day} {real} {found}");
    assert_eq!((&found["take"], &found["validator_permit"]), (&11_796.into(), &true.into()), "{found}");
    assert_eq!(found["name"], "Carol");
    assert!(found["stake_rao"].as_u64() > Some(0) && found["dividend_rao"].as_u64() > Some(0), "{found}");

    let (list, on_root) = earned("0");
    assert!(list["tempo"].is_null() && on_root["stake_rao"].as_u64() > Some(0), "{list}");

    let table = text(&net.run(&["stake", "validators", "-n", "2"]).stdout);
    for words in [&address(&carol_hk)[..], "Carol", "18.00%", "yield/day", "not compounded"] {
        assert!(table.contains(words), "{words}: {table}");
    }
    assert!(net.refused(&["stake", "validators", "-n", "77"]).contains("there is no subnet 77"));
}

#[test]
fn dividends_of_root_stake_are_kept_sold_or_too_small() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = earning_market(folder.path());
    net.ok(&carol(&["stake", "set-claim", "keep"]));
    let held = |netuid: u64| {
        let stakes = net.ok(&["stake", "list", "-w", "//carol", "--json"]);
        let stakes = stakes.as_array().expect("a list").clone();
        let on = stakes.iter().find(|stake| stake["netuid"] == netuid);
        on.map_or(0, |stake| stake["alpha_rao"].as_u64().expect("a number"))
    };
    let until_there_is = |who: &str, rao: u64| {
        let there = || claimable(&net, who).iter().any(|claim| claim["alpha_rao"].as_u64() >= Some(rao));
        assert!((0..240).any(|_| there() || {
            std::thread::sleep(Duration::from_millis(250));
            false
        }));
    };
    until_there_is("//carol", 1_000_000);
    let before = held(2);
    let kept = net.ok(&carol(&["stake", "process-claim", "-n", "2"]));
    assert_eq!((&kept["tao_rao"], &kept["netuids"][0]), (&0.into(), &2.into()), "{kept}");
    assert!(held(2) >= before + 1_000_000, "{} {before}", held(2));

    // Sold dividends.
    net.ok(&carol(&["stake", "set-claim", "swap"]));
    until_there_is("//carol", 1_000_000);
    let before = held(0);
    let sold = net.ok(&carol(&["stake", "process-claim", "--of-hotkey"]));
    let gained = sold["tao_rao"].as_u64().expect("an amount");
    assert!(gained > 0 && held(0) >= before + gained, "{sold}");

    // A claim below the least that is paid.
    let dave = ["-w", "//dave", "-k", "//carol_hk", "--wait", "inclusion", "--yes", "--json"];
    net.ok(&[&["stake", "add", "-n", "0", "--amount", "0.01"][..], &dave].concat());
    until_there_is("//dave", 1);
    let little = net.refused(&[&["stake", "process-claim"][..], &dave].concat());
    assert!(little.contains("large enough"), "{little}");
}
