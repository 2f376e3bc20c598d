//! Changes of storage when a new runtime takes over.
//!
//! Every change of stored types raises [`STORAGE_VERSION`](crate::pallet::STORAGE_VERSION) by one and adds a migration
//! from the version before. The runtime lists them in its `migrations`; each runs once, on the version it is made for.
//! A migration whose work grows with accounts only marks its beginning and goes on in pages ([`crate::paging`]), one in
//! every block. Until it is done blocks hold no transactions and the network stands still, so that nothing changes
//! between two pages.

use core::marker::PhantomData;

use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_support::{
    migrations::{MultiStepMigrator, VersionedMigration},
    pallet_macros::pallet_section,
    pallet_prelude::*,
    storage_alias,
    traits::UncheckedOnRuntimeUpgrade,
};
use myelin_units::{AlphaBalance, NetUid, ROOT};
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
        TotalAlphaStaked, TotalHotkeyAlpha,
    },
    pools::PoolReserves,
    stake::{RootClaims, RootMarks, StakeLedger},
    subnets::SubnetRegistry,
};

/// From chains without a stored version to version 1, which stores the same.
pub type ToVersion1<T> =
    VersionedMigration<0, 1, Unchanged<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// From version 1 to version 2, in which every rao has a place, and every key with stake or a role has an account that
/// stays.
pub type ToVersion2<T> =
    VersionedMigration<1, 2, Recount<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// From version 2 to version 3, in which every subnet has a roster of its neurons, and root stake is marked.
pub type ToVersion3<T> =
    VersionedMigration<2, 3, Copies<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// From version 3 to version 4, in which the price of every subnet can be read.
pub type ToVersion4<T> =
    VersionedMigration<3, 4, Prices<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// From version 4 to version 5, in which burned alpha is stored where clients read it, and the stake of every subnet is
/// counted.
pub type ToVersion5<T> =
    VersionedMigration<4, 5, Counts<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

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

/// State of a recount. Owner: `Recount`.
#[pallet_section]
mod recount {
    /// Progress of the recount of a state from before the place of every rao was stored. Owner: `Recount`
    /// (`migrations.rs`).
    #[pallet::storage]
    pub type Recounting<T: Config> = StorageValue<_, RecountStatus, OptionQuery>;
}

/// Progress of a [`Recount`].
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

/// Burned alpha until version 5.
#[storage_alias]
pub(crate) type SubnetAlphaUnowned<T: Config> = StorageMap<Pallet<T>, Identity, NetUid, AlphaBalance>;

/// Moves burned alpha, and begins to count staked alpha unless another migration does.
pub struct Counts<T>(PhantomData<T>);

impl<T: Config> UncheckedOnRuntimeUpgrade for Counts<T> {
    fn on_runtime_upgrade() -> Weight {
        let mut moved = 0u64;
        for (netuid, alpha) in SubnetAlphaUnowned::<T>::drain() {
            PoolReserves::<T>::burn_out(netuid, alpha);
            moved = moved.saturating_add(1);
        }
        if !Recounting::<T>::exists() {
            Recounting::<T>::put(RecountStatus { step: Recount::<T>::COUNT, ..Default::default() });
        }
        let moves = moved.saturating_mul(2).saturating_add(1);
        T::DbWeight::get().reads_writes(moves, moves)
    }
}

/// Finds the place of every rao on a chain that was started before `TaoSupply`, `RootClaimPot` and `AlphaBurned`
/// existed.
///
/// TAO is counted from here on. All alpha outside a pool that neither the protocol nor a pot has is unowned at first.
/// Then staked alpha is taken out of that, hotkey by hotkey, and claimable alpha of root stakers moves from there into
/// the pots of their claims, holder by holder. The rest belongs to nobody. A state that has these items already keeps
/// its numbers.
///
/// Then every hotkey, every owner and every staker gets an account that stays ([`KeyOwnership::keep_account`]), and
/// claims without root stake are deleted. At last every subnet gets the roster of its neurons, root stake its marks,
/// and every subnet the count of its stake.
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
    /// The first step for a state that has `TaoSupply` already.
    const KNOWN: u8 = 2;
    /// The first of the steps that rewrite stored values.
    const COPIES: u8 = 5;
    /// The step that counts stake.
    const COUNT: u8 = 7;

    /// Works for about this many points, and returns how many it used.
    pub fn work(points: u32) -> u32 {
        let Some(RecountStatus { mut step, cursor }) = Recounting::<T>::get() else { return 0 };
        let mut page = Page::new(points, cursor);
        let steps: [fn(&mut Page) -> bool; 8] = [
            Self::place_stake,
            Self::place_claims,
            Self::keep_owners,
            Self::keep_stakers,
            Self::forget_left_claims,
            Self::write_rosters,
            Self::mark_root_stake,
            Self::count_stake,
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

    fn count_stake(page: &mut Page) -> bool {
        if page.cursor().is_empty() {
            // At most one entry for each subnet.
            let _ = TotalAlphaStaked::<T>::clear(u32::MAX, None);
        }
        let (first, behind) = (TotalHotkeyAlpha::<T>::iter_keys, TotalHotkeyAlpha::<T>::iter_keys_from);
        page.scan(first, behind, |(hotkey, netuid)| {
            let staked = StakeLedger::<T>::total_on(&hotkey, netuid);
            StakeLedger::<T>::count_staked(netuid, AlphaBalance::ZERO, staked);
            CHANGE
        })
    }
}
