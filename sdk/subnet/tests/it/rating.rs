//! A subnet whose miners rate: each item shows two lists of numbers, and the list with the larger mean is better.

use std::{sync::Arc, time::Duration};

use myelin_subnet::{
    evaluation::{raters::Item, Ballot, GroupRule, RatingRule, Side},
    evidence::{audit_round, EvidenceFolder},
    rules::{check, check_text, rules, Terms},
    Answer, AnswerContext, AnswerError, Challenge, Judgement, Mechanism, Miner, Share, Subnet, SubnetError,
    TaskPlan, Validator, ValidatorOptions,
};
use myelin_wire::{
    hash::blake2_256,
    record::{PartRule, Ppm, Reason, Rubric},
    seed::Seed,
};
use serde::{Deserialize, Serialize};

use crate::network::{key, report_where, Network};

/// How a miner votes.
#[derive(Clone, Copy)]
enum Style {
    /// By the means, wrong in one of ten cases of its own.
    Honest(u8),
    /// By the longer list.
    Length,
    /// By the hash of the item.
    Hash,
    /// With more votes than there are items.
    Flood,
}

struct Rating {
    rubric: Rubric,
    style: Style,
    /// Whether miners commit to their votes.
    commit: bool,
}

/// Two lists of numbers.
type Lists = (Vec<u8>, Vec<u8>);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Items {
    items: Vec<Lists>,
}

/// 1 for the first list, 2 for the second.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Votes {
    votes: Vec<u8>,
}

impl Subnet for Rating {
    const NAME: &'static str = "Rating";
    const VERSION: u32 = 1;
    type Request = Items;
    type Response = Votes;
    /// The better side of every second item: 1 or 2, and 0 where the validator does not know it.
    type Hidden = Vec<u8>;
    type Config = Style;
    type State = ();

    fn open(style: Style) -> Result<Self, SubnetError> {
        let rubric = Rubric::new("ratings", 1, vec![PartRule::Share { name: "cast", weight: 1 }])
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "fix the rubric"))?;
        Ok(Self { rubric, style, commit: true })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        vec![Mechanism::rate(RatingRule::default())]
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        vec![TaskPlan {
            mechanism: 0,
            kind: "rate",
            share: Share::Round,
            count: 2,
            commit: self.commit,
            deadline: Duration::from_secs(2),
            fastest: Duration::ZERO,
            answer_limit: 800,
            weight: 1,
        }]
    }

    fn challenge(&self, _: &TaskPlan, seed: &Seed, _: &()) -> Result<Challenge<Self>, SubnetError> {
        let mut rng = seed.rng();
        let mut lists = || {
            let mut list = |len: usize| (0..len).map(|_| rng.below(100) as u8).collect::<Vec<u8>>();
            (list(4), list(6))
        };
        let items: Vec<Lists> = (0..64).map(|_| lists()).collect();
        let mut swap = seed.derive(b"swap", 0).rng();
        let shown = |(one, other)| if swap.below(2) == 0 { (one, other) } else { (other, one) };
        let items: Vec<Lists> = items.into_iter().map(shown).collect();
        let truth = items.iter().enumerate().map(|(at, item)| if at % 2 == 0 { better(item) } else { 0 });
        let hidden = truth.collect();
        Ok(Challenge { request: Items { items }, hidden })
    }

    fn score(&self, task: &Challenge<Self>, answers: &[Answer<Votes>], _: &mut ()) -> Vec<Judgement> {
        let judge = |answer: &Answer<Votes>| match answer.response.votes.len() == task.request.items.len() {
            true => Judgement { parts: vec![Ppm::ONE], reason: Reason::Scored, note: "votes cast".into() },
            false => Judgement::refused(Reason::Malformed, "not one vote for each item"),
        };
        answers.iter().map(judge).collect()
    }

    fn ballot(&self, task: &Challenge<Self>, answers: &[Answer<Votes>]) -> Option<Ballot> {
        let item = |((first, second), truth): (&Lists, &u8)| Item {
            stratum: u8::from(first.len() > second.len()),
            truth: side(truth),
        };
        let items = task.request.items.iter().zip(&task.hidden).map(item).collect();
        let votes = answers.iter().map(|answer| answer.response.votes.iter().map(side).collect()).collect();
        Some(Ballot { items, votes })
    }

    fn answer(&self, _: &AnswerContext, asked: &Items) -> Result<Votes, AnswerError> {
        let vote = |item: &Lists| match self.style {
            Style::Honest(own) => {
                let draw = blake2_256(&[&[own], item.0.as_slice(), item.1.as_slice()].concat());
                if draw[0] < 26 {
                    3 - better(item)
                } else {
                    better(item)
                }
            }
            Style::Length => 1 + u8::from(item.1.len() > item.0.len()),
            Style::Hash | Style::Flood => 1 + blake2_256(&item.0)[0] % 2,
        };
        let votes: Vec<u8> = asked.items.iter().map(vote).collect();
        Ok(Votes { votes: if matches!(self.style, Style::Flood) { votes.repeat(2) } else { votes } })
    }
}

/// The side with the larger mean: longer lists are no better.
fn better((first, second): &Lists) -> u8 {
    let mean = |list: &[u8], other: &[u8]| -> usize {
        list.iter().map(|number| usize::from(*number)).sum::<usize>() * other.len()
    };
    1 + u8::from(mean(second, first) > mean(first, second))
}

fn side(vote: &u8) -> Option<Side> {
    match vote {
        1 => Some(Side::First),
        2 => Some(Side::Second),
        _ => None,
    }
}

async fn miner(network: &Network, name: &str, style: Style) -> Miner {
    let key = key(name);
    network.chain.register(key.public(), false);
    let subnet = Arc::new(Rating::open(style).unwrap());
    Miner::start(subnet, network.chain.signed_by(key.public()), key, network.options(name)).await.unwrap()
}

#[test]
fn how_agreement_is_paid_is_a_rule_and_needs_commitments() {
    let mut subnet = Rating::open(Style::Length).unwrap();
    let text = rules(&subnet, 0, Terms::default()).unwrap();
    assert!(
        text.contains("\npay agreement 30 30 3 200000 gold-strata-squared\naverage 400000 0\n"),
        "{text}"
    );
    assert_eq!(check_text(&text, 0), Ok(()));
    assert!(check(&subnet).is_ok());
    subnet.commit = false;
    let refused = check(&subnet).unwrap_err().to_string();
    assert!(refused.contains("miners could copy votes"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn raters_are_paid_for_what_their_votes_tell_and_an_auditor_finds_the_same() {
    let network = Network::start(300, true);
    let honest = ["one", "two", "three", "four", "five"];
    let mut miners = Vec::new();
    for (own, name) in (0..).zip(honest) {
        miners.push(miner(&network, name, Style::Honest(own)).await);
    }
    for (name, style) in [
        ("longer", Style::Length),
        ("longest", Style::Length),
        ("hash", Style::Hash),
        ("secret", Style::Hash),
        ("flood", Style::Flood),
    ] {
        miners.push(miner(&network, name, style).await);
    }
    network.announced().await;
    let folder = network.validator_folder("v1");
    let validator = {
        let options = ValidatorOptions::new(myelin_subnet::testkit::NETUID, folder.clone());
        let subnet = Arc::new(Rating::open(Style::Length).unwrap());
        let key = key("v1");
        Validator::start(subnet, network.chain.signed_by(key.public()), key, options).await.unwrap()
    };
    let report = report_where(&validator, "weights after some rounds", |report| {
        let rounds = report.standings.iter().map(|standing| standing.rounds).max();
        rounds >= Some(4) && !report.weights.is_empty()
    })
    .await;
    validator.shutdown(Duration::from_secs(10)).await;

    let weights: Vec<(u16, u16)> = report
        .weights
        .values()
        .flat_map(|(_, row)| row.uids.iter().copied().zip(row.values.iter().copied()))
        .collect();
    let weight = |name: &str| {
        let uid = network.uid(name) as u16;
        weights.iter().find(|weight| weight.0 == uid).map_or(0, |weight| weight.1)
    };
    let least = honest.iter().map(|name| weight(name)).min().unwrap();
    assert!(least > 10_000, "{weights:?}");
    for cheat in ["longer", "longest", "hash", "secret", "flood"] {
        assert!(u32::from(weight(cheat)) * 20 <= u32::from(least), "{cheat}: {weights:?}");
    }

    let evidence = EvidenceFolder { path: folder.join("evidence"), keep: 100 };
    let subnet = Arc::new(Rating::open(Style::Length).unwrap());
    let mut audited = 0;
    for epoch in evidence.epochs() {
        for round in evidence.rounds(epoch) {
            let audit = audit_round(&subnet, &evidence, epoch, round, &GroupRule::default(), &mut ());
            assert_eq!(audit.faults, [""; 0], "epoch {epoch} round {round}");
            audited += audit.records;
        }
    }
    assert!(audited >= 80, "{audited} records");
}
