//! Block sync that goes on asking the few peers of a small network.
//!
//! A vote of GRANDPA waits until the block that it names is imported, and in a small network one peer may be the only
//! one that has a block of a fork. The stock strategy gives up such peers when forks are frequent, and finality stops
//! although enough authorities run:
//!
//! - A peer whose connection ended during a request is not asked for 60 s, the next time for 120 s, and then banned.
//! - A peer that answers without a block is banned after three answers. It announced the block honestly, and lost it
//!   when finality chose another fork.
//! - A peer is blamed for a block whose parent lost its state when finality chose another fork: Aura reads the
//!   authorities from that state.
//! - A peer that fails to answer is never asked again while it stays connected. Litep2p keeps reserved peers connected.
//!
//! [`Steady`] passes everything to the stock strategy, except in these cases (decision 0121). With more than [`FEW`]
//! peers it only changes the third one: then others have what one peer lacks.

use std::{
    any::Any,
    collections::{HashMap, HashSet},
    sync::{mpsc, Arc},
};

use futures::FutureExt;
use myelin_runtime::{opaque::Block, Hash, Header};
use sc_client_api::HeaderBackend;
use sc_consensus::{BlockImportError, BlockImportStatus};
use sc_network::{NetworkBackend, PeerId, ProtocolName, Roles};
use sc_network_common::sync::message::{BlockAnnounce, BlockAttributes, BlockData, BlockRequest};
use sc_network_sync::{
    block_relay_protocol::BlockResponseError,
    engine::SyncingEngine,
    service::network::NetworkServiceHandle,
    strategy::{chain_sync::ChainSync, StrategyKey, SyncingAction, SyncingStrategy},
    SyncStatus, SyncingService,
};
use sc_service::{
    build_default_block_downloader, build_polkadot_syncing_strategy, error::Error, DefaultSyncingEngineConfig,
};
use sp_consensus::BlockStatus;
use sp_runtime::traits::Header as _;

use crate::service::FullClient;

/// Peers of a network in which each one may be the only one that has a block.
const FEW: usize = 16;

/// Requests for blocks, as opposed to those for state or warp proofs.
const BLOCKS: StrategyKey = ChainSync::<Block, FullClient>::STRATEGY_KEY;

/// The answer to a request for blocks, together with the request.
type Answer = (BlockRequest<Block>, Result<Vec<BlockData<Block>>, BlockResponseError>);

/// The outcome of an import.
type Outcome = Result<BlockImportStatus<u32>, BlockImportError>;

/// Starts the stock sync engine with a [`Steady`] strategy.
///
/// # Errors
/// If the strategy or the engine cannot be built.
pub fn start_engine<N: NetworkBackend<Block, Hash>>(
    parts: DefaultSyncingEngineConfig<'_, Block, FullClient, N>,
) -> Result<(SyncingService<Block>, N::NotificationProtocolConfig), Error> {
    let downloader = build_default_block_downloader(
        &parts.protocol_id,
        parts.fork_id,
        parts.net_config,
        parts.network_service_handle.clone(),
        parts.client.clone(),
        parts.num_peers_hint,
        parts.spawn_handle,
    );
    let stock = build_polkadot_syncing_strategy(
        parts.protocol_id.clone(),
        parts.fork_id,
        parts.net_config,
        parts.warp_sync_config,
        downloader,
        parts.client.clone(),
        parts.spawn_handle,
        parts.metrics_registry,
        parts.gap_sync_body_policy,
    )?;
    let (engine, service, announcements) = SyncingEngine::new(
        Roles::from(&parts.role),
        parts.client.clone(),
        parts.metrics_registry,
        parts.metrics,
        parts.net_config,
        parts.protocol_id,
        parts.fork_id,
        parts.block_announce_validator,
        Box::new(Steady::new(stock, parts.client)),
        parts.network_service_handle,
        parts.import_queue_service,
        parts.net_config.peer_store_handle(),
    )?;
    parts.spawn_essential_handle.spawn_blocking("syncing", None, engine.run());
    Ok((service, announcements))
}

/// The stock strategy, which does not give up honest peers.
struct Steady {
    stock: Box<dyn SyncingStrategy<Block>>,
    client: Arc<FullClient>,
    /// Connected peers.
    peers: HashSet<PeerId>,
    /// Numbers and parents of the blocks that are being imported.
    imports: HashMap<Hash, (u32, Hash)>,
    /// Peers whose requests failed.
    failures: (mpsc::Sender<PeerId>, mpsc::Receiver<PeerId>),
}

impl Steady {
    fn new(stock: Box<dyn SyncingStrategy<Block>>, client: Arc<FullClient>) -> Self {
        let (peers, imports) = (HashSet::new(), HashMap::new());
        Self { stock, client, peers, imports, failures: mpsc::channel() }
    }

    fn has_few_peers(&self) -> bool {
        self.peers.len() <= FEW
    }

    /// Whether old blocks behind a warp are missing. The stock strategy treats peers without them by a rule of its own.
    fn fills_gap(&self) -> bool {
        self.stock.status().warp_sync.is_some()
    }

    /// Makes a peer one that has the final block and is asked nothing at the moment. The stock strategy takes it for a
    /// new peer with a known block, which it only notes.
    fn rest(&mut self, peer: &PeerId) {
        let chain = self.client.info();
        self.stock.add_peer(*peer, chain.finalized_hash, chain.finalized_number);
    }

    /// Forgets what a peer was asked for and which blocks it was thought to have. It is asked again after its next
    /// announcement. Until then a node without other peers takes its own final block for the newest one.
    fn forget(&mut self, peer: &PeerId) {
        if self.peers.contains(peer) {
            self.rest(peer);
            self.stock.remove_peer(peer);
            self.rest(peer);
        }
    }

    /// Notes the parents of imported blocks, and watches whether requests fail.
    fn watch(&mut self, action: SyncingAction<Block>) -> SyncingAction<Block> {
        match action {
            SyncingAction::StartRequest { peer_id, key, request } => {
                let failures = (key == BLOCKS).then(|| self.failures.0.clone());
                let note = move |outcome: &Result<Result<_, _>, _>| {
                    if let (Some(failures), false) = (&failures, matches!(outcome, Ok(Ok(_)))) {
                        // The receiver lives as long as the strategy.
                        let _ = failures.send(peer_id);
                    }
                };
                SyncingAction::StartRequest { peer_id, key, request: request.inspect(note).boxed() }
            }
            SyncingAction::ImportBlocks { origin, blocks } => {
                let headers = blocks.iter().filter_map(|block| Some((block.hash, block.header.as_ref()?)));
                self.imports.extend(headers.map(|(hash, it)| (hash, (*it.number(), *it.parent_hash()))));
                SyncingAction::ImportBlocks { origin, blocks }
            }
            other => other,
        }
    }

    /// The outcome of an import. Nobody is blamed for a block that finality excluded.
    fn judge(&mut self, outcome: Outcome, hash: &Hash) -> Outcome {
        let place = self.imports.remove(hash);
        match (outcome, place) {
            (Err(BlockImportError::VerificationFailed(Some(_), why)), Some((number, parent)))
                if self.is_excluded(number, parent) =>
            {
                log::debug!(target: "sync", "block {number} ({hash:?}) is of a fork that finality excluded: {why}");
                Err(BlockImportError::VerificationFailed(None, why))
            }
            (outcome, _) => outcome,
        }
    }

    /// Whether finality chose another fork than that of a block with this parent.
    fn is_excluded(&self, number: u32, parent: Hash) -> bool {
        let status = self.client.block_status(parent).unwrap_or(BlockStatus::Unknown);
        let canonical = self.client.hash(number.saturating_sub(1)).ok().flatten();
        is_lost(&status, canonical == Some(parent))
    }
}

/// Whether a block lost its state because finality chose another fork. One on the canonical chain lost it by age.
fn is_lost(status: &BlockStatus, is_canonical: bool) -> bool {
    *status == BlockStatus::InChainPruned && !is_canonical
}

/// Whether a peer answered a request for blocks without any. Justifications may be absent.
fn is_empty(answer: &(dyn Any + Send)) -> bool {
    answer.downcast_ref::<Answer>().is_some_and(|(request, blocks)| {
        request.fields != BlockAttributes::JUSTIFICATION && blocks.as_ref().is_ok_and(Vec::is_empty)
    })
}

impl SyncingStrategy<Block> for Steady {
    fn add_peer(&mut self, peer: PeerId, best: Hash, number: u32) {
        self.peers.insert(peer);
        self.stock.add_peer(peer, best, number);
    }

    fn remove_peer(&mut self, peer: &PeerId) {
        // A peer that rests is not one that left during a request.
        if self.has_few_peers() && self.peers.contains(peer) {
            self.rest(peer);
        }
        self.stock.remove_peer(peer);
        self.peers.remove(peer);
    }

    fn on_validated_block_announce(
        &mut self,
        is_best: bool,
        peer: PeerId,
        announce: &BlockAnnounce<Header>,
    ) -> Option<(Hash, u32)> {
        self.stock.on_validated_block_announce(is_best, peer, announce)
    }

    fn set_sync_fork_request(&mut self, peers: Vec<PeerId>, hash: &Hash, number: u32) {
        self.stock.set_sync_fork_request(peers, hash, number);
    }

    fn request_justification(&mut self, hash: &Hash, number: u32) {
        self.stock.request_justification(hash, number);
    }

    fn clear_justification_requests(&mut self) {
        self.stock.clear_justification_requests();
    }

    fn on_justification_import(&mut self, hash: Hash, number: u32, success: bool) {
        self.stock.on_justification_import(hash, number, success);
    }

    fn on_generic_response(
        &mut self,
        peer: &PeerId,
        key: StrategyKey,
        protocol: ProtocolName,
        answer: Box<dyn Any + Send>,
    ) {
        if key == BLOCKS && self.has_few_peers() && is_empty(&*answer) && !self.fills_gap() {
            log::debug!(target: "sync", "{peer} has none of the requested blocks");
            self.forget(peer);
        } else {
            self.stock.on_generic_response(peer, key, protocol, answer);
        }
    }

    fn on_blocks_processed(&mut self, imported: usize, count: usize, outcomes: Vec<(Outcome, Hash)>) {
        let outcomes = outcomes.into_iter().map(|(outcome, hash)| (self.judge(outcome, &hash), hash));
        let outcomes = outcomes.collect();
        self.stock.on_blocks_processed(imported, count, outcomes);
    }

    fn on_block_finalized(&mut self, hash: &Hash, number: u32) {
        self.stock.on_block_finalized(hash, number);
    }

    fn update_chain_info(&mut self, best: &Hash, number: u32) {
        self.stock.update_chain_info(best, number);
    }

    fn is_major_syncing(&self) -> bool {
        self.stock.is_major_syncing()
    }

    fn num_peers(&self) -> usize {
        self.stock.num_peers()
    }

    fn status(&self) -> SyncStatus<Block> {
        self.stock.status()
    }

    fn num_downloaded_blocks(&self) -> usize {
        self.stock.num_downloaded_blocks()
    }

    fn num_sync_requests(&self) -> usize {
        self.stock.num_sync_requests()
    }

    fn actions(
        &mut self,
        network: &NetworkServiceHandle,
    ) -> Result<Vec<SyncingAction<Block>>, sp_blockchain::Error> {
        let failed: Vec<PeerId> = self.failures.1.try_iter().collect();
        if self.has_few_peers() && !self.fills_gap() {
            failed.iter().for_each(|peer| self.forget(peer));
        }
        let actions = self.stock.actions(network)?;
        Ok(actions.into_iter().map(|action| self.watch(action)).collect())
    }
}

#[cfg(test)]
mod tests {
    use sc_network_common::sync::message::{Direction, FromBlock};

    use super::*;

    #[test]
    fn only_a_parent_off_the_canonical_chain_that_lost_its_state_was_excluded() {
        assert!(is_lost(&BlockStatus::InChainPruned, false));
        assert!(!is_lost(&BlockStatus::InChainPruned, true), "it is old");
        for status in [BlockStatus::InChainWithState, BlockStatus::Queued, BlockStatus::Unknown] {
            assert!(!is_lost(&status, false), "{status:?}");
        }
    }

    #[test]
    fn a_peer_lacks_blocks_if_it_answers_without_any_but_may_lack_a_justification() {
        let answer = |fields, blocks| {
            let from = FromBlock::Number(7);
            let request =
                BlockRequest::<Block> { id: 0, fields, from, direction: Direction::Ascending, max: Some(1) };
            let answer: Answer = (request, blocks);
            is_empty(&answer)
        };
        let block = || BlockData::<Block> {
            hash: Hash::zero(),
            header: None,
            body: None,
            indexed_body: None,
            receipt: None,
            message_queue: None,
            justification: None,
            justifications: None,
        };
        let fields = BlockAttributes::HEADER | BlockAttributes::JUSTIFICATION;
        assert!(answer(fields, Ok(vec![])));
        assert!(!answer(fields, Ok(vec![block()])));
        assert!(!answer(fields, Err(BlockResponseError::DecodeFailed("cut off".into()))));
        assert!(!answer(BlockAttributes::JUSTIFICATION, Ok(vec![])));
        assert!(!is_empty(&b"a state".to_vec()));
    }
}
