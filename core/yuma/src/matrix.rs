//! Row-sparse matrices, and the rows that the chain stores.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use myelin_units::{Uid, I32F32};

/// A square matrix by rows: the entries of all rows one after another, each row by strictly rising column.
///
/// An entry may be an explicit zero; that is not the same as an absent entry where a rule speaks of listed neurons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparseMatrix {
    /// Row `i` occupies positions `starts[i] .. starts[i + 1]`.
    starts: Vec<usize>,
    columns: Vec<Uid>,
    values: Vec<I32F32>,
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
        Self { starts, columns: Vec::with_capacity(entries), values: Vec::with_capacity(entries) }
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

    /// Replaces every value by a function of its column and itself.
    pub(crate) fn map_values(&mut self, mut new: impl FnMut(usize, I32F32) -> I32F32) {
        for (value, &column) in self.values.iter_mut().zip(&self.columns) {
            *value = new(usize::from(column), *value);
        }
    }

    /// The values of the row being built, for rules that need the whole row.
    pub(crate) fn open_row(&mut self) -> &mut [I32F32] {
        let start = self.starts.last().copied().unwrap_or(0);
        self.values.get_mut(start..).unwrap_or_default()
    }

    /// Appends `length` entries to the row being built, lets `fill` set them and say how many it used, and drops the rest.
    pub(crate) fn fill_row(&mut self, length: usize, fill: impl FnOnce(&mut [Uid], &mut [I32F32]) -> usize) {
        let start = self.columns.len();
        self.columns.resize(start + length, 0);
        self.values.resize(start + length, I32F32::ZERO);
        let used = match (self.columns.get_mut(start..), self.values.get_mut(start..)) {
            (Some(columns), Some(values)) => fill(columns, values).min(length),
            _ => 0,
        };
        self.columns.truncate(start + used);
        self.values.truncate(start + used);
    }
}

/// A stored row in canonical form: columns strictly rise and are below `n`; of entries for the same column the last stands.
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
        matrix.push(2, I32F32::ONE);
        matrix.end_row();
        assert_eq!(matrix.row(0).entries().collect::<Vec<_>>(), [(2, I32F32::ONE)]);
        assert_eq!(matrix.row(7).columns, [0u16; 0]);
        assert_eq!(matrix.row(usize::MAX).columns, [0u16; 0]);
    }
}
