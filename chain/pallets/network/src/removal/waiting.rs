//! Paid subnets that wait until the subnet that gave way is removed.

use core::marker::PhantomData;

use frame_support::{pallet_prelude::*, storage::with_storage_layer};
use myelin_abi::NetworkRegistrationInfo;

use super::SubnetRemoval;
use crate::{
    chores::Allowance,
    costs,
    keys::KeyOwnership,
    ledger::TaoLedger,
    paging::LOOK,
    pallet::{
        Config, Error, Event, NetworkRegistrationLockId, NetworkRegistrationQueue, Pallet, SubnetLimit,
    },
    subnets::SubnetRegistry,
};

/// Most subnets that wait.
const MOST_WAITING: u16 = 16;

/// Owner of [`NetworkRegistrationQueue`] and [`NetworkRegistrationLockId`].
///
/// Invariants: the payments for the subnets in the queue lie on the waiting account. The hotkey of a subnet in the
/// queue belongs to the coldkey that paid, so that no subnet gives way for nothing. No subnet waits forever: a queue
/// longer than the number of subnets being removed moves on.
pub struct WaitingRegistrations<T>(PhantomData<T>);

impl<T: Config> WaitingRegistrations<T> {
    /// Number of waiting subnets.
    pub fn count() -> u16 {
        u16::try_from(NetworkRegistrationQueue::<T>::decode_len().unwrap_or(0)).unwrap_or(u16::MAX)
    }

    /// Refuses a subnet when the queue is full.
    pub(crate) fn ensure_room() -> DispatchResult {
        ensure!(Self::count() < MOST_WAITING, Error::<T>::SubnetLimitReached);
        Ok(())
    }

    /// Takes the price and puts a subnet at the end of the queue.
    pub(crate) fn add(subnet: NetworkRegistrationInfo<T::AccountId>) -> DispatchResult {
        TaoLedger::<T>::pay_to_waiting(&subnet.coldkey, subnet.lock_amount)?;
        let lock_id = NetworkRegistrationLockId::<T>::mutate(|next| {
            let id = *next;
            *next = next.wrapping_add(1);
            id
        });
        let subnet = NetworkRegistrationInfo { lock_id, ..subnet };
        NetworkRegistrationQueue::<T>::append(&subnet);
        Pallet::<T>::deposit_event(Event::NetworkRegistrationQueued {
            coldkey: subnet.coldkey,
            hotkey: subnet.hotkey,
            mechid: subnet.mechid,
            identity: subnet.identity,
            lock_amount: subnet.lock_amount,
            median_subnet_alpha_price: subnet.median_subnet_alpha_price,
            registration_block: subnet.registration_block,
        });
        Ok(())
    }

    /// A new hotkey replaces one that was released.
    pub(crate) fn swap_hotkey(old: &T::AccountId, new: &T::AccountId) {
        if Self::count() == 0 {
            return;
        }
        NetworkRegistrationQueue::<T>::mutate(|queue| {
            for subnet in queue.iter_mut().filter(|subnet| subnet.hotkey == *old) {
                subnet.hotkey = new.clone();
            }
        });
    }

    /// Creates the subnet at the front of the queue if there is a place and room for it, at most one in a block.
    pub(crate) fn go_on(allowance: &mut Allowance<T>) {
        allowance.spend_points(LOOK);
        let waiting = Self::count();
        if waiting == 0 {
            return;
        }
        allowance.spend_points(LOOK.saturating_mul(3));
        let leaving = SubnetRemoval::<T>::count();
        let occupied = SubnetRegistry::<T>::user_count().saturating_add(leaving);
        if leaving >= waiting && occupied >= SubnetLimit::<T>::get() {
            return;
        }
        let mut queue = NetworkRegistrationQueue::<T>::get();
        if queue.is_empty() || !allowance.try_spend(costs::register_network::<T>(costs::Signer::ANY)) {
            return;
        }
        let subnet = queue.remove(0);
        NetworkRegistrationQueue::<T>::put(queue);
        if let Err(error) = with_storage_layer(|| Self::found(&subnet)) {
            let NetworkRegistrationInfo { coldkey, hotkey, lock_amount, lock_id, .. } = subnet;
            TaoLedger::<T>::give_waiting_back(&coldkey, lock_amount);
            Pallet::<T>::deposit_event(Event::NetworkRegistrationCancelled {
                coldkey,
                hotkey,
                lock_id,
                error,
            });
        }
    }

    fn found(subnet: &NetworkRegistrationInfo<T::AccountId>) -> DispatchResult {
        KeyOwnership::<T>::ensure_claimable(&subnet.coldkey, &subnet.hotkey)?;
        let netuid = SubnetRegistry::<T>::lowest_free_netuid()?;
        TaoLedger::<T>::pay_waiting_to_subnet(netuid, subnet.lock_amount)?;
        SubnetRegistry::<T>::found(netuid, subnet.clone());
        Ok(())
    }
}
