//! Migrations that run once when this runtime takes over from an older one, in this order.

use crate::Runtime;

/// Migrations of all pallets, oldest first. Each knows the version it is made for, so a chain may skip runtimes.
#[cfg(not(feature = "next"))]
pub type Migrations = Released;
/// The same, and those that a rehearsal of an upgrade has besides.
#[cfg(feature = "next")]
pub type Migrations = (Released, next::Rewrite, next::Miscount);

type Released = (
    pallet_network::migrations::ToVersion1<Runtime>,
    pallet_network::migrations::ToVersion2<Runtime>,
    pallet_network::migrations::ToVersion3<Runtime>,
    pallet_network::migrations::ToVersion4<Runtime>,
    pallet_network::migrations::ToVersion5<Runtime>,
);

/// Migrations that go on in the blocks after an upgrade. These blocks hold no transactions until it is done.
pub type PagedMigrations = pallet_network::migrations::Recount<Runtime>;

/// Migrations of the next version that tests and the demo upgrade to.
#[cfg(feature = "next")]
mod next {
    use frame_support::{
        traits::{OnRuntimeUpgrade, UncheckedOnRuntimeUpgrade},
        weights::Weight,
    };
    use myelin_units::TaoBalance;
    use pallet_network::migrations::Copies;

    use crate::Runtime;

    /// Writes the rosters of all subnets and the marks of root stake anew, page by page.
    pub struct Rewrite;

    impl OnRuntimeUpgrade for Rewrite {
        fn on_runtime_upgrade() -> Weight {
            Copies::<Runtime>::on_runtime_upgrade()
        }
    }

    /// The build script makes a second file of this version, in which this text ends with a 1. The check of upgrades
    /// must refuse that file. Compiling another version would take minutes.
    static MISCOUNTS: &[u8] = b"the next version miscounts: 0";

    /// Counts a token that no account holds, in the second file.
    pub struct Miscount;

    impl OnRuntimeUpgrade for Miscount {
        fn on_runtime_upgrade() -> Weight {
            if core::hint::black_box(MISCOUNTS).ends_with(b"1") {
                pallet_network::TotalIssuance::<Runtime>::mutate(|issued| {
                    *issued = issued.saturating_add(TaoBalance::from_tokens(1));
                });
            }
            Weight::zero()
        }
    }
}
