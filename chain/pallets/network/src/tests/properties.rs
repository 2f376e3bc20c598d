//! After any calls in any order no invariant is broken, and a refused call leaves no trace.

use super::mock::*;
use crate::{pallet::*, removal::SubnetRemoval, subnets::Hyperparameters};
use myelin_units::{AlphaBalance, NetUid, TaoBalance};
use proptest::prelude::*;
use sp_runtime::{traits::Dispatchable, StateVersion};

/// The action of root that removes a subnet and does a part of the work.
const REMOVE: u8 = 26;

/// One step of a story: the action and the account, with numbers that the action reads in its own way.
#[derive(Clone, Debug)]
struct Step {
    action: u8,
    who: u8,
    other: u8,
    netuid: u8,
    amount: u64,
}

fn step() -> impl Strategy<Value = Step> {
    (0u8..28, 0u8..5, 0u8..5, 0u8..5, prop_oneof![0u64..10_000_000, 0u64..500 * UNIT, Just(u64::MAX)])
        .prop_map(|(action, who, other, netuid, amount)| Step { action, who, other, netuid, amount })
}

impl Step {
    /// The signer and the call; `None` lets blocks pass.
    fn call(&self) -> Option<(AccountId, Network)> {
        let (cold, hot) = (coldkey(self.who), hotkey(self.who.into()));
        let target = hotkey(self.other.into());
        let netuid = NetUid::from(self.netuid);
        let destination = NetUid::from(self.other);
        let (tao, alpha) = (TaoBalance::from_rao(self.amount), AlphaBalance::from_rao(self.amount));
        let judged = vec![u16::from(self.other)];
        Some(match self.action {
            0 | 1 => (cold, Network::add_stake { hotkey: target, netuid, amount_staked: tao }),
            2 => {
                let limit_price = self.amount % (2 * UNIT);
                let call = Network::add_stake_limit {
                    hotkey: target,
                    netuid,
                    amount_staked: tao,
                    limit_price,
                    allow_partial: true,
                };
                (cold, call)
            }
            3 | 4 => (cold, Network::remove_stake { hotkey: target, netuid, amount_unstaked: alpha }),
            5 => (cold, Network::unstake_all { hotkey: target }),
            6 => (cold, Network::unstake_all_alpha { hotkey: target }),
            7 => {
                let call = Network::move_stake {
                    origin_hotkey: target,
                    destination_hotkey: hot,
                    origin_netuid: netuid,
                    destination_netuid: destination,
                    alpha_amount: alpha,
                };
                (cold, call)
            }
            8 => {
                let call = Network::transfer_stake {
                    destination_coldkey: coldkey(self.other),
                    hotkey: target,
                    origin_netuid: netuid,
                    destination_netuid: netuid,
                    alpha_amount: alpha,
                };
                (cold, call)
            }
            9 => {
                let call = Network::swap_stake {
                    hotkey: target,
                    origin_netuid: netuid,
                    destination_netuid: destination,
                    alpha_amount: alpha,
                };
                (cold, call)
            }
            10 => (cold, Network::burned_register { netuid, hotkey: hot }),
            11 => (cold, Network::root_register { hotkey: hot }),
            12 => (hot, Network::set_weights { netuid, dests: judged, weights: vec![1], version_key: 0 }),
            13 => (cold, Network::register_network { hotkey: hot }),
            14 => (cold, Network::start_call { netuid }),
            15 => (cold, Network::claim_root { subnets: [netuid].into() }),
            16 | 17 => (cold, Network::lock_stake { hotkey: target, netuid, amount: alpha }),
            18 => (cold, Network::move_lock { destination_hotkey: target, netuid }),
            19 => (cold, Network::set_perpetual_lock { netuid, enabled: self.amount.is_multiple_of(2) }),
            20 => (cold, Network::set_reject_locked_alpha { enabled: self.amount.is_multiple_of(2) }),
            21 => (cold, Network::recycle_alpha { hotkey: target, amount: alpha, netuid }),
            22 => (cold, Network::burn_alpha { hotkey: target, amount: alpha, netuid }),
            23 => (cold, Network::add_stake_burn { hotkey: target, netuid, amount: tao, limit: None }),
            _ => return None,
        })
    }
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn no_story_breaks_an_invariant(steps in prop::collection::vec(step(), 1..60)) {
        on_fast_chain(|| {
            let netuid = subnet().started().without_commit_reveal().with_neurons(2).create();
            Hyperparameters::<Test>::set_emission(netuid, true);
            NetworkRateLimit::<Test>::put(0);
            NetworkMinLockCost::<Test>::put(tao(10));
            for step in steps {
                if step.action == REMOVE {
                    let _ = SubnetRemoval::<Test>::dissolve(NetUid::from(step.netuid));
                    SubnetRemoval::<Test>::work(u32::from(step.other) * 40);
                    check_invariants();
                    continue;
                }
                let Some((signer, call)) = step.call() else {
                    run_blocks(3);
                    continue;
                };
                let before = sp_io::storage::root(StateVersion::V1);
                let outcome = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(signer));
                if outcome.is_err() {
                    assert_eq!(before, sp_io::storage::root(StateVersion::V1), "{outcome:?} left a trace");
                }
                check_invariants();
            }
        });
    }
}
