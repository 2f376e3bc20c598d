//! Every intent, planned and executed; intents that the table calls absent are refused.

use myelin_compat::table::{Part, Verdict, ROWS};
use serde_json::{json, Value};

use super::{address, request, verdicts, Call, Chain};
use crate::Shown;

/// Rounding of stake to shares: one rao less may arrive.
const ROUNDED: u64 = 1;
const TAO: u64 = 1_000_000_000;

/// State that the intents left behind.
pub struct Life {
    /// The subnet of //Bob. //Charlie, //Alice and //Dave are its neurons 1 to 3.
    pub netuid: u64,
    /// An account of //Alice and //Bob together.
    pub shared: String,
    /// Hash of a call of this account that waits for //Bob.
    pub waiting: String,
}

/// Gives a subnet neurons, stake, weights and the rest. The effect of each intent is read back at once.
pub fn live(chain: &mut Chain) -> Life {
    let mut shown = Shown::of(Part::Intents11);
    let netuid = found(chain);
    join(chain, netuid);
    stake(chain, netuid);
    let served = serve(chain, netuid);
    money(chain);
    ways_to_send(chain);
    weigh(chain, netuid);
    delegate(chain, netuid);
    claim(chain);
    stop_serving(chain, netuid, served);
    describe(chain, netuid);
    lock(chain, netuid);
    proxies(chain);
    let (shared, waiting) = multisig(chain);
    commit_and_reveal(chain, netuid);
    keys(chain, netuid);
    absent(chain, netuid);
    for row in ROWS.iter().filter(|row| row.part == Part::Intents11) {
        let shows = |name: &str| match row.verdict {
            Verdict::Works => chain.executed.contains(name),
            Verdict::Differs(_) => chain.executed.contains(name),
            Verdict::Fails(_) | Verdict::Absent(_) => {
                chain.refused.contains(name) && !chain.executed.contains(name)
            }
        };
        assert!(row.names().all(shows), "not shown: {}", row.what);
        shown.row(row.what);
    }
    let official = chain.peer.get(json!({ "do": "intents" }));
    let named: Vec<&str> = verdicts(Part::Intents11).into_keys().collect();
    assert_eq!(official, json!(named), "the intents of the package and of the table");
    shown.everything();
    Life { netuid, shared, waiting }
}

/// Lifts limits that a short story would meet; //Bob creates a subnet.
fn found(chain: &mut Chain) -> u64 {
    chain.as_root("sudo_set_admin_freeze_window", json!({ "window": 0 }));
    chain.as_root("sudo_set_owner_hparam_rate_limit", json!({ "epochs": 0 }));
    chain.as_root("sudo_set_tx_rate_limit", json!({ "tx_rate_limit": 0 }));
    chain.as_root("sudo_set_tx_delegate_take_rate_limit", json!({ "tx_rate_limit": 0 }));
    chain.as_root("sudo_set_stake_threshold", json!({ "min_stake": 0 }));

    let made = chain.intent("Bob", "register_subnet", json!({}));
    let netuid = made["netuid"].as_u64().expect("a subnet");
    assert_eq!(chain.storage("SubtensorModule", "SubnetOwner", json!([netuid])), json!(address("Bob")));
    chain
        .as_root("sudo_set_weights_set_rate_limit", json!({ "netuid": netuid, "weights_set_rate_limit": 0 }));
    chain.intent("Bob", "start_call", json!({ "netuid": netuid }));
    assert_eq!(chain.storage("SubtensorModule", "SubtokenEnabled", json!([netuid])), json!(true));

    for enabled in [false, true] {
        chain.intent(
            "Alice",
            "set_subnet_emission_enabled",
            json!({ "netuids": [netuid], "enabled": enabled }),
        );
        let read = chain.read("subnet_emission_enabled", json!({ "netuid": netuid }));
        assert_eq!(read, json!(u8::from(enabled)));
    }
    chain.intent("Alice", "set_root_claim_threshold", json!({ "threshold": "0.0001" }));
    for (name, value) in [("commit_reveal_weights_enabled", json!(false)), ("serving_rate_limit", json!(10))]
    {
        chain.intent("Bob", "set_hyperparameter", json!({ "netuid": netuid, "name": name, "value": value }));
    }
    netuid
}

/// Neurons register; the intent wants a shield, so the call is sent without it.
fn join(chain: &mut Chain, netuid: u64) {
    for (uid, who) in [(1, "Charlie"), (2, "Alice"), (3, "Dave")] {
        let hotkey = address(&format!("{who}_hk"));
        let plain = json!({ "netuid": netuid, "hotkey": hotkey });
        let call = Call::of_coldkey("SubtensorModule", "burned_register", plain);
        chain.intent_or_call(who, "burned_register", json!({ "netuid": netuid }), call);
        let read = chain.read("uid", json!({ "netuid": netuid, "hotkey_ss58": hotkey }));
        assert_eq!(read, json!(uid), "{who}");
    }
    chain.intent("Alice", "root_register", json!({}));
    let member = chain.read("uid", json!({ "netuid": 0, "hotkey_ss58": address("Alice_hk") }));
    assert!(member.is_u64(), "{member}");
}

fn at(hotkey: &str, netuid: u64, unit: &str, amount: &str) -> Value {
    json!({ "hotkey_ss58": hotkey, "netuid": netuid, unit: amount })
}

fn from(hotkey: &str, netuid: u64, amount: &str) -> Value {
    json!({ "origin_hotkey_ss58": hotkey, "origin_netuid": netuid, "amount_alpha": amount })
}

/// //Alice stakes, unstakes a part, and moves a part.
fn stake(chain: &mut Chain, netuid: u64) {
    let (alice, charlie) = (address("Alice_hk"), address("Charlie_hk"));
    let with = |mut arguments: Value, name: &str, value: Value| {
        arguments[name] = value;
        arguments
    };
    let limit = |price: u64, arguments: Value| with(arguments, "limit_price_rao", price.into());

    let before = chain.balance(&address("Alice"));
    chain.intent("Alice", "add_stake", at(&alice, 0, "amount_tao", "500"));
    assert_eq!(chain.stake("Alice", "Alice_hk", 0), 500 * TAO);
    let spent = before - chain.balance(&address("Alice"));
    assert!((500 * TAO..500 * TAO + TAO / 100).contains(&spent), "{spent}");
    let any_price = with(at(&alice, netuid, "amount_tao", "500"), "slippage_protection", json!(false));
    chain.intent("Alice", "add_stake", any_price);
    chain.intent("Alice", "add_stake_limit", limit(20 * TAO, at(&charlie, netuid, "amount_tao", "5")));
    assert!(chain.stake("Alice", "Alice_hk", netuid) > 10 * TAO);
    assert!(chain.stake("Alice", "Charlie_hk", netuid) > TAO);

    for (op, arguments) in [
        ("remove_stake", at(&alice, netuid, "amount_alpha", "5")),
        ("remove_stake", at(&alice, 0, "amount_alpha", "5")),
        ("remove_stake_limit", limit(1, at(&alice, netuid, "amount_alpha", "1"))),
    ] {
        let before = chain.balance(&address("Alice"));
        chain.intent("Alice", op, arguments);
        assert!(chain.balance(&address("Alice")) > before, "{op}");
    }

    let to = |arguments, hotkey: &str, netuid: u64| {
        with(with(arguments, "dest_hotkey_ss58", hotkey.into()), "dest_netuid", netuid.into())
    };
    let before = chain.stake("Alice", "Charlie_hk", netuid);
    chain.intent("Alice", "move_stake", to(from(&alice, netuid, "2"), &charlie, netuid));
    assert!(chain.stake("Alice", "Charlie_hk", netuid) >= before + 2 * TAO - ROUNDED);
    let before = chain.stake("Alice", "Alice_hk", 0);
    chain.intent("Alice", "move_swap_stake", to(from(&charlie, netuid, "1"), &alice, 0));
    let between = chain.stake("Alice", "Alice_hk", 0);
    let swap =
        json!({ "hotkey_ss58": alice, "origin_netuid": netuid, "dest_netuid": 0, "amount_alpha": "2" });
    chain.intent("Alice", "swap_stake", swap);
    assert!(before < between && between < chain.stake("Alice", "Alice_hk", 0));
    transfer_and_unstake(chain, netuid);
}

/// //Dave receives stake and sells all of it; //Bob buys some and burns it.
fn transfer_and_unstake(chain: &mut Chain, netuid: u64) {
    let (alice, charlie) = (address("Alice_hk"), address("Charlie_hk"));
    let gift = json!({
        "dest_coldkey_ss58": address("Dave"), "hotkey_ss58": alice, "origin_netuid": netuid, "dest_netuid": netuid,
        "amount_alpha": "3",
    });
    chain.intent("Alice", "transfer_stake", gift.clone());
    assert!(chain.stake("Dave", "Alice_hk", netuid) >= 3 * TAO - ROUNDED);
    let mut elsewhere = gift;
    elsewhere["dest_hotkey_ss58"] = charlie.clone().into();
    chain.intent("Alice", "transfer_stake", elsewhere);
    assert!(chain.stake("Dave", "Charlie_hk", netuid) >= 3 * TAO - ROUNDED);

    chain.intent("Dave", "unstake_all_alpha", json!({ "hotkey_ss58": charlie }));
    assert_eq!(chain.stake("Dave", "Charlie_hk", netuid), 0);
    assert!(chain.stake("Dave", "Charlie_hk", 0) > TAO, "it became stake on root");
    chain.intent("Dave", "unstake_all", json!({ "hotkey_ss58": alice }));
    assert_eq!(chain.stake("Dave", "Alice_hk", netuid), 0);

    let before = chain.balance(&address("Bob"));
    chain.intent("Bob", "stake_burn", json!({ "netuid": netuid, "amount_tao": "2" }));
    assert!(chain.balance(&address("Bob")) <= before - 2 * TAO);
    chain.intent("Bob", "set_auto_stake", json!({ "netuid": netuid, "hotkey_ss58": alice }));
}

/// Hotkeys have no TAO: they announce themselves without a fee. Returns the block of //Alice's announcement.
fn serve(chain: &mut Chain, netuid: u64) -> u64 {
    let at = |host: &str, port: u16| json!({ "netuid": netuid, "ip": host, "port": port });
    let endpoint = |chain: &mut Chain, item: &str, who: &str| {
        let endpoint = chain.storage("SubtensorModule", item, json!([netuid, address(who)]));
        endpoint["port"].clone()
    };
    chain.intent("Alice", "serve_axon", at("192.0.2.7", 8091));
    let served = chain.block();
    assert_eq!(endpoint(chain, "Axons", "Alice_hk"), json!(8091));
    let mut tls = at("192.0.2.8", 8092);
    tls["certificate"] = "0x01aabb".into();
    chain.intent("Charlie", "serve_axon_tls", tls);
    assert_eq!(endpoint(chain, "Axons", "Charlie_hk"), json!(8092));
    chain.intent("Alice", "serve_prometheus", at("192.0.2.7", 8093));
    assert_eq!(endpoint(chain, "Prometheus", "Alice_hk"), json!(8093));
    served
}

/// There is no fee ten blocks after the last announcement either.
fn stop_serving(chain: &mut Chain, netuid: u64, served: u64) {
    chain.wait_for_block(served + 10);
    chain.intent("Alice", "reset_axon", json!({ "netuid": netuid }));
    let endpoint = chain.storage("SubtensorModule", "Axons", json!([netuid, address("Alice_hk")]));
    assert_eq!((&endpoint["ip"], &endpoint["port"]), (&json!(0), &json!(1)), "the package says none so");
}

fn pay(to: &str, amount: &str) -> Value {
    json!({ "op": "transfer", "dest_ss58": to, "amount_tao": amount })
}

/// The arguments of [`pay`] alone.
fn payment(to: &str, amount: &str) -> Value {
    json!({ "dest_ss58": to, "amount_tao": amount })
}

fn money(chain: &mut Chain) {
    let fresh = address("Fresh");
    chain.intent("Charlie", "transfer", payment(&fresh, "12.5"));
    assert_eq!(chain.balance(&fresh), 12 * TAO + TAO / 2);
    chain.intent("Charlie", "batch", json!({ "intents": [pay(&fresh, "1"), pay(&fresh, "2")] }));
    assert_eq!(chain.balance(&fresh), 15 * TAO + TAO / 2);
    chain.intent("Ferdie", "transfer_all", json!({ "dest_ss58": fresh }));
    assert!(chain.balance(&fresh) > 2_000 * TAO && chain.balance(&address("Ferdie")) <= 500);
    let evm = json!({ "evm_address": format!("0x{}", "11".repeat(20)), "amount_tao": "1" });
    let before = chain.balance(&address("Charlie"));
    chain.intent("Charlie", "fund_evm_key", evm);
    assert!(chain.balance(&address("Charlie")) < before - TAO);
}

/// Until finality, with a limit that is too low, with a refusal by the chain, and with a signature from elsewhere.
fn ways_to_send(chain: &mut Chain) {
    let fresh = address("Fresh");
    let before = chain.balance(&fresh);
    let mut transfer = request("execute", "Charlie", "transfer", payment(&fresh, "1"));
    transfer["wait_for_finalization"] = true.into();
    chain.peer.get(transfer.clone());
    transfer["limit"] = "0.5".into();
    let said = chain.peer.ask(transfer).expect_err("too much");
    assert!(said.starts_with("PolicyError"), "{said}");
    let said = chain.refused("Charlie", "start_call", json!({ "netuid": 1 }));
    assert!(said.contains("NotSubnetOwner"), "{said}");
    // The package counts the nonces of its signers, so another account signs here.
    let arguments = json!({ "dest": fresh, "value": TAO });
    chain.peer.get(json!({
        "do": "submit_signed_elsewhere", "pallet": "Balances", "call": "transfer_keep_alive",
        "arguments": arguments, "cold": "//Eve",
    }));
    assert_eq!(chain.balance(&fresh), before + 2 * TAO);
}

/// //Alice sets weights for //Charlie and //Dave; she has a permit after an epoch.
fn weigh(chain: &mut Chain, netuid: u64) {
    chain.wait_for_epoch(netuid);
    let arguments = json!({ "netuid": netuid, "uids": [1, 3], "weights": [1.0, 0.5] });
    chain.intent("Alice", "set_weights", arguments);
    let row = chain.storage("SubtensorModule", "Weights", json!([netuid, 2]));
    assert_eq!(row, json!([[1, 65535], [3, 32768]]));
}

/// //Alice claims her root dividends, also while she unstakes.
fn claim(chain: &mut Chain) {
    let hotkey = address("Alice_hk");
    let arguments = json!({ "hotkey_ss58": hotkey });
    chain.intent("Alice", "claim_root", json!({}));
    chain.intent("Alice", "claim_root_with_hotkey", arguments);
    let claim = json!({ "hotkey_ss58": hotkey, "netuid": 0, "amount_alpha": "1", "claim": true });
    chain.intent("Alice", "remove_stake", claim);
}

fn delegate(chain: &mut Chain, netuid: u64) {
    for (op, take, stored) in
        [("set_take", "0.1", 6554), ("decrease_take", "0.05", 3277), ("increase_take", "0.07", 4587)]
    {
        chain.intent("Alice", op, json!({ "take": take }));
        let read = chain.read("delegate_take", json!({ "hotkey_ss58": address("Alice_hk") }));
        assert_eq!(read["take_u16"], json!(stored), "{op}");
    }
    chain.intent("Charlie", "set_childkey_take", json!({ "netuid": netuid, "take": "0.1" }));
    let take = chain.storage("SubtensorModule", "ChildkeyTake", json!([address("Charlie_hk"), netuid]));
    assert_eq!(take, json!(6554));
    let children = json!({ "netuid": netuid, "children": [[0.5, address("Charlie_hk")]] });
    chain.intent("Alice", "set_children", children);
    let at = json!({ "netuid": netuid, "hotkey_ss58": address("Alice_hk") });
    let pending = chain.read("pending_children", at);
    assert_eq!(pending["children"], json!([[1_u64 << 63, address("Charlie_hk")]]));
}

fn describe(chain: &mut Chain, netuid: u64) {
    chain.intent("Alice", "set_identity", json!({ "name": "Alice", "url": "https://example.org" }));
    chain.intent("Bob", "set_subnet_identity", json!({ "netuid": netuid, "subnet_name": "life" }));
    chain.intent("Bob", "update_symbol", json!({ "netuid": netuid, "symbol": "θ" }));
    let hello = json!({ "fields": [[{ "Raw5": "0x68656c6c6f" }]] });
    let arguments = json!({ "netuid": netuid, "info": hello });
    chain.call("Charlie", Call::of_hotkey("Commitments", "set_commitment", arguments));
    chain.intent("Bob", "trim_subnet", json!({ "netuid": netuid, "max_n": 64 }));
    assert_eq!(chain.storage("SubtensorModule", "MaxAllowedUids", json!([netuid])), json!(64));
    chain.intent("Bob", "set_mechanism_count", json!({ "netuid": netuid, "mechanism_count": 2 }));
    let split = json!({ "netuid": netuid, "maybe_split": [32768, 32767] });
    chain.call("Bob", Call::of_coldkey("AdminUtils", "sudo_set_mechanism_emission_split", split));
}

fn lock(chain: &mut Chain, netuid: u64) {
    let lock = |chain: &mut Chain| {
        let locks = chain.read("locks_for_coldkey", json!({ "coldkey_ss58": address("Alice") }));
        locks[0].clone()
    };
    chain.intent("Alice", "lock_stake", json!({ "netuid": netuid, "amount_alpha": "10" }));
    assert_eq!(lock(chain)["locked_alpha"], json!(10 * TAO));
    chain.intent("Alice", "set_perpetual_lock", json!({ "netuid": netuid, "enabled": true }));
    assert_eq!(lock(chain)["is_perpetual"], json!(true));
    let destination = json!({ "netuid": netuid, "destination_hotkey_ss58": address("Charlie_hk") });
    chain.intent("Alice", "move_lock", destination);
    assert_eq!(lock(chain)["hotkey"], json!(address("Charlie_hk")));
    for (enabled, accepts) in [(false, true), (true, false)] {
        chain.intent("Alice", "set_reject_locked_alpha", json!({ "enabled": enabled }));
        let read = chain.read("accepts_locked_alpha", json!({ "coldkey_ss58": address("Alice") }));
        assert_eq!(read, json!(accepts));
    }
}

fn proxies(chain: &mut Chain) {
    let of = |chain: &mut Chain, who: &str| {
        let read = chain.read("proxies", json!({ "coldkey_ss58": address(who) }));
        read["proxies"].as_array().expect("a list").len()
    };
    let (alice, dave) = (address("Alice"), address("Dave"));
    let staking = json!({ "delegate_ss58": dave, "proxy_type": "Staking" });
    chain.intent("Alice", "add_proxy", staking.clone());
    assert_eq!(of(chain, "Alice"), 1);
    let before = chain.stake("Alice", "Alice_hk", 0);
    let stake = json!({ "hotkey_ss58": address("Alice_hk"), "netuid": 0, "amount_tao": "1" });
    chain.intent_as("Dave", Some(&alice), "add_stake", stake);
    assert!(chain.stake("Alice", "Alice_hk", 0) >= before + TAO);
    chain.intent("Alice", "remove_proxy", staking);
    assert_eq!(of(chain, "Alice"), 0);
    chain.intent("Charlie", "add_proxy", json!({ "delegate_ss58": dave, "proxy_type": "Any" }));
    chain.intent("Charlie", "remove_proxies", json!({}));
    assert_eq!(of(chain, "Charlie"), 0);

    let pure = chain.intent("Charlie", "create_pure_proxy", json!({ "proxy_type": "Any" }));
    let account = pure["pure_proxy"].as_str().expect("an address").to_owned();
    chain.intent("Charlie", "transfer", payment(&account, "2"));
    let kill = json!({
        "spawner_ss58": address("Charlie"), "proxy_type": "Any", "index": 0, "height": pure["height"],
        "ext_index": pure["ext_index"],
    });
    chain.intent_as("Charlie", Some(&account), "kill_pure_proxy", kill);
    let left = chain.read("proxies", json!({ "coldkey_ss58": account }));
    assert_eq!(left["proxies"], json!([]));

    chain.intent("Alice", "add_proxy", json!({ "delegate_ss58": dave, "proxy_type": "Any", "delay": 1 }));
    let fresh = address("Fresh");
    let plan = chain.peer.get(request("plan", "Alice", "transfer", payment(&fresh, "1")));
    let announcement = json!({ "real": alice, "call_hash": plan["call_hash"] });
    chain.call("Dave", Call::of_coldkey("Proxy", "announce", announcement));
    let before = chain.balance(&fresh);
    let announced = json!({
        "delegate_ss58": dave, "real_ss58": alice, "inner_op": "transfer", "inner_args": payment(&fresh, "1"),
    });
    chain.intent("Dave", "execute_proxy_announced", announced);
    assert_eq!(chain.balance(&fresh), before + TAO);
}

/// The account of //Alice and //Bob, and the hash of a call that waits for //Bob.
fn multisig(chain: &mut Chain) -> (String, String) {
    let (alice, bob, fresh) = (address("Alice"), address("Bob"), address("Fresh"));
    let before = chain.balance(&fresh);
    let mut account = |threshold: u8| {
        let request = json!({ "do": "multisig", "signatories": [alice, bob], "threshold": threshold });
        let account = chain.peer.text(request);
        chain.intent("Alice", "transfer", payment(&account, "10"));
        account
    };
    let (_, shared) = (account(1), account(2));
    let either = json!({ "other_signatories": [bob], "call": pay(&fresh, "1") });
    chain.intent("Alice", "multisig_threshold_1", either);
    assert_eq!(chain.balance(&fresh), before + TAO);

    let both = json!({ "threshold": 2, "other_signatories": [bob], "call": pay(&fresh, "1") });
    let opened = |chain: &mut Chain| {
        let data = chain.intent("Alice", "multisig_approve", both.clone());
        let hash = data["multisig_call_hash"].as_str().expect("a hash").to_owned();
        let operation = chain.read("multisig", json!({ "account_ss58": shared, "call_hash": hash }));
        (hash, operation["timepoint"].clone())
    };
    let (_, opening) = opened(chain);
    let mut cancel = both.clone();
    cancel["timepoint"] = opening;
    chain.intent("Alice", "multisig_cancel", cancel);
    let (_, opening) = opened(chain);
    let last = json!({ "threshold": 2, "other_signatories": [alice], "call": pay(&fresh, "1"), "timepoint": opening });
    chain.intent("Bob", "multisig_execute", last);
    assert_eq!(chain.balance(&fresh), before + 2 * TAO);
    let (waiting, _) = opened(chain);
    (shared, waiting)
}

/// Committed weights are revealed in the next epoch.
fn commit_and_reveal(chain: &mut Chain, netuid: u64) {
    let hide = |chain: &mut Chain, hidden: bool| {
        let name = "commit_reveal_weights_enabled";
        chain.intent("Bob", "set_hyperparameter", json!({ "netuid": netuid, "name": name, "value": hidden }));
    };
    hide(chain, true);
    let mut row = json!({ "netuid": netuid, "uids": [1], "salt": [1, 2, 3], "values": [65535] });
    row["do"] = "commit".into();
    row["hotkey"] = "//Alice_hk".into();
    let hash = chain.peer.text(row);
    let commit = json!({ "netuid": netuid, "commit_hash": hash });
    let block = chain.call("Alice", Call::of_hotkey("SubtensorModule", "commit_weights", commit));
    let mut next = json!({ "do": "read", "name": "next_epoch_start_block", "block": block });
    next["arguments"] = json!({ "netuid": netuid });
    let next = chain.peer.get(next).as_u64().expect("a block");
    chain.wait_for_block(next);
    let reveal = json!({ "netuid": netuid, "uids": [1], "weights": [1.0], "salt": [1, 2, 3] });
    chain.intent("Alice", "reveal_weights", reveal);
    assert_eq!(chain.storage("SubtensorModule", "Weights", json!([netuid, 2])), json!([[1, 65535]]));
    hide(chain, false);
}

fn keys(chain: &mut Chain, netuid: u64) {
    chain.intent("Bob", "associate_hotkey", json!({ "hotkey_ss58": address("Bob_second") }));
    let owner = chain.storage("SubtensorModule", "Owner", json!([address("Bob_second")]));
    assert_eq!(owner, json!(address("Bob")));
    chain.intent("Dave", "swap_hotkey", json!({ "new_hotkey_ss58": address("Dave_second") }));
    let uid = chain.read("uid", json!({ "netuid": netuid, "hotkey_ss58": address("Dave_second") }));
    assert_eq!(uid, json!(3));
}

/// Intents that the table calls absent are refused before anything is signed.
fn absent(chain: &mut Chain, netuid: u64) {
    let absent = verdicts(Part::Intents11).into_iter();
    for (op, _) in absent.filter(|(_, verdict)| matches!(verdict, Verdict::Absent(_))) {
        let said = chain.refused("Alice", op, arguments_of(op, netuid));
        let unknown = said.contains("not found") || said.contains("pallet \"Crowdloan\" has no calls");
        assert!(unknown, "{op}: {said}");
    }
}

/// Arguments that would be valid if the chain had the intent.
fn arguments_of(op: &str, netuid: u64) -> Value {
    let (hotkey, coldkey) = (address("Alice_hk"), address("Eve"));
    match op {
        "add_collateral" => json!({ "netuid": netuid, "amount_alpha": "1" }),
        "announce_coldkey_swap" | "swap_coldkey_announced" => json!({ "new_coldkey_ss58": coldkey }),
        "associate_evm_key" => {
            let (key, signature) = (format!("0x{}", "11".repeat(20)), format!("0x{}", "00".repeat(65)));
            json!({ "netuid": netuid, "evm_key": key, "block_number": 1, "signature": signature })
        }
        "commit_weights" => json!({ "netuid": netuid, "uids": [1], "weights": [1.0] }),
        "contribute_crowdloan" => json!({ "crowdloan_id": 0, "amount_tao": "1" }),
        "create_crowdloan" => {
            json!({
                "deposit_tao": "10", "min_contribution_tao": "1", "cap_tao": "100", "end": 1000, "target_ss58": coldkey,
            })
        }
        "evm_withdraw" => json!({ "amount_tao": "1" }),
        "pow_register" => {
            json!({ "netuid": netuid, "work_block": 1, "nonce": 1, "work_hex": "00".repeat(32) })
        }
        "register_leased_network" => json!({ "emissions_share": 10 }),
        "set_min_collateral" => json!({ "netuid": netuid, "min_alpha": "1" }),
        "stake_into_basket" => json!({ "hotkey_ss58": hotkey, "amount_tao": "1" }),
        "swap_basket" => {
            json!({ "hotkey_ss58": hotkey, "origin_netuid": netuid, "dest_netuid": 0, "amount": "1" })
        }
        "swap_basket_many" => {
            let leg = json!({ "origin_netuid": netuid, "dest_netuid": 0, "amount": "1" });
            json!({ "hotkey_ss58": hotkey, "legs": [leg] })
        }
        "terminate_lease" => json!({ "lease_id": 0 }),
        "trim_null_subnet_batch" => json!({ "netuid": netuid, "target": 64 }),
        "update_crowdloan_cap" => json!({ "crowdloan_id": 0, "new_cap_tao": "1" }),
        "update_crowdloan_end" => json!({ "crowdloan_id": 0, "new_end": 1000 }),
        "update_crowdloan_min_contribution" => {
            json!({ "crowdloan_id": 0, "new_min_contribution_tao": "1" })
        }
        _ if op.contains("crowdloan") => json!({ "crowdloan_id": 0 }),
        _ => json!({}),
    }
}
