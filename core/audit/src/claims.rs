//! Claims of validators that a miner gave no answer, beside those of the other validators in the same epoch.
//!
//! A miner that is away is away for all. A validator whose part of such claims is far above that of the others either
//! has a broken line to the miner, or was not served by it, or makes the claims up. Nothing here tells which. The
//! finding says that its claims stand alone, and how likely that is by chance.
//!
//! # The test
//! Only validators that asked the miner count, and there must be at least [`LEAST_OTHERS`] others. Let `q` be the
//! median of the others' parts, the upper one of two. The fifth of the rounds in which the validator's claims exceed
//! `q` most is left out, rounded up, so a short interruption says nothing. In the remaining rounds there must be
//! [`LEAST_CLAIMS`], and
//!
//! 1. the validator's part must be at least [`LEAST_EXCESS`] above `q`, so that a line that is broken for less than a
//!    fifth of the epoch says nothing;
//! 2. its claims must be improbable if all validators have the same part. The upper tail of the hypergeometric
//!    distribution, with all records of the others together, is at most [`MOST_CHANCE`] divided by the number of pairs.

use std::collections::BTreeMap;

use myelin_units::Uid;

/// Other validators that must have asked the same miner.
pub const LEAST_OTHERS: usize = 2;

/// One of so many rounds is left out.
const LEFT_OUT: usize = 5;

/// Claims without which nothing is said, outside the rounds that are left out.
pub const LEAST_CLAIMS: u64 = 4;

/// Excess of a validator's part over the others' median, in millionths.
pub const LEAST_EXCESS: u64 = 200_000;

/// Chance that an epoch without differences between validators has a finding.
pub const MOST_CHANCE: f64 = 0.001;

/// Records of a validator about a miner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Requests.
    pub asked: u64,
    /// Those of them without an answer in time, as the validator says.
    pub denied: u64,
}

impl Count {
    /// Both together, saturated.
    pub fn plus(self, other: Self) -> Self {
        Self {
            asked: self.asked.saturating_add(other.asked),
            denied: self.denied.saturating_add(other.denied),
        }
    }

    /// The claims that there are; there cannot be more of them than requests.
    fn claims(self) -> u64 {
        self.denied.min(self.asked)
    }

    /// The part without an answer in millionths, rounded down; 0 without requests.
    pub fn part(self) -> u64 {
        let part = u128::from(self.claims()) * 1_000_000 / u128::from(self.asked.max(1));
        u64::try_from(part).unwrap_or(1_000_000)
    }
}

/// A miner in an epoch: its uid and the digest of its hotkey, as records name it.
pub type Miner = (Uid, [u8; 16]);

/// The claims of a validator about a miner in an epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The validator.
    pub validator: Uid,
    /// The miner.
    pub miner: Miner,
    /// Its rounds, in any order.
    pub rounds: Vec<Count>,
}

impl Claims {
    /// All rounds together.
    pub fn all(&self) -> Count {
        self.rounds.iter().fold(Count::default(), |sum, round| sum.plus(*round))
    }

    /// All rounds but a fifth of them, rounded up: those in which the claims exceed a part in millionths most.
    fn without_worst(&self, part: u64) -> Count {
        let excess = |round: &&Count| {
            let due = i128::from(part).saturating_mul(round.asked.into());
            i128::from(round.claims()).saturating_mul(1_000_000).saturating_sub(due)
        };
        let mut rounds: Vec<&Count> = self.rounds.iter().collect();
        rounds.sort_by_key(excess);
        let kept = rounds.len() - rounds.len().div_ceil(LEFT_OUT);
        rounds.into_iter().take(kept).fold(Count::default(), |sum, round| sum.plus(*round))
    }
}

/// A validator whose claims about a miner stand alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alone {
    /// The validator.
    pub validator: Uid,
    /// The miner.
    pub miner: Miner,
    /// Its records of the whole epoch.
    pub own: Count,
    /// Median of the others' parts in millionths, the upper one of two.
    pub median: u64,
    /// Other validators that asked the miner.
    pub others: usize,
    /// Answers of the miner that all these validators say they got.
    pub received: u64,
    /// Chance of such claims, or more, if all validators had the same part.
    pub chance: f64,
}

/// Result of a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Pairs of a validator and a miner that were compared.
    pub pairs: usize,
    /// Those whose claims stand alone, by miner and validator.
    pub alone: Vec<Alone>,
}

/// Compares the claims of all validators of an epoch. Each pair of a validator and a miner occurs once.
pub fn compare(claims: &[Claims]) -> Comparison {
    let mut by_miner: BTreeMap<Miner, Vec<&Claims>> = BTreeMap::new();
    for pair in claims.iter().filter(|pair| pair.all().asked > 0) {
        by_miner.entry(pair.miner).or_default().push(pair);
    }
    by_miner.retain(|_, asking| asking.len() > LEAST_OTHERS);
    let pairs = by_miner.values().map(Vec::len).sum();
    let mut alone = Vec::new();
    for asking in by_miner.values_mut() {
        asking.sort_by_key(|pair| pair.validator);
        alone.extend((0..asking.len()).filter_map(|at| stands_alone(asking, at, pairs)));
    }
    Comparison { pairs, alone }
}

/// The finding about one of the validators that asked a miner.
fn stands_alone(asking: &[&Claims], at: usize, pairs: usize) -> Option<Alone> {
    let pair = asking.get(at)?;
    let others = asking.iter().enumerate().filter(|(place, _)| *place != at);
    let others: Vec<Count> = others.map(|(_, other)| other.all()).collect();
    let mut parts: Vec<u64> = others.iter().map(|other| other.part()).collect();
    parts.sort_unstable();
    let median = parts.get(parts.len() / 2).copied()?;
    let rest = pair.without_worst(median);
    if rest.claims() < LEAST_CLAIMS || rest.part() < median.saturating_add(LEAST_EXCESS) {
        return None;
    }
    let together = others.iter().fold(Count::default(), |sum, other| sum.plus(*other));
    let chance = upper_tail(rest, together);
    let own = pair.all();
    let received = together.plus(own);
    (chance * pairs as f64 <= MOST_CHANCE).then(|| Alone {
        validator: pair.validator,
        miner: pair.miner,
        own,
        median,
        others: others.len(),
        received: received.asked.saturating_sub(received.denied),
        chance,
    })
}

/// Chance that of the claims of two, distributed over all their records blindly, the first has as many as it has, or
/// more.
fn upper_tail(first: Count, second: Count) -> f64 {
    let (of_first, all) = (first.claims(), first.claims().saturating_add(second.claims()));
    let (asked, rest) = (first.asked as f64, second.asked as f64);
    let mut term = exactly(first, second);
    let mut sum = term;
    for claims in of_first..all.min(first.asked) {
        let (claims, left) = (claims as f64, (all - claims) as f64);
        term *= left * (asked - claims) / ((claims + 1.0) * (rest - left + 1.0));
        sum += term;
        if term < sum * 1e-12 {
            break;
        }
    }
    sum.min(1.0)
}

/// Chance of exactly these claims of the first: `C(n, s) · C(N, S) / C(n + N, s + S)`. Factors above and below 1 are
/// multiplied by turns, so the product neither overflows nor vanishes too early.
fn exactly(first: Count, second: Count) -> f64 {
    let (of_first, all) = (first.claims(), first.claims().saturating_add(second.claims()));
    let total = first.asked.saturating_add(second.asked) as f64;
    let mut ways = (0..of_first).map(|at| (all - at) as f64 / (of_first - at) as f64);
    let mut draws = (0..all).map(|at| {
        let left = match at < of_first {
            true => first.asked - at,
            false => second.asked - (at - of_first),
        };
        left as f64 / (total - at as f64)
    });
    let mut chance = 1.0;
    loop {
        let factor = if chance < 1.0 {
            ways.next().or_else(|| draws.next())
        } else {
            draws.next().or_else(|| ways.next())
        };
        match factor {
            Some(factor) if chance > 0.0 => chance *= factor,
            _ => return chance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(asked: u64, denied: u64) -> Count {
        Count { asked, denied }
    }

    /// Claims about miner 7, each round with as many requests.
    fn told(validator: Uid, asked: u64, denied: &[u64]) -> Claims {
        let rounds = denied.iter().map(|denied| count(asked, *denied)).collect();
        Claims { validator, miner: (7, [7; 16]), rounds }
    }

    #[test]
    fn chances_are_those_of_the_distribution() {
        // C(4,3)·C(6,1)/C(10,4) + C(4,4)·C(6,0)/C(10,4) = (24 + 1) / 210.
        assert!((upper_tail(count(4, 3), count(6, 1)) - 25.0 / 210.0).abs() < 1e-12);
        assert!((upper_tail(count(4, 0), count(6, 4)) - 1.0).abs() < 1e-12);
        assert!((upper_tail(count(3, 3), count(3, 3)) - 1.0).abs() < 1e-12);
        let sure = upper_tail(count(5_000, 5_000), count(300_000, 0));
        assert!((0.0..1e-300).contains(&sure), "{sure}");
        let broad = upper_tail(count(100_000, 5_000), count(1_000_000, 50_000));
        assert!((0.4..0.6).contains(&broad), "{broad}");
        let impossible = upper_tail(count(2, 9), count(2, 9));
        assert!((impossible - 1.0).abs() < 1e-12, "more claims than requests count as all");
    }

    #[test]
    fn claims_that_stand_alone_are_found_with_all_their_numbers() {
        let claims = [
            told(1, 20, &[1, 0, 2]),
            told(2, 20, &[8, 8, 8]),
            told(3, 20, &[0, 0, 1]),
            told(4, 20, &[1, 1, 1]),
        ];
        let Comparison { pairs, alone } = compare(&claims);
        assert_eq!((pairs, alone.len()), (4, 1));
        let found = alone[0];
        assert_eq!((found.validator, found.miner.0, found.own, found.others), (2, 7, count(60, 24), 3));
        assert_eq!((found.median, found.received), (50_000, 60 * 4 - 24 - 3 - 1 - 3));
        assert!(found.chance < MOST_CHANCE / 4.0);
    }

    #[test]
    fn one_round_a_small_excess_few_records_or_few_others_say_nothing() {
        let others = [told(1, 20, &[0, 0, 0]), told(3, 20, &[0, 0, 0])];
        let alone = |pair: Claims| compare(&[others[0].clone(), pair, others[1].clone()]).alone.len();
        assert_eq!(alone(told(2, 20, &[20, 20, 20])), 1);
        assert_eq!(alone(told(2, 20, &[20, 0, 0])), 0, "one round");
        assert_eq!(alone(told(2, 20, &[20])), 0, "a single round");
        assert_eq!(alone(told(2, 2_000, &[380, 380, 380])), 0, "19 %");
        assert_eq!(alone(told(2, 2_000, &[401, 401, 401])), 1, "20 %");
        assert_eq!(alone(told(2, 1, &[1, 1, 1])), 0, "three records");
        assert_eq!(alone(told(2, 0, &[0, 0])), 0, "nothing asked");
        assert!(compare(&[others[0].clone(), told(2, 20, &[20, 20, 20])]).alone.is_empty(), "one other");
        let mut elsewhere = others[1].clone();
        elsewhere.miner.1 = [8; 16];
        let three = [others[0].clone(), told(2, 20, &[20, 20, 20]), elsewhere];
        assert_eq!(compare(&three).pairs, 0, "another hotkey under the same uid");
    }

    #[test]
    fn a_miner_that_is_away_is_away_for_all() {
        let away = |validator| told(validator, 20, &[20, 20, 20]);
        assert!(compare(&[away(1), away(2), away(3)]).alone.is_empty());
        // Two of three that claim it: the third does not stand alone with its answers, and they do not either.
        assert!(compare(&[away(1), away(2), told(3, 20, &[0, 0, 0])]).alone.is_empty());
    }
}
