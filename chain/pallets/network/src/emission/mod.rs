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

use crate::{
    epoch::EpochClock,
    locks::Takeover,
    neurons::NeuronRegistry,
    pallet::{Config, NetworkRegistrationAllowed, SubtokenEnabled, TotalNetworks},
    subnets::SubnetRegistry,
    voting::VotingPowers,
};

/// Emits one block: mint and divide; for the subnets whose epoch slot has come look whether they change hands, run the epoch and pay it;
/// then move the prices. Says what that cost.
pub fn run_coinbase<T: Config>(now: Block) -> Weight {
    let eligible = eligible::<T>();
    issue::emit::<T>(&eligible);
    let (mut rewarded, mut loans) = (0u64, 0u64);
    let mut counting = Weight::zero();
    for (netuid, pots) in drain::due::<T>(now) {
        counting = counting.saturating_add(Takeover::<T>::evaluate(netuid));
        let families = payout::pay::<T>(netuid, pots, now);
        EpochClock::<T>::note_step(netuid, now);
        let mechanisms = u64::from(SubnetRegistry::<T>::mechanism_count(netuid));
        // Moving votes is no more work than one mechanism.
        let rounds = mechanisms.saturating_add(u64::from(VotingPowers::<T>::is_tracked(netuid)));
        rewarded = rewarded
            .saturating_add(rounds.saturating_mul(NeuronRegistry::<T>::count(netuid).into()))
            .saturating_add(families.paid);
        loans = loans.saturating_add(families.loans);
    }
    prices::update::<T>(&eligible, now);
    weight::<T>(rewarded, loans).saturating_add(counting)
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

/// What the coinbase costs: its reads and writes for every subnet, and those of an epoch and its pay-out for every neuron that
/// was rewarded, parents without a uid among them; and for every loan what its parent holds.
fn weight<T: Config>(rewarded: u64, loans: u64) -> Weight {
    let subnets = u64::from(TotalNetworks::<T>::get());
    let reads = subnets
        .saturating_mul(31)
        .saturating_add(rewarded.saturating_mul(14))
        .saturating_add(loans.saturating_mul(4));
    let writes = subnets.saturating_mul(16).saturating_add(rewarded.saturating_mul(6));
    T::DbWeight::get().reads_writes(reads, writes)
}
