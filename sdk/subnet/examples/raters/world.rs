//! Simulated raters: the items of a round, what a rater sees of each, and how it votes.

use myelin_subnet::evaluation::raters::{rate, Information, Item, RatingRule, Side, NEUTRAL};
use myelin_wire::{
    record::Ppm,
    seed::{Seed, SeedRng},
};

/// The conditions of a round.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// Raters, and those of them that cheat.
    pub raters: usize,
    pub cheats: usize,
    /// Gold and open items.
    pub gold: usize,
    pub open: usize,
    /// Chance that an honest rater is right where it is sure and where it is not. It is sure of every other item.
    pub sure: f64,
    pub unsure: f64,
    /// The same on open items.
    pub open_sure: f64,
    pub open_unsure: f64,
    /// Whether the same items are hard for all raters.
    pub common: bool,
    /// Chance that a cheat tells gold from open items.
    pub spotted: f64,
    /// Rounds that are paid together.
    pub rounds: u64,
}

/// Fifty raters of accuracy 0.8, and 96 items of each kind.
pub const USUAL: World = World {
    raters: 50,
    cheats: 0,
    gold: 96,
    open: 96,
    sure: 0.95,
    unsure: 0.65,
    open_sure: 0.95,
    open_unsure: 0.65,
    common: false,
    spotted: 0.0,
    rounds: 30,
};

/// Sources of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The better side, as the rater itself sees it.
    Own,
    /// The opposite of it.
    Opposite,
    /// The better side, as most members of the cabal see it.
    Pooled,
    /// The longer side.
    Length,
    /// The side whose author has the lower number.
    Uid,
    /// The side that was answered sooner.
    Latency,
    /// The side whose author had the higher score in the last round.
    Prior,
    /// A secret function of the item, such as its hash or its place.
    Hash,
    /// A coin.
    Random,
    /// No vote.
    Silent,
}

pub const SOURCES: [Source; 10] = [
    Source::Own,
    Source::Opposite,
    Source::Pooled,
    Source::Length,
    Source::Uid,
    Source::Latency,
    Source::Prior,
    Source::Hash,
    Source::Random,
    Source::Silent,
];

/// How a cheat votes: chances of the sources where it is sure, where it is not, and where it has spotted gold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strategy {
    pub sure: [f64; SOURCES.len()],
    pub unsure: [f64; SOURCES.len()],
    /// Whether all cheats draw the same source for an item.
    pub together: bool,
    /// Whether all cheats see and say the same: several keys of one rater.
    pub one_rater: bool,
}

impl Strategy {
    /// One source everywhere.
    pub fn only(source: Source) -> Self {
        Self::mixed(&[(source, 1.0)])
    }

    /// A mixture, the same everywhere.
    pub fn mixed(parts: &[(Source, f64)]) -> Self {
        let mut chances = [0.0; SOURCES.len()];
        parts.iter().for_each(|(source, part)| chances[place(*source)] += part);
        Self { sure: chances, unsure: chances, together: true, one_rater: false }
    }
}

pub fn place(source: Source) -> usize {
    SOURCES.iter().position(|known| *known == source).unwrap_or_default()
}

fn draw(chances: &[f64; SOURCES.len()], rng: &mut SeedRng) -> Source {
    let mut rest = unit(rng) * chances.iter().sum::<f64>();
    for (source, chance) in SOURCES.iter().zip(chances) {
        rest -= chance;
        if rest < 0.0 {
            return *source;
        }
    }
    Source::Own
}

/// A number from 0 to below 1.
pub fn unit(rng: &mut SeedRng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

fn chance(rng: &mut SeedRng, part: f64) -> bool {
    unit(rng) < part
}

/// An item as everybody sees it. Sides are booleans here, `true` for the first.
struct Shown {
    gold: bool,
    better: bool,
    longer: bool,
    lower_uid: bool,
    sooner: bool,
    prior: bool,
    hash: bool,
    is_hard: bool,
}

impl Shown {
    /// On open items the better side is longer in 0.6 of cases, answered sooner in 0.55, and by the author with the
    /// better last score in 0.75. Gold items are balanced.
    fn draw(gold: bool, rng: &mut SeedRng) -> Self {
        let better = chance(rng, 0.5);
        let mut cue = |part: f64| better == chance(rng, if gold { 0.5 } else { part });
        let (longer, lower_uid, sooner, prior) = (cue(0.6), cue(0.5), cue(0.55), cue(0.75));
        let (hash, is_hard) = (chance(rng, 0.5), chance(rng, 0.5));
        Self { gold, better, longer, lower_uid, sooner, prior, hash, is_hard }
    }

    fn item(&self) -> Item {
        let stratum = u8::from(self.longer) + 2 * u8::from(self.sooner) + 4 * u8::from(self.prior);
        Item { stratum, truth: self.gold.then_some(side(self.better)) }
    }
}

fn side(first: bool) -> Side {
    if first {
        Side::First
    } else {
        Side::Second
    }
}

/// An item as one rater sees it: a side, and whether it is sure of it.
#[derive(Clone, Copy)]
struct Seen {
    first: bool,
    sure: bool,
}

impl World {
    fn see(&self, shown: &Shown, rng: &mut SeedRng) -> Seen {
        let own = chance(rng, 0.5);
        let sure = if self.common { !shown.is_hard } else { own };
        let right = match (shown.gold, sure) {
            (true, true) => self.sure,
            (true, false) => self.unsure,
            (false, true) => self.open_sure,
            (false, false) => self.open_unsure,
        };
        Seen { first: shown.better == chance(rng, right), sure }
    }

    /// Votes of a round: of the cheats first, then of honest raters.
    fn votes(&self, strategy: &Strategy, items: &[Shown], rng: &mut SeedRng) -> Vec<Vec<Option<Side>>> {
        let mut votes = vec![Vec::with_capacity(items.len()); self.raters];
        for shown in items {
            let mut seen: Vec<Seen> = (0..self.raters).map(|_| self.see(shown, rng)).collect();
            if strategy.one_rater {
                let first = seen[0];
                seen[..self.cheats].fill(first);
            }
            let firsts = seen[..self.cheats].iter().filter(|seen| seen.first).count();
            let pooled = 2 * firsts + usize::from(chance(rng, 0.5)) > self.cheats;
            let common = Seed(rng.next_u64().to_le_bytes().repeat(4).try_into().unwrap_or([0; 32])).rng();
            for (rater, seen) in seen.iter().enumerate() {
                if rater >= self.cheats {
                    votes[rater].push(Some(side(seen.first)));
                    continue;
                }
                let chances = if seen.sure { &strategy.sure } else { &strategy.unsure };
                let source = match strategy.together {
                    true => draw(chances, &mut common.clone()),
                    false => draw(chances, rng),
                };
                let spotted = shown.gold && chance(&mut common.clone(), self.spotted);
                let source = if spotted { Source::Own } else { source };
                votes[rater].push(vote(source, shown, *seen, pooled, rng).map(side));
            }
        }
        votes
    }

    /// Mean worth of a cheat and of an honest rater over so many windows of rounds.
    pub fn worths(&self, rule: &RatingRule, strategy: &Strategy, windows: u64, seed: u8) -> (f64, f64) {
        let (mut cheats, mut honest) = (0.0, 0.0);
        for window in 0..windows {
            let mut sums = vec![(0u64, 0u64); self.raters];
            for round in 0..self.rounds {
                let mut rng = Seed([seed; 32]).derive(b"round", window * self.rounds + round).rng();
                let mut items: Vec<Shown> =
                    (0..self.gold + self.open).map(|at| Shown::draw(at < self.gold, &mut rng)).collect();
                rng.shuffle(&mut items);
                let facts: Vec<Item> = items.iter().map(Shown::item).collect();
                let votes = self.votes(strategy, &items, &mut rng);
                let rated = rate(rule, &facts, &votes);
                let rated = rated.unwrap_or_else(|| vec![Information::NONE; self.raters]);
                for (sum, information) in sums.iter_mut().zip(rated) {
                    sum.0 += u64::from(information.agreement.get());
                    sum.1 += u64::from(information.knowledge.get());
                }
            }
            let mean = |sum: u64| Ppm::new((sum / self.rounds) as u32);
            let worth = |(agreement, knowledge): (u64, u64)| {
                let mean = Information { agreement: mean(agreement), knowledge: mean(knowledge) };
                f64::from(mean.worth().get()) / f64::from(NEUTRAL.get() * 2)
            };
            cheats += sums[..self.cheats].iter().map(|sum| worth(*sum)).sum::<f64>();
            honest += sums[self.cheats..].iter().map(|sum| worth(*sum)).sum::<f64>();
        }
        let mean = |sum: f64, raters: usize| sum / (raters.max(1) as u64 * windows) as f64;
        (mean(cheats, self.cheats), mean(honest, self.raters - self.cheats))
    }

    /// Worth of a cheat in relation to an honest rater of the same round.
    pub fn gain(&self, rule: &RatingRule, strategy: &Strategy, windows: u64, seed: u8) -> f64 {
        let (cheat, honest) = self.worths(rule, strategy, windows, seed);
        cheat / honest.max(1e-6)
    }
}

fn vote(source: Source, shown: &Shown, seen: Seen, pooled: bool, rng: &mut SeedRng) -> Option<bool> {
    Some(match source {
        Source::Own => seen.first,
        Source::Opposite => !seen.first,
        Source::Pooled => pooled,
        Source::Length => shown.longer,
        Source::Uid => shown.lower_uid,
        Source::Latency => shown.sooner,
        Source::Prior => shown.prior,
        Source::Hash => shown.hash,
        Source::Random => chance(rng, 0.5),
        Source::Silent => return None,
    })
}
