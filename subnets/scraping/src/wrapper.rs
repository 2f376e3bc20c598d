//! Learns from pages and their rows where the rows of a site stand, and reads other pages of it.
//!
//! A *wrapper* finds rows and, within each, the values of the fields. It is learnt in three steps:
//!
//! 1. Values are looked for on the example pages, in every way in which a page may write them.
//! 2. The smallest element with all values of a row holds the row. What these elements have in common, and others of
//!    their kind have not, tells rows from advertisements. Where one element holds all rows, a row begins at its first
//!    value.
//! 3. Of many rules for each field, the one that finds the most values is taken.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    page::Page,
    protocol::{Example, Field},
    value::{Kind, Reading},
};

/// Longest text of an element that can be a value, blanks included. Longer ones hold several.
const LONGEST: usize = 1_000;
/// Rows of the examples of which rules for fields are made.
const ROWS_FOR_RULES: usize = 8;
/// Most occurrences of a value in a row of which rules are made.
const OCCURRENCES: usize = 8;

/// How much care a wrapper is learnt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// By the positions in the first row alone.
    Little,
    /// By classes, labels and attributes of all rows.
    Much,
}

/// Finds rows and their values on pages of a site.
#[derive(Clone, Debug)]
pub struct Wrapper {
    rows: RowRule,
    fields: Vec<Option<FieldRule>>,
}

/// Where rows are.
#[derive(Clone, Debug)]
struct RowRule {
    kind: Features,
    /// Whether rows begin at these elements and end before the next one. Otherwise each element holds a row.
    flat: bool,
}

/// Features that all elements of a kind have, and those that none of them has.
#[derive(Clone, Debug, Default)]
struct Features {
    all: BTreeSet<String>,
    none: BTreeSet<String>,
}

/// Where a field's value is within a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct FieldRule {
    locator: Locator,
    slot: Slot,
    reading: Reading,
}

/// Way to find an element in its row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Locator {
    /// The element with this class of its own or of the one around it, counted from the first.
    Class { tag: String, class: String, around: bool, nth: usize },
    /// The element with this tag behind the one that says a label.
    Behind { label: String, tag: String },
    /// The element around the one that says a label.
    Around { label: String },
    /// The element whose text begins with a label and a colon.
    Begins { label: String },
    /// The element that has an attribute.
    Attribute { name: String, nth: usize },
    /// The element with this tag, counted from the first.
    Tag { tag: String, nth: usize },
}

/// The part of an element that holds a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Slot {
    /// The whole text.
    Text,
    /// The text behind a colon.
    BehindColon,
    /// The text behind that of the first element in it.
    BehindFirst,
    /// An attribute.
    Attribute(String),
}

/// An element in which a value was found.
#[derive(Clone, Debug)]
struct Occurrence {
    element: usize,
    slot: Slot,
    reading: Reading,
}

/// Elements of a row: from one up to another.
type Span = (usize, usize);

impl Slot {
    fn of(&self, page: &Page, element: usize) -> Option<String> {
        if let Slot::Attribute(name) = self {
            return page.elements[element].attribute(name).map(str::to_owned);
        }
        if page.length(element) > LONGEST {
            return None;
        }
        let text = page.text(element);
        match self {
            Slot::BehindColon => text.split_once(':').map(|(_, rest)| rest.trim().to_owned()),
            Slot::BehindFirst => {
                let first = element + 1;
                let inner = (first < page.elements[element].end).then(|| page.text(first))?;
                text.strip_prefix(&inner).filter(|_| !inner.is_empty()).map(|rest| rest.trim().to_owned())
            }
            _ => Some(text),
        }
    }
}

impl Wrapper {
    /// Learns from pages of a site and the rows that they have. `None` if the rows are not found on the pages.
    pub fn learn(fields: &[Field], examples: &[(Page, &Example)], care: Care) -> Option<Self> {
        let mut learner = Learner { fields, examples, care, marks: BTreeMap::new() };
        let found: Vec<Vec<Found>> =
            examples.iter().map(|(page, example)| learner.occurrences(page, example)).collect();
        let rows = learner.rows(&found)?;
        let mut spans: Vec<(usize, usize, Span)> = Vec::new();
        for (number, (page, _)) in examples.iter().enumerate() {
            let of = row_spans(&rows, page, &found[number]);
            spans.extend(of.into_iter().map(|(row, span)| (number, row, span)));
        }
        learner.count_marks(&found, &spans);
        let fields = (0..fields.len()).map(|field| learner.field(field, &found, &spans)).collect();
        Some(Self { rows, fields })
    }

    /// The rows of a page.
    pub fn read(&self, page: &Page) -> Vec<Vec<String>> {
        let value = |rule: &Option<FieldRule>, span| {
            rule.as_ref().and_then(|rule| rule.read(page, span)).unwrap_or_default()
        };
        let row = |span| self.fields.iter().map(|rule| value(rule, span)).collect::<Vec<String>>();
        let known = self.fields.iter().flatten().count();
        // An element with less than half of the values is no row.
        let is_row =
            |row: &Vec<String>| row.iter().filter(|value| !value.is_empty()).count() * 2 >= known.max(1);
        self.rows.spans(page).into_iter().map(row).filter(is_row).collect()
    }
}

impl RowRule {
    fn spans(&self, page: &Page) -> Vec<Span> {
        let found: Vec<usize> =
            (0..page.elements.len()).filter(|place| self.kind.fit(page, *place)).collect();
        if !self.flat {
            return found.iter().map(|place| (*place, page.elements[*place].end)).collect();
        }
        let end = |at: usize| {
            let around =
                page.elements[found[at]].parent.map_or(page.elements.len(), |at| page.elements[at].end);
            found.get(at + 1).copied().unwrap_or(around).min(around)
        };
        (0..found.len()).map(|at| (found[at], end(at))).collect()
    }
}

impl Features {
    fn fit(&self, page: &Page, place: usize) -> bool {
        let tag = self.all.iter().find_map(|feature| feature.strip_prefix("0t:"));
        if tag.is_some_and(|tag| page.elements[place].tag != tag) {
            return false;
        }
        let has = features(page, place);
        self.all.is_subset(&has) && self.none.is_disjoint(&has)
    }
}

/// Tag, classes and names of attributes of an element and of the two around it, and the tag of the first one in it.
fn features(page: &Page, place: usize) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let inner = (place + 1 < page.elements[place].end).then(|| page.elements[place + 1].tag.as_str());
    out.insert(format!("it:{}", inner.unwrap_or_default()));
    let mut at = Some(place);
    for level in 0..3 {
        let Some(element) = at.map(|at| &page.elements[at]) else { break };
        out.insert(format!("{level}t:{}", element.tag));
        out.extend(element.classes.iter().map(|class| format!("{level}c:{class}")));
        out.extend(element.attributes.iter().map(|(name, _)| format!("{level}a:{name}")));
        at = element.parent;
    }
    out
}

impl FieldRule {
    fn read(&self, page: &Page, span: Span) -> Option<String> {
        let element = self.locator.find(page, span)?;
        let written = self.slot.of(page, element)?;
        self.reading.read(&written, Some(&page.base))
    }
}

impl Locator {
    fn find(&self, page: &Page, (from, to): Span) -> Option<usize> {
        let says = |at: &usize, label: &str| {
            page.length(*at) <= LONGEST && page.text(*at).trim_end_matches(':').trim_end() == label
        };
        match self {
            Locator::Class { tag, class, around, nth } => (from..to)
                .filter(|at| page.elements[*at].tag == *tag && has_class(page, *at, class, *around))
                .nth(*nth),
            Locator::Tag { tag, nth } => (from..to).filter(|at| page.elements[*at].tag == *tag).nth(*nth),
            Locator::Attribute { name, nth } => {
                (from..to).filter(|at| page.elements[*at].attribute(name).is_some()).nth(*nth)
            }
            Locator::Behind { label, tag } => {
                let label = (from..to).find(|at| says(at, label))?;
                (page.elements[label].end..to).find(|at| page.elements[*at].tag == *tag)
            }
            Locator::Around { label } => {
                let label = (from..to).find(|at| says(at, label))?;
                page.elements[label].parent.filter(|around| (from..to).contains(around))
            }
            Locator::Begins { label } => (from..to).rfind(|at| {
                page.length(*at) <= LONGEST
                    && page.text(*at).split_once(':').is_some_and(|(before, _)| before.trim() == label)
            }),
        }
    }
}

fn has_class(page: &Page, place: usize, class: &str, around: bool) -> bool {
    let at = if around { page.elements[place].parent } else { Some(place) };
    at.is_some_and(|at| page.elements[at].classes.iter().any(|known| known == class))
}

/// Occurrences of a row's values, by field.
type Found = Vec<Vec<Occurrence>>;

struct Learner<'a> {
    fields: &'a [Field],
    examples: &'a [(Page, &'a Example)],
    care: Care,
    /// Values that each reading explains, over all fields.
    marks: BTreeMap<Reading, usize>,
}

impl Learner<'_> {
    /// Where the values of each row occur on a page.
    fn occurrences(&self, page: &Page, example: &Example) -> Vec<Found> {
        let mut wanted: HashMap<(Kind, &str), Vec<(usize, usize)>> = HashMap::new();
        for (row, values) in example.rows.iter().enumerate() {
            for (field, value) in values.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
                wanted.entry((self.fields[field].kind, value)).or_default().push((row, field));
            }
        }
        let kinds: BTreeSet<Kind> = self.fields.iter().map(|field| field.kind).collect();
        let mut found = vec![vec![Vec::new(); self.fields.len()]; example.rows.len()];
        for (place, element) in page.elements.iter().enumerate() {
            let mut slots = vec![Slot::Text, Slot::BehindColon, Slot::BehindFirst];
            slots.extend(element.attributes.iter().map(|(name, _)| Slot::Attribute(name.clone())));
            for slot in slots {
                let Some(written) = slot.of(page, place).filter(|written| written.len() <= LONGEST) else {
                    continue;
                };
                for kind in &kinds {
                    for reading in kind.readings() {
                        let read = reading.read(&written, Some(&page.base));
                        let rows = read.as_deref().and_then(|value| wanted.get(&(*kind, value)));
                        for (row, field) in rows.into_iter().flatten() {
                            let occurrence =
                                Occurrence { element: place, slot: slot.clone(), reading: *reading };
                            found[*row][*field].push(occurrence);
                        }
                    }
                }
            }
        }
        found
    }

    /// The rule for rows.
    fn rows(&self, found: &[Vec<Found>]) -> Option<RowRule> {
        let mut holders: Vec<(usize, usize)> = Vec::new();
        for (number, (page, _)) in self.examples.iter().enumerate() {
            let of = found[number].iter().filter_map(|row| holder(page, row));
            holders.extend(of.map(|place| (number, place)));
        }
        let different: BTreeSet<&(usize, usize)> = holders.iter().collect();
        // Where most rows have the same smallest element, nothing holds a row alone.
        let flat = holders.len() > self.examples.len() && different.len() * 2 < holders.len();
        if flat {
            holders.clear();
            for (number, (page, _)) in self.examples.iter().enumerate() {
                let starts = starts(page, &found[number]);
                holders.extend(starts.into_iter().map(|(_, place)| (number, place)));
            }
        }
        if self.care == Care::Little {
            holders.truncate(1);
        }
        let of = |(number, place): &(usize, usize)| features(&self.examples[*number].0, *place);
        let mut shared = holders.iter().map(of);
        let mut all = shared.next()?;
        shared.for_each(|other| all.retain(|feature| other.contains(feature)));
        if self.care == Care::Little {
            all.retain(|feature| feature[1..].starts_with('t') && !feature.starts_with('i'));
            return Some(RowRule { kind: Features { all, none: BTreeSet::new() }, flat });
        }
        let mut kind = Features { all, none: BTreeSet::new() };
        let rows: BTreeSet<(usize, usize)> = holders.iter().copied().collect();
        let known: BTreeSet<String> = holders.iter().flat_map(of).collect();
        // Others that look like rows are told apart by what no row has.
        for (number, (page, _)) in self.examples.iter().enumerate() {
            for place in 0..page.elements.len() {
                if !rows.contains(&(number, place)) && kind.fit(page, place) {
                    kind.none
                        .extend(features(page, place).into_iter().find(|feature| !known.contains(feature)));
                }
            }
        }
        Some(RowRule { kind, flat })
    }

    /// Counts how many values each reading explains, so that a number that could be read in two ways is read like the
    /// others of the site.
    fn count_marks(&mut self, found: &[Vec<Found>], spans: &[(usize, usize, Span)]) {
        for (number, row, (from, to)) in spans {
            for occurrence in found[*number][*row].iter().flatten() {
                if (*from..*to).contains(&occurrence.element) {
                    *self.marks.entry(occurrence.reading).or_default() += 1;
                }
            }
        }
    }

    /// The best rule for a field.
    fn field(&self, field: usize, found: &[Vec<Found>], spans: &[(usize, usize, Span)]) -> Option<FieldRule> {
        let few = if self.care == Care::Little { 1 } else { ROWS_FOR_RULES };
        let mut rules: BTreeSet<FieldRule> = BTreeSet::new();
        for (number, row, span) in spans.iter().take(few) {
            let inside = |occurrence: &&Occurrence| (span.0..span.1).contains(&occurrence.element);
            for occurrence in found[*number][*row][field].iter().filter(inside).take(OCCURRENCES) {
                let locators = self.locators(&self.examples[*number].0, *span, occurrence);
                rules.extend(locators.into_iter().map(|locator| FieldRule {
                    locator,
                    slot: occurrence.slot.clone(),
                    reading: occurrence.reading,
                }));
            }
        }
        let right = |rule: &FieldRule| {
            let hits = spans.iter().filter(|(number, row, span)| {
                let (page, example) = &self.examples[*number];
                rule.read(page, *span).unwrap_or_default() == example.rows[*row][field]
            });
            (hits.count(), self.marks.get(&rule.reading).copied().unwrap_or_default())
        };
        // Of equals the first is taken: a class says more than a label, and that more than a position.
        rules.into_iter().rev().max_by_key(right)
    }

    /// Ways to find an element in its row again.
    fn locators(&self, page: &Page, span: Span, occurrence: &Occurrence) -> Vec<Locator> {
        let place = occurrence.element;
        let element = &page.elements[place];
        let nth = |fits: &dyn Fn(usize) -> bool| (span.0..place).filter(|at| fits(*at)).count();
        let tag = element.tag.clone();
        let by_tag = Locator::Tag { tag: tag.clone(), nth: nth(&|at| page.elements[at].tag == tag) };
        if self.care == Care::Little {
            return vec![by_tag];
        }
        let mut locators = vec![by_tag];
        for around in [false, true] {
            let from = if around { element.parent.filter(|at| *at >= span.0) } else { Some(place) };
            for class in from.iter().flat_map(|at| &page.elements[*at].classes) {
                let fits = |at: usize| page.elements[at].tag == tag && has_class(page, at, class, around);
                let nth = nth(&fits);
                locators.push(Locator::Class { tag: tag.clone(), class: class.clone(), around, nth });
            }
        }
        if let Slot::Attribute(name) = &occurrence.slot {
            let nth = nth(&|at| page.elements[at].attribute(name).is_some());
            locators.push(Locator::Attribute { name: name.clone(), nth });
        }
        let label = |text: String| text.trim_end_matches(':').trim_end().to_owned();
        match occurrence.slot {
            Slot::BehindColon => {
                let text = page.text(place);
                locators.extend(
                    text.split_once(':').map(|(before, _)| Locator::Begins { label: label(before.into()) }),
                );
            }
            Slot::BehindFirst => locators.push(Locator::Around { label: label(page.text(place + 1)) }),
            _ => {
                // The last element with words before this one, or before the one around it.
                let before =
                    (span.0..place).rev().find(|at| page.elements[*at].end <= place && page.length(*at) > 0);
                let before = before.map(|at| label(page.text(at))).filter(|label| !label.is_empty());
                locators.extend(before.map(|label| Locator::Behind { label, tag }));
            }
        }
        locators
    }
}

/// The elements of each example row, in the order of the rows.
fn row_spans(rule: &RowRule, page: &Page, found: &[Found]) -> Vec<(usize, Span)> {
    let spans = rule.spans(page);
    let of = |place: usize| spans.iter().copied().find(|(from, to)| (*from..*to).contains(&place));
    let places: Vec<(usize, usize)> = if rule.flat {
        starts(page, found)
    } else {
        let holders = found.iter().enumerate();
        holders.filter_map(|(row, found)| Some((row, holder(page, found)?))).collect()
    };
    places.into_iter().filter_map(|(row, place)| Some((row, of(place)?))).collect()
}

/// The smallest element that has as many values of a row as any.
fn holder(page: &Page, row: &Found) -> Option<usize> {
    let mut has = vec![0u32; page.elements.len()];
    for (field, occurrences) in row.iter().enumerate() {
        for occurrence in occurrences {
            let mut at = Some(occurrence.element);
            while let Some(place) = at.filter(|place| has[*place] & (1 << field) == 0) {
                has[place] |= 1 << field;
                at = page.elements[place].parent;
            }
        }
    }
    let most = has.iter().map(|fields| fields.count_ones()).max().filter(|most| *most > 0)?;
    (0..has.len())
        .filter(|place| has[*place].count_ones() == most)
        .min_by_key(|place| page.elements[*place].end - place)
}

/// The element with which each row begins, where rows follow one another in one element: that of its first field which
/// every row has. Rows stand in their order.
fn starts(page: &Page, found: &[Found]) -> Vec<(usize, usize)> {
    let fields = found.first().map_or(0, Vec::len);
    let Some(field) = (0..fields).find(|field| found.iter().all(|row| !row[*field].is_empty())) else {
        return Vec::new();
    };
    let mut after = 0;
    let mut out = Vec::new();
    for (row, found) in found.iter().enumerate() {
        let in_words = |occurrence: &&Occurrence| !matches!(occurrence.slot, Slot::Attribute(_));
        let elements = found[field].iter().filter(in_words).map(|occurrence| occurrence.element);
        // The outermost of elements that say the same.
        if let Some(element) = elements.filter(|element| *element >= after).min() {
            out.push((row, element));
            after = page.elements[element].end;
        }
    }
    out
}
