//! Neurons that set weights recently enough to vote.

use alloc::vec::Vec;
use myelin_units::Block;

/// Activity by uid for `n` neurons: inactive ⇔ `last_update + cutoff < block`. A missing last update counts
/// as block 0.
pub fn active(n: usize, last_update: &[Block], cutoff: u64, block: Block) -> Vec<bool> {
    let updates = last_update.iter().copied().chain(core::iter::repeat(0));
    updates.take(n).map(|updated| updated.saturating_add(cutoff) >= block).collect()
}

#[cfg(test)]
mod tests {
    use super::active;

    #[test]
    fn a_neuron_is_active_through_the_last_block_of_the_cutoff() {
        assert_eq!(active(4, &[10, 9, u64::MAX], 5, 15), [true, false, true, false]);
    }
}
