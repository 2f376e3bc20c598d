//! Lengths of functions outside tests.

use std::path::Path;

use crate::workspace;

/// Most lines of a function.
const LINES: usize = 80;

/// Checks every source file outside tests; an error lists each function with what to do.
pub fn check() -> Result<(), String> {
    let mut wrong = Vec::new();
    for file in workspace::tracked(&["rs"])?.into_iter().filter(|file| !is_test(file)) {
        let Ok(text) = std::fs::read_to_string(workspace::root().join(&file)) else { continue };
        wrong.extend(long(&text).into_iter().map(|(name, lines)| {
            format!("{}: `{name}` has {lines} lines; split it, {LINES} are the most", file.display())
        }));
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n    ")),
    }
}

/// Whether a file belongs to tests, benches or examples.
fn is_test(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == "tests.rs")
        || file.iter().any(|part| ["tests", "benches", "examples"].iter().any(|folder| part == *folder))
}

/// Functions of more than [`LINES`] lines, with their numbers of lines. The text is formatted, so a closing brace
/// stands in the column of its function.
fn long(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = name(line) else { continue };
        let column = line.len() - line.trim_start().len();
        let ends = |line: &&str| {
            let is_here = line.len() - line.trim_start().len() == column;
            is_here && (line.trim() == "}" || (line.trim().starts_with(')') && line.ends_with(';')))
        };
        let is_one_line = line.ends_with([';', '}']);
        let count = lines[start..].iter().position(|line| is_one_line || ends(line)).map_or(0, |end| end + 1);
        if count > LINES {
            found.push((name, count));
        }
    }
    found
}

/// The name of the function that begins in a line.
fn name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    loop {
        match words.next()? {
            "fn" => return words.next()?.split(|c: char| !c.is_alphanumeric() && c != '_').next(),
            "const" | "async" | "unsafe" | "default" | "extern" | "\"C\"" => {}
            word if word.starts_with("pub") => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_short() {
        check().unwrap_or_else(|wrong| panic!("    {wrong}"));
    }

    #[test]
    fn lines_are_counted_from_the_name_to_the_brace() {
        let of =
            |lines: usize, head: &str| format!("    {head}\n{}    }}\n", "        x();\n".repeat(lines - 2));
        assert_eq!(long(&of(81, "pub(crate) const fn of() {")), [("of", 81)]);
        assert_eq!(long(&of(81, "async fn of(")), [("of", 81)]);
        assert!(long(&of(80, "fn of() {")).is_empty());
        assert!(long(&of(90, "impl Of {")).is_empty());
        let declared = format!("    fn of(\n        a: u8,\n    ) -> u8;\n{}", of(80, "fn other() {"));
        assert!(long(&declared).is_empty(), "a declaration has no body");
    }

    #[test]
    fn tests_benches_and_examples_are_left_out() {
        for file in ["a/tests/it/b.rs", "a/src/tests.rs", "a/benches/b.rs", "a/examples/b.rs"] {
            assert!(is_test(Path::new(file)), "{file}");
        }
        assert!(!is_test(Path::new("a/src/testkit/kit.rs")));
    }
}
