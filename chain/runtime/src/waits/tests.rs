//! For every call that can come too early: it is refused by its name, and the block in which it succeeds is predicted.
//! It is refused in the block before, and succeeds in that one.

use codec::Encode;
use frame_support::{
    assert_ok,
    traits::{Get, Hooks},
};
use myelin_abi::RubricSource;
use myelin_economy::params::{ACTIONS, NETWORK, SUBNET};
use myelin_governance::{grant::Milestone, Asset, Kind};
use myelin_units::{NetUid, TaoBalance, ROOT};
use pallet_admin_utils::Call as Admin;
use pallet_myelin_collateral::Call as Collateral;
use pallet_myelin_election::{rules, Call as Elections, Candidacies};
use pallet_myelin_governance::{Call as Governance, Committee};
use pallet_network::{
    subnets::{Hyperparameters, SubnetRegistry},
    weights::WeightLedger,
    AdminFreezeWindow, Burn, BurnHalfLife, Call as Network, LastEpochBlock, NetworkImmunityPeriod,
    NetworkLockReductionInterval, NetworkMinLockCost, NetworkRateLimit, NetworkRegistrationStartBlock,
    RubricNotice, StartCallDelay, SubnetLimit, TxDelegateTakeRateLimit,
};
use sp_runtime::{traits::Dispatchable, DispatchError};

use super::allowed_at;
use crate::{
    genesis::{
        self,
        keys::{ALICE, BOB, CHARLIE},
    },
    governance::TreasuryAccount,
    AccountId, Runtime, RuntimeCall, RuntimeOrigin, SubtensorModule, Swap, System,
};

const TAO: u64 = 1_000_000_000;
/// Errors of a call that comes too early and whose last wait may differ from its first.
const OWNERS_WAIT: &[&str] = &["TxRateLimitExceeded", "AdminActionProhibitedDuringWeightsWindow"];

fn on_chain(story: fn()) {
    let storage = genesis::storage("development").expect("the preset exists").expect("it fits the pallets");
    sp_io::TestExternalities::new(storage).execute_with(|| {
        System::set_block_number(5);
        // Blocks of these tests have no author.
        pallet_myelin_beacon::StrictFrom::<Runtime>::kill();
        NetworkRateLimit::<Runtime>::put(0);
        story();
    });
}

/// Runs blocks. A long time in which no epoch comes is skipped.
fn run_to(block: u64) {
    let block = u32::try_from(block).expect("blocks are numbered by 32 bits");
    if block - System::block_number() > 2_000 {
        System::set_block_number(block - 1);
    }
    while System::block_number() < block {
        Swap::on_finalize(System::block_number());
        crate::Beacon::on_finalize(System::block_number());
        System::set_block_number(System::block_number() + 1);
        SubtensorModule::on_initialize(System::block_number());
    }
}

fn now() -> u64 {
    System::block_number().into()
}

fn hotkey(i: u8) -> AccountId {
    AccountId::from([i; 32])
}

/// The name of the refusal: of the pool for calls that are free, or of the call itself.
fn attempt(signer: &AccountId, call: &RuntimeCall) -> Result<(), String> {
    if let RuntimeCall::SubtensorModule(
        batch @ (Network::batch_set_weights { .. }
        | Network::batch_commit_weights { .. }
        | Network::batch_reveal_weights { .. }),
    ) = call
    {
        // Items of a batch are refused one by one in a block; the pool refuses the batch.
        pallet_network::extension::check::<Runtime>(signer, batch)
            .map_err(|refusal| format!("{refusal:?}"))?;
    }
    match call.clone().dispatch(RuntimeOrigin::signed(signer.clone())) {
        Ok(_) => Ok(()),
        Err(refused) => Err(match refused.error {
            DispatchError::Module(error) => error.message.expect("errors have names here").into(),
            other => format!("{other:?}"),
        }),
    }
}

fn does(signer: &AccountId, call: impl Into<RuntimeCall>) {
    let call = call.into();
    assert_eq!(attempt(signer, &call), Ok(()), "{call:?} at block {}", now());
}

/// The call is too early now with the first of these errors, and until the predicted block with one of them.
#[track_caller]
fn opens(signer: &AccountId, call: impl Into<RuntimeCall>, errors: &[&str]) {
    let call = call.into();
    assert_eq!(attempt(signer, &call), Err(errors[0].into()), "{call:?} now");
    let first = allowed_at(signer, &call).expect("a block is known");
    assert!(first > now(), "{call:?} has to wait");
    run_to(first - 1);
    let refused = attempt(signer, &call).expect_err("a block too early");
    assert!(errors.contains(&refused.as_str()), "{call:?} is refused by {refused}");
    assert_eq!(allowed_at(signer, &call), Some(first), "{call:?}");
    run_to(first);
    assert_eq!(allowed_at(signer, &call), Some(first), "{call:?}");
    does(signer, call);
}

/// Alice's subnet without epochs, with Bob's hotkey 10 under uid 1.
fn subnet() -> NetUid {
    does(&ALICE.id(), Network::register_network { hotkey: hotkey(1) });
    let netuid = 2;
    Hyperparameters::<Runtime>::set_tempo(netuid, 0);
    Burn::<Runtime>::insert(netuid, TaoBalance::from_rao(TAO));
    does(&BOB.id(), Network::burned_register { netuid, hotkey: hotkey(10) });
    netuid
}

/// The same with epochs every ten blocks.
fn subnet_with_epochs() -> NetUid {
    let netuid = subnet();
    Hyperparameters::<Runtime>::set_tempo(netuid, 10);
    LastEpochBlock::<Runtime>::insert(netuid, now());
    netuid
}

/// The same with epochs every hundred blocks, the usual case of owners.
fn owned() -> NetUid {
    let netuid = subnet();
    Hyperparameters::<Runtime>::set_tempo(netuid, 100);
    Hyperparameters::<Runtime>::set_commit_reveal(netuid, false);
    LastEpochBlock::<Runtime>::insert(netuid, now());
    netuid
}

/// Bob's candidate.
fn pledged() -> AccountId {
    let hotkey = hotkey(10);
    subnet();
    let pledge = rules::<Runtime>().least_pledge;
    does(&BOB.id(), Elections::join { hotkey: hotkey.clone(), pledge });
    hotkey
}

/// A subnet on which weights are set in the clear, every 20 blocks.
fn open_weights() -> NetUid {
    let netuid = subnet();
    Hyperparameters::<Runtime>::set_commit_reveal(netuid, false);
    Hyperparameters::<Runtime>::set_weights_rate_limit(netuid, 20);
    netuid
}

fn hash_of(netuid: NetUid, value: u16) -> crate::Hash {
    WeightLedger::<Runtime>::commit_hash(&hotkey(10), netuid, &[1], &[value], &[7], 0)
}

/// A commit of a hotkey to a weight for itself, which is always allowed.
fn commit(netuid: NetUid, value: u16) -> Network<Runtime> {
    Network::commit_weights { netuid, commit_hash: hash_of(netuid, value) }
}

fn committed() -> NetUid {
    let netuid = subnet_with_epochs();
    Hyperparameters::<Runtime>::set_weights_rate_limit(netuid, 0);
    does(&hotkey(10), commit(netuid, 3));
    netuid
}

/// 8.8.8.8
const IP: u128 = 134_744_072;

fn axon(netuid: NetUid) -> Network<Runtime> {
    let (version, port, ip_type, protocol) = (9, 8091, 4, 4);
    Network::serve_axon { netuid, version, ip: IP, port, ip_type, protocol, placeholder1: 0, placeholder2: 0 }
}

fn in_the_freeze_window(netuid: NetUid) {
    run_to(LastEpochBlock::<Runtime>::get(netuid) + 95);
    assert!(AdminFreezeWindow::<Runtime>::get() > 5);
}

/// A call of one of our pallets, and its wait.
type Story = (&'static str, fn());

const STORIES: &[Story] = &[
    ("SubtensorModule.set_weights", || {
        let netuid = open_weights();
        let call = Network::set_weights { netuid, dests: vec![1], weights: vec![1], version_key: 0 };
        opens(&hotkey(10), call, &["SettingWeightsTooFast"]);
    }),
    ("SubtensorModule.set_mechanism_weights", || {
        let netuid = open_weights();
        let (dests, weights) = (vec![1], vec![1]);
        let call = Network::set_mechanism_weights { netuid, mecid: 0, dests, weights, version_key: 0 };
        opens(&hotkey(10), call, &["SettingWeightsTooFast"]);
    }),
    ("SubtensorModule.batch_set_weights", || {
        let netuid = open_weights();
        let weights = vec![vec![(1u16.into(), 1u16.into())]];
        let (netuids, version_keys) = (vec![netuid.into()], vec![0u64.into()]);
        let call = Network::batch_set_weights { netuids, weights, version_keys };
        opens(&hotkey(10), call, &["RateLimitExceeded"]);
    }),
    ("SubtensorModule.commit_weights", || {
        let netuid = subnet_with_epochs();
        Hyperparameters::<Runtime>::set_weights_rate_limit(netuid, 20);
        opens(&hotkey(10), commit(netuid, 1), &["CommittingWeightsTooFast"]);
        Hyperparameters::<Runtime>::set_weights_rate_limit(netuid, 0);
        (2..11).for_each(|value| does(&hotkey(10), commit(netuid, value)));
        opens(&hotkey(10), commit(netuid, 11), &["TooManyUnrevealedCommits"]);
    }),
    ("SubtensorModule.commit_mechanism_weights", || {
        let netuid = subnet_with_epochs();
        Hyperparameters::<Runtime>::set_weights_rate_limit(netuid, 20);
        let call = Network::commit_mechanism_weights { netuid, mecid: 0, commit_hash: hash_of(netuid, 1) };
        opens(&hotkey(10), call, &["CommittingWeightsTooFast"]);
    }),
    ("SubtensorModule.commit_proven_weights", || {
        let netuid = subnet_with_epochs();
        Hyperparameters::<Runtime>::set_weights_rate_limit(netuid, 20);
        let (commit_hash, root) = (hash_of(netuid, 1), [1; 32]);
        let call = Network::commit_proven_weights { netuid, mecid: 0, commit_hash, root };
        opens(&hotkey(10), call, &["CommittingWeightsTooFast"]);
    }),
    ("SubtensorModule.batch_commit_weights", || {
        let netuid = subnet_with_epochs();
        Hyperparameters::<Runtime>::set_weights_rate_limit(netuid, 20);
        let commit_hashes = vec![hash_of(netuid, 1)];
        let call = Network::batch_commit_weights { netuids: vec![netuid.into()], commit_hashes };
        opens(&hotkey(10), call, &["RateLimitExceeded"]);
    }),
    ("SubtensorModule.reveal_weights", || {
        let netuid = committed();
        let (uids, values, salt) = (vec![1], vec![3], vec![7]);
        let call = Network::reveal_weights { netuid, uids, values, salt, version_key: 0 };
        opens(&hotkey(10), call, &["RevealTooEarly"]);
    }),
    ("SubtensorModule.reveal_mechanism_weights", || {
        let netuid = committed();
        let (uids, values, salt) = (vec![1], vec![3], vec![7]);
        let call = Network::reveal_mechanism_weights { netuid, mecid: 0, uids, values, salt, version_key: 0 };
        opens(&hotkey(10), call, &["RevealTooEarly"]);
    }),
    ("SubtensorModule.reveal_proven_weights", || {
        let netuid = subnet_with_epochs();
        Hyperparameters::<Runtime>::set_weights_rate_limit(netuid, 0);
        let (commit_hash, root) = (hash_of(netuid, 3), [1; 32]);
        does(&hotkey(10), Network::commit_proven_weights { netuid, mecid: 0, commit_hash, root });
        let (uids, values, salt, proof) = (vec![1], vec![3], vec![7], vec![]);
        let call =
            Network::reveal_proven_weights { netuid, mecid: 0, uids, values, salt, version_key: 0, proof };
        opens(&hotkey(10), call, &["RevealTooEarly"]);
    }),
    ("SubtensorModule.batch_reveal_weights", || {
        let netuid = committed();
        let (uids_list, values_list, salts_list) = (vec![vec![1]], vec![vec![3]], vec![vec![7]]);
        let version_keys = vec![0];
        let call = Network::batch_reveal_weights { netuid, uids_list, values_list, salts_list, version_keys };
        opens(&hotkey(10), call, &["CommitBlockNotInRevealRange"]);
    }),
    ("SubtensorModule.serve_axon", || {
        let netuid = subnet();
        does(&hotkey(10), axon(netuid));
        opens(&hotkey(10), axon(netuid), &["ServingRateLimitExceeded"]);
    }),
    ("SubtensorModule.serve_axon_tls", || {
        let netuid = subnet();
        does(&hotkey(10), axon(netuid));
        let (version, port, ip_type, protocol, certificate) = (9, 8091, 4, 4, vec![1, 2, 3]);
        let (placeholder1, placeholder2) = (0, 0);
        let call = Network::serve_axon_tls {
            netuid,
            version,
            ip: IP,
            port,
            ip_type,
            protocol,
            placeholder1,
            placeholder2,
            certificate,
        };
        opens(&hotkey(10), call, &["ServingRateLimitExceeded"]);
    }),
    ("SubtensorModule.serve_prometheus", || {
        let netuid = subnet();
        let call = Network::serve_prometheus { netuid, version: 9, ip: IP, port: 7091, ip_type: 4 };
        does(&hotkey(10), call.clone());
        opens(&hotkey(10), call, &["ServingRateLimitExceeded"]);
    }),
    ("SubtensorModule.increase_take", || {
        subnet();
        TxDelegateTakeRateLimit::<Runtime>::put(30);
        does(&BOB.id(), Network::decrease_take { hotkey: hotkey(10), take: 100 });
        let call = Network::increase_take { hotkey: hotkey(10), take: 200 };
        opens(&BOB.id(), call, &["DelegateTxRateLimitExceeded"]);
    }),
    ("SubtensorModule.set_children", || {
        let netuid = subnet();
        let call = Network::set_children { hotkey: hotkey(10), netuid, children: vec![] };
        does(&BOB.id(), call.clone());
        opens(&BOB.id(), call, &["TxRateLimitExceeded"]);
    }),
    ("SubtensorModule.set_childkey_take", || {
        let netuid = subnet();
        let take = |take| Network::set_childkey_take { hotkey: hotkey(10), netuid, take };
        does(&BOB.id(), take(50));
        // Lowering it needs no wait.
        assert_eq!(allowed_at(&BOB.id(), &take(5).into()), Some(now()));
        does(&BOB.id(), take(5));
        opens(&BOB.id(), take(6), &["TxChildkeyTakeRateLimitExceeded"]);
    }),
    ("SubtensorModule.swap_hotkey", || {
        let netuid = Some(subnet());
        let swap = |old, new| Network::swap_hotkey { hotkey: hotkey(old), new_hotkey: hotkey(new), netuid };
        does(&BOB.id(), swap(10, 11));
        opens(&BOB.id(), swap(11, 12), &["HotKeySwapOnSubnetIntervalNotPassed"]);
    }),
    ("SubtensorModule.swap_hotkey_v2", || {
        subnet();
        let swap = |old, new| Network::swap_hotkey_v2 {
            hotkey: hotkey(old),
            new_hotkey: hotkey(new),
            netuid: None,
            keep_stake: false,
        };
        does(&BOB.id(), swap(10, 11));
        opens(&BOB.id(), swap(11, 12), &["HotKeySwapOnSubnetIntervalNotPassed"]);
    }),
    ("SubtensorModule.root_register", || {
        let join = |i| Network::root_register { hotkey: hotkey(i) };
        does(&BOB.id(), join(20));
        opens(&BOB.id(), join(21), &["TooManyRegistrationsThisBlock"]);
        opens(&BOB.id(), join(22), &["TooManyRegistrationsThisBlock"]);
        opens(&BOB.id(), join(23), &["TooManyRegistrationsThisBlock", "TooManyRegistrationsThisInterval"]);
    }),
    ("SubtensorModule.register_network", || {
        let register = |i| Network::register_network { hotkey: hotkey(i) };
        NetworkRegistrationStartBlock::<Runtime>::put(20);
        opens(&BOB.id(), register(20), &["SubNetRegistrationDisabled"]);
        NetworkRateLimit::<Runtime>::put(30);
        opens(&BOB.id(), register(21), &["NetworkTxRateLimitExceeded"]);
        NetworkRateLimit::<Runtime>::put(0);
        SubnetLimit::<Runtime>::put(3);
        NetworkImmunityPeriod::<Runtime>::put(90);
        opens(&BOB.id(), register(22), &["SubnetLimitReached"]);
    }),
    ("SubtensorModule.register_network_with_identity", || {
        NetworkRateLimit::<Runtime>::put(30);
        does(&BOB.id(), Network::register_network { hotkey: hotkey(20) });
        let call = Network::register_network_with_identity { hotkey: hotkey(21), identity: None };
        opens(&BOB.id(), call, &["NetworkTxRateLimitExceeded"]);
    }),
    ("SubtensorModule.register_network_limit", || {
        let call =
            |limit_price| Network::register_network_limit { hotkey: hotkey(21), identity: None, limit_price };
        NetworkRateLimit::<Runtime>::put(0);
        does(&BOB.id(), Network::register_network { hotkey: hotkey(20) });
        NetworkLockReductionInterval::<Runtime>::put(100);
        let cost = SubnetRegistry::<Runtime>::lock_cost().to_rao();
        opens(&BOB.id(), call(cost / 10 * 9 + 7), &["RegistrationPriceLimitExceeded"]);
        let cheaper = allowed_at(&BOB.id(), &call(NetworkMinLockCost::<Runtime>::get().to_rao() - 1).into());
        assert_eq!(cheaper, None, "the price never falls so far");
    }),
    ("SubtensorModule.register_limit", || {
        let netuid = subnet();
        // On a fast chain the price falls only if the owner sets it so.
        BurnHalfLife::<Runtime>::insert(netuid, 360);
        let limit_price = Burn::<Runtime>::get(netuid).to_rao() / 10 * 9;
        let call = Network::register_limit { netuid, hotkey: hotkey(11), limit_price };
        opens(&BOB.id(), call, &["RegistrationPriceLimitExceeded"]);
        let cheaper = Network::register_limit { netuid, hotkey: hotkey(12), limit_price: 1 };
        assert_eq!(allowed_at(&BOB.id(), &cheaper.into()), None, "the price never falls so far");
    }),
    ("SubtensorModule.start_call", || {
        let netuid = subnet();
        StartCallDelay::<Runtime>::put(30);
        opens(&ALICE.id(), Network::start_call { netuid }, &["NeedWaitingMoreBlocksToStarCall"]);
    }),
    ("SubtensorModule.set_tempo", || {
        let netuid = owned();
        does(&ALICE.id(), Network::set_tempo { netuid, tempo: 360 });
        opens(&ALICE.id(), Network::set_tempo { netuid, tempo: 400 }, OWNERS_WAIT);
    }),
    ("SubtensorModule.set_activity_cutoff_factor", || {
        let netuid = owned();
        let set = |factor_milli| Network::set_activity_cutoff_factor { netuid, factor_milli };
        does(&ALICE.id(), set(2_000));
        opens(&ALICE.id(), set(3_000), OWNERS_WAIT);
    }),
    ("SubtensorModule.sudo_set_root_claim_threshold", || {
        let netuid = owned();
        in_the_freeze_window(netuid);
        let call = Network::sudo_set_root_claim_threshold { netuid, new_value: 7 };
        opens(&ALICE.id(), call, &["AdminActionProhibitedDuringWeightsWindow"]);
    }),
    ("SubtensorModule.announce_rubric", || {
        let netuid = owned();
        let announce =
            |seed| Network::announce_rubric { netuid, mecid: 0, rubric: RubricSource::Hash([seed; 32]) };
        assert_ok!(RuntimeCall::from(announce(7)).dispatch(RuntimeOrigin::root()));
        opens(&ALICE.id(), announce(8), &["RubricDecidedByVote", "AdminActionProhibitedDuringWeightsWindow"]);
        in_the_freeze_window(netuid);
        opens(&ALICE.id(), announce(9), &["AdminActionProhibitedDuringWeightsWindow"]);
    }),
    ("SubtensorModule.demand_evidence", || {
        let netuid = owned();
        in_the_freeze_window(netuid);
        let call = Network::demand_evidence { netuid, answers: 1, mechanisms: 1 };
        opens(&ALICE.id(), call, &["AdminActionProhibitedDuringWeightsWindow"]);
    }),
    ("SubtensorModule.announce_parent_share", || {
        let netuid = owned();
        in_the_freeze_window(netuid);
        let call = Network::announce_parent_share { netuid, share: 1 };
        opens(&ALICE.id(), call, &["AdminActionProhibitedDuringWeightsWindow"]);
    }),
    ("SubtensorModule.withdraw_rubric", || {
        let netuid = owned();
        let announce =
            |seed| Network::announce_rubric { netuid, mecid: 0, rubric: RubricSource::Hash([seed; 32]) };
        RubricNotice::<Runtime>::put(1_000);
        does(&ALICE.id(), announce(7));
        does(&ALICE.id(), announce(8));
        in_the_freeze_window(netuid);
        let call = Network::withdraw_rubric { netuid, mecid: 0 };
        opens(&ALICE.id(), call, &["AdminActionProhibitedDuringWeightsWindow"]);
    }),
    ("SubtensorModule.trigger_epoch", || {
        let netuid = owned();
        does(&ALICE.id(), Network::trigger_epoch { netuid });
        let errors = ["EpochTriggerAlreadyPending", "AutoEpochAlreadyImminent"];
        let errors = [&errors[..], OWNERS_WAIT].concat();
        opens(&ALICE.id(), Network::trigger_epoch { netuid }, &errors);
    }),
    ("Commitments.set_commitment", || {
        let netuid = subnet_with_epochs();
        pallet_commitments::MaxSpace::<Runtime>::put(150);
        let call = pallet_commitments::Call::set_commitment { netuid, info: Default::default() };
        does(&hotkey(10), call.clone());
        opens(&hotkey(10), call, &["SpaceLimitExceeded"]);
    }),
    ("Collateral.set_requirement", || {
        let netuid = owned();
        in_the_freeze_window(netuid);
        let amount = TaoBalance::from_tokens(10);
        let call = Collateral::set_requirement { netuid, amount, unbonding: 600 };
        opens(&ALICE.id(), call, &["AdminActionProhibitedDuringWeightsWindow"]);
    }),
    ("Collateral.withdraw", || {
        let (netuid, hotkey) = (owned(), hotkey(10));
        let amount = TaoBalance::from_tokens(10);
        does(&ALICE.id(), Collateral::set_requirement { netuid, amount, unbonding: 600 });
        does(
            &BOB.id(),
            Collateral::lock { netuid, hotkey: hotkey.clone(), amount, longest_unbonding: u32::MAX },
        );
        let withdraw = Collateral::withdraw { netuid, hotkey: hotkey.clone() };
        assert_eq!(allowed_at(&BOB.id(), &withdraw.clone().into()), None, "nobody asked it back");
        does(&BOB.id(), Collateral::unbond { netuid, hotkey });
        opens(&BOB.id(), withdraw, &["Staying"]);
    }),
    ("AdminUtils.sudo_set_mechanism_emission_split", || {
        let netuid = owned();
        let call = Admin::sudo_set_mechanism_emission_split { netuid, maybe_split: None };
        does(&ALICE.id(), call.clone());
        opens(&ALICE.id(), call, OWNERS_WAIT);
    }),
    ("AdminUtils.sudo_trim_to_max_allowed_uids", || {
        let netuid = owned();
        let call = Admin::sudo_trim_to_max_allowed_uids { netuid, max_n: 100 };
        does(&ALICE.id(), call.clone());
        opens(&ALICE.id(), call, OWNERS_WAIT);
    }),
    ("AdminUtils.sudo_set_sn_owner_hotkey", || {
        let netuid = subnet();
        let call = Admin::sudo_set_sn_owner_hotkey { netuid, hotkey: hotkey(1) };
        does(&ALICE.id(), call.clone());
        opens(&ALICE.id(), call, OWNERS_WAIT);
    }),
    ("Elections.withdraw", || {
        let hotkey = pledged();
        let withdraw = Elections::withdraw { hotkey: hotkey.clone() };
        assert_eq!(allowed_at(&BOB.id(), &withdraw.clone().into()), None, "nothing is on its way out");
        does(&BOB.id(), Elections::leave { hotkey });
        opens(&BOB.id(), withdraw, &["NothingFree"]);
    }),
    ("Elections.resume", || {
        let hotkey = pledged();
        Candidacies::<Runtime>::mutate_extant(&hotkey, |candidacy| {
            candidacy.jail(now(), &rules::<Runtime>())
        });
        opens(&BOB.id(), Elections::resume { hotkey }, &["InJail"]);
    }),
    ("Governance.unlock", || {
        let (asset, track) = (Asset::Free, Kind::Upgrade.id());
        does(&ALICE.id(), Governance::lock { asset, amount: TAO });
        does(&ALICE.id(), Governance::delegate { track, to: BOB.id() });
        does(&ALICE.id(), Governance::undelegate { track });
        opens(&ALICE.id(), Governance::unlock { asset, amount: TAO }, &["BoundUntilLater"]);
    }),
    ("Governance.pull_brake", || {
        Committee::<Runtime>::put(ALICE.id());
        does(&ALICE.id(), Governance::pull_brake {});
        does(&ALICE.id(), Governance::release_brake {});
        opens(&ALICE.id(), Governance::pull_brake {}, &["BrakeRests"]);
    }),
    ("Governance.pay", || {
        let dest = TreasuryAccount::get().into();
        does(&ALICE.id(), pallet_balances::Call::transfer_keep_alive { dest, value: 1_000 * TAO });
        let milestone = Milestone { amount: TaoBalance::from_rao(TAO), text: [1; 32], last: now() + 10 };
        let milestones = vec![milestone].try_into().expect("one of twelve");
        let grant = RuntimeCall::from(Governance::grant { recipient: BOB.id(), milestones });
        assert_ok!(grant.dispatch(RuntimeOrigin::root()));
        does(&BOB.id(), Governance::claim { grant: 0, report: [2; 32] });
        opens(&ALICE.id(), Governance::pay { grant: 0 }, &["ClaimWaits"]);
    }),
    ("AdminUtils.sudo_set_subnet_owner_hotkey", || {
        let netuid = subnet();
        does(&ALICE.id(), Admin::sudo_set_sn_owner_hotkey { netuid, hotkey: hotkey(1) });
        let call = Admin::sudo_set_subnet_owner_hotkey { netuid, hotkey: hotkey(1) };
        opens(&ALICE.id(), call, OWNERS_WAIT);
    }),
];

/// Calls that depend neither on their last use nor on the state of an epoch.
const NEVER_EARLY: &[&str] = &[
    "SubtensorModule.commit_answer_root",
    "SubtensorModule.attest_evidence",
    "SubtensorModule.declare_model",
    "SubtensorModule.share_pot",
    "SubtensorModule.decrease_take",
    "SubtensorModule.set_pending_childkey_cooldown",
    "SubtensorModule.sudo_set_tx_childkey_take_rate_limit",
    "SubtensorModule.sudo_set_min_childkey_take",
    "SubtensorModule.sudo_set_max_childkey_take",
    "SubtensorModule.add_stake",
    "SubtensorModule.add_stake_limit",
    "SubtensorModule.remove_stake",
    "SubtensorModule.remove_stake_limit",
    "SubtensorModule.remove_stake_full_limit",
    "SubtensorModule.unstake_all",
    "SubtensorModule.unstake_all_alpha",
    "SubtensorModule.move_stake",
    "SubtensorModule.move_stake_limit",
    "SubtensorModule.transfer_stake",
    "SubtensorModule.transfer_stake_and_hotkey",
    "SubtensorModule.transfer_stake_limit",
    "SubtensorModule.swap_stake",
    "SubtensorModule.swap_stake_limit",
    "SubtensorModule.recycle_alpha",
    "SubtensorModule.burn_alpha",
    "SubtensorModule.add_stake_burn",
    "SubtensorModule.lock_stake",
    "SubtensorModule.move_lock",
    "SubtensorModule.set_perpetual_lock",
    "SubtensorModule.set_reject_locked_alpha",
    "SubtensorModule.burned_register",
    "SubtensorModule.register",
    "SubtensorModule.root_dissolve_network",
    "SubtensorModule.set_identity",
    "SubtensorModule.set_subnet_identity",
    "SubtensorModule.try_associate_hotkey",
    "SubtensorModule.update_symbol",
    "SubtensorModule.set_coldkey_auto_stake_hotkey",
    "SubtensorModule.claim_root",
    "SubtensorModule.claim_root_with_hotkey",
    "SubtensorModule.set_root_claim_type",
    "SubtensorModule.sudo_set_num_root_claims",
    "SubtensorModule.sudo_set_rubric_notice",
    "SubtensorModule.sudo_set_proof_bar",
    "SubtensorModule.sudo_set_tao_weight",
    "SubtensorModule.sudo_set_fee_weight_per_rao",
    "SubtensorModule.sudo_set_fee_per_byte",
    "SubtensorModule.sudo_set_session_length",
    "SubtensorModule.enable_voting_power_tracking",
    "SubtensorModule.disable_voting_power_tracking",
    "SubtensorModule.sudo_set_voting_power_ema_alpha",
    "SubtensorModule.set_auto_parent_delegation_enabled",
    "Commitments.set_max_space",
    "Collateral.lock",
    "Collateral.unbond",
    "Collateral.report",
    "Provenance.publish",
    "Provenance.confirm",
    "Provenance.transfer",
    "Provenance.withdraw",
    "Provenance.dispute",
    "Provenance.answer",
    "Provenance.retract",
    "Provenance.takedown",
    "AdminUtils.sudo_set_rao_recycled",
    "AdminUtils.swap_authorities",
    "Swap.set_fee_rate",
    "Beacon.contribute",
    "Beacon.demand_contributions",
    "Elections.join",
    "Elections.pledge_more",
    "Elections.unbond",
    "Elections.leave",
    "Elections.chill",
    "Elections.set_rules",
    "Elections.switch_on",
    "Elections.switch_off",
    "Elections.report_blocks",
    "Elections.report_votes",
    "Elections.cancel_slash",
    "Governance.lock",
    "Governance.vote",
    "Governance.withdraw",
    "Governance.delegate",
    "Governance.undelegate",
    "Governance.enact",
    "Governance.delay",
    "Governance.mark",
    "Governance.release_brake",
    "Governance.set_committee",
    "Governance.spend",
    "Governance.grant",
    "Governance.stop_grant",
    "Governance.claim",
    "Governance.collect",
    "Governance.open_subnet",
];

#[test]
fn every_call_that_comes_too_early_is_told_its_block() {
    for (name, story) in STORIES {
        println!("{name}");
        on_chain(*story);
    }
}

/// Calls that set a parameter follow its row: owners wait for the cool-down and the freeze window, root for nothing.
/// Tests of the table cover each of them.
#[test]
fn every_call_of_ours_is_known_to_wait_or_not_to() {
    let of_table = |name: &str| {
        let rows = SUBNET.iter().chain(NETWORK);
        let calls = rows.flat_map(|row| row.call.into_iter().chain(row.owner_call));
        calls
            .chain(ACTIONS.iter().map(|action| action.call))
            .any(|call| call.pallet == "AdminUtils" && name == format!("{}.{}", call.pallet, call.name))
    };
    fn names<P: frame_support::traits::GetCallName>(pallet: &str) -> Vec<String> {
        P::get_call_names().iter().map(|call| format!("{pallet}.{call}")).collect()
    }
    let calls = [
        names::<Network<Runtime>>("SubtensorModule"),
        names::<Admin<Runtime>>("AdminUtils"),
        names::<Collateral<Runtime>>("Collateral"),
        names::<pallet_commitments::Call<Runtime>>("Commitments"),
        names::<pallet_myelin_provenance::Call<Runtime>>("Provenance"),
        names::<pallet_myelin_swap::Call<Runtime>>("Swap"),
        names::<pallet_myelin_beacon::Call<Runtime>>("Beacon"),
        names::<Elections<Runtime>>("Elections"),
        names::<Governance<Runtime>>("Governance"),
    ];
    let told = |name: &str| STORIES.iter().any(|(story, _)| *story == name);
    for name in calls.concat() {
        let known = [told(&name) || of_table(&name), NEVER_EARLY.contains(&name.as_str())];
        assert_eq!(known.iter().filter(|known| **known).count(), 1, "{name} waits or never does");
    }
}

#[test]
fn what_is_done_in_somebodys_name_waits_for_what_that_one_waits_for() {
    on_chain(|| {
        let netuid = subnet();
        does(&hotkey(10), axon(netuid));
        let inner = || Box::new(RuntimeCall::from(axon(netuid)));
        let opens = allowed_at(&hotkey(10), &inner());
        assert!(opens > Some(now()));
        let at = |call: RuntimeCall| allowed_at(&BOB.id(), &call);
        let real = || hotkey(10).into();
        assert_eq!(at(*inner()), Some(now()), "Bob himself has announced nothing");
        let proxy = pallet_proxy::Call::proxy { real: real(), force_proxy_type: None, call: inner() };
        assert_eq!(at(proxy.into()), opens);
        let sudo_as = pallet_sudo::Call::sudo_as { who: real(), call: inner() };
        assert_eq!(at(sudo_as.into()), opens);
        let derivative = pallet_utility::Call::as_derivative { index: 3, call: inner() };
        assert_eq!(at(derivative.into()), Some(now()));
    });
}

#[test]
fn announced_calls_of_proxies_open_after_their_delay() {
    on_chain(|| {
        let gift = pallet_balances::Call::transfer_keep_alive { dest: ALICE.id().into(), value: TAO };
        let gift = RuntimeCall::from(gift);
        let delegate = || CHARLIE.id().into();
        let kind = crate::proxy::ProxyType::Any;
        does(&BOB.id(), pallet_proxy::Call::add_proxy { delegate: delegate(), proxy_type: kind, delay: 9 });
        let call_hash = sp_io::hashing::blake2_256(&gift.encode()).into();
        does(&CHARLIE.id(), pallet_proxy::Call::announce { real: BOB.id().into(), call_hash });
        let act = pallet_proxy::Call::proxy_announced {
            delegate: delegate(),
            real: BOB.id().into(),
            force_proxy_type: None,
            call: Box::new(gift),
        };
        opens(&CHARLIE.id(), act, &["Unannounced"]);
    });
}

#[test]
fn root_needs_no_block() {
    on_chain(|| {
        let netuid = owned();
        in_the_freeze_window(netuid);
        let call = RuntimeCall::from(Admin::sudo_set_kappa { netuid, kappa: 5 });
        let sudo = RuntimeCall::from(pallet_sudo::Call::sudo { call: Box::new(call) });
        assert_eq!(allowed_at(&ALICE.id(), &sudo), Some(now()));
        assert_ok!(sudo.dispatch(RuntimeOrigin::signed(ALICE.id())));
        assert_ne!(netuid, ROOT);
    });
}
