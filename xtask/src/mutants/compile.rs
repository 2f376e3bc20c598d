//! A copy of the four crates with every change in it, compiled once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::list::Mutant;
use super::rewrite::{rewrite, Rewritten};
use crate::workspace::{self, Workspace};

/// Result of compiling.
pub struct Compiled {
    /// Test binaries, each with the crate it tests and the folder it runs in.
    pub tests: Vec<TestBinary>,
    /// Changes that no compiler accepts.
    pub unviable: BTreeSet<u32>,
    /// Changes of constants; a switch can't reach them.
    pub constant: BTreeSet<u32>,
    /// Changes of functions that the compiler may run; where no test runs them, a switch can't reach them either.
    pub in_const_fn: BTreeSet<u32>,
}

/// One test binary.
#[derive(Clone)]
pub struct TestBinary {
    /// The crate.
    pub package: String,
    /// Path of the binary.
    pub path: PathBuf,
    /// Folder in which it runs.
    pub folder: PathBuf,
}

const SWITCH: &str = include_str!("switch.txt");
/// More rounds than compilers need to find every error: they stop at each phase.
const ROUNDS: usize = 24;

/// Copies, rewrites, drops changes that don't compile, and builds the tests of `packages`.
pub fn compile(packages: &[String], mutants: &[Mutant]) -> Result<Compiled, String> {
    let tree = folder().join("tree");
    copy(&tree)?;
    let (mut unviable, mut constant, mut in_const_fn) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for round in 1..=ROUNDS {
        let mut files = BTreeMap::new();
        for (file, rewritten) in write(&tree, mutants, &unviable)? {
            unviable.extend(rewritten.unviable);
            constant.extend(rewritten.constant);
            in_const_fn.extend(rewritten.in_const_fn);
            files.insert(file, rewritten.text);
        }
        let errors = check(&tree, packages)?;
        if errors.is_empty() {
            println!("compiles in round {round}; {} changes are unviable", unviable.len());
            let tests = build(&tree, packages)?;
            return Ok(Compiled { tests, unviable, constant, in_const_fn });
        }
        let known = unviable.len();
        for error in &errors {
            let text = files
                .get(&error.file)
                .ok_or_else(|| format!("an error outside of what was changed: {error:?}"))?;
            unviable.extend(blamed(text, error.at, error.end));
        }
        if unviable.len() == known {
            return Err(format!("no change explains these errors: {errors:?}"));
        }
        println!("round {round}: {} errors, {} changes unviable so far", errors.len(), unviable.len());
    }
    Err("the changes don't compile after many rounds".into())
}

/// Folder of all files of this command.
pub fn folder() -> PathBuf {
    Workspace::Root.target().join("mutants")
}

fn copy(tree: &Path) -> Result<(), String> {
    let root = workspace::root();
    let output = Command::new("git")
        .current_dir(&root)
        .args([
            "ls-files",
            "-co",
            "--exclude-standard",
            "core",
            "tests/cases",
            "Cargo.lock",
            "rust-toolchain.toml",
        ])
        .output()
        .map_err(|e| format!("git did not start: {e}"))?;
    for name in String::from_utf8_lossy(&output.stdout).lines() {
        if let Ok(content) = std::fs::read(root.join(name)) {
            replace(&tree.join(name), &content)?;
        }
    }
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).map_err(|e| e.to_string())?;
    let (before, rest) = manifest.split_once("members = [").ok_or("Cargo.toml has no members")?;
    let (_, after) = rest.split_once(']').ok_or("Cargo.toml's members have no end")?;
    replace(&tree.join("Cargo.toml"), format!("{before}members = [\"core/*\"]{after}").as_bytes())
}

/// Writes a file unless it has this content already, so that cargo builds no more than it has to.
fn replace(path: &Path, content: &[u8]) -> Result<(), String> {
    if std::fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let folder = path.parent().ok_or("a file lies in a folder")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, content))
        .map_err(|e| format!("{} can't be written: {e}", path.display()))
}

/// Rewrites the sources without the changes known to be unviable; returns each file by its name.
fn write(
    tree: &Path,
    mutants: &[Mutant],
    unviable: &BTreeSet<u32>,
) -> Result<BTreeMap<String, Rewritten>, String> {
    let mut by_file: BTreeMap<String, Vec<&Mutant>> = BTreeMap::new();
    for mutant in mutants {
        let (krate, _) =
            mutant.file.split_once("/src/").ok_or_else(|| format!("{} lies in no crate", mutant.file))?;
        by_file.entry(format!("{krate}/src/lib.rs")).or_default();
        let of_file = by_file.entry(mutant.file.clone()).or_default();
        if !unviable.contains(&mutant.id) {
            of_file.push(mutant);
        }
    }
    let mut files = BTreeMap::new();
    for (file, of_file) in by_file {
        let source =
            std::fs::read_to_string(workspace::root().join(&file)).map_err(|e| format!("{file}: {e}"))?;
        let mut rewritten = rewrite(&source, &of_file).map_err(|e| format!("{file}: {e}"))?;
        if let Some(krate) = file.strip_suffix("/src/lib.rs") {
            rewritten.text = format!(
                "#![feature(core_intrinsics, const_eval_select)]\n{}\nmod mutation;\n",
                rewritten.text
            );
            replace(&tree.join(krate).join("src/mutation.rs"), SWITCH.as_bytes())?;
        }
        replace(&tree.join(&file), rewritten.text.as_bytes())?;
        files.insert(file, rewritten);
    }
    Ok(files)
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    message: Option<Diagnostic>,
    target: Option<Target>,
    manifest_path: Option<PathBuf>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    spans: Vec<DiagnosticSpan>,
}

#[derive(Deserialize)]
struct DiagnosticSpan {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    is_primary: bool,
}

#[derive(Debug)]
struct CompileError {
    file: String,
    at: usize,
    end: usize,
    #[allow(dead_code)] // shown when nothing explains the error
    message: String,
}

fn cargo(tree: &Path, packages: &[String], arguments: &[&str]) -> Result<(bool, Vec<Message>), String> {
    let mut command = Workspace::Root.cargo();
    command
        .current_dir(tree)
        .env("CARGO_TARGET_DIR", folder().join("target"))
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env("RUSTFLAGS", "--cap-lints=allow")
        // The switch asks whether it runs in the compiler, which only unstable Rust can.
        .env("RUSTC_BOOTSTRAP", "myelin_units,myelin_yuma,myelin_economy,myelin_wire,myelin_election")
        .args(arguments)
        .args(["--message-format=json", "--offline"])
        .stderr(Stdio::inherit());
    for package in packages {
        command.args(["-p", package]);
    }
    for package in ["myelin-units", "myelin-yuma", "myelin-economy", "myelin-wire", "myelin-election"] {
        command.arg(format!("--config=profile.dev.package.{package}.opt-level=1"));
        command.arg(format!("--config=profile.dev.package.{package}.codegen-units=16"));
    }
    let output = command.output().map_err(|e| format!("cargo did not start: {e}"))?;
    let messages = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    Ok((output.status.success(), messages))
}

fn check(tree: &Path, packages: &[String]) -> Result<Vec<CompileError>, String> {
    let (success, messages) = cargo(tree, packages, &["check", "--lib", "--keep-going", "--quiet"])?;
    let mut errors = Vec::new();
    for diagnostic in messages.into_iter().filter_map(|message| message.message) {
        if diagnostic.level != "error" {
            continue;
        }
        let Some(span) = diagnostic.spans.iter().find(|span| span.is_primary) else { continue };
        errors.push(CompileError {
            file: span.file_name.clone(),
            at: span.byte_start,
            end: span.byte_end,
            message: diagnostic.message,
        });
    }
    if !success && errors.is_empty() {
        return Err("the changed crates don't compile, and no error says where".into());
    }
    Ok(errors)
}

fn build(tree: &Path, packages: &[String]) -> Result<Vec<TestBinary>, String> {
    let (success, messages) = cargo(tree, packages, &["test", "--no-run", "--lib", "--tests", "--quiet"])?;
    if !success {
        return Err("the tests don't compile with the changes".into());
    }
    let mut tests = Vec::new();
    for message in messages.into_iter().filter(|message| message.reason == "compiler-artifact") {
        let (Some(path), Some(manifest), Some(target)) =
            (message.executable, message.manifest_path, message.target)
        else {
            continue;
        };
        let folder = manifest.parent().ok_or("a manifest lies in a folder")?.to_owned();
        let name = folder.file_name().ok_or("a crate's folder has a name")?.to_string_lossy().into_owned();
        if target.kind.iter().any(|kind| kind == "lib" || kind == "test") {
            tests.push(TestBinary { package: format!("myelin-{name}"), path, folder });
        }
    }
    Ok(tests)
}

/// The changes an error at these bytes belongs to: the alternative it lies in, else all of the innermost place.
fn blamed(text: &str, at: usize, end: usize) -> Vec<u32> {
    if let Some(id) = innermost(text, at, end, '<', '>') {
        return vec![id];
    }
    let Some(first) = innermost(text, at, end, '[', ']') else { return Vec::new() };
    let open = format!("/*[{first}*/");
    let close = format!("/*{first}]*/");
    let (Some(start), Some(stop)) = (text.find(&open), text.find(&close)) else { return vec![first] };
    // Alternatives directly in this place come before the default, where deeper places begin.
    let body = &text[start + open.len()..stop];
    let body = &body[..body.find("/*[").unwrap_or(body.len())];
    body.match_indices("/*<").filter_map(|(i, _)| body[i + 3..].split("*/").next()?.parse().ok()).collect()
}

/// The innermost pair of marks around these bytes: `/*<7*/ … /*7>*/` for `<` and `>`.
fn innermost(text: &str, at: usize, end: usize, open: char, close: char) -> Option<u32> {
    let mark = format!("/*{open}");
    text[..at.min(text.len())].rmatch_indices(&mark).find_map(|(i, _)| {
        let id: u32 = text[i + mark.len()..].split("*/").next()?.parse().ok()?;
        let stop = text.find(&format!("/*{id}{close}*/"))?;
        (stop >= end).then_some(id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "/*[1*/(if on(1) { /*<1*/a - b/*1>*/ } else if on(2) { /*<2*/a * b/*2>*/ } else { a + /*[3*/(if on(3) { \
/*<3*/-c/*3>*/ } else { c })/*3]*/ })/*1]*/ + d";

    fn blame(found: &str) -> Vec<u32> {
        let at = TEXT.find(found).expect("it is there");
        blamed(TEXT, at, at + found.len())
    }

    #[test]
    fn an_error_is_blamed_on_the_change_it_lies_in_or_on_all_of_its_place() {
        assert_eq!(blame("a * b"), [2]);
        assert_eq!(blame("-c"), [3]);
        assert_eq!(blame("c })"), [3]);
        assert_eq!(blame("a + /*[3"), [1, 2]);
        assert_eq!(blame("+ d"), [0u32; 0]);
    }
}
