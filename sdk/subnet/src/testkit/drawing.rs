//! Cost of drawing a task, by kind: a validator draws every task that any miner is asked.

use std::time::{Duration, Instant};

use myelin_wire::seed::Seed;

use crate::subnet::{Subnet, SubnetError};

/// Tasks of one measurement: systems count time on a core in steps of some milliseconds.
const BATCH: usize = 100;

/// Cost of drawing one task of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// The kind.
    pub kind: &'static str,
    /// The mean over all tasks.
    pub mean: Duration,
    /// The median of the means of a hundred tasks each, which a busy machine changes less.
    pub median: Duration,
}

/// Measures the drawing of `batches` times a hundred tasks of each kind that miners are asked by default. On Linux the
/// time is that of this thread on a core, so that other programs do not count.
pub fn drawing<S: Subnet>(subnet: &S, seed: &Seed, batches: usize) -> Result<Vec<Drawing>, SubnetError> {
    let mut all = Vec::new();
    for plan in subnet.tasks().iter().filter(|plan| plan.count > 0) {
        let mut means = Vec::with_capacity(batches);
        for batch in 0..batches {
            let began = (time_on_a_core(), Instant::now());
            for number in 0..BATCH {
                let seed = seed.derive(plan.kind.as_bytes(), (batch * BATCH + number) as u64);
                std::hint::black_box(subnet.challenge(plan, &seed, &S::State::default())?);
            }
            let passed = time_on_a_core().zip(began.0).map(|(now, then)| now.saturating_sub(then));
            means.push(passed.unwrap_or_else(|| began.1.elapsed()) / BATCH as u32);
        }
        let mean = means.iter().sum::<Duration>() / batches.max(1) as u32;
        means.sort();
        let median = means.get(batches / 2).copied().unwrap_or_default();
        all.push(Drawing { kind: plan.kind, mean, median });
    }
    Ok(all)
}

/// The same as a table.
pub fn drawing_table(all: &[Drawing]) -> String {
    let mut table = String::from("| kind | ms a task, mean | median of hundreds |\n|---|---|---|\n");
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    for Drawing { kind, mean, median } in all {
        table += &format!("| {kind} | {:.3} | {:.3} |\n", ms(*mean), ms(*median));
    }
    table
}

/// Time that this thread has spent on a core, where the system says so.
fn time_on_a_core() -> Option<Duration> {
    let read = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    read.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
