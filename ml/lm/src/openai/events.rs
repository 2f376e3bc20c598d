//! Reading a stream of server-sent events.

use super::types::Reply;

/// Longest line of a stream.
const MAX_LINE_BYTES: usize = 1 << 20;

/// Meaning of one line of the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    Data(String),
    Done,
}

/// Puts chunks of bytes together to lines and finds the events among them.
#[derive(Debug, Default)]
pub(super) struct Events {
    pending: Vec<u8>,
}

impl Events {
    /// Adds bytes; returns the events they complete. An error if a line is too long or not UTF-8.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, String> {
        self.pending.extend_from_slice(bytes);
        let mut events = Vec::new();
        let mut start = 0;
        while let Some(length) = self.pending[start..].iter().position(|&b| b == b'\n') {
            let line = std::str::from_utf8(&self.pending[start..start + length])
                .map_err(|_| "the stream is not UTF-8".to_owned())?;
            // lines beginning with a colon are comments that keep the connection alive
            if let Some(data) = line.trim_end_matches('\r').strip_prefix("data:") {
                let data = data.trim();
                events.push(if data == "[DONE]" { Event::Done } else { Event::Data(data.to_owned()) });
            }
            start += length + 1;
        }
        self.pending.drain(..start);
        if self.pending.len() > MAX_LINE_BYTES {
            return Err(format!("a line of the stream is longer than {MAX_LINE_BYTES} bytes"));
        }
        Ok(events)
    }
}

/// Reads the pieces of a streamed answer, completion or chat, as its bytes arrive.
#[derive(Debug, Default)]
pub struct TextStream {
    events: Events,
    whole: bool,
}

impl TextStream {
    /// Adds bytes; returns the pieces of text that they complete. An error if they are no such stream.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, String> {
        let mut pieces = Vec::new();
        for event in self.events.push(bytes)? {
            let Event::Data(data) = event else {
                self.whole = true;
                continue;
            };
            let reply: Reply = serde_json::from_str(&data)
                .map_err(|error| format!("{error} in `{}`", data.chars().take(200).collect::<String>()))?;
            let choice = reply.choices.into_iter().next().unwrap_or_default();
            pieces.extend(choice.text.or(choice.delta.and_then(|delta| delta.content)));
        }
        Ok(pieces)
    }

    /// Whether the end was seen, so that nothing is missing.
    pub fn is_whole(&self) -> bool {
        self.whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_both_forms_are_read_wherever_the_bytes_are_cut() {
        let sent = "data: {\"choices\":[{\"text\":\"a\"}]}\r\n\r\n: keep\n\ndata: {\"choices\":[]}\n\n\
                    data: {\"choices\":[{\"delta\":{\"content\":\"b\\n\"}}]}\n\ndata: [DONE]\n\n";
        for cut in 0..sent.len() {
            let mut stream = TextStream::default();
            let mut pieces = stream.push(&sent.as_bytes()[..cut]).expect("a stream");
            assert!(!stream.is_whole() || cut + 1 == sent.len());
            pieces.extend(stream.push(&sent.as_bytes()[cut..]).expect("a stream"));
            assert_eq!((pieces, stream.is_whole()), (vec!["a".to_owned(), "b\n".to_owned()], true));
        }
        assert!(TextStream::default().push(b"data: no JSON\n").is_err());
    }
}
