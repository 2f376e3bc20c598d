//! A subnet as miners and validators see it, at one block, shared by the clones of a client.
//!
//! A program that serves many neurons of a subnet asks the node for each block once, and not once for each neuron.

use std::sync::Arc;
use std::time::{Duration, Instant};

use myelin_units::storage_index;
use tokio::sync::Mutex;

use crate::{ChainClient, Hash, Metagraph, Result};

/// A subnet at one block: its neurons, its clock, its rules for weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Hash of the block.
    pub at: Hash,
    /// The neurons.
    pub graph: Metagraph,
    /// Blocks between two epochs.
    pub tempo: u16,
    /// Block of the last epoch.
    pub epoch_start: u64,
    /// Epochs that the subnet has run.
    pub epoch: u64,
    /// Version that weights must carry.
    pub version_key: u64,
    /// Blocks of the neurons' last weights: for each mechanism that is switched on, by uid.
    pub updates: Vec<Vec<u64>>,
}

/// The newest snapshot of a subnet that was read.
pub(crate) struct Newest {
    read: Instant,
    snapshot: Arc<Snapshot>,
}

/// A subnet's newest snapshot. The one that reads it holds the lock, so that others wait for the answer.
pub(crate) type Known = Arc<Mutex<Option<Newest>>>;

impl ChainClient {
    /// The subnet at a block, or at the best one.
    pub async fn snapshot(&self, netuid: u16, at: Option<Hash>) -> Result<Arc<Snapshot>> {
        let best = match at {
            Some(at) => at,
            None => self.best_block().await?.hash,
        };
        let known = self.known(netuid).await;
        let mut newest = known.lock().await;
        if let Some(known) = newest.as_ref().filter(|known| known.snapshot.at == best) {
            return Ok(known.snapshot.clone());
        }
        if at.is_some() {
            // An old block must not take the place of a newer one.
            drop(newest);
            return Ok(Arc::new(self.read_snapshot(netuid, best).await?));
        }
        self.renew(netuid, best, &mut newest).await
    }

    /// The subnet as it was read within the time `age`, or at the best block if no clone has read it since.
    pub async fn recent_snapshot(&self, netuid: u16, age: Duration) -> Result<Arc<Snapshot>> {
        let known = self.known(netuid).await;
        let mut newest = known.lock().await;
        if let Some(known) = newest.as_ref().filter(|known| known.read.elapsed() < age) {
            return Ok(known.snapshot.clone());
        }
        let best = self.best_block().await?.hash;
        self.renew(netuid, best, &mut newest).await
    }

    async fn known(&self, netuid: u16) -> Known {
        self.inner.snapshots.lock().await.entry(netuid).or_default().clone()
    }

    async fn renew(&self, netuid: u16, at: Hash, newest: &mut Option<Newest>) -> Result<Arc<Snapshot>> {
        // The time before the first request: what is read may be as old as that.
        let read = Instant::now();
        let snapshot = Arc::new(self.read_snapshot(netuid, at).await?);
        *newest = Some(Newest { read, snapshot: snapshot.clone() });
        Ok(snapshot)
    }

    /// Reads all parts at one block, so that they fit together.
    async fn read_snapshot(&self, netuid: u16, hash: Hash) -> Result<Snapshot> {
        const PALLET: &str = "SubtensorModule";
        let (at, keys) = (Some(hash), [netuid.into()]);
        let tempo: Option<u16> = self.storage(PALLET, "Tempo", &keys, at).await?;
        let epoch_start: Option<u64> = self.storage(PALLET, "LastEpochBlock", &keys, at).await?;
        let epoch: Option<u64> = self.storage(PALLET, "SubnetEpochIndex", &keys, at).await?;
        let version_key: Option<u64> = self.storage(PALLET, "WeightsVersionKey", &keys, at).await?;
        let mechanisms: Option<u8> = self.storage(PALLET, "MechanismCountCurrent", &keys, at).await?;
        let mut updates = Vec::new();
        for mechanism in 0..mechanisms.unwrap_or(1) {
            let index = storage_index(netuid, mechanism).into();
            let blocks: Option<Vec<u64>> = self.storage(PALLET, "LastUpdate", &[index], at).await?;
            updates.push(blocks.unwrap_or_default());
        }
        Ok(Snapshot {
            at: hash,
            graph: self.metagraph(netuid, at).await?,
            tempo: tempo.unwrap_or_default(),
            epoch_start: epoch_start.unwrap_or_default(),
            epoch: epoch.unwrap_or_default(),
            version_key: version_key.unwrap_or_default(),
            updates,
        })
    }
}
