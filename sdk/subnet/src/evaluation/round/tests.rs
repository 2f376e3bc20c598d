use std::time::Duration;

use myelin_wire::{
    record::{PartRule, Rubric},
    seed::Seed,
};
use proptest::prelude::*;

use super::*;
use crate::{
    evaluation::{every_two, Agreement, MicroNats},
    subnet::{Answer, AnswerContext, AnswerError, Effort, Judgement, Judging, Share, SubnetError},
};

/// An answer on which the subnet's code panics.
const POISON: u32 = 66_666;
/// An answer that takes as much to judge as a miner's answers may take in a round, less one unit.
const EXPENSIVE: u32 = 77_777;
const EFFORT: u64 = 10;

/// The smallest subnet: a task asks for a number, and the nearer the answer the better.
struct Guessing(Rubric);

impl Subnet for Guessing {
    const NAME: &'static str = "Guessing";
    const VERSION: u32 = 1;
    type Request = ();
    type Response = u32;
    type Hidden = u32;
    type Config = ();
    type State = u32;

    fn open((): ()) -> Result<Self, SubnetError> {
        let rubric = Rubric::new("guessing", 1, vec![PartRule::Share { name: "nearness", weight: 1 }]);
        rubric.map(Self).map_err(|e| SubnetError::new("making a rubric", e.to_string(), "fix it"))
    }
    fn rubric(&self) -> &Rubric {
        &self.0
    }
    fn tasks(&self) -> Vec<TaskPlan> {
        vec![plan(1)]
    }
    fn challenge(&self, _: &TaskPlan, seed: &Seed, _: &u32) -> Result<Challenge<Self>, SubnetError> {
        Ok(Challenge { request: (), hidden: seed.rng().below(1000) as u32 })
    }
    fn score(&self, challenge: &Challenge<Self>, answers: &[Answer<u32>], state: &mut u32) -> Vec<Judgement> {
        self.judge(challenge, answers, &mut Effort::of(None))(state)
    }
    /// Says in the second half how many tasks were judged before.
    fn judge<'a>(
        &'a self,
        challenge: &'a Challenge<Self>,
        answers: &'a [Answer<u32>],
        effort: &mut Effort,
    ) -> Judging<'a, Self> {
        assert!(answers.iter().all(|answer| answer.response != POISON), "on purpose");
        let nearness = |guess: u32| Ppm::new(1_000_000 - 1000 * guess.abs_diff(challenge.hidden).min(1000));
        let mut part = |answer: &Answer<u32>| {
            let part = if effort.is_spent() { Ppm::ZERO } else { nearness(answer.response) };
            effort.spend(if answer.response == EXPENSIVE { EFFORT - 1 } else { 1 });
            part
        };
        let parts: Vec<Ppm> = answers.iter().map(&mut part).collect();
        Box::new(move |state| {
            *state += 1;
            let judge = |(answer, part): (&Answer<u32>, Ppm)| Judgement {
                parts: vec![part],
                reason: Reason::Scored,
                note: format!("guessed {} at {state}", answer.response),
            };
            answers.iter().zip(parts).map(judge).collect()
        })
    }
    fn effort(&self, _: u8) -> Option<u64> {
        Some(EFFORT)
    }
    fn agreements(&self, _: &Challenge<Self>, answers: &[Answer<u32>]) -> Vec<(usize, usize, Agreement)> {
        every_two(answers, |one, other| {
            let matched = one.response == other.response;
            Some(Agreement { evidence: MicroNats::nats(if matched { 9 } else { -1 }), matched })
        })
    }
    fn answer(&self, _: &AnswerContext, (): &()) -> Result<u32, AnswerError> {
        Ok(500)
    }
}

fn plan(weight: u32) -> TaskPlan {
    TaskPlan {
        mechanism: 0,
        kind: "guess",
        share: Share::Round,
        count: 1,
        commit: true,
        deadline: Duration::from_secs(1),
        fastest: Duration::ZERO,
        answer_limit: 100,
        weight,
    }
}

fn miners(count: u16) -> Vec<MinerRef> {
    (0..count).map(|uid| MinerRef { uid, hotkey: [uid as u8 + 1; 32] }).collect()
}

fn asked(number: u16, hidden: u32, outcomes: &[Outcome<u32>]) -> AskedTask<Guessing> {
    let delivery = |(miner, outcome): (usize, &Outcome<u32>)| Delivery {
        miner,
        request: [1; 32],
        answer: [2; 32],
        signed: true,
        commit_place: Some(miner as u8),
        latency: LatencyBucket::of_ms(10),
        outcome: outcome.clone(),
    };
    AskedTask {
        task: DrawnTask {
            plan: plan(1),
            number,
            seed: SeedReference([3; 32]),
            audience: Audience::Round,
            challenge: Challenge { request: (), hidden },
        },
        deliveries: outcomes.iter().enumerate().map(delivery).collect(),
    }
}

fn facts() -> RoundFacts {
    RoundFacts { netuid: 2, epoch: 1, mechanism: 0, round: 0, signer: [9; 32] }
}

fn evaluate(miners: &[MinerRef], asked: Vec<AskedTask<Guessing>>, allowance: bool) -> Evaluated {
    let subnet = Guessing::open(()).unwrap();
    evaluate_round(&subnet, &facts(), miners, asked, &GroupRule::default(), |_, _| allowance, &mut 0).unwrap()
}

fn scores(evaluated: &Evaluated) -> Vec<Option<u32>> {
    evaluated.scores.iter().map(|scored| scored.score.map(Ppm::get)).collect()
}

use Outcome::{Answered, Failed};

#[test]
fn every_delivery_leaves_a_record_that_its_rubric_confirms() {
    let round = vec![asked(0, 500, &[Answered(500), Failed(Reason::Late)])];
    let evaluated = evaluate(&miners(2), round, false);
    let rubric = Guessing::open(()).unwrap().0;
    assert!(evaluated.judged.iter().all(|judged| judged.record.check(&rubric).is_ok()));
    assert_eq!(evaluated.judged[1].record.reason, Reason::Late);
    assert_eq!(scores(&evaluated), [Some(1_000_000), Some(0)]);
}

#[test]
fn one_network_fault_is_not_punished_and_a_second_one_is() {
    let round = || {
        let failed = Failed(Reason::Unreachable);
        vec![
            asked(0, 500, &[failed.clone(), Answered(500)]),
            asked(1, 500, &[failed, Answered(400)]),
            asked(2, 500, &[Answered(500), Answered(300)]),
        ]
    };
    assert_eq!(
        scores(&evaluate(&miners(2), round(), true))[0],
        Some(500_000),
        "one of two faults is excused"
    );
    assert_eq!(scores(&evaluate(&miners(2), round(), false))[0], Some(333_333), "without allowance none is");
}

#[test]
fn a_miner_that_was_away_for_a_round_is_excused_as_a_whole_and_not_twice() {
    let failed = Failed(Reason::Unreachable);
    let round = || {
        vec![asked(0, 500, &[failed.clone(), Answered(500)]), asked(1, 500, &[failed.clone(), Answered(500)])]
    };
    assert_eq!(scores(&evaluate(&miners(2), round(), true))[0], None);
    assert_eq!(scores(&evaluate(&miners(2), round(), false))[0], Some(0));
}

#[test]
fn a_round_in_which_nobody_is_reached_says_nothing_about_anybody() {
    let dead = Failed(Reason::Unreachable);
    let evaluated = evaluate(&miners(2), vec![asked(0, 500, &[dead.clone(), dead])], false);
    assert_eq!(scores(&evaluated), [None, None]);
}

#[test]
fn a_copier_gets_nothing_for_the_whole_round_and_its_source_everything() {
    let round = vec![
        asked(0, 500, &[Answered(490), Answered(490), Answered(480)]),
        asked(1, 500, &[Answered(470), Answered(470), Answered(475)]),
        asked(2, 500, &[Answered(400), Answered(500), Answered(450)]),
    ];
    let evaluated = evaluate(&miners(3), round, false);
    assert_eq!(evaluated.repeats, [Repeat { miner: 1, through: 0 }]);
    assert_eq!(scores(&evaluated), [Some(953_333), Some(0), Some(968_333)]);
    let copies = evaluated.judged.iter().filter(|judged| judged.record.miner_uid == 1);
    assert!(copies.into_iter().all(|judged| judged.record.reason == Reason::Grouped));
}

#[test]
fn a_subnet_that_forgets_a_judgement_is_told_so() {
    struct Forgetful(Guessing);
    impl Subnet for Forgetful {
        const NAME: &'static str = "Forgetful";
        const VERSION: u32 = 1;
        type Request = ();
        type Response = u32;
        type Hidden = u32;
        type Config = ();
        type State = u32;
        fn open((): ()) -> Result<Self, SubnetError> {
            Guessing::open(()).map(Self)
        }
        fn rubric(&self) -> &Rubric {
            self.0.rubric()
        }
        fn tasks(&self) -> Vec<TaskPlan> {
            self.0.tasks()
        }
        fn challenge(&self, _: &TaskPlan, _: &Seed, _: &u32) -> Result<Challenge<Self>, SubnetError> {
            Ok(Challenge { request: (), hidden: 0 })
        }
        fn score(&self, _: &Challenge<Self>, _: &[Answer<u32>], _: &mut u32) -> Vec<Judgement> {
            Vec::new()
        }
        fn answer(&self, context: &AnswerContext, request: &()) -> Result<u32, AnswerError> {
            self.0.answer(context, request)
        }
    }
    let subnet = Forgetful::open(()).unwrap();
    let delivery = asked(0, 0, &[Answered(1)]).deliveries;
    let task = DrawnTask {
        plan: plan(1),
        number: 0,
        seed: SeedReference([3; 32]),
        audience: Audience::Round,
        challenge: Challenge { request: (), hidden: 0 },
    };
    let round = vec![AskedTask { task, deliveries: delivery }];
    let result =
        evaluate_round(&subnet, &facts(), &miners(1), round, &GroupRule::default(), |_, _| false, &mut 0);
    assert!(matches!(result, Err(EvaluationError::Judgements { expected: 1, found: 0, .. })));
}

proptest! {
    #[test]
    fn the_order_of_deliveries_changes_nothing(
        guesses in prop::collection::vec(prop::collection::vec(0u32..1000, 4), 1..5), turn in 0usize..4,
    ) {
        let round = |turn: usize| -> Vec<_> {
            guesses.iter().enumerate().map(|(number, guesses)| {
                let outcomes: Vec<_> = guesses.iter().map(|&guess| Answered(guess)).collect();
                let mut task = asked(number as u16, 500, &outcomes);
                task.deliveries.rotate_left(turn);
                task
            }).collect()
        };
        prop_assert_eq!(evaluate(&miners(4), round(0), false), evaluate(&miners(4), round(turn), false));
    }

    #[test]
    fn a_better_answer_never_lowers_a_score(guesses in prop::collection::vec(0u32..1000, 3), which in 0usize..3) {
        let round = |guesses: &[u32]| {
            let outcomes: Vec<_> = guesses.iter().map(|&guess| Answered(guess)).collect();
            vec![asked(0, 500, &outcomes)]
        };
        let before = scores(&evaluate(&miners(3), round(&guesses), false))[which];
        let mut better = guesses.clone();
        better[which] = 500;
        prop_assert!(scores(&evaluate(&miners(3), round(&better), false))[which] >= before);
    }
}

#[test]
fn an_answer_that_breaks_the_judge_costs_its_task_and_not_the_round() {
    let broken = |share| {
        let mut poisoned = asked(0, 500, &[Answered(POISON), Answered(500)]);
        poisoned.task.plan.share = share;
        let round = vec![poisoned, asked(1, 300, &[Answered(300), Answered(400)])];
        let evaluated = evaluate(&miners(2), round, false);
        let reasons: Vec<Reason> = evaluated.judged.iter().map(|judged| judged.record.reason).collect();
        (reasons, scores(&evaluated))
    };
    let (reasons, paid) = broken(Share::Round);
    assert_eq!(reasons, [Reason::Excused, Reason::Excused, Reason::Scored, Reason::Scored]);
    assert_eq!(paid, [Some(1_000_000), Some(900_000)], "it may be anybody's fault");
    let (reasons, paid) = broken(Share::Miner);
    assert_eq!(reasons[..2], [Reason::Malformed, Reason::Malformed]);
    assert_eq!(paid, [Some(500_000), Some(450_000)], "only the miner that had the task can have broken it");
}

/// A round of open tasks and of tasks that miners have alone, which ends with a broken judge.
fn mixed(miners: u16, rounds: u16) -> Vec<AskedTask<Guessing>> {
    let mut tasks = Vec::new();
    for number in 0..rounds {
        let guess = |miner: u16| Answered(u32::from(400 + 7 * number + 11 * miner));
        tasks.push(asked(number, 500, &(0..miners).map(guess).collect::<Vec<_>>()));
        for miner in 0..miners {
            let first = if (miner, number) == (1, 0) { EXPENSIVE } else { 450 + u32::from(number) };
            let mut own = asked(100 + number, 500, &[Answered(first)]);
            own.task.plan.share = Share::Miner;
            own.deliveries[0].miner = miner.into();
            tasks.push(own);
        }
    }
    let mut poisoned = asked(200, 500, &[Answered(POISON)]);
    poisoned.task.plan.share = Share::Miner;
    tasks.push(poisoned);
    tasks
}

#[test]
fn any_number_of_threads_comes_to_the_same_records_scores_and_state() {
    let (subnet, miners, rule) = (Guessing::open(()).unwrap(), miners(5), GroupRule::default());
    let judged = |threads| {
        let mut state = 0;
        let on = (&subnet, &facts(), &rule);
        let judged = evaluate_round_on(threads, on, &miners, mixed(5, 12), |_, _| false, &mut state).unwrap();
        (judged, state)
    };
    let alone = judged(1);
    assert_eq!(alone.1, 6 * 12, "the broken task left no trace in the state");
    for threads in [2, 3, 8, 64] {
        assert_eq!(judged(threads), alone, "{threads} threads");
    }
}

#[test]
fn a_miner_whose_answers_are_expensive_to_judge_has_no_effort_left_and_the_others_have_theirs() {
    let judged = evaluate(&miners(5), mixed(5, 12), false).judged;
    let own = |uid: u16| {
        let of_uid =
            |judged: &&Judged| judged.record.miner_uid == uid && (100..200).contains(&judged.record.task);
        judged.iter().filter(of_uid).map(|judged| judged.record.score.get()).collect::<Vec<_>>()
    };
    let paid = |uid| own(uid).iter().filter(|score| **score > 0).count();
    assert_eq!(own(1).iter().skip(2).max(), Some(&0), "the first took all but one unit, the second that");
    assert_eq!(own(1)[1], 951_000);
    assert_eq!(
        [paid(0), paid(2), paid(4)],
        [10, 10, 10],
        "one unit for each answer, ten units for each miner"
    );
    let open = judged.iter().filter(|judged| judged.record.task < 100);
    assert!(
        open.into_iter().all(|judged| judged.record.score.get() > 0),
        "what everybody is asked is not limited"
    );
}
