//! Elections on the whole chain: from candidates to authors, with the session manager, the network and the audit.

use codec::{Decode, DecodeAll, Encode};
use frame_support::{assert_noop, assert_ok, storage::unhashed};
use myelin_abi::ElectionClock;
use myelin_economy::profile::Profile;
use myelin_election::{Member, Offence, Panel, PerBillion, Rules, Standing};
use myelin_governance::{track::Track, Kind};
use myelin_units::{NetUid, TaoBalance, ROOT};
use pallet_myelin_election::{
    Call as Elections, Candidacies, Candidates, EraClock, KeptReadings, Network as _, PanelBook, Panels,
    RootedHeader, SlashDocket, Step, TwoVotes,
};
use pallet_network::{Call as Network, TaoSupply, Tempo};
use sp_core::{ed25519, sr25519, Pair, H256};
use sp_runtime::{
    traits::{Dispatchable, Header as _},
    transaction_validity::{InvalidTransaction, TransactionSource},
    Digest, DigestItem, DispatchError,
};

use super::{
    chain,
    governance::{blocks, carry, enacted, propose, DAY, WHOLE},
    run_block,
};
use crate::{
    audit,
    authorities::Error as AuthoritiesError,
    elections::{self, NetworkAnswers},
    genesis::keys::{DevAccount, ALICE, AUTHORITIES, BOB, CHARLIE, DAVE, EVE, FERDIE},
    signing, AccountId, Balances, Executive, Grandpa, Header, Runtime, RuntimeCall, RuntimeOrigin, Session,
    SessionKeys, System, UncheckedExtrinsic,
};

const COLDKEYS: [DevAccount; 6] = [ALICE, BOB, CHARLIE, DAVE, EVE, FERDIE];
const RULES: Rules = Rules { era: 8, seats: 4, report_window: 320, ..Rules::fast() };

pub(super) fn made(who: &AccountId, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
    let outcome = call.into().dispatch(RuntimeOrigin::signed(who.clone()));
    outcome.map(drop).map_err(|refused| refused.error)
}

pub(super) fn by_root(call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
    call.into().dispatch(RuntimeOrigin::root()).map(drop).map_err(|refused| refused.error)
}

pub(super) fn hotkey(place: usize) -> AccountId {
    AccountId::from([50 + place as u8; 32])
}

pub(super) fn tao(tokens: u64) -> TaoBalance {
    TaoBalance::from_tokens(tokens)
}

/// The key with which a candidate writes blocks.
fn author(place: usize) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[50 + place as u8; 32])
}

/// The key with which it votes.
fn voter(place: usize) -> ed25519::Pair {
    ed25519::Pair::from_seed(&[50 + place as u8; 32])
}

/// The next block, and an audit.
pub(super) fn block() {
    run_block(System::block_number() + 1);
    assert_eq!(audit::check_all(), Ok(()));
}

/// Events of elections in the present block.
fn said() -> Vec<pallet_myelin_election::Event<Runtime>> {
    let of_elections = |record: frame_system::EventRecord<crate::RuntimeEvent, H256>| match record.event {
        crate::RuntimeEvent::Elections(event) => Some(event),
        _ => None,
    };
    System::events().into_iter().filter_map(of_elections).collect()
}

/// A subnet that has all the emission and no epochs.
fn paid_subnet() -> NetUid {
    assert_ok!(made(&ALICE.id(), Network::register_network { hotkey: AccountId::from([40; 32]) }));
    let netuid = 2;
    assert_ok!(made(&ALICE.id(), Network::start_call { netuid }));
    let pays = pallet_admin_utils::Call::sudo_set_subnet_emission_enabled { netuid, enabled: true };
    assert_ok!(by_root(pays));
    Tempo::<Runtime>::insert(netuid, 0);
    let is_paid = || NetworkAnswers::emissions().iter().any(|(of, part)| *of == netuid && part.parts() > 0);
    for _ in 0..50 {
        if !is_paid() {
            block();
        }
    }
    assert!(is_paid(), "{:?}", NetworkAnswers::emissions());
    netuid
}

/// Six candidates that judge equally well, with equal stake and session keys, on a chain with three authorities.
pub(super) fn with_candidates(story: impl FnOnce(NetUid)) {
    chain("local3").execute_with(|| {
        block();
        let netuid = paid_subnet();
        assert_ok!(by_root(Elections::set_rules { rules: RULES }));
        for (place, coldkey) in COLDKEYS.iter().enumerate() {
            let (who, hotkey) = (coldkey.id(), hotkey(place));
            assert_ok!(made(&who, Network::try_associate_hotkey { hotkey: hotkey.clone() }));
            let stake = Network::add_stake { hotkey: hotkey.clone(), netuid: ROOT, amount_staked: tao(100) };
            assert_ok!(made(&who, stake));
            assert_ok!(made(&who, Elections::join { hotkey: hotkey.clone(), pledge: tao(20) }));
            let keys =
                SessionKeys { aura: author(place).public().into(), grandpa: voter(place).public().into() };
            pallet_session::NextKeys::<Runtime>::insert(&hotkey, keys);
        }
        let member = |(place, coldkey): (usize, &DevAccount)| Member {
            hotkey: hotkey(place).into(),
            coldkey: coldkey.id().into(),
            backing: tao(100),
            measure: PerBillion::ONE,
        };
        let members = COLDKEYS.iter().enumerate().map(member).collect();
        PanelBook::<Runtime>::epoch_ended(netuid, Panel { members, ..Panel::default() }, true);
        assert_ok!(by_root(Elections::switch_on {}));
        story(netuid);
    });
}

#[test]
fn candidates_replace_the_authorities_of_genesis_seat_by_seat() {
    with_candidates(|_| {
        let mut before = Session::validators();
        for _ in 0..80 {
            block();
            let now = Session::validators();
            let joined = now.iter().filter(|who| !before.contains(who)).count();
            let left = before.iter().filter(|who| !now.contains(who)).count();
            assert!(joined <= 1 && left <= 1, "{before:?} became {now:?}");
            before = now;
        }
        let mut elected = Session::validators();
        elected.sort();
        let earlier: Vec<_> = (0..4).map(hotkey).collect();
        assert_eq!(elected, earlier, "equal weight: the earlier candidacies; {:?}", said());
        assert_eq!(pallet_aura::Authorities::<Runtime>::get().len(), 4);
        // One of them rests, and its pledge stays bound from its last block in office on.
        assert_ok!(made(&ALICE.id(), Elections::chill { hotkey: hotkey(0) }));
        (0..20).for_each(|_| block());
        assert!(!Session::validators().contains(&hotkey(0)) && Session::validators().contains(&hotkey(4)));
        let served = Candidacies::<Runtime>::get(hotkey(0)).map(|candidacy| candidacy.served);
        assert!(served.is_some_and(|served| served + 20 > u64::from(System::block_number())), "{served:?}");
    });
}

#[test]
fn root_appoints_once_elections_are_off() {
    with_candidates(|_| {
        let authority = AUTHORITIES[0].session_keys().aura;
        let new_authorities: frame_support::BoundedVec<_, _> =
            vec![authority].try_into().expect("few authorities");
        let swap = || pallet_admin_utils::Call::<Runtime>::swap_authorities {
            new_authorities: new_authorities.clone(),
        };
        let refused = AuthoritiesError::<Runtime>::ElectionsAreOn;
        assert_noop!(RuntimeCall::from(swap()).dispatch(RuntimeOrigin::root()).map_err(|e| e.error), refused);
        assert_ok!(by_root(Elections::switch_off {}));
        assert_ok!(by_root(swap()));
        (0..20).for_each(|_| block());
        assert_eq!(Session::validators(), [AUTHORITIES[0].account.id()]);
    });
}

#[test]
fn root_stake_that_moves_during_a_pass_is_kept_as_it_was() {
    with_candidates(|_| {
        while EraClock::<Runtime>::get().step != Step::Reading {
            block();
        }
        let amount_unstaked = myelin_units::AlphaBalance::from_tokens(50);
        let unstake = Network::remove_stake { hotkey: hotkey(3), netuid: ROOT, amount_unstaked };
        assert_ok!(made(&DAVE.id(), unstake));
        let kept = KeptReadings::<Runtime>::get(hotkey(3)).map(|reading| reading.nominations);
        assert_eq!(kept, Some(tao(100)));
        assert_eq!(NetworkAnswers::root_stake_on(&hotkey(3)), tao(50));
        block();
        assert_eq!(Candidacies::<Runtime>::get(hotkey(3)).map(|candidacy| candidacy.seen), Some(tao(100)));
        assert_eq!(KeptReadings::<Runtime>::iter().count(), 0);
    });
}

#[test]
fn an_epoch_writes_the_panel_of_its_subnet_and_a_removal_deletes_it() {
    with_candidates(|netuid| {
        Tempo::<Runtime>::insert(netuid, 5);
        (0..12).for_each(|_| block());
        let panel = Panels::<Runtime>::get(netuid).expect("an epoch ended");
        assert_eq!(panel.owner, Some(ALICE.id().into()));
        assert!(!panel.members.iter().any(|member| member.hotkey == <[u8; 32]>::from(hotkey(1))));
        assert_ok!(by_root(Network::root_dissolve_network { netuid }));
        (0..20).for_each(|_| block());
        assert_eq!(Panels::<Runtime>::get(netuid), None);
    });
}

#[test]
fn clients_read_the_clock_as_the_chain_stores_it() {
    with_candidates(|_| {
        let mut seen = Vec::new();
        for _ in 0..20 {
            block();
            let bytes = unhashed::get_raw(&EraClock::<Runtime>::hashed_key()).expect("elections are on");
            let read = ElectionClock::decode_all(&mut &bytes[..]).expect("clients know the type");
            let stored = EraClock::<Runtime>::get();
            assert_eq!((read.on, read.era, read.next_pass), (stored.on, stored.era, stored.next_pass));
            assert_eq!(format!("{:?}", read.step), format!("{:?}", stored.step));
            seen.push((stored.step, said()));
        }
        assert!(
            [Step::Waiting, Step::Reading, Step::Drawing]
                .iter()
                .all(|step| seen.iter().any(|(seen, _)| seen == step)),
            "{seen:?}"
        );
    });
}

/// Two blocks of the author of the present slot, on the block before. Returns the author's place too.
fn two_blocks() -> (usize, [Box<RootedHeader<Header>>; 2]) {
    let (number, parent) = (System::block_number(), H256::repeat_byte(9));
    // Blocks of these tests have no hashes.
    frame_system::BlockHash::<Runtime>::insert(number - 1, parent);
    let set = Session::validators();
    let holder = &set[number as usize % set.len()];
    let place = (0..COLDKEYS.len()).find(|place| hotkey(*place) == *holder).expect("a candidate");
    let block = |content: u8| {
        let slot = DigestItem::PreRuntime(*b"aura", u64::from(number).encode());
        let state = H256::repeat_byte(content);
        let mut header = Header::new(number, Default::default(), state, parent, Digest { logs: vec![slot] });
        let seal = author(place).sign(header.hash().as_bytes());
        header.digest_mut().push(DigestItem::Seal(*b"aura", seal.0.to_vec()));
        Box::new(RootedHeader { header, between: Vec::new() })
    };
    (place, [block(1), block(2)])
}

/// Two votes of a candidate in a round of the set in office.
fn two_votes(place: usize) -> Box<TwoVotes<Runtime>> {
    let (set_id, round) = (Grandpa::current_set_id(), 3u64);
    let vote = |block: u8| {
        let target = ([block; 32], 10u32);
        // A prevote is the first kind of message.
        (target, voter(place).sign(&(0u8, target, round, set_id).encode()).0)
    };
    let proof = (set_id, 0u8, round, voter(place).public().0, vote(1), vote(2)).encode();
    Box::new(Decode::decode(&mut &proof[..]).expect("the form of a proof"))
}

/// Blocks until the four best candidates are in office.
fn elected() {
    (0..80).for_each(|_| block());
    assert!((0..4).all(|place| Session::validators().contains(&hotkey(place))));
}

#[test]
fn an_author_that_signs_two_blocks_for_a_slot_loses_its_seat_and_a_share_of_its_pledge() {
    with_candidates(|_| {
        elected();
        let (place, [first, second]) = two_blocks();
        let pledged = || Candidates::<Runtime>::on_hold(&COLDKEYS[place].id());
        let recycled = || TaoSupply::<Runtime>::get().recycled.to_rao();
        assert_ok!(made(&BOB.id(), Elections::report_blocks { first, second }));
        let reported = System::block_number();
        let standing = Candidacies::<Runtime>::get(hotkey(place)).map(|candidacy| candidacy.standing);
        assert!(matches!(standing, Some(Standing::Jailed { .. })));
        assert!(Session::validators().contains(&hotkey(place)), "until the next pass");
        (0..20).for_each(|_| block());
        assert!(!Session::validators().contains(&hotkey(place)));
        assert_eq!(pledged(), tao(20).to_rao());
        while System::block_number() < reported + RULES.appeal_window as u32 - 1 {
            block();
        }
        let before = recycled();
        block();
        let slashed = Offence::AuraEquivocation.share(1, 4).of(tao(20).to_rao());
        assert_eq!(pledged(), tao(20).to_rao() - slashed);
        // The block recycles nothing else on this chain but TAO that no pool took.
        assert!(recycled() - before >= slashed, "{} of {slashed}", recycled() - before);
    });
}

#[test]
fn holders_cancel_a_slash_of_two_votes() {
    with_candidates(|_| {
        elected();
        let place = 2;
        let key = voter(place).public().into();
        assert!(elections::ownership_of(Grandpa::current_set_id(), &key).is_some());
        assert!(elections::ownership_of(Grandpa::current_set_id() + 1, &key).is_none());
        assert!(elections::ownership_of(0, &key).is_none(), "it was in no office then");
        assert_ok!(made(&BOB.id(), Elections::report_votes { proof: two_votes(place) }));
        assert!(made(&BOB.id(), Elections::report_votes { proof: two_votes(place) }).is_err());
        let due = || SlashDocket::<Runtime>::get().due(&RULES);
        let end = due().expect("it waits for an appeal");
        carry(propose(Kind::Authorities.id(), Elections::cancel_slash { number: 0 }, None));
        assert_eq!(enacted(blocks(WHOLE * DAY)), Ok(()));
        assert!(u64::from(System::block_number()) < end, "the vote was in time");
        assert_eq!(due(), None);
        while u64::from(System::block_number()) < end + 5 {
            block();
        }
        assert_eq!(Candidates::<Runtime>::on_hold(&COLDKEYS[place].id()), tao(20).to_rao());
    });
}

/// A vote on the track of authorities ends a day before a slash is due, if it begins with the report.
#[test]
fn a_vote_is_faster_than_a_slash() {
    let paces = [(Rules::production(), Profile::PRODUCTION), (Rules::fast(), Profile::FAST)];
    for (rules, pace) in paces {
        let soonest = Track::of(Kind::Authorities).soonest(&pace) + pace.governance_day();
        assert!(soonest <= rules.appeal_window, "{soonest} of {}", rules.appeal_window);
    }
}

#[test]
fn a_report_that_holds_costs_nothing_and_an_authors_own_needs_no_signature() {
    with_candidates(|_| {
        elected();
        let (_, [first, second]) = two_blocks();
        let report = RuntimeCall::from(Elections::report_blocks { first, second });
        let bare = UncheckedExtrinsic::new_bare(report.clone());
        let at = |source| {
            sp_io::storage::start_transaction();
            let answer = Executive::validate_transaction(source, bare.clone(), H256::repeat_byte(9));
            sp_io::storage::rollback_transaction();
            answer
        };
        assert_eq!(at(TransactionSource::External), Err(InvalidTransaction::Call.into()));
        assert!(at(TransactionSource::Local).is_ok_and(|valid| !valid.propagate));
        let sender = sr25519::Pair::from_string(BOB.path, None).expect("a valid path");
        let signed = |nonce| signing::sign(&sender, nonce, System::block_hash(0), report.clone());
        let free = || Balances::free_balance(BOB.id());
        let (nonce, before) = (System::account_nonce(BOB.id()), free());
        assert_eq!(Executive::apply_extrinsic(signed(nonce)), Ok(Ok(())));
        assert_eq!(free(), before, "the fee came back");
        assert!(matches!(Executive::apply_extrinsic(signed(nonce + 1)), Ok(Err(_))));
        assert!(free() < before, "a report of a known offence pays");
        assert_eq!(at(TransactionSource::Local), Err(InvalidTransaction::Stale.into()));
        assert_eq!(Executive::apply_extrinsic(bare.clone()), Err(InvalidTransaction::Stale.into()));
    });
}
