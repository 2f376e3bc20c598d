use std::time::Instant;

use proptest::prelude::*;

use super::*;

fn allowed(robots: &str, path: &str) -> bool {
    let url = Url::parse("http://a.test").unwrap().join(path).unwrap();
    Robots::parse(robots.as_bytes(), "Myelin-Scraper").disallows(&url).is_none()
}

#[test]
fn groups_of_one_agent_are_merged_and_others_ignored() {
    let text = "User-agent: other\nDisallow: /other\n\nuser-AGENT: myelin-scraper\nDisallow: /a\n\n\
        User-agent: *\nDisallow: /rest\n\nUser-agent: x\nUser-agent: MYELIN-SCRAPER/2.0 (bot)\nDisallow: /b\n";
    assert!(!allowed(text, "/a") && !allowed(text, "/b"));
    assert!(
        allowed(text, "/other") && allowed(text, "/rest"),
        "the group of `*` is only for products without one"
    );
}

#[test]
fn products_without_a_group_follow_all_groups_of_the_star() {
    let text = "User-agent: *\nDisallow: /a\nUser-agent: Myelin\nDisallow: /m\nUser-agent: *\nDisallow: /b";
    assert!(!allowed(text, "/a") && !allowed(text, "/b") && allowed(text, "/m"));
    assert!(allowed(
        "User-agent: myelin-scraper\n\nUser-agent: *\nAllow: /\nUser-agent: *\nDisallow: /",
        "/a"
    ));
    assert!(allowed("Disallow: /", "/a"), "a rule before any name is nobody's");
    assert!(allowed("User-agent: myelin-scraper\nDisallow:\nUser-agent: *\nDisallow: /", "/a"));
}

#[test]
fn other_lines_do_not_end_a_group() {
    let text = "User-agent: x\nSitemap: http://a.test/s.xml\nCrawl-delay: 3\nno colon\nHost: b\n\n\
        User-agent: myelin-scraper\nDisallow: /x";
    assert!(!allowed(text, "/x"));
    assert!(!allowed("User-agent: myelin-scraper\nUser-agent: x\nDisallow: /x", "/x"));
}

#[test]
fn the_longest_match_counts_and_allow_goes_before_disallow() {
    let text =
        "User-agent: *\nDisallow: /\nAllow: /open\nDisallow: /open/but\nAllow: /page\nDisallow: /page\n";
    for (path, expected) in
        [("/", false), ("/open/x", true), ("/open/but", false), ("/page", true), ("/pag", false)]
    {
        assert_eq!(allowed(text, path), expected, "{path}");
    }
    assert!(allowed(text, "/robots.txt"));
}

#[test]
fn stars_and_dollars_match_as_written_in_the_rfc() {
    for (pattern, path, matched) in [
        ("/", "/x", true),
        ("/*", "/", true),
        ("*", "/x", true),
        ("/fish", "/fish.html", true),
        ("/fish", "/Fish", false),
        ("/fish", "/catfish", false),
        ("/fish*", "/fish", true),
        ("/fish/", "/fish", false),
        ("/*.php", "/folder/any.php.file.html", true),
        ("/*.php", "/windows.PHP", false),
        ("/*.php$", "/filename.php", true),
        ("/*.php$", "/filename.php?parameters", false),
        ("/*.php$", "/a.phpb.php", true),
        ("/fish*.php", "/fishheads/catfish.php?parameters", true),
        ("/a$", "/a", true),
        ("/a$", "/ab", false),
        ("/a*$", "/ab", true),
        ("/a$b", "/a$b", true),
        ("/a$b", "/a", false),
        ("/a%2Ab", "/a*b", true),
        ("/a%2Ab", "/axb", false),
        ("/a%24", "/a$b", true),
        ("a", "/ab", true),
    ] {
        assert_eq!(
            !allowed(&format!("user-agent: *\ndisallow: {pattern}"), path),
            matched,
            "{pattern} {path}"
        );
    }
}

#[test]
fn escapes_are_one_with_what_they_stand_for() {
    for (pattern, path) in [
        ("/foo/bar?baz=quz", "/foo/bar?baz=quz"),
        ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar"),
        ("/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https://foo.bar"),
        ("/*to=/", "/a?to=/b"),
        ("/foo/bar/ツ", "/foo/bar/%E3%83%84"),
        ("/foo/bar/%e3%83%84", "/foo/bar/ツ"),
        ("/foo/bar/%62%61%7A", "/foo/bar/baz"),
        ("/foo/bar/baz", "/foo/bar/%62%61%7A"),
        ("/a b|c", "/a%20b|c"),
        ("/50%", "/50%25"),
    ] {
        assert!(!allowed(&format!("user-agent: *\ndisallow: {pattern}"), path), "{pattern} {path}");
    }
    assert!(allowed("user-agent: *\ndisallow: /a%2Fb", "/a/b"), "an escaped slash is no separator");
}

#[test]
fn marks_comments_and_line_ends_do_not_matter() {
    for text in [
        "\u{feff}User-agent: *\nDisallow: /a",
        "User-agent: *\rDisallow: /a\r",
        "User-agent: *\r\nDisallow: /a\r\n",
        "# first\n  USER-agent :\t* # all\n\n\n Disallow :  /a   # not this",
        "User-agent: *\0\nUser-agent: *\nDisallow: /a",
    ] {
        assert!(!allowed(text, "/a") && allowed(text, "/b"), "{text:?}");
    }
    let bytes = b"user-agent: *\ndisallow: /\xe4";
    let url = Url::parse("http://a.test/%E4").unwrap();
    assert!(
        Robots::parse(bytes, "x").disallows(&url).is_some(),
        "bytes outside UTF-8 are escaped one by one"
    );
}

#[test]
fn delays_and_sitemaps_are_read() {
    let text = "Sitemap: http://a.test/1\nUser-agent: *\nCrawl-delay: 5\nUser-agent: x\nCrawl-delay: 1.25\n\
        Disallow: /x\nSITEMAP:http://a.test/2";
    let of = |product| Robots::parse(text.as_bytes(), product);
    assert_eq!(of("y").delay, Some(Duration::from_secs(5)));
    assert_eq!(of("x").delay, Some(Duration::from_millis(1250)));
    assert_eq!(of("y").sitemaps, ["http://a.test/1", "http://a.test/2"]);
    for (written, delay) in [("x", None), ("-1", None), ("", None), ("1e9", None), ("99999999", Some(86_400))]
    {
        let robots = Robots::parse(format!("user-agent: *\ncrawl-delay: {written}").as_bytes(), "x");
        assert_eq!(robots.delay, delay.map(Duration::from_secs), "{written}");
    }
    let many = "sitemap: http://a.test/\n".repeat(1000);
    assert_eq!(Robots::parse(many.as_bytes(), "x").sitemaps.len(), MAX_SITEMAPS);
}

/// A rule's match as a table over all pairs of prefixes: the literal twin of [`matches`].
fn literal(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, whole) = pattern.strip_suffix(b"$").map_or((pattern, false), |pattern| (pattern, true));
    // row[i] tells whether the pattern so far matches exactly the first i bytes of the path.
    let mut row: Vec<bool> = (0..=path.len()).map(|length| length == 0).collect();
    for letter in pattern {
        row = (0..=path.len())
            .map(|length| match letter {
                b'*' => row[..=length].contains(&true),
                letter => length > 0 && row[length - 1] && path[length - 1] == *letter,
            })
            .collect();
    }
    if whole {
        row[path.len()]
    } else {
        row.contains(&true)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_matcher_agrees_with_its_literal_twin(pattern in "/?[ab*]{0,8}\\$?", path in "/[ab]{0,12}") {
        prop_assert_eq!(matches(&pattern, &path), literal(pattern.as_bytes(), path.as_bytes()));
    }

    #[test]
    fn the_verdict_is_that_of_the_longest_matching_rule(
        rules in proptest::collection::vec(("/[ab*]{0,4}\\$?", any::<bool>()), 0..6),
        path in "/[ab]{0,6}",
    ) {
        let lines = rules.iter().map(|(path, allow)| format!("{}: {path}\n", if *allow { "allow" } else { "disallow" }));
        let text = lines.fold("user-agent: *\n".to_owned(), |text, line| text + &line);
        // Runs of stars are one star.
        let short = |path: &str| path.split("**").fold(path.to_owned(), |path, _| path.replace("**", "*"));
        let found = rules.iter().map(|(path, allow)| (short(path), *allow));
        let best = found.filter(|(pattern, _)| literal(pattern.as_bytes(), path.as_bytes()))
            .max_by_key(|(pattern, allow)| (pattern.len(), *allow));
        prop_assert_eq!(allowed(&text, &path), best.is_none_or(|(_, allow)| allow));
    }

    #[test]
    fn any_bytes_are_read_and_lines_may_end_in_any_way(
        text in "((user-agent|disallow|allow|crawl-delay|sitemap|x)[ :#]{0,3}[*/a$%2A.0ツ]{0,6}\n)*",
        tail in proptest::collection::vec(any::<u8>(), 0..60),
        path in "/[ -~]{0,10}",
    ) {
        let Ok(url) = Url::parse("http://a.test").unwrap().join(&path) else { return Ok(()) };
        let bytes = [text.as_bytes(), &tail].concat();
        let _ = Robots::parse(&bytes, "a").disallows(&url);
        let one = Robots::parse(text.as_bytes(), "a");
        prop_assert_eq!(&one, &Robots::parse(text.replace('\n', "\r\n").as_bytes(), "a"));
        prop_assert_eq!(&one, &Robots::parse(text.replace('\n', "\r").as_bytes(), "a"));
    }
}

/// Prints the times of hostile rules: `cargo test -p myelin-scraping hostile -- --nocapture`.
#[test]
fn hostile_rules_are_checked_in_bounded_time() {
    let url = Url::parse(&format!("http://a.test/{}", "a".repeat(2000))).unwrap();
    let rule = |pattern: &str| format!("disallow: {pattern}\n");
    for (name, rule) in [
        ("stars", rule(&format!("/{}b", "*a".repeat(900)))),
        ("many", rule("/*a*b")),
        ("long", rule(&format!("/*{}b", "a".repeat(1000)))),
    ] {
        let mut text = "user-agent: *\n".to_owned();
        while text.len() + rule.len() <= ROBOTS_BYTES {
            text += &rule;
        }
        // Each rule differs, so that none is left out as a repetition.
        let lines = text.lines().enumerate().map(|(at, line)| format!("{line}{at:x}\n"));
        let text: String = lines.collect();
        let text = text.replacen("user-agent: *0", "user-agent: *", 1);
        let text = &text[..text[..ROBOTS_BYTES.min(text.len())].rfind('\n').unwrap()];
        let begin = Instant::now();
        let robots = Robots::parse(text.as_bytes(), "x");
        let (parsed, rules) = (begin.elapsed(), robots.rules.len());
        assert!(robots.disallows(&url).is_none() && rules > 100);
        let (checked, weight) = (begin.elapsed() - parsed, robots.weight());
        println!("{name}: {rules} rules, {weight} bytes, parsed in {parsed:?}, checked in {checked:?}");
        assert!(parsed + checked < Duration::from_secs(30));
    }
}
