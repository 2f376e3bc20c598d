//! `myelin subnet register`: a hotkey becomes a neuron, or joins root.

use clap::Args;
use myelin_abi::calls::subtensor::{RegisterLimit, RootRegister};
use myelin_units::TaoBalance;
use serde_json::json;

use crate::commands::connect;
use crate::output::{self, address, brief, tao, tao_at_most, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// Which hotkey to register where.
#[derive(Args)]
pub struct Register {
    /// The subnet; 0 is root.
    #[arg(long, short = 'n')]
    netuid: u16,
    #[command(flatten)]
    by: Sender,
    /// Most TAO to pay; by default 5 % above the price now.
    #[arg(long, value_parser = output::amount, value_name = "TAO")]
    max_price: Option<u64>,
}

impl Register {
    /// Registers.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let (netuid, hotkey) = (self.netuid, self.by.hotkey(global)?);
        let order = if netuid == 0 {
            Order::new(&RootRegister { hotkey }, format!("registering {} on root", brief(&hotkey)))
        } else {
            let price = chain.metagraph(netuid, None).await?.burn;
            let limit_price = self.max_price.unwrap_or(price.to_rao() / 100 * 105);
            Order::new(
                &RegisterLimit { netuid, hotkey, limit_price },
                format!(
                    "registering {} on subnet {netuid} for {}, at most {}",
                    brief(&hotkey),
                    tao(price),
                    tao_at_most(TaoBalance::from_rao(limit_price))
                ),
            )
        };
        let Some(sent) = self.by.send(global, &chain, order).await? else { return Ok(()) };
        let uid = chain.uid(netuid, &hotkey).await?;
        let shown = uid.map(|uid| uid.to_string()).unwrap_or_default();
        let value = json!({ "netuid": netuid, "hotkey": address(&hotkey), "uid": uid });
        sent.report(global, &format!("registered with uid {shown}"), value)
    }
}
