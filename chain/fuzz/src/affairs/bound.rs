//! A call that meets a vote lock: more than the free part of a holding would leave, a hotkey with locked stake is
//! swapped, or root dividends of locked stake are claimed. Where nothing is locked, a holder locks most of a holding.

use myelin_governance::Asset;
use myelin_runtime::{AccountId, Balances, Runtime, RuntimeCall};
use myelin_units::{AlphaBalance, NetUid, ROOT};
use pallet_myelin_election::Candidacies;
use pallet_network::{stake::StakeLedger, subnets::SubnetRegistry};

use super::{by_root, poll::lock_most};
use crate::{
    cast::Cast,
    dice::Dice,
    meeting::{under_lock, Meeting},
    scene::View,
};

type Governance = pallet_myelin_governance::Call<Runtime>;
type Money = pallet_balances::Call<Runtime>;
type Network = pallet_network::Call<Runtime>;

/// Hotkey, coldkey and subnet of stake.
type Holding = (AccountId, AccountId, NetUid);
/// A call with its signer.
type Signed = (AccountId, RuntimeCall);

/// Holdings of which the largest is taken.
const FEW: usize = 4;

/// A call of any kind that meets a vote lock, or a step toward one. Requires externalities.
pub fn bound(dice: &mut Dice, view: &View, cast: &Cast) -> Option<Signed> {
    let kind = *dice.pick(&Meeting::ALL)?;
    if kind == Meeting::Payment {
        return payment(dice, cast);
    }
    let fitting: Vec<&Holding> =
        view.positions.iter().filter(|holding| fits(kind, holding, view, cast)).collect();
    let locked: Vec<&Holding> = fitting.iter().copied().filter(|holding| locked_of(holding) > 0).collect();
    let Some(holding) = large(dice, &locked) else { return large(dice, &fitting).map(lock) };
    let (hotkey, coldkey, netuid) = holding.clone();
    if dice.chance(10) {
        let (asset, amount) = (Asset::Stake(netuid), locked_of(holding));
        return Some((coldkey, Governance::unlock { asset, amount }.into()));
    }
    match kind {
        Meeting::HotkeySwap => swap_hotkey(dice, view, cast, holding),
        Meeting::RootClaim if dice.chance(50) => {
            Some((coldkey, Network::claim_root_with_hotkey { hotkey }.into()))
        }
        Meeting::RootClaim => {
            Some((coldkey, Network::claim_root { subnets: [view.any_subnet(dice)].into() }.into()))
        }
        _ => leave(dice, view, cast, kind, holding),
    }
}

/// Whether a call of this kind could be made on the holding of a coldkey. Candidates keep their hotkeys, or nobody
/// would be elected.
fn fits(kind: Meeting, (hotkey, coldkey, netuid): &Holding, view: &View, cast: &Cast) -> bool {
    let is_coldkey = |id: &AccountId| cast.index(id).is_some_and(|index| index < cast.coldkeys().len());
    if !is_coldkey(coldkey) || !view.subnets.contains_key(netuid) {
        return false;
    }
    match kind {
        Meeting::RootClaim => *netuid == ROOT,
        Meeting::Burn => *netuid != ROOT,
        Meeting::HotkeySwap => {
            view.owners.get(hotkey).is_some_and(is_coldkey) && !Candidacies::<Runtime>::contains_key(hotkey)
        }
        _ => trades(*netuid),
    }
}

fn trades(netuid: NetUid) -> bool {
    SubnetRegistry::<Runtime>::ensure_tradable(netuid).is_ok()
}

/// Stake of the coldkey on the subnet under its vote lock, in rao.
fn locked_of((_, coldkey, netuid): &Holding) -> u64 {
    under_lock(coldkey, Asset::Stake(*netuid))
}

/// Stake of the holding, in rao.
fn held_of((hotkey, coldkey, netuid): &Holding) -> u64 {
    StakeLedger::<Runtime>::alpha_of(hotkey, coldkey, *netuid).to_rao()
}

/// Stake of the coldkey on the subnet, in rao.
fn total_of((_, coldkey, netuid): &Holding) -> u64 {
    StakeLedger::<Runtime>::total_of(coldkey, *netuid).to_rao()
}

/// The largest of a few of these.
fn large<'a>(dice: &mut Dice, holdings: &[&'a Holding]) -> Option<&'a Holding> {
    let few: Vec<&Holding> = (0..FEW).filter_map(|_| dice.pick(holdings).copied()).collect();
    few.into_iter().max_by_key(|holding| held_of(holding))
}

/// Nine tenths of the coldkey's stake on the subnet come under its vote lock.
fn lock(holding: &Holding) -> Signed {
    let (_, coldkey, netuid) = holding;
    (coldkey.clone(), lock_most(coldkey, Asset::Stake(*netuid), total_of(holding)))
}

/// Free TAO of an account that its vote lock keeps, in rao. Reserved TAO serves the lock first.
fn kept_of(who: &AccountId) -> u64 {
    under_lock(who, Asset::Free).saturating_sub(Balances::reserved_balance(who))
}

/// A payment of some TAO that a vote lock keeps.
fn payment(dice: &mut Dice, cast: &Cast) -> Option<Signed> {
    let payers: Vec<&AccountId> =
        cast.coldkeys().iter().map(|actor| &actor.id).filter(|id| kept_of(id) > 0).collect();
    let Some(payer) = dice.pick(&payers).copied() else {
        let who = cast.any_coldkey(dice);
        let call = lock_most(&who, Asset::Free, Balances::free_balance(&who));
        return Some((who, call));
    };
    let value = Balances::free_balance(payer).saturating_sub(dice.below(kept_of(payer)));
    let dest = cast.any_hotkey(dice).into();
    Some((payer.clone(), Money::transfer_keep_alive { dest, value }.into()))
}

/// More than the free part of a holding is sold, moved, given or destroyed. Where all of it is free, more is locked.
fn leave(dice: &mut Dice, view: &View, cast: &Cast, kind: Meeting, holding: &Holding) -> Option<Signed> {
    let (hotkey, coldkey, netuid) = holding.clone();
    let held = held_of(holding);
    let free = total_of(holding).saturating_sub(locked_of(holding));
    if held <= free {
        return Some(lock(holding));
    }
    let others = view.subnets.keys().copied().filter(|other| *other != netuid && trades(*other));
    let others: Vec<NetUid> = others.collect();
    let Some(elsewhere) = dice.pick(&others).copied() else { return open(dice, view, cast) };
    let alpha_amount = AlphaBalance::from_rao(free + 1 + dice.below(held - free));
    let call = match kind {
        Meeting::Unstake => Network::remove_stake { hotkey, netuid, amount_unstaked: alpha_amount },
        Meeting::Move => {
            let (destination_hotkey, ..) = dice.pick(&view.positions)?.clone();
            Network::move_stake {
                origin_hotkey: hotkey,
                destination_hotkey,
                origin_netuid: netuid,
                destination_netuid: elsewhere,
                alpha_amount,
            }
        }
        Meeting::Swap => {
            Network::swap_stake { hotkey, origin_netuid: netuid, destination_netuid: elsewhere, alpha_amount }
        }
        Meeting::Transfer => Network::transfer_stake {
            destination_coldkey: cast.any_coldkey(dice),
            hotkey,
            origin_netuid: netuid,
            destination_netuid: if dice.chance(50) { netuid } else { elsewhere },
            alpha_amount,
        },
        _ => Network::burn_alpha { hotkey, amount: alpha_amount, netuid },
    };
    Some((coldkey, call.into()))
}

/// Root lets the alpha of another subnet be traded.
fn open(dice: &mut Dice, view: &View, cast: &Cast) -> Option<Signed> {
    let shut: Vec<NetUid> = view.subnets.keys().copied().filter(|netuid| !trades(*netuid)).collect();
    let netuid = *dice.pick(&shut)?;
    let call =
        pallet_admin_utils::Call::<Runtime>::sudo_set_subtoken_enabled { netuid, subtoken_enabled: true };
    Some(by_root(cast, call))
}

/// The owner of a hotkey replaces it on the subnet by one that is nobody's, or its own and not a neuron there.
fn swap_hotkey(dice: &mut Dice, view: &View, cast: &Cast, (hotkey, _, netuid): &Holding) -> Option<Signed> {
    let owner = view.owners.get(hotkey)?;
    let neurons = &view.subnets.get(netuid)?.hotkeys;
    let may_follow = |id: &&AccountId| {
        let is_own = view.owners.get(*id).is_none_or(|of| of == owner);
        let is_new = *id != hotkey && !neurons.contains(*id);
        is_own && is_new && !Candidacies::<Runtime>::contains_key(*id)
    };
    let new: Vec<&AccountId> = cast.hotkeys().iter().map(|actor| &actor.id).filter(may_follow).collect();
    let new_hotkey = dice.pick(&new).copied()?.clone();
    let swap = Network::swap_hotkey { hotkey: hotkey.clone(), new_hotkey, netuid: Some(*netuid) };
    Some((owner.clone(), swap.into()))
}
