//! Runs JavaScript that strangers wrote, in the sandbox.
//!
//! The engine is a WebAssembly program of this repository (`javascript/`), so what a script may use is counted and two
//! validators come to the same result; everybody runs the same bytes of it (docs/decisions/0038). Each call is a new instance,
//! which sees one input and nothing else.

use std::sync::OnceLock;

use myelin_sandbox::{Limits, Program, RunError, Sandbox};

/// The engine, compressed.
const ENGINE: &[u8] = include_bytes!("../javascript/engine.wasm.deflate");
/// Longest engine in bytes.
const LONGEST_ENGINE: usize = 16 << 20;

/// What one call may use: under a quarter of a second.
pub const LIMITS: Limits =
    Limits { fuel: 300_000_000, memory: 64 << 20, input: 64 * 1024, output: 16 * 1024 };

/// Why a call gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The engine of this validator cannot be used, which says nothing about the script.
    #[error("the JavaScript engine cannot be used: {0}")]
    Engine(String),
    /// The script is none, or threw.
    #[error("{0}")]
    Thrown(String),
    /// It used more than it may.
    #[error(transparent)]
    Stopped(#[from] RunError),
}

/// Calls `solve` of a script with an argument in JSON; the result in JSON.
pub fn call(script: &str, argument: &str) -> Result<String, ScriptError> {
    let engine = engine().as_ref().map_err(|error| ScriptError::Engine(error.clone()))?;
    let source = format!("{script}\n;JSON.stringify(solve({argument}))");
    let output = engine.run(source.as_bytes(), &LIMITS)?.output;
    let (status, text) = output.split_first().unwrap_or((&1, &[]));
    let text = String::from_utf8_lossy(text).into_owned();
    match status {
        0 => Ok(text),
        _ => Err(ScriptError::Thrown(text.chars().take(200).collect())),
    }
}

/// The engine as machine code; translated at the first call.
fn engine() -> &'static Result<Program, String> {
    static PROGRAM: OnceLock<Result<Program, String>> = OnceLock::new();
    PROGRAM.get_or_init(|| Sandbox::new().own_program(&unpacked()?).map_err(|error| error.to_string()))
}

fn unpacked() -> Result<Vec<u8>, String> {
    miniz_oxide::inflate::decompress_to_vec_with_limit(ENGINE, LONGEST_ENGINE)
        .map_err(|error| format!("it does not unpack: {error}"))
}

#[cfg(test)]
mod tests {
    use myelin_wire::hash::{blake2_256, to_hex};

    use super::*;

    #[test]
    fn the_engine_is_the_one_that_every_validator_runs() {
        let known = include_str!("../javascript/engine.txt").lines().next().unwrap();
        assert_eq!(to_hex(&blake2_256(&unpacked().unwrap())), known);
    }
}
