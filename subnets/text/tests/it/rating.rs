//! Miners that rate answers with their models, and some that do not.

use std::{collections::BTreeMap, time::Duration};

use myelin_lm::builtin::Level;
use myelin_subnet::{
    evaluation::{
        evaluate_round, take_in, weigh_standings, AskedTask, Delivery, DrawnTask, GroupRule, Outcome,
        RoundFacts, SeedReference, Standings,
    },
    rules::{check, check_text, rules, Terms},
    AnswerContext, MinerRef, Subnet, TaskPlan,
};
use myelin_text::{
    protocol::{TextRequest, TextResponse},
    rating::Comparison,
    TextConfig, TextSubnet,
};
use myelin_wire::{
    record::{LatencyBucket, Reason},
    seed::{Audience, Seed},
};

use crate::field::{honest, library};

fn rating() -> TextSubnet {
    TextSubnet::open(TextConfig { library: Some(library()), rating: true, ..TextConfig::default() }).unwrap()
}

fn plan(subnet: &TextSubnet) -> TaskPlan {
    subnet.tasks().into_iter().find(|plan| plan.kind == "rate").unwrap()
}

/// A way to vote.
enum Rater {
    /// By a model, with a coin instead of so many percent of its votes.
    Model(Level, u64),
    /// By what everybody can see.
    Cue(fn(&Comparison) -> bool),
    /// No votes in form.
    Broken,
}

impl Rater {
    fn votes(&self, request: &TextRequest, own: u8, models: &mut BTreeMap<Level, String>) -> String {
        let mut rng = Seed([own; 32]).derive(b"votes", request.compare[0].bytes() as u64).rng();
        match self {
            Rater::Model(level, coins) => {
                let context = AnswerContext {
                    asker: None,
                    permitted: true,
                    challenge: None,
                    time_left: Duration::from_secs(60),
                };
                let of_model = || honest(*level, own).answer(&context, request).unwrap().completion;
                let votes = models.entry(*level).or_insert_with(of_model);
                let coin = |vote| match rng.below(100) < *coins {
                    true => ['1', '2'][rng.below(2) as usize],
                    false => vote,
                };
                votes.chars().map(coin).collect()
            }
            Rater::Cue(first) => {
                request.compare.iter().map(|comparison| if first(comparison) { '1' } else { '2' }).collect()
            }
            Rater::Broken => "3".repeat(request.compare.len()),
        }
    }
}

#[test]
fn rating_is_a_mechanism_with_rules_of_its_own() {
    let subnet = rating();
    assert!(check(&subnet).is_ok());
    let text = rules(&subnet, 1, Terms::default()).unwrap();
    assert_eq!(check_text(&text, 1), Ok(()));
    assert!(text.contains("\npay agreement 30 30 3 200000 gold-strata-squared\n"), "{text}");
    assert!(text.contains("\ntask rate round 1 1 10000 16384 4 commit\n"), "{text}");
    assert!(text.len() <= 512, "{} bytes", text.len());
    let without = TextSubnet::open(TextConfig::default()).unwrap();
    assert_eq!((without.mechanisms().len(), rules(&without, 1, Terms::default())), (1, None));
    assert_eq!(rules(&without, 0, Terms::default()), rules(&subnet, 0, Terms::default()));
}

const ROUNDS: u32 = 6;

#[test]
fn raters_with_models_are_paid_and_others_are_not() {
    let raters = [
        ("late", Rater::Model(Level::Late, 0)),
        ("late", Rater::Model(Level::Late, 0)),
        ("late, careless", Rater::Model(Level::Late, 10)),
        ("late, more careless", Rater::Model(Level::Late, 25)),
        ("early", Rater::Model(Level::Early, 0)),
        ("early, careless", Rater::Model(Level::Early, 10)),
        ("early, more careless", Rater::Model(Level::Early, 25)),
        ("n-gram", Rater::Model(Level::Ngram, 0)),
        (
            "longer continuation",
            Rater::Cue(|comparison| {
                comparison.first.continuation.len() > comparison.second.continuation.len()
            }),
        ),
        ("longer text", Rater::Cue(|comparison| comparison.first.text.len() > comparison.second.text.len())),
        (
            "secret",
            Rater::Cue(|comparison| comparison.first.text.bytes().fold(0u8, u8::wrapping_add) % 2 == 0),
        ),
        (
            "accomplice",
            Rater::Cue(|comparison| comparison.first.text.bytes().fold(0u8, u8::wrapping_add) % 2 == 0),
        ),
        ("broken", Rater::Broken),
    ];
    let subnet = rating();
    let miners: Vec<MinerRef> =
        (0..raters.len() as u16).map(|uid| MinerRef { uid, hotkey: [uid as u8 + 1; 32] }).collect();
    let mut standings = Standings::new();
    let mut right = vec![0; raters.len()];
    let mut state = Default::default();
    for round in 0..ROUNDS as u16 {
        let task = asked(&subnet, &raters, round, &state);
        let facts = RoundFacts { netuid: 2, epoch: 1, round, mechanism: 1, signer: [9; 32] };
        let rule = GroupRule::default();
        let evaluated =
            evaluate_round(&subnet, &facts, &miners, vec![task], &rule, |_, _| false, &mut state).unwrap();
        let broken = evaluated.judged.last().unwrap();
        assert_eq!(broken.record.reason, Reason::Malformed, "{}", broken.note);
        for (sum, judged) in right.iter_mut().zip(&evaluated.judged) {
            *sum += judged.record.parts.first().map_or(0, |part| part.get());
        }
        take_in(&mut standings, &subnet.mechanisms(), &evaluated.scores, &[]);
    }
    let all: Vec<_> = miners.iter().map(|miner| (*miner, &standings[&(1, miner.hotkey)])).collect();
    let weights = weigh_standings(&subnet.mechanisms()[1], &all);
    for (((name, _), (_, standing)), right) in raters.iter().zip(&all).zip(&right) {
        let (agreement, knowledge) = (standing.average().get(), standing.merit().get());
        println!("{name}: right on gold {}, agreement {agreement}, knowledge {knowledge}", right / ROUNDS);
    }
    println!("{weights:?}");
    let weight = |at: usize| u32::from(weights[at].1);
    let least = (0..7).map(weight).min().unwrap();
    assert!(least > 0, "{weights:?}");
    assert!((8..13).all(|at| 20 * weight(at) <= least), "{weights:?}");
}

/// The rating task of a round, with everybody's votes.
fn asked(
    subnet: &TextSubnet,
    raters: &[(&str, Rater)],
    round: u16,
    state: &<TextSubnet as Subnet>::State,
) -> AskedTask<TextSubnet> {
    let plan = plan(subnet);
    let challenge = subnet.challenge(&plan, &Seed([round as u8 + 1; 32]), state).unwrap();
    let mut models = BTreeMap::new();
    let answer = |(miner, (_, rater)): (usize, &(&str, Rater))| {
        let votes = rater.votes(&challenge.request, miner as u8 + 1, &mut models);
        Delivery {
            miner,
            request: [0; 32],
            answer: [miner as u8 + 1; 32],
            signed: true,
            commit_place: Some(miner as u8),
            latency: LatencyBucket::of_ms(100),
            outcome: Outcome::Answered(TextResponse::plain(votes)),
        }
    };
    let deliveries = raters.iter().enumerate().map(answer).collect();
    let seed = SeedReference([round as u8 + 1; 32]);
    let task = DrawnTask { plan, number: 0, seed, audience: Audience::Round, challenge };
    AskedTask { task, deliveries }
}
