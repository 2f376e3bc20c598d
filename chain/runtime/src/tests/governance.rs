//! Governance on the whole chain: from the vote lock to the enactment, what is refused there, and what vote locks bind.

use codec::Encode;
use frame_metadata::RuntimeMetadata;
use frame_support::{
    assert_noop, assert_ok,
    traits::{schedule::DispatchTime, Bounded, Get},
};
use myelin_abi::RubricSource;
use myelin_economy::params::{NETWORK, SUBNET};
use myelin_governance::{calls::CALLS, power::PRICE_SCALE, Asset, Kind, Multiplier, TrackId};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};
use pallet_myelin_governance::{Call as Governance, Error, Event, Inspect, Origin, Voters};
use pallet_network::{Call as Network, Error as NetworkError};
use sp_core::Pair;
use sp_runtime::{
    traits::{BlakeTwo256, Dispatchable, Hash as _},
    transaction_validity::{InvalidTransaction, TransactionSource},
    DispatchError, TokenError,
};

use super::{chain, run_block};
use crate::{
    audit,
    constants::TAO,
    genesis::keys::{ALICE, BOB, CHARLIE, DAVE, EVE, FERDIE},
    governance::{Proposals, TreasuryAccount},
    signing, AccountId, Balances, Executive, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
    System,
};

mod committee;
mod limits;

/// Blocks of a day of this chain.
pub(super) const DAY: u32 = 5;
/// Days of a referendum that holds from its beginning on: preparation, confirmation and the wait, at most.
pub(super) const WHOLE: u32 = 20;

/// A story on the fast chain, from its first block on.
fn on_chain(story: impl FnOnce()) {
    chain("development").execute_with(|| {
        assert!(run_block(1));
        story();
        assert_eq!(audit::check_all(), Ok(()));
    });
}

fn made(who: &AccountId, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
    let outcome = call.into().dispatch(RuntimeOrigin::signed(who.clone()));
    outcome.map(drop).map_err(|refused| refused.error)
}

/// Runs this many blocks, each with an audit, and returns the events of governance in them.
pub(super) fn blocks(count: u32) -> Vec<Event<Runtime>> {
    let mut events = Vec::new();
    for _ in 0..count {
        run_block(System::block_number() + 1);
        assert_eq!(audit::check_all(), Ok(()));
        events.extend(System::events().into_iter().filter_map(|record| match record.event {
            RuntimeEvent::Governance(event) => Some(event),
            _ => None,
        }));
    }
    events
}

fn lock(who: &AccountId, asset: Asset, amount: u64) {
    assert_ok!(made(who, Governance::lock { asset, amount }));
}

/// Submits the enactment of a call on a track, with its deposits, and returns the number of the referendum.
pub(super) fn propose(track: TrackId, call: impl Into<RuntimeCall>, registered: Option<u64>) -> u32 {
    let call = Box::new(call.into());
    propose_plain(track, Governance::enact { call, registered })
}

fn propose_plain(track: TrackId, call: impl Into<RuntimeCall>) -> u32 {
    propose_bytes(track, call.into().encode())
}

/// Submits any bytes as a proposal, with a preimage of them if they are long.
fn propose_bytes(track: TrackId, bytes: Vec<u8>) -> u32 {
    let poll = pallet_referenda::ReferendumCount::<Runtime>::get();
    let proposal = match bytes.clone().try_into() {
        Ok(short) => Bounded::Inline(short),
        Err(_) => {
            let (hash, len) = (BlakeTwo256::hash(&bytes), bytes.len() as u32);
            assert_ok!(made(&CHARLIE.id(), pallet_preimage::Call::note_preimage { bytes }));
            Bounded::Lookup { hash, len }
        }
    };
    let submit = pallet_referenda::Call::submit {
        proposal_origin: Box::new(OriginCaller::Governance(Origin(track))),
        proposal,
        enactment_moment: DispatchTime::After(0),
    };
    assert_ok!(made(&CHARLIE.id(), submit));
    assert_ok!(made(&CHARLIE.id(), pallet_referenda::Call::place_decision_deposit { index: poll }));
    poll
}

fn vote(who: &AccountId, poll: u32) {
    assert_ok!(made(who, Governance::vote { poll, aye: true, multiplier: Multiplier::One }));
}

/// Alice and Bob, two thirds of all TAO, vote for a proposal.
pub(super) fn carry(poll: u32) {
    for who in [ALICE.id(), BOB.id()] {
        if Voters::<Runtime>::get(&who).lock.is_empty() {
            lock(&who, Asset::Free, 900_000 * TAO);
        }
        vote(&who, poll);
    }
}

/// The result of the only enactment among these events.
#[track_caller]
pub(super) fn enacted(events: Vec<Event<Runtime>>) -> Result<(), DispatchError> {
    let results = events.into_iter().filter_map(|event| match event {
        Event::Enacted { result, .. } => Some(result),
        Event::EnactmentRefused { error, .. } => Some(Err(error)),
        _ => None,
    });
    let results: Vec<_> = results.collect();
    assert_eq!(results.len(), 1, "{results:?}");
    results[0]
}

/// The results of all enactments that the schedule dispatches while a referendum lasts. Governance reports none.
fn dispatched() -> Vec<Result<(), DispatchError>> {
    let mut results = Vec::new();
    for _ in 0..WHOLE * DAY {
        let told = blocks(1);
        assert!(told.is_empty(), "{told:?}");
        results.extend(System::events().into_iter().filter_map(|record| match record.event {
            RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { id: Some(_), result, .. }) => {
                Some(result)
            }
            _ => None,
        }));
    }
    results
}

fn set_limit(max_subnets: u16) -> RuntimeCall {
    pallet_admin_utils::Call::sudo_set_subnet_limit { max_subnets }.into()
}

/// A started subnet of Dave, with 100 TAO of Eve staked on Dave's hotkey. Returns its number and Eve's alpha.
fn subnet() -> (NetUid, AccountId, u64) {
    let hotkey = AccountId::from([7; 32]);
    assert_ok!(made(
        &CHARLIE.id(),
        pallet_balances::Call::transfer_keep_alive { dest: DAVE.id().into(), value: 10_000 * TAO }
    ));
    let before = pallet_network::TotalNetworks::<Runtime>::get();
    assert_ok!(made(&DAVE.id(), Network::register_network { hotkey: hotkey.clone() }));
    let netuid = before;
    assert_ok!(made(&DAVE.id(), Network::start_call { netuid }));
    let amount_staked = TaoBalance::from_tokens(100);
    assert_ok!(made(&EVE.id(), Network::add_stake { hotkey: hotkey.clone(), netuid, amount_staked }));
    let alpha = pallet_network::stake::StakeLedger::<Runtime>::total_of(&EVE.id(), netuid).to_rao();
    (netuid, hotkey, alpha)
}

#[test]
fn holders_change_a_parameter_from_the_vote_lock_to_the_enactment() {
    on_chain(|| {
        assert_ne!(pallet_network::SubnetLimit::<Runtime>::get(), 77);
        let poll = propose(Kind::Parameters.id(), set_limit(77), None);
        carry(poll);
        let early = blocks(9 * DAY - 1);
        assert!(early.iter().all(|event| !matches!(event, Event::Enacted { .. })), "{early:?}");
        assert_eq!(enacted(blocks(2 * DAY)), Ok(()));
        assert_eq!(pallet_network::SubnetLimit::<Runtime>::get(), 77);
        // The deposits come back, and so do the amounts under the vote lock.
        assert_ok!(made(&CHARLIE.id(), pallet_referenda::Call::refund_decision_deposit { index: poll }));
        assert_ok!(made(&CHARLIE.id(), pallet_referenda::Call::refund_submission_deposit { index: poll }));
        assert_eq!(Balances::reserved_balance(CHARLIE.id()), 0);
        assert_ok!(made(&ALICE.id(), Governance::unlock { asset: Asset::Free, amount: 900_000 * TAO }));
        assert!(Voters::<Runtime>::get(ALICE.id()).lock.is_empty());
    });
}

#[test]
fn a_third_of_all_tao_is_too_little() {
    on_chain(|| {
        let before = pallet_network::SubnetLimit::<Runtime>::get();
        let poll = propose(Kind::Parameters.id(), set_limit(77), None);
        lock(&ALICE.id(), Asset::Free, 990_000 * TAO);
        vote(&ALICE.id(), poll);
        let events = blocks(35 * DAY);
        assert!(events.iter().all(|event| !matches!(event, Event::Enacted { .. })), "{events:?}");
        assert_eq!(pallet_network::SubnetLimit::<Runtime>::get(), before);
        let end = pallet_referenda::ReferendumInfoFor::<Runtime>::get(poll);
        assert!(matches!(end, Some(pallet_referenda::ReferendumInfo::Rejected(..))), "{end:?}");
    });
}

#[test]
fn a_referendum_that_hardly_anybody_backs_loses_its_deposits_to_the_treasury() {
    on_chain(|| {
        let junk = propose(Kind::Parameters.id(), set_limit(77), None);
        let backed = propose(Kind::Parameters.id(), set_limit(78), None);
        lock(&ALICE.id(), Asset::Free, 200_000 * TAO);
        vote(&ALICE.id(), junk);
        assert_ok!(made(&ALICE.id(), Governance::withdraw { poll: junk }));
        vote(&ALICE.id(), backed);
        blocks(24 * DAY);
        let refund = |index| pallet_referenda::Call::refund_decision_deposit { index };
        let closed = frame_system::Error::<Runtime>::CallFiltered;
        assert_noop!(made(&CHARLIE.id(), refund(junk)), closed);
        assert_ok!(made(&CHARLIE.id(), refund(backed)));
        for poll in [junk, backed] {
            assert_ok!(made(&EVE.id(), Governance::collect { poll }));
        }
        assert_eq!(Balances::free_balance(TreasuryAccount::get()), (100 + 1 + 1) * TAO);
        assert_eq!(Balances::reserved_balance(CHARLIE.id()), 0);
    });
}

#[test]
fn a_closed_call_is_refused_at_its_enactment_though_it_was_approved() {
    on_chain(|| {
        let mint =
            || pallet_balances::Call::force_set_balance { who: EVE.id().into(), new_free: u64::MAX / 4 };
        let from_treasury = pallet_balances::Call::force_transfer {
            source: TreasuryAccount::get().into(),
            dest: EVE.id().into(),
            value: TAO,
        };
        let wrapped = pallet_utility::Call::batch_all { calls: vec![mint().into()] };
        let before = Balances::free_balance(EVE.id());
        let closed = DispatchError::from(frame_system::Error::<Runtime>::CallFiltered);
        for call in [RuntimeCall::from(mint()), from_treasury.into(), wrapped.into()] {
            let poll = propose(Kind::Authorities.id(), call, None);
            carry(poll);
            assert_eq!(dispatched(), [Err(closed)]);
        }
        assert_eq!(Balances::free_balance(EVE.id()), before);
    });
}

#[test]
fn a_proposal_of_another_track_of_several_calls_or_on_no_list_is_refused_though_it_was_approved() {
    on_chain(|| {
        let pay = pallet_balances::Call::force_transfer {
            source: ALICE.id().into(),
            dest: EVE.id().into(),
            value: TAO,
        };
        let two = pallet_utility::Call::batch_all { calls: vec![set_limit(77), set_limit(78)] };
        let storage = frame_system::Call::kill_prefix { prefix: vec![], subkeys: 1 };
        let cases: [(RuntimeCall, Error<Runtime>); 4] = [
            (set_limit(77), Error::OtherTrack),
            (two.into(), Error::SeveralCalls),
            (pay.into(), Error::NoTrackForCall),
            (storage.into(), Error::NoTrackForCall),
        ];
        for (call, error) in cases {
            let poll = propose(Kind::Authorities.id(), call, None);
            carry(poll);
            assert_eq!(enacted(blocks(WHOLE * DAY)), Err(error.into()));
        }
        assert_ne!(pallet_network::SubnetLimit::<Runtime>::get(), 77);
    });
}

#[test]
fn the_origin_of_a_referendum_makes_no_call_but_enact() {
    on_chain(|| {
        let poll = propose_plain(Kind::Parameters.id(), set_limit(77));
        carry(poll);
        assert_eq!(dispatched(), [Err(DispatchError::BadOrigin)]);
        for signer in [RuntimeOrigin::signed(ALICE.id()), RuntimeOrigin::root()] {
            let call = Box::new(set_limit(77));
            let enact = RuntimeCall::from(Governance::enact { call, registered: None });
            assert_noop!(enact.dispatch(signer).map_err(|refused| refused.error), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn tao_under_the_vote_lock_pays_for_nothing() {
    on_chain(|| {
        let dave = DAVE.id();
        let held = Balances::free_balance(&dave);
        let free = 10 * TAO;
        lock(&dave, Asset::Free, held - free);
        let pay = |value| pallet_balances::Call::transfer_allow_death { dest: EVE.id().into(), value };
        assert_noop!(made(&dave, pay(free + 1)), TokenError::Frozen);
        assert_ok!(made(&dave, Network::try_associate_hotkey { hotkey: AccountId::from([7; 32]) }));
        let stake = |tao: u64| Network::add_stake {
            hotkey: AccountId::from([7; 32]),
            netuid: ROOT,
            amount_staked: tao.into(),
        };
        let too_much = NetworkError::<Runtime>::NotEnoughBalanceToStake;
        assert_noop!(made(&dave, stake(free + 1)), too_much);
        assert_ok!(made(&dave, stake(5 * TAO)));
        assert_ok!(made(&dave, pay(5 * TAO - 1_000)));
        // Less than a fee is free now.
        let pair = sp_core::sr25519::Pair::from_string(DAVE.path, None).expect("a well-formed path");
        let remark = frame_system::Call::remark { remark: vec![0; 100] };
        let nonce = System::account_nonce(&dave);
        let transaction = signing::sign(&pair, nonce, System::block_hash(0), remark);
        let validity =
            Executive::validate_transaction(TransactionSource::External, transaction, Default::default());
        assert_eq!(validity.map(drop), Err(InvalidTransaction::Payment.into()));
        assert_eq!(Balances::free_balance(&dave), held - free + 1_000);
    });
}

#[test]
fn alpha_under_the_vote_lock_stays_with_its_account_on_its_subnet() {
    on_chain(|| {
        let (netuid, hotkey, alpha) = subnet();
        let eve = EVE.id();
        lock(&eve, Asset::Stake(netuid), alpha / 2);
        let over = AlphaBalance::from_rao(alpha - alpha / 2 + 1);
        let calls: [RuntimeCall; 5] = [
            Network::remove_stake { hotkey: hotkey.clone(), netuid, amount_unstaked: over }.into(),
            Network::move_stake {
                origin_hotkey: hotkey.clone(),
                destination_hotkey: hotkey.clone(),
                origin_netuid: netuid,
                destination_netuid: ROOT,
                alpha_amount: over,
            }
            .into(),
            Network::transfer_stake {
                destination_coldkey: FERDIE.id(),
                hotkey: hotkey.clone(),
                origin_netuid: netuid,
                destination_netuid: netuid,
                alpha_amount: over,
            }
            .into(),
            Network::swap_stake {
                hotkey: hotkey.clone(),
                origin_netuid: netuid,
                destination_netuid: ROOT,
                alpha_amount: over,
            }
            .into(),
            Network::burn_alpha { hotkey: hotkey.clone(), amount: over, netuid }.into(),
        ];
        for call in calls {
            assert_noop!(made(&eve, call), NetworkError::<Runtime>::StakeUnderVoteLock);
        }
        let free = AlphaBalance::from_rao(alpha - alpha / 2);
        assert_ok!(made(&eve, Network::remove_stake { hotkey, netuid, amount_unstaked: free }));
        let rest = Governance::unlock { asset: Asset::Stake(netuid), amount: alpha / 2 };
        assert_ok!(made(&eve, rest));
    });
}

#[test]
fn the_tao_of_a_removed_subnet_takes_the_alphas_place_under_the_vote_lock() {
    on_chain(|| {
        let (netuid, _, alpha) = subnet();
        let eve = EVE.id();
        lock(&eve, Asset::Stake(netuid), alpha / 2);
        let before = Balances::free_balance(&eve);
        let remove = RuntimeCall::from(Network::root_dissolve_network { netuid });
        assert_ok!(remove.dispatch(RuntimeOrigin::root()));
        blocks(60);
        let paid = Balances::free_balance(&eve) - before;
        let voter = Voters::<Runtime>::get(&eve);
        assert_eq!(voter.lock.amount(Asset::Stake(netuid)), 0);
        let bound = voter.lock.amount(Asset::Free);
        assert!(paid > TAO && bound.abs_diff(paid / 2) <= 1 + paid / alpha, "{bound} of {paid} are bound");
        assert_eq!(pallet_network::removal::SubnetRemoval::<Runtime>::count(), 0);
    });
}

#[test]
fn holders_of_alpha_change_a_rubric_and_the_owner_does_not_vote() {
    on_chain(|| {
        let (netuid, _, alpha) = subnet();
        let registered = u64::from(System::block_number());
        // A subnet has referenda from the block after its registration on.
        blocks(1);
        let track = TrackId::rubrics(netuid).expect("a number of a subnet");
        let rubric = RubricSource::Hash([9; 32]);
        let announce = Network::announce_rubric { netuid, mecid: 0, rubric };
        let poll = propose(track, announce, Some(registered));
        lock(&EVE.id(), Asset::Stake(netuid), alpha);
        vote(&EVE.id(), poll);
        lock(&DAVE.id(), Asset::Free, TAO);
        let by_owner = Governance::vote { poll, aye: false, multiplier: Multiplier::One };
        assert_noop!(made(&DAVE.id(), by_owner), Error::<Runtime>::OwnerVotesNot);
        assert_eq!(enacted(blocks(WHOLE * DAY)), Ok(()));
        assert!(pallet_network::SubnetRubrics::<Runtime>::iter_keys().any(|(of, _)| of == netuid));
    });
}

#[test]
fn the_treasury_pays_by_a_vote_and_at_most_its_twentieth() {
    on_chain(|| {
        let treasury = TreasuryAccount::get();
        let gift =
            pallet_balances::Call::transfer_keep_alive { dest: treasury.clone().into(), value: 1_000 * TAO };
        assert_ok!(made(&ALICE.id(), gift));
        let before = Balances::free_balance(FERDIE.id());
        let spend = |tokens| Governance::spend { to: FERDIE.id(), amount: TaoBalance::from_tokens(tokens) };
        let poll = propose(Kind::Treasury.id(), spend(51), None);
        carry(poll);
        assert_eq!(enacted(blocks(WHOLE * DAY)), Err(Error::<Runtime>::PaysTooMuch.into()));
        let poll = propose(Kind::Treasury.id(), spend(50), None);
        carry(poll);
        assert_eq!(enacted(blocks(WHOLE * DAY)), Ok(()));
        assert_eq!(Balances::free_balance(FERDIE.id()), before + 50 * TAO);
        assert_eq!(Balances::free_balance(treasury), 950 * TAO);
    });
}

#[test]
fn a_vote_opens_a_subnet() {
    on_chain(|| {
        let before = pallet_network::TotalNetworks::<Runtime>::get();
        let dest = TreasuryAccount::get().into();
        assert_ok!(made(&ALICE.id(), pallet_balances::Call::transfer_keep_alive { dest, value: 9 * TAO }));
        let poll = propose(Kind::Subnets.id(), Governance::open_subnet { owner: FERDIE.id() }, None);
        carry(poll);
        assert_eq!(enacted(blocks(WHOLE * DAY)), Ok(()));
        assert_eq!(pallet_network::TotalNetworks::<Runtime>::get(), before + 1);
        assert_eq!(pallet_network::SubnetOwner::<Runtime>::get(before), FERDIE.id());
    });
}

/// TAO that the last block paid to a subnet.
fn income(netuid: NetUid) -> TaoBalance {
    let pool = pallet_network::SubnetTaoInEmission::<Runtime>::get(netuid);
    pool.saturating_add(pallet_network::SubnetExcessTao::<Runtime>::get(netuid))
}

#[test]
fn a_vote_turns_the_emission_of_a_subnet_on() {
    on_chain(|| {
        let (netuid, ..) = subnet();
        let registered = u64::from(System::block_number());
        let pays = pallet_admin_utils::Call::sudo_set_subnet_emission_enabled { netuid, enabled: true };
        carry(propose(Kind::Subnets.id(), pays, Some(registered)));
        assert!(blocks(9 * DAY - 1).is_empty());
        assert!(!pallet_network::SubnetEmissionEnabled::<Runtime>::get(netuid));
        assert_eq!(income(netuid), TaoBalance::ZERO);
        assert_eq!(enacted(blocks(3 * DAY)), Ok(()));
        assert!(pallet_network::SubnetEmissionEnabled::<Runtime>::get(netuid));
        assert!(income(netuid) > TaoBalance::ZERO);
    });
}

#[test]
fn a_vote_dissolves_a_subnet_and_its_holders_are_paid() {
    on_chain(|| {
        let (netuid, ..) = subnet();
        let registered = u64::from(System::block_number());
        let count = pallet_network::TotalNetworks::<Runtime>::get();
        let before = Balances::free_balance(EVE.id());
        let dissolve = Network::root_dissolve_network { netuid };
        carry(propose(Kind::Subnets.id(), dissolve, Some(registered)));
        assert!(blocks(9 * DAY - 1).is_empty());
        assert!(pallet_network::NetworksAdded::<Runtime>::get(netuid));
        assert_eq!(enacted(blocks(2 * DAY)), Ok(()));
        assert!(!pallet_network::NetworksAdded::<Runtime>::get(netuid));
        assert_eq!(pallet_network::TotalNetworks::<Runtime>::get(), count - 1);
        blocks(60);
        assert_eq!(pallet_network::removal::SubnetRemoval::<Runtime>::count(), 0);
        let after = Balances::free_balance(EVE.id());
        assert!(after > before + TAO, "{before} became {after}");
    });
}

#[test]
fn nobody_submits_for_root_or_on_a_track_that_does_not_exist() {
    on_chain(|| {
        let nowhere = TrackId::rubrics(99).expect("a number of a subnet");
        let origins = [
            OriginCaller::system(frame_system::RawOrigin::Root),
            OriginCaller::system(frame_system::RawOrigin::Signed(EVE.id())),
            OriginCaller::Governance(Origin(TrackId(99))),
            OriginCaller::Governance(Origin(nowhere)),
        ];
        for origin in origins {
            let submit = pallet_referenda::Call::submit {
                proposal_origin: Box::new(origin),
                proposal: Bounded::Inline(set_limit(77).encode().try_into().expect("it is short")),
                enactment_moment: DispatchTime::After(0),
            };
            assert_noop!(made(&EVE.id(), submit), DispatchError::BadOrigin);
        }
    });
}

/// Names of the arguments of a call.
fn arguments(pallet: &str, call: &str) -> Vec<String> {
    let RuntimeMetadata::V14(metadata) = Runtime::metadata().1 else { panic!("version 14 is the plain one") };
    let found = metadata.pallets.iter().find(|found| found.name == pallet).expect("the pallet exists");
    let calls = found.calls.as_ref().and_then(|calls| metadata.types.resolve(calls.ty.id)).expect("listed");
    let scale_info::TypeDef::Variant(variants) = &calls.type_def else { panic!("calls are enums") };
    let found = variants.variants.iter().find(|found| found.name == call).expect("the call exists");
    found.fields.iter().filter_map(|field| field.name.clone()).collect()
}

#[test]
fn every_call_that_votes_may_enact_names_its_subnet_as_the_chain_reads_it() {
    chain("development").execute_with(|| {
        for row in SUBNET {
            for call in [row.call, row.owner_call].iter().flatten() {
                assert_eq!(arguments(call.pallet, call.name)[0], "netuid", "{}", row.name);
            }
        }
        for call in NETWORK.iter().filter_map(|row| row.call) {
            assert!(!arguments(call.pallet, call.name).contains(&"netuid".into()), "{}", call.name);
        }
        for (pallet, call, kind) in CALLS {
            let names = arguments(pallet, call).contains(&"netuid".into());
            let read = ["root_dissolve_network", "announce_rubric", "withdraw_rubric"].contains(&call);
            assert_eq!(names, read, "{pallet}.{call}");
            assert!(kind != Kind::Rubrics || read, "{pallet}.{call}");
        }
        let netuid = 0x1234;
        let tempo = pallet_admin_utils::Call::sudo_set_kappa { netuid, kappa: 5 };
        assert_eq!(Proposals::netuid(&tempo.into()), Some(netuid));
        assert_eq!(Proposals::netuid(&set_limit(77)), None);
        assert_eq!(Proposals::netuid(&Network::root_dissolve_network { netuid }.into()), Some(netuid));
        assert_eq!(
            Proposals::carries(&pallet_utility::Call::batch { calls: vec![set_limit(1); 3] }.into()),
            3
        );
    });
}

#[test]
fn all_power_is_at_most_all_tao() {
    on_chain(|| {
        use myelin_governance::Holdings;
        let (netuid, ..) = subnet();
        blocks(10);
        let prices = crate::SubtensorModule::prices();
        assert!(prices.of(netuid) <= PRICE_SCALE);
        let electorate = crate::SubtensorModule::electorate(Kind::Upgrade.id());
        let issuance = pallet_balances::TotalIssuance::<Runtime>::get();
        assert!(electorate <= issuance.into() && electorate > u128::from(issuance) * 9 / 10, "{electorate}");
    });
}
