//! The frame that every block runs in: accounts, hashes, limits, randomness.

use crate::{
    constants::{DatabaseWeight, BLOCK_HASH_COUNT, MAX_BLOCK_BYTES, NORMAL_SHARE, SS58_PREFIX},
    pallets::extensions::PartOfTransaction,
    profile::BlockLimits,
    weights, AccountId, Balance, Block, BlockNumber, Nonce, PalletInfo, Runtime, RuntimeCall, RuntimeEvent,
    RuntimeOrigin, RuntimeTask, RuntimeVersion, VERSION,
};
use frame_support::{derive_impl, dispatch::DispatchClass, parameter_types, traits::ConstU16};
use frame_system::limits::BlockLength;

parameter_types! {
    pub const BlockHashCount: BlockNumber = BLOCK_HASH_COUNT;
    pub const Version: RuntimeVersion = VERSION;
    pub BlockBytes: BlockLength = BlockLength::builder()
        .max_length(MAX_BLOCK_BYTES)
        .modify_max_length_for_class(DispatchClass::Normal, |max| *max = NORMAL_SHARE * *max)
        .build();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type BaseCallFilter = crate::closed::OpenCalls;
    type Block = Block;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type AccountData = pallet_balances::AccountData<Balance>;
    type BlockHashCount = BlockHashCount;
    type BlockWeights = BlockLimits;
    type BlockLength = BlockBytes;
    type DbWeight = DatabaseWeight;
    type Version = Version;
    type SS58Prefix = ConstU16<SS58_PREFIX>;
    type SingleBlockMigrations = crate::migrations::Migrations;
    type MultiBlockMigrator = crate::migrations::PagedMigrations;
    type SystemWeightInfo = weights::System<Runtime>;
    type ExtensionsWeightInfo = PartOfTransaction;
}

impl pallet_insecure_randomness_collective_flip::Config for Runtime {}
