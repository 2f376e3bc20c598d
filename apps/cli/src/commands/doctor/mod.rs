//! `myelin doctor`: faults of a set-up, and how to fix them.
//!
//! Each check covers one thing, reports its finding, and names the command or setting that fixes it. It changes
//! nothing, shows no secret, and asks for no password; one in `BT_WALLET_PASSWORD` is used.

mod files;
mod network;
mod neuron;

use clap::Args;
use myelin_chain_client::ChainClient;
use serde::Serialize;

use crate::keys::Keys;
use crate::output::{self, fail, Outcome};
use crate::Global;

/// The keys and subnets to check.
#[derive(Args)]
pub struct Doctor {
    #[command(flatten)]
    keys: Keys,
    /// Subnets on which the hotkey should work; by default those on which it is registered.
    #[arg(long, short = 'n', alias = "netuid", value_delimiter = ',', value_name = "NETUID")]
    netuids: Vec<u16>,
}

/// Severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// It could not be checked.
    Unchecked,
    /// It works, and may not be intended.
    Warning,
    /// It does not work.
    Problem,
}

/// Finding of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    /// Name of the check.
    check: String,
    state: State,
    /// The finding in words.
    found: String,
    /// The step that fixes it.
    fix: Option<String>,
}

impl Finding {
    fn ok(check: &str, found: impl Into<String>) -> Self {
        Finding { check: check.into(), state: State::Ok, found: found.into(), fix: None }
    }

    fn unchecked(check: &str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Finding { state: State::Unchecked, ..Finding::warning(check, found, fix) }
    }

    fn warning(check: &str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Finding { check: check.into(), state: State::Warning, found: found.into(), fix: Some(fix.into()) }
    }

    fn problem(check: &str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Finding { state: State::Problem, ..Finding::warning(check, found, fix) }
    }
}

impl Doctor {
    /// Runs all checks; fails if something does not work.
    pub async fn run(self, global: &Global) -> Outcome {
        let mut findings = files::check(global, &self.keys);
        match global.endpoint.url() {
            Err(error) => findings.push(network::nowhere(error.to_string())),
            Ok(url) => match ChainClient::connect(url).await {
                Err(error) => findings.push(network::unusable(&error)),
                Ok(chain) => {
                    findings.push(Finding::ok("endpoint", url));
                    findings.extend(network::check(&chain).await?);
                    findings.extend(neuron::check(global, &chain, &self.keys, &self.netuids).await?);
                }
            },
        }
        if global.json {
            output::json(&findings)?;
        } else {
            for finding in &findings {
                let mark = match finding.state {
                    State::Ok => "ok     ",
                    State::Unchecked => "unknown",
                    State::Warning => "warning",
                    State::Problem => "PROBLEM",
                };
                crate::output::say!("{mark}  {}: {}", finding.check, finding.found);
                if let Some(fix) = &finding.fix {
                    crate::output::say!("         → {fix}");
                }
            }
        }
        match findings.iter().filter(|finding| finding.state == State::Problem).count() {
            0 => Ok(()),
            1 => fail("one problem"),
            more => fail(format!("{more} problems")),
        }
    }
}
