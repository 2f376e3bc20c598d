//! HTTP responses of an axon: headers, whole bodies, streams.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{
    header::{HeaderName, CONNECTION, CONTENT_TYPE, RETRY_AFTER},
    HeaderMap, HeaderValue, Response, StatusCode,
};
use http_body::{Body, Frame, SizeHint};
use myelin_wire::{answer, status::Status, v10::header};
use tokio::time::{Instant, Sleep};

use super::{
    handler::{ChunkStream, HandlerError},
    slots::Slot,
    usage::Turn,
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// The body of a response.
pub(super) enum AnswerBody {
    Whole(Option<Bytes>),
    Stream(StreamBody),
}

/// A streamed body; it keeps the handler's slot and its sender's turn until its end.
pub(super) struct StreamBody {
    chunks: ChunkStream,
    deadline: Pin<Box<Sleep>>,
    _held: (Slot, Turn),
}

impl StreamBody {
    pub(super) fn new(chunks: ChunkStream, deadline: Instant, held: (Slot, Turn)) -> Self {
        Self { chunks, deadline: Box::pin(tokio::time::sleep_until(deadline)), _held: held }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = HandlerError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HandlerError>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream(stream) => {
                if stream.deadline.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Some(Err(HandlerError::unavailable("the answer took too long"))));
                }
                stream.chunks.as_mut().poll_next(cx).map(|next| next.map(|chunk| chunk.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64)),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

/// Facts that the headers of a successful answer state.
pub(super) struct Success<'a> {
    pub(super) synapse: &'a str,
    /// The headers of the request.
    pub(super) request: &'a HeaderMap,
    /// Fields about axon and dendrite in the body of the request; the headers repeat them.
    pub(super) terminals: &'a [(&'static str, String)],
    pub(super) process_time: Duration,
    pub(super) signature: Option<String>,
}

impl Success<'_> {
    pub(super) fn response(self, body: AnswerBody) -> Response<AnswerBody> {
        const SUCCESS: HeaderValue = HeaderValue::from_static("Success");
        let (content_type, length) = match &body {
            AnswerBody::Whole(bytes) => (JSON, bytes.as_ref().map(Bytes::len)),
            AnswerBody::Stream(_) => (EVENT_STREAM, None),
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.reserve(12 + self.terminals.len());
        headers.insert(CONTENT_TYPE, content_type);
        insert_text(headers, header::NAME, self.synapse);
        for name in [header::TIMEOUT, header::BODY_HASH, header::HEADER_SIZE, header::TOTAL_SIZE] {
            let name = HeaderName::from_static(name);
            if let Some(value) = self.request.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        for (name, text) in self.terminals {
            // Values that are not plain ASCII are omitted, like values that were not sent.
            if let Some(value) = HeaderValue::from_str(text).ok().filter(|value| value.to_str().is_ok()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        headers.insert(HeaderName::from_static(header::AXON_STATUS_CODE), HeaderValue::from_static("200"));
        headers.insert(HeaderName::from_static(header::AXON_STATUS_MESSAGE), SUCCESS);
        insert_process_time(headers, self.process_time);
        if let Some(length) = length {
            headers.insert(HeaderName::from_static(header::TOTAL_SIZE), HeaderValue::from(length));
        }
        if let Some(signature) = self.signature {
            insert_text(headers, answer::HEADER, &signature);
        }
        response
    }
}

/// An error answer: the status, `{"message": …}`, and the status repeated in headers. `close` ends the connection.
pub(super) fn error(
    status: &Status,
    close: bool,
    process_time: Duration,
    now_ns: u64,
) -> Response<AnswerBody> {
    let body = serde_json::json!({ "message": status.message }).to_string();
    let mut response = Response::new(AnswerBody::Whole(Some(Bytes::from(body))));
    *response.status_mut() = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    if close {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    headers.insert(HeaderName::from_static(header::AXON_STATUS_CODE), HeaderValue::from(status.code));
    insert_text(headers, header::AXON_STATUS_MESSAGE, &status.message);
    insert_process_time(headers, process_time);
    if *status == Status::busy() {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    // A sender whose clock is off can read it from here.
    headers.insert(HeaderName::from_static(header::AXON_NONCE), HeaderValue::from(now_ns));
    response
}

fn insert_process_time(headers: &mut HeaderMap, time: Duration) {
    let text = format!("{}.{:06}", time.as_secs(), time.subsec_micros());
    insert_text(headers, header::AXON_PROCESS_TIME, &text);
}

/// Inserts text as far as it can stand in a header; other characters become `?`.
fn insert_text(headers: &mut HeaderMap, name: &'static str, text: &str) {
    let value = HeaderValue::from_str(text).or_else(|_| {
        let ascii: String = text.chars().map(|c| if (' '..='~').contains(&c) { c } else { '?' }).collect();
        HeaderValue::from_str(&ascii)
    });
    if let Ok(value) = value {
        headers.insert(HeaderName::from_static(name), value);
    }
}
