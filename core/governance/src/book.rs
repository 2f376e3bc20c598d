//! Steps of accounts: put under the vote lock, vote, delegate, take back, and what becomes of it when keys are swapped
//! or subnets removed.
//!
//! Each step reads the records that it needs from a [`Book`], decides, and writes at the end. A refused step writes
//! nothing but votes that are over, which leave the record of their account.
//!
//! **Cost.** A vote reads and writes two records, two sums and one tally, however many votes the account has. Other
//! steps look at each vote of the account and of its delegate, at most [`MAX_VOTES`] of each. A vote looks at all of
//! them only when there is no room.

use alloc::vec::Vec;

use myelin_economy::profile::Profile;
use myelin_units::{AlphaBalance, Block, NetUid, TaoBalance};
use thiserror::Error;

use crate::{
    power::{own_part, Asset, Multiplier, Portfolio, Prices, Valuation, MAX_ASSETS},
    tally::Tally,
    track::{days, kept_since, term_end, TrackId},
    voter::{counts_in, Cast, Delegation, Sums, Voter, MAX_DELEGATIONS, MAX_VOTES},
    PollId,
};

/// Least power of a vote: 0.1 TAO in rao.
pub const LEAST_POWER: u128 = 100_000_000;
/// Least amount of an asset under a vote lock, so that nobody fills storage for nothing: 0.1 of it in rao.
pub const LEAST_LOCK: u64 = 100_000_000;
/// Days for which an account stays bound after it took back a delegation.
pub const DELEGATION_BOND_DAYS: u32 = 7;

/// State of a referendum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be voted on.
    Open,
    /// It is over.
    Over {
        /// Block of its end.
        at: Block,
        /// The winning side; `None` if it was never decided.
        approved: Option<bool>,
    },
}

/// A referendum, as far as votes are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll<A> {
    /// Its track.
    pub track: TrackId,
    /// Its tally.
    pub tally: Tally,
    /// Its state.
    pub standing: Standing,
    /// The subnet's owner, who does not vote on the subnet's track.
    pub barred: Option<A>,
}

/// A vote that was cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voted {
    /// The vote.
    pub cast: Cast,
    /// Former votes of the account that were looked at, because there was no room for another one.
    pub settled: usize,
}

/// A store of records.
pub trait Book {
    /// Accounts.
    type Account: Clone + PartialEq;

    /// The current block.
    fn now(&self) -> Block;
    /// The pace of the chain.
    fn profile(&self) -> Profile;
    /// The record of an account.
    fn voter(&self, who: &Self::Account) -> Voter<Self::Account>;
    /// Writes the record of an account.
    fn put_voter(&mut self, who: &Self::Account, voter: Voter<Self::Account>);
    /// Amounts that others let an account use on a track.
    fn received(&self, who: &Self::Account, track: TrackId) -> Sums;
    /// Writes them.
    fn put_received(&mut self, who: &Self::Account, track: TrackId, sums: Sums);
    /// Of these, the amounts of accounts that voted themselves in a referendum.
    fn overridden(&self, who: &Self::Account, poll: PollId) -> Sums;
    /// Writes them.
    fn put_overridden(&mut self, who: &Self::Account, poll: PollId, sums: Sums);
    /// A referendum that was ever submitted.
    fn poll(&self, poll: PollId) -> Option<Poll<Self::Account>>;
    /// Writes the tally of a referendum.
    fn put_tally(&mut self, poll: PollId, tally: Tally);
    /// Prices as noted in a block, which some referendum names.
    fn prices(&self, noted: Block) -> Prices;
    /// The owner of a subnet.
    fn owner(&self, netuid: NetUid) -> Option<Self::Account>;
    /// The electorate of a track now, in rao.
    fn electorate(&self, track: TrackId) -> u128;
    /// The price of a subnet's alpha now, as [`crate::noted_price`] gives it; 0 without a subnet.
    fn price(&self, netuid: NetUid) -> u64;
    /// All TAO of an account that is not staked, on deposit or not, in rao.
    fn tao(&self, who: &Self::Account) -> u64;
}

/// Reasons to refuse a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VoteError {
    /// The referendum was never submitted.
    #[error("there is no referendum {0}; look at the list of referenda")]
    UnknownPoll(PollId),
    /// The referendum is over.
    #[error("referendum {0} is over")]
    Over(PollId),
    /// There is no such track.
    #[error("there is no track {}", .0 .0)]
    UnknownTrack(TrackId),
    /// The owner does not vote on the rubric of its own subnet.
    #[error("the owner of a subnet does not vote on its rubric")]
    Owner,
    /// The account has not enough power here.
    #[error("the power is {power} rao here and must be {LEAST_POWER}; put more under the vote lock first")]
    TooLittle {
        /// Power on this track.
        power: u128,
    },
    /// The vote stands already as it is.
    #[error("this vote stands already with the same side, multiplier and power")]
    SameVote,
    /// The account did not vote.
    #[error("this account has no vote in referendum {0}")]
    NoVote(PollId),
    /// [`MAX_VOTES`] votes.
    #[error("an account votes in at most {MAX_VOTES} referenda at once; wait until one of them is over")]
    TooManyVotes,
    /// [`MAX_ASSETS`] assets.
    #[error("a vote lock holds at most {MAX_ASSETS} assets")]
    TooManyAssets,
    /// The amount is 0.
    #[error("the amount is 0")]
    Nothing,
    /// The account has not so much.
    #[error("{held} rao can be put under the vote lock, of which {locked} are; {amount} more are too many")]
    NotHeld {
        /// Amount that the account holds.
        held: u64,
        /// Part of it under the vote lock.
        locked: u64,
        /// Amount offered.
        amount: u64,
    },
    /// It would leave an amount that is too small.
    #[error("{0} rao of it would be under the vote lock; it holds 0 or at least {LEAST_LOCK} of an asset")]
    SmallLock(u64),
    /// Less is under the vote lock.
    #[error("only {0} rao of it are under the vote lock")]
    NotLocked(u64),
    /// A vote binds the amount.
    #[error("the vote in referendum {0} binds it until the referendum is over")]
    BoundByVote(PollId),
    /// A bond of an earlier vote or delegation.
    #[error("it is bound until block {0}")]
    BoundUntil(Block),
    /// A delegation counts the amount.
    #[error("the delegation on track {} counts {amount} rao of it; take it back first", .track.0)]
    BoundByDelegation {
        /// Its track.
        track: TrackId,
        /// Amount of the asset that it counts.
        amount: u64,
    },
    /// An account delegates to itself.
    #[error("an account cannot delegate to itself")]
    ToItself,
    /// There is no delegation on the track.
    #[error("this account does not delegate on track {}", .0 .0)]
    NotDelegated(TrackId),
    /// [`MAX_DELEGATIONS`] delegations.
    #[error("an account delegates on at most {MAX_DELEGATIONS} tracks")]
    TooManyDelegations,
    /// The delegate gave its place to another account.
    #[error("another account took the place of this one; it votes no more")]
    Retired,
    /// The new account has a record.
    #[error("the new account has a vote lock, votes or delegations of its own")]
    InUse,
}

/// Amount that may leave an account: its holding without the vote lock and other locks, which overlap.
pub fn available(held: u64, vote_lock: u64, other_lock: u64) -> u64 {
    held.saturating_sub(vote_lock.max(other_lock))
}

/// Puts `amount` more of an asset under the vote lock. `held` is all of it that the account has and that no deposit
/// holds. Votes that stand count it when they are cast again.
pub fn lock<B: Book>(
    book: &mut B,
    who: &B::Account,
    asset: Asset,
    amount: u64,
    held: u64,
) -> Result<(), VoteError> {
    let mut voter = active(book, who)?;
    let locked = voter.lock.amount(asset);
    if amount == 0 {
        return Err(VoteError::Nothing);
    }
    let total = locked.checked_add(amount).filter(|total| *total <= held);
    let total = total.ok_or(VoteError::NotHeld { held, locked, amount })?;
    if locked == 0 && voter.lock.len() >= MAX_ASSETS {
        return Err(VoteError::TooManyAssets);
    }
    if total < LEAST_LOCK {
        return Err(VoteError::SmallLock(total));
    }
    voter.lock.set(asset, total);
    book.put_voter(who, voter);
    Ok(())
}

/// Takes `amount` of an asset from under the vote lock, if nothing binds it.
pub fn unlock<B: Book>(book: &mut B, who: &B::Account, asset: Asset, amount: u64) -> Result<(), VoteError> {
    let mut voter = settled(book, who)?;
    if amount == 0 {
        return Err(VoteError::Nothing);
    }
    let locked = voter.lock.amount(asset);
    let left = locked.checked_sub(amount).ok_or(VoteError::NotLocked(locked))?;
    if let Some(cast) = voter.casts.first() {
        return Err(VoteError::BoundByVote(cast.poll));
    }
    if book.now() < voter.until {
        return Err(VoteError::BoundUntil(voter.until));
    }
    if let Some(bound) = voter.delegations.iter().find(|own| own.portfolio.amount(asset) > left) {
        let amount = bound.portfolio.amount(asset);
        return Err(VoteError::BoundByDelegation { track: bound.track, amount });
    }
    if left > 0 && left < LEAST_LOCK {
        return Err(VoteError::SmallLock(left));
    }
    voter.lock.set(asset, left);
    book.put_voter(who, voter);
    Ok(())
}

/// Votes with everything under the vote lock and all received power, in the place of a former vote. The electorate
/// grows towards that of this block by what the vote brings.
pub fn cast<B: Book>(
    book: &mut B,
    who: &B::Account,
    id: PollId,
    aye: bool,
    multiplier: Multiplier,
) -> Result<Voted, VoteError> {
    let mut voter = active(book, who)?;
    let poll = open(book, id)?;
    if poll.barred.as_ref() == Some(who) {
        return Err(VoteError::Owner);
    }
    let own = own_power(book, who, &poll, &voter.lock);
    let delegated = delegated(book, who, id, &poll);
    let power = own.saturating_add(delegated);
    if power < LEAST_POWER {
        return Err(VoteError::TooLittle { power });
    }
    let before = voter.cast(id).copied();
    let track = poll.track;
    let after = Cast { poll: id, track, aye, multiplier, own, delegated, withdrawn: false };
    if before == Some(after) {
        return Err(VoteError::SameVote);
    }
    let mut looked_at = 0;
    if before.is_none() && voter.casts.len() >= MAX_VOTES {
        looked_at = voter.casts.len();
        voter = settled(book, who)?;
    }
    if before.is_none() && voter.casts.len() >= MAX_VOTES {
        return Err(VoteError::TooManyVotes);
    }
    let mut tally = poll.tally;
    tally.replace(before.as_ref(), Some(&after));
    let former = before.as_ref().map_or(0, Cast::power);
    tally.grow(book.electorate(track), after.power().saturating_sub(former));
    book.put_tally(id, tally);
    voter.put_cast(after);
    let delegation = voter.delegation(track).cloned();
    book.put_voter(who, voter);
    if let Some(delegation) = delegation.filter(|_| before.is_none_or(|cast| !cast.counts())) {
        override_delegate(book, &delegation, id, Sums::add);
    }
    Ok(Voted { cast: after, settled: looked_at })
}

/// Takes back a vote. The vote lock stays bound until the referendum is over; the delegate's vote counts again.
pub fn withdraw<B: Book>(book: &mut B, who: &B::Account, id: PollId) -> Result<(), VoteError> {
    let mut voter = active(book, who)?;
    let poll = open(book, id)?;
    let before = voter.cast(id).copied().filter(Cast::counts).ok_or(VoteError::NoVote(id))?;
    change_tally(book, id, Some(&before), None);
    voter.put_cast(Cast { withdrawn: true, ..before });
    let delegation = voter.delegation(poll.track).cloned();
    book.put_voter(who, voter);
    if let Some(delegation) = delegation {
        override_delegate(book, &delegation, id, Sums::subtract);
    }
    Ok(())
}

/// Lets another account vote with everything under the vote lock on a track, until the term ends. An own vote goes
/// before the delegate's. Power that the account received itself does not go on to the delegate.
pub fn delegate<B: Book>(
    book: &mut B,
    who: &B::Account,
    track: TrackId,
    to: &B::Account,
) -> Result<(), VoteError> {
    let mut voter = settled(book, who)?;
    track.kind().ok_or(VoteError::UnknownTrack(track))?;
    if who == to {
        return Err(VoteError::ToItself);
    }
    if book.voter(to).retired {
        return Err(VoteError::Retired);
    }
    if track.subnet().and_then(|netuid| book.owner(netuid)).as_ref() == Some(who) {
        return Err(VoteError::Owner);
    }
    let portfolio = voter.lock.on_track(track);
    if portfolio.is_empty() {
        return Err(VoteError::TooLittle { power: 0 });
    }
    let former = voter.delegation(track).cloned();
    if former.is_none() && voter.delegations.len() >= MAX_DELEGATIONS {
        return Err(VoteError::TooManyDelegations);
    }
    if let Some(former) = former {
        detach(book, &mut voter, &former);
    }
    let ends = term_end(book.now(), &book.profile());
    let delegation = Delegation { track, to: to.clone(), portfolio, ends };
    attach(book, &mut voter, &delegation);
    book.put_voter(who, voter);
    Ok(())
}

/// Ends a delegation. The account stays bound for [`DELEGATION_BOND_DAYS`], unless the term ended before.
pub fn undelegate<B: Book>(book: &mut B, who: &B::Account, track: TrackId) -> Result<(), VoteError> {
    let mut voter = settled(book, who)?;
    let delegation = voter.delegation(track).cloned().ok_or(VoteError::NotDelegated(track))?;
    detach(book, &mut voter, &delegation);
    book.put_voter(who, voter);
    Ok(())
}

/// Whether `new` can take the place of `old`: it has no record, and `old` has not given its place away.
pub fn may_succeed<B: Book>(book: &B, old: &B::Account, new: &B::Account) -> Result<(), VoteError> {
    active(book, old)?;
    match old == new || book.voter(new) != Voter::default() {
        true => Err(VoteError::InUse),
        false => Ok(()),
    }
}

/// Another account takes the place of an account, as in a swap of coldkeys: vote lock, votes, bonds and delegations go
/// along. Power that others let the old account use stays there and votes no more, because they chose the old key.
pub fn succeed<B: Book>(book: &mut B, old: &B::Account, new: &B::Account) -> Result<(), VoteError> {
    may_succeed(book, old, new)?;
    let voter = settled(book, old)?;
    // A subnet's owner gains no vote on its rubric, and nobody delegates to itself.
    let barred: Vec<PollId> = voter
        .casts
        .iter()
        .filter(|cast| cast.counts())
        .map(|cast| cast.poll)
        .filter(|id| book.poll(*id).is_some_and(|poll| poll.barred.as_ref() == Some(new)))
        .collect();
    for id in barred {
        withdraw(book, old, id)?;
    }
    let mut voter = settled(book, old)?;
    let owns = |track: TrackId| track.subnet().and_then(|netuid| book.owner(netuid)).as_ref() == Some(new);
    let ending: Vec<_> =
        voter.delegations.iter().filter(|own| own.to == *new || owns(own.track)).cloned().collect();
    for delegation in &ending {
        detach(book, &mut voter, delegation);
    }
    let mut casts = core::mem::take(&mut voter.casts);
    for cast in casts.iter_mut().filter(|cast| cast.counts()) {
        if let Ok(poll) = open(book, cast.poll) {
            let after = Cast { delegated: delegated(book, new, cast.poll, &poll), ..*cast };
            change_tally(book, cast.poll, Some(cast), Some(&after));
            *cast = after;
        }
    }
    voter.casts = casts;
    book.put_voter(new, voter);
    book.put_voter(old, Voter { retired: true, ..Voter::default() });
    Ok(())
}

/// A subnet has a new owner, who votes on its rubric no more: open votes are taken back, and the delegation ends.
pub fn owner_changed<B: Book>(book: &mut B, netuid: NetUid, new: &B::Account) -> Result<(), VoteError> {
    let Some(track) = TrackId::rubrics(netuid) else { return Ok(()) };
    let voter = settled(book, new)?;
    for cast in voter.casts.iter().filter(|cast| cast.track == track && cast.counts()) {
        withdraw(book, new, cast.poll)?;
    }
    match voter.delegation(track) {
        Some(_) => undelegate(book, new, track),
        None => Ok(()),
    }
}

/// TAO for the alpha under the vote lock, of TAO that was paid for any of an account's alpha on a removed subnet.
/// `alpha` is all of that alpha. Rounded up, so that none of it is free.
pub fn paid_for_locked(locked: u64, alpha: AlphaBalance, paid: TaoBalance) -> TaoBalance {
    let (alpha, paid) = (u128::from(alpha.to_rao()), u128::from(paid.to_rao()));
    let part = u128::from(locked).min(alpha).saturating_mul(paid).checked_next_multiple_of(alpha);
    let part = part.and_then(|part| part.checked_div(alpha)).unwrap_or(0);
    TaoBalance::from_rao(u64::try_from(part).unwrap_or(u64::MAX))
}

/// A subnet is removed: its alpha leaves the vote lock. Votes that stand keep their power. Delegations that count the
/// alpha end, because another subnet may get the number. [`alpha_paid`] binds the TAO that is paid for it.
pub fn subnet_removed<B: Book>(book: &mut B, who: &B::Account, netuid: NetUid) -> Result<(), VoteError> {
    let mut voter = settled(book, who)?;
    let asset = Asset::Stake(netuid);
    if voter.lock.amount(asset) == 0 {
        return Ok(());
    }
    let counted: Vec<_> =
        voter.delegations.iter().filter(|own| own.portfolio.amount(asset) > 0).cloned().collect();
    for delegation in &counted {
        detach(book, &mut voter, delegation);
    }
    voter.lock.set(asset, 0);
    book.put_voter(who, voter);
    Ok(())
}

/// Votes that [`subnet_removed`] counts anew, at most: for each delegation that counts the alpha, the delegate's votes
/// on its track and the own ones.
pub fn recounts<B: Book>(book: &B, who: &B::Account, netuid: NetUid) -> usize {
    let voter = book.voter(who);
    let on = |casts: &[Cast], track: TrackId| casts.iter().filter(|cast| cast.track == track).count();
    let ending = voter.delegations.iter().filter(|own| own.portfolio.amount(Asset::Stake(netuid)) > 0);
    let of = |own: &Delegation<B::Account>| {
        on(&voter.casts, own.track).saturating_add(on(&book.voter(&own.to).casts, own.track))
    };
    ending.map(of).fold(0, usize::saturating_add)
}

/// Binds TAO that was paid for alpha under the vote lock, beside as many assets as the vote lock holds.
pub fn alpha_paid<B: Book>(book: &mut B, who: &B::Account, paid: TaoBalance) -> Result<(), VoteError> {
    let mut voter = active(book, who)?;
    let free = voter.lock.amount(Asset::Free).saturating_add(paid.to_rao());
    voter.lock.set(Asset::Free, free);
    book.put_voter(who, voter);
    Ok(())
}

/// The record without votes whose referenda are over. Those of the winning side bind for their multiplier's time.
pub fn settled<B: Book>(book: &mut B, who: &B::Account) -> Result<Voter<B::Account>, VoteError> {
    let mut voter = active(book, who)?;
    let profile = book.profile();
    let casts = core::mem::take(&mut voter.casts);
    let count = casts.len();
    for cast in casts {
        let (at, approved) = match book.poll(cast.poll).map(|poll| poll.standing) {
            Some(Standing::Open) => {
                voter.casts.push(cast);
                continue;
            }
            Some(Standing::Over { at, approved }) => (at, approved),
            None => (0, None),
        };
        if cast.counts() && approved == Some(cast.aye) {
            voter.until = voter.until.max(at.saturating_add(cast.multiplier.bond(&profile)));
        }
        if let Some(delegation) = voter.delegation(cast.track) {
            let to = delegation.to.clone();
            book.put_overridden(&to, cast.poll, Sums::default());
        }
    }
    if voter.casts.len() != count {
        book.put_voter(who, voter.clone());
    }
    Ok(voter)
}

/// The record of an account that no other one succeeded.
fn active<B: Book>(book: &B, who: &B::Account) -> Result<Voter<B::Account>, VoteError> {
    let voter = book.voter(who);
    match voter.retired {
        true => Err(VoteError::Retired),
        false => Ok(voter),
    }
}

fn open<B: Book>(book: &B, id: PollId) -> Result<Poll<B::Account>, VoteError> {
    let poll = book.poll(id).ok_or(VoteError::UnknownPoll(id))?;
    match poll.standing {
        Standing::Open => Ok(poll),
        Standing::Over { .. } => Err(VoteError::Over(id)),
    }
}

fn valuation<B: Book>(book: &B, poll: &Poll<B::Account>) -> Valuation {
    Valuation::on(poll.track, book.prices(poll.tally.noted))
}

fn own_power<B: Book>(book: &B, who: &B::Account, poll: &Poll<B::Account>, lock: &Portfolio) -> u128 {
    let noted = book.prices(poll.tally.noted);
    own_part(poll.track, lock, book.tao(who), &noted, |netuid| book.price(netuid))
}

/// Power that others let an account use in a referendum, without those who voted themselves.
fn delegated<B: Book>(book: &B, who: &B::Account, id: PollId, poll: &Poll<B::Account>) -> u128 {
    let counted = book.received(who, poll.track).counted(poll.tally.noted, &book.overridden(who, id));
    valuation(book, poll).total(&counted)
}

fn change_tally<B: Book>(book: &mut B, id: PollId, before: Option<&Cast>, after: Option<&Cast>) {
    if let Some(mut poll) = book.poll(id) {
        poll.tally.replace(before, after);
        book.put_tally(id, poll.tally);
    }
}

/// Counts the received power of an account's vote anew.
fn recount<B: Book>(book: &mut B, who: &B::Account, id: PollId) {
    let mut voter = book.voter(who);
    let Some(before) = voter.cast(id).copied().filter(Cast::counts) else { return };
    let Ok(poll) = open(book, id) else { return };
    let after = Cast { delegated: delegated(book, who, id, &poll), ..before };
    if after != before {
        change_tally(book, id, Some(&before), Some(&after));
        voter.put_cast(after);
        book.put_voter(who, voter);
    }
}

/// Notes, or takes back, that an account votes itself in a referendum, and counts its delegate's vote anew.
fn override_delegate<B: Book>(
    book: &mut B,
    delegation: &Delegation<B::Account>,
    id: PollId,
    change: fn(&mut Sums, Block, &Portfolio),
) {
    let mut voted = book.overridden(&delegation.to, id);
    change(&mut voted, delegation.ends, &delegation.portfolio);
    book.put_overridden(&delegation.to, id, voted);
    recount(book, &delegation.to, id);
}

/// Adds a delegation to its delegate's sums and votes.
fn attach<B: Book>(book: &mut B, voter: &mut Voter<B::Account>, delegation: &Delegation<B::Account>) {
    change_sums(book, voter, delegation, Sums::add);
    voter.delegations.push(delegation.clone());
}

/// Takes a delegation out of its delegate's sums and votes, and binds the account if its term goes on.
fn detach<B: Book>(book: &mut B, voter: &mut Voter<B::Account>, delegation: &Delegation<B::Account>) {
    change_sums(book, voter, delegation, Sums::subtract);
    voter.delegations.retain(|own| own.track != delegation.track);
    // After its term it was bound for months.
    if book.now() < delegation.ends {
        let bond = book.now().saturating_add(days(DELEGATION_BOND_DAYS, &book.profile()));
        voter.until = voter.until.max(bond);
    }
}

fn change_sums<B: Book>(
    book: &mut B,
    voter: &Voter<B::Account>,
    delegation: &Delegation<B::Account>,
    change: fn(&mut Sums, Block, &Portfolio),
) {
    let Delegation { track, to, portfolio, ends } = delegation;
    let mut received = book.received(to, *track);
    change(&mut received, *ends, portfolio);
    received.prune(kept_since(book.now(), &book.profile()));
    book.put_received(to, *track, received);
    for cast in voter.casts.iter().filter(|cast| cast.track == *track && cast.counts()) {
        let mut voted = book.overridden(to, cast.poll);
        change(&mut voted, *ends, portfolio);
        book.put_overridden(to, cast.poll, voted);
    }
    let theirs = book.voter(to).casts;
    for cast in theirs.iter().filter(|cast| cast.track == *track) {
        let counts = book.poll(cast.poll).is_some_and(|poll| counts_in(*ends, poll.tally.noted));
        if counts {
            recount(book, to, cast.poll);
        }
    }
}
