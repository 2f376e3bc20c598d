use super::*;
use crate::kernel::Random;

fn of_byte(byte: u8) -> Token {
    Token::from(byte) + SPECIAL_TOKENS as Token
}

/// Tokens of the single bytes, and `ab`, `a.`, ` a`.
fn tokenizer() -> Tokenizer {
    let [a, b, dot, blank] = [b'a', b'b', b'.', b' '].map(of_byte);
    Tokenizer::new(vec![(a, b), (a, dot), (blank, a)]).expect("three merges")
}

fn greedy(stop: &[&str]) -> CompletionRequest {
    let stop = stop.iter().map(|stop| (*stop).to_owned()).collect();
    CompletionRequest { max_tokens: 9, stop, ..CompletionRequest::default() }
}

/// Logits of these probabilities; every other token is ruled out.
fn logits(tokenizer: &Tokenizer, likely: &[(Token, f64)]) -> Option<Vec<f32>> {
    let mut logits = vec![f32::MIN; tokenizer.vocabulary()];
    likely.iter().for_each(|(token, probability)| {
        logits[usize::from(*token)] = crate::kernel::ln(*probability) as f32
    });
    Some(logits)
}

#[test]
fn tokens_that_begin_the_same_word_count_together() {
    let tokenizer = tokenizer();
    let [b, dot, end] = [of_byte(b'b'), of_byte(b'.'), Token::from(Special::End)];
    let (a_dot, blank_a) = (265, 266);
    // `b` is the likeliest token, `a` the likeliest word.
    let model = |tokens: &[Token]| match tokens {
        [] => logits(&tokenizer, &[(b, 0.4), (a_dot, 0.35), (blank_a, 0.25)]),
        _ => logits(&tokenizer, &[(end, 0.2), (dot, 0.8)]),
    };
    assert_eq!(likeliest(&tokenizer, &greedy(&[]), "", model), [a_dot]);
    let drawn = CompletionRequest { temperature: 0.5, ..greedy(&[]) };
    assert!(likeliest(&tokenizer, &drawn, "", model).is_empty());
    // A stop text before the word ends the answer, and behind it the word counts.
    let only_blank_a = |tokens: &[Token]| match tokens {
        [] => logits(&tokenizer, &[(blank_a, 1.0)]),
        _ => logits(&tokenizer, &[(dot, 1.0)]),
    };
    assert_eq!(likeliest(&tokenizer, &greedy(&[" "]), "", only_blank_a), [blank_a]);
    assert_eq!(likeliest(&tokenizer, &greedy(&["."]), "", only_blank_a), [blank_a, dot][..1]);
}

#[test]
fn the_search_finds_the_word_that_all_paths_of_tokens_make_likeliest() {
    let tokenizer = tokenizer();
    let known: Vec<Token> = b"ab. _".iter().map(|byte| of_byte(*byte)).chain([264, 265, 266, 0]).collect();
    let mut compared = 0;
    for seed in 0..300 {
        // Few tokens are likely, and later ones end a word soon, so that the search ends with a proof.
        let model = |tokens: &[Token]| {
            let place = tokens.iter().fold(seed, |sum: u64, token| sum * 31 + u64::from(*token) + 7);
            let mut random = Random::new(place);
            let weights = known.iter().map(|token| {
                let ends = [b'.', b' '].map(of_byte).contains(token) && !tokens.is_empty();
                (*token, f64::from(random.unit()).powi(6) + if ends { 1.0 } else { 0.0 })
            });
            let weights: Vec<(Token, f64)> = weights.collect();
            let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
            weights.into_iter().map(|(token, weight)| (token, weight / sum)).collect::<Vec<_>>()
        };
        for begun in ["", "a", "ab"] {
            let mut words = BTreeMap::<Vec<u8>, f64>::new();
            add_up(&tokenizer, begun.as_bytes(), &model, &mut Vec::new(), 1.0, &mut words);
            let mut likely: Vec<f64> = words.values().copied().collect();
            likely.sort_by(|a, b| b.total_cmp(a));
            // What the search leaves out may decide between words that are about as likely.
            let [best, second, ..] = likely[..] else { continue };
            if best < second * 1.1 {
                continue;
            }
            let found =
                likeliest(&tokenizer, &greedy(&[]), begun, |tokens| logits(&tokenizer, &model(tokens)));
            let text: Vec<u8> = found.iter().flat_map(|token| tokenizer.bytes_of(*token).to_vec()).collect();
            let answer = text.get(begun.len()..).unwrap_or_default();
            let word = match found.last() == Some(&0) {
                true => Vec::new(),
                // The end of a word is not among its tokens.
                false => first_word(&[answer, b" "].concat(), &[]).map_or(Vec::new(), |word| word.bytes),
            };
            let best = words.iter().max_by(|a, b| a.1.total_cmp(b.1)).map(|(word, _)| word.clone());
            assert_eq!(Some(word), best, "seed {seed}, begun {begun:?}: {words:?}");
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared}");
}

/// Adds up the probabilities of all paths of up to seven tokens by the word that they make.
fn add_up(
    tokenizer: &Tokenizer,
    begun: &[u8],
    model: &impl Fn(&[Token]) -> Vec<(Token, f64)>,
    tokens: &mut Vec<Token>,
    probability: f64,
    words: &mut BTreeMap<Vec<u8>, f64>,
) {
    if tokens.len() == 7 || probability < 1e-4 {
        return;
    }
    for (token, part) in model(tokens) {
        tokens.push(token);
        let text: Vec<u8> = tokens.iter().flat_map(|token| tokenizer.bytes_of(*token).to_vec()).collect();
        let fits = text.starts_with(begun) || begun.starts_with(&text) && token != 0;
        let word = match token == 0 {
            true => Some(Vec::new()),
            false => first_word(text.get(begun.len()..).unwrap_or_default(), &[]).map(|word| word.bytes),
        };
        match word {
            _ if !fits => {}
            Some(word) => *words.entry(word).or_default() += probability * part,
            None => add_up(tokenizer, begun, model, tokens, probability * part, words),
        }
        tokens.pop();
    }
}
