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
        const GROUP: usize = 4;
        assert_eq!(x.len() / self.rows, y.len() / self.columns, "as many rows in as out");
        let mut inputs = x.chunks(GROUP * self.rows);
        for out in y.chunks_mut(GROUP * self.columns) {
            let Some(input) = inputs.next() else { return };
            match input.len() / self.rows {
                4 => panels::<4>(kernel, self, input, out, accumulate),
                3 => panels::<3>(kernel, self, input, out, accumulate),
                2 => panels::<2>(kernel, self, input, out, accumulate),
                _ => panels::<1>(kernel, self, input, out, accumulate),
            }
        }
    }
}

/// Multiplies `R` rows with every panel.
fn panels<const R: usize>(kernel: Kernel, m: &Packed, x: &[f32], y: &mut [f32], accumulate: bool) {
    #[inline(always)]
    fn body<const R: usize>(m: &Packed, x: &[f32], y: &mut [f32], accumulate: bool) {
        for (p, panel) in m.panels.chunks_exact(m.rows * PANEL).enumerate() {
            let first = p * PANEL;
            let width = PANEL.min(m.columns - first);
            for (c, chunk) in panel.chunks(K_CHUNK * PANEL).enumerate() {
                let k0 = c * K_CHUNK;
                let inputs: [&[f32]; R] =
                    std::array::from_fn(|r| &x[r * m.rows + k0..][..chunk.len() / PANEL]);
                let mut acc = [[0f32; PANEL]; R];
                for (k, weights) in chunk.chunks_exact(PANEL).enumerate() {
                    for r in 0..R {
                        let a = inputs[r][k];
                        for j in 0..PANEL {
                            acc[r][j] = a.mul_add(from_bf16(weights[j]), acc[r][j]);
                        }
                    }
                }
                for (r, acc) in acc.iter().enumerate() {
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
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn avx2<const R: usize>(m: &Packed, x: &[f32], y: &mut [f32], accumulate: bool) {
        body::<R>(m, x, y, accumulate)
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512vl")]
    unsafe fn avx512<const R: usize>(m: &Packed, x: &[f32], y: &mut [f32], accumulate: bool) {
        body::<R>(m, x, y, accumulate)
    }
    match kernel {
        // SAFETY: such a kernel value comes from `Kernel::available`, which asked the processor.
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx2 => unsafe { avx2::<R>(m, x, y, accumulate) },
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512 => unsafe { avx512::<R>(m, x, y, accumulate) },
        _ => body::<R>(m, x, y, accumulate),
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
