//! The same request with the cursor at another place.
//!
//! A prompt is rotated: what follows a drawn place comes first, what stands before it last. Everything that the prompt
//! says is still there, and every piece of it stands between the same neighbours, but something else is to be
//! continued. What is as likely there says nothing about the cursor. The messages of a conversation have no cursor;
//! there the words change places.

use myelin_wire::{
    hash::blake2_256_of,
    seed::{Seed, SeedRng},
};

use crate::protocol::TextRequest;

const DOMAIN: &[u8] = b"myelin/text-contrast/1";
/// Bytes that a line must have before and behind a cursor within it.
const WITHIN_LINE: (usize, usize) = (4, 6);

/// What a validator draws for the judgement of an open task. It follows from the hidden reference, so a miner cannot
/// know it.
pub fn judging_rng(reference: &str) -> SeedRng {
    Seed(blake2_256_of(&[DOMAIN, reference.as_bytes()])).rng()
}

/// The request with the cursor at another place of the same kind.
pub fn elsewhere(request: &TextRequest, rng: &mut SeedRng) -> TextRequest {
    let mut other = request.clone();
    if request.messages.is_empty() {
        other.prompt = match draw_place(&request.prompt, request.suffix.is_some(), rng) {
            Some(at) => rotated(&request.prompt, at),
            None => shuffled(&request.prompt, rng),
        };
    }
    other.messages.iter_mut().for_each(|said| said.content = shuffled(&said.content, rng));
    other
}

fn rotated(prompt: &str, at: usize) -> String {
    let (before, behind) = prompt.split_at(at);
    [behind.trim_start_matches('\n'), "\n", before].concat()
}

/// A place in the middle half of a prompt: within a line where a gap is to be filled, else behind white space, if
/// possible at the start of a line where the cursor is at one, and within a line where it is not.
fn draw_place(prompt: &str, is_gap: bool, rng: &mut SeedRng) -> Option<usize> {
    let bytes = prompt.as_bytes();
    let middle = (prompt.len() / 4).max(1)..prompt.len() / 4 * 3;
    let (mut fitting, mut others) = (Vec::new(), Vec::new());
    let mut start = 0;
    for line in prompt.split_inclusive('\n') {
        let end = start + line.trim_end_matches('\n').len();
        for at in
            (start..start + line.len() + 1).filter(|at| middle.contains(at) && prompt.is_char_boundary(*at))
        {
            if is_gap {
                let begun = at >= start + WITHIN_LINE.0 && !prompt[start..at].trim().is_empty();
                if begun && at + WITHIN_LINE.1 <= end {
                    fitting.push(at);
                }
            } else if matches!(bytes[at - 1], b' ' | b'\n') && at < start + line.len() {
                let like_cursor = (bytes[at - 1] == b'\n') == prompt.ends_with('\n');
                if like_cursor { &mut fitting } else { &mut others }.push(at);
            }
        }
        start += line.len();
    }
    rng.choose(&fitting).or_else(|| rng.choose(&others)).copied()
}

/// The text with its words in a drawn order; all marks and blanks stay where they are.
fn shuffled(text: &str, rng: &mut SeedRng) -> String {
    let places: Vec<(usize, &str)> = crate::substitution::words(text).collect();
    let mut words: Vec<&str> = places.iter().map(|(_, word)| *word).collect();
    for last in (1..words.len()).rev() {
        words.swap(last, rng.below(last as u64 + 1) as usize);
    }
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for ((at, old), new) in places.iter().zip(words) {
        out.push_str(&text[copied..*at]);
        out.push_str(new);
        copied = at + old.len();
    }
    out.push_str(&text[copied..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ChatMessage;

    const CODE: &str = "fn area(width: u32, height: u32) -> u32 {\n    let product = width * height;\n    assert!(product > 0);\n    pro";

    fn sorted(text: &str) -> Vec<char> {
        let mut letters: Vec<char> = text.chars().filter(|letter| *letter != '\n').collect();
        letters.sort_unstable();
        letters
    }

    #[test]
    fn the_same_text_is_cut_at_another_place_of_the_same_kind() {
        for number in 0..40u8 {
            let gap = TextRequest {
                prompt: CODE.into(),
                suffix: Some("duct\n}\n".into()),
                ..TextRequest::default()
            };
            let other = elsewhere(&gap, &mut judging_rng(&number.to_string()));
            assert_eq!((sorted(&other.prompt), &other.suffix), (sorted(CODE), &gap.suffix));
            let line = other.prompt.lines().last().unwrap();
            assert!(!line.trim().is_empty() && CODE.contains(line) && line != "    pro", "{other:?}");
            let at_start = TextRequest { prompt: format!("{CODE}duct\n"), ..TextRequest::default() };
            let other = elsewhere(&at_start, &mut judging_rng(&number.to_string()));
            assert!(other.prompt.ends_with('\n') && other.prompt != at_start.prompt, "{other:?}");
        }
    }

    #[test]
    fn a_conversation_and_a_prompt_without_another_place_keep_their_words() {
        let said =
            ChatMessage { role: "user".into(), content: "What does the word trait mean in Rust?".into() };
        let chat = TextRequest { messages: vec![said.clone()], ..TextRequest::default() };
        let other = elsewhere(&chat, &mut judging_rng("r"));
        assert_eq!(sorted(&other.messages[0].content), sorted(&said.content));
        assert_ne!(other.messages[0].content, said.content);
        for prompt in ["", "x", "größe", "ein zwei"] {
            let request = TextRequest { prompt: prompt.into(), ..TextRequest::default() };
            assert_eq!(sorted(&elsewhere(&request, &mut judging_rng("r")).prompt), sorted(prompt));
        }
    }
}
