//! From an answer and the outcome to the skill of the answer: integers in, millionths out.
//!
//! ```text
//! skill = 1/2 + (loss of the past − loss of the answer) / room
//! ```
//!
//! A forecaster expects the smallest loss when it tells what it believes. Losses are the CRPS of paths
//! ([`crate::crps`]), the interval score (Gneiting and Raftery 2007, section 6.2) and the squared error of a
//! probability (Brier 1950). *The past* is the forecast that everybody can make: each stretch of the history of the
//! same length with the same chance. Its loss and the room do not depend on the answer, so they change no
//! forecaster's mind. They make easy and hard tasks alike.
//!
//! The first steps of a feed's task do not count (`lead`): their values may be known before the answer is.

use myelin_wire::record::{PartRule, Ppm, Rubric, RubricError};

use crate::{
    crps::Crps,
    protocol::{unpack, FinanceRequest, FinanceResponse, FormError, Wanted, LARGEST, ONE, VERSION},
};

/// Stretches over which increments of paths are judged, in steps; beside them the whole horizon.
const STRETCHES: [usize; 3] = [1, 4, 12];
/// Increments are cut off at so many times the mean size of those of the past, outcomes as well as members.
const CUT: i64 = 16;
/// Skill of the past itself, in millionths.
const HALF: i64 = 500_000;
/// Room of a path's loss and of an interval's, in mean sizes of an increment.
const ROOM_OF_PATHS: i64 = 4;
const ROOM_OF_INTERVALS: i64 = 64;
/// Losses are computed in thousandths of a tick.
const FINE: i64 = 1000;

/// The rubric: the skill is the score.
pub fn rubric() -> Result<Rubric, RubricError> {
    Rubric::new("finance", VERSION, vec![PartRule::Share { name: "skill", weight: 1 }])
}

/// Increments of the past over one length of stretch.
struct Past {
    /// Increments over stretches of that length.
    increments: Vec<i32>,
    /// Their mean size, in ticks, at least 1.
    size: i64,
}

impl Past {
    fn of(history: &[i32], stretch: usize) -> Self {
        // A horizon as long as the past leaves a single stretch; longer ones take the longest there is.
        let stretch = stretch.clamp(1, history.len().saturating_sub(1).max(1));
        let increments: Vec<i32> = history.windows(stretch + 1).map(|part| part[stretch] - part[0]).collect();
        let sum: i64 = increments.iter().map(|increment| i64::from(increment.abs())).sum();
        Self { size: (sum / increments.len().max(1) as i64).max(1), increments }
    }

    fn cut(&self, increment: i32) -> i32 {
        let limit = (CUT * self.size).min(i64::from(i32::MAX / 2)) as i32;
        increment.clamp(-limit, limit)
    }

    /// The increment below which this part of the past lies.
    fn quantile(&self, part: u32) -> i32 {
        let mut sorted = self.increments.clone();
        sorted.sort_unstable();
        let at = (sorted.len() as u64 * u64::from(part) / u64::from(ONE)) as usize;
        sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// Checks that an answer has the form that its request wants.
pub fn check(request: &FinanceRequest, answer: &FinanceResponse) -> Result<(), FormError> {
    let outcome = vec![request.last(); request.steps.into()];
    skill(request, &outcome, answer).map(drop)
}

/// The skill of an answer when the series has gone on with `outcome`, one value for each step that was asked for.
pub fn skill(request: &FinanceRequest, outcome: &[i32], answer: &FinanceResponse) -> Result<Ppm, FormError> {
    let steps = usize::from(request.steps);
    let end = outcome.last().copied().unwrap_or_default();
    let gain = match (request.wanted, answer) {
        (Wanted::Paths(count), FinanceResponse::Paths(packed)) => {
            let paths = unpack(packed, request.last(), count.into(), steps)?;
            paths_gain(request, outcome, &paths)
        }
        (Wanted::Interval(coverage), FinanceResponse::Interval(low, high)) => {
            if low > high {
                return Err(FormError::Reversed);
            }
            interval_gain(request, coverage, end, (*low, *high))
        }
        (Wanted::Above(_) | Wanted::Reaches(_), FinanceResponse::Probability(probability)) => {
            if *probability > ONE {
                return Err(FormError::Probability);
            }
            let happened = happens(request, request.last(), outcome);
            let loss = |probability: u32| {
                let error = i64::from(if happened { ONE - probability } else { probability });
                error * error / i64::from(ONE)
            };
            (loss(past_probability(request)) - loss(*probability)) / 2
        }
        _ => return Err(FormError::Kind),
    };
    Ok(Ppm::new((HALF + gain).clamp(0, i64::from(ONE)) as u32))
}

/// Gain of the paths on the past, in millionths of the room: the mean over lengths of stretches, for each over the
/// stretches that follow each other up to the horizon.
fn paths_gain(request: &FinanceRequest, outcome: &[i32], paths: &[Vec<i32>]) -> i64 {
    let (steps, lead) = (outcome.len(), usize::from(request.lead));
    let lengths: Vec<usize> = STRETCHES
        .into_iter()
        .filter(|length| lead + *length < steps)
        .chain([steps.saturating_sub(lead)])
        .filter(|length| *length > 0)
        .collect();
    let (mut crps, mut total) = (Crps::default(), 0i64);
    for length in &lengths {
        let past = Past::of(&request.history, *length);
        let usual: Vec<i32> = past.increments.iter().map(|increment| past.cut(*increment)).collect();
        let increments = |path: &[i32]| -> Vec<i32> {
            let before = |end: usize| if end == *length { request.last() } else { path[end - length - 1] };
            let ends = (lead + *length..=steps).step_by(*length);
            ends.map(|end| past.cut(path[end - 1].saturating_sub(before(end)))).collect()
        };
        let seen = increments(outcome);
        let members: Vec<Vec<i32>> = paths.iter().map(|path| increments(path)).collect();
        let losses = crps.of_outcomes(&usual, &seen).into_iter().zip(crps.of_columns(&members, &seen));
        let gain: i64 =
            losses.map(|(of_past, own)| fine(of_past, usual.len()) - fine(own, members.len())).sum();
        total += gain * i64::from(ONE) / (seen.len().max(1) as i64 * ROOM_OF_PATHS * past.size * FINE);
    }
    total / lengths.len().max(1) as i64
}

/// The CRPS in thousandths of a tick.
fn fine(scaled: i64, members: usize) -> i64 {
    (i128::from(scaled) * i128::from(FINE) / (members.max(1) as i128).pow(2)) as i64
}

/// Gain of an interval on that of the past, in millionths of the room.
fn interval_gain(request: &FinanceRequest, coverage: u32, end: i32, interval: (i32, i32)) -> i64 {
    let past = Past::of(&request.history, request.steps.into());
    let beside = ONE - coverage;
    let last = request.last();
    let usual = (
        last.saturating_add(past.quantile(beside / 2)),
        last.saturating_add(past.quantile(ONE - beside / 2)),
    );
    let limit = CUT * past.size;
    let cut = |value: i32| (i64::from(value) - i64::from(last)).clamp(-limit, limit);
    let end = cut(end);
    let loss = |(low, high): (i32, i32)| {
        let (low, high) = (cut(low), cut(high));
        let missed = (low - end).max(0) + (end - high).max(0);
        (high - low) * FINE + 2 * missed * FINE * i64::from(ONE) / i64::from(beside)
    };
    (loss(usual) - loss(interval)) * i64::from(ONE) / (ROOM_OF_INTERVALS * past.size * FINE)
}

/// Mean size of a move over the horizon, in ticks.
pub fn usual_move(request: &FinanceRequest) -> i64 {
    Past::of(&request.history, request.steps.into()).size
}

/// Whether the event happens on a way that begins behind `last`.
pub fn happens(request: &FinanceRequest, last: i32, way: &[i32]) -> bool {
    let moved = |value: &i32| i64::from(*value) - i64::from(last);
    match request.wanted {
        Wanted::Above(level) => way.last().is_some_and(|end| moved(end) > moved_to(request, level)),
        Wanted::Reaches(level) => {
            way.iter().skip(request.lead.into()).any(|value| moved(value) > moved_to(request, level))
        }
        Wanted::Paths(_) | Wanted::Interval(_) => false,
    }
}

fn moved_to(request: &FinanceRequest, level: i32) -> i64 {
    i64::from(level) - i64::from(request.last())
}

/// The part of all stretches of the past in which the event happened, from one in all but two of them to one and a
/// half more: the past is never sure.
pub fn past_probability(request: &FinanceRequest) -> u32 {
    let steps = usize::from(request.steps).clamp(1, request.history.len().saturating_sub(1).max(1));
    let ways = request.history.windows(steps + 1);
    let all = ways.len() as u64;
    let happened = ways.filter(|way| happens(request, way[0], &way[1..])).count() as u64;
    ((2 * happened + 1) * u64::from(ONE) / (2 * all + 2)) as u32
}

/// The forecast of the past, in the form that was asked for.
pub fn past(request: &FinanceRequest) -> FinanceResponse {
    let steps = usize::from(request.steps);
    match request.wanted {
        Wanted::Interval(coverage) => {
            let past = Past::of(&request.history, steps);
            let beside = ONE - coverage;
            let end = |part| request.last().saturating_add(past.quantile(part));
            FinanceResponse::Interval(end(beside / 2), end(ONE - beside / 2))
        }
        Wanted::Above(_) | Wanted::Reaches(_) => FinanceResponse::Probability(past_probability(request)),
        Wanted::Paths(count) => {
            // Stretches of the past one behind the other, each path from another place on.
            let moves: Vec<i32> = request.history.windows(2).map(|two| two[1] - two[0]).collect();
            let count = usize::from(count);
            let way = |path: usize| {
                let start = path * moves.len() / count.max(1);
                let mut value = request.last();
                (0..steps)
                    .map(|step| {
                        value = value.saturating_add(moves[(start + step) % moves.len()]);
                        value = value.clamp(-LARGEST, LARGEST);
                        value
                    })
                    .collect::<Vec<i32>>()
            };
            let paths: Vec<Vec<i32>> = (0..count).map(way).collect();
            FinanceResponse::Paths(crate::protocol::pack(request.last(), &paths))
        }
    }
}

#[cfg(test)]
mod tests;
