use proptest::prelude::*;

use super::*;

const HALF: Ppm = Ppm::new(500_000);

#[test]
fn the_first_round_sets_the_average_and_later_ones_move_it() {
    let mut standing = Standing::default();
    standing.update(Ppm::new(800_000), HALF);
    assert_eq!(standing.average(), Ppm::new(800_000));
    standing.update(Ppm::new(400_000), HALF);
    assert_eq!(standing.average(), Ppm::new(600_000));
    standing.update(Ppm::ZERO, HALF);
    assert_eq!((standing.average(), standing.rounds()), (Ppm::new(300_000), 3));
}

#[test]
fn one_fault_an_epoch_is_excused() {
    let mut faults = FaultAllowance::default();
    assert!(faults.excuse(4));
    assert!(!faults.excuse(4));
    assert!(faults.excuse(5));
}

proptest! {
    #[test]
    fn the_average_stays_between_old_average_and_score(
        first in 0u32..=1_000_000, second in 0u32..=1_000_000, rate in 0u32..=1_000_000,
    ) {
        let mut standing = Standing::default();
        standing.update(Ppm::new(first), HALF);
        standing.update(Ppm::new(second), Ppm::new(rate));
        let average = standing.average().get();
        prop_assert!(average >= first.min(second) && average <= first.max(second));
    }
}
