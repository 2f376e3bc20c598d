//! `--evidence`: the promises about validators, decided from the chain's state. Pure, as the other promises.
//!
//! Which epochs count for a validator follows from the chain, and never from its success. Its first whole epoch is the
//! first at whose beginning it had a permit while proof was demanded. Its weights of that epoch are proven in a later
//! one. From that one on every epoch counts.

use super::promises::Promise;
use super::proof::Cheat;
use super::report::{Epoch, Player, Proofs, Report};
use super::stage::{Actor, Stage};

/// Least number of epochs for a verdict.
const LEAST: usize = 2;

/// An epoch with its proofs.
type Proved<'a> = (&'a Epoch, &'a Proofs);

fn with_proofs(report: &Report) -> impl Iterator<Item = Proved<'_>> {
    report.chain.epochs.iter().filter_map(|epoch| Some((epoch, epoch.proofs.as_ref()?)))
}

/// The first epoch that counts for a validator; `None` as long as no epoch began in which it could work.
pub fn counted_from(report: &Report, uid: u16) -> Option<u64> {
    let begun = with_proofs(report).find(|(_, proofs)| proofs.able.contains(&uid));
    begun.map(|(_, proofs)| proofs.able_prove_in)
}

/// The epochs that count for a validator.
fn counted(report: &Report, uid: u16) -> impl Iterator<Item = Proved<'_>> {
    let first = counted_from(report, uid);
    with_proofs(report).filter(move |(_, proofs)| first.is_some_and(|first| proofs.ended >= first))
}

/// Epochs that were played: those that count for a validator that works. Where no proof is demanded, those that are
/// paid by weights.
pub fn played(report: &Report) -> usize {
    if with_proofs(report).next().is_none() {
        return report.paid().count();
    }
    report.players("validator").map(|player| counted(report, player.uid).count()).max().unwrap_or_default()
}

/// The validators for which the last epoch counts, as the end of a line; empty where no proof is demanded.
pub fn counts_for(report: &Report) -> String {
    let Some((_, last)) = with_proofs(report).last() else { return String::new() };
    let counts = |player: &&Player| counted_from(report, player.uid).is_some_and(|first| first <= last.ended);
    let named: Vec<&str> = report.players("validator").filter(counts).map(|player| &*player.name).collect();
    match named.is_empty() {
        true => format!("; epoch {} counts for no validator yet", last.ended),
        false => format!("; epoch {} counts for {}", last.ended, named.join(", ")),
    }
}

/// The validator that stops, once it has proved an epoch that counts.
pub fn resting<'a>(stage: &'a Stage, report: &Report) -> Option<&'a Actor> {
    let lazy = stage.validators().find(|actor| actor.cheat == Some(Cheat::Lazy))?;
    let (_, proofs) = counted(report, lazy.uid).last()?;
    proofs.proven.contains(&lazy.uid).then_some(lazy)
}

/// Epochs from the first on in which a validator proved its weights, those included that do not count.
fn judged(report: &Report) -> Vec<Proved<'_>> {
    with_proofs(report).skip_while(|(_, proofs)| proofs.proven.is_empty()).collect()
}

fn dividends(epoch: &Epoch, player: &Player) -> u16 {
    epoch.neurons.get(usize::from(player.uid)).map_or(0, |neuron| neuron.dividends)
}

/// The promises about validators.
pub fn promises(report: &Report) -> Vec<Promise> {
    let epochs = judged(report);
    vec![honest(report), cheats(report, &epochs), only_proof(report, &epochs), shown(report)]
}

/// The validators that work prove each epoch that counts.
fn honest(report: &Report) -> Promise {
    let mut kept = played(report) >= LEAST;
    let (mut counts, mut firsts) = (Vec::new(), Vec::new());
    for player in report.players("validator") {
        let all = counted(report, player.uid).count();
        let proven = counted(report, player.uid).filter(|(_, proofs)| proofs.proven.contains(&player.uid));
        let proven = proven.count();
        kept &= all > 0 && proven == all;
        counts.push(format!("{proven} of {all}"));
        firsts.push(counted_from(report, player.uid).map_or("none".into(), |first| first.to_string()));
    }
    Promise {
        promise: "validators that work prove each epoch, from the first whole one on".into(),
        kept,
        found: format!("{} epochs; the first that count are {}", counts.join(", "), firsts.join(", ")),
    }
}

/// The copier is paid nothing, the lazy one for the epochs that it proved.
fn cheats(report: &Report, epochs: &[Proved<'_>]) -> Promise {
    let mut kept = report.copied > 0;
    let mut found = vec![format!("the copier revealed weights {} times", report.copied)];
    for cheat in Cheat::ALL {
        for player in report.players(cheat.name()) {
            let is_paid = |(epoch, _): &&Proved<'_>| dividends(epoch, player) > 0;
            let paid = epochs.iter().filter(is_paid).count();
            kept &= match cheat {
                Cheat::Copier => paid == 0,
                Cheat::Lazy => paid > 0 && epochs.last().is_some_and(|last| !is_paid(&last)),
            };
            found.push(format!("{} was paid in {paid} of {} epochs", cheat.name(), epochs.len()));
        }
    }
    Promise {
        promise: "copying weights pays nothing, and whoever stops working is paid no longer".into(),
        kept: kept && found.len() > Cheat::ALL.len(),
        found: found.join(", "),
    }
}

/// A validator is paid in an epoch exactly if it proved its weights.
fn only_proof(report: &Report, epochs: &[Proved<'_>]) -> Promise {
    let judges = || {
        let names = ["validator", Cheat::Copier.name(), Cheat::Lazy.name()];
        names.into_iter().flat_map(|name| report.players(name))
    };
    let mut odd = Vec::new();
    for (epoch, proofs) in epochs {
        for player in judges() {
            if (dividends(epoch, player) > 0) != proofs.proven.contains(&player.uid) {
                odd.push(format!("{} at block {}", player.name, epoch.block));
            }
        }
    }
    Promise {
        promise: "validators are paid for epochs that they proved, and for no others".into(),
        kept: !epochs.is_empty() && odd.is_empty(),
        found: match odd.is_empty() {
            true => format!("so it was with {} validators in {} epochs", judges().count(), epochs.len()),
            false => format!("not so: {}", odd.join(", ")),
        },
    }
}

/// Another validator holds the evidence of each one that works.
fn shown(report: &Report) -> Promise {
    // The evidence of the first proof opens an epoch after it.
    let opened = |player: &Player| counted(report, player.uid).skip(1);
    let is_held = |player: &Player| {
        let held = opened(player).filter(|(_, proofs)| proofs.held.contains(&player.uid)).count();
        held > 0 && held == opened(player).count()
    };
    let (held, alone): (Vec<&Player>, Vec<&Player>) =
        report.players("validator").partition(|player| is_held(player));
    let named: Vec<&str> = alone.iter().map(|player| player.name.as_str()).collect();
    let counts: Vec<String> = held.iter().map(|player| opened(player).count().to_string()).collect();
    Promise {
        promise: "the evidence of each validator that works is also with another one".into(),
        kept: !held.is_empty() && alone.is_empty(),
        found: match named.is_empty() {
            true => format!("so it was with {} validators in {} epochs", held.len(), counts.join(", ")),
            false => format!("not that of {}", named.join(", ")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::report::{Chain, Neuron};

    /// Number of the first epoch of a report.
    const FIRST: u64 = 7;

    /// Validators with a proof in an epoch, and their dividends by uid.
    type Seen<'a> = (&'a [u16], [u16; 5]);

    const NOBODY: Seen<'static> = (&[], [5, 4, 3, 3, 3]);
    const ALL: Seen<'static> = (&[0, 1, 2, 4], [5, 4, 3, 0, 3]);
    const REST: Seen<'static> = (&[0, 1, 2], [5, 4, 3, 0, 0]);
    /// Validator 2 has no proof.
    const WITHOUT: Seen<'static> = (&[0, 1], [5, 4, 0, 0, 0]);

    /// A report of validators 0 to 2, which work, 3, which copies, and 4, which is lazy. All of them are able when the
    /// first epoch ends.
    fn report(epochs: &[Seen<'_>], copied: u32) -> Report {
        let roles = ["validator", "validator", "validator", "copier", "lazy"];
        let player = |(uid, role): (u16, &str)| Player {
            name: format!("validator-{}", uid + 1),
            role: role.into(),
            uid,
            hotkey: String::new(),
            coldkey: String::new(),
        };
        let epoch = |(ended, (proven, dividends)): (u64, &Seen<'_>)| Epoch {
            block: 1,
            hash: String::new(),
            from_weights: true,
            price_rao: 1,
            neurons: dividends
                .iter()
                .map(|share| Neuron { dividends: *share, ..Neuron::default() })
                .collect(),
            proofs: Some(Proofs {
                ended,
                proven: proven.to_vec(),
                held: vec![0, 1, 2],
                able: vec![0, 1, 2, 3, 4],
                able_prove_in: ended + 2,
            }),
        };
        let chain = Chain { epochs: (FIRST..).zip(epochs).map(epoch).collect(), ..Chain::default() };
        Report { cast: (0..).zip(roles).map(player).collect(), chain, copied, ..Report::default() }
    }

    fn verdicts(report: &Report) -> Vec<bool> {
        promises(report).iter().map(|promise| promise.kept).collect()
    }

    /// The verdicts where two epochs came before those that count.
    fn kept(epochs: &[Seen<'_>], copied: u32) -> Vec<bool> {
        verdicts(&report(&[&[NOBODY, ALL][..], epochs].concat(), copied))
    }

    fn proofs(report: &mut Report) -> impl Iterator<Item = &mut Proofs> {
        report.chain.epochs.iter_mut().filter_map(|epoch| epoch.proofs.as_mut())
    }

    #[test]
    fn each_promise_about_validators_fails_alone_when_it_is_broken() {
        assert_eq!(kept(&[ALL, REST, REST], 3), [true; 4]);
        // Nobody proved anything, the copier did nothing, the lazy one never stopped.
        assert_eq!(verdicts(&report(&[NOBODY; 4], 3)), [false, false, false, true]);
        assert_eq!(verdicts(&report(&[NOBODY], 3)), [false; 4]);
        assert_eq!(kept(&[ALL, REST], 0), [true, false, true, true]);
        assert_eq!(kept(&[ALL, ALL], 3), [true, false, true, true]);
        // A validator that is not paid for its proof, and a copier that is paid.
        assert_eq!(kept(&[ALL, (&[0, 1, 2], [5, 4, 0, 0, 0])], 3), [true, true, false, true]);
        assert_eq!(kept(&[ALL, (&[0, 1, 2], [5, 4, 3, 1, 0])], 3), [true, false, false, true]);
        let mut alone = report(&[NOBODY, ALL, ALL, REST, REST], 3);
        for proofs in proofs(&mut alone).filter(|proofs| proofs.ended == FIRST + 3) {
            proofs.held = vec![0, 2];
        }
        assert_eq!(verdicts(&alone), [true, true, true, false]);
    }

    #[test]
    fn an_epoch_that_a_validator_could_not_work_in_whole_does_not_count() {
        // Its first round was judged after the end of the epoch in which it started.
        let started = report(&[NOBODY, WITHOUT, ALL, REST, REST], 3);
        assert_eq!(verdicts(&started), [true; 4]);
        assert_eq!((counted_from(&started, 2), played(&started)), (Some(FIRST + 2), 3));
        assert_eq!(honest(&started).found, "3 of 3, 3 of 3, 3 of 3 epochs; the first that count are 9, 9, 9");
        // It got its permit an epoch after the others, so one epoch less counts for it alone.
        let mut late = report(&[NOBODY, ALL, (&[0, 1, 4], [5, 4, 0, 0, 3]), REST, REST], 3);
        assert!(!honest(&late).kept, "the others could work in that epoch, and so could it");
        for proofs in proofs(&mut late).take(1) {
            proofs.able.retain(|uid| *uid != 2);
        }
        assert_eq!(verdicts(&late), [true; 4]);
        assert_eq!((counted_from(&late, 1), counted_from(&late, 2)), (Some(FIRST + 2), Some(FIRST + 3)));
        assert_eq!(played(&late), 3);
        assert_eq!(counts_for(&late), "; epoch 11 counts for validator-1, validator-2, validator-3");
        late.chain.epochs.truncate(3);
        assert_eq!(counts_for(&late), "; epoch 9 counts for validator-1, validator-2");
        late.chain.epochs.truncate(2);
        assert_eq!((counts_for(&late).as_str(), played(&late)), ("; epoch 8 counts for no validator yet", 0));
    }

    #[test]
    fn a_validator_that_fails_in_a_later_epoch_breaks_the_promise() {
        assert_eq!(kept(&[ALL, WITHOUT], 3), [false, true, true, true]);
        assert_eq!(kept(&[ALL, WITHOUT, REST], 3), [false, true, true, true]);
        // A permit that is lost for want of proofs excuses nothing.
        let mut barred = report(&[NOBODY, ALL, ALL, WITHOUT, WITHOUT], 3);
        for proofs in proofs(&mut barred).filter(|proofs| proofs.ended > FIRST) {
            proofs.able.retain(|uid| *uid != 2);
        }
        assert_eq!(verdicts(&barred), [false, true, true, true]);
        assert_eq!(honest(&barred).found, "3 of 3, 3 of 3, 1 of 3 epochs; the first that count are 9, 9, 9");
    }

    #[test]
    fn a_validator_that_never_proves_breaks_the_promise() {
        let first = (&[0, 1, 4][..], [5, 4, 0, 0, 3]);
        assert_eq!(kept(&[first, WITHOUT, WITHOUT], 3), [false, true, true, true]);
        // Nor does one that never gets a permit keep it.
        let mut never = report(&[NOBODY, first, first, WITHOUT, WITHOUT], 3);
        proofs(&mut never).for_each(|proofs| proofs.able.retain(|uid| *uid != 2));
        assert_eq!(verdicts(&never), [false, true, true, false]);
        assert!(honest(&never).found.ends_with("are 9, 9, none"), "{}", honest(&never).found);
    }

    #[test]
    fn without_a_demand_paid_epochs_are_played() {
        let mut plain = report(&[ALL, ALL, REST], 0);
        plain.chain.epochs.iter_mut().for_each(|epoch| epoch.proofs = None);
        plain.chain.epochs[0].from_weights = false;
        assert_eq!((played(&plain), counts_for(&plain).as_str()), (2, ""));
    }
}
