//! Runs files of numeric cases over the consensus mathematics.
//!
//! A file is `{ "README": …, "cases": [ { "id", "topic", "kind", "source", "input", "expected", "tolerance", "note"? }
//! ] }`. Each kind names a formula; its runner reads `input`, calls the pure function in `core/` and hands the result
//! to [`Outcome::compare`]. Tolerances are absolute, and a value without one is compared exactly. An unknown kind
//! fails: a runner that skips unknown kinds would report success for nothing.
//!
//! [`input`] reads fields with clear errors, [`number`] keeps large integers whole, and [`outcome`] compares and
//! prints. [`economy`], [`flow`], [`ties`] and [`epoch`] hold the runners by kind.

mod economy;
mod epoch;
mod flow;
mod input;
mod number;
mod outcome;
mod ties;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

pub use input::{Input, Malformed};
pub use outcome::{Outcome, Tolerance};

/// One case of a file. Unknown extra fields are ignored, they are notes for people.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// Name of the case, unique in its file.
    #[serde(default)]
    pub id: String,
    /// The formula under test; a case without it fails like one of an unknown kind.
    #[serde(default)]
    pub kind: String,
    /// Arguments of the formula.
    #[serde(default)]
    pub input: Value,
    /// The result wanted; absent for `epoch_sequence`, whose steps carry their own expectations.
    #[serde(default, deserialize_with = "given")]
    pub expected: Option<Value>,
    /// Absolute tolerance: a number, or numbers by field.
    #[serde(default)]
    pub tolerance: Value,
}

impl Case {
    /// The arguments, with errors that name the field.
    pub fn input(&self) -> Input<'_> {
        Input::new("input", &self.input)
    }

    /// The tolerance of the whole case.
    pub fn tolerance(&self) -> Tolerance<'_> {
        Tolerance::new(&self.tolerance)
    }

    /// Compares the result got with the case's `expected` under its tolerance.
    ///
    /// # Errors
    /// If nothing is expected, since everything would pass.
    pub fn compare(&self, got: Value) -> Result<Outcome, Malformed> {
        let wanted = self.expected.as_ref().ok_or_else(|| Malformed::new("expected", "is missing"))?;
        if wanted.as_object().is_some_and(|fields| fields.is_empty()) {
            return Err(Malformed::new("expected", "names no field, so any result would pass"));
        }
        Ok(Outcome::compare("", wanted, &got, self.tolerance()))
    }
}

/// A field that is there, though it may be `null`.
fn given<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(field).map(Some)
}

#[derive(Deserialize)]
struct CaseFile {
    cases: Vec<Case>,
}

#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error("cannot read the case file {path}: {source}; pass a JSON file in UTF-8")]
    Read { path: String, source: std::io::Error },
    #[error(
        "{path} is not a case file: {source}; expected {{\"cases\": [{{\"id\", \"kind\", \"input\", …}}]}}"
    )]
    Format { path: String, source: serde_json::Error },
}

/// Runs every case of every file, prints `pass`/`FAIL` per case and `N passed, N failed`; succeeds if none failed.
pub fn run(files: &[PathBuf], quiet: bool) -> ExitCode {
    let (mut passed, mut failed) = (0usize, 0usize);
    for file in files {
        let cases = match read(file) {
            Ok(cases) => cases,
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::from(2);
            }
        };
        for case in &cases {
            match run_case(case) {
                Ok(outcome) if outcome.passed() => {
                    passed += 1;
                    if !quiet {
                        println!("pass {} ({})", case.id, case.kind);
                    }
                }
                Ok(outcome) => {
                    failed += 1;
                    println!("FAIL {} ({})", case.id, case.kind);
                    print!("{outcome}");
                }
                Err(error) => {
                    failed += 1;
                    println!("FAIL {} ({})\n     {error}", case.id, case.kind);
                }
            }
        }
    }
    if passed + failed == 0 {
        eprintln!("error: there is no case in what was given; expected {{\"cases\": [{{…}}, …]}}");
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 && passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn read(path: &Path) -> Result<Vec<Case>, FileError> {
    let name = path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|source| FileError::Read { path: name.clone(), source })?;
    let text = number::quote_large_integers(&text);
    let file: CaseFile =
        serde_json::from_str(&text).map_err(|source| FileError::Format { path: name, source })?;
    Ok(file.cases)
}

/// Each area answers `None` for kinds that are not its own.
fn run_case(case: &Case) -> Result<Outcome, Malformed> {
    case.tolerance().check("tolerance")?;
    let outcome = epoch::run(case)
        .or_else(|| economy::run(case))
        .or_else(|| flow::run(case))
        .or_else(|| ties::run(case));
    outcome.unwrap_or_else(|| {
        Err(Malformed::new(format_args!("\"{}\"", case.kind), "is not a known kind of case"))
    })
}
