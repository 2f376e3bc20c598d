//! `myelin gov status`: what is decided, by whom, how far it is, and the own part in it.

use clap::Args;
use futures::{stream, StreamExt, TryStreamExt};
use myelin_abi::referenda::ReferendumInfo;
use myelin_abi::Account;
use myelin_governance::enactment::Brake;
use myelin_governance::grant::Grant;
use myelin_governance::{Multiplier, Outlook, PerBillion, TrackId, Voter, TRACKS};
use myelin_units::TaoBalance;
use serde_json::{json, Map, Value};

use super::examine::Examined;
use super::view::{track_json, treasury, Status as Open, View};
use super::words::{asset_name, of_asset, percent, power, side, times, track_name};
use crate::commands::look;
use crate::keys::Keys;
use crate::output::{self, address, brief, grouped, indented, plain_line, say, tao, Failure, Outcome};
use crate::send::to_hex;
use crate::Global;

/// Most letters of a proposal in a table.
const SHORT: usize = 90;
/// Referenda that are looked at side by side.
const AT_ONCE: usize = 16;

/// A referendum, or all that are open.
#[derive(Args)]
pub struct Status {
    /// The referendum; all open ones if it is left out.
    #[arg(value_name = "REFERENDUM")]
    referendum: Option<u32>,
    #[command(flatten)]
    keys: Keys,
}

impl Status {
    /// Shows it.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(look(global).await?).await?;
        let own = own_account(&self.keys, global)?;
        match self.referendum {
            Some(id) => one(global, &view, id, own.as_ref()).await,
            None => all(global, &view, own.as_ref()).await,
        }
    }
}

/// The account of the wallet; `None` if no wallet is named and the default one does not exist.
pub fn own_account(keys: &Keys, global: &Global) -> Result<Option<Account>, Failure> {
    match keys.coldkey_account(global) {
        Ok(account) => Ok(Some(account)),
        Err(_) if keys.name() == "default" => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Present and required parts of a referendum.
struct Standing {
    approval: PerBillion,
    approval_needed: PerBillion,
    support: PerBillion,
    support_needed: PerBillion,
}

impl Standing {
    fn of(view: &View, poll: &Open) -> Option<Self> {
        let (track, time) = view.needs(poll)?;
        Some(Standing {
            approval: poll.tally.approval(),
            approval_needed: track.approval.threshold(time),
            support: poll.tally.support(),
            support_needed: track.support.threshold(time),
        })
    }

    fn json(&self) -> Value {
        json!({
            "approval_ppb": self.approval.parts(), "approval_needed_ppb": self.approval_needed.parts(),
            "support_ppb": self.support.parts(), "support_needed_ppb": self.support_needed.parts(),
        })
    }
}

/// The outlook of an open referendum; `None` if it is dead.
pub fn outlook(view: &View, poll: &Open, examined: &Examined) -> Option<Outlook> {
    view.outlook(poll, &poll.tally).filter(|_| examined.dead.is_none())
}

/// Stage of an open referendum in words.
fn stage(view: &View, poll: &Open, examined: &Examined, outlook: Option<&Outlook>) -> String {
    if let Some(why) = examined.dead {
        return format!("is dead: {why}");
    }
    let begins = outlook.map_or(0, |outlook| outlook.begins);
    match (&poll.deciding, &poll.decision_deposit) {
        (Some(deciding), _) => match deciding.confirming {
            Some(end) => format!("passes; approved at {} if it stays so", view.when(end.into())),
            None => format!("is decided until {}", view.when(outlook.map_or(0, |outlook| outlook.ends))),
        },
        (None, None) => "waits for its decision deposit; `myelin gov decide` pays it".into(),
        (None, Some(_)) if poll.in_queue => {
            "waits for a place on its track; if it was left out of a full queue, `myelin gov refund` brings it back"
                .into()
        }
        (None, Some(_)) => format!("is prepared until {}", view.when(begins)),
    }
}

/// The course of a referendum if votes stay as they are.
pub fn ahead(view: &View, outlook: &Outlook) -> String {
    match (outlook.approved, outlook.enacted) {
        (Some(approved), Some(enacted)) => format!(
            "with these votes: approved at {}, enacted at {}",
            view.when(approved),
            view.when(enacted)
        ),
        _ => format!("with these votes: rejected at {}", view.when(outlook.ends)),
    }
}

/// An open referendum for programs.
fn poll_json(view: &View, id: u32, poll: &Open, examined: &Examined) -> Value {
    let outlook = outlook(view, poll, examined);
    let standing = Standing::of(view, poll);
    json!({
        "referendum": id,
        "track": track_json(poll.track),
        "proposal": examined.json(),
        "submitted": view.when_json(poll.submitted.into()),
        "submitter": address(&poll.submission_deposit.who),
        "decision_deposit_paid": poll.decision_deposit.is_some(),
        "deciding_since": poll.deciding.map(|deciding| deciding.since),
        "confirming_until": poll.deciding.and_then(|deciding| deciding.confirming),
        "queued": poll.in_queue,
        "stage": stage(view, poll, examined, outlook.as_ref()),
        "ayes_weight_halves": poll.tally.ayes.to_string(),
        "nays_weight_halves": poll.tally.nays.to_string(),
        "support_rao": poll.tally.support.to_string(),
        "electorate_rao": poll.tally.electorate.to_string(),
        "standing": standing.as_ref().map(Standing::json),
        "outlook": outlook.as_ref().map(|outlook| view.outlook_json(outlook)),
    })
}

async fn one(global: &Global, view: &View, id: u32, own: Option<&Account>) -> Outcome {
    let poll = match view.poll(id).await? {
        ReferendumInfo::Ongoing(poll) => poll,
        ended => {
            let end = view.end(&ended);
            let value = json!({ "block": view.now, "referendum": id, "ended": end });
            return output::report(global, &format!("referendum {id}: {end}"), value);
        }
    };
    let examined = Examined::of_poll(view, &poll).await?;
    let text = view.text(id).await?;
    let (voter, own_power) = match own {
        Some(own) => (Some(view.voter(own).await?), Some(view.power(own, id, &poll).await?)),
        None => (None, None),
    };
    if global.json {
        let mut value = poll_json(view, id, &poll, &examined);
        let said = |(hash, text): &([u8; 32], Option<String>)| json!({ "hash": to_hex(hash), "text": text });
        let more = json!({
            "block": view.now,
            "text": text.as_ref().map(said),
            "own_power": own_power.map(|power| json!({
                "own_rao": power.own.to_string(), "delegated_rao": power.delegated.to_string(),
            })),
            "own": voter.as_ref().map(|voter| voter_json(view, voter)),
        });
        if let (Some(fields), Value::Object(more)) = (value.as_object_mut(), more) {
            fields.extend(more);
        }
        return output::json(&value);
    }
    say!(
        "referendum {id}, submitted by {} at {}",
        address(&poll.submission_deposit.who),
        view.when(poll.submitted.into())
    );
    examined.lines().iter().for_each(|line| say!("{line}"));
    match text {
        Some((_, Some(text))) => say!("text:\n{}", indented(&text)),
        Some((hash, None)) => say!("text: published elsewhere; its hash is {}", to_hex(&hash)),
        None => say!("text: none"),
    }
    votes_said(view, &poll, &examined).iter().for_each(|line| say!("{line}"));
    if let (Some(voter), Some(own_power)) = (voter, own_power) {
        let vote = voter.cast(id).map_or("none".into(), |cast| match cast.withdrawn {
            true => "withdrawn".into(),
            false => format!(
                "{} with {} times {}",
                side(cast.aye),
                times(cast.multiplier),
                power(poll.track, cast.own)
            ),
        });
        say!(
            "own vote: {vote}; your vote lock has {} here, and others let you use {}",
            power(poll.track, own_power.own),
            power(poll.track, own_power.delegated)
        );
    }
    Ok(())
}

/// Votes, requirements, stage and outlook of a referendum, for people.
fn votes_said(view: &View, poll: &Open, examined: &Examined) -> Vec<String> {
    let halves = u128::from(Multiplier::One.halves());
    let (ayes, nays) = (poll.tally.ayes / halves, poll.tally.nays / halves);
    let outlook = outlook(view, poll, examined);
    let mut lines = vec![
        format!("ayes: {}; nays: {}", power(poll.track, ayes), power(poll.track, nays)),
        format!(
            "support: {} of {} that could vote",
            power(poll.track, poll.tally.support),
            power(poll.track, poll.tally.electorate)
        ),
    ];
    if let Some(Standing { approval, approval_needed, support, support_needed }) = Standing::of(view, poll) {
        lines.push(format!(
            "approval {}, needed now {}; support {}, needed now {}",
            percent(approval),
            percent(approval_needed),
            percent(support),
            percent(support_needed)
        ));
    }
    lines.push(format!("it {}", stage(view, poll, examined, outlook.as_ref())));
    lines.extend(outlook.as_ref().map(|outlook| ahead(view, outlook)));
    lines
}

/// Everything that is read for the list.
struct Overview {
    polls: Vec<(u32, Open, Examined)>,
    treasury: TaoBalance,
    committee: Option<Account>,
    brake: Option<Brake>,
    marks: Vec<([u8; 32], u64)>,
    grants: Vec<(u32, Grant<Account>)>,
    voter: Option<Voter<Account>>,
}

impl Overview {
    async fn read(view: &View, own: Option<&Account>) -> Result<Self, Failure> {
        let open = view.polls().await?.into_iter().filter_map(|(id, info)| match info {
            ReferendumInfo::Ongoing(poll) => Some((id, poll)),
            _ => None,
        });
        let looking = stream::iter(open).map(|(id, poll)| async move {
            let examined = Examined::of_poll(view, &poll).await?;
            Ok::<_, Failure>((id, poll, examined))
        });
        Ok(Overview {
            polls: looking.buffered(AT_ONCE).try_collect().await?,
            treasury: view.treasury().await?,
            committee: view.committee().await?,
            brake: view.brake().await?.filter(|brake| view.now < brake.until),
            marks: view.marks().await?,
            grants: view.grants().await?,
            voter: match own {
                Some(own) => Some(view.voter(own).await?),
                None => None,
            },
        })
    }
}

async fn all(global: &Global, view: &View, own: Option<&Account>) -> Outcome {
    let overview = Overview::read(view, own).await?;
    if global.json {
        return output::json(&overview.json(view));
    }
    if overview.polls.is_empty() {
        say!("no referendum is open; `myelin gov propose` submits one");
    } else {
        let mut table = output::table(&["no.", "track", "proposal", "approval", "support", "stage"], 3)
            .least_important(&["stage", "track"]);
        for (id, poll, examined) in &overview.polls {
            let part =
                |now: PerBillion, needed: PerBillion| format!("{} / {}", percent(now), percent(needed));
            let standing = Standing::of(view, poll);
            let of = |part: fn(&Standing) -> (PerBillion, PerBillion)| standing.as_ref().map(part);
            let parts =
                [of(|it| (it.approval, it.approval_needed)), of(|it| (it.support, it.support_needed))];
            let [approval, support] =
                parts.map(|pair| pair.map_or_else(String::new, |(now, need)| part(now, need)));
            let stage = stage(view, poll, examined, outlook(view, poll, examined).as_ref());
            table.add_row([
                id.to_string(),
                track_name(poll.track),
                short(examined),
                approval,
                support,
                stage,
            ]);
        }
        output::print(&table);
    }
    output::print(&tracks_table(&overview));
    overview.lines(view).iter().for_each(|line| say!("{line}"));
    Ok(())
}

/// A proposal in a table: its first change, or its call.
fn short(examined: &Examined) -> String {
    let first = examined.changes_said().into_iter().next();
    let whole = plain_line(&first.unwrap_or_else(|| examined.said()));
    match whole.char_indices().nth(SHORT) {
        Some((cut, _)) => format!("{}…", whole.get(..cut).unwrap_or_default()),
        None => whole,
    }
}

/// The tracks with their referenda.
fn tracks_table(overview: &Overview) -> output::Table {
    let headers = ["track", "open", "deposit", "days", "approval", "support"];
    let mut table = output::table(&headers, 1);
    for row in &TRACKS {
        let open = overview.polls.iter().filter(|(_, poll, _)| poll.track.kind() == Some(row.kind)).count();
        let falls = |curve: &myelin_governance::Curve| {
            format!("{} → {}", percent(curve.threshold(PerBillion::ZERO)), percent(curve.floor()))
        };
        table.add_row([
            track_name(row.kind.id()),
            open.to_string(),
            tao(row.deposit),
            format!("{} + {} + {} + {}", row.prepare, row.decision, row.confirm, row.enactment),
            falls(&row.approval),
            falls(&row.support),
        ]);
    }
    table
}

impl Overview {
    /// For programs.
    fn json(&self, view: &View) -> Value {
        let tracks: Map<String, Value> = TRACKS
            .iter()
            .map(|row| {
                let described = json!({
                    "id": row.kind.id().0, "deposit_rao": row.deposit.to_rao(), "most_at_once": row.most,
                    "prepare_days": row.prepare, "decision_days": row.decision, "confirm_days": row.confirm,
                    "enactment_days": row.enactment,
                    "approval_ppb": [row.approval.threshold(PerBillion::ZERO).parts(), row.approval.floor().parts()],
                    "support_ppb": [row.support.threshold(PerBillion::ZERO).parts(), row.support.floor().parts()],
                    "pays_ppb": row.payment.parts(),
                });
                (track_name(row.kind.id()), described)
            })
            .collect();
        let polls = self.polls.iter().map(|(id, poll, examined)| poll_json(view, *id, poll, examined));
        let marks = self
            .marks
            .iter()
            .map(|(hash, at)| json!({ "code": to_hex(hash), "until": view.when_json(view.mark_ends(*at)) }));
        json!({
            "block": view.now,
            "blocks_of_a_day": view.profile.governance_day(),
            "referenda": polls.collect::<Vec<_>>(),
            "tracks": tracks,
            "treasury": address(&treasury()),
            "treasury_rao": self.treasury.to_rao(),
            "committee": self.committee.as_ref().map(address),
            "brake_until": self.brake.map(|brake| view.when_json(brake.until)),
            "marks": marks.collect::<Vec<_>>(),
            "grants": self.grants.iter().map(|(id, grant)| grant_json(view, *id, grant)).collect::<Vec<_>>(),
            "own": self.voter.as_ref().map(|voter| voter_json(view, voter)),
        })
    }

    /// For people: treasury, committee, brake, marks, grants, and the own record.
    fn lines(&self, view: &View) -> Vec<String> {
        let mut lines = vec![
            "days: preparation + decision + confirmation + enactment".into(),
            format!("treasury: {} ({})", tao(self.treasury), address(&treasury())),
            format!("committee: {}", self.committee.as_ref().map_or("none".into(), address)),
        ];
        if let Some(brake) = self.brake {
            lines.push(format!(
                "the brake stops all enactments but urgent upgrades until {}",
                view.when(brake.until)
            ));
        }
        for (hash, at) in &self.marks {
            lines.push(format!(
                "marked for the urgent track until {}: {}",
                view.when(view.mark_ends(*at)),
                to_hex(hash)
            ));
        }
        for (id, grant) in &self.grants {
            lines.push(format!("grant {id} for {}: {}", brief(&grant.recipient), grant_said(view, grant)));
        }
        if let Some(voter) = &self.voter {
            lines.extend(voter_said(view, voter));
        }
        lines
    }
}

/// State of a grant in words.
fn grant_said(view: &View, grant: &Grant<Account>) -> String {
    let open = tao(grant.open(view.now));
    let milestones = grant.milestones.len();
    match (grant.next(view.now), grant.claim) {
        (None, _) => format!("ended, {} of {milestones} milestones paid", grant.paid),
        (Some(_), Some(claim)) => {
            format!("{open} open; the next milestone was claimed at {}", view.when(claim.at))
        }
        (Some(next), None) => {
            format!("{open} open; the next milestone can be claimed until {}", view.when(next.last))
        }
    }
}

fn grant_json(view: &View, id: u32, grant: &Grant<Account>) -> Value {
    let milestones = grant.milestones.iter().map(|milestone| {
        json!({
            "amount_rao": milestone.amount.to_rao(), "text": to_hex(&milestone.text),
            "until": view.when_json(milestone.last),
        })
    });
    json!({
        "grant": id,
        "recipient": address(&grant.recipient),
        "milestones": milestones.collect::<Vec<_>>(),
        "paid": grant.paid,
        "claimed": grant.claim.map(|claim| view.when_json(claim.at)),
        "stopped": grant.stopped,
        "open_rao": grant.open(view.now).to_rao(),
    })
}

/// The record of an account in words.
fn voter_said(view: &View, voter: &Voter<Account>) -> Vec<String> {
    let locked: Vec<String> = voter
        .lock
        .iter()
        .map(|(asset, amount)| format!("{} ({})", of_asset(asset, amount), asset_name(asset)))
        .collect();
    let mut lines = vec![match locked.is_empty() {
        true => "your vote lock is empty; `myelin gov lock` puts something under it".into(),
        false => format!("your vote lock: {}", locked.join(", ")),
    }];
    if view.now < voter.until {
        lines.push(format!("bound until {}", view.when(voter.until)));
    }
    for cast in voter.casts.iter().filter(|cast| cast.counts()) {
        let weight = format!("{} times {}", times(cast.multiplier), power(cast.track, cast.own));
        lines.push(format!("your vote in referendum {}: {}, {weight}", cast.poll, side(cast.aye)));
    }
    for delegation in &voter.delegations {
        lines.push(format!(
            "you let {} vote on {} until {}",
            address(&delegation.to),
            track_name(delegation.track),
            view.when(delegation.ends)
        ));
    }
    lines
}

/// The record of an account for programs.
pub fn voter_json(view: &View, voter: &Voter<Account>) -> Value {
    let lock: Map<String, Value> =
        voter.lock.iter().map(|(asset, amount)| (asset_name(asset), amount.into())).collect();
    let votes = voter.casts.iter().map(|cast| {
        json!({
            "referendum": cast.poll, "track": track_json(cast.track), "vote": side(cast.aye),
            "multiplier": times(cast.multiplier), "own_rao": cast.own.to_string(),
            "delegated_rao": cast.delegated.to_string(), "withdrawn": cast.withdrawn,
        })
    });
    let delegations = voter.delegations.iter().map(|delegation| {
        json!({
            "track": track_json(delegation.track), "to": address(&delegation.to),
            "until": view.when_json(delegation.ends),
        })
    });
    json!({
        "lock_rao": lock,
        "bound_until": (view.now < voter.until).then(|| view.when_json(voter.until)),
        "votes": votes.collect::<Vec<_>>(),
        "delegations": delegations.collect::<Vec<_>>(),
    })
}

/// Requirements of a track in words.
pub fn requirements(track: TrackId) -> Option<String> {
    let row = track.row()?;
    let start = PerBillion::ZERO;
    let of = if track.subnet().is_some() { "of the subnet's alpha" } else { "of all power, by own votes" };
    Some(format!(
        "approval {} falling to {}; support {} falling to {} {of}, within {} days",
        percent(row.approval.threshold(start)),
        percent(row.approval.floor()),
        percent(row.support.threshold(start)),
        percent(row.support.floor()),
        grouped(row.decision.into())
    ))
}
