use super::*;
use proptest::prelude::*;

const TEXT: &str = "fn main() {\n    let value = other_value + 12345;\n    println!(\"{value}\");\n}\n";

fn learnt() -> Tokenizer {
    let texts = vec![TEXT; 20];
    learn(texts.into_iter(), 340).expect("a small vocabulary fits")
}

proptest! {
    #[test]
    fn any_text_comes_back(text in ".{0,200}", lines in prop::collection::vec("[ \t]{0,9}[a-z_0-9(){};!]{0,30}", 0..8)) {
        let tokenizer = learnt();
        for text in [text, lines.join("\n")] {
            let tokens = tokenizer.encode(&text);
            prop_assert_eq!(tokenizer.decode(&tokens), text.clone());
            let mut cached = Vec::new();
            let mut encoder = CachingEncoder::new(&tokenizer);
            encoder.encode(&text, &mut cached);
            encoder.encode(&text, &mut cached);
            prop_assert_eq!(cached, [tokens.clone(), tokens].concat());
        }
    }

    #[test]
    fn pieces_add_up_to_the_text(text in prop::collection::vec(any::<u8>(), 0..300)) {
        let joined: Vec<u8> = pieces(&text).flatten().copied().collect();
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn damaged_files_are_refused_without_a_panic(text in "(myelin byte pairs 1\n)?([0-9]{1,6} [0-9]{1,6}\n?){0,5}[a-z]?") {
        if let Ok(tokenizer) = Tokenizer::parse(&text) {
            prop_assert_eq!(tokenizer.decode(&tokenizer.encode("any text")), "any text");
        }
    }
}

#[test]
fn frequent_text_takes_few_tokens() {
    let tokenizer = learnt();
    assert!(tokenizer.vocabulary() > 280);
    assert!(tokenizer.encode(TEXT).len() * 3 < TEXT.len());
    let tokens = tokenizer.encode("\n    let value");
    let words: Vec<_> = tokens.iter().map(|&t| tokenizer.decode(&[t])).collect();
    assert_eq!(words, ["\n    ", "let", " value"]);
}

#[test]
fn learning_depends_on_the_texts_alone_and_survives_its_file() {
    let tokenizer = learnt();
    assert_eq!(tokenizer.to_text(), learnt().to_text());
    let read = Tokenizer::parse(&tokenizer.to_text()).expect("its own file");
    assert_eq!(read.to_text(), tokenizer.to_text());
    assert_eq!(read.encode(TEXT), tokenizer.encode(TEXT));
}

#[test]
fn special_tokens_never_come_from_text() {
    let tokenizer = learnt();
    let tokens = tokenizer.encode("\u{0}\u{1}\u{2}\u{3} End Prefix <|end|>");
    assert!(tokens.iter().all(|&t| usize::from(t) >= SPECIAL_TOKENS));
    assert_eq!(tokenizer.decode(&[Special::End.into(), Special::Suffix.into()]), "");
}

#[test]
fn a_merge_of_unknown_tokens_is_named() {
    let error =
        Tokenizer::parse("myelin byte pairs 1\n40 41\n9 5000\n").expect_err("5000 does not exist yet");
    assert_eq!(error, TokenizerError::Merge { line: 3 });
    assert_eq!(Tokenizer::parse("{}").expect_err("not ours"), TokenizerError::Header);
}
