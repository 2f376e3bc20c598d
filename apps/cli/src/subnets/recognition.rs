//! Set-up of the recognition subnet: Tesseract or a vision model answers.
//!
//! The worse miners of the demo are set up here too, behind an option that help does not show.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Command, ValueEnum};
use myelin_lm::openai::EndpointConfig;
use myelin_recognition::adversary::{Garbage, ShortSighted};
use myelin_recognition::backend::{Backend, Baseline};
use myelin_recognition::endpoint::EndpointBackend;
use myelin_recognition::protocol::{Format, Group, RecognitionRequest, RecognitionResponse, Wanted};
use myelin_recognition::submit::{open, Artefact};
use myelin_recognition::task::groups;
use myelin_recognition::{past, Load, RecognitionConfig, RecognitionSubnet};
use myelin_sandbox::process::is_cut_off;
use myelin_subnet::testkit::{Finding, Together};
use myelin_subnet::{AnswerContext, AnswerError, Subnet};
use myelin_vision::endpoint::Endpoint;
use myelin_vision::network::Network;
use myelin_vision::tesseract::Tesseract;
use myelin_wire::seed::Seed;

use super::picture::picture_in;
use super::{AskSetup, Inquiry, Kind, MinerSetup, Opened, Shown, ValidatorSetup, Weights, PAUSE};
use crate::output::{fail, plain, Failure};

/// Pages and scenes.
pub struct Recognition;

/// Ways to do worse than possible; for tests and the demo.
#[derive(Args)]
struct Misbehaviour {
    /// Misbehave in this way; for tests and the demo.
    #[arg(long, hide = true)]
    recognition_adversary: Option<Adversary>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Adversary {
    /// Sees pictures at a quarter of their size.
    ShortSighted,
    /// Guesses.
    Garbage,
    /// Refuses every request: for miners that only submit.
    Absent,
}

/// Delays the answers of a backend, so that validators do not draw hundreds of tasks for a guessing miner.
struct Slowly<B>(B);

impl<B: Backend> Backend for Slowly<B> {
    fn model_id(&self, wanted: Wanted) -> [u8; 32] {
        self.0.model_id(wanted)
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError> {
        std::thread::sleep(PAUSE);
        self.0.answer(context, request)
    }
}

impl Kind for Recognition {
    fn name(&self) -> &'static str {
        "recognition"
    }

    fn about(&self) -> &'static str {
        "Pages are read, scenes are classified"
    }

    fn miner_options(&self, command: Command) -> Command {
        Misbehaviour::augment_args(command)
    }

    fn miner(&self, setup: &MinerSetup<'_>) -> Result<(Opened, String), Failure> {
        if let Some(weights) = setup.weights()? {
            let network = network_of(&weights).map_err(|why| weights.unfit(self.name(), why))?;
            check_tesseract()?;
            let backend: Arc<dyn Backend> =
                Arc::new(Baseline::with(Arc::new(Tesseract::new(1)), network, weights.id));
            let config = RecognitionConfig { backend: Some(backend), ..RecognitionConfig::default() };
            return Ok((myelin_kinds::recognition::opened(RecognitionSubnet::open(config)?), weights.name()));
        }
        let (backend, name): (Option<Arc<dyn Backend>>, _) = match setup.model.server_or_nameless()? {
            Some((url, model)) => {
                let mut config = EndpointConfig::new(url, model);
                config.key.clone_from(&setup.model.backend_key);
                (Some(Arc::new(EndpointBackend::new(Endpoint::new(config)?))), model)
            }
            None => match setup.own::<Misbehaviour>()?.recognition_adversary {
                Some(Adversary::ShortSighted) => {
                    check_tesseract()?;
                    (Some(Arc::new(ShortSighted(Baseline::new()?))), "tesseract at a quarter of the size")
                }
                Some(Adversary::Garbage) => (Some(Arc::new(Slowly(Garbage))), "garbage"),
                Some(Adversary::Absent) => (None, "none"),
                None => {
                    check_tesseract()?;
                    (Some(Arc::new(Baseline::new()?)), "tesseract")
                }
            },
        };
        let config = RecognitionConfig { backend, ..RecognitionConfig::default() };
        Ok((myelin_kinds::recognition::opened(RecognitionSubnet::open(config)?), name.to_owned()))
    }

    fn serves_weights(&self) -> bool {
        true
    }

    fn validator(&self, setup: &ValidatorSetup<'_>) -> Result<Opened, Failure> {
        let past = setup.controls.past(setup.secret, past::read)?;
        let load = Load { control: setup.controls.count(), ..Load::default() };
        let config = RecognitionConfig { secret: setup.secret, past, load, ..RecognitionConfig::default() };
        Ok(myelin_kinds::recognition::opened(RecognitionSubnet::open(config)?))
    }

    fn ask_options(&self, command: Command) -> Command {
        Pictures::augment_args(command)
    }

    fn ask(&self, setup: &AskSetup<'_>) -> Result<Inquiry, Failure> {
        if let Some(words) = setup.words {
            return fail(format!(
                "`{words}` is nothing that can be asked of a picture; name --field for what to find, or --classify"
            ));
        }
        setup.own::<Pictures>()?.inquiry()
    }

    fn test(&self, seed: &Seed, tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, Failure> {
        Ok(myelin_kinds::recognition::test(seed, tell)?)
    }

    fn together(&self, seed: &Seed) -> Result<Vec<Together>, Failure> {
        Ok(myelin_kinds::recognition::combined(seed)?)
    }
}

/// Tries Tesseract, because a miner that announced itself without it would fail every request for a page. Says so if it
/// runs with access to the network.
fn check_tesseract() -> Result<(), Failure> {
    if !is_cut_off() {
        crate::output::tell!(
            "tesseract reads strangers' pictures with access to the network: this system gives programs no network of \
             their own (unprivileged user namespaces)"
        );
    }
    Ok(Tesseract::new(1).check()?)
}

/// The network for scenes of a file. Pages are read by Tesseract whatever network classifies.
fn network_of(weights: &Weights) -> Result<Network, String> {
    match open(weights.file()?).map_err(|error| error.to_string())? {
        Artefact::Network(network) => Ok(*network),
        Artefact::Program => Err("it is a program, which is submitted instead (--submit)".into()),
    }
}

/// Pictures of a question.
#[derive(Args)]
struct Pictures {
    /// Recognition: a PNG or JPEG file of at most 8 MiB and 12 million pixels. One can be read, and up to 32
    /// classified.
    #[arg(long, value_name = "FILE")]
    picture: Vec<PathBuf>,
    /// Recognition: the name of a field whose value is wanted, as `total`. Several fields: several times.
    #[arg(long, value_name = "NAME", conflicts_with = "classify")]
    field: Vec<String>,
    /// Recognition: classify shape, colour and pattern of each picture, instead of reading it.
    #[arg(long)]
    classify: bool,
}

impl Pictures {
    fn inquiry(self) -> Result<Inquiry, Failure> {
        let mut pictures = Vec::new();
        for path in &self.picture {
            let picture = picture_in(path)?;
            // The picture takes the form of a check, whatever form the file has: pages are grey.
            let picture = if self.classify { picture } else { picture.to_grey() };
            let (width, height) = (picture.width(), picture.height());
            let picture = RecognitionRequest::fitting(picture, self.picture.len())?;
            if picture.width() < width {
                eprintln!(
                    "{}: sent with {} by {} pixels instead of {width} by {height}, so that it fits into a request",
                    path.display(),
                    picture.width(),
                    picture.height()
                );
            }
            pictures.push(picture);
        }
        let request = match (&*pictures, self.classify) {
            ([], _) => return fail("no picture is named; name one with --picture FILE"),
            (pictures, true) => RecognitionRequest::classify(pictures, Format::Png, groups())?,
            ([page], false) => RecognitionRequest::read(page, Format::Png, self.field.clone())?,
            _ => return fail("only one picture can be read at a time; name one, or --classify them"),
        };
        request.check()?;
        let like = if self.classify { "scenes" } else { "page" };
        let subnet = RecognitionSubnet::open(RecognitionConfig::default())?;
        let (asked, names) = (request.groups.clone(), self.picture);
        Inquiry::new(subnet, request, like, move |answer: &RecognitionResponse| match asked.is_empty() {
            true => Ok(read(&self.field, answer)),
            false => classified(&names, &asked, answer),
        })
    }
}

fn read(fields: &[String], answer: &RecognitionResponse) -> Shown {
    let values: Vec<(&String, &str)> = fields
        .iter()
        .enumerate()
        .map(|(at, field)| (field, answer.values.get(at).map_or("", String::as_str)))
        .collect();
    let mut text = plain(&answer.text);
    for (field, value) in &values {
        text += &format!("\n{field}: {}", plain(value));
    }
    let json = serde_json::json!({
        "text": answer.text,
        "fields": values.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
    });
    Shown { text, json }
}

fn classified(names: &[PathBuf], groups: &[Group], answer: &RecognitionResponse) -> Result<Shown, Failure> {
    let sizes: Vec<usize> = groups.iter().map(|group| group.classes.len()).collect();
    if !answer.has_probabilities(names.len(), &sizes) {
        return fail("it has no probabilities for every picture and class");
    }
    let (mut lines, mut all) = (Vec::new(), Vec::new());
    for (name, rows) in names.iter().zip(&answer.probabilities) {
        let mut line = format!("{}:", name.display());
        let mut found = serde_json::Map::new();
        for (group, row) in groups.iter().zip(rows) {
            let best = group.classes.iter().zip(row).max_by_key(|(_, probability)| **probability);
            if let Some((class, probability)) = best {
                line += &format!(" {} {class} ({:.0} %)", group.name, f64::from(*probability) / 1e4);
            }
            let classes: serde_json::Map<String, serde_json::Value> = group
                .classes
                .iter()
                .zip(row)
                .map(|(class, probability)| (class.clone(), (f64::from(*probability) / 1e6).into()))
                .collect();
            found.insert(group.name.clone(), classes.into());
        }
        lines.push(line);
        all.push(serde_json::json!({ "picture": name.display().to_string(), "classes": found }));
    }
    Ok(Shown { text: lines.join("\n"), json: serde_json::json!({ "pictures": all }) })
}

#[cfg(test)]
mod tests {
    use myelin_recognition::backend::{builtin_network, BUILTIN_NETWORK};

    use super::*;
    use crate::subnets::weights::Content;

    #[test]
    fn a_network_is_that_of_the_file_and_programs_are_refused() {
        let content = |bytes: &[u8]| Content::File(bytes.to_vec());
        let weights = |bytes: &[u8]| Weights { path: "pulled".into(), id: [7; 32], content: content(bytes) };
        assert_eq!(network_of(&weights(BUILTIN_NETWORK)), Ok(builtin_network().expect("built in")));
        assert!(network_of(&weights(b"\0asm\x01\0\0\0")).is_err_and(|why| why.contains("--submit")));
        let why = network_of(&weights(&BUILTIN_NETWORK[..1_000])).expect_err("cut short");
        let why = weights(b"").unfit("recognition", why).to_string();
        assert!(why.contains("pulled is model 0707") && why.contains("safetensors"), "{why}");
    }
}
