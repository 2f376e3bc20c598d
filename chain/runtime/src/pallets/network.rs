//! Subnets, their settings, their pools, the collateral of their miners, and their commitments; records of models.

use crate::{
    elections::{News, OtherEntries},
    AccountId, Authorities, Authorship, Balances, Governance, Runtime, RuntimeHoldReason, SubtensorModule,
};
use frame_support::traits::Get;

/// The account that writes the current block and earns its fees.
pub struct BlockAuthor;

impl Get<Option<AccountId>> for BlockAuthor {
    fn get() -> Option<AccountId> {
        Authorship::author()
    }
}

/// Values of the beacon, as the network pallet asks for them.
pub struct Draws;

impl pallet_network::evidence::Beacon for Draws {
    fn value_at(block: u64) -> Option<[u8; 32]> {
        crate::Beacon::value_at(u32::try_from(block).ok()?)
    }
    fn strict_from() -> Option<u64> {
        crate::Beacon::strict_from()
    }
    fn authorities() -> u32 {
        crate::Beacon::authorities()
    }
}

impl pallet_network::Config for Runtime {
    type Currency = Balances;
    type BlockAuthor = BlockAuthor;
    type OtherPallets = OtherEntries;
    type Beacon = Draws;
    type Models = pallet_myelin_provenance::Register<Runtime>;
    type Elections = News;
    type VoteLocks = Governance;
    type FailureFee = crate::fees::OfFailures;
}

impl pallet_commitments::Config for Runtime {
    type Subnets = SubtensorModule;
}

impl pallet_admin_utils::Config for Runtime {
    type Authorities = Authorities;
}

impl pallet_myelin_swap::Config for Runtime {}

impl pallet_network::alpha_assets::Config for Runtime {}

impl pallet_myelin_collateral::Config for Runtime {
    type Holds = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Recycle = pallet_network::ledger::TaoLedger<Runtime>;
}

impl pallet_myelin_provenance::Config for Runtime {
    type Holds = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
}

impl crate::awaited::crowdloan::Config for Runtime {}

impl crate::awaited::drand::Config for Runtime {}

impl crate::awaited::mev_shield::Config for Runtime {}
