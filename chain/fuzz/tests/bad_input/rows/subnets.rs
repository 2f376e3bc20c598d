//! Subnets and their neurons: registering, names, takes, children, hotkeys, and settings that must fit each other.

use myelin_abi::SubnetIdentityV3;

use super::*;

pub fn rows(of: &Accounts) -> Vec<Wrong> {
    let (hot, unowned) = (|i| of.hot(i), of.unowned());
    let burned = |netuid, hotkey| Network::burned_register { netuid, hotkey };
    let worked = |netuid, hotkey| Network::register {
        netuid,
        block_number: 0,
        nonce: 0,
        work: Vec::new(),
        hotkey,
        coldkey: of.cold(5),
    };
    let limited = |netuid, hotkey, limit_price| Network::register_limit { netuid, hotkey, limit_price };
    let lower = |hotkey, take| Network::decrease_take { hotkey, take };
    let raise = |hotkey, take| Network::increase_take { hotkey, take };
    let children = |netuid, children: &[(u64, usize)]| Network::set_children {
        hotkey: hot(5),
        netuid,
        children: children.iter().map(|(part, child)| (*part, hot(*child))).collect(),
    };
    let childkey_take = |take| Network::set_childkey_take { hotkey: hot(5), netuid: CLEAR, take };
    let swap = |hotkey, new_hotkey, netuid| Network::swap_hotkey { hotkey, new_hotkey, netuid };
    let keep =
        |hotkey, new_hotkey, netuid| Network::swap_hotkey_v2 { hotkey, new_hotkey, netuid, keep_stake: true };
    let symbol = |symbol: &[u8]| Network::update_symbol { netuid: CLEAR, symbol: symbol.to_vec() };
    let parents = |hotkey| Network::set_auto_parent_delegation_enabled { hotkey, enabled: true };
    let auto_stake = |hotkey| Network::set_coldkey_auto_stake_hotkey { netuid: CLEAR, hotkey };
    let founded = |hotkey, name: usize| Network::register_network_with_identity {
        hotkey,
        identity: Some(SubnetIdentityV3 { subnet_name: vec![b'a'; name], ..Default::default() }),
    };
    let founded_below = |hotkey, name: usize, limit_price| Network::register_network_limit {
        hotkey,
        identity: Some(SubnetIdentityV3 { subnet_name: vec![b'a'; name], ..Default::default() }),
        limit_price,
    };
    vec![
        wrong("a hotkey of another", STRANGER, burned(CLEAR, hot(13)), "NonAssociatedColdKey"),
        wrong("twice", 5, burned(CLEAR, hot(5)), "HotKeyAlreadyRegisteredInSubNet"),
        wrong("root", 5, burned(ROOT, hot(5)), "RegistrationNotPermittedOnRootSubnet"),
        wrong("a hotkey of another", STRANGER, worked(CLEAR, hot(13)), "NonAssociatedColdKey"),
        wrong("twice", 5, worked(CLEAR, hot(5)), "HotKeyAlreadyRegisteredInSubNet"),
        wrong("root", 5, worked(ROOT, hot(5)), "RegistrationNotPermittedOnRootSubnet"),
        wrong("a limit of zero", 0, limited(CLEAR, hot(20), 0), "RegistrationPriceLimitExceeded"),
        wrong("twice", 5, limited(CLEAR, hot(5), u64::MAX), "HotKeyAlreadyRegisteredInSubNet"),
        wrong(
            "a hotkey of another",
            STRANGER,
            Network::root_register { hotkey: hot(11) },
            "NonAssociatedColdKey",
        ),
        wrong("twice", 4, Network::root_register { hotkey: hot(4) }, "HotKeyAlreadyRegisteredInSubNet"),
        wrong(
            "a hotkey of another",
            STRANGER,
            Network::register_network { hotkey: hot(0) },
            "NonAssociatedColdKey",
        ),
        wrong(
            "too poor",
            POOR,
            Network::register_network { hotkey: unowned.clone() },
            "CannotAffordLockCost",
        ),
        wrong("a hotkey of another", STRANGER, founded(hot(0), 1), "NonAssociatedColdKey"),
        wrong("a name that is too long", 6, founded(hot(26), 257), "InvalidIdentity"),
        wrong("a hotkey of another", STRANGER, founded_below(hot(0), 1, u64::MAX), "NonAssociatedColdKey"),
        wrong("a name that is too long", 6, founded_below(hot(26), 257, u64::MAX), "InvalidIdentity"),
        wrong("a limit of zero", 6, founded_below(hot(26), 1, 0), "RegistrationPriceLimitExceeded"),
        wrong("too poor", POOR, founded_below(unowned.clone(), 1, u64::MAX), "CannotAffordLockCost"),
        wrong("twice", 0, Network::start_call { netuid: CLEAR }, "FirstEmissionBlockNumberAlreadySet"),
        wrong("a symbol not in the list", 0, symbol(b"nothing"), "SymbolDoesNotExist"),
        wrong("not a delegate's owner", STRANGER, lower(hot(5), 1), "NonAssociatedColdKey"),
        wrong("no hotkey", 5, lower(unowned.clone(), 1), "HotKeyAccountNotExists"),
        wrong("not lower", 5, lower(hot(5), u16::MAX), "DelegateTakeTooLow"),
        wrong("the same", 5, raise(hot(5), 11_796), "DelegateTakeTooLow"),
        wrong("maximum", 5, raise(hot(5), u16::MAX), "DelegateTakeTooHigh"),
        wrong("not a delegate's owner", STRANGER, raise(hot(5), u16::MAX), "NonAssociatedColdKey"),
        wrong("on root", 5, children(ROOT, &[(1, 6)]), "RegistrationNotPermittedOnRootSubnet"),
        wrong("a hotkey of another", STRANGER, children(CLEAR, &[(1, 6)]), "NonAssociatedColdKey"),
        wrong("itself", 5, children(CLEAR, &[(1, 5)]), "InvalidChild"),
        wrong("twice the same", 5, children(CLEAR, &[(1, 6), (1, 6)]), "DuplicateChild"),
        wrong("more than all", 5, children(CLEAR, &[(u64::MAX, 6), (1, 8)]), "ProportionOverflow"),
        wrong(
            "too many",
            5,
            children(CLEAR, &[(1, 6), (1, 8), (1, 9), (1, 10), (1, 11), (1, 12)]),
            "TooManyChildren",
        ),
        wrong("maximum", 5, childkey_take(u16::MAX), "InvalidChildkeyTake"),
        wrong("below the least", 5, childkey_take(4), "InvalidChildkeyTake"),
        wrong("a hotkey of another", STRANGER, childkey_take(6), "NonAssociatedColdKey"),
        by_root(
            "above the highest",
            Network::sudo_set_min_childkey_take { take: u16::MAX },
            "InvalidChildkeyTake",
        ),
        by_root("below the least", Network::sudo_set_max_childkey_take { take: 4 }, "InvalidChildkeyTake"),
        wrong("by itself", 5, swap(hot(5), hot(5), None), "NewHotKeyIsSameWithOld"),
        wrong("a hotkey of another", STRANGER, swap(hot(5), hot(30), None), "NonAssociatedColdKey"),
        wrong(
            "by one that is there",
            0,
            swap(hot(0), hot(10), Some(CLEAR)),
            "HotKeyAlreadyRegisteredInSubNet",
        ),
        wrong("on no subnet", 5, swap(hot(5), hot(30), Some(NOWHERE)), "SubnetNotExists"),
        wrong("by itself", 5, keep(hot(5), hot(5), None), "NewHotKeyIsSameWithOld"),
        wrong("by another's", 5, keep(hot(5), hot(6), None), "NonAssociatedColdKey"),
        wrong(
            "by one that is there",
            0,
            keep(hot(0), hot(10), Some(CLEAR)),
            "HotKeyAlreadyRegisteredInSubNet",
        ),
        wrong("on no subnet", 5, keep(hot(5), hot(30), Some(NOWHERE)), "SubnetNotExists"),
        wrong("no hotkey there", 5, auto_stake(hot(23)), "HotKeyNotRegisteredInSubNet"),
        wrong("no hotkey", 5, parents(unowned), "HotKeyAccountNotExists"),
        wrong("a hotkey of another", STRANGER, parents(hot(5)), "NonAssociatedColdKey"),
        wrong("too long", 5, identity(1_025), "InvalidIdentity"),
        wrong("without a neuron", POOR, identity(1), "HotKeyNotRegisteredInNetwork"),
        wrong("too long", 0, subnet_identity(257), "InvalidIdentity"),
    ]
}

fn identity(name: usize) -> Network {
    let empty = Vec::new;
    Network::set_identity {
        name: vec![b'a'; name],
        url: empty(),
        github_repo: empty(),
        image: empty(),
        discord: empty(),
        description: empty(),
        additional: empty(),
    }
}

fn subnet_identity(name: usize) -> Network {
    let empty = Vec::new;
    Network::set_subnet_identity {
        netuid: CLEAR,
        subnet_name: vec![b'a'; name],
        github_repo: empty(),
        subnet_contact: empty(),
        subnet_url: empty(),
        discord: empty(),
        description: empty(),
        logo_url: empty(),
        additional: empty(),
    }
}

/// Settings that are in range and do not fit others. The clear subnet has 8 neurons, room for 14, at least 4, 6
/// validators, and burns between 0.0005 and 5 TAO.
pub fn settings(of: &Accounts) -> Vec<Wrong> {
    let netuid = CLEAR;
    let owner_hotkeys = |hotkey: AccountId| {
        let new = Admin::sudo_set_sn_owner_hotkey { netuid, hotkey: hotkey.clone() };
        (new, Admin::sudo_set_subnet_owner_hotkey { netuid, hotkey })
    };
    let (of_another, of_another_old) = owner_hotkeys(of.hot(5));
    let (elsewhere, elsewhere_old) = owner_hotkeys(of.hot(20));
    let most_uids = |max_allowed_uids| Admin::sudo_set_max_allowed_uids { netuid, max_allowed_uids };
    let least_uids = |min_allowed_uids| Admin::sudo_set_min_allowed_uids { netuid, min_allowed_uids };
    let validators =
        |max_allowed_validators| Admin::sudo_set_max_allowed_validators { netuid, max_allowed_validators };
    let alpha =
        |netuid, alpha_low, alpha_high| Admin::sudo_set_alpha_values { netuid, alpha_low, alpha_high };
    let split = |split: &[u16]| Admin::sudo_set_mechanism_emission_split {
        netuid,
        maybe_split: Some(split.to_vec()),
    };
    let mechanisms = |mechanism_count| Admin::sudo_set_mechanism_count { netuid, mechanism_count };
    let threshold = |new_value| Network::sudo_set_root_claim_threshold { netuid, new_value };
    let trim = |max_n| Admin::sudo_trim_to_max_allowed_uids { netuid, max_n };
    let rao = TaoBalance::from_rao;
    let early = |immunity_period| Admin::sudo_set_immunity_period { netuid: SECRET, immunity_period };
    let half = myelin_units::U64F64::from_ratio(1u64, 2u64);
    let announce = |mecid, rubric| Network::announce_rubric { netuid, mecid, rubric };
    let text = |length| RubricSource::Text(vec![b'a'; length]);
    let withdraw = |netuid, mecid| Network::withdraw_rubric { netuid, mecid };
    let decided = Network::announce_rubric { netuid: SECRET, mecid: 0, rubric: text(1) };
    let demand = |answers, mechanisms| Network::demand_evidence { netuid, answers, mechanisms };
    let parents = |share| Network::announce_parent_share { netuid, share };
    let declare = |hotkey, model| Network::declare_model { hotkey, netuid, model };
    let pot = |model, netuid| Network::share_pot { model, netuid };
    let require = |amount, unbonding| Collateral::set_requirement { netuid, amount: rao(amount), unbonding };
    vec![
        wrong("answers on no mechanism", 0, demand(1, 0), "InvalidValue"),
        wrong("no answers on a mechanism", 0, demand(0, 1), "InvalidValue"),
        wrong("no such mechanism", 0, demand(1, 1 << 9), "MechanismDoesNotExist"),
        wrong("more than half", 0, parents(500_001), "InvalidValue"),
        wrong("another's", 0, declare(of.hot(5), None), "NonAssociatedColdKey"),
        wrong("not on the subnet", 0, declare(of.hot(20), None), "HotKeyNotRegisteredInSubNet"),
        wrong("no such model", 5, declare(of.hot(5), Some([78; 32])), "UnknownModel"),
        wrong("an empty pot", 5, pot([78; 32], Some(netuid)), "AmountTooLow"),
        wrong("no free TAO", 5, pot([78; 32], None), "AmountTooLow"),
        wrong("no such subnet", 5, pot([78; 32], Some(NOWHERE)), "SubnetNotExists"),
        wrong("another's", 0, of_another, "NonAssociatedColdKey"),
        wrong("another's", 0, of_another_old, "NonAssociatedColdKey"),
        wrong("not on the subnet", 0, elsewhere, "HotKeyNotRegisteredInSubNet"),
        wrong("not on the subnet", 0, elsewhere_old, "HotKeyNotRegisteredInSubNet"),
        wrong("fewer than there are", 0, most_uids(7), "MaxAllowedUIdsLessThanCurrentUIds"),
        by_root("as many as there may be", least_uids(14), "MinAllowedUidsGreaterThanMaxAllowedUids"),
        by_root("as many as there are", least_uids(8), "MinAllowedUidsGreaterThanCurrentUids"),
        by_root("more than neurons", validators(15), "MaxValidatorsLargerThanMaxUIds"),
        wrong("zero", 1, alpha(SECRET, 2_000, 0), "AlphaHighTooLow"),
        wrong("low above high", 1, alpha(SECRET, 60_000, 50_000), "AlphaLowOutOfRange"),
        wrong("while liquid alpha is off", 0, alpha(CLEAR, 2_000, 50_000), "LiquidAlphaDisabled"),
        wrong("no part", 0, split(&[]), "InvalidValue"),
        wrong("more than all", 0, split(&[u16::MAX, 1]), "InvalidValue"),
        wrong("more than the network allows", 0, mechanisms(u8::MAX), "InvalidValue"),
        wrong("zero", 0, trim(0), "InvalidValue"),
        wrong("maximum", 0, trim(u16::MAX), "InvalidValue"),
        wrong("over before weights are revealed", 1, early(6), "RevealNotBeforeImmunityEnds"),
        wrong(
            "not below the most",
            0,
            Admin::sudo_set_min_burn { netuid, min_burn: rao(5 * TAO) },
            "ValueNotInBounds",
        ),
        wrong(
            "not above the least",
            0,
            Admin::sudo_set_max_burn { netuid, max_burn: rao(500_000) },
            "ValueNotInBounds",
        ),
        wrong(
            "less than one",
            0,
            Admin::sudo_set_burn_increase_mult { netuid, burn_increase_mult: half },
            "ValueNotInBounds",
        ),
        wrong("maximum", 0, threshold(u64::MAX), "InvalidRootClaimThreshold"),
        wrong("one more than the most", 0, threshold(10_000_001), "InvalidRootClaimThreshold"),
        wrong("no text", 0, announce(0, text(0)), "RubricTextOutOfBounds"),
        wrong("a text that is too long", 0, announce(0, text(513)), "RubricTextOutOfBounds"),
        wrong("no such mechanism", 0, announce(u8::MAX, text(1)), "MechanismDoesNotExist"),
        wrong("what is in force", 0, announce(0, RUBRIC), "RubricInForce"),
        wrong("nothing is announced", 0, withdraw(CLEAR, 0), "NoRubricAnnounced"),
        wrong("no rubric ever", 0, withdraw(CLEAR, 1), "NoRubricAnnounced"),
        wrong("after a vote", 1, decided, "RubricDecidedByVote"),
        wrong("after a vote", 1, withdraw(SECRET, 0), "RubricDecidedByVote"),
        wrong("less than can be asked", 0, require(1, MIN_UNBONDING), "AmountOutOfBounds"),
        wrong("maximum", 0, require(u64::MAX, MIN_UNBONDING), "AmountOutOfBounds"),
        wrong("zero blocks", 0, require(TAO, 0), "UnbondingOutOfBounds"),
    ]
}
