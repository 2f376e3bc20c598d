//! Reports of authors that sign two blocks for one slot.
//!
//! A node imports the blocks of all forks, and so sees both. The node of an author hands a report to its own pool,
//! without a signature, and puts it into a block that it writes (`myelin_election::equivocation`). Double votes of
//! finality need no watcher: GRANDPA's voter finds them, and hands them in by the runtime's `GrandpaApi`.
//!
//! The chain decides whether a report holds. Here only slots and hashes are compared.

use crate::service::FullClient;
use futures::StreamExt;
use myelin_runtime::{api_traits::OffenceRuntimeApi, opaque::Block, Header};
use pallet_myelin_election::{RootedHeader, MOST_BETWEEN};
use sc_client_api::BlockchainEvents;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::{ApiExt, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus_aura::sr25519::AuthoritySignature;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// Slots whose blocks are remembered.
const SLOTS: usize = 1_024;
/// Blocks that are remembered of a slot.
const BLOCKS_OF_SLOT: usize = 4;
/// Pairs that wait for another try.
const PAIRS: usize = 16;
/// Blocks in which a pair is tried. The chain may know the slot, or the parent of a header, one block later.
const TRIES: u8 = 8;

/// Two blocks for one slot.
struct Pair {
    slot: u64,
    headers: [Header; 2],
    tries: u8,
}

/// Headers of the last slots.
#[derive(Default)]
struct Seen(BTreeMap<u64, Vec<Header>>);

impl Seen {
    /// Remembers a header. Returns those for the same slot that were seen before.
    fn note(&mut self, slot: u64, header: &Header) -> Vec<Header> {
        let known = self.0.entry(slot).or_default();
        if known.contains(header) || known.len() >= BLOCKS_OF_SLOT {
            return Vec::new();
        }
        let others = known.clone();
        known.push(header.clone());
        if self.0.len() > SLOTS {
            self.0.pop_first();
        }
        others
    }
}

/// Watches the blocks that this node imports, and reports authors that sign two for one slot.
pub async fn watch(client: Arc<FullClient>, pool: OffchainTransactionPoolFactory<Block>) {
    // Also those that a sync brings after a division of the network.
    let mut blocks = client.every_import_notification_stream();
    let (mut seen, mut pairs) = (Seen::default(), VecDeque::new());
    while let Some(block) = blocks.next().await {
        let Ok(slot) = sc_consensus_aura::find_pre_digest::<Block, AuthoritySignature>(&block.header) else {
            continue;
        };
        let others = seen.note(*slot, &block.header);
        let pair = |other| Pair { slot: *slot, headers: [other, block.header.clone()], tries: TRIES };
        pairs.extend(others.into_iter().map(pair));
        let surplus = pairs.len().saturating_sub(PAIRS);
        pairs.drain(..surplus);
        pairs.retain_mut(|pair| !is_done(&client, &pool, pair));
    }
}

/// Tries to hand in a pair. Returns whether nothing is left to try.
fn is_done(client: &Arc<FullClient>, pool: &OffchainTransactionPoolFactory<Block>, pair: &mut Pair) -> bool {
    let [first, second] = &pair.headers;
    match report(client, pool, [first, second]) {
        Ok(true) => {
            let (first, second) = (first.hash(), second.hash());
            log::warn!(
                "the author of slot {} signed two blocks, {first:?} and {second:?}, and is reported",
                pair.slot
            );
            true
        }
        Ok(false) => {
            pair.tries = pair.tries.saturating_sub(1);
            if pair.tries == 0 {
                log::info!(
                    "the author of slot {} signed two blocks, and is not reported: the chain knows the offence, or a \
                     block is on a fork of more than {MOST_BETWEEN}",
                    pair.slot
                );
            }
            pair.tries == 0
        }
        Err(problem) => {
            log::debug!("two blocks of slot {} cannot be reported: {problem}", pair.slot);
            true
        }
    }
}

/// Hands a report to the pool. Returns whether the pool took it.
fn report(
    client: &Arc<FullClient>,
    pool: &OffchainTransactionPoolFactory<Block>,
    headers: [&Header; 2],
) -> Result<bool, String> {
    let best = client.info().best_hash;
    let [Some(first), Some(second)] = headers.map(|header| rooted(client, header)) else { return Ok(false) };
    let mut api = client.runtime_api();
    api.register_extension(pool.offchain_transaction_pool(best));
    let taken = api.submit_report_blocks(best, first, second).map_err(|error| error.to_string())?;
    Ok(taken.is_some())
}

/// A header with those between it and the best chain; `None` if there are too many.
fn rooted(client: &Arc<FullClient>, header: &Header) -> Option<RootedHeader<Header>> {
    let (mut at, mut between) = (header.clone(), Vec::new());
    while client.hash(at.number.checked_sub(1)?).ok()? != Some(at.parent_hash) {
        if between.len() == MOST_BETWEEN {
            return None;
        }
        at = client.header(at.parent_hash).ok()??;
        between.push(at.clone());
    }
    Some(RootedHeader { header: header.clone(), between })
}

#[cfg(test)]
mod tests {
    use sp_runtime::traits::Header as _;

    use super::*;

    fn header(content: u8) -> Header {
        Header::new(7, Default::default(), [content; 32].into(), Default::default(), Default::default())
    }

    #[test]
    fn a_second_block_for_a_slot_is_found_once() {
        let mut seen = Seen::default();
        assert!(seen.note(5, &header(1)).is_empty() && seen.note(6, &header(2)).is_empty());
        assert!(seen.note(5, &header(1)).is_empty(), "the same block again");
        assert_eq!(seen.note(5, &header(3)), [header(1)]);
        assert!(seen.note(5, &header(3)).is_empty());
        assert_eq!(seen.note(5, &header(4)), [header(1), header(3)]);
    }

    #[test]
    fn few_slots_and_few_blocks_of_each_are_remembered() {
        let mut seen = Seen::default();
        for content in 0..=u8::MAX {
            seen.note(0, &header(content));
        }
        assert_eq!(seen.0[&0].len(), BLOCKS_OF_SLOT);
        for slot in 0..3 * SLOTS as u64 {
            seen.note(slot, &header(1));
        }
        assert_eq!(seen.0.len(), SLOTS);
        assert_eq!(seen.0.keys().next(), Some(&(2 * SLOTS as u64)));
    }
}
