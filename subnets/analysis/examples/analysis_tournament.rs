//! Lets known kinds of miners answer the same kinds of tasks and prints their scores.
//!
//! `cargo run -p myelin-analysis --example analysis_tournament -- 60` with the number of tasks of each form.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use myelin_analysis::{
    adversary::{attacks, oracle, Commonplace, Garbage, Inverter, Literal, Lookup},
    judge::Judge,
    miner::{Backend, Searcher},
    protocol::AnalysisResponse,
    score,
    task::{draw, Form, Source, Task},
};
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_wire::{
    record::{Ppm, Reason},
    seed::Seed,
};

const FORMS: [Form; 3] = [Form::Example, Form::Words, Form::Both];

fn main() -> Result<(), Box<dyn Error>> {
    let count: u64 = std::env::args().nth(1).map_or(Ok(30), |count| count.parse())?;
    let public = Source::public()?;
    let own = Source { tables: Vec::new(), ..Source::own([0xaa; 32])? };
    // The search stops by tries and not by the clock, so that a busy machine prints the same scores.
    let search = Searcher { tries: 300_000, time: Duration::from_secs(60) };
    let lookup = Arc::new(Lookup::new(&public, 200));
    let field: Vec<(&str, Arc<dyn Backend>)> = vec![
        ("baseline: search and key words", Arc::new(search)),
        ("baseline with a tenth of the tries", Arc::new(Searcher { tries: search.tries / 10, ..search })),
        ("template inverter", Arc::new(Inverter::new(search)?)),
        ("lookup of 600 public tasks", lookup),
        ("literal answers", Arc::new(Literal)),
        ("commonplace", Arc::new(Commonplace)),
        ("garbage", Arc::new(Garbage)),
    ];
    for (name, source) in [("public words", &public), ("the validator's own words", &own)] {
        println!("\n| tasks of {name} | example | words | both | score | time for an answer |");
        println!("|---|---|---|---|---|---|");
        let tasks = tasks(source, count)?;
        for (name, backend) in &field {
            let mut means = Vec::new();
            let mut spent = Duration::ZERO;
            for tasks in &tasks {
                let mut sum = 0u64;
                for (task, judge) in tasks {
                    let began = Instant::now();
                    let answer = backend.answer(&context(), &task.request);
                    spent += began.elapsed();
                    sum += u64::from(score_of(judge, answer, began.elapsed())?.get());
                }
                means.push(sum as f64 / 1e6 / tasks.len().max(1) as f64);
            }
            let all = (4.0 * 3.0 * means[0] + means[1] + 4.0 * 2.0 * means[2]) / 21.0;
            let each = spent / (count * 3).max(1) as u32;
            println!(
                "| {name} | {:.3} | {:.3} | {:.3} | {all:.3} | {each:.0?} |",
                means[0], means[1], means[2]
            );
        }
    }
    oracles(&public, count)?;
    survive(&public)?;
    speed(&public, count)
}

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(80) }
}

/// The tasks of one form, ready to be judged.
type Round = Vec<(Task, Judge)>;

fn tasks(source: &Source, count: u64) -> Result<Vec<Round>, Box<dyn Error>> {
    let of_form = |form: Form| {
        let draw_one = |number| {
            let seed = Seed([0x70; 32]).derive(b"tournament", number);
            let task = draw(source, form, &seed).ok_or("no task could be drawn")?;
            let judge = Judge::open(&task.hidden)?;
            Ok((task, judge))
        };
        (0..count).map(draw_one).collect()
    };
    FORMS.into_iter().map(of_form).collect()
}

fn score_of(
    judge: &Judge,
    answer: Result<AnalysisResponse, AnswerError>,
    took: Duration,
) -> Result<Ppm, Box<dyn Error>> {
    let Ok(answer) = answer else { return Ok(Ppm::ZERO) };
    let Ok(verdict) = judge.judge(&answer) else { return Ok(Ppm::ZERO) };
    let speed = score::speed(u64::try_from(took.as_millis())?, 8_000);
    let parts = [verdict.accuracy, verdict.cost, verdict.explanation, speed];
    Ok(score::rubric()?.score(&parts, Reason::Scored)?)
}

fn oracles(source: &Source, count: u64) -> Result<(), Box<dyn Error>> {
    println!("\n| right answers | score |\n|---|---|");
    let tasks = tasks(source, count)?;
    for percent in [30, 50, 70, 80, 90, 95, 99, 100] {
        let mut rng = Seed([percent as u8; 32]).rng();
        let mut sum = 0u64;
        for (task, judge) in tasks.iter().flatten() {
            let (hidden, accuracy) = (&task.hidden, Ppm::new(percent * 10_000));
            let plan = hidden.plan().ok_or("a control was drawn")?;
            let answer = oracle(accuracy, plan, &hidden.model.schema, &task.request, &mut rng);
            sum += u64::from(score_of(judge, Ok(answer), Duration::ZERO)?.get());
        }
        println!("| {percent} % | {:.3} |", sum as f64 / 1e6 / (3 * count).max(1) as f64);
    }
    Ok(())
}

/// Sends every attack, and prints the time of the worst one.
fn survive(source: &Source) -> Result<(), Box<dyn Error>> {
    let task = draw(source, Form::Both, &Seed([0x71; 32])).ok_or("no task could be drawn")?;
    let judge = Judge::open(&task.hidden)?;
    let (mut worst, mut paid, mut sent) = (("", Duration::ZERO), 0, 0);
    for (name, sql) in attacks(&task.request.schema) {
        let began = Instant::now();
        let verdict = judge.judge(&AnalysisResponse { sql, explanation: String::new() });
        worst = worst.max_by_time(name, began.elapsed());
        paid += u32::from(verdict.is_ok_and(|verdict| verdict.accuracy > Ppm::ZERO));
        sent += 1;
    }
    println!(
        "\n{sent} attacks, {paid} paid; the longest kept the validator for {:.0?} ({})",
        worst.1, worst.0
    );
    Ok(())
}

trait Worst {
    fn max_by_time(self, name: &'static str, time: Duration) -> Self;
}

impl Worst for (&'static str, Duration) {
    fn max_by_time(self, name: &'static str, time: Duration) -> Self {
        if time > self.1 {
            (name, time)
        } else {
            self
        }
    }
}

fn speed(source: &Source, count: u64) -> Result<(), Box<dyn Error>> {
    println!("\n| form | drawing a task | judging its answer |\n|---|---|---|");
    for form in FORMS {
        let (mut drawn, mut judged) = (Duration::ZERO, Duration::ZERO);
        for number in 0..count {
            let began = Instant::now();
            let seed = Seed([0x72; 32]).derive(b"speed", number);
            let task = draw(source, form, &seed).ok_or("no task could be drawn")?;
            drawn += began.elapsed();
            let sql = task.hidden.sql();
            let began = Instant::now();
            let judge = Judge::open(&task.hidden)?;
            judge.judge(&AnalysisResponse { sql, explanation: String::new() }).map_err(|(_, note)| note)?;
            judged += began.elapsed();
        }
        let each = |time: Duration| time / count.max(1) as u32;
        println!("| {form:?} | {:.1?} | {:.1?} |", each(drawn), each(judged));
    }
    Ok(())
}
