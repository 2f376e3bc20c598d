//! The analysis subnet's promises, kept by its real generator, engine and miners.

mod attacks;
mod organic;
mod promises;
mod round;

use std::time::Duration;

use myelin_analysis::{
    judge::Judge,
    miner::{Backend, Searcher},
    protocol::AnalysisResponse,
    score,
    task::{draw, Form, Source, Task},
};
use myelin_subnet::AnswerContext;
use myelin_wire::{
    record::{Ppm, Reason},
    seed::Seed,
};

const FORMS: [Form; 3] = [Form::Example, Form::Words, Form::Both];

fn public() -> Source {
    Source::public().unwrap()
}

/// A validator's secret words, and no public tables.
fn held_out() -> Source {
    Source { tables: Vec::new(), ..Source::own([0xaa; 32]).unwrap() }
}

/// A searcher that stops by its tries, never by the clock, so that a busy machine changes nothing.
fn baseline() -> Searcher {
    Searcher { tries: 30_000, time: Duration::from_secs(600) }
}

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(3600) }
}

fn tasks(source: &Source, form: Form, count: u64) -> Vec<(Task, Judge)> {
    let seed = Seed([0x3a; 32]);
    let draw_one = |number| {
        let task = draw(source, form, &seed.derive(b"promise", number)).expect("a task");
        let judge = Judge::open(&task.hidden).unwrap();
        (task, judge)
    };
    (0..count).map(draw_one).collect()
}

/// The score of an immediate answer, in millionths.
fn pay(judge: &Judge, answer: &AnalysisResponse) -> u64 {
    judge.judge(answer).map_or(0, |verdict| {
        let parts = [verdict.accuracy, verdict.cost, verdict.explanation, Ppm::ONE];
        u64::from(score::rubric().unwrap().score(&parts, Reason::Scored).unwrap().get())
    })
}

/// The mean score of a miner in millionths.
fn mean_pay(backend: &dyn Backend, tasks: &[(Task, Judge)]) -> u64 {
    let paid = tasks.iter().map(|(task, judge)| {
        backend.answer(&context(), &task.request).map_or(0, |answer| pay(judge, &answer))
    });
    paid.sum::<u64>() / tasks.len() as u64
}
