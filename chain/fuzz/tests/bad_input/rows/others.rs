//! Free TAO, collateral, commitments, the fee of pools, keys of authorities.

use codec::Decode;
use myelin_abi::{ChallengeAudience, EquivocationReport, SaidAnswer};
use myelin_fuzz::officer::Officer;
use myelin_runtime::SessionKeys;
use pallet_balances::{AdjustmentDirection, Call as Balances};
use pallet_commitments::types::{CommitmentInfo, Data};

use super::*;

type Session = pallet_session::Call<Runtime>;
type AdminUtils = pallet_admin_utils::Call<Runtime>;

pub fn rows(of: &Accounts) -> Vec<Wrong> {
    let (netuid, unbonding) = (CLEAR, u32::MAX);
    let lock = |i: usize, rao, longest_unbonding| Collateral::lock {
        netuid,
        hotkey: of.hot(i),
        amount: TaoBalance::from_rao(rao),
        longest_unbonding,
    };
    let unbond = |i: usize| Collateral::unbond { netuid, hotkey: of.hot(i) };
    let withdraw = |i: usize| Collateral::withdraw { netuid, hotkey: of.hot(i) };
    let report = |i: usize| Collateral::report { netuid, report: Box::new(invented(of.hot(i).into())) };
    let publish = |data| {
        let fields = vec![data].try_into().expect("one field");
        let info = Box::new(CommitmentInfo { fields });
        pallet_commitments::Call::<Runtime>::set_commitment { netuid, info }
    };
    let sealed = Data::TimelockEncrypted { encrypted: Default::default(), reveal_round: 1 };
    let keys = Decode::decode(&mut &[0; 64][..]).expect("two keys of 32 bytes");
    let stranger = Decode::decode(&mut &[0; 32][..]).expect("a key of 32 bytes");
    let swap = |keys: Vec<_>| AdminUtils::swap_authorities {
        new_authorities: keys.try_into().expect("few authorities"),
    };
    let mut rows = vec![
        wrong("less than is asked", 6, lock(6, 1, unbonding), "BelowRequirement"),
        wrong("maximum", 6, lock(6, u64::MAX, unbonding), "Token"),
        wrong("shorter than is asked", 6, lock(6, TAO, 0), "UnbondingTooLong"),
        wrong("a hotkey of another", STRANGER, lock(6, TAO, unbonding), "NonAssociatedColdKey"),
        wrong("another's", STRANGER, unbond(7), "NotYours"),
        wrong("where there is none", 6, unbond(6), "NoCollateral"),
        wrong("another's", STRANGER, withdraw(7), "NotYours"),
        wrong("where there is none", 6, withdraw(6), "NoCollateral"),
        wrong("where there is none", STRANGER, report(6), "NoCollateral"),
        wrong("of a block that never was", STRANGER, report(7), "UnknownSource"),
        wrong("no uid", STRANGER, publish(Data::None), "Custom 10"),
        wrong("sealed, which is not possible yet", 10, publish(sealed), "TimelockUnavailable"),
        wrong("without a proof", 5, Session::set_keys { keys, proof: Vec::new() }, "InvalidProof"),
        wrong("without keys", STRANGER, Session::purge_keys {}, "NoKeys"),
        by_root("nobody", swap(Vec::new()), "NoAuthorities"),
        by_root("whose keys nobody stored", swap(vec![stranger]), "KeysNotSet"),
    ];
    rows.extend(money(of));
    rows.extend(session_keys(of));
    rows
}

/// Session keys that coldkey 5 may not use: without its own proof, or because the authority of genesis has one of them.
fn session_keys(of: &Accounts) -> Vec<Wrong> {
    let (own, other) = (Officer::of_actor(of.0.cast.actor(5)), Officer::of_genesis());
    let owned_by = |officer: &Officer| officer.proof_for(&of.cold(5));
    let of_aura = owned_by(&own)[..64].to_vec();
    let mixed = SessionKeys { grandpa: other.keys().grandpa, ..own.keys() };
    let mixed_proof = [&of_aura[..], &owned_by(&other)[64..]].concat();
    let store = |keys, proof| Session::set_keys { keys, proof };
    vec![
        wrong("proved for another", 5, store(own.keys(), own.proof_for(&of.cold(6))), "InvalidProof"),
        wrong("proved by another", 5, store(own.keys(), owned_by(&other)), "InvalidProof"),
        wrong("with half of the proof", 5, store(own.keys(), of_aura), "InvalidProof"),
        wrong("of another", 5, store(other.keys(), owned_by(&other)), "DuplicatedKey"),
        wrong("with a key of another", 5, store(mixed, mixed_proof), "DuplicatedKey"),
    ]
}

fn money(of: &Accounts) -> Vec<Wrong> {
    let to = || of.cold(1).into();
    let (whole, all) = (1_000_000 * TAO, u64::MAX);
    let who = of.cold(5);
    let force = |value| Balances::force_transfer { source: of.hot(30).into(), dest: to(), value };
    let set = || Balances::force_set_balance { who: who.clone().into(), new_free: all };
    let adjust =
        || Balances::force_adjust_total_issuance { direction: AdjustmentDirection::Increase, delta: 1 };
    let free = || Balances::force_unreserve { who: who.clone().into(), amount: 1 };
    let burn = || Balances::burn { value: TAO, keep_alive: true };
    let keep_alive = |value| Balances::transfer_keep_alive { dest: to(), value };
    let allow_death = |value| Balances::transfer_allow_death { dest: to(), value };
    vec![
        wrong("more than there is", POOR, keep_alive(whole), "Token"),
        wrong("maximum", STRANGER, keep_alive(all), "Arithmetic"),
        wrong("more than there is", POOR, allow_death(whole), "Token"),
        wrong("maximum", STRANGER, allow_death(all), "Arithmetic"),
        by_root("more than there is", force(whole), "Token"),
        wrong("closed", 5, free(), "Invalid(Call)"),
        by_root("closed", free(), "Invalid(Call)"),
        wrong("closed", 5, burn(), "Invalid(Call)"),
        by_root("closed", burn(), "Invalid(Call)"),
        wrong("closed", 5, set(), "Invalid(Call)"),
        by_root("closed", set(), "Invalid(Call)"),
        wrong("closed", 5, adjust(), "Invalid(Call)"),
        by_root("closed", adjust(), "Invalid(Call)"),
    ]
}

/// A report about a miner that names a block that never was.
fn invented(miner: [u8; 32]) -> EquivocationReport {
    let answer =
        SaidAnswer { request_hash: [0; 32], answer_hash: [0; 32], model_id: [0; 32], signature: [0; 64] };
    EquivocationReport {
        epoch: 1,
        round: 1,
        audience: ChallengeAudience::Round,
        source_block: 1,
        source_hash: [9; 32],
        seed_signer: [0; 32],
        seed_output: [0; 32],
        task: 0,
        committed: false,
        validator: [0; 32],
        miner,
        answers: [answer; 2],
    }
}
