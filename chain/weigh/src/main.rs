//! Measures what calls cost and writes it down as code: `make weights`.
//!
//! The runtime, built with its benchmarks, runs them one by one in WASM on a state in memory ([`measure`], [`state`]),
//! timed with the processor time of the thread ([`clock`]). A line through the measurements ([`line`]) becomes a
//! function in a file per pallet ([`report`]).
//!
//! The tool of polkadot-sdk for this depends on the primitives of Polkadot and RocksDB; this one uses the node's own
//! dependencies, in the profile in which the node runs.
//!
//! **What it refuses to know.** The meaning of the benchmarks, and the cost of reads and writes.

mod clock;
mod line;
mod measure;
mod report;
mod state;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Instant,
};

use clap::Parser;
use frame_benchmarking::BenchmarkList;
use measure::{Effort, Scales};
use report::{Cost, Keys, Shape};

/// The preset whose first state is used.
const PRESET: &str = "development";

/// Measures what calls cost and writes it down as code.
#[derive(Parser)]
struct Arguments {
    /// The runtime, built with its benchmarks.
    #[arg(long)]
    wasm: PathBuf,
    /// The folder `chain` of the checkout, where the files are written.
    #[arg(long)]
    chain: PathBuf,
    /// Values of each component.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..))]
    steps: u32,
    /// Measurements at each value.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Measure and print; write no file.
    #[arg(long)]
    dry: bool,
    /// Only pallets, or `pallet::benchmark`, whose name contains this; benchmarks alone are printed and not written.
    only: Option<String>,
}

/// Keys that count beside the time. The work of the network pallet at the start of a block changes thousands of keys
/// together, which costs a fraction of as many single ones.
fn keys(pallet: &str) -> Keys {
    match pallet {
        "pallet_network_blocks" => Keys::None,
        "pallet_network_epochs" => Keys::Read,
        _ => Keys::All,
    }
}

/// Path of the costs of a pallet, below `chain`, and their shape.
fn place(pallet: &str) -> (PathBuf, Shape) {
    let own = |file: &str| (PathBuf::from("pallets").join(file), Shape::Functions);
    let stock = |name| (PathBuf::from(format!("runtime/src/weights/{pallet}.rs")), Shape::Trait(name));
    match pallet {
        "pallet_network_blocks" => own("network/src/measured/blocks.rs"),
        "pallet_network_epochs" => own("network/src/measured/epochs.rs"),
        "pallet_network_neurons" => own("network/src/measured/neurons.rs"),
        "pallet_network_stake" => own("network/src/measured/stake.rs"),
        "pallet_network_subnets" => own("network/src/measured/subnets.rs"),
        "pallet_commitments" => own("commitments/src/measured.rs"),
        "pallet_admin_utils" => own("admin-utils/src/measured.rs"),
        "pallet_myelin_swap" => own("swap/src/measured.rs"),
        "pallet_myelin_collateral" => own("collateral/src/measured.rs"),
        "pallet_myelin_beacon" => own("beacon/src/measured.rs"),
        "pallet_myelin_provenance" => own("provenance/src/measured.rs"),
        "pallet_myelin_governance" => own("governance/src/measured.rs"),
        "pallet_myelin_election" => own("election/src/measured.rs"),
        "frame_system" => stock("frame_system::WeightInfo"),
        "pallet_balances" => stock("pallet_balances::WeightInfo"),
        "pallet_multisig" => stock("pallet_multisig::WeightInfo"),
        "pallet_proxy" => stock("pallet_proxy::WeightInfo"),
        "pallet_session" => stock("pallet_session::WeightInfo"),
        "pallet_sudo" => stock("pallet_sudo::WeightInfo"),
        "pallet_timestamp" => stock("pallet_timestamp::WeightInfo"),
        "pallet_utility" => stock("pallet_utility::WeightInfo"),
        _ => (PathBuf::from(format!("runtime/src/weights/{pallet}.rs")), Shape::Functions),
    }
}

fn main() -> ExitCode {
    match weigh(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn weigh(arguments: &Arguments) -> Result<(), String> {
    let code =
        std::fs::read(&arguments.wasm).map_err(|error| format!("{}: {error}", arguments.wasm.display()))?;
    let first = myelin_runtime::genesis::storage(PRESET).ok_or("the preset is gone")??;
    let scales = Scales::new(code, first);
    let effort = Effort { steps: arguments.steps, repeat: arguments.repeat };
    let mut failed = Vec::new();
    for pallet in scales.list()? {
        weigh_pallet(&scales, &pallet, effort, arguments, &mut failed)?;
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("{} benchmarks failed:\n  {}", failed.len(), failed.join("\n  ")))
}

fn weigh_pallet(
    scales: &Scales,
    pallet: &BenchmarkList,
    effort: Effort,
    arguments: &Arguments,
    failed: &mut Vec<String>,
) -> Result<(), String> {
    let name = String::from_utf8_lossy(&pallet.pallet).into_owned();
    let wanted = |title: &str| arguments.only.as_ref().is_none_or(|only| title.contains(only));
    let mut costs = Vec::new();
    for benchmark in &pallet.benchmarks {
        let title = format!("{name}::{}", String::from_utf8_lossy(&benchmark.name));
        if !wanted(&title) {
            continue;
        }
        let started = Instant::now();
        let weighed = scales.weigh(pallet, benchmark, effort);
        match weighed.and_then(|results| Cost::of(benchmark, &results, keys(&name))) {
            Ok(cost) => {
                println!("{name:<26} {} ({:.1} s)", cost.summary(), started.elapsed().as_secs_f64());
                costs.push(cost);
            }
            Err(why) => failed.push(format!("{title}: {why}")),
        }
    }
    if arguments.dry || costs.len() < pallet.benchmarks.len() {
        return Ok(());
    }
    let (file, shape) = place(&name);
    let code = report::file(&name, shape, keys(&name), effort, &costs).map_err(|error| error.to_string())?;
    write(&arguments.chain.join(file), &code)
}

/// Writes a file of code, formatted.
fn write(path: &Path, code: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(failed)?;
    std::fs::write(path, code).map_err(failed)?;
    let formatted = Command::new("rustfmt").args(["--edition", "2021"]).arg(path).status().map_err(failed)?;
    if formatted.success() {
        Ok(())
    } else {
        Err(format!("{} could not be formatted", path.display()))
    }
}
