//! Prints what drawing a task takes, by kind.
//!
//! `cargo run -p myelin-text --example text_drawing -- 10` with the number of times that a hundred tasks of
//! each kind are drawn.

use std::error::Error;

use myelin_subnet::testkit::{drawing, drawing_table, Contest};
use myelin_text::TextSubnet;
use myelin_wire::seed::Seed;

fn main() -> Result<(), Box<dyn Error>> {
    let batches: usize = std::env::args().nth(1).map_or(Ok(5), |batches| batches.parse())?;
    let subnet = TextSubnet::judging(&Seed([3; 32]))?;
    print!("{}", drawing_table(&drawing(&subnet, &Seed([7; 32]), batches)?));
    Ok(())
}
