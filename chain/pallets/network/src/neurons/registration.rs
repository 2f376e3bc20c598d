//! Registration of a neuron: its price buys the subnet's alpha, which is recycled.

use frame_support::pallet_prelude::*;
use myelin_economy::{pool::Terms, registration::UidChoice};
use myelin_units::{NetUid, TaoBalance, Uid, ROOT};

use super::NeuronRegistry;
use crate::{
    keys::{KeyOwnership, MOST_LISTED},
    ledger::TaoLedger,
    pallet::{
        BurnRegistrationsThisInterval, Config, Error, Event, NetworkRegistrationAllowed, Pallet,
        RAORecycledForRegistration, RegistrationsThisBlock, RegistrationsThisInterval,
    },
    pools::PoolReserves,
    subnets::SubnetRegistry,
};

/// The most a registration may cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PriceLimit {
    /// Any price of this block.
    None,
    /// At most this price.
    AtMost(TaoBalance),
}

impl PriceLimit {
    /// Whether a price is within the limit.
    pub(crate) fn ensure<T: Config>(self, price: TaoBalance) -> DispatchResult {
        match self {
            Self::AtMost(limit) if price > limit => Err(Error::<T>::RegistrationPriceLimitExceeded.into()),
            _ => Ok(()),
        }
    }
}

impl<T: Config> NeuronRegistry<T> {
    /// `burned_register`, `register` and `register_limit`: pays the price and gives the hotkey a uid.
    ///
    /// The price goes to the subnet's account and buys alpha there; the alpha leaves the supply, the fee stays on the
    /// account.
    pub fn register(
        coldkey: T::AccountId,
        netuid: NetUid,
        hotkey: T::AccountId,
        limit: PriceLimit,
    ) -> DispatchResult {
        ensure!(netuid != ROOT, Error::<T>::RegistrationNotPermittedOnRootSubnet);
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        ensure!(NetworkRegistrationAllowed::<T>::get(netuid), Error::<T>::SubNetRegistrationDisabled);
        ensure!(!Self::is_registered(netuid, &hotkey), Error::<T>::HotKeyAlreadyRegisteredInSubNet);
        let price = Self::price(netuid);
        limit.ensure::<T>(price)?;
        ensure!(TaoLedger::<T>::spendable(&coldkey) >= price, Error::<T>::NotEnoughBalanceToStake);
        KeyOwnership::<T>::ensure_claimable(&coldkey, &hotkey)?;
        KeyOwnership::<T>::ensure_room(&coldkey, &hotkey, MOST_LISTED)?;
        let place = Self::choose_uid(netuid).ok_or(Error::<T>::NoNeuronIdAvailable)?;

        TaoLedger::<T>::pay_to_subnet(&coldkey, netuid, price)?;
        let trade = PoolReserves::<T>::buy(netuid, price, Terms::with_fee(PoolReserves::<T>::fee(netuid)))?;
        PoolReserves::<T>::recycle_out(netuid, trade.amount_out);

        KeyOwnership::<T>::claim(&coldkey, &hotkey);
        let uid = Self::seat(netuid, place, &hotkey);
        Self::raise_price(netuid);
        RAORecycledForRegistration::<T>::mutate(netuid, |spent| *spent = spent.saturating_add(price));
        Self::count_registration(netuid);
        Self::announce(netuid, uid, hotkey);
        Ok(())
    }

    /// Gives a uid to a hotkey that pays no price; it replaces the weakest neuron if the subnet is full. Returns
    /// whether there was a place.
    pub(crate) fn admit(netuid: NetUid, hotkey: &T::AccountId) -> bool {
        let Some(place) = Self::choose_uid(netuid) else { return false };
        let uid = Self::seat(netuid, place, hotkey);
        Self::announce(netuid, uid, hotkey.clone());
        true
    }

    /// Makes the owner's hotkey uid 0 of a new subnet.
    pub(crate) fn seat_owner(netuid: NetUid, hotkey: &T::AccountId) {
        let uid = Self::seat(netuid, UidChoice::Append(0), hotkey);
        Self::announce(netuid, uid, hotkey.clone());
    }

    /// Counts a registration of this block and interval.
    pub(super) fn count_registration(netuid: NetUid) {
        RegistrationsThisBlock::<T>::mutate(netuid, |count| *count = count.saturating_add(1));
        RegistrationsThisInterval::<T>::mutate(netuid, |count| *count = count.saturating_add(1));
        BurnRegistrationsThisInterval::<T>::mutate(netuid, |count| *count = count.saturating_add(1));
    }

    pub(super) fn announce(netuid: NetUid, uid: Uid, hotkey: T::AccountId) {
        Pallet::<T>::deposit_event(Event::NeuronRegistered(netuid, uid, hotkey));
    }
}
