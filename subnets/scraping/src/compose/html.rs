//! A page as a tree of elements, and its text.

/// A part of a page.
#[derive(Clone, Debug)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Words.
    Text(String),
    /// A remark that readers do not see.
    Comment(String),
}

/// An element.
#[derive(Clone, Debug)]
pub struct Element {
    tag: &'static str,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
}

/// An element with this tag.
pub fn element(tag: &'static str) -> Element {
    Element { tag, attributes: Vec::new(), children: Vec::new() }
}

/// Words.
pub fn text(words: impl Into<String>) -> Node {
    Node::Text(words.into())
}

impl Element {
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }

    /// With a class, if there is one.
    pub fn class(self, class: Option<&str>) -> Self {
        match class {
            Some(class) => self.with("class", class),
            None => self,
        }
    }

    pub fn add(mut self, child: impl Into<Node>) -> Self {
        self.children.push(child.into());
        self
    }

    pub fn all(mut self, children: impl IntoIterator<Item = Node>) -> Self {
        self.children.extend(children);
        self
    }

    pub fn says(self, words: impl Into<String>) -> Self {
        self.add(text(words))
    }
}

impl From<Element> for Node {
    fn from(element: Element) -> Self {
        Self::Element(element)
    }
}

/// Elements that stand within a line.
const INLINE: [&str; 9] = ["a", "b", "em", "i", "small", "span", "strong", "time", "data"];
/// Elements without an end.
const VOID: [&str; 4] = ["br", "hr", "img", "meta"];

/// The text of a page. With `indented`, each block begins a line.
pub fn write(root: &Element, indented: bool) -> String {
    let mut out = String::from("<!DOCTYPE html>\n");
    write_element(root, indented, 0, &mut out);
    out
}

fn write_element(element: &Element, indented: bool, depth: usize, out: &mut String) {
    let block = indented && !INLINE.contains(&element.tag);
    if block && !out.ends_with('\n') {
        out.push('\n');
    }
    if block {
        out.extend(std::iter::repeat_n("  ", depth));
    }
    out.push('<');
    out.push_str(element.tag);
    for (name, value) in &element.attributes {
        out.push(' ');
        out.push_str(name);
        if !value.is_empty() {
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
    }
    out.push('>');
    if VOID.contains(&element.tag) {
        return;
    }
    for child in &element.children {
        match child {
            Node::Element(child) => write_element(child, indented, depth + 1, out),
            Node::Text(words) => escape(words, out),
            Node::Comment(words) => {
                out.push_str("<!-- ");
                out.push_str(&words.replace("--", ""));
                out.push_str(" -->");
            }
        }
    }
    if block && out.ends_with('\n') {
        out.extend(std::iter::repeat_n("  ", depth));
    }
    out.push_str("</");
    out.push_str(element.tag);
    out.push('>');
    if block {
        out.push('\n');
    }
}

fn escape(words: &str, out: &mut String) {
    for letter in words.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            letter => out.push(letter),
        }
    }
}
