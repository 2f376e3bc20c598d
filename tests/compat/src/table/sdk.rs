//! The chain, read and used by programs on official packages.

use super::Verdict::{Absent, Differs, Fails, Works};
use super::{row, Part, Row};

pub(super) const ROWS: &[Row] = &[
    row(Part::PolkadotApi, "connecting; name, token, decimals and address format of the chain", Works),
    row(
        Part::PolkadotApi,
        "every storage item, with entries of every map, and every constant is decoded",
        Works,
    ),
    row(
        Part::PolkadotApi,
        "a transfer: fee predicted, signed, sent, followed into its block; events; the block's extrinsics",
        Works,
    ),
    row(
        Part::PolkadotApi,
        "subnets, registration and stake by their calls; runtime APIs (`getMetagraph`, `currentAlphaPrice`)",
        Works,
    ),
    row(Part::PolkadotApi, "batches, proxies and root's calls, with calls as arguments", Works),
    row(
        Part::PolkadotApi,
        "a hardware wallet's signature over the hash of the metadata; one over a wrong hash is refused",
        Works,
    ),
    row(Part::PolkadotApi, "the chain's errors under their names, with their texts, and the pool's", Works),
    row(
        Part::PolkadotApi,
        "subscriptions: heads, final heads, storage; a transaction followed to its finality",
        Works,
    ),
    row(
        Part::Reads10,
        "the client: `add_args`, `close`, `config`, `help`, `setup_config`",
        Works,
    ),
    row(
        Part::Reads10,
        "accounts: `get_balance`, `get_balances`, `get_existential_deposit`, `get_extrinsic_fee`, \
         `get_transfer_fee`",
        Works,
    ),
    row(
        Part::Reads10,
        "chain: `block`, `determine_block_hash`, `get_admin_freeze_window`, `get_block_hash`, \
         `get_block_info`, `get_current_block`, `get_max_activity_cutoff_factor_milli`, `get_max_tempo`, \
         `get_min_activity_cutoff_factor_milli`, `get_min_tempo`, `get_owner_hyperparam_rate_limit`, \
         `get_start_call_delay`, `get_timestamp`, `is_fast_blocks`, `is_in_admin_freeze_window`, \
         `tx_rate_limit`, `wait_for_block`",
        Works,
    ),
    row(
        Part::Reads10,
        "by name: `compose_call`, `query_constant`, `query_map`, `query_map_subtensor`, `query_module`, \
         `query_runtime_api`, `query_subtensor`, `state_call`, `validate_extrinsic_params`",
        Works,
    ),
    row(
        Part::Reads10,
        "delegation: `does_hotkey_exist`, `get_children`, `get_children_pending`, \
         `get_delegate_by_hotkey`, `get_delegate_identities`, `get_delegate_take`, `get_delegated`, \
         `get_delegates`, `get_parents`, `is_hotkey_delegate`, `query_identity`",
        Works,
    ),
    row(
        Part::Reads10,
        "epochs: `blocks_since_last_step`, `blocks_since_last_update`, `blocks_until_next_epoch`, \
         `get_epoch_schedule_state`, `get_last_epoch_block`, `get_next_epoch_start_block`, \
         `get_pending_epoch_at`, `get_subnet_epoch_index`, `tempo`",
        Works,
    ),
    row(
        Part::Reads10,
        "parameters: `commit_reveal_enabled`, `difficulty`, `get_activity_cutoff_factor_milli`, \
         `get_hyperparameter`, `get_subnet_hyperparameters`, `get_subnet_reveal_period_epochs`, \
         `immunity_period`, `max_weight_limit`, `min_allowed_weights`, `weights_rate_limit`",
        Works,
    ),
    row(
        Part::Reads10,
        "what hotkeys publish: `get_all_commitments`, `get_commitment`, `get_commitment_metadata`, \
         `get_last_bonds_reset`, `get_last_commitment_bonds_reset_block`",
        Works,
    ),
    row(
        Part::Reads10,
        "locks: `get_coldkey_lock`, `get_hotkey_conviction`, `get_most_convicted_hotkey_on_subnet`, \
         `get_stake_lock`, `get_stake_locks`, `is_perpetual_lock`",
        Works,
    ),
    row(
        Part::Reads10,
        "neurons: `filter_netuids_by_registered_hotkeys`, `get_all_metagraphs_info`, \
         `get_all_neuron_certificates`, `get_hotkey_owner`, `get_metagraph_info`, \
         `get_netuids_for_hotkey`, `get_neuron_certificate`, `get_neuron_for_pubkey_and_subnet`, \
         `get_owned_hotkeys`, `get_subnet_validator_permits`, `get_uid_for_hotkey_on_subnet`, \
         `is_hotkey_registered`, `is_hotkey_registered_any`, `is_hotkey_registered_on_subnet`, \
         `metagraph`, `neuron_for_uid`, `neurons`, `neurons_lite`, `subnetwork_n`",
        Works,
    ),
    row(
        Part::Reads10,
        "prices: `get_stake_add_fee`, `get_stake_movement_fee`, `get_subnet_burn_cost`, \
         `get_subnet_price`, `get_subnet_prices`, `get_unstake_fee`, `recycle`, `sim_swap`",
        Works,
    ),
    row(
        Part::Reads10,
        "root's dividends: `get_root_alpha_dividends_per_subnet`, `get_root_claim_type`, \
         `get_root_claimable_all_rates`, `get_root_claimable_rate`, `get_root_claimable_stake`, \
         `get_root_claimed`",
        Works,
    ),
    row(
        Part::Reads10,
        "stake: `get_auto_stakes`, `get_hotkey_stake`, `get_minimum_required_stake`, `get_stake`, \
         `get_stake_availability_for_coldkeys`, `get_stake_for_coldkey_and_hotkey`, \
         `get_stake_for_hotkey`, `get_stake_info_for_coldkey`, `get_stake_info_for_coldkeys`, \
         `get_stake_weight`, `get_staking_hotkeys`",
        Works,
    ),
    row(
        Part::Reads10,
        "subnets: `all_subnets`, `get_all_subnets_info`, `get_all_subnets_netuid`, \
         `get_mechanism_count`, `get_mechanism_emission_split`, `get_subnet_info`, \
         `get_subnet_owner_hotkey`, `get_total_subnets`, `is_subnet_active`, `subnet`, `subnet_exists`",
        Works,
    ),
    row(Part::Reads10, "weights: `bonds`, `weights`", Works),
    row(
        Part::Reads10,
        "proxies: `get_proxies`, `get_proxies_for_real_account`, `get_proxy_announcement`, \
         `get_proxy_announcements`, `get_proxy_constants`, `get_proxy_filter`, `get_proxy_types`",
        Works,
    ),
    row(
        Part::Reads10,
        "any of them at an earlier block, in the groups of SubtensorApi, and awaited through AsyncSubtensor \
         (sim_swap there at the head alone)",
        Works,
    ),
    row(
        Part::Reads10,
        "`get_all_ema_tao_inflow`",
        Differs("always empty: no rule reads flows (decision 0028)"),
    ),
    row(
        Part::Reads10,
        "`get_ema_tao_inflow`",
        Differs(
            "no rule reads flows (decision 0028), so there is none: AsyncSubtensor says so, Subtensor fails \
             on it",
        ),
    ),
    row(
        Part::Reads10,
        "`get_mev_shield_current_key`, `get_mev_shield_next_key`",
        Differs("none: there is no shield yet"),
    ),
    row(
        Part::Reads10,
        "`get_all_revealed_commitments`, `get_revealed_commitment`, `get_revealed_commitment_by_hotkey`, \
         `get_timelocked_weight_commits`, `last_drand_round`",
        Differs("always empty, or round 0: nothing is locked by time yet"),
    ),
    row(
        Part::Reads10,
        "`get_coldkey_swap_constants`",
        Differs("only `KeySwapCost`; swaps of coldkeys come later"),
    ),
    row(
        Part::Reads10,
        "`get_crowdloan_constants`",
        Differs("none of them is known; crowdloans come later"),
    ),
    row(
        Part::Reads10,
        "`get_liquidity_list`",
        Differs("the package answers an empty list without asking the chain"),
    ),
    row(
        Part::Reads10,
        "`get_max_epochs_per_block`",
        Absent("the package asks for a constant; here and on newer official chains root may change it"),
    ),
    row(
        Part::Reads10,
        "`get_coldkey_swap_announcement`, `get_coldkey_swap_announcements`, `get_coldkey_swap_dispute`, \
         `get_coldkey_swap_disputes`",
        Differs("there are none: swaps of coldkeys come later"),
    ),
    row(
        Part::Reads10,
        "`get_coldkey_swap_announcement_delay`, `get_coldkey_swap_reannouncement_delay`",
        Absent("swaps of coldkeys come later"),
    ),
    row(
        Part::Reads10,
        "`get_crowdloan_by_id`, `get_crowdloan_contributions`, `get_crowdloan_next_id`, `get_crowdloans`",
        Differs("there are none: crowdloans come later"),
    ),
    row(Part::Reads10, "`get_vote_data`", Absent("there is no triumvirate, as on newer official chains")),
    row(
        Part::Transactions10,
        "subnets: `register_subnet`, `set_activity_cutoff_factor`, `set_subnet_identity`, `set_tempo`, \
         `start_call`, `trigger_epoch`",
        Works,
    ),
    row(
        Part::Transactions10,
        "`root_set_activity_cutoff_factor`",
        Differs(
            "its call is the owner's, so root is refused within (`BadOrigin`), which the package does not see; \
             root has `AdminUtils.sudo_set_activity_cutoff_factor`",
        ),
    ),
    row(
        Part::Transactions10,
        "neurons: `burned_register`, `register`, `register_limit`, `root_register`, `serve_axon` (also \
         with a certificate), `set_commitment`",
        Works,
    ),
    row(
        Part::Transactions10,
        "stake: `add_stake`, `add_stake_burn`, `add_stake_multiple`, `move_stake`, `set_auto_stake`, \
         `swap_stake`, `transfer_stake`, `unstake`, `unstake_all`, `unstake_multiple`; with limits, in \
         part and in full",
        Works,
    ),
    row(
        Part::Transactions10,
        "a swap with a limit (safe_swapping)",
        Differs(
            "the package sends the ratio of the prices in TAO where the chain, as officially, reads rao: no \
             limit is left",
        ),
    ),
    row(
        Part::Transactions10,
        "takes and children: `root_set_pending_childkey_cooldown`, `set_children`, `set_delegate_take`",
        Works,
    ),
    row(Part::Transactions10, "locks: `lock_stake`, `move_lock`, `set_perpetual_lock`", Works),
    row(
        Part::Transactions10,
        "proxies: `add_proxy`, `announce_proxy`, `create_pure_proxy`, `kill_pure_proxy`, `poke_deposit`, \
         `proxy`, `proxy_announced`, `reject_proxy_announcement`, `remove_proxies`, `remove_proxy`, \
         `remove_proxy_announcement`",
        Works,
    ),
    row(
        Part::Transactions10,
        "money: `transfer`, also of everything, awaited, final, and by a group of SubtensorApi; any other \
         call: `sign_and_send_extrinsic`",
        Works,
    ),
    row(Part::Transactions10, "root's dividends: `claim_root`, `set_root_claim_type`", Works),
    row(
        Part::Transactions10,
        "weights, in the clear once the owner switched commit-reveal off: `set_weights`; behind a hash: \
         `commit_weights`, `reveal_weights`",
        Works,
    ),
    row(
        Part::Transactions10,
        "weights that are set while commit-reveal is on, as it is on a new subnet",
        Absent(
            "the package wants to lock them by time, says that there is no \
             `commit_timelocked_mechanism_weights` in the metadata, and sends nothing; locks by time come later",
        ),
    ),
    row(
        Part::Transactions10,
        "any of them behind the shield against early looks",
        Absent("the package finds no key of a shield and sends nothing; shields come later"),
    ),
    row(Part::Transactions10, "`mev_submit_encrypted`", Absent("there is no shield yet")),
    row(
        Part::Transactions10,
        "`set_reveal_commitment`",
        Absent("nothing is locked by time yet: refused as a bad request (255) before it enters a block"),
    ),
    row(
        Part::Transactions10,
        "`add_liquidity`, `modify_liquidity`, `remove_liquidity`, `toggle_user_liquidity`",
        Absent("the package refuses them itself: no user has liquidity of a pool any more, also officially"),
    ),
    row(
        Part::Transactions10,
        "`announce_coldkey_swap`, `clear_coldkey_swap_announcement`, `dispute_coldkey_swap`, \
         `swap_coldkey_announced`",
        Absent("swaps of coldkeys come later"),
    ),
    row(
        Part::Transactions10,
        "`contribute_crowdloan`, `create_crowdloan`, `dissolve_crowdloan`, `finalize_crowdloan`, \
         `refund_crowdloan`, `update_cap_crowdloan`, `update_end_crowdloan`, \
         `update_min_contribution_crowdloan`, `withdraw_crowdloan`",
        Absent("crowdloans come later"),
    ),
    row(
        Part::Reads11,
        "accounts: `balance`, `balances`, `existential_deposit`, `multisig`, `proxies`",
        Works,
    ),
    row(
        Part::Reads11,
        "chain: `block_info`, `block_time`, `is_fast_blocks`, `timestamp`, `tx_rate_limit`",
        Works,
    ),
    row(
        Part::Reads11,
        "delegation: `childkey_threshold_suspended`, `children`, `delegate`, `delegate_take`, `delegated`, \
         `delegates`, `is_delegate`, `parents`, `pending_children`",
        Works,
    ),
    row(
        Part::Reads11,
        "epochs: `blocks_since_last_step`, `blocks_since_last_update`, `blocks_until_next_epoch`, \
         `epoch_status`, `next_epoch_start_block`",
        Works,
    ),
    row(
        Part::Reads11,
        "parameters: `commit_reveal_enabled`, `difficulty`, `immunity_period`, `max_weight_limit`, \
         `min_allowed_weights`, `reveal_period`, `subnet_emission_enabled`, `subnet_hyperparameters`, \
         `weights_rate_limit`",
        Works,
    ),
    row(
        Part::Reads11,
        "what people say of themselves: `commitment`, `commitments`, `hotkey_identities`, `identity`, \
         `subnet_identity`, `subnet_names`, `token_symbols`",
        Works,
    ),
    row(
        Part::Reads11,
        "locks: `accepts_locked_alpha`, `coldkey_lock`, `hotkey_conviction`, `locks_for_coldkey`, \
         `locks_for_hotkey`, `most_convicted_hotkey`",
        Works,
    ),
    row(
        Part::Reads11,
        "neurons: `hotkey_owner`, `netuids_for_hotkey`, `neurons`, `owned_hotkeys`, `uid`",
        Works,
    ),
    row(Part::Reads11, "prices: `alpha_price`, `alpha_prices`, `quote_stake`, `quote_unstake`", Works),
    row(
        Part::Reads11,
        "stake: `auto_stake`, `auto_stake_all`, `root_claim_threshold`, `stake`, `stake_availability`, \
         `stake_availability_for_coldkey`, `stake_for_coldkey`, `stake_for_coldkeys`, \
         `stake_value_for_coldkey`, `stake_value_for_coldkeys`, `staking_hotkeys`, `total_alpha_staked`",
        Works,
    ),
    row(
        Part::Reads11,
        "subnets: `burn`, `mechanism_count`, `mechanism_emission_split`, `metagraph`, `subnet`, \
         `subnet_registration_cost`, `subnet_start_schedule`, `subnets`",
        Works,
    ),
    row(Part::Reads11, "weights: `bonds`, `weights`", Works),
    row(
        Part::Reads11,
        "any of them at an earlier block; the metagraph as an object; waiting for blocks and epochs",
        Works,
    ),
    row(Part::Reads11, "`subnet_tao_flows`", Differs("always empty: no rule reads flows (decision 0028)")),
    row(Part::Reads11, "`mev_shield_next_key`", Differs("none: there is no shield yet")),
    row(
        Part::Reads11,
        "`revealed_commitment`, `timelocked_weight_commits`",
        Differs("always empty: nothing is locked by time yet"),
    ),
    row(
        Part::Reads11,
        "`basket_position`, `basket_trading_status`, `root_basket_owed`, `root_basket_owed_breakdown`, \
         `root_basket_portfolio`, `root_basket_total_nav`, `root_baskets`, `validator_basket`, \
         `validator_basket_nav`, `validator_basket_summary`",
        Differs("always empty: there are no baskets; root's dividends are claimed without"),
    ),
    row(
        Part::Reads11,
        "`collateral_policy`",
        Differs("always 0: who asks for collateral here asks before the registration (decision 0020)"),
    ),
    row(
        Part::Reads11,
        "`miner_collateral`, `subnet_collateral`",
        Differs("always empty: collateral is another thing here, in a pallet of its own (decision 0020)"),
    ),
    row(
        Part::Reads11,
        "`subnet_convictions`",
        Differs(
            "locks and convictions are those of the chain; what is missing to a change of hands is reckoned by a \
             newer rule (18 % by one hotkey), while here all convictions together need 10 % of the alpha",
        ),
    ),
    row(
        Part::Reads11,
        "`crowdloan`, `crowdloan_contributors`, `crowdloans`, `lease`, `leases`",
        Differs("there are none: crowdloans and leases come later"),
    ),
    row(
        Part::Reads11,
        "`coldkey_swap_announcement`",
        Differs("there are none: swaps of coldkeys come later"),
    ),
    row(Part::Reads11, "`associated_evm_key`", Differs("there are none: there is no EVM")),
    row(
        Part::Intents11,
        "subnets: `register_subnet`, `set_hyperparameter`, `set_mechanism_count`, `set_subnet_identity`, \
         `start_call`, `trim_subnet`, `update_symbol`",
        Works,
    ),
    row(
        Part::Intents11,
        "stake: `add_stake`, `add_stake_limit`, `move_stake`, `move_swap_stake`, `remove_stake`, \
         `remove_stake_limit`, `set_auto_stake`, `stake_burn`, `swap_stake`, `transfer_stake`, \
         `unstake_all`, `unstake_all_alpha`",
        Works,
    ),
    row(
        Part::Intents11,
        "neurons: `reset_axon`, `root_register`, `serve_axon`, `serve_axon_tls`, `serve_prometheus`",
        Works,
    ),
    row(
        Part::Intents11,
        "takes and children: `decrease_take`, `increase_take`, `set_childkey_take`, `set_children`, \
         `set_take`",
        Works,
    ),
    row(Part::Intents11, "money: `batch`, `transfer`, `transfer_all`", Works),
    row(Part::Intents11, "keys: `associate_hotkey`, `set_identity`, `swap_hotkey`", Works),
    row(
        Part::Intents11,
        "locks: `lock_stake`, `move_lock`, `set_perpetual_lock`, `set_reject_locked_alpha`",
        Works,
    ),
    row(
        Part::Intents11,
        "proxies: `add_proxy`, `create_pure_proxy`, `execute_proxy_announced`, `kill_pure_proxy`, \
         `remove_proxies`, `remove_proxy`, and intents sent as one",
        Works,
    ),
    row(
        Part::Intents11,
        "shared accounts: `multisig_approve`, `multisig_cancel`, `multisig_execute`, \
         `multisig_threshold_1`",
        Works,
    ),
    row(Part::Intents11, "root: `set_root_claim_threshold`, `set_subnet_emission_enabled`", Works),
    row(Part::Intents11, "weights, in the clear and behind a hash: `set_weights`, `reveal_weights`", Works),
    row(Part::Intents11, "root's dividends: `claim_root`, `claim_root_with_hotkey`", Works),
    row(
        Part::Intents11,
        "waiting for finality, a policy that refuses, the chain's refusals under their names, a signature \
         made elsewhere",
        Works,
    ),
    row(
        Part::Intents11,
        "`burned_register`",
        Fails("it asks for a shield; until there is one its call is sent without the intent"),
    ),
    row(
        Part::Intents11,
        "`fund_evm_key`",
        Differs("the TAO arrives on an account that only an EVM could open, and there is none"),
    ),
    row(
        Part::Intents11,
        "`commit_weights`",
        Absent("weights that are locked by time come later; those behind a hash are there"),
    ),
    row(
        Part::Intents11,
        "`stake_into_basket`, `swap_basket`, `swap_basket_many`",
        Absent("there are no baskets"),
    ),
    row(
        Part::Intents11,
        "`add_collateral`, `set_min_collateral`",
        Absent("collateral is another thing here, in a pallet of its own (decision 0020)"),
    ),
    row(
        Part::Intents11,
        "`contribute_crowdloan`, `create_crowdloan`, `dissolve_crowdloan`, `finalize_crowdloan`, \
         `refund_crowdloan`, `set_crowdloan_max_contribution`, `update_crowdloan_cap`, \
         `update_crowdloan_end`, `update_crowdloan_min_contribution`, `withdraw_crowdloan`, \
         `register_leased_network`, `terminate_lease`",
        Absent("crowdloans and leases come later"),
    ),
    row(
        Part::Intents11,
        "`announce_coldkey_swap`, `clear_coldkey_swap_announcement`, `dispute_coldkey_swap`, \
         `swap_coldkey_announced`",
        Absent("swaps of coldkeys come later"),
    ),
    row(Part::Intents11, "`associate_evm_key`, `evm_withdraw`", Absent("there is no EVM")),
    row(Part::Intents11, "`pow_register`", Absent("neurons register for a price alone")),
    row(
        Part::Intents11,
        "`trim_null_subnet_batch`",
        Absent("there is no consensus named `Null` (decision 0025)"),
    ),
    row(
        Part::Hyperparameters11,
        "`activity_cutoff_factor`, `adjustment_alpha`, `alpha_high`, `alpha_low`, \
         `alpha_sigmoid_steepness`, `bonds_moving_avg`, `bonds_penalty`, `bonds_reset_enabled`, \
         `burn_half_life`, `burn_increase_mult`, `commit_reveal_period`, `commit_reveal_weights_enabled`, \
         `immunity_period`, `liquid_alpha_enabled`, `max_allowed_uids`, `max_burn`, `max_difficulty`, \
         `min_allowed_weights`, `min_burn`, `min_childkey_take`, `network_pow_registration_allowed`, \
         `owner_cut_auto_lock_enabled`, `owner_cut_enabled`, `owner_immune_neuron_limit`, `rho`, \
         `serving_rate_limit`, `transfers_enabled`, `weights_version`, `yuma3_enabled`",
        Works,
    ),
    row(
        Part::Hyperparameters11,
        "`registration_allowed`, `tempo`",
        Differs("these calls are root's; owners choose the tempo with `SubtensorModule.set_tempo`"),
    ),
    row(Part::Hyperparameters11, "`epoch_consensus`", Absent("there is one consensus here (decision 0025)")),
    row(
        Part::Hyperparameters11,
        "`collateral_drain_ratio`, `collateral_lock_share`",
        Absent("collateral is another thing here (decision 0020)"),
    ),
];
