//! One forecast from several: each miner's paths in proportion to its weight, and means of ends and probabilities.
//!
//! Forecasts have no majority that could be right. A miner changes as much as its part of the weight.

use crate::{
    protocol::{pack, unpack, FinanceRequest, FinanceResponse, Wanted},
    score,
};

/// The forecast of the ensemble; `None` if no answer is of the form that was asked for.
pub fn combine(request: &FinanceRequest, answers: &[(FinanceResponse, u64)]) -> Option<FinanceResponse> {
    if let [(alone, _)] = answers {
        return Some(alone.clone());
    }
    let mut useful: Vec<&(FinanceResponse, u64)> = answers
        .iter()
        .filter(|(answer, weight)| *weight > 0 && score::check(request, answer).is_ok())
        .collect();
    // The order in which answers came does not matter.
    useful
        .sort_by_cached_key(|(answer, weight)| (serde_json::to_string(answer).unwrap_or_default(), *weight));
    let all: i128 = useful.iter().map(|(_, weight)| i128::from(*weight)).sum();
    let mean = |value: &dyn Fn(&FinanceResponse) -> i64| -> Option<i64> {
        let sum: i128 =
            useful.iter().map(|(answer, weight)| i128::from(value(answer)) * i128::from(*weight)).sum();
        i64::try_from(sum.checked_div_euclid(all)?).ok()
    };
    match request.wanted {
        Wanted::Paths(count) => pool(request, count, &useful, all),
        Wanted::Interval(_) => {
            let end = |upper: bool| {
                mean(&|answer| match answer {
                    FinanceResponse::Interval(low, high) => i64::from(if upper { *high } else { *low }),
                    _ => 0,
                })
            };
            Some(FinanceResponse::Interval(end(false)? as i32, end(true)? as i32))
        }
        Wanted::Above(_) | Wanted::Reaches(_) => {
            let probability = |answer: &FinanceResponse| match answer {
                FinanceResponse::Probability(probability) => i64::from(*probability),
                _ => 0,
            };
            Some(FinanceResponse::Probability(mean(&probability)? as u32))
        }
    }
}

/// Paths of all miners, each miner's spread evenly over those that it sent.
fn pool(
    request: &FinanceRequest,
    count: u16,
    answers: &[&(FinanceResponse, u64)],
    all: i128,
) -> Option<FinanceResponse> {
    let (count, mut given, mut weight) = (i128::from(count), 0, 0);
    let mut pooled = Vec::new();
    for (answer, own) in answers {
        let FinanceResponse::Paths(packed) = answer else { continue };
        let paths = unpack(packed, request.last(), count as usize, request.steps.into()).ok()?;
        weight += i128::from(*own);
        // Rounding goes to nobody's advantage for long: the parts add up to the whole.
        let until = count * weight / all;
        let taken = until - given;
        pooled.extend((0..taken).filter_map(|at| paths.get((at * count / taken) as usize).cloned()));
        given = until;
    }
    (!pooled.is_empty()).then(|| FinanceResponse::Paths(pack(request.last(), &pooled)))
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;
    use crate::{forecast::Forecaster, protocol::ONE, series::Composer};

    fn asked(wanted: Wanted) -> FinanceRequest {
        FinanceRequest {
            history: (0..64).map(|at| at * 7 % 13).collect(),
            steps: 2,
            wanted,
            ..Default::default()
        }
    }

    fn flat(request: &FinanceRequest, value: i32) -> FinanceResponse {
        FinanceResponse::Paths(pack(request.last(), &vec![vec![value; 2]; 10]))
    }

    #[test]
    fn each_miner_counts_by_its_weight() {
        let request = asked(Wanted::Paths(10));
        let answers = [(flat(&request, 5), 7), (flat(&request, 9), 3), (FinanceResponse::Probability(1), 90)];
        let FinanceResponse::Paths(packed) = combine(&request, &answers).unwrap() else { panic!("paths") };
        let paths = unpack(&packed, request.last(), 10, 2).unwrap();
        assert_eq!(paths.iter().filter(|path| path[0] == 5).count(), 7);
        let mut turned = answers.clone();
        turned.reverse();
        assert_eq!(combine(&request, &turned), combine(&request, &answers));

        let request = asked(Wanted::Interval(800_000));
        let answers = [(FinanceResponse::Interval(-9, 11), 3), (FinanceResponse::Interval(-5, 3), 1)];
        assert_eq!(combine(&request, &answers), Some(FinanceResponse::Interval(-8, 9)));
        let wrong = [(FinanceResponse::Interval(9, -9), 3), (FinanceResponse::Interval(-5, 3), 1)];
        assert_eq!(combine(&request, &wrong), Some(FinanceResponse::Interval(-5, 3)));

        let request = asked(Wanted::Above(3));
        let answers = [(FinanceResponse::Probability(ONE), 1), (FinanceResponse::Probability(0), 3)];
        assert_eq!(combine(&request, &answers), Some(FinanceResponse::Probability(250_000)));
        assert_eq!(combine(&request, &[]), None);
        let useless = [(FinanceResponse::Probability(ONE + 1), 1), (FinanceResponse::Interval(0, 0), 3)];
        assert_eq!(combine(&request, &useless), None);
    }

    /// Skills of miners' answers to a task, and that of the answer made of them.
    fn skills(composer: &Composer, number: u64, miners: &[Forecaster], weights: &[u64]) -> (Vec<i64>, i64) {
        let seed = Seed([1; 32]).derive(b"task", number);
        let series = composer.compose(&seed, 384, 48);
        let wanted = match number % 4 {
            0 => Wanted::Interval(800_000),
            1 => Wanted::Above(series.shown[383] + 3000),
            _ => Wanted::Paths(200),
        };
        let request = FinanceRequest { history: series.shown, steps: 48, wanted, ..Default::default() };
        let answers: Vec<(FinanceResponse, u64)> = (0..)
            .zip(miners)
            .map(|(salt, forecaster)| forecaster.answer(&request, &seed.derive(b"miner", salt)))
            .zip(weights.iter().copied())
            .collect();
        let skill = |answer: &FinanceResponse| {
            i64::from(score::skill(&request, &series.hidden, answer).unwrap().get())
        };
        let together = skill(&combine(&request, &answers).unwrap());
        (answers.iter().map(|(answer, _)| skill(answer)).collect(), together)
    }

    /// Skill above the best miner on hidden tasks, for five secrets. Weights are what miners earned on other tasks, and
    /// the best is the one that earned most there.
    fn gains(miners: &[Forecaster]) -> Vec<i64> {
        let of_secret = |secret| {
            let composer = Composer::new(&[secret; 32]);
            let alike = vec![1; miners.len()];
            let known: Vec<Vec<i64>> =
                (0..40).map(|number| skills(&composer, number, miners, &alike).0).collect();
            let earned = |miner: usize| known.iter().map(|skills| skills[miner] - 495_000).sum::<i64>();
            let weights: Vec<u64> = (0..miners.len()).map(|miner| earned(miner).max(1) as u64).collect();
            let best = (0..miners.len()).max_by_key(|miner| earned(*miner)).unwrap();
            let gain = |number| {
                let (skills, together) = skills(&composer, number, miners, &weights);
                together - skills[best]
            };
            (100..180).map(gain).sum::<i64>() / 80
        };
        (0..5).map(of_secret).collect()
    }

    /// The best knows everything that the others know, and misses a little less with them.
    #[test]
    fn an_ensemble_beats_its_best_miner_on_hidden_tasks() {
        let gains = gains(&[Forecaster::Fitted, Forecaster::Garch, Forecaster::Seasonal]);
        println!("millionths of skill above the best miner, by secret: {gains:?}");
        assert!(gains.iter().all(|gain| *gain > 0), "{gains:?}");
    }
}
