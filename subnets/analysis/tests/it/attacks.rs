//! Strangers' queries leave the validator unharmed and unpaid.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use myelin_analysis::{
    adversary::attacks,
    judge::Judge,
    protocol::AnalysisResponse,
    task::{Form, Task},
    AnalysisConfig, AnalysisSubnet,
};
use myelin_subnet::{past::UsedUp, Answer, Challenge, Effort, MinerRef, Subnet};
use myelin_wire::record::{LatencyBucket, Reason};
use proptest::prelude::*;

use super::{pay, public, tasks, FORMS};

#[test]
fn no_attack_is_paid_and_none_keeps_the_validator_for_long() {
    for form in FORMS {
        for (task, judge) in tasks(&public(), form, 4) {
            for (name, sql) in attacks(&task.request.schema) {
                let began = Instant::now();
                let paid = pay(&judge, &AnalysisResponse { sql: sql.clone(), explanation: sql.clone() });
                assert_eq!(paid, 0, "{name}: {sql}");
                // It takes tens of milliseconds; a busy machine has room.
                assert!(began.elapsed() < Duration::from_secs(5), "{name}: {:?}", began.elapsed());
            }
            // The validator is unharmed: it still recognises a right answer.
            let sql = task.hidden.sql();
            assert!(pay(&judge, &AnalysisResponse { sql, explanation: String::new() }) > 800_000);
        }
    }
}

#[test]
fn expensive_queries_use_up_the_steps_of_their_miner_and_honest_ones_do_not() {
    let config = AnalysisConfig { source: Some(public()), ..AnalysisConfig::default() };
    let subnet = AnalysisSubnet::open(config).unwrap();
    let steps = subnet.effort(0).expect("a limit");
    let (mut honest, mut most, mut tried) = (0, 0, 0);
    for form in FORMS {
        for (task, judge) in tasks(&public(), form, 8) {
            judge.judge(&AnalysisResponse { sql: task.hidden.sql(), explanation: String::new() }).unwrap();
            (honest, tried) = (honest + judge.steps(), tried + 1);
            let crossed = format!(
                "SELECT COUNT(*) FROM {}",
                (0..3).map(|at| format!("{} AS t{at}", table(&task))).collect::<Vec<_>>().join(", ")
            );
            let crossed = AnalysisResponse { sql: crossed, explanation: String::new() };
            let before = judge.steps();
            let _ = judge.judge(&crossed);
            most = most.max(judge.steps() - before);
        }
    }
    println!("{tried} honest answers took {honest} steps, one expensive answer {most}");
    assert_eq!(tried, 24, "as many as are judged of a miner");
    assert!(10 * honest < steps, "{honest} steps of {steps}");
    // An answer that is judged once all steps are used up is worth nothing, even if it is right.
    let (task, _) = tasks(&public(), Form::Example, 1).remove(0);
    let miner = MinerRef { uid: 1, hotkey: [1; 32] };
    let response = AnalysisResponse { sql: task.hidden.sql(), explanation: String::new() };
    let answers = [Answer { miner, response, latency: LatencyBucket::of_ms(100) }];
    let challenge = Challenge { request: task.request, hidden: task.hidden };
    let judged =
        |effort: &mut Effort| subnet.judge(&challenge, &answers, effort)(&mut UsedUp::default()).remove(0);
    let mut effort = Effort::of(Some(1));
    assert_eq!(judged(&mut effort).reason, Reason::Scored);
    assert!(effort.is_spent());
    assert_eq!(judged(&mut effort).reason, Reason::Garbage);
}

/// The first table of a task.
fn table(task: &Task) -> String {
    task.request.schema.tables.first().map(|table| format!("\"{}\"", table.name)).unwrap_or_default()
}

/// One task for many queries; a judge belongs to the thread that opened it.
fn with_judge(test: impl Fn(&Task, &Judge)) {
    static TASK: OnceLock<Task> = OnceLock::new();
    thread_local! {
        static JUDGE: std::cell::OnceCell<Judge> = const { std::cell::OnceCell::new() };
    }
    let task = TASK.get_or_init(|| tasks(&public(), Form::Words, 1).remove(0).0);
    JUDGE.with(|judge| test(task, judge.get_or_init(|| Judge::open(&task.hidden).unwrap())));
}

const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "LIMIT",
    "UNION",
    "WITH",
    "AS",
    "JOIN",
    "LEFT",
    "ON",
    "AND",
    "OR",
    "NOT",
    "IN",
    "EXISTS",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "OVER",
    "PARTITION BY",
    "COUNT(*)",
    "SUM",
    "MAX",
    "(",
    ")",
    ",",
    ".",
    "=",
    "<",
    "*",
    "1",
    "'x'",
    "a",
    "id",
    "t",
    "T0",
    "T1",
    "NULL",
    "IS",
    "LIKE",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_as_a_query_are_judged_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let sql = String::from_utf8_lossy(&bytes).into_owned();
        let answer = AnalysisResponse { explanation: sql.clone(), sql };
        with_judge(|_, judge| assert_eq!(pay(judge, &answer), 0));
    }

    #[test]
    fn words_of_sql_in_any_order_are_judged_without_harm(words in proptest::collection::vec(
        prop::sample::select(WORDS),
        1..40,
    )) {
        with_judge(|task, judge| {
            let name = |number: usize| {
                let tables = &task.request.schema.tables;
                tables.get(number % tables.len()).map(|table| table.name.clone()).unwrap_or_default()
            };
            let words: Vec<String> = words.iter().map(|word| match *word {
                "T0" => name(0),
                "T1" => name(1),
                word => word.to_owned(),
            }).collect();
            let sql = format!("SELECT {}", words.join(" "));
            assert!(pay(judge, &AnalysisResponse { sql, explanation: String::new() }) < 300_000);
        });
    }
}
