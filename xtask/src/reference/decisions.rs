//! The index of decisions, from the titles of their pages.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::workspace;

const HEAD: &str = "# Decisions

Written by `cargo xtask reference` from the titles; do not edit.

Each page has the situation, the options, the choice, and what would make us revisit it. A missing number was a draft that another
page took in.

| number | decision |
|---|---|
";

/// Path of the index.
pub fn path() -> PathBuf {
    folder().join("README.md")
}

fn folder() -> PathBuf {
    workspace::root().join("docs/decisions")
}

/// The index. A page whose first line is not `# NNNN Title` is an error.
pub fn page() -> std::io::Result<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()?;
    names.retain(|name| name.ends_with(".md") && name != "README.md");
    names.sort();
    let mut page = String::from(HEAD);
    for name in names {
        let text = std::fs::read_to_string(folder().join(&name))?;
        let heading = text.lines().next().unwrap_or_default();
        let numbered = heading.strip_prefix("# ").and_then(|heading| heading.split_once(' '));
        let Some((number, title)) = numbered.filter(|(number, _)| name.split('-').next() == Some(number))
        else {
            return Err(std::io::Error::other(format!(
                "docs/decisions/{name} begins with {heading:?}, not `# NNNN Title`"
            )));
        };
        let _ = writeln!(page, "| {number} | [{}]({name}) |", title.trim_end_matches('.'));
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_the_one_of_the_pages() {
        let written = std::fs::read_to_string(path()).expect("there is an index");
        assert!(written == page().expect("every page has a title"), "run `cargo xtask reference`");
    }
}
