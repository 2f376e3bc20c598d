//! Status codes of axon and dendrite with their official texts.
//!
//! An axon answers with an HTTP status and a message; a dendrite reports failures of its own side with the same
//! numbers. Code that scores or retries should look at the code; the text is for people and logs.

use alloc::{
    format,
    string::{String, ToString},
};

/// Numbers of the statuses.
pub mod code {
    /// Answered.
    pub const SUCCESS: u16 = 200;
    /// The request, or on the dendrite's side the payload of an answer, cannot be read.
    pub const BAD_REQUEST: u16 = 400;
    /// The signature, nonce or hotkey is not accepted.
    pub const NOT_VERIFIED: u16 = 401;
    /// The hotkey may not ask.
    pub const FORBIDDEN: u16 = 403;
    /// No such synapse.
    pub const NOT_FOUND: u16 = 404;
    /// Too late, on either side.
    pub const TIMEOUT: u16 = 408;
    /// The request is larger than the axon reads.
    pub const TOO_LARGE: u16 = 413;
    /// The dendrite cannot make sense of what came back.
    pub const UNPROCESSABLE: u16 = 422;
    /// The handler failed; on the dendrite's side any failure of the client.
    pub const INTERNAL: u16 = 500;
    /// Nobody answers, or the axon is full.
    pub const UNAVAILABLE: u16 = 503;
}

/// A status code with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// One of [`code`], or any other HTTP status a peer chose.
    pub code: u16,
    /// Text for people.
    pub message: String,
}

impl Status {
    /// A status with another text than the official one.
    pub fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// 200.
    pub fn success() -> Self {
        Self::new(code::SUCCESS, "Success")
    }

    /// Whether the request was answered.
    pub fn is_success(&self) -> bool {
        self.code == code::SUCCESS
    }

    /// Axon, 404: the path names no synapse.
    pub fn unknown_synapse<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known = known.into_iter().map(|n| format!("'{n}'")).collect::<alloc::vec::Vec<_>>().join(", ");
        Self::new(code::NOT_FOUND, format!("Synapse name '{name}' not found. Available synapses [{known}]"))
    }

    /// Axon, 400: path or headers cannot be read.
    pub fn improper(what: &dyn core::fmt::Display) -> Self {
        Self::new(code::BAD_REQUEST, what.to_string())
    }

    /// Axon, 403.
    pub fn blacklisted(reason: &str) -> Self {
        Self::new(code::FORBIDDEN, format!("Forbidden. Key is blacklisted: {reason}."))
    }

    /// Axon, 401.
    pub fn not_verified(why: &dyn core::fmt::Display) -> Self {
        Self::new(code::NOT_VERIFIED, format!("Not Verified with error: {why}"))
    }

    /// Axon, 408: no free slot or no answer in time.
    pub fn response_timeout(timeout_ms: u64) -> Self {
        let seconds = crate::pystr::seconds(timeout_ms);
        Self::new(code::TIMEOUT, format!("Response timeout after: {seconds}s"))
    }

    /// Axon, 413.
    pub fn too_large(limit: usize) -> Self {
        Self::new(code::TOO_LARGE, format!("Request body is larger than {limit} bytes"))
    }

    /// Axon, 500: `id` finds the details in the axon's log.
    pub fn internal(id: &str) -> Self {
        Self::new(code::INTERNAL, format!("Internal Server Error #{id}"))
    }

    /// Axon, 503: every slot and waiting place is taken.
    pub fn busy() -> Self {
        Self::new(code::UNAVAILABLE, "Axon is busy, try again later")
    }

    /// Dendrite, 503: nobody accepts the connection.
    pub fn unavailable(address: &dyn core::fmt::Display, synapse: &str) -> Self {
        Self::new(code::UNAVAILABLE, format!("Service unavailable at {address}/{synapse}"))
    }

    /// Dendrite, 503: the connection ended without an answer.
    pub fn disconnected(why: &dyn core::fmt::Display) -> Self {
        Self::new(code::UNAVAILABLE, format!("Service disconnected: {why}"))
    }

    /// Dendrite, 408.
    pub fn request_timeout(timeout_ms: u64) -> Self {
        let seconds = crate::pystr::seconds(timeout_ms);
        Self::new(code::TIMEOUT, format!("Request timeout after {seconds} seconds"))
    }

    /// Dendrite, 400: the answer broke off or breaks HTTP.
    pub fn payload(why: &dyn core::fmt::Display) -> Self {
        Self::new(code::BAD_REQUEST, format!("Payload error: {why}"))
    }

    /// Dendrite, 500: the request could not be made.
    pub fn client(why: &dyn core::fmt::Display) -> Self {
        Self::new(code::INTERNAL, format!("Client error: {why}"))
    }

    /// Dendrite, 422: the answer is complete but not what it should be.
    pub fn unparsable(why: &dyn core::fmt::Display) -> Self {
        Self::new(code::UNPROCESSABLE, format!("Failed to parse response: {why}"))
    }
}

impl core::fmt::Display for Status {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} {}", self.code, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_official_ones() {
        let cases = [
            (
                Status::unknown_synapse("Bar", ["Synapse", "Foo"]),
                "404 Synapse name 'Bar' not found. Available synapses ['Synapse', 'Foo']",
            ),
            (Status::blacklisted("no permit"), "403 Forbidden. Key is blacklisted: no permit."),
            (
                Status::not_verified(&crate::v10::VerifyError::MissingNonce),
                "401 Not Verified with error: Missing Nonce",
            ),
            (Status::response_timeout(2_500), "408 Response timeout after: 2.5s"),
            (Status::internal("7"), "500 Internal Server Error #7"),
            (Status::unavailable(&"127.0.0.1:8091", "Foo"), "503 Service unavailable at 127.0.0.1:8091/Foo"),
            (Status::request_timeout(12_000), "408 Request timeout after 12.0 seconds"),
        ];
        for (status, text) in cases {
            assert_eq!(status.to_string(), text);
        }
    }

    #[test]
    fn only_a_success_is_one() {
        assert!(Status::success().is_success());
        assert!(!Status::new(code::NOT_FOUND, "").is_success() && !Status::new(0, "").is_success());
    }
}
