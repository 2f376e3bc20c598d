use myelin_wire::{record::Ppm, sr25519::Signer};

use super::*;
use crate::{
    disclosure::{Page, PageRequest},
    evidence::{
        record_bytes,
        tests::{key, records},
    },
    miner::signed::SignedAnswers,
};

const GENESIS: Hash = [1; 32];
const MINER: AccountId = [9; 32];
const NETUID: u16 = 2;
const EPOCH: u64 = 3;

/// A record that says that the miner was away, and one of an answer.
fn told() -> Vec<Record> {
    let scored = Record { miner: miner_digest(&MINER), ..records().remove(0) };
    let nothing = Record { answer: Hash::default(), signed: false, score: Ppm::ZERO, ..scored.clone() };
    vec![Record { task: 7, reason: Reason::Unreachable, ..nothing }, scored]
}

fn page(told: &[Record]) -> ToldPage {
    let document = record_bytes(told.iter()).unwrap();
    let (total, hash) = (document.len() as u64, to_hex(&blake2_256(&document)));
    let page = Page { from: 0, total, hash, bytes: STANDARD.encode(&document) };
    let request = PageRequest::new(Part::Own, EPOCH, 0);
    let (validator, asker) = (key().public(), MINER);
    let statement =
        Told { genesis: GENESIS, netuid: NETUID, validator, asker, request: &request, page: &page };
    let signed = statement.sign(&key());
    ToldPage { request, signed }
}

/// A miner's lists with answers to these records, and the roots on the chain over all of them.
fn answered(records: &[Record]) -> (OwnAnswers, Vec<AnswerRoot>) {
    let guard = tempfile::tempdir().unwrap();
    let folder = signed::folder(guard.path(), &MINER);
    let lists = SignedAnswers::new(Some(folder.clone()));
    lists.begin(EPOCH);
    let other = SignedLeaf { validator: [5; 32], challenge: [6; 32], request: [7; 32], answer: [8; 32] };
    let leaves: Vec<SignedLeaf> = records.iter().map(|record| signed_for(record)[0]).chain([other]).collect();
    leaves.iter().for_each(|leaf| lists.note(*leaf));
    let ListRoot { len, root } = SignedList::new(leaves).root();
    let roots = vec![AnswerRoot { epoch: EPOCH, root, answers: len, block: 77 }];
    (OwnAnswers::read(&folder, [EPOCH], &roots).unwrap(), roots)
}

fn contest() -> (Contest, Vec<AnswerRoot>) {
    let told = told();
    let (own, roots) = answered(&told);
    let round = ContestedRound {
        validator: to_hex(&key().public()),
        epoch: EPOCH,
        round: 0,
        pages: vec![page(&told)],
        records: told.iter().filter_map(|record| own.contest(record)).collect(),
    };
    (Contest { rounds: vec![round], ..Contest::new(&GENESIS, NETUID, &MINER) }, roots)
}

#[test]
fn an_honest_objection_holds_also_after_it_was_written_and_read() {
    let (contest, roots) = contest();
    assert_eq!(contest.rounds[0].records.len(), 1, "a record of an answer is not contested");
    let read = Contest::from_json(&serde_json::to_vec(&contest).unwrap()).unwrap();
    assert_eq!(read, contest);
    let held = read.check(&GENESIS, &roots).unwrap();
    assert_eq!(held, [Held { record: told().remove(0), committed: false, root: roots[0] }]);
}

#[test]
fn answers_are_found_with_and_without_a_root_on_the_chain() {
    let told = told();
    let (own, roots) = answered(&told[..1]);
    assert_eq!(own.find(&told[0]).unwrap().root, Some(roots[0]));
    assert_eq!(own.find(&told[1]), None);
    let other = Record { request: [0; 32], ..told[0].clone() };
    assert_eq!(own.find(&other), None, "the miner signed an answer to another request");
    let without = OwnAnswers(own.0.into_iter().map(|(epoch, (list, _))| (epoch, (list, None))).collect());
    assert_eq!(without.find(&told[0]).map(|found| (found.epoch, found.root)), Some((EPOCH, None)));
    assert_eq!(without.contest(&told[0]), None);
}

#[test]
fn a_commitment_to_an_answer_counts_as_well() {
    let (mut contest, _) = contest();
    let leaf = signed_for(&told()[0])[1];
    let list = SignedList::new(vec![leaf]);
    let ListRoot { len, root } = list.root();
    // A miner that has not seen the end of the epoch before.
    let root = AnswerRoot { epoch: EPOCH - 1, root, answers: len, block: 70 };
    let opening = list.open(&leaf.validator, &leaf.challenge).unwrap();
    contest.rounds[0].records = vec![ContestedRecord::new(&told()[0], &opening, &root)];
    assert!(contest.check(&GENESIS, &[root]).unwrap()[0].committed);
}

fn fault_of(change: impl FnOnce(&mut Contest)) -> ContestFault {
    let (mut contest, roots) = contest();
    change(&mut contest);
    contest.check(&GENESIS, &roots).unwrap_err()
}

#[test]
fn whatever_was_changed_is_named() {
    let named = || name(&told()[0]);
    let foreign = fault_of(|contest| contest.rounds[0].validator = to_hex(&[4; 32]));
    assert_eq!(foreign, ContestFault::NotTold(1));
    let other_miner = fault_of(|contest| contest.miner = to_hex(&[4; 32]));
    assert_eq!(other_miner, ContestFault::NotTold(1), "the page was for another asker");
    let changed = fault_of(|contest| {
        let mut records = told();
        records[0].reason = Reason::Late;
        contest.rounds[0].pages[0].signed.page = page(&records).signed.page;
    });
    assert_eq!(changed, ContestFault::NotTold(1), "the signature is over another page");
    let other_round = fault_of(|contest| contest.rounds[0].round = 1);
    assert_eq!(other_round, ContestFault::NotTold(1));
    let none = fault_of(|contest| contest.rounds[0].pages.clear());
    assert_eq!(none, ContestFault::BrokenDocument);
    let invented = fault_of(|contest| contest.rounds[0].records[0].record = to_hex(&[3; 32]));
    assert_eq!(invented, ContestFault::NoRecord(to_hex(&[3; 32])));
    let answered = fault_of(|contest| contest.rounds[0].records[0].record = name(&told()[1]));
    assert_eq!(answered, ContestFault::NotDenied(name(&told()[1])));
    let other_subject = fault_of(|contest| {
        let mut records = told();
        records[0].miner = miner_digest(&[4; 32]);
        contest.rounds[0].pages = vec![page(&records)];
    });
    assert!(matches!(other_subject, ContestFault::OtherSubject(_)), "{other_subject}");
    let question = fault_of(|contest| {
        let leaf = SignedLeaf { request: [0; 32], ..signed_for(&told()[0])[0] };
        contest.rounds[0].records[0].leaf = to_hex(&leaf.to_bytes());
    });
    assert_eq!(question, ContestFault::OtherQuestion(named()));
    let other_root = fault_of(|contest| contest.rounds[0].records[0].root = to_hex(&[3; 32]));
    assert_eq!(other_root, ContestFault::NotUnder(named()));
    let other_place = fault_of(|contest| contest.rounds[0].records[0].index += 1);
    assert_eq!(other_place, ContestFault::NotUnder(named()));
    let long = fault_of(|contest| contest.rounds[0].records[0].path = vec![to_hex(&[0; 32]); 33]);
    assert_eq!(long, ContestFault::NotUnder(named()));
    let later = fault_of(|contest| contest.rounds[0].records[0].list_epoch = EPOCH + 1);
    assert_eq!(later, ContestFault::OtherEpoch { list: EPOCH + 1, record: EPOCH });
    let nothing = fault_of(|contest| contest.rounds[0].records.clear());
    assert!(matches!(nothing, ContestFault::Malformed(_)), "{nothing}");
}

#[test]
fn a_file_of_another_form_or_size_is_refused_by_name() {
    let pages = fault_of(|contest| {
        let page = contest.rounds[0].pages[0].clone();
        contest.rounds[0].pages = vec![page; MOST_PAGES + 1];
    });
    assert_eq!(pages, ContestFault::Malformed("a round has too many pages"));
    let far = fault_of(|contest| contest.rounds[0].records[0].index = !0);
    assert_eq!(far, ContestFault::NotUnder(name(&told()[0])));
    let twice = fault_of(|contest| {
        let record = contest.rounds[0].records[0].clone();
        contest.rounds[0].records.push(record);
    });
    assert_eq!(twice, ContestFault::NoRecord(name(&told()[0])), "each is contested once");
    let whole = serde_json::to_value(contest().0).unwrap();
    let refused = |name: &str, value: serde_json::Value| {
        let mut changed = whole.clone();
        changed[name] = value;
        Contest::from_json(changed.to_string().as_bytes()).unwrap_err()
    };
    let form = ContestFault::Malformed("it names another format or version");
    assert_eq!((refused("version", 2.into()), refused("format", "other".into())), (form.clone(), form));
    let fields = ContestFault::Malformed("it has other fields");
    assert_eq!(
        (refused("more", 1.into()), refused("netuid", 70_000.into())),
        (fields.clone(), fields.clone())
    );
    for text in [&b""[..], b"{", &[b'['; 100_000], b"\xff"] {
        assert_eq!(Contest::from_json(text).unwrap_err(), fields);
    }
}

#[test]
fn a_root_of_another_miner_block_or_chain_is_none() {
    let (contest, roots) = contest();
    let other = AnswerRoot { root: [3; 32], ..roots[0] };
    let sooner = AnswerRoot { block: 76, ..roots[0] };
    for chain in [&[][..], &[other], &[sooner]] {
        let fault = contest.check(&GENESIS, chain).unwrap_err();
        assert!(matches!(fault, ContestFault::NoRoot { block: 77, .. }), "{fault}");
    }
    let fault = contest.check(&[2; 32], &roots).unwrap_err();
    assert!(matches!(fault, ContestFault::OtherChain(_)), "{fault}");
    let later = Contest { version: 2, ..contest };
    let fault = Contest::from_json(&serde_json::to_vec(&later).unwrap()).unwrap_err();
    assert!(matches!(fault, ContestFault::Malformed(_)), "{fault}");
    assert!(Contest::from_json(b"[]").is_err());
}
