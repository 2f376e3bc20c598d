//! Inheritance: the part of a reward that the parents of a model get.
//!
//! A subnet may give a share of a miner's reward to the parents of the model that the miner serves. The share waits in
//! the *pot* of that model, an account without a key. [`heirs`] divides a pot.
//!
//! 1. The parents that were not taken down get equal parts, in the order of their ids; the last one gets the remainder.
//! 2. Of a parent's part, the subnet's share goes up to the parent's own pot if it has parents. It is rounded down.
//! 3. Confirmed contributors get their shares of the rest, rounded down. The owner gets what is left: the shares that
//!    nobody confirmed, and the remainder.
//! 4. A pot without such parents belongs to the contributors and the owner of its own model, by rule 3.
//!
//! So all parts add up to the pot, whatever the order of parents and contributors in the records.

use alloc::{collections::BTreeMap, vec::Vec};

use codec::Encode;
use myelin_units::PerBillion;
use myelin_wire::hash::blake2_256_of;
use thiserror::Error;

use crate::{
    identity::ModelId,
    model::Model,
    record::{Contributor, MAX_CONTRIBUTORS, MAX_PARENTS},
};

/// Largest share of a reward for parents, in millionths.
pub const MAX_PARENT_SHARE: u32 = 500_000;
/// Share that goes up a generation when free TAO is divided, in millionths: no subnet has set one.
pub const FREE_SHARE: u32 = 100_000;
/// Most heirs of a pot: for each parent its pot, its contributors and its owner.
pub const MAX_HEIRS: u32 = (MAX_PARENTS * (MAX_CONTRIBUTORS + 2)) as u32;

/// First bytes of the descriptions of the accounts, so that no key has their hash by accident.
const PARENTS: &[u8] = b"myelin/parents/1\0";

/// The account that is the hotkey of all stake of pots, and of what heirs got from them. Nobody has its key.
pub fn parents_hotkey() -> [u8; 32] {
    blake2_256_of(&[PARENTS])
}

/// The account of a model's pot. Nobody has its key.
pub fn pot_account(model: &ModelId) -> [u8; 32] {
    blake2_256_of(&[PARENTS, model])
}

/// The models that somebody keeps.
pub trait Models<AccountId> {
    /// The model with this id.
    fn model(id: &ModelId) -> Option<Model<AccountId>>;
}

/// No models.
impl<AccountId> Models<AccountId> for () {
    fn model(_: &ModelId) -> Option<Model<AccountId>> {
        None
    }
}

/// An heir of a pot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heir<AccountId> {
    /// The pot of a parent, for the parent's parents.
    Pot(ModelId),
    /// A contributor or an owner.
    Account(AccountId),
}

/// Reasons why a pot can't be divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InheritanceError {
    /// There is no record of the model.
    #[error("there is no record of this model")]
    Unknown,
    /// The model and all of its parents were taken down.
    #[error("the model and all of its parents were taken down; nobody inherits")]
    Nobody,
}

/// Divides the amount in the pot of a model. `share` is the part that goes up a generation, at most
/// [`MAX_PARENT_SHARE`]. Reads the model and its parents; every heir is named once and gets something.
pub fn heirs<AccountId: Clone + Encode + Ord>(
    model: &ModelId,
    amount: u64,
    share: u32,
    find: impl Fn(&ModelId) -> Option<Model<AccountId>>,
) -> Result<BTreeMap<Heir<AccountId>, u64>, InheritanceError> {
    let own = find(model).ok_or(InheritanceError::Unknown)?;
    let stands = |model: &Model<AccountId>| model.taken_down.is_none();
    let mut parents: Vec<_> = own.record.parents.iter().filter_map(&find).filter(stands).collect();
    parents.sort_by_key(|parent| parent.record.model);
    let mut sums = Sums(BTreeMap::new());
    let Some(last) = parents.pop() else {
        return match stands(&own) {
            true => {
                sums.give_makers(&own, amount);
                Ok(sums.0)
            }
            false => Err(InheritanceError::Nobody),
        };
    };
    let share = PerBillion::millionths(share.min(MAX_PARENT_SHARE));
    let count = u64::try_from(parents.len()).unwrap_or(u64::MAX).saturating_add(1);
    let each = amount.checked_div(count).unwrap_or(0);
    let mut left = amount;
    for parent in &parents {
        left = left.saturating_sub(each);
        sums.give_parent(parent, each, share);
    }
    sums.give_parent(&last, left, share);
    Ok(sums.0)
}

/// Amounts by heir.
struct Sums<AccountId>(BTreeMap<Heir<AccountId>, u64>);

impl<AccountId: Clone + Encode + Ord> Sums<AccountId> {
    fn give(&mut self, heir: Heir<AccountId>, amount: u64) {
        if amount > 0 {
            let sum = self.0.entry(heir).or_default();
            *sum = sum.saturating_add(amount);
        }
    }

    fn give_parent(&mut self, parent: &Model<AccountId>, part: u64, share: PerBillion) {
        let up = if parent.record.parents.is_empty() { 0 } else { share.of(part) };
        self.give(Heir::Pot(parent.record.model), up);
        self.give_makers(parent, part.saturating_sub(up));
    }

    /// Divides an amount among confirmed contributors; the owner gets the rest.
    fn give_makers(&mut self, model: &Model<AccountId>, amount: u64) {
        let mut left = amount;
        let is_confirmed =
            |contributor: &&Contributor<AccountId>| model.is_confirmed_by(&contributor.account);
        for contributor in model.record.contributors.iter().filter(is_confirmed) {
            let part = PerBillion::millionths(contributor.share).of(amount).min(left);
            left = left.saturating_sub(part);
            self.give(Heir::Account(contributor.account.clone()), part);
        }
        self.give(Heir::Account(model.owner.clone()), left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dispute::Statement,
        record::{tests::record, Contributor, SHARES},
    };
    use alloc::vec;
    use proptest::prelude::*;

    type Register = BTreeMap<ModelId, Model<[u8; 32]>>;

    fn found(register: &Register) -> impl Fn(&ModelId) -> Option<Model<[u8; 32]>> + '_ {
        |id| register.get(id).cloned()
    }

    /// A model of account 1, with contributors 10, 11 and so on.
    fn add(register: &mut Register, model: u8, parents: &[u8], shares: &[u32], confirmed: u16) {
        let mut record = record(model);
        record.parents = parents.iter().map(|parent| [*parent; 32]).collect();
        record.contributors = (10u8..)
            .zip(shares)
            .map(|(account, share)| Contributor { account: [account; 32], share: *share })
            .collect();
        let serial = register.len() as u64;
        let mut model = Model::new(record, &[1; 32], serial, 1).expect("a good record");
        model.confirmed = confirmed;
        register.insert(model.record.model, model);
    }

    fn take_down(register: &mut Register, model: u8) {
        let reason = Statement::new(1, [0; 32], vec![]).expect("an empty reference is good");
        register.get_mut(&[model; 32]).expect("there").taken_down = Some(reason);
    }

    fn account(account: u8) -> Heir<[u8; 32]> {
        Heir::Account([account; 32])
    }

    #[test]
    fn parents_get_equal_parts_and_hand_a_share_up() {
        let mut register = Register::new();
        add(&mut register, 1, &[], &[SHARES], 1);
        add(&mut register, 2, &[1], &[600_000, 400_000], 0b01);
        add(&mut register, 3, &[], &[SHARES], 0);
        add(&mut register, 4, &[3, 2], &[SHARES], 1);
        let divided = heirs(&[4; 32], 1_001, 100_000, found(&register)).expect("there are parents");
        // Model 2 gets 500: 50 go up, and of 450 contributor 10 gets 270. The owner gets the rest, and all 501 of model
        // 3, which nobody confirmed.
        let expected = [(Heir::Pot([2; 32]), 50), (account(1), 180 + 501), (account(10), 270)];
        assert_eq!(divided, BTreeMap::from(expected));
        take_down(&mut register, 2);
        let divided = heirs(&[4; 32], 1_001, 100_000, found(&register));
        assert_eq!(divided, Ok(BTreeMap::from([(account(1), 1_001)])), "the other parent gets all");
        take_down(&mut register, 3);
        let divided = heirs(&[4; 32], 1_001, 100_000, found(&register));
        assert_eq!(divided, Ok(BTreeMap::from([(account(10), 1_001)])), "it goes back to who made the model");
        take_down(&mut register, 4);
        assert_eq!(heirs(&[4; 32], 9, 0, found(&register)), Err(InheritanceError::Nobody));
        assert_eq!(heirs(&[9; 32], 9, 0, found(&register)), Err(InheritanceError::Unknown));
    }

    #[test]
    fn accounts_differ_and_no_model_has_the_hotkey_as_its_pot() {
        let accounts = [parents_hotkey(), pot_account(&[0; 32]), pot_account(&[1; 32])];
        assert!(accounts[0] != accounts[1] && accounts[1] != accounts[2] && accounts[0] != accounts[2]);
    }

    proptest! {
        #[test]
        fn all_parts_add_up_to_the_pot_in_any_order(
            models in prop::collection::vec((any::<u8>(), any::<u16>(), 1u32..60_000, 1usize..=16, any::<u8>()), 1..9),
            amount in prop_oneof![0u64..2_000, any::<u64>()],
            share: u32,
        ) {
            let mut register = Register::new();
            for (at, (parents, confirmed, less, contributors, state)) in (1u8..).zip(&models) {
                let mut shares = vec![*less; *contributors];
                shares[0] = SHARES - less * (*contributors as u32 - 1);
                let named: Vec<u8> =
                    (1..at).filter(|parent| parents >> (parent - 1) & 1 == 1).collect();
                add(&mut register, at, &named, &shares, *confirmed);
                if state % 4 == 0 {
                    take_down(&mut register, at);
                }
            }
            let mut turned = register.clone();
            for model in turned.values_mut() {
                let count = model.record.contributors.len() as u32;
                model.record.parents.reverse();
                model.record.contributors.reverse();
                model.confirmed = model.confirmed.reverse_bits() >> (16 - count);
            }
            for id in register.keys() {
                let divided = heirs(id, amount, share, found(&register));
                prop_assert_eq!(&divided, &heirs(id, amount, share, found(&turned)));
                let Ok(divided) = divided else { continue };
                prop_assert_eq!(divided.values().map(|part| u128::from(*part)).sum::<u128>(), u128::from(amount));
                prop_assert!(divided.len() <= MAX_HEIRS as usize && divided.values().all(|part| *part > 0));
                for heir in divided.keys() {
                    let Heir::Pot(above) = heir else { continue };
                    prop_assert!(register[above].serial < register[id].serial, "no pot is its own heir");
                }
            }
        }
    }
}
