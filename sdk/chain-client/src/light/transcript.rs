//! Answers of a node, kept so that others check the same without a node.
//!
//! Whatever matters is proved: headers by their hash, states by proofs, finality by signatures. So an answer out of a
//! transcript shows as much as one of a node, and a changed one is refused for the same reason.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{LightError, Result};
use crate::Hash;

/// The questions that a [`LightClient`](super::LightClient) asked, and the answers.
///
/// Nodes of states stand once for each block, for whichever keys they were asked. So a reader that reads the same keys
/// in another order finds them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// Answers by question: the method, a space, the parameters.
    answers: BTreeMap<String, Said>,
    /// Nodes of states, by the hash of their block.
    states: BTreeMap<String, BTreeSet<String>>,
    /// Bytes of all that, about.
    #[serde(skip)]
    bytes: usize,
}

/// The answer to a question. Reading limits how deep a value is nested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Said {
    /// A value.
    Answer(Value),
    /// The node dropped the state that was asked for.
    Discarded,
}

impl Transcript {
    /// Most bytes of a transcript, and of a file that holds one.
    pub const LIMIT: usize = 64 << 20;

    pub(super) fn answer(&self, question: &str) -> Option<Said> {
        self.answers.get(question).cloned()
    }

    pub(super) fn keep(&mut self, question: String, said: &Said) -> Result<()> {
        let length = match said {
            Said::Answer(value) => value.to_string().len(),
            Said::Discarded => 0,
        };
        self.grow(question.len() + length)?;
        self.answers.insert(question, said.clone());
        Ok(())
    }

    /// The nodes of a block's state.
    pub(super) fn nodes(&self, block: Hash) -> Result<impl Iterator<Item = &String>> {
        let nodes = self.states.get(&block.to_string());
        Ok(nodes.ok_or_else(|| LightError::NotRecorded(format!("the state of block {block}")))?.iter())
    }

    pub(super) fn keep_nodes(&mut self, block: Hash, nodes: &[String]) -> Result<()> {
        for node in nodes {
            let known = self.states.get(&block.to_string()).is_some_and(|nodes| nodes.contains(node));
            if !known {
                self.grow(node.len())?;
                self.states.entry(block.to_string()).or_default().insert(node.clone());
            }
        }
        Ok(())
    }

    fn grow(&mut self, bytes: usize) -> Result<()> {
        /// Quotation marks and commas around a text.
        const AROUND: usize = 32;
        self.bytes = self.bytes.saturating_add(bytes).saturating_add(AROUND);
        match self.bytes <= Self::LIMIT {
            true => Ok(()),
            false => Err(LightError::LongTranscript),
        }
    }
}

#[cfg(test)]
mod tests;
