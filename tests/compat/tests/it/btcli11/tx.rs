//! `btcli tx`: every intent. Its effect is read back at once.

use std::collections::BTreeSet;
use std::time::Duration;

use codec::{Compact, Decode};
use myelin_abi::calls::admin::SudoSetMechanismEmissionSplit;
use myelin_abi::calls::subtensor::{CommitWeights, RevealWeights};
use myelin_abi::{Account, AxonInfo, ChainIdentityV2, LockState, PrometheusInfo, SubnetIdentityV3};
use myelin_chain_client::{Call, Key, Wait};
use myelin_compat::table::{Part, Verdict};
use myelin_units::TaoBalance;
use myelin_wire::hash::{blake2_256_of, to_hex};
use serde_json::json;

use super::often::{registration, SERVING};
use super::world::{dashed, World};
use crate::dev::{account, address, key};
use crate::town::TAO;
use crate::verdicts;

/// Rounding of stake to shares: one rao less may arrive.
const ROUNDED: u64 = 1;
/// Longest time until an epoch.
const PATIENCE: Duration = Duration::from_secs(60);
/// An account that the tests do not use otherwise.
const FRESH: &str = "Fresh";

/// State that the intents left behind.
pub struct Life {
    /// The subnet of //Bob. //Charlie, //Alice and //Dave are its neurons 1 to 3.
    pub netuid: u16,
    /// An account of //Alice and //Bob together.
    pub shared: String,
    /// Hash of a call of this account that waits for //Bob.
    pub waiting: String,
}

/// Plans and sends every intent; intents that the table calls absent are refused.
pub async fn all(world: &World, netuid: u16) -> Life {
    subnets(world, netuid).await;
    stake(world, netuid).await;
    transfer_and_unstake(world, netuid).await;
    serve(world, netuid).await;
    delegate(world, netuid).await;
    money(world).await;
    describe(world, netuid).await;
    lock(world, netuid).await;
    proxies(world).await;
    let (shared, waiting) = multisig(world).await;
    weigh(world, netuid).await;
    keys(world, netuid).await;
    absent(world, netuid);
    Life { netuid, shared, waiting }
}

async fn subnets(world: &World, netuid: u16) {
    let registration_of_dave = format!("tx burned-register --netuid {netuid}");
    world.refused("dave", &registration_of_dave, "MEV shield is not active on this network");
    assert_eq!(world.uid(netuid, "Dave_hk").await, None);
    world.get("dave", &registration(netuid, "Dave_hk"));
    assert_eq!(world.uid(netuid, "Dave_hk").await, Some(3));

    let made = world.get("charlie", "tx register-subnet");
    let other =
        made["data"]["netuid"].as_u64().and_then(|netuid| u16::try_from(netuid).ok()).expect("a number");
    assert_eq!(world.of_subnet::<Account>("SubnetOwner", other).await, account("Charlie"));
    world.get("charlie", &format!("tx start-call --netuid {other}"));
    assert!(world.of_subnet::<bool>("SubtokenEnabled", other).await);

    for (option, enabled) in [("--no-enabled", false), ("--enabled", true)] {
        world.get("alice", &format!("tx set-subnet-emission-enabled --netuids {netuid} {option}"));
        assert_eq!(world.of_subnet::<bool>("SubnetEmissionEnabled", netuid).await, enabled);
    }
    world.get("alice", "tx set-root-claim-threshold --threshold 0.0001");
    let threshold: i128 = world.of_subnet("RootClaimableThreshold", 0).await;
    assert_eq!(threshold >> 32, 100_000, "a number with 32 bits after the point");
    for (name, value) in [("commit_reveal_weights_enabled", "false"), ("min_burn", "1000000")] {
        world.get("bob", &format!("tx set-hyperparameter --netuid {netuid} --name {name} --value {value}"));
    }
    assert!(!world.of_subnet::<bool>("CommitRevealWeightsEnabled", netuid).await);
    assert_eq!(world.of_subnet::<u64>("MinBurn", netuid).await, 1_000_000);
    world.get("bob", &format!("tx trim-subnet --netuid {netuid} --max-n 64"));
    assert_eq!(world.of_subnet::<u16>("MaxAllowedUids", netuid).await, 64);
    world.get("bob", &format!("tx set-mechanism-count --netuid {netuid} --mechanism-count 2"));
    assert_eq!(world.of_subnet::<u8>("MechanismCountCurrent", netuid).await, 2);
    let split = SudoSetMechanismEmissionSplit { netuid, maybe_split: Some(vec![32_768, 32_767]) };
    world.chain.submit(&split, &key("//Bob"), Wait::Inclusion).await.expect("the owner splits");
}

/// //Alice stakes, unstakes a part, and moves a part.
async fn stake(world: &World, netuid: u16) {
    let before = world.balance("Alice").await;
    world.get("alice", "tx root-register");
    assert!(world.uid(0, "Alice_hk").await.is_some());
    world.get("alice", "tx add-stake --hotkey default --netuid 0 --amount-tao 500");
    assert_eq!(world.stake("Alice", "Alice_hk", 0).await, 500 * TAO);
    let spent = before - world.balance("Alice").await;
    assert!((500 * TAO..502 * TAO).contains(&spent), "{spent}");
    let limit = format!("--netuid {netuid} --amount-tao 5 --limit-price-rao {}", 100 * TAO);
    world.get("alice", &format!("tx add-stake-limit --hotkey charlie/default {limit}"));
    assert!(world.stake("Alice", "Charlie_hk", netuid).await > TAO);

    for remove in [
        format!("remove-stake --netuid {netuid} --amount-alpha 5"),
        "remove-stake --netuid 0 --amount-alpha 5 --claim".to_owned(),
        format!("remove-stake-limit --netuid {netuid} --amount-alpha 1 --limit-price-rao 1"),
    ] {
        let before = world.balance("Alice").await;
        world.get("alice", &format!("tx {remove}"));
        assert!(world.balance("Alice").await > before, "{remove}");
    }

    let before = world.stake("Alice", "Charlie_hk", netuid).await;
    let there = "--dest-hotkey charlie/default --amount 2";
    world.get("alice", &format!("tx move-stake --origin-hotkey default --netuid {netuid} {there}"));
    assert!(world.stake("Alice", "Charlie_hk", netuid).await >= before + 2 * TAO - ROUNDED);
    let before = world.stake("Alice", "Alice_hk", 0).await;
    let away = format!("--origin-hotkey charlie/default --origin-netuid {netuid}");
    world
        .get("alice", &format!("tx move-swap-stake {away} --dest-hotkey default --dest-netuid 0 --amount 1"));
    let between = world.stake("Alice", "Alice_hk", 0).await;
    world.get("alice", &format!("tx swap-stake --origin-netuid {netuid} --dest-netuid 0 --amount 2"));
    assert!(before < between && between < world.stake("Alice", "Alice_hk", 0).await);
}

/// //Dave receives stake and sells all of it; //Bob buys some and burns it.
async fn transfer_and_unstake(world: &World, netuid: u16) {
    let gift = format!("tx transfer-stake --dest dave --netuid {netuid} --amount 3");
    let before = world.stake("Dave", "Alice_hk", netuid).await;
    world.get("alice", &gift);
    assert!(world.stake("Dave", "Alice_hk", netuid).await >= before + 3 * TAO - ROUNDED);
    world.get("alice", &format!("{gift} --dest-hotkey charlie/default"));
    assert!(world.stake("Dave", "Charlie_hk", netuid).await >= 3 * TAO - ROUNDED);
    world.get("dave", "tx unstake-all-alpha --hotkey charlie/default");
    assert_eq!(world.stake("Dave", "Charlie_hk", netuid).await, 0);
    assert!(world.stake("Dave", "Charlie_hk", 0).await > TAO, "it became stake on root");
    world.get("dave", "tx unstake-all --hotkey alice/default");
    assert_eq!(world.stake("Dave", "Alice_hk", netuid).await, 0);

    let before = world.balance("Bob").await;
    world.get("bob", &format!("tx stake-burn --netuid {netuid} --amount-tao 2"));
    assert!(world.balance("Bob").await <= before - 2 * TAO);
    world.get("bob", &format!("tx set-auto-stake --netuid {netuid} --hotkey alice/default"));
    let keys = [Key::from(&account("Bob")), Key::from(netuid)];
    assert_eq!(stored(world, "AutoStakeDestination", &keys).await, Some(account("Alice_hk")));
}

async fn stored<V: Decode>(world: &World, item: &str, keys: &[Key]) -> Option<V> {
    world.chain.storage("SubtensorModule", item, keys, None).await.expect("read")
}

async fn serve(world: &World, netuid: u16) {
    let at = |hotkey: &str| [Key::from(netuid), Key::from(&account(hotkey))];
    let axon = |hotkey: &'static str| async move {
        let axon: Option<AxonInfo> = stored(world, "Axons", &at(hotkey)).await;
        axon.map(|axon| (axon.ip, axon.port))
    };
    world.get("alice", &format!("tx serve-axon --netuid {netuid} --ip 192.0.2.7 --port 8091"));
    let served = world.chain.best_block().await.expect("a block").number;
    assert_eq!(axon("Alice_hk").await, Some((0xc000_0207, 8091)));
    let tls = format!("--netuid {netuid} --ip 192.0.2.8 --port 8093 --certificate 0x01aabb");
    world.get("charlie", &format!("tx serve-axon-tls {tls}"));
    assert_eq!(axon("Charlie_hk").await, Some((0xc000_0208, 8093)));
    world.get("alice", &format!("tx serve-prometheus --netuid {netuid} --ip 192.0.2.7 --port 8094"));
    let metrics: Option<PrometheusInfo> = stored(world, "Prometheus", &at("Alice_hk")).await;
    assert_eq!(metrics.map(|metrics| metrics.port), Some(8094));
    world.chain.wait_for_block(served + SERVING, PATIENCE).await.expect("blocks");
    world.get("alice", &format!("tx reset-axon --netuid {netuid}"));
    assert_eq!(axon("Alice_hk").await, Some((0, 1)), "the package says none so");
}

async fn delegate(world: &World, netuid: u16) {
    for (op, take, expected) in
        [("set-take", "0.1", 6554), ("decrease-take", "0.05", 3277), ("increase-take", "0.07", 4587)]
    {
        world.get("alice", &format!("tx {op} --take {take}"));
        let keys = [Key::from(&account("Alice_hk"))];
        assert_eq!(world.stored::<u16>("Delegates", &keys).await, expected, "{op}");
    }
    world.get("charlie", &format!("tx set-childkey-take --netuid {netuid} --take 0.1"));
    let keys = [Key::from(&account("Charlie_hk")), Key::from(netuid)];
    assert_eq!(world.stored::<u16>("ChildkeyTake", &keys).await, 6554);
    let children = json!([[0.5, address("Charlie_hk")]]);
    world.get("alice", &format!("tx set-children --netuid {netuid} --children '{children}'"));
    let keys = [Key::from(netuid), Key::from(&account("Alice_hk"))];
    let (pending, _): (Vec<(u64, Account)>, u64) = world.stored("PendingChildKeys", &keys).await;
    assert_eq!(pending, [(1 << 63, account("Charlie_hk"))]);
}

async fn money(world: &World) {
    let fresh = address(FRESH);
    world.get("charlie", &format!("tx transfer --dest {fresh} --amount-tao 12.5"));
    assert_eq!(world.balance(FRESH).await, 12 * TAO + TAO / 2);
    let pay = |amount: &str| json!({ "op": "transfer", "dest_ss58": fresh, "amount_tao": amount });
    world.get("charlie", &format!("tx batch --intents '{}'", json!([pay("1"), pay("2")])));
    assert_eq!(world.balance(FRESH).await, 15 * TAO + TAO / 2);
    world.fails("charlie", "tx start-call --netuid 1", "NotSubnetOwner");
    let before = world.balance("Charlie").await;
    let evm = format!("--evm-address 0x{} --amount 1", "11".repeat(20));
    world.get("charlie", &format!("tx fund-evm-key {evm}"));
    assert!(world.balance("Charlie").await < before - TAO);

    // A wallet of its own transfers its whole balance.
    world.get("spender", "wallet new-coldkey --no-password");
    world.get("charlie", "tx transfer --dest spender --amount 5");
    let before = world.balance(FRESH).await;
    world.get("spender", &format!("tx transfer-all --dest {fresh} --no-keep-alive"));
    assert!(world.balance(FRESH).await > before + 4 * TAO);
}

async fn describe(world: &World, netuid: u16) {
    world.get("alice", "tx set-identity --name Alice --url https://example.org");
    let identity: Option<ChainIdentityV2> =
        stored(world, "IdentitiesV2", &[Key::from(&account("Alice"))]).await;
    assert_eq!(identity.expect("stored").name, b"Alice");
    world.get("bob", &format!("tx set-subnet-identity --netuid {netuid} --subnet-name life"));
    let identity: Option<SubnetIdentityV3> = stored(world, "SubnetIdentitiesV3", &[Key::from(netuid)]).await;
    assert_eq!(identity.expect("stored").subnet_name, b"life");
    world.get("bob", &format!("tx update-symbol --netuid {netuid} --symbol θ"));
    assert_eq!(world.of_subnet::<Vec<u8>>("TokenSymbol", netuid).await, "θ".as_bytes());
    let hello = json!({ "netuid": netuid, "info": { "fields": [[{ "Raw5": "0x68656c6c6f" }]] } });
    world.get("charlie", &format!("call Commitments.set_commitment --key hotkey --args '{hello}'"));
}

/// The lock of //Alice in favour of a hotkey.
pub async fn lock_of(world: &World, netuid: u16, hotkey: &str) -> Option<LockState> {
    let keys = [Key::from(&account("Alice")), Key::from(netuid), Key::from(&account(hotkey))];
    stored(world, "Lock", &keys).await
}

async fn lock(world: &World, netuid: u16) {
    let locked = |hotkey: &'static str| async move {
        lock_of(world, netuid, hotkey).await.map_or(0, |lock| lock.locked_mass.to_rao())
    };
    world.get("alice", &format!("tx lock-stake --netuid {netuid} --amount-alpha 10"));
    assert_eq!(locked("Alice_hk").await, 10 * TAO);
    world.get("alice", &format!("tx set-perpetual-lock --netuid {netuid} --enabled"));
    let keys = [Key::from(&account("Alice")), Key::from(netuid)];
    assert_eq!(stored::<bool>(world, "DecayingLock", &keys).await, Some(false));
    world.get("alice", &format!("tx move-lock --netuid {netuid} --destination-hotkey charlie/default"));
    assert_eq!(locked("Alice_hk").await, 0);
    assert!(locked("Charlie_hk").await > 9 * TAO);
    for (option, flag) in [("--no-enabled", 1), ("--enabled", 0)] {
        world.get("alice", &format!("tx set-reject-locked-alpha {option}"));
        let keys = [Key::from(&account("Alice"))];
        assert_eq!(world.stored::<u128>("AccountFlags", &keys).await, flag, "{option}");
    }
}

async fn proxies(world: &World) {
    let staking = "--delegate dave --proxy-type Staking";
    world.get("alice", &format!("tx add-proxy {staking}"));
    assert_eq!(world.proxies(&account("Alice")).await.len(), 1);
    let before = world.stake("Alice", "Alice_hk", 0).await;
    world.get("dave", "tx add-stake --proxy-for alice --hotkey alice/default --netuid 0 --amount-tao 1");
    assert!(world.stake("Alice", "Alice_hk", 0).await >= before + TAO);
    world.get("alice", &format!("tx remove-proxy {staking}"));
    assert_eq!(world.proxies(&account("Alice")).await, []);
    world.get("charlie", "tx add-proxy --delegate dave --proxy-type Any");
    world.get("charlie", "tx remove-proxies");
    assert_eq!(world.proxies(&account("Charlie")).await, []);

    let made = world.get("charlie", "tx create-pure-proxy --proxy-type Any");
    let made = &made["data"];
    let pure = made["pure_proxy"].as_str().expect("an address");
    let pure_account = Account(myelin_wire::ss58::decode(pure).expect("an address"));
    assert_eq!(world.proxies(&pure_account).await[0].0, account("Charlie"));
    world.get("charlie", &format!("tx transfer --dest {pure} --amount 2"));
    let place = format!("--height {} --ext-index {}", made["height"], made["ext_index"]);
    let kill = format!("--spawner charlie --proxy-type Any --index 0 {place} --proxy-for {pure}");
    world.get("charlie", &format!("tx kill-pure-proxy {kill}"));
    assert_eq!(world.proxies(&pure_account).await, []);

    world.get("alice", "tx add-proxy --delegate dave --proxy-type Any --delay 1");
    announced(world, "tx execute-proxy-announced").await;
}

/// //Dave announces a payment of //Alice and makes it with this command.
pub async fn announced(world: &World, execute: &str) {
    let (fresh, before) = (account(FRESH), world.balance(FRESH).await);
    let payment = myelin_abi::calls::balances::TransferKeepAlive {
        dest: myelin_abi::calls::Address::Id(fresh),
        value: Compact(TaoBalance::from_rao(TAO)),
    };
    let encoded = world.chain.encode(&(&payment).into()).await.expect("a call");
    let call_hash = format!("0x{}", to_hex(&blake2_256_of(&[&encoded])));
    let announcement = json!({ "real": address("Alice"), "call_hash": call_hash });
    world.get("dave", &format!("call Proxy.announce --args '{announcement}'"));
    let arguments = json!({ "dest_ss58": address(FRESH), "amount_tao": "1" });
    let who = "--delegate dave --real alice --inner-op transfer";
    world.get("dave", &format!("{execute} {who} --inner-args '{arguments}'"));
    assert_eq!(world.balance(FRESH).await, before + TAO);
}

/// The account of //Alice and //Bob, and the hash of a call that waits for //Bob.
async fn multisig(world: &World) -> (String, String) {
    let payment = json!({ "op": "transfer", "dest_ss58": address(FRESH), "amount_tao": "1" });
    let before = world.balance(FRESH).await;
    let mut shared = String::new();
    for threshold in [1, 2] {
        let name = format!("of{threshold}");
        let made = world
            .get("alice", &format!("multisig add {name} --threshold {threshold} --signatories alice,bob"));
        shared = made["multisig_address"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        world.get("alice", &format!("tx transfer --dest {shared} --amount 10"));
        world.get("alice", &format!("multisig remove {name}"));
    }
    world.get("alice", &format!("tx multisig-threshold-1 --other-signatories bob --call '{payment}'"));
    assert_eq!(world.balance(FRESH).await, before + TAO);

    let both = format!("--threshold 2 --call '{payment}'");
    let opened = || {
        let opened = world.get("alice", &format!("tx multisig-approve {both} --other-signatories bob"));
        let opened = &opened["data"];
        let hash = opened["multisig_call_hash"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
        (hash, format!("--timepoint '{}'", opened["multisig_followup"]["timepoint"]))
    };
    let (_, opening) = opened();
    world.get("alice", &format!("tx multisig-cancel {both} --other-signatories bob {opening}"));
    let (_, opening) = opened();
    world.get("bob", &format!("tx multisig-execute {both} --other-signatories alice {opening}"));
    assert_eq!(world.balance(FRESH).await, before + 2 * TAO);
    let (waiting, _) = opened();
    (shared, waiting)
}

/// //Alice sets weights for //Charlie and //Dave directly and by commitment, and claims her root dividends.
async fn weigh(world: &World, netuid: u16) {
    // The epoch after the next one sees all stakes.
    for _ in 0..2 {
        next_epoch(world, netuid).await;
    }
    world.get("alice", &format!("tx set-weights --netuid {netuid} --uids 1,3 --weights 1.0,0.5"));
    assert_eq!(world.chain.weights(netuid, 2).await.expect("weights"), [(1, 65_535), (3, 32_768)]);
    world.breaks("alice", "tx claim-root", "_MISSING_TYPE");
    world.get("alice", &format!("tx claim-root --subnets {netuid}"));
    world.get("alice", "tx claim-root-with-hotkey --hotkey default");

    let hide = |hidden: bool| {
        let name = "commit_reveal_weights_enabled";
        world.get("bob", &format!("tx set-hyperparameter --netuid {netuid} --name {name} --value {hidden}"));
    };
    hide(true);
    commit(world, netuid, &[1, 2, 3]).await;
    world.get("alice", &format!("tx reveal-weights --netuid {netuid} --uids 1 --weights 1.0 --salt 1,2,3"));
    assert_eq!(world.chain.weights(netuid, 2).await.expect("weights"), [(1, 65_535)]);
    hide(false);
}

async fn next_epoch(world: &World, netuid: u16) {
    let schedule = world.chain.epoch_schedule(netuid, None).await.expect("a schedule");
    world.chain.wait_for_block(schedule.next_epoch_block + 1, PATIENCE).await.expect("the next epoch");
}

/// Commits a weight vector of //Alice's hotkey for neuron 1 alone, and waits until it may be revealed.
pub async fn commit(world: &World, netuid: u16, salt: &[u16]) {
    let (uids, values, salt) = (vec![1], vec![u16::MAX], salt.to_vec());
    let reveal = RevealWeights { netuid, uids, values, salt, version_key: 0 };
    // The storage index of the first mechanism is the subnet's number, with which the arguments begin.
    let commit_hash = blake2_256_of(&[&account("Alice_hk").0, &reveal.arguments()]);
    let commit = CommitWeights { netuid, commit_hash };
    world.chain.submit(&commit, &key("//Alice_hk"), Wait::Inclusion).await.expect("committed");
    next_epoch(world, netuid).await;
}

async fn keys(world: &World, netuid: u16) {
    world.get("bob", &format!("tx associate-hotkey --hotkey {}", address("Bob_second")));
    assert_eq!(world.chain.owner(&account("Bob_second")).await.expect("read"), Some(account("Bob")));
    world.get("dave", &format!("tx swap-hotkey --new-hotkey {}", address("Dave_second")));
    assert_eq!(world.uid(netuid, "Dave_second").await, Some(3));
}

/// Intents that the table calls absent are refused before anything is sent.
fn absent(world: &World, netuid: u16) {
    let offered: BTreeSet<&str> = world.commands_of("tx").map(|(name, _)| name).collect();
    for (op, verdict) in verdicts(Part::Intents11) {
        let name = dashed(op);
        assert!(offered.contains(&*name), "the package has no intent {op}");
        if matches!(verdict, Verdict::Absent(_)) {
            let line = format!("tx {name} {}", options(op, netuid));
            match op {
                "pow_register" => world.absent_or_endless("alice", &line),
                // The package asks for the shield first.
                "add_collateral" => world.refused("alice", &line, "MEV shield is not active"),
                _ => world.absent("alice", &line),
            }
        }
    }
}

/// Options that would be valid if the chain had the intent.
fn options(op: &str, netuid: u16) -> String {
    let coldkey = address("Eve");
    match op {
        "add_collateral" => format!("--netuid {netuid} --amount-alpha 1"),
        "announce_coldkey_swap" | "swap_coldkey_announced" => format!("--new-coldkey {coldkey}"),
        "associate_evm_key" => {
            let (key, signature) = ("11".repeat(20), "00".repeat(65));
            format!("--netuid {netuid} --evm-key 0x{key} --block-number 1 --signature 0x{signature}")
        }
        "commit_weights" => format!("--netuid {netuid} --uids 1 --weights 1.0"),
        "contribute_crowdloan" => "--crowdloan-id 0 --amount-tao 1".to_owned(),
        "create_crowdloan" => {
            format!("--deposit-tao 10 --min-contribution-tao 1 --cap-tao 100 --end 100000 --target {coldkey}")
        }
        "evm_withdraw" => "--amount-tao 1".to_owned(),
        "pow_register" => {
            format!("--netuid {netuid} --work-block 1 --nonce 1 --work-hex {}", "00".repeat(32))
        }
        "register_leased_network" => "--emissions-share 10".to_owned(),
        "set_crowdloan_max_contribution" => "--crowdloan-id 0 --new-max-contribution-tao 1".to_owned(),
        "set_min_collateral" => format!("--netuid {netuid} --min-alpha 1"),
        "stake_into_basket" => "--amount-tao 1".to_owned(),
        "swap_basket" => format!("--origin-netuid {netuid} --dest-netuid 0 --amount 1"),
        "swap_basket_many" => {
            format!("--legs '{}'", json!([{ "origin_netuid": netuid, "dest_netuid": 0, "amount": "1" }]))
        }
        "terminate_lease" => "--lease-id 0".to_owned(),
        "trim_null_subnet_batch" => format!("--netuid {netuid} --target 64"),
        "update_crowdloan_cap" => "--crowdloan-id 0 --new-cap-tao 1".to_owned(),
        "update_crowdloan_end" => "--crowdloan-id 0 --new-end 1000".to_owned(),
        "update_crowdloan_min_contribution" => "--crowdloan-id 0 --new-min-contribution-tao 1".to_owned(),
        _ if op.contains("crowdloan") => "--crowdloan-id 0".to_owned(),
        _ => String::new(),
    }
}
