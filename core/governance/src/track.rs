//! The table of tracks: deposits, periods, requirements and limits of each kind of proposal.
//!
//! Only an upgrade of the runtime changes the table. Periods are in days of [`Profile::governance_day`].

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_economy::profile::Profile;
use myelin_units::{Block, NetUid, PerBillion, TaoBalance};
use scale_info::TypeInfo;

use crate::curve::Curve;

/// Number of a track: [`Kind`] for the network's, one for each subnet's rubric, and one for the stop of each grant.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct TrackId(pub u16);

/// Number before the subnets' tracks; subnets have numbers below it.
const FIRST_SUBNET: u16 = 4096;
/// Number before the grants' tracks.
const FIRST_GRANT: u16 = 2 * FIRST_SUBNET;
/// Grants that have a track, by number: those below it. [`u16::MAX`] is no track.
const MOST_GRANTS: u16 = u16::MAX - FIRST_GRANT - 1;

impl TrackId {
    /// The track of a subnet's rubric; `None` for numbers that no subnet has.
    pub const fn rubrics(netuid: NetUid) -> Option<Self> {
        match netuid {
            1..FIRST_SUBNET => Some(Self(FIRST_SUBNET + netuid)),
            _ => None,
        }
    }

    /// The subnet whose alpha votes; `None` if the whole network does.
    pub const fn subnet(self) -> Option<NetUid> {
        match self.0.checked_sub(FIRST_SUBNET) {
            Some(netuid) if 0 < netuid && netuid < FIRST_SUBNET => Some(netuid),
            _ => None,
        }
    }

    /// The track on which a grant is stopped; `None` for numbers that no grant has.
    pub const fn stop(grant: u32) -> Option<Self> {
        match grant < MOST_GRANTS as u32 {
            true => Some(Self(FIRST_GRANT + 1 + grant as u16)),
            false => None,
        }
    }

    /// The grant that is stopped on this track; `None` if none is.
    pub const fn grant(self) -> Option<u32> {
        match self.0.checked_sub(FIRST_GRANT + 1) {
            Some(grant) if grant < MOST_GRANTS => Some(grant as u32),
            _ => None,
        }
    }

    /// The kind of the track; `None` for numbers without a track.
    pub fn kind(self) -> Option<Kind> {
        match (self.subnet(), self.grant()) {
            (Some(_), _) => Some(Kind::Rubrics),
            (None, Some(_)) => Some(Kind::Stops),
            (None, None) => Kind::NETWORK.iter().copied().find(|kind| kind.id() == self),
        }
    }

    /// Most blocks from approval to enactment for which a referendum of this track may ask; the least is the table's. A
    /// stop waits for nothing, because the grant could be paid until then. A vote on a rubric waits for nothing,
    /// because the rubric that it refuses could be in force by then.
    pub fn longest_wait(self, profile: &Profile) -> u64 {
        match self.kind() {
            Some(Kind::Stops | Kind::Rubrics) => 0,
            _ => days(LONGEST_WAIT_DAYS, profile),
        }
    }

    /// The row of the table; `None` for numbers without a track.
    pub fn row(self) -> Option<&'static Track> {
        let kind = self.kind()?;
        TRACKS.iter().find(|track| track.kind == kind)
    }
}

/// A kind of track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The code of the runtime.
    Upgrade,
    /// The same in a hurry: the committee marked the code's hash.
    UrgentUpgrade,
    /// Block authors, their rules, and the root key.
    Authorities,
    /// Parameters of the network.
    Parameters,
    /// Subnets: emission, parameters that owners don't set, removal.
    Subnets,
    /// Large payments.
    Treasury,
    /// Payments by milestones.
    Grants,
    /// The rules by which one subnet scores.
    Rubrics,
    /// The end of one grant. Each grant has a track of its own, so referenda on other grants take no place from it.
    Stops,
}

impl Kind {
    /// Kinds with one track for the network, in the order of their numbers.
    pub const NETWORK: [Self; 7] = [
        Self::Upgrade,
        Self::UrgentUpgrade,
        Self::Authorities,
        Self::Parameters,
        Self::Subnets,
        Self::Treasury,
        Self::Grants,
    ];

    /// The network's track of this kind, or the number before the tracks of subnets or grants, which is none.
    pub const fn id(self) -> TrackId {
        TrackId(match self {
            Self::Upgrade => 0,
            Self::UrgentUpgrade => 1,
            Self::Authorities => 2,
            Self::Parameters => 3,
            Self::Subnets => 4,
            Self::Treasury => 5,
            Self::Grants => 6,
            Self::Rubrics => FIRST_SUBNET,
            Self::Stops => FIRST_GRANT,
        })
    }

    /// Whether the brake lets enactments of this kind go on: urgent upgrades, whose code the committee marked itself,
    /// and stops of grants, which would come too late.
    pub const fn passes_brake(self) -> bool {
        matches!(self, Self::UrgentUpgrade | Self::Stops)
    }

    /// Whether delegated power counts as support. On a subnet it does: validators know its work, and a vote binds the
    /// owner for half a year. On the network it does not, so that bribed delegates lift
    /// nothing over the support that it needs.
    pub const fn delegates_support(self) -> bool {
        matches!(self, Self::Rubrics)
    }
}

/// One kind of track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Track {
    /// The kind.
    pub kind: Kind,
    /// Name in metadata and commands.
    pub name: &'static str,
    /// Deposit for the decision; it returns when the decision is over, unless too few were for it ([`LEAST_SUPPORT`]).
    pub deposit: TaoBalance,
    /// Most referenda that are decided at once.
    pub most: u32,
    /// Days from submission to the decision.
    pub prepare: u32,
    /// Days of the decision.
    pub decision: u32,
    /// Days during which the requirements must hold.
    pub confirm: u32,
    /// Least days from approval to enactment.
    pub enactment: u32,
    /// Required part of the weight.
    pub approval: Curve,
    /// Required part of the electorate.
    pub support: Curve,
    /// Largest part of the treasury that one referendum may pay.
    pub payment: PerBillion,
}

/// Support below which a rejected referendum loses its deposit for the decision to the treasury. It took a place from
/// others.
pub const LEAST_SUPPORT: PerBillion = PerBillion::percent(3);
/// Deposit for a submission; it returns when the referendum is approved or cancelled, and goes to the treasury else.
pub const SUBMISSION_DEPOSIT: TaoBalance = TaoBalance::from_tokens(1);
/// Most days from approval to enactment for which a referendum may ask. Later nobody remembers it, and those who voted
/// for it are bound no more.
pub const LONGEST_WAIT_DAYS: u32 = 30;
/// Most referenda that wait for a decision on one track.
pub const MAX_QUEUED: u32 = 8;
/// Deposit for a preimage, without its bytes.
pub const PREIMAGE_DEPOSIT: TaoBalance = TaoBalance::from_rao(40_000_000);
/// Deposit for each byte of a preimage.
pub const PREIMAGE_BYTE: TaoBalance = TaoBalance::from_rao(100_000);
/// Most bytes of a preimage. A proposal of the largest set of authorities is half as long.
pub const MAX_PREIMAGE: usize = 32 * 1024;
/// Days from submission within which a decision must begin, if the referendum does not wait for a place.
pub const UNDECIDING_TIMEOUT: u32 = 21;
/// Days for which the prices of a note are kept. A referendum that lasts longer is dead: it takes no vote and can't
/// pass.
pub const NOTE_DAYS: u32 = 360;
/// Months of a delegation's term; it ends with a month, at least five and at most six of them later.
const TERM_MONTHS: u64 = 6;
/// Days of a month of terms.
const MONTH: u32 = 30;
/// Days after the end of a delegation for which sums keep it, because a referendum may be as old.
const KEPT_MONTHS: u64 = 6;

/// The table.
pub static TRACKS: [Track; 9] = [
    network(Kind::Upgrade, "upgrade", 500, 4)
        .periods(2, 28, 7, 7)
        .needs(Curve::linear(66, 90), Curve::linear(34, 50)),
    network(Kind::UrgentUpgrade, "urgent upgrade", 500, 4)
        .periods(1, 7, 2, 1)
        .needs(Curve::linear(75, 90), Curve::linear(40, 60)),
    network(Kind::Authorities, "authorities", 500, 4)
        .periods(2, 28, 7, 7)
        .needs(Curve::linear(66, 90), Curve::linear(34, 50)),
    network(Kind::Parameters, "parameters", 100, 5)
        .periods(1, 21, 5, 3)
        .needs(Curve::reciprocal(25, 70, 60, 90), Curve::linear(34, 50)),
    network(Kind::Subnets, "subnets", 100, 5)
        .periods(1, 21, 5, 3)
        .needs(Curve::reciprocal(25, 70, 60, 90), Curve::linear(34, 50)),
    network(Kind::Treasury, "treasury", 200, 3)
        .periods(2, 28, 7, 7)
        .needs(Curve::linear(60, 90), Curve::linear(34, 50))
        .pays(5),
    network(Kind::Grants, "grants", 20, 5)
        .periods(1, 21, 5, 3)
        .needs(Curve::reciprocal(25, 70, 60, 90), Curve::linear(34, 50))
        .pays(1),
    // The wait is the notice that the chain gives of each rubric. A vote that refuses one has no time for another.
    network(Kind::Rubrics, "rubrics", 10, 4)
        .periods(1, 7, 2, 0)
        .needs(Curve::reciprocal(25, 65, 60, 90), Curve::reciprocal(25, 20, 15, 50)),
    // A stop takes nothing from anybody, so it needs little. It is decided from its deposit on and enacted at once.
    network(Kind::Stops, "stops", 100, 4)
        .periods(0, 7, 1, 0)
        .needs(Curve::linear(55, 66), Curve::linear(10, 30)),
];

const fn network(kind: Kind, name: &'static str, deposit: u64, most: u32) -> Track {
    let (approval, support) = (Curve::linear(100, 100), Curve::linear(100, 100));
    let deposit = TaoBalance::from_tokens(deposit);
    let (prepare, decision, confirm, enactment) = (0, 0, 0, 0);
    let payment = PerBillion::ZERO;
    Track { kind, name, deposit, most, prepare, decision, confirm, enactment, approval, support, payment }
}

impl Track {
    const fn periods(self, prepare: u32, decision: u32, confirm: u32, enactment: u32) -> Self {
        Self { prepare, decision, confirm, enactment, ..self }
    }

    const fn needs(self, approval: Curve, support: Curve) -> Self {
        Self { approval, support, ..self }
    }

    const fn pays(self, percent: u32) -> Self {
        Self { payment: PerBillion::percent(percent), ..self }
    }

    /// The row of this kind.
    pub fn of(kind: Kind) -> &'static Self {
        TRACKS.iter().find(|track| track.kind == kind).unwrap_or(&TRACKS[0])
    }

    /// Most that one referendum pays of what the treasury holds.
    pub fn most_payment(&self, treasury: TaoBalance) -> TaoBalance {
        TaoBalance::from_rao(self.payment.of(treasury.to_rao()))
    }

    /// Blocks from submission to the earliest enactment: preparation, confirmation and the wait after it.
    pub fn soonest(&self, profile: &Profile) -> u64 {
        days(self.prepare.saturating_add(self.confirm).saturating_add(self.enactment), profile)
    }
}

/// Deposit for a preimage of this many bytes.
pub fn preimage_deposit(bytes: usize) -> TaoBalance {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    let rao = PREIMAGE_BYTE.to_rao().saturating_mul(bytes);
    TaoBalance::from_rao(PREIMAGE_DEPOSIT.to_rao().saturating_add(rao))
}

/// Blocks of `count` days.
pub fn days(count: u32, profile: &Profile) -> u64 {
    profile.governance_day().saturating_mul(count.into())
}

/// First block in which a delegation made in block `now` does not count any more: the end of the sixth month, the
/// current one included. All delegations of a month end together, so that sums need no list of them.
pub fn term_end(now: Block, profile: &Profile) -> Block {
    let month = days(MONTH, profile).max(1);
    (now / month).saturating_add(TERM_MONTHS).saturating_mul(month)
}

/// Delegations that ended before this block are dropped from sums in block `now`.
pub fn kept_since(now: Block, profile: &Profile) -> Block {
    now.saturating_sub(days(MONTH, profile).saturating_mul(KEPT_MONTHS))
}

#[cfg(test)]
mod tests;
