//! `myelin lock`: alpha bound to a hotkey, and the conviction that grows from it.

use clap::{Args, Subcommand, ValueEnum};
use codec::Encode;
use myelin_abi::calls::subtensor::{LockStake, MoveLock, SetPerpetualLock, SetRejectLockedAlpha};
use myelin_abi::{Account, LockState};
use myelin_chain_client::ChainClient;
use myelin_units::{AlphaBalance, U64F64};
use serde::Serialize;
use serde_json::json;

use super::connect;
use crate::keys::Keys;
use crate::output::{self, address, alpha, brief, fail, Failure, Outcome};
use crate::send::{OnSubnet, Order, Sender};
use crate::Global;

/// Locked alpha and conviction: list, show, add, mode, move, accept.
#[derive(Subcommand)]
pub enum Lock {
    /// Every lock of a coldkey.
    #[command(visible_alias = "ls")]
    List(Keys),
    /// One lock of a coldkey, and the conviction of its hotkey.
    Show(Whose),
    /// Locks staked alpha in favour of a hotkey, or adds to a lock.
    #[command(
        after_help = "Example:\n  myelin lock add --netuid 2 --wallet alice --hotkey validator --amount 100"
    )]
    Add(Add),
    /// Sets whether a lock stays as it is or decays.
    Mode(SetMode),
    /// Points a lock to another hotkey; its conviction starts again unless both belong to you.
    Move(Move),
    /// Sets whether others may give you locked alpha.
    Accept(Accept),
}

/// The coldkey and the subnet of a lock.
#[derive(Args)]
pub struct Whose {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
    #[command(flatten)]
    keys: Keys,
}

/// The amount and the subnet.
#[derive(Args)]
pub struct Add {
    #[command(flatten)]
    on: OnSubnet,
    /// Alpha to lock.
    #[arg(long, short = 'a', value_parser = output::some_amount, value_name = "ALPHA")]
    amount: u64,
}

/// Behaviour of a lock.
#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// The lock stays as it is.
    Perpetual,
    /// The lock decays.
    Decaying,
}

/// A lock and its new behaviour.
#[derive(Args)]
pub struct SetMode {
    /// The new behaviour.
    #[arg(value_enum)]
    mode: Mode,
    #[command(flatten)]
    on: OnSubnet,
}

/// A lock and its new hotkey.
#[derive(Args)]
pub struct Move {
    #[command(flatten)]
    on: OnSubnet,
    /// The hotkey that the lock favours from now on.
    #[arg(long, value_name = "HOTKEY", alias = "destination-hotkey")]
    dest: String,
}

/// A switch.
#[derive(Args)]
pub struct Accept {
    /// `on` or `off`.
    #[arg(value_parser = on_or_off, action = clap::ArgAction::Set)]
    accept: bool,
    #[command(flatten)]
    by: Sender,
}

/// Reads a switch.
pub fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err(format!("`{text}` is neither `on` nor `off`")),
    }
}

#[derive(Serialize)]
struct Held {
    netuid: u16,
    hotkey: Option<String>,
    locked_rao: u64,
    /// Conviction of this lock in rao of alpha.
    conviction_rao: u64,
    mode: &'static str,
}

impl Lock {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Lock::List(keys) => list(global, &keys, None).await,
            Lock::Show(whose) => list(global, &whose.keys, Some(whose.netuid)).await,
            Lock::Add(add) => add.run(global).await,
            Lock::Mode(mode) => mode.run(global).await,
            Lock::Move(order) => order.run(global).await,
            Lock::Accept(accept) => accept.run(global).await,
        }
    }
}

async fn list(global: &Global, keys: &Keys, only: Option<u16>) -> Outcome {
    let chain = connect(global).await?;
    let coldkey = keys.coldkey_account(global)?;
    let mut table = output::table(&["netuid", "in favour of", "locked", "conviction", "mode"], 2);
    let mut held = Vec::new();
    for netuid in chain.prices().await?.into_iter().map(|price| price.netuid) {
        if only.is_some_and(|only| only != netuid) {
            continue;
        }
        let Some((hotkey, lock, mode)) = lock_of(&chain, &coldkey, netuid).await? else { continue };
        let conviction = whole(lock.conviction);
        table.add_row([
            netuid.to_string(),
            hotkey.as_ref().map(brief).unwrap_or_default(),
            alpha(lock.locked_mass),
            alpha(AlphaBalance::from_rao(conviction)),
            mode.to_string(),
        ]);
        held.push(Held {
            netuid,
            hotkey: hotkey.as_ref().map(address),
            locked_rao: lock.locked_mass.to_rao(),
            conviction_rao: conviction,
            mode,
        });
    }
    let Some(_) = only else { return output::show(global, &held, &table) };
    match held.first() {
        None => fail(format!("{} has no lock there; `myelin lock add` makes one", address(&coldkey))),
        Some(lock) => output::show(global, lock, &table),
    }
}

/// The lock of a coldkey on a subnet: its hotkey, its amount, and its behaviour.
async fn lock_of(
    chain: &ChainClient,
    coldkey: &Account,
    netuid: u16,
) -> Result<Option<(Option<Account>, LockState, &'static str)>, Failure> {
    let arguments = (coldkey, netuid).encode();
    let lock: Option<LockState> =
        chain.runtime_call("StakeInfoRuntimeApi_get_coldkey_lock", &arguments, None).await?;
    let Some(lock) = lock else { return Ok(None) };
    let stored: Vec<(Vec<u8>, LockState)> =
        chain.entries_below("SubtensorModule", "Lock", &[coldkey.into(), netuid.into()], None).await?;
    let hotkey = stored.first().and_then(|(key, _)| key.last_chunk::<32>()).map(|bytes| Account(*bytes));
    let decaying: Option<bool> =
        chain.storage("SubtensorModule", "DecayingLock", &[coldkey.into(), netuid.into()], None).await?;
    Ok(Some((hotkey, lock, if decaying == Some(false) { "perpetual" } else { "decaying" })))
}

/// The whole part of a number of rao.
pub fn whole(number: U64F64) -> u64 {
    u64::try_from(number.to_bits() >> 64).unwrap_or(u64::MAX)
}

impl Add {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let (netuid, hotkey) = (self.on.netuid, self.on.by.hotkey(global)?);
        let amount = AlphaBalance::from_rao(self.amount);
        let what = format!(
            "locking {} of subnet {netuid} in favour of {}: it can be neither sold nor moved while it is locked",
            alpha(amount),
            brief(&hotkey)
        );
        let value = json!({ "netuid": netuid, "hotkey": address(&hotkey), "alpha_rao": self.amount });
        let order = Order::new(&LockStake { hotkey, netuid, amount }, what);
        self.on.by.carry_out(global, &chain, order, &format!("locked {}", alpha(amount)), value).await
    }
}

impl SetMode {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let netuid = self.on.netuid;
        let enabled = matches!(self.mode, Mode::Perpetual);
        let words = if enabled { "stays as it is" } else { "decays" };
        let order = Order::new(
            &SetPerpetualLock { netuid, enabled },
            format!("from now on the lock on subnet {netuid} {words}"),
        );
        let value = json!({ "netuid": netuid, "perpetual": enabled });
        self.on.by.carry_out(global, &chain, order, &format!("the lock {words}"), value).await
    }
}

impl Move {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let netuid = self.on.netuid;
        let destination_hotkey = self.on.by.keys.with_hotkey(&self.dest).hotkey_account(global)?;
        let what = format!("pointing the lock on subnet {netuid} to {}", brief(&destination_hotkey));
        let value = json!({ "netuid": netuid, "hotkey": address(&destination_hotkey) });
        let order = Order::new(&MoveLock { destination_hotkey, netuid }, what);
        self.on.by.carry_out(global, &chain, order, "moved", value).await
    }
}

impl Accept {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let words = if self.accept { "accepting" } else { "refusing" };
        let order = Order::new(
            &SetRejectLockedAlpha { enabled: !self.accept },
            format!("{words} locked alpha that others give"),
        );
        self.by.carry_out(global, &chain, order, "chosen", json!({ "accept": self.accept })).await
    }
}
