//! # Neuron: how miners and validators talk to each other
//!
//! An [`axon`] is the HTTP server of a miner: it answers signed requests. A [`dendrite`] is the client of a validator:
//! it asks many axons at once. For each it reports the answer, its time, and whether it is signed. Both speak the
//! official v10 protocol, so official miners and validators are valid peers; the axon also accepts requests signed with
//! `btauth/1`, on the same port.
//!
//! ## Words
//!
//! - **synapse**: one kind of request, the first segment of the URL's path. Its body is a JSON object.
//! - **protected fields**: the fields of a synapse that the sender's signature covers, through the body hash.
//! - **handler**: the miner's code that answers a verified request ([`axon::Handler`]).
//! - **gate**: the rule that admits senders and gives each its standing ([`axon::Gate`]).
//! - **validator**: a sender for whom room is kept at every step; **stranger**: everybody else. Keys cost nothing, so
//!   the use of all strangers is counted together ([`axon::Standing`]).
//! - **challenge**: 32 bytes that name one question. An answer to a challenge is signed by the miner, in a header
//!   that official clients ignore; an answer without that header is marked [`dendrite::Authenticity::Unsigned`].
//! - **lane**: one connection with one nonce stream; a lane carries one request at a time, so nonces arrive in
//!   order, and concurrency means several lanes.
//!
//! ## Order of an axon's checks
//!
//! An axon checks in this order:
//! 1. known synapse (404) and readable headers (400);
//! 2. gate (403);
//! 3. nonce and signature (401), the sender's quota (503);
//! 4. size and speed of the body (413, 408), JSON and protected fields (400, 500);
//! 5. a free slot (408, 503), and the handler within the sender's timeout (408, 500).
//!
//! Everything before the body works on headers alone, so a sender that is not admitted cannot make the axon read or
//! compute much. The exception is `btauth/1` of senders other than ours, which needs the body before the signature.
//!
//! ## Why hyper and not a framework
//!
//! The two sides are one small state machine over HTTP/1.1 with hard limits at every step (header size and time,
//! body size and time, connections per address, slots). hyper offers exactly these; routing is one map lookup.
//!
//! ## What it refuses to know
//!
//! The chain, the wallet's files, what a synapse means, and how an answer is scored. Keys come as
//! [`myelin_wire::sr25519::Signer`], permissions as a gate, time as a [`Clock`].

#![warn(missing_docs)]

pub mod axon;
pub mod dendrite;

mod body;
mod clock;

pub use clock::Clock;
