//! Membership of root: at most as many hotkeys as it has uids, those with the most root stake.

use frame_support::pallet_prelude::*;
use myelin_economy::registration::UidChoice;
use myelin_units::{Block, ROOT};

use super::NeuronRegistry;
use crate::{
    keys::{KeyOwnership, MOST_LISTED},
    pallet::{
        Config, Error, LastAdjustmentBlock, MaxAllowedUids, MaxRegistrationsPerBlock, RegistrationsThisBlock,
        RegistrationsThisInterval, TargetRegistrationsPerInterval, Tempo,
    },
    stake::{DelegateTakes, StakeLedger},
};

impl<T: Config> NeuronRegistry<T> {
    /// `root_register`: gives the hotkey a uid on root; it replaces the member with the least root stake if root is
    /// full.
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
        KeyOwnership::<T>::ensure_room(&coldkey, &hotkey, MOST_LISTED)?;
        let place = Self::choose_root_uid(&hotkey)?;

        KeyOwnership::<T>::claim(&coldkey, &hotkey);
        let uid = Self::seat(ROOT, place, &hotkey);
        DelegateTakes::<T>::become_delegate(&coldkey, &hotkey);
        Self::count_registration(ROOT);
        Self::announce(ROOT, uid, hotkey);
        Ok(())
    }

    /// First block in which root takes another registration; `None` while it takes none at all.
    pub fn root_registers_at(now: Block) -> Option<Block> {
        let per_block = MaxRegistrationsPerBlock::<T>::get(ROOT);
        let per_interval = TargetRegistrationsPerInterval::<T>::get(ROOT).saturating_mul(3);
        if per_block == 0 || per_interval == 0 {
            return None;
        }
        let next = now.saturating_add(1);
        if RegistrationsThisInterval::<T>::get(ROOT) >= per_interval {
            let renewed =
                LastAdjustmentBlock::<T>::get(ROOT).saturating_add(Block::from(Tempo::<T>::get(ROOT)));
            return Some(renewed.max(next));
        }
        let full = RegistrationsThisBlock::<T>::get(ROOT) >= per_block;
        Some(if full { next } else { now })
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
