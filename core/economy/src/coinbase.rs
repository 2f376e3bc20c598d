//! One block's emission over all eligible subnets, from reserves to reserves.
//!
//! [`emit`] takes the state of each eligible subnet and returns the changes: reserves, weights, outstanding alpha,
//! pots. The caller applies [`SubnetEmission`]s in the order given and settles the TAO: everything minted is either
//! placed in a pool or recycled, to the rao.

use alloc::vec::Vec;

use myelin_units::{AlphaBalance, TaoBalance, U64F64, U96F32};

use crate::emission::{
    block_pots, plan_injection, root_proportion, root_sell_flag, tao_shares, BlockPots, ShareInput,
};
use crate::issuance::alpha_block_emission;
use crate::pool::{price_from_rao, Fee, Market, QuoteWeight, Terms, MAX_PRICE_RAO};

/// An eligible subnet before the block's emission. A subnet other than root is eligible after its start call, while its
/// subtoken is enabled and registration is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubnetState {
    /// Its exchange: `Market::Dynamic` with `SubnetTAO`, `SubnetAlphaIn` and the balancer weight, or stable.
    pub market: Market,
    /// `SubnetAlphaIn`, also where the exchange is stable.
    pub alpha_in: AlphaBalance,
    /// `SubnetAlphaOut`.
    pub alpha_out: AlphaBalance,
    /// Inputs of the subnet's share of TAO.
    pub share: ShareInput,
    /// `SubnetOwnerCut` if `OwnerCutEnabled`.
    pub owner_cut: Option<u16>,
}

/// Global inputs of a block's emission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockInput {
    /// TAO minted for this block, see [`crate::issuance::tao_block_emission`].
    pub tao_emission: TaoBalance,
    /// `SubnetTAO[root]`.
    pub root_tao: TaoBalance,
    /// `TaoWeight` on the u64 scale.
    pub tao_weight: u64,
}

/// Changes of one subnet in one block. Every amount is a difference to add, except `weight`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubnetEmission {
    /// TAO and alpha added to the pool without a swap: `SubnetTaoInEmission`, `SubnetAlphaInEmission`.
    pub tao_in: TaoBalance,
    /// See `tao_in`.
    pub alpha_in: AlphaBalance,
    /// TAO spent on a chain buy (`SubnetExcessTao`); it enters the pool's TAO reserve.
    pub excess_tao: TaoBalance,
    /// Alpha bought with `excess_tao`: it leaves `SubnetAlphaIn` and enters `SubnetAlphaOut` and `SubnetProtocolAlpha`.
    /// Where there is no pool (`weight` is `None`), it is minted instead of leaving `SubnetAlphaIn`.
    pub alpha_bought: AlphaBalance,
    /// The balancer weight afterwards; `None` where there is no pool.
    pub weight: Option<QuoteWeight>,
    /// Alpha minted to `SubnetAlphaOut` (`SubnetAlphaOutEmission`), before `pots.recycled` is taken out again.
    pub alpha_out: AlphaBalance,
    /// Division of `alpha_out`.
    pub pots: BlockPots,
}

/// A block's emission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockEmission {
    /// One entry per subnet, in the order given.
    pub subnets: Vec<SubnetEmission>,
    /// Minted TAO that no pool could take; the total issuance falls by this amount again.
    pub recycled: TaoBalance,
}

/// Emits one block to all eligible subnets.
pub fn emit(input: &BlockInput, subnets: &[SubnetState]) -> BlockEmission {
    let shares: Vec<ShareInput> = subnets.iter().map(|s| s.share).collect();
    let prices: Vec<U64F64> = shares.iter().map(|s| s.moving_price).collect();
    let root_sells = root_sell_flag(&prices);
    let emission = U96F32::from_int(input.tao_emission.to_rao());
    let mut unplaced = input.tao_emission;
    let emitted = subnets
        .iter()
        .zip(tao_shares(&shares))
        .map(|(subnet, share)| {
            // Shares are floored, so they never add up to more than the emission; `unplaced` bounds them all the same.
            let tao = (emission * share.cast()).min(U96F32::from_int(unplaced.to_rao()));
            let change = emit_to(subnet, input, tao, root_sells);
            unplaced = unplaced.saturating_sub(change.tao_in).saturating_sub(change.excess_tao);
            change
        })
        .collect();
    BlockEmission { subnets: emitted, recycled: unplaced }
}

fn emit_to(subnet: &SubnetState, input: &BlockInput, tao: U96F32, root_sells: bool) -> SubnetEmission {
    let minted = alpha_block_emission(subnet.alpha_in, subnet.alpha_out);
    let issuance = subnet.alpha_in.saturating_add(subnet.alpha_out);
    let before = root_proportion(input.root_tao, input.tao_weight, issuance);
    let mut plan = plan_injection(tao, minted, subnet.market.price(), before);

    let (bought, weight) = match subnet.market {
        Market::Dynamic(pool) => {
            // The weights move first; the chain buy then trades on the old reserves with the new weights.
            let mut reweighted = pool;
            match pool.weight_after_injection(plan.tao_in, plan.alpha_in) {
                Some(weight) => reweighted.weight = weight,
                None => (plan.tao_in, plan.alpha_in) = (TaoBalance::ZERO, AlphaBalance::ZERO),
            }
            let terms = Terms { fee: Fee::NONE, limit: Some(price_from_rao(MAX_PRICE_RAO)) };
            let buy =
                if plan.excess_tao.is_zero() { None } else { reweighted.buy(plan.excess_tao, terms).ok() };
            plan.excess_tao = buy.map_or(TaoBalance::ZERO, |trade| trade.amount_in);
            (buy.map_or(AlphaBalance::ZERO, |trade| trade.amount_out), Some(reweighted.weight))
        }
        // Alpha is TAO here: the alpha bought is minted 1:1 and held by the network.
        Market::Stable => (AlphaBalance::from_rao(plan.excess_tao.to_rao()), None),
    };

    // A buy moves alpha from the pool to the outstanding alpha; without a pool it creates new alpha.
    let bought_new = if weight.is_some() { AlphaBalance::ZERO } else { bought };
    let after = issuance.saturating_add(plan.alpha_in).saturating_add(minted).saturating_add(bought_new);
    let after = root_proportion(input.root_tao, input.tao_weight, after);
    SubnetEmission {
        tao_in: plan.tao_in,
        alpha_in: plan.alpha_in,
        excess_tao: plan.excess_tao,
        alpha_bought: bought,
        weight,
        alpha_out: minted,
        pots: block_pots(minted, subnet.owner_cut, after, root_sells),
    }
}

#[cfg(test)]
mod tests;
