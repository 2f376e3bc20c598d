//! Deletion of customers' texts when an epoch needs them no longer.

use std::time::{SystemTime, UNIX_EPOCH};

use super::runner::Life;
use crate::{
    chain::Chain,
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

impl<S: Subnet, C: Chain> Life<S, C> {
    /// Deletes the texts of customers that are due, once in an epoch and after each proof. What fails is reported, and
    /// tried again in the next epoch.
    pub(super) async fn delete_customers(&mut self, now_epoch: u64) {
        let pending: Vec<u64> = self.memory.pending.values().map(|one| one.epoch).collect();
        if self.cleared.replace((now_epoch, pending.len())) == Some((now_epoch, pending.len())) {
            return;
        }
        let keep = self.options.keep_customer_texts;
        let is_due = |epoch: &u64| is_due(*epoch, now_epoch, keep, &pending);
        for epoch in self.evidence.epochs().into_iter().filter(is_due) {
            if !self.evidence.may_delete(epoch) {
                continue;
            }
            // Answers first: without the salt, this epoch is not looked at again.
            let written = self.evidence.written_last(epoch);
            let cleared = match (&self.inbox, written) {
                (Some(inbox), Some(written)) => inbox.clear(written),
                _ => Ok(0),
            };
            if let Err(error) = cleared {
                self.complain(&error);
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
}
