//! Ownership of a pot that grows for all holders at once.
//!
//! All alpha that is staked to one hotkey on one subnet is one pot of value V. A holder owns s of its D shares, so
//! V·s/D rao. Paying a dividend raises V and touches no holder; staking and unstaking create and destroy shares at
//! the current value of a share.
//!
//! Shares are [`ShareFloat`]s: decimal floating point with 21 digits whose every operation truncates. Truncation keeps
//! the sum of the parts at or below the whole up to the last digits: one operation may shift a holder's value by 1 rao.

use core::cmp::Ordering;

use myelin_units::AlphaBalance;

use crate::wide::mul_div;

/// Largest mantissa, 10²¹; the smallest is one above a tenth of it.
const MAX_MANTISSA: u128 = 1_000_000_000_000_000_000_000;
const MIN_MANTISSA: u128 = MAX_MANTISSA / 10 + 1;

/// A non-negative decimal number `mantissa · 10^exponent` with a mantissa in (10²⁰, 10²¹], or zero.
#[cfg_attr(
    feature = "codec",
    derive(codec::Encode, codec::Decode, codec::DecodeWithMemTracking, codec::MaxEncodedLen)
)]
#[cfg_attr(feature = "codec", derive(scale_info::TypeInfo))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShareFloat {
    mantissa: u128,
    exponent: i64,
}

impl ShareFloat {
    /// No shares.
    pub const ZERO: ShareFloat = ShareFloat { mantissa: 0, exponent: 0 };

    /// An integer, exactly.
    pub fn from_int(value: u64) -> Self {
        Self::normalised(u128::from(value), 0)
    }

    /// The mantissa: 0, or above 10²⁰ and at most 10²¹.
    pub const fn mantissa(&self) -> u128 {
        self.mantissa
    }

    /// The decimal exponent; 0 for zero.
    pub const fn exponent(&self) -> i64 {
        self.exponent
    }

    /// Whether there are no shares.
    pub const fn is_zero(&self) -> bool {
        self.mantissa == 0
    }

    /// `self + other`, truncated to the digits of the larger one.
    pub fn add(&self, other: &Self) -> Self {
        let (exponent, a, b) = self.aligned(other);
        Self::normalised(a.saturating_add(b), exponent)
    }

    /// `self − other`, truncated to the digits of the larger one; zero if it would be negative.
    pub fn saturating_sub(&self, other: &Self) -> Self {
        let (exponent, a, b) = self.aligned(other);
        Self::normalised(a.saturating_sub(b), exponent)
    }

    /// `self · factor / divisor`: the exact product of the mantissas, divided as integers and normalised; zero if the
    /// divisor is zero. The quotient has 20 to 22 digits.
    pub fn mul_div(&self, factor: &Self, divisor: &Self) -> Self {
        let exponent = self.exponent.saturating_add(factor.exponent).saturating_sub(divisor.exponent);
        // Below 10^22, since the product is at most 10^42 and a divisor other than zero above 10^20.
        mul_div(self.mantissa, factor.mantissa, divisor.mantissa)
            .map_or(Self::ZERO, |mantissa| Self::normalised(mantissa, exponent))
    }

    /// The largest integer that is not above the number, saturated.
    pub fn floor_u64(&self) -> u64 {
        let value = if self.exponent >= 0 {
            let power = u32::try_from(self.exponent).ok().and_then(|e| 10u128.checked_pow(e));
            power.and_then(|power| self.mantissa.checked_mul(power)).unwrap_or(u128::MAX)
        } else {
            let power = u32::try_from(self.exponent.unsigned_abs()).ok().and_then(|e| 10u128.checked_pow(e));
            power.map_or(0, |power| self.mantissa / power)
        };
        if self.is_zero() {
            0
        } else {
            u64::try_from(value).unwrap_or(u64::MAX)
        }
    }

    /// Both mantissas at the larger of the two exponents.
    fn aligned(&self, other: &Self) -> (i64, u128, u128) {
        if self.is_zero() {
            return (other.exponent, 0, other.mantissa);
        }
        if other.is_zero() {
            return (self.exponent, self.mantissa, 0);
        }
        let exponent = self.exponent.max(other.exponent);
        (exponent, self.mantissa_at(exponent), other.mantissa_at(exponent))
    }

    /// The mantissa at a larger exponent, truncated.
    fn mantissa_at(&self, exponent: i64) -> u128 {
        let digits = exponent.saturating_sub(self.exponent);
        u32::try_from(digits)
            .ok()
            .and_then(|d| 10u128.checked_pow(d))
            .map_or(0, |power| self.mantissa / power)
    }

    fn normalised(mut mantissa: u128, mut exponent: i64) -> Self {
        if mantissa == 0 {
            return Self::ZERO;
        }
        while mantissa > MAX_MANTISSA {
            mantissa /= 10;
            exponent = exponent.saturating_add(1);
        }
        while mantissa < MIN_MANTISSA {
            mantissa *= 10;
            exponent = exponent.saturating_sub(1);
        }
        ShareFloat { mantissa, exponent }
    }
}

impl PartialOrd for ShareFloat {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ShareFloat {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => (self.exponent, self.mantissa).cmp(&(other.exponent, other.mantissa)),
        }
    }
}

/// Reasons why stake could not be turned into shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SharesError {
    /// The amount is worth no share at all.
    #[error("{amount} rao are worth no share of this pot; stake more")]
    InsufficientLiquidity {
        /// The amount offered, in rao.
        amount: u64,
    },
}

/// One pot: all stake on one hotkey on one subnet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharePool {
    /// V: what all shares together are worth.
    pub value: AlphaBalance,
    /// D: all shares.
    pub shares: ShareFloat,
}

/// A pot and one holder's shares after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareChange {
    /// The pot afterwards.
    pub pool: SharePool,
    /// The holder's shares afterwards; an entry of zero may be deleted.
    pub holder: ShareFloat,
}

impl SharePool {
    /// Value of a holder's shares: `⌊V·s/D⌋`, 0 for an empty pot.
    pub fn value_of(&self, holder: &ShareFloat) -> AlphaBalance {
        let value = ShareFloat::from_int(self.value.to_rao()).mul_div(holder, &self.shares).floor_u64();
        // Truncated parts cannot exceed the whole unless the caller mixed up pots.
        AlphaBalance::from_rao(value.min(self.value.to_rao()))
    }

    /// Adds `amount` for one holder. The first stake of an empty pot makes one share per rao; later ones δ = x·D/V.
    /// Refused if δ is too small to change the shares, which no pot of 64-bit values reaches by itself.
    pub fn add(&self, holder: &ShareFloat, amount: AlphaBalance) -> Result<ShareChange, SharesError> {
        let x = ShareFloat::from_int(amount.to_rao());
        if self.is_empty() {
            let pool = SharePool { value: amount, shares: x };
            return Ok(ShareChange { pool, holder: x });
        }
        let delta = self.shares_for(amount);
        let (shares, grown) = (self.shares.add(&delta), holder.add(&delta));
        if !amount.is_zero() && (shares == self.shares || grown == *holder) {
            return Err(SharesError::InsufficientLiquidity { amount: amount.to_rao() });
        }
        let pool = SharePool { value: self.value.saturating_add(amount), shares };
        Ok(ShareChange { pool, holder: grown })
    }

    /// Takes `amount` from one holder; `None`, and nothing to change, if the holder owns less than that.
    pub fn remove(&self, holder: &ShareFloat, amount: AlphaBalance) -> Option<ShareChange> {
        if amount > self.value_of(holder) {
            return None;
        }
        let delta = self.shares_for(amount);
        let value = self.value.saturating_sub(amount);
        let shares = if value.is_zero() { ShareFloat::ZERO } else { self.shares.saturating_sub(&delta) };
        let holder = if value.is_zero() { ShareFloat::ZERO } else { holder.saturating_sub(&delta) };
        Some(ShareChange { pool: SharePool { value, shares }, holder })
    }

    /// The pot after a holder whose shares are worth less than one rao has left them to the others. Shares below a
    /// millionth of those given up are a residue of truncation, not a holder's. The pot is then empty, and its last rao
    /// or so belong to nobody.
    pub fn without(&self, holder: &ShareFloat) -> SharePool {
        let shares = self.shares.saturating_sub(holder);
        let others = shares.mul_div(&ShareFloat::from_int(1_000_000), &ShareFloat::from_int(1));
        if others < *holder {
            return SharePool::default();
        }
        SharePool { shares, ..*self }
    }

    /// Whether the rest of a pot of `former` shares belongs to nobody: less than a part in 10¹⁵. Truncation leaves that
    /// much when thousands of holders leave one by one; in a pot of a million tokens it is worth about a rao.
    pub fn is_rest_of(&self, former: &ShareFloat) -> bool {
        let one = ShareFloat::from_int(1);
        self.shares.mul_div(&ShareFloat::from_int(1_000_000_000_000_000), &one) < *former
    }

    /// Adds `amount` for all holders in proportion to their shares. An empty pot has no holders and stays empty; the
    /// caller checks [`Self::is_empty`] first and pays elsewhere.
    pub fn add_for_all(&self, amount: AlphaBalance) -> SharePool {
        if self.is_empty() {
            return *self;
        }
        SharePool { value: self.value.saturating_add(amount), ..*self }
    }

    /// Whether the pot has no holders.
    pub fn is_empty(&self) -> bool {
        self.value.is_zero() || self.shares.is_zero()
    }

    /// Shares that `amount` is worth: δ = x·D/V.
    fn shares_for(&self, amount: AlphaBalance) -> ShareFloat {
        let value = ShareFloat::from_int(self.value.to_rao());
        ShareFloat::from_int(amount.to_rao()).mul_div(&self.shares, &value)
    }
}

#[cfg(test)]
mod tests;
