//! `btcli misc`, and commands without a group.

use std::fs;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use myelin_abi::AxonInfo;
use myelin_chain_client::Key;
use myelin_compat::table::Part;
use serde_json::json;

use super::world::World;
use crate::dev::{account, address};
use crate::ports::free_port;
use crate::town::TAO;
use crate::verdicts;

/// The whole group.
pub async fn all(world: &World, netuid: u16) {
    explain(world);
    convert(world, netuid);
    timelock(world);
    axon(world, netuid).await;
    weights(world, netuid).await;
    collateral(world, netuid).await;
    upgrade(world);
    extension(world);
    crowdloans(world);
}

fn explain(world: &World) {
    let tools = world.get("alice", "tools");
    let transfer = tools.as_array().and_then(|all| all.iter().find(|tool| tool["name"] == "transfer"));
    assert!(transfer.is_some(), "{tools}");
    assert_eq!(world.get("alice", "explain HotKeyAccountNotExists")["pallet"], "SubtensorModule");
    world.fails("alice", "explain NoSuchError", "unknown error code");
    let cost = json!({ "dest": { "Id": address("Eve") }, "value": TAO });
    let plan = world.get("alice", &format!("call Balances.transfer_keep_alive --dry-run --args '{cost}'"));
    assert_eq!(plan["target"], "Balances.transfer_keep_alive");
}

fn convert(world: &World, netuid: u16) {
    assert_eq!(world.get("alice", "misc convert 1.5")["rao"], 1_500_000_000);
    assert_eq!(world.get("alice", &format!("misc convert 1.5 --netuid {netuid}"))["rao"], 1_500_000_000);
    let latency = world.get("alice", &format!("misc latency --networks {}", world.endpoint));
    assert_eq!((&latency[0]["endpoint"], &latency[0]["ok"]), (&json!(world.endpoint), &json!(true)));
}

/// The package encrypts for a round of the beacon by itself; only its service knows the key of the round.
fn timelock(world: &World) {
    let file = world.folder.path().join("later").display().to_string();
    let made = world.get("alice", &format!("misc timelock encrypt hello --in 3600 --out {file}"));
    assert_eq!(fs::metadata(&file).expect("a file").len(), made["bytes"].as_u64().expect("a number"));
    let shown = world.get("alice", &format!("misc timelock show --file {file}"));
    assert_eq!((&shown["reveal_round"], &shown["revealed"]), (&made["reveal_round"], &json!(false)));
    world.refused("alice", &format!("misc timelock decrypt --file {file}"), "not decryptable yet");
}

async fn axon(world: &World, netuid: u16) {
    let keys = [Key::from(netuid), Key::from(&account("Charlie_hk"))];
    world.get("charlie", &format!("misc axon reset --netuid {netuid}"));
    let axon: AxonInfo = world.stored("Axons", &keys).await;
    assert_eq!((axon.ip, axon.port), (0, 1), "the package says none so");
}

async fn weights(world: &World, netuid: u16) {
    let row = format!("--netuid {netuid} --uids 1 --weights 1.0");
    let both = format!("--netuid {netuid} --uids 1,3 --weights 0.5,1.0");
    world.get("alice", &format!("misc weights set {both}"));
    assert_eq!(world.chain.weights(netuid, 2).await.expect("weights"), [(1, 32_768), (3, 65_535)]);
    world.absent("alice", &format!("misc weights commit {row}"));
    let hide = |hidden: bool| {
        let name = "commit_reveal_weights_enabled";
        world.get("bob", &format!("hparams set --netuid {netuid} --name {name} --value {hidden}"));
    };
    hide(true);
    super::tx::commit(world, netuid, &[4, 5, 6]).await;
    world.get("alice", &format!("misc weights reveal {row} --salt 4,5,6"));
    assert_eq!(world.chain.weights(netuid, 2).await.expect("weights"), [(1, 65_535)]);
    hide(false);
}

/// Collateral works differently here; the results of the reads stand in their own part of the table.
async fn collateral(world: &World, netuid: u16) {
    let reads = verdicts(Part::Reads11);
    for (command, read) in [("show", "miner_collateral"), ("list", "subnet_collateral")] {
        world.as_said(reads[read], "alice", &format!("misc collateral {command} --netuid {netuid}"));
    }
    let before = world.balance("Alice").await;
    world.refused(
        "alice",
        &format!("misc collateral add --netuid {netuid} --amount 1"),
        "MEV shield is not active",
    );
    world.absent("alice", &format!("misc collateral set-min --netuid {netuid} --min-alpha 1"));
    assert_eq!(world.balance("Alice").await, before);
}

/// There are none; whether their lists can be read stands in the part of the reads.
fn crowdloans(world: &World) {
    let reads = verdicts(Part::Reads11);
    let list = world.as_said(reads["crowdloans"], "alice", "misc crowd list");
    assert!(list.is_none_or(|list| list["count"] == 0));
    let contributors = world.as_said(reads["crowdloan_contributors"], "alice", "misc crowd contributors 0");
    assert!(contributors.is_none_or(|list| list["contributors"] == json!([])));
    world.absent("alice", "misc crowd info 0");
}

/// Upgrades that wait for signatures: there is none, and a file that is no upgrade is refused.
fn upgrade(world: &World) {
    assert_eq!(world.get("alice", "misc upgrade pending")["count"], 0);
    let file = world.folder.path().join("call.hex");
    fs::write(&file, "0x1234").expect("written");
    let file = file.display();
    world.refused("alice", &format!("misc upgrade check --hex-file {file}"), "verification failed");
    let signers = "--multisig-threshold 2 --signatories alice,bob";
    world.refused("alice", &format!("misc upgrade sign --hex-file {file} {signers}"), "verification failed");
}

/// A bridge to a browser's extension, of which there is none: it is started, waited for, and stopped.
fn extension(world: &World) {
    let listens = |port: u16| TcpStream::connect(("127.0.0.1", port)).is_ok();
    let port = free_port();
    world.endless("alice", &format!("misc extension accounts --quiet --port {port}"));
    let began = listens(port);
    let stopped = world.text("alice", "misc extension stop");
    assert!(began && stopped.contains("stopped"), "{began} {stopped}");
    let deadline = Instant::now() + Duration::from_secs(10);
    while listens(port) {
        assert!(Instant::now() < deadline, "the bridge still listens");
        std::thread::sleep(Duration::from_millis(50));
    }
    world.serves("alice", &format!("misc extension bridge --no-open --port {port}"), || listens(port));
}
