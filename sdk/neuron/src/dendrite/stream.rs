//! Streamed answers: chunks as they arrive.

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use myelin_wire::status::Status;
use tokio::time::{timeout_at, Instant};

use super::pool::LaneInUse;

/// An answer under way. Dropping it before its end gives up its connection.
///
/// Streamed answers are never signed: their hash is known only after the headers have been sent.
pub struct AnswerStream {
    lane: LaneInUse,
    headers: HeaderMap,
    body: Incoming,
    deadline: Instant,
    remaining: usize,
    late: Status,
    ended: bool,
}

impl AnswerStream {
    pub(super) fn new(
        lane: LaneInUse,
        response: Response<Incoming>,
        deadline: Instant,
        max_bytes: usize,
        late: Status,
    ) -> Self {
        let (head, body) = response.into_parts();
        Self { lane, headers: head.headers, body, deadline, remaining: max_bytes, late, ended: false }
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The next chunk; `None` at the end. After an error the answer is over.
    pub async fn next(&mut self) -> Option<Result<Bytes, Status>> {
        while !self.ended {
            let frame = timeout_at(self.deadline, self.lane.lane().drive(self.body.frame())).await;
            let chunk = match frame {
                Err(_) => Err(self.late.clone()),
                Ok(Some(Err(error))) => Err(Status::payload(&error)),
                Ok(None) => {
                    self.ended = true;
                    self.lane.finished();
                    return None;
                }
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Err(_trailers) => continue,
                    Ok(data) if data.len() > self.remaining => {
                        Err(Status::unparsable(&"the answer is larger than the limit"))
                    }
                    Ok(data) => Ok(data),
                },
            };
            match &chunk {
                Ok(data) => self.remaining -= data.len(),
                Err(_) => self.ended = true,
            }
            return Some(chunk);
        }
        None
    }
}
