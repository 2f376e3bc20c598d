//! `myelin stake move`, `swap` and `transfer`: alpha that changes hotkey, subnet or owner.

use clap::Args;
use myelin_abi::calls::subtensor::{
    MoveStake, MoveStakeLimit, SwapStake, SwapStakeLimit, TransferStake, TransferStakeLimit,
};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient};
use myelin_economy::pool::{Fee, Market, Price, Terms};
use myelin_units::AlphaBalance;
use serde_json::json;

use super::limit::{exchange, moved, Limit};
use super::trade::held;
use crate::commands::connect;
use crate::keys;
use crate::output::{self, address, alpha, brief, fail, Failure, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// What leaves where.
#[derive(Args)]
pub struct Parcel {
    /// The subnet that the alpha leaves.
    #[arg(long, short = 'n', aliases = ["origin-netuid", "origin"], short_alias = 'o')]
    netuid: u16,
    /// The subnet that it goes to; the same by default.
    #[arg(long, value_name = "NETUID", alias = "dest-netuid")]
    to: Option<u16>,
    #[command(flatten)]
    by: Sender,
    /// Alpha that leaves.
    #[arg(
        long,
        short = 'a',
        value_parser = output::amount,
        value_name = "ALPHA",
        required_unless_present = "all"
    )]
    amount: Option<u64>,
    /// Everything held on the hotkey on this subnet.
    #[arg(long, aliases = ["stake-all", "swap-all"], conflicts_with = "amount")]
    all: bool,
}

/// To another hotkey or subnet.
#[derive(Args)]
#[command(mut_arg("hotkey", |hotkey| hotkey.alias("from")))]
pub struct Move {
    #[command(flatten)]
    parcel: Parcel,
    /// The hotkey that it goes to: an address, or a hotkey of the wallet; the same by default.
    #[arg(long, value_name = "HOTKEY", aliases = ["dest", "dest-ss58", "dest-hotkey"])]
    to_hotkey: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

/// To another subnet.
#[derive(Args)]
#[command(mut_arg("to", |to| to.alias("dest").short_alias('d')))]
pub struct Swap {
    #[command(flatten)]
    parcel: Parcel,
    #[command(flatten)]
    limit: Limit,
}

/// To another coldkey.
#[derive(Args)]
pub struct Transfer {
    #[command(flatten)]
    parcel: Parcel,
    /// The coldkey that receives it: an address, a wallet, or a name of the address book.
    #[arg(long, value_name = "ACCOUNT", aliases = ["dest-ss58", "dest-coldkey"])]
    dest: String,
    #[command(flatten)]
    limit: Limit,
}

impl Parcel {
    fn destination(&self) -> u16 {
        self.to.unwrap_or(self.netuid)
    }

    async fn alpha(
        &self,
        global: &Global,
        chain: &ChainClient,
        hotkey: &Account,
    ) -> Result<AlphaBalance, Failure> {
        let account = self.by.account(global)?;
        let held = held(chain, &account, hotkey, self.netuid).await?;
        let amount = self.amount.map_or(held, AlphaBalance::from_rao);
        if amount.is_zero() || amount > held {
            return fail(format!(
                "{} holds {} on this hotkey of subnet {}; nothing was done",
                address(&account),
                alpha(held),
                self.netuid
            ));
        }
        Ok(amount)
    }

    async fn carry_out(
        &self,
        global: &Global,
        chain: &ChainClient,
        call: AnyCall,
        what: String,
        moved: AlphaBalance,
    ) -> Outcome {
        let value =
            json!({ "netuid": self.netuid, "to_netuid": self.destination(), "alpha_rao": moved.to_rao() });
        self.by
            .carry_out(global, chain, Order::new(call, what), &format!("moved {}", alpha(moved)), value)
            .await
    }
}

impl Move {
    /// Moves.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let from = self.parcel.by.hotkey(global)?;
        let to = match &self.to_hotkey {
            Some(hotkey) => self.parcel.by.keys.with_hotkey(hotkey).hotkey_account(global)?,
            None => from,
        };
        let (origin, destination) = (self.parcel.netuid, self.parcel.destination());
        let amount = self.parcel.alpha(global, &chain, &from).await?;
        let (limit, rate) = rate(&chain, origin, destination, amount, &self.limit).await?;
        let call: AnyCall = match limit {
            None => (&MoveStake {
                origin_hotkey: from,
                destination_hotkey: to,
                origin_netuid: origin,
                destination_netuid: destination,
                alpha_amount: amount,
            })
                .into(),
            Some(limit_price) => (&MoveStakeLimit {
                origin_hotkey: from,
                destination_hotkey: to,
                origin_netuid: origin,
                destination_netuid: destination,
                alpha_amount: amount,
                limit_price,
                allow_partial: self.limit.partial,
            })
                .into(),
        };
        let what = format!(
            "moving {} of subnet {origin} from {} to {}: {rate}",
            alpha(amount),
            brief(&from),
            brief(&to)
        );
        self.parcel.carry_out(global, &chain, call, what, amount).await
    }
}

impl Swap {
    /// Swaps.
    pub async fn run(self, global: &Global) -> Outcome {
        let (origin, destination) = (self.parcel.netuid, self.parcel.destination());
        if origin == destination {
            return fail("name another subnet with --to; within a subnet there is nothing to swap");
        }
        let chain = connect(global).await?;
        let hotkey = self.parcel.by.hotkey(global)?;
        let alpha_amount = self.parcel.alpha(global, &chain, &hotkey).await?;
        let (limit, rate) = rate(&chain, origin, destination, alpha_amount, &self.limit).await?;
        let call: AnyCall = match limit {
            None => {
                (&SwapStake { hotkey, origin_netuid: origin, destination_netuid: destination, alpha_amount })
                    .into()
            }
            Some(limit_price) => (&SwapStakeLimit {
                hotkey,
                origin_netuid: origin,
                destination_netuid: destination,
                alpha_amount,
                limit_price,
                allow_partial: self.limit.partial,
            })
                .into(),
        };
        let what =
            format!("swapping {} of subnet {origin} on {}: {rate}", alpha(alpha_amount), brief(&hotkey));
        self.parcel.carry_out(global, &chain, call, what, alpha_amount).await
    }
}

impl Transfer {
    /// Gives.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = self.parcel.by.hotkey(global)?;
        let to = keys::account(&self.dest, global)?;
        if to == self.parcel.by.account(global)? {
            return fail(
                "that is the account that holds it; `myelin stake move` changes the hotkey, and `stake swap` the subnet",
            );
        }
        let (origin, destination) = (self.parcel.netuid, self.parcel.destination());
        let alpha_amount = self.parcel.alpha(global, &chain, &hotkey).await?;
        let (limit, rate) = rate(&chain, origin, destination, alpha_amount, &self.limit).await?;
        if limit.is_some() && !chain.offers::<TransferStakeLimit>().await {
            return fail(
                "this chain transfers stake between subnets at any rate only; accept that with --no-limit, \
                 or `myelin stake swap` first, which takes a limit, and transfer within the subnet then",
            );
        }
        let call: AnyCall = match limit {
            None => (&TransferStake {
                destination_coldkey: to,
                hotkey,
                origin_netuid: origin,
                destination_netuid: destination,
                alpha_amount,
            })
                .into(),
            Some(limit_price) => (&TransferStakeLimit {
                destination_coldkey: to,
                origin_hotkey: hotkey,
                destination_hotkey: hotkey,
                origin_netuid: origin,
                destination_netuid: destination,
                alpha_amount,
                limit_price,
                allow_partial: self.limit.partial,
            })
                .into(),
        };
        let what = format!(
            "giving {} of subnet {origin} on {} to {}: {rate}",
            alpha(alpha_amount),
            brief(&hotkey),
            address(&to)
        );
        self.parcel.carry_out(global, &chain, call, what, alpha_amount).await
    }
}

/// The lowest rate between two subnets (`None`: any), and what is expected in words.
async fn rate(
    chain: &ChainClient,
    origin: u16,
    destination: u16,
    amount: AlphaBalance,
    limit: &Limit,
) -> Result<(Option<u64>, String), Failure> {
    if origin == destination {
        return Ok((None, "the alpha changes hands as it is".to_owned()));
    }
    let (source, fee) = exchange(chain, origin).await?;
    let (target, target_fee) = exchange(chain, destination).await?;
    // One fee: the sale pays it, or the purchase if the origin is root.
    let (sale_fee, buy_fee) = if origin == 0 { (Fee::NONE, target_fee) } else { (fee, Fee::NONE) };
    let sale = source.sell(amount, Terms::with_fee(sale_fee))?;
    let buy = target.buy(sale.amount_out, Terms::with_fee(buy_fee))?;
    let expected = format!("about {} of subnet {destination}", alpha(buy.amount_out));
    let now = source.price().safe_div(target.price());
    // Between two pools the chain's limit is for the average rate, else for the last alpha.
    let rate = match (source, target) {
        (Market::Dynamic(pool), Market::Stable) => pool.after_sale(&sale).price(),
        (Market::Stable, Market::Dynamic(pool)) => Price::ONE.safe_div(pool.after_buy(&buy).price()),
        _ => Price::from_ratio(buy.amount_out.to_rao(), amount.to_rao()),
    };
    let moves = moved(now, rate);
    let expected = format!("{expected}, at a rate that is {}.{:02}% worse", moves / 100, moves % 100);
    if limit.price.no_limit {
        return Ok((None, format!("{expected}, at any rate")));
    }
    limit.bears(moves, &expected)?;
    let lowest = limit.price.below(now, rate);
    Ok((Some(lowest), format!("{expected}; lowest rate {}", ratio(lowest))))
}

/// A ratio times 10⁹, for people.
fn ratio(e9: u64) -> String {
    format!("{}.{:04}", e9 / 1_000_000_000, e9 % 1_000_000_000 / 100_000)
}
