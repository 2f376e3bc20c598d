//! The parts of a running node.
//!
//! [`parts`] opens the database and builds the parts that commands and nodes share. [`start`] adds the network,
//! JSON-RPC, block production and finality. All tasks belong to the task manager that it returns: dropping it stops
//! them.

use crate::{
    beacon::Contributor,
    catch_up::CatchUp,
    doubles,
    finality::{Finality, JUSTIFICATION_PERIOD},
    gate::Gate,
    memory,
    once::OncePerSlot,
    pool::Pool,
    rpc, test_keys,
    votes::Votes,
};
use futures::FutureExt;
use myelin_runtime::{opaque::Block, Hash, RuntimeApi};
use sc_client_api::{Backend, BlockBackend};
use sc_consensus::{DefaultImportQueue, LongestChain};
use sc_consensus_aura::{BuildAuraWorkerParams, ImportQueueParams, SlotDuration, SlotProportion};
use sc_consensus_grandpa::{
    BeforeBestBlockBy, GrandpaBlockImport, GrandpaPruningFilter, LinkHalf, SharedVoterState,
    ThreeQuartersOfTheUnfinalizedChain, VotingRulesBuilder,
};
use sc_consensus_slots::{
    start_slot_worker, BackoffAuthoringOnFinalizedHeadLagging, SimpleSlotWorkerToSlotWorker, SlotInfo,
    SlotWorker,
};
use sc_executor::{HeapAllocStrategy, DEFAULT_HEAP_ALLOC_STRATEGY};
use sc_network::{config::FullNetworkConfiguration, multiaddr::Protocol};
use sc_service::{
    config::ExecutorConfiguration, error::Error, Configuration, TFullBackend, TFullClient, TaskManager,
    WarpSyncConfig,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_consensus_aura::{
    sr25519::{AuthorityId as AuraId, AuthorityPair as AuraPair},
    AuraApi,
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Host functions that the runtime may call: the stock set.
type Executor = sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>;
/// Access to blocks and state.
pub type FullClient = TFullClient<Block, RuntimeApi, Executor>;
/// The database.
pub type FullBackend = TFullBackend<Block>;
/// The chain to build on: the longest.
type SelectChain = LongestChain<FullBackend, Block>;
/// Imports blocks through GRANDPA.
type BlockImport = GrandpaBlockImport<FullBackend, Block, FullClient, SelectChain>;

/// Bounds of the time in which a finality vote is expected to reach the other authorities.
const GOSSIP: std::ops::RangeInclusive<Duration> = Duration::from_millis(20)..=Duration::from_millis(333);
/// Part of a slot that goes by before a finality vote is expected to have reached the other authorities.
const GOSSIP_PER_SLOT: u32 = 10;

/// Parts that commands and running nodes share.
pub struct Parts {
    /// Access to blocks and state.
    pub client: Arc<FullClient>,
    /// The database.
    pub backend: Arc<FullBackend>,
    /// Owner of all background tasks.
    pub task_manager: TaskManager,
    /// Verifies and imports blocks.
    pub import_queue: DefaultImportQueue<Block>,
    keystore: sc_service::KeystoreContainer,
    select_chain: SelectChain,
    pool: Arc<Pool>,
    block_import: BlockImport,
    grandpa_link: LinkHalf<Block, FullClient, SelectChain>,
    slot_duration: SlotDuration,
    telemetry: Option<Telemetry>,
}

/// Opens the database of the chain, writing its genesis if it is new, and builds the import pipeline.
///
/// # Errors
/// If the database, the keystore or the runtime cannot be opened.
pub fn parts(config: &Configuration) -> Result<Parts, Error> {
    let telemetry = config
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| -> Result<_, sc_telemetry::Error> {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()?;

    let executor = executor(&config.executor);
    let (client, backend, keystore, task_manager) = sc_service::new_full_parts::<Block, RuntimeApi, _>(
        config,
        telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
        executor,
        vec![Arc::new(GrandpaPruningFilter)],
    )?;
    let client = Arc::new(client);

    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });
    let telemetry_handle = telemetry.as_ref().map(Telemetry::handle);

    let select_chain = LongestChain::new(backend.clone());
    let stock_pool = sc_transaction_pool::Builder::new(
        task_manager.spawn_essential_handle(),
        client.clone(),
        config.role.is_authority().into(),
    );
    let stock_pool = stock_pool
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build();
    let pool = Arc::new(Pool::new(stock_pool));

    let (block_import, grandpa_link) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &client,
        select_chain.clone(),
        telemetry_handle.clone(),
    )?;

    let slot_duration = sc_consensus_aura::slot_duration(&*client)?;
    let import_queue = sc_consensus_aura::import_queue::<AuraPair, _, _, _, _, _>(ImportQueueParams {
        block_import: block_import.clone(),
        justification_import: Some(Box::new(block_import.clone())),
        client: client.clone(),
        create_inherent_data_providers: move |_, ()| async move { Ok(inherents(slot_duration)) },
        spawner: &task_manager.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        check_for_equivocation: Default::default(),
        telemetry: telemetry_handle,
        compatibility_mode: Default::default(),
    })?;

    Ok(Parts {
        client,
        backend,
        task_manager,
        import_queue,
        keystore,
        select_chain,
        pool,
        block_import,
        grandpa_link,
        slot_duration,
        telemetry,
    })
}

/// Runs WASM code, and keeps the compiled code in the user's cache folder: compiling the runtime takes seconds, and
/// most starts find it compiled.
fn executor(config: &ExecutorConfiguration) -> Executor {
    let heap = config
        .default_heap_pages
        .map_or(DEFAULT_HEAP_ALLOC_STRATEGY, |pages| HeapAllocStrategy::Static { extra_pages: pages as u32 });
    let builder = Executor::builder()
        .with_execution_method(config.wasm_method)
        .with_onchain_heap_alloc_strategy(heap)
        .with_offchain_heap_alloc_strategy(heap)
        .with_max_runtime_instances(config.max_runtime_instances)
        .with_runtime_cache_size(config.runtime_cache_size);
    match cache_folder() {
        Some(folder) => builder.with_cache_path(folder).build(),
        None => builder.build(),
    }
}

/// Folder of compiled runtimes: below `MYELIN_CACHE`, or else the user's cache folder.
fn cache_folder() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = folder("MYELIN_CACHE")
        .or_else(|| folder("XDG_CACHE_HOME").map(|cache| cache.join("myelin")))
        .or_else(|| folder("HOME").map(|home| home.join(".cache").join("myelin")))?;
    Some(cache.join("runtimes"))
}

/// Inherents that every block has: its slot and its time.
fn inherents(
    slot_duration: SlotDuration,
) -> (sp_consensus_aura::inherents::InherentDataProvider, sp_timestamp::InherentDataProvider) {
    let now = sp_timestamp::InherentDataProvider::from_system_time();
    let slot = sp_consensus_aura::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
        *now,
        slot_duration,
    );
    (slot, now)
}

/// The time in which a finality vote is expected to reach the other authorities, on a chain with these slots.
///
/// GRANDPA waits a few such times per round, so with the stock 333 ms a chain of 250 ms blocks would finalise ten
/// blocks behind its head.
fn gossip_duration(slot: Duration) -> Duration {
    (slot / GOSSIP_PER_SLOT).clamp(*GOSSIP.start(), *GOSSIP.end())
}

/// Unfinalised time after which authorities write fewer blocks: while finality stands still, every block is work that
/// may be thrown away, and memory on every node.
const UNFINALISED: Duration = Duration::from_secs(600);

/// Slows authorities down while finality stands still: never to less than one block in a hundred slots.
fn backoff(slot: Duration) -> BackoffAuthoringOnFinalizedHeadLagging<u32> {
    let blocks = UNFINALISED.as_millis() / slot.as_millis().max(1);
    BackoffAuthoringOnFinalizedHeadLagging {
        unfinalized_slack: u32::try_from(blocks).unwrap_or(u32::MAX),
        ..Default::default()
    }
}

/// Time before a new chain begins, for the programs that report blocks to begin to listen: clients wait for block 1.
const LISTENING: Duration = Duration::from_millis(300);

/// Whether a new chain begins here: one authority makes all blocks and does so without others (`--force-authoring`, as
/// with `--dev`). It need not wait for the next slot, which takes up to 12 seconds. Any other authority with an empty
/// database may have lost it, and first asks others for their blocks.
fn begins_chain(client: &FullClient, force_authoring: bool) -> Result<bool, Error> {
    let info = client.info();
    let alone = AuraApi::<Block, AuraId>::authorities(&*client.runtime_api(), info.best_hash)
        .map_err(|error| Error::Application(error.into()))?
        .len()
        == 1;
    Ok(force_authoring && alone && info.best_number == 0)
}

/// The slot of the present time, as the first one of a chain.
fn first_slot(
    client: &FullClient,
    slot_duration: SlotDuration,
    beacon: &Contributor,
) -> Result<SlotInfo<Block>, Error> {
    let head = client
        .header(client.info().best_hash)?
        .ok_or_else(|| Error::Other("the database has no genesis block".into()))?;
    let (slot, now) = inherents(slot_duration);
    let at = *slot;
    let providers = (slot, now, beacon.turn(head.hash(), at));
    Ok(SlotInfo::new(at, Box::new(providers), slot_duration.as_duration(), head, None))
}

/// Time in which boot nodes of the same chain answer.
const BOOT_NODES_ANSWER: Duration = Duration::from_secs(10);

/// Warns the operator if the boot nodes belong to another chain. Protocols carry the genesis hash in their names, so
/// such nodes have no protocol in common, and nothing else would report it.
fn watch_boot_nodes(
    task_manager: &TaskManager,
    boot_nodes: usize,
    genesis: Hash,
    connected: impl Fn() -> usize + Send + 'static,
) {
    if boot_nodes == 0 {
        return;
    }
    task_manager.spawn_handle().spawn("boot-nodes", None, async move {
        futures_timer::Delay::new(BOOT_NODES_ANSWER).await;
        if connected() == 0 {
            log::warn!(
                "no peer of this chain within {} s; the {boot_nodes} boot nodes are away, or of another chain: the \
                 genesis here is {genesis:?}, compare it with theirs (chain_getBlockHash of block 0) and start with \
                 the same chain file",
                BOOT_NODES_ANSWER.as_secs(),
            );
        }
    });
}

/// Starts a node that votes to finalise the block `finality_lag` blocks behind the head.
///
/// # Errors
/// If a part of it cannot be built: database, keystore, network or RPC listeners.
pub fn start<N: sc_network::NetworkBackend<Block, Hash>>(
    mut config: Configuration,
    finality_lag: u32,
) -> Result<TaskManager, Error> {
    let Parts {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore,
        select_chain,
        pool,
        block_import,
        grandpa_link,
        slot_duration,
        mut telemetry,
    } = parts(&config)?;
    if let Some(suri) = config.dev_key_seed.take() {
        test_keys::hold(&*keystore.keystore(), &suri)?;
    }

    // --- network ---------------------------------------------------------------------------------------------------
    let mut net_config =
        FullNetworkConfiguration::<_, _, N>::new(&config.network, config.prometheus_registry().cloned());
    let metrics = N::register_notification_metrics(config.prometheus_registry());
    let genesis_hash =
        client.block_hash(0)?.ok_or_else(|| Error::Other("the database has no genesis block".into()))?;
    let grandpa_protocol = sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
    let (grandpa_peers, grandpa_notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
        grandpa_protocol.clone(),
        metrics.clone(),
        net_config.peer_store_handle(),
    );
    net_config.add_notification_protocol(grandpa_peers);
    let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
        backend.clone(),
        grandpa_link.shared_authority_set().clone(),
        Vec::new(),
    ));
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
        sc_service::build_network(sc_service::BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    if config.offchain_worker.enabled {
        let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
            runtime_api_provider: client.clone(),
            is_validator: config.role.is_authority(),
            keystore: Some(keystore.keystore()),
            offchain_db: backend.offchain_storage(),
            transaction_pool: Some(OffchainTransactionPoolFactory::new(pool.clone())),
            network_provider: Arc::new(network.clone()),
            enable_http_requests: false,
            custom_extensions: |_| Vec::new(),
        })?;
        task_manager.spawn_handle().spawn(
            "offchain-workers-runner",
            "offchain-worker",
            workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
        );
    }

    memory::return_freed(&task_manager);
    let peers = sync_service.clone();
    let connected = move || peers.num_connected_peers();
    watch_boot_nodes(&task_manager, config.network.boot_nodes.len(), genesis_hash, connected);

    let role = config.role;
    let force_authoring = config.force_authoring;
    let name = config.network.node_name.clone();
    let with_grandpa = !config.disable_grandpa;
    let own_import = role.is_authority().then(|| OncePerSlot::new(block_import, &config)).transpose()?;
    let votes =
        role.is_authority().then(|| Votes::open(keystore.keystore(), client.clone(), &config)).transpose()?;
    let registry = config.prometheus_registry().cloned();

    // --- JSON-RPC --------------------------------------------------------------------------------------------------
    let rpc_builder = {
        let (client, pool, backend) = (client.clone(), pool.clone(), backend.clone());
        let authorities = grandpa_link.shared_authority_set().clone();
        Box::new(move |_| {
            let finality = Finality::new(client.clone(), backend.clone(), authorities.clone());
            rpc::create(client.clone(), pool.clone(), finality).map_err(Into::into)
        })
    };
    let gate = Gate::open(&mut config.rpc)?;
    let rpc = sc_service::spawn_tasks(sc_service::SpawnTasksParams {
        config,
        client: client.clone(),
        backend,
        task_manager: &mut task_manager,
        keystore: keystore.keystore(),
        transaction_pool: pool.clone(),
        rpc_builder,
        network: network.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;
    let ports = rpc.listen_addresses().iter().flat_map(|address| address.iter());
    let ports = ports.filter_map(|part| match part {
        Protocol::Tcp(port) => Some(port),
        _ => None,
    });
    gate.serve(ports.collect(), &task_manager.spawn_handle())?;
    let telemetry_handle = telemetry.as_ref().map(Telemetry::handle);

    // --- block production ------------------------------------------------------------------------------------------
    if let Some(block_import) = own_import {
        let begins = begins_chain(&client, force_authoring)?;
        let chain = client.clone();
        let sync_oracle = sync_service.clone();
        let author = || {
            SimpleSlotWorkerToSlotWorker(sc_consensus_aura::build_aura_worker::<
                AuraPair,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
            >(BuildAuraWorkerParams {
                client: client.clone(),
                block_import: block_import.clone(),
                proposer_factory: sc_basic_authorship::ProposerFactory::new(
                    task_manager.spawn_handle(),
                    client.clone(),
                    pool.clone(),
                    registry.as_ref(),
                    telemetry_handle.clone(),
                ),
                force_authoring,
                backoff_authoring_blocks: Some(backoff(slot_duration.as_duration())),
                keystore: keystore.keystore(),
                sync_oracle: sync_oracle.clone(),
                justification_sync_link: sync_oracle.clone(),
                block_proposal_slot_portion: SlotProportion::new(2f32 / 3f32),
                max_block_proposal_slot_portion: None,
                telemetry: telemetry_handle.clone(),
                compatibility_mode: Default::default(),
            }))
        };
        let mut first_author = author();
        let beacon = Contributor::new(client.clone(), keystore.keystore());
        let contributor = beacon.clone();
        let providers = move |parent, ()| {
            let (slot, now) = inherents(slot_duration);
            let turn = contributor.turn(parent, *slot);
            async move { Ok((slot, now, turn)) }
        };
        let others =
            start_slot_worker(slot_duration, select_chain, author(), sync_oracle.clone(), providers).boxed();
        let aura = async move {
            if begins {
                futures_timer::Delay::new(LISTENING).await;
                match first_slot(&chain, slot_duration, &beacon) {
                    Ok(slot) => drop(first_author.on_slot(slot).await),
                    Err(error) => log::error!("the first block waits for the next slot: {error}"),
                }
            }
            others.await;
        };
        task_manager.spawn_essential_handle().spawn_blocking("aura", Some("block-authoring"), aura);
        let watch = doubles::watch(client.clone(), OffchainTransactionPoolFactory::new(pool.clone()));
        task_manager.spawn_handle().spawn_blocking("double-blocks", Some("block-authoring"), watch);
    }

    // --- finality --------------------------------------------------------------------------------------------------
    if with_grandpa {
        let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration: gossip_duration(slot_duration.as_duration()),
                justification_generation_period: JUSTIFICATION_PERIOD,
                name: Some(name),
                observer_enabled: false,
                // A node without the authority role holds no keys to vote with.
                keystore: votes,
                local_role: role,
                telemetry: telemetry_handle.clone(),
                protocol_name: grandpa_protocol,
            },
            link: grandpa_link,
            network,
            sync: Arc::new(sync_service),
            notification_service: Box::new(CatchUp::new(grandpa_notifications)),
            // The stock rules always stay two blocks behind the head, which costs finality and saves only rare
            // re-votes: Aura's authorities take turns, so the head seldom has a rival.
            voting_rule: VotingRulesBuilder::new()
                .add(BeforeBestBlockBy(finality_lag))
                .add(ThreeQuartersOfTheUnfinalizedChain)
                .build(),
            prometheus_registry: registry,
            shared_voter_state: SharedVoterState::empty(),
            telemetry: telemetry_handle,
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(pool),
        })?;
        task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
    }

    Ok(task_manager)
}
