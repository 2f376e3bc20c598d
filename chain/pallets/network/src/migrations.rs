//! What changes in storage when a new runtime takes over.
//!
//! Every change of what is stored raises [`STORAGE_VERSION`](crate::pallet::STORAGE_VERSION) by one and adds a migration from the version before.
//! The runtime lists them in its `migrations`; each runs once, on the version it is made for. A migration whose work grows with accounts
//! only marks where it begins and goes on in pages ([`crate::paging`]), one in every block; until it is done blocks hold no transactions
//! and the network stands still, so that nothing changes between two pages.

use core::marker::PhantomData;

use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_support::{
    migrations::{MultiStepMigrator, VersionedMigration},
    pallet_prelude::*,
    traits::UncheckedOnRuntimeUpgrade,
};
use myelin_units::ROOT;
use scale_info::TypeInfo;

use crate::{
    costs,
    emission::drain,
    keys::KeyOwnership,
    ledger::TaoLedger,
    neurons::NeuronRegistry,
    paging::{Page, CHANGE, LOOK, REMOVE},
    pallet::{
        AlphaV2, Config, NetworksAdded, Owner, Pallet, Recounting, RootClaimed, StakingHotkeys, TaoSupply,
        TotalHotkeyAlpha,
    },
    pools::PoolReserves,
    stake::{RootClaims, RootMarks, StakeLedger},
    subnets::SubnetRegistry,
};

/// From chains that wrote down no version to version 1, which stores the same.
pub type ToVersion1<T> =
    VersionedMigration<0, 1, Unchanged<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// From version 1 to version 2, in which every rao has a place and every key that matters an account that stays.
pub type ToVersion2<T> =
    VersionedMigration<1, 2, Recount<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// From version 2 to version 3, in which every subnet has a roster of its neurons, and root stake is marked.
pub type ToVersion3<T> =
    VersionedMigration<2, 3, Copies<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// From version 3 to version 4, in which the price of every subnet can be read.
pub type ToVersion4<T> =
    VersionedMigration<3, 4, Prices<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// Publishes the price of every subnet. There are few subnets, so this is done at once.
pub struct Prices<T>(PhantomData<T>);

impl<T: Config> UncheckedOnRuntimeUpgrade for Prices<T> {
    fn on_runtime_upgrade() -> Weight {
        let netuids = SubnetRegistry::<T>::netuids();
        netuids.iter().for_each(|netuid| PoolReserves::<T>::publish_price(*netuid));
        let subnets = netuids.len() as u64;
        T::DbWeight::get().reads_writes(subnets.saturating_mul(5), subnets)
    }
}

/// Storage that stays as it is.
pub struct Unchanged<T>(PhantomData<T>);

impl<T: Config> UncheckedOnRuntimeUpgrade for Unchanged<T> {
    fn on_runtime_upgrade() -> Weight {
        Weight::zero()
    }
}

/// How far a [`Recount`] has come.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo)]
pub struct RecountStatus {
    /// Steps that are done.
    pub step: u8,
    /// The storage key at which the step stopped; empty at its beginning.
    pub cursor: Vec<u8>,
}

/// The last steps of [`Recount`], which write rosters and marks, for a state that needs no others.
pub struct Copies<T>(PhantomData<T>);

impl<T: Config> UncheckedOnRuntimeUpgrade for Copies<T> {
    fn on_runtime_upgrade() -> Weight {
        if !Recounting::<T>::exists() {
            Recounting::<T>::put(RecountStatus { step: Recount::<T>::COPIES, ..Default::default() });
        }
        T::DbWeight::get().reads_writes(1, 1)
    }
}

/// Finds the place of every rao on a chain that was started before `TaoSupply`, `RootClaimPot` and `SubnetAlphaUnowned` existed.
///
/// TAO is counted from here on. All alpha outside a pool that neither the protocol nor a pot has is unowned at first; then what is staked is
/// taken out of that, hotkey by hotkey, and what root stakers can claim goes from there into the pots of their claims, holder by holder. What
/// is left belongs to nobody. A state that knows all this already keeps its numbers.
///
/// Then every hotkey, every owner and every staker gets an account that stays ([`KeyOwnership::keep_account`]), and claims that somebody left
/// behind without root stake are forgotten. At last every subnet gets the roster of its neurons, and root stake its marks.
///
/// Owner of [`Recounting`].
pub struct Recount<T>(PhantomData<T>);

impl<T: Config> UncheckedOnRuntimeUpgrade for Recount<T> {
    fn on_runtime_upgrade() -> Weight {
        if TaoSupply::<T>::exists() {
            Recounting::<T>::put(RecountStatus { step: Self::KNOWN, ..Default::default() });
            return T::DbWeight::get().reads_writes(1, 1);
        }
        TaoLedger::<T>::count_from_here();
        let netuids = SubnetRegistry::<T>::netuids();
        for &netuid in &netuids {
            let pots = drain::pots::<T>(netuid);
            let waiting = pots.epoch_emission().saturating_add(pots.owner_cut);
            PoolReserves::<T>::count_unowned(netuid, waiting);
        }
        Recounting::<T>::put(RecountStatus::default());
        let subnets = netuids.len() as u64;
        T::DbWeight::get().reads_writes(
            subnets.saturating_mul(7).saturating_add(3),
            subnets.saturating_mul(2).saturating_add(2),
        )
    }
}

impl<T: Config> MultiStepMigrator for Recount<T> {
    fn ongoing() -> bool {
        Recounting::<T>::exists()
    }

    fn step() -> Weight {
        costs::points::<T>(Self::work(costs::points_per_block::<T>()).saturating_add(2))
    }
}

impl<T: Config> Recount<T> {
    /// The first step that a state needs which knows its places.
    const KNOWN: u8 = 2;
    /// The first of the steps that write again what is stored already.
    const COPIES: u8 = 5;

    /// Goes on for about this many points, and says how many it used.
    pub fn work(points: u32) -> u32 {
        let Some(RecountStatus { mut step, cursor }) = Recounting::<T>::get() else { return 0 };
        let mut page = Page::new(points, cursor);
        let steps: [fn(&mut Page) -> bool; 7] = [
            Self::place_stake,
            Self::place_claims,
            Self::keep_owners,
            Self::keep_stakers,
            Self::forget_left_claims,
            Self::write_rosters,
            Self::mark_root_stake,
        ];
        while let Some(next) = steps.get(usize::from(step)) {
            if page.is_used_up() || !next(&mut page) {
                break;
            }
            page.begin_step();
            step = step.saturating_add(1);
        }
        if usize::from(step) < steps.len() {
            Recounting::<T>::put(RecountStatus { step, cursor: page.cursor().to_vec() });
        } else {
            Recounting::<T>::kill();
        }
        page.spent()
    }

    fn place_stake(page: &mut Page) -> bool {
        let (first, behind) = (TotalHotkeyAlpha::<T>::iter_keys, TotalHotkeyAlpha::<T>::iter_keys_from);
        page.scan(first, behind, |(hotkey, netuid)| {
            PoolReserves::<T>::take_unowned(netuid, StakeLedger::<T>::total_on(&hotkey, netuid));
            LOOK.saturating_mul(3)
        })
    }

    fn place_claims(page: &mut Page) -> bool {
        page.scan(AlphaV2::<T>::iter_keys, AlphaV2::<T>::iter_keys_from, |(hotkey, coldkey, netuid)| {
            if netuid != ROOT {
                return 0;
            }
            CHANGE.saturating_mul(RootClaims::<T>::fill_pots(&hotkey, &coldkey))
        })
    }

    fn keep_owners(page: &mut Page) -> bool {
        page.scan(Owner::<T>::iter_keys, Owner::<T>::iter_keys_from, |hotkey| {
            KeyOwnership::<T>::keep_account(&KeyOwnership::<T>::owner_or_nobody(&hotkey));
            KeyOwnership::<T>::keep_account(&hotkey);
            CHANGE
        })
    }

    fn keep_stakers(page: &mut Page) -> bool {
        page.scan(StakingHotkeys::<T>::iter_keys, StakingHotkeys::<T>::iter_keys_from, |coldkey| {
            KeyOwnership::<T>::keep_account(&coldkey);
            REMOVE
        })
    }

    fn forget_left_claims(page: &mut Page) -> bool {
        page.scan(
            RootClaimed::<T>::iter_keys,
            RootClaimed::<T>::iter_keys_from,
            |(netuid, hotkey, coldkey)| {
                RootClaims::<T>::forget_if_left(netuid, &hotkey, &coldkey);
                REMOVE
            },
        )
    }

    fn write_rosters(page: &mut Page) -> bool {
        page.scan(NetworksAdded::<T>::iter_keys, NetworksAdded::<T>::iter_keys_from, |netuid| {
            let neurons = NeuronRegistry::<T>::write_roster(netuid);
            let mechanisms = usize::from(SubnetRegistry::<T>::mechanism_count(netuid));
            let looks = neurons.saturating_mul(mechanisms.saturating_add(5));
            u32::try_from(looks).unwrap_or(u32::MAX).saturating_mul(LOOK).saturating_add(CHANGE)
        })
    }

    fn mark_root_stake(page: &mut Page) -> bool {
        let (first, behind) = (TotalHotkeyAlpha::<T>::iter_keys, TotalHotkeyAlpha::<T>::iter_keys_from);
        page.scan(first, behind, |(hotkey, netuid)| {
            if netuid != ROOT {
                return 0;
            }
            RootMarks::set::<T>(&hotkey);
            REMOVE
        })
    }
}
