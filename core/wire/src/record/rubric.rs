//! Combination of score parts to a score.

use alloc::{string::String, vec::Vec};

use super::{Ppm, Reason, MAX_PARTS};
use crate::hash::blake2_256;

/// Contribution of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartRule {
    /// One of the terms of a weighted mean.
    Share {
        /// The part's name, one lower-case word.
        name: &'static str,
        /// Its weight against the other shares; any unit.
        weight: u32,
    },
    /// A factor on the mean: `floor + (1 − floor) · part`, so that a part of zero still leaves `floor`.
    Factor {
        /// The part's name, one lower-case word.
        name: &'static str,
        /// Part of the mean that remains when the part is zero.
        floor: Ppm,
    },
}

impl PartRule {
    /// The part's name.
    pub fn name(&self) -> &'static str {
        match self {
            PartRule::Share { name, .. } | PartRule::Factor { name, .. } => name,
        }
    }
}

/// The public rule by which a subnet turns the parts of a score into the score.
///
/// `score = floor(Σ weight·part / Σ weight)` over the shares, then for each factor in order
/// `factor = floor(factor · (floor + floor((1 − floor) · part)))`, at last `floor(score · factor)`; everything in
/// millionths, and zero unless the reason pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rubric {
    subnet: &'static str,
    version: u32,
    parts: Vec<PartRule>,
    /// Hash of its text. Each record that is checked is compared with it.
    hash: [u8; 32],
}

/// Reasons why a rubric cannot be made or applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RubricError {
    /// Too many parts for a record.
    #[error("a rubric has at most {MAX_PARTS} parts, not {0}")]
    TooManyParts(usize),
    /// No share has weight.
    #[error("a rubric needs at least one share with a weight above zero")]
    NoShare,
    /// A paid answer with another number of parts than the rubric.
    #[error("the rubric has {expected} parts, the score {found}")]
    OtherParts {
        /// Parts of the rubric.
        expected: usize,
        /// Parts of the score.
        found: usize,
    },
}

impl Rubric {
    /// The rubric of `subnet` in `version`.
    pub fn new(subnet: &'static str, version: u32, parts: Vec<PartRule>) -> Result<Self, RubricError> {
        if parts.len() > MAX_PARTS {
            return Err(RubricError::TooManyParts(parts.len()));
        }
        if !parts.iter().any(|part| matches!(part, PartRule::Share { weight, .. } if *weight > 0)) {
            return Err(RubricError::NoShare);
        }
        let mut rubric = Self { subnet, version, parts, hash: [0; 32] };
        rubric.hash = blake2_256(rubric.text().as_bytes());
        Ok(rubric)
    }

    /// The parts in order.
    pub fn parts(&self) -> &[PartRule] {
        &self.parts
    }

    /// The score of an answer with these `parts`. An answer that is not paid may come without parts.
    pub fn score(&self, parts: &[Ppm], reason: Reason) -> Result<Ppm, RubricError> {
        if !reason.pays() {
            return Ok(Ppm::ZERO);
        }
        if parts.len() != self.parts.len() {
            return Err(RubricError::OtherParts { expected: self.parts.len(), found: parts.len() });
        }
        let (mut sum, mut weights) = (0u64, 0u64);
        let mut factor = Ppm::ONE;
        for (rule, part) in self.parts.iter().zip(parts) {
            match rule {
                // Six products of 32 and 20 bits stay far below 64 bits.
                PartRule::Share { weight, .. } => {
                    sum += u64::from(*weight) * u64::from(part.get());
                    weights += u64::from(*weight);
                }
                PartRule::Factor { floor, .. } => {
                    let left = Ppm::new(floor.get() + floor.rest().of(*part).get());
                    factor = factor.of(left);
                }
            }
        }
        let mean = Ppm::new(u32::try_from(sum / weights.max(1)).unwrap_or(u32::MAX));
        Ok(mean.of(factor))
    }

    /// The rubric as canonical text: what a hash on the chain commits a subnet to.
    pub fn text(&self) -> String {
        use core::fmt::Write;
        let mut text = String::new();
        let _ = writeln!(text, "myelin/rubric/1 {} {}", self.subnet, self.version);
        for part in &self.parts {
            let _ = match part {
                PartRule::Share { name, weight } => writeln!(text, "share {name} {weight}"),
                PartRule::Factor { name, floor } => writeln!(text, "factor {name} {}", floor.get()),
            };
        }
        text
    }

    /// Hash of [`text`](Self::text).
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The four bytes by which records name the rubric.
    pub fn tag(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.hash;
        [a, b, c, d]
    }
}
