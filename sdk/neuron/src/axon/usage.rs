//! How much of an axon each sender uses: requests at the same time, and requests within a period.
//!
//! Every validator has an account of its own, with as many requests within a period as it can need. At the same time it
//! may have at most as many as it leaves to other validators, and a few whatever the others have. All strangers share
//! one account, since a stranger can make any number of keys. Only their requests at the same time are counted;
//! otherwise one stranger could use up the period of all. Requests to public synapses have an account as well.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use myelin_wire::AccountId;
use tokio::time::Instant;

use super::gate::Pace;

/// Accounts after which those without a request under way are forgotten.
const MAX_ACCOUNTS: usize = 1_024;

/// Requests at the same time that every validator may have, whatever others have.
const ALWAYS: usize = 4;

/// Account that a request is counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Payer {
    Validator(AccountId),
    Strangers,
    /// Senders of requests to public synapses.
    Public,
}

#[derive(Clone)]
pub(super) struct Usage {
    accounts: Arc<Mutex<HashMap<Payer, Account>>>,
    per_validator: usize,
    of_validators: usize,
    of_strangers: usize,
}

struct Account {
    at_once: usize,
    /// Requests that the account may still send now; the number grows with time.
    left: f64,
    since: Instant,
}

/// A request under way; dropping it ends it.
pub(super) struct Turn {
    usage: Usage,
    payer: Payer,
}

impl Usage {
    pub(super) fn new(per_validator: usize, of_validators: usize, of_strangers: usize) -> Self {
        Self { accounts: Arc::default(), per_validator, of_validators, of_strangers }
    }

    /// Counts a request, unless its account has used up its quota. The pace is that of validators.
    pub(super) fn begin(&self, payer: Payer, pace: Option<Pace>) -> Option<Turn> {
        self.begin_at(Instant::now(), payer, pace)
    }

    fn begin_at(&self, now: Instant, payer: Payer, pace: Option<Pace>) -> Option<Turn> {
        let mut accounts = self.lock();
        let (at_once, pace) = match payer {
            Payer::Validator(_) => {
                let validators = accounts.iter().filter(|(payer, _)| matches!(payer, Payer::Validator(_)));
                let under_way = validators.map(|(_, account)| account.at_once).sum();
                let left = self.of_validators.saturating_sub(under_way);
                (self.per_validator.min(left.max(ALWAYS)), pace)
            }
            Payer::Strangers | Payer::Public => (self.of_strangers, None),
        };
        let most = pace.map_or(f64::INFINITY, |pace| f64::from(pace.requests));
        if accounts.len() >= MAX_ACCOUNTS {
            accounts.retain(|_, account| account.at_once > 0);
        }
        let entry = accounts.entry(payer).or_insert(Account { at_once: 0, left: most, since: now });
        if let Some(pace) = pace {
            let periods = now.duration_since(entry.since).as_secs_f64() / pace.per.as_secs_f64().max(1e-3);
            entry.left = (entry.left + periods * most).min(most);
        }
        entry.since = now;
        if entry.at_once >= at_once || (pace.is_some() && entry.left < 1.0) {
            return None;
        }
        entry.at_once += 1;
        entry.left -= 1.0;
        drop(accounts);
        Some(Turn { usage: self.clone(), payer })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Payer, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(account) = self.usage.lock().get_mut(&self.payer) {
            account.at_once = account.at_once.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn validators_have_an_account_each_and_strangers_share_one() {
        let usage = Usage::new(2, 99, 3);
        let begin = |payer| usage.begin(payer, None);
        let mut strangers: Vec<_> = (0..3).map(|_| begin(Payer::Strangers).unwrap()).collect();
        assert!(begin(Payer::Strangers).is_none());
        assert!(begin(Payer::Public).is_some());
        let (one, other) = (Payer::Validator([1; 32]), Payer::Validator([2; 32]));
        let _two = (begin(one).unwrap(), begin(one).unwrap());
        assert!(begin(one).is_none());
        assert!(begin(other).is_some(), "the other validator has its own");
        strangers.pop();
        assert!(begin(Payer::Strangers).is_some());
    }

    #[test]
    fn validators_together_leave_a_turn_to_the_next_one() {
        let usage = Usage::new(128, 512, 9);
        let all = |name| -> Vec<_> {
            std::iter::from_fn(|| usage.begin(Payer::Validator([name; 32]), None)).collect()
        };
        let alone = all(0);
        assert_eq!(alone.len(), 128);
        let held: Vec<_> = (1..100).map(all).collect();
        assert_eq!(held.iter().take(4).map(Vec::len).collect::<Vec<_>>(), [128, 128, 64, 32]);
        assert!(held.iter().all(|turns| turns.len() >= ALWAYS));
        drop(held);
        assert_eq!(all(1).len(), 128);
    }

    #[test]
    fn what_a_validator_used_up_comes_back_with_time() {
        let usage = Usage::new(9, 99, 9);
        let start = Instant::now();
        let pace = Some(Pace { requests: 4, per: Duration::from_secs(8) });
        let at = |seconds, payer| usage.begin_at(start + Duration::from_secs(seconds), payer, pace).is_some();
        let begin = |seconds| at(seconds, Payer::Validator([1; 32]));
        assert_eq!([0, 0, 0, 0, 0].map(begin), [true, true, true, true, false]);
        assert_eq!([1, 2, 2, 3].map(begin), [false, true, false, false]);
        assert_eq!([100, 100, 100, 100, 100].map(begin), [true, true, true, true, false]);
        assert!((0..9).all(|_| at(100, Payer::Strangers)), "one stranger uses up nobody's period");
    }
}
