//! Baskets of subnets' alpha as `BetaBasketRuntimeApi` answers them. This chain has none, but clients ask for them.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use myelin_units::{AlphaBalance, NetUid, TaoBalance};
use scale_info::TypeInfo;

/// The contents of a validator's basket.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BasketSummary<A> {
    /// The validator.
    pub hotkey: A,
    /// Proceeds of selling all of it now, in rao of TAO.
    pub nav_tao: TaoBalance,
    /// Its worth at spot prices.
    pub spot_nav_tao: TaoBalance,
    /// Shares given out.
    pub shares: u64,
    /// Total paid in, in rao of TAO.
    pub deposited_tao: TaoBalance,
    /// Total paid out, in rao of TAO.
    pub redeemed_tao: TaoBalance,
    /// Contents by subnet.
    pub holdings: Vec<BasketHolding>,
}

/// The contents of a basket on one subnet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BasketHolding {
    /// Subnet.
    pub netuid: NetUid,
    /// Alpha, in rao.
    pub alpha: AlphaBalance,
    /// Its worth at the spot price, in rao of TAO.
    pub spot_tao: TaoBalance,
    /// Proceeds of selling it now, in rao of TAO.
    pub realizable_tao: TaoBalance,
}

/// A coldkey's part of a basket.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BasketPosition<A> {
    /// The validator.
    pub hotkey: A,
    /// Shares of the coldkey.
    pub beta: u64,
    /// All shares.
    pub beta_total: u64,
    /// Proceeds of selling the whole basket now, in rao of TAO.
    pub nav_tao: TaoBalance,
    /// Proceeds of selling the part now, in rao of TAO.
    pub value_tao: TaoBalance,
    /// Its worth at spot prices, in rao of TAO.
    pub spot_value_tao: TaoBalance,
}

/// Whether a basket may be traded, and how much of it at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct BasketTradingStatus {
    /// Whether the network lets anybody trade baskets.
    pub enabled: bool,
    /// Whether this one is closed.
    pub frozen: bool,
    /// Amount that may be traded now, in rao of TAO.
    pub tao_available: TaoBalance,
    /// The most that may be traded at once, in rao of TAO.
    pub budget_tao: TaoBalance,
    /// Blocks until all of it may be traded again.
    pub refill_blocks: u64,
}

impl<A> BasketSummary<A> {
    /// The basket of a validator that has none.
    pub fn none(hotkey: A) -> Self {
        let nothing = TaoBalance::ZERO;
        Self {
            hotkey,
            nav_tao: nothing,
            spot_nav_tao: nothing,
            shares: 0,
            deposited_tao: nothing,
            redeemed_tao: nothing,
            holdings: Vec::new(),
        }
    }
}
