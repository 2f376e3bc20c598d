//! The subnet with miners, servers and web sites.

mod endpoint;
mod fetching;
mod jobs;
mod live;
mod round;
mod runs;
mod site;
