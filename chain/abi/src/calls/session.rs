//! `Session`: the keys with which authorities write and finalise blocks.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;

use super::Call;

/// The public keys of an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SessionKeys {
    /// Writes blocks: sr25519.
    pub aura: [u8; 32],
    /// Votes on finality: ed25519.
    pub grandpa: [u8; 32],
}

calls! { "Session"
    /// Stores the session keys of the signing account.
    set_keys => SetKeys {
        /// The keys.
        keys: SessionKeys,
        /// Signatures of both keys, in their order, over `POP_` and the account: 128 bytes.
        proof: Vec<u8>,
    }
}
