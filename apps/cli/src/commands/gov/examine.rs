//! A proposal, looked at before people vote: its call, its track, changes with present values, and reasons for which
//! the chain would not enact it.

use codec::{Decode, Encode};
use myelin_abi::calls::subtensor::AnnounceRubric;
use myelin_abi::{Account, DeclaredRubric};
use myelin_chain_client::{AnyCall, DecodedCall};
use myelin_governance::calls::{self, Proposed};
use myelin_governance::effects::{EffectError, Thing};
use myelin_governance::enactment::is_admitted;
use myelin_governance::grant::{Grant, Milestone};
use myelin_governance::{Kind, Track, TrackId};
use myelin_units::{NetUid, TaoBalance, ROOT};
use myelin_wire::hash::blake2_256;
use serde_json::{json, Value};

use super::view::{track_json, View};
use super::words::{change, track_name};
use crate::commands::subnet::parameters::{value, values_of};
use crate::output::{address, plain, tao, Failure};
use crate::send::to_hex;

/// A proposal with everything that is known of it.
pub struct Examined {
    /// The call that would be made with root's rights; `None` if nobody has stored it.
    pub call: Option<DecodedCall>,
    /// Its track.
    pub track: Option<TrackId>,
    /// Registration of the subnet that it names, for `enact`.
    pub registered: Option<u64>,
    /// Changes.
    pub changes: Vec<Thing<Account>>,
    /// Reasons for which the chain would not enact it now.
    pub refusals: Vec<String>,
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

impl Examined {
    /// A call that nobody has proposed yet. `urgent` asks for the urgent track.
    pub async fn new(view: &View, call: &AnyCall, urgent: bool) -> Result<Self, Failure> {
        let call = view.chain.decode_call(&view.chain.encode(call).await?).await?;
        let registered = match netuid_of(&call) {
            Some(netuid) if netuid != ROOT => {
                view.chain.subnet(netuid).await?;
                Some(registered_at(view, netuid).await?)
            }
            _ => None,
        };
        let wanted = urgent.then(|| Kind::UrgentUpgrade.id());
        Self::call(view, call, wanted, registered).await
    }

    /// The proposal of a referendum: the encoded call that it makes with its track's origin.
    pub async fn proposed(view: &View, bytes: Option<Vec<u8>>, track: TrackId) -> Result<Self, Failure> {
        let of = |call, refusal: String| Self {
            call,
            track: Some(track),
            registered: None,
            changes: Vec::new(),
            refusals: vec![refusal],
        };
        let Some(bytes) = bytes else {
            return Ok(of(None, "nobody has stored the proposal, so it cannot be read or enacted".into()));
        };
        let outer = match view.chain.decode_call(&bytes).await {
            Ok(outer) => outer,
            Err(error) => return Ok(of(None, format!("the chain cannot read it: {error}"))),
        };
        let inner = match (&outer.pallet[..], &outer.name[..], &outer.arguments[..]) {
            ("Governance", "enact", [call, registered]) => (&call.bytes, &registered.bytes),
            _ => return Ok(of(Some(outer), "a referendum enacts nothing but Governance.enact".into())),
        };
        let registered = Option::<u64>::decode(&mut &inner.1[..])?;
        let call = view.chain.decode_call(inner.0).await?;
        Self::call(view, call, Some(track), registered).await
    }

    async fn call(
        view: &View,
        call: DecodedCall,
        wanted: Option<TrackId>,
        registered: Option<u64>,
    ) -> Result<Self, Failure> {
        let netuid = netuid_of(&call);
        let (pallet, name, grant) = (&call.pallet[..], &call.name[..], grant_of(&call));
        let proposed = Proposed { pallet, call: name, netuid, grant, carries: call.carries };
        let mut refusals = Vec::new();
        let track = match (calls::track_of(&proposed), wanted) {
            (Ok(belongs), wanted) => Some(wanted.unwrap_or(belongs)),
            (Err(refusal), wanted) => {
                refusals.push(refusal.to_string());
                wanted
            }
        };
        if let (Some(track), true) = (track, refusals.is_empty()) {
            refusals.extend(calls::check(&proposed, track).err().map(|refusal| refusal.to_string()));
        }
        if track == Some(Kind::UrgentUpgrade.id()) {
            refusals.extend(unmarked(view, &call).await?);
        }
        let since = match netuid.filter(|netuid| *netuid != ROOT) {
            Some(netuid) => Some(registered_at(view, netuid).await?),
            None => None,
        };
        if since != registered {
            refusals.push("the subnet is another one than the proposal was made for".into());
        }
        let mut examined = Self { call: None, track, registered, changes: Vec::new(), refusals };
        examined.effects(view, &call, netuid).await?;
        examined.call = Some(call);
        Ok(examined)
    }

    /// Fills in the changes, and refusals that follow from present values.
    async fn effects(
        &mut self,
        view: &View,
        call: &DecodedCall,
        netuid: Option<NetUid>,
    ) -> Result<(), Failure> {
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
            self.refusals.append(&mut unchanged);
        }
        if values.is_empty() {
            let (thing, refusal) = other(view, call).await?;
            self.changes.push(thing);
            self.refusals.extend(refusal);
        }
        Ok(())
    }

    /// The call in words. Strangers write proposals.
    pub fn said(&self) -> String {
        self.call.as_ref().map_or("unknown".into(), |call| plain(&call.to_string()))
    }

    /// The changes in words; the call itself if it changes nothing that is shown.
    pub fn changes_said(&self) -> Vec<String> {
        self.changes.iter().map(change).collect()
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
            "registered": self.registered,
            "changes": self.changes.iter().map(change_json).collect::<Vec<_>>(),
            "refused": self.refusals,
        })
    }

    /// Lines for people: call, track, changes, refusals.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("proposal: {}", self.said())];
        lines.extend(self.track.map(|track| format!("track: {}", track_name(track))));
        lines.extend(self.changes_said().into_iter().map(|change| format!("changes: {change}")));
        lines.extend(self.refusals.iter().map(|why| format!("refused: {}", plain(why))));
        lines
    }
}

/// A change for programs: its kind, its words, and for a parameter its raw values.
fn change_json(thing: &Thing<Account>) -> Value {
    let values = match thing {
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
            "netuid": netuid,
            "present_rubric": present.map(|hash| to_hex(&hash)),
            "proposed_rubric": proposed.map(|hash| to_hex(&hash)),
        }),
        _ => json!({}),
    };
    json!({ "words": change(thing), "values": values })
}

/// The block in which a subnet was registered.
async fn registered_at(view: &View, netuid: NetUid) -> Result<u64, Failure> {
    let keys = [netuid.into()];
    let since = view.chain.storage("SubtensorModule", "NetworkRegisteredAt", &keys, Some(view.at));
    Ok(since.await?.unwrap_or_default())
}

/// The reason why an upgrade may not be urgent.
async fn unmarked(view: &View, call: &DecodedCall) -> Result<Option<String>, Failure> {
    let marks = view.marks().await?;
    let code = call.argument("code_hash").map(|hash| hash.bytes.clone()).unwrap_or_default();
    let mark = marks.iter().find(|(marked, _)| marked[..] == code[..]).map(|(_, at)| *at);
    let admitted = is_admitted(Kind::UrgentUpgrade, mark, view.now, &view.profile);
    Ok((!admitted).then(|| {
        let hash = to_hex(&code);
        format!("the committee has not marked the code {hash}; without --urgent it goes to the track upgrade")
    }))
}

/// The change by a call that sets no parameter, and the reason for which it would be refused now.
async fn other(view: &View, call: &DecodedCall) -> Result<(Thing<Account>, Option<String>), Failure> {
    let (pallet, name) = (&call.pallet[..], &call.name[..]);
    let mut arguments = call.encoded_arguments();
    let thing = match (pallet, name) {
        ("System", "authorize_upgrade") => {
            let present = blake2_256(&view.chain.code(view.at).await?);
            Thing::Code { present, proposed: Decode::decode(&mut arguments)? }
        }
        ("SubtensorModule", "announce_rubric") => {
            let AnnounceRubric { netuid, mecid, rubric } = Decode::decode(&mut arguments)?;
            let proposed = Some(DeclaredRubric::from(rubric).hash);
            Thing::Rubric { netuid, present: rubric_now(view, netuid, mecid).await?, proposed }
        }
        ("SubtensorModule", "withdraw_rubric") => {
            let (netuid, mechanism) = <(NetUid, u8)>::decode(&mut arguments)?;
            let announced = view.chain.rubric(netuid, mechanism, Some(view.at)).await?.announced;
            let in_force = rubric_now(view, netuid, mechanism).await?;
            let present = announced.map(|change| change.rubric.hash);
            Thing::Rubric { netuid, present, proposed: in_force }
        }
        ("SubtensorModule", "root_dissolve_network") => {
            let netuid = NetUid::decode(&mut arguments)?;
            let (keys, at) = ([netuid.into()], Some(view.at));
            let pool: Option<TaoBalance> =
                view.chain.storage("SubtensorModule", "SubnetTAO", &keys, at).await?;
            Thing::SubnetRemoved { netuid, pool: pool.unwrap_or(TaoBalance::ZERO) }
        }
        ("Governance", "open_subnet") => Thing::SubnetOpened { owner: Decode::decode(&mut arguments)? },
        ("Governance", "spend" | "grant") => return payment(view, call).await,
        ("Governance", "stop_grant") => {
            let grant = view.grant(Decode::decode(&mut arguments)?).await?;
            Thing::GrantStopped { open: grant.open(view.now) }
        }
        ("AdminUtils", "swap_authorities") => {
            let at = Some(view.at);
            let present = view.chain.storage("Aura", "Authorities", &[], at).await?.unwrap_or_default();
            Thing::Authorities { present, proposed: Decode::decode(&mut arguments)? }
        }
        ("Sudo", "remove_key") => {
            Thing::RootKeyRemoved { present: view.chain.storage("Sudo", "Key", &[], Some(view.at)).await? }
        }
        _ => Thing::Call { pallet: pallet.into(), name: name.into() },
    };
    let refusal = match &thing {
        Thing::Rubric { present, proposed, .. } if present == proposed => {
            Some("nothing would change: this rubric is there already".into())
        }
        Thing::Code { present, proposed } if present == proposed => {
            Some("the chain runs this code already".into())
        }
        Thing::GrantStopped { open } if open.is_zero() => Some("the grant has ended".into()),
        Thing::RootKeyRemoved { present: None } => Some("there is no root key any more".into()),
        _ => None,
    };
    Ok((thing, refusal))
}

async fn rubric_now(view: &View, netuid: NetUid, mechanism: u8) -> Result<Option<[u8; 32]>, Failure> {
    let in_force = view.chain.rubric(netuid, mechanism, Some(view.at)).await?.in_force;
    Ok(in_force.map(|change| change.rubric.hash))
}

/// A payment from the treasury or a grant, and the reason for which it would be refused when it is enacted at the
/// earliest.
async fn payment(view: &View, call: &DecodedCall) -> Result<(Thing<Account>, Option<String>), Failure> {
    let treasury = view.treasury().await?;
    let mut arguments = call.encoded_arguments();
    let to = Account::decode(&mut arguments)?;
    if call.name == "spend" {
        let amount = TaoBalance::decode(&mut arguments)?;
        let most = Track::of(Kind::Treasury).most_payment(treasury);
        let refusal = (amount > most).then(|| {
            format!("one referendum pays at most {} of the {} in the treasury", tao(most), tao(treasury))
        });
        return Ok((Thing::Payment { to, amount, treasury }, refusal));
    }
    let milestones = Vec::<Milestone>::decode(&mut arguments)?;
    let amount = milestones.iter().map(|milestone| milestone.amount).sum();
    let track = Track::of(Kind::Grants);
    let enacted = view.now.saturating_add(track.soonest(&view.profile));
    let grant = Grant::new(to, milestones, track.most_payment(treasury), enacted, &view.profile);
    let refusal =
        grant.err().map(|error| format!("{error}; it begins at {} at the earliest", view.when(enacted)));
    Ok((Thing::Payment { to, amount, treasury }, refusal))
}

/// Encoding of `Governance.enact` of a call.
pub async fn enact(view: &View, examined: &Examined) -> Result<Vec<u8>, Failure> {
    let call = examined.call.as_ref().map(|call| call.bytes.clone()).unwrap_or_default();
    let arguments = [call, examined.registered.encode()].concat();
    Ok(view.chain.encode(&AnyCall::new("Governance", "enact", arguments)).await?)
}
