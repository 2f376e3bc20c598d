//! Changes of hotkeys: replacing one, or claiming one.

use clap::Args;
use myelin_abi::calls::subtensor::{SwapHotkeyV2, TryAssociateHotkey};
use myelin_units::TaoBalance;
use serde_json::json;

use crate::commands::connect;
use crate::output::{address, brief, tao, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// The old and the new hotkey.
#[derive(Args)]
pub struct Swap {
    #[command(flatten)]
    by: Sender,
    /// The new hotkey: a hotkey of the wallet, or an address.
    new_hotkey: String,
    /// On this subnet only.
    #[arg(long, short = 'n', required_unless_present = "all_netuids")]
    netuid: Option<u16>,
    /// On every subnet.
    #[arg(long, conflicts_with = "netuid")]
    all_netuids: bool,
    /// Leave the stake on the old hotkey.
    #[arg(long)]
    keep_stake: bool,
}

/// The hotkey to claim.
#[derive(Args)]
pub struct Associate {
    #[command(flatten)]
    by: Sender,
}

impl Swap {
    /// Replaces the hotkey.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = self.by.hotkey(global)?;
        let new_hotkey = self.by.keys.with_hotkey(&self.new_hotkey).hotkey_account(global)?;
        let price = if self.netuid.is_none() { "KeySwapCost" } else { "KeySwapOnSubnetCost" };
        let price: TaoBalance = chain.constant("SubtensorModule", price).await?;
        let place = self.netuid.map_or("every subnet".into(), |netuid| format!("subnet {netuid}"));
        let what = format!(
            "replacing {} by {} on {place} for {}, or for nothing if it goes on with what was begun",
            brief(&hotkey),
            brief(&new_hotkey),
            tao(price)
        );
        let call = SwapHotkeyV2 { hotkey, new_hotkey, netuid: self.netuid, keep_stake: self.keep_stake };
        let value = json!({ "hotkey": address(&hotkey), "new_hotkey": address(&new_hotkey), "netuid": self.netuid,
                            "price_rao": price.to_rao() });
        self.by.carry_out(global, &chain, Order::new(&call, what), "replaced", value).await
    }
}

impl Associate {
    /// Claims the hotkey.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = self.by.hotkey(global)?;
        let order = Order::new(
            &TryAssociateHotkey { hotkey },
            format!("claiming {} for the coldkey", brief(&hotkey)),
        );
        self.by.carry_out(global, &chain, order, "claimed", json!({ "hotkey": address(&hotkey) })).await
    }
}
