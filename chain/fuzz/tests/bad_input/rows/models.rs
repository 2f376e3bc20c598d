//! Records of models and their marks.

use myelin_provenance::{record::SHARES, Contributor, ModelId, Record, WeightsKind};

use super::*;

pub type Provenance = pallet_myelin_provenance::Call<Runtime>;

/// The model that coldkey 7 published, and coldkey 6 disputed.
pub const MODEL: ModelId = [9; 32];

/// A record by coldkey 7, of which 5 contributed a part.
pub fn record(of: &Accounts, model: ModelId) -> Record<AccountId> {
    let contributor = |i: usize, share| Contributor { account: of.cold(i), share };
    Record {
        publisher: of.cold(7),
        model,
        kind: WeightsKind::Safetensors,
        size: 1_000,
        name: b"small".to_vec(),
        parents: Vec::new(),
        contributors: vec![contributor(7, SHARES - 1), contributor(5, 1)],
        run: None,
        licence: b"Apache-2.0".to_vec(),
        data: Vec::new(),
        urls: vec![b"https://models.example/small".to_vec()],
        aliases: Vec::new(),
    }
}

type Change = fn(&mut Record<AccountId>);

/// Faults of a record, and their errors.
const RECORDS: &[(&str, Change, &str)] = &[
    ("no name", |record| record.name.clear(), "BadName"),
    ("nine parents", |record| record.parents = vec![MODEL; 9], "TooManyParents"),
    ("a parent twice", |record| record.parents = vec![MODEL; 2], "ParentTwice"),
    ("its own parent", |record| record.parents = vec![record.model], "OwnParent"),
    ("an unknown parent", |record| record.parents = vec![MODEL, [77; 32]], "UnknownParent"),
    ("nobody contributed", |record| record.contributors.clear(), "BadContributors"),
    (
        "a contributor twice",
        |record| record.contributors[1] = record.contributors[0].clone(),
        "ContributorTwice",
    ),
    ("no share", |record| record.contributors[1].share = 0, "NoShare"),
    ("shares of more than all", |record| record.contributors[1].share = u32::MAX, "SharesDoNotSum"),
    ("no expression", |record| record.licence = b"MIT OR".to_vec(), "BadLicence"),
    ("a long licence", |record| record.licence = vec![b'a'; 10_000], "BadLicence"),
    ("too much data", |record| record.data = vec![[0; 32]; 17], "TooMuchData"),
    ("five addresses", |record| record.urls = vec![record.urls[0].clone(); 5], "TooManyUrls"),
    ("an address of a file", |record| record.urls = vec![b"file:///etc/passwd".to_vec()], "BadUrl"),
    ("five older ids", |record| record.aliases = vec![[0; 32]; 5], "TooManyAliases"),
    ("no bytes", |record| record.size = 0, "BadSize"),
    ("an endpoint", |record| (record.kind, record.size) = (WeightsKind::Endpoint, 0), "BadEndpointId"),
];

pub fn rows(of: &Accounts) -> Vec<Wrong> {
    let publish = |record| Provenance::publish { record: Box::new(record) };
    let (hash, reference, nowhere) = (record(of, MODEL).id(), Vec::new, [78; 32]);
    let confirm = |model, record| Provenance::confirm { model, record };
    let transfer = |model| Provenance::transfer { model, to: of.cold(STRANGER) };
    let dispute = |model, reference| Provenance::dispute { model, reason: [1; 32], reference };
    let answer = |number, reference| Provenance::answer { model: MODEL, number, answer: [2; 32], reference };
    let retract = |number| Provenance::retract { model: MODEL, number };
    let takedown = |model, reference| Provenance::takedown { model, reason: [3; 32], reference };
    let mut rows: Vec<Wrong> = RECORDS
        .iter()
        .map(|(how, change, error)| {
            let mut record = record(of, [10; 32]);
            change(&mut record);
            wrong(how, 7, publish(record), error)
        })
        .collect();
    rows.extend([
        wrong("of another", STRANGER, publish(record(of, [10; 32])), "NotThePublisher"),
        wrong("there already", 7, publish(record(of, MODEL)), "ModelTaken"),
        wrong("another record", 5, confirm(MODEL, [0; 32]), "OtherRecord"),
        wrong("no contributor", STRANGER, confirm(MODEL, hash), "NotAContributor"),
        wrong("by publishing already", 7, confirm(MODEL, hash), "AlreadyConfirmed"),
        wrong("unknown", 7, confirm(nowhere, hash), "UnknownModel"),
        wrong("another's", STRANGER, transfer(MODEL), "NotTheOwner"),
        wrong("unknown", 7, transfer(nowhere), "UnknownModel"),
        wrong("another's", STRANGER, Provenance::withdraw { model: MODEL }, "NotTheOwner"),
        wrong("unknown", 7, Provenance::withdraw { model: nowhere }, "UnknownModel"),
        wrong("its own", 7, dispute(MODEL, reference()), "OwnModel"),
        wrong("twice", 6, dispute(MODEL, reference()), "DisputeOpen"),
        wrong("a long reference", STRANGER, dispute(MODEL, vec![b'a'; 129]), "BadReference"),
        wrong("unknown", STRANGER, dispute(nowhere, reference()), "UnknownModel"),
        wrong("another's", STRANGER, answer(0, reference()), "NotTheOwner"),
        wrong("no such dispute", 7, answer(1, reference()), "UnknownDispute"),
        wrong("a reference of two lines", 7, answer(0, b"a\nb".to_vec()), "BadReference"),
        wrong("another's", STRANGER, retract(0), "NotYourDispute"),
        wrong("no such dispute", 6, retract(1), "UnknownDispute"),
        by_root("unknown", takedown(nowhere, reference()), "UnknownModel"),
        by_root("a long reference", takedown(MODEL, vec![b'a'; 129]), "BadReference"),
    ]);
    rows
}
