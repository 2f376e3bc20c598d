//! Deletion of customers' texts when an epoch needs them no longer.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::runner::Life;
use crate::{
    chain::{Chain, SubnetView},
    evidence::{Deleted, Deletion, DeletionError},
    subnet::Subnet,
};

/// Seconds since 1970 by this machine's clock.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Whether an epoch's texts of customers are due: it is over by more than `keep` epochs, and its weights are proved or
/// can be proved no more.
fn is_due(epoch: u64, now: u64, keep: u64, pending: &[u64]) -> bool {
    epoch.saturating_add(keep) < now && !pending.contains(&epoch)
}

/// Age at which an answered request of a customer goes: the epoch of its answer and `keep` more are over.
fn oldest_answer(tempo: u16, slot_ms: u64, keep: u64) -> Duration {
    let epoch = u64::from(tempo).saturating_add(1).saturating_mul(slot_ms);
    Duration::from_millis(epoch.saturating_mul(keep.saturating_add(1)))
}

impl<S: Subnet, C: Chain> Life<S, C> {
    /// Deletes the texts of customers that are due, once in an epoch and after each proof. What fails is reported, and
    /// tried again in the next epoch.
    pub(super) async fn delete_customers(&mut self, view: &SubnetView) {
        let now_epoch = view.epoch;
        let pending: Vec<u64> = self.memory.pending.values().map(|weights| weights.epoch).collect();
        if self.cleared.replace((now_epoch, pending.len())) == Some((now_epoch, pending.len())) {
            return;
        }
        let keep = self.options.keep_customer_texts;
        self.clear_answers(view.tempo, keep).await;
        let is_due = |epoch: &u64| is_due(*epoch, now_epoch, keep, &pending);
        for epoch in self.evidence.epochs().into_iter().filter(is_due) {
            if !self.evidence.may_delete(epoch) {
                continue;
            }
            let evidence = self.evidence.clone();
            let deleting =
                tokio::task::spawn_blocking(move || evidence.delete(epoch, &Deletion::Customers, now()));
            match deleting.await {
                Ok(deleted) => self.note_deletion(epoch, deleted),
                Err(error) => self.complain(&error),
            }
        }
    }

    /// Removes what was answered in the customers' folder so long ago that its epoch's texts are due, too.
    async fn clear_answers(&self, tempo: u16, keep: u64) {
        let Some(inbox) = &self.inbox else { return };
        let Ok(slot_ms) = self.chain.slot_ms().await else { return };
        let Some(before) = SystemTime::now().checked_sub(oldest_answer(tempo, slot_ms, keep)) else { return };
        if let Err(error) = inbox.clear(before) {
            self.complain(&error);
        }
    }

    fn note_deletion(&self, epoch: u64, deleted: Result<Deleted, DeletionError>) {
        match deleted {
            Ok(Deleted { tasks: 0, .. }) => {}
            Ok(Deleted { tasks, files, .. }) => {
                tracing::info!(epoch, tasks, files, "deleted texts of customers");
            }
            Err(error) => self.complain(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept_as_long_as_asked_and_until_the_weights_are_proved() {
        assert!(!is_due(5, 5, 0, &[]), "the epoch is not over");
        assert!(is_due(5, 6, 0, &[]) && !is_due(5, 6, 0, &[5]), "its proof is outstanding");
        assert!(is_due(5, 6, 0, &[6]));
        assert!(!is_due(5, 25, 20, &[]) && is_due(5, 26, 20, &[]));
        assert!(!is_due(5, u64::MAX, u64::MAX, &[]));
    }

    #[test]
    fn answers_stay_for_their_epoch_and_those_that_were_asked_for() {
        assert_eq!(oldest_answer(359, 1_000, 0), Duration::from_secs(360));
        assert_eq!(oldest_answer(359, 12_000, 20), Duration::from_secs(21 * 4_320));
        assert_eq!(oldest_answer(u16::MAX, u64::MAX, u64::MAX), Duration::from_millis(u64::MAX));
    }
}
