//! Makes everything the built-in models are made of: crate list, corpus, tokenizer, checkpoints, n-gram table.

use clap::{Args, Parser, Subcommand};
use myelin_lm::corpus::{Corpus, CrateList, CrateSources, Split};
use myelin_lm::kernel::{to_bf16, Kernel};
use myelin_lm::lessons::Lessons;
use myelin_lm::ngram::{NgramTable, Pruning};
use myelin_lm::tokenizer::{learn, CachingEncoder, Special, Tokenizer};
use myelin_lm::train::{Plan, Progress, Rates, Schedule, Trainer};
use myelin_lm::transformer::{file, Config, ModelMetadata};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Parser)]
#[command(about = "Makes corpus, tokenizer and checkpoints; the same inputs give the same bytes")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the pinned crate list from lock files
    Select {
        #[arg(long)]
        out: PathBuf,
        /// Cargo.lock files
        locks: Vec<PathBuf>,
    },
    /// Let cargo bring the sources of pinned crates that are not on disk
    Fetch {
        /// Another list than the pinned one
        #[arg(long)]
        list: Option<PathBuf>,
        /// Folder for a throw-away package
        #[arg(long, default_value = "target/corpus-fetch")]
        folder: PathBuf,
    },
    /// Build the corpus from the pinned crate list and print its hash
    Corpus {
        #[arg(long)]
        out: PathBuf,
        /// The held-out side instead of the training side
        #[arg(long)]
        held_out: bool,
    },
    /// Learn a tokenizer from a corpus
    Tokenizer {
        #[arg(long)]
        corpus: PathBuf,
        #[arg(long)]
        out: PathBuf,
        #[arg(long, default_value_t = 4096)]
        vocabulary: usize,
    },
    /// Count pairs and triples of tokens in a corpus
    Ngram {
        #[arg(long)]
        corpus: PathBuf,
        #[arg(long)]
        tokenizer: PathBuf,
        #[arg(long)]
        out: PathBuf,
        /// Least count of a pair
        #[arg(long, default_value_t = 4)]
        pairs: u32,
        /// Least count of a triple
        #[arg(long, default_value_t = 16)]
        triples: u32,
    },
    /// Train a transformer; goes on from the checkpoint if it exists
    Run(Run),
    /// Write the weights of a checkpoint as a model file; takes the arguments of its run
    Export {
        #[command(flatten)]
        run: Run,
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Args)]
struct Run {
    #[arg(long)]
    corpus: PathBuf,
    #[arg(long)]
    held_out: PathBuf,
    #[arg(long)]
    tokenizer: PathBuf,
    /// State of the run, written every `--save-every` steps
    #[arg(long)]
    checkpoint: PathBuf,
    #[arg(long, default_value_t = 4000)]
    steps: u64,
    /// First step of the decay to zero (by default at 55 % of the steps)
    #[arg(long)]
    decay_from: Option<u64>,
    /// Stop after this step
    #[arg(long)]
    stop: Option<u64>,
    #[arg(long, default_value_t = 192)]
    width: usize,
    #[arg(long, default_value_t = 4)]
    layers: usize,
    #[arg(long, default_value_t = 3)]
    heads: usize,
    #[arg(long, default_value_t = 256)]
    context: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Shards of a step
    #[arg(long, default_value_t = 3)]
    shards: usize,
    /// Passes of a shard
    #[arg(long, default_value_t = 2)]
    passes: usize,
    #[arg(long, default_value_t = Rates::default().matrices)]
    rate_matrices: f32,
    #[arg(long, default_value_t = Rates::default().embedding)]
    rate_embedding: f32,
    #[arg(long, default_value_t = Rates::default().head)]
    rate_head: f32,
    #[arg(long, default_value_t = Rates::default().mix)]
    rate_mix: f32,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    #[arg(long, default_value_t = 50)]
    save_every: u64,
    #[arg(long, default_value_t = 200)]
    evaluate_every: u64,
}

/// Share of filling in among training samples, in 256ths.
const FILL_SHARE: usize = 128;

fn main() -> Result<(), Box<dyn Error>> {
    match Cli::parse().command {
        Command::Select { out, locks } => {
            let texts = locks.iter().map(std::fs::read_to_string).collect::<Result<Vec<_>, _>>()?;
            let list = CrateList::select(&texts, &CrateSources::of_registry());
            std::fs::write(&out, list.to_text())?;
            println!("{} crates", list.crates.len());
        }
        Command::Fetch { list, folder } => fetch(list.as_deref(), &folder)?,
        Command::Corpus { out, held_out } => {
            let split = if held_out { Split::HeldOut } else { Split::Training };
            let corpus = Corpus::build(&CrateList::pinned()?, split, &CrateSources::of_registry())?;
            corpus.save(&out)?;
            println!(
                "{} documents, {} bytes, hash {}",
                corpus.documents.len(),
                corpus.bytes(),
                corpus.hash()
            );
        }
        Command::Tokenizer { corpus, out, vocabulary } => {
            let corpus = Corpus::load(&corpus)?;
            let tokenizer = learn(corpus.documents.iter().map(|d| d.text.as_str()), vocabulary)?;
            std::fs::write(&out, tokenizer.to_text())?;
            println!(
                "{} tokens, hash {}",
                tokenizer.vocabulary(),
                blake3::hash(tokenizer.to_text().as_bytes())
            );
        }
        Command::Ngram { corpus, tokenizer, out, pairs, triples } => {
            ngram(&corpus, &tokenizer, Pruning { pairs, triples }, &out)?;
        }
        Command::Run(run) => train(&run)?,
        Command::Export { run, out } => export(&run, &out)?,
    }
    Ok(())
}

fn fetch(list: Option<&Path>, folder: &Path) -> Result<(), Box<dyn Error>> {
    let list = match list {
        Some(path) => CrateList::parse(&std::fs::read_to_string(path)?)?,
        None => CrateList::pinned()?,
    };
    let failed = list.fetch_missing(&CrateSources::of_registry(), folder)?;
    match failed.first() {
        None => println!("the sources of {} crates are on disk", list.crates.len()),
        Some(c) => {
            return Err(format!(
                "{} crates could not be fetched, first {} {}",
                failed.len(),
                c.name,
                c.version
            )
            .into())
        }
    }
    Ok(())
}

/// Inputs that define a run, read and checked.
struct Setting {
    corpus: Corpus,
    tokenizer: Tokenizer,
    progress: Progress,
    schedule: Schedule,
}

impl Run {
    fn setting(&self) -> Result<Setting, Box<dyn Error>> {
        let corpus = Corpus::load(&self.corpus)?;
        let text = std::fs::read_to_string(&self.tokenizer)?;
        let tokenizer = Tokenizer::parse(&text)?;
        let config = Config {
            vocabulary: tokenizer.vocabulary(),
            context: self.context,
            layers: self.layers,
            width: self.width,
            heads: self.heads,
        };
        let rates = Rates {
            matrices: self.rate_matrices,
            embedding: self.rate_embedding,
            head: self.rate_head,
            mix: self.rate_mix,
        };
        let plan = Plan {
            config,
            seed: self.seed,
            length: self.context,
            shards: self.shards,
            passes: self.passes,
            sequences: 2,
            rates,
        };
        let decay_from = self.decay_from.unwrap_or(self.steps * 55 / 100);
        let schedule = Schedule { steps: self.steps, decay_from, warm_up: 30 };
        let progress = Progress { plan, corpus: corpus.hash(), tokenizer: blake3::hash(text.as_bytes()) };
        Ok(Setting { corpus, tokenizer, progress, schedule })
    }
}

fn export(run: &Run, out: &Path) -> Result<(), Box<dyn Error>> {
    let Setting { progress, .. } = run.setting()?;
    let trainer = progress.resume(&run.checkpoint, Kernel::best(), 1)?;
    let tokens = trainer.steps_done() * progress.plan.batch_tokens() as u64;
    let metadata = ModelMetadata::from([
        ("corpus".to_owned(), progress.corpus.to_string()),
        ("tokenizer".to_owned(), progress.tokenizer.to_string()),
        ("parameters".to_owned(), trainer.hash().to_string()),
        ("steps".to_owned(), trainer.steps_done().to_string()),
        ("tokens".to_owned(), tokens.to_string()),
    ]);
    let parameters: Vec<u16> = trainer.parameters().iter().map(|&x| to_bf16(x)).collect();
    let bytes = file::write(trainer.layout(), &parameters, &metadata);
    std::fs::write(out, &bytes)?;
    println!("{} bytes after {} steps, hash {}", bytes.len(), trainer.steps_done(), blake3::hash(&bytes));
    Ok(())
}

fn ngram(corpus: &Path, tokenizer: &Path, keep: Pruning, out: &Path) -> Result<(), Box<dyn Error>> {
    let corpus = Corpus::load(corpus)?;
    let tokenizer = Tokenizer::parse(&std::fs::read_to_string(tokenizer)?)?;
    let mut encoder = CachingEncoder::new(&tokenizer);
    let mut texts = Vec::new();
    for document in &corpus.documents {
        let mut tokens = vec![Special::End.into()];
        encoder.encode(&document.text, &mut tokens);
        texts.push(tokens);
    }
    let table = NgramTable::count(tokenizer.vocabulary(), texts.iter().map(Vec::as_slice), keep);
    let bytes = table.to_bytes();
    std::fs::write(out, &bytes)?;
    println!("{} bytes, hash {}", bytes.len(), blake3::hash(&bytes));
    Ok(())
}

fn train(run: &Run) -> Result<(), Box<dyn Error>> {
    let Setting { corpus, tokenizer, progress, schedule } = run.setting()?;
    let plan = progress.plan;
    let held_out = Corpus::load(&run.held_out)?;
    let kernel = Kernel::best();
    let mut trainer = if run.checkpoint.exists() {
        progress.resume(&run.checkpoint, kernel, run.threads)?
    } else {
        Trainer::new(plan, kernel, run.threads)
    };
    println!("corpus {} tokenizer {}", progress.corpus, progress.tokenizer);
    println!("{} parameters, {} tokens a step, {kernel:?}", trainer.parameters().len(), plan.batch_tokens());
    let mut lessons = Lessons::new(&corpus, &tokenizer, run.seed, FILL_SHARE);
    let mut plain = Lessons::new(&held_out, &tokenizer, 0, 0);
    let mut filling = Lessons::new(&held_out, &tokenizer, 0, 256);
    let tests: Vec<_> = (0..48).map(|i| plain.sequence(i, run.context + 1)).collect();
    let fills: Vec<_> = (0..48).map(|i| filling.sequence(i, run.context + 1)).collect();
    let stop = run.stop.unwrap_or(run.steps).min(run.steps);
    let started = Instant::now();
    let (mut mean, first) = (0f64, trainer.steps_done());
    let (mut step_time, mut steps) = (0.0, 0);
    loop {
        let step = trainer.steps_done();
        if step.is_multiple_of(run.evaluate_every) || step >= stop {
            let (a, b) = (trainer.evaluate(&tests), trainer.evaluate(&fills));
            println!(
                "step {step} train {mean:.4} held-out {a:.4} fill {b:.4} minutes {:.1} s/step {:.3}",
                started.elapsed().as_secs_f64() / 60.0,
                step_time / f64::from(steps.max(1)),
            );
            (step_time, steps) = (0.0, 0);
        }
        if step > first && (step.is_multiple_of(run.save_every) || step >= stop) {
            progress.save(&trainer, &run.checkpoint)?;
        }
        if step >= stop {
            break;
        }
        let at = Instant::now();
        let loss = trainer.step(&mut lessons, schedule.rate(step));
        step_time += at.elapsed().as_secs_f64();
        steps += 1;
        mean = if step == first { loss } else { 0.95 * mean + 0.05 * loss };
    }
    println!("parameters {}", trainer.hash());
    Ok(())
}
