//! Set-up of the subnet of images: what paints, and a person's descriptions.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Command, ValueEnum};
use myelin_imaging::adversary::{Careless, Fixed, Noise};
use myelin_imaging::backend::{Backend, Model, Renderer, STEPS};
use myelin_imaging::endpoint::EndpointBackend;
use myelin_imaging::protocol::{PaintRequest, PaintResponse};
use myelin_imaging::provenance::{attach, Provenance, RECEIPT};
use myelin_imaging::restore::damage::Damaged;
use myelin_imaging::restore::miner::{Plain, Restorer, Restores};
use myelin_imaging::restore::protocol::{RestoreRequest, RestoreResponse};
use myelin_imaging::restore::Kind as Damage;
use myelin_imaging::{ImagingConfig, ImagingRequest, ImagingResponse, ImagingSubnet};
use myelin_lm::openai::EndpointConfig;
use myelin_subnet::customer::Receipt;
use myelin_subnet::testkit::Finding;
use myelin_subnet::Subnet;
use myelin_wire::hash::{blake2_256, to_hex};
use myelin_wire::seed::Seed;
use serde_json::json;

use super::picture::picture_in;
use super::{stated, AskSetup, Inquiry, Kind, MinerSetup, Opened, Shown, ValidatorSetup};
use crate::output::{at, fail, plain, Failure};

/// Pictures from descriptions.
pub struct Imaging;

/// The secret of words and judges where `--public-texts` is given.
const PUBLIC: [u8; 32] = [0; 32];
/// The kind of tasks that comes nearest to people's requests.
const LIKE: &str = "paint";
const RESTORE_LIKE: &str = "restore";
/// Built-in painters, the default first.
const BUILT_IN: [&str; 2] = ["flow", "renderer"];
/// Longest workflow in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Options of miners that paint.
#[derive(Args)]
struct Painting {
    /// Imaging: with --backend, a ComfyUI server and this workflow, saved in the form of its API. `{prompt}` in a text,
    /// and the texts `{seed}`, `{width}` and `{height}`, are filled in.
    #[arg(long, value_name = "FILE", requires = "backend")]
    workflow: Option<PathBuf>,
    /// Imaging: what restores damaged pictures, for mechanism 1.
    #[arg(long, value_enum, default_value = "networks", value_name = "NAME")]
    restorer: With,
    /// Misbehave in this way; for tests and the demo.
    #[arg(long, hide = true)]
    imaging_adversary: Option<Adversary>,
}

/// Restorers of damaged pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum With {
    /// The built-in networks.
    Networks,
    /// Plain filters.
    Filters,
    /// None: requests are refused.
    Nothing,
}

impl With {
    fn open(self) -> Result<Option<Arc<dyn Restores>>, Failure> {
        Ok(match self {
            With::Networks => Some(Arc::new(Restorer::builtin()?)),
            With::Filters => Some(Arc::new(Plain)),
            With::Nothing => None,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Adversary {
    /// Paints with the built-in model, and has a fifth of all properties wrong.
    Careless,
    /// Paints noise.
    Noise,
    /// Paints one picture for every description.
    Fixed,
    /// Refuses every description.
    Absent,
}

impl Painting {
    /// The painter, with its name.
    fn painter(&self, setup: &MinerSetup<'_>) -> Result<(Arc<dyn Backend>, String), Failure> {
        if let Some(weights) = setup.weights()? {
            let bytes = weights.file().map_err(|why| weights.unfit(Imaging.name(), why))?;
            let model = Model::new(bytes, STEPS).map_err(|why| weights.unfit(Imaging.name(), why))?;
            return match model.fits() {
                true => Ok((Arc::new(model), weights.name())),
                false => Err(weights.unfit(Imaging.name(), "it has other sizes than captions of scenes")),
            };
        }
        let (painter, name): (Arc<dyn Backend>, &str) = match (setup.model.server(), self.imaging_adversary) {
            (Some((url, model)), _) => {
                let mut config = EndpointConfig::new(url, model);
                config.key.clone_from(&setup.model.backend_key);
                let server = match &self.workflow {
                    Some(path) => EndpointBackend::comfy(config, workflow(path)?)?,
                    None => EndpointBackend::openai(config)?,
                };
                (Arc::new(server), model)
            }
            (_, Some(Adversary::Careless)) => (Arc::new(Careless(builtin()?, 800)), "careless"),
            (_, Some(Adversary::Noise)) => (Arc::new(Noise), "noise"),
            (_, Some(Adversary::Fixed)) => (Arc::new(Fixed), "fixed"),
            (None, _) => match setup.built_in(&BUILT_IN)? {
                "renderer" => (Arc::new(Renderer), "renderer"),
                _ => (Arc::new(builtin()?), "flow"),
            },
        };
        Ok((painter, name.to_owned()))
    }
}

impl Kind for Imaging {
    fn name(&self) -> &'static str {
        "imaging"
    }

    fn about(&self) -> &'static str {
        "Pictures are painted from descriptions, and damaged ones restored"
    }

    fn miner_options(&self, command: Command) -> Command {
        Painting::augment_args(command)
    }

    fn miner(&self, setup: &MinerSetup<'_>) -> Result<(Opened, String), Failure> {
        let options = setup.own::<Painting>()?;
        let (backend, name) = match options.imaging_adversary {
            Some(Adversary::Absent) => (None, "nothing".to_owned()),
            _ => {
                let (painter, name) = options.painter(setup)?;
                (Some(painter), name)
            }
        };
        let restorer = options.restorer.open()?;
        let config = ImagingConfig { backend, restorer, ..ImagingConfig::default() };
        Ok((myelin_kinds::imaging::opened(ImagingSubnet::open(config)?), name))
    }

    fn serves_weights(&self) -> bool {
        true
    }

    fn validator(&self, setup: &ValidatorSetup<'_>) -> Result<Opened, Failure> {
        let secret = Some(setup.secret.unwrap_or(PUBLIC));
        let rating = setup.rates();
        Ok(myelin_kinds::imaging::opened(ImagingSubnet::open(ImagingConfig {
            secret,
            rating,
            ..ImagingConfig::default()
        })?))
    }

    fn ask_options(&self, command: Command) -> Command {
        Wish::augment_args(command)
    }

    fn ask(&self, setup: &AskSetup<'_>) -> Result<Inquiry, Failure> {
        let wish = setup.own::<Wish>()?;
        if wish.restore.is_none() && setup.words.is_none() {
            return fail(
                "no description is given; say what the picture shows, as the last words of the command, or name a \
                 damaged one with --restore",
            );
        }
        let Some(out) = setup.out else {
            return fail("the answer is a picture; name a file for it with --out picture.png");
        };
        if out.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("png")) {
            return fail(format!("{} does not end in .png; name such a file with --out", out.display()));
        }
        match (&wish.restore, setup.words) {
            (Some(path), None) => wish.restoring(path),
            (Some(_), Some(words)) => {
                fail(format!("`{words}` is nothing that --restore needs; leave it out"))
            }
            (None, words) => wish.painting(words.unwrap_or_default()),
        }
    }

    fn test(&self, seed: &Seed, tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, Failure> {
        Ok(myelin_kinds::imaging::test(seed, tell)?)
    }
}

fn builtin() -> Result<Model, Failure> {
    Model::builtin().map_err(|error| Failure::new(error.to_string()))
}

fn workflow(path: &Path) -> Result<serde_json::Value, Failure> {
    let length = std::fs::metadata(path).map_err(at(path))?.len();
    if length > MOST_BYTES {
        return fail(format!("{} has {length} bytes, the limit is {MOST_BYTES}", path.display()));
    }
    let text = std::fs::read_to_string(path).map_err(at(path))?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::new(format!(
            "{} is no JSON ({error}); save the workflow in the form of the API",
            path.display()
        ))
    })
}

/// Options of a picture that is asked for.
#[derive(Args)]
struct Wish {
    /// Imaging: pixels along each side of the picture, from 64 to 1024.
    #[arg(long, value_name = "PIXELS", default_value_t = 64)]
    size: u32,
    /// Imaging: so many different pictures, from 1 to 4. All but the first get their number in the file's name.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    count: u8,
    /// Imaging: chooses among the pictures that fit the description. The same number and miner give the same picture.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    variant: u64,
    /// Imaging: restore this picture of 16 to 512 pixels a side instead.
    #[arg(long, value_name = "FILE", requires = "damage")]
    restore: Option<PathBuf>,
    /// Imaging: its damage: noise, blur, small for a picture to enlarge to twice its size, or holes.
    #[arg(long, value_name = "KIND", requires = "restore", value_parser = damage)]
    damage: Option<Damage>,
    /// Imaging: for holes, a picture of the same size, white where content is missing.
    #[arg(long, value_name = "FILE", requires = "restore")]
    mask: Option<PathBuf>,
}

fn damage(name: &str) -> Result<Damage, String> {
    let known = Damage::ALL.into_iter().find(|kind| kind.name() == name);
    known.ok_or_else(|| format!("choose from {}", Damage::ALL.map(Damage::name).join(", ")))
}

impl Wish {
    fn restoring(&self, path: &Path) -> Result<Inquiry, Failure> {
        let kind = self.damage.unwrap_or(Damage::Noise);
        let mask = match (&self.mask, kind) {
            (Some(mask), Damage::Holes) => picture_in(mask)?.to_grey().samples().to_vec(),
            (Some(_), _) => return fail("only holes have a mask; leave out --mask, or say --damage holes"),
            (None, Damage::Holes) => {
                return fail("holes need a picture that marks them; name it with --mask")
            }
            (None, _) => Vec::new(),
        };
        let request = RestoreRequest::of(&Damaged { kind, picture: picture_in(path)?.to_colour(), mask })?;
        let damaged = request.check()?;
        let subnet = ImagingSubnet::open(ImagingConfig::default())?;
        let told = move |answer: &ImagingResponse| {
            let (width, height) = (damaged.width(), damaged.height());
            let answer = restored(answer)?;
            answer.unpacked(&damaged)?;
            let text = format!("a restored picture of {width} by {height} pixels");
            let hash = to_hex(&blake2_256(&answer.file()?));
            let json = json!({ "width": width, "height": height, "hash": hash, "model": answer.model });
            Ok(Shown { text, json })
        };
        let files = |answer: &ImagingResponse, receipt: Option<&Receipt>| {
            with_receipt(vec![restored(answer)?.file()?], receipt)
        };
        Inquiry::for_files(subnet, ImagingRequest::Restore(request), RESTORE_LIKE, told, files)
    }

    fn painting(&self, description: &str) -> Result<Inquiry, Failure> {
        let request = PaintRequest {
            description: description.to_owned(),
            width: self.size,
            height: self.size,
            seed: self.variant,
            n: self.count,
        };
        request.check()?;
        let subnet = ImagingSubnet::open(ImagingConfig::default())?;
        let asked = request.clone();
        let files = |answer: &ImagingResponse, receipt: Option<&Receipt>| {
            with_receipt(painted(answer)?.files()?, receipt)
        };
        let told = move |answer: &ImagingResponse| shown(&asked, painted(answer)?);
        Inquiry::for_files(subnet, ImagingRequest::Paint(request), LIKE, told, files)
    }
}

/// A line about the pictures, once all of them could be read.
fn shown(request: &PaintRequest, answer: &PaintResponse) -> Result<Shown, Failure> {
    answer.unpacked(request)?;
    let files = answer.files()?;
    let told: Vec<Provenance> = files.iter().filter_map(|file| Provenance::read(file)).collect();
    let maker = told
        .first()
        .map_or("something that does not say what it is".into(), |provenance| plain(&provenance.maker));
    let pictures: Vec<_> = files
        .iter()
        .map(|file| json!({ "hash": to_hex(&blake2_256(file)), "provenance": Provenance::read(file) }))
        .collect();
    let number = if request.n == 1 { "a picture".to_owned() } else { format!("{} pictures", request.n) };
    let text = format!("{number} of {} by {} pixels, painted by {maker}", request.width, request.height);
    Ok(Shown { text, json: json!({ "pictures": pictures, "model": answer.model }) })
}

fn painted(answer: &ImagingResponse) -> Result<&PaintResponse, Failure> {
    match answer {
        ImagingResponse::Painted(answer) => Ok(answer),
        _ => fail("it is no painted picture, and that was asked for"),
    }
}

fn restored(answer: &ImagingResponse) -> Result<&RestoreResponse, Failure> {
    match answer {
        ImagingResponse::Restored(answer) => Ok(answer),
        _ => fail("it is no restored picture, and that was asked for"),
    }
}

/// A request as it stands in a file; pictures are left out, since whoever has them knows their hash.
fn asked(request: &[u8]) -> serde_json::Value {
    let mut request = serde_json::from_slice::<serde_json::Value>(request).unwrap_or_default();
    if let Some(fields) = request.as_object_mut() {
        fields.retain(|name, _| name != "picture" && name != "mask");
    }
    request
}

/// The files with the receipt in each.
///
/// Without the receipt's chunk, which lies behind the head, a file is again the one that the miner signed.
fn with_receipt(files: Vec<Vec<u8>>, receipt: Option<&Receipt>) -> Result<Vec<Vec<u8>>, Failure> {
    let Some(receipt) = receipt else { return Ok(files) };
    let mut stated = stated(receipt);
    stated.insert("request".into(), asked(&receipt.request));
    let text = serde_json::Value::Object(stated).to_string();
    Ok(files.iter().map(|file| attach(file, RECEIPT, &text)).collect())
}
