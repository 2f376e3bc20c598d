//! Governance by holders: preimages, the schedule, referenda, and votes.
//!
//! Only pallets schedule. Nobody cancels or kills a referendum, and no track has Root (decision 0116).

use frame_support::{
    parameter_types,
    traits::{fungible::HoldConsideration, ConstU32, ConstU64, EqualPrivilegeOnly, Get, LinearStoragePrice},
    weights::Weight,
};
use frame_system::EnsureNever;
use myelin_governance::track::{
    days, MAX_QUEUED, PREIMAGE_BYTE, PREIMAGE_DEPOSIT, SUBMISSION_DEPOSIT, UNDECIDING_TIMEOUT,
};
use pallet_myelin_governance::{EnsureTrack, PollTally, Submitter, Tracks};

use crate::{
    constants::{ALARM_INTERVAL, MAX_TASKS},
    governance::{Pace, Proposals, Schedule, ShallowPreimages, ToTreasury, TreasuryAccount},
    profile::BlockLimits,
    weights, AccountId, Balance, Balances, BlockNumber, OriginCaller, Referenda, Runtime, RuntimeCall,
    RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, RuntimeOrigin, SubtensorModule, System,
};

parameter_types! {
    /// Reason for which the deposit of a preimage is on hold.
    pub const PreimageDeposit: RuntimeHoldReason = RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
    /// Deposit of a submission, in rao.
    pub const SubmissionDeposit: Balance = SUBMISSION_DEPOSIT.to_rao();
}

impl pallet_preimage::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = weights::governance::Preimages<Runtime>;
    type Currency = Balances;
    type ManagerOrigin = EnsureNever<AccountId>;
    type Consideration = HoldConsideration<
        AccountId,
        Balances,
        PreimageDeposit,
        LinearStoragePrice<
            ConstU64<{ PREIMAGE_DEPOSIT.to_rao() }>,
            ConstU64<{ PREIMAGE_BYTE.to_rao() }>,
            Balance,
        >,
    >;
}

/// Part of a block for tasks of the schedule: a quarter. A task that needs more is never done.
pub struct TasksWeight;

impl Get<Weight> for TasksWeight {
    fn get() -> Weight {
        BlockLimits::get().max_block.div(4)
    }
}

impl pallet_scheduler::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = TasksWeight;
    type ScheduleOrigin = EnsureNever<()>;
    type OriginPrivilegeCmp = EqualPrivilegeOnly;
    type MaxScheduledPerBlock = ConstU32<MAX_TASKS>;
    type WeightInfo = weights::governance::Tasks<Runtime>;
    type Preimages = ShallowPreimages;
    type BlockNumberProvider = System;
}

/// Blocks from submission within which a decision must begin.
pub struct UndecidingTimeout;

impl Get<BlockNumber> for UndecidingTimeout {
    fn get() -> BlockNumber {
        BlockNumber::try_from(days(UNDECIDING_TIMEOUT, &Pace::get())).unwrap_or(BlockNumber::MAX)
    }
}

impl pallet_referenda::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = weights::governance::Polls<Runtime>;
    type Scheduler = Schedule;
    type Currency = Balances;
    type SubmitOrigin = Submitter<Runtime>;
    type CancelOrigin = EnsureNever<()>;
    type KillOrigin = EnsureNever<()>;
    type Slash = ToTreasury;
    type Votes = u128;
    type Tally = PollTally<Runtime>;
    type SubmissionDeposit = SubmissionDeposit;
    type MaxQueued = ConstU32<MAX_QUEUED>;
    type UndecidingTimeout = UndecidingTimeout;
    type AlarmInterval = ConstU32<ALARM_INTERVAL>;
    type Tracks = Tracks<Runtime>;
    type Preimages = ShallowPreimages;
    type BlockNumberProvider = System;
}

/// That of any other registration of a subnet.
pub struct OpeningCost;

impl Get<Weight> for OpeningCost {
    fn get() -> Weight {
        pallet_network::costs::register_network::<Runtime>(pallet_network::costs::Signer::ANY)
    }
}

impl pallet_myelin_governance::Config for Runtime {
    type Ledger = Balances;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type PalletsOrigin = OriginCaller;
    type EnactOrigin = EnsureTrack;
    type Polls = Referenda;
    type Scheduler = Schedule;
    type Preimages = ShallowPreimages;
    type Filter = crate::closed::OpenCalls;
    type Inspect = Proposals;
    type Holdings = SubtensorModule;
    type OpeningCost = OpeningCost;
    type Profile = Pace;
    type Treasury = TreasuryAccount;
}
