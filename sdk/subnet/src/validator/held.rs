//! Limit on the bytes of answers that a validator holds during a round.
//!
//! Answers are held until it is drawn which of them are judged, and those that are become evidence. What a miner writes
//! into them is its own affair, so each has a share of the room, and what it pads its answers with is taken from that
//! of nobody else.

/// Most bytes of answers of a round. An honest answer has a few hundred, so no honest miner comes near its share.
pub const ROUND_BYTES: usize = 256 << 20;

/// Room that each miner has left.
pub(super) struct Held(Vec<usize>);

impl Held {
    /// Equal shares of `bytes`.
    pub(super) fn new(bytes: usize, miners: usize) -> Self {
        Self(vec![bytes / miners.max(1); miners])
    }

    /// Takes room for `bytes` more bytes of a miner, and returns whether there was enough.
    pub(super) fn takes(&mut self, miner: usize, bytes: usize) -> bool {
        let left = self.0.get_mut(miner);
        left.is_some_and(|left| left.checked_sub(bytes).map(|rest| *left = rest).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miner_fills_its_own_share_only() {
        let mut held = Held::new(1_000, 2);
        assert!(held.takes(0, 400) && !held.takes(0, 101), "500 bytes each");
        assert!(held.takes(0, 100), "what was not taken takes no room");
        assert!(held.takes(1, 500) && !held.takes(1, 1));
        assert!(!held.takes(2, 0), "nobody has that number");
    }
}
