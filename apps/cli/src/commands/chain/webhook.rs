//! Alerts for a server: one POST of a JSON object each, in order, while the watch goes on.
//!
//! A server that fails never stops the watch. An alert is tried a few times with pauses that double, and then given up.
//! The queue has a length: while a server is away, further alerts are left out and counted.

use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::output::Failure;

/// Alerts that wait.
const QUEUE: usize = 64;

/// Limits of a delivery.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Tries of one alert.
    pub tries: u32,
    /// The pause after the first try; each later one is twice as long.
    pub pause: Duration,
    /// Longest time of one try.
    pub answer: Duration,
    /// Longest time for the waiting alerts when the watch ends.
    pub end: Duration,
}

/// The limits of the command. Pauses of 1, 2, 4, 8 and 16 seconds and six answers make at most 91 seconds for an alert.
pub const PATIENCE: Patience = Patience {
    tries: 6,
    pause: Duration::from_secs(1),
    answer: Duration::from_secs(10),
    end: Duration::from_secs(30),
};

/// Reads the address of a server.
pub fn address(text: &str) -> Result<String, String> {
    match reqwest::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(text.to_owned()),
        _ => Err("an address looks like https://example.org/alerts".into()),
    }
}

/// The queue of alerts for a server.
pub struct Webhook {
    queue: mpsc::Sender<Value>,
    delivery: JoinHandle<()>,
    patience: Patience,
}

impl Webhook {
    /// Starts the delivery.
    pub fn start(url: String, patience: Patience) -> Result<Self, Failure> {
        let client = reqwest::Client::builder().timeout(patience.answer).redirect(Policy::none()).build()?;
        let (queue, mut alerts) = mpsc::channel::<Value>(QUEUE);
        let delivery = tokio::spawn(async move {
            while let Some(alert) = alerts.recv().await {
                if let Err(why) = deliver(&client, &url, &alert, patience).await {
                    crate::output::tell!(
                        "warning: the webhook did not take an alert after {} tries: {why}",
                        patience.tries
                    );
                }
            }
        });
        Ok(Webhook { queue, delivery, patience })
    }

    /// Hands an alert over, without waiting.
    pub fn send(&self, alert: &Value) {
        if self.queue.try_send(alert.clone()).is_err() {
            crate::output::tell!(
                "warning: {QUEUE} alerts wait for the webhook already, and it does not get this one"
            );
        }
    }

    /// Waits for a while until the waiting alerts are delivered.
    pub async fn end(self) {
        drop(self.queue);
        let delivery = self.delivery;
        let handle = delivery.abort_handle();
        if tokio::time::timeout(self.patience.end, delivery).await.is_err() {
            handle.abort();
            crate::output::tell!("warning: the webhook did not take every alert before the end of the watch");
        }
    }
}

/// Posts an alert until the server takes it.
async fn deliver(
    client: &reqwest::Client,
    url: &str,
    alert: &Value,
    patience: Patience,
) -> Result<(), String> {
    let (mut pause, mut why) = (patience.pause, String::new());
    for nth in 0..patience.tries {
        if nth > 0 {
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
        // An address may hold a secret, so that it is in no message.
        why = match client.post(url).json(alert).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => format!("it answered with {}", answer.status()),
            Err(error) if error.is_timeout() => format!("no answer within {} s", patience.answer.as_secs()),
            Err(error) => error.without_url().to_string(),
        };
    }
    Err(why)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use axum::http::StatusCode;
    use axum::routing::post;
    use axum::{Json, Router};
    use serde_json::json;

    use super::*;

    const SHORT: Patience = Patience {
        tries: 4,
        pause: Duration::from_millis(5),
        answer: Duration::from_millis(300),
        end: Duration::from_secs(5),
    };

    /// A server that refuses the first requests, and its diary.
    async fn server(refusals: usize) -> (String, Arc<Mutex<Vec<Value>>>, Arc<AtomicUsize>) {
        let (taken, asked) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (diary, count) = (taken.clone(), asked.clone());
        let handler = move |Json(alert): Json<Value>| {
            let is_refused = count.fetch_add(1, Ordering::SeqCst) < refusals;
            if !is_refused {
                diary.lock().expect("no panic").push(alert);
            }
            let status = if is_refused { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT };
            async move { status }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/alerts", listener.local_addr().expect("an address"));
        let routes = Router::new().route("/alerts", post(handler));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (url, taken, asked)
    }

    #[tokio::test]
    async fn alerts_arrive_in_order_after_a_server_that_refused_at_first() {
        let (url, taken, asked) = server(2).await;
        let webhook = Webhook::start(url, SHORT).expect("started");
        (0..3).for_each(|nth| webhook.send(&json!({ "nth": nth })));
        webhook.end().await;
        let taken = taken.lock().expect("no panic").clone();
        assert_eq!(taken, [json!({ "nth": 0 }), json!({ "nth": 1 }), json!({ "nth": 2 })]);
        assert_eq!(asked.load(Ordering::SeqCst), 5);
    }

    #[tokio::test]
    async fn an_alert_is_given_up_after_a_few_tries_and_the_next_one_gets_its_own() {
        let (url, taken, asked) = server(4).await;
        let webhook = Webhook::start(url, SHORT).expect("started");
        (0..2).for_each(|nth| webhook.send(&json!({ "nth": nth })));
        webhook.end().await;
        assert_eq!(*taken.lock().expect("no panic"), [json!({ "nth": 1 })]);
        assert_eq!(asked.load(Ordering::SeqCst), 5);
    }

    #[tokio::test]
    async fn a_server_that_never_answers_holds_up_neither_the_watch_nor_its_end() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", silent.local_addr().expect("an address"));
        let patience = Patience { end: Duration::from_millis(200), ..SHORT };
        let webhook = Webhook::start(url, patience).expect("started");
        let started = std::time::Instant::now();
        (0..3 * QUEUE).for_each(|nth| webhook.send(&json!({ "nth": nth })));
        assert!(started.elapsed() < Duration::from_millis(200), "{:?}", started.elapsed());
        webhook.end().await;
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }

    /// A server that sends this to every request, and so many times this behind it. Counts the bytes that were taken.
    fn raw(head: String, piece: Vec<u8>, pieces: usize) -> (String, Arc<AtomicUsize>) {
        use std::io::{BufRead, BufReader, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/alerts", listener.local_addr().expect("an address"));
        let sent = Arc::new(AtomicUsize::new(0));
        let count = sent.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                while lines.next().is_some_and(|line| !line.is_empty()) {}
                let mut stream = &stream;
                let mut is_taken = stream.write_all(head.as_bytes()).is_ok();
                for _ in 0..pieces {
                    is_taken = is_taken && stream.write_all(&piece).is_ok();
                    count.fetch_add(if is_taken { piece.len() } else { 0 }, Ordering::SeqCst);
                }
            }
        });
        (url, sent)
    }

    #[tokio::test]
    async fn a_redirection_is_not_followed() {
        let (elsewhere, taken, asked) = server(0).await;
        let head =
            format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
        let (url, _) = raw(head, Vec::new(), 0);
        let webhook = Webhook::start(url, SHORT).expect("started");
        webhook.send(&json!({ "nth": 0 }));
        webhook.end().await;
        assert_eq!((taken.lock().expect("no panic").len(), asked.load(Ordering::SeqCst)), (0, 0));
    }

    #[tokio::test]
    async fn an_answer_of_gigabytes_is_not_read() {
        const GIGABYTE: usize = 1 << 30;
        let piece = vec![b'x'; 1 << 20];
        for code in ["200 OK", "500 Internal Server Error"] {
            let head = format!("HTTP/1.1 {code}\r\ncontent-length: {}\r\n\r\n", 4 * GIGABYTE);
            let (url, sent) = raw(head, piece.clone(), 4 * GIGABYTE / piece.len());
            let webhook = Webhook::start(url, SHORT).expect("started");
            let started = std::time::Instant::now();
            (0..3).for_each(|nth| webhook.send(&json!({ "nth": nth })));
            webhook.end().await;
            assert!(started.elapsed() < Duration::from_secs(5), "{code}: {:?}", started.elapsed());
            let sent = sent.load(Ordering::SeqCst);
            assert!(sent < GIGABYTE / 2, "{code}: {} MiB were taken", sent >> 20);
        }
        // Heads have a limit of their own.
        let (url, sent) = raw("HTTP/1.1 200 OK\r\nx-long: ".into(), piece.clone(), GIGABYTE / piece.len());
        let webhook = Webhook::start(url, SHORT).expect("started");
        webhook.send(&json!({ "nth": 0 }));
        webhook.end().await;
        let sent = sent.load(Ordering::SeqCst);
        assert!(sent < GIGABYTE / 2, "{} MiB of a head were taken", sent >> 20);
    }

    #[test]
    fn addresses_are_those_of_web_servers() {
        assert!(address("https://example.org/alerts?key=1").is_ok());
        for wrong in ["", "example.org", "ws://example.org", "file:///etc/passwd", "http://"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
