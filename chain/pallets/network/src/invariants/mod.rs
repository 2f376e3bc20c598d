//! Rules of the pallet's storage after every block and every call, as named checks.
//!
//! Tests and the call fuzzer run them after each action; `check-state` and `check-upgrade` of the node run them on a
//! copy of a chain's state. A check reads everything that its rule covers, so it is no part of ordinary execution. A
//! subnet that is being removed no longer exists and is deleted piece by piece. Its TAO is all there, and rules about
//! matching entries leave it out.
//!
//! | file | says |
//! |---|---|
//! | [`tao`] | every rao of TAO is on an account, and came from genesis or a block |
//! | [`alpha`] | every rao of alpha outside a pool has a place |
//! | [`shares`] | what holders own adds up to the stake of their hotkeys |
//! | [`neurons`] | uids are dense and mirror hotkeys; what is said by uid belongs to a neuron |
//! | [`locks`] | locks bind what their coldkeys hold, and their sums follow them |
//! | [`keys`] | lists of keys mirror each other; nothing belongs to a subnet that does not exist |

pub mod alpha;
pub mod family;
pub mod keys;
pub mod locks;
pub mod neurons;
pub mod shares;
pub mod tao;

use alloc::{format, string::String};
use core::fmt::Debug;

pub use alpha::{claimable_alpha, owned_alpha};

use crate::{pallet::Config, subnets::SubnetRegistry};

/// A broken rule: its name and the values found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: &'static str,
    /// The values found.
    pub found: String,
}

/// Outcome of a check.
pub type Check = Result<(), Violation>;

/// Every rule; the first broken one is returned.
pub fn check_all<T: Config>() -> Check {
    check_money::<T>()?;
    tao::emission_halves_and_never_doubles::<T>()?;
    shares::holders_own_what_their_hotkey_has::<T>()?;
    shares::root_stake_is_marked::<T>()?;
    neurons::members_are_hotkeys_with_a_uid::<T>()?;
    alpha::claims_are_covered::<T>()?;
    for netuid in SubnetRegistry::<T>::netuids() {
        neurons::uids_are_dense::<T>(netuid)?;
        neurons::seats_have_owners::<T>(netuid)?;
        neurons::rosters_repeat_what_is_so::<T>(netuid)?;
        neurons::results_have_one_entry_per_uid::<T>(netuid)?;
        neurons::rows_point_at_neurons::<T>(netuid)?;
        neurons::owner_hotkey_has_a_uid::<T>(netuid)?;
        locks::sums_follow_their_locks::<T>(netuid)?;
        family::voting_power_adds_up::<T>(netuid)?;
    }
    neurons::rows_belong_to_neurons::<T>()?;
    neurons::commits_belong_to_neurons::<T>()?;
    keys::removed_subnets_do_not_exist::<T>()?;
    keys::removals_share_their_pot::<T>()?;
    locks::locks_are_listed::<T>()?;
    locks::locked_never_exceeds_holdings::<T>()?;
    locks::counts_name_hotkeys_with_owners::<T>()?;
    neurons::commitments_belong_to_neurons::<T>()?;
    keys::subnets_are_counted::<T>()?;
    keys::owners_list_their_hotkeys::<T>()?;
    keys::keys_that_matter_keep_their_accounts::<T>()?;
    keys::who_paid_has_the_hotkey::<T>()?;
    keys::children_mirror_parents::<T>()?;
    keys::nobody_lends_more_than_all::<T>()?;
    family::families_are_small::<T>()?;
    family::pending_children_are_filed::<T>()?;
    family::choosers_mirror_destinations::<T>()?;
    keys::staking_hotkeys_name_every_holding::<T>()?;
    keys::root_stakers_have_one_index::<T>()?;
    keys::keys_belong_to_subnets::<T>()
}

/// Checks the rules about money alone: quick enough to run after every call of a long run.
pub fn check_money<T: Config>() -> Check {
    tao::issuance_is_what_the_ledger_holds::<T>()?;
    tao::issuance_is_what_was_minted_and_not_recycled::<T>()?;
    tao::accounts_hold_the_issuance::<T>()?;
    tao::total_stake_is_in_reserves::<T>()?;
    tao::accounts_cover_reserves::<T>()?;
    tao::what_was_paid_waits::<T>()?;
    alpha::every_rao_of_alpha_has_a_place::<T>()?;
    tao::the_equation_of_all_tao_holds::<T>()
}

/// Checks the rule that holds from the end of a block's own work, in which epochs run, until a setting changes. A
/// subnet whose epoch ran in this block has no more permits than it allows.
pub fn check_epochs<T: Config>() -> Check {
    SubnetRegistry::<T>::user_netuids().into_iter().try_for_each(neurons::permits_are_limited::<T>)
}

fn holds(condition: bool, rule: &'static str, found: impl FnOnce() -> String) -> Check {
    if condition {
        Ok(())
    } else {
        Err(Violation { rule, found: found() })
    }
}

fn equal<V: PartialEq + Debug>(rule: &'static str, left: V, right: V) -> Check {
    holds(left == right, rule, || format!("{left:?} is not {right:?}"))
}
