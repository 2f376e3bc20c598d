//! A block's emission over all subnets.

use myelin_economy::coinbase::{BlockEmission, BlockInput, SubnetEmission, SubnetState};
use myelin_economy::emission::{BlockPots, MovingPrice, ShareInput};
use myelin_economy::pool::{Market, QuoteWeight, Rounding, Side};
use myelin_units::{I96F32, U64F64 as Fixed};
use num_bigint::BigInt;

use super::number::{
    exact, fraction, i96f32, is_zero, proportion, rao, rao_of, whole, Exact, Format,
    Format::{U64F64, U96F32},
};
use super::pool::Reserves;

const CAP: u64 = 21_000_000_000_000_000;

/// 10⁹ >> k, where the k-th halving happens at an issuance of 21·10¹⁵·(1 − 2⁻ᵏ) rao; 0 from k = 30 and from the cap on.
pub fn block_emission(issuance: u64) -> u64 {
    if issuance >= CAP {
        return 0;
    }
    let reached = |k: u32| whole(issuance) >= whole(CAP) * (whole(1) - fraction(1, BigInt::from(1) << k));
    let halvings = (1..=64).take_while(|&k| reached(k)).count();
    rao(&fraction(1_000_000_000, BigInt::from(1) << halvings))
}

/// p_i/Σp, lowered by the burned part, renormalised, without disabled subnets.
pub fn tao_shares(subnets: &[ShareInput]) -> Vec<Exact> {
    let p: Vec<Exact> = subnets.iter().map(|s| exact(s.moving_price)).collect();
    let total = U64F64.sum(&p);
    let q: Vec<Exact> = p.iter().map(|p| U64F64.div(p, &total)).collect();
    let unburned = |s: &ShareInput| whole(1) - exact(s.miner_burned).min(whole(1));
    let w: Vec<Exact> = subnets.iter().zip(&q).map(|(s, q)| U64F64.mul(q, &unburned(s))).collect();
    let total = U64F64.sum(&w);
    let shares = if is_zero(&total) { q } else { w.iter().map(|w| U64F64.div(w, &total)).collect() };
    if subnets.iter().all(|s| s.enabled) {
        return shares;
    }
    let kept: Vec<Exact> =
        subnets.iter().zip(shares).map(|(s, share)| if s.enabled { share } else { whole(0) }).collect();
    let total = U64F64.sum(&kept);
    kept.iter().map(|share| U64F64.div(share, &total)).collect()
}

/// a·min(spot, 1) + (1 − a)·old with a = alpha·N/(N + halving), N = b − (first emission block − 1).
pub fn next_moving_price(rule: &MovingPrice, old: I96F32, spot: Fixed) -> I96F32 {
    let format = Format::I96F32;
    let first: BigInt = BigInt::from(rule.first_emission_block) - 1;
    let n = (BigInt::from(rule.block) - first.max(BigInt::ZERO)).max(BigInt::ZERO);
    let maturity = format.div(&whole(n.clone()), &whole(n + rule.halving_blocks));
    let a = format.mul(&exact(rule.alpha), &maturity);
    let capped = format.floor(&exact(spot).min(whole(1)));
    let kept = format.mul(&format.sub(&whole(1), &a), &exact(old));
    i96f32(&format.add(&format.mul(&a, &capped), &kept))
}

/// w/(w + alpha issuance), w = root TAO · tao_weight.
fn root_proportion(input: &BlockInput, issuance: u64) -> Exact {
    let w = U96F32.mul(&whole(input.root_tao.to_rao()), &proportion(input.tao_weight));
    U96F32.div(&w, &U96F32.add(&w, &whole(issuance)))
}

/// One block.
pub fn emit(input: &BlockInput, subnets: &[SubnetState]) -> BlockEmission {
    let share_inputs: Vec<ShareInput> = subnets.iter().map(|s| s.share).collect();
    let prices: Vec<Exact> = subnets.iter().map(|s| exact(s.share.moving_price)).collect();
    let root_sells = U64F64.sum(&prices) > whole(1);
    let mut left = BigInt::from(input.tao_emission.to_rao());
    let mut changes = Vec::new();
    for (subnet, share) in subnets.iter().zip(tao_shares(&share_inputs)) {
        let tao = U96F32.mul(&whole(input.tao_emission.to_rao()), &U96F32.floor(&share));
        let change = emit_to(subnet, input, tao.min(whole(left.clone())), root_sells);
        left -= change.tao_in.to_rao();
        left -= change.excess_tao.to_rao();
        changes.push(change);
    }
    BlockEmission { subnets: changes, recycled: rao_of(left).into() }
}

fn emit_to(subnet: &SubnetState, input: &BlockInput, tao: Exact, root_sells: bool) -> SubnetEmission {
    let (pool_alpha, outstanding) = (subnet.alpha_in.to_rao(), subnet.alpha_out.to_rao());
    let sum = |parts: &[u64]| rao_of(parts.iter().map(|p| BigInt::from(*p)).sum());
    let minted = block_emission(sum(&[pool_alpha, outstanding]));

    // 1. alpha_in = tao/price, capped by ρ·A.
    let reserves = match subnet.market {
        Market::Stable => None,
        Market::Dynamic(pool) => Some(Reserves::from(&pool)),
    };
    let price = U96F32.floor(&reserves.as_ref().map_or(whole(1), Reserves::price));
    let wanted = U96F32.div(&tao, &price);
    let before = root_proportion(input, sum(&[pool_alpha, outstanding]));
    let cap = U96F32.mul(&before, &whole(minted));
    let (alpha_in, tao_in) =
        if wanted > cap { (cap.clone(), U96F32.mul(&cap, &price)) } else { (wanted, tao.clone()) };
    let mut excess = rao(&U96F32.sub(&tao, &tao_in));
    let (mut alpha_in, mut tao_in) = (rao(&alpha_in), rao(&tao_in));

    // 2. and 3. New weights, then a chain buy with them on the old reserves.
    let (bought, weight) = match reserves {
        None => (excess, None),
        Some(mut reserves) => {
            match reserves.quote_after_injection(tao_in, alpha_in) {
                Some(quote) => reserves.quote = quote,
                None => (alpha_in, tao_in) = (0, 0),
            }
            let highest = whole(1_000_000);
            let buy = |excess| reserves.swap(Side::Buy, excess, 0, &highest, Rounding::Protocol).ok();
            let trade = if excess == 0 { None } else { buy(excess) };
            let (spent, _, bought) = trade.unwrap_or((0, 0, 0));
            excess = spent;
            (bought, Some(reserves.quote))
        }
    };

    // 4. and 2.5: ρ again with everything that was minted.
    let new_alpha = if weight.is_none() { bought } else { 0 };
    let after = root_proportion(input, sum(&[pool_alpha, outstanding, alpha_in, minted, new_alpha]));
    SubnetEmission {
        tao_in: tao_in.into(),
        alpha_in: alpha_in.into(),
        excess_tao: excess.into(),
        alpha_bought: bought.into(),
        weight: weight.map(|quote| QuoteWeight::new(quote).expect("checked")),
        alpha_out: minted.into(),
        pots: pots(minted, subnet.owner_cut, &after, root_sells),
    }
}

/// cut = A·owner cut; R = A − cut; root = ρ·R·0.5, server = R·0.5, validator = R − server − root; all floored.
fn pots(minted: u64, owner_cut: Option<u16>, rho: &Exact, root_sells: bool) -> BlockPots {
    let half = fraction(1, 2);
    let cut = owner_cut.map_or(whole(0), |cut| U96F32.mul(&whole(minted), &U96F32.u16_unit(cut)));
    let rest = U96F32.sub(&whole(minted), &cut);
    let root = U96F32.mul(&U96F32.mul(rho, &rest), &half);
    let server = U96F32.mul(&rest, &half);
    let validator = U96F32.sub(&U96F32.sub(&rest, &server), &root);
    let (paid, recycled) = if root_sells { (rao(&root), 0) } else { (0, rao(&root)) };
    BlockPots {
        owner_cut: rao(&cut).into(),
        server: rao(&server).into(),
        validator: rao(&validator).into(),
        root: paid.into(),
        recycled: recycled.into(),
    }
}
