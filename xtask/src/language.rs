//! Comments and pages: columns of comments, and words that have a plainer one.

use std::path::Path;

use crate::workspace;

/// Most columns of a comment.
const COLUMNS: usize = 120;
/// Words that are not used here, and the usual ones.
const WORDS: [(&str, &str); 9] = [
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("foretold", "predicted"),
    ("dearer", "more expensive"),
    ("forth and back", "back and forth"),
    ("tells of", "reports"),
    ("tell of", "report"),
    ("comes to the same", "arrives at the same"),
];

/// Checks every source file and page; an error lists each place with what to do.
pub fn check() -> Result<(), String> {
    let mut wrong = Vec::new();
    for file in workspace::tracked(&["rs", "md"])? {
        if file.ends_with(Path::new("xtask/src/language.rs")) {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(workspace::root().join(&file)) else { continue };
        let is_source = file.extension().is_some_and(|end| end == "rs");
        for (line, problem) in problems(&text, is_source) {
            wrong.push(format!("{}:{line}: {problem}", file.display()));
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n    ")),
    }
}

/// Problems of a text, with the numbers of their lines.
fn problems(text: &str, is_source: bool) -> Vec<(usize, String)> {
    let (mut found, mut in_code) = (Vec::new(), false);
    for (number, line) in (1..).zip(text.lines()) {
        let is_comment = is_source && line.trim_start().starts_with("//");
        let said = line.trim_start().trim_start_matches(['/', '!']).trim_start();
        in_code = is_comment && (in_code ^ said.starts_with("```"));
        if is_comment && !in_code && !said.starts_with('|') && line.chars().count() > COLUMNS {
            found.push((number, format!("a comment of more than {COLUMNS} columns; break it")));
        }
        let lower = line.to_lowercase();
        for (word, usual) in WORDS.iter().filter(|(word, _)| contains(&lower, word)) {
            found.push((number, format!("`{word}`; say `{usual}`")));
        }
    }
    found
}

/// Whether a line holds a word or a row of words that no letter continues.
fn contains(line: &str, words: &str) -> bool {
    line.match_indices(words).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let behind = line[at + words.len()..].chars().next();
        ![before, behind].into_iter().flatten().any(char::is_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_pages_are_plain() {
        check().unwrap_or_else(|wrong| panic!("    {wrong}"));
    }

    #[test]
    fn long_comments_and_odd_words_are_found() {
        let long = format!("    /// {}", "word ".repeat(30));
        let table = format!("//! | {} |", "word ".repeat(30));
        let code = format!("/// ```text\n{long}\n/// ```");
        let text = format!("{long}\n{table}\n{code}\nlet mend = amended;\n// He commends it.\n");
        let lines: Vec<usize> = problems(&text, true).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 6]);
        assert!(problems(&long, false).is_empty());
    }
}
