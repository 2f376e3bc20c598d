//! How far opinions of honest validators of each kind differ, and what one that frames a miner takes from it:
//! `cargo run -p myelin-kinds --example opinions`.

use myelin_kinds as kinds;
use myelin_subnet::{testkit::Opinions, SubnetError};
use myelin_wire::{hash::blake2_256, seed::Seed};

/// Measures a kind.
type Measure = fn(&Seed) -> Result<Vec<Opinions>, SubnetError>;

/// The kinds that are compiled in.
const KINDS: &[(&str, Measure)] = &[
    ("text", kinds::text::differing),
    #[cfg(feature = "analysis")]
    ("analysis", kinds::analysis::differing),
    #[cfg(feature = "recognition")]
    ("recognition", kinds::recognition::differing),
    #[cfg(feature = "translation")]
    ("translation", kinds::translation::differing),
    #[cfg(feature = "finance")]
    ("finance", kinds::finance::differing),
    #[cfg(feature = "imaging")]
    ("imaging", kinds::imaging::differing),
    #[cfg(feature = "scraping")]
    ("scraping", kinds::scraping::differing),
];

fn main() -> Result<(), SubnetError> {
    println!("| kind | validators | answers judged in an epoch | apart | loss | at | marked at 0.6 | false marks |");
    println!("|---|---|---|---|---|---|---|---|");
    let seed = Seed(blake2_256(b"myelin/opinions/1"));
    for (kind, measure) in KINDS {
        for row in measure(&seed)? {
            println!(
                "| {kind} | {} | {} | {:.1} % | {:.1} % | {:.2} | {:.0} % | {:.1} |",
                row.validators,
                row.judged,
                100.0 * row.apart,
                100.0 * row.loss,
                row.given,
                100.0 * row.marked,
                row.false_marks
            );
        }
    }
    Ok(())
}
