//! Lineage: the models that a model was made from.
//!
//! A record can only name parents that the chain has, and it gets a higher serial number than each of them. So no model
//! is its own ancestor, whatever publishers say. The walk upward checks the order again.

use alloc::{collections::BTreeSet, vec::Vec};

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use thiserror::Error;

use crate::identity::ModelId;

/// Most generations of a walk.
pub const MAX_GENERATIONS: u32 = 16;
/// Most models of a walk.
pub const MAX_MODELS: usize = 64;

/// Reasons to refuse parents or a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LineageError {
    /// The chain has a record of this model.
    #[error("the chain has a record of this model already")]
    Taken,
    /// The chain has no record of a parent.
    #[error("the chain has no record of parent {0}")]
    UnknownParent(usize),
    /// A parent was registered after its child.
    #[error("a parent was registered after its child")]
    Order,
}

/// A model of a lineage.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Ancestor {
    /// The model.
    pub model: ModelId,
    /// Generations above the first model, on the shortest way.
    pub generation: u32,
}

/// The ancestors of a model.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Lineage {
    /// The model itself and its ancestors, each once, generation by generation.
    pub models: Vec<Ancestor>,
    /// Whether there are more above.
    pub cut: bool,
}

/// Checks that a model is new and that its parents are there. `serial` gives the serial number of a registered model.
pub fn admit(
    model: &ModelId,
    parents: &[ModelId],
    mut serial: impl FnMut(&ModelId) -> Option<u64>,
) -> Result<(), LineageError> {
    if serial(model).is_some() {
        return Err(LineageError::Taken);
    }
    match parents.iter().position(|parent| serial(parent).is_none()) {
        Some(at) => Err(LineageError::UnknownParent(at + 1)),
        None => Ok(()),
    }
}

/// Walks upward from a model. `find` gives serial number and parents of a registered model.
pub fn walk(
    model: ModelId,
    generations: u32,
    mut find: impl FnMut(&ModelId) -> Option<(u64, Vec<ModelId>)>,
) -> Result<Lineage, LineageError> {
    let mut seen = BTreeSet::from([model]);
    let mut models = Vec::from([Ancestor { model, generation: 0 }]);
    let mut cut = false;
    let mut at = 0;
    while let Some(Ancestor { model, generation }) = models.get(at).cloned() {
        at += 1;
        let Some((serial, parents)) = find(&model) else { continue };
        for parent in parents {
            let earlier = find(&parent).is_some_and(|(parents, _)| parents < serial);
            if !earlier {
                return Err(LineageError::Order);
            }
            if seen.contains(&parent) {
                continue;
            }
            if generation >= generations.min(MAX_GENERATIONS) || models.len() >= MAX_MODELS {
                cut = true;
                continue;
            }
            seen.insert(parent);
            models.push(Ancestor { model: parent, generation: generation.saturating_add(1) });
        }
    }
    Ok(Lineage { models, cut })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeMap, vec};
    use proptest::prelude::*;

    type Register = BTreeMap<ModelId, (u64, Vec<ModelId>)>;

    fn id(number: u16) -> ModelId {
        let mut id = [0; 32];
        id[..2].copy_from_slice(&number.to_be_bytes());
        id
    }

    fn add(register: &mut Register, model: ModelId, parents: Vec<ModelId>) -> Result<(), LineageError> {
        admit(&model, &parents, |id| register.get(id).map(|(serial, _)| *serial))?;
        register.insert(model, (register.len() as u64, parents));
        Ok(())
    }

    fn ancestors(register: &Register, model: ModelId, generations: u32) -> Result<Lineage, LineageError> {
        walk(model, generations, |id| register.get(id).cloned())
    }

    #[test]
    fn a_diamond_is_walked_once_and_cut_at_the_asked_generation() {
        let mut register = Register::new();
        for (model, parents) in [(0, vec![]), (1, vec![0]), (2, vec![0]), (3, vec![1, 2])] {
            add(&mut register, id(model), parents.into_iter().map(id).collect()).expect("new");
        }
        let lineage = ancestors(&register, id(3), 9).expect("in order");
        let found: Vec<_> =
            lineage.models.iter().map(|ancestor| (ancestor.model, ancestor.generation)).collect();
        assert_eq!(found, [(id(3), 0), (id(1), 1), (id(2), 1), (id(0), 2)]);
        assert!(!lineage.cut && ancestors(&register, id(3), 1).expect("in order").cut);
        assert_eq!(add(&mut register, id(0), vec![]), Err(LineageError::Taken));
        assert_eq!(add(&mut register, id(9), vec![id(0), id(8)]), Err(LineageError::UnknownParent(2)));
    }

    #[test]
    fn a_state_with_a_cycle_is_refused() {
        let register = Register::from([(id(0), (0, vec![id(1)])), (id(1), (1, vec![id(0)]))]);
        assert_eq!(ancestors(&register, id(1), 9), Err(LineageError::Order));
    }

    proptest! {
        #[test]
        fn whatever_is_published_no_model_is_its_own_ancestor(
            tries in proptest::collection::vec((0u16..40, proptest::collection::vec(0u16..40, 0..8)), 1..80),
        ) {
            let mut register = Register::new();
            for (model, parents) in tries {
                let _ = add(&mut register, id(model), parents.into_iter().map(id).collect());
            }
            for (model, (serial, _)) in &register {
                let lineage = ancestors(&register, *model, MAX_GENERATIONS).expect("in order");
                prop_assert!(lineage.models.len() <= MAX_MODELS);
                for ancestor in &lineage.models[1..] {
                    prop_assert!(register[&ancestor.model].0 < *serial);
                }
            }
        }
    }
}
