//! Text: three honest models of different quality, one miner that gets worse, one that relays, one that sends garbage.

use super::{Play, Role, LONG};
use crate::demo::promises::{earners, earns_more, list, Promise};
use crate::demo::report::Report;

/// Serves the late checkpoint. Like every miner by default it answers validators alone. The relay is none: it has less
/// than 1/256 of the stake, with or without a permit.
const LATE: Role = Role::steady("late", &["--model", "late"]);

/// Miners continue code and prose.
pub const PLAY: Play = Play {
    name: "text",
    kind: "text",
    roles: &[
        Role::steady("ngram", &["--model", "ngram"]),
        Role::steady("early", &["--model", "early"]),
        LATE,
        // The late checkpoint until the miner was paid once, then one commonplace for every task.
        Role::unsteady("degrading", &["--model", "late", "--adversary", "degrading"]),
        // A miner without a model, which passes its tasks on.
        Role {
            relays_to: Some(LATE.name),
            ..Role::unsteady("relay", &["--model", "ngram", "--adversary", "relay"])
        },
        Role::unsteady("garbage", &["--model", "ngram", "--adversary", "garbage"]),
    ],
    // No built-in model solves verifiable tasks. The subnet's own load lets a miner use a core for itself; here all
    // processes share two. With it an n-gram model does seventeen times as much as a better one, and may earn more.
    judging: "verifiable = 0\nload = 300",
    judging_beside: "",
    feed: None,
    collateral: 0,
    tempo: LONG,
    promises,
};

fn promises(report: &Report) -> Vec<Promise> {
    vec![order(report), cheaters(report), degradation(report)]
}

/// The better model earns more: late over early over n-gram, for every pair of miners.
fn order(report: &Report) -> Promise {
    let [late, early, ngram] = ["late", "early", "ngram"].map(|role| earners(report, role));
    Promise {
        promise: "the three steady miners earn in the order of their quality".into(),
        kept: earns_more(&late, &early) && earns_more(&early, &ngram),
        found: format!("late {}, early {}, ngram {} (alpha)", list(&late), list(&early), list(&ngram)),
    }
}

/// Relaying and garbage do not pay: they earn under 5 % of the best miner's pay.
fn cheaters(report: &Report) -> Promise {
    let players = PLAY.roles.iter().flat_map(|role| report.players(role.name));
    let best = players.map(|player| report.earned(player.uid)).max().unwrap_or(0);
    let mut kept = best > 0;
    let mut found = Vec::new();
    for player in ["relay", "garbage"].into_iter().flat_map(|role| report.players(role)) {
        let earned = report.earned(player.uid);
        kept &= u128::from(earned) * 20 < u128::from(best);
        let percent = if best == 0 { 0.0 } else { earned as f64 * 100.0 / best as f64 };
        found.push(format!("{} {percent:.2} %", player.name));
    }
    Promise {
        promise: "relay and garbage earn under 5 % of the best".into(),
        kept,
        found: format!("{} of the best", found.join(", ")),
    }
}

/// A miner that gets worse after its first pay has under half of its incentive within two epochs. Its pay in the second
/// epoch is for earlier answers, since weights are revealed an epoch after they are committed.
fn degradation(report: &Report) -> Promise {
    let paid: Vec<_> = report.paid().collect();
    let mut kept = report.players("degrading").next().is_some();
    let mut found = Vec::new();
    for player in report.players("degrading") {
        let series: Vec<u16> = paid
            .iter()
            .map(|epoch| epoch.neurons.get(usize::from(player.uid)).map_or(0, |neuron| neuron.incentive))
            .collect();
        let first = series.first().copied().unwrap_or(0);
        let peak = usize::from(series.get(1).is_some_and(|second| *second > first));
        let height = series.get(peak).copied().unwrap_or(0);
        let mut after = series.iter().skip(peak + 1).take(2);
        kept &= first > 0 && after.any(|later| u32::from(*later) * 2 < u32::from(height));
        let shown: Vec<String> = series.iter().map(u16::to_string).collect();
        found.push(format!("{}: {}", player.name, shown.join(" → ")));
    }
    Promise {
        promise: "the degraded miner's incentive is under half within two epochs".into(),
        kept,
        found: found.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::promises::tests::{self, report};

    #[test]
    fn a_market_that_works_keeps_every_promise() {
        let good = report(&PLAY, &[[10, 50, 100, 100, 1, 0], [10, 60, 100, 20, 2, 0]], &[1000, 300]);
        assert!(promises(&good).iter().all(|promise| promise.kept), "{:?}", promises(&good));
    }

    #[test]
    fn each_promise_fails_alone_when_it_is_broken() {
        let kept = |emissions: &[[u64; 6]], incentives: &[u16]| tests::kept(&PLAY, emissions, incentives);
        assert_eq!(kept(&[[60, 50, 100, 100, 1, 0]; 2], &[1000, 300]), [false, true, true]);
        assert_eq!(kept(&[[10, 50, 100, 100, 5, 0]; 2], &[1000, 300]), [true, false, true]);
        assert_eq!(kept(&[[10, 50, 100, 100, 1, 0]; 2], &[1000, 500]), [true, true, false]);
        assert_eq!(kept(&[[7; 6]; 4], &[1000; 4]), [false, false, false]);
    }
}
