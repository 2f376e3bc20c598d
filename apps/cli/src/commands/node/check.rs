//! `myelin node check-state`: whether the state of a stopped node is sound.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use clap::Args;
use serde_json::json;

use super::files::NodeFiles;
use crate::net::{self, NetError};
use crate::output::{self, at, fail, Outcome};
use crate::Global;

/// The node whose state is checked.
#[derive(Args)]
pub struct CheckState {
    #[command(flatten)]
    files: NodeFiles,
}

impl CheckState {
    /// Writes the newest state to a file, has the node's binary check it, and removes the file.
    pub fn run(self, global: &Global) -> Outcome {
        let node = net::find_binary().ok_or(NetError::NoNode)?;
        let chain = self.files.open()?;
        let database = self.files.folder(&chain.id).join("paritydb");
        if !database.is_dir() {
            return fail(format!(
                "there is no database in {}; `myelin node run` makes one",
                self.files.base_path.display()
            ));
        }
        // One name, so that a file that an interrupted check has left is written over. The database admits one reader.
        let state = self.files.base_path.join("state.tmp");
        let checked = check(&node, &self.files, &state);
        let _ = std::fs::remove_file(&state);
        checked?;
        output::report(global, "the state is sound", json!({ "sound": true }))
    }
}

fn check(node: &Path, files: &NodeFiles, state: &Path) -> Outcome {
    let file = File::create(state).map_err(at(state))?;
    let export = Command::new(node).arg("export-state").args(files.arguments()).stdout(file).output();
    let export = export.map_err(at(node))?;
    if !export.status.success() {
        let said = String::from_utf8_lossy(&export.stderr);
        // The node's own words for a database whose lock another process holds.
        return fail(match said.contains("in use") {
            true => format!("a node runs from {}; stop it first", files.base_path.display()),
            false => format!("the state could not be read: {}", said.trim()),
        });
    }
    let check = Command::new(node).arg("check-state").arg("--state").arg(state).output().map_err(at(node))?;
    match check.status.success() {
        true => Ok(()),
        false => fail(format!("the state is not sound:\n{}", String::from_utf8_lossy(&check.stderr).trim())),
    }
}
