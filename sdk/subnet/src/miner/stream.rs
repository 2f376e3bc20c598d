//! Streamed answers: server-sent events from the thread that computes to the connection.
//!
//! Each piece is a line `data: JSON` and an empty line; the last is `data: [DONE]`, as clients of OpenAI-compatible
//! servers expect. A stream that fails after its first piece ends with an error instead, so that it is not taken for a
//! whole answer.

use bytes::Bytes;
use futures::stream;
use myelin_neuron::axon::{HandlerError, Reply};
use tokio::sync::mpsc;

/// Pieces that may wait for a slow reader; then the thread that computes waits too.
const WAITING: usize = 64;

type Piece = Result<Bytes, HandlerError>;

/// Sender of pieces.
pub(super) struct Events {
    pieces: mpsc::Sender<Piece>,
    heard: bool,
}

/// Receiver of pieces.
pub(super) struct Reading(mpsc::Receiver<Piece>);

impl Events {
    pub(super) fn new() -> (Self, Reading) {
        let (pieces, reading) = mpsc::channel(WAITING);
        (Self { pieces, heard: true }, Reading(reading))
    }

    /// Sends a piece; false when nobody reads any more. Not for async tasks: it waits.
    pub(super) fn send(&mut self, json: &str) -> bool {
        // A line break would end the event.
        let line = json.replace(['\r', '\n'], " ");
        self.put(Ok(Bytes::from(format!("data: {line}\n\n"))))
    }

    /// Whether every piece so far was taken.
    pub(super) fn heard(&self) -> bool {
        self.heard
    }

    /// Ends a whole answer.
    pub(super) fn end(mut self) {
        self.put(Ok(Bytes::from_static(b"data: [DONE]\n\n")));
    }

    /// Ends the stream with an error, without a whole answer.
    pub(super) fn fail(mut self, error: HandlerError) {
        self.put(Err(error));
    }

    fn put(&mut self, piece: Piece) -> bool {
        self.heard &= self.pieces.blocking_send(piece).is_ok();
        self.heard
    }
}

impl Reading {
    /// The reply: an error if it comes before the first piece.
    pub(super) async fn reply(mut self) -> Result<Reply, HandlerError> {
        let lost = || HandlerError::internal("the thread that computes has ended");
        let first = self.0.recv().await.ok_or_else(lost)??;
        let rest = |state: (Option<Bytes>, mpsc::Receiver<Piece>)| async move {
            let (first, mut pieces) = state;
            let piece = match first {
                Some(first) => Some(Ok(first)),
                None => pieces.recv().await,
            };
            piece.map(|piece| (piece, (None, pieces)))
        };
        Ok(Reply::stream(stream::unfold((Some(first), self.0), rest)))
    }
}
