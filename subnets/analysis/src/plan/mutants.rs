//! Queries that differ from a plan in one place, such as a careless reader of the question writes.
//!
//! A task is only used if its examples, or at least its hidden tables, tell the reference from these.

use super::{Aggregate, Function, Join, Op, Order, Output, Plan, Test};
use crate::{
    schema::{ColumnRef, Kind, Schema},
    value::Value,
};

impl Plan {
    /// All plans that differ in one place, in a fixed order.
    pub fn mutants(&self, schema: &Schema) -> Vec<Plan> {
        let scope = Scope::of(self, schema);
        let mut all = Vec::new();
        for at in 0..self.tests.len() {
            all.push(self.but(|plan| drop(plan.tests.remove(at))));
            for test in scope.other_tests(&self.tests[at]) {
                all.push(self.but(|plan| plan.tests[at] = test));
            }
        }
        for at in scope.nullable() {
            all.push(self.but(|plan| plan.tests.push(Test::Null(at, false))));
        }
        for at in 0..self.outputs.len() {
            for output in scope.other_outputs(&self.outputs[at]) {
                // A repeated column would show nothing new, and grouping by it twice is the same plan.
                if !self.outputs.contains(&output) {
                    all.push(self.but(|plan| plan.outputs[at] = output));
                }
            }
        }
        if !self.is_grouped() {
            all.push(self.but(|plan| plan.distinct = !plan.distinct));
        }
        if let Some((aggregate, op, number)) = self.having {
            all.push(self.but(|plan| plan.having = None));
            for other in near_ops(op) {
                all.push(self.but(|plan| plan.having = Some((aggregate, other, number))));
            }
            for other in scope.other_aggregates(&aggregate) {
                all.push(self.but(|plan| plan.having = Some((other, op, number))));
            }
        }
        if let Some(order) = self.order {
            all.push(self.but(|plan| plan.order = Some(Order { descending: !order.descending, ..order })));
            for output in (0..self.outputs.len()).filter(|output| *output != order.output) {
                all.push(self.but(|plan| plan.order = Some(Order { output, ..order })));
            }
        }
        if let Some(limit) = self.limit {
            all.push(self.but(|plan| plan.limit = Some(limit + 1)));
            all.push(self.but(|plan| plan.limit = None));
        }
        for at in 0..self.joins.len() {
            all.push(self.but(|plan| plan.joins[at].keep = !plan.joins[at].keep));
        }
        if let Some(join) = self.joins.last() {
            all.extend(self.without_join(schema, *join));
        }
        all.retain(|plan| plan != self);
        all
    }

    /// The plan without its last table, if nothing else reads that table.
    fn without_join(&self, schema: &Schema, join: Join) -> Option<Plan> {
        let last = *self.tables(schema)?.last()?;
        let reads = |at: &ColumnRef| at.table == last;
        let outputs = self.outputs.iter().any(|output| match output {
            Output::Column(at) => reads(at),
            Output::Aggregate(aggregate) => aggregate.function != Function::Rows && reads(&aggregate.column),
        });
        let tests = self.tests.iter().any(|test| match test {
            Test::Without(reference) => schema.references.get(*reference).is_some_and(|link| link.to == last),
            test => test.columns().iter().any(reads),
        });
        let having = self.having.is_some_and(|(aggregate, ..)| reads(&aggregate.column));
        (!outputs && !tests && !having && self.joins.last() == Some(&join))
            .then(|| self.but(|plan| plan.joins.truncate(plan.joins.len().saturating_sub(1))))
    }

    fn but(&self, change: impl FnOnce(&mut Plan)) -> Plan {
        let mut plan = self.clone();
        change(&mut plan);
        plan
    }
}

/// Comparisons that are easily confused.
fn near_ops(op: Op) -> Vec<Op> {
    match op {
        Op::Eq => vec![Op::Ne, Op::Ge, Op::Le],
        Op::Ne => vec![Op::Eq],
        Op::Lt => vec![Op::Le, Op::Gt, Op::Ge],
        Op::Le => vec![Op::Lt, Op::Gt, Op::Ge],
        Op::Gt => vec![Op::Ge, Op::Lt, Op::Le],
        Op::Ge => vec![Op::Gt, Op::Lt, Op::Le],
    }
}

/// The columns that a plan can see.
struct Scope<'a> {
    schema: &'a Schema,
    columns: Vec<ColumnRef>,
}

impl<'a> Scope<'a> {
    fn of(plan: &Plan, schema: &'a Schema) -> Self {
        let tables = plan.tables(schema).unwrap_or_default();
        let columns = tables.iter().flat_map(|table| schema.columns_of(*table)).map(|(at, _)| at).collect();
        Self { schema, columns }
    }

    fn kind(&self, at: ColumnRef) -> Option<Kind> {
        self.schema.column(at).map(|column| column.kind)
    }

    fn nullable(&self) -> impl Iterator<Item = ColumnRef> + '_ {
        self.columns
            .iter()
            .copied()
            .filter(|at| self.schema.column(*at).is_some_and(|column| column.nullable))
    }

    /// Other columns of the same kind, keys and references apart from amounts.
    fn others(&self, at: ColumnRef) -> impl Iterator<Item = ColumnRef> + '_ {
        let link = self.schema.is_link(at);
        let fits = move |other: &ColumnRef| {
            *other != at && self.kind(*other) == self.kind(at) && self.schema.is_link(*other) == link
        };
        self.columns.iter().copied().filter(fits)
    }

    fn other_tests(&self, test: &Test) -> Vec<Test> {
        let mut all = Vec::new();
        match test {
            Test::Compare(at, op, value) => {
                all.extend(near_ops(*op).into_iter().map(|op| Test::Compare(*at, op, value.clone())));
                all.extend(self.others(*at).map(|other| Test::Compare(other, *op, value.clone())));
            }
            Test::Between(at, low, high) => {
                all.push(Test::Compare(*at, Op::Ge, low.clone()));
                all.push(Test::Compare(*at, Op::Le, high.clone()));
                all.extend(self.others(*at).map(|other| Test::Between(other, low.clone(), high.clone())));
                if let (Value::Integer(low), Value::Integer(high)) = (low, high) {
                    let between = |low, high| Test::Between(*at, Value::Integer(low), Value::Integer(high));
                    all.extend([between(low + 1, *high), between(*low, high - 1)]);
                }
            }
            Test::OneOf(at, values) => {
                for skipped in 0..values.len() {
                    let mut values = values.clone();
                    values.remove(skipped);
                    all.push(Test::OneOf(*at, values));
                }
            }
            Test::Null(at, null) => {
                all.push(Test::Null(*at, !null));
                all.extend(self.nullable().filter(|other| other != at).map(|other| Test::Null(other, *null)));
            }
            Test::Like(at, text, prefix) => {
                all.push(Test::Like(*at, text.clone(), !prefix));
                all.extend(self.others(*at).map(|other| Test::Like(other, text.clone(), *prefix)));
            }
            Test::Average(at, above) => {
                all.push(Test::Average(*at, !above));
                all.extend(self.others(*at).map(|other| Test::Average(other, *above)));
            }
            Test::Without(_) => {}
            Test::Either(one, other) => all.extend([(**one).clone(), (**other).clone()]),
        }
        all
    }

    fn other_outputs(&self, output: &Output) -> Vec<Output> {
        match output {
            Output::Column(at) => self.others(*at).map(Output::Column).collect(),
            Output::Aggregate(aggregate) => {
                self.other_aggregates(aggregate).into_iter().map(Output::Aggregate).collect()
            }
        }
    }

    fn other_aggregates(&self, aggregate: &Aggregate) -> Vec<Aggregate> {
        let column = aggregate.column;
        let amount = self.kind(column) == Some(Kind::Integer) && !self.schema.is_link(column);
        let fits = |function: &Function| match function {
            Function::Sum | Function::Average => amount,
            Function::Least | Function::Greatest => !self.schema.is_link(column),
            Function::Rows | Function::Count | Function::Distinct => true,
        };
        let functions =
            Function::ALL.into_iter().filter(|function| *function != aggregate.function).filter(fits);
        let mut all: Vec<Aggregate> = functions.map(|function| Aggregate { function, column }).collect();
        if aggregate.function != Function::Rows {
            all.extend(self.others(column).map(|column| Aggregate { column, ..*aggregate }));
        }
        all
    }
}
