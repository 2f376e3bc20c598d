//! Alpha that its holder destroys.

use super::mock::*;
use crate::{alpha_assets::AlphaBurned, pallet::*, stake::StakeLedger};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};

/// A started subnet; coldkey 2 has 100 TAO worth of stake on hotkey 0.
fn situation() -> (NetUid, u64) {
    let netuid = subnet().started().create();
    ok(&coldkey(2), Network::add_stake { hotkey: hotkey(0), netuid, amount_staked: tao(100) });
    (netuid, stake_of(&hotkey(0), &coldkey(2), netuid))
}

fn out(netuid: NetUid) -> u64 {
    SubnetAlphaOut::<Test>::get(netuid).to_rao()
}

fn rao(amount: u64) -> AlphaBalance {
    AlphaBalance::from_rao(amount)
}

#[test]
fn recycled_alpha_leaves_the_supply() {
    on_chain(|| {
        let (netuid, held) = situation();
        let before = out(netuid);
        ok(&coldkey(2), Network::recycle_alpha { hotkey: hotkey(0), amount: rao(held / 2), netuid });
        announced(Event::AlphaRecycled(coldkey(2), hotkey(0), rao(held / 2), netuid));
        assert_eq!(out(netuid), before - held / 2);
        assert_eq!(AlphaBurned::<Test>::get(netuid), rao(0));
        assert!(stake_of(&hotkey(0), &coldkey(2), netuid).abs_diff(held - held / 2) <= 1);
    });
}

#[test]
fn burned_alpha_stays_in_the_supply_and_belongs_to_nobody() {
    on_chain(|| {
        let (netuid, held) = situation();
        let before = out(netuid);
        ok(&coldkey(2), Network::burn_alpha { hotkey: hotkey(0), amount: rao(held), netuid });
        announced(Event::AlphaBurned(coldkey(2), hotkey(0), rao(held), netuid));
        assert_eq!(out(netuid), before);
        assert_eq!(AlphaBurned::<Test>::get(netuid), rao(held));
        assert_eq!(StakeLedger::<Test>::total_of(&coldkey(2), netuid), rao(0));
    });
}

#[test]
fn nobody_destroys_what_it_has_not_or_root_stake() {
    on_chain(|| {
        let (netuid, held) = situation();
        ok(&coldkey(2), Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(1) });
        let burn = |netuid, amount| Network::burn_alpha { hotkey: hotkey(0), amount: rao(amount), netuid };
        let recycle =
            |netuid, amount| Network::recycle_alpha { hotkey: hotkey(0), amount: rao(amount), netuid };
        for call in [burn, recycle] as [fn(NetUid, u64) -> Network; 2] {
            refused(&coldkey(2), call(netuid, held + 1), Refusal::NotEnoughStakeToWithdraw);
            refused(&coldkey(3), call(netuid, 1), Refusal::NotEnoughStakeToWithdraw);
            refused(&coldkey(2), call(netuid, 0), Refusal::AmountTooLow);
            refused(&coldkey(2), call(ROOT, 1), Refusal::CannotBurnOrRecycleOnRootSubnet);
            refused(&coldkey(2), call(99, 1), Refusal::SubnetNotExists);
        }
    });
}

#[test]
fn buying_and_burning_lifts_the_price_and_gives_nobody_stake() {
    on_chain(|| {
        let (netuid, held) = situation();
        let (price, before) = (price_rao(netuid), balance(&coldkey(2)));
        let buy_back = |limit: Option<u64>| Network::add_stake_burn {
            hotkey: hotkey(0),
            netuid,
            amount: tao(10),
            limit: limit.map(TaoBalance::from_rao),
        };
        refused(&coldkey(2), buy_back(Some(price + 1)), Refusal::SlippageTooHigh);
        ok(&coldkey(2), buy_back(None));
        assert_eq!(before - balance(&coldkey(2)), 10 * UNIT);
        assert!(price_rao(netuid) > price);
        assert!(stake_of(&hotkey(0), &coldkey(2), netuid).abs_diff(held) <= 1);
        let burned = AlphaBurned::<Test>::get(netuid);
        assert!(burned.to_rao() > 0);
        announced(Event::AddStakeBurn { netuid, hotkey: hotkey(0), amount: tao(10), alpha: burned });
        ok(&coldkey(2), buy_back(Some(10 * UNIT)));
    });
}

#[test]
fn whoever_has_all_locked_can_still_buy_back() {
    on_chain(|| {
        let (netuid, held) = situation();
        ok(&coldkey(2), Network::lock_stake { hotkey: hotkey(0), netuid, amount: rao(held) });
        let call = Network::add_stake_burn { hotkey: hotkey(0), netuid, amount: tao(10), limit: None };
        ok(&coldkey(2), call);
        assert!(stake_of(&hotkey(0), &coldkey(2), netuid).abs_diff(held) <= 1);
    });
}
