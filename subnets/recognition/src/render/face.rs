//! Faces: the look of the letters in one document.

use std::sync::OnceLock;

use myelin_wire::seed::SeedRng;
use ttf_parser::Face as Font;

use super::{outline, stroke, Glyph};
use crate::draw::Choices;

/// Squares along a side of the grid by which letters are bent.
const GRID: usize = 4;

/// Deviations of a face from its drawing in one document: wider, slanted, and bent by a grid that is drawn anew for
/// each document. So no document's letters are those of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// Width in thousandths.
    stretch: i32,
    /// Slant in thousandths.
    slant: i32,
    /// Displacements at the corners of the grid, in ten thousandths of the em.
    bends: [[(i32, i32); GRID + 1]; GRID + 1],
}

impl Style {
    /// The style without deviations.
    pub fn plain() -> Self {
        Self { stretch: 1000, slant: 0, bends: [[(0, 0); GRID + 1]; GRID + 1] }
    }

    /// A style of a document; `wild` limits the deviation in thousandths.
    pub fn drawn(rng: &mut SeedRng, wild: i32) -> Self {
        let reach = 220 * wild / 1000;
        let mut style = Self::plain();
        style.stretch += rng.whole(-90, 120) * wild / 1000;
        style.slant = rng.whole(-40, 160) * wild / 1000;
        for bend in style.bends.iter_mut().flatten() {
            *bend = (rng.whole(-reach, reach), rng.whole(-reach, reach));
        }
        style
    }

    pub(super) fn stretched(&self, x: i32) -> i32 {
        (i64::from(x) * i64::from(self.stretch) / 1000) as i32
    }

    /// Position of a point of a letter after bending; `size` is the em in pixels, and y grows upwards from the base
    /// line.
    pub(super) fn bend(&self, (x, y): (i32, i32), size: i32) -> (i32, i32) {
        let em = i64::from(size.max(1)) * 256;
        // The grid spans one em from a quarter below the base line.
        let place = |v: i64| {
            let scaled = (v * GRID as i64 * 256 / em).clamp(0, GRID as i64 * 256 - 1);
            ((scaled >> 8) as usize, scaled & 255)
        };
        let ((column, across), (row, up)) = (place(i64::from(x)), place(i64::from(y) + em / 4));
        let blend = |pick: fn(&(i32, i32)) -> i32| {
            let at = |r: usize, c: usize| i64::from(pick(&self.bends[r][c]));
            let low = at(row, column) * (256 - across) + at(row, column + 1) * across;
            let high = at(row + 1, column) * (256 - across) + at(row + 1, column + 1) * across;
            (low * (256 - up) + high * up) / 65_536 * em / 10_000
        };
        let (dx, dy) = (blend(|bend| bend.0), blend(|bend| bend.1));
        let slanted = i64::from(x) + i64::from(y) * i64::from(self.slant) / 1000;
        ((slanted * i64::from(self.stretch) / 1000 + dx) as i32, (i64::from(y) + dy) as i32)
    }
}

/// Source of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// A font file; the name is for people.
    Outline {
        /// Its name.
        name: &'static str,
        /// Its place in the list of all fonts.
        index: usize,
    },
    /// The pen plotter, with a pen of so many thousandths of the em.
    Plotter {
        /// Thickness of the pen.
        pen: i32,
    },
}

const OPEN: [&str; 6] = [
    "DejaVu Sans",
    "DejaVu Sans Bold",
    "DejaVu Serif",
    "DejaVu Sans Mono",
    "DejaVu Serif Bold",
    "DejaVu Sans Condensed",
];
const RESERVED: [&str; 2] = ["Ubuntu Light", "Hack"];

fn fonts() -> &'static [Option<Font<'static>>] {
    static FONTS: OnceLock<Vec<Option<Font<'static>>>> = OnceLock::new();
    FONTS.get_or_init(|| {
        let files: [&'static [u8]; 8] = [
            dejavu::sans::regular(),
            dejavu::sans::bold(),
            dejavu::serif::regular(),
            dejavu::sans_mono::regular(),
            dejavu::serif::bold(),
            dejavu::sans_condensed::regular(),
            epaint_default_fonts::UBUNTU_LIGHT,
            epaint_default_fonts::HACK_REGULAR,
        ];
        files.iter().map(|bytes| Font::parse(bytes, 0).ok()).collect()
    })
}

/// The faces that anyone may train on.
pub fn open_faces() -> Vec<Face> {
    OPEN.iter().enumerate().map(|(index, name)| Face::Outline { name, index }).collect()
}

/// The faces of the reserved renderer, on which no model here was trained or tuned.
pub fn reserved_faces() -> Vec<Face> {
    let outlines =
        RESERVED.iter().enumerate().map(|(at, name)| Face::Outline { name, index: OPEN.len() + at });
    let plotters = [76, 88, 100, 112].map(|pen| Face::Plotter { pen });
    outlines.chain(plotters).collect()
}

impl Face {
    /// Draws a letter at `size` pixels to the em; `None` if the face does not have it.
    pub fn glyph(&self, letter: char, size: i32, style: &Style) -> Option<Glyph> {
        match *self {
            Face::Outline { index, .. } => {
                let font = fonts().get(index)?.as_ref()?;
                outline::glyph(font, letter, size, style)
            }
            Face::Plotter { pen } => stroke::glyph(letter, size, pen, style),
        }
    }

    /// How far the pen moves with a letter, in 256ths of a pixel, as [`Face::glyph`] has it.
    pub fn advance(&self, letter: char, size: i32, style: &Style) -> Option<i32> {
        match *self {
            Face::Outline { index, .. } => {
                let font = fonts().get(index)?.as_ref()?;
                Some(outline::advance(font, outline::id(font, letter)?, size, style))
            }
            Face::Plotter { .. } => stroke::advance(letter, size, style),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_has_every_letter_of_the_tasks() {
        for face in open_faces().into_iter().chain(reserved_faces()) {
            for letter in ('0'..='9').chain('a'..='z').chain('A'..='Z').chain(".,:-/#$%()+'!@ ".chars()) {
                let glyph = face.glyph(letter, 24, &Style::plain());
                let glyph = glyph.unwrap_or_else(|| panic!("{face:?} has no {letter:?}"));
                assert!(glyph.advance > 0, "{face:?} {letter:?}");
                assert_eq!(
                    face.advance(letter, 24, &Style::plain()),
                    Some(glyph.advance),
                    "{face:?} {letter:?}"
                );
                let inked = glyph.ink.iter().any(|&ink| ink > 128);
                assert_eq!(inked, letter != ' ', "{face:?} {letter:?}");
            }
        }
    }

    #[test]
    fn a_drawn_style_changes_the_letters() {
        let mut rng = myelin_wire::seed::Seed([3; 32]).rng();
        let face = open_faces()[0];
        let plain = face.glyph('g', 40, &Style::plain());
        assert_ne!(face.glyph('g', 40, &Style::drawn(&mut rng, 1000)), plain);
    }
}
