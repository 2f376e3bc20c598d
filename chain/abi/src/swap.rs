//! Prices and simulated swaps as `SwapRuntimeApi` answers them.

use codec::{Decode, Encode};
use myelin_units::{AlphaBalance, NetUid, TaoBalance};
use scale_info::TypeInfo;

/// Result of a swap executed now. All zero when the swap is impossible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SimSwapResult {
    /// TAO that would go in or come out, in rao.
    pub tao_amount: TaoBalance,
    /// Alpha that would come out or go in, in rao.
    pub alpha_amount: AlphaBalance,
    /// Fee of a purchase, in rao of TAO.
    pub tao_fee: TaoBalance,
    /// Fee of a sale, in rao of alpha.
    pub alpha_fee: AlphaBalance,
    /// Loss of a sale against the current price, in rao of TAO.
    pub tao_slippage: TaoBalance,
    /// Loss of a purchase against the current price, in rao of alpha.
    pub alpha_slippage: AlphaBalance,
}

/// The price of one subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SubnetPrice {
    /// Subnet.
    pub netuid: NetUid,
    /// TAO per alpha, times 10⁹.
    pub price: u64,
}
