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
