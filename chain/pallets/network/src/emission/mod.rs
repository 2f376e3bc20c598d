//! Emission: what a block brings into existence and who gets it.
//!
//! The rules are in `myelin-economy`; this folder gathers their input, applies their result, and moves the money.
//!
//! | file | does |
//! |---|---|
//! | [`issue`] | mints the block’s TAO and alpha, fills pools and pots |
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

use alloc::vec::Vec;

use frame_support::{traits::Get, weights::Weight};
use myelin_units::{Block, NetUid};

use self::payout::Work;
use crate::{
    epoch::EpochClock,
    locks::Takeover,
    pallet::{Config, NetworkRegistrationAllowed, SubtokenEnabled, TotalNetworks},
    subnets::SubnetRegistry,
    voting::VotingPowers,
};

/// Emits one block: mint and divide; for the subnets whose epoch slot has come look whether they change hands, run the epoch and pay it;
/// then move the prices. Says what that cost.
pub fn run_coinbase<T: Config>(now: Block) -> Weight {
    let eligible = eligible::<T>();
    issue::emit::<T>(&eligible);
    let (mut done, mut counting) = (Weight::zero(), Weight::zero());
    for (netuid, pots) in drain::due::<T>(now) {
        counting = counting.saturating_add(Takeover::<T>::evaluate(netuid));
        let work = payout::pay::<T>(netuid, pots, now);
        EpochClock::<T>::note_step(netuid, now);
        let mechanisms = u64::from(SubnetRegistry::<T>::mechanism_count(netuid));
        // Moving votes is no more work than one mechanism.
        let rounds = mechanisms.saturating_add(u64::from(VotingPowers::<T>::is_tracked(netuid)));
        done = done.saturating_add(epoch_weight::<T>(rounds, &work));
    }
    prices::update::<T>(&eligible, now);
    weight::<T>().saturating_add(done).saturating_add(counting)
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

/// What the coinbase costs before its epochs: its reads and writes for every subnet.
fn weight<T: Config>() -> Weight {
    T::DbWeight::get().reads_writes(31, 16).saturating_mul(TotalNetworks::<T>::get().into())
}

/// What an epoch of so many mechanisms and its pay-out cost. Each mechanism has a row of weights and one of bonds for every neuron. What a
/// neuron has itself are two values, and its family two; a loan is what its parent has and who owns it. Who is paid has a pot, its shares
/// and those of the one who is credited; hotkeys with dividends have takes and rates, and what they earned is shown.
fn epoch_weight<T: Config>(mechanisms: u64, work: &Work) -> Weight {
    let each = |reads, writes, count| T::DbWeight::get().reads_writes(reads, writes).saturating_mul(count);
    each(2, 1, mechanisms.saturating_mul(work.neurons))
        .saturating_add(each(2, 0, work.neurons))
        .saturating_add(each(2, 0, work.kin))
        .saturating_add(each(4, 0, work.loans))
        .saturating_add(each(5, 4, work.miners))
        .saturating_add(each(9, 7, work.validators))
}
