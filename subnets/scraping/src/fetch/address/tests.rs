use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;

use super::*;

fn spelled(text: &str) -> String {
    normal(text).unwrap().into()
}

#[test]
fn spellings_of_one_page_have_one_normal_form() {
    for (text, expected) in [
        ("HTTP://Example.ORG:80", "http://example.org/"),
        ("https://example.org:443/a/../b/./c#part", "https://example.org/b/c"),
        ("http://example.org./%7euser/%41%2f%c3%bc", "http://example.org/~user/A%2F%C3%BC"),
        ("http://example.org/ü?q=ö", "http://example.org/%C3%BC?q=%C3%B6"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://example.org/a?utm_source=x&b=2&a=1&GCLID=3&utm%5fmedium=4", "http://example.org/a?b=2&a=1"),
        ("http://example.org/a?fbclid=1", "http://example.org/a"),
        ("http://example.org/a?", "http://example.org/a"),
        ("http://example.org/100%?a=%zz&&", "http://example.org/100%25?a=%25zz"),
        ("http://example.org/%2e%2E/x", "http://example.org/x"),
        (" http://example.org/a\n/b\t", "http://example.org/a/b"),
        ("http:\\\\example.org\\a", "http://example.org/a"),
    ] {
        assert_eq!(spelled(text), expected, "{text}");
    }
}

#[test]
fn addresses_that_are_no_web_pages_have_named_errors() {
    assert!(matches!(normal("ftp://example.org/"), Err(FetchError::Scheme { .. })));
    assert!(matches!(normal("file:///etc/passwd"), Err(FetchError::Scheme { .. })));
    assert!(matches!(normal("javascript:alert(1)"), Err(FetchError::Scheme { .. })));
    assert!(matches!(normal("http://user@example.org/"), Err(FetchError::Credentials { .. })));
    let error = normal("http://user:secret@example.org/").unwrap_err().to_string();
    assert!(error.contains("example.org") && !error.contains("secret"), "{error}");
    for port in [22, 25, 8, 1023, 6000, 6667, 2049] {
        assert!(matches!(normal(&format!("http://a.test:{port}/")), Err(FetchError::Port { .. })), "{port}");
    }
    for port in [80, 443, 1024, 8080] {
        assert!(normal(&format!("http://a.test:{port}/")).is_ok(), "{port}");
    }
    for text in
        ["", "/a", "http://", "http://a b/", "http://[::1", "http://1.2.3.4.5/", "http://a.test:99999/"]
    {
        assert!(matches!(normal(text), Err(FetchError::BadUrl { .. })), "{text}");
    }
    let long = format!("http://a.test/{}", "a".repeat(MAX_URL_BYTES));
    assert!(matches!(normal(&long), Err(FetchError::BadUrl { .. })));
    let grows = format!("http://a.test/{}", "ü".repeat(MAX_URL_BYTES / 3));
    assert!(matches!(normal(&grows), Err(FetchError::BadUrl { .. })), "the escaped form has the same limit");
    let grows = format!("http://a.test/{}", "%".repeat(MAX_URL_BYTES / 2));
    assert!(matches!(normal(&grows), Err(FetchError::BadUrl { .. })));
}

fn config(takedown: &[&str]) -> FetchConfig {
    FetchConfig {
        agent: "Test/1".into(),
        contact: "a@a.test".into(),
        reaches: |ip| ip.to_canonical() == IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
        names: |_| Ok(Vec::new()),
        takedown: takedown.iter().map(|entry| takedown_entry(entry).unwrap()).collect(),
        limits: crate::fetch::Limits::default(),
    }
}

#[test]
fn numbers_in_any_spelling_are_checked() {
    for inner in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "0",
        "10.0.0.1",
    ] {
        let url = normal(&format!("http://{inner}/")).unwrap();
        assert!(matches!(permit(&url, &config(&[])), Err(FetchError::Private { .. })), "{inner} {url}");
    }
    for open in ["8.8.8.8", "134744072", "0x08080808", "[::ffff:8.8.8.8]", "a.test"] {
        assert_eq!(permit(&normal(&format!("http://{open}/")).unwrap(), &config(&[])), Ok(()), "{open}");
    }
}

#[test]
fn pages_that_were_taken_down_do_not_return_by_their_spelling() {
    let config = config(&["Gone.example", "part.example/People/Max Müller"]);
    for text in [
        "http://gone.example/",
        "https://GONE.example.:8080/x",
        "http://www.gone.example/",
        "http://part.example/people/max%20m%C3%BCller",
        "http://part.example//people///Max%20M%c3%bcller/photos?x",
        "http://www.part.example/%50eople/max%20m%C3%BCller",
        "http://part.example/x/../people/max%20m%C3%BCller",
    ] {
        let url = parse(text, None).unwrap();
        assert!(matches!(permit(&url, &config), Err(FetchError::TakenDown { .. })), "{text}");
    }
    for text in ["http://notgone.example/", "http://part.example/people/", "http://example/"] {
        assert_eq!(permit(&normal(text).unwrap(), &config), Ok(()), "{text}");
    }
    for wrong in ["", "/path", "a.test:8080", "a b", "u@a.test", "a.test/?q"] {
        assert_eq!(takedown_entry(wrong), None, "{wrong}");
    }
}

#[test]
fn traps_are_told_from_pages() {
    let trap = |path: &str| is_trap(&normal(&format!("http://a.test{path}")).unwrap(), 2026);
    for path in [
        "/calendar/2041/03",
        "/calendar/2041/3",
        "/calendar?year=2019&month=3",
        "/events/2031-05-01",
        "/events?date=2023-05",
        "/2099/01/02/title",
        "/a/b/a/b",
        "/x/x/x/x",
        "/a/b/c/d/e/f/g/h/i/j/k/l/m",
        "/a////b",
        "/list?f=1&f=2&f=3&f=4&f=5",
        "/list?a&b&c&d&e&f&g&h&i&j&k&l&m",
    ] {
        assert!(trap(path), "{path}");
    }
    for path in [
        "/",
        "/2024/03/12/a-title",
        "/1890/03/old-paper",
        "/calendar/2026/12",
        "/calendar/2027/01",
        "/events/2025-11-30",
        "/docs/en/latest/reference/index.html",
        "/search?q=rust&page=2&sort=new",
        "/file//twice",
        "/2099",
        "/product/4711/12",
        "/item/2345/7",
        "/item/2045/7",
        "/item/2345/07",
    ] {
        assert!(!trap(path), "{path}");
    }
}

proptest! {
    #[test]
    fn the_normal_form_is_its_own_normal_form(text in "https?://[a-zA-Z0-9.]{1,8}(:80)?/([a-z/.%~ü2eE]|%[0-9a-fA-F]{2}|utm_){0,20}(\\?([a-z&=%+/]|%[0-9a-f]{2}|utm_x){0,20})?(#.*)?") {
        if let Ok(url) = normal(&text) {
            prop_assert_eq!(normal(url.as_str()).unwrap(), url);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "(https?://)?\\PC{0,60}", year in 1000u32..9999) {
        if let Ok(url) = normal(&text) {
            prop_assert!(url.as_str().len() <= MAX_URL_BYTES && url.fragment().is_none());
            let _ = (is_trap(&url, year), permit(&url, &config(&["a.example/x"])));
        }
    }
}
