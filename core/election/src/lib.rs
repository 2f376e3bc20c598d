//! The election of authorities: the rules by which stake and judged quality decide who writes and finalises blocks.
//!
//! **Words.** A *candidate* is a hotkey whose coldkey bound TAO for it, its *pledge*. The root stake on the hotkey is
//! its *nominations*. The *panel* of a subnet are the validators that count there, each with its *backing* (root
//! stake, own and inherited on this subnet) and its *measure* (how well it judges there). A candidate's *quality* adds
//! up its measures. The *weight* of a candidate is counted stake times quality. Each *era* a *pass* reads all
//! candidates in pages, and the set *in office* changes by a bounded number of seats.
//!
//! | module | rule |
//! |---|---|
//! | [`measure`] | proofs or agreement of a validator on a subnet, over the last epochs |
//! | [`panel`] | what a subnet adds to the quality of each of its validators |
//! | [`stake`] | the stake that counts |
//! | [`pass`] | the walk over all candidates, page by page |
//! | [`choose`] | the next set, its limits, and the order of its seats |
//! | [`candidacy`] | pledges, standing, and the way out |
//! | [`offence`] | offences, what they cost, and the time to appeal |
//! | [`docket`] | slashes that wait, and those that count with them |
//! | [`offline`] | the least number of blocks of an author that is there |
//! | [`attendance`] | blocks of each author in an era |
//! | [`term`] | the sets in office, as far back as their offences can be reported |
//! | [`equivocation`] | two headers that one author signed for one slot |
//! | [`rules`] | the parameters, with their ranges |
//!
//! **Hiding connections.** Coldkeys of one party cannot be connected if the party hides it. So no rule pays for keys
//! that look unconnected, as far as that can be proved. `tests/it/moves.rs` has the proofs as properties, and
//! `tests/it/attack` searches for the rest (decision 0117).
//!
//! **What it refuses to know.** Storage, sessions, accounts' balances, the work of subnets, and who owns which key.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

pub mod attendance;
pub mod candidacy;
pub mod choose;
pub mod docket;
pub mod equivocation;
pub mod measure;
pub mod offence;
pub mod offline;
pub mod panel;
pub mod pass;
pub mod rules;
pub mod stake;
pub mod term;

pub use attendance::{Absence, Attendance};
pub use candidacy::{Candidacy, CandidacyError, Standing};
pub use choose::{change_limit, choose, order, Choice, Reason, Sitting};
pub use docket::{Docket, DocketFull};
pub use equivocation::{AuraReport, ReportError};
pub use myelin_units::PerBillion;
pub use offence::{Offence, Slash};
pub use panel::{Member, Panel, Qualities};
pub use pass::{Entry, Obstacle, Pass, Progress, Reading};
pub use rules::{Rules, RulesError};
pub use term::{Seat, Term, Terms};
