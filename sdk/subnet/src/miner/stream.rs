//! Streamed answers: server-sent events from the thread that computes to the connection.
//!
//! Each piece is a line `data: JSON` and an empty line; the last is `data: [DONE]`, as clients of OpenAI-compatible
//! servers expect. A stream that fails after its first piece ends with an error instead, so that it is not taken for a
//! whole answer.
//!
//! The thread that computes never waits for the reader: pieces that were not read yet wait in memory. A caller may fill
//! as much of that memory as it leaves to others. A stream for which no room is left ends with an error.

use bytes::Bytes;
use futures::stream;
use myelin_neuron::axon::{HandlerError, Reply, Share, Shares};
use tokio::sync::mpsc;

use super::memory::Owner;

/// Bytes of pieces that were not read yet, of all streams. A piece of a text takes about 200 with its room. So a
/// validator alone may leave 160 answers of 1,024 pieces unread, which is more than it may have under way.
pub(super) const BUFFER: usize = 64 << 20;
/// Bytes of it that strangers may have.
const OF_STRANGERS: usize = 8 << 20;
/// Memory that a piece takes beside its bytes.
const OVERHEAD: usize = 128;

/// A piece with its room; an error needs none.
type Piece = Result<(Bytes, Share<Owner>), HandlerError>;

/// Sender of pieces.
pub(super) struct Events {
    pieces: mpsc::UnboundedSender<Piece>,
    room: Shares<Owner>,
    owner: Owner,
    heard: bool,
}

/// Receiver of pieces.
pub(super) struct Reading(mpsc::UnboundedReceiver<Piece>);

impl Events {
    pub(super) fn new(room: Shares<Owner>, owner: Owner) -> (Self, Reading) {
        let (pieces, reading) = mpsc::unbounded_channel();
        (Self { pieces, room, owner, heard: true }, Reading(reading))
    }

    /// Sends a piece; false when nobody reads any more, or reads so slowly that there is no room.
    pub(super) fn send(&mut self, json: &str) -> bool {
        // A line break would end the event.
        let line = json.replace(['\r', '\n'], " ");
        self.put(format!("data: {line}\n\n").into())
    }

    /// Whether every piece so far was sent.
    pub(super) fn heard(&self) -> bool {
        self.heard
    }

    /// Ends a whole answer.
    pub(super) fn end(mut self) {
        self.put(Bytes::from_static(b"data: [DONE]\n\n"));
    }

    /// Ends the stream with an error, without a whole answer.
    pub(super) fn fail(mut self, error: HandlerError) {
        self.put_piece(Err(error));
    }

    fn put(&mut self, piece: Bytes) -> bool {
        let most = match self.owner {
            Owner::Validator(_) => usize::MAX,
            Owner::Strangers => OF_STRANGERS,
        };
        match self.room.take(&self.owner, piece.len() + OVERHEAD, most) {
            Some(room) => self.put_piece(Ok((piece, room))),
            None => {
                self.put_piece(Err(HandlerError::unavailable("too much of the stream was not read yet")));
                self.heard = false;
                false
            }
        }
    }

    /// Nothing follows a piece that could not be sent.
    fn put_piece(&mut self, piece: Piece) -> bool {
        self.heard = self.heard && self.pieces.send(piece).is_ok();
        self.heard
    }
}

impl Reading {
    /// The reply: an error if it comes before the first piece.
    pub(super) async fn reply(mut self) -> Result<Reply, HandlerError> {
        let lost = || HandlerError::internal("the thread that computes has ended");
        let (first, _room) = self.0.recv().await.ok_or_else(lost)??;
        let rest = |state: (Option<Bytes>, mpsc::UnboundedReceiver<Piece>)| async move {
            let (first, mut pieces) = state;
            let piece = match first {
                Some(first) => Some(Ok(first)),
                None => pieces.recv().await.map(|piece| piece.map(|(bytes, _room)| bytes)),
            };
            piece.map(|piece| (piece, (None, pieces)))
        };
        Ok(Reply::stream(stream::unfold((Some(first), self.0), rest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREEDY: Owner = Owner::Validator([1; 32]);
    const OTHER: Owner = Owner::Validator([2; 32]);
    /// An event of a text, without its frame.
    const EVENT: &str = r#"{"choices":[{"delta":{"content":" word"},"index":0}]}"#;

    /// Bytes that wait to be read.
    fn waiting(reading: &mut Reading) -> usize {
        std::iter::from_fn(|| reading.0.try_recv().ok()).flatten().map(|(bytes, _room)| bytes.len()).sum()
    }

    #[test]
    fn a_flood_of_streams_that_nobody_reads_takes_half_of_the_memory_and_others_still_stream() {
        let room = Shares::new(1 << 20);
        let stream = |owner| {
            let (mut events, reading) = Events::new(room.clone(), owner);
            let sent = (0..1_024).take_while(|_| events.send(EVENT)).count();
            (sent, events, reading)
        };
        let flood: Vec<_> = (0..100).map(|_| stream(GREEDY)).collect();
        let sent: usize = flood.iter().map(|(sent, ..)| sent).sum();
        assert!(room.free() >= 1 << 19, "{}", room.free());
        assert!(sent * (EVENT.len() + 8 + OVERHEAD) > 500_000, "{sent}");
        let (sent, other, mut reading) = stream(OTHER);
        assert!(sent == 1_024 && other.heard());
        other.end();
        assert_eq!(waiting(&mut reading), 1_024 * (EVENT.len() + 8) + 14);
        // A stream that was given up says so after the pieces that it has, and holds nothing when it is closed.
        let cut = flood.into_iter().find(|(sent, ..)| (1..1_024).contains(sent)).expect("one was cut");
        let (sent, mut events, mut reading) = cut;
        assert!(!events.heard() && !events.send(EVENT));
        let pieces: Vec<_> = std::iter::from_fn(|| reading.0.try_recv().ok()).collect();
        assert!(pieces.len() == sent + 1 && pieces[sent].is_err());
        drop(pieces);
        assert_eq!(room.free(), 1 << 20);
    }

    #[test]
    fn strangers_have_a_part_of_their_own() {
        let room = Shares::new(BUFFER);
        let (mut events, _reading) = Events::new(room.clone(), Owner::Strangers);
        let long = "x".repeat(64 << 10);
        assert_eq!((0..1_000).take_while(|_| events.send(&long)).count(), 127);
        assert!(room.free() > BUFFER - OF_STRANGERS);
    }
}
