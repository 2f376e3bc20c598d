//! Row-sparse matrices, and the rows that the chain stores.

use crate::arithmetic::{add, bits, number, Reciprocal};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use myelin_units::{Uid, I32F32};

/// A square matrix by rows: the entries of all rows one after another, each row by strictly rising column.
///
/// An entry may be an explicit zero; that is not the same as an absent entry where a rule speaks of listed
/// neurons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparseMatrix {
    /// Row `i` occupies positions `starts[i] .. starts[i + 1]`.
    starts: Vec<usize>,
    columns: Vec<Uid>,
    values: Vec<I32F32>,
    /// See [`Self::is_of_shares`].
    of_shares: bool,
}

/// One row of a [`SparseMatrix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Strictly rising columns.
    pub columns: &'a [Uid],
    /// The value at each of the columns.
    pub values: &'a [I32F32],
}

impl<'a> Row<'a> {
    /// Columns with their values.
    #[inline]
    pub fn entries(self) -> impl Iterator<Item = (Uid, I32F32)> + 'a {
        self.columns.iter().copied().zip(self.values.iter().copied())
    }
}

impl SparseMatrix {
    /// A matrix without rows yet, with room for `rows` rows and `entries` entries.
    pub fn with_capacity(rows: usize, entries: usize) -> Self {
        let mut starts = Vec::with_capacity(rows.saturating_add(1));
        starts.push(0);
        Self {
            starts,
            columns: Vec::with_capacity(entries),
            values: Vec::with_capacity(entries),
            of_shares: true,
        }
    }

    /// Number of finished rows.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of entries in all rows, explicit zeros included.
    pub fn entries(&self) -> usize {
        self.columns.len()
    }

    /// Adds an entry to the row being built; columns must rise.
    #[inline]
    pub fn push(&mut self, column: Uid, value: I32F32) {
        self.columns.push(column);
        self.values.push(value);
        self.of_shares = false;
    }

    /// Adds an entry to the row being built like [`Self::push`], for values that are mostly such as shares have.
    #[inline]
    pub(crate) fn push_share(&mut self, column: Uid, value: I32F32) {
        let of_shares =
            self.of_shares && (value.to_bits() <= I32F32::ONE.to_bits() - 2 || value == I32F32::ONE);
        self.push(column, value);
        self.of_shares = of_shares;
    }

    /// Whether no value is above 1 and none between 1 − 2·2⁻³² and 1. That holds for the shares of u16 weights in
    /// their sum.
    pub(crate) fn is_of_shares(&self) -> bool {
        self.of_shares
    }

    /// Finishes the row being built.
    pub fn end_row(&mut self) {
        self.starts.push(self.columns.len());
    }

    /// Row `row`; an empty one beyond the last.
    #[inline]
    pub fn row(&self, row: usize) -> Row<'_> {
        let bounds = self.starts.get(row).zip(self.starts.get(row.wrapping_add(1)));
        let range = bounds.map_or(0..0, |(&start, &end)| start..end);
        Row {
            columns: self.columns.get(range.clone()).unwrap_or_default(),
            values: self.values.get(range).unwrap_or_default(),
        }
    }

    /// All rows in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|row| self.row(row))
    }

    /// The square matrix with an entry in every column: 0 where there was none.
    pub(crate) fn with_every_column(&self) -> Self {
        let n = self.len();
        let mut full = Self::with_capacity(n, n.saturating_mul(n));
        for row in self.rows() {
            let mut entries = row.entries().peekable();
            for column in (0..n).filter_map(|column| Uid::try_from(column).ok()) {
                let value =
                    entries.next_if(|&(listed, _)| listed == column).map_or(I32F32::ZERO, |(_, value)| value);
                full.push(column, value);
            }
            full.end_row();
        }
        full
    }

    /// Appends the positive ones of `values`, each at its column, and adds them to the sums of their columns.
    pub(crate) fn push_positive(
        &mut self,
        columns: &[Uid],
        values: impl Iterator<Item = I32F32>,
        column_sums: &mut [u64],
    ) {
        let start = self.values.len();
        self.of_shares = false;
        self.values.extend(values);
        let added = self.values.get_mut(start..).unwrap_or_default();
        let mut positive = 0;
        for (&column, &value) in columns.iter().zip(added.iter()) {
            let value = bits(value);
            positive += usize::from(value > 0);
            if let Some(sum) = column_sums.get_mut(usize::from(column)) {
                *sum = add(*sum, value);
            }
        }
        if positive == columns.len() {
            self.columns.extend_from_slice(columns);
            return;
        }
        let mut kept = 0;
        for (i, &column) in columns.iter().enumerate() {
            let Some(&value) = added.get(i) else { break };
            if value > I32F32::ZERO {
                self.columns.push(column);
                added[kept] = value;
                kept += 1;
            }
        }
        self.values.truncate(start + kept);
    }

    /// Replaces every value by a function of its column and itself.
    pub(crate) fn map_values(&mut self, mut new: impl FnMut(usize, I32F32) -> I32F32) {
        self.of_shares = false;
        for (value, &column) in self.values.iter_mut().zip(&self.columns) {
            *value = new(usize::from(column), *value);
        }
    }

    /// Appends the two parts of a stored row, each weight divided by the sum of both (if that is not 0).
    pub(crate) fn push_shares(&mut self, before: &[(Uid, u16)], after: &[(Uid, u16)]) {
        let sum = |row: &[(Uid, u16)]| row.iter().map(|&(_, weight)| u64::from(weight)).sum::<u64>();
        let sum = Reciprocal::new(sum(before) + sum(after));
        for row in [before, after] {
            self.columns.extend(row.iter().map(|&(column, _)| column));
            // With integers in the place of bits, `weight · 2³² / sum` is exactly the quotient of the two
            // fixed-point integers.
            self.values.extend(row.iter().map(|&(_, weight)| number(sum.fraction(u64::from(weight)))));
        }
    }
}

/// A stored row in canonical form: columns strictly rise and are below `n`; of entries for the same column
/// the last stands.
///
/// Rows that the chain stores are usually canonical already and are then borrowed.
pub fn canonical_row(row: &[(Uid, u16)], n: usize) -> Cow<'_, [(Uid, u16)]> {
    let rising = row.windows(2).all(|pair| matches!(pair, [(a, _), (b, _)] if a < b));
    let in_range = row.last().is_none_or(|&(column, _)| usize::from(column) < n);
    if rising && in_range {
        return Cow::Borrowed(row);
    }
    let mut sorted: Vec<(Uid, u16)> =
        row.iter().copied().filter(|&(column, _)| usize::from(column) < n).collect();
    // The sort is stable, so that the later of two equal columns comes second and overwrites the first.
    sorted.sort_by_key(|&(column, _)| column);
    sorted.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            earlier.1 = later.1;
        }
        same
    });
    Cow::Owned(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_rows_are_borrowed() {
        assert!(matches!(canonical_row(&[(0, 5), (3, 0)], 4), Cow::Borrowed(_)));
        assert!(matches!(canonical_row(&[], 0), Cow::Borrowed(_)));
    }

    #[test]
    fn the_last_entry_of_a_column_stands_and_columns_beyond_n_vanish() {
        let row = canonical_row(&[(3, 1), (1, 2), (3, 9), (8, 4), (1, 0)], 4);
        assert_eq!(*row, [(1, 0), (3, 9)]);
    }

    #[test]
    fn rows_beyond_the_last_are_empty() {
        let mut matrix = SparseMatrix::with_capacity(1, 2);
        assert_eq!((matrix.len(), matrix.is_empty()), (0, true));
        matrix.push(2, I32F32::ONE);
        matrix.end_row();
        assert_eq!((matrix.len(), matrix.is_empty()), (1, false));
        assert_eq!(matrix.row(0).entries().collect::<Vec<_>>(), [(2, I32F32::ONE)]);
        assert_eq!(matrix.row(7).columns, [0u16; 0]);
        assert_eq!(matrix.row(usize::MAX).columns, [0u16; 0]);
    }
}
