//! Earlier requests of customers with the translations that they accepted, of which controls are made: a file of them,
//! or a folder of PO files that somebody has corrected.

use std::{collections::BTreeMap, path::Path};

use myelin_subnet::{past, SubnetError};
use serde_json::Value as Json;

use crate::{
    catalogue::po::Po,
    language::{Language, DIRECTIONS},
    protected::{chooses, keeps},
    protocol::{Text, TranslationRequest, LONGEST_REMARK, LONGEST_TEXT, MOST_CHARACTERS},
    task::TEXTS,
};

/// Requests with the translations that customers accepted, one for each text.
pub type Past = past::Past<TranslationRequest, Vec<String>>;
/// A request with its accepted translations.
pub type Accepted = past::Accepted<TranslationRequest, Vec<String>>;

/// Most bytes of a PO file.
const MOST_BYTES: u64 = 16 << 20;
/// Most PO files.
const MOST_FILES: usize = 1_000;

/// Reads a file with a JSON object in each line: `request`, in the form of the subnet, and `accepted`, the
/// translations. Of a folder, the PO files are read: their texts become requests in every direction for which the
/// folder has both languages.
pub fn read(path: &Path) -> Result<Past, SubnetError> {
    if !path.is_dir() {
        return Past::read(path, line);
    }
    corrected(path).and_then(Past::new).map_err(|found| {
        let attempted = format!("reading corrected PO files from {}", path.display());
        SubnetError::new(attempted, found, "name a folder of PO files with some hundred translations")
    })
}

/// A text of a catalogue: its context and its source.
type Key = (Option<String>, String);

/// Requests of the texts in a folder's PO files.
fn corrected(folder: &Path) -> Result<Vec<Accepted>, String> {
    let mut known = BTreeMap::<Language, BTreeMap<Key, String>>::new();
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "po"));
    paths.sort();
    if paths.len() > MOST_FILES {
        return Err(format!("{} PO files, the limit is {MOST_FILES}", paths.len()));
    }
    for path in &paths {
        let wrong = |found: &dyn std::fmt::Display| format!("{}: {found}", path.display());
        let length = std::fs::metadata(path).map_err(|error| wrong(&error))?.len();
        if length > MOST_BYTES {
            return Err(wrong(&format!("{length} bytes, the limit is {MOST_BYTES}")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let po = Po::read(text.trim_start_matches('\u{feff}')).map_err(|error| wrong(&error))?;
        let Some(language) = po.header("Language").and_then(Language::of_code) else {
            return Err(wrong(&"its header names no language that is translated here"));
        };
        let texts = known.entry(language).or_default();
        for (_, segment) in po.segments().filter(|(_, segment)| segment.plural.is_none() && !segment.unsure) {
            if let Some(said) = segment.present.first().filter(|said| !said.trim().is_empty()) {
                texts.insert((segment.context.clone(), segment.source.clone()), said.clone());
            }
        }
    }
    Ok(DIRECTIONS.iter().flat_map(|direction| requests(&known, *direction)).collect())
}

/// Requests in a direction. Texts that are their own translation, or lose what programs need, are left out.
fn requests(
    known: &BTreeMap<Language, BTreeMap<Key, String>>,
    (from, to): (Language, Language),
) -> Vec<Accepted> {
    let nothing = BTreeMap::new();
    let of = |language: Language| known.get(&language).unwrap_or(&nothing);
    // English texts are the sources of all files.
    let other = if from == Language::En { to } else { from };
    let said = |language: Language, key: &Key| match language {
        Language::En => Some(key.1.clone()),
        _ => of(language).get(key).cloned(),
    };
    let pairs = of(other).keys().filter_map(|key| {
        let (text, accepted) = (said(from, key)?, said(to, key)?);
        let usable = text != accepted && keeps(&text, &accepted) && !chooses(&text);
        let remark = key.0.as_ref().map(|context| context.chars().take(LONGEST_REMARK).collect());
        let fits = (1..=LONGEST_TEXT.min(MOST_CHARACTERS / TEXTS as usize)).contains(&text.chars().count());
        (usable && fits).then_some((Text { text, remark, limit: None }, accepted))
    });
    let pairs: Vec<(Text, String)> = pairs.collect();
    let request = |pairs: &[(Text, String)]| {
        let (texts, answer) = pairs.iter().cloned().unzip();
        let request = TranslationRequest { from, to, texts, glossary: Vec::new(), keep: Vec::new() };
        Accepted { request, answer }
    };
    pairs.chunks_exact(TEXTS as usize).map(request).collect()
}

/// A customer's request in the form of the subnet.
pub fn asked(body: &Json) -> Option<TranslationRequest> {
    let request: TranslationRequest = serde_json::from_value(body.clone()).ok()?;
    request.check().is_ok().then_some(request)
}

fn line(request: Json, accepted: Json) -> Result<Accepted, String> {
    let request = asked(&request).ok_or("this is no request for translations, or one beyond the limits")?;
    let answer: Vec<String> =
        serde_json::from_value(accepted).map_err(|error| format!("the accepted translations: {error}"))?;
    if answer.len() != request.texts.len() || answer.iter().any(|text| text.trim().is_empty()) {
        return Err(format!(
            "there are {} texts; each needs a translation that was accepted",
            request.texts.len()
        ));
    }
    Ok(Accepted { request, answer })
}

#[cfg(test)]
mod tests {
    use myelin_subnet::past::UsedUp;
    use myelin_wire::seed::Seed;
    use serde_json::json;

    use super::*;
    use crate::task;

    fn request(number: usize) -> Json {
        json!({ "from": "en", "to": "es", "texts": [{ "text": format!("Open file {number}") }] })
    }

    #[test]
    fn a_control_is_what_a_customer_asked_and_accepted() {
        let lines = (0..40)
            .map(|number| line(request(number), json!([format!("Abra el archivo {number}")])).unwrap());
        let past = Past::new(lines.collect()).unwrap();
        let task = task::control(&past, &UsedUp::default(), &Seed([1; 32])).unwrap();
        assert!(past.find(&task.request).is_some());
        let number = task.request.texts[0].text.strip_prefix("Open file ").unwrap();
        assert_eq!(task.hidden.references, [[format!("Abra el archivo {number}")]]);
    }

    #[test]
    fn corrected_po_files_become_requests_in_all_their_directions() {
        let folder = tempfile::tempdir().unwrap();
        let catalogue = |language: &str, word: &str| {
            let entry =
                |at: usize| format!("msgctxt \"c\"\nmsgid \"Open %s {at}\"\nmsgstr \"{word} %s {at}\"\n\n");
            let entries: String = (0..170).map(entry).collect();
            let same = "msgid \"Wi-Fi\"\nmsgstr \"Wi-Fi\"\n\n#, fuzzy\nmsgid \"x\"\nmsgstr \"y\"\n";
            format!("msgid \"\"\nmsgstr \"Language: {language}\\n\"\n\n{entries}{same}")
        };
        for (name, word) in [("es", "Abra"), ("fr", "Ouvrez")] {
            std::fs::write(folder.path().join(format!("{name}.po")), catalogue(name, word)).unwrap();
        }
        let past = read(folder.path()).unwrap();
        assert_eq!(past.lines().len(), 4 * 10, "English and Spanish, Spanish and French");
        for line in past.lines() {
            assert_eq!(line.request.check(), Ok(()));
            assert_eq!((line.request.texts.len(), line.answer.len()), (16, 16));
            assert!(line.request.texts.iter().zip(&line.answer).all(|(text, said)| keeps(&text.text, said)));
        }
        std::fs::write(folder.path().join("de.po"), catalogue("de", "Auf")).unwrap();
        let wrong = read(folder.path()).err().unwrap().to_string();
        assert!(wrong.contains("de.po") && wrong.contains("no language"), "{wrong}");
        let none = read(tempfile::tempdir().unwrap().path()).err().unwrap().to_string();
        assert!(none.contains("at least 32"), "{none}");
    }

    #[test]
    fn lines_that_cannot_be_judged_are_refused() {
        let refused = |request: Json, accepted: Json| line(request, accepted).unwrap_err();
        assert!(refused(json!({ "from": "en" }), json!([])).contains("no request"));
        assert!(refused(request(1), json!([])).contains("there are 1 texts"));
        assert!(refused(request(1), json!([" "])).contains("each needs"));
        assert!(refused(request(1), json!("Abra")).contains("accepted translations"));
        let mut other = request(1);
        other["to"] = "de".into();
        assert!(refused(other, json!(["Öffne"])).contains("no request"));
    }
}
