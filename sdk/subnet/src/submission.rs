//! Submissions: artefacts that answer in the miner's place, and the programs that open them.
//!
//! The miner *commits* to an artefact on the chain ([`Submission`](myelin_wire::commitment::Submission)). A round draws
//! its tasks from a later block, so nobody can fit an artefact to them. From then on the miner must hand the artefact
//! to anybody who asks, signed or not: that is its *publication*, and without it there is nothing to judge. Every
//! validator opens the same bytes, asks the same tasks, and arrives at the same answers.
//!
//! Cost is counted, not timed: [`latency`] turns fuel into the time of a record, so that the part of a rubric that pays
//! speed is the same on every machine.

use myelin_sandbox::{Limits, Program, ProgramError, RunError, Sandbox};
use myelin_wire::{
    commitment::Submission,
    hash::{blake2_256, Hash},
    record::{LatencyBucket, Reason},
    AccountId,
};

use crate::{
    chain::Statement,
    subnet::{Mode, Subnet},
};

/// Fuel that counts as a millisecond: about the fuel that a slow core uses in one.
pub const FUEL_PER_MS: u64 = 500_000;

/// The time of a record for an amount of fuel.
pub fn latency(fuel: u64) -> LatencyBucket {
    LatencyBucket::of_ms(fuel / FUEL_PER_MS)
}

/// An artefact that a miner has committed to on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommittedArtefact {
    /// Hash of block 0.
    pub genesis: Hash,
    /// The subnet.
    pub netuid: u16,
    /// The mechanism.
    pub mechanism: u8,
    /// The miner.
    pub hotkey: AccountId,
    /// The commitment.
    pub commitment: Hash,
    /// Longest artefact in bytes.
    pub limit: usize,
}

impl CommittedArtefact {
    /// Whether these bytes are the artefact.
    pub fn is(&self, bytes: &[u8]) -> bool {
        let &Self { genesis, netuid, mechanism, hotkey, commitment, limit } = self;
        let artefact = blake2_256(bytes);
        let submission = Submission { genesis, netuid, mechanism, hotkey, artefact };
        bytes.len() <= limit && submission.commitment() == commitment
    }
}

/// A mechanism that takes submissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contest {
    /// Its number.
    pub mechanism: u8,
    /// Its place among the hashes that a hotkey states. Each mechanism has one place, so that nobody can choose between
    /// several artefacts once the tasks are known.
    pub place: usize,
    /// Longest artefact in bytes.
    pub artefact_limit: usize,
}

impl Contest {
    /// The commitment of a hotkey there, if it has one.
    pub fn entered(&self, statement: &Statement) -> Option<Hash> {
        statement.hashes.get(self.place).copied().filter(|hash| *hash != Hash::default())
    }
}

/// The mechanisms of a subnet that take submissions.
pub fn contests<S: Subnet>(subnet: &S) -> Vec<Contest> {
    let limits = (0u8..).zip(subnet.mechanisms()).filter_map(|(mechanism, plan)| match plan.mode {
        Mode::Submit { artefact_limit, .. } => Some((mechanism, artefact_limit)),
        Mode::Serve => None,
    });
    let contest = |(place, (mechanism, artefact_limit))| Contest { mechanism, place, artefact_limit };
    limits.enumerate().map(contest).collect()
}

/// Something that answers requests, made of an artefact.
pub trait Entrant<S: Subnet>: Send + Sync {
    /// Answers one request, the same way every time and everywhere.
    fn answer(&self, request: &S::Request, limits: &Limits) -> Result<Entry<S::Response>, EntrantError>;
}

/// An answer with its fuel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<R> {
    /// The answer.
    pub response: R,
    /// The fuel.
    pub fuel: u64,
}

/// Reason why an artefact gives no answer: for the record, and a line for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found}")]
pub struct EntrantError {
    /// The reason in the record.
    pub reason: Reason,
    /// Description of the failure.
    pub found: String,
}

impl EntrantError {
    /// An artefact, or an answer of one, that cannot be read.
    pub fn malformed(found: impl Into<String>) -> Self {
        Self { reason: Reason::Malformed, found: found.into() }
    }
}

impl From<ProgramError> for EntrantError {
    fn from(error: ProgramError) -> Self {
        Self::malformed(error.to_string())
    }
}

impl From<RunError> for EntrantError {
    fn from(error: RunError) -> Self {
        let reason = match error {
            // If time were excused, a program would waste time wherever it knows no answer.
            RunError::OutOfFuel(_) | RunError::TooSlow(_) => Reason::Late,
            RunError::Output { .. } => Reason::Oversize,
            _ => Reason::Malformed,
        };
        Self { reason, found: error.to_string() }
    }
}

/// Tools that open artefacts; one for a process.
#[derive(Clone, Default)]
pub struct Workshop {
    /// Translates programs.
    pub sandbox: Sandbox,
}

impl Workshop {
    /// A WebAssembly program that reads the request as JSON and writes the response as JSON.
    pub fn program<S: Subnet>(&self, artefact: &[u8]) -> Result<Box<dyn Entrant<S>>, EntrantError> {
        Ok(Box::new(JsonProgram(self.sandbox.program(artefact)?)))
    }
}

struct JsonProgram(Program);

impl<S: Subnet> Entrant<S> for JsonProgram {
    fn answer(&self, request: &S::Request, limits: &Limits) -> Result<Entry<S::Response>, EntrantError> {
        let input = serde_json::to_vec(request)
            .map_err(|error| EntrantError::malformed(format!("the request is no JSON: {error}")))?;
        let run = self.0.run(&input, limits)?;
        let response = serde_json::from_slice(&run.output)
            .map_err(|error| EntrantError::malformed(format!("the output is no answer: {error}")))?;
        Ok(Entry { response, fuel: run.fuel })
    }
}
