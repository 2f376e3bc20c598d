//! Questions to the network and to the session manager.

use alloc::vec::Vec;

use myelin_election::PerBillion;
use myelin_units::{NetUid, TaoBalance};

/// The network's answers about keys, root stake and emission.
pub trait Network<AccountId> {
    /// The coldkey of a hotkey.
    fn owner_of(hotkey: &AccountId) -> Option<AccountId>;

    /// Root stake on a hotkey.
    fn root_stake_on(hotkey: &AccountId) -> TaoBalance;

    /// All root stake.
    fn root_stake() -> TaoBalance;

    /// Each subnet's part of the emission, in the order of their numbers; at most the whole together.
    fn emissions() -> Vec<(NetUid, PerBillion)>;

    /// Gives a hotkey its owner and root stake, for benchmarks.
    #[cfg(any(feature = "runtime-benchmarks", test))]
    fn endow(hotkey: &AccountId, coldkey: &AccountId, stake: TaoBalance);

    /// Gives a subnet all the emission, for benchmarks.
    #[cfg(any(feature = "runtime-benchmarks", test))]
    fn pay(netuid: NetUid);
}

/// The session manager, which puts sets of authorities into office.
pub trait Seats<AccountId> {
    /// The set in office, in the order of its seats.
    fn in_office() -> Vec<AccountId>;

    /// Whether an account has session keys.
    fn has_keys(who: &AccountId) -> bool;

    /// Whether another set is on its way into office.
    fn is_changing() -> bool;

    /// Puts a set into office, instead of all others.
    fn appoint(set: Vec<AccountId>);

    /// The slot of the present block.
    fn slot() -> u64;

    /// Sets the slot of the present block, for benchmarks.
    #[cfg(any(feature = "runtime-benchmarks", test))]
    fn set_slot(slot: u64);

    /// Gives an account session keys, for benchmarks.
    #[cfg(any(feature = "runtime-benchmarks", test))]
    fn give_keys(who: &AccountId);
}
