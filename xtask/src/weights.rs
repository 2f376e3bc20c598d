//! `cargo xtask weights`: measures the cost of calls and writes it down as code. Not part of any test.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::workspace::{self, Workspace};

/// Linker flags of a runtime: its table of functions, its heap, and memory that the node provides.
const RUNTIME_FLAGS: &str = "-C link-arg=--export-table -C link-arg=--export=__heap_base \
    -C link-arg=--import-memory --cfg substrate_runtime";

/// Builds the runtime with its benchmarks and the scales, and weighs everything, or only the names in `only`.
pub fn run(arguments: &[String]) -> ExitCode {
    match weigh(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Runs each benchmark a few times and writes nothing: nothing else runs them, or compiles them for WASM.
pub fn try_all() -> Result<(), String> {
    let effort = ["--dry", "--steps", "2", "--repeat", "1"].map(String::from);
    match weigh(&effort)? {
        true => Ok(()),
        false => Err(String::from("a benchmark failed; the messages above say why")),
    }
}

fn weigh(arguments: &[String]) -> Result<bool, String> {
    println!("==> building the runtime with its benchmarks");
    let wasm = runtime()?;
    println!("==> building the scales");
    // With the features of the whole workspace, as the tests have it.
    let built = Workspace::Chain
        .cargo()
        .args(["build", "--quiet", "--workspace", "--bin", "myelin-weigh"])
        .status()
        .map_err(|error| error.to_string())?;
    if !built.success() {
        return Ok(false);
    }
    println!("==> weighing");
    Command::new(Workspace::Chain.target().join("debug/myelin-weigh"))
        .arg("--wasm")
        .arg(wasm)
        .arg("--chain")
        .arg(Workspace::Chain.folder())
        .args(arguments)
        .status()
        .map(|status| status.success())
        .map_err(|error| error.to_string())
}

/// The runtime with its benchmarks, for WASM alone, compiled as the node's is. It has a target folder of its own, since
/// its features differ from those of the ordinary build.
fn runtime() -> Result<PathBuf, String> {
    let target = workspace::cache().join("weights-target");
    let mut cargo = Workspace::Chain.cargo();
    if let Some(toolchain) = std::env::var_os("WASM_BUILD_TOOLCHAIN") {
        cargo.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    let built = cargo
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", RUNTIME_FLAGS)
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .args(["rustc", "--package", "myelin-runtime", "--lib", "--crate-type", "cdylib", "--release"])
        .args(["--target", "wasm32v1-none", "--no-default-features", "--features", "runtime-benchmarks"])
        .args(["--config", "profile.release.panic=\"abort\"", "--config", "profile.release.lto=\"thin\""])
        .status()
        .map_err(|error| error.to_string())?;
    if built.success() {
        Ok(target.join("wasm32v1-none/release/myelin_runtime.wasm"))
    } else {
        Err(String::from("the runtime with its benchmarks did not build; the messages above say why"))
    }
}
