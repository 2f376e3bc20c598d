//! Puts a plan into words.
//!
//! A question names the columns of the result in their order: the keys of groups first, then the values.

use myelin_subnet::phrases::Templates;
use myelin_wire::seed::SeedRng;

use crate::{
    data::Model,
    plan::{Aggregate, Function, Op, Output, Plan, Test},
    schema::ColumnRef,
    value::Value,
};

/// The question of a plan.
pub fn question(model: &Model, plan: &Plan, book: &Templates, rng: &mut SeedRng) -> Option<String> {
    let speaker = Speaker { model, book };
    let source = speaker.source(plan, rng)?;
    let filters = match plan.tests.is_empty() {
        true => String::new(),
        false => {
            let tests: Option<Vec<String>> = plan.tests.iter().map(|test| speaker.test(test, rng)).collect();
            let tests = speaker.join(&tests?, rng);
            book.say("filters", &[("tests", &tests)], rng)
        }
    };
    let said: Option<Vec<String>> = plan.outputs.iter().map(|output| speaker.output(output, rng)).collect();
    let said = said?;
    let mut order = String::new();
    if let Some(by) = plan.order {
        let way = if by.descending { "descending" } else { "ascending" };
        order = book.say(way, &[("output", said.get(by.output)?)], rng);
        if let Some(limit) = plan.limit {
            order += &book.say("limit", &[("number", &limit.to_string())], rng);
        }
    }
    let having = match &plan.having {
        Some((aggregate, op, number)) => {
            let column = speaker.aggregate(aggregate, rng)?;
            let test = book.say(key(*op), &[("column", &column), ("value", &number.to_string())], rng);
            book.say("having", &[("test", &test)], rng)
        }
        None => String::new(),
    };
    let keys = plan.keys().len();
    let (construct, keys, outputs) = match (plan.is_grouped(), keys) {
        (false, _) => (if plan.distinct { "distinct" } else { "list" }, "", said.as_slice()),
        (true, 0) => ("total", "", said.as_slice()),
        (true, keys) => ("groups", &*speaker.join(said.get(..keys)?, rng), said.get(keys..)?),
    };
    let outputs = speaker.join(outputs, rng);
    let slots = [
        ("outputs", &*outputs),
        ("keys", keys),
        ("source", &*source),
        ("filters", &*filters),
        ("having", &*having),
        ("order", &*order),
    ];
    Some(book.say(construct, &slots, rng))
}

struct Speaker<'a> {
    model: &'a Model,
    book: &'a Templates,
}

impl Speaker<'_> {
    fn join(&self, parts: &[String], rng: &mut SeedRng) -> String {
        let and = self.book.say("and", &[], rng);
        match parts.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, first)) => format!("{}{and}{last}", first.join(", ")),
            None => String::new(),
        }
    }

    fn table(&self, table: usize) -> Option<String> {
        Some(self.model.schema.tables.get(table)?.name.replace('_', " "))
    }

    /// A column by its name or by other words for it.
    fn column(&self, at: ColumnRef, rng: &mut SeedRng) -> Option<String> {
        let name = self.model.schema.column(at)?.name.replace('_', " ");
        let words = self.model.words.get(at.table)?.get(at.column)?;
        Some(match rng.index(words.len() + 1)? {
            0 => name,
            other => words.get(other - 1)?.clone(),
        })
    }

    fn source(&self, plan: &Plan, rng: &mut SeedRng) -> Option<String> {
        let mut said = self.book.say("source", &[("table", &self.table(plan.base)?)], rng);
        let tables = plan.tables(&self.model.schema)?;
        for (join, new) in plan.joins.iter().zip(tables.get(1..)?) {
            let link = self.model.schema.references.get(join.reference)?;
            let known = if link.table == *new { link.to } else { link.table };
            let construct = if join.keep { "kept" } else { "joined" };
            said += &self.book.say(
                construct,
                &[("table", &self.table(known)?), ("joined", &self.table(*new)?)],
                rng,
            );
        }
        Some(said)
    }

    fn test(&self, test: &Test, rng: &mut SeedRng) -> Option<String> {
        let value = |value: &Value| match value {
            Value::Text(text) if crate::value::day_of(text).is_none() => format!("\"{text}\""),
            Value::Text(text) => text.clone(),
            other => other.to_sql(),
        };
        let say =
            |construct: &str, slots: &[(&str, &str)], rng: &mut SeedRng| self.book.say(construct, slots, rng);
        Some(match test {
            Test::Compare(at, op, constant) => {
                let column = self.column(*at, rng)?;
                say(key(*op), &[("column", &column), ("value", &value(constant))], rng)
            }
            Test::Between(at, low, high) => {
                let column = self.column(*at, rng)?;
                say("between", &[("column", &column), ("low", &value(low)), ("high", &value(high))], rng)
            }
            Test::OneOf(at, values) => {
                let column = self.column(*at, rng)?;
                let values: Vec<String> = values.iter().map(value).collect();
                say("one_of", &[("column", &column), ("values", &values.join(", "))], rng)
            }
            Test::Null(at, null) => {
                let column = self.column(*at, rng)?;
                say(if *null { "null" } else { "not_null" }, &[("column", &column)], rng)
            }
            Test::Like(at, text, prefix) => {
                let column = self.column(*at, rng)?;
                let construct = if *prefix { "prefix" } else { "contains" };
                say(construct, &[("column", &column), ("text", &format!("\"{text}\""))], rng)
            }
            Test::Average(at, above) => {
                let (column, table) = (self.column(*at, rng)?, self.table(at.table)?);
                let construct = if *above { "above_average" } else { "below_average" };
                say(construct, &[("column", &column), ("table", &table)], rng)
            }
            Test::Without(reference) => {
                let link = self.model.schema.references.get(*reference)?;
                let (table, joined) = (self.table(link.to)?, self.table(link.table)?);
                say("without", &[("table", &table), ("joined", &joined)], rng)
            }
            Test::Either(one, other) => {
                let (one, other) = (self.test(one, rng)?, self.test(other, rng)?);
                say("either", &[("one", &one), ("other", &other)], rng)
            }
        })
    }

    fn output(&self, output: &Output, rng: &mut SeedRng) -> Option<String> {
        match output {
            Output::Column(at) => self.column(*at, rng),
            Output::Aggregate(aggregate) => self.aggregate(aggregate, rng),
        }
    }

    fn aggregate(&self, aggregate: &Aggregate, rng: &mut SeedRng) -> Option<String> {
        let construct = match aggregate.function {
            Function::Rows => return Some(self.book.say("rows", &[], rng)),
            Function::Count => "count",
            Function::Distinct => "count_distinct",
            Function::Sum => "sum",
            Function::Least => "least",
            Function::Greatest => "greatest",
            Function::Average => "average",
        };
        let column = self.column(aggregate.column, rng)?;
        Some(self.book.say(construct, &[("column", &column)], rng))
    }
}

fn key(op: Op) -> &'static str {
    match op {
        Op::Eq => "eq",
        Op::Ne => "ne",
        Op::Lt => "lt",
        Op::Le => "le",
        Op::Gt => "gt",
        Op::Ge => "ge",
    }
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;
    use crate::{
        draw,
        lexicon::{public_phrasebook, Lexicon},
    };

    #[test]
    fn a_question_names_every_constant_and_leaves_no_slot_open() {
        let (lexicon, book) = (Lexicon::public().unwrap(), public_phrasebook().unwrap());
        let mut asked = 0;
        for number in 0..200 {
            let mut rng = Seed([8; 32]).derive(b"phrase", number).rng();
            let model = Model::draw(&lexicon, &mut rng).unwrap();
            let Some(plan) = draw::plan(&model, number % draw::GRADES + 1, &mut rng) else { continue };
            let question = question(&model, &plan, &book, &mut rng).unwrap();
            assert!(!question.contains(['{', '}']), "{question}");
            for constant in plan.constants() {
                let constant = match constant {
                    Value::Text(text) => text,
                    other => other.to_sql(),
                };
                assert!(question.contains(&constant), "{constant} in {question}");
            }
            asked += 1;
        }
        assert!(asked > 100, "{asked}");
    }
}
