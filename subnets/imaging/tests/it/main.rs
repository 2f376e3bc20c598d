//! The subnet with real miners and stand-ins for image servers.

mod endpoint;
mod miners;
mod rating;
