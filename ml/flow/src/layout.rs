//! Sizes of a model, and where each matrix lies in its parameters.

use std::ops::Range;

use myelin_lm::kernel::Random;

/// Channels of an attention head.
pub const HEAD: usize = 32;
/// Rows of the table of times; between them the embedding is interpolated.
pub(crate) const TIMES: usize = 17;

/// Sizes of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Pixels along a side of the picture.
    pub side: usize,
    /// Pixels along a side of a patch.
    pub patch: usize,
    /// Channels of a token.
    pub width: usize,
    /// Layers.
    pub layers: usize,
    /// Words of captions.
    pub words: usize,
    /// Slots of a caption.
    pub slots: usize,
}

impl Config {
    /// Whether the sizes fit each other and the limits.
    pub fn is_valid(&self) -> bool {
        let within = |value: usize, most: usize| (1..=most).contains(&value);
        within(self.side, 256)
            && within(self.patch, 32)
            && self.side.is_multiple_of(self.patch)
            && within(self.side / self.patch, 16)
            && within(self.width, 1024)
            && self.width.is_multiple_of(HEAD)
            && within(self.layers, 24)
            && within(self.words, 4096)
            && within(self.slots, 64)
    }

    /// Patches of a picture.
    pub fn patches(&self) -> usize {
        (self.side / self.patch).pow(2)
    }

    /// Samples of a patch: three for each pixel.
    pub fn patch_samples(&self) -> usize {
        3 * self.patch * self.patch
    }

    /// Samples of a picture.
    pub fn samples(&self) -> usize {
        3 * self.side * self.side
    }

    /// Tokens of a picture: its patches, then the slots.
    pub fn tokens(&self) -> usize {
        self.patches() + self.slots
    }

    /// Width between the halves of an MLP.
    pub(crate) fn hidden(&self) -> usize {
        4 * self.width
    }

    pub(crate) fn heads(&self) -> usize {
        self.width / HEAD
    }
}

/// A matrix of the model; all are row-major, input by output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matrix {
    /// A row for each word.
    Words,
    /// A row for each of some times.
    Times,
    /// A row for each patch.
    Positions,
    /// From the samples of a patch.
    In,
    /// Queries, keys and values of a layer.
    Query(usize),
    /// Out of the attention.
    AttentionOut(usize),
    /// Into the MLP.
    Up(usize),
    /// Out of the MLP.
    Down(usize),
    /// To the samples of a patch.
    Out,
}

impl Matrix {
    pub(crate) fn name(self) -> String {
        match self {
            Matrix::Words => "words".into(),
            Matrix::Times => "times".into(),
            Matrix::Positions => "places".into(),
            Matrix::In => "in".into(),
            Matrix::Query(layer) => format!("layers.{layer:02}.attention.qkv"),
            Matrix::AttentionOut(layer) => format!("layers.{layer:02}.attention.out"),
            Matrix::Up(layer) => format!("layers.{layer:02}.mlp.up"),
            Matrix::Down(layer) => format!("layers.{layer:02}.mlp.down"),
            Matrix::Out => "out".into(),
        }
    }
}

const BEFORE_LAYERS: usize = 4;
const PER_LAYER: usize = 4;

/// Place and shape of every matrix in the flat list of parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The sizes.
    pub config: Config,
    entries: Vec<(Matrix, [usize; 2], Range<usize>)>,
}

impl Layout {
    /// Places the matrices one after the other.
    pub fn new(config: Config) -> Self {
        let (d, hidden) = (config.width, config.hidden());
        let mut shapes = vec![
            (Matrix::Words, [config.words, d]),
            (Matrix::Times, [TIMES, d]),
            (Matrix::Positions, [config.patches(), d]),
            (Matrix::In, [config.patch_samples(), d]),
        ];
        for layer in 0..config.layers {
            shapes.extend([
                (Matrix::Query(layer), [d, 3 * d]),
                (Matrix::AttentionOut(layer), [d, d]),
                (Matrix::Up(layer), [d, hidden]),
                (Matrix::Down(layer), [hidden, d]),
            ]);
        }
        shapes.push((Matrix::Out, [d, config.patch_samples()]));
        let mut at = 0;
        let place = |(matrix, shape): (Matrix, [usize; 2])| {
            let start = at;
            at += shape[0] * shape[1];
            (matrix, shape, start..at)
        };
        Self { config, entries: shapes.into_iter().map(place).collect() }
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.entries.last().map_or(0, |(_, _, range)| range.end)
    }

    pub(crate) fn entries(&self) -> &[(Matrix, [usize; 2], Range<usize>)] {
        &self.entries
    }

    /// Place of a matrix. Panics if the layer does not exist.
    pub(crate) fn range(&self, matrix: Matrix) -> Range<usize> {
        let layer = |layer: usize, number: usize| BEFORE_LAYERS + PER_LAYER * layer + number;
        let index = match matrix {
            Matrix::Words => 0,
            Matrix::Times => 1,
            Matrix::Positions => 2,
            Matrix::In => 3,
            Matrix::Query(number) => layer(number, 0),
            Matrix::AttentionOut(number) => layer(number, 1),
            Matrix::Up(number) => layer(number, 2),
            Matrix::Down(number) => layer(number, 3),
            Matrix::Out => self.entries.len() - 1,
        };
        self.entries[index].2.clone()
    }

    /// Parameters to begin with: inputs keep the length of what they get, and all that writes to the residual stream or
    /// to the picture is zero.
    pub fn initial(&self, seed: u64) -> Vec<f32> {
        let mut random = Random::new(seed);
        let scale = 0.5 / (self.config.width as f32).sqrt();
        let mut parameters = Vec::with_capacity(self.parameters());
        for (matrix, [rows, columns], _) in &self.entries {
            let deviation = match matrix {
                Matrix::Words | Matrix::Times | Matrix::Positions => 0.5,
                Matrix::In => 1.0 / (*rows as f32).sqrt(),
                Matrix::Query(_) | Matrix::Up(_) => scale,
                Matrix::AttentionOut(_) | Matrix::Down(_) | Matrix::Out => 0.0,
            };
            parameters.extend((0..rows * columns).map(|_| random.normal() * deviation));
        }
        parameters
    }
}
