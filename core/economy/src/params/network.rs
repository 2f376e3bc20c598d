//! Parameters with one value for the network.

use super::parameter::{fixed, root};
use super::{Kind, Parameter, Unit};
use crate::{fees, profile::Profile, sessions};

const TAO: i128 = 1_000_000_000;
/// Share of a `u16`.
const SHARE: Unit = Unit::Of(u16::MAX as u64);
/// Most mechanisms that `MaxMechanismCount` may allow.
pub(super) const HARD_MECHANISM_LIMIT: i128 = 16;

/// The least space of a hotkey in an epoch: with less, nobody could publish the smallest commitment.
const LEAST_SPACE: i128 = 100;
/// The most space of a hotkey in an epoch: the smallest commitment in each block of 360. Publishing is free, so the
/// space is all that limits it.
const MOST_SPACE: i128 = 360 * LEAST_SPACE;

/// The longest notice of another rubric: 30 days at 12 seconds.
const MOST_NOTICE: i128 = 216_000;

/// The rows, grouped by topic.
pub const NETWORK: &[Parameter] = &[
    // Subnets.
    root("SubnetLimit", Kind::U16, Unit::Count, 128, "Most subnets besides root.")
        .by("sudo_set_subnet_limit", 37),
    root(
        "NetworkImmunityPeriod",
        Kind::U64,
        Unit::Blocks,
        1_296_000,
        "Blocks in which a new subnet is not removed for another.",
    )
    .by("sudo_set_network_immunity_period", 35),
    root("NetworkMinLockCost", Kind::Tao, Unit::Tao, 1_000 * TAO, "Lowest price of a subnet.")
        .by("sudo_set_network_min_lock_cost", 36),
    root(
        "NetworkLockReductionInterval",
        Kind::U64,
        Unit::Blocks,
        100_800,
        "Blocks in which the price of a subnet falls by its last price.",
    )
    .by("sudo_set_lock_reduction_interval", 38),
    root(
        "NetworkRateLimit",
        Kind::U64,
        Unit::Blocks,
        7_200,
        "Blocks between two registrations of subnets by anyone; genesis may say otherwise.",
    )
    .by("sudo_set_network_rate_limit", 29),
    root(
        "StartCallDelay",
        Kind::U64,
        Unit::Blocks,
        0,
        "Blocks between registering and starting a subnet; genesis may say otherwise.",
    )
    .by("sudo_set_start_call_delay", 85),
    root("MaxMechanismCount", Kind::U8, Unit::Count, 2, "Most mechanisms per subnet.")
        .by("sudo_set_max_mechanism_count", 88)
        .bounds(1, HARD_MECHANISM_LIMIT),
    root(
        "RubricNotice",
        Kind::U64,
        Unit::Blocks,
        Profile::PRODUCTION.rubric_notice() as i128,
        "Blocks between a vote for a rubric and its being in force, 20 on a fast chain at first; an owner's waits ten \
         days more.",
    )
    .by_network("sudo_set_rubric_notice", 204)
    .bounds(1, MOST_NOTICE),
    root(
        "ProofBar",
        Kind::U64,
        Unit::Tempos,
        20,
        "Epochs for which three failed proofs of evaluation cost a validator its permit.",
    )
    .by_network("sudo_set_proof_bar", 208)
    .bounds(1, 1_000),
    // Epochs and owners' changes.
    root(
        "MaxEpochsPerBlock",
        Kind::U8,
        Unit::Count,
        Profile::PRODUCTION.max_epochs_per_block() as i128,
        "Most epochs in one block; further ones wait for the next.",
    )
    .by("sudo_set_max_epochs_per_block", 96)
    .fast(Profile::FAST.max_epochs_per_block() as i128)
    .bounds(1, u8::MAX as i128),
    root(
        "AdminFreezeWindow",
        Kind::U16,
        Unit::Blocks,
        10,
        "Blocks before an epoch in which owners change nothing.",
    )
    .by("sudo_set_admin_freeze_window", 74),
    root(
        "OwnerHyperparamRateLimit",
        Kind::U16,
        Unit::Tempos,
        2,
        "Tempos between two changes of one parameter by an owner.",
    )
    .by("sudo_set_owner_hparam_rate_limit", 75),
    fixed(
        "WeightsVersionKeyRateLimit",
        Kind::U64,
        Unit::Tempos,
        5,
        "Tempos between two changes of the version key by an owner.",
    ),
    root(
        "CommitRevealWeightsVersion",
        Kind::U16,
        Unit::Count,
        4,
        "Version of the time-locked weight commits that are taken.",
    )
    .by("sudo_set_commit_reveal_version", 71),
    // Emission.
    root(
        "TaoWeight",
        Kind::U64,
        Unit::Of(u64::MAX),
        971_718_665_099_567_868,
        "What a TAO on root counts for against an alpha.",
    )
    .by_network("sudo_set_tao_weight", 214),
    root("SubnetOwnerCut", Kind::U16, SHARE, 11_796, "The owner's part of a subnet's alpha.")
        .by("sudo_set_subnet_owner_cut", 28),
    root(
        "SubnetMovingAlpha",
        Kind::FixedI96F32,
        Unit::Factor(32),
        12_885,
        "Full speed of the moving price per block.",
    )
    .by("sudo_set_subnet_moving_alpha", 63),
    root("CKBurn", Kind::U64, Unit::Of(u64::MAX), 0, "Part of a parent's dividend that is recycled.")
        .by("sudo_set_ck_burn", 73),
    root(
        "NumRootClaim",
        Kind::U64,
        Unit::Count,
        crate::claim::DEFAULT_ROOT_CLAIMS as i128,
        "Coldkeys whose root dividends are claimed automatically per block; 0 is off.",
    )
    .by_network("sudo_set_num_root_claims", 123)
    .bounds(0, crate::claim::MAX_ROOT_CLAIMS as i128),
    // Stake.
    root(
        "StakeThreshold",
        Kind::U64,
        Unit::Tao,
        0,
        "Stake weight below which a validator's weights are refused.",
    )
    .by("sudo_set_stake_threshold", 42),
    root(
        "NominatorMinRequiredStake",
        Kind::U64,
        Unit::Of(1_000_000),
        0,
        "Part of the smallest stake below which a nomination is swept; 0 is off.",
    )
    .by("sudo_set_nominator_min_required_stake", 43),
    root("MinDelegateTake", Kind::U16, SHARE, 0, "Lowest delegate take.")
        .by("sudo_set_min_delegate_take", 46),
    root("MaxDelegateTake", Kind::U16, SHARE, crate::childkeys::MAX_TAKE as i128, "Highest delegate take.")
        .by("sudo_set_default_take", 1),
    root("MinChildkeyTake", Kind::U16, SHARE, 0, "Lowest childkey take.")
        .by_network("sudo_set_min_childkey_take", 76),
    root("MaxChildkeyTake", Kind::U16, SHARE, crate::childkeys::MAX_TAKE as i128, "Highest childkey take.")
        .by_network("sudo_set_max_childkey_take", 77),
    root(
        "TxDelegateTakeRateLimit",
        Kind::U64,
        Unit::Blocks,
        216_000,
        "Blocks between a change of a delegate take and its next raise.",
    )
    .by("sudo_set_tx_delegate_take_rate_limit", 45),
    root(
        "TxChildkeyTakeRateLimit",
        Kind::U64,
        Unit::Blocks,
        Profile::PRODUCTION.childkey_take_rate_limit() as i128,
        "Blocks between two raises of a childkey take.",
    )
    .by_network("sudo_set_tx_childkey_take_rate_limit", 69)
    .fast(Profile::FAST.childkey_take_rate_limit() as i128),
    root(
        "PendingChildKeyCooldown",
        Kind::U64,
        Unit::Blocks,
        Profile::PRODUCTION.pending_childkey_cooldown() as i128,
        "Blocks between naming children and their taking effect.",
    )
    .by_network("set_pending_childkey_cooldown", 109)
    .fast(Profile::FAST.pending_childkey_cooldown() as i128),
    fixed(
        "UnlockRate",
        Kind::U64,
        Unit::Blocks,
        crate::conviction::DEFAULT_LOCK_RATE as i128,
        "Blocks in which a decaying lock falls to 1/e.",
    ),
    fixed(
        "MaturityRate",
        Kind::U64,
        Unit::Blocks,
        crate::conviction::DEFAULT_LOCK_RATE as i128,
        "Time constant of conviction.",
    ),
    // Commitments.
    root(
        "MaxSpace",
        Kind::U32,
        Unit::Count,
        3_100,
        "Bytes of commitments that a hotkey may publish in an epoch; the smallest commitment takes 100.",
    )
    .of_pallet("Commitments")
    .known_as("commitment_space")
    .by_commitments("set_max_space", 2)
    .bounds(LEAST_SPACE, MOST_SPACE),
    // Transactions and keys.
    root(
        "FeeWeightPerRao",
        Kind::U64,
        Unit::Count,
        fees::WEIGHT_PER_RAO as i128,
        "Units of weight that a rao of a transaction's fee pays for; more of them make fees lower.",
    )
    .by_network("sudo_set_fee_weight_per_rao", 215)
    .bounds(fees::LEAST_WEIGHT_PER_RAO as i128, fees::MOST_WEIGHT_PER_RAO as i128),
    root(
        "FeePerByte",
        Kind::U64,
        Unit::Count,
        fees::RAO_PER_BYTE as i128,
        "Rao of a transaction's fee for each of its bytes.",
    )
    .by_network("sudo_set_fee_per_byte", 216)
    .bounds(fees::RAO_PER_BYTE as i128, fees::MOST_RAO_PER_BYTE as i128),
    root(
        "SessionLength",
        Kind::U32,
        Unit::Blocks,
        Profile::PRODUCTION.session_length() as i128,
        "Blocks of a session, at whose end replaced keys of authorities come into use; a fast chain begins with 240.",
    )
    .by_network("sudo_set_session_length", 217)
    .bounds(sessions::SHORTEST as i128, sessions::LONGEST as i128),
    root(
        "TxRateLimit",
        Kind::U64,
        Unit::Blocks,
        1_000,
        "Once the blocks between two key changes of one key.",
    )
    .by("sudo_set_tx_rate_limit", 2)
    .without_effect(),
];
