//! `myelin net`: a local network in the background.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::net::{self, Chain, LocalNet, Plan, State};
use crate::output::{self, Outcome};
use crate::Global;
use myelin_chain_client::ChainClient;

/// A local network: up, status, down.
#[derive(Subcommand)]
pub enum Net {
    /// Starts a network of test authorities and returns when it makes blocks.
    ///
    /// A chain that an earlier run left in the folder continues; `--fresh` discards it.
    #[command(after_help = "Examples:\n  myelin net up\n  myelin net up --authorities 3 --fresh")]
    Up(Up),
    /// Shows the nodes of the network.
    Status(Folder),
    /// Stops the network; its chain stays on disk, and `up` continues it.
    Down(Folder),
}

/// Folder of a network.
#[derive(Args)]
pub struct Folder {
    /// Folder for databases and logs.
    #[arg(long, default_value = ".myelin/net", value_name = "DIR")]
    folder: PathBuf,
}

/// The network to start.
#[derive(Args)]
pub struct Up {
    #[command(flatten)]
    folder: Folder,
    /// Number of authorities, one to four.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    authorities: u8,
    /// 12-second blocks instead of 250 ms.
    #[arg(long)]
    slow: bool,
    /// A chain of its own with four authorities, whose holders are to remove its root key by a vote.
    #[arg(long, conflicts_with_all = ["authorities", "slow"])]
    governed: bool,
    /// RPC port of the first node; the others follow. 0 takes free ports.
    #[arg(long, env = "MYELIN_RPC_PORT", default_value_t = 9944)]
    rpc_port: u16,
    /// Discard the chain of an earlier run and begin a new one.
    #[arg(long)]
    fresh: bool,
}

#[derive(Serialize)]
struct Node {
    name: String,
    endpoint: String,
    running: bool,
    pid: u32,
    best_block: Option<u64>,
    finalized_block: Option<u64>,
    log: String,
}

impl Net {
    /// Starts, shows or stops a network.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Net::Up(up) => {
                let plan = Plan {
                    folder: up.folder.folder.clone(),
                    chain: match up.governed {
                        true => Chain::GOVERNED,
                        false => Chain::local(up.authorities.into(), up.slow),
                    },
                    rpc_port: Some(up.rpc_port),
                    fresh: up.fresh,
                };
                if Chain::read(&plan.folder).is_some() && !plan.fresh {
                    crate::output::tell!(
                        "going on with the chain in {}; --fresh begins a new one",
                        plan.folder.display()
                    );
                }
                let progress = output::waiting("starting the network");
                let network = LocalNet::start(&plan).await?;
                progress.finish_and_clear();
                network.leave_running();
                status(&up.folder.folder, global).await
            }
            Net::Status(folder) => status(&folder.folder, global).await,
            Net::Down(folder) => {
                let stopped = net::down(&folder.folder);
                if global.json {
                    return output::json(&serde_json::json!({ "stopped": stopped }));
                }
                match stopped {
                    0 => crate::output::say!("no network runs from {}", folder.folder.display()),
                    n => crate::output::say!("stopped {n} node{}", if n == 1 { "" } else { "s" }),
                }
                Ok(())
            }
        }
    }
}

async fn status(folder: &std::path::Path, global: &Global) -> Outcome {
    let Some(state) = State::read(folder) else {
        let chain = Chain::read(folder);
        let folder = folder.display();
        return output::fail(match chain {
            Some(chain) => format!(
                "no network runs from {folder}; its chain with {chain} is kept, and `myelin net up` goes on with it"
            ),
            None => format!("no network was started from {folder}; `myelin net up` starts one"),
        });
    };
    let mut nodes = Vec::new();
    for node in state.nodes {
        let mut shown = Node {
            running: node.is_running(),
            name: node.name,
            endpoint: node.endpoint,
            pid: node.pid,
            best_block: None,
            finalized_block: None,
            log: node.log.display().to_string(),
        };
        if shown.running {
            if let Ok(chain) = ChainClient::connect(&shown.endpoint).await {
                shown.best_block = chain.best_block().await.ok().map(|block| block.number);
                shown.finalized_block = chain.finalized_block().await.ok().map(|block| block.number);
            }
        }
        nodes.push(shown);
    }
    if global.json {
        return output::json(&nodes);
    }
    let mut table = output::table(&["node", "endpoint", "state", "best", "finalised", "log"], 3);
    for node in &nodes {
        let number = |block: Option<u64>| block.map(|n| n.to_string()).unwrap_or_default();
        table.add_row([
            node.name.clone(),
            node.endpoint.clone(),
            if node.running { format!("running ({})", node.pid) } else { "stopped".into() },
            number(node.best_block),
            number(node.finalized_block),
            node.log.clone(),
        ]);
    }
    output::print(&table);
    Ok(())
}
