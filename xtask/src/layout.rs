//! The borders between crates, checked against what cargo resolves, and dependencies that no crate names.
//!
//! Each rule names the folders it protects, the dependencies they must not have, and the reason; ARCHITECTURE.md
//! explains them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::workspace::{self, Workspace};

struct Rule {
    /// Folder prefix of the crates that are protected.
    folders: &'static [&'static str],
    /// Package names, prefixes of names that end in `-`, or folders that end in `/`, that they must not name.
    forbidden: &'static [&'static str],
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        folders: &["core/"],
        forbidden: &["tokio", "axum", "hyper", "reqwest", "rand", "subxt", "frame-", "pallet-", "sc-", "sp-"],
        why: "core is pure: no async, no I/O, no clock, no random source, no polkadot-sdk",
    },
    Rule {
        folders: &["core/", "chain/abi", "sdk/", "ml/", "subnets/", "apps/", "xtask"],
        forbidden: &["frame-", "pallet-", "sc-", "sp-"],
        why: "only chain/ knows polkadot-sdk; clients meet the chain through chain/abi",
    },
    Rule {
        folders: &[
            "core/",
            "chain/abi",
            "sdk/wallet",
            "sdk/neuron",
            "sdk/subnet",
            "ml/",
            "subnets/",
            "apps/",
        ],
        forbidden: &["subxt", "subxt-"],
        why: "only sdk/chain-client names subxt",
    },
    Rule {
        folders: &["sdk/neuron"],
        forbidden: &["myelin-chain-client"],
        why: "axon and dendrite do not know the chain; permission checks come in as traits",
    },
    Rule {
        folders: &["core/", "sdk/", "ml/"],
        forbidden: &["subnets/", "apps/"],
        why: "the SDK does not depend on a subnet or an application",
    },
    Rule { folders: &["subnets/"], forbidden: &["subnets/"], why: "a subnet does not know other subnets" },
    Rule {
        folders: &["sdk/sandbox"],
        forbidden: &["myelin-"],
        why: "what runs programs of strangers knows nothing that they could reach",
    },
    Rule {
        folders: &["core/", "chain/abi", "sdk/wallet", "sdk/neuron", "sdk/chain-client"],
        forbidden: &["myelin-flow", "myelin-lm", "myelin-vision"],
        why: "models are leaves",
    },
];

/// Every border, with the crate and the dependency that breaks it, and every dependency of a workspace that no crate
/// takes.
pub fn check() -> Result<(), String> {
    let mut broken = borders()?;
    for workspace in Workspace::ALL {
        broken.extend(unused(workspace)?);
    }
    match broken.is_empty() {
        true => Ok(()),
        false => Err(broken.join("\n    ")),
    }
}

/// Rows of `[workspace.dependencies]` that no member takes.
fn unused(workspace: Workspace) -> Result<Vec<String>, String> {
    let manifest = |folder: &Path| -> Result<toml::Table, String> {
        let path = folder.join("Cargo.toml");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        text.parse().map_err(|error| format!("{}: {error}", path.display()))
    };
    let root = manifest(&workspace.folder())?;
    let members =
        root["workspace"]["members"].as_array().into_iter().flatten().filter_map(toml::Value::as_str);
    let mut taken = BTreeSet::new();
    for member in members {
        let member = manifest(&workspace.folder().join(member))?;
        let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
        let named = tables.iter().filter_map(|table| member.get(*table)?.as_table());
        taken.extend(named.flat_map(|table| table.keys().cloned()));
    }
    let offered = root["workspace"]["dependencies"].as_table().map(toml::Table::keys).into_iter().flatten();
    let unused = offered.filter(|name| !taken.contains(*name));
    Ok(unused.map(|name| format!("{}: no crate takes the dependency {name}", workspace.name())).collect())
}

fn borders() -> Result<Vec<String>, String> {
    let mut broken = Vec::new();
    let output = Workspace::Root
        .cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .map_err(|error| error.to_string())?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let root = workspace::root();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().and_then(|folder| folder.strip_prefix(&root).ok());
        let Some(folder) = folder.and_then(Path::to_str) else { continue };
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies.filter(|dependency| dependency["kind"].is_null()) {
            let name = dependency["name"].as_str().unwrap_or_default();
            let place = dependency["path"].as_str().map(Path::new);
            let place = place.and_then(|path| path.strip_prefix(&root).ok()).and_then(Path::to_str);
            for rule in RULES {
                let protected = rule.folders.iter().any(|prefix| folder.starts_with(prefix));
                let named = rule.forbidden.iter().any(|bad| match bad.chars().last() {
                    Some('-') => name.starts_with(bad),
                    Some('/') => place.is_some_and(|place| place.starts_with(bad)),
                    _ => name == *bad,
                });
                if protected && named {
                    broken.push(format!("{folder} depends on {name}, but {}", rule.why));
                }
            }
        }
    }
    Ok(broken)
}

#[cfg(test)]
mod tests {
    #[test]
    fn borders_hold_and_no_dependency_is_left_over() {
        super::check().unwrap_or_else(|broken| panic!("    {broken}"));
    }
}
