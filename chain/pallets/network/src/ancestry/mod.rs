//! The part of a miner's incentive for the parents of the model that it serves.
//!
//! A subnet's owner sets the share, with the notice of rubrics; it is 0 at first. A miner's coldkey declares a model of
//! the registry. The pay-out stakes the share of that miner's incentive for the *pot* of the model, and the rest for
//! the miner as before. Anybody may divide a pot; `myelin_provenance::inheritance` has the rule.
//!
//! **Pots are stake.** A pot is a coldkey without a key. All pots and heirs stake on one hotkey without a key, which
//! owns itself. So sums, share pools and the removal of a subnet treat them like any stake. A coldkey that inherits has
//! one more hotkey on its list, however many models it made. A removed subnet pays pots in free TAO, which is divided
//! by the same rule.
//!
//! **Who declares nothing keeps everything.** The share is for subnets whose validators refuse undeclared models.

pub(crate) mod storage;

use core::marker::PhantomData;

use alloc::vec::Vec;
use codec::Decode;
use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::*;
use myelin_abi::DeclaredModel;
use myelin_economy::{dust, payout::ParentsPart};
use myelin_provenance::{
    inheritance::{self, heirs, FREE_SHARE, MAX_PARENT_SHARE},
    Heir, InheritanceError, ModelId, Models,
};
use myelin_units::{AlphaBalance, NetUid, PerBillion, ROOT};
use sp_runtime::traits::TrailingZeroInput;

use crate::{
    costs,
    defaults::NoAccount,
    keys::KeyOwnership,
    ledger::TaoLedger,
    neurons::NeuronRegistry,
    pallet::{Config, DeclaredModels, Error, Event, Pallet, ParentShares, RubricNotice},
    pools::PoolReserves,
    stake::StakeLedger,
    subnets::{now, RateLimits, SubnetRegistry},
};

/// Accounts and the amount that each gets, in rao.
pub type Parts<T> = Vec<(<T as frame_system::Config>::AccountId, u64)>;

/// Owner of [`ParentShares`] and [`DeclaredModels`].
///
/// Invariants: only hotkeys with a uid have a declaration. A share is at most half, and in force no sooner than the
/// notice of its announcement allowed.
pub struct Ancestry<T>(PhantomData<T>);

impl<T: Config> Ancestry<T> {
    /// `announce_parent_share`.
    pub fn announce(origin: OriginFor<T>, netuid: NetUid, share: u32) -> DispatchResult {
        RateLimits::<T>::authorise(origin, netuid)?;
        ensure!(share <= MAX_PARENT_SHARE, Error::<T>::InvalidValue);
        let now = now::<T>();
        let from = now.saturating_add(RubricNotice::<T>::get());
        ParentShares::<T>::mutate(netuid, |known| *known = known.announce(share, now, from));
        Pallet::<T>::deposit_event(Event::ParentShareAnnounced { netuid, share, from });
        Ok(())
    }

    /// `declare_model`.
    pub fn declare(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: NetUid,
        model: Option<ModelId>,
    ) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        KeyOwnership::<T>::ensure_owns(&coldkey, &hotkey)?;
        ensure!(NeuronRegistry::<T>::is_registered(netuid, &hotkey), Error::<T>::HotKeyNotRegisteredInSubNet);
        match model {
            None => DeclaredModels::<T>::remove(netuid, &hotkey),
            Some(id) => {
                let found = T::Models::model(&id).ok_or(Error::<T>::UnknownModel)?;
                ensure!(found.taken_down.is_none(), Error::<T>::ModelTakenDown);
                let has_parents = !found.record.parents.is_empty();
                let parents = Self::hotkey();
                KeyOwnership::<T>::claim(&parents, &parents);
                DeclaredModels::<T>::insert(netuid, &hotkey, DeclaredModel { model: id, has_parents });
            }
        }
        Pallet::<T>::deposit_event(Event::ModelDeclared { netuid, hotkey, model });
        Ok(())
    }

    /// `share_pot`: divides the alpha of a pot on a subnet, or its free TAO. The cost depends on the heirs.
    pub fn share_pot(model: ModelId, netuid: Option<NetUid>) -> DispatchResultWithPostInfo {
        let parts = match Self::divide(&model, netuid) {
            Ok(parts) => parts,
            Err(error) => return costs::used(costs::shared_pot::<T>(0, 0), Err(error)),
        };
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let listed = parts.iter().map(|(heir, _)| costs::stakes_on::<T>(heir)).fold(0, u32::saturating_add);
        let done = Self::hand_out(&model, netuid, &parts).map(|()| {
            let hotkey = Self::hotkey();
            Pallet::<T>::deposit_event(Event::PotShared { model, netuid, hotkey, parts });
        });
        costs::used(costs::shared_pot::<T>(count, listed), done)
    }

    /// The parts of a pot, which add up to it.
    fn divide(model: &ModelId, netuid: Option<NetUid>) -> Result<Parts<T>, DispatchError> {
        let pot = Self::pot(model);
        let (amount, share) = match netuid {
            Some(netuid) => {
                let there = netuid != ROOT && SubnetRegistry::<T>::exists(netuid);
                ensure!(there, Error::<T>::SubnetNotExists);
                let alpha = StakeLedger::<T>::alpha_of(&Self::hotkey(), &pot, netuid);
                let worth = PoolReserves::<T>::value_at_spot(netuid, alpha);
                ensure!(dust::is_stake(worth), Error::<T>::AmountTooLow);
                (alpha.to_rao(), ParentShares::<T>::get(netuid).in_force(now::<T>()))
            }
            None => {
                let tao = TaoLedger::<T>::free(&pot);
                ensure!(dust::is_stake(tao), Error::<T>::AmountTooLow);
                (tao.to_rao(), FREE_SHARE)
            }
        };
        let parts = heirs(model, amount, share, T::Models::model).map_err(|error| match error {
            InheritanceError::Unknown => Error::<T>::UnknownModel,
            InheritanceError::Nobody => Error::<T>::ModelTakenDown,
        })?;
        let account = |heir| match heir {
            Heir::Pot(model) => Self::pot(&model),
            Heir::Account(account) => account,
        };
        Ok(parts.into_iter().map(|(heir, part)| (account(heir), part)).collect())
    }

    /// Moves parts from a pot to the heirs. TAO that is too little for an account is recycled.
    pub(crate) fn hand_out(model: &ModelId, netuid: Option<NetUid>, parts: &Parts<T>) -> DispatchResult {
        let pot = Self::pot(model);
        let Some(netuid) = netuid else {
            return TaoLedger::<T>::divide(&pot, parts);
        };
        let hotkey = Self::hotkey();
        let whole: AlphaBalance = parts.iter().map(|(_, part)| AlphaBalance::from_rao(*part)).sum();
        StakeLedger::<T>::decrease(&hotkey, &pot, netuid, whole)?;
        for (heir, part) in parts {
            StakeLedger::<T>::credit(&hotkey, heir, netuid, AlphaBalance::from_rao(*part));
        }
        Ok(())
    }

    /// The share of parents in force on a subnet.
    pub fn share(netuid: NetUid) -> PerBillion {
        PerBillion::millionths(ParentShares::<T>::get(netuid).in_force(now::<T>()))
    }

    /// The part of a miner's incentive for the parents of its model, where the share of parents is `share`.
    pub fn part(
        netuid: NetUid,
        miner: &T::AccountId,
        share: PerBillion,
    ) -> Option<ParentsPart<T::AccountId>> {
        if share == PerBillion::ZERO {
            return None;
        }
        let declared = DeclaredModels::<T>::get(netuid, miner).filter(|declared| declared.has_parents)?;
        Some(ParentsPart { hotkey: Self::hotkey(), pot: Self::pot(&declared.model), share })
    }

    /// The hotkey of all pots.
    pub fn hotkey() -> T::AccountId {
        account::<T>(inheritance::parents_hotkey())
    }

    /// The pot of a model.
    pub fn pot(model: &ModelId) -> T::AccountId {
        account::<T>(inheritance::pot_account(model))
    }

    /// Removes the declaration of a hotkey that lost its uid.
    pub(crate) fn forget(netuid: NetUid, hotkey: &T::AccountId) {
        DeclaredModels::<T>::remove(netuid, hotkey);
    }

    /// Files the declaration of a hotkey under the one that replaces it.
    pub(crate) fn swap_hotkey(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        if let Some(declared) = DeclaredModels::<T>::take(netuid, old) {
            DeclaredModels::<T>::insert(netuid, new, declared);
        }
    }
}

fn account<T: Config>(bytes: [u8; 32]) -> T::AccountId {
    let found = T::AccountId::decode(&mut TrailingZeroInput::new(&bytes));
    found.unwrap_or_else(|_| <NoAccount as Get<T::AccountId>>::get())
}
