//! Hotkeys that accept stake of other coldkeys.

use alloc::{collections::BTreeMap, vec::Vec};

use codec::Compact;
use myelin_abi::{DelegateInfo, Delegation, Nominator};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT, U64F64};

use super::{
    numbered,
    stake::{held_on, MOST_HOLDINGS},
};
use crate::{
    keys::KeyOwnership,
    neurons::NeuronRegistry,
    pallet::*,
    pools::PoolReserves,
    stake::{DelegateTakes, StakeLedger},
    subnets::SubnetRegistry,
};

const MILLISECONDS_PER_DAY: u64 = 86_400_000;

/// Most delegates in one answer.
pub const MOST_DELEGATES: usize = 1_024;
/// Most holdings of nominators that are read for one request.
pub const MOST_NOMINATIONS: usize = 50_000;

/// All delegates, at most [`MOST_DELEGATES`]. The first delegate whose nominations exceed the rest of
/// [`MOST_NOMINATIONS`] and all after it are left out.
pub fn delegates<T: Config>() -> Vec<DelegateInfo<T::AccountId>> {
    let mut left = MOST_NOMINATIONS;
    let within = |hotkey: T::AccountId| {
        let places = nominations::<T>(&hotkey, left.saturating_add(1));
        left = left.checked_sub(places.len())?;
        Some((hotkey, places))
    };
    let first = Delegates::<T>::iter_keys().take(MOST_DELEGATES).map_while(within);
    first
        .filter_map(|(hotkey, places)| described::<T>(&hotkey, |_| nominators::<T>(&hotkey, places)))
        .collect()
}

/// One delegate, with at most [`MOST_NOMINATIONS`] of its nominators' holdings; `None` if the hotkey has no owner.
pub fn delegate<T: Config>(hotkey: &T::AccountId) -> Option<DelegateInfo<T::AccountId>> {
    described::<T>(hotkey, |hotkey| nominators::<T>(hotkey, nominations::<T>(hotkey, MOST_NOMINATIONS)))
}

fn described<T: Config>(
    hotkey: &T::AccountId,
    nominators: impl FnOnce(&T::AccountId) -> Vec<Nominator<T::AccountId>>,
) -> Option<DelegateInfo<T::AccountId>> {
    let owner = KeyOwnership::<T>::owner_of(hotkey)?;
    let take = DelegateTakes::<T>::of(hotkey);
    let mut member: Vec<NetUid> = IsNetworkMember::<T>::iter_key_prefix(hotkey).collect();
    member.sort_unstable();
    let uid = |netuid| Some((netuid, NeuronRegistry::<T>::uid_of(netuid, hotkey)?));
    let uids: Vec<_> = member.into_iter().filter_map(uid).collect();
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

/// The delegates a coldkey has stake on, with subnet and stake: one entry per holding. Their other nominators are left
/// out: there may be very many, once for every entry. At most [`MOST_DELEGATES`] hotkeys and [`MOST_HOLDINGS`] entries.
pub fn delegated<T: Config>(coldkey: &T::AccountId) -> Vec<Delegation<T::AccountId>> {
    let on_delegate = |hotkey: T::AccountId| {
        let info = described::<T>(&hotkey, |_| Vec::new());
        let held = held_on::<T>(&hotkey, coldkey)
            .into_iter()
            .map(move |netuid| (netuid, StakeLedger::<T>::alpha_of(&hotkey, coldkey, netuid)));
        held.filter(|(_, alpha)| !alpha.is_zero())
            .filter_map(move |(netuid, alpha)| Some((info.clone()?, (Compact(netuid), Compact(alpha)))))
    };
    let hotkeys = StakingHotkeys::<T>::get(coldkey).into_iter().take(MOST_DELEGATES);
    hotkeys.flat_map(on_delegate).take(MOST_HOLDINGS).collect()
}

/// Coldkeys and subnets with stake on a hotkey, at most `most`.
fn nominations<T: Config>(hotkey: &T::AccountId, most: usize) -> Vec<(T::AccountId, NetUid)> {
    AlphaV2::<T>::iter_key_prefix((hotkey,)).take(most).collect()
}

/// Nominators with stake on a hotkey, among these holdings.
fn nominators<T: Config>(
    hotkey: &T::AccountId,
    places: Vec<(T::AccountId, NetUid)>,
) -> Vec<Nominator<T::AccountId>> {
    let mut by_coldkey: BTreeMap<T::AccountId, Vec<_>> = BTreeMap::new();
    for (coldkey, netuid) in places {
        let alpha = StakeLedger::<T>::alpha_of(hotkey, &coldkey, netuid);
        if !alpha.is_zero() {
            by_coldkey.entry(coldkey).or_default().push((Compact(netuid), Compact(alpha)));
        }
    }
    by_coldkey.into_iter().collect()
}

/// Worth in TAO per day of the last dividends of a hotkey, after its own take, at today's prices.
fn daily_dividends<T: Config>(hotkey: &T::AccountId) -> TaoBalance {
    per_day::<T>(|netuid| {
        AlphaDividendsPerSubnet::<T>::get(netuid, hotkey)
            .saturating_add(RootAlphaDividendsPerSubnet::<T>::get(netuid, hotkey))
    })
}

/// Worth in TAO per day of the alpha that each subnet pays in a tempo, at today's prices.
fn per_day<T: Config>(paid: impl Fn(NetUid) -> AlphaBalance) -> TaoBalance {
    let blocks_per_day = MILLISECONDS_PER_DAY / SubnetRegistry::<T>::profile().slot_ms.max(1);
    let on_subnet = |netuid: NetUid| {
        let value = PoolReserves::<T>::value_at_spot(netuid, paid(netuid)).to_rao();
        let tempo = u64::from(Tempo::<T>::get(netuid).max(1));
        TaoBalance::from_rao(value.saturating_mul(blocks_per_day / tempo))
    };
    numbered::<T>().into_iter().map(on_subnet).sum()
}

/// TAO that 1000 TAO staked with a hotkey on root earn per day, from its last dividends to root stakers; 0 if nobody
/// stakes there.
fn return_per_1000<T: Config>(hotkey: &T::AccountId) -> TaoBalance {
    let daily = per_day::<T>(|netuid| RootAlphaDividendsPerSubnet::<T>::get(netuid, hotkey));
    let staked = TotalHotkeyAlpha::<T>::get(hotkey, ROOT);
    let per_rao = U64F64::from_ratio(daily.to_rao(), staked.to_rao());
    TaoBalance::from_rao((per_rao * U64F64::from_int(TaoBalance::from_tokens(1000).to_rao())).floor_u64())
}
