//! `xtask cases`: the files kept with the tests pass, and no unknown or wrong field is ignored.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

fn run(files: &[PathBuf]) -> (Output, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_myelin-xtask"))
        .arg("cases")
        .args(files)
        .output()
        .expect("the binary under test starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output, text)
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

/// A file that holds `cases`, gone when the guard is dropped.
struct CaseFile(PathBuf);

impl CaseFile {
    fn new(name: &str, cases: &str) -> Self {
        let path = std::env::temp_dir().join(format!("myelin-cases-{}-{name}.json", std::process::id()));
        let mut file = std::fs::File::create(&path).expect("the folder for temporary files is writable");
        write!(file, "{{\"cases\": [{cases}]}}").expect("a small file fits");
        CaseFile(path)
    }
}

impl Drop for CaseFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn every_kept_case_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the cases are kept in tests/cases")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    assert!(files.len() >= 2, "the public cases and those of the pools");
    let (output, text) = run(&files);
    let failures: Vec<&str> = text.lines().filter(|line| !line.starts_with("pass")).collect();
    assert!(output.status.success(), "{}", failures.join("\n"));
    assert!(last_line(&text).ends_with(" passed, 0 failed"), "{text}");
}

#[test]
fn an_unknown_kind_fails() {
    let file = CaseFile::new("unknown", r#"{"id": "x", "kind": "alchemy", "input": {}, "expected": 1}"#);
    let (output, text) = run(std::slice::from_ref(&file.0));
    assert!(!output.status.success());
    assert!(text.contains("FAIL x") && text.contains("\"alchemy\" is not a known kind"), "{text}");
    assert_eq!(last_line(&text), "0 passed, 1 failed");
}

#[test]
fn a_wrong_result_shows_what_was_wanted_and_what_was_got() {
    let case = |id: &str, expected: &str| {
        format!(
            r#"{{"id": "{id}", "kind": "block_emission", "input": {{"issuance": 0}}, "expected": {expected}}}"#
        )
    };
    let file = CaseFile::new("wrong", &[case("right", "1000000000"), case("wrong", "999999999")].join(","));
    let (output, text) = run(std::slice::from_ref(&file.0));
    assert!(!output.status.success());
    assert!(text.contains("pass right") && text.contains("FAIL wrong"), "{text}");
    assert!(text.contains("wanted 999999999") && text.contains("got 1000000000"), "{text}");
    assert_eq!(last_line(&text), "1 passed, 1 failed");
}

#[test]
fn a_missing_field_is_named() {
    let file =
        CaseFile::new("missing", r#"{"id": "x", "kind": "swap", "input": {"side": "buy"}, "expected": 1}"#);
    let (output, text) = run(std::slice::from_ref(&file.0));
    assert!(!output.status.success());
    assert!(text.contains("input.tao_reserve is missing"), "{text}");
}

/// Cases that would pass with any result, and cases that would take all memory or time.
#[test]
fn a_case_that_cannot_fail_or_end_is_refused() {
    let emission =
        |rest: &str| format!(r#"{{"id": "x", "kind": "block_emission", "input": {{"issuance": 0}}{rest}}}"#);
    let decay = r#"{"id": "x", "kind": "burn_decay", "input": {"burn": 1, "half_life": 1, "blocks": 1000000000000}, "expected": []}"#;
    let steps = |steps: &str| {
        format!(
            r#"{{"id": "x", "kind": "epoch_sequence", "input": {{"state": {{"stake": [1]}}, "steps": [{steps}]}}}}"#
        )
    };
    let refused = [
        (emission(""), "expected is missing"),
        (emission(r#", "expected": {}"#), "expected names no field"),
        (emission(r#", "expected": 1, "tolerance": "many""#), "tolerance is neither"),
        (emission(r#", "expected": 1, "tolerance": -1"#), "tolerance is neither"),
        (decay.to_owned(), "input.blocks is 1000000000000, above the limit"),
        (steps(r#"{"block": 1}"#), "have no `expect`"),
        (steps(r#"{"block": 1, "expect": {}}"#), "names no field"),
        (steps(r#"{"block": 1, "expect": {"bonds": []}, "tolerance": []}"#), "tolerance is neither"),
    ];
    for (case, reason) in refused {
        let file = CaseFile::new("vacuous", &case);
        let (output, text) = run(std::slice::from_ref(&file.0));
        assert!(!output.status.success() && text.contains(reason), "`{reason}` is missing in:\n{text}");
    }
}

#[test]
fn tolerance_is_absolute_and_by_field() {
    let case = |id: &str, tolerance: &str| {
        format!(
            r#"{{"id": "{id}", "kind": "swap", "tolerance": {tolerance}, "expected": {{"fee": 60, "amount_out": 493515}},
                "input": {{"side": "buy", "tao_reserve": 1000000000, "alpha_reserve": 4000000000, "amount": 123456}}}}"#
        )
    };
    let file = CaseFile::new(
        "tolerance",
        &[case("wide", "2"), case("by-field", r#"{"fee": 2}"#), case("narrow", "1")].join(","),
    );
    let (_, text) = run(std::slice::from_ref(&file.0));
    assert!(
        text.contains("pass wide") && text.contains("pass by-field") && text.contains("FAIL narrow"),
        "{text}"
    );
}

#[test]
fn an_empty_or_unreadable_file_is_no_success() {
    let empty = CaseFile::new("empty", "");
    let (output, _) = run(std::slice::from_ref(&empty.0));
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no case"));
    let (output, _) = run(&[PathBuf::from("no/such/file.json")]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/file.json"));
}
