//! Rules of a site's robots.txt (RFC 9309), with the extensions `Crawl-delay` and `Sitemap`.

use std::cmp::Reverse;
use std::time::Duration;

use url::{Position, Url};

use super::address::{escaped, is_unreserved};

/// Bytes of robots.txt that are read; section 2.5 asks for at least these.
pub const ROBOTS_BYTES: usize = 500 * 1024;

/// Sitemaps that are kept of one site.
const MAX_SITEMAPS: usize = 64;

/// The rules for one product, the most specific first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Robots {
    rules: Vec<Rule>,
    /// Least time between two requests that the site asks for.
    pub delay: Option<Duration>,
    /// Addresses of sitemaps, as written.
    pub sitemaps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    pattern: String,
    allow: bool,
}

impl Robots {
    /// Reads the rules for `product`. All groups that name it count together, and without one those of `*`.
    pub fn parse(text: &[u8], product: &str) -> Self {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut own = Robots::default();
        let mut others = Robots::default();
        let mut sitemaps = Vec::new();
        let (mut names_own, mut names_all, mut in_names, mut found) = (false, false, false, false);
        for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
            let Some((key, value)) = field(line) else { continue };
            match key.to_ascii_lowercase().as_slice() {
                b"user-agent" => {
                    // A name after rules begins a new group; names that follow each other share one.
                    if !in_names {
                        (names_own, names_all, in_names) = (false, false, true);
                    }
                    names_own |= token(value).eq_ignore_ascii_case(product.as_bytes());
                    names_all |= value.first() == Some(&b'*');
                    found |= names_own;
                }
                key @ (b"allow" | b"disallow") => {
                    in_names = false;
                    if let Some(pattern) = pattern(value) {
                        let rule = Rule { pattern, allow: key == b"allow" };
                        names_all.then(|| others.rules.push(rule.clone()));
                        names_own.then(|| own.rules.push(rule));
                    }
                }
                b"crawl-delay" => {
                    let delay = seconds(value);
                    names_own.then(|| own.delay = own.delay.max(delay));
                    names_all.then(|| others.delay = others.delay.max(delay));
                }
                b"sitemap"
                    if sitemaps.len() < MAX_SITEMAPS && value.len() <= super::address::MAX_URL_BYTES =>
                {
                    sitemaps.extend(std::str::from_utf8(value).map(str::to_owned));
                }
                _ => {}
            }
        }
        let mut chosen = if found { own } else { others };
        chosen.rules.sort_by_key(|rule| Reverse((rule.pattern.len(), rule.allow)));
        chosen.rules.dedup();
        Robots { sitemaps, ..chosen }
    }

    /// The rule that disallows a page, if one does.
    ///
    /// "The most specific match found MUST be used. The most specific match is the match that has the most octets."
    /// (section 2.2.2). Of an allow and a disallow rule of one length, the allow rule counts.
    pub fn disallows(&self, url: &Url) -> Option<&str> {
        if url.path() == "/robots.txt" {
            return None;
        }
        let path = comparable(url[Position::BeforePath..Position::AfterQuery].as_bytes(), false);
        let rule = self.rules.iter().find(|rule| matches(&rule.pattern, &path))?;
        (!rule.allow).then_some(rule.pattern.as_str())
    }

    /// Bytes of memory, for the limit of a cache.
    pub(super) fn weight(&self) -> usize {
        let rules = self.rules.iter().map(|rule| rule.pattern.capacity() + 48);
        rules.chain(self.sitemaps.iter().map(|sitemap| sitemap.capacity() + 40)).sum::<usize>() + 256
    }
}

/// The key and the value of a line without its comment.
fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.split(|byte| *byte == b'#').next()?;
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some((line[..colon].trim_ascii(), line[colon + 1..].trim_ascii()))
}

/// The product token that begins a value: `Name` of `Name/1.0`.
fn token(value: &[u8]) -> &[u8] {
    let end = value.iter().position(|byte| !is_token(*byte)).unwrap_or(value.len());
    &value[..end]
}

/// Characters of a product token (section 2.2.1).
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_')
}

/// A decimal number of seconds. More than a day is a day.
fn seconds(value: &[u8]) -> Option<Duration> {
    let text = std::str::from_utf8(value).ok()?;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let thousandths = format!("{part:0<3}")[..3].parse::<u64>().ok()?;
    let whole = whole.parse::<u64>().ok()?.min(86_400);
    Some(Duration::from_millis(whole * 1000 + thousandths))
}

/// The comparable form of a rule's path; nothing for an empty one, which matches no page.
fn pattern(value: &[u8]) -> Option<String> {
    let mut form = comparable(value, true);
    if form.is_empty() {
        return None;
    }
    if !form.starts_with(['/', '*']) {
        form.insert(0, '/');
    }
    Some(form)
}

/// The form in which paths and patterns are compared (section 2.2.2): only ASCII, one spelling of each octet.
///
/// Escapes of unreserved characters are undone. In a query, so are escapes of the reserved ones that separate nothing
/// there, which makes `?to=https://a` and `?to=https%3A%2F%2Fa` one. A literal `*` or `$` is escaped.
fn comparable(text: &[u8], pattern: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut at, mut query) = (0, false);
    while at < text.len() {
        let code = (text[at] == b'%').then(|| escaped(&text[at + 1..])).flatten();
        let byte = code.unwrap_or(text[at]);
        let last = at + 1 == text.len();
        at += if code.is_some() { 3 } else { 1 };
        let special = match (byte, code.is_some()) {
            (b'*', false) => pattern,
            (b'$', false) => pattern && last,
            (_, true) => query && b":/?@!'(),".contains(&byte),
            (_, false) => b":/?#[]@!&'()+,;=".contains(&byte),
        };
        if byte == b'*' && special && out.ends_with('*') {
            continue;
        }
        if special || is_unreserved(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        query |= byte == b'?' && code.is_none();
    }
    out
}

/// Whether a pattern matches the beginning of a path, or all of it if it ends in `$`.
///
/// The leftmost place of each literal piece is enough, so time grows with the sum of both lengths.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, whole) = pattern.strip_suffix('$').map_or((pattern, false), |pattern| (pattern, true));
    let mut pieces = pattern.split('*').peekable();
    let Some(mut rest) = path.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    if pieces.peek().is_none() {
        return !whole || rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if whole && pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    true
}

#[cfg(test)]
mod tests;
