//! Backends that read pages for a miner.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use myelin_subnet::{AnswerContext, AnswerError};
use myelin_wire::hash::to_hex;
use url::Url;

use crate::{
    fetch::{is_trap, Fetcher},
    page::{selector, Page, PageError},
    protocol::{Fetched, Rows, ScrapingRequest, ScrapingResponse, LONGEST_VALUE},
    value::{Kind, Reading},
    wrapper::{Care, Wrapper},
};

/// Rows for a miner.
pub trait Backend: Send + Sync {
    /// Answers a request that was checked.
    fn answer(
        &self,
        context: &AnswerContext,
        request: &ScrapingRequest,
    ) -> Result<ScrapingResponse, AnswerError>;

    /// Identifier of the model.
    fn model_id(&self) -> [u8; 32] {
        [0; 32]
    }
}

/// Pages of the web.
pub trait Web: Send + Sync {
    /// The page at an address, with its HTML.
    fn get(&self, address: &str, until: Instant) -> Result<Got, String>;
}

/// A page that was fetched.
#[derive(Clone, Debug)]
pub struct Got {
    /// The page's entry in the answer, without its rows.
    pub fetched: Fetched,
    /// Its HTML.
    pub html: String,
}

impl Web for Fetcher {
    fn get(&self, address: &str, until: Instant) -> Result<Got, String> {
        let page = Fetcher::get(self, address, until).map_err(|error| error.to_string())?;
        let fetched = Fetched { address: page.url, hash: to_hex(&page.hash), time: page.at, rows: 0 };
        Ok(Got { fetched, html: page.text })
    }
}

/// Time that is left for the way back.
pub const RESERVE: Duration = Duration::from_millis(300);
/// Most rows of a source. Longer lists are asked for in parts.
const MOST_ROWS: usize = 5_000;

/// Reads pages by selectors, or by a wrapper that it learns from the examples.
pub struct Reader {
    care: Care,
    web: Option<Arc<dyn Web>>,
}

/// How rows are found on the pages of one request.
enum Way {
    Selectors(Selectors),
    Wrapper(Wrapper),
}

/// A selector and an attribute, and the form of what they find.
struct Column {
    css: Option<scraper::Selector>,
    attribute: Option<String>,
    kind: Kind,
}

struct Selectors {
    row: scraper::Selector,
    columns: Vec<Column>,
}

impl Reader {
    /// With little or much care, and pages of the web if it may fetch some.
    pub fn new(care: Care, web: Option<Arc<dyn Web>>) -> Self {
        Self { care, web }
    }

    fn way(&self, request: &ScrapingRequest) -> Result<Way, String> {
        if request.is_selected() {
            return Selectors::of(request).map(Way::Selectors).ok_or_else(|| "a selector is none".into());
        }
        let read = |example: &crate::protocol::Example| {
            Page::read(&example.page.address, example.page.html.as_deref().unwrap_or_default())
        };
        let pages: Result<Vec<Page>, PageError> = request.examples.iter().map(read).collect();
        let examples: Vec<_> =
            pages.map_err(|error| error.to_string())?.into_iter().zip(&request.examples).collect();
        let learnt = Wrapper::learn(&request.fields, &examples, self.care);
        learnt.map(Way::Wrapper).ok_or_else(|| "the rows of the examples are not found on their pages".into())
    }

    /// The rows of a source and of the pages behind it.
    fn source(&self, way: &Way, request: &ScrapingRequest, at: usize, until: Instant) -> Rows {
        let source = &request.sources[at];
        let mut out = Rows::default();
        let mut address = source.address.clone();
        let mut seen = BTreeSet::new();
        for number in 0..request.pages {
            let brought = source.html.as_deref().filter(|_| number == 0);
            let read = self.page(&address, brought, until);
            let (page, fetched) = match read {
                Ok(read) => read,
                Err(why) => {
                    out.problem = Some(format!("{address}: {why}"));
                    break;
                }
            };
            let rows = match way {
                Way::Selectors(selectors) => selectors.read(&page),
                Way::Wrapper(wrapper) => wrapper.read(&page),
            };
            let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            out.fetched.extend(fetched.map(|fetched| Fetched { rows: count, ..fetched }));
            out.rows.extend(rows);
            if out.rows.len() > MOST_ROWS {
                out.rows.truncate(MOST_ROWS);
                out.problem =
                    Some(format!("{address}: only the first {MOST_ROWS} rows; ask for fewer pages"));
                break;
            }
            seen.insert(address);
            let next = request.next.as_ref().and_then(|next| next_page(&page, next));
            let Some(next) = next.filter(|next| !seen.contains(next)) else { break };
            if Url::parse(&next).is_ok_and(|next| is_trap(&next, this_year())) {
                out.problem = Some(format!(
                    "{next}: the pages go on without end; name fewer pages, or a source behind them"
                ));
                break;
            }
            address = next;
        }
        out
    }

    fn page(
        &self,
        address: &str,
        brought: Option<&str>,
        until: Instant,
    ) -> Result<(Page, Option<Fetched>), String> {
        if let Some(html) = brought {
            let page = Page::read(address, html).map_err(|error| error.to_string())?;
            return Ok((page, None));
        }
        let web = self.web.as_ref().ok_or("this miner fetches no pages; send their HTML along")?;
        let got = web.get(address, until)?;
        let page = Page::read(&got.fetched.address, &got.html).map_err(|error| error.to_string())?;
        Ok((page, Some(got.fetched)))
    }
}

impl Backend for Reader {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &ScrapingRequest,
    ) -> Result<ScrapingResponse, AnswerError> {
        let until = Instant::now() + context.time_left.saturating_sub(RESERVE);
        let way = self.way(request).map_err(AnswerError::Refused)?;
        let sources = (0..request.sources.len()).map(|at| self.source(&way, request, at, until)).collect();
        Ok(ScrapingResponse { sources })
    }
}

/// The year of this machine's clock, by the mean length of a year.
fn this_year() -> u32 {
    const SECONDS: u64 = 31_556_952;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    1970 + u32::try_from(since.as_secs() / SECONDS).unwrap_or_default()
}

/// The address of the page behind this one.
fn next_page(page: &Page, next: &str) -> Option<String> {
    let (css, attribute) = selector(next)?;
    let place = *page.select(&css?, None).first()?;
    let written = page.elements[place].attribute(attribute.as_deref().unwrap_or("href"))?;
    Reading::Link.read(written, Some(&page.base))
}

impl Selectors {
    fn of(request: &ScrapingRequest) -> Option<Self> {
        let row = selector(request.row.as_deref()?)?.0?;
        let column = |field: &crate::protocol::Field| {
            let (css, attribute) = selector(field.select.as_deref()?)?;
            Some(Column { css, attribute, kind: field.kind })
        };
        let columns = request.fields.iter().map(column).collect::<Option<Vec<Column>>>()?;
        Some(Self { row, columns })
    }

    fn read(&self, page: &Page) -> Vec<Vec<String>> {
        let rows = page.select(&self.row, None);
        let mut out = vec![Vec::with_capacity(self.columns.len()); rows.len()];
        for column in &self.columns {
            let written: Vec<Option<String>> = rows.iter().map(|row| column.find(page, *row)).collect();
            let reading = Reading::of(column.kind, written.iter().flatten().map(String::as_str));
            let read = |written: Option<String>| reading.read(&written?, Some(&page.base));
            for (row, written) in out.iter_mut().zip(written) {
                row.push(read(written).filter(|value| value.len() <= LONGEST_VALUE).unwrap_or_default());
            }
        }
        out
    }
}

impl Column {
    /// The value in a row as it is written.
    fn find(&self, page: &Page, row: usize) -> Option<String> {
        let place = match &self.css {
            Some(css) => *page.select(css, Some(row)).first()?,
            None => row,
        };
        match (&self.attribute, self.kind) {
            (Some(name), _) => page.elements[place].attribute(name).map(str::to_owned),
            (None, Kind::Link) => page.elements[place].attribute("href").map(str::to_owned),
            (None, _) => Some(page.text(place)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Field, Page as Source};

    /// A site of three pages, of which each links to the next and the last to the first.
    struct Site;

    impl Web for Site {
        fn get(&self, address: &str, _: Instant) -> Result<Got, String> {
            let number: u32 =
                address.rsplit('/').next().and_then(|text| text.parse().ok()).ok_or("no such page")?;
            let next = number % 3 + 1;
            let html = format!("<ul><li><a href='x{number}'>Book {number}</a> <i>{number},50 €</i></ul><a class=next href='{next}'>more</a>");
            Ok(Got { fetched: Fetched { address: address.into(), ..Fetched::default() }, html })
        }
    }

    fn request(pages: u16) -> ScrapingRequest {
        let field =
            |name: &str, kind, select: &str| Field { name: name.into(), kind, select: Some(select.into()) };
        ScrapingRequest {
            fields: vec![
                field("title", Kind::Text, "a"),
                field("price", Kind::Number, "i"),
                field("link", Kind::Link, "a@href"),
            ],
            row: Some("li".into()),
            next: Some("a.next".into()),
            pages,
            sources: vec![Source { address: "https://a.example/1".into(), html: None }],
            ..ScrapingRequest::default()
        }
    }

    fn context() -> AnswerContext {
        AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(9) }
    }

    #[test]
    fn selectors_read_the_pages_behind_one_another_and_end_where_they_began() {
        let reader = Reader::new(Care::Much, Some(Arc::new(Site)));
        let rows = |pages: u16| reader.answer(&context(), &request(pages)).unwrap().sources.remove(0);
        assert_eq!(rows(1).rows, [["Book 1", "1.5", "https://a.example/x1"]]);
        let all = rows(9);
        assert_eq!(all.rows.len(), 3);
        assert_eq!(all.fetched.iter().map(|page| page.rows).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(all.problem, None);
    }

    #[test]
    fn a_page_that_is_not_there_is_a_problem_of_its_source_alone() {
        let reader = Reader::new(Care::Much, Some(Arc::new(Site)));
        let mut request = request(1);
        request.sources.insert(0, Source { address: "https://a.example/none".into(), html: None });
        let answer = reader.answer(&context(), &request).unwrap();
        assert!(answer.sources[0].problem.as_ref().unwrap().contains("no such page"));
        assert_eq!(answer.sources[1].rows.len(), 1);
        let none = Reader::new(Care::Much, None).answer(&context(), &request).unwrap();
        assert!(none.sources[1].problem.as_ref().unwrap().contains("fetches no pages"));
    }
}
