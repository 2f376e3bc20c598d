//! Share pools: the values of the holders add up to the stake of their hotkeys.

use alloc::{collections::BTreeMap, format};

use myelin_units::{NetUid, ROOT};

use super::{holds, Check};
use crate::{
    pallet::{AlphaV2, Config, TotalHotkeyAlpha, TotalHotkeySharesV2},
    removal::SubnetRemoval,
    stake::{RootMarks, StakeLedger},
};

/// Stake of the holders of a hotkey on one subnet.
#[derive(Clone, Copy, Default)]
struct Held {
    holders: u128,
    rao: u128,
}

/// The holders of a hotkey's alpha own all of it. Together they never own more, and less by at most one rao each and
/// one for the truncation of decimal floating point. A hotkey without holders has no alpha, and its pool no shares.
pub fn holders_own_what_their_hotkey_has<T: Config>() -> Check {
    let rule = "holders own what their hotkey has";
    let mut owned: BTreeMap<(T::AccountId, NetUid), Held> = BTreeMap::new();
    for (hotkey, coldkey, netuid) in AlphaV2::<T>::iter_keys() {
        if SubnetRemoval::<T>::is_in_progress(netuid) {
            continue;
        }
        let alpha = StakeLedger::<T>::alpha_of(&hotkey, &coldkey, netuid).to_rao();
        let held = owned.entry((hotkey, netuid)).or_default();
        held.holders += 1;
        held.rao += u128::from(alpha);
    }
    for (hotkey, netuid, total) in TotalHotkeyAlpha::<T>::iter() {
        if SubnetRemoval::<T>::is_in_progress(netuid) {
            continue;
        }
        let total = u128::from(total.to_rao());
        let held = owned.remove(&(hotkey.clone(), netuid)).unwrap_or_default();
        let shares = TotalHotkeySharesV2::<T>::contains_key(&hotkey, netuid);
        let whole = held.holders > 0 && held.rao <= total && total <= held.rao + held.holders + 1 && shares;
        holds(whole, rule, || {
            format!(
                "{} holders of {hotkey:?} on subnet {netuid} own {} of {total} rao; shares: {shares}",
                held.holders, held.rao
            )
        })?;
    }
    holds(owned.is_empty(), rule, || format!("alpha is held on hotkeys without any: {:?}", owned.keys()))?;
    let worthless = TotalHotkeySharesV2::<T>::iter_keys().find(|(hotkey, netuid)| {
        !TotalHotkeyAlpha::<T>::contains_key(hotkey, netuid) && !SubnetRemoval::<T>::is_in_progress(*netuid)
    });
    holds(worthless.is_none(), rule, || format!("there are shares of nothing: {worthless:?}"))
}

/// Every hotkey with root stake is marked.
pub fn root_stake_is_marked<T: Config>() -> Check {
    let marks = RootMarks::stored::<T>();
    let mut staked = TotalHotkeyAlpha::<T>::iter().filter(|(_, netuid, _)| *netuid == ROOT);
    let lost = staked.find(|(hotkey, _, total)| !total.is_zero() && !marks.may_have(hotkey));
    holds(lost.is_none(), "root stake is marked", || format!("{lost:?} is not"))
}
