//! Storage that official clients read of parts which this chain does not have yet. Its answers are true: there is
//! nothing.
//!
//! A part that is built later replaces its stand-in here, with the same name and index.

/// The public randomness beacon. No round was ever stored, so clients know that nothing sealed for one is opened.
#[frame_support::pallet]
pub mod drand {
    use frame_support::pallet_prelude::*;

    /// Types that the runtime supplies: none.
    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// The pallet itself; its metadata name is `Drand`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Number of the last stored round; 0 = none.
    #[pallet::storage]
    pub type LastStoredRound<T: Config> = StorageValue<_, u64, ValueQuery>;
}

/// The shield against reordering by block authors. There is no key to encrypt for, so clients submit in the clear.
#[frame_support::pallet]
pub mod mev_shield {
    use frame_support::{pallet_prelude::*, traits::ConstU32};

    /// Most bytes of a key.
    pub type MaxKeyLength = ConstU32<2_048>;

    /// Types that the runtime supplies: none.
    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// The pallet itself; its metadata name is `MevShield`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Key of the author of this block.
    #[pallet::storage]
    pub type CurrentKey<T: Config> = StorageValue<_, BoundedVec<u8, MaxKeyLength>, OptionQuery>;

    /// Key of the author of the next block.
    #[pallet::storage]
    pub type NextKey<T: Config> = StorageValue<_, BoundedVec<u8, MaxKeyLength>, OptionQuery>;
}

/// Money of a crowd for one purpose. There are no crowdloans.
#[frame_support::pallet]
pub mod crowdloan {
    use frame_support::{pallet_prelude::*, traits::Bounded};
    use frame_system::pallet_prelude::*;
    use sp_runtime::traits::BlakeTwo256;

    /// A crowdloan; amounts in rao of TAO.
    #[derive(Clone, PartialEq, Eq, Encode, Decode, Debug, TypeInfo)]
    #[scale_info(skip_type_params(T))]
    pub struct CrowdloanInfo<T: Config> {
        /// Account that created it.
        pub creator: T::AccountId,
        /// Deposit of its creator.
        pub deposit: u64,
        /// Smallest contribution.
        pub min_contribution: u64,
        /// Block at which it closes.
        pub end: BlockNumberFor<T>,
        /// Amount to raise.
        pub cap: u64,
        /// The account that keeps it.
        pub funds_account: T::AccountId,
        /// Amount raised so far.
        pub raised: u64,
        /// Account that receives it.
        pub target_address: Option<T::AccountId>,
        /// Call that is made with it.
        pub call: Option<Bounded<T::RuntimeCall, BlakeTwo256>>,
        /// Whether the crowdloan is finalised.
        pub finalized: bool,
        /// Number of contributors.
        pub contributors_count: u32,
    }

    /// Types that the runtime supplies: none.
    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// The pallet itself; its metadata name is `Crowdloan`.
    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    /// Crowdloans by their numbers.
    #[pallet::storage]
    pub type Crowdloans<T: Config> = StorageMap<_, Twox64Concat, u32, CrowdloanInfo<T>, OptionQuery>;

    /// The number of the next crowdloan.
    #[pallet::storage]
    pub type NextCrowdloanId<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// Contribution of an account to a crowdloan.
    #[pallet::storage]
    pub type Contributions<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u32, Identity, T::AccountId, u64, OptionQuery>;
}
