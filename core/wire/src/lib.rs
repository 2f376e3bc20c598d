//! # Wire: everything two processes exchange, byte by byte
//!
//! Axons, dendrites, wallets, validators and auditors agree here on the form of an address, the bytes that are signed,
//! and the time at which a signed message is accepted. Nothing in this crate opens a socket, reads a clock or draws a
//! random number: the time, the entropy and the limits are arguments. So the same code checks a request on a server,
//! replays it in a test and recomputes it in an audit.
//!
//! ## Words
//!
//! - **hotkey**: the public key (32 bytes) that a miner or a validator signs with; as text an [`ss58`] address. It is
//!   of the scheme sr25519; some senders of [`btauth`] have one of [`ed25519`].
//! - **axon**: the HTTP server of a miner. **dendrite**: the client that asks it. **synapse**: one kind of request,
//!   named by the path of its URL.
//! - **nonce**: the sender's clock in Unix nanoseconds; it orders the requests of one stream.
//! - **stream**: the requests of one (hotkey, dendrite uuid); [`nonce::NonceWindow`] accepts each only once.
//! - **body hash**: a hash over the fields that a synapse declares as protected ([`body_hash`]).
//! - **challenge**: one question of a validator to one miner, named by 32 bytes. A miner's answer to it can be signed
//!   ([`answer`]), and two different signed answers to one challenge are a proof of misconduct ([`equivocation`]). A
//!   miner may also bind itself to an answer before any is opened ([`commitment`]).
//!
//! ## Parts
//!
//! | module | what it fixes |
//! |---|---|
//! | [`ss58`], [`sr25519`], [`ed25519`], [`vrf`], [`hash`] | addresses, signatures, verifiable randomness, digests |
//! | [`v10`] | the official HTTP protocol of axon and dendrite: header names, terminal info, signed text |
//! | [`pystr`], [`body_hash`] | Python's `str()` of a JSON value and the hash built from it |
//! | [`nonce`] | which nonces are fresh, in bounded memory |
//! | [`btauth`] | the `btauth/1` request signature |
//! | [`answer`], [`equivocation`], [`commitment`] | signed answers, proofs of contradiction, commit before reveal |
//! | [`status`] | status codes and their official texts |
//! | [`seed`], [`record`] | where challenges come from, and what an evaluation leaves behind |
//! | [`beacon`] | the chain's random value of each block |
//! | [`header`] | headers of blocks, and the seal of their authors |
//! | [`trie`], [`finality`] | proofs of the chain's state, and of the finality of headers |
//!
//! ## What it refuses to know
//!
//! Sockets, clocks, random sources, the chain client, wallets on disk, and what any synapse means.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

pub mod answer;
pub mod beacon;
pub mod body_hash;
#[cfg(feature = "ed25519")]
pub mod btauth;
pub mod commitment;
#[cfg(feature = "ed25519")]
pub mod ed25519;
pub mod equivocation;
pub mod evidence;
#[cfg(feature = "ed25519")]
pub mod finality;
pub mod hash;
pub mod header;
pub mod nonce;
pub mod pystr;
pub mod record;
#[cfg_attr(not(feature = "ed25519"), allow(dead_code))]
mod scale;
pub mod seed;
pub mod sr25519;
pub mod ss58;
pub mod status;
pub mod trie;
pub mod v10;
pub mod vrf;

/// A public key (or account) as raw bytes; as text it is an [`ss58`] address.
pub type AccountId = [u8; 32];
