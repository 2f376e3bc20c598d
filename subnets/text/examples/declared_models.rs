//! How soon a miner that does not run its declared model is found, and how often an honest one is accused.
//!
//! `cargo run -p myelin-text --example declared_models -- [CHALLENGES]`, by default 100 of each kind. All miners
//! declare the late built-in model. The table in README.md is its output.

use std::{error::Error, sync::Arc, time::Duration};

use myelin_lm::{
    builtin::{model, tokenizer, Level},
    kernel::{from_bf16, to_bf16, Kernel, Random},
    model::{CompletionRequest, TextModel},
    prompt,
    sampling::log_probability,
    tokenizer::{Token, Tokenizer},
    transformer::{
        file,
        plain::{self, Arithmetic},
        Layout, ModelMetadata, TransformerModel,
    },
};
use myelin_subnet::AnswerContext;
use myelin_text::{
    adversary::{Pretence, Pretender},
    backend::{Backend, ModelBackend},
    declared::{Account, Evidence, Finding, Held, TOLERANCE},
    library::Library,
    protocol::{ChatMessage, TextRequest, TextResponse},
    task,
};
use myelin_wire::seed::Seed;

/// Answers in a sequence.
const LENGTH: usize = 20;
/// Sequences assembled at random from the measured answers.
const SEQUENCES: usize = 200_000;

/// An engine of another make: the weights as it stores them, and its arithmetic.
struct Engine {
    layout: Layout,
    weights: Vec<f32>,
    arithmetic: Arithmetic,
}

struct Player {
    name: &'static str,
    honest: bool,
    backend: Arc<dyn Backend>,
    /// Engine that computes the declared numbers anew, where it is not ours.
    engine: Option<Engine>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let challenges: u64 = std::env::args().nth(1).map_or(Ok(100), |number| number.parse())?;
    let library = Library::own([5; 32])?;
    let (late, early) = (model(Level::Late)?, model(Level::Early)?);
    let held = Held::new(vec![late.clone()]);
    let players = players(&late, &early)?;

    println!("| miner | difference: median, 99 %, most | beyond tolerance | found in {LENGTH} | after |");
    println!("|---|---|---|---|---|");
    for player in &players {
        let mut measured = Vec::new();
        for number in 0..challenges {
            let request = request(&library, number).ok_or("no passage in the library fits")?;
            let context = AnswerContext {
                asker: None,
                permitted: true,
                challenge: None,
                time_left: Duration::from_secs(60),
            };
            let mut response = player.backend.answer(&context, &request)?;
            if let Some(engine) = &player.engine {
                engine.say_again(&request, &mut response)?;
            }
            measured.push(match held.examine(&request, &response) {
                Finding::Weighed(evidence) => evidence,
                Finding::Impossible(_) => Evidence { numbers: 5_000_000, ..Evidence::default() },
                Finding::Nothing => return Err(format!("{} declares nothing", player.name).into()),
            });
        }
        report(player, &measured);
    }
    Ok(())
}

fn players(late: &Arc<dyn TextModel>, early: &Arc<dyn TextModel>) -> Result<Vec<Player>, Box<dyn Error>> {
    let (layout, weights) = parameters()?;
    let engine = |weights: &Vec<f32>, arithmetic| {
        Some(Engine { layout: layout.clone(), weights: weights.clone(), arithmetic })
    };
    let honest = || Arc::new(ModelBackend::new(late.clone(), [7; 32])) as Arc<dyn Backend>;
    let pretender = |pretence| Arc::new(Pretender::new(late.clone(), 11, pretence)) as Arc<dyn Backend>;
    let mut players = vec![Player { name: "our engine", honest: true, backend: honest(), engine: None }];
    for (name, arithmetic) in [
        ("single precision, first to last", Arithmetic::Single),
        ("single precision, last to first", Arithmetic::Backwards),
        ("single precision in blocks", Arithmetic::Blocks),
        ("double precision", Arithmetic::Double),
        ("half floats between operations", Arithmetic::Half),
        ("brain floats between operations", Arithmetic::Brain),
    ] {
        // The last one is coarser than the tolerance allows.
        let fine = arithmetic != Arithmetic::Brain;
        players.push(Player { name, honest: fine, backend: honest(), engine: engine(&weights, arithmetic) });
    }
    for (name, bits) in [("weights of 8 bits", 8), ("weights of 4 bits", 4)] {
        let coarse = plain::quantised(&layout, &weights, bits);
        let stored: Vec<u16> = coarse.iter().map(|&x| to_bf16(x)).collect();
        let bytes = file::write(&layout, &stored, &ModelMetadata::default());
        // The tokens are drawn with our engine, whose weights have a little less than 8 bits; the numbers are exact.
        let writer = TransformerModel::read(name, &bytes, tokenizer()?)?;
        let backend = pretender(Pretence::OtherModel(Arc::new(writer)));
        players.push(Player { name, honest: false, backend, engine: engine(&coarse, Arithmetic::Single) });
    }
    let cheats = [
        ("early checkpoint", Pretence::OtherModel(early.clone())),
        ("early writes, late reads", Pretence::Borrowed { writer: early.clone(), cooled: 1.0 }),
        ("the same, at 0.7 of the temperature", Pretence::Borrowed { writer: early.clone(), cooled: 0.7 }),
        ("the same, at 0.5 of the temperature", Pretence::Borrowed { writer: early.clone(), cooled: 0.5 }),
        ("another system prompt", Pretence::OwnWords("Answer briefly and politely. ".into())),
        ("context of 120 bytes", Pretence::ShortContext(120)),
        ("late for checks only", Pretence::Recognised { is_check, cheap: early.clone() }),
    ];
    for (name, pretence) in cheats {
        players.push(Player { name, honest: false, backend: pretender(pretence), engine: None });
    }
    Ok(players)
}

/// The weights of the late model.
fn parameters() -> Result<(Layout, Vec<f32>), Box<dyn Error>> {
    let bytes = include_bytes!("../../../ml/lm/models/late.safetensors");
    let (layout, stored, _) = file::read(bytes)?;
    Ok((layout, stored.into_iter().map(from_bf16).collect()))
}

/// Requests: every second one is one of the validator's own tasks, the others come from users.
fn request(library: &Library, number: u64) -> Option<TextRequest> {
    let seed = Seed([21; 32]).derive(b"request", number);
    let mut rng = seed.derive(b"form", 0).rng();
    let own = match number % 4 {
        0 => task::fill(library, &seed)?.request,
        _ => task::continuation(library, &seed)?.request,
    };
    if number.is_multiple_of(2) {
        return Some(own);
    }
    let temperature = *rng.choose(&[0.0, 0.5, 0.7, 1.0])?;
    let max_tokens = rng.range(16, 40) as u32;
    let message = ChatMessage { role: "user".into(), content: own.prompt.clone() };
    Some(match rng.below(2) {
        0 => TextRequest { messages: vec![message], max_tokens, temperature, ..TextRequest::default() },
        _ => TextRequest { prompt: own.prompt, max_tokens, temperature, ..TextRequest::default() },
    })
}

/// Whether a request looks like a validator's own task: its limits show it to anybody who knows the templates.
fn is_check(request: &TextRequest) -> bool {
    request.messages.is_empty()
        && request.temperature == task::TEMPERATURE
        && [24, 32].contains(&request.max_tokens)
}

impl Engine {
    /// Replaces the numbers of an answer by those of this engine for the same tokens.
    fn say_again(&self, request: &TextRequest, response: &mut TextResponse) -> Result<(), Box<dyn Error>> {
        let Some(declared) = &mut response.declared else { return Ok(()) };
        let tokens: Vec<Token> = declared.tokens.iter().map(|token| *token as Token).collect();
        let mut all = read(&*tokenizer()?, &request.to_model(0), self.layout.config.context);
        let from = all.len() - 1;
        all.extend(&tokens[..tokens.len() - 1]);
        let logits = plain::logits(&self.layout, &self.weights, &all, from, self.arithmetic);
        let rows = logits.chunks_exact(self.layout.config.vocabulary);
        declared.costs = rows
            .zip(&tokens)
            .map(|(row, token)| -log_probability(Kernel::best(), row, *token))
            .map(|cost| u32::try_from(cost).unwrap_or(u32::MAX))
            .collect();
        Ok(())
    }
}

/// The tokens that the model reads before it draws.
fn read(tokenizer: &Tokenizer, request: &CompletionRequest, context: usize) -> Vec<Token> {
    let request = request.as_text();
    let room = context - (request.max_tokens as usize).min(context / 2);
    let (before, _) = prompt::split_begun(&request.prompt);
    prompt::tokens(tokenizer, before, request.suffix.as_deref(), room)
}

fn report(player: &Player, measured: &[Evidence]) {
    let mut random = Random::new(1);
    let (mut found, mut answers) = (0usize, Vec::new());
    for _ in 0..SEQUENCES {
        let mut account = Account::default();
        let caught = (1..=LENGTH).find(|_| {
            account.add(&measured[random.below(measured.len())]);
            account.is_found_out()
        });
        found += usize::from(caught.is_some());
        answers.extend(caught);
    }
    answers.sort_unstable();
    let mut differences: Vec<i64> = measured.iter().map(|measurement| measurement.difference).collect();
    differences.sort_unstable();
    let at = |share: usize| differences[(differences.len() - 1) * share / 100] as f64 / 1e6;
    let beyond = measured.iter().filter(|measurement| measurement.difference > TOLERANCE).count();
    let percent = found as f64 / SEQUENCES as f64 * 100.0;
    let after = match answers.get(answers.len() / 2) {
        Some(median) => format!("{median}, 99 %: {}", answers[(answers.len() - 1) * 99 / 100]),
        None => "never".into(),
    };
    println!(
        "| {}{} | {:.6}, {:.6}, {:.6} | {beyond} of {} | {percent:.3} % | {after} |",
        player.name,
        if player.honest { " (honest)" } else { "" },
        at(50),
        at(99),
        at(100),
        measured.len(),
    );
}
