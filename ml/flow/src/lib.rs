//! A transformer that paints small pictures from captions, and its trainer.
//!
//! # What it is for
//!
//! A miner of images needs a model that runs on one core, and a validator must be able to run it again to the same bit.
//! [`Painter`] is such a model: a flow-matching transformer on the kernels of `myelin_lm::kernel`. [`train`] makes it.
//!
//! # Words
//!
//! * *patch*: a square of the picture; each patch is one token of the transformer.
//! * *caption*: the wanted picture as [`Slot`]s; each slot is one token, a sum of learnt words with a place.
//! * *flow*: the way from noise to a picture. At time `t` the state is `(1 − t)·noise + t·picture`.
//! * *guidance*: how far the flow leaves the picture without a caption behind.
//!
//! # How the parts fit
//!
//! ```text
//! caption, seed ── sample ── pass (forward) ── samples
//! pictures, captions ── train ── pass (forward, backward) ── file
//! ```
//!
//! The network predicts the clean picture `x̂` from the state, the time and the caption. Sampling follows
//! `dx/dt = (x̂ − x)/(1 − t)` with Euler steps. Sums have a fixed order, so threads, processor and operating system
//! change no bit.
//!
//! # What it refuses to know
//!
//! Descriptions in words, scenes, scores.

#![warn(missing_docs)]

pub mod file;
mod layout;
mod pass;
mod sample;
pub mod train;

pub use layout::{Config, Layout, HEAD};
pub use sample::{Painter, Sampling, MOST_STEPS};

/// A token of a caption: the sum of the embeddings of some words, at a place of the picture or at none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// Numbers of words; those beyond the vocabulary are left out. An empty slot says nothing.
    pub words: Vec<u16>,
    /// Distance from the left and from the top in pixels.
    pub at: Option<(u8, u8)>,
}

/// The wanted picture, slot by slot; slots beyond the model's number are left out.
pub type Caption = Vec<Slot>;

#[cfg(test)]
mod tests;
