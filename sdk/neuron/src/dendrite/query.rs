//! Requests, and the axons that they are sent to.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use base64::{engine::general_purpose::STANDARD, Engine};
use bytes::Bytes;
use http::{header::HeaderName, HeaderValue};
use myelin_wire::{body_hash::BodyHashError, hash::Hash, v10::header, AccountId};

/// An axon to be asked: its address and its miner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// The miner's hotkey; requests are signed for it and answers must be signed by it.
    pub hotkey: AccountId,
    /// Where the axon listens.
    pub address: SocketAddr,
    /// Whether requests are signed with `btauth/1`, which covers path and body, instead of the official headers.
    pub signs_bodies: bool,
}

impl Target {
    /// An axon that is asked with the official headers.
    pub fn new(hotkey: AccountId, address: SocketAddr) -> Self {
        Self { hotkey, address, signs_bodies: false }
    }

    /// The same axon, asked with `btauth/1`, which our axons accept. An axon that announces this on the chain never
    /// gets anything else, so that nobody in between can make a sender fall back.
    pub fn signing_bodies(self) -> Self {
        Self { signs_bodies: true, ..self }
    }
}

/// The question that a request poses, where answers are to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// Name of the question; used once.
    pub id: [u8; 32],
    /// The chain that the answer is signed for.
    pub genesis_hash: Hash,
    /// The subnet that the answer is signed for.
    pub netuid: u16,
}

/// One request, ready to be sent to any number of axons.
#[derive(Debug, Clone)]
pub struct Query {
    pub(super) synapse: Arc<str>,
    pub(super) body: Bytes,
    pub(super) body_hash: String,
    pub(super) timeout: Duration,
    pub(super) patient: bool,
    pub(super) challenge: Option<Challenge>,
    pub(super) inputs: Vec<(HeaderName, HeaderValue)>,
}

/// Why a request cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The name cannot be a path segment.
    #[error("`{0}` cannot name a synapse: use letters, digits and `_`")]
    Name(String),
    /// The body is no JSON object, or lacks a protected field.
    #[error(transparent)]
    Body(#[from] BodyHashError),
    /// A required field cannot be a header name or is missing.
    #[error("the required field `{0}` is missing from the body or is no header name")]
    Field(String),
}

impl Query {
    /// The official default of how long a dendrite waits.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(12);

    /// A request for `synapse` whose body is the synapse's fields as a JSON object. The signature covers the
    /// `protected` fields, in the order that the synapse declares (`required_hash_fields` officially).
    pub fn new<F: AsRef<str>>(
        synapse: &str,
        body: impl Into<Bytes>,
        protected: &[F],
    ) -> Result<Self, QueryError> {
        let valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if synapse.is_empty() || synapse.len() > 128 || !synapse.chars().all(valid) {
            return Err(QueryError::Name(synapse.into()));
        }
        let body = body.into();
        let body_hash = myelin_wire::body_hash::body_hash(&body, protected)?;
        Ok(Self {
            synapse: synapse.into(),
            body,
            body_hash,
            timeout: Self::DEFAULT_TIMEOUT,
            patient: false,
            challenge: None,
            inputs: Vec::new(),
        })
    }

    /// How long to wait for the whole answer.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Asks again while the axon is busy (503 with `Retry-After`), and once more if nothing listens there. The request
    /// keeps its place among the requests to this axon: the first request sent stays first.
    pub fn patient(mut self) -> Self {
        self.patient = true;
        self
    }

    /// Poses the request as a challenge, so that the miner can sign its answer.
    pub fn challenge(mut self, challenge: Challenge) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// Names the fields that the synapse's class requires (those without a default). Official axons build the
    /// class from the headers before they look at the body, and need an empty value of the right type for each.
    pub fn required<F: AsRef<str>>(mut self, fields: &[F]) -> Result<Self, QueryError> {
        let body: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&self.body).map_err(|_| BodyHashError::NotAnObject)?;
        for field in fields.iter().map(AsRef::as_ref) {
            let missing = || QueryError::Field(field.into());
            let empty = match body.get(field).ok_or_else(missing)? {
                serde_json::Value::Null => "null",
                serde_json::Value::Bool(_) => "false",
                serde_json::Value::Number(number) if number.is_f64() => "0.0",
                serde_json::Value::Number(_) => "0",
                serde_json::Value::String(_) => "\"\"",
                serde_json::Value::Array(_) => "[]",
                serde_json::Value::Object(_) => "{}",
            };
            let name = format!("{}{field}", header::INPUT_PREFIX);
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| missing())?;
            let value = HeaderValue::from_str(&STANDARD.encode(empty)).map_err(|_| missing())?;
            self.inputs.push((name, value));
        }
        Ok(self)
    }

    /// Name of the synapse.
    pub fn synapse(&self) -> &str {
        &self.synapse
    }

    /// The body as it is sent.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_knows_its_body_hash_and_empty_inputs() {
        let query = Query::new("Foo", r#"{"x":3,"s":"hey","f":0.5}"#, &["x", "s"]).unwrap();
        assert_eq!(query.body_hash, "f77fd0203a722ac2f678c84bdff8f005fc27b058805130dbc45d0af53f579c18");
        let query = query.required(&["x", "s", "f"]).unwrap();
        let values: Vec<_> = query.inputs.iter().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
        assert_eq!(
            values,
            [
                ("bt_header_input_obj_x", "MA=="),
                ("bt_header_input_obj_s", "IiI="),
                ("bt_header_input_obj_f", "MC4w"),
            ]
        );
    }

    #[test]
    fn impossible_queries_are_refused() {
        let refuse = |name: &str, body: &'static str| Query::new(name, body, &["x"]).err();
        assert_eq!(refuse("a/b", "{}"), Some(QueryError::Name("a/b".into())));
        assert_eq!(refuse("Foo", "[]"), Some(QueryError::Body(BodyHashError::NotAnObject)));
        let missing = BodyHashError::MissingField { field: "x".into() };
        assert_eq!(refuse("Foo", "{}"), Some(QueryError::Body(missing)));
    }
}
