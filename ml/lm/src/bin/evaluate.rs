//! Measures how well models complete held-out code and prints a table.

use clap::Parser;
use myelin_lm::builtin::{self, Level};
use myelin_lm::corpus::{Corpus, CrateList, CrateSources, Split};
use myelin_lm::evaluate::{cursors, evaluate, NearestCopier, Report};
use std::error::Error;
use std::path::PathBuf;

#[derive(Parser)]
#[command(
    about = "Completes the rest of lines of held-out crates with every built-in model and with the nearest copy"
)]
struct Cli {
    /// Places to complete
    #[arg(long, default_value_t = 500)]
    cursors: usize,
    /// Chooses the places
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Training corpus to copy from (by default it is built from the pinned list)
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Held-out corpus to complete (by default it is built from the pinned list)
    #[arg(long)]
    held_out: Option<PathBuf>,
    /// Keep held-out documents that share many lines with the training corpus
    #[arg(long)]
    with_relatives: bool,
    /// Show this many answers of every model
    #[arg(long, default_value_t = 0)]
    show: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    let load = |path: &Option<PathBuf>, split: Split| match path {
        Some(path) => Corpus::load(path),
        None => Corpus::build(&CrateList::pinned()?, split, &CrateSources::of_registry()),
    };
    let training = load(&cli.corpus, Split::Training)?;
    let all = load(&cli.held_out, Split::HeldOut)?;
    let held_out = if cli.with_relatives { all.clone() } else { all.novel(&training) };
    println!("{} of {} held-out documents, {}", held_out.documents.len(), all.documents.len(), all.hash());
    let cursors = cursors(&held_out, cli.cursors, cli.seed);
    println!("{} cursors, seed {}", cursors.len(), cli.seed);
    println!("| model | exact line | edit similarity | keystrokes saved | nats/byte | tokens/s |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let copier = NearestCopier::new(&training, &*builtin::tokenizer()?, &cursors);
    print_row("nearest copy", &copier.report(&cursors));
    for level in Level::ALL {
        let model = builtin::model(level)?;
        print_row(level.name(), &evaluate(&*model, &cursors)?);
    }
    for (i, cursor) in cursors.iter().take(cli.show).enumerate() {
        let line = cursor.before.rsplit('\n').next().unwrap_or_default();
        println!("\n{}\n  line      {line}⟨{}⟩", cursor.label, cursor.reference);
        println!("  copy      {}", copier.answers()[i]);
        for level in Level::ALL {
            let request = myelin_lm::model::CompletionRequest {
                prompt: cursor.before.clone(),
                suffix: Some(cursor.after.clone()),
                stop: vec!["\n".into()],
                ..Default::default()
            };
            println!("  {:9} {}", level.name(), builtin::model(level)?.complete(&request)?.text);
        }
    }
    Ok(())
}

fn print_row(name: &str, report: &Report) {
    let percent = |x: f64| format!("{:.1} %", 100.0 * x);
    let nats = report.nats_per_byte().map_or("–".to_owned(), |x| format!("{x:.3}"));
    let seconds = report.time.as_secs_f64();
    let speed =
        if seconds > 0.0 { format!("{:.0}", f64::from(report.tokens) / seconds) } else { "–".to_owned() };
    println!(
        "| {name} | {} | {} | {} | {nats} | {speed} |",
        percent(report.exact_share()),
        percent(report.similarity()),
        percent(report.saved_share()),
    );
}
