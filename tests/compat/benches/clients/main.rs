//! Official clients and ours, side by side on the same machine and the same running node: the metagraph of a full
//! subnet, two commands on the same wallets, and requests between axons and dendrites.
//!
//! `make bench ARGS=clients` runs it: it needs the official packages, the node and the `myelin` command. Clients take
//! turns, so that other load on the machine affects all of them. If they read other values than ours, the benchmark
//! fails; a missed goal is stated. The node and every process end with it, also when it is interrupted.

mod commands;
mod figures;
mod metagraph;
#[path = "../../tests/it/node.rs"]
mod node;
#[path = "../../tests/it/peer.rs"]
#[allow(dead_code)]
mod peer;
#[path = "../../../ports.rs"]
mod ports;
mod process;
mod requests;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use myelin_chain_client::ChainClient;
use myelin_compat::packages::Packages;
use tokio::signal::unix::{signal, SignalKind};

#[tokio::main]
async fn main() -> ExitCode {
    if let Err(why) = ready() {
        eprintln!("{why}");
        return ExitCode::FAILURE;
    }
    let (mut interrupt, mut terminate) =
        [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).expect("a signal")).into();
    tokio::select! {
        () = measure() => ExitCode::SUCCESS,
        _ = interrupt.recv() => stopped(),
        _ = terminate.recv() => stopped(),
    }
}

fn stopped() -> ExitCode {
    eprintln!("interrupted; the node and all clients were ended");
    ExitCode::from(130)
}

/// Checks that all compared programs are installed.
fn ready() -> Result<(), String> {
    for packages in Packages::OF_BENCHES {
        packages.installed()?;
    }
    match myelin() {
        myelin if myelin.is_file() => Ok(()),
        missing => Err(format!("{} is missing; build it with `cargo xtask build`", missing.display())),
    }
}

async fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    let (wallets, home) = (folder.path().join("wallets"), folder.path().join("home"));
    std::fs::create_dir_all(&home).expect("a folder");
    let started = Instant::now();
    println!("starting a node and filling a subnet with {} neurons", world::NEURONS);
    let node = node::Node::start(folder.path());
    let chain = ChainClient::connect(&node.endpoint()).await.expect("connected");
    let netuid = world::subnet(&chain).await;
    world::wallets(&chain, netuid, &wallets).await;
    println!("ready after {:.0} s", started.elapsed().as_secs_f64());

    metagraph::measure(&node.endpoint(), netuid, &home, &myelin()).await;
    commands::measure(&node.endpoint(), &wallets, &home, &myelin()).await;
    // The node is stopped, so that blocks take no time of the machine any more.
    drop(node);
    requests::measure(&home).await;
}

/// The `myelin` command, which was built beside this program.
fn myelin() -> PathBuf {
    let own = std::env::current_exe().expect("this program has a path");
    own.ancestors().nth(2).expect("it lies in the target folder").join("myelin")
}

/// A program of official packages.
fn official(packages: Packages, program: &str) -> PathBuf {
    packages.installed().expect("checked at the start").join("bin").join(program)
}

/// A program around official packages.
fn peer_program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}
