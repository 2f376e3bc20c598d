//! The official body hash: which fields of a request the signature protects.
//!
//! For each protected field in its declared order: SHA3-256 of Python's `str(value)` as lower-case hexadecimal;
//! the body hash is the SHA3-256 of all those texts joined, again as text. Without protected fields it is the hash
//! of the empty text.

use alloc::string::String;

use crate::{
    hash::{push_hex, sha3_256, to_hex},
    pystr::{py_str, Members, PyStrError},
    v10::Terminals,
};

/// Reasons why a body has no body hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyHashError {
    /// The body is not a JSON object.
    #[error("the request body is not a JSON object")]
    NotAnObject,
    /// A protected field is absent.
    #[error("the protected field `{field}` is missing from the body")]
    MissingField {
        /// Name of the field.
        field: String,
    },
    /// A protected field has no known Python text.
    #[error("the protected field `{field}` cannot be hashed: {cause}")]
    Unprintable {
        /// Name of the field.
        field: String,
        /// Problem of its value.
        cause: PyStrError,
    },
}

/// The body hash of a JSON object whose protected fields are `fields`.
///
/// The body is checked to be a JSON object even when no field is protected.
pub fn body_hash<F: AsRef<str>>(body: &[u8], fields: &[F]) -> Result<String, BodyHashError> {
    SynapseBody::parse(body)?.hash(fields)
}

/// The JSON object of a request, read once; the values of its members stay text.
pub struct SynapseBody<'a>(Members<'a>);

impl<'a> SynapseBody<'a> {
    /// Reads a JSON object.
    pub fn parse(body: &'a [u8]) -> Result<Self, BodyHashError> {
        Members::parse(body).map(Self).map_err(|_| BodyHashError::NotAnObject)
    }

    /// The body hash if `fields` are protected.
    pub fn hash<F: AsRef<str>>(&self, fields: &[F]) -> Result<String, BodyHashError> {
        let mut joined = String::with_capacity(fields.len() * 64);
        for field in fields.iter().map(AsRef::as_ref) {
            let value =
                self.0.get(field).ok_or_else(|| BodyHashError::MissingField { field: field.into() })?;
            let text =
                py_str(value).map_err(|cause| BodyHashError::Unprintable { field: field.into(), cause })?;
            push_hex(&mut joined, &sha3_256(text.as_bytes()));
        }
        Ok(to_hex(&sha3_256(joined.as_bytes())))
    }

    /// Sender and receiver as the body describes them.
    pub fn terminals(&self) -> Terminals {
        let read = |name| Terminals::small(self.0.get(name)?);
        Terminals { dendrite: read("dendrite"), axon: read("axon") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captured_request_hashes_to_the_official_value() {
        let body = br#"{"name":"Foo","timeout":2.0,"total_size":2866,"header_size":0,"dendrite":{},"axon":{},"computed_body_hash":"","x":3,"s":"hey","out":null}"#;
        assert_eq!(
            body_hash(body, &["x", "s"]).unwrap(),
            "f77fd0203a722ac2f678c84bdff8f005fc27b058805130dbc45d0af53f579c18"
        );
        assert_eq!(
            body_hash::<&str>(body, &[]).unwrap(),
            "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"
        );
    }

    #[test]
    fn order_of_fields_matters_and_absent_fields_are_named() {
        let body = br#"{"x":3,"s":"hey"}"#;
        assert_ne!(body_hash(body, &["x", "s"]), body_hash(body, &["s", "x"]));
        assert_eq!(body_hash(body, &["y"]), Err(BodyHashError::MissingField { field: "y".into() }));
        assert_eq!(body_hash(b"[1]", &["x"]), Err(BodyHashError::NotAnObject));
        assert_eq!(body_hash::<&str>(b"{", &[]), Err(BodyHashError::NotAnObject));
    }
}
