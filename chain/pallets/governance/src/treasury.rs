//! Payments and grants from the treasury.

use alloc::vec::Vec;
use core::marker::PhantomData;

use frame_support::{
    pallet_prelude::*,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::Preservation,
    },
};
use myelin_governance::{
    grant::{Grant, Milestone},
    track::Track,
    Kind, TrackId,
};
use myelin_units::TaoBalance;

use crate::{
    now,
    pallet::{Config, Error, Event, GrantCount, Grants, Pallet},
    polls::PollRecords,
};

/// Owner of [`Grants`] and [`GrantCount`], and of the treasury's account.
pub struct Treasury<T>(PhantomData<T>);

impl<T: Config> Treasury<T> {
    /// `spend`.
    pub fn spend(to: T::AccountId, amount: TaoBalance) -> DispatchResult {
        ensure!(!amount.is_zero(), Error::<T>::NothingToMove);
        ensure!(amount <= Self::most(Kind::Treasury), Error::<T>::PaysTooMuch);
        Self::transfer(&to, amount)?;
        Pallet::<T>::deposit_event(Event::Spent { to, amount });
        Ok(())
    }

    /// `grant`.
    pub fn grant(recipient: T::AccountId, milestones: Vec<Milestone>) -> DispatchResult {
        let (now, profile) = (now::<T>(), T::Profile::get());
        let made = Grant::new(recipient.clone(), milestones, Self::most(Kind::Grants), now, &profile);
        let made = made.map_err(Error::<T>::from)?;
        let (grant, amount) = (GrantCount::<T>::get(), made.open(now));
        ensure!(TrackId::stop(grant).is_some(), Error::<T>::TooManyGrants);
        Grants::<T>::insert(grant, made);
        GrantCount::<T>::put(grant.saturating_add(1));
        Pallet::<T>::deposit_event(Event::Granted { grant, recipient, amount });
        Ok(())
    }

    /// `stop_grant`.
    pub fn stop(grant: u32) -> DispatchResult {
        Self::change(grant, |kept| kept.stop(now::<T>()).map_err(Error::<T>::from))?;
        Pallet::<T>::deposit_event(Event::GrantStopped { grant });
        Ok(())
    }

    /// `claim`.
    pub fn claim(who: T::AccountId, grant: u32, report: [u8; 32]) -> DispatchResult {
        let milestone = Self::change(grant, |kept| {
            ensure!(kept.recipient == who, Error::<T>::NotTheRecipient);
            kept.claim(report, now::<T>()).map_err(Error::<T>::from)?;
            Ok(kept.paid)
        })?;
        Pallet::<T>::deposit_event(Event::Claimed { grant, milestone, report });
        Ok(())
    }

    /// `pay`. A referendum on the end of the grant goes before, as soon as it has its deposit for the decision.
    pub fn pay(grant: u32) -> DispatchResult {
        ensure!(!Self::may_be_stopped(grant), Error::<T>::StopIsDecided);
        let (recipient, milestone, amount) = Self::change(grant, |kept| {
            let milestone = kept.paid;
            let amount = kept.pay(now::<T>(), &T::Profile::get()).map_err(Error::<T>::from)?;
            Ok((kept.recipient.clone(), milestone, amount))
        })?;
        Self::transfer(&recipient, amount)?;
        Pallet::<T>::deposit_event(Event::MilestonePaid { grant, milestone, amount });
        Ok(())
    }

    /// Whether a referendum on the end of a grant is being decided.
    pub fn may_be_stopped(grant: u32) -> bool {
        TrackId::stop(grant).is_some_and(T::Polls::is_busy)
    }

    fn change<R>(
        grant: u32,
        step: impl FnOnce(&mut Grant<T::AccountId>) -> Result<R, Error<T>>,
    ) -> Result<R, Error<T>> {
        Grants::<T>::try_mutate(grant, |kept| step(kept.as_mut().ok_or(Error::<T>::UnknownGrant)?))
    }

    /// Most that one referendum of this kind pays now.
    fn most(kind: Kind) -> TaoBalance {
        let treasury = T::Ledger::balance(&T::Treasury::get());
        Track::of(kind).most_payment(TaoBalance::from_rao(treasury))
    }

    fn transfer(to: &T::AccountId, amount: TaoBalance) -> DispatchResult {
        let treasury = T::Treasury::get();
        T::Ledger::transfer(&treasury, to, amount.to_rao(), Preservation::Expendable)?;
        Ok(())
    }
}
