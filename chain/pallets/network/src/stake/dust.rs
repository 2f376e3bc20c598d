//! Nominations too small to be worth keeping.

use alloc::vec::Vec;
use frame_support::{pallet_prelude::*, storage::with_storage_layer};
use myelin_economy::{dust::smallest_nomination, pool::Terms};
use myelin_units::{NetUid, TaoBalance};

use super::StakeLedger;
use crate::{
    chores::Allowance,
    costs,
    keys::KeyOwnership,
    ledger::TaoLedger,
    locks::Locks,
    paging::{Page, LOOK, REMOVE},
    pallet::{AlphaV2, Config, NominationSweep, NominatorMinRequiredStake},
    pools::PoolReserves,
    subnets::SubnetRegistry,
};

/// Reads that decide whether a nomination is too small: subnet, limit, owner, holding, pool, lock, vote lock, the
/// holder's list.
const READS_OF_A_LOOK: u32 = 13;

/// Result of checking a nomination.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Small {
    /// It is large enough, or belongs to the hotkey's owner.
    No,
    /// Too small, and locked.
    Locked,
    /// Too small; it was sold if the pool took it.
    Sold,
}

impl<T: Config> StakeLedger<T> {
    /// Smallest nomination in TAO; 0 = no limit.
    pub fn smallest_nomination() -> TaoBalance {
        smallest_nomination(NominatorMinRequiredStake::<T>::get())
    }

    /// Unstakes the nomination of a nominator if it became too small. The hotkey's owner may keep any amount. A
    /// nomination that is locked or can't be sold stays.
    pub(super) fn sweep_small_nomination(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
    ) -> Small {
        let smallest = Self::smallest_nomination();
        if smallest.is_zero() || KeyOwnership::<T>::owner_of(hotkey).as_ref() == Some(coldkey) {
            return Small::No;
        }
        let held = Self::alpha_of(hotkey, coldkey, netuid);
        if held.is_zero() || PoolReserves::<T>::value_at_spot(netuid, held) >= smallest {
            return Small::No;
        }
        if Locks::<T>::free_part(coldkey, netuid, held) < held {
            return Small::Locked;
        }
        let swept = with_storage_layer(|| -> DispatchResult {
            let sale = PoolReserves::<T>::simulate_sell(netuid, held, Terms::FREE)?;
            let tao = Self::unstake_and_sell(coldkey, hotkey, netuid, sale)?;
            TaoLedger::<T>::pay_from_subnet(netuid, coldkey, tao)
        });
        log::debug!(target: "network", "sweeping a nomination on subnet {netuid}: {swept:?}");
        Small::Sold
    }

    /// Begins a sweep of all nominations, as after a change of the limit; blocks continue it to the end.
    pub(crate) fn begin_sweep() {
        NominationSweep::<T>::put(Vec::<u8>::new());
    }

    /// Checks as many nominations as there is room for, while a sweep goes on.
    pub(crate) fn sweep_small_nominations(allowance: &mut Allowance<T>) {
        allowance.spend_points(LOOK);
        let Some(cursor) = NominationSweep::<T>::get() else { return };
        let points = allowance.points();
        if points == 0 {
            return;
        }
        let mut page = Page::new(points, cursor);
        Self::sweep_page(&mut page);
        allowance.spend_points(page.spent().saturating_add(REMOVE));
    }

    /// Checks a page of nominations on subnets that trade.
    pub(crate) fn sweep_page(page: &mut Page) {
        let (first, behind) = (AlphaV2::<T>::iter_keys, AlphaV2::<T>::iter_keys_from);
        let all = page.scan(first, behind, |(hotkey, coldkey, netuid)| {
            if SubnetRegistry::<T>::ensure_tradable(netuid).is_err() {
                return READS_OF_A_LOOK;
            }
            // Read before a sale, which may end the last lock.
            let holder = costs::Signer::of::<T>(&coldkey, netuid);
            match Self::sweep_small_nomination(&coldkey, &hotkey, netuid) {
                Small::No => READS_OF_A_LOOK,
                Small::Locked => READS_OF_A_LOOK.saturating_add(costs::points_of_holdings::<T>(holder)),
                Small::Sold => costs::points_of_sale::<T>(netuid, holder),
            }
        });
        if all {
            NominationSweep::<T>::kill();
        } else {
            NominationSweep::<T>::put(page.cursor());
        }
    }
}
