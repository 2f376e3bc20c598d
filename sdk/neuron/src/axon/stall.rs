//! A connection whose writes must make progress: a peer that stops reading cannot hold an answer forever.
//!
//! After a refusal it closes in two steps (lingering close). A system that closes while a request is still arriving
//! resets the connection, and the peer may then never see the answer. So the remaining bytes are read and dropped
//! first, for a while.

use std::{
    future::Future,
    io,
    mem::MaybeUninit,
    pin::Pin,
    sync::Arc,
    task::{ready, Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Sleep,
};
use tokio_io_timeout::TimeoutStream;

use super::connections::Connection;

/// Longest time for which a closed connection drops arriving bytes.
const LINGER: Duration = Duration::from_secs(1);
/// Most bytes that it drops.
const LINGER_BYTES: usize = 16 * 1024 * 1024;

pub(super) struct StallGuard {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    place: Arc<Connection>,
    /// Set once the writing half is closed: the end of lingering.
    lingering: Option<Pin<Box<Sleep>>>,
    dropped: usize,
}

impl StallGuard {
    pub(super) fn new(stream: TcpStream, place: Arc<Connection>, limit: Duration) -> Self {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limit));
        Self { stream: Box::pin(stream), place, lingering: None, dropped: 0 }
    }

    /// Drops arriving bytes until the peer closes its half, or a limit is reached.
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let timer = self.lingering.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER)));
        if timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let mut piece = [MaybeUninit::uninit(); 16 * 1024];
        while self.dropped < LINGER_BYTES {
            let mut buffer = ReadBuf::uninit(&mut piece);
            let read = ready!(self.stream.as_mut().poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                break;
            }
            self.dropped += buffer.filled().len();
        }
        Poll::Ready(())
    }
}

impl AsyncRead for StallGuard {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(cx, buffer)
    }
}

impl AsyncWrite for StallGuard {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(self.stream.as_mut().poll_shutdown(cx))?;
        }
        if self.place.was_refused() {
            ready!(self.linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}
