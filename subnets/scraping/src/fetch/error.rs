//! Causes of a failed fetch, one variant each.

/// Reason for which a page was not fetched. Each text names the attempt, the finding and the next step.
// The messages say what each cause means.
#[allow(missing_docs)]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error("setting up the fetcher: `{field}` is {found}; set it to {wanted}")]
    Config { field: &'static str, found: String, wanted: &'static str },
    #[error("reading the address {url}: {reason}; give a whole http or https address of at most 2048 bytes")]
    BadUrl { url: String, reason: String },
    #[error("fetching {url}: the scheme is {scheme}; only http and https are fetched")]
    Scheme { url: String, scheme: String },
    #[error("fetching {url}: the address carries a user name or password; give it without them")]
    Credentials { url: String },
    #[error("fetching {url}: port {port} is not for web pages; use 80, 443, or another one above 1023")]
    Port { url: String, port: u16 },
    #[error("fetching {url}: {address} is not a public address; give the address of a public site")]
    Private { url: String, address: String },
    #[error(
        "fetching {from}: it redirects to {url}, and {address} is not a public address; leave the page out"
    )]
    RedirectToPrivate { from: String, url: String, address: String },
    #[error("fetching {url}: the operator's takedown entry `{entry}` covers it; leave the page out")]
    TakenDown { url: String, entry: String },
    #[error("fetching {url}: robots.txt disallows it by `{rule}`; leave the page out")]
    Disallowed { url: String, rule: String },
    #[error("fetching {url}: its robots.txt cannot be read ({reason}), which disallows all; try again in 5 minutes")]
    RobotsUnreachable { url: String, reason: String },
    #[error("fetching {url}: it redirects more than {most} times; give the address where the chain ends")]
    TooManyRedirects { url: String, most: usize },
    #[error("fetching {url}: its redirects lead back to {again}; leave the page out")]
    RedirectLoop { url: String, again: String },
    #[error("fetching {url}: it redirects from https to {to}; leave the page out")]
    Downgrade { url: String, to: String },
    #[error(
        "fetching {url}: the answer has more than {most} bytes; raise `page_bytes` or leave the page out"
    )]
    TooLarge { url: String, most: usize },
    #[error("fetching {url}: {reason}; try again later or leave the page out")]
    TooSlow { url: String, reason: String },
    #[error("fetching {url}: the content type is `{found}`; only pages of text are read")]
    NotText { url: String, found: String },
    #[error("fetching {url}: the content coding `{found}` cannot be undone ({reason}); leave the page out")]
    Coding { url: String, found: String, reason: String },
    #[error("fetching {url}: the server answers with status {status}; check that the page exists and is open to all")]
    Status { url: String, status: u16 },
    #[error("fetching {url}: status {status} asks for a wait of {seconds} s; fetch it again after that")]
    RetryLater { url: String, status: u16, seconds: u64 },
    #[error("fetching {url}: its name has no address ({reason}); check the spelling and the resolver")]
    Dns { url: String, reason: String },
    #[error("fetching {url}: no connection ({reason}); check that the server runs")]
    Connect { url: String, reason: String },
    #[error("fetching {url}: no secure connection ({reason}); check the server's certificate")]
    Tls { url: String, reason: String },
    #[error("fetching {url}: the answer is broken ({reason}); leave the page out")]
    Protocol { url: String, reason: String },
    #[error("fetching from {host}: {reason}; fetch fewer pages at once or allow more time")]
    TooBusy { host: String, reason: String },
}
