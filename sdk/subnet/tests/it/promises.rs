//! Promises of the runners when nothing goes wrong.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use myelin_neuron::dendrite::{Challenge, Dendrite, Query, Target};
use myelin_subnet::{
    evaluation::GroupRule,
    evidence::{
        audit_round, redraw_round, replay_round, Audit, EvidenceFolder, Redrawn, RoundEvidence, MOST_FAULTY,
    },
    testkit::NETUID,
    Chain, Miner, MinerOptions, Strangers, Subnet, ValidatorReport,
};
use myelin_wire::{
    hash::to_hex,
    record::{Ppm, Reason, Record},
    seed::{Audience, SeedContext},
};

use crate::{
    guessing::{Guessing, Style},
    network::{key, report_where, until, Network},
};

fn good(own: u64) -> Style {
    Style::Within { error: 2_000, own }
}

#[tokio::test(flavor = "multi_thread")]
async fn better_miners_earn_more_through_commit_and_reveal() {
    let network = Network::start(200, true);
    let best = network.miner("best", good(1)).await;
    let middle = network.miner("middle", Style::Within { error: 40_000, own: 2 }).await;
    let worst = network.miner("worst", Style::Within { error: 90_000, own: 3 }).await;
    let first = network.validator("v1").await;
    let second = network.validator("v2").await;

    until("incentives from revealed weights", || {
        network.chain.ledger().incentives.get(&0).is_some_and(|epochs| epochs.len() >= 2)
    })
    .await;
    let incentives = network.chain.ledger().incentives[&0].last().cloned().unwrap();
    let of = |name: &str| incentives[network.uid(name)];
    assert!(of("best") > of("middle") && of("middle") > of("worst") && of("worst") > 0, "{incentives:?}");
    assert!(network.chain.ledger().updates.values().all(|updates| !updates.is_empty()));
    for validator in [first, second] {
        validator.shutdown(Duration::from_secs(5)).await;
    }
    for miner in [best, middle, worst] {
        miner.shutdown(Duration::from_secs(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_are_set_directly_where_commit_reveal_is_off() {
    let network = Network::start(200, false);
    let _miner = network.miner("miner", good(1)).await;
    let validator = network.validator("v1").await;
    report_where(&validator, "weights", |report| !report.weights.is_empty()).await;
    assert!(network.chain.ledger().commits.is_empty());
    assert_eq!(network.chain.ledger().updates.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_leaves_evidence_from_which_it_can_be_checked() {
    let network = Network::start(300, true);
    let _one = network.miner("one", good(1)).await;
    let _two = network.miner("two", good(2)).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    let round = report.last_round.unwrap();

    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let records = folder.records(round.epoch, round.round).unwrap();
    let evidence = folder.read(round.epoch, round.round).unwrap();
    let rubric = Guessing::open(Style::Broken).unwrap();
    assert_eq!(records.len(), 2 * (4 + 2), "four open tasks and two of its own for each miner");
    for record in &records {
        assert_eq!(record.reason, Reason::Scored);
        assert_eq!(record.check(rubric.rubric()), Ok(()));
        assert!(record.signed);
        assert!(folder.text(round.epoch, &record.request).is_ok());
        assert!(folder.text(round.epoch, &record.answer).is_ok());
        assert!(evidence
            .seeds
            .iter()
            .any(|seed| seed.reference() == record.seed && seed.signer == record.signer));
        assert_eq!(record.commit_order == u8::MAX, record.audience == 1, "own tasks need no commitment");
    }
    assert_eq!(evidence.seeds.len(), 1 + 2, "one seed for the round and one for each miner");
    for seed in &evidence.seeds {
        let expected = SeedContext { ..seed.context };
        let validator = key("v1").public();
        assert!(seed.verify(&expected, |signer| *signer == validator).is_ok());
        assert!(matches!(seed.context.audience, Audience::Round | Audience::Miner(_)));
    }
    assert!(evidence.signed.iter().all(|signed| signed.verify()) && evidence.signed.len() == records.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_miner_that_repeats_another_gets_nothing_and_the_other_all() {
    let network = Network::start(300, true);
    // The same way of guessing gives the same answers, like a copy of a model.
    let _one = network.miner("one", good(1)).await;
    let _copy = network.miner("copy", good(1)).await;
    let _other = network.miner("other", good(2)).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    let evaluated = report.last_round.unwrap().evaluated;
    let score = |name: &str| {
        evaluated.scores.iter().find(|scored| scored.miner.hotkey == key(name).public()).unwrap().score
    };
    assert_eq!(evaluated.repeats.len(), 1);
    let pair = [score("one").unwrap().get(), score("copy").unwrap().get()];
    assert!(pair.contains(&0) && pair.iter().sum::<u32>() > 900_000, "{pair:?}");
    assert!(score("other").unwrap().get() > 900_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_asks_nobody_who_came_after_its_seed_was_fixed() {
    let network = Network::start(300, true);
    let _old = network.miner("old", good(1)).await;
    let _new = network.miner("new", good(2)).await;
    network.announced().await;
    let uid = network.uid("new");
    network.chain.ledger().neurons[uid].registered_at = u64::MAX;
    let validator = network.validator("v1").await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    let asked: Vec<_> =
        report.last_round.unwrap().evaluated.scores.iter().map(|scored| scored.miner.hotkey).collect();
    assert_eq!(asked, [key("old").public()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_too_many_miners_the_seed_chooses_whom_to_ask() {
    let network = Network::start(300, true);
    let mut miners = Vec::new();
    for name in ["a", "b", "c", "d"] {
        miners.push(network.miner(name, good(u64::from(name.as_bytes()[0]))).await);
    }
    network.announced().await;
    let validator = network.validator_asking("v1", 2).await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    let round = report.last_round.unwrap();
    assert_eq!(round.evaluated.scores.len(), 2);
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    assert_eq!(folder.read(round.epoch, round.round).unwrap().tasks.miners.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_burn_in_a_newcomer_earns_less_until_it_has_answered_for_as_long() {
    let network = Network::start(200, true);
    let _old = network.miner("old", good(1)).await;
    network.announced().await;
    let validator = network.validator_with("v1", |options| options.terms.burn_in = Some(10)).await;
    report_where(&validator, "a burn-in", |report| {
        report.standings.iter().any(|standing| standing.rounds >= 10)
    })
    .await;
    let _new = network.miner("new", good(2)).await;
    let new = network.uid("new") as u16;
    let paid = |report: &ValidatorReport, uid: u16| {
        let (_, weights) = report.weights.get(&0)?;
        let at = weights.uids.iter().position(|known| *known == uid)?;
        Some(u32::from(weights.values[at])).filter(|paid| *paid > 0)
    };
    let report = report_where(&validator, "a newcomer", |report| paid(report, new).is_some()).await;
    let (new, old) = (paid(&report, new).unwrap(), paid(&report, network.uid("old") as u16).unwrap());
    // Both answer alike, so without a burn-in they would be paid alike.
    assert!(10 * new < 9 * old, "{new} and {old}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_rules_require_collateral_nobody_without_it_is_asked_or_paid() {
    let network = Network::start(200, true);
    let _backed = network.miner("backed", good(1)).await;
    let _other = network.miner("other", good(2)).await;
    network.announced().await;
    let lock = |name: &str, rao: u64| {
        let uid = network.uid(name);
        network.chain.ledger().neurons[uid].collateral = rao;
    };
    let (backed, other) = (network.uid("backed") as u16, network.uid("other") as u16);
    lock("backed", 5);
    lock("other", 4);
    let validator = network.validator_with("v1", |options| options.terms.collateral = 5).await;
    let weighed = |report: &ValidatorReport| {
        let (_, weights) = report.weights.get(&0)?;
        Some(
            weights
                .uids
                .iter()
                .zip(&weights.values)
                .filter(|(_, paid)| **paid > 0)
                .map(|(uid, _)| *uid)
                .collect(),
        )
    };
    let report = report_where(&validator, "weights", |report| weighed(report).is_some()).await;
    assert_eq!(weighed(&report), Some(vec![backed]));
    assert!(
        report.standings.iter().all(|standing| standing.miner.uid == backed),
        "the other was never asked"
    );
    lock("other", 5);
    report_where(&validator, "both", |report| weighed(report) == Some(vec![backed, other])).await;
    lock("backed", 0);
    report_where(&validator, "the other", |report| weighed(report) == Some(vec![other])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_tells_whose_answers_have_got_worse() {
    let network = Network::start(200, true);
    let _steady = network.miner("steady", good(1)).await;
    let falling = network.miner("falling", good(2)).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let uid = network.uid("falling") as u16;
    let rounds = |report: &ValidatorReport| {
        report
            .standings
            .iter()
            .find(|standing| standing.miner.uid == uid)
            .map_or(0, |standing| standing.rounds)
    };
    let report = report_where(&validator, "enough answers", |report| rounds(report) >= 14).await;
    assert!(report.declines.is_empty(), "{:?}", report.declines);
    // The same miner with a worse way of guessing.
    falling.shutdown(Duration::from_secs(5)).await;
    let worse = Arc::new(Guessing::open(Style::Within { error: 90_000, own: 2 }).unwrap());
    let chain = network.chain.signed_by(key("falling").public());
    let _falling =
        Miner::start(worse, chain, key("falling"), network.options("falling")).await.expect("a miner");
    let report = report_where(&validator, "a decline", |report| !report.declines.is_empty()).await;
    let [(_, found)] = report.declines.into_iter().collect::<Vec<_>>()[..] else { panic!("only one fell") };
    assert_eq!(found.miner.hotkey, key("falling").public());
    assert!(found.decline.before.get() > 900_000 && found.decline.after.get() < 700_000, "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_axon_answers_validators_with_a_permit_and_strangers_only_if_told_to() {
    let network = Network::start(1000, true);
    let miner = network.miner("miner", good(1)).await;
    network.announced().await;
    let ask = |asker: &'static str, target: &'static str, address| async move {
        let query = Query::new::<&str>("Guessing", r#"{"hint":500000}"#, &[]).unwrap();
        let target = Target::new(key(target).public(), address);
        Dendrite::new(key(asker)).query(target, &query).await.status.code
    };
    assert_eq!(ask("v1", "miner", miner.address()).await, 200);
    assert_eq!(ask("stranger", "miner", miner.address()).await, 403);

    let options = MinerOptions {
        strangers: Strangers::Served { delay: Duration::from_millis(50) },
        ..network.options("open")
    };
    let subnet = Arc::new(Guessing::open(good(1)).unwrap());
    let open = Miner::start(subnet, network.chain.signed_by(key("open").public()), key("open"), options)
        .await
        .unwrap();
    assert_eq!(ask("stranger", "open", open.address()).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_answer_repeats_both_sides_and_one_to_a_challenge_only_itself() {
    let network = Network::start(1000, true);
    let miner = network.miner("miner", good(1)).await;
    network.announced().await;
    let sides = r#""dendrite":{"hotkey":"5Val","nonce":1795273713005435484},"axon":{"port":8091}"#;
    let query = Query::new::<&str>("Guessing", format!(r#"{{"hint":500000,{sides}}}"#), &[]).unwrap();
    let target = Target::new(key("miner").public(), miner.address());
    let dendrite = Dendrite::new(key("v1"));
    let ordinary = dendrite.query(target, &query).await;
    let body: serde_json::Value = serde_json::from_slice(&ordinary.body).unwrap();
    assert_eq!((&body["hint"], body["guess"].is_u64()), (&500_000.into(), true), "{body}");
    assert_eq!(body["dendrite"]["nonce"], 1_795_273_713_005_435_484_u64);
    assert_eq!(body["axon"]["port"], 8091);

    // Its hash is signed, and a repeated request gets the same bytes.
    let challenge = Challenge { id: [1; 32], genesis_hash: [7; 32], netuid: 1 };
    let kept = dendrite.query(target, &query.challenge(challenge)).await;
    let body: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&kept.body).unwrap();
    assert_eq!(body.keys().collect::<Vec<_>>(), ["guess"], "the signature names the request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_judged_again_from_its_evidence_gives_the_same_records() {
    let network = Network::start(300, true);
    let _one = network.miner("one", good(1)).await;
    let _copy = network.miner("copy", good(1)).await;
    let _broken = network.miner("broken", Style::Broken).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    let round = report.last_round.unwrap();
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let subnet = Arc::new(Guessing::open(Style::Broken).unwrap());
    let replay = || replay_round(&subnet, &folder, round.epoch, round.round, &GroupRule::default(), &mut 0);
    let records = folder.records(round.epoch, round.round).unwrap();
    assert_eq!(replay().unwrap(), records);
    assert!(records.iter().any(|record| record.reason == Reason::Grouped));
    assert_eq!(folder.state::<u64>(round.epoch, round.round).unwrap(), Some(0), "nothing was scored before");
    let later = report_where(&validator, "a later round", |report| {
        report
            .last_round
            .as_ref()
            .is_some_and(|later| (later.epoch, later.round) > (round.epoch, round.round))
    });
    let later = later.await.last_round.unwrap();
    let before = folder.state::<u64>(later.epoch, later.round).unwrap();
    assert!(before > Some(0), "an auditor can begin with any round: {before:?}");
    // A validator that favours a miner is found out.
    let mut favour = records.clone();
    let favoured = favour.iter_mut().find(|record| record.reason == Reason::Grouped).unwrap();
    (favoured.reason, favoured.score) = (Reason::Scored, favoured.parts[0]);
    assert_eq!(favoured.check(subnet.rubric()), Ok(()), "on its own the record looks right");
    folder.write_records(round.epoch, round.round, favour.iter()).unwrap();
    assert_eq!(replay().unwrap(), records, "the whole round tells");
}

/// Evidence of earlier versions names built-in models by other hashes.
#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_names_the_declared_models_that_its_version_does_not_hold() {
    let network = Network::start(300, true);
    let _one = network.miner("one", good(1)).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    validator.shutdown(Duration::from_secs(5)).await;
    let round = report.last_round.unwrap();
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let audit = |held: [u8; 32]| {
        let mut subnet = Guessing::open(Style::Broken).unwrap();
        subnet.held = vec![held];
        audit_round(&Arc::new(subnet), &folder, round.epoch, round.round, &GroupRule::default(), &mut 0)
    };
    let mut records = folder.records(round.epoch, round.round).unwrap();
    // Miners here declare the model of sevens.
    assert_eq!(audit([7; 32]).unheld, BTreeMap::new());
    let other = audit([8; 32]);
    assert_eq!(other.unheld, BTreeMap::from([([7; 32], records.len())]));
    assert_eq!(other.faults, Vec::<String>::new(), "an unknown id is no fault");
    let scored = records.iter().position(|record| record.reason == Reason::Scored).unwrap();
    records[scored].score = Ppm::ZERO;
    folder.write_records(round.epoch, round.round, records.iter()).unwrap();
    let clause = format!("declares model {}, which this version does not hold", to_hex(&[7; 32]));
    let names = |held| audit(held).faults.iter().any(|fault| fault.contains(&clause));
    assert!(names([8; 32]) && !names([7; 32]), "{:?}", audit([8; 32]).faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_finds_what_was_forged() {
    let network = Network::start(300, true);
    let _one = network.miner("one", good(1)).await;
    let _two = network.miner("two", good(2)).await;
    let _copy = network.miner("copy", good(1)).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    validator.shutdown(Duration::from_secs(5)).await;
    let round = report.last_round.unwrap();
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    assert!(folder.epochs().contains(&round.epoch) && folder.rounds(round.epoch).contains(&round.round));
    let subnet = Arc::new(Guessing::open(Style::Broken).unwrap());
    let audit = || audit_round(&subnet, &folder, round.epoch, round.round, &GroupRule::default(), &mut 0);
    let records = folder.records(round.epoch, round.round).unwrap();
    let evidence = folder.read(round.epoch, round.round).unwrap();
    let honest = audit();
    assert_eq!(honest.faults, Vec::<String>::new());
    assert_eq!((honest.records, honest.unsigned), (3 * (4 + 2), 0));
    assert_eq!(honest.validator, Some((key("v1").public(), NETUID)));
    assert_eq!(honest.source.map(|(genesis, ..)| genesis), Some(network.chain.genesis()));

    let scored =
        |records: &[Record]| records.iter().position(|record| record.reason == Reason::Scored).unwrap();
    type Forgery<'a> = Box<dyn Fn(&mut Vec<Record>, &mut RoundEvidence) + 'a>;
    let forgeries: [(&str, Forgery<'_>); 10] = [
        (
            "kept as Scored",
            Box::new(|records, _| {
                let favoured = records.iter_mut().find(|record| record.reason == Reason::Grouped).unwrap();
                (favoured.reason, favoured.score) = (Reason::Scored, favoured.parts[0]);
            }),
        ),
        (
            "asked something else than the task",
            Box::new(|records, _| {
                let at = scored(records);
                let other =
                    records.iter().find(|other| other.request != records[at].request).unwrap().request;
                records[at].request = other;
            }),
        ),
        (
            "did not sign that answer",
            Box::new(|records, _| {
                let at = scored(records);
                records[at].answer =
                    records.iter().find(|other| other.answer != records[at].answer).unwrap().answer;
            }),
        ),
        ("were asked", Box::new(|records, _| drop(records.remove(scored(records))))),
        ("were asked", Box::new(|records, _| records.push(records[scored(records)].clone()))),
        (
            "nothing proves",
            Box::new(|records, _| {
                let at = scored(records);
                records[at].reason = Reason::Equivocation;
            }),
        ),
        (
            "kept as Late",
            Box::new(|records, _| {
                let at = scored(records);
                records[at].reason = Reason::Late;
            }),
        ),
        ("a seed is not proven", Box::new(|_, evidence| evidence.seeds[0].context.source_hash = [9; 32])),
        ("judged again", Box::new(|_, evidence| evidence.tasks.tasks[0].hidden = 5.into())),
        ("the signature of an answer is wrong", Box::new(|_, evidence| evidence.signed[0].signature[0] ^= 1)),
    ];
    for (expected, forge) in forgeries {
        let (mut records, mut evidence) = (records.clone(), evidence.clone());
        forge(&mut records, &mut evidence);
        folder.write(round.epoch, round.round, &evidence).unwrap();
        folder.write_records(round.epoch, round.round, records.iter()).unwrap();
        let Audit { faults, faulty, .. } = audit();
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:?}");
        assert!(faulty.len() <= MOST_FAULTY, "{expected}: {}", faulty.len());
        for (record, what) in &faulty {
            assert!(records.contains(record) && faults.iter().any(|fault| fault.contains(what)), "{what}");
        }
        let is_of_records =
            ["did not sign that answer", "nothing proves", "kept as Late"].contains(&expected);
        assert!(!is_of_records || !faulty.is_empty(), "{expected}: {faults:?}");
    }
    folder.write(round.epoch, round.round, &evidence).unwrap();
    folder.write_records(round.epoch, round.round, records.iter()).unwrap();
    assert_eq!(audit().faults, Vec::<String>::new());
    // With the validator's secret an auditor draws the tasks again.
    let state = folder.state(round.epoch, round.round).unwrap().unwrap_or_default();
    let redraw = || redraw_round(&*subnet, &folder, (round.epoch, round.round), &[7; 32], None, &state);
    let all = Redrawn { tasks: evidence.tasks.tasks.len(), ..Redrawn::default() };
    assert_eq!(redraw(), all);
    type Invention = fn(&mut RoundEvidence);
    let inventions: [(&str, Invention); 4] = [
        ("draws another solution", |evidence| evidence.tasks.tasks[0].hidden = 5.into()),
        ("draws another question", |evidence| {
            evidence.tasks.tasks[0].request = evidence.tasks.tasks[1].request.clone();
        }),
        ("is not in the evidence", |evidence| evidence.tasks.tasks[0].seed = "00".into()),
        ("with another secret", |evidence| evidence.tasks.secret = Some("00".into())),
    ];
    for (expected, invent) in inventions {
        let mut evidence = evidence.clone();
        invent(&mut evidence);
        folder.write(round.epoch, round.round, &evidence).unwrap();
        let faults = redraw().faults;
        assert!(faults.len() == 1 && faults[0].contains(expected), "{expected}: {faults:?}");
    }
    folder.write(round.epoch, round.round, &evidence).unwrap();
    // Answers that the validator reports as impossible to judge are counted.
    let mut excused = records.clone();
    let record = &mut excused[scored(&records)];
    (record.reason, record.score, record.parts) = (Reason::Excused, Ppm::ZERO, Vec::new());
    folder.write_records(round.epoch, round.round, excused.iter()).unwrap();
    assert_eq!((audit().faults, audit().excused), (Vec::new(), 1));
    folder.write_records(round.epoch, round.round, records.iter()).unwrap();
    // A damaged copy accuses nobody.
    let texts = folder.path.join(format!("epoch-{:06}/texts", round.epoch));
    let request = to_hex(&records[scored(&records)].request);
    std::fs::write(texts.join(&request), "{}").unwrap();
    let damaged = audit();
    assert!(damaged.faults.len() == 1 && damaged.faults[0].contains("is damaged"), "{:?}", damaged.faults);
    assert_eq!(damaged.faulty, Vec::new());
    std::fs::remove_dir_all(texts).unwrap();
    assert!(!audit().faults.is_empty(), "what was answered is not there");
}
