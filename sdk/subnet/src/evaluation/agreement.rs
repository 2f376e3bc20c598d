//! Detection of miners of a round that repeat each other.
//!
//! Every pair of answers to an open task gives *evidence*, in millionths of a nat: the logarithm of a likelihood ratio.
//! The ratio is the probability of the pair if one answer is a copy, over its probability if both were found
//! independently. A shared answer that anybody would have given weighs next to nothing. A shared answer that an
//! independent writer gives once in a million times weighs 14 nats. A pair that differs speaks against copying. Over a
//! round the evidence of a pair adds up.
//!
//! **Why a threshold bounds false alarms.** If two miners are independent, the expected likelihood ratio is 1. By
//! Markov's inequality the probability that it reaches `e^T` is then at most `e^-T`, for any tasks. The default
//! threshold of 16 nats makes that at most one in nine million pairs, as far as the subnet's probabilities are correct.
//! In addition at least two tasks must match, so that a single shared answer proves nothing.
//!
//! Pairs over the threshold are *linked*. Of a linked pair, the member that committed first in most of the matching
//! tasks is paid, because a copier must have seen an answer before repeating it. The other member is not paid: its work
//! is paid through the first. So a *group* of copies is paid once. Only matching tasks decide which member was first:
//! quick nonsense in the others gains nothing. Links are not transitive: a miner that copies two independent miners in
//! turn does not join them to each other.

use std::{cmp::Ordering, collections::BTreeMap};

/// Millionths of a nat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MicroNats(pub i64);

impl MicroNats {
    /// `nats` whole nats.
    pub const fn nats(nats: i64) -> Self {
        Self(nats.saturating_mul(1_000_000))
    }
}

/// Evidence of one task about a pair of miners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Logarithm of the likelihood ratio: positive speaks for copying, negative against.
    pub evidence: MicroNats,
    /// Whether the answers count as the same for the number of matches.
    pub matched: bool,
}

/// Agreements of every two answers, each computed by `agreement` from the two alone.
pub fn every_two<T>(
    answers: &[T],
    agreement: impl Fn(&T, &T) -> Option<Agreement>,
) -> Vec<(usize, usize, Agreement)> {
    let mut pairs = Vec::new();
    for (at, one) in answers.iter().enumerate() {
        let later = answers.iter().enumerate().skip(at + 1);
        pairs.extend(later.filter_map(|(to, other)| Some((at, to, agreement(one, other)?))));
    }
    pairs
}

/// Condition under which a pair is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupRule {
    /// Evidence from which a pair is linked.
    pub threshold: MicroNats,
    /// Matching tasks that a link needs.
    pub matches: u16,
}

impl Default for GroupRule {
    fn default() -> Self {
        Self { threshold: MicroNats::nats(16), matches: 2 }
    }
}

/// Evidence about two miners in one task, by their index in the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairEvidence {
    /// Index of the task in [`CommitPlaces`].
    pub task: usize,
    /// Index of one miner.
    pub one: usize,
    /// Index of the other.
    pub other: usize,
    /// Evidence of the task.
    pub agreement: Agreement,
}

/// Places of the miners' commitments, task by task: `places[task][miner]`, `None` without commitment.
pub type CommitPlaces = Vec<Vec<Option<u8>>>;

/// A miner that repeats another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repeat {
    /// The miner that is not paid.
    pub miner: usize,
    /// The miner through which it is paid: linked to it, and earlier.
    pub through: usize,
}

/// The miners among `count` that repeat another, by index. The order of the evidence does not matter.
pub fn find_repeats(
    count: usize,
    evidence: &[PairEvidence],
    places: &CommitPlaces,
    rule: &GroupRule,
) -> Vec<Repeat> {
    let links = linked_pairs(count, evidence, places, rule);
    let mut paid: Vec<bool> = vec![true; count];
    for link in &links {
        paid[link.later()] = false;
    }
    pay_one_of_each_circle(&links, &mut paid);
    (0..count)
        .filter(|&miner| !paid[miner])
        .filter_map(|miner| Some(Repeat { miner, through: earliest_partner(miner, &links, &paid)? }))
        .collect()
}

/// Two linked miners with the majority of first commitments: positive if `one` leads.
struct Link {
    one: usize,
    other: usize,
    lead: i64,
}

impl Link {
    fn touches(&self, miner: usize) -> bool {
        self.one == miner || self.other == miner
    }

    fn partner(&self, miner: usize) -> usize {
        self.one + self.other - miner
    }

    /// Without a majority the higher index counts as later, so that a tie does not pay twice.
    fn later(&self) -> usize {
        if self.lead >= 0 {
            self.other
        } else {
            self.one
        }
    }
}

fn linked_pairs(
    count: usize,
    evidence: &[PairEvidence],
    places: &CommitPlaces,
    rule: &GroupRule,
) -> Vec<Link> {
    #[derive(Default)]
    struct Sum {
        nats: i64,
        matches: u16,
        lead: i64,
    }
    let mut sums = BTreeMap::<(usize, usize), Sum>::new();
    for pair in evidence {
        let (one, other) = (pair.one.min(pair.other), pair.one.max(pair.other));
        if one == other || other >= count {
            continue;
        }
        let sum = sums.entry((one, other)).or_default();
        sum.nats = sum.nats.saturating_add(pair.agreement.evidence.0);
        if pair.agreement.matched {
            sum.matches = sum.matches.saturating_add(1);
            sum.lead += lead(places.get(pair.task), one, other);
        }
    }
    sums.into_iter()
        .filter(|(_, sum)| sum.nats >= rule.threshold.0 && sum.matches >= rule.matches)
        .map(|((one, other), sum)| Link { one, other, lead: sum.lead })
        .collect()
}

/// 1 if `one` committed before `other` in the task, −1 if after. Having committed is earlier than not having.
fn lead(places: Option<&Vec<Option<u8>>>, one: usize, other: usize) -> i64 {
    let place =
        |miner: usize| places.and_then(|task| task.get(miner).copied().flatten()).map_or(256, u32::from);
    match place(one).cmp(&place(other)) {
        Ordering::Less => 1,
        Ordering::Equal => 0,
        Ordering::Greater => -1,
    }
}

/// Pairwise majorities can run in a circle, in which every miner is later than another. If the partners of an unpaid
/// miner are all unpaid too, one of them is paid: the miner that leads most of its links.
fn pay_one_of_each_circle(links: &[Link], paid: &mut [bool]) {
    let wins =
        |miner: usize| links.iter().filter(|link| link.touches(miner) && link.later() != miner).count();
    let mut order: Vec<usize> = (0..paid.len()).collect();
    order.sort_by_key(|&miner| (std::cmp::Reverse(wins(miner)), miner));
    for miner in order {
        let mut partners = links.iter().filter(|link| link.touches(miner)).map(|link| link.partner(miner));
        if !paid[miner] && partners.all(|partner| !paid[partner]) {
            paid[miner] = true;
        }
    }
}

/// A paid partner if there is one, else any: the one with the lowest index.
fn earliest_partner(miner: usize, links: &[Link], paid: &[bool]) -> Option<usize> {
    let partners = links.iter().filter(|link| link.touches(miner)).map(|link| link.partner(miner));
    partners.min_by_key(|&partner| (!paid[partner], partner))
}

#[cfg(test)]
mod tests;
