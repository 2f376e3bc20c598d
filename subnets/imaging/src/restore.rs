//! Restoration: damaged pictures made whole again, judged against originals that only the validator has.
//!
//! A validator composes an original from its secret and a seed ([`originals`]), damages it ([`damage`]), and sends the
//! damaged picture ([`protocol`]). Miners send the restored one. The validator compares it with the original, and pays
//! only for what is better than the plain filters that everybody has ([`filters`], [`score`]). The built-in miner is a
//! small convolutional network for each damage ([`miner`]).
//!
//! Originals, damages and scores are whole numbers; the networks are bit-exact.

pub mod damage;
pub mod filters;
pub mod miner;
pub mod originals;
pub mod protocol;
pub mod score;
pub mod search;

pub use damage::Kind;

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::seed::Seed;

/// The request and the original, a PNG file in base64, of the task that a seed draws.
pub fn drawn(
    style: &originals::Style,
    seed: &Seed,
) -> Result<(protocol::RestoreRequest, String), PictureError> {
    let mut rng = seed.derive(b"imaging damage", 0).rng();
    let kind = rng.choose(&Kind::ALL).copied().unwrap_or(Kind::Noise);
    let damage::Task { damaged, original } = damage::draw(style, kind, seed)?;
    Ok((protocol::RestoreRequest::of(&damaged)?, STANDARD.encode(original.to_png()?)))
}

/// The task of a request and its original, as [`drawn`] returns them.
pub fn task(request: &protocol::RestoreRequest, original: &str) -> Result<damage::Task, TaskError> {
    let damaged = request.check()?;
    let file = STANDARD.decode(original).map_err(|_| protocol::RestoreError::Encoding("original"))?;
    let original = Picture::decode(&file)?.to_colour();
    if (original.width(), original.height()) != (damaged.width(), damaged.height()) {
        return Err(TaskError::Size);
    }
    Ok(damage::Task { damaged, original })
}

/// Why a task cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// A request of another form.
    #[error(transparent)]
    Request(#[from] protocol::RestoreError),
    /// An original that cannot be read.
    #[error("reading an original: {0}")]
    Picture(#[from] PictureError),
    /// An original of another size than its request.
    #[error("reading an original: it has another size than the picture that was made of it; report this")]
    Size,
}
