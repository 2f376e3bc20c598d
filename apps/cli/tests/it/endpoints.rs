//! Attacks of a chain endpoint on its client: silence, noise, and answers that were changed on the way.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use myelin_chain_client::{ChainClient, Options};

use super::harness::Network;
use super::{myelin, text};

/// An endpoint that does this to every connection; its URL.
fn endpoint(serve: impl Fn(TcpStream) + Send + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            std::thread::spawn(move || serve(stream));
        }
    });
    format!("ws://{address}")
}

/// The error of a command that cannot do its work with this endpoint.
fn refusal(folder: &Path, endpoint: &str) -> String {
    let asked = Instant::now();
    let output = myelin(folder, &["subnet", "list", "--endpoint", endpoint]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(asked.elapsed() < Duration::from_secs(60), "after {:.0?}", asked.elapsed());
    assert!(said.contains(endpoint), "{said}");
    said
}

#[test]
fn an_endpoint_that_says_nothing_or_nonsense_is_given_up_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let silent = endpoint(|mut stream| while matches!(stream.read(&mut [0; 512]), Ok(read) if read > 0) {});
    assert!(refusal(folder.path(), &silent).contains("within 5 s"));
    let answers: [&[u8]; 4] = [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 301 Moved Permanently\r\nlocation: ws://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
          sec-websocket-accept: none\r\n\r\n",
    ];
    for answer in answers {
        let noise = endpoint(move |mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        });
        refusal(folder.path(), &noise);
    }
    let endless = endpoint(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n");
        while stream
            .write_all(b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")
            .is_ok()
        {}
    });
    refusal(folder.path(), &endless);
}

#[test]
fn answers_that_are_no_json_are_given_up_while_connecting() {
    let folder = tempfile::tempdir().expect("a folder");
    let network = Network::up(folder.path());
    let changes: [(&[u8], &[u8]); 2] = [(b"{\"jsonrpc\"", b"<<jsonrpc>"), (b"\"result\"", b"\"resulT\"")];
    for (from, to) in changes {
        let noise = between(&network.endpoint, move |bytes| {
            replace(bytes, from, to);
            true
        });
        let why = refusal(folder.path(), &noise);
        assert!(why.contains("no answer of a node within 20 s"), "{why}");
    }
}

/// Passes bytes on in both directions, those of the node changed.
fn between(node: &str, change: impl Fn(&mut [u8]) -> bool + Send + Clone + 'static) -> String {
    let node = node.trim_start_matches("ws://").to_owned();
    endpoint(move |mut client| {
        let Ok(mut server) = TcpStream::connect(&node) else { return };
        let (Ok(mut from), Ok(mut to)) = (client.try_clone(), server.try_clone()) else { return };
        let Ok(here) = client.local_addr() else { return };
        let (here, there) = (here.to_string(), node.clone());
        std::thread::spawn(move || {
            // A node answers requests under its own name only; both ports have five digits.
            let mut head = vec![0; 64 * 1024];
            let Ok(read) = from.read(&mut head) else { return };
            replace(&mut head[..read], here.as_bytes(), there.as_bytes());
            if to.write_all(&head[..read]).is_ok() {
                let _ = std::io::copy(&mut from, &mut to);
            }
        });
        let mut piece = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = server.read(&mut piece) {
            let passes = change(&mut piece[..read]);
            if passes && client.write_all(&piece[..read]).is_err() {
                return;
            }
        }
    })
}

/// Replaces a text by another of the same length.
fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, seen)| *seen == from).map(|(at, _)| at).collect();
    assert_eq!(from.len(), to.len());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
}

/// Limits for tests: the default ones would take minutes.
fn short() -> Options {
    let opening_timeout = Duration::from_secs(10);
    Options {
        opening_timeout,
        request_timeout: Duration::from_secs(3),
        reconnect_attempts: 3,
        ..Options::default()
    }
}

#[test]
fn changed_values_and_metadata_are_errors() {
    let folder = tempfile::tempdir().expect("a folder");
    let network = Network::up(folder.path());
    let changes: [(&[u8], &[u8]); 2] = [(b"\"result\":\"0x", b"\"result\":\"zz"), (b"6d657461", b"ffffffff")];
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let honest = between(&network.endpoint, |_| true);
    let client = runtime.block_on(ChainClient::connect_with(&honest, short())).expect("connected");
    runtime.block_on(client.prices()).expect("what is not changed arrives");
    for (from, to) in changes {
        let liar = between(&network.endpoint, move |bytes| {
            replace(bytes, from, to);
            true
        });
        let asking = async {
            let client = ChainClient::connect_with(&liar, short()).await?;
            client.best_block().await?;
            client.prices().await
        };
        let asked = Instant::now();
        let answer = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(15), asking).await });
        let change = String::from_utf8_lossy(to);
        assert!(matches!(&answer, Ok(Err(_))), "{change}: {answer:?}");
        println!("{change}: an error after {:.1} s", asked.elapsed().as_secs_f64());
    }
}

#[test]
fn a_node_that_falls_silent_is_noticed_within_the_time_for_a_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let network = Network::up(folder.path());
    let silent = Arc::new(AtomicBool::new(false));
    let told = silent.clone();
    let url = between(&network.endpoint, move |_| !told.load(Ordering::SeqCst));
    let options = Options { reconnect_attempts: 120, ..short() };
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let client = ChainClient::connect_with(&url, options).await.expect("connected");
        client.best_block().await.expect("a block");
        silent.store(true, Ordering::SeqCst);
        let asked = Instant::now();
        client.best_block().await.expect_err("nothing arrives");
        assert!(asked.elapsed() < Duration::from_secs(30), "after {:.0?}", asked.elapsed());
        silent.store(false, Ordering::SeqCst);
        client.best_block().await.expect("the node speaks again");
    });
}
