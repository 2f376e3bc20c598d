//! `wallet balance` and `wallet list` as processes: both official command lines and ours, on the same files and node.

use std::path::Path;
use std::time::Duration;

use myelin_compat::packages::Packages;

use crate::figures::{compare, Times};
use crate::official;
use crate::process::Repeated;
use crate::world::{self, SAVED, SAVER};

/// Runs of each command.
const RUNS: usize = 9;
/// How many times faster ours should be.
const GOAL: f64 = 30.0;
const OLD: &str = "bittensor-cli 9.23.2";
const NEW: &str = "bittensor 11.3.0";
const QUERY: &str = "  query balance";

/// Compares the outputs and the times of all.
pub async fn measure(endpoint: &str, wallets: &Path, home: &Path, myelin: &Path) {
    let clients = Clients { endpoint, wallets: &wallets.display().to_string(), home, myelin };
    let lists = [(OLD, clients.older(&["list"])), (NEW, clients.newer(&["wallet", "list"]))];
    let ours = clients.ours(&["list"]);
    side_by_side("wallet list", &ours, &lists, &world::address(SAVER)).await;

    println!("\nofficial balances value the stake, too; ours do with --all.");
    println!("`query balance` of {NEW} is of TAO alone, as ours is without.");
    let [ours, all] = [&["balance", SAVER][..], &["balance", "--all"]].map(|verb| clients.ours(verb));
    let older = clients.older(&["balance", "--wallet-name", SAVER, "--network", endpoint]);
    let older_all = clients.older(&["balance", "--all", "--network", endpoint]);
    let newer = clients.newer(&["wallet", "balance", SAVER]);
    let newer_all = clients.newer(&["wallet", "balance", "--all"]);
    let query = clients.newer(&["query", "balance", "--coldkey", SAVER]);
    let balances = [(OLD, older), (NEW, newer), (QUERY, query)];
    side_by_side("wallet balance", &ours, &balances, SAVED.1).await;
    side_by_side("wallet balance --all", &all, &[(OLD, older_all), (NEW, newer_all)], SAVED.1).await;
}

/// The three command lines with the same wallets and the same node.
struct Clients<'a> {
    endpoint: &'a str,
    wallets: &'a str,
    home: &'a Path,
    myelin: &'a Path,
}

impl Clients<'_> {
    fn ours(&self, verb: &[&str]) -> Repeated {
        let place = ["--wallet-path", self.wallets, "--endpoint", self.endpoint];
        Repeated::new(self.myelin, &[&["wallet"], verb, &place].concat(), self.home)
    }

    fn older(&self, verb: &[&str]) -> Repeated {
        let place = ["--wallet-path", self.wallets];
        let arguments = [&["wallet"], verb, &place].concat();
        Repeated::new(official(Packages::Btcli9, "btcli"), &arguments, self.home)
    }

    fn newer(&self, words: &[&str]) -> Repeated {
        let place = ["--network", self.endpoint, "--wallet-path", self.wallets];
        // Without this it would fall back to public nodes.
        let alone = ["--fallback-endpoints", "none", "--archive-endpoints", "none"];
        let arguments = [&place[..], &alone, words].concat();
        Repeated::new(official(Packages::Sdk11, "btcli"), &arguments, self.home)
    }
}

/// Runs all of them in turns; each must print `expected`.
async fn side_by_side(what: &str, ours: &Repeated, others: &[(&str, Repeated)], expected: &str) {
    let all: Vec<&Repeated> = std::iter::once(ours).chain(others.iter().map(|(_, other)| other)).collect();
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); all.len()];
    // The first run fills caches.
    for run in 0..=RUNS {
        for (command, times) in all.iter().zip(&mut times) {
            let took = command.timed(expected).await;
            if run > 0 {
                times.push(took);
            }
        }
    }
    let times: Vec<Times> = times.into_iter().map(Times::of_durations).collect();
    let others: Vec<(&str, &Times)> = others.iter().map(|(name, _)| *name).zip(&times[1..]).collect();
    compare(what, &times[0], &others, GOAL);
}
