//! Scenes: what a picture should show, where everything lies, and the renderer.
//!
//! A [`Wanted`] scene leaves some things open: sizes, places, the ground. [`Wanted::plan`] decides them by a seed. The
//! [`Laid`] scene that it returns has every place to the pixel, and [`Laid::draw`] renders it. All of it is integer
//! arithmetic, so a seed means the same pixels everywhere.

use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::seed::{Seed, SeedRng};
use serde::{Deserialize, Serialize};

/// Pixels along a side of a scene; larger pictures show the same scene larger.
pub const SIDE: usize = 64;
/// Most things of a scene.
pub const MOST_THINGS: usize = 4;
/// Most letters of a scene.
pub const MOST_LETTERS: usize = 3;
/// Grounds by name.
pub const GROUNDS: [&str; 4] = ["white", "grey", "black", "pale blue"];
/// Shapes by name.
pub const SHAPES: [&str; 6] = ["circle", "square", "triangle", "star", "ring", "cross"];
/// Colours of things by name.
pub const COLOURS: [&str; 6] = ["red", "green", "blue", "yellow", "purple", "orange"];
/// Letters that lettering is made of.
pub const LETTERS: &[u8; 16] = b"ACEFHKLMNPTUVXYZ";

/// Paint of each ground.
pub const GROUND_PAINT: [[u8; 3]; 4] = [[244, 244, 242], [140, 140, 140], [22, 22, 24], [170, 214, 246]];
/// Paint of each colour.
pub const PAINT: [[u8; 3]; 6] =
    [[214, 36, 42], [36, 158, 62], [38, 66, 214], [244, 214, 36], [134, 40, 168], [244, 132, 22]];
/// Dark and light letters.
pub const INK: [[u8; 3]; 2] = [[16, 16, 18], [248, 248, 246]];
/// Radius of small and large things, in sixteenths of a pixel.
pub const RADIUS: [i32; 2] = [88, 144];
/// Middles of the three columns and rows of cells, in pixels.
pub const MIDDLES: [i32; 3] = [10, 32, 54];
/// Pixels by which the middle of a thing may differ from that of its cell.
pub const STRAY: i32 = 1;
/// Pixels from letter to letter.
pub const PITCH: i32 = 13;

/// Size of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// Five and a half pixels from the middle to the edge.
    Small,
    /// Nine pixels.
    Large,
}

/// A cell of the grid of three columns and three rows, from 0 to 8, row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell(pub u8);

impl Cell {
    /// Column from the left.
    pub fn column(self) -> usize {
        usize::from(self.0 % 3)
    }

    /// Row from the top.
    pub fn row(self) -> usize {
        usize::from(self.0 / 3 % 3)
    }
}

/// Things of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// How many.
    pub count: u8,
    /// Index in [`SHAPES`].
    pub shape: u8,
    /// Index in [`COLOURS`].
    pub colour: u8,
    /// Their size, if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// The place of a single thing, if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Cell>,
}

/// How the first group lies to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// To the left of it.
    Left,
    /// To the right of it.
    Right,
    /// Above it.
    Above,
    /// Below it.
    Below,
}

/// Letters in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lettering {
    /// Indices in [`LETTERS`], 1 to 3.
    pub letters: Vec<u8>,
    /// Row from the top, if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u8>,
}

/// The wanted content of a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Index in [`GROUNDS`], if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<u8>,
    /// Things; at most [`MOST_THINGS`] in all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// How the only thing of the first group lies to the only thing of the second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// Letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lettering: Option<Lettering>,
}

/// A thing with its place to the pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thing {
    /// Index in [`SHAPES`].
    pub shape: u8,
    /// Index in [`COLOURS`].
    pub colour: u8,
    /// Its size.
    pub size: Size,
    /// Its middle in pixels.
    pub at: (i32, i32),
}

/// A scene with nothing left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// Index in [`GROUNDS`].
    pub ground: u8,
    /// The things.
    pub things: Vec<Thing>,
    /// Letters, as indices in [`LETTERS`], with their middles in pixels.
    pub letters: Vec<(u8, (i32, i32))>,
}

/// A random number below `n`.
pub(crate) fn below(rng: &mut SeedRng, n: usize) -> usize {
    rng.below(n.max(1) as u64) as usize
}

/// A whole number from `low` to `high`.
pub(crate) fn between(rng: &mut SeedRng, low: i32, high: i32) -> i32 {
    low + rng.below((high - low + 1).max(1) as u64) as i32
}

impl Wanted {
    /// Things in all.
    pub fn things(&self) -> usize {
        self.groups.iter().map(|group| usize::from(group.count)).sum()
    }

    /// Whether places are left to the painter.
    pub fn leaves_places(&self) -> bool {
        self.groups.iter().any(|group| group.place.is_none())
    }

    /// Draws a scene: one to three things with places, several things of one kind, or two in a relation; letters in two
    /// of five scenes.
    pub fn draw(seed: &Seed) -> Self {
        let mut rng = seed.derive(b"imaging scene", 0).rng();
        let rng = &mut rng;
        let mut wanted = Self { ground: Some(below(rng, GROUNDS.len()) as u8), ..Self::default() };
        if rng.below(5) < 2 {
            let count = 1 + below(rng, MOST_LETTERS);
            let letters = (0..count).map(|_| below(rng, LETTERS.len()) as u8).collect();
            wanted.lettering = Some(Lettering { letters, row: Some(2 * below(rng, 2) as u8) });
        }
        let size = |rng: &mut SeedRng| [Size::Small, Size::Large][below(rng, 2)];
        let group = |rng: &mut SeedRng, count: u8| Group {
            count,
            shape: below(rng, SHAPES.len()) as u8,
            colour: below(rng, COLOURS.len()) as u8,
            size: Some(size(rng)),
            place: None,
        };
        match below(rng, 3) {
            0 => {
                let count = 1 + below(rng, 3);
                let mut free = wanted.free_cells();
                rng.shuffle(&mut free);
                for cell in free.into_iter().take(count) {
                    wanted.groups.push(Group { place: Some(cell), ..distinct(rng, &wanted.groups, group) });
                }
            }
            1 => {
                let count = 2 + below(rng, MOST_THINGS - 1) as u8;
                wanted.groups.push(group(rng, count));
            }
            _ => {
                for _ in 0..2 {
                    wanted.groups.push(distinct(rng, &wanted.groups, group));
                }
                let all = [Relation::Left, Relation::Right, Relation::Above, Relation::Below];
                wanted.relation = Some(all[below(rng, 4)]);
            }
        }
        wanted
    }

    /// Cells outside the row of the lettering.
    fn free_cells(&self) -> Vec<Cell> {
        let taken = self.lettering.as_ref().and_then(|lettering| lettering.row).map(usize::from);
        (0..9).map(Cell).filter(|cell| Some(cell.row()) != taken).collect()
    }

    /// Decides by a seed what is left open. A scene that cannot be laid as wanted is laid as far as it can be.
    pub fn plan(&self, seed: &Seed) -> Laid {
        let mut rng = seed.derive(b"imaging plan", 0).rng();
        let rng = &mut rng;
        let ground = self.ground.unwrap_or_else(|| below(rng, GROUNDS.len()) as u8) % GROUNDS.len() as u8;
        let mut wanted = self.clone();
        if let Some(lettering) = &mut wanted.lettering {
            let used = |row: u8| {
                self.groups.iter().filter_map(|group| group.place).any(|cell| cell.row() == usize::from(row))
            };
            let rows: Vec<u8> = [2, 0, 1].into_iter().filter(|row| !used(*row)).collect();
            lettering.row = Some(lettering.row.unwrap_or(rows.first().copied().unwrap_or(2)).min(2));
        }
        let mut free = wanted.free_cells();
        rng.shuffle(&mut free);
        let mut related = wanted.related(&free, rng);
        free.retain(|cell| !wanted.groups.iter().any(|group| group.place == Some(*cell)));
        let mut laid = Laid { ground, things: Vec::new(), letters: Vec::new() };
        for group in &wanted.groups {
            let size = group.size.unwrap_or([Size::Small, Size::Large][below(rng, 2)]);
            for number in 0..group.count {
                if laid.things.len() == MOST_THINGS {
                    break;
                }
                let given = group.place.filter(|_| number == 0).or_else(|| related.pop());
                let Some(cell) = given.or_else(|| free.pop()) else { break };
                let mut middle = |at: usize| MIDDLES[at] + between(rng, -STRAY, STRAY);
                let at = (middle(cell.column()), middle(cell.row()));
                let (shape, colour) = (group.shape % SHAPES.len() as u8, group.colour % COLOURS.len() as u8);
                laid.things.push(Thing { shape, colour, size, at });
            }
        }
        if let Some(Lettering { letters, row: Some(row) }) = &wanted.lettering {
            let letters = &letters[..letters.len().min(MOST_LETTERS)];
            let (dx, dy) = (between(rng, -STRAY, STRAY), between(rng, -STRAY, STRAY));
            let left = 32 + dx - PITCH * (letters.len() as i32 - 1) / 2;
            let placed = letters.iter().enumerate().map(|(number, letter)| {
                let at = (left + PITCH * number as i32, MIDDLES[usize::from(*row)] + dy);
                (letter % LETTERS.len() as u8, at)
            });
            laid.letters = placed.collect();
        }
        laid
    }

    /// Cells of the second and the first thing of a relation, in this order; nothing if there is none.
    fn related(&self, free: &[Cell], rng: &mut SeedRng) -> Vec<Cell> {
        let (Some(relation), [first, second]) = (self.relation, self.groups.as_slice()) else {
            return Vec::new();
        };
        if first.place.is_some() || second.place.is_some() {
            return Vec::new();
        }
        let fits = |first: Cell, second: Cell| {
            let right = second.column() as i32 - first.column() as i32;
            let down = second.row() as i32 - first.row() as i32;
            let (along, across) = match relation {
                Relation::Left => (right, down),
                Relation::Right => (-right, down),
                Relation::Above => (down, right),
                Relation::Below => (-down, right),
            };
            along > across.abs()
        };
        let pairs: Vec<(Cell, Cell)> = free
            .iter()
            .flat_map(|first| free.iter().map(move |second| (*first, *second)))
            .filter(|(first, second)| fits(*first, *second))
            .collect();
        rng.choose(&pairs).map(|(first, second)| vec![*second, *first]).unwrap_or_default()
    }
}

/// A group that differs from the others in shape or colour.
fn distinct(rng: &mut SeedRng, others: &[Group], group: impl Fn(&mut SeedRng, u8) -> Group) -> Group {
    let mut drawn = group(rng, 1);
    for _ in 0..16 {
        if !others.iter().any(|other| (other.shape, other.colour) == (drawn.shape, drawn.colour)) {
            break;
        }
        drawn = group(rng, 1);
    }
    drawn
}

/// Whether letters on this ground are light.
pub fn is_light(ground: u8) -> bool {
    ground == 2
}

impl Laid {
    /// The renderer's picture of `side` by `side` pixels, shaded by a seed.
    pub fn draw(&self, seed: &Seed, side: usize) -> Result<Picture, PictureError> {
        let mut rng = seed.derive(b"imaging shade", 0).rng();
        let mut shade = |paint: [u8; 3]| {
            paint.map(|channel| (i32::from(channel) + between(&mut rng, -9, 9)).clamp(0, 255) as u8)
        };
        let side = side.clamp(1, 1024);
        let mut canvas = Canvas::new(side, shade(GROUND_PAINT[usize::from(self.ground) % GROUNDS.len()]));
        for thing in &self.things {
            let paint = shade(PAINT[usize::from(thing.colour) % PAINT.len()]);
            let radius = RADIUS[thing.size as usize];
            canvas.fill(thing.at, radius, paint, |x, y| covers(thing.shape, x, y, radius));
        }
        for (letter, at) in &self.letters {
            canvas.fill(*at, 7 * 16, shade(INK[usize::from(is_light(self.ground))]), |x, y| {
                inked(*letter, x, y)
            });
        }
        Picture::new(side, side, 3, canvas.samples)
    }
}

/// A picture that is being drawn.
pub(crate) struct Canvas {
    side: usize,
    pub(crate) samples: Vec<u8>,
}

/// Points along a side of a pixel at which a figure is looked up.
const POINTS: i32 = 4;

impl Canvas {
    pub(crate) fn new(side: usize, ground: [u8; 3]) -> Self {
        Self { side, samples: ground.repeat(side * side) }
    }

    /// Paints a figure: `covers` is asked for places in sixteenths of a pixel of the scene from the middle `at`, which
    /// lie within `reach`.
    pub(crate) fn fill(
        &mut self,
        at: (i32, i32),
        reach: i32,
        paint: [u8; 3],
        covers: impl Fn(i32, i32) -> bool,
    ) {
        let side = self.side as i32;
        // A point of the picture in sixteenths of a pixel of the scene.
        let place = |point: i32| (2 * point + 1) * (SIDE as i32 * 16) / (2 * POINTS * side);
        let range = |middle: i32| {
            let first = (middle * 16 - reach) * side / (SIDE as i32 * 16) - 1;
            let last = (middle * 16 + reach) * side / (SIDE as i32 * 16) + 1;
            first.clamp(0, side)..last.clamp(0, side)
        };
        for y in range(at.1) {
            for x in range(at.0) {
                let points = (0..POINTS * POINTS).map(|point| (point % POINTS, point / POINTS));
                let inside = points.filter(|(right, down)| {
                    covers(place(x * POINTS + right) - at.0 * 16, place(y * POINTS + down) - at.1 * 16)
                });
                let share = inside.count() as i32;
                if share > 0 {
                    let start = 3 * (y * side + x) as usize;
                    for (sample, paint) in self.samples[start..start + 3].iter_mut().zip(paint) {
                        let mixed = i32::from(*sample) * (POINTS * POINTS - share) + i32::from(paint) * share;
                        *sample = (mixed / (POINTS * POINTS)) as u8;
                    }
                }
            }
        }
    }
}

/// Corners of a star of radius 1000.
const STAR: [(i32, i32); 10] = [
    (0, -1000),
    (247, -340),
    (951, -309),
    (399, 130),
    (588, 809),
    (0, 420),
    (-588, 809),
    (-399, 130),
    (-951, -309),
    (-247, -340),
];

/// Whether a shape with this radius covers a place, counted from its middle.
pub(crate) fn covers(shape: u8, x: i32, y: i32, radius: i32) -> bool {
    let square = x * x + y * y;
    let (wide, high) = (x.abs(), y.abs());
    match shape {
        0 => square <= radius * radius,
        1 => wide.max(high) * 16 <= radius * 14,
        2 => y * 16 <= radius * 13 && (y + radius) * 16 >= wide * 29,
        3 => within(&STAR, x * 1000, y * 1000, radius),
        4 => square <= radius * radius && square * 25 >= radius * radius * 8,
        _ => wide.min(high) * 16 <= radius * 5 && wide.max(high) <= radius,
    }
}

/// Whether a polygon, whose corners are times `radius`, holds a place, by counting the edges to its right.
fn within(corners: &[(i32, i32)], x: i32, y: i32, radius: i32) -> bool {
    let mut inside = false;
    let mut before = corners[corners.len() - 1];
    for &corner in corners {
        let (one, other) = ((before.0 * radius, before.1 * radius), (corner.0 * radius, corner.1 * radius));
        if (one.1 > y) != (other.1 > y) {
            // The edge is crossed to the right of the place if the cross product says so.
            let cross = i64::from(other.0 - one.0) * i64::from(y - one.1)
                - i64::from(x - one.0) * i64::from(other.1 - one.1);
            inside ^= (cross > 0) == (other.1 > one.1);
        }
        before = corner;
    }
    inside
}

wide!(pub(crate) fn covered(shape: u8, from: (i32, i32), radius: i32, counts: &mut [i32]) = covered_anywhere);

/// Counts the places of a row that a shape [`covers`]: at most `4 · SIDE`, four apart, the first at `from`.
#[inline(always)]
fn covered_anywhere(shape: u8, (first, y): (i32, i32), radius: i32, counts: &mut [i32]) {
    let (round, high) = (radius * radius, y.abs());
    let square = |x: i32| x.wrapping_mul(x).wrapping_add(high.wrapping_mul(high));
    match shape {
        0 => counted(first, counts, |x| square(x) <= round),
        1 => {
            let wide = radius * 14;
            counted(first, counts, |x| x.wrapping_abs().max(high).wrapping_mul(16) <= wide);
        }
        2 if y * 16 > radius * 13 => {}
        2 => {
            let wide = (y + radius) * 16;
            counted(first, counts, |x| wide >= x.wrapping_abs().wrapping_mul(29));
        }
        3 => {
            let (edges, crossed) = crossings(&STAR, y * 1000, radius);
            let mut inside = [0; 4 * SIDE];
            let inside = &mut inside[..counts.len()];
            for last in &edges[..crossed] {
                for (at, inside) in inside.iter_mut().enumerate() {
                    *inside ^= i32::from(first.wrapping_add((4 * at) as i32) <= *last);
                }
            }
            counts.iter_mut().zip(inside).for_each(|(count, inside)| *count = count.wrapping_add(*inside));
        }
        4 => {
            let hole = round * 8;
            counted(first, counts, |x| (square(x) <= round) & (square(x).wrapping_mul(25) >= hole));
        }
        _ => {
            let thick = radius * 5;
            counted(first, counts, |x| {
                let wide = x.wrapping_abs();
                (wide.min(high).wrapping_mul(16) <= thick) & (wide.max(high) <= radius)
            });
        }
    }
}

#[inline(always)]
fn counted(first: i32, counts: &mut [i32], covers: impl Fn(i32) -> bool) {
    for (at, count) in counts.iter_mut().enumerate() {
        *count = count.wrapping_add(i32::from(covers(first.wrapping_add((4 * at) as i32))));
    }
}

/// The edges that cross a row: the last place to the left of each, and how many they are. See [`within`].
fn crossings(corners: &[(i32, i32); 10], y: i32, radius: i32) -> ([i32; 10], usize) {
    let (mut edges, mut crossed) = ([0; 10], 0);
    let mut before = corners[corners.len() - 1];
    for &corner in corners {
        let (one, other) = ((before.0 * radius, before.1 * radius), (corner.0 * radius, corner.1 * radius));
        if (one.1 > y) != (other.1 > y) {
            let along = i64::from(other.0 - one.0) * i64::from(y - one.1);
            let down = i64::from(other.1 - one.1);
            // The cross product is above zero, or not above it, for all places up to this one.
            let last = if down > 0 { (along - 1).div_euclid(down) } else { (-along).div_euclid(-down) };
            edges[crossed] = (i64::from(one.0) + last).div_euclid(1000) as i32;
            crossed += 1;
        }
        before = corner;
    }
    (edges, crossed)
}

/// Letters as rows of five dots.
const DOTS: [[u8; 7]; 16] = [
    [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
    [0b01111, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b01111],
    [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
    [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000],
    [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
    [0b10001, 0b10010, 0b10100, 0b11000, 0b10100, 0b10010, 0b10001],
    [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
    [0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001],
    [0b10001, 0b11001, 0b11001, 0b10101, 0b10011, 0b10011, 0b10001],
    [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000],
    [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],
    [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
    [0b10001, 0b10001, 0b10001, 0b01010, 0b01010, 0b00100, 0b00100],
    [0b10001, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001, 0b10001],
    [0b10001, 0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b00100],
    [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b11111],
];

/// Whether a letter has ink at a place, counted from its middle: a dot is two pixels wide.
pub(crate) fn inked(letter: u8, x: i32, y: i32) -> bool {
    let (column, row) = ((x + 5 * 16).div_euclid(32), (y + 7 * 16).div_euclid(32));
    let rows = &DOTS[usize::from(letter) % DOTS.len()];
    (0..5).contains(&column) && (0..7).contains(&row) && rows[row as usize] >> (4 - column) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_places_is_covered_as_each_of_them() {
        for shape in 0..SHAPES.len() as u8 {
            for radius in [0, 1, 17, 40, 96, 133, 180, 301] {
                for y in (-340..340).step_by(3) {
                    let (first, mut counts) = (-400 + y % 7, [0; 200]);
                    covered(shape, (first, y), radius, &mut counts);
                    for (at, count) in (0..).zip(counts) {
                        let covered = covers(shape, first + 4 * at, y, radius);
                        assert_eq!(count, i32::from(covered), "{shape} {radius} {at} {y}");
                    }
                }
            }
        }
    }

    fn seed(number: u64) -> Seed {
        Seed([3; 32]).derive(b"test", number)
    }

    #[test]
    fn a_seed_draws_one_scene_and_everything_comes_up() {
        let (mut letters, mut relations, mut most) = (0, 0, 0);
        for number in 0..300 {
            let wanted = Wanted::draw(&seed(number));
            assert_eq!(wanted, Wanted::draw(&seed(number)));
            let laid = wanted.plan(&seed(number + 1));
            assert_eq!(laid.things.len(), wanted.things(), "{wanted:?}");
            letters += usize::from(wanted.lettering.is_some());
            relations += usize::from(wanted.relation.is_some());
            most = most.max(laid.things.len());
        }
        assert!((90..150).contains(&letters) && (70..130).contains(&relations) && most == MOST_THINGS);
    }

    #[test]
    fn things_have_places_of_their_own_and_a_relation_holds() {
        for number in 0..300 {
            let wanted = Wanted::draw(&seed(number));
            let laid = wanted.plan(&seed(number + 7));
            for (at, thing) in laid.things.iter().enumerate() {
                for other in &laid.things[..at] {
                    let apart = (thing.at.0 - other.at.0).abs().max((thing.at.1 - other.at.1).abs());
                    assert!(apart >= 20, "{laid:?}");
                }
                for (_, letter) in &laid.letters {
                    assert!((thing.at.1 - letter.1).abs() >= 20, "{laid:?}");
                }
            }
            if let (Some(relation), [first, second]) = (wanted.relation, laid.things.as_slice()) {
                let (right, down) = (second.at.0 - first.at.0, second.at.1 - first.at.1);
                let along = match relation {
                    Relation::Left => right,
                    Relation::Right => -right,
                    Relation::Above => down,
                    Relation::Below => -down,
                };
                assert!(along >= 20, "{relation:?} {laid:?}");
            }
        }
    }

    /// The pixels of these scenes: a change of them changes what models are trained on.
    #[test]
    fn the_pixels_are_the_same_on_every_machine() {
        let mut hash = [0; 32];
        for number in 0..20 {
            let picture =
                Wanted::draw(&seed(number)).plan(&seed(number)).draw(&seed(number), 64).expect("drawn");
            hash = myelin_wire::hash::blake2_256_of(&[&hash, picture.samples()]);
        }
        assert_eq!(myelin_wire::hash::to_hex(&hash), PIXELS);
    }

    const PIXELS: &str = "4ca59ac6179779c88a593023db46ceb119ca9a2ff053c1d7e009ac4cca792ac3";
}
