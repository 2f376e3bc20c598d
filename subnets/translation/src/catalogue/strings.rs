//! Apple's `.strings` files: `"name" = "text";` with comments. The names stay, the texts are translated.

use super::{quoted, unquoted, Catalogue, CatalogueError, Segment, MOST_SEGMENTS};

/// A `.strings` file. What is present of a segment is its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strings(Catalogue);

impl Strings {
    /// Reads a file.
    pub fn read(text: &str) -> Result<Self, CatalogueError> {
        let mut file = Self(Catalogue::new());
        let (mut rest, mut comment) = (text, None::<String>);
        let line_of = |rest: &str| text[..text.len() - rest.len()].matches('\n').count() + 1;
        loop {
            let wrong =
                |rest: &str, what: &str| CatalogueError { line: line_of(rest), what: what.to_owned() };
            let bare = rest.trim_start();
            file.0.keep(&rest[..rest.len() - bare.len()]);
            rest = bare;
            if rest.is_empty() {
                return Ok(file);
            }
            if rest.starts_with("/*") {
                let end = rest.find("*/").ok_or_else(|| wrong(rest, "this comment has no end"))? + 2;
                comment = Some(rest[2..end - 2].trim().to_owned());
                file.0.keep(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            if rest.starts_with("//") {
                let end = rest.find('\n').unwrap_or(rest.len());
                comment = Some(rest[2..end].trim().to_owned());
                file.0.keep(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            let name =
                token(rest).ok_or_else(|| wrong(rest, "a name in quotes, or of letters, was expected"))?;
            let after = &rest[name.len()..];
            let equals =
                after.trim_start().strip_prefix('=').ok_or_else(|| wrong(after, "`=` was expected"))?;
            let value = equals.trim_start();
            let quote = Some(value).filter(|value| value.starts_with('"')).and_then(token);
            let quote = quote.ok_or_else(|| wrong(value, "a text in quotes was expected"))?;
            let inner = &quote[1..quote.len() - 1];
            let source = unquoted(inner)
                .map_err(|escape| wrong(value, &format!("`{escape}` is no escape of .strings files")))?;
            let behind = &value[quote.len()..];
            if !behind.trim_start().starts_with(';') {
                return Err(wrong(behind, "`;` was expected"));
            }
            if file.0.segments.len() == MOST_SEGMENTS {
                return Err(wrong(rest, &format!("the file has more than {MOST_SEGMENTS} texts; split it")));
            }
            let end = behind.len() - behind.trim_start().len() + 1;
            file.0.keep(&rest[..rest.len() - value.len()]);
            let context = Some(name.trim_matches('"').to_owned());
            let present = vec![quote.to_owned()];
            file.0.place(Segment { source, context, comment: comment.take(), present, ..Segment::default() });
            file.0.keep(&behind[..end]);
            rest = &behind[end..];
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
                Some(text) => out.push_str(&format!("\"{}\"", quoted(text))),
                None => out.push_str(&self.0.segments[at].present[0]),
            },
            |_| false,
        )
    }
}

/// The token at the beginning: a text with its quotes, or a word.
fn token(text: &str) -> Option<&str> {
    let end = match text.strip_prefix('"') {
        Some(inner) => {
            let mut escaped = false;
            let end = inner.char_indices().find(|(_, letter)| {
                let ends = *letter == '"' && !escaped;
                escaped = *letter == '\\' && !escaped;
                ends
            });
            end?.0 + 2
        }
        None => text
            .find(|letter: char| !letter.is_alphanumeric() && !"_.-".contains(letter))
            .unwrap_or(text.len()),
    };
    Some(&text[..end]).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "/* Title of the window */\n\"title\" = \"Open \\\"%@\\\"\";\n\n\
                        // unsaid\nplain.name=\"A\\nB\" ;\n\"it = ;\"  =  \"x\";";

    #[test]
    fn texts_are_read_and_written_and_all_else_stays() {
        let file = Strings::read(FILE).unwrap();
        let sources: Vec<&str> = file.segments().iter().map(|segment| &*segment.source).collect();
        assert_eq!(sources, ["Open \"%@\"", "A\nB", "x"]);
        assert_eq!(file.segments()[0].comment.as_deref(), Some("Title of the window"));
        assert_eq!(file.segments()[2].context.as_deref(), Some("it = ;"));
        assert_eq!(file.write(&[]), FILE);
        let written = file.write(&[Some("Abrir «%@»".into()), None, Some("\"".into())]);
        assert_eq!(written, FILE.replace("Open \\\"%@\\\"", "Abrir «%@»").replace("\"x\"", "\"\\\"\""));
    }

    #[test]
    fn wrong_files_are_refused_by_line() {
        let why = |text: &str| Strings::read(text).unwrap_err().to_string();
        assert_eq!(why("\n/* a"), "line 2: this comment has no end");
        assert_eq!(why("\"a\" \"b\";"), "line 1: `=` was expected");
        assert_eq!(why("\"a\" = b;"), "line 1: a text in quotes was expected");
        assert_eq!(why("\"a\" = \"b"), "line 1: a text in quotes was expected");
        assert_eq!(why("\"a\" = \"b\"\n\"c\" = \"d\";"), "line 1: `;` was expected");
        assert_eq!(why("= \"b\";"), "line 1: a name in quotes, or of letters, was expected");
        assert_eq!(why("\"a\" = \"\\q\";"), "line 1: `\\q` is no escape of .strings files");
    }
}
