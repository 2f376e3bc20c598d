//! The finance subnet as the framework sees it.

use std::{sync::Arc, time::Duration};

use myelin_subnet::{
    evaluation::{Maturity, WindowRule},
    Answer, AnswerContext, AnswerError, Challenge, Judgement, Mechanism, Share, Subnet, SubnetError,
    TaskPlan,
};
use myelin_wire::{
    record::{Asked, Ppm, Reason, Rubric},
    seed::Seed,
};
use serde::{Deserialize, Serialize};

use crate::{
    backend::Backend,
    feed::{now, Checkpoint, Feeds, Shown},
    protocol::{FinanceRequest, FinanceResponse, Wanted, ONE, VERSION},
    score,
    series::Composer,
};

/// Set-up of an instance. A validator needs a composer, a miner a backend.
#[derive(Clone, Default)]
pub struct FinanceConfig {
    /// Composer of series.
    pub composer: Option<Composer>,
    /// Feeds whose series are asked about beside composed ones.
    pub feeds: Option<Feeds>,
    /// Backend that answers.
    pub backend: Option<Arc<dyn Backend>>,
    /// Tasks in a round.
    pub load: Load,
}

/// Tasks of a round, and the time for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Paths of composed series.
    pub paths: u16,
    /// Intervals of composed series.
    pub intervals: u16,
    /// Probabilities of composed series.
    pub events: u16,
    /// Tasks of each kind about feeds.
    pub of_feeds: u16,
    /// Time to answer.
    pub deadline: Duration,
}

impl Default for Load {
    fn default() -> Self {
        Self { paths: 6, intervals: 3, events: 3, of_feeds: 2, deadline: Duration::from_secs(10) }
    }
}

/// Secret of a validator: how the series goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// The value of each step that was asked for, in ticks.
    pub outcome: Vec<i32>,
    /// Where the series of a feed comes from; none for a composed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// Parts of a feed's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The part that the shown points follow from.
    pub shown: Checkpoint,
    /// The part that the outcome follows from; none as long as it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Checkpoint>,
}

/// No honest miner reads a request and answers it in less.
const FASTEST: Duration = Duration::from_millis(1);
/// Points of a task's series, steps and paths that are asked for.
const SHOWN: usize = 384;
const STEPS: usize = 48;
const COUNT: u16 = 200;
/// Longest answer: paths of five bytes a step in base64, with room for JSON.
const ANSWER_LIMIT: usize = COUNT as usize * STEPS * 5 * 4 / 3 + 256;
/// Probability of the intervals that are asked for.
const COVERAGE: u32 = 800_000;
/// Blocks for which an outcome is looked for beside the time of its horizon once more: rounds start later than their
/// source block.
const LATER: u32 = 400;
/// Kinds of tasks about feeds.
const OF_FEEDS: [&str; 3] = ["feedpaths", "feedinterval", "feedevent"];
/// Weight of a path task and of the others: an interval or a probability says less of a forecaster.
const WEIGHTS: (u32, u32) = (2, 1);
/// Pay is for the skill above a little less than that of the past, over ten epochs.
const PAY: WindowRule = WindowRule { rounds: 30, base: Ppm::new(495_000) };

/// Forecasts: one instance for a miner, a validator, or both.
pub struct FinanceSubnet {
    config: FinanceConfig,
    rubric: Rubric,
}

impl Subnet for FinanceSubnet {
    const NAME: &'static str = "Finance";
    const VERSION: u32 = VERSION;
    type Request = FinanceRequest;
    type Response = FinanceResponse;
    type Hidden = Hidden;
    type Config = FinanceConfig;
    type State = ();

    fn open(config: FinanceConfig) -> Result<Self, SubnetError> {
        let rubric = score::rubric()
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "correct its parts"))?;
        Ok(Self { config, rubric })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        vec![Mechanism::window(PAY)]
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let Load { paths, intervals, events, of_feeds, deadline } = self.config.load;
        let of_feeds = if self.config.feeds.is_some() { of_feeds } else { 0 };
        let plan = |kind, count, weight| TaskPlan {
            kind,
            mechanism: 0,
            // Everybody forecasts the same series, so luck is the same for all. Answers are committed before any is
            // opened, so none can be copied.
            share: Share::Round,
            count,
            commit: true,
            fastest: FASTEST,
            deadline,
            answer_limit: ANSWER_LIMIT,
            weight,
        };
        vec![
            plan("paths", paths, WEIGHTS.0),
            plan("interval", intervals, WEIGHTS.1),
            plan("event", events, WEIGHTS.1),
            plan(OF_FEEDS[0], of_feeds, WEIGHTS.0),
            plan(OF_FEEDS[1], of_feeds, WEIGHTS.1),
            plan(OF_FEEDS[2], of_feeds, WEIGHTS.1),
        ]
    }

    /// Tasks about feeds are judged when their horizon is over.
    fn maturity(&self, plan: &TaskPlan) -> Option<Maturity> {
        let feeds = self.config.feeds.as_ref().filter(|_| OF_FEEDS.contains(&plan.kind))?;
        let steps = u64::from(feeds.lead(plan.deadline)) + STEPS as u64;
        let blocks = (steps * u64::from(feeds.step) * 1000).div_ceil(u64::from(feeds.block_ms.max(1)));
        let after = u32::try_from(blocks).unwrap_or(u32::MAX).max(1);
        Some(Maturity { after, limit: after.saturating_add(LATER) })
    }

    fn challenge(&self, plan: &TaskPlan, seed: &Seed, (): &()) -> Result<Challenge<Self>, SubnetError> {
        let composer = self.config.composer.as_ref().ok_or_else(|| {
            SubnetError::new("drawing a task", "no composer of series", "set up the validator with one")
        })?;
        let feeds = self.config.feeds.as_ref().filter(|_| OF_FEEDS.contains(&plan.kind));
        let shown = feeds.and_then(|feeds| Some((feeds, feeds.show(seed, now())?)));
        let (mut request, hidden) = match shown {
            Some((feeds, shown)) => {
                let lead = feeds.lead(plan.deadline);
                let request = FinanceRequest {
                    series: shown.feed,
                    step_seconds: feeds.step,
                    last_time: shown.last,
                    lead,
                    history: shown.history,
                    steps: lead + STEPS as u16,
                    ..Default::default()
                };
                let origin = Some(Origin { shown: shown.checkpoint, outcome: None });
                (request, Hidden { outcome: Vec::new(), origin })
            }
            // While a feed is down, a composed series takes the place of its own.
            None => {
                let series = composer.compose(seed, SHOWN, STEPS);
                let request =
                    FinanceRequest { history: series.shown, steps: STEPS as u16, ..Default::default() };
                (request, Hidden { outcome: series.hidden, origin: None })
            }
        };
        request.wanted = match plan.kind {
            "interval" | "feedinterval" => Wanted::Interval(COVERAGE),
            "event" | "feedevent" => event(&request, seed),
            _ => Wanted::Paths(COUNT),
        };
        Ok(Challenge { request, hidden })
    }

    fn settle(&self, _: &TaskPlan, _: &Asked, challenge: &Challenge<Self>) -> Option<Hidden> {
        match &challenge.hidden.origin {
            None => Some(challenge.hidden.clone()),
            Some(origin) => self.outcome(&challenge.request, origin),
        }
    }

    fn score(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<FinanceResponse>],
        (): &mut (),
    ) -> Vec<Judgement> {
        // An auditor who has the feeds' records checks the outcome against them.
        if let Some(wrong) = self.foreign_record(challenge) {
            return answers.iter().map(|_| Judgement::refused(Reason::Garbage, wrong)).collect();
        }
        let judge = |answer: &Answer<FinanceResponse>| match score::skill(
            &challenge.request,
            &challenge.hidden.outcome,
            &answer.response,
        ) {
            Ok(skill) => Judgement {
                parts: vec![skill],
                reason: Reason::Scored,
                note: format!("{:+.4} on the past", f64::from(skill.get()) / f64::from(ONE) - 0.5),
            },
            Err(error) => Judgement::refused(Reason::Garbage, error.to_string()),
        };
        answers.iter().map(judge).collect()
    }

    fn combine(
        &self,
        request: &FinanceRequest,
        answers: &[(FinanceResponse, u64)],
    ) -> Option<FinanceResponse> {
        crate::ensemble::combine(request, answers)
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &FinanceRequest,
    ) -> Result<FinanceResponse, AnswerError> {
        request.check().map_err(|error| AnswerError::Refused(error.to_string()))?;
        let backend = self.config.backend.as_ref();
        backend
            .ok_or_else(|| AnswerError::Refused("nothing that forecasts is attached here".into()))?
            .answer(context, request)
    }
}

impl FinanceSubnet {
    /// How the series of a feed went on.
    fn outcome(&self, request: &FinanceRequest, origin: &Origin) -> Option<Hidden> {
        let shown = Shown {
            feed: request.series.clone(),
            last: request.last_time,
            history: request.history.clone(),
            checkpoint: origin.shown.clone(),
        };
        let (outcome, checkpoint) = self.config.feeds.as_ref()?.outcome(&shown, request.steps)?;
        let origin = Origin { outcome: Some(checkpoint), ..origin.clone() };
        Some(Hidden { outcome, origin: Some(origin) })
    }

    /// The contradiction between a task and the record of its feed here, if there is one.
    fn foreign_record(&self, challenge: &Challenge<Self>) -> Option<&'static str> {
        let origin = challenge.hidden.origin.as_ref()?;
        self.config.feeds.as_ref()?;
        match self.outcome(&challenge.request, origin) {
            None => Some("the record of the feed that is here does not have the series of this task"),
            Some(found) if found.outcome != challenge.hidden.outcome => {
                Some("by the record of the feed that is here the series went on in another way")
            }
            Some(_) => None,
        }
    }
}

/// A level near the last value, above which the series ends or which it reaches.
fn event(request: &FinanceRequest, seed: &Seed) -> Wanted {
    let mut rng = seed.derive(b"finance event", 0).rng();
    let size = score::usual_move(request);
    let far = |part: u64| (i64::from(request.last()) + size * part as i64 / 1000) as i32;
    match rng.below(2) {
        0 => {
            let below = rng.below(1500);
            let level = far(rng.below(1500));
            // Half of the levels lie below the last value.
            let mirrored = i64::from(request.last()) - size * below as i64 / 1000;
            Wanted::Above(if rng.below(2) == 0 { level } else { mirrored as i32 })
        }
        _ => Wanted::Reaches(far(rng.range(200, 1500))),
    }
}
