//! The same model as other engines compute it: whole sequences, plain loops, a choice of precision and order.
//!
//! Used to find out how far the results of other engines, and of coarser weights, differ from ours; also a reference
//! that the fast version is compared with.

use super::{Layout, Matrix, Rotation, TAPS};
use crate::kernel::{exp, from_bf16, to_bf16};
use crate::tokenizer::Token;

/// Order and precision of an engine's arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Single precision, first to last.
    Single,
    /// Single precision, last to first.
    Backwards,
    /// Single precision in blocks of 32 that are added up afterwards, as vector units do.
    Blocks,
    /// Double precision in sums.
    Double,
    /// Sums in single precision, and every result kept as a half float: 11 bits.
    Half,
    /// Sums in single precision, and every result kept as a brain float: 8 bits.
    Brain,
}

impl Arithmetic {
    fn kept(self, x: f32) -> f32 {
        match self {
            Arithmetic::Brain => from_bf16(to_bf16(x)),
            // Rounds the mantissa to 10 bits; the range of a half float is never left here.
            Arithmetic::Half => {
                f32::from_bits(x.to_bits().wrapping_add(0xfff + ((x.to_bits() >> 13) & 1)) & !0x1fff)
            }
            _ => x,
        }
    }

    fn keep(self, row: &mut [f32]) {
        if matches!(self, Arithmetic::Brain | Arithmetic::Half) {
            row.iter_mut().for_each(|x| *x = self.kept(*x));
        }
    }

    /// `x · w` for one row and a matrix of `columns` columns that lie next to each other.
    fn times(self, x: &[f32], w: &[f32], columns: usize) -> Vec<f32> {
        let add = |out: &mut [f32], k: usize| {
            let (a, row) = (x[k], &w[k * columns..][..columns]);
            out.iter_mut().zip(row).for_each(|(out, w)| *out += a * w);
        };
        let mut out = vec![0f32; columns];
        match self {
            Arithmetic::Backwards => (0..x.len()).rev().for_each(|k| add(&mut out, k)),
            Arithmetic::Blocks => {
                for first in (0..x.len()).step_by(32) {
                    let mut block = vec![0f32; columns];
                    (first..x.len().min(first + 32)).for_each(|k| add(&mut block, k));
                    out.iter_mut().zip(&block).for_each(|(out, block)| *out += block);
                }
            }
            Arithmetic::Double => {
                let mut exact = vec![0f64; columns];
                for (a, row) in x.iter().zip(w.chunks_exact(columns)) {
                    exact.iter_mut().zip(row).for_each(|(sum, w)| *sum += f64::from(*a) * f64::from(*w));
                }
                out.iter_mut().zip(exact).for_each(|(out, exact)| *out = exact as f32);
            }
            _ => (0..x.len()).for_each(|k| add(&mut out, k)),
        }
        self.keep(&mut out);
        out
    }

    fn sum(self, terms: impl DoubleEndedIterator<Item = f32>) -> f32 {
        match self {
            Arithmetic::Backwards => terms.rev().sum(),
            Arithmetic::Double => terms.map(f64::from).sum::<f64>() as f32,
            _ => terms.sum(),
        }
    }

    fn normal(self, x: &[f32]) -> Vec<f32> {
        let mean = self.sum(x.iter().map(|x| x * x)) / x.len() as f32;
        let inverse = 1.0 / (mean + 1e-6).sqrt();
        x.iter().map(|x| self.kept(x * inverse)).collect()
    }
}

/// Logits after each token of a sequence from position `from` on, row by row. `parameters` lie in the order of the
/// layout.
///
/// Panics if a token is not in the vocabulary or the sequence is longer than the context.
pub fn logits(
    layout: &Layout,
    parameters: &[f32],
    tokens: &[Token],
    from: usize,
    arithmetic: Arithmetic,
) -> Vec<f32> {
    let (c, a) = (layout.config, arithmetic);
    let (d, width) = (c.width, c.head_width());
    let of = |matrix: Matrix| &parameters[layout.range(matrix)];
    let rotation = Rotation::new(c.context, width);
    let embedding = of(Matrix::Embedding);
    let mut x: Vec<Vec<f32>> =
        tokens.iter().map(|token| a.normal(&embedding[usize::from(*token) * d..][..d])).collect();
    for layer in 0..c.layers {
        let rows = mixed(a, &x, of(Matrix::AttentionMix(layer)));
        let mut keys: Vec<Vec<f32>> = Vec::new();
        let mut values: Vec<Vec<f32>> = Vec::new();
        for (position, row) in rows.iter().enumerate() {
            let qkv = a.times(row, of(Matrix::Query(layer)), 3 * d);
            let turned = |part: &[f32]| -> Vec<f32> {
                let (cos, sin) = rotation.at(position);
                part.chunks_exact(width).flat_map(|head| turn(a, &a.normal(head), cos, sin)).collect()
            };
            let query = turned(&qkv[..d]);
            keys.push(turned(&qkv[d..2 * d]));
            values.push(qkv[2 * d..].to_vec());
            let mut attended = vec![0f32; d];
            for head in 0..c.heads {
                let range = head * width..(head + 1) * width;
                let score = |key: &Vec<f32>| {
                    let products = query[range.clone()].iter().zip(&key[range.clone()]).map(|(q, k)| q * k);
                    a.kept(a.sum(products) * c.attention_scale())
                };
                let scores: Vec<f32> = keys.iter().map(score).collect();
                let top = scores.iter().copied().fold(f32::MIN, f32::max);
                let weights: Vec<f32> = scores.iter().map(|score| exp(score - top)).collect();
                let total = a.sum(weights.iter().copied());
                for (weight, value) in weights.iter().zip(&values) {
                    let share = a.kept(weight / total);
                    let out = attended[range.clone()].iter_mut().zip(&value[range.clone()]);
                    out.for_each(|(out, value)| *out += share * value);
                }
            }
            a.keep(&mut attended);
            add(a, &mut x[position], &a.times(&attended, of(Matrix::AttentionOut(layer)), d));
        }
        let rows = mixed(a, &x, of(Matrix::MlpMix(layer)));
        for (x, row) in x.iter_mut().zip(&rows) {
            let mut up = a.times(row, of(Matrix::Up(layer)), c.hidden());
            up.iter_mut().for_each(|x| *x = a.kept(x.max(0.0) * x.max(0.0)));
            add(a, x, &a.times(&up, of(Matrix::Down(layer)), d));
        }
    }
    let head = of(Matrix::Head);
    x[from..].iter().flat_map(|x| a.times(&a.normal(x), head, c.vocabulary)).collect()
}

fn mixed(a: Arithmetic, x: &[Vec<f32>], taps: &[f32]) -> Vec<Vec<f32>> {
    let normal: Vec<Vec<f32>> = x.iter().map(|x| a.normal(x)).collect();
    let mixed = |(t, row): (usize, &Vec<f32>)| {
        let mut row = row.clone();
        for back in 0..TAPS.min(t) {
            let earlier = normal[t - 1 - back].iter().zip(&taps[back * row.len()..]);
            row.iter_mut().zip(earlier).for_each(|(x, (earlier, tap))| *x += tap * earlier);
        }
        a.keep(&mut row);
        row
    };
    normal.iter().enumerate().map(mixed).collect()
}

fn turn(a: Arithmetic, head: &[f32], cos: &[f32], sin: &[f32]) -> Vec<f32> {
    let (one, other) = head.split_at(cos.len());
    let first = (0..cos.len()).map(|i| a.kept(one[i] * cos[i] - other[i] * sin[i]));
    let second = (0..cos.len()).map(|i| a.kept(one[i] * sin[i] + other[i] * cos[i]));
    first.chain(second).collect()
}

fn add(a: Arithmetic, x: &mut [f32], more: &[f32]) {
    x.iter_mut().zip(more).for_each(|(x, more)| *x = a.kept(*x + more));
}

/// Weights as a coarser engine keeps them: whole numbers of `bits` bits in blocks of 32 with one factor each, which is
/// a half float, as the formats `Q8_0` and `Q4_0` of GGUF files.
///
/// Blocks run along the summed dimension: down the columns of every matrix, and along the rows of the embedding.
pub fn quantised(layout: &Layout, parameters: &[f32], bits: u32) -> Vec<f32> {
    let mut coarse = parameters.to_vec();
    for (matrix, [rows, columns], range) in layout.entries() {
        let (count, length, stride, next) = match matrix {
            // Taps are vectors, which such engines keep as they are.
            Matrix::AttentionMix(_) | Matrix::MlpMix(_) => continue,
            Matrix::Embedding => (*rows, *columns, 1, *columns),
            _ => (*columns, *rows, *columns, 1),
        };
        let data = &mut coarse[range.clone()];
        for line in 0..count {
            for block in (0..length).step_by(32) {
                let places = (block..length.min(block + 32)).map(|i| line * next + i * stride);
                quantise(data, places.collect::<Vec<_>>().as_slice(), bits);
            }
        }
    }
    coarse
}

fn quantise(data: &mut [f32], places: &[usize], bits: u32) {
    let largest = places.iter().map(|at| data[*at]).fold(0f32, |m, x| if x.abs() > m.abs() { x } else { m });
    // With few bits, the sign of the extreme value gets the one step more that two's complement has.
    let (low, high) = (-(1i32 << (bits - 1)), (1i32 << (bits - 1)) - 1);
    let factor = if bits < 8 { largest / low as f32 } else { largest.abs() / high as f32 };
    let factor = Arithmetic::Half.kept(factor);
    if factor == 0.0 {
        return;
    }
    for &at in places {
        data[at] = ((data[at] / factor).round() as i32).clamp(low, high) as f32 * factor;
    }
}
