//! Actions of owners: create a subnet, start it, publish its identity.

use clap::Args;
use myelin_abi::calls::subtensor::{
    RegisterNetworkLimit, RegisterNetworkWithIdentity, SetSubnetIdentity, StartCall, UpdateSymbol,
};
use myelin_abi::{Account, SubnetIdentityV3};
use myelin_chain_client::{Allowed, AnyCall};
use myelin_units::TaoBalance;
use serde_json::{json, Value};

use crate::commands::connect;
use crate::output::{self, fail, tao, Failure, Outcome};
use crate::send::{OnSubnet, Order, Sender};
use crate::Global;

/// The identity of the new subnet, and its creator.
#[derive(Args)]
pub struct Create {
    #[command(flatten)]
    by: Sender,
    /// Most TAO to pay; the chain refuses if the price is higher by then. The present price by default.
    #[arg(long, value_parser = output::amount, value_name = "TAO")]
    max_cost: Option<u64>,
    #[command(flatten)]
    identity: Identity,
}

/// Identity of a subnet.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Identity")]
pub struct Identity {
    /// Name.
    #[arg(long, alias = "sn-name", value_parser = output::short_field)]
    subnet_name: Option<String>,
    /// Repository of its code.
    #[arg(long, alias = "repo", value_parser = output::long_field)]
    github_repo: Option<String>,
    /// Contact of the owner.
    #[arg(long, aliases = ["contact", "email"], value_parser = output::long_field)]
    subnet_contact: Option<String>,
    /// Web page.
    #[arg(long, alias = "url", value_parser = output::web_field)]
    subnet_url: Option<String>,
    /// Discord handle.
    #[arg(long, alias = "discord-handle", value_parser = output::short_field)]
    discord: Option<String>,
    /// Description in a few sentences.
    #[arg(long, value_parser = output::long_field)]
    description: Option<String>,
    /// Address of a picture.
    #[arg(long, value_parser = output::web_field)]
    logo_url: Option<String>,
    /// Any other information.
    #[arg(long, alias = "additional-info", value_parser = output::long_field)]
    additional: Option<String>,
}

/// A subnet and its identity.
#[derive(Args)]
pub struct SetIdentity {
    #[command(flatten)]
    on: OnSubnet,
    #[command(flatten)]
    identity: Identity,
}

/// A subnet and its symbol.
#[derive(Args)]
pub struct SetSymbol {
    #[command(flatten)]
    on: OnSubnet,
    /// A symbol of the chain's list, such as α.
    symbol: String,
}

impl Identity {
    /// The published identity with the given fields replaced; `None` if no field is given.
    fn over(self, known: SubnetIdentityV3) -> Option<SubnetIdentityV3> {
        let new = self.clone();
        let given = [
            &self.subnet_name,
            &self.github_repo,
            &self.subnet_contact,
            &self.subnet_url,
            &self.discord,
            &self.description,
            &self.logo_url,
            &self.additional,
        ];
        if given.iter().all(|field| field.is_none()) {
            return None;
        }
        let pick = |given: Option<String>, known: Vec<u8>| given.map_or(known, String::into_bytes);
        Some(SubnetIdentityV3 {
            subnet_name: pick(new.subnet_name, known.subnet_name),
            github_repo: pick(new.github_repo, known.github_repo),
            subnet_contact: pick(new.subnet_contact, known.subnet_contact),
            subnet_url: pick(new.subnet_url, known.subnet_url),
            discord: pick(new.discord, known.discord),
            description: pick(new.description, known.description),
            logo_url: pick(new.logo_url, known.logo_url),
            additional: pick(new.additional, known.additional),
        })
    }
}

impl Create {
    /// Creates the subnet.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = self.by.keys.own_hotkey_account(global)?;
        let cost = chain.subnet_cost().await?;
        let limit = limit(self.max_cost, cost, chain.offers::<RegisterNetworkLimit>().await)?;
        let identity = self.identity.over(SubnetIdentityV3::default());
        let call: AnyCall = match limit {
            Some(limit) => (&RegisterNetworkLimit { hotkey, identity, limit_price: limit.to_rao() }).into(),
            None => (&RegisterNetworkWithIdentity { hotkey, identity }).into(),
        };
        if limit.is_some_and(|limit| cost > limit) {
            let when = match chain.allowed_at(call, &self.by.account(global)?).await {
                Ok(Allowed::Never) => "it never falls so far".into(),
                Ok(when @ Allowed::At { .. }) => {
                    format!("it may be low enough {when}, if nobody creates one before")
                }
                Ok(Allowed::Now) | Err(_) => "`myelin subnet burn-cost` tells what it costs later".into(),
            };
            return fail(format!("a subnet costs {} now, more than --max-cost; {when}", tao(cost)));
        }
        let limit = limit
            .map_or("or whatever it costs by then, as this chain takes no limit".into(), |limit| {
                format!("limit {}", tao(limit))
            });
        let what = format!("creating a subnet owned by {} for {}, {limit}", self.by.keys.name(), tao(cost));
        let Some(sent) = self.by.send(global, &chain, Order::new(call, what)).await? else { return Ok(()) };
        let added: Option<(u16, u16)> = sent.event("SubtensorModule", "NetworkAdded");
        let Some((netuid, _)) = added else {
            let text = "paid; the subnet gets its number when one is free, see `myelin subnet list`";
            return sent.report(global, text, json!({ "netuid": null, "cost_rao": cost.to_rao() }));
        };
        let value = json!({ "netuid": netuid, "cost_rao": cost.to_rao() });
        let next = self.by.keys.command(&format!("myelin subnet start --netuid {netuid}"));
        sent.report(global, &format!("subnet {netuid} created; {next} opens it"), value)
    }
}

/// The most to pay; `None` on a chain that takes no limit, as official ones do not. Another new subnet before this one
/// would double the price, so the limit is the present price unless the user allows more.
fn limit(max_cost: Option<u64>, cost: TaoBalance, takes_limits: bool) -> Result<Option<TaoBalance>, Failure> {
    match (max_cost, takes_limits) {
        (max_cost, true) => Ok(Some(max_cost.map_or(cost, TaoBalance::from_rao))),
        (None, false) => Ok(None),
        (Some(_), false) => fail(
            "this chain takes no limit, so --max-cost would bind nothing; without it the subnet is created at whatever it costs by then",
        ),
    }
}

/// `myelin subnet start`.
pub async fn start(global: &Global, OnSubnet { netuid, by }: OnSubnet) -> Outcome {
    let chain = connect(global).await?;
    let order = Order::new(&StartCall { netuid }, format!("starting subnet {netuid}")).unasked();
    let done = format!(
        "subnet {netuid} started; `myelin subnet register --netuid {netuid} --wallet NAME` makes miners and validators"
    );
    by.carry_out(global, &chain, order, &done, json!({ "netuid": netuid })).await
}

/// `myelin subnet check-start`.
pub async fn check_start(global: &Global, netuid: u16) -> Outcome {
    let chain = connect(global).await?;
    let owner: Account = chain.subnet(netuid).await?.owner_coldkey;
    let first: Option<u64> =
        chain.storage("SubtensorModule", "FirstEmissionBlockNumber", &[netuid.into()], None).await?;
    let (text, from) = match first {
        Some(block) => (format!("subnet {netuid} is paid since block {block}"), Value::Null),
        None => {
            let allowed = chain.allowed_at(&StartCall { netuid }, &owner).await?;
            let block = match allowed {
                Allowed::At { block, .. } => block,
                _ => chain.best_block().await?.number + 1,
            };
            (format!("subnet {netuid} is not started; its owner can start it {allowed}"), block.into())
        }
    };
    let value = json!({ "netuid": netuid, "started": first.is_some(), "first_emission_block": first, "can_start_at": from });
    output::report(global, &text, value)
}

/// `myelin subnet get-identity`.
pub async fn identity(global: &Global, netuid: u16) -> Outcome {
    let chain = connect(global).await?;
    chain.subnet(netuid).await?;
    let known: Option<SubnetIdentityV3> =
        chain.storage("SubtensorModule", "SubnetIdentitiesV3", &[netuid.into()], None).await?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let Some(known) = known else {
        return output::report(global, &format!("subnet {netuid} has published nothing"), Value::Null);
    };
    let fields = [
        ("subnet_name", known.subnet_name),
        ("github_repo", known.github_repo),
        ("subnet_contact", known.subnet_contact),
        ("subnet_url", known.subnet_url),
        ("discord", known.discord),
        ("description", known.description),
        ("logo_url", known.logo_url),
        ("additional", known.additional),
    ];
    output::fields(global, fields.map(|(name, value)| (name, text(value))))
}

impl SetIdentity {
    /// Publishes the identity.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let netuid = self.on.netuid;
        let known: Option<SubnetIdentityV3> =
            chain.storage("SubtensorModule", "SubnetIdentitiesV3", &[netuid.into()], None).await?;
        let Some(new) = self.identity.over(known.unwrap_or_default()) else {
            return fail("nothing to publish; see `myelin subnet set-identity --help` for the fields");
        };
        let call = SetSubnetIdentity {
            netuid,
            subnet_name: new.subnet_name,
            github_repo: new.github_repo,
            subnet_contact: new.subnet_contact,
            subnet_url: new.subnet_url,
            discord: new.discord,
            description: new.description,
            logo_url: new.logo_url,
            additional: new.additional,
        };
        let order = Order::new(&call, format!("publishing what subnet {netuid} is"));
        self.on.by.carry_out(global, &chain, order, "published", json!({ "netuid": netuid })).await
    }
}

impl SetSymbol {
    /// Sets the symbol.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let netuid = self.on.netuid;
        let call = UpdateSymbol { netuid, symbol: self.symbol.clone().into_bytes() };
        let order = Order::new(&call, format!("taking {} as the symbol of subnet {netuid}", self.symbol));
        let value = json!({ "netuid": netuid, "symbol": self.symbol });
        self.on.by.carry_out(global, &chain, order, "taken", value).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_subnet_may_cost_is_bound_or_said_not_to_be() {
        let [cost, more] = [5, 7].map(TaoBalance::from_rao);
        assert_eq!(limit(None, cost, true).ok(), Some(Some(cost)));
        assert_eq!(limit(Some(7), cost, true).ok(), Some(Some(more)));
        assert_eq!(limit(None, cost, false).ok(), Some(None));
        assert!(limit(Some(7), cost, false).is_err(), "a limit is never dropped silently");
    }
}
