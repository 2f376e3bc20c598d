//! The predicted block is the first in which a call succeeds, for every wait.

use super::mock::*;
use crate::{pallet::*, subnets::Hyperparameters, waits::allowed_at, weights::WeightLedger};
use myelin_units::{NetUid, ROOT};
use proptest::prelude::*;

/// 8.8.8.8
const IP: u128 = 134_744_072;

/// The call waits for a block that is known now: it fails in the one before with this error, and succeeds in that one.
#[track_caller]
fn opens(signer: &AccountId, call: Network, error: Refusal) {
    let now = u64::from(System::block_number());
    let first = allowed_at::<Test>(signer, &call).expect("a block is known");
    assert!(first > now, "{call:?} does not wait");
    run_to(u32::try_from(first).expect("soon") - 1);
    refused(signer, call.clone(), error);
    run_to(u32::try_from(first).expect("soon"));
    assert_eq!(allowed_at::<Test>(signer, &call), Some(first));
    ok(signer, call);
}

/// The call has nothing to wait for, apart from its other conditions.
#[track_caller]
fn open_now(signer: &AccountId, call: &Network) {
    assert_eq!(allowed_at::<Test>(signer, call), Some(System::block_number().into()), "{call:?}");
}

fn own_weights(netuid: NetUid) -> Network {
    Network::set_weights { netuid, dests: vec![0, 1], weights: vec![1, 2], version_key: 0 }
}

fn axon(netuid: NetUid) -> Network {
    Network::serve_axon {
        netuid,
        version: 9,
        ip: IP,
        port: 8091,
        ip_type: 4,
        protocol: 4,
        placeholder1: 1,
        placeholder2: 2,
    }
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn weights_wait_for_their_rate_limit(start in 2u32..20, limit in 1u64..30) {
        on_chain(|| {
            let netuid = subnet().with_neurons(2).with_permits().without_commit_reveal().create();
            Hyperparameters::<Test>::set_weights_rate_limit(netuid, limit);
            run_to(start);
            // A hotkey that registered just now counts as updated then.
            let call = own_weights(netuid);
            if allowed_at::<Test>(&hotkey(10), &call) == Some(start.into()) {
                ok(&hotkey(10), call.clone());
            }
            opens(&hotkey(10), call, Refusal::SettingWeightsTooFast);
        });
    }

    #[test]
    fn commits_wait_for_the_rate_limit_and_reveals_for_their_epoch(
        start in 2u32..20, limit in 1u64..30, tempo in 5u16..12, period in 1u64..4,
    ) {
        on_chain(|| {
            let netuid = subnet().with_neurons(2).with_permits().create();
            // A hotkey may always set weights for itself; without stake it loses its permit in the first epoch.
            let hash = |value| WeightLedger::<Test>::commit_hash(&hotkey(10), netuid, &[1], &[value], &[1], 0);
            let commit = |value| Network::commit_weights { netuid, commit_hash: hash(value) };
            let reveal = |value| Network::reveal_weights {
                netuid, uids: vec![1], values: vec![value], salt: vec![1], version_key: 0,
            };
            Hyperparameters::<Test>::set_tempo(netuid, tempo);
            Hyperparameters::<Test>::set_reveal_period(netuid, period);
            Hyperparameters::<Test>::set_weights_rate_limit(netuid, limit);
            run_to(start);
            opens_or_now(&hotkey(10), commit(2), Refusal::CommittingWeightsTooFast);
            opens(&hotkey(10), reveal(2), Refusal::RevealTooEarly);
            open_now(&hotkey(10), &reveal(1));
            opens_or_now(&hotkey(10), commit(1), Refusal::CommittingWeightsTooFast);
            opens_or_now(&hotkey(10), commit(2), Refusal::CommittingWeightsTooFast);
        });
    }

    #[test]
    fn endpoints_wait_for_the_serving_limit(start in 1u32..20, limit in 1u64..30) {
        on_chain(|| {
            let netuid = subnet().with_neurons(1).create();
            Hyperparameters::<Test>::set_serving_rate_limit(netuid, limit);
            run_to(start);
            open_now(&hotkey(10), &axon(netuid));
            ok(&hotkey(10), axon(netuid));
            let metrics = Network::serve_prometheus { netuid, version: 9, ip: IP, port: 7091, ip_type: 4 };
            open_now(&hotkey(10), &metrics);
            ok(&hotkey(10), metrics.clone());
            opens(&hotkey(10), axon(netuid), Refusal::ServingRateLimitExceeded);
            open_now(&hotkey(10), &metrics);
            ok(&hotkey(10), metrics.clone());
            opens(&hotkey(10), metrics, Refusal::ServingRateLimitExceeded);
        });
    }

    #[test]
    fn takes_wait_for_their_limit(start in 1u32..20, limit in 1u64..30) {
        on_chain(|| {
            TxDelegateTakeRateLimit::<Test>::put(limit);
            ok(&coldkey(1), Network::root_register { hotkey: hotkey(1) });
            run_to(start);
            let lower = Network::decrease_take { hotkey: hotkey(1), take: 100 };
            open_now(&coldkey(1), &lower);
            ok(&coldkey(1), lower);
            opens(
                &coldkey(1),
                Network::increase_take { hotkey: hotkey(1), take: 200 },
                Refusal::DelegateTxRateLimitExceeded,
            );
        });
    }

    #[test]
    fn subnets_wait_for_the_last_registration_and_for_their_start(
        start in 1u32..20, limit in 1u64..30, delay in 1u64..30,
    ) {
        on_chain(|| {
            NetworkRateLimit::<Test>::put(limit);
            StartCallDelay::<Test>::put(delay);
            run_to(start);
            let netuid = subnet().create();
            opens(
                &coldkey(1),
                Network::register_network { hotkey: hotkey(1) },
                Refusal::NetworkTxRateLimitExceeded,
            );
            opens_or_now(
                &coldkey(0),
                Network::start_call { netuid },
                Refusal::NeedWaitingMoreBlocksToStarCall,
            );
        });
    }

    #[test]
    fn owners_wait_for_cool_downs_and_for_the_end_of_the_freeze_window(
        start in 400u32..460, tempo in 11u16..40, tempos in 0u16..3, window in 0u16..11,
    ) {
        on_chain(|| {
            let netuid = subnet().without_commit_reveal().create();
            Hyperparameters::<Test>::set_tempo(netuid, tempo);
            OwnerHyperparamRateLimit::<Test>::put(tempos);
            AdminFreezeWindow::<Test>::put(window);
            System::set_block_number(start - 50);
            LastEpochBlock::<Test>::insert(netuid, u64::from(start - 50));
            run_to(start);
            let frozen = Refusal::AdminActionProhibitedDuringWeightsWindow;
            let factor = Network::set_activity_cutoff_factor { netuid, factor_milli: 2_000 };
            let threshold = Network::sudo_set_root_claim_threshold { netuid, new_value: 7 };
            opens_or_now(&coldkey(0), factor.clone(), frozen);
            opens_either(&coldkey(0), factor);
            opens_or_now(&coldkey(0), threshold, Refusal::AdminActionProhibitedDuringWeightsWindow);
            // A triggered epoch freezes the subnet until it has run.
            let trigger = Network::trigger_epoch { netuid };
            opens_either(&coldkey(0), trigger.clone());
            opens_either(&coldkey(0), Network::set_activity_cutoff_factor { netuid, factor_milli: 3_000 });
            opens_either(&coldkey(0), trigger);
            opens_either(&coldkey(0), Network::set_tempo { netuid, tempo: 400 });
        });
    }
}

/// [`opens`], if there is anything to wait for.
#[track_caller]
fn opens_or_now(signer: &AccountId, call: Network, error: Refusal) {
    let now = u64::from(System::block_number());
    if allowed_at::<Test>(signer, &call) == Some(now) {
        ok(signer, call);
    } else {
        opens(signer, call, error);
    }
}

/// [`opens_or_now`], where one of several waits may be the last: any refusal will do, but it must be one.
#[track_caller]
fn opens_either(signer: &AccountId, call: Network) {
    use sp_runtime::traits::Dispatchable;
    let now = u64::from(System::block_number());
    let first = allowed_at::<Test>(signer, &call).expect("a block is known");
    if first > now {
        run_to(u32::try_from(first).expect("soon") - 1);
        let early = RuntimeCall::from(call.clone()).dispatch(RuntimeOrigin::signed(signer.clone()));
        assert!(early.is_err(), "{call:?} succeeds before block {first}");
        run_to(u32::try_from(first).expect("soon"));
    }
    ok(signer, call);
}

#[test]
fn root_waits_for_the_next_block_and_then_for_the_next_interval() {
    on_chain(|| {
        let join = |i: u16| Network::root_register { hotkey: hotkey(i) };
        open_now(&coldkey(1), &join(1));
        ok(&coldkey(1), join(1));
        opens(&coldkey(2), join(2), Refusal::TooManyRegistrationsThisBlock);
        opens(&coldkey(3), join(3), Refusal::TooManyRegistrationsThisBlock);
        opens(&coldkey(4), join(4), Refusal::TooManyRegistrationsThisInterval);
        MaxRegistrationsPerBlock::<Test>::insert(ROOT, 0);
        assert_eq!(allowed_at::<Test>(&coldkey(5), &join(5)), None);
    });
}

#[test]
fn no_block_is_promised_where_none_will_come() {
    on_chain(|| {
        let netuid = subnet().create();
        Hyperparameters::<Test>::set_tempo(netuid, 5);
        let factor = Network::set_activity_cutoff_factor { netuid, factor_milli: 2_000 };
        assert_eq!(allowed_at::<Test>(&coldkey(0), &factor), None, "the window is longer than the tempo");
        Hyperparameters::<Test>::set_tempo(netuid, 0);
        open_now(&coldkey(0), &factor);
    });
}

#[test]
fn calls_without_a_wait_are_possible_now() {
    on_chain(|| {
        let netuid = subnet().started().create();
        open_now(&coldkey(1), &Network::burned_register { netuid, hotkey: hotkey(1) });
        open_now(&coldkey(0), &Network::update_symbol { netuid, symbol: vec![] });
    });
}

#[test]
fn children_their_takes_and_swaps_of_hotkeys_wait_for_their_intervals() {
    on_fast_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        let me = owner_of(10);
        let name = Network::set_children { hotkey: hotkey(10), netuid, children: vec![] };
        open_now(&me, &name);
        ok(&me, name.clone());
        let take = |take| Network::set_childkey_take { hotkey: hotkey(10), netuid, take };
        ok(&me, take(5));
        opens(&me, take(6), Refusal::TxChildkeyTakeRateLimitExceeded);
        opens(&me, name, Refusal::TxRateLimitExceeded);
        let swap =
            |old, new| Network::swap_hotkey { hotkey: hotkey(old), new_hotkey: hotkey(new), netuid: None };
        open_now(&me, &swap(10, 98));
        ok(&me, swap(10, 98));
        opens(&me, swap(98, 97), Refusal::HotKeySwapOnSubnetIntervalNotPassed);
    });
}
