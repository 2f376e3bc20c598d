//! The state of a run as bytes with their hash, so that a damaged one is not continued.

/// Bytes of the hash.
const HASH: usize = 32;

/// Why a saved run cannot be continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("reading a saved run: it has {found} bytes instead of {expected}, or its hash differs; begin again")]
pub struct SavedError {
    /// Bytes found.
    pub found: usize,
    /// Bytes of such a run.
    pub expected: usize,
}

/// A state with its hash behind it.
pub fn seal(mut state: Vec<u8>) -> Vec<u8> {
    let hash = blake3::hash(&state);
    state.extend_from_slice(hash.as_bytes());
    state
}

/// The state of sealed bytes; `None` if its hash differs.
pub fn unseal(bytes: &[u8]) -> Option<&[u8]> {
    let (state, hash) = bytes.split_last_chunk::<HASH>()?;
    (blake3::hash(state).as_bytes() == hash).then_some(state)
}

/// The same, for a state of a known length.
pub fn unseal_exactly(bytes: &[u8], length: usize) -> Result<&[u8], SavedError> {
    let wrong = SavedError { found: bytes.len(), expected: length + HASH };
    unseal(bytes).filter(|state| state.len() == length).ok_or(wrong)
}
