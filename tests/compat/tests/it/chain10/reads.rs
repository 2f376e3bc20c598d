//! Every read, at one block: compared with storage and the reads of bittensor 11, and repeated in every group that has
//! it, and with the asynchronous client.

use std::collections::{BTreeMap, BTreeSet};

use myelin_compat::table::{Part, Verdict};
use serde_json::{json, Value};

use super::{address, request, verdicts, wallet, whole, with, Chain, Life, TAO};
use crate::dev::key;

/// The row of the ways to ask.
pub const OTHERWISE: &str =
    "any of them at an earlier block, in the groups of SubtensorApi, and awaited through AsyncSubtensor \
     (sim_swap there at the head alone)";
/// Methods that [`connection`] and the story show.
const ELSEWHERE: [&str; 12] = [
    "add_args",
    "block",
    "close",
    "config",
    "get_current_block",
    "get_extrinsic_fee",
    "get_pending_epoch_at",
    "get_root_claimable_stake",
    "get_transfer_fee",
    "help",
    "setup_config",
    "wait_for_block",
];

/// A value that a read must answer with.
struct Fact {
    method: &'static str,
    arguments: Value,
    /// Place of the value in the answer.
    place: String,
    expected: Value,
}

/// Collects the values that reads must answer with.
struct Facts<'a> {
    chain: &'a mut Chain,
    life: &'a Life,
    /// Block at which everything is read.
    block: u64,
    list: Vec<Fact>,
}

/// Calls all reads.
pub fn ask(chain: &mut Chain, life: &Life) {
    let block = chain.block();
    chain.call("wait_for_block", json!({ "block": block + 1 }));
    let mut facts = Facts { chain, life, block, list: Vec::new() };
    facts.about_accounts_and_the_chain();
    facts.by_name();
    facts.about_delegation();
    facts.about_epochs_and_parameters();
    facts.about_statements_and_locks();
    facts.about_neurons();
    facts.about_prices_and_subnets();
    facts.about_root();
    facts.about_stake();
    facts.about_weights_and_proxies();
    let facts = facts.list;

    let mut answers = Answers::of(chain, block);
    let mut wrong = Vec::new();
    for Fact { method, arguments, place, expected } in &facts {
        for answer in answers.to(chain, method, arguments) {
            if !answer.pointer(place).is_some_and(|found| same(found, expected)) {
                wrong.push(format!("{method}: {place:?} should be {expected}: {answer}"));
            }
        }
        chain.shown.insert((*method).to_owned());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    connection(chain);
    let works = verdicts(Part::Reads10).into_iter().filter(|(_, verdict)| *verdict == Verdict::Works);
    let asked: BTreeSet<&str> = facts.iter().map(|fact| fact.method).collect();
    let missing: Vec<&str> = works
        .map(|(name, _)| name)
        .filter(|name| !asked.contains(name) && !ELSEWHERE.contains(name))
        .collect();
    assert!(missing.is_empty(), "nothing was compared with what these say: {missing:?}");
    chain.shown.insert(OTHERWISE.to_owned());
}

/// Integers may come as floating-point numbers, also with a fraction where bittensor 11 has none; other numbers may be
/// rounded in their last digits.
fn same(found: &Value, expected: &Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found_at), Some(at)) if found.is_f64() => {
            let close = (found_at - at).abs() <= at.abs() * 1e-12;
            close || expected.is_u64() && found_at.floor() == at
        }
        _ => found == expected,
    }
}

/// Answer to each question.
struct Answers {
    block: u64,
    /// The arguments of each method of either kind of client.
    parameters: [Value; 2],
    groups: Value,
    given: BTreeMap<(&'static str, String), Vec<Value>>,
}

impl Answers {
    fn of(chain: &mut Chain, block: u64) -> Self {
        let parameters = [&mut chain.peer, &mut chain.twin].map(|peer| peer.get(json!({ "do": "methods" })));
        let groups = chain.peer.get(json!({ "do": "groups" }));
        Self { block, parameters, groups, given: BTreeMap::new() }
    }

    /// Asks both kinds of client, directly and in their groups; each question once.
    fn to(&mut self, chain: &mut Chain, method: &'static str, arguments: &Value) -> &[Value] {
        let Self { block, parameters, groups, given } = self;
        given.entry((method, arguments.to_string())).or_insert_with(|| {
            let takes_block = |parameters: &Value| {
                parameters[method].as_array().is_some_and(|all| all.contains(&json!("block")))
            };
            let mut question = request(method, arguments.clone());
            if takes_block(&parameters[0]) && arguments.get("block").is_none() {
                question["arguments"]["block"] = json!(block);
            }
            let groups = groups.as_object().expect("groups by name").iter();
            let members = groups.flat_map(|(group, methods)| {
                let methods = methods.as_object().expect("methods by name").iter();
                methods.filter(|(_, of)| *of == method).map(move |(name, _)| (group, name))
            });
            let grouped = members.map(|(group, name)| {
                let question = with(question.clone(), "group", json!(group));
                with(question, "name", json!(name))
            });
            let questions: Vec<Value> = std::iter::once(question.clone()).chain(grouped).collect();
            let mut answers: Vec<Value> =
                questions.iter().map(|question| chain.peer.get(question.clone())).collect();
            for mut question in questions {
                if takes_block(&parameters[1]) || !takes_block(&parameters[0]) {
                    answers.push(chain.twin.get(question));
                } else {
                    // This read uses the head only, where other values may hold.
                    question["arguments"].as_object_mut().expect("arguments").remove("block");
                    chain.twin.get(question);
                }
            }
            answers
        })
    }
}

/// The client itself: its options, its endpoint, the moving head, and a second connection.
fn connection(chain: &mut Chain) {
    let options = chain.peer.get(json!({ "do": "options" }));
    assert!(options.as_array().expect("a list").contains(&json!("--subtensor.network")), "{options}");
    let endpoint = chain.call("config", json!({}))["subtensor"]["chain_endpoint"].clone();
    assert!(endpoint.is_string(), "{endpoint}");
    assert_eq!(chain.call("help", json!({})), Value::Null);
    let named = chain.peer.get(json!({ "do": "setup", "network": "local" }));
    assert_eq!(named, json!(["ws://127.0.0.1:9944", "local"]));
    for who in 0..2 {
        let before = chain.block();
        let peer = if who == 0 { &mut chain.peer } else { &mut chain.twin };
        assert_eq!(peer.get(json!({ "do": "reconnect" })), Value::Null);
        for method in ["block", "get_current_block"] {
            let head = peer.get(request(method, json!({}))).as_u64().expect("a number");
            assert!((before..before + 100).contains(&head), "{method}: {head} after {before}");
        }
        peer.get(request("wait_for_block", json!({ "block": before + 3 })));
        assert!(chain.block() >= before + 3);
    }
    for method in ["add_args", "block", "close", "get_current_block", "setup_config"] {
        chain.shown.insert(method.to_owned());
    }
}

impl Facts<'_> {
    fn add(&mut self, method: &'static str, arguments: Value, place: &str, expected: impl Into<Value>) {
        let (place, expected) = (place.to_owned(), expected.into());
        self.list.push(Fact { method, arguments, place, expected });
    }

    /// A fact about the subnet of the story.
    fn here(&mut self, method: &'static str, place: &str, expected: impl Into<Value>) {
        self.add(method, json!({ "netuid": self.life.netuid }), place, expected);
    }

    /// A stored value of our main pallet, which does not change while it is read.
    fn stored(&mut self, method: &'static str, item: &str) {
        let expected = self.chain.storage(item, json!([self.life.netuid]));
        self.here(method, "", expected);
    }

    /// The same for one value of the whole chain.
    fn stored_once(&mut self, method: &'static str, item: &str) {
        let expected = self.chain.storage(item, json!([]));
        self.add(method, json!({}), "", expected);
    }

    /// A read of bittensor 11 at the block.
    fn witness(&mut self, name: &str, arguments: Value) -> Value {
        self.chain.witness_at(self.block, name, arguments)
    }

    /// The same for the subnet of the story.
    fn witness_here(&mut self, name: &str) -> Value {
        self.witness(name, json!({ "netuid": self.life.netuid }))
    }

    fn about_accounts_and_the_chain(&mut self) {
        let (alice, bob, block) = (address("Alice"), address("Bob"), self.block);
        let balances = self.witness("balances", json!({ "coldkey_ss58s": [alice, bob] }));
        self.add("get_balance", json!({ "address": alice }), "", balances[&alice].clone());
        self.add("get_balances", json!({ "addresses": [alice, bob] }), "", balances);
        self.add("get_existential_deposit", json!({}), "", 500);
        // The chain has 4 blocks a second.
        self.add("is_fast_blocks", json!({}), "", true);
        let info = self.witness("block_info", json!({ "block": block }));
        let at = json!({ "block": block });
        self.add("determine_block_hash", at.clone(), "", info["hash"].clone());
        self.add("get_block_hash", at.clone(), "", info["hash"].clone());
        self.add("get_block_info", at.clone(), "/hash", info["hash"].clone());
        self.add("get_block_info", at, "/number", block);
        let seconds = self.witness("timestamp", json!({}))["unix"].as_f64().expect("seconds");
        let milliseconds: u64 = format!("{:.0}", seconds * 1000.0).parse().expect("a number");
        self.add("get_timestamp", json!({}), "", milliseconds);
        for (method, item) in [
            ("tx_rate_limit", "TxRateLimit"),
            ("get_admin_freeze_window", "AdminFreezeWindow"),
            ("get_owner_hyperparam_rate_limit", "OwnerHyperparamRateLimit"),
            ("get_start_call_delay", "StartCallDelay"),
            ("get_minimum_required_stake", "NominatorMinRequiredStake"),
            ("get_total_subnets", "TotalNetworks"),
        ] {
            self.stored_once(method, item);
        }
        for (method, least_or_most) in [
            ("get_min_tempo", 360),
            ("get_max_tempo", 50_400),
            ("get_min_activity_cutoff_factor_milli", 1_000),
            ("get_max_activity_cutoff_factor_milli", 50_000),
        ] {
            self.add(method, json!({}), "", least_or_most);
        }
        self.here("is_in_admin_freeze_window", "", false);
    }

    /// Storage, constants, runtime APIs and calls by their names.
    fn by_name(&mut self) {
        let netuid = self.life.netuid;
        let tempo = self.chain.storage("Tempo", json!([netuid]));
        let of = json!({ "name": "Tempo", "params": [netuid] });
        self.add("query_subtensor", of.clone(), "", tempo.clone());
        self.add("query_module", with(of, "module", json!("SubtensorModule")), "", tempo.clone());
        let constant = json!({ "module_name": "Balances", "constant_name": "ExistentialDeposit" });
        self.add("query_constant", constant, "", 500);
        let row = format!("/{netuid}");
        let map = json!({ "name": "Tempo" });
        self.add("query_map_subtensor", map.clone(), &row, json!([netuid, tempo]));
        self.add("query_map", with(map, "module", json!("SubtensorModule")), &row, json!([netuid, tempo]));
        let api =
            json!({ "runtime_api": "SubnetInfoRuntimeApi", "method": "get_subnet_info", "params": [netuid] });
        self.add("query_runtime_api", api, "/subnetwork_n", 4);
        let nonce = self.chain.storage_of("System", "Account", json!([address("Eve")]))["nonce"].clone();
        let public = key("//Eve").public();
        let public: String = public.iter().map(|byte| format!("{byte:02x}")).collect();
        let raw = json!({ "method": "AccountNonceApi_account_nonce", "data": public });
        let nonce = u32::try_from(nonce.as_u64().expect("a number")).expect("few transactions");
        self.add("state_call", raw, "/result", format!("0x{:08x}", nonce.swap_bytes()));
        let arguments = json!({ "dest": address("Fresh"), "value": 7 });
        let call = json!({
            "call_module": "Balances", "call_function": "transfer_keep_alive", "call_params": arguments,
        });
        self.add("compose_call", call.clone(), "/call_args/value", 7);
        self.add("validate_extrinsic_params", call, "/value", 7);
    }

    fn about_delegation(&mut self) {
        let netuid = self.life.netuid;
        let [alice, validator, child, waiting, fresh] =
            ["Alice", "Alice_hk", "Charlie_hk", "Dave_hk", "Fresh_hk"].map(address);
        let on = |hotkey: &str| json!({ "hotkey_ss58": hotkey, "netuid": netuid });
        let of = |hotkey: &str| json!({ "hotkey_ss58": hotkey });
        for (method, owner) in [("does_hotkey_exist", true), ("is_hotkey_delegate", true)] {
            self.add(method, of(&validator), "", owner);
            self.add(method, of(&fresh), "", false);
        }
        let children = self.witness("children", on(&validator));
        assert_eq!(children[0][1], json!(child), "{children}");
        self.add("get_children", on(&validator), "", json!([true, [[0.2, child]], ""]));
        self.add("get_parents", on(&child), "", json!([[0.2, validator]]));
        let pending = self.witness("pending_children", on(&waiting))["cooldown_block"].clone();
        self.add("get_children_pending", on(&waiting), "", json!([[[0.2, child]], pending]));

        let take = self.witness("delegate_take", of(&validator));
        assert_eq!(take["take_u16"], json!(4587));
        self.add("get_delegate_take", of(&validator), "", take["take"].clone());
        let stake = json!({ "coldkey_ss58": alice, "hotkey_ss58": validator, "netuid": netuid });
        let stake = self.witness("stake", stake);
        for (place, expected) in [
            ("/owner_ss58", json!(alice)),
            ("/take", take["take"].clone()),
            ("/registrations", json!([0, netuid])),
            ("/validator_permits", json!([netuid])),
            (&format!("/nominators/{alice}/{netuid}"), stake.clone()),
        ] {
            self.add("get_delegate_by_hotkey", of(&validator), place, expected.clone());
            self.add("get_delegates", json!({}), &format!("/0{place}"), expected);
        }
        let delegated = json!({ "coldkey_ss58": alice });
        let all = self.witness("delegated", delegated.clone());
        let number = all.as_array().expect("a list").len();
        for (place, expected) in all.as_array().expect("a list").iter().enumerate() {
            let place = |name: &str| format!("/{place}/{name}");
            self.add("get_delegated", delegated.clone(), &place("netuid"), expected["netuid"].clone());
            self.add("get_delegated", delegated.clone(), &place("stake"), expected["stake"].clone());
        }
        assert!(number >= 2, "{all}");
        self.add("query_identity", delegated, "/name", "Alice");
        self.add("get_delegate_identities", json!({}), &format!("/{alice}/url"), "https://example.org");
    }

    fn about_epochs_and_parameters(&mut self) {
        let status = self.witness_here("epoch_status");
        for (method, name) in [
            ("blocks_since_last_step", "blocks_since_last_step"),
            ("blocks_until_next_epoch", "blocks_remaining"),
            ("get_last_epoch_block", "last_epoch_block"),
            ("get_next_epoch_start_block", "next_epoch_start_block"),
            ("get_subnet_epoch_index", "epoch_index"),
            ("tempo", "tempo"),
        ] {
            assert!(status[name].is_u64(), "{name}: {status}");
            self.here(method, "", status[name].clone());
        }
        self.here("get_epoch_schedule_state", "/last_epoch_block", status["last_epoch_block"].clone());
        self.here("get_epoch_schedule_state", "/subnet_epoch_index", status["epoch_index"].clone());
        self.here("get_epoch_schedule_state", "/current_block", self.block);
        let at = json!({ "netuid": self.life.netuid, "uid": 2 });
        let since = self.witness("blocks_since_last_update", at.clone());
        self.add("blocks_since_last_update", at, "", since);

        for (method, item) in [
            ("commit_reveal_enabled", "CommitRevealWeightsEnabled"),
            ("difficulty", "Difficulty"),
            ("get_activity_cutoff_factor_milli", "ActivityCutoffFactorMilli"),
            ("get_subnet_reveal_period_epochs", "RevealPeriodEpochs"),
            ("immunity_period", "ImmunityPeriod"),
            ("min_allowed_weights", "MinAllowedWeights"),
            ("weights_rate_limit", "WeightsSetRateLimit"),
            ("get_mechanism_count", "MechanismCountCurrent"),
            ("get_subnet_owner_hotkey", "SubnetOwnerHotkey"),
            ("get_subnet_validator_permits", "ValidatorPermit"),
            ("subnetwork_n", "SubnetworkN"),
        ] {
            self.stored(method, item);
        }
        let most = self.chain.storage("MaxWeightsLimit", json!([self.life.netuid]));
        self.here("max_weight_limit", "", most.as_f64().map(|most| most / 65535.0));
        let named = json!({ "param_name": "MaxAllowedUids", "netuid": self.life.netuid });
        let uids = self.chain.storage("MaxAllowedUids", json!([self.life.netuid]));
        self.add("get_hyperparameter", named, "", uids);
        let parameters = self.witness_here("subnet_hyperparameters");
        for name in ["kappa", "tempo", "min_burn", "max_burn", "immunity_period", "weights_version"] {
            assert!(parameters[name].is_u64(), "{name}: {parameters}");
            self.here("get_subnet_hyperparameters", &format!("/{name}"), parameters[name].clone());
        }
    }

    fn about_statements_and_locks(&mut self) {
        let netuid = self.life.netuid;
        let [alice, charlie, dave] = ["Alice", "Charlie_hk", "Dave_hk"].map(address);
        let by = |hotkey: &str| json!({ "netuid": netuid, "hotkey_ss58": hotkey });
        let uid = json!({ "netuid": netuid, "uid": 1 });
        self.add("get_commitment", uid.clone(), "", "hello");
        let hello = json!({ "Raw5": "0x68656c6c6f" });
        self.add("get_commitment_metadata", by(&dave), "/info/fields/0", hello);
        self.here("get_all_commitments", "", json!({ charlie.clone(): "hello", dave: "hello" }));
        let reset = self.chain.storage_of("Commitments", "LastBondsReset", json!([netuid, charlie]));
        assert!(reset.is_u64(), "{reset}");
        self.add("get_last_bonds_reset", by(&charlie), "", reset.clone());
        self.add("get_last_commitment_bonds_reset_block", uid, "", reset);

        let lock = self.witness("locks_for_coldkey", json!({ "coldkey_ss58": alice }))[0].clone();
        let mass = lock["locked_alpha"].clone();
        assert!(mass.is_u64(), "{lock}");
        let of = json!({ "coldkey_ss58": alice, "netuid": netuid });
        self.add("get_coldkey_lock", of.clone(), "/locked_mass", mass.clone());
        self.add(
            "get_stake_lock",
            with(of.clone(), "hotkey_ss58", json!(charlie)),
            "/locked_mass",
            mass.clone(),
        );
        self.add("get_stake_locks", of.clone(), "/0/0", charlie.clone());
        self.add("get_stake_locks", of.clone(), "/0/1/locked_mass", mass);
        self.add("is_perpetual_lock", of, "", true);
        self.here("get_most_convicted_hotkey_on_subnet", "", charlie.clone());
        let conviction = self.witness("hotkey_conviction", by(&charlie));
        self.add("get_hotkey_conviction", by(&charlie), "", conviction["conviction_alpha"].clone());
    }

    fn about_neurons(&mut self) {
        let netuid = self.life.netuid;
        let [alice, validator, fresh] = ["Alice", "Alice_hk", "Fresh_hk"].map(address);
        let on = |hotkey: &str| json!({ "hotkey_ss58": hotkey, "netuid": netuid });
        let of = |hotkey: &str| json!({ "hotkey_ss58": hotkey });
        let registered = json!({
            "all_netuids": [0, 1, netuid], "filter_for_netuids": [1, netuid],
            "all_hotkeys": [wallet("Alice")],
        });
        self.add("filter_netuids_by_registered_hotkeys", registered, "/1", netuid);
        let certificate = self.chain.storage("NeuronCertificates", json!([netuid, validator]));
        assert_eq!(certificate["algorithm"], json!(b'?'));
        self.add("get_neuron_certificate", on(&validator), "", "?certificate");
        let certificates = json!({ validator.clone(): "?certificate" });
        self.here("get_all_neuron_certificates", "", certificates);
        self.add("get_hotkey_owner", of(&validator), "", alice.clone());
        self.add("get_netuids_for_hotkey", of(&validator), "", json!([0, netuid]));
        self.add("get_owned_hotkeys", json!({ "coldkey_ss58": alice }), "", json!([validator]));
        self.add("get_uid_for_hotkey_on_subnet", on(&validator), "", 2);
        for (method, known) in [
            ("is_hotkey_registered", on(&validator)),
            ("is_hotkey_registered_any", of(&validator)),
            ("is_hotkey_registered_on_subnet", on(&validator)),
        ] {
            let unknown = with(known.clone(), "hotkey_ss58", json!(fresh));
            self.add(method, known, "", true);
            self.add(method, unknown, "", false);
        }

        let graph = self.witness_here("metagraph");
        let neurons = self.witness("neurons", json!({ "netuid": netuid, "lite": true }));
        let stake = neurons[2]["total_stake"].clone();
        assert!(stake.as_u64() > Some(TAO), "{stake}");
        for (place, expected) in [
            ("/hotkey", json!(validator)),
            ("/coldkey", json!(alice)),
            ("/uid", json!(2)),
            ("/validator_permit", json!(true)),
            ("/axon_info/ip", json!("192.0.2.7")),
            ("/axon_info/port", json!(8091)),
            ("/total_stake", stake),
            ("/last_update", neurons[2]["last_update"].clone()),
        ] {
            let uid = json!({ "uid": 2, "netuid": netuid });
            self.add("neuron_for_uid", uid, place, expected.clone());
            self.add("get_neuron_for_pubkey_and_subnet", on(&validator), place, expected.clone());
            self.here("neurons", &format!("/2{place}"), expected.clone());
            self.here("neurons_lite", &format!("/2{place}"), expected);
        }
        for name in ["hotkeys", "coldkeys", "name", "symbol", "tempo", "owner_coldkey", "num_uids"] {
            let (here, expected) = (format!("/{name}"), graph[name].clone());
            assert!(!expected.is_null(), "{name}: {graph}");
            self.here("get_metagraph_info", &here, expected.clone());
            let all = format!("/{netuid}/{name}");
            self.add("get_all_metagraphs_info", json!({}), &all, expected.clone());
            let name = if name == "num_uids" { "/n" } else { &here };
            self.here("metagraph", name, expected);
        }
        self.here("metagraph", "/axons/2/ip", "192.0.2.7");
        self.here("metagraph", "/block", self.block);
        let bonds = self.chain.storage("Bonds", json!([netuid, 2]));
        let full = json!({ "netuid": netuid, "lite": false });
        self.add("metagraph", full, "/bonds/2/1", bonds[0][1].clone());
    }

    fn about_prices_and_subnets(&mut self) {
        let (netuid, other) = (self.life.netuid, self.life.other);
        let price = self.witness_here("alpha_price")["price_rao"].clone();
        self.here("get_subnet_price", "", price.clone());
        self.add("get_subnet_prices", json!({}), &format!("/{netuid}"), price.clone());
        let bought = self.witness("quote_stake", json!({ "netuid": netuid, "amount_tao": 1.0 }));
        let sold = self.witness("quote_unstake", json!({ "netuid": netuid, "amount_alpha": 1.0 }));
        let buy = json!({ "origin_netuid": 0, "destination_netuid": netuid, "amount": whole(1, 0) });
        self.add("sim_swap", buy.clone(), "/alpha_amount", bought["alpha"].clone());
        self.add("sim_swap", buy, "/tao_fee", bought["tao_fee"].clone());
        let amount = |of| json!({ "netuid": netuid, "amount": whole(1, of) });
        self.add("get_stake_add_fee", amount(0), "", bought["tao_fee"].clone());
        self.add("get_unstake_fee", amount(netuid), "", sold["alpha_fee"].clone());
        let moved =
            json!({ "origin_netuid": netuid, "destination_netuid": other, "amount": whole(1, netuid) });
        // The fee of the second pool, on the TAO from the first.
        let rate = self.chain.storage_of("Swap", "FeeRate", json!([other])).as_u64().expect("a rate");
        let fee = sold["tao"].as_u64().expect("rao") * rate / 65535;
        assert!(fee > 0);
        self.add("get_stake_movement_fee", moved, "", fee);
        let burn = self.witness_here("burn");
        self.here("recycle", "", burn.clone());
        let cost = self.witness("subnet_registration_cost", json!({}));
        self.add("get_subnet_burn_cost", json!({}), "", cost);

        let owner = address("Bob");
        for (place, expected) in [
            ("/owner_coldkey", json!(owner)),
            ("/subnet_name", json!("life")),
            ("/tempo", json!(360)),
            ("/price", price),
        ] {
            self.here("subnet", place, expected.clone());
            self.add("all_subnets", json!({}), &format!("/{netuid}{place}"), expected);
        }
        for (place, expected) in [
            ("/owner_ss58", json!(owner)),
            ("/subnetwork_n", json!(4)),
            ("/burn", burn),
            ("/tempo", json!(360)),
        ] {
            self.here("get_subnet_info", place, expected.clone());
            self.add("get_all_subnets_info", json!({}), &format!("/{netuid}{place}"), expected);
        }
        for (block, last) in [(2, 1), (self.block, other)] {
            let all: Vec<u64> = (0..=last).collect();
            self.add("get_all_subnets_netuid", json!({ "block": block }), "", json!(all));
            let exists = json!({ "netuid": netuid, "block": block });
            self.add("subnet_exists", exists, "", last == other);
        }
        self.here("is_subnet_active", "", true);
        self.add("is_subnet_active", json!({ "netuid": 1 }), "", false);
        let split = self.witness_here("mechanism_emission_split");
        assert_eq!(split, json!([32768, 32767]));
        // The package returns percentages.
        self.here("get_mechanism_emission_split", "", json!([50, 50]));
    }

    fn about_root(&mut self) {
        let netuid = self.life.netuid;
        let (coldkey, hotkey) = (address("Alice"), address("Alice_hk"));
        let on = json!({ "hotkey_ss58": hotkey, "netuid": netuid });
        let both = with(on.clone(), "coldkey_ss58", json!(coldkey));
        let claimed = self.chain.storage("RootClaimed", json!([netuid, hotkey, coldkey]));
        assert!(claimed.as_u64() > Some(0), "{claimed}");
        self.add("get_root_claimed", both, "", claimed);
        let rates = self.chain.storage("RootClaimable", json!([hotkey]));
        let rate = rates[netuid.to_string()]["bits"].as_f64().expect("a rate") / 2_f64.powi(32);
        self.add("get_root_claimable_rate", on.clone(), "", rate);
        let all = json!({ "hotkey_ss58": hotkey });
        self.add("get_root_claimable_all_rates", all, &format!("/{netuid}"), rate);
        let dividends = self.chain.storage("RootAlphaDividendsPerSubnet", json!([netuid, hotkey]));
        assert!(dividends.as_u64() > Some(0), "{dividends}");
        self.add("get_root_alpha_dividends_per_subnet", on, "", dividends);
        self.add("get_root_claim_type", json!({ "coldkey_ss58": coldkey }), "", "Keep");
    }

    fn about_stake(&mut self) {
        let netuid = self.life.netuid;
        let [alice, bob, hotkey] = ["Alice", "Bob", "Alice_hk"].map(address);
        let on = json!({ "hotkey_ss58": hotkey, "netuid": netuid });
        let both = with(on.clone(), "coldkey_ss58", json!(alice));
        let stake = self.witness("stake", both.clone());
        assert!(stake.as_u64() > Some(100 * TAO), "{stake}");
        self.add("get_stake", both, "", stake.clone());
        let positions = json!({ "coldkey_ss58": alice, "hotkey_ss58": hotkey, "netuids": [0, netuid] });
        self.add("get_stake_for_coldkey_and_hotkey", positions, &format!("/{netuid}/stake"), stake);
        let total = self.chain.storage("TotalHotkeyAlpha", json!([hotkey, netuid]));
        self.add("get_stake_for_hotkey", on.clone(), "", total.clone());
        self.add("get_hotkey_stake", on, "", total);

        let of = json!({ "coldkey_ss58": alice });
        let mine = self.witness("stake_for_coldkey", of.clone());
        for (place, expected) in mine.as_array().expect("a list").iter().enumerate() {
            let several = json!({ "coldkey_ss58s": [alice, bob] });
            for name in ["hotkey", "netuid", "stake"] {
                let official = if name == "hotkey" { "hotkey_ss58" } else { name };
                let (place, expected) = (format!("/{place}/{official}"), expected[name].clone());
                self.add("get_stake_info_for_coldkey", of.clone(), &place, expected.clone());
                let place = format!("/{alice}{place}");
                self.add("get_stake_info_for_coldkeys", several.clone(), &place, expected);
            }
        }
        let free = self.witness("stake_availability", json!({ "coldkey_ss58": alice, "netuid": netuid }));
        for name in ["total", "locked", "available"] {
            let place = format!("/{alice}/{netuid}/{name}");
            let asked = json!({ "coldkey_ss58s": [alice, bob] });
            self.add("get_stake_availability_for_coldkeys", asked, &place, free[name].clone());
        }
        let hotkeys = self.witness("staking_hotkeys", of.clone());
        self.add("get_staking_hotkeys", of, "", hotkeys);
        let weights = self.chain.storage("StakeWeight", json!([netuid]));
        let first = weights[2].as_f64().map(|weight| weight / 65535.0);
        self.here("get_stake_weight", "/2", first);
        let destination = json!({ netuid.to_string(): hotkey });
        self.add("get_auto_stakes", json!({ "coldkey_ss58": bob }), "", destination);
    }

    fn about_weights_and_proxies(&mut self) {
        let netuid = self.life.netuid;
        let row = self.chain.storage("Weights", json!([netuid, 2]));
        self.here("weights", "", json!([[2, row]]));
        let bonds = self.chain.storage("Bonds", json!([netuid, 2]));
        assert!(bonds[0][1].as_u64() > Some(0), "{bonds}");
        self.here("bonds", "", json!([[2, bonds]]));

        let (alice, dave) = (address("Alice"), address("Dave"));
        let mine = json!({ "delegate": dave, "proxy_type": "Any", "delay": 1 });
        let deposit = self.witness("proxies", json!({ "coldkey_ss58": alice }))["deposit"].clone();
        let of = json!({ "real_account_ss58": alice });
        self.add("get_proxies_for_real_account", of, "", json!([[mine], deposit]));
        self.add("get_proxies", json!({}), &format!("/{alice}"), json!([mine]));
        let announcements = self.chain.storage_of("Proxy", "Announcements", json!([dave]));
        let waiting = announcements[0][0].clone();
        assert_eq!(waiting["real"], json!(alice), "{announcements}");
        for name in ["real", "call_hash", "height"] {
            let (place, expected) = (format!("/0/{name}"), waiting[name].clone());
            let of = json!({ "delegate_account_ss58": dave });
            self.add("get_proxy_announcement", of, &place, expected.clone());
            self.add("get_proxy_announcements", json!({}), &format!("/{dave}{place}"), expected);
        }
        self.add("get_proxy_constants", json!({ "as_dict": true }), "/MaxProxies", 20);
        self.add(
            "get_proxy_types",
            json!({}),
            "/0",
            json!({ "name": "Any", "index": 0, "deprecated": false }),
        );
        self.add("get_proxy_filter", json!({}), "/1/name", "Owner");
        self.add("get_proxy_filter", json!({}), "/1/calls/0/pallet_name", "AdminUtils");
    }
}
