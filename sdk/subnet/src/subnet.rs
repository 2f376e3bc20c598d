//! The trait that makes a subnet, and the plain types it speaks.

use std::time::Duration;

use myelin_sandbox::Limits;
use myelin_wire::{
    record::{Asked, LatencyBucket, Ppm, Reason, Rubric},
    seed::Seed,
    AccountId,
};
use serde::{de::DeserializeOwned, Serialize};

use crate::{
    evaluation::{Agreement, LadderRule, LoadRule, Maturity, WeightRule},
    submission::{Entrant, EntrantError, Workshop},
};

/// A kind of work that miners do and validators judge.
///
/// A third party implements this in one crate and touches nothing else. The runners own everything around it: keys,
/// signatures, peers, deadlines, commitments, averages, weights, state on disk, restart.
///
/// Three promises make scores comparable and auditable; the tests of a subnet should state them:
///
/// * [`challenge`](Self::challenge) depends on its arguments and on files named in the configuration, nothing else;
/// * [`score`](Self::score) gives the same parts whatever the order of the answers, and computes them with integers or
///   with arithmetic that is bit-exact on every machine;
/// * an answer that is better by the subnet's own description never gets a smaller part.
pub trait Subnet: Send + Sync + Sized + 'static {
    /// The subnet's name on the wire: requests go to `/NAME`. Letters and digits.
    const NAME: &'static str;
    /// Version of protocol and scoring. Miners and validators of different versions do not understand each other.
    const VERSION: u32;

    /// What a validator asks.
    type Request: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;
    /// What a miner answers.
    type Response: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;
    /// What the validator keeps to itself until the round is judged: references, right answers. Kept as evidence.
    type Hidden: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;
    /// How an instance is set up: the corpus and judge of a validator, the backend of a miner.
    type Config: Send + 'static;
    /// What a validator learns from round to round; saved with its averages.
    type State: Serialize + DeserializeOwned + Default + Send + Sync + 'static;

    /// An instance for one process.
    fn open(config: Self::Config) -> Result<Self, SubnetError>;

    /// How parts become a score; public, and named by hash in every record.
    fn rubric(&self) -> &Rubric;

    /// The subnet's mechanisms in the order of their numbers on the chain: each a way to compete, with its own weights.
    ///
    /// The chain splits the miners' emission over the mechanisms that the subnet's owner has switched on.
    fn mechanisms(&self) -> Vec<Mechanism> {
        vec![Mechanism::serve()]
    }

    /// Engines whose results decide scores, with versions and limits. They are a part of the rules: validators with
    /// other engines judge otherwise. The sandbox for submitted programs is listed by the runners.
    fn engines(&self) -> Vec<Engine> {
        Vec::new()
    }

    /// How parts are measured, as far as a line can say it. They are a part of the rules too.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
    }

    /// What is asked in every round, in the order in which it is asked.
    fn tasks(&self) -> Vec<TaskPlan>;

    /// Draws one task of a kind from its own seed.
    fn challenge(
        &self,
        plan: &TaskPlan,
        seed: &Seed,
        state: &Self::State,
    ) -> Result<Challenge<Self>, SubnetError>;

    /// Longest request in bytes, as JSON. Axons read no more of one.
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

    /// When the outcome of tasks of a kind is known; `None` if their answers are judged in their own round. A rule: it
    /// stands in the text whose hash the chain keeps. For tasks that are served, where no load is paid.
    fn maturity(&self, _plan: &TaskPlan) -> Option<Maturity> {
        None
    }

    /// The outcome of a task that has matured: what it hides from now on, by which its answers are judged. `None` as
    /// long as it is not known.
    ///
    /// It is kept as evidence, so judging again needs no feed. The first blocks that count are those after
    /// `asked.block`. Whatever takes long, such as a feed of prices, belongs on a thread of the subnet's own: a round
    /// waits for this.
    fn settle(&self, _plan: &TaskPlan, _asked: &Asked, challenge: &Challenge<Self>) -> Option<Self::Hidden> {
        Some(challenge.hidden.clone())
    }

    /// How strongly each two answers to one open task suggest that one miner repeats the other, or both repeat a third;
    /// [`every_two`](crate::evaluation::every_two) asks of each pair by itself.
    ///
    /// Pairs are named by their places among `answers`, the smaller one first, each once. One whose agreement says
    /// nothing is left out, as on tasks with one right answer. The order of the answers does not matter.
    fn agreements(
        &self,
        _challenge: &Challenge<Self>,
        _answers: &[Answer<Self::Response>],
    ) -> Vec<(usize, usize, Agreement)> {
        Vec::new()
    }

    /// Answers a request, on a thread that may compute or block.
    fn answer(&self, context: &AnswerContext, request: &Self::Request)
        -> Result<Self::Response, AnswerError>;

    /// Answers a request piece by piece: `on_event` gets each piece as the JSON text of a server-sent event, and says
    /// whether somebody still listens. The whole answer is returned as well; `None` if the subnet does not stream such
    /// requests.
    ///
    /// The whole must be what [`answer`](Self::answer) gives: it is what is signed when the caller asks for it
    /// afterwards.
    fn answer_streaming(
        &self,
        _context: &AnswerContext,
        _request: &Self::Request,
        _on_event: &mut dyn FnMut(String) -> bool,
    ) -> Option<Result<Self::Response, AnswerError>> {
        None
    }

    /// Whether a stream that has ended, all bytes of its server-sent events, says what the whole answer says. A subnet
    /// that streams implements it: what is signed is the whole, and what people have read is the stream.
    fn is_streamed(&self, _stream: &[u8], _whole: &Self::Response) -> bool {
        false
    }

    /// Turns what a miner submitted into something that answers, where a mechanism is of that mode.
    ///
    /// It must answer the same request in the same way on every machine. By default an artefact is a WebAssembly
    /// program that reads the request as JSON and writes the response as JSON.
    fn entrant(&self, workshop: &Workshop, artefact: &[u8]) -> Result<Box<dyn Entrant<Self>>, EntrantError> {
        workshop.program(artefact)
    }

    /// The model that answers, as the miner declares it in its signatures.
    fn model_id(&self) -> [u8; 32] {
        [0; 32]
    }

    /// One answer made of several miners' answers to one request, each with a weight above zero; `None` if they are
    /// better not mixed, or none of them is of use.
    ///
    /// The order of the answers does not matter, one answer alone comes back as it is, and while those that agree weigh
    /// more than all others, the others change nothing.
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

    /// The kind of task among which requests of customers are asked, so that miners cannot tell them apart: its tasks
    /// are made of what customers asked before. `None` if validators ask no requests of customers.
    fn organic_kind(&self) -> Option<&'static str> {
        None
    }
}

/// A program that judging runs, such as a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Its name: lower-case letters and hyphens.
    pub name: &'static str,
    /// Its version, or the hash of what runs: letters, digits, dots and hyphens.
    pub version: String,
    /// What a run may use, in an order of the subnet's own.
    pub limits: Vec<u64>,
}

/// How a part of the score is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The part's name in the rubric.
    pub part: &'static str,
    /// The formula in one word: letters, digits and `()+-*/.,`.
    pub formula: String,
}

/// Who gets the tasks of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Every miner of the round gets the same tasks. For open answers, which are compared with each other.
    Round,
    /// Every miner gets tasks of its own. For questions with one right answer, which could be passed on.
    Miner,
    /// Every miner gets the same tasks from every validator. For what was submitted before they were drawn.
    Network,
}

/// A way to compete: how answers come about, and how they are paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mechanism {
    /// How answers come about.
    pub mode: Mode,
    /// How averages become weights.
    pub pay: Pay,
    /// Weight of a new round in the moving average.
    pub rate: Ppm,
    /// A newcomer is paid in full once it has earned as much as in so many average rounds. Nothing where submissions
    /// are paid by a ladder: a newcomer there has to wait for rounds to be compared over anyway.
    pub burn_in: u32,
}

/// How answers come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Miners answer requests.
    Serve,
    /// Miners submit an artefact before the tasks are drawn, and every validator runs it on the same tasks.
    Submit {
        /// What one answer may use.
        limits: Limits,
        /// Longest artefact in bytes.
        artefact_limit: usize,
    },
}

/// How averages become weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pay {
    /// Everybody by its own average.
    Power(WeightRule),
    /// Each level of quality to who reached it first.
    Ladder(LadderRule),
    /// Everybody for what it gets done at saturating load. For tasks that each miner gets alone.
    Load(LoadRule),
}

/// Average rounds that a newcomer must have earned before it is paid in full: three epochs. Otherwise a fresh key would
/// be worth its first lucky round, and one that has got worse would be exchanged for it.
pub const BURN_IN: u32 = 9;

impl Mechanism {
    /// Miners answer, and everybody is paid by the square of its average.
    pub fn serve() -> Self {
        Self {
            mode: Mode::Serve,
            pay: Pay::Power(WeightRule::default()),
            rate: Ppm::new(400_000),
            burn_in: BURN_IN,
        }
    }

    /// Miners answer as much as they can, and everybody is paid in proportion to how much that is, and by the
    /// `sharpness` of how good.
    pub fn saturate(rule: LoadRule) -> Self {
        Self { pay: Pay::Load(rule), ..Self::serve() }
    }

    /// Miners submit, and whoever improves on what was there is paid for the improvement.
    pub fn submit(limits: Limits, artefact_limit: usize) -> Self {
        Self {
            mode: Mode::Submit { limits, artefact_limit },
            pay: Pay::Ladder(LadderRule::default()),
            rate: Ppm::new(200_000),
            burn_in: 0,
        }
    }

    /// With another burn-in, where that means something.
    pub fn with_burn_in(self, rounds: u32) -> Self {
        match self.pay {
            Pay::Ladder(_) => self,
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
    /// Who gets the tasks.
    pub share: Share,
    /// Tasks of this kind in a round; at saturating load in each of its batches.
    pub count: u16,
    /// Whether a miner commits to its answer before any answer of the round is opened.
    pub commit: bool,
    /// Time to answer, or to commit, from sending to receiving.
    pub deadline: Duration,
    /// Shortest time in which an answer can be found: whoever takes less knew it before.
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

    /// Whether an answer that took so long came after the deadline.
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

/// A task: what is sent, and what is kept.
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
    /// Whose it is.
    pub miner: MinerRef,
    /// What it says.
    pub response: R,
    /// How long it took, as coarse as the record will say it.
    pub latency: LatencyBucket,
}

/// What a subnet thinks of one answer.
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

/// Who asks, as the miner sees it.
#[derive(Clone, Debug)]
pub struct AnswerContext {
    /// The asker's hotkey, if the request was signed.
    pub asker: Option<AccountId>,
    /// Whether the asker holds a validator permit on this subnet.
    pub permitted: bool,
    /// Name of the challenge, if it is one.
    pub challenge: Option<[u8; 32]>,
    /// Time left for the answer.
    pub time_left: Duration,
}

/// Why an instance or a task could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{attempted}: {found}; {next}")]
pub struct SubnetError {
    /// What was attempted.
    pub attempted: String,
    /// What was found.
    pub found: String,
    /// What to do next.
    pub next: String,
}

impl SubnetError {
    /// An error in three clauses: what was attempted, what was found, what to do next.
    pub fn new(attempted: impl Into<String>, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { attempted: attempted.into(), found: found.into(), next: next.into() }
    }
}

/// Why a miner gives no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The request asks for something outside this miner's limits.
    #[error("this miner does not answer such a request: {0}")]
    Refused(String),
    /// The backend failed.
    #[error("the backend gave no answer: {0}")]
    Backend(String),
}
