//! Drawing letters: outlines of fonts, and a pen plotter with letters of its own.
//!
//! Both make the same [`Glyph`]s: the ink of each pixel. Coordinates are integers of a 256th of a pixel, or floats that
//! are only added, multiplied, divided and rooted, so every machine draws the same pixels.

mod face;
mod outline;
mod raster;
mod stroke;

pub use face::{open_faces, reserved_faces, Face, Style};
pub use raster::{fill, Contour, Point};

/// Ink of each pixel of a letter, and its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Pixels from the pen to the left edge.
    pub left: i32,
    /// Pixels from the base line up to the top edge.
    pub top: i32,
    /// Pixels from left to right.
    pub width: usize,
    /// Pixels from top to bottom.
    pub height: usize,
    /// Ink from 0 to 255, row by row.
    pub ink: Vec<u8>,
    /// Distance that the pen moves, in 256ths of a pixel.
    pub advance: i32,
}
