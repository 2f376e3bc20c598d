//! Promises of the register: deposits are conserved, marks and records stay, and each fault has its name.

use frame_support::{assert_noop, assert_ok, derive_impl};
use myelin_provenance::{
    dispute::{DISPUTE_DEPOSIT, MAX_DISPUTES},
    endpoint_id,
    lineage::MAX_GENERATIONS,
    model::deposit,
    record::{MAX_PARENTS, SHARES},
    Contributor, Model, ModelId, Record, Statement, WeightsKind,
};
use myelin_units::TaoBalance;
use proptest::prelude::*;
use sp_core::H256;
use sp_runtime::{
    traits::{BlakeTwo256, IdentityLookup},
    AccountId32, BuildStorage, DispatchResult,
};

use crate::{self as pallet_myelin_provenance, Count, Disputes, Error, Event, HoldReason, Models, Register};

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system = 0,
        Balances: pallet_balances = 5,
        Library: pallet_myelin_provenance = 104,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type Hash = H256;
    type Hashing = BlakeTwo256;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = u64;
    type ExistentialDeposit = frame_support::traits::ConstU64<500>;
    type AccountStore = System;
    type RuntimeHoldReason = RuntimeHoldReason;
}

impl crate::Config for Test {
    type Holds = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
}

const TAO: u64 = 1_000_000_000;
/// Accounts with TAO.
const ACCOUNTS: u8 = 24;

fn account(byte: u8) -> AccountId32 {
    AccountId32::from([byte; 32])
}

fn signed(byte: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(byte))
}

/// A chain whose accounts have TAO.
pub fn situation() -> sp_io::TestExternalities {
    let balances = (1..=ACCOUNTS).map(|byte| (account(byte), 100 * TAO)).collect();
    let storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
        ..Default::default()
    };
    storage.build_storage().expect("the genesis of the tests is well-formed").into()
}

fn on_chain<R>(story: impl FnOnce() -> R) -> R {
    situation().execute_with(|| {
        System::set_block_number(1);
        let issuance = Balances::total_issuance();
        let result = story();
        assert_eq!(Register::<Test>::check(), Ok(()));
        assert_eq!(Balances::total_issuance(), issuance);
        result
    })
}

fn id(byte: u8) -> ModelId {
    [byte; 32]
}

fn record(publisher: u8, model: u8, parents: &[u8]) -> Record<AccountId32> {
    Record {
        publisher: account(publisher),
        model: id(model),
        kind: WeightsKind::Safetensors,
        size: 1_000,
        name: b"small".to_vec(),
        parents: parents.iter().map(|parent| id(*parent)).collect(),
        contributors: vec![
            Contributor { account: account(publisher), share: SHARES - 1 },
            Contributor { account: account(ACCOUNTS), share: 1 },
        ],
        run: None,
        licence: b"Apache-2.0".to_vec(),
        data: vec![[6; 32]],
        urls: vec![b"https://models.example/small".to_vec()],
        aliases: vec![],
    }
}

fn publish(record: Record<AccountId32>) -> DispatchResult {
    let publisher = RuntimeOrigin::signed(record.publisher.clone());
    Library::publish(publisher, Box::new(record))
}

fn model(byte: u8) -> Model<AccountId32> {
    Models::<Test>::get(id(byte)).expect("published")
}

fn held(reason: HoldReason, byte: u8) -> u64 {
    use frame_support::traits::fungible::InspectHold;
    Balances::balance_on_hold(&reason.into(), &account(byte))
}

#[test]
fn a_published_model_is_owned_by_its_publisher_whose_deposit_stays_on_hold() {
    on_chain(|| {
        let record = record(1, 10, &[]);
        let (hash, rao) = (record.id(), deposit(&record));
        assert_ok!(publish(record));
        let event = Event::Published { model: id(10), publisher: account(1), record: hash, deposit: rao };
        System::assert_last_event(event.into());
        assert_eq!(held(HoldReason::Record, 1), rao.to_rao());
        assert!(rao > TaoBalance::from_rao(TAO / 10) && rao < TaoBalance::from_rao(TAO / 5), "{rao:?}");
        assert_ok!(Library::transfer(signed(1), id(10), account(2)));
        assert_ok!(Library::withdraw(signed(2), id(10)));
        assert_eq!(held(HoldReason::Record, 1), rao.to_rao(), "records are kept, and so are their deposits");
        assert_eq!((model(10).owner, model(10).record.publisher), (account(2), account(1)));
    });
}

#[test]
fn every_fault_of_a_record_has_its_error_and_changes_nothing() {
    type Change = fn(&mut Record<AccountId32>);
    let faults: [(Change, Error<Test>); 17] = [
        (|record| record.publisher = account(2), Error::NotThePublisher),
        (|record| record.name.clear(), Error::BadName),
        (|record| record.parents = vec![id(1); MAX_PARENTS + 1], Error::TooManyParents),
        (|record| record.parents = vec![id(9); 2], Error::ParentTwice),
        (|record| record.parents = vec![record.model], Error::OwnParent),
        (|record| record.parents = vec![id(9), id(99)], Error::UnknownParent),
        (|record| record.contributors.clear(), Error::BadContributors),
        (|record| record.contributors[1] = record.contributors[0].clone(), Error::ContributorTwice),
        (|record| record.contributors[1].share = 0, Error::NoShare),
        (|record| record.contributors[1].share = 2, Error::SharesDoNotSum),
        (|record| record.licence = b"all rights".to_vec(), Error::BadLicence),
        (|record| record.data = vec![[0; 32]; 17], Error::TooMuchData),
        (|record| record.urls = vec![record.urls[0].clone(); 5], Error::TooManyUrls),
        (|record| record.urls = vec![vec![b'h'; 100_000]], Error::BadUrl),
        (|record| record.aliases = vec![[0; 32]; 5], Error::TooManyAliases),
        (|record| record.size = 0, Error::BadSize),
        (|record| (record.kind, record.size) = (WeightsKind::Endpoint, 0), Error::BadEndpointId),
    ];
    on_chain(|| {
        assert_ok!(publish(record(1, 9, &[])));
        for (change, error) in faults {
            let mut record = record(1, 10, &[9]);
            change(&mut record);
            assert_noop!(Library::publish(signed(1), Box::new(record)), error);
        }
        assert_noop!(publish(record(2, 9, &[])), Error::<Test>::ModelTaken);
        let mut poor = record(1, 10, &[]);
        poor.publisher = account(77);
        assert!(publish(poor).is_err(), "the account has no TAO for the deposit");
        assert_eq!(Count::<Test>::get(), 1);
    });
}

#[test]
fn an_endpoint_is_registered_by_its_address_and_name() {
    on_chain(|| {
        let mut record = record(1, 10, &[]);
        (record.kind, record.size) = (WeightsKind::Endpoint, 0);
        record.model = endpoint_id(&record.urls[0], &record.name);
        assert_ok!(publish(record));
    });
}

#[test]
fn contributors_sign_by_a_call_of_their_own() {
    on_chain(|| {
        assert_ok!(publish(record(1, 10, &[])));
        let hash = model(10).record.id();
        assert_eq!(model(10).confirmed, 1, "the publisher signed the transaction");
        assert_noop!(Library::confirm(signed(2), id(10), hash), Error::<Test>::NotAContributor);
        assert_noop!(Library::confirm(signed(ACCOUNTS), id(10), [0; 32]), Error::<Test>::OtherRecord);
        assert_noop!(Library::confirm(signed(ACCOUNTS), id(11), hash), Error::<Test>::UnknownModel);
        assert_ok!(Library::confirm(signed(ACCOUNTS), id(10), hash));
        assert_noop!(Library::confirm(signed(ACCOUNTS), id(10), hash), Error::<Test>::AlreadyConfirmed);
        assert_eq!(model(10).confirmed, 3);
    });
}

#[test]
fn marks_are_made_once_and_by_those_who_may() {
    on_chain(|| {
        assert_ok!(publish(record(1, 10, &[])));
        assert_noop!(Library::withdraw(signed(2), id(10)), Error::<Test>::NotTheOwner);
        assert_noop!(Library::transfer(signed(2), id(10), account(2)), Error::<Test>::NotTheOwner);
        assert_ok!(Library::withdraw(signed(1), id(10)));
        assert_noop!(Library::withdraw(signed(1), id(10)), Error::<Test>::AlreadyWithdrawn);
        let take = |origin, reference: &[u8]| Library::takedown(origin, id(10), [7; 32], reference.to_vec());
        assert_noop!(take(signed(1), b""), sp_runtime::DispatchError::BadOrigin);
        assert_noop!(take(RuntimeOrigin::root(), &[0]), Error::<Test>::BadReference);
        assert_ok!(take(RuntimeOrigin::root(), b"https://forum.example/7"));
        assert_noop!(take(RuntimeOrigin::root(), b""), Error::<Test>::AlreadyTakenDown);
        let marks = (model(10).withdrawn, model(10).taken_down.map(|said| said.hash));
        assert_eq!(marks, (Some(1), Some([7; 32])));
    });
}

#[test]
fn a_dispute_costs_a_deposit_until_its_author_retracts_it() {
    on_chain(|| {
        assert_ok!(publish(record(1, 10, &[])));
        let dispute =
            |by, reference: &[u8]| Library::dispute(signed(by), id(10), [8; 32], reference.to_vec());
        assert_noop!(dispute(1, b""), Error::<Test>::OwnModel);
        assert_noop!(dispute(2, &[b'x'; 129]), Error::<Test>::BadReference);
        assert_ok!(dispute(2, b"https://forum.example/8"));
        assert_noop!(dispute(2, b""), Error::<Test>::DisputeOpen);
        assert_eq!(held(HoldReason::Dispute, 2), DISPUTE_DEPOSIT.to_rao());
        let answer = |by, number| Library::answer(signed(by), id(10), number, [9; 32], vec![]);
        assert_noop!(answer(2, 0), Error::<Test>::NotTheOwner);
        assert_noop!(answer(1, 1), Error::<Test>::UnknownDispute);
        assert_ok!(answer(1, 0));
        assert_noop!(answer(1, 0), Error::<Test>::AlreadyAnswered);
        assert_noop!(Library::retract(signed(3), id(10), 0), Error::<Test>::NotYourDispute);
        assert_noop!(Library::retract(signed(2), id(10), 5), Error::<Test>::UnknownDispute);
        assert_ok!(Library::retract(signed(2), id(10), 0));
        assert_noop!(Library::retract(signed(2), id(10), 0), Error::<Test>::AlreadyRetracted);
        assert_eq!(held(HoldReason::Dispute, 2), 0);
        let kept = Disputes::<Test>::get(id(10));
        assert!(kept[0].answer.is_some() && kept[0].closed.is_some(), "the mark stays");
    });
}

#[test]
fn disputes_of_a_model_are_bounded_and_their_number_is_remembered() {
    on_chain(|| {
        assert_ok!(publish(record(1, 10, &[])));
        let dispute = |by| Library::dispute(signed(by), id(10), [8; 32], vec![]);
        for by in 2..2 + MAX_DISPUTES as u8 {
            assert_ok!(dispute(by));
        }
        assert_noop!(dispute(20), Error::<Test>::TooManyDisputes);
        assert_ok!(Library::retract(signed(5), id(10), 3));
        assert_ok!(dispute(20));
        assert_eq!((model(10).disputes, Disputes::<Test>::get(id(10)).len()), (17, MAX_DISPUTES));
        assert_noop!(Library::retract(signed(5), id(10), 3), Error::<Test>::UnknownDispute);
    });
}

#[test]
fn a_lineage_is_answered_upward_and_bounded() {
    on_chain(|| {
        for (model, parents) in [(10, &[][..]), (11, &[10]), (12, &[10, 11]), (13, &[12])] {
            assert_ok!(publish(record(1, model, parents)));
        }
        let told = Register::<Test>::lineage(id(13), MAX_GENERATIONS).expect("known");
        let found: Vec<_> = told.models.iter().map(|(up, model)| (*up, model.record.model[0])).collect();
        assert_eq!((found, told.cut), (vec![(0, 13), (1, 12), (2, 10), (2, 11)], false));
        let told = Register::<Test>::lineage(id(13), 1).expect("known");
        assert_eq!((told.models.len(), told.cut), (2, true));
        assert_eq!(Register::<Test>::lineage(id(99), 1), None);
        assert_eq!(Register::<Test>::view(&id(10)).map(|view| view.disputes), Some(vec![]));
    });
}

/// A call of a story; accounts and models are small numbers.
#[derive(Clone, Debug)]
enum Step {
    Publish(u8, u8, Vec<u8>),
    Confirm(u8, u8),
    Transfer(u8, u8, u8),
    Withdraw(u8, u8),
    Dispute(u8, u8),
    Answer(u8, u8, u32),
    Retract(u8, u8, u32),
    Takedown(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let (who, what, number) = (1u8..5, 10u8..16, 0u32..4);
    prop_oneof![
        (who.clone(), what.clone(), proptest::collection::vec(10u8..16, 0..3))
            .prop_map(|(by, model, parents)| Step::Publish(by, model, parents)),
        (who.clone(), what.clone()).prop_map(|(by, model)| Step::Confirm(by, model)),
        (who.clone(), what.clone(), who.clone()).prop_map(|(by, model, to)| Step::Transfer(by, model, to)),
        (who.clone(), what.clone()).prop_map(|(by, model)| Step::Withdraw(by, model)),
        (who.clone(), what.clone()).prop_map(|(by, model)| Step::Dispute(by, model)),
        (who.clone(), what.clone(), number.clone()).prop_map(|(by, model, at)| Step::Answer(by, model, at)),
        (who, what.clone(), number).prop_map(|(by, model, at)| Step::Retract(by, model, at)),
        what.prop_map(Step::Takedown),
    ]
}

fn take(step: Step) -> DispatchResult {
    match step {
        Step::Publish(by, model, parents) => publish(record(by, model, &parents)),
        Step::Confirm(by, model) => {
            let hash = Models::<Test>::get(id(model)).map_or([0; 32], |found| found.record.id());
            Library::confirm(signed(by), id(model), hash)
        }
        Step::Transfer(by, model, to) => Library::transfer(signed(by), id(model), account(to)),
        Step::Withdraw(by, model) => Library::withdraw(signed(by), id(model)),
        Step::Dispute(by, model) => Library::dispute(signed(by), id(model), [1; 32], vec![]),
        Step::Answer(by, model, at) => Library::answer(signed(by), id(model), at, [2; 32], vec![]),
        Step::Retract(by, model, at) => Library::retract(signed(by), id(model), at),
        Step::Takedown(model) => Library::takedown(RuntimeOrigin::root(), id(model), [3; 32], vec![]),
    }
}

/// Values that are never taken back: serial number, record, confirmations, marks, number of disputes.
type Marks = (u64, [u8; 32], u16, Option<u64>, Option<Statement>, u32);

fn marks() -> Vec<(ModelId, Marks)> {
    let of = |model: &Model<AccountId32>| {
        let record = model.record.id();
        (model.serial, record, model.confirmed, model.withdrawn, model.taken_down.clone(), model.disputes)
    };
    Models::<Test>::iter().map(|(id, model)| (id, of(&model))).collect()
}

/// Whether a model still has all its marks.
fn keeps(before: &Marks, after: &Marks) -> bool {
    before.0 == after.0
        && before.1 == after.1
        && before.2 & after.2 == before.2
        && (before.3.is_none() || before.3 == after.3)
        && (before.4.is_none() || before.4 == after.4)
        && before.5 <= after.5
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_called_deposits_are_conserved_and_marks_stay(steps in proptest::collection::vec(step(), 1..60)) {
        on_chain(|| -> Result<(), TestCaseError> {
            for (block, step) in (2u32..).zip(steps) {
                System::set_block_number(block);
                let before = marks();
                let root = sp_io::storage::root(sp_core::storage::StateVersion::V1);
                // A refused call is rolled back, as in a block.
                let done = frame_support::storage::with_storage_layer(|| take(step)).is_ok();
                if !done {
                    prop_assert_eq!(root, sp_io::storage::root(sp_core::storage::StateVersion::V1));
                }
                prop_assert_eq!(Register::<Test>::check(), Ok(()));
                let after: std::collections::BTreeMap<_, _> = marks().into_iter().collect();
                for (model, marks) in before {
                    prop_assert!(after.get(&model).is_some_and(|after| keeps(&marks, after)), "{:?}", marks);
                }
            }
            Ok(())
        })?;
    }
}
