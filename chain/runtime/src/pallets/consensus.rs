//! Who writes blocks and who finalises them: time, Aura, GRANDPA, sessions, authorship.
//!
//! Session keys bind an account to its Aura and GRANDPA keys. The validators of genesis stay in office until a
//! session manager elects others; sessions already rotate, so that an election changes nothing here but the
//! manager.

use crate::{
    constants::{MAX_AUTHORITIES, TAO},
    profile::{MinimumPeriod, SessionPeriod, SlotDuration},
    weights, AccountId, Aura, Balances, Runtime, RuntimeEvent, Session, SessionKeys,
};
use frame_support::traits::{ConstBool, ConstU32, ConstU64};
use pallet_session::{FindAccountFromAuthorIndex, PeriodicSessions};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

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

/// The first session ends after a full period.
type SessionOffset = ConstU32<0>;

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = PeriodicSessions<SessionPeriod, SessionOffset>;
    type NextSessionRotation = PeriodicSessions<SessionPeriod, SessionOffset>;
    type SessionManager = ();
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = ();
    type WeightInfo = weights::pallet_session::Measured<Runtime>;
    type Currency = Balances;
    // Anybody may store session keys, elected or not; the deposit comes back when they are purged.
    type KeyDeposit = ConstU64<{ TAO / 10 }>;
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = FindAccountFromAuthorIndex<Runtime, Aura>;
    type EventHandler = ();
}
