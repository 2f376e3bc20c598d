//! Properties that hold for every seed and every answer.

use std::time::Duration;

use myelin_subnet::{AnswerContext, AnswerError, Subnet};
use myelin_wire::record::{Ppm, Reason};
use proptest::prelude::*;

use super::{answer, in_order, score, seed, subnet};
use round_trip::protocol::{Map, Trip, FEWEST};
use round_trip::score::{length, quality, speed};
use round_trip::solver::{nearest, two_opt, SOLVERS};
use round_trip::task::draw;
use round_trip::{subnet::Config, RoundTripSubnet};

proptest! {
    #[test]
    fn a_seed_always_draws_the_same_sound_map(number: u64) {
        let (map, hidden) = draw(&seed(number));
        prop_assert_eq!(draw(&seed(number)), (map.clone(), hidden));
        prop_assert_eq!(map.check(), Ok(()));
        prop_assert_ne!(draw(&seed(number ^ 1)).0, map);
    }

    #[test]
    fn no_trip_is_shorter_than_the_net(number: u64, at: prop::sample::Index, to: prop::sample::Index) {
        let (map, hidden) = draw(&seed(number));
        let mut trip = two_opt(&map);
        prop_assert!(length(&map, &trip).unwrap() >= hidden.net);
        // Nor is any other trip.
        let count = map.places.len();
        trip.order.swap(at.index(count), to.index(count));
        prop_assert!(length(&map, &trip).unwrap() >= hidden.net);
    }

    #[test]
    fn a_shorter_or_a_quicker_trip_never_gets_less(net in 1..1_000_000u64, trip: u32, longer: u32, ms in 0..9_000u64) {
        let (trip, longer) = (u64::from(trip), u64::from(longer));
        prop_assert!(quality(trip, net) >= quality(trip + longer, net));
        prop_assert!(speed(ms, 8_000) >= speed(ms + 1, 8_000));
        // Twice the net is worth nothing, and no trip is worth the whole.
        prop_assert_eq!(quality(2 * net + trip, net), Ppm::ZERO);
    }

    #[test]
    fn what_is_no_trip_earns_nothing(number: u64, at: prop::sample::Index) {
        let (map, _) = draw(&seed(number));
        let (good, at) = (nearest(&map), at.index(map.places.len()));
        let changed = |change: &dyn Fn(&mut Vec<u16>)| {
            let mut trip = good.clone();
            change(&mut trip.order);
            length(&map, &trip).unwrap_err().0
        };
        prop_assert_eq!(changed(&|order| order.clear()), Reason::Empty);
        prop_assert_eq!(changed(&|order| order.truncate(at.max(1))), Reason::Garbage);
        prop_assert_eq!(changed(&|order| order.push(order[at])), Reason::Garbage);
        prop_assert_eq!(changed(&|order| order[at] = order[(at + 1) % order.len()]), Reason::Garbage);
        prop_assert_eq!(changed(&|order| order[at] = u16::MAX), Reason::Garbage);
    }

    #[test]
    fn neither_order_nor_company_of_answers_changes_a_score(number: u64) {
        let subnet = subnet();
        let challenge = subnet.challenge(&subnet.tasks()[0], &seed(number), &()).unwrap();
        let map = &challenge.request;
        let answers =
            [two_opt(map), nearest(map), in_order(map), Trip::default()].map(|trip| answer(trip, 10));
        let judged = subnet.score(&challenge, &answers, &mut ());
        for (answer, alone) in answers.iter().zip(&judged) {
            prop_assert_eq!(&subnet.score(&challenge, std::slice::from_ref(answer), &mut ())[0], alone);
            prop_assert!(subnet.rubric().score(&alone.parts, alone.reason).is_ok());
        }
    }

    #[test]
    fn every_answer_of_a_built_in_solver_is_a_trip_that_fits(number: u64) {
        let limit = subnet().tasks().iter().map(|plan| plan.answer_limit).min().unwrap();
        let (map, _) = draw(&seed(number));
        for (name, solver) in SOLVERS {
            let trip = solver(&map);
            prop_assert!(length(&map, &trip).is_ok(), "{}", name);
            prop_assert!(serde_json::to_vec(&trip).unwrap().len() <= limit, "{}", name);
            prop_assert_eq!(solver(&map), trip, "{} says the same every time", name);
        }
    }
}

#[test]
fn a_late_answer_loses_a_tenth_and_no_more() {
    let [quick, late] = [100, 8_000].map(|ms| score(&seed(1), &two_opt, ms));
    assert!(late < quick && u64::from(late) >= u64::from(quick) * 9 / 10 - 1, "{quick} {late}");
}

#[test]
fn a_miner_answers_maps_and_refuses_what_is_none() {
    let context =
        AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(8) };
    let miner = RoundTripSubnet::open(Config { solver: Some(nearest) }).unwrap();
    let (map, _) = draw(&seed(2));
    assert_eq!(miner.answer(&context, &map), Ok(nearest(&map)));
    let [short, wide] = [vec![[0, 0]; FEWEST - 1], vec![[u32::MAX, 0]; FEWEST]].map(|places| Map { places });
    for unsound in [short, wide] {
        assert!(matches!(miner.answer(&context, &unsound), Err(AnswerError::Refused(_))));
    }
    assert!(matches!(subnet().answer(&context, &map), Err(AnswerError::Backend(_))));
}
