//! Cuts text into the pieces within which tokens are formed.

/// Longest run of punctuation or blanks in one piece.
const MAX_RUN: usize = 32;
const MAX_DIGITS: usize = 3;
/// Longer words are cut, which bounds the work of encoding any input.
const MAX_LETTERS: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Underscore,
    Digit,
    Blank,
    Break,
    Mark,
}

fn class(byte: u8) -> Class {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => Class::Letter,
        b'_' => Class::Underscore,
        b'0'..=b'9' => Class::Digit,
        b' ' | b'\t' => Class::Blank,
        b'\n' | b'\r' => Class::Break,
        _ => Class::Mark,
    }
}

/// The pieces of a text, in order; together they are the text.
pub fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let length = piece_length(rest);
        let (piece, tail) = rest.split_at(length);
        rest = tail;
        (length > 0).then_some(piece)
    })
}

/// Length of the first piece; 0 only for an empty text.
fn piece_length(text: &[u8]) -> usize {
    let run = |from: usize, limit: usize, wanted: Class| {
        text[from..].iter().take(limit).take_while(|b| class(**b) == wanted).count()
    };
    let Some(&first) = text.first() else { return 0 };
    match class(first) {
        Class::Break => {
            let breaks = run(0, MAX_RUN, Class::Break);
            breaks + run(breaks, MAX_RUN, Class::Blank)
        }
        Class::Blank => {
            let blanks = run(0, MAX_RUN, Class::Blank);
            let next = text.get(blanks).map(|b| class(*b));
            match (blanks, next) {
                (_, None | Some(Class::Break | Class::Blank)) => blanks,
                // the last blank belongs to the word after it
                (1, Some(_)) if first == b' ' => 1 + word_length(&text[1..]),
                (1, Some(_)) => 1,
                (n, Some(_)) => n - 1,
            }
        }
        _ => word_length(text),
    }
}

/// Length of a piece that begins with neither blank nor line break.
fn word_length(text: &[u8]) -> usize {
    let run = |from: usize, limit: usize, wanted: Class| {
        text[from..].iter().take(limit).take_while(|b| class(**b) == wanted).count()
    };
    match text.first().map(|b| class(*b)) {
        Some(Class::Digit) => run(0, MAX_DIGITS, Class::Digit),
        Some(Class::Letter) => run(0, MAX_LETTERS, Class::Letter),
        Some(Class::Underscore) => {
            let marks = run(0, MAX_RUN, Class::Underscore);
            marks + run(marks, MAX_LETTERS, Class::Letter)
        }
        _ => run(0, MAX_RUN, Class::Mark),
    }
}
