//! Row-wise operations of the transformer and of its optimiser.
//!
//! Sums run in 16 interleaved lanes that are then added in a tree; that order is part of their definition.

use super::{exp, Kernel};

/// Compiles a function once per instruction set and picks one by a `Kernel` argument.
///
/// The body uses separate multiplications and additions, which the compiler must not fuse, so the widths agree.
macro_rules! vectorised {
    ($($(#[$meta:meta])* pub fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block)*) => {$(
        $(#[$meta])*
        #[allow(clippy::too_many_arguments)]
        pub fn $name(kernel: Kernel, $($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            #[allow(clippy::too_many_arguments)]
            fn body($($arg: $ty),*) $(-> $ret)? $body
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            #[allow(clippy::too_many_arguments)]
            unsafe fn avx2($($arg: $ty),*) $(-> $ret)? { body($($arg),*) }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,avx512f")]
            #[allow(clippy::too_many_arguments)]
            unsafe fn avx512($($arg: $ty),*) $(-> $ret)? { body($($arg),*) }
            match kernel {
                // SAFETY: such a kernel value comes from `Kernel::available`, which asked the processor.
                #[cfg(target_arch = "x86_64")]
                Kernel::Avx2 => unsafe { avx2($($arg),*) },
                #[cfg(target_arch = "x86_64")]
                Kernel::Avx512 => unsafe { avx512($($arg),*) },
                _ => body($($arg),*),
            }
        }
    )*};
}

const LANES: usize = 16;

#[inline(always)]
fn tree(mut lanes: [f32; LANES]) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for j in 0..width {
            lanes[j] += lanes[j + width];
        }
        width /= 2;
    }
    lanes[0]
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    let (mut ac, mut bc) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    for (x, y) in (&mut ac).zip(&mut bc) {
        for ((lane, x), y) in lanes.iter_mut().zip(x).zip(y) {
            *lane += x * y;
        }
    }
    for ((lane, x), y) in lanes.iter_mut().zip(ac.remainder()).zip(bc.remainder()) {
        *lane += x * y;
    }
    tree(lanes)
}

#[inline(always)]
fn max(a: &[f32]) -> f32 {
    let mut lanes = [f32::MIN; LANES];
    let mut chunks = a.chunks_exact(LANES);
    for x in &mut chunks {
        for (lane, &x) in lanes.iter_mut().zip(x) {
            *lane = if x > *lane { x } else { *lane };
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane = if x > *lane { x } else { *lane };
    }
    lanes.iter().fold(f32::MIN, |m, &x| if x > m { x } else { m })
}

/// Replaces each value by `exp((value - max) * scale)` and returns the sum.
#[inline(always)]
fn exp_sum(row: &mut [f32], max: f32, scale: f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let mut chunks = row.chunks_exact_mut(LANES);
    for x in &mut chunks {
        for (lane, x) in lanes.iter_mut().zip(x) {
            *x = exp((*x - max) * scale);
            *lane += *x;
        }
    }
    for (lane, x) in lanes.iter_mut().zip(chunks.into_remainder()) {
        *x = exp((*x - max) * scale);
        *lane += *x;
    }
    tree(lanes)
}

/// Added to the mean square before the root, so that an all-zero row stays zero.
const NORM_EPSILON: f32 = 1e-6;

#[inline(always)]
fn inverse_root_mean_square(x: &[f32]) -> f32 {
    1.0 / (dot(x, x) / x.len() as f32 + NORM_EPSILON).sqrt()
}

vectorised! {
    /// `y = x / rms(x)` for each row of `width` values.
    pub fn rms_norm(x: &[f32], y: &mut [f32], width: usize) {
        for (x, y) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)) {
            let r = inverse_root_mean_square(x);
            for (y, x) in y.iter_mut().zip(x) {
                *y = x * r;
            }
        }
    }

    /// Adds the gradient through [`rms_norm`] at `x` to `dx`, given the gradient `g` of its result.
    pub fn rms_norm_backward(x: &[f32], g: &[f32], dx: &mut [f32], width: usize) {
        for ((x, g), dx) in x.chunks_exact(width).zip(g.chunks_exact(width)).zip(dx.chunks_exact_mut(width)) {
            let r = inverse_root_mean_square(x);
            let k = dot(g, x) * r * r * r / width as f32;
            for ((dx, g), x) in dx.iter_mut().zip(g).zip(x) {
                *dx += g * r - x * k;
            }
        }
    }

    /// Normalises and rotates each head of a row: `out = rotate(rms_norm(x), position)`.
    ///
    /// `x` and `out` hold one row of whole heads; `cos` and `sin` hold the angles of the row's position, half a head
    /// long.
    pub fn norm_rotate(x: &[f32], out: &mut [f32], cos: &[f32], sin: &[f32]) {
        let half = cos.len();
        for (x, out) in x.chunks_exact(2 * half).zip(out.chunks_exact_mut(2 * half)) {
            let r = inverse_root_mean_square(x);
            let ((a, b), (oa, ob)) = (x.split_at(half), out.split_at_mut(half));
            for i in 0..half {
                let (a, b) = (a[i] * r, b[i] * r);
                oa[i] = a * cos[i] - b * sin[i];
                ob[i] = a * sin[i] + b * cos[i];
            }
        }
    }

    /// Replaces the gradient `g` of [`norm_rotate`]'s result by the gradient of its input `x`.
    pub fn norm_rotate_backward(x: &[f32], g: &mut [f32], cos: &[f32], sin: &[f32]) {
        let half = cos.len();
        for (x, g) in x.chunks_exact(2 * half).zip(g.chunks_exact_mut(2 * half)) {
            let (ga, gb) = g.split_at_mut(half);
            for i in 0..half {
                let (a, b) = (ga[i], gb[i]);
                ga[i] = a * cos[i] + b * sin[i];
                gb[i] = b * cos[i] - a * sin[i];
            }
            let r = inverse_root_mean_square(x);
            let k = dot(g, x) * r * r * r / x.len() as f32;
            for (g, x) in g.iter_mut().zip(x) {
                *g = *g * r - x * k;
            }
        }
    }

    /// Mixes each row with the rows before it: `y[t] = x[t] + Σ_j w[j] ⊙ x[t-1-j]`, for one sequence.
    ///
    /// `w` holds the taps row by row. Rows before the first are zero.
    pub fn mix_past(x: &[f32], w: &[f32], y: &mut [f32], width: usize) {
        y.copy_from_slice(x);
        for (j, w) in w.chunks_exact(width).enumerate() {
            for (y, x) in y.chunks_exact_mut(width).skip(j + 1).zip(x.chunks_exact(width)) {
                for ((y, x), w) in y.iter_mut().zip(x).zip(w) {
                    *y += w * x;
                }
            }
        }
    }

    /// Gradients of [`mix_past`]: overwrites `dx`, adds to `dw`.
    pub fn mix_past_backward(x: &[f32], w: &[f32], g: &[f32], dx: &mut [f32], dw: &mut [f32], width: usize) {
        dx.copy_from_slice(g);
        for (j, (w, dw)) in w.chunks_exact(width).zip(dw.chunks_exact_mut(width)).enumerate() {
            let later = g.chunks_exact(width).skip(j + 1);
            for ((g, x), dx) in later.zip(x.chunks_exact(width)).zip(dx.chunks_exact_mut(width)) {
                for i in 0..width {
                    dx[i] += w[i] * g[i];
                    dw[i] += x[i] * g[i];
                }
            }
        }
    }

    /// `y = max(x, 0)²`.
    pub fn relu_squared(x: &[f32], y: &mut [f32]) {
        for (y, &x) in y.iter_mut().zip(x) {
            let r = if x > 0.0 { x } else { 0.0 };
            *y = r * r;
        }
    }

    /// Replaces the gradient `g` of [`relu_squared`]'s result by the gradient of its input.
    pub fn relu_squared_backward(x: &[f32], g: &mut [f32]) {
        for (g, &x) in g.iter_mut().zip(x) {
            *g *= if x > 0.0 { 2.0 * x } else { 0.0 };
        }
    }

    /// Turns one row of scores into probabilities: `softmax(scale * row)`.
    pub fn softmax(row: &mut [f32], scale: f32) {
        let m = max(row);
        let inverse = 1.0 / exp_sum(row, m, scale);
        for x in row.iter_mut() {
            *x *= inverse;
        }
    }

    /// Replaces the gradient `g` of [`softmax`]'s result `p` by the gradient of its input.
    pub fn softmax_backward(p: &[f32], g: &mut [f32], scale: f32) {
        let d = dot(p, g);
        for (g, p) in g.iter_mut().zip(p) {
            *g = p * (*g - d) * scale;
        }
    }

    /// Largest value of a row and the sum of `exp(x - largest)`; the row is left alone.
    pub fn max_and_exp_sum(row: &[f32]) -> (f32, f32) {
        let m = max(row);
        let mut lanes = [0f32; LANES];
        let mut chunks = row.chunks_exact(LANES);
        for x in &mut chunks {
            for (lane, &x) in lanes.iter_mut().zip(x) {
                *lane += exp(x - m);
            }
        }
        for (lane, &x) in lanes.iter_mut().zip(chunks.remainder()) {
            *lane += exp(x - m);
        }
        (m, tree(lanes))
    }

    /// Turns one row of logits into the gradient of `weight · cross entropy`; returns `(largest logit, Σ exp)`.
    pub fn cross_entropy(row: &mut [f32], target: usize, weight: f32) -> (f32, f32) {
        let m = max(row);
        let z = exp_sum(row, m, 1.0);
        let s = weight / z;
        for x in row.iter_mut() {
            *x *= s;
        }
        row[target] -= weight;
        (m, z)
    }

    /// `y += x`.
    pub fn add(y: &mut [f32], x: &[f32]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y += x;
        }
    }

    /// `y = y * a + x * b`.
    pub fn blend(y: &mut [f32], a: f32, x: &[f32], b: f32) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = *y * a + x * b;
        }
    }

    /// Scalar product in lane order.
    pub fn inner(a: &[f32], b: &[f32]) -> f32 {
        dot(a, b)
    }

    /// One step of Adam: first moment `m`, second moment `v`, both with their bias corrections already inverted.
    pub fn adam(
        w: &mut [f32], g: &[f32], m: &mut [f32], v: &mut [f32],
        rate: f32, beta1: f32, beta2: f32, correct1: f32, correct2: f32,
    ) {
        for (((w, g), m), v) in w.iter_mut().zip(g).zip(m.iter_mut()).zip(v.iter_mut()) {
            *m = beta1 * *m + (1.0 - beta1) * g;
            *v = beta2 * *v + (1.0 - beta2) * g * g;
            *w -= rate * (*m * correct1) / ((*v * correct2).sqrt() + 1e-10);
        }
    }
}
