//! The first state: root, and subnet 1 with a small pool and without an owner.

use myelin_economy::{registration::UidChoice, sessions::Sessions};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};

use super::SubnetRegistry;
use crate::{
    defaults::NoAccount, keys::KeyOwnership, ledger::TaoLedger, neurons::NeuronRegistry, pallet::*,
    pools::PoolReserves, stake::StakeLedger,
};
use frame_support::{pallet_macros::pallet_section, traits::Get};

/// The subnet that exists from the start.
const FIRST: NetUid = 1;
/// Its tempo.
const FIRST_TEMPO: u16 = 100;
/// TAO and alpha in its pool.
const FIRST_RESERVE_RAO: u64 = 10_000_000_000;
/// Alpha outside its pool, staked by its owner.
const FIRST_STAKE_RAO: u64 = 1_000_000_000;

/// The choices of the founder of a chain, and the pace that they fix.
#[pallet_section]
mod first_state {
    /// Pace of the chain, fixed at genesis; every test-or-production duration follows from it.
    #[pallet::storage]
    pub type ChainProfile<T: Config> = StorageValue<_, ChainPace, ValueQuery>;

    /// The choices of the founder of a chain.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Pace of the chain.
        pub profile: ChainPace,
        /// Coldkey and hotkey of the owner of root.
        pub root_owner: Option<(T::AccountId, T::AccountId)>,
        /// Blocks between registration and start call of a subnet.
        pub start_call_delay: u64,
        /// Blocks between two registrations of subnets by anybody, if not those of a production network.
        pub network_rate_limit: Option<u64>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            genesis::build::<T>(self)
        }
    }
}

/// Builds the first state. The ledger of balances must have been built before.
pub(crate) fn build<T: Config>(genesis: &GenesisConfig<T>) {
    ChainProfile::<T>::put(genesis.profile);
    let profile = SubnetRegistry::<T>::profile();
    MaxEpochsPerBlock::<T>::put(profile.max_epochs_per_block());
    PendingChildKeyCooldown::<T>::put(profile.pending_childkey_cooldown());
    TxChildkeyTakeRateLimit::<T>::put(profile.childkey_take_rate_limit());
    RubricNotice::<T>::put(profile.rubric_notice());
    SessionLength::<T>::put(Sessions::of(profile.session_length()));
    StartCallDelay::<T>::put(genesis.start_call_delay);
    if let Some(blocks) = genesis.network_rate_limit {
        NetworkRateLimit::<T>::put(blocks);
    }
    TaoLedger::<T>::adopt_genesis_issuance();
    open_root::<T>(genesis);
    open_first::<T>();
    TaoLedger::<T>::count_from_here();
}

fn open_root<T: Config>(genesis: &GenesisConfig<T>) {
    SubnetRegistry::<T>::open_root();
    keep_alive::<T>(ROOT);
    if let Some((coldkey, hotkey)) = &genesis.root_owner {
        SubnetOwner::<T>::insert(ROOT, coldkey);
        // The hotkey itself has no owner until its coldkey uses it, as on the official local chain.
        SubnetOwnerHotkey::<T>::insert(ROOT, hotkey);
    }
}

fn open_first<T: Config>() {
    let nobody: T::AccountId = NoAccount::get();
    let tao = TaoBalance::from_rao(FIRST_RESERVE_RAO);
    let reserve = TaoLedger::<T>::deposit(FIRST, TaoLedger::<T>::issue(tao));
    keep_alive::<T>(FIRST);
    SubnetRegistry::<T>::open(FIRST, &nobody, &nobody, reserve, AlphaBalance::from_rao(FIRST_RESERVE_RAO));
    Tempo::<T>::insert(FIRST, FIRST_TEMPO);
    MinAllowedWeights::<T>::insert(FIRST, 0);
    MaxAllowedUids::<T>::insert(FIRST, 256);
    MaxAllowedValidators::<T>::insert(FIRST, 64);
    KeyOwnership::<T>::claim(&nobody, &nobody);
    NeuronRegistry::<T>::seat(FIRST, UidChoice::Append(0), &nobody);
    let stake = AlphaBalance::from_rao(FIRST_STAKE_RAO);
    if StakeLedger::<T>::increase(&nobody, &nobody, FIRST, stake).is_ok() {
        PoolReserves::<T>::mint_out(FIRST, stake);
    }
}

/// Gives a subnet's account the deposit that keeps it open when its pool is empty.
fn keep_alive<T: Config>(netuid: NetUid) {
    use frame_support::traits::fungible::Inspect;
    let deposit = TaoBalance::from(T::Currency::minimum_balance());
    TaoLedger::<T>::deposit(netuid, TaoLedger::<T>::issue(deposit));
}
