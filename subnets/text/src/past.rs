//! What customers asked before and how it ended, so that checks can be made of it.
//!
//! A miner tells a drawn task from a customer's request by how it reads. What a customer asked and accepted reads like what the next
//! customer asks. So a validator keeps such requests, from customers who allow it, and asks miners some of them again
//! ([`control`](crate::task::control)), among requests of customers. Whoever sees a request for the second time knows that it is a check, so
//! none is used twice while there are others: a file must grow by what is asked.

use std::{collections::BTreeMap, path::Path};

use myelin_subnet::SubnetError;
use myelin_wire::hash::blake2_256;
use serde::Deserialize;
use serde_json::Value;

use crate::protocol::TextRequest;

/// With fewer, a miner soon knows them all.
const LEAST: usize = 32;
/// Longest file in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// Requests with the answers that customers accepted, each request once.
#[derive(Clone, Debug)]
pub struct Past {
    lines: Vec<Accepted>,
    names: Vec<u64>,
}

/// A request, and what its customer took for an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// What was asked.
    pub request: TextRequest,
    /// The answer in the end, corrected by the customer where that was needed.
    pub text: String,
}

/// A line of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    request: Value,
    accepted: String,
}

impl Past {
    /// Reads a file with a JSON object in each line: `request`, in the form of OpenAI-compatible clients, and `accepted`, the text.
    pub fn read(path: &Path) -> Result<Self, SubnetError> {
        let wrong = |found: String| {
            let attempted = format!("reading what customers asked from {}", path.display());
            SubnetError::new(
                attempted,
                found,
                "name a file with a line {\"request\": {…}, \"accepted\": \"…\"} for each",
            )
        };
        let length = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
        if length > MOST_BYTES {
            return Err(wrong(format!("{length} bytes, the limit is {MOST_BYTES}")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        Self::parse(&text).map_err(wrong)
    }

    /// Reads such lines.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let read = |(number, line): (usize, &str)| {
            let at = |found: String| format!("line {}: {found}", number + 1);
            let line: Line = serde_json::from_str(line).map_err(|error| at(error.to_string()))?;
            let request = TextRequest::from_openai(&line.request).ok_or_else(|| {
                at("this is no request of the text subnet, or one beyond its limits".into())
            })?;
            match line.accepted.trim().is_empty() {
                true => Err(at("nothing was accepted".into())),
                false => Ok(Accepted { request, text: line.accepted }),
            }
        };
        Self::new(lines.map(read).collect::<Result<_, _>>()?)
    }

    /// These.
    pub fn new(lines: Vec<Accepted>) -> Result<Self, String> {
        let by_name: BTreeMap<u64, Accepted> =
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
    pub fn lines(&self) -> &[Accepted] {
        &self.lines
    }

    /// Names of the requests, in the same order.
    pub fn names(&self) -> &[u64] {
        &self.names
    }

    /// The name of a request, if it is one of these.
    pub fn find(&self, request: &TextRequest) -> Option<u64> {
        let name = name_of(request);
        self.names.binary_search(&name).is_ok().then_some(name)
    }
}

fn name_of(request: &TextRequest) -> u64 {
    let text = serde_json::to_vec(request).unwrap_or_default();
    let hash = blake2_256(&text);
    u64::from_le_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_line() {
        let good = r#"{"request": {"messages": [{"role": "user", "content": "Why?"}], "max_tokens": 9}, "accepted": "Because."}"#;
        let more: String =
            (2..LEAST).map(|number| good.replace("Why", &format!("Why {number}")) + "\n").collect();
        let file = |second: &str| format!("{good}\n\n{second}\n{more}");
        let other = good.replace("Why", "How");
        let past = Past::parse(&file(&other)).unwrap();
        assert_eq!(past.lines().len(), LEAST);
        assert_eq!(past.find(&past.lines()[3].request), Some(past.names()[3]));
        assert_eq!(past.find(&TextRequest::default()), None);
        let cases = [
            ("{", "line 3: EOF"),
            (r#"{"request": {}, "accepted": "x"}"#, "line 3: this is no request"),
            (r#"{"request": {"prompt": "x"}, "accepted": " "}"#, "line 3: nothing was accepted"),
            (r#"{"request": {"prompt": "x"}, "answer": "x"}"#, "line 3: unknown field `answer`"),
            (good, "31 requests, at least 32"),
        ];
        for (line, words) in cases {
            let found = Past::parse(&file(line)).unwrap_err();
            assert!(found.starts_with(words), "{words}: {found}");
        }
        let missing = Past::read(Path::new("/nowhere")).unwrap_err().to_string();
        assert!(missing.contains("/nowhere") && missing.contains("accepted"), "{missing}");
    }
}
