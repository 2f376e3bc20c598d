//! Promises of the beacon: one value per block, which its author cannot choose, and a bounded memory of them.

use frame_support::inherent::{InherentData, ProvideInherent};
use frame_support::{
    assert_noop, assert_ok, derive_impl,
    traits::{ConstBool, ConstU32, ConstU64, Hooks},
};
use myelin_wire::sr25519::Keypair;
use proptest::prelude::*;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::H256;
use sp_runtime::{BuildStorage, Digest, DigestItem};

use crate::{self as pallet_myelin_beacon, *};

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system = 0,
        Timestamp: pallet_timestamp = 2,
        Aura: pallet_aura = 3,
        Beacon: pallet_myelin_beacon = 105,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
}

impl pallet_timestamp::Config for Test {
    type Moment = u64;
    type OnTimestampSet = ();
    type MinimumPeriod = ConstU64<1>;
    type WeightInfo = ();
}

impl pallet_aura::Config for Test {
    type AuthorityId = AuraId;
    type MaxAuthorities = ConstU32<8>;
    type DisabledValidators = ();
    type AllowMultipleBlocksPerSlot = ConstBool<false>;
    type SlotDuration = ConstU64<1000>;
}

impl Config for Test {}

const GENESIS: [u8; 32] = [7; 32];

fn keypair(byte: u8) -> Keypair {
    Keypair::from_seed(&[byte; 32])
}

fn keys(bytes: &[u8]) -> Vec<AuraId> {
    let key = |byte: &u8| AuraId::decode(&mut &keypair(*byte).public()[..]).expect("a key is 32 bytes");
    bytes.iter().map(key).collect()
}

fn set_authorities(bytes: &[u8]) {
    pallet_aura::Authorities::<Test>::put(BoundedVec::try_from(keys(bytes)).expect("few authorities"));
}

/// A chain whose authorities have the keys 0, 1 and 2.
pub fn chain() -> sp_io::TestExternalities {
    let storage = frame_system::GenesisConfig::<Test>::default().build_storage().expect("an empty genesis");
    let mut chain = sp_io::TestExternalities::new(storage);
    chain.execute_with(|| {
        frame_system::BlockHash::<Test>::insert(0, H256(GENESIS));
        set_authorities(&[0, 1, 2]);
    });
    chain
}

/// Begins the next block, in this slot.
fn begin(slot: u64) {
    let now = System::block_number() + 1;
    let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(slot).encode())] };
    System::initialize(&now, &H256([now as u8; 32]), &digest);
    // The hash of genesis, which this call replaces by that of the parent.
    frame_system::BlockHash::<Test>::insert(0, H256(GENESIS));
    Aura::on_initialize(now);
    Beacon::on_initialize(now);
}

fn end() -> Value {
    let now = System::block_number();
    Beacon::on_finalize(now);
    Beacon::value_at(now).expect("a block has a value")
}

/// The turn of the open block as its readers compute it.
fn turn(slot: u64) -> Turn {
    let before = Beacon::value_at(System::block_number() - 1).unwrap_or(START);
    Turn { genesis: GENESIS, before, slot }
}

/// Contribution of the author with this key to the open block.
fn contribution(slot: u64, author: u8) -> Contribution {
    turn(slot).contribute(&keypair(author), [0; 32]).into()
}

fn contribute(Contribution { output, proof }: Contribution) -> DispatchResult {
    Beacon::contribute(RuntimeOrigin::none(), output, proof)
}

#[test]
fn each_block_gets_the_value_of_its_authors_contribution() {
    chain().execute_with(|| {
        let mut values = vec![START];
        for slot in 10..16 {
            begin(slot);
            let expected = turn(slot);
            let given = contribution(slot, (slot % 3) as u8);
            assert_ok!(contribute(given));
            let value = end();
            let given = VrfSignature { output: given.output, proof: given.proof };
            let author = keypair((slot % 3) as u8).public();
            assert_eq!(Ok(value), expected.value(&author, Some(&given)));
            assert!(!values.contains(&value));
            values.push(value);
        }
    });
}

#[test]
fn a_block_without_a_contribution_has_the_value_that_everybody_expects() {
    chain().execute_with(|| {
        begin(10);
        assert_ok!(contribute(contribution(10, 1)));
        end();
        begin(12);
        let expected = turn(12).value_without();
        assert_eq!(end(), expected);
    });
}

#[test]
fn what_the_author_of_the_slot_did_not_sign_for_it_is_refused() {
    chain().execute_with(|| {
        begin(10);
        let right = contribution(10, 1);
        for (other, author) in [(0, 0), (10, 0), (10, 2), (9, 1), (13, 1)] {
            assert_noop!(contribute(contribution(other, author)), Error::<Test>::NotProven);
        }
        let elsewhere = Turn { genesis: [8; 32], ..turn(10) }.contribute(&keypair(1), [0; 32]);
        assert_noop!(contribute(elsewhere.into()), Error::<Test>::NotProven);
        for place in [0, 31, 63] {
            let mut proof = right.proof;
            proof[place] ^= 1;
            assert_noop!(contribute(Contribution { proof, ..right }), Error::<Test>::NotProven);
        }
        assert_ok!(contribute(right));
        let first = end();
        begin(13);
        assert_noop!(contribute(right), Error::<Test>::NotProven);
        assert_ne!(first, end());
    });
}

#[test]
fn a_block_takes_one_contribution_and_no_signer_sends_it() {
    chain().execute_with(|| {
        begin(10);
        let Contribution { output, proof } = contribution(10, 1);
        for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::root()] {
            assert_noop!(Beacon::contribute(origin, output, proof), DispatchError::BadOrigin);
        }
        assert_ok!(Beacon::contribute(RuntimeOrigin::none(), output, proof));
        assert_noop!(Beacon::contribute(RuntimeOrigin::none(), output, proof), Error::<Test>::Repeated);
        let again = turn(10).contribute(&keypair(1), [9; 32]);
        assert_noop!(contribute(again.into()), Error::<Test>::Repeated);
    });
}

/// Ends the open block; false if that makes it invalid.
fn ends() -> bool {
    let now = System::block_number();
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| Beacon::on_finalize(now))).is_ok()
}

#[test]
fn under_the_strict_rules_a_block_needs_the_contribution_of_its_author() {
    chain().execute_with(|| {
        StrictFrom::<Test>::put(2);
        assert!(!Beacon::needs_next_contribution(), "block 1 is by the old rules");
        begin(10);
        assert!(ends());
        assert!(Beacon::needs_next_contribution());
        begin(11);
        assert!(!ends());
        assert_noop!(contribute(contribution(11, 1)), Error::<Test>::NotProven);
        assert!(!ends(), "another author's does not help");
        assert_ok!(contribute(contribution(11, 2)));
        assert!(ends());
        // The author of a session change is known by the old list.
        begin(12);
        Beacon::keep_author();
        set_authorities(&[5]);
        assert!(!ends());
        assert_ok!(contribute(contribution(12, 0)));
        assert!(ends());
        // Nobody's key is known, so nobody's contribution is missing.
        pallet_aura::Authorities::<Test>::kill();
        begin(13);
        assert!(ends());
    });
}

#[test]
fn genesis_decides_whether_the_strict_rules_hold() {
    for (strict, from) in [(false, None), (true, Some(1))] {
        let genesis = crate::GenesisConfig::<Test> { strict, ..Default::default() };
        let storage = genesis.build_storage().expect("it fits the pallet");
        sp_io::TestExternalities::new(storage).execute_with(|| assert_eq!(Beacon::strict_from(), from));
    }
}

#[test]
fn root_demands_contributions_once_and_with_notice() {
    chain().execute_with(|| {
        begin(10);
        let demand = |after| Beacon::demand_contributions(RuntimeOrigin::root(), after);
        for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::none()] {
            assert_noop!(Beacon::demand_contributions(origin, 40), DispatchError::BadOrigin);
        }
        for wrong in [0, 31, 432_001, u32::MAX] {
            assert_noop!(demand(wrong), Error::<Test>::BadNotice);
        }
        assert_ok!(demand(32));
        assert_eq!(Beacon::strict_from(), Some(33));
        System::assert_last_event(Event::ContributionsDemanded { from: 33 }.into());
        for again in [32, 100] {
            assert_noop!(demand(again), Error::<Test>::AlreadyDemanded);
        }
        assert!(ends());
        while System::block_number() < 32 {
            begin(10 + u64::from(System::block_number()));
            assert!(ends(), "block {} is by the old rules", System::block_number());
        }
        begin(50);
        assert!(!ends());
        assert_ok!(contribute(contribution(50, 2)));
        assert!(ends());
    });
}

#[test]
fn the_last_values_are_kept_and_older_ones_removed() {
    chain().execute_with(|| {
        for number in 1..=KEPT + 10 {
            begin(number.into());
            end();
            if number % 1_000 == 0 || number >= KEPT {
                assert_eq!(Values::<Test>::iter().count() as u32, number.min(KEPT));
            }
        }
        assert_eq!(Beacon::value_at(10), None);
        assert!((11..=KEPT + 10).all(|number| Beacon::value_at(number).is_some()));
        assert_eq!(Beacon::value_at(KEPT + 11), None);
    });
}

#[test]
fn the_author_of_a_session_change_is_one_of_the_old_authorities() {
    chain().execute_with(|| {
        begin(10);
        // The hooks of a session: the old list's author of slot 10 has key 1; the new list would name key 5.
        Beacon::keep_author();
        set_authorities(&[5, 6]);
        assert_noop!(contribute(contribution(10, 5)), Error::<Test>::NotProven);
        assert_ok!(contribute(contribution(10, 1)));
        end();
        begin(11);
        assert_noop!(contribute(contribution(11, 2)), Error::<Test>::NotProven);
        assert_ok!(contribute(contribution(11, 6)));
    });
}

#[test]
fn the_next_turn_is_what_the_next_block_accepts() {
    chain().execute_with(|| {
        for slot in [1, 2, 5, 7] {
            let (author, before) = Beacon::next_turn(slot).expect("there are authorities");
            begin(slot);
            assert_eq!((author, before), (keys(&[(slot % 3) as u8])[0].clone(), turn(slot).before));
            assert_ok!(contribute(contribution(slot, (slot % 3) as u8)));
            end();
        }
        pallet_aura::Authorities::<Test>::kill();
        assert_eq!(Beacon::next_turn(8), None);
        begin(8);
        assert_noop!(contribute(contribution(8, 2)), Error::<Test>::NoAuthor);
        assert_eq!(end(), turn(8).value_without());
    });
}

#[test]
fn the_node_s_contribution_becomes_an_inherent_unless_it_is_false() {
    let with = |contribution: &Contribution| {
        let mut data = InherentData::new();
        data.put_data(INHERENT_IDENTIFIER, contribution).expect("it encodes");
        Beacon::create_inherent(&data)
    };
    chain().execute_with(|| {
        begin(10);
        let right = contribution(10, 1);
        let call = with(&right).expect("a true contribution is included");
        assert!(Beacon::is_inherent(&call));
        assert_eq!(call, Call::contribute { output: right.output, proof: right.proof });
        assert_eq!(with(&contribution(10, 2)), None);
        assert_eq!(Beacon::create_inherent(&InherentData::new()), None);
        let mut garbage = InherentData::new();
        garbage.put_data(INHERENT_IDENTIFIER, &7u8).expect("it encodes");
        assert_eq!(Beacon::create_inherent(&garbage), None);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Authors contribute, leave their contribution out, or make no block.
    #[test]
    fn readers_recompute_the_values_of_any_run_of_slots(choices in prop::collection::vec(0..3u8, 1..12)) {
        chain().execute_with(|| {
            let mut expected = START;
            assert_eq!(Beacon::authorities(), 3);
            for (choice, slot) in choices.into_iter().zip(1..) {
                if choice == 0 {
                    continue;
                }
                begin(slot);
                let reader = Turn { genesis: GENESIS, before: expected, slot };
                let author = keypair((slot % 3) as u8);
                let given = (choice == 2).then(|| reader.contribute(&author, [3; 32]));
                if let Some(given) = given {
                    assert_ok!(contribute(given.into()));
                }
                expected = reader.value(&author.public(), given.as_ref()).expect("true contributions");
                assert_eq!(end(), expected);
            }
        });
    }
}
