//! Finds a query by examples: tries the queries of the plans' grammar, simplest first, until one fits all
//! examples.
//!
//! The tables of every example are joined once per way of joining, and each test becomes one bit per joined row. Tests
//! that keep the same rows on all examples are tried once. It remains to compute outputs from sets of rows. There is
//! nothing to invert here: this search is the work.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    time::Instant,
};

use crate::{
    plan::{Aggregate, Function, Join, Op, Order, Output, Plan, Test},
    protocol::AnalysisRequest,
    schema::{ColumnRef, Kind, Rows, Schema},
    value::{same_rows, Row, Value},
};

/// Joined rows of an example, one bit each.
type Mask = u128;
/// Most joined rows of an example.
const MAX_JOINED: usize = 128;
/// Most combinations of outputs that are tried for one way of joining.
const MAX_OUTPUTS: usize = 4096;
/// Most kept sets of rows for one way of joining.
const MAX_SETS: usize = 4000;
/// Trials between two readings of the clock.
const CLOCK: u64 = 256;

/// A plan that gives the right result on every example; `None` if `tries` trials or the time do not suffice.
pub fn search(request: &AnalysisRequest, tries: u64, until: Instant) -> Option<Plan> {
    let examples: Vec<(&Rows, &[Row])> = request
        .examples
        .iter()
        .filter_map(|example| Some((&example.tables, example.result.as_deref()?)))
        .collect();
    let width = examples.iter().flat_map(|(_, result)| result.first()).map(Vec::len).next()?;
    let mut budget = Budget { left: tries, until };
    let mut grounds = Vec::new();
    for (base, joins) in ways_to_join(&request.schema) {
        grounds.extend(Ground::lay(request, &examples, base, joins, width));
    }
    // Simplest queries first: for all ways of joining without tests, then with one test, and so on.
    for size in 0..=2 {
        for ground in &mut grounds {
            ground.grow(size);
            if let Some(plan) = ground.try_all(request, size, &mut budget) {
                return Some(plan);
            }
            if budget.is_spent() {
                return None;
            }
        }
    }
    None
}

struct Budget {
    left: u64,
    until: Instant,
}

impl Budget {
    fn spend(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        if self.left.is_multiple_of(CLOCK) && Instant::now() >= self.until {
            self.left = 0;
        }
        self.left > 0
    }

    fn is_spent(&self) -> bool {
        self.left == 0
    }
}

/// Ways of joining: every table alone, then with one, then with two others; those that keep unmatched rows come last.
fn ways_to_join(schema: &Schema) -> Vec<(usize, Vec<Join>)> {
    let mut all: Vec<(usize, Vec<Join>)> = (0..schema.tables.len()).map(|base| (base, Vec::new())).collect();
    let mut seen = BTreeSet::new();
    let mut from = 0;
    for _ in 0..2 {
        let to = all.len();
        for at in from..to {
            let (base, joins) = all[at].clone();
            let plan = Plan { joins: joins.clone(), ..Plan::of(base, Vec::new()) };
            let Some(tables) = plan.tables(schema) else { continue };
            for (reference, link) in schema.references.iter().enumerate() {
                if tables.contains(&link.table) == tables.contains(&link.to) {
                    continue;
                }
                for keep in [false, true] {
                    let mut joins = joins.clone();
                    joins.push(Join { reference, keep });
                    let used: BTreeSet<(usize, bool)> =
                        joins.iter().map(|join| (join.reference, join.keep)).collect();
                    // Matched rows are the same from either side.
                    let side = if joins.iter().any(|join| join.keep) { base } else { usize::MAX };
                    if seen.insert((used, side)) {
                        all.push((base, joins));
                    }
                }
            }
        }
        from = to;
    }
    all
}

/// Whether a joined row passes a test.
type Passing<'a> = Box<dyn Fn(&Row) -> bool + 'a>;

/// One way of joining, with the joined rows of every example.
struct Ground {
    base: usize,
    joins: Vec<Join>,
    columns: Vec<ColumnRef>,
    examples: Vec<Joined>,
    /// For every column of the result, its possible outputs.
    outputs: Vec<Vec<Output>>,
    /// Single tests, each with the rows it keeps.
    tests: Vec<(Test, Vec<Mask>)>,
    /// Sets of rows found so far, with the tests that keep them; those of the current size from `fresh` on.
    sets: Vec<(Vec<usize>, Vec<Mask>)>,
    fresh: usize,
    known: HashSet<Vec<Mask>>,
    having: Vec<(Aggregate, Op, i64)>,
}

struct Joined {
    rows: Vec<Row>,
    result: Vec<Row>,
    all: Mask,
}

impl Ground {
    fn lay(
        request: &AnalysisRequest,
        examples: &[(&Rows, &[Row])],
        base: usize,
        joins: Vec<Join>,
        width: usize,
    ) -> Option<Self> {
        let schema = &request.schema;
        let plan = Plan { joins: joins.clone(), ..Plan::of(base, Vec::new()) };
        let tables = plan.tables(schema)?;
        let columns: Vec<ColumnRef> =
            tables.iter().flat_map(|table| schema.columns_of(*table)).map(|(at, _)| at).collect();
        let mut joined = Vec::new();
        for (tables, result) in examples {
            let rows = join_rows(schema, tables, base, &joins)?;
            let all = if rows.len() == MAX_JOINED { Mask::MAX } else { (1 << rows.len()) - 1 };
            joined.push(Joined { rows, result: result.to_vec(), all });
        }
        let mut ground = Ground {
            base,
            joins,
            columns,
            examples: joined,
            outputs: Vec::new(),
            tests: Vec::new(),
            sets: Vec::new(),
            fresh: 0,
            known: HashSet::new(),
            having: Vec::new(),
        };
        for place in 0..width {
            let found = ground.candidates(schema, place);
            if found.is_empty() {
                return None;
            }
            ground.outputs.push(found);
        }
        let raw: Vec<Rows> = examples.iter().map(|(tables, _)| (*tables).clone()).collect();
        for test in atoms(request, &tables, &ground.columns) {
            let kept: Option<Vec<Mask>> = ground
                .examples
                .iter()
                .zip(&raw)
                .map(|(example, tables)| ground.keep(schema, example, tables, &test))
                .collect();
            ground.tests.extend(kept.map(|kept| (test, kept)));
        }
        ground.having = having(request, &ground.columns, schema, base);
        Some(ground)
    }

    fn place(&self, at: ColumnRef) -> Option<usize> {
        self.columns.iter().position(|column| *column == at)
    }

    /// Possible outputs of one column of the result, judged by its values.
    fn candidates(&self, schema: &Schema, place: usize) -> Vec<Output> {
        let results = || {
            self.examples.iter().map(|example| example.result.iter().filter_map(move |row| row.get(place)))
        };
        let whole = results().flatten().all(|value| value.is_null() || value.whole().is_some());
        let within = |at: usize| {
            results().zip(&self.examples).all(|(mut values, example)| {
                values
                    .all(|value| value.is_null() || example.rows.iter().any(|row| row.get(at) == Some(value)))
            })
        };
        let mut all = Vec::new();
        let unknown = results().flatten().any(Value::is_null);
        for (at, column) in self.columns.iter().enumerate() {
            if within(at)
                && (!unknown
                    || self.examples.iter().any(|example| example.rows.iter().any(|row| row[at].is_null())))
            {
                all.push(Output::Column(*column));
            }
        }
        let first = ColumnRef { table: self.base, column: 0 };
        if whole && !unknown {
            all.push(Output::Aggregate(Aggregate { function: Function::Rows, column: first }));
        }
        for (at, column) in self.columns.iter().enumerate() {
            let Some(found) = schema.column(*column) else { continue };
            let link = schema.is_link(*column);
            let mut add = |function| all.push(Output::Aggregate(Aggregate { function, column: *column }));
            if within(at) && !link && matches!(found.kind, Kind::Integer | Kind::Date | Kind::Real) {
                add(Function::Least);
                add(Function::Greatest);
            }
            if whole && found.kind.is_amount() && !link {
                add(Function::Sum);
                add(Function::Average);
            }
            if whole && !unknown {
                if found.nullable || self.joins.iter().any(|join| join.keep) {
                    add(Function::Count);
                }
                add(Function::Distinct);
            }
        }
        all
    }

    fn keep(&self, schema: &Schema, example: &Joined, tables: &Rows, test: &Test) -> Option<Mask> {
        let passes = self.passing(schema, tables, test)?;
        let mut mask = 0;
        for (at, row) in example.rows.iter().enumerate() {
            mask |= Mask::from(passes(row)) << at;
        }
        Some(mask)
    }

    /// The test as a function of a joined row.
    fn passing<'a>(&self, schema: &Schema, tables: &'a Rows, test: &'a Test) -> Option<Passing<'a>> {
        let place = |at: &ColumnRef| self.place(*at);
        let known = |row: &Row, at: usize| row.get(at).filter(|value| !value.is_null()).cloned();
        Some(match test {
            Test::Compare(at, op, value) => {
                let at = place(at)?;
                Box::new(move |row| known(row, at).is_some_and(|found| op.holds(&found, value)))
            }
            Test::Between(at, low, high) => {
                let at = place(at)?;
                Box::new(move |row| known(row, at).is_some_and(|found| found >= *low && found <= *high))
            }
            Test::OneOf(at, values) => {
                let at = place(at)?;
                Box::new(move |row| known(row, at).is_some_and(|found| values.contains(&found)))
            }
            Test::Null(at, null) => {
                let at = place(at)?;
                Box::new(move |row| known(row, at).is_none() == *null)
            }
            Test::Like(at, text, prefix) => {
                let (at, text) = (place(at)?, text.to_ascii_lowercase());
                Box::new(move |row| match known(row, at) {
                    Some(Value::Text(found)) if *prefix => found.to_ascii_lowercase().starts_with(&text),
                    Some(Value::Text(found)) => found.to_ascii_lowercase().contains(&text),
                    _ => false,
                })
            }
            Test::Average(at, above) => {
                let place = place(at)?;
                let known_cells = tables.get(at.table)?.iter().filter_map(|row| row.get(at.column)?.number());
                let (sum, count) =
                    known_cells.fold((0f64, 0f64), |(sum, count), cell| (sum + cell, count + 1.0));
                Box::new(move |row| {
                    let found = known(row, place).and_then(|value| value.number()).map(|value| value * count);
                    found.is_some_and(|found| if *above { found > sum } else { found < sum })
                })
            }
            Test::Without(reference) => {
                let link = *schema.references.get(*reference)?;
                let at = place(&ColumnRef { table: link.to, column: 0 })?;
                let referred: BTreeSet<&Value> =
                    tables.get(link.table)?.iter().filter_map(|row| row.get(link.column)).collect();
                Box::new(move |row| row.get(at).is_some_and(|key| !referred.contains(key)))
            }
            Test::Either(one, other) => {
                let (one, other) = (self.passing(schema, tables, one)?, self.passing(schema, tables, other)?);
                Box::new(move |row| one(row) || other(row))
            }
        })
    }

    /// Adds the sets of rows that exactly `size` tests keep, and no fewer.
    fn grow(&mut self, size: usize) {
        if size == 0 {
            let all: Vec<Mask> = self.examples.iter().map(|example| example.all).collect();
            self.known.insert(all.clone());
            self.sets.push((Vec::new(), all));
            return;
        }
        let (from, to) = (self.fresh, self.sets.len());
        self.fresh = to;
        for at in from..to {
            let (tests, kept) = self.sets[at].clone();
            let next = tests.last().map_or(0, |last| last + 1);
            for number in next..self.tests.len() {
                if self.sets.len() >= MAX_SETS {
                    return;
                }
                let both: Vec<Mask> =
                    kept.iter().zip(&self.tests[number].1).map(|(one, other)| one & other).collect();
                if both.iter().any(|mask| *mask != 0) && self.known.insert(both.clone()) {
                    let tests = tests.iter().copied().chain([number]).collect();
                    self.sets.push((tests, both));
                }
            }
        }
    }

    /// Tries all outputs on the sets of rows of the current size.
    fn try_all(&self, request: &AnalysisRequest, size: usize, budget: &mut Budget) -> Option<Plan> {
        let combinations = self.combinations();
        for (tests, kept) in self.sets.iter().filter(|(tests, _)| tests.len() == size) {
            for outputs in &combinations {
                if !budget.spend() {
                    return None;
                }
                if let Some(plan) = self.fit(request, tests, kept, outputs, budget) {
                    return Some(plan);
                }
            }
        }
        None
    }

    fn combinations(&self) -> Vec<Vec<Output>> {
        let mut all: Vec<Vec<Output>> = vec![Vec::new()];
        for candidates in &self.outputs {
            let mut longer = Vec::new();
            for begun in &all {
                for output in candidates.iter().filter(|output| !begun.contains(output)) {
                    if longer.len() < MAX_OUTPUTS {
                        longer.push(begun.iter().copied().chain([*output]).collect());
                    }
                }
            }
            all = longer;
        }
        // Keys come before values.
        all.retain(|outputs| outputs.is_sorted_by_key(|output| output.column().is_none()));
        all
    }

    fn fit(
        &self,
        request: &AnalysisRequest,
        tests: &[usize],
        kept: &[Mask],
        outputs: &[Output],
        budget: &mut Budget,
    ) -> Option<Plan> {
        let grouped = outputs.iter().any(|output| output.aggregate().is_some());
        let keyed = outputs.iter().any(|output| output.column().is_some());
        let results: Vec<Groups> = self
            .examples
            .iter()
            .zip(kept)
            .map(|(example, mask)| self.groups(example, *mask, outputs))
            .collect();
        // The changes of the number of rows that the examples show.
        let found = || self.examples.iter().zip(results.iter().map(Groups::len));
        let same = found().all(|(example, found)| example.result.len() == found);
        let fewer = found().all(|(example, found)| example.result.len() <= found);
        if !fewer || (!same && !grouped && !request.ordered && !self.could_be_distinct(&results)) {
            return None;
        }
        let most = self.examples.iter().map(|example| example.result.len()).max()? as u32;
        let some = if grouped && keyed && !same { self.having.as_slice() } else { &[] };
        for having in [None].into_iter().chain(some.iter().copied().map(Some)) {
            // Groups differ by their keys, so only plain rows can be equal.
            for distinct in [false, true].into_iter().take(if grouped { 1 } else { 2 }) {
                if !budget.spend() {
                    return None;
                }
                let fits = |order: Option<Order>, limit: Option<u32>| {
                    results.iter().zip(&self.examples).all(|(groups, example)| {
                        let rows = self.shown(groups, outputs, having, distinct);
                        match order {
                            None => same_rows(&rows, &example.result, false),
                            Some(order) => ordered(rows, order, limit) == example.result,
                        }
                    })
                };
                let mut orders = vec![(None, None)];
                if request.ordered {
                    let by = |output| [true, false].map(|descending| Some(Order { output, descending }));
                    let by = (0..outputs.len()).rev().flat_map(by);
                    orders = by.flat_map(|order| [(order, None), (order, Some(most))]).collect();
                }
                if let Some((order, limit)) = orders.into_iter().find(|(order, limit)| fits(*order, *limit)) {
                    let tests = tests.iter().filter_map(|test| self.tests.get(*test));
                    return Some(Plan {
                        base: self.base,
                        joins: self.joins.clone(),
                        tests: tests.map(|(test, _)| test.clone()).collect(),
                        outputs: outputs.to_vec(),
                        distinct,
                        having,
                        order,
                        limit,
                    });
                }
            }
        }
        None
    }

    /// Whether showing equal rows once leads to the right number of rows.
    fn could_be_distinct(&self, results: &[Groups]) -> bool {
        results.iter().zip(&self.examples).all(|(groups, example)| {
            let Groups::Rows(rows) = groups else { return false };
            let different: BTreeSet<&Row> = rows.iter().collect();
            different.len() == example.result.len()
        })
    }

    fn groups<'a>(&self, example: &'a Joined, mask: Mask, outputs: &[Output]) -> Groups<'a> {
        let kept = example.rows.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, row)| row);
        let keys: Vec<usize> =
            outputs.iter().filter_map(Output::column).filter_map(|at| self.place(at)).collect();
        let key = |row: &Row| keys.iter().filter_map(|at| row.get(*at)).cloned().collect::<Row>();
        if outputs.iter().all(|output| output.column().is_some()) {
            return Groups::Rows(kept.map(key).collect());
        }
        let mut groups: BTreeMap<Row, Vec<&Row>> = BTreeMap::new();
        if keys.is_empty() {
            groups.insert(Row::new(), Vec::new());
        }
        for row in kept {
            groups.entry(key(row)).or_default().push(row);
        }
        Groups::Groups(groups)
    }

    fn shown(
        &self,
        groups: &Groups,
        outputs: &[Output],
        having: Option<(Aggregate, Op, i64)>,
        distinct: bool,
    ) -> Vec<Row> {
        match groups {
            Groups::Rows(rows) => {
                let mut rows = rows.clone();
                if distinct {
                    rows.sort();
                    rows.dedup();
                }
                rows
            }
            Groups::Groups(groups) => {
                let passes = |rows: &[&Row]| {
                    having.is_none_or(|(aggregate, op, number)| {
                        let value = self.aggregate(&aggregate, rows);
                        !value.is_null() && op.holds(&value, &Value::Integer(number))
                    })
                };
                let kept = groups.iter().filter(|(_, rows)| passes(rows));
                kept.map(|(key, rows)| {
                    let mut key = key.iter();
                    let show = |output: &Output| match output {
                        Output::Column(_) => key.next().cloned().unwrap_or_default(),
                        Output::Aggregate(aggregate) => self.aggregate(aggregate, rows),
                    };
                    outputs.iter().map(show).collect()
                })
                .collect()
            }
        }
    }

    fn aggregate(&self, aggregate: &Aggregate, rows: &[&Row]) -> Value {
        let at = self.place(aggregate.column).unwrap_or_default();
        let known = || rows.iter().filter_map(|row| row.get(at)).filter(|value| !value.is_null());
        let count = |number: usize| Value::Integer(number as i64);
        match aggregate.function {
            Function::Rows => count(rows.len()),
            Function::Count => count(known().count()),
            Function::Distinct => count(known().collect::<BTreeSet<_>>().len()),
            Function::Sum => Value::sum(known()),
            Function::Average => average(&Value::sum(known()), known().count()),
            Function::Least => known().min().cloned().unwrap_or_default(),
            Function::Greatest => known().max().cloned().unwrap_or_default(),
        }
    }
}

/// A quotient as the engine computes it: of whole numbers it is cut to a whole number.
fn average(sum: &Value, count: usize) -> Value {
    match sum {
        Value::Integer(sum) => sum.checked_div(count as i64).map_or(Value::Null, Value::Integer),
        Value::Real(sum) if count > 0 => Value::Real(sum / count as f64),
        _ => Value::Null,
    }
}

/// Plain rows, or rows grouped by their keys.
enum Groups<'a> {
    Rows(Vec<Row>),
    Groups(BTreeMap<Row, Vec<&'a Row>>),
}

impl Groups<'_> {
    fn len(&self) -> usize {
        match self {
            Groups::Rows(rows) => rows.len(),
            Groups::Groups(groups) => groups.len(),
        }
    }
}

fn ordered(mut rows: Vec<Row>, order: Order, limit: Option<u32>) -> Vec<Row> {
    rows.sort();
    rows.sort_by(|one, other| {
        let way = one.get(order.output).cmp(&other.get(order.output));
        if order.descending {
            way.reverse()
        } else {
            way
        }
    });
    rows.truncate(limit.map_or(usize::MAX, |limit| limit as usize));
    rows
}

/// The joined rows of an example; `None` if there are too many.
fn join_rows(schema: &Schema, tables: &Rows, base: usize, joins: &[Join]) -> Option<Vec<Row>> {
    let mut joined = vec![base];
    let mut rows: Vec<Row> = tables.get(base)?.clone();
    for join in joins {
        let link = schema.references.get(join.reference)?;
        let forth = joined.contains(&link.table);
        let new = if forth { link.to } else { link.table };
        let before: usize = joined
            .iter()
            .take_while(|table| **table != if forth { link.table } else { link.to })
            .filter_map(|table| Some(schema.tables.get(*table)?.columns.len()))
            .sum();
        let (ours, theirs) = if forth { (before + link.column, 0) } else { (before, link.column) };
        let width = schema.tables.get(new)?.columns.len();
        let mut longer = Vec::new();
        for row in &rows {
            let own = row.get(ours).filter(|value| !value.is_null());
            let fits = |other: &&Row| own.is_some() && other.get(theirs) == own;
            let mut matched = false;
            for other in tables.get(new)?.iter().filter(fits) {
                matched = true;
                longer.push([row.as_slice(), other.as_slice()].concat());
            }
            if join.keep && !matched {
                longer.push([row.as_slice(), &vec![Value::Null; width]].concat());
            }
        }
        rows = longer;
        joined.push(new);
    }
    (rows.len() <= MAX_JOINED).then_some(rows)
}

/// Single tests that the constants and tables of a request allow.
fn atoms(request: &AnalysisRequest, tables: &[usize], columns: &[ColumnRef]) -> Vec<Test> {
    let schema = &request.schema;
    let constants = super::words::constants(request);
    let mut all = Vec::new();
    for at in columns {
        let Some(column) = schema.column(*at) else { continue };
        if column.nullable {
            all.extend([Test::Null(*at, true), Test::Null(*at, false)]);
        }
        if schema.is_link(*at) {
            continue;
        }
        let fitting: Vec<&Value> = constants.iter().filter(|value| fits_kind(value, column.kind)).collect();
        for value in &fitting {
            let ops: &[Op] = match column.kind {
                Kind::Boolean => &[Op::Eq],
                Kind::Text => &[Op::Eq, Op::Ne],
                _ => &[Op::Gt, Op::Ge, Op::Lt, Op::Le, Op::Eq],
            };
            all.extend(ops.iter().map(|op| Test::Compare(*at, *op, (*value).clone())));
            if let (Kind::Text, Value::Text(text)) = (column.kind, value) {
                all.extend([Test::Like(*at, text.clone(), true), Test::Like(*at, text.clone(), false)]);
            }
        }
        for (number, low) in fitting.iter().enumerate() {
            for high in &fitting[number + 1..] {
                let (low, high) = ((*low).clone(), (*high).clone());
                match column.kind {
                    Kind::Text => all.push(Test::OneOf(*at, vec![low, high])),
                    Kind::Boolean => {}
                    _ => all.push(Test::Between(*at, low, high)),
                }
            }
        }
        if column.kind.is_amount() {
            all.extend([Test::Average(*at, true), Test::Average(*at, false)]);
        }
    }
    let without = schema
        .references
        .iter()
        .enumerate()
        .filter(|(_, link)| tables.contains(&link.to) && !tables.contains(&link.table));
    all.extend(without.map(|(reference, _)| Test::Without(reference)));
    all
}

fn fits_kind(value: &Value, kind: Kind) -> bool {
    match (value, kind) {
        (Value::Integer(number), Kind::Boolean) => matches!(number, 0 | 1),
        (Value::Integer(_), Kind::Integer | Kind::Real) | (Value::Real(_), Kind::Real) => true,
        (Value::Text(text), Kind::Date) => crate::value::day_of(text).is_some(),
        (Value::Text(text), Kind::Text) => crate::value::day_of(text).is_none(),
        _ => false,
    }
}

/// Tests of groups that the constants allow.
fn having(
    request: &AnalysisRequest,
    columns: &[ColumnRef],
    schema: &Schema,
    base: usize,
) -> Vec<(Aggregate, Op, i64)> {
    let numbers: Vec<i64> = super::words::constants(request).iter().filter_map(Value::whole).collect();
    let rows = Aggregate { function: Function::Rows, column: ColumnRef { table: base, column: 0 } };
    let mut aggregates = vec![rows];
    for at in columns.iter().filter(|at| !schema.is_link(**at)) {
        let amount = schema.column(*at).is_some_and(|column| column.kind.is_amount());
        let functions = Function::ALL.into_iter().filter(|function| match function {
            Function::Rows => false,
            Function::Count | Function::Distinct => true,
            _ => amount,
        });
        aggregates.extend(functions.map(|function| Aggregate { function, column: *at }));
    }
    let mut all = Vec::new();
    for aggregate in aggregates {
        for op in [Op::Gt, Op::Ge, Op::Lt, Op::Le] {
            all.extend(numbers.iter().map(|number| (aggregate, op, *number)));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use myelin_wire::{record::Ppm, seed::Seed};

    use super::*;
    use crate::{
        judge::Judge,
        protocol::AnalysisResponse,
        task::{draw, Form, Source},
    };

    #[test]
    fn queries_are_found_by_example_and_hold_on_hidden_rows() {
        let source = Source::public().unwrap();
        let (mut found, mut right) = (0, 0);
        let count = 16;
        for number in 0..count {
            let task = draw(&source, Form::Example, &Seed([5; 32]).derive(b"search", number)).unwrap();
            let until = Instant::now() + Duration::from_secs(20);
            let Some(plan) = search(&task.request, 100_000, until) else { continue };
            let sql = plan.to_sql(&task.request.schema);
            assert!(
                crate::miner::fits_examples(&sql, &task.request),
                "the search and the engine agree: {sql}"
            );
            found += 1;
            let verdict =
                Judge::open(&task.hidden).unwrap().judge(&AnalysisResponse { sql, ..Default::default() });
            right += u32::from(verdict.unwrap().accuracy == Ppm::ONE);
        }
        assert!(found >= count / 3 && right * 2 >= found as u32, "{right} right of {found} found of {count}");
    }
}
