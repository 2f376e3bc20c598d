//! `myelin gov calendar`: what begins, ends and is enacted, and when.

use clap::Args;
use myelin_abi::referenda::ReferendumInfo;
use myelin_abi::Account;
use myelin_governance::enactment::task;
use myelin_governance::grant::OBJECTION_DAYS;
use myelin_governance::track::{days, UNDECIDING_TIMEOUT};
use myelin_governance::Voter;
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

/// The account whose dates are shown too, and the time for a reminder.
#[derive(Args)]
pub struct Calendar {
    /// Only dates within so many hours on which the account can act; exit code 3 if there is none.
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..))]
    within: Option<u32>,
    #[command(flatten)]
    keys: Keys,
}

/// Kind of a date, by which a reminder names it or leaves it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matter {
    /// The last votes in a referendum. Nobody is reminded who has voted in it.
    Vote,
    /// The requirements of a referendum: its deposit is due, or its votes begin to suffice.
    Requirement,
    /// The enactment of a proposal.
    Enactment,
    /// A date of the account itself.
    Own,
    /// No step of a voter depends on it, so no reminder names it.
    Rest,
}

/// A date.
struct Entry {
    matter: Matter,
    block: u64,
    referendum: Option<u32>,
    what: String,
    /// It should have happened in its block, and did not.
    is_overdue: bool,
}

impl Entry {
    /// Whether a reminder up to the block `last` names it. `voted` lists the referenda with an own vote.
    fn is_due(&self, last: u64, voted: &[u32]) -> bool {
        let can_act = match self.matter {
            Matter::Vote => self.referendum.is_none_or(|id| !voted.contains(&id)),
            Matter::Requirement | Matter::Enactment | Matter::Own => true,
            Matter::Rest => false,
        };
        can_act && !self.is_overdue && self.block <= last
    }
}

fn entry(matter: Matter, block: u64, referendum: Option<u32>, what: impl Into<String>) -> Entry {
    Entry { matter, block, referendum, what: what.into(), is_overdue: false }
}

/// Referenda in which a vote of this account counts. A vote that was taken back is none.
fn voted(voter: &Voter<Account>) -> Vec<u32> {
    voter.casts.iter().filter(|cast| cast.counts()).map(|cast| cast.poll).collect()
}

/// An enactment in the schedule in block `now`. The schedule keeps a task in the list of its block if there was no room
/// for it, and for ever if its bytes were gone.
fn enactment(block: u64, now: u64, referendum: Option<u32>, said: &str, track: &str) -> Entry {
    let is_overdue = block <= now;
    let what = match is_overdue {
        true => format!("{said} was due and was not carried out ({track})"),
        false => format!("{said} is enacted ({track})"),
    };
    Entry { is_overdue, ..entry(Matter::Enactment, block, referendum, what) }
}

impl Calendar {
    /// Shows the dates ahead, in order, and enactments that are overdue; with a time only those that are due then.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(look(global).await?).await?;
        let own = own_account(&self.keys, global)?;
        let mut entries = of_chain(&view, own.as_ref()).await?;
        let mut own_votes = Vec::new();
        if let Some(own) = &own {
            let voter = view.voter(own).await?;
            entries.extend(of_account(&voter));
            own_votes = voted(&voter);
        }
        entries.retain(|entry| entry.is_overdue || entry.block > view.now);
        if let Some(hours) = self.within {
            let last = view.last_within(hours);
            entries.retain(|entry| entry.is_due(last, &own_votes));
        }
        entries.sort_by_key(|entry| entry.block);
        show(global, &view, &entries, self.within)
    }
}

/// Dates of referenda, enactments, treasury and committee. Dates of grants to `own` are its own.
async fn of_chain(view: &View, own: Option<&Account>) -> Result<Vec<Entry>, Failure> {
    let polls = view.polls().await?;
    let mut entries = Vec::new();
    for (id, info) in &polls {
        // A dead referendum decides nothing, whenever it ends.
        if let ReferendumInfo::Ongoing(poll) = info {
            if view.dead(poll).await?.is_none() {
                entries.extend(of_poll(view, *id, poll));
            }
        }
    }
    entries.extend(enactments(view, &polls).await?);
    entries.extend(of_treasury(view, own).await?);
    let rest = |block, what: &str| entry(Matter::Rest, block, None, what);
    let brake = view.brake().await?;
    entries.extend(brake.map(|brake| rest(brake.until, "the brake ends; enactments go on")));
    let marks = view.marks().await?;
    entries.extend(marks.iter().map(|(_, at)| rest(view.mark_ends(*at), "the mark of an upgrade ends")));
    Ok(entries)
}

/// Prints dates. The exit code of a reminder without dates says so.
fn show(global: &Global, view: &View, entries: &[Entry], within: Option<u32>) -> Outcome {
    if within.is_some() && entries.is_empty() {
        output::nothing_due();
    }
    if global.json {
        let listed = entries.iter().map(|Entry { block, referendum, what, is_overdue, .. }| {
            json!({
                "block": block, "date": view.date(*block), "referendum": referendum, "what": what,
                "overdue": is_overdue,
            })
        });
        return output::json(&json!({
            "block": view.now, "within_hours": within, "entries": listed.collect::<Vec<_>>(),
        }));
    }
    if entries.is_empty() {
        match within {
            Some(hours) => say!("nothing is due within {hours} h"),
            None => say!("nothing is ahead"),
        }
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
    let at = |matter, block, what: &str| entry(matter, block, Some(id), what);
    let ends = at(Matter::Vote, outlook.ends, "the decision ends");
    let begins = |what| at(Matter::Rest, outlook.begins, what);
    let Some(deciding) = poll.deciding else {
        return match (&poll.decision_deposit, poll.in_queue) {
            (Some(_), false) => vec![begins("the decision begins"), ends],
            (Some(_), true) => vec![begins("the decision begins as soon as its track has a place")],
            (None, _) => {
                let out = u64::from(poll.submitted).saturating_add(days(UNDECIDING_TIMEOUT, &view.profile));
                let what = "it is over undecided, unless somebody pays its decision deposit before";
                vec![at(Matter::Requirement, out, what)]
            }
        };
    };
    let mut entries = vec![ends];
    entries.extend(match (deciding.confirming, outlook.passes) {
        (Some(end), _) => Some(at(Matter::Vote, end.into(), "it is approved, if it passes until then")),
        (None, Some(passes)) => {
            Some(at(Matter::Requirement, passes, "it begins to pass, if votes stay as they are"))
        }
        (None, None) => None,
    });
    let enacted = |block| at(Matter::Enactment, block, "it is enacted, if votes stay as they are");
    entries.extend(outlook.enacted.map(enacted));
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

/// Dates of grants. Only their recipient acts on them.
async fn of_treasury(view: &View, own: Option<&Account>) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    for (id, grant) in view.grants().await? {
        let Some(next) = grant.next(view.now) else { continue };
        let matter = if own == Some(&grant.recipient) { Matter::Own } else { Matter::Rest };
        let (block, what) = match grant.claim {
            Some(claim) => {
                let payable = claim.at.saturating_add(days(OBJECTION_DAYS, &view.profile));
                (payable, format!("the claim of grant {id} can be paid"))
            }
            None => (next.last, format!("the next milestone of grant {id} can be claimed until here")),
        };
        entries.push(entry(matter, block, None, what));
    }
    Ok(entries)
}

/// Dates of an account.
fn of_account(voter: &Voter<Account>) -> Vec<Entry> {
    let own = |block, what: String| entry(Matter::Own, block, None, what);
    let mut entries = vec![own(voter.until, "your bonds of earlier votes and delegations end".into())];
    entries.extend(voter.delegations.iter().map(|delegation| {
        let (to, track) = (address(&delegation.to), track_name(delegation.track));
        own(delegation.ends, format!("your delegation to {to} on {track} ends"))
    }));
    entries
}

#[cfg(test)]
mod tests {
    use myelin_governance::{Cast, Delegation, Kind, Multiplier, Portfolio};

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
        // The schedule keeps an overdue enactment, so a daily reminder of it would never end.
        assert!(ahead.is_due(71, &[]) && !due.is_due(71, &[]));
    }

    #[test]
    fn a_reminder_names_what_an_account_can_act_on_in_time() {
        let of = |matter, block| entry(matter, block, Some(3), "it").is_due(100, &[2]);
        for matter in [Matter::Vote, Matter::Requirement, Matter::Enactment, Matter::Own] {
            assert_eq!((of(matter, 99), of(matter, 100), of(matter, 101)), (true, true, false), "{matter:?}");
        }
        assert!(!of(Matter::Rest, 99));
    }

    #[test]
    fn a_vote_that_counts_ends_reminders_of_its_referendum_alone() {
        let cast = |poll, withdrawn| Cast {
            poll,
            track: Kind::Parameters.id(),
            aye: true,
            multiplier: Multiplier::One,
            own: 5,
            delegated: 0,
            withdrawn,
        };
        let voter = Voter { casts: vec![cast(3, false), cast(4, true)], ..Voter::default() };
        let own_votes = voted(&voter);
        let of = |matter, id| entry(matter, 99, Some(id), "it").is_due(100, &own_votes);
        assert_eq!([3, 4, 5].map(|id| of(Matter::Vote, id)), [false, true, true]);
        assert!(of(Matter::Requirement, 3) && of(Matter::Enactment, 3));
    }

    #[test]
    fn ends_of_bonds_and_delegations_are_dates_of_the_account() {
        let to = Account([1; 32]);
        let delegation =
            Delegation { track: Kind::Upgrade.id(), to, portfolio: Portfolio::default(), ends: 80 };
        let voter = Voter { until: 60, delegations: vec![delegation], ..Voter::default() };
        let entries = of_account(&voter);
        assert_eq!(entries.iter().map(|entry| entry.block).collect::<Vec<_>>(), [60, 80]);
        assert!(entries.iter().all(|entry| entry.is_due(80, &[])) && !entries[1].is_due(79, &[]));
    }
}
