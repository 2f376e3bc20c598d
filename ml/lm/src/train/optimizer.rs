//! Muon for the matrices inside the layers, Adam for embedding, head and mixing taps.
//!
//! Muon replaces the momentum `M` of a matrix by the nearest matrix whose singular values are about one (Jordan et al.,
//! 2024), computed by five Newton–Schulz iterations `X ← aX + (bA + cA²)X` with `A = XXᵀ`. It is made of matrix
//! products only, so it is as bit-exact as they are.

use crate::kernel::{self, matmul, Kernel, View};
use crate::transformer::{Layout, Matrix};

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

const MOMENTUM: f32 = 0.95;
const BETA1: f32 = 0.9;
const BETA2: f32 = 0.95;
const NEWTON_SCHULZ: (f32, f32, f32) = (3.4445, -4.775, 2.0315);
const ITERATIONS: usize = 5;

/// Moments of the optimiser.
pub(super) struct Optimizer {
    layout: Layout,
    rates: Rates,
    pub(super) first: Vec<f32>,
    pub(super) second: Vec<f32>,
}

/// The part of the state that belongs to one matrix.
struct Job<'a> {
    matrix: Matrix,
    shape: [usize; 2],
    w: &'a mut [f32],
    g: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl Optimizer {
    pub(super) fn new(layout: &Layout, rates: Rates) -> Self {
        let zeros = vec![0.0; layout.parameters()];
        Optimizer { layout: layout.clone(), rates, first: zeros.clone(), second: zeros }
    }

    /// Applies step number `step` (the first is 1) with the rates multiplied by `rate`.
    pub(super) fn apply(
        &mut self,
        kernel: Kernel,
        threads: usize,
        parameters: &mut [f32],
        gradient: &[f32],
        step: u64,
        rate: f32,
    ) {
        let rates = self.rates;
        let (mut w, mut g) = (parameters, gradient);
        let (mut first, mut second) = (self.first.as_mut_slice(), self.second.as_mut_slice());
        let mut lanes: Vec<Vec<Job>> = (0..threads).map(|_| Vec::new()).collect();
        for (i, (matrix, shape, range)) in self.layout.entries().iter().enumerate() {
            let n = range.len();
            let job = Job {
                matrix: *matrix,
                shape: *shape,
                w: w.split_off_mut(..n).expect("parameters match the layout"),
                g: g.split_off(..n).expect("gradient matches the layout"),
                first: first.split_off_mut(..n).expect("first moments match the layout"),
                second: second.split_off_mut(..n).expect("second moments match the layout"),
            };
            lanes[i % threads].push(job);
        }
        std::thread::scope(|scope| {
            for lane in lanes {
                scope.spawn(move || lane.into_iter().for_each(|job| job.run(kernel, rates, step, rate)));
            }
        });
    }
}

impl Job<'_> {
    fn run(self, kernel: Kernel, rates: Rates, step: u64, rate: f32) {
        match self.matrix {
            Matrix::Embedding => self.adam(kernel, rates.embedding * rate, step),
            Matrix::Head => self.adam(kernel, rates.head * rate, step),
            Matrix::AttentionMix(_) | Matrix::MlpMix(_) => self.adam(kernel, rates.mix * rate, step),
            Matrix::Query(_) => self.muon(kernel, rates.matrices * rate, 3),
            Matrix::AttentionOut(_) | Matrix::Up(_) | Matrix::Down(_) => {
                self.muon(kernel, rates.matrices * rate, 1)
            }
        }
    }

    fn adam(self, kernel: Kernel, rate: f32, step: u64) {
        let inverse_bias = |beta: f32| {
            let power = (0..step).fold(1.0f64, |p, _| p * f64::from(beta));
            (1.0 / (1.0 - power)) as f32
        };
        let (c1, c2) = (inverse_bias(BETA1), inverse_bias(BETA2));
        kernel::adam(kernel, self.w, self.g, self.first, self.second, rate, BETA1, BETA2, c1, c2);
    }

    /// Muon with Nesterov momentum on each of `parts` equal groups of columns.
    fn muon(self, kernel: Kernel, rate: f32, parts: usize) {
        let [rows, columns] = self.shape;
        let width = columns / parts;
        kernel::blend(kernel, self.first, MOMENTUM, self.g, 1.0);
        for part in 0..parts {
            let mut update: Vec<f32> = Vec::with_capacity(rows * width);
            for (g, m) in self.g.chunks_exact(columns).zip(self.first.chunks_exact(columns)) {
                let columns = part * width..(part + 1) * width;
                update.extend(g[columns.clone()].iter().zip(&m[columns]).map(|(g, m)| g + MOMENTUM * m));
            }
            let update = orthogonalise(kernel, update, rows, width);
            let ratio = (width as f32 / rows as f32).max(1.0).sqrt();
            for (w, u) in self.w.chunks_exact_mut(columns).zip(update.chunks_exact(width)) {
                kernel::blend(kernel, &mut w[part * width..(part + 1) * width], 1.0, u, -rate * ratio);
            }
        }
    }
}

/// Pushes the singular values of a row-major matrix towards one.
fn orthogonalise(kernel: Kernel, x: Vec<f32>, rows: usize, columns: usize) -> Vec<f32> {
    if rows > columns {
        let flipped = orthogonalise(kernel, transpose(&x, rows, columns), columns, rows);
        return transpose(&flipped, columns, rows);
    }
    let (a, b, c) = NEWTON_SCHULZ;
    let mut x = x;
    let norm = kernel::inner(kernel, &x, &x).sqrt() + 1e-7;
    x.iter_mut().for_each(|v| *v /= norm);
    let (r, n) = (rows, columns);
    let mut gram = vec![0.0; r * r];
    let mut square = vec![0.0; r * r];
    let mut next = vec![0.0; r * n];
    for _ in 0..ITERATIONS {
        matmul(kernel, (r, r, n), View::rows(&x, n), View::transposed(&x, n), &mut gram, r, false);
        matmul(kernel, (r, r, r), View::rows(&gram, r), View::rows(&gram, r), &mut square, r, false);
        kernel::blend(kernel, &mut square, c, &gram, b);
        matmul(kernel, (r, n, r), View::rows(&square, r), View::rows(&x, n), &mut next, n, false);
        kernel::blend(kernel, &mut x, a, &next, 1.0);
    }
    x
}

fn transpose(x: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut out = vec![0.0; x.len()];
    for (i, row) in x.chunks_exact(columns).enumerate() {
        for (j, &v) in row.iter().enumerate() {
            out[j * rows + i] = v;
        }
    }
    out
}
