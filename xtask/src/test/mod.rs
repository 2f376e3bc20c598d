//! `cargo xtask test`: format, lints and tests of both workspaces, with the minutes that each step took.
//!
//! Lints come with the compilation: `scripts/rustc` compiles our own crates with clippy. A warning that cargo reports,
//! also one that it replays from its cache, fails the step. So nothing is compiled twice for them.

mod binaries;
mod engine;

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use myelin_compat::packages::Packages;

use self::binaries::{Binary, Counted};
use crate::workspace::{self, Workspace};
use crate::{bench, functions, language, layout, links, official, weights};

/// Cases of every property of the first workspace in the long tests; 256 are usual, and 3,000 the most.
const LONG_CASES: &str = "5000";
/// Factor on the cases of a property in the long tests where their usual number depends on the time of a case.
const LONG_TIMES: &str = "20";
/// Paid epochs of the demo. After four of them chance still decides in one of fifty runs, by estimate, which of its two
/// better models has earned more, because a validator has judged some 600 answers of each. After six it does so in one
/// of 160.
const DEMO_EPOCHS: &str = "6";
/// Calls of the fuzzer's story in the long tests.
const LONG_CALLS: &str = "100000";

/// Runs every step, also after one has failed, and lists the failed ones at the end. After the build, `only` leaves out
/// the steps whose names do not contain it.
pub fn run(long: bool, only: Option<String>) -> ExitCode {
    let mut report = Report { only, ..Report::default() };
    for workspace in Workspace::ALL {
        report.step(&format!("format of {}", workspace.name()), || formatted(workspace));
    }
    report.step("borders between crates", layout::check);
    report.step("links of pages", links::check);
    report.step("comments and words", language::check);
    report.step("lengths of functions", functions::check);
    let mut compiled = Vec::new();
    for workspace in Workspace::ALL {
        report.step(&format!("build and lints of {}", workspace.name()), || {
            compiled.push((workspace, built(workspace)?));
            Ok(())
        });
    }
    let built = !report.failed();
    // Without them their own tests fail, and no others.
    report.step("official packages", || official::install(&Packages::ALL));
    if built {
        for (workspace, binaries) in &compiled {
            let mut counted = Counted::default();
            report.part(&format!("tests of {}", workspace.name()), || {
                tested(*workspace, binaries, long, &mut counted)
            });
            report.count(counted);
        }
        let mut counted = Counted::default();
        report.part("examples in the docs", || documented(&mut counted));
        report.count(counted);
    }
    // The long tests continue with the demos when a test fails: a run of an hour should report all that it can.
    if built && (long || !report.failed()) {
        let seeds: &[&str] = if long { &["1", "2", "3"] } else { &["1"] };
        for seed in seeds {
            report.part(&format!("the demo keeps its promises, seed {seed}"), || {
                demo(&["--seed", seed, "--epochs", DEMO_EPOCHS], true)
            });
        }
    }
    if built && long {
        for (workspace, binaries) in &compiled {
            for binary in binaries.iter().filter(|binary| binary.has_ignored()) {
                let mut counted = Counted::default();
                report.part(&format!("long tests of {}", binary.name()), || {
                    tested_long(*workspace, binary, &mut counted)
                });
                report.count(counted);
            }
        }
        report.part("the JavaScript engine is what its sources give", engine::check);
        report.part("benchmarks compile", bench::compile);
        report.part("benchmarks of weights run", weights::try_all);
        report.part("equal scores break them", || demo(&["--negative-control"], false));
        report.part("three subnets keep their promises side by side", || {
            demo(&["--subnets", "text,analysis,recognition", "--epochs", "3"], true)
        });
        report
            .part("evidence: validators prove their weights, and those that cheat are paid nothing", || {
                demo(&["--evidence", "--epochs", "6"], true)
            });
        report.part(
            "governance: votes on a parameter, the runtime, elections and the root key, and an elected author",
            || demo(&["--scenario", "governance"], true),
        );
        report.part("growth over 5,000 blocks", || bench::growth(5_000));
        report.part("32 subnets with 1,024 axons for an hour", || bench::scale(32, 32, 60, 360));
    }
    if built && (long || !report.failed()) {
        report.check_only();
    }
    report.print()
}

/// Runs the demo to its verdict, which must be the expected one: a demo that broke off proves nothing.
fn demo(arguments: &[&str], kept: bool) -> Result<(), String> {
    let folder = workspace::cache().join("demo-test");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let report = folder.join("demo-report.json");
    if report.exists() {
        std::fs::remove_file(&report).map_err(|error| error.to_string())?;
    }
    let status = Command::new(workspace::myelin())
        .current_dir(&folder)
        .args(["demo", "--exit"])
        .args(arguments)
        .env("MYELIN_NODE", workspace::node())
        .status()
        .map_err(|error| error.to_string())?;
    let report =
        std::fs::read_to_string(report).map_err(|_| "it broke off before its verdict".to_string())?;
    let report: serde_json::Value = serde_json::from_str(&report).map_err(|error| error.to_string())?;
    match (report["kept"].as_bool(), kept) {
        (Some(true), true) if status.success() => Ok(()),
        (Some(false), false) if !status.success() => Ok(()),
        (Some(false), true) => Err(format!("broken: {}", broken(&report).join("; "))),
        (Some(true), false) => Err("the promises held although every score was equal".into()),
        _ => Err(format!("its report and its exit ({status}) do not fit")),
    }
}

/// The promises that a demo's report calls broken, those of its subnets included, each with what was found.
fn broken(report: &serde_json::Value) -> Vec<String> {
    let each = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let own = each(&report["promises"]).into_iter().filter(|promise| promise["kept"] == false);
    let own = own.map(|promise| {
        let text = |field: &str| promise[field].as_str().unwrap_or("?").to_string();
        format!("{}: {}", text("promise"), text("found"))
    });
    own.chain(each(&report["subnets"]).iter().flat_map(broken)).collect()
}

#[derive(Default)]
struct Report {
    /// A text that the name of a part must contain.
    only: Option<String>,
    /// Names of the parts that do not contain it.
    left_out: Vec<String>,
    /// Number of the parts that were not left out.
    chosen: usize,
    steps: Vec<(String, f64, Result<(), String>)>,
    passed: usize,
    failures: usize,
}

impl Report {
    /// A step that may be left out.
    fn part(&mut self, name: &str, work: impl FnOnce() -> Result<(), String>) {
        match &self.only {
            Some(only) if !name.contains(only.as_str()) => self.left_out.push(name.to_string()),
            _ => {
                self.chosen += 1;
                self.step(name, work);
            }
        }
    }

    /// Fails if no part's name contains what it must.
    fn check_only(&mut self) {
        if let (Some(only), 0) = (self.only.clone(), self.chosen) {
            self.step("choice of steps", || Err(format!("no step's name contains `{only}`; see the list")));
        }
    }

    fn step(&mut self, name: &str, work: impl FnOnce() -> Result<(), String>) {
        println!("\n==> {name}");
        let started = Instant::now();
        let result = work();
        let minutes = started.elapsed().as_secs_f64() / 60.0;
        match &result {
            Ok(()) => println!("==> {name}: {minutes:.1} min"),
            Err(why) => {
                println!("==> {name} FAILED after {minutes:.1} min: {why}");
            }
        }
        self.steps.push((name.to_string(), minutes, result));
    }

    /// Whether a step failed so far.
    fn failed(&self) -> bool {
        self.steps.iter().any(|(_, _, result)| result.is_err())
    }

    fn count(&mut self, counted: Counted) {
        self.passed += counted.passed;
        self.failures += counted.failed;
    }

    fn print(self) -> ExitCode {
        println!("\nminutes  step");
        for (name, minutes, result) in &self.steps {
            println!("{minutes:7.1}  {name}{}", if result.is_ok() { "" } else { "  FAILED" });
        }
        let total: f64 = self.steps.iter().map(|step| step.1).sum();
        println!("{total:7.1}  together");
        for (name, _, result) in &self.steps {
            if let Err(why) = result {
                println!("failed: {name}: {why}");
            }
        }
        if !self.left_out.is_empty() {
            println!("\nleft out:\n  {}", self.left_out.join("\n  "));
        }
        let failures = self.failures.max(usize::from(self.failed()));
        println!("\n{} passed, {failures} failed", self.passed);
        if failures == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

fn formatted(workspace: Workspace) -> Result<(), String> {
    let status = workspace.cargo().args(["fmt", "--all", "--check"]).stdout(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("run `cargo fmt --all` in {}", workspace.folder().display())),
        Err(error) => Err(error.to_string()),
    }
}

/// Compiles everything that the tests need and returns the test binaries; a warning in our own crates is a failure.
fn built(workspace: Workspace) -> Result<Vec<Binary>, String> {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--workspace", "--no-run", "--message-format=json-diagnostic-rendered-ansi"]);
    let mut child = cargo.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let output = child.stdout.take().ok_or("cargo gave no output")?;
    let mut warnings = 0;
    let mut binaries = Vec::new();
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(&line) else { continue };
        binaries.extend(Binary::read(&message));
        if message["reason"] != "compiler-message" {
            continue;
        }
        if let Some(text) = message["message"]["rendered"].as_str() {
            print!("{text}");
        }
        if message["message"]["level"] == "warning" {
            warnings += 1;
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    match (status.success(), warnings) {
        (true, 0) => Ok(binaries),
        (true, n) => Err(format!("{n} warnings; see above")),
        (false, _) => Err("it does not compile; see above".into()),
    }
}

/// Variables for the tests of a workspace: the programs, and how much the long tests try.
fn variables(workspace: Workspace, long: bool) -> Vec<(&'static str, String)> {
    let shown = |path: std::path::PathBuf| path.display().to_string();
    let mut variables =
        vec![("MYELIN_NODE", shown(workspace::node())), ("MYELIN_BIN", shown(workspace::myelin()))];
    if long {
        variables.push(("CASES_TIMES", LONG_TIMES.into()));
        variables.push(match workspace {
            Workspace::Root => ("PROPTEST_CASES", LONG_CASES.into()),
            Workspace::Chain => ("FUZZ_CALLS", LONG_CALLS.into()),
        });
    }
    variables
}

/// Runs the tests and counts what they report.
fn tested(
    workspace: Workspace,
    binaries: &[Binary],
    long: bool,
    counted: &mut Counted,
) -> Result<(), String> {
    if long {
        match workspace {
            Workspace::Root => {
                println!("properties have {LONG_CASES} cases, or {LONG_TIMES} times their own number");
            }
            Workspace::Chain => {
                println!(
                    "properties have {LONG_TIMES} times their cases; the fuzzer makes {LONG_CALLS} calls"
                );
            }
        }
    }
    binaries::run(workspace, binaries, &variables(workspace, long), counted)
}

/// Runs the ignored tests of a binary, one at a time.
fn tested_long(workspace: Workspace, binary: &Binary, counted: &mut Counted) -> Result<(), String> {
    let mut command = binary.ignored();
    command.envs(variables(workspace, true));
    stream(command, |line| counted.read(line))
}

/// Runs the examples in doc comments; only the first workspace has any.
fn documented(counted: &mut Counted) -> Result<(), String> {
    let mut cargo = Workspace::Root.cargo();
    cargo.args(["test", "--workspace", "--doc", "--no-fail-fast"]);
    stream(cargo, |line| counted.read(line))
}

/// Runs a command, shows its output and looks at each line.
fn stream(mut command: Command, mut look: impl FnMut(&str)) -> Result<(), String> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let output = child.stdout.take().ok_or("no output")?;
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        println!("{line}");
        look(&line);
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() {
        Ok(())
    } else {
        Err("a test failed; see above".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_promises_are_named_with_what_was_found() {
        let promise =
            |name: &str, kept: bool| serde_json::json!({"promise": name, "kept": kept, "found": "1 of 2"});
        let subnet = serde_json::json!({"promises": [promise("order", false), promise("pay", true)]});
        let report = serde_json::json!({"promises": [promise("ledgers", false)], "subnets": [subnet]});
        assert_eq!(broken(&report), ["ledgers: 1 of 2", "order: 1 of 2"]);
    }
}
