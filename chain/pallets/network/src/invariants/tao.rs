//! TAO: every rao is on an account, and came from genesis or a block.

use alloc::{format, string::ToString};

use frame_support::traits::fungible::Inspect;
use myelin_economy::issuance::{alpha_block_emission, block_emission, MAX_SUPPLY_RAO};
use myelin_units::TaoBalance;

use super::{equal, holds, Check};
use crate::{
    ledger::TaoLedger,
    pallet::{
        Config, NetworkRegistrationQueue, SubnetAlphaIn, SubnetAlphaOut, SubnetTAO, TaoSupply, TotalIssuance,
        TotalStake,
    },
    removal::SubnetRemoval,
    subnets::SubnetRegistry,
    views::equation::{held_for, tao_equation},
};

/// TAO or alpha of a block before the first halving, in rao.
const FIRST_EMISSION_RAO: u64 = 1_000_000_000;
/// From this halving on nothing is emitted.
const LAST_HALVING: u32 = 30;

/// `TotalIssuance` is the issuance of the ledger of balances: nothing is minted or destroyed behind its back.
pub fn issuance_is_what_the_ledger_holds<T: Config>() -> Check {
    let (ours, ledger) = (TotalIssuance::<T>::get(), TaoBalance::from(T::Currency::total_issuance()));
    equal("issuance is what the ledger holds", ours, ledger)
}

/// `TotalIssuance` is the TAO of genesis plus the minted and minus the recycled TAO, and never above the cap.
pub fn issuance_is_what_was_minted_and_not_recycled<T: Config>() -> Check {
    let (issuance, supply) = (TotalIssuance::<T>::get(), TaoSupply::<T>::get());
    let exists =
        supply.genesis.checked_add(supply.minted).and_then(|given| given.checked_sub(supply.recycled));
    let possible = issuance.to_rao() <= MAX_SUPPLY_RAO;
    holds(possible && exists == Some(issuance), "issuance is what was minted and not recycled", || {
        format!("{issuance} TAO exist, and {supply:?} make {exists:?}")
    })
}

/// The balances of all accounts, free and reserved, are all TAO there is.
pub fn accounts_hold_the_issuance<T: Config>() -> Check {
    let held: u128 = frame_system::Account::<T>::iter_keys()
        .map(|account| u128::from(T::Currency::total_balance(&account)))
        .sum();
    equal("accounts hold the issuance", held, u128::from(T::Currency::total_issuance()))
}

/// `TotalStake` is the TAO in all pools and on root.
pub fn total_stake_is_in_reserves<T: Config>() -> Check {
    let reserves: TaoBalance = SubnetTAO::<T>::iter_values().sum();
    equal("total stake is in reserves", TotalStake::<T>::get(), reserves)
}

/// The account of a subnet holds at least its TAO reserve.
pub fn accounts_cover_reserves<T: Config>() -> Check {
    let removal = SubnetRemoval::<T>::current();
    SubnetTAO::<T>::iter().try_for_each(|(netuid, reserve)| {
        let held = held_for::<T>(netuid, removal.as_ref());
        holds(reserve <= held, "accounts cover reserves", || {
            format!("subnet {netuid} has a reserve of {reserve} TAO and {held} to cover it")
        })
    })
}

/// The equation of all TAO holds, which every node answers at every block.
pub fn the_equation_of_all_tao_holds<T: Config>() -> Check {
    let broken = tao_equation::<T>().differences().into_iter().next();
    broken
        .map_or(Ok(()), |difference| holds(false, "the equation of all TAO holds", || difference.to_string()))
}

/// The payments for subnets that wait for a number are held.
pub fn what_was_paid_waits<T: Config>() -> Check {
    let paid: TaoBalance = NetworkRegistrationQueue::<T>::get().iter().map(|subnet| subnet.lock_amount).sum();
    let held = TaoLedger::<T>::held_waiting();
    holds(paid <= held, "what was paid waits", || format!("{paid} TAO were paid and {held} are there"))
}

/// The emission of TAO and of every alpha is 1 a block, halved once for every half of the remaining supply that exists.
/// So it never grows with the issuance.
pub fn emission_halves_and_never_doubles<T: Config>() -> Check {
    let rule = "emission halves and never doubles";
    let issuance = TotalIssuance::<T>::get().to_rao();
    equal(rule, block_emission(issuance), halved(issuance))?;
    SubnetRegistry::<T>::user_netuids().into_iter().try_for_each(|netuid| {
        let (inside, outside) = (SubnetAlphaIn::<T>::get(netuid), SubnetAlphaOut::<T>::get(netuid));
        let emission = alpha_block_emission(inside, outside).to_rao();
        equal(rule, emission, halved(inside.saturating_add(outside).to_rao()))
    })
}

/// 10⁹ halved k times, where k halvings have come when at most the 2⁻ᵏ-th part of the supply is left.
fn halved(issuance: u64) -> u64 {
    let left = u128::from(MAX_SUPPLY_RAO.saturating_sub(issuance));
    let come = (1..=LAST_HALVING).take_while(|k| left << k <= u128::from(MAX_SUPPLY_RAO)).count();
    let emission = FIRST_EMISSION_RAO >> come;
    if come as u32 >= LAST_HALVING {
        0
    } else {
        emission
    }
}
