//! `myelin stake add` on several subnets or hotkeys.

use std::collections::BTreeMap;

use myelin_abi::Account;
use myelin_chain_client::ChainClient;
use myelin_units::TaoBalance;
use serde_json::json;

use super::limit::exchange;
use super::position::{of_account, Position};
use super::trade::Add;
use crate::output::{address, fail, stake_on, tao, Outcome};
use crate::send::{LeftOut, Part};
use crate::Global;

impl Add {
    /// Buys on several hotkeys or subnets, on each under a limit of its own.
    pub(super) async fn each(&self, global: &Global, chain: &ChainClient, hotkeys: &[Account]) -> Outcome {
        let (amount, account) = (self.amount(), self.by.account(global)?);
        self.limit.price.fits(&self.netuid)?;
        let purchases = self.netuid.len() * hotkeys.len();
        let most: TaoBalance = std::iter::repeat_n(amount, purchases).sum();
        let free = chain.balance(&account).await?;
        if most > free {
            let (free, all) = (tao(free), tao(most));
            return fail(format!(
                "{} has {free}, and {purchases} purchases cost {all}; nothing was done",
                address(&account)
            ));
        }
        let (mut positions, mut parts, mut left_out, mut lines) =
            (Vec::new(), Vec::new(), Vec::new(), String::new());
        let mut exchanges = BTreeMap::new();
        for &netuid in &self.netuid {
            for &hotkey in hotkeys {
                let at = match exchanges.get(&netuid) {
                    Some(left) => *left,
                    None => exchange(chain, netuid).await?,
                };
                let position = Position { netuid, hotkey };
                let quote = self.limit.price.of_purchase(&at, amount, self.limit.partial)?;
                if let Some(why) = quote.stopped {
                    lines.push_str(&format!("  {position}: nothing: {why}\n"));
                    left_out.push(LeftOut { name: position.to_string(), why });
                    continue;
                }
                lines.push_str(&format!(
                    "  {position}: about {}, {}\n",
                    stake_on(netuid, quote.brings),
                    quote.in_words()
                ));
                exchanges.insert(netuid, quote.left);
                parts.push(Part { name: position.to_string(), call: self.call(hotkey, netuid, quote.limit) });
                positions.push(position);
            }
        }
        let all: TaoBalance = positions.iter().map(|_| amount).sum();
        let what = format!("staking {} on each of these:\n{lines}{} in all", tao(amount), tao(all));
        let Some(sent) = self.by.send_each(global, chain, &parts, &left_out, &what).await? else {
            return Ok(());
        };
        let bought = of_account(sent.events("SubtensorModule", "StakeAdded"), &account, hotkeys);
        let (mut lines, mut ends, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for LeftOut { name, why } in &left_out {
            lines.push(format!("{name}: nothing was staked: {why}"));
            refused.push(format!("{name}: {why}"));
        }
        for (position, why) in positions.iter().zip(&sent.refused) {
            let staked = bought.iter().find(|trade| position.is_of(trade));
            lines.push(match (staked, why) {
                (Some(trade), _) => {
                    format!("{position}: staked {}, got {}", tao(trade.2), stake_on(position.netuid, trade.3))
                }
                (None, Some(why)) => format!("{position}: nothing was staked: {why}"),
                (None, None) => format!("{position}: on its way"),
            });
            refused.extend(why.as_ref().map(|why| format!("{position}: {why}")));
            ends.push(json!({ "netuid": position.netuid, "hotkey": address(&position.hotkey), "why": why,
                              "spent_rao": staked.map(|trade| trade.2.to_rao()),
                              "alpha_rao": staked.map(|trade| trade.3.to_rao()) }));
        }
        sent.report(global, &lines.join("\n"), json!({ "tao_rao": amount.to_rao(), "staked": ends }))?;
        match &refused[..] {
            [] => Ok(()),
            refused => fail(format!("not everything was staked: {}", refused.join("; "))),
        }
    }
}
