//! The subnet as the framework drives it.

use std::sync::Arc;

use myelin_analysis::{protocol::AnalysisResponse, AnalysisConfig, AnalysisSubnet};
use myelin_subnet::{
    submission::Workshop,
    subnet::{Mode, Share},
    Answer, AnswerError, MinerRef, Subnet,
};
use myelin_wire::{
    record::{LatencyBucket, Reason},
    seed::Seed,
};

use super::{baseline, context, held_out, public};

fn subnet() -> AnalysisSubnet {
    let config = AnalysisConfig {
        source: Some(public()),
        backend: Some(Arc::new(baseline())),
        ..AnalysisConfig::default()
    };
    AnalysisSubnet::open(config).unwrap()
}

fn answer(uid: u16, response: AnalysisResponse, ms: u64) -> Answer<AnalysisResponse> {
    Answer { miner: MinerRef { uid, hotkey: [uid as u8; 32] }, response, latency: LatencyBucket::of_ms(ms) }
}

#[test]
fn tasks_of_every_kind_are_drawn_answered_and_scored_in_any_order() {
    let subnet = subnet();
    for plan in subnet.tasks().into_iter().filter(|plan| plan.count > 0) {
        let seed = Seed([0x44; 32]).derive(plan.kind.as_bytes(), 0);
        let challenge = subnet.challenge(&plan, &seed, &Default::default()).unwrap();
        let again = subnet.challenge(&plan, &seed, &Default::default()).unwrap();
        assert_eq!(challenge.request, again.request);
        let body = serde_json::to_vec(&challenge.request).unwrap();
        assert!(body.len() < 64 * 1024, "{} bytes", body.len());

        let right = challenge.hidden.sql();
        let right = myelin_analysis::miner::explained(&right, &challenge.request).unwrap();
        let limit = plan.answer_limit;
        assert!(serde_json::to_vec(&right).unwrap().len() < limit);
        let oversize =
            AnalysisResponse { sql: format!("SELECT '{}'", "x".repeat(limit)), ..Default::default() };
        let answers = [
            answer(0, right.clone(), 10),
            answer(1, right, 7_000),
            answer(2, AnalysisResponse::default(), 10),
            answer(3, oversize, 10),
            answer(4, AnalysisResponse { sql: "hello".into(), ..Default::default() }, 10),
        ];
        let judged = subnet.score(&challenge, &answers, &mut Default::default());
        let reasons: Vec<Reason> = judged.iter().map(|judgement| judgement.reason).collect();
        let expected = [Reason::Scored, Reason::Scored, Reason::Empty, Reason::Oversize, Reason::Garbage];
        assert_eq!(reasons, expected, "{judged:?}");
        let score = |at: usize| subnet.rubric().score(&judged[at].parts, judged[at].reason).unwrap().get();
        assert_eq!(score(0), 1_000_000, "{}", judged[0].note);
        assert!(score(1) < score(0) && score(1) >= 900_000, "late: {}", score(1));
        let reversed: Vec<_> = answers.iter().rev().cloned().collect();
        let mut back = subnet.score(&challenge, &reversed, &mut Default::default());
        back.reverse();
        assert_eq!(back, judged);
    }
}

#[test]
fn a_miner_answers_what_it_can_and_refuses_what_is_unsound() {
    let subnet = subnet();
    let plan = subnet.tasks().remove(0);
    let answered = (0..10).filter(|number| {
        let challenge =
            subnet.challenge(&plan, &Seed([0x45; 32]).derive(b"task", *number), &Default::default()).unwrap();
        subnet.answer(&context(), &challenge.request).is_ok()
    });
    assert!(answered.count() >= 3);
    let mut request = subnet.challenge(&plan, &Seed([0x46; 32]), &Default::default()).unwrap().request;
    request.schema.tables[0].name = "x\"; DROP TABLE y; --".into();
    assert!(matches!(subnet.answer(&context(), &request), Err(AnswerError::Refused(_))));
}

/// A program that gives one answer to every request.
fn program(answer: &str) -> Vec<u8> {
    let text = format!(
        "(module (memory (export \"memory\") 8) (data (i32.const 0) {answer:?})
           (func (export \"alloc\") (param i32) (result i32) i32.const 65536)
           (func (export \"run\") (param i32 i32) (result i64) i64.const {}))",
        answer.len()
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn submitted_programs_answer_the_same_requests_and_are_judged_alike() {
    let subnet = subnet();
    let mechanisms = subnet.mechanisms();
    let plans: Vec<_> = subnet.tasks().into_iter().filter(|plan| plan.share == Share::Network).collect();
    assert!(!plans.is_empty());
    let own_words = AnalysisConfig { source: Some(held_out()), ..AnalysisConfig::default() };
    let own_words = AnalysisSubnet::open(own_words).unwrap();
    for plan in plans {
        let request = |subnet: &AnalysisSubnet| {
            subnet.challenge(&plan, &Seed([0x47; 32]), &Default::default()).unwrap().request
        };
        assert_eq!(request(&subnet), request(&own_words), "every validator asks programs the same");
        let Mode::Submit { limits, .. } = mechanisms[usize::from(plan.mechanism)].mode else {
            panic!("{plan:?}")
        };
        let challenge = subnet.challenge(&plan, &Seed([0x47; 32]), &Default::default()).unwrap();
        let right = challenge.hidden.sql();
        let right = myelin_analysis::miner::explained(&right, &challenge.request).unwrap();
        let workshop = Workshop::default();
        let scores = [serde_json::to_string(&right).unwrap(), r#"{"sql":"SELECT 1"}"#.into()].map(|answer| {
            let entrant = subnet.entrant(&workshop, &program(&answer)).unwrap();
            let entry = entrant.answer(&challenge.request, &limits).unwrap();
            let latency = myelin_subnet::submission::latency(entry.fuel);
            let answer = Answer { latency, ..self::answer(0, entry.response, 0) };
            let judged = subnet.score(&challenge, &[answer], &mut Default::default()).remove(0);
            subnet.rubric().score(&judged.parts, judged.reason).unwrap().get()
        });
        assert_eq!(scores, [1_000_000, 0]);
    }
}
