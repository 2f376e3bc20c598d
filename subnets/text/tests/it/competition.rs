//! Miners of known quality compete without a network.

use std::time::Duration;

use myelin_lm::builtin::Level;
use myelin_subnet::{
    evaluation::{evaluate_round, AskedTask, Delivery, Evaluated, GroupRule, Outcome, RoundFacts},
    testkit::by_tier,
    validator::draw::{draw_round, Occasion},
    AnswerContext, MinerRef, Subnet,
};
use myelin_text::{
    adversary::{Commonplace, Garbage, Parrot},
    backend::Backend,
    declared::Accounts,
    protocol::{TextRequest, TextResponse},
    Load, TextConfig, TextSubnet,
};
use myelin_wire::{
    record::{LatencyBucket, Ppm, Reason},
    seed::Audience,
    sr25519::Keypair,
};

use crate::field::{answering, honest, judging, library};

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(8) }
}

pub fn answer(backend: &dyn Backend, request: &TextRequest) -> TextResponse {
    backend.answer(&context(), request).unwrap()
}

/// Plays the first batch of a round.
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
        source_value: None,
        settling: 1,
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
            commit_place: None,
            latency: LatencyBucket::of_ms(100),
            outcome: Outcome::Answered(answer(&*field[miner], &task.challenge.request)),
        };
        let deliveries = (0..field.len()).filter(for_miner).map(deliver).collect();
        AskedTask { task, deliveries }
    };
    let asked: Vec<_> = drawn.tasks.into_iter().map(ask).collect();
    let facts = RoundFacts { netuid: 2, epoch: 1, mechanism: 0, round, signer: keys.public() };
    let mut accounts = Accounts::default();
    evaluate_round(subnet, &facts, &miners, asked, &GroupRule::default(), |_, _| false, &mut accounts)
        .unwrap()
}

/// Quality of a miner's answers.
fn quality(evaluated: &Evaluated, miner: usize) -> u32 {
    evaluated.scores[miner].quality.unwrap().get()
}

/// First batches of rounds in the long tests and in the quick ones: a few answers do not tell models as small as these
/// apart.
const ROUNDS: (u16, u16) = (120, 60);

#[test]
fn earning_order_is_quality_order_and_dishonesty_does_not_pay() {
    let subnet = judging(Load { arithmetic: 0, extract: 0, program: 0, ..Load::default() });
    let field = [
        honest(Level::Ngram, 1),
        honest(Level::Early, 2),
        honest(Level::Late, 3),
        std::sync::Arc::new(Garbage),
        std::sync::Arc::new(Commonplace),
        std::sync::Arc::new(Parrot),
    ];
    let mut totals = [0u32; 6];
    for round in 0..by_tier(ROUNDS.0, ROUNDS.1) {
        let evaluated = play(&subnet, &field, round);
        for judged in &evaluated.judged {
            let record = &judged.record;
            assert_eq!(record.check(subnet.rubric()), Ok(()));
            assert!(record.miner_uid != 3 || record.score == Ppm::ZERO, "{}", judged.note);
        }
        (0..6).for_each(|miner| totals[miner] += quality(&evaluated, miner));
    }
    let [ngram, early, late, garbage, commonplace, parrot] = totals;
    assert!(ngram < early && early < late, "{totals:?}");
    // A model that is worse must be much faster to be paid as much.
    let sharpness = subnet.mechanisms()[0].pay.sharpness();
    let worth = |total: u32| f64::from(total).powi(sharpness as i32);
    println!("early is paid like late where it does {:.1} times as much", worth(late) / worth(early));
    println!("ngram is paid like late where it does {:.0} times as much", worth(late) / worth(ngram));
    assert!(worth(late) > 4.0 * worth(ngram), "{totals:?}");
    assert_eq!(garbage, 0);
    assert!(commonplace < ngram && parrot < ngram, "{totals:?}");
}

#[test]
fn the_negative_control_tells_nobody_apart() {
    let config = TextConfig {
        library: Some(library()),
        load: Load { fill: 1, continuation: 1, ..Load::default() },
        negative_control: true,
        ..TextConfig::default()
    };
    let subnet = TextSubnet::open(config).unwrap();
    let evaluated = play(&subnet, &[honest(Level::Late, 1), std::sync::Arc::new(Garbage)], 0);
    assert_eq!(quality(&evaluated, 0), quality(&evaluated, 1));
}

#[test]
fn empty_and_oversized_answers_are_worth_nothing() {
    struct Fixed(String);
    impl Backend for Fixed {
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
    for judged in &evaluated.judged {
        let expected = if judged.record.miner_uid == 0 { Reason::Empty } else { Reason::Oversize };
        assert_eq!(judged.record.reason, expected);
    }
    assert_eq!((quality(&evaluated, 0), quality(&evaluated, 1)), (0, 0));
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
