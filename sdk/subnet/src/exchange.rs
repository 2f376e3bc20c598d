//! The messages of the runners, which carry a subnet's own.
//!
//! A subnet called `Text` is served under four synapses, and a fifth hands out the miner's submission:
//! * `Text` answers at once; gateways and official clients use it.
//! * `TextStream` answers piece by piece, as server-sent events.
//! * `TextCommit` and `TextOpen` serve tasks that are the same for all miners. The first computes the answer and
//!   returns a hash that binds the miner to it; the second returns the answer. A validator opens nothing before the
//!   time to commit is over for all miners, so no miner can repeat an answer that it has seen.
//!
//! A stream cannot be signed while it is on its way. A sender that wants a signed answer poses a challenge with the
//! request and opens the answer when the stream has ended. It then gets the whole answer, with all fields that the
//! pieces do not carry, under the miner's signature.
//!
//! An answer to a challenge holds the response and a salt: its signature names the request by hash, so repeating the
//! request would waste bandwidth, memory and disk space. Without a challenge the request is repeated, as official
//! clients expect.
//!
//! Commit and open carry the same body, so the signed request hash is the same; the challenge travels in a header. A
//! commitment is signed under a challenge id of its own ([`commit_challenge`]), because it is another statement than
//! the answer.

use std::collections::BTreeMap;

pub use myelin_wire::commitment::commit_challenge;
use myelin_wire::{v10::Terminals, AccountId};
use serde::{Deserialize, Serialize};
use serde_json::value::{to_raw_value, RawValue};

use crate::subnet::Subnet;

/// Names of a subnet's synapses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynapseNames {
    /// Answers at once.
    pub answer: String,
    /// Answers piece by piece.
    pub stream: String,
    /// Commits to an answer.
    pub commit: String,
    /// Opens the answer.
    pub open: String,
    /// Hands out an artefact that was submitted.
    pub artefact: String,
}

impl SynapseNames {
    /// The names of `S`.
    pub fn of<S: Subnet>() -> Self {
        let name = S::NAME;
        Self {
            answer: name.to_owned(),
            stream: format!("{name}Stream"),
            commit: format!("{name}Commit"),
            open: format!("{name}Open"),
            artefact: format!("{name}Artefact"),
        }
    }
}

/// Name and version under which state on disk is kept.
pub fn protocol_name<S: Subnet>() -> String {
    format!("{}/{}", S::NAME, S::VERSION)
}

/// Body of a request: the subnet's request, and the challenge that it poses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Question<R> {
    /// The subnet's fields.
    #[serde(flatten)]
    pub request: R,
    /// The challenge as 64 hexadecimal digits; absent in ordinary traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// 32 hexadecimal digits that make the hash of the request unguessable. An answer to a challenge repeats them,
    /// unless it has the salt of a commitment. Absent from old senders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
}

/// Most letters of a question's salt that an answer repeats.
pub const LONGEST_SALT: usize = 64;

/// Body of a commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// [`Opening::commitment`](myelin_wire::commitment::Opening::commitment) as hexadecimal digits.
    pub commitment: String,
}

/// Asks for the artefact behind a commitment on the chain. Any sender may ask: submissions are public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// [`Submission::commitment`](myelin_wire::commitment::Submission::commitment) as hexadecimal digits.
    pub commitment: String,
}

/// The artefact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// Its bytes in base64.
    pub artefact: String,
}

/// Field that an opened answer carries besides the subnet's fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salt {
    /// The salt of the commitment as hexadecimal digits.
    pub salt: String,
}

/// The body of an answer to a challenge: the fields of the response, and the salt of a commitment or of the question.
///
/// `response` is the response as JSON. Its values are repeated as they stand there, so that the same response results
/// in the same bytes whenever the body is built.
pub fn challenge_body(response: &[u8], salt: Option<&str>) -> Result<Vec<u8>, serde_json::Error> {
    let mut body = fields(response);
    if let Some(salt) = salt {
        body.insert("salt".into(), to_raw_value(salt)?);
    }
    serde_json::to_vec(&body)
}

/// The body of an answer without a challenge: both sides as the request describes them, the fields of the request and
/// those of the response, in one object, as official clients expect. Of fields with the same name the last one is used.
pub fn answer_body(
    terminals: &Terminals,
    request: &impl Serialize,
    response: &impl Serialize,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut body = BTreeMap::<String, Box<RawValue>>::new();
    for (name, side) in [("dendrite", &terminals.dendrite), ("axon", &terminals.axon)] {
        // A side that is no valid value here, such as a number beyond all bounds, is omitted like an absent one.
        let side = side.as_ref().map(|side| serde_json::from_str::<serde_json::Value>(side.get()));
        if let Some(Ok(side)) = side {
            body.insert(name.into(), to_raw_value(&side)?);
        }
    }
    for part in [serde_json::to_vec(request)?, serde_json::to_vec(response)?] {
        body.extend(fields(&part));
    }
    serde_json::to_vec(&body)
}

/// The fields of a JSON object; empty for anything else.
fn fields(json: &[u8]) -> BTreeMap<String, Box<RawValue>> {
    serde_json::from_slice(json).unwrap_or_default()
}

/// Key of a stored answer: the validator and its challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskedBy {
    /// The validator.
    pub validator: AccountId,
    /// The challenge.
    pub challenge: [u8; 32],
}
