//! What calls cost: estimates by hand, from what they read, write and compute.
//!
//! A read and a write cost what the runtime's database weights say. Computation is rounded up to whole microseconds; the swap
//! mathematics dominates it. Calls whose work depends on how full a subnet is, or on how many there are, look at one counter, so
//! that a small network is not charged, and its blocks not filled, for a large one.

use frame_support::{traits::Get, weights::Weight};
use myelin_units::{NetUid, ROOT};

use crate::pallet::{Config, MaxAllowedUids, SubnetworkN, TotalNetworks};

/// One microsecond of computation in the unit of weights.
const MICROSECOND: u64 = 1_000_000;
/// Computation of one swap with its simulation: two powers of 192 bits.
const SWAP: u64 = 120;
/// Stands for any subnet with a pool.
const FIRST_USER_SUBNET: NetUid = 1;

fn cost<T: Config>(reads: u64, writes: u64, microseconds: u64) -> Weight {
    let compute = Weight::from_parts(microseconds.saturating_mul(MICROSECOND), 0);
    T::DbWeight::get().reads_writes(reads, writes).saturating_add(compute)
}

/// A call that checks a few values and writes one or two.
pub fn small<T: Config>() -> Weight {
    cost::<T>(8, 3, 30)
}

/// What the transaction extension checks.
pub fn check<T: Config>() -> Weight {
    cost::<T>(12, 0, 20)
}

/// Setting or revealing `count` weights: their hotkey's stake, with up to 64 parents, and one row.
pub fn weights<T: Config>(count: usize) -> Weight {
    cost::<T>(24, 4, 60).saturating_add(cost::<T>(0, 0, 1).saturating_mul(count as u64))
}

/// Committing a hash: the queue of the hotkey.
pub fn commit<T: Config>() -> Weight {
    cost::<T>(10, 3, 40)
}

/// Announcing an endpoint.
pub fn serve<T: Config>() -> Weight {
    cost::<T>(6, 2, 30)
}

/// One buy or one sale. Root stake also settles what its holder may claim of every subnet.
pub fn trade<T: Config>(netuid: NetUid) -> Weight {
    let settled = if netuid == ROOT { subnets::<T>() } else { 0 };
    cost::<T>(26, 16, SWAP.saturating_mul(2)).saturating_add(cost::<T>(1, 1, 1).saturating_mul(settled))
}

/// A sale on one subnet and a buy on another.
pub fn swap<T: Config>(origin: NetUid, destination: NetUid) -> Weight {
    trade::<T>(origin).saturating_add(trade::<T>(destination))
}

/// A sale on every subnet, and a buy.
pub fn unstake_everywhere<T: Config>() -> Weight {
    trade::<T>(FIRST_USER_SUBNET).saturating_mul(subnets::<T>()).saturating_add(trade::<T>(ROOT))
}

/// A registration. In a full subnet all neurons are compared, and the weights toward the one that goes are cleared.
pub fn register<T: Config>(netuid: NetUid) -> Weight {
    let neurons = SubnetworkN::<T>::get(netuid);
    let compared = if neurons < MaxAllowedUids::<T>::get(netuid) { 0 } else { u64::from(neurons) };
    let replacing = cost::<T>(5, 1, 1).saturating_mul(compared);
    cost::<T>(44, 34, SWAP.saturating_mul(2)).saturating_add(replacing)
}

/// Creating a subnet: all spot prices and symbols are read, and up to 64 root validators become parents.
pub fn register_network<T: Config>() -> Weight {
    let founding = cost::<T>(40, 44, 60);
    let surveying = cost::<T>(6, 0, 2).saturating_mul(subnets::<T>());
    let lending = cost::<T>(2, 1, 2).saturating_mul(64);
    founding.saturating_add(surveying).saturating_add(lending)
}

/// Choosing a symbol: all others are read.
pub fn symbol<T: Config>() -> Weight {
    small::<T>().saturating_add(cost::<T>(1, 0, 1).saturating_mul(subnets::<T>()))
}

fn subnets<T: Config>() -> u64 {
    TotalNetworks::<T>::get().into()
}

/// A place on root: the stake of its 64 members is compared.
pub fn root_register<T: Config>() -> Weight {
    cost::<T>(160, 24, 60)
}

/// Publishing an identity; up to 256 hotkeys are looked through for one with a uid.
pub fn identity<T: Config>() -> Weight {
    cost::<T>(260, 1, 60)
}

/// Claims on `subnets` subnets; up to 256 hotkeys of the coldkey are looked through for root stake.
pub fn claim<T: Config>(subnets: usize) -> Weight {
    swap::<T>(FIRST_USER_SUBNET, ROOT).saturating_mul(subnets as u64).saturating_add(cost::<T>(770, 0, 100))
}
