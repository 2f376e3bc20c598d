//! Power: the worth of a vote lock in rao, at prices that were noted when the referendum began.
//!
//! TAO counts as it is, free or staked on root. Alpha counts at its moving price, and all alpha of a subnet together
//! for no more than the TAO that nobody can take out of its pool ([`noted_price`]). Every rao therefore votes at most
//! once, as TAO or through the alpha that it backs, and the power of all is at most the TAO that exists.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_economy::profile::Profile;
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT, U64F64};
use scale_info::TypeInfo;

use crate::track::{days, TrackId};

/// Most assets of one vote lock.
pub const MAX_ASSETS: usize = 16;
/// Most assets of a sum: free TAO, root, and 128 subnets.
pub const MAX_SUM_ASSETS: usize = 130;
/// Denominator of prices: rao of TAO for 10⁹ rao of alpha.
pub const PRICE_SCALE: u64 = 1_000_000_000;

/// A thing that can be put under a vote lock.
///
/// Stake is that of a coldkey on a subnet, on all hotkeys together. Moves between hotkeys and swaps of hotkeys leave
/// it as it is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Asset {
    /// Free TAO.
    #[codec(index = 0)]
    Free,
    /// Stake on a subnet: alpha, or TAO on the root network.
    #[codec(index = 1)]
    Stake(NetUid),
}

/// Amounts in rao by asset, sorted, none of them 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Portfolio(Vec<(Asset, u64)>);

impl Portfolio {
    /// The amount of `asset`.
    pub fn amount(&self, asset: Asset) -> u64 {
        self.place(asset).ok().and_then(|at| self.0.get(at)).map_or(0, |(_, amount)| *amount)
    }

    /// Amounts by asset, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Asset, u64)> + '_ {
        self.0.iter().copied()
    }

    /// Assets that it holds.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets the amount of `asset`.
    pub fn set(&mut self, asset: Asset, amount: u64) {
        match (self.place(asset), amount) {
            (Ok(at), 0) => drop(self.0.remove(at)),
            (Ok(at), _) => self.0.iter_mut().skip(at).take(1).for_each(|entry| entry.1 = amount),
            (Err(_), 0) => {}
            (Err(at), _) => self.0.insert(at, (asset, amount)),
        }
    }

    /// Adds amounts. Amounts of one asset never exceed what exists of it, which fits; beyond they saturate.
    pub fn add(&mut self, other: &Self) {
        other.iter().for_each(|(asset, amount)| self.set(asset, self.amount(asset).saturating_add(amount)));
    }

    /// Subtracts amounts, at least to 0.
    pub fn subtract(&mut self, other: &Self) {
        other.iter().for_each(|(asset, amount)| self.set(asset, self.amount(asset).saturating_sub(amount)));
    }

    /// The assets that vote on this track: alpha of the subnet alone on a subnet's track, everything on others.
    pub fn on_track(&self, track: TrackId) -> Self {
        let own = |asset: &Asset| track.subnet().is_none_or(|netuid| *asset == Asset::Stake(netuid));
        Self(self.iter().filter(|(asset, _)| own(asset)).collect())
    }

    fn place(&self, asset: Asset) -> Result<usize, usize> {
        self.0.binary_search_by_key(&asset, |(own, _)| *own)
    }
}

impl MaxEncodedLen for Portfolio {
    fn max_encoded_len() -> usize {
        MAX_SUM_ASSETS.saturating_mul(Asset::max_encoded_len().saturating_add(8)).saturating_add(2)
    }
}

/// Prices of alpha as noted, sorted by subnet, in rao of TAO for [`PRICE_SCALE`] of alpha.
///
/// A subnet that is missing has the price 0: it did not exist when prices were noted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Prices(Vec<(NetUid, u64)>);

impl Prices {
    /// Prices by subnet, in any order; the last of several for one subnet holds.
    pub fn new(prices: impl IntoIterator<Item = (NetUid, u64)>) -> Self {
        let sorted: alloc::collections::BTreeMap<NetUid, u64> = prices.into_iter().collect();
        Self(sorted.into_iter().collect())
    }

    /// The price of a subnet's alpha.
    pub fn of(&self, netuid: NetUid) -> u64 {
        let place = self.0.binary_search_by_key(&netuid, |(own, _)| *own);
        place.ok().and_then(|at| self.0.get(at)).map_or(0, |(_, price)| *price)
    }
}

impl MaxEncodedLen for Prices {
    fn max_encoded_len() -> usize {
        MAX_SUM_ASSETS.saturating_mul(2 + 8).saturating_add(2)
    }
}

/// The reserves of a subnet's pool, and all alpha outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backing {
    /// TAO in the pool.
    pub tao: TaoBalance,
    /// Alpha in the pool.
    pub alpha: AlphaBalance,
    /// Alpha outside the pool.
    pub outside: AlphaBalance,
}

impl Backing {
    /// TAO that stays in the pool when all alpha outside is sold: `tao · alpha / (alpha + outside)`, for a pool with
    /// equal weights. No trade changes it.
    pub fn stays(&self) -> TaoBalance {
        let all = u128::from(self.alpha.to_rao()).saturating_add(self.outside.to_rao().into());
        let product = u128::from(self.tao.to_rao()).saturating_mul(self.alpha.to_rao().into());
        let stays = product.checked_div(all).and_then(|rao| u64::try_from(rao).ok());
        stays.map_or(TaoBalance::ZERO, TaoBalance::from_rao)
    }
}

/// The price of a subnet's alpha for a note: its moving price, at most 1, and at most what stays in the pool for all
/// alpha outside. Rounded down.
///
/// The second bound keeps a thin pool from giving votes: whoever holds nearly all alpha of a subnet can set its price
/// for little TAO. And TAO that leaves the pool after alpha has voted was in no vote: it may vote as TAO.
pub fn noted_price(moving: U64F64, backing: Backing) -> u64 {
    // At most 2⁶⁴ · 10⁹ < 2⁹⁴.
    let scaled = moving.min(U64F64::ONE).to_bits().saturating_mul(PRICE_SCALE.into()) >> 64;
    let backed = u128::from(backing.stays().to_rao()).saturating_mul(PRICE_SCALE.into());
    let backed = backed.checked_div(backing.outside.to_rao().into()).unwrap_or(0);
    u64::try_from(scaled.min(backed)).unwrap_or(PRICE_SCALE)
}

/// The way in which a referendum values assets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Valuation {
    /// All assets, alpha at noted prices.
    Network(Prices),
    /// Alpha of this subnet alone, as it is.
    Subnet(NetUid),
}

impl Valuation {
    /// The valuation on a track, with prices as noted for the referendum.
    pub fn on(track: TrackId, prices: Prices) -> Self {
        track.subnet().map_or(Self::Network(prices), Self::Subnet)
    }

    /// Power of an amount in rao, rounded down.
    pub fn power(&self, asset: Asset, amount: u64) -> u128 {
        let amount = u128::from(amount);
        match (self, asset) {
            (Self::Network(_), Asset::Free | Asset::Stake(ROOT)) => amount,
            (Self::Network(prices), Asset::Stake(netuid)) => {
                amount.saturating_mul(prices.of(netuid).into()) / u128::from(PRICE_SCALE)
            }
            (Self::Subnet(netuid), asset) if asset == Asset::Stake(*netuid) => amount,
            (Self::Subnet(_), _) => 0,
        }
    }

    /// Power of a portfolio.
    pub fn total(&self, portfolio: &Portfolio) -> u128 {
        portfolio.iter().fold(0, |sum, (asset, amount)| self.power(asset, amount).saturating_add(sum))
    }
}

/// Power of an account's own vote lock in a referendum on a track. The account has `tao` rao. Prices are those of the
/// referendum's submission and those of now.
///
/// Alpha counts at the lower of the two prices, so alpha that was minted or bought since the submission votes with no
/// more than the TAO in its pool. TAO counts as far as it is there: a deposit under the vote lock may have been
/// forfeited.
pub fn own_part(
    track: TrackId,
    lock: &Portfolio,
    tao: u64,
    noted: &Prices,
    price: impl Fn(NetUid) -> u64,
) -> u128 {
    let mut lock = lock.clone();
    lock.set(Asset::Free, lock.amount(Asset::Free).min(tao));
    let lower = |(asset, _)| match asset {
        Asset::Stake(netuid) if netuid != ROOT => Some((netuid, noted.of(netuid).min(price(netuid)))),
        _ => None,
    };
    let prices = match track.subnet() {
        // A subnet's track counts alpha as it is.
        Some(_) => Prices::default(),
        None => Prices::new(lock.iter().filter_map(lower)),
    };
    Valuation::on(track, prices).total(&lock)
}

/// The electorate of the network in rao: all TAO but that of nobody, which is burned or the treasury's.
///
/// TAO of pools is in it in full, though alpha votes for less where the moving price lags behind. Otherwise a bloc
/// could make the electorate smaller than it is: by staking into an empty pool in the block of a submission.
pub fn network_electorate(issuance: TaoBalance, nobody: TaoBalance) -> u128 {
    issuance.saturating_sub(nobody).to_rao().into()
}

/// The electorate of a subnet in rao: alpha outstanding without that of nobody, which is burned or the protocol's.
///
/// The owner's alpha is in it, although the owner does not vote, because it can move to another account and vote there.
pub fn subnet_electorate(outstanding: AlphaBalance, nobody: AlphaBalance) -> u128 {
    outstanding.saturating_sub(nobody).to_rao().into()
}

/// A longer bond for more weight in the approval. Support never multiplies.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Multiplier {
    /// Bound until the referendum is over.
    #[codec(index = 0)]
    One,
    /// Half as much again, for 28 days more if the vote's side won.
    #[codec(index = 1)]
    OneAndHalf,
    /// Twice, for 84 days more if the vote's side won.
    #[codec(index = 2)]
    Two,
}

impl Multiplier {
    /// All multipliers.
    pub const ALL: [Self; 3] = [Self::One, Self::OneAndHalf, Self::Two];

    /// Weight in halves.
    pub const fn halves(self) -> u8 {
        match self {
            Self::One => 2,
            Self::OneAndHalf => 3,
            Self::Two => 4,
        }
    }

    /// Days of the bond after the referendum.
    pub const fn bond_days(self) -> u32 {
        match self {
            Self::One => 0,
            Self::OneAndHalf => 28,
            Self::Two => 84,
        }
    }

    /// Blocks of the bond after the referendum.
    pub fn bond(self, profile: &Profile) -> u64 {
        days(self.bond_days(), profile)
    }
}

#[cfg(test)]
mod tests;
