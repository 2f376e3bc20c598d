//! Membership of root: at most as many hotkeys as it has uids, those with the most root stake.

use frame_support::pallet_prelude::*;
use myelin_economy::registration::UidChoice;
use myelin_units::ROOT;

use super::NeuronRegistry;
use crate::{
    keys::KeyOwnership,
    pallet::{
        Config, Error, MaxAllowedUids, MaxRegistrationsPerBlock, RegistrationsThisBlock,
        RegistrationsThisInterval, TargetRegistrationsPerInterval,
    },
    stake::{DelegateTakes, StakeLedger},
};

impl<T: Config> NeuronRegistry<T> {
    /// `root_register`: gives the hotkey a uid on root, in the place of the member with the least root stake if root is full.
    pub fn register_on_root(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        ensure!(
            RegistrationsThisBlock::<T>::get(ROOT) < MaxRegistrationsPerBlock::<T>::get(ROOT),
            Error::<T>::TooManyRegistrationsThisBlock
        );
        ensure!(
            RegistrationsThisInterval::<T>::get(ROOT)
                < TargetRegistrationsPerInterval::<T>::get(ROOT).saturating_mul(3),
            Error::<T>::TooManyRegistrationsThisInterval
        );
        ensure!(!Self::is_registered(ROOT, &hotkey), Error::<T>::HotKeyAlreadyRegisteredInSubNet);
        KeyOwnership::<T>::ensure_claimable(&coldkey, &hotkey)?;
        let place = Self::choose_root_uid(&hotkey)?;

        KeyOwnership::<T>::claim(&coldkey, &hotkey);
        let uid = Self::seat(ROOT, place, &hotkey);
        DelegateTakes::<T>::become_delegate(&coldkey, &hotkey);
        Self::count_registration(ROOT);
        Self::announce(ROOT, uid, hotkey);
        Ok(())
    }

    fn choose_root_uid(hotkey: &T::AccountId) -> Result<UidChoice, DispatchError> {
        let count = Self::count(ROOT);
        if count < MaxAllowedUids::<T>::get(ROOT) {
            return Ok(UidChoice::Append(count));
        }
        let stake = |hotkey: &T::AccountId| StakeLedger::<T>::total_on(hotkey, ROOT);
        let lowest = (0u16..).zip(Self::hotkeys(ROOT)).map(|(uid, member)| (stake(&member), uid)).min();
        let (least, uid) = lowest.ok_or(Error::<T>::StakeTooLowForRoot)?;
        ensure!(stake(hotkey) > least, Error::<T>::StakeTooLowForRoot);
        Ok(UidChoice::Replace(uid))
    }
}
