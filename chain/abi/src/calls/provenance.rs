//! `Provenance`: records of models, their owners and their marks. An addition of this network.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use myelin_provenance::{Hash, ModelId, Record};
use scale_info::TypeInfo;

use super::Call;
use crate::Account;

calls! { "Provenance"
    /// Registers a model; the signer is the publisher in the record.
    publish => Publish {
        /// The publisher's statement.
        record: Record<Account>,
    }
    /// Confirms the share of the signing contributor.
    confirm => Confirm {
        /// Model.
        model: ModelId,
        /// Hash of the record that was read.
        record: Hash,
    }
    /// Gives a model to another owner.
    transfer => Transfer {
        /// Model.
        model: ModelId,
        /// Owner from now on.
        to: Account,
    }
    /// Marks a model as withdrawn.
    withdraw => Withdraw {
        /// Model.
        model: ModelId,
    }
    /// Disputes a model.
    dispute => Dispute {
        /// Model.
        model: ModelId,
        /// Hash of the reason.
        reason: Hash,
        /// Place of the reason.
        reference: Vec<u8>,
    }
    /// Answers a dispute.
    answer => Answer {
        /// Model.
        model: ModelId,
        /// Number of the dispute.
        number: u32,
        /// Hash of the answer.
        answer: Hash,
        /// Place of the answer.
        reference: Vec<u8>,
    }
    /// Retracts a dispute.
    retract => Retract {
        /// Model.
        model: ModelId,
        /// Number of the dispute.
        number: u32,
    }
    /// Marks a model as taken down.
    takedown => Takedown {
        /// Model.
        model: ModelId,
        /// Hash of the reason.
        reason: Hash,
        /// Place of the reason.
        reference: Vec<u8>,
    }
}
