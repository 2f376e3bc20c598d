//! `cargo xtask bench`: speed, in the profile that also runs. Figures of a shared machine are noisy: medians and
//! ratios.

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use myelin_compat::packages::Packages;

use crate::workspace::{self, Workspace};
use crate::{build, official};

/// Workspace, package, bench target and what it shows.
const BENCHES: [(Workspace, &str, &str, &str); 13] = [
    (Workspace::Root, "myelin-yuma", "epoch", "the epoch, one core"),
    (Workspace::Root, "myelin-election", "election", "a pass over 10,000 candidates, one core"),
    (Workspace::Root, "myelin-neuron", "loopback", "axon and dendrite on loopback"),
    (Workspace::Root, "myelin-sandbox", "fuel", "what a unit of fuel takes, by instruction"),
    (
        Workspace::Root,
        "myelin-subnet",
        "evidence",
        "an auditor, records to dividends, in memory and from folders; an epoch served to 63 holders",
    ),
    (
        Workspace::Root,
        "myelin-kinds",
        "evidence-replay",
        "records that one core judges again in a second, by kind",
    ),
    (Workspace::Root, "myelin-kinds", "rounds", "a validator's round: drawing, asking, judging 256 miners"),
    (Workspace::Root, "myelin-kinds", "floods", "memory of a validator and of a miner that are flooded"),
    (
        Workspace::Chain,
        "myelin-node",
        "blocks",
        "blocks in the WASM runtime: epochs, weights, a full network, growth",
    ),
    (Workspace::Chain, "myelin-node", "transfers", "transfers through a running node"),
    (Workspace::Chain, "myelin-node", "memory", "memory of a running node while its chain grows"),
    (Workspace::Chain, "myelin-node", "tips", "blocks that are taken back, with three authorities"),
    (
        Workspace::Chain,
        "myelin-node",
        "censors",
        "blocks that a transfer waits for while an authority refuses it",
    ),
];

/// Benchmarks that are no bench target.
const STARTUP: &str = "startup";
const CLIENTS: &str = "clients";
const METRICS: &str = "metrics";
/// Only runs where it is named, because its packages are so large.
const PICTURES: &str = "pictures";

/// Runs every benchmark whose name contains `only`.
pub fn run(only: Option<&str>) -> ExitCode {
    let wanted = |name: &str| only.is_none_or(|only| name.contains(only));
    let names: Vec<&str> =
        BENCHES.iter().map(|(_, _, bench, _)| *bench).chain([STARTUP, CLIENTS, METRICS, PICTURES]).collect();
    if !names.iter().any(|name| wanted(name)) {
        eprintln!("no benchmark is called {:?}; there are {}", only.unwrap_or_default(), names.join(", "));
        return ExitCode::FAILURE;
    }
    let mut ok = true;
    for (workspace, package, bench, what) in BENCHES {
        if !wanted(bench) {
            continue;
        }
        println!("\n==> {what} ({package}, {bench})");
        ok &= command(workspace, bench).status().is_ok_and(|status| status.success());
    }
    if wanted(STARTUP) {
        ok &= startup();
    }
    if wanted(CLIENTS) {
        ok &= clients();
    }
    if wanted(METRICS) {
        let what = "measures of answers beside those of packages (myelin-compat, metrics)";
        ok &= beside(what, Packages::Metrics, METRICS);
    }
    if only.is_some() && wanted(PICTURES) {
        let what = "the image model beside PyTorch (myelin-compat, pictures)";
        ok &= beside(what, Packages::Pytorch, PICTURES);
    }
    if ok {
        ExitCode::SUCCESS
    } else {
        eprintln!("a benchmark failed; see above");
        ExitCode::FAILURE
    }
}

/// Runs a network for this many blocks; fails if one of them is too slow or a rule is broken.
///
/// # Errors
/// The failure in a few words; the run printed the details.
pub fn growth(blocks: u32) -> Result<(), String> {
    let mut run = command(Workspace::Chain, "blocks");
    match run.args(["--", "growth"]).env("MYELIN_BENCH_BLOCKS", blocks.to_string()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("a block was too slow or a rule is broken; see above".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// Runs a node with this many subnets, with as many axons each, for these minutes; fails if an epoch has no weights in
/// time.
///
/// # Errors
/// The failure in a few words; the run printed the details.
pub fn scale(subnets: u16, axons: u16, minutes: u16, tempo: u16) -> Result<(), String> {
    let mut build = Workspace::Root.cargo();
    build.args(["build", "--quiet", "--workspace", "--bins", "--example", "scale"]);
    if !build.status().is_ok_and(|status| status.success()) {
        return Err("the program that runs it does not compile".into());
    }
    let mut run = Command::new(Workspace::Root.target().join("debug/examples/scale"));
    for (option, value) in
        [("--subnets", subnets), ("--axons", axons), ("--minutes", minutes), ("--tempo", tempo)]
    {
        run.args([option, &value.to_string()]);
    }
    match run.env("MYELIN_NODE", workspace::node()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("weights were late or missed; see above".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// Compiles every benchmark, since the quick tests run none.
///
/// # Errors
/// The workspace whose benchmarks do not compile; the compiler printed why.
pub fn compile() -> Result<(), String> {
    for workspace in Workspace::ALL {
        let mut cargo = workspace.cargo();
        cargo.args(["bench", "--profile", "dev", "--quiet", "--workspace", "--benches", "--no-run"]);
        if !cargo.status().is_ok_and(|status| status.success()) {
            return Err(format!("a benchmark of {} does not compile", workspace.name()));
        }
    }
    Ok(())
}

/// The command that runs a benchmark, compiled with the features of the whole workspace like the tests: otherwise a
/// part of polkadot-sdk would be compiled anew.
fn command(workspace: Workspace, bench: &str) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["bench", "--profile", "dev", "--quiet", "--workspace", "--bench", bench]);
    cargo
}

/// Start-up of the command, measured from outside as a person notices it.
fn startup() -> bool {
    println!("\n==> start-up of the command");
    let built = Workspace::Root.cargo().args(["build", "--quiet", "--package", "myelin-cli"]).status();
    if !built.is_ok_and(|status| status.success()) {
        return false;
    }
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..50 {
        let started = Instant::now();
        let status = Command::new(workspace::myelin()).arg("--help").stdout(Stdio::null()).status();
        if !status.is_ok_and(|status| status.success()) {
            return false;
        }
        times.push(started.elapsed());
    }
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "myelin --help: median {:.1} ms, slowest of 50 {:.1} ms (goal: under 10 ms)",
        ms(times[25]),
        ms(times[49])
    );
    true
}

/// Ours beside the official clients, on a running node.
fn clients() -> bool {
    println!("\n==> official clients and ours on one node (myelin-compat, clients)");
    let ready = official::install(&Packages::OF_BENCHES).and_then(|()| build::run());
    if let Err(why) = ready {
        eprintln!("{why}");
        return false;
    }
    let mut bench = command(Workspace::Root, "clients");
    bench.env("MYELIN_NODE", workspace::node()).status().is_ok_and(|status| status.success())
}

/// Ours beside packages that people use.
fn beside(what: &str, packages: Packages, bench: &str) -> bool {
    println!("\n==> {what}");
    if let Err(why) = official::install(&[packages]) {
        eprintln!("{why}");
        return false;
    }
    command(Workspace::Root, bench).status().is_ok_and(|status| status.success())
}
