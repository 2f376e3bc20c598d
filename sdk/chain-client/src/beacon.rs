//! The beacon of the authors of blocks, as far as validators and auditors need it.

use myelin_wire::{
    beacon::{is_strict, settling, Source, Value},
    evidence::draw_block,
};

use crate::{ChainClient, ChainError, Hash, Result};

const PALLET: &str = "Beacon";

impl ChainClient {
    /// First block of the strict rules of the beacon, in the state of a block (the best one by default). `None` on
    /// chains without such rules.
    pub async fn strict_from(&self, at: Option<Hash>) -> Result<Option<u64>> {
        let is_known = {
            let runtime = self.runtime().await;
            let pallet = runtime.at.metadata_ref().pallet_by_name(PALLET);
            let storage = pallet.as_ref().and_then(|pallet| pallet.storage());
            storage.is_some_and(|storage| storage.entry_by_name("StrictFrom").is_some())
        };
        if !is_known {
            return Ok(None);
        }
        Ok(self.storage::<u32>(PALLET, "StrictFrom", &[], at).await?.map(u64::from))
    }

    /// The beacon's value of a final block, if seeds over the block are drawn from it; `None` if they are drawn from
    /// the block's hash. See [`seed_source`](myelin_wire::beacon::seed_source).
    ///
    /// # Errors
    /// `NotFound` if the node has forgotten the value: the state of the best block has those of the last 4,096 blocks,
    /// and archive nodes have them all.
    pub async fn seed_value(&self, block: u64) -> Result<Option<Value>> {
        let strict_from = self.strict_from(None).await?;
        self.value_under(strict_from, block).await
    }

    /// The same where the strict rules hold from a block on.
    async fn value_under(&self, strict_from: Option<u64>, block: u64) -> Result<Option<Value>> {
        if !is_strict(strict_from, block) {
            return Ok(None);
        }
        let best = self.best_block().await?.hash;
        if let Some(value) = self.beacon_value(block, Some(best)).await? {
            return Ok(Some(value));
        }
        let then = self.block_hash(block).await?;
        let value = self.beacon_value(block, Some(then)).await.ok().flatten();
        let forgotten = || {
            ChainError::NotFound(format!(
                "the node forgot the beacon's value of block {block}; ask an archive node"
            ))
        };
        value.map(Some).ok_or_else(forgotten)
    }

    /// Contribution of a final block to the seeds that are drawn over it.
    ///
    /// # Errors
    /// Those of [`Self::seed_value`], and `NotFound` if the chain has no such block.
    pub async fn seed_source(&self, block: u64) -> Result<Source> {
        let then = Some(self.block_hash(block).await?);
        let strict_from = self.strict_from(then).await?;
        let value = self.value_under(strict_from, block).await?;
        Ok(Source { value, settling: settling(strict_from, block, self.block_authors(then).await?) })
    }

    /// Randomness that draws the samples of proofs in the epoch that `began` in a block, in the state of a block;
    /// `None` as long as it is not known.
    pub async fn proof_randomness(&self, netuid: u16, began: u64, at: Hash) -> Result<Option<Value>> {
        let at = Some(at);
        let tempo: Option<u16> = self.storage("SubtensorModule", "Tempo", &[netuid.into()], at).await?;
        let authors = self.block_authors(at).await?;
        let drawn = draw_block(began, tempo.unwrap_or_default(), authors, self.strict_from(at).await?);
        self.beacon_value(drawn, at).await
    }

    /// Number of the authorities that write blocks in turn.
    async fn block_authors(&self, at: Option<Hash>) -> Result<u32> {
        let authorities: Option<Vec<[u8; 32]>> = self.storage("Aura", "Authorities", &[], at).await?;
        Ok(authorities.map_or(0, |authorities| authorities.len() as u32))
    }

    async fn beacon_value(&self, block: u64, at: Option<Hash>) -> Result<Option<Value>> {
        self.storage(PALLET, "Values", &[block.into()], at).await
    }
}
