//! `btcli conviction`: stake that is locked. //Alice's lock is perpetual and in favour of //Charlie's hotkey.

use myelin_chain_client::Key;
use serde_json::{json, Value};

use super::tx::lock_of;
use super::world::{amount, World};
use crate::dev::{account, address};
use crate::town::TAO;

/// The whole group.
pub async fn all(world: &World, netuid: u16) {
    let here = format!("--netuid {netuid}");
    world.fails("alice", &format!("conviction add {here} --amount 5"), "LockHotkeyMismatch");
    let before = locked(world, netuid, "Charlie_hk").await;
    world.get("alice", &format!("conviction add {here} --amount 5 --hotkey charlie/default"));
    let after = locked(world, netuid, "Charlie_hk").await;
    assert!((before + 4 * TAO..=before + 5 * TAO).contains(&after), "{before} became {after}");

    let hotkey = json!(address("Charlie_hk"));
    let list = world.get("alice", "conviction list");
    let show = world.get("alice", &format!("conviction show {here}"));
    let holds = |lock: &Value, locked: &str| {
        let same = (&lock["is_perpetual"], amount(&lock[locked])) == (&json!(true), after);
        assert!(same && lock.get("hotkey").is_none_or(|shown| *shown == hotkey), "{lock} is not {after}");
    };
    holds(&list[0], "locked");
    holds(&show["lock"], "locked_alpha");
    let targeting = world.get("bob", &format!("conviction targeting {here} --hotkey charlie/default"));
    assert_eq!(targeting[0]["coldkey"], address("Alice"), "{targeting}");
    holds(&targeting[0], "locked");

    world.get("alice", &format!("conviction mode {here} --decaying"));
    assert_eq!(lock_mode(world, netuid).await, None, "as it is for everybody");
    world.get("alice", &format!("conviction move {here} --destination-hotkey default"));
    assert!(locked(world, netuid, "Alice_hk").await > 0);
    assert_eq!(locked(world, netuid, "Charlie_hk").await, 0);
    for (option, flag) in [("--allow", 1), ("--reject", 0)] {
        world.get("alice", &format!("conviction accept {option}"));
        let stored: u128 = world.stored("AccountFlags", &[Key::from(&account("Alice"))]).await;
        assert_eq!(stored, flag, "{option}");
    }
}

async fn locked(world: &World, netuid: u16, hotkey: &str) -> u64 {
    lock_of(world, netuid, hotkey).await.map_or(0, |lock| lock.locked_mass.to_rao())
}

async fn lock_mode(world: &World, netuid: u16) -> Option<bool> {
    let keys = [Key::from(&account("Alice")), Key::from(netuid)];
    world.chain.storage("SubtensorModule", "DecayingLock", &keys, None).await.expect("read")
}
