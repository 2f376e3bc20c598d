//! Elections on the whole chain: from candidates to authors, with the session manager, the network and the audit.

use codec::{Decode, DecodeAll};
use frame_support::{assert_noop, assert_ok, storage::unhashed};
use myelin_abi::ElectionClock;
use myelin_election::{Member, Panel, PerBillion, Rules};
use myelin_units::{NetUid, TaoBalance, ROOT};
use pallet_myelin_election::{
    Call as Elections, Candidacies, EraClock, KeptReadings, Network as _, PanelBook, Panels, Step,
};
use pallet_network::{Call as Network, Tempo};
use sp_runtime::{traits::Dispatchable, DispatchError};

use super::{chain, run_block};
use crate::{
    audit,
    authorities::Error as AuthoritiesError,
    elections::NetworkAnswers,
    genesis::keys::{DevAccount, ALICE, AUTHORITIES, BOB, CHARLIE, DAVE, EVE, FERDIE},
    AccountId, Runtime, RuntimeCall, RuntimeOrigin, Session, SessionKeys, System,
};

const COLDKEYS: [DevAccount; 6] = [ALICE, BOB, CHARLIE, DAVE, EVE, FERDIE];
const RULES: Rules = Rules { era: 8, seats: 4, ..Rules::fast() };

fn made(who: &AccountId, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
    let outcome = call.into().dispatch(RuntimeOrigin::signed(who.clone()));
    outcome.map(drop).map_err(|refused| refused.error)
}

fn by_root(call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
    call.into().dispatch(RuntimeOrigin::root()).map(drop).map_err(|refused| refused.error)
}

fn hotkey(place: usize) -> AccountId {
    AccountId::from([50 + place as u8; 32])
}

fn tao(tokens: u64) -> TaoBalance {
    TaoBalance::from_tokens(tokens)
}

/// The next block, and an audit.
fn block() {
    run_block(System::block_number() + 1);
    assert_eq!(audit::check_all(), Ok(()));
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
fn with_candidates(story: impl FnOnce(NetUid)) {
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
            let keys = SessionKeys::decode(&mut &[50 + place as u8; 64][..]).expect("two keys of 32 bytes");
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
        assert_eq!(elected, (0..4).map(hotkey).collect::<Vec<_>>(), "equal weight: the earlier candidacies");
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
        let one = AUTHORITIES[0].session_keys().aura;
        let new_authorities: frame_support::BoundedVec<_, _> = vec![one].try_into().expect("few authorities");
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
            seen.push(stored.step);
        }
        assert!(
            [Step::Waiting, Step::Reading, Step::Drawing].iter().all(|step| seen.contains(step)),
            "{seen:?}"
        );
    });
}
