//! Creating a subnet.

use alloc::vec::Vec;
use frame_support::pallet_prelude::*;
use myelin_abi::{NetworkRegistrationInfo, SubnetIdentityV3};
use myelin_economy::{
    issuance::block_emission,
    params::{first_block, row, Origin, Parameter},
    registration::{founding_pool, median_price, LockCost},
};
use myelin_units::{AlphaBalance, Block, NetUid, TaoBalance, ROOT};

use super::{now, symbols, RateLimits, SubnetRegistry};
use crate::{
    epoch::EpochClock,
    identity::Identities,
    keys::{KeyOwnership, MOST_LISTED},
    ledger::TaoLedger,
    neurons::{NeuronRegistry, PriceLimit},
    pallet::*,
    pools::{PoolReserves, DYNAMIC},
    removal::{SubnetRemoval, WaitingRegistrations},
    stake::Delegation,
    types::RateLimitKey,
};

/// Immunity of a neuron on a subnet that a user registered, in blocks.
const USER_IMMUNITY_PERIOD: u16 = row("ImmunityPeriod").on_registration() as u16;
/// Validators of such a subnet.
const USER_MAX_VALIDATORS: u16 = row("MaxAllowedValidators").on_registration() as u16;
/// Neurons of such a subnet.
const USER_MAX_UIDS: u16 = row("MaxAllowedUids").on_registration() as u16;
/// Fewest weights on such a subnet.
const USER_MIN_WEIGHTS: u16 = row("MinAllowedWeights").on_registration() as u16;
/// First price of a registration on such a subnet.
const BURN: &Parameter = row("Burn");
/// Blocks in which it halves.
const BURN_HALF_LIFE: &Parameter = row("BurnHalfLife");
/// Whether bonds follow Yuma 3 on such a subnet.
const USER_YUMA3: bool = row("Yuma3On").on_registration() != 0;
/// TAO in the pool of a subnet without a lock cost, from its owner: without TAO a pool has no price.
const OPENING_POOL: TaoBalance = TaoBalance::from_tokens(1);
/// Whether such a subnet takes part in TAO emission before root decides.
const USER_EMISSION: bool = row("SubnetEmissionEnabled").on_registration() != 0;

/// Room for a new subnet.
enum Room {
    /// Under this number, at once.
    Free(NetUid),
    /// Under a number that becomes free when a removal is finished; this subnet gives way for it, if none did yet.
    AfterRemoval(Option<NetUid>),
}

impl Room {
    /// Whether a subnet gives way.
    fn ends(&self, netuid: NetUid) -> bool {
        matches!(self, Room::AfterRemoval(Some(gives_way)) if *gives_way == netuid)
    }
}

impl<T: Config> SubnetRegistry<T> {
    /// `register_network`, `register_network_with_identity` and `register_network_limit`: pays the lock cost into the
    /// pool of a new subnet and makes the hotkey its uid 0. Without room a subnet is removed, and the new one waits,
    /// paid for, until it is gone.
    ///
    /// Nothing is emitted to the subnet and its alpha can't be traded before the start call.
    pub fn register(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        identity: Option<SubnetIdentityV3>,
        limit: PriceLimit,
    ) -> DispatchResult {
        KeyOwnership::<T>::ensure_claimable(&coldkey, &hotkey)?;
        KeyOwnership::<T>::ensure_room(&coldkey, &hotkey, MOST_LISTED)?;
        ensure!(
            now::<T>() >= NetworkRegistrationStartBlock::<T>::get(),
            Error::<T>::SubNetRegistrationDisabled
        );
        ensure!(now::<T>() >= Self::may_register_at(), Error::<T>::NetworkTxRateLimitExceeded);
        let room = Self::room()?;
        if let Some(identity) = &identity {
            Identities::<T>::ensure_valid(identity)?;
        }
        let cost = Self::lock_cost();
        limit.ensure::<T>(cost)?;
        ensure!(TaoLedger::<T>::spendable(&coldkey) >= cost, Error::<T>::CannotAffordLockCost);
        let stay = Self::user_netuids().into_iter().filter(|netuid| !room.ends(*netuid));
        let prices: Vec<_> = stay.map(PoolReserves::<T>::spot_price).collect();
        KeyOwnership::<T>::claim(&coldkey, &hotkey);
        let subnet = NetworkRegistrationInfo {
            coldkey,
            hotkey,
            mechid: DYNAMIC,
            identity,
            lock_amount: cost,
            median_subnet_alpha_price: median_price(&prices),
            registration_block: now::<T>(),
            lock_id: 0,
        };
        match room {
            Room::Free(netuid) => {
                TaoLedger::<T>::pay_to_subnet(&subnet.coldkey, netuid, cost)?;
                Self::found(netuid, subnet);
            }
            Room::AfterRemoval(gives_way) => {
                if let Some(netuid) = gives_way {
                    SubnetRemoval::<T>::begin(netuid);
                }
                WaitingRegistrations::<T>::add(subnet)?;
            }
        }
        NetworkLastLockCost::<T>::put(cost);
        RateLimits::<T>::record(&RateLimitKey::NetworkLastRegistered);
        Ok(())
    }

    /// Registers a subnet without a lock cost, by a vote. `payer` pays [`OPENING_POOL`] into its pool, because the
    /// owner is not asked. Its hotkey is the first that the owner has, or else the owner's account. Returns the number.
    ///
    /// Refused without free room (`SubnetLimitReached`), without the TAO (`CannotAffordLockCost`), and for an owner
    /// whose account is another one's hotkey (`NonAssociatedColdKey`). Later prices of subnets don't rise by it.
    pub(crate) fn open_for(owner: T::AccountId, payer: &T::AccountId) -> Result<NetUid, DispatchError> {
        let hotkey = OwnedHotkeys::<T>::get(&owner).into_iter().next().unwrap_or_else(|| owner.clone());
        KeyOwnership::<T>::ensure_claimable(&owner, &hotkey)?;
        let Room::Free(netuid) = Self::room()? else { return Err(Error::<T>::SubnetLimitReached.into()) };
        let affordable = TaoLedger::<T>::spendable(payer) >= OPENING_POOL;
        ensure!(affordable, Error::<T>::CannotAffordLockCost);
        let prices: Vec<_> = Self::user_netuids().into_iter().map(PoolReserves::<T>::spot_price).collect();
        TaoLedger::<T>::pay_to_subnet(payer, netuid, OPENING_POOL)?;
        let subnet = NetworkRegistrationInfo {
            coldkey: owner,
            hotkey,
            mechid: DYNAMIC,
            identity: None,
            lock_amount: OPENING_POOL,
            median_subnet_alpha_price: median_price(&prices),
            registration_block: now::<T>(),
            lock_id: 0,
        };
        Self::found(netuid, subnet);
        Ok(netuid)
    }

    /// Creates a subnet whose price is on its account already.
    pub(crate) fn found(netuid: NetUid, subnet: NetworkRegistrationInfo<T::AccountId>) {
        let NetworkRegistrationInfo { coldkey, hotkey, mechid, identity, lock_amount: paid, .. } = subnet;
        let (tao, alpha) = founding_pool(paid, paid, &[subnet.median_subnet_alpha_price]);
        KeyOwnership::<T>::claim(&coldkey, &hotkey);
        Self::open(netuid, &coldkey, &hotkey, tao, alpha);
        Self::set_user_defaults(netuid);
        NeuronRegistry::<T>::seat_owner(netuid, &hotkey);
        SubnetLocked::<T>::insert(netuid, paid);
        LargestLocked::<T>::mutate(netuid, |largest| *largest = (*largest).max(paid.to_rao()));
        Delegation::<T>::lend_root_stake(netuid, &hotkey);
        Pallet::<T>::deposit_event(Event::NetworkAdded(netuid, mechid));
        if let Some(identity) = identity {
            Identities::<T>::store_subnet(netuid, identity);
        }
    }

    /// Room for the next subnet. Waiting subnets go first.
    fn room() -> Result<Room, DispatchError> {
        let (limit, waiting) = (SubnetLimit::<T>::get(), WaitingRegistrations::<T>::count());
        let subnets = Self::user_count();
        let gives_way = if subnets.saturating_add(waiting) < limit {
            None
        } else {
            Some(SubnetRemoval::<T>::candidate().ok_or(Error::<T>::SubnetLimitReached)?)
        };
        let occupied = subnets.saturating_add(SubnetRemoval::<T>::count());
        if gives_way.is_none() && waiting == 0 && occupied < limit {
            return Self::lowest_free_netuid().map(Room::Free);
        }
        WaitingRegistrations::<T>::ensure_room()?;
        Ok(Room::AfterRemoval(gives_way))
    }

    /// First block in which the last registration of a subnet is long enough ago for another.
    pub fn may_register_at() -> Block {
        let last = RateLimits::<T>::last(&RateLimitKey::NetworkLastRegistered);
        first_block(last, NetworkRateLimit::<T>::get())
    }

    /// First block from `now` on in which there is room for another subnet: at once below the limit, or else when the
    /// first subnet loses its immunity. `None` if no subnet can give way, or while the queue of waiting subnets is
    /// full.
    pub fn has_room_at(now: Block) -> Option<Block> {
        match Self::room() {
            Ok(_) => Some(now),
            Err(_) if SubnetRemoval::<T>::candidate().is_some() => None,
            Err(_) => {
                let immunity = NetworkImmunityPeriod::<T>::get();
                let ends = |netuid| Self::registered_at(netuid).saturating_add(immunity);
                Self::user_netuids().into_iter().map(ends).min()
            }
        }
    }

    /// Price of a subnet now.
    pub fn lock_cost() -> TaoBalance {
        Self::cost_schedule().at(now::<T>())
    }

    /// First block from `now` on in which a subnet costs no more than `limit`, as long as none is registered; `None` if
    /// never.
    pub fn costs_at_most_at(limit: TaoBalance, now: Block) -> Option<Block> {
        Self::cost_schedule().at_most(limit, now)
    }

    fn cost_schedule() -> LockCost {
        LockCost {
            last_lock: NetworkLastLockCost::<T>::get(),
            min_lock: NetworkMinLockCost::<T>::get(),
            last_block: RateLimits::<T>::last(&RateLimitKey::NetworkLastRegistered),
            interval: NetworkLockReductionInterval::<T>::get(),
            block_emission: block_emission(TaoLedger::<T>::total_issuance().to_rao()),
        }
    }

    /// The lowest number without a subnet, present or being removed.
    pub(crate) fn lowest_free_netuid() -> Result<NetUid, DispatchError> {
        let leaving = DissolveCleanupQueue::<T>::get();
        (1..myelin_units::MECHANISM_STRIDE)
            .find(|netuid| !Self::exists(*netuid) && !leaving.contains(netuid))
            .ok_or_else(|| Error::<T>::SubnetLimitReached.into())
    }

    /// Creates a subnet with a pool.
    pub(super) fn open(
        netuid: NetUid,
        owner: &T::AccountId,
        owner_hotkey: &T::AccountId,
        tao: TaoBalance,
        alpha: AlphaBalance,
    ) {
        let now = now::<T>();
        NetworksAdded::<T>::insert(netuid, true);
        TotalNetworks::<T>::mutate(|count| *count = count.saturating_add(1));
        RegisteredSubnetCounter::<T>::mutate(netuid, |count| *count = count.saturating_add(1));
        NetworkRegisteredAt::<T>::insert(netuid, now);
        SubnetOwner::<T>::insert(netuid, owner);
        Self::replace_owner_hotkey(netuid, owner_hotkey);
        PoolReserves::<T>::open(netuid, DYNAMIC, tao, alpha);
        Tempo::<T>::insert(netuid, Self::profile().tempo());
        EpochClock::<T>::start(netuid, now);
        TokenSymbol::<T>::insert(netuid, Self::free_symbol(netuid));
    }

    /// Hyperparameters that differ from the defaults on every subnet registered by a user.
    fn set_user_defaults(netuid: NetUid) {
        MaxAllowedUids::<T>::insert(netuid, USER_MAX_UIDS);
        MaxAllowedValidators::<T>::insert(netuid, USER_MAX_VALIDATORS);
        MinAllowedWeights::<T>::insert(netuid, USER_MIN_WEIGHTS);
        ImmunityPeriod::<T>::insert(netuid, USER_IMMUNITY_PERIOD);
        Yuma3On::<T>::insert(netuid, USER_YUMA3);
        NetworkRegistrationAllowed::<T>::insert(netuid, true);
        CommitRevealWeightsEnabled::<T>::insert(netuid, true);
        SubnetEmissionEnabled::<T>::insert(netuid, USER_EMISSION);
        let profile = Self::profile();
        let half_life = BURN_HALF_LIFE.default_on(&profile, Origin::Registered);
        if half_life != BURN_HALF_LIFE.stored() {
            BurnHalfLife::<T>::insert(netuid, half_life as u16);
        }
        let price = BURN.default_on(&profile, Origin::Registered);
        NeuronRegistry::<T>::set_price(netuid, TaoBalance::from_rao(price as u64));
    }

    /// The symbol of the number, or the first free one.
    fn free_symbol(netuid: NetUid) -> Vec<u8> {
        let taken: Vec<_> = TokenSymbol::<T>::iter_values().collect();
        symbols::of(netuid)
            .into_iter()
            .chain((1..).map_while(symbols::of))
            .find(|symbol| !taken.contains(symbol))
            .unwrap_or_else(symbols::root)
    }

    pub(super) fn ensure_symbol_free(symbol: &[u8]) -> DispatchResult {
        ensure!(symbols::exists(symbol), Error::<T>::SymbolDoesNotExist);
        let taken = TokenSymbol::<T>::iter_values().any(|other| other == symbol);
        ensure!(!taken, Error::<T>::SymbolAlreadyInUse);
        Ok(())
    }
}

impl<T: Config> SubnetRegistry<T> {
    /// Creates root.
    pub(super) fn open_root() {
        NetworksAdded::<T>::insert(ROOT, true);
        TotalNetworks::<T>::mutate(|count| *count = count.saturating_add(1));
        MaxAllowedUids::<T>::insert(ROOT, 64);
        MaxAllowedValidators::<T>::insert(ROOT, 64);
        Tempo::<T>::insert(ROOT, 100);
        MinAllowedWeights::<T>::insert(ROOT, 0);
        TargetRegistrationsPerInterval::<T>::insert(ROOT, 1);
        SubtokenEnabled::<T>::insert(ROOT, true);
        NetworkRegistrationAllowed::<T>::insert(ROOT, true);
        TokenSymbol::<T>::insert(ROOT, symbols::root());
    }
}
