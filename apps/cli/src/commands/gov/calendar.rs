//! `myelin gov calendar`: what begins, ends and is enacted, and when.

use clap::Args;
use myelin_abi::referenda::ReferendumInfo;
use myelin_abi::Account;
use myelin_governance::enactment::task;
use myelin_governance::grant::OBJECTION_DAYS;
use myelin_governance::track::{days, UNDECIDING_TIMEOUT};
use myelin_wire::hash::blake2_256;
use serde_json::json;

use super::examine::Examined;
use super::status::own_account;
use super::view::{Status, View};
use super::words::track_name;
use crate::commands::look;
use crate::keys::Keys;
use crate::output::{self, address, grouped, say, Failure, Outcome};
use crate::Global;

/// The account whose dates are shown too.
#[derive(Args)]
pub struct Calendar {
    #[command(flatten)]
    keys: Keys,
}

/// A date.
struct Entry {
    block: u64,
    referendum: Option<u32>,
    what: String,
    /// It should have happened in its block, and did not.
    is_overdue: bool,
}

fn entry(block: u64, referendum: Option<u32>, what: impl Into<String>) -> Entry {
    Entry { block, referendum, what: what.into(), is_overdue: false }
}

/// An enactment in the schedule in block `now`. The schedule keeps a task in the list of its block if there was no room
/// for it, and for ever if its bytes were gone.
fn enactment(block: u64, now: u64, referendum: Option<u32>, said: &str, track: &str) -> Entry {
    let is_overdue = block <= now;
    let what = match is_overdue {
        true => format!("{said} was due and was not carried out ({track})"),
        false => format!("{said} is enacted ({track})"),
    };
    Entry { is_overdue, ..entry(block, referendum, what) }
}

impl Calendar {
    /// Shows the dates ahead, in order, and enactments that are overdue.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(look(global).await?).await?;
        let polls = view.polls().await?;
        let mut entries = Vec::new();
        for (id, info) in &polls {
            // A dead referendum decides nothing, whenever it ends.
            if let ReferendumInfo::Ongoing(poll) = info {
                if view.dead(poll).await?.is_none() {
                    entries.extend(of_poll(&view, *id, poll));
                }
            }
        }
        entries.extend(enactments(&view, &polls).await?);
        entries.extend(of_treasury(&view).await?);
        let brake = view.brake().await?;
        entries.extend(brake.map(|brake| entry(brake.until, None, "the brake ends; enactments go on")));
        let marks = view.marks().await?;
        entries.extend(
            marks.iter().map(|(_, at)| entry(view.mark_ends(*at), None, "the mark of an upgrade ends")),
        );
        if let Some(own) = own_account(&self.keys, global)? {
            entries.extend(of_account(&view, &own).await?);
        }
        entries.retain(|entry| entry.is_overdue || entry.block > view.now);
        entries.sort_by_key(|entry| entry.block);
        show(global, &view, &entries)
    }
}

fn show(global: &Global, view: &View, entries: &[Entry]) -> Outcome {
    if global.json {
        let listed = entries.iter().map(|Entry { block, referendum, what, is_overdue }| {
            json!({
                "block": block, "date": view.date(*block), "referendum": referendum, "what": what,
                "overdue": is_overdue,
            })
        });
        return output::json(&json!({ "block": view.now, "entries": listed.collect::<Vec<_>>() }));
    }
    if entries.is_empty() {
        say!("nothing is ahead");
        return Ok(());
    }
    let mut table = output::table(&["block", "date", "no.", "what"], 4);
    for Entry { block, referendum, what, .. } in entries {
        let number = referendum.map_or_else(String::new, |id| id.to_string());
        table.add_row([grouped(*block), view.date(*block), number, what.clone()]);
    }
    output::print(&table);
    Ok(())
}

/// Dates of an open referendum.
fn of_poll(view: &View, id: u32, poll: &Status) -> Vec<Entry> {
    let Some(outlook) = view.outlook(poll, &poll.tally) else { return Vec::new() };
    let at = |block, what: &str| entry(block, Some(id), what);
    let Some(deciding) = poll.deciding else {
        return vec![match (&poll.decision_deposit, poll.in_queue) {
            (Some(_), false) => at(outlook.begins, "the decision begins"),
            (Some(_), true) => at(outlook.begins, "the decision begins as soon as its track has a place"),
            (None, _) => {
                let out = u64::from(poll.submitted).saturating_add(days(UNDECIDING_TIMEOUT, &view.profile));
                at(out, "it is over undecided, unless somebody pays its decision deposit before")
            }
        }];
    };
    let mut entries = vec![at(outlook.ends, "the decision ends")];
    match (deciding.confirming, outlook.passes) {
        (Some(end), _) => entries.push(at(end.into(), "it is approved, if it passes until then")),
        (None, Some(passes)) => entries.push(at(passes, "it begins to pass, if votes stay as they are")),
        (None, None) => {}
    }
    entries.extend(outlook.enacted.map(|block| at(block, "it is enacted, if votes stay as they are")));
    entries
}

/// Approved proposals in the schedule.
async fn enactments(view: &View, polls: &[(u32, ReferendumInfo<Account>)]) -> Result<Vec<Entry>, Failure> {
    let named: Vec<([u8; 32], u32)> = polls.iter().map(|(id, _)| (blake2_256(&task(*id)), *id)).collect();
    let mut entries = Vec::new();
    for (block, scheduled) in view.enactments().await? {
        let Some(track) = scheduled.track else { continue };
        let said = Examined::stored(view, &scheduled.call, track).await?.said();
        let id = named.iter().find(|(name, _)| scheduled.name == Some(*name)).map(|(_, id)| *id);
        entries.push(enactment(block, view.now, id, &said, &track_name(track)));
    }
    Ok(entries)
}

/// Dates of grants.
async fn of_treasury(view: &View) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    for (id, grant) in view.grants().await? {
        let Some(next) = grant.next(view.now) else { continue };
        entries.push(match grant.claim {
            Some(claim) => {
                let payable = claim.at.saturating_add(days(OBJECTION_DAYS, &view.profile));
                entry(payable, None, format!("the claim of grant {id} can be paid"))
            }
            None => {
                entry(next.last, None, format!("the next milestone of grant {id} can be claimed until here"))
            }
        });
    }
    Ok(entries)
}

/// Dates of an account.
async fn of_account(view: &View, own: &Account) -> Result<Vec<Entry>, Failure> {
    let voter = view.voter(own).await?;
    let mut entries = vec![entry(voter.until, None, "your bonds of earlier votes and delegations end")];
    entries.extend(voter.delegations.iter().map(|delegation| {
        let (to, track) = (address(&delegation.to), track_name(delegation.track));
        entry(delegation.ends, None, format!("your delegation to {to} on {track} ends"))
    }));
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enactment_that_was_due_is_not_hidden() {
        let of = |block| enactment(block, 70, Some(3), "Sudo.remove_key()", "authorities");
        let (ahead, due) = (of(71), of(70));
        assert_eq!(
            (ahead.is_overdue, &ahead.what[..]),
            (false, "Sudo.remove_key() is enacted (authorities)")
        );
        assert!(due.is_overdue && due.what.contains("was not carried out"), "{}", due.what);
    }
}
