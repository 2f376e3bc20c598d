//! `btcli wallet`: files, keys, balances, transfers, identities.

use myelin_abi::ChainIdentityV2;
use myelin_chain_client::Key;
use myelin_wallet::Keypair;
use serde_json::json;

use super::world::{World, EVERYBODY};
use crate::dev::{account, address, key};
use crate::town::{rao, TAO};

/// A phrase of the official test vectors, and its address.
const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
const OF_PHRASE: &str = "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV";

/// Lists, balances and a transfer.
pub async fn often(world: &World) {
    let (list, balances) = tokio::join!(
        world.json(EVERYBODY, "wallet list", "--coldkeys-only"),
        world.json(EVERYBODY, "wallet balance", "--all"),
    );
    let listed = |name: &str| {
        let wallets = list["wallets"].as_array().expect("a list");
        wallets.iter().find(|wallet| wallet["name"] == name).expect("listed")["ss58_address"].clone()
    };
    for (wallet, name) in [("alice", "Alice"), ("bob", "Bob"), ("dave", "Dave")] {
        assert_eq!(listed(wallet), address(name));
        let balance = &balances["balances"][wallet];
        assert_eq!(balance["coldkey"], address(name));
        assert_eq!(rao(&balance["free"]), world.balance(name).await, "{wallet}");
    }

    let (before, paid) = (world.balance("Alice").await, world.balance("Eve").await);
    let to = format!("--dest {} --amount 12.5", address("Eve"));
    let sent = world.json("alice", "wallet transfer", &to).await;
    assert_eq!(sent["success"], true, "{sent}");
    assert_eq!(world.balance("Eve").await, paid + 12 * TAO + TAO / 2);
    let fee = before - world.balance("Alice").await - 12 * TAO - TAO / 2;
    assert!((1..TAO / 100).contains(&fee), "a fee of {fee} rao");
}

/// Keys that the command makes, and operations on them.
pub async fn rest(world: &World, netuid: u16) {
    make(world).await;
    restore(world).await;
    sign(world).await;
    encrypt(world).await;
    describe(world, netuid).await;
    exchange(world, netuid).await;
    inspect(world).await;
}

async fn make(world: &World) {
    let (both, uri) = tokio::join!(
        world.json("gina", "wallet create", "--n-words 12 --no-use-password"),
        world.json("henri", "wallet new-coldkey", "--n-words 24 --no-use-password"),
    );
    assert_eq!(both["data"]["coldkey_ss58"], world.in_file("gina/coldkey"));
    assert_eq!(both["data"]["hotkey_ss58"], world.in_file("gina/hotkeys/default"));
    assert_eq!(uri["data"]["coldkey_ss58"], world.in_file("henri/coldkeypub.txt"));
    let made = world.json("alice", "wallet new-hotkey", "--hotkey second --n-words 12").await;
    assert_eq!(made["data"]["hotkey_ss58"], world.in_file("alice/hotkeys/second"));
    // Our wallet opens the file that it wrote.
    let wallet = myelin_wallet::Wallet::new(world.wallets(), "gina", "default").expect("a name");
    let coldkey = wallet.coldkey(None).expect("opened");
    assert_eq!(coldkey.address(), world.in_file("gina/coldkeypub.txt"));
}

/// With JSON output these fail for a wallet without a hotkey, because they report its name; so they are run with text
/// output.
async fn restore(world: &World) {
    let words = format!("--no-use-password --mnemonic '{PHRASE}'");
    let watched = format!("--ss58 {}", address("Alice"));
    tokio::join!(
        world.text("ida", "wallet regen-coldkey", &words),
        world.text("jo", "wallet regen-coldkeypub", &watched),
    );
    assert_eq!(world.in_file("ida/coldkey"), OF_PHRASE);
    assert_eq!(world.in_file("jo/coldkeypub.txt"), address("Alice"));
    let in_json = format!("{watched} --json-output");
    world.refused("leo", "wallet regen-coldkeypub", &in_json, "Keyfile is not writable").await;
    assert_eq!(world.in_file("leo/coldkeypub.txt"), address("Alice"));
    let seed = format!("--seed 0x{}", "11".repeat(32));
    let watched = format!("--ss58 {}", address("Alice_hk"));
    let (hotkey, pub_file) = tokio::join!(
        world.json("ida", "wallet regen-hotkey", &seed),
        world.json("jo", "wallet regen-hotkeypub", &watched),
    );
    let expected = Keypair::from_seed(&[0x11; 32]).address();
    assert_eq!(world.in_file("ida/hotkeys/default"), expected);
    assert_eq!(hotkey["data"]["hotkey_ss58"], expected);
    assert_eq!(pub_file["data"]["hotkey_ss58"], address("Alice_hk"));
}

async fn sign(world: &World) {
    let signed = world.json("alice", "wallet sign", "--use-hotkey --message hello").await;
    assert_eq!(signed["signer_address"], address("Alice_hk"));
    let by_ours = myelin_wire::hash::to_hex(&key("//Bob").sign(b"hello"));
    let theirs = signed["signed_message"].as_str().expect("a signature").to_owned();
    for (signature, signer, holds) in
        [(&theirs, "Alice_hk", true), (&by_ours, "Bob", true), (&by_ours, "Alice_hk", false)]
    {
        let options = format!("--message hello --signature {signature} --address {}", address(signer));
        let verified = world.json("", "wallet verify", &options).await;
        assert_eq!(verified["verified"], holds, "{signer}");
    }
}

/// Messages are encrypted for ed25519 keys alone.
async fn encrypt(world: &World) {
    let kinds = "--coldkey-crypto-type ed25519 --hotkey-crypto-type ed25519";
    let made = format!("--n-words 12 --no-use-password {kinds}");
    let made = world.json("kim", "wallet create", &made).await;
    let to = made["data"]["hotkey_ss58"].as_str().expect("an address");
    let sealed = world.json("", "wallet encrypt", &format!("--to {to} --message hello")).await;
    let sealed = sealed["data"]["ciphertext_hex"].as_str().unwrap_or_else(|| panic!("{sealed}"));
    let opened = world.json("kim", "wallet decrypt", &format!("--use-hotkey --ciphertext {sealed}")).await;
    assert_eq!(opened["data"]["plaintext"], "hello", "{opened}");
}

/// An identity; the chain requires that the coldkey has a neuron.
async fn describe(world: &World, netuid: u16) {
    assert!(world.chain.uid(netuid, &account("Alice_hk")).await.expect("read").is_some());
    let options =
        "--id-name Al --web-url https://example.org --image-url https://example.org/i --discord al \
                   --description 'who she is' --additional more --github https://github.com/al/al";
    let set = world.json("alice", "wallet set-identity", options).await;
    assert_eq!(set["success"], true, "{set}");
    let stored: Option<ChainIdentityV2> = world
        .chain
        .storage("SubtensorModule", "IdentitiesV2", &[Key::from(&account("Alice"))], None)
        .await
        .expect("read");
    let stored = stored.expect("stored");
    assert_eq!((&*stored.name, &*stored.description), (&b"Al"[..], &b"who she is"[..]));
    let read = world.json("", "wallet get-identity", &format!("--ss58 {}", address("Alice"))).await;
    assert_eq!((&read["name"], &read["description"]), (&json!("Al"), &json!("who she is")));
}

/// One hotkey is claimed, and another takes the place of a registered one.
async fn exchange(world: &World, netuid: u16) {
    world.text("alice", "wallet associate-hotkey", "--hotkey second").await;
    let second = world.account_in("alice/hotkeys/second");
    assert_eq!(world.chain.owner(&second).await.expect("read"), Some(account("Alice")));

    world.json("charlie", "wallet new-hotkey", "--hotkey third --n-words 12").await;
    let third = world.account_in("charlie/hotkeys/third");
    let uid = world.chain.uid(netuid, &account("Charlie_hk")).await.expect("read");
    assert!(uid.is_some());
    let swap = format!("third --netuid {netuid}");
    let swapped = world.json("charlie", "wallet swap-hotkey", &swap).await;
    assert_eq!(swapped["success"], true, "{swapped}");
    assert_eq!(world.chain.uid(netuid, &third).await.expect("read"), uid);
}

/// A hidden command that works for accounts without stake.
async fn inspect(world: &World) {
    let said = world.text("dave", "wallet inspect", "").await;
    let tenths = (world.balance("Dave").await + 50_000) / 100_000;
    let (whole, rest) = (tenths / 10_000, tenths % 10_000);
    let balance = format!("{},{:03}.{rest:04}", whole / 1_000, whole % 1_000);
    assert!(said.contains("dave") && said.contains(&balance), "{said}");
    world.refused("alice", "wallet inspect", "", "'tuple' object has no attribute 'get'").await;
}
