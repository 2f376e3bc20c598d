//! Training whose result depends on its inputs alone: not on threads, processor or interruptions.
//!
//! A step takes the next sequences in order, cuts them into a fixed number of shards, computes one gradient per shard,
//! adds the shards in order and applies the optimiser. Threads only decide who computes which shard.

mod checkpoint;
mod optimizer;
mod saved;
mod schedule;

pub use checkpoint::{CheckpointError, Progress};
pub use optimizer::{Optimizer, Part, Rule};
pub use saved::{seal, unseal_exactly, SavedError};
pub use schedule::Schedule;

use crate::kernel::{self, Kernel};
use crate::lessons::Lessons;
use crate::tokenizer::Token;
use crate::transformer::{Activations, Config, Layout, Matrix};

/// Everything that defines a training run, besides corpus and tokenizer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Sizes of the model.
    pub config: Config,
    /// Chooses initial parameters.
    pub seed: u64,
    /// Tokens of one training sequence.
    pub length: usize,
    /// Gradients computed apart and added in order.
    pub shards: usize,
    /// Passes in each shard, one after the other.
    pub passes: usize,
    /// Sequences in one pass.
    pub sequences: usize,
    /// Learning rates at full speed.
    pub rates: Rates,
}

impl Plan {
    /// Sequences of one step.
    pub fn batch(&self) -> usize {
        self.shards * self.passes * self.sequences
    }

    /// Tokens of one step.
    pub fn batch_tokens(&self) -> usize {
        self.batch() * self.length
    }
}

/// A training run in memory.
pub struct Trainer {
    plan: Plan,
    layout: Layout,
    kernel: Kernel,
    parameters: Vec<f32>,
    optimizer: Optimizer,
    steps_done: u64,
    workers: Vec<Activations>,
    gradients: Vec<Vec<f32>>,
}

/// Learning rates at full speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Muon, for attention and MLP matrices.
    pub matrices: f32,
    /// Adam, for the embedding.
    pub embedding: f32,
    /// Adam, for the head.
    pub head: f32,
    /// Taps that mix past positions.
    pub mix: f32,
}

impl Default for Rates {
    /// The rates of the built-in models' run.
    fn default() -> Self {
        Rates { matrices: 0.016, embedding: 0.08, head: 0.01, mix: 0.01 }
    }
}

impl Rates {
    fn parts(self, layout: &Layout) -> Vec<Part> {
        const ADAM: Rule = Rule::Adam(0.9, 0.95, 0.0);
        let part = |(matrix, shape): (Matrix, [usize; 2])| {
            let (rule, rate) = match matrix {
                Matrix::Embedding => (ADAM, self.embedding),
                Matrix::Head => (ADAM, self.head),
                Matrix::AttentionMix(_) | Matrix::MlpMix(_) => (ADAM, self.mix),
                Matrix::Query(_) => (Rule::Muon(3), self.matrices),
                Matrix::AttentionOut(_) | Matrix::Up(_) | Matrix::Down(_) => (Rule::Muon(1), self.matrices),
            };
            Part { shape, rule, rate }
        };
        layout.entries().iter().map(|(matrix, shape, _)| part((*matrix, *shape))).collect()
    }
}

impl Trainer {
    /// Starts a run from its seed. `threads` (at least 1) and `kernel` change its speed only.
    pub fn new(plan: Plan, kernel: Kernel, threads: usize) -> Self {
        let layout = Layout::new(plan.config);
        let parameters = layout.initial(plan.seed);
        let threads = threads.clamp(1, plan.shards);
        let worker = |_| Activations::new(&layout, kernel, plan.sequences, plan.length);
        Trainer {
            optimizer: Optimizer::new(plan.rates.parts(&layout)),
            workers: (0..threads).map(worker).collect(),
            gradients: vec![vec![0.0; layout.parameters()]; plan.shards],
            plan,
            kernel,
            parameters,
            layout,
            steps_done: 0,
        }
    }

    /// The plan that defines the run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where each matrix lies in the parameters.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The parameters, in the order of the layout.
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// Steps taken since the start of the run.
    pub fn steps_done(&self) -> u64 {
        self.steps_done
    }

    /// Hash of the parameters.
    pub fn hash(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        self.parameters.iter().for_each(|x| {
            hasher.update(&x.to_le_bytes());
        });
        hasher.finalize()
    }

    /// One step on the next sequences; returns the mean loss in nats per token before the step.
    pub fn step(&mut self, lessons: &mut Lessons, rate: f32) -> f64 {
        let (batch, length) = (self.plan.batch(), self.plan.length);
        let (mut inputs, mut targets) = (Vec::new(), Vec::new());
        for i in 0..batch as u64 {
            let sequence = lessons.sequence(self.steps_done * batch as u64 + i, length + 1);
            inputs.extend_from_slice(&sequence[..length]);
            targets.extend_from_slice(&sequence[1..]);
        }
        let loss = self.gradient(&inputs, &targets);
        self.steps_done += 1;
        let threads = self.workers.len();
        let gradient = &self.gradients[0];
        self.optimizer.apply(self.kernel, threads, &mut self.parameters, gradient, self.steps_done, rate);
        loss
    }

    /// Leaves the gradient of the mean loss in `gradients[0]`; returns that loss.
    fn gradient(&mut self, inputs: &[Token], targets: &[Token]) -> f64 {
        let per_shard = inputs.len() / self.plan.shards;
        let per_pass = per_shard / self.plan.passes;
        let weight = 1.0 / inputs.len() as f32;
        let mut losses = vec![0f64; self.plan.shards];
        let threads = self.workers.len();
        let mut jobs: Vec<Vec<_>> = (0..threads).map(|_| Vec::new()).collect();
        let shards = self.gradients.iter_mut().zip(&mut losses).enumerate();
        shards.for_each(|(i, shard)| jobs[i % threads].push((i, shard)));
        let parameters = &self.parameters;
        std::thread::scope(|scope| {
            for (worker, jobs) in self.workers.iter_mut().zip(jobs) {
                scope.spawn(move || {
                    for (i, (gradient, loss)) in jobs {
                        gradient.fill(0.0);
                        let range = i * per_shard..(i + 1) * per_shard;
                        let passes =
                            inputs[range.clone()].chunks(per_pass).zip(targets[range].chunks(per_pass));
                        *loss = passes
                            .map(|(x, y)| worker.accumulate_gradient(parameters, x, y, weight, gradient))
                            .sum();
                    }
                });
            }
        });
        let (total, rest) = self.gradients.split_at_mut(1);
        rest.iter().for_each(|g| kernel::add(self.kernel, &mut total[0], g));
        losses.iter().sum::<f64>() / inputs.len() as f64
    }

    /// Mean loss in nats per token over sequences, without learning from them.
    pub fn evaluate(&mut self, sequences: &[Vec<Token>]) -> f64 {
        let (length, size) = (self.plan.length, self.plan.sequences);
        let worker = &mut self.workers[0];
        let (mut loss, mut count) = (0.0, 0usize);
        for group in sequences.chunks_exact(size) {
            let inputs: Vec<Token> = group.iter().flat_map(|s| &s[..length]).copied().collect();
            let targets: Vec<Token> = group.iter().flat_map(|s| &s[1..=length]).copied().collect();
            loss += worker.loss(&self.parameters, &inputs, &targets);
            count += inputs.len();
        }
        loss / count.max(1) as f64
    }
}

#[cfg(test)]
mod tests;
