//! `myelin address`: names for addresses, usable wherever an account is asked for.

use clap::{Args, Subcommand};
use serde_json::json;

use crate::address_book::AddressBook;
use crate::keys;
use crate::output::{self, address, fail, Outcome};
use crate::Global;

/// Names for addresses: list, add, remove.
#[derive(Subcommand)]
pub enum Address {
    /// All names.
    List,
    /// Adds a name, or gives it another address.
    #[command(after_help = "Example:\n  myelin address add treasury 5F…")]
    Add(Add),
    /// Removes a name.
    Remove(Name),
}

/// A name and its account.
#[derive(Args)]
pub struct Add {
    /// The name.
    #[arg(required_unless_present = "name_option")]
    name: Option<String>,
    /// An address, a wallet, or a development key.
    #[arg(required_unless_present = "address")]
    account: Option<String>,
    /// The name as an option.
    #[arg(long = "name", value_name = "NAME", conflicts_with = "name", requires = "address")]
    name_option: Option<String>,
    /// The address as an option.
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "account", requires = "name_option")]
    address: Option<String>,
    /// A note about it.
    #[arg(long)]
    note: Option<String>,
}

/// The name to remove.
#[derive(Args)]
pub struct Name {
    /// The name.
    #[arg(required_unless_present = "name_option")]
    name: Option<String>,
    /// The name as an option.
    #[arg(long = "name", value_name = "NAME", conflicts_with = "name")]
    name_option: Option<String>,
}

impl Address {
    /// Runs the verb.
    pub fn run(self, global: &Global) -> Outcome {
        let mut book = AddressBook::load()?;
        match self {
            Address::List => {
                let mut table = output::table(&["name", "address"], 2);
                for entry in book.entries() {
                    table.add_row([&entry.name, &entry.address]);
                }
                output::show(global, &book.entries(), &table)
            }
            Address::Add(add) => {
                let name = add.name.or(add.name_option).unwrap_or_default();
                if keys::is_wallet(&name, global) {
                    return fail(format!(
                        "`{name}` is a wallet, which the name stands for already; choose another name"
                    ));
                }
                let account = keys::account(&add.account.or(add.address).unwrap_or_default(), global)?;
                book.set(&name, &account, add.note.as_deref())?;
                let shown = address(&account);
                output::report(
                    global,
                    &format!("{name} is {shown} in {}", book.path().display()),
                    json!({ "name": name, "address": shown }),
                )
            }
            Address::Remove(named) => {
                let name = named.name.or(named.name_option).unwrap_or_default();
                if !book.remove(&name)? {
                    return fail(format!("there is no `{name}` in {}", book.path().display()));
                }
                output::report(global, &format!("{name} removed"), json!({ "removed": name }))
            }
        }
    }
}
