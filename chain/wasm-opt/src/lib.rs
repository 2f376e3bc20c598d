//! The two passes that the builder of WASM runtimes asks of `wasm-opt`: one drops debug information, and the other one
//! leaves no instruction that extends a sign.
//!
//! The crate that this one replaces compiles all of Binaryen and optimises nothing here. The builder asks for level 0
//! and for two passes. Runtimes are compiled for `wasm32v1-none`, so nothing has to be lowered. A module that needs it
//! is refused. A module names the features that it uses in its section `target_features`.

use std::{fmt, fs, path::Path};

/// Bytes before the first section: the magic number and version 1.
const HEADER: &[u8] = b"\0asm\x01\0\0\0";
/// Identifier of a custom section.
const CUSTOM: u8 = 0;
/// The features that runtimes may use beyond the first version.
const ALLOWED: [&[u8]; 1] = [b"mutable-globals"];

/// A pass over a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Drops custom sections with debug information.
    StripDwarf,
    /// Nothing to do: modules with such instructions are refused.
    SignextLowering,
}

/// Reason why a module was not written.
#[derive(Debug)]
pub struct OptimizationError(String);

impl fmt::Display for OptimizationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OptimizationError {}

/// The passes to run.
#[derive(Clone, Debug, Default)]
pub struct OptimizationOptions {
    strips: bool,
}

impl OptimizationOptions {
    /// No pass.
    pub fn new_opt_level_0() -> Self {
        Self::default()
    }

    /// The same: this is checked in any case.
    pub fn mvp_features_only(&mut self) -> &mut Self {
        self
    }

    /// The same: names of functions stay.
    pub fn debug_info(&mut self, _: bool) -> &mut Self {
        self
    }

    /// Adds a pass.
    pub fn add_pass(&mut self, pass: Pass) -> &mut Self {
        self.strips |= pass == Pass::StripDwarf;
        self
    }

    /// Reads a module, and writes what the passes leave.
    ///
    /// # Errors
    /// The file is no module, uses a feature that is not allowed, or cannot be read or written.
    pub fn run(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<(), OptimizationError> {
        let of =
            |path: &Path, why: &dyn fmt::Display| OptimizationError(format!("{}: {why}", path.display()));
        let (from, to) = (from.as_ref(), to.as_ref());
        let module = fs::read(from).map_err(|error| of(from, &error))?;
        let left = stripped(&module, self.strips).map_err(|why| of(from, &why))?;
        fs::write(to, left).map_err(|error| of(to, &error))
    }
}

/// The module, without debug information if it `strips`.
fn stripped(module: &[u8], strips: bool) -> Result<Vec<u8>, String> {
    let mut rest = module.strip_prefix(HEADER).ok_or("it is no WASM module of version 1")?;
    let mut left = HEADER.to_vec();
    while !rest.is_empty() {
        let whole = rest;
        let identifier = byte(&mut rest)?;
        let mut content = part(&mut rest)?;
        let section = &whole[..whole.len() - rest.len()];
        if identifier == CUSTOM {
            match part(&mut content)? {
                b"target_features" => check_features(content)?,
                name if strips && name.starts_with(b".debug_") => continue,
                _ => {}
            }
        }
        left.extend_from_slice(section);
    }
    Ok(left)
}

/// Checks a list of features, each with a mark before it: `+` is used, `-` is not.
fn check_features(mut list: &[u8]) -> Result<(), String> {
    for _ in 0..number(&mut list)? {
        let (mark, name) = (byte(&mut list)?, part(&mut list)?);
        if mark != b'-' && !ALLOWED.contains(&name) {
            let name = String::from_utf8_lossy(name);
            return Err(format!("it uses {name}, which nodes do not run; build it for wasm32v1-none"));
        }
    }
    Ok(())
}

fn byte(bytes: &mut &[u8]) -> Result<u8, String> {
    let (first, rest) = bytes.split_first().ok_or(CUT)?;
    *bytes = rest;
    Ok(*first)
}

/// Bytes after their number.
fn part<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let length = number(bytes)?;
    let (part, rest) = bytes.split_at_checked(length as usize).ok_or(CUT)?;
    *bytes = rest;
    Ok(part)
}

/// A number of 32 bits in LEB128.
fn number(bytes: &mut &[u8]) -> Result<u32, String> {
    let mut number = 0;
    for shift in (0..32).step_by(7) {
        let next = byte(bytes)?;
        number |= u64::from(next & 0x7f) << shift;
        if next & 0x80 == 0 {
            return u32::try_from(number).map_err(|_| LARGE.into());
        }
    }
    Err(LARGE.into())
}

const CUT: &str = "the module is cut off";
const LARGE: &str = "a number in the module is too large";

#[cfg(test)]
mod tests {
    use super::*;

    fn section(identifier: u8, content: &[u8]) -> Vec<u8> {
        // The length in two bytes, as linkers may write it.
        let length = [content.len() as u8 | 0x80, 0];
        [&[identifier], &length[..], content].concat()
    }

    fn custom(name: &str, content: &[u8]) -> Vec<u8> {
        section(CUSTOM, &[&[name.len() as u8], name.as_bytes(), content].concat())
    }

    fn features(marked: &str) -> Vec<u8> {
        let (mark, name) = marked.split_at(1);
        custom("target_features", &[&[1], mark.as_bytes(), &[name.len() as u8], name.as_bytes()].concat())
    }

    fn module(sections: &[Vec<u8>]) -> Vec<u8> {
        [HEADER, &sections.concat()].concat()
    }

    #[test]
    fn debug_information_goes_and_all_else_stays_as_it_is() {
        let (version, names) = (custom("runtime_version", b"1"), custom("name", b"f"));
        let (code, allowed) = (section(10, &[1, 2, 0, 11]), features("+mutable-globals"));
        let whole = module(&[
            code.clone(),
            custom(".debug_info", b"lines"),
            version.clone(),
            custom(".debug_str", b""),
            names.clone(),
            allowed.clone(),
        ]);
        assert_eq!(stripped(&whole, true), Ok(module(&[code, version, names, allowed])));
        assert_eq!(stripped(&whole, false), Ok(whole));
    }

    #[test]
    fn modules_that_nodes_would_not_run_are_refused() {
        for used in ["+sign-ext", "+bulk-memory", "=simd128"] {
            let why = stripped(&module(&[features(used)]), false).unwrap_err();
            assert!(why.contains(&used[1..]) && why.contains("wasm32v1-none"), "{why}");
        }
        assert_eq!(stripped(&module(&[features("-sign-ext")]), false).map(drop), Ok(()));
    }

    #[test]
    fn what_is_no_module_is_refused_with_a_reason() {
        let whole = module(&[section(10, &[1, 2, 0, 11])]);
        for length in HEADER.len() + 1..whole.len() {
            assert_eq!(stripped(&whole[..length], true), Err(CUT.into()), "{length} bytes");
        }
        assert!(stripped(b"\0asm\x0d\0\x01\0", true).is_err(), "a component");
        assert_eq!(stripped(&[HEADER, &[1, 0xff, 0xff, 0xff, 0xff, 0x7f]].concat(), true), Err(LARGE.into()));
        let folder = std::env::temp_dir().join(format!("no-module-{}", std::process::id()));
        let why = OptimizationOptions::new_opt_level_0().run(&folder, &folder).unwrap_err();
        assert!(why.to_string().starts_with(&folder.display().to_string()), "{why}");
    }
}
