//! Reading a stream of server-sent events.

/// Longest line of a stream.
const MAX_LINE_BYTES: usize = 1 << 20;

/// What a line of the stream means.
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
