//! Messages between validators, users and miners of this subnet.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::value::Kind;

/// Version of protocol and scoring; part of the subnet's name on the wire.
pub const VERSION: u32 = 1;
/// Most fields of a row.
pub const MOST_FIELDS: usize = 16;
/// Most pages with their rows as examples.
pub const MOST_EXAMPLES: usize = 4;
/// Most sources of a request.
pub const MOST_SOURCES: usize = 16;
/// Most pages that are read of one source, the pages behind it included: as many as fit into one request, with a second
/// or more between two.
pub const MOST_PAGES: u16 = 20;
/// Most rows of an example.
pub const MOST_ROWS: usize = 400;
/// Longest value in bytes.
pub const LONGEST_VALUE: usize = 4_000;
/// Longest address in bytes.
pub const LONGEST_ADDRESS: usize = 2_000;
/// Longest selector or name in bytes.
pub const LONGEST_WORD: usize = 200;
/// Most bytes of all pages that a request brings along.
pub const MOST_BYTES: usize = 768 << 10;

/// Pages, and the form of the rows that are wanted of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScrapingRequest {
    /// The columns.
    pub fields: Vec<Field>,
    /// CSS selector of the element that holds one row. Without it, the examples show the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// CSS selector of the link to the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Most pages of each source; 1 if the link to the next page is not followed.
    #[serde(default = "one")]
    pub pages: u16,
    /// Pages of the same site with the rows that they have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
    /// The pages to read.
    pub sources: Vec<Page>,
}

fn one() -> u16 {
    1
}

/// A column of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The form of its values.
    pub kind: Kind,
    /// CSS selector of the value within its row; the row itself if it is empty. `@NAME` at the end names an attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<String>,
}

/// A page of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its address.
    pub address: String,
    /// Its HTML, where the asker has it. Otherwise the miner fetches the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

/// A page with its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The page, with its HTML.
    pub page: Page,
    /// The rows, each with a value for every field; an empty value is missing.
    pub rows: Vec<Vec<String>>,
}

/// A miner's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScrapingResponse {
    /// Rows of each source, in the order of the sources.
    pub sources: Vec<Rows>,
}

/// Rows of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// The rows in the order of the pages. Each has a value for every field in its one form
    /// ([`Kind`](crate::value::Kind)); an empty value is missing.
    pub rows: Vec<Vec<String>>,
    /// The pages that were fetched for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fetched: Vec<Fetched>,
    /// The reason why rows are missing, in words for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A page that a miner fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Its address after all redirects.
    pub address: String,
    /// BLAKE3 of its body, in hexadecimal digits.
    pub hash: String,
    /// Time of fetching in seconds of Unix time.
    pub time: u64,
    /// Rows that came of it.
    pub rows: u32,
}

/// Reasons for refusing a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A part is larger than this subnet serves, or missing.
    #[error("{what} is {found}, it must be 1 to {limit}; ask for less")]
    Size {
        /// The part.
        what: &'static str,
        /// Its size.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// An address is none.
    #[error("`{0}` is no address of a page; write one that begins with http:// or https://")]
    Address(String),
    /// A selector is none.
    #[error("`{0}` is no CSS selector; write one such as `h2 a`, or `h2 a@href` for an attribute")]
    Selector(String),
    /// Two fields have one name.
    #[error("two fields have the name `{0}`; give each its own")]
    Twice(String),
    /// There is no way to find the rows.
    #[error("nothing says where rows are; give `row` and `select` of each field, or an example")]
    Nowhere,
    /// An example has another form.
    #[error(
        "an example {0}; give pages with HTML and, for each row, a value in its one form for every field"
    )]
    Example(&'static str),
}

impl ScrapingRequest {
    /// Checks sizes, addresses, selectors and examples.
    pub fn check(&self) -> Result<(), RequestError> {
        let size = |what, found, limit| match (1..=limit).contains(&found) {
            true => Ok(()),
            false => Err(RequestError::Size { what, found, limit }),
        };
        size("the number of fields", self.fields.len(), MOST_FIELDS)?;
        size("the number of examples", self.examples.len().max(1), MOST_EXAMPLES)?;
        size("the number of sources", self.sources.len(), MOST_SOURCES)?;
        size("the number of pages", self.pages.into(), MOST_PAGES.into())?;
        let brought = self.examples.iter().map(|example| &example.page).chain(&self.sources);
        let bytes = brought.clone().filter_map(|page| page.html.as_deref()).map(str::len).sum::<usize>();
        size("the length of all pages in bytes", bytes.max(1), MOST_BYTES)?;
        for page in brought {
            size("the length of an address", page.address.len(), LONGEST_ADDRESS)?;
            let is_web = Url::parse(&page.address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if !is_web {
                return Err(RequestError::Address(page.address.clone()));
            }
        }
        for (at, field) in self.fields.iter().enumerate() {
            size("the length of a field's name", field.name.len(), LONGEST_WORD)?;
            if self.fields[..at].iter().any(|other| other.name == field.name) {
                return Err(RequestError::Twice(field.name.clone()));
            }
        }
        let selectors = self.fields.iter().map(|field| &field.select).chain([&self.row, &self.next]);
        for selector in selectors.flatten().filter(|selector| !selector.is_empty()) {
            size("the length of a selector", selector.len(), LONGEST_WORD)?;
            if !crate::page::is_selector(selector) {
                return Err(RequestError::Selector(selector.clone()));
            }
        }
        let selected = self.row.is_some() && self.fields.iter().all(|field| field.select.is_some());
        if !selected && self.examples.iter().all(|example| example.rows.is_empty()) {
            return Err(RequestError::Nowhere);
        }
        self.examples.iter().try_for_each(|example| self.check_example(example))
    }

    fn check_example(&self, example: &Example) -> Result<(), RequestError> {
        if example.page.html.is_none() {
            return Err(RequestError::Example("has no HTML"));
        }
        if example.rows.len() > MOST_ROWS {
            return Err(RequestError::Example("has more than 400 rows"));
        }
        for row in &example.rows {
            if row.len() != self.fields.len() {
                return Err(RequestError::Example("has a row with more or fewer values than fields"));
            }
            let mut values = row.iter().zip(&self.fields);
            if !values.all(|(value, field)| value.len() <= LONGEST_VALUE && field.kind.is_form(value)) {
                return Err(RequestError::Example("has a value in another form than that of its field"));
            }
        }
        Ok(())
    }

    /// Whether selectors say where everything is.
    pub fn is_selected(&self) -> bool {
        self.row.is_some() && self.fields.iter().all(|field| field.select.is_some())
    }
}

impl ScrapingResponse {
    /// Bytes of all values.
    pub fn size(&self) -> usize {
        self.sources.iter().flat_map(|source| &source.rows).flatten().map(String::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> ScrapingRequest {
        let field = |name: &str, kind| Field { name: name.into(), kind, select: Some("b".into()) };
        ScrapingRequest {
            fields: vec![field("title", Kind::Text), field("price", Kind::Number)],
            row: Some("li".into()),
            pages: 1,
            sources: vec![Page { address: "https://a.example/x".into(), html: None }],
            ..ScrapingRequest::default()
        }
    }

    #[test]
    fn wrong_requests_are_refused_with_their_reason() {
        assert_eq!(request().check(), Ok(()));
        let wrong = |change: &dyn Fn(&mut ScrapingRequest)| {
            let mut request = request();
            change(&mut request);
            request.check().unwrap_err().to_string()
        };
        assert!(wrong(&|request| request.sources.clear()).contains("the number of sources is 0"));
        assert!(wrong(&|request| request.pages = 21).contains("the number of pages is 21"));
        assert!(
            wrong(&|request| request.sources[0].address = "file:///etc/passwd".into()).contains("no address")
        );
        assert!(wrong(&|request| request.row = Some("li[".into())).contains("`li[` is no CSS selector"));
        assert!(wrong(&|request| request.fields[1].name = "title".into()).contains("two fields"));
        assert!(wrong(&|request| request.row = None).contains("nothing says where rows are"));
        assert!(
            wrong(&|request| request.sources[0].html = Some("x".repeat(MOST_BYTES + 1))).contains("in bytes")
        );
        let example = |rows: Vec<Vec<String>>| Example {
            page: Page { address: "https://a.example/y".into(), html: Some("<p>".into()) },
            rows,
        };
        let other = wrong(&|request| request.examples = vec![example(vec![vec!["a".into()]])]);
        assert!(other.contains("more or fewer values"), "{other}");
        let other = wrong(&|request| request.examples = vec![example(vec![vec!["a".into(), "1,5".into()]])]);
        assert!(other.contains("another form"), "{other}");
    }
}
