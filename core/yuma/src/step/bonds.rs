//! Validators' investments in miners.

use super::alpha::{blend, LiquidAlpha};
use super::clip::clip;
use crate::arithmetic::{add, bits, mul, number, Reciprocal, ONE};
use crate::matrix::{canonical_row, SparseMatrix};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use myelin_units::{Block, Uid, I32F32};

/// Bonds with the sum of each column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bonds {
    /// Row by validator.
    pub matrix: SparseMatrix,
    /// `Σ_i B_ij` by column.
    pub column_sums: Vec<I32F32>,
}

/// Bonds toward neurons registered at this block or later are dropped: the block after the last epoch, or
/// `block − tempo` if there was none.
pub fn oldest_masked_registration(last_step_block: Block, block: Block, tempo: u16) -> Block {
    match last_step_block {
        0 => block.saturating_sub(u64::from(tempo)),
        last => last.saturating_add(1),
    }
}

/// Stored bonds in canonical rows, those toward newcomers counting as 0.
#[derive(Clone, Debug)]
pub struct StoredBonds<'a> {
    rows: Vec<Cow<'a, [(Uid, u16)]>>,
    /// Whether bonds toward the neuron count, by column; empty if all do.
    counts: Vec<bool>,
}

impl<'a> StoredBonds<'a> {
    /// The stored rows of `n` neurons; bonds toward neurons with `masked_from ≤ registered` do not count. A
    /// missing registration is block 0.
    pub fn new(n: usize, rows: &'a [Vec<(Uid, u16)>], registered: &[Block], masked_from: Block) -> Self {
        let registered = registered.iter().copied().chain(core::iter::repeat(0));
        let mut counts: Vec<bool> = registered.take(n).map(|registered| registered < masked_from).collect();
        if counts.iter().all(|&counts| counts) {
            counts.clear();
        }
        Self { rows: rows.iter().take(n).map(|row| canonical_row(row, n)).collect(), counts }
    }

    /// Number of stored entries.
    fn entries(&self) -> usize {
        self.rows.iter().map(|row| row.len()).sum()
    }

    /// The entries of one row, each as the stored u16 or 0 if it does not count.
    fn row(&self, validator: usize) -> BondRow<'_> {
        BondRow { entries: self.rows.get(validator).map_or(&[], |row| row), counts: &self.counts }
    }
}

/// One row of [`StoredBonds`].
#[derive(Clone, Copy)]
struct BondRow<'a> {
    entries: &'a [(Uid, u16)],
    counts: &'a [bool],
}

impl<'a> BondRow<'a> {
    #[inline(always)]
    fn entries(self) -> impl Iterator<Item = (Uid, u16)> + 'a {
        let counts = self.counts;
        self.entries.iter().map(move |&(column, bond)| {
            let counts = counts.get(usize::from(column)).copied().unwrap_or(true);
            (column, if counts { bond } else { 0 })
        })
    }
}

/// The weights that bonds follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BondWeights {
    /// `W`: no penalty.
    Weights,
    /// `W'`: full penalty.
    Clipped,
    /// `W + π·(W' − W)`, positive results only.
    Between(I32F32),
}

impl BondWeights {
    /// The rule for a penalty `π = bonds_penalty / 65535`.
    pub fn new(bonds_penalty: u16) -> Self {
        match bonds_penalty {
            0 => Self::Weights,
            u16::MAX => Self::Clipped,
            penalty => Self::Between(I32F32::from_u16_unit(penalty)),
        }
    }

    /// The weight for bonds `WB_ij` of a listed weight; `None` if it is not listed any more.
    #[inline(always)]
    pub fn of(self, weight: I32F32, consensus: I32F32) -> Option<I32F32> {
        match self {
            Self::Weights => Some(weight),
            Self::Clipped => clip(weight, consensus),
            Self::Between(penalty) => {
                let clipped = weight.min(consensus.max(I32F32::ZERO));
                Some(weight + penalty * (clipped - weight)).filter(|w| *w > I32F32::ZERO)
            }
        }
    }

    /// The raw bits of the weight for bonds, 0 where it is not listed: the value to use where weights are only summed.
    #[inline(always)]
    fn value(self, weight: I32F32, consensus: Option<I32F32>) -> u64 {
        let consensus = consensus.unwrap_or(I32F32::ZERO);
        match self {
            Self::Weights => bits(weight),
            Self::Clipped => bits(weight.min(consensus)),
            Self::Between(_) => self.of(weight, consensus).map_or(0, bits),
        }
    }
}

/// The raw bits of a stored bond: `floor(bond · 2³² / 65535)`, where `2³² = 65535 · 65537 + 1`.
#[inline(always)]
fn share_of_stored(bond: u16) -> u64 {
    u64::from(bond) * 65_537 + u64::from(bond == u16::MAX)
}

/// The parts of a bond update: `new_share · weight + old_share · bond`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shares {
    new: I32F32,
    old: I32F32,
}

impl Shares {
    fn new(alpha: I32F32) -> Self {
        Self { new: alpha, old: I32F32::ONE - alpha }
    }

    /// Whether both shares are between 0 and 1, as with every sane moving average.
    fn are_proper(self) -> bool {
        self.new >= I32F32::ZERO && self.new <= I32F32::ONE
    }
}

/// Yuma 3 without liquid alpha: `E_ij = α·WB_ij + (1 − α)·B_ij` with `B` the stored bond / 65535, positive
/// results only.
pub fn yuma3_fixed(
    weights: &SparseMatrix,
    consensus: &[I32F32],
    rule: BondWeights,
    stored: &StoredBonds,
    alpha: I32F32,
) -> Bonds {
    let new = |rule: BondWeights, column: usize, weight| rule.value(weight, consensus.get(column).copied());
    let old = |_: usize, bond: u16| share_of_stored(bond);
    // The rule is chosen once, outside the loop over entries.
    match rule {
        BondWeights::Weights => {
            moving_average(weights, stored, alpha, |_, c, w| new(BondWeights::Weights, c, w), old)
        }
        BondWeights::Clipped => {
            moving_average(weights, stored, alpha, |_, c, w| new(BondWeights::Clipped, c, w), old)
        }
        BondWeights::Between(_) => moving_average(weights, stored, alpha, |_, c, w| new(rule, c, w), old),
    }
}

/// The bond toward a miner that the validator does not list any more, with liquid alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// It is lost at once: the rule in force.
    Lost,
    /// It decays as if the miner were listed with weight 0. Numeric cases of dense computations ask for it.
    Decays,
}

/// Yuma 3 with liquid alpha: one coefficient per pair, `E_ij = min((1 − a_ij)·B_ij + max(a_ij·WB_ij, 0), 1)`.
///
/// An explicit zero lets a bond decay. Under the rule in force, [`Unlisted::Lost`], a miner that is no longer
/// listed loses its bond at once.
pub fn yuma3_liquid(
    weights: &SparseMatrix,
    consensus: &[I32F32],
    rule: BondWeights,
    stored: &StoredBonds,
    alpha: &LiquidAlpha,
    unlisted: Unlisted,
) -> Bonds {
    let (weights, absent) = match unlisted {
        Unlisted::Lost => (Cow::Borrowed(weights), None),
        Unlisted::Decays => (Cow::Owned(weights.with_every_column()), Some(I32F32::ZERO)),
    };
    let mut bonds = BondsBuilder::new(weights.len(), weights.entries());
    for (validator, row) in weights.rows().enumerate() {
        let mut old = stored.row(validator).entries().peekable();
        for (column, weight) in row.entries() {
            let consensus = consensus.get(usize::from(column)).copied().unwrap_or_default();
            while old.next_if(|&(c, _)| c < column).is_some() {}
            let bond = old.next_if(|&(c, _)| c == column).map_or(0, |(_, bond)| bond);
            let Some(weight) = rule.of(weight, consensus).or(absent) else { continue };
            let bond = number(share_of_stored(bond));
            let coefficient = alpha.coefficient(consensus, weight, bond);
            bonds.push(column, blend(bond, weight, coefficient));
        }
        bonds.end_row();
    }
    bonds.finish()
}

/// Yuma 2: `E_ij = α·Δ_ij + (1 − α)·B_ij` with `Δ = WB·A` and `B` the stored integers, both divided by their column
/// sums, positive results only. So the old bonds and the stake-weighted weights are shares of their columns. `E` is
/// divided by its column sums in turn.
pub fn yuma2(
    weights: &SparseMatrix,
    consensus: &[I32F32],
    rule: BondWeights,
    active_stake: &[I32F32],
    stored: &StoredBonds,
    alpha: I32F32,
) -> Bonds {
    let n = weights.len();
    let stakes: Vec<u64> = (0..n).map(|uid| active_stake.get(uid).map_or(0, |&stake| bits(stake))).collect();
    let bought = |validator: usize, column: usize, weight: I32F32| {
        let weight = rule.value(weight, consensus.get(column).copied());
        mul(weight, stakes.get(validator).copied().unwrap_or(0))
    };
    let bought_sums = reciprocals(weights, bought);
    let stored_sums = stored_reciprocals(n, stored);
    let share =
        |sums: &[Reciprocal], column: usize, part: u64| sums.get(column).map_or(0, |sum| sum.fraction(part));
    let mut bonds = moving_average(
        weights,
        stored,
        alpha,
        |validator, column, weight| share(&bought_sums, column, bought(validator, column, weight)),
        |column, bond| share(&stored_sums, column, u64::from(bond)),
    );
    normalise_columns(&mut bonds);
    bonds
}

/// One divisor per column: the sum of `value` over its entries.
fn reciprocals(weights: &SparseMatrix, value: impl Fn(usize, usize, I32F32) -> u64) -> Vec<Reciprocal> {
    let mut sums = alloc::vec![0u64; weights.len()];
    for (validator, row) in weights.rows().enumerate() {
        for (column, weight) in row.entries() {
            let column = usize::from(column);
            if let Some(sum) = sums.get_mut(column) {
                *sum = add(*sum, value(validator, column, weight));
            }
        }
    }
    sums.into_iter().map(Reciprocal::new).collect()
}

/// One divisor per column: the sum of its stored integers.
fn stored_reciprocals(n: usize, stored: &StoredBonds) -> Vec<Reciprocal> {
    let mut sums = alloc::vec![0u64; n];
    for validator in 0..n {
        for (column, bond) in stored.row(validator).entries() {
            if let Some(sum) = sums.get_mut(usize::from(column)) {
                *sum += u64::from(bond);
            }
        }
    }
    sums.into_iter().map(Reciprocal::new).collect()
}

/// Divides every column by its sum and sums again.
fn normalise_columns(bonds: &mut Bonds) {
    let sums: Vec<Reciprocal> = bonds.column_sums.iter().map(|&sum| Reciprocal::new(bits(sum))).collect();
    let mut new_sums = alloc::vec![0u64; sums.len()];
    bonds.matrix.map_values(|column, bond| {
        let share = sums.get(column).map_or(0, |sum| sum.fraction(bits(bond)));
        if let Some(sum) = new_sums.get_mut(column) {
            *sum = add(*sum, share);
        }
        number(share)
    });
    bonds.column_sums = new_sums.into_iter().map(number).collect();
}

/// `E_ij = α·new_ij + (1 − α)·old_ij` over the union of the entries, positive results only.
///
/// An absent entry contributes as 0 does, so explicit zeros need no care here.
#[inline(always)]
fn moving_average(
    weights: &SparseMatrix,
    stored: &StoredBonds,
    alpha: I32F32,
    new: impl Fn(usize, usize, I32F32) -> u64,
    old: impl Fn(usize, u16) -> u64,
) -> Bonds {
    let shares = Shares::new(alpha);
    let n = weights.len();
    let mut bonds = BondsBuilder::new(n, weights.entries().max(stored.entries()));
    let mut merge = Merge::default();
    for validator in 0..n {
        let (listed, held) = (weights.row(validator), stored.row(validator));
        merge.new.clear();
        merge
            .new
            .extend(listed.entries().map(|(column, weight)| new(validator, usize::from(column), weight)));
        merge.old.clear();
        if held.counts.is_empty() {
            merge.old.extend(held.entries.iter().map(|&(column, bond)| old(usize::from(column), bond)));
        } else {
            merge.old.extend(held.entries().map(|(column, bond)| old(usize::from(column), bond)));
        }
        merge.align(listed.columns, held.entries);
        bonds.push_row(&merge, shares);
    }
    bonds.finish()
}

/// One row of new and of old parts, brought to the same columns.
#[derive(Default)]
struct Merge {
    columns: Vec<Uid>,
    new: Vec<u64>,
    old: Vec<u64>,
    /// Spare vectors for the aligned parts.
    aligned: (Vec<u64>, Vec<u64>),
}

impl Merge {
    /// Aligns the parts, whose columns are `listed` and those of `held`: afterwards both have one entry for
    /// each of `columns`.
    fn align(&mut self, listed: &[Uid], held: &[(Uid, u16)]) {
        self.columns.clear();
        let same = listed.len() == held.len() && listed.iter().zip(held).all(|(a, (b, _))| a == b);
        if same {
            self.columns.extend_from_slice(listed);
            return;
        }
        let (new, old) = &mut self.aligned;
        new.clear();
        old.clear();
        let (mut i, mut k) = (0, 0);
        loop {
            let (column, from_new, from_old) = match (listed.get(i), held.get(k)) {
                (Some(a), Some((b, _))) => (*a.min(b), a <= b, b <= a),
                (Some(a), None) => (*a, true, false),
                (None, Some((b, _))) => (*b, false, true),
                (None, None) => break,
            };
            self.columns.push(column);
            new.push(if from_new { self.new.get(i).copied().unwrap_or(0) } else { 0 });
            old.push(if from_old { self.old.get(k).copied().unwrap_or(0) } else { 0 });
            i += usize::from(from_new);
            k += usize::from(from_old);
        }
        core::mem::swap(&mut self.new, new);
        core::mem::swap(&mut self.old, old);
    }
}

/// Bonds under construction.
struct BondsBuilder {
    matrix: SparseMatrix,
    column_sums: Vec<u64>,
}

impl BondsBuilder {
    fn new(n: usize, entries: usize) -> Self {
        Self { matrix: SparseMatrix::with_capacity(n, entries), column_sums: alloc::vec![0; n] }
    }

    /// Pushes `new_share · new + old_share · old` for every column of the row, positive results only, and
    /// ends the row.
    fn push_row(&mut self, row: &Merge, shares: Shares) {
        let columns = &row.columns;
        if shares.are_proper() {
            let (new_share, old_share) = (bits(shares.new), bits(shares.old));
            let parts = row.new.iter().zip(&row.old);
            let blended = parts.map(|(&new, &old)| number(mul(new_share, new) + mul(old_share, old)));
            self.matrix.push_positive(columns, blended, &mut self.column_sums);
        } else {
            // A moving average above one million: products may be negative and must saturate.
            let parts = row.new.iter().zip(&row.old);
            let blended = parts.map(|(&new, &old)| shares.new * number(new) + shares.old * number(old));
            self.matrix.push_positive(columns, blended, &mut self.column_sums);
        }
        self.end_row();
    }

    #[inline(always)]
    fn push(&mut self, column: Uid, bond: I32F32) {
        self.matrix.push(column, bond);
        if let Some(sum) = self.column_sums.get_mut(usize::from(column)) {
            *sum = add(*sum, bits(bond));
        }
    }

    fn end_row(&mut self) {
        self.matrix.end_row();
    }

    fn finish(self) -> Bonds {
        Bonds { matrix: self.matrix, column_sums: self.column_sums.into_iter().map(number).collect() }
    }
}

/// The rows to store: `floor(bond · 65535)`, of Yuma 2 after dividing each column by its maximum. Only
/// neurons with the new permit keep a row.
pub fn to_store(bonds: &Bonds, yuma3: bool, new_permits: &[bool]) -> Vec<Vec<(Uid, u16)>> {
    let maxima = if yuma3 { None } else { Some(column_maxima(bonds)) };
    (0..bonds.matrix.len())
        .map(|uid| {
            if !new_permits.get(uid).copied().unwrap_or(false) {
                return Vec::new();
            }
            let row = bonds.matrix.row(uid).entries();
            match &maxima {
                None => row.map(|(column, bond)| (column, to_u16_unit(bits(bond)))).collect(),
                Some(maxima) => row
                    .map(|(column, bond)| {
                        let maximum = maxima.get(usize::from(column));
                        (column, to_u16_unit(maximum.map_or(0, |maximum| maximum.fraction(bits(bond)))))
                    })
                    .collect(),
            }
        })
        .collect()
}

/// `floor(x · 65535)`, at most 65535.
#[inline(always)]
fn to_u16_unit(bits: u64) -> u16 {
    if bits >= ONE {
        return u16::MAX;
    }
    ((bits * u64::from(u16::MAX)) >> 32) as u16
}

/// The largest bond of each column, as a divisor.
fn column_maxima(bonds: &Bonds) -> Vec<Reciprocal> {
    let mut maxima = alloc::vec![0u64; bonds.matrix.len()];
    for row in bonds.matrix.rows() {
        for (column, bond) in row.entries() {
            if let Some(maximum) = maxima.get_mut(usize::from(column)) {
                *maximum = (*maximum).max(bits(bond));
            }
        }
    }
    maxima.into_iter().map(Reciprocal::new).collect()
}

/// Removes the column of `uid` from every stored row, as a bonds reset does.
pub fn reset_column(rows: &mut [Vec<(Uid, u16)>], uid: Uid) {
    for row in rows {
        row.retain(|&(column, _)| column != uid);
    }
}
