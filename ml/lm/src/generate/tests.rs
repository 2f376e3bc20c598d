use super::*;

fn tokenizer() -> Tokenizer {
    Tokenizer::new(Vec::new()).expect("bytes alone")
}

/// Generates exactly `text`, byte by byte, then ends.
fn say(text: &str, request: &CompletionRequest) -> (Completion, Vec<String>) {
    let tokenizer = tokenizer();
    let mut bytes = text.bytes();
    let next = |_| {
        let mut logits = vec![0.0; tokenizer.vocabulary()];
        logits[bytes.next().map_or(0, |b| usize::from(b) + SPECIAL_TOKENS)] = 9.0;
        Some(logits)
    };
    let mut pieces = Vec::new();
    let mut keep = |piece: &str| {
        pieces.push(piece.to_owned());
        true
    };
    let completion = generate(&tokenizer, request, 0, "", Vec::new(), next, &mut keep);
    (completion, pieces)
}

fn request(max_tokens: u32, stop: &[&str]) -> CompletionRequest {
    let stop = stop.iter().map(|s| (*s).to_owned()).collect();
    CompletionRequest { max_tokens, stop, ..CompletionRequest::default() }
}

#[test]
fn pieces_add_up_and_never_cut_a_character() {
    let (completion, pieces) = say("größe 漢字 🦀!", &request(100, &[]));
    assert_eq!(completion.text, "größe 漢字 🦀!");
    assert_eq!(completion.finish, Finish::Stop);
    assert_eq!(pieces.concat(), completion.text);
    assert!(pieces.iter().all(|p| !p.contains('\u{fffd}')));
}

#[test]
fn a_stop_text_is_neither_part_of_the_answer_nor_of_a_piece() {
    let (completion, pieces) = say("one\ntwo END three", &request(100, &[" END", "never"]));
    assert_eq!(completion.text, "one\ntwo");
    assert_eq!(completion.finish, Finish::Stop);
    assert_eq!(pieces.concat(), "one\ntwo");
    let (completion, pieces) = say("one EN two", &request(100, &[" END"]));
    assert_eq!((completion.text.as_str(), pieces.concat().as_str()), ("one EN two", "one EN two"));
}

#[test]
fn the_limit_on_tokens_holds() {
    let (completion, _) = say("abcdef", &request(4, &[]));
    assert_eq!((completion.text.as_str(), completion.completion_tokens), ("abcd", 4));
    assert_eq!(completion.finish, Finish::Length);
    let (completion, pieces) = say("abcdef", &request(0, &[]));
    assert_eq!((completion.text.as_str(), pieces.len()), ("", 0));
}

#[test]
fn generation_ends_when_nobody_listens() {
    let tokenizer = tokenizer();
    let mut asked = 0;
    let next = |_| {
        asked += 1;
        let mut logits = vec![0.0; tokenizer.vocabulary()];
        logits[100] = 9.0;
        Some(logits)
    };
    generate(&tokenizer, &request(50, &[]), 0, "", Vec::new(), next, &mut |_| false);
    assert_eq!(asked, 1);
}

#[test]
fn the_seed_decides_among_equals() {
    let tokenizer = tokenizer();
    let answer = |seed| {
        let next = |_| Some(vec![0.0; tokenizer.vocabulary()]);
        let request = CompletionRequest { temperature: 1.0, seed, ..request(8, &[]) };
        generate(&tokenizer, &request, 0, "", Vec::new(), next, &mut |_| true).text
    };
    assert_eq!(answer(1), answer(1));
    assert_ne!(answer(1), answer(2));
}

#[test]
fn a_begun_word_is_completed_and_not_repeated() {
    let byte = |b: u8| Token::from(b) + SPECIAL_TOKENS as Token;
    // "ab" is token 264, "abc" is token 265
    let tokenizer = Tokenizer::new(vec![(byte(b'a'), byte(b'b')), (264, byte(b'c'))]).expect("two merges");
    let answer = |begun: &str, liked: &[Token]| {
        let mut asked = 0;
        let next = |_| {
            let mut logits = vec![0.0; tokenizer.vocabulary()];
            logits[0] = 1.0;
            logits[usize::from(byte(b'x'))] = 3.0;
            liked.iter().for_each(|&t| logits[usize::from(t)] = 2.0);
            asked += 1;
            if asked > 2 {
                logits[0] = 9.0;
            }
            Some(logits)
        };
        generate(&tokenizer, &request(9, &[]), 0, begun, Vec::new(), next, &mut |_| true)
    };
    // the likeliest token does not agree with the begun word; the best token that agrees is longer than the word
    let completion = answer("a", &[265]);
    assert_eq!((completion.text.as_str(), completion.completion_tokens), ("bcx", 2));
    // a token that covers a part only is followed by one that covers the rest
    let completion = answer("aba", &[264]);
    assert_eq!((completion.text.as_str(), completion.completion_tokens), ("b", 1));
    assert_eq!(answer("", &[265]).text, "xx");
}
