//! A web socket between a client and the stock server.
//!
//! The stock server starts every call that it reads and keeps each answer until its client takes it: calls of a few
//! bytes fill gigabytes. Here at most [`CALLS`] of a web socket are at work, each from its request until its answer is
//! taken. The rest of what a client sends waits in the buffers of its connection.

use std::{pin::pin, time::Duration};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use jsonrpsee::types::{error::reject_too_big_request, Id, Notification, Request, Response, ResponsePayload};
use serde_json::value::RawValue;
use soketto::{
    connection::{Builder, Error, Mode},
    data::ByteSlice125,
    Incoming,
};
use tokio::{
    sync::{Mutex, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

/// Most calls or batches of a web socket that are at work, counted until their answers are taken.
const CALLS: usize = 16;
/// Pause between two pings of a client.
const PING: Duration = Duration::from_secs(30);
/// A client that sends nothing for so long, although it was pinged, has left.
const SILENCE: Duration = Duration::from_secs(120);
/// Start of a message that belongs to a subscription; all others are answers to calls.
const NOTICE: &str = r#"{"jsonrpc":"2.0","method":"#;

type Stream = Compat<TokioIo<Upgraded>>;
type Sender = soketto::Sender<Stream>;
type Receiver = soketto::Receiver<Stream>;

/// Passes messages in both directions until one side ends.
pub async fn join(client: Upgraded, server: Upgraded, longest: usize) {
    let (to_client, from_client) = ends(client, Mode::Server, longest);
    let (to_server, from_server) = ends(server, Mode::Client, usize::MAX);
    let to_client = Mutex::new(to_client);
    let free = Semaphore::new(CALLS);
    let calls = pass_calls(from_client, to_server, &to_client, &free, longest);
    let answers = pass_answers(from_server, &to_client, &free);
    // The errors are those of clients that leave.
    tokio::select! {
        _ = calls => {}
        _ = answers => { let _ = to_client.lock().await.close().await; }
        _ = ping(&to_client) => {}
    }
}

fn ends(stream: Upgraded, mode: Mode, longest: usize) -> (Sender, Receiver) {
    let mut builder = Builder::new(TokioIo::new(stream).compat(), mode);
    builder.set_max_message_size(longest);
    builder.finish()
}

async fn pass_calls(
    mut from_client: Receiver,
    mut to_server: Sender,
    to_client: &Mutex<Sender>,
    free: &Semaphore,
    longest: usize,
) -> Result<(), Error> {
    loop {
        let mut message = Vec::new();
        match receive(&mut from_client, &mut message, to_client).await {
            Ok(Incoming::Data(_)) if is_answered(&message) => {
                free.acquire().await.map_err(|_| Error::Closed)?.forget();
                to_server.send_binary_mut(&mut message).await?;
                to_server.flush().await?;
            }
            Ok(Incoming::Data(_) | Incoming::Pong(_)) => {}
            Err(Error::MessageTooLarge { .. }) => {
                let why = reject_too_big_request(u32::try_from(longest).unwrap_or(u32::MAX));
                let why = Response::new(ResponsePayload::<()>::error(why), Id::Null);
                send(to_client, serde_json::to_string(&why).unwrap_or_default()).await?;
            }
            Ok(Incoming::Closed(_)) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// The next message of a client. One that is silent while no answer is on its way to it has left.
async fn receive<'a>(
    from_client: &'a mut Receiver,
    message: &mut Vec<u8>,
    to_client: &Mutex<Sender>,
) -> Result<Incoming<'a>, Error> {
    let mut receiving = pin!(from_client.receive(message));
    loop {
        match timeout(SILENCE, &mut receiving).await {
            Ok(received) => return received,
            Err(_) if to_client.try_lock().is_ok() => return Err(Error::Closed),
            Err(_) => {}
        }
    }
}

/// Whether the stock server answers a message: all but notifications, which it ignores.
fn is_answered(message: &[u8]) -> bool {
    let is_notification = |call: &[u8]| {
        serde_json::from_slice::<Request>(call).is_err()
            && serde_json::from_slice::<Notification<Option<&RawValue>>>(call).is_ok()
    };
    match serde_json::from_slice::<Vec<&RawValue>>(message) {
        Ok(batch) => batch.is_empty() || !batch.iter().all(|call| is_notification(call.get().as_bytes())),
        Err(_) => !is_notification(message),
    }
}

async fn pass_answers(
    mut from_server: Receiver,
    to_client: &Mutex<Sender>,
    free: &Semaphore,
) -> Result<(), Error> {
    loop {
        let mut message = Vec::new();
        match from_server.receive(&mut message).await? {
            Incoming::Data(_) => {
                let message = String::from_utf8(message).map_err(|error| Error::Utf8(error.utf8_error()))?;
                let answers = !message.starts_with(NOTICE);
                send(to_client, message).await?;
                free.add_permits(usize::from(answers));
            }
            Incoming::Pong(_) => {}
            Incoming::Closed(_) => return Ok(()),
        }
    }
}

async fn send(to_client: &Mutex<Sender>, message: String) -> Result<(), Error> {
    let mut to_client = to_client.lock().await;
    to_client.send_text_owned(message).await?;
    to_client.flush().await
}

async fn ping(to_client: &Mutex<Sender>) -> Result<(), Error> {
    loop {
        sleep(PING).await;
        let mut to_client = to_client.lock().await;
        to_client.send_ping(ByteSlice125::try_from(&[][..]).map_err(|_| Error::Closed)?).await?;
        to_client.flush().await?;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    };

    use jsonrpsee::{
        server::{Server, SubscriptionMessage},
        RpcModule,
    };
    use serde_json::{json, Value};
    use soketto::handshake::{Client, ServerResponse};
    use tokio::net::{TcpListener, TcpStream};

    use super::{super::tests::door_before, *};

    type Near = Compat<TcpStream>;

    /// A client of a door before a server whose method `large` answers with a megabyte, and how often that was called.
    async fn client() -> ((soketto::Sender<Near>, soketto::Receiver<Near>), Arc<AtomicUsize>) {
        let server = Server::builder().build("127.0.0.1:0").await.expect("a port");
        let address = server.local_addr().expect("an address");
        let called = Arc::new(AtomicUsize::new(0));
        let mut module = RpcModule::new(called.clone());
        let large = |_: jsonrpsee::types::Params, called: &Arc<AtomicUsize>, _: &_| {
            called.fetch_add(1, Ordering::Relaxed);
            "x".repeat(1 << 20)
        };
        module.register_method("large", large).expect("a new name");
        let notices = |_: jsonrpsee::types::Params<'static>,
                       pending: jsonrpsee::PendingSubscriptionSink,
                       _,
                       _| async move {
            let sink = pending.accept().await?;
            for n in 0..100 {
                let notice = SubscriptionMessage::new(sink.method_name(), sink.subscription_id(), &n)?;
                sink.send(notice).await?;
            }
            Ok::<(), jsonrpsee::core::StringError>(())
        };
        module.register_subscription("notices", "notice", "no_notices", notices).expect("new names");
        tokio::spawn(server.start(module).stopped());
        let outer = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let near = outer.local_addr().expect("an address");
        tokio::spawn(super::super::accept(outer.into_std().expect("set"), Arc::new(door_before(address))));
        let stream = TcpStream::connect(near).await.expect("the door is open").compat();
        let mut client = Client::new(stream, "localhost", "/");
        match client.handshake().await.expect("an answer") {
            ServerResponse::Accepted { .. } => (client.into_builder().finish(), called),
            _ => panic!("not accepted"),
        }
    }

    async fn call(to: &mut soketto::Sender<Near>, call: Value) {
        to.send_text(call.to_string()).await.expect("the door reads");
        to.flush().await.expect("the door reads");
    }

    async fn next(from: &mut soketto::Receiver<Near>) -> Value {
        let mut message = Vec::new();
        from.receive_data(&mut message).await.expect("a message");
        serde_json::from_slice(&message).expect("JSON")
    }

    fn large(id: Option<usize>) -> Value {
        match id {
            Some(id) => json!({ "jsonrpc": "2.0", "id": id, "method": "large" }),
            None => json!({ "jsonrpc": "2.0", "method": "large" }),
        }
    }

    /// Notices of a subscription and notifications, which nobody answers, change nothing about the bound.
    #[tokio::test]
    async fn calls_whose_answers_are_not_taken_are_bounded_and_all_are_answered() {
        let ((mut to, mut from), called) = client().await;
        for _ in 0..40 {
            call(&mut to, large(None)).await;
            call(&mut to, json!([large(None)])).await;
        }
        call(&mut to, json!({ "jsonrpc": "2.0", "id": 0, "method": "notices" })).await;
        for _ in 0..101 {
            next(&mut from).await;
        }
        let calls = tokio::spawn(async move {
            for id in 1..=300 {
                let request = large(Some(id));
                call(&mut to, if id % 10 == 0 { json!([request]) } else { request }).await;
            }
            to
        });
        sleep(Duration::from_secs(1)).await;
        // Besides those at work, some answers are in the buffers of the connection.
        let at_work = called.load(Ordering::Relaxed);
        assert!((CALLS..CALLS + 45).contains(&at_work), "{at_work} of 300 calls");
        let mut ids = Vec::new();
        for _ in 0..300 {
            let answer = next(&mut from).await;
            let answer = answer.get(0).unwrap_or(&answer);
            ids.push(answer["id"].as_u64().expect("a call's answer"));
        }
        ids.sort_unstable();
        assert!(ids.into_iter().eq(1..=300));
        drop(calls.await);
        assert_eq!(called.load(Ordering::Relaxed), 300);
    }

    #[tokio::test]
    async fn a_message_that_is_too_large_is_refused_and_the_next_is_answered() {
        let ((mut to, mut from), _) = client().await;
        call(&mut to, json!([" ".repeat(2_000)])).await;
        assert_eq!(next(&mut from).await["error"]["code"], -32007);
        call(&mut to, large(Some(7))).await;
        assert_eq!(next(&mut from).await["id"], 7);
    }

    #[test]
    fn notifications_alone_are_not_answered() {
        let (call, notification) = (large(Some(1)), large(None));
        for answered in [&call, &json!([call, notification]), &json!([]), &json!({}), &json!([{}]), &json!(1)]
        {
            assert!(is_answered(answered.to_string().as_bytes()), "{answered}");
        }
        for ignored in [&notification, &json!([notification, notification])] {
            assert!(!is_answered(ignored.to_string().as_bytes()), "{ignored}");
        }
        assert!(is_answered(b"{") && is_answered(b"") && is_answered(&[0xff, b'{', b'}']));
    }
}
