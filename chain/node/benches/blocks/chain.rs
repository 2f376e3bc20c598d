//! A chain without a network: blocks are built and imported as the node does it, by the WASM runtime on a ParityDB.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use codec::{Decode, Encode};
use frame_support::storage::storage_prefix;
use frame_system::{EventRecord, Phase};
use frame_system_rpc_runtime_api::AccountNonceApi;
use myelin_runtime::{
    api_traits::AuditRuntimeApi,
    opaque::{Block, UncheckedExtrinsic as Opaque},
    AccountId, Hash, RuntimeApi, RuntimeCall, RuntimeEvent, UncheckedExtrinsic,
};
use sc_block_builder::BlockBuilderBuilder;
use sc_client_api::{execution_extensions::ExecutionExtensions, HeaderBackend, StorageProvider};
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode};
use sc_consensus::{BlockImport, BlockImportParams, ForkChoiceStrategy, StateAction, StorageChanges};
use sc_executor::WasmExecutor;
use sc_service::{ClientConfig, GenesisBlockBuilder, TFullClient};
use sp_api::{CallApiAt, ProvideRuntimeApi};
use sp_consensus::BlockOrigin;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::testing::TaskExecutor;
use sp_runtime::{traits::Block as _, Digest, DigestItem};
use sp_storage::{well_known_keys::CODE, Storage, StorageKey};

type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;
type Client = TFullClient<Block, RuntimeApi, Executor>;

/// Number of recent states that the database keeps; the node's default.
const STATES: u32 = 256;

/// The parts of the time of one block.
pub struct BlockTime {
    /// The block's own work: coinbase, epochs.
    pub begin: Duration,
    /// Each transaction, the statement of the time left out.
    pub transactions: Vec<Duration>,
    /// Its end: the state root.
    pub end: Duration,
    /// Writing it to the database.
    pub import: Duration,
}

impl BlockTime {
    /// Time in which the block was executed.
    pub fn execution(&self) -> Duration {
        self.begin + self.transactions.iter().sum::<Duration>() + self.end
    }
}

/// Outcome of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// The call succeeded.
    Done,
    /// The transaction is in the block and paid for, and its call failed.
    Failed,
    /// It did not enter the block.
    Refused,
}

/// A chain in a folder that is deleted with it.
pub struct Chain {
    client: Arc<Client>,
    folder: PathBuf,
    slot_ms: u64,
    /// Hash of the first block, which signatures are bound to.
    pub genesis: Hash,
}

impl Chain {
    /// Starts a chain from a state.
    pub fn begin(name: &str, mut state: Storage, slot_ms: u64) -> Self {
        state.top.insert(CODE.to_vec(), runtime());
        let folder = std::env::temp_dir().join(format!("myelin-bench-{name}-{}", std::process::id()));
        let backend = sc_service::new_db_backend::<Block>(DatabaseSettings {
            trie_cache_maximum_size: Some(64 * 1024 * 1024),
            state_pruning: Some(PruningMode::blocks_pruning(STATES)),
            source: DatabaseSource::ParityDb { path: folder.clone() },
            blocks_pruning: BlocksPruning::KeepFinalized,
            pruning_filters: Vec::new(),
            metrics_registry: None,
        })
        .expect("a database in the temporary folder");
        let executor = Executor::builder().build();
        let genesis = GenesisBlockBuilder::new_with_storage(state, true, backend.clone(), executor.clone())
            .expect("a state of this runtime");
        let client = sc_service::new_client::<_, Block, RuntimeApi, _>(
            backend,
            executor.clone(),
            genesis,
            None,
            None,
            ExecutionExtensions::new(None, Arc::new(executor)),
            Box::new(TaskExecutor::new()),
            None,
            None,
            ClientConfig::default(),
        )
        .expect("a client over this state");
        let genesis = client.info().genesis_hash;
        Self { client: Arc::new(client), folder, slot_ms, genesis }
    }

    /// Builds a block of as many of these transactions as fit, in their order, and imports it. Returns the parts of the
    /// time and the outcome of each transaction.
    pub fn block(&self, transactions: &[Opaque]) -> (BlockTime, Vec<Fate>) {
        let info = self.client.info();
        let slot = u64::from(info.best_number) + 1;
        let started = Instant::now();
        let mut builder = BlockBuilderBuilder::new(&*self.client)
            .on_parent_block(info.best_hash)
            .with_parent_block_number(info.best_number)
            .with_inherent_digests(Digest {
                logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(slot).encode())],
            })
            .build()
            .expect("a block can be begun");
        let begin = started.elapsed();
        let time = RuntimeCall::from(pallet_timestamp::Call::set { now: slot * self.slot_ms });
        builder.push(UncheckedExtrinsic::new_bare(time).into()).expect("the time is stated");
        let (mut times, mut entered) = (Vec::with_capacity(transactions.len()), Vec::new());
        for transaction in transactions {
            let started = Instant::now();
            let enters = builder.push(transaction.clone()).is_ok();
            entered.push(enters);
            if enters {
                times.push(started.elapsed());
            }
        }
        let started = Instant::now();
        let (block, changes) = builder.build().expect("a block can be ended").into_inner();
        let end = started.elapsed();
        let started = Instant::now();
        let (header, body) = block.deconstruct();
        let mut params = BlockImportParams::new(BlockOrigin::Own, header);
        params.body = Some(body);
        params.finalized = true;
        params.fork_choice = Some(ForkChoiceStrategy::LongestChain);
        params.state_action = StateAction::ApplyChanges(StorageChanges::Changes(changes));
        futures::executor::block_on((*self.client).import_block(params)).expect("our own block is imported");
        let time = BlockTime { begin, transactions: times, end, import: started.elapsed() };
        let mut done = self.successes().into_iter();
        let fate = |entered: bool| match entered.then(|| done.next()).flatten() {
            Some(true) => Fate::Done,
            Some(false) => Fate::Failed,
            None => Fate::Refused,
        };
        (time, entered.into_iter().map(fate).collect())
    }

    /// Whether each transaction of the newest block succeeded, including the inner result of root's calls; without the
    /// statement of the time.
    fn successes(&self) -> Vec<bool> {
        let key = storage_prefix(b"System", b"Events");
        let records: Vec<EventRecord<RuntimeEvent, Hash>> = self.value(&key).unwrap_or_default();
        let mut refused_by_root = false;
        let success = |record: EventRecord<RuntimeEvent, Hash>| match (record.phase, record.event) {
            (Phase::ApplyExtrinsic(1..), RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result })) => {
                refused_by_root = sudo_result.is_err();
                None
            }
            (Phase::ApplyExtrinsic(1..), RuntimeEvent::System(event)) => match event {
                frame_system::Event::ExtrinsicSuccess { .. } => Some(!std::mem::take(&mut refused_by_root)),
                frame_system::Event::ExtrinsicFailed { .. } => Some(false),
                _ => None,
            },
            _ => None,
        };
        records.into_iter().filter_map(success).collect()
    }

    /// The value under a key in the newest state, if any.
    pub fn value<V: Decode>(&self, key: &[u8]) -> Option<V> {
        let key = StorageKey(key.to_vec());
        let found =
            self.client.storage(self.client.info().best_hash, &key).expect("the newest state is kept");
        found.map(|bytes| V::decode(&mut &bytes.0[..]).expect("the runtime wrote this type"))
    }

    /// The first rule that the newest state breaks, and the values found.
    pub fn first_violation(&self) -> Option<(String, String)> {
        let best = self.client.info().best_hash;
        let found = self.client.runtime_api().first_violation(best).expect("the runtime checks itself");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        found.map(|(rule, found)| (text(rule), text(found)))
    }

    /// Rules of the equation of all TAO that the newest state breaks, and the time of asking for it.
    pub fn equation(&self) -> (usize, Duration) {
        let best = self.client.info().best_hash;
        let started = Instant::now();
        let equation = self.client.runtime_api().tao_equation(best).expect("the runtime answers");
        (equation.differences().len(), started.elapsed())
    }

    /// Number of transactions of an account in the chain.
    pub fn nonce(&self, account: &AccountId) -> u32 {
        let best = self.client.info().best_hash;
        self.client.runtime_api().account_nonce(best, account.clone()).expect("the runtime tells nonces")
    }

    /// Time to read all these keys once, as a block would.
    pub fn time_to_read(&self, keys: &[Vec<u8>]) -> Duration {
        use sp_state_machine::Backend;
        let state = self.client.state_at(self.client.info().best_hash).expect("the newest state is kept");
        let started = Instant::now();
        for key in keys {
            let value = state.storage(key).expect("the state can be read");
            assert!(value.is_some(), "only keys with values are read");
        }
        started.elapsed()
    }

    /// Keys and bytes of the newest state.
    pub fn state_size(&self) -> (usize, usize) {
        let state = self.client.state_at(self.client.info().best_hash).expect("the newest state is kept");
        use sp_state_machine::Backend;
        let pairs = state.pairs(Default::default()).expect("the state can be read");
        pairs
            .map(|pair| pair.expect("the state can be read"))
            .fold((0, 0), |(keys, bytes), (key, value)| (keys + 1, bytes + key.len() + value.len()))
    }

    /// Bytes of the database on disk.
    pub fn database_size(&self) -> u64 {
        bytes_below(&self.folder)
    }
}

/// The runtime that was built with the node, or another one to compare it with: the file that `MYELIN_BENCH_RUNTIME`
/// names.
fn runtime() -> Vec<u8> {
    match std::env::var_os("MYELIN_BENCH_RUNTIME") {
        Some(file) => std::fs::read(file).expect("MYELIN_BENCH_RUNTIME names a runtime in WASM"),
        None => myelin_runtime::WASM_BINARY.expect("the runtime was built as WASM").to_vec(),
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn bytes_below(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_below(&entry.path()),
            // ParityDB maps sparse files: count the allocated blocks only.
            Ok(found) => found.blocks() * 512,
            Err(_) => 0,
        })
        .sum()
}
