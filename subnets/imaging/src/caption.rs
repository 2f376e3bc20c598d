//! The caption of a scene, as the built-in model reads it.

use myelin_flow::{Caption, Config, Slot};

use crate::scene::{is_light, Laid, COLOURS, GROUNDS, LETTERS, MOST_LETTERS, MOST_THINGS, SHAPES, SIDE};

const SHAPE: usize = GROUNDS.len();
const COLOUR: usize = SHAPE + SHAPES.len();
const SIZE: usize = COLOUR + COLOURS.len();
const LETTER: usize = SIZE + 2;
const INK: usize = LETTER + LETTERS.len();
const ACROSS: usize = INK + 2;
const DOWN: usize = ACROSS + SIDE;
const WORDS: usize = DOWN + SIDE;

/// Sizes of the built-in model.
pub const CONFIG: Config = Config {
    side: SIDE,
    patch: 8,
    width: 160,
    layers: 4,
    words: WORDS,
    slots: 1 + MOST_THINGS + MOST_LETTERS,
};

/// The caption of a scene: a slot for the ground, for each thing and for each letter.
pub fn caption(laid: &Laid) -> Caption {
    let slot = |words: &[usize], at: (i32, i32)| {
        let (x, y) = (at.0.clamp(0, SIDE as i32 - 1), at.1.clamp(0, SIDE as i32 - 1));
        let places = [ACROSS + x as usize, DOWN + y as usize];
        let words = words.iter().chain(&places).map(|word| *word as u16).collect();
        Slot { words, at: Some((x as u8, y as u8)) }
    };
    let mut caption = vec![Slot { words: vec![u16::from(laid.ground)], at: None }];
    for thing in laid.things.iter().take(MOST_THINGS) {
        let words = [
            SHAPE + usize::from(thing.shape),
            COLOUR + usize::from(thing.colour),
            SIZE + thing.size as usize,
        ];
        caption.push(slot(&words, thing.at));
    }
    let ink = INK + usize::from(is_light(laid.ground));
    for (letter, at) in laid.letters.iter().take(MOST_LETTERS) {
        caption.push(slot(&[LETTER + usize::from(*letter), ink], *at));
    }
    caption
}
