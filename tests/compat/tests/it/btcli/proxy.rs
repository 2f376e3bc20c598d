//! `btcli proxy`: accounts that others act for.

use myelin_abi::Account;
use myelin_chain_client::Key;
use serde_json::Value;

use super::world::World;
use crate::dev::{account, address};
use crate::town::TAO;

/// Answer for the delay, which the command asks for even if it is given.
const NONE: &str = "0\n";

/// //Dave lets //Bob make payments for him, and ends that again.
pub async fn often(world: &World) {
    let bob = format!("--delegate {} --proxy-type Transfer --delay 0", address("Bob"));
    let added = world.json_answering("dave", "proxy add", &bob, NONE).await;
    assert_eq!(added["success"], true, "{added}");
    assert_eq!(proxies(world, "Dave").await, [account("Bob")]);
    let removed = world.json_answering("dave", "proxy remove", &bob, NONE).await;
    assert_eq!(removed["success"], true, "{removed}");
    assert_eq!(proxies(world, "Dave").await, []);
}

/// Accounts that may act for an account.
async fn proxies(world: &World, name: &str) -> Vec<Account> {
    // (delegate, kind, delay) each, and the deposit.
    let stored = world.chain.value("Proxy", "Proxies", &[Key::from(&account(name))]).await;
    let stored: (Vec<(Account, u8, u32)>, u64) = stored.expect("read");
    stored.0.into_iter().map(|(delegate, ..)| delegate).collect()
}

/// Payments as a proxy, at once and announced; an account without a key.
pub async fn rest(world: &World) {
    let at_once = format!("--delegate {} --proxy-type Transfer --delay 0", address("Bob"));
    world.json_answering("charlie", "proxy add", &at_once, NONE).await;
    let (paid, before) = (world.balance("Eve").await, world.balance("Charlie").await);
    let pay = format!("--proxy {} --dest {} --amount 3", address("Charlie"), address("Eve"));
    let sent = world.json("bob", "wallet transfer", &pay).await;
    assert_eq!(sent["success"], true, "{sent}");
    assert_eq!(world.balance("Eve").await, paid + 3 * TAO);
    assert_eq!(world.balance("Charlie").await, before - 3 * TAO);
    world.json_answering("charlie", "proxy remove", "--all", "\n\n").await;
    assert_eq!(proxies(world, "Charlie").await, []);

    let made = world.json_answering("charlie", "proxy create", "--proxy-type Any --delay 0", NONE).await;
    assert_eq!(made["success"], true, "{made}");
    let pure = made["data"]["pure"].as_str().expect("an address").to_owned();
    let pure_account = Account(myelin_wire::ss58::decode(&pure).expect("an address"));
    let owners = || async {
        let stored = world.chain.value("Proxy", "Proxies", &[Key::from(&pure_account)]).await;
        let stored: (Vec<(Account, u8, u32)>, u64) = stored.expect("read");
        stored.0.into_iter().map(|(delegate, ..)| delegate).collect::<Vec<_>>()
    };
    assert_eq!(owners().await, [account("Charlie")]);
    let (height, index) = place(&made);
    let kill = format!(
        "--height {height} --ext-index {index} --spawner {} --proxy-type Any --proxy {pure}",
        address("Charlie")
    );
    let killed = world.json_answering("charlie", "proxy kill", &kill, "KILL\ny\n").await;
    assert_eq!(killed["success"], true, "{killed}");
    assert_eq!(owners().await, []);
    announced(world).await;
}

/// Block and place of an extrinsic.
fn place(answer: &Value) -> (u64, u64) {
    let text = answer["extrinsic_identifier"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let (block, index) = text.split_once('-').expect("two numbers");
    (block.parse().expect("a number"), index.parse().expect("a number"))
}

/// //Bob announces a payment for //Charlie and makes it after the delay. The package remembers its announcements.
async fn announced(world: &World) {
    let later = format!("--delegate {} --proxy-type Transfer --delay 1", address("Bob"));
    world.json_answering("charlie", "proxy add", &later, "1\n").await;
    let paid = world.balance("Eve").await;
    let pay = format!("--proxy {} --announce-only --dest {} --amount 4", address("Charlie"), address("Eve"));
    let announced = world.json("bob", "wallet transfer", &pay).await;
    assert_eq!(announced["success"], true, "{announced}");
    assert_eq!(world.balance("Eve").await, paid);
    // (account of the payment, hash of the call, block) each, and the deposit.
    let waiting = world.chain.value("Proxy", "Announcements", &[Key::from(&account("Bob"))]).await;
    let waiting: (Vec<(Account, [u8; 32], u32)>, u64) = waiting.expect("read");
    let hash = myelin_wire::hash::to_hex(&waiting.0[0].1);
    let execute = format!(
        "--proxy {0} --real {0} --delegate {1} --call-hash {hash}",
        address("Charlie"),
        address("Bob")
    );
    let executed = world.json_answering("bob", "proxy execute", &execute, "y\ny\n").await;
    assert_eq!(executed["success"], true, "{executed}");
    assert_eq!(world.balance("Eve").await, paid + 4 * TAO);
}
