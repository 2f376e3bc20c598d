//! `myelin collateral`: TAO that backs a miner's answers.
//!
//! A subnet's owner may require it, and announce rules by which validators ask nobody without it. The chain uses it for
//! one thing only: a miner that contradicts itself loses it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use myelin_abi::calls::collateral::{Lock, Report, SetRequirement, Unbond, Withdraw};
use myelin_abi::{Account, EquivocationReport};
use myelin_chain_client::{ChainClient, Wait};
use myelin_economy::params::{row, Caller, Parameter};
use myelin_subnet::evidence::EvidenceFolder;
use myelin_subnet::node::Backing;
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;
use myelin_wire::equivocation::report::Report as Proof;
use serde::Serialize;
use serde_json::json;

use super::connect;
use crate::keys::Keys;
use crate::output::{self, address, brief, fail, tao, Failure, Outcome};
use crate::send::{OnSubnet, Order};
use crate::Global;

const PALLET: &str = "Collateral";

/// Collateral of miners: show, require, lock, unbond, withdraw, report.
#[derive(Subcommand)]
pub enum Collateral {
    /// The collateral that a subnet requires, and the hotkeys with collateral.
    Show(Where),
    /// Sets the collateral that a subnet requires of its miners; by its owner.
    #[command(
        after_help = "Example:\n  myelin collateral require --netuid 2 --wallet alice --amount 10 --unbonding 7200"
    )]
    Require(Require),
    /// Locks TAO for a hotkey, or adds to a lock.
    #[command(
        after_help = "Example:\n  myelin collateral lock --netuid 2 --wallet alice --hotkey miner1 --amount 10"
    )]
    Lock(Amount),
    /// Asks for collateral back; it stays locked for the agreed blocks.
    Unbond(OnSubnet),
    /// Takes collateral back whose agreed blocks are over.
    Withdraw(OnSubnet),
    /// Reports miners that signed two answers to one challenge, from a validator's evidence.
    #[command(
        after_help = "Example:\n  myelin collateral report --netuid 2 --wallet bob --evidence ~/validator/evidence"
    )]
    Report(Evidence),
}

/// The subnet.
#[derive(Args)]
pub struct Where {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
}

/// The amount and the hotkey.
#[derive(Args)]
pub struct Amount {
    #[command(flatten)]
    on: OnSubnet,
    /// TAO to lock.
    #[arg(long, value_parser = output::some_amount, value_name = "TAO")]
    amount: u64,
}

/// The requirement of a subnet.
#[derive(Args)]
pub struct Require {
    #[command(flatten)]
    on: OnSubnet,
    /// TAO that backs a miner; 0 requires nothing.
    #[arg(long, value_parser = output::some_amount, value_name = "TAO")]
    amount: u64,
    /// Blocks that collateral stays after a miner asks for it back.
    #[arg(long, default_value_t = 7200, value_name = "BLOCKS")]
    unbonding: u32,
}

/// The folder of the evidence.
#[derive(Args)]
pub struct Evidence {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
    #[command(flatten)]
    keys: Keys,
    /// The validator's evidence folder.
    #[arg(long, value_name = "DIR")]
    evidence: PathBuf,
}

#[derive(Serialize)]
struct Shown {
    netuid: u16,
    required_rao: u64,
    unbonding_blocks: u32,
    miners: Vec<Locked>,
}

#[derive(Serialize)]
struct Locked {
    hotkey: String,
    coldkey: String,
    amount_rao: u64,
    since: u64,
    leaves: Option<u64>,
    backed: bool,
}

impl Collateral {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Collateral::Show(at) => show(global, at.netuid).await,
            Collateral::Require(what) => what.run(global).await,
            Collateral::Lock(what) => what.run(global).await,
            Collateral::Unbond(on) => unbond(global, on).await,
            Collateral::Withdraw(on) => withdraw(global, on).await,
            Collateral::Report(evidence) => evidence.run(global).await,
        }
    }
}

async fn show(global: &Global, netuid: u16) -> Outcome {
    let chain = connect(global).await?;
    let backing = Backing::read(&chain, netuid, None).await?;
    let required = backing.required;
    let mut miners = Vec::new();
    let mut table = output::table(&["hotkey", "coldkey", "locked", "since block", "state"], 2);
    for (hotkey, locked) in &backing.bonds {
        let gone = locked.subnet != backing.registered;
        let backed = !required.amount.is_zero() && backing.of(locked) >= required.amount.to_rao();
        let state = match (gone, locked.leaves, backed) {
            (true, _, _) => "subnet removed: withdraw".to_owned(),
            (false, Some(block), _) => format!("leaves at block {block}"),
            (false, None, true) => "backed".to_owned(),
            (false, None, false) => "below what is asked for".to_owned(),
        };
        table.add_row([
            address(hotkey),
            address(&locked.coldkey),
            tao(locked.amount),
            locked.since.to_string(),
            state,
        ]);
        miners.push(Locked {
            hotkey: address(hotkey),
            coldkey: address(&locked.coldkey),
            amount_rao: locked.amount.to_rao(),
            since: locked.since,
            leaves: locked.leaves,
            backed,
        });
    }
    if global.json {
        return output::json(&Shown {
            netuid,
            required_rao: required.amount.to_rao(),
            unbonding_blocks: required.unbonding,
            miners,
        });
    }
    if required.amount.is_zero() {
        crate::output::say!("subnet {netuid} asks for no collateral");
    } else {
        crate::output::say!(
            "subnet {netuid} asks for {}, which stays {} blocks after it was asked back",
            tao(required.amount),
            required.unbonding
        );
    }
    if !miners.is_empty() {
        output::print(&table);
    }
    Ok(())
}

impl Require {
    async fn run(self, global: &Global) -> Outcome {
        let OnSubnet { netuid, by } = self.on;
        let chain = connect(global).await?;
        let amount = TaoBalance::from_rao(self.amount);
        const AMOUNT: &Parameter = row("Requirements.amount");
        const UNBONDING: &Parameter = row("Requirements.unbonding");
        AMOUNT.check(self.amount.into(), Caller::Owner)?;
        // Without collateral there is nothing to hold back.
        if !amount.is_zero() {
            UNBONDING.check(self.unbonding.into(), Caller::Owner)?;
        }
        let call = SetRequirement { netuid, amount, unbonding: self.unbonding };
        let order = Order::new(&call, format!("asking miners of subnet {netuid} for {}", tao(amount)));
        let done = format!("subnet {netuid} now asks for {}", tao(amount));
        let value =
            json!({ "netuid": netuid, "required_rao": self.amount, "unbonding_blocks": self.unbonding });
        by.carry_out(global, &chain, order.unasked(), &done, value).await
    }
}

impl Amount {
    async fn run(self, global: &Global) -> Outcome {
        let OnSubnet { netuid, by } = self.on;
        let chain = connect(global).await?;
        let hotkey = by.hotkey(global)?;
        let amount = TaoBalance::from_rao(self.amount);
        let required = Backing::read(&chain, netuid, None).await?.required;
        if required.amount.is_zero() {
            return fail(format!("subnet {netuid} asks for no collateral; nothing was locked"));
        }
        let what = format!(
            "locking {} for {} on subnet {netuid}: it stays {} blocks after you ask it back, and is forfeited if \
             this hotkey signs two answers to one challenge",
            tao(amount),
            brief(&hotkey),
            required.unbonding
        );
        // The owner may change the requirement meanwhile; the confirmed one counts.
        let lock = Lock { netuid, hotkey, amount, longest_unbonding: required.unbonding };
        let value = json!({ "netuid": netuid, "locked_rao": self.amount });
        by.carry_out(global, &chain, Order::new(&lock, what), &format!("locked {}", tao(amount)), value).await
    }
}

async fn unbond(global: &Global, OnSubnet { netuid, by }: OnSubnet) -> Outcome {
    let chain = connect(global).await?;
    let hotkey = by.hotkey(global)?;
    let what = format!("asking the collateral of {} back", brief(&hotkey));
    let order = Order::new(&Unbond { netuid, hotkey }, what).unasked();
    let Some(sent) = by.send(global, &chain, order).await? else { return Ok(()) };
    let began: Option<(u16, Account, u64)> = sent.event(PALLET, "UnbondingBegan");
    let leaves = began.map_or(0, |(_, _, leaves)| leaves);
    sent.report(
        global,
        &format!("asked back; `myelin collateral withdraw` works from block {leaves}"),
        json!({ "netuid": netuid, "leaves": leaves }),
    )
}

async fn withdraw(global: &Global, OnSubnet { netuid, by }: OnSubnet) -> Outcome {
    let chain = connect(global).await?;
    let hotkey = by.hotkey(global)?;
    let what = format!("taking the collateral of {} back", brief(&hotkey));
    let order = Order::new(&Withdraw { netuid, hotkey }, what).unasked();
    let Some(sent) = by.send(global, &chain, order).await? else { return Ok(()) };
    let freed: Option<(u16, Account, Account, TaoBalance)> = sent.event(PALLET, "Withdrawn");
    let freed = freed.map_or(TaoBalance::ZERO, |(_, _, _, amount)| amount);
    let value = json!({ "netuid": netuid, "freed_rao": freed.to_rao() });
    sent.report(global, &format!("{} is free again", tao(freed)), value)
}

impl Evidence {
    async fn run(self, global: &Global) -> Outcome {
        let Evidence { netuid, keys, evidence } = self;
        let chain = connect(global).await?;
        let coldkey = keys.coldkey(global)?;
        let folder = EvidenceFolder { path: evidence, keep: usize::MAX };
        let (forfeits, refused) = report(&chain, netuid, &coldkey, &folder, |_| true).await?;
        let earned =
            forfeits.iter().fold(TaoBalance::ZERO, |earned, forfeit| earned.saturating_add(forfeit.reward));
        output::report(
            global,
            &format!("earned {}; {} refused{}", tao(earned), refused.len(), listed(&refused)),
            json!({ "netuid": netuid, "earned_rao": earned.to_rao(), "refused": refused }),
        )
    }
}

/// Collateral that a miner lost.
pub struct Forfeit {
    /// The miner, by the hotkey that had the collateral.
    pub miner: Account,
    /// Part of it for whoever reported the miner.
    pub reward: TaoBalance,
    /// Part of it that no longer exists.
    pub recycled: TaoBalance,
}

/// Reports the miners of a subnet that a validator's evidence convicts, as far as `of` wants them. Returns what they
/// lost, and the refused reports.
pub async fn report(
    chain: &ChainClient,
    netuid: u16,
    coldkey: &Keypair,
    folder: &EvidenceFolder,
    of: impl Fn(&Account) -> bool,
) -> Result<(Vec<Forfeit>, Vec<String>), Failure> {
    let (mut forfeits, mut refused) = (Vec::new(), Vec::new());
    for epoch in folder.epochs() {
        let found = folder.reports(epoch)?;
        let wanted = |found: &&Proof| found.origin.context.netuid == netuid && of(&Account(found.miner));
        for found in found.iter().filter(wanted) {
            let call = Report { netuid, report: EquivocationReport::from(found) };
            match chain.submit(&call, coldkey, Wait::Finality).await {
                Ok(receipt) => {
                    let event: Option<(u16, Account, Account, TaoBalance, TaoBalance)> =
                        receipt.event(PALLET, "Forfeited");
                    forfeits.extend(event.map(|(_, miner, _, reward, recycled)| Forfeit {
                        miner,
                        reward,
                        recycled,
                    }));
                }
                // If one miner has no collateral, the others' proofs are still good.
                Err(error) => refused.push(format!("{}: {error}", brief(&Account(found.miner)))),
            }
        }
    }
    Ok((forfeits, refused))
}

fn listed(lines: &[String]) -> String {
    lines.iter().map(|line| format!("\n  {line}")).collect()
}
