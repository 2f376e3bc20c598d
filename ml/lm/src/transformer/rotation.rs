//! Rotary position angles.

use crate::kernel::cos_sin;

/// Cosines and sines of every position and frequency.
#[derive(Clone, Debug)]
pub struct Rotation {
    half: usize,
    cos: Vec<f32>,
    sin: Vec<f32>,
}

impl Rotation {
    /// Tables for `positions` positions and heads of `head_width` channels.
    ///
    /// Frequencies fall geometrically from 1 to about 1/1000 radian a position. Angles are built up by complex
    /// multiplication in `f64`, so that no library function is needed.
    pub fn new(positions: usize, head_width: usize) -> Self {
        let half = head_width / 2;
        let mut frequency = 1.0f64;
        // 0.8^32 is about 1/1260; the exponent is spread over the pairs of a head
        let ratio = geometric_ratio(half);
        let mut cos = vec![0.0; positions * half];
        let mut sin = vec![0.0; positions * half];
        for i in 0..half {
            let (c1, s1) = cos_sin(frequency);
            let (mut c, mut s) = (1.0f64, 0.0f64);
            for t in 0..positions {
                cos[t * half + i] = c as f32;
                sin[t * half + i] = s as f32;
                (c, s) = (c * c1 - s * s1, s * c1 + c * s1);
            }
            frequency *= ratio;
        }
        Rotation { half, cos, sin }
    }

    /// Cosines and sines at one position.
    pub fn at(&self, position: usize) -> (&[f32], &[f32]) {
        let range = position * self.half..(position + 1) * self.half;
        (&self.cos[range.clone()], &self.sin[range])
    }
}

/// The number whose `half`-th power is 0.8³², by bisection with plain multiplications.
fn geometric_ratio(half: usize) -> f64 {
    let power = |x: f64, n: usize| (0..n).fold(1.0, |p, _| p * x);
    let wanted = power(0.8, 32);
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if power(middle, half) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}
