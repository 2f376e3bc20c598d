//! What the majority of stake agrees on, per judged neuron.

use crate::arithmetic::{bits, normalise};
use crate::matrix::{Row, SparseMatrix};
use crate::median::{key, Selector};
use alloc::vec::Vec;
use myelin_units::I32F32;

/// Entries that are gathered by column at a time, on average, so that they stay in the first-level cache.
const TILE_ENTRIES: usize = 4096;

/// Consensus `C`: per column the weighted median of the voters' weights, an absent weight counting as 0. All 0 without voters.
///
/// Voters are the neurons with active stake; their stakes are normalised again to a total `σ ≈ 1`, and the median is the smallest weight
/// such that voters at or below it hold more than `σ − kappa`: the largest weight that stake of at least `kappa` supports.
pub fn consensus(weights: &SparseMatrix, active_stake: &[I32F32], kappa: I32F32) -> Vec<I32F32> {
    let mut medians = alloc::vec![I32F32::ZERO; weights.len()];
    let voters = Voters::new(weights, active_stake);
    let minority = voters.total - kappa;
    let mut columns = Columns::new(weights.len(), &voters);
    columns.keep_undecided(&voters, minority);
    columns.select(&voters, minority, &mut medians);
    medians
}

/// The neurons with active stake, numbered densely.
struct Voters<'a> {
    rows: Vec<Row<'a>>,
    /// Normalised stake, raw bits.
    stakes: Vec<u64>,
    total: I32F32,
}

impl<'a> Voters<'a> {
    fn new(weights: &'a SparseMatrix, active_stake: &[I32F32]) -> Self {
        let voting = || active_stake.iter().enumerate().filter(|(_, &stake)| stake > I32F32::ZERO);
        let mut stakes: Vec<I32F32> = voting().map(|(_, &stake)| stake).collect();
        normalise(&mut stakes);
        Self {
            rows: voting().map(|(uid, _)| weights.row(uid)).collect(),
            total: stakes.iter().copied().sum(),
            stakes: stakes.into_iter().map(bits).collect(),
        }
    }
}

/// What is known of each column before its weights are gathered.
struct Columns {
    /// Number of positive weights; 0 for a column whose median is known to be 0.
    entries: Vec<u32>,
    /// Stake of the voters with a positive weight, raw bits.
    support: Vec<u64>,
}

impl Columns {
    fn new(n: usize, voters: &Voters) -> Self {
        let mut columns = Self { entries: alloc::vec![0; n], support: alloc::vec![0; n] };
        for (row, &stake) in voters.rows.iter().zip(&voters.stakes) {
            for (column, weight) in row.entries() {
                let positive = weight > I32F32::ZERO;
                if let Some(entries) = columns.entries.get_mut(usize::from(column)) {
                    *entries += u32::from(positive);
                }
                if let Some(support) = columns.support.get_mut(usize::from(column)) {
                    *support = support.wrapping_add(if positive { stake } else { 0 });
                }
            }
        }
        columns
    }

    /// Clears the columns whose median is 0 because the voters without a positive weight hold more than the minority.
    fn keep_undecided(&mut self, voters: &Voters, minority: I32F32) {
        for (entries, &support) in self.entries.iter_mut().zip(&self.support) {
            let silent = bits(voters.total).saturating_sub(support);
            let silent_exist = (*entries as usize) < voters.rows.len();
            if silent_exist && I32F32::from_bits(silent as i64) > minority {
                *entries = 0;
            }
        }
    }

    /// Finds the medians of the remaining columns, a tile of neighbouring columns at a time.
    fn select(&self, voters: &Voters, minority: I32F32, medians: &mut [I32F32]) {
        let mut selector = Selector::new(&voters.stakes);
        let mut tile = Tile::new(voters);
        let mut start = 0;
        while start < self.entries.len() {
            let end = self.tile_end(start);
            let entries = &self.entries[start..end];
            tile.gather(voters, start, entries);
            let mut from = 0;
            for ((median, &entries), &support) in
                medians[start..end].iter_mut().zip(entries).zip(&self.support[start..end])
            {
                let to = from + entries as usize;
                if entries > 0 {
                    // What the silent voters hold is below every positive weight. It is at most the minority, unless there are none
                    // and the minority is negative; the lowest weight is chosen then, as it is with 0.
                    let silent = bits(voters.total).saturating_sub(support);
                    let keys = tile.keys.get_mut(from..to).unwrap_or_default();
                    *median = selector.select(keys, bits(minority).saturating_sub(silent));
                }
                from = to;
            }
            start = end;
        }
    }

    /// The end of the tile that starts at column `start`: about [`TILE_ENTRIES`] entries further, at least one column.
    fn tile_end(&self, start: usize) -> usize {
        let mut gathered = 0;
        let mut end = start;
        while end < self.entries.len() && (end == start || gathered < TILE_ENTRIES) {
            gathered += self.entries[end] as usize;
            end += 1;
        }
        end
    }
}

/// The positive weights of a few neighbouring columns, column by column.
struct Tile {
    /// Where each voter's row goes on.
    cursors: Vec<usize>,
    /// Where the next key of each column goes.
    slots: Vec<usize>,
    keys: Vec<u64>,
}

impl Tile {
    fn new(voters: &Voters) -> Self {
        Self { cursors: alloc::vec![0; voters.rows.len()], slots: Vec::new(), keys: Vec::new() }
    }

    /// Gathers the columns from `start`, of which `entries` says how many keys each will have.
    fn gather(&mut self, voters: &Voters, start: usize, entries: &[u32]) {
        self.slots.clear();
        let mut total = 0;
        for &entries in entries {
            self.slots.push(total);
            total += entries as usize;
        }
        if self.keys.len() < total {
            self.keys.resize(total, 0);
        }
        let end = start + entries.len();
        for ((voter, row), cursor) in voters.rows.iter().enumerate().zip(&mut self.cursors) {
            while let (Some(&column), Some(&weight)) = (row.columns.get(*cursor), row.values.get(*cursor)) {
                let column = usize::from(column);
                if column >= end {
                    break;
                }
                *cursor += 1;
                let undecided = entries.get(column - start).is_some_and(|&entries| entries > 0);
                if undecided && weight > I32F32::ZERO {
                    let slot = &mut self.slots[column - start];
                    if let Some(place) = self.keys.get_mut(*slot) {
                        *place = key(weight, voter as u16);
                    }
                    *slot += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: &[&[(u16, i64)]]) -> SparseMatrix {
        let mut matrix = SparseMatrix::with_capacity(rows.len(), 0);
        for row in rows {
            for &(column, tenths) in *row {
                matrix.push(column, I32F32::from_ratio(tenths, 10));
            }
            matrix.end_row();
        }
        matrix
    }

    fn tenths(numbers: &[i64]) -> Vec<I32F32> {
        numbers.iter().map(|&n| I32F32::from_ratio(n, 10)).collect()
    }

    #[test]
    fn silence_counts_as_zero() {
        let weights = matrix(&[&[(2, 10)], &[(2, 5), (1, 5)], &[]]);
        let half = I32F32::from_ratio(1, 2);
        assert_eq!(consensus(&weights, &tenths(&[4, 2, 4]), half), tenths(&[0, 0, 5]));
        assert_eq!(consensus(&weights, &tenths(&[3, 1, 6]), half), tenths(&[0, 0, 0]));
    }

    #[test]
    fn without_voters_there_is_no_consensus() {
        let weights = matrix(&[&[(1, 10)], &[]]);
        assert_eq!(consensus(&weights, &tenths(&[0, 0]), I32F32::ZERO), tenths(&[0, 0]));
    }

    #[test]
    fn kappa_one_asks_for_everybody_and_kappa_zero_for_anybody() {
        let weights = matrix(&[&[(2, 10)], &[(2, 5), (1, 5)], &[]]);
        let stake = tenths(&[5, 5, 0]);
        assert_eq!(consensus(&weights, &stake, I32F32::ONE), tenths(&[0, 0, 5]));
        assert_eq!(consensus(&weights, &stake, I32F32::ZERO), tenths(&[0, 5, 10]));
    }
}
