//! Locked alpha that changes its coldkey: free alpha goes first, then locked alpha with its part of the conviction.

use frame_support::pallet_prelude::*;
use myelin_economy::conviction::available;
use myelin_units::{AlphaBalance, NetUid};

use super::Locks;
use crate::{
    pallet::{Config, Error},
    stake::StakeLedger,
};

impl<T: Config> Locks<T> {
    /// Moves the part of a lock that goes with alpha given to another coldkey on the same subnet. Call this before the
    /// alpha moves.
    ///
    /// Refused if alpha under the vote lock would go, or if the receiver does not accept locked alpha or has a lock in
    /// favour of another hotkey.
    pub(crate) fn go_along(
        from: &T::AccountId,
        to: &T::AccountId,
        netuid: NetUid,
        amount: AlphaBalance,
    ) -> DispatchResult {
        Self::ensure_votes_stay(from, netuid, amount)?;
        let Some(held) = Self::held_by(from, netuid) else { return Ok(()) };
        let state = held.state.without_dust();
        let free = available(StakeLedger::<T>::total_of(from, netuid), state.locked_mass);
        let (stays, goes) = state.split(amount, free);
        if goes.locked_mass.is_zero() {
            return Ok(());
        }
        let theirs = Self::held_by(to, netuid);
        let present = theirs.as_ref().map(|theirs| theirs.state.without_dust()).unwrap_or_default();
        if let Some(theirs) = theirs.as_ref().filter(|_| !present.is_empty()) {
            ensure!(theirs.hotkey == held.hotkey, Error::<T>::LockHotkeyMismatch);
        }
        ensure!(!Self::rejects_locked_alpha(to), Error::<T>::AccountRejectsLockedAlpha);

        Self::withdraw(from, netuid, &held);
        if let Some(theirs) = &theirs {
            Self::withdraw(to, netuid, theirs);
        }
        Self::file(from, netuid, &held.hotkey, stays);
        Self::file(to, netuid, &held.hotkey, present.joined(&goes));
        Ok(())
    }
}
