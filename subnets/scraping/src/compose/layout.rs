//! The layout of a site: where a row's values stand, and what stands around the rows.

use myelin_wire::seed::SeedRng;

use super::{
    html::{element, text, write, Element, Node},
    values::Maker,
    Row, Site, TopicField, Words, Written,
};

/// Habits of a site.
pub struct Layout {
    form: Form,
    /// The fields in the order in which they stand.
    order: Vec<usize>,
    styles: Vec<Style>,
    row: (&'static str, Option<String>),
    list: (&'static str, Option<String>),
    /// Classes of the elements around the list, from outside.
    around: Vec<String>,
    /// The class of advertisements that look like rows.
    promoted: String,
    /// Whether rows that are not shown are there.
    hidden: bool,
    /// Whether a mark stands before some rows' values.
    badge: Option<String>,
    /// Whether a list of other things stands beside.
    beside: bool,
    indented: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A table, with a line of labels.
    Table,
    /// An element for each row, and in it one for each value.
    Cards,
    /// A list of terms for each row.
    Terms,
    /// No element holds a row: values follow one another.
    Flat,
}

/// How a field's value stands in its row.
struct Style {
    tag: &'static str,
    class: Option<String>,
    label: Option<Label>,
    /// An attribute that holds the value, where the text says something else.
    attribute: Option<&'static str>,
    /// Elements around the value.
    deep: bool,
}

struct Label {
    words: &'static str,
    form: LabelForm,
}

#[derive(Clone, Copy)]
enum LabelForm {
    /// "Price: 12"
    Before,
    /// The label in an element within the value's.
    Within,
    /// The label in an element before the value's.
    Beside,
}

impl Layout {
    pub fn draw(fields: &[&TopicField], words: &Words, rng: &mut SeedRng) -> Self {
        let form = match rng.below(10) {
            0..=2 => Form::Table,
            3..=6 => Form::Cards,
            7 | 8 => Form::Terms,
            _ => Form::Flat,
        };
        let mut order: Vec<usize> = (1..fields.len()).collect();
        rng.shuffle(&mut order);
        // The name of a row stands first, or behind a value.
        let first = if form == Form::Flat { 0 } else { rng.below(2).min(order.len() as u64) as usize };
        order.insert(first, 0);
        let styles = fields.iter().map(|field| Style::draw(field, form, words, rng)).collect();
        const ROWS: [(&str, &str); 4] = [("div", "div"), ("ul", "li"), ("section", "article"), ("ol", "li")];
        let (list, row) = match form {
            Form::Table => ("tbody", "tr"),
            _ => rng.choose(&ROWS).copied().unwrap_or(ROWS[0]),
        };
        let class = |rng: &mut SeedRng| (rng.below(3) > 0).then(|| words.word(rng));
        Self {
            form,
            order,
            styles,
            row: (row, class(rng)),
            list: (list, class(rng)),
            around: (0..rng.below(4)).map(|_| words.word(rng)).collect(),
            promoted: words.word(rng),
            hidden: rng.below(3) == 0,
            badge: (rng.below(3) == 0).then(|| words.word(rng)),
            beside: rng.below(2) == 0,
            indented: rng.below(3) > 0,
        }
    }
}

impl Style {
    fn draw(field: &TopicField, form: Form, words: &Words, rng: &mut SeedRng) -> Self {
        const TAGS: [&str; 5] = ["span", "div", "p", "em", "strong"];
        const ATTRIBUTES: [&str; 3] = ["data-value", "content", "title"];
        let tag = match form {
            Form::Table => "td",
            Form::Terms => "dd",
            _ => rng.choose(&TAGS).copied().unwrap_or("span"),
        };
        let labelled = match form {
            Form::Table => false,
            Form::Terms => true,
            Form::Cards => rng.below(2) == 0,
            Form::Flat => rng.below(3) == 0,
        };
        let form_of = match rng.below(3) {
            _ if form == Form::Terms => LabelForm::Beside,
            0 => LabelForm::Before,
            1 => LabelForm::Within,
            _ => LabelForm::Beside,
        };
        let words_of = rng.choose(&field.labels).copied();
        let label = words_of.filter(|_| labelled).map(|words| Label { words, form: form_of });
        // Some machines' values stand beside what people read.
        let apart = matches!(field.maker, Maker::Rating | Maker::Date | Maker::Count) && rng.below(6) == 0;
        let attribute = apart.then(|| rng.choose(&ATTRIBUTES).copied()).flatten();
        let class = (rng.below(4) > 0).then(|| words.word(rng));
        Self { tag, class, label, attribute, deep: rng.below(5) == 0 }
    }
}

impl Site<'_> {
    /// A page with these rows.
    pub(super) fn page_of(&self, number: u64, rows: &[Row], rng: &mut SeedRng) -> String {
        let layout = &self.layout;
        let mut items: Vec<Node> = Vec::new();
        for row in rows {
            items.extend(self.item(row, None, rng));
        }
        // Advertisements have the form of rows; they stand between them, and none stands first in a flat list.
        if layout.form != Form::Flat {
            for _ in 0..1 + rng.below(2) {
                let at = rng.below(items.len() as u64 + 1) as usize;
                let promoted = self.item(&self.row(rng), Some(&layout.promoted), rng);
                items.splice(at..at, promoted);
            }
            if layout.hidden {
                let row = self.item(&self.row(rng), None, rng);
                let hidden = row.into_iter().map(|node| match node {
                    Node::Element(element) => element.with("hidden", "").into(),
                    other => other,
                });
                let at = rng.below(items.len() as u64 + 1) as usize;
                items.splice(at..at, hidden.collect::<Vec<Node>>());
            }
        }
        if rng.below(2) == 0 {
            let at = rng.below(items.len() as u64 + 1) as usize;
            items.insert(at, Node::Comment(format!("{} {}", self.noun, self.words.word(rng))));
        }
        let (tag, class) = &layout.list;
        let mut list = element(tag).class(class.as_deref()).all(items);
        if layout.form == Form::Table {
            let head = layout.order.iter().map(|at| {
                let label = self.fields[*at].labels.first().copied().unwrap_or("Link");
                element("th").says(label).into()
            });
            let head = element("thead").add(element("tr").all(head.collect::<Vec<Node>>()));
            list = element("table").class(class.as_deref()).add(head).add(list);
        }
        for class in layout.around.iter().rev() {
            list = element("div").class(Some(class)).add(list);
        }
        let title = format!("{}s, page {number}", self.noun);
        let mut body = element("body").add(self.menu(rng)).add(element("h1").says(title.clone())).add(list);
        if layout.beside {
            body = body.add(self.beside(rng));
        }
        let body = body.add(element("footer").add(element("p").says(format!("{} 2026", self.host))));
        let head =
            element("head").add(element("meta").with("charset", "utf-8")).add(element("title").says(title));
        write(&element("html").add(head).add(body), layout.indented)
    }

    fn menu(&self, rng: &mut SeedRng) -> Element {
        let links = (0..3 + rng.below(3)).map(|_| {
            let word = self.words.word(rng);
            element("li").add(element("a").with("href", format!("/{word}")).says(word)).into()
        });
        element("nav").add(element("ul").all(links.collect::<Vec<Node>>()))
    }

    /// A list of other things, which have names, links and prices too.
    fn beside(&self, rng: &mut SeedRng) -> Element {
        let mut aside = element("aside").add(element("h3").says("Most read"));
        for _ in 0..2 + rng.below(4) {
            let row = self.row(rng);
            let said =
                row.values.iter().flatten().next().map(|value| value.shown.clone()).unwrap_or_default();
            let price =
                row.values.iter().flatten().nth(1).map(|value| value.shown.clone()).unwrap_or_default();
            let link = format!("/{}/{}", self.noun, self.words.word(rng));
            aside = aside.add(
                element("p")
                    .add(element("a").with("href", link).says(said))
                    .add(element("small").says(price)),
            );
        }
        aside
    }

    /// A row's elements: one, or in a flat list several.
    fn item(&self, row: &Row, promoted: Option<&str>, rng: &mut SeedRng) -> Vec<Node> {
        let layout = &self.layout;
        let (tag, class) = &layout.row;
        let class = match (class, promoted) {
            (Some(class), Some(promoted)) => Some(format!("{class} {promoted}")),
            (None, Some(promoted)) => Some(promoted.to_owned()),
            (class, None) => class.clone(),
        };
        let mut parts: Vec<Node> = Vec::new();
        let badge = layout.badge.as_ref().filter(|_| layout.form == Form::Cards && rng.below(3) == 0);
        parts.extend(badge.map(|class| element("span").class(Some(class)).says("New").into()));
        if promoted.is_some() && layout.form != Form::Table {
            parts.push(element("small").says("Sponsored").into());
        }
        for at in &layout.order {
            parts.extend(self.part(*at, row));
        }
        match layout.form {
            Form::Flat => parts,
            Form::Terms => vec![element(tag).class(class.as_deref()).add(element("dl").all(parts)).into()],
            _ => vec![element(tag).class(class.as_deref()).all(parts).into()],
        }
    }

    /// A value with its label.
    fn part(&self, at: usize, row: &Row) -> Vec<Node> {
        let (field, style) = (self.fields[at], &self.layout.styles[at]);
        let Some(value) = &row.values[at] else {
            // A cell stays, with a dash in it; elsewhere nothing is there.
            return match self.layout.form {
                Form::Table => vec![element("td").class(style.class.as_deref()).says("–").into()],
                _ => Vec::new(),
            };
        };
        let holder = element(style.tag).class(style.class.as_deref());
        let inner = self.inner(field, style, value);
        let Some(label) = &style.label else { return vec![holder.add(inner).into()] };
        match label.form {
            LabelForm::Before => {
                vec![holder.says(format!("{}: ", label.words)).add(inner).into()]
            }
            LabelForm::Within => {
                let words = element("b").says(label.words);
                vec![holder.add(words).says(" ").add(inner).into()]
            }
            LabelForm::Beside => {
                let tag = if self.layout.form == Form::Terms { "dt" } else { "small" };
                vec![element(tag).says(label.words).into(), holder.add(inner).into()]
            }
        }
    }

    /// The value itself.
    fn inner(&self, field: &TopicField, style: &Style, value: &Written) -> Node {
        let node: Node = if field.maker == Maker::Link {
            element("a").with("href", value.shown.clone()).says("Details").into()
        } else if let Some(attribute) = style.attribute {
            let said = if field.maker == Maker::Rating { "★★★" } else { "see inside" };
            element("span").with(attribute, value.value.clone()).says(said).into()
        } else {
            text(value.shown.clone())
        };
        if style.deep {
            element("span").add(element("span").add(node)).into()
        } else {
            node
        }
    }
}
