//! Reading HTTP bodies of bounded size.

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// More bytes than the limit.
    TooLarge,
    /// No room is left among all bodies.
    NoRoom,
    /// The connection ended, or the framing is wrong.
    Broken(hyper::Error),
}

/// Reads a body of at most `limit` bytes, as long as there is `room` for as many as have come. A declared length above
/// the limit is refused without reading.
pub(crate) async fn collect(
    mut body: Incoming,
    limit: usize,
    mut room: impl FnMut(usize) -> bool,
) -> Result<Bytes, BodyError> {
    if body.size_hint().lower() > limit as u64 {
        return Err(BodyError::TooLarge);
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(BodyError::Broken)?.into_data() else { continue };
        let length = first.len() + rest.len() + data.len();
        if length > limit {
            return Err(BodyError::TooLarge);
        }
        if !room(length) {
            return Err(BodyError::NoRoom);
        }
        // Most bodies are one piece and need no copy.
        if first.is_empty() && rest.is_empty() {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.extend_from_slice(&first);
            first = Bytes::new();
        }
        rest.extend_from_slice(&data);
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}
