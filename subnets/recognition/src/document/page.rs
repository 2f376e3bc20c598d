//! Laying rows on a page.

use std::collections::BTreeMap;

use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::seed::SeedRng;

use super::{Align, Document, Row};
use crate::{
    draw::Choices,
    render::{Face, Glyph, Style},
};

/// Widest and highest page in pixels.
pub const LARGEST: (i32, i32) = (640, 640);
const SMALLEST_LETTERS: i32 = 15;

/// Typesetting of a document, drawn once for each.
pub struct Typeset {
    /// Face of the letters.
    pub face: Face,
    /// Deviations of the letters from their face.
    pub style: Style,
    /// Pixels to the em.
    pub size: i32,
    /// Distance between lines in percent of the size.
    pub leading: i32,
    /// Margin on each side in pixels.
    pub margin: i32,
    /// Space between letters in 256ths of a pixel.
    pub tracking: i32,
    /// Whether labels stand above their values instead of beside them.
    pub stacked: bool,
    /// Column of the values.
    pub column: Column,
    /// Whether a frame surrounds the document.
    pub framed: bool,
}

/// Position of a label's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Directly after its label.
    Beside,
    /// In a column with the other values.
    Aligned,
    /// At the right margin.
    Right,
}

impl Typeset {
    /// Draws the typesetting of an open document.
    pub fn open(faces: &[Face], rng: &mut SeedRng) -> Self {
        Self {
            face: *rng.one(faces),
            style: Style::drawn(rng, 700),
            size: rng.whole(19, 27),
            leading: rng.whole(130, 165),
            margin: rng.whole(12, 30),
            tracking: rng.whole(-20, 60),
            stacked: false,
            column: *rng.one(&[Column::Beside, Column::Aligned, Column::Right]),
            framed: rng.chance(150),
        }
    }

    /// Draws the typesetting of a document of the reserved renderer.
    pub fn reserved(faces: &[Face], rng: &mut SeedRng) -> Self {
        Self {
            face: *rng.one(faces),
            style: Style::drawn(rng, 500),
            size: rng.whole(21, 29),
            leading: rng.whole(140, 180),
            margin: rng.whole(16, 36),
            tracking: rng.whole(0, 140),
            stacked: rng.chance(350),
            column: *rng.one(&[Column::Beside, Column::Aligned]),
            framed: rng.chance(120),
        }
    }
}

/// A piece of text at its place.
struct Piece<'a> {
    text: &'a str,
    size: i32,
    x: i32,
    baseline: i32,
}

/// Draws a document black on white, with smaller letters if it would be too large otherwise.
pub fn lay_out(document: &Document, typeset: &Typeset) -> Result<Picture, PictureError> {
    let mut setter = Setter { typeset, glyphs: BTreeMap::new(), advances: BTreeMap::new() };
    let mut size = typeset.size;
    loop {
        let widest =
            document.rows.iter().map(|row| setter.width_of(row, document, size)).max().unwrap_or_default();
        let width = widest + 2 * typeset.margin;
        let lines: i32 = document.rows.iter().map(|row| setter.height_of(row, size)).sum();
        let height = lines + 2 * typeset.margin;
        if (width <= LARGEST.0 && height <= LARGEST.1) || size <= SMALLEST_LETTERS {
            return setter.draw(
                document,
                size,
                width.clamp(120, LARGEST.0 + 60),
                height.clamp(80, LARGEST.1 + 60),
            );
        }
        size -= 1;
    }
}

struct Setter<'a> {
    typeset: &'a Typeset,
    glyphs: BTreeMap<(char, i32), Option<Glyph>>,
    /// How far letters move the pen: all that is asked of them at sizes at which nothing is drawn.
    advances: BTreeMap<(char, i32), Option<i32>>,
}

impl Setter<'_> {
    fn glyph(&mut self, letter: char, size: i32) -> Option<&Glyph> {
        let typeset = self.typeset;
        let drawn = || typeset.face.glyph(letter, size, &typeset.style);
        self.glyphs.entry((letter, size)).or_insert_with(drawn).as_ref()
    }

    /// Width of a text in pixels.
    fn width(&mut self, text: &str, size: i32) -> i32 {
        let Typeset { face, style, tracking, .. } = self.typeset;
        let mut advance = |letter| {
            let worked_out = || face.advance(letter, size, style);
            let known = self.advances.entry((letter, size)).or_insert_with(worked_out);
            known.map_or(0, |advance| advance + tracking)
        };
        text.chars().map(&mut advance).sum::<i32>() / 256
    }

    fn line(&self, size: i32) -> i32 {
        size * self.typeset.leading / 100
    }

    fn height_of(&self, row: &Row, size: i32) -> i32 {
        match row {
            Row::Line { percent, .. } => self.line(size * percent / 100),
            Row::Pair { .. } if self.typeset.stacked => 2 * self.line(size),
            Row::Pair { .. } | Row::Cells(_) => self.line(size),
            Row::Rule => size / 2,
            Row::Gap => self.line(size) / 2,
        }
    }

    fn width_of(&mut self, row: &Row, document: &Document, size: i32) -> i32 {
        match row {
            Row::Line { text, percent, .. } => self.width(text, size * percent / 100),
            Row::Pair { label, value } if self.typeset.stacked => {
                self.width(label, size).max(self.width(value, size) + size)
            }
            Row::Pair { value, .. } if self.typeset.column == Column::Aligned => {
                self.labels(document, size) + self.width(value, size)
            }
            Row::Pair { label, value } => self.width(label, size) + size + self.width(value, size),
            Row::Cells(_) => self.columns(document, size).iter().map(|width| width + size).sum(),
            Row::Rule | Row::Gap => 0,
        }
    }

    /// Width of the column of labels.
    fn labels(&mut self, document: &Document, size: i32) -> i32 {
        let labels = document.rows.iter().filter_map(|row| match row {
            Row::Pair { label, .. } => Some(label),
            _ => None,
        });
        labels.map(|label| self.width(label, size)).max().unwrap_or_default() + size
    }

    /// Widths of the columns of cells.
    fn columns(&mut self, document: &Document, size: i32) -> Vec<i32> {
        let mut widths: Vec<i32> = Vec::new();
        for row in &document.rows {
            let Row::Cells(cells) = row else { continue };
            for (column, cell) in cells.iter().enumerate() {
                let width = self.width(cell, size);
                match widths.get_mut(column) {
                    Some(widest) => *widest = width.max(*widest),
                    None => widths.push(width),
                }
            }
        }
        widths
    }

    fn draw(
        &mut self,
        document: &Document,
        size: i32,
        width: i32,
        height: i32,
    ) -> Result<Picture, PictureError> {
        let margin = self.typeset.margin;
        let (w, h) = (width as usize, height as usize);
        let mut page = vec![255u8; w * h];
        let mut rules = Vec::new();
        let mut pieces: Vec<Piece> = Vec::new();
        let columns = self.columns(document, size);
        let labels = self.labels(document, size);
        let mut y = margin;
        for row in &document.rows {
            let step = self.height_of(row, size);
            let baseline = y + self.line(size) * 3 / 4;
            match row {
                Row::Line { text, percent, align } => {
                    let size = size * percent / 100;
                    let spare = width - 2 * margin - self.width(text, size);
                    let x = match align {
                        Align::Left => margin,
                        Align::Centre => margin + spare.max(0) / 2,
                        Align::Right => margin + spare.max(0),
                    };
                    pieces.push(Piece { text, size, x, baseline: y + step * 3 / 4 });
                }
                Row::Pair { label, value } => {
                    pieces.push(Piece { text: label, size, x: margin, baseline });
                    let (x, baseline) = if self.typeset.stacked {
                        (margin + size, baseline + self.line(size))
                    } else {
                        let x = match self.typeset.column {
                            Column::Beside => margin + self.width(label, size) + size * 2 / 3,
                            Column::Aligned => margin + labels,
                            Column::Right => width - margin - self.width(value, size),
                        };
                        (x, baseline)
                    };
                    pieces.push(Piece { text: value, size, x, baseline });
                }
                Row::Cells(cells) => {
                    let mut x = margin;
                    let spare = width - 2 * margin - columns.iter().map(|width| width + size).sum::<i32>();
                    for (at, (cell, column)) in cells.iter().zip(&columns).enumerate() {
                        // Words begin and numbers end at the edge of their column.
                        let shift = if at == 0 { 0 } else { column - self.width(cell, size) + spare.max(0) };
                        pieces.push(Piece { text: cell, size, x: x + shift, baseline });
                        x += column + size;
                    }
                }
                Row::Rule => rules.push(y + step / 2),
                Row::Gap => {}
            }
            y += step;
        }
        for y in rules {
            horizontal(&mut page, w, y, margin, width - margin);
        }
        if self.typeset.framed {
            let inset = margin / 2;
            horizontal(&mut page, w, inset, inset, width - inset);
            horizontal(&mut page, w, height - inset - 1, inset, width - inset);
            for y in inset..height - inset {
                for x in [inset, width - inset - 1] {
                    page[y as usize * w + x as usize] = 60;
                }
            }
        }
        for piece in pieces {
            self.write(&mut page, (w, h), &piece);
        }
        Picture::new(w, h, 1, page)
    }

    fn write(&mut self, page: &mut [u8], (width, height): (usize, usize), piece: &Piece) {
        let tracking = self.typeset.tracking;
        let mut pen = piece.x * 256;
        for letter in piece.text.chars() {
            let Some(glyph) = self.glyph(letter, piece.size) else { continue };
            let (left, top) = ((pen >> 8) + glyph.left, piece.baseline - glyph.top);
            for (row, ink) in glyph.ink.chunks_exact(glyph.width.max(1)).enumerate() {
                let y = top + row as i32;
                if !(0..height as i32).contains(&y) {
                    continue;
                }
                for (column, &ink) in ink.iter().enumerate() {
                    let x = left + column as i32;
                    if (0..width as i32).contains(&x) {
                        let pixel = &mut page[y as usize * width + x as usize];
                        *pixel = pixel.saturating_sub(ink);
                    }
                }
            }
            pen += glyph.advance + tracking;
        }
    }
}

fn horizontal(page: &mut [u8], width: usize, y: i32, from: i32, to: i32) {
    let Some(row) = usize::try_from(y).ok().and_then(|y| page.chunks_exact_mut(width).nth(y)) else { return };
    let (from, to) = (from.clamp(0, width as i32) as usize, to.clamp(0, width as i32) as usize);
    if from < to {
        row[from..to].fill(60);
    }
}
