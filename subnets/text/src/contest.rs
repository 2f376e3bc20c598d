//! Miners of known worth, for `myelin subnet test text`.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use myelin_lm::{
    builtin::{model, Level},
    corpus::Document,
    model::{Completion, CompletionRequest, Likelihood, ModelError, Retrace, TextModel, Trace},
    sampling::is_greedy,
};
use myelin_subnet::{
    testkit::{Contest, Player, StringFunctions},
    AnswerContext, AnswerError, Challenge, Subnet, SubnetError,
};
use myelin_wire::{
    hash::blake2_256_of,
    record::Ppm,
    seed::{Seed, SeedRng},
};

use crate::{
    adversary::{oracle, Chooser, Commonplace, Garbage, Inverter, Lookup, Parrot, Shapes, Weave, Woven},
    backend::{Backend, ModelBackend},
    declared::Accounts,
    library::{public_documents, Library, LibraryError},
    protocol::{TextRequest, TextResponse},
    strings::{self, Recipe},
    task::Hidden,
    verifiable::{Phrases, Right},
    TextConfig, TextSubnet,
};

/// Open tasks of each kind that a harvester has kept: about as many as a validator asks one miner in four epochs.
const HARVESTED: u64 = 3_000;
/// Time that ten answers take whose prompt is read once, in times of one answer: measured, docs/decisions/0089.
const CHOICE_TAKES: f64 = 4.0;
/// Secrets whose phrases an inverter has drawn.
const OTHERS: u8 = 64;

impl Contest for TextSubnet {
    fn judging(seed: &Seed) -> Result<Self, SubnetError> {
        let held = Level::ALL.into_iter().map(remembering).collect::<Result<_, _>>()?;
        Self::open(TextConfig {
            library: Some(Library::own(seed.0).map_err(no_texts)?),
            phrases: Some(Arc::new(Phrases::own(seed.0)?)),
            held,
            ..TextConfig::default()
        })
    }

    fn oracle(&self, challenge: &Challenge<Self>, accuracy: Ppm, rng: &mut SeedRng) -> TextResponse {
        oracle(accuracy, &challenge.request, &challenge.hidden, self.best_held(), rng)
    }

    fn worthless(&self, challenge: &Challenge<Self>) -> Vec<(&'static str, TextResponse)> {
        let mut worthless = vec![
            ("nothing", String::new()),
            ("white space", " \n\t\n".into()),
            ("endless text", "lorem ipsum ".repeat(10_000)),
        ];
        worthless.extend(
            Garbage
                .answer(&context(), &challenge.request)
                .map(|response| ("random letters", response.completion)),
        );
        worthless.extend(match &challenge.hidden {
            Hidden::Reference { .. } | Hidden::Rating { .. } | Hidden::Judged(_) => None,
            Hidden::Graded { right, .. } => Some(match right {
                Right::Number(number) => {
                    ("many numbers", format!("{number} or {} or {}", number + 1, number + 2))
                }
                Right::Fields(_) => ("other keys", "{\"a\": 1, \"b\": 2}".to_owned()),
                Right::Program(_) => {
                    ("a program that never ends", "function solve(x) { for (;;) {} }".to_owned())
                }
            }),
        });
        worthless.into_iter().map(|(name, text)| (name, TextResponse::plain(text))).collect()
    }

    fn baseline(&self) -> Result<Player<Self>, SubnetError> {
        Ok(player(late()?))
    }

    fn trial(&self) -> u16 {
        80
    }

    fn time_for_one(&self) -> Duration {
        Duration::from_millis(20)
    }

    fn cheats(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError> {
        let late = late()?;
        Ok(vec![
            ("template inverter with a model", player(Arc::new(Inverter::new(late.clone())?))),
            ("inverter of other secrets", player(Arc::new(Inverter::of_others(OTHERS, late.clone())?))),
            ("template inverter alone", player(Arc::new(Inverter::new(Arc::new(Garbage))?))),
            ("commonplace", player(Arc::new(Commonplace))),
            ("parrot", player(Arc::new(Parrot))),
            ("the same answer twice", player(Arc::new(Woven::behind(late.clone(), Weave::Twice)))),
            ("woven behind a model", player(Arc::new(Woven::behind(late.clone(), Weave::Lines)))),
        ])
    }

    fn lookups(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError> {
        let documents = || public_documents().map_err(no_texts);
        let public = Library::read(documents()?, "public texts").map_err(no_texts)?;
        let texts = documents()?.into_iter().map(|document| document.text);
        let harvest = self.harvest()?;
        let kept = harvest.texts().map(str::to_owned).collect();
        let nothing = || Arc::new(Silent);
        let (public, texts) = (Lookup::new(public, nothing()), Shapes::new(texts.collect(), nothing()));
        let (asked, kept) = (Lookup::new(harvest, nothing()), Shapes::new(kept, nothing()));
        Ok(vec![
            ("lookup", player(Arc::new(public))),
            ("lookup by shape", player(Arc::new(texts))),
            ("harvester", player(Arc::new(asked))),
            ("harvester by shape", player(Arc::new(kept))),
        ])
    }

    fn string_functions(&self) -> Result<Option<StringFunctions<Self>>, SubnetError> {
        let models = Level::ALL.into_iter().map(|level| Ok((level.name(), player(serving(level)?))));
        let late = remembering(Level::Late)?;
        let known = |weave| player(Arc::new(Woven::alone(weave)));
        Ok(Some(StringFunctions {
            choices: strings::CHOICES.to_vec(),
            answer: by_choices,
            append: |one, other| TextResponse::plain(format!("{}{}", one.completion, other.completion)),
            group: open_group,
            models: models.collect::<Result<_, SubnetError>>()?,
            known: vec![
                ("woven", known(Weave::Lines)),
                ("woven rare lines", known(Weave::RareLines)),
                ("shortest words", known(Weave::Words)),
                ("parrot", player(Arc::new(Parrot))),
                ("commonplace", player(Arc::new(Commonplace))),
            ],
            choice_takes: CHOICE_TAKES,
            choosers: Chooser::of(late)
                .into_iter()
                .map(|(way, chooser)| (way, player(Arc::new(chooser))))
                .collect(),
        }))
    }
}

impl TextSubnet {
    /// The texts of a miner that kept every prompt of [`HARVESTED`] tasks of each open kind.
    fn harvest(&self) -> Result<Library, SubnetError> {
        let plans = self.tasks().into_iter().filter(|plan| matches!(plan.kind, "fill" | "continue"));
        let mut documents = Vec::new();
        for (kind, plan) in plans.enumerate() {
            for number in 0..HARVESTED {
                let seed = Seed([0xee; 32]).derive(plan.kind.as_bytes(), number);
                let request = self.challenge(&plan, &seed, &Accounts::default())?.request;
                let label = format!("{kind}/{number}.{}", if number % 2 == 0 { "rs" } else { "md" });
                documents
                    .push(Document { label, text: request.prompt + &request.suffix.unwrap_or_default() });
            }
        }
        Library::read(documents, "what was asked").map_err(no_texts)
    }
}

fn no_texts(error: LibraryError) -> SubnetError {
    SubnetError::new("opening the library of texts", error.to_string(), "do that, and try again")
}

/// The built-in model that miners serve by default.
fn late() -> Result<Arc<dyn Backend>, SubnetError> {
    serving(Level::Late)
}

fn serving(level: Level) -> Result<Arc<dyn Backend>, SubnetError> {
    Ok(Arc::new(ModelBackend::new(remembering(level)?, [7; 32])))
}

/// A backend without an answer to anything.
struct Silent;

impl Backend for Silent {
    fn answer(&self, _: &AnswerContext, _: &TextRequest) -> Result<TextResponse, AnswerError> {
        Err(AnswerError::Refused("nothing is known of this".into()))
    }
}

/// A built-in model that remembers its answers, because many players give the same answer or begin with it.
struct Remembering {
    model: Arc<dyn TextModel>,
    /// By the hash of the request.
    answers: Mutex<HashMap<[u8; 32], Answer>>,
}

type Answer = (Completion, Option<Trace>);

/// Most answers that are remembered.
const REMEMBERED: usize = 8_192;

/// The model of a level, one for all players.
fn remembering(level: Level) -> Result<Arc<dyn TextModel>, SubnetError> {
    static MODELS: Mutex<BTreeMap<Level, Arc<Remembering>>> = Mutex::new(BTreeMap::new());
    let mut models = MODELS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = models.get(&level) {
        return Ok(known.clone());
    }
    let model = model(level).map_err(unreadable)?;
    let new = Arc::new(Remembering { model, answers: Mutex::default() });
    models.insert(level, new.clone());
    Ok(new)
}

impl TextModel for Remembering {
    fn name(&self) -> String {
        self.model.name()
    }

    fn id(&self) -> [u8; 32] {
        self.model.id()
    }

    fn complete(&self, request: &CompletionRequest) -> Result<Completion, ModelError> {
        Ok(self.complete_traced(request, &mut |_| true)?.0)
    }

    fn complete_traced(
        &self,
        request: &CompletionRequest,
        on_text: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Answer, ModelError> {
        // Where the likeliest text is asked for, it is the same for every seed.
        let seed = if is_greedy(request.temperature) { 0 } else { request.seed };
        let asked =
            blake2_256_of(&[format!("{:?}", CompletionRequest { seed, ..request.clone() }).as_bytes()]);
        let answers = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = answers().get(&asked).cloned();
        let answer = match known {
            Some(known) => known,
            None => {
                let new = self.model.complete_traced(request, &mut |_| true)?;
                let mut answers = answers();
                if answers.len() >= REMEMBERED {
                    answers.clear();
                }
                answers.insert(asked, new.clone());
                new
            }
        };
        on_text(&answer.0.text);
        Ok(answer)
    }

    fn complete_each(
        &self,
        request: &CompletionRequest,
        draws: &[(f32, u64)],
    ) -> Result<Vec<Completion>, ModelError> {
        self.model.complete_each(request, draws)
    }

    fn retrace(&self, request: &CompletionRequest, tokens: &[u32]) -> Result<Option<Retrace>, ModelError> {
        self.model.retrace(request, tokens)
    }

    fn likelihood(
        &self,
        prompt: &str,
        suffix: Option<&str>,
        continuation: &str,
    ) -> Result<Likelihood, ModelError> {
        self.model.likelihood(prompt, suffix, continuation)
    }

    fn likelihoods(
        &self,
        prompt: &str,
        suffix: Option<&str>,
        continuations: &[&str],
    ) -> Result<Vec<Likelihood>, ModelError> {
        self.model.likelihoods(prompt, suffix, continuations)
    }
}

fn by_choices(choices: &[usize], request: &TextRequest) -> TextResponse {
    let mut all = [0; strings::CHOICES.len()];
    all.iter_mut().zip(choices).for_each(|(place, choice)| *place = *choice);
    TextResponse::plain(Recipe::of(&all).answer(request))
}

/// Group of an open request: a gap, code or prose, which a miner can tell apart; `None` for a task with a check, which
/// such strings do not answer.
fn open_group(request: &TextRequest) -> Option<usize> {
    match (request.messages.is_empty(), &request.suffix) {
        (false, _) => None,
        (true, Some(_)) => Some(0),
        (true, None) => Some(if strings::is_code(&request.prompt) { 1 } else { 2 }),
    }
}

fn unreadable(error: myelin_lm::builtin::BuiltinError) -> SubnetError {
    SubnetError::new("reading the built-in models", error.to_string(), "build this program again")
}

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(20) }
}

fn player(backend: Arc<dyn Backend>) -> Player<TextSubnet> {
    Box::new(move |request| backend.answer(&context(), request).ok())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use myelin_lm::model::Finish;

    use super::*;

    /// Counts the answers that it gives.
    #[derive(Default)]
    struct Counting(AtomicU32);

    impl TextModel for Counting {
        fn name(&self) -> String {
            "counting".into()
        }

        fn id(&self) -> [u8; 32] {
            [0; 32]
        }

        fn complete(&self, _: &CompletionRequest) -> Result<Completion, ModelError> {
            let text = self.0.fetch_add(1, Ordering::Relaxed).to_string();
            Ok(Completion { text, prompt_tokens: 0, completion_tokens: 1, finish: Finish::Stop })
        }
    }

    #[test]
    fn a_request_is_answered_once_whatever_the_seed_of_the_likeliest_text() {
        let model = Remembering { model: Arc::new(Counting::default()), answers: Mutex::default() };
        let ask = |prompt: &str, temperature, seed| {
            let request =
                CompletionRequest { prompt: prompt.into(), temperature, seed, ..Default::default() };
            model.complete(&request).unwrap().text
        };
        let asked = [("a", 0.0, 1), ("a", 0.0, 1), ("a", 0.0, 2), ("b", 0.0, 1)];
        assert_eq!(
            asked.map(|(prompt, temperature, seed)| ask(prompt, temperature, seed)),
            ["0", "0", "0", "1"]
        );
        let asked = [("a", 0.8, 1), ("a", 0.8, 2), ("a", 0.8, 1)];
        assert_eq!(asked.map(|(prompt, temperature, seed)| ask(prompt, temperature, seed)), ["2", "3", "2"]);
    }

    #[test]
    fn the_likeliest_text_and_its_trace_are_the_same_for_every_seed() {
        for level in Level::ALL {
            let model = model(level).unwrap();
            let answer = |seed| {
                let prompt = "fn main() {\n    let mut sum = ".into();
                let request = CompletionRequest { prompt, seed, ..Default::default() };
                model.complete_traced(&request, &mut |_| true).unwrap()
            };
            assert_eq!(answer(1), answer(2));
        }
    }
}
