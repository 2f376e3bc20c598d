//! A feed of the demo: a composed series that grows by a value a second, in a file as another program would write it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use myelin_finance::feed::{now, Tick};
use myelin_finance::series::Composer;
use myelin_wire::seed::Seed;

use crate::demo::play::Feed;
use crate::output::{at, Failure};

/// Values that the record begins with, and those that follow: five hours.
const BEFORE: usize = 400;
const AFTER: usize = 18_000;
/// Milliseconds of the demo's blocks.
const BLOCK_MS: u32 = 250;

/// Begins the record `demand.csv` in a folder, beside `feeds.toml`, which names it.
pub fn start(folder: &Path) -> Result<Feed, Failure> {
    let (record, settings) = (folder.join("demand.csv"), folder.join("feeds.toml"));
    let feed = "[[feed]]\nname = 'demand'\nrecord = 'demand.csv'\nevery = 1\npatience = 10\n";
    let text = format!("step = 1\nblock_ms = {BLOCK_MS}\n{feed}");
    std::fs::write(&settings, text).map_err(at(&settings))?;
    let series = Composer::new(&[5; 32]).compose(&Seed([5; 32]), BEFORE, AFTER);
    let begun = now();
    let lines = |values: &[i32], from: u64| -> String {
        // The last three decimals of a value are its ticks, and the middle is 500.
        let value = |ticks: &i32| (500_000 + i128::from(*ticks)) * 1_000_000;
        (from..).zip(values).map(|(time, ticks)| Tick { time, value: value(ticks) }.line()).collect()
    };
    let shown = "time,demand\n".to_owned() + &lines(&series.shown, begun - BEFORE as u64);
    std::fs::write(&record, shown).map_err(at(&record))?;
    let ended = Arc::new(AtomicBool::new(false));
    let (stop, mut written) = (ended.clone(), 0usize);
    std::thread::spawn(move || -> std::io::Result<()> {
        let mut file: File = OpenOptions::new().append(true).open(&record)?;
        while !stop.load(Ordering::Relaxed) && written < AFTER {
            let due = ((now() - begun) as usize).min(AFTER);
            file.write_all(lines(&series.hidden[written..due], begun + written as u64).as_bytes())?;
            written = due;
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    });
    Ok(Feed(ended))
}
