//! Answers without a model earn less than any model, and add nothing to one: a search, by the validator's own score.
//!
//! For each group of requests, choices are drawn, then changed one to three at a time from the best so far, and judged
//! on tasks of their own. The best choices are judged once more on other tasks.

use myelin_wire::{record::Ppm, seed::SeedRng};

use super::{draw, mean, quality::pay, quick, Finding, Gain, Hall};
use crate::{
    evaluation::DrawnTask,
    subnet::SubnetError,
    testkit::contest::{Contest, Player, StringFunctions},
};

/// Choices that the kit tries for each group of requests, and as many at a time.
const BUDGET: usize = 512;
const AT_ONCE: usize = 16;
/// One of `DRAWN` choices is drawn afresh, the others change one of the `BEST` so far.
const DRAWN: usize = 3;
const BEST: usize = 6;
/// Tasks of each group for the search, and tasks of all kinds for judging its result.
const TRAINING: usize = 60;
const HELD_OUT: u64 = 1200;
/// Ratios of pay that are accepted: by appended strings, within the error of these few tasks, and by choosing among ten
/// answers.
const APPENDED: f64 = 1.02;
const CHOSEN: f64 = 1.2;
/// Tasks of all kinds on which choosing is judged: enough to tell its pay to a twentieth.
const CHOICES: u64 = 8_000;
const CHOICES_AT_ONCE: u64 = 1_000;
/// The same in a brief test, which finds a choice that pays 1.6 times as much.
const FEW_CHOICES: u64 = 500;

pub(super) fn trials<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    search(hall, hall.trials(BUDGET as u64) as usize)
}

pub(super) fn search<S: Contest>(hall: &Hall<S>, budget: usize) -> Result<Vec<Finding>, SubnetError> {
    let Some(functions) = hall.subnet.string_functions()? else { return Ok(Vec::new()) };
    let drawn = |part, count| draw(&hall.subnet, &hall.seed.derive(b"string functions", part), count);
    let (training, held_out) = (drawn(0, 10 * TRAINING as u64)?, drawn(1, hall.trials(HELD_OUT))?);
    let arena = Arena { hall, functions, training, held_out, budget };
    let alone = arena.search(None);
    let behind = arena.search(arena.functions.models.last().map(|(_, player)| player));
    let earned = arena.earned(&alone, &behind);
    Ok(vec![arena.tell_alone(&earned, &alone), arena.tell_appended(&earned), arena.tell_chosen()?])
}

/// Tasks and players for the comparison of strings and models.
struct Arena<'h, S: Contest> {
    hall: &'h Hall<S>,
    functions: StringFunctions<S>,
    training: Vec<DrawnTask<S>>,
    held_out: Vec<DrawnTask<S>>,
    budget: usize,
}

/// Mean scores on tasks that the search did not use.
struct Earned {
    models: Vec<f64>,
    known: Vec<f64>,
    /// Mean score of the best string alone.
    found: f64,
    /// For each model, the pay of its answers with the best string behind them, and with the string that was searched
    /// behind the best model, in units of its pay without them.
    appended: Vec<[Gain; 2]>,
}

/// The best choices for a group, the best first, with their scores.
type Found = Vec<(f64, Vec<usize>)>;

impl<S: Contest> Arena<'_, S> {
    /// Scores of all players on tasks that the search did not use. They are judged together, because a judge reads a
    /// task once.
    fn earned(&self, alone: &[Found], behind: &[Found]) -> Earned {
        let StringFunctions { models, known, group, .. } = &self.functions;
        let mut scores: Vec<Vec<(Ppm, u32)>> = Vec::new();
        for task in &self.held_out {
            let request = &task.challenge.request;
            let Some(group) = group(request) else { continue };
            let best = |found: &[Found]| found.get(group)?.first().map(|(_, choices)| choices.clone());
            let found = [best(alone), best(behind)];
            let string = |at: usize, begun: Option<&S::Response>| {
                found[at].as_ref().map(|choices| self.answer(choices, task, begun))
            };
            let written: Vec<_> = models.iter().map(|(_, player)| player(request)).collect();
            let appended = written.iter().flat_map(|begun| [0, 1].map(|at| string(at, begun.as_ref())));
            let answers = written.iter().cloned().chain(known.iter().map(|(_, player)| player(request)));
            let answers = answers.chain([string(0, None)]).chain(appended);
            self.judged(task, answers.collect(), &mut scores);
        }
        // Nothing was scored where no task has a group.
        scores.resize_with(3 * models.len() + known.len() + 1, Vec::new);
        let (alone, appended) = scores.split_at(models.len() + known.len() + 1);
        let gain = |model: &Vec<(Ppm, u32)>, at: usize| Gain::of(&self.hall.subnet, &appended[at], model);
        let means: Vec<f64> = alone.iter().map(|scores| mean(scores)).collect();
        let appended = alone[..models.len()].iter().enumerate();
        Earned {
            models: means[..models.len()].to_vec(),
            known: means[models.len()..means.len() - 1].to_vec(),
            found: means[means.len() - 1],
            appended: appended.map(|(at, model)| [0, 1].map(|way| gain(model, 2 * at + way))).collect(),
        }
    }

    /// Adds the score of each answer to a task to the scores of its player.
    fn judged(
        &self,
        task: &DrawnTask<S>,
        answers: Vec<Option<S::Response>>,
        scores: &mut Vec<Vec<(Ppm, u32)>>,
    ) {
        scores.resize_with(answers.len(), Vec::new);
        let given = answers.iter().flatten().map(|answer| (answer.clone(), quick(&task.plan)));
        let mut worths = self.hall.worths_of(task, given.collect()).into_iter();
        for (scores, answer) in scores.iter_mut().zip(&answers) {
            let worth = answer.is_some().then(|| worths.next()).flatten();
            scores.push((worth.map_or(Ppm::ZERO, |(score, _)| score), task.plan.weight));
        }
    }

    /// Searches the best choices for each group, behind the answers of `first` if it is given.
    fn search(&self, first: Option<&Player<S>>) -> Vec<Found> {
        let groups = self.training.iter().filter_map(|task| (self.functions.group)(&task.challenge.request));
        let count = groups.max().map_or(0, |last| last + 1);
        (0..count).map(|group| self.search_group(group, first)).collect()
    }

    fn search_group(&self, group: usize, first: Option<&Player<S>>) -> Found {
        let mut rng = self.hall.seed.derive(b"string search", group as u64).rng();
        let of_group = |task: &&DrawnTask<S>| (self.functions.group)(&task.challenge.request) == Some(group);
        let tasks: Vec<&DrawnTask<S>> = self.training.iter().filter(of_group).take(TRAINING).collect();
        let begun: Vec<_> =
            tasks.iter().map(|task| first.and_then(|first| first(&task.challenge.request))).collect();
        let mut best = Found::new();
        for tried in (0..self.budget).step_by(AT_ONCE) {
            let fresh = |rng: &mut SeedRng| match rng
                .index(BEST.min(best.len()))
                .filter(|_| DRAWN * tried >= self.budget)
            {
                Some(parent) => self.changed(&best[parent].1, rng),
                None => self.drawn(rng),
            };
            let batch: Vec<Vec<usize>> = (0..AT_ONCE).map(|_| fresh(&mut rng)).collect();
            let mut scores = Vec::new();
            for (task, begun) in tasks.iter().zip(&begun) {
                let answers = batch.iter().map(|choices| Some(self.answer(choices, task, begun.as_ref())));
                self.judged(task, answers.collect(), &mut scores);
            }
            best.extend(scores.iter().map(|scores| mean(scores)).zip(batch));
            best.sort_by(|one, other| other.0.total_cmp(&one.0));
            best.truncate(BEST);
        }
        best
    }

    fn answer(&self, choices: &[usize], task: &DrawnTask<S>, begun: Option<&S::Response>) -> S::Response {
        let answer = (self.functions.answer)(choices, &task.challenge.request);
        begun.map_or(answer.clone(), |begun| (self.functions.append)(begun, &answer))
    }

    fn drawn(&self, rng: &mut SeedRng) -> Vec<usize> {
        self.functions.choices.iter().map(|count| rng.index(*count).unwrap_or_default()).collect()
    }

    fn changed(&self, choices: &[usize], rng: &mut SeedRng) -> Vec<usize> {
        let mut choices = choices.to_vec();
        for _ in 0..rng.range(1, 3) {
            if let Some(at) = rng.index(choices.len()) {
                choices[at] = rng.index(self.functions.choices[at]).unwrap_or_default();
            }
        }
        choices
    }

    fn pays(&self, score: f64, than: f64) -> f64 {
        pay(&self.hall.subnet, score) / pay(&self.hall.subnet, than).max(1e-12)
    }

    fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.functions.models.iter().map(|(name, _)| *name)
    }

    fn tell_alone(&self, earned: &Earned, found: &[Found]) -> Finding {
        let promise = "no string without a model earns as much as the weakest model";
        let searched = found.iter().filter_map(|found| Some(format!("{:.3}", found.first()?.0)));
        let known = self
            .functions
            .known
            .iter()
            .zip(&earned.known)
            .map(|((name, _), score)| format!("{name} {score:.3}"));
        let models = self.names().zip(&earned.models).map(|(name, score)| format!("`{name}` {score:.3}"));
        let weakest = earned.models.first().copied().unwrap_or_default();
        let most = earned.known.iter().copied().fold(0.0, f64::max);
        let seen = format!(
            "{}; the best of {} for each of {} groups of requests {:.3} ({} where it was searched), paid {:.3} times \
             as much as `{}`; known strings at most {most:.3}",
            models.collect::<Vec<_>>().join(", "),
            self.budget,
            found.len(),
            earned.found,
            searched.collect::<Vec<_>>().join(", "),
            self.pays(earned.found, weakest),
            self.names().next().unwrap_or_default(),
        );
        let kept = earned.found.max(most) < weakest;
        let known = format!("Known strings without a model: {}.", known.collect::<Vec<_>>().join(", "));
        Finding::new(promise, seen, kept).with([known])
    }

    fn tell_appended(&self, earned: &Earned) -> Finding {
        let (mut seen, mut kept) = (Vec::new(), true);
        for (name, more) in self.names().zip(&earned.appended) {
            kept &= more.iter().all(|more| self.hall.keeps(*more, APPENDED));
            seen.push(format!("`{name}` {:.2} and {:.2}", more[0].times, more[1].times));
        }
        let seen = format!(
            "pay against the model alone, with the best string of {} alone and the best of {0} behind the best model: {}",
            self.budget,
            seen.join(", ")
        );
        let promise = "behind any model's answer a string earns at most 1.02 times as much";
        Finding::new(promise, seen, kept)
    }

    fn tell_chosen(&self) -> Result<Finding, SubnetError> {
        let StringFunctions { choosers, choice_takes, group, .. } = &self.functions;
        let mut scores: Vec<Vec<(Ppm, u32)>> = Vec::new();
        let count = if self.hall.is_whole() { CHOICES } else { FEW_CHOICES };
        let at_once = CHOICES_AT_ONCE.min(count);
        for part in 0..count / at_once {
            let seed = self.hall.seed.derive(b"choices", part);
            for task in draw(&self.hall.subnet, &seed, at_once)? {
                let request = &task.challenge.request;
                if group(request).is_some() {
                    let answers = choosers.iter().map(|(_, player)| player(request));
                    self.judged(&task, answers.collect(), &mut scores);
                }
            }
        }
        let promise = "choosing among ten answers by the public code earns at most 1.2 times as much";
        let name = self.names().last().unwrap_or_default();
        let Some((plain, chosen)) = scores.split_first() else {
            return Ok(Finding::new(promise, "nobody chooses", false));
        };
        let gains: Vec<Gain> =
            chosen.iter().map(|scores| Gain::of(&self.hall.subnet, scores, plain)).collect();
        let more = gains.iter().map(|gain| gain.times).fold(0.0, f64::max);
        let ways = choosers.iter().skip(1).zip(chosen).zip(&gains);
        let ways = ways.map(|(((way, _), scores), gain)| format!("{way} {:.3}, paid {gain}", mean(scores)));
        let seen = format!(
            "`{name}` {:.3} over {} tasks; of ten answers {}",
            mean(plain),
            plain.len(),
            ways.collect::<Vec<_>>().join("; "),
        );
        let busy = format!(
            "Choosing among ten answers takes {choice_takes:.0} times as long. On a machine that is busy it pays {:.2} \
             times as much.",
            more / choice_takes,
        );
        let kept = gains.iter().all(|gain| self.hall.keeps(*gain, CHOSEN));
        Ok(Finding::new(promise, seen, kept).with([busy]))
    }
}
