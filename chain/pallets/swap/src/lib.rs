//! State of swaps between TAO and alpha besides the reserves: the weights of each pool and the fee rate.
//!
//! A pool of this chain is a *balancer*: the product `alpha^w_b · tao^w_q` stays constant through a swap, with `w_b +
//! w_q = 1`. The reserves belong to the network pallet, the formulas to `myelin_economy::pool`. This pallet stores the
//! quote weight `w_q` ([`SwapBalancer`], 10¹⁸ = 1) and the fee rate ([`FeeRate`], 65535 = 1) of each subnet, and the
//! price that clients read ([`AlphaSqrtPrice`]). During a block it also stores the amounts that the block's orders have
//! moved ([`TradesOfBlock`]), so that no order gains from one in the other direction. In the runtime the pallet is
//! called `Swap`.
//!
//! **How it is used.** The network pallet requests a pool with its reserves from [`Pallet::pool`], lets
//! `myelin_economy` compute, and applies the result to its reserves. It records the trade with [`Pallet::note_trades`],
//! and stores a changed weight with [`Pallet::set_quote_weight`]. Prices do not move when the weight changes together
//! with an injection: this is the purpose of the weight.
//!
//! **What it refuses to know.** Accounts, stake, and whether a subnet exists.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;

mod measured;

pub use pallet::*;

use measured::Measured;
use myelin_economy::pool::{sqrt_price, BlockTrades, Fee, Pool, Price, QuoteWeight};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, U64F64};

#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        pallet_prelude::*,
        traits::{ConstU16, ConstU64},
    };
    use frame_system::pallet_prelude::*;
    use myelin_economy::pool::{BlockTrades, DEFAULT_FEE_RATE, MAX_FEE_RATE, MINIMUM_RESERVE_RAO};

    use super::*;

    /// Types that the runtime supplies: none.
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

        /// Smallest reserve that a pool still pays from, in rao.
        #[pallet::constant_name(MinimumReserve)]
        fn minimum_reserve() -> u64 {
            MINIMUM_RESERVE_RAO
        }
    }

    /// Quote weight of a pool, the weight of its TAO, 10¹⁸ = 1. Owner: this pallet.
    #[pallet::storage]
    pub type SwapBalancer<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, u64, ValueQuery, ConstU64<{ QuoteWeight::UNIT / 2 }>>;

    /// Part of the input of a swap that the author of the block earns, 65535 = 1. Owner: this pallet.
    #[pallet::storage]
    pub type FeeRate<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, u16, ValueQuery, ConstU16<DEFAULT_FEE_RATE>>;

    /// The square root of the price of a subnet's alpha, in TAO: official clients square it and show it as its price.
    /// Owner: this pallet; the network pallet publishes it.
    #[pallet::storage]
    pub type AlphaSqrtPrice<T: Config> = StorageMap<_, Twox64Concat, NetUid, U64F64, ValueQuery>;

    /// Amounts that the orders of this block have moved in each pool. Empty between blocks, so that a quote is for the
    /// next block. Owner: this pallet.
    #[pallet::storage]
    pub type TradesOfBlock<T: Config> = StorageMap<_, Identity, NetUid, BlockTrades, ValueQuery>;

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        /// Declares the cost of [`Self::on_finalize`]: at most every subnet was traded, and none of these entries was
        /// ever in the database.
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            T::DbWeight::get().reads(1).saturating_add(Weight::from_parts(100_000_000, 0))
        }

        fn on_finalize(_: BlockNumberFor<T>) {
            Self::forget_trades();
        }
    }

    /// Events of the pallet.
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

    /// Reasons to refuse a call.
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
        #[pallet::weight(Measured::<T>::set_fee_rate())]
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
        let weight = QuoteWeight::new(SwapBalancer::<T>::get(netuid)).unwrap_or_default();
        Pool { tao, alpha, weight }
    }

    /// The fee of a swap on a subnet.
    pub fn fee(netuid: NetUid) -> Fee {
        Fee(FeeRate::<T>::get(netuid))
    }

    /// Stores the weight that an injection computed.
    pub fn set_quote_weight(netuid: NetUid, weight: QuoteWeight) {
        SwapBalancer::<T>::insert(netuid, weight.quote_e18());
    }

    /// Publishes the present price of a subnet's alpha to clients.
    pub fn publish_price(netuid: NetUid, price: Price) {
        AlphaSqrtPrice::<T>::insert(netuid, sqrt_price(price));
    }

    /// Amounts that the orders of this block have moved in a pool.
    pub fn trades(netuid: NetUid) -> BlockTrades {
        TradesOfBlock::<T>::get(netuid)
    }

    /// Records the amounts that the orders of this block have moved.
    pub fn note_trades(netuid: NetUid, trades: BlockTrades) {
        TradesOfBlock::<T>::insert(netuid, trades);
    }

    /// Both sides of all books start anew: at the end of a block, and after its own work. There is at most one entry
    /// per subnet, all of this block.
    pub fn forget_trades() {
        let _ = TradesOfBlock::<T>::clear(u32::MAX, None);
    }

    /// Removes the entries of a removed subnet, so that a new one with its number starts with equal weights and the
    /// default fee.
    pub fn remove_subnet(netuid: NetUid) {
        SwapBalancer::<T>::remove(netuid);
        FeeRate::<T>::remove(netuid);
        AlphaSqrtPrice::<T>::remove(netuid);
        TradesOfBlock::<T>::remove(netuid);
    }
}

#[cfg(test)]
mod tests;
