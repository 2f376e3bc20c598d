//! Test binaries of a workspace, run side by side.
//!
//! Many tests wait: for blocks, deadlines, processes. `cargo test` runs one binary after another, so the processor
//! waits with them. Here as many binaries run at a time as there are processors, the slowest of the last run first.
//! Binaries that measure the speed of the machine run alone, after all others. Tests that mostly wait run several to a
//! processor. Kits only compute: they run behind the others, with the time that these leave, and then on all
//! processors.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use serde_json::Value;

use crate::workspace::{self, Workspace};

/// Packages whose tests in `tests/it` judge the speed of a machine in seconds: other load would be taken for a slow
/// miner.
const ALONE: [&str; 5] =
    ["myelin-subnet", "myelin-text", "myelin-analysis", "myelin-recognition", "myelin-neuron"];

/// Words before the processor time of a binary, at the end of its log.
const PROCESSOR: &str = "seconds of a processor:";

/// Failed tests of a binary that the last lines name.
const NAMED: usize = 5;

/// Target of binaries that only compute.
const COMPUTING: &str = "kit";

/// Packages whose tests in `tests/it` wait for most of their time, and the number of them that run at a time on each
/// processor. On two processors eight tests of subnet at a time, which run alone, used 0.6 of a core. More tests of the
/// command at a time miss their deadlines; kits behind take the time that is left.
const WAITING: [(&str, usize); 2] = [("myelin-subnet", 4), ("myelin-cli", 2)];

/// Binaries that take the longest. They begin first on a machine that has run none before.
const LONGEST: [&str; 2] = ["myelin-compat it", "myelin-cli it"];

/// One compiled test binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binary {
    /// Package and target, such as `myelin-cli it`.
    name: String,
    path: PathBuf,
    /// The folder that cargo runs it in.
    folder: PathBuf,
    turn: Turn,
    /// Tests at a time on each processor.
    at_a_time: usize,
}

/// When a binary runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// Beside others.
    Together,
    /// Beside others, at the lowest priority.
    Behind,
    /// After all others, by itself.
    Alone,
}

impl Binary {
    /// The binary that a message of `cargo test --no-run` reports, if it reports one.
    pub fn read(message: &Value) -> Option<Self> {
        if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
            return None;
        }
        let path = PathBuf::from(message["executable"].as_str()?);
        let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_path_buf();
        let package = package_of(message["package_id"].as_str()?);
        let target = message["target"]["name"].as_str()?;
        let is_integration = message["target"]["kind"][0] == "test" && target == "it";
        let turn = match target {
            COMPUTING => Turn::Behind,
            _ if is_integration && ALONE.contains(&package) => Turn::Alone,
            _ => Turn::Together,
        };
        let waiting = WAITING.iter().find(|(waiting, _)| is_integration && *waiting == package);
        let at_a_time = waiting.map_or(1, |(_, tests)| *tests);
        Some(Self { name: format!("{package} {target}"), path, folder, turn, at_a_time })
    }

    /// Package and target, such as `myelin-cli it`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it has ignored tests: the long ones.
    pub fn has_ignored(&self) -> bool {
        // One that cannot be started says so when its tests run.
        self.ignored()
            .arg("--list")
            .output()
            .map_or(true, |listed| String::from_utf8_lossy(&listed.stdout).contains(": test\n"))
    }

    /// The command that runs its ignored tests, one at a time.
    pub fn ignored(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command.args(["--ignored", "--test-threads", "1"]);
        command
    }
}

/// The package in an id such as `path+file:///folder/subnets/text#myelin-text@0.1.0`; the name is absent if it is the
/// folder's.
fn package_of(id: &str) -> &str {
    let (place, version) = id.rsplit_once('#').unwrap_or((id, ""));
    version.split_once('@').map_or_else(|| place.rsplit('/').next().unwrap_or(place), |(name, _)| name)
}

/// Sum of the reports of a workspace's tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub passed: usize,
    pub failed: usize,
}

impl Counted {
    /// Adds the figures in a line of a test's output.
    pub fn read(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result: ") else { return };
        let number = |word: &str| -> usize {
            let before = rest.split(word).next().unwrap_or_default().trim();
            before.rsplit([' ', '.']).next().and_then(|n| n.parse().ok()).unwrap_or(0)
        };
        self.passed += number(" passed");
        self.failed += number(" failed");
    }
}

/// Runs every binary with `variables` and counts what they report; an error names the binaries that failed.
pub fn run(
    workspace: Workspace,
    binaries: &[Binary],
    variables: &[(&str, String)],
    counted: &mut Counted,
) -> Result<(), String> {
    let logs = workspace::cache().join("test-logs");
    std::fs::create_dir_all(&logs).map_err(|error| format!("{} cannot be made: {error}", logs.display()))?;
    let times = Times::read(workspace);
    let ordered = times.ordered(binaries);
    let of = |turn: Turn| ordered.iter().filter(|binary| binary.turn == turn).cloned().collect();
    let mut outcomes = std::thread::scope(|scope| {
        let behind = scope.spawn(|| run_at_a_time(processors(), of(Turn::Behind), &logs, variables));
        let mut outcomes = run_at_a_time(processors(), of(Turn::Together), &logs, variables);
        outcomes.extend(behind.join().unwrap_or_default());
        outcomes
    });
    outcomes.extend(run_at_a_time(1, of(Turn::Alone), &logs, variables));
    times.write(&outcomes);
    println!("\nseconds  of a processor  binary");
    outcomes.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    for outcome in outcomes.iter().filter(|outcome| outcome.seconds >= 5.0) {
        println!("{:7.0}  {:14.0}  {}", outcome.seconds, outcome.processor, outcome.name);
    }
    println!("{:7}  {:14.0}  all", "", outcomes.iter().map(|outcome| outcome.processor).sum::<f64>());
    let mut failed = Vec::new();
    for outcome in &outcomes {
        counted.passed += outcome.counted.passed;
        counted.failed += outcome.counted.failed;
        if !outcome.success {
            // A binary that broke off without a report is a failure of its own.
            counted.failed += usize::from(outcome.counted.failed == 0);
            failed.push(format!(
                "{} ({}; {})",
                outcome.name,
                outcome.tests.join(", "),
                outcome.log.display()
            ));
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => Err(format!("tests failed in {}", failed.join(", "))),
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}

struct Outcome {
    name: String,
    seconds: f64,
    /// Seconds of a processor that it and its processes took.
    processor: f64,
    success: bool,
    counted: Counted,
    /// Names of tests that failed, a few at most.
    tests: Vec<String>,
    log: PathBuf,
}

fn run_at_a_time(
    width: usize,
    binaries: Vec<Binary>,
    logs: &Path,
    variables: &[(&str, String)],
) -> Vec<Outcome> {
    let waiting = Mutex::new(VecDeque::from(binaries));
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..width {
            scope.spawn(|| loop {
                let next = waiting.lock().unwrap_or_else(|broken| broken.into_inner()).pop_front();
                let Some(binary) = next else { break };
                let outcome = run_one(&binary, logs, variables);
                let mut outcomes = outcomes.lock().unwrap_or_else(|broken| broken.into_inner());
                show(&outcome);
                outcomes.push(outcome);
            });
        }
    });
    outcomes.into_inner().unwrap_or_else(|broken| broken.into_inner())
}

fn run_one(binary: &Binary, logs: &Path, variables: &[(&str, String)]) -> Outcome {
    let log = logs.join(format!("{}.log", binary.name.replace(' ', "-")));
    let started = Instant::now();
    let ran = File::create(&log).and_then(|out| {
        let errors = out.try_clone()?;
        let mut command = Command::new("bash");
        let nice = if binary.turn == Turn::Behind { "nice -n 19" } else { "" };
        command
            .args(["-c", &format!("TIMEFORMAT='{PROCESSOR} %U %S'; time {nice} \"$0\"")])
            .arg(&binary.path);
        command
            .current_dir(&binary.folder)
            .env("CARGO_MANIFEST_DIR", &binary.folder)
            .env("RUST_TEST_THREADS", (processors() * binary.at_a_time).to_string())
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(errors)
            .status()
    });
    let mut counted = Counted::default();
    let text = std::fs::read(&log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines().for_each(|line| counted.read(line));
    let tests = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    let tests = tests.take(NAMED).map(str::to_string).collect();
    let took = text.lines().rev().find_map(|line| line.strip_prefix(PROCESSOR)).unwrap_or_default();
    let processor = took.split_whitespace().filter_map(|part| part.parse::<f64>().ok()).sum();
    let success = matches!(&ran, Ok(status) if status.success());
    if let Err(error) = ran {
        eprintln!("{} could not be started: {error}", binary.path.display());
    }
    let seconds = started.elapsed().as_secs_f64();
    Outcome { name: binary.name.clone(), seconds, processor, success, counted, tests, log }
}

/// One line for a binary that passed, its whole output for one that failed.
fn show(outcome: &Outcome) {
    let Counted { passed, failed } = outcome.counted;
    println!("{:5.0} s  {}: {passed} passed, {failed} failed", outcome.seconds, outcome.name);
    if !outcome.success {
        let text = std::fs::read(&outcome.log).unwrap_or_default();
        println!("{}", String::from_utf8_lossy(&text));
    }
}

/// Seconds that each binary took in the last run.
struct Times {
    file: PathBuf,
    seconds: BTreeMap<String, f64>,
}

impl Times {
    fn read(workspace: Workspace) -> Self {
        let file = workspace.target().join("test-times.json");
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        Self { seconds: serde_json::from_str(&text).unwrap_or_default(), file }
    }

    /// The longest first, so that no long one is left at the end. Of those without a time, [`LONGEST`] begin before all
    /// others, and tests of whole programs before those of units.
    fn ordered(&self, binaries: &[Binary]) -> Vec<Binary> {
        let mut ordered = binaries.to_vec();
        let of = |binary: &Binary| match self.seconds.get(&binary.name) {
            Some(seconds) => *seconds,
            None if LONGEST.contains(&binary.name()) => f64::INFINITY,
            None if binary.name.ends_with(" it") => 60.0,
            None => 5.0,
        };
        ordered.sort_by(|a, b| of(b).total_cmp(&of(a)));
        ordered
    }

    /// Keeps the new times; without them the next run only has another order.
    fn write(mut self, outcomes: &[Outcome]) {
        self.seconds.extend(outcomes.iter().map(|outcome| (outcome.name.clone(), outcome.seconds)));
        if let Ok(text) = serde_json::to_string(&self.seconds) {
            let _ = std::fs::write(&self.file, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted_and_other_lines_are_not() {
        let mut counted = Counted::default();
        counted.read("running 3 tests");
        counted.read(
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        );
        counted.read("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s");
        assert_eq!(counted, Counted { passed: 15, failed: 2 });
    }

    #[test]
    fn packages_are_named_by_both_forms_of_ids() {
        assert_eq!(package_of("path+file:///a/subnets/text#myelin-text@0.1.0"), "myelin-text");
        assert_eq!(package_of("path+file:///a/xtask#0.1.0"), "xtask");
    }

    #[test]
    fn long_binaries_begin_first_also_on_a_new_machine() {
        let binary = |name: &str| Binary {
            name: name.into(),
            path: PathBuf::new(),
            folder: PathBuf::new(),
            turn: Turn::Together,
            at_a_time: 1,
        };
        let binaries = ["a a", "b it", "c c", "myelin-cli it", "d d"].map(binary);
        let order = |seconds: &[(&str, f64)]| {
            let seconds = seconds.iter().map(|(name, seconds)| (name.to_string(), *seconds)).collect();
            let ordered = Times { file: PathBuf::new(), seconds }.ordered(&binaries);
            ordered.iter().map(|binary| binary.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(order(&[]), ["myelin-cli it", "b it", "a a", "c c", "d d"]);
        assert_eq!(order(&[("d d", 70.0), ("a a", 1.0)]), ["myelin-cli it", "d d", "b it", "c c", "a a"]);
    }

    #[test]
    fn only_test_binaries_are_read_from_messages() {
        let message = |test: bool, kind: &str| {
            serde_json::json!({
                "reason": "compiler-artifact", "profile": { "test": test }, "executable": "/t/it-1",
                "manifest_path": "/a/sdk/subnet/Cargo.toml", "package_id": "path+file:///a/sdk/subnet#myelin-subnet@0.1.0",
                "target": { "name": "it", "kind": [kind] },
            })
        };
        assert_eq!(Binary::read(&message(false, "bin")), None);
        let integration = Binary::read(&message(true, "test")).expect("a test binary");
        assert_eq!(integration.name, "myelin-subnet it");
        assert_eq!((integration.turn, integration.at_a_time), (Turn::Alone, 4));
        let unit = Binary::read(&message(true, "lib")).expect("a test binary");
        assert_eq!((unit.turn, unit.at_a_time), (Turn::Together, 1));
        let mut kit = message(true, "test");
        kit["target"]["name"] = "kit".into();
        assert_eq!(Binary::read(&kit).expect("a test binary").turn, Turn::Behind);
    }
}
