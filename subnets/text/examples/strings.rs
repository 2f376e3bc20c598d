//! Searches for the best paid answer without a model, alone and behind each model, and prints the rows of the kit.
//!
//! `cargo run -p myelin-text --example strings -- [SEED [BUDGET]]`, by default seed 1 and 48 strings for each group of
//! requests.

use std::{error::Error, time::Instant};

use myelin_subnet::testkit::{table, test_string_functions};
use myelin_text::TextSubnet;
use myelin_wire::seed::Seed;

fn main() -> Result<(), Box<dyn Error>> {
    let seed: u8 = std::env::args().nth(1).map_or(Ok(1), |number| number.parse())?;
    let budget: usize = std::env::args().nth(2).map_or(Ok(48), |number| number.parse())?;
    let started = Instant::now();
    print!("{}", table(&test_string_functions::<TextSubnet>(&Seed([seed; 32]), budget)?));
    eprintln!("{:.0?}", started.elapsed());
    Ok(())
}
