//! A long run in which people trade, register, leave, swap keys and set weights, and subnets come and go. It measures
//! whether a block becomes slower, and the growth of state and database. Times are those in which a core worked on the
//! block: built, executed, imported.

use std::{collections::BTreeMap, time::Duration};

use myelin_runtime::audit;

use crate::{
    chain::{Chain, Fate},
    crowd::{Crowd, NEURONS, PER_BLOCK, SUBNETS, TRADERS},
    median, ms, world,
};

/// A block that keeps a core busy for longer than this fails the run.
const LIMIT: Duration = Duration::from_secs(2);
/// Blocks between two lines of figures.
const STEP: u32 = 500;

/// Runs `blocks` blocks; prints a line for every 500 of them, or ten lines if they are fewer than 5,000.
pub fn run(blocks: u32) {
    let mut netuids = Vec::new();
    let mut state = world::prepare(|| netuids = crate::crowd::prepare());
    // This chain may audit itself.
    state.top.insert(audit::OPEN.to_vec(), Vec::new());
    let chain = Chain::begin("growth", state, world::SLOT_MS);
    let mut crowd = Crowd::new(netuids);
    println!(
        "growth over {blocks} blocks: {TRADERS} people, up to {PER_BLOCK} transactions a block, {SUBNETS} subnets that begin with \
         {NEURONS} neurons:"
    );
    println!(
        "{:>8} {:>12} {:>12} {:>10} {:>12} {:>12}",
        "block", "median ms", "slowest ms", "keys", "state KiB", "disk MiB"
    );
    let (mut times, mut slowest) = (Vec::new(), (Duration::ZERO, 0));
    let mut slowest_by_the_clock = Duration::ZERO;
    let mut tallies: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    let step = STEP.min(blocks / 10).max(1);
    for block in 1..=blocks {
        let acts = crowd.acts(&chain, block);
        let transactions: Vec<_> = acts.iter().map(|act| act.transaction.clone()).collect();
        let begun = on_a_core();
        let (time, fates) = chain.block(&transactions);
        let by_the_clock = time.execution() + time.import;
        let time = on_a_core().zip(begun).map_or(by_the_clock, |(now, begun)| now.saturating_sub(begun));
        for (act, fate) in acts.iter().zip(&fates) {
            tallies.entry(act.name).or_default()[*fate as usize] += 1;
        }
        times.push(time);
        slowest = slowest.max((time, block));
        slowest_by_the_clock = slowest_by_the_clock.max(by_the_clock);
        assert!(time <= LIMIT, "block {block} took {:.0} ms", ms(time));
        crowd.learn(&chain, acts, &fates);
        if block.is_multiple_of(step) || block == blocks {
            let longest = times.iter().max().copied().unwrap_or_default();
            let (keys, bytes) = chain.state_size();
            println!(
                "{block:>8} {:>12.2} {:>12.2} {keys:>10} {:>12} {:>12.1}",
                ms(median(std::mem::take(&mut times))),
                ms(longest),
                bytes / 1024,
                chain.database_size() as f64 / (1024.0 * 1024.0),
            );
            if let Some((rule, found)) = chain.first_violation() {
                panic!("after block {block} a rule is broken: {rule}: {found}");
            }
        }
    }
    println!("{:>24} {:>8} {:>8} {:>8}", "", "done", "failed", "refused");
    for (name, tally) in &tallies {
        let of = |fate: Fate| tally[fate as usize];
        println!("{name:>24} {:>8} {:>8} {:>8}", of(Fate::Done), of(Fate::Failed), of(Fate::Refused));
        // Until block 600 every subnet is immune, so that none makes room for another.
        assert!(blocks <= STEP || of(Fate::Done) > 0, "`{name}` never succeeded");
    }
    println!(
        "slowest block {:.1} ms, number {} (limit {} ms); slowest by the clock, others on the machine included, {:.1} ms; every rule holds",
        ms(slowest.0),
        slowest.1,
        LIMIT.as_millis(),
        ms(slowest_by_the_clock),
    );
}

/// Processor time of this thread: unlike the clock it does not count other work of the machine. `None` where the system
/// does not report it; the clock is used then.
fn on_a_core() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
