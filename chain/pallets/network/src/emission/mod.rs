//! Emission: the TAO and alpha that a block creates, and their receivers.
//!
//! The rules are in `myelin-economy`; this folder gathers their input, applies their result, and moves the money.
//!
//! | file | does |
//! |---|---|
//! | [`issue`] | mints the block's TAO and alpha, fills pools and pots |
//! | [`drain`] | empties the pots of the subnets whose epoch slot has come |
//! | [`payout`] | runs their epochs and pays owners, miners, validators and root stakers |
//! | [`prices`] | moves the smoothed prices, after they were used |
//!
//! Only these files write the `Pending…` pots, `Subnet…Emission`, `SubnetExcessTao`, `SubnetMovingPrice`, `RootProp`,
//! `MinerBurned`, `BlockEmission` and the dividend tables.

pub mod drain;
pub mod issue;
pub mod payout;
pub mod prices;
pub(crate) mod storage;

use alloc::vec::Vec;

use frame_support::weights::Weight;
use myelin_units::{Block, NetUid};

use crate::{
    costs,
    epoch::EpochClock,
    locks::Takeover,
    pallet::{Config, NetworkRegistrationAllowed, SubtokenEnabled},
    subnets::SubnetRegistry,
};

/// Emits one block: mints and divides; runs the epochs whose slot has come; then moves the prices. Returns the cost of
/// the epochs; the rest is a part of [`costs::coinbase`].
pub fn run_coinbase<T: Config>(now: Block) -> Weight {
    let eligible = eligible::<T>();
    issue::emit::<T>(&eligible);
    let epochs = run_epochs::<T>(now);
    prices::update::<T>(&eligible, now);
    epochs
}

/// For the subnets whose epoch slot has come: checks whether they change hands, runs the epoch and pays it. Returns the
/// cost.
pub fn run_epochs<T: Config>(now: Block) -> Weight {
    drain::due::<T>(now).into_iter().fold(Weight::zero(), |cost, (netuid, pots)| {
        let counting = Takeover::<T>::evaluate(netuid);
        let work = payout::pay::<T>(netuid, pots, now);
        EpochClock::<T>::note_step(netuid, now);
        cost.saturating_add(counting).saturating_add(costs::epoch::<T>(&work))
    })
}

/// The subnets that a block pays, in the order of the protocol: started, their token enabled, open for registration.
pub fn eligible<T: Config>() -> Vec<NetUid> {
    let is_eligible = |&netuid: &NetUid| {
        SubnetRegistry::<T>::is_started(netuid)
            && SubtokenEnabled::<T>::get(netuid)
            && NetworkRegistrationAllowed::<T>::get(netuid)
    };
    SubnetRegistry::<T>::user_netuids().into_iter().filter(is_eligible).collect()
}
