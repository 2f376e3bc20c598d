//! Plans as SQL.

use super::{Aggregate, Function, Output, Plan, Test};
use crate::{
    schema::{ColumnRef, Schema},
    value::Value,
};

impl Plan {
    /// The SQL of a plan; empty if the plan does not fit the schema.
    pub fn to_sql(&self, schema: &Schema) -> String {
        self.render(schema).unwrap_or_default()
    }

    fn render(&self, schema: &Schema) -> Option<String> {
        let mut from = quoted(&schema.tables.get(self.base)?.name);
        let mut tables = vec![self.base];
        for join in &self.joins {
            let link = schema.references.get(join.reference)?;
            let new = if tables.contains(&link.table) { link.to } else { link.table };
            tables.push(new);
            let word = if join.keep { "LEFT JOIN" } else { "JOIN" };
            let one = name(schema, ColumnRef { table: link.table, column: link.column })?;
            let other = name(schema, ColumnRef { table: link.to, column: 0 })?;
            from += &format!(" {word} {} ON {one} = {other}", quoted(&schema.tables.get(new)?.name));
        }
        let shown: Option<Vec<String>> = self.outputs.iter().map(|output| output.render(schema)).collect();
        let mut sql = format!(
            "SELECT {}{} FROM {from}",
            if self.distinct { "DISTINCT " } else { "" },
            shown?.join(", ")
        );
        if !self.tests.is_empty() {
            let tests: Option<Vec<String>> = self.tests.iter().map(|test| test.render(schema)).collect();
            sql += &format!(" WHERE {}", tests?.join(" AND "));
        }
        if self.is_grouped() {
            let keys: Option<Vec<String>> = self.keys().into_iter().map(|at| name(schema, at)).collect();
            let keys = keys?;
            if !keys.is_empty() {
                sql += &format!(" GROUP BY {}", keys.join(", "));
            }
            if let Some((aggregate, op, number)) = &self.having {
                sql += &format!(" HAVING {} {} {number}", aggregate.render(schema)?, op.sign());
            }
        }
        if let Some(order) = &self.order {
            let first = format!("{}{}", order.output + 1, if order.descending { " DESC" } else { "" });
            let rest =
                (0..self.outputs.len()).filter(|at| *at != order.output).map(|at| (at + 1).to_string());
            let all: Vec<String> = [first].into_iter().chain(rest).collect();
            sql += &format!(" ORDER BY {}", all.join(", "));
        }
        if let Some(limit) = self.limit {
            sql += &format!(" LIMIT {limit}");
        }
        Some(sql)
    }
}

impl Output {
    fn render(&self, schema: &Schema) -> Option<String> {
        match self {
            Output::Column(at) => name(schema, *at),
            Output::Aggregate(aggregate) => aggregate.render(schema),
        }
    }
}

impl Aggregate {
    fn render(&self, schema: &Schema) -> Option<String> {
        let column = || name(schema, self.column);
        Some(match self.function {
            Function::Rows => "COUNT(*)".into(),
            Function::Count => format!("COUNT({})", column()?),
            Function::Distinct => format!("COUNT(DISTINCT {})", column()?),
            Function::Sum => format!("SUM({})", column()?),
            Function::Least => format!("MIN({})", column()?),
            Function::Greatest => format!("MAX({})", column()?),
            // Sum and count are whole, so the division drops the decimals, and no intermediate value is rounded.
            Function::Average => format!("SUM({0}) / COUNT({0})", column()?),
        })
    }
}

impl Test {
    fn render(&self, schema: &Schema) -> Option<String> {
        Some(match self {
            Test::Compare(at, op, value) => {
                format!("{} {} {}", name(schema, *at)?, op.sign(), value.to_sql())
            }
            Test::Between(at, low, high) => {
                format!("{} BETWEEN {} AND {}", name(schema, *at)?, low.to_sql(), high.to_sql())
            }
            Test::OneOf(at, values) => {
                let values: Vec<String> = values.iter().map(Value::to_sql).collect();
                format!("{} IN ({})", name(schema, *at)?, values.join(", "))
            }
            Test::Null(at, null) => {
                format!("{} IS {}NULL", name(schema, *at)?, if *null { "" } else { "NOT " })
            }
            Test::Like(at, text, prefix) => {
                let pattern = if *prefix { format!("{text}%") } else { format!("%{text}%") };
                format!("{} LIKE {}", name(schema, *at)?, Value::text(pattern).to_sql())
            }
            Test::Average(at, above) => {
                let sign = if *above { '>' } else { '<' };
                let (table, column) = (schema.tables.get(at.table)?, schema.column(*at)?);
                let (table, column) = (quoted(&table.name), quoted(&column.name));
                format!("{table}.{column} {sign} (SELECT AVG({column}) FROM {table})")
            }
            Test::Without(reference) => {
                let link = schema.references.get(*reference)?;
                let table = quoted(&schema.tables.get(link.table)?.name);
                let column =
                    quoted(&schema.column(ColumnRef { table: link.table, column: link.column })?.name);
                // An alias, because the table may be joined as well.
                let key = name(schema, ColumnRef { table: link.to, column: 0 })?;
                format!("NOT EXISTS (SELECT 1 FROM {table} AS referring WHERE referring.{column} = {key})")
            }
            Test::Either(one, other) => format!("({} OR {})", one.render(schema)?, other.render(schema)?),
        })
    }
}

fn name(schema: &Schema, at: ColumnRef) -> Option<String> {
    Some(format!("{}.{}", quoted(&schema.tables.get(at.table)?.name), quoted(&schema.column(at)?.name)))
}

/// A name in quotes, so that it may equal a word of SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
