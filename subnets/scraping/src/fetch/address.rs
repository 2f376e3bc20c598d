//! Addresses of pages: the ones that may be asked for, their normal form, and traps for crawlers.

use std::collections::HashMap;

use url::{Host, Url};

use super::{FetchConfig, FetchError};

/// Longest address, as given and in its normal form.
pub const MAX_URL_BYTES: usize = 2048;

/// Ports above 1023 that browsers refuse, because other protocols live there (WHATWG Fetch, "port blocking").
const BLOCKED_PORTS: [u16; 20] = [
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
    6697, 10080, 10081,
];

/// Parameters that name the visitor's way to a page, and not the page.
const TRACKING: [&str; 18] = [
    "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "ysclid", "twclid",
    "ttclid", "igshid", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "_ga", "_gl",
];

/// The address in the form by which pages are compared.
///
/// The fragment, the default port, dots at a host's end and tracking parameters are removed. Escapes of unreserved
/// characters are undone, others have capital digits. The order of parameters stays: a server may depend on it.
pub fn normal(text: &str) -> Result<Url, FetchError> {
    normalised(parse(text, None)?)
}

pub(super) fn normalised(mut url: Url) -> Result<Url, FetchError> {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_end_matches('.').to_owned();
    if bare.len() < host.len() && !bare.is_empty() {
        url.set_host(Some(&bare)).map_err(|error| bad(url.as_str(), error.to_string()))?;
    }
    let kept = url.query().map(|query| {
        let pairs = query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair));
        plain_escapes(&pairs.collect::<Vec<_>>().join("&"))
    });
    url.set_query(kept.as_deref().filter(|query| !query.is_empty()));
    url.set_path(&plain_escapes(url.path()));
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(bad(url.as_str(), format!("it has {} bytes", url.as_str().len())));
    }
    Ok(url)
}

/// Reads an address, or a redirect's target relative to `base`, and checks what can be checked without a resolver.
pub(super) fn parse(text: &str, base: Option<&Url>) -> Result<Url, FetchError> {
    if text.len() > MAX_URL_BYTES {
        return Err(bad(text, format!("it has {} bytes", text.len())));
    }
    let parsed = base.map_or_else(|| Url::parse(text), |base| base.join(text));
    let mut url = parsed.map_err(|error| bad(text, error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FetchError::Scheme { url: shown(text), scheme: shown(url.scheme()) });
    }
    if !url.username().is_empty() || url.password().is_some() {
        let _ = (url.set_username(""), url.set_password(None));
        return Err(FetchError::Credentials { url: shown(url.as_str()) });
    }
    if let Some(port) = url.port() {
        let open = matches!(port, 80 | 443) || (port >= 1024 && !BLOCKED_PORTS.contains(&port));
        if !open {
            return Err(FetchError::Port { url: url.into(), port });
        }
    }
    url.set_fragment(None);
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(bad(text, format!("it has {} bytes once escaped", url.as_str().len())));
    }
    Ok(url)
}

/// Refuses addresses in numbers that are not public, and pages that the operator took down.
pub(super) fn permit(url: &Url, config: &FetchConfig) -> Result<(), FetchError> {
    let number = match url.host() {
        Some(Host::Ipv4(ip)) => Some(ip.into()),
        Some(Host::Ipv6(ip)) => Some(ip.into()),
        _ => None,
    };
    if let Some(ip) = number.filter(|ip| !(config.reaches)(*ip)) {
        return Err(FetchError::Private { url: url.to_string(), address: ip.to_string() });
    }
    match config.takedown.iter().find(|entry| covers(entry, url)) {
        Some(entry) => Err(FetchError::TakenDown { url: url.to_string(), entry: entry.clone() }),
        None => Ok(()),
    }
}

/// Whether a takedown entry covers a page. A host covers its subdomains, and a path all paths that begin with it.
///
/// Letter case, doubled slashes and escapes do not matter: a page that was taken down must not return by its spelling.
fn covers(entry: &str, url: &Url) -> bool {
    let (host, path) = entry.split_once('/').unwrap_or((entry, ""));
    let own = url.host_str().unwrap_or_default().trim_end_matches('.');
    let below = own.strip_suffix(host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    below && folded(&url[url::Position::BeforePath..]).starts_with(&folded(&format!("/{path}")))
}

fn folded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for letter in plain_escapes(path).to_lowercase().chars() {
        if letter != '/' || !out.ends_with('/') {
            out.push(letter);
        }
    }
    out
}

/// A takedown entry with its host and path spelled like those of addresses, or nothing if it names no host.
pub(super) fn takedown_entry(entry: &str) -> Option<String> {
    let (host, path) = entry.trim().split_once('/').unwrap_or((entry.trim(), ""));
    let url = Url::parse(&format!("http://{host}/{path}")).ok()?;
    let plain = url.port().is_none()
        && url.username().is_empty()
        && url.query().is_none()
        && url.fragment().is_none();
    Some(format!("{}{}", url.host_str()?.trim_end_matches('.'), url.path()))
        .filter(|_| plain && !host.is_empty())
}

fn is_tracking(pair: &str) -> bool {
    let name = plain_escapes(pair.split('=').next().unwrap_or_default()).to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

/// Undoes escapes of unreserved characters, gives the others capital digits, and escapes a stray `%`.
fn plain_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        rest = after;
        match escaped(after.as_bytes()) {
            Some(byte) if is_unreserved(byte) => out.push(char::from(byte)),
            Some(byte) => out.push_str(&format!("%{byte:02X}")),
            None => out.push_str("%25"),
        }
        if escaped(after.as_bytes()).is_some() {
            rest = &after[2..];
        }
    }
    out + rest
}

/// The byte whose two hexadecimal digits begin `digits`.
pub(super) fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| digits.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// RFC 3986, section 2.3.
pub(super) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn bad(text: &str, reason: String) -> FetchError {
    FetchError::BadUrl { url: shown(text), reason }
}

/// The first 200 characters of a stranger's text, without control characters.
pub(super) fn shown(text: &str) -> String {
    text.chars()
        .take(200)
        .map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter })
        .collect()
}

/// Whether an address looks like one of endlessly many that a site makes up. `year` is the current one.
///
/// Signs: more than 12 path segments or parameters, a segment or parameter that comes back, and several empty segments.
/// Others are a date after next year, and a date on a calendar's page that is more than a year away.
pub fn is_trap(url: &Url, year: u32) -> bool {
    const MOST: usize = 12;
    let segments: Vec<&str> = url.path().split('/').skip(1).collect();
    let pairs: Vec<(String, String)> =
        url.query_pairs().map(|(name, value)| (name.to_lowercase(), value.to_lowercase())).collect();
    if segments.len() > MOST || pairs.len() > MOST {
        return true;
    }
    if segments.iter().filter(|segment| segment.is_empty()).count() > 2 {
        return true;
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for segment in segments.iter().filter(|segment| !segment.is_empty()) {
        *counts.entry(segment).or_default() += 1;
    }
    let mut names: HashMap<&str, usize> = HashMap::new();
    for (name, _) in &pairs {
        *names.entry(name).or_default() += 1;
    }
    if counts.values().any(|count| *count > 3)
        || names.values().any(|count| *count > 4)
        || has_cycle(&segments)
    {
        return true;
    }
    let calendar =
        segments.iter().copied().chain(pairs.iter().map(|(name, _)| name.as_str())).any(is_calendar);
    years(&segments, &pairs, calendar)
        .iter()
        .filter(|found| **found <= year.saturating_add(FAR))
        .any(|found| *found > year.saturating_add(1) || (calendar && found + 1 < year))
}

/// Years ahead from which on a number names something else: a calendar is left long before.
const FAR: u32 = 100;

/// Whether two segments or more follow each other twice, like `/a/b/a/b`.
fn has_cycle(segments: &[&str]) -> bool {
    (2..=segments.len() / 2).any(|length| {
        segments
            .windows(2 * length)
            .any(|window| window[..length] == window[length..] && !window[0].is_empty())
    })
}

fn is_calendar(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["calendar", "kalender", "calendrier", "agenda", "events", "month", "week"]
        .iter()
        .any(|sign| word.contains(sign))
}

/// The years of dates like `/2024/05`, `/2024-05-01`, `?year=2024` and `?date=2024-05`. Only a calendar writes months
/// with one digit: `/item/2045/7` is no date.
fn years(segments: &[&str], pairs: &[(String, String)], calendar: bool) -> Vec<u32> {
    let number =
        |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let whole = move |text: &str| number(text).filter(|year| (1000..3000).contains(year));
    let month = move |text: &str| number(text).is_some_and(|month| (1..=12).contains(&month));
    let dashed = move |text: &str| {
        let mut parts = text.split('-');
        let year = whole(parts.next()?)?;
        month(parts.next()?).then_some(year)
    };
    let apart = segments.windows(2).filter_map(move |pair| {
        let is_month = month(pair[1]) && (calendar || pair[1].len() == 2);
        whole(pair[0]).filter(|_| is_month)
    });
    let together = segments.iter().filter_map(move |segment| dashed(segment));
    let asked = pairs.iter().filter_map(move |(name, value)| {
        dashed(value)
            .or_else(|| whole(value).filter(|_| matches!(name.as_str(), "year" | "y" | "yr" | "jahr")))
    });
    apart.chain(together).chain(asked).collect()
}

#[cfg(test)]
mod tests;
