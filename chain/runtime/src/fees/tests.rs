//! Payers, means and receivers of fees. Every story goes through the extensions of the runtime.

use super::*;
use crate::{
    constants::TAO,
    genesis::{
        self,
        keys::{ALICE, ALICE_HOTKEY, AUTHORITIES, BOB, DAVE},
    },
    profile, RuntimeCall, RuntimeEvent, RuntimeOrigin, Swap, System, TxExtension,
};
use codec::Encode;
use frame_support::{
    assert_ok,
    dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo, Pays, PostDispatchInfo},
    traits::{fungible::Inspect, Get, Hooks},
};
use myelin_governance::Multiplier;
use myelin_units::NetUid;
use pallet_myelin_governance::Call as Governance;
use pallet_network::{stake::StakeLedger, Call as Network, Event as NetworkEvent};
use proptest::prelude::*;
use sp_runtime::{
    testing::{Digest, DigestItem},
    traits::{DispatchTransaction, Dispatchable},
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
    ApplyExtrinsicResultWithInfo,
};

/// The subnet of genesis, opened for trade.
const SUBNET: NetUid = 1;
/// Balance that an account must keep, in rao.
const KEPT: Balance = crate::constants::EXISTENTIAL_DEPOSIT;
/// Length of transactions in these stories, in bytes.
const LENGTH: usize = 150;

fn on_chain(story: impl FnOnce()) {
    let storage = genesis::storage("development").expect("the preset exists").expect("it fits the pallets");
    tell(&mut sp_io::TestExternalities::new(storage), story);
}

fn tell(chain: &mut sp_io::TestExternalities, story: impl FnOnce()) {
    chain.execute_with(|| {
        let slot = sp_consensus_aura::Slot::from(1).encode();
        let digest = Digest { logs: vec![DigestItem::PreRuntime(sp_consensus_aura::AURA_ENGINE_ID, slot)] };
        System::initialize(&1, &Default::default(), &digest);
        pallet_network::SubtokenEnabled::<Runtime>::insert(SUBNET, true);
        let owns = RuntimeCall::from(Network::try_associate_hotkey { hotkey: ALICE_HOTKEY.id() });
        assert_ok!(owns.dispatch(RuntimeOrigin::signed(ALICE.id())));
        story();
        check_invariants();
    });
}

/// Not a rao more or less than before.
fn check_invariants() {
    if let Err(violation) = pallet_network::invariants::check_all::<Runtime>() {
        panic!("an invariant is broken: {violation:?}");
    }
    let held: u128 = frame_system::Account::<Runtime>::iter_values()
        .map(|account| u128::from(account.data.free) + u128::from(account.data.reserved))
        .sum();
    assert_eq!(held, u128::from(Balances::total_issuance()), "TAO on no account");
}

fn extension(who: &AccountId, tip: Balance) -> TxExtension {
    crate::signing::extension(System::account_nonce(who), tip)
}

fn info(who: &AccountId, call: &RuntimeCall) -> DispatchInfo {
    use sp_runtime::traits::TransactionExtension;
    let mut info = call.get_dispatch_info();
    info.extension_weight = extension(who, 0).weight(call);
    info
}

/// The transaction is tried in a block.
fn send(who: &AccountId, call: RuntimeCall, tip: Balance) -> ApplyExtrinsicResultWithInfo<PostDispatchInfo> {
    let info = info(who, &call);
    extension(who, tip).dispatch_transaction(RuntimeOrigin::signed(who.clone()), call, &info, LENGTH, 0)
}

/// Whether the transaction would enter a block.
fn enters(who: &AccountId, call: &RuntimeCall) -> Result<(), TransactionValidityError> {
    let info = info(who, call);
    extension(who, 0)
        .validate_only(
            RuntimeOrigin::signed(who.clone()),
            call,
            &info,
            LENGTH,
            TransactionSource::External,
            0,
        )
        .map(|_| ())
}

/// The fee of a call as it is declared.
fn fee_of(who: &AccountId, call: &RuntimeCall) -> Balance {
    crate::TransactionPayment::compute_fee(LENGTH as u32, &info(who, call), 0)
}

/// The final fee of a successful call of this kind: for the work done.
fn kept_of(info: &DispatchInfo, outcome: ApplyExtrinsicResultWithInfo<PostDispatchInfo>) -> Balance {
    let done = outcome.expect("it enters the block").expect("it succeeds");
    crate::TransactionPayment::compute_actual_fee(LENGTH as u32, info, &done, 0)
}

fn author() -> AccountId {
    AUTHORITIES[0].account.id()
}

fn free(who: &AccountId) -> Balance {
    Balances::balance(who)
}

fn alpha(netuid: NetUid) -> u64 {
    StakeLedger::<Runtime>::alpha_of(&ALICE_HOTKEY.id(), &DAVE.id(), netuid).to_rao()
}

/// Dave stakes an amount, in rao.
fn stake(netuid: NetUid, amount: Balance) {
    let call = Network::add_stake { hotkey: ALICE_HOTKEY.id(), netuid, amount_staked: amount.into() };
    assert_ok!(RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(DAVE.id())));
    // Later orders are of another block.
    Swap::on_finalize(System::block_number());
}

/// Dave gives away all TAO except the balance that keeps his account open.
fn spend_all() {
    spend(free(&DAVE.id()) - KEPT);
}

fn spend(value: Balance) {
    let gift = pallet_balances::Call::transfer_keep_alive { dest: BOB.id().into(), value };
    assert_ok!(RuntimeCall::from(gift).dispatch(RuntimeOrigin::signed(DAVE.id())));
}

fn unstake(netuid: NetUid, alpha: u64) -> RuntimeCall {
    Network::remove_stake { hotkey: ALICE_HOTKEY.id(), netuid, amount_unstaked: alpha.into() }.into()
}

/// The last fee from stake: alpha sold, TAO paid.
fn paid_from_stake() -> Option<(u64, Balance)> {
    System::events().into_iter().rev().find_map(|record| match record.event {
        RuntimeEvent::SubtensorModule(NetworkEvent::TransactionFeePaidWithAlpha {
            alpha_fee,
            tao_amount,
            ..
        }) => Some((alpha_fee.to_rao(), tao_amount.to_rao())),
        _ => None,
    })
}

fn no_payment() -> Result<(), TransactionValidityError> {
    Err(InvalidTransaction::Payment.into())
}

fn by_root(call: Network<Runtime>) {
    assert_ok!(RuntimeCall::from(call).dispatch(RuntimeOrigin::root()));
}

#[test]
fn fees_follow_the_prices_that_root_sets() {
    on_chain(|| {
        let gift = pallet_balances::Call::transfer_keep_alive { dest: BOB.id().into(), value: 1 };
        let (call, length) = (RuntimeCall::from(gift), LENGTH as Balance);
        let first = fee_of(&DAVE.id(), &call);
        by_root(Network::sudo_set_fee_per_byte { rao: 3 });
        assert_eq!(fee_of(&DAVE.id(), &call), first + 2 * length);
        by_root(Network::sudo_set_fee_weight_per_rao { weight: 200 });
        // The fee of any transaction and that of the call are rounded down, each for itself.
        let (declared, tenfold) = (fee_of(&DAVE.id(), &call), 10 * (first - length) + 3 * length);
        assert!((tenfold..tenfold + 20).contains(&declared), "{declared} is not {tenfold}");
        let (info, earned) = (info(&DAVE.id(), &call), free(&author()));
        let fee = kept_of(&info, send(&DAVE.id(), call, 0));
        assert!(fee > first && fee <= declared, "{fee} of {declared}");
        assert_eq!(free(&author()), earned + fee);
    });
}

/// The reasons for the ranges of both prices.
#[test]
fn no_price_fills_blocks_for_nothing_or_keeps_holders_from_voting() {
    let storage =
        genesis::storage("development-12s").expect("the preset exists").expect("it fits the pallets");
    tell(&mut sp_io::TestExternalities::new(storage), || {
        by_root(Network::sudo_set_fee_weight_per_rao { weight: fees::MOST_WEIGHT_PER_RAO });
        let limits = profile::BlockLimits::get();
        let ordinary = limits.get(DispatchClass::Normal).max_total.expect("ordinary calls have a limit");
        assert!(WeightFee::weight_to_fee(&ordinary) >= TAO / 4);
        by_root(Network::sudo_set_fee_weight_per_rao { weight: fees::LEAST_WEIGHT_PER_RAO });
        by_root(Network::sudo_set_fee_per_byte { rao: fees::MOST_RAO_PER_BYTE });
        let vote = Governance::vote { poll: 0, aye: true, multiplier: Multiplier::One };
        let fee = fee_of(&ALICE.id(), &vote.into());
        assert!(fee < TAO, "{fee} rao");
    });
}

#[test]
fn who_has_tao_pays_with_it() {
    on_chain(|| {
        stake(SUBNET, 2_000_000_000);
        let (held, earned) = (alpha(SUBNET), free(&author()));
        let call = unstake(SUBNET, 1_000_000_000);
        let (declared, info) = (fee_of(&DAVE.id(), &call), info(&DAVE.id(), &call));
        let fee = kept_of(&info, send(&DAVE.id(), call, 7));
        assert_eq!(alpha(SUBNET), held - 1_000_000_000);
        assert!(fee < declared, "it declares more than it may turn out to be");
        assert!(free(&author()) >= earned + fee + 7, "the fee, the tip, and the fee of the swap");
        assert_eq!(paid_from_stake(), None);
    });
}

#[test]
fn who_has_only_stake_pays_with_what_it_moves() {
    on_chain(|| {
        stake(SUBNET, 2_000_000_000);
        spend_all();
        let (held, earned) = (alpha(SUBNET), free(&author()));
        let call = unstake(SUBNET, 1_000_000_000);
        let fee = fee_of(&DAVE.id(), &call);
        assert_eq!(enters(&DAVE.id(), &call), Ok(()));
        let info = info(&DAVE.id(), &call);
        let kept = kept_of(&info, send(&DAVE.id(), call, 0));
        let (sold, brought) = paid_from_stake().expect("there was no TAO to pay with");
        assert_eq!(alpha(SUBNET), held - 1_000_000_000 - sold);
        assert!(brought <= fee && brought > fee - fee / 100, "{brought} of a fee of {fee}");
        assert!(free(&author()) >= earned + kept);
        assert!(free(&DAVE.id()) > KEPT, "what was unstaked has arrived");
    });
}

#[test]
fn root_stake_pays_one_to_one() {
    on_chain(|| {
        stake(0, 2_000_000_000);
        spend_all();
        let (held, earned) = (alpha(0), free(&author()));
        let call = unstake(0, 1_000_000_000);
        let fee = fee_of(&DAVE.id(), &call);
        let info = info(&DAVE.id(), &call);
        let kept = kept_of(&info, send(&DAVE.id(), call, 0));
        assert_eq!(paid_from_stake(), Some((fee, fee)));
        assert_eq!(alpha(0), held - 1_000_000_000 - fee);
        assert_eq!(free(&author()), earned + kept);
        assert_eq!(free(&DAVE.id()), KEPT + 1_000_000_000 + fee - kept);
    });
}

#[test]
fn a_free_call_is_paid_only_where_it_fails() {
    on_chain(|| {
        pallet_network::CommitRevealWeightsEnabled::<Runtime>::insert(SUBNET, false);
        pallet_network::WeightsSetRateLimit::<Runtime>::insert(SUBNET, 0);
        let neuron = ALICE_HOTKEY.id();
        let register = RuntimeCall::from(Network::burned_register { netuid: SUBNET, hotkey: neuron.clone() });
        assert_ok!(register.dispatch(RuntimeOrigin::signed(ALICE.id())));
        let towards = |uid: u16| {
            let (dests, weights) = (vec![uid], vec![1]);
            RuntimeCall::from(Network::set_weights { netuid: SUBNET, dests, weights, version_key: 0 })
        };
        let nobody = towards(99);
        let refused = Err(InvalidTransaction::Custom(255).into());
        assert_eq!(enters(&neuron, &nobody), refused, "who can't pay hears no name");
        let gift_of = |value| {
            let gift = pallet_balances::Call::transfer_keep_alive { dest: neuron.clone().into(), value };
            RuntimeCall::from(gift)
        };
        assert_ok!(gift_of(1 << 30).dispatch(RuntimeOrigin::signed(DAVE.id())));
        let (held, earned) = (free(&neuron), free(&author()));
        assert_eq!(enters(&neuron, &nobody), Ok(()));
        let paying = DispatchInfo { pays_fee: Pays::Yes, ..info(&neuron, &nobody) };
        let fee = crate::TransactionPayment::compute_fee(LENGTH as u32, &paying, 0);
        let failed = send(&neuron, nobody, 0).expect("it enters the block").expect_err("it fails");
        assert_eq!(failed.error, pallet_network::Error::<Runtime>::NeuronNoValidatorPermit.into());
        assert_eq!((free(&neuron), free(&author())), (held - fee, earned + fee));
        let told = pallet_transaction_payment::Event::TransactionFeePaid {
            who: neuron.clone(),
            actual_fee: fee,
            tip: 0,
        };
        let fees = |record: &frame_system::EventRecord<RuntimeEvent, crate::Hash>| {
            matches!(record.event, RuntimeEvent::TransactionPayment(_))
        };
        let last = System::events().into_iter().rev().find(fees).map(|record| record.event);
        assert_eq!(last, Some(told.into()), "clients go by the last");

        // A tip that leaves less than the fee does not keep a transaction out of blocks.
        let tip = free(&neuron) - KEPT - fee / 2;
        let tipped = towards(99);
        send(&neuron, tipped, tip).expect("it enters the block").expect_err("it fails");
        assert_eq!(free(&neuron), KEPT);
        assert_ok!(gift_of(1 << 30).dispatch(RuntimeOrigin::signed(DAVE.id())));
        let (held, earned) = (free(&neuron) + fee, free(&author()) - fee);

        // A neuron without a permit may still set weights for itself.
        let own = pallet_network::Uids::<Runtime>::get(SUBNET, &neuron).expect("it is registered");
        send(&neuron, towards(own), 0).expect("it enters the block").expect("it is right");
        assert_eq!((free(&neuron), free(&author())), (held - fee, earned + fee));
    });
}

#[test]
fn a_call_that_fails_is_paid_too() {
    on_chain(|| {
        stake(SUBNET, 2_000_000_000);
        spend_all();
        pallet_network::TransferToggle::<Runtime>::insert(SUBNET, false);
        let held = alpha(SUBNET);
        let call = Network::transfer_stake {
            destination_coldkey: BOB.id(),
            hotkey: ALICE_HOTKEY.id(),
            origin_netuid: SUBNET,
            destination_netuid: SUBNET,
            alpha_amount: 1_000_000_000.into(),
        };
        let outcome = send(&DAVE.id(), call.into(), 0).expect("it enters the block");
        assert!(outcome.is_err());
        let (sold, _) = paid_from_stake().expect("there was no TAO to pay with");
        assert_eq!(alpha(SUBNET), held - sold);
    });
}

#[test]
fn who_can_not_pay_stays_out() {
    on_chain(|| {
        stake(SUBNET, 2_000_000_000);
        spend_all();
        let who = DAVE.id();
        // More than the worth of the stake.
        let tip = 3_000_000_000;
        assert_eq!(send(&who, unstake(SUBNET, 1), tip).map(|_| ()), no_payment());
        // Stake of somebody else, or none.
        let elsewhere = Network::remove_stake { hotkey: BOB.id(), netuid: SUBNET, amount_unstaked: 1.into() };
        assert_eq!(enters(&who, &elsewhere.into()), no_payment());
        assert_eq!(enters(&who, &unstake(0, 1)), no_payment());
        assert_eq!(enters(&who, &unstake(99, 1)), no_payment());
        // Calls that take no stake, and calls in which one is wrapped.
        let more = Network::add_stake { hotkey: ALICE_HOTKEY.id(), netuid: SUBNET, amount_staked: 1.into() };
        assert_eq!(enters(&who, &more.into()), no_payment());
        let batch = pallet_utility::Call::batch_all { calls: vec![unstake(SUBNET, 1)] };
        assert_eq!(enters(&who, &batch.into()), no_payment());
        // Stake that can't be sold now.
        assert_eq!(enters(&who, &unstake(SUBNET, 1)), Ok(()));
        pallet_network::SubtokenEnabled::<Runtime>::insert(SUBNET, false);
        assert_eq!(enters(&who, &unstake(SUBNET, 1)), no_payment());
    });
}

#[test]
fn unstaking_everywhere_is_paid_from_stake_only_if_it_is_on_one_subnet() {
    on_chain(|| {
        stake(SUBNET, 2_000_000_000);
        stake(0, 2_000_000_000);
        spend_all();
        let all = || RuntimeCall::from(Network::unstake_all { hotkey: ALICE_HOTKEY.id() });
        assert_eq!(enters(&DAVE.id(), &all()), no_payment());
        assert_ok!(send(&DAVE.id(), unstake(0, u64::MAX), 0).expect("it enters the block"));
        assert_eq!(alpha(0), 0);
        spend_all();
        assert_ok!(send(&DAVE.id(), all(), 0).expect("it enters the block"));
        assert_eq!(alpha(SUBNET), 0);
        assert!(free(&DAVE.id()) > 1_000_000_000);
    });
}

/// Number of state nodes that are read to refuse a call of Dave. He has no TAO, root stake on one hotkey, and stake on
/// it and this many others on one subnet, all of it locked.
fn read_to_refuse(others: u8, call: &RuntimeCall) -> usize {
    let storage = genesis::storage("development").expect("the preset exists").expect("it fits the pallets");
    let mut chain = sp_io::TestExternalities::new(storage);
    tell(&mut chain, || {
        stake(0, 2_000_000_000);
        stake(SUBNET, 100_000_000);
        for i in 0..others {
            let mut hotkey = [7; 32];
            hotkey[0] = i;
            let hotkey = AccountId::from(hotkey);
            let own = Network::try_associate_hotkey { hotkey: hotkey.clone() };
            assert_ok!(RuntimeCall::from(own).dispatch(RuntimeOrigin::signed(DAVE.id())));
            let more = Network::add_stake { hotkey, netuid: SUBNET, amount_staked: 10_000_000.into() };
            assert_ok!(RuntimeCall::from(more).dispatch(RuntimeOrigin::signed(DAVE.id())));
        }
        let amount = StakeLedger::<Runtime>::total_of(&DAVE.id(), SUBNET);
        let lock = Network::lock_stake { hotkey: ALICE_HOTKEY.id(), netuid: SUBNET, amount };
        assert_ok!(RuntimeCall::from(lock).dispatch(RuntimeOrigin::signed(DAVE.id())));
        spend_all();
    });
    chain.commit_all().expect("nothing is open");
    let (refused, proof) = chain.execute_and_prove(|| enters(&DAVE.id(), call));
    assert_eq!(refused, no_payment());
    proof.iter_nodes().count()
}

#[test]
fn refusing_a_fee_from_stake_takes_a_glance_however_much_is_locked() {
    let all = Network::unstake_all { hotkey: ALICE_HOTKEY.id() }.into();
    for call in [unstake(SUBNET, 1_000), all] {
        let (few, many) = (read_to_refuse(3, &call), read_to_refuse(120, &call));
        assert!(many < few + 60, "{many} nodes with 120 hotkeys, {few} with three: {call:?}");
    }
}

#[test]
fn what_was_taken_beyond_the_final_fee_comes_back() {
    on_chain(|| {
        stake(0, 2_000_000_000);
        spend_all();
        let all = RuntimeCall::from(Network::unstake_all { hotkey: ALICE_HOTKEY.id() });
        // Declared for many sales, and only one is made.
        pallet_network::TotalNetworks::<Runtime>::mutate(|count| *count += 20);
        let earned = free(&author());
        assert_ok!(send(&DAVE.id(), all, 0).expect("it enters the block"));
        pallet_network::TotalNetworks::<Runtime>::mutate(|count| *count -= 20);
        let (_, taken) = paid_from_stake().expect("there was no TAO to pay with");
        let kept = free(&author()) - earned;
        assert!(kept < taken, "{kept} of {taken}");
        assert_eq!(free(&DAVE.id()), KEPT + 2_000_000_000 - kept, "every rao is with one of them");
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..Default::default() })]

    #[test]
    fn what_enters_can_be_paid_and_no_rao_is_lost(
        staked in 3_000_000u64..9_000_000_000,
        wanted in 0u64..9_000_000_000,
        left in 0u64..3_000_000,
        tip in prop_oneof![Just(0u64), 0..20_000_000_000u64],
        root in any::<bool>(),
    ) {
        on_chain(|| {
            let netuid = if root { 0 } else { SUBNET };
            stake(netuid, staked);
            spend(free(&DAVE.id()) - KEPT - left);
            let call = unstake(netuid, wanted);
            let info = info(&DAVE.id(), &call);
            let origin = RuntimeOrigin::signed(DAVE.id());
            let valid = extension(&DAVE.id(), tip)
                .validate_only(origin, &call, &info, LENGTH, TransactionSource::External, 0)
                .is_ok();
            assert_eq!(send(&DAVE.id(), call, tip).is_ok(), valid);
        });
    }
}
