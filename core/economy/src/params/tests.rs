use super::*;
use std::collections::BTreeSet;

fn rows() -> impl Iterator<Item = &'static Parameter> {
    SUBNET.iter().chain(NETWORK)
}

#[test]
fn every_default_is_a_value_of_its_type() {
    for parameter in rows() {
        let name = parameter.name;
        let (min, max) = parameter.kind.bounds();
        for profile in [Profile::PRODUCTION, Profile::FAST] {
            for origin in [Origin::Genesis, Origin::Registered] {
                let value = parameter.default_on(&profile, origin);
                assert!((min..=max).contains(&value), "{name} = {value}");
            }
        }
        for caller in [Caller::Root, Caller::Owner] {
            let (least, most) = parameter.range_of(caller);
            assert!(min <= least && least <= most && most <= max, "{name}");
        }
        assert_eq!(parameter.stored(), parameter.default_on(&Profile::FAST, Origin::Genesis), "{name}");
    }
}

#[test]
fn names_are_unique_and_meanings_are_sentences() {
    let (mut names, mut titles, mut calls) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for parameter in rows() {
        assert!(names.insert(parameter.name), "{} stands twice", parameter.name);
        assert!(titles.insert(parameter.title()), "{} stands twice", parameter.title());
        assert!(parameter.meaning.ends_with('.'), "{}", parameter.name);
        assert_eq!(find(parameter.name), Some(parameter));
        assert_eq!(find(parameter.title()), Some(parameter));
        for call in parameter.call.into_iter().chain(parameter.owner_call) {
            let pair = parameter.name.contains('.');
            assert!(calls.insert((call.pallet, call.index)) || pair, "{} has a number of another", call.name);
        }
    }
    for action in ACTIONS {
        assert!(calls.insert((action.call.pallet, action.call.index)), "{}", action.call.name);
    }
    assert_eq!(find("no such parameter"), None);
}

#[test]
fn who_may_set_a_parameter_has_a_call_for_it() {
    for parameter in rows() {
        let name = parameter.name;
        match parameter.setter {
            Setter::Nobody => assert_eq!((parameter.call, parameter.owner_call), (None, None), "{name}"),
            Setter::Root => assert!(parameter.call.is_some() && !parameter.shared, "{name}"),
            Setter::Owner => {
                assert!(parameter.call.is_some(), "{name}");
                assert!(parameter.call_of_owner().is_some(), "{name}");
                assert!(parameter.shared || parameter.owner_call.is_some(), "{name}");
            }
        }
    }
}

#[test]
fn defaults_depend_on_profile_and_origin() {
    let tempo = find("tempo").expect("clients ask for it");
    assert_eq!(
        tempo.default_on(&Profile::PRODUCTION, Origin::Genesis),
        i128::from(Profile::PRODUCTION.tempo())
    );
    assert_eq!(tempo.default_on(&Profile::FAST, Origin::Registered), i128::from(Profile::FAST.tempo()));
    let immunity = find("ImmunityPeriod").expect("a row");
    assert_eq!(immunity.default_on(&Profile::PRODUCTION, Origin::Genesis), 4_096);
    assert_eq!(immunity.default_on(&Profile::PRODUCTION, Origin::Registered), 5_000);
    let burn = find("Burn").expect("a row");
    assert_eq!(burn.default_on(&Profile::PRODUCTION, Origin::Registered), 1_000_000_000);
    assert_eq!(burn.default_on(&Profile::FAST, Origin::Registered), 100_000_000);
    let half_life = find("BurnHalfLife").expect("a row");
    assert_eq!(half_life.default_on(&Profile::FAST, Origin::Genesis), 360);
    assert_eq!(half_life.default_on(&Profile::FAST, Origin::Registered), 0);
    let emission = find("sudo_set_subnet_emission_enabled").expect("a row");
    assert_eq!(emission.default_on(&Profile::FAST, Origin::Registered), 0);
}

#[test]
fn owners_are_bound_by_ranges_and_root_by_types_alone() {
    let average = find("BondsMovingAverage").expect("a row");
    assert_eq!(average.check(975_000, Caller::Owner), Ok(()));
    assert!(matches!(
        average.check(975_001, Caller::Owner),
        Err(ParameterError::TooLarge { max: 975_000, .. })
    ));
    assert_eq!(average.check(1_000_000, Caller::Root), Ok(()));
    assert!(matches!(average.check(-1, Caller::Root), Err(ParameterError::WrongType { .. })));
    let kappa = find("kappa").expect("a row");
    assert_eq!(kappa.check(1, Caller::Owner), Err(ParameterError::NotAllowed { name: "Kappa" }));
    assert_eq!(kappa.check(1, Caller::Root), Ok(()));
}

#[test]
fn some_ranges_bind_root_too() {
    let reveal = find("commit_reveal_period").expect("a row");
    assert!(matches!(reveal.check(0, Caller::Root), Err(ParameterError::TooSmall { min: 1, .. })));
    assert!(matches!(reveal.check(101, Caller::Root), Err(ParameterError::TooLarge { max: 100, .. })));
}

#[test]
fn cooldowns_follow_tempo_and_profile() {
    let pace = Pace { tempo: 360, owner_tempos: 2, version_key_tempos: 5, profile: Profile::PRODUCTION };
    let fast = Pace { profile: Profile::FAST, ..pace };
    let blocks = |name: &str, pace| find(name).map(|p| p.cooldown.blocks(pace));
    assert_eq!(blocks("ImmunityPeriod", &pace), Some(720));
    assert_eq!(blocks("WeightsVersionKey", &pace), Some(1_800));
    assert_eq!(blocks("Tempo", &fast), Some(360));
    assert_eq!(blocks("MechanismCountCurrent", &pace), Some(7_200));
    assert_eq!(blocks("MechanismCountCurrent", &fast), Some(1));
    assert_eq!(blocks("Kappa", &pace), Some(0));
}

#[test]
fn values_keep_their_bytes() {
    for parameter in rows() {
        let (min, max) = parameter.kind.bounds();
        for value in [parameter.default, min, max, parameter.range.0, parameter.range.1] {
            let bytes = parameter.kind.to_bytes(value);
            assert_eq!(bytes.len(), parameter.kind.width());
            assert_eq!(parameter.kind.from_bytes(&bytes), Some(value), "{}", parameter.name);
            assert_eq!(parameter.kind.from_bytes(&bytes[1..]), None, "{}", parameter.name);
        }
    }
}

#[test]
fn a_pair_is_one_item() {
    let pair = [0x11, 0x22, 0x33, 0x44];
    let (low, high) = (row("AlphaValues.low"), row("AlphaValues.high"));
    assert_eq!((low.item(), high.item()), ("AlphaValues", "AlphaValues"));
    assert_eq!((low.read(&pair), high.read(&pair)), (Some(0x2211), Some(0x4433)));
    assert_eq!((low.read(&pair[..1]), high.read(&pair[..1])), (None, None));
    assert_eq!(row("Tempo").item(), "Tempo");
}

#[test]
fn a_row_and_an_action_are_found_by_their_name_alone() {
    for parameter in rows() {
        assert_eq!(row(parameter.name), parameter);
        assert_eq!(find(parameter.name), Some(parameter), "{}", parameter.name);
    }
    for known in ACTIONS {
        assert_eq!(actions::action(known.call.name), known);
    }
    for unknown in ["", "Temp", "Tempos", "tEMPO"] {
        assert!(std::panic::catch_unwind(|| row(unknown)).is_err(), "{unknown}");
        assert!(std::panic::catch_unwind(|| actions::action(unknown)).is_err(), "{unknown}");
    }
}

#[test]
fn values_are_compared_by_their_number() {
    assert_eq!(TaoBalance::from_rao(7).raw(), 7);
    assert_eq!(I96F32::from_bits(-7).raw(), -7);
    assert_eq!(U64F64::from_bits(7).raw(), 7);
    assert_eq!(U64F64::MAX.raw(), i128::MAX, "the end of the table's range");
    assert_eq!(
        (true.raw(), 7u8.raw(), 7u16.raw(), 7u32.raw(), u64::MAX.raw()),
        (1, 7, 7, 7, u64::MAX.into())
    );
    assert_eq!((-7i16).raw(), -7);
}

#[test]
fn both_ends_of_a_range_are_allowed() {
    for parameter in rows().filter(|parameter| parameter.setter != Setter::Nobody) {
        for caller in [Caller::Root, Caller::Owner] {
            let (min, max) = parameter.range_of(caller);
            let allowed = caller == Caller::Root || parameter.setter == Setter::Owner;
            assert_eq!(parameter.check(min, caller).is_ok(), allowed, "{}", parameter.name);
            assert_eq!(parameter.check(max, caller).is_ok(), allowed, "{}", parameter.name);
            if let Some(less) = min.checked_sub(1) {
                assert!(parameter.check(less, caller).is_err(), "{}", parameter.name);
            }
        }
    }
}

#[test]
fn the_moving_price_starts_as_the_table_says() {
    // 3·10⁻⁶ to the nearest 2⁻³².
    let default = myelin_units::I96F32::from_bits(12_885);
    assert_eq!(default.raw(), row("SubnetMovingAlpha").default);
    // 3·10⁻⁶ to the nearest 2⁻³².
    assert_eq!(default.raw(), (3i128 << 32).div_euclid(1_000_000) + 1);
}

#[test]
fn registration_writes_its_own_value_where_a_row_has_one() {
    assert_eq!(row("ImmunityPeriod").on_registration(), 5_000);
    assert_eq!(row("Kappa").on_registration(), 32_767);
    assert_eq!(row("Tempo").stored(), i128::from(Profile::FAST.tempo()));
    assert_eq!(row("Kappa").stored(), 32_767);
}

/// Each word that describes a row sets one field and leaves the others alone.
#[test]
fn a_row_says_what_it_was_told() {
    use super::parameter::{fixed, owner, root};

    let plain = root("Name", Kind::U8, Unit::Count, 3, "Meaning.");
    let expected = Parameter {
        name: "Name",
        pallet: "SubtensorModule",
        client_name: None,
        alias: None,
        offset: 0,
        call: None,
        owner_call: None,
        shared: false,
        kind: Kind::U8,
        unit: Unit::Count,
        default: 3,
        fast: None,
        registered: None,
        registered_fast: None,
        range: (0, 255),
        root_range: (0, 255),
        setter: Setter::Root,
        cooldown: Cooldown::None,
        live: true,
        meaning: "Meaning.",
    };
    assert_eq!(plain, expected);
    let nobodys = fixed("Name", Kind::U8, Unit::Count, 3, "Meaning.");
    assert_eq!(nobodys, Parameter { setter: Setter::Nobody, ..expected });
    let owners = owner("Name", Kind::U8, Unit::Count, 3, "Meaning.");
    let shared =
        Parameter { setter: Setter::Owner, shared: true, cooldown: Cooldown::OwnerTempos, ..expected };
    assert_eq!(owners, shared);

    let call = |pallet, name| Some(Call { pallet, name, index: 9 });
    assert_eq!(plain.client("c"), Parameter { client_name: Some("c"), ..expected });
    assert_eq!(plain.known_as("c"), Parameter { alias: Some("c"), ..expected });
    assert_eq!(plain.behind(8), Parameter { offset: 8, ..expected });
    assert_eq!(plain.by("c", 9), Parameter { call: call("AdminUtils", "c"), ..expected });
    assert_eq!(plain.by_network("c", 9), Parameter { call: call("SubtensorModule", "c"), ..expected });
    assert_eq!(plain.by_swap("c", 9), Parameter { call: call("Swap", "c"), ..expected });
    assert_eq!(plain.by_collateral("c", 9), Parameter { call: call("Collateral", "c"), ..expected });
    assert_eq!(plain.by_commitments("c", 9), Parameter { call: call("Commitments", "c"), ..expected });
    let own = call("SubtensorModule", "c");
    assert_eq!(owners.owner_also_by("c", 9), Parameter { owner_call: own, ..shared });
    assert_eq!(owners.owner_only_by("c", 9), Parameter { owner_call: own, shared: false, ..shared });
    assert_eq!(plain.fast(4), Parameter { fast: Some(4), ..expected });
    assert_eq!(plain.registered(4), Parameter { registered: Some(4), ..expected });
    assert_eq!(plain.registered_fast(4), Parameter { registered_fast: Some(4), ..expected });
    assert_eq!(plain.range(4, 5), Parameter { range: (4, 5), ..expected });
    assert_eq!(plain.bounds(4, 5), Parameter { range: (4, 5), root_range: (4, 5), ..expected });
    assert_eq!(plain.every(Cooldown::Blocks(4)), Parameter { cooldown: Cooldown::Blocks(4), ..expected });
    assert_eq!(plain.of_pallet("P"), Parameter { pallet: "P", ..expected });
    assert_eq!(plain.without_effect(), Parameter { live: false, ..expected });
}

/// Rows that the owner sets by a call of its own: the general call stays root's.
#[test]
fn an_owners_own_call_replaces_the_shared_one() {
    let own: Vec<&Parameter> = rows().filter(|row| row.setter == Setter::Owner && !row.shared).collect();
    assert!(!own.is_empty());
    for parameter in own {
        assert!(parameter.owner_call.is_some(), "{}", parameter.name);
        assert_eq!(parameter.call_of_owner(), parameter.owner_call, "{}", parameter.name);
        assert_ne!(parameter.call, parameter.owner_call, "{}", parameter.name);
    }
}

/// Defaults and ranges as the protocol states them, digit by digit.
#[test]
fn the_table_holds_the_protocols_numbers() {
    let defaults: &[(&str, i128)] = &[
        ("Tempo", 360),
        ("ActivityCutoffFactorMilli", 13_889),
        ("MaxEpochsPerBlock", 2),
        ("AdminFreezeWindow", 10),
        ("OwnerHyperparamRateLimit", 2),
        ("Kappa", 32_767),
        ("BondsMovingAverage", 900_000),
        ("BondsPenalty", 65_535),
        ("AlphaValues.low", 45_875),
        ("AlphaValues.high", 58_982),
        ("AlphaSigmoidSteepness", 1_000),
        ("MaxAllowedUids", 256),
        ("MinAllowedUids", 64),
        ("MaxAllowedValidators", 128),
        ("MinAllowedWeights", 1_024),
        ("WeightsSetRateLimit", 100),
        ("WeightsVersionKeyRateLimit", 5),
        ("CommitRevealWeightsVersion", 4),
        ("RevealPeriodEpochs", 1),
        ("ImmunityPeriod", 4_096),
        ("MinNonImmuneUids", 10),
        ("StakeThreshold", 0),
        ("Burn", 100_000_000),
        ("MinBurn", 500_000),
        ("MaxBurn", 100_000_000_000),
        ("BurnHalfLife", 360),
        ("MaxRegistrationsPerBlock", 1),
        ("SubnetLimit", 128),
        ("NetworkImmunityPeriod", 1_296_000),
        ("NetworkMinLockCost", 1_000_000_000_000),
        ("NetworkLockReductionInterval", 100_800),
        ("NetworkRateLimit", 7_200),
        ("SubnetOwnerCut", 11_796),
        ("TaoWeight", 971_718_665_099_567_868),
        ("EMAPriceHalvingBlocks", 201_600),
        ("NominatorMinRequiredStake", 0),
        ("MaxDelegateTake", 11_796),
        ("MaxChildkeyTake", 11_796),
        ("TxDelegateTakeRateLimit", 216_000),
        ("TxChildkeyTakeRateLimit", 216_000),
        ("PendingChildKeyCooldown", 7_200),
        ("CKBurn", 0),
        ("UnlockRate", 934_866),
        ("MaturityRate", 934_866),
        ("FeeRate", 33),
        ("MaxSpace", 3_100),
        ("FeeWeightPerRao", 2_000),
        ("FeePerByte", 1),
        ("SessionLength", 300),
        ("NumRootClaim", 5),
        // 500,000 rao with 32 fractional bits.
        ("RootClaimableThreshold", 2_147_483_648_000_000),
        ("VotingPowerEmaAlpha", 3_570_000_000_000_000),
        ("MaxDifficulty", 4_611_686_018_427_387_903),
    ];
    for (name, default) in defaults {
        assert_eq!(row(name).default, *default, "{name}");
    }
    let ranges: &[(&str, (i128, i128))] = &[
        ("Tempo", (360, 50_400)),
        ("ActivityCutoffFactorMilli", (1_000, 50_000)),
        ("BondsMovingAverage", (0, 975_000)),
        ("AlphaValues.low", (1_638, 65_535)),
        ("AlphaValues.high", (1_638, 65_535)),
        ("RevealPeriodEpochs", (1, 100)),
        // Officially from 0 on (decision 0046).
        ("MinBurn", (1_000, 999_999_999)),
        ("MaxBurn", (100_000_001, 18_446_744_073_709_551_615)),
        ("BurnHalfLife", (1, 36_100)),
        ("BurnIncreaseMult", (18_446_744_073_709_551_616, 55_340_232_221_128_654_848)),
        // Up to 10,000,000 rao with 32 fractional bits.
        ("RootClaimableThreshold", (0, 42_949_672_960_000_000)),
        ("VotingPowerEmaAlpha", (0, 1_000_000_000_000_000_000)),
        ("MaxSpace", (100, 36_000)),
        ("FeeWeightPerRao", (200, 20_000)),
        ("FeePerByte", (1, 100)),
        ("SessionLength", (240, 7_200)),
    ];
    for (name, range) in ranges {
        assert_eq!(row(name).range, *range, "{name}");
    }
    assert_eq!(row("Burn").registered, Some(1_000_000_000));
    assert_eq!(row("MaxAllowedValidators").registered, Some(64));
    assert_eq!(row("MinAllowedWeights").registered, Some(1));
    assert_eq!(row("ImmunityPeriod").registered, Some(5_000));
    assert_eq!(row("Yuma3On").registered, Some(1));
    assert_eq!(row("SubnetEmissionEnabled").registered, Some(0));
}
