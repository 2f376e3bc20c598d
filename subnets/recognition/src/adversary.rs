//! Miners that stand for a known worth or a known trick, for tests and reports. Nothing in the product's own path uses
//! this module.
//!
//! * [`oracle`] knows the truth and errs as often as it is told to: a better one must earn more;
//! * [`Lookup`] has indexed every public source: it drew thousands of tasks of other seeds and remembers them all;
//! * [`Inverter`] runs the open generator backwards: it draws every letter of every open face and takes the most
//!   similar;
//! * [`ShortSighted`] sees every picture at a quarter of its size, and is honest otherwise;
//! * [`Garbage`], [`Commonplace`] and [`Silent`] know nothing.

use myelin_subnet::{AnswerContext, AnswerError};
use myelin_vision::picture::Picture;
use myelin_wire::seed::{Seed, SeedRng};

use crate::{
    backend::Backend,
    draw::Choices,
    extract,
    protocol::{Format, RecognitionRequest, RecognitionResponse, Wanted},
    render::{open_faces, Style},
    task::{self, Hidden, Renderer, Task},
};

/// The answer of a miner that is right in `permille` of a thousand letters, fields and classes, and knows this share.
pub fn oracle(task: &Task, permille: u64, rng: &mut SeedRng) -> RecognitionResponse {
    match &task.hidden {
        Hidden::Page { text, values, .. } => {
            let mut misread = |text: &str, rate: u64| -> String {
                let wrong = |letter: char| if letter == 'x' { 'y' } else { 'x' };
                text.chars().map(|letter| if rng.chance(rate) { letter } else { wrong(letter) }).collect()
            };
            let text = misread(text, permille);
            let values = values
                .iter()
                .map(|value| if rng.chance(permille) { value.clone() } else { "?".into() })
                .collect();
            RecognitionResponse { text, values, ..RecognitionResponse::default() }
        }
        Hidden::Scenes { classes, .. } => {
            let sizes: Vec<usize> = task.request.groups.iter().map(|group| group.classes.len()).collect();
            let mut believe = |truth: usize, size: usize| -> Vec<u32> {
                let other = (truth + rng.whole(1, size as i32 - 1) as usize) % size;
                let said = if rng.chance(permille) { truth } else { other };
                let rest = (1_000_000 - 1000 * permille as u32) / (size as u32 - 1);
                let mut row = vec![rest; size];
                row[said] = 1_000_000 - rest * (size as u32 - 1);
                row
            };
            let picture = |truth: &Vec<u8>| {
                truth.iter().zip(&sizes).map(|(class, size)| believe(usize::from(*class), *size)).collect()
            };
            let probabilities = classes.iter().map(picture).collect();
            RecognitionResponse { probabilities, ..RecognitionResponse::default() }
        }
    }
}

fn uniform(request: &RecognitionRequest) -> Vec<Vec<Vec<u32>>> {
    let row = |size: usize| {
        let mut row = vec![1_000_000 / size.max(1) as u32; size];
        let rest = 1_000_000 - row.iter().sum::<u32>();
        row.iter_mut().take(1).for_each(|first| *first += rest);
        row
    };
    let rows: Vec<Vec<u32>> = request.groups.iter().map(|group| row(group.classes.len())).collect();
    vec![rows; request.images.len()]
}

/// Another miner that sees pictures at a quarter of their size.
pub struct ShortSighted<B>(pub B);

impl<B: Backend> Backend for ShortSighted<B> {
    fn model_id(&self, wanted: Wanted) -> [u8; 32] {
        self.0.model_id(wanted)
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError> {
        let mut pictures = request.pictures().map_err(|error| AnswerError::Refused(error.to_string()))?;
        for picture in &mut pictures {
            let (width, height) = (picture.width(), picture.height());
            let blurred = picture
                .scaled((width / 4).max(1), (height / 4).max(1))
                .and_then(|small| small.scaled(width, height));
            *picture = blurred.map_err(|error| AnswerError::Backend(error.to_string()))?;
        }
        let seen = match request.wanted {
            Wanted::Read => {
                let page = pictures.first().ok_or_else(|| AnswerError::Refused("no picture".into()))?;
                RecognitionRequest::read(page, Format::Png, request.fields.clone())
            }
            Wanted::Classify => RecognitionRequest::classify(&pictures, Format::Png, request.groups.clone()),
        };
        self.0.answer(context, &seen.map_err(|error| AnswerError::Backend(error.to_string()))?)
    }
}

/// Sends an empty answer.
pub struct Silent;

impl Backend for Silent {
    fn answer(&self, _: &AnswerContext, _: &RecognitionRequest) -> Result<RecognitionResponse, AnswerError> {
        Ok(RecognitionResponse::default())
    }
}

/// Sends random letters, and certainty about random classes.
pub struct Garbage;

impl Backend for Garbage {
    fn answer(
        &self,
        _: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError> {
        let mut rng = Seed([0x6a; 32]).derive(request.images[0].as_bytes(), 0).rng();
        let text = (0..120).map(|_| char::from(b'!' + rng.below(90) as u8)).collect();
        let values = request.fields.iter().map(|_| format!("{:x}", rng.next_u64())).collect();
        let mut probabilities = uniform(request);
        for row in probabilities.iter_mut().flatten() {
            row.fill(0);
            let at = rng.below(row.len() as u64) as usize;
            row[at] = 1_000_000;
        }
        Ok(RecognitionResponse { text, values, probabilities })
    }
}

/// Sends the text that most pages have, and equal probabilities.
pub struct Commonplace;

impl Backend for Commonplace {
    fn answer(
        &self,
        _: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError> {
        let text =
            "INVOICE\nInvoice No: AB-1234\nDate: 2024-01-15\nCustomer: Anna Becker\nTotal: 100.00".to_owned();
        let values = extract::values(&text, &request.fields);
        Ok(RecognitionResponse { text, values, probabilities: uniform(request) })
    }
}

const THUMB: usize = 12;

fn thumbnail(picture: &Picture) -> Vec<i32> {
    let small = picture.scaled(THUMB, THUMB).map(|small| small.samples().to_vec()).unwrap_or_default();
    small.into_iter().map(i32::from).collect()
}

fn apart(one: &[i32], other: &[i32]) -> i64 {
    one.iter().zip(other).map(|(a, b)| i64::from((a - b) * (a - b))).sum()
}

/// Remembers tasks of seeds of its own, and answers with the truth of the most similar picture.
pub struct Lookup {
    pages: Vec<(Vec<i32>, String)>,
    scenes: Vec<(Vec<i32>, Vec<u8>)>,
}

impl Lookup {
    /// Remembers so many pages, and so many sheets of scenes.
    pub fn new(pages: u64, sheets: u64) -> Self {
        let own = |label: &[u8], number: u64| Seed([0x10; 32]).derive(label, number);
        let mut known = Self { pages: Vec::new(), scenes: Vec::new() };
        for number in 0..pages {
            let seed = own(b"page", number);
            let Ok(task) = task::page(&seed, task::renderer(&seed), Format::Png) else { continue };
            if let (Ok(pictures), Hidden::Page { text, .. }) = (task.request.pictures(), task.hidden) {
                known.pages.extend(pictures.first().map(|page| (thumbnail(page), text)));
            }
        }
        for number in 0..sheets {
            let seed = own(b"scenes", number);
            let Ok(task) = task::scenes(&seed, task::renderer(&seed), Format::Png) else { continue };
            if let (Ok(pictures), Hidden::Scenes { classes, .. }) = (task.request.pictures(), task.hidden) {
                known.scenes.extend(pictures.iter().map(thumbnail).zip(classes));
            }
        }
        known
    }

    /// The share of each class among the most similar scenes.
    fn vote(&self, picture: &Picture, sizes: &[usize]) -> Vec<Vec<u32>> {
        const VOTES: usize = 16;
        let seen = thumbnail(picture);
        let mut near: Vec<(i64, usize)> =
            self.scenes.iter().enumerate().map(|(at, (known, _))| (apart(&seen, known), at)).collect();
        near.sort_unstable();
        let known = near.first().is_some_and(|(distance, _)| *distance == 0);
        near.truncate(if known { 1 } else { VOTES });
        let row = |group: usize, size: usize| {
            // One vote is shared by all classes, so that none gets the probability zero.
            let unit = 1_000_000 / (near.len() as u32 + 1);
            let mut row = vec![unit / size as u32; size];
            for (_, at) in &near {
                row[usize::from(self.scenes[*at].1[group])] += unit;
            }
            let rest = 1_000_000 - row.iter().sum::<u32>();
            row[0] += rest;
            row
        };
        sizes.iter().enumerate().map(|(group, size)| row(group, *size)).collect()
    }
}

impl Backend for Lookup {
    fn answer(
        &self,
        _: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError> {
        let pictures = request.pictures().map_err(|error| AnswerError::Refused(error.to_string()))?;
        if request.wanted == Wanted::Classify {
            let sizes: Vec<usize> = request.groups.iter().map(|group| group.classes.len()).collect();
            let probabilities = pictures.iter().map(|picture| self.vote(picture, &sizes)).collect();
            return Ok(RecognitionResponse { probabilities, ..RecognitionResponse::default() });
        }
        let seen = pictures.first().map(thumbnail).unwrap_or_default();
        let nearest = self.pages.iter().min_by_key(|(known, _)| apart(&seen, known));
        let text = nearest.map(|(_, text)| text.clone()).unwrap_or_default();
        let values = extract::values(&text, &request.fields);
        Ok(RecognitionResponse { text, values, ..RecognitionResponse::default() })
    }
}

/// Columns and rows of the small picture by which a letter is compared.
const CELL: (usize, usize) = (10, 14);

/// Straightens a page, finds its lines and letters, and takes, for each, the most similar letter of an open face. It
/// cannot invert scenes, so it looks them up.
pub struct Inverter {
    templates: Vec<(char, Shape)>,
    scenes: Lookup,
}

/// A letter as a small picture, with its proportions.
#[derive(Clone)]
struct Shape {
    cells: Vec<i32>,
    /// Height, distance of the lower edge from the base line, and width, in hundredths of the height of capitals.
    sizes: [i32; 3],
}

impl Inverter {
    /// Draws all letters of the open faces.
    pub fn new() -> Self {
        let mut templates = Vec::new();
        for face in open_faces() {
            let capital = face.glyph('H', 40, &Style::plain()).map_or(30, |glyph| glyph.height as i32);
            for letter in ('!'..='~').filter(|letter| !"\"*;<=>?[\\]^_`{|}~&".contains(*letter)) {
                let Some(glyph) = face.glyph(letter, 40, &Style::plain()) else { continue };
                let ink = |x: usize, y: usize| i32::from(glyph.ink[y * glyph.width + x]);
                let below = glyph.top - glyph.height as i32;
                let sizes = [glyph.height as i32, below, glyph.width as i32].map(|size| size * 100 / capital);
                templates.push((letter, Shape { cells: cells(glyph.width, glyph.height, &ink), sizes }));
            }
        }
        Self { templates, scenes: Lookup::new(0, 60) }
    }

    /// The text of a page.
    pub fn read(&self, page: &Picture) -> String {
        let page = page.to_grey();
        let (w, h) = (page.width(), page.height());
        let (ink, light) = straightened(&darker_than_around(&page), page.samples(), w, h);
        let rows: Vec<usize> =
            (0..h).map(|y| ink[y * w..(y + 1) * w].iter().filter(|dark| **dark).count()).collect();
        let mut text = String::new();
        for (top, bottom) in runs(&rows, 1).into_iter().filter(|(top, bottom)| bottom - top >= 7) {
            // Below the base line there is much less ink than above it.
            let middle = (top + bottom) / 2;
            let base = (middle..bottom)
                .max_by_key(|y| rows[*y] as i32 - rows.get(y + 1).map_or(0, |next| *next as i32))
                .map_or(bottom, |y| y + 1);
            let capital = ((base - top) as i32).max(1);
            let columns: Vec<usize> =
                (0..w).map(|x| (top..bottom).filter(|y| ink[y * w + x]).count()).collect();
            let mut last = None;
            for (left, right) in runs(&columns, 0) {
                if last.is_some_and(|end: usize| (left - end) as i32 * 100 > 32 * capital) {
                    text.push(' ');
                }
                last = Some(right);
                let filled = |y: &usize| (left..right).any(|x| ink[y * w + x]);
                let (Some(first), Some(end)) = ((top..bottom).find(filled), (top..bottom).rev().find(filled))
                else {
                    continue;
                };
                let at = |x: usize, y: usize| 255 - i32::from(light[(first + y) * w + left + x]);
                let (gw, gh) = (right - left, end + 1 - first);
                let sizes =
                    [gh as i32, base as i32 - end as i32 - 1, gw as i32].map(|size| size * 100 / capital);
                text.extend(self.nearest(&Shape { cells: cells(gw, gh, &at), sizes }));
            }
            text.push('\n');
        }
        text
    }

    fn nearest(&self, shape: &Shape) -> Option<char> {
        let cost = |known: &Shape| {
            let sizes: i64 =
                known.sizes.iter().zip(&shape.sizes).map(|(a, b)| i64::from((a - b) * (a - b))).sum();
            apart(&known.cells, &shape.cells) + 40 * sizes
        };
        self.templates.iter().min_by_key(|(_, known)| cost(known)).map(|(letter, _)| *letter)
    }
}

/// Moves columns up and down by the slope at which the lines stand out most.
fn straightened(ink: &[bool], light: &[u8], w: usize, h: usize) -> (Vec<bool>, Vec<u8>) {
    let shift = |x: usize, slope: i32| (x as i32 - w as i32 / 2) * slope / 400;
    let contrast = |slope: &i32| {
        let mut rows = vec![0i64; h];
        for (at, _) in ink.iter().enumerate().filter(|(_, dark)| **dark) {
            let y = (at / w) as i32 + shift(at % w, *slope);
            if let Some(row) = usize::try_from(y).ok().and_then(|y| rows.get_mut(y)) {
                *row += 1;
            }
        }
        rows.iter().map(|row| row * row).sum::<i64>()
    };
    let slope = (-24..=24).max_by_key(contrast).unwrap_or_default();
    let (mut moved, mut moved_light) = (vec![false; w * h], vec![255; w * h]);
    for at in 0..w * h {
        let y = (at / w) as i32 + shift(at % w, slope);
        if (0..h as i32).contains(&y) {
            let to = y as usize * w + at % w;
            (moved[to], moved_light[to]) = (ink[at], light[at]);
        }
    }
    (moved, moved_light)
}

impl Default for Inverter {
    fn default() -> Self {
        Self::new()
    }
}

impl Backend for Inverter {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError> {
        if request.wanted == Wanted::Classify {
            return self.scenes.answer(context, request);
        }
        let pictures = request.pictures().map_err(|error| AnswerError::Refused(error.to_string()))?;
        let text = pictures.first().map(|page| self.read(page)).unwrap_or_default();
        let values = extract::values(&text, &request.fields);
        Ok(RecognitionResponse { text, values, ..RecognitionResponse::default() })
    }
}

/// Stretches a letter onto the cells of a template, with its contrast at full.
fn cells(width: usize, height: usize, ink: &dyn Fn(usize, usize) -> i32) -> Vec<i32> {
    let mut cells = Vec::with_capacity(CELL.0 * CELL.1);
    for row in 0..CELL.1 {
        for column in 0..CELL.0 {
            cells.push(ink(column * width / CELL.0, row * height / CELL.1));
        }
    }
    let (least, most) = (cells.iter().min().copied().unwrap_or(0), cells.iter().max().copied().unwrap_or(0));
    cells.iter().map(|cell| (cell - least) * 100 / (most - least).max(1)).collect()
}

/// For each pixel, whether it is clearly darker than the mean of the square around it.
fn darker_than_around(page: &Picture) -> Vec<bool> {
    const REACH: usize = 12;
    let (w, h) = (page.width(), page.height());
    let mut sums = vec![0i64; (w + 1) * (h + 1)];
    for y in 0..h {
        for x in 0..w {
            let value = i64::from(page.samples()[y * w + x]);
            sums[(y + 1) * (w + 1) + x + 1] =
                value + sums[y * (w + 1) + x + 1] + sums[(y + 1) * (w + 1) + x] - sums[y * (w + 1) + x];
        }
    }
    let dark = |x: usize, y: usize| {
        let (x0, x1) = (x.saturating_sub(REACH), (x + REACH + 1).min(w));
        let (y0, y1) = (y.saturating_sub(REACH), (y + REACH + 1).min(h));
        let sum = sums[y1 * (w + 1) + x1] - sums[y0 * (w + 1) + x1] - sums[y1 * (w + 1) + x0]
            + sums[y0 * (w + 1) + x0];
        let count = ((x1 - x0) * (y1 - y0)) as i64;
        i64::from(page.samples()[y * w + x]) * count < sum - 28 * count
    };
    (0..w * h).map(|at| dark(at % w, at / w)).collect()
}

/// Stretches where the counts exceed `least`.
fn runs(counts: &[usize], least: usize) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = None;
    for (at, count) in counts.iter().chain([&0]).enumerate() {
        match (start, *count > least) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                runs.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    runs
}

/// The results of a backend on a few tasks, as `(accuracy, reliability)` in millionths: for tests and reports.
pub fn trial(backend: &dyn Backend, tasks: &[Task], time: std::time::Duration) -> Vec<[u32; 2]> {
    let context = AnswerContext { asker: None, permitted: true, challenge: None, time_left: time };
    let worth = |task: &Task| match backend.answer(&context, &task.request) {
        Ok(answer) => crate::score::judge(&task.request, &task.hidden, &answer).parts.map(|part| part.get()),
        Err(_) => [0; 2],
    };
    tasks.iter().map(worth).collect()
}

/// Tasks of both kinds by one renderer, from seeds of `occasion`.
pub fn tasks(occasion: &[u8], renderer: Renderer, pages: u64, sheets: u64) -> Vec<Task> {
    let of = |kind: &[u8], number| Seed([0x77; 32]).derive(occasion, 0).derive(kind, number);
    let pages = (0..pages).filter_map(|number| task::page(&of(b"page", number), renderer, Format::Png).ok());
    let sheets =
        (0..sheets).filter_map(|number| task::scenes(&of(b"scenes", number), renderer, Format::Png).ok());
    pages.chain(sheets).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        document::{compose, lay_out, Column, Kind, Typeset, Vocabulary},
        metrics::letter_accuracy,
    };

    #[test]
    fn the_inverter_reads_what_was_not_degraded() {
        let inverter = Inverter::new();
        for (number, face) in
            open_faces().into_iter().enumerate().filter(|(number, _)| [0, 2, 5].contains(number))
        {
            let document = compose(Kind::Form, &Vocabulary::public(), &mut Seed([number as u8; 32]).rng());
            let typeset = Typeset {
                face,
                style: Style::plain(),
                size: 27,
                leading: 160,
                margin: 20,
                tracking: 60,
                stacked: false,
                column: Column::Beside,
                framed: false,
            };
            let text = inverter.read(&lay_out(&document, &typeset).expect("drawn"));
            let right = letter_accuracy(&text, &document.text());
            assert!(right.get() > 800_000, "{right:?} of {face:?}:\n{}\n{text}", document.text());
        }
    }

    #[test]
    fn the_lookup_knows_what_it_has_seen() {
        let lookup = Lookup::new(6, 3);
        let seed = Seed([0x10; 32]);
        let (page, sheet) = (seed.derive(b"page", 4), seed.derive(b"scenes", 2));
        let seen = [
            task::page(&page, task::renderer(&page), Format::Png).expect("drawn"),
            task::scenes(&sheet, task::renderer(&sheet), Format::Png).expect("drawn"),
        ];
        let worth = trial(&lookup, &seen, std::time::Duration::from_secs(60));
        assert_eq!(worth[0][0], 1_000_000, "the text of a page");
        assert_eq!(worth[1][0], 1_000_000, "the classes of scenes");
    }
}
