use proptest::prelude::*;

use super::*;

#[test]
fn weights_are_relative_to_the_best_and_sharpened() {
    let averages = [(3, 300_000), (1, 600_000), (2, 50_000), (7, 0)];
    assert_eq!(weigh(&averages, &WeightRule::default()), [(1, 65_535), (2, 0), (3, 16_383), (7, 0)]);
}

#[test]
fn there_are_no_weights_without_a_score() {
    assert!(weigh(&[], &WeightRule::default()).is_empty());
    assert!(weigh(&[(1, 0), (2, 0)], &WeightRule::default()).is_empty());
}

proptest! {
    #[test]
    fn a_better_average_never_gets_a_smaller_weight(
        averages in prop::collection::vec(0u64..=1_000_000, 1..20), sharpness in 0u32..10,
    ) {
        let averages: Vec<_> = averages.into_iter().enumerate().map(|(uid, a)| (uid as u16, a)).collect();
        let rule = WeightRule { sharpness, ..WeightRule::default() };
        let weights = weigh(&averages, &rule);
        for (a, (_, one)) in averages.iter().zip(&weights) {
            for (b, (_, other)) in averages.iter().zip(&weights) {
                prop_assert!(a.1 < b.1 || one >= other);
            }
        }
        if let Some(best) = weights.iter().map(|(_, weight)| *weight).max() {
            prop_assert_eq!(best, u16::MAX);
        }
    }
}
