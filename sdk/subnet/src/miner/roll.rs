//! The validators that a miner recognises, and how many requests each may send.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use myelin_neuron::axon::{Admission, Caller, Gate, Pace, Standing};
use myelin_wire::AccountId;
use tokio::sync::Notify;

use super::Strangers;
use crate::{
    chain::{StakePart, SubnetView},
    evaluation::Waves,
    subnet::{Pay, Subnet},
    validator::schedule::Timetable,
};

/// Requests of one validator in a round, as a multiple of the largest load. Each task is committed to and opened, or
/// asked again after a lost connection; a restart doubles that.
const REPEATED: u32 = 4;
/// Requests in a round beyond that, for customers and for the axon's own synapse.
const BESIDE: u32 = 64;

/// The validators of the subnet, as the chain last reported them. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Roll(Arc<RwLock<State>>);

#[derive(Default)]
struct State {
    /// Stake of each validator.
    validators: HashMap<AccountId, u64>,
    pace: Option<Pace>,
}

impl Roll {
    /// Takes over the state of the chain; `slot_ms` is the time between two blocks, `load` the largest load of a round.
    pub(super) fn renew(&self, view: &SubnetView, least: StakePart, slot_ms: u64, load: u32) {
        let rounds = u64::from(Timetable::default().rounds.rounds.max(1));
        let per = Duration::from_millis(u64::from(view.tempo).saturating_mul(slot_ms) / rounds);
        let pace = Pace { requests: load.saturating_mul(REPEATED).saturating_add(BESIDE), per };
        let state = State { validators: view.validators(least).collect(), pace: Some(pace) };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// The stake of a validator; `None` for everybody else.
    pub(super) fn stake_of(&self, hotkey: &AccountId) -> Option<u64> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).validators.get(hotkey).copied()
    }

    /// Whether a hotkey counts as a validator.
    pub(super) fn contains(&self, hotkey: &AccountId) -> bool {
        self.stake_of(hotkey).is_some()
    }

    /// Standing of a hotkey: a validator's priority is its stake.
    pub(super) fn standing_of(&self, hotkey: &AccountId) -> Standing {
        self.stake_of(hotkey).map_or(Standing::Stranger, |stake| Standing::Validator { priority: stake })
    }
}

/// Tasks that a validator asks one miner in a round, at most.
pub(super) fn largest_load<S: Subnet>(subnet: &S) -> u32 {
    let mechanisms = subnet.mechanisms();
    let tasks = subnet.tasks().into_iter().map(|plan| {
        let mechanism = mechanisms.get(usize::from(plan.mechanism));
        let loaded = mechanism.is_some_and(|mechanism| matches!(mechanism.pay, Pay::Load(_)));
        u32::from(plan.count) * if loaded { Waves::MOST_BATCHES.into() } else { 1 }
    });
    tasks.sum()
}

/// Admission and order of requests: validators by their stake, then strangers if they are served.
#[derive(Clone)]
pub(super) struct Doorkeeper {
    pub(super) roll: Roll,
    pub(super) strangers: Strangers,
    /// Stake from which a permit holder is a validator, for the text of refusals.
    pub(super) least: StakePart,
    /// Notified when a caller is refused.
    pub(super) refused: Arc<Notify>,
}

impl Gate for Doorkeeper {
    fn admit(&self, caller: &Caller, _: &str) -> Admission {
        match self.strangers {
            Strangers::Refused if !self.roll.contains(&caller.hotkey) => {
                self.refused.notify_one();
                let least = self.least;
                Admission::Refused(format!(
                    "this miner answers validators, with a permit and at least {least} of the stake"
                ))
            }
            _ => Admission::Admitted,
        }
    }

    fn standing(&self, hotkey: &AccountId) -> Standing {
        self.roll.standing_of(hotkey)
    }

    fn pace(&self) -> Option<Pace> {
        self.roll.0.read().unwrap_or_else(PoisonError::into_inner).pace
    }
}
