//! Pieces of texts: lines of code by their function, right-hand sides, arguments, and clauses of sentences.

use std::collections::BTreeSet;

/// Length of a line of code, of a clause that begins a sentence, and of a clause that continues it.
const LINE: std::ops::Range<usize> = 10..88;
const HEAD: std::ops::Range<usize> = 14..80;
const TAIL: std::ops::Range<usize> = 10..72;
/// Length of an argument.
const ARGUMENT: std::ops::Range<usize> = 2..36;
/// Texts that begin a clause of a sentence.
const JOINTS: [&str; 16] = [
    ", ",
    "; ",
    " and ",
    " but ",
    " because ",
    " which ",
    " that ",
    " if ",
    " when ",
    " so ",
    " with ",
    " for ",
    " from ",
    " in ",
    " of ",
    " to ",
];

/// The pieces, each once, in their order.
#[derive(Default)]
pub(super) struct Pieces {
    /// Lines that begin a function.
    pub headers: Vec<String>,
    /// Lines that begin a block.
    pub openers: Vec<String>,
    /// Left-hand sides: the text before `=` in a `let`.
    pub lefts: Vec<String>,
    /// Right-hand sides: the text after `=`.
    pub rights: Vec<String>,
    /// Other statements.
    pub statements: Vec<String>,
    /// Arguments of calls.
    pub arguments: Vec<String>,
    /// Clauses that begin a sentence.
    pub heads: Vec<String>,
    /// Clauses that continue a sentence, with the text that joins them.
    pub tails: Vec<String>,
}

impl Pieces {
    /// The pieces of these texts that `keep` accepts, and all of a sort that would have fewer than `least`.
    pub fn of(code: &[&str], prose: &[&str], keep: impl Fn(&str) -> bool, least: usize) -> Self {
        let mut all: [BTreeSet<&str>; 8] = Default::default();
        for line in code.iter().flat_map(|text| text.lines()).map(str::trim) {
            sort_line(line, &mut all);
        }
        let comments: Vec<String> = code.iter().flat_map(|text| comments(text)).collect();
        let paragraphs = prose.iter().flat_map(|text| text.split("\n\n")).map(flowing);
        let texts: Vec<String> = paragraphs.chain(comments).collect();
        for sentence in texts.iter().flat_map(|text| text.split(". ")) {
            sort_sentence(sentence.trim().trim_end_matches('.'), &mut all);
        }
        let [headers, openers, lefts, rights, statements, arguments, heads, tails] = all.map(|pieces| {
            let (mut kept, left): (Vec<&str>, Vec<&str>) = pieces.into_iter().partition(|piece| keep(piece));
            if kept.len() < least {
                kept.extend(left);
            }
            kept.into_iter().map(str::to_owned).collect::<Vec<_>>()
        });
        Self { headers, openers, lefts, rights, statements, arguments, heads, tails }
    }

    /// The pieces by sort, with the name of each sort.
    pub fn sorts(&self) -> [(&'static str, &[String]); 8] {
        [
            ("first lines of functions", &self.headers),
            ("first lines of blocks", &self.openers),
            ("left-hand sides of `let`", &self.lefts),
            ("right-hand sides of `let`", &self.rights),
            ("statements", &self.statements),
            ("arguments of calls", &self.arguments),
            ("clauses that begin a sentence", &self.heads),
            ("clauses that continue a sentence", &self.tails),
        ]
    }
}

/// Sorts a line of code into the pieces, and its arguments as well.
fn sort_line<'a>(line: &'a str, all: &mut [BTreeSet<&'a str>; 8]) {
    let plain = LINE.contains(&line.len())
        && line.is_ascii()
        && !line.contains(['"', '#', '\''])
        && !line.contains("//");
    if !plain {
        return;
    }
    let [headers, openers, lefts, rights, statements, arguments_of, ..] = all;
    let begins = |starts: &[&str]| starts.iter().any(|start| line.starts_with(start));
    match line.strip_suffix('{') {
        Some(before) if is_balanced(before) => {
            if begins(&["fn ", "pub fn ", "async fn ", "pub async fn "]) {
                headers.insert(line);
            } else if begins(&["if ", "for ", "while "]) || begins(&["let "]) && line.ends_with(" else {") {
                openers.insert(line);
            }
        }
        None if line.ends_with(';') && is_balanced(line) => {
            let body = &line[..line.len() - 1];
            if let Some((left, right)) = body.split_once(" = ").filter(|_| begins(&["let "])) {
                if is_balanced(left) && right.len() >= LINE.start {
                    lefts.insert(left);
                    rights.insert(right);
                }
            } else if !begins(&[
                "use ", "mod ", "pub ", "const ", "static ", "type ", "extern ", "}", ")", "]", ".", "fn ",
                "let ",
            ]) {
                statements.insert(line);
            }
        }
        _ => return,
    }
    let found = arguments(line).map(|(from, to)| &line[from..to]);
    arguments_of
        .extend(found.filter(|argument| ARGUMENT.contains(&argument.len()) && !argument.contains(':')));
}

/// Ranges of the arguments of the innermost calls of a line.
pub(super) fn arguments(line: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let is_bound =
        |byte: u8| matches!(byte, b'(' | b')' | b',' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b'|' | b';');
    let bytes = line.as_bytes();
    let mut bounds =
        bytes.iter().enumerate().filter(move |(_, byte)| is_bound(**byte)).map(|(at, _)| at).peekable();
    std::iter::from_fn(move || loop {
        let open = bounds.next()?;
        let close = *bounds.peek()?;
        let from = open + 1 + usize::from(bytes.get(open + 1) == Some(&b' '));
        let inside = matches!(bytes[open], b'(' | b',') && matches!(bytes[close], b')' | b',');
        if inside && from < close {
            return Some((from, close));
        }
    })
}

/// Whether every bracket that opens closes, and none before it opens.
fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open.push(byte),
            b')' | b']' | b'}' if open.pop() != Some(if byte == b')' { b'(' } else { byte - 2 }) => {
                return false
            }
            _ => {}
        }
    }
    open.is_empty()
}

/// Comments of a file that stand in neighbouring lines, each as one text.
fn comments(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for line in text.lines() {
        let comment =
            line.trim_start().strip_prefix("//").map(|rest| rest.trim_start_matches(['/', '!']).trim());
        match (comment, all.last_mut()) {
            (Some(comment), Some(last)) if !comment.is_empty() => {
                last.push_str(comment);
                last.push(' ');
            }
            (_, Some(last)) if !last.is_empty() => all.push(String::new()),
            _ => {}
        }
    }
    all
}

/// A paragraph in one line.
fn flowing(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sorts the clauses of a sentence into the pieces.
fn sort_sentence<'a>(sentence: &'a str, all: &mut [BTreeSet<&'a str>; 8]) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | ',' | ';' | '-' | '\'');
    if !sentence.chars().all(allowed) || !sentence.starts_with(|c: char| c.is_ascii_uppercase()) {
        return;
    }
    let [.., heads, tails] = all;
    let next = |from: usize| {
        let joint = |joint: &&str| sentence.get(from + 1..)?.find(*joint).map(|at| from + 1 + at);
        JOINTS.iter().filter_map(joint).min()
    };
    let mut from = 0;
    loop {
        let end = next(from).unwrap_or(sentence.len());
        let clause = &sentence[from..end];
        match from {
            0 if HEAD.contains(&clause.len()) => heads.insert(clause),
            0 => false,
            _ => TAIL.contains(&clause.len()) && tails.insert(clause),
        };
        if end == sentence.len() {
            return;
        }
        from = end;
    }
}
