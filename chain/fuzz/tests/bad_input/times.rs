//! Too early and too late: the named error, no change, and the predicted block is the first in which the call succeeds.

use myelin_economy::params::find;
use myelin_fuzz::{
    schema::{Kind, Schema},
    trace::attempt,
    values::Writer,
};
use myelin_runtime::{proxy::ProxyType, waits};
use pallet_commitments::types::{CommitmentInfo, Data};

use super::*;

/// Most blocks that a test waits for the predicted block.
const PATIENCE: u64 = 300;
/// Blocks of most limits in these tests.
const WAIT: u64 = 5;

/// A chain on which time passes, with the failed expectations.
struct Clock {
    world: World,
    wrong: Vec<String>,
}

impl Clock {
    fn start() -> Self {
        Self { world: opened(), wrong: Vec::new() }
    }

    fn hot(&self, i: usize) -> AccountId {
        self.world.cast.hotkeys()[i].id.clone()
    }

    fn blocks(&mut self, count: u64) {
        (0..count).for_each(|_| self.world.next_block());
    }

    /// The call succeeds, and stays.
    #[track_caller]
    fn done(&mut self, signer: usize, call: impl Into<RuntimeCall>) {
        let call = call.into();
        let title = myelin_fuzz::story::title(&call);
        assert_eq!(told(&self.world.apply(signer, &call)), "Done", "{title}");
    }

    /// Root makes the call.
    #[track_caller]
    fn root(&mut self, call: impl Into<RuntimeCall>) {
        self.done(0, sudo(call));
    }

    /// The outcome of the call now, and whether it changed the state; the call is taken back.
    fn fate(&mut self, signer: usize, call: &RuntimeCall) -> (String, bool) {
        let (outcome, changed) = attempt(&mut self.world, signer, call);
        (told(&outcome), changed)
    }

    /// The call has this error and leaves no trace.
    fn refused(&mut self, how: &str, signer: usize, call: impl Into<RuntimeCall>, error: &str) {
        let call = call.into();
        let (found, changed) = self.fate(signer, &call);
        if found != error || changed {
            let trace = if changed { ", with a trace" } else { "" };
            let title = myelin_fuzz::story::title(&call);
            self.wrong.push(format!("{title} ({how}): {found}{trace}, not {error}"));
        }
    }

    /// The call has this error, and would succeed `wait` blocks later and not before.
    fn waits(&mut self, how: &str, signer: usize, call: impl Into<RuntimeCall>, error: &str, wait: u64) {
        let call = call.into();
        self.refused(how, signer, call.clone(), error);
        self.blocks(wait - 1);
        let (soon, _) = self.fate(signer, &call);
        self.blocks(1);
        let (then, _) = self.fate(signer, &call);
        if soon == "Done" || then != "Done" {
            let title = myelin_fuzz::story::title(&call);
            self.wrong.push(format!("{title} ({how}) in {} blocks: {soon}, then {then}", wait - 1));
        }
    }

    /// [`Self::waits`] for the block that the runtime predicts.
    fn early(&mut self, how: &str, signer: usize, call: impl Into<RuntimeCall>, error: &str) {
        let call = call.into();
        let now = u64::from(self.world.block());
        let id = self.world.cast.actor(signer).id.clone();
        let first = self.world.look(|| waits::allowed_at(&id, &call));
        match first.map(|first| first.saturating_sub(now)) {
            Some(wait) if (1..=PATIENCE).contains(&wait) => self.waits(how, signer, call, error, wait),
            _ => {
                let title = myelin_fuzz::story::title(&call);
                self.wrong.push(format!("{title} ({how}): in block {now}, block {first:?} is predicted"));
            }
        }
    }

    /// [`Self::early`] for a free call: it does not enter a block, for the reason with this number. In a batch, which
    /// is paid for, it fails with the named error.
    fn early_free(&mut self, how: &str, signer: usize, call: Network, number: u8, error: &str) {
        let call = RuntimeCall::from(call);
        self.refused(how, signer, call.clone(), &format!("Custom {number}"));
        self.early(how, signer, Utility::batch_all { calls: vec![call] }, error);
    }

    #[track_caller]
    fn end(self) {
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
    }
}

/// Weights that a hotkey may always set: for itself.
fn own(netuid: NetUid, uid: u16) -> Network {
    Network::set_weights { netuid, dests: vec![uid], weights: vec![1], version_key: 0 }
}

#[test]
fn weights_wait_for_the_rate_limit() {
    let mut clock = Clock::start();
    clock.root(Admin::sudo_set_weights_set_rate_limit { netuid: CLEAR, weights_set_rate_limit: WAIT });
    let on_mechanism = Network::set_mechanism_weights {
        netuid: CLEAR,
        mecid: 0,
        dests: vec![0],
        weights: vec![1],
        version_key: 0,
    };
    let batch = Network::batch_set_weights {
        netuids: vec![Compact(CLEAR)],
        weights: vec![vec![(Compact(0), Compact(1))]],
        version_keys: vec![Compact(0)],
    };
    clock.done(10, own(CLEAR, 0));
    clock.refused("again too soon", 10, batch, "Custom 6");
    clock.early_free("again too soon", 10, own(CLEAR, 0), 6, "SettingWeightsTooFast");
    clock.done(10, own(CLEAR, 0));
    clock.early_free("again too soon", 10, on_mechanism, 6, "SettingWeightsTooFast");
    clock.end();
}

/// The hash of a commit of the owner's hotkey on the secret subnet, and the call that reveals it.
fn committed(clock: &mut Clock, value: u16) -> (H256, Network) {
    let (hotkey, uids, values, salt) = (clock.hot(1), vec![0], vec![value], vec![7]);
    let hash = clock.world.look(|| {
        WeightLedger::<Runtime>::commit_hash(&hotkey, storage_index(SECRET, 0), &uids, &values, &salt, 0)
    });
    (hash, Network::reveal_weights { netuid: SECRET, uids, values, salt, version_key: 0 })
}

#[test]
fn commits_wait_for_the_rate_limit_and_only_so_many_wait_for_their_reveal() {
    let mut clock = Clock::start();
    clock.root(Admin::sudo_set_weights_set_rate_limit { netuid: SECRET, weights_set_rate_limit: WAIT });
    let commit = |i: u8| Network::commit_weights { netuid: SECRET, commit_hash: H256([i; 32]) };
    let on_mechanism =
        Network::commit_mechanism_weights { netuid: SECRET, mecid: 0, commit_hash: H256::zero() };
    let batch =
        Network::batch_commit_weights { netuids: vec![Compact(SECRET)], commit_hashes: vec![H256::zero()] };
    clock.done(11, commit(1));
    clock.refused("again too soon", 11, batch, "Custom 6");
    clock.early_free("again too soon", 11, commit(2), 6, "CommittingWeightsTooFast");
    clock.done(11, commit(2));
    clock.early_free("again too soon", 11, on_mechanism, 6, "CommittingWeightsTooFast");
    clock.root(Admin::sudo_set_weights_set_rate_limit { netuid: SECRET, weights_set_rate_limit: 0 });
    clock.root(Admin::sudo_set_immunity_period { netuid: SECRET, immunity_period: 1_000 });
    clock.root(Admin::sudo_set_tempo { netuid: SECRET, tempo: 40 });
    (10..20).for_each(|i| {
        let _ = clock.world.apply(11, &commit(i).into());
    });
    let more = RuntimeCall::from(commit(99));
    clock.refused("too many wait", 11, more.clone(), "TooManyUnrevealedCommits");
    let batch = Utility::batch_all { calls: vec![more] };
    clock.refused("too many wait", 11, batch, "TooManyUnrevealedCommits");
    clock.end();
}

#[test]
fn a_reveal_is_possible_in_one_epoch_and_neither_before_nor_after() {
    let mut clock = Clock::start();
    let (hash, reveal) = committed(&mut clock, 5);
    clock.done(11, Network::commit_weights { netuid: SECRET, commit_hash: hash });
    let Network::reveal_weights { netuid, uids, values, salt, version_key } = reveal.clone() else {
        panic!("a reveal")
    };
    let on_mechanism = Network::reveal_mechanism_weights {
        netuid,
        mecid: 0,
        uids: uids.clone(),
        values: values.clone(),
        salt: salt.clone(),
        version_key,
    };
    let batch = Network::batch_reveal_weights {
        netuid,
        uids_list: vec![uids],
        values_list: vec![values],
        salts_list: vec![salt],
        version_keys: vec![version_key],
    };
    let all = [reveal.clone(), on_mechanism, batch].map(RuntimeCall::from);
    for call in &all {
        let in_batch = Utility::batch_all { calls: vec![call.clone()] };
        clock.refused("too early", 11, call.clone(), "Custom 17");
        clock.refused("too early", 11, in_batch, "RevealTooEarly");
    }
    clock.early_free("too early", 11, reveal, 17, "RevealTooEarly");
    // Two tempos later its epoch is over.
    clock.blocks(2 * u64::from(5 + SECRET));
    for call in all {
        let in_batch = Utility::batch_all { calls: vec![call.clone()] };
        clock.refused("too late", 11, call, "Custom 17");
        clock.refused("too late", 11, in_batch, "ExpiredWeightCommit");
    }
    clock.end();
}

#[test]
fn endpoints_wait_for_the_serving_limit() {
    let mut clock = Clock::start();
    clock.root(Admin::sudo_set_serving_rate_limit { netuid: CLEAR, serving_rate_limit: WAIT });
    let (version, ip, port, ip_type, protocol) = (1, 0x0808_0808, 9_000, 4, 4);
    let (placeholder1, placeholder2, netuid) = (0, 0, CLEAR);
    let axon =
        Network::serve_axon { netuid, version, ip, port, ip_type, protocol, placeholder1, placeholder2 };
    let tls = Network::serve_axon_tls {
        netuid,
        version,
        ip,
        port,
        ip_type,
        protocol,
        placeholder1,
        placeholder2,
        certificate: vec![1; 65],
    };
    let metrics = Network::serve_prometheus { netuid, version, ip, port, ip_type };
    for call in [axon.clone(), metrics] {
        clock.done(10, call.clone());
        clock.early_free("again too soon", 10, call, 12, "ServingRateLimitExceeded");
    }
    clock.done(10, axon);
    clock.early_free("after another of its kind", 10, tls, 12, "ServingRateLimitExceeded");
    clock.end();
}

#[test]
fn takes_children_and_swaps_wait_for_their_intervals() {
    let mut clock = Clock::start();
    clock.root(Admin::sudo_set_tx_delegate_take_rate_limit { tx_rate_limit: WAIT });
    clock.root(Network::sudo_set_tx_childkey_take_rate_limit { tx_rate_limit: WAIT });
    let hotkey = clock.hot(5);
    let raise = Network::increase_take { hotkey: hotkey.clone(), take: 200 };
    clock.done(5, Network::decrease_take { hotkey: hotkey.clone(), take: 100 });
    clock.early("too soon after the last change", 5, raise, "DelegateTxRateLimitExceeded");

    let take = |take| Network::set_childkey_take { hotkey: clock.hot(5), netuid: CLEAR, take };
    let (first, second) = (take(5), take(6));
    clock.done(5, first);
    clock.early("again too soon", 5, second, "TxChildkeyTakeRateLimitExceeded");

    let name = Network::set_children { hotkey: hotkey.clone(), netuid: CLEAR, children: Vec::new() };
    clock.done(5, name.clone());
    clock.early("again too soon", 5, name, "TxRateLimitExceeded");

    let (next, last) = (clock.hot(30), clock.hot(31));
    clock.done(5, Network::swap_hotkey { hotkey, new_hotkey: next.clone(), netuid: None });
    let error = "HotKeySwapOnSubnetIntervalNotPassed";
    let swap = Network::swap_hotkey { hotkey: next.clone(), new_hotkey: last.clone(), netuid: Some(CLEAR) };
    let keep = Network::swap_hotkey_v2 { hotkey: next, new_hotkey: last, netuid: None, keep_stake: true };
    clock.refused("again too soon", 5, swap, error);
    clock.early("again too soon", 5, keep, error);
    clock.end();
}

#[test]
fn root_takes_so_many_in_a_block_and_in_an_interval() {
    let mut clock = Clock::start();
    let limit = |most| Admin::sudo_set_max_registrations_per_block {
        netuid: ROOT,
        max_registrations_per_block: most,
    };
    clock.root(limit(1));
    clock.blocks(1);
    let join = |clock: &Clock, i: usize| Network::root_register { hotkey: clock.hot(i) };
    let (one, other) = (join(&clock, 11), join(&clock, 12));
    clock.done(1, one);
    clock.early("too many in this block", 2, other.clone(), "TooManyRegistrationsThisBlock");
    let target = Admin::sudo_set_target_registrations_per_interval {
        netuid: ROOT,
        target_registrations_per_interval: 1,
    };
    clock.root(target);
    clock.early("too many in this interval", 2, other, "TooManyRegistrationsThisInterval");
    clock.end();
}

#[test]
fn subnets_wait_for_the_last_one_for_a_place_and_for_their_start() {
    let mut clock = Clock::start();
    let (hotkey, identity) = (clock.hot(21), None);
    let register = Network::register_network { hotkey: hotkey.clone() };
    let with_identity = Network::register_network_with_identity { hotkey, identity };
    let first = Network::register_network { hotkey: clock.hot(20) };

    clock.root(Admin::sudo_set_subnet_limit { max_subnets: 8 });
    let start = u64::from(clock.world.block()) + WAIT;
    clock.world.look(|| NetworkRegistrationStartBlock::<Runtime>::put(start));
    clock.refused("before there are subnets", 7, with_identity.clone(), "SubNetRegistrationDisabled");
    clock.early("before there are subnets", 7, register.clone(), "SubNetRegistrationDisabled");

    clock.root(Admin::sudo_set_network_rate_limit { rate_limit: WAIT });
    clock.root(Admin::sudo_set_start_call_delay { delay: 2 * WAIT });
    clock.done(6, first);
    let netuid = SECRET + 2;
    clock.refused("too soon after another", 7, with_identity.clone(), "NetworkTxRateLimitExceeded");
    clock.early("too soon after another", 7, register.clone(), "NetworkTxRateLimitExceeded");
    let buy = Network::add_stake { hotkey: clock.hot(20), netuid, amount_staked: TaoBalance::from_rao(TAO) };
    clock.refused("before its start", 7, buy, "SubtokenDisabled");
    clock.early("before its start", 6, Network::start_call { netuid }, "NeedWaitingMoreBlocksToStarCall");

    clock.root(Admin::sudo_set_network_rate_limit { rate_limit: 0 });
    clock.root(Admin::sudo_set_subnet_limit { max_subnets: 5 });
    clock.root(Admin::sudo_set_network_immunity_period { immunity_period: 10_000 });
    for call in [register, with_identity] {
        clock.refused("while all are immune", 7, call, "SubnetLimitReached");
    }
    clock.end();
}

/// Calls of AdminUtils and of the network pallet by which an owner changes its subnet.
fn owners(schema: &Schema) -> Vec<&Kind> {
    let unlisted = [
        "set_tempo",
        "set_activity_cutoff_factor",
        "announce_rubric",
        "demand_evidence",
        "announce_parent_share",
        "sudo_set_root_claim_threshold",
        "sudo_set_mechanism_emission_split",
        "sudo_set_sn_owner_hotkey",
        "sudo_set_subnet_owner_hotkey",
    ];
    let is_owners = |kind: &&Kind| {
        ["SubtensorModule", "AdminUtils"].contains(&kind.pallet.as_str())
            && (unlisted.contains(&kind.name.as_str()) || find(&kind.name).is_some_and(|row| row.shared))
    };
    schema.kinds.iter().filter(is_owners).collect()
}

/// A call of this kind that the owner of the clear subnet may make now, if some attempts find one.
fn possible(clock: &mut Clock, schema: &Schema, dice: &mut Dice, kind: &Kind) -> Option<RuntimeCall> {
    let cast = std::rc::Rc::clone(&clock.world.cast);
    let view = clock.world.look(View::look);
    (0..60).find_map(|_| {
        let call = clock.world.look(|| {
            let scene = Scene { hostility: 0, ..Scene::draw(dice, &view, &cast) };
            let hotkey = cast.hotkeys()[0].id.clone();
            let scene =
                Scene { netuid: CLEAR, other_netuid: CLEAR, other_hotkey: hotkey.clone(), hotkey, ..scene };
            Writer { schema, cast: &cast, scene: &scene }.call(dice, kind)
        });
        let call = Action { signer: 0, call }.decoded()?;
        (clock.fate(0, &call).0 == "Done").then_some(call)
    })
}

#[test]
fn owners_wait_for_cool_downs_and_for_the_freeze_window() {
    let mut clock = Clock::start();
    let schema = clock.world.look(Schema::read);
    let mut dice = Dice::new(3);
    let (mut limited, mut unlimited) = (0, Vec::new());
    for kind in owners(&schema) {
        clock.root(Admin::sudo_set_admin_freeze_window { window: 0 });
        clock.root(Admin::sudo_set_owner_hparam_rate_limit { epochs: 2 });
        let Some(call) = possible(&mut clock, &schema, &mut dice, kind) else { continue };
        clock.done(0, call.clone());
        // Some of them fill a good part of a block.
        clock.blocks(1);
        let id = clock.world.cast.actor(0).id.clone();
        let now = u64::from(clock.world.block());
        match clock.world.look(|| waits::allowed_at(&id, &call)) {
            Some(first) if first > now => {
                limited += 1;
                if first - now <= PATIENCE {
                    clock.early("again too soon", 0, call.clone(), "TxRateLimitExceeded");
                } else {
                    clock.refused("again too soon", 0, call.clone(), "TxRateLimitExceeded");
                }
            }
            _ => unlimited.push(kind.title()),
        }
        // No tempo is long enough for this window.
        clock.root(Admin::sudo_set_admin_freeze_window { window: 1_000 });
        clock.refused("before an epoch", 0, call, "AdminActionProhibitedDuringWeightsWindow");
    }
    assert!(limited > 20, "only {limited} calls of owners have a cool-down; none have {unlimited:?}");
    clock.end();
}

#[test]
fn an_epoch_is_triggered_once_and_not_shortly_before_it_comes_anyway() {
    let mut clock = Clock::start();
    // On a fast chain younger than a tempo, the first epoch waits in the same way as a triggered one.
    clock.blocks(60);
    clock.root(Admin::sudo_set_tempo { netuid: CLEAR, tempo: 60 });
    clock.root(Admin::sudo_set_admin_freeze_window { window: 4 });
    let trigger = Network::trigger_epoch { netuid: CLEAR };
    clock.done(0, trigger.clone());
    clock.refused("twice", 0, trigger.clone(), "EpochTriggerAlreadyPending");
    clock.refused("twice, by root", 0, sudo(trigger.clone()), "BadOrigin");
    clock.blocks(5);
    clock.root(Admin::sudo_set_admin_freeze_window { window: 100 });
    clock.refused("imminent", 0, trigger, "AutoEpochAlreadyImminent");
    let secret = Network::trigger_epoch { netuid: SECRET };
    clock.root(Admin::sudo_set_admin_freeze_window { window: 0 });
    clock.refused("where weights are committed", 1, secret, "DynamicTempoBlockedByCommitReveal");
    clock.end();
}

#[test]
fn commitments_wait_for_the_space_of_the_next_epoch() {
    let mut clock = Clock::start();
    clock.root(pallet_commitments::Call::<Runtime>::set_max_space { new_limit: 150 });
    let fields = vec![Data::None].try_into().expect("one field");
    let publish: RuntimeCall = pallet_commitments::Call::<Runtime>::set_commitment {
        netuid: CLEAR,
        info: Box::new(CommitmentInfo { fields }),
    }
    .into();
    // The epoch that is under way ends within a tempo.
    while clock.world.look(|| !EpochClock::<Runtime>::is_due(CLEAR, u64::from(System::block_number()) + 1)) {
        clock.blocks(1);
    }
    clock.blocks(1);
    clock.done(10, publish.clone());
    clock.refused("space is used up", 10, publish.clone(), "Custom 6");
    let batch = Utility::batch_all { calls: vec![publish] };
    clock.waits("space is used up", 10, batch, "SpaceLimitExceeded", u64::from(5 + CLEAR));
    clock.end();
}

#[test]
fn collateral_stays_until_it_leaves_and_is_not_locked_anew_before() {
    let mut clock = Clock::start();
    let (netuid, hotkey, amount) = (CLEAR, clock.hot(5), TaoBalance::from_rao(TAO));
    let unbonding = myelin_economy::collateral::MIN_UNBONDING;
    let withdraw = Collateral::withdraw { netuid, hotkey: hotkey.clone() };
    let lock = Collateral::lock { netuid, hotkey: hotkey.clone(), amount, longest_unbonding: u32::MAX };
    let unbond = Collateral::unbond { netuid, hotkey };
    clock.refused("before anything is asked for", 5, lock.clone(), "NotRequired");
    clock.refused("before it was locked", 5, withdraw.clone(), "NoCollateral");
    clock.done(0, Collateral::set_requirement { netuid, amount, unbonding });
    clock.done(5, lock.clone());
    clock.refused("before it was asked back", 5, withdraw.clone(), "Staying");
    clock.done(5, unbond.clone());
    clock.refused("twice", 5, unbond, "Leaving");
    clock.refused("while it leaves", 5, lock, "Leaving");
    clock.waits("too early", 5, withdraw, "Staying", unbonding.into());
    clock.end();
}

#[test]
fn announced_calls_and_multisig_approvals_have_their_time() {
    type Proxy = pallet_proxy::Call<Runtime>;
    type Multisig = pallet_multisig::Call<Runtime>;
    let mut clock = Clock::start();
    let cold = |clock: &Clock, i: usize| clock.world.cast.coldkeys()[i].id.clone();
    let (real, delegate) = (cold(&clock, 5), cold(&clock, 6));
    let call: RuntimeCall = frame_system::Call::<Runtime>::remark { remark: vec![1] }.into();
    let boxed = Box::new(call.clone());
    let announced = Proxy::proxy_announced {
        delegate: delegate.clone().into(),
        real: real.clone().into(),
        force_proxy_type: None,
        call: boxed.clone(),
    };
    let at_once = Proxy::proxy { real: real.clone().into(), force_proxy_type: None, call: boxed };
    clock.refused("before it was appointed", 6, at_once.clone(), "NotProxy");
    let (proxy_type, delay) = (ProxyType::Any, WAIT as u32);
    clock.done(5, Proxy::add_proxy { delegate: delegate.into(), proxy_type, delay });
    clock.refused("without announcing", 6, at_once, "Unannounced");
    clock.refused("without announcing", 6, announced.clone(), "Unannounced");
    let call_hash = H256(sp_io::hashing::blake2_256(&call.encode()));
    clock.done(6, Proxy::announce { real: real.into(), call_hash });
    clock.waits("too early", 6, announced, "Unannounced", WAIT);

    let mut others = [cold(&clock, 7), cold(&clock, 8)];
    others.sort();
    let (other_signatories, call_hash) = (others.to_vec(), [3; 32]);
    let timepoint = pallet_multisig::Timepoint { height: 1, index: 1 };
    let approve = |maybe_timepoint| Multisig::approve_as_multi {
        threshold: 2,
        other_signatories: other_signatories.clone(),
        maybe_timepoint,
        call_hash,
        max_weight: Default::default(),
    };
    clock.refused("of nothing", 5, approve(Some(timepoint)), "UnexpectedTimepoint");
    clock.done(5, approve(None));
    let cancel = Multisig::cancel_as_multi {
        threshold: 2,
        other_signatories: other_signatories.clone(),
        timepoint,
        call_hash,
    };
    clock.refused("of another time", 5, cancel, "WrongTimepoint");
    clock.end();
}

#[test]
fn tracking_of_votes_ends_only_where_it_began() {
    let mut clock = Clock::start();
    let end = Network::disable_voting_power_tracking { netuid: CLEAR };
    clock.refused("before it began", 0, end, "VotingPowerTrackingNotEnabled");
    clock.end();
}

#[test]
fn weights_are_not_revealed_after_immunity_ends() {
    let mut clock = Clock::start();
    let netuid = SECRET;
    clock.root(Admin::sudo_set_immunity_period { netuid, immunity_period: 31 });
    let later = Admin::sudo_set_commit_reveal_weights_interval { netuid, interval: 3 };
    clock.refused("revealed when immunity is over", 1, later, "RevealNotBeforeImmunityEnds");
    clock.end();
}

#[test]
fn who_demands_proof_keeps_what_proofs_need() {
    let mut clock = Clock::start();
    let netuid = SECRET;
    clock.done(1, Network::demand_evidence { netuid, answers: 1, mechanisms: 1 });
    let clear = Admin::sudo_set_commit_reveal_weights_enabled { netuid, enabled: false };
    clock.refused("while proof is demanded", 1, clear, "EvidenceDemanded");
    clock.root(Admin::sudo_set_immunity_period { netuid, immunity_period: u16::MAX });
    clock.root(Admin::sudo_set_commit_reveal_weights_interval { netuid, interval: 6 });
    clock.refused("its blocks are forgotten", 1, Network::set_tempo { netuid, tempo: 360 }, "ProofTooLate");
    clock.end();
}
