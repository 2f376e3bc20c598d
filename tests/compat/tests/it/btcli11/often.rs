//! The commands that people use most.

use myelin_abi::calls::admin::{SudoSetServingRateLimit, SudoSetTempo, SudoSetWeightsSetRateLimit};
use myelin_abi::{Account, AxonInfo};
use myelin_chain_client::{AnyCall, Key};
use serde_json::{json, Value};

use super::world::{amount, World};
use crate::dev::{account, address};
use crate::town::{rao, TAO};

/// Rounding of stake to shares: one rao less may arrive.
const ROUNDED: u64 = 1;
/// Blocks of an epoch.
const TEMPO: u16 = 10;
/// Blocks after which a hotkey, which has no TAO, announces itself again without a fee.
pub const SERVING: u64 = 10;
/// Highest price of a neuron, in rao.
const ENOUGH: u64 = 1_000 * TAO;

/// //Bob creates a subnet, which //Charlie and //Alice join as neurons 1 and 2; returns its number.
pub async fn all(world: &World) -> u16 {
    look(world).await;
    pay(world).await;
    let netuid = found(world).await;
    tokio::join!(own(world, netuid), trade(world, netuid), serve(world, netuid));
    look_at_subnets(world, netuid).await;
    netuid
}

async fn look(world: &World) {
    let (list, balance) =
        tokio::join!(world.process("alice", "wallet list"), world.process("alice", "wallet balance"));
    let wallets = list["coldkeys"].as_array().unwrap_or_else(|| panic!("{list}"));
    let alice = wallets.iter().find(|wallet| wallet["coldkey"] == "alice").expect("listed");
    assert_eq!(
        (&alice["ss58"], &alice["hotkeys"][0]["ss58"]),
        (&json!(address("Alice")), &json!(address("Alice_hk")))
    );
    assert_eq!(amount(&balance["free"]), world.balance("Alice").await, "{balance}");
}

async fn pay(world: &World) {
    let (before, paid) = (world.balance("Alice").await, world.balance("Dave").await);
    let sent = world.process("alice", "wallet transfer --dest dave --amount 1.5").await;
    assert_eq!(world.balance("Dave").await, paid + TAO + TAO / 2);
    let fee = before - world.balance("Alice").await - TAO - TAO / 2;
    assert_eq!(fee, rao(&sent["fee_tao"]), "{sent}");
}

async fn found(world: &World) -> u16 {
    let (cost, before) =
        (world.chain.subnet_cost().await.expect("a price").to_rao(), world.balance("Bob").await);
    let made = world.process("bob", "subnets create").await;
    let netuid = made["data"]["netuid"].as_u64().and_then(|netuid| u16::try_from(netuid).ok());
    let netuid = netuid.unwrap_or_else(|| panic!("{made}"));
    assert_eq!(world.of_subnet::<Account>("SubnetOwner", netuid).await, account("Bob"));
    assert!(before - world.balance("Bob").await >= cost);
    world.process("bob", &format!("hparams start --netuid {netuid}")).await;
    assert!(world.of_subnet::<bool>("SubtokenEnabled", netuid).await);
    let limits = [
        AnyCall::from(&SudoSetWeightsSetRateLimit { netuid, weights_set_rate_limit: 0 }),
        AnyCall::from(&SudoSetServingRateLimit { netuid, serving_rate_limit: SERVING }),
        AnyCall::from(&SudoSetTempo { netuid, tempo: TEMPO }),
    ];
    world.as_root(&limits).await;

    let register = format!("subnets register --netuid {netuid}");
    world.process_fails("charlie", &register, "MEV shield is not active on this network").await;
    assert_eq!(world.uid(netuid, "Charlie_hk").await, None);
    for (uid, who, hotkey) in [(1, "charlie", "Charlie_hk"), (2, "alice", "Alice_hk")] {
        world.get(who, &registration(netuid, hotkey));
        assert_eq!(world.uid(netuid, hotkey).await, Some(uid));
    }
    netuid
}

/// The command that registers a development key without a shield.
pub fn registration(netuid: u16, hotkey: &str) -> String {
    registration_of(netuid, &address(hotkey))
}

/// The command that registers the hotkey of an address without a shield.
pub fn registration_of(netuid: u16, hotkey: &str) -> String {
    let arguments = json!({ "netuid": netuid, "hotkey": hotkey, "limit_price": ENOUGH });
    format!("call SubtensorModule.register_limit --args '{arguments}'")
}

/// //Alice stakes, unstakes a part, and transfers a part.
async fn trade(world: &World, netuid: u16) {
    world
        .process("alice", &format!("stake add --netuid {netuid} --amount 500 --no-slippage-protection"))
        .await;
    assert!(world.stake("Alice", "Alice_hk", netuid).await > 50 * TAO);
    let before = world.balance("Alice").await;
    world.process("alice", &format!("stake remove --netuid {netuid} --amount 5")).await;
    assert!(world.balance("Alice").await > before);
    world.process("alice", &format!("stake transfer --dest dave --netuid {netuid} --amount 3")).await;
    assert!(world.stake("Dave", "Alice_hk", netuid).await >= 3 * TAO - ROUNDED);

    world.process("alice", "proxy add --delegate dave --proxy-type Transfer").await;
    assert_eq!(world.proxies(&account("Alice")).await.first().map(|proxy| proxy.0), Some(account("Dave")));
    world.process("alice", "proxy remove --delegate dave --proxy-type Transfer").await;
    assert_eq!(world.proxies(&account("Alice")).await, []);
}

/// //Bob sets a hyperparameter.
async fn own(world: &World, netuid: u16) {
    world.process("bob", &format!("hparams set --netuid {netuid} --name immunity_period --value 4000")).await;
    assert_eq!(world.of_subnet::<u16>("ImmunityPeriod", netuid).await, 4000);
}

/// //Charlie's neuron announces its address.
async fn serve(world: &World, netuid: u16) {
    world.process("charlie", &format!("misc axon set --netuid {netuid} --ip 192.0.2.8 --port 8092")).await;
    let keys = [Key::from(netuid), Key::from(&account("Charlie_hk"))];
    let axon: Option<AxonInfo> =
        world.chain.storage("SubtensorModule", "Axons", &keys, None).await.expect("read");
    assert_eq!(axon.map(|axon| (axon.ip, axon.port)), Some((0xc000_0208, 8092)));
}

async fn look_at_subnets(world: &World, netuid: u16) {
    let [show, get, metagraph] = ["subnets show", "hparams get --netuid", "query metagraph --netuid"]
        .map(|command| format!("{command} {netuid}"));
    let (show, stakes) = tokio::join!(world.process("alice", &show), world.process("dave", "stake list"));
    let [list, set, graph] = ["subnets list", &get, &metagraph].map(|line| world.get("alice", line));
    let overview = world.get("charlie", "wallet overview");

    let listed = list.as_array().unwrap_or_else(|| panic!("{list}"));
    assert_eq!(listed.len(), world.chain.subnets().await.expect("subnets").len());
    assert_eq!((&show["owner_coldkey"], &show["neurons"]), (&json!(address("Bob")), &json!(3)), "{show}");
    assert_eq!((&set["immunity_period"], &set["tempo"]), (&json!(4000), &json!(TEMPO)), "{set}");
    let ours = world.chain.metagraph(netuid, None).await.expect("a metagraph");
    let hotkeys: Vec<Value> =
        ours.neurons.iter().map(|neuron| json!(myelin_wire::ss58::encode(&neuron.hotkey.0))).collect();
    assert_eq!(graph["hotkeys"], json!(hotkeys));
    // The stake has grown since, as a validator's stake does.
    let stake = world.stake("Dave", "Alice_hk", netuid).await;
    assert!((3 * TAO - ROUNDED..=stake).contains(&amount(&stakes[0]["stake"])), "{stakes}");
    assert_eq!(amount(&overview[0]["free"]), world.balance("Charlie").await, "{overview}");
}
