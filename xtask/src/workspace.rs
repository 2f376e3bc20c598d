//! The two workspaces, their target folders, and calls of cargo in them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// One cargo workspace of this repository.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Workspace {
    /// Core, SDK, models, subnets and the command.
    Root,
    /// Pallets, runtime and node.
    Chain,
}

impl Workspace {
    /// Both, in the order of their cost.
    pub const ALL: [Workspace; 2] = [Workspace::Root, Workspace::Chain];

    /// Name for progress lines.
    pub fn name(self) -> &'static str {
        match self {
            Workspace::Root => "core, SDK and command",
            Workspace::Chain => "chain",
        }
    }

    /// Its folder.
    pub fn folder(self) -> PathBuf {
        match self {
            Workspace::Root => root(),
            Workspace::Chain => root().join("chain"),
        }
    }

    /// Its target folder, outside the checkout so that it survives it.
    pub fn target(self) -> PathBuf {
        match self {
            Workspace::Root => {
                std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| cache().join("target"), PathBuf::from)
            }
            Workspace::Chain => cache().join("chain-target"),
        }
    }

    /// Cargo in this workspace, with its target folder and our lints.
    pub fn cargo(self) -> Command {
        let mut command = Command::new("cargo");
        command
            .current_dir(self.folder())
            .env("CARGO_TARGET_DIR", self.target())
            .env("RUSTC_WORKSPACE_WRAPPER", root().join("scripts/rustc"))
            .env("WASM_BUILD_WORKSPACE_HINT", Workspace::Chain.folder())
            // Tests and the demo upgrade to it.
            .env("MYELIN_NEXT_RUNTIME", "1");
        // Cargo's variables for xtask must not reach the inner cargo. Build scripts (ring's, for one) watch these
        // variables, and a third of the graph would be rebuilt whenever cargo is called by hand in between.
        for (name, _) in std::env::vars_os() {
            if ["CARGO_PKG_", "CARGO_MANIFEST_"]
                .iter()
                .any(|prefix| name.to_string_lossy().starts_with(prefix))
            {
                command.env_remove(name);
            }
        }
        command
    }
}

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the checkout").to_path_buf()
}

/// Folder kept between builds and runs: target folders, environments of other languages.
pub fn cache() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| ".".into())).join(".cache/myelin");
    std::env::var_os("MYELIN_CACHE").map_or_else(home, PathBuf::from)
}

/// The node's binary, once built.
pub fn node() -> PathBuf {
    Workspace::Chain.target().join("debug/myelin-node")
}

/// The `myelin` command, once built.
pub fn myelin() -> PathBuf {
    Workspace::Root.target().join("debug/myelin")
}

/// Files with one of these extensions that git knows, relative to the checkout.
pub fn tracked(extensions: &[&str]) -> Result<Vec<PathBuf>, String> {
    let listed = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "-z"])
        .output()
        .map_err(|error| format!("git ls-files: {error}"))?;
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    let wanted = |name: &&str| name.rsplit_once('.').is_some_and(|(_, end)| extensions.contains(&end));
    Ok(names.split('\0').filter(wanted).map(PathBuf::from).collect())
}
