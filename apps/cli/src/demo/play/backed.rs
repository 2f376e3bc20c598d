//! Backed: text whose rules require collateral, a miner without any, and one that contradicts itself.

use super::{Play, Role};
use crate::demo::promises::{nothing_for, ranking, Promise};
use crate::demo::report::Report;

/// The miner that contradicts itself.
const TWO_FACED: &str = "two-faced";

/// Miners have something to lose.
pub const PLAY: Play = Play {
    name: "backed",
    kind: "text",
    roles: &[
        Role::steady("ngram", &["--model", "ngram"]),
        Role::steady("late", &["--model", "late"]),
        Role { unbacked: true, ..Role::unsteady("unbacked", &["--model", "late"]) },
        // As two machines behind one key do that know nothing of each other.
        Role::unsteady(TWO_FACED, &["--model", "late", "--adversary", "two-faced", "--forgetful"]),
    ],
    judging: "verifiable = 0\nload = 300",
    judging_beside: "",
    feed: None,
    collateral: 5,
    tempo: 120,
    promises,
};

fn promises(report: &Report) -> Vec<Promise> {
    vec![
        ranking(report, "the better of two backed models earns more", ["late", "ngram"]),
        nothing_for(report, "who has no collateral is neither asked nor paid", &["unbacked"]),
        forfeit(report),
    ]
}

/// A miner that signs two answers to one challenge loses all of its collateral, and nobody else loses any.
fn forfeit(report: &Report) -> Promise {
    let whole = PLAY.collateral * 1_000_000_000;
    let liars: Vec<&str> = report.players(TWO_FACED).map(|player| player.name.as_str()).collect();
    let lost: Vec<&str> = report.forfeits.iter().map(|forfeit| forfeit.name.as_str()).collect();
    let all = report.forfeits.iter().all(|forfeit| forfeit.reward_rao + forfeit.recycled_rao == whole);
    let shown: Vec<String> = report
        .forfeits
        .iter()
        .map(|forfeit| {
            let [reward, recycled] = [forfeit.reward_rao, forfeit.recycled_rao].map(|rao| rao as f64 / 1e9);
            format!(
                "{} lost {} τ: {reward} τ to {}, {recycled} τ recycled",
                forfeit.name,
                whole / 1_000_000_000,
                forfeit.reporter
            )
        })
        .collect();
    Promise {
        promise: "who signs two answers to one challenge loses its collateral, and nobody else does".into(),
        kept: !liars.is_empty() && all && lost == liars,
        found: if shown.is_empty() { "nobody lost any".into() } else { shown.join("; ") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::promises::tests::report;
    use crate::demo::report::Forfeited;

    #[test]
    fn each_promise_can_be_kept_and_broken() {
        let kept = |emissions: [u64; 4], lost: &[(&str, u64)]| -> Vec<bool> {
            let mut report = report(&PLAY, &[emissions], &[]);
            report.forfeits = lost
                .iter()
                .map(|(name, recycled_rao)| Forfeited {
                    name: (*name).into(),
                    reporter: "validator-1".into(),
                    reward_rao: 500_000_000,
                    recycled_rao: *recycled_rao,
                })
                .collect();
            promises(&report).iter().map(|promise| promise.kept).collect()
        };
        let liar = ("miner-4", 4_500_000_000);
        assert_eq!(kept([5, 9, 0, 1], &[liar]), [true, true, true]);
        assert_eq!(kept([9, 9, 0, 1], &[liar]), [false, true, true]);
        assert_eq!(kept([5, 9, 1, 1], &[liar]), [true, false, true]);
        assert_eq!(kept([5, 9, 0, 1], &[]), [true, true, false]);
        assert_eq!(kept([5, 9, 0, 1], &[liar, ("miner-1", 4_500_000_000)]), [true, true, false]);
        assert_eq!(kept([5, 9, 0, 1], &[("miner-4", 4_000_000_000)]), [true, true, false]);
    }
}
