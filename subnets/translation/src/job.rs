//! A localisation file on its way to another language: requests, and what comes back.
//!
//! A file is read, its texts are asked for in batches, and the file is written with the translations. What was
//! translated can be kept line by line ([`Job::name`], [`Job::take`]) and taken up again ([`Job::resume`]), so that
//! nothing is asked twice.

use std::collections::BTreeMap;

use myelin_wire::hash::{blake2_256, to_hex};
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::{
        json::Json,
        po::Po,
        strings::Strings,
        xliff::{is_xml, Xliff},
        CatalogueError, Segment,
    },
    language::Language,
    protected::{chooses, ends_like, has_word, keeps},
    protocol::{
        Term, Text, TranslationRequest, TranslationResponse, LONGEST_REMARK, LONGEST_TERM, LONGEST_TEXT,
        MOST_TERMS,
    },
};

/// Some programs begin files with it.
const BYTE_ORDER_MARK: char = '\u{feff}';
/// Most texts of a batch.
const BATCH: usize = 16;
/// Most characters of a batch.
const BATCH_CHARACTERS: usize = 8_000;

/// A file of one of the formats.
#[derive(Clone, Debug, PartialEq, Eq)]
enum File {
    Po(Po),
    Json(Json),
    Strings(Strings),
    Xliff(Xliff),
}

/// The wish of a customer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Wish {
    /// The language of the texts, if it is not stated by the file.
    pub from: Option<Language>,
    /// The wanted language.
    pub to: Option<Language>,
    /// Translations of terms.
    pub glossary: Vec<Term>,
    /// Words that stay.
    pub keep: Vec<String>,
    /// Whether texts are translated again that have a translation.
    pub again: bool,
}

/// A text of the file: the number of its segment, and its plural form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unit(pub usize, pub usize);

/// A translation that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The translation.
    pub text: String,
    /// The miner's opinion of it in percent.
    pub confidence: u8,
}

/// A file that is translated.
#[derive(Clone, Debug)]
pub struct Job {
    file: File,
    /// Whether it begins with a byte order mark.
    begins: bool,
    wish: Wish,
    from: Language,
    to: Language,
    /// Name of the file's content and the direction, so that progress is not taken for another file's.
    name: String,
    wanted: Vec<(Unit, Text)>,
    /// Texts at the beginning that need no more requests.
    settled: usize,
    done: BTreeMap<Unit, Done>,
    /// Texts that cannot be asked for, or came back wrong, with the reason.
    left: BTreeMap<Unit, String>,
}

/// Why a file cannot be translated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// The name's ending is unknown.
    #[error("the name ends in none of .po, .pot, .json, .arb, .strings, .xlf and .xliff")]
    Format,
    /// The file is defective.
    #[error("{0}")]
    File(#[from] CatalogueError),
    /// A term of the glossary cannot be asked for.
    #[error(
        "the glossary's term `{0}` is empty, without a translation, or longer than {LONGEST_TERM} characters"
    )]
    Term(String),
    /// A language is unknown.
    #[error("{0}")]
    Language(String),
    /// The progress belongs to another file or direction.
    #[error(
        "what was translated before belongs to another file or direction; remove it, or name another --out"
    )]
    Progress,
}

/// The ending of a file's name.
fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// Whether a name is that of a localisation file.
pub fn is_known(name: &str) -> bool {
    ["po", "pot", "json", "arb", "strings", "xlf", "xliff"].contains(&&*ending(name))
}

impl File {
    fn read(name: &str, text: &str) -> Result<Self, JobError> {
        Ok(match &*ending(name) {
            "po" | "pot" => Self::Po(Po::read(text)?),
            "json" | "arb" => Self::Json(Json::read(text)?),
            "strings" => Self::Strings(Strings::read(text)?),
            "xlf" | "xliff" => Self::Xliff(Xliff::read(text)?),
            _ => return Err(JobError::Format),
        })
    }

    fn segments(&self) -> Vec<(usize, &Segment)> {
        let all =
            |segments| -> Vec<(usize, &Segment)> { Iterator::enumerate(<[_]>::iter(segments)).collect() };
        match self {
            Self::Po(po) => po.segments().collect(),
            Self::Json(file) => all(file.segments()),
            Self::Strings(file) => all(file.segments()),
            Self::Xliff(file) => all(file.segments()),
        }
    }

    /// The languages that the file states: of the texts, and of the translations in it.
    fn languages(&self) -> [Option<&str>; 2] {
        match self {
            // Texts of PO files are English by custom.
            Self::Po(po) => [Some("en"), po.header("Language")],
            Self::Xliff(file) => file.languages(),
            Self::Json(_) | Self::Strings(_) => [None, None],
        }
    }
}

impl Job {
    /// Reads a file. Its name says its format.
    pub fn open(name: &str, text: &str, wish: Wish) -> Result<Self, JobError> {
        let begins = text.starts_with(BYTE_ORDER_MARK);
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let file = File::read(name, text)?;
        let bad = |term: &Term| {
            let sizes = [&term.source, &term.sources, &term.target, &term.targets];
            sizes.iter().any(|form| form.chars().count() > LONGEST_TERM)
                || term.source.is_empty()
                || term.target.is_empty()
        };
        if let Some(term) = wish.glossary.iter().find(|term| bad(term)) {
            return Err(JobError::Term(term.source.clone()));
        }
        let [from, into] = file.languages().map(|code| code.and_then(Language::of_code));
        let unknown = |option| JobError::Language(format!("the file does not state it; name {option}"));
        let from = wish.from.or(from).ok_or_else(|| unknown("the language of its texts with --from"))?;
        let to = wish.to.or(into).ok_or_else(|| unknown("the wanted language with --to"))?;
        let stays = |segment: &Segment| {
            !wish.again
                && into == Some(to)
                && !segment.unsure
                && !segment.present.is_empty()
                && segment.present.iter().all(|text| !text.is_empty())
        };
        let mut wanted = Vec::new();
        let mut left = BTreeMap::new();
        for (at, segment) in file.segments() {
            if stays(segment) || segment.source.trim().is_empty() {
                continue;
            }
            let remark =
                [&segment.context, &segment.comment].into_iter().flatten().cloned().collect::<Vec<_>>();
            let remark = Some(remark.join("; ")).filter(|remark| !remark.is_empty());
            let remark = remark.map(|remark| remark.chars().take(LONGEST_REMARK).collect::<String>());
            for (form, text) in std::iter::once(&segment.source).chain(&segment.plural).enumerate() {
                let unit = Unit(at, form);
                match text.chars().count() {
                    _ if chooses(text) => {
                        left.insert(unit, "a message that chooses between texts; split it".into());
                    }
                    0..=LONGEST_TEXT => {
                        wanted.push((unit, Text { text: text.clone(), remark: remark.clone(), limit: None }));
                    }
                    long => {
                        drop(left.insert(unit, format!("{long} characters, the limit is {LONGEST_TEXT}")))
                    }
                }
            }
        }
        let wished = serde_json::to_string(&wish).unwrap_or_default();
        let name =
            to_hex(&blake2_256(format!("{}\0{}\0{wished}\0{text}", from.code(), to.code()).as_bytes()));
        Ok(Self { file, begins, wish, from, to, name, wanted, settled: 0, done: BTreeMap::new(), left })
    }

    /// The direction.
    pub fn direction(&self) -> (Language, Language) {
        (self.from, self.to)
    }

    /// Texts to translate, and those of them that are.
    pub fn count(&self) -> (usize, usize) {
        (self.wanted.len(), self.done.len())
    }

    /// The next request with the texts that it is for; `None` if nothing is left to ask.
    pub fn next_request(&mut self) -> Option<(TranslationRequest, Vec<Unit>)> {
        let is_settled =
            |(unit, _): &(Unit, Text)| self.done.contains_key(unit) || self.left.contains_key(unit);
        self.settled += self.wanted[self.settled..].iter().take_while(|wanted| is_settled(wanted)).count();
        let (mut texts, mut units, mut characters) = (Vec::new(), Vec::new(), 0);
        let open = self.wanted[self.settled..].iter().filter(|wanted| !is_settled(wanted));
        for (unit, text) in open {
            characters += text.text.chars().count();
            if !texts.is_empty() && (texts.len() == BATCH || characters > BATCH_CHARACTERS) {
                break;
            }
            texts.push(text.clone());
            units.push(*unit);
        }
        let said = |term: &&Term| {
            let has = |form: &str| {
                let form = form.to_lowercase();
                !form.is_empty() && texts.iter().any(|text| text.text.to_lowercase().contains(&form))
            };
            has(&term.source) || has(&term.sources)
        };
        let glossary = self.wish.glossary.iter().filter(said).take(MOST_TERMS).cloned().collect();
        let said = |word: &&String| texts.iter().any(|text| has_word(&text.text, word));
        let keep = self.wish.keep.iter().filter(said).take(MOST_TERMS).cloned().collect();
        let request = TranslationRequest { from: self.from, to: self.to, texts, glossary, keep };
        (!units.is_empty()).then_some((request, units))
    }

    /// Takes translations of a request's texts. Those that would break a program are left out. A line comes back for
    /// each that was taken, to be kept.
    pub fn take(&mut self, units: &[Unit], response: &TranslationResponse) -> String {
        let mut lines = String::new();
        for (at, unit) in units.iter().enumerate() {
            let place = self.wanted.binary_search_by_key(unit, |(wanted, _)| *wanted);
            let (Ok(place), Some(said)) = (place, response.texts.get(at)) else { continue };
            let source = &self.wanted[place].1.text;
            let text = ends_like(source, said);
            let wrong = match () {
                () if said.trim().is_empty() => Some("no translation came back"),
                () if !keeps(source, &text) => Some("a placeholder, tag or address was lost or added"),
                () if matches!(self.file, File::Xliff(_)) && !is_xml(&text) => Some("it is no XML"),
                () if self.wish.keep.iter().any(|word| has_word(source, word) && !has_word(&text, word)) => {
                    Some("a word that stays was lost")
                }
                () => None,
            };
            match wrong {
                Some(why) => drop(self.left.insert(*unit, why.to_owned())),
                None => {
                    let confidence = response.confidence.get(at).copied().unwrap_or_default().min(100);
                    let done = Done { text, confidence };
                    lines += &serde_json::to_string(&(unit, &done)).unwrap_or_default();
                    lines.push('\n');
                    self.done.insert(*unit, done);
                }
            }
        }
        lines
    }

    /// Texts that have no translation, with the reason.
    pub fn left(&self) -> impl Iterator<Item = (&str, &str)> {
        let segments = self.file.segments();
        let text = move |unit: &Unit| {
            let place = segments.binary_search_by_key(&unit.0, |(at, _)| *at).ok()?;
            let segment = segments[place].1;
            if unit.1 == 0 {
                Some(segment.source.as_str())
            } else {
                segment.plural.as_deref()
            }
        };
        self.left.iter().map(move |(unit, why)| (text(unit).unwrap_or_default(), why.as_str()))
    }

    /// Every translated text with its translation, in the order of the file.
    pub fn translated(&self) -> impl Iterator<Item = (&str, &Done)> {
        self.wanted.iter().filter_map(|(unit, text)| Some((text.text.as_str(), self.done.get(unit)?)))
    }

    /// The file with all translations that there are. Texts without one keep what they had in this language.
    pub fn written(&self) -> String {
        let text = |unit| self.done.get(&unit).map(|done| done.text.clone());
        let segments = self.file.segments();
        let count = segments.last().map_or(0, |(at, _)| at + 1);
        let one: Vec<Option<String>> = (0..count).map(|at| text(Unit(at, 0))).collect();
        let written = match &self.file {
            File::Json(file) => file.write(&one),
            File::Strings(file) => file.write(&one),
            File::Xliff(file) => file.write(&one),
            File::Po(po) => {
                let mut all = vec![Vec::new(); count];
                let stays = self.file.languages()[1].and_then(Language::of_code) == Some(self.to);
                for (at, segment) in segments {
                    let forms = if segment.plural.is_some() { 2 } else { 1 };
                    let found: Option<Vec<String>> = (0..forms).map(|form| text(Unit(at, form))).collect();
                    all[at] = found.unwrap_or_default();
                }
                let header = (!stays).then_some((self.to.code(), self.to.plural_forms()));
                po.write(header, &all)
            }
        };
        if self.begins {
            format!("{BYTE_ORDER_MARK}{written}")
        } else {
            written
        }
    }

    /// Name of the file's content and the direction: the first line of what is kept.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes up what was kept: the name, and the lines that came back. The number of texts in it comes back. A last
    /// line that was cut off is left out.
    pub fn resume(&mut self, kept: &str) -> Result<usize, JobError> {
        let (name, lines) = kept.split_once('\n').ok_or(JobError::Progress)?;
        if name != self.name {
            return Err(JobError::Progress);
        }
        for line in lines.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let (unit, done): (Unit, Done) = serde_json::from_str(line).map_err(|_| JobError::Progress)?;
            if self.wanted.binary_search_by_key(&unit, |(wanted, _)| *wanted).is_ok() {
                self.done.insert(unit, done);
            }
        }
        Ok(self.done.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PO: &str = "msgid \"\"\nmsgstr \"Language: de\\n\"\n\n\
        #. A title\nmsgid \"Open %s\\n\"\nmsgstr \"Öffne %s\\n\"\n\n\
        msgid \"%d file\"\nmsgid_plural \"%d files\"\nmsgstr[0] \"\"\nmsgstr[1] \"\"\n";

    fn wish(to: Language) -> Wish {
        let glossary = vec![
            Term { source: "file".into(), target: "archivo".into(), ..Term::default() },
            Term { source: "window".into(), target: "ventana".into(), ..Term::default() },
        ];
        Wish { to: Some(to), glossary, ..Wish::default() }
    }

    fn answer(texts: &[&str]) -> TranslationResponse {
        let confidence = vec![60; texts.len()];
        TranslationResponse { texts: texts.iter().map(|text| (*text).into()).collect(), confidence }
    }

    #[test]
    fn a_file_is_asked_for_in_batches_and_written_with_what_came() {
        let mut job = Job::open("app.po", PO, wish(Language::Es)).unwrap();
        let (request, units) = job.next_request().unwrap();
        assert_eq!(request.check(), Ok(()));
        assert_eq!(
            request.texts.iter().map(|text| &*text.text).collect::<Vec<_>>(),
            ["Open %s\n", "%d file", "%d files"]
        );
        assert_eq!(request.texts[0].remark.as_deref(), Some("A title"));
        assert_eq!(request.glossary.len(), 1, "only terms that occur");
        assert_eq!(job.take(&units, &answer(&["Abrir %s", "%d archivo", "archivos"])).lines().count(), 2);
        assert_eq!(
            job.left().collect::<Vec<_>>(),
            [("%d files", "a placeholder, tag or address was lost or added")]
        );
        assert!(job.next_request().is_none());
        let written = job.written();
        assert!(written.contains("msgstr \"Abrir %s\\n\"") && written.contains("Language: es"), "{written}");
        // A text of which one form is missing has none.
        assert!(written.contains("msgstr[0] \"\"\nmsgstr[1] \"\""), "{written}");
        assert_eq!(
            job.translated().map(|(text, done)| (text, done.confidence)).collect::<Vec<_>>(),
            [("Open %s\n", 60), ("%d file", 60)]
        );
    }

    #[test]
    fn what_was_translated_is_not_asked_again() {
        let mut job = Job::open("app.po", PO, wish(Language::Es)).unwrap();
        let (_, units) = job.next_request().unwrap();
        let line = job.take(&units[..1], &answer(&["Abrir %s"]));
        let kept = format!("{}\n{line}", job.name());
        let mut again = Job::open("app.po", PO, wish(Language::Es)).unwrap();
        assert_eq!(again.resume(&format!("{kept}[[1,0],{{")), Ok(1), "a line that was cut off is left out");
        assert_eq!(again.next_request().unwrap().1.len(), 2);
        let mut other = Job::open("app.po", &PO.replace("Open", "Close"), wish(Language::Es)).unwrap();
        assert_eq!(other.resume(&kept), Err(JobError::Progress));
        assert_eq!(other.resume("{"), Err(JobError::Progress));
        assert_eq!(other.resume(&format!("{}\nx\n", other.name().to_owned())), Err(JobError::Progress));
        // Translations of the file stay, unless they are wanted again.
        let spanish = PO.replace("Language: de", "Language: es");
        assert_eq!(Job::open("app.po", &spanish, wish(Language::Es)).unwrap().count(), (2, 0));
        let all = Wish { again: true, ..wish(Language::Es) };
        assert_eq!(Job::open("app.po", &spanish, all).unwrap().count(), (3, 0));
    }

    #[test]
    fn files_of_other_programs_come_back_as_they_were() {
        let wish = || Wish { from: Some(Language::En), ..wish(Language::Es) };
        let xliff = "\u{feff}<xliff><file><trans-unit><source>Open éé</source></trans-unit></file></xliff>";
        let mut job = Job::open("a.xlf", xliff, wish()).unwrap();
        let (_, units) = job.next_request().unwrap();
        job.take(&units, &answer(&["Abrir & éé"]));
        assert_eq!(job.left().next().unwrap().1, "it is no XML");
        assert_eq!(job.written(), xliff);
        let json = "{\"a\": \"<\\/b> \\u00e9\", \"b\": \"{n, plural, one{a} other{b}}\"}";
        let job = Job::open("a.json", json, wish()).unwrap();
        assert_eq!((job.count(), job.left().count()), ((1, 0), 1));
        assert_eq!(job.written(), json);
        let term = Term { source: "file".into(), ..Term::default() };
        let wrong = Job::open("a.json", json, Wish { glossary: vec![term], ..wish() }).unwrap_err();
        assert!(wrong.to_string().contains("without a translation"), "{wrong}");
    }

    #[test]
    fn other_formats_need_their_language_named() {
        let open = |name: &str, text: &str, from| Job::open(name, text, Wish { from, ..wish(Language::Es) });
        let unknown = open("a.json", "{\"a\": \"Open\"}", None).unwrap_err().to_string();
        assert!(unknown.contains("--from"), "{unknown}");
        let mut job = open("a.json", "{\"a\": \"Open\", \"b\": \" \"}", Some(Language::En)).unwrap();
        let (_, units) = job.next_request().unwrap();
        job.take(&units, &answer(&["Abrir"]));
        assert_eq!(job.written(), "{\"a\": \"Abrir\", \"b\": \" \"}");
        assert_eq!(open("a.txt", "x", None).unwrap_err(), JobError::Format);
        let wrong = open("a.po", "msgid x", None).unwrap_err().to_string();
        assert!(wrong.starts_with("line 1"), "{wrong}");
    }

    #[test]
    fn large_files_are_asked_for_in_parts() {
        let texts: Vec<String> =
            (0..40).map(|at| format!("\"k{at}\": \"{}\"", "a".repeat(at * 100 + 1))).collect();
        let text = format!("{{{}}}", texts.join(", "));
        let mut job =
            Job::open("a.json", &text, Wish { from: Some(Language::En), ..wish(Language::Es) }).unwrap();
        let mut asked = 0;
        while let Some((request, units)) = job.next_request() {
            assert_eq!(request.check(), Ok(()));
            asked += units.len();
            job.take(&units, &answer(&vec!["b"; units.len()]));
        }
        assert_eq!((asked, job.count()), (40, (40, 40)));
        let long = format!("{{\"a\": \"{}\"}}", "a".repeat(4001));
        let mut job =
            Job::open("a.json", &long, Wish { from: Some(Language::En), ..wish(Language::Es) }).unwrap();
        assert!(job.next_request().is_none() && job.left().next().unwrap().1.contains("4001"));
    }
}
