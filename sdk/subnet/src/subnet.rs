//! The trait that makes a subnet, and the plain types it speaks.

use std::time::Duration;

use myelin_provenance::ModelId;
use myelin_sandbox::Limits;
use myelin_wire::{
    record::{Asked, LatencyBucket, Ppm, Reason, Rubric},
    seed::Seed,
    AccountId,
};
use serde::{de::DeserializeOwned, Serialize};

use crate::{
    evaluation::{Agreement, Ballot, LadderRule, LoadRule, Maturity, RatingRule, WeightRule, WindowRule},
    submission::{Entrant, EntrantError, Workshop},
};

/// A kind of work that miners do and validators judge.
///
/// A third party implements this in one crate and changes nothing else. The runners own everything around it: keys,
/// signatures, peers, deadlines, commitments, averages, weights, state on disk, restart.
///
/// Three promises make scores comparable and auditable; the tests of a subnet should state them:
///
/// * [`challenge`](Self::challenge) depends on its arguments and on files named in the configuration, nothing else;
/// * [`score`](Self::score) returns the same parts for every order of the answers, and computes them with integers or
///   with arithmetic that is bit-exact on every machine;
/// * an answer that is better by the subnet's own description never gets a smaller part.
pub trait Subnet: Send + Sync + Sized + 'static {
    /// The subnet's name on the wire: requests go to `/NAME`. Letters and digits.
    const NAME: &'static str;
    /// Version of protocol and scoring. Miners and validators of different versions do not understand each other.
    const VERSION: u32;

    /// Request of a validator.
    type Request: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;
    /// Response of a miner.
    type Response: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;
    /// Part of a task that the validator keeps to itself until the round is judged: references, right answers. Kept as
    /// evidence.
    type Hidden: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;
    /// Configuration of an instance: the corpus and judge of a validator, the backend of a miner.
    type Config: Send + 'static;
    /// State that a validator builds up from round to round; saved with its averages.
    type State: Serialize + DeserializeOwned + Default + Send + Sync + 'static;

    /// An instance for one process.
    fn open(config: Self::Config) -> Result<Self, SubnetError>;

    /// Makes things that judging needs and that take seconds, such as an engine for programs. A validator calls it
    /// at its start, on a thread of its own, and begins no round before it returns. Nothing may depend on the call.
    fn prepare(&self) {}

    /// The rule that turns parts into a score; public, and named by hash in every record.
    fn rubric(&self) -> &Rubric;

    /// The subnet's mechanisms in the order of their numbers on the chain. Each is a way to compete, with its own
    /// weights.
    ///
    /// The chain splits the miners' emission over the mechanisms that the subnet's owner has switched on.
    fn mechanisms(&self) -> Vec<Mechanism> {
        vec![Mechanism::serve()]
    }

    /// Engines whose results decide scores, with versions and limits. They are part of the rules, because other engines
    /// give other results. The runners list the sandbox for submitted programs.
    fn engines(&self) -> Vec<Engine> {
        Vec::new()
    }

    /// How parts are measured, as far as a line can say it. They are a part of the rules too.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
    }

    /// Tasks of every round, in the order in which they are asked.
    fn tasks(&self) -> Vec<TaskPlan>;

    /// Draws one task of a kind from its own seed.
    fn challenge(
        &self,
        plan: &TaskPlan,
        seed: &Seed,
        state: &Self::State,
    ) -> Result<Challenge<Self>, SubnetError>;

    /// Longest request in bytes, as JSON. Axons refuse longer ones.
    fn request_limit(&self) -> usize {
        1 << 20
    }

    /// Judges the answers that arrived in time: one judgement per answer, in the same order.
    fn score(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<Self::Response>],
        state: &mut Self::State,
    ) -> Vec<Judgement>;

    /// The same in two halves. The first half is this method: it runs on all cores, for many tasks at once. The second
    /// half is the function that it returns, which gets the state and is called in the order of the tasks.
    ///
    /// A subnet whose answers take long to judge does that in the first half and charges it to `effort`, which the
    /// answers to one miner's own tasks share. By default everything is in the second half, unless the state has no
    /// size: such a state cannot carry anything from one task to the next.
    fn judge<'a>(
        &'a self,
        challenge: &'a Challenge<Self>,
        answers: &'a [Answer<Self::Response>],
        _effort: &mut Effort,
    ) -> Judging<'a, Self> {
        if size_of::<Self::State>() == 0 {
            let judgements = self.score(challenge, answers, &mut Self::State::default());
            return Box::new(|_| judgements);
        }
        Box::new(move |state| self.score(challenge, answers, state))
    }

    /// Units of work that judging the answers to a miner's own tasks on a mechanism may take in a round, where miners
    /// decide how much that is. A rule: it stands in the text whose hash the chain keeps. A unit is something that
    /// every machine counts alike, such as fuel; time is not.
    fn effort(&self, _mechanism: u8) -> Option<u64> {
        None
    }

    /// The judge behind an endpoint whose verdicts decide scores of a mechanism; `None` where nobody outside is asked.
    /// A rule: its name stands in the text whose hash the chain keeps.
    fn judge_of(&self, _mechanism: u8) -> Option<JudgeId> {
        None
    }

    /// Asks the judge of a mechanism about the answers of a round, and notes its verdicts in the hidden parts of the
    /// tasks. Called once for the tasks of each mechanism that has a judge ([`judge_of`](Self::judge_of)), before
    /// anything is judged, on a thread that may wait. The round waits as well, so this must return within `time`.
    ///
    /// Hidden parts are kept as evidence. So judging again takes the verdicts as they were, and asks nobody.
    fn consult(&self, _tasks: &mut [Consulted<'_, Self>], _time: Duration) {}

    /// When the outcome of tasks of a kind is known; `None` if their answers are judged in their own round. A rule: it
    /// stands in the text whose hash the chain keeps. For tasks that are served, where no load is paid.
    fn maturity(&self, _plan: &TaskPlan) -> Option<Maturity> {
        None
    }

    /// The outcome of a mature task, which becomes its hidden part and by which its answers are judged. `None` as long
    /// as the outcome is not known.
    ///
    /// The outcome is kept as evidence, so judging again needs no feed. The first blocks that count are those after
    /// `asked.block`. Slow work, such as reading a feed of prices, belongs on a thread of the subnet's own: a round
    /// waits for this call.
    fn settle(&self, _plan: &TaskPlan, _asked: &Asked, challenge: &Challenge<Self>) -> Option<Self::Hidden> {
        Some(challenge.hidden.clone())
    }

    /// Evidence of each two answers to one open task that one miner repeats the other, or both repeat a third.
    /// [`every_two`](crate::evaluation::every_two) computes it pair by pair.
    ///
    /// Pairs are named by their places among `answers`, the smaller one first, each once. Pairs without evidence are
    /// omitted, as on tasks with one right answer. The order of the answers does not matter.
    fn agreements(
        &self,
        _challenge: &Challenge<Self>,
        _answers: &[Answer<Self::Response>],
    ) -> Vec<(usize, usize, Agreement)> {
        Vec::new()
    }

    /// The comparisons of a task, and the votes of each of its answers in the order of the answers. For tasks of a
    /// mechanism that pays by agreement; only votes of answers that [`score`](Self::score) pays count.
    ///
    /// All tasks of a round are one ballot. The mechanism compares the miners over all of them.
    fn ballot(&self, _challenge: &Challenge<Self>, _answers: &[Answer<Self::Response>]) -> Option<Ballot> {
        None
    }

    /// Answers a request, on a thread that may compute or block.
    fn answer(&self, context: &AnswerContext, request: &Self::Request)
        -> Result<Self::Response, AnswerError>;

    /// Answers a request piece by piece: `on_event` gets each piece as the JSON text of a server-sent event, and
    /// returns whether the caller still listens. The whole answer is returned as well; `None` if the subnet does not
    /// stream such requests.
    ///
    /// The whole answer must be that of [`answer`](Self::answer): the miner signs it when the caller asks for it
    /// afterwards.
    fn answer_streaming(
        &self,
        _context: &AnswerContext,
        _request: &Self::Request,
        _on_event: &mut dyn FnMut(String) -> bool,
    ) -> Option<Result<Self::Response, AnswerError>> {
        None
    }

    /// Whether a finished stream, all bytes of its server-sent events, has the content of the whole answer. A subnet
    /// that streams implements it: the signature is over the whole answer, but people have read the stream.
    fn is_streamed(&self, _stream: &[u8], _whole: &Self::Response) -> bool {
        false
    }

    /// Turns a miner's submission into an entrant that answers, where miners submit.
    ///
    /// It must answer the same request in the same way on every machine. By default an artefact is a WebAssembly
    /// program that reads the request as JSON and writes the response as JSON.
    fn entrant(&self, workshop: &Workshop, artefact: &[u8]) -> Result<Box<dyn Entrant<Self>>, EntrantError> {
        workshop.program(artefact)
    }

    /// Identity of the model that answers a request, by which the chain's registry knows it. The miner declares it in
    /// its signatures. Zeros declare none.
    fn model_id(&self, _request: &Self::Request) -> ModelId {
        [0; 32]
    }

    /// Models that this version runs again to check the answers that declare them.
    fn held_models(&self) -> Vec<ModelId> {
        Vec::new()
    }

    /// One answer made of several miners' answers to one request, each with a weight above zero. `None` if they should
    /// not be mixed, or none of them is useful.
    ///
    /// The order of the answers does not matter. A single answer comes back as it is. While the answers that agree
    /// weigh more than all others, the others change nothing.
    fn combine(
        &self,
        _request: &Self::Request,
        _answers: &[(Self::Response, u64)],
    ) -> Option<Self::Response> {
        None
    }

    /// Turns traffic of a gateway into a request of this subnet; `None` if the subnet serves no such traffic.
    fn organic(&self, _openai_request: &serde_json::Value) -> Option<Self::Request> {
        None
    }

    /// Kind of task among which requests of customers are asked, so that miners cannot tell them apart: its tasks are
    /// made of earlier requests of customers. `None` if validators ask no requests of customers.
    fn organic_kind(&self) -> Option<&'static str> {
        None
    }
}

/// A program on whose results judging depends, such as a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Its name: lower-case letters and hyphens.
    pub name: &'static str,
    /// Its version, or the hash of its program: letters, digits, dots and hyphens.
    pub version: String,
    /// Limits of a run, in an order of the subnet's own.
    pub limits: Vec<u64>,
}

/// A judge behind an endpoint, as rules name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgeId {
    /// The name of its model: letters, digits and `._:/@-`.
    pub model: String,
    /// Hash of its instructions: letters and digits.
    pub instructions: String,
    /// Most calls in a round.
    pub calls: u64,
}

/// A task with its answers, for a judge behind an endpoint.
pub struct Consulted<'a, S: Subnet> {
    /// The task. Its hidden part may be changed.
    pub challenge: &'a mut Challenge<S>,
    /// The answers that arrived in time, in no particular order. Some of them may still be refused.
    pub answers: Vec<(MinerRef, &'a S::Response)>,
}

/// The second half of judging a task: what depends on the state or changes it.
pub type Judging<'a, S> = Box<dyn FnOnce(&mut <S as Subnet>::State) -> Vec<Judgement> + Send + 'a>;

/// Units of work that are left for judging a miner's answers of a round ([`Subnet::effort`]).
///
/// An answer is judged while any are left, so the last one may take more. Those after it that would take work are worth
/// nothing: a miner whose answers are expensive to judge loses by it and nobody else waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effort(u64);

impl Effort {
    /// So many units; without a number, as many as it takes.
    pub fn of(units: Option<u64>) -> Self {
        Self(units.unwrap_or(u64::MAX))
    }

    /// Takes units away.
    pub fn spend(&mut self, units: u64) {
        self.0 = self.0.saturating_sub(units);
    }

    /// Whether none are left.
    pub fn is_spent(&self) -> bool {
        self.0 == 0
    }
}

/// How a part of the score is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The part's name in the rubric.
    pub part: &'static str,
    /// The formula in one word: letters, digits and `()+-*/.,`.
    pub formula: String,
}

/// Miners that get the tasks of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Every miner of the round gets the same tasks. For open answers, which are compared with each other.
    Round,
    /// Every miner gets tasks of its own. For questions with one right answer, which could be passed on.
    Miner,
    /// Every miner gets the same tasks from every validator. For submissions, which precede the tasks.
    Network,
}

/// A way to compete: how answers are made, and how they are paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mechanism {
    /// How answers are made.
    pub mode: Mode,
    /// How averages become weights.
    pub pay: Pay,
    /// Weight of a new round in the moving average.
    pub rate: Ppm,
    /// Rounds of average earnings after which a newcomer is paid in full. It has no effect where a ladder pays
    /// submissions: a newcomer there has to wait for rounds to be compared over anyway. Nor has it with a window, in
    /// which a newcomer's rounds count as much as anybody's; nor where agreement is paid.
    pub burn_in: u32,
}

/// How answers are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Miners answer requests.
    Serve,
    /// Miners submit an artefact before the tasks are drawn, and every validator runs it on the same tasks.
    Submit {
        /// Limits of one answer.
        limits: Limits,
        /// Longest artefact in bytes.
        artefact_limit: usize,
    },
}

/// How averages become weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pay {
    /// Each miner by its own average.
    Power(WeightRule),
    /// Each level of quality to the miner that reached it first.
    Ladder(LadderRule),
    /// Each miner for the work that it does at saturating load. For tasks that each miner gets alone.
    Load(LoadRule),
    /// Each miner by what its last scores have above a level. For forecasts, whose pay must not reward risk.
    Window(WindowRule),
    /// Each miner for what its votes on answers of others tell. For tasks that all miners get and commit to.
    Agreement(RatingRule),
}

impl Pay {
    /// The power of a miner's quality that it is paid for; 1 for a ladder and a window, 2 for agreement.
    pub fn sharpness(self) -> u32 {
        match self {
            Pay::Power(rule) => rule.sharpness,
            Pay::Load(rule) => rule.sharpness,
            Pay::Ladder(_) | Pay::Window(_) => 1,
            Pay::Agreement(_) => 2,
        }
    }
}

/// Average rounds that a newcomer must have earned before it is paid in full: three epochs. Otherwise a fresh key would
/// be worth its first lucky round, and a key whose answers have got worse would be exchanged for it.
pub const BURN_IN: u32 = 9;

impl Mechanism {
    /// Miners answer, and each is paid by the square of its average.
    pub fn serve() -> Self {
        Self {
            mode: Mode::Serve,
            pay: Pay::Power(WeightRule::default()),
            rate: Ppm::new(400_000),
            burn_in: BURN_IN,
        }
    }

    /// Miners answer as much as they can. Each is paid in proportion to the work done, times the quality to the power
    /// of `sharpness`.
    pub fn saturate(rule: LoadRule) -> Self {
        Self { pay: Pay::Load(rule), ..Self::serve() }
    }

    /// Miners answer, and each is paid for what its scores of a window of rounds have above a level.
    pub fn window(rule: WindowRule) -> Self {
        Self { pay: Pay::Window(rule), burn_in: 0, ..Self::serve() }
    }

    /// Miners vote on answers of others, and each is paid for what its votes of a window of rounds tell.
    pub fn rate(rule: RatingRule) -> Self {
        Self { pay: Pay::Agreement(rule), burn_in: 0, ..Self::serve() }
    }

    /// Miners submit, and a miner that improves on the best is paid for the improvement.
    pub fn submit(limits: Limits, artefact_limit: usize) -> Self {
        Self {
            mode: Mode::Submit { limits, artefact_limit },
            pay: Pay::Ladder(LadderRule::default()),
            rate: Ppm::new(200_000),
            burn_in: 0,
        }
    }

    /// With another burn-in, where it has an effect.
    pub fn with_burn_in(self, rounds: u32) -> Self {
        match self.pay {
            Pay::Ladder(_) | Pay::Window(_) | Pay::Agreement(_) => self,
            Pay::Power(_) | Pay::Load(_) => Self { burn_in: rounds, ..self },
        }
    }
}

/// One kind of task in every round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskPlan {
    /// The kind, one lower-case word; it separates the seeds of different kinds.
    pub kind: &'static str,
    /// Index of the mechanism in [`Subnet::mechanisms`].
    pub mechanism: u8,
    /// Miners that get the tasks.
    pub share: Share,
    /// Tasks of this kind in a round; at saturating load in each of its batches.
    pub count: u16,
    /// Whether a miner commits to its answer before any answer of the round is opened.
    pub commit: bool,
    /// Time to answer, or to commit, from sending to receiving.
    pub deadline: Duration,
    /// Shortest time in which an answer can be found: a faster miner knew it before.
    pub fastest: Duration,
    /// Longest answer body in bytes.
    pub answer_limit: usize,
    /// Weight of one task's score in the mean of the round.
    pub weight: u32,
}

impl TaskPlan {
    /// Whether an answer can be found in this time.
    pub fn allows(&self, latency: LatencyBucket) -> bool {
        u128::from(latency.start_ms()) >= self.fastest.as_millis()
    }

    /// Whether an answer with this latency came after the deadline.
    pub fn is_over(&self, latency: LatencyBucket) -> bool {
        latency.start_ms() >= self.deadline_ms()
    }

    /// The shortest time in a record that is after the deadline.
    pub fn too_late(&self) -> LatencyBucket {
        let deadline = self.deadline_ms();
        let found = LatencyBucket::of_ms(deadline);
        let width = 1u64 << (deadline.max(4).ilog2() - 2);
        if found.start_ms() == deadline {
            found
        } else {
            LatencyBucket::of_ms(found.start_ms() + width)
        }
    }

    fn deadline_ms(&self) -> u64 {
        u64::try_from(self.deadline.as_millis()).unwrap_or(u64::MAX / 2)
    }
}

/// A part of a score for the time that an answer took: full within a quarter of the deadline, then falling in a
/// straight line to nothing at the deadline.
pub fn speed(latency: LatencyBucket, deadline: Duration) -> Ppm {
    let all = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    Ppm::ratio(all.saturating_sub(latency.start_ms()), all.saturating_sub(all / 4).max(1))
}

/// A task: the request, and the part that the validator keeps.
pub struct Challenge<S: Subnet> {
    /// Sent to the miners.
    pub request: S::Request,
    /// Known to the validator alone.
    pub hidden: S::Hidden,
}

/// A miner as the metagraph names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinerRef {
    /// Its number on the subnet.
    pub uid: u16,
    /// Its key.
    pub hotkey: AccountId,
}

/// An answer that arrived in time.
#[derive(Clone, Debug)]
pub struct Answer<R> {
    /// The miner that answered.
    pub miner: MinerRef,
    /// The response.
    pub response: R,
    /// Its latency, as coarse as in the record.
    pub latency: LatencyBucket,
}

/// Judgement of a subnet on one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The parts of the score, in the order of the rubric.
    pub parts: Vec<Ppm>,
    /// Whether and why the parts are paid.
    pub reason: Reason,
    /// One line for people: "12 of 40 characters differ from the reference".
    pub note: String,
}

impl Judgement {
    /// A judgement that pays nothing.
    pub fn refused(reason: Reason, note: impl Into<String>) -> Self {
        Self { parts: Vec::new(), reason, note: note.into() }
    }
}

/// Caller of a request, as the miner sees it.
#[derive(Clone, Debug)]
pub struct AnswerContext {
    /// The asker's hotkey, if the request was signed.
    pub asker: Option<AccountId>,
    /// Whether the asker is a validator of this subnet: it holds a permit and enough stake.
    pub permitted: bool,
    /// Name of the challenge, if it is one.
    pub challenge: Option<[u8; 32]>,
    /// Time left for the answer.
    pub time_left: Duration,
}

/// Reason why an instance or a task could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{attempted}: {found}; {next}")]
pub struct SubnetError {
    /// The attempt.
    pub attempted: String,
    /// The cause of the failure.
    pub found: String,
    /// The next step for the user.
    pub next: String,
}

impl SubnetError {
    /// An error in three clauses: what was attempted, what was found, what to do next.
    pub fn new(attempted: impl Into<String>, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { attempted: attempted.into(), found: found.into(), next: next.into() }
    }
}

/// Reason why a miner gives no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The request asks for something outside this miner's limits.
    #[error("this miner does not answer such a request: {0}")]
    Refused(String),
    /// The backend failed.
    #[error("the backend gave no answer: {0}")]
    Backend(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_full_within_a_quarter_and_nothing_at_the_deadline() {
        let at = |ms: u64| speed(LatencyBucket::of_ms(ms), Duration::from_millis(4096)).get();
        assert_eq!((at(0), at(1024), at(4096), at(9000)), (1_000_000, 1_000_000, 0, 0));
        assert!(at(2048) < 700_000 && at(2048) > 600_000);
    }
}
