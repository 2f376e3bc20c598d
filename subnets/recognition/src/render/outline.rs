//! Letters of a font file as contours.

use ttf_parser::{Face as Font, GlyphId, OutlineBuilder};

use super::{fill, Contour, Glyph, Point, Style};

/// Number of straight pieces that replace a curve.
const PIECES: i32 = 6;

/// Draws a letter of a font at `size` pixels to the em.
pub(super) fn glyph(font: &Font, letter: char, size: i32, style: &Style) -> Option<Glyph> {
    let id = id(font, letter)?;
    let em = i64::from(font.units_per_em()).max(1);
    let mut path = Path { em, size, style, contours: Vec::new(), at: (0, 0) };
    // Letters without a shape, such as the space, only move the pen.
    let _ = font.outline_glyph(id, &mut path);
    Some(finish(path.contours, advance(font, id, size, style)))
}

/// The place of a letter in a font.
pub(super) fn id(font: &Font, letter: char) -> Option<GlyphId> {
    font.glyph_index(letter).filter(|id| *id != GlyphId(0))
}

/// How far a letter moves the pen, in 256ths of a pixel.
pub(super) fn advance(font: &Font, id: GlyphId, size: i32, style: &Style) -> i32 {
    let em = i64::from(font.units_per_em()).max(1);
    let advance = i64::from(font.glyph_hor_advance(id).unwrap_or_default()) * i64::from(size) * 256 / em;
    style.stretched(advance as i32)
}

/// Lays contours on pixels. Their y grows downwards from the base line.
pub(super) fn finish(mut contours: Vec<Contour>, advance: i32) -> Glyph {
    contours.retain(|contour| contour.len() > 2);
    let points = || contours.iter().flatten();
    let bounds = |pick: fn(&Point) -> i32| Some((points().map(pick).min()?, points().map(pick).max()?));
    let (Some((x0, x1)), Some((y0, y1))) = (bounds(|p| p.0), bounds(|p| p.1)) else {
        return Glyph { left: 0, top: 0, width: 0, height: 0, ink: Vec::new(), advance };
    };
    let (left, top) = (x0 >> 8, y0 >> 8);
    let (width, height) = (((x1 >> 8) - left + 1) as usize, ((y1 >> 8) - top + 1) as usize);
    for point in contours.iter_mut().flatten() {
        *point = (point.0 - (left << 8), point.1 - (top << 8));
    }
    let ink = fill(&contours, width, height);
    Glyph { left, top: -top, width, height, ink, advance }
}

struct Path<'a> {
    em: i64,
    size: i32,
    style: &'a Style,
    contours: Vec<Contour>,
    /// Position of the pen, in half font units.
    at: (i32, i32),
}

impl Path<'_> {
    /// Font units are whole or half, so twice their number is exact.
    fn units(x: f32, y: f32) -> (i32, i32) {
        let whole = |v: f32| (v.clamp(-1e6, 1e6) * 2.0) as i32;
        (whole(x), whole(y))
    }

    fn push(&mut self, (x, y): (i32, i32)) {
        let scale = |v: i32| (i64::from(v) * i64::from(self.size) * 128 / self.em) as i32;
        let point = self.style.bend((scale(x), scale(y)), self.size);
        if let Some(contour) = self.contours.last_mut() {
            contour.push((point.0, -point.1));
        }
    }
}

impl OutlineBuilder for Path<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.contours.push(Vec::new());
        self.at = Self::units(x, y);
        self.push(self.at);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.at = Self::units(x, y);
        self.push(self.at);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (from, control, to) = (self.at, Self::units(x1, y1), Self::units(x, y));
        for t in 1..=PIECES {
            let mix = |a: i32, b: i32, c: i32| {
                let (a, b, c, t, s) =
                    (i64::from(a), i64::from(b), i64::from(c), i64::from(t), i64::from(PIECES - t));
                ((a * s * s + 2 * b * s * t + c * t * t) / i64::from(PIECES * PIECES)) as i32
            };
            self.push((mix(from.0, control.0, to.0), mix(from.1, control.1, to.1)));
        }
        self.at = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (from, first, second, to) =
            (self.at, Self::units(x1, y1), Self::units(x2, y2), Self::units(x, y));
        for t in 1..=PIECES {
            let mix = |a: i32, b: i32, c: i32, d: i32| {
                let [a, b, c, d, t, s] = [a, b, c, d, t, PIECES - t].map(i64::from);
                let sum = a * s * s * s + 3 * b * s * s * t + 3 * c * s * t * t + d * t * t * t;
                (sum / i64::from(PIECES * PIECES * PIECES)) as i32
            };
            self.push((mix(from.0, first.0, second.0, to.0), mix(from.1, first.1, second.1, to.1)));
        }
        self.at = to;
    }

    fn close(&mut self) {}
}
