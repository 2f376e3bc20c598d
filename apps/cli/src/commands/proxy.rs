//! `myelin proxy`: accounts that act for other accounts.
//!
//! A proxy is used with `--proxy ACCOUNT` of any command that sends something.

use clap::{Args, Subcommand};
use codec::{Compact, Encode};
use myelin_abi::calls::proxy::{
    AddProxy, CreatePure, KillPure, RejectAnnouncement, RemoveAnnouncement, RemoveProxies, RemoveProxy,
};
use myelin_abi::calls::Address;
use myelin_abi::{Account, ProxyTypeInfo};
use myelin_chain_client::{AnyCall, ChainClient};
use myelin_units::TaoBalance;
use myelin_wire::hash::{blake2_256, from_hex};
use serde_json::json;

use super::connect;
use crate::keys::{self, Who};
use crate::output::{self, address, fail, tao_at_most, Failure, Outcome};
use crate::send::{from_hex_text, to_hex, Order, Sender};
use crate::Global;

/// Accounts that act for others: list, kinds, add, remove, create, kill, execute, cancel, reject.
#[derive(Subcommand)]
pub enum Proxy {
    /// Accounts that may act for a coldkey, and announced calls.
    List(Who),
    /// The kinds of proxies that the chain knows.
    Kinds,
    /// Lets an account act for the wallet's coldkey.
    #[command(
        after_help = "Example:\n  myelin proxy add --wallet alice --delegate 5F… --proxy-type Staking --delay 7200"
    )]
    Add(Grant),
    /// Removes a proxy that `add` made; with --all every proxy.
    Remove(Remove),
    /// Creates an account without a key, with the coldkey as its proxy.
    Create(Create),
    /// Removes an account that `create` made; its balance is lost.
    #[command(
        after_help = "Example:\n  myelin proxy kill --wallet alice --proxy 5PURE… --height 1234 --ext-index 2"
    )]
    Kill(Kill),
    /// Carries out a call announced with `--announce-only`, once its delay is over.
    Execute(Execute),
    /// Withdraws an announcement.
    Cancel(Announced),
    /// Refuses a call that a proxy of the coldkey has announced.
    Reject(Announced),
}

/// A proxy with its rights.
#[derive(Args)]
pub struct Grant {
    #[command(flatten)]
    by: Sender,
    /// The account that may act.
    #[arg(long, value_name = "ACCOUNT")]
    delegate: String,
    /// Kind of calls that it may make; `myelin proxy kinds` lists the kinds.
    #[arg(long, default_value = "Any", value_name = "KIND")]
    proxy_type: String,
    /// Blocks that an announcement must wait; 0 needs none.
    #[arg(long, default_value_t = 0)]
    delay: u32,
}

/// The proxy to remove.
#[derive(Args)]
pub struct Remove {
    #[command(flatten)]
    by: Sender,
    /// The account that may act no longer.
    #[arg(long, value_name = "ACCOUNT", required_unless_present = "all")]
    delegate: Option<String>,
    /// The kind with which it was added.
    #[arg(long, default_value = "Any", value_name = "KIND")]
    proxy_type: String,
    /// The delay with which it was added.
    #[arg(long, default_value_t = 0)]
    delay: u32,
    /// Every proxy.
    #[arg(long, conflicts_with = "delegate")]
    all: bool,
}

/// The account to create.
#[derive(Args)]
pub struct Create {
    #[command(flatten)]
    by: Sender,
    /// Kind of calls that the coldkey may make for it.
    #[arg(long, default_value = "Any", value_name = "KIND")]
    proxy_type: String,
    /// Blocks that an announcement must wait; 0 needs none.
    #[arg(long, default_value_t = 0)]
    delay: u32,
    /// Number that tells apart several accounts created in one extrinsic.
    #[arg(long, default_value_t = 0)]
    index: u16,
}

/// The account to remove; `--proxy` names it.
#[derive(Args)]
pub struct Kill {
    #[command(flatten)]
    by: Sender,
    /// The account that created it; the wallet's coldkey by default.
    #[arg(long, value_name = "ACCOUNT")]
    spawner: Option<String>,
    /// The kind with which it was created.
    #[arg(long, default_value = "Any", value_name = "KIND")]
    proxy_type: String,
    /// The index with which it was created.
    #[arg(long, default_value_t = 0)]
    index: u16,
    /// The block in which it was created.
    #[arg(long)]
    height: u32,
    /// The number of the extrinsic that created it.
    #[arg(long)]
    ext_index: u32,
}

/// The call to carry out.
#[derive(Args)]
pub struct Execute {
    #[command(flatten)]
    by: Sender,
    /// The account that the proxy acts for.
    #[arg(long, value_name = "ACCOUNT")]
    real: String,
    /// The proxy that announced; the wallet's coldkey by default.
    #[arg(long, value_name = "ACCOUNT")]
    delegate: Option<String>,
    /// The announced call, as the announcement printed it.
    #[arg(long, value_name = "HEX")]
    call_hex: String,
}

/// An announced call.
#[derive(Args)]
pub struct Announced {
    #[command(flatten)]
    by: Sender,
    /// The other side: with `cancel` the account that the proxy acts for, with `reject` the proxy.
    #[arg(long, value_name = "ACCOUNT", aliases = ["real", "delegate"])]
    with: String,
    /// The call's hash, as the announcement printed it.
    #[arg(long, value_name = "HEX")]
    call_hash: String,
}

impl Proxy {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Proxy::List(who) => list(global, &who).await,
            Proxy::Kinds => show_kinds(global).await,
            Proxy::Add(grant) => grant.run(global).await,
            Proxy::Remove(remove) => remove.run(global).await,
            Proxy::Create(create) => create.run(global).await,
            Proxy::Kill(kill) => kill.run(global).await,
            Proxy::Execute(execute) => execute.run(global).await,
            Proxy::Cancel(announced) => announced.run(global, false).await,
            Proxy::Reject(announced) => announced.run(global, true).await,
        }
    }
}

async fn kinds(chain: &ChainClient) -> Result<Vec<(String, ProxyTypeInfo)>, Failure> {
    let kinds: Vec<ProxyTypeInfo> =
        chain.runtime_call("ProxyFilterRuntimeApi_get_proxy_types", &[], None).await?;
    let name = |kind: &ProxyTypeInfo| String::from_utf8_lossy(&kind.name).into_owned();
    Ok(kinds.into_iter().map(|kind| (name(&kind), kind)).collect())
}

async fn show_kinds(global: &Global) -> Outcome {
    let chain = connect(global).await?;
    let mut table = output::table(&["kind", "number", "state"], 1);
    let mut shown = Vec::new();
    for (name, kind) in kinds(&chain).await? {
        let state = if kind.deprecated { "permits nothing any more" } else { "" };
        table.add_row([name.clone(), kind.index.to_string(), state.to_string()]);
        shown.push(json!({ "name": name, "index": kind.index, "deprecated": kind.deprecated }));
    }
    output::show(global, &shown, &table)
}

/// The number of a kind by its name, in any case.
async fn kind(chain: &ChainClient, name: &str) -> Result<u8, Failure> {
    let kinds = kinds(chain).await?;
    match kinds.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        Some((_, kind)) => Ok(kind.index),
        None => {
            let names: Vec<&str> =
                kinds.iter().filter(|(_, kind)| !kind.deprecated).map(|(name, _)| name.as_str()).collect();
            fail(format!("`{name}` is no kind of proxy; the kinds are {}", names.join(", ")))
        }
    }
}

/// The proxies of an account, with kind and delay in blocks each, and the deposit in rao.
async fn granted(chain: &ChainClient, account: &Account) -> Result<(Vec<(Account, u8, u32)>, u64), Failure> {
    Ok(chain.value("Proxy", "Proxies", &[account.into()]).await?)
}

/// The deposit for one more proxy; the first of an account costs more.
async fn deposit(chain: &ChainClient, first: bool) -> Result<TaoBalance, Failure> {
    let each: u64 = chain.constant("Proxy", "ProxyDepositFactor").await?;
    let once: u64 = if first { chain.constant("Proxy", "ProxyDepositBase").await? } else { 0 };
    Ok(TaoBalance::from_rao(each.saturating_add(once)))
}

async fn list(global: &Global, who: &Who) -> Outcome {
    let chain = connect(global).await?;
    let coldkey = who.account(global)?;
    let names = kinds(&chain).await?;
    let name = |number: u8| {
        names
            .iter()
            .find(|(_, kind)| kind.index == number)
            .map_or(number.to_string(), |(name, _)| name.clone())
    };
    let (granted, deposit) = granted(&chain, &coldkey).await?;
    type Waiting = (Account, [u8; 32], u32);
    let (announced, _): (Vec<Waiting>, u64) =
        chain.value("Proxy", "Announcements", &[(&coldkey).into()]).await?;
    let mut table = output::table(&["may act for it", "kind", "delay in blocks"], 2);
    for (delegate, number, delay) in &granted {
        table.add_row([address(delegate), name(*number), delay.to_string()]);
    }
    let proxies: Vec<_> = granted
        .iter()
        .map(|(delegate, number, delay)| json!({ "delegate": address(delegate), "proxy_type": name(*number), "delay": delay }))
        .collect();
    let waiting: Vec<_> = announced
        .iter()
        .map(
            |(real, hash, block)| json!({ "real": address(real), "call_hash": to_hex(hash), "block": block }),
        )
        .collect();
    if !global.json {
        for (real, hash, block) in &announced {
            crate::output::say!("announced at block {block} for {}: {}", address(real), to_hex(hash));
        }
    }
    let value = json!({
        "account": address(&coldkey), "proxies": proxies, "deposit_rao": deposit, "announcements": waiting,
    });
    output::show(global, &value, &table)
}

impl Grant {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let delegate = keys::account(&self.delegate, global)?;
        let proxy_type = kind(&chain, &self.proxy_type).await?;
        let account = self.by.account(global)?;
        let what = format!(
            "letting {} act for {} as {} after {} blocks; the chain holds a deposit of {} meanwhile",
            address(&delegate),
            address(&account),
            self.proxy_type,
            self.delay,
            tao_at_most(deposit(&chain, granted(&chain, &account).await?.0.is_empty()).await?)
        );
        let call = AddProxy { delegate: Address::Id(delegate), proxy_type, delay: self.delay };
        let value =
            json!({ "delegate": address(&delegate), "proxy_type": self.proxy_type, "delay": self.delay });
        self.by.carry_out(global, &chain, Order::new(&call, what), "added", value).await
    }
}

impl Remove {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let (call, what): (AnyCall, String) = match &self.delegate {
            None => {
                let account = self.by.account(global)?;
                let granted = granted(&chain, &account).await?.0.len();
                if granted == 0 {
                    return fail(format!("nobody may act for {}; nothing was done", address(&account)));
                }
                ((&RemoveProxies {}).into(), format!("ending all {granted} proxies of {}", address(&account)))
            }
            Some(delegate) => {
                let delegate = keys::account(delegate, global)?;
                let proxy_type = kind(&chain, &self.proxy_type).await?;
                let call = RemoveProxy { delegate: Address::Id(delegate), proxy_type, delay: self.delay };
                ((&call).into(), format!("{} may act no more as {}", address(&delegate), self.proxy_type))
            }
        };
        let value = json!({ "all": self.all });
        self.by.carry_out(global, &chain, Order::new(call, what), "removed", value).await
    }
}

impl Create {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let proxy_type = kind(&chain, &self.proxy_type).await?;
        let call = CreatePure { proxy_type, delay: self.delay, index: self.index };
        let what = format!(
            "creating an account without a key, for which this coldkey acts as {}; the chain holds a deposit \
             of {}",
            self.proxy_type,
            tao_at_most(deposit(&chain, true).await?)
        );
        let Some(sent) = self.by.send(global, &chain, Order::new(&call, what)).await? else { return Ok(()) };
        let created: Option<(Account, Account)> = sent.event("Proxy", "PureCreated");
        let Some((pure, spawner)) = created else {
            return sent.report(global, "created, if a block takes it", json!({ "pure": null }));
        };
        let value = json!({ "pure": address(&pure), "spawner": address(&spawner) });
        sent.report(global, &format!("{} is yours; use it with --proxy", address(&pure)), value)
    }
}

impl Kill {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let pure = self.by.account(global)?;
        let own = self.by.keys.coldkey_account(global)?;
        if pure == own {
            return fail("name the account with --proxy; it goes, and whatever it holds with it");
        }
        let spawner = match &self.spawner {
            Some(spawner) => keys::account(spawner, global)?,
            None => own,
        };
        let call = KillPure {
            spawner: Address::Id(spawner),
            proxy_type: kind(&chain, &self.proxy_type).await?,
            index: self.index,
            height: Compact(self.height),
            ext_index: Compact(self.ext_index),
        };
        let what = format!("removing {}; whatever it holds is lost", address(&pure));
        let value = json!({ "killed": address(&pure) });
        self.by.carry_out(global, &chain, Order::new(&call, what), "removed", value).await
    }
}

impl Execute {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let real = keys::account(&self.real, global)?;
        let delegate = match &self.delegate {
            Some(delegate) => keys::account(delegate, global)?,
            None => self.by.keys.coldkey_account(global)?,
        };
        let Some(carried) = from_hex_text(&self.call_hex) else {
            return fail("--call-hex is the call that the announcement printed: hexadecimal digits after 0x");
        };
        let arguments = (Address::Id(delegate), Address::Id(real), None::<u8>)
            .encode()
            .into_iter()
            .chain(carried.clone());
        let call = AnyCall::new("Proxy", "proxy_announced", arguments.collect());
        let what = format!("carrying out {} for {}", to_hex(&blake2_256(&carried)), address(&real));
        let value = json!({ "real": address(&real), "call_hash": to_hex(&blake2_256(&carried)) });
        self.by.carry_out(global, &chain, Order::new(call, what), "carried out", value).await
    }
}

impl Announced {
    async fn run(self, global: &Global, reject: bool) -> Outcome {
        let chain = connect(global).await?;
        let other = Address::Id(keys::account(&self.with, global)?);
        let Some(call_hash) = from_hex::<32>(&self.call_hash) else {
            return fail("--call-hash has 64 hexadecimal digits");
        };
        let (call, what): (AnyCall, &str) = if reject {
            ((&RejectAnnouncement { delegate: other, call_hash }).into(), "refusing an announcement")
        } else {
            ((&RemoveAnnouncement { real: other, call_hash }).into(), "taking an announcement back")
        };
        let value = json!({ "call_hash": to_hex(&call_hash) });
        self.by.carry_out(global, &chain, Order::new(call, what).unasked(), "done", value).await
    }
}
