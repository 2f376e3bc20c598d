//! XLIFF 1.2 and 2: `source` elements with their `target`s.
//!
//! Source: OASIS, "XLIFF Version 1.2" and "XLIFF Version 2.1". A text is the XML inside `source`: elements and entities
//! in it are protected parts, which come back as they are.

use quick_xml::{
    events::{BytesStart, Event},
    Reader,
};

use super::{Catalogue, CatalogueError, Segment, MOST_SEGMENTS};

/// Deepest nesting.
const DEEPEST: usize = 64;

/// An XLIFF file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Xliff {
    catalogue: Catalogue,
    /// The words around each segment's content: none where its `target` is there, and the element if it is empty.
    around: Vec<Around>,
    /// The languages that the file states.
    languages: [Option<String>; 2],
}

/// The `target` of a unit: the place of its content.
#[derive(Clone, Copy)]
enum Target {
    /// From here to there.
    Content(usize, usize),
    /// An element `<target/>`, from here to there.
    Empty(usize, usize),
}

/// A unit that is open.
#[derive(Default)]
struct Unit {
    /// Whether it is not to be translated.
    stays: bool,
    segment: Segment,
    /// Where the source ends in the file.
    behind_source: Option<usize>,
    target: Option<Target>,
}

/// The writing around a translation.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Around {
    /// Nothing: the element is there.
    Nothing,
    /// An element that is not there.
    Element,
    /// An element that is there without content, as it is written.
    Empty(String),
}

/// A file that is being read.
struct Reading<'a> {
    text: &'a str,
    file: Xliff,
    /// The elements that are open, with the places where their contents begin.
    open: Vec<(String, usize)>,
    unit: Option<Unit>,
    /// How much of the text stands in the catalogue.
    kept: usize,
    is_xliff: bool,
}

impl Xliff {
    /// Reads a file.
    pub fn read(text: &str) -> Result<Self, CatalogueError> {
        let file = Self { catalogue: Catalogue::new(), around: Vec::new(), languages: [None, None] };
        let mut reading = Reading { text, file, open: Vec::new(), unit: None, kept: 0, is_xliff: false };
        let mut reader = Reader::from_str(text);
        let wrong = |at: usize, what: String| {
            let line = text.get(..at).unwrap_or(text).matches('\n').count() + 1;
            CatalogueError { line, what }
        };
        let mut begun = 0;
        loop {
            let event = reader.read_event();
            let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len()).min(text.len());
            let done = match event.map_err(|error| wrong(at, error.to_string()))? {
                Event::Start(start) => reading.start(&start, at),
                Event::Empty(start) => {
                    reading.empty(&start, begun, at);
                    Ok(())
                }
                Event::End(_) => reading.end(begun, at),
                Event::Eof => break,
                _ => Ok(()),
            };
            done.map_err(|what| wrong(at, what))?;
            begun = at;
        }
        if let Some((name, _)) = reading.open.pop() {
            return Err(wrong(text.len(), format!("`<{name}>` has no end")));
        }
        if !reading.is_xliff {
            return Err(wrong(0, "the file has no element `xliff`".into()));
        }
        reading.file.catalogue.keep(&text[reading.kept..]);
        Ok(reading.file)
    }

    /// The texts.
    pub fn segments(&self) -> &[Segment] {
        &self.catalogue.segments
    }

    /// The language of the texts, and the one of their translations, as the file states them.
    pub fn languages(&self) -> [Option<&str>; 2] {
        [self.languages[0].as_deref(), self.languages[1].as_deref()]
    }

    /// The file with these translations, which are XML ([`is_xml`]). A text without one has the target that it had.
    pub fn write(&self, translations: &[Option<String>]) -> String {
        self.catalogue.written(
            |out, at| {
                let translation = translations.get(at).and_then(Option::as_deref).filter(|text| is_xml(text));
                let present = self.catalogue.segments[at].present.first().map(String::as_str);
                match (&self.around[at], translation) {
                    (Around::Nothing, translation) => {
                        out.push_str(translation.or(present).unwrap_or_default());
                    }
                    (Around::Element, Some(text)) => out.push_str(&format!("<target>{text}</target>")),
                    (Around::Element, None) => {}
                    (Around::Empty(element), None) => out.push_str(element),
                    (Around::Empty(element), Some(text)) => {
                        let begin = element.trim_end_matches('>').trim_end_matches('/').trim_end();
                        let name =
                            begin.trim_start_matches('<').split_whitespace().next().unwrap_or_default();
                        out.push_str(&format!("{begin}>{text}</{name}>"));
                    }
                }
            },
            |_| false,
        )
    }
}

/// The value of an attribute.
fn value(start: &BytesStart<'_>, wanted: &str) -> Option<String> {
    let found = start.attributes().flatten().find(|attribute| attribute.key.as_ref() == wanted)?;
    Some(found.value.into_owned())
}

impl Reading<'_> {
    /// An element begins; its content begins at `at`.
    fn start(&mut self, start: &BytesStart<'_>, at: usize) -> Result<(), String> {
        let name = start.local_name().as_ref().to_owned();
        if self.open.is_empty() {
            self.is_xliff |= name == "xliff";
        }
        match &*name {
            "xliff" | "file" => {
                let languages = [["source-language", "srcLang"], ["target-language", "trgLang"]];
                for (place, names) in self.file.languages.iter_mut().zip(languages) {
                    *place = names.into_iter().find_map(|name| value(start, name)).or(place.take());
                }
            }
            "trans-unit" | "segment" => {
                let context = value(start, "resname").or_else(|| value(start, "id"));
                let stays = value(start, "translate").as_deref() == Some("no");
                let segment = Segment { context, ..Segment::default() };
                self.unit = Some(Unit { segment, stays, ..Unit::default() });
            }
            "target" if self.is_of_unit() => {
                let unsure =
                    |state: String| state == "initial" || state == "new" || state.starts_with("needs-");
                if let Some(unit) = self.unit.as_mut().filter(|unit| unit.target.is_none()) {
                    unit.segment.unsure = value(start, "state").is_some_and(unsure);
                }
            }
            _ => {}
        }
        if self.open.len() == DEEPEST {
            return Err(format!("elements are nested more than {DEEPEST} deep"));
        }
        self.open.push((name, at));
        Ok(())
    }

    /// An element without content, from `begun` to `at`.
    fn empty(&mut self, start: &BytesStart<'_>, begun: usize, at: usize) {
        let of_unit = self.is_of_unit();
        let Some(unit) = self.unit.as_mut().filter(|_| of_unit) else { return };
        match start.local_name().as_ref() {
            "target" if unit.target.is_none() => unit.target = Some(Target::Empty(begun, at)),
            "source" if unit.behind_source.is_none() => unit.behind_source = Some(at),
            _ => {}
        }
    }

    /// Whether an element that begins here belongs to a unit and to nothing within it.
    fn is_of_unit(&self) -> bool {
        matches!(self.open.last().map(|(name, _)| name.as_str()), Some("trans-unit" | "segment"))
    }

    /// An element ends; its content ends at `begun`.
    fn end(&mut self, begun: usize, at: usize) -> Result<(), String> {
        let (name, from) = self.open.pop().ok_or("an element ends that never began")?;
        let of_unit = self.is_of_unit();
        let content = &self.text[from..begun];
        match (&*name, self.unit.as_mut()) {
            ("source", Some(unit)) if of_unit && unit.behind_source.is_none() => {
                content.clone_into(&mut unit.segment.source);
                unit.behind_source = Some(at);
            }
            ("target", Some(unit)) if of_unit && unit.target.is_none() => {
                unit.target = Some(Target::Content(from, begun));
                unit.segment.present = vec![content.to_owned()];
            }
            ("note", Some(unit)) => unit.segment.comment = Some(content.trim().to_owned()),
            ("trans-unit" | "segment", Some(_)) => {
                let done = self.unit.take().unwrap_or_default();
                self.take(done)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes up a unit that ended.
    fn take(&mut self, unit: Unit) -> Result<(), String> {
        let Some(behind_source) = unit.behind_source else { return Err("the unit has no `source`".into()) };
        if self.file.catalogue.segments.len() == MOST_SEGMENTS {
            return Err(format!("the file has more than {MOST_SEGMENTS} texts; split it"));
        }
        if unit.stays || unit.segment.source.trim().is_empty() {
            return Ok(());
        }
        let (from, to, around) = match unit.target {
            Some(Target::Content(from, to)) => (from, to, Around::Nothing),
            Some(Target::Empty(from, to)) => (from, to, Around::Empty(self.text[from..to].to_owned())),
            None => (behind_source, behind_source, Around::Element),
        };
        self.file.catalogue.keep(&self.text[self.kept..from]);
        self.file.catalogue.place(unit.segment);
        self.file.around.push(around);
        self.kept = to;
        Ok(())
    }
}

/// Whether a text can stand inside an element.
pub fn is_xml(text: &str) -> bool {
    let is_letter = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    if !text.chars().all(is_letter) || text.contains("]]>") {
        return false;
    }
    let mut reader = Reader::from_str(text);
    let mut depth = 0i32;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth -= 1,
            Ok(Event::Empty(_) | Event::GeneralRef(_) | Event::Comment(_)) => {}
            Ok(Event::Text(part)) => {
                if part.contains(['<', '&']) {
                    return false;
                }
            }
            Ok(Event::Eof) => return depth == 0,
            Ok(_) | Err(_) => return false,
        }
        if depth < 0 {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"<?xml version="1.0"?>
<xliff version="1.2"><file source-language="en" target-language="de" original="a">
<body>
  <trans-unit id="1" resname="title"><source>Open <x id="n"/> &amp; go</source></trans-unit>
  <trans-unit id="2"><source>Close</source><target state="new">Zu</target><note>A button</note></trans-unit>
  <trans-unit id="3"><source>Save</source><target/></trans-unit>
</body></file></xliff>
"#;

    #[test]
    fn texts_are_read_and_targets_written_and_all_else_stays() {
        let file = Xliff::read(OLD).unwrap();
        let sources: Vec<&str> = file.segments().iter().map(|segment| &*segment.source).collect();
        assert_eq!(sources, ["Open <x id=\"n\"/> &amp; go", "Close", "Save"]);
        assert_eq!(file.segments()[0].context.as_deref(), Some("title"));
        assert_eq!(file.segments()[1].comment.as_deref(), Some("A button"));
        assert_eq!(file.languages(), [Some("en"), Some("de")]);
        assert_eq!(file.write(&[]), OLD);
        let written = file.write(&[
            Some("Abrir <x id=\"n\"/> &amp; ir".into()),
            Some("Cerrar".into()),
            Some("A < B".into()),
        ]);
        assert!(
            written.contains("&amp; go</source><target>Abrir <x id=\"n\"/> &amp; ir</target>"),
            "{written}"
        );
        assert!(written.contains("<target state=\"new\">Cerrar</target><note>"), "{written}");
        assert!(!written.contains("A < B"), "this would be no XML");
        assert_eq!(Xliff::read(&written).unwrap().segments()[0].present, ["Abrir <x id=\"n\"/> &amp; ir"]);
        let written = file.write(&[None, None, Some("Guardar".into())]);
        assert!(written.contains("<target>Guardar</target>"), "{written}");
    }

    #[test]
    fn the_second_version_has_segments() {
        let text = "<xliff version=\"2.0\" srcLang=\"en\"><file id=\"f\">\
                    <unit id=\"u\"><segment><source>A</source></segment></unit></file></xliff>";
        let file = Xliff::read(text).unwrap();
        assert_eq!(file.languages(), [Some("en"), None]);
        assert!(file.write(&[Some("B".into())]).contains("<source>A</source><target>B</target></segment>"));
    }

    #[test]
    fn units_that_stay_and_targets_of_others_are_left_alone() {
        let text = "<xliff><file><trans-unit translate=\"no\"><source>Myelin</source></trans-unit>\
                    <trans-unit><source/></trans-unit>\
                    <trans-unit><source>A</source><alt-trans><source>B</source><target/></alt-trans></trans-unit>\
                    <trans-unit><source>C</source><target state=\"new\">C</target></trans-unit>\
                    <trans-unit><source>D</source><target state=\"new\"/></trans-unit></file></xliff>";
        let file = Xliff::read(text).unwrap();
        let found: Vec<(&str, bool)> =
            file.segments().iter().map(|segment| (&*segment.source, segment.unsure)).collect();
        assert_eq!(found, [("A", false), ("C", true), ("D", false)]);
        assert_eq!(file.write(&[]), text);
        let written = file.write(&[Some("a".into()), None, Some("d".into())]);
        assert!(written.contains("<source>A</source><target>a</target><alt-trans>"), "{written}");
        assert!(written.contains("<target state=\"new\">d</target>"), "{written}");
    }

    #[test]
    fn wrong_files_are_refused_by_line() {
        let why = |text: &str| Xliff::read(text).unwrap_err().to_string();
        assert_eq!(why("<html></html>"), "line 1: the file has no element `xliff`");
        assert!(why("<xliff>\n<file></xliff>").starts_with("line 2: "), "{}", why("<xliff>\n<file></xliff>"));
        assert_eq!(why("<xliff>\n<file>"), "line 2: `<file>` has no end");
        assert_eq!(why("<xliff><trans-unit></trans-unit></xliff>"), "line 1: the unit has no `source`");
        assert!(why(&"<a>".repeat(70)).contains("more than 64 deep"));
        assert!(!is_xml("a \u{1}") && !is_xml("]]>"));
        assert!(!is_xml("a & b") && !is_xml("<b>") && !is_xml("</b>") && is_xml("a &amp; <b>c</b>"));
    }
}
