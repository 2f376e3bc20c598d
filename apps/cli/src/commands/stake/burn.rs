//! `myelin stake burn`: alpha that is given up.

use clap::Args;
use myelin_abi::calls::subtensor::{BurnAlpha, RecycleAlpha};
use myelin_chain_client::AnyCall;
use myelin_units::AlphaBalance;
use serde_json::json;

use crate::commands::connect;
use crate::output::{self, alpha, brief, Outcome};
use crate::send::{OnSubnet, Order};
use crate::Global;

/// The amount and the subnet.
#[derive(Args)]
pub struct Burn {
    #[command(flatten)]
    on: OnSubnet,
    /// Alpha to give up.
    #[arg(long, value_parser = output::some_amount, value_name = "ALPHA")]
    amount: u64,
    /// Take it out of the supply, so that it may be minted again, instead of leaving it there without an owner.
    #[arg(long)]
    recycle: bool,
}

impl Burn {
    /// Gives alpha up.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let (netuid, hotkey) = (self.on.netuid, self.on.by.hotkey(global)?);
        let amount = AlphaBalance::from_rao(self.amount);
        let (call, verb): (AnyCall, &str) = if self.recycle {
            ((&RecycleAlpha { hotkey, amount, netuid }).into(), "recycling")
        } else {
            ((&BurnAlpha { hotkey, amount, netuid }).into(), "burning")
        };
        let what = format!(
            "{verb} {} of subnet {netuid} on {}; nobody gets anything for it",
            alpha(amount),
            brief(&hotkey)
        );
        let value = json!({ "netuid": netuid, "alpha_rao": self.amount, "recycled": self.recycle });
        self.on.by.carry_out(global, &chain, Order::new(call, what), "given up", value).await
    }
}
