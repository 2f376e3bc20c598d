//! `myelin wallet overview` and `myelin view`: all possessions of a coldkey, in one place.

use clap::Args;
use futures::future::try_join_all;
use myelin_abi::Account;
use myelin_chain_client::ChainClient;
use myelin_units::TaoBalance;
use serde_json::json;

use crate::commands::look;
use crate::keys::Who;
use crate::output::{self, address, alpha, share, tao, Failure, Outcome};
use crate::Global;

/// The account and the subnets.
#[derive(Args)]
pub struct Overview {
    #[command(flatten)]
    who: Who,
    /// These subnets only.
    #[arg(long, short = 'n', alias = "netuid", value_delimiter = ',', value_name = "NETUID")]
    netuids: Vec<u16>,
}

/// Value of a coldkey's stake at spot prices, in rao of TAO.
pub async fn staked(chain: &ChainClient, coldkey: &Account) -> Result<u64, Failure> {
    let prices = chain.prices().await?;
    let price =
        |netuid: u16| prices.iter().find(|price| price.netuid == netuid).map_or(0, |price| price.price);
    let stakes = chain.stakes(coldkey).await?;
    Ok(stakes
        .iter()
        .map(|stake| output::value_at(stake.stake.0, price(stake.netuid.0)))
        .fold(0, u64::saturating_add))
}

impl Overview {
    /// Shows the overview.
    pub async fn run(self, global: &Global) -> Outcome {
        let coldkey = self.who.account(global)?;
        let chain = look(global).await?;
        let free = chain.balance(&coldkey).await?;
        let prices = chain.prices().await?;
        let wanted = |netuid: u16| self.netuids.is_empty() || self.netuids.contains(&netuid);
        let subnets =
            prices.iter().map(|price| price.netuid).filter(|netuid| *netuid != 0 && wanted(*netuid));
        let graphs = try_join_all(subnets.map(|netuid| chain.metagraph(netuid, None))).await?;
        let mut table = output::table(
            &["netuid", "uid", "hotkey", "stake", "emission", "incentive", "dividends", "axon"],
            3,
        )
        .least_important(&["axon", "dividends", "stake"]);
        let mut neurons = Vec::new();
        for graph in &graphs {
            for neuron in graph.neurons.iter().filter(|neuron| neuron.coldkey == coldkey) {
                table.add_row([
                    graph.netuid.to_string(),
                    neuron.uid.to_string(),
                    address(&neuron.hotkey),
                    alpha(neuron.total_stake),
                    alpha(neuron.emission),
                    share(neuron.incentive),
                    share(neuron.dividends),
                    neuron.axon.map(|axon| axon.to_string()).unwrap_or_default(),
                ]);
                neurons.push(json!({
                    "netuid": graph.netuid, "uid": neuron.uid, "hotkey": address(&neuron.hotkey),
                    "total_stake_rao": neuron.total_stake.to_rao(), "emission_rao": neuron.emission.to_rao(),
                    "incentive": neuron.incentive, "dividends": neuron.dividends,
                    "validator_permit": neuron.validator_permit, "active": neuron.active,
                    "axon": neuron.axon.map(|axon| axon.to_string()),
                }));
            }
        }
        let stakes = chain.stakes(&coldkey).await?;
        let mut stake_table = output::table(&["netuid", "hotkey", "stake", "value at spot"], 2);
        let (mut staked, mut positions) = (0u64, Vec::new());
        for stake in stakes.iter().filter(|stake| !stake.stake.0.is_zero() && wanted(stake.netuid.0)) {
            let price =
                prices.iter().find(|price| price.netuid == stake.netuid.0).map_or(0, |price| price.price);
            let value = output::value_at(stake.stake.0, price);
            staked = staked.saturating_add(value);
            stake_table.add_row([
                stake.netuid.0.to_string(),
                address(&stake.hotkey),
                output::stake_on(stake.netuid.0, stake.stake.0),
                tao(TaoBalance::from_rao(value)),
            ]);
            positions.push(json!({
                "netuid": stake.netuid.0, "hotkey": address(&stake.hotkey),
                "alpha_rao": stake.stake.0.to_rao(), "value_rao": value,
            }));
        }
        let total = free.saturating_add(TaoBalance::from_rao(staked));
        if global.json {
            return output::json(&json!({
                "coldkey": address(&coldkey), "free_rao": free.to_rao(), "staked_rao": staked,
                "total_rao": total.to_rao(), "stakes": positions, "neurons": neurons,
            }));
        }
        crate::output::say!(
            "{}\n{} free, {} staked at spot prices, {} together",
            address(&coldkey),
            tao(free),
            tao(TaoBalance::from_rao(staked)),
            tao(total)
        );
        for (title, rows, table) in
            [("stake", positions.len(), stake_table), ("neurons", neurons.len(), table)]
        {
            if rows > 0 {
                crate::output::say!("\n{title}");
                output::print(&table);
            }
        }
        Ok(())
    }
}
