//! `cargo xtask fuzz`: random calls through the real runtime, with every rule checked on the way.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::workspace::Workspace;

/// Tells the story of a seed; a story that breaks a rule is printed, and written to `file` if one is named.
pub fn run(calls: u64, seed: u64, file: Option<PathBuf>) -> ExitCode {
    // With the features of the whole workspace, as the tests have it: otherwise a part of polkadot-sdk would be
    // compiled anew.
    let built =
        Workspace::Chain.cargo().args(["build", "--quiet", "--workspace", "--bin", "myelin-fuzz"]).status();
    if !built.is_ok_and(|status| status.success()) {
        return ExitCode::FAILURE;
    }
    let told = Command::new(Workspace::Chain.target().join("debug/myelin-fuzz"))
        .args([calls.to_string(), seed.to_string()])
        .args(file)
        .status();
    match told {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
