//! `myelin node authorities`: the accounts whose nodes write and finalise blocks.

use clap::{Args, Subcommand};
use myelin_abi::calls::admin::SwapAuthorities;
use myelin_abi::calls::session::SessionKeys;
use myelin_abi::Account;
use myelin_chain_client::ChainClient;
use myelin_wire::ss58;
use serde::Serialize;

use crate::commands::{connect, ensure_root};
use crate::output::{self, address, brief, fail, Failure, Outcome};
use crate::send::{Order, Sender};
use crate::{keys, Global};

/// Work on the authorities.
#[derive(Subcommand)]
pub enum Authorities {
    /// Shows the authorities with their keys, and which of them come or go.
    List,
    /// Appoints the authorities of the chain, with the root key; those that are not named leave office.
    ///
    /// They take office in the second block. More than two thirds of them must run, or no block becomes final.
    #[command(after_help = "Example:\n  myelin node authorities appoint first second --wallet founder")]
    Appoint(Box<Appoint>),
}

/// Which authorities.
#[derive(Args)]
pub struct Appoint {
    /// The accounts of all authorities from now on: addresses, wallets, or names of the address book.
    #[arg(required = true, value_name = "ACCOUNT")]
    accounts: Vec<String>,
    #[command(flatten)]
    by: Sender,
}

/// Part that an account has in consensus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Office {
    /// Writes and finalises blocks.
    Holds,
    /// Begins with one of the next blocks.
    Comes,
    /// Ends with one of the next blocks.
    Goes,
}

/// An authority as it is shown.
#[derive(Serialize)]
struct Shown {
    account: String,
    office: Office,
    aura: Option<String>,
    grandpa: Option<String>,
}

impl Authorities {
    /// Shows or appoints authorities.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Authorities::List => list(global).await,
            Authorities::Appoint(appoint) => appoint.run(global).await,
        }
    }
}

/// The session keys that an account has announced.
pub async fn stored_keys(chain: &ChainClient, account: &Account) -> Result<Option<SessionKeys>, Failure> {
    Ok(chain.storage("Session", "NextKeys", &[account.into()], None).await?)
}

/// The accounts in office, and those in the next session.
async fn in_office(chain: &ChainClient) -> Result<(Vec<Account>, Vec<Account>), Failure> {
    let now: Vec<Account> = chain.value("Session", "Validators", &[]).await?;
    let queued: Vec<(Account, SessionKeys)> = chain.value("Session", "QueuedKeys", &[]).await?;
    let appointed: Option<Vec<Account>> = chain.storage("Authorities", "Appointed", &[], None).await?;
    let next = appointed.unwrap_or_else(|| queued.into_iter().map(|(account, _)| account).collect());
    Ok((now, next))
}

/// Every account of two lists with its part.
fn offices(now: &[Account], next: &[Account]) -> Vec<(Account, Office)> {
    let holds = |account: &Account| if next.contains(account) { Office::Holds } else { Office::Goes };
    let come = next.iter().filter(|account| !now.contains(account)).map(|account| (*account, Office::Comes));
    now.iter().map(|account| (*account, holds(account))).chain(come).collect()
}

async fn list(global: &Global) -> Outcome {
    let chain = connect(global).await?;
    let (now, next) = in_office(&chain).await?;
    let mut shown = Vec::new();
    let mut table = output::table(&["account", "office", "aura", "grandpa"], 4).with_whole_addresses();
    for (account, office) in offices(&now, &next) {
        let keys = stored_keys(&chain, &account).await?;
        let [aura, grandpa] = [keys.map(|keys| keys.aura), keys.map(|keys| keys.grandpa)]
            .map(|key| key.map(|key| ss58::encode(&key)));
        let said = match office {
            Office::Holds => "holds",
            Office::Comes => "comes",
            Office::Goes => "goes",
        };
        let or_none = |key: &Option<String>| key.clone().unwrap_or_else(|| "none".into());
        table.add_row([&address(&account), said, &or_none(&aura), &or_none(&grandpa)]);
        shown.push(Shown { account: address(&account), office, aura, grandpa });
    }
    output::show(global, &shown, &table)
}

impl Appoint {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let mut next: Vec<Account> = Vec::new();
        let mut new_authorities = Vec::new();
        for name in &self.accounts {
            let account = keys::account(name, global)?;
            if next.contains(&account) {
                return fail(format!("{} is named twice; nothing was sent", address(&account)));
            }
            let Some(keys) = stored_keys(&chain, &account).await? else {
                return fail(format!(
                    "{} has announced no keys; its operator runs `myelin node keys announce`; nothing was sent",
                    address(&account)
                ));
            };
            next.push(account);
            new_authorities.push(keys.aura);
        }
        ensure_root(&chain, &self.by.account(global)?).await?;
        let (now, _) = in_office(&chain).await?;
        let what = format!("appointing {}", changes(&now, &next));
        let call = chain.as_root(&SwapAuthorities { new_authorities }).await?;
        let value = serde_json::json!({ "authorities": next.iter().map(address).collect::<Vec<_>>() });
        let done = "appointed; they take office in the second block";
        self.by.carry_out(global, &chain, Order::new(call, what), done, value).await
    }
}

/// The effect of a list, for people.
fn changes(now: &[Account], next: &[Account]) -> String {
    let named = |wanted: Office| {
        let found = offices(now, next).into_iter().filter(|(_, office)| *office == wanted);
        let names: Vec<String> = found.map(|(account, _)| brief(&account)).collect();
        names.join(", ")
    };
    let count = match next.len() {
        1 => "one authority".to_owned(),
        count => format!("{count} authorities"),
    };
    let parts = [("come", Office::Comes), ("go", Office::Goes)].map(|(verb, office)| (verb, named(office)));
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> = parts.map(|(verb, names)| format!("{verb}: {names}")).collect();
    match parts.is_empty() {
        true => format!("{count}, the same as now"),
        false => format!("{count} ({})", parts.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_see_who_comes_and_who_goes() {
        let [one, two, three] = [1, 2, 3].map(|byte| Account([byte; 32]));
        assert_eq!(
            offices(&[one, two], &[three, two]),
            [(one, Office::Goes), (two, Office::Holds), (three, Office::Comes)]
        );
        let said = changes(&[one, two], &[three, two]);
        assert_eq!(said, format!("2 authorities (come: {}; go: {})", brief(&three), brief(&one)));
        assert_eq!(changes(&[one], &[one]), "one authority, the same as now");
    }
}
