//! A server of weights that may be broken or hostile.

use axum::body::Body;
use axum::extract::{Path as Part, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::Router;
use futures::StreamExt;
use myelin_provenance::content_id;

use super::*;

const WEIGHTS: &[u8] = &[7; 100_000];

fn wanted() -> Expected {
    Expected { hash: content_id(WEIGHTS), size: WEIGHTS.len() as u64 }
}

/// The answer to each path.
async fn answer(State(port): State<u16>, Part(path): Part<String>, headers: HeaderMap) -> Response {
    let to = |target: String| (StatusCode::FOUND, [(LOCATION, target)]).into_response();
    // A body that ends before its announced length breaks the connection.
    let broken = |from: usize, to: usize| {
        let piece = axum::body::Bytes::from_static(&WEIGHTS[from..to]);
        let pieces = futures::stream::iter([Ok(piece), Err(std::io::Error::other("the server stops"))]);
        // The error waits until the piece was sent.
        let pieces = pieces.then(|piece| async {
            tokio::time::sleep(Duration::from_millis(100 * u64::from(piece.is_err()))).await;
            piece
        });
        Body::from_stream(pieces).into_response()
    };
    match path.as_str() {
        "good" => match headers.get(RANGE).and_then(|range| range.to_str().ok()) {
            Some(range) => {
                let from: usize = range["bytes=".len()..range.len() - 1].parse().expect("a number");
                let mut part = (StatusCode::PARTIAL_CONTENT, WEIGHTS[from..].to_vec()).into_response();
                let place = format!("bytes {from}-{}/{}", WEIGHTS.len() - 1, WEIGHTS.len());
                part.headers_mut().insert(CONTENT_RANGE, HeaderValue::from_str(&place).expect("plain"));
                part
            }
            None => WEIGHTS.to_vec().into_response(),
        },
        "whole" => WEIGHTS.to_vec().into_response(),
        "broken" => broken(0, 40_000),
        "short" => WEIGHTS[..50_000].to_vec().into_response(),
        "long" => vec![7; WEIGHTS.len() + 1].into_response(),
        "false" => vec![8; WEIGHTS.len()].into_response(),
        "here" => to("/good".into()),
        "round" => to("/round".into()),
        "inside" => to(format!("http://10.0.0.1:{port}/good")),
        "file" => to("file:///etc/passwd".into()),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A server, a fetcher that reaches it alone, and a folder.
async fn served() -> (String, Fetcher, tempfile::TempDir) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let server = Router::new().route("/{path}", get(answer)).with_state(port);
    tokio::spawn(async move { axum::serve(listener, server).await });
    let fetcher = Fetcher::reaching(|ip| ip == IpAddr::from([127, 0, 0, 1])).expect("a client");
    (format!("http://127.0.0.1:{port}/"), fetcher, tempfile::tempdir().expect("a folder"))
}

#[tokio::test]
async fn whole_weights_are_taken_also_by_redirect_and_from_a_path() {
    let (base, fetcher, folder) = served().await;
    let local = folder.path().join("local");
    fs::write(&local, WEIGHTS).expect("written");
    for (name, source) in [
        ("a", Source::web(&(base.clone() + "good")).expect("an address")),
        ("b", Source::web(&(base.clone() + "here")).expect("an address")),
        ("c", Source::parse(&local.display().to_string()).expect("a path")),
    ] {
        let part = folder.path().join(name);
        fetcher.file(&source, &part, wanted()).await.expect("taken");
        assert_eq!(fs::read(&part).expect("there"), WEIGHTS);
    }
}

#[tokio::test]
async fn a_broken_download_continues_where_it_ended() {
    let (base, fetcher, folder) = served().await;
    let part = folder.path().join("part");
    let source = |path: &str| Source::web(&format!("{base}{path}")).expect("an address");
    for ended in ["broken", "short"] {
        let refused = fetcher.file(&source(ended), &part, wanted()).await;
        assert!(matches!(refused, Err(FetchError::Truncated { .. })), "{ended}: {refused:?}");
        let begun = fs::metadata(&part).expect("kept").len();
        assert!(begun > 0 && begun < WEIGHTS.len() as u64);
        // A server that knows ranges sends the rest, and another one the whole again.
        let server = if ended == "broken" { "good" } else { "whole" };
        fetcher.file(&source(server), &part, wanted()).await.expect("continued");
        assert_eq!(fs::read(&part).expect("there"), WEIGHTS);
        fs::remove_file(&part).expect("removed");
    }
}

#[tokio::test]
async fn each_fault_of_a_server_has_its_name_and_leaves_no_weights() {
    let (base, fetcher, folder) = served().await;
    let part = folder.path().join("part");
    let mut told = Vec::new();
    for path in ["long", "false", "nothing", "round", "inside", "file"] {
        let source = Source::web(&format!("{base}{path}")).expect("an address");
        told.push(fetcher.file(&source, &part, wanted()).await.expect_err("refused"));
        let _ = fs::remove_file(&part);
    }
    assert!(matches!(told[0], FetchError::TooLong { .. }), "{:?}", told[0]);
    assert!(matches!(told[1], FetchError::Content { .. }), "{:?}", told[1]);
    assert!(matches!(told[2], FetchError::Status { .. }), "{:?}", told[2]);
    assert!(matches!(told[3], FetchError::Redirects(_)), "{:?}", told[3]);
    assert!(matches!(told[4], FetchError::Private { .. }), "{:?}", told[4]);
    assert!(matches!(told[5], FetchError::Address(_)), "{:?}", told[5]);
    assert!(Source::web("file:///etc/passwd").is_err() && Source::web("http://").is_err());
}

#[tokio::test]
async fn names_and_numbers_of_a_private_network_are_refused_unless_permitted() {
    let (base, _, folder) = served().await;
    let public = Fetcher::new(false).expect("a client");
    let part = folder.path().join("part");
    let by_name = base.replace("127.0.0.1", "localhost");
    for base in [base.clone(), by_name, "http://[::1]/".into(), "http://169.254.169.254/".into()] {
        let source = Source::web(&(base + "good")).expect("an address");
        let refused = public.file(&source, &part, wanted()).await;
        assert!(matches!(refused, Err(FetchError::Private { .. })), "{refused:?}");
    }
    let source = Source::web(&(base + "good")).expect("an address");
    Fetcher::new(true).expect("a client").file(&source, &part, wanted()).await.expect("permitted");
}

#[tokio::test]
async fn small_texts_are_bounded() {
    let (base, fetcher, _) = served().await;
    let source = Source::web(&(base + "good")).expect("an address");
    let refused = fetcher.text(&source, WEIGHTS.len() - 1).await;
    assert!(matches!(refused, Err(FetchError::TooLong { .. })), "{refused:?}");
    assert_eq!(fetcher.text(&source, WEIGHTS.len()).await.expect("fits"), WEIGHTS);
}

#[test]
fn files_below_an_address_are_escaped() {
    let below = |base: &str, path: &str| Source::web(base).expect("an address").below(path).to_string();
    assert_eq!(below("https://a.example/m", "b/c d?#"), "https://a.example/m/b/c%20d%3F%23");
    assert_eq!(below("https://a.example/m/", "x"), "https://a.example/m/x");
}
