//! Neurons and subnets that come and go: prices, pruning, founding, liquidation.

use myelin_economy::registration::{Candidate, LockCost, PrunableSubnet, PruneRule};
use myelin_units::{Block, NetUid, Uid, U64F64 as Fixed};
use num_bigint::BigInt;

use super::number::{exact, floor, fraction, is_zero, rao, rao_of, whole, Exact, Format::U64F64};

/// ⌊burn·φ/2³²⌋, clamped; the lower bound wins.
pub fn decayed(burn: u64, factor: u64, min: u64, max: u64) -> u64 {
    rao(&fraction(BigInt::from(burn) * factor, BigInt::from(1) << 32u32)).min(max).max(min)
}

/// ⌊burn·max(mult, 1)⌋, clamped.
pub fn bumped(burn: u64, mult: Fixed, min: u64, max: u64) -> u64 {
    rao(&(exact(mult).max(whole(1)) * BigInt::from(burn))).min(max).max(min)
}

/// φ^h in Q32, floored at every multiplication, square-and-multiply from the low bit.
pub fn power_q32(factor: u64, half_life: u16) -> BigInt {
    let product = |a: &BigInt, b: &BigInt| (a * b) >> 32u32;
    let (mut result, mut square) = (BigInt::from(1) << 32u32, BigInt::from(factor));
    for bit in 0..16 {
        if half_life >> bit & 1 == 1 {
            result = product(&result, &square);
        }
        square = product(&square, &square);
    }
    result
}

/// Immune: now − registration < period. More non-immune than the minimum: the worst of them, else the worst immune.
pub fn prune_uid(rule: &PruneRule, neurons: &[Candidate]) -> Option<Uid> {
    let (mut immune, mut exposed) = (vec![], vec![]);
    for neuron in neurons.iter().filter(|n| !n.immortal) {
        let age = rule.block.saturating_sub(neuron.registered);
        if age < rule.immunity_period { &mut immune } else { &mut exposed }.push(neuron);
    }
    let mut candidates = if exposed.len() > usize::from(rule.min_non_immune) { exposed } else { immune };
    candidates.sort_by_key(|n| n.uid);
    candidates.sort_by_key(|n| n.registered);
    candidates.sort_by_key(|n| n.emission.to_rao());
    candidates.first().map(|n| n.uid)
}

/// Trimming to `max`: refused if immune and immortal neurons are 80 % of it; the lowest of the others go one by one.
pub fn trimmed(rule: &PruneRule, neurons: &[Candidate], max: u16) -> Option<Vec<Uid>> {
    let age = |n: &Candidate| rule.block.saturating_sub(n.registered);
    let spared = |n: &Candidate| n.immortal || age(n) < rule.immunity_period;
    let spared_count = neurons.iter().filter(|n| spared(n)).count();
    if spared_count * 100 >= usize::from(max) * 80 {
        return None;
    }
    let mut left = neurons.to_vec();
    while left.len() > usize::from(max) {
        let going =
            left.iter().filter(|n| !spared(n)).min_by_key(|n| (n.emission.to_rao(), n.registered, n.uid));
        let uid = going.expect("fewer than max are spared").uid;
        left.retain(|n| n.uid != uid);
    }
    let mut uids: Vec<Uid> = left.iter().map(|n| n.uid).collect();
    uids.sort();
    Some(uids)
}

/// The earliest (block, uid) of the owner's, up to the limit; the owner hotkey first if it is not among them.
pub fn immortal_uids(owned: &[(Block, Uid)], owner_hotkey: Option<Uid>, limit: u16) -> Vec<Uid> {
    let mut earliest = owned.to_vec();
    earliest.sort_by_key(|(_, uid)| *uid);
    earliest.sort_by_key(|(block, _)| *block);
    let mut uids: Vec<Uid> = earliest.iter().map(|(_, uid)| *uid).collect();
    uids.truncate(limit.into());
    match owner_hotkey {
        Some(uid) if !uids.contains(&uid) => {
            let mut with_owner = vec![uid];
            with_owner.extend(uids);
            with_owner.truncate(limit.into());
            with_owner
        }
        _ => uids,
    }
}

/// max(last·m − ⌊last/interval'⌋·(now − last block), min); m = 2, or 1 before the first; interval' =
/// ⌊interval·emission/10⁹⌋.
pub fn lock_cost(cost: &LockCost, now: Block) -> u64 {
    let last = BigInt::from(cost.last_lock.to_rao());
    let m = if cost.last_block == 0 { 1 } else { 2 };
    let interval = BigInt::from(cost.interval) * cost.block_emission / 1_000_000_000u64;
    let per_block = if interval == BigInt::ZERO { BigInt::ZERO } else { &last / interval };
    let elapsed = (BigInt::from(now) - cost.last_block).max(BigInt::ZERO);
    let cost_now: BigInt = last * m - per_block * elapsed;
    rao_of(cost_now.max(cost.min_lock.to_rao().into()))
}

/// The median of the positive prices; the mean of the middle two; 1 without any.
pub fn median_price(prices: &[Fixed]) -> Exact {
    let mut positive: Vec<Exact> = prices.iter().map(|p| exact(*p)).filter(|p| !is_zero(p)).collect();
    positive.sort();
    let n = positive.len();
    match (n, n % 2) {
        (0, _) => whole(1),
        (_, 1) => positive[n / 2].clone(),
        _ => U64F64.floor(&((&positive[n / 2 - 1] + &positive[n / 2]) / BigInt::from(2))),
    }
}

/// TAO = max(paid, min), alpha = ⌊TAO/median⌋.
pub fn founding_pool(paid: u64, min: u64, prices: &[Fixed]) -> (u64, u64) {
    let tao = paid.max(min);
    (tao, rao(&U64F64.div(&whole(tao), &median_price(prices))))
}

/// The lowest moving price of those past their immunity; ties: earliest registration, then order.
pub fn subnet_to_prune(subnets: &[PrunableSubnet], now: Block, immunity: u64) -> Option<NetUid> {
    let mut best: Option<&PrunableSubnet> = None;
    for subnet in subnets {
        let age = BigInt::from(now) - subnet.registered_at;
        if subnet.netuid == 0 || age < BigInt::from(immunity) {
            continue;
        }
        let better = best.is_none_or(|b| {
            let (price, lowest) = (exact(subnet.moving_price), exact(b.moving_price));
            price < lowest || price == lowest && subnet.registered_at < b.registered_at
        });
        if better {
            best = Some(subnet);
        }
    }
    best.map(|s| s.netuid)
}

/// ⌊pot·claim/Σ⌋ each, the remaining rao one each by largest remainder, the earlier first among equals.
pub fn liquidate(pot: u64, claims: &[u64]) -> Vec<u64> {
    let total: BigInt = claims.iter().map(|c| BigInt::from(*c)).sum();
    if total == BigInt::ZERO {
        return vec![0; claims.len()];
    }
    let exact_parts: Vec<Exact> =
        claims.iter().map(|c| fraction(BigInt::from(pot) * c, total.clone())).collect();
    let mut parts: Vec<u64> = exact_parts.iter().map(rao).collect();
    let mut left = pot - parts.iter().sum::<u64>();
    let mut waiting: Vec<usize> = (0..claims.len()).collect();
    while left > 0 {
        let rest = |i: usize| &exact_parts[i] - whole(floor(&exact_parts[i]));
        let mut largest = 0;
        for at in 1..waiting.len() {
            if rest(waiting[at]) > rest(waiting[largest]) {
                largest = at;
            }
        }
        parts[waiting.remove(largest)] += 1;
        left -= 1;
    }
    parts
}

/// lock − ⌊⌊issuance·cut⌋·price⌋, not below 0.
pub fn owner_refund(lock: u64, issuance: u64, owner_cut: u16, price: Fixed) -> u64 {
    let cut = rao(&fraction(BigInt::from(issuance) * owner_cut, u16::MAX));
    rao_of(BigInt::from(lock) - rao(&(exact(price) * BigInt::from(cut))))
}
