use myelin_lm::kernel::{Kernel, Random};
use proptest::prelude::*;

use crate::{
    file,
    pass::{Moment, Pass},
    train::{Example, Rates, Trainer},
    Caption, Config, Layout, Sampling, Slot,
};

const SMALL: Config = Config { side: 16, patch: 4, width: 32, layers: 2, words: 6, slots: 3 };

/// A picture of one colour with a square of another at a place, and its caption.
fn example(number: u64) -> Example {
    let mut random = Random::new(number);
    let (ground, paint) = (random.below(2), random.below(2));
    let at = (3 + random.below(9), 3 + random.below(9));
    let mut samples = vec![if ground == 0 { 20 } else { 235 }; SMALL.samples()];
    for y in at.1 - 2..at.1 + 3 {
        for x in at.0 - 2..at.0 + 3 {
            for channel in 0..3 {
                samples[3 * (y * SMALL.side + x) + channel] = if channel == paint { 255 } else { 60 };
            }
        }
    }
    let slot = |word: usize, at| Slot { words: vec![word as u16], at };
    let caption = vec![slot(ground, None), slot(2 + paint, Some((at.0 as u8, at.1 as u8)))];
    Example { samples, caption }
}

fn batch(from: u64) -> Vec<Example> {
    (from..from + Trainer::multiple() as u64).map(example).collect()
}

fn trainer(kernel: Kernel, threads: usize) -> Trainer {
    Trainer::new(SMALL, Rates::default(), 3, kernel, threads)
}

#[test]
fn threads_and_kernels_change_no_bit_of_a_model_and_of_its_pictures() {
    let make = |kernel, threads| {
        let mut trainer = trainer(kernel, threads);
        (0..3).for_each(|step| {
            trainer.step(&batch(Trainer::multiple() as u64 * step), 1.0);
        });
        let painter = trainer.painter();
        let sampling = Sampling { steps: 3, guidance: 2.0, seed: 5 };
        (trainer.save(), painter.paint(kernel, &example(1).caption, sampling))
    };
    let expected = make(Kernel::Portable, 1);
    for kernel in Kernel::available() {
        for threads in [1, 2, 5] {
            assert!(make(kernel, threads) == expected, "{kernel:?} on {threads} threads");
        }
    }
}

#[test]
fn the_gradient_is_the_slope_of_the_error() {
    let layout = Layout::new(SMALL);
    let mut random = Random::new(9);
    let w: Vec<f32> = (0..layout.parameters()).map(|_| 0.2 * random.normal()).collect();
    let moments: Vec<Moment> = (0..2)
        .map(|number| Moment {
            state: (0..SMALL.samples()).map(|_| random.normal()).collect(),
            time: 0.3 + 0.3 * number as f32,
            caption: example(number).caption,
        })
        .collect();
    let weights: Vec<f32> = (0..2 * SMALL.samples()).map(|_| random.normal()).collect();
    let mut pass = Pass::new(&layout, Kernel::best(), 2);
    let value = |w: &[f32], pass: &mut Pass| -> f64 {
        let out = pass.forward(w, &moments);
        out.iter().zip(&weights).map(|(x, weight)| f64::from(*x) * f64::from(*weight)).sum()
    };
    value(&w, &mut pass);
    let mut gradient = vec![0.0; w.len()];
    pass.backward(&w, &moments, &weights, &mut gradient);
    for (_, _, range) in layout.entries() {
        // A direction that has a part of every value of the matrix.
        let direction: Vec<f32> = range.clone().map(|_| random.normal()).collect();
        let moved = |by: f32| {
            let mut moved = w.clone();
            moved[range.clone()].iter_mut().zip(&direction).for_each(|(w, d)| *w += by * d);
            value(&moved, &mut Pass::new(&layout, Kernel::best(), 2))
        };
        let slope = (moved(1e-3) - moved(-1e-3)) / 2e-3;
        let found: f64 =
            gradient[range.clone()].iter().zip(&direction).map(|(g, d)| f64::from(*g) * f64::from(*d)).sum();
        assert!((slope - found).abs() < 0.02 * found.abs() + 0.05, "{range:?}: {slope} and {found}");
    }
}

#[test]
fn a_trained_model_paints_what_its_caption_says() {
    let mut trainer = trainer(Kernel::best(), 1);
    let first = trainer.step(&batch(0), 1.0);
    for step in 1..150 {
        trainer.step(&batch(Trainer::multiple() as u64 * step), 1.0 - step as f32 / 150.0);
    }
    let last = trainer.step(&batch(0), 0.0);
    assert!(last < 0.35 * first, "{first} then {last}");
    let painter = trainer.painter();
    let sampling = Sampling { steps: 8, guidance: 1.0, seed: 1 };
    let mut near = 0;
    for number in 900..910 {
        let Example { samples, caption } = example(number);
        let painted = painter.paint(Kernel::best(), &caption, sampling);
        let error: u64 =
            painted.iter().zip(&samples).map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
        near += u64::from(error / (samples.len() as u64) < 24);
    }
    assert!(near >= 8, "{near} of 10 pictures");
}

#[test]
fn a_resumed_run_goes_on_with_the_same_bits() {
    let mut whole = trainer(Kernel::best(), 1);
    whole.step(&batch(0), 1.0);
    let saved = whole.save();
    whole.step(&batch(64), 0.5);
    let mut resumed = trainer(Kernel::best(), 1);
    resumed.resume(&saved).expect("it was saved");
    resumed.step(&batch(64), 0.5);
    assert_eq!(resumed.steps(), 2);
    assert!(resumed.save() == whole.save());
    assert!(resumed.resume(&saved[1..]).is_err());
    let mut changed = saved;
    changed[40] ^= 1;
    assert!(resumed.resume(&changed).is_err());
}

#[test]
fn a_file_holds_the_model_that_was_written_and_no_other() {
    let painter = trainer(Kernel::best(), 1).painter();
    let bytes = file::write(&painter).expect("written");
    assert_eq!(file::read(&bytes).expect("read"), painter);
    assert_eq!(file::write(&painter).expect("written"), bytes);
    let text = |from: &str, to: &str| {
        let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).expect("it is there");
        let mut changed = bytes.clone();
        changed[at..at + from.len()].copy_from_slice(to.as_bytes());
        file::read(&changed).expect_err("refused").to_string()
    };
    assert!(text("width 32", "width 64").contains("fewer values"));
    assert!(text("side 16", "side 15").contains("out of range"));
    assert!(text("myelin.flow", "myelin.blow").contains("`myelin.flow` is missing"));
    assert!(text("\"places\"", "\"plates\"").contains("places"));
}

#[test]
fn words_beyond_the_vocabulary_and_slots_beyond_the_model_change_nothing() {
    let painter = trainer(Kernel::best(), 1).painter();
    let sampling = Sampling { steps: 2, guidance: 1.0, seed: 1 };
    let paint = |caption: &Caption| painter.paint(Kernel::best(), caption, sampling);
    let plain = vec![Slot { words: vec![1], at: None }; 3];
    let mut more = plain.clone();
    more[0].words.push(u16::MAX);
    more.push(Slot { words: vec![2], at: Some((255, 255)) });
    assert_eq!(paint(&plain), paint(&more));
}

proptest! {
    #[test]
    fn a_changed_byte_never_harms(at in any::<usize>(), value in any::<u8>()) {
        let mut bytes = file::write(&trainer(Kernel::best(), 1).painter()).expect("written");
        let at = at % bytes.len().min(2000);
        bytes[at] = value;
        let _ = file::read(&bytes);
    }
}
