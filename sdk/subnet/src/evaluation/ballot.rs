//! The votes of a round, over all of its tasks.

use std::panic::{catch_unwind, AssertUnwindSafe};

use myelin_wire::record::Reason;

use super::{
    judging::Received,
    raters::{rate, Information, Item, RatingRule, Side},
    round::{Judged, Outcome, Scores},
};
use crate::subnet::Subnet;

/// Comparisons of a task, and the votes on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ballot {
    /// The comparisons.
    pub items: Vec<Item>,
    /// The votes of each answer, in the order of the comparisons. Missing ones count as no vote.
    pub votes: Vec<Vec<Option<Side>>>,
}

/// Agreement and knowledge of each miner. Nothing counts for anybody where the round says too little.
pub(super) fn rate_round<S: Subnet>(
    subnet: &S,
    rule: &RatingRule,
    miners: usize,
    asked: &[Received<S>],
    judged: &[Judged],
) -> Vec<Scores> {
    let (mut items, mut votes) = (Vec::<Item>::new(), vec![Vec::new(); miners]);
    let mut counts = vec![false; miners];
    let mut judged = judged.iter();
    for task in asked {
        let Ballot { items: more, votes: cast } = ballot_of(subnet, task);
        let mut cast = cast.into_iter();
        for (delivery, judged) in task.deliveries.iter().zip(judged.by_ref()) {
            counts[delivery.miner] |= judged.record.reason.counts();
            let answered = matches!(delivery.outcome, Outcome::Answered(()));
            let own = if answered { cast.next() } else { None };
            if judged.record.reason == Reason::Scored {
                let votes = &mut votes[delivery.miner];
                votes.resize(items.len(), None);
                votes.extend(own.into_iter().flatten().take(more.len()));
            }
        }
        items.extend(more);
    }
    let Some(rated) = rate(rule, &items, &votes) else { return vec![(None, None); miners] };
    let scores = |(Information { agreement, knowledge }, counts): (_, bool)| -> Scores {
        (counts.then_some(agreement), counts.then_some(knowledge))
    };
    rated.into_iter().zip(counts).map(scores).collect()
}

/// A task whose code panics has no comparisons.
fn ballot_of<S: Subnet>(subnet: &S, task: &Received<S>) -> Ballot {
    let ballot = catch_unwind(AssertUnwindSafe(|| subnet.ballot(&task.task.challenge, &task.answers)));
    let ballot = ballot.unwrap_or_else(|_| {
        tracing::error!(
            kind = task.task.plan.kind,
            "the subnet's code panicked on votes; they count for nobody"
        );
        None
    });
    ballot.unwrap_or_default()
}
