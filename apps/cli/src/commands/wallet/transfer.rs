//! TAO from one coldkey to another.

use clap::Args;
use codec::Compact;
use myelin_abi::calls::balances::{TransferAll, TransferAllowDeath, TransferKeepAlive};
use myelin_abi::calls::Address;
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, Wait};
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;
use serde_json::json;

use crate::commands::connect;
use crate::keys;
use crate::output::{self, address, fail, tao, waiting, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// The amount and the receiver.
#[derive(Args)]
pub struct Transfer {
    #[command(flatten)]
    by: Sender,
    /// Receiver: an address, a wallet, a name of the address book, or a development key.
    #[arg(long, aliases = ["dest", "destination"], short_alias = 'd', value_name = "ACCOUNT")]
    to: String,
    /// TAO to send.
    #[arg(long, short = 'a', value_parser = output::some_amount, value_name = "TAO", required_unless_present = "all")]
    amount: Option<u64>,
    /// The whole free balance.
    #[arg(long, conflicts_with = "amount")]
    all: bool,
    /// Let the account cease to exist if less than the smallest balance remains.
    #[arg(long)]
    allow_death: bool,
}

/// The amount and the receiver.
#[derive(Args)]
pub struct Faucet {
    /// Wallet name, address, or development key such as //Bob.
    #[arg(default_value = "default")]
    who: String,
    /// TAO to give; by default enough to create a subnet.
    #[arg(long, value_parser = output::some_amount, default_value = "5000", value_name = "TAO")]
    amount: u64,
}

impl Transfer {
    /// Sends TAO.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let to: Account = keys::account(&self.to, global)?;
        let dest = Address::Id(to);
        let value = Compact(TaoBalance::from_rao(self.amount.unwrap_or_default()));
        let from = self.by.account(global)?;
        let free = chain.balance(&from).await?;
        if from == to {
            return fail(format!("{} would pay itself; nothing was sent", address(&from)));
        }
        if self.by.acts_now() && value.0 > free {
            return fail(format!(
                "{} has {} free, which is less than {}; nothing was sent",
                address(&from),
                tao(free),
                tao(value.0)
            ));
        }
        let call: AnyCall = match (self.all, self.allow_death) {
            (true, _) => (&TransferAll { dest, keep_alive: !self.allow_death }).into(),
            (false, true) => (&TransferAllowDeath { dest, value }).into(),
            (false, false) => (&TransferKeepAlive { dest, value }).into(),
        };
        let amount = if self.all { "everything that is free".into() } else { tao(value.0) };
        let what = format!("sending {amount} to {}", address(&to));
        let Some(sent) = self.by.send(global, &chain, Order::new(call, what)).await? else { return Ok(()) };
        let moved: Option<(Account, Account, TaoBalance)> = sent.event("Balances", "Transfer");
        let moved = moved.map_or(value.0, |event| event.2);
        let report = json!({ "to": address(&to), "amount_rao": moved.to_rao() });
        sent.report(global, &format!("sent {}", tao(moved)), report)
    }
}

/// The rich account of every local network, whose key is public.
const RICH: &str = "//Alice";

impl Faucet {
    /// Gives TAO. A chain has a faucet if its genesis made the account of the faucet its sudo key, as local networks
    /// do.
    pub async fn run(self, global: &Global) -> Outcome {
        let to = keys::account(&self.who, global)?;
        let rich = Keypair::from_uri(RICH)?;
        let chain = connect(global).await?;
        let sudo: Option<Account> = chain.storage("Sudo", "Key", &[], None).await.unwrap_or_default();
        if sudo != Some(Account(rich.public())) {
            return fail(format!(
                "{} is no local network, so it has no faucet; `myelin net up` starts one",
                global.endpoint.url()?
            ));
        }
        let value = TaoBalance::from_rao(self.amount);
        let left = chain.balance(&Account(rich.public())).await?;
        if value > left {
            return fail(format!("the faucet has {} left, which is less than {}", tao(left), tao(value)));
        }
        let call = TransferKeepAlive { dest: Address::Id(to), value: Compact(value) };
        let progress = waiting("waiting for finality");
        chain.submit(&call, &rich, Wait::Finality).await?;
        progress.finish_and_clear();
        let free = chain.balance(&to).await?;
        let shown = address(&to);
        output::report(
            global,
            &format!("{} for {shown}, which has {} now", tao(value), tao(free)),
            json!({ "address": shown, "amount_rao": self.amount, "free_rao": free.to_rao() }),
        )
    }
}
