//! The tables of decisions 0112 and 0119: `cargo run -p myelin-yuma --example framing`.

#[path = "../tests/it/judges.rs"]
mod judges;
#[path = "../tests/it/plots.rs"]
mod plots;

use judges::{at_peace, false_alarms, losses, marked, worst, Setting};
use plots::{Plot, Rule};

fn main() {
    pay();
    parts();
    peace();
    alarms();
    away();
    searches();
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn pay() {
    println!("Share of its incentive that a miner loses to one of so many validators\n");
    println!("| validators | error | by ranks, 0 | by consensus, 0 | in force, 0 | in force, 0.4 | in force, 0.6 |");
    println!("|---|---|---|---|---|---|---|");
    for validators in [3, 4, 5, 8, 16, 64] {
        for error in [20, 50, 100, 200] {
            let epochs = 8_000 / validators as u32 + 200;
            let of = |part| losses(Setting { validators, framing: 1, error, part, percent: 0 }, epochs);
            let [summed, agreed, now] = of(0).map(percent);
            let [some, more] = [400, 600].map(|part| percent(of(part)[2]));
            println!("| {validators} | {} % | {summed} | {agreed} | {now} | {some} | {more} |", error / 10);
        }
    }
}

fn parts() {
    println!("\nLargest share of its incentive that a miner loses, over all parts of its due from 0 to 1\n");
    println!("| validators | stake | error 5 % | 10 % | 15 % | 20 % |");
    println!("|---|---|---|---|---|---|");
    for validators in 3..=8 {
        for stake in [0, 20, 25, 30, 35, 39] {
            if stake != 0 && stake as usize * validators < 100 {
                continue;
            }
            let setting = Setting { validators, framing: 1, percent: stake, ..Setting::default() };
            let cell = |error| {
                let (loss, part) = worst(Setting { error, ..setting }, 2_000);
                format!("{} at {:.2}", percent(loss), f64::from(part) / 1_000.0)
            };
            let cells = [50, 100, 150, 200].map(cell).join(" | ");
            let stake = if stake == 0 { "the same".into() } else { format!("{stake} %") };
            println!("| {validators} | {stake} | {cells} |");
        }
    }
}

fn peace() {
    println!("\nHonest validators alone: opinions outvoted, and mean change of a miner's incentive\n");
    println!("| validators | error | outvoted | change |");
    println!("|---|---|---|---|");
    for validators in [3, 4, 8, 64] {
        for error in [50, 100, 200] {
            let setting = Setting { validators, error, ..Setting::default() };
            let [outvoted, change] = at_peace(setting, 8_000 / validators as u32 + 200);
            println!(
                "| {validators} | {} % | {:.2} % | {:.3} % |",
                error / 10,
                100.0 * outvoted,
                100.0 * change
            );
        }
    }
}

fn alarms() {
    println!("\nFraming validators marked in their second epoch; epochs of 1,000 with a false mark of one validator\n");
    println!("| validators | error | gives 0 | gives 0.4 | gives 0.6 | false alarms |");
    println!("|---|---|---|---|---|---|");
    for validators in [3, 4, 8, 16, 64] {
        for error in [20, 50, 100, 200, 333, 500] {
            let of = |part| percent(marked(Setting { validators, framing: 1, error, part, percent: 0 }, 500));
            let [nothing, some, more] = [0, 400, 600].map(of);
            let false_ones = false_alarms(validators, error, 6_000 / validators as u32 + 200);
            println!(
                "| {validators} | {} % | {nothing} | {some} | {more} | {false_ones:.1} |",
                (error + 5) / 10
            );
        }
    }
}

fn away() {
    println!("\nShare of its incentive that a miner loses which gives some validators no answer\n");
    println!("| validators | not served | error | by consensus | in force |");
    println!("|---|---|---|---|---|");
    for (validators, framing) in [(3, 1), (4, 1), (8, 2), (16, 4), (64, 16), (6, 2), (9, 3), (64, 21)] {
        for error in [20, 50, 100, 200] {
            let setting = Setting { validators, framing, error, ..Setting::default() };
            let [_, agreed, now] = losses(setting, 8_000 / validators as u32 + 200).map(percent);
            println!("| {validators} | {framing} | {} % | {agreed} | {now} |", error / 10);
        }
    }
}

fn searches() {
    const STEPS: u32 = 60;
    println!("\nLargest gain, gain with honest validators left out, and largest loss that a search finds\n");
    println!(
        "| honest | left out | in agreement | stake | error | gain, consensus | gain | gain, left out | \
         loss, consensus | loss |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (honest, ignored, agreed, stake) in
        [(2, 1, 1, 33), (3, 1, 1, 25), (7, 2, 1, 33), (7, 2, 3, 34), (7, 2, 3, 49)]
    {
        for error in [20, 50, 100, 200] {
            let plot = Plot { honest, ignored: 0, agreed, percent: stake, error };
            let gain = |plot: Plot, rule| percent(plot.best(rule, true, STEPS) / plot.fair(rule) - 1.0);
            let loss = |rule| percent(1.0 - plot.best(rule, false, STEPS) / plot.fair(rule));
            let left_out = gain(Plot { ignored, ..plot }, Rule::InForce);
            let gains = [Rule::Consensus, Rule::InForce].map(|rule| gain(plot, rule));
            let losses = [Rule::Consensus, Rule::InForce].map(loss);
            println!(
                "| {honest} | {ignored} | {agreed} | {stake} % | {} % | {} | {} | {left_out} | {} | {} |",
                error / 10,
                gains[0],
                gains[1],
                losses[0],
                losses[1],
            );
        }
    }
}
