//! Acts of the committee, and claims and payments of grants.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use myelin_abi::calls::governance::{Claim, Delay, Mark, Pay, PullBrake, ReleaseBrake};
use myelin_abi::calls::Call;
use myelin_abi::referenda::ReferendumInfo;
use myelin_governance::enactment::{self, task, CommitteeError};
use myelin_governance::grant::{GrantError, OBJECTION_DAYS};
use myelin_governance::track::days;
use myelin_wire::hash::blake2_256;
use serde_json::{json, Value};

use super::proposal::hash_of;
use super::view::View;
use crate::commands::connect;
use crate::commands::subnet::rubric;
use crate::output::{address, fail, tao, Outcome};
use crate::send::{to_hex, Order, Sender};
use crate::Global;

/// A delay of an approved referendum.
#[derive(Args)]
pub struct Postpone {
    /// The referendum.
    #[arg(value_name = "REFERENDUM")]
    referendum: u32,
    /// Days, at most 7.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=7))]
    days: u32,
    #[command(flatten)]
    by: Sender,
}

/// Code to mark.
#[derive(Args)]
pub struct Code {
    /// Blake2b-256 of the code, in hexadecimal digits.
    #[arg(value_parser = rubric::hash, required_unless_present = "file")]
    hash: Option<[u8; 32]>,
    /// A file with the code, instead of its hash.
    #[arg(long, value_name = "FILE", conflicts_with = "hash")]
    file: Option<PathBuf>,
    #[command(flatten)]
    by: Sender,
}

/// The brake.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Lever {
    /// Pulls it.
    On,
    /// Releases it.
    Off,
}

/// The brake to pull or to release.
#[derive(Args)]
pub struct Brake {
    /// Pull it, or release it.
    #[arg(value_enum)]
    lever: Lever,
    #[command(flatten)]
    by: Sender,
}

/// A claim of a grant's next milestone.
#[derive(Args)]
pub struct Report {
    /// The grant.
    grant: u32,
    /// The report, of which the chain keeps the hash; publish the file itself.
    #[arg(long, value_name = "FILE")]
    report: PathBuf,
    #[command(flatten)]
    by: Sender,
}

/// A grant whose claim is to be paid.
#[derive(Args)]
pub struct Payment {
    /// The grant.
    grant: u32,
    #[command(flatten)]
    by: Sender,
}

/// A refused step of a grant in words, with dates beside blocks.
fn grant_refused(error: GrantError, when: impl Fn(u64) -> String) -> String {
    match error {
        GrantError::Early(block) => format!("the claim is paid at {} at the earliest", when(block)),
        GrantError::Claimed(block) => format!("the next milestone was claimed at {}", when(block)),
        error => error.to_string(),
    }
}

/// A refused act of the committee in words, with dates beside blocks.
fn act_refused(error: CommitteeError, when: impl Fn(u64) -> String) -> String {
    match error {
        CommitteeError::BrakeRests(block) => format!("the brake can be pulled again at {}", when(block)),
        error => error.to_string(),
    }
}

/// Sends a call that only the committee may make.
async fn act<C: Call>(
    by: &Sender,
    global: &Global,
    view: &View,
    call: &C,
    what: String,
    done: &str,
    value: Value,
) -> Outcome {
    let account = by.account(global)?;
    match view.committee().await? {
        None => {
            return fail(
                "this chain has no committee; a referendum names one: `myelin gov propose --committee WHO`",
            )
        }
        // A dry run prints the call, which a multisig account needs.
        Some(committee) if committee != account && by.acts_now() => {
            let committee = address(&committee);
            return fail(format!(
                "only the committee {committee} may do this; a proxy of it acts with --proxy {committee}, and \
                 --dry-run --json prints the call for its multisig"
            ));
        }
        Some(_) => {}
    }
    by.carry_out(global, &view.chain, Order::new(call, what), done, value).await
}

impl Postpone {
    /// `myelin gov delay`.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let poll = self.referendum;
        let name = blake2_256(&task(poll));
        let due = view.enactments().await?.into_iter().find(|(_, scheduled)| scheduled.name == Some(name));
        let Some((due, _)) = due else {
            let state = match view.poll(poll).await? {
                ReferendumInfo::Ongoing(_) => "it is not approved yet".into(),
                ended => format!("it was {}, and is not scheduled any more", view.end(&ended)),
            };
            return fail(format!("referendum {poll} does not wait for its enactment: {state}"));
        };
        let blocks = days(self.days, &view.profile);
        let until = due.saturating_add(blocks);
        let what = format!(
            "delaying the enactment of referendum {poll} from {} to {}",
            view.when(due),
            view.when(until)
        );
        let value = json!({ "referendum": poll, "due": view.when_json(until) });
        act(&self.by, global, &view, &Delay { poll, blocks }, what, "delayed", value).await
    }
}

impl Code {
    /// `myelin gov mark`.
    pub async fn run(self, global: &Global) -> Outcome {
        let code = match (self.hash, &self.file) {
            (Some(hash), _) => hash,
            (None, Some(file)) => hash_of(file)?,
            (None, None) => return fail("give the code's hash, or its file with --file"),
        };
        let view = View::of(connect(global).await?).await?;
        let until = view.mark_ends(view.now);
        let what = format!(
            "marking the code {} for the urgent track until about {}",
            to_hex(&code),
            view.when(until)
        );
        let value = json!({ "code": to_hex(&code), "until": view.when_json(until) });
        act(&self.by, global, &view, &Mark { code }, what, "marked", value).await
    }
}

impl Brake {
    /// `myelin gov brake`.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let last = view.brake().await?;
        match self.lever {
            Lever::On => {
                let brake = enactment::pull(last, view.now, &view.profile);
                let until = match brake {
                    Ok(brake) => brake.until,
                    Err(error) => {
                        let why = act_refused(error, |block| view.when(block));
                        return fail(format!("{why}; nothing was sent"));
                    }
                };
                let what =
                    format!("stopping all enactments but urgent upgrades until about {}", view.when(until));
                let value = json!({ "until": view.when_json(until) });
                act(&self.by, global, &view, &PullBrake {}, what, "the brake is on", value).await
            }
            Lever::Off => {
                enactment::release(last, view.now)?;
                let what =
                    "letting enactments go on; those that were put off stay due at the brake's longest end";
                act(&self.by, global, &view, &ReleaseBrake {}, what.into(), "the brake is off", json!({}))
                    .await
            }
        }
    }
}

impl Report {
    /// `myelin gov claim`.
    pub async fn run(self, global: &Global) -> Outcome {
        let report = hash_of(&self.report)?;
        let view = View::of(connect(global).await?).await?;
        let (id, account) = (self.grant, self.by.account(global)?);
        let mut grant = view.grant(id).await?;
        if grant.recipient != account {
            return fail(format!(
                "grant {id} is for {}, not for {}",
                address(&grant.recipient),
                address(&account)
            ));
        }
        let next = grant.next(view.now).map(|milestone| milestone.amount);
        if let Err(error) = grant.claim(report, view.now) {
            return fail(grant_refused(error, |block| view.when(block)));
        }
        let payable = view.now.saturating_add(days(OBJECTION_DAYS, &view.profile));
        let what = format!(
            "claiming {} of grant {id} with the report {}; it can be paid at about {}, unless a referendum stops it",
            next.map_or_else(String::new, tao),
            to_hex(&report),
            view.when(payable)
        );
        let value = json!({ "grant": id, "report": to_hex(&report), "payable": view.when_json(payable) });
        let order = Order::new(&Claim { grant: id, report }, what);
        self.by.carry_out(global, &view.chain, order, "claimed", value).await
    }
}

impl Payment {
    /// `myelin gov pay`.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let id = self.grant;
        let mut grant = view.grant(id).await?;
        let amount = match grant.pay(view.now.saturating_add(1), &view.profile) {
            Ok(amount) => amount,
            Err(error) => return fail(grant_refused(error, |block| view.when(block))),
        };
        let what =
            format!("paying {} of the treasury to {} for grant {id}", tao(amount), address(&grant.recipient));
        let order = Order::new(&Pay { grant: id }, what).unasked();
        let value = json!({ "grant": id, "amount_rao": amount.to_rao() });
        self.by.carry_out(global, &view.chain, order, &format!("paid {}", tao(amount)), value).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_ends_names_its_date() {
        let when = |block: u64| format!("block {block} (2027-01-01)");
        assert_eq!(
            grant_refused(GrantError::Early(9), when),
            "the claim is paid at block 9 (2027-01-01) at the earliest"
        );
        assert!(grant_refused(GrantError::Claimed(8), when).ends_with("at block 8 (2027-01-01)"));
        assert_eq!(grant_refused(GrantError::Ended, when), GrantError::Ended.to_string());
        let rests = act_refused(CommitteeError::BrakeRests(7), when);
        assert_eq!(rests, "the brake can be pulled again at block 7 (2027-01-01)");
        assert_eq!(act_refused(CommitteeError::BrakeOff, when), "the brake is not on");
    }
}
