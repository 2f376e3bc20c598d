//! From arguments to actions.

use crate::{
    chain_spec,
    cli::{Cli, Subcommand},
    service, votes,
};
use myelin_runtime::opaque::Block;
use sc_cli::SubstrateCli;
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend, NetworkWorker};
use sc_service::{
    config::{Configuration, RpcBatchRequestConfig, RpcMethods},
    ChainType, PruningMode, Role,
};
use std::sync::Arc;

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Myelin Node".into()
    }

    fn impl_version() -> String {
        env!("SUBSTRATE_CLI_IMPL_VERSION").into()
    }

    fn description() -> String {
        "Runs and inspects a Myelin chain: an open marketplace for machine intelligence.".into()
    }

    fn author() -> String {
        "the Myelin authors".into()
    }

    fn support_url() -> String {
        "the issue tracker of the Myelin repository".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
        Ok(Box::new(chain_spec::load(id)?))
    }
}

/// Reads the arguments and executes the command. Returns when it is done, or for a node when it was told to stop.
pub fn run() -> sc_cli::Result<()> {
    let cli = Cli::from_args();
    match &cli.subcommand {
        None => run_node(&cli),
        Some(Subcommand::Key(cmd)) => cmd.run(&cli),
        Some(Subcommand::Sign(cmd)) => cmd.run(),
        Some(Subcommand::Verify(cmd)) => cmd.run(),
        Some(Subcommand::Vanity(cmd)) => cmd.run(),
        Some(Subcommand::BuildSpec(cmd)) => {
            let runner = cli.create_runner(cmd)?;
            runner.sync_run(|config| cmd.run(config.chain_spec, config.network))
        }
        Some(Subcommand::ExportChainSpec(cmd)) => cmd.run(cli.load_spec(&cmd.chain)?),
        Some(Subcommand::CheckBlock(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let parts = service::parts(&config)?;
            Ok((cmd.run(parts.client, parts.import_queue), parts.task_manager))
        }),
        Some(Subcommand::ExportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let parts = service::parts(&config)?;
            Ok((cmd.run(parts.client, config.database), parts.task_manager))
        }),
        Some(Subcommand::ExportState(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let parts = service::parts(&config)?;
            Ok((cmd.run(parts.client, config.chain_spec), parts.task_manager))
        }),
        Some(Subcommand::ImportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let parts = service::parts(&config)?;
            Ok((cmd.run(parts.client, parts.import_queue), parts.task_manager))
        }),
        Some(Subcommand::PurgeChain(cmd)) => {
            cli.create_runner(cmd)?.sync_run(|config| cmd.run(config.database))
        }
        Some(Subcommand::Revert(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let parts = service::parts(&config)?;
            let revert_finality = Box::new(|client: Arc<service::FullClient>, _, blocks| {
                votes::forget(&*client)?;
                sc_consensus_grandpa::revert(client, blocks)?;
                Ok(())
            });
            Ok((cmd.run(parts.client, parts.backend, Some(revert_finality)), parts.task_manager))
        }),
        Some(Subcommand::ChainInfo(cmd)) => {
            cli.create_runner(cmd)?.sync_run(|config| cmd.run::<Block>(&config))
        }
        Some(Subcommand::CheckState(cmd)) => {
            cmd.run().map_err(|problem| sc_cli::Error::Application(Box::new(problem)))
        }
        Some(Subcommand::CheckUpgrade(cmd)) => {
            cmd.run().map_err(|problem| sc_cli::Error::Application(Box::new(problem)))
        }
    }
}

fn run_node(cli: &Cli) -> sc_cli::Result<()> {
    let mut runner = cli.create_runner(&cli.run)?;
    let chain = cli.run.shared_params.chain_id(cli.run.shared_params.dev);
    let config = runner.config_mut();
    adjust(config, cli);
    require_rpc_ports(config)?;
    chain_spec::resolve_genesis(config.chain_spec.as_mut(), &chain)?;
    let finality_lag = cli.finality_lag;
    runner.run_node_until_exit(|config| async move {
        match config.network.network_backend {
            NetworkBackendType::Libp2p => {
                service::start::<NetworkWorker<_, _>>(config, finality_lag).map_err(sc_cli::Error::Service)
            }
            NetworkBackendType::Litep2p => {
                service::start::<Litep2pNetworkBackend>(config, finality_lag).map_err(sc_cli::Error::Service)
            }
        }
    })
}

/// Most bytes of decoded state that a node of a local network keeps in memory by default: several of them share a
/// machine. Nodes of other networks keep the stock limit.
const TRIE_CACHE_BYTES: usize = 64 * 1024 * 1024;
/// Megabytes of the largest RPC answer unless told otherwise: the metagraphs of all subnets in one call.
const RPC_ANSWER_MB: u32 = 64;
/// Most calls in one batch of an RPC client unless told otherwise (`--rpc-max-batch-request-len`): one request must not
/// keep the node busy for long.
const RPC_BATCH_CALLS: u32 = 1_000;

/// Sets the defaults that differ from the stock ones. Arguments given by a person stay.
fn adjust(config: &mut Configuration, cli: &Cli) {
    let run = &cli.run;
    let dev = run.shared_params.dev;
    if cli.three {
        take_office(config, "Three");
    } else if cli.four {
        take_office(config, "Four");
    } else if dev && run.get_keyring().is_none() {
        // The authority of the development chain is One, as on official local networks; the stock choice is Alice.
        take_office(config, "One");
    }
    if dev && run.import_params.pruning_params.state_pruning.is_none() {
        // Official test suites look back further than the 256 blocks that a pruning node keeps.
        config.state_pruning = Some(PruningMode::ArchiveAll);
    }
    let local = matches!(config.chain_spec.chain_type(), ChainType::Development | ChainType::Local);
    if local && !is_given("--trie-cache-size") {
        config.trie_cache_maximum_size = Some(TRIE_CACHE_BYTES);
    }
    if run.rpc_params.experimental_rpc_endpoint.is_empty() {
        // A client looks for the port it knows; silently listening on another one would only hide the conflict.
        for endpoint in config.rpc.addr.iter_mut().flatten() {
            endpoint.retry_random_port = false;
        }
    }
    for endpoint in config.rpc.addr.iter_mut().flatten() {
        if matches!(endpoint.batch_config, RpcBatchRequestConfig::Unlimited) {
            endpoint.batch_config = RpcBatchRequestConfig::Limit(RPC_BATCH_CALLS);
        }
        // Any web page shown on this machine can open a web socket to this port. On other networks than local ones it
        // gets the safe methods only, unless the operator asks for all.
        if !local && matches!(endpoint.rpc_methods, RpcMethods::Auto) {
            endpoint.rpc_methods = RpcMethods::Safe;
        }
    }
    if run.rpc_params.rpc_max_response_size == sc_cli::RPC_DEFAULT_MAX_RESPONSE_SIZE_MB {
        config.rpc.max_response_size = RPC_ANSWER_MB;
        for endpoint in config.rpc.addr.iter_mut().flatten() {
            if endpoint.max_payload_out_mb == sc_cli::RPC_DEFAULT_MAX_RESPONSE_SIZE_MB {
                endpoint.max_payload_out_mb = RPC_ANSWER_MB;
            }
        }
    }
}

/// Whether an argument of this name was given, with a value behind `=` or a space.
fn is_given(name: &str) -> bool {
    let is_it = |argument: std::ffi::OsString| {
        let argument = argument.to_string_lossy();
        argument == name || argument.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
    };
    std::env::args_os().any(is_it)
}

/// Reports a port in use before anything else happens, instead of an error without a name later.
fn require_rpc_ports(config: &Configuration) -> Result<(), String> {
    let needed = config
        .rpc
        .addr
        .iter()
        .flatten()
        .filter(|endpoint| !endpoint.is_optional && !endpoint.retry_random_port);
    for endpoint in needed {
        if let Err(error) = std::net::TcpListener::bind(endpoint.listen_addr) {
            return Err(format!(
                "cannot listen for JSON-RPC on {}: {error}; end the program that uses the port (another node?), or \
                 choose another one with --rpc-port",
                endpoint.listen_addr
            ));
        }
    }
    Ok(())
}

/// Makes this node the test authority `name`.
fn take_office(config: &mut Configuration, name: &str) {
    config.role = Role::Authority;
    config.dev_key_seed = Some(format!("//{name}"));
    config.network.node_name = name.into();
}
