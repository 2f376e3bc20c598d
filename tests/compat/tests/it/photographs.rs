//! Customers' pictures stand among the tasks of the recognition subnet, and a miner that receives both cannot tell them
//! from controls.
//!
//! The pictures are photographs that come with the Python package `scikit-image`: people, animals, cups, coins, stones,
//! machines, the sky, tissue, and a printed page. None of them was drawn by our code. Each customer has a part of one,
//! with a brightness and a size of its own. It asks for the object in the picture, or for the text of the page. Three
//! quarters of the customers asked earlier.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_compat::packages::Packages;
use myelin_recognition::{
    adversary::Commonplace,
    backend::Backend,
    past::{Accepted, Correct, Past},
    protocol::{Format, Group, RecognitionRequest, RecognitionResponse, Wanted},
    Load, RecognitionConfig, RecognitionSubnet,
};
use myelin_subnet::{
    testkit::{enough_of, overhear, sorted, Heard},
    AnswerContext, AnswerError, Subnet,
};
use myelin_vision::picture::Picture;
use myelin_wire::seed::{Seed, SeedRng};
use serde_json::{json, Value};

const CLASSES: [&str; 10] =
    ["person", "animal", "cup", "coins", "bricks", "grass", "gravel", "sky", "machine", "tissue"];
/// Number of the class of the object in each photograph.
const PHOTOGRAPHS: [(&str, u8); 15] = [
    ("astronaut.png", 0),
    ("camera.png", 0),
    ("chelsea.png", 1),
    ("coffee.png", 2),
    ("coins.png", 3),
    ("brick.png", 4),
    ("grass.png", 5),
    ("gravel.png", 6),
    ("hubble_deep_field.jpg", 7),
    ("moon.png", 7),
    ("motorcycle_left.png", 8),
    ("motorcycle_right.png", 8),
    ("rocket.jpg", 8),
    ("ihc.png", 9),
    ("retina.jpg", 9),
];
/// Parts of the photographed page by their first and last rows, as a person reads them.
const PAGE: [(usize, usize, &str); 3] = [
    (0, 40, "Region-based segmentation"),
    (
        42,
        140,
        "Let us first determine markers of the coins and the background. These markers are pixels that we can label unambiguously as either \
         object or background. Here, the markers are found at the two extreme parts of the histogram of grey values:",
    ),
    (164, 191, ">>> markers = np.zeros_like(coins)"),
];
/// All customers, and those of them that ask now.
const ALL: usize = 2_400;
const NOW: usize = 600;
const MINERS: usize = 4;

/// Customers' requests about real pictures, with the answers that they would accept.
fn real() -> Vec<Accepted> {
    let packages = Packages::Photographs.installed().unwrap_or_else(|why| panic!("{why}"));
    let of_version = |entry: fs::DirEntry| entry.path().join("site-packages/skimage/data");
    let mut found = fs::read_dir(packages.join("lib")).expect("packages of Python").flatten().map(of_version);
    let folder: PathBuf = found.find(|folder| folder.exists()).expect("pictures of scikit-image");
    let open = |name: &str| {
        let bytes = fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        Picture::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let photographs = PHOTOGRAPHS.map(|(name, class)| (open(name), class));
    let page = open("page.png");
    let mut rng = Seed([8; 32]).rng();
    let ask = |_| match rng.below(3) {
        0 => read(&page, &mut rng),
        _ => classify(rng.choose(&photographs).expect("there are some").clone(), &mut rng),
    };
    (0..ALL).map(ask).collect()
}

fn classify((photograph, class): (Picture, u8), rng: &mut SeedRng) -> Accepted {
    let side = 96 + below(rng, 128);
    let (left, top) = (below(rng, photograph.width() - side), below(rng, photograph.height() - side));
    let part = part(&photograph, (left, top), (side, side));
    let size = 40 + below(rng, 40);
    let seen = lit(&part.scaled(size, size).expect("a size"), rng);
    let group = Group { name: "what it shows".into(), classes: CLASSES.map(str::to_owned).to_vec() };
    let request = RecognitionRequest::classify(&[seen], Format::Png, vec![group]).expect("a request");
    Accepted { request, answer: Correct { classes: vec![vec![class]], ..Correct::default() } }
}

fn read(page: &Picture, rng: &mut SeedRng) -> Accepted {
    let (first, last, text) = *rng.choose(&PAGE).expect("there are some");
    let band = part(page, (0, first), (page.width(), last - first));
    let mut percent = |size: usize| size * (80 + below(rng, 60)) / 100;
    let (width, height) = (percent(band.width()), percent(band.height()));
    let seen = lit(&band.scaled(width, height).expect("a size"), rng);
    let request = RecognitionRequest::read(&seen, Format::Png, Vec::new()).expect("a request");
    Accepted { request, answer: Correct { text: text.into(), ..Correct::default() } }
}

fn below(rng: &mut SeedRng, most: usize) -> usize {
    rng.index(most).unwrap_or_default()
}

fn part(of: &Picture, (left, top): (usize, usize), (width, height): (usize, usize)) -> Picture {
    let row = |y: usize| {
        let begin = ((top + y) * of.width() + left) * of.channels();
        &of.samples()[begin..begin + width * of.channels()]
    };
    let samples = (0..height).flat_map(|y| row(y).to_vec()).collect();
    Picture::new(width, height, of.channels(), samples).expect("a part")
}

/// A little lighter or darker.
fn lit(picture: &Picture, rng: &mut SeedRng) -> Picture {
    let light = 192 + below(rng, 96);
    let samples = picture.samples().iter().map(|sample| (usize::from(*sample) * light / 256).min(255) as u8);
    let samples = samples.collect();
    Picture::new(picture.width(), picture.height(), picture.channels(), samples).expect("as large as before")
}

/// A miner that answers one request after the other, each in the same time, without looking at it.
struct Steady(Mutex<()>);

impl Backend for Steady {
    fn model_id(&self, wanted: Wanted) -> [u8; 32] {
        Commonplace.model_id(wanted)
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError> {
        let _one = self.0.lock();
        std::thread::sleep(Duration::from_millis(20));
        Commonplace.answer(context, request)
    }
}

/// A request in which each picture's file is replaced by its properties: size, colour, and the brightness of each of
/// its 64 parts.
fn described(body: &Value) -> Value {
    let describe = |image: &Value| -> Vec<String> {
        let file = STANDARD.decode(image.as_str().unwrap_or_default()).expect("base64");
        let picture = Picture::decode(&file).expect("a picture");
        // Exact sizes, so that no two requests are described alike.
        let mut words = vec![
            format!("wide{} high{} bytes{}", picture.width(), picture.height(), file.len()),
            format!("about{} by{}", picture.width() / 8, picture.height() / 8),
            format!("channels{} log{}", picture.channels(), file.len().ilog2()),
        ];
        let small = picture.to_grey().scaled(8, 8).expect("a size");
        words.extend(
            small.samples().iter().enumerate().map(|(place, sample)| format!("c{place}v{}", sample / 16)),
        );
        words
    };
    let images: Vec<Vec<String>> = body["images"].as_array().into_iter().flatten().map(describe).collect();
    json!({"wanted": body["wanted"], "images": images, "fields": body["fields"], "groups": body["groups"]})
}

/// Requests that miners receive in a round in which customers ask, too.
async fn a_round(past: &[Accepted], requests: &[Value]) -> Vec<Heard> {
    let judging = RecognitionSubnet::open(RecognitionConfig {
        past: Some(Arc::new(Past::new(past.to_vec()).expect("enough of them"))),
        load: Load { pages: 1, scenes: 1, control: 5, ..Load::default() },
        ..RecognitionConfig::default()
    });
    let miner = |_| {
        let backend: Arc<dyn Backend> = Arc::new(Steady(Mutex::default()));
        let config = RecognitionConfig { backend: Some(backend), ..RecognitionConfig::default() };
        RecognitionSubnet::open(config).expect("a subnet")
    };
    let folder = tempfile::tempdir().expect("a folder");
    let miners = (0..MINERS).map(miner).collect();
    let heard = overhear(folder.path(), judging.expect("a subnet"), miners, requests, (3_000, 4));
    heard.await.expect("a round")
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_pictures_and_controls_cannot_be_told_apart() {
    let all = real();
    let (now, past) = all.split_at(NOW);
    let json = |accepted: &Accepted| serde_json::to_value(&accepted.request).expect("JSON");
    let requests: Vec<Value> = now.iter().map(json).collect();
    let name_of = |body: &Value| body["images"].to_string();
    let named = |bodies: &mut dyn Iterator<Item = Value>| -> BTreeSet<String> {
        bodies.map(|body| name_of(&described(&body))).collect()
    };
    let (organic, known) = (named(&mut requests.iter().cloned()), named(&mut past.iter().map(json)));
    assert_eq!((organic.len(), known.len()), (NOW, ALL - NOW), "each has a name of its own");
    assert!(organic.is_disjoint(&known));
    let round = async || {
        let mut heard = a_round(past, &requests).await;
        heard.iter_mut().for_each(|request| request.body = described(&request.body));
        sorted(&heard, &organic, &known, name_of)
    };
    let samples = enough_of(round).await.expect("enough to tell");
    let told = samples.told_apart();
    println!("{told}");
    assert!(told.controls_are_hidden() && told.learner_learns(), "{told}");
}
