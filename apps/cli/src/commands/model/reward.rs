//! The reward of a model's parents: miners declare the model that they serve, and anybody divides its pots.

use clap::Args;
use myelin_abi::calls::subtensor::{DeclareModel, SharePot};
use myelin_abi::{Account, DeclaredModel};
use myelin_chain_client::{ChainClient, ChainError};
use myelin_provenance::inheritance::{parents_hotkey, pot_account};
use myelin_provenance::{Hash, ModelId};
use myelin_units::{AlphaBalance, TaoBalance};
use myelin_wire::hash::to_hex;
use serde_json::{json, Value};

use super::{hash, label, percent, Which};
use crate::commands::connect;
use crate::commands::subnet::parents;
use crate::output::{address, alpha, brief, fail, tao, Failure, Outcome};
use crate::send::{OnSubnet, Order, Sender};
use crate::Global;

const NETWORK: &str = "SubtensorModule";

/// Fields of the event of a division: model, subnet, hotkey of pots, and heirs with their parts.
type Shared = (ModelId, Option<u16>, Account, Vec<(Account, u64)>);

/// A miner, and the model that it serves.
#[derive(Args)]
pub struct Declare {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    on: OnSubnet,
}

/// A model, or none.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct What {
    /// The model, 64 hexadecimal digits.
    #[arg(value_name = "ID", value_parser = hash)]
    id: Option<Hash>,
    /// Declare no model any longer.
    #[arg(long)]
    off: bool,
}

/// A model, and the money in its pot.
#[derive(Args)]
pub struct Share {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    of: Money,
    #[command(flatten)]
    by: Sender,
}

/// Alpha of a subnet, or free TAO.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Money {
    /// Divide the alpha of this subnet.
    #[arg(long, short = 'n')]
    netuid: Option<u16>,
    /// Divide the free TAO, which a removed subnet paid.
    #[arg(long)]
    tao: bool,
}

impl Declare {
    /// Declares the model of the wallet's hotkey on a subnet.
    pub async fn run(self, global: &Global) -> Outcome {
        let Declare { what: What { id, off }, on: OnSubnet { netuid, by } } = self;
        let id = id.filter(|_| !off);
        let chain = connect(global).await?;
        let hotkey = by.hotkey(global)?;
        let what = match id {
            None => format!("withdrawing the declaration of {} on subnet {netuid}", brief(&hotkey)),
            Some(id) => {
                let record = chain.model(&id).await?.model.record;
                let best = chain.best_block().await?;
                let share = parents::timeline(&chain, netuid, best.hash).await?.in_force(best.number);
                let part = match record.parents.is_empty() {
                    true => "it has no parents, so they get nothing".to_owned(),
                    false => format!("{} of each incentive goes to its parents", percent(share)),
                };
                let name = label(&record.name);
                format!("declaring that {} serves {name} on subnet {netuid}; {part}", brief(&hotkey))
            }
        };
        let order = Order::new(&DeclareModel { hotkey, netuid, model: id }, what);
        let id = id.map(|id| to_hex(&id));
        let value = json!({ "netuid": netuid, "hotkey": address(&hotkey), "model": id });
        by.carry_out(global, &chain, order, "declared", value).await
    }
}

impl Share {
    /// Divides a pot of the model among its parents.
    pub async fn run(self, global: &Global) -> Outcome {
        let Share { which: Which { id }, of: Money { netuid, tao: free }, by } = self;
        let netuid = netuid.filter(|_| !free);
        let chain = connect(global).await?;
        let name = label(&chain.model(&id).await?.model.record.name);
        let reward = Reward::of(&chain, &id).await?;
        let amount = match netuid {
            None => tao(reward.tao),
            Some(netuid) => alpha(reward.alpha_on(netuid)),
        };
        let unit = netuid.map_or("free TAO".to_owned(), |netuid| format!("alpha of subnet {netuid}"));
        if reward.is_empty(netuid) {
            return fail(format!("the pot of {name} has no {unit}; `myelin model show` lists what it has"));
        }
        let what = format!("dividing {amount} ({unit}) of the pot of {name} among its parents");
        let call = SharePot { model: id, netuid };
        let Some(sent) = by.send(global, &chain, Order::new(&call, what)).await? else { return Ok(()) };
        let event: Option<Shared> = sent.event(NETWORK, "PotShared");
        let parts = event.map(|(.., parts)| parts).unwrap_or_default();
        let told: Vec<Value> =
            parts.iter().map(|(who, rao)| json!({ "account": address(who), "rao": rao })).collect();
        let value = json!({ "model": to_hex(&id), "netuid": netuid, "parts": told });
        sent.report(global, &format!("divided among {} accounts", parts.len()), value)
    }
}

/// The miners that declare a model, and its pot.
pub struct Reward {
    /// Subnets and miners.
    miners: Vec<(u16, Account)>,
    /// Subnets and the alpha in the pot.
    alpha: Vec<(u16, AlphaBalance)>,
    /// Free TAO in the pot.
    tao: TaoBalance,
}

impl Reward {
    /// Reads the declarations of all miners, and the stakes of the pot.
    pub async fn of(chain: &ChainClient, id: &ModelId) -> Result<Self, Failure> {
        let declared = match chain.entries(NETWORK, "DeclaredModels", &[], None).await {
            // A chain of an older version.
            Err(ChainError::NotFound(_)) => Vec::new(),
            found => found?,
        };
        let miner = |(key, declared): (Vec<u8>, DeclaredModel)| {
            let netuid = u16::from_le_bytes(*key.first_chunk()?);
            (declared.model == *id).then_some((netuid, Account(*key.last_chunk()?)))
        };
        let (hotkey, pot) = (Account(parents_hotkey()), Account(pot_account(id)));
        let stakes = chain.stakes(&pot).await?.into_iter().filter(|stake| stake.hotkey == hotkey);
        Ok(Self {
            miners: declared.into_iter().filter_map(miner).collect(),
            alpha: stakes.map(|stake| (stake.netuid.0, stake.stake.0)).collect(),
            tao: chain.balance(&pot).await?,
        })
    }

    fn alpha_on(&self, netuid: u16) -> AlphaBalance {
        self.alpha.iter().find(|(of, _)| *of == netuid).map_or(AlphaBalance::ZERO, |(_, alpha)| *alpha)
    }

    fn is_empty(&self, netuid: Option<u16>) -> bool {
        netuid.map_or(self.tao == TaoBalance::ZERO, |netuid| self.alpha_on(netuid) == AlphaBalance::ZERO)
    }

    /// For programs.
    pub fn value(&self) -> Value {
        let miner =
            |(netuid, hotkey): &(u16, Account)| json!({ "netuid": netuid, "hotkey": address(hotkey) });
        let pot = |(netuid, alpha): &(u16, AlphaBalance)| json!({ "netuid": netuid, "rao": alpha.to_rao() });
        json!({
            "miners": self.miners.iter().map(miner).collect::<Vec<_>>(),
            "alpha": self.alpha.iter().map(pot).collect::<Vec<_>>(),
            "tao_rao": self.tao.to_rao(),
        })
    }

    /// Rows for people: field and value.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let miners =
            self.miners.iter().map(|(netuid, hotkey)| format!("{} on subnet {netuid}", brief(hotkey)));
        let pots = self.alpha.iter().map(|(netuid, amount)| format!("{} of subnet {netuid}", alpha(*amount)));
        let mut rows: Vec<_> = miners.map(|miner| ("declared by", miner)).collect();
        rows.extend(pots.map(|pot| ("pot for parents", pot)));
        if self.tao != TaoBalance::ZERO {
            rows.push(("pot for parents", tao(self.tao)));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pot_is_told_by_subnet() {
        let reward = Reward {
            miners: vec![(2, Account([1; 32]))],
            alpha: vec![(2, AlphaBalance::from_tokens(3))],
            tao: TaoBalance::ZERO,
        };
        assert!(!reward.is_empty(Some(2)) && reward.is_empty(Some(3)) && reward.is_empty(None));
        let rows = reward.rows();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].1.ends_with("on subnet 2") && rows[1].1.starts_with('3'), "{rows:?}");
        assert_eq!(reward.value()["alpha"][0]["rao"], 3_000_000_000u64);
    }
}
