//! Judgement of a running miner's latest answers, as its validators report it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use myelin_chain_client::{ChainClient, Metagraph};
use myelin_neuron::dendrite::Target;
use myelin_subnet::disclosure::{ReadError, Reader};
use myelin_subnet::reach::is_local_chain;
use myelin_wallet::Keypair;
use myelin_wire::record::{Ppm, Reason};
use serde::{Deserialize, Serialize};

use super::evidence_at;
use crate::output::grouped;

/// Blocks between two requests: a validator reads its whole round for each.
const EVERY_BLOCKS: u32 = 100;
/// Most validators that are asked, those with most stake first.
const VALIDATORS: usize = 16;
/// Longest time for all of them.
const PATIENCE: Duration = Duration::from_secs(5);

/// Work in the last round of each validator that shows its evidence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Validators with records of this miner in their last round.
    pub validators: u32,
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

impl Judged {
    /// The sum over the records of each validator; `None` without a record.
    fn of(told: &[Vec<Verdict>]) -> Option<Self> {
        let mut all = Judged::default();
        let mut sum = 0u64;
        for (reason, score) in told.iter().flatten() {
            all.asked += 1;
            all.done += u64::from(matches!(reason, Reason::Scored | Reason::Counted));
            if *reason == Reason::Scored {
                all.judged += 1;
                sum += u64::from(score.get());
            }
        }
        all.validators = told.iter().filter(|records| !records.is_empty()).count() as u32;
        all.quality_ppm = sum.checked_div(all.judged).map(|mean| mean as u32);
        (all.asked > 0).then_some(all)
    }

    /// For people.
    pub fn in_words(&self) -> String {
        let done = format!("{} of {} tasks done in the last rounds", grouped(self.done), grouped(self.asked));
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
    pub async fn ask(&mut self, graph: &Metagraph, slot: Duration) -> Option<Judged> {
        if self.asked.is_some_and(|asked| asked.elapsed() < slot * EVERY_BLOCKS) {
            return None;
        }
        self.asked = Some(Instant::now());
        let anywhere = is_local_chain(slot.as_millis() as u64);
        let mut validators: Vec<_> = graph.neurons.iter().filter(|neuron| neuron.tells_evidence).collect();
        validators.sort_by_key(|neuron| std::cmp::Reverse(neuron.total_stake));
        let targets = validators.into_iter().filter_map(|neuron| evidence_at(neuron, anywhere));
        let told = join_all(targets.take(VALIDATORS).map(|target| self.last_round(target)));
        let told = tokio::time::timeout(PATIENCE, told).await.ok()?;
        Judged::of(&told.into_iter().flatten().collect::<Vec<_>>())
    }

    async fn last_round(&self, validator: Target) -> Result<Vec<Verdict>, ReadError> {
        let kept = self.reader.rounds(validator).await?;
        let last = kept.iter().rev().find_map(|kept| Some((kept.epoch, *kept.rounds.last()?)));
        let Some((epoch, round)) = last else { return Ok(Vec::new()) };
        let records = self.reader.own_records(validator, epoch, round).await?;
        Ok(records.iter().map(|record| (record.reason, record.score)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_is_not_done_and_what_is_not_judged_has_no_quality() {
        let [scored, other] = [600_000, 200_000].map(|score| (Reason::Scored, Ppm::new(score)));
        let [late, counted] = [Reason::Late, Reason::Counted].map(|reason| (reason, Ppm::ZERO));
        let judged = Judged::of(&[vec![scored, late, counted], vec![other], vec![]]).unwrap();
        let quality_ppm = Some(400_000);
        assert_eq!(judged, Judged { validators: 2, asked: 4, done: 3, judged: 2, quality_ppm });
        assert_eq!(judged.in_words(), "3 of 4 tasks done in the last rounds, quality 0.400");
        let silent = Judged::of(&[vec![late]]).unwrap();
        assert_eq!(silent.in_words(), "0 of 1 tasks done in the last rounds");
        assert_eq!(Judged::of(&[vec![]]), None);
    }
}
