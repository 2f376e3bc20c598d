//! What a swap between TAO and alpha needs besides the reserves: the weights of each pool and the fee rate.
//!
//! A pool of this chain is a *balancer*: the product `alpha^w_b · tao^w_q` stays constant through a swap, with
//! `w_b + w_q = 1`. The reserves belong to the network pallet, the formulas to `myelin_economy::pool`; here live the
//! quote weight `w_q` ([`SwapBalancer`], 10¹⁸ = 1) and the fee rate ([`FeeRate`], 65535 = 1) of each subnet.
//! In the runtime the pallet is called `Swap`.
//!
//! **How it is used.** The network pallet asks [`Pallet::pool`] for a pool with the reserves it holds, lets
//! `myelin_economy` compute, applies the result to its reserves, and hands a changed weight back with
//! [`Pallet::set_quote_weight`]. Prices do not move when the weight changes together with an injection; that is
//! what the weight is for.
//!
//! **What it refuses to know.** Accounts, stake, and whether a subnet exists.

#![cfg_attr(not(feature = "std"), no_std)]

pub use pallet::*;

use myelin_economy::pool::Pool;
use myelin_units::{AlphaBalance, NetUid, TaoBalance};

/// Highest fee rate that root may set, 65535 = 1.
pub const MAX_FEE_RATE: u16 = 10_000;

#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        pallet_prelude::*,
        traits::{ConstU16, ConstU64},
    };
    use frame_system::pallet_prelude::*;

    use super::*;

    /// What the runtime supplies: nothing.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {}

    /// The pallet itself; its metadata name in the runtime is `Swap`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// Highest fee rate, 65535 = 1.
        #[pallet::constant_name(MaxFeeRate)]
        fn max_fee_rate() -> u16 {
            MAX_FEE_RATE
        }
    }

    /// Quote weight of a pool, the weight of its TAO, 10¹⁸ = 1. Owner: this pallet.
    #[pallet::storage]
    pub type SwapBalancer<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, u64, ValueQuery, ConstU64<500_000_000_000_000_000>>;

    /// Part of the input of a swap that the author of the block earns, 65535 = 1. Owner: this pallet.
    #[pallet::storage]
    pub type FeeRate<T: Config> = StorageMap<_, Twox64Concat, NetUid, u16, ValueQuery, ConstU16<33>>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(fn deposit_event)]
    pub enum Event<T: Config> {
        /// The fee rate of a subnet was set.
        FeeRateSet {
            /// Subnet.
            netuid: NetUid,
            /// New rate, 65535 = 1.
            rate: u16,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The fee rate is above 10,000 (15.26 %).
        FeeRateTooHigh,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the fee rate of a subnet.
        ///
        /// Origin: root. Effect: later swaps of the subnet pay `rate / 65535` of their input. Event: `FeeRateSet`.
        /// Error: `FeeRateTooHigh`. Cost: one write.
        #[pallet::call_index(0)]
        #[pallet::weight(T::DbWeight::get().writes(1).saturating_add(Weight::from_parts(10_000_000, 0)))]
        pub fn set_fee_rate(origin: OriginFor<T>, netuid: NetUid, rate: u16) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(rate <= MAX_FEE_RATE, Error::<T>::FeeRateTooHigh);
            FeeRate::<T>::insert(netuid, rate);
            Self::deposit_event(Event::FeeRateSet { netuid, rate });
            Ok(())
        }
    }
}

impl<T: Config> Pallet<T> {
    /// The pool of a subnet with these reserves.
    pub fn pool(netuid: NetUid, tao: TaoBalance, alpha: AlphaBalance) -> Pool {
        Pool { tao, alpha, quote_weight: SwapBalancer::<T>::get(netuid) }
    }

    /// The fee rate of a subnet, 65535 = 1.
    pub fn fee_rate(netuid: NetUid) -> u16 {
        FeeRate::<T>::get(netuid)
    }

    /// Stores the quote weight that an injection computed, 10¹⁸ = 1.
    pub fn set_quote_weight(netuid: NetUid, quote_weight: u64) {
        SwapBalancer::<T>::insert(netuid, quote_weight);
    }

    /// Forgets a removed subnet, so that a new one with its number starts with equal weights and the default fee.
    pub fn remove_subnet(netuid: NetUid) {
        SwapBalancer::<T>::remove(netuid);
        FeeRate::<T>::remove(netuid);
    }
}

#[cfg(test)]
mod tests;
