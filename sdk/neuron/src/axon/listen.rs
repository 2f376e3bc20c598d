//! Accepting connections, serving them, and ending them in order.

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{watch, OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
};

use super::{
    connections::{Connection, Connections},
    metrics::{add, AxonMetrics, Gauge},
    serve,
    stall::StallGuard,
    Shared,
};

/// How far an axon has come in ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serving,
    /// No new requests; those under way are finished.
    Finishing,
    /// Connections are cut.
    Ending,
}

/// A serving axon. Dropping it stops it at once.
pub struct RunningAxon {
    address: SocketAddr,
    shared: Arc<Shared>,
    phase: watch::Sender<Phase>,
    running: Arc<Semaphore>,
    accepting: JoinHandle<()>,
}

impl RunningAxon {
    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Counters of the axon's work so far.
    pub fn metrics(&self) -> AxonMetrics {
        self.shared.counters.snapshot()
    }

    /// Stops accepting, lets requests under way finish for at most `grace`, then cuts the rest.
    pub async fn shutdown(self, grace: Duration) {
        self.phase.send_replace(Phase::Finishing);
        self.accepting.abort();
        let all = most_running(&self.shared);
        let finished = tokio::time::timeout(grace, self.running.acquire_many(all)).await;
        if finished.is_err() {
            self.phase.send_replace(Phase::Ending);
            // Cut connections only have to be dropped.
            let _ = tokio::time::timeout(Duration::from_secs(1), self.running.acquire_many(all)).await;
        }
    }
}

impl Drop for RunningAxon {
    fn drop(&mut self) {
        self.accepting.abort();
        self.phase.send_replace(Phase::Ending);
    }
}

pub(super) fn start(listener: TcpListener, address: SocketAddr, shared: Arc<Shared>) -> RunningAxon {
    let (phase, watching) = watch::channel(Phase::Serving);
    let running = Arc::new(Semaphore::new(most_running(&shared) as usize));
    let accepting = tokio::spawn(accept(listener, shared.clone(), running.clone(), watching));
    RunningAxon { address, shared, phase, running, accepting }
}

/// Tasks of connections at the same time: those that have a place, and as many that were just told to give theirs up.
fn most_running(shared: &Shared) -> u32 {
    u32::try_from(shared.limits.max_connections.saturating_mul(2)).unwrap_or(u32::MAX)
}

async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    running: Arc<Semaphore>,
    phase: watch::Receiver<Phase>,
) {
    let places = Connections::new(&shared.limits);
    loop {
        let (stream, remote) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                pause_after(&error).await;
                continue;
            }
        };
        let permit = running.clone().try_acquire_owned();
        let (Ok(permit), Some(connection)) = (permit, places.enter(remote)) else {
            add(&shared.counters.connections_refused, 1);
            tracing::debug!(%remote, "connection refused: too many");
            continue;
        };
        add(&shared.counters.connections, 1);
        tokio::spawn(serve_connection(stream, connection, shared.clone(), phase.clone(), permit));
    }
}

/// A failing accept must not become a busy loop; out of file descriptors needs time to pass.
async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "accepting a connection failed");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

async fn serve_connection(
    stream: TcpStream,
    connection: Connection,
    shared: Arc<Shared>,
    mut phase: watch::Receiver<Phase>,
    _permit: OwnedSemaphorePermit,
) {
    let (remote, place) = (connection.remote, Arc::new(connection));
    let _open = Gauge::new(&shared.counters.connections_open);
    let limits = &shared.limits;
    // Answers are small and complete; waiting to fill packets only adds delay. Failing to say so is harmless.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(StallGuard::new(stream, place.clone(), limits.write_timeout));
    let service = service_fn(|request| {
        let (shared, place) = (shared.clone(), place.clone());
        async move { Ok::<_, Infallible>(serve::respond(shared, &place, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(limits.max_headers)
        .max_header_size(limits.max_header_bytes)
        // hyper wants room for at least 8 KiB; a body passes through this buffer in pieces.
        .max_buf_size(limits.max_header_bytes.max(16 * 1024))
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    let mut finishing = false;
    let ended = loop {
        tokio::select! {
            ended = connection.as_mut() => break ended,
            () = place.displaced() => return add(&shared.counters.connections_displaced, 1),
            changed = phase.wait_for(|phase| *phase == Phase::Ending || (*phase == Phase::Finishing && !finishing)) => {
                match changed.map(|phase| *phase) {
                    Ok(Phase::Finishing) => {
                        finishing = true;
                        connection.as_mut().graceful_shutdown();
                    }
                    _ => return,
                }
            }
        }
    };
    if let Err(error) = ended {
        add(&shared.counters.connections_failed, 1);
        tracing::debug!(%remote, %error, "connection ended with an error");
    }
}
