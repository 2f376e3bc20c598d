//! `myelin chain equation`: the terms after one block, as a table and as JSON.

use clap::Args;
use myelin_abi::{Difference, SubnetEquation, TaoEquation};
use serde_json::{json, Value};

use crate::commands::look;
use crate::output::{self, fail, grouped, tao, Outcome};
use crate::Global;

/// The block.
#[derive(Args)]
pub struct Show {
    /// A block; the newest final one by default.
    #[arg(long, value_name = "NUMBER")]
    block: Option<u64>,
}

impl Show {
    /// Asks the node, and shows the terms. Fails if they do not add up.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = look(global).await?;
        let block = match self.block {
            Some(number) => myelin_chain_client::Block { number, hash: chain.block_hash(number).await? },
            None => chain.finalized_block().await?,
        };
        let equation = chain.tao_equation(Some(block.hash)).await?;
        let differences = equation.differences();
        let mut table = output::table(&["term", "amount"], 1);
        table.add_row(["block", &grouped(block.number)]);
        for (name, amount) in [
            ("of genesis", equation.genesis),
            ("minted since", equation.minted),
            ("recycled since", equation.recycled),
            ("exists", equation.issuance),
            ("in the ledger of balances", equation.ledger),
            ("in pools", equation.pools),
            ("staked on root", equation.root),
            ("counted as stake", equation.total_stake),
            ("on accounts of subnets", equation.subnet_accounts),
            ("paid for subnets that wait", equation.waiting),
            ("burned", equation.burned),
            ("with people", equation.with_people()),
        ] {
            table.add_row([name, &tao(amount)]);
        }
        let value = json!({
            "block": block.number,
            "hash": block.hash.to_string(),
            "holds": differences.is_empty(),
            "terms": terms(&equation),
            "differences": differences.iter().map(difference).collect::<Vec<_>>(),
        });
        output::show(global, &value, &table)?;
        match &differences[..] {
            [] => Ok(()),
            [first, ..] => fail(format!("the equation of all TAO does not hold: {first}")),
        }
    }
}

/// The terms, in rao.
pub fn terms(equation: &TaoEquation) -> Value {
    json!({
        "genesis_rao": equation.genesis.to_rao(),
        "minted_rao": equation.minted.to_rao(),
        "recycled_rao": equation.recycled.to_rao(),
        "issuance_rao": equation.issuance.to_rao(),
        "ledger_rao": equation.ledger.to_rao(),
        "pools_rao": equation.pools.to_rao(),
        "root_rao": equation.root.to_rao(),
        "total_stake_rao": equation.total_stake.to_rao(),
        "subnet_accounts_rao": equation.subnet_accounts.to_rao(),
        "paid_rao": equation.paid.to_rao(),
        "waiting_rao": equation.waiting.to_rao(),
        "burned_rao": equation.burned.to_rao(),
        "people_rao": equation.with_people().to_rao(),
        "unbalanced": equation.unbalanced.iter().map(subnet_terms).collect::<Vec<_>>(),
    })
}

fn subnet_terms(subnet: &SubnetEquation) -> Value {
    json!({
        "netuid": subnet.netuid,
        "pool_rao": subnet.pool.to_rao(),
        "held_rao": subnet.held.to_rao(),
        "outstanding_rao": subnet.outstanding.to_rao(),
        "staked_rao": subnet.staked.to_rao(),
        "protocol_rao": subnet.protocol.to_rao(),
        "pots_rao": subnet.pots.to_rao(),
        "claims_rao": subnet.claims.to_rao(),
        "unowned_rao": subnet.unowned.to_rao(),
    })
}

/// A broken rule, with both sides.
pub fn difference(difference: &Difference) -> Value {
    json!({
        "rule": difference.rule,
        "netuid": difference.netuid,
        "left_rao": rao(difference.left),
        "right_rao": rao(difference.right),
        "difference_rao": rao(difference.left.saturating_sub(difference.right)),
    })
}

/// A number, or a text where it does not fit into 64 bits.
fn rao(amount: i128) -> Value {
    match (i64::try_from(amount), u64::try_from(amount)) {
        (Ok(amount), _) => amount.into(),
        (_, Ok(amount)) => amount.into(),
        _ => amount.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_beyond_64_bits_become_texts() {
        assert_eq!(rao(-1), json!(-1));
        assert_eq!(rao(i128::from(u64::MAX)), json!(u64::MAX));
        assert_eq!(rao(i128::from(u64::MAX) + 1), json!("18446744073709551616"));
    }
}
