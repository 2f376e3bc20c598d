//! Axon and dendrite over real sockets: their promises to each other, and the limits of a hostile peer.

mod btauth;
mod dendrite;
mod faults;
mod floods;
mod refusals;
mod repeated;
mod signed;
mod situation;
