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
    standing.update(Ppm::new(300_000), HALF);
    assert_eq!((standing.average(), standing.rounds()), (Ppm::new(450_000), 3));
}

#[test]
fn pay_for_load_is_proportional_to_what_is_done_and_a_power_of_how_good_it_is() {
    let earned = |done: u32, quality: u32| {
        let mut standing = Standing::default();
        standing.update(Ppm::new(done), HALF);
        standing.update_quality(Ppm::new(done), Ppm::new(quality), HALF);
        assert_eq!((standing.merit(), standing.average()), (Ppm::new(quality), Ppm::new(done)));
        standing.earned(4)
    };
    assert_eq!(earned(500_000, 100_000), 50_000_000, "a half of a ten thousandth");
    assert_eq!(earned(20_000, 50_000) * 2, earned(40_000, 50_000), "little is not nothing");
    assert_eq!(earned(20_000, 50_000) * 16, earned(20_000, 100_000));
    assert_eq!(Standing::default().earned(4), 0);
}

#[test]
fn pay_rises_over_the_burn_in_with_what_was_earned() {
    let mut standing = Standing::default();
    let round = |standing: &mut Standing, score: u32| {
        standing.season(Ppm::new(score));
        standing.update(Ppm::new(score), HALF);
        standing.seasoned(4).get()
    };
    for _ in 0..20 {
        round(&mut standing, 0);
    }
    // Twenty silent rounds are no probation, and hold no miner back: the average is that of a beginner.
    assert_eq!(standing.seasoned(0), Ppm::ONE);
    let parts = [800_000; 8].map(|score| round(&mut standing, score));
    assert_eq!(parts[0], 500_000, "0.8 of four times 0.4");
    assert!(parts[1] > 600_000 && parts[6] == 1_000_000, "{parts:?}");

    let mut standing = Standing::default();
    let parts = [800_000; 5].map(|score| round(&mut standing, score));
    assert_eq!(parts, [250_000, 500_000, 750_000, 1_000_000, 1_000_000]);
}

#[test]
fn rubbish_in_every_round_is_no_probation_where_load_is_paid() {
    let mut standing = Standing::default();
    let mut round = |done: u32, quality: u32| {
        let (done, quality) = (Ppm::new(done), Ppm::new(quality));
        standing.season(done.of(quality));
        standing.update(done, HALF);
        standing.update_quality(done, quality, Ppm::new(100_000));
        standing.seasoned(20).get()
    };
    for _ in 0..20 {
        round(10_000, 20_000);
    }
    assert!(round(900_000, 900_000) < 200_000);
    let rising: Vec<u32> = (0..10).map(|_| round(900_000, 900_000)).collect();
    assert!(rising.iter().all(|part| *part < 1_000_000), "{rising:?}");
}

#[test]
fn who_was_there_before_anybody_counted_is_no_newcomer() {
    let old = r#"{"average":800000000000,"rounds":7,"faults":{"epoch":3,"used":true}}"#;
    let mut standing: Standing = serde_json::from_str(old).unwrap();
    assert_eq!(standing.seasoned(50), Ppm::ONE);
    standing.season(Ppm::ONE);
    standing.update(Ppm::ONE, HALF);
    assert_eq!((standing.seasoned(50), standing.average()), (Ppm::ONE, Ppm::new(900_000)));
}

#[test]
fn quality_is_the_mean_of_the_first_rounds_and_then_moves_with_its_rate() {
    let mut standing = Standing::default();
    let mut merit = |quality: u32| {
        standing.update_quality(Ppm::ONE, Ppm::new(quality), Ppm::new(250_000));
        standing.merit().get()
    };
    assert_eq!(merit(800_000), 800_000);
    assert_eq!(merit(400_000), 600_000);
    assert!(merit(300_000).abs_diff(500_000) <= 1);
    assert!(merit(460_000).abs_diff(490_000) <= 1, "a quarter");
    assert!(merit(450_000).abs_diff(480_000) <= 1, "a quarter, no longer a fifth");
    assert!(merit(200_000).abs_diff(340_000) <= 1, "half: a round below half of the average weighs double");
}

fn judged(standing: &mut Standing, scores: &[u32]) {
    for score in scores {
        standing.update(Ppm::new(*score), HALF);
    }
}

#[test]
fn another_artefact_begins_anew_and_the_old_one_is_judged_on() {
    let mut standing = Standing::default();
    standing.enter(&[1; 32], 10, 20);
    judged(&mut standing, &[600_000, 800_000]);
    standing.enter(&[1; 32], 99, 99);
    assert_eq!(standing.current(), Some(([1; 32], 10)), "the same one again changes nothing");
    standing.enter(&[2; 32], 30, 40);
    assert_eq!((standing.average(), standing.rounds()), (Ppm::ZERO, 0));
    assert_eq!(standing.replaced(), [([1; 32], 10)]);
    standing.update_replaced(&[1; 32], Ppm::new(400_000), HALF);
    let old = Rung { since: 10, level: Ppm::new(600_000) };
    assert_eq!(standing.rungs(2), (vec![old], None), "the new one was not judged for two rounds");
    judged(&mut standing, &[900_000, 1_000_000]);
    let new = Rung { since: 30, level: Ppm::new(950_000) };
    assert_eq!(standing.rungs(2), (vec![old, new], Some(new.level)));
    // Back to the first: its place is the old one.
    standing.enter(&[1; 32], 50, 60);
    assert_eq!(standing.current(), Some(([1; 32], 10)));
}

#[test]
fn what_was_withheld_has_its_place_from_when_it_was_found() {
    let mut standing = Standing::default();
    standing.awaits(&[1; 32]);
    standing.enter(&[1; 32], 10, 80);
    assert_eq!(standing.since(), Some(80));
    standing.awaits(&[2; 32]);
    standing.enter(&[3; 32], 90, 100);
    assert_eq!(standing.since(), Some(90), "another one was never withheld");
}

#[test]
fn of_many_artefacts_the_first_and_the_best_stay() {
    let mut standing = Standing::default();
    for (number, score) in
        [300_000, 500_000, 400_000, 700_000, 800_000, 900_000, 950_000].into_iter().enumerate()
    {
        standing.enter(&[number as u8 + 1; 32], 10 * number as u64, 0);
        judged(&mut standing, &[score]);
    }
    let blocks: Vec<u64> = standing.replaced().iter().map(|(_, block)| *block).collect();
    assert_eq!(blocks, [0, 30, 40, 50]);
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

#[test]
fn who_stops_working_falls_faster_than_it_rose() {
    let mut standing = Standing::default();
    let rounds = |standing: &mut Standing, score: u32, most: u32| {
        (0..most)
            .take_while(|_| {
                standing.update(Ppm::new(score), Ppm::new(200_000));
                standing.average().get().abs_diff(score) > 300_000
            })
            .count()
    };
    standing.update(Ppm::ZERO, Ppm::ONE);
    let rising = rounds(&mut standing, 1_000_000, 30);
    (0..30).for_each(|_| standing.update(Ppm::ONE, Ppm::new(200_000)));
    let falling = rounds(&mut standing, 0, 30);
    assert!(2 * falling <= rising, "{falling} rounds to fall, {rising} to rise");
    // A round that is a little worse weighs no more than one that is better.
    let mut standing = Standing::default();
    standing.update(Ppm::new(800_000), Ppm::ONE);
    standing.update(Ppm::new(500_000), Ppm::new(200_000));
    assert_eq!(standing.average(), Ppm::new(740_000));
}

#[test]
fn the_best_recent_round_decides_how_much_a_miner_is_asked() {
    let mut standing = Standing::default();
    assert_eq!(standing.batches(), 0);
    standing.update(Ppm::ratio(31, 63), Ppm::ONE);
    assert_eq!(standing.batches(), 31);
    standing.update(Ppm::ratio(20, 63), Ppm::new(400_000));
    assert_eq!(standing.batches(), 27, "one bad round costs little");
    (0..3).for_each(|_| standing.update(Ppm::ONE, Ppm::new(100_000)));
    assert_eq!(standing.batches(), 63, "and one good one is enough to be asked for more");
}
