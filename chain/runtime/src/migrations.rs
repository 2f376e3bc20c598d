//! Migrations that run once when this runtime takes over from an older one, in this order.

use crate::Runtime;

/// Migrations of all pallets, oldest first. Each knows the version it is made for, so a chain may skip runtimes.
pub type Migrations = (
    pallet_network::migrations::ToVersion1<Runtime>,
    pallet_network::migrations::ToVersion2<Runtime>,
    pallet_network::migrations::ToVersion3<Runtime>,
    pallet_network::migrations::ToVersion4<Runtime>,
    pallet_network::migrations::ToVersion5<Runtime>,
);

/// Migrations that go on in the blocks after an upgrade. These blocks hold no transactions until it is done.
pub type PagedMigrations = pallet_network::migrations::Recount<Runtime>;
