//! The parts of a score.
//!
//! | part | what counts |
//! |---|---|
//! | attributes | for each thing of the right colour: its shape twice, its size once; the ground as a fourth of all |
//! | layout | mean of count, places and relation, as far as the description names them |
//! | lettering | the share of letters that are right, in their row; attributes where no letters are asked for |
//! | natural | how surely the validator's own judge takes each thing for its shape |
//! | variety | how far the pictures of one request differ |
//! | speed | full within a quarter of the deadline, falling to nothing at the deadline |
//!
//! The first three are squared, so the last errors count most. Parts of the pictures of an answer are averaged.

use myelin_vision::picture::Picture;
use myelin_wire::record::{LatencyBucket, PartRule, Ppm, Reason, Rubric, RubricError};

use crate::{
    judge::Judge,
    measure::{things, Patch, View},
    protocol::{PaintError, PaintRequest, PaintResponse, VERSION},
    scene::{Group, Lettering, Relation, Size, Wanted, MIDDLES, RADIUS},
};

/// Overlap with a shape at which it begins to count, and at which it counts in full, in thousandths.
const OVERLAP: (u32, u32) = (620, 840);
/// Distance from the middle of a place that costs nothing, and from which on a place is missed, in sixteenths of a
/// pixel.
const DISTANCE: (i32, i32) = (6 * 16, 14 * 16);
/// Least way between the things of a relation, in sixteenths of a pixel.
const ALONG: i32 = 8 * 16;
/// Least likeness of a letter in thousandths.
const LIKENESS: u32 = 640;
/// Certainty of the judge that counts in full, in thousandths.
const SURE: u32 = 700;
/// Patches from which on a picture is noise.
const NOISE: usize = 80;
/// Pixels that differ between two pictures of one description whose places are left open.
const CHANGED: u32 = 120;
/// Least difference of a channel for a pixel to differ.
const DIFFERS: u8 = 40;

/// The rubric of this subnet.
pub fn rubric() -> Result<Rubric, RubricError> {
    Rubric::new(
        "imaging",
        VERSION,
        vec![
            PartRule::Share { name: "content", weight: 3 },
            PartRule::Share { name: "structure", weight: 2 },
            PartRule::Share { name: "detail", weight: 1 },
            PartRule::Factor { name: "natural", floor: Ppm::ZERO },
            PartRule::Factor { name: "variety", floor: Ppm::new(500_000) },
            PartRule::Factor { name: "speed", floor: Ppm::new(900_000) },
        ],
    )
}

/// Worth of an answer before its speed is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// Content, structure, detail, natural, variety. The first three are a painted picture's attributes, layout and
    /// lettering.
    pub parts: [Ppm; 5],
    /// Reason for paying the parts or not.
    pub reason: Reason,
    /// One line for people.
    pub note: String,
}

impl Worth {
    /// A worth of nothing.
    pub fn refused(reason: Reason, note: impl Into<String>) -> Self {
        Self { parts: [Ppm::ZERO; 5], reason, note: note.into() }
    }
}

/// The part of what was wanted that one picture shows, in thousandths; `None` where the description asks for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The ground has its colour.
    pub ground: Option<u32>,
    /// Things that have their colour and are there.
    pub colour: Option<u32>,
    /// Their shapes.
    pub shape: Option<u32>,
    /// Their sizes.
    pub size: Option<u32>,
    /// Their number.
    pub count: Option<u32>,
    /// Their places.
    pub place: Option<u32>,
    /// Their relation.
    pub relation: Option<u32>,
    /// The letters.
    pub lettering: Option<u32>,
    /// How natural the things look to the validator's judge.
    pub natural: u32,
    attributes: u32,
}

impl Shown {
    /// The attributes of all things with the ground, before squaring.
    pub fn attributes(&self) -> u32 {
        self.attributes
    }

    /// Count, places and relation, before squaring.
    pub fn layout(&self) -> u32 {
        let parts: Vec<u32> = [self.count, self.place, self.relation].into_iter().flatten().collect();
        if parts.is_empty() {
            return self.attributes;
        }
        mean(&parts)
    }

    /// Every attribute with its name.
    pub fn named(&self) -> [(&'static str, Option<u32>); 8] {
        [
            ("ground", self.ground),
            ("colour", self.colour),
            ("shape", self.shape),
            ("size", self.size),
            ("count", self.count),
            ("place", self.place),
            ("relation", self.relation),
            ("lettering", self.lettering),
        ]
    }
}

/// Judges an answer.
pub fn judge(judge: &Judge, request: &PaintRequest, wanted: &Wanted, answer: &PaintResponse) -> Worth {
    if answer.pictures.is_empty() {
        return Worth::refused(Reason::Empty, "no picture");
    }
    let pictures = match answer.unpacked(request) {
        Ok(pictures) => pictures,
        Err(error @ PaintError::TooLong { .. }) => {
            return Worth::refused(Reason::Oversize, error.to_string())
        }
        Err(error) => return Worth::refused(Reason::Malformed, error.to_string()),
    };
    judge_pictures(judge, wanted, &pictures)
}

/// Judges unpacked pictures.
pub fn judge_pictures(judge: &Judge, wanted: &Wanted, pictures: &[Picture]) -> Worth {
    let views: Vec<View> = pictures.iter().map(View::of).collect();
    if views.iter().any(|view| view.found > NOISE) {
        return Worth::refused(Reason::Garbage, "a picture of many specks");
    }
    let shown: Vec<Shown> = views.iter().map(|view| look(judge, wanted, view)).collect();
    let whole = |value: fn(&Shown) -> u32| -> Ppm {
        let sum: u32 = shown.iter().map(|picture| square(value(picture))).sum();
        Ppm::ratio(sum.into(), 1000 * shown.len().max(1) as u64)
    };
    let attributes = whole(Shown::attributes);
    if attributes == Ppm::ZERO && shown.iter().all(|picture| picture.lettering.unwrap_or(0) == 0) {
        return Worth::refused(Reason::Garbage, "nothing of what was asked for");
    }
    let lettering = whole(|picture| picture.lettering.unwrap_or(picture.attributes));
    let natural = shown.iter().map(|picture| picture.natural).sum::<u32>() / shown.len().max(1) as u32;
    let parts = [attributes, whole(Shown::layout), lettering, ppm(natural), ppm(variety(wanted, &views))];
    Worth { parts, reason: Reason::Scored, note: note(&shown) }
}

fn note(shown: &[Shown]) -> String {
    let mut note = String::new();
    for (name, _) in Shown::default().named() {
        let values: Vec<u32> = shown
            .iter()
            .filter_map(|picture| picture.named().into_iter().find(|(other, _)| *other == name)?.1)
            .collect();
        if !values.is_empty() {
            note += &format!("{name} {}, ", mean(&values));
        }
    }
    note + "of 1000"
}

fn ppm(thousandths: u32) -> Ppm {
    Ppm::new(thousandths.min(1000) * 1000)
}

fn square(thousandths: u32) -> u32 {
    thousandths * thousandths / 1000
}

fn mean(values: &[u32]) -> u32 {
    values.iter().sum::<u32>() / values.len().max(1) as u32
}

/// Falls in a straight line from 1,000 at `full` to 0 at `none`, whichever is larger.
fn between(value: i32, full: i32, none: i32) -> u32 {
    (1000 * (none - value) / (none - full)).clamp(0, 1000) as u32
}

/// Looks for what is wanted in a picture.
pub fn look(judge: &Judge, wanted: &Wanted, view: &View) -> Shown {
    seen(wanted, view, |(group, patch)| {
        (judge.sure(&view.samples, patch, group.shape.into()) / SURE).min(1000)
    })
}

/// How well a picture fits a description by the public measures, in millionths: the shares of the rubric before they
/// are squared.
pub fn fit(wanted: &Wanted, view: &View) -> Ppm {
    let shown = seen(wanted, view, |_| 1000);
    let lettering = shown.lettering.unwrap_or(shown.attributes);
    Ppm::ratio((3 * shown.attributes + 2 * shown.layout() + lettering).into(), 6000)
}

/// The same, where `sure` says how natural a thing looks.
fn seen(wanted: &Wanted, view: &View, sure: impl Fn(&(&Group, &Patch)) -> u32) -> Shown {
    let units: Vec<&Group> =
        wanted.groups.iter().flat_map(|group| std::iter::repeat_n(group, group.count.into())).collect();
    let patches = things(view);
    let found = assign(&units, &patches);
    let pairs: Vec<(&Group, &Patch)> =
        units.iter().zip(&found).filter_map(|(unit, at)| Some((*unit, *patches.get((*at)?)?))).collect();
    let share = |sum: u32, all: usize| (all > 0).then(|| sum / all as u32);
    let total = |value: &dyn Fn(&(&Group, &Patch)) -> u32| pairs.iter().map(value).sum::<u32>();
    let shape = |(group, patch): &(&Group, &Patch)| shape_credit(group, patch);
    let size =
        |(group, patch): &(&Group, &Patch)| group.size.map_or(1000, |size| size_credit(group, size, patch));
    // A thing is worth its shape; its size counts only as far as the shape is there.
    let worth = |pair: &(&Group, &Patch)| {
        let shape = shape(pair);
        (2 * shape + shape * size(pair) / 1000) / 3
    };
    let sized = units.iter().filter(|unit| unit.size.is_some()).count();
    let placed = units.iter().filter(|unit| unit.place.is_some()).count();
    let lettering = wanted.lettering.as_ref().map(|wanted| letters(wanted, view));
    let seen = !pairs.is_empty() || lettering.unwrap_or(0) > 0;
    // Faint edges of things are pixels of the ground too, so nine tenths are all of it.
    let ground =
        wanted
            .ground
            .map(|ground| if seen && ground == view.ground { (view.even * 10 / 9).min(1000) } else { 0 });
    let things = share(total(&worth), units.len());
    let attributes = match (things, ground) {
        (Some(things), Some(ground)) => (3 * things + ground.min(if things > 0 { 1000 } else { 0 })) / 4,
        (things, ground) => things.or(ground).unwrap_or(0),
    };
    Shown {
        ground,
        colour: share(1000 * pairs.len() as u32, units.len()),
        shape: share(total(&shape), units.len()),
        size: share(pairs.iter().filter(|(group, _)| group.size.is_some()).map(size).sum(), sized),
        count: share(count(wanted, view, &patches, pairs.len()), 1).filter(|_| !units.is_empty()),
        place: share(total(&place_credit), placed),
        relation: wanted.relation.map(|relation| relation_credit(relation, &found, &patches)),
        lettering,
        natural: if units.is_empty() { 1000 } else { share(total(&sure), pairs.len()).unwrap_or(0) },
        attributes,
    }
}

/// For each wanted thing the number of the patch that shows it best: of the right colour, nearest in shape and place.
fn assign(units: &[&Group], patches: &[&Patch]) -> Vec<Option<usize>> {
    let mut pairs = Vec::new();
    for (unit, group) in units.iter().enumerate() {
        for (at, patch) in patches.iter().enumerate() {
            let overlap = patch.overlap[usize::from(group.shape)];
            if patch.colour == 4 + group.colour && patch.pure >= 500 && overlap > 0 {
                pairs.push((overlap + place_credit(&(*group, *patch)), unit, at));
            }
        }
    }
    pairs.sort_by_key(|(worth, unit, at)| (std::cmp::Reverse(*worth), *unit, *at));
    let mut found = vec![None; units.len()];
    for (_, unit, at) in pairs {
        if found[unit].is_none() && !found.contains(&Some(at)) {
            found[unit] = Some(at);
        }
    }
    found
}

fn shape_credit(group: &Group, patch: &Patch) -> u32 {
    if patch.shape() != usize::from(group.shape) {
        return 0;
    }
    let overlap = patch.overlap[usize::from(group.shape)] as i32;
    1000 - between(overlap, OVERLAP.0 as i32, OVERLAP.1 as i32)
}

fn size_credit(group: &Group, size: Size, patch: &Patch) -> u32 {
    let radius = patch.radius[usize::from(group.shape)];
    let [small, large] = RADIUS;
    let (first, last) = (small + (large - small) * 3 / 8, small + (large - small) * 5 / 8);
    match size {
        Size::Small => between(radius, first, last),
        Size::Large => 1000 - between(radius, first, last),
    }
}

/// 0 where no place is wanted.
fn place_credit((group, patch): &(&Group, &Patch)) -> u32 {
    let Some(place) = group.place else { return 0 };
    let (x, y) = patch.centre();
    let (right, down) = (x - 16 * MIDDLES[place.column()], y - 16 * MIDDLES[place.row()]);
    between(right.abs().max(down.abs()), DISTANCE.0, DISTANCE.1)
}

/// The number of things: of each colour, and of patches that are nothing of what was wanted.
fn count(wanted: &Wanted, view: &View, patches: &[&Patch], paired: usize) -> u32 {
    let mut worst = 1000;
    for group in &wanted.groups {
        let same = wanted.groups.iter().filter(|other| other.colour == group.colour);
        let asked: usize = same.map(|other| usize::from(other.count)).sum();
        let there = patches.iter().filter(|patch| patch.colour == 4 + group.colour).count();
        worst = worst.min([1000, 250, 0][asked.abs_diff(there).min(2)]);
    }
    let letters = wanted.lettering.as_ref().map_or(0, |lettering| lettering.letters.len());
    let strange = view.patches.len().saturating_sub(paired + letters);
    worst >> strange.min(10)
}

fn relation_credit(relation: Relation, found: &[Option<usize>], patches: &[&Patch]) -> u32 {
    let [Some(one), Some(other)] = *found else { return 0 };
    let (from, to) = (patches[one].centre(), patches[other].centre());
    let (right, down) = (to.0 - from.0, to.1 - from.1);
    let (along, across) = match relation {
        Relation::Left => (right, down),
        Relation::Right => (-right, down),
        Relation::Above => (down, right),
        Relation::Below => (-down, right),
    };
    if along >= ALONG && across.abs() <= along {
        1000
    } else {
        0
    }
}

/// The share of letters that stand where they should; half if they are in another row.
fn letters(wanted: &Lettering, view: &View) -> u32 {
    let ink: Vec<&Patch> = view.patches.iter().filter(|patch| patch.is_ink(view.ground)).collect();
    let in_row = |row: u8| -> u32 {
        let middle = 16 * MIDDLES[usize::from(row.min(2))];
        let mut of_row: Vec<&Patch> =
            ink.iter().filter(|patch| (patch.centre().1 - middle).abs() <= 10 * 16).copied().collect();
        of_row.sort_by_key(|patch| patch.bounds[0]);
        let right = of_row
            .iter()
            .zip(&wanted.letters)
            .filter(|(patch, letter)| {
                let (read, likeness) = patch.letter();
                read == **letter && likeness >= LIKENESS
            })
            .count();
        (1000 * right / of_row.len().max(wanted.letters.len()).max(1)) as u32
    };
    let rows = [0, 1, 2].map(in_row);
    let best = rows.iter().max().copied().unwrap_or(0);
    match wanted.row {
        Some(row) => rows[usize::from(row.min(2))].max(best / 2),
        None => best,
    }
}

/// How far the pictures of an answer differ from each other.
fn variety(wanted: &Wanted, views: &[View]) -> u32 {
    let mut least = 1000;
    for (at, one) in views.iter().enumerate() {
        for other in &views[..at] {
            let pixels = || one.samples.iter().zip(&other.samples);
            let differs = if wanted.leaves_places() {
                let apart = |one: &[u8; 3], other: &[u8; 3]| {
                    one.iter().zip(other).any(|(one, other)| one.abs_diff(*other) >= DIFFERS)
                };
                pixels().filter(|(one, other)| apart(one, other)).count() as u32 * 1000 / CHANGED
            } else {
                let sum: u32 = pixels()
                    .flat_map(|(one, other)| one.iter().zip(other))
                    .map(|(one, other)| u32::from(one.abs_diff(*other)))
                    .sum();
                // On average one level of each sample.
                sum / 13
            };
            least = least.min(differs);
        }
    }
    least
}

/// Full within a quarter of the deadline, then falling in a straight line to nothing at the deadline.
pub fn speed(latency: LatencyBucket, deadline_ms: u64) -> Ppm {
    let free = deadline_ms / 4;
    Ppm::ratio(deadline_ms.saturating_sub(latency.start_ms()), deadline_ms.saturating_sub(free).max(1))
}
