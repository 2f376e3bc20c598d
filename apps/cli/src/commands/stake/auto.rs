//! `myelin stake auto` and `set-auto`: hotkeys on which miner emission is staked.

use myelin_abi::calls::subtensor::SetColdkeyAutoStakeHotkey;
use myelin_abi::Account;
use serde_json::json;

use crate::commands::connect;
use crate::keys::Who;
use crate::output::{self, address, brief, Outcome};
use crate::send::{OnSubnet, Order};
use crate::Global;

/// `myelin stake auto`.
pub async fn show(global: &Global, who: &Who) -> Outcome {
    let chain = connect(global).await?;
    let coldkey = who.account(global)?;
    let mut table = output::table(&["netuid", "emission is staked on"], 2);
    let mut shown = Vec::new();
    for netuid in chain.prices().await?.iter().map(|price| price.netuid).filter(|netuid| *netuid != 0) {
        let chosen: Option<Account> = chain
            .storage("SubtensorModule", "AutoStakeDestination", &[(&coldkey).into(), netuid.into()], None)
            .await?;
        let words = chosen.as_ref().map_or("the hotkey that earned it".into(), brief);
        table.add_row([netuid.to_string(), words]);
        shown.push(json!({ "netuid": netuid, "hotkey": chosen.as_ref().map(address) }));
    }
    output::show(global, &shown, &table)
}

/// `myelin stake set-auto`.
pub async fn choose(global: &Global, OnSubnet { netuid, by }: OnSubnet) -> Outcome {
    let chain = connect(global).await?;
    let hotkey = by.hotkey(global)?;
    let call = SetColdkeyAutoStakeHotkey { netuid, hotkey };
    let what = format!("staking miner emission of subnet {netuid} on {} from now on", brief(&hotkey));
    let value = json!({ "netuid": netuid, "hotkey": address(&hotkey) });
    by.carry_out(global, &chain, Order::new(&call, what), "chosen", value).await
}
