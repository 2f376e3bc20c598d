//! What calls cost: estimates by hand, from what they read, write and compute.
//!
//! A read and a write cost what the runtime's database weights say. Computation is rounded up to whole microseconds; the swap
//! mathematics dominates it. Calls whose work depends on how full a subnet is, or on how many there are, look at one counter, so
//! that a small network is not charged, and its blocks not filled, for a large one.

use frame_support::{dispatch::DispatchClass, traits::Get, weights::Weight};
use myelin_economy::childkeys::{MAX_CHILDREN, MAX_PARENTS};
use myelin_units::{NetUid, ROOT};

use crate::{
    pallet::{
        Config, MaxAllowedUids, MechanismCountCurrent, ParentKeys, PendingChildKeySubnets, StakeThreshold,
        SubnetworkN, TotalNetworks,
    },
    stake::MOST_HOTKEYS,
};

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

/// What the transaction extension does with calls of other pallets: it looks which they are.
pub fn check_nothing() -> Weight {
    Weight::from_parts(MICROSECOND, 0)
}

/// What the transaction extension checks of `count` weights: everything but the write.
pub fn check_weights<T: Config>(count: usize) -> Weight {
    cost::<T>(25, 0, 60).saturating_add(cost::<T>(0, 0, 1).saturating_mul(count as u64))
}

/// Setting or revealing `count` weights: their hotkey's stake, with up to 64 parents, and one row.
pub fn weights<T: Config>(count: usize) -> Weight {
    cost::<T>(25, 5, 60).saturating_add(cost::<T>(0, 0, 1).saturating_mul(count as u64))
}

/// Committing a hash: the queue of the hotkey.
pub fn commit<T: Config>() -> Weight {
    cost::<T>(10, 3, 40)
}

/// Removing everybody's bonds in one neuron: a row for each validator and mechanism.
pub fn reset_bonds<T: Config>(netuid: NetUid) -> Weight {
    let rows = u64::from(SubnetworkN::<T>::get(netuid))
        .saturating_mul(u64::from(MechanismCountCurrent::<T>::get(netuid)));
    cost::<T>(1, 1, 2).saturating_mul(rows)
}

/// Setting or revealing several rows.
pub fn weights_batch<T: Config>(rows: impl Iterator<Item = usize>) -> Weight {
    rows.fold(small::<T>(), |sum, row| sum.saturating_add(weights::<T>(row)))
}

/// What the transaction extension checks of several rows.
pub fn check_weights_batch<T: Config>(rows: impl Iterator<Item = usize>) -> Weight {
    rows.fold(check::<T>(), |sum, row| sum.saturating_add(check_weights::<T>(row)))
}

/// Announcing an endpoint.
pub fn serve<T: Config>() -> Weight {
    cost::<T>(6, 2, 30)
}

/// One buy or one sale. Root stake also settles what its holder may claim of every subnet.
pub fn trade<T: Config>(netuid: NetUid) -> Weight {
    let settled = if netuid == ROOT { subnets::<T>() } else { 0 };
    cost::<T>(30, 16, SWAP.saturating_mul(2)).saturating_add(cost::<T>(1, 1, 1).saturating_mul(settled))
}

/// What taking root stake away pays of every subnet: dividends that the rest of the stake could not be owed any more.
pub fn dividends_paid<T: Config>(netuid: NetUid) -> Weight {
    let paid = if netuid == ROOT { subnets::<T>() } else { 0 };
    cost::<T>(5, 5, 6).saturating_mul(paid)
}

/// Changing a lock: the holdings that it is compared with, the lock, and its sums.
pub fn lock<T: Config>() -> Weight {
    cost::<T>(32, 18, 60).saturating_add(cost::<T>(1, 0, 1).saturating_mul(MOST_HOTKEYS as u64))
}

/// Looking at the sums of `hotkeys` and making the one with the largest conviction the owner of a full subnet.
pub fn count_convictions<T: Config>(hotkeys: u32) -> Weight {
    let sums = cost::<T>(6, 1, 20).saturating_mul(hotkeys.into());
    sums.saturating_add(register::<T>(FIRST_USER_SUBNET)).saturating_add(lock::<T>())
}

/// A sale on one subnet and a buy on another.
pub fn swap<T: Config>(origin: NetUid, destination: NetUid) -> Weight {
    trade::<T>(origin).saturating_add(trade::<T>(destination)).saturating_add(dividends_paid::<T>(origin))
}

/// The most that selling a hotkey's stake on every subnet may cost; the difference to [`unstaked`] is given back.
pub fn unstake_everywhere<T: Config>(hotkey: &T::AccountId) -> Weight {
    unstaked::<T>(subnets::<T>().min(most_sales::<T>())).saturating_add(stake_removed::<T>(hotkey))
}

/// What it costs to look at all subnets, try this many sales there, and trade on root.
pub fn unstaked<T: Config>(sales: u64) -> Weight {
    cost::<T>(5, 0, 2)
        .saturating_mul(subnets::<T>())
        .saturating_add(trade::<T>(ROOT))
        .saturating_add(dividends_paid::<T>(ROOT))
        .saturating_add(trade::<T>(FIRST_USER_SUBNET).saturating_mul(sales))
}

/// The most sales that one call tries: as many as fit into half of the largest call, at least one.
pub fn most_sales<T: Config>() -> u64 {
    let fixed = unstaked::<T>(0);
    let room = half_of_largest::<T>().saturating_sub(fixed);
    room.checked_div_per_component(&trade::<T>(FIRST_USER_SUBNET)).unwrap_or(u64::MAX).max(1)
}

/// A registration. In a full subnet all neurons are compared, and the weights toward the one that goes are cleared.
pub fn register<T: Config>(netuid: NetUid) -> Weight {
    let neurons = SubnetworkN::<T>::get(netuid);
    let compared = if neurons < MaxAllowedUids::<T>::get(netuid) { 0 } else { u64::from(neurons) };
    let replacing = cost::<T>(5, 1, 1).saturating_mul(compared);
    cost::<T>(44, 34, SWAP.saturating_mul(2)).saturating_add(replacing)
}

/// Naming children: the hotkey's stake is valued while a threshold asks for it, and the links change.
pub fn set_children<T: Config>(netuid: NetUid, children: &[(u64, T::AccountId)]) -> Weight {
    let valued = if StakeThreshold::<T>::get() == 0 || children.is_empty() { 0 } else { subnets::<T>() };
    let waiting = u64::from(TotalNetworks::<T>::get()).div_ceil(64);
    cost::<T>(16, 8, 40)
        .saturating_add(cost::<T>(6, 0, 2).saturating_mul(valued))
        .saturating_add(cost::<T>(0, 0, 1).saturating_mul(waiting))
        .saturating_add(replace_children::<T>(netuid, children))
}

/// Replacing the children of a hotkey: five links end and others begin. Where a child has all the parents it may have, they are compared,
/// once for the check and once for the change.
pub fn replace_children<T: Config>(netuid: NetUid, children: &[(u64, T::AccountId)]) -> Weight {
    let is_full = |(_, child): &&(u64, T::AccountId)| {
        ParentKeys::<T>::decode_len(child, netuid).unwrap_or(0) >= MAX_PARENTS
    };
    let named = children.len().min(MAX_CHILDREN);
    let full = children.iter().take(named).filter(is_full).count() as u64;
    let comparing = cost::<T>(4, 0, 2).saturating_mul(MAX_PARENTS as u64).saturating_add(cost::<T>(4, 3, 4));
    let links = (named as u64).saturating_add(MAX_CHILDREN as u64);
    cost::<T>(8, 6, 20)
        .saturating_add(cost::<T>(3, 1, 4).saturating_mul(links))
        .saturating_add(comparing.saturating_mul(full.saturating_mul(2)))
}

/// The share of a block for changes of children that waited: an eighth.
pub fn pending_children<T: Config>() -> Weight {
    T::BlockWeights::get().max_block.div(8)
}

/// Reading one item.
pub fn look<T: Config>() -> Weight {
    cost::<T>(1, 0, 1)
}

/// Sales of a hotkey's stake by one coldkey on one subnet.
pub fn unstake<T: Config>(hotkey: &T::AccountId, netuid: NetUid) -> Weight {
    trade::<T>(netuid).saturating_add(dividends_paid::<T>(netuid)).saturating_add(stake_removed::<T>(hotkey))
}

/// What follows when stake leaves a hotkey: changes of its children that wait are dropped if the rest is worth too little.
pub fn stake_removed<T: Config>(hotkey: &T::AccountId) -> Weight {
    let waiting = PendingChildKeySubnets::<T>::decode_len(hotkey).unwrap_or(0) as u64;
    if waiting == 0 || StakeThreshold::<T>::get() == 0 {
        return cost::<T>(2, 0, 1);
    }
    let valuing = cost::<T>(6, 0, 2).saturating_mul(subnets::<T>());
    valuing.saturating_add(cost::<T>(3, 3, 3).saturating_mul(waiting))
}

/// Holders whose stake one swap of a hotkey moves at most, on subnets other than root.
const SWAPPED_HOLDERS: u64 = 256;

/// The most that putting a hotkey in the place of another may cost; the difference to what was done is given back.
pub fn swap_hotkey<T: Config>(only: Option<NetUid>) -> Weight {
    let known = if only.is_some() { 1 } else { subnets::<T>() };
    let links = MAX_CHILDREN.saturating_add(MAX_PARENTS) as u64;
    let role = swap_role::<T>(FIRST_USER_SUBNET).saturating_add(swap_link::<T>().saturating_mul(links));
    swap_keys::<T>()
        .saturating_add(swap_look::<T>().saturating_mul(known))
        .saturating_add(role.saturating_mul(known))
        .saturating_add(swap_position::<T>(0).saturating_mul(SWAPPED_HOLDERS))
        .min(half_of_largest::<T>())
}

/// Checking and paying for a swap; up to 4096 hotkeys of the coldkey are looked through.
pub fn swap_keys<T: Config>() -> Weight {
    cost::<T>(34, 18, 130)
}

/// Looking whether a hotkey is anything on a subnet, for this pallet and those beside it.
pub fn swap_look<T: Config>() -> Weight {
    cost::<T>(10, 0, 5)
}

/// Moving a uid with what was said by and about it.
pub fn swap_role<T: Config>(netuid: NetUid) -> Weight {
    let mechanisms = u64::from(MechanismCountCurrent::<T>::get(netuid));
    cost::<T>(34, 36, 40).saturating_add(cost::<T>(2, 4, 1).saturating_mul(mechanisms))
}

/// Moving one link to a child or parent.
pub fn swap_link<T: Config>() -> Weight {
    cost::<T>(8, 6, 12)
}

/// Moving what one coldkey holds on one subnet; on root also what it may claim of these many subnets.
pub fn swap_position<T: Config>(rates: usize) -> Weight {
    cost::<T>(11, 9, 16).saturating_add(cost::<T>(2, 2, 1).saturating_mul(rates as u64))
}

/// Moving one lock with its conviction.
pub fn swap_lock<T: Config>() -> Weight {
    cost::<T>(22, 18, 60)
}

/// Moving the choice of one coldkey where its miner emission is staked.
pub fn swap_choice<T: Config>() -> Weight {
    cost::<T>(2, 4, 3)
}

/// Creating a subnet: all prices and symbols are read, and up to 64 root validators become parents.
pub fn register_network<T: Config>() -> Weight {
    let founding = cost::<T>(40, 44, 60);
    let surveying = cost::<T>(9, 0, 2).saturating_mul(subnets::<T>());
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

/// The most that claims on `subnets` subnets may cost: 512 hotkeys are looked through, and four of them have something to claim on
/// every subnet. Usually it is less, and the difference is given back.
pub fn claim<T: Config>(subnets: usize) -> Weight {
    let subnets_of_hotkey = usize::try_from(self::subnets::<T>()).unwrap_or(usize::MAX);
    let looking = claimant::<T>(512).saturating_add(claim_look::<T>().saturating_mul(512));
    let settling = claim_size::<T>().saturating_add(claim_settled::<T>()).saturating_mul(subnets as u64);
    let claiming = claim_hotkey::<T>(subnets_of_hotkey)
        .saturating_add(root_growth::<T>(subnets_of_hotkey))
        .saturating_add(settling)
        .saturating_mul(4);
    looking.saturating_add(claiming).min(half_of_largest::<T>())
}

/// The most that claims of all subnets on one hotkey may cost; the difference to what was claimed is given back.
pub fn claim_on<T: Config>() -> Weight {
    let subnets = usize::try_from(subnets::<T>()).unwrap_or(usize::MAX);
    let settling = claim_size::<T>().saturating_add(claim_settled::<T>()).saturating_mul(subnets as u64);
    claim_look::<T>()
        .saturating_add(claim_hotkey::<T>(subnets))
        .saturating_add(root_growth::<T>(subnets))
        .saturating_add(settling)
        .min(half_of_largest::<T>())
}

/// The share of a block for claims that nobody asked for: an eighth.
pub fn automatic_claims<T: Config>() -> Weight {
    T::BlockWeights::get().max_block.div(8)
}

/// Points of [`Page`](crate::paging::Page) that a block has for one kind of long work: an eighth of the block.
pub fn points_per_block<T: Config>() -> u32 {
    let room = T::BlockWeights::get().max_block.div(8);
    let points = room.checked_div_per_component(&points::<T>(1)).unwrap_or(u64::MAX);
    u32::try_from(points).unwrap_or(u32::MAX).max(1)
}

/// What these points stand for: one read of storage each, and a look at what was read.
pub fn points<T: Config>(points: u32) -> Weight {
    cost::<T>(1, 0, 1).saturating_mul(points.into())
}

/// Points of selling a nomination: a trade, and on root what it settles on every subnet.
pub fn points_of_sale<T: Config>(netuid: NetUid) -> u32 {
    let sale = trade::<T>(netuid).saturating_add(dividends_paid::<T>(netuid));
    let points = sale.checked_div_per_component(&points::<T>(1)).unwrap_or(u64::MAX);
    u32::try_from(points).unwrap_or(u32::MAX)
}

/// Trimming: every neuron is compared, and may be moved with its rows and vectors on every mechanism.
pub fn trim<T: Config>(netuid: NetUid) -> Weight {
    let neurons = u64::from(SubnetworkN::<T>::get(netuid));
    let mechanisms = u64::from(MechanismCountCurrent::<T>::get(netuid));
    let per_neuron = mechanisms.saturating_mul(2);
    let moving = cost::<T>(per_neuron.saturating_add(8), per_neuron.saturating_add(8), 4);
    cost::<T>(20, 20, 60)
        .saturating_add(moving.saturating_mul(neurons))
        .saturating_add(cost::<T>(2, 2, 2).saturating_mul(mechanisms))
}

/// Reading the list of a coldkey's hotkeys.
pub fn claimant<T: Config>(hotkeys: usize) -> Weight {
    cost::<T>(2, 0, 1).saturating_add(cost::<T>(0, 0, 1).saturating_mul((hotkeys as u64).div_ceil(16)))
}

/// Looking whether a coldkey has root stake on one hotkey.
pub fn claim_look<T: Config>() -> Weight {
    cost::<T>(1, 0, 1)
}

/// The root stake of a coldkey on a hotkey, and the rates of its claims.
pub fn claim_hotkey<T: Config>(rates: usize) -> Weight {
    cost::<T>(4, 0, 10).saturating_add(cost::<T>(0, 0, 1).saturating_mul(rates as u64))
}

/// Taking the index of a coldkey away.
pub fn forget_claimant<T: Config>() -> Weight {
    cost::<T>(4, 6, 4)
}

/// What is owed of one subnet's alpha.
pub fn claim_size<T: Config>() -> Weight {
    cost::<T>(3, 0, 2)
}

/// Selling or keeping what was owed.
pub fn claim_settled<T: Config>() -> Weight {
    trade::<T>(FIRST_USER_SUBNET)
}

/// Growth of root stake on a hotkey: what is claimed is adjusted for every rate.
pub fn root_growth<T: Config>(rates: usize) -> Weight {
    cost::<T>(10, 8, 30).saturating_add(cost::<T>(1, 1, 1).saturating_mul(rates as u64))
}

/// Half of what one call may cost at most, so that the call fits into a block of any pace together with others.
fn half_of_largest<T: Config>() -> Weight {
    let limits = T::BlockWeights::get();
    let largest = limits.get(DispatchClass::Normal).max_extrinsic.unwrap_or(limits.max_block);
    largest.div(2)
}
