//! Division of a block's TAO and alpha, subnet by subnet.
//!
//! TAO is divided among subnets by their moving price, lowered by the part of miner emission that owners kept to
//! themselves ([`tao_shares`]). A subnet's part enters its pool together with alpha at the current price as far as the
//! root proportion allows; the rest buys alpha ([`plan_injection`]). Alpha is minted to owner, miners, validators and
//! root stakers ([`block_pots`]).

use alloc::vec::Vec;

use myelin_units::{AlphaBalance, Block, PerBillion, TaoBalance, I96F32, U64F64, U96F32};

use crate::childkeys::proportion;
use crate::pool::Price;

/// Inputs of a subnet's share of the block's TAO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareInput {
    /// `SubnetMovingPrice`; 1 for stable subnets.
    pub moving_price: U64F64,
    /// `MinerBurned`: the fraction of the last tempo's miner emission that was withheld from the owner's hotkeys.
    pub miner_burned: U64F64,
    /// `SubnetEmissionEnabled`.
    pub enabled: bool,
}

/// Shares of the block's TAO, one per eligible subnet; they add up to 1 up to rounding, or all are 0.
///
/// q = p/Σp, w = q·(1 − min(burned, 1)), share = w/Σw, or q if all w are 0. Disabled subnets then get 0 and the
/// others share/Σ(enabled shares).
pub fn tao_shares(subnets: &[ShareInput]) -> Vec<U64F64> {
    let prices: U64F64 = subnets.iter().map(|s| s.moving_price).sum();
    let by_price: Vec<U64F64> = subnets.iter().map(|s| s.moving_price.safe_div(prices)).collect();
    let weights: Vec<U64F64> = subnets
        .iter()
        .zip(&by_price)
        .map(|(s, q)| *q * (U64F64::ONE - s.miner_burned.min(U64F64::ONE)))
        .collect();
    let total: U64F64 = weights.iter().copied().sum();
    let shares = if total.is_zero() { by_price } else { weights.iter().map(|w| w.safe_div(total)).collect() };
    if subnets.iter().all(|s| s.enabled) {
        return shares;
    }
    let enabled = |(s, share): (&ShareInput, &U64F64)| if s.enabled { *share } else { U64F64::ZERO };
    let total: U64F64 = subnets.iter().zip(&shares).map(enabled).sum();
    subnets.iter().zip(&shares).map(enabled).map(|share| share.safe_div(total)).collect()
}

/// [`tao_shares`] in billionths, each rounded down: the parts by which subnets count in the election of authorities.
pub fn tao_parts(subnets: &[ShareInput]) -> Vec<PerBillion> {
    let whole = U64F64::from_int(u64::from(PerBillion::ONE.parts()));
    let part = |share: U64F64| u32::try_from((share * whole).floor_u64()).unwrap_or(u32::MAX);
    tao_shares(subnets).into_iter().map(|share| PerBillion::from_parts(part(share))).collect()
}

/// The moving price of a subnet at the end of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MovingPrice {
    /// `SubnetMovingAlpha`.
    pub alpha: I96F32,
    /// `EMAPriceHalvingBlocks`.
    pub halving_blocks: u64,
    /// `FirstEmissionBlockNumber`.
    pub first_emission_block: Block,
    /// The current block.
    pub block: Block,
}

impl MovingPrice {
    /// `a·min(spot, 1) + (1 − a)·old` with a = alpha·N/(N + halving_blocks), N = block − (first_emission_block − 1): a
    /// young subnet's price moves slowly, and no price counts for more than 1 TAO.
    pub fn next(&self, old: I96F32, spot: Price) -> I96F32 {
        let age = self.block.saturating_sub(self.first_emission_block.saturating_sub(1));
        let maturity = I96F32::from_ratio(age, i128_sum(age, self.halving_blocks));
        let a = self.alpha * maturity;
        a * spot.min(U64F64::ONE).cast() + (I96F32::ONE - a) * old
    }
}

fn i128_sum(a: u64, b: u64) -> i128 {
    i128::from(a) + i128::from(b)
}

/// Root proportion ρ = w/(w + alpha issuance), w = `SubnetTAO[root]` · tao_weight; 0 if both are 0.
///
/// `tao_weight` is `TaoWeight` on the u64 scale; the alpha issuance is pool plus outstanding.
pub fn root_proportion(root_tao: TaoBalance, tao_weight: u64, alpha_issuance: AlphaBalance) -> U96F32 {
    let weight = U96F32::from_int(root_tao.to_rao()) * proportion(tao_weight);
    weight.safe_div(weight + U96F32::from_int(alpha_issuance.to_rao()))
}

/// Whether root stakers receive alpha dividends: whether the moving prices of the eligible subnets add up to more
/// than one.
pub fn root_sell_flag(moving_prices: &[U64F64]) -> bool {
    moving_prices.iter().copied().sum::<U64F64>() > U64F64::ONE
}

/// Uses of a subnet's part of the block's TAO.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Injection {
    /// TAO that enters the pool.
    pub tao_in: TaoBalance,
    /// Alpha that is minted into the pool.
    pub alpha_in: AlphaBalance,
    /// TAO that the network buys alpha with.
    pub excess_tao: TaoBalance,
}

/// Splits a subnet's TAO between injection and chain buys.
///
/// alpha_in = tao/price, at most ρ·alpha_emission; above the cap tao_in = cap·price and the excess is spent on alpha.
/// All amounts are floored at the end.
pub fn plan_injection(
    tao: U96F32,
    alpha_emission: AlphaBalance,
    price: Price,
    root_proportion: U96F32,
) -> Injection {
    let price: U96F32 = price.cast();
    let wanted = tao.safe_div(price);
    let cap = root_proportion * U96F32::from_int(alpha_emission.to_rao());
    let (alpha_in, tao_in) = if wanted > cap { (cap, cap * price) } else { (wanted, tao) };
    // Flooring both parts loses up to 1 rao more than flooring the whole would; never the other way round.
    Injection {
        tao_in: TaoBalance::from_rao(tao_in.floor_u64()),
        alpha_in: AlphaBalance::from_rao(alpha_in.floor_u64()),
        excess_tao: TaoBalance::from_rao((tao - tao_in).floor_u64()),
    }
}

/// A block's alpha of one subnet, divided by the receivers that the epoch will pay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockPots {
    /// For the subnet's owner.
    pub owner_cut: AlphaBalance,
    /// For miners.
    pub server: AlphaBalance,
    /// For validators and their nominators.
    pub validator: AlphaBalance,
    /// For root stakers.
    pub root: AlphaBalance,
    /// The root part where root stakers receive nothing: taken out of the outstanding alpha again.
    pub recycled: AlphaBalance,
}

impl BlockPots {
    /// The alpha that the floors left undivided.
    pub fn left_of(&self, alpha_emission: AlphaBalance) -> AlphaBalance {
        [self.owner_cut, self.server, self.validator, self.root, self.recycled]
            .into_iter()
            .fold(alpha_emission, AlphaBalance::saturating_sub)
    }
}

/// Splits a block's alpha A: cut = A·owner_cut/65535 if there is one, R = A − cut, root = ρ·R/2, server = R/2,
/// validator = R − server − root; each floored. `root_proportion` is taken after A was minted.
pub fn block_pots(
    alpha_emission: AlphaBalance,
    owner_cut: Option<u16>,
    root_proportion: U96F32,
    root_sells: bool,
) -> BlockPots {
    let emission = U96F32::from_int(alpha_emission.to_rao());
    let half = U96F32::from_ratio(1, 2);
    let cut = owner_cut.map_or(U96F32::ZERO, |cut| emission * U96F32::from_u16_unit(cut));
    let rest = emission - cut;
    let root = root_proportion.min(U96F32::ONE) * rest * half;
    let server = rest * half;
    let validator = rest - server - root;
    let floor = |amount: U96F32| AlphaBalance::from_rao(amount.floor_u64());
    let (root, recycled) =
        if root_sells { (floor(root), AlphaBalance::ZERO) } else { (AlphaBalance::ZERO, floor(root)) };
    BlockPots { owner_cut: floor(cut), server: floor(server), validator: floor(validator), root, recycled }
}

#[cfg(test)]
mod tests;
