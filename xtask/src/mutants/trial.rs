//! Trying one change: its tests run until one fails, in order of the changes that each has noticed so far.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::compile::{folder, TestBinary};

/// One test of one binary.
pub struct Test {
    /// Its binary.
    pub binary: TestBinary,
    /// Its name.
    pub name: String,
    /// Its time without any change.
    pub time: Duration,
    /// The changes it reaches.
    pub reaches: BTreeSet<u32>,
    /// Number of changes that it noticed.
    pub noticed: usize,
}

/// Result of trying a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// A test failed.
    Caught,
    /// A test did not end.
    TimeOut,
    /// All tests passed.
    Survived,
    /// No test runs this place.
    Unreached,
}

/// Upper bound of the time of a test of `core/`.
const LONGEST: Duration = Duration::from_secs(20);

/// Runs each test alone without any change, and records its time and the changes it reaches.
pub fn survey(binaries: &[TestBinary], cases: u32) -> Result<Vec<Test>, String> {
    let mut tests = Vec::new();
    for binary in binaries {
        let output = Command::new(&binary.path)
            .current_dir(&binary.folder)
            .args(["--list", "--format", "terse"])
            .output()
            .map_err(|e| format!("{} did not start: {e}", binary.path.display()))?;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Some(name) = line.strip_suffix(": test") else { continue };
            tests.push(survey_one(binary, name, cases)?);
        }
    }
    Ok(tests)
}

fn survey_one(binary: &TestBinary, name: &str, cases: u32) -> Result<Test, String> {
    let report = folder().join("reached");
    let _ = std::fs::remove_file(&report);
    let started = Instant::now();
    if run(binary, name, "report", cases, Duration::from_secs(120), Some(&report)) != Outcome::Passed {
        return Err(format!("{name} of {} fails without any change", binary.package));
    }
    let time = started.elapsed();
    let reached = std::fs::read_to_string(&report).unwrap_or_default();
    let reaches = reached.lines().filter_map(|line| line.parse().ok()).collect();
    Ok(Test { binary: binary.clone(), name: name.into(), time, reaches, noticed: 0 })
}

/// Tries change `id`; returns the test that noticed it, if one did.
pub fn attempt(tests: &mut [Test], package: &str, id: u32, cases: u32) -> (Fate, Option<String>) {
    let mut order: Vec<usize> = (0..tests.len())
        .filter(|i| tests[*i].binary.package == package && tests[*i].reaches.contains(&id))
        .collect();
    if order.is_empty() {
        return (Fate::Unreached, None);
    }
    // A test that noticed many changes in little time goes first.
    order.sort_by_key(|i| {
        let test = &tests[*i];
        test.time.as_micros() as u64 / (test.noticed as u64 + 1)
    });
    for i in order {
        let test = &mut tests[i];
        let limit = (test.time * 10 + Duration::from_secs(3)).min(LONGEST.max(test.time * 3));
        let fate = match run(&test.binary, &test.name, &id.to_string(), cases, limit, None) {
            Outcome::Passed => continue,
            Outcome::Failed => Fate::Caught,
            Outcome::Endless => Fate::TimeOut,
        };
        test.noticed += 1;
        return (fate, Some(test.name.clone()));
    }
    (Fate::Survived, None)
}

#[derive(PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Endless,
}

fn run(
    binary: &TestBinary,
    name: &str,
    mutant: &str,
    cases: u32,
    limit: Duration,
    report: Option<&Path>,
) -> Outcome {
    // A change may ask for any amount of memory.
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v 4000000; exec \"$0\" \"$@\""])
        .arg(&binary.path)
        .args(["--exact", name, "--test-threads=1", "--quiet"])
        .current_dir(&binary.folder)
        .env("MUTANT", mutant)
        .env("PROPTEST_CASES", cases.to_string())
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true")
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(report) = report {
        command.env("MUTANT_REPORT", report);
    }
    let Ok(mut child) = command.spawn() else { return Outcome::Failed };
    let started = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Outcome::Passed,
            Ok(Some(_)) | Err(_) => return Outcome::Failed,
            Ok(None) if started.elapsed() > limit => {
                let _ = child.kill();
                let _ = child.wait();
                return Outcome::Endless;
            }
            Ok(None) => std::thread::sleep(pause),
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}
