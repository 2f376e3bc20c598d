//! Parents of models get their share of incentives, and no rao is made or lost.

use myelin_abi::DeclaredModel;
use myelin_economy::payout::EpochPots;
use myelin_provenance::{record::SHARES, Contributor, ModelId, Record, WeightsKind};
use myelin_units::{AlphaBalance, NetUid, ROOT};
use pallet_myelin_provenance::Call as Registry;
use sp_runtime::traits::Dispatchable;

use super::mock::*;
use crate::{
    ancestry::Ancestry,
    emission::payout,
    epoch::{Reward, Roll},
    ledger::TaoLedger,
    pallet::*,
    pools::PoolReserves,
};

const CHILD: ModelId = [3; 32];

/// Coldkey `by` publishes a model with a contributor, who confirms its share.
fn publish(by: u8, model: ModelId, parents: &[ModelId], contributor: u8, share: u32) {
    let other = Contributor { account: coldkey(contributor), share };
    let own = Contributor { account: coldkey(by), share: SHARES - share };
    let record = Record {
        publisher: coldkey(by),
        model,
        kind: WeightsKind::Own,
        size: 1,
        name: b"a model".to_vec(),
        parents: parents.to_vec(),
        contributors: vec![own, other],
        run: None,
        licence: b"MIT".to_vec(),
        data: vec![],
        urls: vec![],
        aliases: vec![],
    };
    let confirm = Registry::<Test>::confirm { model, record: record.id() };
    done(by, Registry::publish { record: Box::new(record) });
    done(contributor, confirm);
}

/// Coldkey `by` gives a model to an account without TAO.
fn give_to_nobody(by: u8, model: ModelId) {
    done(by, Registry::transfer { model, to: hotkey(77) });
}

fn done(by: u8, call: Registry<Test>) {
    let outcome = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(coldkey(by)));
    assert!(outcome.is_ok(), "{outcome:?}");
}

fn take_down(model: ModelId) {
    let call = Registry::<Test>::takedown { model, reason: [0; 32], reference: vec![] };
    assert!(RuntimeCall::from(call).dispatch(RuntimeOrigin::root()).is_ok());
}

/// Model 1 by coldkey 50 with 51, model 2 from it by 52 with 53, and model 3 from both by 54 with 55.
fn family() {
    publish(50, [1; 32], &[], 51, SHARES / 4);
    publish(52, [2; 32], &[[1; 32]], 53, SHARES / 2);
    publish(54, CHILD, &[[1; 32], [2; 32]], 55, 1);
}

/// A subnet with two miners and a share of a fifth, of which hotkey 10 declared model 3.
fn sharing() -> NetUid {
    family();
    RubricNotice::<Test>::put(3);
    let netuid = subnet().started().with_neurons(2).create();
    ok(&coldkey(0), Network::announce_parent_share { netuid, share: 200_000 });
    let declare = Network::declare_model { hotkey: hotkey(10), netuid, model: Some(CHILD) };
    ok(&owner_of(10), declare);
    netuid
}

/// Pays both miners this much.
fn pay(netuid: NetUid, incentive: AlphaBalance) {
    let emission = AlphaBalance::from_rao(2 * incentive.to_rao());
    PoolReserves::<Test>::mint_out(netuid, emission);
    let mut roll = Roll::<Test>::call(netuid);
    let none = Reward { incentive: AlphaBalance::ZERO, dividend: AlphaBalance::ZERO };
    let rewards = [none, Reward { incentive, ..none }, Reward { incentive, ..none }];
    payout::settle(&mut roll, EpochPots { server: emission, ..Default::default() }, &rewards);
    check_invariants();
}

fn pot_of(model: ModelId, netuid: NetUid) -> u64 {
    stake_of(&Ancestry::<Test>::hotkey(), &Ancestry::<Test>::pot(&model), netuid)
}

/// Alpha that a coldkey inherited.
fn inherited(i: u8, netuid: NetUid) -> u64 {
    stake_of(&Ancestry::<Test>::hotkey(), &coldkey(i), netuid)
}

fn earned(i: u16, netuid: NetUid) -> u64 {
    stake_of(&hotkey(i), &owner_of(i), netuid)
}

#[test]
fn a_pot_gets_the_share_after_the_notice_and_heirs_divide_it_to_the_rao() {
    on_chain(|| {
        let netuid = sharing();
        pay(netuid, AlphaBalance::from_rao(1_003));
        assert_eq!((earned(10, netuid), earned(11, netuid)), (1_003, 1_003), "not before the notice is over");
        run_blocks(3);
        pay(netuid, alpha(10));
        assert_eq!(pot_of(CHILD, netuid), 2 * UNIT);
        assert_eq!((earned(10, netuid), earned(11, netuid)), (8 * UNIT + 1_003, 10 * UNIT + 1_003));

        let share = |model| Network::share_pot { model, netuid: Some(netuid) };
        ok(&coldkey(90), share(CHILD));
        // Each parent gets one alpha; a fifth of that of model 2 goes up to its parent.
        assert_eq!((pot_of(CHILD, netuid), pot_of([2; 32], netuid)), (0, UNIT / 5));
        assert_eq!((inherited(50, netuid), inherited(51, netuid)), (UNIT * 3 / 4, UNIT / 4));
        assert_eq!((inherited(52, netuid), inherited(53, netuid)), (UNIT * 2 / 5, UNIT * 2 / 5));
        ok(&coldkey(90), share([2; 32]));
        assert_eq!((inherited(50, netuid), inherited(51, netuid)), (UNIT * 9 / 10, UNIT * 3 / 10));
        let all: u64 = (50..56).map(|i| inherited(i, netuid)).sum();
        assert_eq!(all, 2 * UNIT, "the pot is divided to the rao");
        refused(&coldkey(90), share(CHILD), Refusal::AmountTooLow);
        refused(&coldkey(90), share([9; 32]), Refusal::AmountTooLow);
        refused(
            &coldkey(90),
            Network::share_pot { model: CHILD, netuid: Some(ROOT) },
            Refusal::SubnetNotExists,
        );

        // Heirs move and sell what they got, like any stake.
        let (origin_hotkey, destination_hotkey) = (Ancestry::<Test>::hotkey(), hotkey(11));
        let (origin_netuid, destination_netuid) = (netuid, netuid);
        let moved = Network::move_stake {
            origin_hotkey: origin_hotkey.clone(),
            destination_hotkey,
            origin_netuid,
            destination_netuid,
            alpha_amount: AlphaBalance::from_rao(inherited(50, netuid)),
        };
        ok(&coldkey(50), moved);
        assert_eq!((inherited(50, netuid), stake_of(&hotkey(11), &coldkey(50), netuid)), (0, UNIT * 9 / 10));
        let before = balance(&coldkey(52));
        let amount_unstaked = AlphaBalance::from_rao(inherited(52, netuid));
        ok(&coldkey(52), Network::remove_stake { hotkey: origin_hotkey, netuid, amount_unstaked });
        assert!(balance(&coldkey(52)) > before);
    });
}

#[test]
fn models_that_were_taken_down_get_nothing() {
    on_chain(|| {
        let netuid = sharing();
        run_blocks(3);
        pay(netuid, alpha(10));
        let share = Network::share_pot { model: CHILD, netuid: Some(netuid) };
        take_down([2; 32]);
        ok(&coldkey(90), share.clone());
        assert_eq!(inherited(50, netuid) + inherited(51, netuid), 2 * UNIT);
        take_down([1; 32]);
        pay(netuid, alpha(10));
        ok(&coldkey(90), share.clone());
        assert_eq!(inherited(54, netuid) + inherited(55, netuid), 2 * UNIT, "back to who made the model");
        take_down(CHILD);
        pay(netuid, alpha(10));
        refused(&coldkey(90), share, Refusal::ModelTakenDown);
        let declare = Network::declare_model { hotkey: hotkey(11), netuid, model: Some(CHILD) };
        refused(&owner_of(11), declare, Refusal::ModelTakenDown);
    });
}

#[test]
fn a_removed_subnet_pays_pots_in_tao_and_the_parents_divide_it() {
    on_chain(|| {
        let netuid = sharing();
        run_blocks(3);
        pay(netuid, alpha(1_000));
        let dissolve = RuntimeCall::from(Network::root_dissolve_network { netuid });
        assert!(dissolve.dispatch(RuntimeOrigin::root()).is_ok());
        run_blocks(30);
        let pot = Ancestry::<Test>::pot(&CHILD);
        let paid = balance(&pot);
        assert!(paid > UNIT / 100, "the pot got its part of the pool: {paid}");
        assert!(ParentShares::<Test>::iter_keys().next().is_none());
        assert!(DeclaredModels::<Test>::iter_keys().next().is_none());
        // The rest of a division by millionths is too little for an account that does not exist; it is recycled.
        give_to_nobody(50, [1; 32]);
        let issued = TotalIssuance::<Test>::get();
        let before: u64 = (50..56).map(|i| balance(&coldkey(i))).sum();
        refused(
            &coldkey(90),
            Network::share_pot { model: CHILD, netuid: Some(netuid) },
            Refusal::SubnetNotExists,
        );
        ok(&coldkey(90), Network::share_pot { model: CHILD, netuid: None });
        let after: u64 = (50..56).map(|i| balance(&coldkey(i))).sum();
        let up = balance(&Ancestry::<Test>::pot(&[2; 32]));
        let recycled = issued.saturating_sub(TotalIssuance::<Test>::get()).to_rao();
        assert_eq!((balance(&pot), after - before + up + recycled), (0, paid));
        assert!(recycled < 10 && balance(&hotkey(77)) == 0, "{recycled}");
        assert_eq!(TaoLedger::<Test>::free(&pot).to_rao(), 0);
    });
}

#[test]
fn declarations_end_with_the_uid_and_follow_the_hotkey() {
    on_chain(|| {
        let netuid = sharing();
        let declare = |i, model| Network::declare_model { hotkey: hotkey(i), netuid, model };
        refused(&coldkey(90), declare(10, Some(CHILD)), Refusal::NonAssociatedColdKey);
        refused(&owner_of(11), declare(11, Some([9; 32])), Refusal::UnknownModel);
        ok(&owner_of(20), Network::try_associate_hotkey { hotkey: hotkey(20) });
        refused(&owner_of(20), declare(20, Some(CHILD)), Refusal::HotKeyNotRegisteredInSubNet);
        let kept = DeclaredModels::<Test>::get(netuid, hotkey(10));
        assert_eq!(kept, Some(DeclaredModel { model: CHILD, has_parents: true }));
        ok(
            &owner_of(10),
            Network::swap_hotkey { hotkey: hotkey(10), new_hotkey: hotkey(40), netuid: Some(netuid) },
        );
        assert_eq!(DeclaredModels::<Test>::get(netuid, hotkey(10)), None);
        assert_eq!(DeclaredModels::<Test>::get(netuid, hotkey(40)), kept);
        ok(&owner_of(10), declare(40, None));
        assert_eq!(DeclaredModels::<Test>::get(netuid, hotkey(40)), None);
        // A model without parents shares nothing.
        ok(&owner_of(11), declare(11, Some([1; 32])));
        run_blocks(3);
        pay(netuid, alpha(1));
        assert_eq!((earned(11, netuid), pot_of([1; 32], netuid)), (UNIT, 0));
    });
}

#[test]
fn nobody_can_own_the_hotkey_of_pots() {
    on_chain(|| {
        let pots = Ancestry::<Test>::hotkey();
        let claims = [
            Network::try_associate_hotkey { hotkey: pots.clone() },
            Network::root_register { hotkey: pots.clone() },
            Network::register_network { hotkey: pots.clone() },
        ];
        claims.into_iter().for_each(|claim| refused(&coldkey(90), claim, Refusal::NonAssociatedColdKey));
        let netuid = sharing();
        let register = Network::burned_register { netuid, hotkey: pots.clone() };
        refused(&coldkey(90), register, Refusal::NonAssociatedColdKey);
        assert_eq!(Owner::<Test>::get(&pots), pots);
    });
}

#[test]
fn only_the_owner_sets_a_share_of_at_most_half() {
    on_chain(|| {
        let netuid = subnet().started().create();
        let announce = |share| Network::announce_parent_share { netuid, share };
        refused(&coldkey(90), announce(1), Refusal::NotSubnetOwner);
        refused(&coldkey(0), announce(500_001), Refusal::InvalidValue);
        ok(&coldkey(0), announce(500_000));
        let from = u64::from(System::block_number()) + RubricNotice::<Test>::get();
        announced(Event::ParentShareAnnounced { netuid, share: 500_000, from });
    });
}
