//! Filling of holes: by diffusion, and by copies of pixels whose surroundings look alike.
//!
//! A validator runs them for each judged answer. [`super::reference`] has the same, plainly.

use myelin_vision::picture::{Picture, PictureError};

use super::{super::damage::Damaged, colour, fine};

/// How far away the pixels may be with which [`copied`] fills holes.
pub(super) const FAR: usize = 12;
/// Half of the patch that is compared, without its middle.
pub(super) const HALF: usize = 3;
/// Squared difference that a pixel costs there if it cannot be compared.
pub(super) const UNKNOWN: u16 = 3_000;
/// Sweeps of the diffusion into holes.
pub(super) const SWEEPS: usize = 120;

/// A hole's pixel, and its neighbours. Missing ones are a place without content.
struct Hole {
    at: usize,
    near: [usize; 4],
    count: i32,
}

/// Fills holes as heat would: each pixel the mean of its four neighbours.
pub fn diffused(damaged: &Damaged) -> Result<Picture, PictureError> {
    let picture = &damaged.picture;
    let (width, height) = (picture.width(), picture.height());
    let nowhere = width * height;
    let samples = fine(picture);
    let pixels = samples.chunks_exact(3).map(|pixel| [pixel[0], pixel[1], pixel[2], 0]);
    let mut values: Vec<[i32; 4]> = pixels.chain([[0; 4]]).collect();
    let (holes, kept): (Vec<usize>, Vec<usize>) = (0..nowhere).partition(|at| damaged.is_hole(*at));
    let known = kept.len().max(1) as i64;
    let mean =
        [0, 1, 2, 3].map(|c| (kept.iter().map(|at| i64::from(values[*at][c])).sum::<i64>() / known) as i32);
    holes.iter().for_each(|at| values[*at] = mean);
    let holes: Vec<Hole> = holes
        .into_iter()
        .map(|at| {
            let (x, y) = (at % width, at / width);
            let near = [
                (x > 0).then(|| at - 1),
                (x + 1 < width).then_some(at + 1),
                (y > 0).then(|| at - width),
                (y + 1 < height).then_some(at + width),
            ];
            let count = near.iter().flatten().count().max(1) as i32;
            Hole { at, near: near.map(|near| near.unwrap_or(nowhere)), count }
        })
        .collect();
    for sweep in 0..SWEEPS {
        if sweep % 2 == 0 {
            holes.iter().for_each(|hole| hole.settle(&mut values));
        } else {
            holes.iter().rev().for_each(|hole| hole.settle(&mut values));
        }
    }
    colour(width, height, values[..nowhere].iter().flat_map(|value| [0, 1, 2].map(|c| (value[c] + 128) >> 8)))
}

impl Hole {
    /// The mean of the neighbours. Levels are never negative, so a quarter is a shift.
    #[inline(always)]
    fn settle(&self, values: &mut [[i32; 4]]) {
        let near = self.near.map(|at| values[at]);
        let sum: [i32; 4] = std::array::from_fn(|c| {
            near[0][c].wrapping_add(near[1][c]).wrapping_add(near[2][c].wrapping_add(near[3][c]))
        });
        values[self.at] =
            if self.count == 4 { sum.map(|sum| sum >> 2) } else { sum.map(|sum| sum / self.count) };
    }
}

/// Fills holes from their edges inwards: each pixel the mean of those whose surroundings look most like its own.
pub fn copied(damaged: &Damaged, diffused: &Picture, mean: usize) -> Result<Picture, PictureError> {
    let (width, height) = (damaged.picture.width(), damaged.picture.height());
    // Where nothing near can be copied, the diffusion stays.
    let pixels = diffused.samples().chunks_exact(3);
    let mut samples: Vec<[u8; 3]> = pixels.map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let mut field = Field::of(damaged, &samples);
    let mut left: Vec<usize> = (0..width * height).filter(|at| damaged.is_hole(*at)).collect();
    let mut search = Search { most: mean.max(1), best: Vec::new(), taps: Vec::new() };
    let mut before = 0;
    while !left.is_empty() {
        // Pixels with enough known neighbours go first, so that few rounds are needed.
        let enough = left.iter().map(|at| field.around[*at]).max().unwrap_or(0).min(3);
        let (now, later): (Vec<usize>, Vec<usize>) = left.iter().partition(|at| field.around[**at] >= enough);
        for at in &now {
            search.find(&field, &samples, before, *at);
            before = *at;
            let found = search.best.len() as u32;
            if found == 0 {
                continue;
            }
            samples[*at] = [0, 1, 2].map(|c| {
                let sum: u32 = search.best.iter().map(|(_, place)| u32::from(samples[*place][c])).sum();
                (sum / found) as u8
            });
        }
        now.iter().for_each(|at| field.learn(at % width, at / width));
        left = later;
    }
    Picture::new(width, height, 3, samples.into_flattened())
}

/// Candidates that are compared at once: all of a row within reach, and some beyond.
const LANES: usize = 32;
/// Pixels of a patch that are compared before it may be left.
const TOGETHER: usize = 4;
const REACH: usize = 2 * FAR + 1;
/// More than any two patches differ, and far enough from the end of the numbers that no sum reaches it.
const NEVER: u32 = 1 << 30;
/// Pixels of the border before and after the picture, so that every patch of every lane is inside.
const BEFORE: usize = FAR + HALF;
const AFTER: usize = LANES;

/// The picture in planes with a border. Holes and the border cannot be compared with.
struct Field {
    width: usize,
    height: usize,
    row: usize,
    planes: [Vec<u8>; 3],
    /// 255 for pixels that can be compared with: they were never in a hole.
    whole: Vec<u8>,
    /// Whether a pixel is known: whole or filled.
    known: Vec<bool>,
    /// Known pixels among the eight around each.
    around: Vec<u8>,
}

impl Field {
    fn of(damaged: &Damaged, samples: &[[u8; 3]]) -> Self {
        let (width, height) = (damaged.picture.width(), damaged.picture.height());
        let row = BEFORE + width + AFTER;
        let empty = || vec![0; row * (BEFORE + height + BEFORE)];
        let (planes, whole) = ([empty(), empty(), empty()], empty());
        let (known, around) = (vec![false; width * height], vec![0; width * height]);
        let mut field = Self { width, height, row, planes, whole, known, around };
        for at in (0..width * height).filter(|at| !damaged.is_hole(*at)) {
            let place = field.place(at % width, at / width);
            field.planes.iter_mut().zip(samples[at]).for_each(|(plane, sample)| plane[place] = sample);
            field.whole[place] = 255;
            field.learn(at % width, at / width);
        }
        field
    }

    fn place(&self, x: usize, y: usize) -> usize {
        (y + BEFORE) * self.row + x + BEFORE
    }

    /// Difference of a patch from the one around a candidate.
    fn apart(&self, taps: &[Tap], x: usize, y: usize) -> u32 {
        let corner = self.place(x, y) - HALF * self.row - HALF;
        let difference = |tap: &Tap| {
            let at = corner + tap.step;
            let there = [0, 1, 2].map(|c| self.planes[c][at]);
            if self.whole[at] == 0 {
                u32::from(UNKNOWN)
            } else {
                squares(there, tap.colour).into_iter().map(u32::from).sum()
            }
        };
        taps.iter().map(difference).sum()
    }

    /// Notes that a pixel is known.
    fn learn(&mut self, x: usize, y: usize) {
        self.known[y * self.width + x] = true;
        for near_y in y.saturating_sub(1)..(y + 2).min(self.height) {
            for near_x in x.saturating_sub(1)..(x + 2).min(self.width) {
                if (near_x, near_y) != (x, y) {
                    self.around[near_y * self.width + near_x] += 1;
                }
            }
        }
    }
}

/// A known pixel of a patch: how far it is from the patch's corner in the planes, and its colour.
#[derive(Clone, Copy)]
struct Tap {
    step: usize,
    colour: [u8; 3],
}

/// The search for the pixels whose surroundings look most alike.
struct Search {
    /// Number of places that are wanted.
    most: usize,
    /// Differences and places of the best so far, the best first; of equal ones, those that come first.
    best: Vec<(u32, usize)>,
    /// Known pixels of the patch.
    taps: Vec<Tap>,
}

impl Search {
    /// Finds the best for a pixel. Those that were found for the pixel before, moved along, show from the start how
    /// little the best can differ, so most others are left out early.
    fn find(&mut self, field: &Field, samples: &[[u8; 3]], before: usize, at: usize) {
        let (x, y) = (at % field.width, at / field.width);
        let mut taps = Vec::with_capacity((2 * HALF + 1).pow(2));
        for down in 0..2 * HALF + 1 {
            for right in 0..2 * HALF + 1 {
                let (tx, ty) = ((x + right).wrapping_sub(HALF), (y + down).wrapping_sub(HALF));
                if tx < field.width && ty < field.height && field.known[ty * field.width + tx] {
                    let colour = samples[ty * field.width + tx];
                    taps.push(Tap { step: down * field.row + right, colour });
                }
            }
        }
        // Pixels far from each other come first: they tell soonest that a patch is another one.
        let apart = taps.len().div_ceil(TOGETHER).max(1);
        self.taps.clear();
        self.taps.extend((0..apart).flat_map(|first| taps.iter().skip(first).step_by(apart).copied()));
        let moved = |(_, place): &(u32, usize)| {
            let x = (place % field.width + x).checked_sub(before % field.width)?;
            let y = (place / field.width + y).checked_sub(before / field.width)?;
            (x < field.width && y < field.height && field.whole[field.place(x, y)] != 0)
                .then(|| field.apart(&self.taps, x, y))
        };
        let known: Option<Vec<u32>> = self.best.iter().map(moved).collect();
        let most = known.filter(|known| known.len() == self.most).and_then(|known| known.into_iter().max());
        self.best.clear();
        look(field, self, (x, y), most.unwrap_or(NEVER));
    }

    /// Takes a candidate that differs less than the worst of the best.
    #[inline(always)]
    fn offer(&mut self, apart: u32, place: usize) {
        if self.best.len() == self.most {
            if self.best[self.most - 1].0 <= apart {
                return;
            }
            self.best.pop();
        }
        let at = self.best.partition_point(|(better, _)| *better <= apart);
        self.best.insert(at, (apart, place));
    }
}

wide!(fn look(field: &Field, search: &mut Search, at: (usize, usize), most: u32) = look_anywhere);

/// Looks at all candidates around a pixel, row by row. None of the best differs by more than `most`.
#[inline(always)]
fn look_anywhere(field: &Field, search: &mut Search, (x, y): (usize, usize), most: u32) {
    for oy in y.saturating_sub(FAR)..(y + FAR + 1).min(field.height) {
        // The corner of the patch around the first candidate of this row.
        let corner = (oy + BEFORE - HALF) * field.row + x + BEFORE - FAR - HALF;
        let worst = search.best.get(search.most - 1).map_or(NEVER, |(worst, _)| *worst);
        let limit = worst.min(most.saturating_add(1));
        let first = oy * field.width + x;
        // Half as wide sums take half the time. They stop at their largest number, which is no less than the limit.
        match u16::try_from(limit) {
            Ok(limit) => row(field, search, (corner, first), limit, (0, u16::MAX), u16::saturating_add),
            Err(_) => row(field, search, (corner, first), limit, (0, NEVER), |sum, square| {
                sum.wrapping_add(u32::from(square))
            }),
        }
    }
}

/// Compares the candidates of a row, and takes those that are below the limit.
#[inline(always)]
fn row<T: Copy + Ord + Into<u32>>(
    field: &Field,
    search: &mut Search,
    (corner, first): (usize, usize),
    limit: T,
    (none, never): (T, T),
    add: impl Fn(T, u16) -> T,
) {
    let middles = &field.whole[corner + HALF * field.row + HALF..][..REACH];
    let mut apart = [never; LANES];
    for (apart, middle) in apart.iter_mut().zip(middles) {
        *apart = if *middle != 0 { none } else { never };
    }
    for some in search.taps.chunks(TOGETHER) {
        for tap in some {
            let from = corner + tap.step;
            let red = &field.planes[0][from..from + LANES];
            let green = &field.planes[1][from..from + LANES];
            let blue = &field.planes[2][from..from + LANES];
            let whole = &field.whole[from..from + LANES];
            for lane in 0..LANES {
                let [red, green, blue] = squares([red[lane], green[lane], blue[lane]], tap.colour);
                let here = add(add(add(apart[lane], red), green), blue);
                apart[lane] = if whole[lane] != 0 { here } else { add(apart[lane], UNKNOWN) };
            }
        }
        // Once none is below the limit, the rest is left out.
        let mut least = never;
        for apart in &apart {
            least = least.min(*apart);
        }
        if least >= limit {
            return;
        }
    }
    for (lane, apart) in apart.into_iter().enumerate() {
        if apart < limit {
            search.offer(apart.into(), first + lane - FAR);
        }
    }
}

/// Squared differences of the samples of two pixels. The largest, 255², fits 16 bits.
#[inline(always)]
fn squares(one: [u8; 3], other: [u8; 3]) -> [u16; 3] {
    let square = |channel: usize| {
        let apart = u16::from(one[channel].abs_diff(other[channel]));
        apart.wrapping_mul(apart)
    };
    [square(0), square(1), square(2)]
}
