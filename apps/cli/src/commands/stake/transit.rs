//! `myelin stake move`, `swap` and `transfer`: alpha that changes hotkey, subnet or owner.

use clap::Args;
use myelin_abi::calls::subtensor::{
    MoveStake, MoveStakeLimit, SwapStake, SwapStakeLimit, TransferStake, TransferStakeLimit,
};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient};
use myelin_economy::pool::{Fee, Market, Price, SwapError, Terms};
use myelin_units::AlphaBalance;
use serde_json::json;

use super::limit::{after_purchase, after_sale, exchange, in_percent, moved, Exchange, Limit, PriceLimit};
use super::trade::held;
use crate::commands::connect;
use crate::keys;
use crate::output::{self, address, alpha, brief, fail, Failure, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// An amount of alpha, its origin and its destination.
#[derive(Args)]
pub struct Parcel {
    /// The subnet that the alpha leaves.
    #[arg(long, short = 'n', aliases = ["origin-netuid", "origin"], short_alias = 'o')]
    netuid: u16,
    /// The subnet that it goes to; the same by default.
    #[arg(long, value_name = "NETUID", alias = "dest-netuid", value_parser = to_subnet)]
    to: Option<u16>,
    #[command(flatten)]
    by: Sender,
    /// Alpha that leaves.
    #[arg(
        long,
        short = 'a',
        value_parser = output::some_amount,
        value_name = "ALPHA",
        required_unless_present = "all"
    )]
    amount: Option<u64>,
    /// All stake on the hotkey on this subnet.
    #[arg(long, aliases = ["stake-all", "swap-all"], conflicts_with = "amount")]
    all: bool,
}

/// A move to another hotkey or subnet.
#[derive(Args)]
#[command(mut_arg("hotkey", |hotkey| hotkey.alias("from")))]
pub struct Move {
    #[command(flatten)]
    parcel: Parcel,
    /// The receiving hotkey: an address, or a hotkey of the wallet; the same by default.
    #[arg(long, value_name = "HOTKEY", aliases = ["dest", "dest-ss58", "dest-hotkey"])]
    to_hotkey: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

/// A swap to another subnet.
#[derive(Args)]
#[command(mut_arg("to", |to| to.alias("dest").short_alias('d')))]
pub struct Swap {
    #[command(flatten)]
    parcel: Parcel,
    #[command(flatten)]
    limit: Limit,
}

/// A transfer to another coldkey.
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

/// Reads the receiving subnet, which people mistake for the receiving account.
fn to_subnet(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| {
        format!("`{text}` is no number of a subnet; an account that receives stake is named by --dest, a hotkey by --to-hotkey")
    })
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
    /// Moves stake.
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
    /// Swaps stake.
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
    /// Transfers stake.
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

/// The lowest rate between two subnets (`None`: any), and the expected amount in words.
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
    let (source, target) = (exchange(chain, origin).await?, exchange(chain, destination).await?);
    let passage = Passage::new(&source, &target, amount)?;
    let expected = format!("about {} of subnet {destination}", alpha(passage.brings));
    let moves: Vec<String> = [(origin, passage.moves[0]), (destination, passage.moves[1])]
        .into_iter()
        .filter(|(_, moves)| *moves > 0)
        .map(|(netuid, moves)| format!(", moving the price of subnet {netuid} by {}", in_percent(moves)))
        .collect();
    let expected = format!("{expected}{}", moves.concat());
    if let Some(why) = passage.stopped(limit) {
        return fail(format!("{expected}: {why}; nothing was sent"));
    }
    Ok(match passage.lowest(&limit.price) {
        None => (None, format!("{expected}, at any rate")),
        Some(lowest) => {
            let otherwise = if limit.partial { ", or the part that it allows" } else { "" };
            (Some(lowest), format!("{expected}; lowest rate {}{otherwise}", ratio(lowest)))
        }
    })
}

/// An exchange of alpha of one subnet for alpha of another.
struct Passage {
    /// Alpha that arrives.
    brings: AlphaBalance,
    /// Effect on the prices of the two subnets, in basis points.
    moves: [u64; 2],
    /// The rate now, after the fee if the chain's limit counts it.
    now: Price,
    /// The rate after the order. Between two pools the chain's limit applies to the average rate, else to the last
    /// alpha.
    then: Price,
}

impl Passage {
    fn new(source: &Exchange, target: &Exchange, amount: AlphaBalance) -> Result<Self, SwapError> {
        let (from, to) = (&source.market, &target.market);
        // One fee: the sale pays it, or the purchase if the origin is root.
        let (sale_fee, buy_fee) =
            if *from == Market::Stable { (Fee::NONE, target.fee) } else { (source.fee, Fee::NONE) };
        let sale = from.sell(amount, Terms::with_fee(sale_fee))?;
        let buy = to.buy(sale.amount_out, Terms::with_fee(buy_fee))?;
        let (from_then, to_then) = (after_sale(from, &sale).price(), after_purchase(to, &buy).price());
        let moves = [moved(from.price(), from_then), moved(to.price(), to_then)];
        let spot = from.price().safe_div(to.price());
        let (now, then) = match (from, to) {
            (Market::Dynamic(_), Market::Dynamic(_)) => {
                let kept = Price::from_ratio(u16::MAX - sale_fee.0, u16::MAX);
                (spot * kept, Price::from_ratio(buy.amount_out.to_rao(), amount.to_rao()))
            }
            _ => (spot, from_then.safe_div(to_then)),
        };
        Ok(Passage { brings: buy.amount_out, moves, now, then })
    }

    /// Reason for not sending it: by default its effect on a price, else a rate that cannot be met.
    fn stopped(&self, limit: &Limit) -> Option<String> {
        let moves = match limit.price.said() {
            Some(_) => moved(self.now, self.then),
            None => self.moves.into_iter().max().unwrap_or_default(),
        };
        if limit.partial {
            return None;
        }
        limit.price.stops(moves)
    }

    /// The rate limit to name; `None` for any rate.
    fn lowest(&self, limit: &PriceLimit) -> Option<u64> {
        (!limit.no_limit).then(|| limit.below(self.now, self.then))
    }
}

/// A ratio times 10⁹, for people.
fn ratio(e9: u64) -> String {
    format!("{}.{:04}", e9 / 1_000_000_000, e9 % 1_000_000_000 / 100_000)
}

#[cfg(test)]
mod tests {
    use myelin_economy::pool::Pool;
    use myelin_units::TaoBalance;

    use super::*;
    use crate::commands::stake::limit::tests::{by_default, slippage};

    fn pool(of: u64) -> Exchange {
        let rao = of * 1_000_000_000;
        let pool = Pool::balanced(TaoBalance::from_rao(rao), AlphaBalance::from_rao(rao));
        Exchange::new(Market::Dynamic(pool), Fee(9_830))
    }

    #[test]
    fn a_swap_is_stopped_by_what_it_does_to_a_price_whatever_the_fee() {
        let limit = |price| Limit { price, partial: false };
        let far = |from: &Exchange, to: &Exchange, alpha: u64, price| {
            let passage =
                Passage::new(from, to, AlphaBalance::from_rao(alpha * 1_000_000_000)).expect("a passage");
            passage.stopped(&limit(price))
        };
        let (small, deep) = (pool(1_000), pool(1_000_000));
        // The fee is 15 %, the rate as good as the present one.
        assert_eq!(far(&small, &deep, 10, by_default()), None);
        assert_eq!(far(&deep, &small, 10, by_default()), None);
        // The average rate is at most 5 % worse, the price of the small pool nearly 10 %.
        for (from, to) in [(&small, &deep), (&deep, &small)] {
            assert!(far(from, to, 52, by_default()).is_some_and(|why| why.contains("move the price by")));
            assert_eq!(far(from, to, 52, slippage(600)), None);
            assert!(far(from, to, 52, slippage(100)).is_some());
        }
        let root = Exchange::new(Market::Stable, Fee::NONE);
        assert!(
            far(&small, &root, 52, by_default()).is_some() && far(&root, &small, 52, by_default()).is_some()
        );
        assert_eq!(far(&root, &small, 10, by_default()), None);
        let lowest = Passage::new(&small, &root, AlphaBalance::from_rao(10_000_000_000)).expect("a passage");
        assert!(lowest.lowest(&by_default()).is_some_and(|rate| rate.abs_diff(978_700_000) < 2_000_000));
    }
}
