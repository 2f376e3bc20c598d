//! The syntax of SPDX licence expressions (annex "SPDX license expressions" of the SPDX specification 2.3).
//!
//! Only the syntax is checked: the list of licence names grows, and a chain must not depend on its version. Operators
//! are in capital letters.

use thiserror::Error;

/// Most bytes of an expression.
pub const MAX_LICENCE: usize = 128;
/// Most parentheses inside each other.
pub const MAX_DEPTH: usize = 8;

/// Reasons to refuse a licence expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LicenceError {
    /// It is empty, or longer than [`MAX_LICENCE`].
    #[error("a licence expression has 1 to {MAX_LICENCE} bytes; this one has {0}")]
    Length(usize),
    /// A name or an operator was expected at a place.
    #[error(
        "the licence expression cannot be read at byte {0}; write it as `Apache-2.0`, `MIT OR Apache-2.0` or \
         `LicenseRef-own`"
    )]
    Syntax(usize),
    /// Parentheses are nested too deeply.
    #[error("the licence expression has more than {MAX_DEPTH} parentheses inside each other")]
    Depth,
}

/// Checks the syntax of an expression.
pub fn check(text: &[u8]) -> Result<(), LicenceError> {
    if text.is_empty() || text.len() > MAX_LICENCE {
        return Err(LicenceError::Length(text.len()));
    }
    let mut words = Words { text, at: 0 };
    let mut open = 0usize;
    // Licences and operators alternate; parentheses open before a licence and close after one.
    loop {
        let mut word = words.next();
        while word == Some(b"(".as_slice()) {
            open += 1;
            if open > MAX_DEPTH {
                return Err(LicenceError::Depth);
            }
            word = words.next();
        }
        if !word.is_some_and(is_licence) {
            return Err(words.wrong(word));
        }
        let mut word = words.next();
        if word == Some(b"WITH".as_slice()) {
            let exception = words.next();
            if !exception.is_some_and(|name| is_name(name) && !is_operator(name)) {
                return Err(words.wrong(exception));
            }
            word = words.next();
        }
        while word == Some(b")".as_slice()) && open > 0 {
            open -= 1;
            word = words.next();
        }
        match word {
            None if open == 0 => return Ok(()),
            Some(b"AND" | b"OR") => {}
            other => return Err(words.wrong(other)),
        }
    }
}

/// The words of an expression: parentheses, and what stands between blanks and parentheses.
struct Words<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.text.get(self.at..)?;
        let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
        let rest = rest.get(blanks..).filter(|rest| !rest.is_empty())?;
        let plain = rest.iter().take_while(|byte| !b" ()".contains(byte)).count();
        let word = rest.get(..plain.max(1))?;
        self.at += blanks + word.len();
        Some(word)
    }

    /// The error at the beginning of the word that was read last.
    fn wrong(&self, word: Option<&[u8]>) -> LicenceError {
        LicenceError::Syntax(self.at.saturating_sub(word.map_or(0, <[u8]>::len)))
    }
}

fn is_operator(word: &[u8]) -> bool {
    matches!(word, b"AND" | b"OR" | b"WITH")
}

/// `idstring` of the specification.
fn is_name(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(byte))
}

/// A licence name, perhaps with `+`, or a reference to a licence text of one's own.
fn is_licence(word: &[u8]) -> bool {
    if let Some(reference) = word.strip_prefix(b"DocumentRef-") {
        let colon = reference.iter().position(|byte| *byte == b':');
        return colon.is_some_and(|at| {
            let (document, licence) = reference.split_at(at);
            let licence = licence.strip_prefix(b":LicenseRef-");
            is_name(document) && licence.is_some_and(is_name)
        });
    }
    if let Some(own) = word.strip_prefix(b"LicenseRef-") {
        return is_name(own);
    }
    is_name(word.strip_suffix(b"+").unwrap_or(word)) && !is_operator(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn expressions_of_the_specification_are_read_and_others_are_refused_at_their_place() {
        for good in [
            "MIT",
            "Apache-2.0",
            "GPL-2.0-or-later WITH Bison-exception-2.2",
            "LGPL-2.1-only OR MIT",
            "(MIT AND (LGPL-2.1+ OR BSD-3-Clause))",
            "LicenseRef-own",
            "DocumentRef-spdx.tool.1.2:LicenseRef-MIT.like-2",
            "MIT  AND  ( 0BSD )",
        ] {
            assert_eq!(check(good.as_bytes()), Ok(()), "{good}");
        }
        for (bad, at) in [
            ("MIT AND", 7),
            ("MIT MIT", 4),
            ("MIT)", 3),
            ("(MIT", 4),
            ("AND", 0),
            ("MIT WITH", 8),
            ("MIT WITH OR", 9),
            ("MIT and MIT", 4),
            ("free for all!", 5),
            ("Licence: MIT", 0),
            ("LicenseRef-", 0),
            ("DocumentRef-a:MIT", 0),
            ("MIT\n", 0),
            ("   ", 3),
        ] {
            let found = check(bad.as_bytes());
            // Blanks at the end are no place of a word.
            assert!(
                matches!(found, Err(LicenceError::Syntax(place)) if place == at || bad.trim().is_empty()),
                "{bad}: {found:?}"
            );
        }
        assert_eq!(check(b""), Err(LicenceError::Length(0)));
        assert_eq!(check(&[b'a'; MAX_LICENCE + 1]), Err(LicenceError::Length(MAX_LICENCE + 1)));
        assert_eq!(check(b"(((((((((MIT)))))))))"), Err(LicenceError::Depth));
        assert_eq!(check(b"((((((((MIT))))))))"), Ok(()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = check(&bytes);
        }

        #[test]
        fn joined_expressions_stay_expressions(
            names in proptest::collection::vec("[A-Z][a-z0-9.-]{1,6}", 1..6),
            ors in proptest::collection::vec(any::<bool>(), 6),
            wrapped in any::<bool>(),
        ) {
            let mut text = names[0].clone();
            for (name, or) in names[1..].iter().zip(ors) {
                text = std::format!("{text} {} {name}", if or { "OR" } else { "AND" });
            }
            if wrapped {
                text = std::format!("({text})");
            }
            prop_assert_eq!(check(text.as_bytes()), Ok(()));
        }
    }
}
