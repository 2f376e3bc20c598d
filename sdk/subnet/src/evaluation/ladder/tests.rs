use proptest::prelude::*;

use super::*;

fn climber(uid: u16, since: u64, level: u32) -> Climber {
    let level = Ppm::new(level);
    Climber { uid, hotkey: [uid as u8; 32], rungs: vec![Rung { since, level }], now: Some(level) }
}

fn with_rung(mut climber: Climber, since: u64, level: u32) -> Climber {
    climber.rungs.push(Rung { since, level: Ppm::new(level) });
    climber
}

fn pay(climbers: &[Climber]) -> Vec<u64> {
    climb(climbers, &LadderRule::default()).into_iter().map(|(_, pay)| pay).collect()
}

#[test]
fn each_halving_of_the_error_is_worth_a_bit() {
    assert_eq!(worth(Ppm::ZERO), 0);
    assert_eq!(worth(Ppm::new(500_000)), 1_000_000);
    assert_eq!(worth(Ppm::new(750_000)), 2_000_000);
    assert_eq!(worth(Ppm::new(990_000)), 6_643_856, "log2(100) = 6.6438561…");
    assert_eq!(worth(Ppm::new(950_000)), 4_321_928, "log2(20) = 4.3219280…");
    assert_eq!(worth(Ppm::ONE), 12_000_000);
}

#[test]
fn a_copy_gets_nothing_and_an_improvement_its_difference() {
    let found = pay(&[climber(0, 10, 950_000), climber(1, 20, 950_000), climber(2, 30, 990_000)]);
    assert_eq!(found, [4_321_928, 0, 6_643_856 - 4_321_928]);
}

#[test]
fn luck_within_the_margin_is_no_improvement() {
    assert_eq!(pay(&[climber(0, 1, 900_000), climber(1, 2, 901_900)])[1], 0);
    assert!(pay(&[climber(0, 1, 900_000), climber(1, 2, 902_000)])[1] > 0);
}

#[test]
fn who_improves_keeps_its_place_for_what_it_had() {
    // Uid 0 replaced 0.90 of block 10 by 0.95 of block 30; uid 1 copied the published artefact, at block 20.
    let improver = with_rung(climber(0, 30, 950_000), 10, 900_000);
    assert_eq!(pay(&[improver.clone(), climber(1, 20, 900_000)]), [worth(Ppm::new(950_000)), 0]);
    // The place is worth the level that the new artefact still reaches.
    let worse = with_rung(climber(0, 30, 500_000), 10, 900_000);
    assert_eq!(pay(&[worse.clone(), climber(1, 20, 900_000)])[0], 1_000_000);
    // A new artefact that cannot be judged yet takes nothing away.
    let unknown = Climber { now: None, ..worse };
    assert_eq!(pay(&[unknown, climber(1, 20, 900_000)]), [worth(Ppm::new(900_000)), 0]);
}

#[test]
fn weights_are_relative_to_the_best_paid() {
    let rule = LadderRule::default();
    let found = weigh_ladder(&[climber(4, 10, 500_000), climber(2, 20, 937_500)], &rule);
    assert_eq!(found, [(2, 65_535), (4, 65_535 / 3)]);
    assert!(weigh_ladder(&[climber(0, 1, 0)], &rule).is_empty());
}

fn climbers() -> impl Strategy<Value = Vec<Climber>> {
    let step = || (0u64..50, 0u32..=1_000_000);
    prop::collection::vec((step(), prop::collection::vec(step(), 0..=RUNGS)), 1..12).prop_map(|all| {
        let climber_of = |(uid, ((since, level), rungs)): (usize, (_, Vec<_>))| {
            let climber = climber(uid as u16, since, level);
            rungs.into_iter().fold(climber, |climber, (since, level)| with_rung(climber, since, level))
        };
        all.into_iter().enumerate().map(climber_of).collect()
    })
}

proptest! {
    #[test]
    fn together_all_get_what_the_best_is_worth_at_most(climbers in climbers()) {
        let best = climbers.iter().filter_map(|climber| climber.now).max().unwrap_or_default();
        prop_assert!(pay(&climbers).iter().sum::<u64>() <= worth(best));
    }

    #[test]
    fn copies_that_come_later_change_nothing(climbers in climbers(), copies in 1usize..5, which in 0usize..12) {
        let before = pay(&climbers);
        let mut crowd = climbers.clone();
        let original = &climbers[which % climbers.len()];
        for copy in 0..copies {
            crowd.push(climber(100 + copy as u16, 1_000 + copy as u64, original.now.unwrap_or_default().get()));
        }
        let after = pay(&crowd);
        prop_assert_eq!(&after[..before.len()], &before[..]);
        prop_assert!(after[before.len()..].iter().all(|pay| *pay == 0));
    }

    /// Cutting an improvement into steps under several keys pays no more in sum than one key that takes the same steps.
    #[test]
    fn steps_under_many_keys_pay_no_more_than_under_one(
        rival in 0u32..=1_000_000, at in 0u64..100, mut levels in prop::collection::vec(0u32..=1_000_000, 1..=RUNGS + 1),
    ) {
        levels.sort_unstable();
        let rival = climber(99, at, rival);
        let block = |step: usize| 10 * step as u64 + 5;
        let many: Vec<Climber> = levels
            .iter()
            .enumerate()
            .map(|(step, level)| climber(step as u16, block(step), *level))
            .chain([rival.clone()])
            .collect();
        let last = levels.len() - 1;
        let one = levels[..last]
            .iter()
            .enumerate()
            .fold(climber(0, block(last), levels[last]), |climber, (step, level)| {
                with_rung(climber, block(step), *level)
            });
        let many_paid: u64 = climb(&many, &LadderRule::default())
            .iter().filter(|(uid, _)| *uid != 99).map(|(_, pay)| *pay).sum();
        let one_paid = climb(&[one, rival], &LadderRule::default())[0].1;
        prop_assert!(many_paid <= one_paid, "{} against {}", many_paid, one_paid);
    }

    #[test]
    fn a_better_level_is_never_worth_less(low in 0u32..=1_000_000, more in 0u32..=1_000_000) {
        let high = low.saturating_add(more).min(1_000_000);
        prop_assert!(worth(Ppm::new(low)) <= worth(Ppm::new(high)));
        let exact = -(1.0 - f64::from(low) / 1e6).log2() * 1e6;
        if low < 999_700 {
            prop_assert!((worth(Ppm::new(low)) as f64 - exact).abs() < 3.0, "{} {}", worth(Ppm::new(low)), exact);
        }
    }
}
