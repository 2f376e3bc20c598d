//! Methods that the table calls absent or different: the package's messages about them, word for word where that
//! matters.

use myelin_compat::table::{Part, Verdict};
use serde_json::{json, Value};

use super::{address, call, request, verdicts, wallet, whole, with, Chain, Life};

/// The row of the switch that every transaction of the package has.
pub const SHIELDED: &str = "any of them behind the shield against early looks";
const NO_LIQUIDITY: &str = "has been permanently removed from the chain";

/// Transactions that cannot be sent, and change nothing.
pub fn try_transactions(chain: &mut Chain, life: &Life) {
    let before = chain.balance(&address("Alice"));
    for (name, verdict) in verdicts(Part::Transactions10) {
        if !matches!(verdict, Verdict::Absent(_)) {
            continue;
        }
        let arguments = with(arguments_of(name, life), "wallet", wallet("Alice"));
        let said = chain.refused(name, arguments);
        let expected = match name {
            "mev_submit_encrypted" => "MEV Shield NextKey not available",
            // The hotkey cannot pay for a more detailed refusal.
            "set_reveal_commitment" => "Custom error: 255",
            "swap_coldkey_announced" => "No coldkey swap announcement found",
            _ if name.contains("liquidity") => NO_LIQUIDITY,
            _ => "not found in chain metadata",
        };
        assert!(said.contains(expected), "{name}: {said}");
    }
    let shielded =
        json!({ "destination_ss58": address("Fresh"), "amount": whole(1, 0), "mev_protection": true });
    let said = chain.fails("Alice", "transfer", shielded);
    assert!(said.contains("MEV Shield NextKey not available"), "{said}");
    chain.shown.insert(SHIELDED.to_owned());
    assert_eq!(chain.balance(&address("Alice")), before, "nothing was sent");
}

/// Arguments that would be valid if the chain had the transaction.
fn arguments_of(name: &str, life: &Life) -> Value {
    let netuid = life.netuid;
    match name {
        "add_liquidity" => {
            let (low, high) = (whole(1, 0), whole(2, 0));
            json!({ "netuid": netuid, "liquidity": whole(1, 0), "price_low": low, "price_high": high })
        }
        "modify_liquidity" => {
            json!({ "netuid": netuid, "position_id": 0, "liquidity_delta": whole(1, 0) })
        }
        "remove_liquidity" => json!({ "netuid": netuid, "position_id": 0 }),
        "toggle_user_liquidity" => json!({ "netuid": netuid, "enable": true }),
        "announce_coldkey_swap" | "swap_coldkey_announced" => {
            json!({ "new_coldkey_ss58": address("Eve") })
        }
        "contribute_crowdloan" => json!({ "crowdloan_id": 0, "amount": whole(1, 0) }),
        "create_crowdloan" => {
            json!({
                "deposit": whole(10, 0), "min_contribution": whole(1, 0), "cap": whole(100, 0), "end": 10_000,
                "target_address": address("Eve"),
            })
        }
        "mev_submit_encrypted" => {
            let pay = json!({ "dest": address("Fresh"), "value": 1_000_000 });
            json!({ "call": call("Balances", "transfer_keep_alive", pay) })
        }
        "set_reveal_commitment" => {
            json!({ "netuid": netuid, "data": "later", "blocks_until_reveal": 4, "block_time": 0.25 })
        }
        "update_cap_crowdloan" => json!({ "crowdloan_id": 0, "new_cap": whole(1, 0) }),
        "update_end_crowdloan" => json!({ "crowdloan_id": 0, "new_end": 10_000 }),
        "update_min_contribution_crowdloan" => {
            json!({ "crowdloan_id": 0, "new_min_contribution": whole(1, 0) })
        }
        _ if name.contains("crowdloan") => json!({ "crowdloan_id": 0 }),
        _ => json!({}),
    }
}

/// Reads of absent items: a clear error, or an answer that states the absence.
pub fn try_reads(chain: &mut Chain, life: &Life) {
    let (netuid, hotkey, coldkey) = (life.netuid, address("Alice_hk"), address("Alice"));
    let (none, crowdloan) = (Value::Null, json!({ "crowdloan_id": 0 }));
    let answers = [
        ("get_all_ema_tao_inflow", json!({}), json!({})),
        ("get_all_revealed_commitments", json!({ "netuid": netuid }), json!({})),
        ("get_coldkey_swap_constants", json!({ "as_dict": true }), json!({ "KeySwapCost": 100_000_000 })),
        ("get_coldkey_swap_announcement", json!({ "coldkey_ss58": coldkey }), none.clone()),
        ("get_coldkey_swap_announcements", json!({}), json!([])),
        ("get_coldkey_swap_dispute", json!({ "coldkey_ss58": coldkey }), none.clone()),
        ("get_coldkey_swap_disputes", json!({}), json!([])),
        ("get_crowdloan_by_id", crowdloan.clone(), none.clone()),
        ("get_crowdloan_constants", json!({ "constants": ["MinimumDeposit"] }), none.clone()),
        ("get_crowdloan_contributions", crowdloan, json!({})),
        ("get_crowdloan_next_id", json!({}), json!(0)),
        ("get_crowdloans", json!({}), json!([])),
        ("get_liquidity_list", json!({ "netuid": netuid, "wallet": wallet("Alice") }), json!([])),
        ("get_mev_shield_current_key", json!({}), none.clone()),
        ("get_mev_shield_next_key", json!({}), none.clone()),
        ("get_revealed_commitment", json!({ "netuid": netuid, "uid": 1 }), none.clone()),
        ("get_revealed_commitment_by_hotkey", json!({ "netuid": netuid, "hotkey_ss58": hotkey }), none),
        ("get_timelocked_weight_commits", json!({ "netuid": netuid }), json!([])),
        ("last_drand_round", json!({}), json!(0)),
    ];
    for (name, arguments, expected) in answers {
        for peer in [&mut chain.peer, &mut chain.twin] {
            let mut answer = peer.get(request(name, arguments.clone()));
            if name == "get_crowdloan_constants" {
                let constants = answer.as_object().expect("constants by name");
                assert!(constants.values().all(Value::is_null), "{name}: {answer}");
                answer = Value::Null;
            }
            assert_eq!(answer, expected, "{name}");
        }
        chain.otherwise.insert(name.to_owned());
    }
    let flow = json!({ "netuid": netuid });
    assert_eq!(chain.twin.get(request("get_ema_tao_inflow", flow.clone())), Value::Null);
    let said = chain.refused("get_ema_tao_inflow", flow);
    assert!(said.contains("cannot unpack"), "{said}");
    let errors = [
        ("get_max_epochs_per_block", json!({}), "Unable to retrieve MaxEpochsPerBlock constant"),
        (
            "get_vote_data",
            json!({ "proposal_hash": format!("0x{}", "11".repeat(32)) }),
            "Pallet \"Triumvirate\" not found",
        ),
        ("get_coldkey_swap_announcement_delay", json!({}), "not found"),
        ("get_coldkey_swap_reannouncement_delay", json!({}), "not found"),
    ];
    for (name, arguments, expected) in errors {
        let of_twin = chain.twin.ask(request(name, arguments.clone()));
        let of_twin = of_twin.expect_err(&format!("the awaited {name} should fail too"));
        for said in [chain.refused(name, arguments), of_twin] {
            assert!(said.contains(expected), "{name}: {said}");
        }
    }
}
