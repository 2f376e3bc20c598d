//! `SubtensorModule`: subnets, neurons, stake, weights.

use alloc::{collections::BTreeSet, vec::Vec};

use codec::{Decode, Encode};
use myelin_units::{AlphaBalance, MechId, NetUid, TaoBalance, Uid};
use scale_info::TypeInfo;

use super::Call;
use crate::{Account, RootClaimTypeEnum, RubricSource, SubnetIdentityV3};

calls! { "SubtensorModule"
    /// Creates a subnet.
    register_network => RegisterNetwork {
        /// Hotkey.
        hotkey: Account,
    }
    /// Creates a subnet and publishes its description.
    register_network_with_identity => RegisterNetworkWithIdentity {
        /// Hotkey.
        hotkey: Account,
        /// Description of the subnet.
        identity: Option<SubnetIdentityV3>,
    }
    /// Creates a subnet if it costs no more than the limit.
    register_network_limit => RegisterNetworkLimit {
        /// Hotkey.
        hotkey: Account,
        /// Description of the subnet.
        identity: Option<SubnetIdentityV3>,
        /// The most to pay, in rao.
        limit_price: u64,
    }
    /// Starts the emission of a subnet; by its owner, once.
    start_call => StartCall {
        /// Subnet.
        netuid: NetUid,
    }
    /// Publishes the description of a subnet; by its owner.
    set_subnet_identity => SetSubnetIdentity {
        /// Subnet.
        netuid: NetUid,
        /// UTF-8 text.
        subnet_name: Vec<u8>,
        /// UTF-8 text.
        github_repo: Vec<u8>,
        /// UTF-8 text.
        subnet_contact: Vec<u8>,
        /// UTF-8 text.
        subnet_url: Vec<u8>,
        /// UTF-8 text.
        discord: Vec<u8>,
        /// UTF-8 text.
        description: Vec<u8>,
        /// UTF-8 text.
        logo_url: Vec<u8>,
        /// UTF-8 text.
        additional: Vec<u8>,
    }
    /// Takes another symbol for the token of a subnet; by its owner.
    update_symbol => UpdateSymbol {
        /// Subnet.
        netuid: NetUid,
        /// A symbol of the official list, UTF-8.
        symbol: Vec<u8>,
    }
    /// Sets the blocks between two epochs; by the subnet owner.
    set_tempo => SetTempo {
        /// Subnet.
        netuid: NetUid,
        /// Blocks between two epochs.
        tempo: u16,
    }
    /// Sets after how many tempos, in thousandths, a validator is inactive; by the subnet owner.
    set_activity_cutoff_factor => SetActivityCutoffFactor {
        /// Subnet.
        netuid: NetUid,
        /// Tempos in thousandths.
        factor_milli: u32,
    }
    /// Asks for an epoch ahead of time; by the subnet owner.
    trigger_epoch => TriggerEpoch {
        /// Subnet.
        netuid: NetUid,
    }
    /// Registers a hotkey on a subnet at the current price.
    burned_register => BurnedRegister {
        /// Subnet.
        netuid: NetUid,
        /// Hotkey.
        hotkey: Account,
    }
    /// Registers a hotkey if the price is at most the limit.
    register_limit => RegisterLimit {
        /// Subnet.
        netuid: NetUid,
        /// Hotkey.
        hotkey: Account,
        /// Price limit in rao of TAO per alpha.
        limit_price: u64,
    }
    /// Registers a hotkey on root.
    root_register => RootRegister {
        /// Hotkey.
        hotkey: Account,
    }
    /// Announces the endpoint of the signing hotkey.
    serve_axon => ServeAxon {
        /// Subnet.
        netuid: NetUid,
        /// Version of the software.
        version: u32,
        /// Address as a number.
        ip: u128,
        /// TCP port.
        port: u16,
        /// 4 or 6.
        ip_type: u8,
        /// Protocol number; 4.
        protocol: u8,
        /// Free.
        placeholder1: u8,
        /// Free.
        placeholder2: u8,
    }
    /// Announces the endpoint of the signing hotkey with a TLS key.
    serve_axon_tls => ServeAxonTls {
        /// Subnet.
        netuid: NetUid,
        /// Version of the software.
        version: u32,
        /// Address as a number.
        ip: u128,
        /// TCP port.
        port: u16,
        /// 4 or 6.
        ip_type: u8,
        /// Protocol number; 4.
        protocol: u8,
        /// Free.
        placeholder1: u8,
        /// Free.
        placeholder2: u8,
        /// Algorithm byte and public key.
        certificate: Vec<u8>,
    }
    /// Announces the metrics endpoint of the signing hotkey.
    serve_prometheus => ServePrometheus {
        /// Subnet.
        netuid: NetUid,
        /// Version of the software.
        version: u32,
        /// Address as a number.
        ip: u128,
        /// TCP port.
        port: u16,
        /// 4 or 6.
        ip_type: u8,
    }
    /// Stakes TAO of the signing coldkey on a hotkey.
    add_stake => AddStake {
        /// Hotkey.
        hotkey: Account,
        /// Subnet.
        netuid: NetUid,
        /// TAO to stake, in rao.
        amount_staked: TaoBalance,
    }
    /// Stakes TAO up to a price.
    add_stake_limit => AddStakeLimit {
        /// Hotkey.
        hotkey: Account,
        /// Subnet.
        netuid: NetUid,
        /// TAO to stake, in rao.
        amount_staked: TaoBalance,
        /// Price limit in rao of TAO per alpha.
        limit_price: u64,
        /// Whether to fill the part that the limit allows instead of nothing.
        allow_partial: bool,
    }
    /// Sells alpha of the signing coldkey for TAO.
    remove_stake => RemoveStake {
        /// Hotkey.
        hotkey: Account,
        /// Subnet.
        netuid: NetUid,
        /// Alpha to sell, in rao.
        amount_unstaked: AlphaBalance,
    }
    /// Sells alpha down to a price.
    remove_stake_limit => RemoveStakeLimit {
        /// Hotkey.
        hotkey: Account,
        /// Subnet.
        netuid: NetUid,
        /// Alpha to sell, in rao.
        amount_unstaked: AlphaBalance,
        /// Price limit in rao of TAO per alpha.
        limit_price: u64,
        /// Whether to fill the part that the limit allows instead of nothing.
        allow_partial: bool,
    }
    /// Sells all alpha on a hotkey, down to a price if one is given.
    remove_stake_full_limit => RemoveStakeFullLimit {
        /// Hotkey.
        hotkey: Account,
        /// Subnet.
        netuid: NetUid,
        /// Price limit in rao of TAO per alpha.
        limit_price: Option<u64>,
    }
    /// Sells all alpha on a hotkey, on every subnet.
    unstake_all => UnstakeAll {
        /// Hotkey.
        hotkey: Account,
    }
    /// Sells all alpha on a hotkey and stakes the TAO on root.
    unstake_all_alpha => UnstakeAllAlpha {
        /// Hotkey.
        hotkey: Account,
    }
    /// Moves alpha to another hotkey, and to another subnet if they differ.
    move_stake => MoveStake {
        /// Hotkey the alpha leaves.
        origin_hotkey: Account,
        /// Hotkey the alpha goes to.
        destination_hotkey: Account,
        /// Subnet the alpha leaves.
        origin_netuid: NetUid,
        /// Subnet the alpha goes to.
        destination_netuid: NetUid,
        /// Alpha to move, in rao.
        alpha_amount: AlphaBalance,
    }
    /// Moves alpha to another hotkey, and to another subnet while the ratio of prices allows.
    move_stake_limit => MoveStakeLimit {
        /// Hotkey the alpha leaves.
        origin_hotkey: Account,
        /// Hotkey the alpha goes to.
        destination_hotkey: Account,
        /// Subnet the alpha leaves.
        origin_netuid: NetUid,
        /// Subnet the alpha goes to.
        destination_netuid: NetUid,
        /// Alpha to move, in rao.
        alpha_amount: AlphaBalance,
        /// Lowest ratio of origin price to destination price, times 10⁹.
        limit_price: u64,
        /// Whether to fill the part that the limit allows instead of nothing.
        allow_partial: bool,
    }
    /// Gives alpha to another coldkey, and to another subnet while the ratio of prices allows. A call of this network's
    /// own.
    transfer_stake_limit => TransferStakeLimit {
        /// Coldkey that receives it.
        destination_coldkey: Account,
        /// Hotkey the alpha leaves.
        origin_hotkey: Account,
        /// Hotkey the alpha goes to.
        destination_hotkey: Account,
        /// Subnet the alpha leaves.
        origin_netuid: NetUid,
        /// Subnet the alpha goes to.
        destination_netuid: NetUid,
        /// Alpha to give, in rao.
        alpha_amount: AlphaBalance,
        /// Lowest ratio of origin price to destination price, times 10⁹.
        limit_price: u64,
        /// Whether to fill the part that the limit allows instead of nothing.
        allow_partial: bool,
    }
    /// Moves alpha to another subnet.
    swap_stake => SwapStake {
        /// Hotkey.
        hotkey: Account,
        /// Subnet the alpha leaves.
        origin_netuid: NetUid,
        /// Subnet the alpha goes to.
        destination_netuid: NetUid,
        /// Alpha to move, in rao.
        alpha_amount: AlphaBalance,
    }
    /// Moves alpha to another subnet while the ratio of prices allows.
    swap_stake_limit => SwapStakeLimit {
        /// Hotkey.
        hotkey: Account,
        /// Subnet the alpha leaves.
        origin_netuid: NetUid,
        /// Subnet the alpha goes to.
        destination_netuid: NetUid,
        /// Alpha to move, in rao.
        alpha_amount: AlphaBalance,
        /// Price limit in rao of TAO per alpha.
        limit_price: u64,
        /// Whether to fill the part that the limit allows instead of nothing.
        allow_partial: bool,
    }
    /// Gives alpha to another coldkey.
    transfer_stake => TransferStake {
        /// Coldkey that receives the alpha.
        destination_coldkey: Account,
        /// Hotkey.
        hotkey: Account,
        /// Subnet the alpha leaves.
        origin_netuid: NetUid,
        /// Subnet the alpha goes to.
        destination_netuid: NetUid,
        /// Alpha to move, in rao.
        alpha_amount: AlphaBalance,
    }
    /// Takes alpha out of the supply, so that it may be minted again.
    recycle_alpha => RecycleAlpha {
        /// Hotkey.
        hotkey: Account,
        /// Alpha to recycle, in rao.
        amount: AlphaBalance,
        /// Subnet.
        netuid: NetUid,
    }
    /// Destroys alpha; it stays in the supply and belongs to nobody.
    burn_alpha => BurnAlpha {
        /// Hotkey.
        hotkey: Account,
        /// Alpha to burn, in rao.
        amount: AlphaBalance,
        /// Subnet.
        netuid: NetUid,
    }
    /// Buys alpha and burns it.
    add_stake_burn => AddStakeBurn {
        /// Hotkey.
        hotkey: Account,
        /// Subnet.
        netuid: NetUid,
        /// TAO to spend, in rao.
        amount: TaoBalance,
        /// Price limit in rao of TAO per alpha.
        limit: Option<TaoBalance>,
    }
    /// Locks alpha in favour of a hotkey, or adds to an existing lock.
    lock_stake => LockStake {
        /// Hotkey.
        hotkey: Account,
        /// Subnet.
        netuid: NetUid,
        /// Alpha to lock, in rao.
        amount: AlphaBalance,
    }
    /// Points the lock of the signing coldkey to another hotkey.
    move_lock => MoveLock {
        /// Hotkey that the lock is in favour of from now on.
        destination_hotkey: Account,
        /// Subnet.
        netuid: NetUid,
    }
    /// Chooses whether the lock of the signing coldkey stays as it is or decays.
    set_perpetual_lock => SetPerpetualLock {
        /// Subnet.
        netuid: NetUid,
        /// Whether it stays.
        enabled: bool,
    }
    /// Chooses whether others may send the signing coldkey alpha that is locked.
    set_reject_locked_alpha => SetRejectLockedAlpha {
        /// Whether it is refused.
        enabled: bool,
    }
    /// Sets the weights of the signing hotkey on mechanism 0.
    set_weights => SetWeights {
        /// Subnet.
        netuid: NetUid,
        /// Uids that receive a weight.
        dests: Vec<u16>,
        /// Their weights.
        weights: Vec<u16>,
        /// Version of the validator's software.
        version_key: u64,
    }
    /// Sets the weights of the signing hotkey on one mechanism.
    set_mechanism_weights => SetMechanismWeights {
        /// Subnet.
        netuid: NetUid,
        /// Mechanism.
        mecid: MechId,
        /// Uids that receive a weight.
        dests: Vec<u16>,
        /// Their weights.
        weights: Vec<u16>,
        /// Version of the validator's software.
        version_key: u64,
    }
    /// Commits to weights on mechanism 0 by their hash.
    commit_weights => CommitWeights {
        /// Subnet.
        netuid: NetUid,
        /// Blake2-256 of account, storage index, uids, values, salt and version key.
        commit_hash: [u8; 32],
    }
    /// Commits to weights on one mechanism by their hash.
    commit_mechanism_weights => CommitMechanismWeights {
        /// Subnet.
        netuid: NetUid,
        /// Mechanism.
        mecid: MechId,
        /// Blake2-256 of account, storage index, uids, values, salt and version key.
        commit_hash: [u8; 32],
    }
    /// Reveals committed weights on mechanism 0.
    reveal_weights => RevealWeights {
        /// Subnet.
        netuid: NetUid,
        /// Uids that receive a weight.
        uids: Vec<u16>,
        /// Their weights.
        values: Vec<u16>,
        /// The salt of the commitment.
        salt: Vec<u16>,
        /// Version of the validator's software.
        version_key: u64,
    }
    /// Reveals committed weights on one mechanism.
    reveal_mechanism_weights => RevealMechanismWeights {
        /// Subnet.
        netuid: NetUid,
        /// Mechanism.
        mecid: MechId,
        /// Uids that receive a weight.
        uids: Vec<u16>,
        /// Their weights.
        values: Vec<u16>,
        /// The salt of the commitment.
        salt: Vec<u16>,
        /// Version of the validator's software.
        version_key: u64,
    }
    /// Publishes a description of the owner of the signing coldkey.
    set_identity => SetIdentity {
        /// UTF-8 text.
        name: Vec<u8>,
        /// UTF-8 text.
        url: Vec<u8>,
        /// UTF-8 text.
        github_repo: Vec<u8>,
        /// UTF-8 text.
        image: Vec<u8>,
        /// UTF-8 text.
        discord: Vec<u8>,
        /// UTF-8 text.
        description: Vec<u8>,
        /// UTF-8 text.
        additional: Vec<u8>,
    }
    /// Claims a hotkey that nobody owns.
    try_associate_hotkey => TryAssociateHotkey {
        /// Hotkey.
        hotkey: Account,
    }
    /// Raises the take of a delegate.
    increase_take => IncreaseTake {
        /// Hotkey.
        hotkey: Account,
        /// Proportion, 65535 = 1.
        take: u16,
    }
    /// Lowers the take of a delegate.
    decrease_take => DecreaseTake {
        /// Hotkey.
        hotkey: Account,
        /// Proportion, 65535 = 1.
        take: u16,
    }
    /// Names the hotkeys to which a hotkey lends its stake on a subnet.
    set_children => SetChildren {
        /// The hotkey that lends.
        hotkey: Account,
        /// Subnet.
        netuid: NetUid,
        /// Proportions, 2⁶⁴ − 1 = 1, and hotkeys.
        children: Vec<(u64, Account)>,
    }
    /// Sets the part of its parents' dividends that a hotkey keeps on a subnet.
    set_childkey_take => SetChildkeyTake {
        /// Hotkey.
        hotkey: Account,
        /// Subnet.
        netuid: NetUid,
        /// Proportion, 65535 = 1.
        take: u16,
    }
    /// Chooses whether a hotkey lends its root stake to the owners of new subnets by itself.
    set_auto_parent_delegation_enabled => SetAutoParentDelegationEnabled {
        /// Hotkey.
        hotkey: Account,
        /// Whether it lends by itself.
        enabled: bool,
    }
    /// Replaces a hotkey by another on one subnet or on all.
    swap_hotkey_v2 => SwapHotkeyV2 {
        /// Hotkey to replace.
        hotkey: Account,
        /// Hotkey that replaces it.
        new_hotkey: Account,
        /// Subnet, or all.
        netuid: Option<NetUid>,
        /// Whether the stake stays on the replaced hotkey.
        keep_stake: bool,
    }
    /// Chooses on which hotkey the signing coldkey's miner emission is staked.
    set_coldkey_auto_stake_hotkey => SetColdkeyAutoStakeHotkey {
        /// Subnet.
        netuid: NetUid,
        /// Hotkey.
        hotkey: Account,
    }
    /// Claims root dividends of up to five subnets.
    claim_root => ClaimRoot {
        /// Subnets whose dividends are claimed.
        subnets: BTreeSet<NetUid>,
    }
    /// Claims the root dividends of all subnets that one hotkey holds for the signing coldkey.
    claim_root_with_hotkey => ClaimRootWithHotkey {
        /// Hotkey.
        hotkey: Account,
    }
    /// Chooses between alpha and TAO for the signing coldkey's root dividends.
    set_root_claim_type => SetRootClaimType {
        /// The choice.
        new_root_claim_type: RootClaimTypeEnum,
    }
    /// Sets the smallest claim on a subnet; by its owner or root.
    sudo_set_root_claim_threshold => SudoSetRootClaimThreshold {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        new_value: u64,
    }
    /// Sets the number of coldkeys that are claimed for in a block; by root.
    sudo_set_num_root_claims => SudoSetNumRootClaims {
        /// New value.
        new_value: u64,
    }
    /// Announces the rubric of a mechanism; by the subnet's owner or root.
    announce_rubric => AnnounceRubric {
        /// Subnet.
        netuid: NetUid,
        /// Mechanism.
        mecid: MechId,
        /// The rubric.
        rubric: RubricSource,
    }
    /// Takes back the rubric that was announced for a mechanism and is not in force yet; by the subnet's owner or root.
    withdraw_rubric => WithdrawRubric {
        /// Subnet.
        netuid: NetUid,
        /// Mechanism.
        mecid: MechId,
    }
    /// Sets the notice between the announcement of a rubric and its first block in force; by root.
    sudo_set_rubric_notice => SudoSetRubricNotice {
        /// Blocks.
        blocks: u64,
    }
    /// Commits to weights on one mechanism by their hash, and to the evidence of the epoch by its root.
    commit_proven_weights => CommitProvenWeights {
        /// Subnet.
        netuid: NetUid,
        /// Mechanism.
        mecid: MechId,
        /// Blake2-256 of account, storage index, uids, values, salt and version key.
        commit_hash: [u8; 32],
        /// Root over the evidence, see `myelin_wire::evidence`.
        root: [u8; 32],
    }
    /// Reveals weights that were committed with a root, and proves that their miners were asked.
    reveal_proven_weights => RevealProvenWeights {
        /// Subnet.
        netuid: NetUid,
        /// Mechanism.
        mecid: MechId,
        /// Uids that receive a weight.
        uids: Vec<u16>,
        /// Their weights.
        values: Vec<u16>,
        /// The salt of the commitment.
        salt: Vec<u16>,
        /// Version of the validator's software.
        version_key: u64,
        /// Bytes of a `myelin_wire::evidence::EvaluationProof`.
        proof: Vec<u8>,
    }
    /// Announces the proof that a subnet demands of its validators; by its owner or root.
    demand_evidence => DemandEvidence {
        /// Subnet.
        netuid: NetUid,
        /// Least number of signed answers of each miner with a weight; 0 demands nothing.
        answers: u16,
        /// Mechanisms, the lowest bit for mechanism 0.
        mechanisms: u16,
    }
    /// Sets the epochs for which failed proofs cost a permit; by root.
    sudo_set_proof_bar => SudoSetProofBar {
        /// Epochs.
        epochs: u64,
    }
    /// Commits to the answers that the signer signed in an epoch, by their root.
    commit_answer_root => CommitAnswerRoot {
        /// Subnet.
        netuid: NetUid,
        /// The present epoch of the subnet, or the one before.
        epoch: u64,
        /// Root, see `myelin_wire::evidence::SignedList`.
        root: [u8; 32],
        /// Number of answers.
        answers: u32,
    }
    /// States that the signer holds evidence of other validators.
    attest_evidence => AttestEvidence {
        /// Subnet.
        netuid: NetUid,
        /// The epoch of the evidence: the last one that everybody may read.
        epoch: u64,
        /// The validators by uid, each with the tag of `myelin_wire::evidence::possession_tag`.
        held: Vec<(Uid, [u8; 16])>,
    }
    /// Announces the part of each incentive for the parents of the miner's model; by the subnet's owner or root.
    announce_parent_share => AnnounceParentShare {
        /// Subnet.
        netuid: NetUid,
        /// Millionths, at most 500,000; 0 gives parents nothing.
        share: u32,
    }
    /// Declares the model that a miner serves; by the coldkey of the miner.
    declare_model => DeclareModel {
        /// The miner.
        hotkey: Account,
        /// Subnet.
        netuid: NetUid,
        /// The model; nothing withdraws the declaration.
        model: Option<[u8; 32]>,
    }
    /// Divides the pot of a model among its parents.
    share_pot => SharePot {
        /// The model.
        model: [u8; 32],
        /// The subnet whose alpha is divided; nothing divides free TAO.
        netuid: Option<NetUid>,
    }
    /// Sets what a TAO on root counts for against an alpha; by root.
    sudo_set_tao_weight => SudoSetTaoWeight {
        /// Part of 2⁶⁴ − 1.
        tao_weight: u64,
    }
    /// Sets the units of weight that one rao of a transaction's fee pays for; by root.
    sudo_set_fee_weight_per_rao => SudoSetFeeWeightPerRao {
        /// Units of weight, 200 to 20,000.
        weight: u64,
    }
    /// Sets the rao of a transaction's fee for each of its bytes; by root.
    sudo_set_fee_per_byte => SudoSetFeePerByte {
        /// Rao, 1 to 100.
        rao: u64,
    }
    /// Sets the blocks of a session; by root.
    sudo_set_session_length => SudoSetSessionLength {
        /// Blocks, 240 to 7,200.
        blocks: u32,
    }
}
