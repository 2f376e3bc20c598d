//! The rules by which holders of TAO and alpha decide: power, vote locks, delegation, tracks, enactment and grants.
//!
//! **Words.** A *referendum* asks whether one proposal is enacted. Its *track* says how much, how long and by whom. A
//! *vote lock* holds TAO, root stake or alpha of an account; it is not a lock of conviction. The *power* of a vote lock
//! is its worth in rao at noted prices. A *vote multiplier* raises power for a longer bond; it is not conviction. A
//! *delegate* votes with the power of accounts that let it. The *electorate* is all power that could vote.
//!
//! **How the parts fit.** The chain keeps referenda, preimages and the schedule in stock pallets, and asks this crate
//! for the rest. A call names an account; [`book`] reads its [`Voter`], changes it and the tallies, and refuses with a
//! [`VoteError`]. [`track`] is the table of all numbers.
//!
//! | module | rule |
//! |---|---|
//! | [`curve`] | approval and support that a referendum needs, falling with time |
//! | [`track`] | the table of tracks |
//! | [`power`] | assets, prices as noted, multipliers, electorates |
//! | [`tally`] | votes of a referendum, its approval and support |
//! | [`deciding`] | passing, confirmation and the end of a referendum |
//! | [`outlook`] | the blocks ahead of a referendum, if its votes stay as they are |
//! | [`voter`] | vote lock, votes and delegations of an account; sums of a delegate |
//! | [`book`] | every step of an account, over a store |
//! | [`memory`] | a store for simulations |
//! | [`calls`] | the track to which a call belongs; everything else belongs to no vote |
//! | [`chain`] | the questions that the pallets of governance and of the network ask each other |
//! | [`enactment`] | delay and fast track by the committee, and the brake |
//! | [`grant`] | payments by milestones |
//! | [`effects`] | changes by a proposal, with present values |
//!
//! **The invariant.** For each referendum that is not over, an account counts in one place: in its own vote, or in the
//! vote of its delegate on this track. Whatever counts stays under its vote lock until the referendum is over. So no
//! rao counts twice, whoever holds it.
//!
//! **What it refuses to know.** Storage, origins, hashes of proposals, and whether a proposal is good.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

pub mod book;
pub mod calls;
pub mod chain;
pub mod curve;
pub mod deciding;
pub mod effects;
pub mod enactment;
pub mod grant;
pub mod memory;
pub mod outlook;
pub mod power;
pub mod tally;
pub mod track;
pub mod voter;

pub use book::{Book, Poll, Standing, VoteError};
pub use calls::{track_of, Proposed, Refusal};
pub use chain::{Holdings, VoteLocks};
pub use curve::Curve;
pub use deciding::{Deciding, Progress};
pub use myelin_units::PerBillion;
pub use outlook::Outlook;
pub use power::{noted_price, Asset, Backing, Multiplier, Portfolio, Prices, Valuation};
pub use tally::Tally;
pub use track::{Kind, Track, TrackId, TRACKS};
pub use voter::{Cast, Delegation, Sums, Voter};

/// Number of a referendum.
pub type PollId = u32;
