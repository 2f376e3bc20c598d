//! Epochs: their schedule, inputs and results.

use super::mock::*;
use crate::{
    emission::drain,
    epoch::{gather, EpochClock, Roll},
    pallet::*,
    subnets::Hyperparameters,
    types::ChainPace,
};
use myelin_units::{storage_index, AlphaBalance, NetUid, Uid, ROOT};
use myelin_yuma::{run_epoch, EpochInput};

fn now() -> u64 {
    System::block_number().into()
}

/// A started subnet that had its epoch slot in this block.
fn ticking(owner: u8, tempo: u16) -> NetUid {
    let netuid = subnet().owned_by(owner).started().without_commit_reveal().with_neurons(4).create();
    Hyperparameters::<Test>::set_tempo(netuid, tempo);
    EpochClock::<Test>::restart(netuid, now());
    netuid
}

#[test]
fn an_epoch_comes_every_tempo() {
    on_chain(|| {
        let netuid = ticking(0, 5);
        let mut ran = Vec::new();
        for _ in 0..16 {
            run_blocks(1);
            if LastMechansimStepBlock::<Test>::get(netuid) == now() {
                ran.push(System::block_number());
            }
        }
        assert_eq!(ran, [6, 11, 16]);
        assert_eq!(SubnetEpochIndex::<Test>::get(netuid), 3);
        assert_eq!(BlocksSinceLastStep::<Test>::get(netuid), 1);
        assert_eq!(EpochClock::<Test>::next_start(netuid), Some(21));
    });
}

#[test]
fn root_puts_epochs_of_fast_chains_where_clients_foretell_them_by_remainders() {
    on_chain(|| {
        let netuid = ticking(0, 100);
        let before = EpochClock::<Test>::next_start(netuid);
        EpochClock::<Test>::align(netuid, 100, 500);
        assert_eq!(EpochClock::<Test>::next_start(netuid), before, "other chains keep their schedule");

        ChainProfile::<Test>::put(ChainPace { slot_ms: 250, fast: true });
        let predicted = |now: u64| now + 101 - (now + u64::from(netuid) + 1) % 101;
        for now in 100..300 {
            EpochClock::<Test>::align(netuid, 100, now);
            // In such a block itself the next one is a whole tempo away.
            let next = predicted(now).min(now + 100);
            assert_eq!(EpochClock::<Test>::next_start(netuid), Some(next), "at {now}");
            assert_eq!(PendingEpochAt::<Test>::get(netuid), 0, "owners wait for nothing");
        }
        // A chain that is younger than a tempo lets its owners wait for a short time only.
        EpochClock::<Test>::align(netuid, 100, 20);
        assert_eq!(PendingEpochAt::<Test>::get(netuid), predicted(20));
        Hyperparameters::<Test>::set_tempo(netuid, 1_000);
        EpochClock::<Test>::align(netuid, 1_000, 20);
        assert_eq!(
            (PendingEpochAt::<Test>::get(netuid), EpochClock::<Test>::next_start(netuid)),
            (0, Some(1_000))
        );
        EpochClock::<Test>::align(ROOT, 100, 20);
        assert_eq!(PendingEpochAt::<Test>::get(ROOT), 0);
    });
}

#[test]
fn a_subnet_without_tempo_and_root_have_no_epochs() {
    on_chain(|| {
        let netuid = ticking(0, 0);
        run_blocks(20);
        assert_eq!(SubnetEpochIndex::<Test>::get(netuid), 0);
        assert_eq!(EpochClock::<Test>::next_start(netuid), None);
        assert_eq!(EpochClock::<Test>::next_start(0), None);
        assert!(!drain::pots::<Test>(netuid).server.is_zero(), "its pots go on filling");
    });
}

#[test]
fn epochs_beyond_the_limit_of_a_block_wait_for_the_next() {
    on_chain(|| {
        MaxEpochsPerBlock::<Test>::put(1);
        let netuids = [ticking(0, 5), ticking(1, 5), ticking(2, 5)];
        run_blocks(5);
        let ran = |block: u64| netuids.map(|netuid| LastMechansimStepBlock::<Test>::get(netuid) == block);
        assert_eq!(ran(6), [true, false, false]);
        announced(Event::EpochDeferred { netuid: netuids[1], from_block: 6, to_block: 7 });
        run_blocks(1);
        assert_eq!(ran(7), [false, true, false]);
        run_blocks(1);
        assert_eq!(ran(8), [false, false, true]);
        assert_eq!(PendingEpochAt::<Test>::get(netuids[2]), 0);
    });
}

#[test]
fn a_triggered_epoch_runs_once_and_the_schedule_goes_on_from_there() {
    on_chain(|| {
        AdminFreezeWindow::<Test>::put(3);
        let netuid = ticking(0, 50);
        ok(&coldkey(0), Network::trigger_epoch { netuid });
        announced(Event::EpochTriggered { netuid, by: coldkey(0), fires_at: 4 });
        assert_eq!(EpochClock::<Test>::next_start(netuid), Some(4));
        run_to(4);
        assert_eq!(LastMechansimStepBlock::<Test>::get(netuid), 4);
        assert_eq!(EpochClock::<Test>::next_start(netuid), Some(54));
    });
}

#[test]
fn the_epoch_number_counts_a_slot_that_has_come() {
    on_chain(|| {
        let netuid = ticking(0, 5);
        let start = now();
        assert_eq!(EpochClock::<Test>::number(netuid, start + 4), 0);
        assert_eq!(EpochClock::<Test>::number(netuid, start + 5), 1);
        run_blocks(5);
        assert_eq!(EpochClock::<Test>::number(netuid, now()), 1);
    });
}

#[test]
fn new_subnets_start_staggered() {
    on_chain(|| {
        let block = 1_000;
        System::set_block_number(block);
        let netuids = [subnet().create(), subnet().owned_by(1).create()];
        let tempo = u64::from(Tempo::<Test>::get(netuids[0]));
        let starts = netuids.map(EpochClock::<Test>::next_start);
        assert_eq!(starts, [Some(u64::from(block) + tempo - 2), Some(u64::from(block) + tempo - 3)]);
    });
}

#[test]
fn a_subnet_with_a_double_hotkey_loses_its_slot_and_keeps_its_pots() {
    on_chain(|| {
        let netuid = ticking(0, 3);
        run_blocks(1);
        let hotkey = Keys::<Test>::get(netuid, 1);
        Keys::<Test>::insert(netuid, 1, Keys::<Test>::get(netuid, 2));
        survey(netuid);
        let pots = drain::pots::<Test>(netuid);
        let block = now() + 2;
        assert!(drain::due::<Test>(block).is_empty());
        assert_eq!(drain::pots::<Test>(netuid), pots);
        assert_eq!(SubnetEpochIndex::<Test>::get(netuid), 1);
        announced(Event::EpochSkipped { netuid, block });
        Keys::<Test>::insert(netuid, 1, hotkey);
        survey(netuid);
    });
}

/// Validators are uids 1 and 2, miners 3 and 4.
fn judged() -> NetUid {
    let netuid = ticking(0, 5);
    WeightsSetRateLimit::<Test>::insert(netuid, 0);
    for (i, amount) in [(10, 300), (11, 100)] {
        let call = Network::add_stake { hotkey: hotkey(i), netuid, amount_staked: tao(amount) };
        ok(&owner_of(i), call);
    }
    System::set_block_number(System::block_number() + 1);
    ValidatorPermit::<Test>::insert(netuid, vec![false, true, true, false, false]);
    for i in [10, 11] {
        let call = Network::set_weights { netuid, dests: vec![3, 4], weights: vec![3, 1], version_key: 0 };
        ok(&hotkey(i), call);
    }
    netuid
}

#[test]
fn what_an_epoch_decides_is_what_is_stored() {
    on_chain(|| {
        let netuid = judged();
        run_to(5);
        // Three blocks have filled the pots, and the one of the epoch adds its part before.
        let waiting = drain::pots::<Test>(netuid).epoch_emission().to_rao() / 3 * 4;
        let input = gather::input(&Roll::<Test>::call(netuid), 0, waiting, 6);
        input.validate().expect("the chain gathers well-formed input");
        let expected = run_epoch(&input);
        run_to(6);
        assert_eq!(Incentive::<Test>::get(netuid), expected.incentive);
        assert_eq!(Dividends::<Test>::get(netuid), expected.dividends);
        assert_eq!(Consensus::<Test>::get(netuid), expected.consensus);
        assert_eq!(ValidatorTrust::<Test>::get(netuid), expected.validator_trust);
        assert_eq!(ValidatorPermit::<Test>::get(netuid), expected.permits);
        assert_eq!(StakeWeight::<Test>::get(netuid), expected.stake_weight);
        assert_eq!(Active::<Test>::get(netuid), expected.active);
        for (uid, row) in (0..).zip(&expected.bonds) {
            assert_eq!(Bonds::<Test>::get(netuid, uid as Uid), *row);
        }
        assert_eq!(expected.incentive, [0, 0, 0, 49_151, 16_383]);
        let emission: u64 = Emission::<Test>::get(netuid).into_iter().map(AlphaBalance::to_rao).sum();
        assert!(emission.abs_diff(waiting) < 20, "up to rounding the epoch pays what waited");
    });
}

#[test]
fn a_first_epoch_pays_by_stake_and_gives_permits_for_the_next() {
    on_chain(|| {
        let netuid = ticking(0, 5);
        let call = Network::add_stake { hotkey: hotkey(10), netuid, amount_staked: tao(100) };
        ok(&coldkey(10), call);
        run_to(6);
        assert!(ValidatorPermit::<Test>::get(netuid)[1]);
        assert_eq!(Incentive::<Test>::get(netuid), [0; 5]);
        let emission = Emission::<Test>::get(netuid);
        assert!(emission[1] > AlphaBalance::ZERO && emission[3] == AlphaBalance::ZERO);
    });
}

#[test]
fn a_commit_older_than_a_registration_hides_the_weight_toward_it() {
    on_chain(|| {
        let netuid = judged();
        Hyperparameters::<Test>::set_commit_reveal(netuid, true);
        let commit = Network::commit_weights { netuid, commit_hash: sp_core::H256::repeat_byte(7) };
        ok(&hotkey(10), commit);
        let input = gather::input(&Roll::<Test>::call(netuid), 0, 1, now());
        assert_eq!(input.commit_blocks[1], Some(now()));
        assert_eq!(input.commit_blocks[2], None);
        // A miner that came after the commit: the large validator's weight for it does not count.
        BlockAtRegistration::<Test>::insert(netuid, 3, now() + 1);
        survey(netuid);
        LastUpdate::<Test>::mutate(netuid, |blocks| blocks.fill(now() + 2));
        let input = gather::input(&Roll::<Test>::call(netuid), 0, 1_000, now() + 3);
        assert_eq!(run_epoch(&input).incentive, [0, 0, 0, 0, u16::MAX]);
        let unmasked = EpochInput { commit_blocks: vec![None; 5], ..input };
        assert_eq!(run_epoch(&unmasked).incentive, [0, 0, 0, 49_151, 16_383]);
    });
}

/// A judged subnet with a second mechanism, on which a validator weighs the miners the other way round.
fn judged_twice() -> NetUid {
    let netuid = judged();
    Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
    let (dests, weights) = (vec![3, 4], vec![1, 3]);
    ok(&hotkey(10), Network::set_mechanism_weights { netuid, mecid: 1, dests, weights, version_key: 0 });
    netuid
}

#[test]
fn mechanisms_have_weights_bonds_and_incentives_of_their_own() {
    on_chain(|| {
        let netuid = judged_twice();
        // The notice of the second mechanism's share is over.
        FormerEmissionSplit::<Test>::remove(netuid);
        run_to(6);
        let (main, other) =
            (Incentive::<Test>::get(netuid), Incentive::<Test>::get(storage_index(netuid, 1)));
        assert!(main[3] > main[4] && other[3] < other[4]);
        assert!(!Bonds::<Test>::get(storage_index(netuid, 1), 1).is_empty());
        let emission = Emission::<Test>::get(netuid);
        assert!(emission[3].to_rao().abs_diff(emission[4].to_rao()) < 10, "both halves pay the same");
    });
}

#[test]
fn a_new_mechanism_is_paid_nothing_before_its_notice_is_over() {
    on_chain(|| {
        let netuid = judged_twice();
        FirstEmissionBlockNumber::<Test>::insert(netuid, 1);
        FormerEmissionSplit::<Test>::insert(netuid, (Some(vec![65_535, 0]), 7));
        run_to(6);
        let emission = Emission::<Test>::get(netuid);
        assert!(
            emission[3].to_rao() > emission[4].to_rao() * 2,
            "the first mechanism alone pays: {emission:?}"
        );
    });
}
