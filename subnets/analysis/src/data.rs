//! Tables drawn from a seed: their values, and the awkward forms that these take.
//!
//! A [`Model`] gives the possible values of every column. From one model come the small tables that a miner sees and
//! the hidden ones that it doesn't, each with a [`Profile`]. So a query that is right by luck on tidy rows fails on
//! others.

use std::collections::BTreeMap;

use myelin_lm::kernel::Random;
use myelin_wire::seed::SeedRng;
use serde::{Deserialize, Serialize};

use crate::{
    engine::Reads,
    lexicon::{Attribute, Lexicon},
    query::Query,
    schema::{Column, ColumnRef, Kind, Reference, Rows, Schema, Table, MAX_COLUMNS},
    value::{day_of, day_text, Cell, Row, Value},
};

/// Possible values of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Domain {
    /// Numbers that no two rows share.
    Key,
    /// Keys of another table.
    Link(usize),
    /// Whole numbers, both ends included.
    Range(i64, i64),
    /// Days counted from 2000-01-01, both ends included.
    Days(i64, i64),
    /// 0 or 1.
    Flag,
    /// One of these values.
    Values(Vec<Value>),
}

/// Tables and the possible values of their cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Names and kinds of tables and columns.
    pub schema: Schema,
    /// The domain of every column, table by table.
    pub domains: Vec<Vec<Domain>>,
    /// Words of a question for a column, where they differ from its name.
    pub words: Vec<Vec<Vec<String>>>,
}

/// A way to draw rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// A few rows for people to look at.
    Small,
    /// As few rows as in `Small`, and few different values in them.
    Few,
    /// No peculiarity.
    Plain,
    /// Every third cell unknown where a cell may be unknown.
    Nulls,
    /// Few different values, so that many are equal.
    Ties,
    /// Half of all references lead to one row, small values prevail.
    Skewed,
    /// Many rows that nothing refers to, references that are unknown.
    Sparse,
    /// Amounts near the constants of the question, one more, one less.
    Edges,
    /// Many rows, which show the cost of a query.
    Large,
}

/// Profiles of a task's hidden tables. The large ones come first, because a query that takes too long does so there.
pub const HIDDEN_PROFILES: [Profile; 7] = [
    Profile::Large,
    Profile::Plain,
    Profile::Nulls,
    Profile::Ties,
    Profile::Skewed,
    Profile::Sparse,
    Profile::Edges,
];

/// Constants of a question by column. Rows are drawn around them, because otherwise a test would hold for all rows or
/// none.
pub type Focus = BTreeMap<ColumnRef, Vec<Value>>;

impl Profile {
    fn rows(self, keyed: bool, random: &mut Random) -> usize {
        let (low, high) = match (self, keyed) {
            (Profile::Small | Profile::Few, true) => (4, 6),
            (Profile::Small | Profile::Few, false) => (8, 12),
            (Profile::Large, true) => (30, 40),
            (Profile::Large, false) => (90, 110),
            (_, true) => (7, 12),
            (_, false) => (14, 26),
        };
        range(random, low, high) as usize
    }

    fn null_percent(self) -> usize {
        match self {
            Profile::Nulls => 34,
            Profile::Small | Profile::Few => 18,
            Profile::Edges => 14,
            Profile::Sparse => 20,
            _ => 7,
        }
    }

    fn focus_percent(self) -> usize {
        match self {
            Profile::Edges | Profile::Small => 60,
            Profile::Large => 25,
            _ => 40,
        }
    }
}

impl Model {
    /// Draws names, kinds and references of one to four tables.
    pub fn draw(lexicon: &Lexicon, rng: &mut SeedRng) -> Option<Self> {
        let count = [1, 2, 2, 3, 3, 4][rng.below(6) as usize];
        let mut entities: Vec<usize> = (0..lexicon.entities.len()).collect();
        rng.shuffle(&mut entities);
        let mut left: Vec<&Attribute> = lexicon.attributes.iter().collect();
        rng.shuffle(&mut left);
        // Names and words that are taken: within a task every column is called by words of its own.
        let mut taken: Vec<&str> = Vec::new();
        let mut model = Model { schema: Schema::default(), domains: Vec::new(), words: Vec::new() };
        for at in 0..count {
            let (_, plural) = lexicon.entities.get(*entities.get(at)?)?;
            let mut table = Table { name: plural.clone(), columns: Vec::new(), keyed: true };
            let (mut domains, mut words) = (Vec::new(), Vec::new());
            let mut add = |name: String, kind, nullable, domain, said: Vec<String>| {
                table.columns.push(Column { name, kind, nullable });
                domains.push(domain);
                words.push(said);
            };
            add("id".into(), Kind::Integer, false, Domain::Key, Vec::new());
            if at > 0 {
                // Mostly the neighbouring table, so that chains and stars both occur.
                let to = if rng.below(3) == 0 { rng.below(at as u64) as usize } else { at - 1 };
                let (singular, _) = lexicon.entities.get(*entities.get(to)?)?;
                model.schema.references.push(Reference { table: at, column: 1, to });
                add(format!("{singular}_id"), Kind::Integer, true, Domain::Link(to), Vec::new());
            }
            let wanted = [
                (Kind::Text, rng.range(1, 2)),
                (Kind::Integer, rng.range(1, 3)),
                (Kind::Date, rng.below(2)),
                (Kind::Boolean, rng.below(2)),
            ];
            for (kind, number) in wanted {
                for _ in 0..number {
                    let fits = |attribute: &&Attribute| {
                        let fresh = |word: &String| !taken.contains(&word.as_str());
                        attribute.kind() == kind
                            && fresh(&attribute.name)
                            && attribute.words.iter().all(fresh)
                    };
                    let found = left.iter().position(fits)?;
                    let attribute = left.remove(found);
                    taken.push(&attribute.name);
                    taken.extend(attribute.words.iter().map(String::as_str));
                    let nullable = rng.below(100) < 45;
                    let domain = attribute.domain(rng)?;
                    add(attribute.name.clone(), kind, nullable, domain, attribute.words.clone());
                }
            }
            model.schema.tables.push(table);
            model.domains.push(domains);
            model.words.push(words);
        }
        Some(model)
    }

    /// A model of tables that exist: every column holds its values there, up to 64 different ones.
    pub fn of_tables(schema: Schema, rows: &Rows) -> Self {
        let domain = |table: usize, column: usize| {
            let mut values: Vec<Value> = rows
                .get(table)
                .into_iter()
                .flatten()
                .filter_map(|row: &Row| row.get(column))
                .cloned()
                .collect();
            values.retain(|value| !value.is_null());
            values.sort();
            values.dedup();
            let step = values.len().div_ceil(64).max(1);
            Domain::Values(values.into_iter().step_by(step).collect())
        };
        let mut domains = Vec::new();
        let mut words = Vec::new();
        for (at, table) in schema.tables.iter().enumerate() {
            let of_column = |column: usize| match schema
                .references
                .iter()
                .find(|link| (link.table, link.column) == (at, column))
            {
                _ if table.keyed && column == 0 => Domain::Key,
                Some(link) => Domain::Link(link.to),
                None => domain(at, column),
            };
            domains.push((0..table.columns.len()).map(of_column).collect());
            words.push(vec![Vec::new(); table.columns.len()]);
        }
        Model { schema, domains, words }
    }

    /// Constants of a query by column: those that are possible values of the columns that it reads.
    pub fn focus_of(&self, query: &Query, reads: &Reads) -> Focus {
        let mut focus = Focus::new();
        let constants: Vec<Value> = query.constants().iter().filter_map(|text| Value::of_sql(text)).collect();
        for at in &reads.columns {
            let Some(Domain::Values(values)) = self.domain(*at) else { continue };
            // The sign of a number is not part of the constant.
            let named = |value: &&Value| {
                constants.iter().any(|constant| constant == *value || constant.negated() == **value)
            };
            let named: Vec<Value> = values.iter().filter(named).cloned().collect();
            if !named.is_empty() {
                focus.insert(*at, named);
            }
        }
        focus
    }

    /// The domain of a column.
    pub fn domain(&self, at: ColumnRef) -> Option<&Domain> {
        self.domains.get(at.table)?.get(at.column)
    }

    /// A value of a column's domain that a question may name.
    pub fn constant(&self, at: ColumnRef, rng: &mut SeedRng) -> Option<Value> {
        // Away from the ends, because there a comparison would hold always or never.
        let inner = |low: i64, high: i64, rng: &mut SeedRng| {
            let margin = (high - low) / 5;
            (low + margin).saturating_add(rng.below((high - low - 2 * margin + 1).max(1) as u64) as i64)
        };
        Some(match self.domain(at)? {
            Domain::Key | Domain::Link(_) => return None,
            Domain::Range(low, high) => Value::Integer(inner(*low, *high, rng)),
            Domain::Days(low, high) => Value::Text(day_text(inner(*low, *high, rng))),
            Domain::Flag => Value::Integer(rng.below(2) as i64),
            Domain::Values(values) => rng.choose(values)?.clone(),
        })
    }

    /// Draws the rows of all tables.
    pub fn rows(&self, profile: Profile, focus: &Focus, rng: &mut SeedRng) -> Rows {
        self.tables(None, profile, focus, rng).to_rows()
    }

    /// Draws the rows of all tables as [`Model::rows`] does, but leaves cells unknown that no query reads, and gives
    /// rows without cells to tables that no query reads.
    pub fn rows_for(
        &self,
        reads: Option<&Reads>,
        profile: Profile,
        focus: &Focus,
        rng: &mut SeedRng,
    ) -> Rows {
        self.tables(reads, profile, focus, rng).to_rows()
    }

    /// Draws the tables, of those that are read the columns that are read. Takes one word of the generator: what it
    /// leads to is a stream of its own for each column, so that none depends on whether another is drawn. The streams
    /// are fast and can be worked out from what they gave, so tables that are shown and tables that are hidden must
    /// never come from the same word.
    pub fn tables<'a>(
        &'a self,
        reads: Option<&Reads>,
        profile: Profile,
        focus: &'a Focus,
        rng: &mut SeedRng,
    ) -> Tables<'a> {
        let reads = reads.filter(|reads| !reads.more);
        let chance = rng.next_u64();
        let mut random = Random::new(chance);
        let schema = &self.schema;
        // Keys come first, because references need them. They are spread, so that they do not give the number of rows.
        let keys: Vec<Vec<i64>> = (0..schema.tables.len())
            .map(|at| {
                let referring = schema.references.iter().any(|link| link.table == at);
                let count = profile.rows(!referring && schema.tables.len() > 1, &mut random);
                let mut next = range(&mut random, 1, 20);
                let mut keys = Vec::with_capacity(count);
                for _ in 0..count {
                    keys.push(next);
                    next += range(&mut random, 1, 7);
                }
                for end in (1..keys.len()).rev() {
                    keys.swap(end, random.below(end + 1));
                }
                keys
            })
            .collect();
        let columns = schema.tables.iter().enumerate().map(|(table, found)| {
            if reads.is_some_and(|reads| !reads.tables.contains(&table)) {
                return Vec::new();
            }
            let column = |column| {
                let at = ColumnRef { table, column };
                let key = matches!(self.domain(at), Some(Domain::Key));
                let read = key || reads.is_none_or(|reads| reads.columns.contains(&at));
                let stream = 1 + table * MAX_COLUMNS + column;
                let mut random = Random::stream(chance, stream as u64);
                match read {
                    true => self.column(at, &keys, profile, focus, &mut random),
                    false => Vec::new(),
                }
            };
            (0..found.columns.len()).map(column).collect()
        });
        Tables { columns: columns.collect(), counts: keys.iter().map(Vec::len).collect() }
    }

    /// Draws the cells of a column.
    fn column<'a>(
        &'a self,
        at: ColumnRef,
        keys: &[Vec<i64>],
        profile: Profile,
        focus: &'a Focus,
        random: &mut Random,
    ) -> Vec<Cell<'a>> {
        let own = keys.get(at.table).map(Vec::as_slice).unwrap_or_default();
        let (Some(domain), Some(column)) = (self.domain(at), self.schema.column(at)) else {
            return Vec::new();
        };
        let constants = focus.get(&at).map(Vec::as_slice).unwrap_or_default();
        let named = Named::of(domain, constants);
        let mut few = Vec::new();
        if matches!(profile, Profile::Ties | Profile::Few) {
            few.extend(constants.iter().take(2).map(Cell::of));
            let plain = Named::Others(Vec::new());
            few.extend((few.len()..3).map(|_| cell(domain, Profile::Plain, &plain, random)));
        }
        let draw = |key: &i64| match domain {
            // The engine keeps rows in the order of their keys.
            Domain::Key => Cell::Integer(*key),
            _ if column.nullable && random.below(100) < profile.null_percent() => Cell::Null,
            Domain::Link(to) => link(keys.get(*to).map(Vec::as_slice), profile, random),
            _ if !few.is_empty() => choose(&few, random),
            _ => cell(domain, profile, &named, random),
        };
        own.iter().map(draw).collect()
    }
}

/// Tables whose rows were drawn, column by column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables<'a> {
    /// The number of rows of each table.
    pub counts: Vec<usize>,
    /// For each table its columns; none if nobody reads the table, and an empty one where nobody reads the column.
    columns: Vec<Vec<Vec<Cell<'a>>>>,
}

impl<'a> Tables<'a> {
    /// The cells of a column; none if nobody reads it.
    pub fn column(&self, at: ColumnRef) -> &[Cell<'a>] {
        let column = self.columns.get(at.table).and_then(|columns| columns.get(at.column));
        column.map(Vec::as_slice).unwrap_or_default()
    }

    /// The tables row by row.
    pub fn to_rows(&self) -> Rows {
        let rows = |(columns, count): (&Vec<Vec<Cell<'a>>>, &usize)| {
            let cell = |column: &Vec<Cell<'a>>, row: usize| column.get(row).map(Cell::to_value);
            let row = |row| columns.iter().map(|column| cell(column, row).unwrap_or_default()).collect();
            (0..*count).map(row).collect()
        };
        self.columns.iter().zip(&self.counts).map(rows).collect()
    }
}

/// Constants of a question about one column, as its cells are drawn from them.
enum Named<'a> {
    /// Numbers that cells lie near.
    Numbers(Vec<i64>),
    /// Days that cells lie near.
    Days(Vec<i64>),
    /// Values that cells take as they are.
    Others(Vec<Cell<'a>>),
}

impl<'a> Named<'a> {
    fn of(domain: &Domain, constants: &'a [Value]) -> Self {
        let day = |value: &Value| match value {
            Value::Text(text) => day_of(text),
            _ => None,
        };
        match domain {
            Domain::Range(..) => Named::Numbers(constants.iter().filter_map(Value::whole).collect()),
            Domain::Days(..) => Named::Days(constants.iter().filter_map(day).collect()),
            _ => Named::Others(constants.iter().map(Cell::of).collect()),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Named::Numbers(of) | Named::Days(of) => of.is_empty(),
            Named::Others(of) => of.is_empty(),
        }
    }
}

fn range(random: &mut Random, low: i64, high: i64) -> i64 {
    low + random.below((high - low + 1) as usize) as i64
}

fn choose<T: Copy + Default>(items: &[T], random: &mut Random) -> T {
    items.get(random.below(items.len())).copied().unwrap_or_default()
}

fn link<'a>(keys: Option<&[i64]>, profile: Profile, random: &mut Random) -> Cell<'a> {
    let keys = keys.unwrap_or_default();
    let some = match profile {
        Profile::Skewed if random.below(2) == 0 => keys.get(..1).unwrap_or_default(),
        // Only the first half is referred to.
        Profile::Sparse | Profile::Small | Profile::Few => {
            keys.get(..keys.len().div_ceil(2)).unwrap_or_default()
        }
        _ => keys,
    };
    match some {
        [] => Cell::Null,
        some => Cell::Integer(choose(some, random)),
    }
}

/// A cell of a domain, now and then a constant of the question, or for numbers and days its neighbour.
fn cell<'a>(domain: &'a Domain, profile: Profile, named: &Named<'a>, random: &mut Random) -> Cell<'a> {
    if !named.is_empty() && random.below(100) < profile.focus_percent() {
        let step = match profile {
            Profile::Edges | Profile::Small => range(random, -1, 1),
            _ => 0,
        };
        return match named {
            Named::Numbers(of) => Cell::Integer(choose(of, random).saturating_add(step)),
            Named::Days(of) => Cell::day(choose(of, random).saturating_add(step)),
            Named::Others(of) => choose(of, random),
        };
    }
    // Small values prevail where the profile is skewed: the smallest of three.
    let draws = if profile == Profile::Skewed { 3 } else { 1 };
    let mut number = |low: i64, high: i64| {
        let width = high.saturating_sub(low).max(0) as usize + 1;
        low.saturating_add((0..draws).map(|_| random.below(width)).min().unwrap_or_default() as i64)
    };
    match domain {
        Domain::Range(low, high) => Cell::Integer(number(*low, *high)),
        Domain::Days(low, high) => Cell::day(number(*low, *high)),
        Domain::Flag => Cell::Integer(number(0, 1)),
        Domain::Values(values) if !values.is_empty() => {
            let drawn = number(0, values.len() as i64 - 1) as usize;
            values.get(drawn).map(Cell::of).unwrap_or_default()
        }
        _ => Cell::Null,
    }
}

impl Attribute {
    fn kind(&self) -> Kind {
        match (&self.range, &self.dates, self.flag) {
            (Some(_), _, _) => Kind::Integer,
            (_, Some(_), _) => Kind::Date,
            (_, _, true) => Kind::Boolean,
            _ => Kind::Text,
        }
    }

    /// The domain of a column of this kind: part of the values, a part of the range.
    fn domain(&self, rng: &mut SeedRng) -> Option<Domain> {
        Some(match (&self.range, &self.dates, self.flag) {
            (Some((low, high)), _, _) => {
                let width = (high - low) as u64;
                let from = low + rng.below(width / 4 + 1) as i64;
                Domain::Range(from, high - rng.below(width / 4 + 1) as i64)
            }
            (_, Some((first, days)), _) => {
                let first = day_of(first)?;
                Domain::Days(first, first + days)
            }
            (_, _, true) => Domain::Flag,
            _ => {
                let mut values: Vec<Value> = self.values.iter().map(Value::text).collect();
                rng.shuffle(&mut values);
                values.truncate(rng.range(3, 6) as usize);
                Domain::Values(values)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;

    fn model(number: u64) -> Model {
        Model::draw(&Lexicon::public().unwrap(), &mut Seed([1; 32]).derive(b"model", number).rng()).unwrap()
    }

    #[test]
    fn drawn_models_are_sound_and_their_rows_fit() {
        for number in 0..200 {
            let model = model(number);
            model.schema.check().unwrap();
            for profile in [Profile::Small].into_iter().chain(HIDDEN_PROFILES) {
                let rows =
                    model.rows(profile, &Focus::new(), &mut Seed([2; 32]).derive(b"rows", number).rng());
                model.schema.check_rows(&rows, 1000).unwrap();
                for link in &model.schema.references {
                    let keys: Vec<_> = rows[link.to].iter().map(|row| &row[0]).collect();
                    let referring = rows[link.table].iter().map(|row| &row[link.column]);
                    assert!(referring.filter(|value| !value.is_null()).all(|value| keys.contains(&value)));
                }
            }
        }
    }

    #[test]
    fn a_seed_always_draws_the_same_rows() {
        let draw = || model(3).rows(Profile::Nulls, &Focus::new(), &mut Seed([2; 32]).rng());
        assert_eq!(draw(), draw());
        assert_eq!(model(3), model(3));
        assert_ne!(model(3), model(4));
    }

    #[test]
    fn what_nobody_reads_is_left_out_and_changes_nothing_else() {
        for number in 0..40 {
            let model = model(number);
            let columns = model.schema.columns_of(0).map(|(at, _)| at);
            let reads = Reads { tables: [0].into(), columns: columns.step_by(2).collect(), more: false };
            for profile in HIDDEN_PROFILES {
                let rng = || Seed([3; 32]).derive(b"rows", number).rng();
                let all = model.rows(profile, &Focus::new(), &mut rng());
                let read = model.rows_for(Some(&reads), profile, &Focus::new(), &mut rng());
                let lengths = |rows: &Rows| rows.iter().map(Vec::len).collect::<Vec<_>>();
                assert_eq!(lengths(&all), lengths(&read));
                assert!(read[1..].iter().flatten().all(Vec::is_empty), "nobody reads the other tables");
                for (all, read) in all[0].iter().zip(&read[0]) {
                    let wanted = |at: usize| if at.is_multiple_of(2) { &all[at] } else { &Value::Null };
                    assert!(read.iter().enumerate().all(|(at, cell)| cell == wanted(at)), "{read:?}");
                }
            }
        }
    }

    #[test]
    fn profiles_do_what_they_say() {
        let (mut nulls, mut plain) = (0, 0);
        let count = |rows: &Rows| rows.iter().flatten().flatten().filter(|cell| cell.is_null()).count();
        for number in 0..20 {
            let model = model(number);
            let rng = || Seed([4; 32]).derive(b"rows", number).rng();
            nulls += count(&model.rows(Profile::Nulls, &Focus::new(), &mut rng()));
            plain += count(&model.rows(Profile::Plain, &Focus::new(), &mut rng()));
            let ties = model.rows(Profile::Ties, &Focus::new(), &mut rng());
            for (at, column) in model.schema.columns_of(0).filter(|(at, _)| !model.schema.is_link(*at)) {
                let mut values: Vec<_> = ties[0].iter().map(|row| row[at.column].clone()).collect();
                values.sort();
                values.dedup();
                assert!(values.len() <= 4, "{}: {values:?}", column.name);
            }
        }
        assert!(nulls > 3 * plain && plain > 0, "{nulls} against {plain}");
    }
}
