//! Parameters with a value per subnet.

use super::parameter::{fixed, owner, root};
use super::{Cooldown, Kind, Parameter, Unit};
use crate::{profile::Profile, registration::LEAST_MIN_BURN_RAO};

const TAO: i128 = 1_000_000_000;
/// Share of a `u16`.
const SHARE: Unit = Unit::Of(u16::MAX as u64);
/// Slowest speed that bonds may have with liquid alpha: ⌊65535/40⌋.
const SLOWEST_BONDS: i128 = 65_535 / 40;

/// The rows, grouped by topic.
pub const SUBNET: &[Parameter] = &[
    // The epoch: its schedule and its rules.
    owner(
        "Tempo",
        Kind::U16,
        Unit::Blocks,
        Profile::PRODUCTION.tempo() as i128,
        "Blocks between two epochs; 0 stops them.",
    )
    .client("tempo")
    .by("sudo_set_tempo", 30)
    .owner_only_by("set_tempo", 139)
    .fast(Profile::FAST.tempo() as i128)
    .range(360, 50_400)
    .every(Cooldown::Blocks(360)),
    root("Kappa", Kind::U16, SHARE, 32_767, "Share of stake that must support a weight for it to count.")
        .client("kappa")
        .by("sudo_set_kappa", 16),
    owner(
        "ActivityCutoffFactorMilli",
        Kind::U32,
        Unit::Of(1_000),
        13_889,
        "Tempos, in thousandths, after which a validator that set no weights counts as inactive.",
    )
    .client("activity_cutoff_factor")
    .by("sudo_set_activity_cutoff_factor", 97)
    .owner_also_by("set_activity_cutoff_factor", 140)
    .range(1_000, 50_000),
    owner("Yuma3On", Kind::Bool, Unit::Switch, 0, "Bonds follow Yuma 3 instead of Yuma 2.")
        .by("sudo_set_yuma3_enabled", 69)
        .registered(1),
    owner(
        "BondsMovingAverage",
        Kind::U64,
        Unit::Of(1_000_000),
        900_000,
        "Part of a bond that is kept from one epoch to the next.",
    )
    .client("bonds_moving_avg")
    .by("sudo_set_bonds_moving_average", 26)
    .range(0, 975_000),
    owner(
        "BondsPenalty",
        Kind::U16,
        SHARE,
        65_535,
        "How far weights above consensus are cut before they make bonds.",
    )
    .by("sudo_set_bonds_penalty", 60),
    owner(
        "BondsResetOn",
        Kind::Bool,
        Unit::Switch,
        0,
        "A miner may publish a commitment that clears its bonds.",
    )
    .client("bonds_reset_enabled")
    .by("sudo_set_bonds_reset_enabled", 70),
    owner(
        "LiquidAlphaOn",
        Kind::Bool,
        Unit::Switch,
        0,
        "Bonds move at a speed of their own for every pair of validator and miner.",
    )
    .client("liquid_alpha_enabled")
    .by("sudo_set_liquid_alpha_enabled", 50),
    owner(
        "AlphaValues.low",
        Kind::U16,
        SHARE,
        45_875,
        "Slowest speed of bonds with liquid alpha, which must be on; at most the fastest.",
    )
    .client("alpha_low")
    .by("sudo_set_alpha_values", 51)
    .bounds(SLOWEST_BONDS, 65_535),
    owner(
        "AlphaValues.high",
        Kind::U16,
        SHARE,
        58_982,
        "Fastest speed of bonds with liquid alpha, which must be on.",
    )
    .client("alpha_high")
    .behind(2)
    .by("sudo_set_alpha_values", 51)
    .bounds(SLOWEST_BONDS, 65_535),
    owner(
        "AlphaSigmoidSteepness",
        Kind::I16,
        Unit::Count,
        1_000,
        "How sharply liquid alpha turns from slow to fast, in hundredths.",
    )
    .client("alpha_sigmoid_steepness")
    .by("sudo_set_alpha_sigmoid_steepness", 68)
    .range(0, i16::MAX as i128),
    owner(
        "MechanismCountCurrent",
        Kind::U8,
        Unit::Count,
        1,
        "Mechanisms that judge miners side by side; at most `MaxMechanismCount`, and 256 neurons over all of them.",
    )
    .by("sudo_set_mechanism_count", 76)
    .bounds(1, super::network::HARD_MECHANISM_LIMIT)
    .every(Cooldown::ByProfile {
        production: Profile::PRODUCTION.mechanism_count_interval(),
        fast: Profile::FAST.mechanism_count_interval(),
    }),
    // Neurons: their number, registration and pruning.
    owner(
        "MaxAllowedUids",
        Kind::U16,
        Unit::Count,
        256,
        "Most neurons; at least those there are and `MinAllowedUids`.",
    )
    .by("sudo_set_max_allowed_uids", 15)
    .bounds(0, 256),
    root(
        "MinAllowedUids",
        Kind::U16,
        Unit::Count,
        64,
        "What `MaxAllowedUids` cannot go below; less than it, and less than the neurons there are.",
    )
    .by("sudo_set_min_allowed_uids", 79),
    root(
        "MaxAllowedValidators",
        Kind::U16,
        Unit::Count,
        128,
        "Most neurons with a validator permit; at most `MaxAllowedUids`.",
    )
    .client("max_validators")
    .by("sudo_set_max_allowed_validators", 25)
    .registered(64),
    owner(
        "ImmunityPeriod",
        Kind::U16,
        Unit::Blocks,
        4_096,
        "Blocks after its registration in which a neuron is not replaced; longer than a commit waits for its reveal.",
    )
    .client("immunity_period")
    .by("sudo_set_immunity_period", 13)
    .registered(5_000),
    owner(
        "ImmuneOwnerUidsLimit",
        Kind::U16,
        Unit::Count,
        1,
        "Neurons of the owner that are never replaced.",
    )
    .by("sudo_set_owner_immune_neuron_limit", 72)
    .range(1, 10),
    root(
        "MinNonImmuneUids",
        Kind::U16,
        Unit::Count,
        10,
        "Up to this many non-immune neurons, an immune one is replaced instead.",
    )
    .by("sudo_set_min_non_immune_uids", 84),
    root(
        "NetworkRegistrationAllowed",
        Kind::Bool,
        Unit::Switch,
        1,
        "Neurons may register; off also stops all emission.",
    )
    .client("registration_allowed")
    .by("sudo_set_network_registration_allowed", 19),
    fixed("Burn", Kind::Tao, Unit::Tao, TAO / 10, "Current price of a registration.")
        .registered(TAO)
        .registered_fast(TAO / 10),
    owner(
        "MinBurn",
        Kind::Tao,
        Unit::Tao,
        500_000,
        "Lowest price of a registration; for owners below the highest.",
    )
    .client("min_burn")
    .by("sudo_set_min_burn", 22)
    .range(LEAST_MIN_BURN_RAO as i128, TAO - 1),
    owner(
        "MaxBurn",
        Kind::Tao,
        Unit::Tao,
        100 * TAO,
        "Highest price of a registration; for owners above the lowest.",
    )
    .client("max_burn")
    .by("sudo_set_max_burn", 23)
    .range(TAO / 10 + 1, u64::MAX as i128),
    owner(
        "BurnHalfLife",
        Kind::U16,
        Unit::Blocks,
        360,
        "Blocks in which the price of a registration halves; 0 stops its fall.",
    )
    .client("burn_half_life")
    .by("sudo_set_burn_half_life", 89)
    .registered_fast(0)
    .range(1, 36_100),
    owner(
        "BurnIncreaseMult",
        Kind::FixedU64F64,
        Unit::Factor(64),
        // 1.26 as the double nearest to it, which is what the official default holds.
        23_242_897_532_874_035_200,
        "Factor on the price at each registration.",
    )
    .client("burn_increase_mult")
    .by("sudo_set_burn_increase_mult", 90)
    .range(1 << 64, 3 << 64),
    root(
        "MaxRegistrationsPerBlock",
        Kind::U16,
        Unit::Count,
        1,
        "Registrations per block; applies to the root network.",
    )
    .client("max_regs_per_block")
    .by("sudo_set_max_registrations_per_block", 27),
    root(
        "TargetRegistrationsPerInterval",
        Kind::U16,
        Unit::Count,
        2,
        "A third of the registrations per interval on the root network.",
    )
    .client("target_regs_per_interval")
    .by("sudo_set_target_registrations_per_interval", 21),
    // Weights.
    owner(
        "MinAllowedWeights",
        Kind::U16,
        Unit::Count,
        1_024,
        "Fewest weights in a row, unless there are fewer neurons.",
    )
    .client("min_allowed_weights")
    .by("sudo_set_min_allowed_weights", 14)
    .registered(1),
    fixed("MaxWeightsLimit", Kind::U16, SHARE, 65_535, "Largest weight in a row.").client("max_weights_limit"),
    root("WeightsSetRateLimit", Kind::U64, Unit::Blocks, 100, "Blocks between two settings of weights.")
        .client("weights_rate_limit")
        .by("sudo_set_weights_set_rate_limit", 7),
    owner(
        "WeightsVersionKey",
        Kind::U64,
        Unit::Count,
        0,
        "Oldest version of validator software whose weights are taken; 0 takes all.",
    )
    .client("weights_version")
    .by("sudo_set_weights_version_key", 6)
    .every(Cooldown::VersionKeyTempos),
    owner(
        "CommitRevealWeightsEnabled",
        Kind::Bool,
        Unit::Switch,
        1,
        "Weights are committed first and revealed later.",
    )
    .client("commit_reveal_weights_enabled")
    .by("sudo_set_commit_reveal_weights_enabled", 49),
    owner(
        "RevealPeriodEpochs",
        Kind::U64,
        Unit::Tempos,
        1,
        "Epochs between committing and revealing weights; shorter than immunity.",
    )
    .client("commit_reveal_period")
    .by("sudo_set_commit_reveal_weights_interval", 57)
    .bounds(1, 100),
    // Money.
    root(
        "SubnetEmissionEnabled",
        Kind::Bool,
        Unit::Switch,
        1,
        "The subnet receives TAO; alpha is emitted either way.",
    )
    .by("sudo_set_subnet_emission_enabled", 94)
    .registered(0),
    root(
        "SubtokenEnabled",
        Kind::Bool,
        Unit::Switch,
        0,
        "The start call was made: alpha can be bought and sold.",
    )
    .client("subnet_is_active")
    .by("sudo_set_subtoken_enabled", 66),
    owner(
        "OwnerCutEnabled",
        Kind::Bool,
        Unit::Switch,
        1,
        "The owner receives its part of the subnet's alpha.",
    )
    .client("owner_cut_enabled")
    .by("sudo_set_owner_cut_enabled", 92),
    owner(
        "OwnerCutAutoLockEnabled",
        Kind::Bool,
        Unit::Switch,
        0,
        "The owner's part is locked when it is paid.",
    )
    .client("owner_cut_auto_lock_enabled")
    .by("sudo_set_owner_cut_auto_lock_enabled", 95),
    owner(
        "RecycleOrBurn",
        Kind::U8,
        Unit::Choice(&["burn", "recycle"]),
        0,
        "What becomes of incentives of the owner's miners.",
    )
    .by("sudo_set_recycle_or_burn", 80)
    .bounds(0, 1),
    owner(
        "TransferToggle",
        Kind::Bool,
        Unit::Switch,
        1,
        "Stake may be transferred to another coldkey.",
    )
    .client("transfers_enabled")
    .by("sudo_set_toggle_transfer", 61),
    owner("MinChildkeyTakePerSubnet", Kind::U16, SHARE, 0, "Lowest childkey take.")
        .client("min_childkey_take")
        .by("sudo_set_min_childkey_take_per_subnet", 93)
        .range(0, crate::childkeys::MAX_TAKE as i128),
    owner(
        "RootClaimableThreshold",
        Kind::FixedI96F32,
        Unit::Alpha,
        (crate::claim::DEFAULT_CLAIM_THRESHOLD_RAO as i128) << 32,
        "Smallest claim of root dividends that is paid.",
    )
    .by_network("sudo_set_root_claim_threshold", 124)
    .bounds(0, (crate::claim::MAX_CLAIM_THRESHOLD_RAO as i128) << 32)
    .every(Cooldown::None),
    root("FeeRate", Kind::U16, SHARE, crate::pool::DEFAULT_FEE_RATE as i128, "Fee on swaps.")
        .of_pallet("Swap")
        .by_swap("set_fee_rate", 0)
        .bounds(0, crate::pool::MAX_FEE_RATE as i128),
    root(
        "EMAPriceHalvingBlocks",
        Kind::U64,
        Unit::Blocks,
        201_600,
        "Age at which the moving price has half its speed.",
    )
    .by("sudo_set_ema_price_halving_period", 65),
    // Votes and collateral.
    root(
        "VotingPowerEmaAlpha",
        Kind::U64,
        Unit::Of(crate::voting::MAX_EMA_ALPHA),
        crate::voting::DEFAULT_EMA_ALPHA as i128,
        "How far voting power follows stake in an epoch.",
    )
    .by_network("sudo_set_voting_power_ema_alpha", 131)
    .bounds(0, crate::voting::MAX_EMA_ALPHA as i128),
    owner(
        "Requirements.amount",
        Kind::Tao,
        Unit::Tao,
        0,
        "Collateral that a miner should lock, at least 0.1; 0 asks for none.",
    )
    .known_as("collateral_amount")
    .of_pallet("Collateral")
    .by_collateral("set_requirement", 0)
    .bounds(0, crate::collateral::MAX_REQUIREMENT.to_rao() as i128)
    .every(Cooldown::None),
    owner(
        "Requirements.unbonding",
        Kind::U32,
        Unit::Blocks,
        0,
        "Blocks that collateral stays after it was asked back; 0 while none is asked for.",
    )
    .known_as("collateral_unbonding")
    .behind(8)
    .of_pallet("Collateral")
    .by_collateral("set_requirement", 0)
    .bounds(crate::collateral::MIN_UNBONDING as i128, crate::collateral::MAX_UNBONDING as i128)
    .every(Cooldown::None),
    // Serving.
    owner(
        "ServingRateLimit",
        Kind::U64,
        Unit::Blocks,
        50,
        "Blocks between two announcements of a neuron's address, at least one; below 10 an announcement costs a fee.",
    )
    .client("serving_rate_limit")
    .by("sudo_set_serving_rate_limit", 3),
    // Kept for clients that read or set them; they have no effect.
    owner("Rho", Kind::U16, Unit::Count, 10, "Once the steepness of trust.").by("sudo_set_rho", 17).without_effect(),
    owner(
        "ActivityCutoff",
        Kind::U16,
        Unit::Blocks,
        5_000,
        "Once the blocks after which a validator counted as inactive; see `ActivityCutoffFactorMilli`.",
    )
    .by("sudo_set_activity_cutoff", 18)
    .without_effect(),
    root("AdjustmentInterval", Kind::U16, Unit::Blocks, 100, "Once the blocks between two changes of the price.")
        .by("sudo_set_adjustment_interval", 8)
        .without_effect(),
    owner("AdjustmentAlpha", Kind::U64, Unit::Of(u64::MAX), 0, "Once the inertia of the price.")
        .by("sudo_set_adjustment_alpha", 9)
        .without_effect(),
    owner(
        "NetworkPowRegistrationAllowed",
        Kind::Bool,
        Unit::Switch,
        1,
        "Once whether neurons may register by proof of work.",
    )
    .by("sudo_set_network_pow_registration_allowed", 20)
    .without_effect(),
    root("Difficulty", Kind::U64, Unit::Count, 10_000_000, "Once the difficulty of a proof of work.")
        .by("sudo_set_difficulty", 24)
        .without_effect(),
    root("MinDifficulty", Kind::U64, Unit::Count, 10_000_000, "Once the lowest difficulty.")
        .by("sudo_set_min_difficulty", 4)
        .without_effect(),
    owner(
        "MaxDifficulty",
        Kind::U64,
        Unit::Count,
        (u64::MAX / 4) as i128,
        "Once the highest difficulty.",
    )
    .by("sudo_set_max_difficulty", 5)
    .without_effect(),
];
