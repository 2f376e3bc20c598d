//! Yuma Consensus: turns the weights of validators for miners into the pay of all neurons.
//!
//! # What it is for
//! At the end of an epoch a subnet decides the quality of each miner's work and of each validator's judgement. The
//! answer is a pure function of stakes, weights, bonds and a few parameters. This crate is that function, exact to the
//! last bit, fast enough to run inside a block, and cut into steps that a paper, a test and a debugger can call one by
//! one.
//!
//! # Words
//! * **neuron**: a registered hotkey of the subnet, numbered by its **uid** from 0 to `n − 1`.
//! * **validator**: a neuron with a *permit*; it judges. **Miner** (or server): any other neuron; it works.
//! * **weights** `W`: row `i` divides the approval of validator `i` among the neurons; normalised rows sum to 1.
//! * **stake weight** `S`: each neuron's share of the stake; **active stake** `A`: its share of the stake that may vote
//!   now.
//! * **consensus** `C_j`: the largest weight for `j` that a fraction `kappa` of the active stake supports.
//! * **bonds** `B`: row `i` is validator `i`'s investment in miners, a moving average of its weights.
//! * **incentive** `I`, **dividend** `D`: shares of miners and of validators in the pay; each sums to 1.
//! * **row, column**: rows are indexed by the judging neuron, columns by the judged one.
//!
//! # How the parts fit
//! [`EpochInput`] → [`run_epoch`] → [`EpochOutput`]; the pipeline in [`run_epoch`] reads like the
//! specification:
//!
//! | step | module | formula |
//! |---|---|---|
//! | activity | [`step::activity`] | inactive ⇔ `last_update + cutoff < block` |
//! | stake weight | [`step::stake`] | `S_i = stake_i / Σ stake`, below the threshold 0 |
//! | permits | [`step::permits`] | the top `max_validators` by `S` |
//! | active stake | [`step::stake`] | `A = S` of active permitted neurons, normalised |
//! | weights | [`step::weights`] | masks, then each row divided by its sum |
//! | consensus | [`step::consensus`] | `C_j` = weighted median of column `j` |
//! | clip | [`step::clip`] | `W'_ij = min(W_ij, C_j)`, trust `T_i = Σ_j W'_ij` |
//! | ranks | [`step::ranks`] | `R_j = Σ_i A_i·W'_ij`, or by [`framing::ranks`] where proof is demanded; `I = R / ΣR` |
//! | bonds | [`step::bonds`], [`step::alpha`] | `E_ij = α·WB_ij + (1 − α)·B_ij` |
//! | dividends | [`step::dividends`] | `D_i ∝ A_i·Σ_j Ê_ij·I_j` |
//! | emission | [`step::emission`] | half by `I`, half by `D`, in rao |
//!
//! Around the epoch: [`schedule`] says when it is due, [`mechanisms`] splits and joins the parts of a subnet
//! with several, [`set_weights`] holds the rules for accepting a weight vector. [`agreement`] compares each validator
//! with the others, for publication. [`proven`] says whose weights count where proof is demanded, and [`framing`] how a
//! miner is protected there from one validator. `reference` (a feature) is the same epoch written in the most literal
//! dense form; property tests compare the two bit by bit.
//!
//! All numbers of the epoch are [`I32F32`](myelin_units::I32F32); every product floors, every quotient
//! truncates. Sums are exact.
//!
//! # What it refuses to know
//! Storage, accounts, block production, and the origin of the emission that it divides.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

pub mod agreement;
mod arithmetic;
pub mod framing;
pub mod input;
pub mod matrix;
pub mod mechanisms;
pub mod median;
pub mod output;
mod pipeline;
pub mod proven;
#[cfg(feature = "reference")]
pub mod reference;
pub mod schedule;
pub mod set_weights;
pub mod step;

pub use input::{EpochInput, EpochParams, InvalidInput, MAX_NEURONS};
pub use output::EpochOutput;
pub use pipeline::{run_epoch, run_epoch_with};
pub use step::bonds::Unlisted;
