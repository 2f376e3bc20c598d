//! Stake that is bought, sold, moved, swapped, given away and locked.

use serde_json::{json, Value};

use super::{address, call, rao, whole, with, Chain, Life, TAO};

/// Rounding of stake to shares: one rao less may arrive.
const ROUNDED: u64 = 1;
/// The row of limits that the package gets wrong.
const LIMITED_SWAP: &str = "a swap with a limit (safe_swapping)";

/// //Alice stakes, unstakes a part, moves some, and gives some to //Dave; //Bob buys some and burns it.
pub fn stake(chain: &mut Chain, life: &Life) {
    buy(chain, life);
    sell(chain, life.netuid);
    go_elsewhere(chain, life);
    chain.send("Bob", "set_auto_stake", json!({ "netuid": life.netuid, "hotkey_ss58": address("Alice_hk") }));
    let destination = chain.storage("AutoStakeDestination", json!([address("Bob"), life.netuid]));
    assert_eq!(destination, json!(address("Alice_hk")));
}

fn at(netuid: u64, hotkey: &str, amount: Value) -> Value {
    json!({ "netuid": netuid, "hotkey_ss58": address(hotkey), "amount": amount })
}

/// An order that is executed only while the price moves by at most a share.
fn limited(arguments: Value, switch: &str, tolerance: f64, partly: bool) -> Value {
    let arguments = with(arguments, switch, json!(true));
    with(with(arguments, "rate_tolerance", json!(tolerance)), "allow_partial_stake", json!(partly))
}

fn buy(chain: &mut Chain, life: &Life) {
    let netuid = life.netuid;
    let before = chain.balance(&address("Alice"));
    chain.send("Alice", "add_stake", at(0, "Alice_hk", whole(500, 0)));
    assert_eq!(chain.stake("Alice", "Alice_hk", 0), 500 * TAO);
    let spent = before - chain.balance(&address("Alice"));
    assert!((500 * TAO..500 * TAO + TAO / 100).contains(&spent), "{spent}");
    let done = chain.send("Alice", "add_stake", at(netuid, "Alice_hk", whole(500, 0)));
    assert_eq!(done["data"]["stake_after"], json!(chain.stake("Alice", "Alice_hk", netuid)));

    let safe = |tolerance, partly| {
        limited(at(netuid, "Charlie_hk", whole(50, 0)), "safe_staking", tolerance, partly)
    };
    let said = chain.fails("Alice", "add_stake", safe(0.001, false));
    assert!(said.contains("SlippageTooHigh"), "{said}");
    let before = chain.balance(&address("Alice"));
    chain.send("Alice", "add_stake", safe(0.01, true));
    let spent = before - chain.balance(&address("Alice"));
    assert!(spent > TAO && spent < 50 * TAO, "{spent} of 50 TAO under the limit");
    assert!(chain.stake("Alice", "Charlie_hk", netuid) > TAO);

    let (root, subnet) = (chain.stake("Alice", "Alice_hk", 0), chain.stake("Alice", "Alice_hk", netuid));
    let two = json!({
        "netuids": [netuid, 0], "hotkey_ss58s": [address("Alice_hk"), address("Alice_hk")],
        "amounts": [whole(5, 0), whole(5, 0)],
    });
    chain.send("Alice", "add_stake_multiple", two);
    // The package withholds the existential deposit from the first amount.
    assert!(chain.stake("Alice", "Alice_hk", 0) >= root + 5 * TAO - 500);
    assert!(chain.stake("Alice", "Alice_hk", netuid) > subnet + TAO);

    let before = chain.balance(&address("Bob"));
    let burn = at(life.other, "Bob_hk", whole(2, 0));
    chain.send("Bob", "add_stake_burn", with(burn, "limit_price", whole(20, 0)));
    assert!(chain.balance(&address("Bob")) <= before - 2 * TAO);
    assert_eq!(chain.stake("Bob", "Bob_hk", life.other), 0, "what he bought is burned");
}

fn sell(chain: &mut Chain, netuid: u64) {
    let safe = |tolerance, partly| {
        limited(at(netuid, "Alice_hk", whole(100, netuid)), "safe_unstaking", tolerance, partly)
    };
    let said = chain.fails("Alice", "unstake", safe(0.001, false));
    assert!(said.contains("SlippageTooHigh"), "{said}");
    let two = json!({
        "netuids": [netuid, 0], "hotkey_ss58s": [address("Alice_hk"), address("Alice_hk")],
        "amounts": [whole(1, netuid), whole(1, 0)],
    });
    for (method, arguments) in [
        ("unstake", at(netuid, "Alice_hk", whole(5, netuid))),
        ("unstake", at(0, "Alice_hk", whole(5, 0))),
        ("unstake_multiple", two),
    ] {
        let before = chain.balance(&address("Alice"));
        chain.send("Alice", method, arguments.clone());
        assert!(chain.balance(&address("Alice")) > before + TAO, "{method} {arguments}");
    }
    let (before, staked) = (chain.balance(&address("Alice")), chain.stake("Alice", "Alice_hk", netuid));
    chain.send("Alice", "unstake", safe(0.01, true));
    assert!(chain.balance(&address("Alice")) > before + TAO);
    assert!(chain.stake("Alice", "Alice_hk", netuid) + 90 * TAO > staked, "only a part was sold");
}

fn go_elsewhere(chain: &mut Chain, life: &Life) {
    let (netuid, other) = (life.netuid, life.other);
    let two = whole(2, netuid);
    let to_charlie = json!({
        "origin_netuid": netuid, "origin_hotkey_ss58": address("Alice_hk"), "destination_netuid": netuid,
        "destination_hotkey_ss58": address("Charlie_hk"), "amount": two,
    });
    let before = chain.stake("Alice", "Charlie_hk", netuid);
    chain.send("Alice", "move_stake", to_charlie);
    assert!(chain.stake("Alice", "Charlie_hk", netuid) >= before + 2 * TAO - ROUNDED);

    let swap = |destination: u64, amount: u64| {
        json!({
            "hotkey_ss58": address("Alice_hk"), "origin_netuid": netuid, "destination_netuid": destination,
            "amount": whole(amount, netuid),
        })
    };
    let before = chain.stake("Alice", "Alice_hk", 0);
    chain.send("Alice", "swap_stake", swap(0, 2));
    assert!(chain.stake("Alice", "Alice_hk", 0) > before + TAO);
    swap_without_limit(chain, life, limited(swap(other, 50), "safe_swapping", 0.001, false));

    let gift = |netuid: u64| {
        json!({
            "destination_coldkey_ss58": address("Dave"), "hotkey_ss58": address("Alice_hk"),
            "origin_netuid": netuid, "destination_netuid": netuid, "amount": whole(3, netuid),
        })
    };
    for netuid in [netuid, 0] {
        chain.send("Alice", "transfer_stake", gift(netuid));
        assert!(chain.stake("Dave", "Alice_hk", netuid) >= 3 * TAO - ROUNDED);
    }
    let all = |netuid: u64, tolerance: Value| {
        let hotkey = address("Alice_hk");
        json!({ "netuid": netuid, "hotkey_ss58": hotkey, "rate_tolerance": tolerance })
    };
    let said = chain.fails("Dave", "unstake_all", all(netuid, json!(0.0001)));
    assert!(said.contains("SlippageTooHigh"), "{said}");
    chain.send("Dave", "unstake_all", all(netuid, json!(0.5)));
    assert_eq!(chain.stake("Dave", "Alice_hk", netuid), 0);
    chain.send("Dave", "unstake_all", all(0, Value::Null));
    assert_eq!(chain.stake("Dave", "Alice_hk", 0), 0);
    let bought = chain.stake("Dave", "Dave_hk", netuid);
    chain.twin_sends("Dave", "add_stake", at(netuid, "Dave_hk", rao(TAO, 0)));
    assert!(chain.stake("Dave", "Dave_hk", netuid) > bought, "the awaited twin buys too");
}

/// The package means to limit this swap, but the limit that it sends is ineffective. The chain refuses the limit that
/// the package means.
fn swap_without_limit(chain: &mut Chain, life: &Life, safe: Value) {
    let before = chain.stake("Alice", "Alice_hk", life.other);
    chain.send("Alice", "swap_stake", safe);
    assert!(chain.stake("Alice", "Alice_hk", life.other) > before + 50 * TAO, "all of it, at another price");
    let prices = chain.witness("alpha_prices", json!({}));
    let price = |netuid: u64| prices[netuid.to_string()].as_f64().expect("TAO");
    let ratio = price(life.netuid) / price(life.other) * 1e9;
    let meant = json!({
        "hotkey": address("Alice_hk"), "origin_netuid": life.netuid, "destination_netuid": life.other,
        "alpha_amount": 50 * TAO, "limit_price": (ratio * 0.999).round(), "allow_partial": false,
    });
    let meant = call("SubtensorModule", "swap_stake_limit", meant);
    let said = chain.fails("Alice", "sign_and_send_extrinsic", json!({ "call": meant }));
    assert!(said.contains("SlippageTooHigh"), "{said}");
    chain.shown.insert(LIMITED_SWAP.to_owned());
}

/// //Alice locks stake for good and moves the lock to //Charlie's hotkey.
pub fn lock(chain: &mut Chain, netuid: u64) {
    let lock = |chain: &mut Chain| {
        chain.witness("locks_for_coldkey", json!({ "coldkey_ss58": address("Alice") }))[0].clone()
    };
    let locked = at(netuid, "Alice_hk", whole(10, netuid));
    chain.send("Alice", "lock_stake", locked);
    let first = lock(chain);
    assert_eq!(first["hotkey"], json!(address("Alice_hk")), "{first}");
    let mass = first["locked_alpha"].as_u64().expect("rao");
    assert!(mass.abs_diff(10 * TAO) < TAO / 1_000, "{first}");
    chain.send("Alice", "set_perpetual_lock", json!({ "netuid": netuid, "enabled": true }));
    assert_eq!(lock(chain)["is_perpetual"], json!(true));
    let destination = json!({ "netuid": netuid, "destination_hotkey_ss58": address("Charlie_hk") });
    chain.send("Alice", "move_lock", destination);
    assert_eq!(lock(chain)["hotkey"], json!(address("Charlie_hk")));
}
