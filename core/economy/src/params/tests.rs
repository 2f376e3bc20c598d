use super::*;
use std::collections::BTreeSet;

#[test]
fn every_default_is_a_value_of_its_type() {
    for parameter in SUBNET.iter().chain(NETWORK) {
        let (min, max) = parameter.kind.bounds();
        for profile in [Profile::PRODUCTION, Profile::FAST] {
            for origin in [Origin::Genesis, Origin::Registered] {
                let value = parameter.default_on(&profile, origin);
                assert!((min..=max).contains(&value), "{} = {value}", parameter.name);
            }
        }
        assert!(parameter.range.0 <= parameter.range.1, "{}", parameter.name);
        assert!(min <= parameter.range.0 && parameter.range.1 <= max, "{}", parameter.name);
    }
}

#[test]
fn names_are_unique_and_meanings_are_sentences() {
    let mut names = BTreeSet::new();
    for parameter in SUBNET.iter().chain(NETWORK) {
        assert!(names.insert(parameter.name), "{} stands twice", parameter.name);
        assert!(parameter.meaning.ends_with('.'), "{}", parameter.name);
        assert_eq!(find(parameter.name), Some(parameter));
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
        Err(ParameterError::OutOfRange { max: 975_000, .. })
    ));
    assert_eq!(average.check(1_000_000, Caller::Root), Ok(()));
    assert!(matches!(average.check(-1, Caller::Root), Err(ParameterError::WrongType { .. })));
    let kappa = find("kappa").expect("a row");
    assert_eq!(kappa.check(1, Caller::Owner), Err(ParameterError::NotAllowed { name: "Kappa" }));
    assert_eq!(kappa.check(1, Caller::Root), Ok(()));
}

#[test]
fn cooldowns_follow_tempo_and_profile() {
    let blocks = |name: &str, profile| find(name).map(|p| p.cooldown.blocks(360, 2, &profile));
    assert_eq!(blocks("ImmunityPeriod", Profile::PRODUCTION), Some(720));
    assert_eq!(blocks("WeightsVersionKey", Profile::PRODUCTION), Some(1_800));
    assert_eq!(blocks("Tempo", Profile::FAST), Some(360));
    assert_eq!(blocks("MechanismCountCurrent", Profile::FAST), Some(1));
    assert_eq!(blocks("Kappa", Profile::PRODUCTION), Some(0));
}
