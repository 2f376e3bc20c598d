//! Table of contents of the pallet: its configuration, its block hook, and the sections that declare the rest.
//!
//! Each concept declares its storage in its own folder, beside the type that alone writes it. FRAME takes one block of
//! calls, one list of events and one list of errors from a pallet; they are sections of their own in `pallet/`. No rule
//! is in any of these sections.
//!
//! Names, key hashers, value types, defaults and indices are part of the official interface; clients depend on all of
//! them. The order of the sections is the order of the metadata. A new section goes behind the others of storage.
//!
//! The names of a section resolve in the module below, so what a section needs is imported here
//! (docs/decisions/0081).

// Dispatchables have as many arguments as their official counterparts.
#![allow(clippy::too_many_arguments)]
// FRAME wants a module of its own.
#![allow(clippy::module_inception)]

mod calls;
mod constants;
mod errors;
mod events;
mod never_written;

use frame_support::pallet_macros::import_section;

pub use pallet::*;

#[import_section(constants::constants)]
// Storage.
#[import_section(crate::subnets::genesis::first_state)]
#[import_section(crate::ledger::supply)]
#[import_section(crate::pools::storage::all_pools)]
#[import_section(crate::emission::storage::last_emission)]
#[import_section(crate::subnets::storage::network_settings)]
#[import_section(crate::stake::storage::cooldown_of_children)]
#[import_section(crate::locks::storage::rates)]
#[import_section(crate::stake::storage::automatic_claims)]
#[import_section(crate::keys::storage::owners)]
#[import_section(crate::stake::storage::stakers_and_delegates)]
#[import_section(crate::identity::storage::of_coldkeys)]
#[import_section(crate::subnets::storage::rate_limits)]
#[import_section(crate::keys::storage::swaps)]
#[import_section(crate::stake::storage::children)]
#[import_section(crate::subnets::storage::registry)]
#[import_section(crate::identity::storage::of_subnets)]
#[import_section(crate::subnets::storage::openness)]
#[import_section(crate::neurons::storage::membership)]
#[import_section(crate::subnets::storage::hyperparameters)]
#[import_section(crate::neurons::storage::uids)]
#[import_section(crate::serving::storage::endpoints)]
#[import_section(crate::epoch::storage::results)]
#[import_section(crate::epoch::storage::schedule)]
#[import_section(crate::voting::storage::powers)]
#[import_section(crate::weights::storage::weights)]
#[import_section(crate::pools::storage::reserves)]
#[import_section(crate::emission::storage::pots)]
#[import_section(crate::stake::storage::holdings)]
#[import_section(crate::stake::storage::root_claims)]
#[import_section(crate::locks::storage::locks)]
#[import_section(crate::removal::storage::removal)]
#[import_section(crate::stake::storage::marks)]
#[import_section(crate::migrations::recount)]
#[import_section(crate::subnets::storage::rubrics)]
#[import_section(crate::evidence::storage::evidence)]
#[import_section(crate::ancestry::storage::ancestry)]
#[import_section(crate::subnets::storage::fees_and_sessions)]
#[import_section(never_written::never_written)]
// Calls, events and errors.
#[import_section(calls::calls)]
#[import_section(events::events)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
    use alloc::{
        collections::{BTreeMap, BTreeSet, VecDeque},
        vec::Vec,
    };

    use codec::Compact;
    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{Balanced, Inspect, Mutate},
            ConstBool, ConstU64,
        },
        PalletId,
    };
    use frame_system::pallet_prelude::*;
    use myelin_abi::{
        AnswerRoot, AxonInfo, ChainIdentityV2, DeclaredModel, EpochConsensus, EvidenceHoldings, EvidenceRoot,
        EvidenceTimeline, LockState, MinerCollateralState, NetworkRegistrationInfo, NeuronCertificate,
        OutvotedMark, PrometheusInfo, ProofHistory, RecycleOrBurnEnum, RootClaimTypeEnum, RubricSource,
        RubricTimeline, SubnetIdentityV3, SubnetLease, Timeline,
    };
    use myelin_economy::{dust::MIN_STAKE, sessions::Sessions, shares::ShareFloat};
    use myelin_governance::VoteLocks;
    use myelin_provenance::{inheritance::MAX_HEIRS, ModelId};
    use myelin_units::{AlphaBalance, MechId, NetUid, TaoBalance, Uid, I96F32, U64F64, U96F32};
    use sp_core::H160;

    use crate::{
        ancestry::{Ancestry, Parts},
        costs::{self, Signer},
        defaults::*,
        evidence::EvidenceLedger,
        identity::Identities,
        keys::{FollowHotkey, KeyOwnership, SwapUnderWay},
        locks::{ConvictionCount, Locks},
        measured,
        migrations::RecountStatus,
        neurons::{NeuronRegistry, PriceLimit, Seat},
        removal::{DissolveCleanupStatus, ForgetSubnet, SubnetRemoval},
        serving::Endpoints,
        stake::{
            ChildkeyTakes, DelegateTakes, Delegation, MoveLimit, RootClaims, StakeLedger, StakePosition,
            TradeLimit,
        },
        subnets::{genesis, NetworkSettings, RateLimits, Rubrics, SubnetRegistry},
        types::*,
        voting::VotingPowers,
        weights::{BatchRow, Reveal, WeightLedger, MAIN},
    };

    /// Types that the runtime supplies.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>>
        + pallet_commitments::Config
        + pallet_myelin_swap::Config
        + crate::alpha_assets::Config
    {
        /// The ledger of free TAO, in rao.
        type Currency: Inspect<Self::AccountId, Balance = u64>
            + Mutate<Self::AccountId>
            + Balanced<Self::AccountId>;

        /// Author of the current block, who earns the swap fees; `None` before the block names one.
        type BlockAuthor: Get<Option<Self::AccountId>>;

        /// Pallets beside this one with entries by subnet and hotkey. They delete entries with the subnet, and move
        /// them with the hotkey.
        type OtherPallets: ForgetSubnet + FollowHotkey<Self::AccountId>;

        /// Randomness that draws the samples of proofs.
        type Beacon: crate::evidence::Beacon;

        /// The registry of models.
        type Models: myelin_provenance::Models<Self::AccountId>;

        /// Elections of authorities, which look at epochs and root stake.
        type Elections: crate::elections::Elections<Self::AccountId>;

        /// Vote locks of governance, which bind stake too.
        type VoteLocks: VoteLocks<Self::AccountId>;

        /// Fee of a free call that is going to fail.
        type FailureFee: crate::extension::FailureFee<Self::AccountId>;
    }

    /// Version of the storage. A change of stored types raises it and adds a migration to the runtime's list.
    pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(5);

    /// The pallet itself; its metadata name in the runtime is `SubtensorModule`.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(block: BlockNumberFor<T>) -> Weight {
            crate::block::begin::<T>(block)
        }
    }
}
