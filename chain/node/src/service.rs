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
use jsonrpsee::RpcModule;
use myelin_runtime::{opaque::Block, Hash, RuntimeApi};
use sc_basic_authorship::ProposerFactory;
use sc_client_api::Backend;
use sc_consensus::{DefaultImportQueue, JustificationSyncLink, LongestChain};
use sc_consensus_aura::{BuildAuraWorkerParams, ImportQueueParams, SlotDuration, SlotProportion};
use sc_consensus_grandpa::{
    warp_proof::NetworkProvider, BeforeBestBlockBy, GrandpaBlockImport, GrandpaParams, GrandpaPruningFilter,
    LinkHalf, SharedAuthoritySet, SharedVoterState, ThreeQuartersOfTheUnfinalizedChain, VotingRule,
    VotingRulesBuilder,
};
use sc_consensus_slots::{
    start_slot_worker, BackoffAuthoringOnFinalizedHeadLagging, SimpleSlotWorkerToSlotWorker, SlotInfo,
    SlotWorker,
};
use sc_executor::{HeapAllocStrategy, DEFAULT_HEAP_ALLOC_STRATEGY};
use sc_network::{
    config::FullNetworkConfiguration, multiaddr::Protocol, service::traits::NetworkService, NetworkBackend,
    NotificationService, ProtocolName,
};
use sc_service::{
    config::ExecutorConfiguration, error::Error, BuildNetworkParams, Configuration, RpcHandlers,
    SpawnTasksParams, TFullBackend, TFullClient, TaskManager, WarpSyncConfig,
};
use sc_telemetry::{Telemetry, TelemetryHandle, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_consensus::SyncOracle;
use sp_consensus_aura::{
    sr25519::{AuthorityId as AuraId, AuthorityPair as AuraPair},
    AuraApi,
};
use sp_core::traits::SpawnNamed;
use sp_keystore::KeystorePtr;
use std::{future::Future, path::PathBuf, sync::Arc, time::Duration};

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
/// Parts of the network.
type NetworkParams<'a, N> = BuildNetworkParams<'a, Block, N, Pool, DefaultImportQueue<Block>, FullClient>;
/// Makes the JSON-RPC methods of this node.
type RpcBuilder = Box<dyn Fn(Arc<dyn SpawnNamed>) -> Result<RpcModule<()>, Error>>;

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

/// Parts of a node that its tasks share.
struct Shared {
    client: Arc<FullClient>,
    backend: Arc<FullBackend>,
    keystore: KeystorePtr,
    pool: Arc<Pool>,
    slot_duration: SlotDuration,
    telemetry: Option<TelemetryHandle>,
}

impl Shared {
    fn of(parts: &Parts) -> Self {
        Self {
            client: parts.client.clone(),
            backend: parts.backend.clone(),
            keystore: parts.keystore.keystore(),
            pool: parts.pool.clone(),
            slot_duration: parts.slot_duration,
            telemetry: parts.telemetry.as_ref().map(Telemetry::handle),
        }
    }

    /// The pool as the runtime reaches it: for its reports of offences, and for offchain workers.
    fn offchain_pool(&self) -> OffchainTransactionPoolFactory<Block> {
        OffchainTransactionPoolFactory::new(self.pool.clone())
    }

    /// Parts of the network, and the notifications of the protocol of finality.
    fn network<'a, N: NetworkBackend<Block, Hash>>(
        &self,
        config: &'a Configuration,
        finality: ProtocolName,
        authorities: SharedAuthoritySet<Hash, u32>,
        import_queue: DefaultImportQueue<Block>,
        tasks: &TaskManager,
    ) -> (NetworkParams<'a, N>, Box<dyn NotificationService>) {
        let registry = config.prometheus_registry();
        let mut net_config = FullNetworkConfiguration::<_, _, N>::new(&config.network, registry.cloned());
        let metrics = N::register_notification_metrics(registry);
        let (peers, notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
            finality,
            metrics.clone(),
            net_config.peer_store_handle(),
        );
        net_config.add_notification_protocol(peers);
        let warp_sync = Arc::new(NetworkProvider::new(self.backend.clone(), authorities, Vec::new()));
        let params = BuildNetworkParams {
            config,
            net_config,
            client: self.client.clone(),
            transaction_pool: self.pool.clone(),
            spawn_handle: tasks.spawn_handle(),
            spawn_essential_handle: tasks.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        };
        (params, notifications)
    }

    /// Runs the offchain workers of the runtime after each block.
    fn spawn_offchain_workers(
        &self,
        is_validator: bool,
        network: Arc<dyn NetworkService>,
        tasks: &TaskManager,
    ) -> Result<(), Error> {
        let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
            runtime_api_provider: self.client.clone(),
            is_validator,
            keystore: Some(self.keystore.clone()),
            offchain_db: self.backend.offchain_storage(),
            transaction_pool: Some(self.offchain_pool()),
            network_provider: Arc::new(network),
            enable_http_requests: false,
            custom_extensions: |_| Vec::new(),
        })?;
        let run = workers.run(self.client.clone(), tasks.spawn_handle()).boxed();
        tasks.spawn_handle().spawn("offchain-workers-runner", "offchain-worker", run);
        Ok(())
    }

    /// The JSON-RPC methods of this node.
    fn rpc_builder(&self, authorities: SharedAuthoritySet<Hash, u32>) -> RpcBuilder {
        let (client, pool, backend) = (self.client.clone(), self.pool.clone(), self.backend.clone());
        Box::new(move |_| {
            let finality = Finality::new(client.clone(), backend.clone(), authorities.clone());
            rpc::create(client.clone(), pool.clone(), finality).map_err(Into::into)
        })
    }

    /// Block production in the slots of this authority.
    fn author<S>(
        &self,
        config: &Configuration,
        block_import: BlockImport,
        select_chain: SelectChain,
        sync: S,
        tasks: &TaskManager,
    ) -> Result<impl Future<Output = ()> + Send, Error>
    where
        S: SyncOracle + JustificationSyncLink<Block> + Clone + 'static,
    {
        let (slot_duration, force_authoring) = (self.slot_duration, config.force_authoring);
        let block_import = OncePerSlot::new(block_import, config)?;
        let proposers = ProposerFactory::new(
            tasks.spawn_handle(),
            self.client.clone(),
            self.pool.clone(),
            config.prometheus_registry(),
            self.telemetry.clone(),
        );
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
                client: self.client.clone(),
                block_import: block_import.clone(),
                proposer_factory: proposers.clone(),
                force_authoring,
                backoff_authoring_blocks: Some(backoff(slot_duration.as_duration())),
                keystore: self.keystore.clone(),
                sync_oracle: sync.clone(),
                justification_sync_link: sync.clone(),
                block_proposal_slot_portion: SlotProportion::new(2f32 / 3f32),
                max_block_proposal_slot_portion: None,
                telemetry: self.telemetry.clone(),
                compatibility_mode: Default::default(),
            }))
        };
        let mut first_author = author();
        let beacon = Contributor::new(self.client.clone(), self.keystore.clone());
        let contributor = beacon.clone();
        let providers = move |parent, ()| {
            let (slot, now) = inherents(slot_duration);
            let turn = contributor.turn(parent, *slot);
            async move { Ok((slot, now, turn)) }
        };
        let others =
            start_slot_worker(slot_duration, select_chain, author(), sync.clone(), providers).boxed();
        let begins = begins_chain(&self.client, force_authoring)?;
        let chain = self.client.clone();
        Ok(async move {
            if begins {
                futures_timer::Delay::new(LISTENING).await;
                match first_slot(&chain, slot_duration, &beacon) {
                    Ok(slot) => drop(first_author.on_slot(slot).await),
                    Err(error) => log::error!("the first block waits for the next slot: {error}"),
                }
            }
            others.await;
        })
    }

    /// The part of this node in finality.
    fn finality(
        &self,
        config: &Configuration,
        protocol_name: ProtocolName,
    ) -> Result<sc_consensus_grandpa::Config, Error> {
        // A node without the authority role holds no keys to vote with.
        let votes = || Votes::open(self.keystore.clone(), self.client.clone(), config);
        Ok(sc_consensus_grandpa::Config {
            gossip_duration: gossip_duration(self.slot_duration.as_duration()),
            justification_generation_period: JUSTIFICATION_PERIOD,
            name: Some(config.network.node_name.clone()),
            observer_enabled: false,
            keystore: config.role.is_authority().then(votes).transpose()?,
            local_role: config.role,
            telemetry: self.telemetry.clone(),
            protocol_name,
        })
    }
}

/// The blocks for which a node votes, `finality_lag` blocks behind the head.
///
/// The stock rules always stay two blocks behind the head, which costs finality and saves only rare re-votes: Aura's
/// authorities take turns, so the head seldom has a rival.
fn voting_rule(finality_lag: u32) -> impl VotingRule<Block, FullClient> + Clone {
    VotingRulesBuilder::<Block, FullClient>::new()
        .add(BeforeBestBlockBy(finality_lag))
        .add(ThreeQuartersOfTheUnfinalizedChain)
        .build()
}

/// Ports of the stock JSON-RPC server.
fn ports(rpc: &RpcHandlers) -> Vec<u16> {
    let parts = rpc.listen_addresses().iter().flat_map(|address| address.iter());
    let ports = parts.filter_map(|part| match part {
        Protocol::Tcp(port) => Some(port),
        _ => None,
    });
    ports.collect()
}

/// Starts a node that votes to finalise the block `finality_lag` blocks behind the head.
///
/// # Errors
/// If a part of it cannot be built: database, keystore, network or RPC listeners.
pub fn start<N: NetworkBackend<Block, Hash>>(
    mut config: Configuration,
    finality_lag: u32,
) -> Result<TaskManager, Error> {
    let parts = parts(&config)?;
    let shared = Shared::of(&parts);
    let Parts {
        mut task_manager, import_queue, select_chain, block_import, grandpa_link, mut telemetry, ..
    } = parts;
    if let Some(suri) = config.dev_key_seed.take() {
        test_keys::hold(&*shared.keystore, &suri)?;
    }

    // --- network ---------------------------------------------------------------------------------------------------
    let genesis = shared.client.info().genesis_hash;
    let protocol = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
    let authorities = grandpa_link.shared_authority_set().clone();
    let (params, notifications) =
        shared.network::<N>(&config, protocol.clone(), authorities.clone(), import_queue, &task_manager);
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
        sc_service::build_network(params)?;
    let is_authority = config.role.is_authority();
    if config.offchain_worker.enabled {
        shared.spawn_offchain_workers(is_authority, network.clone(), &task_manager)?;
    }
    memory::return_freed(&task_manager);
    let peers = sync_service.clone();
    let connected = move || peers.num_connected_peers();
    watch_boot_nodes(&task_manager, config.network.boot_nodes.len(), genesis, connected);

    let author = || shared.author(&config, block_import, select_chain, sync_service.clone(), &task_manager);
    let author = is_authority.then(author).transpose()?;
    let finality = (!config.disable_grandpa).then(|| shared.finality(&config, protocol)).transpose()?;
    let prometheus_registry = config.prometheus_registry().cloned();

    // --- JSON-RPC --------------------------------------------------------------------------------------------------
    let gate = Gate::open(&mut config.rpc)?;
    let rpc = sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client: shared.client.clone(),
        backend: shared.backend.clone(),
        task_manager: &mut task_manager,
        keystore: shared.keystore.clone(),
        transaction_pool: shared.pool.clone(),
        rpc_builder: shared.rpc_builder(authorities),
        network: network.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;
    gate.serve(ports(&rpc), &task_manager.spawn_handle())?;

    // --- block production and finality -----------------------------------------------------------------------------
    if let Some(author) = author {
        task_manager.spawn_essential_handle().spawn_blocking("aura", Some("block-authoring"), author);
        let watch = doubles::watch(shared.client.clone(), shared.offchain_pool());
        task_manager.spawn_handle().spawn_blocking("double-blocks", Some("block-authoring"), watch);
    }
    if let Some(config) = finality {
        let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
            config,
            link: grandpa_link,
            network,
            sync: Arc::new(sync_service),
            notification_service: Box::new(CatchUp::new(notifications)),
            voting_rule: voting_rule(finality_lag),
            prometheus_registry,
            shared_voter_state: SharedVoterState::empty(),
            telemetry: shared.telemetry.clone(),
            offchain_tx_pool_factory: shared.offchain_pool(),
        })?;
        task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
    }
    Ok(task_manager)
}
