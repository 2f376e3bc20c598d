//! `myelin stake child`: hotkeys to which a hotkey lends its stake.

use clap::{Args, Subcommand};
use myelin_abi::calls::subtensor::{SetAutoParentDelegationEnabled, SetChildkeyTake, SetChildren};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient};
use serde::Serialize;
use serde_json::json;

use crate::commands::connect;
use crate::keys::Keys;
use crate::output::{self, address, as_u16, brief, fail, share, Failure, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// Hotkeys to which a hotkey lends its stake: get, set, revoke, take, auto.
#[derive(Subcommand)]
pub enum Child {
    /// Children of a hotkey, announced children, and its take as a child.
    Get(Whose),
    /// Sets the list of children; former children that it leaves out are removed.
    #[command(
        after_help = "Example:\n  myelin stake child set --netuid 2 --wallet alice --hotkey validator --children 5F…,5G… --proportions 0.25,0.5"
    )]
    Set(Set),
    /// Ends all lending.
    Revoke(Revoke),
    /// Shows or sets the part of its parents' dividends that a hotkey keeps.
    #[command(
        after_help = "Example:\n  myelin stake child take --netuid 2 --wallet alice --hotkey validator --take 9%"
    )]
    Take(Take),
    /// Sets whether a hotkey on root lends its stake to the owners of subnets automatically.
    Auto(Auto),
}

/// A switch.
#[derive(Args)]
pub struct Auto {
    /// `on` or `off`.
    #[arg(value_parser = crate::commands::lock::on_or_off, action = clap::ArgAction::Set)]
    enabled: bool,
    #[command(flatten)]
    by: Sender,
}

/// The subnets.
#[derive(Args)]
pub struct Subnets {
    /// The subnet.
    #[arg(long, short = 'n', required_unless_present = "all_netuids")]
    netuid: Option<u16>,
    /// Every subnet but root.
    #[arg(long, aliases = ["all", "allnetuids"], conflicts_with = "netuid")]
    all_netuids: bool,
}

impl Subnets {
    async fn list(&self, chain: &ChainClient) -> Result<Vec<u16>, Failure> {
        match self.netuid {
            Some(netuid) => Ok(vec![netuid]),
            None => {
                let all = chain.prices().await?;
                Ok(all.into_iter().map(|price| price.netuid).filter(|netuid| *netuid != 0).collect())
            }
        }
    }
}

/// The hotkey and the subnets.
#[derive(Args)]
pub struct Whose {
    #[command(flatten)]
    subnets: Subnets,
    #[command(flatten)]
    keys: Keys,
}

/// The children and their parts.
#[derive(Args)]
pub struct Set {
    #[command(flatten)]
    subnets: Subnets,
    #[command(flatten)]
    by: Sender,
    /// The children: addresses, hotkeys of the wallet, or names of the address book.
    #[arg(long, short = 'c', value_delimiter = ',', required = true, value_name = "HOTKEY")]
    children: Vec<String>,
    /// The part of the stake that each is lent, in the same order: 0.25 or 25%.
    #[arg(long, alias = "prop", value_delimiter = ',', required = true, value_parser = output::proportion, value_name = "PART")]
    proportions: Vec<u64>,
}

/// The subnets on which lending ends.
#[derive(Args)]
pub struct Revoke {
    #[command(flatten)]
    subnets: Subnets,
    #[command(flatten)]
    by: Sender,
}

/// The new take.
#[derive(Args)]
pub struct Take {
    #[command(flatten)]
    subnets: Subnets,
    #[command(flatten)]
    by: Sender,
    /// The new take: 0.09 or 9%; without it the take is shown.
    #[arg(long, short = 't', value_parser = output::proportion, value_name = "PART")]
    take: Option<u64>,
}

#[derive(Serialize)]
struct Lent {
    netuid: u16,
    child: String,
    proportion: f64,
    /// Block from which the take may count; absent if it counts now.
    waits_until: Option<u64>,
}

impl Child {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Child::Get(whose) => whose.show(global).await,
            Child::Set(set) => set.run(global).await,
            Child::Revoke(revoke) => revoke.run(global).await,
            Child::Take(take) => take.run(global).await,
            Child::Auto(auto) => auto.run(global).await,
        }
    }
}

type Children = Vec<(u64, Account)>;

impl Whose {
    async fn show(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = self.keys.hotkey_account(global)?;
        let (mut lent, mut takes) = (Vec::new(), Vec::new());
        let mut table = output::table(&["netuid", "child", "of the stake", "counts"], 2);
        for netuid in self.subnets.list(&chain).await? {
            let now: Children =
                chain.value("SubtensorModule", "ChildKeys", &[(&hotkey).into(), netuid.into()]).await?;
            let (waiting, block): (Children, u64) = chain
                .storage("SubtensorModule", "PendingChildKeys", &[netuid.into(), (&hotkey).into()], None)
                .await?
                .unwrap_or_default();
            let waiting = waiting.into_iter().map(|child| (child, Some(block)));
            for ((proportion, child), waits_until) in
                now.into_iter().map(|child| (child, None)).chain(waiting)
            {
                // Floating point is for display only.
                let proportion = proportion as f64 / u64::MAX as f64;
                table.add_row([
                    netuid.to_string(),
                    address(&child),
                    format!("{:.2}%", proportion * 100.0),
                    waits_until.map_or("now".into(), |block| format!("from the epoch after block {block}")),
                ]);
                lent.push(Lent { netuid, child: address(&child), proportion, waits_until });
            }
            let take = take_of(&chain, &hotkey, netuid).await?;
            takes.push(json!({ "netuid": netuid, "take": take }));
        }
        output::show(
            global,
            &json!({ "hotkey": address(&hotkey), "children": lent, "childkey_takes": takes }),
            &table,
        )
    }
}

impl Set {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = self.by.hotkey(global)?;
        let children = self.children(global)?;
        for netuid in self.subnets.list(&chain).await? {
            let listed: Vec<String> = children
                .iter()
                .zip(&self.proportions)
                .map(|((_, child), part)| format!("{:.2}% to {}", *part as f64 / 1e7, brief(child)))
                .collect();
            let what =
                format!("lending stake of {} on subnet {netuid}: {}", brief(&hotkey), listed.join(", "));
            let call = SetChildren { hotkey, netuid, children: children.clone() };
            set(&self.by, global, &chain, (&call).into(), what, netuid, &hotkey).await?;
        }
        Ok(())
    }

    fn children(&self, global: &Global) -> Result<Children, Failure> {
        if self.children.len() != self.proportions.len() {
            return fail(format!(
                "{} children and {} proportions; name one proportion for each child",
                self.children.len(),
                self.proportions.len()
            ));
        }
        if self.proportions.iter().sum::<u64>() > 1_000_000_000 {
            return fail("the proportions are more than 1 together");
        }
        let pairs = self.children.iter().zip(&self.proportions);
        pairs
            .map(|(child, e9)| {
                let proportion = u128::from(*e9) * u128::from(u64::MAX) / 1_000_000_000;
                let child = self.by.keys.with_hotkey(child).hotkey_account(global)?;
                Ok((u64::try_from(proportion).unwrap_or(u64::MAX), child))
            })
            .collect()
    }
}

impl Auto {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let (hotkey, enabled) = (self.by.hotkey(global)?, self.enabled);
        let what = format!("{} lends by itself: {}", brief(&hotkey), if enabled { "on" } else { "off" });
        let order = Order::new(&SetAutoParentDelegationEnabled { hotkey, enabled }, what);
        let value = json!({ "hotkey": address(&hotkey), "enabled": enabled });
        self.by.carry_out(global, &chain, order, "chosen", value).await
    }
}

impl Revoke {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = self.by.hotkey(global)?;
        for netuid in self.subnets.list(&chain).await? {
            let what = format!("ending all lending of {} on subnet {netuid}", brief(&hotkey));
            let call = SetChildren { hotkey, netuid, children: Vec::new() };
            set(&self.by, global, &chain, (&call).into(), what, netuid, &hotkey).await?;
        }
        Ok(())
    }
}

impl Take {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = self.by.hotkey(global)?;
        for netuid in self.subnets.list(&chain).await? {
            let now = take_of(&chain, &hotkey, netuid).await?;
            let Some(e9) = self.take else {
                output::report(
                    global,
                    &format!(
                        "{} keeps {} of its parents' dividends on subnet {netuid}",
                        brief(&hotkey),
                        share(now)
                    ),
                    json!({ "netuid": netuid, "hotkey": address(&hotkey), "take": now }),
                )?;
                continue;
            };
            let take = as_u16(e9);
            let what = format!("changing the childkey take from {} to {}", share(now), share(take));
            let order = Order::new(&SetChildkeyTake { hotkey, netuid, take }, what);
            let value = json!({ "netuid": netuid, "hotkey": address(&hotkey), "take": take });
            let done = format!("the childkey take on subnet {netuid} is {}", share(take));
            self.by.carry_out(global, &chain, order, &done, value).await?;
        }
        Ok(())
    }
}

async fn take_of(chain: &ChainClient, hotkey: &Account, netuid: u16) -> Result<u16, Failure> {
    Ok(chain.value("SubtensorModule", "ChildkeyTake", &[hotkey.into(), netuid.into()]).await?)
}

/// Sends a list of children and reports when it takes effect.
async fn set(
    by: &Sender,
    global: &Global,
    chain: &ChainClient,
    call: AnyCall,
    what: String,
    netuid: u16,
    hotkey: &Account,
) -> Outcome {
    let Some(sent) = by.send(global, chain, Order::new(call, what)).await? else { return Ok(()) };
    // hotkey, netuid, block, children
    let scheduled: Option<(Account, u16, u64, Children)> =
        sent.event("SubtensorModule", "SetChildrenScheduled");
    let block = scheduled.map(|event| event.2);
    let done = match block {
        Some(block) => format!("children of subnet {netuid} change with the first epoch after block {block}"),
        None => format!("children of subnet {netuid} changed"),
    };
    sent.report(global, &done, json!({ "netuid": netuid, "hotkey": address(hotkey), "from_block": block }))
}
