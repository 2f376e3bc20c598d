//! Calls that carry calls: batches, the sudo key, accounts of several signatories, proxies.

use super::*;

type Proxy = pallet_proxy::Call<Runtime>;
type Multisig = pallet_multisig::Call<Runtime>;
type Sudo = pallet_sudo::Call<Runtime>;

/// More calls than a block of 250 ms has room for.
const TOO_MANY: usize = 2_000;

pub fn rows(of: &Accounts) -> Vec<Wrong> {
    let mut rows = utility(of);
    rows.extend(multisig(of));
    rows.extend(proxy(of));
    rows
}

fn utility(of: &Accounts) -> Vec<Wrong> {
    let nothing: RuntimeCall =
        Network::add_stake { hotkey: of.hot(5), netuid: CLEAR, amount_staked: TaoBalance::ZERO }.into();
    let too_high: RuntimeCall =
        pallet_myelin_swap::Call::<Runtime>::set_fee_rate { netuid: CLEAR, rate: u16::MAX }.into();
    let remark = || frame_system::Call::<Runtime>::remark { remark: Vec::new() }.into();
    let many = || vec![remark(); TOO_MANY];
    let fails = || Box::new(nothing.clone());
    let fails_for_root = || Box::new(too_high.clone());
    let five = frame_system::RawOrigin::Signed(of.cold(5));
    let as_origin = Box::new(myelin_runtime::OriginCaller::system(five));
    let after_another = vec![remark(), nothing.clone()];
    let weight = Default::default();
    let unchecked = Sudo::sudo_unchecked_weight { call: fails_for_root(), weight };
    vec![
        wrong("too many", 5, Utility::batch { calls: many() }, "Invalid(ExhaustsResources)"),
        wrong("too many", 5, Utility::force_batch { calls: many() }, "Invalid(ExhaustsResources)"),
        wrong("too many", 5, Utility::batch_all { calls: many() }, "Invalid(ExhaustsResources)"),
        wrong("one that fails", 5, Utility::batch_all { calls: after_another }, "AmountTooLow"),
        wrong("one that fails", 5, Utility::as_derivative { index: 0, call: fails() }, "AmountTooLow"),
        wrong("both fail", 5, Utility::if_else { main: fails(), fallback: fails() }, "AmountTooLow"),
        by_root("one that fails", Utility::dispatch_as_fallible { as_origin, call: fails() }, "AmountTooLow"),
        by_root("one that fails", Utility::with_weight { call: fails_for_root(), weight }, "FeeRateTooHigh"),
        wrong("one that fails", 0, Sudo::sudo { call: fails_for_root() }, "FeeRateTooHigh"),
        wrong("one that fails", 0, unchecked, "FeeRateTooHigh"),
    ]
}

fn multisig(of: &Accounts) -> Vec<Wrong> {
    let mut others = vec![of.cold(7), of.cold(8)];
    others.sort();
    let unsorted: Vec<_> = others.iter().rev().cloned().collect();
    let doubled = vec![others[0].clone(); 2];
    let mut with_signer = vec![of.cold(5), of.cold(7)];
    with_signer.sort();
    let call = || Box::new(RuntimeCall::from(frame_system::Call::<Runtime>::remark { remark: Vec::new() }));
    let (call_hash, max_weight) = ([3; 32], Default::default());
    let when = pallet_multisig::Timepoint { height: 1, index: 1 };
    let make = |threshold, other_signatories: &[AccountId], maybe_timepoint| Multisig::as_multi {
        threshold,
        other_signatories: other_signatories.to_vec(),
        maybe_timepoint,
        call: call(),
        max_weight,
    };
    let approve = |threshold, other_signatories: &[AccountId], maybe_timepoint| Multisig::approve_as_multi {
        threshold,
        other_signatories: other_signatories.to_vec(),
        maybe_timepoint,
        call_hash,
        max_weight,
    };
    let cancel = |threshold, other_signatories: &[AccountId]| Multisig::cancel_as_multi {
        threshold,
        other_signatories: other_signatories.to_vec(),
        timepoint: when,
        call_hash,
    };
    let poke = |threshold, other_signatories: &[AccountId]| Multisig::poke_deposit {
        threshold,
        other_signatories: other_signatories.to_vec(),
        call_hash,
    };
    let alone = |other_signatories: &[AccountId]| Multisig::as_multi_threshold_1 {
        other_signatories: other_signatories.to_vec(),
        call: call(),
    };
    let many: Vec<_> = (0..=255).map(|i| AccountId::from([i; 32])).collect();
    let mut rows = vec![
        wrong("of nothing", 5, make(2, &others, Some(when)), "UnexpectedTimepoint"),
        wrong("of nothing", 5, approve(2, &others, Some(when)), "UnexpectedTimepoint"),
        wrong("of nothing", 5, cancel(2, &others), "NotFound"),
        wrong("of nothing", 5, poke(2, &others), "NotFound"),
        wrong("zero", 5, make(0, &others, None), "MinimumThreshold"),
        wrong("one", 5, approve(1, &others, None), "MinimumThreshold"),
        wrong("one", 5, cancel(1, &others), "MinimumThreshold"),
        wrong("one", 5, poke(1, &others), "MinimumThreshold"),
    ];
    let lists: [(&str, &[AccountId], &str); 5] = [
        ("nobody else", &[], "TooFewSignatories"),
        ("too many", &many, "TooManySignatories"),
        ("unsorted", &unsorted, "SignatoriesOutOfOrder"),
        ("twice the same", &doubled, "SignatoriesOutOfOrder"),
        ("the signer", &with_signer, "SenderInSignatories"),
    ];
    for (how, others, error) in lists {
        rows.extend([
            wrong(how, 5, make(2, others, None), error),
            wrong(how, 5, approve(2, others, None), error),
            wrong(how, 5, cancel(2, others), error),
            wrong(how, 5, poke(2, others), error),
            wrong(how, 5, alone(others), error),
        ]);
    }
    rows
}

/// Coldkey 6 is a proxy of coldkey 5.
fn proxy(of: &Accounts) -> Vec<Wrong> {
    let call = || Box::new(RuntimeCall::from(frame_system::Call::<Runtime>::remark { remark: Vec::new() }));
    let (real, proxy_type, delay) = (of.cold(5), ProxyType::Any, 0);
    let (call_hash, kind) = (H256::zero(), None);
    let add = |delegate: AccountId| Proxy::add_proxy { delegate: delegate.into(), proxy_type, delay };
    let remove = |proxy_type| Proxy::remove_proxy { delegate: of.cold(6).into(), proxy_type, delay };
    let act = |force_proxy_type| Proxy::proxy { real: real.clone().into(), force_proxy_type, call: call() };
    let announced = |delegate: AccountId| Proxy::proxy_announced {
        delegate: delegate.into(),
        real: real.clone().into(),
        force_proxy_type: kind,
        call: call(),
    };
    let announce = Proxy::announce { real: real.clone().into(), call_hash };
    let take_back = Proxy::remove_announcement { real: real.clone().into(), call_hash };
    let reject = Proxy::reject_announcement { delegate: of.cold(6).into(), call_hash };
    let kill =
        Proxy::kill_pure { spawner: real.clone().into(), proxy_type, index: 0, height: 1, ext_index: 1 };
    vec![
        wrong("itself", 5, add(of.cold(5)), "NoSelfProxy"),
        wrong("twice", 5, add(of.cold(6)), "Duplicate"),
        wrong("another kind", 5, remove(ProxyType::Staking), "NotFound"),
        wrong("of none", STRANGER, remove(ProxyType::Any), "NotFound"),
        wrong("for no proxy", STRANGER, act(None), "NotProxy"),
        wrong("another kind", 6, act(Some(ProxyType::Staking)), "NotProxy"),
        wrong("for no proxy", STRANGER, announced(of.cold(STRANGER)), "NotProxy"),
        wrong("not announced", STRANGER, announced(of.cold(6)), "Unannounced"),
        wrong("for no proxy", STRANGER, announce, "NotProxy"),
        wrong("not announced", 6, take_back, "NotFound"),
        wrong("not announced", 5, reject, "NotFound"),
        wrong("no such account", 5, kill, "NoPermission"),
    ]
}
