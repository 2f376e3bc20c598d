//! Hotkeys that may have root stake: one bit for all that begin with the same two bytes.
//!
//! An epoch reads the root stake of every neuron, few have any, and the first look at a key of a new state is a walk
//! through its trie. A hotkey whose bit is not set has none. A bit is set when root stake comes and stays set: one set
//! in vain costs a look. `invariants::shares::root_stake_is_marked` compares the two.

use alloc::vec::Vec;

use codec::Encode;

use crate::pallet::{Config, RootStakeMarks};

/// Bytes of one bit for each of 65,536 beginnings.
const BYTES: usize = 1 << 13;

/// The bits.
pub struct RootMarks(Vec<u8>);

impl RootMarks {
    /// As they are now.
    pub fn stored<T: Config>() -> Self {
        Self(RootStakeMarks::<T>::get())
    }

    /// Whether a hotkey may have root stake.
    pub fn may_have(&self, hotkey: &impl Encode) -> bool {
        let (byte, bit) = place(hotkey);
        self.0.get(byte).is_some_and(|bits| bits & bit != 0)
    }

    /// Records that a hotkey has root stake.
    pub(crate) fn set<T: Config>(hotkey: &T::AccountId) {
        let Self(mut marks) = Self::stored::<T>();
        marks.resize(BYTES, 0);
        let (byte, bit) = place(hotkey);
        if let Some(bits) = marks.get_mut(byte).filter(|bits| **bits & bit == 0) {
            *bits |= bit;
            RootStakeMarks::<T>::put(marks);
        }
    }
}

/// The byte and the bit of a hotkey.
fn place(hotkey: &impl Encode) -> (usize, u8) {
    hotkey.using_encoded(|bytes| {
        let (first, second) = (bytes.first().copied().unwrap_or(0), bytes.get(1).copied().unwrap_or(0));
        (usize::from(u16::from_be_bytes([first, second]) >> 3), 1 << (second & 7))
    })
}
