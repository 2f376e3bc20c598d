//! Official packages as processes, and ours as the other side.

mod axon;
mod battery;
mod btauth;
mod btcli;
mod btcli11;
mod chain10;
mod chain11;
mod dendrite;
mod dev;
mod guide;
mod miner;
mod neurons;
mod node;
mod peer;
mod photographs;
mod polkadot_api;
#[path = "../../../ports.rs"]
mod ports;
mod process;
mod rpc;
mod template;
mod town;
mod wallet;

use std::collections::BTreeMap;

use myelin_compat::table::{page, Part, Verdict, ROWS};

/// Rows of a part of the table that a test has shown.
struct Shown {
    part: Part,
    rows: Vec<&'static str>,
}

impl Shown {
    fn of(part: Part) -> Self {
        Self { part, rows: Vec::new() }
    }

    /// Marks the row `what` as shown: its statement was asserted just before.
    fn row(&mut self, what: &'static str) {
        self.rows.push(what);
    }

    /// Asserts that exactly the rows of the table were shown.
    fn everything(mut self) {
        let part = self.part;
        let mut expected: Vec<&str> =
            ROWS.iter().filter(|row| row.part == part).map(|row| row.what).collect();
        expected.sort_unstable();
        self.rows.sort_unstable();
        assert_eq!(self.rows, expected, "the test and the table of {part:?} differ");
    }
}

/// Verdict of every name in backticks in the rows of a part.
fn verdicts(part: Part) -> BTreeMap<&'static str, Verdict> {
    let rows = ROWS.iter().filter(|row| row.part == part);
    rows.flat_map(|row| row.names().map(|name| (name, row.verdict))).collect()
}

#[test]
fn the_reference_of_compatibility_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/compat.md");
    let written = std::fs::read_to_string(path).expect("the page is in the repository");
    assert!(
        written == page(),
        "docs/reference/compat.md differs from the table; run `cargo xtask reference`"
    );
}
