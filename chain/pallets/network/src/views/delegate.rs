//! Hotkeys that take stake from others.

use alloc::{collections::BTreeMap, vec::Vec};

use codec::Compact;
use myelin_abi::{DelegateInfo, Delegation, Nominator};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT, U64F64};

use super::numbered;
use crate::{
    keys::KeyOwnership,
    neurons::NeuronRegistry,
    pallet::*,
    pools::PoolReserves,
    stake::{DelegateTakes, StakeLedger},
    subnets::SubnetRegistry,
};

const MILLISECONDS_PER_DAY: u64 = 86_400_000;

/// All delegates.
pub fn delegates<T: Config>() -> Vec<DelegateInfo<T::AccountId>> {
    Delegates::<T>::iter_keys().filter_map(|hotkey| delegate::<T>(&hotkey)).collect()
}

/// One delegate; `None` if nobody owns the hotkey.
pub fn delegate<T: Config>(hotkey: &T::AccountId) -> Option<DelegateInfo<T::AccountId>> {
    described::<T>(hotkey, nominators::<T>)
}

fn described<T: Config>(
    hotkey: &T::AccountId,
    nominators: impl FnOnce(&T::AccountId) -> Vec<Nominator<T::AccountId>>,
) -> Option<DelegateInfo<T::AccountId>> {
    let owner = KeyOwnership::<T>::owner_of(hotkey)?;
    let take = DelegateTakes::<T>::of(hotkey);
    let uids: Vec<_> = numbered::<T>()
        .into_iter()
        .filter_map(|netuid| Some((netuid, NeuronRegistry::<T>::uid_of(netuid, hotkey)?)))
        .collect();
    let has_permit = |&(netuid, uid): &(NetUid, u16)| {
        ValidatorPermit::<T>::get(netuid).get(usize::from(uid)).copied().unwrap_or_default()
    };
    Some(DelegateInfo {
        delegate_ss58: hotkey.clone(),
        take: Compact(take),
        nominators: nominators(hotkey),
        owner_ss58: owner,
        registrations: uids.iter().map(|(netuid, _)| Compact(*netuid)).collect(),
        validator_permits: uids
            .iter()
            .filter(|place| has_permit(place))
            .map(|(netuid, _)| Compact(*netuid))
            .collect(),
        return_per_1000: Compact(return_per_1000::<T>(hotkey)),
        total_daily_return: Compact(daily_dividends::<T>(hotkey)),
    })
}

/// The delegates a coldkey has stake on, with subnet and stake: one entry per holding. Their other nominators are left out: there may be
/// very many, once for every entry.
pub fn delegated<T: Config>(coldkey: &T::AccountId) -> Vec<Delegation<T::AccountId>> {
    let netuids = numbered::<T>();
    let on_delegate = |hotkey: T::AccountId| {
        let info = described::<T>(&hotkey, |_| Vec::new());
        let held: Vec<_> = netuids
            .iter()
            .map(|&netuid| (netuid, StakeLedger::<T>::alpha_of(&hotkey, coldkey, netuid)))
            .filter(|(_, alpha)| !alpha.is_zero())
            .collect();
        held.into_iter()
            .filter_map(move |(netuid, alpha)| Some((info.clone()?, (Compact(netuid), Compact(alpha)))))
    };
    StakingHotkeys::<T>::get(coldkey).into_iter().flat_map(on_delegate).collect()
}

/// Everybody with stake on a hotkey.
fn nominators<T: Config>(hotkey: &T::AccountId) -> Vec<Nominator<T::AccountId>> {
    let mut by_coldkey: BTreeMap<T::AccountId, Vec<_>> = BTreeMap::new();
    for (coldkey, netuid) in AlphaV2::<T>::iter_key_prefix((hotkey,)) {
        let alpha = StakeLedger::<T>::alpha_of(hotkey, &coldkey, netuid);
        if !alpha.is_zero() {
            by_coldkey.entry(coldkey).or_default().push((Compact(netuid), Compact(alpha)));
        }
    }
    by_coldkey.into_iter().collect()
}

/// TAO that the last dividends of a hotkey, after its own take, are worth per day at today’s prices.
fn daily_dividends<T: Config>(hotkey: &T::AccountId) -> TaoBalance {
    per_day::<T>(|netuid| {
        AlphaDividendsPerSubnet::<T>::get(netuid, hotkey)
            .saturating_add(RootAlphaDividendsPerSubnet::<T>::get(netuid, hotkey))
    })
}

/// What alpha that each subnet pays in a tempo is worth per day at today’s prices.
fn per_day<T: Config>(paid: impl Fn(NetUid) -> AlphaBalance) -> TaoBalance {
    let blocks_per_day = MILLISECONDS_PER_DAY / SubnetRegistry::<T>::profile().slot_ms.max(1);
    let on_subnet = |netuid: NetUid| {
        let value = PoolReserves::<T>::value_at_spot(netuid, paid(netuid)).to_rao();
        let tempo = u64::from(Tempo::<T>::get(netuid).max(1));
        TaoBalance::from_rao(value.saturating_mul(blocks_per_day / tempo))
    };
    numbered::<T>().into_iter().map(on_subnet).sum()
}

/// TAO that 1000 TAO staked with a hotkey on root earn per day, from its last dividends to root stakers; 0 if nobody stakes there.
fn return_per_1000<T: Config>(hotkey: &T::AccountId) -> TaoBalance {
    let daily = per_day::<T>(|netuid| RootAlphaDividendsPerSubnet::<T>::get(netuid, hotkey));
    let staked = TotalHotkeyAlpha::<T>::get(hotkey, ROOT);
    let per_rao = U64F64::from_ratio(daily.to_rao(), staked.to_rao());
    TaoBalance::from_rao((per_rao * U64F64::from_int(TaoBalance::from_tokens(1000).to_rao())).floor_u64())
}
