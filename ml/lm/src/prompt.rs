//! From a request to the tokens a model reads.

use crate::lessons::share_room;
use crate::tokenizer::{pieces, Special, Token, Tokenizer};

/// Most bytes of text per token. No token covers more, so longer texts are cut before they are encoded.
const MAX_BYTES_PER_TOKEN: usize = 64;

/// Tokens for continuing `prompt`, or for filling the gap between it and `suffix`; at most `room` tokens.
///
/// Text that does not fit is dropped far from the cursor.
pub fn tokens(tokenizer: &Tokenizer, prompt: &str, suffix: Option<&str>, room: usize) -> Vec<Token> {
    let limit = room.saturating_mul(MAX_BYTES_PER_TOKEN);
    let cut = prompt.len() - prompt.len().min(limit);
    let cut = (cut..=prompt.len()).find(|&i| prompt.is_char_boundary(i)).unwrap_or(prompt.len());
    let left = tokenizer.encode(&prompt[cut..]);
    let mut tokens = Vec::with_capacity(room);
    match suffix {
        None => {
            tokens.push(Special::End.into());
            tokens.extend_from_slice(&left[left.len() - left.len().min(room.saturating_sub(1))..]);
        }
        Some(suffix) => {
            let right = tokenizer.encode(&suffix[..crate::lessons::floor_char(suffix, limit)]);
            let (l, r) = share_room(room.saturating_sub(2), left.len(), right.len());
            tokens.push(Special::Suffix.into());
            tokens.extend_from_slice(&right[..r]);
            tokens.push(Special::Prefix.into());
            tokens.extend_from_slice(&left[left.len() - l..]);
        }
    }
    tokens
}

/// Longest begun word that is completed as a whole.
const MAX_BEGUN_BYTES: usize = 32;

/// Splits off the word, run of punctuation or indentation that the cursor may stand inside of.
///
/// Words are cut into other tokens when they are incomplete. A model therefore reads the text before the begun word and
/// generates the whole word, restricted to tokens that agree with the begun part.
pub fn split_begun(prompt: &str) -> (&str, &str) {
    let begun = pieces(prompt.as_bytes()).last().map_or(0, <[u8]>::len);
    let at = prompt.len() - begun;
    if begun > MAX_BEGUN_BYTES || !prompt.is_char_boundary(at) {
        return (prompt, "");
    }
    prompt.split_at(at)
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// Text of the message.
    pub content: String,
}

/// Text in which a conversation is put to models that only continue text, and where their answer ends.
///
/// ```
/// use myelin_lm::prompt::{chat, Message};
/// let (prompt, stop) = chat(&[Message { role: "user".into(), content: "What is a trait?".into() }]);
/// assert_eq!(prompt, "user: What is a trait?\nassistant:");
/// assert_eq!(stop, ["\nuser:", "\nsystem:"]);
/// ```
pub fn chat(messages: &[Message]) -> (String, Vec<String>) {
    let mut prompt: String = messages.iter().map(|m| format!("{}: {}\n", m.role, m.content)).collect();
    prompt.push_str("assistant:");
    (prompt, vec!["\nuser:".into(), "\nsystem:".into()])
}
