//! Prices and simulated swaps.

use alloc::vec::Vec;

use myelin_abi::{SimSwapResult, SubnetPrice};
use myelin_economy::pool::{price_to_rao, Terms};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, U64F64};

use super::numbered;
use crate::{pallet::Config, pools::PoolReserves, subnets::SubnetRegistry};

/// TAO per alpha, times 10⁹; 10⁹ on root and stable subnets, 0 if the subnet does not exist.
pub fn price<T: Config>(netuid: NetUid) -> u64 {
    if SubnetRegistry::<T>::exists(netuid) {
        price_to_rao(PoolReserves::<T>::spot_price(netuid))
    } else {
        0
    }
}

/// The price of every subnet.
pub fn prices<T: Config>() -> Vec<SubnetPrice> {
    numbered::<T>().into_iter().map(|netuid| SubnetPrice { netuid, price: price::<T>(netuid) }).collect()
}

/// Result of buying alpha for TAO now; all zero if it is impossible.
///
/// The slippage compares with the alpha that the TAO entering the pool would buy at the current price.
pub fn sim_buy<T: Config>(netuid: NetUid, tao: TaoBalance) -> SimSwapResult {
    let terms = Terms::with_fee(PoolReserves::<T>::fee(netuid));
    match PoolReserves::<T>::simulate_buy(netuid, tao, terms) {
        Ok(trade) if SubnetRegistry::<T>::exists(netuid) => {
            let amount = U64F64::from_int(trade.amount_in.to_rao());
            let at_spot =
                AlphaBalance::from_rao(amount.safe_div(PoolReserves::<T>::spot_price(netuid)).floor_u64());
            SimSwapResult {
                tao_amount: trade.amount_in,
                alpha_amount: trade.amount_out,
                tao_fee: trade.fee,
                alpha_slippage: at_spot.saturating_sub(trade.amount_out),
                ..SimSwapResult::default()
            }
        }
        _ => SimSwapResult::default(),
    }
}

/// Result of selling alpha for TAO now; all zero if it is impossible.
///
/// The slippage compares with the worth of the alpha entering the pool at the current price.
pub fn sim_sell<T: Config>(netuid: NetUid, alpha: AlphaBalance) -> SimSwapResult {
    let terms = Terms::with_fee(PoolReserves::<T>::fee(netuid));
    match PoolReserves::<T>::simulate_sell(netuid, alpha, terms) {
        Ok(trade) if SubnetRegistry::<T>::exists(netuid) => {
            let at_spot = PoolReserves::<T>::value_at_spot(netuid, trade.amount_in);
            SimSwapResult {
                tao_amount: trade.amount_out,
                alpha_amount: trade.amount_in,
                alpha_fee: trade.fee,
                tao_slippage: at_spot.saturating_sub(trade.amount_out),
                ..SimSwapResult::default()
            }
        }
        _ => SimSwapResult::default(),
    }
}
