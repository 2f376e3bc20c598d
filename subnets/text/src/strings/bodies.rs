//! Ways to write the main part of a recipe.

use std::collections::HashMap;

use super::words::{Order, Source};

/// A way to write text out of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// An empty text.
    Nothing,
    /// A statement with names of the request, chosen by the text before the cursor.
    Template,
    /// A sentence with words of the request.
    Sentence,
    /// Piece after piece, each one that followed the last so many pieces in the request.
    Chain(usize),
    /// The text behind the longest earlier occurrence of the end, so many bytes at a time.
    Match(usize),
    /// Names, with this text between them.
    Names(&'static str),
    /// A common phrase.
    Phrase,
    /// A line of the request, counted from the end.
    Line,
    /// The rest of the line that begins most like the line of the cursor, from where they differ.
    Sibling,
    /// The text behind the gap, or the beginning of the prompt.
    Behind,
    /// The marks that close the open brackets.
    Brackets,
    /// A mark that often comes next.
    Mark,
}

pub const ALL: [Body; 21] = [
    Body::Nothing,
    Body::Template,
    Body::Template,
    Body::Sentence,
    Body::Sentence,
    Body::Chain(1),
    Body::Chain(2),
    Body::Chain(3),
    Body::Match(5),
    Body::Match(12),
    Body::Match(40),
    Body::Names(" "),
    Body::Names("."),
    Body::Names(", "),
    Body::Names("::"),
    Body::Phrase,
    Body::Line,
    Body::Sibling,
    Body::Behind,
    Body::Brackets,
    Body::Mark,
];

/// Marks that come next more often than others, the more often the more frequent they are.
const MARKS: [&str; 8] = [").", ")", ")", ");", ", ", ", &", ".", "&"];
const CODE_PHRASES: [&str; 8] = [
    "let mut result = Vec::new();",
    "self.",
    "()",
    "return Ok(());\n}\n",
    "{\n",
    "Some(value) => value,\n",
    "assert_eq!(result, ",
    "/// Returns the ",
];
const PROSE_PHRASES: [&str; 8] = [
    "of the ",
    "the following",
    "is used to ",
    "and the ",
    "for the same ",
    "a single ",
    "to be ",
    "This is a ",
];

impl Body {
    /// Writes at least `length` bytes, where the request has enough material.
    pub fn write(self, source: &Source, order: Order, variant: usize, length: usize) -> String {
        match self {
            Body::Nothing => String::new(),
            Body::Template => template(source, order, variant),
            Body::Sentence => sentence(source, order, variant),
            Body::Chain(reach) => chain(source, reach, variant, length),
            Body::Match(renewed) => matched(source, renewed, length),
            Body::Names(between) => source
                .names(order)
                .iter()
                .skip(variant % 4)
                .take(12)
                .copied()
                .collect::<Vec<_>>()
                .join(between),
            Body::Phrase => {
                let phrases = if super::is_code(source.prompt()) { CODE_PHRASES } else { PROSE_PHRASES };
                phrases[variant % phrases.len()].to_owned()
            }
            Body::Line => {
                let lines: Vec<&str> =
                    source.prompt().lines().filter(|line| !line.trim().is_empty()).collect();
                lines.iter().rev().nth(variant % 6).map_or("", |line| line.trim_start()).to_owned()
            }
            Body::Sibling => sibling(source, variant),
            Body::Behind if source.behind.is_empty() => source.prompt().to_owned(),
            Body::Behind => source.behind.to_owned(),
            Body::Brackets => brackets(source.prompt()),
            Body::Mark => MARKS[variant % MARKS.len()].to_owned(),
        }
    }
}

fn is_lower(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
}

fn is_type(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn template(source: &Source, order: Order, variant: usize) -> String {
    let names = source.some(order, 4 + variant, is_lower, "value");
    let types = source.some(order, 2 + variant, is_type, "String");
    let (a, b, c, d) = (names[variant], names[variant + 1], names[variant + 2], names[variant + 3]);
    let (one, other) = (types[variant], types[variant + 1]);
    let indent = source.indentation();
    let statement = match variant % 3 {
        0 => format!("let {a} = {one}::new({b});\n{indent}{b}.{c}(&{a})?;\n"),
        1 => format!("{a}.{b}({c});\n{indent}let {d} = {a}.{c}();\n"),
        _ => format!("if {a}.{b}() {{\n{indent}    {c}.{d}({a});\n{indent}}}\n"),
    };
    let before = source.before.as_str();
    let end = before.trim_end_matches(' ').chars().last().unwrap_or('\n');
    match end {
        '.' => format!("{a}({b});\n{indent}{statement}"),
        '(' => format!("{a}, {b});\n{indent}{statement}"),
        ':' if before.ends_with("::") => format!("{b}({c});\n{indent}{statement}"),
        ':' => format!("{one},\n{indent}{a}: {other},\n"),
        '=' => format!("{one}::new({a});\n{indent}{statement}"),
        ',' => format!("{a}, {b});\n{indent}{statement}"),
        '\n' => format!("{indent}{statement}"),
        last if last.is_alphanumeric() || last == '_' => format!("({a}, {b});\n{indent}{statement}"),
        _ => statement,
    }
}

fn sentence(source: &Source, order: Order, variant: usize) -> String {
    let words =
        source.some(order, 8 + variant, |name| name.bytes().all(|byte| byte.is_ascii_lowercase()), "value");
    let [a, b, c, d, e, ..] = words[variant..] else { return String::new() };
    match variant % 4 {
        0 => format!("the {a} of the {b} is {c} and {d} to the {e}."),
        1 => format!("{a} and {b} for the {c}, which is the {d} of {e}."),
        2 => format!("a {a} {b} that can be used to {c} the {d} with {e}."),
        _ => format!("{a} in the {b}. The {c} {d} is a {e}."),
    }
}

/// Words, blanks and single marks.
fn pieces(text: &str) -> Vec<&str> {
    let class = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = class(first);
        let end = match kind {
            2 => first.len_utf8(),
            _ => rest.find(|c| class(c) != kind).unwrap_or(rest.len()),
        };
        let (piece, tail) = rest.split_at(end);
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

fn chain(source: &Source, reach: usize, variant: usize, length: usize) -> String {
    let mut known = pieces(&source.before);
    let asked = known.len();
    known.extend(pieces(source.behind));
    let mut after = HashMap::<&[&str], Vec<&str>>::new();
    for size in 1..=reach {
        for run in known.windows(size + 1) {
            after.entry(&run[..size]).or_default().push(run[size]);
        }
    }
    let mut last: Vec<&str> = known[..asked].iter().rev().take(reach).rev().copied().collect();
    let mut out = String::new();
    let mut step = variant;
    while out.len() < length && !known.is_empty() {
        // A simple generator is enough to pick one of the successors.
        step = (step * 1_103_515_245 + 12_345) % (1 << 31);
        let found = (0..last.len()).find_map(|from| after.get(&last[from..]));
        let next = match found {
            Some(successors) => successors[(step >> 8) % successors.len()],
            None => known[(step >> 8) % known.len()],
        };
        out.push_str(next);
        last.push(next);
        if last.len() > reach {
            last.remove(0);
        }
    }
    out
}

fn matched(source: &Source, renewed: usize, length: usize) -> String {
    let prompt = source.prompt();
    let mut text = source.before.clone();
    let from = text.len();
    while text.len() < from + length {
        let ends = (1..=24).rev().filter_map(|size| text.get(text.len().checked_sub(size)?..));
        let place = ends.filter(|end| !end.is_empty()).find_map(|end| {
            let at = prompt.get(..prompt.len().saturating_sub(1))?.rfind(end)? + end.len();
            prompt.get(at..).filter(|rest| !rest.is_empty())
        });
        let Some(rest) = place else { break };
        text.push_str(super::cut(rest, renewed.max(4)));
    }
    text.split_off(from)
}

fn sibling(source: &Source, variant: usize) -> String {
    let mut lines: Vec<&str> = source.prompt().split('\n').collect();
    let own = lines.pop().unwrap_or_default();
    let common = |line: &str| {
        let same = line.bytes().zip(own.bytes()).take_while(|(a, b)| a == b).count();
        (0..=same).rev().find(|at| line.is_char_boundary(*at)).unwrap_or_default()
    };
    lines.sort_by_key(|line| std::cmp::Reverse((common(line), line.len())));
    let Some(line) = lines.get(variant % lines.len().clamp(1, 3)) else { return String::new() };
    line[common(line)..].to_owned()
}

fn brackets(prompt: &str) -> String {
    let mut open = Vec::new();
    for letter in prompt.chars() {
        match letter {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' => {
                open.pop();
            }
            _ => {}
        }
    }
    open.into_iter().rev().take(6).chain(";\n".chars()).collect()
}
