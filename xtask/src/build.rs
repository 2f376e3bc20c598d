//! `cargo xtask build`, and the commands that start the built programs.

use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::workspace::{self, Workspace};

/// Builds the node with its WASM runtime, and the `myelin` command.
pub fn run() -> Result<(), String> {
    for (workspace, package, what) in [
        (Workspace::Chain, "myelin-node", "the node (the first time takes half an hour on two cores)"),
        (Workspace::Root, "myelin-cli", "the myelin command"),
    ] {
        println!("==> building {what}");
        let started = Instant::now();
        // With the features and the unit selection of the tests, so that both share every dependency.
        let status =
            workspace.cargo().args(["build", "--workspace"]).status().map_err(|error| error.to_string())?;
        if !status.success() {
            return Err(format!("{package} did not build; the messages above say why"));
        }
        println!("==> built in {:.1} min", started.elapsed().as_secs_f64() / 60.0);
    }
    Ok(())
}

/// Builds, then runs the demo in the caller's folder.
pub fn demo(arguments: &[String]) -> ExitCode {
    if let Err(why) = run() {
        eprintln!("{why}");
        return ExitCode::FAILURE;
    }
    let status = Command::new(workspace::myelin())
        .arg("demo")
        .args(arguments)
        .env("MYELIN_NODE", workspace::node())
        .status();
    match status {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("the demo could not be started: {error}");
            ExitCode::FAILURE
        }
    }
}
