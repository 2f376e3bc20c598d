//! `btcli query`: every read, compared with the chain's storage.

use std::collections::BTreeSet;

use codec::Decode;
use myelin_abi::Account;
use myelin_chain_client::Key;
use myelin_compat::table::{Part, Verdict};
use myelin_units::{AlphaBalance, TaoBalance};
use myelin_wire::hash::to_hex;
use myelin_wire::ss58;
use serde_json::{json, Value};

use super::tx::Life;
use super::world::{amount, dashed, World};
use crate::dev::{account, address};
use crate::town::TAO;
use crate::verdicts;

/// A place in an answer, and the value required there. A number also stands for an amount in rao.
type Fact = (String, Value);

/// Calls all reads. A read that works has a result, since the chain is in use.
pub async fn all(world: &World, life: &Life) {
    let offered: BTreeSet<&str> = world.commands_of("query").map(|(name, _)| name).collect();
    let verdicts = verdicts(Part::Reads11);
    let named: BTreeSet<String> = verdicts.keys().map(|name| dashed(name)).collect();
    assert!(named.iter().map(String::as_str).eq(offered), "the reads of the table: {named:?}");
    let mut wrong = Vec::new();
    for (name, verdict) in verdicts {
        let before = expected(world, life, name, verdict).await;
        let Some(answer) = world.as_said(verdict, "alice", &line(world, name, life)) else { continue };
        let after = expected(world, life, name, verdict).await;
        for ((place, before), (_, after)) in before.iter().zip(&after) {
            let shown = answer.pointer(place).unwrap_or(&Value::Null);
            if !lies_between(shown, before, after) {
                wrong.push(format!("{name}: {place:?} should be {before}: {answer}"));
            }
        }
        if verdict == Verdict::Works && is_empty(&answer) {
            wrong.push(format!("{name} has nothing to say"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_empty(answer: &Value) -> bool {
    answer.is_null() || *answer == json!([]) || *answer == json!({})
}

/// Whether it is one of two values, or a number that lies between them.
fn lies_between(shown: &Value, before: &Value, after: &Value) -> bool {
    if [before, after].contains(&shown) {
        return true;
    }
    let (Some(before), Some(after)) = (before.as_u64(), after.as_u64()) else { return false };
    let shown = if shown.is_string() { Some(amount(shown)) } else { shown.as_u64() };
    shown.is_some_and(|shown| (before.min(after)..=before.max(after)).contains(&shown))
}

/// The command for a read, with the options of an account that has the item to be read.
fn line(world: &World, name: &str, life: &Life) -> String {
    let hotkey = match name {
        "commitment" | "hotkey_conviction" | "locks_for_hotkey" | "parents" => "charlie/default",
        _ => "alice/default",
    };
    let coldkey = if name.starts_with("auto_stake") { "bob" } else { "alice" };
    let name = dashed(name);
    let (_, options) = world.commands_of("query").find(|(offered, _)| *offered == name).expect("offered");
    let mut line = format!("query {name}");
    for option in options {
        let value = match option.as_str() {
            "--account" => life.shared.clone(),
            "--amount-alpha" | "--amount-tao" => "1".to_owned(),
            "--block" => "3".to_owned(),
            "--call-hash" => life.waiting.clone(),
            "--coldkey" => coldkey.to_owned(),
            "--coldkeys" => format!("{},{}", address("Alice"), address("Bob")),
            "--crowdloan-id" | "--lease-id" | "--mechid" => "0".to_owned(),
            "--hotkey" => hotkey.to_owned(),
            "--hotkeys" => address("Alice_hk"),
            "--lite" => String::new(),
            "--netuid" => life.netuid.to_string(),
            "--netuids" => format!("0,{}", life.netuid),
            "--uid" => "2".to_owned(),
            _ => continue,
        };
        line.extend([" ", option, " ", &value]);
    }
    line
}

/// Values in the chain's storage that a read reports, and values that follow from the story.
async fn expected(world: &World, life: &Life, name: &str, verdict: Verdict) -> Vec<Fact> {
    if matches!(verdict, Verdict::Absent(_)) {
        return Vec::new();
    }
    let netuid = life.netuid;
    let [alice, bob, dave] = ["Alice", "Bob", "Dave"].map(address);
    let [validator, miner] = ["Alice_hk", "Charlie_hk"].map(address);
    let at = |place: &str, value: Value| vec![(place.to_owned(), value)];
    match name {
        "accepts_locked_alpha" | "childkey_threshold_suspended" => at("", json!(false)),
        "alpha_price" => {
            let prices = world.chain.prices().await.expect("prices");
            let price = prices.iter().find(|price| price.netuid == netuid).expect("a price");
            at("/price_rao", json!(price.price))
        }
        "alpha_prices" => at("/0", json!(1.0)),
        "auto_stake" => at("", json!(validator)),
        "auto_stake_all" => at("/0/hotkey", json!(validator)),
        "balance" => at("", json!(world.balance("Alice").await)),
        "balances" => {
            let mut facts = at(&format!("/{alice}"), json!(world.balance("Alice").await));
            facts.extend(at(&format!("/{bob}"), json!(world.balance("Bob").await)));
            facts
        }
        "block_info" => {
            let hash = world.chain.block_hash(3).await.expect("read");
            at("/hash", json!(format!("0x{}", to_hex(&hash.0))))
        }
        "block_time" => at("", json!(0.25)),
        "burn" => at("", of_subnet::<TaoBalance>(world, "Burn", netuid, |price| json!(price.to_rao())).await),
        "children" => at("/0", json!([1_u64 << 63, miner])),
        "coldkey_lock" => at("/hotkey", json!(miner)),
        "collateral_policy" => at("/lock_share", json!(0.0)),
        "commit_reveal_enabled" => {
            at("", of_subnet::<bool>(world, "CommitRevealWeightsEnabled", netuid, |is| json!(is)).await)
        }
        "commitment" => at("/data", json!("hello")),
        "commitments" => at("/0/commitment", json!("hello")),
        "delegate" => at("/owner", json!(alice)),
        "delegate_take" => at("/take_u16", json!(4587)),
        "delegated" => at("/0/delegate/hotkey", json!(validator)),
        "delegates" => at("/0/hotkey", json!(validator)),
        "difficulty" => at("", of_subnet::<u64>(world, "Difficulty", netuid, |number| json!(number)).await),
        "epoch_status" => {
            at("/tempo", of_subnet::<u16>(world, "Tempo", netuid, |blocks| json!(blocks)).await)
        }
        "existential_deposit" => {
            let deposit: u64 =
                world.chain.constant("Balances", "ExistentialDeposit").await.expect("a constant");
            at("", json!(deposit))
        }
        "hotkey_identities" => at(&format!("/{validator}/name"), json!("Alice")),
        "hotkey_owner" => at("", json!(alice)),
        "identity" => at("/name", json!("Alice")),
        "immunity_period" => {
            at("", of_subnet::<u16>(world, "ImmunityPeriod", netuid, |blocks| json!(blocks)).await)
        }
        "is_delegate" | "is_fast_blocks" => at("", json!(true)),
        "locks_for_coldkey" => at("/0/hotkey", json!(miner)),
        "locks_for_hotkey" => at("/0/coldkey", json!(alice)),
        "max_weight_limit" => {
            at("", of_subnet::<u16>(world, "MaxWeightsLimit", netuid, |share| json!(share)).await)
        }
        "mechanism_count" => at("", json!(2)),
        "mechanism_emission_split" => at("", json!([32_768, 32_767])),
        "metagraph" => {
            let mut facts = at("/owner_coldkey", json!(bob));
            facts.extend(at("/hotkeys/2", json!(validator)));
            facts.extend(at("/symbol", json!("θ")));
            facts
        }
        "min_allowed_weights" => {
            at("", of_subnet::<u16>(world, "MinAllowedWeights", netuid, |number| json!(number)).await)
        }
        "most_convicted_hotkey" => at("", json!(miner)),
        "multisig" => at("/depositor", json!(alice)),
        "netuids_for_hotkey" => at("", json!([0, netuid])),
        "neurons" => {
            let mut facts = at("/2/hotkey", json!(validator));
            facts.extend(at("/2/validator_permit", json!(true)));
            facts
        }
        "next_epoch_start_block" => {
            let schedule = world.chain.epoch_schedule(netuid, None).await.expect("a schedule");
            at("", json!(schedule.next_epoch_block))
        }
        "owned_hotkeys" => at("", json!([validator])),
        "parents" => at("/0/1", json!(validator)),
        "pending_children" => at("/children", json!([])),
        "proxies" => at("/proxies/0/delegate", json!(dave)),
        "quote_stake" => {
            let quote = world.chain.quote_stake(netuid, TaoBalance::from_rao(TAO)).await.expect("a quote");
            at("/alpha", json!(quote.alpha_amount.to_rao()))
        }
        "quote_unstake" => {
            let quote =
                world.chain.quote_unstake(netuid, AlphaBalance::from_rao(TAO)).await.expect("a quote");
            at("/tao", json!(quote.tao_amount.to_rao()))
        }
        "reveal_period" => {
            at("", of_subnet::<u64>(world, "RevealPeriodEpochs", netuid, |epochs| json!(epochs)).await)
        }
        "root_claim_threshold" => at("", json!(100_000)),
        "stake" => at("", json!(world.stake("Alice", "Alice_hk", netuid).await)),
        "stake_availability" => at("/netuid", json!(netuid)),
        "stake_availability_for_coldkey" => at("/1/netuid", json!(netuid)),
        "stake_for_coldkey" => at("/0/coldkey", json!(alice)),
        "stake_for_coldkeys" => at(&format!("/{alice}/0/coldkey"), json!(alice)),
        "stake_value_for_coldkey" => at("/coldkey", json!(alice)),
        "stake_value_for_coldkeys" => at(&format!("/{alice}/coldkey"), json!(alice)),
        "staking_hotkeys" => {
            let hotkeys: Vec<Account> = world.stored("StakingHotkeys", &[Key::from(&account("Alice"))]).await;
            at("", json!(hotkeys.iter().map(|hotkey| ss58::encode(&hotkey.0)).collect::<Vec<_>>()))
        }
        "subnet" => {
            at("/neuron_count", of_subnet::<u16>(world, "SubnetworkN", netuid, |number| json!(number)).await)
        }
        "subnet_emission_enabled" => at("", json!(1)),
        "subnet_hyperparameters" => at("/min_burn", json!(1_000_000)),
        "subnet_identity" => at("/subnet_name", json!("life")),
        "subnet_names" => at(&format!("/{netuid}"), json!("life")),
        "subnet_registration_cost" => {
            at("", json!(world.chain.subnet_cost().await.expect("a price").to_rao()))
        }
        "subnet_start_schedule" => at(
            "/registered_at",
            of_subnet::<u64>(world, "NetworkRegisteredAt", netuid, |block| json!(block)).await,
        ),
        "subnets" => at(&format!("/{netuid}/neuron_count"), json!(4)),
        "token_symbols" => at(&format!("/{netuid}"), json!("θ")),
        "total_alpha_staked" => at(
            "",
            of_subnet::<AlphaBalance>(world, "TotalAlphaStaked", netuid, |stake| json!(stake.to_rao())).await,
        ),
        "tx_rate_limit" => at("", json!(0)),
        "uid" => at("", json!(2)),
        "weights" => at("", json!({ "2": { "1": 1.0 } })),
        "weights_rate_limit" => {
            at("", of_subnet::<u64>(world, "WeightsSetRateLimit", netuid, |blocks| json!(blocks)).await)
        }
        // For these it is enough that they answer: no stored value is the same.
        _ => Vec::new(),
    }
}

async fn of_subnet<V: Decode>(world: &World, item: &str, netuid: u16, plain: impl Fn(V) -> Value) -> Value {
    plain(world.of_subnet(item, netuid).await)
}
