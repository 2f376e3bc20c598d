//! Arithmetic whose bits depend on its inputs alone.
//!
//! Every output element of every function here is one fixed chain of IEEE-754 operations. The SIMD width only decides
//! how many *independent* chains run side by side. So AVX-512, AVX2 and the portable code give the same bits, on any
//! thread count and any machine with IEEE `f32` and a fused multiply-add. Nothing calls the platform's mathematics
//! library: `exp`, `ln`, `sin` and `cos` are our own polynomials; `sqrt` and `/` are correctly rounded by the standard.

mod elementwise;
mod gemm;
mod packed;

mod scalar;

pub use elementwise::*;
pub use gemm::{matmul, View, K_CHUNK};

pub use packed::{from_bf16, row_times, to_bf16, Packed, PANEL};
pub use scalar::*;

/// Which machine instructions compute. All give the same bits; they differ in speed only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kernel {
    /// Plain Rust; fast where the target fuses natively (ARM), slow on x86.
    Portable,
    /// 256-bit vectors with fused multiply-add. [`Kernel::available`] has it where the processor does.
    #[non_exhaustive]
    Avx2,
    /// 512-bit vectors. [`Kernel::available`] has it where the processor does.
    #[non_exhaustive]
    Avx512,
}

impl Kernel {
    /// The fastest kernel of this machine.
    pub fn best() -> Self {
        *Self::available().last().expect("the portable kernel is always available")
    }

    /// Every kernel this machine can run, slowest first.
    pub fn available() -> Vec<Self> {
        #[allow(unused_mut)]
        let mut kernels = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                kernels.push(Self::Avx2);
                if is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
                {
                    kernels.push(Self::Avx512);
                }
            }
        }
        kernels
    }
}

#[cfg(test)]
mod tests;
