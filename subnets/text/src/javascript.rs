//! Runs JavaScript that strangers wrote, in the sandbox.
//!
//! The engine is a WebAssembly program of this repository (`javascript/`), so a script's use of resources is counted
//! and two validators arrive at the same result. Everybody runs the same bytes of it (docs/decisions/0038). Each call
//! is a new instance, which sees its script and its inputs and nothing else.

use std::sync::OnceLock;

use myelin_sandbox::{Limits, Program, RunError, Sandbox, COSTS_VERSION};
use myelin_subnet::Effort;
use myelin_wire::hash::{blake2_256, blake2_256_of, to_hex};

/// The engine, compressed.
const ENGINE: &[u8] = include_bytes!("../javascript/engine.wasm.deflate");
/// BLAKE2b-256 of the engine and the compiler that made it, a line each.
const ENGINE_HASH: &str = include_str!("../javascript/engine.txt");
/// Longest engine in bytes.
const LONGEST_ENGINE: usize = 16 << 20;

/// Limits of a script for all of its inputs: under a quarter of a second.
pub const LIMITS: Limits =
    Limits { fuel: 300_000_000, memory: 64 << 20, input: 64 * 1024, output: 96 * 1024 };
/// Fuel that is one unit of the effort of judging.
pub const UNIT: u64 = 1_000_000;
/// Longest error that is reported, in bytes.
const LONGEST_ERROR: usize = 200;

/// Reasons for a call without a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The engine of this validator cannot be used; the script is not to blame.
    #[error("the JavaScript engine cannot be used: {0}")]
    Engine(String),
    /// The text is not a script, or it threw an error.
    #[error("{0}")]
    Thrown(String),
    /// The script used more than its limits.
    #[error(transparent)]
    Stopped(#[from] RunError),
}

/// Calls `solve` of a script with each argument, in JSON. Returns the result of each call in JSON, or the error that it
/// threw.
///
/// The script is run anew for each argument, so calls share nothing but the script's changes to the language itself.
/// Starting an engine takes longer than most scripts. The fuel is charged to `effort` in begun millions, and all that a
/// script may use where it is stopped.
pub fn call(
    script: &str,
    arguments: &[&str],
    effort: &mut Effort,
) -> Result<Vec<Result<String, String>>, ScriptError> {
    let engine = engine().as_ref().map_err(|error| ScriptError::Engine(error.clone()))?;
    let source = format!(
        "function make() {{\n{script}\n;return solve }}\n\
         JSON.stringify([{}].map(function (x) {{\n\
         try {{ return [JSON.stringify(make()(x))] }} catch (e) {{ return [null, String(e)] }}\n}}))",
        arguments.join(",")
    );
    let ran = engine.run(source.as_bytes(), &LIMITS);
    effort.spend(ran.as_ref().map_or(LIMITS.fuel, |ran| ran.fuel).div_ceil(UNIT));
    let output = ran?.output;
    let (status, text) = output.split_first().unwrap_or((&1, &[]));
    let text = String::from_utf8_lossy(text).into_owned();
    let short = |error: &str| error.chars().take(LONGEST_ERROR).collect::<String>();
    if *status != 0 {
        return Err(ScriptError::Thrown(short(&text)));
    }
    // A script can replace the function that writes the results; then the output may have any form.
    let results: Vec<Vec<Option<String>>> =
        serde_json::from_str(&text).map_err(|_| ScriptError::Thrown("it gives no results".into()))?;
    if results.len() != arguments.len() {
        return Err(ScriptError::Thrown("it gives another number of results".into()));
    }
    let result = |mut parts: Vec<Option<String>>| match (parts.pop().flatten(), parts.is_empty()) {
        (Some(value), true) => Ok(value),
        (error, _) => Err(short(&error.unwrap_or_else(|| "no result".into()))),
    };
    Ok(results.into_iter().map(result).collect())
}

/// Translates the engine, which takes seconds, so that the first script need not wait.
pub fn prepare() {
    // A broken engine is told at the first script.
    let _ = engine();
}

/// The engine as machine code; translated at the first call.
fn engine() -> &'static Result<Program, String> {
    static PROGRAM: OnceLock<Result<Program, String>> = OnceLock::new();
    PROGRAM.get_or_init(|| Sandbox::new().own_program(&unpacked()?).map_err(|error| error.to_string()))
}

/// The engine that the rules name, or an error: another one would judge by other rules.
fn unpacked() -> Result<Vec<u8>, String> {
    let engine = miniz_oxide::inflate::decompress_to_vec_with_limit(ENGINE, LONGEST_ENGINE)
        .map_err(|error| format!("it does not unpack: {error}"))?;
    let (found, expected) = (to_hex(&blake2_256(&engine)), engine_hash());
    match found == expected {
        true => Ok(engine),
        false => Err(format!("it has the hash {found}, and the rules name {expected}")),
    }
}

fn engine_hash() -> &'static str {
    ENGINE_HASH.lines().next().unwrap_or_default()
}

/// A word for the rules that changes with everything on which the result of a script depends: the first 8 bytes of a
/// BLAKE2b-256. It covers the engine's hash in hexadecimal digits, then fuel, memory, input, output and the number of
/// the table of what instructions cost, each as 8 bytes with the lowest first.
pub fn version() -> String {
    version_of(engine_hash(), &LIMITS, COSTS_VERSION)
}

fn version_of(engine: &str, limits: &Limits, costs: u32) -> String {
    let &Limits { fuel, memory, input, output } = limits;
    let numbers = [fuel, memory as u64, input as u64, output as u64, costs.into()];
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    to_hex(&blake2_256_of(&[engine.as_bytes(), &numbers])[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_the_one_that_the_rules_name() {
        assert!(unpacked().is_ok_and(|engine| !engine.is_empty()));
        let usual = version();
        assert_eq!((usual.len(), &usual), (16, &version_of(engine_hash(), &LIMITS, COSTS_VERSION)));
        let engine = engine_hash().replacen('d', "e", 1);
        assert_ne!(version_of(&engine, &LIMITS, COSTS_VERSION), usual, "another engine");
        assert_ne!(version_of(engine_hash(), &LIMITS, COSTS_VERSION + 1), usual, "other costs");
        for limits in [
            Limits { fuel: LIMITS.fuel + 1, ..LIMITS },
            Limits { memory: LIMITS.memory + 1, ..LIMITS },
            Limits { input: LIMITS.input + 1, ..LIMITS },
            Limits { output: LIMITS.output + 1, ..LIMITS },
        ] {
            assert_ne!(version_of(engine_hash(), &limits, COSTS_VERSION), usual, "{limits:?}");
        }
    }
}
