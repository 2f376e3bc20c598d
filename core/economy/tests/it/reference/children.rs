//! Inherited stake, the split of a dividend between a hotkey and its parents, and the rules of links.

use myelin_economy::childkeys::{FamilyDividend, FamilyRates, FamilySplit, Holding, Loan, Room};

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

/// s = (alpha + root·tao_weight)·(1 − Σ lent), floored; c_p = (alpha_p + root_p·tao_weight)·proportion; e = d·(c_p/(s +
/// Σc)). Another owner's parent gives burn·e away and leaves take·e with the child.
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
    let (mut earned_by_all, mut takes, mut recycled) = (vec![], vec![], vec![]);
    let mut parents = Vec::new();
    for (parent, c) in family.parents.iter().zip(&c) {
        let e = U96F32.mul(&d, &U96F32.div(c, &total));
        let mut left = e.clone();
        if !parent.same_owner {
            let burn = U96F32.mul(&proportion(rates.burn), &e);
            left -= &burn;
            let take = U96F32.mul(&U96F32.u16_unit(family.take), &e).min(left.clone());
            left -= &take;
            recycled.push(burn);
            takes.push(take);
        }
        earned_by_all.push(e);
        parents.push((parent.hotkey.clone(), rao(&left).into()));
    }
    let own = earned_by_all.iter().fold(d, |rest, e| U96F32.sub(&rest, e));
    FamilySplit {
        parents,
        own: rao(&U96F32.add(&own, &U96F32.sum(&takes))).into(),
        recycled: rao(&U96F32.sum(&recycled)).into(),
    }
}

/// Rao that a parent lends: (alpha + root·tao_weight)·p, floored.
pub fn lent(holding: &Holding, p: u64, tao_weight: u64) -> u64 {
    rao(&U96F32.mul(&weighted(holding, &proportion(tao_weight)), &proportion(p)))
}

/// The links of one subnet: (parent, child, proportion), in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub struct Links(pub Vec<(u8, u8, u64)>);

impl Links {
    /// The children of `hotkey`.
    pub fn children(&self, hotkey: u8) -> Vec<(u64, u8)> {
        self.0.iter().filter(|link| link.0 == hotkey).map(|link| (link.2, link.1)).collect()
    }

    /// The parents of `hotkey`.
    pub fn parents(&self, hotkey: u8) -> Vec<(u64, u8)> {
        self.0.iter().filter(|link| link.1 == hotkey).map(|link| (link.2, link.0)).collect()
    }

    /// Whether the links follow the protocol: no hotkey is linked to itself, twice, or in both directions. None has
    /// more than five children or 64 parents, or lends more than the whole.
    pub fn legal(&self) -> bool {
        let keys: Vec<u8> = self.0.iter().flat_map(|link| [link.0, link.1]).collect();
        let pairs: Vec<(u8, u8)> =
            self.0.iter().map(|link| (link.0.min(link.1), link.0.max(link.1))).collect();
        let once = pairs.iter().all(|pair| pairs.iter().filter(|other| *other == pair).count() == 1);
        let apart = self.0.iter().all(|link| link.0 != link.1);
        let bounded = keys.iter().all(|key| {
            let whole: BigInt = self.children(*key).iter().map(|(share, _)| BigInt::from(*share)).sum();
            self.children(*key).len() <= 5
                && self.parents(*key).len() <= 64
                && whole <= BigInt::from(u64::MAX)
        });
        once && apart && bounded
    }

    /// These links with one more link.
    pub fn and(&self, parent: u8, child: u8, share: u64) -> Links {
        let mut links = self.clone();
        links.0.push((parent, child, share));
        links
    }
}

/// Reason to refuse a list of children: more than five, the hotkey itself, a duplicate, a parent, or more than the
/// whole. The first child in the list that breaks a rule decides: the sixth is too many.
pub fn refused(hotkey: u8, children: &[(u64, u8)], parents: &[u8]) -> Option<&'static str> {
    for n in 1..=children.len() {
        let (_, child) = children[n - 1];
        let sum: BigInt = children[..n].iter().map(|(share, _)| BigInt::from(*share)).sum();
        if child == hotkey {
            return Some("InvalidChild");
        }
        if children[..n].iter().filter(|(_, other)| *other == child).count() > 1 {
            return Some("DuplicateChild");
        }
        if n > 5 {
            return Some("TooManyChildren");
        }
        if parents.contains(&child) {
            return Some("ChildParentInconsistency");
        }
        if sum > BigInt::from(u64::MAX) {
            return Some("ProportionOverflow");
        }
    }
    None
}

/// Beside 64 parents there is room only for a newcomer that lends more than the least; the last of several least ones
/// goes.
pub fn room(newcomer: u64, loans: &[u64]) -> Room {
    if loans.len() < 64 {
        return Room::Free;
    }
    let least = loans.iter().copied().min().unwrap_or(u64::MAX);
    match loans.iter().rposition(|loan| *loan == least) {
        Some(at) if newcomer > least => Room::InPlaceOf(at),
        _ => Room::None,
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
