//! Interface to the consensus of the chain.

use frame_support::{pallet_prelude::*, traits::Get};

/// The set of authorities that write and finalise blocks.
pub trait Authorities {
    /// The key by which root names an authority.
    type Key: Parameter + MaxEncodedLen;
    /// Most authorities.
    type Most: Get<u32> + 'static;

    /// Puts the owners of these keys into office, instead of all others.
    ///
    /// # Errors
    /// If one of the keys has no owner, or the list cannot take office.
    fn appoint(keys: &[Self::Key]) -> DispatchResult;
}
