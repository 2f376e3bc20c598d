//! The identity of models, and the rules of the records that the chain keeps of them.
//!
//! **Words.** The *weights* of a model are a file, or a directory of files. The *model id* is their content hash. A
//! *record* is a publisher's statement of a model: parents, contributors with shares, licence, data and addresses. A
//! [`Model`] is a record as the chain keeps it, with its owner and its *marks*: withdrawn, disputed, taken down. Marks
//! are added and never removed, and no record is deleted.
//!
//! **Identity.** The model id is Blake2b-256 of the weights file, or of the [`Manifest`] of a directory. The same
//! function gives the hashes of submitted artefacts, so that a committed artefact and a published model have one id.
//! An endpoint has no weights that anybody could hash; its id is the hash of its address and name, and proves nothing.
//!
//! | module | rule |
//! |---|---|
//! | [`identity`] | content hashes |
//! | [`manifest`] | the list of a directory's files, and the first difference of two lists |
//! | [`record`] | the shape and the limits of a record |
//! | [`licence`] | the syntax of SPDX licence expressions |
//! | [`model`] | owner, confirmations and marks |
//! | [`dispute`] | disputes, answers and their limits |
//! | [`inheritance`] | the parts of parents in a reward |
//! | [`lineage`] | parents exist before their children, and the walk upward |
//!
//! **What it refuses to know.** Files, sockets, signatures, and the truth of a publisher's statements.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

pub mod dispute;
pub mod identity;
pub mod inheritance;
pub mod licence;
pub mod lineage;
pub mod manifest;
pub mod model;
pub mod record;

pub use dispute::{Dispute, DisputeError, Statement};
pub use identity::{content_id, endpoint_address, endpoint_id, ContentHasher, Hash, ModelId};
pub use inheritance::{Heir, InheritanceError, Models};
pub use licence::LicenceError;
pub use lineage::{Lineage, LineageError};
pub use manifest::{Difference, FileEntry, Manifest, ManifestError};
pub use model::{Model, ModelError};
pub use record::{Contributor, Record, RecordError, WeightsKind};
