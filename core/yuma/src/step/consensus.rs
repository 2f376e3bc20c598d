//! Weight per judged neuron that the majority of stake agrees on.

use crate::arithmetic::{bits, normalise, number};
use crate::matrix::{Row, SparseMatrix};
use crate::median::{ballot, count, encode, held, weighted_median, Ballot, Scores};
use alloc::vec::Vec;
use myelin_units::I32F32;

/// Entries that are gathered by column at a time, on average, so that they stay in the first-level cache.
const TILE_ENTRIES: usize = 2048;

/// Consensus `C`: per column the weighted median of the voters' weights, an absent weight counting as 0. All
/// 0 without voters.
///
/// Voters are the neurons with active stake; their stakes are normalised again to a total `σ ≈ 1`. The median is the
/// smallest weight such that voters at or below it hold more than `σ − kappa`: the largest weight that stake of at
/// least `kappa` supports.
pub fn consensus(weights: &SparseMatrix, active_stake: &[I32F32], kappa: I32F32) -> Vec<I32F32> {
    let mut medians = alloc::vec![I32F32::ZERO; weights.len()];
    let voters = Voters::new(weights, active_stake);
    let minority = voters.total - kappa;
    if !weights.is_of_shares() {
        return plain_medians(&voters, weights.len(), minority);
    }
    let mut columns = Columns::new(weights.len(), &voters);
    columns.keep_undecided(&voters, minority);
    columns.select(&voters, minority, &mut medians);
    medians
}

/// The neurons with active stake, numbered densely.
struct Voters<'a> {
    rows: Vec<Row<'a>>,
    /// Normalised stake of each, as a ballot.
    ballots: Vec<Ballot>,
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
            ballots: stakes.into_iter().map(|stake| ballot(bits(stake))).collect(),
        }
    }

    /// The stake of the voters outside a sum of ballots, raw bits.
    fn silent(&self, support: Ballot) -> u64 {
        bits(self.total).saturating_sub(held(support))
    }
}

/// State of each column before its weights are gathered.
struct Columns {
    /// Sum of the ballots of the voters with a positive weight; 0 for a column whose median is known to be 0.
    support: Vec<Ballot>,
}

impl Columns {
    fn new(n: usize, voters: &Voters) -> Self {
        let mut support = alloc::vec![0; n];
        for (row, &ballot) in voters.rows.iter().zip(&voters.ballots) {
            for (column, weight) in row.entries() {
                if let Some(support) = support.get_mut(usize::from(column)) {
                    *support = Ballot::wrapping_add(*support, if weight > I32F32::ZERO { ballot } else { 0 });
                }
            }
        }
        Self { support }
    }

    /// Clears the columns whose median is 0 because the voters without a positive weight hold more than the
    /// minority.
    fn keep_undecided(&mut self, voters: &Voters, minority: I32F32) {
        for support in &mut self.support {
            let silent_exist = count(*support) < voters.rows.len();
            if silent_exist && number(voters.silent(*support)) > minority {
                *support = 0;
            }
        }
    }

    /// Finds the medians of the remaining columns, a tile of neighbouring columns at a time.
    fn select(&self, voters: &Voters, minority: I32F32, medians: &mut [I32F32]) {
        let mut tile = Tile::new(voters);
        let mut start = 0;
        while start < self.support.len() {
            let end = self.tile_end(start);
            let support = &self.support[start..end];
            tile.gather(voters, start, support);
            let mut from = 0;
            for (median, &support) in medians[start..end].iter_mut().zip(support) {
                let to = from + count(support);
                // The stake of the silent voters is below every positive weight. It is at most the minority, unless
                // there are none and the minority is negative; the lowest weight is chosen then, as it is with 0.
                let silent = voters.silent(support);
                *median = tile.column(from..to).select(support, bits(minority).saturating_sub(silent));
                from = to;
            }
            start = end;
        }
    }

    /// The end of the tile that starts at column `start`: about [`TILE_ENTRIES`] entries further, at least
    /// one column.
    fn tile_end(&self, start: usize) -> usize {
        let mut gathered = 0;
        let mut end = start;
        while end < self.support.len() && (end == start || gathered < TILE_ENTRIES) {
            gathered += count(self.support[end]);
            end += 1;
        }
        end
    }
}

/// The positive weights of a few neighbouring columns, column by column.
struct Tile {
    /// Position of the next entry in each voter's row.
    cursors: Vec<usize>,
    /// Position for the next entry of each column; out of bounds for a column without support.
    slots: Vec<usize>,
    scores: Vec<i32>,
    ballots: Vec<Ballot>,
}

impl Tile {
    fn new(voters: &Voters) -> Self {
        let cursors = alloc::vec![0; voters.rows.len()];
        Self { cursors, slots: Vec::new(), scores: Vec::new(), ballots: Vec::new() }
    }

    /// Gathers the columns from `start` that have support.
    fn gather(&mut self, voters: &Voters, start: usize, support: &[Ballot]) {
        self.slots.clear();
        let mut total = 0;
        for &support in support {
            self.slots.push(if support == 0 { usize::MAX } else { total });
            total += count(support);
        }
        if self.scores.len() < total {
            self.scores.resize(total, 0);
            self.ballots.resize(total, 0);
        }
        let (scores, ballots) = (self.scores.as_mut_slice(), self.ballots.as_mut_slice());
        let end = start + support.len();
        for ((row, &ballot), cursor) in voters.rows.iter().zip(&voters.ballots).zip(&mut self.cursors) {
            let (columns, values) = row.within(*cursor, support.len(), end);
            *cursor += columns.len();
            for (&column, &weight) in columns.iter().zip(values) {
                let Some(slot) = self.slots.get_mut(usize::from(column).wrapping_sub(start)) else {
                    continue;
                };
                if weight <= I32F32::ZERO {
                    continue;
                }
                if let (Some(score), Some(place)) = (scores.get_mut(*slot), ballots.get_mut(*slot)) {
                    *score = encode(weight);
                    *place = ballot;
                    *slot = slot.wrapping_add(1);
                }
            }
        }
    }

    /// One gathered column.
    fn column(&self, range: core::ops::Range<usize>) -> Scores<'_> {
        Scores {
            scores: self.scores.get(range.clone()).unwrap_or_default(),
            ballots: self.ballots.get(range).unwrap_or_default(),
        }
    }
}

impl<'a> Row<'a> {
    /// The entries from position `from` up to column `end`; all their columns are among the `width` before
    /// `end`.
    fn within(self, from: usize, width: usize, end: usize) -> (&'a [u16], &'a [I32F32]) {
        let to = self.columns.len().min(from + width);
        let columns = self.columns.get(from..to).unwrap_or_default();
        let inside = columns.partition_point(|&column| usize::from(column) < end);
        (columns.get(..inside).unwrap_or_default(), self.values.get(from..from + inside).unwrap_or_default())
    }
}

/// The medians by sorting each column: for weights that are not shares.
#[cold]
fn plain_medians(voters: &Voters, n: usize, minority: I32F32) -> Vec<I32F32> {
    let stakes: Vec<I32F32> = voters.ballots.iter().map(|&ballot| number(held(ballot))).collect();
    let score = |row: &Row, column: usize| {
        let place = row.columns.binary_search(&(column as u16)).ok();
        place.and_then(|place| row.values.get(place)).copied().unwrap_or(I32F32::ZERO)
    };
    let column = |column| voters.rows.iter().map(|row| score(row, column)).collect::<Vec<_>>();
    (0..n).map(|j| weighted_median(&stakes, &column(j), minority)).collect()
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

    fn shares(rows: &[&[(u16, u16)]]) -> SparseMatrix {
        let mut matrix = SparseMatrix::with_capacity(rows.len(), 0);
        for row in rows {
            matrix.push_shares(row, &[]);
            matrix.end_row();
        }
        matrix
    }

    fn tenths(numbers: &[i64]) -> Vec<I32F32> {
        numbers.iter().map(|&n| I32F32::from_ratio(n, 10)).collect()
    }

    #[test]
    fn silence_counts_as_zero() {
        let weights = shares(&[&[(2, 10)], &[(1, 5), (2, 5)], &[]]);
        let half = I32F32::from_ratio(1, 2);
        assert_eq!(consensus(&weights, &tenths(&[4, 2, 4]), half), tenths(&[0, 0, 5]));
        assert_eq!(consensus(&weights, &tenths(&[3, 1, 6]), half), tenths(&[0, 0, 0]));
    }

    #[test]
    fn weights_that_are_no_shares_are_handled_too() {
        let weights = matrix(&[&[(2, 30)], &[(2, 20)], &[(2, 10)]]);
        assert_eq!(consensus(&weights, &tenths(&[4, 2, 4]), I32F32::from_ratio(1, 2)), tenths(&[0, 0, 20]));
    }

    #[test]
    fn without_voters_there_is_no_consensus() {
        let weights = shares(&[&[(1, 10)], &[]]);
        assert_eq!(consensus(&weights, &tenths(&[0, 0]), I32F32::ZERO), tenths(&[0, 0]));
    }

    #[test]
    fn kappa_one_asks_for_everybody_and_kappa_zero_for_anybody() {
        let weights = shares(&[&[(2, 10)], &[(1, 5), (2, 5)], &[]]);
        let stake = tenths(&[5, 5, 0]);
        assert_eq!(consensus(&weights, &stake, I32F32::ONE), tenths(&[0, 0, 5]));
        assert_eq!(consensus(&weights, &stake, I32F32::ZERO), tenths(&[0, 5, 10]));
    }
}
