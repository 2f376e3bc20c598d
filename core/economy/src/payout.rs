//! Paying one subnet after its epoch: from pots to credits.
//!
//! The caller drains the pots, runs the epoch with their sum and then works in two steps:
//! 1. [`share_with_parents`]: every hotkey's dividend is split between it and its parents;
//! 2. [`PayoutInput::pay`]: pots, incentives and dividends become a list of [`Credit`]s to apply in order.
//!
//! Miners are paid the epoch's own numbers. Validators are not: their dividends only set the proportions in which the
//! validator pot and the root pot are divided. Every transfer is floored, and the remainder of the floors is reported
//! as `unpaid`.
//!
//! Two corner cases are settled here so that no alpha is promised twice or lost. Alpha taken by `CKBurn` comes out of
//! the validator pot (officially it is recycled and yet paid to the other validators). A dividend of a hotkey without
//! stakers goes to its owner, because a pot without holders cannot grow.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use myelin_units::{AlphaBalance, PerBillion, U64F64, U96F32};

use crate::childkeys::{proportion, FamilyDividend, FamilyRates, Holding};

/// Emission set aside for one subnet since its last epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EpochPots {
    /// `PendingServerEmission`.
    pub server: AlphaBalance,
    /// `PendingValidatorEmission`.
    pub validator: AlphaBalance,
    /// `PendingRootAlphaDivs`.
    pub root: AlphaBalance,
    /// `PendingOwnerCut`.
    pub owner_cut: AlphaBalance,
}

impl EpochPots {
    /// The emission that the epoch is run with: server + validator + root.
    pub fn epoch_emission(&self) -> AlphaBalance {
        self.server.saturating_add(self.validator).saturating_add(self.root)
    }

    /// The pots, limited so that payments never exceed the emission set aside. If a mechanism gave no dividends, its
    /// miners earn all of its part, which is more than their pot. Validators and root stakers then share the rest, root
    /// stakers first.
    pub fn beside_incentives(&self, incentives: AlphaBalance) -> Self {
        let left = self.epoch_emission().saturating_sub(incentives);
        let root = self.root.min(left);
        EpochPots { root, validator: self.validator.min(left.saturating_sub(root)), ..*self }
    }

    /// Rest of the pots after a pay-out: it stays outstanding and belongs to nobody.
    pub fn left_by<A>(&self, payout: &Payout<A>) -> AlphaBalance {
        let credited = payout.credits.iter().map(Credit::amount);
        credited
            .chain([payout.recycled, payout.unowned])
            .fold(self.epoch_emission().saturating_add(self.owner_cut), AlphaBalance::saturating_sub)
    }
}

/// Dividends after sharing with parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedDividends<A> {
    /// By hotkey, without zeros; includes parents that are not registered on the subnet.
    pub by_hotkey: BTreeMap<A, AlphaBalance>,
    /// The part that `CKBurn` takes away: it is recycled.
    pub recycled: AlphaBalance,
}

/// Splits every dividend between its hotkey and that hotkey's parents, and adds up by hotkey.
pub fn share_with_parents<A: Ord + Clone>(
    families: &[FamilyDividend<A>],
    rates: FamilyRates,
) -> SharedDividends<A> {
    let mut shared = SharedDividends { by_hotkey: BTreeMap::new(), recycled: AlphaBalance::ZERO };
    for family in families {
        let split = family.split(rates);
        shared.recycled = shared.recycled.saturating_add(split.recycled);
        let own = core::iter::once((family.hotkey.clone(), split.own));
        for (hotkey, amount) in split.parents.into_iter().chain(own).filter(|(_, amount)| !amount.is_zero()) {
            let entry = shared.by_hotkey.entry(hotkey).or_default();
            *entry = entry.saturating_add(amount);
        }
    }
    shared
}

/// The owner of the subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubnetOwner<A> {
    /// `SubnetOwner`.
    pub coldkey: A,
    /// `SubnetOwnerHotkey`.
    pub hotkey: A,
}

/// A registered hotkey with the epoch's incentive for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miner<A> {
    /// The miner.
    pub hotkey: A,
    /// Its owner.
    pub coldkey: A,
    /// `AutoStakeDestination` of (coldkey, netuid), or the miner itself.
    pub destination: A,
    /// Server emission of the epoch.
    pub incentive: AlphaBalance,
    /// The part for the parents of the model that it serves; `None` where it declares none, or the subnet shares none.
    pub parents: Option<ParentsPart<A>>,
}

/// The part of a miner's incentive that goes to the parents of its model. It waits in a pot: stake like any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentsPart<A> {
    /// Hotkey of all such stake.
    pub hotkey: A,
    /// Coldkey of the model's pot.
    pub pot: A,
    /// Part of the incentive; rounded down, the rest is the miner's.
    pub share: PerBillion,
}

/// A hotkey with a dividend: a key of [`SharedDividends::by_hotkey`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator<A> {
    /// The validator.
    pub hotkey: A,
    /// Its owner.
    pub coldkey: A,
    /// Its dividend after sharing with parents.
    pub dividend: AlphaBalance,
    /// Its own stake, not what it inherits.
    pub holding: Holding,
    /// `Delegates` on the u16 scale.
    pub take: u16,
}

/// All inputs of paying one subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutInput<A> {
    /// The pots, drained.
    pub pots: EpochPots,
    /// `TaoWeight` on the u64 scale.
    pub tao_weight: u64,
    /// The subnet's owner, if it has one.
    pub owner: Option<SubnetOwner<A>>,
    /// `RecycleOrBurn` is Recycle: withheld incentives leave the outstanding alpha.
    pub recycle_withheld: bool,
    /// Registered hotkeys with their incentives.
    pub miners: Vec<Miner<A>>,
    /// Hotkeys with dividends.
    pub validators: Vec<Validator<A>>,
    /// [`SharedDividends::recycled`].
    pub childkey_recycled: AlphaBalance,
}

/// Reason of a credit of stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The owner's cut of the subnet's emission.
    OwnerCut,
    /// A miner's incentive, without the part for the parents of its model.
    Incentive,
    /// The part of an incentive for the parents of the miner's model.
    ModelParents,
    /// A validator's take of its alpha dividends.
    AlphaTake,
    /// Alpha dividends of a validator that nobody has staked to.
    AlphaDividend,
    /// A validator's take of its root dividends.
    RootTake,
}

/// One transfer of alpha that is already outstanding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credit<A> {
    /// Stake `amount` to `hotkey` for `coldkey`.
    Stake {
        /// Reason of the credit.
        reason: Reason,
        /// The hotkey that earned it: different from `hotkey` if the coldkey stakes its miners' incentives elsewhere.
        earner: A,
        /// Hotkey that receives the stake.
        hotkey: A,
        /// Coldkey that owns the stake.
        coldkey: A,
        /// Amount in rao.
        amount: AlphaBalance,
    },
    /// Raise the value of the hotkey's pot for all who have staked to it; the entry of `AlphaDividendsPerSubnet`.
    Nominators {
        /// The validator.
        hotkey: A,
        /// Amount in rao.
        amount: AlphaBalance,
    },
    /// Make `amount` claimable by the hotkey's root stakers.
    RootClaims {
        /// The validator.
        hotkey: A,
        /// Amount in rao.
        amount: AlphaBalance,
    },
}

impl<A> Credit<A> {
    /// The amount transferred.
    pub fn amount(&self) -> AlphaBalance {
        match self {
            Credit::Stake { amount, .. }
            | Credit::Nominators { amount, .. }
            | Credit::RootClaims { amount, .. } => *amount,
        }
    }
}

/// Transfers and totals to apply after an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout<A> {
    /// Transfers in order, without zeros: owner cut, incentives, alpha dividends, root dividends.
    pub credits: Vec<Credit<A>>,
    /// Alpha to take out of `SubnetAlphaOut`: recycled incentives and childkey burn.
    pub recycled: AlphaBalance,
    /// Withheld incentives that stay outstanding but belong to nobody.
    pub unowned: AlphaBalance,
    /// `MinerBurned`: withheld part of all incentives, 0 if there are none.
    pub miner_burned: U64F64,
    /// Rest of the pots because of floors and empty lists; it stays outstanding and belongs to nobody.
    pub unpaid: AlphaBalance,
}

impl<A: Ord + Clone> PayoutInput<A> {
    /// Turns pots, incentives and dividends into credits. Miners and validators may come in any order; they are paid in
    /// that of their hotkeys' bytes.
    pub fn pay(&self) -> Payout<A> {
        let mut payout = Payout {
            credits: Vec::new(),
            recycled: AlphaBalance::ZERO,
            unowned: AlphaBalance::ZERO,
            miner_burned: U64F64::ZERO,
            unpaid: AlphaBalance::ZERO,
        };
        self.pay_owner(&mut payout);
        let miners_have_earned = self.pay_miners(&mut payout);
        // If no miner has earned anything, the validators get the miners' pot.
        let mut validator_pot = self.pots.validator;
        if !miners_have_earned {
            validator_pot = validator_pot.saturating_add(self.pots.server);
        }
        let childkey_recycled = self.childkey_recycled.min(validator_pot);
        payout.recycled = payout.recycled.saturating_add(childkey_recycled);
        self.pay_validators(&mut payout, validator_pot.saturating_sub(childkey_recycled));

        let placed: u128 = payout.credits.iter().map(|c| u128::from(c.amount().to_rao())).sum::<u128>()
            + u128::from(payout.recycled.to_rao())
            + u128::from(payout.unowned.to_rao());
        let pots = u128::from(self.pots.epoch_emission().to_rao()) + u128::from(self.pots.owner_cut.to_rao());
        payout.unpaid =
            AlphaBalance::from_rao(u64::try_from(pots.saturating_sub(placed)).unwrap_or(u64::MAX));
        payout
    }

    fn pay_owner(&self, payout: &mut Payout<A>) {
        if let Some(owner) = &self.owner {
            let SubnetOwner { hotkey, coldkey } = owner.clone();
            payout.credit(Credit::Stake {
                reason: Reason::OwnerCut,
                earner: hotkey.clone(),
                hotkey,
                coldkey,
                amount: self.pots.owner_cut,
            });
        }
    }

    /// Stakes incentives, except those to the owner's hotkeys; returns whether there were any.
    fn pay_miners(&self, payout: &mut Payout<A>) -> bool {
        let mut miners: Vec<&Miner<A>> = self.miners.iter().filter(|m| !m.incentive.is_zero()).collect();
        miners.sort_by(|a, b| a.hotkey.cmp(&b.hotkey));
        let mut withheld = AlphaBalance::ZERO;
        for miner in &miners {
            if self.is_owners(miner) {
                withheld = withheld.saturating_add(miner.incentive);
                continue;
            }
            let part = miner.parents.as_ref().map_or(AlphaBalance::ZERO, |parents| {
                AlphaBalance::from_rao(parents.share.of(miner.incentive.to_rao()))
            });
            payout.credit(Credit::Stake {
                reason: Reason::Incentive,
                earner: miner.hotkey.clone(),
                hotkey: miner.destination.clone(),
                coldkey: miner.coldkey.clone(),
                amount: miner.incentive.saturating_sub(part),
            });
            if let Some(ParentsPart { hotkey, pot, .. }) = miner.parents.clone() {
                let (reason, earner) = (Reason::ModelParents, miner.hotkey.clone());
                payout.credit(Credit::Stake { reason, earner, hotkey, coldkey: pot, amount: part });
            }
        }
        if self.recycle_withheld {
            payout.recycled = payout.recycled.saturating_add(withheld);
        } else {
            payout.unowned = payout.unowned.saturating_add(withheld);
        }
        let total: AlphaBalance = miners.iter().map(|m| m.incentive).sum();
        payout.miner_burned = U64F64::from_ratio(withheld.to_rao(), total.to_rao());
        !total.is_zero()
    }

    /// Whether a miner belongs to the subnet's owner: same coldkey, or the owner hotkey itself.
    fn is_owners(&self, miner: &Miner<A>) -> bool {
        self.owner.as_ref().is_some_and(|o| o.coldkey == miner.coldkey || o.hotkey == miner.hotkey)
    }

    /// Divides the validator pot by alpha parts and the root pot by root parts of the dividends: pot·(part/Σ parts),
    /// the quotient floored first.
    fn pay_validators(&self, payout: &mut Payout<A>, validator_pot: AlphaBalance) {
        let tao_weight = proportion(self.tao_weight);
        let mut validators: Vec<(&Validator<A>, DividendParts)> =
            self.validators.iter().map(|v| (v, DividendParts::of(v, tao_weight))).collect();
        validators.sort_by(|a, b| a.0.hotkey.cmp(&b.0.hotkey));
        let alpha_parts: U96F32 = validators.iter().map(|(_, parts)| parts.alpha).sum();
        let root_parts: U96F32 = validators.iter().map(|(_, parts)| parts.root).sum();
        for (validator, parts) in &validators {
            let paid = U96F32::from_int(validator_pot.to_rao()) * parts.alpha.safe_div(alpha_parts);
            let take = paid * U96F32::from_u16_unit(validator.take);
            payout.stake(validator, Reason::AlphaTake, floor(take));
            let (hotkey, amount) = (validator.hotkey.clone(), floor(paid - take));
            if validator.holding.alpha.is_zero() {
                payout.stake(validator, Reason::AlphaDividend, amount);
            } else {
                payout.credit(Credit::Nominators { hotkey, amount });
            }
        }
        for (validator, parts) in &validators {
            let paid = U96F32::from_int(self.pots.root.to_rao()) * parts.root.safe_div(root_parts);
            let take = paid * U96F32::from_u16_unit(validator.take);
            payout.stake(validator, Reason::RootTake, floor(take));
            payout
                .credit(Credit::RootClaims { hotkey: validator.hotkey.clone(), amount: floor(paid - take) });
        }
    }
}

impl<A: Clone> Payout<A> {
    fn credit(&mut self, credit: Credit<A>) {
        if !credit.amount().is_zero() {
            self.credits.push(credit);
        }
    }

    /// Stakes to a validator for its owner.
    fn stake(&mut self, validator: &Validator<A>, reason: Reason, amount: AlphaBalance) {
        let (hotkey, coldkey) = (validator.hotkey.clone(), validator.coldkey.clone());
        self.credit(Credit::Stake { reason, earner: hotkey.clone(), hotkey, coldkey, amount });
    }
}

fn floor(amount: U96F32) -> AlphaBalance {
    AlphaBalance::from_rao(amount.floor_u64())
}

/// The alpha part and the root part of a dividend. The root part is the dividend's share r = root·tao_weight of the
/// validator's weighted stake.
struct DividendParts {
    alpha: U96F32,
    root: U96F32,
}

impl DividendParts {
    fn of<A>(validator: &Validator<A>, tao_weight: U96F32) -> Self {
        let dividend = U96F32::from_int(validator.dividend.to_rao());
        let root_stake = validator.holding.weighted_root(tao_weight);
        let root = dividend * root_stake.safe_div(validator.holding.weighted(tao_weight));
        DividendParts { alpha: dividend - root, root }
    }
}

#[cfg(test)]
mod tests;
