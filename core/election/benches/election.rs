//! Time of a pass over 10,000 candidates with 128 subnets, on one core:
//! `cargo bench -p myelin-election --profile dev --bench election`.
//!
//! Prints the time of the first block, which adds up the panels, and of a page for several sizes. Each page decodes
//! the qualities and the pass, and encodes the pass, as a chain does. Beside them stands the time of the keys that it
//! reads and writes, by the weights of the chain's database: 12 µs a read, 65 µs a write. A block may take half of a
//! slot of 12 s.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use codec::{Decode, Encode};
use myelin_election::{
    panel::{Member, Panel},
    pass::{place, Pass, Reading},
    PerBillion, Qualities, Rules,
};
use myelin_units::TaoBalance;
use myelin_wire::hash::blake2_256;

const CANDIDATES: u32 = 10_000;
const SUBNETS: u32 = 128;
const RUNS: usize = 15;
/// Reads of a candidate: its record, the root stake on its hotkey, its session keys, a kept reading. Writes: its
/// record.
const READS: f64 = 4.0;
const WRITES: f64 = 1.0;
/// Execution time of a block of 12 s, in milliseconds.
const BLOCK_MS: f64 = 6_000.0;

fn key(number: u32) -> [u8; 32] {
    blake2_256(&number.to_le_bytes())
}

fn panel(subnet: u32, members: u32) -> Panel {
    let member = |place: u32| {
        let number = (subnet * members + place) % CANDIDATES;
        let measure = PerBillion::percent(50 + place % 50);
        Member {
            hotkey: key(number),
            coldkey: key(number + CANDIDATES),
            backing: TaoBalance::from_tokens(9),
            measure,
        }
    };
    let emission = PerBillion::ratio(1, SUBNETS.into());
    let network = TaoBalance::from_tokens(90_000);
    Panel { emission, owner: Some(key(1)), network, members: (0..members).map(member).collect() }
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<_> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn main() {
    let rules = Rules { seats: 128, ..Rules::production() };
    for members in [64, 128] {
        let panels: Vec<Vec<u8>> = (0..SUBNETS).map(|subnet| panel(subnet, members).encode()).collect();
        let read = |bytes: &Vec<u8>| Panel::decode(&mut bytes.as_slice()).expect("a panel");
        let sum = || Qualities::new(&panels.iter().map(read).collect::<Vec<_>>()).encode();
        let (time, stored) = (median(|| drop(black_box(sum()))), sum());
        let database = f64::from(SUBNETS) * 0.012 + 0.065;
        println!(
            "first block: {SUBNETS} panels of {members}: {:.2} ms and {database:.2} ms of database; {} KB of qualities",
            ms(time), stored.len() / 1_000,
        );
        let mut readings: Vec<_> = (0..CANDIDATES).map(reading).collect();
        readings.sort_by_key(|reading| place(&reading.hotkey));
        let office: Vec<_> = (0..128).map(key).collect();
        for size in [128, 256, 512, 1_024] {
            pages(&stored, &readings, &office, size, &rules);
        }
    }
}

fn reading(number: u32) -> Reading {
    let tao = TaoBalance::from_tokens;
    let (nominations, before) = (tao(900 + u64::from(number % 977)), tao(5_000));
    let (hotkey, coldkey) = (key(number), key(number + CANDIDATES));
    Reading { hotkey, coldkey, serial: number.into(), pledge: tao(200), nominations, before, ready: true }
}

/// The time of a page of this size, as a median over the pages of several passes.
fn pages(stored: &[u8], readings: &[Reading], office: &[[u8; 32]], size: usize, rules: &Rules) {
    let whole = median(|| {
        let mut kept = Pass::begin(CANDIDATES.into(), office).encode();
        for page in readings.chunks(size) {
            let qualities = Qualities::decode(&mut &stored[..]).expect("qualities");
            let mut pass = Pass::decode(&mut &kept[..]).expect("a pass");
            pass.take(black_box(page), &qualities, rules);
            kept = pass.encode();
        }
        black_box(kept);
    });
    let pages = readings.len().div_ceil(size);
    let page = ms(whole) / pages as f64;
    // Beside the candidates: qualities and pass, and the pass is written.
    let database = size as f64 * (READS * 0.012 + WRITES * 0.065) + 2.0 * 0.012 + 0.065;
    let all = page + database;
    println!(
        "page of {size:5}: {page:.2} ms and {database:6.2} ms of database, {:.2} % of a block; {pages} pages",
        100.0 * all / BLOCK_MS,
    );
}
