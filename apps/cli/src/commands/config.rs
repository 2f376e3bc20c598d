//! `myelin config`: defaults of endpoint and wallet, in the file of the official command.

use clap::{Args, Subcommand};
use serde_json::json;

use crate::output::{self, Failure, Outcome};
use crate::settings::{Endpoint, Settings};
use crate::Global;

/// Defaults of endpoint and wallet: get, set, clear.
#[derive(Subcommand)]
pub enum Config {
    /// The defaults, and their file.
    Get,
    /// Sets a default: network, wallet_name, wallet_hotkey or wallet_path.
    #[command(after_help = "Example:\n  myelin config set wallet_name alice")]
    Set(Set),
    /// Removes a default.
    Clear(Name),
}

/// A default with its value.
#[derive(Args)]
pub struct Set {
    /// Name of the default.
    name: String,
    /// Its value.
    value: String,
}

/// The default to remove.
#[derive(Args)]
pub struct Name {
    /// Name of the default.
    name: String,
}

impl Config {
    /// Runs the verb.
    pub fn run(self, global: &Global) -> Outcome {
        let mut settings = Settings::load();
        match self {
            Config::Get => {
                let mut table = output::table(&["setting", "default"], 2);
                for (name, value) in settings.known() {
                    table.add_row([name, value.as_deref().unwrap_or_default()]);
                }
                if !global.json {
                    crate::output::say!("{}", settings.path().display());
                }
                output::show(global, &settings.known(), &table)?;
                settings.broken().map_or(Ok(()), output::fail)
            }
            Config::Set(Set { name, value }) => {
                if value.trim().is_empty() {
                    return output::fail(format!(
                        "an empty {name} is no default; `myelin config clear {name}` forgets the one there is"
                    ));
                }
                let value = match name.as_str() {
                    "network" => Endpoint::parse(&value).map_err(Failure::new)?.url()?.to_owned(),
                    _ => value,
                };
                settings.set(&name, Some(&value))?;
                output::report(global, &format!("{name} is {value} by default"), json!({ name: value }))
            }
            Config::Clear(Name { name }) => {
                settings.set(&name, None)?;
                output::report(global, &format!("{name} has no default of yours"), json!({ name: null }))
            }
        }
    }
}
