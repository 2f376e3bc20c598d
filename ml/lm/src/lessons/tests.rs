use super::*;
use crate::corpus::Document;
use crate::tokenizer::learn;

fn corpus() -> Corpus {
    let text = |i: usize| {
        let line = |j: usize| format!("    let name_{j} = call_{i}(\"é\", {});\n", j * i);
        (0..40).map(line).collect::<String>()
    };
    let documents = (1..5).map(|i| Document { label: format!("demo-1.0.0/src/{i}.rs"), text: text(i) });
    Corpus { documents: documents.collect() }
}

fn tokenizer() -> Tokenizer {
    learn(corpus().documents.iter().map(|d| d.text.as_str()), 400).expect("a small vocabulary fits")
}

#[test]
fn a_sequence_depends_on_seed_and_number_alone() {
    let (corpus, tokenizer) = (corpus(), tokenizer());
    let mut forwards = Lessons::new(&corpus, &tokenizer, 7, 128);
    let first: Vec<_> = (0..20).map(|i| forwards.sequence(i, 129)).collect();
    let mut backwards = Lessons::new(&corpus, &tokenizer, 7, 128);
    let mut second: Vec<_> = (0..20).rev().map(|i| backwards.sequence(i, 129)).collect();
    second.reverse();
    assert_eq!(first, second);
    assert!(first.iter().all(|s| s.len() == 129));
    assert_ne!(first[0], first[1]);
    assert_ne!(Lessons::new(&corpus, &tokenizer, 8, 128).sequence(0, 129), first[0]);
}

#[test]
fn a_filled_gap_is_text_of_one_document() {
    let (corpus, tokenizer) = (corpus(), tokenizer());
    let mut lessons = Lessons::new(&corpus, &tokenizer, 3, 256);
    let mut complete = 0;
    for i in 0..200 {
        let tokens = lessons.sequence(i, 200);
        let mut rest = tokens.as_slice();
        while let Some(from) = rest.iter().position(|&t| t == Token::from(Special::Suffix)) {
            rest = &rest[from + 1..];
            let find = |s: Special| rest.iter().position(|&t| t == Token::from(s));
            let (Some(p), Some(e)) = (find(Special::Prefix), find(Special::End)) else { break };
            assert!(p < e, "suffix, prefix and middle, end in this order");
            let [right, left] = [&rest[..p], &rest[p + 1..e]].map(|t| tokenizer.decode_bytes(t));
            let whole = [left, right].concat();
            let found =
                corpus.documents.iter().any(|d| d.text.as_bytes().windows(whole.len()).any(|w| w == whole));
            assert!(found, "{:?}", String::from_utf8_lossy(&whole));
            complete += 1;
        }
    }
    assert!(complete > 100, "{complete}");
}

#[test]
fn the_sides_of_a_gap_share_the_room() {
    assert_eq!(share_room(90, 500, 500), (60, 30));
    assert_eq!(share_room(90, 500, 10), (80, 10));
    assert_eq!(share_room(90, 10, 500), (10, 80));
    assert_eq!(share_room(90, 10, 10), (10, 10));
    assert_eq!(share_room(0, 10, 10), (0, 0));
}
