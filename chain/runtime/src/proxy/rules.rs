//! The calls that each kind of proxy permits.
//!
//! Lists name calls as metadata does. They are the official ones, with calls added that an official list omitted under
//! another name (decision 0015).

use frame_support::traits::GetCallMetadata;

use super::ProxyType;
use crate::{constants::TAO, RuntimeCall};

/// Permissions of a kind of proxy.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Everything.
    Everything,
    /// Nothing.
    Nothing,
    /// The calls that the first lists name and the second do not.
    Only(&'static [Calls], &'static [Calls]),
    /// The calls that none of the lists names.
    AllBut(&'static [&'static [Calls]]),
}

/// Calls of one pallet.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    /// The pallet.
    pub pallet: &'static str,
    /// Its calls; empty = all.
    pub names: &'static [&'static str],
    /// Further condition on them.
    pub condition: Option<Condition>,
}

/// Condition on the arguments of a call.
#[derive(Clone, Copy, Debug)]
pub enum Condition {
    /// The amount of this name is below the limit, in rao.
    Below(&'static str, u64),
    /// The call inside is this one of this pallet.
    Inside(&'static str, &'static str),
}

const fn all(pallet: &'static str) -> Calls {
    Calls { pallet, names: &[], condition: None }
}

const fn some(pallet: &'static str, names: &'static [&'static str]) -> Calls {
    Calls { pallet, names, condition: None }
}

const fn network(names: &'static [&'static str]) -> Calls {
    some("SubtensorModule", names)
}

/// From this amount a transfer is not small: half a token.
pub const SMALL: u64 = TAO / 2;

/// Calls that go on under another origin, which the filter does not follow.
pub const LEAVING: &[Calls] =
    &[all("Sudo"), all("Multisig"), some("Proxy", &["proxy", "announce", "proxy_announced"])];

/// Changes of a coldkey.
const COLDKEY_SWAPS: &[Calls] = &[network(&[
    "swap_coldkey",
    "announce_coldkey_swap",
    "swap_coldkey_announced",
    "clear_coldkey_swap_announcement",
    "dispute_coldkey_swap",
])];

const GIFTS: &[Calls] =
    &[all("Balances"), network(&["transfer_stake", "transfer_stake_and_hotkey", "transfer_stake_limit"])];

/// The holder of the hotkey can make a proof that forfeits collateral, and the reporter gets a part of it.
const COLLATERAL: &[Calls] = &[all("Collateral")];

/// A transfer gives a model away. A declaration gives a part of a miner's reward to the parents of a model.
const MODEL_GIFTS: &[Calls] = &[some("Provenance", &["transfer"]), network(&["declare_model"])];

/// Records and disputes of models put TAO on hold.
const MODEL_DEPOSITS: &[Calls] = &[some("Provenance", &["publish", "dispute"])];

/// Pledges of candidates bind TAO for weeks.
const PLEDGES: &[Calls] = &[some("Elections", &["join", "pledge_more"])];

/// A seat among the authorities depends on them.
const SEATS: &[Calls] = &[some("Elections", &["unbond", "leave", "chill"])];

/// Session keys: with those of an authority somebody else signs for it, and its pledge is slashed for what is signed
/// twice.
const AUTHOR_KEYS: &[Calls] = &[all("Session")];

/// Votes bind TAO and alpha for months.
const VOTES: &[Calls] = &[some("Governance", &["lock", "vote", "delegate"])];

/// Votes with what is under the vote lock. They cost no more than fees, and may bind it for months. What is under the
/// lock stays the holder's own decision.
const VOTING: &[Calls] = &[some("Governance", &["vote", "withdraw", "delegate", "undelegate"])];

/// Referenda and their preimages put TAO on deposit.
const POLL_DEPOSITS: &[Calls] =
    &[some("Referenda", &["submit", "place_decision_deposit"]), some("Preimage", &["note_preimage"])];

/// The account may be the committee, whose acts hold up what holders decided.
const COMMITTEE: &[Calls] = &[some("Governance", &["delay", "mark", "pull_brake", "release_brake"])];

/// Locks bind alpha for months.
const LOCKS: &[Calls] = &[network(&["lock_stake", "move_lock", "set_perpetual_lock"])];

const TRADES: &[Calls] = &[network(&[
    "add_stake",
    "add_stake_limit",
    "add_stake_burn",
    "remove_stake",
    "remove_stake_limit",
    "remove_stake_full_limit",
    "unstake_all",
    "unstake_all_alpha",
    "swap_stake",
    "swap_stake_limit",
    "move_stake",
    "move_stake_limit",
    "recycle_alpha",
    "burn_alpha",
])];

const REGISTRATIONS: &[Calls] = &[network(&["burned_register", "register", "register_limit"])];

const ROOT_REGISTRATION: &[Calls] = &[network(&["root_register"])];

const NEW_SUBNETS: &[Calls] = &[network(&[
    "register_network",
    "register_network_with_identity",
    "register_network_limit",
    "register_leased_network",
])];

const SUBNET_REMOVALS: &[Calls] = &[network(&["dissolve_network", "root_dissolve_network"])];

const HOTKEY_SWAPS: &[Calls] = &[network(&["swap_hotkey", "swap_hotkey_v2"])];

const STAKING: &[Calls] = &[network(&[
    "add_stake",
    "remove_stake",
    "unstake_all",
    "unstake_all_alpha",
    "swap_stake",
    "swap_stake_limit",
    "move_stake",
    "move_stake_limit",
    "add_stake_limit",
    "remove_stake_limit",
    "remove_stake_full_limit",
    "set_root_claim_type",
])];

const CHILDREN: &[Calls] = &[network(&["set_children", "set_childkey_take"])];

const ROOT_CLAIMS: &[Calls] = &[network(&["claim_root", "claim_root_with_hotkey"])];

const OWNER: &[Calls] = &[
    all("AdminUtils"),
    network(&[
        "set_subnet_identity",
        "update_symbol",
        "announce_rubric",
        "withdraw_rubric",
        "demand_evidence",
        "announce_parent_share",
    ]),
];

const OWNER_HOTKEY: &[Calls] =
    &[some("AdminUtils", &["sudo_set_sn_owner_hotkey", "sudo_set_subnet_owner_hotkey"])];

const TRANSFERS: &[Calls] = &[
    some("Balances", &["transfer_keep_alive", "transfer_allow_death", "transfer_all"]),
    network(&["transfer_stake"]),
];

const SMALL_TRANSFERS: &[Calls] = &[
    Calls {
        pallet: "Balances",
        names: &["transfer_keep_alive", "transfer_allow_death"],
        condition: Some(Condition::Below("value", SMALL)),
    },
    Calls {
        pallet: "SubtensorModule",
        names: &["transfer_stake"],
        condition: Some(Condition::Below("alpha_amount", SMALL)),
    },
];

const UPGRADES: &[Calls] = &[Calls {
    pallet: "Sudo",
    names: &["sudo_unchecked_weight"],
    condition: Some(Condition::Inside("System", "set_code")),
}];

const LEASED_SUBNET: &[Calls] = &[
    network(&["start_call"]),
    some(
        "AdminUtils",
        &[
            "sudo_set_serving_rate_limit",
            "sudo_set_min_difficulty",
            "sudo_set_max_difficulty",
            "sudo_set_weights_version_key",
            "sudo_set_adjustment_alpha",
            "sudo_set_immunity_period",
            "sudo_set_min_allowed_weights",
            "sudo_set_kappa",
            "sudo_set_rho",
            "sudo_set_activity_cutoff",
            "sudo_set_network_registration_allowed",
            "sudo_set_network_pow_registration_allowed",
            "sudo_set_max_burn",
            "sudo_set_bonds_moving_average",
            "sudo_set_bonds_penalty",
            "sudo_set_commit_reveal_weights_enabled",
            "sudo_set_liquid_alpha_enabled",
            "sudo_set_alpha_values",
            "sudo_set_commit_reveal_weights_interval",
            "sudo_set_toggle_transfer",
            "sudo_set_subnet_emission_enabled",
            "sudo_set_min_childkey_take_per_subnet",
        ],
    ),
];

/// Permissions of a kind of proxy.
pub fn rule(of: ProxyType) -> Rule {
    use ProxyType as Kind;
    match of {
        Kind::Any => Rule::Everything,
        Kind::NonTransfer => Rule::AllBut(&[LEAVING, GIFTS, MODEL_GIFTS, COLLATERAL, COLDKEY_SWAPS]),
        Kind::NonFungible => Rule::AllBut(&[
            LEAVING,
            GIFTS,
            MODEL_GIFTS,
            MODEL_DEPOSITS,
            PLEDGES,
            AUTHOR_KEYS,
            VOTES,
            POLL_DEPOSITS,
            COLLATERAL,
            TRADES,
            ROOT_CLAIMS,
            LOCKS,
            REGISTRATIONS,
            ROOT_REGISTRATION,
            NEW_SUBNETS,
            HOTKEY_SWAPS,
            COLDKEY_SWAPS,
        ]),
        Kind::NonCritical => Rule::AllBut(&[
            LEAVING,
            MODEL_GIFTS,
            COLLATERAL,
            COMMITTEE,
            SEATS,
            AUTHOR_KEYS,
            REGISTRATIONS,
            ROOT_REGISTRATION,
            SUBNET_REMOVALS,
            COLDKEY_SWAPS,
        ]),
        Kind::Owner => Rule::Only(OWNER, OWNER_HOTKEY),
        Kind::Staking => Rule::Only(STAKING, &[]),
        Kind::Registration => Rule::Only(REGISTRATIONS, &[]),
        Kind::Transfer => Rule::Only(TRANSFERS, &[]),
        Kind::SmallTransfer => Rule::Only(SMALL_TRANSFERS, &[]),
        Kind::ChildKeys => Rule::Only(CHILDREN, &[]),
        Kind::SudoUncheckedSetCode => Rule::Only(UPGRADES, &[]),
        Kind::SwapHotkey => Rule::Only(HOTKEY_SWAPS, &[]),
        Kind::SubnetLeaseBeneficiary => Rule::Only(LEASED_SUBNET, &[]),
        Kind::RootClaim => Rule::Only(ROOT_CLAIMS, &[]),
        Kind::Governance => Rule::Only(VOTING, &[]),
        Kind::Senate | Kind::Triumvirate | Kind::RootWeights | Kind::BasketTrading => Rule::Nothing,
    }
}

impl Rule {
    /// Whether the call is permitted.
    pub fn permits(self, call: &RuntimeCall) -> bool {
        let listed = |calls: &[Calls]| calls.iter().any(|calls| calls.cover(call));
        match self {
            Rule::Everything => true,
            Rule::Nothing => false,
            Rule::Only(calls, exceptions) => listed(calls) && !listed(exceptions),
            Rule::AllBut(lists) => !lists.iter().any(|calls| listed(calls)),
        }
    }
}

impl Calls {
    fn cover(&self, call: &RuntimeCall) -> bool {
        let found = call.get_call_metadata();
        found.pallet_name == self.pallet
            && (self.names.is_empty() || self.names.contains(&found.function_name))
            && self.condition.is_none_or(|condition| condition.holds(call))
    }
}

impl Condition {
    fn holds(self, call: &RuntimeCall) -> bool {
        match self {
            Condition::Below(_, limit) => amount(call).is_some_and(|amount| amount < limit),
            Condition::Inside(pallet, name) => inner(call).is_some_and(|inner| {
                let found = inner.get_call_metadata();
                (found.pallet_name, found.function_name) == (pallet, name)
            }),
        }
    }
}

/// The amount that a transfer moves, in rao.
fn amount(call: &RuntimeCall) -> Option<u64> {
    use pallet_balances::Call as Balances;
    use pallet_network::Call as Network;
    match call {
        RuntimeCall::Balances(
            Balances::transfer_keep_alive { value, .. } | Balances::transfer_allow_death { value, .. },
        ) => Some(*value),
        RuntimeCall::SubtensorModule(Network::transfer_stake { alpha_amount, .. }) => {
            Some(alpha_amount.to_rao())
        }
        _ => None,
    }
}

/// The call that a call of the sudo key carries.
fn inner(call: &RuntimeCall) -> Option<&RuntimeCall> {
    match call {
        RuntimeCall::Sudo(pallet_sudo::Call::sudo_unchecked_weight { call, .. }) => Some(call),
        _ => None,
    }
}
