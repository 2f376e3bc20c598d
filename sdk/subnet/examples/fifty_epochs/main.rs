//! Does a market of miners get better? Simulated miners copy, improve, leave and are replaced over fifty epochs, judged
//! and paid by the code that judges and pays on the network.
//!
//! `cargo run -p myelin-subnet --example fifty_epochs --features testkit -- [EPOCHS] [SEED] [FILE]` prints a table of
//! two markets and writes the plot. One market pays for quality; in the other, a control, every answer gets the same
//! score. `docs/images/fifty-epochs.svg` is the plot of 50 epochs and seed 1.
//!
//! | file | what it holds |
//! |---|---|
//! | `estimating.rs` | a small subnet with a served and a submitted mechanism |
//! | `market.rs` | miners, what they decide, and an epoch |
//! | `plot.rs` | the plot |
//!
//! Real are: drawing tasks from seeds, judging rounds, finding copies, averages, the ladder, weights, and Yuma
//! Consensus with its bonds. Assumed are: the costs of miners, their decisions and their improvements, all in
//! `market.rs`.

mod estimating;
mod market;
mod plot;

use std::error::Error;

use market::{Market, Sight};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let epochs = arguments.next().map_or(Ok(50), |text| text.parse())?;
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let file = arguments.next();
    let paid = history(epochs, seed, false)?;
    let control = history(epochs, seed, true)?;
    println!("| epoch | quality | best | miners | paid to copiers | control: quality | best | miners | paid to copiers |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for (epoch, (paid, control)) in paid.iter().zip(&control).enumerate() {
        println!("| {} | {paid} | {control} |", epoch + 1);
    }
    if let Some(file) = file {
        std::fs::write(&file, plot::svg(&paid, &control))?;
        println!("\nplot written to {file}");
    }
    Ok(())
}

/// The visible state of a market after each epoch.
fn history(epochs: u64, seed: u8, equal_scores: bool) -> Result<Vec<Sight>, Box<dyn Error>> {
    let mut market = Market::open(seed, equal_scores)?;
    (0..epochs).map(|_| market.epoch()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quality(sights: &[Sight]) -> f64 {
        sights.iter().map(|sight| sight.quality).sum::<f64>() / sights.len() as f64
    }

    #[test]
    fn quality_rises_where_it_is_paid_and_not_where_all_are_paid_alike() {
        for seed in [1, 2] {
            let paid = history(20, seed, false).unwrap();
            let control = history(20, seed, true).unwrap();
            let rise = |sights: &[Sight]| quality(&sights[15..]) - quality(&sights[..3]);
            assert!(rise(&paid) > 0.15, "seed {seed}: {paid:#?}");
            assert!(rise(&control) < 0.05, "seed {seed}: {control:#?}");
            let copiers = |sights: &[Sight]| sights.iter().map(|sight| sight.copiers).sum::<f64>() / 20.0;
            assert!(copiers(&paid) < 0.05 && copiers(&control) > 2.0 * copiers(&paid), "seed {seed}");
        }
    }

    #[test]
    fn a_seed_tells_one_story() {
        assert_eq!(history(3, 1, false).unwrap(), history(3, 1, false).unwrap());
        assert_ne!(history(3, 1, false).unwrap(), history(3, 2, false).unwrap());
    }
}
