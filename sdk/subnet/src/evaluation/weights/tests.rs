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

#[test]
fn a_window_pays_what_lies_above_its_base_round_by_round() {
    let rule = WindowRule { rounds: 4, base: Ppm::new(495_000) };
    let plan = Mechanism::window(rule);
    let standing = |scores: &[u32]| {
        let mut standing = Standing::default();
        scores.iter().for_each(|score| standing.take_in(&plan, Ppm::new(*score)));
        standing
    };
    let worths = |scores: &[&[u32]]| -> Vec<u16> {
        let standings: Vec<Standing> = scores.iter().map(|scores| standing(scores)).collect();
        let miner = |at: usize| MinerRef { uid: at as u16, hotkey: [at as u8; 32] };
        let all: Vec<(MinerRef, &Standing)> =
            standings.iter().enumerate().map(|(at, standing)| (miner(at), standing)).collect();
        weigh_standings(&plan, &all).into_iter().map(|(_, weight)| weight).collect()
    };
    // In proportion, without a cut-off; a newcomer is paid for the rounds that it was there; risk pays nothing more.
    let steady = [505_000; 4];
    assert_eq!(
        worths(&[&steady, &[505_000], &[515_000, 495_000, 515_000, 495_000]]),
        [65_535, 16_383, 65_535]
    );
    // Rounds before the window are forgotten. Below the base there is no pay, and no debt from before the window.
    assert_eq!(
        worths(&[&[0, 0, 505_000, 505_000, 505_000, 505_000], &[400_000; 4], &[496_000; 4]]),
        [65_535, 0, 6_553]
    );
    // A round without answers is worth nothing, and takes nothing.
    let mut absent = standing(&[505_000; 3]);
    absent.fade(&plan);
    assert_eq!(absent.above(&rule), 30_000);
}
