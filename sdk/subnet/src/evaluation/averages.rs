//! The averages after a round, from the averages before it and the scores of the round.

use std::collections::BTreeMap;

use myelin_wire::{hash::Hash, AccountId};

use super::{round::MinerScore, Decline, Standing};
use crate::{
    rules::quality_rate,
    subnet::{Mechanism, MinerRef, Mode, Pay},
};

/// Standings by mechanism and hotkey.
pub type Standings = BTreeMap<(u8, AccountId), Standing>;

/// A judged artefact, as far as averages need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The mechanism.
    pub mechanism: u8,
    /// 0 for the miner's current entry; from 1 on for entries that it replaced.
    pub place: u8,
    /// The commitment.
    pub commitment: Hash,
}

/// Adds the scores of a round to the averages, and reports the miners whose answers have got worse. Scores of
/// submissions come in the order of `submitted`.
pub fn take_in(
    standings: &mut Standings,
    mechanisms: &[Mechanism],
    scores: &[MinerScore],
    submitted: &[Submitted],
) -> Vec<(u8, MinerRef, Decline)> {
    let mut declines = Vec::new();
    let mut submitted = submitted.iter().peekable();
    for scored in scores {
        let Some(plan) = mechanisms.get(usize::from(scored.mechanism)) else { continue };
        let entry = submitted.next_if(|entry| entry.mechanism == scored.mechanism);
        let Some(score) = scored.score else { continue };
        let standing = standings.entry((scored.mechanism, scored.miner.hotkey)).or_default();
        if plan.mode == Mode::Serve {
            let found = scored.answers.iter().filter_map(|answer| standing.watch().update(*answer));
            declines.extend(found.last().map(|decline| (scored.mechanism, scored.miner, decline)));
        }
        match entry {
            Some(entry) if entry.place > 0 => {
                standing.update_replaced(&entry.commitment, score, plan.rate);
            }
            _ => {
                standing.season(match plan.pay {
                    Pay::Load(_) => score.of(scored.quality.unwrap_or_default()),
                    Pay::Power(_) | Pay::Ladder(_) | Pay::Window(_) | Pay::Agreement(_) => score,
                });
                standing.take_in(plan, score);
                match (plan.pay, scored.quality) {
                    (_, None) => {}
                    (Pay::Agreement(_), Some(knowledge)) => standing.update_knowledge(knowledge, plan.rate),
                    (_, Some(quality)) => standing.update_quality(score, quality, quality_rate(plan)),
                }
            }
        }
    }
    declines
}

/// Differences between `after` and the averages that follow from `before` and the scores of the round, one line of text
/// for each standing. Only served mechanisms are compared. `unsure` names miners whose scores an auditor cannot know.
/// `asked` names miners that were asked in the round: all others have scores of earlier tasks alone.
///
/// Two changes follow from the chain alone and are accepted. A standing may be gone if its miner was not asked, and a
/// standing may fade as if its miner had been asked without an answer. Allowances for faults and seats are not
/// compared.
pub fn unexplained(
    before: &Standings,
    after: &Standings,
    mechanisms: &[Mechanism],
    scores: &[MinerScore],
    unsure: impl Fn(&MinerRef) -> bool,
    asked: impl Fn(&MinerRef) -> bool,
) -> Vec<String> {
    let served =
        |mechanism: u8| mechanisms.get(usize::from(mechanism)).filter(|plan| plan.mode == Mode::Serve);
    let scores: Vec<MinerScore> =
        scores.iter().filter(|scored| served(scored.mechanism).is_some()).cloned().collect();
    let mut expected = before.clone();
    take_in(&mut expected, mechanisms, &scores, &[]);
    let uids: BTreeMap<(u8, AccountId), MinerRef> =
        scores.iter().map(|scored| ((scored.mechanism, scored.miner.hotkey), scored.miner)).collect();
    let keys = expected.keys().chain(after.keys().filter(|key| !expected.contains_key(*key)));
    let mut found = Vec::new();
    for key in keys {
        let (Some(plan), miner) = (served(key.0), uids.get(key)) else { continue };
        if miner.is_some_and(&unsure) {
            continue;
        }
        let due = expected.get(key).cloned().unwrap_or_default();
        let faded = || {
            let mut faded = due.clone();
            faded.fade(plan);
            faded
        };
        let absent = !miner.is_some_and(&asked);
        let right = match after.get(key) {
            None => absent,
            Some(kept) => kept.is_like(&due) || (absent && kept.is_like(&faded())),
        };
        if !right {
            found.push(difference(key, miner, after.get(key), &due));
        }
    }
    found
}

/// Changes between two consecutive rounds, as lines of text. A swapped hotkey takes its standing along, and nothing
/// else may change.
pub fn changed_between(earlier: &Standings, later: &Standings) -> Vec<String> {
    let sits_with = |one: &Standing, other: &Standing| one.seat().is_some() && one.seat() == other.seat();
    let moved = |mechanism: u8, standing: &Standing, among: &Standings| {
        let mut all = among.iter().filter(|((other, _), _)| *other == mechanism);
        all.any(|(_, kept)| sits_with(kept, standing) && kept.is_like(standing))
    };
    let mut found = Vec::new();
    for (key, standing) in later {
        let stayed = earlier.get(key).is_some_and(|kept| kept.is_like(standing));
        if !stayed && !moved(key.0, standing, earlier) {
            let due = earlier.get(key).cloned().unwrap_or_default();
            found.push(difference(key, None, Some(standing), &due));
        }
    }
    for (key, standing) in earlier.iter().filter(|(key, _)| !later.contains_key(*key)) {
        if !moved(key.0, standing, later) {
            found.push(difference(key, None, None, standing));
        }
    }
    found
}

fn difference(
    (mechanism, hotkey): &(u8, AccountId),
    miner: Option<&MinerRef>,
    kept: Option<&Standing>,
    due: &Standing,
) -> String {
    let name = miner.map_or_else(|| myelin_wire::ss58::encode(hotkey), |miner| format!("uid {}", miner.uid));
    let shown = |standing: &Standing| {
        let (average, merit, rounds) = (standing.average().get(), standing.merit().get(), standing.rounds());
        format!("average {average}, quality {merit}, {rounds} rounds")
    };
    let kept = kept.map_or_else(|| "nothing".to_owned(), shown);
    format!("{name}: the standing on mechanism {mechanism} is kept as {kept}, and {} follows", shown(due))
}

#[cfg(test)]
mod tests;
