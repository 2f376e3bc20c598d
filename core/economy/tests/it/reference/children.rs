//! Inherited stake and the split of a dividend between a hotkey and its parents.

use myelin_economy::childkeys::{FamilyDividend, FamilyRates, FamilySplit, Holding, Loan};

use num_bigint::BigInt;

use super::number::{fraction, proportion, rao, whole, Exact, Format::U96F32};

/// x − Σ_children x·p + Σ_parents x_parent·p, floored.
pub fn inherited(own: u64, children: &[u64], parents: &[Loan]) -> u64 {
    let x = whole(own);
    let lent: Vec<Exact> = children.iter().map(|p| U96F32.mul(&x, &proportion(*p))).collect();
    let borrowed: Vec<Exact> =
        parents.iter().map(|loan| U96F32.mul(&whole(loan.value), &proportion(loan.proportion))).collect();
    rao(&U96F32.add(&U96F32.sub(&x, &U96F32.sum(&lent)), &U96F32.sum(&borrowed)))
}

/// alpha + root·tao_weight.
pub fn weighted(holding: &Holding, tao_weight: &Exact) -> Exact {
    U96F32.add(&whole(holding.alpha.to_rao()), &U96F32.mul(&whole(holding.root.to_rao()), tao_weight))
}

/// s = (alpha + root·tao_weight)·(1 − Σ lent), floored; c_p = (alpha_p + root_p·tao_weight)·proportion; e = d·(c_p/(s + Σc)).
/// Another owner's parent gives burn·e away and leaves take·e with the child.
pub fn split<A: Clone>(family: &FamilyDividend<A>, rates: FamilyRates) -> FamilySplit<A> {
    let tao_weight = proportion(rates.tao_weight);
    let lent: Vec<Exact> = family.lent.iter().map(|p| proportion(*p)).collect();
    let unlent = U96F32.sub(&whole(1), &U96F32.sum(&lent));
    let s = whole(rao(&U96F32.mul(&weighted(&family.holding, &tao_weight), &unlent)));
    let c: Vec<Exact> = family
        .parents
        .iter()
        .map(|p| U96F32.mul(&weighted(&p.holding, &tao_weight), &proportion(p.proportion)))
        .collect();
    let total = U96F32.add(&s, &U96F32.sum(&c));

    let d = whole(family.dividend.to_rao());
    let (mut earned_by_all, mut takes, mut burned) = (vec![], vec![], vec![]);
    let mut parents = Vec::new();
    for (parent, c) in family.parents.iter().zip(&c) {
        let e = U96F32.mul(&d, &U96F32.div(c, &total));
        let mut left = e.clone();
        if !parent.same_owner {
            let burn = U96F32.mul(&proportion(rates.burn), &e);
            left -= &burn;
            let take = U96F32.mul(&U96F32.u16_unit(family.take), &e).min(left.clone());
            left -= &take;
            burned.push(burn);
            takes.push(take);
        }
        earned_by_all.push(e);
        parents.push((parent.hotkey.clone(), rao(&left).into()));
    }
    let own = earned_by_all.iter().fold(d, |rest, e| U96F32.sub(&rest, e));
    FamilySplit {
        parents,
        own: rao(&U96F32.add(&own, &U96F32.sum(&takes))).into(),
        burned: rao(&U96F32.sum(&burned)).into(),
    }
}

/// v' = ⌊(a·stake + (10¹⁸ − a)·v)/10¹⁸⌋; gone if v' is 0 or v' < threshold ≤ v.
pub fn next_power(power: u64, stake: u64, a: u64, threshold: u64) -> Option<u64> {
    let a = fraction(a.min(1_000_000_000_000_000_000), 1_000_000_000_000_000_000u64);
    let next = rao(&(&a * BigInt::from(stake) + (whole(1) - &a) * BigInt::from(power)));
    let fell = next < threshold && threshold <= power;
    if next == 0 || fell {
        None
    } else {
        Some(next)
    }
}
