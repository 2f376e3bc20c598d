//! What can be checked of comments and pages: links that lead somewhere, widths, quotation marks, words.

use std::path::{Path, PathBuf};

use crate::workspace;

/// Columns of a line of Rust, comments included, that rustfmt does not break by itself: strings and tables may be longer than 110.
const COLUMNS: usize = 140;

/// Words that are not the trade's, each with the usual one.
const WORDS: [(&str, &str); 8] = [
    ("mended", "fixed"),
    ("foretold", "forecast"),
    ("forth and back", "back and forth"),
    ("comes to the same", "has the same result"),
    ("tells of", "reports"),
    ("has not got", "lacks"),
    ("in the middle of them", "median"),
    ("dearer", "more expensive"),
];

/// Checks every page and source file; an error lists what is wrong with its place.
pub fn check() -> Result<(), String> {
    let root = workspace::root();
    let mut wrong = Vec::new();
    for file in tracked(&root)? {
        let Ok(text) = std::fs::read_to_string(root.join(&file)) else { continue };
        let name = file.display();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("md") => {
                wrong.extend(dead_links(&root, &file, &text).map(|link| format!("{name}: no file at {link}")))
            }
            Some("rs") => wrong
                .extend(too_wide(&text).map(|line| format!("{name}:{line}: wider than {COLUMNS} columns"))),
            _ => continue,
        }
        if !is_history(&file) {
            wrong.extend(
                unusual(&text).map(|(line, word, usual)| format!("{name}:{line}: {word:?}; say {usual:?}")),
            );
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n    ")),
    }
}

/// Files that git knows, relative to the checkout.
fn tracked(root: &Path) -> Result<Vec<PathBuf>, String> {
    let listed = std::process::Command::new("git")
        .args(["-C", &root.display().to_string(), "ls-files", "-z"])
        .output()
        .map_err(|error| format!("git ls-files: {error}"))?;
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect())
}

/// Pages that keep the words of their time, and this list of words.
fn is_history(file: &Path) -> bool {
    file == Path::new("CHANGELOG.md")
        || file == Path::new("xtask/src/prose.rs")
        || file.starts_with("docs/decisions")
}

/// Relative links of a page that lead to no file. Code blocks are left out.
fn dead_links<'a>(root: &'a Path, file: &'a Path, text: &'a str) -> impl Iterator<Item = String> + 'a {
    let mut in_code = false;
    let prose = text.lines().filter(move |line| {
        in_code ^= line.trim_start().starts_with("```");
        !in_code
    });
    let folder = root.join(file).parent().map(Path::to_path_buf).unwrap_or_default();
    prose.flat_map(links).filter_map(move |link| {
        let path = link.split('#').next().unwrap_or_default();
        let is_local = !path.is_empty() && !link.contains("://") && !link.starts_with("mailto:");
        (is_local && !folder.join(path).exists()).then(|| link.to_string())
    })
}

/// Targets of `[text](target)` in a line.
fn links(line: &str) -> Vec<&str> {
    let behind = line.split("](").skip(1);
    behind.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

fn too_wide(text: &str) -> impl Iterator<Item = usize> + '_ {
    let wide = text.lines().enumerate().filter(|(_, line)| {
        let comment = line.trim_start().starts_with("//");
        comment && line.chars().count() > COLUMNS
    });
    wide.map(|(index, _)| index + 1)
}

fn unusual(text: &str) -> impl Iterator<Item = (usize, &'static str, &'static str)> + '_ {
    text.lines().enumerate().flat_map(|(index, line)| {
        let found = WORDS.iter().filter(move |(word, _)| line.contains(word));
        found.map(move |(word, usual)| (index + 1, *word, *usual))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_pages_keep_to_the_rules() {
        check().unwrap_or_else(|wrong| panic!("    {wrong}"));
    }

    #[test]
    fn links_to_files_that_are_not_there_are_found() {
        let root = workspace::root();
        let page = "[map](ARCHITECTURE.md) and [gone](docs/gone.md#part), [web](https://example.org)\n```\n[code](x.md)\n```\n";
        let dead: Vec<_> = dead_links(&root, Path::new("README.md"), page).collect();
        assert_eq!(dead, ["docs/gone.md#part"]);
    }

    #[test]
    fn wide_comments_and_unusual_words_are_found() {
        let wide = format!("// {}\n// short\n", "w".repeat(COLUMNS));
        assert_eq!(too_wide(&wide).collect::<Vec<_>>(), [1]);
        assert_eq!(unusual("fine\nthe fault was mended\n").map(|found| found.0).collect::<Vec<_>>(), [2]);
    }
}
