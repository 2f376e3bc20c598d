//! The tasks of an epoch whose texts were deleted.

use myelin_subnet::evidence::DeletedTask;

use super::compose::MOST_ROWS;
use super::document::{short, Column, Row, Table};
use super::folder::Epoch;
use crate::output::utc;

/// The table of them; `None` if there is none. Each row is the validator's word but for the task, which the root
/// covers.
pub fn table(evidence: &Epoch, verify: Vec<String>) -> Option<Table> {
    let deleted = &evidence.deleted;
    let row = |task: &DeletedTask| {
        let mut row = Row::default();
        row.cells.extend([
            ("seed", short(&task.seed).into()),
            ("number", task.number.into()),
            ("round", task.round.into()),
            ("at", utc(task.at).into()),
            ("named", task.named.into()),
        ]);
        row
    };
    (!deleted.is_empty()).then(|| Table {
        id: "deleted",
        caption: format!(
            "Tasks of customers whose texts were deleted from epoch {}. The time is by the validator's clock.",
            evidence.number
        ),
        columns: vec![
            Column::plain("seed", "seed"),
            Column::plain("number", "task"),
            Column::plain("round", "round"),
            Column::plain("at", "deleted"),
            Column::plain("named", "named by hand"),
        ],
        rows: deleted.iter().take(MOST_ROWS).map(row).collect(),
        left_out: deleted.len().saturating_sub(MOST_ROWS),
        verify,
    })
}
