//! Rubrics change with notice, against all attempts of an owner.

use super::{locks::wait, mock::*};
use crate::{
    locks::Takeover,
    pallet::*,
    removal::SubnetRemoval,
    subnets::{Hyperparameters, RateLimits, Rubrics},
};
use frame_support::{assert_noop, assert_ok};
use myelin_abi::{DeclaredRubric, RubricSource, MAX_RUBRIC_TEXT};
use myelin_economy::{conviction::TAKEOVER_AGE, params::row, profile::Profile};
use myelin_units::{AlphaBalance, MechId, NetUid, ROOT};
use sp_runtime::{traits::Dispatchable, DispatchError};

/// The main mechanism.
const MAIN: MechId = 0;
/// Notice of a vote in these tests.
const NOTICE: u32 = 50;
/// Blocks for which a vote on a rubric may last.
const VOTE: u32 = Profile::PRODUCTION.rubric_vote() as u32;
/// Notice of an owner.
const OWNERS: u32 = NOTICE + VOTE;
/// Blocks for which a vote binds the owner.
const BOND: u32 = Profile::PRODUCTION.rubric_bond() as u32;

fn rubric(seed: u8) -> RubricSource {
    RubricSource::Hash([seed; 32])
}

fn announce(netuid: NetUid, seed: u8) -> Network {
    Network::announce_rubric { netuid, mecid: MAIN, rubric: rubric(seed) }
}

fn withdraw(netuid: NetUid) -> Network {
    Network::withdraw_rubric { netuid, mecid: MAIN }
}

/// Seed and first block of the rubric in force now.
fn in_force(netuid: NetUid) -> Option<(u8, u32)> {
    let change = SubnetRubrics::<Test>::get(netuid, MAIN)?.in_force(now()).clone();
    Some((change.rubric.hash[0], change.from as u32))
}

/// Seed and first block of the announced rubric.
fn coming(netuid: NetUid) -> Option<(u8, u32)> {
    let change = SubnetRubrics::<Test>::get(netuid, MAIN)?.announced(now()).cloned()?;
    Some((change.rubric.hash[0], change.from as u32))
}

fn now() -> u64 {
    System::block_number().into()
}

/// A subnet of coldkey 0 without freeze windows, with rubric 1 since block 10. It is block 20.
fn situation() -> NetUid {
    let netuid = subnet().started().create();
    AdminFreezeWindow::<Test>::put(0);
    RubricNotice::<Test>::put(u64::from(NOTICE));
    System::set_block_number(10);
    ok(&coldkey(0), announce(netuid, 1));
    System::set_block_number(20);
    netuid
}

#[test]
fn the_first_rubric_is_in_force_at_once_and_the_next_after_the_notice() {
    on_chain(|| {
        let netuid = situation();
        assert_eq!(in_force(netuid), Some((1, 10)));
        announced(Event::RubricAnnounced { netuid, mecid: MAIN, hash: [1; 32], from: 10 });
        let due = 20 + OWNERS;
        ok(&coldkey(0), announce(netuid, 2));
        announced(Event::RubricAnnounced { netuid, mecid: MAIN, hash: [2; 32], from: due.into() });
        assert_eq!((in_force(netuid), coming(netuid)), (Some((1, 10)), Some((2, due))));
        System::set_block_number(due - 1);
        assert_eq!((in_force(netuid), coming(netuid)), (Some((1, 10)), Some((2, due))));
        System::set_block_number(due);
        assert_eq!((in_force(netuid), coming(netuid)), (Some((2, due)), None));
        // Back to the first one: with notice too.
        ok(&coldkey(0), announce(netuid, 1));
        assert_eq!((in_force(netuid), coming(netuid)), (Some((2, due)), Some((1, due + OWNERS))));
    });
}

#[test]
fn a_text_is_kept_with_its_hash_and_has_1_to_512_bytes() {
    on_chain(|| {
        let netuid = subnet().create();
        let announce = |mecid, length| Network::announce_rubric {
            netuid,
            mecid,
            rubric: RubricSource::Text(vec![b'a'; length]),
        };
        refused(&coldkey(0), announce(MAIN, 0), Refusal::RubricTextOutOfBounds);
        refused(&coldkey(0), announce(MAIN, MAX_RUBRIC_TEXT + 1), Refusal::RubricTextOutOfBounds);
        refused(&coldkey(0), announce(1, 1), Refusal::MechanismDoesNotExist);
        ok(&coldkey(0), announce(MAIN, MAX_RUBRIC_TEXT));
        let kept = SubnetRubrics::<Test>::get(netuid, MAIN).expect("it was announced").first.rubric;
        let hash = sp_io::hashing::blake2_256(&[b'a'; MAX_RUBRIC_TEXT]);
        assert_eq!(kept, DeclaredRubric { hash, text: vec![b'a'; MAX_RUBRIC_TEXT] });
        refused(&coldkey(0), announce(MAIN, MAX_RUBRIC_TEXT), Refusal::RubricInForce);
        let by_hash = Network::announce_rubric { netuid, mecid: MAIN, rubric: RubricSource::Hash(hash) };
        refused(&coldkey(0), by_hash, Refusal::RubricInForce);
    });
}

#[test]
fn the_owner_and_root_announce_and_nobody_else() {
    on_chain(|| {
        let netuid = situation();
        refused(&coldkey(1), announce(netuid, 2), Refusal::NotSubnetOwner);
        refused(&coldkey(1), withdraw(netuid), Refusal::NotSubnetOwner);
        refused(&coldkey(0), announce(99, 2), Refusal::SubnetNotExists);
        refused(&coldkey(0), withdraw(99), Refusal::SubnetNotExists);
        by_vote(announce(netuid, 2));
        let decided = (Some((1, 10)), Some((2, 20 + NOTICE)));
        assert_eq!((in_force(netuid), coming(netuid)), decided, "root gives notice too");
        by_vote(withdraw(netuid));
        assert_eq!(coming(netuid), None);
    });
}

/// A call with the origin of root, as votes make it.
fn by_vote(call: Network) {
    assert_ok!(RuntimeCall::from(call).dispatch(RuntimeOrigin::root()));
}

#[test]
fn a_vote_binds_the_owner_for_half_a_year() {
    on_chain(|| {
        let netuid = situation();
        by_vote(announce(netuid, 2));
        for block in [20, 20 + NOTICE, 20 + BOND - 1] {
            System::set_block_number(block);
            refused(&coldkey(0), announce(netuid, 3), Refusal::RubricDecidedByVote);
            refused(&coldkey(0), withdraw(netuid), Refusal::RubricDecidedByVote);
        }
        assert_eq!(in_force(netuid), Some((2, 20 + NOTICE)));
        System::set_block_number(20 + BOND);
        ok(&coldkey(0), announce(netuid, 3));
        assert_eq!(coming(netuid), Some((3, 20 + BOND + OWNERS)));
        // A later vote decides against it, and against the next attempt.
        System::set_block_number(20 + BOND + VOTE);
        by_vote(withdraw(netuid));
        refused(&coldkey(0), announce(netuid, 3), Refusal::RubricDecidedByVote);
        assert_eq!((in_force(netuid), coming(netuid)), (Some((2, 20 + NOTICE)), None));
        let on_the_second = Network::announce_rubric { netuid, mecid: 1, rubric: rubric(7) };
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        ok(&coldkey(0), on_the_second);
    });
}

#[test]
fn a_vote_keeps_the_rubric_where_the_owner_withdrew_its_own_in_time() {
    on_chain(|| {
        let netuid = situation();
        System::set_block_number(10 + 3 * VOTE);
        ok(&coldkey(0), announce(netuid, 2));
        ok(&coldkey(0), withdraw(netuid));
        by_vote(withdraw(netuid));
        refused(&coldkey(0), announce(netuid, 2), Refusal::RubricDecidedByVote);
        assert_eq!((in_force(netuid), coming(netuid)), (Some((1, 10)), None));
        let unknown = subnet().owned_by(1).create();
        let call = RuntimeCall::from(withdraw(unknown)).dispatch(RuntimeOrigin::root());
        assert_eq!(call.map_err(|refused| refused.error), Err(Refusal::NoRubricAnnounced.into()));
    });
}

/// Such a vote began before the rubric was in force. Its holders meant the one before.
#[test]
fn a_late_vote_keeps_no_rubric_that_it_was_to_refuse() {
    on_chain(|| {
        let netuid = situation();
        let now = System::block_number();
        ok(&coldkey(0), announce(netuid, 2));
        for late in [0, 3 * VOTE - 1] {
            System::set_block_number(now + OWNERS + late);
            assert_eq!(in_force(netuid), Some((2, now + OWNERS)));
            let kept = RuntimeCall::from(withdraw(netuid)).dispatch(RuntimeOrigin::root());
            assert_eq!(kept.map_err(|refused| refused.error), Err(Refusal::RubricTooYoung.into()));
        }
        ok(&coldkey(0), announce(netuid, 3));
        System::set_block_number(now + OWNERS + 3 * VOTE);
        by_vote(withdraw(netuid));
        by_vote(withdraw(netuid));
        assert_eq!((in_force(netuid), coming(netuid)), (Some((2, now + OWNERS)), None));
    });
}

#[test]
fn owners_announce_and_withdraw_outside_the_freeze_window() {
    on_chain(|| {
        let netuid = situation();
        ok(&coldkey(0), announce(netuid, 2));
        AdminFreezeWindow::<Test>::put(u16::MAX);
        refused(&coldkey(0), announce(netuid, 3), Refusal::AdminActionProhibitedDuringWeightsWindow);
        refused(&coldkey(0), withdraw(netuid), Refusal::AdminActionProhibitedDuringWeightsWindow);
        assert!(RateLimits::<Test>::authorise(RuntimeOrigin::root(), netuid).is_ok());
    });
}

#[test]
fn announcing_again_and_withdrawing_first_begin_the_notice_anew() {
    on_chain(|| {
        let netuid = situation();
        refused(&coldkey(0), withdraw(netuid), Refusal::NoRubricAnnounced);
        ok(&coldkey(0), announce(netuid, 2));
        System::set_block_number(20 + OWNERS - 1);
        ok(&coldkey(0), announce(netuid, 3));
        assert_eq!(
            (in_force(netuid), coming(netuid)),
            (Some((1, 10)), Some((3, 19 + 2 * OWNERS))),
            "in place of 2"
        );
        let last = 18 + 2 * OWNERS;
        System::set_block_number(last);
        ok(&coldkey(0), withdraw(netuid));
        announced(Event::RubricWithdrawn { netuid, mecid: MAIN, hash: [3; 32] });
        assert_eq!((in_force(netuid), coming(netuid)), (Some((1, 10)), None));
        ok(&coldkey(0), announce(netuid, 3));
        assert_eq!(
            (in_force(netuid), coming(netuid)),
            (Some((1, 10)), Some((3, last + OWNERS))),
            "after it was withdrawn"
        );
        System::set_block_number(last + OWNERS);
        refused(&coldkey(0), withdraw(netuid), Refusal::NoRubricAnnounced);
        refused(&coldkey(0), announce(netuid, 3), Refusal::RubricInForce);
        assert_eq!(in_force(netuid), Some((3, last + OWNERS)), "what is in force can't be withdrawn");
    });
}

#[test]
fn closing_a_mechanism_and_opening_it_again_does_not_shorten_the_notice() {
    on_chain(|| {
        let netuid = situation();
        let of_second = |seed| Network::announce_rubric { netuid, mecid: 1, rubric: rubric(seed) };
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        ok(&coldkey(0), of_second(1));
        Hyperparameters::<Test>::set_mechanism_count(netuid, 1);
        refused(&coldkey(0), of_second(2), Refusal::MechanismDoesNotExist);
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        ok(&coldkey(0), of_second(2));
        let timeline = SubnetRubrics::<Test>::get(netuid, 1).expect("it was announced");
        assert_eq!(timeline.in_force(now()).rubric.hash, [1; 32]);
        assert_eq!(timeline.announced(now()).map(|next| next.from), Some((20 + OWNERS).into()));
    });
}

#[test]
fn a_new_owner_gives_notice_like_the_old_one() {
    on_chain(|| {
        let netuid = situation();
        let key = hotkey(2);
        ok(&coldkey(2), Network::try_associate_hotkey { hotkey: key.clone() });
        ok(&coldkey(2), Network::add_stake { hotkey: key.clone(), netuid, amount_staked: tao(200) });
        ok(&coldkey(2), Network::set_perpetual_lock { netuid, enabled: true });
        let amount = AlphaBalance::from_rao(stake_of(&key, &coldkey(2), netuid));
        ok(&coldkey(2), Network::lock_stake { hotkey: key, netuid, amount });
        wait(TAKEOVER_AGE);
        ok(&coldkey(0), announce(netuid, 2));
        let due = System::block_number() + OWNERS;
        Takeover::<Test>::evaluate(netuid);
        assert_eq!(SubnetOwner::<Test>::get(netuid), coldkey(2), "it took over");
        assert_eq!((in_force(netuid), coming(netuid)), (Some((1, 10)), Some((2, due))));
        refused(&coldkey(0), withdraw(netuid), Refusal::NotSubnetOwner);
        System::set_block_number(due - 1);
        ok(&coldkey(2), announce(netuid, 3));
        assert_eq!((in_force(netuid), coming(netuid)), (Some((1, 10)), Some((3, due - 1 + OWNERS))));
    });
}

#[test]
fn a_subnet_that_goes_takes_its_rubrics_along_and_none_comes_to_the_next_one() {
    on_chain(|| {
        let netuid = situation();
        by_vote(announce(netuid, 2));
        let dissolve = RuntimeCall::from(Network::root_dissolve_network { netuid });
        assert_ok!(dissolve.dispatch(RuntimeOrigin::root()));
        // The number is not given away while the rubric is stored, and nobody can announce in between.
        refused(&coldkey(0), announce(netuid, 3), Refusal::SubnetNotExists);
        while SubnetRemoval::<Test>::count() > 0 {
            assert_ne!(subnet_number_given_now(), netuid);
            SubnetRemoval::<Test>::work(40);
        }
        assert_eq!(SubnetRubrics::<Test>::iter().count(), 0);
        assert_eq!(RubricBond::<Test>::iter().count(), 0);
        assert_eq!(subnet().owned_by(1).create(), netuid);
        System::set_block_number(70);
        assert_eq!((in_force(netuid), coming(netuid)), (None, None), "what the old subnet announced is gone");
        ok(&coldkey(1), announce(netuid, 4));
        ok(&coldkey(1), announce(netuid, 5));
        assert_eq!((in_force(netuid), coming(netuid)), (Some((4, 70)), Some((5, 70 + OWNERS))));
    });
}

/// The number of a subnet created now.
fn subnet_number_given_now() -> NetUid {
    crate::subnets::SubnetRegistry::<Test>::lowest_free_netuid().expect("there is room")
}

#[test]
fn a_shorter_notice_is_for_later_announcements() {
    on_chain(|| {
        let netuid = situation();
        ok(&coldkey(0), announce(netuid, 2));
        let set = |blocks| RuntimeCall::from(Network::sudo_set_rubric_notice { blocks });
        let root = RuntimeOrigin::root;
        assert_noop!(
            set(1).dispatch(RuntimeOrigin::signed(coldkey(0))).map_err(|refused| refused.error),
            DispatchError::BadOrigin
        );
        let (least, most) = row("RubricNotice").root_range;
        for wrong in [least - 1, most + 1] {
            assert_noop!(Rubrics::<Test>::set_notice(wrong as u64), Refusal::InvalidValue);
        }
        assert_ok!(set(least as u64).dispatch(root()));
        announced(Event::RubricNoticeSet { blocks: least as u64 });
        assert_eq!(coming(netuid), Some((2, 20 + OWNERS)), "it keeps its block");
        ok(&coldkey(0), announce(netuid, 3));
        assert_eq!(coming(netuid), Some((3, 21 + VOTE)));
    });
}

#[test]
fn genesis_gives_each_pace_its_notice() {
    on_chain(|| assert_eq!(RubricNotice::<Test>::get(), 50_400));
    on_fast_chain(|| assert_eq!(RubricNotice::<Test>::get(), 20));
    // A chain that started before the notice existed has no value: then the long one applies.
    assert_eq!(sp_io::TestExternalities::default().execute_with(RubricNotice::<Test>::get), 50_400);
}

#[test]
fn each_mechanism_and_subnet_has_its_own_rubric() {
    on_chain(|| {
        let (one, other) = (situation(), subnet().owned_by(1).create());
        Hyperparameters::<Test>::set_mechanism_count(one, 2);
        let of_second = Network::announce_rubric { netuid: one, mecid: 1, rubric: rubric(2) };
        ok(&coldkey(0), of_second);
        ok(&coldkey(1), announce(other, 3));
        assert_eq!((in_force(one), in_force(other), in_force(ROOT)), (Some((1, 10)), Some((3, 20)), None));
        assert_eq!(coming(one), None);
    });
}
