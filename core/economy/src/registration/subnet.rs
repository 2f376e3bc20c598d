//! The price of a subnet, its starting pool, and the subnet that gives way when there is no room.

use alloc::vec::Vec;

use myelin_units::{AlphaBalance, Block, NetUid, TaoBalance, I96F32, U64F64};

use crate::issuance::INITIAL_BLOCK_EMISSION_RAO;

/// Inputs of the price of creating a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockCost {
    /// `NetworkLastLockCost`: the price of the last creation; the minimum before the first.
    pub last_lock: TaoBalance,
    /// `NetworkMinLockCost`.
    pub min_lock: TaoBalance,
    /// Block of the last creation; 0 if there was none.
    pub last_block: Block,
    /// `NetworkLockReductionInterval`, in blocks.
    pub interval: u64,
    /// TAO emission per block in rao; a halving makes the price fall twice as fast.
    pub block_emission: u64,
}

impl LockCost {
    /// `max(last·m − ⌊last/interval'⌋·(now − last_block), min)` with m = 2, or 1 before the first creation, and
    /// interval' = ⌊interval · block_emission / 10⁹⌋. An interval' of 0 means no fall.
    pub fn at(&self, now: Block) -> TaoBalance {
        let fallen = self.per_block().saturating_mul(u128::from(now.saturating_sub(self.last_block)));
        let cost = u64::try_from(self.peak().saturating_sub(fallen)).unwrap_or(u64::MAX);
        TaoBalance::from_rao(cost).max(self.min_lock)
    }

    /// First block from `now` on in which a subnet costs no more than `limit`; `None` if it never does.
    pub fn at_most(&self, limit: TaoBalance, now: Block) -> Option<Block> {
        if self.at(now) <= limit {
            return Some(now);
        }
        if limit < self.min_lock {
            return None;
        }
        let above = self.peak().saturating_sub(limit.to_rao().into());
        let falls_for =
            above.checked_add(self.per_block())?.saturating_sub(1).checked_div(self.per_block())?;
        self.last_block.checked_add(u64::try_from(falls_for).ok()?)
    }

    /// The price in the block of the last creation, after it. In 128 bits the doubled price can't saturate.
    fn peak(&self) -> u128 {
        let last = u128::from(self.last_lock.to_rao());
        if self.last_block == 0 {
            last
        } else {
            last * 2
        }
    }

    /// Fall of the price per block.
    fn per_block(&self) -> u128 {
        let interval = u128::from(self.interval) * u128::from(self.block_emission)
            / u128::from(INITIAL_BLOCK_EMISSION_RAO);
        u128::from(self.last_lock.to_rao()).checked_div(interval).unwrap_or(0)
    }
}

/// The median of the positive prices, the mean of the middle two for an even count; 1 if there is none.
pub fn median_price(prices: &[U64F64]) -> U64F64 {
    let mut positive: Vec<U64F64> = prices.iter().copied().filter(|p| !p.is_zero()).collect();
    positive.sort_unstable();
    let middle = positive.len() / 2;
    match (positive.get(middle), positive.len() % 2) {
        (None, _) => U64F64::ONE,
        (Some(upper), 0) => {
            let lower = middle.checked_sub(1).and_then(|i| positive.get(i)).unwrap_or(upper);
            // Through the difference, so that the sum of two large prices does not saturate and no bit is lost.
            *lower + (*upper - *lower) * U64F64::from_ratio(1, 2)
        }
        (Some(price), _) => *price,
    }
}

/// Reserves of a new subnet: TAO = max(paid, minimum lock cost), alpha = ⌊TAO / median spot price⌋ of the existing
/// subnets.
pub fn founding_pool(
    paid: TaoBalance,
    min_lock: TaoBalance,
    prices: &[U64F64],
) -> (TaoBalance, AlphaBalance) {
    let tao = paid.max(min_lock);
    let alpha = U64F64::from_int(tao.to_rao()).safe_div(median_price(prices)).floor_u64();
    (tao, AlphaBalance::from_rao(alpha))
}

/// A subnet as pruning sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrunableSubnet {
    /// Its number; never the root network.
    pub netuid: NetUid,
    /// `NetworkRegisteredAt`.
    pub registered_at: Block,
    /// `SubnetMovingPrice`.
    pub moving_price: I96F32,
}

/// The subnet that gives way to a new one: the lowest moving price among those older than `immunity` blocks
/// (`NetworkImmunityPeriod`), ties by earliest registration, then by the order given. `None` if all are immune.
pub fn choose_subnet_to_prune(subnets: &[PrunableSubnet], now: Block, immunity: u64) -> Option<NetUid> {
    subnets
        .iter()
        .filter(|s| s.netuid != myelin_units::ROOT)
        .filter(|s| now.checked_sub(s.registered_at).is_some_and(|age| age >= immunity))
        .min_by_key(|s| (s.moving_price, s.registered_at))
        .map(|s| s.netuid)
}
