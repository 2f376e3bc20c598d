//! Promises of the demo, decided from the chain's state. Pure: the same report gives the same verdict.
//!
//! Each play has promises of its own. This file holds their common parts, and the promise about all money.

use serde::Serialize;

use super::ledger::Ledger;
use super::report::Report;

/// A promise with its verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Promise {
    /// The promise in words.
    pub promise: String,
    /// Whether it was kept.
    pub kept: bool,
    /// The numbers that decide it.
    pub found: String,
}

/// Earnings of all miners with this role.
pub fn earners(report: &Report, role: &str) -> Vec<u64> {
    report.players(role).map(|player| report.earned(player.uid)).collect()
}

/// Whether each of `better` is more than each of `worse`.
pub fn earns_more(better: &[u64], worse: &[u64]) -> bool {
    match (better.iter().min(), worse.iter().max()) {
        (Some(better), Some(worse)) => better > worse,
        _ => false,
    }
}

/// The promise that the better of two roles earns more.
pub fn ranking(report: &Report, promise: &str, [better, worse]: [&str; 2]) -> Promise {
    let (first, second) = (earners(report, better), earners(report, worse));
    Promise {
        promise: promise.into(),
        kept: earns_more(&first, &second),
        found: format!("{better} {}, {worse} {} (alpha)", list(&first), list(&second)),
    }
}

/// The promise that some roles earn nothing while others earn.
pub fn nothing_for(report: &Report, promise: &str, roles: &[&str]) -> Promise {
    let all: u64 = report.cast.iter().map(|player| report.earned(player.uid)).sum();
    let mut kept = all > 0;
    let mut found = Vec::new();
    for role in roles {
        let earned = earners(report, role);
        kept &= !earned.is_empty() && earned.iter().all(|earned| *earned == 0);
        found.push(format!("{role} {}", list(&earned)));
    }
    Promise { promise: promise.into(), kept, found: format!("{} (alpha)", found.join(", ")) }
}

/// The promise that every rao has an owner.
pub fn balanced(ledger: &Ledger) -> Promise {
    Promise { promise: "ledgers balance to the rao".into(), kept: ledger.balanced(), found: ledger.summary() }
}

/// Amounts for people.
pub fn list(rao: &[u64]) -> String {
    let shown: Vec<String> = rao.iter().map(|rao| format!("{:.4}", *rao as f64 / 1e9)).collect();
    shown.join("/")
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::demo::play::Play;
    use crate::demo::report::{Chain, Epoch, Neuron, Player};

    /// For each promise of a play, whether such a [`report`] keeps it.
    pub fn kept(play: &Play, emissions: &[impl AsRef<[u64]>], incentives: &[u16]) -> Vec<bool> {
        (play.promises)(&report(play, emissions, incentives)).iter().map(|promise| promise.kept).collect()
    }

    /// A report in which uid i has role i of the play and earns `emissions[epoch][i]`; every uid has
    /// `incentives[epoch]`.
    pub fn report(play: &Play, emissions: &[impl AsRef<[u64]>], incentives: &[u16]) -> Report {
        let player = |(uid, role): (usize, &crate::demo::play::Role)| Player {
            name: format!("miner-{}", uid + 1),
            role: role.name.into(),
            uid: uid as u16,
            hotkey: String::new(),
            coldkey: String::new(),
        };
        let epoch = |(number, row): (usize, &[u64])| Epoch {
            block: 1,
            hash: String::new(),
            from_weights: true,
            price_rao: 1,
            neurons: row
                .iter()
                .enumerate()
                .map(|(uid, emission)| Neuron {
                    uid: uid as u16,
                    incentive: incentives.get(number).copied().unwrap_or(0),
                    emission_rao: *emission,
                    ..Neuron::default()
                })
                .collect(),
            proofs: None,
        };
        Report {
            kind: play.kind,
            cast: play.roles.iter().enumerate().map(player).collect(),
            chain: Chain {
                epochs: emissions.iter().map(AsRef::as_ref).enumerate().map(epoch).collect(),
                ..Chain::default()
            },
            ..Report::default()
        }
    }

    #[test]
    fn a_missing_rao_breaks_the_promise_about_money() {
        assert!(balanced(&Ledger::default()).kept);
        assert!(!balanced(&Ledger { accounts_rao: 1, ..Ledger::default() }).kept);
    }

    #[test]
    fn nothing_is_promised_of_roles_that_nobody_plays() {
        let good = report(Play::ALL[0], &[[10, 50, 100, 100, 1, 0]], &[]);
        assert!(!nothing_for(&good, "", &["genius"]).kept);
        assert!(!ranking(&good, "", ["late", "genius"]).kept);
    }
}
