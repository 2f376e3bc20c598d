//! Content of documents of each kind.

use myelin_wire::seed::SeedRng;

use super::{words, Align, Document, Field, Row, Vocabulary};
use crate::draw::Choices;

/// Kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Items, prices and a total, with names and dates.
    Invoice,
    /// The slip of a till.
    Receipt,
    /// Labels with values beside them.
    Form,
    /// Sentences.
    Letter,
    /// Rows and columns.
    Table,
    /// A few large lines.
    Sign,
    /// The label of a parcel.
    Label,
}

/// Kinds that anyone may train on.
pub const OPEN_KINDS: [Kind; 4] = [Kind::Invoice, Kind::Receipt, Kind::Form, Kind::Letter];
/// Kinds of the reserved renderer.
pub const RESERVED_KINDS: [Kind; 3] = [Kind::Table, Kind::Sign, Kind::Label];

/// Draws a document of a kind, with names and things of a vocabulary.
pub fn compose(kind: Kind, words: &Vocabulary, rng: &mut SeedRng) -> Document {
    let separator = rng.one::<&str>(&[":", ":", "", "."]);
    let mut draft = Draft { rows: Vec::new(), fields: Vec::new(), separator, words };
    match kind {
        Kind::Invoice => draft.invoice(rng),
        Kind::Receipt => draft.receipt(rng),
        Kind::Form => draft.form(rng),
        Kind::Letter => draft.letter(rng),
        Kind::Table => draft.table(rng),
        Kind::Sign => draft.sign(rng),
        Kind::Label => draft.label(rng),
    }
    Document { kind, rows: draft.rows, fields: draft.fields }
}

/// Labels of fields on paper, by the name that the request uses.
pub(crate) const LABELS: [(&str, &[&str]); 12] = [
    ("number", &["Invoice No", "Invoice number", "Bill No", "Document no"]),
    ("date", &["Date", "Issued on", "Dated"]),
    ("due", &["Pay by", "Due date", "Payable until"]),
    ("customer", &["Customer", "Bill to", "Client"]),
    ("total", &["Total", "Amount due", "To pay", "TOTAL"]),
    ("name", &["Name", "Full name", "Applicant"]),
    ("address", &["Address", "Street", "Lives at"]),
    ("city", &["City", "Town", "Postal town"]),
    ("phone", &["Phone", "Tel", "Telephone"]),
    ("reference", &["Reference", "Our ref", "Ref"]),
    ("code", &["Code", "Tracking no", "Parcel code"]),
    ("hours", &["Open", "Hours", "Daily"]),
];

struct Draft<'w> {
    rows: Vec<Row>,
    fields: Vec<Field>,
    separator: &'static str,
    words: &'w Vocabulary,
}

impl Draft<'_> {
    fn line(&mut self, text: String, percent: i32, align: Align) {
        self.rows.push(Row::Line { text, percent, align });
    }

    /// A named value under one of its labels.
    fn pair(&mut self, rng: &mut SeedRng, name: &str, value: String) {
        let labels =
            LABELS.iter().find(|(known, _)| *known == name).map_or(&["Value"][..], |(_, labels)| labels);
        let label = format!("{}{}", rng.one(labels), self.separator);
        self.fields.push(Field { name: name.to_owned(), value: value.clone() });
        self.rows.push(Row::Pair { label, value });
    }

    /// An item with its price; the item's name is the name of the field.
    fn price(&mut self, item: &str, price: &str) {
        self.fields.push(Field { name: format!("price of {item}"), value: price.to_owned() });
    }

    fn invoice(&mut self, rng: &mut SeedRng) {
        self.line(self.words.company(rng), 115, Align::Left);
        self.line(rng.one(&["INVOICE", "Invoice", "BILL"]).to_string(), 140, Align::Left);
        let number = words::code(rng);
        self.pair(rng, "number", number);
        let date = words::date(rng);
        self.pair(rng, "date", date);
        let customer = self.words.person(rng);
        self.pair(rng, "customer", customer);
        self.rows.push(Row::Rule);
        let count = rng.whole(2, 3) as usize;
        for item in self.words.items(rng, count) {
            let price = words::amount(rng);
            self.price(&item, &price);
            self.rows.push(Row::Cells(vec![item, rng.whole(1, 40).to_string(), price]));
        }
        self.rows.push(Row::Rule);
        let total = words::amount(rng);
        self.pair(rng, "total", total);
    }

    fn receipt(&mut self, rng: &mut SeedRng) {
        self.line(self.words.company(rng), 120, Align::Centre);
        self.line(self.words.address(rng), 90, Align::Centre);
        let date = words::date(rng);
        self.pair(rng, "date", date);
        self.rows.push(Row::Gap);
        let count = rng.whole(3, 5) as usize;
        for item in self.words.items(rng, count) {
            let price = words::amount(rng);
            self.price(&item, &price);
            self.rows.push(Row::Cells(vec![item, price]));
        }
        self.rows.push(Row::Rule);
        let total = words::amount(rng);
        self.pair(rng, "total", total);
        self.line(
            rng.one(&["Thank you!", "Please come again", "Goods sold are not taken back"]).to_string(),
            90,
            Align::Centre,
        );
    }

    fn form(&mut self, rng: &mut SeedRng) {
        let title = *rng.one(&["Registration", "Change of address", "Loan request", "Visitor form"]);
        self.line(title.to_owned(), 130, Align::Left);
        self.rows.push(Row::Rule);
        let mut values = vec![
            ("name", self.words.person(rng)),
            ("address", self.words.address(rng)),
            ("city", self.words.city(rng)),
            ("phone", words::phone(rng)),
            ("date", words::date(rng)),
            ("reference", words::code(rng)),
        ];
        rng.shuffle(&mut values);
        let count = rng.whole(4, 6) as usize;
        for (name, value) in values.into_iter().take(count) {
            self.pair(rng, name, value);
            if rng.chance(300) {
                self.rows.push(Row::Gap);
            }
        }
    }

    fn letter(&mut self, rng: &mut SeedRng) {
        self.line(self.words.company(rng), 115, Align::Right);
        let date = words::date(rng);
        self.pair(rng, "date", date);
        let reference = words::code(rng);
        self.pair(rng, "reference", reference);
        self.rows.push(Row::Gap);
        self.line(format!("Dear {},", self.words.person(rng)), 100, Align::Left);
        let body: Vec<String> = (0..rng.whole(2, 3)).map(|_| self.words.sentence(rng)).collect();
        for line in wrapped(&body.join(" "), rng.whole(30, 38) as usize) {
            self.line(line, 100, Align::Left);
        }
        self.rows.push(Row::Gap);
        self.line(
            rng.one(&["Yours sincerely", "With kind regards", "Best wishes"]).to_string(),
            100,
            Align::Left,
        );
        self.line(self.words.person(rng), 100, Align::Left);
    }

    fn table(&mut self, rng: &mut SeedRng) {
        let title = *rng.one(&["Price list", "Stock report", "Weekly order"]);
        self.line(title.to_owned(), 120, Align::Centre);
        self.rows.push(Row::Cells(["Article", "Pieces", "Price"].map(str::to_owned).to_vec()));
        self.rows.push(Row::Rule);
        let count = rng.whole(4, 6) as usize;
        for item in self.words.items(rng, count) {
            let price = words::amount(rng);
            self.price(&item, &price);
            self.rows.push(Row::Cells(vec![item, rng.whole(1, 900).to_string(), price]));
        }
        self.rows.push(Row::Rule);
        let date = words::date(rng);
        self.pair(rng, "date", date);
    }

    fn sign(&mut self, rng: &mut SeedRng) {
        self.line(self.words.company(rng), 120, Align::Centre);
        self.line(self.words.address(rng), 110, Align::Centre);
        self.rows.push(Row::Gap);
        let hours =
            format!("{}:{}0 - {}:{}0", rng.whole(6, 11), rng.below(6), rng.whole(15, 22), rng.below(6));
        self.pair(rng, "hours", hours);
        let phone = words::phone(rng);
        self.pair(rng, "phone", phone);
    }

    fn label(&mut self, rng: &mut SeedRng) {
        let code = words::code(rng);
        self.pair(rng, "code", code);
        self.rows.push(Row::Rule);
        let values = [
            ("name", self.words.person(rng)),
            ("address", self.words.address(rng)),
            ("city", self.words.city(rng)),
        ];
        for (name, value) in values {
            self.pair(rng, name, value);
        }
        self.rows.push(Row::Rule);
        self.line(format!("{} kg  {}", rng.whole(1, 30), words::date(rng)), 100, Align::Right);
    }
}

/// Lines of at most `width` letters, cut between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
