use std::sync::OnceLock;

use myelin_wire::record::Ppm;

use super::*;
use crate::{
    data::{Profile, HIDDEN_PROFILES},
    engine::{Database, Limits},
    explain,
    plan::Runner,
    protocol::AnalysisResponse,
    value::same_rows,
};

/// The limits of a query on small tables.
const SMALL: Limits = Limits { steps: 100_000, rows: 200 };

fn source() -> &'static Source {
    static SOURCE: OnceLock<Source> = OnceLock::new();
    SOURCE.get_or_init(|| Source::public().unwrap())
}

fn tasks(form: Form, count: u64) -> impl Iterator<Item = Task> {
    (0..count)
        .map(move |number| draw(source(), form, &Seed([3; 32]).derive(b"task", number)).expect("a task"))
}

#[test]
fn a_reference_answers_its_own_task_exactly_and_its_mutants_rarely_do() {
    for form in [Form::Example, Form::Words, Form::Both] {
        let (mut mutants, mut caught) = (0, 0);
        for task in tasks(form, 12) {
            task.request.check().unwrap();
            let judge = Judge::open(&task.hidden).unwrap();
            let schema = &task.hidden.model.schema;
            let sql = task.hidden.sql();
            let query = Query::read(&sql).unwrap();
            let example = Database::open(schema, &task.request.examples[0].tables).unwrap();
            let mut prepared = example.prepare(&query).unwrap();
            if let Some(result) = &task.request.examples[0].result {
                let rows = prepared.run(SMALL).unwrap().rows;
                assert!(same_rows(&rows, result, task.request.ordered), "{sql}");
            }
            let explanation = explain::explain(&query, &prepared.reads, schema);
            let verdict = judge.judge(&AnalysisResponse { sql, explanation }).unwrap();
            assert_eq!(
                (verdict.accuracy, verdict.cost, verdict.explanation),
                (Ppm::ONE, Ppm::ONE, Ppm::ONE),
                "{verdict:?}"
            );
            for mutant in task.hidden.plan().unwrap().mutants(schema) {
                let sql = mutant.to_sql(schema);
                let verdict = judge.judge(&AnalysisResponse { sql, explanation: String::new() });
                mutants += 1;
                caught += u32::from(verdict.unwrap().accuracy < Ppm::ONE);
            }
        }
        assert!(caught * 100 > mutants * 85, "{form:?}: {caught} of {mutants}");
    }
}

#[test]
fn examples_pin_the_query_down_as_far_as_the_hidden_rows_go() {
    for task in tasks(Form::Example, 10) {
        let judge = Judge::open(&task.hidden).unwrap();
        let schema = &task.hidden.model.schema;
        for mutant in task.hidden.plan().unwrap().mutants(schema) {
            let query = Query::read(&mutant.to_sql(schema)).unwrap();
            let fits = task.request.examples.iter().all(|example| {
                let outcome = Database::open(schema, &example.tables).unwrap().run(&query, SMALL);
                let result = example.result.as_ref().unwrap();
                outcome.is_ok_and(|outcome| same_rows(result, &outcome.rows, task.request.ordered))
            });
            let answer = AnalysisResponse { sql: query.sql().to_owned(), ..Default::default() };
            let same = judge.judge(&answer).is_ok_and(|verdict| verdict.accuracy == Ppm::ONE);
            assert!(!fits || same, "{} fits the examples", query.sql());
        }
    }
}

#[test]
fn rows_that_only_hold_what_is_read_give_the_same_results_in_as_many_steps() {
    let mut compared = 0;
    for task in tasks(Form::Words, 12) {
        let model = &task.hidden.model;
        let plan = task.hidden.plan().unwrap();
        let mutants = plan.mutants(&model.schema).into_iter().take(6).map(|plan| plan.to_sql(&model.schema));
        let tables: Vec<&str> = model.schema.tables.iter().map(|table| table.name.as_str()).collect();
        let (first, last) = (tables[0], tables[tables.len() - 1]);
        let shared = &model.schema.tables[0].columns.last().unwrap().name;
        let key = &model.schema.tables[tables.len() - 1].columns[0].name;
        let bare = [
            format!("SELECT count(*) FROM {first}"),
            format!("SELECT 1 FROM {first} AS a, {last} AS b LIMIT 60"),
            format!("SELECT COUNT(*) FROM {first} AS a NATURAL JOIN {first} AS b"),
            format!("SELECT COUNT(*) FROM {first} AS a JOIN {first} AS b USING (\"{shared}\")"),
            format!("SELECT {key} FROM {last} WHERE EXISTS (SELECT 1 FROM {first})"),
        ];
        for sql in mutants.chain([plan.to_sql(&model.schema)]).chain(bare) {
            let query = Query::read(&sql).unwrap();
            let part = Database::empty(&model.schema).unwrap();
            let mut filler = part.filler().unwrap();
            let mut prepared = part.prepare(&query).unwrap();
            for profile in HIDDEN_PROFILES {
                let rng = || Seed([9; 32]).rng();
                let rows = model.rows(profile, &plan.focus(), &mut rng());
                let whole = Database::open(&model.schema, &rows).unwrap();
                filler
                    .fill(&model.rows_for(Some(&prepared.reads), profile, &plan.focus(), &mut rng()))
                    .unwrap();
                assert_eq!(prepared.run(SMALL), whole.run(&query, SMALL), "{sql}");
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "{compared} results");
}

#[test]
fn a_seed_always_draws_the_same_task_and_another_seed_another() {
    let draw = |byte| draw(source(), Form::Both, &Seed([byte; 32])).unwrap();
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1).request, draw(2).request);
    let json = serde_json::to_string(&draw(1).request).unwrap();
    assert_eq!(serde_json::from_str::<AnalysisRequest>(&json).unwrap(), draw(1).request);
    let json = serde_json::to_string(&draw(1).hidden).unwrap();
    assert_eq!(serde_json::from_str::<Hidden>(&json).unwrap(), draw(1).hidden);
}

#[test]
fn tasks_are_drawn_from_tables_that_exist() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/tables");
    let source = Source::public().unwrap().with_tables(&folder).unwrap();
    assert_eq!(source.tables, Source::public().unwrap().tables, "the folder holds the public tables");
    let mut real = 0;
    for number in 0..60 {
        let task = draw(&source, Form::Both, &Seed([4; 32]).derive(b"real", number)).expect("a task");
        let table = &task.request.schema.tables[0];
        if table.name != "elements" {
            continue;
        }
        real += 1;
        assert_eq!(table.columns[3].name, "weight_x1000", "decimals are whole numbers of their last place");
        let sql = task.hidden.sql();
        let verdict =
            Judge::open(&task.hidden).unwrap().judge(&AnalysisResponse { sql, ..Default::default() });
        assert_eq!(verdict.unwrap().accuracy, Ppm::ONE);
    }
    assert!(real > 1, "{real} of 60 tasks are about the real table");
    assert!(source.with_tables(Path::new("/no/such/folder")).is_err());
}

#[test]
fn plans_run_by_hand_give_what_the_engine_gives_in_fewer_steps_than_foreseen() {
    let own = Source::own([0x77; 32]).unwrap();
    let (mut compared, mut rows) = (0, 0);
    for number in 0..160 {
        let mut rng = Seed([0x52; 32]).derive(b"plan", number).rng();
        let source = if number % 2 == 0 { source() } else { &own };
        let real = number % 5 == 0;
        let model =
            if real { rng.choose(&source.tables).cloned() } else { Model::draw(&source.lexicon, &mut rng) };
        let model = model.unwrap();
        let schema = &model.schema;
        let Some(plan) = draw::plan(&model, number % draw::GRADES + 1, &mut rng) else { continue };
        let focus = plan.focus();
        let mut others = plan.mutants(schema);
        others.extend((0..plan.tests.len()).map(|at| {
            let mut plan = plan.clone();
            plan.tests.remove(at);
            plan
        }));
        for profile in HIDDEN_PROFILES.into_iter().chain([Profile::Few, Profile::Small]) {
            let tables = model.tables(None, profile, &focus, &mut rng.clone());
            let database = Database::open(schema, &tables.to_rows()).unwrap();
            let mut runner = Runner::new(schema, &tables);
            for plan in [&plan].into_iter().chain(&others) {
                let sql = plan.to_sql(schema);
                let limits = Limits { steps: 10_000_000, rows: 100_000 };
                let outcome = Query::read(&sql).ok().and_then(|query| database.run(&query, limits).ok());
                let found = runner.run(plan).map(|found| found.to_rows());
                match (outcome, found) {
                    (Some(outcome), Some(found)) => {
                        assert!(same_rows(&found, &outcome.rows, plan.order.is_some()), "{profile:?} {sql}");
                        let foreseen = runner.most_steps(plan).unwrap();
                        assert!(outcome.steps <= foreseen + 500, "{} {foreseen} {sql}", outcome.steps);
                        rows += found.len();
                    }
                    (outcome, found) => assert_eq!(outcome.map(|o| o.rows), found, "{profile:?} {sql}"),
                }
                compared += 1;
            }
            // Plans need no columns but those that they name.
            let mut reads = plan.reads(schema);
            others.iter().for_each(|other| reads.extend(&other.reads(schema)));
            let part = model.tables(Some(&reads), profile, &focus, &mut rng.clone());
            let mut part = Runner::new(schema, &part);
            for plan in [&plan].into_iter().chain(&others) {
                assert_eq!(part.run(plan), runner.run(plan), "{profile:?}");
            }
        }
    }
    assert!(compared > 10_000 && rows > 50_000, "{compared} results, {rows} rows");
}
