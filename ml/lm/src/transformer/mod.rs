//! A small causal transformer.
//!
//! `x₀ = rms(embedding[token])`; each layer adds `attention(mix(rms(x)))` and then `mlp(mix(rms(x)))`; the logits are
//! `rms(x) · head`. `mix` adds the three preceding positions channel by channel, so that looking at neighbours costs no
//! attention. Queries and keys are normalised per head and rotated by position; the MLP is `relu(x·up)²·down`. There
//! are no biases, gains or dropout.

pub mod file;
mod forward;
mod layout;
mod model;
pub mod plain;
mod rotation;
mod session;

pub use file::{ModelFileError, ModelMetadata};
pub use forward::{Activations, LOSS_ROWS};
pub use layout::{Config, Layout, Matrix};
pub use model::TransformerModel;
pub use rotation::Rotation;
pub use session::{Session, Weights};

/// How many earlier positions `mix` looks at.
pub const TAPS: usize = 3;

#[cfg(test)]
mod tests;
