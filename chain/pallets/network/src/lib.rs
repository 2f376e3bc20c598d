//! The network pallet: the roles of accounts on subnets, their mutual weights, and their pay.
//!
//! # Words
//! * A **subnet** (`netuid`) is a market for one kind of digital work. Subnet 0 is **root**, where TAO itself is
//!   staked.
//! * A **neuron** is a **hotkey** that holds a **uid** on a subnet; a **coldkey** owns hotkeys and money.
//! * **Alpha** is a subnet's own token. A **pool** trades it for TAO; **stake** is alpha held on a hotkey.
//! * **Weights** are a validator's opinion of the miners; every **tempo** blocks an **epoch** turns them into pay.
//!
//! # Life of a subnet
//! `register_network` pays the lock cost into a new pool and makes the owner's hotkey uid 0; `start_call` opens trade
//! and emission; hyperparameters belong to its owner and to root.
//!
//! # Life of a block
//! [`block`] runs before any transaction and in a fixed order. Registration prices decay, the block's TAO is minted,
//! the coinbase divides it, epochs that are due run and pay, and moving prices follow. Then come the chores.
//!
//! Work that grows with accounts is done in pages ([`paging`]), some in every block; all such work without a signer
//! shares one allowance ([`chores`]).
//!
//! # How the parts fit
//! Each concept has an **owner type** that alone writes its storage; others ask it. The `storage.rs` of its folder
//! declares that storage. [`pallet`] is the table of contents: it joins these declarations with those of calls, events
//! and errors (`pallet/`). None of them contains a rule. An owner gathers plain data, calls a pure function of
//! `myelin-economy` or `myelin-yuma`, and applies the result. No formula lives here.
//!
//! | folder | owner | writes |
//! |---|---|---|
//! | `subnets/` | [`subnets::SubnetRegistry`], [`subnets::Hyperparameters`], [`subnets::RateLimits`], [`subnets::Rubrics`] | which subnets exist, how they are set, what counts there |
//! | `neurons/` | [`neurons::NeuronRegistry`] | uids, prices, pruning |
//! | `stake/` | [`stake::StakeLedger`], [`stake::DelegateTakes`], [`stake::Delegation`], [`stake::ChildkeyTakes`], [`stake::RootClaims`] | who staked how much |
//! | `locks/` | [`locks::Locks`], [`locks::Takeover`] | who locked what in whose favour, ownership by conviction |
//! | `pools/` | [`pools::PoolReserves`] | reserves, price, swaps |
//! | `ledger.rs` | [`ledger::TaoLedger`] | TAO of subnets, issuance |
//! | `weights/` | [`weights::WeightLedger`] | weights, commits, last updates |
//! | `serving/`, `identity/`, `keys/` | [`serving::Endpoints`], [`identity::Identities`], [`keys::KeyOwnership`] | what people publish, who owns whom |
//! | `entries.rs` | none | reaches entries of storage maps in long loops |
//! | `commitments.rs` | none | answers what the commitments pallet asks of subnets |
//! | `elections.rs` | none | tells elections of authorities of epochs and root stake |
//! | `ancestry/` | [`ancestry::Ancestry`] | shares of models' parents, the models that miners declare |
//! | `voting/` | [`voting::VotingPowers`] | voting power of validators |
//! | `epoch/`, `emission/` | functions | epoch results, pots, pay-out |
//! | `removal/` | [`removal::SubnetRemoval`], [`removal::WaitingRegistrations`] | subnets that go, and those that wait for their place |
//! | `views/` | none | builds the answers of the runtime APIs |
//!
//! # Invariants
//! `invariants/` states them as named checks; tests and the call fuzzer run them after every action.
//!
//! # What it refuses to know
//! The inner workings of a formula, the making of blocks, and the work of a subnet.

#![cfg_attr(not(feature = "std"), no_std)]
// Each imported section of the pallet nests some macros deeper.
#![recursion_limit = "256"]

extern crate alloc;

pub mod alpha_assets;
pub mod ancestry;
mod commitments;
mod defaults;
mod entries;
pub mod pallet;
pub mod types;

#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;
pub mod block;
mod chores;
pub mod costs;
pub mod elections;
pub mod emission;
pub mod epoch;
pub mod evidence;
pub mod extension;
pub mod identity;
pub mod invariants;
pub mod keys;
pub mod ledger;
pub mod locks;
pub mod measured;
pub mod migrations;
pub mod neurons;
pub mod paging;
pub mod pools;
pub mod removal;
pub mod serving;
pub mod stake;
pub mod subnets;
pub mod views;
pub mod voting;
pub mod waits;
pub mod weights;

pub use pallet::*;

#[cfg(test)]
mod tests;
