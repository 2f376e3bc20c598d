//! `myelin subnet`: list, show, create, start, register, hyperparameters, set.

use clap::{Args, Subcommand};
use myelin_abi::calls::subtensor::{RegisterLimit, RegisterNetwork, StartCall};
use myelin_abi::{Account, DynamicInfo};
use myelin_chain_client::Wait;
use myelin_units::TaoBalance;
use serde::Serialize;

use super::{connect, parameters};
use crate::keys::Keys;
use crate::output::{self, address, alpha, brief, confirm, fail, tao, waiting, Outcome};
use crate::Global;

/// Subnets: list, show, create, start, register, hyperparameters, set.
#[derive(Subcommand)]
pub enum Subnet {
    /// All subnets with price, pool and emission.
    List,
    /// One subnet in detail.
    Show(Netuid),
    /// Creates a subnet; its cost goes into the new pool.
    #[command(after_help = "Example:\n  myelin subnet create --wallet alice --max-cost 1200")]
    Create(Create),
    /// Opens a subnet for staking and emission; once, by its owner.
    Start(Owned),
    /// Registers a hotkey as a neuron; the price is burned.
    #[command(
        after_help = "Example:\n  myelin subnet register --netuid 2 --wallet alice --hotkey miner1 --max-price 1.5"
    )]
    Register(Register),
    /// The subnet's hyperparameters: value, unit, range, who sets them and how often, meaning.
    Hyperparameters(Netuid),
    /// Sets a hyperparameter, as the subnet's owner.
    #[command(
        after_help = "Examples:\n  myelin subnet set --netuid 2 --wallet alice immunity_period 7200\n  myelin subnet set --netuid 2 --wallet alice min_burn 0.01\n  myelin subnet set --netuid 2 --wallet alice min_childkey_take 9%"
    )]
    Set(parameters::Set),
}

/// Which subnet.
#[derive(Args)]
pub struct Netuid {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
}

/// Which subnet, and whose.
#[derive(Args)]
pub struct Owned {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
    #[command(flatten)]
    keys: Keys,
}

/// What to create, and by whom.
#[derive(Args)]
pub struct Create {
    #[command(flatten)]
    keys: Keys,
    /// Most TAO to pay; refused if the price is higher by then.
    #[arg(long, value_parser = output::amount, value_name = "TAO")]
    max_cost: Option<u64>,
}

/// Which hotkey to register where.
#[derive(Args)]
pub struct Register {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
    #[command(flatten)]
    keys: Keys,
    /// Most TAO to pay; by default 5 % above the price now.
    #[arg(long, value_parser = output::amount, value_name = "TAO")]
    max_price: Option<u64>,
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
            // For display only; the chain computes with the exact bits.
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
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Subnet::List => list(global, None).await,
            Subnet::Show(which) => list(global, Some(which.netuid)).await,
            Subnet::Create(create) => create.run(global).await,
            Subnet::Start(which) => which.start(global).await,
            Subnet::Register(register) => register.run(global).await,
            Subnet::Hyperparameters(which) => parameters::list(global, which.netuid).await,
            Subnet::Set(set) => set.run(global).await,
        }
    }
}

async fn list(global: &Global, only: Option<u16>) -> Outcome {
    let chain = connect(global).await?;
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
    );
    for (subnet, info) in subnets.iter().zip(&infos) {
        table.add_row([
            subnet.netuid.to_string(),
            format!("{} {}", subnet.symbol, subnet.name).trim().to_string(),
            brief(&info.owner_coldkey),
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

impl Create {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let coldkey = self.keys.coldkey(global)?;
        let hotkey = self.keys.hotkey_account(global)?;
        let cost = chain.subnet_cost().await?;
        if self.max_cost.is_some_and(|most| cost.to_rao() > most) {
            return fail(format!(
                "a subnet costs {} now, more than --max-cost; it falls with every block",
                tao(cost)
            ));
        }
        confirm(&format!("creating a subnet owned by {} for {}", self.keys.name(), tao(cost)), global.yes)?;
        let progress = waiting("waiting for finality");
        let call = RegisterNetwork { hotkey };
        let receipt = chain.submit(&call, &coldkey, Wait::Finality).await?;
        progress.finish_and_clear();
        let added: Option<(u16, u16)> = receipt.event("SubtensorModule", "NetworkAdded");
        let Some((netuid, _)) = added else {
            return fail("the subnet was not created, see `myelin subnet list`");
        };
        report(
            global,
            &format!("subnet {netuid} created"),
            &serde_json::json!({ "netuid": netuid, "cost_rao": cost.to_rao() }),
        )
    }
}

impl Owned {
    async fn start(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let coldkey = self.keys.coldkey(global)?;
        let progress = waiting("waiting for finality");
        chain.submit(&StartCall { netuid: self.netuid }, &coldkey, Wait::Finality).await?;
        progress.finish_and_clear();
        report(
            global,
            &format!("subnet {} started", self.netuid),
            &serde_json::json!({ "netuid": self.netuid }),
        )
    }
}

impl Register {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let coldkey = self.keys.coldkey(global)?;
        let hotkey = self.keys.hotkey_account(global)?;
        let price = chain.metagraph(self.netuid, None).await?.burn;
        let most = self.max_price.unwrap_or(price.to_rao() / 100 * 105);
        confirm(
            &format!(
                "registering {} on subnet {} for {}, at most {}",
                brief(&hotkey),
                self.netuid,
                tao(price),
                tao(TaoBalance::from_rao(most))
            ),
            global.yes,
        )?;
        let progress = waiting("waiting for finality");
        let call = RegisterLimit { netuid: self.netuid, hotkey, limit_price: most };
        chain.submit(&call, &coldkey, Wait::Finality).await?;
        progress.finish_and_clear();
        let uid = chain.uid(self.netuid, &hotkey).await?;
        let shown = uid.map(|uid| uid.to_string()).unwrap_or_default();
        report(
            global,
            &format!("registered with uid {shown}"),
            &serde_json::json!({ "netuid": self.netuid, "uid": uid }),
        )
    }
}

/// Says what was done.
pub fn report(global: &Global, text: &str, value: &serde_json::Value) -> Outcome {
    if global.json {
        output::json(value)
    } else {
        println!("{text}");
        Ok(())
    }
}
