//! `myelin election candidates`: who can be elected, with which weight, and who cannot and why.

use clap::Args;
use myelin_chain_client::Candidate;
use myelin_election::{Obstacle, Standing};
use myelin_units::TaoBalance;
use serde_json::{json, Value};

use super::view::View;
use crate::commands::gov::words::percent;
use crate::commands::look;
use crate::output::{self, address, say, tao, Outcome};
use crate::Global;

/// The list; it has no options of its own.
#[derive(Args)]
pub struct List {}

impl List {
    /// Shows all candidates.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(look(global).await?).await?;
        let candidates = view.candidates().await?;
        if global.json {
            let listed =
                candidates.iter().enumerate().map(|(index, candidate)| as_json(&view, candidate, index));
            return output::json(&json!({
                "block": view.dated.now,
                "candidates": listed.collect::<Vec<_>>(),
            }));
        }
        if candidates.is_empty() {
            say!("there are no candidates; `myelin election join` makes a hotkey one");
            return Ok(());
        }
        let headers = ["no.", "hotkey", "state", "pledge", "root stake", "counts", "quality", "weight"];
        let mut table = output::table(&headers, 3).least_important(&["root stake", "pledge"]);
        for (index, candidate) in candidates.iter().enumerate() {
            let place = candidate.entry(view.rules()).map_or_else(String::new, |_| (index + 1).to_string());
            table.add_row([
                place,
                address(&candidate.hotkey),
                state(&view, candidate),
                tao(candidate.candidacy.pledge),
                tao(candidate.root_stake),
                tao(candidate.reading().counted(view.rules())),
                percent(candidate.quality),
                weight(&view, candidate),
            ]);
        }
        output::print(&table);
        say!(
            "as a pass that begins now would find them: weight is the stake that counts times quality; root stake \
             counts as far as it was there at the last pass, and up to {} times the pledge",
            view.rules().leverage
        );
        Ok(())
    }
}

/// The weight of a candidate in TAO; empty if it cannot be elected.
pub fn weight(view: &View, candidate: &Candidate) -> String {
    let weight = candidate.entry(view.rules()).map(|entry| entry.weight / 1_000_000_000);
    weight.map_or_else(String::new, |rao| tao(TaoBalance::from_rao(u64::try_from(rao).unwrap_or(u64::MAX))))
}

/// State of a candidate in words: its office, and the reason for which it cannot be elected.
pub fn state(view: &View, candidate: &Candidate) -> String {
    let office = view.is_in_office(&candidate.hotkey);
    match (obstacle(view, candidate), office) {
        (None, true) => "in office".into(),
        (None, false) => "can be elected".into(),
        (Some(why), true) => format!("in office; {why}"),
        (Some(why), false) => why,
    }
}

/// The reason for which a candidate cannot be elected, in words.
pub fn obstacle(view: &View, candidate: &Candidate) -> Option<String> {
    let rules = view.rules();
    Some(match candidate.obstacle(rules)? {
        Obstacle::Unready if candidate.candidacy.pledge.is_zero() => "leaves".into(),
        Obstacle::Unready => match candidate.candidacy.standing {
            Standing::Ready => "has no session keys".into(),
            Standing::Chilled => "rests".into(),
            Standing::Jailed { until } => format!("in jail until {}", view.when(until)),
        },
        Obstacle::Pledge => format!("pledged less than {}", tao(rules.least_pledge)),
        Obstacle::Stake => format!("counts less than {}", tao(rules.least_stake)),
        Obstacle::Quality if candidate.quality.parts() == 0 => "judges on no subnet that counts".into(),
        Obstacle::Quality => format!("judges worse than {}", percent(rules.least_quality)),
    })
}

/// A candidate for programs; `index` is its place in the list, which counts if it can be elected.
pub fn as_json(view: &View, candidate: &Candidate, index: usize) -> Value {
    let Candidate { hotkey, candidacy, .. } = candidate;
    let (standing, until) = match candidacy.standing {
        Standing::Ready => ("ready", None),
        Standing::Chilled => ("rests", None),
        Standing::Jailed { until } => ("jailed", Some(view.dated.when_json(until))),
    };
    let entry = candidate.entry(view.rules());
    let leaving = candidacy.leaving.iter().map(|leaving| {
        let free = view.free_at(hotkey, candidacy, leaving);
        json!({
            "amount_rao": leaving.amount.to_rao(), "since": leaving.since,
            "free": free.map(|block| view.dated.when_json(block)),
        })
    });
    json!({
        "place": entry.map(|_| index + 1),
        "hotkey": address(hotkey),
        "coldkey": address(&candidate.coldkey()),
        "in_office": view.is_in_office(hotkey),
        "standing": standing,
        "jailed_until": until,
        "session_keys": candidate.has_keys,
        "pledge_rao": candidacy.pledge.to_rao(),
        "leaving": leaving.collect::<Vec<_>>(),
        "root_stake_rao": candidate.root_stake.to_rao(),
        "root_stake_at_last_pass_rao": candidacy.seen.to_rao(),
        "counted_rao": candidate.reading().counted(view.rules()).to_rao(),
        "quality_ppb": candidate.quality.parts(),
        "weight": entry.map(|entry| entry.weight.to_string()),
        "obstacle": obstacle(view, candidate),
    })
}
