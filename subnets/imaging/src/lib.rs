//! # Images: pictures painted from descriptions
//!
//! A validator draws a scene and words its description ([`scene`], [`describe`]). Miners send pictures ([`protocol`]).
//! The validator measures what they show, without a model ([`measure`]), asks a judge of its own whether the things in
//! them look natural ([`judge`]), and scores both ([`score`]). A miner serves the built-in model, a renderer
//! ([`backend`]), or an image server (`endpoint`, feature `endpoint`).
//!
//! Miners also restore damaged pictures ([`restore`]) and, where a validator asks for it, compare pictures of the round
//! before ([`rating`]).
//!
//! The built-in model is bit-exact. An answer that declares it is checked by running it again.
//!
//! ## What it promises
//!
//! - A blank picture, noise and a file that is no picture earn nothing.
//! - A picture for another description earns far less than one for the right one.
//! - Pixels that were searched to please the public measures earn no more than an honest picture.
//!
//! ## What it refuses to know
//!
//! The chain, the keys, and how much anybody is paid.

#![warn(missing_docs)]

/// Compiles a function for wide registers as well, and picks by the processor. Whole numbers give the same anywhere.
macro_rules! wide {
    ($visible:vis fn $name:ident($($argument:ident: $kind:ty),* $(,)?) = $anywhere:ident) => {
        $visible fn $name($($argument: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($argument: $kind),*) {
                    $anywhere($($argument),*)
                }
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2.
                    return unsafe { avx2($($argument),*) };
                }
            }
            $anywhere($($argument),*)
        }
    };
}

pub mod adversary;
pub mod backend;
pub mod caption;
mod contest;
pub mod describe;
#[cfg(feature = "endpoint")]
pub mod endpoint;
pub mod judge;
pub mod measure;
pub mod protocol;
pub mod provenance;
pub mod rating;
pub mod restore;
pub mod scene;
pub mod score;
mod subnet;
pub mod task;

pub use subnet::{ImagingConfig, ImagingHidden, ImagingRequest, ImagingResponse, ImagingSubnet, Load};
