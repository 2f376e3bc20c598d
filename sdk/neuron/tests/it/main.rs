//! Axon and dendrite over real sockets: what they promise each other, and what a hostile peer cannot do.

mod btauth;
mod dendrite;
mod faults;
mod floods;
mod refusals;
mod repeated;
mod signed;
mod situation;
