//! `myelin node chain-file`: the file by which nodes of a network begin alike.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use myelin_abi::Account;
use myelin_wire::ss58;
use serde_json::{json, Value};

use super::files::check_id;
use super::run::bootnode;
use crate::keys;
use crate::net::{self, NetError};
use crate::output::{self, address, at, fail, Failure, Outcome};
use crate::Global;

/// TAO of the root account when a network begins: what a rich account of a local network has.
const FIRST_TAO: u64 = 1_000_000;

/// Which chain, and where to.
#[derive(Args)]
pub struct NewChainFile {
    /// The local network that the file is of, or whose pace a network of your own takes: dev, local, local3, local4
    /// and governed (250 ms), or dev-12s, local-12s, local3-12s, local4-12s. By default local3-12s.
    #[arg(long, value_name = "NETWORK", default_value = "local3-12s")]
    like: String,
    #[command(flatten)]
    own: Own,
    /// Address of a node to begin with; several are allowed.
    #[arg(long, value_name = "ADDRESS", alias = "bootnodes", value_parser = bootnode)]
    bootnode: Vec<String>,
    /// The file to write.
    #[arg(long, value_name = "FILE", default_value = "chain.json")]
    out: PathBuf,
}

/// The parts of a network of your own: all of them or none.
#[derive(Args)]
struct Own {
    /// Short name of a network of your own: the folder of its data.
    #[arg(long, requires_all = ["name", "root", "authority"])]
    id: Option<String>,
    /// Its name for people.
    #[arg(long, requires = "id")]
    name: Option<String>,
    /// The account that changes its rules and holds its first 1,000,000 TAO.
    #[arg(long, value_name = "ACCOUNT", requires = "id")]
    root: Option<String>,
    /// The addresses of an authority's two keys, as `myelin node keys list` shows them; several are allowed.
    #[arg(long, value_name = "AURA,GRANDPA", requires = "id", value_parser = authority)]
    authority: Vec<Authority>,
}

/// The public keys of an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Authority {
    aura: Account,
    grandpa: Account,
}

impl NewChainFile {
    /// Writes the file; one that exists stays.
    pub fn run(self, global: &Global) -> Outcome {
        let node = net::find_binary().ok_or(NetError::NoNode)?;
        if self.out.exists() {
            return fail(format!("{} exists; name another file with --out", self.out.display()));
        }
        let folder =
            self.out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return fail(format!("{}: there is no such folder", folder.display()));
        }
        let mut chain = match (&self.own.id, &self.own.name, &self.own.root) {
            (Some(id), Some(name), Some(root)) => {
                check_id(id).map_err(Failure::new)?;
                let mut chain = export(&node, &self.like, false)?;
                let root = keys::account(root, global)?;
                begin(&mut chain, id, name, root, &self.own.authority).map_err(Failure::new)?;
                // The node computes the first state once, so that nodes do not have to when they start.
                let plain = Draft(self.out.with_extension(format!("{}.tmp", std::process::id())));
                std::fs::write(&plain.0, chain.to_string()).map_err(at(&plain.0))?;
                export(&node, &plain.0.to_string_lossy(), true)?
            }
            _ => export(&node, &self.like, true)?,
        };
        chain["bootNodes"] = json!(self.bootnode);
        let mut file = std::fs::File::create_new(&self.out).map_err(at(&self.out))?;
        file.write_all(chain.to_string().as_bytes()).map_err(at(&self.out))?;
        let (id, name) = (&chain["id"], &chain["name"]);
        let text = format!("{} holds the chain {id} ({name})", self.out.display());
        output::report(global, &text, json!({ "file": self.out, "id": id, "name": name }))
    }
}

/// A file that is removed when it was used.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A chain file as the node writes it, with the first state computed (`raw`) or described.
fn export(node: &Path, chain: &str, raw: bool) -> Result<Value, Failure> {
    let mut command = Command::new(node);
    command.args(["build-spec", "--disable-default-bootnode", "--chain", chain]);
    if raw {
        command.arg("--raw");
    }
    let done = command.output().map_err(at(node))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let last = said.trim().lines().last().unwrap_or("it gave no reason");
        return fail(format!("the node wrote no chain file: {last}"));
    }
    Ok(serde_json::from_slice(&done.stdout)?)
}

/// Gives a chain its own name, root, money and authorities, in place of the keys that everybody knows.
fn begin(
    chain: &mut Value,
    id: &str,
    name: &str,
    root: Account,
    authorities: &[Authority],
) -> Result<(), String> {
    let patch = chain.pointer_mut("/genesis/runtimeGenesis/patch").filter(|patch| patch.is_object());
    let patch = patch
        .ok_or("the node describes the first state in another way; take `myelin` and node of one release")?;
    let (root, rao) = (address(&root), FIRST_TAO * 1_000_000_000);
    patch["balances"]["balances"] = json!([[root, rao]]);
    patch["sudo"]["key"] = json!(root);
    let keys: Vec<Value> = authorities
        .iter()
        .map(|Authority { aura, grandpa }| {
            // The account of an authority is its Aura key.
            let (aura, grandpa) = (address(aura), address(grandpa));
            json!([aura, aura, { "aura": aura, "grandpa": grandpa }])
        })
        .collect();
    patch["session"]["keys"] = json!(keys);
    // Of a local network this is an account that everybody knows.
    patch["subtensorModule"]["rootOwner"] = Value::Null;
    chain["id"] = json!(id);
    chain["name"] = json!(name);
    chain["chainType"] = json!("Live");
    Ok(())
}

/// Reads the two addresses of an authority.
fn authority(text: &str) -> Result<Authority, String> {
    let (aura, grandpa) =
        text.split_once(',').ok_or("an authority is two addresses with a comma: AURA,GRANDPA")?;
    let key =
        |text: &str| ss58::decode(text.trim()).map(Account).map_err(|error| format!("`{text}`: {error}"));
    let [aura, grandpa] = [key(aura)?, key(grandpa)?];
    match aura == grandpa {
        true => {
            Err("the two keys of an authority differ: the first writes blocks, the second finalises them"
                .into())
        }
        false => Ok(Authority { aura, grandpa }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ones_own_has_no_key_that_everybody_knows() {
        let alice = address(&Account([7; 32]));
        let mut chain = json!({
            "id": "myelin_local", "name": "Local", "chainType": "Local",
            "genesis": { "runtimeGenesis": { "code": "0x00", "patch": {
                "balances": { "balances": [[alice, 1]] },
                "session": { "keys": [[alice, alice, {}]] },
                "sudo": { "key": alice },
                "subtensorModule": { "profile": "fast", "rootOwner": [alice, alice] },
            } } },
        });
        let [root, aura, grandpa] = [1, 2, 3].map(|byte| Account([byte; 32]));
        let text = format!("{}, {}", address(&aura), address(&grandpa));
        let authority = authority(&text).expect("two addresses");
        begin(&mut chain, "mine", "Mine", root, &[authority]).expect("described");
        let said = chain.to_string();
        assert!(!said.contains(&alice), "{said}");
        let patch = &chain["genesis"]["runtimeGenesis"]["patch"];
        assert_eq!(patch["sudo"]["key"], address(&root));
        assert_eq!(patch["session"]["keys"][0][2]["grandpa"], address(&grandpa));
        assert_eq!(patch["subtensorModule"]["profile"], "fast");
        assert!(begin(&mut json!({}), "mine", "Mine", root, &[authority]).is_err());
    }

    #[test]
    fn an_authority_is_two_different_addresses() {
        let one = address(&Account([1; 32]));
        for wrong in [one.clone(), format!("{one},{one}"), format!("{one},x"), String::new()] {
            assert!(authority(&wrong).is_err(), "{wrong}");
        }
    }
}
