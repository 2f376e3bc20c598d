//! Parameters that each subnet has a value of.

use super::{fixed, owner, root, Cooldown, Kind, Parameter};

const TAO: i128 = 1_000_000_000;

/// The rows, grouped by what they govern.
pub const SUBNET: &[Parameter] = &[
    // The epoch: when it runs and how it judges.
    owner("Tempo", Kind::U16, 360, "Blocks between two epochs; 0 stops them.")
        .client("tempo")
        .by("sudo_set_tempo")
        .fast(10)
        .range(360, 50_400)
        .every(Cooldown::Blocks(360)),
    root(
        "Kappa",
        Kind::U16,
        32_767,
        "Stake, as a fraction of 65535, that must support a weight for it to count.",
    )
    .client("kappa")
    .by("sudo_set_kappa"),
    owner("Rho", Kind::U16, 10, "Unused by consensus; kept for clients.").by("sudo_set_rho"),
    owner(
        "ActivityCutoffFactorMilli",
        Kind::U32,
        13_889,
        "Thousandths of a tempo after which a validator that set no weights counts as inactive.",
    )
    .client("activity_cutoff_factor")
    .by("sudo_set_activity_cutoff_factor")
    .range(1_000, 50_000),
    owner("Yuma3On", Kind::Bool, 0, "Bonds follow Yuma 3 instead of Yuma 2.")
        .client("yuma_version")
        .by("sudo_set_yuma3_enabled")
        .registered(1),
    owner(
        "BondsMovingAverage",
        Kind::U64,
        900_000,
        "Millionths of a bond that are kept from one epoch to the next.",
    )
    .client("bonds_moving_avg")
    .by("sudo_set_bonds_moving_average")
    .range(0, 975_000),
    owner(
        "BondsPenalty",
        Kind::U16,
        65_535,
        "How far weights above consensus are cut before they make bonds, of 65535.",
    )
    .by("sudo_set_bonds_penalty"),
    owner("BondsResetOn", Kind::Bool, 0, "A miner may publish a commitment that clears its bonds.")
        .client("bonds_reset_enabled")
        .by("sudo_set_bonds_reset_enabled"),
    owner(
        "LiquidAlphaOn",
        Kind::Bool,
        0,
        "Bonds move at a speed of their own for every pair of validator and miner.",
    )
    .client("liquid_alpha_enabled")
    .by("sudo_set_liquid_alpha_enabled"),
    owner(
        "AlphaValues.low",
        Kind::U16,
        45_875,
        "Slowest speed of bonds with liquid alpha, of 65535; at most the fastest.",
    )
    .client("alpha_low")
    .by("sudo_set_alpha_values")
    .range(1_638, 65_535),
    owner("AlphaValues.high", Kind::U16, 58_982, "Fastest speed of bonds with liquid alpha, of 65535.")
        .client("alpha_high")
        .by("sudo_set_alpha_values")
        .range(1_638, 65_535),
    owner(
        "AlphaSigmoidSteepness",
        Kind::I16,
        1_000,
        "Hundredths: how sharply liquid alpha turns from slow to fast.",
    )
    .client("alpha_sigmoid_steepness")
    .by("sudo_set_alpha_sigmoid_steepness")
    .range(0, i16::MAX as i128),
    owner("MechanismCountCurrent", Kind::U8, 1, "Mechanisms that judge miners side by side.")
        .by("sudo_set_mechanism_count")
        .range(1, 2)
        .every(Cooldown::ByProfile { production: 7_200, fast: 1 }),
    // Neurons: how many, how they come and go.
    owner("MaxAllowedUids", Kind::U16, 256, "Most neurons.").by("sudo_set_max_allowed_uids").range(64, 256),
    root("MinAllowedUids", Kind::U16, 64, "The number of neurons that an owner cannot go below.")
        .by("sudo_set_min_allowed_uids"),
    root("MaxAllowedValidators", Kind::U16, 128, "Most neurons with a validator permit.")
        .client("max_validators")
        .by("sudo_set_max_allowed_validators")
        .registered(64),
    owner(
        "ImmunityPeriod",
        Kind::U16,
        4_096,
        "Blocks after its registration in which a neuron is not replaced.",
    )
    .client("immunity_period")
    .by("sudo_set_immunity_period")
    .registered(5_000),
    owner("ImmuneOwnerUidsLimit", Kind::U16, 1, "Neurons of the owner that are never replaced.")
        .by("sudo_set_owner_immune_neuron_limit")
        .range(1, 10),
    root(
        "MinNonImmuneUids",
        Kind::U16,
        10,
        "Up to this many non-immune neurons, an immune one is replaced instead.",
    )
    .by("sudo_set_min_non_immune_uids"),
    root("NetworkRegistrationAllowed", Kind::Bool, 1, "Neurons may register; off also stops all emission.")
        .client("registration_allowed")
        .by("sudo_set_network_registration_allowed"),
    fixed("Burn", Kind::Tao, TAO / 10, "Current price of a registration.").registered(TAO),
    owner("MinBurn", Kind::Tao, 500_000, "Lowest price of a registration; below the highest.")
        .client("min_burn")
        .by("sudo_set_min_burn")
        .range(0, TAO - 1),
    owner("MaxBurn", Kind::Tao, 100 * TAO, "Highest price of a registration; above the lowest.")
        .client("max_burn")
        .by("sudo_set_max_burn")
        .range(TAO / 10 + 1, u64::MAX as i128),
    owner("BurnHalfLife", Kind::U16, 360, "Blocks in which the price of a registration halves.")
        .client("burn_half_life")
        .by("sudo_set_burn_half_life")
        .range(1, 36_100),
    owner(
        "BurnIncreaseMult",
        Kind::FixedU64F64,
        // 1.26 as the double nearest to it, which is what the official default holds.
        23_242_897_532_874_035_200,
        "Factor on the price at each registration; settable to whole numbers.",
    )
    .client("burn_increase_mult")
    .by("sudo_set_burn_increase_mult")
    .range(1 << 64, 3 << 64),
    root("MaxRegistrationsPerBlock", Kind::U16, 1, "Registrations per block; applies to the root network.")
        .client("max_regs_per_block")
        .by("sudo_set_max_registrations_per_block"),
    root(
        "TargetRegistrationsPerInterval",
        Kind::U16,
        2,
        "A third of the registrations per interval on the root network.",
    )
    .client("target_regs_per_interval")
    .by("sudo_set_target_registrations_per_interval"),
    // Weights.
    owner("MinAllowedWeights", Kind::U16, 1_024, "Fewest weights in a row, unless there are fewer neurons.")
        .client("min_allowed_weights")
        .by("sudo_set_min_allowed_weights")
        .registered(1),
    fixed("MaxWeightsLimit", Kind::U16, 65_535, "Largest weight in a row, of 65535.")
        .client("max_weights_limit"),
    root("WeightsSetRateLimit", Kind::U64, 100, "Blocks between two settings of weights.")
        .client("weights_rate_limit")
        .by("sudo_set_weights_set_rate_limit"),
    owner(
        "WeightsVersionKey",
        Kind::U64,
        0,
        "Oldest version of validator software whose weights are taken; 0 takes all.",
    )
    .client("weights_version")
    .by("sudo_set_weights_version_key")
    .every(Cooldown::Tempos(5)),
    owner("CommitRevealWeightsEnabled", Kind::Bool, 1, "Weights are committed first and revealed later.")
        .client("commit_reveal_weights_enabled")
        .by("sudo_set_commit_reveal_weights_enabled"),
    owner("RevealPeriodEpochs", Kind::U64, 1, "Epochs between committing and revealing weights.")
        .client("commit_reveal_period")
        .by("sudo_set_commit_reveal_weights_interval")
        .range(1, 100),
    // Money.
    root("SubnetEmissionEnabled", Kind::Bool, 1, "The subnet receives TAO; alpha is emitted either way.")
        .by("sudo_set_subnet_emission_enabled")
        .registered(0),
    root("SubtokenEnabled", Kind::Bool, 0, "The start call was made: staking and emission run.")
        .client("subnet_is_active")
        .by("sudo_set_subtoken_enabled"),
    owner("OwnerCutEnabled", Kind::Bool, 1, "The owner receives its part of the subnet's alpha.")
        .client("owner_cut_enabled")
        .by("sudo_set_owner_cut_enabled"),
    owner("OwnerCutAutoLockEnabled", Kind::Bool, 0, "The owner's part is locked when it is paid.")
        .client("owner_cut_auto_lock_enabled")
        .by("sudo_set_owner_cut_auto_lock_enabled"),
    owner(
        "RecycleOrBurn",
        Kind::U8,
        0,
        "What becomes of incentives of the owner's miners: 0 burn, 1 recycle.",
    )
    .by("sudo_set_recycle_or_burn")
    .range(0, 1),
    owner("TransferToggle", Kind::Bool, 1, "Stake may be transferred to another coldkey.")
        .client("transfers_enabled")
        .by("sudo_set_toggle_transfer"),
    owner("MinChildkeyTakePerSubnet", Kind::U16, 0, "Lowest childkey take, of 65535.")
        .client("min_childkey_take")
        .by("sudo_set_min_childkey_take_per_subnet")
        .range(0, crate::childkeys::MAX_TAKE as i128),
    owner(
        "RootClaimableThreshold",
        Kind::FixedI96F32,
        (crate::claim::DEFAULT_CLAIM_THRESHOLD_RAO as i128) << 32,
        "Smallest claim of root dividends that is paid.",
    )
    .by("sudo_set_root_claim_threshold")
    .range(0, (crate::claim::MAX_CLAIM_THRESHOLD_RAO as i128) << 32)
    .every(Cooldown::None),
    root("FeeRate", Kind::U16, crate::pool::DEFAULT_FEE_RATE as i128, "Fee on swaps, of 65535.")
        .by("set_fee_rate")
        .range(0, crate::pool::MAX_FEE_RATE as i128),
    root(
        "EMAPriceHalvingBlocks",
        Kind::U64,
        201_600,
        "Age in blocks at which the moving price has half its speed.",
    )
    .by("sudo_set_ema_price_halving_period"),
    // Serving.
    owner("ServingRateLimit", Kind::U64, 50, "Blocks between two announcements of a neuron's address.")
        .client("serving_rate_limit")
        .by("sudo_set_serving_rate_limit"),
];
