use myelin_lm::model::{Completion, Finish, ModelError};

use super::rewording::is_sentence;
use super::*;
use crate::subnets::Kinds;

/// A model that says sentences in other words by a rule, as a large one would, and fails where it is told to.
struct Rule {
    /// Words that are put in front of a sentence.
    front: &'static str,
    /// Answers after which it fails.
    until: std::sync::atomic::AtomicI64,
}

impl TextModel for Rule {
    fn name(&self) -> String {
        "rule".into()
    }

    fn id(&self) -> [u8; 32] {
        [0; 32]
    }

    fn complete(&self, request: &CompletionRequest) -> Result<Completion, ModelError> {
        if self.until.fetch_sub(1, std::sync::atomic::Ordering::Relaxed) <= 0 {
            return Err(ModelError::Unreachable { url: "rule".into(), reason: "told to".into() });
        }
        let [system, user] = &*request.messages else { panic!("two messages") };
        let text = match system.content.as_str() {
            REWORD => format!("\"{} {}\"", self.front, user.content.trim_matches([',', ' ', '(', ')'])),
            COMPARE => "Yes.".into(),
            _ => format!("```rust\n{}```", "fn main() {}\n".repeat(LINES)),
        };
        Ok(Completion { text, prompt_tokens: 0, completion_tokens: 0, finish: Finish::Stop })
    }

    fn likelihood(
        &self,
        _: &str,
        _: Option<&str>,
        _: &str,
    ) -> Result<myelin_lm::model::Likelihood, ModelError> {
        Err(ModelError::Unsupported { model: "rule".into(), what: "likelihoods" })
    }
}

fn writer(front: &'static str, until: i64) -> Writer {
    Writer { model: Arc::new(Rule { front, until: until.into() }) }
}

fn sentences(kind: &str) -> Sentences {
    Kinds::with(Vec::new()).find(kind).expect("a kind").sentences().expect("it has sentences")
}

#[test]
fn sentences_of_text_and_analysis_are_said_in_other_words_and_still_say_everything() {
    let bar = indicatif::ProgressBar::hidden();
    for kind in ["text", "analysis"] {
        let folder = tempfile::tempdir().expect("a folder");
        let sentences = sentences(kind);
        let written =
            writer("now then:", 1 << 20).write(&sentences, folder.path(), 3, &bar).expect("written");
        assert!(written.sentences > 40, "{kind}: {}", written.sentences);
        assert_eq!(written.reworded, written.sentences, "{kind}");
        let text = std::fs::read_to_string(folder.path().join(sentences.file)).expect("the file");
        (sentences.check)(&text).expect("validators take it");
        assert!(text.matches("now then:").count() >= written.sentences, "{kind}");
        assert_eq!(written.texts, if kind == "text" { 3 } else { 0 });
        assert!(written.options[0].starts_with("--phrase"), "{:?}", written.options);
    }
}

#[test]
fn a_model_that_loses_slots_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let bar = indicatif::ProgressBar::hidden();
    let written =
        writer("{extra} AND 7", 1 << 20).write(&sentences("text"), folder.path(), 0, &bar).expect("written");
    assert_eq!(written.reworded, 0);
}

#[test]
fn a_run_that_broke_off_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let bar = indicatif::ProgressBar::hidden();
    let broken = writer("well,", 20).write(&sentences("text"), folder.path(), 0, &bar);
    let why = broken.err().expect("the server went away").to_string();
    assert!(why.contains("run the command again"), "{why}");
    let kept = std::fs::read_to_string(folder.path().join("sentences.jsonl")).expect("a journal");
    assert!(kept.lines().count() >= 9, "{kept}");
    let written = writer("so,", 1 << 20).write(&sentences("text"), folder.path(), 0, &bar).expect("written");
    assert_eq!(written.reworded, written.sentences);
    let text = std::fs::read_to_string(folder.path().join("phrases.toml")).expect("the file");
    assert!(text.matches("well,").count() >= 9 && text.matches("so,").count() > 20);
}

/// A server that is asked too often once, and then answers.
struct Busy(std::sync::Mutex<Option<std::time::Instant>>);

impl TextModel for Busy {
    fn name(&self) -> String {
        "busy".into()
    }

    fn id(&self) -> [u8; 32] {
        [0; 32]
    }

    fn complete(&self, _: &CompletionRequest) -> Result<Completion, ModelError> {
        let mut refused = self.0.lock().expect("no panic");
        match *refused {
            Some(at) if at.elapsed() >= Duration::from_secs(1) => Ok(Completion {
                text: "done".into(),
                prompt_tokens: 0,
                completion_tokens: 1,
                finish: Finish::Stop,
            }),
            _ => {
                *refused = Some(std::time::Instant::now());
                Err(ModelError::Refused {
                    url: "busy".into(),
                    status: 429,
                    message: "slow down".into(),
                    retry_after: Some(Duration::from_secs(1)),
                })
            }
        }
    }

    fn likelihood(
        &self,
        _: &str,
        _: Option<&str>,
        _: &str,
    ) -> Result<myelin_lm::model::Likelihood, ModelError> {
        Err(ModelError::Unsupported { model: "busy".into(), what: "likelihoods" })
    }
}

#[test]
fn a_busy_server_is_asked_again_when_it_says() {
    let writer = Writer { model: Arc::new(Busy(std::sync::Mutex::default())) };
    assert_eq!(writer.ask("a", "b", 0.0, 0).expect("an answer after one wait"), "done");
}

#[test]
fn only_what_keeps_its_parts_replaces_a_sentence() {
    let sentence = ", sorted by {output} from low to high.";
    assert_eq!(
        reworded(sentence, "Beginning with the lowest {output}.").as_deref(),
        Some(", beginning with the lowest {output}.")
    );
    for wrong in [
        "",
        "sorted by {output} from low to high",
        "by output",
        "{output} {output} rising",
        "a\n{output}",
        "rising {output} 2",
    ] {
        assert_eq!(reworded(sentence, wrong), None, "{wrong}");
    }
    let form = "End with a line `ANSWER:` and then the number.";
    assert!(reworded(form, "At the end stands `ANSWER:` with the number.").is_some());
    assert_eq!(reworded(form, "At the end stands ANSWER: with the number."), None);
    assert!(is_sentence("{n} more arrive by post."));
    assert!(["{name} has {n} {items}.", "tulip bulbs", "{table}"].iter().all(|text| !is_sentence(text)));
}
