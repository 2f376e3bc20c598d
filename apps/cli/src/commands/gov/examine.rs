//! A proposal, looked at before people vote: its call, its track, changes with present values, and reasons for which
//! the chain would not enact it.

use codec::{Decode, Encode};
use myelin_abi::calls::elections::SetRules;
use myelin_abi::calls::subtensor::AnnounceRubric;
use myelin_abi::referenda::BoundedCall;
use myelin_abi::{Account, DeclaredRubric};
use myelin_chain_client::{AnyCall, ChainError, DecodedCall, Result as Asked};
use myelin_governance::calls::{self, Proposed, LONGEST_FORCED};
use myelin_governance::effects::{EffectError, Thing};
use myelin_governance::enactment::is_admitted;
use myelin_governance::grant::{Grant, Milestone};
use myelin_governance::{Kind, Track, TrackId};
use myelin_units::{NetUid, TaoBalance, ROOT};
use serde_json::{json, Value};

use super::view::{stored_as, track_json, unfit, Status, View, Window};
use super::words::{change, track_name};
use crate::commands::election::rules::differences;
use crate::commands::subnet::parameters::{value, values_of};
use crate::output::{address, plain_line, tao, Failure};
use crate::send::to_hex;

/// Prints the hash of a runtime as proposals name it.
const HASH_OF_CODE: &str = "b2sum --length=256 runtime.wasm";
/// Copies the state of a stopped node, from the places where `myelin node run` keeps it.
const COPY_OF_STATE: &str =
    "myelin-node export-state --chain chain.json --base-path .myelin/node > state.json";
/// Tries a runtime on the copy.
const TRIAL_OF_CODE: &str = "myelin-node check-upgrade --state state.json --wasm runtime.wasm";

/// A proposal with everything that is known of it. Its author may be anybody, so nothing in it makes reading it fail:
/// what is wrong with it is said in [`Self::refusals`].
#[derive(Default)]
pub struct Examined {
    /// The call that would be made with root's rights; `None` if it cannot be read.
    pub call: Option<DecodedCall>,
    /// Whether it is the one that `Governance.enact` carries.
    is_enacted: bool,
    /// The whole proposal as the chain stores it; `None` if nobody has stored it, or before it is proposed.
    pub bytes: Option<Vec<u8>>,
    /// Its track.
    pub track: Option<TrackId>,
    /// Registration of the subnet that it names, for `enact`.
    pub registered: Option<u64>,
    /// Changes.
    pub changes: Vec<Thing<Account>>,
    /// Reasons for which the chain would not enact it now.
    pub refusals: Vec<String>,
    /// Reasons for which it would change nothing now, though the chain would enact it.
    pub idle: Vec<String>,
    /// Risks that its voters should know.
    pub notes: Vec<String>,
    /// Reason for which its referendum takes no votes and cannot pass.
    pub dead: Option<&'static str>,
}

/// A defect of a proposal.
enum Defect {
    /// The chain would refuse it.
    Refused(String),
    /// The chain would enact it, and nothing would change.
    Idle(String),
    /// It may be refused later.
    Risk(String),
}

/// The subnet that a call names.
fn netuid_of(call: &DecodedCall) -> Option<NetUid> {
    let names = calls::names_subnet(&call.pallet, &call.name);
    names.then(|| NetUid::decode(&mut call.encoded_arguments()).ok()).flatten()
}

/// The grant that a call stops.
fn grant_of(call: &DecodedCall) -> Option<u32> {
    let stops = (&call.pallet[..], &call.name[..]) == ("Governance", "stop_grant");
    stops.then(|| u32::decode(&mut call.encoded_arguments()).ok()).flatten()
}

/// The next argument of a call.
fn argument<T: Decode>(arguments: &mut &[u8]) -> Asked<T> {
    let unread =
        |error: codec::Error| ChainError::Undecodable { what: "the call".into(), reason: error.to_string() };
    T::decode(arguments).map_err(unread)
}

/// Defect of bytes that are no call.
fn unreadable(error: ChainError) -> String {
    match error {
        ChainError::Undecodable { reason, .. } => format!("the chain cannot read it: {reason}"),
        error => format!("the chain cannot read it: {error}"),
    }
}

impl Examined {
    /// A call that nobody has proposed yet. `urgent` asks for the urgent track.
    pub async fn new(view: &View, call: &AnyCall, urgent: bool) -> Result<Self, Failure> {
        let call = view.chain.decode_call(&view.chain.encode(call).await?).await?;
        let registered = match netuid_of(&call) {
            Some(netuid) if netuid != ROOT => {
                view.chain.subnet(netuid).await?;
                view.registered_at(netuid).await?
            }
            _ => None,
        };
        let track = urgent.then(|| Kind::UrgentUpgrade.id());
        let mut new = Self { track, registered, ..Self::default() };
        new.look(view, call, None).await?;
        Ok(new)
    }

    /// The proposal of an open referendum.
    pub async fn of_poll(view: &View, poll: &Status) -> Result<Self, Failure> {
        let mut proposed = Self::stored(view, &poll.proposal, poll.track).await?;
        if let (true, Some(call)) = (proposed.is_enacted, proposed.call.clone()) {
            proposed.look(view, call, Some(poll)).await?;
        }
        proposed.dead = view.dead(poll).await?;
        if let Some(hash) = stored_as(&poll.proposal) {
            let author = poll.submission_deposit.who;
            if let Some(payer) = view.preimage_payer(&hash).await?.filter(|payer| *payer != author) {
                proposed.notes.push(format!(
                    "{} stored the proposal and can take it back before the approval, and then it cannot be enacted; \
                     keep its bytes (--json), with which `myelin gov note` stores it again",
                    address(&payer)
                ));
            }
        }
        Ok(proposed)
    }

    /// A proposal as it is stored: the encoded call that is made with the track's origin. Nothing is looked up beside
    /// it.
    pub async fn stored(view: &View, proposal: &BoundedCall, track: TrackId) -> Result<Self, Failure> {
        let mut stored = Self { track: Some(track), ..Self::default() };
        let Some(bytes) = view.bytes_of(proposal).await? else {
            stored.refusals.push(
                "nobody has stored the proposal, so it cannot be enacted; `myelin gov note` stores it".into(),
            );
            return Ok(stored);
        };
        stored.refusals.extend(unfit(proposal, bytes.len()));
        // Decoding asks the node nothing.
        match view.chain.decode_call(&bytes).await {
            Err(error) => stored.refusals.push(unreadable(error)),
            Ok(outer) => match enacted(&outer) {
                None => {
                    stored.refusals.push("a referendum enacts nothing but Governance.enact".into());
                    stored.call = Some(outer);
                }
                Some((inner, registered)) => {
                    stored.registered = registered;
                    match view.chain.decode_call(inner).await {
                        Ok(inner) => (stored.call, stored.is_enacted) = (Some(inner), true),
                        Err(error) => stored.refusals.push(unreadable(error)),
                    }
                }
            },
        }
        stored.bytes = Some(bytes);
        Ok(stored)
    }

    /// Looks at a call beside the state of the chain. Fails only if the node does not answer.
    async fn look(&mut self, view: &View, call: DecodedCall, poll: Option<&Status>) -> Asked<()> {
        let netuid = netuid_of(&call);
        let (pallet, name, grant) = (&call.pallet[..], &call.name[..], grant_of(&call));
        let proposed = Proposed { pallet, call: name, netuid, grant, carries: call.carries };
        match calls::track_of(&proposed) {
            Ok(belongs) => {
                let track = *self.track.get_or_insert(belongs);
                self.refusals.extend(calls::check(&proposed, track).err().map(|refusal| refusal.to_string()));
            }
            Err(refusal) => self.refusals.push(refusal.to_string()),
        }
        let named = netuid.filter(|netuid| *netuid != ROOT);
        let since = match named {
            Some(netuid) => view.registered_at(netuid).await?,
            None => None,
        };
        self.refusals.extend(another_subnet(named, since, self.registered).map(Into::into));
        let window = self.track.and_then(TrackId::row).map(|row| view.window(row, poll));
        let looked = self.effects(view, &call, netuid, window).await;
        self.call = Some(call);
        match looked {
            Err(error) if error.is_of_content() => self.refusals.push(error.to_string()),
            looked => looked?,
        }
        Ok(())
    }

    /// Fills in the changes, and defects that follow from present values.
    async fn effects(
        &mut self,
        view: &View,
        call: &DecodedCall,
        netuid: Option<NetUid>,
        window: Option<Window>,
    ) -> Asked<()> {
        if self.track == Some(Kind::UrgentUpgrade.id()) {
            let defect = unmarked(view, call, window).await?;
            self.add(defect);
        }
        let values = values_of(call, netuid);
        let mut unchanged = Vec::new();
        for (row, new) in &values {
            let present = value(&view.chain, row, netuid, view.at).await?;
            match Thing::of_parameter(row.name, netuid, present, *new) {
                Ok(thing) => self.changes.push(thing),
                Err(error @ EffectError::NoChange { .. }) => unchanged.push(error.to_string()),
                Err(error) => self.refusals.push(error.to_string()),
            }
        }
        if self.changes.is_empty() {
            self.idle.append(&mut unchanged);
        }
        if is_set_rules(call) {
            return self.rules(view, call).await;
        }
        if values.is_empty() {
            let (thing, defect) = other(view, call, window).await?;
            self.changes.push(thing);
            self.add(defect);
        }
        Ok(())
    }

    /// Fills in the changes of the rules of elections.
    async fn rules(&mut self, view: &View, call: &DecodedCall) -> Asked<()> {
        let SetRules { rules } = argument(&mut call.encoded_arguments())?;
        let present = view.chain.elections(Some(view.at)).await?.rules;
        self.refusals.extend(rules.validate(view.profile.fast).err().map(|error| error.to_string()));
        let changes = differences(&present, &rules).into_iter();
        let changes =
            changes.map(|[name, present, proposed]| Thing::ElectionRule { name, present, proposed });
        self.changes.extend(changes);
        if self.changes.is_empty() {
            self.idle.push("these are the rules of elections already".into());
        }
        Ok(())
    }

    fn add(&mut self, defect: Option<Defect>) {
        match defect {
            Some(Defect::Refused(why)) => self.refusals.push(why),
            Some(Defect::Idle(why)) => self.idle.push(why),
            Some(Defect::Risk(why)) => self.notes.push(why),
            None => {}
        }
    }

    /// The reason for which it makes no sense to propose it: the chain would refuse it, or nothing would change.
    pub fn objection(&self) -> Option<&str> {
        self.refusals.first().or(self.idle.first()).map(String::as_str)
    }

    /// The call in words. Strangers write proposals.
    pub fn said(&self) -> String {
        self.call.as_ref().map_or("unknown".into(), |call| plain_line(&call.to_string()))
    }

    /// The changes in words; the call itself if it changes nothing that is shown.
    pub fn changes_said(&self) -> Vec<String> {
        self.changes.iter().map(change).collect()
    }

    /// Commands by which a voter checks proposed code, with their results in words. None if the chain would run no
    /// other code than now.
    fn checks(&self) -> Vec<(&'static str, String)> {
        let proposed = self.changes.iter().find_map(|thing| match thing {
            Thing::Code { present, proposed } if present != proposed => Some(proposed),
            _ => None,
        });
        let Some(hash) = proposed else { return Vec::new() };
        let printed = myelin_wire::hash::to_hex(hash);
        vec![
            (HASH_OF_CODE, format!("prints {printed} if the file is the proposed code")),
            (COPY_OF_STATE, "copies the state of a stopped node".into()),
            (TRIAL_OF_CODE, "tries the code on the copy, and prints every reason against it".into()),
        ]
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let arguments = |call: &DecodedCall| {
            let named = call.arguments.iter().map(|argument| {
                json!({ "name": argument.name, "value": argument.words, "bytes": to_hex(&argument.bytes) })
            });
            named.collect::<Vec<_>>()
        };
        json!({
            "call": self.call.as_ref().map(|call| json!({
                "pallet": call.pallet, "name": call.name, "arguments": arguments(call),
                "bytes": to_hex(&call.bytes),
            })),
            "track": self.track.map(track_json),
            "bytes": self.bytes.as_ref().map(|bytes| to_hex(bytes)),
            "registered": self.registered,
            "changes": self.changes.iter().map(change_json).collect::<Vec<_>>(),
            "checks": self.checks().into_iter().map(|(command, _)| command).collect::<Vec<_>>(),
            "refused": self.refusals,
            "changes_nothing": self.idle,
            "notes": self.notes,
            "dead": self.dead,
        })
    }

    /// Lines for people: call, track, changes, checks of proposed code, and what is wrong with it.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("proposal: {}", self.said())];
        lines.extend(self.track.map(|track| format!("track: {}", track_name(track))));
        lines.extend(
            self.changes_said().into_iter().map(|change| format!("changes: {}", plain_line(&change))),
        );
        lines.extend(self.checks().iter().map(|(command, does)| format!("check: `{command}` {does}")));
        lines.extend(self.idle.iter().map(|why| format!("changes nothing: {}", plain_line(why))));
        lines.extend(self.refusals.iter().map(|why| format!("refused: {}", plain_line(why))));
        lines.extend(self.notes.iter().map(|note| format!("note: {}", plain_line(note))));
        lines.extend(self.dead.map(|why| format!("dead: {why}; it takes no votes and cannot pass")));
        lines
    }
}

/// A change for programs: its words, and its values as the chain has them.
fn change_json(thing: &Thing<Account>) -> Value {
    json!({ "words": change(thing), "values": values(thing) })
}

fn values(thing: &Thing<Account>) -> Value {
    let list = |accounts: &[Account]| accounts.iter().map(address).collect::<Vec<_>>();
    let hash = |hash: &Option<[u8; 32]>| hash.as_ref().map(|hash| to_hex(hash));
    match thing {
        Thing::Parameter { name, netuid, present, proposed } => json!({
            "parameter": name, "netuid": netuid,
            "present": present.to_string(), "proposed": proposed.to_string(),
        }),
        Thing::Payment { to, amount, treasury } => json!({
            "to": address(to), "amount_rao": amount.to_rao(), "treasury_rao": treasury.to_rao(),
        }),
        Thing::Code { present, proposed } => {
            json!({ "present_code": to_hex(present), "proposed_code": to_hex(proposed) })
        }
        Thing::Rubric { netuid, present, proposed } => json!({
            "netuid": netuid, "present_rubric": hash(present), "proposed_rubric": hash(proposed),
        }),
        Thing::GrantStopped { open } => json!({ "open_rao": open.to_rao() }),
        Thing::SubnetRemoved { netuid, pool } => json!({ "netuid": netuid, "pool_rao": pool.to_rao() }),
        Thing::SubnetOpened { owner, price, subnets, limit } => json!({
            "owner": address(owner), "price_rao": price.to_rao(), "subnets": subnets, "limit": limit,
        }),
        Thing::Authorities { present, proposed } => {
            json!({ "present_authors": list(present), "proposed_authors": list(proposed) })
        }
        Thing::RootKeyRemoved { present } => json!({ "present_key": present.as_ref().map(address) }),
        Thing::Elections { present, proposed } => json!({ "present": present, "proposed": proposed }),
        Thing::ElectionRule { name, present, proposed } => {
            json!({ "rule": name, "present": present, "proposed": proposed })
        }
        Thing::ContributionsDemanded { after } => json!({ "after_blocks": after }),
        Thing::VotersForced { present, proposed, finalized } => {
            let change = |(delay, base): &(u32, u32)| json!({ "delay_blocks": delay, "from_block": base });
            json!({
                "present": present.as_ref().map(change), "proposed": change(proposed), "final_block": finalized,
            })
        }
        Thing::SlashCancelled { offender, share } => {
            json!({ "offender": address(offender), "share_per_billion": share.parts() })
        }
        Thing::Committee { present, proposed } => json!({
            "present_committee": present.as_ref().map(address),
            "proposed_committee": proposed.as_ref().map(address),
        }),
        Thing::ModelTakenDown { model, owner, marked } => {
            json!({ "model": to_hex(model), "owner": owner.as_ref().map(address), "taken_down": marked })
        }
        Thing::Call { pallet, name } => json!({ "call": format!("{pallet}.{name}") }),
    }
}

/// The call that `Governance.enact` carries, encoded, and the registration beside it; `None` for other calls.
fn enacted(outer: &DecodedCall) -> Option<(&[u8], Option<u64>)> {
    match (&outer.pallet[..], &outer.name[..], &outer.arguments[..]) {
        ("Governance", "enact", [call, registered]) => {
            Some((&call.bytes, Decode::decode(&mut &registered.bytes[..]).ok()?))
        }
        _ => None,
    }
}

/// The reason for which the chain would not enact a call because of the subnet that it names. `since` is the block of
/// its registration, and `registered` the one of the proposal.
fn another_subnet(
    named: Option<NetUid>,
    since: Option<u64>,
    registered: Option<u64>,
) -> Option<&'static str> {
    match (named, since) {
        _ if since == registered => None,
        (None, _) => Some("the proposal says when a subnet was registered, and its call names none"),
        (Some(_), None) => Some("there is no subnet of this number"),
        (Some(_), Some(_)) => Some("the subnet is another one than the proposal was made for"),
    }
}

/// The defect of an upgrade on the urgent track whose code is not marked, or may lose its mark.
async fn unmarked(view: &View, call: &DecodedCall, window: Option<Window>) -> Asked<Option<Defect>> {
    let marks = view.marks().await?;
    let code = call.argument("code_hash").map(|hash| hash.bytes.clone()).unwrap_or_default();
    let mark = marks.iter().find(|(marked, _)| marked[..] == code[..]).map(|(_, at)| *at);
    let at = |block| is_admitted(Kind::UrgentUpgrade, mark, block, &view.profile);
    let slowest = window.map_or(view.now, |window| window.slowest);
    Ok(match (at(view.now), at(slowest)) {
        (false, _) => Some(Defect::Refused(format!(
            "the committee has not marked the code {}; without --urgent it goes to the track upgrade",
            to_hex(&code)
        ))),
        (true, false) => Some(Defect::Risk(format!(
            "the mark ends at {}, and a decision that uses its whole time is enacted at {}; it is refused then",
            view.when(view.mark_ends(mark.unwrap_or_default())),
            view.when(slowest)
        ))),
        (true, true) => None,
    })
}

/// The change by a call that sets no parameter, and its defect.
async fn other(
    view: &View,
    call: &DecodedCall,
    window: Option<Window>,
) -> Asked<(Thing<Account>, Option<Defect>)> {
    let (pallet, name) = (&call.pallet[..], &call.name[..]);
    let mut arguments = call.encoded_arguments();
    let thing = match (pallet, name) {
        ("System", "authorize_upgrade") => {
            let proposed = argument(&mut arguments)?;
            Thing::Code { present: view.code_hash().await?, proposed }
        }
        ("SubtensorModule", "announce_rubric") => {
            let AnnounceRubric { netuid, mecid, rubric } = argument(&mut arguments)?;
            let proposed = Some(DeclaredRubric::from(rubric).hash);
            Thing::Rubric { netuid, present: rubric_now(view, netuid, mecid).await?, proposed }
        }
        ("SubtensorModule", "withdraw_rubric") => return withdrawn(view, &mut arguments, window).await,
        ("SubtensorModule", "root_dissolve_network") => {
            let netuid = argument(&mut arguments)?;
            let pool: Option<TaoBalance> = view.of_subnet("SubnetTAO", netuid).await?;
            Thing::SubnetRemoved { netuid, pool: pool.unwrap_or(TaoBalance::ZERO) }
        }
        ("Governance", "open_subnet") => return opened(view, &mut arguments).await,
        ("Governance", "set_committee") => {
            Thing::Committee { present: view.committee().await?, proposed: argument(&mut arguments)? }
        }
        ("Provenance", "takedown") => {
            let model = argument(&mut arguments)?;
            let known = view.chain.registered_model(&model).await?.map(|view| view.model);
            let marked = known.as_ref().is_some_and(|model| model.taken_down.is_some());
            Thing::ModelTakenDown { model, owner: known.map(|model| model.owner), marked }
        }
        ("Governance", "spend" | "grant") => return payment(view, call, window).await,
        ("Governance", "stop_grant") => {
            let grant = view.grant(argument(&mut arguments)?).await?;
            Thing::GrantStopped { open: grant.open(view.now) }
        }
        ("AdminUtils", "swap_authorities") => return appointed(view, &mut arguments).await,
        ("Beacon", "demand_contributions") => {
            let thing = Thing::ContributionsDemanded { after: argument(&mut arguments)? };
            let first = view.chain.strict_from(Some(view.at)).await?;
            let demanded =
                |first| Defect::Refused(format!("blocks need contributions from block {first} on already"));
            return Ok((thing, first.map(demanded)));
        }
        ("Grandpa", "note_stalled") => return forced(view, &mut arguments, window).await,
        ("Elections", "switch_on") => return switched(view, true).await,
        ("Elections", "switch_off") => return switched(view, false).await,
        ("Elections", "cancel_slash") => return spared(view, call, window).await,
        ("Sudo", "remove_key") => {
            Thing::RootKeyRemoved { present: view.chain.storage("Sudo", "Key", &[], Some(view.at)).await? }
        }
        _ => Thing::Call { pallet: pallet.into(), name: name.into() },
    };
    let defect = match &thing {
        Thing::Rubric { present, proposed, .. } if present == proposed => {
            Some(Defect::Refused("this rubric is in force already".into()))
        }
        Thing::Code { present, proposed } if present == proposed => {
            Some(Defect::Idle("the chain runs this code already".into()))
        }
        Thing::Committee { present, proposed } if present == proposed => {
            Some(Defect::Idle("this is the committee already".into()))
        }
        Thing::ModelTakenDown { owner: None, .. } => {
            Some(Defect::Refused("the chain has no record of this model".into()))
        }
        Thing::ModelTakenDown { marked: true, .. } => {
            Some(Defect::Refused("this model was taken down already".into()))
        }
        Thing::GrantStopped { open } if open.is_zero() => Some(Defect::Refused("the grant has ended".into())),
        Thing::RootKeyRemoved { present: None } => Some(Defect::Idle("there is no root key any more".into())),
        _ => None,
    };
    Ok((thing, defect))
}

/// Whether a call sets the rules of elections.
fn is_set_rules(call: &DecodedCall) -> bool {
    (&call.pallet[..], &call.name[..]) == ("Elections", "set_rules")
}

/// The change of block authors by an appointment, and its defect.
async fn appointed(view: &View, arguments: &mut &[u8]) -> Asked<(Thing<Account>, Option<Defect>)> {
    let present = view.chain.storage("Aura", "Authorities", &[], Some(view.at)).await?;
    let thing = Thing::Authorities { present: present.unwrap_or_default(), proposed: argument(arguments)? };
    let on = view.chain.elections(Some(view.at)).await?.clock.on;
    let defect = on.then(|| Defect::Refused("elections are on, and nobody appoints meanwhile".into()));
    Ok((thing, defect))
}

/// The subnet without a price, and its defect.
async fn opened(view: &View, arguments: &mut &[u8]) -> Asked<(Thing<Account>, Option<Defect>)> {
    let (owner, price) = (argument(arguments)?, view.chain.subnet_cost().await?);
    // Root counts among all.
    let all: Option<u16> = view.of_network("TotalNetworks").await?;
    let limit: Option<u16> = view.of_network("SubnetLimit").await?;
    let (subnets, limit) = (all.unwrap_or_default().saturating_sub(1), limit.unwrap_or_default());
    let defect = (subnets >= limit).then(|| {
        Defect::Refused(format!("there are {subnets} subnets, and {limit} at most; none gives way"))
    });
    Ok((Thing::SubnetOpened { owner, price, subnets, limit }, defect))
}

/// The forced change of voters, and its defect.
async fn forced(
    view: &View,
    arguments: &mut &[u8],
    window: Option<Window>,
) -> Asked<(Thing<Account>, Option<Defect>)> {
    let proposed: (u32, u32) = argument(arguments)?;
    let present = view.chain.storage("Grandpa", "Stalled", &[], Some(view.at)).await?;
    let finalized = view.chain.finalized_block().await?.number;
    let soonest = window.map_or(view.now, |window| window.soonest);
    let defect = match proposed {
        (delay, _) if delay > LONGEST_FORCED => Some(Defect::Refused(format!(
            "a forced change of voters waits for at most {LONGEST_FORCED} blocks"
        ))),
        (_, base) if u64::from(base) > soonest => {
            let (base, soonest) = (view.when(base.into()), view.when(soonest));
            Some(Defect::Risk(format!(
                "it is refused before {base}, and is enacted at {soonest} at the earliest"
            )))
        }
        _ => None,
    };
    Ok((Thing::VotersForced { present, proposed, finalized }, defect))
}

/// The change by the switch of elections, and its defect.
async fn switched(view: &View, proposed: bool) -> Asked<(Thing<Account>, Option<Defect>)> {
    let elections = view.chain.elections(Some(view.at)).await?;
    let present = elections.clock.on;
    let thing = Thing::Elections { present, proposed };
    if present == proposed {
        let state = if present { "on" } else { "off" };
        return Ok((thing, Some(Defect::Refused(format!("elections are {state} already")))));
    }
    let least = elections.rules.least_authorities as usize;
    let candidates = if proposed { view.chain.candidates(&elections).await? } else { Vec::new() };
    // Qualities are measured only while elections are on, so they are no part of this number.
    let ready = candidates.iter().filter(|candidate| candidate.reading().ready).count();
    let defect = (proposed && ready < least).then(|| {
        Defect::Risk(format!(
            "candidates that are ready with session keys: {ready}; the set stays as long as fewer than {least} can be \
             elected"
        ))
    });
    Ok((thing, defect))
}

/// The slash that would not be taken, and its defect.
async fn spared(
    view: &View,
    call: &DecodedCall,
    window: Option<Window>,
) -> Asked<(Thing<Account>, Option<Defect>)> {
    let number: u32 = argument(&mut call.encoded_arguments())?;
    let elections = view.chain.elections(Some(view.at)).await?;
    let slash = elections.slashes().find(|(filed, _)| filed.number == number);
    let Some((filed, share)) = slash else {
        let thing = Thing::Call { pallet: call.pallet.clone(), name: call.name.clone() };
        return Ok((thing, Some(Defect::Refused(format!("no slash {number} waits to be taken")))));
    };
    let due = filed.slash.due(&elections.rules);
    let thing = Thing::SlashCancelled { offender: Account(filed.slash.hotkey), share };
    let said = |enacted: &str, block: u64| {
        let (due, block) = (view.when(due), view.when(block));
        format!("the slash is taken at {due}, and {enacted} it is cancelled at {block}")
    };
    Ok(match window {
        Some(Window { soonest, .. }) if soonest >= due => {
            (thing, Some(Defect::Refused(said("at the earliest", soonest))))
        }
        Some(Window { put_off, .. }) if put_off >= due => {
            (thing, Some(Defect::Risk(said("after a whole decision and all delays", put_off))))
        }
        _ => (thing, None),
    })
}

/// The change by the end of an announcement, and its defect.
async fn withdrawn(
    view: &View,
    arguments: &mut &[u8],
    window: Option<Window>,
) -> Asked<(Thing<Account>, Option<Defect>)> {
    let (netuid, mechanism): (NetUid, u8) = argument(arguments)?;
    let rubric = view.chain.rubric(netuid, mechanism, Some(view.at)).await?;
    // Where nothing is announced, the vote still binds the owner to the rubric in force.
    let present = rubric.announced.as_ref().or(rubric.in_force.as_ref()).map(|change| change.rubric.hash);
    let proposed = rubric.in_force.as_ref().map(|change| change.rubric.hash);
    let window = window.unwrap_or(Window { soonest: view.now, slowest: view.now, put_off: view.now });
    let defect = match (rubric.in_force, rubric.announced) {
        (None, _) => Some(Defect::Refused("no rubric was ever announced".into())),
        (Some(_), Some(announced)) => (announced.from <= window.put_off).then(|| {
            let (from, latest) = (view.when(announced.from), view.when(window.put_off));
            Defect::Risk(format!(
                "the announced rubric is in force from {from} on, and this may be enacted as late as in {latest}; \
                 then it is refused"
            ))
        }),
        (Some(kept), None) => {
            // A vote keeps no rubric that is younger than votes may last.
            let from = kept.from.saturating_add(view.profile.longest_rubric_vote());
            (from > window.soonest).then(|| {
                Defect::Refused(format!(
                    "no rubric is announced, and the one in force can be kept by a vote from {} on; --rubric proposes \
                     one by name",
                    view.when(from)
                ))
            })
        }
    };
    Ok((Thing::Rubric { netuid, present, proposed }, defect))
}

async fn rubric_now(view: &View, netuid: NetUid, mechanism: u8) -> Asked<Option<[u8; 32]>> {
    let in_force = view.chain.rubric(netuid, mechanism, Some(view.at)).await?.in_force;
    Ok(in_force.map(|change| change.rubric.hash))
}

/// A payment from the treasury or a grant, and its defect when it is enacted.
async fn payment(
    view: &View,
    call: &DecodedCall,
    window: Option<Window>,
) -> Asked<(Thing<Account>, Option<Defect>)> {
    let treasury = view.treasury().await?;
    let mut arguments = call.encoded_arguments();
    let to: Account = argument(&mut arguments)?;
    if call.name == "spend" {
        let amount: TaoBalance = argument(&mut arguments)?;
        let most = Track::of(Kind::Treasury).most_payment(treasury);
        let refusal = (amount > most).then(|| {
            let (most, treasury) = (tao(most), tao(treasury));
            Defect::Refused(format!("one referendum pays at most {most} of the {treasury} in the treasury"))
        });
        return Ok((Thing::Payment { to, amount, treasury }, refusal));
    }
    let milestones: Vec<Milestone> = argument(&mut arguments)?;
    let amount = milestones.iter().map(|milestone| milestone.amount).sum();
    let most = Track::of(Kind::Grants).most_payment(treasury);
    let refused_at = |block| Grant::new(to, milestones.clone(), most, block, &view.profile).err();
    let Some(Window { soonest, put_off, .. }) = window else {
        return Ok((Thing::Payment { to, amount, treasury }, None));
    };
    let defect = match (refused_at(soonest), refused_at(put_off)) {
        (Some(error), _) => {
            let when = view.when(soonest);
            Some(Defect::Refused(format!("{error}; it begins at {when} at the earliest")))
        }
        (None, Some(error)) => Some(Defect::Risk(format!(
            "after a whole decision and all delays it begins at {}, and is refused then: {error}",
            view.when(put_off)
        ))),
        (None, None) => None,
    };
    Ok((Thing::Payment { to, amount, treasury }, defect))
}

/// Encoding of `Governance.enact` of a call.
pub async fn enact(view: &View, examined: &Examined) -> Result<Vec<u8>, Failure> {
    let call = examined.call.as_ref().map(|call| call.bytes.clone()).unwrap_or_default();
    let arguments = [call, examined.registered.encode()].concat();
    Ok(view.chain.encode(&AnyCall::new("Governance", "enact", arguments)).await?)
}

#[cfg(test)]
mod tests {
    use myelin_chain_client::Argument;
    use myelin_economy::profile::Profile;
    use myelin_election::rules::SHORTEST_APPEAL;

    use super::*;

    fn outer(name: &str, arguments: Vec<(&str, Vec<u8>)>) -> DecodedCall {
        let argument =
            |(name, bytes): (&str, Vec<u8>)| Argument { name: name.into(), bytes, words: String::new() };
        DecodedCall {
            pallet: "Governance".into(),
            name: name.into(),
            arguments: arguments.into_iter().map(argument).collect(),
            carries: 1,
            bytes: vec![],
        }
    }

    #[test]
    fn only_enact_carries_a_proposal() {
        let registered = Some(7u64).encode();
        let enact = outer("enact", vec![("call", vec![1, 2]), ("registered", registered.clone())]);
        assert_eq!(enacted(&enact), Some((&[1, 2][..], Some(7))));
        assert_eq!(enacted(&outer("spend", vec![("to", vec![1]), ("amount", registered)])), None);
        assert_eq!(enacted(&outer("enact", vec![("call", vec![1]), ("registered", vec![9])])), None);
    }

    #[test]
    fn a_subnet_that_does_not_fit_is_told_by_its_reason() {
        let said = |named, since, registered| another_subnet(named, since, registered).unwrap_or_default();
        assert_eq!((said(None, None, None), said(Some(2), Some(5), Some(5))), ("", ""));
        assert!(said(None, None, Some(5)).contains("names none"));
        assert!(said(Some(2), None, Some(5)).contains("no subnet"));
        assert!(said(Some(2), Some(9), Some(5)).contains("another one"));
        assert!(said(Some(2), Some(9), None).contains("another one"));
    }

    #[test]
    fn what_is_wrong_stands_in_a_line_of_its_own() {
        let mut examined = Examined { dead: Some("its subnet was removed"), ..Examined::default() };
        examined.add(Some(Defect::Idle("SubnetLimit is 64 already".into())));
        assert_eq!(examined.objection(), Some("SubnetLimit is 64 already"));
        examined.add(Some(Defect::Refused("no\u{202e} grant\nown vote: aye".into())));
        examined.add(Some(Defect::Risk("late".into())));
        assert_eq!(examined.objection(), Some("no\u{202e} grant\nown vote: aye"));
        assert_eq!(
            examined.lines(),
            [
                "proposal: unknown",
                "changes nothing: SubnetLimit is 64 already",
                "refused: no grant own vote: aye",
                "note: late",
                "dead: its subnet was removed; it takes no votes and cannot pass",
            ]
        );
        assert_eq!(examined.json()["changes_nothing"], json!(["SubnetLimit is 64 already"]));
    }

    #[test]
    fn voters_learn_how_to_check_proposed_code() {
        let of = |present, proposed| Examined {
            changes: vec![Thing::Code { present, proposed }],
            ..Examined::default()
        };
        let upgrade = of([1; 32], [2; 32]);
        let said = upgrade.lines();
        let checks: Vec<_> = said.iter().filter(|line| line.starts_with("check: ")).collect();
        assert_eq!(checks.len(), 3, "{said:?}");
        assert!(checks[0].contains(&format!("prints {} if", "02".repeat(32))), "{checks:?}");
        // The guide for voters has the same commands.
        let guide = include_str!("../../../../../docs/guides/vote.md");
        for (command, line) in [HASH_OF_CODE, COPY_OF_STATE, TRIAL_OF_CODE].iter().zip(&checks) {
            let quoted = format!("`{command}`");
            assert!(line.contains(&quoted) && guide.contains(&quoted), "{line}");
        }
        assert_eq!(upgrade.json()["checks"], json!([HASH_OF_CODE, COPY_OF_STATE, TRIAL_OF_CODE]));
        assert_eq!(of([1; 32], [1; 32]).json()["checks"], json!([]));
    }

    #[test]
    fn no_rule_takes_a_slash_before_a_vote_can_cancel_it() {
        let vote = Track::of(Kind::Authorities).soonest(&Profile::PRODUCTION);
        assert!(vote < SHORTEST_APPEAL, "{vote} of {SHORTEST_APPEAL}");
    }

    #[test]
    fn programs_get_the_values_of_a_new_subnet_and_of_a_forced_change() {
        let (owner, price) = (Account([1; 32]), TaoBalance::from_rao(7));
        let opened = values(&Thing::SubnetOpened { owner, price, subnets: 5, limit: 128 });
        let expected = json!({ "owner": address(&owner), "price_rao": 7, "subnets": 5, "limit": 128 });
        assert_eq!(opened, expected);
        let forced = values(&Thing::VotersForced { present: None, proposed: (10, 7), finalized: 9 });
        let proposed = json!({ "delay_blocks": 10, "from_block": 7 });
        assert_eq!(forced, json!({ "present": null, "proposed": proposed, "final_block": 9 }));
    }

    #[test]
    fn bytes_that_are_no_call_are_a_defect_of_the_proposal() {
        let error = argument::<u64>(&mut &[1u8, 2][..]).expect_err("too short");
        assert!(error.is_of_content());
        assert!(unreadable(error).starts_with("the chain cannot read it: "));
    }
}
