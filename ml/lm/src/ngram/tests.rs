use super::*;
use crate::tokenizer::learn;
use proptest::prelude::*;

const TEXT: &str = "let a = b;\nlet c = d;\nlet a = d;\nfor x in y {\n}\n";

fn tokenizer() -> Arc<Tokenizer> {
    Arc::new(learn(std::iter::repeat_n(TEXT, 10), 280).expect("a small vocabulary fits"))
}

fn table() -> NgramTable {
    let tokenizer = tokenizer();
    let tokens = tokenizer.encode(&TEXT.repeat(10));
    NgramTable::count(
        tokenizer.vocabulary(),
        std::iter::once(tokens.as_slice()),
        Pruning { pairs: 2, triples: 3 },
    )
}

#[test]
fn probabilities_add_up_and_agree_with_single_look_ups() {
    let table = table();
    for context in [[0, 0], [40, 41], [Token::from(b'l') + 8, Token::from(b'e') + 8]] {
        let all = table.distribution(context);
        assert!((all.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(all.iter().all(|&p| p > 0.0));
        for (token, p) in all.iter().enumerate() {
            assert_eq!(p.to_bits(), table.probability(context, token as Token).to_bits());
        }
    }
}

#[test]
fn what_was_frequent_is_likely_and_what_is_asked_twice_is_answered_alike() {
    let model = NgramModel::read("test", &table().to_bytes(), tokenizer()).expect("its own file");
    let seen = model.likelihood("let a", None, " = ").expect("likelihoods are offered");
    let unseen = model.likelihood("let a", None, "zqx").expect("likelihoods are offered");
    assert!(seen.cost_per_byte() < unseen.cost_per_byte());
    assert_eq!(seen.micro_nats.len(), seen.starts.len());
    let request = CompletionRequest {
        prompt: "let".into(),
        temperature: 1.0,
        seed: 5,
        stop: vec!["\n".into()],
        ..CompletionRequest::default()
    };
    let answer = model.complete(&request).expect("an answer");
    assert!(!answer.text.contains('\n'));
    assert_eq!(answer, model.complete(&request).expect("an answer"));
    assert!(model.complete(&CompletionRequest { temperature: -1.0, ..request.clone() }).is_err());
    assert!(model.complete(&CompletionRequest { max_tokens: 1 << 20, ..request }).is_err());
}

proptest! {
    #[test]
    fn damaged_tables_are_refused_or_safe(at in 0usize..4000, value: u8, cut in 0usize..4000) {
        let mut bytes = table().to_bytes();
        prop_assert_eq!(NgramTable::read(&bytes).expect("its own file"), table());
        let (at, cut) = (at % bytes.len(), cut % bytes.len());
        prop_assert!(NgramTable::read(&bytes[..cut]).is_err());
        bytes[at] = value;
        if let Ok(table) = NgramTable::read(&bytes) {
            prop_assert!(table.distribution([9, 9]).iter().all(|p| p.is_finite()));
        }
    }
}
