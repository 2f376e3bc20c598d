//! Forward and backward pass over some pictures.
//!
//! A layer adds `attention(rms(x))` and then `mlp(rms(x))`; every token sees every other one. Queries and keys are
//! normalised per head and rotated by their place in the picture, half of a head by `x` and half by `y`. The MLP is
//! `relu(x·up)²·down`. The picture is `rms(x)·out` of its patches. There are no biases and gains.

use myelin_lm::kernel::{self, matmul, Kernel, View};

use crate::{
    layout::{Matrix, TIMES},
    Caption, Config, Layout, HEAD,
};

/// Radian by which a pixel turns each pair of channels; the first half of a head's pairs by `x`, the other by `y`.
const TURNS: [f64; HEAD / 4] = [0.35, 0.24, 0.16, 0.11, 0.075, 0.05, 0.035, 0.02];
/// Pairs of channels of a head.
const HALF: usize = HEAD / 2;
/// Factor on the product of a query and a key, which both have the length `√HEAD`.
const SCALE: f32 = 0.25;

#[derive(Default)]
struct LayerState {
    /// Residual stream before the layer and between its halves.
    x: Vec<f32>,
    middle: Vec<f32>,
    /// The same, normalised.
    normal: [Vec<f32>; 2],
    qkv: Vec<f32>,
    rotated: Vec<f32>,
    probabilities: Vec<f32>,
    attended: Vec<f32>,
    up: Vec<f32>,
    active: Vec<f32>,
}

/// Working memory of a pass over some pictures.
pub(crate) struct Pass {
    layout: Layout,
    kernel: Kernel,
    pictures: usize,
    turns: Turns,
    layers: Vec<LayerState>,
    /// Cosines and sines of each token of each picture.
    cos: Vec<f32>,
    sin: Vec<f32>,
    patches: Vec<f32>,
    embedded: Vec<f32>,
    x: Vec<f32>,
    last: Vec<f32>,
    out: Vec<f32>,
    dx: Vec<f32>,
    d1: Vec<f32>,
    d3: Vec<f32>,
    d4: Vec<f32>,
    scores: Vec<f32>,
}

/// One picture on its way: state, time and caption.
#[derive(Clone)]
pub(crate) struct Moment {
    pub state: Vec<f32>,
    pub time: f32,
    pub caption: Caption,
}

impl Pass {
    pub(crate) fn new(layout: &Layout, kernel: Kernel, pictures: usize) -> Self {
        let c = layout.config;
        let (rows, d) = (pictures * c.tokens(), c.width);
        let zeros = |n: usize| vec![0f32; n];
        let layers = (0..c.layers).map(|_| LayerState {
            x: zeros(rows * d),
            middle: zeros(rows * d),
            normal: [zeros(rows * d), zeros(rows * d)],
            qkv: zeros(rows * 3 * d),
            rotated: zeros(rows * 2 * d),
            probabilities: zeros(pictures * c.heads() * c.tokens() * c.tokens()),
            attended: zeros(rows * d),
            up: zeros(rows * c.hidden()),
            active: zeros(rows * c.hidden()),
        });
        Self {
            layers: layers.collect(),
            layout: layout.clone(),
            kernel,
            pictures,
            turns: Turns::new(c.side),
            cos: zeros(rows * HALF),
            sin: zeros(rows * HALF),
            patches: zeros(pictures * c.samples()),
            embedded: zeros(rows * d),
            x: zeros(rows * d),
            last: zeros(rows * d),
            out: zeros(pictures * c.samples()),
            dx: zeros(rows * d),
            d1: zeros(rows * d),
            d3: zeros(rows * 3 * d),
            d4: zeros(rows * c.hidden()),
            scores: zeros(c.tokens() * c.tokens()),
        }
    }

    /// The clean pictures that the network expects, one after the other, patch by patch.
    pub(crate) fn forward(&mut self, w: &[f32], moments: &[Moment]) -> &[f32] {
        let (c, kernel, d) = (self.layout.config, self.kernel, self.layout.config.width);
        assert_eq!(moments.len(), self.pictures, "one moment for each picture");
        self.embed(w, moments);
        kernel::rms_norm(kernel, &self.embedded, &mut self.x, d);
        for l in 0..c.layers {
            self.layer(w, l);
        }
        kernel::rms_norm(kernel, &self.x, &mut self.last, d);
        let (n, samples) = (c.patches(), c.patch_samples());
        let matrix = &w[self.layout.range(Matrix::Out)];
        for (last, out) in self.last.chunks_exact(c.tokens() * d).zip(self.out.chunks_exact_mut(n * samples))
        {
            let shape = (n, samples, d);
            matmul(kernel, shape, View::rows(last, d), View::rows(matrix, samples), out, samples, false);
        }
        &self.out
    }

    fn embed(&mut self, w: &[f32], moments: &[Moment]) {
        let (c, kernel, d) = (self.layout.config, self.kernel, self.layout.config.width);
        let part = |matrix| &w[self.layout.range(matrix)];
        let (words, times, places, input) =
            (part(Matrix::Words), part(Matrix::Times), part(Matrix::Positions), part(Matrix::In));
        let (n, samples) = (c.patches(), c.patch_samples());
        let rows =
            self.embedded.chunks_exact_mut(c.tokens() * d).zip(self.patches.chunks_exact_mut(n * samples));
        for ((rows, patches), moment) in rows.zip(moments) {
            assert_eq!(moment.state.len(), c.samples(), "a state of the picture's size");
            patches.copy_from_slice(&moment.state);
            let shape = (n, d, samples);
            matmul(kernel, shape, View::rows(patches, samples), View::rows(input, d), rows, d, false);
            kernel::add(kernel, &mut rows[..n * d], places);
            rows[n * d..].fill(0.0);
            for (slot, row) in moment.caption.iter().zip(rows[n * d..].chunks_exact_mut(d)) {
                for &word in slot.words.iter().filter(|word| usize::from(**word) < c.words) {
                    kernel::add(kernel, row, &words[usize::from(word) * d..][..d]);
                }
            }
            let (first, share) = time_place(moment.time);
            for row in rows.chunks_exact_mut(d) {
                kernel::blend(kernel, row, 1.0, &times[first * d..][..d], 1.0 - share);
                kernel::blend(kernel, row, 1.0, &times[(first + 1) * d..][..d], share);
            }
        }
        let angles =
            self.cos.chunks_exact_mut(c.tokens() * HALF).zip(self.sin.chunks_exact_mut(c.tokens() * HALF));
        for ((cos, sin), moment) in angles.zip(moments) {
            for (token, (cos, sin)) in cos.chunks_exact_mut(HALF).zip(sin.chunks_exact_mut(HALF)).enumerate()
            {
                let at = match token.checked_sub(n) {
                    None => Some(centre(&c, token)),
                    Some(slot) => moment.caption.get(slot).and_then(|slot| slot.at),
                };
                self.turns.write(at, cos, sin);
            }
        }
    }

    fn layer(&mut self, w: &[f32], l: usize) {
        let (c, kernel) = (self.layout.config, self.kernel);
        let (d, h, t) = (c.width, c.hidden(), c.tokens());
        let rows = self.pictures * t;
        let part = |matrix| &w[self.layout.range(matrix)];
        let s = &mut self.layers[l];
        s.x.copy_from_slice(&self.x);
        kernel::rms_norm(kernel, &s.x, &mut s.normal[0], d);
        let weights = View::rows(part(Matrix::Query(l)), 3 * d);
        matmul(kernel, (rows, 3 * d, d), View::rows(&s.normal[0], d), weights, &mut s.qkv, 3 * d, false);
        for (i, (qkv, out)) in s.qkv.chunks_exact(3 * d).zip(s.rotated.chunks_exact_mut(2 * d)).enumerate() {
            let angle = i * HALF..(i + 1) * HALF;
            kernel::norm_rotate(kernel, &qkv[..2 * d], out, &self.cos[angle.clone()], &self.sin[angle]);
        }
        for picture in 0..self.pictures {
            for head in 0..c.heads() {
                attend(s, &c, kernel, picture, head);
            }
        }
        s.middle.copy_from_slice(&s.x);
        let weights = View::rows(part(Matrix::AttentionOut(l)), d);
        matmul(kernel, (rows, d, d), View::rows(&s.attended, d), weights, &mut s.middle, d, true);
        kernel::rms_norm(kernel, &s.middle, &mut s.normal[1], d);
        let weights = View::rows(part(Matrix::Up(l)), h);
        matmul(kernel, (rows, h, d), View::rows(&s.normal[1], d), weights, &mut s.up, h, false);
        kernel::relu_squared(kernel, &s.up, &mut s.active);
        self.x.copy_from_slice(&s.middle);
        let weights = View::rows(part(Matrix::Down(l)), d);
        matmul(kernel, (rows, d, h), View::rows(&s.active, h), weights, &mut self.x, d, true);
    }

    /// Adds the gradient of the parameters to `gradient`, given that of the expected pictures. It follows
    /// [`Pass::forward`] with the same moments.
    pub(crate) fn backward(&mut self, w: &[f32], moments: &[Moment], g: &[f32], gradient: &mut [f32]) {
        let (c, kernel, d) = (self.layout.config, self.kernel, self.layout.config.width);
        let (n, samples, t) = (c.patches(), c.patch_samples(), c.tokens());
        let out = self.layout.range(Matrix::Out);
        self.d1.fill(0.0);
        let pictures = self.last.chunks_exact(t * d).zip(self.d1.chunks_exact_mut(t * d));
        for ((last, d1), g) in pictures.zip(g.chunks_exact(n * samples)) {
            let g = View::rows(g, samples);
            let dw = &mut gradient[out.clone()];
            matmul(kernel, (d, samples, n), View::transposed(last, d), g, dw, samples, true);
            let matrix = View::transposed(&w[out.clone()], samples);
            matmul(kernel, (n, d, samples), g, matrix, d1, d, false);
        }
        self.dx.fill(0.0);
        kernel::rms_norm_backward(kernel, &self.x, &self.d1, &mut self.dx, d);
        for l in (0..c.layers).rev() {
            self.layer_backward(w, l, gradient);
        }
        self.d1.fill(0.0);
        kernel::rms_norm_backward(kernel, &self.embedded, &self.dx, &mut self.d1, d);
        self.embed_backward(moments, gradient);
    }

    fn embed_backward(&self, moments: &[Moment], gradient: &mut [f32]) {
        let (c, kernel, d) = (self.layout.config, self.kernel, self.layout.config.width);
        let (n, samples) = (c.patches(), c.patch_samples());
        let range = |matrix| self.layout.range(matrix);
        let pictures = self.d1.chunks_exact(c.tokens() * d).zip(self.patches.chunks_exact(n * samples));
        for ((g, patches), moment) in pictures.zip(moments) {
            let dw = &mut gradient[range(Matrix::In)];
            let shape = (samples, d, n);
            matmul(kernel, shape, View::transposed(patches, samples), View::rows(g, d), dw, d, true);
            kernel::add(kernel, &mut gradient[range(Matrix::Positions)], &g[..n * d]);
            let words = &mut gradient[range(Matrix::Words)];
            for (slot, g) in moment.caption.iter().zip(g[n * d..].chunks_exact(d)) {
                for &word in slot.words.iter().filter(|word| usize::from(**word) < c.words) {
                    kernel::add(kernel, &mut words[usize::from(word) * d..][..d], g);
                }
            }
            let (first, share) = time_place(moment.time);
            let times = &mut gradient[range(Matrix::Times)];
            for g in g.chunks_exact(d) {
                kernel::blend(kernel, &mut times[first * d..][..d], 1.0, g, 1.0 - share);
                kernel::blend(kernel, &mut times[(first + 1) * d..][..d], 1.0, g, share);
            }
        }
    }

    fn layer_backward(&mut self, w: &[f32], l: usize, gradient: &mut [f32]) {
        let (c, kernel) = (self.layout.config, self.kernel);
        let (d, h) = (c.width, c.hidden());
        let rows = self.pictures * c.tokens();
        let range = |matrix| self.layout.range(matrix);
        let s = &mut self.layers[l];

        let (down, up) = (range(Matrix::Down(l)), range(Matrix::Up(l)));
        let dx = View::rows(&self.dx, d);
        let shape = (h, d, rows);
        matmul(kernel, shape, View::transposed(&s.active, h), dx, &mut gradient[down.clone()], d, true);
        matmul(kernel, (rows, h, d), dx, View::transposed(&w[down], d), &mut self.d4, h, false);
        kernel::relu_squared_backward(kernel, &s.up, &mut self.d4);
        let d4 = View::rows(&self.d4, h);
        let shape = (d, h, rows);
        matmul(kernel, shape, View::transposed(&s.normal[1], d), d4, &mut gradient[up.clone()], h, true);
        matmul(kernel, (rows, d, h), d4, View::transposed(&w[up], h), &mut self.d1, d, false);
        kernel::rms_norm_backward(kernel, &s.middle, &self.d1, &mut self.dx, d);

        let (out, query) = (range(Matrix::AttentionOut(l)), range(Matrix::Query(l)));
        let dx = View::rows(&self.dx, d);
        let shape = (d, d, rows);
        matmul(kernel, shape, View::transposed(&s.attended, d), dx, &mut gradient[out.clone()], d, true);
        matmul(kernel, (rows, d, d), dx, View::transposed(&w[out], d), &mut self.d1, d, false);
        for picture in 0..self.pictures {
            for head in 0..c.heads() {
                attend_backward(s, &c, kernel, (picture, head), &self.d1, &mut self.d3, &mut self.scores);
            }
        }
        for (i, (qkv, g)) in s.qkv.chunks_exact(3 * d).zip(self.d3.chunks_exact_mut(3 * d)).enumerate() {
            let angle = i * HALF..(i + 1) * HALF;
            let (cos, sin) = (&self.cos[angle.clone()], &self.sin[angle]);
            kernel::norm_rotate_backward(kernel, &qkv[..2 * d], &mut g[..2 * d], cos, sin);
        }
        let d3 = View::rows(&self.d3, 3 * d);
        let dw = &mut gradient[query.clone()];
        matmul(kernel, (d, 3 * d, rows), View::transposed(&s.normal[0], d), d3, dw, 3 * d, true);
        matmul(kernel, (rows, d, 3 * d), d3, View::transposed(&w[query], 3 * d), &mut self.d1, d, false);
        kernel::rms_norm_backward(kernel, &s.x, &self.d1, &mut self.dx, d);
    }
}

/// Attention of one head over one picture.
fn attend(s: &mut LayerState, c: &Config, kernel: Kernel, picture: usize, head: usize) {
    let (d, t) = (c.width, c.tokens());
    let (row, column) = (picture * t, head * HEAD);
    let p = &mut s.probabilities[(picture * c.heads() + head) * t * t..][..t * t];
    let queries = View::rows(&s.rotated[row * 2 * d + column..], 2 * d);
    let keys = View::transposed(&s.rotated[row * 2 * d + d + column..], 2 * d);
    matmul(kernel, (t, t, HEAD), queries, keys, p, t, false);
    p.chunks_exact_mut(t).for_each(|row| kernel::softmax(kernel, row, SCALE));
    let values = View::rows(&s.qkv[row * 3 * d + 2 * d + column..], 3 * d);
    let out = &mut s.attended[row * d + column..];
    matmul(kernel, (t, HEAD, t), View::rows(p, t), values, out, d, false);
}

/// Writes the gradients of rotated queries, rotated keys and values of one head and picture into `d3`.
fn attend_backward(
    s: &LayerState,
    c: &Config,
    kernel: Kernel,
    (picture, head): (usize, usize),
    d_attended: &[f32],
    d3: &mut [f32],
    scores: &mut [f32],
) {
    let (d, t) = (c.width, c.tokens());
    let (row, column) = (picture * t, head * HEAD);
    let p = &s.probabilities[(picture * c.heads() + head) * t * t..][..t * t];
    let g = View::rows(&d_attended[row * d + column..], d);
    let out = &mut d3[row * 3 * d + 2 * d + column..];
    matmul(kernel, (t, HEAD, t), View::transposed(p, t), g, out, 3 * d, false);
    let values = View::transposed(&s.qkv[row * 3 * d + 2 * d + column..], 3 * d);
    matmul(kernel, (t, t, HEAD), g, values, scores, t, false);
    for (p, g) in p.chunks_exact(t).zip(scores.chunks_exact_mut(t)) {
        kernel::softmax_backward(kernel, p, g, SCALE);
    }
    let keys = View::rows(&s.rotated[row * 2 * d + d + column..], 2 * d);
    let out = &mut d3[row * 3 * d + column..];
    matmul(kernel, (t, HEAD, t), View::rows(scores, t), keys, out, 3 * d, false);
    let queries = View::rows(&s.rotated[row * 2 * d + column..], 2 * d);
    let out = &mut d3[row * 3 * d + d + column..];
    matmul(kernel, (t, HEAD, t), View::transposed(scores, t), queries, out, 3 * d, false);
}

/// Row of the table of times below `time`, and the share of the row above.
fn time_place(time: f32) -> (usize, f32) {
    let place = time.clamp(0.0, 1.0) * (TIMES - 1) as f32;
    let first = (place as usize).min(TIMES - 2);
    (first, place - first as f32)
}

/// The middle of a patch in pixels.
fn centre(c: &Config, patch: usize) -> (u8, u8) {
    let in_row = c.side / c.patch;
    let middle = |number: usize| (number * c.patch + c.patch / 2) as u8;
    (middle(patch % in_row), middle(patch / in_row))
}

/// Cosines and sines of every place along a side.
struct Turns {
    cos: Vec<f32>,
    sin: Vec<f32>,
}

impl Turns {
    /// Angles are built up by complex multiplication in `f64`, so that no library function is needed.
    fn new(side: usize) -> Self {
        let count = TURNS.len();
        let mut turns = Self { cos: vec![0.0; 256 * count], sin: vec![0.0; 256 * count] };
        for (i, turn) in TURNS.into_iter().enumerate() {
            // The angles are those of a side of 64 pixels.
            let (c1, s1) = kernel::cos_sin(turn * 64.0 / side as f64);
            let (mut c, mut s) = (1.0f64, 0.0f64);
            for place in 0..256 {
                turns.cos[place * count + i] = c as f32;
                turns.sin[place * count + i] = s as f32;
                (c, s) = (c * c1 - s * s1, s * c1 + c * s1);
            }
        }
        turns
    }

    /// The angles of a token; nothing turns for one without a place.
    fn write(&self, at: Option<(u8, u8)>, cos: &mut [f32], sin: &mut [f32]) {
        let count = TURNS.len();
        let Some((x, y)) = at else {
            cos.fill(1.0);
            sin.fill(0.0);
            return;
        };
        for (half, place) in [x, y].into_iter().enumerate() {
            let from = usize::from(place) * count;
            cos[half * count..(half + 1) * count].copy_from_slice(&self.cos[from..from + count]);
            sin[half * count..(half + 1) * count].copy_from_slice(&self.sin[from..from + count]);
        }
    }
}
