//! Wallets on this machine, and what they hold.

use clap::Args;
use myelin_abi::Account;
use myelin_units::TaoBalance;
use myelin_wire::ss58;
use serde::Serialize;
use serde_json::json;

use crate::commands::look;
use crate::keys::{self, Who};
use crate::output::{self, address, tao, Outcome};
use crate::Global;

/// Whose balance.
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
    hotkeys: Vec<ListedHotkey>,
}

#[derive(Serialize)]
struct ListedHotkey {
    name: String,
    address: Option<String>,
    on_this_machine: bool,
}

/// `myelin wallet list`.
pub fn wallets(global: &Global) -> Outcome {
    let folder = keys::folder(global);
    let wallets: Vec<Listed> = myelin_wallet::Wallet::list(&folder)?
        .into_iter()
        .map(|entry| Listed {
            name: entry.name.clone(),
            coldkey: entry.coldkey.map(|key| ss58::encode(&key)),
            coldkey_on_this_machine: entry.coldkey_format.is_some(),
            hotkeys: entry
                .hotkeys
                .into_iter()
                .map(|(name, key)| ListedHotkey {
                    on_this_machine: folder.join(&entry.name).join("hotkeys").join(&name).exists(),
                    name,
                    address: key.map(|key| ss58::encode(&key)),
                })
                .collect(),
        })
        .collect();
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
            here(wallet.coldkey_on_this_machine),
        ]);
        for hotkey in &wallet.hotkeys {
            table.add_row([
                String::new(),
                format!("hotkey {}", hotkey.name),
                hotkey.address.clone().unwrap_or_default(),
                here(hotkey.on_this_machine),
            ]);
        }
    }
    output::show(global, &wallets, &table)
}

fn here(secret: bool) -> String {
    if secret { "yes" } else { "no, watched" }.into()
}

impl Whose {
    /// `myelin wallet balance`.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = look(global).await?;
        if !self.all {
            let account = self.who.account(global)?;
            let free = chain.balance(&account).await?;
            let shown = address(&account);
            return output::report(
                global,
                &format!("{shown}: {} free", tao(free)),
                json!({ "address": shown, "free_rao": free.to_rao() }),
            );
        }
        let mut table = output::table(&["wallet", "address", "free", "staked at spot"], 2);
        let mut shown = Vec::new();
        for entry in myelin_wallet::Wallet::list(&keys::folder(global))? {
            let Some(account) = entry.coldkey.map(Account) else { continue };
            let (free, staked) =
                (chain.balance(&account).await?, super::overview::staked(&chain, &account).await?);
            table.add_row([
                entry.name.clone(),
                address(&account),
                tao(free),
                tao(TaoBalance::from_rao(staked)),
            ]);
            shown.push(json!({
                "wallet": entry.name, "address": address(&account), "free_rao": free.to_rao(), "staked_rao": staked
            }));
        }
        output::show(global, &shown, &table)
    }
}
