//! Miners that declare the late model and run something else, among honest miners.

use std::sync::Arc;

use myelin_lm::{
    builtin::{tokenizer, Level},
    kernel::{from_bf16, to_bf16, Random},
    transformer::{file, plain, ModelMetadata, TransformerModel},
};
use myelin_subnet::{Answer, Challenge, MinerRef, Subnet};
use myelin_text::{
    adversary::{Pretence, Pretender},
    backend::Backend,
    declared::{Account, Accounts, Evidence, Finding, Held, FOUND},
    protocol::{ChatMessage, TextRequest, TextResponse},
    task, TextConfig, TextSubnet,
};
use myelin_wire::{
    record::{LatencyBucket, Ppm},
    seed::Seed,
};

use crate::{
    competition::answer,
    field::{built_in, honest, library},
};

/// Challenges for each miner, from which sequences of 20 are put together.
const CHALLENGES: u64 = 16;
const SEQUENCES: usize = 2_000;

fn pretender(pretence: Pretence) -> Arc<dyn Backend> {
    Arc::new(Pretender::new(built_in(Level::Late), 5, pretence))
}

/// The late model with coarser weights. They are stored as brain floats again, so the true effect is a little smaller.
fn coarse(bits: u32) -> Arc<TransformerModel> {
    let (layout, stored, _) =
        file::read(include_bytes!("../../../../ml/lm/models/late.safetensors")).unwrap();
    let weights: Vec<f32> = stored.into_iter().map(from_bf16).collect();
    let stored: Vec<u16> = plain::quantised(&layout, &weights, bits).into_iter().map(to_bf16).collect();
    let bytes = file::write(&layout, &stored, &ModelMetadata::default());
    Arc::new(TransformerModel::read("coarse", &bytes, tokenizer().unwrap()).unwrap())
}

/// Requests: every second one is a validator's own task, the others look like those of users.
fn request(number: u64) -> TextRequest {
    let seed = Seed([33; 32]).derive(b"request", number);
    let own = match number % 4 {
        0 => task::fill(&library(), &seed),
        _ => task::continuation(&library(), &seed),
    };
    let own = own.unwrap().request;
    if number.is_multiple_of(2) {
        return own;
    }
    let message = ChatMessage { role: "user".into(), content: own.prompt };
    let temperature = if number % 8 == 1 { 0.0 } else { 0.8 };
    TextRequest { messages: vec![message], max_tokens: 24, temperature, ..TextRequest::default() }
}

fn is_check(request: &TextRequest) -> bool {
    request.messages.is_empty()
}

fn measured(held: &Held, backend: &dyn Backend) -> Vec<Evidence> {
    let weighed = |number| {
        let request = request(number);
        match held.examine(&request, &answer(backend, &request)) {
            Finding::Weighed(evidence) => evidence,
            other => panic!("{other:?}"),
        }
    };
    (0..CHALLENGES).map(weighed).collect()
}

/// Share of sequences of 20 answers in which a miner is found out, in thousandths.
fn found(measured: &[Evidence]) -> usize {
    let mut random = Random::new(3);
    let mut sequence = || {
        let mut account = Account::default();
        (0..20).any(|_| {
            account.add(&measured[random.below(measured.len())]);
            account.is_found_out()
        })
    };
    (0..SEQUENCES).filter(|_| sequence()).count() * 1000 / SEQUENCES
}

#[test]
fn whoever_runs_another_model_than_declared_is_found_in_twenty_answers_and_nobody_else_is() {
    let held = Held::new(vec![built_in(Level::Late)]);
    for secret in [1, 2] {
        assert_eq!(found(&measured(&held, &*honest(Level::Late, secret))), 0, "an honest miner");
    }
    let early = || built_in(Level::Early);
    let cheats = [
        ("early checkpoint", Pretence::OtherModel(early())),
        ("weights of 8 bits", Pretence::OtherModel(coarse(8))),
        ("weights of 4 bits", Pretence::OtherModel(coarse(4))),
        ("early writes, late reads", Pretence::Borrowed { writer: early(), cooled: 1.0 }),
        ("another system prompt", Pretence::OwnWords("Answer briefly and politely. ".into())),
        ("a short context", Pretence::ShortContext(120)),
        ("late for checks only", Pretence::Recognised { is_check, cheap: early() }),
    ];
    for (name, pretence) in cheats {
        let found = found(&measured(&held, &*pretender(pretence)));
        assert!(found >= 990, "{name}: found in {found} of 1000 sequences");
    }
}

#[test]
fn a_declaration_that_cannot_be_true_is_no_matter_of_chance() {
    let held = Held::new(vec![built_in(Level::Late)]);
    let request = request(2);
    let right = answer(&*honest(Level::Late, 1), &request);
    assert!(matches!(held.examine(&request, &right), Finding::Weighed(_)));
    let changed = |change: &dyn Fn(&mut TextResponse)| {
        let mut response = right.clone();
        change(&mut response);
        held.examine(&request, &response)
    };
    let declared = |response: &mut TextResponse, change: &dyn Fn(&mut Vec<u32>, &mut Vec<u32>)| {
        let declared = response.declared.as_mut().unwrap();
        change(&mut declared.tokens, &mut declared.costs);
    };
    let impossible: [&dyn Fn(&mut TextResponse); 5] = [
        &|response| response.completion.push('!'),
        &|response| declared(response, &|tokens, _| tokens.truncate(1)),
        &|response| declared(response, &|tokens, costs| (tokens.truncate(1), costs.truncate(1)).0),
        &|response| declared(response, &|tokens, costs| (tokens.clear(), costs.clear()).0),
        &|response| declared(response, &|tokens, costs| (tokens.resize(5000, 9), costs.resize(5000, 9)).0),
    ];
    for change in impossible {
        assert!(matches!(changed(change), Finding::Impossible(_)), "{:?}", changed(change));
    }
    let nothing: [&dyn Fn(&mut TextResponse); 3] = [
        &|response| response.declared = None,
        &|response| response.declared.as_mut().unwrap().model = "ab".repeat(32),
        &|response| response.declared.as_mut().unwrap().model = "no hash".into(),
    ];
    for change in nothing {
        assert_eq!(changed(change), Finding::Nothing);
    }
}

/// One answer in eight is examined.
const ROUNDS: u64 = 60;

#[test]
fn who_is_found_out_is_not_paid_and_an_auditor_comes_to_the_same() {
    let config =
        TextConfig { library: Some(library()), held: vec![built_in(Level::Late)], ..TextConfig::default() };
    let subnet = TextSubnet::open(config).unwrap();
    let miners = [honest(Level::Late, 1), pretender(Pretence::OtherModel(built_in(Level::Early)))];
    let plan = subnet.tasks().remove(1);
    let judged = || {
        let (mut accounts, mut parts) = (Accounts::default(), Vec::new());
        for number in 0..ROUNDS {
            let seed = Seed([34; 32]).derive(b"round", number);
            let Challenge { request, hidden } = subnet.challenge(&plan, &seed, &accounts).unwrap();
            let given = miners.iter().enumerate().map(|(uid, backend)| Answer {
                miner: MinerRef { uid: uid as u16, hotkey: [uid as u8; 32] },
                response: answer(&**backend, &request),
                latency: LatencyBucket::of_ms(50),
            });
            let answers: Vec<_> = given.collect();
            let challenge = Challenge::<TextSubnet> { request, hidden };
            parts.push(subnet.score(&challenge, &answers, &mut accounts));
        }
        (parts, accounts)
    };
    let (parts, accounts) = judged();
    assert_eq!(judged(), (parts.clone(), accounts.clone()));
    let declared = |uid: usize| -> Vec<bool> {
        parts.iter().map(|judgements| judgements[uid].parts.last() == Some(&Ppm::ONE)).collect()
    };
    assert_eq!(declared(0), [true; ROUNDS as usize]);
    let found = declared(1);
    let last = ROUNDS as usize - 1;
    assert!(found[0] && !found[last] && found.is_sorted_by(|before, after| before >= after), "{found:?}");
    let last = &parts[last][1];
    assert_eq!(subnet.rubric().score(&last.parts, last.reason), Ok(Ppm::ZERO));
    let notes: Vec<&str> = parts.iter().map(|judgements| judgements[1].note.as_str()).collect();
    assert!(notes.iter().any(|note| note.contains("another model")), "{notes:?}");
    assert!(accounts.of(&[1; 32]).numbers >= FOUND && accounts.of(&[0; 32]).numbers == 0);
}
