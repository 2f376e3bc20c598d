//! Transactions on the chain, one after the other; the effect of each is read back at once.

use serde_json::{json, Value};

use super::{address, call, proxies, rao, request, stake, wallet, weights, with, Chain, Life, TAO};

/// Creates two subnets, and lets accounts use them.
pub fn live(chain: &mut Chain) -> Life {
    let life = found(chain);
    join(chain, &life);
    stake::stake(chain, &life);
    delegate(chain, life.netuid);
    weights::weigh(chain, &life);
    serve(chain, life.netuid);
    money(chain);
    describe(chain, life.netuid);
    stake::lock(chain, life.netuid);
    proxies::delegate(chain);
    claim(chain, life.netuid);
    own(chain, &life);
    life
}

/// Lifts limits that a short story would meet; //Bob and //Charlie create subnets. Smoothed prices follow the spot
/// price at once, so that root earns dividends, and only explicit calls claim them.
fn found(chain: &mut Chain) -> Life {
    chain.as_root(&[
        ("AdminUtils", "sudo_set_admin_freeze_window", json!({ "window": 0 })),
        ("AdminUtils", "sudo_set_owner_hparam_rate_limit", json!({ "epochs": 0 })),
        ("AdminUtils", "sudo_set_tx_rate_limit", json!({ "tx_rate_limit": 0 })),
        ("AdminUtils", "sudo_set_tx_delegate_take_rate_limit", json!({ "tx_rate_limit": 0 })),
        ("AdminUtils", "sudo_set_stake_threshold", json!({ "min_stake": 0 })),
        ("AdminUtils", "sudo_set_network_rate_limit", json!({ "rate_limit": 0 })),
        ("AdminUtils", "sudo_set_subnet_moving_alpha", json!({ "alpha": { "bits": 1_u64 << 32 } })),
        ("SubtensorModule", "sudo_set_num_root_claims", json!({ "new_value": 0 })),
    ]);
    let [netuid, other] = ["Bob", "Charlie"].map(|owner| {
        let netuid = chain.storage("TotalNetworks", json!([])).as_u64().expect("a number");
        chain.send(owner, "register_subnet", json!({}));
        assert_eq!(chain.storage("SubnetOwner", json!([netuid])), json!(address(owner)));
        chain.send(owner, "start_call", json!({ "netuid": netuid }));
        assert_eq!(chain.storage("SubtokenEnabled", json!([netuid])), json!(true));
        netuid
    });
    for netuid in [netuid, other] {
        chain.as_root(&[
            ("AdminUtils", "sudo_set_subnet_emission_enabled", json!({ "netuid": netuid, "enabled": true })),
            (
                "AdminUtils",
                "sudo_set_ema_price_halving_period",
                json!({ "netuid": netuid, "ema_halving": 1 }),
            ),
            (
                "AdminUtils",
                "sudo_set_weights_set_rate_limit",
                json!({ "netuid": netuid, "weights_set_rate_limit": 0 }),
            ),
        ]);
    }
    Life { netuid, other }
}

/// //Charlie, //Alice and //Dave register, each in a different way.
fn join(chain: &mut Chain, life: &Life) {
    let at = json!({ "netuid": life.netuid });
    let limit = |limit| json!({ "netuid": life.netuid, "limit_price": rao(limit, 0) });
    let said = chain.fails("Dave", "register_limit", limit(1));
    assert!(said.contains("RegistrationPriceLimitExceeded"), "{said}");
    for (uid, who, method, arguments) in [
        (1, "Charlie", "burned_register", at.clone()),
        (2, "Alice", "register", at),
        (3, "Dave", "register_limit", limit(5 * TAO)),
    ] {
        let before = chain.balance(&address(who));
        chain.send(who, method, arguments);
        let hotkey = address(&format!("{who}_hk"));
        let found = chain.witness("uid", json!({ "netuid": life.netuid, "hotkey_ss58": hotkey }));
        assert_eq!(found, json!(uid), "{method}");
        assert!(chain.balance(&address(who)) < before, "{method} costs something");
    }
    chain.send("Alice", "root_register", json!({}));
    let member = chain.witness("uid", json!({ "netuid": 0, "hotkey_ss58": address("Alice_hk") }));
    assert!(member.is_u64(), "{member}");
}

/// //Alice lowers her take, then raises it, and gives a fifth of her weight to a child.
fn delegate(chain: &mut Chain, netuid: u64) {
    for (take, stored) in [(0.1, 6553), (0.05, 3276), (0.07, 4587)] {
        chain.send("Alice", "set_delegate_take", json!({ "hotkey_ss58": address("Alice_hk"), "take": take }));
        let found = chain.storage("Delegates", json!([address("Alice_hk")]));
        assert_eq!(found, json!(stored), "{take}");
    }
    let family = |parent: &str, share: f64| {
        let children = json!([[share, address("Charlie_hk")]]);
        json!({ "netuid": netuid, "hotkey_ss58": address(parent), "children": children })
    };
    // The change that //Dave asks for takes effect after the rest of the story.
    for (who, cooldown) in [("Alice", 5), ("Dave", 5_000)] {
        chain.send("Alice", "root_set_pending_childkey_cooldown", json!({ "cooldown": cooldown }));
        assert_eq!(chain.storage("PendingChildKeyCooldown", json!([])), json!(cooldown));
        let hotkey = format!("{who}_hk");
        chain.send(who, "set_children", family(&hotkey, 0.2));
        let at = json!({ "netuid": netuid, "hotkey_ss58": address(&hotkey) });
        let pending = chain.witness("pending_children", at);
        assert_eq!(pending["children"][0][1], json!(address("Charlie_hk")), "{pending}");
    }
}

/// Hotkeys have no TAO: they announce themselves without a fee.
fn serve(chain: &mut Chain, netuid: u64) {
    let axon =
        |who: &str, ip: &str, port: u16| json!({ "netuid": netuid, "axon": { "$axon": [who, ip, port] } });
    let found = |chain: &mut Chain, item: &str, who: &str| {
        chain.storage(item, json!([netuid, address(&format!("{who}_hk"))]))
    };
    chain.call("serve_axon", axon("Charlie", "192.0.2.8", 8092));
    let endpoint = found(chain, "Axons", "Charlie");
    let expected = (json!(0xc000_0208_u32), json!(8092));
    assert_eq!((&endpoint["ip"], &endpoint["port"]), (&expected.0, &expected.1), "{endpoint}");
    let certificate = json!("?certificate");
    chain.call("serve_axon", with(axon("Alice", "192.0.2.7", 8091), "certificate", certificate));
    assert_eq!(found(chain, "Axons", "Alice")["port"], json!(8091));
    let certificate = found(chain, "NeuronCertificates", "Alice");
    assert_eq!(certificate["algorithm"], json!(b'?'), "{certificate}");
}

/// Transfers of a part of a balance: with the fee predicted, by either kind of client, until finality, by a group; and
/// of the whole balance.
fn money(chain: &mut Chain) {
    let fresh = address("Fresh");
    let pay = |amount| json!({ "destination_ss58": fresh, "amount": rao(amount, 0) });
    let transfer = call("Balances", "transfer_keep_alive", json!({ "dest": fresh, "value": TAO }));
    let asked = with(pay(TAO), "wallet", wallet("Charlie"));
    let predicted = chain.call("get_transfer_fee", asked).as_u64().expect("rao");
    let keyed = json!({ "call": transfer, "keypair": { "$key": "//Charlie" } });
    assert_eq!(chain.call("get_extrinsic_fee", keyed), json!(predicted));
    let before = chain.balance(&address("Charlie"));
    chain.send("Charlie", "transfer", pay(12 * TAO));
    assert_eq!(chain.balance(&fresh), 12 * TAO);
    let fee = before - chain.balance(&address("Charlie")) - 12 * TAO;
    assert!(fee.abs_diff(predicted) < predicted / 100, "{fee} instead of {predicted}");
    chain.twin_sends("Charlie", "transfer", pay(TAO));
    chain.send("Charlie", "transfer", with(pay(TAO), "wait_for_finalization", json!(true)));
    let grouped = request("transfer", with(pay(TAO), "wallet", wallet("Charlie")));
    chain.peer.get(with(grouped, "group", json!("extrinsics")));
    assert_eq!(chain.balance(&fresh), 15 * TAO);
    let all = json!({ "destination_ss58": fresh, "amount": null, "transfer_all": true, "keep_alive": false });
    chain.send("Ferdie", "transfer", all);
    assert!(chain.balance(&fresh) > 1_000 * TAO && chain.balance(&address("Ferdie")) == 0);
    let said = chain.fails("Ferdie", "transfer", json!({ "destination_ss58": fresh, "amount": rao(TAO, 0) }));
    assert!(said.contains("balance"), "{said}");
}

fn describe(chain: &mut Chain, netuid: u64) {
    let of_alice = json!({
        "name": "Alice", "url": "https://example.org", "github_repo": "", "image": "", "discord": "",
        "description": "", "additional": "",
    });
    chain.submit("Alice", "coldkey", call("SubtensorModule", "set_identity", of_alice));
    let identity = json!({ "$identity": {
        "subnet_name": "life", "github_repo": "", "subnet_contact": "", "subnet_url": "https://example.org",
        "logo_url": "", "discord": "", "description": "", "additional": "",
    } });
    chain.send("Bob", "set_subnet_identity", json!({ "netuid": netuid, "subnet_identity": identity }));
    let found = chain.witness("subnet_identity", json!({ "netuid": netuid }));
    assert_eq!(found["subnet_name"], json!("life"));

    let commitment = |chain: &mut Chain, who: &str| {
        let at = json!({ "netuid": netuid, "hotkey_ss58": address(who) });
        chain.witness("commitment", at)["data"].clone()
    };
    chain.send("Dave", "set_commitment", json!({ "netuid": netuid, "data": "hello" }));
    assert_eq!(commitment(chain, "Dave_hk"), json!("hello"));
    let allow = json!({ "netuid": netuid, "enabled": true });
    chain.submit("Bob", "coldkey", call("AdminUtils", "sudo_set_bonds_reset_enabled", allow));
    let info = json!({ "fields": [[{ "Raw5": "0x68656c6c6f" }, { "ResetBondsFlag": null }]] });
    let set = call("Commitments", "set_commitment", json!({ "netuid": netuid, "info": info }));
    chain.submit("Charlie", "hotkey", set);
    assert_eq!(commitment(chain, "Charlie_hk"), json!("hello"));
}

/// //Alice keeps root dividends of one subnet as alpha and claims them; then she keeps those of all subnets.
fn claim(chain: &mut Chain, netuid: u64) {
    let keep = json!({ "KeepSubnets": { "subnets": [netuid] } });
    let stored = |chain: &mut Chain| chain.storage("RootClaimType", json!([address("Alice")]));
    chain.send("Alice", "set_root_claim_type", json!({ "new_root_claim_type": keep }));
    assert_eq!(stored(chain), keep);
    let owed = json!({
        "coldkey_ss58": address("Alice"), "hotkey_ss58": address("Alice_hk"), "netuid": netuid,
    });
    let owed = chain.call("get_root_claimable_stake", owed).as_u64().expect("rao");
    assert!(owed > TAO / 100, "root earned {owed} only");
    let claimed = |chain: &mut Chain| {
        let claimed = chain.storage("RootClaimed", json!([netuid, address("Alice_hk"), address("Alice")]));
        claimed.as_u64().expect("rao")
    };
    let before = (chain.stake("Alice", "Alice_hk", netuid), claimed(chain));
    chain.send("Alice", "claim_root", json!({ "netuids": [netuid] }));
    assert!(chain.stake("Alice", "Alice_hk", netuid) >= before.0 + owed);
    assert!(claimed(chain) >= before.1 + owed);
    chain.send("Alice", "set_root_claim_type", json!({ "new_root_claim_type": "Keep" }));
    assert_eq!(stored(chain), json!("Keep"));
}

/// Settings of owners. From here on the first subnet has no epoch for long enough to read it undisturbed.
fn own(chain: &mut Chain, life: &Life) {
    let netuid = life.netuid;
    let admin = |name: &str, arguments: Value| call("AdminUtils", name, arguments);
    let fewer = json!({ "netuid": netuid, "max_n": 64 });
    chain.submit("Bob", "coldkey", admin("sudo_trim_to_max_allowed_uids", fewer));
    let two = json!({ "netuid": netuid, "mechanism_count": 2 });
    chain.submit("Bob", "coldkey", admin("sudo_set_mechanism_count", two));
    let split = json!({ "netuid": netuid, "maybe_split": [32768, 32767] });
    chain.submit("Bob", "coldkey", admin("sudo_set_mechanism_emission_split", split));

    let factor = |chain: &mut Chain| chain.storage("ActivityCutoffFactorMilli", json!([netuid]));
    let set = |factor: u32| json!({ "netuid": netuid, "factor_milli": factor });
    chain.send("Bob", "set_activity_cutoff_factor", set(5_000));
    assert_eq!(factor(chain), json!(5_000));
    // The inner call is the owner's. The package sees that root's call was sent, not the result of the inner call.
    let by_root = with(set(6_000), "wallet", wallet("Alice"));
    chain.peer.get(request("root_set_activity_cutoff_factor", by_root));
    assert_eq!(factor(chain), json!(5_000));
    chain.otherwise.insert("root_set_activity_cutoff_factor".to_owned());
    let by_root = json!({ "netuid": netuid, "factor_milli": 6_000 });
    chain.as_root(&[("AdminUtils", "sudo_set_activity_cutoff_factor", by_root)]);
    assert_eq!(factor(chain), json!(6_000));
    chain.send("Bob", "set_tempo", json!({ "netuid": netuid, "tempo": 360 }));
    assert_eq!(chain.storage("Tempo", json!([netuid])), json!(360));

    let other = json!({ "netuid": life.other });
    let said = chain.fails("Charlie", "trigger_epoch", other.clone());
    assert!(said.contains("DynamicTempoBlockedByCommitReveal"), "{said}");
    let open = json!({ "netuid": life.other, "enabled": false });
    chain.submit("Charlie", "coldkey", admin("sudo_set_commit_reveal_weights_enabled", open));
    // The tempo must not be about to start an epoch by itself.
    chain.wait_for_epoch(life.other);
    let block = chain.send("Charlie", "trigger_epoch", other.clone())["block"].as_u64().expect("a block");
    let at = json!({ "netuid": life.other, "block": block });
    let pending = chain.witness_at(block, "epoch_status", other)["pending_epoch_at"].clone();
    assert!(pending.as_u64() >= Some(block), "{pending}");
    assert_eq!(chain.call("get_pending_epoch_at", at), pending);
}
