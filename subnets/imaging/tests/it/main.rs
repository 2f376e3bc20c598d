//! The subnet with real miners and stand-ins for image servers.

mod endpoint;
mod miners;
mod rating;

use std::sync::OnceLock;

use myelin_imaging::{ImagingConfig, ImagingSubnet};
use myelin_subnet::Subnet;

/// A validator without a secret that also has ratings. Its judge is trained once for all tests: that takes twenty
/// seconds of a core.
fn validator() -> &'static ImagingSubnet {
    static VALIDATOR: OnceLock<ImagingSubnet> = OnceLock::new();
    VALIDATOR.get_or_init(|| {
        ImagingSubnet::open(ImagingConfig { rating: true, ..ImagingConfig::default() }).unwrap()
    })
}
