//! `myelin node run`: becomes a node.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::process::Command;

use clap::Args;

use super::files::NodeFiles;
use super::keys::{self, Key, Kind};
use crate::net::{self, NetError};
use crate::output::{fail, Outcome};

/// How a node runs.
#[derive(Args)]
pub struct Run {
    #[command(flatten)]
    files: NodeFiles,
    /// Name of the node; by default a random one.
    #[arg(long)]
    name: Option<String>,
    /// Address of a node to begin with, beside those of the chain file; several are allowed.
    #[arg(long, value_name = "ADDRESS", alias = "bootnodes", value_parser = bootnode)]
    bootnode: Vec<String>,
    /// Keep the state of all blocks. Otherwise that of the last 256 final ones is kept.
    #[arg(long)]
    archive: bool,
    /// Write and finalise blocks with the keys of the keystore.
    #[arg(long, alias = "validator")]
    authority: bool,
    /// Port for other nodes, on all addresses.
    #[arg(long, value_name = "PORT", default_value_t = 30_333, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Port for JSON-RPC, on this machine only.
    #[arg(long, value_name = "PORT", default_value_t = 9_944, value_parser = clap::value_parser!(u16).range(1..))]
    rpc_port: u16,
    /// Port for Prometheus, on this machine only.
    #[arg(long, value_name = "PORT", default_value_t = 9_615, alias = "prometheus-port", value_parser = clap::value_parser!(u16).range(1..))]
    metrics_port: u16,
    /// Further arguments for myelin-node.
    #[arg(last = true, value_name = "ARGUMENT")]
    further: Vec<OsString>,
}

impl Run {
    /// Checks what can be known beforehand, then becomes the node.
    pub fn run(self) -> Outcome {
        let node = net::find_binary().ok_or(NetError::NoNode)?;
        if let Some(option) = secret_among(&self.further) {
            return fail(format!(
                "every process of this machine can read the command line of a node, so {option} is not passed on; put the \
                 secret into a file (--node-key-file, --password-filename) or the keystore (`myelin node keys insert`)"
            ));
        }
        let chain = self.files.open()?;
        let folder = self.files.folder(&chain.id);
        if self.authority {
            can_be_authority(&keys::found(&folder)?)?;
        }
        self.ports_are_free()?;
        self.files.record(&chain, self.archive)?;
        if self.authority {
            keys::ensure_network_key(&folder)?;
        }
        if self.bootnode.is_empty() && !chain.has_bootnodes {
            crate::output::tell!(
                "no node to begin with is known: this one waits until others connect to it; --bootnode names one"
            );
        }
        // Only returns if the node could not be started.
        let error = Command::new(&node).args(self.arguments()).exec();
        fail(format!("{}: {error}", node.display()))
    }

    /// The arguments of `myelin-node`.
    fn arguments(&self) -> Vec<OsString> {
        let mut all: Vec<OsString> = self.files.arguments().map(OsStr::to_owned).into();
        let mut add = |words: &[&str]| all.extend(words.iter().map(OsString::from));
        add(&["--port", &self.port.to_string(), "--rpc-port", &self.rpc_port.to_string()]);
        add(&["--prometheus-port", &self.metrics_port.to_string(), "--rpc-methods", "safe"]);
        if let Some(name) = &self.name {
            add(&["--name", name]);
        }
        if !self.bootnode.is_empty() {
            add(&["--bootnodes"]);
            add(&self.bootnode.iter().map(String::as_str).collect::<Vec<_>>());
        }
        if self.archive {
            add(&["--state-pruning", "archive", "--blocks-pruning", "archive"]);
        }
        if self.authority {
            add(&["--validator"]);
        }
        all.extend(self.further.iter().cloned());
        all
    }

    fn ports_are_free(&self) -> Outcome {
        let ports = [
            ("--port", self.port, "0.0.0.0"),
            ("--rpc-port", self.rpc_port, "127.0.0.1"),
            ("--metrics-port", self.metrics_port, "127.0.0.1"),
        ];
        for (index, (option, port, address)) in ports.into_iter().enumerate() {
            if let Some((same, ..)) = ports[..index].iter().find(|(_, other, _)| *other == port) {
                return fail(format!("{same} and {option} are both {port}; a node needs three ports"));
            }
            if !net::is_free(address, port) {
                return fail(format!(
                    "port {port} is in use; stop what listens there (another node?), or name another one with {option}"
                ));
            }
        }
        Ok(())
    }
}

/// Refuses to be an authority without both keys, or with keys that others can read.
fn can_be_authority(found: &[Key]) -> Outcome {
    for kind in [Kind::Aura, Kind::Grandpa].map(Kind::name) {
        if !found.iter().any(|key| key.kind == kind) {
            return fail(format!(
                "an authority needs a key of the kind {kind} in its keystore; `myelin node keys new` makes both, and \
                 `myelin node keys insert {kind}` takes one that you have"
            ));
        }
    }
    match found.iter().find_map(|key| key.problem.as_ref()) {
        Some(problem) => fail(format!("a key of this authority: {problem}")),
        None => Ok(()),
    }
}

/// An option that holds a secret, if one is among the arguments.
fn secret_among(arguments: &[OsString]) -> Option<&'static str> {
    const SECRET: [&str; 3] = ["--node-key", "--suri", "--password"];
    let words = arguments.iter().map(|word| word.to_string_lossy());
    let names: Vec<String> =
        words.map(|word| word.split('=').next().unwrap_or_default().to_owned()).collect();
    SECRET.into_iter().find(|option| names.iter().any(|name| name == option))
}

/// Reads the address of a node.
pub fn bootnode(text: &str) -> Result<String, String> {
    let peer = text.strip_prefix('/').and_then(|rest| rest.split_once("/p2p/")).map(|(_, peer)| peer);
    let is_peer = |peer: &str| {
        peer.len() >= 46 && bs58::decode(peer).into_vec().is_ok_and(|bytes| (34..=64).contains(&bytes.len()))
    };
    match peer.is_some_and(is_peer) {
        true => Ok(text.to_owned()),
        false => Err("the address of a node looks like /ip4/203.0.113.5/tcp/30333/p2p/12D3KooW…; `myelin node status` \
                      on that node shows it"
            .into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Tool {
        #[command(flatten)]
        run: Run,
    }

    const PEER: &str = "/ip4/127.0.0.1/tcp/30333/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

    fn run(words: &[&str]) -> Result<Run, String> {
        let parsed = Tool::try_parse_from(["run"].iter().chain(words));
        parsed.map(|tool| tool.run).map_err(|error| error.to_string())
    }

    #[test]
    fn options_become_the_nodes_own() {
        let given = run(&["--archive", "--authority", "--bootnode", PEER, "--", "--log", "sync=debug"])
            .expect("options");
        let words: Vec<_> =
            given.arguments().iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let expected = format!(
            "--chain chain.json --base-path .myelin/node --port 30333 --rpc-port 9944 --prometheus-port 9615 \
             --rpc-methods safe --bootnodes {PEER} --state-pruning archive --blocks-pruning archive --validator --log sync=debug"
        );
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn wrong_addresses_and_ports_are_refused() {
        for wrong in ["127.0.0.1:30333", "/ip4/127.0.0.1/tcp/30333", "/ip4/1.2.3.4/tcp/1/p2p/x", ""] {
            let said = run(&["--bootnode", wrong]).err().expect("refused");
            assert!(said.contains("/p2p/12D3KooW"), "{wrong}: {said}");
        }
        assert!(run(&["--rpc-port", "0"]).is_err());
        let same = run(&["--rpc-port", "30333"]).expect("options").ports_are_free();
        assert!(same.is_err_and(|why| why.to_string().contains("three ports")));
    }

    #[test]
    fn secrets_are_not_passed_on() {
        for (words, found) in [
            (["--node-key", "00ff"], Some("--node-key")),
            (["--password=x", "-lsync"], Some("--password")),
            (["--node-key-file", "key"], None),
            (["--password-filename", "file"], None),
        ] {
            assert_eq!(secret_among(&words.map(OsString::from)), found, "{words:?}");
        }
    }

    #[test]
    fn an_authority_has_both_keys() {
        let key = |kind| Key::for_tests(kind, None);
        let said = |found: &[Key]| can_be_authority(found).map_err(|why| why.to_string());
        assert!(said(&[]).is_err_and(|why| why.contains("kind aura")));
        assert!(said(&[key("aura"), key("network")]).is_err_and(|why| why.contains("kind grandpa")));
        assert_eq!(said(&[key("aura"), key("grandpa")]), Ok(()));
        let open = Key::for_tests("network", Some("others can read it"));
        assert!(
            said(&[key("aura"), key("grandpa"), open]).is_err_and(|why| why.contains("others can read it"))
        );
    }
}
