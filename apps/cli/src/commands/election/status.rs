//! `myelin election status`: the switch, the era, the set in office, the rules, and the own candidacy.

use clap::Args;
use myelin_abi::{Account, ElectionStep};
use myelin_chain_client::Candidate;
use myelin_election::Offence;
use serde_json::{json, Value};

use super::view::View;
use super::{candidates, rules};
use crate::commands::gov::status::own_account;
use crate::commands::gov::words::percent;
use crate::commands::look;
use crate::keys::Keys;
use crate::output::{self, address, grouped, say, tao, Outcome};
use crate::Global;

/// The account whose candidacy is shown too.
#[derive(Args)]
pub struct Status {
    #[command(flatten)]
    keys: Keys,
}

/// Everything that is shown.
struct Overview {
    view: View,
    candidates: Vec<Candidate>,
    /// The account whose candidacy is shown.
    account: Option<Account>,
}

impl Status {
    /// Shows it.
    pub async fn run(self, global: &Global) -> Outcome {
        let account = own_account(&self.keys, global)?;
        let view = View::of(look(global).await?).await?;
        let candidates = view.candidates().await?;
        let overview = Overview { view, candidates, account };
        if global.json {
            return output::json(&overview.json());
        }
        overview.print()
    }
}

impl Overview {
    /// Candidates that can be elected.
    fn electable(&self) -> usize {
        self.candidates.iter().filter(|candidate| candidate.entry(self.view.rules()).is_some()).count()
    }

    /// The own candidate with its place in the list.
    fn own(&self) -> Option<(usize, &Candidate)> {
        let own = self.account.as_ref()?;
        self.candidates
            .iter()
            .enumerate()
            .find(|(_, candidate)| candidate.coldkey() == *own || candidate.hotkey == *own)
    }

    fn json(&self) -> Value {
        let View { dated, elections } = &self.view;
        let clock = &elections.clock;
        json!({
            "block": dated.now,
            "on": clock.on,
            "era": clock.era,
            "step": step(clock.step),
            "next_pass": clock.on.then(|| dated.when_json(clock.next_pass)),
            "in_office": elections.in_office.iter().map(address).collect::<Vec<_>>(),
            "rules": rules::as_json(&elections.rules),
            "slashes": elections.slashes().map(|(filed, share)| json!({
                "slash": filed.number, "hotkey": address(&Account(filed.slash.hotkey)),
                "offence": offence(filed.slash.offence), "share_ppb": share.parts(),
                "due": dated.when_json(filed.slash.due(&elections.rules)),
            })).collect::<Vec<_>>(),
            "candidates": self.candidates.len(),
            "electable": self.electable(),
            "own": self.own().map(|(index, candidate)| candidates::as_json(&self.view, candidate, index)),
        })
    }

    fn print(&self) -> Outcome {
        let View { elections, .. } = &self.view;
        let mut office = output::table(&["seat", "in office", "state", "weight"], 3);
        for (seat, hotkey) in elections.in_office.iter().enumerate() {
            let candidate = self.candidates.iter().find(|candidate| candidate.hotkey == *hotkey);
            let state =
                candidate.map_or("no candidate".into(), |candidate| candidates::state(&self.view, candidate));
            let weight =
                candidate.map_or_else(String::new, |candidate| candidates::weight(&self.view, candidate));
            office.add_row([(seat + 1).to_string(), address(hotkey), state, weight]);
        }
        output::print(&office);
        let mut in_force = output::table(&["rule", "value", "meaning"], 3).least_important(&["meaning"]);
        rules::shown(&elections.rules).for_each(|row| in_force.add_row(row));
        output::print(&in_force);
        if elections.slashes().next().is_some() {
            output::print(&slashes(&self.view));
        }
        self.lines().iter().for_each(|line| say!("{line}"));
        Ok(())
    }

    /// The switch, the candidates, and the own candidacy, in words.
    fn lines(&self) -> Vec<String> {
        let View { elections, dated } = &self.view;
        let (clock, least) = (&elections.clock, elections.rules.least_authorities);
        let mut lines = vec![match (clock.on, clock.step) {
            (false, _) => {
                "elections are off: root appoints the block authors; `myelin gov propose --elections on` proposes to \
                 turn them on"
                    .into()
            }
            (true, ElectionStep::Waiting) => format!(
                "elections are on, in era {}; the next pass begins at {}",
                grouped(clock.era.into()),
                dated.when(clock.next_pass.max(dated.now.saturating_add(1)))
            ),
            (true, ElectionStep::Reading) => format!("elections are on; the pass of era {} reads", clock.era),
            (true, ElectionStep::Drawing) => "elections are on; a new set is known, and its seats are drawn".into(),
        }];
        let electable = self.electable();
        let too_few = match electable < least as usize {
            true => format!("; the set stays as long as they are fewer than {least}"),
            false => String::new(),
        };
        let all = self.candidates.len();
        lines.push(format!("{electable} of {all} candidates can be elected{too_few}"));
        if let Some((index, own)) = self.own() {
            lines.extend(self.own_lines(index, own));
        }
        lines
    }

    fn own_lines(&self, index: usize, own: &Candidate) -> Vec<String> {
        let place =
            own.entry(self.view.rules()).map_or_else(String::new, |_| format!(", place {}", index + 1));
        let mut lines = vec![format!(
            "your candidate: {}, with {} pledged ({}{place})",
            address(&own.hotkey),
            tao(own.candidacy.pledge),
            candidates::state(&self.view, own)
        )];
        lines.extend(own.candidacy.leaving.iter().map(|leaving| {
            let free = self.view.free_when(&own.hotkey, &own.candidacy, leaving);
            format!("on its way out: {}, free from {free}", tao(leaving.amount))
        }));
        lines
    }
}

/// The work that the next block goes on with.
fn step(step: ElectionStep) -> &'static str {
    match step {
        ElectionStep::Waiting => "waiting",
        ElectionStep::Reading => "reading",
        ElectionStep::Drawing => "drawing",
    }
}

/// The slashes that wait.
fn slashes(view: &View) -> output::Table {
    let headers = ["slash", "of", "offence", "taken at", "share"];
    let mut table = output::table(&headers, 4).least_important(&["taken at"]);
    for (filed, share) in view.elections.slashes() {
        table.add_row([
            filed.number.to_string(),
            address(&Account(filed.slash.hotkey)),
            offence(filed.slash.offence).into(),
            view.when(filed.slash.due(view.rules())),
            percent(share),
        ]);
    }
    table
}

/// An offence in words.
fn offence(offence: Offence) -> &'static str {
    match offence {
        Offence::GrandpaEquivocation => "two votes in a round of finality",
        Offence::AuraEquivocation => "two blocks for a slot",
        Offence::Away => "too few blocks in an era",
    }
}
