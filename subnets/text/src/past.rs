//! Earlier requests of customers with the accepted answers, of which controls are made
//! ([`control`](crate::task::control)).

use std::path::Path;

use myelin_subnet::{past, SubnetError};
use serde_json::Value;

use crate::protocol::TextRequest;

/// Requests with the texts that customers accepted.
pub type Past = past::Past<TextRequest, String>;
/// A request with its accepted text.
pub type Accepted = past::Accepted<TextRequest, String>;

/// Reads a file with a JSON object in each line: `request`, in the form of OpenAI-compatible clients, and `accepted`,
/// the text.
pub fn read(path: &Path) -> Result<Past, SubnetError> {
    Past::read(path, line)
}

fn line(request: Value, accepted: Value) -> Result<Accepted, String> {
    let request = TextRequest::from_openai(&request)
        .ok_or("this is no request of the text subnet, or one beyond its limits")?;
    match accepted.as_str() {
        Some(text) if !text.trim().is_empty() => Ok(Accepted { request, answer: text.to_owned() }),
        _ => Err("nothing was accepted".into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_and_a_text_make_a_line() {
        let request = json!({"messages": [{"role": "user", "content": "Why?"}], "max_tokens": 9});
        assert_eq!(line(request.clone(), "Because.".into()).unwrap().answer, "Because.");
        assert!(line(request.clone(), " ".into()).unwrap_err().contains("accepted"));
        assert!(line(request, 7.into()).unwrap_err().contains("accepted"));
        assert!(line(json!({}), "x".into()).unwrap_err().contains("no request"));
    }
}
