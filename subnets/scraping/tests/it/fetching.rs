use std::io::Write;
use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use myelin_scraping::fetch::{is_trap, normal, FetchConfig, FetchError, Fetched, Fetcher, Kind, Limits};

use crate::site::{counts, names, raw, Site, OPEN};

static SITE: LazyLock<Site> = LazyLock::new(Site::start);

/// Deadline of requests that are to succeed, in ms: far beyond what they take, also on a busy machine.
const PATIENCE: u64 = 60_000;

fn config(agent: &str) -> FetchConfig {
    FetchConfig {
        agent: format!("{agent}/1.0"),
        contact: "https://crawler.test/about".into(),
        reaches: |ip| ip == OPEN,
        names,
        takedown: vec!["gone.test".into(), "part.test/people/".into()],
        limits: Limits {
            page_bytes: 1 << 20,
            request: Duration::from_millis(PATIENCE / 2),
            wait_least: Duration::from_millis(1),
            wait_most: Duration::from_millis(400),
            ..Limits::default()
        },
    }
}

fn fetcher() -> Fetcher {
    Fetcher::new(config("Myelin-Test")).unwrap()
}

fn within(ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(ms)
}

/// A page of the site, asked for by a fetcher without memory.
fn get(host: &str, path: &str) -> Result<Fetched, FetchError> {
    fetcher().get(&SITE.url(host, path), within(PATIENCE))
}

fn error(host: &str, path: &str) -> FetchError {
    get(host, path).map(|page| page.url).expect_err("the page must not be fetched")
}

#[test]
fn a_page_comes_with_its_text_hash_and_final_address() {
    let page = get("page.test", "/plain?utm_source=x#part").unwrap();
    assert_eq!(page.url, SITE.url("page.test", "/plain"));
    assert_eq!((page.status, page.kind, page.text.as_str()), (200, Kind::Html, "<h1>plain</h1>"));
    assert_eq!(page.hash, *blake3::hash(b"<h1>plain</h1>").as_bytes());
    assert!(page.at > 1_600_000_000);
    let hits = SITE.all("page.test");
    assert_eq!(hits.iter().map(|hit| hit.path.as_str()).collect::<Vec<_>>(), ["/robots.txt", "/plain"]);
    assert!(hits.iter().all(|hit| hit.agent == "Myelin-Test/1.0 (+https://crawler.test/about)"));
}

#[test]
fn a_crawler_without_a_name_or_contact_is_not_set_up() {
    let wrong = |change: fn(&mut FetchConfig)| {
        let mut config = config("Myelin-Test");
        change(&mut config);
        match Fetcher::new(config) {
            Err(FetchError::Config { field, .. }) => field,
            _ => "none",
        }
    };
    assert_eq!(wrong(|_| ()), "none");
    assert_eq!(wrong(|config| config.contact.clear()), "contact");
    assert_eq!(wrong(|config| config.contact = "a@b\r\nx: y".into()), "contact");
    assert_eq!(wrong(|config| config.agent.clear()), "agent");
    assert_eq!(wrong(|config| config.agent = "My Bot/1".into()), "agent");
    assert_eq!(wrong(|config| config.agent = "Bot1".into()), "agent");
    assert_eq!(wrong(|config| config.takedown.push("/x".into())), "takedown");
    assert_eq!(wrong(|config| config.limits.at_once = 0), "limits");
}

#[test]
fn robots_rules_decide_and_are_asked_for_once() {
    let fetcher = fetcher();
    for _ in 0..3 {
        let found = fetcher.get(&SITE.url("rules.test", "/secret/x"), within(PATIENCE)).unwrap_err();
        let FetchError::Disallowed { rule, .. } = found else { panic!("{found}") };
        assert_eq!(rule, "/secret");
        fetcher.get(&SITE.url("once.test", "/plain"), within(PATIENCE)).unwrap();
    }
    assert_eq!(SITE.pages("rules.test").len(), 0);
    assert_eq!(SITE.all("once.test").len(), 4);
    let other = Fetcher::new(config("Other")).unwrap();
    other.get(&SITE.url("own.test", "/secret/x"), within(PATIENCE)).unwrap();
    // A redirect does not lead around the rules.
    assert!(matches!(error("around.test", "/to//secret"), FetchError::Disallowed { .. }));
}

#[test]
fn robots_that_cannot_be_read_disallow_all_and_absent_ones_nothing() {
    for host in ["robots-500", "robots-429", "robots-loop", "robots-inner", "robots-broken", "robots-slow"] {
        let found = error(&format!("{host}.test"), "/plain");
        assert!(
            matches!(found, FetchError::RobotsUnreachable { .. } | FetchError::Private { .. }),
            "{host}: {found}"
        );
        assert_eq!(SITE.pages(&format!("{host}.test")).len(), 0);
    }
    assert_eq!(SITE.all("robots-loop.test").len(), 6, "five redirects are followed");
    get("robots-403.test", "/secret").unwrap();
    get("robots-endless.test", "/secret").unwrap();
    for host in ["robots-far.test", "robots-gzip.test", "robots-big.test"] {
        assert!(matches!(error(host, "/secret/x"), FetchError::Disallowed { .. }), "{host}");
        get(host, "/plain").unwrap();
    }
}

#[test]
fn robots_that_failed_are_not_asked_for_again_at_once() {
    let fetcher = fetcher();
    for _ in 0..3 {
        let found = fetcher.get(&SITE.url("robots-503.test", "/x"), within(PATIENCE));
        assert!(matches!(found, Err(FetchError::RobotsUnreachable { .. })));
    }
    assert_eq!(SITE.all("robots-503.test").len(), 1);
}

#[test]
fn no_way_leads_to_a_private_address() {
    let inner = |host: &str| matches!(error(host, "/plain"), FetchError::Private { .. });
    for host in
        ["inner.test", "mapped.test", "127.0.0.2", "127.0.2", "0x7f000002", "0177.0.0.2", "2130706434"]
    {
        assert!(inner(host), "{host}");
    }
    for host in ["[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[::1]", "127.0.0.2."] {
        assert!(inner(host), "{host}");
    }
    for target in [
        "http://127.0.0.2:PORT/",
        "//inner.test:PORT/x",
        "http://0x7f.2:PORT/",
        "http://[::ffff:7f00:2]:PORT/",
    ] {
        let found = error("guard.test", &format!("/to/{target}"));
        assert!(matches!(found, FetchError::RedirectToPrivate { .. }), "{target}: {found}");
    }
    // A name may change its address between two requests.
    let fetcher = fetcher();
    fetcher.get(&SITE.url("rebind.test", "/plain"), within(PATIENCE)).unwrap();
    let again = Fetcher::new(config("Myelin-Test"))
        .unwrap()
        .get(&SITE.url("rebind.test", "/plain"), within(PATIENCE));
    assert!(matches!(again, Err(FetchError::Private { .. })), "{again:?}");
    // Of several addresses, only the open ones are used.
    assert_eq!(get("mixed.test", "/plain").unwrap().status, 200);
    assert_eq!(SITE.leaks(), 0);
}

/// The canary of the test above hears requests that are let through.
#[test]
fn the_canary_hears_requests_that_are_let_through() {
    let site = Site::start();
    let open = Fetcher::new(FetchConfig { reaches: |_: IpAddr| true, ..config("Myelin-Test") }).unwrap();
    assert!(open.get(&site.url("inner.test", "/plain"), within(5000)).is_err());
    assert_eq!(site.leaks(), 1);
}

#[test]
fn redirects_are_followed_up_to_a_number_and_not_in_a_circle() {
    assert_eq!(get("hops.test", "/hop/4").unwrap().url, SITE.url("hops.test", "/plain"));
    assert!(matches!(error("hops.test", "/hop/5"), FetchError::TooManyRedirects { most: 5, .. }));
    assert!(matches!(error("hops.test", "/loop/a"), FetchError::RedirectLoop { .. }));
    assert!(matches!(error("hops.test", "/to/file:///etc/passwd"), FetchError::Scheme { .. }));
    assert!(matches!(error("hops.test", "/to/http://a:b@hops.test/"), FetchError::Credentials { .. }));
    assert!(matches!(error("hops.test", "/to/http://hops.test:22/"), FetchError::Port { .. }));
    assert!(matches!(error("hops.test", "/to/http://[/"), FetchError::BadUrl { .. }));
    assert!(matches!(error("hops.test", "/status/302"), FetchError::Protocol { .. }));
    // A site that adds a tracking parameter by a redirect is no loop.
    let tracked = get("hops.test", "/to//plain?utm_source=x").unwrap();
    assert_eq!(tracked.url, SITE.url("hops.test", "/plain"));
}

#[test]
fn pages_that_were_taken_down_are_not_asked_for() {
    assert!(matches!(error("www.gone.test", "/x"), FetchError::TakenDown { .. }));
    assert!(matches!(error("part.test", "/%70eople/x"), FetchError::TakenDown { .. }));
    let found = error("leads.test", "/to/http://gone.test:PORT/x");
    assert!(matches!(found, FetchError::TakenDown { .. }));
    assert_eq!(get("part.test", "/plain").unwrap().status, 200);
    assert!(!counts(&SITE).contains_key("gone.test") && !counts(&SITE).contains_key("www.gone.test"));
}

#[test]
fn charsets_are_decoded() {
    for (name, text) in [
        ("latin", "Grüße"),
        ("guess", "Grüße €"),
        ("cyrillic", "<meta charset=windows-1251>Привет"),
        ("utf16", "Grüße"),
        ("japanese", "日本語"),
        ("none", "Grüße"),
    ] {
        assert_eq!(get("charset.test", &format!("/charset/{name}")).unwrap().text, text, "{name}");
    }
}

#[test]
fn content_codings_are_undone_within_the_limit() {
    for name in ["gzip", "deflate", "bare"] {
        let page = get("coding.test", &format!("/coding/{name}")).unwrap();
        assert_eq!(
            (page.text.as_str(), page.hash),
            ("packed", *blake3::hash(b"packed").as_bytes()),
            "{name}"
        );
    }
    assert_eq!(get("coding.test", "/coding/members").unwrap().text, "");
    for name in ["twice", "br", "cut", "broken"] {
        assert!(
            matches!(error("coding.test", &format!("/coding/{name}")), FetchError::Coding { .. }),
            "{name}"
        );
    }
    let fetcher = fetcher();
    let url = SITE.url("bomb.test", "/coding/bomb");
    fetcher.get(&SITE.url("bomb.test", "/plain"), within(PATIENCE)).unwrap();
    let found = fetcher.get(&url, within(PATIENCE));
    assert!(matches!(found, Err(FetchError::TooLarge { most: 1_048_576, .. })), "{found:?}");
}

#[test]
fn bodies_have_a_longest_length() {
    assert_eq!(get("large.test", "/large/1048576").unwrap().text.len(), 1 << 20);
    assert!(matches!(error("large.test", "/large/1048577"), FetchError::TooLarge { .. }));
    let begin = Instant::now();
    assert!(matches!(error("large.test", "/slow/endless"), FetchError::TooLarge { .. }));
    assert!(begin.elapsed() < Duration::from_millis(PATIENCE / 2));
}

#[test]
fn slow_answers_end_by_their_speed_or_by_the_deadline() {
    let begin = Instant::now();
    let FetchError::TooSlow { reason, .. } = error("slow.test", "/slow/drip") else { panic!("not slow") };
    assert!(reason.contains("bytes of the body"), "{reason}");
    assert!(begin.elapsed() < Duration::from_millis(PATIENCE / 2));
    let fetcher = fetcher();
    fetcher.get(&SITE.url("slow.test", "/plain"), within(PATIENCE)).unwrap();
    let begin = Instant::now();
    let found = fetcher.get(&SITE.url("slow.test", "/slow/never"), within(2000));
    assert!(matches!(found, Err(FetchError::TooSlow { .. })), "{found:?}");
    assert!(begin.elapsed() < Duration::from_millis(PATIENCE / 2));
}

#[test]
fn servers_below_http_end_in_a_named_error() {
    let ask = |wait, write| {
        let begin = Instant::now();
        let found = fetcher().get(&format!("http://raw.test:{}/x", raw(write)), within(wait)).unwrap_err();
        assert!(begin.elapsed() < Duration::from_millis(PATIENCE / 2));
        found
    };
    let found = ask(6000, |stream| loop {
        stream.write_all(&b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(100))?;
    });
    assert!(matches!(found, FetchError::TooSlow { .. }), "{found}");
    let found = ask(PATIENCE, |stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        loop {
            stream.write_all(&[b'a'; 4096])?;
        }
    });
    assert!(matches!(found, FetchError::Protocol { .. }), "{found}");
    let found = ask(PATIENCE, |stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        (0..100_000).try_for_each(|at| stream.write_all(format!("h{at}: x\r\n").as_bytes()))
    });
    assert!(matches!(found, FetchError::Protocol { .. }), "{found}");
    let found = ask(PATIENCE, |stream| stream.write_all(b"SSH-2.0-x\r\n"));
    assert!(matches!(found, FetchError::Protocol { .. }), "{found}");
    let found = ask(PATIENCE, |stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 50\r\n\r\nhalf")
    });
    assert!(matches!(found, FetchError::Protocol { .. }), "{found}");
    let found = ask(PATIENCE, |stream| {
        stream.write_all(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 18446744073709551615\r\n\r\nx",
        )
    });
    assert!(matches!(found, FetchError::TooLarge { .. } | FetchError::Protocol { .. }), "{found}");
}

#[test]
fn only_pages_of_text_are_read() {
    for (kind, expected) in [
        ("text+html", Kind::Html),
        ("application+json;charset=utf-8", Kind::Json),
        ("text+xml", Kind::Xml),
        ("TEXT+Plain", Kind::Plain),
    ] {
        assert_eq!(get("type.test", &format!("/type/{kind}")).unwrap().kind, expected, "{kind}");
    }
    for path in ["/type/image+png", "/type/application+pdf", "/type/image+svg", "/none"] {
        assert!(matches!(error("type.test", path), FetchError::NotText { .. }), "{path}");
    }
    for status in [204, 206, 300, 304, 400, 404, 500, 503] {
        let found = error("type.test", &format!("/status/{status}"));
        assert!(matches!(found, FetchError::Status { status: given, .. } if given == status), "{found}");
    }
}

#[test]
fn connections_that_fail_have_named_causes() {
    assert!(matches!(error("empty.test", "/x"), FetchError::Dns { .. }));
    assert!(matches!(error("nowhere.example", "/x"), FetchError::Dns { .. }));
    let begin = Instant::now();
    let found = fetcher().get(&SITE.url("hang.test", "/x"), within(2000)).unwrap_err();
    assert!(
        matches!(found, FetchError::TooSlow { .. }) && begin.elapsed() < Duration::from_secs(20),
        "{found}"
    );
    let closed = std::net::TcpListener::bind((OPEN, 0)).unwrap().local_addr().unwrap().port();
    let found = fetcher().get(&format!("http://closed.test:{closed}/"), within(PATIENCE)).unwrap_err();
    assert!(matches!(found, FetchError::Connect { .. }), "{found}");
    let found = fetcher().get(&format!("https://plain.test:{}/", SITE.port), within(PATIENCE)).unwrap_err();
    assert!(matches!(found, FetchError::Tls { .. }), "{found}");
    let found = fetcher().get(&format!("https://closed.test:{closed}/"), within(PATIENCE)).unwrap_err();
    assert!(matches!(found, FetchError::Connect { .. }), "{found}");
}

#[test]
fn a_page_that_has_not_changed_is_not_sent_again() {
    let fetcher = fetcher();
    let url = SITE.url("fresh.test", "/fresh");
    let page = fetcher.get(&url, within(PATIENCE)).unwrap();
    let (etag, date) = (page.etag.as_deref(), page.last_modified.as_deref());
    assert_eq!((etag, date), (Some("\"v1\""), Some("Mon, 01 Jan 2024 00:00:00 GMT")));
    assert_eq!(fetcher.get_if_changed(&url, etag, None, within(PATIENCE)).unwrap(), None);
    assert_eq!(fetcher.get_if_changed(&url, None, date, within(PATIENCE)).unwrap(), None);
    let changed = fetcher.get_if_changed(&url, Some("\"v0\""), None, within(PATIENCE)).unwrap().unwrap();
    assert_eq!(changed.hash, page.hash);
    let broken = fetcher.get_if_changed(&url, Some("a\r\nb: c"), None, within(PATIENCE)).unwrap();
    assert!(broken.is_some(), "a tag that cannot be sent asks for the whole page");
    // The tag of one address says nothing of another.
    let moved =
        fetcher.get_if_changed(&SITE.url("fresh.test", "/to//fresh"), etag, None, within(PATIENCE)).unwrap();
    assert!(moved.is_some());
}

#[test]
fn waits_that_a_server_asks_for_are_kept_or_named() {
    assert_eq!(get("again.test", "/again/once").unwrap().text, "at last");
    assert_eq!(get("again.test", "/again/past").unwrap().text, "at last");
    assert!(matches!(error("again.test", "/again/always"), FetchError::RetryLater { status: 503, .. }));
    assert_eq!(SITE.pages("again.test").iter().filter(|hit| hit.path == "/again/always").count(), 3);
    assert!(matches!(
        error("again.test", "/again/long"),
        FetchError::RetryLater { seconds: 3600, status: 429, .. }
    ));
    assert!(matches!(error("again.test", "/again/huge"), FetchError::RetryLater { .. }));
    assert!(
        matches!(error("again.test", "/again/date"), FetchError::RetryLater { seconds, .. } if seconds > 1 << 30)
    );
    let begin = Instant::now();
    assert!(matches!(error("again.test", "/again/none"), FetchError::RetryLater { status: 429, .. }));
    assert!(
        begin.elapsed() >= Duration::from_millis(800),
        "three requests, with the longest wait between them"
    );
}

#[test]
fn a_host_gets_one_request_at_a_time_with_its_wait_between() {
    let fetcher = fetcher();
    std::thread::scope(|threads| {
        for page in 0..4 {
            let (fetcher, url) = (&fetcher, SITE.url("delay.test", &format!("/page/{page}")));
            threads.spawn(move || fetcher.get(&url, within(PATIENCE)).unwrap());
        }
    });
    let times: Vec<_> = SITE.pages("delay.test").iter().map(|hit| hit.begin).collect();
    assert_eq!(times.len(), 4);
    for pair in times.windows(2) {
        assert!(pair[1] - pair[0] >= Duration::from_millis(299), "{:?}", pair[1] - pair[0]);
    }
    assert_eq!(SITE.all("delay.test").len(), 5, "robots.txt is asked for once");
    assert_eq!(
        fetcher.sitemaps(&SITE.url("delay.test", "/"), within(PATIENCE)).unwrap(),
        ["http://a.test/s.xml"]
    );
}

/// A thread that gets its turn as soon as another one has the rules finds them in memory.
#[test]
fn threads_that_meet_at_a_site_ask_for_its_rules_once() {
    let fetcher = fetcher();
    for site in (0..100).map(|number| format!("meet-{number}.test")) {
        std::thread::scope(|threads| {
            for page in 0..3 {
                let (fetcher, url) = (&fetcher, SITE.url(&site, &format!("/page/{page}")));
                threads.spawn(move || fetcher.get(&url, within(PATIENCE)).unwrap());
            }
        });
        assert_eq!(SITE.all(&site).len(), 4, "three pages and the rules of {site}");
    }
}

#[test]
fn a_wait_that_does_not_fit_is_refused_and_the_longest_wait_holds() {
    let mut config = config("Myelin-Test");
    config.limits.wait_most = Duration::from_secs(3);
    let fetcher = Fetcher::new(config).unwrap();
    let url = SITE.url("long-delay.test", "/plain");
    let begin = Instant::now();
    fetcher.get(&url, within(PATIENCE)).unwrap();
    assert!(matches!(fetcher.get(&url, within(100)), Err(FetchError::TooBusy { .. })));
    fetcher.get(&url, within(PATIENCE)).unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(3));
}

#[test]
fn a_site_that_shows_crawlers_another_page_is_seen_by_its_hash() {
    let url = SITE.url("cloak.test", "/cloaked");
    let own = fetcher().get(&url, within(PATIENCE)).unwrap();
    let other = Fetcher::new(config("Other")).unwrap().get(&url, within(PATIENCE)).unwrap();
    assert_ne!(own.hash, other.hash);
}

#[test]
fn an_endless_calendar_is_left_after_a_year() {
    let fetcher = fetcher();
    let mut url = normal(&SITE.url("calendar.test", "/calendar/2026/11")).unwrap();
    let mut pages = 0;
    while !is_trap(&url, 2026) {
        let text = fetcher.get(url.as_str(), within(PATIENCE)).unwrap().text;
        let link = text.split(['=', '>']).nth(1).unwrap();
        url = url.join(link).unwrap();
        pages += 1;
        assert!(pages < 50, "{url}");
    }
    assert_eq!(pages, 14);
}

/// Run it alone, as memory is that of the whole process: `it --ignored --nocapture hostile`.
#[test]
#[ignore = "measures the memory of the process; `make test-long` runs it"]
fn hostile_answers_leave_no_memory_behind() {
    let resident = || {
        let text = std::fs::read_to_string("/proc/self/statm").unwrap();
        text.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    };
    let fetcher = fetcher();
    let flood = raw(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        loop {
            stream.write_all(b"x: y\r\n")?;
        }
    });
    let round = |at: usize| {
        let host = format!("memory-{at}.test");
        assert!(fetcher.get(&SITE.url(&host, "/slow/endless"), within(PATIENCE)).is_err());
        assert!(fetcher.get(&SITE.url(&host, "/coding/gzip"), within(PATIENCE)).is_ok());
        assert!(fetcher.get(&SITE.url(&host, "/large/1000000"), within(PATIENCE)).is_ok());
        assert!(fetcher.get(&format!("http://{host}:{flood}/"), within(PATIENCE)).is_err());
    };
    let mut sizes = Vec::new();
    for block in 0..5 {
        (block * 100..(block + 1) * 100).for_each(round);
        sizes.push(resident() >> 20);
    }
    println!("MiB after each 400 fetches: {sizes:?}");
    // One body or head kept of each of 1200 fetches would be 100 MiB and more.
    assert!(sizes[4] < sizes[1] + 40);
}

#[tokio::test]
async fn a_thread_of_another_runtime_may_block_and_drop() {
    let fetcher = fetcher();
    assert_eq!(fetcher.get(&SITE.url("nested.test", "/plain"), within(PATIENCE)).unwrap().status, 200);
    drop(fetcher);
}
