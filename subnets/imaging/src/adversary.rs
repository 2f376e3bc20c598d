//! Miners of known worth and cheats, for tests and reports. Nothing in the product's own path uses this module.
//!
//! * [`oracle`] knows the scene and errs as often as it is told to: a better one must earn more;
//! * [`Careless`] is the built-in model with errors;
//! * [`Blank`], [`Noise`], [`Stripes`] and [`Fixed`] send pictures that have little to do with the description;
//! * [`Climber`] changes pixels as long as the public measures and a judge of its own like it.

use std::sync::Arc;

use myelin_lm::kernel::Random;
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_vision::{network::NetworkError, picture::Picture};
use myelin_wire::seed::{Seed, SeedRng};

use crate::{
    backend::{Backend, Model},
    describe::parse,
    judge::Judge,
    measure::{self, View},
    protocol::{PaintRequest, PaintResponse},
    scene::{
        below, Group, Laid, Size, Wanted, COLOURS, GROUNDS, GROUND_PAINT, INK, LETTERS, MIDDLES, PAINT,
        SHAPES, SIDE,
    },
    score,
    task::Task,
};

/// The answer of a miner that has each property of a scene right in this many of a thousand cases.
pub fn oracle(task: &Task, permille: u64, rng: &mut SeedRng) -> PaintResponse {
    let Task { request, hidden } = task;
    let pictures: Vec<Picture> = (0..request.n)
        .filter_map(|number| {
            let seed = request.seed_of(number).derive(b"oracle", rng.next_u64());
            let laid = blurred(hidden.wanted.plan(&seed), permille, rng);
            resize(&laid.draw(&seed, SIDE).ok()?, request)
        })
        .collect();
    answer(request, &pictures)
}

/// A scene with errors.
fn blurred(mut laid: Laid, permille: u64, rng: &mut SeedRng) -> Laid {
    let wrong = |rng: &mut SeedRng| rng.below(1000) >= permille;
    let other = |value: u8, all: usize, rng: &mut SeedRng| {
        ((usize::from(value) + 1 + below(rng, all - 1)) % all) as u8
    };
    if wrong(rng) {
        laid.ground = other(laid.ground, GROUNDS.len(), rng);
    }
    if laid.things.len() > 1 && wrong(rng) {
        laid.things.pop();
    }
    for thing in &mut laid.things {
        if wrong(rng) {
            thing.shape = other(thing.shape, SHAPES.len(), rng);
        }
        if wrong(rng) {
            thing.colour = other(thing.colour, COLOURS.len(), rng);
        }
        if wrong(rng) {
            thing.size = if thing.size == Size::Small { Size::Large } else { Size::Small };
        }
        if wrong(rng) {
            thing.at = (MIDDLES[below(rng, 3)], MIDDLES[below(rng, 3)]);
        }
    }
    for (letter, _) in &mut laid.letters {
        if wrong(rng) {
            *letter = other(*letter, LETTERS.len(), rng);
        }
    }
    laid
}

fn resize(picture: &Picture, request: &PaintRequest) -> Option<Picture> {
    picture.scaled(request.width as usize, request.height as usize).ok()
}

fn answer(request: &PaintRequest, pictures: &[Picture]) -> PaintResponse {
    PaintResponse::of(request, pictures, "test", None).unwrap_or_default()
}

fn of_samples(request: &PaintRequest, samples: Vec<u8>) -> Option<Picture> {
    resize(&Picture::new(SIDE, SIDE, 3, samples).ok()?, request)
}

/// Each picture by its number.
fn each(request: &PaintRequest, picture: impl Fn(u8) -> Option<Picture>) -> PaintResponse {
    answer(request, &(0..request.n).filter_map(picture).collect::<Vec<_>>())
}

/// The built-in model with each property of a scene right in this many of a thousand cases.
pub struct Careless(pub Model, pub u64);

impl Backend for Careless {
    fn answer(&self, _: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError> {
        let wanted = parse(&request.description);
        Ok(each(request, |number| {
            let seed = request.seed_of(number);
            let laid = blurred(wanted.plan(&seed), self.1, &mut seed.derive(b"careless", 0).rng());
            self.0.paint_scene(request, &seed, &laid).ok()
        }))
    }
}

/// A picture of the ground alone.
pub struct Blank;

impl Backend for Blank {
    fn answer(&self, _: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError> {
        let paint = GROUND_PAINT[usize::from(parse(&request.description).ground.unwrap_or(0))];
        Ok(each(request, |number| {
            of_samples(request, paint.map(|channel| channel.saturating_sub(3 * number)).repeat(SIDE * SIDE))
        }))
    }
}

/// Noise of all colours.
pub struct Noise;

impl Backend for Noise {
    fn answer(&self, _: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError> {
        Ok(each(request, |number| {
            let mut random = Random::stream(request.seed, number.into());
            let samples = (0..3 * request.width * request.height).map(|_| random.next_u64() as u8).collect();
            Picture::new(request.width as usize, request.height as usize, 3, samples).ok()
        }))
    }
}

/// Squares of the described colours, on the described ground: attributes without shapes.
pub struct Stripes;

impl Backend for Stripes {
    fn answer(&self, _: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError> {
        let wanted = parse(&request.description);
        let ground = GROUND_PAINT[usize::from(wanted.ground.unwrap_or(0))];
        let colours: Vec<u8> = wanted
            .groups
            .iter()
            .flat_map(|group| std::iter::repeat_n(group.colour, group.count.into()))
            .collect();
        Ok(each(request, |number| {
            let mut samples = ground.repeat(SIDE * SIDE);
            for (at, colour) in colours.iter().enumerate() {
                let left = 4 + 15 * at + usize::from(number);
                for y in 8..56 {
                    for x in left..(left + 9).min(SIDE) {
                        let start = 3 * (y * SIDE + x);
                        samples[start..start + 3].copy_from_slice(&PAINT[usize::from(*colour)]);
                    }
                }
            }
            of_samples(request, samples)
        }))
    }
}

/// The same good pictures for every description.
pub struct Fixed;

impl Backend for Fixed {
    fn answer(&self, _: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError> {
        let wanted = parse("a small red circle in the centre on a white background");
        Ok(each(request, |number| {
            let seed = Seed([number; 32]);
            resize(&wanted.plan(&seed).draw(&seed, SIDE).ok()?, request)
        }))
    }
}

/// Searches pixels that please the public measures and a judge of its own.
///
/// A step paints a rectangle, a disc or one pixel in a colour of the palette, and keeps it if the score does not fall.
/// The search begins with the ground, or with another miner's picture.
pub struct Climber {
    judge: Judge,
    steps: u32,
    from: Option<Arc<dyn Backend>>,
}

impl Climber {
    /// A search of so many steps for each picture, with a judge of this secret.
    pub fn new(secret: &[u8; 32], steps: u32, from: Option<Arc<dyn Backend>>) -> Result<Self, NetworkError> {
        Ok(Self { judge: Judge::train(secret)?, steps, from })
    }

    /// The score by the own judge; and a slope, so that the search finds its way where nothing is paid yet: the overlap
    /// of the best patch of each wanted thing.
    fn worth(&self, request: &PaintRequest, wanted: &Wanted, samples: &[u8]) -> (u64, u64) {
        let Some(picture) = of_samples(request, samples.to_vec()) else { return (0, 0) };
        let view = View::of(&picture);
        let best = |group: &Group| {
            let patches = measure::things(&view).into_iter().filter(|patch| patch.colour == 4 + group.colour);
            patches.map(|patch| u64::from(patch.overlap[usize::from(group.shape)])).max().unwrap_or(0)
        };
        let slope: u64 = wanted.groups.iter().map(best).sum();
        let parts = score::judge_pictures(&self.judge, wanted, &[picture]).parts;
        let [attributes, layout, lettering, natural, _] = parts.map(|part| u64::from(part.get()));
        ((3 * attributes + 2 * layout + lettering) * natural, slope)
    }

    fn climb(&self, request: &PaintRequest, mut samples: Vec<u8>, random: &mut Random) -> Vec<u8> {
        let wanted = parse(&request.description);
        let mut best = self.worth(request, &wanted, &samples);
        for _ in 0..self.steps {
            let mut changed = samples.clone();
            stroke(&wanted, &mut changed, random);
            let worth = self.worth(request, &wanted, &changed);
            if worth >= best {
                (best, samples) = (worth, changed);
            }
        }
        samples
    }
}

fn stroke(wanted: &Wanted, samples: &mut [u8], random: &mut Random) {
    let ground = GROUND_PAINT[usize::from(wanted.ground.unwrap_or(0))];
    let mut paints: Vec<[u8; 3]> =
        wanted.groups.iter().map(|group| PAINT[usize::from(group.colour)]).collect();
    paints.push(ground);
    if wanted.lettering.is_some() {
        paints.push(INK[usize::from(crate::scene::is_light(wanted.ground.unwrap_or(0)))]);
    }
    let paint = paints[random.below(paints.len())];
    let (kind, x, y) = (random.below(3), random.below(SIDE) as i32, random.below(SIDE) as i32);
    let (wide, high) = match kind {
        0 => (1 + random.below(9) as i32, 1 + random.below(9) as i32),
        1 => (1 + random.below(10) as i32, 0),
        _ => (1, 1),
    };
    for row in 0..SIDE as i32 {
        for column in 0..SIDE as i32 {
            let (right, down) = (column - x, row - y);
            let inside = match kind {
                1 => right * right + down * down <= wide * wide,
                _ => (0..wide).contains(&right) && (0..high).contains(&down),
            };
            if inside {
                let start = 3 * (row as usize * SIDE + column as usize);
                samples[start..start + 3].copy_from_slice(&paint);
            }
        }
    }
}

impl Backend for Climber {
    fn answer(&self, context: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError> {
        let wanted = parse(&request.description);
        let start = match &self.from {
            Some(backend) => {
                // In the size of the search, so that nothing is lost by scaling.
                let small = PaintRequest { width: SIDE as u32, height: SIDE as u32, ..request.clone() };
                let answer = backend.answer(context, &small)?;
                answer.unpacked(&small).map_err(|error| AnswerError::Backend(error.to_string()))?
            }
            None => Vec::new(),
        };
        Ok(each(request, |number| {
            let mut random = Random::stream(request.seed, number.into());
            let samples = match start.get(usize::from(number)) {
                Some(picture) => picture.samples().to_vec(),
                None => GROUND_PAINT[usize::from(wanted.ground.unwrap_or(0))].repeat(SIDE * SIDE),
            };
            of_samples(request, self.climb(request, samples, &mut random))
        }))
    }
}
