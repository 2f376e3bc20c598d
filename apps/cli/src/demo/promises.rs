//! What the demo promises, decided from what the chain says. Pure: the same report gives the same verdict.

use serde::Serialize;

use super::cast::Role;
use super::report::{Player, Report};

/// One promise and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Promise {
    /// What should hold.
    pub promise: String,
    /// Whether it did.
    pub kept: bool,
    /// The numbers that decide.
    pub found: String,
}

/// Every promise, judged over the paid epochs of a report.
pub fn judge(report: &Report) -> Vec<Promise> {
    vec![order(report), cheaters(report), degradation(report), ledger(report)]
}

fn players(report: &Report, role: Role) -> Vec<&Player> {
    report.cast.iter().filter(|player| player.role == role.name()).collect()
}

/// The better model earns more: late over early over n-gram, whoever of them is compared.
fn order(report: &Report) -> Promise {
    let earned = |role| -> Vec<u64> { players(report, role).iter().map(|p| report.earned(p.uid)).collect() };
    let (late, early, ngram) = (earned(Role::Late), earned(Role::Early), earned(Role::Ngram));
    let above = |better: &[u64], worse: &[u64]| match (better.iter().min(), worse.iter().max()) {
        (Some(better), Some(worse)) => better > worse,
        _ => false,
    };
    Promise {
        promise: "the three steady miners earn in the order of their quality".into(),
        kept: above(&late, &early) && above(&early, &ngram),
        found: format!("late {}, early {}, ngram {} (alpha)", list(&late), list(&early), list(&ngram)),
    }
}

/// Relaying and garbage do not pay: under 5 % of the best miner.
fn cheaters(report: &Report) -> Promise {
    let best = report.cast.iter().map(|player| player_earned(report, player)).max().unwrap_or(0);
    let mut kept = best > 0;
    let mut found = Vec::new();
    for role in [Role::Relay, Role::Garbage] {
        for player in players(report, role) {
            let earned = report.earned(player.uid);
            kept &= u128::from(earned) * 20 < u128::from(best);
            let percent = if best == 0 { 0.0 } else { earned as f64 * 100.0 / best as f64 };
            found.push(format!("{} {percent:.2} %", player.name));
        }
    }
    Promise {
        promise: "relay and garbage earn under 5 % of the best".into(),
        kept,
        found: format!("{} of the best", found.join(", ")),
    }
}

fn player_earned(report: &Report, player: &Player) -> u64 {
    if player.role == "validator" {
        0
    } else {
        report.earned(player.uid)
    }
}

/// A miner that gets worse after its first pay has under half of its incentive within two epochs.
fn degradation(report: &Report) -> Promise {
    let paid: Vec<_> = report.paid().collect();
    let mut kept = !players(report, Role::Degrading).is_empty();
    let mut found = Vec::new();
    for player in players(report, Role::Degrading) {
        let series: Vec<u16> = paid
            .iter()
            .map(|epoch| epoch.neurons.get(usize::from(player.uid)).map_or(0, |neuron| neuron.incentive))
            .collect();
        let first = series.first().copied().unwrap_or(0);
        kept &=
            first > 0 && series.iter().skip(1).take(2).any(|later| u32::from(*later) * 2 < u32::from(first));
        let shown: Vec<String> = series.iter().map(u16::to_string).collect();
        found.push(format!("{}: {}", player.name, shown.join(" → ")));
    }
    Promise {
        promise: "the degraded miner's incentive is under half within two epochs".into(),
        kept,
        found: found.join("; "),
    }
}

fn ledger(report: &Report) -> Promise {
    let promise = "ledgers balance to the rao".into();
    match &report.chain.ledger {
        Some(ledger) => Promise { promise, kept: ledger.balanced(), found: ledger.summary() },
        None => Promise { promise, kept: false, found: "the ledger was not read".into() },
    }
}

fn list(rao: &[u64]) -> String {
    let shown: Vec<String> = rao.iter().map(|rao| format!("{:.4}", *rao as f64 / 1e9)).collect();
    shown.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::ledger::Ledger;
    use crate::demo::report::{Chain, Epoch, Neuron};

    /// A report in which uid i earns `emissions[epoch][i]` and has `incentives[epoch][i]`; roles in `Role::ALL` order.
    fn report(emissions: &[[u64; 6]], degrading: &[u16]) -> Report {
        let cast = Role::ALL
            .iter()
            .enumerate()
            .map(|(uid, role)| Player {
                name: format!("miner-{}", uid + 1),
                role: role.name().into(),
                uid: uid as u16,
                hotkey: String::new(),
                coldkey: String::new(),
            })
            .collect();
        let epochs = emissions
            .iter()
            .zip(degrading)
            .map(|(row, degrading)| Epoch {
                block: 1,
                hash: String::new(),
                from_weights: true,
                price_rao: 1,
                neurons: row
                    .iter()
                    .enumerate()
                    .map(|(uid, emission)| Neuron {
                        uid: uid as u16,
                        hotkey: String::new(),
                        coldkey: String::new(),
                        incentive: if uid == 3 { *degrading } else { 0 },
                        dividends: 0,
                        emission_rao: *emission,
                        stake_rao: 0,
                        balance_rao: 0,
                        weights: Vec::new(),
                    })
                    .collect(),
            })
            .collect();
        Report {
            seed: 0,
            negative_control: false,
            kept: false,
            promises: Vec::new(),
            cast,
            chain: Chain { epochs, ledger: Some(Ledger::default()), ..Chain::default() },
            scores: Vec::new(),
            unstaked: None,
            seconds_to_paid_epochs: Vec::new(),
        }
    }

    #[test]
    fn a_market_that_works_keeps_every_promise() {
        let good = report(&[[10, 50, 100, 100, 1, 0], [10, 60, 100, 20, 2, 0]], &[1000, 300]);
        assert!(judge(&good).iter().all(|promise| promise.kept), "{:?}", judge(&good));
    }

    #[test]
    fn each_promise_fails_alone_when_it_is_broken() {
        let kept = |r: &Report| judge(r).iter().map(|p| p.kept).collect::<Vec<_>>();
        assert_eq!(kept(&report(&[[60, 50, 100, 100, 1, 0]; 2], &[1000, 300])), [false, true, true, true]);
        assert_eq!(kept(&report(&[[10, 50, 100, 100, 5, 0]; 2], &[1000, 300])), [true, false, true, true]);
        assert_eq!(kept(&report(&[[10, 50, 100, 100, 1, 0]; 2], &[1000, 500])), [true, true, false, true]);
        assert_eq!(kept(&report(&[[7; 6]; 4], &[1000; 4])), [false, false, false, true]);
    }
}
