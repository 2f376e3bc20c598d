//! Records of models. The rules are in `myelin-provenance`; the views here are answers of the runtime API.

use alloc::vec::Vec;

use codec::{Decode, Encode, MaxEncodedLen};
use myelin_provenance::{Dispute, Model, ModelId};
use scale_info::TypeInfo;

/// A model with its disputes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ModelView<AccountId> {
    /// The model.
    pub model: Model<AccountId>,
    /// Its disputes, as far as they are kept.
    pub disputes: Vec<Dispute<AccountId>>,
}

/// A model and its ancestors.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ModelLineage<AccountId> {
    /// Generations above the first model, and the model; each model once, generation by generation.
    pub models: Vec<(u32, Model<AccountId>)>,
    /// Whether there are more above.
    pub cut: bool,
}

/// The model that a miner says it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct DeclaredModel {
    /// The model.
    pub model: ModelId,
    /// Whether its record names parents. Records never change.
    pub has_parents: bool,
}
