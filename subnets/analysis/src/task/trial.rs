//! Tries whether a plan can be asked: whether examples tell it from those near it, and whether the hidden tables do.
//!
//! All of it is done with [`Runner`], which gives what the engine gives in a fraction of its time.

use myelin_wire::seed::Seed;

use super::{Form, LEAST_TELLING};
use crate::{
    data::{Focus, Model, Profile, HIDDEN_PROFILES},
    engine::Reads,
    judge::{hidden_rng, is_commonplace, REFERENCE_ROWS, REFERENCE_STEPS},
    plan::{Outcome, Plan, Runner, Test},
    protocol::Example,
    schema::Schema,
    value::Cell,
};

/// Small databases of which examples are chosen.
const POOL: u64 = 12;
/// Most examples of a task.
const MAX_EXAMPLES: usize = 4;

/// Plans near a reference.
pub(super) struct Near {
    /// Those that differ in one place, if examples are to tell them from it.
    pub(super) mutants: Vec<Plan>,
    /// Those that lack one of its tests.
    pub(super) weaker: Vec<Plan>,
}

impl Near {
    /// The plans near this one; `None` if it names no list of values where it should.
    pub(super) fn of(plan: &Plan, schema: &Schema, form: Form) -> Option<Self> {
        let lists = plan.tests.iter().all(|test| !matches!(test, Test::OneOf(_, values) if values.len() < 2));
        let without = |at| {
            let mut weaker = plan.clone();
            weaker.tests.remove(at);
            weaker
        };
        let weaker = (0..plan.tests.len()).map(without).collect();
        let mutants = if form == Form::Example { plan.mutants(schema) } else { Vec::new() };
        lists.then_some(Self { mutants, weaker })
    }
}

/// Examples and what they leave open.
pub(super) struct Chosen<'m, 'n> {
    pub(super) examples: Vec<Example>,
    /// The results that they show.
    shown: Vec<Outcome<'m>>,
    /// Plans near the reference that give the right result on all examples.
    open: Vec<&'n Plan>,
}

/// A plan that could be asked.
pub(super) struct Trial<'m> {
    pub(super) model: &'m Model,
    pub(super) plan: &'m Plan,
    pub(super) focus: &'m Focus,
}

impl<'m> Trial<'m> {
    fn reads<'p>(&self, others: impl Iterator<Item = &'p Plan>) -> Reads {
        let mut reads = self.plan.reads(&self.model.schema);
        others.for_each(|other| reads.extend(&other.reads(&self.model.schema)));
        reads
    }

    /// Small tables on which the reference shows what it does.
    pub(super) fn examples<'n>(&self, form: Form, near: &'n Near, seed: &Seed) -> Option<Chosen<'m, 'n>> {
        let Self { model, plan, focus } = *self;
        let rng = |number| seed.derive(b"example", number).rng();
        let example =
            |tables, shown: Option<&Outcome<'_>>| Example { tables, result: shown.map(Outcome::to_rows) };
        if form != Form::Example {
            let tables = model.tables(None, Profile::Small, focus, &mut rng(0));
            let found = Runner::new(&model.schema, &tables).run(plan)?;
            let shown: Vec<_> = (form == Form::Both).then_some(found).into_iter().collect();
            let examples = vec![example(tables.to_rows(), shown.first())];
            return Some(Chosen { examples, shown, open: Vec::new() });
        }
        let mut chosen =
            Chosen { examples: Vec::new(), shown: Vec::new(), open: near.mutants.iter().collect() };
        for number in 0..POOL {
            let profile = if number % 2 == 0 { Profile::Few } else { Profile::Small };
            let tables = model.tables(None, profile, focus, &mut rng(number));
            let mut runner = Runner::new(&model.schema, &tables);
            let right = runner.run(plan)?;
            // An example is worth its place if it tells something apart, and the first ones must show some rows.
            if right.cells().all(|cell| cell == Cell::Null) && number + 2 <= POOL {
                continue;
            }
            let before = chosen.open.len();
            chosen.open.retain(|other| runner.run(other).is_some_and(|found| found == right));
            if chosen.open.len() < before {
                chosen.examples.push(example(tables.to_rows(), Some(&right)));
                chosen.shown.push(right);
            }
            if chosen.shown.len() == MAX_EXAMPLES || (chosen.open.is_empty() && chosen.shown.len() > 1) {
                break;
            }
        }
        (chosen.shown.len() > 1).then_some(chosen)
    }

    /// Whether enough hidden results say something, the hidden tables notice each test that is dropped, and nothing
    /// that the examples leave open. They are drawn and looked at as by [`Judge`](crate::judge::Judge).
    pub(super) fn has_one_answer(&self, rows: &Seed, weaker: &[Plan], chosen: &Chosen<'m, '_>) -> bool {
        let Self { model, plan, focus } = *self;
        let reads = self.reads(weaker.iter().chain(chosen.open.iter().copied()));
        let mut weaker: Vec<&Plan> = weaker.iter().collect();
        let mut seen: Vec<Outcome<'m>> = chosen.shown.iter().cloned().map(Outcome::sorted).collect();
        let (mut telling, mut left) = (0, HIDDEN_PROFILES.len());
        for (number, profile) in HIDDEN_PROFILES.into_iter().enumerate() {
            let tables = model.tables(Some(&reads), profile, focus, &mut hidden_rng(rows, number));
            let mut runner = Runner::new(&model.schema, &tables);
            let Some(right) = runner.run(plan).filter(|right| right.len() <= REFERENCE_ROWS) else {
                return false;
            };
            if runner.most_steps(plan).is_none_or(|steps| steps > REFERENCE_STEPS) {
                return false;
            }
            let mut same = |other: &Plan| runner.run(other).is_some_and(|found| found == right);
            if !chosen.open.iter().all(|other| same(other)) {
                return false;
            }
            weaker.retain(|other| same(other));
            let repeated = right.clone().sorted();
            telling +=
                usize::from(!seen.contains(&repeated) && !is_commonplace(right.cells(), &tables.counts));
            seen.push(repeated);
            left -= 1;
            if telling + left < LEAST_TELLING {
                return false;
            }
            // Queries that the examples leave open must give the same on all hidden tables.
            if telling >= LEAST_TELLING && weaker.is_empty() && chosen.open.is_empty() {
                return true;
            }
        }
        telling >= LEAST_TELLING && weaker.is_empty()
    }
}
