//! Rubrics of a mechanism of a subnet: the rubric in force at a block, and the announced one.

use myelin_abi::calls::subtensor::AnnounceRubric;
use myelin_abi::{RubricChange, RubricTimeline};

use crate::{ChainClient, ChainError, Hash, Result};

/// The rubrics by which a mechanism judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RubricStatus {
    /// The block that this status describes.
    pub block: u64,
    /// The rubric in force in that block, with its first block; `None` if none was ever announced.
    pub in_force: Option<RubricChange>,
    /// The announced rubric, with the block from which it will be in force.
    pub announced: Option<RubricChange>,
}

impl ChainClient {
    /// The rubrics of a mechanism at a block; the best one by default.
    ///
    /// Fails on a chain that keeps no rubrics, as official ones do not.
    pub async fn rubric(&self, netuid: u16, mechanism: u8, at: Option<Hash>) -> Result<RubricStatus> {
        if !self.offers::<AnnounceRubric>().await {
            return Err(ChainError::NotFound("this chain keeps no rubrics of subnets".into()));
        }
        let at = match at {
            Some(hash) => hash,
            None => self.best_block().await?.hash,
        };
        let block: Option<u32> = self.storage("System", "Number", &[], Some(at)).await?;
        let block = u64::from(block.unwrap_or_default());
        let keys = [netuid.into(), u16::from(mechanism).into()];
        let timeline: Option<RubricTimeline> =
            self.storage("SubtensorModule", "SubnetRubrics", &keys, Some(at)).await?;
        let in_force = timeline.as_ref().map(|timeline| timeline.in_force(block).clone());
        let announced = timeline.as_ref().and_then(|timeline| timeline.announced(block).cloned());
        Ok(RubricStatus { block, in_force, announced })
    }

    /// First block in which the owner may change a rubric that a vote decided; 0 if none did.
    pub async fn rubric_bond(&self, netuid: u16, mechanism: u8) -> Result<u64> {
        let keys = [netuid.into(), u16::from(mechanism).into()];
        self.value("SubtensorModule", "RubricBond", &keys).await
    }
}
