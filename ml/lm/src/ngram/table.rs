//! Counts of tokens, pairs and triples, and their file.

use crate::tokenizer::Token;
use std::collections::HashMap;

const MAGIC: &[u8; 8] = b"my3gram1";
/// Subtracted from every count and given to unseen successors.
const DISCOUNT: f64 = 0.75;
/// Largest file that is accepted.
const MAX_FILE_BYTES: usize = 64 << 20;

/// Reason why a table file was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TableError {
    #[error("not an n-gram table: {0}")]
    Format(&'static str),
    #[error("the table's vocabulary is not that of the tokenizer")]
    Vocabulary,
}

/// Least counts that a table keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruning {
    /// Least count of a pair.
    pub pairs: u32,
    /// Least count of a triple.
    pub triples: u32,
}

/// Successors of one context with their counts, sorted by token.
type Successors = Vec<(Token, u32)>;

/// Counts from which probabilities follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NgramTable {
    singles: Vec<u32>,
    pairs: HashMap<Token, Successors>,
    triples: HashMap<[Token; 2], Successors>,
}

impl NgramTable {
    /// Counts sequences of tokens below `vocabulary`. Every token is counted once more, so that none is impossible.
    pub fn count<'a>(vocabulary: usize, texts: impl Iterator<Item = &'a [Token]>, keep: Pruning) -> Self {
        let mut singles = vec![1u32; vocabulary];
        let mut triples: HashMap<[Token; 3], u32> = HashMap::new();
        let mut pairs: HashMap<[Token; 2], u32> = HashMap::new();
        for text in texts {
            text.iter().for_each(|&t| singles[t as usize] = singles[t as usize].saturating_add(1));
            for w in text.windows(2) {
                *pairs.entry([w[0], w[1]]).or_default() += 1;
            }
            for w in text.windows(3) {
                *triples.entry([w[0], w[1], w[2]]).or_default() += 1;
            }
        }
        let mut table = NgramTable { singles, pairs: HashMap::new(), triples: HashMap::new() };
        for ([a, b], n) in pairs.into_iter().filter(|(_, n)| *n >= keep.pairs) {
            table.pairs.entry(a).or_default().push((b, n));
        }
        for ([a, b, c], n) in triples.into_iter().filter(|(_, n)| *n >= keep.triples) {
            table.triples.entry([a, b]).or_default().push((c, n));
        }
        table.pairs.values_mut().for_each(|s| s.sort_unstable());
        table.triples.values_mut().for_each(|s| s.sort_unstable());
        table
    }

    /// Number of tokens.
    pub fn vocabulary(&self) -> usize {
        self.singles.len()
    }

    /// Probabilities of all tokens after the two given.
    pub fn distribution(&self, [a, b]: [Token; 2]) -> Vec<f64> {
        let total: f64 = self.singles.iter().map(|&n| f64::from(n)).sum();
        let mut p: Vec<f64> = self.singles.iter().map(|&n| f64::from(n) / total).collect();
        for successors in [self.pairs.get(&b), self.triples.get(&[a, b])].into_iter().flatten() {
            let (scale, rest) = weights(successors);
            p.iter_mut().for_each(|p| *p *= rest);
            for &(token, n) in successors {
                p[token as usize] += (f64::from(n) - DISCOUNT) * scale;
            }
        }
        p
    }

    /// Probability of one token after the two given; the same bits as in [`NgramTable::distribution`].
    pub fn probability(&self, [a, b]: [Token; 2], token: Token) -> f64 {
        let total: f64 = self.singles.iter().map(|&n| f64::from(n)).sum();
        let mut p = self.singles.get(token as usize).map_or(0.0, |&n| f64::from(n)) / total;
        for successors in [self.pairs.get(&b), self.triples.get(&[a, b])].into_iter().flatten() {
            let (scale, rest) = weights(successors);
            p *= rest;
            if let Ok(i) = successors.binary_search_by_key(&token, |s| s.0) {
                p += (f64::from(successors[i].1) - DISCOUNT) * scale;
            }
        }
        p
    }

    /// The table as bytes: equal tables are equal files.
    ///
    /// Singles, then sorted pairs, then sorted triples; tokens as differences and counts as variable-length integers.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        put(&mut out, self.singles.len() as u32);
        self.singles.iter().for_each(|&n| put(&mut out, n));
        let mut pairs: Vec<_> = self.pairs.iter().map(|(a, s)| ([0, *a], s)).collect();
        let mut triples: Vec<_> = self.triples.iter().map(|(ab, s)| (*ab, s)).collect();
        for contexts in [&mut pairs, &mut triples] {
            contexts.sort_unstable();
            put(&mut out, contexts.len() as u32);
            for ([a, b], successors) in contexts.iter() {
                put(&mut out, u32::from(*a));
                put(&mut out, u32::from(*b));
                put(&mut out, successors.len() as u32);
                let mut last = 0;
                for &(token, n) in successors.iter() {
                    put(&mut out, u32::from(token) - last);
                    put(&mut out, n);
                    last = u32::from(token);
                }
            }
        }
        out
    }

    /// Reads the bytes of [`NgramTable::to_bytes`].
    pub fn read(bytes: &[u8]) -> Result<Self, TableError> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(TableError::Format("it is larger than 64 MiB"));
        }
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(TableError::Format("it begins differently"))?;
        let vocabulary = take(&mut rest)? as usize;
        if !(1..=1 << 16).contains(&vocabulary) {
            return Err(TableError::Format("its vocabulary is out of range"));
        }
        let singles = (0..vocabulary).map(|_| take(&mut rest)).collect::<Result<Vec<_>, _>>()?;
        if singles.contains(&0) {
            return Err(TableError::Format("a token was never counted"));
        }
        let mut table = NgramTable { singles, pairs: HashMap::new(), triples: HashMap::new() };
        for order in [2, 3] {
            for _ in 0..take(&mut rest)? {
                let context = [table.token(take(&mut rest)?)?, table.token(take(&mut rest)?)?];
                let successors = table.successors(&mut rest)?;
                if order == 2 {
                    table.pairs.insert(context[1], successors);
                } else {
                    table.triples.insert(context, successors);
                }
            }
        }
        if rest.is_empty() {
            Ok(table)
        } else {
            Err(TableError::Format("something follows its end"))
        }
    }

    fn successors(&self, rest: &mut &[u8]) -> Result<Successors, TableError> {
        let mut successors = Vec::new();
        let mut last = 0u32;
        for i in 0..take(rest)? {
            let step = take(rest)?;
            if i > 0 && step == 0 {
                return Err(TableError::Format("a successor is listed twice"));
            }
            last = last.saturating_add(step);
            let count = take(rest)?;
            if count == 0 {
                return Err(TableError::Format("a count is zero"));
            }
            successors.push((self.token(last)?, count));
        }
        if successors.is_empty() {
            return Err(TableError::Format("a context has no successors"));
        }
        Ok(successors)
    }

    fn token(&self, value: u32) -> Result<Token, TableError> {
        match Token::try_from(value) {
            Ok(token) if usize::from(token) < self.singles.len() => Ok(token),
            _ => Err(TableError::Format("a token is outside the vocabulary")),
        }
    }
}

/// Weight of each discounted count and weight of the shorter context.
fn weights(successors: &Successors) -> (f64, f64) {
    let total: f64 = successors.iter().map(|(_, n)| f64::from(*n)).sum();
    (1.0 / total, DISCOUNT * successors.len() as f64 / total)
}

/// Appends an integer, seven bits a byte, low bits first.
fn put(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn take(rest: &mut &[u8]) -> Result<u32, TableError> {
    let mut value = 0u32;
    for shift in [0, 7, 14, 21, 28] {
        let (&byte, tail) = rest.split_first().ok_or(TableError::Format("it ends too early"))?;
        *rest = tail;
        value |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(TableError::Format("an integer is too long"))
}
