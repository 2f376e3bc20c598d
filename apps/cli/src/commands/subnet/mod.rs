//! `myelin subnet`: information about subnets, and the actions of their owners and newcomers.

mod agreement;
mod commitment;
mod ensemble;
mod evidence;
mod mechanism;
mod new;
mod owner;
pub mod parameters;
pub mod parents;
mod register;
pub mod rubric;
mod test;

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use codec::Encode;
use myelin_abi::{Account, DynamicInfo, LockState};
use myelin_units::{AlphaBalance, TaoBalance, U64F64};
use serde::Serialize;
use serde_json::json;

use super::look;
use crate::output::{self, address, alpha, fail, tao, Outcome};
use crate::send::OnSubnet;
use crate::subnets::Kinds;
use crate::Global;

/// Subnets: new, test, list, show, create, register, hyperparameters, set, identity, agreement, mechanisms, rubric,
/// evidence, parents, commitments.
#[derive(Subcommand)]
pub enum Subnet {
    /// Writes a crate with a kind of subnet of your own: a small one that works, as a start.
    #[command(
        after_help = "Examples:\n  myelin subnet new knapsack\n  myelin subnet new knapsack --path ~/subnets/knapsack --sdk ~/myelin"
    )]
    New(new::New),
    /// Tests the promises of a kind of subnet, with miners of known worth; prints a table and writes it into a README.
    #[command(
        after_help = "Examples:\n  myelin subnet test analysis\n  myelin subnet test analysis --seed 7 --readme README.md"
    )]
    Test(test::Test),
    /// Measures combined answers of several miners beside those of the best of them alone.
    #[command(after_help = "Example:\n  myelin subnet ensemble finance --seeds 5")]
    Ensemble(ensemble::Ensemble),
    /// All subnets with price, pool and emission.
    List,
    /// One subnet in detail.
    Show(Show),
    /// Every neuron of a subnet, as `myelin metagraph`.
    Metagraph(crate::commands::metagraph::Metagraph),
    /// The present cost of creating a subnet.
    #[command(alias = "burn_cost")]
    BurnCost,
    /// Prices of alpha.
    Price(Netuids),
    /// Creates a subnet; its cost goes into the new pool.
    #[command(
        after_help = "Example:\n  myelin subnet create --wallet alice --max-cost 1200 --subnet-name Translations"
    )]
    Create(owner::Create),
    /// The block from which a subnet can be started, or in which it was.
    #[command(alias = "check_start")]
    CheckStart(Netuid),
    /// Opens a subnet for staking and emission; once, by its owner.
    Start(OnSubnet),
    /// Registers a hotkey as a neuron; the price buys alpha that is recycled. On subnet 0: joins root, which costs
    /// stake but no price.
    #[command(
        after_help = "Example:\n  myelin subnet register --netuid 2 --wallet alice --hotkey miner1 --max-price 1.5"
    )]
    Register(register::Register),
    /// The subnet's hyperparameters: value, unit, range, who sets them and how often, meaning.
    Hyperparameters(Netuid),
    /// Sets a hyperparameter, as the subnet's owner or with the sudo key.
    #[command(
        after_help = "Examples:\n  myelin subnet set --netuid 2 --wallet alice immunity_period 7200\n  myelin subnet set --netuid 2 --wallet alice min_burn 0.01\n  myelin subnet set --netuid 2 --wallet alice min_childkey_take 9%"
    )]
    Set(parameters::Set),
    /// The published identity of a subnet.
    #[command(alias = "get_identity")]
    GetIdentity(Netuid),
    /// Publishes the identity of a subnet, as its owner; absent fields stay as they are.
    #[command(
        alias = "set_identity",
        after_help = "Example:\n  myelin subnet set-identity --netuid 2 --wallet alice --subnet-name Translations --subnet-url https://example.org"
    )]
    SetIdentity(owner::SetIdentity),
    /// Sets the symbol of the subnet's token, as its owner.
    SetSymbol(owner::SetSymbol),
    /// Hotkeys with their conviction.
    Conviction(Netuid),
    /// Agreement of validators: how much of its revealed weight each gives to the same neurons as the others do.
    ///
    /// The others' weights are averaged by their stake. Nobody is paid by the figure. A low figure says that a
    /// validator differs from the others, for a fault, a fraud or a better judgement; the evidence of validators can
    /// tell. A high one is no sign of honesty: a copy of others' weights agrees well with them, and so do validators
    /// that collude. A validator is clipped where it gives more than the consensus of all, its own vote included.
    #[command(after_help = "Example:\n  \
            myelin subnet agreement --netuid 2 --json | jq '.validators[] | select(.agreement < 32768)'")]
    Agreement(agreement::Agreement),
    /// Ways of judging within a subnet: count, set, emissions, split-emissions.
    #[command(subcommand, visible_alias = "mech")]
    Mechanisms(mechanism::Mechanisms),
    /// The rules of a subnet: show, announce, withdraw.
    #[command(subcommand)]
    Rubric(rubric::Rubric),
    /// Proof of evaluation: what the subnet demands of its validators, and their last proofs.
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    /// The part of incentives for the parents of the models that miners serve: show, set.
    #[command(subcommand)]
    Parents(parents::Parents),
    /// Publishes up to 512 bytes of text for a hotkey.
    #[command(
        after_help = "Example:\n  myelin subnet commit --netuid 2 --wallet alice --hotkey miner1 'model: example/7b'"
    )]
    Commit(commitment::Commit),
    /// Texts that hotkeys have published.
    Commitments(Netuid),
}

/// The subnet.
#[derive(Args)]
pub struct Netuid {
    /// The subnet.
    #[arg(long, short = 'n')]
    pub netuid: u16,
}

/// The subnets.
#[derive(Args)]
pub struct Netuids {
    /// The subnets; all by default.
    #[arg(long, short = 'n', alias = "netuid", value_delimiter = ',', value_name = "NETUID")]
    netuids: Vec<u16>,
    /// All subnets, which is the default.
    #[arg(long, hide = true, alias = "all-netuids", conflicts_with = "netuids")]
    all: bool,
    /// Present prices, which is always so.
    #[arg(long, hide = true)]
    current: bool,
}

/// The subnet to show.
#[derive(Args)]
pub struct Show {
    #[command(flatten)]
    which: Netuid,
    /// By uid, as in `myelin metagraph`.
    #[arg(long, hide = true)]
    sort: bool,
}

#[derive(Serialize)]
struct Shown {
    netuid: u16,
    name: String,
    symbol: String,
    owner_coldkey: String,
    owner_hotkey: String,
    tempo: u16,
    last_step: u64,
    price_rao: u64,
    moving_price: f64,
    tao_in_rao: u64,
    alpha_in_rao: u64,
    alpha_out_rao: u64,
    tao_in_emission_rao: u64,
    alpha_out_emission_rao: u64,
    registered_at: u64,
}

impl Shown {
    fn new(info: &DynamicInfo<Account>, price_rao: u64) -> Self {
        let text = |bytes: &[codec::Compact<u8>]| {
            String::from_utf8_lossy(&bytes.iter().map(|byte| byte.0).collect::<Vec<u8>>()).into_owned()
        };
        Shown {
            netuid: info.netuid.0,
            name: text(&info.subnet_name),
            symbol: text(&info.token_symbol),
            owner_coldkey: address(&info.owner_coldkey),
            owner_hotkey: address(&info.owner_hotkey),
            tempo: info.tempo.0,
            last_step: info.last_step.0,
            price_rao,
            // Floating point is for display only; the chain computes with the exact bits.
            moving_price: info.moving_price.to_bits() as f64 / 4_294_967_296.0,
            tao_in_rao: info.tao_in.0.to_rao(),
            alpha_in_rao: info.alpha_in.0.to_rao(),
            alpha_out_rao: info.alpha_out.0.to_rao(),
            tao_in_emission_rao: info.tao_in_emission.0.to_rao(),
            alpha_out_emission_rao: info.alpha_out_emission.0.to_rao(),
            registered_at: info.network_registered_at.0,
        }
    }
}

impl Subnet {
    /// Runs the verb.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        match self {
            Subnet::New(new) => new.run(global, kinds),
            Subnet::Test(test) => test.run(global, kinds),
            Subnet::Ensemble(ensemble) => ensemble.run(global, kinds),
            Subnet::List => list(global, None).await,
            Subnet::Show(Show { which, .. }) => list(global, Some(which.netuid)).await,
            Subnet::Metagraph(which) => which.run(global).await,
            Subnet::BurnCost => burn_cost(global).await,
            Subnet::Price(which) => price(global, &which.netuids).await,
            Subnet::Create(create) => create.run(global).await,
            Subnet::CheckStart(which) => owner::check_start(global, which.netuid).await,
            Subnet::Start(on) => owner::start(global, on).await,
            Subnet::Register(register) => register.run(global).await,
            Subnet::Hyperparameters(which) => parameters::list(global, which.netuid).await,
            Subnet::Set(set) => set.run(global).await,
            Subnet::GetIdentity(which) => owner::identity(global, which.netuid).await,
            Subnet::SetIdentity(identity) => identity.run(global).await,
            Subnet::SetSymbol(symbol) => symbol.run(global).await,
            Subnet::Conviction(which) => conviction(global, which.netuid).await,
            Subnet::Agreement(which) => which.run(global).await,
            Subnet::Mechanisms(verb) => verb.run(global).await,
            Subnet::Rubric(verb) => verb.run(global).await,
            Subnet::Evidence(verb) => verb.run(global).await,
            Subnet::Parents(verb) => verb.run(global).await,
            Subnet::Commit(commit) => commit.run(global).await,
            Subnet::Commitments(which) => commitment::list(global, which.netuid).await,
        }
    }
}

async fn list(global: &Global, only: Option<u16>) -> Outcome {
    let chain = look(global).await?;
    let prices = chain.prices().await?;
    let price = |netuid: u16| prices.iter().find(|p| p.netuid == netuid).map_or(0, |p| p.price);
    let infos = match only {
        Some(netuid) => vec![chain.subnet(netuid).await?],
        None => chain.subnets().await?,
    };
    let subnets: Vec<Shown> = infos.iter().map(|info| Shown::new(info, price(info.netuid.0))).collect();
    if global.json {
        return match only {
            Some(_) => output::json(&subnets[0]),
            None => output::json(&subnets),
        };
    }
    let mut table = output::table(
        &[
            "netuid",
            "name",
            "owner",
            "price",
            "TAO in pool",
            "alpha in pool",
            "alpha out",
            "TAO/block",
            "tempo",
        ],
        3,
    )
    .least_important(&["tempo", "owner", "alpha out", "TAO/block", "alpha in pool"]);
    for (subnet, info) in subnets.iter().zip(&infos) {
        table.add_row([
            subnet.netuid.to_string(),
            format!("{} {}", subnet.symbol, subnet.name).trim().to_string(),
            address(&info.owner_coldkey),
            tao(TaoBalance::from_rao(subnet.price_rao)),
            tao(info.tao_in.0),
            alpha(info.alpha_in.0),
            alpha(info.alpha_out.0),
            tao(info.tao_in_emission.0),
            subnet.tempo.to_string(),
        ]);
    }
    output::print(&table);
    Ok(())
}

async fn burn_cost(global: &Global) -> Outcome {
    let chain = look(global).await?;
    let cost = chain.subnet_cost().await?;
    let least: TaoBalance = chain.value("SubtensorModule", "NetworkMinLockCost", &[]).await?;
    let outlook = if cost > least {
        format!("the cost falls with every block, down to {}", tao(least))
    } else {
        "it costs no less than that".into()
    };
    let text = format!("a subnet costs {} now; {outlook}", tao(cost));
    output::report(global, &text, json!({ "cost_rao": cost.to_rao(), "least_rao": least.to_rao() }))
}

async fn price(global: &Global, only: &[u16]) -> Outcome {
    let prices = look(global).await?.prices().await?;
    let known = |netuid: &&u16| prices.iter().any(|price| price.netuid == **netuid);
    if let Some(unknown) = only.iter().find(|netuid| !known(netuid)) {
        return fail(format!("there is no subnet {unknown}; see `myelin subnet list`"));
    }
    let mut table = output::table(&["netuid", "TAO per alpha"], 1);
    let mut shown = Vec::new();
    for price in prices.iter().filter(|price| only.is_empty() || only.contains(&price.netuid)) {
        table.add_row([price.netuid.to_string(), tao(TaoBalance::from_rao(price.price))]);
        shown.push(json!({ "netuid": price.netuid, "price_rao": price.price }));
    }
    output::show(global, &shown, &table)
}

/// Hotkeys by conviction: those that locks favour, and the owner's.
async fn conviction(global: &Global, netuid: u16) -> Outcome {
    let chain = look(global).await?;
    let owner = chain.subnet(netuid).await?.owner_hotkey;
    let mut hotkeys = BTreeSet::from([owner.0]);
    for item in ["HotkeyLock", "DecayingHotkeyLock"] {
        let sums: Vec<(Vec<u8>, LockState)> =
            chain.entries("SubtensorModule", item, &netuid.to_le_bytes(), None).await?;
        hotkeys.extend(sums.iter().filter_map(|(key, _)| key.last_chunk::<32>().copied()));
    }
    let mut ranks = Vec::new();
    for hotkey in hotkeys {
        let arguments = (Account(hotkey), netuid).encode();
        let conviction: U64F64 =
            chain.runtime_call("StakeInfoRuntimeApi_get_hotkey_conviction", &arguments, None).await?;
        ranks.push((Account(hotkey), crate::commands::lock::whole(conviction)));
    }
    ranks.sort_by_key(|(_, rao)| std::cmp::Reverse(*rao));
    let mut table = output::table(&["hotkey", "conviction", "owner"], 1);
    let mut shown = Vec::new();
    for (hotkey, rao) in ranks {
        let owns = hotkey == owner;
        table.add_row([
            address(&hotkey),
            alpha(AlphaBalance::from_rao(rao)),
            if owns { "yes".into() } else { String::new() },
        ]);
        shown.push(json!({ "hotkey": address(&hotkey), "conviction_rao": rao, "owner": owns }));
    }
    output::show(global, &shown, &table)
}
