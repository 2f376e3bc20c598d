//! Plans run on drawn tables without an engine, for drawing tasks: hundreds of small results are needed for each.
//!
//! A result is the one that the engine gives for the plan's SQL; a test compares them. Answers of miners never come
//! here: they are judged by the engine.

use std::cmp::Ordering;

use super::{Aggregate, Function, Join, Op, Output, Plan, Test};
use crate::{
    data::Tables,
    engine::Reads,
    schema::{ColumnRef, Reference, Schema},
    value::{Cell, Row},
};

/// Most columns of a result.
const WIDTH: usize = 4;
/// The place of a row that a kept row has no partner in.
const NOBODY: usize = usize::MAX;
/// Steps of the engine's virtual machine for one joined row, and for one row that a search for a partner looks at.
/// Both are more than it takes.
const STEPS: [u64; 2] = [60, 8];

/// A row of a result; cells beyond its columns are unknown.
type Cells<'a> = [Cell<'a>; WIDTH];

/// The result of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome<'a> {
    rows: Vec<Cells<'a>>,
    width: usize,
}

impl<'a> Outcome<'a> {
    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// All cells, row by row.
    pub(crate) fn cells(&self) -> impl Iterator<Item = Cell<'a>> + '_ {
        self.rows.iter().flat_map(|row| row.iter().take(self.width).copied())
    }

    /// The rows as they are sent.
    pub(crate) fn to_rows(&self) -> Vec<Row> {
        self.rows.iter().map(|row| row.iter().take(self.width).map(Cell::to_value).collect()).collect()
    }

    /// The same rows in the order of their cells.
    pub(crate) fn sorted(mut self) -> Self {
        self.rows.sort();
        self
    }
}

/// Rows that were joined: of each the places in its tables.
struct Joined {
    base: usize,
    joins: Vec<Join>,
    tables: Vec<usize>,
    places: Vec<usize>,
}

impl Joined {
    fn len(&self) -> usize {
        self.places.len() / self.tables.len()
    }
}

/// Runs plans on one set of tables.
pub(crate) struct Runner<'a, 't> {
    schema: &'t Schema,
    tables: &'t Tables<'a>,
    /// For each reference, where it leads from each row.
    links: Vec<Vec<usize>>,
    /// Ways of joining that were needed before.
    joined: Vec<Joined>,
}

impl<'a, 't> Runner<'a, 't> {
    /// Prepares the tables; columns that no plan reads may be missing.
    pub(crate) fn new(schema: &'t Schema, tables: &'t Tables<'a>) -> Self {
        let lead = |link: &Reference| {
            let keys = tables.column(ColumnRef { table: link.to, column: 0 });
            let from = tables.column(ColumnRef { table: link.table, column: link.column });
            let place = |cell: &Cell<'a>| match cell {
                Cell::Null => NOBODY,
                known => keys.iter().position(|key| key == known).unwrap_or(NOBODY),
            };
            from.iter().map(place).collect()
        };
        Self { schema, tables, links: schema.references.iter().map(lead).collect(), joined: Vec::new() }
    }

    /// The result of a plan, with its rows sorted where the plan has no order of its own; `None` if the plan does not
    /// fit the tables or a sum is too large.
    pub(crate) fn run(&mut self, plan: &Plan) -> Option<Outcome<'a>> {
        let width = plan.outputs.len();
        if width > WIDTH {
            return None;
        }
        let at = self.join(plan)?;
        let joined = self.joined.get(at)?;
        let mut kept: Vec<usize> = (0..joined.len()).collect();
        for test in &plan.tests {
            let passed = self.passed(joined, test)?;
            kept.retain(|row| passed.get(*row) == Some(&true));
        }
        let mut rows = match plan.is_grouped() {
            true => self.groups(plan, joined, &kept)?,
            false => {
                let row = |row: &usize| {
                    let mut cells = [Cell::Null; WIDTH];
                    for (cell, output) in cells.iter_mut().zip(&plan.outputs) {
                        *cell = self.cell(joined, *row, output.column()?);
                    }
                    Some(cells)
                };
                kept.iter().map(row).collect::<Option<Vec<_>>>()?
            }
        };
        rows.sort();
        if plan.distinct {
            rows.dedup();
        }
        if let Some(order) = plan.order {
            rows.sort_by(|one, other| {
                let way = one.get(order.output).cmp(&other.get(order.output));
                if order.descending {
                    way.reverse()
                } else {
                    way
                }
            });
        }
        rows.truncate(plan.limit.map_or(usize::MAX, |limit| limit as usize));
        Some(Outcome { rows, width })
    }

    /// Steps that the engine needs for a plan at most, give or take a few hundred.
    pub(crate) fn most_steps(&mut self, plan: &Plan) -> Option<u64> {
        let at = self.join(plan)?;
        let rows = self.joined.get(at)?.len() as u64;
        let searched = |test: &Test| match test {
            Test::Without(reference) => {
                let link = self.schema.references.get(*reference)?;
                self.tables.counts.get(link.table).map(|count| *count as u64)
            }
            _ => None,
        };
        let searched: u64 = plan.tests.iter().filter_map(searched).sum();
        Some(rows * (STEPS[0] + STEPS[1] * searched))
    }

    /// Joins the tables of a plan, and says at which place the rows are.
    fn join(&mut self, plan: &Plan) -> Option<usize> {
        let known = |joined: &Joined| joined.base == plan.base && joined.joins == plan.joins;
        if let Some(at) = self.joined.iter().position(known) {
            return Some(at);
        }
        let mut tables = vec![plan.base];
        let mut places: Vec<usize> = (0..*self.tables.counts.get(plan.base)?).collect();
        for join in &plan.joins {
            let link = self.schema.references.get(join.reference)?;
            let leads = self.links.get(join.reference)?;
            let (forth, new) = match (tables.contains(&link.table), tables.contains(&link.to)) {
                (true, false) => (true, link.to),
                (false, true) => (false, link.table),
                _ => return None,
            };
            let known = if forth { link.table } else { link.to };
            let slot = tables.iter().position(|table| *table == known)?;
            let mut longer = Vec::with_capacity(places.len() * 2);
            for row in places.chunks_exact(tables.len()) {
                let own = *row.get(slot)?;
                let mut add = |place: usize| {
                    longer.extend_from_slice(row);
                    longer.push(place);
                };
                let mut matched = false;
                if own != NOBODY && forth {
                    let place = leads.get(own).copied().unwrap_or(NOBODY);
                    matched = place != NOBODY;
                    if matched {
                        add(place);
                    }
                } else if own != NOBODY {
                    for (place, _) in leads.iter().enumerate().filter(|(_, lead)| **lead == own) {
                        matched = true;
                        add(place);
                    }
                }
                if join.keep && !matched {
                    add(NOBODY);
                }
            }
            tables.push(new);
            places = longer;
        }
        self.joined.push(Joined { base: plan.base, joins: plan.joins.clone(), tables, places });
        Some(self.joined.len() - 1)
    }

    fn cell(&self, joined: &Joined, row: usize, at: ColumnRef) -> Cell<'a> {
        let slot = joined.tables.iter().position(|table| *table == at.table);
        let place = slot.and_then(|slot| joined.places.get(row * joined.tables.len() + slot));
        place.and_then(|place| self.tables.column(at).get(*place)).copied().unwrap_or_default()
    }

    /// The cells of a column in all joined rows; `None` if its table is not among them.
    fn cells<'s>(&'s self, joined: &'s Joined, at: ColumnRef) -> Option<impl Iterator<Item = Cell<'a>> + 's> {
        let slot = joined.tables.iter().position(|table| *table == at.table)?;
        let column = self.tables.column(at);
        let places = joined.places.iter().skip(slot).step_by(joined.tables.len());
        Some(places.map(move |place| column.get(*place).copied().unwrap_or_default()))
    }

    /// For each joined row whether it passes a test. What compares with an unknown cell is not passed.
    fn passed(&self, joined: &Joined, test: &Test) -> Option<Vec<bool>> {
        let cells = |at: &ColumnRef| self.cells(joined, *at);
        Some(match test {
            Test::Compare(at, op, value) => {
                let value = Cell::of(value);
                cells(at)?.map(|cell| holds(*op, cell, value)).collect()
            }
            Test::Between(at, low, high) => {
                let (low, high) = (Cell::of(low), Cell::of(high));
                cells(at)?.map(|cell| holds(Op::Ge, cell, low) && holds(Op::Le, cell, high)).collect()
            }
            Test::OneOf(at, values) => {
                let values: Vec<Cell<'_>> = values.iter().map(Cell::of).collect();
                cells(at)?.map(|cell| values.iter().any(|one| holds(Op::Eq, cell, *one))).collect()
            }
            Test::Null(at, null) => cells(at)?.map(|cell| (cell == Cell::Null) == *null).collect(),
            Test::Like(at, text, prefix) => {
                let like = |cell: Cell<'_>| {
                    let found = cell.text().unwrap_or_default();
                    let mut windows = found.windows(text.len().max(1));
                    match prefix {
                        true => windows.next().is_some_and(|w| w.eq_ignore_ascii_case(text.as_bytes())),
                        false => windows.any(|w| w.eq_ignore_ascii_case(text.as_bytes())),
                    }
                };
                cells(at)?.map(like).collect()
            }
            Test::Average(at, above) => {
                let wanted = if *above { Ordering::Greater } else { Ordering::Less };
                let average = average(self.tables.column(*at))?;
                let passes = |cell: Cell<'_>| match (cell, average) {
                    (Cell::Integer(number), Some(average)) => compared(number, average) == wanted,
                    _ => false,
                };
                cells(at)?.map(passes).collect()
            }
            Test::Without(reference) => {
                let link = self.schema.references.get(*reference)?;
                let leads = self.links.get(*reference)?;
                let slot = joined.tables.iter().position(|table| *table == link.to)?;
                let places = joined.places.iter().skip(slot).step_by(joined.tables.len());
                places.map(|place| *place == NOBODY || !leads.contains(place)).collect()
            }
            Test::Either(one, other) => {
                let (one, other) = (self.passed(joined, one)?, self.passed(joined, other)?);
                one.into_iter().zip(other).map(|(one, other)| one || other).collect()
            }
        })
    }

    /// Rows by their keys, with what the plan shows of each group.
    fn groups(&self, plan: &Plan, joined: &Joined, kept: &[usize]) -> Option<Vec<Cells<'a>>> {
        let keys = plan.keys();
        let mut groups: Vec<(Cells<'a>, Vec<usize>)> = Vec::new();
        if keys.is_empty() {
            groups.push(([Cell::Null; WIDTH], kept.to_vec()));
        } else {
            for row in kept {
                let mut key = [Cell::Null; WIDTH];
                for (cell, at) in key.iter_mut().zip(&keys) {
                    *cell = self.cell(joined, *row, *at);
                }
                match groups.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, rows)) => rows.push(*row),
                    None => groups.push((key, vec![*row])),
                }
            }
        }
        let mut rows = Vec::with_capacity(groups.len());
        for (key, members) in &groups {
            if let Some((aggregate, op, number)) = &plan.having {
                let found = self.aggregate(joined, members, aggregate)?;
                if !holds(*op, found, Cell::Integer(*number)) {
                    continue;
                }
            }
            let mut key = key.iter();
            let mut cells = [Cell::Null; WIDTH];
            for (cell, output) in cells.iter_mut().zip(&plan.outputs) {
                *cell = match output {
                    Output::Column(_) => key.next().copied().unwrap_or_default(),
                    Output::Aggregate(aggregate) => self.aggregate(joined, members, aggregate)?,
                };
            }
            rows.push(cells);
        }
        Some(rows)
    }

    /// A function of a group; `None` if a sum is too large or not of whole numbers.
    fn aggregate(&self, joined: &Joined, rows: &[usize], aggregate: &Aggregate) -> Option<Cell<'a>> {
        let cells = || rows.iter().map(|row| self.cell(joined, *row, aggregate.column));
        let known = || cells().filter(|cell| *cell != Cell::Null);
        let sum = || known().try_fold(0i64, |sum, cell| sum.checked_add(cell.whole()?));
        Some(match aggregate.function {
            Function::Rows => Cell::Integer(rows.len() as i64),
            Function::Count => Cell::Integer(known().count() as i64),
            Function::Distinct => {
                let mut different: Vec<Cell<'a>> = known().collect();
                different.sort();
                different.dedup();
                Cell::Integer(different.len() as i64)
            }
            Function::Sum if known().next().is_none() => Cell::Null,
            Function::Sum => Cell::Integer(sum()?),
            Function::Least => known().min().unwrap_or_default(),
            Function::Greatest => known().max().unwrap_or_default(),
            Function::Average => sum()?.checked_div(known().count() as i64).map_or(Cell::Null, Cell::Integer),
        })
    }
}

/// Whether a comparison holds; with an unknown cell none does.
fn holds(op: Op, left: Cell<'_>, right: Cell<'_>) -> bool {
    if left == Cell::Null || right == Cell::Null {
        return false;
    }
    let way = left.cmp(&right);
    match op {
        Op::Eq => way == Ordering::Equal,
        Op::Ne => way != Ordering::Equal,
        Op::Lt => way == Ordering::Less,
        Op::Le => way != Ordering::Greater,
        Op::Gt => way == Ordering::Greater,
        Op::Ge => way != Ordering::Less,
    }
}

/// The average of the known cells of a column as the engine has it, in floating point; nothing if there are none.
fn average(column: &[Cell<'_>]) -> Option<Option<f64>> {
    let (mut sum, mut count) = (0i64, 0u32);
    for cell in column.iter().filter(|cell| **cell != Cell::Null) {
        sum = sum.checked_add(cell.whole()?)?;
        count += 1;
    }
    Some((count > 0).then(|| sum as f64 / f64::from(count)))
}

/// A whole number against a number with a fraction that is no larger than whole numbers are.
fn compared(number: i64, other: f64) -> Ordering {
    let fraction = || 0.0.partial_cmp(&other.fract()).unwrap_or(Ordering::Equal);
    number.cmp(&(other as i64)).then_with(fraction)
}

impl Plan {
    /// Tables and columns that the plan reads.
    pub(crate) fn reads(&self, schema: &Schema) -> Reads {
        let mut reads = Reads::default();
        reads.tables.insert(self.base);
        let link = |reference: usize, reads: &mut Reads| {
            let Some(link) = schema.references.get(reference) else { return };
            reads.tables.extend([link.table, link.to]);
            reads.columns.insert(ColumnRef { table: link.table, column: link.column });
            reads.columns.insert(ColumnRef { table: link.to, column: 0 });
        };
        self.joins.iter().for_each(|join| link(join.reference, &mut reads));
        let mut tests: Vec<&Test> = self.tests.iter().collect();
        while let Some(test) = tests.pop() {
            match test {
                Test::Without(reference) => link(*reference, &mut reads),
                Test::Either(one, other) => tests.extend([&**one, &**other]),
                test => reads.columns.extend(test.columns()),
            }
        }
        let aggregates = self.outputs.iter().filter_map(Output::aggregate).chain(self.having.map(|h| h.0));
        let aggregated = aggregates
            .filter(|aggregate| aggregate.function != Function::Rows)
            .map(|aggregate| aggregate.column);
        reads.columns.extend(aggregated.chain(self.keys()));
        reads.tables.extend(reads.columns.iter().map(|at| at.table));
        reads
    }
}
