//! The list of changes: cargo-mutants' own, so that its words and counts hold here too.

use std::ops::Range;
use std::process::Command;

use serde::Deserialize;

use crate::workspace;

/// One change of one place.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Its number, from 1, which `MUTANT` names.
    pub id: u32,
    /// The crate.
    pub package: String,
    /// The file, relative to the checkout.
    pub file: String,
    /// cargo-mutants' description, with place.
    pub name: String,
    /// Kind of the changed place.
    pub genre: Genre,
    /// Code that stands there instead; empty if code is deleted.
    pub replacement: String,
    /// The bytes that are replaced.
    pub span: Range<usize>,
}

/// Kinds of places, as cargo-mutants names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Genre {
    /// The body of a function becomes a value.
    FnValue,
    /// An operator becomes another.
    BinaryOperator,
    /// A sign or negation vanishes.
    UnaryOperator,
    /// A match arm vanishes.
    MatchArm,
    /// A guard becomes true or false.
    MatchArmGuard,
    /// A field of a struct expression falls back to the base.
    StructField,
}

#[derive(Deserialize)]
struct Listed {
    package: String,
    file: String,
    name: String,
    genre: Genre,
    replacement: String,
    span: Span,
}

#[derive(Deserialize)]
struct Span {
    start: Position,
    end: Position,
}

#[derive(Deserialize)]
struct Position {
    line: usize,
    column: usize,
}

/// All changes of these crates.
pub fn mutants(packages: &[String]) -> Result<Vec<Mutant>, String> {
    let mut command = Command::new("cargo");
    command.current_dir(workspace::root()).args([
        "mutants",
        "--list",
        "--json",
        "--config",
        ".config/mutants.toml",
    ]);
    for package in packages {
        command.args(["-p", package]);
    }
    let output = command.output().map_err(|e| format!("cargo mutants did not start: {e}"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "cargo mutants --list failed (cargo install --locked cargo-mutants installs it): {why}"
        ));
    }
    let listed: Vec<Listed> = serde_json::from_slice(&output.stdout)
        .map_err(|e| format!("the list of cargo mutants is not understood: {e}"))?;
    listed.into_iter().zip(1..).map(|(mutant, id)| placed(mutant, id)).collect()
}

fn placed(listed: Listed, id: u32) -> Result<Mutant, String> {
    let path = workspace::root().join(&listed.file);
    let text =
        std::fs::read_to_string(&path).map_err(|e| format!("{} can't be read: {e}", path.display()))?;
    let offset = |at: &Position| offset(&text, at).ok_or_else(|| format!("{}: no such place", listed.name));
    let span = offset(&listed.span.start)?..offset(&listed.span.end)?;
    let Listed { package, file, name, genre, replacement, .. } = listed;
    Ok(Mutant { id, package, file, name, genre, replacement, span })
}

/// The byte of a line and column, both from 1; columns count characters.
fn offset(text: &str, at: &Position) -> Option<usize> {
    let start: usize = text.split_inclusive('\n').take(at.line.checked_sub(1)?).map(str::len).sum();
    let line = text.get(start..)?.split('\n').next()?;
    let within =
        line.char_indices().map(|(byte, _)| byte).chain([line.len()]).nth(at.column.checked_sub(1)?)?;
    Some(start + within)
}
