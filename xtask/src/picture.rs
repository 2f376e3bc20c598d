//! `cargo xtask picture FILE`: the contents of a terminal as an SVG picture for the README.
//!
//! Reads text with colours (SGR escapes) from standard input; other escapes are left out, and of a line that was
//! written over with carriage returns the last state counts.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

/// Size of a character in pixels.
const WIDTH: usize = 8;
const HEIGHT: usize = 17;
/// The margin on every side.
const MARGIN: usize = 14;
/// Most columns and lines of a picture; the last lines count.
const COLUMNS: usize = 160;
const LINES: usize = 90;

/// The eight colours of terminals, dark background.
const COLOURS: [&str; 8] =
    ["#6b7280", "#f87171", "#4ade80", "#facc15", "#60a5fa", "#c084fc", "#22d3ee", "#e5e7eb"];
const PLAIN: &str = "#d1d5db";
const BACKGROUND: &str = "#111827";

/// Writes the picture of standard input.
pub fn run(file: &Path) -> Result<(), String> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(|error| format!("standard input: {error}"))?;
    let text = String::from_utf8_lossy(&bytes);
    if text.trim().is_empty() {
        return Err("there is nothing on standard input; pipe the output of a command into this".into());
    }
    std::fs::write(file, svg(&text)).map_err(|error| format!("{} cannot be written: {error}", file.display()))
}

/// A piece of a line in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Piece {
    text: String,
    colour: Option<usize>,
    is_bold: bool,
}

fn svg(text: &str) -> String {
    let lines: Vec<Vec<Piece>> = text.lines().map(pieces).collect();
    let shown = &lines[lines.len().saturating_sub(LINES)..];
    let columns = shown.iter().map(|line| line.iter().map(|piece| piece.text.chars().count()).sum()).max();
    let width = columns.unwrap_or(0).min(COLUMNS) * WIDTH + 2 * MARGIN;
    let height = shown.len() * HEIGHT + 2 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"13\" fill=\"{PLAIN}\" xml:space=\"preserve\">\n"
    );
    for (row, line) in shown.iter().enumerate() {
        let y = MARGIN + (row + 1) * HEIGHT - 4;
        let mut column = 0;
        for piece in line {
            let text: String = piece.text.chars().take(COLUMNS.saturating_sub(column)).collect();
            let length = text.chars().count();
            if !text.trim().is_empty() {
                let x = MARGIN + column * WIDTH;
                let fill =
                    piece.colour.map_or(String::new(), |colour| format!(" fill=\"{}\"", COLOURS[colour]));
                let weight = if piece.is_bold { " font-weight=\"bold\"" } else { "" };
                // The length keeps columns straight in any font.
                let _ = writeln!(
                    svg,
                    "<text x=\"{x}\" y=\"{y}\" textLength=\"{}\"{fill}{weight}>{}</text>",
                    length * WIDTH,
                    escaped(&text)
                );
            }
            column += length;
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// The pieces of a line, after carriage returns and without escapes.
fn pieces(line: &str) -> Vec<Piece> {
    let line = line.trim_end_matches('\r');
    let line = line.rsplit('\r').next().unwrap_or(line);
    let mut pieces = Vec::new();
    let mut current = Piece::default();
    let mut rest = line;
    while let Some(start) = rest.find('\u{1b}') {
        current.text.push_str(&rest[..start]);
        let escape = &rest[start + 1..];
        let end = escape.find(|c: char| c.is_ascii_alphabetic());
        let Some((end, body)) = end.and_then(|end| Some((end, escape.strip_prefix('[')?.get(..end - 1)?)))
        else {
            rest = escape;
            continue;
        };
        if escape.as_bytes()[end] == b'm' {
            let style = styled(&current, body);
            pieces.push(std::mem::replace(&mut current, style));
        }
        rest = &escape[end + 1..];
    }
    current.text.push_str(rest);
    pieces.push(current);
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

/// An empty piece in the style after these codes.
fn styled(before: &Piece, codes: &str) -> Piece {
    let mut style = Piece { text: String::new(), ..before.clone() };
    for code in codes.split(';').map(|code| code.parse::<usize>().unwrap_or(0)) {
        match code {
            0 => style = Piece::default(),
            1 => style.is_bold = true,
            22 => style.is_bold = false,
            2 => style.colour = Some(0),
            30..=37 => style.colour = Some(code - 30),
            90..=97 => style.colour = Some(code - 90),
            39 => style.colour = None,
            _ => {}
        }
    }
    style
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_pieces_and_other_escapes_vanish() {
        let line = pieces("old\r\u{1b}[2Kepoch \u{1b}[1;32mkept\u{1b}[0m.");
        let expected = [("epoch ", None, false), ("kept", Some(2), true), (".", None, false)];
        let expected = expected.map(|(text, colour, is_bold)| Piece { text: text.into(), colour, is_bold });
        assert_eq!(line, expected);
    }

    #[test]
    fn markup_is_escaped_and_broken_escapes_are_survived() {
        let picture = svg("a < b & c\n\u{1b}[31\n\u{1b}");
        assert!(picture.contains("a &lt; b &amp; c") && picture.ends_with("</svg>\n"), "{picture}");
    }
}
