//! The state of governance at one block.

use std::collections::BTreeMap;

use codec::Decode;
use futures::future::try_join_all;
use myelin_abi::calls::governance::Vote;
use myelin_abi::referenda::{
    BoundedCall, DecidingStatus, PreimagePayer, ReferendumInfo, ReferendumStatus, Scheduled,
};
use myelin_abi::Account;
use myelin_chain_client::{ChainClient, ChainError, Hash, Key, Result as Asked};
use myelin_economy::profile::Profile;
use myelin_governance::book::settled;
use myelin_governance::enactment::{Brake, LONGEST_PAUSE_DAYS, MARK_DAYS};
use myelin_governance::grant::{treasury_account, Grant};
use myelin_governance::memory::Memory;
use myelin_governance::power::own_part;
use myelin_governance::track::days;
use myelin_governance::{
    noted_price, Asset, Backing, Deciding, Outlook, Poll, Prices, Standing, Sums, Tally, Track, TrackId,
    Valuation, Voter,
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I96F32, ROOT, U64F64};
use serde_json::{json, Value};
use tokio::sync::OnceCell;

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
    /// Blake2b-256 of the code, once it was asked for.
    code: OnceCell<[u8; 32]>,
}

/// Blocks in which a proposal may be enacted, if it is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// It passes as soon as it can.
    pub soonest: u64,
    /// It passes at the end of its decision.
    pub slowest: u64,
    /// The same, and delay and brake put it off.
    pub put_off: u64,
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
        let profile = chain.profile(at).await?;
        let time: Option<u64> = chain.storage("Timestamp", "Now", &[], at).await?;
        let slot = chain.slot_duration_ms().await?;
        Ok(View {
            at: best.hash,
            now: best.number,
            profile,
            time: time.unwrap_or_default() / 1_000,
            slot_ms: slot,
            code: OnceCell::new(),
            chain,
        })
    }

    /// An item of the pallet `Governance`.
    async fn item<V: Decode>(&self, item: &str, keys: &[Key]) -> Asked<Option<V>> {
        self.chain.storage("Governance", item, keys, Some(self.at)).await
    }

    /// An item of the network.
    pub async fn of_network<V: Decode>(&self, item: &str) -> Asked<Option<V>> {
        self.chain.storage("SubtensorModule", item, &[], Some(self.at)).await
    }

    /// An item of a subnet.
    pub async fn of_subnet<V: Decode>(&self, item: &str, netuid: NetUid) -> Asked<Option<V>> {
        self.chain.storage("SubtensorModule", item, &[netuid.into()], Some(self.at)).await
    }

    /// Blake2b-256 of the runtime's code.
    pub async fn code_hash(&self) -> Asked<[u8; 32]> {
        self.code.get_or_try_init(|| self.chain.code_hash(self.at)).await.copied()
    }

    /// Blake2b-256 of the code that a referendum authorized, and that is not in force yet.
    pub async fn authorized(&self) -> Asked<Option<[u8; 32]>> {
        let authorized: Option<([u8; 32], bool)> =
            self.chain.storage("System", "AuthorizedUpgrade", &[], Some(self.at)).await?;
        Ok(authorized.map(|(code, _)| code))
    }

    /// A referendum that was ever submitted; `None` if there is none of this number.
    async fn info(&self, id: u32) -> Asked<Option<ReferendumInfo<Account>>> {
        let keys = [u64::from(id).into()];
        self.chain.storage("Referenda", "ReferendumInfoFor", &keys, Some(self.at)).await
    }

    /// A referendum that was ever submitted.
    pub async fn poll(&self, id: u32) -> Result<ReferendumInfo<Account>, Failure> {
        let info = self.info(id).await?;
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

    /// Whether an open referendum waits for a place on its track and is not even in its queue, which was full.
    pub async fn is_left_out(&self, index: u32, poll: &Status) -> Asked<bool> {
        if !poll.in_queue || poll.deciding.is_some() {
            return Ok(false);
        }
        let keys = [poll.track.0.into()];
        let queue: Option<Vec<(u32, u128)>> =
            self.chain.storage("Referenda", "TrackQueue", &keys, Some(self.at)).await?;
        Ok(queue.unwrap_or_default().iter().all(|(queued, _)| *queued != index))
    }

    /// Reason for which an open referendum takes no votes any more and cannot pass; the stock pallet keeps it all the
    /// same.
    pub async fn dead(&self, poll: &Status) -> Asked<Option<&'static str>> {
        let noted = poll.tally.noted;
        let note: Option<(Prices, Option<u64>)> = self.item("Notes", &[noted.into()]).await?;
        let since = match poll.track.subnet() {
            Some(netuid) => self.registered_at(netuid).await?,
            None => None,
        };
        let ended = match poll.track.grant() {
            Some(id) => {
                let grant: Option<Grant<Account>> = self.item("Grants", &[u64::from(id).into()]).await?;
                grant.is_none_or(|grant| grant.next(self.now).is_none())
            }
            None => false,
        };
        Ok(why_dead(poll.track, noted, note.is_some(), since).or(ended.then_some("its grant has ended")))
    }

    /// The block in which a subnet was registered; `None` if there is none of this number.
    pub async fn registered_at(&self, netuid: NetUid) -> Asked<Option<u64>> {
        let is_there: Option<bool> = self.of_subnet("NetworksAdded", netuid).await?;
        if is_there != Some(true) {
            return Ok(None);
        }
        let since: Option<u64> = self.of_subnet("NetworkRegisteredAt", netuid).await?;
        Ok(Some(since.unwrap_or_default()))
    }

    /// Encoding of a call of the schedule or of a referendum; `None` if nobody has stored its preimage.
    pub async fn bytes_of(&self, call: &BoundedCall) -> Asked<Option<Vec<u8>>> {
        match (call, stored_as(call)) {
            (BoundedCall::Inline(bytes), _) => Ok(Some(bytes.clone())),
            (_, Some(hash)) => self.preimage(&hash).await,
            (_, None) => Ok(None),
        }
    }

    /// The preimage of a hash, if somebody has stored it.
    pub async fn preimage(&self, hash: &[u8; 32]) -> Asked<Option<Vec<u8>>> {
        // The key is hash and length, both as they are.
        let found = self.chain.entries("Preimage", "PreimageFor", hash, Some(self.at)).await?;
        Ok(found.into_iter().next().map(|(_, bytes)| bytes))
    }

    /// The account that can take back the preimage of a hash, and its deposit.
    pub async fn preimage_payer(&self, hash: &[u8; 32]) -> Asked<Option<Account>> {
        let keys = [Key::Bytes(*hash)];
        let payer: Option<PreimagePayer> =
            self.chain.storage("Preimage", "RequestStatusFor", &keys, Some(self.at)).await?;
        Ok(payer.and_then(|PreimagePayer(who)| who).map(Account))
    }

    /// Hashes of preimages that an account can take back.
    pub async fn preimages_of(&self, who: &Account) -> Asked<Vec<[u8; 32]>> {
        let all: Vec<(Vec<u8>, PreimagePayer)> =
            self.chain.entries("Preimage", "RequestStatusFor", &[], Some(self.at)).await?;
        let own = all.into_iter().filter(|(_, PreimagePayer(payer))| *payer == Some(who.0));
        Ok(own.filter_map(|(key, _)| key.last_chunk::<32>().copied()).collect())
    }

    /// Hashes of proposals and texts of open referenda.
    pub async fn needed_preimages(&self) -> Result<Vec<[u8; 32]>, Failure> {
        let texts: Vec<(Vec<u8>, [u8; 32])> =
            self.chain.entries("Referenda", "MetadataOf", &[], Some(self.at)).await?;
        let mut needed = Vec::new();
        for (id, info) in self.polls().await? {
            let ReferendumInfo::Ongoing(poll) = info else { continue };
            needed.extend(stored_as(&poll.proposal));
            needed.extend(texts.iter().find(|(key, _)| last_number(key) == Some(id)).map(|(_, hash)| *hash));
        }
        Ok(needed)
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

    /// The record of an account, as its next step finds it: without votes that are over, and with the bonds that they
    /// left. The chain keeps them until then.
    pub async fn voter(&self, who: &Account) -> Asked<Voter<Account>> {
        let voter = self.record(who).await?;
        let standings = voter.casts.iter().map(|cast| async move {
            let standing = match self.info(cast.poll).await? {
                Some(info) => self.standing(&info).await?,
                None => Standing::Over { at: 0, approved: None },
            };
            Ok::<_, ChainError>((cast.poll, standing))
        });
        let standings = try_join_all(standings).await?;
        Ok(without_ended(voter, &standings, self.now, self.profile))
    }

    /// The record of an account as the chain keeps it.
    async fn record(&self, who: &Account) -> Asked<Voter<Account>> {
        Ok(self.item("Voters", &[who.into()]).await?.unwrap_or_default())
    }

    /// State of a referendum for votes.
    async fn standing(&self, info: &ReferendumInfo<Account>) -> Asked<Standing> {
        let over = |at: u32, approved| Standing::Over { at: at.into(), approved };
        Ok(match info {
            ReferendumInfo::Ongoing(poll) => match self.dead(poll).await? {
                None => Standing::Open,
                Some(_) => Standing::Over { at: self.now, approved: None },
            },
            ReferendumInfo::Approved((at, ..)) => over(*at, Some(true)),
            ReferendumInfo::Rejected((at, ..)) => over(*at, Some(false)),
            ReferendumInfo::Cancelled((at, ..)) | ReferendumInfo::TimedOut((at, ..)) => over(*at, None),
            ReferendumInfo::Killed(at) => over(*at, None),
        })
    }

    /// Power of an account in an open referendum, if it votes now.
    pub async fn power(&self, who: &Account, id: u32, poll: &Status) -> Result<Power, Failure> {
        let note: Option<(Prices, Option<u64>)> = self.item("Notes", &[poll.tally.noted.into()]).await?;
        let noted = note.map(|(prices, _)| prices).unwrap_or_default();
        let lock = self.record(who).await?.lock;
        let funds = self.chain.funds(who, Some(self.at)).await?;
        let tao = funds.free.saturating_add(funds.reserved);
        let mut prices = BTreeMap::new();
        for (asset, _) in lock.iter() {
            if let Asset::Stake(netuid) = asset {
                prices.insert(netuid, self.price(netuid).await?);
            }
        }
        let now = |netuid| prices.get(&netuid).copied().unwrap_or_default();
        let received: Option<Sums> = self.item("Received", &[who.into(), poll.track.0.into()]).await?;
        let overridden: Option<Sums> = self.item("Overridden", &[who.into(), u64::from(id).into()]).await?;
        let counted = received.unwrap_or_default().counted(poll.tally.noted, &overridden.unwrap_or_default());
        Ok(Power {
            own: own_part(poll.track, &lock, tao.to_rao(), &noted, now),
            delegated: Valuation::on(poll.track, noted).total(&counted),
        })
    }

    /// The price of a subnet's alpha for votes, in rao for 1 alpha.
    async fn price(&self, netuid: NetUid) -> Asked<u64> {
        let dynamic: Option<u16> = self.of_subnet("SubnetMechanism", netuid).await?;
        let moving: Option<I96F32> = self.of_subnet("SubnetMovingPrice", netuid).await?;
        let tao: Option<TaoBalance> = self.of_subnet("SubnetTAO", netuid).await?;
        let alpha: Option<AlphaBalance> = self.of_subnet("SubnetAlphaIn", netuid).await?;
        let outside: Option<AlphaBalance> = self.of_subnet("SubnetAlphaOut", netuid).await?;
        let (tao, alpha, outside) =
            (tao.unwrap_or_default(), alpha.unwrap_or_default(), outside.unwrap_or_default());
        let moving = match dynamic {
            Some(1) if netuid != ROOT => moving.unwrap_or_default().cast(),
            _ => U64F64::ONE,
        };
        Ok(noted_price(moving, Backing { tao, alpha, outside }))
    }

    /// Whether enough support backed a referendum at its last vote, so that a rejection costs it no deposit.
    pub async fn is_backed(&self, id: u32) -> Asked<bool> {
        let backed: Option<()> = self.item("Backed", &[u64::from(id).into()]).await?;
        Ok(backed.is_some())
    }

    /// TAO of the treasury.
    pub async fn treasury(&self) -> Asked<TaoBalance> {
        Ok(self.chain.funds(&treasury(), Some(self.at)).await?.free)
    }

    /// The committee.
    pub async fn committee(&self) -> Asked<Option<Account>> {
        self.item("Committee", &[]).await
    }

    /// The latest brake.
    pub async fn brake(&self) -> Asked<Option<Brake>> {
        self.item("LastBrake", &[]).await
    }

    /// Hashes of code that are marked now, with the block of the mark.
    pub async fn marks(&self) -> Asked<Vec<([u8; 32], u64)>> {
        let marks: Vec<([u8; 32], u64)> = self.item("Marks", &[]).await?.unwrap_or_default();
        Ok(marks.into_iter().filter(|(_, at)| self.now < self.mark_ends(*at)).collect())
    }

    /// First block in which a mark holds no more.
    pub fn mark_ends(&self, at: u64) -> u64 {
        at.saturating_add(days(MARK_DAYS, &self.profile))
    }

    /// All grants by number.
    pub async fn grants(&self) -> Asked<Vec<(u32, Grant<Account>)>> {
        let all = self.chain.entries("Governance", "Grants", &[], Some(self.at)).await?;
        let numbered = all.into_iter().filter_map(|(key, grant)| Some((last_number(&key)?, grant)));
        let mut numbered: Vec<_> = numbered.collect();
        numbered.sort_by_key(|(id, _)| *id);
        Ok(numbered)
    }

    /// A grant.
    pub async fn grant(&self, id: u32) -> Asked<Grant<Account>> {
        let grant = self.item("Grants", &[u64::from(id).into()]).await?;
        let none = || ChainError::NotFound(format!("there is no grant {id}; `myelin gov status` lists them"));
        grant.ok_or_else(none)
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

    /// Blocks of the enactment of a proposal, if it is approved. `poll` is its referendum; without one it is submitted
    /// in the next block, and gets its deposit and a place on its track at once.
    pub fn window(&self, row: &Track, poll: Option<&Status>) -> Window {
        let begins = match poll.and_then(|poll| self.outlook(poll, &poll.tally)) {
            Some(outlook) => outlook.begins,
            None => self.now.saturating_add(1).saturating_add(days(row.prepare, &self.profile)),
        };
        let confirming = poll.and_then(|poll| poll.deciding?.confirming);
        window(row, &self.profile, begins, confirming.map(u64::from), self.now)
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

    /// The last block that is expected within so many hours.
    pub fn last_within(&self, hours: u32) -> u64 {
        self.now.saturating_add(blocks_in(hours, self.slot_ms))
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

/// Blocks in so many hours, rounded down.
fn blocks_in(hours: u32, slot_ms: u64) -> u64 {
    u64::from(hours).saturating_mul(3_600_000) / slot_ms.max(1)
}

/// The account of the treasury.
pub fn treasury() -> Account {
    Account(treasury_account())
}

/// The hash under which the bytes of a call are stored; `None` if the call is stored where it is used.
pub fn stored_as(call: &BoundedCall) -> Option<[u8; 32]> {
    match call {
        BoundedCall::Inline(_) => None,
        BoundedCall::Legacy { hash } | BoundedCall::Lookup { hash, .. } => Some(*hash),
    }
}

/// Reason for which the chain cannot read stored bytes of this length.
pub fn unfit(call: &BoundedCall, stored: usize) -> Option<String> {
    match call {
        BoundedCall::Lookup { len, .. } if usize::try_from(*len) != Ok(stored) => Some(format!(
            "the referendum names a wrong length, {len} bytes instead of {stored}; it cannot be enacted"
        )),
        _ => None,
    }
}

fn why_dead(track: TrackId, noted: u64, is_noted: bool, registered: Option<u64>) -> Option<&'static str> {
    let same_subnet = track.subnet().is_none() || registered.is_some_and(|since| since < noted);
    match (same_subnet, is_noted) {
        (false, _) => Some("its subnet was removed"),
        (_, false) => Some("the prices of its submission are kept no longer"),
        (true, true) => None,
    }
}

fn window(row: &Track, profile: &Profile, begins: u64, confirming: Option<u64>, now: u64) -> Window {
    let after = |block: u64, count: u32| block.saturating_add(days(count, profile));
    let passed = after(begins.max(now), row.confirm);
    let ends = after(begins, row.decision.saturating_add(row.confirm)).max(passed);
    let slowest = after(ends, row.enactment);
    let soonest = after(confirming.unwrap_or(passed), row.enactment);
    Window { soonest, slowest, put_off: after(slowest, LONGEST_PAUSE_DAYS) }
}

/// A record without votes that are over, by the rule of the chain.
fn without_ended(
    voter: Voter<Account>,
    standings: &[(u32, Standing)],
    now: u64,
    profile: Profile,
) -> Voter<Account> {
    let mut book = Memory::new(profile);
    book.now = now;
    for (id, standing) in standings {
        let (track, tally) = (TrackId(u16::MAX), Tally::default());
        book.polls.insert(*id, Poll { track, tally, standing: *standing, barred: None });
    }
    let own = Voter { until: voter.until, casts: voter.casts.clone(), ..Voter::default() };
    book.voters.insert(0, own);
    match settled(&mut book, &0) {
        Ok(own) => Voter { until: own.until, casts: own.casts, ..voter },
        Err(_) => voter,
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
    use myelin_governance::{Cast, Kind, Multiplier};

    use super::*;

    fn cast(poll: u32, aye: bool, multiplier: Multiplier) -> Cast {
        let track = Kind::Parameters.id();
        Cast { poll, track, aye, multiplier, own: 5, delegated: 0, withdrawn: false }
    }

    #[test]
    fn votes_that_are_over_leave_the_record_and_their_bonds() {
        let casts = vec![
            cast(0, true, Multiplier::Two),
            cast(1, false, Multiplier::OneAndHalf),
            cast(2, true, Multiplier::Two),
        ];
        let voter = Voter { until: 7, casts, ..Voter::default() };
        let profile = Profile::PRODUCTION;
        let over = |at, approved| Standing::Over { at, approved };
        let standings = [(0, over(100, Some(true))), (1, over(900, Some(true))), (2, Standing::Open)];
        let left = without_ended(voter.clone(), &standings, 1_000, profile);
        // The first won, the second lost, the third goes on.
        assert_eq!(left.until, 100 + days(84, &profile));
        assert_eq!(left.casts.iter().map(|cast| cast.poll).collect::<Vec<_>>(), [2]);
        let dead = [(0, over(1_000, None)), (1, over(1_000, None)), (2, over(1_000, None))];
        let left = without_ended(voter, &dead, 1_000, profile);
        assert_eq!((left.until, left.casts.len()), (7, 0));
    }

    #[test]
    fn a_referendum_without_prices_or_subnet_is_dead() {
        let third = TrackId::rubrics(3).expect("a subnet");
        let of = |track, is_noted, since| why_dead(track, 50, is_noted, since).is_some();
        let upgrade = Kind::Upgrade.id();
        assert_eq!((of(upgrade, true, None), of(upgrade, false, None)), (false, true));
        assert_eq!((of(third, true, Some(49)), of(third, false, Some(49))), (false, true));
        // Removed, and registered anew.
        assert_eq!((of(third, true, None), of(third, true, Some(50))), (true, true));
    }

    #[test]
    fn a_wrong_length_is_said() {
        let call = |len| BoundedCall::Lookup { hash: [1; 32], len };
        assert_eq!((unfit(&call(200), 200), unfit(&BoundedCall::Legacy { hash: [1; 32] }, 9)), (None, None));
        assert!(unfit(&call(199), 200).is_some_and(|why| why.contains("199 bytes instead of 200")));
        assert_eq!((stored_as(&call(200)), stored_as(&BoundedCall::Inline(vec![1]))), (Some([1; 32]), None));
    }

    #[test]
    fn an_enactment_lies_between_the_first_pass_and_the_longest_pause() {
        let profile = Profile::PRODUCTION;
        let row = Track::of(Kind::Grants);
        let day = days(1, &profile);
        let of = |begins: u64, confirming: Option<u64>, now: u64| {
            let window = window(row, &profile, begins * day, confirming.map(|it| it * day), now * day);
            assert_eq!(window.put_off, window.slowest + 14 * day);
            (window.soonest / day, window.slowest / day)
        };
        // 21 days of decision, 5 of confirmation, 3 of waiting.
        assert_eq!(of(1, None, 0), (1 + 5 + 3, 1 + 21 + 5 + 3));
        assert_eq!(of(1, None, 10), (10 + 5 + 3, 1 + 21 + 5 + 3));
        assert_eq!(of(1, Some(12), 10), (12 + 3, 1 + 21 + 5 + 3));
        assert_eq!(of(1, None, 30), (30 + 5 + 3, 30 + 5 + 3));
    }

    #[test]
    fn an_hour_has_as_many_blocks_as_slots() {
        assert_eq!([blocks_in(1, 12_000), blocks_in(48, 12_000), blocks_in(1, 250)], [300, 14_400, 14_400]);
        assert_eq!(blocks_in(1, 7_000), 514);
    }

    #[test]
    fn the_number_of_a_key_stands_at_its_end() {
        assert_eq!(last_number(&[9, 9, 7, 1, 0, 0]), Some(263));
        assert_eq!(last_number(&[1, 2]), None);
    }
}
