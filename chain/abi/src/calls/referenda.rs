//! `Referenda`, `Preimage`, `System`, `Sudo`: calls by which holders propose.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;

use super::Call;
use crate::referenda::{BoundedCall, DispatchTime, TrackOrigin};

calls! { "Referenda"
    /// Submits a referendum.
    submit => Submit {
        /// The origin by which the proposal is enacted, which names the track.
        proposal_origin: TrackOrigin,
        /// The proposal.
        proposal: BoundedCall,
        /// Moment of the enactment, if the track does not ask for a later one.
        enactment_moment: DispatchTime,
    }
    /// Pays the deposit for a decision.
    place_decision_deposit => PlaceDecisionDeposit {
        /// Referendum.
        index: u32,
    }
    /// Returns the deposit for a decision to its payer.
    refund_decision_deposit => RefundDecisionDeposit {
        /// Referendum.
        index: u32,
    }
    /// Returns the deposit for a submission to its payer.
    refund_submission_deposit => RefundSubmissionDeposit {
        /// Referendum.
        index: u32,
    }
    /// Names the preimage of the text of a referendum.
    set_metadata => SetMetadata {
        /// Referendum.
        index: u32,
        /// Hash of the text.
        maybe_hash: Option<[u8; 32]>,
    }
}

calls! { "Preimage"
    /// Stores bytes under their hash, for a deposit.
    note_preimage => NotePreimage {
        /// The bytes.
        bytes: Vec<u8>,
    }
    /// Takes back stored bytes, and their deposit.
    unnote_preimage => UnnotePreimage {
        /// Blake2b-256 of the bytes.
        hash: [u8; 32],
    }
}

calls! { "System"
    /// Names the code that anybody may hand in, as root.
    authorize_upgrade => AuthorizeUpgrade {
        /// Blake2b-256 of the code.
        code_hash: [u8; 32],
    }
}

calls! { "Sudo"
    /// Ends the root key, as root.
    remove_key => RemoveKey {}
}
