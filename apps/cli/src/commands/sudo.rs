//! `myelin sudo`: settings of owners for their subnets, and of validators for their stakers.
//!
//! The name is the well-known one; nothing here needs the sudo key.

use clap::{Args, Subcommand};
use myelin_abi::calls::admin::SudoTrimToMaxAllowedUids;
use myelin_abi::calls::subtensor::{AddStakeBurn, DecreaseTake, IncreaseTake, TriggerEpoch};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient};
use myelin_units::{AlphaBalance, TaoBalance};
use serde_json::json;

use super::connect;
use super::stake::limit::{exchange, PriceLimit};
use super::subnet::{parameters, Netuid};
use crate::keys::Keys;
use crate::output::{self, address, alpha, as_u16, brief, fail, share, tao, Failure, Outcome};
use crate::send::{OnSubnet, Order, Sender};
use crate::Global;

/// Settings of owners and validators: set, get, get-take, set-take, trim, trigger-epoch, stake-burn.
#[derive(Subcommand)]
pub enum Sudo {
    /// Sets a hyperparameter of a subnet, as `myelin subnet set`.
    #[command(
        after_help = "Example:\n  myelin sudo set --netuid 2 --wallet alice --param tempo --value 720"
    )]
    Set(parameters::Set),
    /// The hyperparameters of a subnet, as `myelin subnet hyperparameters`.
    Get(Netuid),
    /// The part of its stakers' dividends that a hotkey keeps.
    #[command(alias = "get_take")]
    GetTake(Keys),
    /// Sets the part of its stakers' dividends that a hotkey keeps.
    #[command(
        alias = "set_take",
        after_help = "Example:\n  myelin sudo set-take --wallet alice --hotkey validator --take 9%"
    )]
    SetTake(Take),
    /// Limits a subnet to its best neurons, as its owner; the others are removed.
    Trim(Trim),
    /// Asks for an epoch ahead of time, as the subnet's owner.
    TriggerEpoch(OnSubnet),
    /// Buys alpha of a subnet and burns it.
    #[command(alias = "buyback")]
    StakeBurn(Burn),
}

/// The new take.
#[derive(Args)]
pub struct Take {
    #[command(flatten)]
    by: Sender,
    /// The part to keep: 0.09 or 9%.
    #[arg(long, value_parser = output::proportion, value_name = "PART")]
    take: u64,
}

/// The number of neurons and the subnet.
#[derive(Args)]
pub struct Trim {
    #[command(flatten)]
    on: OnSubnet,
    /// Number of neurons that stay.
    #[arg(long, alias = "max-uids")]
    max: u16,
}

/// The amount and the subnet.
#[derive(Args)]
pub struct Burn {
    #[command(flatten)]
    on: OnSubnet,
    /// TAO to spend.
    #[arg(long, short = 'a', value_parser = output::some_amount, value_name = "TAO")]
    amount: u64,
    #[command(flatten)]
    limit: PriceLimit,
}

impl Sudo {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Sudo::Set(set) => set.run(global).await,
            Sudo::Get(which) => parameters::list(global, which.netuid).await,
            Sudo::GetTake(keys) => get_take(global, &keys).await,
            Sudo::SetTake(take) => take.run(global).await,
            Sudo::Trim(trim) => trim.run(global).await,
            Sudo::TriggerEpoch(on) => trigger(global, on).await,
            Sudo::StakeBurn(burn) => burn.run(global).await,
        }
    }
}

async fn take_of(chain: &ChainClient, hotkey: &Account) -> Result<u16, Failure> {
    Ok(chain.value("SubtensorModule", "Delegates", &[hotkey.into()]).await?)
}

async fn get_take(global: &Global, keys: &Keys) -> Outcome {
    let chain = connect(global).await?;
    let hotkey = keys.hotkey_account(global)?;
    let take = take_of(&chain, &hotkey).await?;
    let text = format!("{} keeps {} of the dividends of those who stake on it", brief(&hotkey), share(take));
    output::report(global, &text, json!({ "hotkey": address(&hotkey), "take": take }))
}

impl Take {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = self.by.hotkey(global)?;
        let (now, take) = (take_of(&chain, &hotkey).await?, as_u16(self.take));
        let call: AnyCall = match take.cmp(&now) {
            std::cmp::Ordering::Equal => return fail(format!("the take is {} already", share(now))),
            std::cmp::Ordering::Greater => (&IncreaseTake { hotkey, take }).into(),
            std::cmp::Ordering::Less => (&DecreaseTake { hotkey, take }).into(),
        };
        let what = format!("changing the take of {} from {} to {}", brief(&hotkey), share(now), share(take));
        let value = json!({ "hotkey": address(&hotkey), "take": take });
        let done = format!("the take is {}", share(take));
        self.by.carry_out(global, &chain, Order::new(call, what), &done, value).await
    }
}

impl Trim {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let (OnSubnet { netuid, by }, max_n) = (self.on, self.max);
        let now = chain.metagraph(netuid, None).await?.neurons.len();
        let least: u16 = chain.value("SubtensorModule", "MinAllowedUids", &[netuid.into()]).await?;
        let most: u16 = chain.value("SubtensorModule", "MaxAllowedUids", &[netuid.into()]).await?;
        if !(least..=most).contains(&max_n) {
            return fail(format!(
                "subnet {netuid} may have {least} to {most} neurons, so it cannot be limited to {max_n}; nothing was sent"
            ));
        }
        let what = match now.saturating_sub(usize::from(max_n)) {
            0 => format!("limiting subnet {netuid} to {max_n} neurons; none of its {now} goes"),
            gone => {
                format!("removing {gone} of the {now} neurons of subnet {netuid}; the others get new uids")
            }
        };
        let order = Order::new(&SudoTrimToMaxAllowedUids { netuid, max_n }, what).by_owner_of(netuid);
        by.carry_out(global, &chain, order, "trimmed", json!({ "netuid": netuid, "max": max_n })).await
    }
}

async fn trigger(global: &Global, OnSubnet { netuid, by }: OnSubnet) -> Outcome {
    let chain = connect(global).await?;
    let what = format!("asking for an epoch of subnet {netuid}");
    let order = Order::new(&TriggerEpoch { netuid }, what).by_owner_of(netuid);
    let Some(sent) = by.send(global, &chain, order).await? else { return Ok(()) };
    let block = chain.epoch_schedule(netuid, None).await?.next_epoch_block;
    let done = format!("the next epoch of subnet {netuid} is at block {block}");
    sent.report(global, &done, json!({ "netuid": netuid, "next_epoch_block": block }))
}

impl Burn {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let OnSubnet { netuid, by } = self.on;
        let hotkey = by.hotkey(global)?;
        let amount = TaoBalance::from_rao(self.amount);
        let order = self.limit.of_purchase(&exchange(&chain, netuid).await?, amount, false)?;
        let what = format!(
            "buying about {} of subnet {netuid} for {} and burning them; {}",
            alpha(order.brings),
            tao(amount),
            order.in_words()
        );
        order.check(&what)?;
        let call = AddStakeBurn { hotkey, netuid, amount, limit: order.limit.map(TaoBalance::from_rao) };
        let Some(sent) = by.send(global, &chain, Order::new(&call, what)).await? else { return Ok(()) };
        // coldkey, hotkey, alpha, netuid
        let burned: Option<(Account, Account, AlphaBalance, u16)> =
            sent.event("SubtensorModule", "AlphaBurned");
        let burned = burned.map_or(AlphaBalance::ZERO, |event| event.2);
        let value = json!({ "netuid": netuid, "tao_rao": self.amount, "burned_rao": burned.to_rao() });
        sent.report(global, &format!("burned {}", alpha(burned)), value)
    }
}
