//! `btcli wallet`: files and keys.

use myelin_abi::ChainIdentityV2;
use myelin_chain_client::Key;
use myelin_compat::table::Part;
use myelin_wallet::{Keypair, Password, Wallet};
use myelin_wire::hash::to_hex;
use serde_json::json;

use super::often::registration_of;
use super::world::{amount, World, PASSWORD};
use crate::dev::{account, address, key};
use crate::verdicts;

/// The whole group, except the commands that people use most.
pub async fn all(world: &World, netuid: u16) {
    make(world);
    restore(world);
    sign(world);
    encrypt(world);
    look(world, netuid).await;
    describe(world).await;
    exchange(world, netuid).await;
    absent(world);
}

fn make(world: &World) {
    let both = world.get("gina", "wallet create --n-words 12 --no-password");
    assert_eq!(both["coldkey_ss58"], world.in_file("gina/coldkey"));
    let words = |which: &str| both[which].as_str().expect("words").to_owned();
    for (which, file) in [("coldkey_mnemonic", "gina/coldkey"), ("hotkey_mnemonic", "gina/hotkeys/default")] {
        assert_eq!(Keypair::from_uri(&words(which)).expect("words").address(), world.in_file(file));
    }
    let made = world.get("alice", "wallet new-hotkey --n-words 12 -H second");
    assert_eq!(made["ss58"], world.in_file("alice/hotkeys/second"));
    let shown = world.get("alice", "wallet show");
    assert_eq!(
        (&shown["coldkey_ss58"], &shown["hotkey_ss58"]),
        (&json!(address("Alice")), &json!(address("Alice_hk")))
    );

    // Our wallet opens the file that it encrypted.
    let made =
        world.get_answering("henri", "wallet new-coldkey --n-words 24", &format!("{PASSWORD}\n").repeat(2));
    let wallet = Wallet::new(world.wallets(), "henri", "default").expect("a name");
    let opened = wallet.coldkey(Some(&Password::new(PASSWORD))).expect("opened");
    assert_eq!(made["ss58"], opened.address());
    assert_eq!(world.get("henri", "wallet unlock")["encrypted"], true);
    assert_eq!(world.get("alice", "wallet unlock")["encrypted"], false);
}

fn restore(world: &World) {
    let seed = "11".repeat(32);
    let expected = Keypair::from_seed(&[0x11; 32]).address();
    world.get("ida", &format!("wallet regen-coldkey --no-password --seed 0x{seed}"));
    world.get("ida", &format!("wallet regen-hotkey --seed 0x{seed}"));
    assert_eq!(world.in_file("ida/coldkey"), expected);
    assert_eq!(world.in_file("ida/hotkeys/default"), expected);
    // If only the address is given, the package fails while it asks for the key of that address.
    for (command, name, file) in [
        ("regen-coldkeypub", "Alice", "jo/coldkeypub.txt"),
        ("regen-hotkeypub", "Alice_hk", "jo/hotkeys/defaultpub.txt"),
    ] {
        let watched = format!("wallet {command} --ss58 {}", address(name));
        world.breaks("jo", &watched, "AttributeError");
        world.get("jo", &format!("{watched} --public-key 0x{}", to_hex(&account(name).0)));
        assert_eq!(world.in_file(file), address(name));
    }
}

fn sign(world: &World) {
    let signed = world.get("alice", "wallet sign --message hello --use-hotkey");
    assert_eq!(signed["signer_address"], address("Alice_hk"));
    let by_ours = to_hex(&key("//Bob").sign(b"hello"));
    let theirs = signed["signed_message"].as_str().expect("a signature").to_owned();
    let verify = |signature: &str, signer: &str| {
        format!("wallet verify --message hello --signature {signature} --ss58 {}", address(signer))
    };
    for (signature, signer) in [(&theirs, "Alice_hk"), (&by_ours, "Bob")] {
        assert_eq!(world.get("alice", &verify(signature, signer))["valid"], true, "{signer}");
    }
    world.fails("alice", &verify(&by_ours, "Alice_hk"), "\"valid\": false");
}

/// Messages are encrypted for ed25519 keys alone.
fn encrypt(world: &World) {
    let kinds = "--crypto-type ed25519 --hotkey-crypto-type ed25519";
    let made = world.get("kim", &format!("wallet create --n-words 12 --no-password {kinds}"));
    let to = made["coldkey_ss58"].as_str().expect("an address");
    let sealed = world.get("alice", &format!("wallet encrypt --message hello --recipient {to}"));
    let sealed = sealed["ciphertext"].as_str().unwrap_or_else(|| panic!("{sealed}")).to_owned();
    let opened = world.get("kim", &format!("wallet decrypt --ciphertext {sealed}"));
    assert!(opened.to_string().contains("hello"), "{opened}");
}

async fn look(world: &World, netuid: u16) {
    let free = world.balance("Alice").await;
    let inspected = world.get("alice", "wallet inspect");
    assert_eq!(amount(&inspected["balance"]["free"]), free, "{inspected}");
    let registered = world.get("alice", "wallet registrations");
    let hotkeys = registered[0]["hotkeys"].as_array().unwrap_or_else(|| panic!("{registered}"));
    let default = hotkeys.iter().find(|hotkey| hotkey["name"] == "default").expect("listed");
    let uid = world.uid(netuid, "Alice_hk").await;
    let here = default["registrations"].as_array().expect("a list").iter();
    let here = here.clone().find(|place| place["netuid"] == netuid);
    assert_eq!(here.map(|place| &place["uid"]), Some(&json!(uid)), "{registered}");
}

async fn describe(world: &World) {
    world.get("alice", "wallet set-identity --name Al --description 'who she is'");
    let stored: ChainIdentityV2 = world.stored("IdentitiesV2", &[Key::from(&account("Alice"))]).await;
    assert_eq!((&*stored.name, &*stored.description), (&b"Al"[..], &b"who she is"[..]));
    let read = world.get("bob", "wallet get-identity --coldkey alice");
    assert_eq!((&read["name"], &read["description"]), (&json!("Al"), &json!("who she is")));
}

/// One hotkey is claimed, and another takes the place of a registered one.
async fn exchange(world: &World, netuid: u16) {
    world.get("alice", "wallet associate-hotkey --hotkey alice/second");
    let second = world.account_in("alice/hotkeys/second");
    assert_eq!(world.chain.owner(&second).await.expect("read"), Some(account("Alice")));

    for name in ["third", "fourth"] {
        world.get("charlie", &format!("wallet new-hotkey --n-words 12 -H {name}"));
    }
    world.get("charlie", &registration_of(netuid, &world.in_file("charlie/hotkeys/third")));
    let of = |name: &str| world.account_in(&format!("charlie/hotkeys/{name}"));
    let uid = world.chain.uid(netuid, &of("third")).await.expect("read");
    assert!(uid.is_some());
    world.get(
        "charlie",
        &format!("wallet swap-hotkey -H third --new-hotkey charlie/fourth --netuid {netuid}"),
    );
    assert_eq!(world.chain.uid(netuid, &of("fourth")).await.expect("read"), uid);
}

fn absent(world: &World) {
    for command in ["swap-coldkey", "announce-coldkey-swap"] {
        world.absent("alice", &format!("wallet {command} --new-coldkey bob"));
    }
    let swap =
        world.as_said(verdicts(Part::Reads11)["coldkey_swap_announcement"], "alice", "wallet swap-check");
    assert!(swap.is_none_or(|swap| swap["status"] == "none"));
    world.refused("alice", "wallet history", "transfer history is not indexed for network");
    for command in ["save", "show", "delete"] {
        world.refused(
            "alice",
            &format!("wallet keychain {command}"),
            "macOS Keychain is only available on darwin",
        );
    }
}
