//! The register of models: reads state, asks the rules, writes.

use alloc::{collections::BTreeMap, vec::Vec};
use core::marker::PhantomData;

use frame_support::{
    pallet_prelude::*,
    traits::{
        fungible::{InspectHold, MutateHold},
        tokens::Precision,
    },
};
use myelin_abi::{ModelLineage, ModelView};
use myelin_provenance::{
    dispute::{self, DISPUTE_DEPOSIT},
    lineage, Dispute, DisputeError, Hash, Model, ModelId, Record, Statement,
};
use myelin_units::Block;
use sp_runtime::SaturatedConversion;

use crate::pallet::{Children, Config, Count, Disputes, Error, Event, HoldReason, Models, Owned, Pallet};

/// Owner of all storage of this pallet.
///
/// Invariants: the amount on hold on an account for [`HoldReason::Record`] is the sum of the deposits of the models
/// that it published, and for [`HoldReason::Dispute`] that of its open disputes. [`Owned`] and [`Children`] list
/// exactly what the models say. Serial numbers are those from 0 to [`Count`], and parents have smaller ones than their
/// children.
pub struct Register<T>(PhantomData<T>);

impl<T: Config> myelin_provenance::Models<T::AccountId> for Register<T> {
    fn model(id: &ModelId) -> Option<Model<T::AccountId>> {
        Models::<T>::get(id)
    }
}

impl<T: Config> Register<T> {
    /// A model with its disputes.
    pub fn view(model: &ModelId) -> Option<ModelView<T::AccountId>> {
        let found = Models::<T>::get(model)?;
        Some(ModelView { model: found, disputes: Disputes::<T>::get(model).into_inner() })
    }

    /// A model and its ancestors, at most `generations` above it; `None` if the chain has no record of it.
    pub fn lineage(model: ModelId, generations: u32) -> Option<ModelLineage<T::AccountId>> {
        let mut read = BTreeMap::new();
        let find = |id: &ModelId| {
            let found = read.entry(*id).or_insert_with(|| Models::<T>::get(id)).as_ref()?;
            Some((found.serial, found.record.parents.clone()))
        };
        let walked = lineage::walk(model, generations, find).ok()?;
        let with_model = |ancestor: lineage::Ancestor| {
            let found = read.get(&ancestor.model).cloned().flatten()?;
            Some((ancestor.generation, found))
        };
        let models: Vec<_> = walked.models.into_iter().filter_map(with_model).collect();
        (!models.is_empty()).then_some(ModelLineage { models, cut: walked.cut })
    }

    /// `publish`.
    pub fn publish(signer: T::AccountId, record: Record<T::AccountId>) -> DispatchResult {
        let serial = Count::<T>::get();
        let model = Model::new(record, &signer, serial, now::<T>()).map_err(Error::<T>::from)?;
        let id = model.record.model;
        let serial_of = |id: &ModelId| Models::<T>::get(id).map(|found| found.serial);
        lineage::admit(&id, &model.record.parents, serial_of).map_err(Error::<T>::from)?;
        T::Holds::hold(&HoldReason::Record.into(), &signer, model.deposit.to_rao())?;
        Count::<T>::put(serial.saturating_add(1));
        model.record.parents.iter().for_each(|parent| Children::<T>::insert(parent, id, ()));
        Owned::<T>::insert(&signer, id, ());
        let (record, deposit) = (model.record.id(), model.deposit);
        Models::<T>::insert(id, model);
        Pallet::<T>::deposit_event(Event::Published { model: id, publisher: signer, record, deposit });
        Ok(())
    }

    /// `confirm`.
    pub fn confirm(contributor: T::AccountId, id: ModelId, record: Hash) -> DispatchResult {
        let mut model = Self::find(&id)?;
        model.confirm(&contributor, &record).map_err(Error::<T>::from)?;
        Models::<T>::insert(id, model);
        Pallet::<T>::deposit_event(Event::Confirmed { model: id, contributor });
        Ok(())
    }

    /// `transfer`.
    pub fn transfer(from: T::AccountId, id: ModelId, to: T::AccountId) -> DispatchResult {
        let mut model = Self::find(&id)?;
        model.transfer(&from, to.clone()).map_err(Error::<T>::from)?;
        Models::<T>::insert(id, model);
        Owned::<T>::remove(&from, id);
        Owned::<T>::insert(&to, id, ());
        Pallet::<T>::deposit_event(Event::Transferred { model: id, from, to });
        Ok(())
    }

    /// `withdraw`.
    pub fn withdraw(owner: T::AccountId, id: ModelId) -> DispatchResult {
        let mut model = Self::find(&id)?;
        model.withdraw(&owner, now::<T>()).map_err(Error::<T>::from)?;
        Models::<T>::insert(id, model);
        Pallet::<T>::deposit_event(Event::Withdrawn { model: id });
        Ok(())
    }

    /// `dispute`.
    pub fn dispute(by: T::AccountId, id: ModelId, reason: Hash, reference: Vec<u8>) -> DispatchResult {
        let mut model = Self::find(&id)?;
        let raised = Self::said(reason, reference)?;
        let mut kept = Disputes::<T>::get(id);
        let place = dispute::place(&kept, &model.owner, &by).map_err(Error::<T>::from)?;
        T::Holds::hold(&HoldReason::Dispute.into(), &by, DISPUTE_DEPOSIT.to_rao())?;
        let number = model.disputes;
        let deposit = DISPUTE_DEPOSIT;
        let new = Dispute { number, by: by.clone(), deposit, raised, answer: None, closed: None };
        match kept.get_mut(place) {
            Some(closed) => *closed = new,
            None => kept.try_push(new).map_err(|_| Error::<T>::TooManyDisputes)?,
        }
        model.disputes = number.saturating_add(1);
        Models::<T>::insert(id, model);
        Disputes::<T>::insert(id, kept);
        Pallet::<T>::deposit_event(Event::Disputed { model: id, number, by, reason });
        Ok(())
    }

    /// `answer`.
    pub fn answer(
        owner: T::AccountId,
        id: ModelId,
        number: u32,
        answer: Hash,
        reference: Vec<u8>,
    ) -> DispatchResult {
        Self::find(&id)?.ensure_owner(&owner).map_err(Error::<T>::from)?;
        let said = Self::said(answer, reference)?;
        Self::change(id, number, |dispute| dispute.answer(said))?;
        Pallet::<T>::deposit_event(Event::Answered { model: id, number, answer });
        Ok(())
    }

    /// `retract`.
    pub fn retract(by: T::AccountId, id: ModelId, number: u32) -> DispatchResult {
        let freed = Self::change(id, number, |dispute| dispute.close(&by, now::<T>()))?;
        T::Holds::release(&HoldReason::Dispute.into(), &by, freed.to_rao(), Precision::Exact)?;
        Pallet::<T>::deposit_event(Event::Retracted { model: id, number });
        Ok(())
    }

    /// `takedown`.
    pub fn takedown(id: ModelId, reason: Hash, reference: Vec<u8>) -> DispatchResult {
        let mut model = Self::find(&id)?;
        model.take_down(Self::said(reason, reference)?).map_err(Error::<T>::from)?;
        Models::<T>::insert(id, model);
        Pallet::<T>::deposit_event(Event::TakenDown { model: id, reason });
        Ok(())
    }

    fn find(id: &ModelId) -> Result<Model<T::AccountId>, Error<T>> {
        Models::<T>::get(id).ok_or(Error::<T>::UnknownModel)
    }

    fn said(hash: Hash, reference: Vec<u8>) -> Result<Statement, Error<T>> {
        Statement::new(now::<T>(), hash, reference).map_err(Error::<T>::from)
    }

    /// Changes one dispute of a model.
    fn change<R>(
        id: ModelId,
        number: u32,
        step: impl FnOnce(&mut Dispute<T::AccountId>) -> Result<R, DisputeError>,
    ) -> Result<R, Error<T>> {
        Disputes::<T>::try_mutate(id, |kept| dispute::numbered(kept.as_mut(), number).and_then(step))
            .map_err(Error::<T>::from)
    }

    /// Checks the invariants of this pallet. The error names the broken one.
    pub fn check() -> Result<(), &'static str> {
        let mut records = BTreeMap::<T::AccountId, u64>::new();
        let mut open = BTreeMap::<T::AccountId, u64>::new();
        let (mut owned, mut children, mut serials) = (0usize, 0usize, Vec::new());
        for (id, model) in Models::<T>::iter() {
            if id != model.record.model || model.record.check().is_err() {
                return Err("a record is not what the rules accept");
            }
            let sum = records.entry(model.record.publisher.clone()).or_default();
            *sum = sum.saturating_add(model.deposit.to_rao());
            for parent in &model.record.parents {
                let earlier = Models::<T>::get(parent).is_some_and(|found| found.serial < model.serial);
                if !earlier || !Children::<T>::contains_key(parent, id) {
                    return Err("a parent is not listed, or was not registered first");
                }
            }
            if !Owned::<T>::contains_key(&model.owner, id) {
                return Err("a model is not listed with its owner");
            }
            owned = owned.saturating_add(1);
            children = children.saturating_add(model.record.parents.len());
            serials.push(model.serial);
        }
        for dispute in Disputes::<T>::iter_values().flatten() {
            let sum = open.entry(dispute.by).or_default();
            *sum = sum.saturating_add(dispute.deposit.to_rao());
        }
        serials.sort_unstable();
        if !serials.into_iter().eq(0..Count::<T>::get()) {
            return Err("serial numbers are not those from 0 on");
        }
        if owned != Owned::<T>::iter_keys().count() || children != Children::<T>::iter_keys().count() {
            return Err("a list names a model that does not say so");
        }
        let held = |reason: HoldReason, owed: BTreeMap<T::AccountId, u64>| {
            let reason = reason.into();
            owed.iter().all(|(who, rao)| T::Holds::balance_on_hold(&reason, who) == *rao)
        };
        match held(HoldReason::Record, records) && held(HoldReason::Dispute, open) {
            true => Ok(()),
            false => Err("the amounts on hold are not the deposits"),
        }
    }
}

fn now<T: Config>() -> Block {
    frame_system::Pallet::<T>::block_number().saturated_into()
}
