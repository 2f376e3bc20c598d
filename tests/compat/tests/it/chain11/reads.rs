//! Every read, compared with the effects of the intents where that is simple.

use myelin_compat::table::{Part, Verdict, ROWS};
use serde_json::{json, Map, Value};

use super::intents::Life;
use super::{address, verdicts, Chain};
use crate::Shown;

/// Calls all reads. A read that works has a result, since the chain is in use.
pub fn ask(chain: &mut Chain, life: &Life) {
    let mut shown = Shown::of(Part::Reads11);
    let official = chain.peer.get(json!({ "do": "reads" }));
    let verdicts = verdicts(Part::Reads11);
    let names: Vec<&String> = official.as_object().expect("reads by name").keys().collect();
    assert_eq!(
        json!(names),
        json!(verdicts.keys().collect::<Vec<_>>()),
        "reads of the package and of the table"
    );
    let mut wrong = Vec::new();
    for (name, verdict) in &verdicts {
        let arguments = arguments(name, &official[*name], life);
        let answer = chain.peer.ask(json!({ "do": "read", "name": name, "arguments": arguments }));
        let why = unlike(*verdict, &answer).map(str::to_owned);
        if let Some(why) = why.or_else(|| false_answer(chain, name, &answer, life)) {
            wrong.push(format!("{name}: {why}: {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    look_otherwise(chain, life);
    for row in ROWS.iter().filter(|row| row.part == Part::Reads11) {
        shown.row(row.what);
    }
    shown.everything();
}

/// Reads at an earlier block, and of an object.
fn look_otherwise(chain: &mut Chain, life: &Life) {
    let mut before = json!({ "do": "read", "name": "subnets", "arguments": {}, "block": 2 });
    assert_eq!(chain.peer.get(before.clone()).as_array().map(Vec::len), Some(2));
    before["block"] = chain.block().into();
    assert_eq!(chain.peer.get(before).as_array().map(Vec::len), Some(3));
    let metagraph = chain.peer.get(json!({ "do": "metagraph", "netuid": life.netuid }));
    let neuron = &metagraph["neurons"][1];
    let expected = (json!(address("Charlie_hk")), json!("192.0.2.8:8092"), json!("hello"));
    let found = (&neuron["hotkey"], &neuron["axon"], &neuron["commitment"]["data"]);
    assert_eq!(found, (&expected.0, &expected.1, &expected.2), "{neuron}");
}

/// Contradiction between an answer and the table.
fn unlike(verdict: Verdict, answer: &Result<Value, String>) -> Option<&'static str> {
    match (verdict, answer) {
        (Verdict::Works, Ok(answer)) if is_empty(answer) => Some("it has nothing to say"),
        (Verdict::Works | Verdict::Differs(_), Ok(_)) => None,
        (Verdict::Works | Verdict::Differs(_), Err(_)) => Some("it should answer"),
        (Verdict::Fails(_) | Verdict::Absent(_), Ok(_)) => Some("by the table it does not answer"),
        (Verdict::Absent(_), Err(said)) if said.contains("not found") => None,
        (Verdict::Fails(_), Err(_)) => None,
        (Verdict::Absent(_), Err(_)) => Some("it fails for another reason"),
    }
}

fn is_empty(answer: &Value) -> bool {
    answer.is_null() || *answer == json!([]) || *answer == json!({})
}

/// The arguments of a read, with an account that has the item to be read.
fn arguments(name: &str, parameters: &Value, life: &Life) -> Map<String, Value> {
    let hotkey = match name {
        "commitment" | "hotkey_conviction" | "locks_for_hotkey" | "parents" => "Charlie_hk",
        _ => "Alice_hk",
    };
    let coldkey = if name.starts_with("auto_stake") { "Bob" } else { "Alice" };
    let value = |parameter: &str| match parameter {
        "account_ss58" => json!(life.shared),
        "amount_alpha" | "amount_tao" => json!(1.0),
        "block" => json!(3),
        "call_hash" => json!(life.waiting),
        "coldkey_ss58" => json!(address(coldkey)),
        "coldkey_ss58s" => json!([address("Alice"), address("Bob")]),
        "crowdloan_id" | "lease_id" | "mechid" => json!(0),
        "hotkey_ss58" => json!(address(hotkey)),
        "hotkey_ss58s" => json!([address("Alice_hk")]),
        "lite" => json!(true),
        "netuid" => json!(life.netuid),
        "netuids" => json!([0, life.netuid]),
        "uid" => json!(2),
        _ => panic!("{name} asks for an unknown {parameter}"),
    };
    let parameters = parameters.as_array().expect("a list").iter();
    parameters.map(|name| name.as_str().expect("a name")).map(|name| (name.to_owned(), value(name))).collect()
}

/// Contradiction between an answer and the expected one.
fn false_answer(
    chain: &mut Chain,
    name: &str,
    answer: &Result<Value, String>,
    life: &Life,
) -> Option<String> {
    let answer = answer.as_ref().ok()?;
    let facts = known(life).into_iter().chain(stored(chain, name, life)).filter(|(of, ..)| *of == name);
    let mut wrong = facts.filter(|(_, place, value)| !holds(answer, place, value));
    wrong.next().map(|(_, place, value)| format!("{place:?} should be {value}"))
}

/// Whether an answer has a value at a place. A `*` in the place stands for any element of a list.
fn holds(answer: &Value, place: &str, value: &Value) -> bool {
    let Some((list, rest)) = place.split_once("/*") else { return answer.pointer(place) == Some(value) };
    let elements = answer.pointer(list).and_then(Value::as_array);
    elements.is_some_and(|elements| elements.iter().any(|element| holds(element, rest, value)))
}

/// Reads of one number, and the place where it is stored.
fn stored(chain: &mut Chain, name: &str, life: &Life) -> Option<(&'static str, String, Value)> {
    const STORED: &[(&str, &str)] = &[
        ("commit_reveal_enabled", "CommitRevealWeightsEnabled"),
        ("difficulty", "Difficulty"),
        ("immunity_period", "ImmunityPeriod"),
        ("max_weight_limit", "MaxWeightsLimit"),
        ("min_allowed_weights", "MinAllowedWeights"),
        ("reveal_period", "RevealPeriodEpochs"),
        ("total_alpha_staked", "TotalAlphaStaked"),
        ("weights_rate_limit", "WeightsSetRateLimit"),
    ];
    let (name, item) = STORED.iter().find(|(stored, _)| *stored == name)?;
    let value = chain.storage("SubtensorModule", item, json!([life.netuid]));
    Some((name, String::new(), value))
}

/// Parts of answers that follow from the story.
fn known(life: &Life) -> Vec<(&'static str, String, Value)> {
    let netuid = life.netuid;
    let [alice, bob, dave] = ["Alice", "Bob", "Dave"].map(address);
    let [validator, miner] = ["Alice_hk", "Charlie_hk"].map(address);
    let fact = |name: &'static str, place: &str, value: Value| (name, place.to_owned(), value);
    vec![
        fact("accepts_locked_alpha", "", json!(false)),
        fact("alpha_prices", "/0", json!(1.0)),
        fact("basket_trading_status", "/enabled", json!(false)),
        fact("auto_stake", "", json!(validator)),
        fact("auto_stake_all", "/0/hotkey", json!(validator)),
        fact("block_info", "/number", json!(3)),
        fact("block_time", "", json!(0.25)),
        fact("children", "/0/1", json!(miner)),
        fact("commitment", "/data", json!("hello")),
        fact("commitments", "/0/uid", json!(1)),
        fact("delegate", "/owner", json!(alice)),
        fact("delegate_take", "/take_u16", json!(4587)),
        fact("epoch_status", "/tempo", json!(10)),
        fact("existential_deposit", "", json!(500)),
        fact("hotkey_identities", &format!("/{validator}/name"), json!("Alice")),
        fact("hotkey_owner", "", json!(alice)),
        fact("identity", "/name", json!("Alice")),
        fact("is_delegate", "", json!(true)),
        fact("is_fast_blocks", "", json!(true)),
        fact("locks_for_coldkey", "/0/hotkey", json!(miner)),
        fact("locks_for_hotkey", "/0/coldkey", json!(alice)),
        fact("mechanism_count", "", json!(2)),
        fact("mechanism_emission_split", "", json!([32768, 32767])),
        fact("metagraph", "/owner_coldkey", json!(bob)),
        fact("metagraph", "/hotkeys/2", json!(validator)),
        fact("metagraph", "/symbol", json!("θ")),
        fact("multisig", "/depositor", json!(alice)),
        fact("netuids_for_hotkey", "", json!([0, netuid])),
        fact("neurons", "/2/validator_permit", json!(true)),
        fact("owned_hotkeys", "", json!([validator])),
        fact("parents", "/0/1", json!(validator)),
        fact("proxies", "/proxies/0/delegate", json!(dave)),
        fact("root_claim_threshold", "", json!(100_000)),
        fact("subnet", "/neuron_count", json!(4)),
        fact("subnet_collateral", "", json!([])),
        fact("subnet_convictions", "/hotkeys/*/hotkey", json!(miner)),
        fact("subnet_emission_enabled", "", json!(1)),
        fact("subnet_hyperparameters", "/min_burn", json!(1_000_000)),
        fact("subnet_identity", "/subnet_name", json!("life")),
        fact("subnet_names", &format!("/{netuid}"), json!("life")),
        fact("subnets", &format!("/{netuid}/neuron_count"), json!(4)),
        fact("token_symbols", &format!("/{netuid}"), json!("θ")),
        fact("tx_rate_limit", "", json!(0)),
        fact("uid", "", json!(2)),
        fact("weights", "", json!({ "2": { "1": 1.0 } })),
    ]
}
