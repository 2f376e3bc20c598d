//! The HTTP interface that completion servers and editors share: `/v1/completions`, `/v1/chat/completions`,
//! `/v1/models`.
//!
//! * [`types`] are the JSON bodies, limited to what both sides here use;
//! * [`OpenAiBackend`] (feature `endpoint`) makes any such server a [`crate::model::TextModel`];
//! * [`TextStream`] reads answers that arrive piece by piece;
//! * [`serve`] (feature `serve`) offers any [`crate::model::TextModel`] to editors and other programs.
//!
//! Addresses that a peer or a server names are never opened: redirects are refused and there are no image URLs.

pub mod types;

#[cfg(feature = "endpoint")]
mod client;
mod events;
#[cfg(feature = "serve")]
pub mod serve;

pub use events::TextStream;

#[cfg(feature = "endpoint")]
pub use client::{Api, EndpointConfig, OpenAiBackend};

#[cfg(all(test, feature = "endpoint", feature = "serve"))]
mod tests;
