use super::*;
use crate::schema::{Column, Reference, Table};

const LIMITS: Limits = Limits { steps: 100_000, rows: 1000 };

fn shop() -> (Schema, Rows) {
    let column = |name: &str, kind| Column { name: name.into(), kind, nullable: true };
    let schema = Schema {
        tables: vec![
            Table {
                name: "customers".into(),
                columns: vec![column("id", Kind::Integer), column("city", Kind::Text)],
                keyed: true,
            },
            Table {
                name: "order".into(),
                columns: vec![
                    column("id", Kind::Integer),
                    column("customer_id", Kind::Integer),
                    column("price", Kind::Integer),
                ],
                keyed: true,
            },
        ],
        references: vec![Reference { table: 1, column: 1, to: 0 }],
    };
    let number = Value::Integer;
    let customers =
        (1..=40).map(|id| vec![number(id), Value::text(if id % 2 == 0 { "Kiel" } else { "Hull" })]);
    let orders = (1..=80).map(|id| vec![number(id), number(id % 40 + 1), number(id * 10)]);
    let rows = vec![customers.collect(), orders.collect()];
    (schema, rows)
}

fn database() -> Database {
    let (schema, rows) = shop();
    Database::open(&schema, &rows).unwrap()
}

fn run(sql: &str) -> Result<(Outcome, Reads), EngineError> {
    let query = Query::read(sql).map_err(|error| EngineError::Query(error.to_string()))?;
    let database = database();
    let mut prepared = database.prepare(&query)?;
    let outcome = prepared.run(LIMITS)?;
    let again = prepared.run(LIMITS)?;
    assert_eq!(again, outcome, "a run leaves nothing behind");
    Ok((outcome, prepared.reads))
}

#[test]
fn a_query_gives_rows_steps_and_what_it_read() {
    let sql =
        "SELECT c.city, COUNT(*), SUM(o.price) FROM customers c JOIN \"order\" o ON o.customer_id = c.id \
               GROUP BY c.city ORDER BY 1";
    let (outcome, reads) = run(sql).unwrap();
    let row = |city, count, sum| vec![Value::text(city), Value::Integer(count), Value::Integer(sum)];
    assert_eq!(outcome.rows, [row("Hull", 40, 16_400), row("Kiel", 40, 16_000)]);
    assert_eq!(reads.tables.into_iter().collect::<Vec<_>>(), [0, 1]);
    let columns: Vec<_> = reads.columns.iter().map(|at| (at.table, at.column)).collect();
    assert_eq!(columns, [(0, 0), (0, 1), (1, 1), (1, 2)]);
    assert_eq!(run(sql).unwrap().0.steps, outcome.steps, "steps are the same in every run");
    let (_, reads) = run("SELECT COUNT(*) FROM customers").unwrap();
    assert_eq!((reads.tables.len(), reads.columns.len()), (1, 0));
}

#[test]
fn subqueries_common_tables_and_windows_run() {
    for sql in [
        "WITH big AS (SELECT * FROM \"order\" WHERE price > 400) SELECT COUNT(*) FROM big",
        "SELECT x.city FROM (SELECT city, id FROM customers) x WHERE x.id IN (SELECT price FROM \"order\")",
        "SELECT id, ROW_NUMBER() OVER (PARTITION BY city ORDER BY id) FROM customers",
        "SELECT city FROM customers UNION SELECT 'x' FROM customers",
        "SELECT CAST(AVG(price) AS INTEGER) FROM \"order\" WHERE price BETWEEN 3 AND 5000",
        "SELECT COUNT(*) FROM (SELECT 1 FROM customers)",
        "SELECT CASE WHEN price > 5 THEN 'a' ELSE 'b' END FROM \"order\" \
         WHERE NOT EXISTS (SELECT 1 FROM customers WHERE id = price)",
    ] {
        if let Err(error) = run(sql) {
            panic!("{sql}: {error}");
        }
    }
}

#[test]
fn bombs_end_at_a_limit() {
    let started = std::time::Instant::now();
    let cross = "SELECT COUNT(*) FROM \"order\" a, \"order\" b, \"order\" c, \"order\" d, \"order\" e";
    assert_eq!(run(cross).unwrap_err(), EngineError::Steps(LIMITS.steps));
    let like = "SELECT COUNT(*) FROM \"order\" a, \"order\" b, \"order\" c \
                WHERE a.id || b.id || c.id LIKE '%1%2%3%4%5%6%7%8%9%'";
    assert_eq!(run(like).unwrap_err(), EngineError::Steps(LIMITS.steps));
    let sorted = "SELECT DISTINCT a.id + b.id * 100 + c.id * 10000 \
                  FROM \"order\" a, \"order\" b, \"order\" c ORDER BY 1";
    assert_eq!(run(sorted).unwrap_err(), EngineError::Steps(LIMITS.steps));
    assert_eq!(run("SELECT 1 FROM \"order\" a, \"order\" b").unwrap_err(), EngineError::Rows(LIMITS.rows));
    for sql in [
        "SELECT * FROM sqlite_master",
        "SELECT COUNT(*) FROM sqlite_schema",
        "SELECT * FROM pragma_table_list",
        "SELECT COUNT(*) FROM pragma_database_list",
        "SELECT * FROM dbstat",
        "SELECT * FROM json_each",
        "SELECT a -> 'b' FROM customers",
        "SELECT \"no such column\" FROM customers",
    ] {
        assert!(matches!(run(sql), Err(EngineError::Query(_))), "{sql}: {:?}", run(sql));
    }
    // Texts that double on every level.
    let mut doubled = "city".to_owned();
    for _ in 0..8 {
        doubled = format!("({doubled}) || ({doubled})");
    }
    assert!(run(&format!("SELECT {doubled} FROM customers")).is_err());
    let levels =
        "WITH a AS (SELECT city || city || city || city || city || city || city || city x FROM customers), \
         b AS (SELECT x || x || x || x || x || x || x || x y FROM a), \
         c AS (SELECT y || y || y || y || y || y || y || y || y z FROM b) SELECT length(z) FROM c";
    assert!(run(levels).is_err());
    // Names that multiply before anything runs.
    let tree = "WITH a AS (SELECT 1 x FROM customers), b AS (SELECT 1 x FROM a, a p), \
                c AS (SELECT 1 x FROM b, b p), d AS (SELECT 1 x FROM c, c p), e AS (SELECT 1 x FROM d, d p), \
                f AS (SELECT 1 x FROM e, e p) SELECT COUNT(*) FROM f, f p";
    assert!(run(tree).is_err());
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[test]
fn a_run_after_a_stopped_one_is_whole() {
    let database = database();
    let read = |sql: &str| Query::read(sql).unwrap();
    let cross = read("SELECT COUNT(*) FROM \"order\" a, \"order\" b, \"order\" c");
    assert!(database.run(&cross, LIMITS).is_err());
    assert_eq!(
        database.run(&read("SELECT COUNT(*) FROM \"order\""), LIMITS).unwrap().rows,
        [[Value::Integer(80)]]
    );
}

#[test]
fn tables_that_are_filled_again_are_like_new_ones() {
    let (schema, rows) = shop();
    let fewer: Rows = rows.iter().map(|rows| rows.iter().skip(3).step_by(2).cloned().collect()).collect();
    let database = Database::empty(&schema).unwrap();
    let mut filler = database.filler().unwrap();
    let queries = [
        "SELECT * FROM customers",
        "SELECT c.city, COUNT(*), SUM(o.price) FROM customers c JOIN \"order\" o ON o.customer_id = c.id GROUP BY c.city",
        "SELECT a.id FROM \"order\" a WHERE a.price > (SELECT AVG(price) FROM \"order\") ORDER BY a.price DESC LIMIT 3",
        "SELECT city FROM customers WHERE id NOT IN (SELECT customer_id FROM \"order\")",
    ];
    let queries = queries.map(|sql| Query::read(sql).unwrap());
    let mut prepared: Vec<_> = queries.iter().map(|query| database.prepare(query).unwrap()).collect();
    for rows in [&rows, &fewer, &vec![Vec::new(), Vec::new()], &rows] {
        filler.fill(rows).unwrap();
        let fresh = Database::open(&schema, rows).unwrap();
        for (query, prepared) in queries.iter().zip(&mut prepared) {
            assert_eq!(prepared.run(LIMITS), fresh.run(query, LIMITS), "{}", query.sql());
        }
    }
    for write in ["DELETE FROM customers", "INSERT INTO customers VALUES (1, 'x')", "BEGIN"] {
        assert!(Query::read(write).is_err() || database.run(&Query::read(write).unwrap(), LIMITS).is_err());
    }
}

#[test]
fn the_engine_is_the_one_that_all_validators_run() {
    check_version().unwrap();
}
