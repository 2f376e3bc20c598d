//! Peer evaluation: information in what raters say about the same comparisons.
//!
//! A rater gets *items*. Each shows two answers, and the rater votes for the better *side*. All raters of a round get
//! the same items and commit to their votes before any is opened. Two things are measured, both as covariances of
//! votes, +1 for the first side and −1 for the second:
//!
//! - **agreement**: with the votes of other raters, over items whose better side nobody knows;
//! - **knowledge**: with the truth, over *gold* items whose better side the validator knows. Raters cannot tell gold
//!   from other items.
//!
//! **Why both.** Raters can agree on anything that they all see, such as the length of an answer. Agreement alone would
//! pay that. Votes by length tell nothing about gold. Knowledge alone could be had by answering gold alone, as soon as
//! somebody can tell it. So pay follows the smaller of the two ([`Information::worth`]).
//!
//! **Strata.** Items that look alike from outside, for example those whose first side is longer, form a stratum.
//! Covariances are taken within strata. A vote that follows from the stratum is constant there and agrees with nobody.
//!
//! **Scale.** Open items may be harder than gold. The median over all pairs of `covariance / (knowledge · knowledge)`
//! is the *scale*, by which knowledge is multiplied. A cabal of a part `f` of the raters makes up only `f²` of the
//! pairs.
//!
//! **Copies.** Raters that share their errors on gold share their pay. The correlation of errors is taken in relation
//! to that of the median pair, because some items are hard for everybody. An exact copy halves the pay of both, and
//! does not count as a peer.
//!
//! Numbers are millionths in whole numbers. Every division rounds down.

use myelin_wire::record::Ppm;
use serde::{Deserialize, Serialize};

/// Most raters of a round. Those beyond it are not rated.
pub const MOST_RATERS: usize = 1_024;

/// Most items of a round. Those beyond it are left out.
pub const MOST_ITEMS: usize = 512;

/// Most strata. Items of a higher stratum are left out.
pub const MOST_STRATA: usize = 16;

/// A side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// The answer shown first.
    First,
    /// The answer shown second.
    Second,
}

/// A comparison, as far as pay depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Number of its stratum, below [`MOST_STRATA`].
    pub stratum: u8,
    /// The better side, of a gold item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truth: Option<Side>,
}

/// Condition under which a round of ratings counts, and the time over which it is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RatingRule {
    /// Items on which both raters of a pair vote; a pair with fewer counts for nothing. Also the fewest gold items.
    pub shared: u16,
    /// Raters with knowledge that each rater is compared with. In a round with fewer nobody is rated.
    pub peers: u16,
    /// Knowledge from which a rater's votes are compared with those of others.
    pub informed: Ppm,
    /// Rounds over which information is averaged, at most [`WINDOW`](super::ladder::WINDOW).
    pub rounds: usize,
}

impl Default for RatingRule {
    fn default() -> Self {
        Self { shared: 30, peers: 3, informed: Ppm::new(200_000), rounds: 30 }
    }
}

/// Information of one rater in a round. Both parts are signed: 500,000 is none, less is worse than chance.
///
/// Luck therefore cancels in the mean over several rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Information {
    /// `1/2 + agreement / 2`, divided among copies.
    pub agreement: Ppm,
    /// `1/2 + scale · knowledge / 2`, divided among copies.
    pub knowledge: Ppm,
}

impl Information {
    /// No information.
    pub const NONE: Self = Self { agreement: NEUTRAL, knowledge: NEUTRAL };

    /// Worth of the mean information of several rounds: the square of the smaller part above chance.
    ///
    /// The square, because the information of a weak signal grows with the square of its correlation. It is taken of
    /// the mean over rounds: the square of each round would pay luck.
    pub fn worth(self) -> Ppm {
        let above = |part: Ppm| part.get().saturating_sub(NEUTRAL.get()) * 2;
        let least = Ppm::new(above(self.agreement).min(above(self.knowledge)));
        least.of(least)
    }
}

/// The level of a part that shows no information.
pub const NEUTRAL: Ppm = Ppm::new(ONE as u32 / 2);

const ONE: i64 = 1_000_000;

/// Least variance of errors that counts. Otherwise two raters without errors but for a common one would be copies.
const ERROR_FLOOR: i64 = ONE / 32;

/// Information of each rater, from its votes on the items in their order; missing votes count as none.
///
/// `None` if the round says nothing: too few gold items, or too few raters that know something. The order of the raters
/// changes nothing.
pub fn rate(rule: &RatingRule, items: &[Item], votes: &[Vec<Option<Side>>]) -> Option<Vec<Information>> {
    let rated = &votes[..votes.len().min(MOST_RATERS)];
    let gold = Field::new(items, true);
    let open = Field::new(items, false);
    let truth: Vec<Option<Side>> = items.iter().map(|item| item.truth).collect();
    let truth = gold.tally(&truth);
    let spread = gold.covariance(&truth, &truth);
    if gold.items.len() < rule.shared.into() || gold.freedom < 2 || open.freedom < 1 || spread <= 0 {
        return None;
    }
    let on_gold: Vec<Tally> = rated.iter().map(|votes| gold.tally(votes)).collect();
    let on_open: Vec<Tally> = rated.iter().map(|votes| open.tally(votes)).collect();
    let with_truth: Vec<i64> = on_gold.iter().map(|tally| gold.covariance(tally, &truth)).collect();
    let known: Vec<i64> = with_truth.iter().map(|covariance| (covariance * ONE).div_euclid(spread)).collect();

    let pairs = compare(rule, &open, &on_open, &known);
    let informed = known.iter().filter(|known| is_informed(rule, **known)).count();
    if informed <= rule.peers.into() {
        return None;
    }
    let scale = scale(rule, &pairs, &known);
    let errors = Errors { gold: &gold, votes: &on_gold, with_truth: &with_truth, spread };
    let likeness = errors.likeness(|rater| is_informed(rule, known[rater]));
    let mut all: Vec<Information> = (0..rated.len())
        .map(|rater| {
            let is_peer = |peer: &usize| *peer != rater && !likeness.are_copies(rater, *peer);
            let found = agreement(rule, &pairs[rater], &known, is_peer, gold.items.len());
            let Some(agreement) = found else { return Information::NONE };
            // The worth is a square, so the root of the share divides the worth.
            let divisor = root(likeness.share(rater) * ONE).max(ONE);
            let part = |value: i64| signed((value.clamp(-ONE, ONE) * ONE).div_euclid(divisor));
            let knowledge = (known[rater] * scale).div_euclid(ONE);
            Information { agreement: part(agreement), knowledge: part(knowledge) }
        })
        .collect();
    all.resize(votes.len(), Information::NONE);
    Some(all)
}

/// A signed value as a part.
fn signed(value: i64) -> Ppm {
    let part = (ONE + value.clamp(-ONE, ONE)).div_euclid(2);
    Ppm::new(u32::try_from(part).unwrap_or_default())
}

fn is_informed(rule: &RatingRule, known: i64) -> bool {
    known >= i64::from(rule.informed.get()) && known > 0
}

/// Items of one kind, gold or open.
struct Field {
    /// Index of each item and its stratum.
    items: Vec<(usize, usize)>,
    /// Strata that have items: number and size.
    strata: Vec<(usize, i64)>,
    /// Degrees of freedom: items less strata.
    freedom: i64,
}

/// Votes of one rater on a field.
struct Tally {
    first: Vec<u64>,
    second: Vec<u64>,
    /// Sum of votes in each stratum.
    sums: [i64; MOST_STRATA],
}

impl Field {
    fn new(items: &[Item], gold: bool) -> Self {
        let all = items.iter().take(MOST_ITEMS).enumerate();
        let fitting = all.filter(|(_, item)| item.truth.is_some() == gold);
        let items: Vec<(usize, usize)> = fitting
            .map(|(at, item)| (at, usize::from(item.stratum)))
            .filter(|(_, stratum)| *stratum < MOST_STRATA)
            .collect();
        let mut sizes = [0; MOST_STRATA];
        items.iter().for_each(|(_, stratum)| sizes[*stratum] += 1);
        let strata: Vec<(usize, i64)> = sizes.into_iter().enumerate().filter(|(_, size)| *size > 0).collect();
        let freedom = (items.len() - strata.len()) as i64;
        Self { items, strata, freedom }
    }

    fn tally(&self, votes: &[Option<Side>]) -> Tally {
        let words = self.items.len().div_ceil(64);
        let mut tally = Tally { first: vec![0; words], second: vec![0; words], sums: [0; MOST_STRATA] };
        for (bit, (item, stratum)) in self.items.iter().enumerate() {
            let (side, sign) = match votes.get(*item).copied().flatten() {
                Some(Side::First) => (&mut tally.first, 1),
                Some(Side::Second) => (&mut tally.second, -1),
                None => continue,
            };
            side[bit / 64] |= 1 << (bit % 64);
            tally.sums[*stratum] += sign;
        }
        tally
    }

    /// Covariance within strata: `(sum of products − sum over strata of sum · sum / size) / freedom`.
    fn covariance(&self, one: &Tally, other: &Tally) -> i64 {
        let strata = self.strata.iter();
        let means: i64 =
            strata.map(|&(at, size)| (one.sums[at] * other.sums[at] * ONE).div_euclid(size)).sum();
        (one.products(other) * ONE - means).checked_div_euclid(self.freedom).unwrap_or_default()
    }
}

impl Tally {
    /// Sum of the products of votes.
    fn products(&self, other: &Self) -> i64 {
        let both = |one: &[u64], other: &[u64]| -> i64 {
            one.iter().zip(other).map(|(one, other)| i64::from((one & other).count_ones())).sum()
        };
        both(&self.first, &other.first) + both(&self.second, &other.second)
            - both(&self.first, &other.second)
            - both(&self.second, &other.first)
    }

    /// Items on which both vote.
    fn shared(&self, other: &Self) -> u32 {
        let voted = |one: &Self, at: usize| one.first[at] | one.second[at];
        (0..self.first.len()).map(|at| (voted(self, at) & voted(other, at)).count_ones()).sum()
    }
}

/// Covariance of every two raters on open items; `None` for pairs that do not count.
fn compare(rule: &RatingRule, open: &Field, votes: &[Tally], known: &[i64]) -> Vec<Vec<Option<i64>>> {
    let mut pairs = vec![vec![None; votes.len()]; votes.len()];
    for one in 0..votes.len() {
        for other in one + 1..votes.len() {
            let counts = is_informed(rule, known[one]) || is_informed(rule, known[other]);
            if counts && votes[one].shared(&votes[other]) >= rule.shared.into() {
                let found = Some(open.covariance(&votes[one], &votes[other]));
                (pairs[one][other], pairs[other][one]) = (found, found);
            }
        }
    }
    pairs
}

/// How much raters that know something agree, in relation to what they know: the median over pairs, 0 to 1.
fn scale(rule: &RatingRule, pairs: &[Vec<Option<i64>>], known: &[i64]) -> i64 {
    let mut ratios = Vec::new();
    for (one, row) in pairs.iter().enumerate().filter(|(one, _)| is_informed(rule, known[*one])) {
        for (other, found) in row.iter().enumerate().skip(one + 1) {
            if let Some(found) = found.filter(|_| is_informed(rule, known[other])) {
                let due = (known[one] * known[other]).div_euclid(ONE).max(1);
                ratios.push((found * ONE).div_euclid(due));
            }
        }
    }
    median(ratios).unwrap_or_default().clamp(0, ONE)
}

/// A rater's agreement: `sum of known · covariance / sum of known²` over informed peers. `None` with too few.
///
/// The square of a measured knowledge is too large by its variance, `(1 − known²) / (gold − 1)`, which is taken off.
fn agreement(
    rule: &RatingRule,
    row: &[Option<i64>],
    known: &[i64],
    is_peer: impl Fn(&usize) -> bool,
    gold: usize,
) -> Option<i64> {
    let gold = gold as i64;
    let (mut sum, mut due, mut peers) = (0i64, 0i64, 0u16);
    for (peer, found) in row.iter().enumerate().filter(|(peer, _)| is_peer(peer)) {
        if let Some(found) = found.filter(|_| is_informed(rule, known[peer])) {
            let square = (known[peer] * known[peer]).div_euclid(ONE);
            sum += (known[peer] * found).div_euclid(ONE);
            due += (gold * square - ONE).div_euclid((gold - 1).max(1)).max(0);
            peers = peers.saturating_add(1);
        }
    }
    (peers >= rule.peers && due > 0).then(|| (sum * ONE).div_euclid(due))
}

/// Errors of raters on gold items.
struct Errors<'a> {
    gold: &'a Field,
    votes: &'a [Tally],
    with_truth: &'a [i64],
    spread: i64,
}

impl Errors<'_> {
    /// Covariance of the errors of two raters: of their votes, less what follows from the truth.
    fn covariance(&self, one: usize, other: usize) -> i64 {
        let due = (self.with_truth[one] * self.with_truth[other]).div_euclid(self.spread);
        self.gold.covariance(&self.votes[one], &self.votes[other]) - due
    }

    /// Correlation of the errors of every two raters, above that of the median pair of raters that know something.
    /// Others would lower the median.
    fn likeness(&self, is_informed: impl Fn(usize) -> bool) -> Likeness {
        let raters = self.votes.len();
        let spreads: Vec<i64> = (0..raters).map(|rater| self.covariance(rater, rater).max(0)).collect();
        let mut pairs = vec![vec![0; raters]; raters];
        let mut all = Vec::new();
        for one in 0..raters {
            for other in (one + 1..raters).filter(|other| spreads[one] > 0 && spreads[*other] > 0) {
                let product = spreads[one].max(ERROR_FLOOR) * spreads[other].max(ERROR_FLOOR);
                let found = (self.covariance(one, other) * ONE).div_euclid(root(product).max(1));
                let found = found.clamp(-ONE, ONE);
                (pairs[one][other], pairs[other][one]) = (found, found);
                all.extend((is_informed(one) && is_informed(other)).then_some(found));
            }
        }
        let usual = median(all).unwrap_or_default().max(0);
        for pair in pairs.iter_mut().flatten() {
            *pair = ((*pair - usual) * ONE).div_euclid((ONE - usual).max(1));
        }
        let freedom = (self.gold.freedom - 1).max(1);
        Likeness { pairs, chance: (ONE * 1_000).div_euclid(root(freedom * ONE).max(1)), freedom }
    }
}

/// How much raters share their errors.
struct Likeness {
    /// For every two raters.
    pairs: Vec<Vec<i64>>,
    /// The covariance of two independent raters by chance: `1 / √freedom`.
    chance: i64,
    freedom: i64,
}

impl Likeness {
    /// Whether one of two raters copies the other or both copy a third: three times as much as by chance.
    fn are_copies(&self, one: usize, other: usize) -> bool {
        one != other && self.pairs[one][other] > 3 * self.chance
    }

    /// Number of equal raters among which one is counted, in millionths; at least 1.
    ///
    /// Copies count by their correlation. Smaller correlations count together: a rater can hide a second key by random
    /// votes, and ten such keys show as a sum of squares above that of chance. The sum of the correlations is then
    /// about the sum of the squares over a usual one, taken as twice that of chance.
    fn share(&self, rater: usize) -> i64 {
        let (mut share, mut squares, mut small) = (ONE, 0i64, 0i64);
        for (other, above) in self.pairs[rater].iter().enumerate().filter(|(other, _)| *other != rater) {
            if self.are_copies(rater, other) {
                share += *above;
            } else {
                small += 1;
                squares += above.max(&0) * above.max(&0) / ONE;
            }
        }
        // By chance half of them are positive. The variance of such a half square is 5/4 of its scale's square.
        let deviation = root(5 * small * ONE * ONE / 4);
        let by_chance = (small * ONE / 2 + deviation) / self.freedom;
        share + ((squares - by_chance).max(0) * ONE).div_euclid(2 * self.chance.max(1))
    }
}

/// The square root, rounded down; 0 of a negative number.
fn root(value: i64) -> i64 {
    value.max(0).isqrt()
}

/// The value in the middle, the lower one of two.
fn median(mut values: Vec<i64>) -> Option<i64> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable(middle).1)
}

#[cfg(test)]
mod tests;
