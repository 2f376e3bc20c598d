//! Writes pictures of tasks to a folder, and prints the request and the right answer of each.
//!
//! `cargo run -p myelin-recognition --example task_sheet -- FOLDER [PAGES]`

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_recognition::{
    adversary::tasks,
    task::{Hidden, Renderer},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder")?;
    let pages: u64 = arguments.next().map_or(Ok(4), |word| word.parse())?;
    std::fs::create_dir_all(&folder)?;
    for renderer in [Renderer::Open, Renderer::Reserved] {
        for (number, task) in tasks(b"sheet", renderer, pages, 1).iter().enumerate() {
            for (image, picture) in task.request.images.iter().enumerate() {
                let file = format!("{folder}/{renderer:?}-{number}-{image}.png").to_lowercase();
                std::fs::write(&file, STANDARD.decode(picture)?)?;
            }
            match &task.hidden {
                Hidden::Page { text, values, .. } => {
                    println!("{renderer:?} {number}: {:?} {values:?}\n{text}\n", task.request.fields);
                }
                Hidden::Scenes { classes, .. } => println!("{renderer:?} {number}: {classes:?}\n"),
            }
        }
    }
    Ok(())
}
