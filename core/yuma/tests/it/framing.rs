//! Protection of miners from one validator where proof is demanded, and what a minority gains from it.

use crate::judges::{
    at_peace, false_alarms, losses, marked, measured, subnet, worst, Random, Setting, MINERS,
};
use crate::plots::{Plot, Rule};
use myelin_yuma::framing::{remember, Mark, MOST_REMEMBERED};
use myelin_yuma::{run_epoch, EpochInput};

/// One validator of so many that frames a miner, with errors in thousandths.
fn one(validators: usize, error: u32, part: u32) -> Setting {
    Setting { validators, framing: 1, error, part, percent: 0 }
}

#[test]
fn one_framing_validator_costs_a_miner_at_most_two_percent_where_proof_is_demanded() {
    for validators in [3, 4, 5, 6, 8, 16, 64] {
        for error in [20, 50, 100, 200] {
            let [summed, agreed, now] = losses(one(validators, error, 0), 2_000 / validators as u32 + 200);
            let setting = format!("{validators} validators, error {error}: {now}");
            assert!(now <= 0.02, "{setting}");
            assert!(now < agreed && agreed < summed, "{setting}, {agreed} by consensus, {summed} by ranks");
        }
    }
}

/// Most of its incentive that a miner loses to one framing validator, whatever part of the due that gives.
fn most(Setting { validators, error, percent, .. }: Setting) -> f64 {
    let stake = if percent == 0 { 1.0 / validators as f64 } else { f64::from(percent) / 100.0 };
    // An error below the spread costs `stake · error` under a rule that adds up opinions. A median moves by places.
    let places = if percent == 0 { 1.0 } else { 1.7 };
    f64::from(error) / 1_000.0 * stake * places + 0.003
}

fn holds_for_all_parts(setting: Setting, epochs: u32) {
    let (loss, part) = worst(setting, epochs);
    assert!(loss <= most(setting), "{setting:?}: {loss} where it gives {part}");
    let Setting { validators, error, percent, .. } = setting;
    let bound = if validators < 4 { 50 } else { 100 };
    let reached = percent == 0 && (error <= bound || validators >= 8 && error <= 150);
    assert!(!reached || loss <= 0.02, "{setting:?}: {loss} where it gives {part}");
}

#[test]
fn no_part_of_its_due_costs_a_miner_more_than_the_share_of_an_error() {
    // The long tests name `CASES_TIMES`; they take every split of stakes.
    let is_long = std::env::var_os("CASES_TIMES").is_some();
    let (validators, errors, percents, epochs) = match is_long {
        true => (vec![3, 4, 5, 6, 7, 8], vec![50, 80, 100, 150, 200], vec![0, 20, 25, 30, 35, 39], 1_500),
        false => (vec![3, 4, 5, 8], vec![50, 100, 200], vec![0, 30], 200),
    };
    for validators in validators {
        for error in &errors {
            // The first validator has at least as much as each of the others.
            let possible = percents.iter().filter(|percent| **percent == 0 || **percent * validators >= 100);
            for percent in possible {
                holds_for_all_parts(
                    Setting { percent: *percent as u32, ..one(validators, *error, 0) },
                    epochs,
                );
            }
        }
    }
}

#[test]
fn a_validator_that_gives_less_than_the_spread_allows_takes_nothing() {
    for (validators, error) in [(3, 50), (3, 100), (4, 50), (4, 100), (5, 100), (8, 100)] {
        for part in [0, 300, 600] {
            let [_, agreed, now] = losses(one(validators, error, part), 600);
            assert!(now <= 0.003 && now < agreed, "{validators} validators, error {error}, {part}: {now}");
        }
    }
}

#[test]
fn honest_opinions_are_seldom_outvoted_and_change_little() {
    for validators in [3, 4, 8] {
        for error in [50, 100, 200] {
            let [outvoted, change] = at_peace(one(validators, error, 1_000), 300);
            assert!(outvoted <= 0.005 && change <= 0.001, "{validators}, {error}: {outvoted}, {change}");
        }
    }
}

#[test]
fn a_framing_validator_is_marked_in_its_second_epoch_and_nobody_else_is() {
    let mut random = Random(3);
    let mut marks = Vec::new();
    for epoch in 1..=50 {
        // Errors of up to a third.
        let mut judges: Vec<_> = (0..8).map(|_| (1_000, measured(MINERS, 333, &mut random))).collect();
        judges[2].1[5] = 0;
        marks = remember(&marks, &run_epoch(&subnet(&judges)).outvoted);
        let set: Vec<_> = marks.iter().filter(|mark| mark.is_set()).collect();
        match epoch {
            1 => assert!(set.is_empty()),
            _ => assert_eq!(set, [&Mark { validator: MINERS + 2, miner: 5, epochs: epoch }]),
        }
    }
    assert_eq!(remember(&marks, &[]), []);
}

#[test]
fn marks_find_who_gives_little_and_spare_who_errs_by_a_fifth() {
    for validators in [3, 8] {
        assert_eq!(marked(one(validators, 200, 0), 100), 1.0);
        assert_eq!(marked(one(validators, 50, 400), 100), 1.0);
        assert_eq!(marked(one(validators, 100, 600), 100), 1.0);
        assert_eq!(marked(one(validators, 100, 950), 100), 0.0);
        assert_eq!(false_alarms(validators, 200, 300), 0.0);
    }
    assert!(false_alarms(8, 500, 300) > 0.0, "errors of a half cause alarms");
}

#[test]
fn few_miners_of_a_validator_are_remembered() {
    let fair = vec![10; MOST_REMEMBERED + 4];
    let mut all = fair.clone();
    all[1..].fill(0);
    let input = subnet(&[(1_000, fair.clone()), (1_000, fair), (1_000, all)]);
    let pairs = run_epoch(&input).outvoted;
    assert_eq!(pairs.len(), MOST_REMEMBERED);
    assert!(pairs.is_sorted() && pairs.iter().all(|&(validator, _)| validator == 22));
    assert!(run_epoch(&EpochInput { unproven: Vec::new(), ..input }).outvoted.is_empty());
}

#[test]
fn more_than_a_quarter_of_the_stake_does_not_abstain_unless_it_is_one_validator() {
    // The consensus for miner 1 is what `fair` gives; without those that frame it, it is what `more` gives.
    let fair = vec![1_000; 4];
    let framing = vec![1_000, 0, 1_000, 1_000];
    let more = vec![1_000, 1_040, 1_000, 1_000];
    let incentive = |framers: &[u32]| {
        let mut judges: Vec<_> = framers.iter().map(|&stake| (stake, framing.clone())).collect();
        judges.extend([(51 - framers.iter().sum::<u32>(), fair.clone()), (49, more.clone())]);
        run_epoch(&subnet(&judges)).incentive[1]
    };
    let plain = incentive(&[14, 13]);
    assert_eq!(incentive(&[41]), plain);
    for abstaining in [&[13, 12][..], &[27], &[40]] {
        assert!(incentive(abstaining) > plain, "{abstaining:?}");
    }
}

/// Steps of a search. Each takes eight epochs, and there are four starts.
const STEPS: u32 = 60;

#[test]
fn no_minority_raises_a_miner_by_more_than_under_the_consensus() {
    for percent in [1, 25, 34, 49] {
        for (honest, agreed) in [(2, 1), (3, 1), (3, 3), (7, 3)] {
            for error in [50, 200] {
                let plot = Plot { honest, ignored: 0, agreed, percent, error };
                let [now, before] = [Rule::InForce, Rule::Consensus].map(|rule| plot.best(rule, true, STEPS));
                assert!(now <= before * 1.02, "{plot:?}: {now} instead of {before}");
            }
        }
    }
}

#[test]
fn a_miner_that_also_leaves_out_honest_validators_gains_a_quarter_of_their_stake_at_most() {
    for (honest, ignored, agreed, percent) in [(3, 1, 1, 25), (2, 1, 1, 33), (7, 2, 3, 40), (3, 1, 3, 49)] {
        for error in [20, 200] {
            let plot = Plot { honest, ignored, agreed, percent, error };
            let now = plot.best(Rule::InForce, true, STEPS);
            let before = Plot { ignored: 0, ..plot }.best(Rule::Consensus, true, STEPS);
            // Members of the agreement may abstain beside those that are left out, up to a quarter.
            let left_out = f64::from(100 - percent) / 100.0 * ignored as f64 / honest as f64;
            let most = 1.0 + left_out.max(0.25) / 4.0;
            assert!(now <= before * most * 1.02, "{plot:?}: {now} instead of {before}");
        }
    }
}

#[test]
fn one_validator_of_a_third_lowers_a_miner_by_no_more_than_under_the_consensus() {
    for (honest, percent) in [(2, 33), (3, 25), (7, 33), (7, 12)] {
        for error in [20, 50, 200] {
            let plot = Plot { honest, ignored: 0, agreed: 1, percent, error };
            let loss = |rule| 1.0 - plot.best(rule, false, STEPS) / plot.fair(rule);
            let (now, before) = (loss(Rule::InForce), loss(Rule::Consensus));
            assert!(now <= before + 0.002, "{plot:?}: {now} instead of {before}");
            assert!(error > 20 || now <= 0.02, "{plot:?}: {now}");
        }
    }
}

#[test]
fn leaving_out_a_quarter_of_the_validators_pays_the_miner_as_serving_all() {
    let away =
        |validators, framing| losses(Setting { validators, framing, error: 100, ..Setting::default() }, 400);
    let [_, before, now] = away(8, 2);
    assert!(before > 0.01 && now.abs() < 0.01, "{now} instead of {before}");
    let [_, before, now] = away(16, 5);
    assert!((before - now).abs() < 0.002, "nothing is won beyond the limit: {now} instead of {before}");
}
