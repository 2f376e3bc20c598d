//! Miners of known quality compete without a network.

use std::time::Duration;

use myelin_lm::builtin::Level;
use myelin_subnet::{
    evaluation::{evaluate_round, AskedTask, Delivery, Evaluated, GroupRule, Outcome, RoundFacts},
    testkit::{conformance, Contestants},
    validator::draw::{draw_round, Occasion},
    AnswerContext, MinerRef, Subnet,
};
use myelin_text::{
    adversary::{Commonplace, Garbage, Parrot},
    backend::Backend,
    declared::Accounts,
    judge::Judge,
    protocol::{TextRequest, TextResponse},
    Load, TextConfig, TextSubnet,
};
use myelin_wire::{
    record::{LatencyBucket, Reason},
    seed::Audience,
    sr25519::Keypair,
};

use crate::field::{answering, built_in, honest, judging, library};

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(8) }
}

pub fn answer(backend: &dyn Backend, request: &TextRequest) -> TextResponse {
    backend.answer(&context(), request).unwrap()
}

/// Plays a round; miner `i` commits as the `i`th.
fn play(subnet: &TextSubnet, field: &[std::sync::Arc<dyn Backend>], round: u16) -> Evaluated {
    let miners: Vec<MinerRef> =
        (0..field.len()).map(|uid| MinerRef { uid: uid as u16, hotkey: [uid as u8 + 1; 32] }).collect();
    let keys = Keypair::from_seed(&[9; 32]);
    let occasion = Occasion {
        genesis: [0; 32],
        netuid: 2,
        epoch: 1,
        round,
        source_block: u64::from(round),
        source_hash: [round as u8 + 1; 32],
    };
    let hotkeys: Vec<_> = miners.iter().map(|miner| miner.hotkey).collect();
    let drawn = draw_round(subnet, &occasion, &hotkeys, &keys, &Accounts::default(), || [0; 32]).unwrap();
    let ask = |task: myelin_subnet::evaluation::DrawnTask<TextSubnet>| {
        let for_miner = |miner: &usize| match task.audience {
            Audience::Round => true,
            Audience::Miner(hotkey) => miners[*miner].hotkey == hotkey,
        };
        let deliver = |miner: usize| Delivery {
            miner,
            request: [0; 32],
            answer: [0; 32],
            signed: true,
            commit_place: Some(miner as u8),
            latency: LatencyBucket::of_ms(100),
            outcome: Outcome::Answered(answer(&*field[miner], &task.challenge.request)),
        };
        let deliveries = (0..field.len()).filter(for_miner).map(deliver).collect();
        AskedTask { task, deliveries }
    };
    let asked: Vec<_> = drawn.tasks.into_iter().map(ask).collect();
    let facts = RoundFacts { netuid: 2, epoch: 1, mechanism: 0, round, signer: keys.public() };
    let mut accounts = Accounts::default();
    evaluate_round(subnet, &facts, &miners, asked, &GroupRule::default(), |_| false, &mut accounts).unwrap()
}

fn score(evaluated: &Evaluated, miner: usize) -> u32 {
    evaluated.scores[miner].score.unwrap().get()
}

#[test]
fn earning_order_is_quality_order_and_dishonesty_does_not_pay() {
    let subnet = judging(Load::default());
    let late = honest(Level::Late, 3);
    let field = [
        honest(Level::Ngram, 1),
        honest(Level::Early, 2),
        late.clone(),
        honest(Level::Late, 4),
        late,
        std::sync::Arc::new(Garbage),
        std::sync::Arc::new(Commonplace),
        std::sync::Arc::new(Parrot),
    ];
    let mut totals = [0u32; 8];
    for round in 0..5 {
        let evaluated = play(&subnet, &field, round);
        assert_eq!(
            evaluated.repeats.iter().map(|one| one.miner).collect::<Vec<_>>(),
            [4],
            "the copy, and only it"
        );
        for one in &evaluated.judged {
            assert_eq!(one.record.check(subnet.rubric()), Ok(()));
            assert!(
                one.record.miner_uid != 5 || one.record.reason == Reason::Garbage || one.record.audience == 1
            );
        }
        (0..8).for_each(|miner| totals[miner] += score(&evaluated, miner));
    }
    let [ngram, early, late, twin, copy, garbage, commonplace, parrot] = totals;
    assert!(ngram < early && early < late && early < twin, "{totals:?}");
    assert_eq!((copy, garbage), (0, 0));
    assert!(commonplace < ngram && parrot < ngram, "{totals:?}");
}

#[test]
fn the_text_subnet_keeps_the_promises_of_every_subnet() {
    let subnet = judging(Load { fill: 2, continuation: 3, ..Load::default() });
    let miner = |level, secret| {
        let backend = honest(level, secret);
        move |request: &TextRequest| answer(&*backend, request)
    };
    let contestants = Contestants {
        good: &miner(Level::Late, 1),
        independent: &miner(Level::Late, 2),
        worse: &miner(Level::Ngram, 3),
        garbage: &|request: &TextRequest| answer(&Garbage, request),
    };
    let findings = conformance(&subnet, &contestants, 2);
    findings.iter().for_each(|finding| println!("{finding}"));
    assert!(findings.iter().all(|finding| finding.kept), "{findings:#?}");
}

#[test]
fn costs_of_many_texts_are_those_of_each() {
    let request = TextRequest {
        prompt: "fn area(width: u32, height: u32) -> u32 {\n    ".into(),
        ..TextRequest::default()
    };
    let gap = TextRequest { suffix: Some("\n}\n".into()), ..request.clone() };
    let texts = ["width * height", "width + height", "", "width * height", "return 0;\n}\n\nfn main() {"];
    for context in [request, gap] {
        let together = Judge::new(built_in(Level::Late)).all_costs(&context, &texts).unwrap();
        let alone: Vec<i64> = texts
            .iter()
            .map(|text| Judge::new(built_in(Level::Late)).cost(&context, text).unwrap())
            .collect();
        assert_eq!(together, alone);
        assert!(together[0] > 0 && together[2] == 0);
    }
}

#[test]
fn the_negative_control_tells_nobody_apart() {
    let config = TextConfig {
        library: Some(library()),
        judge: Some(Judge::new(built_in(Level::Late))),
        load: Load { fill: 1, continuation: 1, ..Load::default() },
        negative_control: true,
        ..TextConfig::default()
    };
    let subnet = TextSubnet::open(config).unwrap();
    let evaluated = play(&subnet, &[honest(Level::Late, 1), std::sync::Arc::new(Garbage)], 0);
    assert_eq!(score(&evaluated, 0), score(&evaluated, 1));
}

#[test]
fn empty_and_oversized_answers_are_worth_nothing() {
    struct Fixed(String);
    impl Backend for Fixed {
        fn model_id(&self) -> [u8; 32] {
            [0; 32]
        }
        fn answer(
            &self,
            _: &AnswerContext,
            _: &TextRequest,
        ) -> Result<TextResponse, myelin_subnet::AnswerError> {
            Ok(TextResponse::plain(self.0.as_str()))
        }
    }
    let subnet = judging(Load { fill: 1, continuation: 1, ..Load::default() });
    let field: [std::sync::Arc<dyn Backend>; 2] =
        [std::sync::Arc::new(Fixed(" \n".into())), std::sync::Arc::new(Fixed("x".repeat(5000)))];
    let evaluated = play(&subnet, &field, 0);
    for one in &evaluated.judged {
        let expected = if one.record.miner_uid == 0 { Reason::Empty } else { Reason::Oversize };
        assert_eq!(one.record.reason, expected);
    }
    assert_eq!((score(&evaluated, 0), score(&evaluated, 1)), (0, 0));
}

#[test]
fn a_miner_refuses_requests_beyond_its_limits() {
    let miner = answering(honest(Level::Ngram, 1));
    let request = TextRequest { prompt: "x".into(), max_tokens: 1_000_000, ..TextRequest::default() };
    assert!(matches!(miner.answer(&context(), &request), Err(myelin_subnet::AnswerError::Refused(_))));
    let chat =
        serde_json::json!({"messages": [{"role": "user", "content": "What is a trait?"}], "max_tokens": 8});
    let request = miner.organic(&chat).unwrap();
    assert!(miner.answer(&context(), &request).is_ok());
}
