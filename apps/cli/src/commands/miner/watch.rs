//! Reports of a running miner: a line from time to time, its status for other terminals, metrics.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use myelin_abi::Account;
use myelin_chain_client::{duration, ChainClient};
use myelin_subnet::{Miner, MinerWork};
use myelin_units::AlphaBalance;
use serde::{Deserialize, Serialize};

use super::judged::{Judged, Judges};
use crate::output::{alpha, grouped, plain, share, Outcome};
use crate::service::backend::BackendWatch;
use crate::service::metrics::{Page, Source, Type};
use crate::service::{status, Voice};

/// Time between two looks at the work.
const LOOK: Duration = Duration::from_secs(1);
/// Longest time for the chain to report a miner's earnings.
const PATIENCE: Duration = Duration::from_secs(10);
/// Blocks by which a report of earnings may be old.
const EARNING_BLOCKS: u32 = 4;
/// Seconds without a request after which that is reported.
const UNASKED: u64 = 60;

/// State and work of a miner.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MinerStatus {
    /// The subnet.
    pub netuid: u16,
    /// Uid of its neuron.
    pub uid: u16,
    /// Its hotkey.
    pub hotkey: String,
    /// The model that answers.
    pub model: String,
    /// Address at which its axon listens.
    pub axon: String,
    /// Seconds since its start.
    pub running_s: u64,
    /// Answers given.
    pub answered: u64,
    /// Requests refused as invalid.
    pub refused: u64,
    /// Requests that could not be answered.
    pub failed: u64,
    /// Failures by cause.
    pub causes: BTreeMap<String, u64>,
    /// Median time of the latest answers.
    pub median_ms: Option<u64>,
    /// Seconds since the last request; `None` before the first.
    pub asked_s: Option<u64>,
    /// Its present trouble.
    pub trouble: Option<String>,
    /// Counters of its axon.
    pub axon_counts: BTreeMap<String, u64>,
    /// Its earnings, as the chain reports them.
    pub earning: Option<Earning>,
    /// Its latest work, as its validators report it.
    #[serde(default)]
    pub judged: Option<Judged>,
}

/// Earnings of a neuron, as the chain last reported them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Earning {
    /// Block of the report.
    pub block: u64,
    /// Whether the hotkey is still registered.
    pub registered: bool,
    /// Its share of the miners' emission, out of 65535.
    pub incentive: u16,
    /// Alpha of the last epoch.
    pub emission_rao: u64,
    /// Alpha staked on it.
    pub stake_rao: u64,
}

/// A miner at work, with its reports.
pub struct Post {
    pub miner: Miner,
    pub voice: Voice,
    pub hotkey: Account,
    pub backend: BackendWatch,
    pub judges: Judges,
    pub folder: PathBuf,
    pub started: Instant,
    pub status: Arc<Mutex<MinerStatus>>,
}

impl crate::service::Post for Post {
    async fn watch(&mut self, chain: &ChainClient, every: Duration) -> Outcome {
        let (mut written, mut told, mut unwritable) = (None::<Instant>, Instant::now(), false);
        let mut before = self.look().await;
        loop {
            let is_due = told.elapsed() >= every;
            if is_due || written.is_none() {
                self.read_chain(chain).await;
            }
            let now = self.look().await;
            if is_due {
                self.voice.say("status", &now.line(&before), &now);
                (before, told) = (now.clone(), Instant::now());
            }
            if is_due || written.is_none_or(|at| at.elapsed() >= status::EVERY) {
                written = Some(Instant::now());
                if let (Err(error), false) = (status::write(&self.folder, &now), unwritable) {
                    unwritable = true;
                    tracing::warn!(%error, folder = %self.folder.display(), "the status cannot be written");
                }
            }
            tokio::time::sleep(LOOK.min(every)).await;
        }
    }

    async fn shutdown(self, grace: Duration) {
        self.miner.shutdown(grace).await;
    }
}

impl Post {
    /// Updates the status.
    async fn look(&mut self) -> MinerStatus {
        let work = self.miner.work();
        let news = self.backend.look(&work).await;
        let now = self.note(work);
        // The status changes before the event is printed, so that a reader of the event finds it there.
        if let Some(news) = news {
            self.voice.say(news.event, &news.text, news.fields);
        }
        now
    }

    /// Writes work into the status, and returns it.
    fn note(&self, work: MinerWork) -> MinerStatus {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.running_s = self.started.elapsed().as_secs();
        (status.answered, status.refused, status.failed) = (work.answered, work.refused, work.failed);
        status.median_ms = work.median.map(|median| median.as_millis() as u64);
        status.asked_s = work.asked.map(|asked| asked.as_secs());
        status.trouble = self.backend.trouble();
        status.causes = work.causes;
        let counts = self.miner.metrics();
        status.axon_counts = counts.fields().map(|(name, count)| (name.to_owned(), count)).collect();
        status.clone()
    }

    /// Writes earnings and judged work into the status, if the chain and the validators answer.
    async fn read_chain(&mut self, chain: &ChainClient) -> Option<()> {
        let netuid = self.status.lock().unwrap_or_else(PoisonError::into_inner).netuid;
        let slot = Duration::from_millis(chain.slot_duration_ms().await.ok()?);
        // Many miners of one program share what the first of them reads.
        let snapshot = chain.recent_snapshot(netuid, slot * EARNING_BLOCKS);
        let snapshot = tokio::time::timeout(PATIENCE, snapshot).await.ok()?.ok()?;
        let graph = &snapshot.graph;
        let own = graph.by_hotkey(&self.hotkey);
        let judged = self.judges.ask(&snapshot, slot).await;
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.judged = judged.or(status.judged.take());
        status.earning = Some(Earning {
            block: graph.block,
            registered: own.is_some(),
            incentive: own.map_or(0, |own| own.incentive),
            emission_rao: own.map_or(0, |own| own.emission.to_rao()),
            stake_rao: own.map_or(0, |own| own.total_stake.to_rao()),
        });
        Some(())
    }
}

impl Earning {
    fn in_words(&self) -> String {
        if !self.registered {
            return "its hotkey is registered no more, so nobody asks it".into();
        }
        format!(
            "incentive {}, emission {} in the last epoch, stake {}",
            share(self.incentive),
            alpha(AlphaBalance::from_rao(self.emission_rao)),
            alpha(AlphaBalance::from_rao(self.stake_rao))
        )
    }
}

impl MinerStatus {
    /// The work since `before`, in a line.
    fn line(&self, before: &MinerStatus) -> String {
        let seconds = self.running_s.saturating_sub(before.running_s);
        let answers = self.answered.saturating_sub(before.answered);
        let mut parts =
            vec![format!("{} answers in {seconds} s, {} in all", grouped(answers), grouped(self.answered))];
        match (self.asked_s, self.median_ms) {
            (None, _) => parts.push("nobody has asked yet".into()),
            (Some(asked), _) if asked >= UNASKED => {
                parts.push(format!("nobody has asked for {}", duration(asked)))
            }
            (_, Some(median)) => parts.push(format!("median {median} ms")),
            _ => {}
        }
        parts.extend(self.failures(before));
        let of_axon = |name: &str| {
            let count = |status: &MinerStatus| status.axon_counts.get(name).copied().unwrap_or_default();
            count(self).saturating_sub(count(before))
        };
        for (name, what) in
            [("timed_out", "too late"), ("forbidden", "turned away"), ("not_verified", "not verified")]
        {
            match of_axon(name) {
                0 => {}
                some => parts.push(format!("{} {what}", grouped(some))),
            }
        }
        parts.extend(self.judged.as_ref().map(Judged::in_words));
        let done = parts.join(", ");
        match &self.earning {
            Some(earning) => format!("block {}: {done}; {}", earning.block, earning.in_words()),
            None => done,
        }
    }

    /// Failures since `before`, by cause.
    fn failures(&self, before: &MinerStatus) -> Option<String> {
        let failed = self.failed.checked_sub(before.failed).filter(|failed| *failed > 0)?;
        let causes: Vec<String> = self
            .causes
            .iter()
            .filter_map(|(cause, count)| {
                let more = count.saturating_sub(before.causes.get(cause).copied().unwrap_or_default());
                (more > 0).then(|| format!("{} × {}", grouped(more), plain(cause)))
            })
            .collect();
        Some(format!("{} failed ({})", grouped(failed), causes.join("; ")))
    }

    /// The reason why the miner cannot earn now.
    fn illness(&self) -> Option<String> {
        let gone = self.earning.as_ref().filter(|earning| !earning.registered).map(Earning::in_words);
        self.trouble.clone().or(gone)
    }

    /// The fields that another terminal shows.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let asked = match self.asked_s {
            None => "nobody has asked yet".into(),
            Some(seconds) => format!("{} ago", duration(seconds)),
        };
        let mut fields = vec![
            ("subnet", self.netuid.to_string()),
            ("uid", self.uid.to_string()),
            ("hotkey", self.hotkey.clone()),
            ("model", self.model.clone()),
            ("axon", self.axon.clone()),
            ("running for", duration(self.running_s)),
            ("answers", grouped(self.answered)),
            ("last asked", asked),
            ("median time", self.median_ms.map(|median| format!("{median} ms")).unwrap_or_default()),
            ("failures", self.failures(&MinerStatus::default()).unwrap_or_else(|| "none".into())),
            ("trouble now", self.trouble.clone().unwrap_or_else(|| "none".into())),
        ];
        if let Some(judged) = &self.judged {
            fields.push(("judged", format!("{} of {} validators", judged.in_words(), judged.validators)));
        }
        if let Some(earning) = &self.earning {
            fields.push(("earning", format!("{} (block {})", earning.in_words(), earning.block)));
        }
        fields
    }
}

/// The page of metrics of these miners.
fn page(miners: &[MinerStatus]) -> String {
    let mut page = Page::default();
    let of = |miner: &MinerStatus| vec![("netuid", miner.netuid.to_string()), ("uid", miner.uid.to_string())];
    let mut add = |name: &str, kind: Type, help: &str, value: &dyn Fn(&MinerStatus) -> Option<f64>| {
        page.add(name, kind, help, miners.iter().filter_map(|miner| Some((of(miner), value(miner)?))));
    };
    let some = |value: u64| Some(value as f64);
    add("miner_answers_total", Type::Counter, "Answers given.", &|miner| some(miner.answered));
    add("miner_refused_total", Type::Counter, "Requests refused as unfit.", &|miner| some(miner.refused));
    add("miner_running_seconds", Type::Gauge, "Seconds since the start.", &|miner| some(miner.running_s));
    add("miner_median_milliseconds", Type::Gauge, "Median time of the last answers.", &|miner| {
        miner.median_ms.and_then(some)
    });
    add("miner_unasked_seconds", Type::Gauge, "Seconds since somebody asked.", &|miner| {
        miner.asked_s.and_then(some)
    });
    add("miner_troubled", Type::Gauge, "1 while what answers fails or hangs.", &|miner| {
        some(miner.trouble.is_some().into())
    });
    type Gauge<T> = (&'static str, &'static str, fn(&T) -> Option<f64>);
    let of_earning: [Gauge<Earning>; 4] = [
        ("miner_incentive_ratio", "Its part of what miners earn.", |earning| {
            Some(f64::from(earning.incentive) / 65_535.0)
        }),
        ("miner_emission_alpha", "Alpha of the last epoch.", |earning| {
            Some(earning.emission_rao as f64 / 1e9)
        }),
        ("miner_stake_alpha", "Alpha staked on the hotkey.", |earning| Some(earning.stake_rao as f64 / 1e9)),
        ("miner_registered", "1 while the hotkey is registered.", |earning| {
            Some(f64::from(u8::from(earning.registered)))
        }),
    ];
    for (name, help, value) in of_earning {
        add(name, Type::Gauge, help, &|miner| miner.earning.as_ref().and_then(value));
    }
    let of_work: [Gauge<Judged>; 4] = [
        ("miner_asked_tasks", "Tasks in the last rounds of its validators.", |judged| {
            Some(judged.asked as f64)
        }),
        ("miner_done_tasks", "Those that count as done.", |judged| Some(judged.done as f64)),
        ("miner_quality_ratio", "Mean score of the judged answers.", |judged| {
            Some(f64::from(judged.quality_ppm?) / 1e6)
        }),
        (
            "miner_judged_block",
            "Source block of the newest round among the last ones of its validators.",
            |judged| Some(judged.block as f64),
        ),
    ];
    for (name, help, value) in of_work {
        add(name, Type::Gauge, help, &|miner| miner.judged.as_ref().and_then(value));
    }
    let with = |miner: &MinerStatus, label: &'static str, text: &str, count: u64| {
        ([of(miner), vec![(label, text.to_owned())]].concat(), count as f64)
    };
    page.add(
        "miner_failures_total",
        Type::Counter,
        "Requests that could not be answered, by cause.",
        miners
            .iter()
            .flat_map(|miner| miner.causes.iter().map(move |(cause, n)| with(miner, "cause", cause, *n))),
    );
    page.add(
        "miner_axon",
        Type::Gauge,
        "What the axon has counted, and its two gauges.",
        miners
            .iter()
            .flat_map(|miner| miner.axon_counts.iter().map(move |(name, n)| with(miner, "count", name, *n))),
    );
    page.text()
}

/// Metrics and health of these miners for Prometheus. A miner is not healthy if its hotkey is no longer registered, or
/// its model does not answer.
pub fn source(statuses: Vec<Arc<Mutex<MinerStatus>>>) -> Source {
    let now = move || -> Vec<MinerStatus> {
        statuses.iter().map(|status| status.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect()
    };
    let again = now.clone();
    Source {
        metrics: Box::new(move || page(&now())),
        illness: Box::new(move || again().iter().find_map(MinerStatus::illness)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(answered: u64, asked_s: Option<u64>, running_s: u64) -> MinerStatus {
        MinerStatus { answered, asked_s, running_s, median_ms: Some(84), ..MinerStatus::default() }
    }

    #[test]
    fn a_line_says_what_was_done_since_the_last_one() {
        let before = MinerStatus {
            failed: 1,
            causes: BTreeMap::from([("slow".into(), 1)]),
            ..status(1_200, Some(0), 60)
        };
        let mut now = status(1_257, Some(2), 120);
        now.failed = 4;
        now.causes = BTreeMap::from([("slow".into(), 3), ("gone".into(), 1)]);
        now.axon_counts.insert("timed_out".into(), 2);
        now.earning = Some(Earning {
            block: 900,
            registered: true,
            incentive: 32_768,
            emission_rao: 2_700_100_000,
            stake_rao: 0,
        });
        assert_eq!(
            now.line(&before),
            "block 900: 57 answers in 60 s, 1,257 in all, median 84 ms, 3 failed (1 × gone; 2 × slow), 2 too late; \
             incentive 50.00%, emission 2.7001 α in the last epoch, stake 0.0000 α"
        );
    }

    #[test]
    fn silence_and_a_lost_registration_are_said() {
        assert_eq!(
            status(0, None, 60).line(&status(0, None, 0)),
            "0 answers in 60 s, 0 in all, nobody has asked yet"
        );
        let mut now = status(5, Some(400), 600);
        now.earning = Some(Earning { block: 7, ..Earning::default() });
        let line = now.line(&status(5, Some(340), 540));
        assert!(line.contains("nobody has asked for 7 min") && line.contains("registered no more"), "{line}");
    }

    #[test]
    fn metrics_name_the_subnet_and_leave_out_what_is_not_known() {
        let mut miner = MinerStatus { netuid: 2, uid: 5, ..status(7, None, 3) };
        miner.causes.insert("gone".into(), 2);
        miner.judged = Some(Judged { block: 880, ..Judged::default() });
        let page = page(&[miner]);
        for line in [
            "# TYPE myelin_miner_answers_total counter",
            "myelin_miner_answers_total{netuid=\"2\",uid=\"5\"} 7",
            "myelin_miner_failures_total{netuid=\"2\",uid=\"5\",cause=\"gone\"} 2",
            "myelin_miner_judged_block{netuid=\"2\",uid=\"5\"} 880",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
        for unknown in ["myelin_miner_unasked_seconds{", "myelin_miner_quality_ratio{"] {
            assert!(!page.contains(unknown), "{page}");
        }
    }
}
