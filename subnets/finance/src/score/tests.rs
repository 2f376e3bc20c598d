use myelin_wire::seed::Seed;
use proptest::prelude::*;

use super::*;
use crate::{forecast::FORECASTERS, protocol::pack, series::Composer};

const STEPS: usize = 5;

fn request(history: Vec<i32>, wanted: Wanted) -> FinanceRequest {
    FinanceRequest { history, steps: STEPS as u16, wanted, ..FinanceRequest::default() }
}

/// A history with steps of about this size.
fn history(size: i32) -> Vec<i32> {
    (0..64).map(|at| at * 37 % 11 * size).collect()
}

/// The mean skill when each of these outcomes has the same chance, in millionths.
fn expected(request: &FinanceRequest, outcomes: &[Vec<i32>], answer: &FinanceResponse) -> i64 {
    let skill = |outcome: &Vec<i32>| i64::from(skill(request, outcome, answer).unwrap().get());
    outcomes.iter().map(skill).sum::<i64>() / outcomes.len() as i64
}

prop_compose! {
    /// Ways that begin at the end of [`history`] of 100, with moves that are not cut.
    fn ways(count: usize)(
        moves in prop::collection::vec(prop::collection::vec(-300..300i32, STEPS), count)
    ) -> Vec<Vec<i32>> {
        let last = *history(100).last().unwrap();
        let way = |moves: Vec<i32>| moves.into_iter().scan(last, |value, step| { *value += step; Some(*value) }).collect();
        moves.into_iter().map(way).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_beats_the_paths_that_come(outcomes in ways(20), others in ways(20), kept in 0usize..20) {
        let request = request(history(100), Wanted::Paths(20));
        let answer = |paths: &[Vec<i32>]| FinanceResponse::Paths(pack(request.last(), paths));
        // Some of the true paths and some others, as whoever bets on a part of what may come.
        let bet: Vec<Vec<i32>> = outcomes[..kept].iter().chain(&others[kept..]).cloned().collect();
        let narrow: Vec<Vec<i32>> = (0..20).map(|at| outcomes[at % 10].clone()).collect();
        let honest = expected(&request, &outcomes, &answer(&outcomes));
        for other in [&others, &bet, &narrow] {
            // Some millionths are lost to rounding.
            prop_assert!(honest + 4 >= expected(&request, &outcomes, &answer(other)));
        }
    }

    #[test]
    fn nothing_beats_the_quantiles_that_come(outcomes in ways(20), low in -900..900i32, wide in 0..1800i32) {
        let request = request(history(100), Wanted::Interval(800_000));
        let mut ends: Vec<i32> = outcomes.iter().map(|way| way[STEPS - 1]).collect();
        ends.sort_unstable();
        // One in ten outcomes lies below the lower end, and one in ten above the upper one.
        let honest = expected(&request, &outcomes, &FinanceResponse::Interval(ends[2], ends[17]));
        let low = request.last() + low;
        prop_assert!(honest + 4 >= expected(&request, &outcomes, &FinanceResponse::Interval(low, low + wide)));
    }

    #[test]
    fn nothing_beats_the_probability_that_comes(outcomes in ways(20), level in -500..500i32, other in 0..=ONE) {
        for wanted in [Wanted::Above, Wanted::Reaches] {
            let request = request(history(100), wanted(history(100)[63] + level));
            let came = outcomes.iter().filter(|way| happens(&request, request.last(), way)).count() as u32;
            let honest = expected(&request, &outcomes, &FinanceResponse::Probability(came * ONE / 20));
            prop_assert!(honest + 4 >= expected(&request, &outcomes, &FinanceResponse::Probability(other)));
        }
    }

    #[test]
    fn any_request_and_any_answer_is_a_skill_or_an_error(
        history in prop::collection::vec(any::<i32>(), 32..80),
        outcome in prop::collection::vec(-crate::protocol::LARGEST..=crate::protocol::LARGEST, 40),
        steps in 1usize..40,
        low in any::<i32>(),
        high in any::<i32>(),
        packed in "[A-Za-z0-9+/]{0,64}",
    ) {
        let history: Vec<i32> =
            history.into_iter().map(|value| value.clamp(-crate::protocol::LARGEST, crate::protocol::LARGEST)).collect();
        for wanted in [Wanted::Paths(10), Wanted::Interval(1), Wanted::Above(low), Wanted::Reaches(high)] {
            let request = FinanceRequest { history: history.clone(), steps: steps as u16, wanted, ..Default::default() };
            let answers = [
                FinanceResponse::Paths(packed.clone()),
                FinanceResponse::Interval(low, high),
                FinanceResponse::Probability(low as u32),
                past(&request),
            ];
            for answer in answers {
                let _ = skill(&request, &outcome[..steps], &answer);
            }
            prop_assert!(skill(&request, &outcome[..steps], &past(&request)).is_ok());
        }
    }
}

#[test]
fn the_past_has_half_of_the_skill_and_silence_of_form_none() {
    let request = request(history(100), Wanted::Interval(500_000));
    let outcome = vec![0; STEPS];
    assert_eq!(skill(&request, &outcome, &past(&request)), Ok(Ppm::new(500_000)));
    assert_eq!(skill(&request, &outcome, &FinanceResponse::Interval(3, 2)), Err(FormError::Reversed));
    assert_eq!(skill(&request, &outcome, &FinanceResponse::Probability(1)), Err(FormError::Kind));
    let event = FinanceRequest { wanted: Wanted::Above(0), ..request };
    assert_eq!(skill(&event, &outcome, &FinanceResponse::Probability(ONE + 1)), Err(FormError::Probability));
}

#[test]
fn the_fitted_forecaster_beats_the_others_on_composed_series() {
    let (composer, seed) = (Composer::new(&[5; 32]), Seed([8; 32]));
    let wanted = |series: &[i32]| {
        let last = *series.last().unwrap();
        [Wanted::Paths(100), Wanted::Interval(800_000), Wanted::Above(last), Wanted::Reaches(last + 4000)]
    };
    for kind in 0..4 {
        let mut means = [0.0f64; FORECASTERS.len()];
        const TASKS: u64 = 300;
        for at in 0..TASKS {
            let series = composer.compose(&seed.derive(b"task", at), 384, 48);
            let wanted = wanted(&series.shown)[kind];
            let request = FinanceRequest { history: series.shown, steps: 48, wanted, ..Default::default() };
            for (mean, (_, forecaster)) in means.iter_mut().zip(FORECASTERS) {
                let answer = forecaster.answer(&request, &seed.derive(b"answer", at));
                *mean +=
                    f64::from(skill(&request, &series.hidden, &answer).unwrap().get()) / 1e6 / TASKS as f64;
            }
        }
        println!("{kind}: {means:?}");
        let [walk, seasonal, garch, fitted] = means;
        assert!(fitted > 0.5 && fitted > walk.max(seasonal).max(garch), "{kind}: {means:?}");
    }
}

/// Values that may be known before an answer is committed to: what a forecast says of them counts for nothing.
#[test]
fn the_first_steps_of_a_lead_do_not_count() {
    let lead = 3usize;
    let known = |way: &[i32], moved: i32| -> Vec<i32> {
        // Other first steps, and the same increments from the end of the lead on.
        let first = (0..lead as i32 - 1).map(|step| way[0] + 7 * step * moved);
        first.chain(way[lead - 1..].iter().map(|value| value + moved)).collect()
    };
    let way = |by: i32| -> Vec<i32> { (1..=STEPS as i32).map(|step| 70 + step * by).collect() };
    let outcome = way(11);
    let asked = FinanceRequest { lead: lead as u16, ..request(history(10), Wanted::Paths(10)) };
    let judged = |request: &FinanceRequest, moved: i32| {
        let paths: Vec<Vec<i32>> = (5..15).map(|by| known(&way(by), moved)).collect();
        let answer = FinanceResponse::Paths(pack(request.last(), &paths));
        skill(request, &known(&outcome, 13), &answer).unwrap()
    };
    assert_eq!(judged(&asked, 0), judged(&asked, 40));
    let without = FinanceRequest { lead: 0, ..asked };
    assert_ne!(judged(&without, 0), judged(&without, 40), "without a lead they count");
    // A level that only the first steps reach is not reached.
    let request = FinanceRequest { lead: lead as u16, ..request(history(10), Wanted::Reaches(500)) };
    let early = [900, 900, 900, 100, 100];
    let told = |probability| skill(&request, &early, &FinanceResponse::Probability(probability)).unwrap();
    assert!(told(0) > told(ONE));
}
