//! Matrix product with a fixed order of operations.
//!
//! `c[i][j]` is a sum over chunks of [`K_CHUNK`] values of `k`, in order. The result of a chunk is one chain of fused
//! multiply-adds that starts at zero. The first result replaces `c[i][j]`, unless the product accumulates; each later
//! one is added to it. Tiling over rows and columns and packing change speed only.

use super::Kernel;
use std::cell::RefCell;

/// Length of one accumulation chain. Part of the definition of the result: never change it for an existing model.
pub const K_CHUNK: usize = 256;
/// Rows of `a` packed at a time, so that the packed block stays in the second-level cache.
const ROW_BLOCK: usize = 96;

/// A strided view of a matrix: element `(i, j)` is `data[i * row_stride + j * col_stride]`.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The values; others may lie between those of the view.
    pub data: &'a [f32],
    /// Distance between vertical neighbours.
    pub row_stride: usize,
    /// Distance between horizontal neighbours.
    pub col_stride: usize,
}

impl<'a> View<'a> {
    /// A row-major matrix whose rows are `stride` apart.
    pub fn rows(data: &'a [f32], stride: usize) -> Self {
        View { data, row_stride: stride, col_stride: 1 }
    }

    /// The transpose of a row-major matrix whose rows are `stride` apart.
    pub fn transposed(data: &'a [f32], stride: usize) -> Self {
        View { data, row_stride: 1, col_stride: stride }
    }

    fn assert_holds(&self, rows: usize, cols: usize, name: &str) {
        if rows > 0 && cols > 0 {
            let last = (rows - 1) * self.row_stride + (cols - 1) * self.col_stride;
            assert!(last < self.data.len(), "matrix {name} of {rows}x{cols} does not fit its data");
        }
    }
}

type Micro = unsafe fn(usize, *const f32, *const f32, *mut f32);

/// `c = a·b`, or `c += a·b` if `accumulate`; `a` is `m`x`k`, `b` is `k`x`n`, the rows of `c` are `c_stride` apart.
///
/// Panics if a view is too small for its shape.
#[allow(clippy::too_many_arguments)]
pub fn matmul(
    kernel: Kernel,
    (m, n, k): (usize, usize, usize),
    a: View,
    b: View,
    c: &mut [f32],
    c_stride: usize,
    accumulate: bool,
) {
    thread_local!(static BUFFER: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) });
    if m == 0 || n == 0 || k == 0 {
        return;
    }
    a.assert_holds(m, k, "a");
    b.assert_holds(k, n, "b");
    assert!((m - 1) * c_stride + n <= c.len(), "matrix c of {m}x{n} does not fit its data");
    BUFFER.with_borrow_mut(|buffer| {
        let job = Job { m, n, k, a, b, c_stride, accumulate };
        match kernel {
            // SAFETY: `Kernel` values other than `Portable` come from `Kernel::available`, which asked the processor.
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512 => job.run::<12, 32>(micro_avx512, c, buffer),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => job.run::<6, 16>(micro_avx2, c, buffer),
            _ => job.run::<4, 8>(micro_portable, c, buffer),
        }
    });
}

struct Job<'a> {
    m: usize,
    n: usize,
    k: usize,
    a: View<'a>,
    b: View<'a>,
    c_stride: usize,
    accumulate: bool,
}

impl Job<'_> {
    fn run<const MR: usize, const NR: usize>(&self, micro: Micro, c: &mut [f32], buffer: &mut Vec<f32>) {
        let panels = self.n.div_ceil(NR);
        let row_panels = ROW_BLOCK / MR;
        let need = (panels * NR + ROW_BLOCK) * K_CHUNK;
        if buffer.len() < need {
            buffer.resize(need, 0.0);
        }
        let (packed_b, packed_a) = buffer.split_at_mut(panels * NR * K_CHUNK);
        let mut tile = [[0f32; NR]; MR];
        for k0 in (0..self.k).step_by(K_CHUNK) {
            let kc = K_CHUNK.min(self.k - k0);
            for panel in 0..panels {
                self.pack_b::<NR>(&mut packed_b[panel * NR * K_CHUNK..][..kc * NR], k0, kc, panel * NR);
            }
            let replace = k0 == 0 && !self.accumulate;
            for i0 in (0..self.m).step_by(MR * row_panels) {
                let rows = (MR * row_panels).min(self.m - i0);
                for block in 0..rows.div_ceil(MR) {
                    self.pack_a::<MR>(
                        &mut packed_a[block * MR * K_CHUNK..][..kc * MR],
                        k0,
                        kc,
                        i0 + block * MR,
                    );
                }
                for panel in 0..panels {
                    let width = NR.min(self.n - panel * NR);
                    let bp = packed_b[panel * NR * K_CHUNK..][..kc * NR].as_ptr();
                    for block in 0..rows.div_ceil(MR) {
                        let height = MR.min(rows - block * MR);
                        let ap = packed_a[block * MR * K_CHUNK..][..kc * MR].as_ptr();
                        // SAFETY: `ap` holds kc*MR values, `bp` kc*NR, `tile` MR*NR, as the slices above assert.
                        unsafe { micro(kc, ap, bp, tile.as_mut_ptr().cast()) };
                        for (i, row) in tile.iter().enumerate().take(height) {
                            let at = (i0 + block * MR + i) * self.c_stride + panel * NR;
                            let out = &mut c[at..at + width];
                            if replace {
                                out.copy_from_slice(&row[..width]);
                            } else if width == NR {
                                out.iter_mut().zip(row).for_each(|(o, x)| *o += x);
                            } else {
                                out.iter_mut().zip(&row[..width]).for_each(|(o, x)| *o += x);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Packs `kc` rows and up to `NR` columns of `b` from column `j0`; missing columns become zero.
    fn pack_b<const NR: usize>(&self, out: &mut [f32], k0: usize, kc: usize, j0: usize) {
        let width = NR.min(self.n - j0);
        let View { data, row_stride, col_stride } = self.b;
        if col_stride == 1 {
            for (p, row) in out.chunks_exact_mut(NR).enumerate() {
                let from = (k0 + p) * row_stride + j0;
                row[..width].copy_from_slice(&data[from..from + width]);
                row[width..].fill(0.0);
            }
        } else {
            for j in 0..width {
                let from = &data[k0 * row_stride + (j0 + j) * col_stride..];
                if row_stride == 1 {
                    for (row, &x) in out.chunks_exact_mut(NR).zip(&from[..kc]) {
                        row[j] = x;
                    }
                } else {
                    for (p, row) in out.chunks_exact_mut(NR).enumerate() {
                        row[j] = from[p * row_stride];
                    }
                }
            }
            if width < NR {
                out.chunks_exact_mut(NR).for_each(|row| row[width..].fill(0.0));
            }
        }
    }

    /// Packs up to `MR` rows and `kc` columns of `a` from row `i0`; missing rows become zero.
    fn pack_a<const MR: usize>(&self, out: &mut [f32], k0: usize, kc: usize, i0: usize) {
        let height = MR.min(self.m - i0);
        let View { data, row_stride, col_stride } = self.a;
        if row_stride == 1 {
            for (p, column) in out.chunks_exact_mut(MR).enumerate() {
                let from = i0 + (k0 + p) * col_stride;
                column[..height].copy_from_slice(&data[from..from + height]);
                column[height..].fill(0.0);
            }
        } else {
            for i in 0..height {
                let from = &data[(i0 + i) * row_stride + k0 * col_stride..];
                if col_stride == 1 {
                    for (column, &x) in out.chunks_exact_mut(MR).zip(&from[..kc]) {
                        column[i] = x;
                    }
                } else {
                    for (p, column) in out.chunks_exact_mut(MR).enumerate() {
                        column[i] = from[p * col_stride];
                    }
                }
            }
            if height < MR {
                out.chunks_exact_mut(MR).for_each(|column| column[height..].fill(0.0));
            }
        }
    }
}

unsafe fn micro_portable(k: usize, a: *const f32, b: *const f32, out: *mut f32) {
    const MR: usize = 4;
    const NR: usize = 8;
    let mut acc = [[0f32; NR]; MR];
    for p in 0..k {
        // SAFETY: the caller passes k*MR values in `a` and k*NR values in `b`.
        let (a, b) = unsafe { (&*a.add(p * MR).cast::<[f32; MR]>(), &*b.add(p * NR).cast::<[f32; NR]>()) };
        for (row, &x) in acc.iter_mut().zip(a) {
            for (sum, &y) in row.iter_mut().zip(b) {
                *sum = x.mul_add(y, *sum);
            }
        }
    }
    // SAFETY: the caller passes room for MR*NR values.
    unsafe { out.cast::<[[f32; NR]; MR]>().write_unaligned(acc) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn micro_avx2(k: usize, a: *const f32, b: *const f32, out: *mut f32) {
    use std::arch::x86_64::*;
    const MR: usize = 6;
    let mut acc = [[_mm256_setzero_ps(); 2]; MR];
    // SAFETY: the caller passes k*6 values in `a`, k*16 in `b` and room for 96 in `out`.
    unsafe {
        for p in 0..k {
            let b0 = _mm256_loadu_ps(b.add(p * 16));
            let b1 = _mm256_loadu_ps(b.add(p * 16 + 8));
            for (i, row) in acc.iter_mut().enumerate() {
                let x = _mm256_set1_ps(*a.add(p * MR + i));
                row[0] = _mm256_fmadd_ps(x, b0, row[0]);
                row[1] = _mm256_fmadd_ps(x, b1, row[1]);
            }
        }
        for (i, row) in acc.iter().enumerate() {
            _mm256_storeu_ps(out.add(i * 16), row[0]);
            _mm256_storeu_ps(out.add(i * 16 + 8), row[1]);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn micro_avx512(k: usize, a: *const f32, b: *const f32, out: *mut f32) {
    use std::arch::x86_64::*;
    const MR: usize = 12;
    let mut acc = [[_mm512_setzero_ps(); 2]; MR];
    // SAFETY: the caller passes k*12 values in `a`, k*32 in `b` and room for 384 in `out`.
    unsafe {
        for p in 0..k {
            let b0 = _mm512_loadu_ps(b.add(p * 32));
            let b1 = _mm512_loadu_ps(b.add(p * 32 + 16));
            for (i, row) in acc.iter_mut().enumerate() {
                let x = _mm512_set1_ps(*a.add(p * MR + i));
                row[0] = _mm512_fmadd_ps(x, b0, row[0]);
                row[1] = _mm512_fmadd_ps(x, b1, row[1]);
            }
        }
        for (i, row) in acc.iter().enumerate() {
            _mm512_storeu_ps(out.add(i * 32), row[0]);
            _mm512_storeu_ps(out.add(i * 32 + 16), row[1]);
        }
    }
}
