//! Block production and finality: time, Aura, GRANDPA, sessions, authorship, and the beacon of the authors.
//!
//! Session keys bind an account to its Aura and GRANDPA keys. `authorities` decides which accounts are in office: those
//! of genesis, or those that root appointed or holders elected.

use crate::{
    authorities::{EndOfSession, Handlers, WhereSomethingChanges},
    constants::{MAX_AUTHORITIES, TAO},
    elections::{LastValue, NetworkAnswers},
    governance::Pace,
    profile::{MinimumPeriod, SlotDuration},
    weights, AccountId, Aura, Authorities, Balances, Runtime, RuntimeEvent, RuntimeHoldReason, Session,
    SessionKeys,
};
use frame_support::traits::{ConstBool, ConstU32, ConstU64};
use pallet_session::FindAccountFromAuthorIndex;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::traits::ConvertInto;

impl pallet_timestamp::Config for Runtime {
    type Moment = u64;
    type OnTimestampSet = Aura;
    type MinimumPeriod = MinimumPeriod;
    type WeightInfo = weights::pallet_timestamp::Measured<Runtime>;
}

impl pallet_aura::Config for Runtime {
    type AuthorityId = AuraId;
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type DisabledValidators = Session;
    type AllowMultipleBlocksPerSlot = ConstBool<false>;
    type SlotDuration = SlotDuration;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = weights::Finality<Runtime>;
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<0>;
    type KeyOwnerProof = sp_core::Void;
    type EquivocationReportSystem = ();
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = WhereSomethingChanges;
    type NextSessionRotation = EndOfSession;
    type SessionManager = Authorities;
    type SessionHandler = Handlers;
    type Keys = SessionKeys;
    type DisablingStrategy = ();
    type WeightInfo = weights::pallet_session::Measured<Runtime>;
    type Currency = Balances;
    // Anybody may store session keys, appointed or not; the deposit comes back when they are purged.
    type KeyDeposit = ConstU64<{ TAO / 10 }>;
}

impl crate::authorities::Config for Runtime {}

impl pallet_myelin_election::Config for Runtime {
    type Holds = Balances;
    type Recycle = pallet_network::ledger::TaoLedger<Runtime>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Network = NetworkAnswers;
    type Seats = Authorities;
    type Draw = LastValue;
    type Pace = Pace;
}

impl pallet_myelin_beacon::Config for Runtime {}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = FindAccountFromAuthorIndex<Runtime, Aura>;
    type EventHandler = ();
}
