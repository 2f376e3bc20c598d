//! Inference: weights ready for use, and one conversation's memory of keys and values.

use super::{Config, Layout, Matrix, Rotation, TAPS};
use crate::kernel::{self, from_bf16, Kernel, Packed};
use crate::tokenizer::Token;

struct LayerWeights {
    attention_mix: Vec<f32>,
    query: Packed,
    out: Packed,
    mlp_mix: Vec<f32>,
    up: Packed,
    down: Packed,
}

/// A model's weights, arranged for inference.
pub struct Weights {
    config: Config,
    kernel: Kernel,
    rotation: Rotation,
    embedding: Vec<u16>,
    layers: Vec<LayerWeights>,
    head: Packed,
}

impl Weights {
    /// Arranges parameters given as brain floats in the order of [`Layout`].
    ///
    /// Panics if their number does not match the layout.
    pub fn new(layout: &Layout, parameters: &[u16], kernel: Kernel) -> Self {
        assert_eq!(parameters.len(), layout.parameters(), "one value per parameter");
        let packed = |m: Matrix| {
            let (_, [rows, columns], range) = layout
                .entries()
                .iter()
                .find(|(other, _, _)| *other == m)
                .expect("the layout holds every matrix");
            Packed::new(&parameters[range.clone()], *rows, *columns)
        };
        let plain = |m: Matrix| parameters[layout.range(m)].iter().map(|&b| from_bf16(b)).collect::<Vec<_>>();
        let layer = |l: usize| LayerWeights {
            attention_mix: plain(Matrix::AttentionMix(l)),
            query: packed(Matrix::Query(l)),
            out: packed(Matrix::AttentionOut(l)),
            mlp_mix: plain(Matrix::MlpMix(l)),
            up: packed(Matrix::Up(l)),
            down: packed(Matrix::Down(l)),
        };
        let config = layout.config;
        Weights {
            config,
            kernel,
            rotation: Rotation::new(config.context, config.head_width()),
            embedding: parameters[layout.range(Matrix::Embedding)].to_vec(),
            layers: (0..config.layers).map(layer).collect(),
            head: packed(Matrix::Head),
        }
    }

    /// Sizes of the model.
    pub fn config(&self) -> Config {
        self.config
    }

    /// The machine instructions that compute.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }
}

/// Memory of one layer: the tokens so far.
#[derive(Clone)]
struct LayerMemory {
    /// Keys by head, channel, position; values by position.
    keys: Vec<f32>,
    values: Vec<f32>,
    /// The last [`TAPS`] normalised rows of both halves, oldest first.
    recent: [Vec<f32>; 2],
}

/// One sequence being read and continued. A clone continues on its own, so a prompt is read once for many answers.
#[derive(Clone)]
pub struct Session<'a> {
    weights: &'a Weights,
    memory: Vec<LayerMemory>,
    length: usize,
    /// Normalised last rows of the latest feed, ready for the head.
    last: Vec<f32>,
}

impl<'a> Session<'a> {
    /// An empty sequence.
    pub fn new(weights: &'a Weights) -> Self {
        let c = weights.config;
        let memory = (0..c.layers).map(|_| LayerMemory {
            keys: vec![0.0; c.width * c.context],
            values: vec![0.0; c.width * c.context],
            recent: [vec![0.0; TAPS * c.width], vec![0.0; TAPS * c.width]],
        });
        Session { weights, memory: memory.collect(), length: 0, last: Vec::new() }
    }

    /// Tokens read so far.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Tokens that still fit.
    pub fn room(&self) -> usize {
        self.weights.config.context - self.length
    }

    /// Reads tokens. Panics if they do not fit into [`Session::room`] or are not in the vocabulary.
    pub fn feed(&mut self, tokens: &[Token]) {
        assert!(tokens.len() <= self.room(), "{} tokens do not fit into {}", tokens.len(), self.room());
        let (w, c, kernel) = (self.weights, self.weights.config, self.weights.kernel);
        let (d, n, start) = (c.width, tokens.len(), self.length);
        let mut embedded = Vec::with_capacity(n * d);
        for &token in tokens {
            embedded.extend(w.embedding[token as usize * d..][..d].iter().map(|&b| from_bf16(b)));
        }
        let mut x = vec![0.0; n * d];
        kernel::rms_norm(kernel, &embedded, &mut x, d);
        let mut mixed = vec![0.0; n * d];
        let mut qkv = vec![0.0; n * 3 * d];
        let mut rotated = vec![0.0; 2 * d];
        let mut attended = vec![0.0; n * d];
        let mut up = vec![0.0; n * c.hidden()];
        let mut active = vec![0.0; n * c.hidden()];
        let mut scores = vec![0.0; c.context];
        for (layer, memory) in w.layers.iter().zip(&mut self.memory) {
            mix(kernel, &x, &layer.attention_mix, &mut memory.recent[0], &mut mixed, d);
            layer.query.multiply(kernel, &mixed, &mut qkv, false);
            for (i, row) in qkv.chunks_exact(3 * d).enumerate() {
                let position = start + i;
                let (cos, sin) = w.rotation.at(position);
                kernel::norm_rotate(kernel, &row[..2 * d], &mut rotated, cos, sin);
                for (channel, &key) in rotated[d..].iter().enumerate() {
                    memory.keys[channel * c.context + position] = key;
                }
                memory.values[position * d..][..d].copy_from_slice(&row[2 * d..]);
                let seen = position + 1;
                for head in 0..c.heads {
                    let columns = head * c.head_width()..(head + 1) * c.head_width();
                    let scores = &mut scores[..seen];
                    let keys = &memory.keys[columns.start * c.context..];
                    kernel::row_times(kernel, &rotated[columns.clone()], keys, c.context, scores);
                    kernel::softmax(kernel, scores, c.attention_scale());
                    let out = &mut attended[i * d..][columns.clone()];
                    kernel::row_times(kernel, scores, &memory.values[columns.start..], d, out);
                }
            }
            layer.out.multiply(kernel, &attended, &mut x, true);
            mix(kernel, &x, &layer.mlp_mix, &mut memory.recent[1], &mut mixed, d);
            layer.up.multiply(kernel, &mixed, &mut up, false);
            kernel::relu_squared(kernel, &up, &mut active);
            layer.down.multiply(kernel, &active, &mut x, true);
        }
        self.last.resize(n * d, 0.0);
        kernel::rms_norm(kernel, &x, &mut self.last, d);
        self.length += n;
    }

    /// Logits after these tokens, which are forgotten again.
    ///
    /// Panics like [`Session::feed`].
    pub fn peek(&mut self, tokens: &[Token]) -> Vec<f32> {
        let recent: Vec<_> = self.memory.iter().map(|memory| memory.recent.clone()).collect();
        let (length, last) = (self.length, self.last.clone());
        if !tokens.is_empty() {
            self.feed(tokens);
        }
        let logits = self.logits(1);
        // What is kept of later tokens is written over before it is read.
        self.memory.iter_mut().zip(recent).for_each(|(memory, recent)| memory.recent = recent);
        (self.length, self.last) = (length, last);
        logits
    }

    /// Logits after each of the last `rows` tokens of the latest feed, row by row.
    ///
    /// Panics if fewer tokens were fed at once.
    pub fn logits(&self, rows: usize) -> Vec<f32> {
        let (w, d) = (self.weights, self.weights.config.width);
        let from =
            self.last.len().checked_sub(rows * d).expect("logits exist for tokens of the latest feed only");
        let mut logits = vec![0.0; rows * w.head.columns()];
        w.head.multiply(w.kernel, &self.last[from..], &mut logits, false);
        logits
    }
}

/// `mixed = mix_past(rms(x))`, where the rows before the first come from `recent`, which is brought up to date.
fn mix(kernel: Kernel, x: &[f32], taps: &[f32], recent: &mut [f32], mixed: &mut [f32], width: usize) {
    let mut normal = recent.to_vec();
    normal.resize(recent.len() + x.len(), 0.0);
    kernel::rms_norm(kernel, x, &mut normal[TAPS * width..], width);
    let mut all = vec![0.0; normal.len()];
    kernel::mix_past(kernel, &normal, taps, &mut all, width);
    mixed.copy_from_slice(&all[TAPS * width..]);
    recent.copy_from_slice(&normal[x.len()..]);
}
