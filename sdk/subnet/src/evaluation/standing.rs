//! Standing of a miner: how good its recent answers were.

use std::collections::VecDeque;

use myelin_wire::{
    hash::{from_hex, to_hex, Hash},
    record::Ppm,
};
use serde::{Deserialize, Serialize};

use super::{
    faults::FaultAllowance,
    ladder::{Rung, RUNGS, WINDOW},
    load::{Claim, Waves},
    raters::{Information, RatingRule, NEUTRAL},
    succession::Seat,
    watch::Watch,
    WindowRule,
};
use crate::subnet::{Mechanism, Pay};

/// A moving average in millionths of a millionth, so that small differences survive many rounds.
///
/// `average ← average + floor(rate · (score − average))`, floored toward minus infinity. The first round sets it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Mean {
    average: u64,
    rounds: u32,
    /// The last scores of submissions, in millionths. Submissions are compared over the same rounds.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    recent: VecDeque<u32>,
}

const SCALE: i128 = 1_000_000;

impl Mean {
    fn update(&mut self, score: Ppm, rate: Ppm) {
        let score = i128::from(score.get()) * SCALE;
        let average = i128::from(self.average);
        let moved = match self.rounds {
            0 => score,
            _ => average + (i128::from(rate.get()) * (score - average)).div_euclid(SCALE),
        };
        self.average = u64::try_from(moved.clamp(0, SCALE * SCALE)).unwrap_or_default();
        self.rounds = self.rounds.saturating_add(1);
    }

    fn remember(&mut self, score: Ppm) {
        self.recent.push_back(score.get());
        self.recent.drain(..self.recent.len().saturating_sub(WINDOW));
    }

    /// The mean of the last `window` scores, if there are as many.
    fn over(&self, window: usize) -> Option<Ppm> {
        let enough = window > 0 && self.recent.len() >= window;
        let sum: u64 = self.recent.iter().rev().take(window).map(|score| u64::from(*score)).sum();
        enough.then(|| Ppm::ratio(sum, window as u64 * 1_000_000))
    }

    fn get(&self) -> Ppm {
        Ppm::new((self.average / SCALE as u64) as u32)
    }
}

/// The weight of a round: twice as much where its score is below half of the average. A miner that stops working must
/// not be paid for its past.
fn falling(score: Ppm, average: Ppm, rate: Ppm) -> Ppm {
    let fell = 2 * score.get() < average.get();
    Ppm::new(if fell { 2 * rate.get() } else { rate.get() })
}

/// Quality of a miner, kept by hotkey, so that a newcomer on an old uid inherits nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    #[serde(flatten)]
    mean: Mean,
    /// Quality of its work where `mean` is the average of the work done; its knowledge where that is agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quality: Option<Quality>,
    /// The last score, in millionths.
    #[serde(default)]
    last: u32,
    /// Its registration, by which a swapped hotkey is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seat: Option<Seat>,
    /// Its earnings of all rounds, in millionths of a perfect round; `None` if they were not counted from the
    /// beginning.
    #[serde(default)]
    gathered: Option<u64>,
    /// Whether its answers have got worse, where it serves.
    #[serde(default)]
    watch: Watch,
    faults: FaultAllowance,
    /// Its submission, where miners submit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entered: Option<Entered>,
    /// A commitment whose artefact is not available yet, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    awaited: Option<String>,
    /// Number of consecutive rounds in which no artefact for the miner's commitments was available.
    #[serde(default)]
    awaiting: u32,
}

/// Quality of a miner's work: `good / all`, so that a round weighs as much as the work done in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Quality {
    /// Average of the work done times its quality.
    good: Mean,
    /// Average of the work done, over the same rounds.
    all: Mean,
}

impl Quality {
    fn mean(&self) -> Ppm {
        Ppm::ratio(self.good.average, self.all.average)
    }
}

/// An artefact that a miner has entered, and those that it replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entered {
    /// The commitment on the chain, hexadecimal.
    commitment: String,
    /// Its block.
    since: u64,
    /// Replaced artefacts with their blocks. They are still judged on the tasks of each round, because a comparison
    /// with other miners needs the same tasks.
    replaced: Vec<Replaced>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Replaced {
    commitment: String,
    since: u64,
    #[serde(flatten)]
    mean: Mean,
}

impl Standing {
    /// Adds the score of one round.
    pub fn update(&mut self, score: Ppm, rate: Ppm) {
        // Submissions are compared over the same rounds, which weigh the same.
        let rate = if self.entered.is_some() { rate } else { falling(score, self.average(), rate) };
        self.mean.update(score, rate);
        self.last = score.get();
        if self.entered.is_some() {
            self.mean.remember(score);
        }
    }

    /// Adds the score of one round, as the pay of a mechanism wants it.
    pub fn take_in(&mut self, plan: &Mechanism, score: Ppm) {
        match plan.pay {
            Pay::Window(_) | Pay::Agreement(_) => {
                self.mean.update(score, plan.rate);
                self.mean.remember(score);
                self.last = score.get();
            }
            Pay::Power(_) | Pay::Load(_) | Pay::Ladder(_) => self.update(score, plan.rate),
        }
    }

    /// Adds a round without answers.
    pub fn fade(&mut self, plan: &Mechanism) {
        let nothing = match plan.pay {
            Pay::Window(rule) => rule.base,
            Pay::Agreement(_) => NEUTRAL,
            Pay::Power(_) | Pay::Load(_) | Pay::Ladder(_) => Ppm::ZERO,
        };
        self.take_in(plan, nothing);
        if matches!(plan.pay, Pay::Agreement(_)) {
            self.update_knowledge(NEUTRAL, plan.rate);
        }
    }

    /// Adds the earnings of a round, before the round's score is added. A newcomer needs some earnings before it is
    /// paid in full.
    pub fn season(&mut self, worth: Ppm) {
        let before = if self.rounds() == 0 { 0 } else { u64::MAX };
        let gathered = self.gathered.get_or_insert(before);
        *gathered = gathered.saturating_add(worth.get().into());
    }

    /// Adds the work done in a round and its quality. The first rounds weigh the same, until `rate` exceeds their
    /// weight. Few answers of a round are judged; otherwise luck in the first round would be paid for as long as the
    /// average remembers it.
    pub fn update_quality(&mut self, done: Ppm, quality: Ppm, rate: Ppm) {
        let averages = self.quality.get_or_insert_default();
        let rate = falling(quality, averages.mean(), rate);
        let rate = rate.max(Ppm::ratio(1, u64::from(averages.all.rounds) + 1));
        averages.good.update(done.of(quality), rate);
        averages.all.update(done, rate);
    }

    /// Adds the knowledge that a rater showed in a round, beside its agreement.
    pub fn update_knowledge(&mut self, knowledge: Ppm, rate: Ppm) {
        let averages = self.quality.get_or_insert_default();
        averages.good.update(knowledge, rate);
        averages.good.remember(knowledge);
        averages.all.update(Ppm::ONE, rate);
    }

    /// Adds the score of a replaced artefact.
    pub fn update_replaced(&mut self, commitment: &Hash, score: Ppm, rate: Ppm) {
        let name = to_hex(commitment);
        let replaced = self.entered.iter_mut().flat_map(|entered| &mut entered.replaced);
        for entry in replaced.filter(|entry| entry.commitment == name) {
            entry.mean.update(score, rate);
            entry.mean.remember(score);
        }
    }

    /// Notes the artefact that the miner has entered. A new artefact begins an average of its own, and the old one
    /// stays in the competition for the level that it reached.
    ///
    /// The block of its place is that of the commitment. If its artefact was not available in an earlier round, the
    /// block is the source block `found`: a withheld artefact is no entry.
    pub fn enter(&mut self, commitment: &Hash, since: u64, found: u64) {
        let name = to_hex(commitment);
        let withheld = self.awaited.take().is_some_and(|awaited| awaited == name);
        self.awaiting = 0;
        let since = if withheld { found } else { since };
        let mut replaced = match self.entered.take() {
            Some(entered) if entered.commitment == name => {
                self.entered = Some(entered);
                return;
            }
            Some(Entered { commitment, since, mut replaced }) => {
                if self.mean.rounds > 0 {
                    replaced.push(Replaced { commitment, since, mean: std::mem::take(&mut self.mean) });
                }
                replaced
            }
            None => Vec::new(),
        };
        // A miner that returns to an earlier artefact takes its place up again.
        let again = replaced.iter().position(|entry| entry.commitment == name).map(|at| replaced.remove(at));
        let (since, mean) = again.map_or((since, Mean::default()), |entry| (entry.since, entry.mean));
        while replaced.len() > RUNGS {
            // The first artefact stays: the levels of the others rise from it.
            let first = replaced.iter().map(|entry| entry.since).min().unwrap_or_default();
            let others = (0..replaced.len()).filter(|at| replaced[*at].since != first);
            let lowest = others.min_by_key(|at| replaced[*at].mean.average).unwrap_or_default();
            replaced.remove(lowest);
        }
        self.mean = mean;
        self.entered = Some(Entered { commitment: name, since, replaced });
    }

    /// Notes that no artefact for the miner's commitment was available. Returns the number of consecutive rounds of
    /// which that is true; a new commitment does not restart the count.
    pub fn awaits(&mut self, commitment: &Hash) -> u32 {
        self.awaited = Some(to_hex(commitment));
        self.awaiting = self.awaiting.saturating_add(1);
        self.awaiting
    }

    /// Whether this commitment had no artefact in the last round.
    pub fn is_awaited(&self, commitment: &Hash) -> bool {
        self.awaited.as_ref().is_some_and(|awaited| *awaited == to_hex(commitment))
    }

    /// The miner's entry: commitment and block.
    pub fn current(&self) -> Option<(Hash, u64)> {
        let entered = self.entered.as_ref()?;
        Some((from_hex(&entered.commitment)?, entered.since))
    }

    /// Block of the miner's entry; `None` if it has none.
    pub fn since(&self) -> Option<u64> {
        self.entered.as_ref().map(|entered| entered.since)
    }

    /// The replaced artefacts that are still judged: commitment and block.
    pub fn replaced(&self) -> Vec<(Hash, u64)> {
        let replaced = self.entered.iter().flat_map(|entered| &entered.replaced);
        replaced.filter_map(|entry| Some((from_hex(&entry.commitment)?, entry.since))).collect()
    }

    /// Levels that its artefacts reached over the last `window` rounds, as far as they were judged that long; and the
    /// level of the current artefact alone.
    pub fn rungs(&self, window: usize) -> (Vec<Rung>, Option<Ppm>) {
        let now = self.entered.as_ref().and_then(|_| self.mean.over(window));
        let current = self.since().zip(now).map(|(since, level)| Rung { since, level });
        let replaced = self.entered.iter().flat_map(|entered| &entered.replaced);
        let replaced =
            replaced.filter_map(|entry| Some(Rung { since: entry.since, level: entry.mean.over(window)? }));
        (replaced.chain(current).collect(), now)
    }

    /// Largest number of scores that are remembered for one of its artefacts.
    pub fn remembered(&self) -> usize {
        let replaced = self.entered.iter().flat_map(|entered| &entered.replaced);
        replaced
            .map(|entry| &entry.mean)
            .chain([&self.mean])
            .map(|mean| mean.recent.len())
            .max()
            .unwrap_or_default()
    }

    /// The part of its pay that a newcomer gets: its earnings so far, over `burn_in` times the earnings of its average
    /// round. Rounds without useful answers do not increase it.
    pub fn seasoned(&self, burn_in: u32) -> Ppm {
        let usual =
            self.quality.as_ref().map_or(self.average(), |averages| self.average().of(averages.mean()));
        match u64::from(usual.get()) * u64::from(burn_in) {
            0 => Ppm::ONE,
            due => Ppm::ratio(self.gathered.unwrap_or(u64::MAX).min(due), due),
        }
    }

    /// Pay is in proportion to this value where miners are paid for load: average of the work done, times its quality
    /// to the power of `sharpness`, rounded down after each multiplication.
    ///
    /// The power is taken of the average over many rounds. The power of each round's quality would reward luck: means
    /// of few answers vary more than means of many, so miners that spread a machine over several keys would gain.
    ///
    /// In millionths of a millionth, so that little work of low quality earns little and not nothing.
    pub fn earned(&self, sharpness: u32) -> u64 {
        self.powered(u128::from(self.average().get()) * SCALE as u128, sharpness)
    }

    /// Sum of its last scores above a level, in millionths, over as many rounds as the window has.
    pub fn above(&self, rule: &WindowRule) -> u64 {
        let last = self.mean.recent.iter().rev().take(rule.rounds);
        let sum: i64 = last.map(|score| i64::from(*score) - i64::from(rule.base.get())).sum();
        u64::try_from(sum).unwrap_or_default()
    }

    /// Worth of what a rater's votes of the last rounds told, times the number of these rounds.
    ///
    /// Agreement and knowledge are averaged before they are compared and squared: luck cancels, and a newcomer is paid
    /// for each of its rounds like others.
    pub fn told(&self, rule: &RatingRule) -> u64 {
        let Some(knowledge) = self.quality.as_ref().map(|averages| &averages.good) else { return 0 };
        let rounds = rule.rounds.min(self.mean.recent.len()).min(knowledge.recent.len());
        let over = |mean: &Mean| mean.over(rounds).unwrap_or_default();
        let mean = Information { agreement: over(&self.mean), knowledge: over(knowledge) };
        u64::from(mean.worth().get()) * rounds as u64
    }

    /// Its claim to load, where miners are paid for load.
    pub fn claim(&self, sharpness: u32) -> Claim {
        Claim { done: self.batches(), worth: self.powered((SCALE * SCALE) as u128, sharpness) }
    }

    /// `value` times its quality to the power of `sharpness`, rounded down after each multiplication.
    fn powered(&self, value: u128, sharpness: u32) -> u64 {
        let quality = u128::from(self.quality.as_ref().map(Quality::mean).unwrap_or_default().get());
        let powered = (0..sharpness.clamp(1, 8)).fold(value, |value, _| value * quality / SCALE as u128);
        u64::try_from(powered).unwrap_or(u64::MAX)
    }

    /// Batches that it did in its best recent round (the last one or its average), where miners are paid for load;
    /// rounded up.
    pub fn batches(&self) -> u16 {
        let done = u64::from(self.mean.get().get().max(self.last));
        (done * u64::from(Waves::MOST_BATCHES)).div_ceil(1_000_000) as u16
    }

    /// Quality of its answers: the average of scores; where miners are paid for load, the average over the tasks asked.
    pub fn merit(&self) -> Ppm {
        self.quality.as_ref().map_or_else(|| self.average(), Quality::mean)
    }

    /// The average in millionths.
    pub fn average(&self) -> Ppm {
        self.mean.get()
    }

    /// Rounds that entered the average.
    pub fn rounds(&self) -> u32 {
        self.mean.rounds
    }

    /// The registration on which it was last seen.
    pub fn seat(&self) -> Option<Seat> {
        self.seat
    }

    /// Notes the registration on which it is seen.
    pub fn sit(&mut self, seat: Seat) {
        self.seat = Some(seat);
    }

    /// Whether two standings are equal in all but the allowance for faults and the seat.
    pub fn is_like(&self, other: &Self) -> bool {
        let bare =
            |standing: &Self| Self { seat: None, faults: FaultAllowance::default(), ..standing.clone() };
        bare(self) == bare(other)
    }

    /// The watch for a decline of its answers.
    pub fn watch(&mut self) -> &mut Watch {
        &mut self.watch
    }

    /// The miner's allowance of network faults.
    pub fn faults(&mut self) -> &mut FaultAllowance {
        &mut self.faults
    }
}

#[cfg(test)]
mod tests;
