//! Wrong usage: the parser's error, a hint for users of the official command, and JSON for programs.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::reference;

/// Reports the parser's error. Help and version are not errors.
pub fn refused(error: &clap::Error, words: &[String]) -> ExitCode {
    if !error.use_stderr() {
        crate::output::write(&error.render().to_string());
        return ExitCode::SUCCESS;
    }
    let hint = hint(error, words);
    if words.iter().any(|word| ["--json", "--json-output", "--json-out"].contains(&word.as_str())) {
        let first = error.to_string();
        let first = first.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let why = hint.as_ref().map_or(first.to_owned(), |hint| format!("{first}; {hint}"));
        // A reader that has closed the pipe changes nothing about the usage.
        let _ = crate::output::json(&serde_json::json!({ "error": why }));
    }
    // In colour if a terminal reads it.
    let _ = error.print();
    if let Some(hint) = hint {
        crate::output::tell!("\n{hint}");
    }
    ExitCode::from(2)
}

/// The probable intention.
fn hint(error: &clap::Error, words: &[String]) -> Option<String> {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let nouns: Vec<&str> =
                words.iter().map(String::as_str).take_while(|word| !word.starts_with('-')).collect();
            reference::stands_for(&nouns)
        }
        ErrorKind::UnknownArgument => {
            let given = named(ContextKind::InvalidArg)?;
            if given.parse::<u16>().is_ok() {
                return Some(format!("tip: a subnet is named as `--netuid {given}`"));
            }
            reference::why_not_taken(given.split('=').next().unwrap_or(given))
        }
        _ => None,
    }
}

/// The existing name that is most like an unknown one, if one is similar.
pub fn alike<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let far = |name: &str| distance(wrong, name);
    let limit = if wrong.len() > 4 { 2 } else { 1 };
    names
        .into_iter()
        .map(|name| (far(name), name))
        .filter(|(far, _)| *far <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Number of letters to add, remove or change to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let (mut diagonal, mut left) = (at, at + 1);
        for (column, found) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *found);
            diagonal = row[column + 1];
            row[column] = left;
            left = changed.min(diagonal + 1).min(left + 1);
        }
        row[other.len()] = left;
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_found_and_no_other_is_guessed() {
        let names = ["kappa", "rho", "tempo", "immunity_period"];
        assert_eq!(alike("kapa", names), Some("kappa"));
        assert_eq!(alike("kappaa", names), Some("kappa"));
        assert_eq!(alike("imunity_perod", names), Some("immunity_period"));
        assert_eq!(alike("colour", names), None);
        assert_eq!(alike("x", names), None);
        assert_eq!((distance("", "abc"), distance("abc", ""), distance("abc", "abc")), (3, 3, 0));
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
