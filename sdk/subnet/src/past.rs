//! What customers asked before and how it ended, so that checks can be made of it.
//!
//! A miner tells a drawn task from a customer's request by how it reads. What a customer asked and accepted reads like
//! what the next customer asks. So a validator keeps such requests, from customers who allow it, and asks miners some
//! of them again, among requests of customers (`validator run --organic`). Whoever sees a request for the second time
//! knows that it is a check, so none is used twice while there are others ([`UsedUp`]): a file must grow by what is
//! asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use myelin_wire::{hash::blake2_256, seed::SeedRng};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::subnet::SubnetError;

/// With fewer, a miner soon knows them all.
const LEAST: usize = 32;
/// Longest file in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// Requests with the answers that customers accepted, each request once.
#[derive(Clone, Debug)]
pub struct Past<Q, A> {
    lines: Vec<Accepted<Q, A>>,
    names: Vec<u64>,
}

/// A request, and what its customer took for an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted<Q, A> {
    /// What was asked.
    pub request: Q,
    /// The answer in the end, corrected by the customer where that was needed.
    pub answer: A,
}

/// Names of earlier requests that were asked again.
///
/// A subnet may take this for its state in the place of none, which was saved as `null`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<BTreeSet<u64>>")]
pub struct UsedUp(BTreeSet<u64>);

impl From<Option<BTreeSet<u64>>> for UsedUp {
    fn from(saved: Option<BTreeSet<u64>>) -> Self {
        Self(saved.unwrap_or_default())
    }
}

/// Why no control can be drawn.
pub fn nothing() -> SubnetError {
    SubnetError::new(
        "drawing a control",
        "nothing that customers asked before",
        "name a file of it with --past, or ask no controls",
    )
}

/// A line of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    request: Value,
    accepted: Value,
}

impl<Q: Serialize, A> Past<Q, A> {
    /// Reads a file with a JSON object in each line: `request` and `accepted`, which `read` makes into a request and
    /// its answer.
    pub fn read(
        path: &Path,
        read: impl Fn(Value, Value) -> Result<Accepted<Q, A>, String>,
    ) -> Result<Self, SubnetError> {
        let wrong = |found: String| {
            let attempted = format!("reading what customers asked from {}", path.display());
            SubnetError::new(
                attempted,
                found,
                "name a file with a line {\"request\": {…}, \"accepted\": …} for each",
            )
        };
        let length = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
        if length > MOST_BYTES {
            return Err(wrong(format!("{length} bytes, the limit is {MOST_BYTES}")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        Self::parse(&text, read).map_err(wrong)
    }

    /// Reads such lines.
    pub fn parse(
        text: &str,
        read: impl Fn(Value, Value) -> Result<Accepted<Q, A>, String>,
    ) -> Result<Self, String> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let read = |(number, line): (usize, &str)| {
            let at = |found: String| format!("line {}: {found}", number + 1);
            let Line { request, accepted } =
                serde_json::from_str(line).map_err(|error| at(error.to_string()))?;
            read(request, accepted).map_err(at)
        };
        Self::new(lines.map(read).collect::<Result<_, _>>()?)
    }

    /// These.
    pub fn new(lines: Vec<Accepted<Q, A>>) -> Result<Self, String> {
        let by_name: BTreeMap<u64, Accepted<Q, A>> =
            lines.into_iter().map(|line| (name_of(&line.request), line)).collect();
        match by_name.len() < LEAST {
            true => Err(format!("{} requests, at least {LEAST} are needed", by_name.len())),
            false => {
                let (names, lines) = by_name.into_iter().unzip();
                Ok(Self { lines, names })
            }
        }
    }

    /// All of them, in an order that depends on nothing but what they are.
    pub fn lines(&self) -> &[Accepted<Q, A>] {
        &self.lines
    }

    /// Remembers a request that was asked again, if it is one of these.
    pub fn note(&self, request: &Q, used: &mut UsedUp) {
        used.0.extend(self.find(request));
    }

    /// The name of a request, if it is one of these.
    pub fn find(&self, request: &Q) -> Option<u64> {
        let name = name_of(request);
        self.names.binary_search(&name).is_ok().then_some(name)
    }

    /// Draws the place of one of them: one that was not used up yet, as long as there are any.
    pub fn draw(&self, used: &UsedUp, rng: &mut SeedRng) -> Option<usize> {
        let first = rng.index(self.names.len())?;
        let places = (first..self.names.len()).chain(0..first);
        let mut fresh = places.filter(|place| !used.0.contains(&self.names[*place]));
        fresh.next().or(Some(first))
    }
}

impl UsedUp {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn name_of(request: &impl Serialize) -> u64 {
    let text = serde_json::to_vec(request).unwrap_or_default();
    let hash = blake2_256(&text);
    u64::from_le_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]])
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;

    fn read(request: Value, accepted: Value) -> Result<Accepted<u64, String>, String> {
        let request = request.as_u64().ok_or("this is no request")?;
        Ok(Accepted { request, answer: accepted.to_string() })
    }

    fn file(second: &str) -> String {
        let line = |number: usize| format!("{{\"request\": {number}, \"accepted\": \"yes\"}}\n");
        format!("{}\n{second}\n{}", line(1), (3..=LEAST).map(line).collect::<String>())
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_line() {
        let past = Past::parse(&file(r#"{"request": 2, "accepted": 7}"#), read).unwrap();
        assert_eq!(past.lines().len(), LEAST);
        assert!((1..=LEAST as u64).all(|number| past.find(&number).is_some()) && past.find(&0).is_none());
        let cases = [
            ("{", "line 3: EOF"),
            (r#"{"request": {}, "accepted": "x"}"#, "line 3: this is no request"),
            (r#"{"request": 2, "answer": "x"}"#, "line 3: unknown field `answer`"),
            (r#"{"request": 1, "accepted": "x"}"#, "31 requests, at least 32"),
        ];
        for (line, words) in cases {
            let found = Past::parse(&file(line), read).unwrap_err();
            assert!(found.starts_with(words), "{words}: {found}");
        }
        let missing = Past::read(Path::new("/nowhere"), read).unwrap_err().to_string();
        assert!(missing.contains("/nowhere") && missing.contains("accepted"), "{missing}");
    }

    #[test]
    fn none_is_drawn_twice_while_there_are_others() {
        let past = Past::parse(&file(r#"{"request": 2, "accepted": 7}"#), read).unwrap();
        let (mut used, mut rng) = (UsedUp::default(), Seed([1; 32]).rng());
        let mut drawn = BTreeSet::new();
        for _ in 0..LEAST {
            let place = past.draw(&used, &mut rng).unwrap();
            assert!(drawn.insert(place), "{place} is drawn again");
            past.note(&past.lines()[place].request, &mut used);
        }
        assert!(past.draw(&used, &mut rng).is_some(), "better one for the second time than none");
        let saved = serde_json::to_string(&used).unwrap();
        assert_eq!(serde_json::from_str::<UsedUp>(&saved).unwrap(), used);
        assert_eq!(serde_json::from_str::<UsedUp>("null").unwrap(), UsedUp::default());
    }
}
