//! Telling a story: step by step, with every rule checked, until it ends or something breaks.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::Once,
};

use pallet_network::invariants::Violation;
use sp_runtime::{DispatchError, ModuleError};

use crate::{
    schema::error_names,
    story::{title, Action, Author, Step},
    world::{Drift, Outcome, World},
};

/// How often a call was made and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// It did what it says.
    pub done: u64,
    /// It failed, by error.
    pub refused: BTreeMap<String, u64>,
}

/// What a story was like.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Calls made.
    pub calls: u64,
    /// Blocks lived.
    pub blocks: u64,
    /// By call.
    pub tallies: BTreeMap<String, Tally>,
    /// How far the sums were off when last measured.
    pub drift: Drift,
}

impl Report {
    fn count(&mut self, title: String, outcome: &Outcome) {
        self.calls += 1;
        let tally = self.tallies.entry(title).or_default();
        match outcome {
            Outcome::Done => tally.done += 1,
            Outcome::Refused(error) => *tally.refused.entry(error_name(error)).or_default() += 1,
            Outcome::Invalid(invalid) => *tally.refused.entry(format!("{invalid:?}")).or_default() += 1,
        }
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

/// What broke, after which steps.
#[derive(Clone)]
pub struct Failure {
    /// All steps up to it.
    pub steps: Vec<Step>,
    /// The rule, or what the runtime said when it panicked.
    pub rule: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (after {} steps): {}", self.rule, self.steps.len(), self.found)
    }
}

/// How thoroughly to look after each call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// The rules about money after each call, all rules after each block.
    Money,
    /// All rules after each call.
    All,
}

/// Lives one step; says what became of the call, or what broke.
pub fn live(world: &mut World, step: &Step, care: Care) -> Result<Option<(String, Outcome)>, Violation> {
    let lived = quietly(|| -> Result<Option<(String, Outcome)>, Violation> {
        match step {
            Step::Block => {
                world.check_all()?;
                world.next_block();
                world.check_epochs()?;
                world.check_money()?;
                Ok(None)
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

fn act(world: &mut World, action: &Action) -> Result<Option<(String, Outcome)>, Violation> {
    let Some(call) = action.decoded() else { return Ok(None) };
    let outcome = world.apply_fairly(action.signer, &call)?;
    Ok(Some((title(&call), outcome)))
}

thread_local! {
    /// What the last panic of this thread said and where, while somebody wants to know.
    static LAST_WORDS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic becomes what it said, and is not printed.
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

/// Tells the story of a seed for this many calls. `progress` hears of it now and then.
pub fn tell(seed: u64, calls: u64, mut progress: impl FnMut(&Report)) -> Result<Report, Failure> {
    let mut world = World::genesis();
    let mut author = Author::new(seed, &mut world);
    let (mut steps, mut report) = (Vec::new(), Report::default());
    while report.calls < calls {
        let step = author.next(&mut world);
        steps.push(step.clone());
        match live(&mut world, &step, Care::Money) {
            Ok(Some((title, outcome))) => report.count(title, &outcome),
            Ok(None) => report.blocks += u64::from(step == Step::Block),
            Err(Violation { rule, found }) => return Err(Failure { steps, rule: rule.to_string(), found }),
        }
        if report.calls.is_multiple_of(1_000) && step != Step::Block {
            report.drift = world.look(Drift::measure);
            progress(&report);
        }
    }
    let end = live(&mut world, &Step::Block, Care::All);
    steps.push(Step::Block);
    end.map_err(|Violation { rule, found }| Failure { steps, rule: rule.to_string(), found })?;
    report.drift = world.look(Drift::measure);
    Ok(report)
}

/// Lives these steps again and says what breaks, if anything does.
pub fn replay(steps: &[Step], care: Care) -> Option<Failure> {
    let mut world = World::genesis();
    for (at, step) in steps.iter().enumerate() {
        if let Err(Violation { rule, found }) = live(&mut world, step, care) {
            return Some(Failure { steps: steps[..=at].to_vec(), rule: rule.to_string(), found });
        }
    }
    None
}
