//! Beginning of every story: funded accounts, three subnets with neurons, stake, settings that permit many calls,
//! elections with a few candidates, and a vote that passes.

use std::ops::Range;

use frame_support::traits::Get;
use myelin_economy::{fees, profile::Profile};
use myelin_election::Rules;
use myelin_governance::{grant::Milestone, Asset, Kind, Multiplier, Track, TrackId};
use myelin_runtime::{constants::TAO, governance::TreasuryAccount, AccountId, Runtime, RuntimeCall};
use myelin_units::{NetUid, PerBillion, TaoBalance, I96F32, ROOT};

use crate::{
    affairs::{enacting, submission},
    cast::Cast,
    officer::Officer,
    scene::View,
    story::{Action, Step},
};

type Admin = pallet_admin_utils::Call<Runtime>;
type Elections = pallet_myelin_election::Call<Runtime>;
type Governance = pallet_myelin_governance::Call<Runtime>;
type Network = pallet_network::Call<Runtime>;
type Referenda = pallet_referenda::Call<Runtime>;

/// Rules under which elections choose another set every few eras. An era lasts a few blocks, one candidate suffices,
/// and any quality above zero does.
pub const ELECTIONS: Rules = Rules {
    seats: 3,
    least_authorities: 1,
    era: 8,
    least_quality: PerBillion::from_parts(1),
    report_window: 4,
    appeal_window: 4,
    unbonding: 10,
    jail: 12,
    ..Rules::fast()
};
/// Hotkeys that are candidates from the beginning. They have root stake, permits on several subnets, and owners that
/// own no subnet.
const CANDIDATES: Range<usize> = 6..10;
/// Pledge of each of them.
pub const PLEDGE: TaoBalance = TaoBalance::from_tokens(3);

/// Coldkeys that decide a vote: together they have most of the TAO.
const VOTERS: usize = 3;
/// TAO of each of them under its vote lock, in rao.
const LOCKED: u64 = 700_000 * TAO;
/// Last block in which the grant that they vote on could be claimed.
const GRANT_ENDS: u64 = 1_000;
/// Blocks from the votes to the enactment, beyond the least time of the track. In one of them the confirmation begins,
/// in one the proposal is enacted. Another is for a block without room.
const MORE_BLOCKS: u64 = 3;

/// Number of the first subnet that a user registers.
const FIRST: NetUid = 2;
/// Subnets of the opening.
const SUBNETS: NetUid = 3;
/// Neurons of each of them, the owner's included.
const NEURONS: usize = 8;

/// The first steps of every story, without elections.
pub fn steps(cast: &Cast) -> Vec<Step> {
    let mut steps =
        vec![call(cast.sudo(), fund(cast)), call(cast.sudo(), repair(0..FIRST + SUBNETS)), Step::Block];
    for netuid in FIRST..FIRST + SUBNETS {
        let owner = usize::from(netuid - FIRST);
        let hotkey = cast.hotkeys()[owner].id.clone();
        steps.push(call(owner, Network::register_network { hotkey }.into()));
        steps.push(call(owner, Network::start_call { netuid }.into()));
        steps.push(call(cast.sudo(), repair(netuid..netuid + 1)));
        steps.push(Step::Block);
    }
    for netuid in FIRST..FIRST + SUBNETS {
        let newcomers = usize::from(SUBNETS) + usize::from(netuid);
        for at in newcomers..newcomers + NEURONS - 1 {
            let hotkey = cast.hotkeys()[at].id.clone();
            let owner = at % cast.coldkeys().len();
            let amount_staked = TaoBalance::from_rao((1 + at as u64) * 20 * TAO);
            steps.push(call(owner, Network::burned_register { netuid, hotkey: hotkey.clone() }.into()));
            steps.push(call(owner, Network::add_stake { hotkey, netuid, amount_staked }.into()));
        }
        steps.push(Step::Block);
    }
    for at in 4..10 {
        let hotkey = cast.hotkeys()[at].id.clone();
        let owner = at % cast.coldkeys().len();
        let amount_staked = TaoBalance::from_rao(300 * TAO);
        steps.push(call(owner, Network::root_register { hotkey: hotkey.clone() }.into()));
        steps.push(call(owner, Network::add_stake { hotkey, netuid: ROOT, amount_staked }.into()));
        steps.push(Step::Block);
    }
    steps
}

/// The steps after [`steps`] by which elections begin.
pub fn elections(cast: &Cast) -> Vec<Step> {
    let mut steps = vec![call(cast.sudo(), by_root(Elections::set_rules { rules: ELECTIONS }))];
    for at in CANDIDATES {
        let actor = &cast.hotkeys()[at];
        let join = Elections::join { hotkey: actor.id.clone(), pledge: PLEDGE };
        steps.push(call(at % cast.coldkeys().len(), join.into()));
        steps.push(call(cast.coldkeys().len() + at, Officer::of_actor(actor).set_keys()));
    }
    steps.push(call(cast.sudo(), by_root(Elections::switch_on {})));
    steps.push(Step::Block);
    steps
}

/// The steps after [`elections`] in which a vote passes: root promises a grant, and holders end it. No proposal of
/// another kind is enacted as soon.
pub fn votes(cast: &Cast) -> Vec<Step> {
    let gift = pallet_balances::Call::<Runtime>::transfer_keep_alive {
        dest: TreasuryAccount::get().into(),
        value: 10 * TAO,
    };
    let milestone = Milestone { amount: TaoBalance::from_rao(TAO / 100), text: [1; 32], last: GRANT_ENDS };
    let milestones = vec![milestone].try_into().expect("one milestone is not too many");
    let recipient = cast.coldkeys()[VOTERS].id.clone();
    // The first grant and the first referendum have the number 0.
    let (grant, poll, first) = (0, 0, 0);
    let mut steps = vec![
        call(first, gift.into()),
        call(cast.sudo(), by_root(Governance::grant { recipient, milestones })),
        call(first, stop_of(grant)),
        call(first, Referenda::place_decision_deposit { index: poll }.into()),
    ];
    for voter in 0..VOTERS {
        let vote = Governance::vote { poll, aye: true, multiplier: Multiplier::One };
        steps.push(call(voter, Governance::lock { asset: Asset::Free, amount: LOCKED }.into()));
        steps.push(call(voter, vote.into()));
    }
    let blocks = Track::of(Kind::Stops).soonest(&Profile::FAST) + MORE_BLOCKS;
    steps.extend((0..blocks).map(|_| Step::Block));
    steps
}

/// The submission of a referendum on the end of a grant.
fn stop_of(grant: u32) -> RuntimeCall {
    let track = TrackId::stop(grant).expect("few grants have a track");
    submission(track, &enacting(Governance::stop_grant { grant }), 0).expect("a short proposal")
}

fn call(signer: usize, call: RuntimeCall) -> Step {
    Step::Call(Action::new(signer, &call))
}

/// The sudo key's transfers to everybody.
fn fund(cast: &Cast) -> RuntimeCall {
    let pay = |id: &AccountId, value: u64| -> RuntimeCall {
        pallet_balances::Call::<Runtime>::transfer_keep_alive { dest: id.clone().into(), value }.into()
    };
    let coldkeys = cast.coldkeys().iter().skip(3).map(|actor| pay(&actor.id, 20_000 * TAO));
    let hotkeys = cast.hotkeys().iter().map(|actor| pay(&actor.id, 5 * TAO));
    pallet_utility::Call::<Runtime>::batch_all { calls: coldkeys.chain(hotkeys).collect() }.into()
}

/// A call of root.
pub fn by_root(call: impl Into<RuntimeCall>) -> RuntimeCall {
    pallet_sudo::Call::<Runtime>::sudo { call: Box::new(call.into()) }.into()
}

/// Settings that root repairs from time to time, so that a story does not end where a random setting stopped
/// everything.
pub fn repair(netuids: impl Iterator<Item = NetUid>) -> RuntimeCall {
    by_root(pallet_utility::Call::<Runtime>::force_batch { calls: settings(netuids) })
}

fn settings(netuids: impl Iterator<Item = NetUid>) -> Vec<RuntimeCall> {
    let mut calls: Vec<RuntimeCall> = vec![
        Admin::sudo_set_network_rate_limit { rate_limit: 0 }.into(),
        Admin::sudo_set_network_min_lock_cost { lock_cost: TaoBalance::from_rao(10 * TAO) }.into(),
        Admin::sudo_set_lock_reduction_interval { interval: 50 }.into(),
        Admin::sudo_set_network_immunity_period { immunity_period: 100 }.into(),
        Admin::sudo_set_subnet_limit { max_subnets: 5 }.into(),
        Admin::sudo_set_admin_freeze_window { window: 0 }.into(),
        Admin::sudo_set_owner_hparam_rate_limit { epochs: 0 }.into(),
        Admin::sudo_set_stake_threshold { min_stake: 0 }.into(),
        Admin::sudo_set_nominator_min_required_stake { min_stake: 500_000 }.into(),
        Admin::sudo_set_tx_delegate_take_rate_limit { tx_rate_limit: 0 }.into(),
        Admin::sudo_set_min_delegate_take { take: 0 }.into(),
        Admin::sudo_set_start_call_delay { delay: 0 }.into(),
        Admin::sudo_set_subnet_moving_alpha { alpha: I96F32::from_ratio(1, 2) }.into(),
        Network::sudo_set_fee_weight_per_rao { weight: fees::WEIGHT_PER_RAO }.into(),
        Network::sudo_set_fee_per_byte { rao: fees::RAO_PER_BYTE }.into(),
    ];
    netuids.for_each(|netuid| calls.extend(repair_subnet(netuid)));
    calls
}

fn repair_subnet(netuid: NetUid) -> Vec<RuntimeCall> {
    let of_root = vec![
        Admin::sudo_set_max_registrations_per_block { netuid, max_registrations_per_block: 5 }.into(),
        Admin::sudo_set_target_registrations_per_interval { netuid, target_registrations_per_interval: 5 }
            .into(),
    ];
    if netuid == ROOT {
        return of_root;
    }
    vec![
        Admin::sudo_set_tempo { netuid, tempo: 5 + netuid }.into(),
        Admin::sudo_set_weights_set_rate_limit { netuid, weights_set_rate_limit: 0 }.into(),
        Admin::sudo_set_weights_version_key { netuid, weights_version_key: 0 }.into(),
        Admin::sudo_set_network_registration_allowed { netuid, registration_allowed: true }.into(),
        Admin::sudo_set_commit_reveal_weights_enabled { netuid, enabled: netuid % 2 == 1 }.into(),
        Admin::sudo_set_min_allowed_uids { netuid, min_allowed_uids: 4 }.into(),
        Admin::sudo_set_max_allowed_uids { netuid, max_allowed_uids: 14 }.into(),
        Admin::sudo_set_max_allowed_validators { netuid, max_allowed_validators: 6 }.into(),
        Admin::sudo_set_min_allowed_weights { netuid, min_allowed_weights: 1 }.into(),
        Admin::sudo_set_immunity_period { netuid, immunity_period: 45 }.into(),
        Admin::sudo_set_serving_rate_limit { netuid, serving_rate_limit: 1 }.into(),
        Admin::sudo_set_subnet_emission_enabled { netuid, enabled: true }.into(),
        Admin::sudo_set_toggle_transfer { netuid, toggle: true }.into(),
        Admin::sudo_set_min_burn { netuid, min_burn: TaoBalance::from_rao(500_000) }.into(),
        Admin::sudo_set_max_burn { netuid, max_burn: TaoBalance::from_rao(5 * TAO) }.into(),
        Admin::sudo_set_burn_half_life { netuid, burn_half_life: 10 }.into(),
        Admin::sudo_set_ema_price_halving_period { netuid, ema_halving: 1 }.into(),
        Admin::sudo_set_bonds_moving_average { netuid, bonds_moving_average: 900_000 }.into(),
        Admin::sudo_set_kappa { netuid, kappa: 32_767 }.into(),
    ]
}

/// [`repair`] for the existing subnets and for elections.
pub fn repair_all(view: &View) -> RuntimeCall {
    let mut calls = settings(view.subnets.keys().copied());
    calls.push(Elections::set_rules { rules: ELECTIONS }.into());
    by_root(pallet_utility::Call::<Runtime>::force_batch { calls })
}
