//! Writes a sheet of pictures: each description as the renderer draws it, and below it as the built-in model paints it.
//!
//! `cargo run -p myelin-imaging --example imaging_sheet -- FILE.png`

use std::time::Duration;

use myelin_imaging::{
    backend::{Backend, Model, Renderer},
    describe::Wordings,
    protocol::PaintRequest,
    scene::{Wanted, SIDE},
};
use myelin_subnet::AnswerContext;
use myelin_vision::picture::Picture;
use myelin_wire::seed::Seed;

const COLUMNS: usize = 8;
const ROWS: usize = 3;
const STEP: usize = SIDE + 2;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("name a file")?;
    let model = Model::builtin()?;
    let (width, height) = (COLUMNS * STEP, 2 * ROWS * STEP);
    let mut sheet = vec![255; 3 * width * height];
    for number in 0..COLUMNS * ROWS {
        let seed = Seed([0x55; 32]).derive(b"sheet", number as u64);
        let description = Wordings::public().describe(&Wanted::draw(&seed), &mut seed.rng());
        println!("{:2} {description}", number + 1);
        let side = SIDE as u32;
        let request = PaintRequest { description, width: side, height: side, seed: number as u64, n: 1 };
        for (row, backend) in [&Renderer as &dyn Backend, &model].into_iter().enumerate() {
            let time_left = Duration::from_secs(60);
            let context = AnswerContext { asker: None, permitted: true, challenge: None, time_left };
            let picture = backend.answer(&context, &request)?.unpacked(&request)?.remove(0);
            let (left, top) = (number % COLUMNS * STEP, (2 * (number / COLUMNS) + row) * STEP);
            for (y, line) in picture.samples().chunks_exact(3 * SIDE).enumerate() {
                let start = 3 * ((top + y) * width + left);
                sheet[start..start + line.len()].copy_from_slice(line);
            }
        }
    }
    std::fs::write(&file, Picture::new(width, height, 3, sheet)?.to_png()?)?;
    Ok(())
}
