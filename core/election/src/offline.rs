//! The least number of blocks of an author that is there.
//!
//! Authors take turns, so each of `n` has an equal share `m = ⌊B/n⌋` of the `B` blocks of an era. Blocks that nobody
//! made count for nobody. An honest author may miss each of its turns with probability up to one fifth, independently.
//! By Hoeffding's bound it makes fewer than `4/5·m − √(m · ln(10⁹) / 2)` blocks with a probability of at most `10⁻⁹`.

/// `ln(10⁹) / 2` in thousandths, rounded up.
const HALF_LOGARITHM: u64 = 10_362;

/// Blocks of an era below which an author counts as away, out of `blocks` of all `seats` authors.
///
/// `⌊4m/5⌋ − ⌈√(m · 10.362)⌉`. `None` where that is below 1: so few blocks show nothing.
pub fn least_blocks(blocks: u64, seats: u32) -> Option<u64> {
    let share = blocks.checked_div(seats.into())?;
    let usual = share.saturating_mul(4) / 5;
    let chance = ceiling_root(share.saturating_mul(HALF_LOGARITHM).div_ceil(1_000));
    usual.checked_sub(chance).filter(|least| *least > 0)
}

/// `⌈√value⌉`.
fn ceiling_root(value: u64) -> u64 {
    let root = value.isqrt();
    root.saturating_add(u64::from(root.saturating_mul(root) < value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_blocks_show_nothing() {
        assert_eq!(least_blocks(0, 0), None);
        assert_eq!(least_blocks(100, 0), None);
        assert_eq!([4, 18, 19, 20].map(|share| least_blocks(share * 8, 8)), [None, None, None, Some(1)]);
    }

    #[test]
    fn roots_are_rounded_up() {
        for value in 0..10_000 {
            let root = ceiling_root(value);
            assert!(root * root >= value && (root == 0 || (root - 1) * (root - 1) < value));
        }
    }
}
