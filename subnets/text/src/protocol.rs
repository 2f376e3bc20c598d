//! Messages between validators, gateways and miners of the text subnet.
//!
//! A request is a JSON object whose fields follow the completion and chat interfaces of OpenAI-compatible servers, so
//! that gateway traffic maps onto it field by field. Exactly one of `prompt` and `messages` is used.

use std::borrow::Cow;

use myelin_lm::{
    model::CompletionRequest,
    prompt::{chat, Message},
};
use serde::{Deserialize, Serialize};

use crate::{
    declared::Declared,
    rating::{Comparison, COMPARISONS},
};

/// Version of protocol and scoring; part of the subnet's name on the wire.
pub const VERSION: u32 = 7;
/// Most bytes of prompt, suffix and messages together.
pub const MAX_INPUT_BYTES: usize = 64 * 1024;
/// Most messages of a chat.
pub const MAX_MESSAGES: usize = 64;
/// Roles of the speakers in a chat.
pub const ROLES: [&str; 3] = ["system", "user", "assistant"];
/// Most tokens a miner generates for one request.
pub const MAX_TOKENS: u32 = 1024;
/// Most stop texts, and the longest.
pub const MAX_STOPS: (usize, usize) = (8, 64);

/// A request to a miner.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TextRequest {
    /// Text to continue.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prompt: String,
    /// Text after the gap; present if the gap between prompt and suffix is to be filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// A conversation to answer, instead of `prompt`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<ChatMessage>,
    /// Most tokens to generate.
    pub max_tokens: u32,
    /// Randomness of the answer: 0 asks for the likeliest text, 1 samples from the model's distribution.
    #[serde(default)]
    pub temperature: f32,
    /// Texts that end the answer and are not part of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Continuations to compare, instead of `prompt`. The answer is a character for each: `1` or `2` for the better
    /// one, `-` for no vote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compare: Vec<Comparison>,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// Text of the message.
    pub content: String,
}

/// A miner's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextResponse {
    /// The generated text.
    pub completion: String,
    /// The model that gave the answer and its draws; only from miners that declare a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
}

impl TextResponse {
    /// A text without a declared model.
    pub fn plain(completion: impl Into<String>) -> Self {
        Self { completion: completion.into(), declared: None }
    }
}

/// Reasons for refusing a request before any model sees it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The request has none or several of prompt, messages and comparisons.
    #[error("a request has a prompt, messages or continuations to compare, and this one has {0}")]
    Shape(&'static str),
    /// A part of the request is larger than this subnet serves.
    #[error("{what} is {found}, the limit is {limit}; ask for less")]
    TooLarge {
        /// The part that is too large.
        what: &'static str,
        /// Its size.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A message has a role that does not exist.
    #[error("a message is of `system`, `user` or `assistant`, and this one is of `{0}`")]
    Role(String),
    /// The last message is not of the user.
    #[error("the last message of a conversation must be of `user`, so that there is something to answer")]
    LastWord,
    /// The temperature is no number from 0 to 2.
    #[error("the temperature must be a number from 0 to 2")]
    Temperature,
}

impl TextRequest {
    /// Whether the answer ends with its line.
    pub fn is_line(&self) -> bool {
        self.stop.iter().any(|stop| stop == "\n")
    }

    /// Checks shape and limits.
    pub fn check(&self) -> Result<(), RequestError> {
        let prompted = !self.prompt.is_empty() || self.suffix.is_some();
        match [prompted, !self.messages.is_empty(), !self.compare.is_empty()]
            .iter()
            .filter(|has| **has)
            .count()
        {
            0 => return Err(RequestError::Shape("none of them")),
            1 => {}
            _ => return Err(RequestError::Shape("several of them")),
        }
        let said: usize =
            self.messages.iter().map(|message| message.role.len() + message.content.len()).sum();
        let compared: usize = self.compare.iter().map(Comparison::bytes).sum();
        let input = self.prompt.len() + self.suffix.as_ref().map_or(0, String::len) + said + compared;
        let longest_stop = self.stop.iter().map(String::len).max().unwrap_or_default();
        let sizes = [
            ("input in bytes", input, MAX_INPUT_BYTES),
            ("number of comparisons", self.compare.len(), COMPARISONS),
            ("number of messages", self.messages.len(), MAX_MESSAGES),
            ("max_tokens", self.max_tokens as usize, MAX_TOKENS as usize),
            ("number of stop texts", self.stop.len(), MAX_STOPS.0),
            ("stop text in bytes", longest_stop, MAX_STOPS.1),
        ];
        if let Some((what, found, limit)) = sizes.into_iter().find(|(_, found, limit)| found > limit) {
            return Err(RequestError::TooLarge { what, found, limit });
        }
        if let Some(said) = self.messages.iter().find(|said| !ROLES.contains(&said.role.as_str())) {
            return Err(RequestError::Role(said.role.chars().take(32).collect()));
        }
        if self.messages.last().is_some_and(|said| said.role != "user") {
            return Err(RequestError::LastWord);
        }
        if !(0.0..=2.0).contains(&self.temperature) {
            return Err(RequestError::Temperature);
        }
        Ok(())
    }

    /// The text before the answer: the prompt, or the conversation as models read it that only continue text.
    pub fn context(&self) -> Cow<'_, str> {
        match self.messages.is_empty() {
            true => Cow::Borrowed(&self.prompt),
            false => Cow::Owned(chat(&self.to_model(0).messages).0),
        }
    }

    /// The request as a model takes it, with the miner's own `seed`.
    pub fn to_model(&self, seed: u64) -> CompletionRequest {
        let message = |said: &ChatMessage| Message { role: said.role.clone(), content: said.content.clone() };
        CompletionRequest {
            prompt: self.prompt.clone(),
            messages: self.messages.iter().map(message).collect(),
            suffix: self.suffix.clone(),
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            seed,
            stop: self.stop.clone(),
        }
    }

    /// A piece of an answer as the JSON of an event, in the form that OpenAI-compatible clients read.
    pub fn event(&self, text: &str) -> String {
        let choice = match self.messages.is_empty() {
            true => serde_json::json!({ "index": 0, "text": text }),
            false => serde_json::json!({ "index": 0, "delta": { "content": text } }),
        };
        serde_json::json!({ "choices": [choice] }).to_string()
    }

    /// Reads the body of an OpenAI-compatible completion or chat request; `None` if it is neither.
    pub fn from_openai(body: &serde_json::Value) -> Option<Self> {
        let text = |key: &str| body.get(key).and_then(|value| value.as_str()).map(str::to_owned);
        let messages = match body.get("messages") {
            Some(said) => said.as_array()?.iter().map(message_of).collect::<Option<_>>()?,
            None => Vec::new(),
        };
        let stop = match body.get("stop") {
            Some(serde_json::Value::String(stop)) => vec![stop.clone()],
            Some(serde_json::Value::Array(stops)) => {
                stops.iter().map(|stop| stop.as_str().map(str::to_owned)).collect::<Option<_>>()?
            }
            _ => Vec::new(),
        };
        let number = |key: &str| body.get(key).and_then(serde_json::Value::as_u64);
        let request = TextRequest {
            prompt: text("prompt").unwrap_or_default(),
            suffix: text("suffix"),
            messages,
            max_tokens: number("max_tokens")
                .or_else(|| number("max_completion_tokens"))
                .map_or(256, |tokens| tokens.min(u64::from(MAX_TOKENS)) as u32),
            temperature: body.get("temperature").and_then(serde_json::Value::as_f64).unwrap_or(1.0) as f32,
            stop,
            compare: Vec::new(),
        };
        request.check().is_ok().then_some(request)
    }
}

/// A message in the form of OpenAI-compatible clients: its content is a text or a list of parts, all of which must be
/// texts.
fn message_of(said: &serde_json::Value) -> Option<ChatMessage> {
    let role = match said.get("role")?.as_str()? {
        // Some clients give the system's instructions this name.
        "developer" => "system",
        role => role,
    };
    let content = match said.get("content")? {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(parts) => {
            parts.iter().map(|part| part.get("text").and_then(|text| text.as_str())).collect::<Option<_>>()?
        }
        _ => return None,
    };
    Some(ChatMessage { role: role.to_owned(), content })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn requests_have_golden_json() {
        let request = TextRequest {
            prompt: "fn add(".into(),
            suffix: Some(") {}".into()),
            max_tokens: 8,
            stop: vec!["\n".into()],
            ..TextRequest::default()
        };
        assert_eq!(
            serde_json::to_string(&request).unwrap(),
            r#"{"prompt":"fn add(","suffix":") {}","max_tokens":8,"temperature":0.0,"stop":["\n"]}"#
        );
        let chat = TextRequest {
            messages: vec![ChatMessage { role: "user".into(), content: "hi".into() }],
            max_tokens: 8,
            ..TextRequest::default()
        };
        assert_eq!(
            serde_json::to_string(&chat).unwrap(),
            r#"{"messages":[{"role":"user","content":"hi"}],"max_tokens":8,"temperature":0.0}"#
        );
    }

    #[test]
    fn openai_bodies_become_requests() {
        let completion =
            json!({"model": "x", "prompt": "fn ", "max_tokens": 9, "stop": "\n", "temperature": 0});
        let request = TextRequest::from_openai(&completion).unwrap();
        assert_eq!((request.prompt.as_str(), request.max_tokens, request.stop.len()), ("fn ", 9, 1));
        let chat = json!({"messages": [{"role": "user", "content": "hi"}], "stop": ["a", "b"]});
        assert_eq!(TextRequest::from_openai(&chat).unwrap().messages.len(), 1);
        assert_eq!(TextRequest::from_openai(&json!({"input": "embed me"})), None);
        assert_eq!(TextRequest::from_openai(&json!({"messages": "hi"})), None);
    }

    #[test]
    fn conversations_are_read_as_clients_send_them() {
        let parts = json!([{"type": "text", "text": "What is "}, {"type": "text", "text": "a mutex?"}]);
        let body = json!({
            "messages": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": "hello", "refusal": null},
                {"role": "user", "content": parts},
            ],
            "stream": true,
            "max_completion_tokens": 100_000,
        });
        let request = TextRequest::from_openai(&body).unwrap();
        assert_eq!((request.messages.len(), request.max_tokens), (4, MAX_TOKENS));
        assert_eq!(request.messages[0].role, "system");
        assert_eq!(request.messages[3].content, "What is a mutex?");
        let picture = json!([{"type": "image_url", "image_url": {"url": "data:"}}]);
        let refused = [
            json!([{"role": "user", "content": picture}]),
            json!([{"role": "tool", "content": "42"}, {"role": "user", "content": "hi"}]),
            json!([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]),
            json!([{"role": "user"}]),
        ];
        for messages in refused {
            assert_eq!(TextRequest::from_openai(&json!({"messages": messages})), None, "{messages}");
        }
        let last = TextRequest { messages: vec![], ..request.clone() };
        assert!(last.check().unwrap_err().to_string().contains("none of them"));
        let mut spoken = request;
        spoken.messages.pop();
        assert_eq!(spoken.check(), Err(RequestError::LastWord));
    }

    #[test]
    fn requests_beyond_the_limits_are_refused() {
        let fine = TextRequest { prompt: "x".into(), max_tokens: 1, ..TextRequest::default() };
        assert_eq!(fine.check(), Ok(()));
        let cases = [
            TextRequest::default(),
            TextRequest {
                messages: vec![ChatMessage { role: "user".into(), content: "".into() }],
                ..fine.clone()
            },
            TextRequest { prompt: "x".repeat(MAX_INPUT_BYTES + 1), ..fine.clone() },
            TextRequest { max_tokens: MAX_TOKENS + 1, ..fine.clone() },
            TextRequest { stop: vec!["s".into(); 9], ..fine.clone() },
            TextRequest { stop: vec!["s".repeat(65)], ..fine.clone() },
            TextRequest { temperature: f32::NAN, ..fine.clone() },
            TextRequest { temperature: -0.1, ..fine },
        ];
        for case in cases {
            assert!(case.check().is_err(), "{case:?}");
        }
    }
}
