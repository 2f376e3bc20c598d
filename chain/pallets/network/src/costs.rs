//! Costs of calls: measured pieces ([`crate::measured`]), put together by the work that a call will do.
//!
//! Calls whose work depends on the neurons of a subnet, or on the number of subnets, read one counter. So a small
//! network is not charged, and its blocks are not filled, for a large one. A cost that depends on the signer cannot be
//! known in advance. Such calls declare the most ([`Signer::ANY`]) and report the actual cost afterwards
//! ([`Signer::of`], [`used`]), so that blocks and fees count the work done. All figures are measured.

use frame_support::{
    dispatch::{DispatchClass, DispatchErrorWithPostInfo, DispatchResult, DispatchResultWithPostInfo},
    traits::Get,
    weights::Weight,
};
use myelin_abi::RootClaimTypeEnum;
use myelin_economy::childkeys::{MAX_CHILDREN, MAX_PARENTS};
use myelin_governance::{track::MAX_QUEUED, voter::MAX_VOTES};
use myelin_units::{NetUid, ROOT};
use myelin_wire::evidence::MOST_AWAY;

use crate::{
    emission::payout::Work,
    epoch::Opinions,
    evidence::EvidenceLedger,
    keys::MOST_LISTED,
    locks::Locks,
    measured::{Blocks, Epochs, Neurons, Stake, Subnets},
    pallet::{
        Config, MaxAllowedUids, MechanismCountCurrent, OwnedHotkeys, ParentKeys, PendingChildKeySubnets,
        StakeThreshold, StakingHotkeys, SubnetworkN, TotalNetworks,
    },
    stake::{Rates, StakePosition, GLANCE, MOST_HOTKEYS},
};

/// Neurons of a subnet in which pieces of epochs were measured.
const FULL: u32 = 256;
/// Most parents of a model.
const MOST_MODEL_PARENTS: u64 = myelin_provenance::record::MAX_PARENTS as u64;
/// Stands for any subnet with a pool.
const FIRST_USER_SUBNET: NetUid = 1;
/// Hotkeys of a coldkey that are searched for one with a uid.
const SEARCHED: u32 = 256;

/// Facts about the signer that the cost of a call depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signer {
    /// Hotkeys that the signer owns.
    pub owns: u32,
    /// Hotkeys on which the signer stakes.
    pub stakes_on: u32,
    /// Hotkeys among these that are read because a lock or the vote lock binds the stake on them.
    pub bound: u32,
}

impl Signer {
    /// A signer that adds no cost.
    pub const NOBODY: Self = Self { owns: 0, stakes_on: 0, bound: 0 };

    /// The most expensive signer.
    pub const ANY: Self =
        Self { owns: MOST_LISTED as u32, stakes_on: MOST_LISTED as u32, bound: MOST_HOTKEYS as u32 };

    /// A coldkey whose stake leaves a subnet or is bound there.
    pub fn of<T: Config>(coldkey: &T::AccountId, netuid: NetUid) -> Self {
        let stakes_on = self::stakes_on::<T>(coldkey);
        let bound = if Locks::<T>::binds(coldkey, netuid) { stakes_on.min(MOST_HOTKEYS as u32) } else { 0 };
        Self { owns: 0, stakes_on, bound }
    }

    /// A coldkey whose stake may leave any subnet.
    pub fn anywhere<T: Config>(coldkey: &T::AccountId) -> Self {
        let locking = Self::locking::<T>(coldkey);
        if Locks::<T>::binds_anywhere(coldkey) {
            locking
        } else {
            Self { bound: 0, ..locking }
        }
    }

    /// A coldkey that locks: its stake is read, whether a lock binds it already or not.
    pub fn locking<T: Config>(coldkey: &T::AccountId) -> Self {
        let stakes_on = self::stakes_on::<T>(coldkey);
        Self { owns: 0, stakes_on, bound: stakes_on.min(MOST_HOTKEYS as u32) }
    }

    /// A coldkey that buys or receives stake.
    pub fn holder<T: Config>(coldkey: &T::AccountId) -> Self {
        Self { owns: 0, stakes_on: stakes_on::<T>(coldkey), bound: 0 }
    }

    /// A coldkey that only claims hotkeys.
    pub fn owner<T: Config>(coldkey: &T::AccountId) -> Self {
        Self { owns: count(OwnedHotkeys::<T>::decode_len(coldkey)), stakes_on: 0, bound: 0 }
    }
}

/// Hotkeys on which a coldkey stakes.
pub fn stakes_on<T: Config>(coldkey: &T::AccountId) -> u32 {
    count(StakingHotkeys::<T>::decode_len(coldkey))
}

fn count(length: Option<usize>) -> u32 {
    u32::try_from(length.unwrap_or(0)).unwrap_or(u32::MAX)
}

/// The outcome of a call together with its cost.
pub fn used(cost: Weight, outcome: DispatchResult) -> DispatchResultWithPostInfo {
    let post_info = Some(cost).into();
    match outcome {
        Ok(()) => Ok(post_info),
        Err(error) => Err(DispatchErrorWithPostInfo { post_info, error }),
    }
}

/// A call that is refused by its first check: no more than changing one value of a subnet.
pub fn small<T: Config>() -> Weight {
    Subnets::<T>::set_tempo()
}

fn subnets<T: Config>() -> u32 {
    TotalNetworks::<T>::get().into()
}

/// Neurons of a subnet, counted once for each mechanism; never more than 256 unless root allowed it.
fn seats<T: Config>(netuid: NetUid) -> u32 {
    u32::from(SubnetworkN::<T>::get(netuid)).saturating_mul(MechanismCountCurrent::<T>::get(netuid).into())
}

/// Cost of each unit beyond the first.
fn each(cost: impl Fn(u32) -> Weight) -> Weight {
    const MANY: u32 = 1_000;
    cost(MANY).saturating_sub(cost(0)).div(MANY.into())
}

// ==================================================================== weights and endpoints

/// Parents that are read for the stake of a hotkey: none while no stake threshold is set.
fn parents_asked<T: Config>() -> u32 {
    if StakeThreshold::<T>::get() == 0 {
        0
    } else {
        MAX_PARENTS as u32
    }
}

fn parents_of<T: Config>(hotkey: &T::AccountId, netuid: NetUid) -> u32 {
    count(ParentKeys::<T>::decode_len(hotkey, netuid)).min(parents_asked::<T>())
}

/// Check by the transaction extension of a call that it lets pass.
pub fn check<T: Config>() -> Weight {
    Neurons::<T>::check_nothing()
}

/// Check by the transaction extension of `count` weights: everything but the write.
pub fn check_weights<T: Config>(count: usize) -> Weight {
    Neurons::<T>::check_weights(count as u32, parents_asked::<T>())
}

/// Check by the transaction extension of a reveal.
pub fn check_reveal<T: Config>(count: usize, salt: usize) -> Weight {
    Neurons::<T>::check_reveal(count as u32, salt as u32, parents_asked::<T>())
}

/// Check by the transaction extension of a reveal with a proof, which asks for no stake.
pub fn check_proven_reveal<T: Config>(count: usize, salt: usize) -> Weight {
    Neurons::<T>::check_reveal(count as u32, salt as u32, 0)
}

/// Check by the transaction extension of this many commits.
pub fn check_commits<T: Config>(count: usize) -> Weight {
    Neurons::<T>::check_commit(parents_asked::<T>()).saturating_mul(count.max(1) as u64)
}

/// Check by the transaction extension of an announced endpoint.
pub fn check_endpoint<T: Config>() -> Weight {
    Neurons::<T>::check_endpoint()
}

/// Check by the transaction extension of a commitment.
pub fn check_commitment<T: Config>() -> Weight {
    Neurons::<T>::check_commitment()
}

/// Setting `count` weights, by any hotkey.
pub fn weights<T: Config>(count: usize) -> Weight {
    Neurons::<T>::set_weights(count as u32, parents_asked::<T>())
}

/// Setting `count` weights, by this hotkey.
pub fn weights_of<T: Config>(hotkey: &T::AccountId, netuid: NetUid, count: usize) -> Weight {
    Neurons::<T>::set_weights(count as u32, parents_of::<T>(hotkey, netuid))
}

/// Revealing `count` weights, by any hotkey.
pub fn reveal<T: Config>(count: usize, salt: usize) -> Weight {
    Neurons::<T>::reveal_weights(count as u32, salt as u32, parents_asked::<T>())
}

/// Revealing `count` weights with a proof, by any hotkey; its stake was asked for by the commit. The measured proof has
/// all answers. One that lacks some has fewer signatures to check, and the roots of those miners to read.
pub fn proven_reveal<T: Config>(count: usize, salt: usize) -> Weight {
    let roots = T::DbWeight::get().reads(MOST_AWAY as u64);
    Neurons::<T>::reveal_weights(count as u32, salt as u32, 0)
        .saturating_add(Neurons::<T>::prove())
        .saturating_add(roots)
}

/// Committing a hash and a root, and asking for the stake of any hotkey, which is a part of that check.
pub fn proven_commit<T: Config>() -> Weight {
    Neurons::<T>::commit_proven_weights().saturating_add(check_commits::<T>(1))
}

/// Committing a hash: the queue of the hotkey.
pub fn commit<T: Config>() -> Weight {
    Neurons::<T>::commit_weights()
}

/// A batch of rows, each of this cost; at least one row, and one more for the batch itself.
pub fn batch(rows: impl Iterator<Item = Weight>, one: Weight) -> Weight {
    rows.fold(one, |sum, row| sum.saturating_add(row))
}

/// Declaring a model. Measured is taking a declaration back. A new one reads the record of its model, and the first of
/// all claims the hotkey of the pots.
pub fn declared_model<T: Config>() -> Weight {
    const RECORD: u64 = 50_000_000;
    Neurons::<T>::declare_model()
        .saturating_add(Weight::from_parts(RECORD, 0))
        .saturating_add(T::DbWeight::get().reads_writes(4, 4))
}

/// Removing everybody's bonds in one neuron: a row for each validator and mechanism.
pub fn reset_bonds<T: Config>(netuid: NetUid) -> Weight {
    Neurons::<T>::bonds_reset(seats::<T>(netuid))
}

/// Publishing a commitment of this many bytes.
pub fn commitment<T: Config>(bytes: u64) -> Weight {
    Neurons::<T>::commitment(u32::try_from(bytes).unwrap_or(u32::MAX))
}

// ==================================================================== stake

/// Reading a coldkey's stake on a subnet as often as any call does.
fn holdings<T: Config>(bound: u32) -> Weight {
    match bound {
        0 => Weight::zero(),
        bound => Stake::<T>::holdings(bound),
    }
}

/// Asking for the vote lock of a coldkey: one record of at most 5 KB, however often it is asked in a call.
pub fn vote_lock<T: Config>() -> Weight {
    const DECODING: u64 = 20_000_000;
    T::DbWeight::get().reads(1).saturating_add(Weight::from_parts(DECODING, 0))
}

/// Votes that are counted anew when an account becomes the owner of a subnet, at most: its own on the rubric, and those
/// of its delegate.
const RECOUNTS_OF_AN_OWNER: u32 = 2 * MAX_VOTES as u32;

/// Ending the delegations of a coldkey on a subnet that it lost, or its votes on a subnet that it owns now. Estimated:
/// a full record whose votes are over, and for each vote that is counted anew, the referendum with its note, the
/// records and sums of both accounts, and the alarm.
pub fn vote_lock_change<T: Config>(recounts: u32) -> Weight {
    const SETTLING: u64 = 1_000_000_000;
    const COUNTING: u64 = 500_000_000;
    let counted = T::DbWeight::get().reads_writes(10, 4).saturating_add(Weight::from_parts(COUNTING, 0));
    let settled = T::DbWeight::get().reads_writes(300, 80).saturating_add(Weight::from_parts(SETTLING, 0));
    counted.saturating_mul(recounts.into()).saturating_add(settled)
}

/// Points of [`vote_lock_change`].
pub fn points_of_vote_lock_change<T: Config>(recounts: u32) -> u32 {
    in_points::<T>(vote_lock_change::<T>(recounts))
}

/// Adding a hotkey to the list of those on which a coldkey stakes.
fn listed<T: Config>(stakes_on: u32) -> Weight {
    Stake::<T>::staking_listed(stakes_on)
}

/// Additional cost of rewriting a list of this many hotkeys instead of a short one.
pub fn length<T: Config>(stakes_on: u32) -> Weight {
    listed::<T>(stakes_on).saturating_sub(listed::<T>(0))
}

/// Dividing a pot among this many heirs that stake on `listed` hotkeys together. The records of a model and its parents
/// are read.
pub fn shared_pot<T: Config>(heirs: u32, listed: u32) -> Weight {
    let records = T::DbWeight::get().reads(MOST_MODEL_PARENTS.saturating_add(1));
    Stake::<T>::pot_shared(heirs).saturating_add(length::<T>(listed)).saturating_add(records)
}

/// Adding root stake: the claims of its holder on every subnet are adjusted.
fn grown<T: Config>(netuid: NetUid) -> Weight {
    if netuid == ROOT {
        root_growth::<T>(subnets::<T>() as usize)
    } else {
        Weight::zero()
    }
}

/// Noting the root stake of a candidate for the election of authorities before it changes, while a pass awaits it: its
/// candidacy, the progress of the pass, and its reading, which is kept. The measured hotkeys are no candidates.
fn candidate_noted<T: Config>() -> Weight {
    T::DbWeight::get().reads_writes(5, 2)
}

/// Removing root stake: it is paid the dividends of every subnet that the remaining stake could no longer be owed.
fn shrunk<T: Config>(netuid: NetUid) -> Weight {
    if netuid == ROOT {
        Stake::<T>::root_shrinkage(subnets::<T>()).saturating_add(candidate_noted::<T>())
    } else {
        Weight::zero()
    }
}

/// One buy or one sale, by a coldkey that has neither locks nor a list to extend.
pub fn trade<T: Config>(netuid: NetUid) -> Weight {
    let settled = grown::<T>(netuid).max(shrunk::<T>(netuid));
    Stake::<T>::add_stake().max(Stake::<T>::remove_stake()).saturating_add(settled)
}

/// Buying stake.
pub fn stake<T: Config>(netuid: NetUid, signer: Signer) -> Weight {
    Stake::<T>::add_stake().saturating_add(grown::<T>(netuid)).saturating_add(listed::<T>(signer.stakes_on))
}

/// Buying stake and burning it.
pub fn stake_and_burn<T: Config>(signer: Signer) -> Weight {
    Stake::<T>::add_stake_burn()
        .saturating_add(vote_lock::<T>())
        .saturating_add(listed::<T>(signer.stakes_on))
        .saturating_add(holdings::<T>(signer.bound))
}

/// Selling a hotkey's stake on one subnet.
pub fn unstake<T: Config>(hotkey: &T::AccountId, netuid: NetUid, signer: Signer) -> Weight {
    sale::<T>(netuid, signer)
        .saturating_add(relisted::<T>(signer.stakes_on))
        .saturating_add(stake_removed::<T>(hotkey))
}

fn sale<T: Config>(netuid: NetUid, signer: Signer) -> Weight {
    let held = holdings::<T>(signer.bound);
    Stake::<T>::remove_stake()
        .saturating_add(vote_lock::<T>())
        .saturating_add(shrunk::<T>(netuid))
        .saturating_add(held)
}

/// Rewriting the list of hotkeys of a coldkey whose stake leaves one: a holding may end, and others begin with
/// dividends of root stake.
fn relisted<T: Config>(stakes_on: u32) -> Weight {
    length::<T>(stakes_on).saturating_mul(2)
}

/// Destroying stake.
pub fn destroy<T: Config>(signer: Signer) -> Weight {
    let destroyed = Stake::<T>::recycle_alpha().max(Stake::<T>::burn_alpha());
    destroyed.saturating_add(vote_lock::<T>()).saturating_add(holdings::<T>(signer.bound))
}

/// Moving stake to another hotkey, coldkey or subnet: a transfer within a subnet, or a sale and a buy. The receiver's
/// list is rewritten too.
pub fn relocate<T: Config>(origin: NetUid, destination: NetUid, signer: Signer, receiver: Signer) -> Weight {
    let moved = if origin == destination { Stake::<T>::transfer_stake() } else { Stake::<T>::move_stake() };
    moved
        .saturating_add(vote_lock::<T>().saturating_mul(2))
        .saturating_add(shrunk::<T>(origin))
        .saturating_add(grown::<T>(destination))
        .saturating_add(holdings::<T>(signer.bound))
        .saturating_add(holdings::<T>(if origin == destination { receiver.bound } else { 0 }))
        .saturating_add(relisted::<T>(signer.stakes_on))
        .saturating_add(listed::<T>(receiver.stakes_on))
}

/// Moving stake between two positions, with the costs of their owners. Within a subnet a lock may move along.
pub fn relocated<T: Config>(from: &StakePosition<T::AccountId>, to: &StakePosition<T::AccountId>) -> Weight {
    let signer = Signer::of::<T>(&from.coldkey, from.netuid);
    let receiver = if from.netuid == to.netuid && signer.bound > 0 {
        Signer::locking::<T>(&to.coldkey)
    } else {
        Signer::of::<T>(&to.coldkey, to.netuid)
    };
    relocate::<T>(from.netuid, to.netuid, signer, receiver)
}

/// Locking stake: the holdings that the lock is compared with, the lock, and its sums.
pub fn lock<T: Config>(signer: Signer) -> Weight {
    Stake::<T>::lock_stake().saturating_add(holdings::<T>(signer.bound))
}

/// Reading the sums of locks in favour of `hotkeys`.
pub fn count_convictions<T: Config>(hotkeys: u32) -> Weight {
    Neurons::<T>::convictions(hotkeys)
}

/// Changing the hotkey of a subnet's owner; the new one may replace a neuron.
pub fn change_hands<T: Config>(netuid: NetUid) -> Weight {
    register::<T>(netuid, Signer::NOBODY)
        .saturating_add(Neurons::<T>::lock_swapped())
        .saturating_add(vote_lock_change::<T>(RECOUNTS_OF_AN_OWNER))
}

/// Upper bound of selling a hotkey's stake on every subnet; the difference to [`unstaked`] is refunded.
pub fn unstake_everywhere<T: Config>(hotkey: &T::AccountId) -> Weight {
    let most = half_of_largest::<T>().max(unstaked::<T>(1, Signer::ANY));
    unstaked::<T>(subnets::<T>().into(), Signer::ANY).min(most).saturating_add(stake_removed::<T>(hotkey))
}

/// Searching all subnets, trying this many sales there, and trading on root.
pub fn unstaked<T: Config>(sales: u64, signer: Signer) -> Weight {
    Stake::<T>::positions(subnets::<T>())
        .saturating_add(trade::<T>(ROOT))
        .saturating_add(relisted::<T>(signer.stakes_on))
        .saturating_add(sale::<T>(FIRST_USER_SUBNET, signer).saturating_mul(sales))
}

/// The most sales that one call tries: as many as fit into half of the largest call, at least one.
pub fn most_sales<T: Config>(signer: Signer) -> u64 {
    let room = half_of_largest::<T>().saturating_sub(unstaked::<T>(0, signer));
    room.checked_div_per_component(&sale::<T>(FIRST_USER_SUBNET, signer)).unwrap_or(u64::MAX).max(1)
}

/// A fee that is paid from stake: finding the stake, reading some others for locks, and selling a part of it.
pub fn fee_from_stake<T: Config>(netuid: NetUid, signer: Signer) -> Weight {
    Stake::<T>::fee_from_stake()
        .saturating_add(vote_lock::<T>())
        .saturating_add(shrunk::<T>(netuid))
        .saturating_add(look::<T>().saturating_mul(2).saturating_mul(GLANCE as u64))
        .saturating_add(relisted::<T>(signer.stakes_on))
        .saturating_add(holdings::<T>(signer.bound))
}

/// Consequences of stake leaving a hotkey: its pending children are dropped if the remaining stake is worth too little.
pub fn stake_removed<T: Config>(hotkey: &T::AccountId) -> Weight {
    let waiting = count(PendingChildKeySubnets::<T>::decode_len(hotkey));
    if waiting == 0 || StakeThreshold::<T>::get() == 0 {
        return look::<T>().saturating_mul(2);
    }
    Stake::<T>::stake_removed(subnets::<T>(), waiting)
}

// ==================================================================== families

/// Naming children: the hotkey's stake is valued while a stake threshold is set, and the links change.
pub fn set_children<T: Config>(netuid: NetUid, children: &[(u64, T::AccountId)]) -> Weight {
    let valued = if StakeThreshold::<T>::get() == 0 || children.is_empty() { 0 } else { subnets::<T>() };
    let named = children.len().min(MAX_CHILDREN) as u32;
    Stake::<T>::set_children(named, valued).saturating_add(replace_children::<T>(netuid, children))
}

/// Replacing the children of a hotkey: five links end and others begin. The parents of a child with the most parents
/// are compared, once for the check and once for the change.
pub fn replace_children<T: Config>(netuid: NetUid, children: &[(u64, T::AccountId)]) -> Weight {
    let is_full = |(_, child): &&(u64, T::AccountId)| {
        ParentKeys::<T>::decode_len(child, netuid).unwrap_or(0) >= MAX_PARENTS
    };
    let named = children.len().min(MAX_CHILDREN);
    let full = children.iter().take(named).filter(is_full).count() as u32;
    let comparing = if full == 0 { Weight::zero() } else { Stake::<T>::full_children_replaced(full) };
    Stake::<T>::children_replaced(named as u32).saturating_add(comparing)
}

// ==================================================================== neurons

/// A registration. In a full subnet all neurons are compared, and the weights toward the replaced one are cleared.
pub fn register<T: Config>(netuid: NetUid, signer: Signer) -> Weight {
    let seated = if SubnetworkN::<T>::get(netuid) < MaxAllowedUids::<T>::get(netuid) {
        Neurons::<T>::appended()
    } else {
        Neurons::<T>::appended().max(Neurons::<T>::replaced(seats::<T>(netuid)))
    };
    seated.saturating_add(owned::<T>(signer.owns))
}

/// A place on root: the stake of its 64 members is compared.
pub fn root_register<T: Config>(signer: Signer) -> Weight {
    Neurons::<T>::root_register().saturating_add(owned::<T>(signer.owns))
}

/// Adding a hotkey to the list of those that a coldkey owns.
pub fn owned<T: Config>(owns: u32) -> Weight {
    Stake::<T>::owning_listed(owns)
}

/// Claiming a hotkey.
pub fn associate<T: Config>(signer: Signer) -> Weight {
    Subnets::<T>::try_associate_hotkey().saturating_add(owned::<T>(signer.owns))
}

/// Trimming: every neuron is compared, and may be moved with its rows and vectors on every mechanism.
pub fn trim<T: Config>(netuid: NetUid) -> Weight {
    Neurons::<T>::trimmed(seats::<T>(netuid))
}

/// Subnets and holders that one swap of a hotkey declares. The signer needs the fee of that bound for a moment, so it
/// covers most swaps and not all; larger ones continue in further calls (decision 0053).
const SWAPPED_ROLES: u64 = 8;
const SWAPPED_HOLDERS: u64 = 64;

/// Upper bound of the part of a swap in one call; the difference to the work done is refunded.
pub fn swap_hotkey<T: Config>(only: Option<NetUid>) -> Weight {
    let known = if only.is_some() { 1 } else { u64::from(subnets::<T>()) };
    let links = MAX_CHILDREN.saturating_add(MAX_PARENTS) as u64;
    let role = swap_role::<T>(FIRST_USER_SUBNET).saturating_add(swap_link::<T>().saturating_mul(links));
    swap_keys::<T>(Signer::ANY.owns)
        .saturating_add(swap_look::<T>().saturating_mul(known))
        .saturating_add(role.saturating_mul(known.min(SWAPPED_ROLES)))
        .saturating_add(swap_position::<T>(Rates::default(), 0).saturating_mul(SWAPPED_HOLDERS))
        .min(half_of_largest::<T>())
}

/// Checking and paying for a swap; the list of the coldkey's hotkeys is searched.
pub fn swap_keys<T: Config>(owns: u32) -> Weight {
    Neurons::<T>::swapped(0).saturating_add(owned::<T>(owns))
}

/// Checking whether a hotkey has a role on a subnet, for this pallet and those beside it.
pub fn swap_look<T: Config>() -> Weight {
    each(Neurons::<T>::swapped)
}

/// Moving a uid with the weights and bonds by and about it.
pub fn swap_role<T: Config>(netuid: NetUid) -> Weight {
    Neurons::<T>::role_swapped(0, MechanismCountCurrent::<T>::get(netuid).into())
}

/// Moving one link to a child or parent.
pub fn swap_link<T: Config>() -> Weight {
    each(|links| Neurons::<T>::role_swapped(links, 1))
}

/// Moving the stake of one coldkey on one subnet; on root also its claims by these rates. Its list of hotkeys changes.
pub fn swap_position<T: Config>(rates: Rates, stakes_on: u32) -> Weight {
    Neurons::<T>::position_moved(rates.all as u32)
        .saturating_add(claim_settled::<T>().saturating_mul(rates.lower as u64))
        .saturating_add(candidate_noted::<T>().saturating_mul(2))
        .saturating_add(listed::<T>(stakes_on))
}

/// Moving one lock with its conviction.
pub fn swap_lock<T: Config>() -> Weight {
    Neurons::<T>::lock_swapped()
}

/// Moving the choice of one coldkey that directs its miner emission.
pub fn swap_choice<T: Config>() -> Weight {
    Neurons::<T>::choice_moved()
}

// ==================================================================== subnets

/// Creating a subnet, or queuing it for a number: all prices and symbols are read, and up to 64 root validators become
/// parents.
pub fn register_network<T: Config>(signer: Signer) -> Weight {
    let subnets = subnets::<T>();
    Subnets::<T>::register_network(subnets)
        .max(Subnets::<T>::waiting(subnets))
        .saturating_add(owned::<T>(signer.owns))
        .saturating_add(queue_cancelled::<T>())
}

/// Removing a subnet from the registry by root.
pub fn root_dissolve_network<T: Config>() -> Weight {
    Subnets::<T>::root_dissolve_network().saturating_add(queue_cancelled::<T>())
}

/// Cancelling the referenda on the rubric of a removed subnet that wait for a place.
fn queue_cancelled<T: Config>() -> Weight {
    let entries = u64::from(MAX_QUEUED).saturating_add(1);
    T::DbWeight::get().reads_writes(entries, entries)
}

/// Choosing a symbol: all others are read.
pub fn symbol<T: Config>() -> Weight {
    Subnets::<T>::update_symbol(subnets::<T>())
}

/// Publishing an identity; the hotkeys of the coldkey are read, and up to 256 of them are searched for one with a uid.
pub fn identity<T: Config>() -> Weight {
    Subnets::<T>::set_identity(SEARCHED).saturating_add(owned::<T>(Signer::ANY.owns))
}

// ==================================================================== root dividends

/// Upper bound of claims on `subnets` subnets: 512 hotkeys are searched, and four of them have claims on every subnet.
/// Usually it is less, and the difference is refunded.
pub fn claim<T: Config>(subnets: usize) -> Weight {
    let subnets_of_hotkey = usize::try_from(self::subnets::<T>()).unwrap_or(usize::MAX);
    let looking = claimant::<T>(512).saturating_add(claim_look::<T>().saturating_mul(512));
    let settling = claim_size::<T>().saturating_add(claim_settled::<T>()).saturating_mul(subnets as u64);
    let claiming = claim_hotkey::<T>(subnets_of_hotkey)
        .saturating_add(root_growth::<T>(subnets_of_hotkey))
        .saturating_add(length::<T>(Signer::ANY.stakes_on))
        .saturating_add(settling)
        .saturating_mul(4);
    looking.saturating_add(claiming).min(half_of_largest::<T>())
}

/// Choosing the form of root dividends.
pub fn root_claim_type<T: Config>(choice: &RootClaimTypeEnum) -> Weight {
    let named = match choice {
        RootClaimTypeEnum::KeepSubnets { subnets } => subnets.len() as u32,
        RootClaimTypeEnum::Swap | RootClaimTypeEnum::Keep => 0,
    };
    Stake::<T>::set_root_claim_type(named)
}

/// Upper bound of claims of all subnets on one hotkey; the difference to the claims made is refunded.
pub fn claim_on<T: Config>() -> Weight {
    let subnets = subnets::<T>();
    let settling = claim_size::<T>().saturating_add(claim_settled::<T>()).saturating_mul(subnets.into());
    claim_look::<T>()
        .saturating_add(claim_hotkey::<T>(subnets as usize))
        .saturating_add(root_growth::<T>(subnets as usize))
        .saturating_add(length::<T>(Signer::ANY.stakes_on))
        .saturating_add(settling)
        .min(half_of_largest::<T>())
}

/// Reading the list of a coldkey's hotkeys.
pub fn claimant<T: Config>(hotkeys: usize) -> Weight {
    Stake::<T>::claimant(0).saturating_add(listed::<T>(hotkeys as u32))
}

/// Checking whether a coldkey has root stake on one hotkey.
pub fn claim_look<T: Config>() -> Weight {
    each(Stake::<T>::claimant)
}

/// The root stake of a coldkey on a hotkey, and the rates of its claims.
pub fn claim_hotkey<T: Config>(rates: usize) -> Weight {
    Stake::<T>::hotkey_asked(rates as u32)
}

/// Removing the index of a coldkey.
pub fn forget_claimant<T: Config>() -> Weight {
    Stake::<T>::claimant_forgotten()
}

/// Computing the claim on one subnet's alpha.
pub fn claim_size<T: Config>() -> Weight {
    each(Stake::<T>::nothing_due)
}

/// Selling or keeping a claim.
pub fn claim_settled<T: Config>() -> Weight {
    each(Stake::<T>::claims_settled)
}

/// Adding root stake on a hotkey: the counted claims are adjusted for every rate.
pub fn root_growth<T: Config>(rates: usize) -> Weight {
    Stake::<T>::root_growth(rates as u32).saturating_add(candidate_noted::<T>())
}

// ==================================================================== the start of a block

/// Work of a block for every subnet before its epochs: prices of registrations, emission, pots, smoothed prices.
pub fn coinbase<T: Config>() -> Weight {
    match subnets::<T>() {
        few @ 0..=8 => Blocks::<T>::coinbase_of_few(few),
        many => Blocks::<T>::coinbase(many),
    }
}

/// An epoch and its pay-out, put together from pieces measured alone: the work for every neuron, the rows of
/// validators, families, and paid neurons.
pub fn epoch<T: Config>(work: &Work) -> Weight {
    let Work { neurons, mechanisms, opinions, voters, kin, loans, miners, sharing, validators, beside } =
        *work;
    // Figures measured in a full subnet are scaled to the number of neurons.
    let in_proportion = |cost: Weight, count: u64| cost.saturating_mul(count).div(FULL.into());
    let count = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let further = neurons.saturating_mul(mechanisms.saturating_sub(1));
    // The shares of mechanisms and of parents in force, and the models of miners: they were not there when epochs were
    // measured.
    let shares = T::DbWeight::get().reads(miners.saturating_add(2));
    Epochs::<T>::epoch(count(neurons))
        .saturating_add(shares)
        .saturating_add(in_proportion(each(Epochs::<T>::mechanisms), further))
        .saturating_add(self::opinions::<T>(mechanisms, opinions))
        .saturating_add(if voters == 0 { Weight::zero() } else { Epochs::<T>::votes(count(voters)) })
        .saturating_add(each(|kin| Epochs::<T>::families(kin, 0)).saturating_mul(kin))
        .saturating_add(each(|loans| Epochs::<T>::families(0, loans)).saturating_mul(loans))
        .saturating_add(Epochs::<T>::paid(count(miners.saturating_add(sharing)), count(validators)))
        .saturating_add(beside)
}

/// Cost of weights and bonds: the first row on each mechanism, every row as a short one, and further entries as those
/// of full rows. A full row has all its entries but the first beyond a short one.
fn opinions<T: Config>(mechanisms: u64, said: Opinions) -> Weight {
    let begun = Epochs::<T>::full_rows(0).max(Epochs::<T>::short_rows(0));
    let begun = begun.saturating_sub(Epochs::<T>::epoch(FULL));
    let row = each(Epochs::<T>::short_rows);
    let entries = each(Epochs::<T>::full_rows).saturating_sub(row);
    begun
        .saturating_mul(mechanisms)
        .saturating_add(row.saturating_mul(said.rows))
        .saturating_add(entries.saturating_mul(said.entries).div(FULL.saturating_sub(1).into()))
        .saturating_add(each(Epochs::<T>::commits).saturating_mul(said.commits))
        .saturating_add(EvidenceLedger::<T>::cost_of_marks(mechanisms, said.proofs, said.withheld))
        .saturating_add(measures::<T>(mechanisms, said))
}

/// Cost of measuring validators for elections, an estimate: 20 ns for each step, a millisecond for each mechanism, the
/// histories of proofs, and the panel.
fn measures<T: Config>(mechanisms: u64, said: Opinions) -> Weight {
    if said.measured == 0 {
        return Weight::zero();
    }
    Weight::from_parts(20_000, 0)
        .saturating_mul(said.measured)
        .saturating_add(Weight::from_parts(1_000_000_000, 0).saturating_mul(mechanisms))
        .saturating_add(T::DbWeight::get().reads_writes(said.proofs.saturating_add(2), 1))
}

// ==================================================================== bounded work

/// Looking at one entry of a long list.
pub fn look<T: Config>() -> Weight {
    each(Stake::<T>::looked_at)
}

/// Weight that a block may spend on chores where other work without a signer took `taken`. It is a quarter of the
/// block, and no more than half of it together with the other work. It is at least an eighth, so that chores progress
/// where every block has epochs.
pub fn chores<T: Config>(taken: Weight) -> Weight {
    let block = T::BlockWeights::get().max_block;
    block.div(2).saturating_sub(taken).min(block.div(4)).max(block.div(8))
}

/// Points of a [`Page`](crate::paging::Page) for a migration in one block, which then does no other work: an eighth of
/// the block.
pub fn points_per_block<T: Config>() -> u32 {
    let room = T::BlockWeights::get().max_block.div(8);
    let points = room.checked_div_per_component(&look::<T>()).unwrap_or(u64::MAX);
    u32::try_from(points).unwrap_or(u32::MAX).max(1)
}

/// Weight of these points: one look each.
pub fn points<T: Config>(points: u32) -> Weight {
    look::<T>().saturating_mul(points.into())
}

/// Points of selling a nomination: a trade, on root also its claims on every subnet, the holder's stake where a lock
/// binds it, and the list that the hotkey leaves.
pub fn points_of_sale<T: Config>(netuid: NetUid, holder: Signer) -> u32 {
    in_points::<T>(trade::<T>(netuid))
        .saturating_add(points_of_holdings::<T>(holder))
        .saturating_add(in_points::<T>(relisted::<T>(holder.stakes_on)))
}

/// Points of reading a holder's stake where a lock binds it.
pub fn points_of_holdings<T: Config>(holder: Signer) -> u32 {
    in_points::<T>(holdings::<T>(holder.bound))
}

/// Points of rewriting a list of this many hotkeys, beyond those of a short one.
pub fn points_of_length<T: Config>(stakes_on: u32) -> u32 {
    in_points::<T>(length::<T>(stakes_on))
}

/// Number of looks with this cost, rounded up.
fn in_points<T: Config>(cost: Weight) -> u32 {
    let points = cost.checked_div_per_component(&look::<T>()).map_or(u64::MAX, |whole| {
        let rest = cost.saturating_sub(look::<T>().saturating_mul(whole));
        whole.saturating_add(rest.any_gt(Weight::zero()).into())
    });
    u32::try_from(points).unwrap_or(u32::MAX)
}

/// Half of the largest call, so that the call fits into a block of any pace together with others.
fn half_of_largest<T: Config>() -> Weight {
    let limits = T::BlockWeights::get();
    let largest = limits.get(DispatchClass::Normal).max_extrinsic.unwrap_or(limits.max_block);
    largest.div(2)
}
