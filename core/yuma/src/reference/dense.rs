//! Dense matrices whose cells may be absent.

use alloc::vec::Vec;
use myelin_units::I32F32;

/// Rows by judging neuron, columns by judged one; `None` is an entry that is not there, which is not the same
/// as a zero.
///
/// Rows below the last one with any stored entry are left out: they are absent throughout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dense {
    rows: Vec<Vec<Option<I32F32>>>,
    columns: usize,
}

impl Dense {
    /// The matrix whose cell at row `i` and column `j` is `cell(i, j)`.
    pub fn from_fn(rows: usize, columns: usize, cell: impl Fn(usize, usize) -> Option<I32F32>) -> Self {
        Self { rows: (0..rows).map(|i| (0..columns).map(|j| cell(i, j)).collect()).collect(), columns }
    }

    /// Stored rows as integers: entries beyond the matrix ignored, the last of several entries for one cell.
    pub fn from_stored(rows: usize, columns: usize, stored: &[Vec<(u16, u16)>]) -> Self {
        let mut matrix = Self::from_fn(rows, columns, |_, _| None);
        for (i, row) in stored.iter().enumerate().take(rows) {
            for &(j, value) in row {
                if (j as usize) < columns {
                    matrix.rows[i][j as usize] = Some(I32F32::from_int(value));
                }
            }
        }
        matrix
    }

    /// The cell, if it is there.
    pub fn get(&self, i: usize, j: usize) -> Option<I32F32> {
        self.rows.get(i).and_then(|row| row[j])
    }

    /// The cell, 0 if it is absent.
    pub fn value(&self, i: usize, j: usize) -> I32F32 {
        self.get(i, j).unwrap_or(I32F32::ZERO)
    }

    /// Every present cell replaced by `cell(i, j, value)`.
    pub fn map(&self, cell: impl Fn(usize, usize, I32F32) -> Option<I32F32>) -> Self {
        Self::from_fn(self.rows.len(), self.columns, |i, j| {
            self.get(i, j).and_then(|value| cell(i, j, value))
        })
    }

    /// `Σ_j` of row `i`.
    pub fn row_sum(&self, i: usize) -> I32F32 {
        (0..self.columns).map(|j| self.value(i, j)).sum()
    }

    /// `Σ_i` of column `j`, each cell times `factor(i)`.
    pub fn weighted_column_sum(&self, j: usize, factor: impl Fn(usize) -> I32F32) -> I32F32 {
        (0..self.rows.len()).map(|i| factor(i) * self.value(i, j)).sum()
    }

    /// `Σ_j` of row `i`, each cell times `factor(j)`.
    pub fn weighted_row_sum(&self, i: usize, factor: impl Fn(usize) -> I32F32) -> I32F32 {
        (0..self.columns).map(|j| self.value(i, j) * factor(j)).sum()
    }

    /// `max_i` of each column, at least 0.
    pub fn column_maxima(&self) -> Vec<I32F32> {
        let max = |j| (0..self.rows.len()).map(|i| self.value(i, j)).fold(I32F32::ZERO, I32F32::max);
        (0..self.columns).map(max).collect()
    }

    /// Each row divided by its sum.
    pub fn rows_normalised(&self) -> Self {
        let sums: Vec<I32F32> = (0..self.rows.len()).map(|i| self.row_sum(i)).collect();
        self.map(|i, _, value| Some(if sums[i].is_zero() { value } else { value / sums[i] }))
    }

    /// Each column divided by its sum.
    pub fn columns_normalised(&self) -> Self {
        let sum = |j| (0..self.rows.len()).map(|i| self.value(i, j)).sum();
        let sums: Vec<I32F32> = (0..self.columns).map(sum).collect();
        self.map(|_, j, value| Some(if sums[j].is_zero() { value } else { value / sums[j] }))
    }
}
