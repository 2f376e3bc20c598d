//! Whether the whole state is sound: the rules of the pallets, over everything they store.
//!
//! The call fuzzer asks after each step of its stories, and `check-state` and `check-upgrade` of the node ask on a copy
//! of a chain's state; this is the chain's try-state. The time of reading everything grows with the state, so a node
//! does not answer it to any client. The runtime API only answers where the state holds [`OPEN`], which is in no
//! chain's state and which those commands add to their copy.

use alloc::format;
use frame_support::traits::tokens::IdAmount;
use myelin_economy::pool::sqrt_price;
use myelin_governance::Asset;
use pallet_myelin_collateral::{Bonds, HoldReason, Ledger};
use pallet_myelin_governance::{FreezeReason, Voters};
use pallet_myelin_swap::AlphaSqrtPrice;
use pallet_network::{
    invariants::{self, Check, Violation},
    pools::PoolReserves,
    removal::SubnetRemoval,
    subnets::SubnetRegistry,
};

use crate::{Runtime, RuntimeFreezeReason, RuntimeHoldReason};

/// The storage key that opens a state for audits.
pub const OPEN: &[u8] = b":myelin:audit";

/// Every rule; the first broken one is returned.
pub fn check_all() -> Check {
    invariants::check_all::<Runtime>()?;
    collateral_is_on_hold()?;
    records_of_models_are_sound()?;
    votes_are_sound()?;
    elections_are_sound()?;
    prices_are_published()
}

/// Answer of the runtime API.
pub fn first_violation() -> Check {
    if sp_io::storage::exists(OPEN) {
        return check_all();
    }
    let found =
        "the state does not hold the key `:myelin:audit`; `myelin-node check-state` adds it to its copy"
            .into();
    Err(Violation { rule: "audits are for copies of a state", found })
}

/// The collateral on hold equals the bonds, coldkey by coldkey and in total.
fn collateral_is_on_hold() -> Check {
    let rule = "collateral is on hold";
    Ledger::<Runtime>::check_holds()
        .map_err(|coldkey| Violation { rule, found: format!("of {coldkey:?} is not what its bonds say") })?;
    let bonds: u128 = Bonds::<Runtime>::iter_values().map(|bond| u128::from(bond.amount.to_rao())).sum();
    let held = on_hold(RuntimeHoldReason::Collateral(HoldReason::Collateral));
    if held == bonds {
        return Ok(());
    }
    Err(Violation { rule, found: format!("{held} rao are on hold, and the bonds say {bonds}") })
}

/// The register of models is consistent, and the deposits on hold are those that it says, account by account and in
/// total.
fn records_of_models_are_sound() -> Check {
    use pallet_myelin_provenance::{Disputes, HoldReason, Models, Register};
    let rule = "records of models are sound";
    Register::<Runtime>::check().map_err(|found| Violation { rule, found: found.into() })?;
    let records: u128 =
        Models::<Runtime>::iter_values().map(|model| u128::from(model.deposit.to_rao())).sum();
    let disputes = Disputes::<Runtime>::iter_values().flatten();
    let disputes: u128 = disputes.map(|dispute| u128::from(dispute.deposit.to_rao())).sum();
    for (reason, owed) in [(HoldReason::Record, records), (HoldReason::Dispute, disputes)] {
        let held = on_hold(RuntimeHoldReason::Provenance(reason));
        if held != owed {
            let found = format!("{held} rao are on hold, and the deposits are {owed}");
            return Err(Violation { rule, found });
        }
    }
    Ok(())
}

/// The records of governance are consistent. Free TAO under vote locks is frozen, account by account and in total, and
/// stake under them is of subnets that exist or are being removed.
fn votes_are_sound() -> Check {
    let rule = "votes are sound";
    pallet_myelin_governance::invariants::check::<Runtime>()
        .map_err(|found| Violation { rule, found: found.into() })?;
    let is_there = |netuid| {
        SubnetRegistry::<Runtime>::exists(netuid) || SubnetRemoval::<Runtime>::is_in_progress(netuid)
    };
    let mut locked: u128 = 0;
    for (who, voter) in Voters::<Runtime>::iter() {
        locked = locked.saturating_add(voter.lock.amount(Asset::Free).into());
        let gone = |(asset, _): &(Asset, u64)| matches!(asset, Asset::Stake(netuid) if !is_there(*netuid));
        if let Some((asset, amount)) = voter.lock.iter().find(gone) {
            let found = format!("{who:?} has {amount} rao of {asset:?} under its vote lock, which is gone");
            return Err(Violation { rule, found });
        }
    }
    let reason = RuntimeFreezeReason::Governance(FreezeReason::VoteLock);
    let of_reason = |freeze: &&IdAmount<_, _>| freeze.id == reason;
    let frozen: u128 = pallet_balances::Freezes::<Runtime>::iter_values()
        .map(|freezes| freezes.iter().filter(of_reason).map(|freeze| u128::from(freeze.amount)).sum::<u128>())
        .sum();
    if frozen == locked {
        return Ok(());
    }
    Err(Violation { rule, found: format!("{frozen} rao are frozen, and {locked} are under vote locks") })
}

/// The records of elections are consistent, and the TAO on hold for pledges is what they say, account by account and in
/// total.
fn elections_are_sound() -> Check {
    use pallet_myelin_election::{invariants, Candidacies, HoldReason};
    let rule = "elections are sound";
    invariants::check::<Runtime>().map_err(|found| Violation { rule, found: found.into() })?;
    let pledged: u128 =
        Candidacies::<Runtime>::iter_values().map(|candidacy| u128::from(candidacy.exposed().to_rao())).sum();
    let held = on_hold(RuntimeHoldReason::Elections(HoldReason::Pledge));
    if held == pledged {
        return Ok(());
    }
    Err(Violation { rule, found: format!("{held} rao are on hold, and {pledged} are pledged") })
}

/// TAO on hold for a reason on all accounts.
fn on_hold(reason: RuntimeHoldReason) -> u128 {
    let of_reason = |hold: &&IdAmount<_, _>| hold.id == reason;
    pallet_balances::Holds::<Runtime>::iter_values()
        .map(|holds| holds.iter().filter(of_reason).map(|hold| u128::from(hold.amount)).sum::<u128>())
        .sum()
}

/// The published price of each subnet is that of its pool. Injections leave it unchanged, up to the precision of the
/// weights, which is below a billionth.
fn prices_are_published() -> Check {
    let rule = "prices are published";
    for netuid in SubnetRegistry::<Runtime>::user_netuids() {
        let published = AlphaSqrtPrice::<Runtime>::get(netuid).to_bits();
        let now = sqrt_price(PoolReserves::<Runtime>::spot_price(netuid)).to_bits();
        if published.abs_diff(now) > now / 1_000_000_000 {
            let found = format!(
                "the root of the price of subnet {netuid} is {now} / 2^64, and {published} is published"
            );
            return Err(Violation { rule, found });
        }
    }
    Ok(())
}
