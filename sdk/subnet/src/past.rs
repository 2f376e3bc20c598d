//! Past requests of customers with their accepted answers, from which checks can be made.
//!
//! A miner can tell a drawn task from a customer's request by its wording. A customer's earlier request has the wording
//! of the next one. So a validator keeps such requests, from customers who allow it, and asks miners some of them
//! again, among requests of customers (`validator run --organic`). A miner that sees a request for the second time
//! knows that it is a check. So none is used twice while there are others ([`UsedUp`]), and the file must grow as fast
//! as requests are used.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use myelin_wire::{
    hash::{blake2_256, blake2_256_of, Hash},
    seed::SeedRng,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::subnet::SubnetError;

/// Least number of requests: with fewer, a miner soon knows them all.
const LEAST: usize = 32;
/// Longest file in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// Requests with the answers that customers accepted, each request once.
#[derive(Clone, Debug)]
pub struct Past<Q, A> {
    lines: Vec<Accepted<Q, A>>,
    names: Vec<u64>,
    /// Without it nobody finds out by guessing which request a name means.
    secret: Option<Hash>,
}

/// A request, and the answer that its customer accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted<Q, A> {
    /// The request.
    pub request: Q,
    /// The answer in the end, corrected by the customer where that was needed.
    pub answer: A,
}

/// Names of earlier requests that were used as checks.
///
/// A subnet can use this as its state even if it had none before, which was saved as `null`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<BTreeSet<u64>>")]
pub struct UsedUp(BTreeSet<u64>);

impl From<Option<BTreeSet<u64>>> for UsedUp {
    fn from(saved: Option<BTreeSet<u64>>) -> Self {
        Self(saved.unwrap_or_default())
    }
}

/// The error if no control can be drawn.
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

    /// Reads the same lines from a text.
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

    /// A collection of these lines, or an error if they are too few.
    pub fn new(lines: Vec<Accepted<Q, A>>) -> Result<Self, String> {
        let by_name: BTreeMap<u64, Accepted<Q, A>> =
            lines.into_iter().map(|line| (name_of(None, &line.request), line)).collect();
        match by_name.len() < LEAST {
            true => Err(format!("{} requests, at least {LEAST} are needed", by_name.len())),
            false => {
                let (names, lines) = by_name.into_iter().unzip();
                Ok(Self { lines, names, secret: None })
            }
        }
    }

    /// All lines, in an order that depends on their requests alone.
    pub fn lines(&self) -> &[Accepted<Q, A>] {
        &self.lines
    }

    /// The same with names that follow from a secret. The names of used-up requests are kept longer than the requests,
    /// and short requests could be guessed from hashes.
    pub fn keyed(self, secret: Option<Hash>) -> Self {
        let named = self.lines.into_iter().map(|line| (name_of(secret.as_ref(), &line.request), line));
        let by_name: BTreeMap<u64, Accepted<Q, A>> = named.collect();
        let (names, lines) = by_name.into_iter().unzip();
        Self { lines, names, secret }
    }

    /// Notes that a request was asked again, if it is in the collection.
    pub fn note(&self, request: &Q, used: &mut UsedUp) {
        used.0.extend(self.find(request));
    }

    /// The name of a request, if it is in the collection.
    pub fn find(&self, request: &Q) -> Option<u64> {
        let name = name_of(self.secret.as_ref(), request);
        self.names.binary_search(&name).is_ok().then_some(name)
    }

    /// Draws the place of a line that is not used up; of any line if all are used up.
    pub fn draw(&self, used: &UsedUp, rng: &mut SeedRng) -> Option<usize> {
        let first = rng.index(self.names.len())?;
        let places = (first..self.names.len()).chain(0..first);
        let mut fresh = places.filter(|place| !used.0.contains(&self.names[*place]));
        fresh.next().or(Some(first))
    }
}

impl UsedUp {
    /// Whether no request is used up.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn name_of(secret: Option<&Hash>, request: &impl Serialize) -> u64 {
    let text = serde_json::to_vec(request).unwrap_or_default();
    let hash = match secret {
        Some(secret) => blake2_256_of(&[b"myelin/past-name/1", secret, &text]),
        None => blake2_256(&text),
    };
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
    fn names_of_requests_follow_from_the_secret() {
        let past = || Past::parse(&file(r#"{"request": 2, "accepted": 7}"#), read).unwrap();
        let (open, one, other) = (past(), past().keyed(Some([1; 32])), past().keyed(Some([2; 32])));
        assert_eq!(past().keyed(None).names, open.names);
        let names = [open.find(&5), one.find(&5), other.find(&5)];
        assert!(names.iter().all(Option::is_some) && names[0] != names[1] && names[1] != names[2]);
        assert!((1..=LEAST as u64).all(|number| one.find(&number).is_some()) && one.find(&0).is_none());
        let mut used = UsedUp::default();
        one.note(&5, &mut used);
        assert_eq!(used.0, BTreeSet::from([one.find(&5).unwrap()]));
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
