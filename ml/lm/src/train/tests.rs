use super::*;
use crate::corpus::{Corpus, Document};
use crate::tokenizer::{learn, Tokenizer};

fn corpus() -> Corpus {
    let text = |i: usize| (0..60).map(|j| format!("let a{j} = f{i}(b{});\n", j % 7)).collect::<String>();
    let documents = (0..6).map(|i| Document { label: format!("demo-1.0.0/src/{i}.rs"), text: text(i) });
    Corpus { documents: documents.collect() }
}

fn tokenizer(corpus: &Corpus) -> Tokenizer {
    learn(corpus.documents.iter().map(|d| d.text.as_str()), 300).expect("a small vocabulary fits")
}

fn plan(tokenizer: &Tokenizer) -> Plan {
    let config = Config { vocabulary: tokenizer.vocabulary(), context: 32, layers: 2, width: 32, heads: 2 };
    Plan { config, seed: 1, length: 32, shards: 3, passes: 2, sequences: 1, rates: Rates::default() }
}

const SCHEDULE: Schedule = Schedule { steps: 8, decay_from: 5, warm_up: 2 };

fn advance(trainer: &mut Trainer, lessons: &mut Lessons, upto: u64) -> Vec<f64> {
    let mut losses = Vec::new();
    while trainer.steps_done() < upto {
        losses.push(trainer.step(lessons, SCHEDULE.rate(trainer.steps_done())));
    }
    losses
}

#[test]
fn the_result_does_not_depend_on_threads_or_kernel() {
    let corpus = corpus();
    let tokenizer = tokenizer(&corpus);
    let mut results = Vec::new();
    for kernel in Kernel::available() {
        for threads in [1, 2, 3] {
            let mut trainer = Trainer::new(plan(&tokenizer), kernel, threads);
            let mut lessons = Lessons::new(&corpus, &tokenizer, 1, 128);
            let losses = advance(&mut trainer, &mut lessons, 3);
            results.push((trainer.hash(), losses.iter().map(|l| l.to_bits()).collect::<Vec<_>>()));
        }
    }
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{results:?}");
}

/// The published checkpoints can be made again only as long as this does not change.
#[test]
fn the_bits_of_training_are_pinned() {
    let corpus = corpus();
    let tokenizer = tokenizer(&corpus);
    let mut trainer = Trainer::new(plan(&tokenizer), Kernel::best(), 1);
    advance(&mut trainer, &mut Lessons::new(&corpus, &tokenizer, 1, 128), 3);
    assert_eq!(
        trainer.hash().to_string(),
        "a08988f67a2d589f44c8a3003025b2cc26eac2354fe042b13149193a86a6bde8"
    );
}

#[test]
fn a_resumed_run_ends_with_the_bits_of_an_uninterrupted_one() {
    let corpus = corpus();
    let tokenizer = tokenizer(&corpus);
    let plan = plan(&tokenizer);
    let progress =
        Progress { plan, corpus: corpus.hash(), tokenizer: blake3::hash(tokenizer.to_text().as_bytes()) };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("run.checkpoint");

    let mut whole = Trainer::new(plan, Kernel::best(), 1);
    let losses = advance(&mut whole, &mut Lessons::new(&corpus, &tokenizer, 1, 128), 8);
    assert!(losses[7] < losses[0], "training lowers the loss: {losses:?}");

    let mut interrupted = Trainer::new(plan, Kernel::best(), 1);
    for stop in [3, 6, 8] {
        advance(&mut interrupted, &mut Lessons::new(&corpus, &tokenizer, 1, 128), stop);
        progress.save(&interrupted, &file).expect("saving");
        interrupted = progress.resume(&file, Kernel::best(), 2).expect("resuming");
    }
    assert_eq!(interrupted.steps_done(), 8);
    assert_eq!(interrupted.hash(), whole.hash());
}

#[test]
fn a_checkpoint_of_another_run_or_a_damaged_one_is_refused() {
    let corpus = corpus();
    let tokenizer = tokenizer(&corpus);
    let plan = plan(&tokenizer);
    let progress = Progress { plan, corpus: corpus.hash(), tokenizer: blake3::hash(b"tokenizer") };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("run.checkpoint");
    progress.save(&Trainer::new(plan, Kernel::best(), 1), &file).expect("saving");

    let mut other = progress.clone();
    other.plan.seed = 2;
    assert!(matches!(other.resume(&file, Kernel::best(), 1), Err(CheckpointError::OtherRun { .. })));

    let mut bytes = std::fs::read(&file).expect("reading");
    bytes[100] ^= 1;
    std::fs::write(&file, &bytes).expect("writing");
    assert!(matches!(progress.resume(&file, Kernel::best(), 1), Err(CheckpointError::Damaged { .. })));
    std::fs::write(&file, b"short").expect("writing");
    assert!(matches!(progress.resume(&file, Kernel::best(), 1), Err(CheckpointError::Damaged { .. })));
    let missing = progress.resume(&folder.path().join("none"), Kernel::best(), 1);
    assert!(matches!(missing, Err(CheckpointError::Access { .. })));
}

#[test]
fn the_rate_rises_stays_and_falls_to_nothing() {
    let schedule = Schedule { steps: 100, decay_from: 60, warm_up: 10 };
    assert_eq!(schedule.rate(0), 0.1);
    assert_eq!(schedule.rate(9), 1.0);
    assert_eq!(schedule.rate(59), 1.0);
    assert_eq!(schedule.rate(80), 0.5);
    assert_eq!(schedule.rate(100), 0.0);
    assert_eq!(schedule.rate(1000), 0.0);
    let longer = Schedule { steps: 1000, decay_from: 600, ..schedule };
    assert!(
        (0..60).all(|step| longer.rate(step) == schedule.rate(step)),
        "a run can be prolonged before its decay"
    );
}
