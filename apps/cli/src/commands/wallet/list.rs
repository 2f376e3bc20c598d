//! Wallets on this machine, and their balances.

use std::path::Path;

use clap::Args;
use myelin_abi::Account;
use myelin_chain_client::Funds;
use myelin_units::TaoBalance;
use myelin_wallet::{Wallet, WalletEntry, WalletError};
use myelin_wire::{ss58, AccountId};
use serde::Serialize;
use serde_json::json;

use crate::commands::look;
use crate::keys::{self, Who};
use crate::output::{self, address, tao, Failure, Outcome};
use crate::Global;

/// The account of a balance.
#[derive(Args)]
pub struct Whose {
    #[command(flatten)]
    who: Who,
    /// Every wallet on this machine.
    #[arg(long, short = 'a', conflicts_with = "who")]
    all: bool,
}

#[derive(Serialize)]
struct Listed {
    name: String,
    coldkey: Option<String>,
    coldkey_on_this_machine: bool,
    coldkey_problem: Option<String>,
    hotkeys: Vec<ListedHotkey>,
}

#[derive(Serialize)]
struct ListedHotkey {
    name: String,
    address: Option<String>,
    on_this_machine: bool,
    problem: Option<String>,
}

/// `myelin wallet list`.
pub fn wallets(global: &Global) -> Outcome {
    let folder = keys::folder(global);
    let wallets: Vec<Listed> =
        Wallet::list(&folder)?.into_iter().map(|entry| listed(&folder, entry)).collect::<Result<_, _>>()?;
    if !global.json && wallets.is_empty() {
        crate::output::say!("no wallets in {}; `myelin wallet new` creates one", folder.display());
        return Ok(());
    }
    let mut table = output::table(&["wallet", "key", "address", "secret here"], 4);
    for wallet in &wallets {
        table.add_row([
            wallet.name.clone(),
            "coldkey".into(),
            wallet.coldkey.clone().unwrap_or_default(),
            here(wallet.coldkey_on_this_machine, &wallet.coldkey_problem),
        ]);
        for hotkey in &wallet.hotkeys {
            table.add_row([
                String::new(),
                format!("hotkey {}", hotkey.name),
                hotkey.address.clone().unwrap_or_default(),
                here(hotkey.on_this_machine, &hotkey.problem),
            ]);
        }
    }
    output::show(global, &wallets, &table)
}

fn listed(folder: &Path, entry: WalletEntry) -> Result<Listed, WalletError> {
    let shown = |key: Option<AccountId>| key.map(|key| ss58::encode(&key));
    let of = |hotkey: &str| Wallet::new(folder, &entry.name, hotkey);
    let wallet = of("default")?;
    let (here, problem) = looked_at(wallet.glance_coldkey(), wallet.coldkeypub());
    let mut hotkeys = Vec::new();
    for (name, key) in entry.hotkeys {
        let wallet = of(&name)?;
        let (on_this_machine, problem) = looked_at(wallet.glance_hotkey(), wallet.hotkeypub());
        hotkeys.push(ListedHotkey { name, address: shown(key), on_this_machine, problem });
    }
    let coldkey = shown(entry.coldkey);
    Ok(Listed { name: entry.name, coldkey, coldkey_on_this_machine: here, coldkey_problem: problem, hotkeys })
}

/// Whether a secret's file exists, and the fault of it or of the address beside it.
fn looked_at(
    secret: Result<Option<AccountId>, WalletError>,
    named: Result<AccountId, WalletError>,
) -> (bool, Option<String>) {
    let (is_here, own) = match secret {
        Ok(own) => (true, own),
        Err(WalletError::Missing { .. }) => (false, None),
        Err(error) => return (true, Some(error.to_string())),
    };
    let problem = match (own, named) {
        (Some(own), Ok(named)) if own != named => Some("its files do not belong together".to_owned()),
        (_, Err(error)) => Some(error.to_string()),
        _ => None,
    };
    (is_here, problem)
}

fn here(secret: bool, problem: &Option<String>) -> String {
    match (secret, problem) {
        (true, None) => "yes",
        (false, None) => "no, watched",
        (_, Some(_)) => "unusable: see `myelin doctor`",
    }
    .into()
}

impl Whose {
    /// `myelin wallet balance`.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = look(global).await?;
        if !self.all {
            let account = self.who.account(global).map_err(|failure| {
                Failure::new(format!("{failure}; --all shows the balance of every wallet that is here"))
            })?;
            let funds = chain.funds(&account, None).await?;
            let shown = address(&account);
            return output::report(
                global,
                &format!("{shown}: {}", said(funds)),
                json!({
                    "address": shown, "free_rao": funds.free.to_rao(), "frozen_rao": frozen(funds).to_rao(),
                }),
            );
        }
        let mut table = output::table(&["wallet", "address", "free", "staked at spot"], 2);
        let mut shown = Vec::new();
        for entry in Wallet::list(&keys::folder(global))? {
            let Some(account) = entry.coldkey.map(Account) else { continue };
            let (funds, staked) =
                (chain.funds(&account, None).await?, super::overview::staked(&chain, &account).await?);
            table.add_row([
                entry.name.clone(),
                address(&account),
                tao(funds.free),
                tao(TaoBalance::from_rao(staked)),
            ]);
            shown.push(json!({
                "wallet": entry.name, "address": address(&account), "free_rao": funds.free.to_rao(),
                "frozen_rao": frozen(funds).to_rao(), "staked_rao": staked,
            }));
        }
        output::show(global, &shown, &table)
    }
}

/// The part of the free TAO that cannot leave: under the vote lock, except for what deposits cover.
fn frozen(funds: Funds) -> TaoBalance {
    funds.frozen.saturating_sub(funds.reserved).min(funds.free)
}

/// Free TAO in words.
fn said(funds: Funds) -> String {
    match frozen(funds) {
        TaoBalance::ZERO => format!("{} free", tao(funds.free)),
        frozen => format!("{} free, of which {} are under the vote lock", tao(funds.free), tao(frozen)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tao_under_the_vote_lock_is_told_apart() {
        let tokens = TaoBalance::from_tokens;
        let of = |free, reserved, frozen| {
            said(Funds { free: tokens(free), reserved: tokens(reserved), frozen: tokens(frozen) })
        };
        assert_eq!(of(9, 5, 0), "9.0000 τ free");
        assert_eq!(of(9, 0, 4), "9.0000 τ free, of which 4.0000 τ are under the vote lock");
        // Deposits are frozen first.
        assert_eq!(of(9, 3, 4), "9.0000 τ free, of which 1.0000 τ are under the vote lock");
        assert_eq!(of(9, 4, 4), "9.0000 τ free");
    }
}
