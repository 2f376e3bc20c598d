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

/// Which name for whom.
#[derive(Args)]
pub struct Add {
    /// The name.
    name: String,
    /// An address, a wallet, or a development key.
    account: String,
    /// What to remember about it.
    #[arg(long)]
    note: Option<String>,
}

/// Which name.
#[derive(Args)]
pub struct Name {
    /// The name.
    name: String,
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
                if keys::is_wallet(&add.name, global) {
                    return fail(format!(
                        "`{}` is a wallet, which the name stands for already; choose another name",
                        add.name
                    ));
                }
                let account = keys::account(&add.account, global)?;
                book.set(&add.name, &account, add.note.as_deref())?;
                let shown = address(&account);
                output::report(
                    global,
                    &format!("{} is {shown} in {}", add.name, book.path().display()),
                    json!({ "name": add.name, "address": shown }),
                )
            }
            Address::Remove(Name { name }) => {
                if !book.remove(&name)? {
                    return fail(format!("there is no `{name}` in {}", book.path().display()));
                }
                output::report(global, &format!("{name} removed"), json!({ "removed": name }))
            }
        }
    }
}
