//! Stake: buying, selling, moving, burning and locking it, and claims of root dividends.

use myelin_abi::RootClaimTypeEnum;

use super::*;

/// More than anybody has. The next number stands for everything.
const TOO_MUCH: u64 = u64::MAX - 1;

pub fn rows(of: &Accounts) -> Vec<Wrong> {
    let (tao, alpha) = (TaoBalance::from_rao, AlphaBalance::from_rao);
    let add = |hotkey, netuid, rao| Network::add_stake { hotkey, netuid, amount_staked: tao(rao) };
    let remove = |hotkey, netuid, rao| Network::remove_stake { hotkey, netuid, amount_unstaked: alpha(rao) };
    let limited = |rao, limit_price, allow_partial| Network::add_stake_limit {
        hotkey: of.hot(5),
        netuid: CLEAR,
        amount_staked: tao(rao),
        limit_price,
        allow_partial,
    };
    let sell = |rao, limit_price| Network::remove_stake_limit {
        hotkey: of.hot(5),
        netuid: CLEAR,
        amount_unstaked: alpha(rao),
        limit_price,
        allow_partial: false,
    };
    let shift = |from: usize, to: AccountId, origin_netuid, destination_netuid, rao| Network::move_stake {
        origin_hotkey: of.hot(from),
        destination_hotkey: to,
        origin_netuid,
        destination_netuid,
        alpha_amount: alpha(rao),
    };
    let swap = |origin_netuid, destination_netuid, rao| Network::swap_stake {
        hotkey: of.hot(5),
        origin_netuid,
        destination_netuid,
        alpha_amount: alpha(rao),
    };
    let swap_limited = |limit_price| Network::swap_stake_limit {
        hotkey: of.hot(5),
        origin_netuid: CLEAR,
        destination_netuid: SECRET,
        alpha_amount: alpha(50 * TAO),
        limit_price,
        allow_partial: false,
    };
    let hand = |rao| Network::transfer_stake {
        destination_coldkey: of.cold(6),
        hotkey: of.hot(5),
        origin_netuid: CLEAR,
        destination_netuid: CLEAR,
        alpha_amount: alpha(rao),
    };
    let move_limited = |rao, limit_price| Network::move_stake_limit {
        origin_hotkey: of.hot(5),
        destination_hotkey: of.hot(6),
        origin_netuid: CLEAR,
        destination_netuid: SECRET,
        alpha_amount: alpha(rao),
        limit_price,
        allow_partial: false,
    };
    let give_both = |destination_hotkey, rao| Network::transfer_stake_and_hotkey {
        destination_coldkey: of.cold(6),
        origin_hotkey: of.hot(5),
        destination_hotkey,
        origin_netuid: CLEAR,
        destination_netuid: CLEAR,
        alpha_amount: alpha(rao),
    };
    let give_limited = |destination_netuid, rao, limit_price, allow_partial| Network::transfer_stake_limit {
        destination_coldkey: of.cold(6),
        origin_hotkey: of.hot(5),
        destination_hotkey: of.hot(6),
        origin_netuid: CLEAR,
        destination_netuid,
        alpha_amount: alpha(rao),
        limit_price,
        allow_partial,
    };
    let recycle = |netuid, rao| Network::recycle_alpha { hotkey: of.hot(5), amount: alpha(rao), netuid };
    let burn = |netuid, rao| Network::burn_alpha { hotkey: of.hot(5), amount: alpha(rao), netuid };
    let buy_back = |netuid, rao, limit: Option<u64>| Network::add_stake_burn {
        hotkey: of.hot(5),
        netuid,
        amount: tao(rao),
        limit: limit.map(tao),
    };
    let lock = |hotkey, rao| Network::lock_stake { hotkey, netuid: CLEAR, amount: alpha(rao) };
    let move_lock = |destination_hotkey| Network::move_lock { destination_hotkey, netuid: CLEAR };
    let claim_with = Network::claim_root_with_hotkey { hotkey: of.unowned() };
    let keep = |subnets: &[NetUid]| Network::set_root_claim_type {
        new_root_claim_type: RootClaimTypeEnum::KeepSubnets { subnets: subnets.iter().copied().collect() },
    };
    vec![
        wrong("zero", 5, add(of.hot(5), CLEAR, 0), "AmountTooLow"),
        wrong("below the smallest", 5, add(of.hot(5), CLEAR, 1_999_999), "AmountTooLow"),
        wrong("maximum", 5, add(of.hot(5), CLEAR, u64::MAX), "NotEnoughBalanceToStake"),
        wrong("no hotkey", 5, add(of.unowned(), CLEAR, TAO), "HotKeyAccountNotExists"),
        wrong("not started", 5, add(of.hot(5), 1, TAO), "SubtokenDisabled"),
        wrong("zero", 5, limited(0, u64::MAX, false), "AmountTooLow"),
        wrong("a limit of zero", 5, limited(TAO, 0, false), "SlippageTooHigh"),
        wrong("a limit of zero, partial", 5, limited(TAO, 0, true), "SlippageTooHigh"),
        wrong("zero", 5, remove(of.hot(5), CLEAR, 0), "AmountTooLow"),
        wrong("dust that is not all", 5, remove(of.hot(5), CLEAR, 1), "AmountTooLow"),
        wrong("without stake", STRANGER, remove(of.hot(5), CLEAR, TAO), "NotEnoughStakeToWithdraw"),
        wrong("no hotkey", 5, remove(of.unowned(), CLEAR, TAO), "HotKeyAccountNotExists"),
        wrong("a limit at the maximum", 5, sell(TAO, u64::MAX), "SlippageTooHigh"),
        wrong("zero", 5, sell(0, 0), "AmountTooLow"),
        wrong(
            "a limit at the maximum",
            5,
            Network::remove_stake_full_limit {
                hotkey: of.hot(5),
                netuid: CLEAR,
                limit_price: Some(u64::MAX),
            },
            "SlippageTooHigh",
        ),
        wrong("no hotkey", 5, Network::unstake_all { hotkey: of.unowned() }, "HotKeyAccountNotExists"),
        wrong("no hotkey", 5, Network::unstake_all_alpha { hotkey: of.unowned() }, "HotKeyAccountNotExists"),
        wrong("nothing to sell", STRANGER, Network::unstake_all_alpha { hotkey: of.hot(5) }, "AmountTooLow"),
        wrong("zero", 5, shift(5, of.hot(6), CLEAR, CLEAR, 0), "NotEnoughStakeToWithdraw"),
        wrong("more than all", 5, shift(5, of.hot(6), CLEAR, CLEAR, TOO_MUCH), "NotEnoughStakeToWithdraw"),
        wrong("dust", 5, shift(5, of.hot(6), CLEAR, CLEAR, 1), "AmountTooLow"),
        wrong("to where it is", 5, shift(5, of.hot(5), CLEAR, CLEAR, TAO), "SameNetuid"),
        wrong("to no hotkey", 5, shift(5, of.unowned(), CLEAR, CLEAR, TAO), "HotKeyAccountNotExists"),
        wrong("to a subnet that is not started", 5, shift(5, of.hot(6), CLEAR, 1, TAO), "SubtokenDisabled"),
        wrong("to where it is", 5, swap(CLEAR, CLEAR, TAO), "SameNetuid"),
        wrong("more than all", 5, swap(CLEAR, SECRET, TOO_MUCH), "NotEnoughStakeToWithdraw"),
        wrong("dust", 5, swap(CLEAR, SECRET, 1), "AmountTooLow"),
        wrong("a ratio at the maximum", 5, swap_limited(u64::MAX), "SlippageTooHigh"),
        wrong("zero", 5, hand(0), "NotEnoughStakeToWithdraw"),
        wrong("more than all", 5, hand(TOO_MUCH), "NotEnoughStakeToWithdraw"),
        wrong("without stake", STRANGER, hand(TAO), "NotEnoughStakeToWithdraw"),
        wrong("zero", 5, move_limited(0, 0), "NotEnoughStakeToWithdraw"),
        wrong("a ratio at the maximum", 5, move_limited(TAO, u64::MAX), "SlippageTooHigh"),
        wrong("zero", 5, give_both(of.hot(6), 0), "NotEnoughStakeToWithdraw"),
        wrong("to no hotkey", 5, give_both(of.unowned(), TAO), "HotKeyAccountNotExists"),
        wrong("zero", 5, give_limited(SECRET, 0, 0, false), "NotEnoughStakeToWithdraw"),
        wrong("more than all", 5, give_limited(SECRET, TOO_MUCH, 0, false), "NotEnoughStakeToWithdraw"),
        wrong("a ratio at the maximum", 5, give_limited(SECRET, TAO, u64::MAX, false), "SlippageTooHigh"),
        wrong(
            "a ratio at the maximum, partial",
            5,
            give_limited(SECRET, TAO, u64::MAX, true),
            "SlippageTooHigh",
        ),
        wrong("to a subnet that is not started", 5, give_limited(1, TAO, 0, false), "SubtokenDisabled"),
        wrong("locked", 7, remove(of.hot(7), CLEAR, u64::MAX), "StakeUnavailable"),
        wrong("zero", 5, recycle(CLEAR, 0), "AmountTooLow"),
        wrong("maximum", 5, recycle(CLEAR, u64::MAX), "NotEnoughStakeToWithdraw"),
        wrong("on root", 5, recycle(ROOT, TAO), "CannotBurnOrRecycleOnRootSubnet"),
        wrong("zero", 5, burn(CLEAR, 0), "AmountTooLow"),
        wrong("maximum", 5, burn(CLEAR, u64::MAX), "NotEnoughStakeToWithdraw"),
        wrong("on root", 5, burn(ROOT, TAO), "CannotBurnOrRecycleOnRootSubnet"),
        wrong("zero", 5, buy_back(CLEAR, 0, None), "AmountTooLow"),
        wrong("a limit of zero", 5, buy_back(CLEAR, TAO, Some(0)), "SlippageTooHigh"),
        wrong("on root", 5, buy_back(ROOT, TAO, None), "CannotBurnOrRecycleOnRootSubnet"),
        wrong("zero", 5, lock(of.hot(5), 0), "AmountTooLow"),
        wrong("maximum", 5, lock(of.hot(5), u64::MAX), "InsufficientStakeForLock"),
        wrong("no hotkey", 5, lock(of.unowned(), TAO), "HotKeyAccountNotExists"),
        wrong("for another than the last", 7, lock(of.hot(5), TAO), "LockHotkeyMismatch"),
        wrong("nothing to move", 5, move_lock(of.hot(6)), "NoExistingLock"),
        wrong("to no hotkey", 7, move_lock(of.unowned()), "HotKeyAccountNotExists"),
        wrong("nothing", 5, Network::claim_root { subnets: [].into() }, "InvalidSubnetNumber"),
        wrong("too many", 5, Network::claim_root { subnets: (0..6).collect() }, "InvalidSubnetNumber"),
        wrong("no hotkey", 5, claim_with, "HotKeyAccountNotExists"),
        wrong("nothing", 5, keep(&[]), "InvalidSubnetNumber"),
        wrong("a subnet that does not exist", 5, keep(&[CLEAR, NOWHERE]), "SubnetNotExists"),
    ]
}
