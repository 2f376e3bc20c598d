//! Weights stored for inference, and their product with one or a few rows.
//!
//! The definition of the result is that of [`super::matmul`], so that a token fed alone, in a batch or in training
//! gives the same bits.

use super::{Kernel, K_CHUNK};

/// Columns that lie together in memory, row by row.
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
        let rows = x.len() / self.rows;
        assert_eq!(rows, y.len() / self.columns, "as many rows in as out");
        let mut done = 0;
        while done < rows {
            let (x, y) = (&x[done * self.rows..], &mut y[done * self.columns..]);
            // SAFETY: `Kernel` values other than `Portable` come from `Kernel::available`, which asked the processor.
            done += unsafe {
                // many rows share each weight that is read; the remaining rows are taken in smaller groups
                match (kernel, rows - done) {
                    #[cfg(target_arch = "x86_64")]
                    (Kernel::Avx512, 12..) => self.tiles(x, y, accumulate, avx512::<12, 2>),
                    #[cfg(target_arch = "x86_64")]
                    (Kernel::Avx512, 6..) => self.tiles(x, y, accumulate, avx512::<6, 2>),
                    #[cfg(target_arch = "x86_64")]
                    (Kernel::Avx512, 1) => self.tiles(x, y, accumulate, avx512::<1, 4>),
                    #[cfg(target_arch = "x86_64")]
                    (Kernel::Avx2, 6..) => self.tiles(x, y, accumulate, avx2::<6, 1>),
                    // nobody has measured two to five rows in 512-bit registers
                    #[cfg(target_arch = "x86_64")]
                    (Kernel::Avx2 | Kernel::Avx512, 4..) => self.tiles(x, y, accumulate, avx2::<4, 1>),
                    #[cfg(target_arch = "x86_64")]
                    (Kernel::Avx2 | Kernel::Avx512, 2..) => self.tiles(x, y, accumulate, avx2::<2, 2>),
                    #[cfg(target_arch = "x86_64")]
                    (Kernel::Avx2, _) => self.tiles(x, y, accumulate, avx2::<1, 4>),
                    (_, 6..) => self.tiles(x, y, accumulate, portable::<6, 1>),
                    (_, 3..) => self.tiles(x, y, accumulate, portable::<3, 1>),
                    _ => self.tiles(x, y, accumulate, portable::<1, 4>),
                }
            };
        }
    }

    /// Multiplies the first `R` rows of `x` with every panel, `V` vectors of columns at a time. Returns `R`.
    ///
    /// # Safety
    ///
    /// The processor has the instructions of `sums`.
    unsafe fn tiles<const R: usize, const V: usize>(
        &self,
        x: &[f32],
        y: &mut [f32],
        accumulate: bool,
        sums: Sums<R, V>,
    ) -> usize {
        const { assert!(PANEL.is_multiple_of(V * VECTOR)) };
        for (p, panel) in self.panels.chunks_exact(self.rows * PANEL).enumerate() {
            let first = p * PANEL;
            for part in (0..PANEL.min(self.columns - first)).step_by(V * VECTOR) {
                let width = (V * VECTOR).min(self.columns - first - part);
                for (c, chunk) in panel.chunks(K_CHUNK * PANEL).enumerate() {
                    let k = chunk.len() / PANEL;
                    let inputs = std::array::from_fn(|r| &x[r * self.rows + c * K_CHUNK..][..k]);
                    // SAFETY: the caller vouches for the instructions. Each input has `k` values. The chunk has `k`
                    // rows, and `V` vectors of the last one are left, because they divide a panel.
                    let sums = unsafe { sums(inputs, &chunk[part..]) };
                    for (r, sums) in sums.iter().enumerate() {
                        let out = &mut y[r * self.columns + first + part..][..width];
                        if c == 0 && !accumulate {
                            out.copy_from_slice(&sums.as_flattened()[..width]);
                        } else {
                            out.iter_mut().zip(sums.as_flattened()).for_each(|(o, a)| *o += a);
                        }
                    }
                }
            }
        }
        R
    }
}

/// Columns of a vector: one register of 512 bits, or two of 256.
const VECTOR: usize = 16;

/// Sums for `R` inputs and `V` vectors of columns.
type Tile<const R: usize, const V: usize> = [[[f32; VECTOR]; V]; R];

/// Sums over the rows of a panel, which begins at the first of `V` vectors of columns, for `R` inputs.
///
/// # Safety
///
/// * The processor has the instructions.
/// * Each input has a value for each row of the panel, which may be cut off behind the vectors of its last row.
/// * That row has at least `V` vectors.
type Sums<const R: usize, const V: usize> = unsafe fn([&[f32]; R], &[u16]) -> Tile<R, V>;

fn portable<const R: usize, const V: usize>(x: [&[f32]; R], weights: &[u16]) -> Tile<R, V> {
    let mut sums = [[[0f32; VECTOR]; V]; R];
    for (k, weights) in weights.chunks(PANEL).enumerate() {
        let weights: [[f32; VECTOR]; V] =
            std::array::from_fn(|v| std::array::from_fn(|j| from_bf16(weights[v * VECTOR + j])));
        for (sums, x) in sums.iter_mut().zip(x) {
            let a = x[k];
            for (sum, weight) in sums.as_flattened_mut().iter_mut().zip(weights.as_flattened()) {
                *sum = a.mul_add(*weight, *sum);
            }
        }
    }
    sums
}

/// [`portable`] for 256-bit registers. Interleaving with zeros widens brain floats in one step, but within each half of
/// a register. So `low` holds columns 0 to 3 and 8 to 11, and `high` the others. The end puts them in order.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<const R: usize, const V: usize>(x: [&[f32]; R], weights: &[u16]) -> Tile<R, V> {
    use std::arch::x86_64::*;
    let mut acc = [[[_mm256_setzero_ps(); 2]; V]; R];
    let zero = _mm256_setzero_si256();
    let mut sums = [[[0f32; VECTOR]; V]; R];
    // SAFETY: see [`Sums`].
    unsafe {
        for k in 0..weights.len().div_ceil(PANEL) {
            let a: [__m256; R] = std::array::from_fn(|r| _mm256_set1_ps(*x[r].get_unchecked(k)));
            for v in 0..V {
                let bits = _mm256_loadu_si256(weights.as_ptr().add(k * PANEL + v * VECTOR).cast());
                let low = _mm256_castsi256_ps(_mm256_unpacklo_epi16(zero, bits));
                let high = _mm256_castsi256_ps(_mm256_unpackhi_epi16(zero, bits));
                for (acc, a) in acc.iter_mut().zip(a) {
                    acc[v] = [_mm256_fmadd_ps(a, low, acc[v][0]), _mm256_fmadd_ps(a, high, acc[v][1])];
                }
            }
        }
        for (sums, acc) in sums.as_flattened_mut().iter_mut().zip(acc.as_flattened()) {
            let [low, high] = *acc;
            _mm256_storeu_ps(sums.as_mut_ptr(), _mm256_permute2f128_ps::<0x20>(low, high));
            _mm256_storeu_ps(sums.as_mut_ptr().add(VECTOR / 2), _mm256_permute2f128_ps::<0x31>(low, high));
        }
    }
    sums
}

/// [`portable`] for 512-bit registers, which the compiler does not fill by itself: 24 of the 32 hold sums of 12 rows.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512<const R: usize, const V: usize>(x: [&[f32]; R], weights: &[u16]) -> Tile<R, V> {
    use std::arch::x86_64::*;
    let mut acc = [[_mm512_setzero_ps(); V]; R];
    let mut sums = [[[0f32; VECTOR]; V]; R];
    // SAFETY: see [`Sums`].
    unsafe {
        for k in 0..weights.len().div_ceil(PANEL) {
            let weights: [__m512; V] = std::array::from_fn(|v| {
                let bits = _mm256_loadu_si256(weights.as_ptr().add(k * PANEL + v * VECTOR).cast());
                _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16))
            });
            for (acc, x) in acc.iter_mut().zip(x) {
                let a = _mm512_set1_ps(*x.get_unchecked(k));
                for (acc, weights) in acc.iter_mut().zip(weights) {
                    *acc = _mm512_fmadd_ps(a, weights, *acc);
                }
            }
        }
        for (sums, acc) in sums.as_flattened_mut().iter_mut().zip(acc.as_flattened()) {
            _mm512_storeu_ps(sums.as_mut_ptr(), *acc);
        }
    }
    sums
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
