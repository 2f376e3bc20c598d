//! A customer's job against a web site over HTTP, from its file to the table.

use std::{net::IpAddr, path::Path, sync::Arc, time::Duration};

use axum::{
    extract::{Path as Part, State},
    http::{StatusCode, Uri},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
    Router,
};
use myelin_scraping::{
    backend::{Backend, Reader},
    fetch::{system_names, FetchConfig, Fetcher, Limits},
    job::Job,
    runs::{Changes, Run},
    wrapper::Care,
};
use myelin_subnet::AnswerContext;
use tokio::sync::watch;

/// The book that has another price, and whether the last one is there.
type Stock = watch::Receiver<(usize, bool)>;

/// A shop with three books on a page, in Latin-1, whose pages link to the next and whose links wander.
async fn shop(State(stock): State<Stock>, uri: Uri) -> Response {
    let number = uri.query().and_then(|query| query.strip_prefix("page=")?.parse().ok()).unwrap_or(1usize);
    let (changed, complete) = *stock.borrow();
    let books = (number * 3 - 2..=number * 3).filter(|book| *book < 9 || complete);
    let row = |book: usize| {
        let price = if book == changed { 99 } else { book };
        format!("<article><h3><a href='/book/{book}?utm_source=list'>Caf\u{e9} {book}</a></h3><b>{price},50 \u{a3}</b></article>")
    };
    let rows: String = books.map(row).collect();
    let next =
        if number < 3 { format!("<a rel=next href='?page={}'>Next</a>", number + 1) } else { String::new() };
    let page = format!("<!DOCTYPE html><meta charset=iso-8859-1>{rows}{next}");
    let bytes: Vec<u8> = page.chars().map(|letter| letter as u8).collect();
    ([("content-type", "text/html")], bytes).into_response()
}

async fn book(Part(number): Part<u32>) -> Html<String> {
    Html(format!("<h1>{number}</h1>"))
}

fn here(address: IpAddr) -> bool {
    address.is_loopback()
}

fn nowhere(_: IpAddr) -> bool {
    false
}

fn reader(reaches: fn(IpAddr) -> bool) -> Reader {
    let limits = Limits { wait_least: Duration::from_millis(5), ..Limits::default() };
    let config = FetchConfig {
        agent: "Myelin/0.1".into(),
        contact: "someone@myelin.example".into(),
        reaches,
        names: system_names,
        takedown: Vec::new(),
        limits,
    };
    Reader::new(Care::Much, Some(Arc::new(Fetcher::new(config).unwrap())))
}

/// The time of all runs here, in which nothing grows old.
const NOW: u64 = 1_800_000_000;

/// Runs a job to its end and writes its table. Returns the changes since the run before, and the problems.
fn run(text: &str, out: &Path, reader: &Reader) -> (Option<Changes>, Vec<String>) {
    let mut job = Job::open(text, Path::new(".")).unwrap();
    while let Some((request, places)) = job.next_request() {
        let context = AnswerContext {
            asker: None,
            permitted: true,
            challenge: None,
            time_left: Duration::from_secs(30),
        };
        let answer = reader.answer(&context, &request).unwrap();
        job.take(&places, &answer, NOW);
    }
    let run = Run::of(&job, out, NOW);
    if run.has_table() {
        run.write().unwrap();
        assert!(run.keep().unwrap());
    }
    (run.changes(), job.problems().map(|(_, why)| why.to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_reads_pages_behind_one_another_and_shows_what_has_changed() {
    let (change, stock) = watch::channel((0, true));
    let router = Router::new()
        .route("/books", get(shop))
        .route("/old", get(|| async { Redirect::permanent("/books?page=3") }))
        .route("/book/{number}", get(book))
        .route("/secret/books", get(|| async { "<article>no</article>" }))
        .route("/robots.txt", get(|| async { "User-agent: *\nDisallow: /secret/\n" }))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .with_state(stock);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let work = move || {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("books.csv");
        let text = format!(
            "sources = ['{site}/books', '{site}/old', '{site}/secret/books', '{site}/none']\n\
             row = 'article'\nnext = '[rel=next]'\npages = 9\nkey = ['link']\nfields = [\n\
             {{ name = 'title', kind = 'text', select = 'h3' }},\n\
             {{ name = 'price', kind = 'number', select = 'b' }},\n\
             {{ name = 'link', kind = 'link', select = 'a' }}]\n"
        );
        let (changes, problems) = run(&text, &out, &reader(here));
        assert_eq!(changes, None, "there is nothing to compare with");
        assert!(problems[0].contains("robots.txt") && problems[1].contains("404"), "{problems:?}");
        let written = std::fs::read_to_string(&out).unwrap();
        assert!(written.contains("Caf\u{e9} 4,4.5,"), "{written}");
        change.send((2, false)).unwrap();
        let (changes, _) = run(&text, &out, &reader(here));
        assert_eq!(changes, Some(Changes { other: 1, gone: 1, ..Changes::default() }));
        let (_, problems) = run(&text, &folder.path().join("none.csv"), &reader(nowhere));
        assert!(
            problems.iter().all(|why| why.contains("not a public address")) && problems.len() == 4,
            "{problems:?}"
        );
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}

/// A shop whose pages stand in sitemaps: an index, a packed one, a bomb, and one of another host.
async fn map(State(site): State<String>, Part(name): Part<String>) -> Response {
    const SCHEMA: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
    let urls = |pages: &[u32]| -> String {
        let url = |page: &u32| format!("<url>\n<loc>{site}/page/{page}</loc><priority>1</priority></url>\n");
        let urls: String = pages.iter().map(url).collect();
        format!("<?xml version=\"1.0\"?>\n<urlset xmlns=\"{SCHEMA}\">{urls}</urlset>")
    };
    let packed = |text: Vec<u8>| {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut writer, &text).unwrap();
        let headers = [("content-type", "application/xml"), ("content-encoding", "gzip")];
        (headers, writer.finish().unwrap()).into_response()
    };
    match name.as_str() {
        "index.xml" => {
            let maps = ["one", "packed", "bomb", "none"]
                .map(|map| format!("<sitemap><loc>{site}/map/{map}.xml</loc></sitemap>"));
            let text = format!("<sitemapindex>{}</sitemapindex>", maps.concat());
            ([("content-type", "text/xml")], text).into_response()
        }
        "one.xml" => ([("content-type", "application/xml")], urls(&[1, 2])).into_response(),
        "packed.xml" => packed(urls(&[2, 3]).into_bytes()),
        "bomb.xml" => packed(vec![b' '; 100 << 20]),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_come_from_sitemaps_within_their_limits() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let page =
        |Part(number): Part<u32>| async move { Html(format!("<ul><li><a href='/x'>Book {number}</a></ul>")) };
    let router = Router::new().route("/page/{number}", get(page)).route("/map/{name}", get(map));
    let router = router.with_state(site.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let work = move || {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("books.csv");
        let text = format!(
            "sitemaps = ['{site}/map/index.xml']\nrow = 'li'\n\
             fields = [{{ name = 'title', kind = 'text', select = 'a' }}]\n"
        );
        let (_, problems) = run(&text, &out, &reader(here));
        assert!(problems[0].contains("more than") && problems[1].contains("404"), "{problems:?}");
        let written = std::fs::read_to_string(&out).unwrap();
        assert_eq!(written, "title\nBook 1\nBook 2\nBook 3\n");
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}
