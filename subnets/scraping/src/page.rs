//! Pages as trees of elements. They come from strangers, so size, depth and time are limited.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use ego_tree::{iter::Edge, NodeId};
use html5ever::{
    parse_document,
    tendril::{StrTendril, TendrilSink},
    ParseOpts,
};
use scraper::{ElementRef, Html, HtmlTreeSink, Node, Selector};
use url::Url;

use crate::{protocol::LONGEST_ADDRESS, value::words};

/// Longest page in bytes.
pub const LONGEST_PAGE: usize = 4 << 20;
/// Most parts of a page. A short page can make many: an open `<b>` is opened again in each paragraph.
const MOST_NODES: usize = 60_000;
/// Most elements within one another.
const DEEPEST: usize = 400;
/// Longest time for reading a page.
const TIME: Duration = Duration::from_secs(5);
/// Bytes that are read between two looks at the limits.
const CHUNK: usize = 256;

/// A page.
pub struct Page {
    /// Its address, to which its links are relative.
    pub base: Url,
    html: Html,
    /// Elements in the order in which they begin.
    pub elements: Vec<Element>,
    /// Pieces of text in their order, without blanks at their ends. An empty one stands for the border of a block.
    pieces: Vec<String>,
    /// Bytes of the pieces before each.
    lengths: Vec<usize>,
    ids: Vec<NodeId>,
    places: HashMap<NodeId, usize>,
}

/// An element of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The place of the element around it.
    pub parent: Option<usize>,
    /// The place behind its last descendant.
    pub end: usize,
    /// Its tag.
    pub tag: String,
    /// Its classes.
    pub classes: Vec<String>,
    /// Its attributes but for its classes.
    pub attributes: Vec<(String, String)>,
    /// Its pieces of text.
    pieces: (usize, usize),
}

/// Reasons why a page is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Its address is none.
    #[error("`{0}` is no address of a page; write one that begins with http:// or https://")]
    Address(String),
    /// It has too much of something.
    #[error("the page has {found} {what}, the limit is {limit}; nothing of it was used")]
    TooMuch {
        /// The part.
        what: &'static str,
        /// Its number.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// It takes too long.
    #[error("the page was not read after {0:?}; nothing of it was used")]
    TooSlow(Duration),
}

/// Elements that stand within a line.
const INLINE: [&str; 26] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i",
    "ins", "kbd", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "time", "u",
];
/// Elements whose text no reader sees.
const UNSEEN: [&str; 6] = ["script", "style", "template", "noscript", "head", "iframe"];

impl Page {
    /// Reads a page.
    pub fn read(address: &str, html: &str) -> Result<Self, PageError> {
        let known = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let base =
            known.ok_or_else(|| PageError::Address(address.chars().take(LONGEST_ADDRESS).collect()))?;
        let html = parse(html)?;
        let mut page = Self {
            base,
            html: Html::new_document(),
            elements: Vec::new(),
            pieces: Vec::new(),
            lengths: Vec::new(),
            ids: Vec::new(),
            places: HashMap::new(),
        };
        page.index(&html)?;
        page.html = html;
        page.rebase();
        Ok(page)
    }

    /// Lists elements and pieces of text. It goes down step by step, since pages may be deep.
    fn index(&mut self, html: &Html) -> Result<(), PageError> {
        let mut open: Vec<usize> = Vec::new();
        let mut unseen = 0;
        for edge in html.tree.root().traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Element(element) => {
                        if open.len() >= DEEPEST {
                            return Err(PageError::TooMuch {
                                what: "elements within one another",
                                found: open.len() + 1,
                                limit: DEEPEST,
                            });
                        }
                        unseen += usize::from(UNSEEN.contains(&element.name()));
                        self.border(element.name());
                        let place = self.elements.len();
                        self.ids.push(node.id());
                        self.places.insert(node.id(), place);
                        let attributes = element
                            .attrs()
                            .filter(|(name, _)| *name != "class")
                            .map(|(name, value)| (name.to_owned(), value.to_owned()));
                        self.elements.push(Element {
                            parent: open.last().copied(),
                            end: 0,
                            tag: element.name().to_owned(),
                            classes: element.classes().map(str::to_owned).collect(),
                            attributes: attributes.collect(),
                            pieces: (self.pieces.len(), 0),
                        });
                        open.push(place);
                    }
                    Node::Text(text) if unseen == 0 && !text.is_empty() => self.piece(text),
                    _ => {}
                },
                Edge::Close(node) => {
                    let Node::Element(element) = node.value() else { continue };
                    if let Some(place) = open.pop() {
                        let end = self.elements.len();
                        self.elements[place].end = end;
                        self.elements[place].pieces.1 = self.pieces.len();
                    }
                    unseen -= usize::from(UNSEEN.contains(&element.name()));
                    self.border(element.name());
                }
            }
        }
        let mut before = 0;
        for piece in &self.pieces {
            self.lengths.push(before);
            before += piece.len();
        }
        self.lengths.push(before);
        Ok(())
    }

    fn border(&mut self, tag: &str) {
        if !INLINE.contains(&tag) {
            self.piece(" ");
        }
    }

    fn piece(&mut self, text: &str) {
        self.pieces.push(text.to_owned());
    }

    /// Links are relative to what `<base>` says, if it says something.
    fn rebase(&mut self) {
        let said = self.elements.iter().find(|element| element.tag == "base");
        let href = said.and_then(|element| element.attribute("href"));
        let base = href.and_then(|href| self.base.join(href).ok());
        if let Some(base) = base.filter(|base| matches!(base.scheme(), "http" | "https")) {
            self.base = base;
        }
    }

    /// The text of an element, with single blanks.
    pub fn text(&self, place: usize) -> String {
        let (from, to) = self.elements[place].pieces;
        words(&self.pieces[from..to].concat())
    }

    /// Bytes of an element's text, blanks included.
    pub fn length(&self, place: usize) -> usize {
        let (from, to) = self.elements[place].pieces;
        self.lengths[to] - self.lengths[from]
    }

    /// Places of the elements that a selector finds: of the whole page, or within an element.
    pub fn select(&self, selector: &Selector, within: Option<usize>) -> Vec<usize> {
        let place = |element: ElementRef<'_>| self.places.get(&element.id()).copied();
        match within {
            None => self.html.select(selector).filter_map(place).collect(),
            Some(within) => {
                let node = self.html.tree.get(self.ids[within]).and_then(ElementRef::wrap);
                node.map(|node| node.select(selector).filter_map(place).collect()).unwrap_or_default()
            }
        }
    }
}

impl Element {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a selector and the name of an attribute behind it: `h2 a@href`. An empty selector means the row itself.
pub fn selector(text: &str) -> Option<(Option<Selector>, Option<String>)> {
    let is_name = |name: &&str| {
        !name.is_empty()
            && name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | ':'))
    };
    let (css, attribute) = match text.rsplit_once('@') {
        Some((css, name)) if is_name(&name) => (css, Some(name.to_owned())),
        _ => (text, None),
    };
    if css.trim().is_empty() {
        return Some((None, attribute));
    }
    Selector::parse(css).ok().map(|css| (Some(css), attribute))
}

/// Whether a text is a selector.
pub fn is_selector(text: &str) -> bool {
    selector(text).is_some()
}

/// Reads HTML, and stops where it makes too much.
fn parse(html: &str) -> Result<Html, PageError> {
    let limit = |what, found, limit| match found <= limit {
        true => Ok(()),
        false => Err(PageError::TooMuch { what, found, limit }),
    };
    limit("bytes", html.len(), LONGEST_PAGE)?;
    let began = Instant::now();
    let mut parser = parse_document(HtmlTreeSink::new(Html::new_document()), ParseOpts::default());
    let mut rest = html;
    while !rest.is_empty() {
        let mut end = CHUNK.min(rest.len());
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        parser.process(StrTendril::from(&rest[..end]));
        rest = &rest[end..];
        limit("parts", parser.tokenizer.sink.sink.0.borrow().tree.nodes().len(), MOST_NODES)?;
        if began.elapsed() > TIME {
            return Err(PageError::TooSlow(TIME));
        }
    }
    Ok(parser.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Page {
        Page::read("https://a.example/list/2", html).unwrap()
    }

    #[test]
    fn texts_have_blanks_between_blocks_and_none_of_what_nobody_sees() {
        let page = page("<p>One<b>two</b></p><p>three<br>four</p><script>no()</script><style>no</style>five");
        let body = page.elements.iter().position(|element| element.tag == "body").unwrap();
        assert_eq!(page.text(body), "Onetwo three four five");
        assert_eq!(page.elements[body].end, page.elements.len());
    }

    #[test]
    fn selectors_find_elements_of_the_page_and_within_one() {
        let page = page("<ul><li><a href=x class='q r'>1</a><li><a>2</a></ul><a>3</a>");
        let (css, attribute) = selector("a.q@href").unwrap();
        let found = page.select(&css.unwrap(), None);
        assert_eq!(found.len(), 1);
        assert_eq!(page.elements[found[0]].attribute(&attribute.unwrap()), Some("x"));
        assert_eq!(page.elements[found[0]].classes, ["q", "r"]);
        let items = page.select(&Selector::parse("li").unwrap(), None);
        let within = page.select(&Selector::parse("a").unwrap(), Some(items[1]));
        assert_eq!(within.iter().map(|at| page.text(*at)).collect::<Vec<_>>(), ["2"]);
        assert!(is_selector("") && is_selector("@href") && !is_selector("a["));
    }

    #[test]
    fn a_base_moves_relative_links() {
        assert_eq!(page("<base href='/x/y'>").base.as_str(), "https://a.example/x/y");
        assert_eq!(page("<base href='data:,x'>").base.as_str(), "https://a.example/list/2");
    }

    #[test]
    fn pages_that_make_too_much_are_refused_soon() {
        let began = Instant::now();
        let refused =
            |html: &str| Page::read("https://a.example/", html).err().map(|error| error.to_string());
        let deep = refused(&"<div>".repeat(5_000)).unwrap();
        assert!(deep.contains("within one another"), "{deep}");
        // Each paragraph opens all letters in bold once more.
        let bold: String = (0..5_000).map(|number| format!("<b x{number}>")).collect();
        let many = refused(&(bold + &"<p>".repeat(100_000))).unwrap();
        assert!(many.contains("parts") || many.contains("was not read"), "{many}");
        let long = refused(&"x".repeat(LONGEST_PAGE + 1)).unwrap();
        assert!(long.contains("bytes"), "{long}");
        let ends = "<div>".repeat(390) + &"</p>".repeat(300_000);
        refused(&ends);
        let tables = "<table><tr><td><a>".repeat(20_000);
        refused(&tables);
        assert!(Page::read("ftp://a.example", "x").is_err());
        assert!(began.elapsed() < Duration::from_secs(40));
    }
}
