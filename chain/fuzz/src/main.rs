//! `myelin-fuzz CALLS SEED [FILE]`: tells the story of a seed and prints the outcomes of its calls. If a rule breaks,
//! the story is shortened and printed, and written to FILE if one is named that does not exist yet.

use std::{
    fs::File,
    io::Write,
    process::ExitCode,
    time::{Duration, Instant},
};

use myelin_fuzz::{
    cast::Cast,
    meeting::Meeting,
    run::{tell, Report},
    schema::{Kind, Schema, NEVER_DONE},
    shrink,
    world::{Counts, Drift, World},
};

/// Longest time for shortening a failing story.
const SHRINKING: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u64| arguments.get(at).map_or(Some(default), |text| text.parse().ok());
    let (Some(calls @ 1..), Some(seed)) = (number(0, 10_000), number(1, 1)) else {
        eprintln!("usage: myelin-fuzz [CALLS, at least 1] [SEED] [FILE]");
        return ExitCode::FAILURE;
    };
    let started = Instant::now();
    println!("seed {seed}, {calls} calls");
    let told = tell(seed, calls, |report| {
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "{:>8} calls ({} ok), {:>6} blocks, {seconds:.0} s, drift {} rao of TAO, {} rao of alpha",
            report.calls,
            report.done(),
            report.blocks,
            report.drift.tao,
            report.drift.alpha
        );
    });
    match told {
        Ok(report) => {
            print(&report);
            let Drift { tao, alpha } = report.drift;
            println!("seed {seed}: every rule held; drift {tao} rao of TAO, {alpha} rao of alpha");
            if report.drift == Drift::default() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(failure) => {
            println!("BROKEN: {failure}\nshortening the story");
            let failure = shrink::shrink(failure, SHRINKING);
            let text = shrink::write(&failure.steps, &Cast::default());
            println!("{text}BROKEN: {failure}");
            let write = |file| File::create_new(file)?.write_all(text.as_bytes());
            if let Some(Err(error)) = arguments.get(2).map(write) {
                eprintln!("the story could not be written: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Calls by kind with their outcomes, and those that never succeeded.
fn print(report: &Report) {
    println!("\n      ok  refused  call, and its most frequent refusals");
    for (title, tally) in &report.tallies {
        let refused: u64 = tally.refused.values().sum();
        let mut reasons: Vec<_> = tally.refused.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let reasons: Vec<_> = reasons.iter().take(4).map(|(name, count)| format!("{name} {count}")).collect();
        println!("{:>8} {refused:>8}  {title}: {}", tally.done, reasons.join(", "));
    }
    let schema = World::genesis().look(Schema::read);
    let all: Vec<String> = schema.kinds.iter().map(Kind::title).collect();
    let never = report.never_done(&all);
    println!("\n{} of {} calls succeeded at least once", all.len() - never.len(), all.len());
    let (expected, unlucky): (Vec<_>, Vec<_>) =
        never.into_iter().partition(|name| NEVER_DONE.iter().any(|(call, _)| call == name));
    for (call, reason) in NEVER_DONE.iter().filter(|(call, _)| expected.iter().any(|name| name == call)) {
        println!("never: {call} ({reason})");
    }
    if !unlucky.is_empty() {
        let names: Vec<_> = unlucky.iter().map(|name| name.as_str()).collect();
        println!("not in this story: {}", names.join(", "));
    }
    print_counts(report);
}

/// Calls and blocks, elections and votes, and calls that met a vote lock.
fn print_counts(report: &Report) {
    let Report { calls, blocks, terms, counts: Counts { passes, elected, enacted }, .. } = report;
    println!("{calls} calls, {} ok, {blocks} blocks", report.done());
    println!("{passes} passes over candidates, {elected} elections of another set of authorities");
    println!("{terms} changes of the set or its keys");
    println!("{enacted} proposals enacted");
    let listed = |refused: bool| {
        let kinds = Meeting::ALL.iter().filter(|kind| kind.is_refused() == refused);
        let counted: Vec<_> = kinds.map(|kind| format!("{} {}", kind.name(), report.met(*kind))).collect();
        counted.join(", ")
    };
    println!("calls refused by a vote lock: {}", listed(true));
    println!("calls made with stake under a vote lock: {}", listed(false));
}
