//! `myelin stake`: list, validators, add, remove, move, swap, transfer, children, root dividends, automatic staking.

mod auto;
mod burn;
mod child;
mod claim;
mod everywhere;
pub mod limit;
mod position;
mod spread;
mod trade;
mod transit;
mod validators;

use clap::Subcommand;
use myelin_units::TaoBalance;
use serde::Serialize;

use super::look;
use crate::keys::Who;
use crate::output::{self, address, tao, Outcome};
use crate::send::OnSubnet;
use crate::Global;

/// Stake: list, validators, add, remove, move, swap, transfer, child, claims, auto.
#[derive(Subcommand)]
pub enum Stake {
    /// The stake of a coldkey, and its value at the spot price.
    List(Who),
    /// Validators to stake on: stake, take, permit, dividends, and the yield of stake on them in the last epoch, for a
    /// day and a year.
    #[command(
        after_help = "Examples:\n  myelin stake validators --netuid 2\n  myelin stake validators --netuid 0 --json | jq '.validators[0].hotkey'"
    )]
    Validators(validators::Validators),
    /// Buys alpha of a subnet and stakes it on a hotkey.
    #[command(
        after_help = "Examples:\n  myelin stake add --netuid 2 --wallet alice --hotkey validator --amount 100\n  myelin stake add --netuid 2,3 --wallet alice --hotkeys one,two --amount 100\n  myelin stake add --netuid 2 --wallet alice --hotkey validator --amount 100 --limit-price 0.02 --partial"
    )]
    Add(trade::Add),
    /// Sells staked alpha for TAO.
    #[command(
        visible_alias = "unstake",
        after_help = "Examples:\n  myelin stake remove --netuid 2 --wallet alice --hotkey miner1 --amount 5\n  myelin stake remove --netuid 2 --wallet alice --hotkey miner1 --all\n  myelin stake remove --wallet alice --hotkey miner1 --all-netuids"
    )]
    Remove(trade::Remove),
    /// Moves staked alpha to another hotkey or subnet; within a subnet nothing is sold.
    #[command(
        after_help = "Example:\n  myelin stake move --netuid 2 --to 3 --wallet alice --hotkey validator --amount 10"
    )]
    Move(transit::Move),
    /// Exchanges alpha of one subnet for alpha of another, on the same hotkey.
    #[command(
        after_help = "Example:\n  myelin stake swap --netuid 2 --to 3 --wallet alice --hotkey validator --all"
    )]
    Swap(transit::Swap),
    /// Gives staked alpha to another coldkey.
    #[command(
        after_help = "Example:\n  myelin stake transfer --netuid 2 --wallet alice --hotkey validator --dest 5F… --amount 10"
    )]
    Transfer(transit::Transfer),
    /// Gives staked alpha up without a return.
    Burn(burn::Burn),
    /// Hotkeys to which a hotkey lends its stake: get, set, revoke, take, auto.
    #[command(subcommand, visible_alias = "children")]
    Child(child::Child),
    /// Root dividends: their chosen use, and the amounts that can be claimed now.
    Claims(Who),
    /// Chooses the use of root dividends: `swap` for TAO, or `keep` as alpha.
    #[command(
        alias = "claim",
        after_help = "Examples:\n  myelin stake set-claim keep --wallet alice\n  myelin stake set-claim keep --netuids 2,3 --wallet alice"
    )]
    SetClaim(claim::Choose),
    /// Claims the root dividends of up to five subnets.
    ProcessClaim(claim::Claim),
    /// Hotkeys on which miner emission is staked, by subnet.
    Auto(Who),
    /// Chooses the hotkey on which miner emission of a subnet is staked.
    SetAuto(OnSubnet),
}

#[derive(Serialize)]
struct Shown {
    netuid: u16,
    hotkey: String,
    alpha_rao: u64,
    value_rao: u64,
    registered: bool,
}

impl Stake {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Stake::List(who) => list(global, &who).await,
            Stake::Validators(validators) => validators.run(global).await,
            Stake::Add(order) => order.run(global).await,
            Stake::Remove(order) => order.run(global).await,
            Stake::Move(order) => order.run(global).await,
            Stake::Swap(order) => order.run(global).await,
            Stake::Transfer(order) => order.run(global).await,
            Stake::Burn(order) => order.run(global).await,
            Stake::Child(child) => child.run(global).await,
            Stake::Claims(who) => claim::show(global, &who).await,
            Stake::SetClaim(choice) => choice.run(global).await,
            Stake::ProcessClaim(claim) => claim.run(global).await,
            Stake::Auto(who) => auto::show(global, &who).await,
            Stake::SetAuto(on) => auto::choose(global, on).await,
        }
    }
}

async fn list(global: &Global, who: &Who) -> Outcome {
    let chain = look(global).await?;
    let coldkey = who.account(global)?;
    let prices = chain.prices().await?;
    let stakes = chain.stakes(&coldkey).await?;
    let mut shown = Vec::new();
    let mut table = output::table(&["netuid", "hotkey", "stake", "value at spot"], 2);
    for stake in stakes.iter().filter(|stake| !stake.stake.0.is_zero()) {
        let price = prices.iter().find(|price| price.netuid == stake.netuid.0).map_or(0, |price| price.price);
        let value = output::value_at(stake.stake.0, price);
        table.add_row([
            stake.netuid.0.to_string(),
            address(&stake.hotkey),
            output::stake_on(stake.netuid.0, stake.stake.0),
            tao(TaoBalance::from_rao(value)),
        ]);
        shown.push(Shown {
            netuid: stake.netuid.0,
            hotkey: address(&stake.hotkey),
            alpha_rao: stake.stake.0.to_rao(),
            value_rao: value,
            registered: stake.is_registered,
        });
    }
    output::show(global, &shown, &table)
}
