//! Draws plans: questions that make sense over given tables, in four grades.
//!
//! | grade | content |
//! |---|---|
//! | 1 | one table: tests, columns or one total |
//! | 2 | one or two tables: groups, order, the first few |
//! | 3 | two or three tables: groups with a test of groups, rows without a partner |
//! | 4 | as 3, with averages, alternatives, rows that nothing refers to |

use myelin_wire::seed::SeedRng;

use crate::{
    data::{Domain, Model},
    plan::{Aggregate, Function, Join, Op, Order, Output, Plan, Test},
    schema::{ColumnRef, Kind},
    value::Value,
};

/// The hardest grade.
pub const GRADES: u64 = 4;

/// Draws a plan of a grade; `None` if these tables offer none.
pub fn plan(model: &Model, grade: u64, rng: &mut SeedRng) -> Option<Plan> {
    let schema = &model.schema;
    let wanted = match grade {
        1 => 0,
        2 => rng.below(2),
        _ => rng.range(1, 2),
    };
    let base = rng.index(schema.tables.len())?;
    let mut plan = Plan::of(base, Vec::new());
    for _ in 0..wanted {
        let tables = plan.tables(schema)?;
        let fits = |reference: &usize| {
            let link = schema.references[*reference];
            tables.contains(&link.table) != tables.contains(&link.to)
        };
        let open: Vec<usize> = (0..schema.references.len()).filter(fits).collect();
        let Some(reference) = rng.choose(&open).copied() else { break };
        plan.joins.push(Join { reference, keep: grade > 2 && rng.below(3) == 0 });
    }
    let draw = Draw { model, tables: plan.tables(schema)?, grade };
    draw.outputs(&mut plan, rng)?;
    let most = if grade == 1 { 2 } else { 3 };
    for _ in 0..rng.range(u64::from(grade == 1), most) {
        let test = draw.test(rng)?;
        let fresh =
            test.columns().iter().all(|at| plan.tests.iter().all(|other| !other.columns().contains(at)));
        if fresh && !plan.tests.contains(&test) {
            plan.tests.push(test);
        }
    }
    if grade > 2 && plan.is_grouped() && !plan.keys().is_empty() && rng.below(2) == 0 {
        let aggregates: Vec<Aggregate> = plan.outputs.iter().filter_map(Output::aggregate).collect();
        let aggregate = *rng.choose(&aggregates)?;
        plan.having = Some(draw.having(aggregate, rng)?);
    }
    if plan.outputs.len() > 1 && rng.below(if grade == 1 { 4 } else { 2 }) == 0 {
        let last = plan.outputs.len() - 1;
        let output = if plan.is_grouped() { last } else { rng.index(plan.outputs.len())? };
        plan.order = Some(Order { output, descending: rng.below(2) == 0 });
        plan.limit = (rng.below(2) == 0).then(|| rng.range(2, 5) as u32);
    }
    Some(plan)
}

struct Draw<'a> {
    model: &'a Model,
    tables: Vec<usize>,
    grade: u64,
}

impl Draw<'_> {
    /// Columns that fit, keys and references apart.
    fn columns(&self, fits: impl Fn(Kind) -> bool) -> Vec<ColumnRef> {
        let all = self.tables.iter().flat_map(|table| self.model.schema.columns_of(*table));
        all.filter(|(at, column)| fits(column.kind) && !self.model.schema.is_link(*at))
            .map(|(at, _)| at)
            .collect()
    }

    fn outputs(&self, plan: &mut Plan, rng: &mut SeedRng) -> Option<()> {
        let amounts = self.columns(|kind| kind == Kind::Integer);
        let mut labels = self.columns(|kind| matches!(kind, Kind::Text | Kind::Boolean));
        rng.shuffle(&mut labels);
        // Rows, a total, or groups; higher grades group more.
        let form = rng.below(if self.grade == 1 { 3 } else { 6 });
        if form == 0 || (form == 3 && self.grade == 2) {
            let mut shown = self.columns(|_| true);
            rng.shuffle(&mut shown);
            shown.truncate(rng.range(1, 3) as usize);
            plan.outputs = shown.into_iter().map(Output::Column).collect();
            plan.distinct = rng.below(3) == 0;
            return (!plan.outputs.is_empty()).then_some(());
        }
        if form > 1 || self.grade > 1 {
            labels.truncate(if self.grade > 2 && rng.below(3) == 0 { 2 } else { 1 });
            plan.outputs.extend(labels.into_iter().map(Output::Column));
        }
        let aggregates = if self.grade > 2 && rng.below(3) == 0 { 2 } else { 1 };
        for _ in 0..aggregates {
            let aggregate = Output::Aggregate(self.aggregate(&amounts, rng)?);
            if !plan.outputs.contains(&aggregate) {
                plan.outputs.push(aggregate);
            }
        }
        Some(())
    }

    fn aggregate(&self, amounts: &[ColumnRef], rng: &mut SeedRng) -> Option<Aggregate> {
        let function = *rng.choose(&Function::ALL)?;
        let column = match function {
            Function::Rows => ColumnRef { table: *self.tables.first()?, column: 0 },
            Function::Sum | Function::Average => *rng.choose(amounts)?,
            Function::Least | Function::Greatest => {
                *rng.choose(&self.columns(|kind| matches!(kind, Kind::Integer | Kind::Date)))?
            }
            Function::Count => {
                let schema = &self.model.schema;
                let mut nullable = self.columns(|_| true);
                nullable.retain(|at| schema.column(*at).is_some_and(|column| column.nullable));
                *rng.choose(&nullable)?
            }
            Function::Distinct => *rng.choose(&self.columns(|kind| kind != Kind::Boolean))?,
        };
        Some(Aggregate { function, column })
    }

    fn having(&self, aggregate: Aggregate, rng: &mut SeedRng) -> Option<(Aggregate, Op, i64)> {
        let number = match (aggregate.function, self.model.domain(aggregate.column)?) {
            (Function::Rows | Function::Count | Function::Distinct, _) => rng.range(1, 3) as i64,
            (Function::Sum, Domain::Range(low, high)) => (low + high) * rng.range(1, 2) as i64,
            (_, Domain::Range(low, high)) => (low + high) / 2,
            // Days cannot be compared with a number: count the rows instead.
            _ => {
                let column = ColumnRef { table: *self.tables.first()?, column: 0 };
                return Some((
                    Aggregate { function: Function::Rows, column },
                    Op::Gt,
                    rng.range(1, 2) as i64,
                ));
            }
        };
        Some((aggregate, *rng.choose(&[Op::Gt, Op::Ge, Op::Lt, Op::Le])?, number))
    }

    fn test(&self, rng: &mut SeedRng) -> Option<Test> {
        let schema = &self.model.schema;
        if self.grade > 3 {
            match rng.below(4) {
                0 => {
                    let one = self.simple_test(rng)?;
                    let other = self.simple_test(rng)?;
                    if one.columns() != other.columns() {
                        return Some(Test::Either(Box::new(one), Box::new(other)));
                    }
                }
                1 => {
                    let amounts = self.columns(|kind| kind == Kind::Integer);
                    return Some(Test::Average(*rng.choose(&amounts)?, rng.below(2) == 0));
                }
                _ => {}
            }
        }
        if self.grade > 2 && rng.below(4) == 0 {
            let outside = |reference: &usize| {
                let link = schema.references[*reference];
                self.tables.contains(&link.to) && !self.tables.contains(&link.table)
            };
            let outside: Vec<usize> = (0..schema.references.len()).filter(outside).collect();
            if let Some(reference) = rng.choose(&outside) {
                return Some(Test::Without(*reference));
            }
        }
        self.simple_test(rng)
    }

    /// A test of one column.
    fn simple_test(&self, rng: &mut SeedRng) -> Option<Test> {
        let model = self.model;
        let at = *rng.choose(&self.columns(|_| true))?;
        let column = model.schema.column(at)?;
        if column.nullable && rng.below(4) == 0 {
            return Some(Test::Null(at, rng.below(2) == 0));
        }
        let constant = model.constant(at, rng)?;
        Some(match column.kind {
            Kind::Integer | Kind::Date | Kind::Real => {
                let other = model.constant(at, rng)?;
                if rng.below(4) == 0 && constant != other {
                    let (low, high) = if constant < other { (constant, other) } else { (other, constant) };
                    Test::Between(at, low, high)
                } else {
                    Test::Compare(at, *rng.choose(&[Op::Lt, Op::Le, Op::Gt, Op::Ge])?, constant)
                }
            }
            Kind::Boolean => Test::Compare(at, Op::Eq, constant),
            Kind::Text => {
                let other = model.constant(at, rng)?;
                match (rng.below(6), &constant) {
                    (0, _) => Test::Compare(at, Op::Ne, constant),
                    (1 | 2, _) if constant != other => {
                        let mut values = vec![constant, other];
                        values.sort();
                        Test::OneOf(at, values)
                    }
                    (3, Value::Text(text)) => match piece(text, rng) {
                        Some((piece, prefix)) => Test::Like(at, piece, prefix),
                        None => Test::Compare(at, Op::Eq, constant),
                    },
                    _ => Test::Compare(at, Op::Eq, constant),
                }
            }
        })
    }
}

/// Two letters of a text: its first ones (`true`) or later ones. None if there are no plain letters.
fn piece(text: &str, rng: &mut SeedRng) -> Option<(String, bool)> {
    let plain = text.len() > 3 && text.bytes().all(|b| b.is_ascii_alphabetic());
    let prefix = rng.below(2) == 0;
    let from = if prefix { 0 } else { rng.range(1, 2) as usize };
    plain.then(|| text.get(from..from + 2).map(|piece| (piece.to_owned(), prefix)))?
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use myelin_wire::seed::Seed;

    use super::*;
    use crate::{
        data::Profile,
        engine::{Database, Limits},
        lexicon::Lexicon,
        query::Query,
    };

    #[test]
    fn drawn_plans_and_their_mutants_run() {
        let lexicon = Lexicon::public().unwrap();
        let mut seen = BTreeSet::new();
        for number in 0..120 {
            let mut rng = Seed([6; 32]).derive(b"plan", number).rng();
            let model = Model::draw(&lexicon, &mut rng).unwrap();
            let Some(plan) = plan(&model, number % GRADES + 1, &mut rng) else { continue };
            let rows = model.rows(Profile::Plain, &plan.focus(), &mut rng);
            let database = Database::open(&model.schema, &rows).unwrap();
            let mutants = plan.mutants(&model.schema);
            assert!(!mutants.is_empty(), "{plan:?}");
            for plan in [plan].iter().chain(&mutants) {
                let sql = plan.to_sql(&model.schema);
                let query = Query::read(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
                let outcome = database.run(&query, Limits { steps: 1_000_000, rows: 5000 });
                assert!(outcome.is_ok(), "{sql}: {outcome:?}");
                seen.extend(
                    [
                        "JOIN", "LEFT", "HAVING", "LIKE", "IN (", "BETWEEN", "EXISTS", "AVG", "DISTINCT",
                        "LIMIT", " OR ",
                    ]
                    .into_iter()
                    .filter(|word| sql.contains(word)),
                );
            }
        }
        assert_eq!(seen.len(), 11, "{seen:?}");
    }
}
