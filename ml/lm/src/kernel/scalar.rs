//! Elementary functions from plain multiplications and additions.

/// `e^x` with a relative error around 2e-7. The argument is clamped to -87…88, so the result is always finite.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Adding and subtracting 1.5·2^23 rounds to an integer; the integer can be read from the low bits of the sum.
    const SHIFT: f32 = 12_582_912.0;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + SHIFT;
    let n = shifted - SHIFT;
    let r = x - n * 0.693_359_4 - n * -2.121_944_4e-4;
    let p = ((((1.987_569_1e-4 * r + 1.398_199_9e-3) * r + 8.333_452e-3) * r + 4.166_579_6e-2) * r
        + 1.666_666_5e-1)
        * r
        + 0.5;
    let y = p * r * r + r + 1.0;
    let exponent = shifted.to_bits().wrapping_sub(SHIFT.to_bits()).wrapping_add(127);
    y * f32::from_bits(exponent.wrapping_shl(23))
}

/// Natural logarithm of a finite positive normal number, relative error below 1e-12.
pub fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023;
    let mut m = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    if m > std::f64::consts::SQRT_2 {
        m *= 0.5;
        exponent += 1;
    }
    // ln m = 2·artanh(s) with s = (m-1)/(m+1), |s| <= 0.1716
    let s = (m - 1.0) / (m + 1.0);
    let q = s * s;
    let mut series = 0.0;
    for i in (0..10).rev() {
        series = series * q + 1.0 / (2 * i + 1) as f64;
    }
    2.0 * s * series + exponent as f64 * std::f64::consts::LN_2
}

/// Cosine and sine of an angle in 0…2, by their Taylor series; error below 1e-15.
pub fn cos_sin(angle: f64) -> (f64, f64) {
    let q = angle * angle;
    let (mut c, mut s) = (1.0, 1.0);
    for i in (1..=12).rev() {
        let i = i as f64;
        c = 1.0 - q / ((2.0 * i - 1.0) * (2.0 * i)) * c;
        s = 1.0 - q / ((2.0 * i) * (2.0 * i + 1.0)) * s;
    }
    (c, s * angle)
}

/// Random numbers that are the same everywhere: SplitMix64 over a 64-bit state.
///
/// Good enough for sampling and initialisation; not for secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// A stream of its own for each `(seed, index)`.
    pub fn stream(seed: u64, index: u64) -> Self {
        let mut mixed = Random(seed ^ index.wrapping_mul(0xd134_2543_de82_ef95));
        Random(mixed.next_u64() ^ index)
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..n`; 0 if `n` is 0. Bias below 2^-32 for `n` below 2^32.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next_u64()) * n as u128) >> 64) as usize
    }

    /// A number in [0, 1) with 24 random bits.
    pub fn unit(&mut self) -> f32 {
        (self.next_u64() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// Roughly normal with mean 0 and deviation 1: the sum of twelve uniform numbers, so no logarithm is needed.
    pub fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.unit()).sum::<f32>() - 6.0
    }
}
