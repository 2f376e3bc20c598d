//! `myelin gov simulate`, `propose` and `decide`: from a proposal to its decision.

use std::path::PathBuf;

use clap::Args;
use myelin_abi::calls::referenda::{PlaceDecisionDeposit, SetMetadata, Submit};
use myelin_abi::referenda::{BoundedCall, DispatchTime, TrackOrigin, MAX_INLINE};
use myelin_chain_client::{AnyCall, Funds};
use myelin_governance::track::{preimage_deposit, MAX_PREIMAGE, SUBMISSION_DEPOSIT};
use myelin_governance::{Outlook, Tally, Track, TrackId};
use myelin_units::TaoBalance;
use myelin_wire::hash::blake2_256;
use serde_json::{json, Value};

use super::examine::{enact, Examined};
use super::note::{noting, text_of};
use super::proposal::Proposal;
use super::status::{ahead, outlook, requirements};
use super::view::View;
use super::words::track_name;
use crate::commands::{connect, look};
use crate::output::{self, address, fail, tao, Failure, Outcome};
use crate::send::{to_hex, Order, Sender};
use crate::Global;

/// A proposal that nobody has submitted, or an open referendum.
#[derive(Args)]
pub struct Simulate {
    /// The referendum whose proposal is looked at, instead of a new proposal.
    #[arg(value_name = "REFERENDUM", conflicts_with = "What")]
    referendum: Option<u32>,
    #[command(flatten)]
    proposal: Proposal,
}

/// A proposal, and its text.
#[derive(Args)]
pub struct Propose {
    #[command(flatten)]
    proposal: Proposal,
    /// Store the text in this file on the chain, for people who vote; up to 32 KiB, for a deposit by its length.
    #[arg(long, value_name = "FILE", help_heading = "Proposal")]
    text: Option<PathBuf>,
    /// Pay the decision deposit as well, so that the decision begins after the preparation.
    #[arg(long, help_heading = "Proposal")]
    decide: bool,
    #[command(flatten)]
    by: Sender,
}

/// A referendum.
#[derive(Args)]
pub struct OfReferendum {
    /// The referendum.
    #[arg(value_name = "REFERENDUM")]
    pub referendum: u32,
    #[command(flatten)]
    pub by: Sender,
}

/// The calls that submit a proposal.
struct Submission {
    calls: Vec<AnyCall>,
    /// Deposits of preimages.
    preimages: TaoBalance,
    /// Hash of the text.
    text: Option<[u8; 32]>,
    /// Hash of the proposal, if it is stored as a preimage.
    preimage: Option<[u8; 32]>,
    /// The encoded proposal.
    bytes: Vec<u8>,
}

/// Blocks of a proposal that is submitted in the next block and gets all votes.
fn soonest(view: &View, row: &Track) -> Outlook {
    let all = Tally { ayes: 1, support: 1, electorate: 1, ..Tally::default() };
    Outlook::of(row, &view.profile, &all, view.now.saturating_add(1), None, view.now)
}

/// Deposits, requirements and dates of a new proposal, for people.
fn terms(view: &View, track: TrackId, preimages: TaoBalance) -> Vec<String> {
    let Some(row) = track.row() else { return Vec::new() };
    let outlook = soonest(view, row);
    let when = |block: Option<u64>| block.map_or_else(String::new, |block| view.when(block));
    let mut lines = vec![format!(
        "deposits: {} with the submission, {} for preimages, {} for the decision",
        tao(SUBMISSION_DEPOSIT),
        tao(preimages),
        tao(row.deposit)
    )];
    lines.extend(requirements(track).map(|needs| format!("needs: {needs}")));
    lines.push(format!(
        "soonest: decision from {}, approved at {}, enacted at {}",
        view.when(outlook.begins),
        when(outlook.approved),
        when(outlook.enacted)
    ));
    lines
}

/// The same for programs.
fn terms_json(view: &View, track: Option<TrackId>, preimages: TaoBalance) -> Value {
    let Some(row) = track.and_then(TrackId::row) else { return Value::Null };
    json!({
        "submission_rao": SUBMISSION_DEPOSIT.to_rao(),
        "preimages_rao": preimages.to_rao(),
        "decision_rao": row.deposit.to_rao(),
        "soonest": view.outlook_json(&soonest(view, row)),
    })
}

impl Simulate {
    /// Shows what a proposal would do now.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(look(global).await?).await?;
        match self.referendum {
            Some(id) => self.of_referendum(global, &view, id).await,
            None => self.of_proposal(global, &view).await,
        }
    }

    async fn of_proposal(&self, global: &Global, view: &View) -> Outcome {
        let call = self.proposal.call(global, view).await?;
        let examined = Examined::new(view, &call, self.proposal.is_urgent()).await?;
        let (_, preimages) = call_of(&enact(view, &examined).await?);
        let more = json!({ "block": view.now, "deposits": terms_json(view, examined.track, preimages) });
        let lines = examined.track.map(|track| terms(view, track, preimages)).unwrap_or_default();
        show(global, &examined, &lines, more)
    }

    async fn of_referendum(&self, global: &Global, view: &View, id: u32) -> Outcome {
        let poll = view.open_poll(id).await?;
        let examined = Examined::of_poll(view, &poll).await?;
        let outlook = outlook(view, &poll, &examined);
        let more = json!({
            "block": view.now, "referendum": id,
            "outlook": outlook.as_ref().map(|outlook| view.outlook_json(outlook)),
        });
        let lines = outlook.as_ref().map(|outlook| ahead(view, outlook));
        show(global, &examined, lines.as_slice(), more)
    }
}

/// Prints a proposal with more lines for people, and more fields for programs.
fn show(global: &Global, examined: &Examined, lines: &[String], more: Value) -> Outcome {
    let mut value = examined.json();
    if let (Some(fields), Value::Object(more)) = (value.as_object_mut(), more) {
        fields.extend(more);
    }
    let all = [&examined.lines()[..], lines].concat();
    output::report(global, &all.join("\n"), value)
}

/// A call as referenda store it, and the deposit of its preimage if it needs one.
fn call_of(bytes: &[u8]) -> (BoundedCall, TaoBalance) {
    match u32::try_from(bytes.len()) {
        Ok(len) if bytes.len() > MAX_INLINE => {
            (BoundedCall::Lookup { hash: blake2_256(bytes), len }, preimage_deposit(bytes.len()))
        }
        _ => (BoundedCall::Inline(bytes.to_vec()), TaoBalance::ZERO),
    }
}

impl Propose {
    /// Submits a proposal, and pays for its decision if asked.
    pub async fn run(self, global: &Global) -> Outcome {
        if (self.text.is_some() || self.decide) && !self.by.learns_its_block() {
            return fail(
                "--text and --decide need the number of the referendum, which its block tells: leave out --wait pool \
                 and --announce-only, or add text and deposit later with `myelin gov text` and `myelin gov decide`",
            );
        }
        let view = View::of(connect(global).await?).await?;
        let text = self.text.as_deref().map(text_of).transpose()?;
        let call = self.proposal.call(global, &view).await?;
        let examined = Examined::new(&view, &call, self.proposal.is_urgent()).await?;
        if let Some(why) = examined.objection() {
            return fail(format!("{}: {why}; nothing was sent", examined.said()));
        }
        let Some(track) = examined.track else {
            return fail("no vote may enact this call; nothing was sent");
        };
        let submission = submission(&view, &examined, track, text).await?;
        self.check_funds(global, &view, track, &submission).await?;
        let call = match &submission.calls[..] {
            [only] => only.clone(),
            several => view.chain.all_of(several).await?,
        };
        let what = self.announced(&view, &examined, track, &submission);
        let Some(sent) = self.by.send(global, &view.chain, Order::new(call, what)).await? else {
            return Ok(());
        };
        let number: Option<(u32, TrackId)> = sent.event("Referenda", "Submitted");
        let mut value = json!({
            "referendum": number.map(|(id, _)| id), "proposal": examined.json(),
            "bytes": to_hex(&submission.bytes), "text": submission.text.map(|hash| to_hex(&hash)),
            "preimage": submission.preimage.map(|hash| to_hex(&hash)), "decision_deposit_paid": false,
        });
        let kept = kept(&submission);
        let Some((id, _)) = number else {
            return sent.report(
                global,
                &format!("submitted; `myelin gov status` shows its number{kept}"),
                value,
            );
        };
        match self.finish(global, &view, id, submission.text).await {
            Ok(paid) => {
                value["decision_deposit_paid"] = paid.into();
                sent.report(global, &format!("{}{kept}", said(&self.by, id, paid)), value)
            }
            Err(failure) => {
                sent.report(global, &format!("{}{kept}", said(&self.by, id, false)), value)?;
                fail(format!(
                    "referendum {id} is submitted, but not all was done after it: {failure}; {}",
                    undone(id, self.text.is_some(), self.decide)
                ))
            }
        }
    }

    /// Refuses if the account cannot pay all deposits, also those that are paid after the submission.
    async fn check_funds(
        &self,
        global: &Global,
        view: &View,
        track: TrackId,
        submission: &Submission,
    ) -> Outcome {
        let account = self.by.account(global)?;
        let decision = track.row().filter(|_| self.decide).map_or(TaoBalance::ZERO, |row| row.deposit);
        let deposits = SUBMISSION_DEPOSIT.saturating_add(submission.preimages).saturating_add(decision);
        match lacking(view.chain.funds(&account, Some(view.at)).await?, deposits) {
            Some(why) => fail(format!("{}: {why}; nothing was sent", address(&account))),
            None => Ok(()),
        }
    }

    /// The announcement: proposal, changes, deposits and dates.
    fn announced(&self, view: &View, examined: &Examined, track: TrackId, submission: &Submission) -> String {
        let mut lines = examined.lines();
        lines.extend(terms(view, track, submission.preimages));
        let decide = match self.decide {
            true => ", and paying its decision deposit",
            false => "; its decision deposit is paid later by `myelin gov decide`",
        };
        format!("{}\nsubmitting this on the track {}{decide}", lines.join("\n"), track_name(track))
    }

    /// Names the text of a submitted referendum, and pays its decision deposit if asked. Returns whether it was paid.
    async fn finish(
        &self,
        global: &Global,
        view: &View,
        index: u32,
        text: Option<[u8; 32]>,
    ) -> Result<bool, Failure> {
        let mut calls = Vec::new();
        calls.extend(text.map(|hash| AnyCall::from(&SetMetadata { index, maybe_hash: Some(hash) })));
        calls.extend(self.decide.then(|| AnyCall::from(&PlaceDecisionDeposit { index })));
        let call = match &calls[..] {
            [] => return Ok(false),
            [only] => only.clone(),
            several => view.chain.all_of(several).await?,
        };
        let order = Order::new(call, format!("finishing referendum {index}")).unasked();
        Ok(self.by.send(global, &view.chain, order).await?.is_some() && self.decide)
    }
}

/// The reason for which an account cannot pay deposits. Deposits cannot be paid from under the vote lock.
fn lacking(funds: Funds, deposits: TaoBalance) -> Option<String> {
    let left = funds.unfrozen();
    (left <= deposits).then(|| {
        format!(
            "the deposits are {} and there is a fee, and {} are outside of the vote lock",
            tao(deposits),
            tao(left)
        )
    })
}

/// Hashes of stored bytes as the end of a sentence, and the way to their deposits.
fn kept(submission: &Submission) -> String {
    let named = [("the proposal", submission.preimage), ("the text", submission.text)];
    let stored: Vec<String> = named
        .iter()
        .filter_map(|(name, hash)| Some(format!("{name} as {}", to_hex(hash.as_ref()?))))
        .collect();
    match stored.is_empty() {
        true => String::new(),
        false => format!(
            "; the chain stores {}, and `myelin gov unnote` takes back deposits for it after the end",
            stored.join(" and ")
        ),
    }
}

/// Commands that do later what was not done with a submission.
fn undone(id: u32, text: bool, decide: bool) -> String {
    let steps = [
        text.then(|| format!("`myelin gov text {id} FILE` names its text")),
        decide.then(|| format!("`myelin gov decide {id}` pays its decision deposit")),
    ];
    steps.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The result of a submission in words.
fn said(by: &Sender, id: u32, paid: bool) -> String {
    match paid {
        true => format!("referendum {id} is submitted, and its decision begins after the preparation"),
        false => format!(
            "referendum {id} is submitted; it is decided once somebody pays its deposit: {}",
            by.keys.command(&format!("myelin gov decide {id}"))
        ),
    }
}

/// The calls that submit a proposal, with the preimages that are not there yet.
async fn submission(
    view: &View,
    examined: &Examined,
    track: TrackId,
    text: Option<Vec<u8>>,
) -> Result<Submission, Failure> {
    let bytes = enact(view, examined).await?;
    if bytes.len() > MAX_PREIMAGE {
        return fail(format!(
            "the proposal has {} bytes, and the chain stores at most {MAX_PREIMAGE}",
            bytes.len()
        ));
    }
    let (proposal, deposit) = call_of(&bytes);
    let (calls, preimages) = (Vec::new(), TaoBalance::ZERO);
    let mut made = Submission { calls, preimages, text: None, preimage: None, bytes: bytes.clone() };
    if !deposit.is_zero() {
        made.preimage = Some(blake2_256(&bytes));
        made.store(view, bytes).await?;
    }
    if let Some(text) = text {
        made.text = Some(blake2_256(&text));
        made.store(view, text).await?;
    }
    let proposal_origin = TrackOrigin { pallet: view.chain.pallet_index("Governance").await?, track };
    // The track's own wait is longer.
    let submit = Submit { proposal_origin, proposal, enactment_moment: DispatchTime::After(0) };
    made.calls.push((&submit).into());
    Ok(made)
}

impl Submission {
    /// Stores bytes as a preimage, if nobody has.
    async fn store(&mut self, view: &View, bytes: Vec<u8>) -> Result<(), Failure> {
        if let Some((call, deposit)) = noting(view, bytes).await? {
            self.preimages = self.preimages.saturating_add(deposit);
            self.calls.push(call);
        }
        Ok(())
    }
}

/// `myelin gov decide`.
pub async fn decide(order: OfReferendum, global: &Global) -> Outcome {
    let view = View::of(connect(global).await?).await?;
    let index = order.referendum;
    let poll = view.open_poll(index).await?;
    if let Some(deposit) = &poll.decision_deposit {
        return fail(format!("{} has paid the deposit of referendum {index} already", address(&deposit.who)));
    }
    if let Some(why) = view.dead(&poll).await? {
        return fail(format!("referendum {index} is dead and cannot pass: {why}; nothing was sent"));
    }
    let deposit = poll.track.row().map_or(TaoBalance::ZERO, |row| row.deposit);
    let what = format!(
        "paying {} so that referendum {index} is decided; it returns after the decision (`myelin gov refund`)",
        tao(deposit)
    );
    let value = json!({ "referendum": index, "deposit_rao": deposit.to_rao() });
    let placed = Order::new(&PlaceDecisionDeposit { index }, what);
    order
        .by
        .carry_out(global, &view.chain, placed, "paid; the decision begins after the preparation", value)
        .await
}

#[cfg(test)]
mod tests {
    use codec::Encode;

    use super::*;

    #[test]
    fn a_short_call_is_inline_and_a_long_one_a_preimage() {
        let short = vec![7; MAX_INLINE];
        assert_eq!(call_of(&short), (BoundedCall::Inline(short.clone()), TaoBalance::ZERO));
        let long = vec![7; MAX_INLINE + 1];
        let lookup = BoundedCall::Lookup { hash: blake2_256(&long), len: 129 };
        assert_eq!(call_of(&long), (lookup, TaoBalance::from_rao(40_000_000 + 129 * 100_000)));
        assert_eq!(lookup_bytes(&long), [&[2][..], &blake2_256(&long), &129u32.to_le_bytes()].concat());
    }

    fn lookup_bytes(bytes: &[u8]) -> Vec<u8> {
        call_of(bytes).0.encode()
    }

    #[test]
    fn all_deposits_are_there_before_the_first_is_paid() {
        let tokens = TaoBalance::from_tokens;
        let funds = Funds { free: tokens(600), reserved: tokens(900), frozen: tokens(80) };
        assert_eq!(lacking(funds, tokens(501)), None);
        let why = lacking(funds, tokens(520)).expect("nothing is left for the fee");
        assert!(why.contains("520.0000 τ are outside of the vote lock"), "{why}");
        assert!(lacking(Funds { frozen: tokens(700), ..funds }, tokens(1)).is_some());
    }

    #[test]
    fn a_user_learns_the_hashes_and_the_way_to_what_is_left() {
        let mut made = Submission {
            calls: vec![],
            preimages: TaoBalance::ZERO,
            text: None,
            preimage: None,
            bytes: vec![],
        };
        assert_eq!(kept(&made), "");
        (made.preimage, made.text) = (Some([1; 32]), Some([2; 32]));
        let said = kept(&made);
        for part in ["the proposal as 0x0101", "the text as 0x0202", "`myelin gov unnote`"] {
            assert!(said.contains(part), "{said}");
        }
        assert_eq!(undone(7, false, true), "`myelin gov decide 7` pays its decision deposit");
        assert!(
            undone(7, true, true).starts_with("`myelin gov text 7 FILE` names its text, `myelin gov decide")
        );
    }
}
