//! Keys, names, proxies and histories: state of a person rather than of a subnet.

use super::harness::Network;
use super::{json, myelin, text};

const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
const OF_PHRASE: &str = "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV";
const SEED: &str = "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e";
const BOB: &str = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";

#[test]
fn keys_come_back_from_words_seed_and_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| myelin(folder.path(), arguments);
    let words: Vec<&str> = PHRASE.split(' ').collect();
    let restore = ["wallet", "regen-coldkey", "-w", "words", "--no-password", "--json", "--mnemonic"];
    let restored = json(&run(&[&restore[..], &words].concat()));
    assert_eq!(restored["coldkey"], OF_PHRASE);
    let hotkey =
        json(&run(&["wallet", "regen-hotkey", "-w", "words", "-k", "hot", "--seed", SEED, "--json"]));
    assert_eq!(hotkey["hotkey"], OF_PHRASE);

    // Everything of a watched wallet is readable, and nothing can be signed.
    let watched = json(&run(&["wallet", "watch", "-w", "treasury", "--address", BOB, "--json"]));
    assert_eq!(watched["coldkey"], BOB);
    let listed = json(&run(&["wallet", "list", "--json"]));
    assert_eq!(
        (&listed[0]["name"], &listed[0]["coldkey_on_this_machine"]),
        (&"treasury".into(), &false.into())
    );
    run(&["wallet", "regen-hotkeypub", "-w", "treasury", "-k", "far", "--address", OF_PHRASE]);
    let far = &json(&run(&["wallet", "list", "--json"]))[0]["hotkeys"][0];
    assert_eq!((&far["address"], &far["on_this_machine"]), (&OF_PHRASE.into(), &false.into()));
    let signed = run(&["wallet", "sign", "-w", "treasury", "--message", "it is me"]);
    assert_eq!(signed.status.code(), Some(1));
    assert!(text(&signed.stderr).contains("only watches"), "{}", text(&signed.stderr));

    // A signature is checked by address, by wallet and by name.
    let signed = json(&run(&["wallet", "sign", "-w", "words", "--message", "it is me", "--json"]));
    let signature = signed["signed_signature"].as_str().expect("a signature");
    run(&["address", "add", "myself", OF_PHRASE]);
    for who in [OF_PHRASE, "words", "myself"] {
        let verified = run(&["wallet", "verify", "-m", "it is me", "-s", signature, "-a", who, "--json"]);
        assert_eq!(json(&verified)["verified"], true, "{who}");
    }
    let other = run(&["wallet", "verify", "-m", "it is me", "-s", signature, "-a", BOB]);
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other.stderr).contains("did not sign"), "{}", text(&other.stderr));
    run(&["address", "remove", "myself"]);
    assert_eq!(json(&run(&["address", "list", "--json"])), serde_json::json!([]));
}

fn dave<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["-w", "//dave", "-k", "//dave_hk", "--wait", "inclusion", "--yes", "--json"]].concat()
}

#[test]
fn people_act_for_each_other_and_see_what_happened() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    for who in ["//dave", "//eve"] {
        net.ok(&["wallet", "faucet", who, "--amount", "100", "--json"]);
    }

    // A proxy pays for another account, within its rights.
    let grant = ["proxy", "add", "--delegate", "//eve", "--proxy-type", "transfer"];
    let asked = net.ok(&dave(&[&grant[..], &["--dry-run"]].concat()))["what"].to_string();
    net.ok(&dave(&grant));
    for list in [&["proxy", "list", "//dave", "--json"][..], &["proxy", "list", "-w", "//dave", "--json"]] {
        let held = net.ok(list)["deposit_rao"].as_u64().expect("a number") as f64 / 1e9;
        assert!(asked.contains(&format!("a deposit of {held:.4} τ")), "{asked} {held}");
    }
    for balance in
        [&["wallet", "balance", "//dave", "--json"][..], &["wallet", "balance", "-w", "//dave", "--json"]]
    {
        assert!(net.ok(balance)["free_rao"].as_u64() > Some(0));
    }
    let eve = ["-w", "//eve", "--proxy", "//dave", "--yes", "--json"];
    // An unaffordable transfer is refused with the balance, and the signer is named before anything is sent.
    let too_much = ["wallet", "transfer", "--to", "//frank", "--amount", "100000"];
    let short = net.refused(&[&too_much[..], &eve].concat());
    assert!(short.contains(" free, which is less than 100,000.0000 τ"), "{short}");
    let asked =
        net.run(&["wallet", "transfer", "--to", "//frank", "--amount", "1", "-w", "//eve", "--dry-run"]);
    let signer = net.ok(&["wallet", "balance", "//eve", "--json"])["address"].to_string();
    assert!(text(&asked.stdout).contains(&format!("; signed by {}", signer.trim_matches('"'))));
    net.ok(&[&["wallet", "transfer", "--to", "//frank", "--amount", "5"][..], &eve].concat());
    assert_eq!(net.ok(&["wallet", "balance", "//frank", "--json"])["free_rao"], 5_000_000_000u64);
    let beyond = net.refused(&[&["wallet", "set-identity", "--id-name", "Mallory"][..], &eve].concat());
    assert!(beyond.contains("CallFiltered") && beyond.contains("myelin proxy kinds"), "{beyond}");
    let unknown = net.refused(&dave(&["proxy", "add", "--delegate", "//eve", "--proxy-type", "Everything"]));
    assert!(unknown.contains("NonTransfer"), "{unknown}");

    // With a delay the call is announced first and carried out later.
    net.ok(&dave(&["proxy", "add", "--delegate", "//eve", "--proxy-type", "Any", "--delay", "2"]));
    net.ok(&dave(&["proxy", "remove", "--delegate", "//eve", "--proxy-type", "Transfer"]));
    let transfer = ["wallet", "transfer", "--to", "//frank", "--amount", "1", "--announce-only"];
    let announced = net.ok(&[&transfer[..], &eve].concat());
    let call = announced["call"].as_str().expect("the call");
    assert_eq!(net.ok(&["proxy", "list", "-w", "//dave", "--json"])["proxies"][0]["delay"], 2);
    std::thread::sleep(std::time::Duration::from_secs(1));
    net.ok(&["proxy", "execute", "--real", "//dave", "--call-hex", call, "-w", "//eve", "--yes", "--json"]);
    assert_eq!(net.ok(&["wallet", "balance", "//frank", "--json"])["free_rao"], 6_000_000_000u64);
    let pure = net.ok(&dave(&["proxy", "create"]))["pure"].as_str().expect("an address").to_string();
    net.ok(&dave(&["wallet", "transfer", "--to", &pure, "--amount", "2"]));
    net.ok(&dave(&["wallet", "transfer", "--proxy", &pure, "--to", "//frank", "--amount", "1"]));
    net.ok(&dave(&["proxy", "remove", "--all"]));
    assert!(net.refused(&dave(&["proxy", "remove", "--all"])).contains("nobody may act"));

    // Identity, hotkeys.
    net.ok(&dave(&["subnet", "register", "-n", "1"]));
    net.ok(&dave(&["wallet", "set-identity", "--id-name", "Dave", "--web-url", "https://d.example"]));
    assert_eq!(net.ok(&["wallet", "get-identity", "//dave", "--json"])["name"], "Dave");
    // The price of a swap is announced, and is the price paid.
    let free = || net.ok(&["wallet", "balance", "//dave", "--json"])["free_rao"].as_u64().expect("a number");
    let swap = ["wallet", "swap-hotkey", "--all-netuids", "//dave_new"];
    let asked = net.ok(&dave(&[&swap[..], &["--dry-run"]].concat()));
    let before = free();
    let price = net.ok(&dave(&swap))["price_rao"].as_u64().expect("a number");
    assert!(asked["what"].as_str().is_some_and(|what| what.contains("for 0.1000 τ")), "{asked}");
    let paid = before - free();
    assert!((price..2 * price).contains(&paid), "{paid} for {price}");
    net.ok(&["wallet", "associate-hotkey", "-w", "//eve", "-k", "//eve_hk", "--yes", "--json"]);
    let view = net.ok(&["view", "//dave", "--json"]);
    assert!(view["free_rao"].as_u64().is_some_and(|free| free > 0), "{view}");

    // The history as a spreadsheet: outgoing amounts are negative.
    let history = net.run(&["wallet", "history", "//dave", "--csv"]);
    assert!(history.status.success(), "{}", text(&history.stderr));
    let csv = text(&history.stdout);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("block,time,extrinsic,event,netuid,tao_rao,alpha_rao,details"));
    assert!(
        csv.lines().any(|line| line.contains("Balances.Transfer") && line.contains(",-5000000000,")),
        "{csv}"
    );
    assert!(csv.lines().any(|line| line.contains(",100000000000,")), "{csv}");
}
