//! Compatibility of official packages with ours. Every row is shown by a test of this crate.

use std::fmt::Write as _;

use Verdict::{Absent, Differs, Works};

/// A part of the table; one test shows all its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words, derivation, signatures.
    Keys,
    /// Key files in their folders, plain and encrypted.
    Wallets,
    /// Key files as older official wallets encrypted them.
    OlderFiles,
    /// Accounts of browser wallets.
    Exports,
    /// Our axon, asked by official dendrites and compared with the official axon.
    Axon,
    /// Our dendrite, asking official axons.
    Dendrite,
    /// The chain, for programs and browser wallets on polkadot.js.
    PolkadotApi,
    /// A miner on the official SDK.
    Miner,
    /// A miner and a validator on the official SDK, of the template's subnet.
    Template,
    /// Signed requests of the newer SDK.
    BtAuth,
    /// Reads of the older SDK from the chain. A row names its methods in backticks.
    Reads10,
    /// Transactions of the older SDK. A row names its methods in backticks.
    Transactions10,
    /// Reads of the newer SDK from the chain. A row names its reads in backticks.
    Reads11,
    /// Transactions of the newer SDK. A row names its intents in backticks.
    Intents11,
    /// Parameters that owners set with the newer SDK. A row names its parameters in backticks.
    Hyperparameters11,
    /// The older command line. A row names its commands in backticks.
    Btcli9,
    /// The newer command line. A row names its commands in backticks; `NAME` stands for any.
    Btcli11,
}

/// Result of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Works as officially.
    Works,
    /// Works in another way; the text names the way and its reason.
    Differs(&'static str),
    /// Is absent; the text gives the reason.
    Absent(&'static str),
}

/// One function of official packages.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The part that it belongs to.
    pub part: Part,
    /// The function.
    pub what: &'static str,
    /// The result.
    pub verdict: Verdict,
}

impl Part {
    /// All parts, in the order of the page.
    pub const ALL: [Part; 17] = [
        Part::Keys,
        Part::Wallets,
        Part::OlderFiles,
        Part::Exports,
        Part::Axon,
        Part::Dendrite,
        Part::Miner,
        Part::Template,
        Part::BtAuth,
        Part::PolkadotApi,
        Part::Reads10,
        Part::Transactions10,
        Part::Reads11,
        Part::Intents11,
        Part::Hyperparameters11,
        Part::Btcli9,
        Part::Btcli11,
    ];

    fn title(self) -> &'static str {
        match self {
            Part::Keys => "Keys: `Keypair` of bittensor-wallet 4.1.0, keyring of polkadot.js 14.0.3",
            Part::Wallets => {
                "Wallets: `Wallet` and `Keyfile` of bittensor-wallet 4.1.0, keys of bittensor 11.3.0"
            }
            Part::OlderFiles => "Older key files",
            Part::Exports => "Account exports of polkadot.js 14.0.3",
            Part::Axon => "Our axon, with `Dendrite` of bittensor 10.5.0 and compared with its `Axon`",
            Part::Dendrite => "Our dendrite, with `Axon` of bittensor 10.5.0",
            Part::PolkadotApi => "`@polkadot/api` 16.5.6, on a development chain",
            Part::Miner => "Neurons on bittensor 10.5.0 beside ours",
            Part::Template => "The template for new subnets on bittensor 10.5.0",
            Part::BtAuth => "Signed requests: `http_auth` of bittensor 11.3.0",
            Part::Reads10 => "Reads of `Subtensor` of bittensor 10.5.0, on a development chain",
            Part::Transactions10 => "Transactions of `Subtensor` of bittensor 10.5.0, on a development chain",
            Part::Reads11 => "Reads of bittensor 11.3.0, on a development chain",
            Part::Intents11 => "Intents of bittensor 11.3.0, planned and executed on a development chain",
            Part::Hyperparameters11 => "What `set_hyperparameter` of bittensor 11.3.0 lets owners set",
            Part::Btcli9 => "Commands of `btcli` 9.23.2, on a development chain",
            Part::Btcli11 => "Commands of the `btcli` of bittensor 11.3.0, on a development chain",
        }
    }
}

impl Row {
    /// Names in backticks.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.what.split('`').skip(1).step_by(2)
    }
}

const fn row(part: Part, what: &'static str, verdict: Verdict) -> Row {
    Row { part, what, verdict }
}

const CAPTURED: &str =
    "no signature covers the header, so an attacker who captured a request could make it fresh again with it";

/// The table.
pub const ROWS: &[Row] = &[
    row(Part::Keys, "mnemonics of 12, 15, 18, 21 and 24 words, made here or there", Works),
    row(
        Part::Keys,
        "derivation paths: hard, soft, numbers, long names, passwords, from words or seeds",
        Works,
    ),
    row(Part::Keys, "seeds and 64-byte private keys", Works),
    row(Part::Keys, "signatures, also over text that a browser wallet wraps in `<Bytes>`", Works),
    row(Part::Wallets, "an encrypted coldkey (NaCl) written there opens here, with its words", Works),
    row(Part::Wallets, "a plain hotkey and pub files written there open here", Works),
    row(Part::Wallets, "a seed that bittensor-wallet 4.1.0 writes as raw characters", Works),
    row(Part::Wallets, "an encrypted coldkey, a plain hotkey and pub files written here open there", Works),
    row(Part::Wallets, "the same files open in bittensor 11.3.0", Works),
    row(Part::Wallets, "a wrong password, a truncated, changed or mixed-up file is refused, and why", Works),
    row(Part::Wallets, "the variable `BT_PW_…` of a coldkey and its value", Works),
    row(
        Part::Wallets,
        "ed25519 keys",
        Differs("addresses are read; nothing here signs with such a key, and the error names the programs that do"),
    ),
    row(
        Part::OlderFiles,
        "Ansible vault written there opens here; wrong password, truncated, changed: refused",
        Works,
    ),
    row(
        Part::OlderFiles,
        "Fernet opens here; wrong password, truncated, changed: refused",
        Differs("bittensor-wallet 4.1.0 refuses its own oldest files; bittensor 11.3.0 opens them as we do"),
    ),
    row(
        Part::OlderFiles,
        "writing either",
        Absent("new files are NaCl, as officially; that a file is old is no reason to keep it so"),
    ),
    row(Part::Exports, "an export made there opens here and signs", Works),
    row(Part::Exports, "an export made here opens there and signs, also in bittensor-wallet 4.1.0", Works),
    row(Part::Exports, "a wrong password, a truncated or changed export is refused, and why", Works),
    row(Part::Exports, "exports without a password", Absent("a secret in clear text is refused")),
    row(Part::Exports, "exports of ed25519 accounts", Absent("nothing here signs with ed25519 keys")),
    row(Part::Axon, "a signed request is answered; the answer's fields and headers are read", Works),
    row(Part::Axon, "who answered whom: hotkey, address and uuid of both sides in the answer", Works),
    row(Part::Axon, "body hashes over texts, floats, big integers, lists and dictionaries", Works),
    row(Part::Axon, "the ping `/Synapse`", Works),
    row(Part::Axon, "`Dendrite.forward` to several axons, several dendrites at once", Works),
    row(Part::Axon, "a streamed answer, piece by piece; headers say the rest", Works),
    row(
        Part::Axon,
        "unknown synapse (404), blacklisted (403), other receiver (401), failing handler (500)",
        Works,
    ),
    row(Part::Axon, "headers of an answer", Works),
    row(Part::Axon, "the least request that is accepted, header names in any case, GET with a body", Works),
    row(Part::Axon, "a nonce less than a minute ahead of the clock passes", Works),
    row(
        Part::Axon,
        "a nonce more than a minute ahead of the clock",
        Differs("401; what is remembered of it could never be forgotten"),
    ),
    row(Part::Axon, "a dendrite with an ed25519 hotkey (401)", Works),
    row(
        Part::Axon,
        "missing nonce, missing signature, wrong signature, replayed, too old at first sight (401)",
        Works,
    ),
    row(
        Part::Axon,
        "headers that cannot be read",
        Differs("400, as the official axon means to; it fails on the way there and answers 500"),
    ),
    row(
        Part::Axon,
        "a body that is not what was signed (500)",
        Differs("the message says which hashes differ instead of a number in the axon's log"),
    ),
    row(
        Part::Axon,
        "a body that is no JSON",
        Differs("400 instead of 422: dendrites say 422 themselves, of answers that cannot be read"),
    ),
    row(
        Part::Axon,
        "a body without a field that the signature covers",
        Differs("400; the official axon fills in the class's defaults, which official dendrites always send"),
    ),
    row(Part::Axon, "an old request that asks for a long timeout", Differs(CAPTURED)),
    row(Part::Axon, "an old request of a client that says it is older than 7.2", Differs(CAPTURED)),
    row(
        Part::Axon,
        "a handler that takes longer than the sender waits",
        Differs("it ends with 408 when the sender's timeout is over, instead of running on"),
    ),
    row(
        Part::Axon,
        "a body of more than 1 MiB",
        Differs("413; `AxonLimits` raises it, the official axon has no limit"),
    ),
    row(
        Part::Axon,
        "signed headers of a refusal",
        Absent(
            "a signature per refused request would let strangers spend the miner's time; nobody checks it",
        ),
    ),
    row(Part::Dendrite, "a request is answered; body hashes as above", Works),
    row(Part::Dendrite, "fields that a class requires are named with the query (else 500)", Works),
    row(Part::Dendrite, "the ping `/Synapse`", Works),
    row(Part::Dendrite, "a streamed answer", Works),
    row(
        Part::Dendrite,
        "unknown synapse (404), blacklisted (403), other receiver (401), failing handler (500)",
        Works,
    ),
    row(Part::Dendrite, "too late (408) and nobody there (503), with the official words", Works),
    row(Part::Dendrite, "200 requests, 32 at a time, without a refusal", Works),
    row(
        Part::Miner,
        "`subnets/text/examples/miner.py` mines the text subnet beside a Rust miner, and is paid",
        Works,
    ),
    row(
        Part::Template,
        "`subnets/template/examples/miner.py` mines beside a Rust miner, and is paid by a Rust validator",
        Works,
    ),
    row(
        Part::Template,
        "`subnets/template/examples/validator.py` judges both, and sets weights",
        Works,
    ),
    row(Part::BtAuth, "a request signed there is answered by our axon", Works),
    row(Part::BtAuth, "replayed, stale, ahead of time, for another receiver, other body or path: 401", Works),
    row(
        Part::BtAuth,
        "a request signed here is verified there; replayed, other receiver, other body: refused",
        Works,
    ),
    row(
        Part::BtAuth,
        "a request of an ed25519 hotkey, verified under the scheme that it declares alone",
        Works,
    ),
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
        Differs("it asks for a shield; until there is one its call is sent without the intent"),
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
    row(
        Part::Btcli9,
        "wallets: `wallet balance`, `wallet create`, `wallet decrypt`, `wallet encrypt`, `wallet list`, \
         `wallet new-coldkey`, `wallet new-hotkey`, `wallet regen-hotkey`, `wallet regen-hotkeypub`, \
         `wallet sign`, `wallet verify`",
        Works,
    ),
    row(
        Part::Btcli9,
        "accounts: `wallet associate-hotkey`, `wallet get-identity`, `wallet overview`, \
         `wallet set-identity`, `wallet swap-hotkey`, `wallet transfer`",
        Works,
    ),
    row(
        Part::Btcli9,
        "stake: `stake child get`, `stake child revoke`, `stake child set`, \
         `stake child take`, `stake list`, `stake set-auto`",
        Works,
    ),
    row(
        Part::Btcli9,
        "root's dividends: `stake set-claim`, and `stake process-claim` as long as there are none",
        Works,
    ),
    row(Part::Btcli9, "locks: `lock add`, `lock list`, `lock mode`, `lock move`, `lock show`", Works),
    row(
        Part::Btcli9,
        "subnets: `subnets burn-cost`, `subnets check-start`, `subnets conviction`, \
         `subnets get-identity`, `subnets hyperparameters`, `subnets list`, `subnets price`, \
         `subnets register`, `subnets set-identity`, `subnets set-symbol`, `subnets show`, `subnets start`",
        Works,
    ),
    row(
        Part::Btcli9,
        "mechanisms, whose setters ask although they were told not to: `subnets mechanisms count`, `subnets mechanisms emissions`, \
         `subnets mechanisms set`, `subnets mechanisms split-emissions`",
        Works,
    ),
    row(
        Part::Btcli9,
        "owners: `sudo get`, `sudo get-take`, `sudo set`, `sudo set-take`, `sudo trigger-epoch`, `sudo trim`",
        Works,
    ),
    row(Part::Btcli9, "neurons: `weights reveal`", Works),
    row(
        Part::Btcli9,
        "proxies, of which the package asks the delay even where it is given: `proxy add`, \
         `proxy create`, `proxy execute`, `proxy kill`, `proxy remove`",
        Works,
    ),
    row(
        Part::Btcli9,
        "the user's machine: `config add-proxy`, `config clear`, `config clear-proxies`, `config get`, \
         `config proxies`, `config remove-proxy`, `config set`, `config update-proxy`, `utils convert`, \
         `utils latency`, `view dashboard`",
        Works,
    ),
    row(
        Part::Btcli9,
        "`stake add`, `stake move`, `stake remove`, `stake swap`, `stake transfer`, `stake wizard`, \
         `subnets create`, `sudo stake-burn`",
        Differs(
            "with `--no-mev-protection`: there is no shield yet, and without a key for it `stake add` fails \
             before anything is sent; the others are not tried without the option",
        ),
    ),
    row(
        Part::Btcli9,
        "`stake auto`",
        Differs("the package prints the first letter of the chosen hotkey's address instead of the address"),
    ),
    row(
        Part::Btcli9,
        "`axon reset`, `axon set`",
        Differs("without `--json-output`: the package refuses it together with `--no-prompt`"),
    ),
    row(
        Part::Btcli9,
        "`wallet regen-coldkey`, `wallet regen-coldkeypub`",
        Differs(
            "in JSON the package wants to name a hotkey and reports a failure where the wallet has none, \
             although the file is written; as text they work",
        ),
    ),
    row(
        Part::Btcli9,
        "`weights commit`",
        Differs(
            "the package asks every chain for a storage item that none has, \
             `get_commit_reveal_weights_enabled`",
        ),
    ),
    row(
        Part::Btcli9,
        "`wallet inspect`",
        Differs("hidden, and fails in the package for an account with stake; for others it works"),
    ),
    row(Part::Btcli9, "`wallet history`", Absent("switched off in the package itself")),
    row(
        Part::Btcli9,
        "`crowd list`",
        Differs("there are none: crowdloans come later"),
    ),
    row(
        Part::Btcli9,
        "`crowd contribute`, `crowd contributors`, `crowd create`, `crowd dissolve`, `crowd finalize`, \
         `crowd info`, `crowd refund`, `crowd update`, `crowd withdraw`",
        Absent("crowdloans come later"),
    ),
    row(Part::Btcli9, "`wallet swap-check`, `wallet swap-coldkey`", Absent("swaps of coldkeys come later")),
    row(
        Part::Btcli9,
        "`sudo proposals`, `sudo senate`, `sudo senate-vote`",
        Absent("there is no senate, as on the official chain of today"),
    ),
    row(
        Part::Btcli11,
        "`query NAME` for every read above and `tx NAME` for every intent above, as is said there",
        Works,
    ),
    row(
        Part::Btcli11,
        "any call and any error by its name: `call`, `explain`, `tools`",
        Works,
    ),
    row(
        Part::Btcli11,
        "wallets: `wallet create`, `wallet decrypt`, `wallet encrypt`, `wallet list`, `wallet new-coldkey`, \
         `wallet new-hotkey`, `wallet regen-coldkey`, `wallet regen-hotkey`, `wallet show`, `wallet sign`, \
         `wallet unlock`, `wallet verify`",
        Works,
    ),
    row(
        Part::Btcli11,
        "accounts: `wallet associate-hotkey`, `wallet balance`, `wallet get-identity`, `wallet inspect`, \
         `wallet overview`, `wallet registrations`, `wallet set-identity`, `wallet swap-hotkey`, \
         `wallet transfer`",
        Works,
    ),
    row(
        Part::Btcli11,
        "stake, unshielded where nothing else is said: `stake add`, `stake auto`, `stake burn`, \
         `stake child get`, `stake child revoke`, `stake child set`, `stake child take`, `stake list`, \
         `stake move`, `stake move-swap`, `stake remove`, `stake set-auto`, `stake show`, `stake swap`, \
         `stake transfer`, `stake unstake-all-alpha`, `stake wizard`",
        Works,
    ),
    row(
        Part::Btcli11,
        "locks: `conviction accept`, `conviction add`, `conviction list`, `conviction mode`, \
         `conviction move`, `conviction show`, `conviction targeting`",
        Works,
    ),
    row(
        Part::Btcli11,
        "subnets: `subnets burn-cost`, `subnets conviction` (of all hotkeys where that read answers), \
         `subnets create`, `subnets create-cost`, `subnets hyperparameters`, `subnets list`, \
         `subnets metagraph`, `subnets price`, `subnets show`",
        Works,
    ),
    row(
        Part::Btcli11,
        "owners and takes: `hparams check-start`, `hparams get`, `hparams get-identity`, `hparams get-take`, \
         `hparams mechanisms count`, `hparams mechanisms emissions`, `hparams set`, `hparams set-identity`, \
         `hparams set-symbol`, `hparams set-take`, `hparams stake-burn`, `hparams start`, `hparams trim`",
        Works,
    ),
    row(
        Part::Btcli11,
        "neurons: `misc axon reset`, `misc axon set`, `misc weights reveal`, `misc weights set`",
        Works,
    ),
    row(
        Part::Btcli11,
        "proxies: `proxy add`, `proxy create`, `proxy execute`, `proxy kill`, `proxy list`, `proxy remove`",
        Works,
    ),
    row(
        Part::Btcli11,
        "shared accounts: `multisig add`, `multisig list`, `multisig pending`, `multisig remove`, \
         `multisig show`; upgrades that they sign, of which there are none: `misc upgrade pending`",
        Works,
    ),
    row(
        Part::Btcli11,
        "the user's machine: `addr add`, `addr list`, `addr remove`, `addr save`, `addr show`, \
         `config clear`, `config get`, `config path`, `config set`, `config unset`, `misc convert`, \
         `misc extension bridge`, `misc extension stop`, `misc latency`, `misc timelock encrypt`, \
         `misc timelock show`, `proxy book add`, `proxy book clear`, `proxy book list`, \
         `proxy book remove`, `proxy book update`",
        Works,
    ),
    row(
        Part::Btcli11,
        "keys and addresses of an EVM: `evm abi`, `evm config`, `evm deposit-address`, `evm key export`, \
         `evm key import`, `evm key list`, `evm key new`, `evm key show`, `evm mirror`, `evm networks`, \
         `evm precompiles`, `evm pubkey`",
        Works,
    ),
    row(Part::Btcli11, "root: `root list`, `root move`, `root register`", Works),
    row(
        Part::Btcli11,
        "`subnets register`",
        Differs(
            "it wants a shield, and there is none yet: `call SubtensorModule.register_limit` does the same; \
             with `--pow` it waits without end, as the package does where one of several reads fails",
        ),
    ),
    row(
        Part::Btcli11,
        "`stake unstake-all`",
        Differs(
            "with `--all-hotkeys` not for many hotkeys: a batch for three weighs more than an extrinsic may",
        ),
    ),
    row(
        Part::Btcli11,
        "`tx claim-root`",
        Differs("with `--subnets`: without it the package fails in a default of its own"),
    ),
    row(
        Part::Btcli11,
        "`wallet regen-coldkeypub`, `wallet regen-hotkeypub`",
        Differs(
            "with both `--ss58` and `--public-key`: the package fails while it asks for the one that is \
             missing",
        ),
    ),
    row(
        Part::Btcli11,
        "`evm fund`",
        Differs("the TAO arrives on an account that only an EVM could open, and there is none"),
    ),
    row(
        Part::Btcli11,
        "`misc extension accounts`",
        Differs("it waits for a browser with an extension, without end where there is none"),
    ),
    row(
        Part::Btcli11,
        "`misc timelock decrypt`, `misc upgrade check`, `misc upgrade sign`",
        Differs("refused before the time has come, and for what is no upgrade; more is not tried"),
    ),
    row(
        Part::Btcli11,
        "`misc collateral list`, `misc collateral show`",
        Differs(
            "as `query subnet-collateral` and `query miner-collateral`: collateral is another thing here \
             (decision 0020)",
        ),
    ),
    row(
        Part::Btcli11,
        "`misc collateral add`, `misc collateral set-min`",
        Absent("collateral is another thing here (decision 0020)"),
    ),
    row(
        Part::Btcli11,
        "`root allocate`, `root claim`, `root swap`",
        Absent("there are no baskets; `tx claim-root` claims root's dividends"),
    ),
    row(
        Part::Btcli11,
        "`misc weights commit`",
        Absent("weights that are locked by time come later; those behind a hash are there"),
    ),
    row(
        Part::Btcli11,
        "`misc crowd contributors`, `misc crowd info`, `misc crowd list`",
        Differs("there are none: crowdloans come later"),
    ),
    row(
        Part::Btcli11,
        "`wallet swap-check`",
        Differs("there are none: swaps of coldkeys come later"),
    ),
    row(
        Part::Btcli11,
        "`wallet announce-coldkey-swap`, `wallet swap-coldkey`",
        Absent("swaps of coldkeys come later"),
    ),
    row(
        Part::Btcli11,
        "`hparams trim-null`, `hparams trim-null-batch`",
        Absent("there is no consensus named `Null` (decision 0025); for the first the package waits without end"),
    ),
    row(
        Part::Btcli11,
        "`evm associate`, `evm balance`, `evm call`, `evm claim-deposit`, `evm deploy`, `evm doctor`, \
         `evm send`, `evm send-to-ss58`, `evm setup-localnet`, `evm stake add`, `evm stake remove`, \
         `evm stake show`",
        Absent("there is no EVM"),
    ),
    row(
        Part::Btcli11,
        "`wallet history`",
        Absent("the package asks a service that knows the official network alone"),
    ),
    row(
        Part::Btcli11,
        "`wallet keychain delete`, `wallet keychain save`, `wallet keychain show`",
        Absent("on macOS alone, where the tests do not run"),
    ),
];

const HEAD: &str = "# Compatibility

Written by `cargo xtask reference` from `tests/compat/src/table.rs`; do not edit.

*works*: as officially; *differs*: in another way, and why; *absent*: not here, and why. Every row is shown by a test in
`tests/compat` that runs the official packages as processes; a row that is not shown fails the test. `make test` runs
those commands of `btcli` that people use most, `make test-long` all. Chain and command line: `docs/reference/commands.md`; what differs in axon and dendrite is decided in `docs/decisions/0006`.
";

/// The page `docs/reference/compat.md`.
pub fn page() -> String {
    let mut page = String::from(HEAD);
    for part in Part::ALL {
        let _ = write!(page, "\n## {}\n\n| what | | why |\n|---|---|---|\n", part.title());
        for row in ROWS.iter().filter(|row| row.part == part) {
            let (word, why) = match row.verdict {
                Works => ("works", ""),
                Differs(why) => ("differs", why),
                Absent(why) => ("absent", why),
            };
            let _ = writeln!(page, "| {} | {word} | {why} |", row.what);
        }
    }
    page
}
