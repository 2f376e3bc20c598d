//! Away, late or wrong: how a request without an answer counts.
//!
//! | how the request ended | reason | what it means for the miner |
//! |---|---|---|
//! | nobody accepted the connection, or it broke twice | [`Reason::Unreachable`] | a fault, unless its allowance covers it |
//! | the time was over without an answer | [`Reason::Late`] | a fault; at saturating load only if the task was [left out](super::load) |
//! | any status but 200 before that, 408 and 503 among them | [`Reason::Refused`] | a fault |
//! | an answer that is too large | [`Reason::Oversize`] | a fault |
//!
//! A miner chooses which requests it refuses, so a refusal costs as much as a wrong answer. At saturating load its
//! weight is also subtracted from the work done, because the miner did something else in its time. A miner cannot
//! choose a broken connection: one request in an epoch is excused, and one whole round in [`AWAY_EPOCHS`] epochs. If no
//! miner could be reached, the fault is the validator's own, and nothing counts.

use myelin_wire::{record::Reason, status::code, AccountId};
use serde::{Deserialize, Serialize};

use super::round::{AskedTask, Delivery, Outcome};
use crate::subnet::{MinerRef, Subnet};

/// End of a request that brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer {
    /// The status: the axon's, or the asking side's own.
    pub status: u16,
    /// Whether the axon replied at all.
    pub replied: bool,
    /// Whether the time of the request was over.
    pub over: bool,
}

impl NoAnswer {
    /// The reason as which it counts.
    pub fn reason(self) -> Reason {
        match self.status {
            code::UNPROCESSABLE => Reason::Oversize,
            code::UNAVAILABLE if !self.replied => Reason::Unreachable,
            // The axon was busy until the end, or silent.
            code::TIMEOUT | code::UNAVAILABLE if self.over => Reason::Late,
            _ => Reason::Refused,
        }
    }
}

/// Part of a round that did not reach a miner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Some requests of a round; one of them may be excused.
    Request,
    /// All requests of a round: the miner was away.
    Round,
}

/// Allowance for requests that do not arrive: one request per epoch, and one round per [`AWAY_EPOCHS`] epochs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultAllowance {
    epoch: u64,
    used: bool,
    /// The epoch in which a whole round was excused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    away: Option<u64>,
}

/// Epochs from one excused round of a miner to the next. More frequent excuses would be a way to be paid for less work.
pub const AWAY_EPOCHS: u64 = 10;

impl FaultAllowance {
    /// Whether a fault in `epoch` is excused; the first one is, and uses the allowance up.
    pub fn excuse(&mut self, fault: Fault, epoch: u64) -> bool {
        if self.epoch != epoch {
            *self = FaultAllowance { epoch, used: false, away: self.away };
        }
        match fault {
            Fault::Request => !std::mem::replace(&mut self.used, true),
            Fault::Round => {
                let due = self.away.is_none_or(|away| epoch.saturating_sub(away) >= AWAY_EPOCHS);
                self.away = if due { Some(epoch) } else { self.away };
                due
            }
        }
    }
}

/// Excuses requests that did not arrive, as far as the allowances cover them.
///
/// `excuse` is asked once per miner: for the whole round if nothing reached the miner, else for one request. If nobody
/// of several miners was reached, nothing counts.
pub(super) fn excuse_faults<S: Subnet>(
    asked: &mut [AskedTask<S>],
    miners: &[MinerRef],
    excuse: &mut impl FnMut(&AccountId, Fault) -> bool,
) {
    let nobody = miners.len() > 1 && asked.iter().all(|task| task.deliveries.iter().all(is_unreachable));
    let mut reached = vec![false; miners.len()];
    for delivery in asked.iter().flat_map(|task| &task.deliveries).filter(|it| !is_unreachable(it)) {
        reached[delivery.miner] = true;
    }
    let mut allowed: Vec<Option<bool>> = vec![None; miners.len()];
    let deliveries = asked.iter_mut().flat_map(|task| &mut task.deliveries);
    for delivery in deliveries.filter(|delivery| is_unreachable(delivery)) {
        let fault = if reached[delivery.miner] { Fault::Request } else { Fault::Round };
        let allowed = &mut allowed[delivery.miner];
        let excused = nobody || *allowed.get_or_insert_with(|| excuse(&miners[delivery.miner].hotkey, fault));
        // The allowance is for one request, so the next one of this round is a fault.
        if fault == Fault::Request {
            *allowed = Some(false);
        }
        if excused {
            delivery.outcome = Outcome::Failed(Reason::Excused);
        }
    }
}

fn is_unreachable<R>(delivery: &Delivery<R>) -> bool {
    matches!(delivery.outcome, Outcome::Failed(Reason::Unreachable))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(status: u16, replied: bool, over: bool) -> Reason {
        NoAnswer { status, replied, over }.reason()
    }

    #[test]
    fn a_refusal_before_the_deadline_is_a_refusal_whatever_its_status() {
        for status in [code::TIMEOUT, code::UNAVAILABLE, code::BAD_REQUEST, code::INTERNAL, 429] {
            assert_eq!(reason(status, true, false), Reason::Refused, "{status}");
        }
        assert_eq!(reason(code::UNPROCESSABLE, true, false), Reason::Oversize);
    }

    #[test]
    fn only_what_took_all_its_time_is_late_and_only_what_never_replied_is_away() {
        assert_eq!(reason(code::TIMEOUT, false, true), Reason::Late);
        assert_eq!(reason(code::UNAVAILABLE, true, true), Reason::Late, "its queue was full all the time");
        assert_eq!(reason(code::UNAVAILABLE, false, false), Reason::Unreachable);
        assert_eq!(reason(code::UNAVAILABLE, false, true), Reason::Unreachable);
    }

    #[test]
    fn one_request_an_epoch_is_excused_and_one_round_in_ten_epochs() {
        let mut faults = FaultAllowance::default();
        assert!(faults.excuse(Fault::Request, 4));
        assert!(!faults.excuse(Fault::Request, 4));
        assert!(faults.excuse(Fault::Request, 5));
        assert!(faults.excuse(Fault::Round, 5));
        assert!((5..15).all(|epoch| !faults.excuse(Fault::Round, epoch)));
        assert!(faults.excuse(Fault::Request, 14));
        assert!(faults.excuse(Fault::Round, 15));
        let kept: FaultAllowance = serde_json::from_str(r#"{"epoch":3,"used":true}"#).unwrap();
        assert!(!kept.clone().excuse(Fault::Request, 3) && kept.clone().excuse(Fault::Round, 3));
    }
}
