//! Check of pages: every relative link leads to a file.

use std::path::Path;

use crate::workspace;

/// Checks every page; an error lists each dead link with its place.
pub fn check() -> Result<(), String> {
    let root = workspace::root();
    let mut wrong = Vec::new();
    for file in workspace::tracked(&["md"])? {
        let Ok(text) = std::fs::read_to_string(root.join(&file)) else { continue };
        let dead = dead_links(&root, &file, &text);
        wrong.extend(dead.map(|link| format!("{}: no file at {link}", file.display())));
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n    ")),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_pages_lead_somewhere() {
        check().unwrap_or_else(|wrong| panic!("    {wrong}"));
    }

    #[test]
    fn links_to_files_that_are_not_there_are_found() {
        let root = workspace::root();
        let page = "[map](ARCHITECTURE.md) and [gone](docs/gone.md#part), [web](https://example.org)\n```\n[code](x.md)\n```\n";
        let dead: Vec<_> = dead_links(&root, Path::new("README.md"), page).collect();
        assert_eq!(dead, ["docs/gone.md#part"]);
    }
}
