//! Standings and weights in the evidence of a validator: an audit that finds nothing, and one that finds a change.

use std::{sync::Arc, time::Duration};

use myelin_subnet::{
    evaluation::GroupRule,
    evidence::{audit_between, audit_round, audit_weights, EvidenceFolder, KeptWeights, RoundStandings},
    rules::{check_text, rules, rules_hash, Terms},
    Engine, Subnet,
};
use myelin_wire::record::Ppm;

use crate::{
    guessing::{Guessing, Style},
    network::{key, report_where, Network},
};

fn good(own: u64) -> Style {
    Style::Within { error: 2_000, own }
}

#[test]
fn another_engine_or_another_limit_of_it_is_another_rule() {
    let hash = |version: &str, limit| {
        let mut subnet = Guessing::open(Style::Broken).unwrap();
        subnet.engines = vec![Engine { name: "abacus", version: version.into(), limits: vec![limit] }];
        let text = rules(&subnet, 0, Terms::default()).unwrap();
        assert!(text.contains(&format!("\nengine abacus {version} {limit}\n")), "{text}");
        assert_eq!(check_text(&text, 0), Ok(()));
        rules_hash(&text)
    };
    assert_eq!(hash("1.2", 100), hash("1.2", 100));
    assert_ne!(hash("1.2", 100), hash("1.3", 100));
    assert_ne!(hash("1.2", 100), hash("1.2", 101));
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_are_recomputed_from_kept_standings_and_a_changed_one_is_named() {
    let network = Network::start(300, true);
    let _best = network.miner("best", good(1)).await;
    let _worse = network.miner("worse", Style::Within { error: 60_000, own: 2 }).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let report = report_where(&validator, "weights after a round", |report| !report.weights.is_empty()).await;
    validator.shutdown(Duration::from_secs(5)).await;
    let (epoch, submitted) = report.weights[&0].clone();
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let subnet = Arc::new(Guessing::open(Style::Broken).unwrap());

    // Each round begins with the standings that the last one left, and the weights follow from the last round.
    let mut last: Option<(u64, RoundStandings)> = None;
    for round in folder.rounds(epoch) {
        let mut state = folder.state(epoch, round).unwrap().unwrap();
        let audit = audit_round(&subnet, &folder, epoch, round, &GroupRule::default(), &mut state);
        assert_eq!(audit.faults, [""; 0]);
        let standings = audit.standings.expect("kept");
        assert_ne!(standings.before, standings.after);
        if let Some((epoch, earlier)) = &last {
            assert_eq!(audit_between(&folder, (*epoch, earlier), (*epoch, &standings)).unwrap(), [""; 0]);
        }
        last = Some((epoch, standings));
    }
    let (_, last) = last.expect("a round was judged");
    let kept = folder.weights(epoch).unwrap().remove(0);
    assert_eq!((kept.submitted, &kept.weights), (true, &submitted));
    let honest = audit_weights(&*subnet, &folder, epoch).unwrap();
    assert_eq!(honest, (kept.weights.uids.len(), vec![]));
    assert!(honest.0 >= 2, "{kept:?}");

    // One standing is changed after the fact.
    let mut changed = folder.standings(epoch, &kept.standings).unwrap();
    let worse = (0, key("worse").public());
    changed.get_mut(&worse).unwrap().update(Ppm::ZERO, Ppm::new(500_000));
    let hash = folder.keep_standings(epoch, &changed).unwrap();
    folder.write_weights(epoch, &KeptWeights { standings: hash.clone(), ..kept.clone() }).unwrap();
    let faults = audit_weights(&*subnet, &folder, epoch).unwrap().1;
    let uid = network.uid("worse");
    let named = format!("mechanism 0, uid {uid}: its weight is ");
    assert!(faults.iter().any(|fault| fault.starts_with(&named)), "{faults:?}");
    assert!(
        faults.iter().any(|fault| fault.starts_with("between the last round and the weights")),
        "{faults:?}"
    );

    // The same in the round itself: it does not follow from its scores.
    folder.write_weights(epoch, &kept).unwrap();
    let round = *folder.rounds(epoch).last().unwrap();
    let before = folder.standings(epoch, &last.before).unwrap();
    folder.write_standings(epoch, round, &before, &changed).unwrap();
    let mut state = folder.state(epoch, round).unwrap().unwrap();
    let faults = audit_round(&subnet, &folder, epoch, round, &GroupRule::default(), &mut state).faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with(&format!("uid {uid}: the standing on mechanism 0")), "{faults:?}");
}
