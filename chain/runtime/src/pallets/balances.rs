//! TAO accounts and transaction fees.

use crate::{
    constants::EXISTENTIAL_DEPOSIT,
    fees::{ByteFee, TaoOrStake, WeightFee},
    pallets::extensions::PartOfTransaction,
    weights, Balance, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, System,
};
use frame_support::traits::{ConstU32, ConstU64, ConstU8, VariantCountOf};
use pallet_network::ledger::TaoLedger;
use pallet_transaction_payment::{ConstFeeMultiplier, Multiplier};

impl pallet_balances::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type WeightInfo = weights::pallet_balances::Measured<Runtime>;
    type Balance = Balance;
    type DustRemoval = TaoLedger<Runtime>;
    type ExistentialDeposit = ConstU64<EXISTENTIAL_DEPOSIT>;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<50>;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
    type DoneSlashHandler = ();
}

frame_support::parameter_types! {
    /// Fees never rise with congestion.
    pub FeeMultiplier: Multiplier = Multiplier::from_u32(1);
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = TaoOrStake;
    type WeightToFee = WeightFee;
    type LengthToFee = ByteFee;
    type FeeMultiplierUpdate = ConstFeeMultiplier<FeeMultiplier>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightInfo = PartOfTransaction;
}
