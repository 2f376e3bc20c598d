//! `myelin stake claims`, `set-claim` and `process-claim`: dividends of root stakers.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};
use myelin_abi::calls::subtensor::{ClaimRoot, ClaimRootWithHotkey, SetRootClaimType};
use myelin_abi::{Account, RootClaimTypeEnum};
use myelin_chain_client::ChainClient;
use myelin_economy::claim::{owed, MAX_CLAIM_SUBNETS};
use myelin_units::{TaoBalance, I96F32};
use serde_json::{json, Value};

use crate::commands::connect;
use crate::keys::Who;
use crate::output::{self, address, alpha, brief, fail, tao, Failure, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// Uses of root dividends.
#[derive(Clone, Copy, ValueEnum)]
enum Into {
    /// Sold for TAO, which is staked on root.
    Swap,
    /// Kept as alpha.
    Keep,
}

/// A use of root dividends, and its subnets.
#[derive(Args)]
pub struct Choose {
    /// Use of the dividends.
    #[arg(value_enum)]
    into: Into,
    /// Keep only the dividends of these subnets; sell the others.
    #[arg(long, short = 'n', value_delimiter = ',', value_name = "NETUID")]
    netuids: Vec<u16>,
    #[command(flatten)]
    by: Sender,
}

/// The subnets of a claim.
#[derive(Args)]
pub struct Claim {
    /// The subnets; at most five, by default those with the most to claim.
    #[arg(long, short = 'n', alias = "netuid", value_delimiter = ',', value_name = "NETUID")]
    netuids: Vec<u16>,
    /// Claim those of every subnet on the hotkey alone.
    #[arg(long, conflicts_with = "netuids")]
    of_hotkey: bool,
    #[command(flatten)]
    by: Sender,
}

/// `myelin stake claims`.
pub async fn show(global: &Global, who: &Who) -> Outcome {
    let chain = connect(global).await?;
    let coldkey = who.account(global)?;
    let choice: RootClaimTypeEnum =
        chain.value("SubtensorModule", "RootClaimType", &[(&coldkey).into()]).await?;
    let mut table = output::table(&["hotkey", "netuid", "can be claimed"], 1);
    let claims = claimable(&chain, &coldkey).await?;
    for (hotkey, netuid, amount) in &claims {
        table.add_row([
            address(hotkey),
            netuid.to_string(),
            alpha(myelin_units::AlphaBalance::from_rao(*amount)),
        ]);
    }
    if !global.json {
        crate::output::say!("root dividends are {}", words(&choice));
    }
    let shown: Vec<_> = claims
        .iter()
        .map(|(hotkey, netuid, amount)| json!({ "hotkey": address(hotkey), "netuid": netuid, "alpha_rao": amount }))
        .collect();
    output::show(
        global,
        &json!({ "coldkey": address(&coldkey), "claim_type": name(&choice), "keep_subnets": kept(&choice), "claimable": shown }),
        &table,
    )
}

/// The claims of a coldkey: hotkey, subnet, rao of alpha; the largest first.
async fn claimable(chain: &ChainClient, coldkey: &Account) -> Result<Vec<(Account, u16, u64)>, Failure> {
    let mut found = Vec::new();
    let stakes = chain.stakes(coldkey).await?;
    for stake in stakes.iter().filter(|stake| stake.netuid.0 == 0) {
        let root_stake = TaoBalance::from_rao(stake.stake.0.to_rao());
        let rates: BTreeMap<u16, I96F32> =
            chain.value("SubtensorModule", "RootClaimable", &[(&stake.hotkey).into()]).await?;
        for (netuid, rate) in rates {
            let place = [netuid.into(), (&stake.hotkey).into(), coldkey.into()];
            let claimed: u128 = chain.value("SubtensorModule", "RootClaimed", &place).await?;
            let amount = owed(rate, root_stake, claimed).to_rao();
            if amount > 0 {
                found.push((stake.hotkey, netuid, amount));
            }
        }
    }
    found.sort_by_key(|(_, _, amount)| std::cmp::Reverse(*amount));
    Ok(found)
}

fn name(choice: &RootClaimTypeEnum) -> &'static str {
    match choice {
        RootClaimTypeEnum::Swap => "Swap",
        RootClaimTypeEnum::Keep => "Keep",
        RootClaimTypeEnum::KeepSubnets { .. } => "KeepSubnets",
    }
}

fn kept(choice: &RootClaimTypeEnum) -> Vec<u16> {
    match choice {
        RootClaimTypeEnum::KeepSubnets { subnets } => subnets.iter().copied().collect(),
        _ => Vec::new(),
    }
}

fn words(choice: &RootClaimTypeEnum) -> String {
    match choice {
        RootClaimTypeEnum::Swap => "sold for TAO, which is staked on root".into(),
        RootClaimTypeEnum::Keep => "kept as alpha".into(),
        RootClaimTypeEnum::KeepSubnets { subnets } => {
            let listed: Vec<String> = subnets.iter().map(u16::to_string).collect();
            format!("kept as alpha on subnets {}, sold for TAO on the others", listed.join(", "))
        }
    }
}

impl Choose {
    /// Sets the use of root dividends.
    pub async fn run(self, global: &Global) -> Outcome {
        let new_root_claim_type = match (self.into, self.netuids.is_empty()) {
            (Into::Swap, true) => RootClaimTypeEnum::Swap,
            (Into::Keep, true) => RootClaimTypeEnum::Keep,
            (Into::Keep, false) => {
                RootClaimTypeEnum::KeepSubnets { subnets: self.netuids.iter().copied().collect() }
            }
            (Into::Swap, false) => return fail("--netuids goes with `keep`: the others are sold then"),
        };
        let chain = connect(global).await?;
        let words = words(&new_root_claim_type);
        let value =
            json!({ "claim_type": name(&new_root_claim_type), "keep_subnets": kept(&new_root_claim_type) });
        let order = Order::new(
            &SetRootClaimType { new_root_claim_type },
            format!("from now on root dividends are {words}"),
        );
        self.by.carry_out(global, &chain, order, &format!("root dividends are {words}"), value).await
    }
}

impl Claim {
    /// Claims root dividends.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let account = self.by.account(global)?;
        let claims = claimable(&chain, &account).await?;
        if self.of_hotkey {
            let hotkey = self.by.hotkey(global)?;
            if !claims.iter().any(|(on, _, _)| *on == hotkey) {
                return fail(format!("{} has no root dividends to claim on this hotkey", address(&account)));
            }
            let what = format!("claiming the root dividends on {}", brief(&hotkey));
            let order = Order::new(&ClaimRootWithHotkey { hotkey }, what);
            return self.send(global, &chain, order, json!({ "hotkey": address(&hotkey) })).await;
        }
        let mut subnets: BTreeSet<u16> = self.netuids.iter().copied().collect();
        if subnets.is_empty() {
            for (_, netuid, _) in &claims {
                if subnets.len() < MAX_CLAIM_SUBNETS {
                    subnets.insert(*netuid);
                }
            }
        }
        if !claims.iter().any(|(_, netuid, _)| subnets.contains(netuid)) {
            let there = if self.netuids.is_empty() { "" } else { " on these subnets" };
            return fail(format!("{} has no root dividends to claim{there}", address(&account)));
        }
        let listed: Vec<String> = subnets.iter().map(u16::to_string).collect();
        let order = Order::new(
            &ClaimRoot { subnets: subnets.clone() },
            format!("claiming the root dividends of subnets {}", listed.join(", ")),
        );
        self.send(global, &chain, order, json!({ "netuids": subnets })).await
    }

    /// Sends a claim and reports the chain's answer.
    async fn send(&self, global: &Global, chain: &ChainClient, order: Order, mut value: Value) -> Outcome {
        let Some(sent) = self.by.send(global, chain, order).await? else { return Ok(()) };
        // coldkey, what the sale of the claims brought
        let claimed: Option<(Account, TaoBalance)> = sent.event("SubtensorModule", "RootClaimed");
        value["tao_rao"] = claimed.map(|event| event.1.to_rao()).into();
        let nothing = claimed.is_none() && !sent.is_pending();
        let done = match claimed {
            Some((_, gained)) if !gained.is_zero() => {
                format!("claimed; what was sold brought {}, staked on root", tao(gained))
            }
            _ if nothing => "nothing was claimed".into(),
            _ => "claimed".into(),
        };
        sent.report(global, &done, value)?;
        if nothing {
            return fail("nothing was large enough to be claimed; see `myelin stake claims`");
        }
        Ok(())
    }
}
