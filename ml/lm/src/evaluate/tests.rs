use super::*;
use crate::corpus::{Corpus, Document};
use crate::model::{Completion, Finish};
use crate::tokenizer::learn;

fn corpus(label: &str, name: &str) -> Corpus {
    let line = |i: usize| format!("    let {name}_{i} = compute_something({i}, other_argument);\n");
    let text = (0..50).map(line).collect();
    Corpus { documents: vec![Document { label: format!("{label}-1.0.0/src/lib.rs"), text }] }
}

/// Answers with the true rest of a line it has seen.
struct Knows(Vec<Cursor>);

impl TextModel for Knows {
    fn name(&self) -> String {
        "knows".into()
    }

    fn id(&self) -> [u8; 32] {
        [0; 32]
    }

    fn complete(&self, request: &CompletionRequest) -> Result<Completion, ModelError> {
        let known =
            self.0.iter().find(|c| c.before == request.prompt && Some(&c.after) == request.suffix.as_ref());
        let text = known.map(|c| c.reference.clone()).unwrap_or_default();
        Ok(Completion { text, prompt_tokens: 1, completion_tokens: 2, finish: Finish::Stop })
    }
}

#[test]
fn cursors_lie_in_the_text_and_depend_on_the_seed_alone() {
    let corpus = corpus("held", "value");
    let found = cursors(&corpus, 30, 1);
    assert_eq!(found.len(), 30);
    assert_eq!(found, cursors(&corpus, 30, 1));
    assert_ne!(found, cursors(&corpus, 30, 2));
    for c in &found {
        let whole = format!("{}{}{}", c.before, c.reference, c.after);
        assert!(corpus.documents[0].text.contains(&whole));
        assert!(c.after.starts_with('\n') && !c.reference.contains('\n'));
    }
    assert!(cursors(&Corpus::default(), 5, 1).is_empty());
}

#[test]
fn the_right_answer_scores_full_and_silence_scores_nothing() {
    let found = cursors(&corpus("held", "value"), 20, 1);
    let full = evaluate(&Knows(found.clone()), &found).expect("answers");
    assert_eq!((full.exact, full.edits, full.tokens), (20, 0, 40));
    assert_eq!(full.similarity(), 1.0);
    assert!(full.saved_share() > 0.8);
    assert_eq!(full.nats_per_byte(), None);
    let silent = evaluate(&Knows(Vec::new()), &found).expect("answers");
    assert_eq!((silent.exact, silent.saved), (0, 0));
    assert_eq!(silent.similarity(), 0.0);
}

#[test]
fn keystrokes_count_whole_words_only() {
    let saved = |a: &str, b: &str| {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        keystrokes_saved(&a, &b)
    };
    assert_eq!(saved("value.len()", "value.len()"), 10);
    assert_eq!(saved("value.len()", "value.length"), 5);
    assert_eq!(saved("values", "value"), 0);
    assert_eq!(saved("", "value"), 0);
}

#[test]
fn edit_distance_counts_single_changes() {
    let distance =
        |a: &str, b: &str| edit_distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
    assert_eq!(distance("kitten", "sitting"), 3);
    assert_eq!(distance("", "abc"), 3);
    assert_eq!(distance("abc", ""), 3);
    assert_eq!(distance("same", "same"), 0);
}

#[test]
fn the_copier_copies_the_longest_match() {
    let training = corpus("seen", "value");
    let tokenizer = learn(training.documents.iter().map(|d| d.text.as_str()), 400).expect("fits");
    let found = cursors(&training, 20, 1);
    // the text itself is in the corpus, so a copy after enough context is exact
    let report = NearestCopier::new(&training, &tokenizer, &found).report(&found);
    assert!(report.exact >= 10, "{report:?}");
    let foreign =
        Corpus { documents: vec![Document { label: "x-1.0.0/src/lib.rs".into(), text: "zz".into() }] };
    assert_eq!(NearestCopier::new(&foreign, &tokenizer, &found).report(&found).exact, 0);
}
