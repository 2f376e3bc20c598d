//! The JavaScript engine of the sandbox, built again and compared with the bytes in the repository.

use std::process::Command;

use crate::workspace::{self, Workspace};

/// Fails if the sources give other bytes. Another compiler than the one that `engine.txt` names gives other bytes
/// anyway, so nothing is built with it.
pub fn check() -> Result<(), String> {
    let folder = workspace::root().join("subnets/text/javascript");
    let facts = std::fs::read_to_string(folder.join("engine.txt"))
        .map_err(|error| format!("engine.txt cannot be read: {error}"))?;
    let version = Command::new("rustc").arg("--version").current_dir(&folder).output();
    let version = version.map_err(|error| format!("rustc does not start: {error}"))?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    if !facts.lines().any(|line| line == version) {
        println!("not compared: the engine was made by another compiler than {version}; it is\n{facts}");
        return Ok(());
    }
    let mut build = Command::new(folder.join("build.sh"));
    match build.arg("--check").env("CARGO_TARGET_DIR", Workspace::Root.target()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("the sources give another engine, or it does not build; see above".into()),
        Err(error) => Err(format!("build.sh does not start: {error}")),
    }
}
