//! Messages between validators, users and miners of the finance subnet.
//!
//! A request shows the past of a series in whole numbers of its tick and asks about its next steps. Paths come packed:
//! 200 of 48 steps take about 25 kB.

use base64::{engine::general_purpose::STANDARD, Engine};
use serde::{Deserialize, Serialize};

/// Version of protocol and scoring; part of the subnet's name on the wire.
pub const VERSION: u32 = 1;
/// Fewest and most points of a series.
pub const POINTS: (usize, usize) = (32, 4096);
/// Most steps of a horizon.
pub const MOST_STEPS: usize = 288;
/// Fewest and most paths of an answer.
pub const PATHS: (usize, usize) = (10, 1000);
/// Largest value of a series or a path, in ticks, and the smallest with a minus.
pub const LARGEST: i32 = 1 << 29;
/// Longest name of a series in bytes.
pub const MOST_NAME: usize = 128;
/// Probabilities are given in millionths.
pub const ONE: u32 = 1_000_000;

/// A request to a miner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinanceRequest {
    /// Name of the series, for instance `TAO/USD`; empty if it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub series: String,
    /// Seconds from one point to the next; 0 if unknown.
    #[serde(default, skip_serializing_if = "is_none")]
    pub step_seconds: u32,
    /// Time of the latest point in seconds since 1970; 0 if unknown.
    #[serde(default, skip_serializing_if = "is_none")]
    pub last_time: u64,
    /// First steps that do not count, because their values may be known before the answer is.
    #[serde(default, skip_serializing_if = "is_none")]
    pub lead: u16,
    /// The series so far, in ticks, the latest point last.
    pub history: Vec<i32>,
    /// Number of steps ahead that the question is about.
    pub steps: u16,
    /// The question.
    pub wanted: Wanted,
}

/// Kinds of questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// So many ways in which the series may go on.
    Paths(u16),
    /// An interval that holds the last step's value with this probability, in millionths.
    Interval(u32),
    /// The probability that the last step's value is above this level, in ticks.
    Above(i32),
    /// The probability that any of the steps that count is above this level, in ticks.
    Reaches(i32),
}

impl Default for Wanted {
    fn default() -> Self {
        Wanted::Paths(200)
    }
}

/// A miner's answer: an object with one of these fields, beside others that do not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum FinanceResponse {
    /// Paths as [`pack`] writes them.
    Paths(String),
    /// Lower and upper end of an interval, in ticks.
    Interval(i32, i32),
    /// A probability in millionths.
    Probability(u32),
}

/// The fields of an answer.
#[derive(Default, Serialize, Deserialize)]
struct Fields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paths: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval: Option<(i32, i32)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    probability: Option<u32>,
}

impl From<FinanceResponse> for Fields {
    fn from(answer: FinanceResponse) -> Self {
        let nothing = Fields::default();
        match answer {
            FinanceResponse::Paths(packed) => Fields { paths: Some(packed), ..nothing },
            FinanceResponse::Interval(low, high) => Fields { interval: Some((low, high)), ..nothing },
            FinanceResponse::Probability(probability) => Fields { probability: Some(probability), ..nothing },
        }
    }
}

impl TryFrom<Fields> for FinanceResponse {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        match fields {
            Fields { paths: Some(packed), interval: None, probability: None } => Ok(Self::Paths(packed)),
            Fields { paths: None, interval: Some((low, high)), probability: None } => {
                Ok(Self::Interval(low, high))
            }
            Fields { paths: None, interval: None, probability: Some(probability) } => {
                Ok(Self::Probability(probability))
            }
            _ => Err("an answer has one of the fields `paths`, `interval` and `probability`"),
        }
    }
}

fn is_none<N: Default + PartialEq>(value: &N) -> bool {
    *value == N::default()
}

/// Reasons for refusing a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A part is smaller or larger than this subnet serves.
    #[error("{what} is {found}, it must be {least} to {most}")]
    Size {
        /// The part.
        what: &'static str,
        /// Its size.
        found: i64,
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
}

/// Reasons why an answer is not of the form that its request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The answer is of another kind than the question.
    #[error("the answer is not of the kind that was asked for")]
    Kind,
    /// The paths are not base64.
    #[error("the paths are not base64")]
    Base64,
    /// The packed paths end early, go on behind the last path, or hold a number of more than five bytes.
    #[error("the packed paths do not hold the numbers that were asked for")]
    Packing,
    /// A value is too large.
    #[error("a value is larger than the largest, 2^29 ticks")]
    Large,
    /// The lower end of an interval is above the upper one.
    #[error("the lower end of the interval is above the upper end")]
    Reversed,
    /// A probability is above one.
    #[error("the probability is above 1000000 millionths")]
    Probability,
}

impl FinanceRequest {
    /// Checks sizes.
    pub fn check(&self) -> Result<(), RequestError> {
        let size = |what, found: usize, (least, most): (usize, usize)| {
            (what, found as i64, least as i64, most as i64)
        };
        let largest = i64::from(LARGEST);
        let furthest = self.history.iter().map(|value| i64::from(*value)).max_by_key(|value| value.abs());
        let mut parts = vec![
            size("the length of the series' name", self.series.len(), (0, MOST_NAME)),
            size("the number of points", self.history.len(), POINTS),
            size("the number of steps", self.steps.into(), (1, MOST_STEPS)),
            (
                "the number of first steps that do not count",
                self.lead.into(),
                0,
                i64::from(self.steps.saturating_sub(1)),
            ),
            ("a value of the series in ticks", furthest.unwrap_or_default(), -largest, largest),
        ];
        parts.push(match self.wanted {
            Wanted::Paths(count) => size("the number of paths", count.into(), PATHS),
            Wanted::Interval(coverage) => {
                ("the probability of the interval in millionths", coverage.into(), 1, i64::from(ONE) - 1)
            }
            Wanted::Above(level) | Wanted::Reaches(level) => {
                ("the level in ticks", level.into(), -largest, largest)
            }
        });
        match parts.into_iter().find(|(_, found, least, most)| found < least || found > most) {
            Some((what, found, least, most)) => Err(RequestError::Size { what, found, least, most }),
            None => Ok(()),
        }
    }

    /// The latest value.
    pub fn last(&self) -> i32 {
        self.history.last().copied().unwrap_or_default()
    }
}

/// Packs paths in base64: the difference from step to step, beginning at `last`, as a zigzag number in base 128. Its
/// lowest digit comes first, and all but its last byte have the highest bit set.
pub fn pack(last: i32, paths: &[Vec<i32>]) -> String {
    let mut bytes = Vec::new();
    for path in paths {
        let mut before = last;
        for value in path {
            let step = i64::from(*value) - i64::from(before);
            let mut zigzag = ((step << 1) ^ (step >> 63)) as u64;
            while zigzag >= 128 {
                bytes.push(zigzag as u8 | 128);
                zigzag >>= 7;
            }
            bytes.push(zigzag as u8);
            before = *value;
        }
    }
    STANDARD.encode(bytes)
}

/// Unpacks `count` paths of `steps` values each.
pub fn unpack(packed: &str, last: i32, count: usize, steps: usize) -> Result<Vec<Vec<i32>>, FormError> {
    let bytes = STANDARD.decode(packed).map_err(|_| FormError::Base64)?;
    let mut rest = bytes.iter();
    let mut number = || -> Result<i64, FormError> {
        let mut zigzag = 0u64;
        for digit in 0..5 {
            let byte = *rest.next().ok_or(FormError::Packing)?;
            zigzag |= u64::from(byte & 127) << (7 * digit);
            if byte < 128 {
                return Ok((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
            }
        }
        Err(FormError::Packing)
    };
    let mut paths = Vec::new();
    for _ in 0..count {
        let mut value = i64::from(last);
        let path: Result<Vec<i32>, FormError> = (0..steps)
            .map(|_| {
                value += number()?;
                let small = value.abs() <= i64::from(LARGEST);
                small.then_some(value as i32).ok_or(FormError::Large)
            })
            .collect();
        paths.push(path?);
    }
    match rest.next() {
        Some(_) => Err(FormError::Packing),
        None => Ok(paths),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn paths_come_back_as_they_were(
            last in -LARGEST..=LARGEST,
            paths in prop::collection::vec(prop::collection::vec(-LARGEST..=LARGEST, 5), 0..20),
        ) {
            prop_assert_eq!(unpack(&pack(last, &paths), last, paths.len(), 5), Ok(paths));
        }

        #[test]
        fn any_text_is_paths_or_an_error(packed in "[A-Za-z0-9+/=]{0,64}", count in 0usize..9, steps in 0usize..9) {
            if let Ok(paths) = unpack(&packed, 7, count, steps) {
                prop_assert!(paths.len() == count && paths.iter().all(|path| path.len() == steps));
            }
        }
    }

    #[test]
    fn wrong_paths_are_named() {
        let packed = pack(100, &[vec![101, 90], vec![100, 100]]);
        assert_eq!(packed, "AhUAAA==");
        assert_eq!(unpack("AhU!", 100, 1, 2), Err(FormError::Base64));
        assert_eq!(unpack(&packed, 100, 3, 2), Err(FormError::Packing), "too few");
        assert_eq!(unpack(&packed, 100, 1, 2), Err(FormError::Packing), "too many");
        assert_eq!(unpack("gICAgIAA", 100, 1, 1), Err(FormError::Packing), "a number of six bytes");
        let far = pack(LARGEST, &[vec![LARGEST]]);
        assert_eq!(unpack(&far, LARGEST, 1, 1), Ok(vec![vec![LARGEST]]));
        assert_eq!(unpack(&pack(0, &[vec![LARGEST, i32::MAX]]), 0, 1, 2), Err(FormError::Large));
    }

    #[test]
    fn requests_of_wrong_sizes_are_refused_by_name() {
        let good = FinanceRequest { history: vec![5; 32], steps: 1, ..FinanceRequest::default() };
        assert_eq!(good.check(), Ok(()));
        let wrong = |change: fn(&mut FinanceRequest)| {
            let mut request = good.clone();
            change(&mut request);
            request.check().unwrap_err().to_string()
        };
        assert_eq!(wrong(|it| it.history.truncate(31)), "the number of points is 31, it must be 32 to 4096");
        assert_eq!(wrong(|it| it.steps = 0), "the number of steps is 0, it must be 1 to 288");
        assert!(
            wrong(|it| it.history[3] = i32::MIN).contains("a value of the series in ticks is -2147483648")
        );
        assert!(wrong(|it| it.wanted = Wanted::Paths(1001)).contains("the number of paths is 1001"));
        assert!(wrong(|it| it.wanted = Wanted::Interval(ONE)).contains("the probability of the interval"));
        assert!(wrong(|it| it.series = "x".repeat(129)).contains("name"));
    }

    #[test]
    fn messages_have_plain_json() {
        let request = FinanceRequest { history: vec![1, 2], steps: 3, ..FinanceRequest::default() };
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(text, r#"{"history":[1,2],"steps":3,"wanted":{"paths":200}}"#);
        let answer = serde_json::to_string(&FinanceResponse::Interval(-4, 9)).unwrap();
        assert_eq!(answer, r#"{"interval":[-4,9]}"#);
        // Answers are read out of an object that repeats the request.
        let read = |text: &str| serde_json::from_str::<FinanceResponse>(text).ok();
        assert_eq!(
            read(r#"{"history":[1],"steps":3,"wanted":{"paths":9},"interval":[-4,9]}"#),
            Some(FinanceResponse::Interval(-4, 9))
        );
        assert_eq!(read(r#"{"paths":"AA=="}"#), Some(FinanceResponse::Paths("AA==".into())));
        assert_eq!((read("{}"), read(r#"{"probability":5,"interval":[0,1]}"#)), (None, None));
    }
}
