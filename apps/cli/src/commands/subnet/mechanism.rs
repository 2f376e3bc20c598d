//! `myelin subnet mechanisms`: several ways of judging within one subnet, and their shares of its emission.

use clap::{Args, Subcommand};
use myelin_abi::calls::admin::{SudoSetMechanismCount, SudoSetMechanismEmissionSplit};
use myelin_chain_client::ChainClient;
use serde_json::json;

use super::Netuid;
use crate::commands::connect;
use crate::output::{self, fail, share, Failure, Outcome};
use crate::send::{OnSubnet, Order};
use crate::Global;

/// Most neurons that a subnet may allow, times its mechanisms.
const NEURONS_TIMES_MECHANISMS: u32 = 256;

/// Ways of judging within a subnet: count, set, emissions, split-emissions.
#[derive(Subcommand)]
pub enum Mechanisms {
    /// The number of mechanisms of a subnet.
    Count(Netuid),
    /// Sets the number of mechanisms, as the subnet's owner.
    Set(Set),
    /// The share of each mechanism in the emission.
    Emissions(Netuid),
    /// Sets the shares, as the subnet's owner; on a started subnet with a notice of seven days.
    #[command(
        alias = "emissions-split",
        after_help = "Example:\n  myelin subnet mechanisms split-emissions --netuid 2 --wallet alice --split 70,30"
    )]
    SplitEmissions(Split),
}

/// The number and the subnet.
#[derive(Args)]
pub struct Set {
    #[command(flatten)]
    on: OnSubnet,
    /// Number of mechanisms.
    #[arg(long, alias = "mech-count")]
    count: u8,
}

/// The shares and the subnet.
#[derive(Args)]
pub struct Split {
    #[command(flatten)]
    on: OnSubnet,
    /// One number for each mechanism; only their ratio counts.
    #[arg(long, value_delimiter = ',', required = true, value_parser = output::amount, value_name = "NUMBER")]
    split: Vec<u64>,
}

impl Mechanisms {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Mechanisms::Count(which) => {
                let chain = connect(global).await?;
                let (netuid, count) = (which.netuid, count(&chain, which.netuid).await?);
                let text = format!("subnet {netuid} has {count}");
                output::report(global, &text, json!({ "netuid": netuid, "count": count }))
            }
            Mechanisms::Set(set) => set.run(global).await,
            Mechanisms::Emissions(which) => emissions(global, which.netuid).await,
            Mechanisms::SplitEmissions(split) => split.run(global).await,
        }
    }
}

async fn count(chain: &ChainClient, netuid: u16) -> Result<u8, Failure> {
    chain.subnet(netuid).await?;
    Ok(chain.value("SubtensorModule", "MechanismCountCurrent", &[netuid.into()]).await?)
}

async fn emissions(global: &Global, netuid: u16) -> Outcome {
    let chain = connect(global).await?;
    let count = usize::from(count(&chain, netuid).await?.max(1));
    let newest: Option<Vec<u16>> =
        chain.storage("SubtensorModule", "MechanismEmissionSplit", &[netuid.into()], None).await?;
    let former: Option<(Option<Vec<u16>>, u64)> =
        chain.storage("SubtensorModule", "FormerEmissionSplit", &[netuid.into()], None).await?;
    let best = chain.best_block().await?.number;
    let whole = |shares: Option<Vec<u16>>| {
        let mut shares = shares.unwrap_or_else(|| vec![u16::MAX / count as u16; count]);
        shares.resize(count, 0);
        shares
    };
    let newest = whole(newest);
    let Some((former, from)) = former.filter(|(_, from)| best < *from) else {
        let mut table = output::table(&["mechanism", "share"], 1);
        for (mechanism, part) in newest.iter().enumerate() {
            table.add_row([mechanism.to_string(), share(*part)]);
        }
        return output::show(global, &json!({ "netuid": netuid, "shares": newest }), &table);
    };
    let now = whole(former);
    let mut table = output::table(&["mechanism", "share", &format!("from block {from}")], 1);
    for (mechanism, (part, next)) in now.iter().zip(&newest).enumerate() {
        table.add_row([mechanism.to_string(), share(*part), share(*next)]);
    }
    let value = json!({ "netuid": netuid, "shares": now, "next": { "shares": newest, "from": from } });
    output::show(global, &value, &table)
}

impl Set {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let (netuid, now) = (self.on.netuid, count(&chain, self.on.netuid).await?);
        let most: u16 = chain.value("SubtensorModule", "MaxAllowedUids", &[netuid.into()]).await?;
        if u32::from(self.count) * u32::from(most) > NEURONS_TIMES_MECHANISMS {
            return fail(format!(
                "subnet {netuid} allows {most} neurons (max_allowed_uids), and {most} times {} mechanisms are \
                 more than {NEURONS_TIMES_MECHANISMS}; `myelin sudo trim --netuid {netuid} --max {}` makes room",
                self.count,
                NEURONS_TIMES_MECHANISMS / u32::from(self.count)
            ));
        }
        let call = SudoSetMechanismCount { netuid, mechanism_count: self.count };
        let what = format!("changing the mechanisms of subnet {netuid} from {now} to {}", self.count);
        let value = json!({ "netuid": netuid, "count": self.count });
        let order = Order::new(&call, what).by_owner_of(netuid);
        self.on.by.carry_out(global, &chain, order, "changed", value).await
    }
}

impl Split {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let netuid = self.on.netuid;
        let count = count(&chain, netuid).await?;
        if self.split.len() != usize::from(count) {
            return fail(format!("subnet {netuid} has {count} mechanisms; name as many numbers"));
        }
        let Some(shares) = shares(&self.split) else { return fail("the numbers are all 0") };
        let call = SudoSetMechanismEmissionSplit { netuid, maybe_split: Some(shares.clone()) };
        let listed: Vec<String> = shares.iter().map(|part| share(*part)).collect();
        let what = format!("splitting the emission of subnet {netuid}: {}", listed.join(", "));
        let value = json!({ "netuid": netuid, "shares": shares });
        let order = Order::new(&call, what).by_owner_of(netuid);
        self.on.by.carry_out(global, &chain, order, "split", value).await
    }
}

/// Numbers as shares whose sum is exactly 65535: each is rounded down, and the rest goes to the first.
fn shares(numbers: &[u64]) -> Option<Vec<u16>> {
    let sum: u128 = numbers.iter().map(|number| u128::from(*number)).sum();
    if sum == 0 {
        return None;
    }
    let part = |number: &u64| u16::try_from(u128::from(*number) * 65_535 / sum).unwrap_or(u16::MAX);
    let mut shares: Vec<u16> = numbers.iter().map(part).collect();
    let given: u16 = shares.iter().sum();
    if let Some(first) = shares.first_mut() {
        *first += u16::MAX - given;
    }
    Some(shares)
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn shares_add_up_to_everything_whatever_the_numbers() {
        assert_eq!(shares(&[70, 30]), Some(vec![45_875, 19_660]));
        for numbers in [&[1, 1, 1][..], &[1], &[u64::MAX, 1], &[0, 5]] {
            let sum: u32 = shares(numbers).expect("not all 0").into_iter().map(u32::from).sum();
            assert_eq!(sum, 65_535, "{numbers:?}");
        }
        assert_eq!(shares(&[0, 0]), None);
    }
}
