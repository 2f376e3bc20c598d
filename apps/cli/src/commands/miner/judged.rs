//! Judgement of a running miner's latest answers, as its validators report it.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use myelin_audit::timetable::Clock;
use myelin_chain_client::{ChainClient, Neuron, Snapshot};
use myelin_neuron::dendrite::Target;
use myelin_subnet::disclosure::{ReadError, Reader};
use myelin_subnet::reach::is_local_chain;
use myelin_subnet::validator::schedule::Timetable;
use myelin_wallet::Keypair;
use myelin_wire::record::{Ppm, Reason};
use serde::{Deserialize, Serialize};

use super::evidence_at;
use crate::output::grouped;

/// Blocks between two requests: a validator reads its whole round for each.
const EVERY_BLOCKS: u32 = 100;
/// Most validators that are asked, those with most stake first.
const VALIDATORS: usize = 16;
/// Longest time for each of them.
const PATIENCE: Duration = Duration::from_secs(5);

/// Work in the last round of each validator that shows its evidence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Validators with records of this miner in their last round.
    pub validators: u32,
    /// Source block of the newest of these rounds; 0 in a status of an earlier version.
    #[serde(default)]
    pub block: u64,
    /// Tasks that they asked.
    pub asked: u64,
    /// Tasks answered in time and form.
    pub done: u64,
    /// Of these, the answers that were judged.
    pub judged: u64,
    /// Mean score of the judged answers, in millionths; `None` without one.
    pub quality_ppm: Option<u32>,
}

/// Reason and score of a record.
type Verdict = (Reason, Ppm);
/// Source block of a validator's last round, and the miner's records of it.
type LastRound = (u64, Vec<Verdict>);

impl Judged {
    /// The sum over the records of each validator; `None` without a record.
    fn of(mut rounds: Vec<LastRound>) -> Option<Self> {
        rounds.retain(|(_, records)| !records.is_empty());
        let block = rounds.iter().map(|(block, _)| *block).max()?;
        let mut all = Judged { validators: rounds.len() as u32, block, ..Judged::default() };
        let mut sum = 0u64;
        for (reason, score) in rounds.iter().flat_map(|(_, records)| records) {
            all.asked += 1;
            all.done += u64::from(matches!(reason, Reason::Scored | Reason::Counted));
            if *reason == Reason::Scored {
                all.judged += 1;
                sum += u64::from(score.get());
            }
        }
        all.quality_ppm = sum.checked_div(all.judged).map(|mean| mean as u32);
        Some(all)
    }

    /// For people.
    pub fn in_words(&self) -> String {
        let (done, asked) = (grouped(self.done), grouped(self.asked));
        let done =
            format!("{done} of {asked} tasks done in the last rounds (newest from block {})", self.block);
        match self.quality_ppm {
            Some(quality) => format!("{done}, quality {:.3}", f64::from(quality) / 1e6),
            None => done,
        }
    }
}

/// Asks a miner's validators for its records from time to time.
pub struct Judges {
    reader: Reader,
    asked: Option<Instant>,
}

impl Judges {
    /// Judges that have not been asked yet.
    pub fn new(hotkey: Arc<Keypair>, chain: &ChainClient, netuid: u16) -> Self {
        Judges { reader: Reader::new(hotkey, chain.genesis_hash().0, netuid), asked: None }
    }

    /// The latest judgement, where it is time to ask and somebody answers.
    pub async fn ask(&mut self, snapshot: &Snapshot, slot: Duration) -> Option<Judged> {
        if self.asked.is_some_and(|asked| asked.elapsed() < slot * EVERY_BLOCKS) {
            return None;
        }
        self.asked = Some(Instant::now());
        let targets = targets(&snapshot.graph.neurons, is_local_chain(slot.as_millis() as u64));
        let clock = Clock { epoch: snapshot.epoch, began: snapshot.epoch_start, tempo: snapshot.tempo };
        let asked = targets.into_iter().map(|target| self.last_round(target, clock));
        Judged::of(in_time(PATIENCE, asked).await)
    }

    async fn last_round(&self, validator: Target, clock: Clock) -> Result<LastRound, ReadError> {
        let kept = self.reader.rounds(validator).await?;
        let last = kept.iter().rev().find_map(|kept| Some((kept.epoch, *kept.rounds.last()?)));
        let Some((epoch, round)) = last else { return Ok(LastRound::default()) };
        let records = self.reader.own_records(validator, epoch, round).await?;
        let verdicts = records.iter().map(|record| (record.reason, record.score)).collect();
        Ok((source_block(clock, epoch, round), verdicts))
    }
}

/// The [`VALIDATORS`] permit holders with most stake that show their evidence.
fn targets(neurons: &[Neuron], anywhere: bool) -> Vec<Target> {
    let mut validators: Vec<_> = neurons.iter().filter(|neuron| neuron.validator_permit).collect();
    validators.sort_by_key(|neuron| std::cmp::Reverse(neuron.total_stake));
    validators.into_iter().filter_map(|neuron| evidence_at(neuron, anywhere)).take(VALIDATORS).collect()
}

/// The results of those that succeed within `limit`; all run at the same time.
async fn in_time<T, E>(
    limit: Duration,
    requests: impl IntoIterator<Item = impl Future<Output = Result<T, E>>>,
) -> Vec<T> {
    let in_time = requests.into_iter().map(|request| tokio::time::timeout(limit, request));
    join_all(in_time).await.into_iter().flatten().flatten().collect()
}

/// The block that a round was drawn from by the default timetable. Epochs before the present one count as equally long.
fn source_block(clock: Clock, epoch: u64, round: u16) -> u64 {
    let ago = clock.epoch.saturating_sub(epoch);
    let began = clock.began.saturating_sub(ago.saturating_mul(clock.tempo.into()));
    Timetable::default().rounds.source_block(began, clock.tempo, round).unwrap_or(began)
}

#[cfg(test)]
mod tests {
    use myelin_units::AlphaBalance;

    use super::*;
    use crate::commands::testing::silent_neuron;

    #[test]
    fn what_is_late_is_not_done_and_what_is_not_judged_has_no_quality() {
        let [scored, other] = [600_000, 200_000].map(|score| (Reason::Scored, Ppm::new(score)));
        let [late, counted] = [Reason::Late, Reason::Counted].map(|reason| (reason, Ppm::ZERO));
        let rounds = vec![(850, vec![scored, late, counted]), (880, vec![other]), (900, vec![])];
        let judged = Judged::of(rounds).unwrap();
        let quality_ppm = Some(400_000);
        assert_eq!(judged, Judged { validators: 2, block: 880, asked: 4, done: 3, judged: 2, quality_ppm });
        let done = "3 of 4 tasks done in the last rounds (newest from block 880)";
        assert_eq!(judged.in_words(), format!("{done}, quality 0.400"));
        let silent = Judged::of(vec![(850, vec![late])]).unwrap();
        assert_eq!(silent.in_words(), "0 of 1 tasks done in the last rounds (newest from block 850)");
        assert_eq!(Judged::of(vec![(900, vec![])]), None);
    }

    #[test]
    fn a_status_of_an_earlier_version_is_read() {
        let earlier = r#"{"validators": 2, "asked": 4, "done": 3, "judged": 2, "quality_ppm": null}"#;
        let judged: Judged = serde_json::from_str(earlier).unwrap();
        assert_eq!((judged.block, judged.asked), (0, 4));
    }

    #[tokio::test]
    async fn a_silent_validator_takes_nothing_from_the_others() {
        let asked = (0..4).map(|uid| async move {
            match uid {
                1 => std::future::pending().await,
                2 => Err(()),
                uid => Ok(uid),
            }
        });
        assert_eq!(in_time(Duration::from_millis(20), asked).await, [0, 3]);
    }

    #[test]
    fn source_blocks_follow_from_the_default_timetable() {
        let clock = Clock { epoch: 7, began: 1_000, tempo: 100 };
        let of = |epoch, round| source_block(clock, epoch, round);
        assert_eq!([of(7, 0), of(7, 2), of(5, 1)], [1_001, 1_051, 826]);
        assert_eq!(of(6, u16::MAX), 900, "no such round");
    }

    #[test]
    fn permit_holders_that_show_their_evidence_are_asked_by_stake() {
        let neuron = |uid, validator_permit, tells_evidence, stake| Neuron {
            axon: "127.0.0.2:8091".parse().ok(),
            signed_bodies: true,
            validator_permit,
            tells_evidence,
            total_stake: AlphaBalance::from_rao(stake),
            ..silent_neuron(uid)
        };
        let neurons = [
            neuron(0, true, true, 1),
            neuron(1, false, true, 4),
            neuron(2, true, false, 3),
            neuron(3, true, true, 2),
        ];
        let asked: Vec<_> = targets(&neurons, true).iter().map(|target| target.hotkey).collect();
        assert_eq!(asked, [[3; 32], [0; 32]]);
        assert_eq!(targets(&vec![neuron(0, true, true, 1); VALIDATORS + 1], true).len(), VALIDATORS);
    }
}
