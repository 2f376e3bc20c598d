//! The runtime APIs of the network: declarations only.
//!
//! Clients call `<Trait>_<method>` and encode parameters by the names in the metadata, so names of traits, methods
//! and parameters are part of the official interface. Answers are the types of `myelin-abi`, filled with this
//! chain's accounts; `views` of the network pallet builds them.

use alloc::{collections::BTreeMap, vec::Vec};

use myelin_abi::{
    BasketPosition, BasketSummary, BasketTradingStatus, DelegateInfo, Delegation, DynamicInfo,
    HyperparamEntry, LockState, Metagraph, ModelLineage, ModelView, NeuronInfo, NeuronInfoLite,
    ProxyFilterInfo, ProxyTypeInfo, SelectiveMetagraph, SimSwapResult, StakeAvailability, StakeInfo,
    SubnetHyperparams, SubnetHyperparamsV2, SubnetInfo, SubnetInfov2, SubnetPrice, SubnetState, TaoEquation,
};
use myelin_units::{AlphaBalance, MechId, NetUid, TaoBalance, Uid, U64F64};
use pallet_myelin_election::RootedHeader;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;

use crate::{AccountId, Header, RuntimeCall};

/// Stake of a coldkey by subnet.
pub type StakeAvailabilities = BTreeMap<AccountId, BTreeMap<NetUid, StakeAvailability>>;

sp_api::decl_runtime_apis! {
    /// Subnets: their facts, their settings, and their neurons in columns.
    pub trait SubnetInfoRuntimeApi {
        /// The facts about a subnet in their first form; `None` if it does not exist.
        fn get_subnet_info(netuid: NetUid) -> Option<SubnetInfo<AccountId>>;
        /// The same for every subnet.
        fn get_subnets_info() -> Vec<Option<SubnetInfo<AccountId>>>;
        /// The facts about a subnet; `None` if it does not exist.
        fn get_subnet_info_v2(netuid: NetUid) -> Option<SubnetInfov2<AccountId>>;
        /// The same for every subnet.
        fn get_subnets_info_v2() -> Vec<Option<SubnetInfov2<AccountId>>>;
        /// Hyperparameters in their first form.
        fn get_subnet_hyperparams(netuid: NetUid) -> Option<SubnetHyperparams>;
        /// Hyperparameters in their second form.
        fn get_subnet_hyperparams_v2(netuid: NetUid) -> Option<SubnetHyperparamsV2>;
        /// Hyperparameters as a list of names and values.
        fn get_subnet_hyperparams_v3(netuid: NetUid) -> Option<Vec<HyperparamEntry>>;
        /// Pool and token of every subnet.
        fn get_all_dynamic_info() -> Vec<Option<DynamicInfo<AccountId>>>;
        /// Pool and token of a subnet; `None` if it does not exist.
        fn get_dynamic_info(netuid: NetUid) -> Option<DynamicInfo<AccountId>>;
        /// A subnet in one answer; `None` if it does not exist.
        fn get_metagraph(netuid: NetUid) -> Option<Metagraph<AccountId>>;
        /// Every subnet in one answer.
        fn get_all_metagraphs() -> Vec<Option<Metagraph<AccountId>>>;
        /// One mechanism of a subnet in one answer.
        fn get_mechagraph(netuid: NetUid, mecid: MechId) -> Option<Metagraph<AccountId>>;
        /// Every mechanism of every subnet in one answer.
        fn get_all_mechagraphs() -> Vec<Option<Metagraph<AccountId>>>;
        /// Chosen fields of a subnet; numbers that name no field are ignored.
        fn get_selective_metagraph(netuid: NetUid, metagraph_indexes: Vec<u16>) -> Option<SelectiveMetagraph<AccountId>>;
        /// Chosen fields of one mechanism.
        fn get_selective_mechagraph(netuid: NetUid, subid: MechId, metagraph_indexes: Vec<u16>) -> Option<SelectiveMetagraph<AccountId>>;
        /// The neurons of a subnet in columns.
        fn get_subnet_state(netuid: NetUid) -> Option<SubnetState<AccountId>>;
        /// Block at which the next epoch of a subnet starts; `None` if it does not exist or has no epochs.
        fn get_next_epoch_start_block(netuid: NetUid) -> Option<u64>;
        /// The subnet that gives way when there is no room for another; `None` while all are immune.
        fn get_subnet_to_prune() -> Option<NetUid>;
    }

    /// Neurons one by one.
    pub trait NeuronInfoRuntimeApi {
        /// All neurons of a subnet in the order of their uids.
        fn get_neurons(netuid: NetUid) -> Vec<NeuronInfo<AccountId>>;
        /// One neuron.
        fn get_neuron(netuid: NetUid, uid: Uid) -> Option<NeuronInfo<AccountId>>;
        /// All neurons of a subnet without weights and bonds.
        fn get_neurons_lite(netuid: NetUid) -> Vec<NeuronInfoLite<AccountId>>;
        /// One neuron without weights and bonds.
        fn get_neuron_lite(netuid: NetUid, uid: Uid) -> Option<NeuronInfoLite<AccountId>>;
    }

    /// Holdings of stake.
    pub trait StakeInfoRuntimeApi {
        /// All stake of a coldkey.
        fn get_stake_info_for_coldkey(coldkey_account: AccountId) -> Vec<StakeInfo<AccountId>>;
        /// All stake of several coldkeys.
        fn get_stake_info_for_coldkeys(coldkey_accounts: Vec<AccountId>) -> Vec<(AccountId, Vec<StakeInfo<AccountId>>)>;
        /// One holding, also when it is zero; `None` only if the subnet does not exist.
        fn get_stake_info_for_hotkey_coldkey_netuid(hotkey_account: AccountId, coldkey_account: AccountId, netuid: NetUid) -> Option<StakeInfo<AccountId>>;
        /// Stake that coldkeys can move, on the subnets given or on all with stake.
        fn get_stake_availability_for_coldkeys(coldkey_accounts: Vec<AccountId>, netuids: Option<Vec<NetUid>>) -> StakeAvailabilities;
        /// The lock of a coldkey on a subnet.
        fn get_coldkey_lock(coldkey: AccountId, netuid: NetUid) -> Option<LockState>;
        /// Conviction of all locks in favour of a hotkey on a subnet.
        fn get_hotkey_conviction(hotkey: AccountId, netuid: NetUid) -> U64F64;
        /// The hotkey with the largest conviction on a subnet; `None` without any.
        fn get_most_convicted_hotkey_on_subnet(netuid: NetUid) -> Option<AccountId>;
    }

    /// Hotkeys that accept stake of other coldkeys.
    pub trait DelegateInfoRuntimeApi {
        /// All delegates.
        fn get_delegates() -> Vec<DelegateInfo<AccountId>>;
        /// One delegate; `None` if the hotkey has no owner.
        fn get_delegate(delegate_account: AccountId) -> Option<DelegateInfo<AccountId>>;
        /// The delegates a coldkey has stake on, with subnet and stake.
        fn get_delegated(delegatee_account: AccountId) -> Vec<Delegation<AccountId>>;
    }

    /// Price of a new subnet.
    pub trait SubnetRegistrationRuntimeApi {
        /// Price of registering a subnet now.
        fn get_network_registration_cost() -> TaoBalance;
    }

    /// Records of models.
    pub trait ModelRuntimeApi {
        /// A model with its disputes; `None` if the chain has no record of it.
        fn get_model(model: [u8; 32]) -> Option<ModelView<AccountId>>;
        /// A model and its ancestors, at most so many generations above it; `None` if the chain has no record of it.
        fn get_model_lineage(model: [u8; 32], generations: u32) -> Option<ModelLineage<AccountId>>;
    }

    /// Whether the ledgers balance.
    pub trait AuditRuntimeApi {
        /// The first rule of the network pallet's invariants that the state breaks, and the values found; `None` if all
        /// hold. It reads the whole state, so it only answers on a copy of a state that holds `:myelin:audit`.
        fn first_violation() -> Option<(Vec<u8>, Vec<u8>)>;
        /// The equation of all TAO: its terms, from which everybody computes whether it holds. It reads totals and each
        /// subnet, so it answers at every block.
        fn tao_equation() -> TaoEquation;
    }

    /// Prices and simulated swaps.
    pub trait SwapRuntimeApi {
        /// TAO per alpha, times 10⁹; 10⁹ on root, 0 if the subnet does not exist.
        fn current_alpha_price(netuid: NetUid) -> u64;
        /// The price of every subnet.
        fn current_alpha_price_all() -> Vec<SubnetPrice>;
        /// Result of buying alpha for TAO now; all zero if it is impossible.
        fn sim_swap_tao_for_alpha(netuid: NetUid, tao: TaoBalance) -> SimSwapResult;
        /// Result of selling alpha for TAO now; all zero if it is impossible.
        fn sim_swap_alpha_for_tao(netuid: NetUid, alpha: AlphaBalance) -> SimSwapResult;
    }

    /// First blocks in which calls may be made. An addition of this network: official errors have no room for a block.
    pub trait WaitRuntimeApi {
        /// First block in which no rate limit, freeze window or reveal epoch delays this call by this account, not
        /// before the block of the request; `None` if no such block is known.
        fn allowed_at(signer: AccountId, call: RuntimeCall) -> Option<u64>;
    }

    /// The beacon of the authors. An addition of this network.
    pub trait BeaconRuntimeApi {
        /// Author of a slot in the block after this one, and the value of this block; `None` without authorities.
        fn next_turn(slot: u64) -> Option<(AuraId, [u8; 32])>;
        /// Whether the block after this one is invalid without its author's contribution.
        fn needs_next_contribution() -> bool;
    }

    /// Reports of offences by the node of an author. An addition of this network.
    pub trait OffenceRuntimeApi {
        /// Hands a report of two blocks of one author for one slot to the pool of this node, for the blocks that it
        /// writes; `None` if the pool refuses it.
        fn submit_report_blocks(first: RootedHeader<Header>, second: RootedHeader<Header>) -> Option<()>;
    }

    /// Permissions of proxies.
    pub trait ProxyFilterRuntimeApi {
        /// Permissions of one kind of proxy, or of every kind.
        fn get_proxy_filter(proxy_type: Option<u8>) -> Vec<ProxyFilterInfo>;
        /// Every kind of proxy.
        fn get_proxy_types() -> Vec<ProxyTypeInfo>;
    }

    /// Baskets of subnets' alpha, which this chain does not have.
    pub trait BetaBasketRuntimeApi {
        /// The baskets a coldkey has a share of: hotkey, shares, value in TAO. Always none.
        fn get_root_basket_positions(coldkey: AccountId) -> Vec<(AccountId, u64, u64)>;
        /// The same in detail. Always none.
        fn get_root_basket_portfolio(coldkey: AccountId) -> Vec<BasketPosition<AccountId>>;
        /// Debt of all baskets to a coldkey, in rao of TAO. Always 0.
        fn get_root_basket_owed(coldkey: AccountId) -> u64;
        /// Debt of one basket to a coldkey, in rao of TAO. Always 0.
        fn get_basket_payout(hotkey: AccountId, coldkey: AccountId) -> u64;
        /// A coldkey's part of a basket. Always `None`.
        fn get_basket_position(hotkey: AccountId, coldkey: AccountId) -> Option<BasketPosition<AccountId>>;
        /// Contents of a basket: subnet, alpha, TAO. Always nothing.
        fn get_validator_basket(hotkey: AccountId) -> Vec<(NetUid, u64, u64)>;
        /// Proceeds of selling a basket, in rao of TAO. Always 0.
        fn get_validator_basket_nav(hotkey: AccountId) -> u64;
        /// Summary of a basket. Always zeros.
        fn get_validator_basket_summary(hotkey: AccountId) -> BasketSummary<AccountId>;
        /// All baskets. Always none.
        fn get_all_validator_baskets() -> Vec<BasketSummary<AccountId>>;
        /// Proceeds of selling all baskets, in rao of TAO. Always 0.
        fn get_root_basket_total_nav() -> u64;
        /// Whether a basket may be traded. Never: all fields are 0.
        fn get_basket_trading_status(hotkey: AccountId) -> BasketTradingStatus;
    }
}
