//! News for elections: root stake before it changes, and the validators of each epoch.

use std::collections::BTreeMap;

use super::mock::*;
use crate::{epoch::EpochClock, pallet::*, subnets::Hyperparameters};
use myelin_election::PerBillion;
use myelin_units::{NetUid, Uid, I96F32, ROOT};

/// Goes on until a subnet had its epoch.
fn epoch(netuid: NetUid) {
    let began = EpochClock::<Test>::last_slot(netuid);
    while EpochClock::<Test>::last_slot(netuid) == began {
        pass_block();
    }
}

fn add_root(i: u16, tokens: u64) {
    let amount_staked = tao(tokens);
    ok(&owner_of(i), Network::add_stake { hotkey: hotkey(i), netuid: ROOT, amount_staked });
}

fn root_stakes() -> BTreeMap<AccountId, u64> {
    let on_root = |(hotkey, netuid, alpha): (AccountId, NetUid, myelin_units::AlphaBalance)| {
        (netuid == ROOT).then_some((hotkey, alpha.to_rao()))
    };
    TotalHotkeyAlpha::<Test>::iter().filter_map(on_root).collect()
}

/// The act changes root stake, and elections knew each change before it.
#[track_caller]
fn is_told(act: impl FnOnce()) {
    let before = root_stakes();
    RootChanges::set(&Vec::new());
    act();
    let (after, told) = (root_stakes(), RootChanges::get());
    let of = |stakes: &BTreeMap<AccountId, u64>, hotkey: &AccountId| stakes.get(hotkey).copied().unwrap_or(0);
    let changed: Vec<_> = before
        .keys()
        .chain(after.keys())
        .filter(|hotkey| of(&before, hotkey) != of(&after, hotkey))
        .collect();
    assert!(!changed.is_empty(), "nothing changed");
    for hotkey in changed {
        let first = told.iter().find(|(who, _)| who == hotkey);
        assert_eq!(first.map(|(_, stake)| *stake), Some(of(&before, hotkey)), "{hotkey:?}");
    }
}

#[test]
fn elections_learn_of_root_stake_before_it_changes() {
    on_chain(|| {
        let netuid = subnet().started().with_neurons(3).create();
        ElectionsOn::set(&true);
        is_told(|| add_root(10, 50));
        is_told(|| add_root(10, 50));
        add_root(11, 70);
        is_told(|| {
            let call = Network::move_stake {
                origin_hotkey: hotkey(10),
                destination_hotkey: hotkey(11),
                origin_netuid: ROOT,
                destination_netuid: ROOT,
                alpha_amount: alpha(20),
            };
            ok(&owner_of(10), call);
        });
        is_told(|| {
            let (amount_unstaked, hotkey) = (alpha(10), hotkey(11));
            ok(&owner_of(11), Network::remove_stake { hotkey, netuid: ROOT, amount_unstaked });
        });
        is_told(|| {
            ok(
                &owner_of(10),
                Network::swap_hotkey { hotkey: hotkey(10), new_hotkey: hotkey(60), netuid: None },
            );
        });
        // Alpha of subnets is none of it.
        RootChanges::set(&Vec::new());
        ok(&owner_of(12), Network::add_stake { hotkey: hotkey(12), netuid, amount_staked: tao(5) });
        assert_eq!(RootChanges::get(), []);
    });
}

/// A subnet whose validators 1 to 4 have equal root stake and weigh the miners 5 and 6. The fourth disagrees.
fn judged() -> NetUid {
    let netuid = subnet().started().without_commit_reveal().with_neurons(6).with_permits().create();
    Hyperparameters::<Test>::set_tempo(netuid, 5);
    for (i, weights) in [(10, [3, 1]), (11, [3, 1]), (12, [3, 1]), (13, [0, 1])] {
        add_root(i, 100);
        let row = vec![(5, weights[0] * 10_000), (6, weights[1] * 10_000)];
        Weights::<Test>::insert(netuid, (i - 9) as Uid, row);
    }
    let now = u64::from(System::block_number()) + 1;
    LastUpdate::<Test>::mutate(netuid, |blocks| blocks.fill(now));
    netuid
}

#[test]
fn an_epoch_measures_validators_by_their_agreement_with_others() {
    on_chain(|| {
        let netuid = judged();
        ElectionsOn::set(&true);
        epoch(netuid);
        let noted = EpochsNoted::get();
        let [(of, panel, by_proofs)] = &noted[..] else { panic!("{noted:?}") };
        assert_eq!((*of, *by_proofs, panel.owner), (netuid, false, Some(coldkey(0).into())));
        let member =
            |i: u16| panel.members.iter().find(|member| member.hotkey == <[u8; 32]>::from(hotkey(i)));
        for i in 10..14 {
            let member = member(i).expect("it has a permit and is active");
            assert_eq!((AccountId::from(member.coldkey), member.backing), (owner_of(i), tao(100)));
            // Three of four agree. The fourth gives a quarter as the others do, and they three quarters as its others.
            let percent = member.measure.parts() / 10_000_000;
            assert_eq!(percent, if i == 13 { 37 } else { 100 }, "{i}");
        }
        assert_eq!(member(14).map(|member| member.measure), Some(PerBillion::ZERO), "it gave no weights");
    });
}

#[test]
fn keys_of_one_coldkey_do_not_vouch_for_each_other() {
    on_chain(|| {
        let netuid = judged();
        // Validators 1 to 3 agree, and are of one coldkey: each is compared with the fourth alone.
        for i in 11..13 {
            Owner::<Test>::insert(hotkey(i), owner_of(10));
        }
        survey(netuid);
        let panels = || {
            let roll = crate::epoch::Roll::<Test>::call(netuid);
            let mut measures = crate::elections::Measures::begin::<Test>(&roll).expect("elections are on");
            let input = crate::epoch::gather::input::<Test>(&roll, 0, 0, System::block_number().into());
            measures.add::<Test>(&roll, 0, &input);
            measures.deliver::<Test>(&roll, &[true; 7]);
            EpochsNoted::get().pop().expect("it was delivered").1
        };
        ElectionsOn::set(&true);
        let measures: Vec<_> =
            panels().members.iter().skip(1).take(4).map(|member| member.measure.parts()).collect();
        // Each of the three overlaps by a quarter with the fourth, and the fourth by a quarter with them.
        assert!(measures.iter().all(|measure| *measure == PerBillion::ONE.parts()), "{measures:?}");
        for i in 11..13 {
            Owner::<Test>::insert(hotkey(i), owner_of(i));
        }
        survey(netuid);
        let apart: Vec<_> =
            panels().members.iter().skip(1).take(4).map(|member| member.measure.parts()).collect();
        assert!(apart[3] < apart[0] / 2, "{apart:?}");
    });
}

#[test]
fn nothing_is_measured_while_elections_are_off() {
    on_chain(|| {
        let netuid = judged();
        epoch(netuid);
        assert_eq!(EpochsNoted::get(), []);
    });
}

#[test]
fn emissions_are_parts_of_what_the_coinbase_divides() {
    on_chain(|| {
        let [first, second] = [0, 1].map(|owner| subnet().owned_by(owner).started().create());
        let stopped = subnet().owned_by(2).create();
        for (netuid, price) in [(first, 3), (second, 1), (stopped, 5)] {
            SubnetEmissionEnabled::<Test>::insert(netuid, true);
            SubnetMovingPrice::<Test>::insert(netuid, I96F32::from_int(price));
        }
        let parts: BTreeMap<_, _> = crate::elections::emissions::<Test>().into_iter().collect();
        assert_eq!(
            parts,
            BTreeMap::from([(first, PerBillion::percent(75)), (second, PerBillion::percent(25))])
        );
    });
}
