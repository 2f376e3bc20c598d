//! Training whose result depends on its inputs alone: not on threads, processor or interruptions.
//!
//! A step draws a time and a noise for each picture, and lowers the weighted square of the error of the expected
//! picture: `mean((x̂ − x)²) / max(1 − t, 0.1)²`, the error of the flow's velocity. A batch is cut into a fixed number
//! of shards, whose gradients are added in order. Matrices inside the layers are moved by Muon, the others by Adam with
//! decay of weights.

use myelin_lm::{
    kernel::{self, exp, Kernel, Random},
    train::{seal, unseal_exactly, Optimizer, Part, Rule, SavedError},
};

use crate::{
    layout::Matrix,
    pass::{Moment, Pass},
    sample::to_patches,
    Caption, Config, Layout, Painter,
};

/// Gradients that are computed apart and added in order.
const SHARDS: usize = 16;
/// Pictures that pass through the network together.
const TOGETHER: usize = 4;
/// Part of the pictures that are shown without their caption, of 256, so that guidance has something to leave behind.
const WITHOUT_CAPTION: usize = 26;
/// Adam with a decay of weights.
const ADAM: Rule = Rule::Adam(0.9, 0.98, 0.01);

/// A picture with its caption: samples as [`Painter::paint`] returns them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The picture.
    pub samples: Vec<u8>,
    /// Its caption.
    pub caption: Caption,
}

/// Learning rates at full speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Muon, for attention and MLP matrices.
    pub matrices: f32,
    /// Adam, for words, times and places.
    pub tables: f32,
    /// Adam, for the ways into and out of the network.
    pub ends: f32,
}

impl Default for Rates {
    fn default() -> Self {
        Self { matrices: 0.012, tables: 0.006, ends: 0.002 }
    }
}

impl Rates {
    fn parts(self, layout: &Layout) -> Vec<Part> {
        let part = |(matrix, shape): (Matrix, [usize; 2])| {
            let (rule, rate) = match matrix {
                Matrix::Words | Matrix::Times | Matrix::Positions => (ADAM, self.tables),
                Matrix::In | Matrix::Out => (ADAM, self.ends),
                Matrix::Query(_) => (Rule::Muon(3), self.matrices),
                Matrix::AttentionOut(_) | Matrix::Up(_) | Matrix::Down(_) => (Rule::Muon(1), self.matrices),
            };
            Part { shape, rule, rate }
        };
        layout.entries().iter().map(|(matrix, shape, _)| part((*matrix, *shape))).collect()
    }
}

/// A training run in memory.
pub struct Trainer {
    layout: Layout,
    kernel: Kernel,
    optimizer: Optimizer,
    seed: u64,
    parameters: Vec<f32>,
    steps: u64,
    workers: Vec<Pass>,
}

impl Trainer {
    /// Starts a run from its seed. `threads` and `kernel` change its speed only. Panics on sizes that do not fit.
    pub fn new(config: Config, rates: Rates, seed: u64, kernel: Kernel, threads: usize) -> Self {
        assert!(config.is_valid(), "sizes of a model that fit each other: {config:?}");
        let layout = Layout::new(config);
        let workers = (0..threads.clamp(1, SHARDS)).map(|_| Pass::new(&layout, kernel, TOGETHER)).collect();
        Self {
            parameters: layout.initial(seed),
            optimizer: Optimizer::new(rates.parts(&layout)),
            layout,
            kernel,
            seed,
            steps: 0,
            workers,
        }
    }

    /// Steps taken since the start.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Pictures of a step must be a multiple of this number.
    pub const fn multiple() -> usize {
        SHARDS * TOGETHER
    }

    /// The model as trained so far, rounded to brain floats.
    pub fn painter(&self) -> Painter {
        Painter::rounded(&self.layout, &self.parameters)
    }

    /// One step on a batch with the rates times `rate`; returns the mean weighted error before it.
    ///
    /// Panics if the number of pictures is no multiple of [`Trainer::multiple`].
    pub fn step(&mut self, batch: &[Example], rate: f32) -> f64 {
        assert!(
            !batch.is_empty() && batch.len().is_multiple_of(Self::multiple()),
            "whole shards of whole passes"
        );
        let per_shard = batch.len() / SHARDS;
        let mut results: Vec<(Vec<f32>, f64)> =
            (0..SHARDS).map(|_| (vec![0.0; self.layout.parameters()], 0.0)).collect();
        let threads = self.workers.len();
        let mut lanes: Vec<Vec<_>> = (0..threads).map(|_| Vec::new()).collect();
        for (shard, (result, examples)) in results.iter_mut().zip(batch.chunks_exact(per_shard)).enumerate() {
            lanes[shard % threads].push((shard, result, examples));
        }
        let task = Task {
            config: self.layout.config,
            kernel: self.kernel,
            parameters: &self.parameters,
            // Each step and shard has its own noise.
            stream: (self.seed, self.steps * SHARDS as u64),
            weight: 1.0 / (batch.len() * self.layout.config.samples()) as f32,
        };
        std::thread::scope(|scope| {
            for (worker, lane) in self.workers.iter_mut().zip(lanes) {
                let task = &task;
                scope.spawn(move || {
                    for (shard, result, examples) in lane {
                        result.1 = task.run(worker, shard as u64, examples, &mut result.0);
                    }
                });
            }
        });
        let (total, rest) = results.split_at_mut(1);
        rest.iter().for_each(|(gradient, _)| kernel::add(self.kernel, &mut total[0].0, gradient));
        let error = total[0].1 + rest.iter().map(|(_, error)| error).sum::<f64>();
        let gradient = std::mem::take(&mut total[0].0);
        self.steps += 1;
        self.optimizer.apply(self.kernel, threads, &mut self.parameters, &gradient, self.steps, rate);
        error
    }

    /// The state of the run, from which [`Trainer::resume`] goes on with the same bits.
    pub fn save(&self) -> Vec<u8> {
        let mut bytes = self.steps.to_le_bytes().to_vec();
        for values in [&self.parameters, &self.optimizer.first, &self.optimizer.second] {
            values.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
        }
        seal(bytes)
    }

    /// Goes on from a saved state of a run with the same plan.
    pub fn resume(&mut self, bytes: &[u8]) -> Result<(), SavedError> {
        let body = unseal_exactly(bytes, 8 + 12 * self.layout.parameters())?;
        let (steps, values) = body.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let mut values = values.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let Optimizer { first, second, .. } = &mut self.optimizer;
        for list in [&mut self.parameters, first, second] {
            list.iter_mut().zip(&mut values).for_each(|(to, value)| *to = value);
        }
        self.steps = u64::from_le_bytes(*steps);
        Ok(())
    }
}

/// The common part of a step's shards.
struct Task<'a> {
    config: Config,
    kernel: Kernel,
    parameters: &'a [f32],
    stream: (u64, u64),
    weight: f32,
}

impl Task<'_> {
    /// Adds the gradient of a shard's weighted error; returns that error.
    fn run(&self, pass: &mut Pass, shard: u64, examples: &[Example], gradient: &mut [f32]) -> f64 {
        let mut random = Random::stream(self.stream.0, self.stream.1 + shard);
        let mut error = 0.0;
        for examples in examples.chunks_exact(TOGETHER) {
            let (mut moments, mut cleans, mut weights) = (Vec::new(), Vec::new(), Vec::new());
            for example in examples {
                let clean = to_patches(&self.config, &example.samples);
                // Times lie where the flow decides most: most of them early, none at the very end.
                let time = 1.0 / (1.0 + exp(0.6 - random.normal()));
                let mut state: Vec<f32> = (0..clean.len()).map(|_| random.normal()).collect();
                kernel::blend(self.kernel, &mut state, 1.0 - time, &clean, time);
                let silent = random.below(256) < WITHOUT_CAPTION;
                let caption = if silent { Caption::new() } else { example.caption.clone() };
                let rest = (1.0 - time).max(0.1);
                weights.push(self.weight / (rest * rest));
                moments.push(Moment { state, time, caption });
                cleans.push(clean);
            }
            let expected = pass.forward(self.parameters, &moments);
            let mut back = Vec::with_capacity(expected.len());
            for ((expected, clean), weight) in
                expected.chunks_exact(self.config.samples()).zip(&cleans).zip(&weights)
            {
                let mut difference = expected.to_vec();
                kernel::blend(self.kernel, &mut difference, 1.0, clean, -1.0);
                let square = kernel::inner(self.kernel, &difference, &difference);
                error += f64::from(square) * f64::from(*weight);
                back.extend(difference.iter().map(|value| value * 2.0 * weight));
            }
            pass.backward(self.parameters, &moments, &back, gradient);
        }
        error
    }
}
