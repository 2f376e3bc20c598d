//! Rare actions of subnet owners that do not set a number.

use super::{same, Call, Cooldown};
use crate::profile::Profile;

/// Something an owner does, with its wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// The call.
    pub call: Call,
    /// Wait of the owner between two of these calls; root does not wait.
    pub cooldown: Cooldown,
    /// Effect of the action, in one sentence.
    pub meaning: &'static str,
}

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        call: Call::admin("sudo_set_sn_owner_hotkey", 67),
        cooldown: Cooldown::Blocks(50_400),
        meaning: "Makes a hotkey of the owner that works on the subnet stand for the owner.",
    },
    Action {
        call: Call::admin("sudo_set_mechanism_emission_split", 77),
        cooldown: Cooldown::ByProfile {
            production: Profile::PRODUCTION.mechanism_split_interval(),
            fast: Profile::FAST.mechanism_split_interval(),
        },
        meaning: "Sets each mechanism's part of the emission, of 65535; none means equal parts.",
    },
    Action {
        call: Call::admin("sudo_trim_to_max_allowed_uids", 78),
        cooldown: Cooldown::ByProfile {
            production: Profile::PRODUCTION.trimming_interval(),
            fast: Profile::FAST.trimming_interval(),
        },
        meaning: "Keeps the neurons that earned most, at most so many, under new uids without gaps.",
    },
    Action {
        call: Call::network("trigger_epoch", 141),
        cooldown: Cooldown::OwnerTempos,
        meaning: "Brings the next epoch forward, while commit-reveal is off.",
    },
];

/// The action of this call, for constants: a name that the table lacks fails to compile.
pub const fn action(call: &str) -> &'static Action {
    let mut at = 0;
    while at < ACTIONS.len() {
        if same(ACTIONS[at].call.name, call) {
            return &ACTIONS[at];
        }
        at += 1;
    }
    panic!("the table has no such action")
}
