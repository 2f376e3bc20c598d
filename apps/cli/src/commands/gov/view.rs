//! The state of governance at one block.

use codec::Decode;
use myelin_abi::calls::governance::Vote;
use myelin_abi::referenda::{
    BoundedCall, DecidingStatus, PreimagePayer, ReferendumInfo, ReferendumStatus, Scheduled,
};
use myelin_abi::Account;
use myelin_chain_client::{ChainClient, Hash, Key};
use myelin_economy::profile::Profile;
use myelin_governance::enactment::{Brake, MARK_DAYS};
use myelin_governance::grant::{treasury_account, Grant};
use myelin_governance::track::days;
use myelin_governance::{Deciding, Outlook, Prices, Sums, Tally, Track, TrackId, Valuation, Voter};
use myelin_units::TaoBalance;
use serde_json::{json, Value};

use crate::output::{fail, grouped, utc, Failure};

/// An open referendum.
pub type Status = ReferendumStatus<Account>;

/// The chain at one block.
pub struct View {
    /// The connection.
    pub chain: ChainClient,
    /// The block.
    pub at: Hash,
    /// Its number.
    pub now: u64,
    /// The pace of the chain.
    pub profile: Profile,
    /// Seconds since 1970 of the block.
    time: u64,
    slot_ms: u64,
}

/// Power of an account in a referendum, in rao.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Power {
    /// Of its own vote lock.
    pub own: u128,
    /// Of accounts that let it vote for them and did not vote themselves.
    pub delegated: u128,
}

impl View {
    /// The best block of a chain with governance.
    pub async fn of(chain: ChainClient) -> Result<Self, Failure> {
        if !chain.offers::<Vote>().await {
            return fail("this chain has no governance by holders; official chains have none");
        }
        let best = chain.best_block().await?;
        let at = Some(best.hash);
        let (slot_ms, fast): (u64, bool) =
            chain.storage("SubtensorModule", "ChainProfile", &[], at).await?.unwrap_or_default();
        let time: Option<u64> = chain.storage("Timestamp", "Now", &[], at).await?;
        let slot = chain.slot_duration_ms().await?;
        Ok(View {
            at: best.hash,
            now: best.number,
            profile: Profile { slot_ms, fast },
            time: time.unwrap_or_default() / 1_000,
            slot_ms: slot,
            chain,
        })
    }

    /// An item of the pallet `Governance`.
    async fn item<V: Decode>(&self, item: &str, keys: &[Key]) -> Result<Option<V>, Failure> {
        Ok(self.chain.storage("Governance", item, keys, Some(self.at)).await?)
    }

    /// A referendum that was ever submitted.
    pub async fn poll(&self, id: u32) -> Result<ReferendumInfo<Account>, Failure> {
        let keys = [u64::from(id).into()];
        let info = self.chain.storage("Referenda", "ReferendumInfoFor", &keys, Some(self.at)).await?;
        info.ok_or_else(|| {
            Failure::new(format!(
                "there is no referendum {id}; `myelin gov status` lists those that are open"
            ))
        })
    }

    /// An open referendum.
    pub async fn open_poll(&self, id: u32) -> Result<Status, Failure> {
        match self.poll(id).await? {
            ReferendumInfo::Ongoing(status) => Ok(status),
            ended => fail(format!("referendum {id} is over: {}", self.end(&ended))),
        }
    }

    /// All referenda by number, ended ones too.
    pub async fn polls(&self) -> Result<Vec<(u32, ReferendumInfo<Account>)>, Failure> {
        let all = self.chain.entries("Referenda", "ReferendumInfoFor", &[], Some(self.at)).await?;
        let numbered = all.into_iter().filter_map(|(key, info)| Some((last_number(&key)?, info)));
        let mut numbered: Vec<_> = numbered.collect();
        numbered.sort_by_key(|(id, _)| *id);
        Ok(numbered)
    }

    /// End of a referendum in words.
    pub fn end(&self, info: &ReferendumInfo<Account>) -> String {
        let (how, at) = match info {
            ReferendumInfo::Ongoing(_) => return "it is open".into(),
            ReferendumInfo::Approved((at, ..)) => ("approved", at),
            ReferendumInfo::Rejected((at, ..)) => ("rejected", at),
            ReferendumInfo::Cancelled((at, ..)) => ("cancelled", at),
            ReferendumInfo::TimedOut((at, ..)) => ("not decided in time", at),
            ReferendumInfo::Killed(at) => ("killed", at),
        };
        format!("{how} at {}", self.when((*at).into()))
    }

    /// Encoding of a call of the schedule or of a referendum; `None` if nobody has stored its preimage.
    pub async fn bytes_of(&self, call: &BoundedCall) -> Result<Option<Vec<u8>>, Failure> {
        match call {
            BoundedCall::Inline(bytes) => Ok(Some(bytes.clone())),
            BoundedCall::Legacy { hash } => self.preimage(hash).await,
            BoundedCall::Lookup { hash, .. } => self.preimage(hash).await,
        }
    }

    /// The preimage of a hash, if somebody has stored it.
    pub async fn preimage(&self, hash: &[u8; 32]) -> Result<Option<Vec<u8>>, Failure> {
        // The key is hash and length, both as they are.
        let found = self.chain.entries("Preimage", "PreimageFor", hash, Some(self.at)).await?;
        Ok(found.into_iter().next().map(|(_, bytes)| bytes))
    }

    /// The account that can take back the preimage of a hash, and its deposit.
    pub async fn preimage_payer(&self, hash: &[u8; 32]) -> Result<Option<Account>, Failure> {
        let keys = [Key::Bytes(*hash)];
        let payer: Option<PreimagePayer> =
            self.chain.storage("Preimage", "RequestStatusFor", &keys, Some(self.at)).await?;
        Ok(payer.and_then(|PreimagePayer(who)| who).map(Account))
    }

    /// The text that a referendum names, with its hash; `None` inside if nobody has stored it.
    pub async fn text(&self, id: u32) -> Result<Option<([u8; 32], Option<String>)>, Failure> {
        let keys = [u64::from(id).into()];
        let hash: Option<[u8; 32]> =
            self.chain.storage("Referenda", "MetadataOf", &keys, Some(self.at)).await?;
        let Some(hash) = hash else { return Ok(None) };
        let text = self.preimage(&hash).await?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Some((hash, text)))
    }

    /// The record of an account.
    pub async fn voter(&self, who: &Account) -> Result<Voter<Account>, Failure> {
        Ok(self.item("Voters", &[who.into()]).await?.unwrap_or_default())
    }

    /// Power of an account in an open referendum, if it votes now.
    pub async fn power(&self, who: &Account, id: u32, poll: &Status) -> Result<Power, Failure> {
        let note: Option<(Prices, Option<u64>)> = self.item("Notes", &[poll.tally.noted.into()]).await?;
        let valuation = Valuation::on(poll.track, note.map(|(prices, _)| prices).unwrap_or_default());
        let received: Option<Sums> = self.item("Received", &[who.into(), poll.track.0.into()]).await?;
        let overridden: Option<Sums> = self.item("Overridden", &[who.into(), u64::from(id).into()]).await?;
        let counted = received.unwrap_or_default().counted(poll.tally.noted, &overridden.unwrap_or_default());
        Ok(Power { own: valuation.total(&self.voter(who).await?.lock), delegated: valuation.total(&counted) })
    }

    /// TAO of the treasury.
    pub async fn treasury(&self) -> Result<TaoBalance, Failure> {
        Ok(self.chain.balance(&Account(treasury_account())).await?)
    }

    /// The committee.
    pub async fn committee(&self) -> Result<Option<Account>, Failure> {
        self.item("Committee", &[]).await
    }

    /// The latest brake.
    pub async fn brake(&self) -> Result<Option<Brake>, Failure> {
        self.item("LastBrake", &[]).await
    }

    /// Hashes of code that are marked now, with the block of the mark.
    pub async fn marks(&self) -> Result<Vec<([u8; 32], u64)>, Failure> {
        let marks: Vec<([u8; 32], u64)> = self.item("Marks", &[]).await?.unwrap_or_default();
        Ok(marks.into_iter().filter(|(_, at)| self.now < self.mark_ends(*at)).collect())
    }

    /// First block in which a mark holds no more.
    pub fn mark_ends(&self, at: u64) -> u64 {
        at.saturating_add(days(MARK_DAYS, &self.profile))
    }

    /// All grants by number.
    pub async fn grants(&self) -> Result<Vec<(u32, Grant<Account>)>, Failure> {
        let all = self.chain.entries("Governance", "Grants", &[], Some(self.at)).await?;
        let numbered = all.into_iter().filter_map(|(key, grant)| Some((last_number(&key)?, grant)));
        let mut numbered: Vec<_> = numbered.collect();
        numbered.sort_by_key(|(id, _)| *id);
        Ok(numbered)
    }

    /// A grant.
    pub async fn grant(&self, id: u32) -> Result<Grant<Account>, Failure> {
        let grant = self.item("Grants", &[u64::from(id).into()]).await?;
        grant.ok_or_else(|| Failure::new(format!("there is no grant {id}; `myelin gov status` lists them")))
    }

    /// Enactments in the schedule with their blocks, in order.
    pub async fn enactments(&self) -> Result<Vec<(u64, Scheduled)>, Failure> {
        let agenda: Vec<(Vec<u8>, Vec<Option<Scheduled>>)> =
            self.chain.entries("Scheduler", "Agenda", &[], Some(self.at)).await?;
        let mut enactments = Vec::new();
        for (key, tasks) in agenda {
            let Some(block) = last_number(&key) else { continue };
            let tracks = tasks.into_iter().flatten().filter(|task| task.track.is_some());
            enactments.extend(tracks.map(|task| (u64::from(block), task)));
        }
        enactments.sort_by_key(|(block, _)| *block);
        Ok(enactments)
    }

    /// The course of an open referendum, with another tally if one is given.
    pub fn outlook(&self, poll: &Status, tally: &Tally) -> Option<Outlook> {
        let deciding = poll.deciding.map(deciding);
        let track = poll.track.row()?;
        Some(Outlook::of(track, &self.profile, tally, poll.submitted.into(), deciding, self.now))
    }

    /// A block with its date.
    pub fn when(&self, block: u64) -> String {
        format!("block {} ({})", grouped(block), self.date(block))
    }

    /// The date of a block: known if it is in the past, and expected else.
    pub fn date(&self, block: u64) -> String {
        let seconds = |blocks: u64| blocks.saturating_mul(self.slot_ms) / 1_000;
        utc(match block.checked_sub(self.now) {
            Some(ahead) => self.time.saturating_add(seconds(ahead)),
            None => self.time.saturating_sub(seconds(self.now.saturating_sub(block))),
        })
    }

    /// A block with its date, for programs.
    pub fn when_json(&self, block: u64) -> Value {
        json!({ "block": block, "date": self.date(block) })
    }

    /// An outlook for programs.
    pub fn outlook_json(&self, outlook: &Outlook) -> Value {
        let when = |block: Option<u64>| block.map(|block| self.when_json(block));
        json!({
            "begins": self.when_json(outlook.begins), "ends": self.when_json(outlook.ends),
            "passes": when(outlook.passes), "approved": when(outlook.approved), "enacted": when(outlook.enacted),
        })
    }

    /// Part of the decision that has passed, and the requirements in the next block.
    pub fn needs(&self, poll: &Status) -> Option<(&'static Track, myelin_governance::PerBillion)> {
        let track = poll.track.row()?;
        let since = poll.deciding.map_or(Deciding::begin(self.now), deciding);
        Some((track, since.time(track, &self.profile, self.now)))
    }
}

/// A decision, as the rules have it.
pub fn deciding(status: DecidingStatus) -> Deciding {
    Deciding { since: status.since.into(), confirming: status.confirming.map(u64::from) }
}

/// The number at the end of a key.
fn last_number(key: &[u8]) -> Option<u32> {
    key.last_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes))
}

/// The track of a referendum for people, and for the rubric of a subnet its number.
pub fn track_json(track: TrackId) -> Value {
    json!({ "id": track.0, "name": super::words::track_name(track), "netuid": track.subnet() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_key_stands_at_its_end() {
        assert_eq!(last_number(&[9, 9, 7, 1, 0, 0]), Some(263));
        assert_eq!(last_number(&[1, 2]), None);
    }
}
