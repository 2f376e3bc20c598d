//! Reports of a running validator: each step once, its status for other terminals, metrics.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use myelin_chain_client::{duration, ChainClient};
use myelin_subnet::evaluation::Decline;
use myelin_subnet::validator::{HeldEvidence, RoundReport};
use myelin_subnet::{Validator, ValidatorReport};
use myelin_wire::record::{Ppm, Reason};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::watch;

use crate::output::{fail, Outcome};
use crate::service::metrics::{Page, Source, Type};
use crate::service::{status, Voice};

/// State and work of a validator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ValidatorStatus {
    /// The subnet.
    pub netuid: u16,
    /// Uid of its neuron.
    pub uid: u16,
    /// Its hotkey.
    pub hotkey: String,
    /// Seconds since its start.
    pub running_s: u64,
    /// The last block that it has seen; 0 before the first.
    pub block: u64,
    /// The subnet's epoch in that block.
    pub epoch: u64,
    /// Whether its weights count.
    pub permit: bool,
    /// Rounds judged since the start.
    pub rounds: u64,
    /// The last round.
    pub last_round: Option<Round>,
    /// Average scores of the miners.
    pub standings: Vec<Standing>,
    /// The epoch of the last submitted weights, by mechanism; the numbers of mechanisms are texts, because JSON keys
    /// are.
    pub weights: BTreeMap<String, u64>,
    /// The epoch of the last revealed commitment.
    pub revealed_in: Option<u64>,
    /// Evidence of other validators that it holds, where proof is demanded.
    #[serde(default)]
    pub held: Option<Held>,
    /// Its last trouble.
    pub trouble: Option<String>,
}

/// Evidence of other validators of an epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// The epoch.
    pub epoch: u64,
    /// Validators whose evidence is held.
    pub held: usize,
    /// Other validators with a root on the chain.
    pub of: usize,
    /// Those whose evidence is not held, by uid, with the reason.
    pub missing: Vec<(u16, String)>,
}

/// A judged round.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Its epoch.
    pub epoch: u64,
    /// Its number in the epoch.
    pub round: u16,
    /// Answers by result.
    pub answers: BTreeMap<String, u64>,
    /// Number of miners that repeat others.
    pub repeats: usize,
    /// Milliseconds until the last answer.
    pub asking_ms: u64,
    /// Milliseconds to judge them.
    pub judging_ms: u64,
}

/// Average score of a miner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The mechanism.
    pub mechanism: u8,
    /// The miner.
    pub uid: u16,
    /// Its average, in millionths.
    pub average_ppm: u32,
    /// Rounds in the average.
    pub rounds: u32,
}

/// A status with several readers.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<ValidatorStatus>>);

impl Shared {
    /// Shares a status.
    pub fn of(status: ValidatorStatus) -> Self {
        Shared(Arc::new(Mutex::new(status)))
    }

    fn get(&self) -> ValidatorStatus {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, status: ValidatorStatus) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }
}

/// A validator at work, with its reports.
pub struct Post {
    pub validator: Validator,
    pub follower: Follower,
    /// Held as long as this machine judges the subnet with this hotkey.
    pub place: Option<File>,
}

impl crate::service::Post for Post {
    async fn watch(&mut self, _: &ChainClient, every: Duration) -> Outcome {
        self.follower.follow(self.validator.report(), every).await;
        fail("a validator stopped by itself; the messages above say why")
    }

    async fn shutdown(self, grace: Duration) {
        self.validator.shutdown(grace).await;
        drop(self.place);
    }
}

/// Follows a validator, and reports each step once.
pub struct Follower {
    voice: Voice,
    folder: PathBuf,
    started: Instant,
    shared: Shared,
    declines: BTreeMap<(u8, u16), (u64, u16)>,
    /// Whether the lack of a permit was reported.
    waits: bool,
}

impl Follower {
    /// A follower of a validator with this data folder.
    pub fn new(voice: Voice, folder: PathBuf, shared: Shared) -> Self {
        Follower { voice, folder, started: Instant::now(), shared, declines: BTreeMap::new(), waits: false }
    }

    /// Its status.
    pub fn shared(&self) -> Shared {
        self.shared.clone()
    }

    /// Reports the events until the validator stops.
    async fn follow(&mut self, mut report: watch::Receiver<ValidatorReport>, every: Duration) {
        let (mut unwritable, mut told) = (false, Instant::now());
        loop {
            let changed = tokio::time::timeout(status::EVERY, report.changed()).await;
            match changed {
                Ok(Err(_)) => return,
                Ok(Ok(())) => {
                    let report = report.borrow_and_update().clone();
                    self.show(&report);
                }
                Err(_) => {}
            }
            let mut status = self.shared.get();
            status.running_s = self.started.elapsed().as_secs();
            self.shared.set(status.clone());
            if told.elapsed() >= every {
                told = Instant::now();
                // For people, the rounds themselves are printed.
                if self.voice.is_for_programs() {
                    self.voice.say("status", "", &status);
                }
            }
            if let (Err(error), false) = (status::write(&self.folder, &status), unwritable) {
                unwritable = true;
                tracing::warn!(%error, folder = %self.folder.display(), "the status cannot be written");
            }
        }
    }

    fn say(&self, event: &str, block: u64, text: &str, mut value: serde_json::Value) {
        value["block"] = block.into();
        self.voice.say(event, &format!("block {block}: {text}"), value);
    }

    fn show(&mut self, report: &ValidatorReport) {
        let before = self.shared.get();
        let block = report.block;
        self.show_permit(&before, report);
        let mut now = ValidatorStatus {
            block,
            epoch: report.epoch,
            permit: report.permit,
            standings: standings(report),
            revealed_in: report.revealed_in,
            held: report.held.as_ref().map(Held::of),
            trouble: report.trouble.clone(),
            ..before.clone()
        };
        if let Some(round) = &report.last_round {
            let told = before.last_round.as_ref().map(|last| (last.epoch, last.round));
            if told != Some((round.epoch, round.round)) {
                self.show_round(report, round);
                now.last_round = Some(Round::of(round));
                now.rounds += 1;
            }
        }
        for ((mechanism, uid), declined) in &report.declines {
            if self.declines.insert((*mechanism, *uid), declined.at) != Some(declined.at) {
                let line = decline_line(*mechanism, *uid, &declined.decline);
                self.say("decline", block, &line, json!({ "mechanism": mechanism, "uid": uid }));
            }
        }
        for (mechanism, (epoch, weights)) in &report.weights {
            if now.weights.insert(mechanism.to_string(), *epoch) != Some(*epoch) {
                let row: Vec<String> = weights
                    .uids
                    .iter()
                    .zip(&weights.values)
                    .map(|(uid, value)| format!("{uid}:{value}"))
                    .collect();
                let text = format!(
                    "{}weights submitted in epoch {epoch}: {}",
                    of_mechanism(*mechanism),
                    row.join(" ")
                );
                let value = json!({ "mechanism": mechanism, "epoch": epoch, "uids": weights.uids,
                                    "values": weights.values });
                self.say("weights", block, &text, value);
            }
        }
        if let (Some(epoch), true) = (report.revealed_in, report.revealed_in != before.revealed_in) {
            self.say(
                "revealed",
                block,
                &format!("weights revealed in epoch {epoch}"),
                json!({ "epoch": epoch }),
            );
        }
        if let (Some(held), true) = (&now.held, now.held != before.held) {
            self.say("held", block, &held.line(), json!(held));
        }
        if let (Some(trouble), true) = (&report.trouble, report.trouble != before.trouble) {
            self.say("trouble", block, trouble, json!({ "trouble": trouble }));
        }
        self.shared.set(now);
    }

    /// Reports a new permit, a lost permit, and once that there is none.
    fn show_permit(&mut self, before: &ValidatorStatus, report: &ValidatorReport) {
        let (is_first, block) = (before.block == 0, report.block);
        if report.permit && (is_first || !before.permit) {
            self.say("permit", block, "this validator holds a permit", json!({ "permit": true }));
        } else if before.permit && !report.permit {
            self.say("permit", block, "this validator has lost its permit", json!({ "permit": false }));
        } else if !report.permit && block > 0 && !self.waits {
            let text = "this validator has no permit yet, so its weights do not count; the next epoch gives permits to \
                        those with the most stake, and `myelin doctor` says how much others have";
            self.say("permit", block, text, json!({ "permit": false }));
        }
        self.waits = !report.permit && (self.waits || block > 0);
    }

    fn show_round(&self, report: &ValidatorReport, round: &RoundReport) {
        let told = Round::of(round);
        self.say("round", report.block, &round_line(round), json!(told));
        if let Some(reason) = told.only_refused() {
            self.say("refused", report.block, reason, json!({}));
        }
        if self.voice.is_for_programs() {
            return;
        }
        let mut averages = BTreeMap::from([(0, Vec::new())]);
        for standing in &report.standings {
            let average = f64::from(standing.average.get()) / 1e6;
            let line: &mut Vec<String> = averages.entry(standing.mechanism).or_default();
            line.push(format!("{}:{average:.3}", standing.miner.uid));
        }
        for (mechanism, line) in averages {
            crate::output::say!("    {}{}", averages_of(self.voice.name(), mechanism), line.join(" "));
        }
    }
}

fn standings(report: &ValidatorReport) -> Vec<Standing> {
    let standing = |standing: &myelin_subnet::validator::ValidatorStanding| Standing {
        mechanism: standing.mechanism,
        uid: standing.miner.uid,
        average_ppm: standing.average.get(),
        rounds: standing.rounds,
    };
    report.standings.iter().map(standing).collect()
}

impl Held {
    fn of(held: &HeldEvidence) -> Self {
        let HeldEvidence { epoch, held, of, missing } = held.clone();
        Held { epoch, held, of, missing }
    }

    fn line(&self) -> String {
        let Held { epoch, held, of, missing } = self;
        let reasons: String = missing.iter().map(|(uid, why)| format!("; not of uid {uid}: {why}")).collect();
        let text = format!("evidence of epoch {epoch}: {held} of {of} other validators' held{reasons}");
        crate::output::plain(&text)
    }
}

impl Round {
    fn of(round: &RoundReport) -> Self {
        let mut answers = BTreeMap::new();
        for judged in &round.evaluated.judged {
            *answers.entry(format!("{:?}", judged.record.reason).to_lowercase()).or_default() += 1;
        }
        Round {
            epoch: round.epoch,
            round: round.round,
            answers,
            repeats: round.evaluated.repeats.len(),
            asking_ms: round.asking.as_millis() as u64,
            judging_ms: round.judging.as_millis() as u64,
        }
    }

    /// An explanation if all requests of a round were refused.
    fn only_refused(&self) -> Option<&'static str> {
        let refused = format!("{:?}", Reason::Refused).to_lowercase();
        let all: u64 = self.answers.values().sum();
        (all > 0 && self.answers.get(&refused) == Some(&all)).then_some(
            "every miner refused every task; they may serve another kind of work than --kind, or no validator without a \
             permit",
        )
    }
}

/// Names a mechanism other than the first.
fn of_mechanism(mechanism: u8) -> String {
    match mechanism {
        0 => String::new(),
        mechanism => format!("mechanism {mechanism}: "),
    }
}

/// Beginning of the line with the averages by uid; the demo reads it.
pub fn averages_of(name: &str, mechanism: u8) -> String {
    format!("{name}{}averages ", of_mechanism(mechanism))
}

fn decline_line(mechanism: u8, uid: u16, decline: &Decline) -> String {
    let worth = |worth: Ppm| f64::from(worth.get()) / 1e6;
    format!(
        "{}uid {uid} has got worse: its answers were worth {:.3}, the last {} of them {:.3}",
        of_mechanism(mechanism),
        worth(decline.before),
        decline.answers,
        worth(decline.after)
    )
}

fn round_line(round: &RoundReport) -> String {
    format!(
        "round {} of epoch {}: {} answers judged, {} miners repeat others, asking {} ms, judging {} ms",
        round.round,
        round.epoch,
        round.evaluated.judged.len(),
        round.evaluated.repeats.len(),
        round.asking.as_millis(),
        round.judging.as_millis()
    )
}

impl ValidatorStatus {
    /// The fields that another terminal shows.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let counted = |counts: &BTreeMap<String, u64>| {
            counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
        };
        let round = self.last_round.as_ref().map_or("none yet".into(), |round| {
            format!("round {} of epoch {}: {}", round.round, round.epoch, counted(&round.answers))
        });
        let mut averages: BTreeMap<u8, Vec<String>> = BTreeMap::new();
        for standing in &self.standings {
            let average = f64::from(standing.average_ppm) / 1e6;
            averages.entry(standing.mechanism).or_default().push(format!("{}:{average:.3}", standing.uid));
        }
        let averages: Vec<String> = averages
            .into_iter()
            .map(|(mechanism, line)| format!("{}{}", of_mechanism(mechanism), line.join(" ")))
            .collect();
        let weights: Vec<String> = self
            .weights
            .iter()
            .map(|(mechanism, epoch)| {
                format!("{}submitted in epoch {epoch}", of_mechanism(mechanism.parse().unwrap_or_default()))
            })
            .collect();
        let none = |text: String| if text.is_empty() { "none yet".to_owned() } else { text };
        vec![
            ("subnet", self.netuid.to_string()),
            ("uid", self.uid.to_string()),
            ("hotkey", self.hotkey.clone()),
            ("running for", duration(self.running_s)),
            ("seen", format!("block {}, epoch {}", self.block, self.epoch)),
            ("permit", if self.permit { "yes" } else { "no" }.into()),
            ("rounds", self.rounds.to_string()),
            ("last round", round),
            ("averages", none(averages.join("; "))),
            ("weights", none(weights.join("; "))),
            ("revealed", self.revealed_in.map_or("none yet".into(), |epoch| format!("in epoch {epoch}"))),
            ("held of others", self.held.as_ref().map_or("nothing yet".into(), Held::line)),
            ("last trouble", self.trouble.clone().unwrap_or_else(|| "none".into())),
        ]
    }
}

/// Metrics and health of these validators for Prometheus.
pub fn source(shared: Vec<Shared>) -> Source {
    let now = move || shared.iter().map(Shared::get).collect::<Vec<ValidatorStatus>>();
    let again = now.clone();
    Source {
        metrics: Box::new(move || page(&now())),
        illness: Box::new(move || {
            let lame = again().into_iter().find(|validator| !validator.permit)?;
            Some(format!("the validator of subnet {} has no permit", lame.netuid))
        }),
    }
}

fn page(validators: &[ValidatorStatus]) -> String {
    let mut page = Page::default();
    let of = |status: &ValidatorStatus| {
        vec![("netuid", status.netuid.to_string()), ("uid", status.uid.to_string())]
    };
    let mut add = |name: &str, kind: Type, help: &str, value: &dyn Fn(&ValidatorStatus) -> Option<u64>| {
        page.add(
            name,
            kind,
            help,
            validators.iter().filter_map(|status| Some((of(status), value(status)? as f64))),
        );
    };
    add("validator_block", Type::Gauge, "The block seen last.", &|status| Some(status.block));
    add("validator_epoch", Type::Gauge, "The epoch seen last.", &|status| Some(status.epoch));
    add("validator_permit", Type::Gauge, "1 while its weights count.", &|status| Some(status.permit.into()));
    add("validator_rounds_total", Type::Counter, "Rounds judged since the start.", &|status| {
        Some(status.rounds)
    });
    add("validator_running_seconds", Type::Gauge, "Seconds since the start.", &|status| {
        Some(status.running_s)
    });
    add("validator_weights_epoch", Type::Gauge, "Epoch of the weights submitted last.", &|status| {
        status.weights.values().max().copied()
    });
    add(
        "validator_asking_milliseconds",
        Type::Gauge,
        "Time of the last round until the last answer.",
        &|status| status.last_round.as_ref().map(|round| round.asking_ms),
    );
    add("validator_judging_milliseconds", Type::Gauge, "Time to judge the last round.", &|status| {
        status.last_round.as_ref().map(|round| round.judging_ms)
    });
    let with = |status: &ValidatorStatus, more: Vec<(&'static str, String)>, value: f64| {
        ([of(status), more].concat(), value)
    };
    page.add(
        "validator_answers",
        Type::Gauge,
        "Answers of the last round, by what became of them.",
        validators.iter().flat_map(|status| {
            let answers = status.last_round.iter().flat_map(|round| &round.answers);
            answers
                .map(move |(outcome, count)| with(status, vec![("outcome", outcome.clone())], *count as f64))
        }),
    );
    page.add(
        "validator_average_ratio",
        Type::Gauge,
        "A miner's average.",
        validators.iter().flat_map(|status| {
            status.standings.iter().map(move |standing| {
                let labels =
                    vec![("miner", standing.uid.to_string()), ("mechanism", standing.mechanism.to_string())];
                with(status, labels, f64::from(standing.average_ppm) / 1e6)
            })
        }),
    );
    page.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_that_everybody_refused_is_told_from_others() {
        let round = |answers: &[(&str, u64)]| Round {
            answers: answers.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
            ..Round::default()
        };
        assert!(round(&[("refused", 4)]).only_refused().is_some_and(|why| why.contains("--kind")));
        assert_eq!(round(&[("refused", 4), ("scored", 1)]).only_refused(), None);
        assert_eq!(round(&[]).only_refused(), None);
    }

    #[test]
    fn the_lack_of_a_permit_is_said_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let global = crate::Global::for_tests();
        let voice = Voice::of_subnet(&global, 2, false);
        let mut follower = Follower::new(voice, folder.path().into(), Shared::of(ValidatorStatus::default()));
        let report = |block, permit| ValidatorReport { block, permit, ..ValidatorReport::default() };
        follower.show(&report(0, false));
        assert!(!follower.waits, "nothing is known yet");
        follower.show(&report(7, false));
        assert!(follower.waits);
        follower.show(&report(9, true));
        assert!(!follower.waits && follower.shared().get().permit);
    }

    #[test]
    fn metrics_tell_miners_and_outcomes_apart() {
        let status = ValidatorStatus {
            netuid: 2,
            uid: 1,
            last_round: Some(Round { answers: BTreeMap::from([("late".into(), 3)]), ..Round::default() }),
            standings: vec![Standing { mechanism: 0, uid: 5, average_ppm: 250_000, rounds: 4 }],
            ..ValidatorStatus::default()
        };
        let page = page(&[status]);
        for line in [
            "myelin_validator_answers{netuid=\"2\",uid=\"1\",outcome=\"late\"} 3",
            "myelin_validator_average_ratio{netuid=\"2\",uid=\"1\",miner=\"5\",mechanism=\"0\"} 0.25",
            "myelin_validator_permit{netuid=\"2\",uid=\"1\"} 0",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
    }
}
