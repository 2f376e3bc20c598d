//! A fuzzer of calls: many accounts sign random transactions, blocks and epochs pass, and after each step the rules of
//! [`pallet_network::invariants`] are checked on the state of the real runtime. No rao of TAO or alpha may appear or
//! vanish.
//!
//! # Words
//! * A **story** is a list of steps: a block, or a call that an actor signs. A seed decides it.
//! * The **author** draws the next step from the state of the chain, mostly so that it may succeed, sometimes as bad as
//!   its types allow.
//! * The **schema** is the runtime's metadata. Calls are generated from it by the types and names of their arguments,
//!   so that a new call is fuzzed from the day it exists.
//! * An **officer** is an account that can be an authority, because the secrets of its session keys are known.
//! * A **meeting** is a call that meets a vote lock, which refuses it or lets it pass.
//! * An **affair** takes several calls of several people, as a multisig operation does. **Opinions** are weights, set
//!   in the clear or committed.
//!
//! # How the parts fit
//! [`run::tell`] asks [`story::Author`] for steps and executes them in a [`world::World`]. [`shrink::shrink`] shortens
//! a failing story, which is written as lines of text that [`run::replay`] executes again.
//!
//! # What it refuses to know
//! The purpose of a call. It knows only the rules that every state must satisfy, and that a call makes no account other
//! than its signer poorer ([`wealth`]).

pub mod affairs;
pub mod carried;
pub mod cast;
pub mod dice;
pub mod meeting;
pub mod officer;
pub mod opening;
pub mod opinions;
pub mod orphans;
pub mod run;
pub mod scene;
pub mod schema;
pub mod shrink;
pub mod story;
pub mod trace;
pub mod values;
pub mod wealth;
pub mod world;
