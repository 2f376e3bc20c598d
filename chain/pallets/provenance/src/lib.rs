//! Records of models. Metadata name `Provenance`.
//!
//! A publisher registers a model by the content hash of its weights, with parents, contributors and their shares,
//! licence, data and addresses. The rules and the limits are in `myelin_provenance`; this pallet keeps the state.
//!
//! **Nothing is deleted.** Records and marks stay. So the deposit of a record stays on hold on its publisher's account
//! too: a record is paid for as long as the chain keeps it. The deposit of a dispute is free again once its author
//! closes the dispute.
//!
//! **Who may do what.** Any account publishes, and a record names it. Contributors confirm their shares by a call of
//! their own. The owner, who is the publisher at first, transfers and withdraws the model and answers disputes. Anybody
//! else disputes it. Root takes it down. All of these are marks for people and programs; no mark stops another call.
//!
//! **Keys.** Publishers and owners are coldkeys by intent, but any account will do. Nothing follows a swapped hotkey.
//!
//! **What it refuses to know.** Weights, the truth of a record, subnets, and the merit of a model.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;
mod measured;
mod register;

pub use pallet::*;
pub use register::Register;

#[frame_support::pallet]
pub mod pallet {
    use alloc::{boxed::Box, vec::Vec};

    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{InspectHold, MutateHold},
            ConstU32,
        },
    };
    use frame_system::pallet_prelude::*;
    use myelin_provenance::{
        dispute::{DISPUTE_DEPOSIT, MAX_DISPUTES},
        model::{DEPOSIT_BASE, DEPOSIT_BYTE},
        Dispute, DisputeError, Hash, LicenceError, LineageError, Model, ModelError, ModelId, Record,
        RecordError,
    };
    use myelin_units::TaoBalance;

    use crate::{measured::Measured, Register};

    /// Types that the runtime supplies.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// The ledger of free TAO, in rao.
        type Holds: MutateHold<Self::AccountId, Balance = u64, Reason = Self::RuntimeHoldReason>
            + InspectHold<Self::AccountId>;

        /// The runtime's reasons to hold TAO.
        type RuntimeHoldReason: From<HoldReason>;
    }

    /// The pallet itself; its metadata name in the runtime is `Provenance`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Reasons to hold TAO.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The chain keeps a record.
        Record,
        /// A dispute is open.
        Dispute,
    }

    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// TAO on hold for any record.
        #[pallet::constant_name(DepositBase)]
        fn deposit_base() -> TaoBalance {
            DEPOSIT_BASE
        }

        /// TAO on hold for each byte of a record.
        #[pallet::constant_name(DepositByte)]
        fn deposit_byte() -> TaoBalance {
            DEPOSIT_BYTE
        }

        /// TAO on hold for an open dispute.
        #[pallet::constant_name(DisputeDeposit)]
        fn dispute_deposit() -> TaoBalance {
            DISPUTE_DEPOSIT
        }
    }

    // Owner of all storage: `Register`.

    /// Models by id.
    #[pallet::storage]
    pub type Models<T: Config> = StorageMap<_, Blake2_128Concat, ModelId, Model<T::AccountId>, OptionQuery>;

    /// Number of models, and the serial number of the next one.
    #[pallet::storage]
    pub type Count<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// Models of an owner.
    #[pallet::storage]
    pub type Owned<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, ModelId, (), OptionQuery>;

    /// Models that name a parent.
    #[pallet::storage]
    pub type Children<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, ModelId, Blake2_128Concat, ModelId, (), OptionQuery>;

    /// Disputes of a model.
    #[pallet::storage]
    pub type Disputes<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        ModelId,
        BoundedVec<Dispute<T::AccountId>, ConstU32<{ MAX_DISPUTES as u32 }>>,
        ValueQuery,
    >;

    /// Events of the pallet.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A model was registered.
        Published {
            /// Model.
            model: ModelId,
            /// Publisher.
            publisher: T::AccountId,
            /// Hash of the record.
            record: Hash,
            /// TAO on hold on the publisher's account, in rao.
            deposit: TaoBalance,
        },
        /// A contributor confirmed its share.
        Confirmed {
            /// Model.
            model: ModelId,
            /// Contributor.
            contributor: T::AccountId,
        },
        /// A model has another owner.
        Transferred {
            /// Model.
            model: ModelId,
            /// Owner until now.
            from: T::AccountId,
            /// Owner from now on.
            to: T::AccountId,
        },
        /// The owner withdrew a model.
        Withdrawn {
            /// Model.
            model: ModelId,
        },
        /// A model was disputed.
        Disputed {
            /// Model.
            model: ModelId,
            /// Number of the dispute.
            number: u32,
            /// Author of the dispute.
            by: T::AccountId,
            /// Hash of the reason.
            reason: Hash,
        },
        /// The owner answered a dispute.
        Answered {
            /// Model.
            model: ModelId,
            /// Number of the dispute.
            number: u32,
            /// Hash of the answer.
            answer: Hash,
        },
        /// The author of a dispute closed it.
        Retracted {
            /// Model.
            model: ModelId,
            /// Number of the dispute.
            number: u32,
        },
        /// Root took a model down.
        TakenDown {
            /// Model.
            model: ModelId,
            /// Hash of the reason.
            reason: Hash,
        },
    }

    /// Reasons to refuse a call.
    #[pallet::error]
    #[derive(PartialEq)]
    pub enum Error<T> {
        /// The record names another publisher than the signer.
        NotThePublisher,
        /// A name has 1 to 64 bytes of printable text.
        BadName,
        /// A model has at most 8 parents.
        TooManyParents,
        /// A parent is named twice.
        ParentTwice,
        /// The model is its own parent.
        OwnParent,
        /// The chain has no record of a parent; publish the parent first.
        UnknownParent,
        /// A model has 1 to 16 contributors.
        BadContributors,
        /// A contributor is named twice.
        ContributorTwice,
        /// A contributor has no share; leave the account out.
        NoShare,
        /// The shares of the contributors do not add up to 1,000,000.
        SharesDoNotSum,
        /// The licence is no SPDX expression of at most 128 bytes.
        BadLicence,
        /// A model has at most 16 hashes of data.
        TooMuchData,
        /// A model has at most 4 addresses.
        TooManyUrls,
        /// An address is not http:// or https:// with at most 256 printable bytes.
        BadUrl,
        /// A model has at most 4 older ids.
        TooManyAliases,
        /// Weights have at least one byte, and an endpoint has none.
        BadSize,
        /// The id of an endpoint is the hash of its first address and its name.
        BadEndpointId,
        /// The chain has a record of this model already.
        ModelTaken,
        /// The chain has no record of this model.
        UnknownModel,
        /// The model has another record than the confirmed one; read it again.
        OtherRecord,
        /// This account is no contributor of the model.
        NotAContributor,
        /// This account confirmed the record already.
        AlreadyConfirmed,
        /// Another account owns the model.
        NotTheOwner,
        /// The model was withdrawn already.
        AlreadyWithdrawn,
        /// The model was taken down already.
        AlreadyTakenDown,
        /// A reference has at most 128 bytes of printable ASCII.
        BadReference,
        /// The owner cannot dispute its own model; withdraw it instead.
        OwnModel,
        /// This account has an open dispute of this model; retract it first.
        DisputeOpen,
        /// 16 disputes of this model are open, which everybody sees; no more are kept.
        TooManyDisputes,
        /// The model has no dispute of this number.
        UnknownDispute,
        /// The dispute was answered already.
        AlreadyAnswered,
        /// The dispute was retracted already.
        AlreadyRetracted,
        /// Somebody else raised this dispute.
        NotYourDispute,
    }

    impl<T> From<RecordError> for Error<T> {
        fn from(error: RecordError) -> Self {
            match error {
                RecordError::Name => Self::BadName,
                RecordError::TooManyParents(_) => Self::TooManyParents,
                RecordError::ParentTwice => Self::ParentTwice,
                RecordError::OwnParent => Self::OwnParent,
                RecordError::Contributors(_) => Self::BadContributors,
                RecordError::ContributorTwice => Self::ContributorTwice,
                RecordError::NoShare => Self::NoShare,
                RecordError::Shares(_) => Self::SharesDoNotSum,
                RecordError::Licence(
                    LicenceError::Length(_) | LicenceError::Syntax(_) | LicenceError::Depth,
                ) => Self::BadLicence,
                RecordError::TooMuchData(_) => Self::TooMuchData,
                RecordError::TooManyUrls(_) => Self::TooManyUrls,
                RecordError::Url(_) => Self::BadUrl,
                RecordError::TooManyAliases(_) => Self::TooManyAliases,
                RecordError::Size => Self::BadSize,
                RecordError::EndpointId => Self::BadEndpointId,
            }
        }
    }

    impl<T> From<ModelError> for Error<T> {
        fn from(error: ModelError) -> Self {
            match error {
                ModelError::NotThePublisher => Self::NotThePublisher,
                ModelError::Record(error) => error.into(),
                ModelError::OtherRecord => Self::OtherRecord,
                ModelError::NoContributor => Self::NotAContributor,
                ModelError::Confirmed => Self::AlreadyConfirmed,
                ModelError::NotTheOwner => Self::NotTheOwner,
                ModelError::Withdrawn => Self::AlreadyWithdrawn,
                ModelError::TakenDown => Self::AlreadyTakenDown,
            }
        }
    }

    impl<T> From<LineageError> for Error<T> {
        fn from(error: LineageError) -> Self {
            match error {
                LineageError::Taken => Self::ModelTaken,
                // A new model cannot be registered before its parents; only a walk finds a wrong order.
                LineageError::UnknownParent(_) | LineageError::Order => Self::UnknownParent,
            }
        }
    }

    impl<T> From<DisputeError> for Error<T> {
        fn from(error: DisputeError) -> Self {
            match error {
                DisputeError::Reference => Self::BadReference,
                DisputeError::Own => Self::OwnModel,
                DisputeError::Open => Self::DisputeOpen,
                DisputeError::Full => Self::TooManyDisputes,
                DisputeError::Unknown => Self::UnknownDispute,
                DisputeError::Answered => Self::AlreadyAnswered,
                DisputeError::Closed => Self::AlreadyRetracted,
                DisputeError::NotYours => Self::NotYourDispute,
            }
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers a model.
        ///
        /// Origin: the publisher that the record names. Effect: the chain keeps the record, and the publisher owns the
        /// model; a deposit is on hold on the publisher's account. A publisher that is a contributor has confirmed its
        /// share. Event: `Published`. Errors: `NotThePublisher`, `ModelTaken`, `UnknownParent`, one for each limit of a
        /// record, and those of the ledger of balances. Cost: a fee.
        #[pallet::call_index(0)]
        #[pallet::weight(Measured::<T>::publish())]
        pub fn publish(origin: OriginFor<T>, record: Box<Record<T::AccountId>>) -> DispatchResult {
            Register::<T>::publish(ensure_signed(origin)?, *record)
        }

        /// Confirms a share.
        ///
        /// Origin: a contributor. Effect: the contributor counts as confirmed; `record` is the hash of the record that
        /// it read. Event: `Confirmed`. Errors: `UnknownModel`, `OtherRecord`, `NotAContributor`, `AlreadyConfirmed`.
        /// Cost: a fee.
        #[pallet::call_index(1)]
        #[pallet::weight(Measured::<T>::confirm())]
        pub fn confirm(origin: OriginFor<T>, model: ModelId, record: Hash) -> DispatchResult {
            Register::<T>::confirm(ensure_signed(origin)?, model, record)
        }

        /// Gives a model to another owner.
        ///
        /// Origin: the owner. Effect: `to` may transfer and withdraw it and answer disputes. The record, its
        /// contributors and its deposit stay. Event: `Transferred`. Errors: `UnknownModel`, `NotTheOwner`. Cost: a fee.
        #[pallet::call_index(2)]
        #[pallet::weight(Measured::<T>::transfer())]
        pub fn transfer(origin: OriginFor<T>, model: ModelId, to: T::AccountId) -> DispatchResult {
            Register::<T>::transfer(ensure_signed(origin)?, model, to)
        }

        /// Marks a model as withdrawn.
        ///
        /// Origin: the owner. Effect: a mark with the block, for good. Event: `Withdrawn`. Errors: `UnknownModel`,
        /// `NotTheOwner`, `AlreadyWithdrawn`. Cost: a fee.
        #[pallet::call_index(3)]
        #[pallet::weight(Measured::<T>::withdraw())]
        pub fn withdraw(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
            Register::<T>::withdraw(ensure_signed(origin)?, model)
        }

        /// Disputes a model.
        ///
        /// Origin: anybody but the owner. Effect: the dispute is kept with the hash of its reason and a reference; a
        /// deposit is on hold until its author retracts it. Event: `Disputed`. Errors: `UnknownModel`, `BadReference`,
        /// `OwnModel`, `DisputeOpen`, `TooManyDisputes`, and those of the ledger of balances. Cost: a fee.
        #[pallet::call_index(4)]
        #[pallet::weight(Measured::<T>::dispute())]
        pub fn dispute(
            origin: OriginFor<T>,
            model: ModelId,
            reason: Hash,
            reference: Vec<u8>,
        ) -> DispatchResult {
            Register::<T>::dispute(ensure_signed(origin)?, model, reason, reference)
        }

        /// Answers a dispute.
        ///
        /// Origin: the owner. Effect: the answer is kept with its dispute. Event: `Answered`. Errors: `UnknownModel`,
        /// `NotTheOwner`, `BadReference`, `UnknownDispute`, `AlreadyAnswered`, `AlreadyRetracted`. Cost: a fee.
        #[pallet::call_index(5)]
        #[pallet::weight(Measured::<T>::answer())]
        pub fn answer(
            origin: OriginFor<T>,
            model: ModelId,
            number: u32,
            answer: Hash,
            reference: Vec<u8>,
        ) -> DispatchResult {
            Register::<T>::answer(ensure_signed(origin)?, model, number, answer, reference)
        }

        /// Retracts a dispute.
        ///
        /// Origin: its author. Effect: the dispute is marked as closed and stays; its deposit is free. Event:
        /// `Retracted`. Errors: `UnknownDispute`, `NotYourDispute`, `AlreadyRetracted`. Cost: a fee.
        #[pallet::call_index(6)]
        #[pallet::weight(Measured::<T>::retract())]
        pub fn retract(origin: OriginFor<T>, model: ModelId, number: u32) -> DispatchResult {
            Register::<T>::retract(ensure_signed(origin)?, model, number)
        }

        /// Marks a model as taken down.
        ///
        /// Origin: root. Effect: a mark with the hash of the reason, for good. Event: `TakenDown`. Errors:
        /// `UnknownModel`, `BadReference`, `AlreadyTakenDown`. Cost: a fee.
        #[pallet::call_index(7)]
        #[pallet::weight(Measured::<T>::takedown())]
        pub fn takedown(
            origin: OriginFor<T>,
            model: ModelId,
            reason: Hash,
            reference: Vec<u8>,
        ) -> DispatchResult {
            ensure_root(origin)?;
            Register::<T>::takedown(model, reason, reference)
        }
    }
}

#[cfg(test)]
mod tests;
