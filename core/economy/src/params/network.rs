//! Parameters that the network has one value of.

use super::{fixed, root, Kind, Parameter};

const TAO: i128 = 1_000_000_000;

/// The rows, grouped by what they govern.
pub const NETWORK: &[Parameter] = &[
    // Subnets.
    root("SubnetLimit", Kind::U16, 128, "Most subnets.").by("sudo_set_subnet_limit"),
    root(
        "NetworkImmunityPeriod",
        Kind::U64,
        1_296_000,
        "Blocks in which a new subnet is not removed for another.",
    )
    .by("sudo_set_network_immunity_period"),
    root("NetworkMinLockCost", Kind::Tao, 1_000 * TAO, "Lowest price of a subnet.")
        .by("sudo_set_network_min_lock_cost"),
    root(
        "NetworkLockReductionInterval",
        Kind::U64,
        100_800,
        "Blocks in which the price of a subnet falls by its last price.",
    )
    .by("sudo_set_lock_reduction_interval"),
    root("NetworkRateLimit", Kind::U64, 7_200, "Blocks between two registrations of subnets by anyone.")
        .by("sudo_set_network_rate_limit"),
    root("StartCallDelay", Kind::U64, 0, "Blocks between registering and starting a subnet.")
        .by("sudo_set_start_call_delay"),
    root("MaxMechanismCount", Kind::U8, 2, "Most mechanisms per subnet; 16 is the hard limit."),
    // Epochs and owners' changes.
    root("MaxEpochsPerBlock", Kind::U8, 2, "Most epochs in one block; further ones wait for the next.")
        .fast(32),
    root("AdminFreezeWindow", Kind::U16, 10, "Blocks before an epoch in which owners change nothing.")
        .by("sudo_set_admin_freeze_window"),
    root(
        "OwnerHyperparamRateLimit",
        Kind::U16,
        2,
        "Tempos between two changes of one parameter by an owner.",
    )
    .by("sudo_set_owner_hparam_rate_limit"),
    root(
        "CommitRevealWeightsVersion",
        Kind::U16,
        4,
        "Version of the time-locked weight commits that are taken.",
    )
    .by("sudo_set_commit_reveal_version"),
    // Emission.
    root(
        "TaoWeight",
        Kind::U64,
        971_718_665_099_567_868,
        "What a TAO on root counts for against an alpha, as a fraction of 2⁶⁴ − 1.",
    ),
    root("SubnetOwnerCut", Kind::U16, 11_796, "The owner's part of a subnet's alpha, of 65535.")
        .by("sudo_set_subnet_owner_cut"),
    root("SubnetMovingAlpha", Kind::FixedI96F32, 12_885, "Full speed of the moving price per block.")
        .by("sudo_set_subnet_moving_alpha"),
    root("CKBurn", Kind::U64, 0, "Part of a parent's dividend that is recycled, as a fraction of 2⁶⁴ − 1.")
        .by("sudo_set_ck_burn"),
    root(
        "NumRootClaim",
        Kind::U64,
        crate::claim::DEFAULT_ROOT_CLAIMS as i128,
        "Automatic root claims per block; 0 is off.",
    )
    .by("sudo_set_num_root_claims")
    .range(0, crate::claim::MAX_ROOT_CLAIMS as i128),
    // Stake.
    root("StakeThreshold", Kind::U64, 0, "Stake below which a validator's weights do not count.")
        .by("sudo_set_stake_threshold"),
    fixed("MinStake", Kind::Tao, 2_000_000, "Smallest stake that may be added."),
    root(
        "NominatorMinRequiredStake",
        Kind::U64,
        0,
        "Millionths of the smallest stake below which a nomination is swept; 0 is off.",
    )
    .by("sudo_set_nominator_min_required_stake"),
    root("MinDelegateTake", Kind::U16, 0, "Lowest delegate take, of 65535.").by("sudo_set_min_delegate_take"),
    root(
        "MaxDelegateTake",
        Kind::U16,
        crate::childkeys::MAX_TAKE as i128,
        "Highest and default delegate take, of 65535.",
    )
    .by("sudo_set_default_take"),
    root("MinChildkeyTake", Kind::U16, 0, "Lowest childkey take, of 65535.").by("sudo_set_min_childkey_take"),
    root(
        "MaxChildkeyTake",
        Kind::U16,
        crate::childkeys::MAX_TAKE as i128,
        "Highest childkey take, of 65535.",
    )
    .by("sudo_set_max_childkey_take"),
    root("TxDelegateTakeRateLimit", Kind::U64, 216_000, "Blocks between two raises of a delegate take.")
        .by("sudo_set_tx_delegate_take_rate_limit"),
    root("TxChildkeyTakeRateLimit", Kind::U64, 216_000, "Blocks between two raises of a childkey take.")
        .by("sudo_set_tx_childkey_take_rate_limit")
        .fast(5),
    fixed(
        "PendingChildKeyCooldown",
        Kind::U64,
        7_200,
        "Blocks between naming children and their taking effect.",
    )
    .fast(15),
    fixed(
        "UnlockRate",
        Kind::U64,
        crate::conviction::DEFAULT_LOCK_RATE as i128,
        "Blocks in which a decaying lock falls to 1/e.",
    ),
    fixed(
        "MaturityRate",
        Kind::U64,
        crate::conviction::DEFAULT_LOCK_RATE as i128,
        "Time constant of conviction in blocks.",
    ),
    // Transactions and keys.
    root("TxRateLimit", Kind::U64, 1_000, "Blocks between two key changes of one key.")
        .by("sudo_set_tx_rate_limit"),
    root(
        "ColdkeySwapAnnouncementDelay",
        Kind::U32,
        36_000,
        "Blocks between announcing and executing a coldkey swap.",
    )
    .by("sudo_set_coldkey_swap_announcement_delay")
    .fast(50),
    root(
        "ColdkeySwapReannouncementDelay",
        Kind::U32,
        7_200,
        "Blocks after which an announcement may be replaced.",
    )
    .by("sudo_set_coldkey_swap_reannouncement_delay")
    .fast(10),
];
