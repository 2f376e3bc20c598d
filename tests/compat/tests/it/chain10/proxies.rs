//! Accounts that act for others.

use serde_json::{json, Value};

use super::{address, call, whole, Chain, TAO};

/// //Dave stakes for //Alice, makes a payment for her that he announced, and keeps one more announcement; //Charlie
/// creates an account without a key, and kills it.
pub fn delegate(chain: &mut Chain) {
    at_once(chain);
    pure(chain);
    announced(chain);
}

fn of(chain: &mut Chain, who: &str) -> usize {
    let read = chain.witness("proxies", json!({ "coldkey_ss58": address(who) }));
    read["proxies"].as_array().expect("a list").len()
}

fn dave(kind: &str, delay: u32) -> Value {
    json!({ "delegate_ss58": address("Dave"), "proxy_type": kind, "delay": delay })
}

fn at_once(chain: &mut Chain) {
    chain.send("Alice", "add_proxy", dave("Staking", 0));
    assert_eq!(of(chain, "Alice"), 1);
    let stake = json!({ "hotkey": address("Alice_hk"), "netuid": 0, "amount_staked": TAO });
    let alice = address("Alice");
    let as_alice =
        |call: Value| json!({ "real_account_ss58": alice, "force_proxy_type": null, "call": call });
    let before = chain.stake("Alice", "Alice_hk", 0);
    chain.send("Dave", "proxy", as_alice(call("SubtensorModule", "add_stake", stake)));
    assert!(chain.stake("Alice", "Alice_hk", 0) >= before + TAO - 1);
    // The package reports that the proxy was asked; the result stands in the block's events.
    let fresh = address("Fresh");
    let before = chain.balance(&fresh);
    let pay = call("Balances", "transfer_keep_alive", json!({ "dest": fresh, "value": TAO }));
    chain.send("Dave", "proxy", as_alice(pay));
    assert_eq!(chain.balance(&fresh), before, "a proxy for staking pays nobody");
    chain.send("Alice", "remove_proxy", dave("Staking", 0));
    assert_eq!(of(chain, "Alice"), 0);
    chain.send("Charlie", "add_proxy", dave("Any", 0));
    chain.send("Charlie", "remove_proxies", json!({}));
    assert_eq!(of(chain, "Charlie"), 0);
}

fn pure(chain: &mut Chain) {
    let any = json!({ "proxy_type": "Any", "delay": 0, "index": 0 });
    let made = chain.send("Charlie", "create_pure_proxy", any)["data"].clone();
    let account = made["pure_account"].as_str().expect("an address").to_owned();
    let proxies = chain.witness("proxies", json!({ "coldkey_ss58": account }));
    assert_eq!(proxies["proxies"][0]["delegate"], json!(address("Charlie")));
    chain.send("Charlie", "transfer", json!({ "destination_ss58": account, "amount": whole(2, 0) }));
    let kill = json!({
        "pure_proxy_ss58": account, "spawner": address("Charlie"), "proxy_type": "Any", "index": 0,
        "height": made["height"], "ext_index": made["ext_index"],
    });
    chain.send("Charlie", "kill_pure_proxy", kill);
    let left = chain.witness("proxies", json!({ "coldkey_ss58": account }));
    assert_eq!(left["proxies"], json!([]));
}

fn announced(chain: &mut Chain) {
    let (alice, fresh) = (address("Alice"), address("Fresh"));
    chain.send("Alice", "add_proxy", dave("Any", 1));
    let pay = call("Balances", "transfer_keep_alive", json!({ "dest": fresh, "value": TAO }));
    let waiting = |chain: &mut Chain| {
        let announcements = chain.storage_of("Proxy", "Announcements", json!([address("Dave")]));
        announcements[0].as_array().expect("a list").len()
    };
    let hash = chain.peer.text(json!({ "do": "call_hash", "call": pay }));
    let announcement = json!({ "real_account_ss58": alice, "call_hash": hash });
    chain.send("Dave", "announce_proxy", announcement.clone());
    assert_eq!(waiting(chain), 1);
    let before = chain.balance(&fresh);
    let execute = json!({
        "delegate_ss58": address("Dave"), "real_account_ss58": alice, "force_proxy_type": null, "call": pay,
    });
    chain.send("Dave", "proxy_announced", execute);
    assert_eq!((chain.balance(&fresh), waiting(chain)), (before + TAO, 0));

    chain.send("Dave", "announce_proxy", announcement.clone());
    let reject = json!({ "delegate_ss58": address("Dave"), "call_hash": hash });
    chain.send("Alice", "reject_proxy_announcement", reject);
    assert_eq!(waiting(chain), 0);
    chain.send("Dave", "announce_proxy", announcement.clone());
    chain.send("Dave", "remove_proxy_announcement", announcement.clone());
    assert_eq!(waiting(chain), 0);
    chain.send("Dave", "announce_proxy", announcement);
    let deposit = |chain: &mut Chain| {
        chain.witness("proxies", json!({ "coldkey_ss58": address("Alice") }))["deposit"].clone()
    };
    let before = deposit(chain);
    chain.send("Alice", "poke_deposit", json!({}));
    assert_eq!(deposit(chain), before, "prices are as they were");
}
