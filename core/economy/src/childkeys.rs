//! Child keys: a hotkey may lend proportions of its stake to others, who validate with it and share the dividends.
//!
//! A *parent* lends to its *children* on one subnet. Inherited stake is what a hotkey counts for in the epoch; the
//! dividends it earns are split back between it and its parents by what each contributed.

mod links;

use alloc::vec::Vec;

use myelin_units::{AlphaBalance, TaoBalance, U96F32};

pub use links::{lent, room_for, with_link, Kin, Room, MAX_PARENTS};

/// Most children of one hotkey on one subnet.
pub const MAX_CHILDREN: usize = 5;
/// The largest childkey take and delegate take on the u16 scale: 18 %.
pub const MAX_TAKE: u16 = 11_796;

/// A u64 proportion (2⁶⁴ − 1 = 1) as used in every formula: `⌊p·2³²/(2⁶⁴−1)⌋ / 2³²`.
pub fn proportion(p: u64) -> U96F32 {
    U96F32::from_ratio(p, u64::MAX)
}

/// The part of one parent's stake that the parent lends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loan {
    /// The parent's own value, in rao.
    pub value: u64,
    /// The proportion it lends, on the u64 scale.
    pub proportion: u64,
}

/// A hotkey's value on a subnet after lending and borrowing: `own − Σ own·p_child + Σ parent·p_parent`, floored and not
/// below 0. The same rule serves alpha and root TAO. The root network has no inheritance; callers leave both lists
/// empty there.
pub fn inherited(own: u64, children: &[u64], parents: &[Loan]) -> u64 {
    let value = U96F32::from_int(own);
    let lent = children.iter().map(|p| value * proportion(*p)).sum::<U96F32>();
    let borrowed =
        parents.iter().map(|loan| U96F32::from_int(loan.value) * proportion(loan.proportion)).sum::<U96F32>();
    (value - lent + borrowed).floor_u64()
}

/// A hotkey's own stake, without inheritance: alpha on the subnet and TAO on root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Alpha on the subnet.
    pub alpha: AlphaBalance,
    /// TAO on the root network.
    pub root: TaoBalance,
}

impl Holding {
    /// `alpha + root · tao_weight`.
    pub fn weighted(&self, tao_weight: U96F32) -> U96F32 {
        U96F32::from_int(self.alpha.to_rao()) + self.weighted_root(tao_weight)
    }

    /// `root · tao_weight`.
    pub fn weighted_root(&self, tao_weight: U96F32) -> U96F32 {
        U96F32::from_int(self.root.to_rao()) * tao_weight
    }
}

/// A parent of the hotkey whose dividend is split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent<A> {
    /// The parent.
    pub hotkey: A,
    /// Proportion of its stake that it lends, on the u64 scale.
    pub proportion: u64,
    /// Its own stake, not what it inherits.
    pub holding: Holding,
    /// Whether parent and child belong to the same coldkey; then neither take nor burn applies.
    pub same_owner: bool,
}

/// One hotkey's dividend and everybody who has a part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyDividend<A> {
    /// The hotkey that earned the dividend.
    pub hotkey: A,
    /// Dividend that the hotkey earned in the epoch, in rao. The pay-out uses it only as a proportion.
    pub dividend: AlphaBalance,
    /// Its own stake, not what it inherits.
    pub holding: Holding,
    /// Proportions that it lends to children of its own, on the u64 scale.
    pub lent: Vec<u64>,
    /// `ChildkeyTake` on the u16 scale.
    pub take: u16,
    /// Its parents, in storage order.
    pub parents: Vec<Parent<A>>,
}

/// A dividend split between a hotkey and its parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilySplit<A> {
    /// The part of each parent, in the order given.
    pub parents: Vec<(A, AlphaBalance)>,
    /// The part that stays with the hotkey.
    pub own: AlphaBalance,
    /// The part that `CKBurn` takes away: it is recycled.
    pub recycled: AlphaBalance,
}

/// Global rates of the split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FamilyRates {
    /// `TaoWeight` on the u64 scale.
    pub tao_weight: u64,
    /// `CKBurn` on the u64 scale.
    pub burn: u64,
}

impl<A: Clone> FamilyDividend<A> {
    /// Splits the dividend d by contributions: the hotkey's own s = (alpha + root·tao_weight)·(1 − Σ lent), floored to
    /// rao, and c = (alpha + root·tao_weight)·proportion of each parent; a parent's part is e = d·c/(s + Σc).
    ///
    /// A parent of another coldkey loses burn·e and the child's take·e, which stays with the child. The child keeps d −
    /// Σe + Σtake. Every item is floored at its end, so the parts never exceed d.
    pub fn split(&self, rates: FamilyRates) -> FamilySplit<A> {
        let tao_weight = proportion(rates.tao_weight);
        let lent = self.lent.iter().map(|p| proportion(*p)).sum::<U96F32>();
        let own = U96F32::from_int((self.holding.weighted(tao_weight) * (U96F32::ONE - lent)).floor_u64());
        let contributions: Vec<U96F32> =
            self.parents.iter().map(|p| p.holding.weighted(tao_weight) * proportion(p.proportion)).collect();
        let total = own + contributions.iter().copied().sum::<U96F32>();

        let dividend = U96F32::from_int(self.dividend.to_rao());
        let (burn_rate, take_rate) = (proportion(rates.burn), U96F32::from_u16_unit(self.take));
        let (mut left, mut takes, mut recycled) = (dividend, U96F32::ZERO, U96F32::ZERO);
        let mut parents = Vec::with_capacity(self.parents.len());
        for (parent, contribution) in self.parents.iter().zip(contributions) {
            let earned = dividend * contribution.safe_div(total);
            left -= earned;
            let paid = if parent.same_owner {
                earned
            } else {
                let burn = burn_rate * earned;
                // Together the two rates may exceed 1; the parent never pays more than it earned.
                let take = (take_rate * earned).min(earned - burn);
                recycled += burn;
                takes += take;
                earned - burn - take
            };
            parents.push((parent.hotkey.clone(), AlphaBalance::from_rao(paid.floor_u64())));
        }
        FamilySplit {
            parents,
            own: AlphaBalance::from_rao((left + takes).floor_u64()),
            recycled: AlphaBalance::from_rao(recycled.floor_u64()),
        }
    }
}

/// Reasons to refuse a list of children. The names are the protocol's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChildrenError {
    /// More than [`MAX_CHILDREN`].
    #[error("{found} children were named; name at most 5")]
    TooManyChildren {
        /// Length of the list.
        found: usize,
    },
    /// A hotkey cannot be its own child.
    #[error("a hotkey cannot be its own child; name another hotkey")]
    InvalidChild,
    /// A child is named twice.
    #[error("a child is named twice; name each child once")]
    DuplicateChild,
    /// The proportions exceed the whole.
    #[error("the proportions add up to more than the whole; lower them")]
    ProportionOverflow,
    /// A key would be both child and parent of the same hotkey.
    #[error("a child is already a parent of this hotkey on the subnet; a key cannot be both")]
    ParentChildConsistency,
}

impl ChildrenError {
    /// The protocol's name of the error.
    pub const fn name(&self) -> &'static str {
        match self {
            ChildrenError::TooManyChildren { .. } => "TooManyChildren",
            ChildrenError::InvalidChild => "InvalidChild",
            ChildrenError::DuplicateChild => "DuplicateChild",
            ChildrenError::ProportionOverflow => "ProportionOverflow",
            ChildrenError::ParentChildConsistency => "ChildParentInconsistency",
        }
    }
}

/// Checks a list of (proportion, child) for `hotkey`, whose parents on the subnet are `parents`. The first child that
/// breaks a rule decides the error. The list is too long at its sixth different child.
pub fn check_children<A: PartialEq>(
    hotkey: &A,
    children: &[(u64, A)],
    parents: &[A],
) -> Result<(), ChildrenError> {
    let mut total = 0u64;
    for (index, (share, child)) in children.iter().enumerate() {
        if child == hotkey {
            return Err(ChildrenError::InvalidChild);
        }
        if children[..index].iter().any(|(_, earlier)| earlier == child) {
            return Err(ChildrenError::DuplicateChild);
        }
        if index == MAX_CHILDREN {
            return Err(ChildrenError::TooManyChildren { found: children.len() });
        }
        if parents.contains(child) {
            return Err(ChildrenError::ParentChildConsistency);
        }
        total = total.checked_add(*share).ok_or(ChildrenError::ProportionOverflow)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
