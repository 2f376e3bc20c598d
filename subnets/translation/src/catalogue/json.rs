//! JSON files whose texts are translated: nested objects and lists, as i18next, Flutter's ARB and others write them.
//! Names, numbers and spacing stay.

use super::{Catalogue, CatalogueError, Segment, MOST_SEGMENTS};

/// Deepest nesting.
const DEEPEST: usize = 64;
/// Characters of a name that are kept.
const LONGEST_NAME: usize = 60;

/// A JSON file. What is present of a segment is its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(Catalogue);

/// An object or list that is open.
struct Open {
    /// The bracket that closes it.
    closes: char,
    /// The name of the value that comes next in an object, or its number in a list.
    name: String,
    number: usize,
}

impl Json {
    /// Reads a file. Names that begin with `@`, as ARB gives them to remarks, and all below them are not translated.
    pub fn read(text: &str) -> Result<Self, CatalogueError> {
        let mut file = Self(Catalogue::new());
        let (mut open, mut at, mut wants_name) = (Vec::<Open>::new(), 0, false);
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        while let Some(letter) = text[at..].chars().next() {
            let wrong = |what: &str| CatalogueError { line: line(at), what: what.to_owned() };
            let next = at + letter.len_utf8();
            match letter {
                '{' | '[' => {
                    if open.len() == DEEPEST {
                        return Err(wrong(&format!("objects are nested more than {DEEPEST} deep")));
                    }
                    wants_name = letter == '{';
                    open.push(Open {
                        closes: if wants_name { '}' } else { ']' },
                        name: "0".into(),
                        number: 0,
                    });
                }
                '}' | ']' => match open.pop() {
                    Some(found) if found.closes == letter => wants_name = false,
                    _ => return Err(wrong(&format!("`{letter}` closes nothing"))),
                },
                ',' => match open.last_mut() {
                    None => return Err(wrong("`,` stands outside of all objects")),
                    Some(last) => {
                        wants_name = last.closes == '}';
                        last.number += 1;
                        last.name = last.number.to_string();
                    }
                },
                '"' => {
                    let end = string_end(&text[at..]).ok_or_else(|| wrong("this text has no end"))?;
                    let token = &text[at..at + end];
                    let value: String =
                        serde_json::from_str(token).map_err(|error| wrong(&format!("{error}")))?;
                    let is_remark = open.iter().any(|object| object.name.starts_with('@'));
                    match (wants_name, open.last_mut()) {
                        (true, Some(last)) => {
                            last.name = value.chars().take(LONGEST_NAME).collect();
                            wants_name = false;
                            file.0.keep(token);
                        }
                        _ if is_remark => file.0.keep(token),
                        _ => {
                            if file.0.segments.len() == MOST_SEGMENTS {
                                return Err(wrong(&format!(
                                    "the file has more than {MOST_SEGMENTS} texts; split it"
                                )));
                            }
                            let names: Vec<&str> = open.iter().map(|object| &*object.name).collect();
                            let context = Some(names.join(".")).filter(|name| !name.is_empty());
                            let present = vec![token.to_owned()];
                            file.0.place(Segment { source: value, context, present, ..Segment::default() });
                        }
                    }
                    at += end;
                    continue;
                }
                _ => {}
            }
            file.0.keep(&text[at..next]);
            at = next;
        }
        match open.pop() {
            Some(left) => Err(CatalogueError {
                line: line(at),
                what: format!("`{}` is missing at the end", left.closes),
            }),
            // Everything that is no text was passed over above.
            None => match serde_json::from_str::<serde::de::IgnoredAny>(text) {
                Ok(_) => Ok(file),
                Err(error) => Err(CatalogueError { line: error.line(), what: error.to_string() }),
            },
        }
    }

    /// The texts.
    pub fn segments(&self) -> &[Segment] {
        &self.0.segments
    }

    /// The file with these translations in place of the texts; a text without one stays.
    pub fn write(&self, translations: &[Option<String>]) -> String {
        self.0.written(
            |out, at| match translations.get(at).and_then(Option::as_ref) {
                Some(text) => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
                None => out.push_str(&self.0.segments[at].present[0]),
            },
            |_| false,
        )
    }
}

/// Bytes of the string with its quotes.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    let inner = text.strip_prefix('"')?;
    let end = inner.char_indices().find(|(_, letter)| {
        let ends = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    })?;
    Some(end.0 + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "{\n  \"title\": \"Open \\u00e9\",\n  \"count\": 3, \
                        \"menu\": {\"items\": [\"A\", \"B\\n\"], \"@items\": {\"description\": \"keep\"}}\n}\n";

    #[test]
    fn texts_are_read_and_written_and_all_else_stays() {
        let file = Json::read(FILE).unwrap();
        let found: Vec<(&str, &str)> = file
            .segments()
            .iter()
            .map(|segment| (segment.context.as_deref().unwrap(), &*segment.source))
            .collect();
        assert_eq!(found, [("title", "Open é"), ("menu.items.0", "A"), ("menu.items.1", "B\n")]);
        let written = file.write(&[Some("Abrir \"é\"".into()), None, Some("Z".into())]);
        assert_eq!(written, FILE.replace("Open \\u00e9", "Abrir \\\"é\\\"").replace("B\\n", "Z"));
        assert_eq!(Json::read("\"alone\"").unwrap().segments()[0].source, "alone");
    }

    #[test]
    fn wrong_files_are_refused_by_line() {
        let why = |text: &str| Json::read(text).unwrap_err().to_string();
        assert_eq!(why("{\n\"a\": \"b"), "line 2: this text has no end");
        assert_eq!(why("{\"a\": [}"), "line 1: `}` closes nothing");
        assert_eq!(why("{\"a\": 1"), "line 1: `}` is missing at the end");
        assert!(why("{\"a\" 1}").contains("expected"));
        assert!(why(&"[".repeat(65)).contains("more than 64 deep"));
        assert!(why("{\"a\": \"\\q\"}").contains("invalid escape"));
        assert!(why("hello").contains("line 1"));
    }
}
