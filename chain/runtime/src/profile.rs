//! Values that follow from the pace of the chain.
//!
//! One item of genesis, `SubtensorModule.ChainProfile`, holds the length of a slot and whether the short durations of
//! test chains apply. The same code therefore serves a fast local chain (250 ms) and production pace (12 s). Every type
//! here is read by a pallet as a constant; a chain never changes its profile after genesis.

use crate::{
    constants::{BLOCK_START, BLOCK_WEIGHT, NORMAL_SHARE, TRANSACTION_WEIGHT, WEIGHT_PER_SLOT_MILLISECOND},
    Runtime,
};
use frame_support::{dispatch::DispatchClass, traits::Get};
use frame_system::limits::BlockWeights;
use myelin_economy::sessions::Sessions;
use pallet_network::{subnets::NetworkSettings, types::ChainPace};

/// The pace written at genesis.
pub fn pace() -> ChainPace {
    pallet_network::ChainProfile::<Runtime>::get()
}

/// Milliseconds between blocks.
pub struct SlotDuration;

impl Get<u64> for SlotDuration {
    fn get() -> u64 {
        pace().slot_ms
    }
}

/// Least milliseconds between the timestamps of two blocks: half a slot.
pub struct MinimumPeriod;

impl Get<u64> for MinimumPeriod {
    fn get() -> u64 {
        pace().slot_ms / 2
    }
}

/// Blocks in a session: one hour, or one minute on a fast chain, unless root or a vote set another length.
pub fn sessions() -> Sessions {
    NetworkSettings::<Runtime>::sessions()
}

/// Weight limits of a block, in proportion to its slot.
pub struct BlockLimits;

impl Get<BlockWeights> for BlockLimits {
    fn get() -> BlockWeights {
        let all = WEIGHT_PER_SLOT_MILLISECOND.saturating_mul(pace().slot_ms);
        let normal = NORMAL_SHARE * all;
        BlockWeights::builder()
            .base_block(BLOCK_WEIGHT)
            .for_class(DispatchClass::all(), |class| class.base_extrinsic = TRANSACTION_WEIGHT)
            .for_class(DispatchClass::Normal, |class| class.max_total = Some(normal))
            .for_class(DispatchClass::Operational, |class| {
                class.max_total = Some(all);
                class.reserved = Some(all.saturating_sub(normal));
            })
            .avg_block_initialization(BLOCK_START)
            .build_or_panic()
    }
}
