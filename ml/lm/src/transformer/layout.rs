//! Sizes of a model and where each matrix lies in the flat vector of parameters.

use super::TAPS;
use crate::kernel::Random;
use std::ops::Range;

/// Sizes of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Number of different tokens.
    pub vocabulary: usize,
    /// Longest sequence.
    pub context: usize,
    /// Attention and MLP pairs.
    pub layers: usize,
    /// Channels of the residual stream.
    pub width: usize,
    /// Attention heads; they divide `width` into even parts.
    pub heads: usize,
}

impl Config {
    /// Channels of one attention head.
    pub fn head_width(&self) -> usize {
        self.width / self.heads
    }

    /// Hidden channels of the MLP.
    pub fn hidden(&self) -> usize {
        4 * self.width
    }

    /// Factor on the scalar products of queries and keys, whose length is √(head width): a sharpness of at most ±12.
    pub fn attention_scale(&self) -> f32 {
        12.0 / self.head_width() as f32
    }

    /// Whether the sizes fit each other and stay within what a file may ask for.
    pub fn is_valid(&self) -> bool {
        let ranges = [(self.vocabulary, 16, 1 << 16), (self.context, 8, 4096), (self.layers, 1, 48)];
        ranges.iter().all(|(x, low, high)| (low..=high).contains(&x))
            && (1..=64).contains(&self.heads)
            && (8..=2048).contains(&self.width)
            && self.width.is_multiple_of(2 * self.heads)
    }
}

/// Role of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matrix {
    /// Vocabulary by width: a token's first channels.
    Embedding,
    /// Taps before the attention of a layer.
    AttentionMix(usize),
    /// Queries, keys and values of a layer, side by side.
    Query(usize),
    /// From heads back to the residual stream.
    AttentionOut(usize),
    /// Taps before the MLP of a layer.
    MlpMix(usize),
    /// Into the MLP.
    Up(usize),
    /// Out of the MLP.
    Down(usize),
    /// Width by vocabulary: logits.
    Head,
}

/// Place and shape of every matrix in the flat parameter vector. All matrices are row-major, input by output.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The sizes.
    pub config: Config,
    entries: Vec<(Matrix, [usize; 2], Range<usize>)>,
}

/// Matrices per layer.
const PER_LAYER: usize = 6;

impl Layout {
    /// Places the matrices one after the other.
    pub fn new(config: Config) -> Self {
        let d = config.width;
        let mut shapes = vec![(Matrix::Embedding, [config.vocabulary, d])];
        for l in 0..config.layers {
            shapes.extend([
                (Matrix::AttentionMix(l), [TAPS, d]),
                (Matrix::Query(l), [d, 3 * d]),
                (Matrix::AttentionOut(l), [d, d]),
                (Matrix::MlpMix(l), [TAPS, d]),
                (Matrix::Up(l), [d, config.hidden()]),
                (Matrix::Down(l), [config.hidden(), d]),
            ]);
        }
        shapes.push((Matrix::Head, [d, config.vocabulary]));
        let mut at = 0;
        let place = |(matrix, shape): (Matrix, [usize; 2])| {
            let start = at;
            at += shape[0] * shape[1];
            (matrix, shape, start..at)
        };
        Layout { config, entries: shapes.into_iter().map(place).collect() }
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.entries.last().map_or(0, |(_, _, range)| range.end)
    }

    /// Every matrix with its shape and place, in order.
    pub fn entries(&self) -> &[(Matrix, [usize; 2], Range<usize>)] {
        &self.entries
    }

    /// Place of one matrix. Panics if the layer does not exist.
    pub fn range(&self, matrix: Matrix) -> Range<usize> {
        let index = match matrix {
            Matrix::Embedding => 0,
            Matrix::AttentionMix(l) => 1 + PER_LAYER * l,
            Matrix::Query(l) => 2 + PER_LAYER * l,
            Matrix::AttentionOut(l) => 3 + PER_LAYER * l,
            Matrix::MlpMix(l) => 4 + PER_LAYER * l,
            Matrix::Up(l) => 5 + PER_LAYER * l,
            Matrix::Down(l) => 6 + PER_LAYER * l,
            Matrix::Head => self.entries.len() - 1,
        };
        self.entries[index].2.clone()
    }

    /// Initial parameters: normal embeddings, inputs of layers scaled to keep lengths, everything that writes to the
    /// residual stream or to the logits zero.
    pub fn initial(&self, seed: u64) -> Vec<f32> {
        let mut random = Random::new(seed);
        let scale = 0.5 / (self.config.width as f32).sqrt();
        let mut parameters = Vec::with_capacity(self.parameters());
        for (matrix, [rows, cols], _) in &self.entries {
            let deviation = match matrix {
                Matrix::Embedding => 1.0,
                Matrix::Query(_) | Matrix::Up(_) => scale,
                Matrix::AttentionMix(_) | Matrix::MlpMix(_) => 0.0,
                Matrix::AttentionOut(_) | Matrix::Down(_) | Matrix::Head => 0.0,
            };
            parameters.extend((0..rows * cols).map(|_| random.normal() * deviation));
        }
        parameters
    }
}
