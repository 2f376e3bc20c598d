//! `myelin validator write`: a language model writes the sentences and texts from which a validator makes its tasks.
//!
//! By default a validator draws wordings from templates that are public. A large model says the same in words that no
//! miner has seen. Each new sentence must keep every slot, quoted part, number and word in capitals, and the model must
//! confirm in a second answer that the meaning is the same; otherwise the public sentence stays. What was written is
//! kept as it comes, so that a run that broke off goes on where it was.

mod rewording;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use myelin_lm::model::{CompletionRequest, ModelError, TextModel};
use myelin_lm::openai::{EndpointConfig, OpenAiBackend};
use myelin_lm::prompt::Message;
use myelin_wallet::files::write_private;
use serde_json::json;

use crate::output::{self, at, fail, say, Failure, Outcome};
use crate::service::status;
use crate::subnets::{Kinds, Sentences};
use crate::Global;
use rewording::{reworded, Journal};

/// Times that the model is asked for a sentence or a text before the command goes without it.
const ATTEMPTS: u64 = 3;
/// Answers in a row that the server may fail to give before the command gives up.
const FAILURES: u32 = 5;
/// Wait after the first failure; a further one waits longer by as much.
const PAUSE: Duration = Duration::from_millis(200);
/// Longest wait that a server may name, as it does where questions come too fast.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);
/// Longest answer.
const TOKENS: u32 = 1_024;
/// Lines of a text, at least.
const LINES: usize = 20;

const REWORD: &str = "You rewrite one sentence, or a part of one, of an examination. Say exactly the same in quite \
    different words. Keep everything in braces, everything in backquotes, every number and every word in capitals as \
    it is, and as often. Answer with the new sentence alone.";
const COMPARE: &str =
    "Do these two sentences ask for, or say, exactly the same? Parts in braces stand for values. \
    Answer with yes or no alone.";
/// Programs and pages that the model is asked for, each about something of the public lists.
const PROGRAMS: [&str; 8] = [
    "a parser for lists of",
    "a cache that counts",
    "a scheduler for deliveries of",
    "a report that groups and sums",
    "a command line for an inventory of",
    "a state machine that checks orders of",
    "a simulation of a market for",
    "a store on disk for",
];

/// Which sentences, and who writes them.
#[derive(Args)]
pub struct Write {
    /// The kind of subnet that the tasks are for.
    #[arg(long)]
    kind: String,
    /// Base URL of an OpenAI-compatible server with a large model, for example http://localhost:8000/v1.
    #[arg(long, value_name = "URL")]
    backend: String,
    /// The server's name of the model.
    #[arg(long, value_name = "NAME")]
    model: String,
    /// Key of that server. Others on this machine can see arguments while a command runs, but not the variable.
    #[arg(long, env = "OPENAI_API_KEY", hide_env_values = true)]
    backend_key: Option<String>,
    /// Folder for the files; the command goes on with what is there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Texts to write, two programs for each page, for kinds whose tasks are composed of texts; 0 for none.
    #[arg(long, value_name = "COUNT", default_value_t = 60, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    texts: u16,
}

impl Write {
    /// Writes the files and says how a validator takes them.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let Some(sentences) = kinds.find(&self.kind)?.sentences() else {
            return fail(format!(
                "tasks of the kind `{}` have no sentences that could be written",
                self.kind
            ));
        };
        let config = EndpointConfig {
            key: self.backend_key.clone(),
            timeout: Duration::from_secs(120),
            ..EndpointConfig::new(&self.backend, &self.model)
        };
        let writer = Writer { model: Arc::new(OpenAiBackend::chat(config)?) };
        status::make_folder(&self.out)?;
        let bar = output::waiting("asking the model");
        let (out, count) = (self.out.clone(), self.texts);
        // The model answers on a thread of its own; this one may be waited for.
        let work = tokio::task::spawn_blocking(move || writer.write(&sentences, &out, count, &bar));
        let written =
            work.await.map_err(|error| Failure::new(format!("writing was interrupted: {error}")))??;
        let value = json!({
            "sentences": written.sentences, "reworded": written.reworded, "texts": written.texts,
            "options": written.options,
        });
        if global.json {
            return output::json(&value);
        }
        say!(
            "{} of {} sentences are in the model's words; the others stay public",
            written.reworded,
            written.sentences
        );
        if written.texts > 0 {
            say!("{} texts are written", written.texts);
        }
        say!("read the files once, then start the validator with {}", written.options.join(" "));
        Ok(())
    }
}

/// Asks a model.
struct Writer {
    model: Arc<dyn TextModel>,
}

/// The result of a run.
struct Written {
    sentences: usize,
    reworded: usize,
    texts: usize,
    /// Options of `myelin validator run` that name the files.
    options: Vec<String>,
}

impl Writer {
    fn write(
        self,
        sentences: &Sentences,
        folder: &Path,
        texts: u16,
        bar: &indicatif::ProgressBar,
    ) -> Result<Written, Failure> {
        let mut book: toml::Value = toml::from_str(sentences.public)
            .map_err(|error| Failure::new(format!("reading the public sentences: {error}")))?;
        let mut all = Vec::new();
        rewording::collect(&book, &mut all);
        let mut journal = Journal::open(&folder.join("sentences.jsonl"))?;
        for (place, sentence) in all.iter().enumerate() {
            bar.set_message(format!("sentence {} of {}", place + 1, all.len()));
            if !journal.knows(sentence) {
                let said = self.reword(sentence)?;
                journal.keep(sentence, said)?;
            }
        }
        rewording::replace(&mut book, &journal);
        let reworded = all.iter().filter(|sentence| journal.said(sentence).is_some()).count();
        let text = toml::to_string(&book)
            .map_err(|error| Failure::new(format!("writing the sentences down: {error}")))?;
        // Sentences that cannot be used would otherwise be noticed only when the validator starts.
        (sentences.check)(&text)?;
        let file = folder.join(sentences.file);
        write_private(&file, text.as_bytes(), true).map_err(at(&file))?;
        let mut options = vec![format!("--{} {}", sentences.option, file.display())];
        let mut written = 0;
        if let Some(option) = sentences.corpus.filter(|_| texts > 0) {
            let folder = folder.join("texts");
            status::make_folder(&folder)?;
            for number in 0..texts {
                bar.set_message(format!("text {} of {texts}", number + 1));
                written += usize::from(self.text(&folder, number, &all)?);
            }
            options.push(format!("--{option} {}", folder.display()));
        }
        bar.finish_and_clear();
        Ok(Written { sentences: all.len(), reworded, texts: written, options })
    }

    /// A sentence in other words that says the same, as far as can be checked; `None` if no attempt did.
    fn reword(&self, sentence: &str) -> Result<Option<String>, Failure> {
        for attempt in 0..ATTEMPTS {
            let answer = self.ask(REWORD, sentence, 0.8, attempt)?;
            let Some(said) = reworded(sentence, &answer) else { continue };
            let both = format!("1. {sentence}\n2. {said}");
            let confirmed = self.ask(COMPARE, &both, 0.0, attempt)?;
            if confirmed.trim_start().to_lowercase().starts_with("yes") {
                return Ok(Some(said));
            }
        }
        Ok(None)
    }

    /// Writes one text, unless it is there; whether it is there now.
    fn text(&self, folder: &Path, number: u16, sentences: &[String]) -> Result<bool, Failure> {
        let is_page = number % 3 == 2;
        let path = folder.join(format!("{number:05}.{}", if is_page { "md" } else { "rs" }));
        if path.exists() {
            return Ok(true);
        }
        let program = PROGRAMS[usize::from(number) % PROGRAMS.len()];
        let inspiration = (usize::from(number) * 7)
            .checked_rem(sentences.len())
            .map(|at| format!("; let this sentence inspire you: {}", sentences[at]));
        let what = match is_page {
            true => format!("Write a page of 40 lines of documentation, in Markdown, for {program} things."),
            false => format!("Write one file of 60 to 90 lines of Rust: {program} things. Code only."),
        };
        let user =
            format!("{what} Choose the things and all names freely{}", inspiration.unwrap_or_default());
        for attempt in 0..ATTEMPTS {
            let seed = u64::from(number) * ATTEMPTS + attempt;
            let answer = self.ask("You write programs and pages.", &user, 1.0, seed)?;
            let text = rewording::without_fence(&answer);
            if text.lines().count() >= LINES {
                write_private(&path, text.as_bytes(), true).map_err(at(&path))?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// An answer of the model. The server may fail to give a few in a row, after short waits.
    fn ask(&self, system: &str, user: &str, temperature: f32, seed: u64) -> Result<String, Failure> {
        let message = |role: &str, content: &str| Message { role: role.into(), content: content.into() };
        let request = CompletionRequest {
            messages: vec![message("system", system), message("user", user)],
            max_tokens: TOKENS,
            temperature,
            seed,
            ..CompletionRequest::default()
        };
        let mut failures = 0;
        loop {
            match self.model.complete(&request) {
                Ok(completion) => return Ok(completion.text),
                Err(error) if failures + 1 < FAILURES => {
                    failures += 1;
                    let wanted = match &error {
                        ModelError::Refused { retry_after: Some(wanted), .. } => *wanted,
                        _ => Duration::ZERO,
                    };
                    let pause = wanted.min(LONGEST_PAUSE).max(failures * PAUSE);
                    tracing::warn!(%error, ?pause, "the model gave no answer");
                    std::thread::sleep(pause);
                }
                Err(error) => {
                    return fail(format!(
                        "{error}; {FAILURES} answers in a row did not come. What was written is kept: run the command again"
                    ))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
