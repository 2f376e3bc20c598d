//! Requests that nodes and clients may make of the runtime at any block. Every body is one call.

use crate::{
    api_traits, audit, elections, genesis, metadata, proxy, waits, AccountId, Aura, Balance, Beacon, Block,
    Executive, Grandpa, Header, InherentDataExt, Nonce, Runtime, RuntimeCall, RuntimeGenesisConfig,
    SessionKeys, System, TransactionPayment, VERSION,
};
use alloc::{boxed::Box, vec::Vec};
use frame_support::genesis_builder_helper::{build_state, get_preset};
use myelin_abi::{
    BasketPosition, BasketSummary, BasketTradingStatus, DelegateInfo, Delegation, DynamicInfo,
    HyperparamEntry, LockState, Metagraph, ModelLineage, ModelView, NeuronInfo, NeuronInfoLite,
    ProxyFilterInfo, ProxyTypeInfo, SelectiveMetagraph, SimSwapResult, StakeInfo, SubnetHyperparams,
    SubnetHyperparamsV2, SubnetInfo, SubnetInfov2, SubnetPrice, SubnetState, TaoEquation,
};
use myelin_units::{AlphaBalance, MechId, NetUid, TaoBalance, Uid, U64F64};
use pallet_aura::Authorities;
use pallet_myelin_election::{Call as Report, RootedHeader};
use pallet_myelin_provenance::Register;
use pallet_network::views;
use pallet_transaction_payment::{FeeDetails, RuntimeDispatchInfo};
use sp_api::impl_runtime_apis;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
    traits::{Block as BlockT, NumberFor},
    transaction_validity::{TransactionSource, TransactionValidity},
    ApplyExtrinsicResult, ExtrinsicInclusionMode, Weight,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

/// The mechanism of APIs without a mechanism argument.
const MAIN_MECHANISM: MechId = 0;

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            Executive::execute_block(block)
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            metadata::at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(data: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }

        fn check_inherents(block: <Block as BlockT>::LazyBlock, data: InherentData) -> CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            tx: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            Executive::validate_transaction(source, tx, block_hash)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_consensus_aura::AuraApi<Block, AuraId> for Runtime {
        fn slot_duration() -> sp_consensus_aura::SlotDuration {
            sp_consensus_aura::SlotDuration::from_millis(Aura::slot_duration())
        }

        fn authorities() -> Vec<AuraId> {
            Authorities::<Runtime>::get().into_inner()
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn current_set_id() -> sp_consensus_grandpa::SetId {
            Grandpa::current_set_id()
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
            _key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            elections::submit(Report::report_votes { proof: Box::new(equivocation_proof) })
        }

        fn generate_key_ownership_proof(
            set_id: sp_consensus_grandpa::SetId,
            authority_id: GrandpaId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            elections::ownership_of(set_id, &authority_id)
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
        fn query_info(uxt: <Block as BlockT>::Extrinsic, len: u32) -> RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_info(uxt, len)
        }

        fn query_fee_details(uxt: <Block as BlockT>::Extrinsic, len: u32) -> FeeDetails<Balance> {
            TransactionPayment::query_fee_details(uxt, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall> for Runtime {
        fn query_call_info(call: RuntimeCall, len: u32) -> RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_call_info(call, len)
        }

        fn query_call_fee_details(call: RuntimeCall, len: u32) -> FeeDetails<Balance> {
            TransactionPayment::query_call_fee_details(call, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
            build_state::<RuntimeGenesisConfig>(config)
        }

        fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, genesis::preset_json)
        }

        fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
            genesis::preset_names()
        }
    }

    impl api_traits::SubnetInfoRuntimeApi<Block> for Runtime {
        fn get_subnet_info(netuid: NetUid) -> Option<SubnetInfo<AccountId>> {
            views::subnet::subnet_info::<Runtime>(netuid)
        }

        fn get_subnets_info() -> Vec<Option<SubnetInfo<AccountId>>> {
            views::subnet::subnets_info::<Runtime>()
        }

        fn get_subnet_info_v2(netuid: NetUid) -> Option<SubnetInfov2<AccountId>> {
            views::subnet::subnet_info_v2::<Runtime>(netuid)
        }

        fn get_subnets_info_v2() -> Vec<Option<SubnetInfov2<AccountId>>> {
            views::subnet::subnets_info_v2::<Runtime>()
        }

        fn get_subnet_hyperparams(netuid: NetUid) -> Option<SubnetHyperparams> {
            views::hyperparams::hyperparams::<Runtime>(netuid)
        }

        fn get_subnet_hyperparams_v2(netuid: NetUid) -> Option<SubnetHyperparamsV2> {
            views::hyperparams::hyperparams_v2::<Runtime>(netuid)
        }

        fn get_subnet_hyperparams_v3(netuid: NetUid) -> Option<Vec<HyperparamEntry>> {
            views::hyperparams::hyperparams_v3::<Runtime>(netuid)
        }

        fn get_all_dynamic_info() -> Vec<Option<DynamicInfo<AccountId>>> {
            views::subnet::all_dynamic_info::<Runtime>()
        }

        fn get_dynamic_info(netuid: NetUid) -> Option<DynamicInfo<AccountId>> {
            views::subnet::dynamic_info::<Runtime>(netuid)
        }

        fn get_metagraph(netuid: NetUid) -> Option<Metagraph<AccountId>> {
            views::metagraph::metagraph::<Runtime>(netuid, MAIN_MECHANISM)
        }

        fn get_all_metagraphs() -> Vec<Option<Metagraph<AccountId>>> {
            views::metagraph::all_metagraphs::<Runtime>()
        }

        fn get_mechagraph(netuid: NetUid, mecid: MechId) -> Option<Metagraph<AccountId>> {
            views::metagraph::metagraph::<Runtime>(netuid, mecid)
        }

        fn get_all_mechagraphs() -> Vec<Option<Metagraph<AccountId>>> {
            views::metagraph::all_mechagraphs::<Runtime>()
        }

        fn get_selective_metagraph(
            netuid: NetUid,
            metagraph_indexes: Vec<u16>,
        ) -> Option<SelectiveMetagraph<AccountId>> {
            views::metagraph::selective_metagraph::<Runtime>(netuid, MAIN_MECHANISM, metagraph_indexes)
        }

        fn get_selective_mechagraph(
            netuid: NetUid,
            subid: MechId,
            metagraph_indexes: Vec<u16>,
        ) -> Option<SelectiveMetagraph<AccountId>> {
            views::metagraph::selective_metagraph::<Runtime>(netuid, subid, metagraph_indexes)
        }

        fn get_subnet_state(netuid: NetUid) -> Option<SubnetState<AccountId>> {
            views::subnet::subnet_state::<Runtime>(netuid)
        }

        fn get_next_epoch_start_block(netuid: NetUid) -> Option<u64> {
            views::subnet::next_epoch_start::<Runtime>(netuid)
        }

        fn get_subnet_to_prune() -> Option<NetUid> {
            views::subnet::to_prune::<Runtime>()
        }
    }

    impl api_traits::NeuronInfoRuntimeApi<Block> for Runtime {
        fn get_neurons(netuid: NetUid) -> Vec<NeuronInfo<AccountId>> {
            views::neuron::neurons::<Runtime>(netuid)
        }

        fn get_neuron(netuid: NetUid, uid: Uid) -> Option<NeuronInfo<AccountId>> {
            views::neuron::neuron::<Runtime>(netuid, uid)
        }

        fn get_neurons_lite(netuid: NetUid) -> Vec<NeuronInfoLite<AccountId>> {
            views::neuron::neurons_lite::<Runtime>(netuid)
        }

        fn get_neuron_lite(netuid: NetUid, uid: Uid) -> Option<NeuronInfoLite<AccountId>> {
            views::neuron::neuron_lite::<Runtime>(netuid, uid)
        }
    }

    impl api_traits::StakeInfoRuntimeApi<Block> for Runtime {
        fn get_stake_info_for_coldkey(coldkey_account: AccountId) -> Vec<StakeInfo<AccountId>> {
            views::stake::holdings::<Runtime>(&coldkey_account)
        }

        fn get_stake_info_for_coldkeys(
            coldkey_accounts: Vec<AccountId>,
        ) -> Vec<(AccountId, Vec<StakeInfo<AccountId>>)> {
            views::stake::holdings_of_all::<Runtime>(coldkey_accounts)
        }

        fn get_stake_info_for_hotkey_coldkey_netuid(
            hotkey_account: AccountId,
            coldkey_account: AccountId,
            netuid: NetUid,
        ) -> Option<StakeInfo<AccountId>> {
            views::stake::holding::<Runtime>(&hotkey_account, &coldkey_account, netuid)
        }

        fn get_stake_availability_for_coldkeys(
            coldkey_accounts: Vec<AccountId>,
            netuids: Option<Vec<NetUid>>,
        ) -> api_traits::StakeAvailabilities {
            views::stake::stake_availabilities::<Runtime>(coldkey_accounts, netuids)
        }

        fn get_coldkey_lock(coldkey: AccountId, netuid: NetUid) -> Option<LockState> {
            views::stake::coldkey_lock::<Runtime>(&coldkey, netuid)
        }

        fn get_hotkey_conviction(hotkey: AccountId, netuid: NetUid) -> U64F64 {
            views::stake::hotkey_conviction::<Runtime>(&hotkey, netuid)
        }

        fn get_most_convicted_hotkey_on_subnet(netuid: NetUid) -> Option<AccountId> {
            views::stake::most_convicted_hotkey::<Runtime>(netuid)
        }
    }

    impl api_traits::DelegateInfoRuntimeApi<Block> for Runtime {
        fn get_delegates() -> Vec<DelegateInfo<AccountId>> {
            views::delegate::delegates::<Runtime>()
        }

        fn get_delegate(delegate_account: AccountId) -> Option<DelegateInfo<AccountId>> {
            views::delegate::delegate::<Runtime>(&delegate_account)
        }

        fn get_delegated(delegatee_account: AccountId) -> Vec<Delegation<AccountId>> {
            views::delegate::delegated::<Runtime>(&delegatee_account)
        }
    }

    impl api_traits::SubnetRegistrationRuntimeApi<Block> for Runtime {
        fn get_network_registration_cost() -> TaoBalance {
            views::subnet::registration_cost::<Runtime>()
        }
    }

    impl api_traits::ModelRuntimeApi<Block> for Runtime {
        fn get_model(model: [u8; 32]) -> Option<ModelView<AccountId>> {
            Register::<Runtime>::view(&model)
        }

        fn get_model_lineage(model: [u8; 32], generations: u32) -> Option<ModelLineage<AccountId>> {
            Register::<Runtime>::lineage(model, generations)
        }
    }

    impl api_traits::AuditRuntimeApi<Block> for Runtime {
        fn first_violation() -> Option<(Vec<u8>, Vec<u8>)> {
            let violation = audit::first_violation().err()?;
            Some((violation.rule.into(), violation.found.into_bytes()))
        }

        fn tao_equation() -> TaoEquation {
            views::equation::tao_equation::<Runtime>()
        }
    }

    impl api_traits::SwapRuntimeApi<Block> for Runtime {
        fn current_alpha_price(netuid: NetUid) -> u64 {
            views::swap::price::<Runtime>(netuid)
        }

        fn current_alpha_price_all() -> Vec<SubnetPrice> {
            views::swap::prices::<Runtime>()
        }

        fn sim_swap_tao_for_alpha(netuid: NetUid, tao: TaoBalance) -> SimSwapResult {
            views::swap::sim_buy::<Runtime>(netuid, tao)
        }

        fn sim_swap_alpha_for_tao(netuid: NetUid, alpha: AlphaBalance) -> SimSwapResult {
            views::swap::sim_sell::<Runtime>(netuid, alpha)
        }
    }

    impl api_traits::WaitRuntimeApi<Block> for Runtime {
        fn allowed_at(signer: AccountId, call: RuntimeCall) -> Option<u64> {
            waits::allowed_at(&signer, &call)
        }
    }

    impl api_traits::BeaconRuntimeApi<Block> for Runtime {
        fn next_turn(slot: u64) -> Option<(AuraId, [u8; 32])> {
            Beacon::next_turn(slot)
        }

        fn needs_next_contribution() -> bool {
            Beacon::needs_next_contribution()
        }
    }

    impl api_traits::OffenceRuntimeApi<Block> for Runtime {
        fn submit_report_blocks(first: RootedHeader<Header>, second: RootedHeader<Header>) -> Option<()> {
            elections::submit(Report::report_blocks { first: Box::new(first), second: Box::new(second) })
        }
    }

    impl api_traits::ProxyFilterRuntimeApi<Block> for Runtime {
        fn get_proxy_filter(proxy_type: Option<u8>) -> Vec<ProxyFilterInfo> {
            proxy::filters(proxy_type)
        }

        fn get_proxy_types() -> Vec<ProxyTypeInfo> {
            proxy::types()
        }
    }

    impl api_traits::BetaBasketRuntimeApi<Block> for Runtime {
        fn get_root_basket_positions(_coldkey: AccountId) -> Vec<(AccountId, u64, u64)> {
            Vec::new()
        }

        fn get_root_basket_portfolio(_coldkey: AccountId) -> Vec<BasketPosition<AccountId>> {
            Vec::new()
        }

        fn get_root_basket_owed(_coldkey: AccountId) -> u64 {
            0
        }

        fn get_basket_payout(_hotkey: AccountId, _coldkey: AccountId) -> u64 {
            0
        }

        fn get_basket_position(_hotkey: AccountId, _coldkey: AccountId) -> Option<BasketPosition<AccountId>> {
            None
        }

        fn get_validator_basket(_hotkey: AccountId) -> Vec<(NetUid, u64, u64)> {
            Vec::new()
        }

        fn get_validator_basket_nav(_hotkey: AccountId) -> u64 {
            0
        }

        fn get_validator_basket_summary(hotkey: AccountId) -> BasketSummary<AccountId> {
            BasketSummary::none(hotkey)
        }

        fn get_all_validator_baskets() -> Vec<BasketSummary<AccountId>> {
            Vec::new()
        }

        fn get_root_basket_total_nav() -> u64 {
            0
        }

        fn get_basket_trading_status(_hotkey: AccountId) -> BasketTradingStatus {
            BasketTradingStatus::default()
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(
            extra: bool,
        ) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
            crate::benchmarks::list(extra)
        }

        fn dispatch_benchmark(
            config: frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
            crate::benchmarks::run(config)
        }
    }
}
