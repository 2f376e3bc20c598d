//! Finds the values of fields in the text of a page, for the baseline miner after Tesseract has read it.
//!
//! A field is found by any of its labels, a price by its item, each with some letters misread.

use crate::{
    document::LABELS,
    metrics::{edit_distance, normalised},
};

/// Most words of a label that are compared.
const LABEL_WORDS: usize = 4;

/// The values of the fields in order; empty where nothing fits.
pub fn values(text: &str, fields: &[String]) -> Vec<String> {
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split_whitespace().collect())
        .filter(|words: &Vec<_>| !words.is_empty())
        .collect();
    fields.iter().map(|field| value(&lines, field)).collect()
}

fn value(lines: &[Vec<&str>], field: &str) -> String {
    if let Some(item) = field.strip_prefix("price of ") {
        // The last word of the line that begins with the item.
        return best(lines, &[item])
            .and_then(|(line, words)| lines[line][words..].last())
            .unwrap_or(&"")
            .to_string();
    }
    let known = LABELS.iter().find(|(name, _)| *name == field);
    let labels = known.map_or(vec![field], |(_, labels)| labels.to_vec());
    let Some((line, words)) = best(lines, &labels) else { return String::new() };
    let rest = lines[line][words..].join(" ");
    let rest = rest.trim_start_matches([':', '.', ' ']);
    if !rest.is_empty() {
        return rest.to_owned();
    }
    // Some pages have values below their labels.
    lines.get(line + 1).map(|words| words.join(" ")).unwrap_or_default()
}

/// The line that begins most like one of the labels, and the number of its words that the label takes.
fn best(lines: &[Vec<&str>], labels: &[&str]) -> Option<(usize, usize)> {
    let plain = |text: &str| -> Vec<char> {
        normalised(text).into_iter().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let mut found: Option<(usize, (usize, usize))> = None;
    for label in labels.iter().map(|label| plain(label)).filter(|label| !label.is_empty()) {
        for (number, line) in lines.iter().enumerate() {
            for words in 1..=line.len().min(LABEL_WORDS) {
                let start = plain(&line[..words].join(" "));
                if start.len().abs_diff(label.len()) > label.len() / 2 {
                    continue;
                }
                let misread = edit_distance(&start, &label) * 1000 / label.len();
                if misread <= 340 && found.is_none_or(|(least, _)| misread < least) {
                    found = Some((misread, (number, words)));
                }
            }
        }
    }
    found.map(|(_, place)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_although_letters_are_misread() {
        let text = "Keller Tools AB\nlnvoice No: XK-20931\nDated 03/11/2021\ngreen tea 3 14.50\nAmount due:\n1,204.00\n";
        let fields = ["number", "date", "price of green tea", "total", "phone"].map(str::to_owned);
        assert_eq!(values(text, &fields), ["XK-20931", "03/11/2021", "14.50", "1,204.00", ""]);
    }
}
