//! Forward and backward pass over whole sequences, for training and for measuring loss.

use super::{Layout, Matrix, Rotation, TAPS};
use crate::kernel::{self, matmul, Kernel, View};
use crate::tokenizer::Token;

/// Rows whose logits are computed at a time, so that they stay in cache. Part of the definition of the gradient.
pub const LOSS_ROWS: usize = 256;
/// Rows of attention scores computed at a time: later keys than these rows can see are skipped.
const ATTENTION_ROWS: usize = 64;

#[derive(Default)]
struct LayerState {
    /// Residual stream before the layer and between its halves.
    x: Vec<f32>,
    middle: Vec<f32>,
    /// `rms(x)` and `mix(rms(x))` of both halves.
    normal: [Vec<f32>; 2],
    mixed: [Vec<f32>; 2],
    /// Raw queries, keys, values; then normalised and rotated queries and keys.
    qkv: Vec<f32>,
    rotated: Vec<f32>,
    probabilities: Vec<f32>,
    attended: Vec<f32>,
    up: Vec<f32>,
    active: Vec<f32>,
}

/// Working memory of one forward and backward pass over `sequences` sequences of `length` tokens.
pub struct Activations {
    layout: Layout,
    kernel: Kernel,
    rotation: Rotation,
    sequences: usize,
    length: usize,
    layers: Vec<LayerState>,
    x: Vec<f32>,
    embedded: Vec<f32>,
    last: Vec<f32>,
    logits: Vec<f32>,
    dx: Vec<f32>,
    d1: Vec<f32>,
    d2: Vec<f32>,
    d3: Vec<f32>,
    d4: Vec<f32>,
    scores: Vec<f32>,
}

impl Activations {
    /// Panics if the sequences are longer than the model's context.
    pub fn new(layout: &Layout, kernel: Kernel, sequences: usize, length: usize) -> Self {
        let c = layout.config;
        assert!(length <= c.context, "{length} tokens do not fit a context of {}", c.context);
        let rows = sequences * length;
        let zeros = |n: usize| vec![0f32; n];
        let layers = (0..c.layers).map(|_| LayerState {
            x: zeros(rows * c.width),
            middle: zeros(rows * c.width),
            normal: [zeros(rows * c.width), zeros(rows * c.width)],
            mixed: [zeros(rows * c.width), zeros(rows * c.width)],
            qkv: zeros(rows * 3 * c.width),
            rotated: zeros(rows * 2 * c.width),
            probabilities: zeros(sequences * c.heads * length * length),
            attended: zeros(rows * c.width),
            up: zeros(rows * c.hidden()),
            active: zeros(rows * c.hidden()),
        });
        Activations {
            layers: layers.collect(),
            layout: layout.clone(),
            kernel,
            rotation: Rotation::new(length, c.head_width()),
            sequences,
            length,
            x: zeros(rows * c.width),
            embedded: zeros(rows * c.width),
            last: zeros(rows * c.width),
            logits: zeros(LOSS_ROWS.min(rows) * c.vocabulary),
            dx: zeros(rows * c.width),
            d1: zeros(rows * c.width),
            d2: zeros(rows * c.width),
            d3: zeros(rows * 3 * c.width),
            d4: zeros(rows * c.hidden()),
            scores: zeros(ATTENTION_ROWS * length),
        }
    }

    fn rows(&self) -> usize {
        self.sequences * self.length
    }

    /// Sum over all positions of the cross entropy in nats.
    pub fn loss(&mut self, w: &[f32], tokens: &[Token], targets: &[Token]) -> f64 {
        self.forward(w, tokens);
        self.head(w, targets, 0.0, None)
    }

    /// Cross entropy of every position in nats, in order.
    pub fn losses(&mut self, w: &[f32], tokens: &[Token], targets: &[Token]) -> Vec<f64> {
        self.forward(w, tokens);
        let mut losses = Vec::with_capacity(tokens.len());
        let c = self.layout.config;
        let head = &w[self.layout.range(Matrix::Head)];
        for first in (0..self.rows()).step_by(LOSS_ROWS) {
            let n = LOSS_ROWS.min(self.rows() - first);
            let input = View::rows(&self.last[first * c.width..], c.width);
            let shape = (n, c.vocabulary, c.width);
            let weights = View::rows(head, c.vocabulary);
            matmul(self.kernel, shape, input, weights, &mut self.logits, c.vocabulary, false);
            for (row, &target) in self.logits.chunks_exact(c.vocabulary).zip(&targets[first..first + n]) {
                let (m, z) = kernel::max_and_exp_sum(self.kernel, row);
                losses.push(kernel::ln(f64::from(z)) + f64::from(m) - f64::from(row[target as usize]));
            }
        }
        losses
    }

    /// Adds the gradient of `weight ·` (sum of cross entropies) to `gradient`; returns that sum in nats.
    pub fn accumulate_gradient(
        &mut self,
        w: &[f32],
        tokens: &[Token],
        targets: &[Token],
        weight: f32,
        gradient: &mut [f32],
    ) -> f64 {
        assert_eq!(gradient.len(), self.layout.parameters(), "one gradient per parameter");
        self.forward(w, tokens);
        let loss = self.head(w, targets, weight, Some(gradient));
        self.backward(w, tokens, gradient);
        loss
    }

    fn forward(&mut self, w: &[f32], tokens: &[Token]) {
        let (c, rows, kernel) = (self.layout.config, self.rows(), self.kernel);
        assert_eq!(tokens.len(), rows, "one token per position");
        let d = c.width;
        let embedding = &w[self.layout.range(Matrix::Embedding)];
        for (row, &token) in self.embedded.chunks_exact_mut(d).zip(tokens) {
            row.copy_from_slice(&embedding[token as usize * d..][..d]);
        }
        kernel::rms_norm(kernel, &self.embedded, &mut self.x, d);
        for l in 0..c.layers {
            let part = |m: Matrix| &w[self.layout.range(m)];
            let s = &mut self.layers[l];
            s.x.copy_from_slice(&self.x);
            mixed_norm(
                kernel,
                &s.x,
                part(Matrix::AttentionMix(l)),
                &mut s.normal[0],
                &mut s.mixed[0],
                d,
                self.length,
            );
            let shape = (rows, 3 * d, d);
            let weights = View::rows(part(Matrix::Query(l)), 3 * d);
            matmul(kernel, shape, View::rows(&s.mixed[0], d), weights, &mut s.qkv, 3 * d, false);
            for (i, (qkv, out)) in
                s.qkv.chunks_exact(3 * d).zip(s.rotated.chunks_exact_mut(2 * d)).enumerate()
            {
                let (cos, sin) = self.rotation.at(i % self.length);
                kernel::norm_rotate(kernel, &qkv[..2 * d], out, cos, sin);
            }
            for sequence in 0..self.sequences {
                for head in 0..c.heads {
                    attend(s, &self.layout, kernel, self.length, sequence, head);
                }
            }
            s.middle.copy_from_slice(&s.x);
            let weights = View::rows(part(Matrix::AttentionOut(l)), d);
            matmul(kernel, (rows, d, d), View::rows(&s.attended, d), weights, &mut s.middle, d, true);

            mixed_norm(
                kernel,
                &s.middle,
                part(Matrix::MlpMix(l)),
                &mut s.normal[1],
                &mut s.mixed[1],
                d,
                self.length,
            );
            let h = c.hidden();
            let weights = View::rows(part(Matrix::Up(l)), h);
            matmul(kernel, (rows, h, d), View::rows(&s.mixed[1], d), weights, &mut s.up, h, false);
            kernel::relu_squared(kernel, &s.up, &mut s.active);
            self.x.copy_from_slice(&s.middle);
            let weights = View::rows(part(Matrix::Down(l)), d);
            matmul(kernel, (rows, d, h), View::rows(&s.active, h), weights, &mut self.x, d, true);
        }
        kernel::rms_norm(kernel, &self.x, &mut self.last, d);
    }

    /// Loss, and with a gradient also the gradients of the head and of its input (left in `dx`).
    fn head(&mut self, w: &[f32], targets: &[Token], weight: f32, mut gradient: Option<&mut [f32]>) -> f64 {
        let (c, kernel) = (self.layout.config, self.kernel);
        let (d, v, range) = (c.width, c.vocabulary, self.layout.range(Matrix::Head));
        let head = &w[range.clone()];
        assert_eq!(targets.len(), self.rows(), "one target per position");
        let mut loss = 0.0;
        for first in (0..self.rows()).step_by(LOSS_ROWS) {
            let n = LOSS_ROWS.min(self.rows() - first);
            let input = &self.last[first * d..][..n * d];
            matmul(kernel, (n, v, d), View::rows(input, d), View::rows(head, v), &mut self.logits, v, false);
            for (row, &target) in self.logits.chunks_exact_mut(v).zip(&targets[first..first + n]) {
                let logit = row[target as usize];
                let (m, z) = kernel::cross_entropy(kernel, row, target as usize, weight);
                loss += kernel::ln(f64::from(z)) + f64::from(m) - f64::from(logit);
            }
            if let Some(gradient) = gradient.as_deref_mut() {
                let logits = &self.logits[..n * v];
                let (dw, out) = (&mut gradient[range.clone()], &mut self.d1[first * d..][..n * d]);
                linear_backward(kernel, (d, v, n), input, logits, head, dw, out);
            }
        }
        if gradient.is_some() {
            self.dx.fill(0.0);
            kernel::rms_norm_backward(kernel, &self.x, &self.d1, &mut self.dx, d);
        }
        loss
    }

    fn backward(&mut self, w: &[f32], tokens: &[Token], gradient: &mut [f32]) {
        let (c, kernel) = (self.layout.config, self.kernel);
        for l in (0..c.layers).rev() {
            self.mlp_backward(l, w, gradient);
            self.attention_backward(l, w, gradient);
        }
        let d = c.width;
        self.d1.fill(0.0);
        kernel::rms_norm_backward(kernel, &self.embedded, &self.dx, &mut self.d1, d);
        let embedding = &mut gradient[self.layout.range(Matrix::Embedding)];
        for (g, &token) in self.d1.chunks_exact(d).zip(tokens) {
            kernel::add(kernel, &mut embedding[token as usize * d..][..d], g);
        }
    }

    /// Takes the gradient of the residual stream back through the second half of layer `l`.
    fn mlp_backward(&mut self, l: usize, w: &[f32], gradient: &mut [f32]) {
        let (c, rows, kernel) = (self.layout.config, self.rows(), self.kernel);
        let (d, h) = (c.width, c.hidden());
        let s = &mut self.layers[l];
        let range = |m: Matrix| self.layout.range(m);

        let down = range(Matrix::Down(l));
        let dw = &mut gradient[down.clone()];
        linear_backward(kernel, (h, d, rows), &s.active, &self.dx, &w[down], dw, &mut self.d4);
        kernel::relu_squared_backward(kernel, &s.up, &mut self.d4);
        let up = range(Matrix::Up(l));
        let dw = &mut gradient[up.clone()];
        linear_backward(kernel, (d, h, rows), &s.mixed[1], &self.d4, &w[up], dw, &mut self.d1);
        let (taps, size) = (range(Matrix::MlpMix(l)), (self.length, d));
        let dw = &mut gradient[taps.clone()];
        mix_backward(kernel, size, &s.normal[1], &w[taps], &self.d1, dw, &mut self.d2);
        kernel::rms_norm_backward(kernel, &s.middle, &self.d2, &mut self.dx, d);
    }

    /// Takes the gradient of the residual stream back through the first half of layer `l`.
    fn attention_backward(&mut self, l: usize, w: &[f32], gradient: &mut [f32]) {
        let (c, rows, kernel) = (self.layout.config, self.rows(), self.kernel);
        let d = c.width;
        let s = &mut self.layers[l];
        let range = |m: Matrix| self.layout.range(m);

        let out = range(Matrix::AttentionOut(l));
        let dw = &mut gradient[out.clone()];
        linear_backward(kernel, (d, d, rows), &s.attended, &self.dx, &w[out], dw, &mut self.d1);
        for sequence in 0..self.sequences {
            for head in 0..c.heads {
                let scores = &mut self.scores;
                attend_backward(
                    s,
                    &self.layout,
                    kernel,
                    self.length,
                    sequence,
                    head,
                    &self.d1,
                    &mut self.d3,
                    scores,
                );
            }
        }
        for (i, (qkv, g)) in s.qkv.chunks_exact(3 * d).zip(self.d3.chunks_exact_mut(3 * d)).enumerate() {
            let (cos, sin) = self.rotation.at(i % self.length);
            kernel::norm_rotate_backward(kernel, &qkv[..2 * d], &mut g[..2 * d], cos, sin);
        }
        let query = range(Matrix::Query(l));
        let dw = &mut gradient[query.clone()];
        linear_backward(kernel, (d, 3 * d, rows), &s.mixed[0], &self.d3, &w[query], dw, &mut self.d1);
        let (taps, size) = (range(Matrix::AttentionMix(l)), (self.length, d));
        let dw = &mut gradient[taps.clone()];
        mix_backward(kernel, size, &s.normal[0], &w[taps], &self.d1, dw, &mut self.d2);
        kernel::rms_norm_backward(kernel, &s.x, &self.d2, &mut self.dx, d);
    }
}

fn mixed_norm(
    kernel: Kernel,
    x: &[f32],
    taps: &[f32],
    normal: &mut [f32],
    mixed: &mut [f32],
    width: usize,
    length: usize,
) {
    debug_assert_eq!(taps.len(), TAPS * width);
    kernel::rms_norm(kernel, x, normal, width);
    for (n, m) in normal.chunks_exact(length * width).zip(mixed.chunks_exact_mut(length * width)) {
        kernel::mix_past(kernel, n, taps, m, width);
    }
}

/// Attention of one head over one sequence.
fn attend(s: &mut LayerState, layout: &Layout, kernel: Kernel, t: usize, sequence: usize, head: usize) {
    let (c, d) = (layout.config, layout.config.width);
    let w = c.head_width();
    let (row, column) = (sequence * t, head * w);
    let probabilities = &mut s.probabilities[(sequence * c.heads + head) * t * t..][..t * t];
    for first in (0..t).step_by(ATTENTION_ROWS) {
        let n = ATTENTION_ROWS.min(t - first);
        let seen = first + n;
        let queries = View::rows(&s.rotated[(row + first) * 2 * d + column..], 2 * d);
        let keys = View::transposed(&s.rotated[row * 2 * d + d + column..], 2 * d);
        let p = &mut probabilities[first * t..];
        matmul(kernel, (n, seen, w), queries, keys, p, t, false);
        for i in 0..n {
            let (visible, hidden) = p[i * t..i * t + seen].split_at_mut(first + i + 1);
            kernel::softmax(kernel, visible, c.attention_scale());
            hidden.fill(0.0);
        }
        let values = View::rows(&s.qkv[row * 3 * d + 2 * d + column..], 3 * d);
        let out = &mut s.attended[(row + first) * d + column..];
        matmul(kernel, (n, w, seen), View::rows(p, t), values, out, d, false);
    }
}

/// Takes the gradient `dy` of a product `x · w` back: adds that of `w` to `dw`, and writes that of `x` to `dx`.
fn linear_backward(
    kernel: Kernel,
    (input, output, rows): (usize, usize, usize),
    x: &[f32],
    dy: &[f32],
    w: &[f32],
    dw: &mut [f32],
    dx: &mut [f32],
) {
    let dy = View::rows(dy, output);
    matmul(kernel, (input, output, rows), View::transposed(x, input), dy, dw, output, true);
    matmul(kernel, (rows, input, output), dy, View::transposed(w, output), dx, input, false);
}

/// Takes the gradient `dy` of a mixture with past tokens back, sequence by sequence: adds that of `taps` to `dw`, and
/// writes that of `x` to `dx`.
fn mix_backward(
    kernel: Kernel,
    (length, width): (usize, usize),
    x: &[f32],
    taps: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    dx: &mut [f32],
) {
    let size = length * width;
    let sequences = x.chunks_exact(size).zip(dy.chunks_exact(size)).zip(dx.chunks_exact_mut(size));
    for ((x, dy), dx) in sequences {
        kernel::mix_past_backward(kernel, x, taps, dy, dx, dw, width);
    }
}

/// Writes the gradients of rotated queries, rotated keys and values of one head and sequence into `d3`.
#[allow(clippy::too_many_arguments)]
fn attend_backward(
    s: &LayerState,
    layout: &Layout,
    kernel: Kernel,
    t: usize,
    sequence: usize,
    head: usize,
    d_attended: &[f32],
    d3: &mut [f32],
    scores: &mut [f32],
) {
    let (c, d) = (layout.config, layout.config.width);
    let w = c.head_width();
    let (row, column) = (sequence * t, head * w);
    let probabilities = &s.probabilities[(sequence * c.heads + head) * t * t..][..t * t];
    for first in (0..t).step_by(ATTENTION_ROWS) {
        let n = ATTENTION_ROWS.min(t - first);
        let seen = first + n;
        let p = &probabilities[first * t..];
        let g = View::rows(&d_attended[(row + first) * d + column..], d);
        // the first block of rows that sees a key also initialises its gradient
        for (from, upto, accumulate) in [(0, first, true), (first, seen, false)] {
            let shape = (upto - from, w, n);
            let out = &mut d3[(row + from) * 3 * d + 2 * d + column..];
            matmul(kernel, shape, View::transposed(&p[from..], t), g, out, 3 * d, accumulate);
        }
        let values = View::transposed(&s.qkv[row * 3 * d + 2 * d + column..], 3 * d);
        matmul(kernel, (n, seen, w), g, values, scores, t, false);
        for i in 0..n {
            let (visible, hidden) = scores[i * t..i * t + seen].split_at_mut(first + i + 1);
            kernel::softmax_backward(kernel, &p[i * t..][..first + i + 1], visible, c.attention_scale());
            hidden.fill(0.0);
        }
        let keys = View::rows(&s.rotated[row * 2 * d + d + column..], 2 * d);
        let out = &mut d3[(row + first) * 3 * d + column..];
        matmul(kernel, (n, w, seen), View::rows(scores, t), keys, out, 3 * d, false);
        let queries = View::rows(&s.rotated[(row + first) * 2 * d + column..], 2 * d);
        for (from, upto, accumulate) in [(0, first, true), (first, seen, false)] {
            let shape = (upto - from, w, n);
            let out = &mut d3[(row + from) * 3 * d + d + column..];
            matmul(kernel, shape, View::transposed(&scores[from..], t), queries, out, 3 * d, accumulate);
        }
    }
}
