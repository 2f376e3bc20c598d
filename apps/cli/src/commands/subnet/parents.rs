//! `myelin subnet parents`: the part of incentives for the parents of the models that miners serve.

use clap::{Args, Subcommand};
use myelin_abi::calls::subtensor::AnnounceParentShare;
use myelin_abi::Timeline;
use myelin_chain_client::{ChainClient, Hash};
use myelin_provenance::inheritance::MAX_PARENT_SHARE;
use serde_json::{json, Value};

use super::Netuid;
use crate::commands::model::{millionths, percent};
use crate::commands::{connect, look};
use crate::output::{self, fail, Failure, Outcome};
use crate::send::{OnSubnet, Order};
use crate::Global;

const PALLET: &str = "SubtensorModule";

/// The share of models' parents: show, set.
#[derive(Subcommand)]
pub enum Parents {
    /// The share in force, and the announced one.
    Show(Netuid),
    /// Announces the part of each incentive for the parents of the miner's model, as the subnet's owner; with the
    /// chain's notice.
    #[command(after_help = "Examples:\n  \
            myelin subnet parents set --netuid 2 --wallet alice --share 10%\n  \
            myelin subnet parents set --netuid 2 --wallet alice --share 0")]
    Set(Set),
}

/// The share of a subnet.
#[derive(Args)]
pub struct Set {
    #[command(flatten)]
    on: OnSubnet,
    /// Part of the incentive of each miner whose declared model has parents, at most 50%; 0 gives parents nothing.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    share: u32,
}

/// Reads a share in millionths.
fn share(text: &str) -> Result<u32, String> {
    let share = millionths(text)?;
    let most = percent(MAX_PARENT_SHARE);
    (share <= MAX_PARENT_SHARE).then_some(share).ok_or(format!("`{text}` is above {most}, the largest share"))
}

impl Parents {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Parents::Show(Netuid { netuid }) => show(global, netuid).await,
            Parents::Set(set) => set.run(global).await,
        }
    }
}

async fn show(global: &Global, netuid: u16) -> Outcome {
    let chain = look(global).await?;
    chain.subnet(netuid).await?;
    let best = chain.best_block().await?;
    let timeline = timeline(&chain, netuid, best.hash).await?;
    let (share, next) = (timeline.in_force(best.number), timeline.announced(best.number));
    let mut text =
        format!("in force: {} of each incentive for the parents of the miner's model", percent(share));
    if let Some((share, from)) = next {
        text += &format!("\nannounced, in force {}: {}", chain.until(from).await?, percent(share));
    }
    let next = next.map(|(share, from)| json!({ "share_millionths": share, "from": from }));
    output::report(global, &text, json!({ "netuid": netuid, "share_millionths": share, "announced": next }))
}

impl Set {
    async fn run(self, global: &Global) -> Outcome {
        let Set { on: OnSubnet { netuid, by }, share } = self;
        let chain = connect(global).await?;
        let best = chain.best_block().await?;
        let known = timeline(&chain, netuid, best.hash).await?;
        if known.in_force(best.number) == share && known.announced(best.number).is_none() {
            return fail(format!("subnet {netuid} gives parents {} already", percent(share)));
        }
        let notice: u64 = chain.value(PALLET, "RubricNotice", &[]).await?;
        let when = chain.until(best.number.saturating_add(1).saturating_add(notice)).await?;
        let what = format!(
            "announcing for subnet {netuid}, in force {when} at the earliest: {} of each incentive for the parents of \
             the miner's model",
            percent(share)
        );
        let call = AnnounceParentShare { netuid, share };
        let order = Order::new(&call, what).by_owner_of(netuid);
        let Some(sent) = by.send(global, &chain, order).await? else { return Ok(()) };
        let event: Option<(u16, u32, u64)> = sent.event(PALLET, "ParentShareAnnounced");
        let from = event.map(|(.., from)| from);
        let done = from.map_or("announced".into(), |block| format!("announced; in force from block {block}"));
        let value: Value = json!({ "netuid": netuid, "share_millionths": share, "from": from });
        sent.report(global, &done, value)
    }
}

/// The shares of a subnet in millionths.
pub async fn timeline(chain: &ChainClient, netuid: u16, at: Hash) -> Result<Timeline<u32>, Failure> {
    Ok(chain.storage(PALLET, "ParentShares", &[netuid.into()], Some(at)).await?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_at_most_half() {
        assert_eq!(["0", "10%", "0.5"].map(share), [Ok(0), Ok(100_000), Ok(500_000)]);
        assert!(share("50.0001%").unwrap_err().contains("above 50%"));
        assert!(share("0.00000001").is_err(), "whole millionths");
    }
}
