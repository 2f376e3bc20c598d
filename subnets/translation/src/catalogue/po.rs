//! GNU gettext's PO files, and POT files, which are PO files without translations.
//!
//! Source: the GNU gettext manual, "The Format of PO Files".

use super::{quoted, unquoted, Catalogue, CatalogueError, Piece, Segment, MOST_SEGMENTS};

/// Most plural forms of a language.
const MOST_FORMS: usize = 6;

/// A PO file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Po {
    /// The file, whose header is a translation like others: that of the empty text.
    catalogue: Catalogue,
    /// The header's segment, if there is one.
    header: Option<usize>,
}

/// The parts of an entry so far.
#[derive(Default)]
struct Entry {
    segment: Segment,
    id: Option<String>,
    fuzzy: bool,
    /// The line of its first keyword.
    line: usize,
}

/// The string that continues in the next line.
#[derive(Clone, Copy, PartialEq)]
enum Current {
    Nothing,
    Context,
    Id,
    Plural,
    Translation,
}

impl Po {
    /// Reads a file.
    pub fn read(text: &str) -> Result<Self, CatalogueError> {
        let mut po = Self { catalogue: Catalogue::new(), header: None };
        let (mut entry, mut current) = (Entry::default(), Current::Nothing);
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            let wrong = |what: &str| CatalogueError { line: number, what: what.to_owned() };
            let bare = line.trim();
            let word = bare.split(['"', ' ', '\t']).next().unwrap_or_default();
            let is_string = bare.starts_with('"');
            if !is_string && current == Current::Translation && !word.starts_with("msgstr[") {
                po.end(&mut entry)?;
                current = Current::Nothing;
            }
            if bare.is_empty() || bare.starts_with('#') {
                if entry.id.is_some() || entry.segment.context.is_some() {
                    return Err(wrong("the entry above has no `msgstr`"));
                }
                match (bare.strip_prefix("#,"), bare.strip_prefix("#.")) {
                    (Some(flags), _) if flags.split(',').any(|flag| flag.trim() == "fuzzy") => {
                        entry.fuzzy = true;
                        po.mark(line, flags);
                        continue;
                    }
                    (_, Some(remark)) => {
                        let comment = entry.segment.comment.get_or_insert_default();
                        if !comment.is_empty() {
                            comment.push('\n');
                        }
                        comment.push_str(remark.trim());
                    }
                    _ => {}
                }
                if bare.is_empty() || bare.starts_with("#~") {
                    // Remarks of nothing, or of an entry that is no longer used.
                    po.catalogue.unmark();
                    entry = Entry::default();
                }
                po.catalogue.keep(line);
                continue;
            }
            let string = match is_string {
                true => bare,
                false => bare[word.len()..].trim_start(),
            };
            let inner = string.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let inner = inner.ok_or_else(|| wrong("a text stands between two quotes"))?;
            if ends_in_quote(inner) {
                return Err(wrong("a quote within a text is written \\\""));
            }
            let value =
                unquoted(inner).map_err(|escape| wrong(&format!("`{escape}` is no escape of PO files")))?;
            if !is_string {
                current = entry.begin(word, current).map_err(|what| wrong(&what))?;
                if entry.line == 0 {
                    entry.line = number;
                }
            }
            let target = match current {
                Current::Nothing => return Err(wrong("this text belongs to no `msgid` or `msgstr`")),
                Current::Context => entry.segment.context.get_or_insert_default(),
                Current::Id => entry.id.get_or_insert_default(),
                Current::Plural => entry.segment.plural.get_or_insert_default(),
                Current::Translation => entry.segment.present.last_mut().expect("begun above"),
            };
            target.push_str(&value);
            if current != Current::Translation {
                po.catalogue.keep(line);
            }
        }
        if current == Current::Translation {
            po.end(&mut entry)?;
        } else if entry.id.is_some() || entry.segment.context.is_some() {
            return Err(CatalogueError { line: entry.line, what: "the last entry has no `msgstr`".into() });
        }
        Ok(po)
    }

    /// Keeps a line of flags with the mark `fuzzy`.
    fn mark(&mut self, line: &str, flags: &str) {
        let others: Vec<&str> = flags.split(',').map(str::trim).filter(|flag| *flag != "fuzzy").collect();
        let without = if others.is_empty() { String::new() } else { format!("#, {}\n", others.join(", ")) };
        self.catalogue.pieces.push(Piece::Mark(self.catalogue.segments.len(), line.to_owned(), without));
    }

    fn end(&mut self, entry: &mut Entry) -> Result<(), CatalogueError> {
        let Entry { mut segment, id, fuzzy, line } = std::mem::take(entry);
        let wrong = |what: &str| CatalogueError { line, what: what.to_owned() };
        segment.source = id.ok_or_else(|| wrong("the entry has no `msgid`"))?;
        segment.unsure = fuzzy;
        if self.catalogue.segments.len() == MOST_SEGMENTS {
            return Err(wrong(&format!("the file has more than {MOST_SEGMENTS} texts; split it")));
        }
        if segment.source.is_empty() && segment.context.is_none() {
            if self.header.is_some() {
                return Err(wrong("the header, the entry of the empty text, stands twice"));
            }
            self.header = Some(self.catalogue.segments.len());
        }
        self.catalogue.place(segment);
        Ok(())
    }

    /// The texts to translate with their numbers; the header is none.
    pub fn segments(&self) -> impl Iterator<Item = (usize, &Segment)> {
        self.catalogue.segments.iter().enumerate().filter(|(at, _)| Some(*at) != self.header)
    }

    /// The value of a line of the header, such as `Language`.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = &self.catalogue.segments[self.header?];
        let lines = header.present.first()?.lines();
        lines
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.trim())
    }

    /// The file with these translations: one, or one for each plural form, of which the last stands for all further
    /// ones. A text without any has an empty one. `language` and `forms` replace the header's `Language` and
    /// `Plural-Forms`, unless they are `None`. A file without a header gets one.
    pub fn write(&self, header: Option<(&str, &str)>, translations: &[Vec<String>]) -> String {
        let forms = header.map(|(_, forms)| forms).or(self.header("Plural-Forms")).unwrap_or_default();
        let count = form_count(forms);
        let written = self.catalogue.written(
            |out, at| {
                let segment = &self.catalogue.segments[at];
                if Some(at) == self.header {
                    let present = segment.present.first().map(String::as_str).unwrap_or_default();
                    return write_string(out, "msgstr", &header_in(present, header));
                }
                let translation = translations.get(at).filter(|translation| !translation.is_empty());
                let present = Some(&segment.present).filter(|_| header.is_none());
                let translation = translation.or(present).map(Vec::as_slice).unwrap_or_default();
                let form = |form: usize| {
                    let found = translation.get(form).or(translation.last());
                    found.map(String::as_str).unwrap_or_default()
                };
                match &segment.plural {
                    None => write_string(out, "msgstr", form(0)),
                    Some(_) => {
                        (0..count).for_each(|at| write_string(out, &format!("msgstr[{at}]"), form(at)))
                    }
                }
            },
            |at| translations.get(at).is_some_and(|translation| !translation.is_empty()),
        );
        match self.header {
            Some(_) => written,
            None => {
                let mut out = "msgid \"\"\n".to_owned();
                write_string(&mut out, "msgstr", &header_in("", header));
                out + "\n" + &written
            }
        }
    }
}

impl Entry {
    /// Begins the string of a keyword.
    fn begin(&mut self, word: &str, before: Current) -> Result<Current, String> {
        let twice = || format!("`{word}` stands twice in an entry, or behind its `msgstr`");
        match word {
            "msgctxt" if self.segment.context.is_none() && self.id.is_none() => {
                self.segment.context = Some(String::new());
                Ok(Current::Context)
            }
            "msgid" if self.id.is_none() => {
                self.id = Some(String::new());
                Ok(Current::Id)
            }
            "msgid_plural" if self.segment.plural.is_none() && before == Current::Id => {
                self.segment.plural = Some(String::new());
                Ok(Current::Plural)
            }
            "msgstr" if self.segment.present.is_empty() && self.segment.plural.is_none() => {
                self.segment.present.push(String::new());
                Ok(Current::Translation)
            }
            "msgctxt" | "msgid" | "msgid_plural" | "msgstr" => Err(twice()),
            _ => {
                let form = word.strip_prefix("msgstr[").and_then(|rest| rest.strip_suffix(']'));
                let form = form.and_then(|form| form.parse::<usize>().ok());
                match form {
                    Some(form) if self.segment.plural.is_none() => {
                        Err(format!("`msgstr[{form}]` stands in an entry without `msgid_plural`"))
                    }
                    Some(form) if form == self.segment.present.len() && form < MOST_FORMS => {
                        self.segment.present.push(String::new());
                        Ok(Current::Translation)
                    }
                    Some(_) => Err(format!(
                        "`{word}` is not the next plural form, of which there are at most {MOST_FORMS}"
                    )),
                    None => Err(format!("`{word}` is no keyword of PO files")),
                }
            }
        }
    }
}

/// Whether a quote in the text is not escaped.
fn ends_in_quote(inner: &str) -> bool {
    let mut escaped = false;
    inner.chars().any(|letter| {
        let bare = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        bare
    })
}

/// The number of plural forms that a `Plural-Forms` states; 1 if it states none.
pub fn form_count(forms: &str) -> usize {
    let count = forms.split(';').find_map(|part| part.trim().strip_prefix("nplurals=")?.trim().parse().ok());
    count.unwrap_or(1).clamp(1, MOST_FORMS)
}

/// A header with another language, in UTF-8.
fn header_in(header: &str, language: Option<(&str, &str)>) -> String {
    let (language, forms) = language.unzip();
    let wanted = [
        ("Language", language),
        ("Content-Type", Some("text/plain; charset=UTF-8")),
        ("Plural-Forms", forms),
    ];
    let mut lines: Vec<String> = header.lines().map(str::to_owned).collect();
    for (name, value) in wanted {
        let Some(value) = value else { continue };
        let line = format!("{name}: {value}");
        match lines.iter_mut().find(|line| line.split(':').next() == Some(name)) {
            Some(found) => *found = line,
            None => lines.push(line),
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Writes a keyword and its text. A text of several lines begins in the next line.
fn write_string(out: &mut String, word: &str, text: &str) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    out.push_str(word);
    out.push(' ');
    if lines.len() > 1 {
        out.push_str("\"\"\n");
    }
    if lines.is_empty() {
        out.push_str("\"\"\n");
    }
    for line in lines {
        out.push('"');
        out.push_str(&quoted(line));
        out.push_str("\"\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"# Spanish translations.
msgid ""
msgstr ""
"Project-Id-Version: app 1.0\n"
"Language: de\n"
"Content-Type: text/plain; charset=UTF-8\n"

#. Shown in the title.
#: src/main.c:10
#, c-format
msgctxt "menu"
msgid "Open %s"
msgstr "Öffne %s"

#, fuzzy
msgid ""
"One line\n"
"and another \"quoted\"\t\n"
msgstr ""

#: src/list.c:3
msgid "%d file"
msgid_plural "%d files"
msgstr[0] "%d Datei"
msgstr[1] "%d Dateien"

#~ msgid "gone"
#~ msgstr "weg"
"#;

    #[test]
    fn entries_are_read_with_all_that_belongs_to_them() {
        let po = Po::read(FILE).unwrap();
        let segments: Vec<&Segment> = po.segments().map(|(_, segment)| segment).collect();
        assert_eq!(segments.len(), 3);
        assert_eq!(segments[0].source, "Open %s");
        assert_eq!(segments[0].context.as_deref(), Some("menu"));
        assert_eq!(segments[0].comment.as_deref(), Some("Shown in the title."));
        assert_eq!(segments[0].present, ["Öffne %s"]);
        assert_eq!(segments[1].source, "One line\nand another \"quoted\"\t\n");
        assert!(segments[1].unsure && !segments[0].unsure);
        assert_eq!(segments[2].plural.as_deref(), Some("%d files"));
        assert_eq!(segments[2].present, ["%d Datei", "%d Dateien"]);
        assert_eq!(po.header("Language"), Some("de"));
        assert_eq!(po.header("Plural-Forms"), None);
    }

    #[test]
    fn translations_take_their_places_and_all_else_stays() {
        let po = Po::read(FILE).unwrap();
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let translations = [
            vec![],
            texts(&["Abrir %s"]),
            texts(&["Una línea\ny otra\n"]),
            texts(&["%d archivo", "%d archivos"]),
        ];
        let forms = "nplurals=2; plural=(n != 1);";
        let written = po.write(Some(("es", forms)), &translations);
        let again = Po::read(&written).unwrap();
        assert_eq!((again.header("Language"), again.header("Plural-Forms")), (Some("es"), Some(forms)));
        let present: Vec<&[String]> = again.segments().map(|(_, segment)| &*segment.present).collect();
        assert_eq!(present, [&*translations[1], &translations[2], &translations[3]]);
        for kept in [
            "# Spanish translations.",
            "#: src/list.c:3",
            "#~ msgid \"gone\"",
            "#, c-format",
            "Project-Id-Version: app 1.0",
        ] {
            assert!(written.contains(kept), "{kept}: {written}");
        }
        assert!(!written.contains("fuzzy"), "a new translation is no longer marked: {written}");
        assert!(po.write(Some(("es", forms)), &[]).contains("#, fuzzy\n"), "without one the mark stays");
        let lines = |text: &str| text.lines().filter(|line| !line.starts_with("msgstr")).count();
        assert!(lines(&written) + 1 >= lines(FILE), "nothing else was lost");
        // The written file is read again and written the same.
        assert_eq!(again.write(Some(("es", forms)), &translations), written);
    }

    #[test]
    fn headers_and_forms_are_those_of_the_language() {
        let text = "msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=CHARSET\\n\"\n\n\
                    msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[0] \"\"\n";
        let two = vec![vec![], vec!["x".to_owned(), "y".to_owned()]];
        let three = Po::read(text).unwrap().write(Some(("es_MX", "nplurals=3; plural=0;")), &two);
        assert!(
            three.contains("charset=UTF-8") && three.contains("msgstr[1] \"y\"\nmsgstr[2] \"y\""),
            "{three}"
        );
        let again = Po::read(&three).unwrap();
        assert_eq!(again.write(None, &two), three, "the header stays");
        let none = Po::read("msgid \"a\"\nmsgstr \"\"\n").unwrap();
        let written = none.write(Some(("es", "nplurals=2; plural=(n != 1);")), &[vec!["x".into()]]);
        assert_eq!(Po::read(&written).unwrap().header("Language"), Some("es"), "{written}");
        // A mark of an entry that is no longer used is none of the next one.
        let old = "#, fuzzy\n#~ msgid \"gone\"\n#~ msgstr \"weg\"\n\nmsgid \"a\"\nmsgstr \"\"\n";
        assert!(Po::read(old).unwrap().write(None, &[vec!["x".into()]]).contains("#, fuzzy"));
    }

    #[test]
    fn wrong_files_are_refused_by_line() {
        let why = |text: &str| Po::read(text).unwrap_err().to_string();
        assert_eq!(why("msgid \"a\nmsgstr \"b\"\n"), "line 1: a text stands between two quotes");
        assert_eq!(why("msgid \"a\"b\"\nmsgstr \"b\"\n"), "line 1: a quote within a text is written \\\"");
        assert_eq!(why("\"a\"\n"), "line 1: this text belongs to no `msgid` or `msgstr`");
        assert_eq!(
            why("msgid \"a\"\n\nmsgid \"b\"\nmsgstr \"\"\n"),
            "line 2: the entry above has no `msgstr`"
        );
        assert_eq!(
            why("msgid \"a\"\nmsgid \"b\"\n"),
            "line 2: `msgid` stands twice in an entry, or behind its `msgstr`"
        );
        assert_eq!(why("msgid \"a\"\n"), "line 1: the last entry has no `msgstr`");
        assert_eq!(
            why("msgid \"a\"\nmsgstr[0] \"b\"\n"),
            "line 2: `msgstr[0]` stands in an entry without `msgid_plural`"
        );
        assert_eq!(
            why("msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[1] \"b\"\n"),
            "line 3: `msgstr[1]` is not the next plural form, of which there are at most 6"
        );
        assert_eq!(why("msgid \"\\q\"\nmsgstr \"b\"\n"), "line 1: `\\q` is no escape of PO files");
        assert_eq!(why("hello\n"), "line 1: a text stands between two quotes");
        assert_eq!(why("msgfoo \"x\"\n"), "line 1: `msgfoo` is no keyword of PO files");
        assert_eq!(
            why("msgid \"\"\nmsgstr \"\"\n\nmsgid \"\"\nmsgstr \"\"\n"),
            "line 4: the header, the entry of the empty text, stands twice"
        );
        assert!(Po::read("").unwrap().segments().next().is_none());
    }
}
