//! Preimages as the schedule reads them: in full, and of limited depth.
//!
//! Stock preimages decode a call without a limit. Three bytes a level would nest a call deeper than the stack is, and
//! no block could be built from the block of its enactment on. They also ignore bytes behind a call, which clients
//! don't. Here both are corrupt, so the schedule reports the call as unavailable and goes on.

use alloc::borrow::Cow;

use codec::{Decode, DecodeLimit};
use frame_support::traits::{Bounded, FetchResult, QueryPreimage, StorePreimage};
use sp_runtime::{traits::BlakeTwo256, DispatchError};

use crate::{closed::MAX_DEPTH, Hash, Preimage};

/// Most boxes and lists within each other in a proposal: two for each call that may carry another one.
const DEPTH: u32 = 2 * MAX_DEPTH as u32;

/// The stock preimages, read in full and to a limited depth.
pub struct ShallowPreimages;

impl QueryPreimage for ShallowPreimages {
    type H = BlakeTwo256;

    fn len(hash: &Hash) -> Option<u32> {
        <Preimage as QueryPreimage>::len(hash)
    }

    fn fetch(hash: &Hash, len: Option<u32>) -> FetchResult {
        <Preimage as QueryPreimage>::fetch(hash, len)
    }

    fn is_requested(hash: &Hash) -> bool {
        <Preimage as QueryPreimage>::is_requested(hash)
    }

    fn request(hash: &Hash) {
        <Preimage as QueryPreimage>::request(hash)
    }

    fn unrequest(hash: &Hash) {
        <Preimage as QueryPreimage>::unrequest(hash)
    }

    fn peek<T: Decode>(bounded: &Bounded<T, BlakeTwo256>) -> Result<(T, Option<u32>), DispatchError> {
        let (bytes, looked_up) = match bounded {
            Bounded::Inline(bytes) => (Cow::Borrowed(&bytes[..]), None),
            Bounded::Lookup { hash, len } => (Self::fetch(hash, Some(*len))?, Some(*len)),
            // The filter refuses proposals of this older form.
            Bounded::Legacy { .. } => return Err(DispatchError::Unavailable),
        };
        match T::decode_all_with_depth_limit(DEPTH, &mut &bytes[..]) {
            Ok(value) => Ok((value, looked_up)),
            Err(_) => Err(DispatchError::Corruption),
        }
    }
}

impl StorePreimage for ShallowPreimages {
    const MAX_LENGTH: usize = <Preimage as StorePreimage>::MAX_LENGTH;

    fn note(bytes: Cow<[u8]>) -> Result<Hash, DispatchError> {
        <Preimage as StorePreimage>::note(bytes)
    }

    fn unnote(hash: &Hash) {
        <Preimage as StorePreimage>::unnote(hash)
    }
}
