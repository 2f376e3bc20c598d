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
use myelin_wire::record::{LatencyBucket, Reason};

use crate::subnet::Subnet;

/// Fuel that counts as a millisecond: about the fuel that a slow core uses in one.
pub const FUEL_PER_MS: u64 = 500_000;

/// The time of a record for an amount of fuel.
pub fn latency(fuel: u64) -> LatencyBucket {
    LatencyBucket::of_ms(fuel / FUEL_PER_MS)
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
