//! Subnets, their settings and their pools.

use crate::{AccountId, Authorship, Balances, Runtime};
use frame_support::traits::Get;

/// The account that writes the current block and earns its fees.
pub struct BlockAuthor;

impl Get<Option<AccountId>> for BlockAuthor {
    fn get() -> Option<AccountId> {
        Authorship::author()
    }
}

impl pallet_network::Config for Runtime {
    type Currency = Balances;
    type BlockAuthor = BlockAuthor;
    type OtherPallets = ();
}

impl pallet_admin_utils::Config for Runtime {}

impl pallet_myelin_swap::Config for Runtime {}
