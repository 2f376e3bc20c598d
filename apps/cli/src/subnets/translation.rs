//! Set-up of the translation subnet: Apertium or a language model answers, and a person's localisation files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Command, ValueEnum};
use futures::future::LocalBoxFuture;
use myelin_lm::openai::EndpointConfig;
use myelin_sandbox::process::is_cut_off;
use myelin_subnet::testkit::{Finding, Together};
use myelin_subnet::Subnet;
use myelin_translation::adversary::{Copy, Lookup, Names};
use myelin_translation::apertium::Apertium;
use myelin_translation::backend::{Backend, Baseline, WithTerms};
use myelin_translation::endpoint::EndpointBackend;
use myelin_translation::job::{self, Unit, Wish};
use myelin_translation::language::Language;
use myelin_translation::protocol::{Term, Text, TranslationRequest, TranslationResponse};
use myelin_translation::{past, Load, TranslationConfig, TranslationSubnet};
use myelin_wire::seed::Seed;

use super::progress::Progress;
use super::{AskSetup, Inquiry, Job, Kind, MinerSetup, Opened, Shown, ValidatorSetup};
use crate::output::{at, fail, plain, tell, Failure};

/// Texts and localisation files.
pub struct Translation;

/// Ways to do worse than possible; for tests and the demo.
#[derive(Args)]
struct Misbehaviour {
    /// Misbehave in this way; for tests and the demo.
    #[arg(long, hide = true)]
    translation_adversary: Option<Adversary>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Adversary {
    /// Sends the texts back.
    Copy,
    /// Sends the names in the texts.
    Names,
    /// Looks texts up in all catalogues of this machine.
    Lookup,
}

/// The secret of composed texts where `--public-texts` is given.
const PUBLIC: [u8; 32] = [0; 32];
/// The kind of tasks that comes nearest to people's requests.
const LIKE: &str = "terms";
/// Built-in translators, the best first.
const BUILT_IN: [&str; 2] = ["terms", "apertium"];
/// Texts of each direction that the lookup of the demo composes for itself.
const COMPOSED: u64 = 500;
/// Longest file in bytes.
const MOST_BYTES: u64 = 16 << 20;

impl Kind for Translation {
    fn name(&self) -> &'static str {
        "translation"
    }

    fn about(&self) -> &'static str {
        "Texts and localisation files are translated"
    }

    fn miner_options(&self, command: Command) -> Command {
        Misbehaviour::augment_args(command)
    }

    fn miner(&self, setup: &MinerSetup<'_>) -> Result<(Opened, String), Failure> {
        let adversary = setup.own::<Misbehaviour>()?.translation_adversary;
        let (backend, name): (Arc<dyn Backend>, &str) = match (setup.model.server(), adversary) {
            (Some((url, model)), _) => {
                let mut config = EndpointConfig::new(url, model);
                config.key.clone_from(&setup.model.backend_key);
                (Arc::new(EndpointBackend::new(config)?), model)
            }
            (_, Some(Adversary::Copy)) => (Arc::new(Copy), "copy"),
            (_, Some(Adversary::Names)) => (Arc::new(Names), "names"),
            (_, Some(Adversary::Lookup)) => (Arc::new(Lookup::new(COMPOSED)), "lookup"),
            (None, None) => {
                if !is_cut_off() {
                    tell!(
                        "apertium reads strangers' texts with access to the network: this system gives programs no \
                         network of their own (unprivileged user namespaces)"
                    );
                }
                let processes = std::thread::available_parallelism().map_or(1, usize::from);
                let model = setup.built_in(&BUILT_IN)?;
                let apertium = Arc::new(Apertium::new(processes));
                // A miner that announced itself without Apertium would fail every request.
                apertium.check()?;
                match model {
                    "apertium" => (Arc::new(Baseline::new(apertium)), "apertium"),
                    _ => (Arc::new(WithTerms::new(apertium)), "terms"),
                }
            }
        };
        let config = TranslationConfig { backend: Some(backend), ..TranslationConfig::default() };
        Ok((myelin_kinds::translation::opened(TranslationSubnet::open(config)?), name.to_owned()))
    }

    fn validator(&self, setup: &ValidatorSetup<'_>) -> Result<Opened, Failure> {
        let past = setup.controls.past(setup.secret, past::read)?;
        let load = Load { control: setup.controls.count(), ..Load::default() };
        let secret = Some(setup.secret.unwrap_or(PUBLIC));
        let config = TranslationConfig { secret, past, load, ..TranslationConfig::default() };
        Ok(myelin_kinds::translation::opened(TranslationSubnet::open(config)?))
    }

    fn ask_options(&self, command: Command) -> Command {
        Localisation::augment_args(command)
    }

    fn ask(&self, setup: &AskSetup<'_>) -> Result<Inquiry, Failure> {
        let options: Localisation = setup.own()?;
        let wish = options.wish()?;
        let (Some(from), Some(to)) = (wish.from, wish.to) else {
            return fail("name the language of the text with --from and the wanted one with --to");
        };
        let text = Text { text: setup.said()?.to_owned(), ..Text::default() };
        inquiry(TranslationRequest { from, to, texts: vec![text], glossary: wish.glossary, keep: wish.keep })
    }

    fn job(&self, setup: &AskSetup<'_>) -> Result<Option<Box<dyn Job>>, Failure> {
        let options: Localisation = setup.own()?;
        // A text to translate may end like the name of a file, but not without a blank.
        let is_file = |words: &&str| job::is_known(words) && !words.contains(char::is_whitespace);
        let path = setup.words.filter(is_file).map(Path::new);
        match (path, setup.out) {
            (Some(path), Some(out)) => Ok(Some(Box::new(LocalisationFile::open(path, out, &options)?))),
            (Some(path), None) => {
                fail(format!("name the file for the translations of {} with --out", path.display()))
            }
            (None, Some(_)) => {
                fail("--out is for a file to translate; its path is the last word of the command")
            }
            (None, None) => Ok(None),
        }
    }

    fn test(&self, seed: &Seed, tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, Failure> {
        Ok(myelin_kinds::translation::test(seed, tell)?)
    }

    fn together(&self, seed: &Seed) -> Result<Vec<Together>, Failure> {
        Ok(myelin_kinds::translation::combined(seed)?)
    }
}

/// A translation that is asked for.
#[derive(Args)]
struct Localisation {
    /// Translation: the language of the texts: en, es, fr or pt. Files may state it.
    #[arg(long, value_name = "LANGUAGE")]
    from: Option<String>,
    /// Translation: the wanted language.
    #[arg(long, value_name = "LANGUAGE")]
    to: Option<String>,
    /// Translation: a file with a term and its translation in each line, separated by a tab; plurals of both may follow
    /// in two more columns.
    #[arg(long, value_name = "FILE")]
    glossary: Option<PathBuf>,
    /// Translation: a word that stays as it is. Several words: several times.
    #[arg(long, value_name = "WORD")]
    keep: Vec<String>,
    /// Translation: also translate texts that have a translation.
    #[arg(long)]
    again: bool,
}

impl Localisation {
    fn wish(&self) -> Result<Wish, Failure> {
        let language = |code: &Option<String>| -> Result<Option<Language>, Failure> {
            let Some(code) = code else { return Ok(None) };
            let known = Language::ALL.map(Language::code).join(", ");
            let found = Language::of_code(code);
            found.map(Some).ok_or_else(|| {
                Failure::new(format!("`{code}` is no language that is translated here; those are {known}"))
            })
        };
        let glossary = self.glossary.as_deref().map_or(Ok(Vec::new()), glossary)?;
        Ok(Wish {
            from: language(&self.from)?,
            to: language(&self.to)?,
            glossary,
            keep: self.keep.clone(),
            again: self.again,
        })
    }
}

/// Reads a glossary.
fn glossary(path: &Path) -> Result<Vec<Term>, Failure> {
    let text = read(path)?;
    let mut terms = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let columns: Vec<String> = line.split('\t').map(|column| column.trim().to_owned()).collect();
        terms.push(match <[String; 2]>::try_from(columns) {
            Ok([source, target]) => Term { source, target, ..Term::default() },
            Err(columns) => match <[String; 4]>::try_from(columns) {
                Ok([source, target, sources, targets]) => Term { source, sources, target, targets },
                Err(columns) => {
                    return fail(format!(
                        "{}, line {number}: {} columns; write a term, a tab and its translation",
                        path.display(),
                        columns.len()
                    ))
                }
            },
        });
    }
    Ok(terms)
}

fn read(path: &Path) -> Result<String, Failure> {
    let length = std::fs::metadata(path).map_err(at(path))?.len();
    if length > MOST_BYTES {
        return fail(format!("{} has {length} bytes, the limit is {MOST_BYTES}; split it", path.display()));
    }
    std::fs::read_to_string(path).map_err(at(path))
}

/// A request, and how its answer is shown.
fn inquiry(request: TranslationRequest) -> Result<Inquiry, Failure> {
    request.check()?;
    let asked = request.texts.len();
    let subnet = TranslationSubnet::open(TranslationConfig::default())?;
    Inquiry::new(subnet, request, LIKE, move |answer: &TranslationResponse| {
        if answer.texts.len() != asked || answer.confidence.len() != asked {
            return fail(format!("it has {} translations of {asked} texts", answer.texts.len()));
        }
        let lines: Vec<String> = answer.texts.iter().map(|text| plain(text)).collect();
        let text = match &*answer.confidence {
            [alone] => format!("{}\n(confidence {alone} %)", lines.join("\n")),
            _ => lines.join("\n"),
        };
        Ok(Shown { text, json: serde_json::to_value(answer).unwrap_or_default() })
    })
}

/// A localisation file that is translated in several requests.
struct LocalisationFile {
    job: job::Job,
    path: PathBuf,
    out: PathBuf,
    progress: Progress,
    asked: Vec<Unit>,
}

impl LocalisationFile {
    fn open(path: &Path, out: &Path, options: &Localisation) -> Result<Self, Failure> {
        let wrong = |error: job::JobError| Failure::new(format!("{}: {error}", path.display()));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut job = job::Job::open(&name, &read(path)?, options.wish()?).map_err(wrong)?;
        let (from, to) = job.direction();
        let progress = Progress::beside(out);
        if let Some(kept) = progress.read()? {
            let count = job.resume(&kept).map_err(|error| progress.wrong(error))?;
            tell!("{count} texts were translated before");
        }
        let (wanted, done) = job.count();
        tell!("{} texts from {} to {}", wanted - done, from.name(), to.name());
        Ok(Self { job, path: path.into(), out: out.into(), progress, asked: Vec::new() })
    }
}

impl Job for LocalisationFile {
    fn next(&mut self) -> Result<Option<Inquiry>, Failure> {
        let Some((request, units)) = self.job.next_request() else { return Ok(None) };
        self.asked = units;
        inquiry(request).map(Some)
    }

    fn take(&mut self, answer: &serde_json::Value) -> Result<String, Failure> {
        let response: TranslationResponse = serde_json::from_value(answer.clone())
            .map_err(|error| Failure::new(format!("the answer has another form: {error}")))?;
        let lines = self.job.take(&self.asked, &response);
        self.progress.add(self.job.name(), &lines)?;
        let (wanted, done) = self.job.count();
        Ok(format!("{done} of {wanted} texts"))
    }

    fn finish(&mut self) -> LocalBoxFuture<'_, Result<Shown, Failure>> {
        Box::pin(std::future::ready(self.write()))
    }
}

impl LocalisationFile {
    fn write(&mut self) -> Result<Shown, Failure> {
        // A full disk must not cost a file that is there.
        let mut new = self.out.as_os_str().to_owned();
        new.push(".new");
        let new = PathBuf::from(new);
        std::fs::write(&new, self.job.written()).map_err(at(&new))?;
        std::fs::rename(&new, &self.out).map_err(at(&self.out))?;
        let (wanted, done) = self.job.count();
        // While texts are missing, the same command asks for them again.
        if wanted == done {
            self.progress.remove()?;
        }
        let mut text = format!("{}: {done} of {wanted} texts of {}", self.out.display(), self.path.display());
        let mut unsure: Vec<(u8, &str, &str)> = self
            .job
            .translated()
            .map(|(source, done)| (done.confidence, source, done.text.as_str()))
            .collect();
        unsure.sort();
        if !unsure.is_empty() {
            text += "\nleast sure of, with the confidence in percent:";
        }
        for (confidence, source, said) in unsure.iter().take(SHOWN) {
            text += &format!("\n  {confidence:3}  {} → {}", plain(source.trim()), plain(said.trim()));
        }
        let left: Vec<(&str, &str)> = self.job.left().collect();
        for (source, why) in left.iter().take(SHOWN) {
            text += &format!("\nnot translated: {} ({why})", plain(source.trim()));
        }
        if left.len() > SHOWN {
            text += &format!("\nand {} more", left.len() - SHOWN);
        }
        let all: Vec<_> = self
            .job
            .translated()
            .map(|(source, done)| {
                serde_json::json!({ "text": source, "translation": done.text, "confidence": done.confidence })
            })
            .collect();
        let left: Vec<_> =
            left.iter().map(|(source, why)| serde_json::json!({ "text": source, "why": why })).collect();
        Ok(Shown { text, json: serde_json::json!({ "texts": all, "not_translated": left }) })
    }
}

/// Texts that are printed at the end.
const SHOWN: usize = 5;
