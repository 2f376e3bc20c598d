//! Collateral: TAO that miners lock on a subnet and lose when two contradicting answers are proven. Metadata name
//! `Collateral`.
//!
//! A subnet's owner may require collateral; by default none does, and then nothing here happens. A miner's coldkey
//! locks TAO for a hotkey: it stays on the coldkey's account, on hold, so that balances and issuance add up as before.
//! The bonds are public ([`Bonds`]); registration, weights and epochs do not look at them, so that official clients
//! notice nothing. Validators decide how to treat an unbacked miner.
//!
//! **What forfeits it.** A [report](Call::report) of two different answers that the hotkey signed for one challenge.
//! The chain checks both signatures by itself (`myelin_wire::equivocation`), and that they are for this chain and
//! subnet. The challenge id contains a block hash, which proves that the challenge is recent and was drawn after the
//! collateral was locked. The last check also makes every report valid for one bond only. The rules and their figures
//! are in `myelin_economy::collateral`.
//!
//! **Keys.** When a hotkey is replaced its bond follows, so that the miner stays backed. The new hotkey answers with it
//! for challenges from then on, the old one for earlier challenges. A report about the old hotkey finds the bond by
//! [`Successors`] as long as reports are accepted. A bond that was asked back, or that followed another hotkey within a
//! report window, stays with the old one.
//!
//! **Removed subnets.** A requirement is removed with its subnet. A bond remembers its subnet; when that is gone, the
//! bond is free at once, and a later subnet of the same number requires nothing until its owner does.
//!
//! **What it refuses to know.** The contents of questions and answers, and any other merit of a miner.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;
mod bonds;
mod measured;
mod proof;
pub mod waits;

pub use bonds::Ledger;
pub use pallet::*;

#[frame_support::pallet]
pub mod pallet {
    use alloc::boxed::Box;

    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{BalancedHold, Credit, InspectHold, MutateHold},
            OnUnbalanced,
        },
    };
    use frame_system::pallet_prelude::*;
    use myelin_abi::{Collateral, CollateralRequirement, EquivocationReport};
    use myelin_economy::collateral::CollateralError;
    use myelin_units::{Block, NetUid, TaoBalance};

    use crate::{measured::Measured, Ledger};

    /// Types that the runtime supplies.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>, AccountId: From<[u8; 32]> + Into<[u8; 32]>>
        + pallet_network::Config
    {
        /// The ledger of free TAO, in rao.
        type Holds: MutateHold<Self::AccountId, Balance = u64, Reason = Self::RuntimeHoldReason>
            + BalancedHold<Self::AccountId>
            + InspectHold<Self::AccountId>;

        /// The runtime's reasons to hold TAO.
        type RuntimeHoldReason: From<HoldReason>;

        /// Takes TAO that is recycled.
        type Recycle: OnUnbalanced<Credit<Self::AccountId, Self::Holds>>;
    }

    /// The pallet itself; its metadata name in the runtime is `Collateral`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Reasons to hold TAO.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// It backs a miner.
        Collateral,
    }

    /// Collateral that a subnet requires of its miners. Owner: [`Ledger`].
    #[pallet::storage]
    pub type Requirements<T: Config> = StorageMap<_, Identity, NetUid, CollateralRequirement, ValueQuery>;

    /// Collateral of a hotkey on a subnet. Owner: [`Ledger`].
    #[pallet::storage]
    pub type Bonds<T: Config> = StorageDoubleMap<
        _,
        Identity,
        NetUid,
        Blake2_128Concat,
        T::AccountId,
        Collateral<T::AccountId>,
        OptionQuery,
    >;

    /// The hotkey that the bond of a replaced hotkey followed to. Owner: [`Ledger`].
    #[pallet::storage]
    pub type Successors<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, T::AccountId, OptionQuery>;

    /// Events of the pallet.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The requirement of a subnet changed.
        RequirementSet {
            /// Subnet.
            netuid: NetUid,
            /// TAO that backs a miner, in rao; 0 = off.
            amount: TaoBalance,
            /// Blocks that collateral stays after it was asked back.
            unbonding: u32,
        },
        /// TAO was locked.
        Locked {
            /// Subnet.
            netuid: NetUid,
            /// Miner.
            hotkey: T::AccountId,
            /// Owner of the TAO.
            coldkey: T::AccountId,
            /// All that is locked for the miner now, in rao.
            amount: TaoBalance,
        },
        /// Collateral was asked back and no longer backs its miner.
        UnbondingBegan {
            /// Subnet.
            netuid: NetUid,
            /// Miner.
            hotkey: T::AccountId,
            /// Block from which it can be withdrawn.
            leaves: Block,
        },
        /// Collateral is free TAO again.
        Withdrawn {
            /// Subnet.
            netuid: NetUid,
            /// Miner.
            hotkey: T::AccountId,
            /// Owner of the TAO.
            coldkey: T::AccountId,
            /// TAO in rao.
            amount: TaoBalance,
        },
        /// A miner was proven to have signed two answers to one challenge.
        Forfeited {
            /// Subnet.
            netuid: NetUid,
            /// Miner, by the hotkey that had the collateral; a hotkey that it replaced may have signed.
            hotkey: T::AccountId,
            /// The reporter.
            reporter: T::AccountId,
            /// TAO for the reporter, in rao.
            reward: TaoBalance,
            /// TAO that no longer exists, in rao.
            recycled: TaoBalance,
        },
        /// A miner's hotkey was replaced, and its collateral followed.
        Followed {
            /// Subnet.
            netuid: NetUid,
            /// Hotkey that was replaced.
            old_hotkey: T::AccountId,
            /// Hotkey that has the collateral now.
            new_hotkey: T::AccountId,
        },
    }

    /// Reasons to refuse a call.
    #[pallet::error]
    #[derive(PartialEq)]
    pub enum Error<T> {
        /// A requirement is 0 (off) or between 0.1 and 1,000,000 TAO.
        AmountOutOfBounds,
        /// Collateral stays between 600 and 216,000 blocks after it was asked back.
        UnbondingOutOfBounds,
        /// The subnet requires no collateral.
        NotRequired,
        /// The amount is less than the subnet requires.
        BelowRequirement,
        /// This collateral was asked back; withdraw it first and lock anew.
        Leaving,
        /// This collateral stays until the block at which it leaves; ask it back first if you have not done so.
        Staying,
        /// This hotkey has no collateral on this subnet.
        NoCollateral,
        /// The collateral belongs to another coldkey.
        NotYours,
        /// The collateral was for a subnet that no longer exists; withdraw it.
        SubnetGone,
        /// The source block of the challenge is not on this chain, or too old.
        UnknownSource,
        /// The challenge was drawn before the collateral was locked.
        BeforeCollateral,
        /// The two answers do not prove that this miner contradicted itself on this chain and subnet.
        NotProven,
        /// The subnet requires a longer unbonding time than the call accepts.
        UnbondingTooLong,
    }

    impl<T> From<CollateralError> for Error<T> {
        fn from(error: CollateralError) -> Self {
            match error {
                CollateralError::AmountOutOfBounds => Self::AmountOutOfBounds,
                CollateralError::UnbondingOutOfBounds => Self::UnbondingOutOfBounds,
                CollateralError::NotRequired => Self::NotRequired,
                CollateralError::UnbondingTooLong => Self::UnbondingTooLong,
                CollateralError::BelowRequirement => Self::BelowRequirement,
                CollateralError::Leaving => Self::Leaving,
                CollateralError::Staying => Self::Staying,
            }
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the collateral that a subnet requires of its miners.
        ///
        /// Origin: the subnet's owner outside the freeze window, or root. Effect: later locks need at least `amount`
        /// and stay for `unbonding` blocks after they were asked back; 0 requires nothing. Existing bonds keep their
        /// terms. Event: `RequirementSet`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `AdminActionProhibitedDuringWeightsWindow`, `AmountOutOfBounds`, `UnbondingOutOfBounds`. Cost: a fee.
        #[pallet::call_index(0)]
        #[pallet::weight(Measured::<T>::set_requirement())]
        pub fn set_requirement(
            origin: OriginFor<T>,
            netuid: NetUid,
            amount: TaoBalance,
            unbonding: u32,
        ) -> DispatchResult {
            Ledger::<T>::require(origin, netuid, amount, unbonding)
        }

        /// Locks TAO for a hotkey, or adds to its bond.
        ///
        /// Origin: the coldkey that owns the hotkey. Effect: `amount` is held on the coldkey's account. Once asked
        /// back, all TAO locked for the hotkey stays as long as the subnet requires now, which is at most
        /// `longest_unbonding` blocks. Event: `Locked`. Errors: `SubnetNotExists`, `NonAssociatedColdKey`,
        /// `NotRequired`, `UnbondingTooLong`, `BelowRequirement`, `Leaving`, `NotYours`, `SubnetGone`, and those of the
        /// ledger of balances. Cost: a fee.
        #[pallet::call_index(1)]
        #[pallet::weight(Measured::<T>::lock())]
        pub fn lock(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
            amount: TaoBalance,
            longest_unbonding: u32,
        ) -> DispatchResult {
            Ledger::<T>::lock(ensure_signed(origin)?, netuid, hotkey, amount, longest_unbonding)
        }

        /// Asks for collateral back.
        ///
        /// Origin: the coldkey that owns the TAO. Effect: the miner is no longer backed, and the TAO can be withdrawn
        /// after the agreed blocks. Event: `UnbondingBegan`. Errors: `NoCollateral`, `NotYours`, `Leaving`. Cost: a
        /// fee.
        #[pallet::call_index(2)]
        #[pallet::weight(Measured::<T>::unbond())]
        pub fn unbond(origin: OriginFor<T>, netuid: NetUid, hotkey: T::AccountId) -> DispatchResult {
            Ledger::<T>::unbond(ensure_signed(origin)?, netuid, hotkey)
        }

        /// Withdraws collateral.
        ///
        /// Origin: the coldkey that owns the TAO. Effect: it is free again. Event: `Withdrawn`. Errors: `NoCollateral`,
        /// `NotYours`, `Staying`. Cost: a fee.
        #[pallet::call_index(3)]
        #[pallet::weight(Measured::<T>::withdraw())]
        pub fn withdraw(origin: OriginFor<T>, netuid: NetUid, hotkey: T::AccountId) -> DispatchResult {
            Ledger::<T>::withdraw(ensure_signed(origin)?, netuid, hotkey)
        }

        /// Proves that a miner signed two answers to one challenge.
        ///
        /// Origin: anybody. Effect: all its collateral on the subnet is forfeited, also if another hotkey replaced it
        /// since; a tenth goes to the caller, the rest is recycled. Event: `Forfeited`. Errors: `NoCollateral`,
        /// `SubnetGone`, `UnknownSource`, `BeforeCollateral`, `NotProven`. Cost: a fee, which is refunded for a proof.
        #[pallet::call_index(4)]
        #[pallet::weight(Measured::<T>::proven())]
        pub fn report(
            origin: OriginFor<T>,
            netuid: NetUid,
            report: Box<EquivocationReport>,
        ) -> DispatchResultWithPostInfo {
            Ledger::<T>::report(ensure_signed(origin)?, netuid, &report)?;
            Ok(Pays::No.into())
        }
    }
}

#[cfg(test)]
mod tests;
