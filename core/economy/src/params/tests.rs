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
    assert_eq!(row("AlphaValues.high").item(), ("AlphaValues", 1));
    assert_eq!(row("AlphaValues.low").item(), ("AlphaValues", 0));
    assert_eq!(row("Tempo").item(), ("Tempo", 0));
}
