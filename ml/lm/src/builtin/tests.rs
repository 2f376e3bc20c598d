use super::*;
use crate::kernel::Kernel;
use crate::model::CompletionRequest;
use myelin_provenance::{content_id, Manifest, ModelId};

/// Code that is not in the training corpus: parts of this crate.
const CODE: [&str; 3] = [
    include_str!("../generate.rs"),
    include_str!("../corpus/filter.rs"),
    include_str!("../train/schedule.rs"),
];

fn request(seed: u64, temperature: f32) -> CompletionRequest {
    CompletionRequest {
        prompt: CODE[0][..900].to_owned(),
        suffix: Some(CODE[0][940..1200].to_owned()),
        max_tokens: 24,
        temperature,
        seed,
        ..CompletionRequest::default()
    }
}

#[test]
fn each_level_finds_code_likelier_than_the_level_below() {
    let cost = |level| {
        let model = model(level).expect("a built-in model");
        let costs = CODE.map(|code| {
            let (before, after) = (&code[..code.len() / 2], &code[code.len() / 2..]);
            model.likelihood(before, None, after).expect("likelihoods").cost_per_byte()
        });
        costs.iter().sum::<i64>()
    };
    let [ngram, early, late] = Level::ALL.map(cost);
    assert!(late * 105 < early * 100, "late {late}, early {early}");
    assert!(early * 105 < ngram * 100, "early {early}, ngram {ngram}");
}

#[test]
fn an_answer_depends_on_model_request_and_seed_alone() {
    for level in Level::ALL {
        let [one, two] = [(); 2].map(|()| model(level).expect("a built-in model"));
        assert_eq!(one.id(), two.id());
        let answers = [1, 2, 3].map(|seed| one.complete(&request(seed, 1.0)).expect("an answer"));
        let again = [1, 2, 3].map(|seed| two.complete(&request(seed, 1.0)).expect("an answer"));
        assert_eq!(answers, again);
        let draws = [1, 2, 3].map(|seed| (1.0, seed));
        assert_eq!(one.complete_each(&request(0, 0.0), &draws).expect("answers"), answers);
        assert!(answers[0].text != answers[1].text || answers[1].text != answers[2].text);
    }
    let ids = Level::ALL.map(|level| model(level).expect("a built-in model").id());
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
}

#[test]
fn answers_and_likelihoods_do_not_depend_on_the_processor() {
    let results = Kernel::available().into_iter().map(|kernel| {
        let tokenizer = tokenizer().expect("the tokenizer");
        let model = TransformerModel::with_kernel("late", LATE, tokenizer, kernel).expect("the model");
        let answer = model.complete(&request(7, 0.8)).expect("an answer");
        (
            answer,
            model.likelihood("fn main() {", Some("}\n"), "\n    println!(\"hi\");\n").expect("likelihoods"),
        )
    });
    let results: Vec<_> = results.collect();
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{results:?}");
}

#[test]
fn long_prompts_and_answers_stay_within_the_context() {
    let late = model(Level::Late).expect("a built-in model");
    let long = CODE.concat();
    let request = CompletionRequest {
        prompt: long.clone(),
        suffix: Some(long.clone()),
        max_tokens: 1000,
        temperature: 1.0,
        ..CompletionRequest::default()
    };
    let answer = late.complete(&request).expect("an answer");
    assert!(answer.prompt_tokens + answer.completion_tokens <= 257);
    let likelihood = late.likelihood(&long, Some(&long), &long).expect("likelihoods");
    assert!(likelihood.micro_nats.len() > 1000);
    assert_eq!(likelihood.starts.len(), likelihood.micro_nats.len());
    assert!(late.likelihood("", None, "").expect("likelihoods").micro_nats.is_empty());
}

#[test]
fn a_model_file_survives_reading_and_refuses_damage() {
    use crate::transformer::file;
    let (layout, parameters, metadata) = file::read(EARLY).expect("a model file");
    let facts: crate::transformer::ModelMetadata = metadata
        .into_iter()
        .filter(|(key, _)| ["corpus", "parameters", "steps", "tokenizer", "tokens"].contains(&key.as_str()))
        .collect();
    assert!(file::write(&layout, &parameters, &facts) == EARLY);
    for cut in [0, 7, 8, 100, 3000, EARLY.len() - 1] {
        assert!(file::read(&EARLY[..cut]).is_err());
    }
    let mut endless = EARLY.to_vec();
    let end = endless.len();
    endless[end - 2..].copy_from_slice(&0x7f80u16.to_le_bytes());
    assert!(matches!(file::read(&endless), Err(ModelFileError::NotFinite { .. })));
    let mut header = EARLY.to_vec();
    header[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(file::read(&header).is_err());
    let other = Arc::new(Tokenizer::new(Vec::new()).expect("bytes alone"));
    assert!(TransformerModel::read("early", EARLY, other).is_err());
}

#[test]
fn unknown_levels_are_refused_by_name() {
    assert_eq!("late".parse::<Level>().expect("a level"), Level::Late);
    let error = "best".parse::<Level>().expect_err("no such level");
    assert!(error.to_string().contains("best") && error.to_string().contains("early"));
}

/// Validators must agree on likelihoods.
#[test]
fn the_likelihoods_of_the_published_models_are_pinned() {
    let text =
        "\nimpl fmt::Display for Error {\n    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {\n";
    let totals = Level::ALL.map(|level| {
        let model = model(level).expect("a built-in model");
        model.likelihood("use std::fmt;\n", None, text).expect("likelihoods").total()
    });
    assert_eq!(totals, [-52_504_933, -34_347_578, -26_053_639]);
}

#[test]
fn the_id_of_a_model_is_that_of_a_directory_of_its_files_and_the_reference_has_it() {
    const REFERENCE: &str = include_str!("../../../../docs/reference/models.md");
    let hex = |id: ModelId| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for file in [TOKENIZER.as_bytes(), NGRAM, EARLY, LATE] {
        let hash = hex(content_id(file));
        assert!(REFERENCE.contains(&hash), "docs/reference/models.md lacks {hash}");
    }
    for level in Level::ALL {
        let id = model(level).expect("a built-in model").id();
        let manifest = Manifest::of_contents(&directory(level)).expect("two files");
        assert_eq!(id, manifest.id(), "{level:?}");
        assert!(REFERENCE.contains(&hex(id)), "docs/reference/models.md lacks {} of {level:?}", hex(id));
    }
}

#[test]
fn what_was_drawn_can_be_read_again_at_once_and_to_the_bit() {
    let message = |content: &str| crate::prompt::Message { role: "user".into(), content: content.into() };
    for level in Level::ALL {
        let model = model(level).expect("a model");
        let requests = [
            CompletionRequest { prompt: "pub fn area(wid".into(), ..request(7, 0.7) },
            CompletionRequest { suffix: Some("\n}\n".into()), stop: vec!["\n".into()], ..request(9, 1.0) },
            CompletionRequest { temperature: 0.0, ..request(1, 0.0) },
            CompletionRequest {
                messages: vec![message("What is a trait?")],
                prompt: "".into(),
                ..request(3, 0.7)
            },
            CompletionRequest { max_tokens: 400, ..request(4, 0.9) },
        ];
        for request in requests {
            let mut pieces = String::new();
            let mut listen = |text: &str| {
                pieces.push_str(text);
                true
            };
            let (completion, trace) = model.complete_traced(&request, &mut listen).expect("an answer");
            assert_eq!(pieces, completion.text);
            assert_eq!(model.complete(&request).expect("an answer"), completion);
            let trace = trace.expect("a trace");
            let again = model.retrace(&request, &trace.tokens).expect("a reading").expect("it fits");
            assert_eq!(again.text, completion.text);
            let found: Vec<i64> = again.drawn.iter().map(|drawn| drawn.micro_nats).collect();
            assert_eq!(found, trace.micro_nats, "{request:?}");
            assert!(request.temperature > 0.0 || again.drawn.iter().all(|drawn| drawn.behind == 0));

            let mut longer = trace.tokens.clone();
            longer.push(300);
            let shorter = &trace.tokens[..trace.tokens.len() - 1];
            let mut other = trace.tokens.clone();
            other[0] = 1;
            for tokens in [&longer[..], shorter, &other, &[], &[70_000]] {
                assert_eq!(model.retrace(&request, tokens).expect("a reading"), None, "{tokens:?}");
            }
        }
    }
}
