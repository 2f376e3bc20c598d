//! Rating: miners compare pictures that miners painted in the round before.
//!
//! A comparison shows two pictures, each with a description; the side is to be named whose picture fits its description
//! better. Every miner paints descriptions of its own, so no two miners' pictures have one description.
//!
//! Half of the comparisons are *gold*: two pictures that fit, one of them with a description in which a number, a
//! colour, a shape, a place or a letter was changed. Of the others, half have such a change as well, in a side drawn at
//! random, and do not count as gold. So a miner that knows its own picture again, and sees that the description was
//! changed, does not know gold by it.
//!
//! All descriptions are worded afresh, and all pictures are treated alike: scaled down, shifted, tinted, some blurred,
//! with few levels. Where too few pictures are known, the renderer's pictures of fresh scenes stand in.

use std::collections::BTreeMap;

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_subnet::evaluation::{
    comparisons::{cheaper, pair, Facing, Kept, LastRound},
    raters::Item,
};
use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::seed::{Seed, SeedRng};
use serde::{Deserialize, Serialize};

use crate::{
    describe::{parse, Wordings, LONGEST},
    measure::{resized, things, View},
    protocol::PaintRequest,
    restore::protocol::{exactly, unpack, RestoreError},
    scene::{below, between, Cell, Group, Relation, Wanted, COLOURS, LETTERS, MOST_THINGS, SHAPES, SIDE},
    score::fit,
    task::SIDES,
};

/// Comparisons of a round; half of them are gold.
pub const COMPARISONS: usize = 96;
/// Most pictures that are kept of a round.
const KEPT: usize = 2 * COMPARISONS;
/// Most characters of a picture in base64; those of the built-in miners have fewer.
const MOST_BYTES: usize = 8 << 10;
/// Least fit of a picture of gold.
const FITS: u32 = 850_000;
/// Distance of the levels of a channel, in pictures that are kept and in those that are sent.
const STEPS: (u8, u8) = (8, 16);

/// A picture with a description.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Described {
    /// The description.
    pub description: String,
    /// PNG file in base64, of 64 pixels a side.
    pub picture: String,
}

/// Two pictures, of which the one is to be named that fits its description better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The first.
    pub first: Described,
    /// The second.
    pub second: Described,
}

/// Pictures to compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateRequest {
    /// The comparisons.
    pub compare: Vec<Comparison>,
}

/// A miner's votes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateResponse {
    /// A character for each comparison: `1` or `2` for the side that fits better, `-` for no vote.
    pub votes: String,
}

/// Reasons for refusing a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// No comparisons or too many.
    #[error("checking a request: {0} comparisons, the limits are 1 and {COMPARISONS}; send as many as fit")]
    Count(usize),
    /// A description that is empty or too long.
    #[error("checking comparison {number}: a description of {found} bytes, the limits are 1 and {LONGEST}; reword it")]
    Description {
        /// Number of the comparison from 0.
        number: usize,
        /// Length of the description.
        found: usize,
    },
    /// A picture that cannot be read.
    #[error("checking comparison {number}: {error}")]
    Picture {
        /// Number of the comparison from 0.
        number: usize,
        /// The reader's error.
        error: RestoreError,
    },
}

impl Described {
    fn of(description: String, picture: &Picture) -> Result<Self, PictureError> {
        Ok(Self { description, picture: encoded(picture)? })
    }

    /// The picture. Nothing is unpacked that has another size.
    fn unpacked(&self, number: usize) -> Result<Picture, RateError> {
        let found = self.description.len();
        if !(1..=LONGEST).contains(&found) {
            return Err(RateError::Description { number, found });
        }
        let picture = unpack("picture", &self.picture, MOST_BYTES, exactly(SIDE, SIDE));
        Ok(picture.map_err(|error| RateError::Picture { number, error })?.to_colour())
    }
}

impl RateRequest {
    /// Checks everything and unpacks the pictures.
    pub fn unpacked(&self) -> Result<Vec<[Picture; 2]>, RateError> {
        if !(1..=COMPARISONS).contains(&self.compare.len()) {
            return Err(RateError::Count(self.compare.len()));
        }
        let both = |(number, comparison): (usize, &Comparison)| {
            Ok([comparison.first.unpacked(number)?, comparison.second.unpacked(number)?])
        };
        self.compare.iter().enumerate().map(both).collect()
    }

    /// The built-in miner's votes: for the picture that shows more of its description by the public measures, and, of
    /// two that show as much, for the one with clearer shapes.
    pub fn vote(&self) -> Result<RateResponse, RateError> {
        let cost = |side: &Described, picture: &Picture| {
            let view = View::of(picture);
            let clear = things(&view).iter().map(|patch| patch.overlap[patch.shape()]).min().unwrap_or(0);
            Some(-1_000 * i64::from(fit(&parse(&side.description), &view).get()) - i64::from(clear))
        };
        let pictures = self.unpacked()?;
        let costs = self.compare.iter().zip(&pictures);
        let costs = costs.map(|(comparison, [first, second])| {
            [cost(&comparison.first, first), cost(&comparison.second, second)]
        });
        Ok(RateResponse { votes: cheaper(costs) })
    }
}

/// Pictures of the rounds before, as far as they are compared.
pub type Gallery = LastRound<Described>;

/// A painted picture as it can be shown to raters, with how well it fits its description.
///
/// A picture that does not compress is left out, because the comparisons of a round must fit into one request.
pub fn shown(uid: u16, request: &PaintRequest, picture: &Picture) -> Option<Kept<Described>> {
    let small = levelled(&resized(picture, SIDE, SIDE).ok()?, STEPS.0).ok()?;
    let right = fit(&parse(&request.description), &View::of(&small));
    let shown = Described::of(request.description.clone(), &small).ok()?;
    (shown.picture.len() <= MOST_BYTES).then(|| Kept::new(uid, &request.hash(), right, shown))
}

/// Notes a picture of this round.
pub fn note(gallery: &mut Gallery, picture: Kept<Described>) {
    gallery.note(picture, KEPT);
}

/// Comparisons of a round, and what they are worth as items.
pub struct Drawn {
    /// The comparisons.
    pub request: RateRequest,
    /// Strata, and the better side of gold.
    pub items: Vec<Item>,
}

/// A picture with the scene that it should show.
#[derive(Clone)]
struct Painting {
    wanted: Wanted,
    picture: Picture,
    fits: bool,
    /// The mean of its author's pictures.
    standing: u32,
}

/// Draws the comparisons of a round, worded by a validator.
pub fn draw(gallery: &Gallery, words: &Wordings, seed: &Seed) -> Result<Drawn, PictureError> {
    let mut rng = seed.derive(b"comparisons", 0).rng();
    let rng = &mut rng;
    let (mut gold, mut open) = (Vec::new(), Vec::new());
    for painting in known(gallery, rng) {
        // A third of the pictures that fit are left for open comparisons.
        let is_gold = painting.fits && gold.len() < COMPARISONS && below(rng, 3) > 0;
        if is_gold { &mut gold } else { &mut open }.push(painting);
    }
    let mut fresh = (0..).map(|number| rendered(&seed.derive(b"stand-in", number)));
    for paintings in [&mut gold, &mut open] {
        paintings.truncate(COMPARISONS);
        let missing = COMPARISONS - paintings.len();
        for painting in fresh.by_ref().take(missing) {
            paintings.push(painting?);
        }
        rng.shuffle(paintings);
    }
    let mut drawn = Vec::with_capacity(COMPARISONS);
    for two in gold.chunks_exact(2) {
        drawn.push(facing(two, Some(1), true, words, rng)?);
    }
    for (number, two) in open.chunks_exact(2).enumerate() {
        let changed = (number % 2 == 0).then(|| below(rng, 2));
        drawn.push(facing(two, changed, false, words, rng)?);
    }
    rng.shuffle(&mut drawn);
    let (compare, items) =
        drawn.into_iter().map(|(first, second, item)| (Comparison { first, second }, item)).unzip();
    Ok(Drawn { request: RateRequest { compare }, items })
}

/// The pictures of the round before, in a random order.
fn known(gallery: &Gallery, rng: &mut SeedRng) -> Vec<Painting> {
    let kept = gallery.shuffled(rng);
    let mut sums = BTreeMap::<u16, (u64, u64)>::new();
    for answer in &kept {
        let sum = sums.entry(answer.uid).or_default();
        *sum = (sum.0 + u64::from(answer.right), sum.1 + 1);
    }
    let painting = |answer: Kept<Described>| {
        let picture = answer.shown.unpacked(0).ok()?;
        let standing = sums.get(&answer.uid).map_or(0, |(sum, count)| (sum / count) as u32);
        Some(Painting {
            wanted: parse(&answer.shown.description),
            picture,
            fits: answer.right >= FITS,
            standing,
        })
    };
    kept.into_iter().filter_map(painting).collect()
}

/// The renderer's picture of a fresh scene, in one of the sizes that tasks ask for.
fn rendered(seed: &Seed) -> Result<Painting, PictureError> {
    let wanted = Wanted::draw(seed);
    let side = SIDES[below(&mut seed.derive(b"side", 0).rng(), SIDES.len())] as usize;
    let picture = levelled(&resized(&wanted.plan(seed).draw(seed, side)?, SIDE, SIDE)?, STEPS.0)?;
    Ok(Painting { wanted, picture, fits: true, standing: 0 })
}

/// A comparison of two pictures, one of them with a changed description.
fn facing(
    two: &[Painting],
    changed: Option<usize>,
    is_gold: bool,
    words: &Wordings,
    rng: &mut SeedRng,
) -> Result<(Described, Described, Item), PictureError> {
    let mut side = |at: usize| {
        let Painting { wanted, picture, standing, .. } = &two[at];
        let other = if changed == Some(at) { self::changed(wanted, rng) } else { wanted.clone() };
        let mut shown = Described::of(words.describe(&other, rng), &worn(picture, rng)?)?;
        // A blur can lengthen a hostile picture. As it was kept, it is short enough.
        if shown.picture.len() > MOST_BYTES {
            shown.picture = encoded(picture)?;
        }
        Ok(Facing { length: shown.picture.len(), shown, standing: *standing })
    };
    let sides = [side(0)?, side(1)?];
    Ok(pair(sides, is_gold, rng))
}

/// A scene of which one property is another: a number, a colour, a shape, a place or the relation, or a letter.
fn changed(wanted: &Wanted, rng: &mut SeedRng) -> Wanted {
    let mut kinds: Vec<fn(&Wanted, &mut SeedRng) -> Option<Wanted>> =
        vec![other_count, other_colour, other_shape, other_place, other_letter];
    rng.shuffle(&mut kinds);
    kinds.into_iter().find_map(|change| change(wanted, rng)).unwrap_or_else(|| {
        // Only a scene without things and letters has nothing to change but its ground.
        Wanted { ground: Some(wanted.ground.map_or(0, |ground| (ground + 1) % 4)), ..wanted.clone() }
    })
}

/// Another number than `now` below `all`.
fn other(now: u8, all: usize, rng: &mut SeedRng) -> u8 {
    ((usize::from(now) + 1 + below(rng, all - 1)) % all) as u8
}

/// One more or one less of several things.
fn other_count(wanted: &Wanted, rng: &mut SeedRng) -> Option<Wanted> {
    let [group] = wanted.groups.as_slice() else { return None };
    let least = 2..=MOST_THINGS as u8;
    let counts: Vec<u8> =
        [group.count + 1, group.count.saturating_sub(1)].into_iter().filter(|n| least.contains(n)).collect();
    let count = *rng.choose(&counts).filter(|_| group.count > 1)?;
    let mut wanted = wanted.clone();
    wanted.groups[0].count = count;
    Some(wanted)
}

fn other_colour(wanted: &Wanted, rng: &mut SeedRng) -> Option<Wanted> {
    one_group(wanted, rng, |group, rng| group.colour = other(group.colour, COLOURS.len(), rng))
}

fn other_shape(wanted: &Wanted, rng: &mut SeedRng) -> Option<Wanted> {
    one_group(wanted, rng, |group, rng| group.shape = other(group.shape, SHAPES.len(), rng))
}

/// Changes a group, unless it becomes equal to another one in shape and colour.
fn one_group(
    wanted: &Wanted,
    rng: &mut SeedRng,
    change: impl Fn(&mut Group, &mut SeedRng),
) -> Option<Wanted> {
    let mut changed = wanted.clone();
    let at = below(rng, changed.groups.len());
    change(changed.groups.get_mut(at)?, rng);
    let now = &changed.groups[at];
    let is_same = |other: &Group| (other.shape, other.colour) == (now.shape, now.colour);
    (changed.groups.iter().filter(|group| is_same(group)).count() == 1).then_some(changed)
}

/// Another free place of a thing, or the opposite relation.
fn other_place(wanted: &Wanted, rng: &mut SeedRng) -> Option<Wanted> {
    let mut changed = wanted.clone();
    if let Some(relation) = changed.relation {
        changed.relation = Some(match relation {
            Relation::Left => Relation::Right,
            Relation::Right => Relation::Left,
            Relation::Above => Relation::Below,
            Relation::Below => Relation::Above,
        });
        return Some(changed);
    }
    let taken: Vec<Option<Cell>> = wanted.groups.iter().map(|group| group.place).collect();
    let row = wanted.lettering.as_ref().and_then(|lettering| lettering.row).map(usize::from);
    let is_free = |cell: &Cell| !taken.contains(&Some(*cell)) && Some(cell.row()) != row;
    let free: Vec<Cell> = (0..9).map(Cell).filter(is_free).collect();
    let at = below(rng, changed.groups.len());
    let group = changed.groups.get_mut(at).filter(|group| group.place.is_some())?;
    group.place = Some(*rng.choose(&free)?);
    Some(changed)
}

fn other_letter(wanted: &Wanted, rng: &mut SeedRng) -> Option<Wanted> {
    let mut changed = wanted.clone();
    let letters = &mut changed.lettering.as_mut()?.letters;
    let at = below(rng, letters.len());
    let letter = letters.get_mut(at)?;
    *letter = other(*letter, LETTERS.len(), rng);
    Some(changed)
}

fn encoded(picture: &Picture) -> Result<String, PictureError> {
    Ok(STANDARD.encode(picture.to_short_png()?))
}

/// The picture with few levels, so that its file is short.
fn levelled(picture: &Picture, step: u8) -> Result<Picture, PictureError> {
    let level = |sample: &u8| sample / step * step + step / 2;
    let samples = picture.to_colour().samples().iter().map(level).collect();
    Picture::new(picture.width(), picture.height(), 3, samples)
}

/// The picture shifted by up to a pixel, tinted, and in half of the cases blurred, so that neither its file nor small
/// traces in its pixels tell its painter.
fn worn(picture: &Picture, rng: &mut SeedRng) -> Result<Picture, PictureError> {
    let (dx, dy) = (between(rng, -1, 1), between(rng, -1, 1));
    let tint: [i32; 3] = std::array::from_fn(|_| between(rng, -5, 5));
    // Weights of the three neighbours in a row, in quarters.
    let weights = if below(rng, 2) == 0 { [0, 4, 0] } else { [1, 2, 1] };
    let (samples, last) = (picture.samples(), SIDE as i32 - 1);
    let at = |x: i32, y: i32, channel: usize| {
        let (x, y) = (x.clamp(0, last) as usize, y.clamp(0, last) as usize);
        i32::from(samples[3 * (y * SIDE + x) + channel])
    };
    let mut changed = Vec::with_capacity(samples.len());
    for y in 0..SIDE as i32 {
        for x in 0..SIDE as i32 {
            for (channel, tint) in tint.iter().enumerate() {
                let row = |down: i32| -> i32 {
                    (0..3)
                        .map(|right| weights[right as usize] * at(x + dx + right - 1, y + dy + down, channel))
                        .sum()
                };
                let sum: i32 = (0..3).map(|down| weights[down as usize] * row(down - 1)).sum();
                changed.push((sum / 16 + tint).clamp(0, 255) as u8);
            }
        }
    }
    levelled(&Picture::new(SIDE, SIDE, 3, changed)?, STEPS.1)
}

#[cfg(test)]
mod tests;
