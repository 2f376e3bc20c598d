//! Comments and pages: columns of comments, first words, length of sentences and of cells, quotes, and words that have
//! a plainer one.

use std::path::Path;

use crate::workspace;

/// Most columns of a comment.
const COLUMNS: usize = 120;
/// Most words of a sentence.
const SENTENCE: usize = 35;
/// Most words of a table's cell in a page.
const CELL: usize = 40;
/// Curly quotes.
const CURLY: [char; 4] = ['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}'];
/// Words that begin no doc comment.
const BEGINNINGS: [&str; 5] = ["What", "Who", "Whoever", "Whose", "Whatever"];
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
    let mut found = line_problems(text, is_source);
    found.extend(if is_source { vague_beginnings(text) } else { long_cells(text) });
    found.extend(long_sentences(text, is_source));
    found.sort_by_key(|(line, _)| *line);
    found
}

/// Comments with too many columns, and lines with words that have a plainer one.
fn line_problems(text: &str, is_source: bool) -> Vec<(usize, String)> {
    let (mut found, mut in_code) = (Vec::new(), false);
    for (number, line) in (1..).zip(text.lines()) {
        let is_comment = is_source && line.trim_start().starts_with("//");
        let said = line.trim_start().trim_start_matches(['/', '!']).trim_start();
        in_code = is_comment && (in_code ^ said.starts_with("```"));
        if is_comment && !in_code && !said.starts_with('|') && line.chars().count() > COLUMNS {
            found.push((number, format!("a comment of more than {COLUMNS} columns; break it")));
        }
        if is_source && line.contains(CURLY) {
            found.push((number, "a curly quote; write a straight one".into()));
        }
        let lower = line.to_lowercase();
        for (word, usual) in WORDS.iter().filter(|(word, _)| contains(&lower, word)) {
            found.push((number, format!("`{word}`; say `{usual}`")));
        }
    }
    found
}

/// Doc comments that begin with one of [`BEGINNINGS`].
fn vague_beginnings(text: &str) -> Vec<(usize, String)> {
    let (mut found, mut goes_on) = (Vec::new(), false);
    for (number, line) in (1..).zip(text.lines()) {
        let comment = comment(line);
        let is_doc = line.trim_start().starts_with("///") || line.trim_start().starts_with("//!");
        let first = comment.filter(|_| is_doc && !goes_on).and_then(first_word);
        goes_on = comment.is_some();
        if let Some(word) = first.filter(|word| BEGINNINGS.contains(word)) {
            let problem =
                format!("a comment that begins with `{word}`; begin with the noun or the verb of the item");
            found.push((number, problem));
        }
    }
    found
}

/// Sentences of more than [`SENTENCE`] words, each at the first line of its paragraph.
fn long_sentences(text: &str, is_source: bool) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, paragraph) in paragraphs(text, is_source) {
        let plain = replaced(&replaced(&paragraph, "`", "`", "code"), "](", ")", "]");
        for words in sentences(&plain).iter().filter(|words| words.len() > SENTENCE) {
            let problem = format!(
                "a sentence of {} words (\"{} ...\"); split it, {SENTENCE} are the most",
                words.len(),
                words[..5].join(" "),
            );
            found.push((number, problem));
        }
    }
    found
}

/// Cells with more than [`CELL`] words, those of code and links included. Code blocks are left out.
fn long_cells(page: &str) -> Vec<(usize, String)> {
    let (mut found, mut in_code) = (Vec::new(), false);
    for (number, line) in (1..).zip(page.lines().map(str::trim)) {
        in_code ^= line.starts_with("```");
        if in_code || !line.starts_with('|') {
            continue;
        }
        for cell in line.replace("\\|", "").split('|') {
            let words: Vec<&str> = cell.split_whitespace().filter(|piece| is_word(piece)).collect();
            if words.len() > CELL {
                let problem = format!(
                    "a cell of {} words (\"{} ...\"); {CELL} are the most, put the rest below the table",
                    words.len(),
                    words[..5].join(" "),
                );
                found.push((number, problem));
            }
        }
    }
    found
}

/// Paragraphs of comments or of a page, with the numbers of their first lines. Code blocks, tables and headings are
/// left out; a list item is a paragraph.
fn paragraphs(text: &str, is_source: bool) -> Vec<(usize, String)> {
    let (mut found, mut open, mut in_code) = (Vec::new(), None::<(usize, String)>, false);
    for (number, line) in (1..).zip(text.lines()) {
        let prose = if is_source { comment(line) } else { Some(line) };
        let said = prose.unwrap_or_default().trim();
        let is_fence = said.starts_with("```");
        in_code = prose.is_some() && (in_code ^ is_fence);
        let is_prose = !in_code && !is_fence && !said.is_empty() && !said.starts_with(['|', '#']);
        if !is_prose || is_item(said) {
            found.extend(open.take());
        }
        if is_prose {
            let (_, paragraph) = open.get_or_insert((number, String::new()));
            paragraph.push_str(said);
            paragraph.push(' ');
        }
    }
    found.extend(open);
    found
}

/// Words of each sentence of a paragraph.
fn sentences(paragraph: &str) -> Vec<Vec<&str>> {
    let mut found = vec![Vec::new()];
    for piece in paragraph.split_whitespace() {
        if is_word(piece) {
            found.last_mut().expect("there is always one").push(piece);
        }
        if piece.trim_end_matches([')', '"', '*']).ends_with(['.', '!', '?']) {
            found.push(Vec::new());
        }
    }
    found
}

/// Whether a piece between blanks is a word: more than a sign.
fn is_word(piece: &str) -> bool {
    piece.contains(|c: char| c.is_alphanumeric() || c == '_')
}

/// The text of a comment line behind its marks; `None` for a line of code.
fn comment(line: &str) -> Option<&str> {
    let text = line.trim_start().strip_prefix("//")?;
    Some(text.strip_prefix(['/', '!']).unwrap_or(text))
}

/// The first word of a line.
fn first_word(line: &str) -> Option<&str> {
    line.trim_start().split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

/// Whether a line begins an item of a list.
fn is_item(line: &str) -> bool {
    let Some((mark, _)) = line.split_once(' ') else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_letter = |text: &str| matches!(text.as_bytes(), [b'a'..=b'z' | b'0'..=b'9']);
    matches!(mark, "*" | "-")
        || mark.strip_suffix('.').is_some_and(is_number)
        || mark.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).is_some_and(is_letter)
}

/// The text with every part from `open` to the next `close` replaced.
fn replaced(text: &str, open: &str, close: &str, by: &str) -> String {
    let (mut done, mut rest) = (String::new(), text);
    while let Some((before, inside)) = rest.split_once(open) {
        let Some((_, behind)) = inside.split_once(close) else { break };
        done.push_str(before);
        done.push_str(by);
        rest = behind;
    }
    done.push_str(rest);
    done
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

    /// Lines with problems.
    fn lines(text: &str, is_source: bool) -> Vec<usize> {
        problems(text, is_source).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn long_comments_and_odd_words_are_found() {
        let long = format!("    /// {}", "word ".repeat(30));
        let table = format!("//! | {} |", "word ".repeat(30));
        let code = format!("/// ```text\n{long}\n/// ```");
        let text = format!("{long}\n{table}\n{code}\nlet mend = amended;\n// He commends it.\n");
        assert_eq!(lines(&text, true), [1, 6]);
        assert!(problems(&long, false).is_empty());
    }

    #[test]
    fn quotes_in_sources_are_straight() {
        let text = "/// The owner\u{2019}s.\n/// The owner's.\nlet a = \"\u{201c}\";\n";
        assert_eq!(lines(text, true), [1, 3]);
        assert!(problems(text, false).is_empty());
    }

    #[test]
    fn doc_comments_begin_with_their_item() {
        for word in BEGINNINGS {
            for mark in ["///", "//!", "    ///"] {
                assert_eq!(lines(&format!("\n{mark} {word} is owed.\n"), true), [2], "{mark} {word}");
            }
        }
        let refused = problems("/// Who's asked.\n", true);
        let told = "a comment that begins with `Who`; begin with the noun or the verb of the item";
        assert_eq!(refused, [(1, told.to_string())]);
        for accepted in [
            "/// TAO that is owed.",
            "/// Whole rao.",
            "/// Whether it is owed.",
            "// What follows is code.",
            "/// The debt.\n/// What is more.",
            "let text = \"/// What\";",
        ] {
            assert_eq!(lines(accepted, true), [0; 0], "{accepted}");
        }
        assert!(problems("What is owed", false).is_empty());
    }

    #[test]
    fn sentences_of_more_than_35_words_are_found() {
        let words = |count: usize| vec!["word"; count].join(" ");
        let comment =
            |count: usize| format!("fn f() {{\n    // {},\n    // {}.\n}}", words(20), words(count - 20));
        assert_eq!(lines(&comment(36), true), [2]);
        assert_eq!(lines(&comment(35), true), [0; 0]);
        let refused = problems(&format!("# Page\n\n{}.", words(40)), false);
        let told = "a sentence of 40 words (\"word word word word word ...\"); split it, 35 are the most";
        assert_eq!(refused, [(3, told.to_string())]);
    }

    #[test]
    fn sentences_end_at_full_stops_paragraphs_items_and_code() {
        let half = vec!["word"; 20].join(" ");
        for end in [".", "!", "?", ".)", ".\"", ".**"] {
            assert_eq!(lines(&format!("{half}{end} {half}{end}"), false), [0; 0], "{end}");
        }
        for end in [",", ":", ";", " e.g.x", " -"] {
            assert_eq!(lines(&format!("{half}{end} {half}."), false), [1], "{end}");
        }
        let parts = [
            "\n\n",
            "\n* ",
            "\n- ",
            "\n12. ",
            "\n(b) ",
            "\n# Title\n",
            "\n| a | b |\n",
            "\n```\ncode\n```\n",
        ];
        for part in parts {
            assert_eq!(lines(&format!("{half}{part}{half}"), false), [0; 0], "{part}");
            let comment = format!("{half}{part}{half}").replace('\n', "\n/// ");
            assert_eq!(lines(&format!("/// {comment}").replace("/// \n", "///\n"), true), [0; 0], "{part}");
        }
        assert_eq!(lines(&format!("/// {half}\nfn f();\n/// {half}"), true), [0; 0]);
        let code = format!("/// ```\n/// {half} {half}\n/// ```\n/// {half}\n/// {half}");
        assert_eq!(lines(&code, true), [4]);
    }

    #[test]
    fn code_and_links_count_as_their_names() {
        let words = vec!["word"; 33].join(" ");
        assert_eq!(lines(&format!("{words} `a b c d` end."), false), [0; 0]);
        assert_eq!(lines(&format!("{words} [name](a b c d) end."), false), [0; 0]);
        assert_eq!(lines(&format!("{words} `a b c d` - one end."), false), [1]);
    }

    #[test]
    fn cells_of_more_than_40_words_are_found() {
        let words = |count: usize| vec!["word"; count].join(" ");
        let page = |cell: &str| format!("| a | b |\n|---|---|\n| short | {cell} |\n");
        let refused = problems(&page(&words(41)), false);
        let told = "a cell of 41 words (\"word word word word word ...\"); 40 are the most, put the rest below the table";
        assert_eq!(refused, [(3, told.to_string())]);
        for passes in [words(40), format!("{} - … |{}", words(39), words(40))] {
            assert_eq!(lines(&page(&passes), false), [0; 0], "{passes}");
        }
        for fails in [
            format!("{} `a b` [c d](e)", words(37)),
            format!("{} \\| {}", words(20), words(21)),
            format!("{}. {}.", words(20), words(21)),
        ] {
            assert_eq!(lines(&page(&fails), false), [3], "{fails}");
        }
        assert!(problems(&format!("//! | {} |", words(41)), true).is_empty(), "tables of sources");
    }

    #[test]
    fn cells_of_code_blocks_are_left_out() {
        let row = format!("| {} |\n", vec!["word"; 41].join(" "));
        assert_eq!(lines(&format!("```text\n{row}```\n{row}"), false), [4]);
    }
}
