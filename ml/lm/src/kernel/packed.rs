//! Weights stored for inference, and their product with one or a few rows.
//!
//! The definition of the result is that of [`super::matmul`], so that a token fed alone, in a batch or in training
//! gives the same bits.

use super::{Kernel, K_CHUNK};

/// Columns computed side by side.
pub const PANEL: usize = 64;

/// A matrix of 16-bit brain floats, cut into panels of [`PANEL`] columns that are contiguous in memory.
#[derive(Clone, Debug)]
pub struct Packed {
    rows: usize,
    columns: usize,
    panels: Vec<u16>,
}

/// The nearest brain float, ties to even, as its bits. Not-a-number stays so.
pub fn to_bf16(x: f32) -> u16 {
    let bits = x.to_bits();
    if x.is_nan() {
        return (bits >> 16) as u16 | 0x40;
    }
    (bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16) as u16
}

/// The value of a brain float.
#[inline(always)]
pub fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

impl Packed {
    /// Packs a row-major matrix. Panics if `data` is not `rows * columns` long.
    pub fn new(data: &[u16], rows: usize, columns: usize) -> Self {
        assert_eq!(data.len(), rows * columns, "a matrix of {rows}x{columns}");
        let mut panels = Vec::with_capacity(rows * columns.next_multiple_of(PANEL));
        for first in (0..columns).step_by(PANEL) {
            let width = PANEL.min(columns - first);
            for row in data.chunks_exact(columns) {
                panels.extend_from_slice(&row[first..first + width]);
                panels.resize(panels.len() + PANEL - width, 0);
            }
        }
        Packed { rows, columns, panels }
    }

    /// Columns of the matrix.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// `y = x·self`, or `y += x·self` if `accumulate`, for whole rows of `x` and `y`.
    pub fn multiply(&self, kernel: Kernel, x: &[f32], y: &mut [f32], accumulate: bool) {
        assert_eq!(x.len() / self.rows, y.len() / self.columns, "as many rows in as out");
        let (mut x, mut y) = (x, y);
        while x.len() >= self.rows {
            // many rows share each weight that is read; the remaining rows are taken in smaller groups
            let (group, step): (usize, Step) = match (kernel, x.len() / self.rows) {
                #[cfg(target_arch = "x86_64")]
                (Kernel::Avx512, 12..) => (12, wide::<12>),
                #[cfg(target_arch = "x86_64")]
                (Kernel::Avx512, 6..) => (6, wide::<6>),
                (_, 6..) => (6, rows::<6, 16>),
                (_, 3..) => (3, rows::<3, 16>),
                _ => (1, rows::<1, PANEL>),
            };
            let (input, later_x) = x.split_at(group * self.rows);
            let (output, later_y) = y.split_at_mut(group * self.columns);
            step(kernel, self, input, output, accumulate);
            (x, y) = (later_x, later_y);
        }
    }
}

type Step = fn(Kernel, &Packed, &[f32], &mut [f32], bool);

/// Multiplies `R` rows with every panel, `W` columns at a time: as many sums as fit into registers.
fn rows<const R: usize, const W: usize>(
    kernel: Kernel,
    m: &Packed,
    x: &[f32],
    y: &mut [f32],
    accumulate: bool,
) {
    #[inline(always)]
    fn body<const R: usize, const W: usize>(m: &Packed, x: &[f32], y: &mut [f32], accumulate: bool) {
        for (p, panel) in m.panels.chunks_exact(m.rows * PANEL).enumerate() {
            for part in 0..PANEL / W {
                let first = p * PANEL + part * W;
                let width = W.min(m.columns.saturating_sub(first));
                for (c, chunk) in panel.chunks(K_CHUNK * PANEL).enumerate() {
                    let inputs: [&[f32]; R] =
                        std::array::from_fn(|r| &x[r * m.rows + c * K_CHUNK..][..chunk.len() / PANEL]);
                    let mut acc = [[0f32; W]; R];
                    for (k, weights) in chunk.chunks_exact(PANEL).enumerate() {
                        let weights: [f32; W] = std::array::from_fn(|j| from_bf16(weights[part * W + j]));
                        for r in 0..R {
                            let a = inputs[r][k];
                            for j in 0..W {
                                acc[r][j] = a.mul_add(weights[j], acc[r][j]);
                            }
                        }
                    }
                    for (r, acc) in acc.iter().enumerate().take(if width > 0 { R } else { 0 }) {
                        let out = &mut y[r * m.columns + first..][..width];
                        if c == 0 && !accumulate {
                            out.copy_from_slice(&acc[..width]);
                        } else {
                            out.iter_mut().zip(acc).for_each(|(o, a)| *o += a);
                        }
                    }
                }
            }
        }
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn avx2<const R: usize, const W: usize>(m: &Packed, x: &[f32], y: &mut [f32], accumulate: bool) {
        body::<R, W>(m, x, y, accumulate)
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512vl")]
    unsafe fn avx512<const R: usize, const W: usize>(m: &Packed, x: &[f32], y: &mut [f32], accumulate: bool) {
        body::<R, W>(m, x, y, accumulate)
    }
    match kernel {
        // SAFETY: such a kernel value comes from `Kernel::available`, which asked the processor.
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512 if R == 1 => unsafe { avx512::<R, W>(m, x, y, accumulate) },
        // measured: the compiler fits several rows into 256-bit registers much better than into 512-bit ones
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx2 | Kernel::Avx512 => unsafe { avx2::<R, W>(m, x, y, accumulate) },
        _ => body::<R, W>(m, x, y, accumulate),
    }
}

/// [`rows`] for 512-bit registers, which the compiler does not fill by itself: 24 of the 32 hold sums of 12 rows.
#[cfg(target_arch = "x86_64")]
fn wide<const R: usize>(kernel: Kernel, m: &Packed, x: &[f32], y: &mut [f32], accumulate: bool) {
    use std::arch::x86_64::*;
    const W: usize = 32;
    /// Sums over `k` rows of a panel, beginning at its column `weights`, for `R` inputs that lie `stride` apart.
    #[target_feature(enable = "avx512f")]
    unsafe fn sums<const R: usize>(
        k: usize,
        x: *const f32,
        stride: usize,
        weights: *const u16,
    ) -> [[f32; W]; R] {
        let mut acc = [[_mm512_setzero_ps(); 2]; R];
        // SAFETY: the caller passes `R` inputs of `k` values and a panel of `k` rows, of which `W` columns are left.
        unsafe {
            for k in 0..k {
                let weights = weights.add(k * PANEL);
                let [w0, w1] = [0, W / 2].map(|at| {
                    let bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256(weights.add(at).cast()));
                    _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16))
                });
                for (r, acc) in acc.iter_mut().enumerate() {
                    let a = _mm512_set1_ps(*x.add(r * stride + k));
                    acc[0] = _mm512_fmadd_ps(a, w0, acc[0]);
                    acc[1] = _mm512_fmadd_ps(a, w1, acc[1]);
                }
            }
            let mut out = [[0f32; W]; R];
            for (out, acc) in out.iter_mut().zip(acc) {
                _mm512_storeu_ps(out.as_mut_ptr(), acc[0]);
                _mm512_storeu_ps(out.as_mut_ptr().add(W / 2), acc[1]);
            }
            out
        }
    }
    assert!(kernel == Kernel::Avx512 && x.len() == R * m.rows && y.len() == R * m.columns);
    for (p, panel) in m.panels.chunks_exact(m.rows * PANEL).enumerate() {
        for part in 0..PANEL / W {
            let first = p * PANEL + part * W;
            let width = W.min(m.columns.saturating_sub(first));
            for (c, chunk) in
                panel.chunks(K_CHUNK * PANEL).enumerate().take(if width > 0 { usize::MAX } else { 0 })
            {
                let (x, weights) = (&x[c * K_CHUNK..], &chunk[part * W..]);
                // SAFETY: such a kernel value comes from `Kernel::available`, which asked the processor. `x` has `R`
                // rows of `m.rows` values. The slice begins at value `c * K_CHUNK` and is read for as many values as
                // the chunk has rows of `PANEL`.
                let sums = unsafe { sums::<R>(chunk.len() / PANEL, x.as_ptr(), m.rows, weights.as_ptr()) };
                for (r, sums) in sums.iter().enumerate() {
                    let out = &mut y[r * m.columns + first..][..width];
                    if c == 0 && !accumulate {
                        out.copy_from_slice(&sums[..width]);
                    } else {
                        out.iter_mut().zip(sums).for_each(|(o, a)| *o += a);
                    }
                }
            }
        }
    }
}

/// `y[j] = Σ_k x[k]·b[k·stride + j]`, with the order of operations of [`super::matmul`].
pub fn row_times(kernel: Kernel, x: &[f32], b: &[f32], stride: usize, y: &mut [f32]) {
    #[inline(always)]
    fn body(x: &[f32], b: &[f32], stride: usize, y: &mut [f32]) {
        for (block, out) in y.chunks_mut(PANEL).enumerate() {
            let first = block * PANEL;
            let width = out.len();
            for (c, x) in x.chunks(K_CHUNK).enumerate() {
                let b = &b[c * K_CHUNK * stride + first..];
                let mut acc = [0f32; PANEL];
                if width == PANEL {
                    for (k, &a) in x.iter().enumerate() {
                        let row = &b[k * stride..][..PANEL];
                        for j in 0..PANEL {
                            acc[j] = a.mul_add(row[j], acc[j]);
                        }
                    }
                } else {
                    for (k, &a) in x.iter().enumerate() {
                        let row = &b[k * stride..][..width];
                        for (acc, row) in acc.iter_mut().zip(row) {
                            *acc = a.mul_add(*row, *acc);
                        }
                    }
                }
                if c == 0 {
                    out.copy_from_slice(&acc[..width]);
                } else {
                    out.iter_mut().zip(&acc).for_each(|(o, a)| *o += a);
                }
            }
        }
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn avx2(x: &[f32], b: &[f32], stride: usize, y: &mut [f32]) {
        body(x, b, stride, y)
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,avx512f")]
    unsafe fn avx512(x: &[f32], b: &[f32], stride: usize, y: &mut [f32]) {
        body(x, b, stride, y)
    }
    match kernel {
        // SAFETY: such a kernel value comes from `Kernel::available`, which asked the processor.
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx2 => unsafe { avx2(x, b, stride, y) },
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512 => unsafe { avx512(x, b, stride, y) },
        _ => body(x, b, stride, y),
    }
}
