//! Muon for the matrices inside the layers of a model, Adam for all others.
//!
//! Muon replaces the momentum `M` of a matrix by the nearest matrix whose singular values are about one (Jordan et al.,
//! 2024), computed by five Newton–Schulz iterations `X ← aX + (bA + cA²)X` with `A = XXᵀ`. It is made of matrix
//! products only, so it is as bit-exact as they are.

use crate::kernel::{self, matmul, Kernel, View};

const MOMENTUM: f32 = 0.95;
const NEWTON_SCHULZ: (f32, f32, f32) = (3.4445, -4.775, 2.0315);
const ITERATIONS: usize = 5;
/// Steps after which the bias of Adam's moments is less than a bit.
const BIASED: u64 = 4_000;

/// How a matrix is moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Muon with Nesterov momentum, on each of so many equal groups of columns.
    Muon(usize),
    /// Adam with the decays of its two moments. A step at full rate takes the last number's part of each weight away.
    Adam(f32, f32, f32),
}

/// One matrix of a model. The matrices of a model lie one after the other in its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Rows and columns.
    pub shape: [usize; 2],
    /// How it is moved.
    pub rule: Rule,
    /// Its learning rate at full speed.
    pub rate: f32,
}

impl Part {
    fn len(&self) -> usize {
        self.shape[0] * self.shape[1]
    }
}

/// Moments of the optimiser.
pub struct Optimizer {
    parts: Vec<Part>,
    /// Momentum of Muon, or Adam's first moment.
    pub first: Vec<f32>,
    /// Adam's second moment.
    pub second: Vec<f32>,
}

/// The part of the state that belongs to one matrix.
struct Job<'a> {
    part: Part,
    w: &'a mut [f32],
    g: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl Optimizer {
    /// The optimiser of a model with these matrices.
    pub fn new(parts: Vec<Part>) -> Self {
        let zeros = vec![0.0; parts.iter().map(Part::len).sum()];
        Optimizer { parts, first: zeros.clone(), second: zeros }
    }

    /// Applies step number `step` (the first is 1) with the rates multiplied by `rate`. `threads` changes no bit.
    ///
    /// Panics if the parameters are not as many as the matrices have.
    pub fn apply(
        &mut self,
        kernel: Kernel,
        threads: usize,
        parameters: &mut [f32],
        gradient: &[f32],
        step: u64,
        rate: f32,
    ) {
        let (mut w, mut g) = (parameters, gradient);
        let (mut first, mut second) = (self.first.as_mut_slice(), self.second.as_mut_slice());
        let mut lanes: Vec<Vec<Job>> = (0..threads.max(1)).map(|_| Vec::new()).collect();
        for (i, part) in self.parts.iter().enumerate() {
            let n = part.len();
            let job = Job {
                part: *part,
                w: w.split_off_mut(..n).expect("parameters match the layout"),
                g: g.split_off(..n).expect("gradient matches the layout"),
                first: first.split_off_mut(..n).expect("first moments match the layout"),
                second: second.split_off_mut(..n).expect("second moments match the layout"),
            };
            lanes[i % threads.max(1)].push(job);
        }
        std::thread::scope(|scope| {
            for lane in lanes {
                scope.spawn(move || lane.into_iter().for_each(|job| job.run(kernel, step, rate)));
            }
        });
    }
}

impl Job<'_> {
    fn run(self, kernel: Kernel, step: u64, rate: f32) {
        let rate = self.part.rate * rate;
        match self.part.rule {
            Rule::Adam(beta1, beta2, decay) => self.adam(kernel, rate, step, [beta1, beta2], decay),
            Rule::Muon(groups) => self.muon(kernel, rate, groups),
        }
    }

    fn adam(self, kernel: Kernel, rate: f32, step: u64, betas: [f32; 2], decay: f32) {
        let inverse_bias = |beta: f32| {
            let power = (0..step.min(BIASED)).fold(1.0f64, |p, _| p * f64::from(beta));
            (1.0 / (1.0 - power)) as f32
        };
        if decay > 0.0 {
            kernel::blend(kernel, self.w, 1.0 - decay * rate, self.g, 0.0);
        }
        let [c1, c2] = betas.map(inverse_bias);
        kernel::adam(kernel, self.w, self.g, self.first, self.second, rate, betas[0], betas[1], c1, c2);
    }

    fn muon(self, kernel: Kernel, rate: f32, groups: usize) {
        let [rows, columns] = self.part.shape;
        let width = columns / groups;
        kernel::blend(kernel, self.first, MOMENTUM, self.g, 1.0);
        for group in 0..groups {
            let mut update: Vec<f32> = Vec::with_capacity(rows * width);
            for (g, m) in self.g.chunks_exact(columns).zip(self.first.chunks_exact(columns)) {
                let columns = group * width..(group + 1) * width;
                update.extend(g[columns.clone()].iter().zip(&m[columns]).map(|(g, m)| g + MOMENTUM * m));
            }
            let update = orthogonalise(kernel, update, rows, width);
            let ratio = (width as f32 / rows as f32).max(1.0).sqrt();
            for (w, u) in self.w.chunks_exact_mut(columns).zip(update.chunks_exact(width)) {
                kernel::blend(kernel, &mut w[group * width..(group + 1) * width], 1.0, u, -rate * ratio);
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
