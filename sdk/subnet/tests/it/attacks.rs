//! The table of attacks names tests that exist.

use std::{collections::BTreeSet, path::Path};

#[test]
fn every_test_that_the_table_of_attacks_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let table = std::fs::read_to_string(root.join("docs/reference/attacks.md")).unwrap();
    let sections: Vec<&str> = table.split("\n## ").skip(1).collect();
    // Axons, validators, nodes, verifiers, proofs of evaluation, people who pull models, readers and watchers, the
    // share of parents, votes, elections.
    let least = [25, 25, 25, 16, 10, 15, 9, 6, 15, 15];
    assert_eq!(sections.len(), least.len(), "sections");
    let lines: Vec<&str> = table.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[1].contains(".rs::")) {
        assert!(pair[0].starts_with('|'), "a row outside of its table: {}", pair[1]);
    }
    for (section, least) in sections.into_iter().zip(least) {
        let rows: Vec<&str> = section.lines().filter(|line| line.contains(".rs::")).collect();
        let classes: BTreeSet<&str> = rows.iter().filter_map(|row| row.split('|').nth(1)).collect();
        assert!(rows.len() >= least, "{} rows", rows.len());
        assert_eq!(classes.len(), rows.len(), "each attack once");
        rows.into_iter().for_each(|row| names_tests(root.as_path(), row));
    }
}

/// The tests of a row are in the files that it names.
fn names_tests(root: &Path, row: &str) {
    assert_eq!(row.split('|').count(), 5, "attack, outcome and test: {row}");
    for (file, test) in row.split('`').filter_map(|quoted| quoted.split_once(".rs::")) {
        let code = std::fs::read_to_string(root.join(format!("{file}.rs")))
            .unwrap_or_else(|error| panic!("reading {file}.rs: {error}"));
        assert!(code.contains(&format!("fn {test}(")), "{file}.rs has no test `{test}`");
    }
}
