//! Telling a story: step by step, with every rule checked, until it ends or something breaks.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::Once,
};

use myelin_runtime::Runtime;
use pallet_network::{
    invariants::Violation,
    removal::{SubnetRemoval, WaitingRegistrations},
    NominationSweep,
};
use sp_runtime::{DispatchError, ModuleError};

use crate::{
    carried::unpack,
    meeting::Meeting,
    schema::error_names,
    story::{Action, Author, Step},
    world::{Counts, Drift, Outcome, World},
};

/// Blocks without calls after which no work in pages may be left.
const MOST_BLOCKS_OF_PAGES: u32 = 1_000;

/// Count of a call and of its outcomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Successes.
    pub done: u64,
    /// Failures, by error.
    pub refused: BTreeMap<String, u64>,
}

/// Figures of a story.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Transactions sent.
    pub calls: u64,
    /// Blocks lived.
    pub blocks: u64,
    /// Counts by call, carried calls included.
    pub tallies: BTreeMap<String, Tally>,
    /// Error of the sums at the last measurement.
    pub drift: Drift,
    /// Events with which blocks began.
    pub counts: Counts,
    /// Changes of the set in office, or of its keys.
    pub terms: u64,
    /// Calls that met a vote lock, by kind.
    pub met: BTreeMap<Meeting, u64>,
}

impl Report {
    fn measure(&mut self, world: &mut World) {
        self.drift = world.look(Drift::measure);
        (self.counts, self.terms) = (world.counts(), world.terms());
    }

    fn count(&mut self, title: String, outcome: &Outcome) {
        let tally = self.tallies.entry(title).or_default();
        match outcome {
            Outcome::Done => tally.done += 1,
            Outcome::Refused(error) => *tally.refused.entry(error_name(error)).or_default() += 1,
            Outcome::Invalid(invalid) => *tally.refused.entry(format!("{invalid:?}")).or_default() += 1,
        }
    }

    /// Counts a call that may have met a vote lock. The first outcome is that of the call itself.
    fn count_meeting(&mut self, kind: Meeting, told: &[(String, Outcome)]) {
        if told.first().is_some_and(|(_, outcome)| kind.is_met(outcome)) {
            *self.met.entry(kind).or_default() += 1;
        }
    }

    /// Calls that met a vote lock, of this kind.
    pub fn met(&self, kind: Meeting) -> u64 {
        self.met.get(&kind).copied().unwrap_or_default()
    }

    /// Calls that succeeded.
    pub fn done(&self) -> u64 {
        self.tallies.values().map(|tally| tally.done).sum()
    }

    /// Names of calls that never succeeded.
    pub fn never_done<'a>(&'a self, all: &'a [String]) -> Vec<&'a String> {
        all.iter().filter(|name| self.tallies.get(*name).is_none_or(|tally| tally.done == 0)).collect()
    }
}

/// The name of an error of a pallet, or how it is written.
pub fn error_name(error: &DispatchError) -> String {
    let named = match error {
        DispatchError::Module(ModuleError { index, error, .. }) => {
            error_names().get(&(*index, error[0])).cloned()
        }
        _ => None,
    };
    named.unwrap_or_else(|| format!("{error:?}").split(['(', ' ']).next().unwrap_or_default().to_string())
}

/// A broken rule, and the steps that led to it.
#[derive(Clone)]
pub struct Failure {
    /// All steps up to it.
    pub steps: Vec<Step>,
    /// The rule, or the message of the runtime's panic.
    pub rule: String,
    /// The values found.
    pub found: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (after {} steps): {}", self.rule, self.steps.len(), self.found)
    }
}

/// Thoroughness of the checks after each call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// The rules about money after each call, all rules after each block.
    Money,
    /// All rules after each call.
    All,
}

/// The outcome of a call, and of the calls that it carries.
pub type Told = Vec<(String, Outcome)>;

/// Executes one step; returns the outcome of the call, or the broken rule.
pub fn live(world: &mut World, step: &Step, care: Care) -> Result<Told, Violation> {
    let lived = quietly(|| -> Result<Told, Violation> {
        match step {
            Step::Block => {
                world.check_all()?;
                world.next_block();
                world.check_epochs()?;
                world.check_money()?;
                Ok(Vec::new())
            }
            Step::Call(action) => {
                let told = act(world, action)?;
                match care {
                    Care::Money => world.check_money()?,
                    Care::All => world.check_all()?,
                }
                Ok(told)
            }
        }
    });
    lived.unwrap_or_else(|panic| Err(Violation { rule: "the runtime never panics", found: panic }))
}

fn act(world: &mut World, action: &Action) -> Result<Told, Violation> {
    let Some(call) = action.decoded() else { return Ok(Vec::new()) };
    let outcome = world.apply_fairly(action.signer, &call)?;
    Ok(world.look(|| unpack(&call, outcome)))
}

thread_local! {
    /// Message and place of the last panic of this thread, while a caller asked for it.
    static LAST_WORDS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic becomes its message, and is not printed.
fn quietly<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let heard =
                LAST_WORDS.with_borrow_mut(|words| words.as_mut().map(|words| *words = panic.to_string()));
            if heard.is_none() {
                usual(panic);
            }
        }));
    });
    LAST_WORDS.set(Some(String::new()));
    let outcome = catch_unwind(AssertUnwindSafe(work));
    let words = LAST_WORDS.take().unwrap_or_default();
    outcome.map_err(|_| words)
}

/// Tells the story of a seed for this many calls, and reports progress to `progress` now and then.
pub fn tell(seed: u64, calls: u64, mut progress: impl FnMut(&Report)) -> Result<Report, Failure> {
    let mut world = World::genesis();
    let mut author = Author::new(seed, &mut world);
    let (mut steps, mut report) = (Vec::new(), Report::default());
    while report.calls < calls {
        let step = author.next(&mut world);
        steps.push(step.clone());
        let ahead = Meeting::ahead(&mut world, &step);
        match live(&mut world, &step, Care::Money) {
            Ok(told) => {
                if let Some(kind) = ahead {
                    report.count_meeting(kind, &told);
                }
                for (title, outcome) in told {
                    if matches!(outcome, Outcome::Done) {
                        author.heard_of(&title);
                    }
                    report.count(title, &outcome);
                }
            }
            Err(Violation { rule, found }) => return Err(Failure { steps, rule: rule.to_string(), found }),
        }
        match &step {
            Step::Block => report.blocks += 1,
            Step::Call(_) => report.calls += 1,
        }
        if report.calls.is_multiple_of(1_000) && step != Step::Block {
            report.measure(&mut world);
            progress(&report);
        }
    }
    // Work in pages ends by itself.
    for left in (0..MOST_BLOCKS_OF_PAGES).rev() {
        steps.push(Step::Block);
        let lived = live(&mut world, &Step::Block, Care::All).and_then(|_| world.look(|| pages_end(left)));
        match lived {
            Ok(true) => break,
            Ok(false) => {}
            Err(Violation { rule, found }) => return Err(Failure { steps, rule: rule.to_string(), found }),
        }
        report.blocks += 1;
    }
    report.measure(&mut world);
    Ok(report)
}

/// Whether no work that takes several blocks is left; an error if some is left and no blocks are.
fn pages_end(left: u32) -> Result<bool, Violation> {
    let removals = SubnetRemoval::<Runtime>::count();
    let waiting = WaitingRegistrations::<Runtime>::count();
    let sweep = NominationSweep::<Runtime>::exists();
    let ended = removals == 0 && waiting == 0 && !sweep;
    if !ended && left == 0 {
        let found =
            format!("{removals} removals, {waiting} subnets that wait, sweep of nominations: {sweep}");
        return Err(Violation { rule: "work in pages comes to an end", found });
    }
    Ok(ended)
}

/// Executes these steps again and returns the failure, if any.
pub fn replay(steps: &[Step], care: Care) -> Option<Failure> {
    let mut world = World::genesis();
    for (at, step) in steps.iter().enumerate() {
        if let Err(Violation { rule, found }) = live(&mut world, step, care) {
            return Some(Failure { steps: steps[..=at].to_vec(), rule: rule.to_string(), found });
        }
    }
    None
}
